"""How well can a set of atoms be laid on its mirror image? The Hausdorff chirality measure.

``H = min h(Q, Q') / d(Q)`` over all positions and orientations of the mirror image Q' :cite:t:`buda1992`:
h is the Hausdorff distance, the largest distance of an atom of either set from the nearest like atom of
the other; d is the diameter. H is 0 for an achiral set; it does not pair atoms one to one.

Method. Orientations spread over all rotations, and the operations of the nearest achiral arrangement, are
ranked by their Hausdorff distance; from the best, orientation and position are changed so that the largest
distance to the nearest atoms falls (sequential quadratic programming), with the nearest atoms found anew
until nothing is gained. The problem has many local minima: how many starts end in the best value is the
certificate, and the value is an upper bound of H.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.distance import pdist

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.achiral_fit import orient_atoms
from clustermodel.analysis.like_atoms import LikeAtoms
from clustermodel.analysis.rigid_fit import build_operation, spread_rotations

__all__ = ["HausdorffFit", "fit_mirror_image"]

_ROUNDS = 12  # searches for nearest atoms; the distance falls each time, 3 are usual
_STEPS = 6  # of the optimiser between two searches: the nearest atoms change soon
_ACTIVE = 40  # largest distances that are held down together; six decide
_GAIN = 1e-6  # Å: less is rounding
_ZERO = 1e-3  # Å: coordinates are given to three decimals, nothing better is to be found
_SAME = 0.01  # of the value: starts that end within 1 % found the same answer for all purposes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HausdorffFit:
    """The best superposition of a set of atoms and its mirror image found.

    Parameters
    ----------
    measure : float
        Hausdorff chirality measure, 0 to 1.
    distance : float
        Hausdorff distance of the superposition in Å.
    diameter : float
        Largest distance of two atoms in Å.
    starts : int
        Orientations from which the fit started; fewer than asked for where the distance is zero.
    agreeing : int
        How many of them ended within 1 % of the best.
    """

    measure: float = field(metadata={"unit": ""})
    distance: float = field(metadata={"unit": "Å"})
    diameter: float = field(metadata={"unit": "Å"})
    starts: int = field(metadata={"unit": ""})
    agreeing: int = field(metadata={"unit": ""})


class _Nearest(NamedTuple):
    """The Hausdorff distance, and every image with the atom nearest to it, from both sides."""

    distance: float
    images: IntArray
    atoms: IntArray


def fit_mirror_image(
    kinds: IntArray,
    positions: FloatArray,
    *,
    hints: tuple[FloatArray, ...] = (),
    orientations: int = 3000,
    starts: int = 24,
) -> HausdorffFit:
    """Lay the mirror image of a set of atoms on it.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Atoms with the same number are alike.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å, the centroid at the origin.
    hints : tuple of ndarray, shape (3, 3), optional
        Improper operations to start from too.
    orientations : int, optional
        Orientations that are ranked.
    starts : int, optional
        The best of them from which the fit starts.

    Returns
    -------
    HausdorffFit
        The best superposition.

    Examples
    --------
    >>> fit = fit_mirror_image(np.zeros(3, dtype=int), np.array([[1.0, 0, 0], [0, 1, 0], [-1, -1, 0]]))
    >>> abs(round(fit.measure, 3))
    0.0
    """
    overlay = _Overlay(kinds, positions)
    found = [overlay.settle(matrix) for matrix in hints]
    if min(found, default=math.inf) > _ZERO:
        for matrix in overlay.rank(orientations)[:starts]:
            found.append(overlay.settle(matrix))
            if found[-1] <= _ZERO:
                break
    best = min(found)
    diameter = float(pdist(positions).max()) if len(positions) > 1 else 0.0
    return HausdorffFit(
        measure=best / diameter if diameter > 0 else 0.0,
        distance=best,
        diameter=diameter,
        starts=len(found),
        agreeing=sum(value <= best * (1 + _SAME) + _GAIN for value in found),
    )


class _Overlay:
    """A set of atoms on which its mirror image is laid."""

    def __init__(self, kinds: IntArray, positions: FloatArray) -> None:
        self.positions = positions
        self.like = LikeAtoms(kinds, positions)

    def rank(self, orientations: int) -> FloatArray:
        """Return improper matrices spread over all orientations, the best first."""
        frame = orient_atoms(self.positions)
        matrices = -frame.T @ spread_rotations(orientations) @ frame
        largest = np.zeros(len(matrices))
        for side in (np.swapaxes(matrices, 1, 2), matrices):
            largest = np.maximum(largest, self.like.find_nearest(self.positions @ side)[0].max(axis=1))
        return matrices[np.argsort(largest, kind="stable")]

    def settle(self, matrix: FloatArray) -> float:
        """Return the Hausdorff distance of the local minimum that one orientation leads to."""
        shift = np.zeros(3)
        nearest = self._find_nearest(matrix, shift)
        for _ in range(_ROUNDS):
            turned, moved = self._improve(matrix, shift, nearest)
            found = self._find_nearest(turned, moved)
            if found.distance >= nearest.distance - _GAIN:
                break
            matrix, shift, nearest = turned, moved, found
        return nearest.distance

    def _find_nearest(self, matrix: FloatArray, shift: FloatArray) -> _Nearest:
        own = np.arange(len(self.positions))
        there, atoms = self.like.find_nearest(self.positions @ matrix.T + shift)
        back, images = self.like.find_nearest((self.positions - shift) @ matrix)
        return _Nearest(
            distance=max(float(there.max()), float(back.max())),
            images=np.concatenate([own, images]),
            atoms=np.concatenate([atoms, own]),
        )

    def _improve(
        self, matrix: FloatArray, shift: FloatArray, nearest: _Nearest
    ) -> tuple[FloatArray, FloatArray]:
        """Turn and move the image so that the largest of the distances falls."""
        source = self.positions[nearest.images] @ matrix.T
        target = self.positions[nearest.atoms]
        squares = np.sum((source + shift - target) ** 2, axis=1)
        active = np.argsort(-squares, kind="stable")[:_ACTIVE]
        source, target = source[active], target[active]

        def slack(step: FloatArray) -> FloatArray:
            gaps = source @ _turn(step[:3]).T + step[3:6] - target
            return np.asarray(step[6] - np.sum(gaps**2, axis=1))

        def slopes(step: FloatArray) -> FloatArray:
            moved = source @ _turn(step[:3]).T
            gaps = moved + step[3:6] - target
            return np.concatenate([-2 * np.cross(moved, gaps), -2 * gaps, np.ones((len(gaps), 1))], axis=1)

        start = np.concatenate([np.zeros(3), shift, [squares.max()]])
        step = minimize(
            lambda step: step[6],
            start,
            jac=lambda _: np.eye(7)[6],
            constraints=[{"type": "ineq", "fun": slack, "jac": slopes}],
            method="SLSQP",
            options={"maxiter": _STEPS, "ftol": _GAIN},
        ).x
        return _turn(step[:3]) @ matrix, step[3:6]


def _turn(vector: FloatArray) -> FloatArray:
    """Return the rotation about a vector through its length in radians."""
    angle = math.sqrt(float(vector @ vector))
    return build_operation(vector / angle, angle) if angle > 0 else np.eye(3)
