"""The job of ``clustermodel check``: the printed numbers of a paper, one by one."""

from dataclasses import replace
from pathlib import Path

from clustermodel.cli.output import Results, deliver_results
from clustermodel.errors import InputError
from clustermodel.io.record import write_record
from clustermodel.pipeline.paper_check import CheckedClaim, PaperCheck, check_paper
from clustermodel.pipeline.published import list_papers, read_paper
from clustermodel.report.table import Column, Table

__all__ = ["list_claimed_papers", "show_check"]

SCHEMA = "clustermodel.check/1"
_ORDER = ("not reproduced", "reproduced", "not checkable")


def list_claimed_papers(json: str | None, output: Path | None) -> None:
    """Show which papers can be checked.

    Parameters
    ----------
    json : str or None
        File for the document, ``-`` for standard output.
    output : Path or None
        Folder for the document and the table.
    """
    papers = [read_paper(name) for name in list_papers()]
    rows = tuple((p.key, p.title, p.year, len(p.structures), len(p.claims), p.doi) for p in papers)
    names = ("paper", "about", "year", "compounds", "claims", "doi")
    table = Table(
        name="papers",
        title="Papers whose claims travel with clustermodel",
        columns=tuple(Column(name) for name in names),
        rows=rows,
        caption="clustermodel check PAPER, or a TOML file with claims of your own.",
    )
    document = {
        "schema": "clustermodel.papers/1",
        "papers": [dict(zip(names, row, strict=True)) for row in rows],
    }
    deliver_results(Results(document, (table,)), json=json, output=output)


def show_check(paper: str, structures: list[str], json: str | None, output: Path | None) -> None:
    """Check a paper and show or write the verdicts.

    Parameters
    ----------
    paper : str
        Key of a paper, or a TOML file.
    structures : list of str
        Deposited structures, as ``ID=FILE``.
    json : str or None
        File for the document, ``-`` for standard output.
    output : Path or None
        Folder for the document and the table.

    Raises
    ------
    InputError
        If the paper is not known or a structure cannot be used.
    """
    check = check_paper(paper, structures=dict(_split(text) for text in structures))
    names = ("claim", "quantity", "printed", "verdict", "found", "why")
    table = Table(
        name="claims",
        title=f"Claims of {check.paper.key}",
        columns=tuple(Column(name) for name in names),
        rows=tuple(_list_cells(one) for one in check.claims),
        caption="Reproduced: the printed digits follow. Models never stand in for deposited structures.",
    )
    counts = [f"{check.count(verdict)} {verdict}" for verdict in _ORDER]
    document = {"schema": SCHEMA, **write_record(check)}
    notes: tuple[str, ...] = (", ".join(counts),)
    if output is not None:
        everything = Results(document, (table,), (), notes)
        deliver_results(everything, json=str(output / "check.json"), output=output)
        notes = (*notes, f"all claims one by one written to {output}")
    deliver_results(Results(document, _list_brief(check, table), (), notes), json=json, output=None)


def _list_brief(check: PaperCheck, table: Table) -> tuple[Table, ...]:
    """Return the claims with an answer, those that fail first, and the others by what they wait for."""
    checked = [one for verdict in _ORDER[:2] for one in check.claims if one.verdict == verdict]
    waiting: dict[str, list[str]] = {}
    for one in check.claims:
        if one.verdict == "not checkable":
            reason = one.cause.partition("; ")[0] if "spectra" in one.claim.needs else one.cause
            waiting.setdefault(reason, []).append(one.claim.id)
    answered = replace(
        table,
        columns=tuple(column for column in table.columns if column.name != "quantity"),
        rows=tuple((first, *others) for first, _, *others in map(_list_cells, checked)),
    )
    others = Table(
        name="waiting",
        title="Not checkable",
        columns=(Column("why"), Column("claims")),
        rows=tuple((why, ", ".join(claims)) for why, claims in waiting.items()),
        caption="",
    )
    return tuple(one for one in (answered, others) if one.rows)


def _split(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        msg = f"--structure {text!r}: expected ID=FILE, such as au22=my.cif"
        raise InputError(msg)
    return name, path


def _list_cells(one: CheckedClaim) -> tuple[str, ...]:
    unit = f" {one.claim.unit}" if one.claim.unit else ""
    printed = " and ".join(one.claim.printed) + unit
    return (one.claim.id, one.claim.quantity, printed, one.verdict, one.found, one.cause)
