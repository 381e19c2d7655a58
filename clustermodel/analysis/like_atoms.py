"""Which like atom is nearest to a place, and which like atoms belong together?

Atoms are alike if they are of one element. A search tree of four dimensions, the fourth far apart for unlike
atoms, finds like atoms alone.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from clustermodel._arrays import FloatArray, IntArray

__all__ = ["LikeAtoms", "measure_resolution", "number_kinds", "pair_like_atoms"]

_APART = 1e3  # Å between unlike atoms in the fourth dimension: never neighbours


def number_kinds(elements: Sequence[str]) -> IntArray:
    """Give like atoms the same number.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.

    Returns
    -------
    ndarray of int, shape (n,)
        Numbers from zero, in the order of the symbols.

    Examples
    --------
    >>> number_kinds(["S", "Au", "S"]).tolist()
    [1, 0, 1]
    """
    return np.unique(np.array(list(elements)), return_inverse=True)[1].reshape(-1).astype(np.int64)


class LikeAtoms:
    """Atoms among which the nearest like one is looked for.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Atoms with the same number are alike.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.

    Examples
    --------
    >>> atoms = LikeAtoms(np.array([0, 1]), np.array([[0.0, 0, 0], [1, 0, 0]]))
    >>> distances, nearest = atoms.find_nearest(np.array([[[0.4, 0, 0], [0.4, 0, 0]]]))
    >>> distances.round(3).tolist(), nearest.tolist()
    ([[0.4, 0.6]], [[0, 1]])
    """

    def __init__(self, kinds: IntArray, positions: FloatArray) -> None:
        self._kinds = kinds
        self._tree = cKDTree(self._lift(positions))

    def _lift(self, points: FloatArray) -> FloatArray:
        kinds = np.tile(self._kinds, len(points) // len(self._kinds))
        return np.concatenate([points, _APART * kinds[:, None]], axis=1)

    def find_nearest(self, images: FloatArray) -> tuple[FloatArray, IntArray]:
        """Find the like atom nearest to each image of the atoms.

        Parameters
        ----------
        images : ndarray, shape (..., n, 3)
            Images of all atoms, in their order.

        Returns
        -------
        tuple of ndarray, shape (..., n)
            Distances in Å and atoms.
        """
        distances, atoms = self._tree.query(self._lift(images.reshape(-1, 3)))
        shape = images.shape[:-1]
        return np.asarray(distances).reshape(shape), np.asarray(atoms, dtype=np.int64).reshape(shape)

    def measure_spacing(self) -> float:
        """Measure the shortest distance between like atoms.

        Returns
        -------
        float
            In Å; infinite if no two are alike.
        """
        if len(self._kinds) < 2:
            return math.inf
        nearest = float(self._tree.query(self._tree.data, k=2)[0][:, 1].min())
        return nearest if nearest < _APART / 2 else math.inf


def measure_resolution(kinds: IntArray, positions: FloatArray) -> float:
    """Measure up to which tolerance the partner of an atom is beyond doubt.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Atoms with the same number are alike.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.

    Returns
    -------
    float
        Half of the shortest distance between like atoms in Å; infinite if no two are alike.

    Examples
    --------
    >>> measure_resolution(np.array([0, 0, 1]), np.array([[0.0, 0, 0], [3, 0, 0], [1, 0, 0]]))
    1.5
    """
    return LikeAtoms(kinds, positions).measure_spacing() / 2


def pair_like_atoms(kinds: IntArray, images: FloatArray, positions: FloatArray) -> IntArray:
    """Pair images with like atoms so that the sum of squared distances is least.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Atoms with the same number are alike.
    images, positions : ndarray, shape (n, 3)
        Images of the atoms and the atoms.

    Returns
    -------
    ndarray of int, shape (n,)
        The atom that belongs to every image.

    Examples
    --------
    >>> line = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])
    >>> pair_like_atoms(np.zeros(3, dtype=int), -line + (2, 0, 0), line).tolist()
    [2, 1, 0]
    """
    permutation = np.empty(len(kinds), dtype=np.int64)
    for kind in np.unique(kinds):
        atoms = np.flatnonzero(kinds == kind)
        columns = linear_sum_assignment(-images[atoms] @ positions[atoms].T)[1]
        permutation[atoms] = atoms[columns]
    return permutation
