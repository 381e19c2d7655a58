"""Which readings of a kernel as units are shown, in which order, and what speaks against them?

Convincing readings come first, then the cheapest. A reading that only swaps a unit of an earlier one for
nearly the same atoms is not a different one, and one that costs much more than the first is none. Papers
like to read a kernel as units of one kind (a chain of tetrahedra, interpenetrating cuboctahedra), so the best
reading of each such kind is added where it is convincing, unless the whole kernel is one unit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from clustermodel.analysis.unit_candidates import Candidate, Reading
from clustermodel.analysis.unit_covers import find_covers
from clustermodel.analysis.unit_settings import UnitSettings

__all__ = ["RankedCover", "rank_covers", "unite"]

_MINOR = 1.0  # measures up to 1 are commonly called minor distortions (Cirera, Ruiz, Alvarez 2005)
_DEARER = 3.0  # pieces more than the first reading: three atoms left over, or three units
_UNIFORM = (
    "icosahedron",
    "cuboctahedron",
    "anticuboctahedron",
    "pentagonal bipyramid",
    "octahedron",
    "tetrahedron",
)
_ALIKE = 0.8  # shared fraction of the atoms of two units that count as one: 13 and 14 atoms, not 10 and 13

Cover = tuple[float, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedCover:
    """A cover of a kernel by candidates.

    Parameters
    ----------
    units : tuple of int
        Its candidates.
    cost : float
        Cost of the cover.
    equivalents : int
        Covers with the same polyhedra, sharing and remainder that were found.
    doubts : tuple of str
        Why it is not convincing.
    """

    units: tuple[int, ...]
    cost: float = field(metadata={"unit": ""})
    equivalents: int = field(metadata={"unit": ""})
    doubts: tuple[str, ...]


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


def rank_covers(
    candidates: Sequence[Candidate], size: int, settings: UnitSettings
) -> tuple[RankedCover, ...]:
    """Choose the readings of a kernel to show.

    Parameters
    ----------
    candidates : sequence of Candidate
        The units found.
    size : int
        Number of kernel atoms.
    settings : UnitSettings
        Limits.

    Returns
    -------
    tuple of RankedCover
        Convincing ones first, then by cost.
    """
    covers = _cover(candidates, range(len(candidates)), size)
    kinds: dict[tuple[object, ...], list[Cover]] = {}
    for cover in covers:
        kinds.setdefault(_find_kind(candidates, cover[1]), []).append(cover)
    ranked = [_rank(candidates, same, size, settings) for same in kinds.values()]
    ranked.sort(key=lambda r: bool(r.doubts))
    chosen = list(_choose(candidates, ranked, settings.most_readings))
    if chosen and (len(chosen[0].units) > 1 or chosen[0].doubts):
        for name in _UNIFORM:
            same = [k for k, candidate in enumerate(candidates) if candidate.readings[0].polyhedron == name]
            if unite([candidates[k].mask for k in same]).bit_count() < (1 - settings.convincing_rest) * size:
                continue
            best = [
                _rank(candidates, [cover], size, settings) for cover in _cover(candidates, same, size)[:1]
            ]
            chosen += [u for u in best if not u.doubts and not _repeats(candidates, u, chosen)]
    return tuple(sorted(chosen, key=lambda r: (bool(r.doubts), round(r.cost, 6))))


def _choose(
    candidates: Sequence[Candidate], ranked: Sequence[RankedCover], most: int
) -> Iterator[RankedCover]:
    """Yield different covers, as many as wanted."""
    chosen: list[RankedCover] = []
    for cover in ranked:
        if len(chosen) == most:
            return
        dear = bool(chosen) and cover.cost > chosen[0].cost + _DEARER
        if not dear and not _repeats(candidates, cover, chosen):
            chosen.append(cover)
            yield cover


def _cover(candidates: Sequence[Candidate], chosen: Sequence[int], size: int) -> list[Cover]:
    """Return the covers by some of the candidates, cheapest first."""
    best = [candidates[unit].readings[0] for unit in chosen]
    covers = find_covers(
        [candidates[unit].mask for unit in chosen],
        [_price(reading) for reading in best],
        [reading.strain for reading in best],
        size,
    )
    return [(cost, tuple(chosen[unit] for unit in units)) for cost, units in covers]


def _price(reading: Reading) -> float:
    """Return the cost of a unit: 1 while it is hardly distorted, less than 2 at the limit of chance."""
    return 1 + reading.strain * max(1 - _MINOR / max(reading.measure, _MINOR), 0.0)


def _rank(
    candidates: Sequence[Candidate], same: Sequence[Cover], size: int, settings: UnitSettings
) -> RankedCover:
    cost, units = same[0]
    doubts = tuple(_list_doubts([candidates[unit] for unit in units], size, settings))
    return RankedCover(units=units, cost=cost, equivalents=len(same), doubts=doubts)


def _list_doubts(units: Sequence[Candidate], size: int, settings: UnitSettings) -> Iterator[str]:
    """Yield why a cover is not convincing."""
    rest = size - unite([unit.mask for unit in units]).bit_count()
    if rest > settings.convincing_rest * size:
        yield f"{rest} of {size} atoms in no unit"
    for unit in units:
        best = unit.readings[0]
        if best.measure > settings.convincing_measure:
            yield f"{best.polyhedron} of {best.size - best.missing}: shape measure {best.measure:.2f}"
        if best.null_rate > settings.convincing_chance:
            share = f"{100 * best.null_rate:.1f} % of random clusters fit as well"
            yield f"{best.polyhedron} of {best.size - best.missing}: {share}"


def _find_kind(candidates: Sequence[Candidate], units: tuple[int, ...]) -> tuple[object, ...]:
    """Return what equivalent covers have in common."""
    best = [candidates[unit].readings[0] for unit in units]
    masks = [candidates[unit].mask for unit in units]
    names = sorted((r.polyhedron, r.pattern.centred, r.missing) for r in best)
    shared = sorted((a & b).bit_count() for a, b in combinations(masks, 2))
    return (*names, *shared, unite(masks).bit_count())


def _repeats(candidates: Sequence[Candidate], cover: RankedCover, earlier: Sequence[RankedCover]) -> bool:
    """Return whether every unit is nearly one of an earlier cover of as many units."""
    return any(
        len(other.units) == len(cover.units)
        and all(
            any(_is_alike(candidates[u].mask, candidates[o].mask) for o in other.units) for u in cover.units
        )
        for other in earlier
    )


def _is_alike(first: int, second: int) -> bool:
    return (first & second).bit_count() >= _ALIKE * (first | second).bit_count()
