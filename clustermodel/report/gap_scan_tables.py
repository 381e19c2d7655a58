"""Which tables does a scan of gaps yield? Gaps beside their sites, what has none and why, and the ranks."""

import math
from collections.abc import Sequence

from clustermodel.pipeline.gap_scan import GapRow, GapScan
from clustermodel.pipeline.gap_statistics import FEWEST, RankCorrelation
from clustermodel.report.notation import format_charge
from clustermodel.report.table import Cell, Charge, Column, Formula, Table

__all__ = ["list_gap_scan_tables"]

_SITE = (
    "free: uncovered share of the surface of the site; contacts, bonds: metal-metal and metal-donor pairs "
    "between the site and the rest; centre: distance from that of the kernel to the centroid of what leaves; "
    "sites: equivalent ones."
)
_LEFT = " kernel left: mean metal-metal contact, up to the length of a stretched bond, in what is left of it."


def list_gap_scan_tables(scan: GapScan, *, brief: bool = False) -> tuple[Table, ...]:
    """Make the tables of a scan.

    Parameters
    ----------
    scan : GapScan
        Gaps and correlations.
    brief : bool, optional
        Whether to leave out what is done for each defect, and the kernel that is left.

    Returns
    -------
    tuple of Table
        The gaps; defects without a gap, if there are any; the rank correlations.
    """
    left = [row for row in scan.rows if row.reason]
    tables = [_list_gaps(scan, [row for row in scan.rows if not row.reason], brief=brief)]
    if left:
        tables.append(_list_left_out(scan, left))
    return (*tables, _list_correlations(scan))


_COLUMNS = (
    Column("defect"),
    Column("what is done"),
    Column("calculated"),
    Column("z"),
    Column("gap", "eV", 2),
    Column("change", "eV", 2),
    Column("free", "%", 0),
    Column("contacts"),
    Column("bonds"),
    Column("centre", "Å", 2),
    Column("kernel left", "Å", 3),
    Column("sites"),
)
_LONG = {"what is done", "kernel left"}


def _list_gaps(scan: GapScan, rows: Sequence[GapRow], *, brief: bool) -> Table:
    said = "MODEL. " if scan.is_model else ""
    shown = [k for k, column in enumerate(_COLUMNS) if not (brief and column.name in _LONG)]
    cells = [_write_parent(scan), *(_write_row(row) for row in rows)]
    return Table(
        name="gap-scan",
        title=f"Gaps of {scan.parent} and its defects by {scan.level}, ligands cut, nothing relaxed",
        columns=tuple(_COLUMNS[k] for k in shown),
        rows=tuple(tuple(row[k] for k in shown) for row in cells),
        caption=(
            f"{said}Every cluster at the geometry of the parent, with the charge that keeps its superatom "
            f"electrons{'' if scan.electrons is None else f' ({scan.electrons})'}. "
            f"{_SITE}{'' if brief else _LEFT}"
        ),
        source=f"Cluster of {scan.file}; sites equivalent within {scan.tolerance:g} Å (rms).",
    )


def _write_parent(scan: GapScan) -> tuple[Cell, ...]:
    known: dict[str, Cell] = {
        "defect": "none",
        "calculated": Formula(scan.formula),
        "z": Charge(scan.charge),
        "gap": _know(scan.gap_ev),
        "kernel left": _know(scan.kernel_mean),
    }
    return tuple(known.get(column.name) for column in _COLUMNS)


def _write_row(row: GapRow) -> tuple[Cell, ...]:
    site = row.site
    return (
        row.id,
        row.title,
        Formula(row.formula),
        None if row.charge is None else Charge(row.charge),
        row.gap_ev,
        _know(row.change_ev),
        100 * site.exposure,
        site.contacts,
        site.donor_bonds,
        _know(site.distance),
        _know(site.kernel_mean),
        site.sites,
    )


def _list_left_out(scan: GapScan, rows: Sequence[GapRow]) -> Table:
    return Table(
        name="gap-scan-without-gap",
        title="Defects without a gap that could be compared",
        columns=(
            Column("defect"),
            Column("what is done"),
            Column("charge"),
            Column("alpha gap", "eV", 2),
            Column("beta gap", "eV", 2),
            Column("why"),
        ),
        rows=tuple(
            (
                row.id,
                row.title,
                None if row.charge is None else Charge(row.charge),
                _know(row.gap_alpha_ev),
                _know(row.gap_beta_ev),
                row.reason,
            )
            for row in rows
        ),
        caption=f"Of {len(scan.rows)} defects. They are no points of the statistics.",
    )


def _list_correlations(scan: GapScan) -> Table:
    points = scan.points
    charges = sorted({row.charge for row in points if row.charge is not None})
    written = ", ".join(format_charge(charge) for charge in charges)
    told = f" Their charges: {written}." if len(charges) > 1 else ""
    notes = tuple(f"{note[:1].upper()}{note[1:]}." for note in scan.notes)
    if len(points) < FEWEST:
        return Table(
            name="gap-scan-ranks",
            title="Does the gap follow the site?",
            columns=(Column("points"), Column("verdict")),
            rows=((len(points), f"too few: below {FEWEST} no correlation and no fit is calculated"),),
            caption="Points: removals with a gap, one for every different site.",
            notes=notes,
        )
    return Table(
        name="gap-scan-ranks",
        title=f"Does the gap follow the site? Rank correlations over {len(points)} removals",
        columns=(
            Column("descriptor"),
            Column("n"),
            Column("rho", "", 2),
            Column("p", "", 4),
            Column("p adjusted", "", 4),
            Column("rho without one, from", "", 2),
            Column("to", "", 2),
            Column("changes most without"),
            Column("verdict"),
        ),
        rows=tuple(_write_correlation(one) for one in scan.correlations),
        caption=(
            "Spearman; p: share of all permutations of the points (of many random ones above eight points) "
            "that are as strong; adjusted for the number of descriptors (Holm). One point for every "
            f"different site.{told}"
        ),
        notes=notes,
    )


def _write_correlation(one: RankCorrelation) -> tuple[Cell, ...]:
    return (
        one.descriptor,
        one.n,
        _know(one.rho),
        _know(one.p),
        _know(one.p_adjusted),
        _know(one.lowest),
        _know(one.highest),
        one.decisive or None,
        one.verdict,
    )


def _know(value: float) -> float | None:
    return value if math.isfinite(value) else None
