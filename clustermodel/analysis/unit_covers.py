"""Which units together make up a kernel, which of such readings are shown, and what speaks against them?

A kernel is read as few pieces of good shape as possible. A unit is one piece and costs 1, an atom in no unit
costs 1, and an atom in severely distorted units costs the misfit of the best of them: 1 where random clusters
fit as well. Units may share atoms at will. The search keeps the best covers of every number of units; it
proves nothing, but a cover of few units is hardly missed.

Units that are close to their polyhedra are tried alone first. Where they hold nearly the whole kernel,
readings of such units are shown and no others. Else readings of all units are shown, with the best one of
close units, and the one of fewest units that hold nearly the whole kernel. A reading that only swaps a unit
for nearly the same atoms is not a different one, and one that costs much more than the first is none. Papers
like to read a kernel as units of one kind (a chain of tetrahedra, interpenetrating cuboctahedra), so the best
reading of each such kind is added where it is convincing or takes no more units than the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.analysis.unit_candidates import Candidate, UnitSettings

__all__ = ["Cover", "find_covers", "rank_covers", "unite"]

_BEAM = 200  # covers kept of every number of units
_FEWEST_OWN = 2  # atoms of a unit that no other one of a cover holds: fewer cost no more as single atoms
_DEARER = 3.0  # pieces more than the first reading: three atoms left over, or three units
_ALIKE = 0.8  # shared fraction of the atoms of two units that count as one: 13 and 14 atoms, not 10 and 13
_UNIFORM = (
    "icosahedron",
    "cuboctahedron",
    "pentagonal bipyramid",
    "octahedron",
    "tetrahedron",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A cover of a kernel by candidates.

    Parameters
    ----------
    units : tuple of int
        Its candidates.
    cost : float
        Cost of the cover.
    equivalents : int
        Covers with the same polyhedra, sharing and remainder that were found.
    rest : int
        Number of atoms in no unit.
    doubts : tuple of str
        Why it is not convincing.
    """

    units: tuple[int, ...]
    cost: float = field(metadata={"unit": ""})
    equivalents: int = field(metadata={"unit": ""})
    rest: int = field(metadata={"unit": ""})
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Beam:
    """Covers of one number of units: these, their costs, and the part that each atom has in the cost."""

    rows: list[tuple[int, ...]]
    costs: FloatArray
    parts: FloatArray


def unite(masks: Sequence[int]) -> int:
    """Return the atoms that are in any of several sets.

    Parameters
    ----------
    masks : sequence of int
        Atoms of each set, one bit each.

    Returns
    -------
    int
        Their union.

    Examples
    --------
    >>> bin(unite([0b0011, 0b0110]))
    '0b111'
    """
    union = 0
    for mask in masks:
        union |= mask
    return union


def find_covers(
    masks: Sequence[int], misfits: Sequence[float], size: int, most_units: int
) -> list[tuple[float, tuple[int, ...]]]:
    """Find the cheapest covers of a set by units.

    Parameters
    ----------
    masks : sequence of int
        Atoms of each unit, one bit each; of equal covers those by earlier units come first.
    misfits : sequence of float
        Cost of each of its atoms, 0 to 1; an atom left over costs 1, and so does every unit.
    size : int
        Number of atoms.
    most_units : int
        Number of units to take at most.

    Returns
    -------
    list of (float, tuple of int)
        Cost and units of every cover that holds no useless unit, cheapest first.

    Examples
    --------
    >>> find_covers([0b0111, 0b1110, 0b0011], [0.0, 0.1, 0.0], 4, 2)[0]
    (2.0, (0,))
    """
    useful = _drop_dominated(masks, misfits)
    parts = np.array([[misfits[u] if masks[u] >> atom & 1 else 1.0 for atom in range(size)] for u in useful])
    beam = _Beam(rows=[()], costs=np.array([float(size)]), parts=np.ones((1, size)))
    covers: list[tuple[float, tuple[int, ...]]] = []
    for _ in range(most_units if useful else 0):
        beam = _grow(beam, parts)
        covers += zip(beam.costs.tolist(), beam.rows, strict=True)
        if not beam.rows:
            break
    named = [(cost, tuple(sorted(useful[row] for row in rows))) for cost, rows in covers]
    needed = [(cost, units) for cost, units in named if _all_needed([masks[u] for u in units])]
    return sorted(needed, key=lambda c: (round(c[0], 6), -sum(masks[u].bit_count() for u in c[1]), c[1]))


def _grow(beam: _Beam, parts: FloatArray) -> _Beam:
    """Return the cheapest covers of one unit more, of those that it makes cheaper."""
    totals = np.array([np.minimum(own, parts).sum(axis=1) for own in beam.parts]) + len(beam.rows[0]) + 1
    totals[totals >= beam.costs[:, None]] = np.inf
    grown: dict[tuple[int, ...], tuple[int, int]] = {}
    for place in np.argsort(totals, axis=None, kind="stable").tolist():
        row, unit = divmod(place, len(parts))
        if len(grown) == _BEAM or np.isinf(totals[row, unit]):
            break
        grown.setdefault(tuple(sorted((*beam.rows[row], unit))), (row, unit))
    places = np.array(list(grown.values()), dtype=np.int64).reshape(-1, 2)
    row, unit = places[:, 0], places[:, 1]
    return _Beam(rows=list(grown), costs=totals[row, unit], parts=np.minimum(beam.parts[row], parts[unit]))


def _drop_dominated(masks: Sequence[int], misfits: Sequence[float]) -> list[int]:
    """Return the units that do not lie in a larger one of no more misfit."""
    kept: list[int] = []
    holders: dict[int, list[int]] = {}  # units kept, by each of their atoms
    for unit in sorted(range(len(masks)), key=lambda u: (-masks[u].bit_count(), misfits[u])):
        mask = masks[unit]
        rivals = holders.get(mask & -mask, [])  # only these hold its first atom
        if any(mask & masks[other] == mask and misfits[other] <= misfits[unit] for other in rivals):
            continue
        kept.append(unit)
        for atom in range(mask.bit_length()):
            if mask >> atom & 1:
                holders.setdefault(1 << atom, []).append(unit)
    return kept


def _all_needed(masks: Sequence[int]) -> bool:
    """Return whether every unit of a cover holds atoms that no other one holds."""
    once = twice = 0
    for mask in masks:
        twice |= once & mask
        once |= mask
    return all((mask & ~twice).bit_count() >= _FEWEST_OWN for mask in masks)


def rank_covers(candidates: Sequence[Candidate], size: int, settings: UnitSettings) -> tuple[Cover, ...]:
    """Choose the covers to show.

    Parameters
    ----------
    candidates : sequence of Candidate
        What the kernel contains.
    size : int
        Atoms of the kernel.
    settings : UnitSettings
        What is convincing, and how many readings to show.

    Returns
    -------
    tuple of Cover
        Different covers, the convincing ones first, then the cheapest.
    """
    kernel = _Kernel(candidates=candidates, size=size, settings=settings)
    everything = range(len(candidates))
    units = [unit for unit in everything if candidates[unit].is_close(settings)]
    ranked, others = _rank(kernel, units), list[Cover]()
    if all(cover.doubts for cover in ranked):
        units, others = list(everything), ranked[:1]
        others += [c for c in _rank(kernel, units, bold=True)[:1] if c.rest <= kernel.most_rest]
        ranked = _rank(kernel, units)
    chosen = list(_choose(kernel, ranked))
    if chosen and (len(chosen[0].units) > 1 or chosen[0].doubts):
        others += [
            cover
            for cover in _read_uniform(kernel, units)
            if not cover.doubts or len(cover.units) <= len(chosen[0].units)
        ]
    for cover in others:
        if not _repeats(candidates, cover, chosen):
            chosen.append(cover)
    return tuple(sorted(chosen, key=lambda cover: (bool(cover.doubts), round(cover.cost, 6))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kernel:
    """What is covered, with what, and how."""

    candidates: Sequence[Candidate]
    size: int
    settings: UnitSettings

    @property
    def most_rest(self) -> float:
        """Number of atoms that a convincing reading may leave over."""
        return self.settings.convincing_rest * self.size


def _rank(kernel: _Kernel, chosen: Sequence[int], *, bold: bool = False) -> list[Cover]:
    """Return the best covers by some of the candidates; bold ones take no notice of their distortion."""
    order = sorted(chosen, key=lambda unit: kernel.candidates[unit].best.strain)
    units = [kernel.candidates[unit] for unit in order]
    misfits = [0.0 if bold else unit.best.misfit for unit in units]
    kinds: dict[tuple[object, ...], list[tuple[int, ...]]] = {}
    covers = find_covers([u.mask for u in units], misfits, kernel.size, kernel.settings.most_units)
    for cost, places in covers:
        if cost > covers[0][0] + _DEARER:
            break
        kinds.setdefault(_find_kind([units[k] for k in places]), []).append(tuple(order[k] for k in places))
    return [_describe(kernel, same) for same in kinds.values()]


def _describe(kernel: _Kernel, same: Sequence[tuple[int, ...]]) -> Cover:
    units = [kernel.candidates[unit] for unit in same[0]]
    held, cost = 0, float(len(units))
    for unit in sorted(units, key=lambda unit: unit.best.misfit):
        cost += unit.best.misfit * (unit.mask & ~held).bit_count()
        held |= unit.mask
    rest = kernel.size - held.bit_count()
    doubts = list(_list_doubts(units, kernel.settings))
    if rest > kernel.most_rest:
        doubts.insert(0, f"{rest} of {kernel.size} atoms in no unit")
    return Cover(
        units=tuple(sorted(same[0])), cost=cost + rest, equivalents=len(same), rest=rest, doubts=tuple(doubts)
    )


def _find_kind(units: Sequence[Candidate]) -> tuple[object, ...]:
    """Return what equivalent covers have in common."""
    masks = [unit.mask for unit in units]
    names = sorted((u.best.polyhedron, u.best.pattern.centred, u.best.missing) for u in units)
    shared = sorted((a & b).bit_count() for a, b in combinations(masks, 2))
    return (*names, *shared, unite(masks).bit_count())


def _list_doubts(units: Sequence[Candidate], settings: UnitSettings) -> Iterator[str]:
    """Yield which units are not convincing, and why."""
    for best in (unit.best for unit in units):
        name = f"{best.polyhedron} of {best.size - best.missing}"
        if best.measure > settings.convincing_measure:
            yield f"{name}: shape measure {best.measure:.2f}"
        if best.null_rate > settings.convincing_chance:
            yield f"{name}: {100 * best.null_rate:.1f} % of random clusters fit as well"


def _choose(kernel: _Kernel, ranked: Sequence[Cover]) -> Iterator[Cover]:
    """Yield different covers, as many as wanted."""
    chosen: list[Cover] = []
    for cover in ranked:
        full = len(chosen) == kernel.settings.most_readings
        if not full and not _repeats(kernel.candidates, cover, chosen):
            chosen.append(cover)
            yield cover


def _read_uniform(kernel: _Kernel, units: Sequence[int]) -> Iterator[Cover]:
    """Yield the best cover by units of each kind alone that holds nearly all atoms."""
    for name in _UNIFORM:
        same = [unit for unit in units if kernel.candidates[unit].best.polyhedron == name]
        held = unite([kernel.candidates[unit].mask for unit in same]).bit_count()
        if kernel.size - held <= kernel.most_rest:
            yield from _rank(kernel, same)[:1]


def _repeats(candidates: Sequence[Candidate], cover: Cover, earlier: Sequence[Cover]) -> bool:
    """Return whether every unit is nearly one of an earlier cover of as many units."""
    masks = [candidates[unit].mask for unit in cover.units]
    others = [[candidates[unit].mask for unit in other.units] for other in earlier]
    return any(
        len(other) == len(masks) and all(any(_is_alike(a, b) for b in other) for a in masks)
        for other in others
    )


def _is_alike(first: int, second: int) -> bool:
    return (first & second).bit_count() >= _ALIKE * (first | second).bit_count()
