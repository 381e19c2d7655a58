"""The job of ``clustermodel check``: the printed numbers of a paper, one by one."""

from pathlib import Path

from clustermodel.cli.output import Results, deliver_results
from clustermodel.errors import InputError
from clustermodel.io.record import write_record
from clustermodel.pipeline.paper_check import CheckedClaim, check_paper
from clustermodel.report.table import Column, Table

__all__ = ["show_check"]

SCHEMA = "clustermodel.check/1"


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
    verdicts = ("reproduced", "not reproduced", "not checkable")
    counts = [f"{check.count(verdict)} {verdict}" for verdict in verdicts]
    document = {"schema": SCHEMA, **write_record(check)}
    deliver_results(Results(document, (table,), (), (", ".join(counts),)), json=json, output=output)


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
