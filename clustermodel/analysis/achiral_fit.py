"""How far is a set of atoms from the nearest achiral one? The continuous chirality measure.

``CCM = 100 min Σ|x_i - y_i|² / Σ|x_i - centroid|²`` over all sets y that have an improper operation
:cite:t:`zabrodsky1995`: 0 is achiral, a small number is a small distortion of an achiral arrangement. It
is enough to look at the inversion, mirror planes and S4 axes: every other achiral group holds one of them,
but for those whose only improper operation is S8, S16, ..., which no cluster is known to have.

Method. For a given operation R the nearest symmetric set is the mean of the set and its images, each atom
with its partners. The partners come from linear assignment among like atoms, exact; those of a mirror plane
or the inversion must be mutual, which `mutual_pairs` sees to. The inversion needs no search. For mirror
planes and S4 axes many directions over the hemisphere are ranked by the distance to the nearest atoms; from
the best, assignment and fit of the axis (exact) follow each other until nothing changes. How many of these
starts end in the best value is the certificate.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float
from clustermodel.analysis.like_atoms import LikeAtoms, pair_like_atoms
from clustermodel.analysis.mutual_pairs import find_cycles, pair_mutually
from clustermodel.analysis.rigid_fit import build_operation, fit_axis, fit_cyclic_axis, spread_directions

__all__ = ["AchiralFit", "fit_achiral", "orient_atoms"]

_ROUNDS = 30  # assignments and fits in turn; each lowers the sum of squares, about 4 are needed
_MEANS = 10  # means taken to find consistent partners; two or three are enough where the symmetry is near
_TRIED = 6  # distinct best assignments whose partners are made mutual
_ZERO = 1e-9  # per cent: an exact symmetry but for rounding, below which nothing better is to be found
_SAME = 0.01  # of the value: starts that end within 1 % found the same answer for all purposes
_FAMILIES = (("σ", 0.0, 2), ("S4", math.pi / 2, 4))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AchiralFit:
    """The nearest achiral arrangement of a set of atoms.

    Parameters
    ----------
    measure : float
        Continuous chirality measure, 0 to 100.
    relaxed : float
        The same for the operation found without the condition that partners are mutual: a smaller value means
        that better partners than those used cannot be excluded below it.
    operation : str
        ``"i"``, ``"σ"`` or ``"S4"``.
    axis : ndarray, shape (3,)
        Unit vector along the axis or normal to the plane; zero for the inversion.
    starts : int
        Directions from which the operations of this kind were fitted; 1 for the inversion.
    agreeing : int
        How many of them ended within 1 % of the best.
    """

    measure: float = field(metadata={"unit": "%"})
    relaxed: float = field(metadata={"unit": "%"})
    operation: str
    axis: FloatArray
    starts: int = field(metadata={"unit": ""})
    agreeing: int = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the axis."""
        object.__setattr__(self, "axis", freeze_float(self.axis, (3,), "axis"))


class _Trial(NamedTuple):
    """An operation with partners; `value` without the condition that they are mutual."""

    value: float
    axis: FloatArray
    partners: IntArray


def fit_achiral(
    kinds: IntArray,
    positions: FloatArray,
    *,
    directions: int = 400,
    starts: int = 24,
    hints: tuple[FloatArray, ...] = (),
) -> AchiralFit:
    """Fit the nearest achiral arrangement.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Atoms with the same number are alike.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å, the centroid at the origin.
    directions : int, optional
        Directions over the hemisphere that are ranked.
    starts : int, optional
        The best of them from which the fit starts.
    hints : tuple of ndarray, shape (3,), optional
        Axes to start from too, such as those of a part of these atoms.

    Returns
    -------
    AchiralFit
        The measure with its operation.

    Examples
    --------
    >>> fit = fit_achiral(np.zeros(3, dtype=int), np.array([[1.0, 0, 0], [0, 1, 0], [-1, -1, 0]]))
    >>> round(fit.measure, 6), fit.operation
    (0.0, 'σ')
    """
    fitter = _Fitter(kinds, positions)
    best = fitter.fit_inversion()
    for name, angle, order in _FAMILIES:
        if best.measure > _ZERO:
            axes = (*hints, *fitter.rank_axes(angle, directions)[:starts])
            found = fitter.fit_family((name, angle, order), axes)
            best = found if found is not None and found.measure < best.measure else best
    return best


def orient_atoms(positions: FloatArray) -> FloatArray:
    """Return axes that turn with the atoms: of least to largest extent, right-handed.

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å, the centroid at the origin.

    Returns
    -------
    ndarray, shape (3, 3)
        One axis in each row; the third moments along the first two are not negative.

    Examples
    --------
    >>> cross = np.array([[3.0, 0, 0], [-1, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0]])
    >>> np.abs(orient_atoms(cross)[0]).tolist()
    [0.0, 0.0, 1.0]
    """
    axes = np.asarray(np.linalg.eigh(positions.T @ positions)[1].T)
    third = np.sum((positions @ axes.T) ** 3, axis=0)
    axes = np.where(third < 0, -1.0, 1.0)[:, None] * axes
    axes[0] *= np.sign(np.linalg.det(axes))
    return np.asarray(axes + 0.0)


class _Fitter:
    """The atoms with what the fits need."""

    def __init__(self, kinds: IntArray, positions: FloatArray) -> None:
        self.kinds = kinds
        self.positions = positions
        self.size = max(float(np.sum(positions**2)), np.finfo(float).tiny)
        self.like = LikeAtoms(kinds, positions)

    def fit_inversion(self) -> AchiralFit:
        """Fit the inversion."""
        images = -self.positions
        assigned = pair_like_atoms(self.kinds, images, self.positions)
        partners = pair_mutually(self.kinds, images, self.positions, assigned)
        return AchiralFit(
            measure=self._measure(-np.eye(3), partners, 2),
            relaxed=self._relax(images, assigned),
            operation="i",
            axis=np.zeros(3),
            starts=1,
            agreeing=1,
        )

    def fit_family(self, family: tuple[str, float, int], axes: tuple[FloatArray, ...]) -> AchiralFit | None:
        """Fit the operations of one angle; None if no partners suit the order of the operation."""
        name, angle, order = family
        trials = sorted((self._descend(axis, angle) for axis in axes), key=lambda trial: trial.value)
        distinct = {trial.partners.tobytes(): trial for trial in reversed(trials)}
        answers = [
            answer
            for trial in sorted(distinct.values(), key=lambda t: t.value)[:_TRIED]
            if (answer := self._finish(trial, angle, order)) is not None
        ]
        if not answers:
            return None
        measure, axis, relaxed = min(answers, key=lambda answer: answer[0])
        limit = trials[0].value * (1 + _SAME) + _ZERO
        return AchiralFit(
            measure=measure,
            relaxed=relaxed,
            operation=name,
            axis=axis,
            starts=len(trials),
            agreeing=sum(trial.value <= limit for trial in trials),
        )

    def rank_axes(self, angle: float, directions: int) -> FloatArray:
        """Return directions of the axis, the most promising first."""
        frame = orient_atoms(self.positions)
        axes = np.concatenate([frame, spread_directions(directions) @ frame])
        matrices = np.array([build_operation(axis, angle, improper=True) for axis in axes])
        distances = self.like.find_nearest(self.positions @ np.swapaxes(matrices, 1, 2))[0]
        return axes[np.argsort(np.sum(distances**2, axis=1), kind="stable")]

    def _descend(self, axis: FloatArray, angle: float) -> _Trial:
        """Assign partners and fit the axis in turn until the sum of squares stays."""
        best = self._assign(axis, angle)
        for _ in range(_ROUNDS):
            fitted = fit_axis(self.positions, self.positions[best.partners], angle, improper=True)
            trial = self._assign(fitted, angle)
            if trial.value >= best.value - _ZERO:
                break
            best = trial
        return best

    def _assign(self, axis: FloatArray, angle: float) -> _Trial:
        images = self.positions @ build_operation(axis, angle, improper=True).T
        partners = pair_like_atoms(self.kinds, images, self.positions)
        return _Trial(self._relax(images, partners), axis, partners)

    def _finish(self, trial: _Trial, angle: float, order: int) -> tuple[float, FloatArray, float] | None:
        """Return the measure for partners that suit the order, with axis and relaxed value."""
        matrix = build_operation(trial.axis, angle, improper=True)
        if order == 2:
            images = self.positions @ matrix.T
            partners = pair_mutually(self.kinds, images, self.positions, trial.partners)
        else:
            partners = self._close_orbits(matrix, trial.partners, order)
        if any(order % len(cycle) for cycle in find_cycles(partners)):
            return None
        axis = fit_cyclic_axis(self.positions, partners, angle, improper=True, order=order)
        best = build_operation(axis, angle, improper=True)
        return self._measure(best, partners, order), axis, self._assign(axis, angle).value

    def _close_orbits(self, matrix: FloatArray, partners: IntArray, order: int) -> IntArray:
        """Return partners whose cycles suit the order, found on the mean of the set and its images.

        The mean is nearer to the symmetry than the set, so its partners are more consistent. They are
        returned as they are if a few rounds do not settle them.
        """
        mean = self.positions
        for _ in range(_MEANS):
            if all(order % len(cycle) == 0 for cycle in find_cycles(partners)):
                break
            images, total = mean, self.positions
            for _ in range(order - 1):
                images = images @ matrix  # R^-1 on columns
                total = total + images[pair_like_atoms(self.kinds, self.positions, images)]
            mean = total / order
            partners = pair_like_atoms(self.kinds, mean @ matrix.T, mean)
        return partners

    def _relax(self, images: FloatArray, partners: IntArray) -> float:
        return 25 * float(np.sum((images - self.positions[partners]) ** 2)) / self.size

    def _measure(self, matrix: FloatArray, partners: IntArray, order: int) -> float:
        """Return the distance to the mean of the set and its images, in per cent of its size."""
        mean, power, chain = np.zeros_like(self.positions), np.eye(3), np.arange(len(partners))
        for _ in range(order):
            mean = mean + self.positions[chain] @ power / order  # rows times R^k: R^-k on columns
            power, chain = power @ matrix, partners[chain]
        return 100 * float(np.sum((self.positions - mean) ** 2)) / self.size
