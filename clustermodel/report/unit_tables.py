"""Which units is the kernel built of? Readings as polyhedra, what they share, local packing and 2e blocks."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from clustermodel.analysis.kernel_units import (
    Decomposition,
    KernelUnit,
    KernelUnits,
    SharedAtoms,
    UnitReading,
)
from clustermodel.analysis.shape_null import PERCENT
from clustermodel.io.record import read_record
from clustermodel.report.labels import list_labels
from clustermodel.report.notation import format_number, write_subscripts
from clustermodel.report.side_by_side import Quantity, round_to
from clustermodel.report.table import Cell, Column, Formula, Table

__all__ = ["list_unit_quantities", "list_unit_tables"]

Json = dict[str, Any]

_PLANE = 3  # atoms that always lie in a plane
_MOST_LISTED = 3  # pairs of units whose shared atoms are named
_LEAST_TWIST = 0.05  # degree: what rounds to zero at one decimal
_UNITS = (
    "Readings of the kernel (convention {convention}) as polyhedra, those that are convincing first, "
    "then by the number of units and their distortion. CShM: continuous shape measure (0: ideal; M. "
    "Pinsky, D. Avnir, Inorg. Chem. 1998, 37, 5575), missing corners left out. Random: share of random "
    "clusters of as many atoms that fit as well. Twist: of opposite faces against the ideal polyhedron. "
    "Contacts up to the sum of the covalent radii + {contact_excess:.2f} Å; convincing: CShM up to "
    "{convincing_measure:g}, random up to {convincing_chance} %, at most {convincing_rest} % of the "
    "kernel left over."
)


def list_unit_tables(cluster: Json) -> tuple[Table, ...]:
    """Make the tables of the building units of a kernel.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    tuple of Table
        Readings, shared atoms, local packing and blocks of the grand unified model; empty ones are left out,
        and there are none where nothing was measured.
    """
    structure = cluster.get("structure")
    if structure is None:
        return ()
    found = read_record(KernelUnits, structure["units"])
    made = (
        _tabulate_units(found),
        _tabulate_sharing(found, cluster),
        _tabulate_packing(structure["local_packing"], cluster),
        _tabulate_blocks(structure["blocks"]),
    )
    return tuple(table for table in made if table.rows)


def _tabulate_units(found: KernelUnits) -> Table:
    settings = found.settings
    rows: list[tuple[Cell, ...]] = []
    atoms: list[tuple[int, ...]] = []
    for rank, reading in enumerate(found.decompositions, 1):
        for alike in _group_units(reading):
            first = not rows or rows[-1][0] != rank
            rows.append(
                (rank, _shorten_identity(reading.identity) if first else None, *_describe_units(alike))
            )
            atoms.append(tuple(sorted({atom for unit in alike for atom in unit.atoms})))
    return Table(
        name="units",
        title="Building units of the kernel",
        columns=(
            Column("reading"),
            Column("count of atoms"),
            Column("number"),
            Column("unit"),
            Column("polyhedron"),
            Column("CShM"),
            Column("random", "%"),
            Column("twist", "°"),
            Column("other polyhedra (CShM)"),
        ),
        rows=tuple(rows),
        caption=_UNITS.format(
            convention=found.convention,
            contact_excess=settings.contact_excess,
            convincing_measure=settings.convincing_measure,
            convincing_chance=f"{100 * settings.convincing_chance:g}",
            convincing_rest=f"{100 * settings.convincing_rest:g}",
        ),
        notes=tuple(_list_doubts(found)),
        atoms=tuple(atoms),
    )


def _group_units(reading: Decomposition) -> list[list[KernelUnit]]:
    """Group the units of a reading that have one name."""
    groups: dict[str, list[KernelUnit]] = {}
    for unit in reading.units:
        groups.setdefault(unit.label, []).append(unit)
    return list(groups.values())


def _describe_units(alike: Sequence[KernelUnit]) -> tuple[Cell, ...]:
    best = [unit.readings[0] for unit in alike]
    others: dict[str, list[float]] = {}
    for unit in alike:
        for other in unit.readings[1:]:
            others.setdefault(other.name, []).append(other.measure)
    ranges = [f"{name} ({_write_range(measures, 2)})" for name, measures in others.items()]
    return (
        len(alike),
        Formula(alike[0].formula),
        best[0].name,
        _write_range([one.measure for one in best], 2),
        _write_rate(max(one.null_rate for one in best)),
        _write_twists(best),
        "; ".join(ranges) or None,
    )


def _write_rate(rate: float) -> str:
    """Write a share of random clusters in percent; the smallest that the sample resolves stands for less."""
    percent = 100 * rate
    return f"≤ {PERCENT[0]:g}" if percent <= PERCENT[0] else f"{percent:.1f}"


def _shorten_identity(text: str) -> str:
    """Write ``13 + 13 + 13`` as ``3 × 13``, and nothing but the number for a single unit."""
    total, _, terms = text.partition(" = ")
    short = re.sub(r"\b(\d+)((?: \+ \1\b){2,})", lambda m: f"{m[2].count('+') + 1} × {m[1]}", terms)
    return total if short == total else f"{total} = {short}"


def _write_range(values: Sequence[float], digits: int) -> str:
    low, high = (format_number(limit(values), digits) for limit in (min, max))
    return low if low == high else f"{low}–{high}"


def _write_twists(readings: Sequence[UnitReading]) -> str | None:
    """Write the largest twist of each unit without its sign, as a range."""
    largest = [max(abs(twist.twist) for twist in one.twists) for one in readings if one.twists]
    if not largest:
        return None
    return "0" if max(largest) < _LEAST_TWIST else _write_range(largest, 1)


def _list_doubts(found: KernelUnits) -> Iterator[str]:
    yield from (f"{write_subscripts(note.message)}." for note in found.notes)
    for rank, reading in enumerate(found.decompositions, 1):
        if reading.doubts:
            doubts = [f"{n} × {doubt}" if n > 1 else doubt for doubt, n in Counter(reading.doubts).items()]
            yield f"Reading {rank} is not convincing: {'; '.join(doubts)}."


def _tabulate_sharing(found: KernelUnits, cluster: Json) -> Table:
    labels = [atom["label"] for atom in cluster["atoms"]]
    rows: list[tuple[Cell, ...]] = []
    atoms: list[tuple[int, ...]] = []
    for rank, reading in enumerate(found.decompositions, 1):
        names = [
            f"{write_subscripts(unit.formula)} ({unit.readings[0].polyhedron})" for unit in reading.units
        ]
        groups: dict[tuple[str, ...], list[SharedAtoms]] = {}
        for shared in reading.shared:
            key = (names[shared.first], names[shared.second], shared.formula, shared.kind)
            groups.setdefault(key, []).append(shared)
        for (first, second, formula, kind), alike in groups.items():
            flatness = [one.flatness for one in alike if len(one.atoms) > _PLANE]
            listed = "; ".join(list_labels(labels[atom] for atom in one.atoms) for one in alike)
            rows.append(
                (
                    *(rank, len(alike), first, second, Formula(formula), kind),
                    _write_range(flatness, 2) if flatness else None,
                    listed if len(alike) <= _MOST_LISTED else None,
                )
            )
            atoms.append(tuple(sorted({atom for one in alike for atom in one.atoms})))
    return Table(
        name="shared-atoms",
        title="Atoms shared by building units",
        columns=(
            Column("reading"),
            Column("pairs"),
            Column("unit 1"),
            Column("unit 2"),
            Column("shared"),
            Column("as"),
            Column("off their plane", "Å"),
            Column("atoms"),
        ),
        rows=tuple(rows),
        caption="Readings are numbered as in the table of building units. Pairs: how many pairs of units "
        "share so. Interpenetrating: the centre of one unit is part of the other; atoms: neither a "
        f"vertex, an edge nor a face of both. Atoms are listed for up to {_MOST_LISTED} pairs.",
        atoms=tuple(atoms),
    )


def _tabulate_packing(packing: Json, cluster: Json) -> Table:
    labels = [atom["label"] for atom in cluster["atoms"]]
    rows: list[tuple[Cell, ...]] = []
    atoms: list[tuple[int, ...]] = []
    for name, count in packing["counts"]:
        members = [one for one in packing["atoms"] if one["label"] == name]
        known = [one["deviation"] for one in members if one["deviation"] is not None]
        rows.append(
            (
                name,
                count,
                sum(one["surface"] for one in members) if name != "shell" else None,
                sum(one["inferred"] for one in members) if name != "shell" else None,
                sum(known) / len(known) if known else None,
                list_labels(labels[one["atom"]] for one in members),
            )
        )
        atoms.append(tuple(one["atom"] for one in members))
    settings = packing["settings"]
    return Table(
        name="local-packing",
        title="Local packing of the metal atoms",
        columns=(
            Column("packing"),
            Column("atoms"),
            Column("of them at the surface"),
            Column("decided by neighbours"),
            Column("mean deviation", "°", 1),
            Column("labels"),
        ),
        rows=tuple(rows),
        caption=f"Directions to the touching kernel atoms (convention {packing['convention']}, contacts "
        f"up to the sum of the covalent radii + {settings['contact_excess']:.2f} Å) against those in each "
        f"packing; deviation: root mean square angle, at most {settings['most_deviation']:g}°, with at "
        f"least {settings['fewest']} neighbours. Close-packed: fcc or hcp. Unclear: none fits, or two fit "
        "equally. Shell: metal atom outside the kernel.",
        atoms=tuple(atoms),
    )


def _tabulate_blocks(model: Json) -> Table:
    rows: list[tuple[Cell, ...]] = []
    if model["electrons"] is not None:
        rows += [
            ("electron count n*", model["electrons"]),
            ("blocks asked for, n*/2", round_to(model["expected"], 1)),
        ]
    for kind, count in Counter(block["kind"] for block in model["blocks"]).items():
        edges = [block["edge"] for block in model["blocks"] if block["kind"] == kind]
        rows += [
            (Formula(f"blocks {kind}"), count),
            (Formula(f"mean edge of {kind} / Å"), round_to(sum(edges) / len(edges), 3)),
        ]
    if model["blocks"]:
        rows += [
            ("kernel atoms in several blocks, counted once too often", model["repeats"]),
            ("kernel atoms in no block", len(model["remainder"])),
            ("other divisions as good that were met", model["alternatives"]),
        ]
    if rows:
        rows.append(("n*/2 blocks that hold every kernel atom", "yes" if model["holds"] else "no"))
    excess = model["settings"]["contact_excess"]
    return Table(
        name="two-electron-blocks",
        title="Two-electron blocks of the grand unified model (heuristic)",
        columns=(Column("quantity"), Column("value")),
        rows=tuple(rows),
        caption="Triangles M₃(2e) and tetrahedra M₄(2e) of touching kernel atoms (convention "
        f"{model['convention']}; edges up to the sum of the covalent radii + {excess:.2f} Å), after W. W. "
        f"Xu, B. Zhu, X. C. Zeng, Y. Gao, Nat. Commun. 2016, 7, 13574. {_capitalise(model['caveat'])}.",
        notes=tuple(f"{write_subscripts(note['message'])}." for note in model["notes"]),
    )


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def list_unit_quantities(cluster: Json) -> Iterator[Quantity]:
    """List the best reading of a kernel, local packing and blocks for a table of several structures.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Yields
    ------
    Quantity
        The key is a heading and a quantity.
    """
    structure = cluster.get("structure")
    if structure is None:
        return
    found = read_record(KernelUnits, structure["units"])
    yield Quantity(("kernel", "formula"), Formula(found.formula or "none"))
    if found.decompositions:
        best = found.decompositions[0]
        yield Quantity(("best reading", "count of atoms"), _shorten_identity(best.identity))
        for place, alike in enumerate(_group_units(best), 1):
            name = f"unit {place}"
            cells = _describe_units(alike)
            times = f"{len(alike)} × " if len(alike) > 1 else ""
            yield Quantity(("best reading", name), Formula(f"{times}{alike[0].label}"))
            yield Quantity(("best reading", f"{name}, CShM"), cells[3])
            yield Quantity(("best reading", f"{name}, twist / °"), cells[5])
        shared = Counter(f"{one.formula} ({one.kind})" for one in best.shared)
        texts = [f"{n} × {text}" if n > 1 else text for text, n in shared.items()]
        yield Quantity(("best reading", "shared"), Formula(", ".join(texts)) if texts else None)
        yield Quantity(("best reading", "atoms left over"), len(best.remainder))
        yield Quantity(("best reading", "convincing"), "yes" if best.convincing else "no")
    for name, count in structure["local_packing"]["counts"]:
        yield Quantity(("local packing", name), count)
    model = structure["blocks"]
    blocks = Counter(block["kind"] for block in model["blocks"])
    told = ", ".join(f"{n} × {kind}" for kind, n in blocks.items())
    yield Quantity(("2e blocks (heuristic)", "blocks"), Formula(told) if told else None)
    yield Quantity(("2e blocks (heuristic)", "asked for, n*/2"), round_to(model["expected"], 1))
