"""How symmetric and how chiral is the cluster? Point groups over a ladder of tolerances, and chirality."""

import math
from collections.abc import Iterator
from typing import Any

from clustermodel.report.notation import format_number
from clustermodel.report.side_by_side import Quantity, round_to
from clustermodel.report.table import Cell, Column, Schoenflies, SpaceGroupName, Table

__all__ = ["PART_NAMES", "list_symmetry_quantities", "list_symmetry_tables"]

Json = dict[str, Any]

PART_NAMES = {
    "kernel": "kernel",
    "skeleton": "all metal atoms",
    "framework": "metal and donor atoms",
    "cluster": "all but hydrogen",
}
"""What the parts of a cluster are called in tables."""

_MINUS = "\N{MINUS SIGN}"
_SHOWN = 3  # decimals of deviations; groups that differ by less are as good
_LADDER = (
    "Kernel by the convention {convention}. The group of the operations that move no atom farther than "
    "the tolerance from the place of its like partner; in parentheses the larger group that the "
    "operations within the tolerance generate, though some of their products deviate by more."
)


def list_symmetry_tables(cluster: Json) -> tuple[Table, ...]:
    """Make the tables of symmetry and chirality.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    tuple of Table
        Point groups by tolerance, the groups with their deviations, symmetry elements, chirality; none where
        nothing was measured.
    """
    structure = cluster.get("structure")
    if structure is None:
        return ()
    symmetry = structure["symmetry"]
    parts = {part: symmetry[part] for part in PART_NAMES if symmetry[part] is not None}
    made = (
        _tabulate_ladder(symmetry, parts),
        _tabulate_groups(symmetry, parts),
        _tabulate_elements(symmetry, parts),
        _tabulate_chirality(structure["chirality"]),
    )
    return tuple(table for table in made if table.rows)


def _tabulate_ladder(symmetry: Json, parts: dict[str, Json]) -> Table:
    ladders = [part["ladder"] for part in parts.values()]
    return Table(
        name="point-groups",
        title="Point groups by tolerance",
        columns=(Column("tolerance", "Å", 2), *(Column(PART_NAMES[part]) for part in parts)),
        rows=tuple(
            (steps[0]["tolerance"], *(_write_step(step) for step in steps))
            for steps in zip(*ladders, strict=True)
        ),
        caption=_LADDER.format(convention=symmetry["convention"]),
        notes=tuple(_list_limits(parts)),
    )


def _write_step(step: Json) -> Schoenflies:
    held, generated = step["held"]["symbol"], step["generated"]["symbol"]
    return Schoenflies(held if held == generated else f"{held} ({generated})")


def _list_limits(parts: dict[str, Json]) -> Iterator[str]:
    """Tell of the parts whose like atoms are too near each other for the largest tolerance."""
    for name, part in parts.items():
        largest = max(step["tolerance"] for step in part["ladder"])
        if part["resolution"] is not None and part["resolution"] < largest:
            yield (
                f"{PART_NAMES[name]}: half the shortest distance of like atoms is "
                f"{part['resolution']:.2f} Å; larger tolerances give the answer of this one."
            )


def _tabulate_groups(symmetry: Json, parts: dict[str, Json]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (PART_NAMES[name], Schoenflies(group["symbol"]), group["order"] or "∞", group["deviation"])
        for name, part in parts.items()
        for group in _select_groups(part["thresholds"])
    ]
    largest = max(symmetry["settings"]["tolerances"])
    return Table(
        name="point-group-deviations",
        title="Deviations from point groups",
        columns=(Column("part"), Column("point group"), Column("order"), Column("largest deviation", "Å")),
        rows=tuple(rows),
        caption=f"Every group that holds within {largest:.2f} Å and has more operations than all that "
        "deviate less. Deviation: largest distance of an atom from the image of its partner, over all "
        "operations; from coordinates alone, symmetry of the crystal included.",
    )


def _select_groups(thresholds: list[Json]) -> list[Json]:
    """Return the groups that no group of more operations beats, the largest first."""
    chosen: list[Json] = []
    for group in sorted(thresholds, key=lambda one: (round(one["deviation"], _SHOWN), -_count(one))):
        if not chosen or _count(group) > _count(chosen[-1]):
            chosen.append(group)
    return [group for group in reversed(chosen) if group["order"] != 1 or len(chosen) == 1]


def _count(group: Json) -> float:
    """Return the number of operations of a group; 0 in the document stands for infinity."""
    return float(group["order"] or math.inf)


def _tabulate_elements(symmetry: Json, parts: dict[str, Json]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, part in parts.items():
        group = part["ladder"][-1]["held"]
        kinds: dict[str, list[float]] = {}
        for element in group["elements"]:
            kinds.setdefault(element["kind"], []).append(element["deviation"])
        rows += [
            (
                PART_NAMES[name],
                Schoenflies(group["symbol"]),
                Schoenflies(kind),
                len(found),
                min(found),
                max(found),
            )
            for kind, found in kinds.items()
        ]
    largest = max(symmetry["settings"]["tolerances"])
    return Table(
        name="symmetry-elements",
        title="Deviations from symmetry elements",
        columns=(
            Column("part"),
            Column("point group"),
            Column("element"),
            Column("number"),
            Column("smallest deviation", "Å"),
            Column("largest deviation", "Å"),
        ),
        rows=tuple(rows),
        caption=f"Elements of the largest group that holds within {largest:.2f} Å; axes by their highest "
        "order. Deviation: largest distance of an atom from the image of its partner, over all "
        "operations of the element.",
    )


def _tabulate_chirality(chirality: Json) -> Table:
    settings = chirality["settings"]
    notes = [_describe_hand(chirality)] if chirality["helicity"]["staples"] else []
    crystal = chirality["crystal"]
    if crystal is not None:
        told = (
            "operations that change the hand" if crystal["improper"] else "no operation that changes the hand"
        )
        group = crystal["space_group"].replace("-", _MINUS)
        notes.append(f"The space group {group} has {told}: the crystal holds {crystal['kind']}.")
    return Table(
        name="chirality",
        title="Chirality",
        columns=(
            Column("part"),
            Column("atoms"),
            Column("CCM", digits=2),
            Column("nearest achiral operation"),
            Column("Hausdorff measure"),
            Column("Hausdorff distance", "Å"),
            Column("chiral"),
        ),
        rows=tuple(
            (
                PART_NAMES[part["part"]],
                part["n_atoms"],
                part["continuous"]["measure"],
                Schoenflies(part["continuous"]["operation"]),
                part["hausdorff"]["measure"],
                part["hausdorff"]["distance"],
                "yes" if part["is_chiral"] else "no",
            )
            for part in chirality["parts"]
        ),
        caption=f"Kernel by the convention {chirality['convention']}. CCM: continuous chirality measure, "
        "0 (achiral) to 100 (H. Zabrodsky, D. Avnir, J. Am. Chem. Soc. 1995, 117, 462); Hausdorff "
        "measure 0 to 1 (A. B. Buda, K. Mislow, J. Am. Chem. Soc. 1992, 114, 6006). Like atoms are "
        "images of each other, bonds are not looked at. Chiral: Hausdorff distance above "
        f"{settings['tolerance']:.2f} Å.",
        notes=tuple(notes),
    )


def _describe_hand(chirality: Json) -> str:
    winding, hand = chirality["helicity"], chirality["handedness"]
    mode = format_number(winding["mode"], 2).replace("-", _MINUS)
    words = {"P": "like a right-handed screw (P)", "M": "like a left-handed screw (M)"}
    return (
        f"The {winding['staples']} staples with two ends wind {words.get(hand, 'about no axis clearly')}: "
        f"strength {winding['strength']:.2f} of at most 0.71, mode {mode} (from −1 for M to 1 for P)."
    )


def list_symmetry_quantities(cluster: Json) -> Iterator[Quantity]:
    """List symmetry and chirality of a cluster for a table of several structures.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Yields
    ------
    Quantity
        The key is part and quantity.
    """
    site = cluster["site_symmetry"]
    shown = SpaceGroupName(site, is_point_group=True) if site else None
    yield Quantity(("cluster in the crystal", "site symmetry"), shown)
    structure = cluster.get("structure")
    if structure is None:
        return
    for part, name in PART_NAMES.items():
        symmetry = structure["symmetry"][part]
        if symmetry is not None:
            groups = _select_groups(symmetry["thresholds"])
            told = ", ".join(f"{one['symbol']} ({one['deviation']:.2f})" for one in groups)
            yield Quantity((name, "point groups (largest deviation / Å)"), Schoenflies(told))
    chirality = structure["chirality"]
    for part in chirality["parts"]:
        name = PART_NAMES[part["part"]]
        yield Quantity((name, "CCM"), round_to(part["continuous"]["measure"], 2))
        yield Quantity((name, "Hausdorff distance / Å"), round_to(part["hausdorff"]["distance"], 3))
    yield Quantity(("staples", "handedness"), chirality["handedness"] or "none")
    crystal = chirality["crystal"]
    yield Quantity(("crystal", "hands"), crystal["kind"] if crystal is not None else None)
