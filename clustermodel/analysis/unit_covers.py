"""Which units together make up a kernel? The cheapest ways to cover it.

A unit costs 1 and more if it is distorted; an atom in no unit costs 1. So a kernel is read as few pieces of
good shape as possible, and units may share atoms at will; of equal costs the larger units come first. The
search keeps the best covers of every number of units; it proves nothing, but a cover of few units is hardly
missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import FloatArray

__all__ = ["find_covers"]

_BEAM = 200  # covers kept of every number of units; 100 and 400 found the same on 15 kernels, 50 missed two
_FEWEST_NEW = 2  # atoms that a unit must add: fewer cost no more as single atoms


def find_covers(
    masks: Sequence[int], costs: Sequence[float], strains: Sequence[float], size: int
) -> list[tuple[float, tuple[int, ...]]]:
    """Find the cheapest covers of a set by units.

    Parameters
    ----------
    masks : sequence of int
        Atoms of each unit, one bit each.
    costs : sequence of float
        Cost of each unit; an atom left over costs 1.
    strains : sequence of float
        Distortion of each unit; one that lies in a larger and less distorted one is not needed.
    size : int
        Number of atoms.

    Returns
    -------
    list of (float, tuple of int)
        Cost and units of every cover that holds no useless unit, cheapest first.

    Examples
    --------
    >>> find_covers([0b0111, 0b1110, 0b0011], [1.0, 1.5, 1.0], [0.1, 0.6, 0.1], 4)[0]
    (2.0, (0,))
    """
    useful = _drop_dominated(masks, strains)
    held = np.array([[masks[unit] >> atom & 1 for atom in range(size)] for unit in useful], dtype=np.float64)
    prices = np.array([costs[unit] for unit in useful])
    beam = _Beam(rows=[()], costs=np.array([float(size)]), free=np.ones((1, size)))
    covers: list[tuple[float, tuple[int, ...]]] = []
    while beam.rows and useful:
        beam = _grow(beam, held, prices)
        covers += zip(beam.costs.tolist(), beam.rows, strict=True)
    named = [(cost, tuple(sorted(useful[row] for row in rows))) for cost, rows in covers]
    needed = [(cost, units) for cost, units in named if _all_needed(units, masks)]
    return sorted(needed, key=lambda c: (round(c[0], 6), -sum(masks[u].bit_count() for u in c[1]), c[1]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Beam:
    """Covers of one number of units: these, their costs, and the atoms left free (1) or held (0)."""

    rows: list[tuple[int, ...]]
    costs: FloatArray
    free: FloatArray


def _grow(beam: _Beam, held: FloatArray, prices: FloatArray) -> _Beam:
    """Return the cheapest covers of one unit more."""
    new = beam.free @ held.T
    totals = beam.costs[:, None] - new + prices
    totals[(new < _FEWEST_NEW) | (prices >= new)] = np.inf
    grown: dict[tuple[int, ...], tuple[int, int]] = {}
    for place in np.argsort(totals, axis=None, kind="stable").tolist():
        row, unit = divmod(place, len(prices))
        if len(grown) == _BEAM or np.isinf(totals[row, unit]):
            break
        grown.setdefault(tuple(sorted((*beam.rows[row], unit))), (row, unit))
    places = np.array(list(grown.values()), dtype=np.int64).reshape(-1, 2)
    row, unit = places[:, 0], places[:, 1]
    return _Beam(rows=list(grown), costs=totals[row, unit], free=beam.free[row] * (1 - held[unit]))


def _drop_dominated(masks: Sequence[int], strains: Sequence[float]) -> list[int]:
    """Return the units that do not lie in a larger one which is no more distorted."""
    kept: list[int] = []
    holders: dict[
        int, list[int]
    ] = {}  # units kept by each of their atoms: only these can hold another's first
    for unit in sorted(range(len(masks)), key=lambda u: (-masks[u].bit_count(), strains[u])):
        mask = masks[unit]
        rivals = holders.get(mask & -mask, [])
        if any(mask & masks[other] == mask and strains[other] <= strains[unit] for other in rivals):
            continue
        kept.append(unit)
        for atom in range(mask.bit_length()):
            if mask >> atom & 1:
                holders.setdefault(1 << atom, []).append(unit)
    return kept


def _all_needed(units: tuple[int, ...], masks: Sequence[int]) -> bool:
    """Return whether every unit holds atoms that no other one of the cover holds."""
    for unit in units:
        others = 0
        for other in units:
            others |= masks[other] if other != unit else 0
        if (masks[unit] & ~others).bit_count() < _FEWEST_NEW:
            return False
    return True
