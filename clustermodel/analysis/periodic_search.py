"""Which points of one list are near points of another, lattice translations included?"""

import itertools
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.structure.cell import Cell

__all__ = ["CrossPairs", "find_cross_pairs"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossPairs:
    """Points of one list near points of another.

    Parameters
    ----------
    first, second : ndarray of int, shape (p,)
        Rows of the two lists.
    shifts : ndarray of int, shape (p, 3)
        Cell translation of the second point.
    distances : ndarray, shape (p,)
        Distances in Å.
    """

    first: IntArray
    second: IntArray
    shifts: IntArray
    distances: FloatArray = field(metadata={"unit": "Å"})


def find_cross_pairs(cell: Cell, first: FloatArray, second: FloatArray, cutoff: float) -> CrossPairs:
    """Find all pairs of a point and a lattice image of another point within a cut-off.

    Parameters
    ----------
    cell : Cell
        The unit cell.
    first, second : ndarray, shape (m, 3) and (n, 3)
        Fractional coordinates, anywhere.
    cutoff : float
        Largest distance in Å; it may exceed the cell.

    Returns
    -------
    CrossPairs
        All pairs, sorted by their rows and the shift; a point in both lists meets itself.

    Examples
    --------
    >>> cube = Cell(lengths=(3, 3, 3), angles=(90, 90, 90))
    >>> len(find_cross_pairs(cube, np.zeros((1, 3)), np.full((1, 3), 0.5), 2.6).distances)
    8
    """
    if not len(first) or not len(second):
        empty = np.zeros(0, dtype=np.int64)
        return CrossPairs(first=empty, second=empty, shifts=np.zeros((0, 3), np.int64), distances=np.zeros(0))
    bases = np.floor(first).astype(np.int64), np.floor(second).astype(np.int64)
    row, step = _images(cell, first - bases[0], second - bases[1], cutoff)
    tree = cKDTree((first - bases[0]) @ cell.matrix)
    images = cKDTree((second[row] - bases[1][row] + step) @ cell.matrix)
    near = tree.sparse_distance_matrix(images, cutoff, output_type="ndarray")
    one, found = near["i"].astype(np.int64), near["j"].astype(np.int64)
    two, shifts = row[found], step[found] + bases[0][one] - bases[1][row[found]]
    order = np.lexsort((*shifts.T, two, one))
    return CrossPairs(first=one[order], second=two[order], shifts=shifts[order], distances=near["v"][order])


def _images(cell: Cell, first: FloatArray, second: FloatArray, cutoff: float) -> tuple[IntArray, IntArray]:
    """Return the images (row, shift) of points in [0, 1) within the cut-off of the box round the others."""
    margin = cutoff * np.linalg.norm(cell.inverse, axis=0)
    low, high = first.min(axis=0) - margin, first.max(axis=0) + margin
    steps = [range(int(np.floor(a)), int(np.floor(b)) + 1) for a, b in zip(low, high, strict=True)]
    rows, shifts = [], []
    for step in itertools.product(*steps):
        moved = second + np.array(step)
        chosen = np.flatnonzero(np.all((moved >= low) & (moved <= high), axis=1))
        rows.append(chosen)
        shifts.append(np.tile(step, (len(chosen), 1)))
    return np.concatenate(rows).astype(np.int64), np.concatenate(shifts).astype(np.int64)
