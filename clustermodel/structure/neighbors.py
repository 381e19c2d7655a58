"""Which atoms are near which? Pairs within a cut-off, with or without a lattice, in linear time."""

import itertools
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.structure.cell import Cell

__all__ = ["Pairs", "find_pairs", "find_periodic_pairs"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Pairs of atoms within a cut-off, each pair once.

    Parameters
    ----------
    first, second : ndarray of int, shape (m,)
        Atom indices.
    shifts : ndarray of int, shape (m, 3)
        Cell translation of the second atom.
    distances : ndarray, shape (m,)
        Distances in Å.
    """

    first: IntArray
    second: IntArray
    shifts: IntArray
    distances: FloatArray = field(metadata={"unit": "Å"})

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.distances)

    def select(self, mask: IntArray | BoolArray) -> "Pairs":
        """Return the pairs chosen by a boolean mask or by indices.

        Parameters
        ----------
        mask : ndarray
            Mask of length m, or indices.

        Returns
        -------
        Pairs
            The chosen pairs.
        """
        return Pairs(
            first=self.first[mask],
            second=self.second[mask],
            shifts=self.shifts[mask],
            distances=self.distances[mask],
        )


def find_pairs(positions: FloatArray, cutoff: float) -> Pairs:
    """Find all pairs of a molecule within a cut-off.

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.
    cutoff : float
        Largest distance in Å.

    Returns
    -------
    Pairs
        Pairs with ``first < second``, sorted.

    Examples
    --------
    >>> pairs = find_pairs(np.array([[0.0, 0, 0], [1, 0, 0], [5, 0, 0]]), 2.0)
    >>> pairs.first.tolist(), pairs.second.tolist()
    ([0], [1])
    """
    if len(positions) < 2:
        return _none()
    found = cKDTree(positions).query_pairs(cutoff, output_type="ndarray").astype(np.int64)
    found = np.sort(found, axis=1)
    found = found[np.lexsort((found[:, 1], found[:, 0]))]
    distances = np.linalg.norm(positions[found[:, 1]] - positions[found[:, 0]], axis=1)
    return Pairs(
        first=found[:, 0],
        second=found[:, 1],
        shifts=np.zeros((len(found), 3), dtype=np.int64),
        distances=distances,
    )


def find_periodic_pairs(cell: Cell, fract: FloatArray, cutoff: float) -> Pairs:
    """Find all pairs of a crystal within a cut-off, images included.

    Parameters
    ----------
    cell : Cell
        The unit cell.
    fract : ndarray, shape (n, 3)
        Fractional coordinates, anywhere.
    cutoff : float
        Largest distance in Å; it may exceed the cell.

    Returns
    -------
    Pairs
        Each pair once; ``second`` is displaced by ``shifts`` cells. An atom and its own
        image form a pair too.

    Examples
    --------
    >>> cube = Cell(lengths=(3, 3, 3), angles=(90, 90, 90))
    >>> len(find_periodic_pairs(cube, np.zeros((1, 3)), 3.1))  # half of six neighbours
    3
    """
    if len(fract) == 0:
        return _none()
    base = np.floor(fract).astype(np.int64)
    inside = fract - base
    image, shift = _images(cell, inside, cutoff)
    points = inside @ cell.matrix
    all_points = (inside[image] + shift) @ cell.matrix
    tree = cKDTree(points)
    near = tree.sparse_distance_matrix(cKDTree(all_points), cutoff, output_type="ndarray")
    first, found = near["i"].astype(np.int64), near["j"].astype(np.int64)
    second, shifts = image[found], shift[found]
    keep = _half(first, second, shifts)
    first, second, shifts = first[keep], second[keep], shifts[keep]
    order = np.lexsort((*shifts.T, second, first))
    first, second, shifts = first[order], second[order], shifts[order]
    distances = near["v"][keep][order]
    return Pairs(
        first=first,
        second=second,
        shifts=shifts + base[first] - base[second],
        distances=distances,
    )


def _images(cell: Cell, inside: FloatArray, cutoff: float) -> tuple[IntArray, IntArray]:
    """Return the images (index, shift) of atoms in [0, 1) within `cutoff` of the cell."""
    heights = 1.0 / np.linalg.norm(cell.inverse, axis=0)
    margin = cutoff / heights
    reach = np.ceil(margin).astype(int)
    indices, shifts = [], []
    for step in itertools.product(*(range(-r, r + 1) for r in reach.tolist())):
        moved = inside + np.array(step)
        keep = np.all((moved >= -margin) & (moved <= 1 + margin), axis=1)
        chosen = np.flatnonzero(keep)
        indices.append(chosen)
        shifts.append(np.tile(step, (len(chosen), 1)))
    return np.concatenate(indices).astype(np.int64), np.concatenate(shifts).astype(np.int64)


def _half(first: IntArray, second: IntArray, shifts: IntArray) -> BoolArray:
    """Return the mask that keeps each unordered pair once and drops atoms with themselves."""
    sign = np.sign(shifts @ np.array([1 << 40, 1 << 20, 1]))
    mask: BoolArray = (first < second) | ((first == second) & (sign > 0))
    return mask


def _none() -> Pairs:
    empty = np.zeros(0, dtype=np.int64)
    return Pairs(first=empty, second=empty, shifts=np.zeros((0, 3), dtype=np.int64), distances=np.zeros(0))
