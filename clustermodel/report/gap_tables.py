"""Which tables does a pair of gaps yield? The states, what splits the change, and the structure beside it."""

import math

from clustermodel.analysis.pair_differences import Difference
from clustermodel.pipeline.gap_geometries import STATES
from clustermodel.pipeline.gap_link import GapChange, GapLink, GapState
from clustermodel.report.table import Cell, Charge, Column, Formula, Table

__all__ = ["list_gap_tables"]

_MODEL = "MODEL: no number here tells of a measured structure. "
_SHORT = {
    "defect": "defect, own geometry",
    "defect in filled": "defect, cut out of filled",
    "filled in defect": "filled, put into defect",
    "filled": "filled, own geometry",
}
_SIZES = ("length", "width", "radius of gyration", "hull volume")


def list_gap_tables(link: GapLink) -> tuple[Table, ...]:
    """Make the tables of a pair of gaps.

    Parameters
    ----------
    link : GapLink
        States and changes.

    Returns
    -------
    tuple of Table
        States, changes, differences of the structure.
    """
    said = _MODEL if link.is_model else ""
    excited = any(math.isfinite(state.first_root_ev) for state in link.states)
    return (
        Table(
            name="gap-states",
            title=f"Levels of {link.defect} and {link.filled} by {link.level}",
            columns=(
                Column("state"),
                Column("formula"),
                Column("charge"),
                Column("gap", "eV"),
                Column("HOMO", "eV"),
                Column("LUMO", "eV"),
                Column("P filled", "%", 0),
                Column("D empty", "%", 0),
                Column("kernel", "e", 2),
                Column("staple metal", "e", 2),
                Column("ligands", "e", 2),
                *((Column("first", "eV", 2), Column("first bright", "eV", 2)) if excited else ()),
            ),
            rows=tuple(_state_row(state, excited=excited) for state in link.states),
            caption=(
                f"{said}Orbital energies at fixed geometries, ligands cut. P filled and D empty: mean "
                "weights about the centre of the kernel over the three uppermost filled and the five lowest "
                "empty orbitals; the last three columns are sums of partial charges."
            ),
        ),
        Table(
            name="gap-changes",
            title=f"From {link.defect} to {link.filled}: what relaxation and what filling does",
            columns=(
                Column("quantity"),
                Column("defect"),
                Column("filled"),
                Column("total"),
                Column("relaxation"),
                Column("filling"),
                Column("the ways differ by"),
                Column("verdict"),
            ),
            rows=tuple(_change_row(change) for change in link.changes),
            caption=(
                f"{said}Relaxation and filling: means over both orders, relax then fill and fill then relax,"
                " or the one that could be calculated. If both differ by as much as a share is large, the "
                "share has no meaning of its own."
            ),
            notes=tuple(f"Missing: {STATES[key]}, because {why}." for key, why in link.reasons.items()),
        ),
        Table(
            name="gap-structure",
            title="What differs in the structure",
            columns=(
                Column("quantity"),
                Column("of"),
                Column("defect"),
                Column("filled"),
                Column("change"),
                Column("unit"),
            ),
            rows=tuple(_structure_row(one, swap=link.swapped) for one in link.structure if _is_shown(one)),
            caption=f"{said}From the comparison of the structures, whose report says how well each is known.",
        ),
    )


def _is_shown(one: Difference) -> bool:
    """Return whether a paper would print this difference: bonds, counts, the size of kernel and skeleton."""
    if one.role in {"kernel", "skeleton"}:
        return one.quantity in _SIZES
    return one.role != "cluster" or one.unit in {"", "electrons"}


def _known(value: float, scale: float = 1.0) -> float | None:
    return value * scale if math.isfinite(value) else None


def _state_row(state: GapState, *, excited: bool) -> tuple[Cell, ...]:
    optical = (_known(state.first_root_ev), _known(state.first_bright_ev)) if excited else ()
    return (
        _SHORT[state.key],
        Formula(state.formula),
        Charge(state.charge),
        state.gap_ev,
        state.homo_ev,
        state.lumo_ev,
        _known(state.occupied_p, 100),
        _known(state.empty_d, 100),
        state.kernel_charge,
        state.staple_charge,
        state.ligand_charge,
        *optical,
    )


def _change_row(change: GapChange) -> tuple[Cell, ...]:
    only = change.paths[0] if len(change.paths) == 1 else None
    relaxation = only.relaxation if only else change.relaxation
    filling = only.filling if only else change.filling
    return (
        f"{change.quantity} / {change.unit}" if change.unit else change.quantity,
        _known(change.defect),
        _known(change.filled),
        _known(change.total),
        _known(relaxation),
        _known(filling),
        _known(change.coupling),
        change.verdict,
    )


def _structure_row(one: Difference, *, swap: bool) -> tuple[Cell, ...]:
    first, last = (one.b, one.a) if swap else (one.a, one.b)
    return (
        one.quantity,
        one.role,
        _known(first),
        _known(last),
        _known(-one.delta if swap else one.delta),
        one.unit,
    )
