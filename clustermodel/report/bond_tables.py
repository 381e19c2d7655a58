"""How long are the bonds? Statistics by role, by cut-off, and for one structure among several."""

from collections.abc import Iterator
from typing import Any

from clustermodel.report.file_tables import describe_bonding
from clustermodel.report.notation import split_formula
from clustermodel.report.side_by_side import Quantity, round_to
from clustermodel.report.table import Cell, Column, Formula, Measured, Table

__all__ = [
    "describe_bonds",
    "describe_statistics",
    "list_bond_quantities",
    "tabulate_bonds",
    "tabulate_cutoffs",
]

Json = dict[str, Any]

_SPREAD_NOTE = "Mean and s.d.: every bond with the same weight, s.d. of the sample."
_UNIQUE_NOTE = "unique: one bond of each set of symmetry copies."
_WEIGHT_NOTE = (
    "Weighted mean: weights 1/s.u.²{}; its s.u. tells the precision of the refinement, the s.d. tells the "
    "spread of the bonds."
)
_MEAN_NOTE = (
    "s.u. of means from those of coordinates and cell, common atoms and the cell correlated: the "
    "precision of the mean, not the spread of the bonds."
)
_BIRGE_NOTE = (
    "Birge ratio: spread of the unique bonds over the spread that their s.u. allow (1: no more than that); "
    "excess s.d.: spread beyond the s.u."
)


def describe_bonds(cluster: Json, document: Json) -> str:
    """Say what counts as a bond in the statistics of a cluster.

    Parameters
    ----------
    cluster : dict
        One of the clusters of the document.
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    str
        Convention, cut-off and bonding rule.
    """
    settings = cluster["bond_settings"]
    return (
        f"Roles by the convention {cluster['kernel']['convention']}. Metal–metal pairs up to "
        f"{settings['cutoff']:.2f} Å, whether bonds or not; bonds to donors from the bond list. "
        + describe_bonding(document)
    )


def tabulate_bonds(cluster: Json, document: Json) -> Table:
    """Make the table of bond lengths by role.

    Parameters
    ----------
    cluster : dict
        One of the clusters of the document.
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    Table
        Means carry their s.u. where it is known; columns that would be empty are left out.
    """
    rows = cluster["bonds"]
    has_weights = any(row["weighted_mean"] is not None for row in rows)
    has_excess = any(row.get("birge_ratio") is not None for row in rows)
    columns = (
        Column("role"),
        Column("pair"),
        Column("n"),
        *(Column(name, "Å") for name in ("mean", "s.d.", "min", "max")),
        *((Column("weighted mean", "Å"),) if has_weights else ()),
        Column("n unique"),
        Column("mean unique", "Å"),
        Column("s.d. unique", "Å"),
        *((Column("Birge ratio", digits=1), Column("excess s.d.", "Å")) if has_excess else ()),
    )
    return Table(
        name="bonds",
        title="Bond lengths by role",
        columns=columns,
        rows=tuple(_list_cells(row, has_weights=has_weights, has_excess=has_excess) for row in rows),
        caption=f"{describe_bonds(cluster, document)} {_describe_columns(rows)}",
        atoms=tuple(tuple(sorted({a for pair in row["atoms"] for a in pair})) for row in rows),
    )


def _list_cells(row: Json, *, has_weights: bool, has_excess: bool) -> tuple[Cell, ...]:
    return (
        row["role"],
        Formula(row["pair"]),
        row["n"],
        _measured(row["mean"], row.get("mean_su")),
        *(row[key] for key in ("sd", "min", "max")),
        *((_measured(row["weighted_mean"], row["su"]),) if has_weights else ()),
        row["n_unique"],
        _measured(row["mean_unique"], row.get("mean_unique_su")),
        row["sd_unique"],
        *((row.get("birge_ratio"), row.get("excess_sd")) if has_excess else ()),
    )


def describe_statistics(rows: list[Json]) -> tuple[str, str]:
    """Say what mean and spread of bond statistics are, and what the s.u. of a mean is.

    Parameters
    ----------
    rows : list of dict
        The part ``bonds`` of a cluster.

    Returns
    -------
    tuple of str
        Two sentences; the second is empty where no mean has an s.u.
    """
    is_correlated = any(row.get("mean_su") is not None for row in rows)
    return _SPREAD_NOTE, _MEAN_NOTE if is_correlated else ""


def _describe_columns(rows: list[Json]) -> str:
    spread, correlated = describe_statistics(rows)
    said = [spread.replace("s.d. of the sample.", f"s.d. of the sample; {_UNIQUE_NOTE}"), correlated]
    if any(row["weighted_mean"] is not None for row in rows):
        said.append(_WEIGHT_NOTE.format("" if correlated else ", bonds taken as uncorrelated"))
    else:
        said.append("No weighted mean: no standard uncertainties.")
    if any(row.get("birge_ratio") is not None for row in rows):
        said.append(_BIRGE_NOTE)
    return " ".join(text for text in said if text)


def _measured(value: float | None, su: float | None) -> Cell:
    """Return a value with its s.u.; the value alone where there is none."""
    return value if value is None or su is None else Measured(value, su)


def tabulate_cutoffs(cluster: Json, document: Json) -> Table:
    """Make the table of metal-metal pairs by cut-off.

    Parameters
    ----------
    cluster : dict
        One of the clusters of the document.
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    Table
        Count and mean of each role at each cut-off.
    """
    return Table(
        name="bonds-by-cutoff",
        title="Metal–metal pairs by cut-off",
        columns=(
            Column("role"),
            Column("pair"),
            Column("cut-off", "Å", 2),
            Column("n"),
            *(Column(name, "Å") for name in ("mean", "s.d.", "min", "max")),
        ),
        rows=tuple(
            (
                row["role"],
                Formula(row["pair"]),
                row["cutoff"],
                row["n"],
                _measured(row["mean"], row.get("mean_su")),
                *(row[key] for key in ("sd", "min", "max")),
            )
            for row in cluster["metal_bonds_by_cutoff"]
        ),
        caption="No single distance separates bonds from contacts: a number that changes with the cut-off "
        "hangs on it. " + describe_bonds(cluster, document),
    )


def list_bond_quantities(cluster: Json) -> Iterator[Quantity]:
    """List the bond statistics of a cluster for a table of several structures.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Yields
    ------
    Quantity
        Count, mean, spread and range of each role; the key is role, pair and quantity.
    """
    for row in cluster["bonds"]:
        pair = "".join(piece.text for piece in split_formula(row["pair"]))
        yield Quantity((row["role"], pair, "n"), row["n"])
        mean, su = row["mean"], row.get("mean_su")
        yield Quantity((row["role"], pair, "mean / Å"), Measured(mean, su) if mean is not None else None)
        if row["n"] > 1:
            for name, key in (("s.d. / Å", "sd"), ("min / Å", "min"), ("max / Å", "max")):
                yield Quantity((row["role"], pair, name), round_to(row[key], 3))
