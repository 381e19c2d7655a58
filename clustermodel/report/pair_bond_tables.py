"""Which bonds changed between two clusters? By role, bonds in both and in one, and along the cut-off."""

from typing import Any

from clustermodel.report.pair_sentences import (
    describe_missing_su,
    describe_sign_changes,
    list_sides,
    write_verdict,
)
from clustermodel.report.table import Column, Formula, Table

__all__ = ["tabulate_common_bonds", "tabulate_pair_bonds", "tabulate_pair_cutoffs", "tabulate_sign_changes"]

Json = dict[str, Any]

_ERRORS = {
    "su": "s.u.: of Δ, from the standard uncertainties of the coordinates.",
    "scatter": "Standard error: of Δ, from the scatter of the bonds, symmetry copies counted once.",
}
_VERDICT = "Δ / error: by the larger of the errors; different beyond {:g}."
_KINDS = {"all": "all pairs of either cluster", "paired": "pairs in both", "either": "pairs in at least one"}


def _describe_cutoff(document: Json) -> str:
    settings = document["bonds"]["settings"]
    return (
        f"Metal–metal pairs up to {settings['cutoff']:.2f} Å, whether bonds or not; bonds to donors from the "
        "bond list. kernel: all pairs of kernel atoms; metal-donor: all bonds to anionic donors."
    )


def _describe_errors(document: Json, rows: list[Json]) -> str:
    told = [text for key, text in _ERRORS.items() if any(row[key] is not None for row in rows)]
    verdict = _VERDICT.format(document["bonds"]["settings"]["sigmas"])
    return " ".join(text for text in (*told, verdict, describe_missing_su(document, rows)) if text)


def _list_error_columns(rows: list[Json]) -> tuple[tuple[Column, str], ...]:
    """Return the columns of errors that are not empty, with their keys in a difference."""
    columns = (
        (Column("s.u.", "Å", 4), "su"),
        (Column("standard error", "Å", 4), "scatter"),
        (Column("Δ / error", digits=1), "sigmas"),
    )
    return tuple((column, key) for column, key in columns if any(row[key] is not None for row in rows))


def tabulate_pair_bonds(document: Json) -> Table:
    """Make the table of mean bond lengths by role in both clusters.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        Number and mean in either, the difference with its errors and the verdict.
    """
    a, b = list_sides(document)
    rows = document["bonds"]["rows"]
    changes = [row["all"] for row in rows]
    errors = _list_error_columns(changes)
    return Table(
        name="bonds",
        title=f"Mean bond lengths of {a.name} and {b.name} by role",
        columns=(
            Column("role"),
            Column("pair"),
            Column(f"n {a.name}"),
            Column(f"n {b.name}"),
            Column(f"mean {a.marked}", "Å"),
            Column(f"mean {b.marked}", "Å"),
            Column("Δ", "Å"),
            *(column for column, _ in errors),
            Column("verdict"),
        ),
        rows=tuple(
            (
                row["role"],
                Formula(row["pair"]),
                row["n_a"],
                row["n_b"],
                change["a"],
                change["b"],
                change["delta"],
                *(change[key] for _, key in errors),
                write_verdict(document, change["verdict"]),
            )
            for row, change in zip(rows, changes, strict=True)
        ),
        caption=f"Δ = {b.name} − {a.name}. {_describe_cutoff(document)} "
        + _describe_errors(document, changes),
    )


def tabulate_common_bonds(document: Json) -> Table:
    """Make the table that splits each difference into bonds of both clusters and bonds of one.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        Number, mean change and its errors of the paired bonds; number and mean of the others.
    """
    a, b = list_sides(document)
    rows = document["bonds"]["rows"]
    changes = [row["paired"] for row in rows]
    errors = _list_error_columns(changes)
    return Table(
        name="bonds-in-both",
        title=f"Bonds that {a.name} and {b.name} both have, and bonds that one has",
        columns=(
            Column("role"),
            Column("pair"),
            Column("n in both"),
            Column("Δ in both", "Å"),
            *(column for column, _ in errors),
            Column("verdict"),
            Column(f"n only {a.name}"),
            Column(f"mean only {a.marked}", "Å"),
            Column(f"n only {b.name}"),
            Column(f"mean only {b.marked}", "Å"),
            Column("effect on Δ", "Å"),
        ),
        rows=tuple(
            (
                row["role"],
                Formula(row["pair"]),
                row["n_paired"],
                change["delta"],
                *(change[key] for _, key in errors),
                write_verdict(document, change["verdict"]) if row["n_paired"] else None,
                row["n_only_a"],
                row["mean_only_a"],
                row["n_only_b"],
                row["mean_only_b"],
                row["unpaired_delta"],
            )
            for row, change in zip(rows, changes, strict=True)
        ),
        caption="Bonds in both join mapped atoms, have one role in both clusters and are within the cut-off "
        "in both. Their mean change and the effect of the other bonds add up to the difference of the means. "
        f"Δ = {b.name} − {a.name}. {_describe_cutoff(document)} " + _describe_errors(document, changes),
    )


def tabulate_pair_cutoffs(document: Json) -> Table:
    """Make the table of metal-metal means and their differences along the cut-off.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        One row for each role, pair of elements and cut-off; its notes say where a sign changes.
    """
    a, b = list_sides(document)
    return Table(
        name="bonds-by-cutoff",
        title=f"Metal–metal pairs of {a.name} and {b.name} by cut-off",
        columns=(
            Column("role"),
            Column("pair"),
            Column("cut-off", "Å", 2),
            Column(f"n {a.name}"),
            Column(f"n {b.name}"),
            Column(f"mean {a.marked}", "Å"),
            Column(f"mean {b.marked}", "Å"),
            Column("Δ", "Å"),
            Column("standard error", "Å", 4),
            Column("n in both"),
            Column("Δ in both", "Å"),
            Column("n in one or both"),
            Column("Δ in one or both", "Å"),
        ),
        rows=tuple(
            (
                row["role"],
                Formula(row["pair"]),
                *(row[key] for key in ("cutoff", "n_a", "n_b", "a", "b", "delta", "scatter")),
                *(row[key] for key in ("n_paired", "paired_delta", "n_either", "either_delta")),
            )
            for row in document["bonds"]["by_cutoff"]
        ),
        caption="No single distance separates bonds from contacts. In one or both: pairs of mapped atoms "
        "within the cut-off in at least one cluster, so that no pair drops out because it grew. "
        f"Δ = {b.name} − {a.name}; standard error: of Δ of all pairs, from their scatter.",
        notes=tuple(describe_sign_changes(document)),
    )


def tabulate_sign_changes(document: Json) -> Table:
    """Make the table of cut-offs at which a difference changes its sign.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        No rows where every difference keeps its sign.
    """
    a, b = list_sides(document)
    return Table(
        name="sign-changes",
        title="Differences that change their sign with the cut-off",
        columns=(
            Column("role"),
            Column("pair"),
            Column("difference of"),
            Column("from", "Å", 2),
            Column("to", "Å", 2),
            Column("Δ before", "Å", 4),
            Column("Δ after", "Å", 4),
        ),
        rows=tuple(
            (
                row["role"],
                Formula(row["pair"]),
                _KINDS[row["kind"]],
                *(row[key] for key in ("low", "high", "delta_low", "delta_high")),
            )
            for row in document["bonds"]["sign_changes"]
        ),
        caption=f"Neighbouring cut-offs with differences of opposite sign. Δ = {b.name} − {a.name}.",
    )
