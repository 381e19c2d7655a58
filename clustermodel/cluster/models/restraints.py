"""How far are atoms from their targets? Residuals of lengths, angles and contacts, and the fit to them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array, kron, vstack

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.cluster.models.sparse_fit import fit_sparse
from clustermodel.structure.neighbors import find_pairs

__all__ = ["Contacts", "Restraints", "fit_positions", "measure_residuals"]

_STEEP = 0.02  # sine of the angle below which its derivative is held: 1 degree from a line
_AHEAD = 1.0  # Å beyond the shortest distance within which pairs are watched in one round
_ROUNDS = 8  # the list of watched pairs is renewed until no overlap is missing from it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contacts:
    """Shortest distances of atoms that are not bonded.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Kind of each atom.
    closest : ndarray, shape (k, k)
        Shortest distance of two kinds in Å; zero where they do not repel.
    width : float
        Overlap in Å that stands for a residual of one.
    exempt : ndarray of int, shape (m, 2)
        Pairs of atoms that do not repel, the smaller index first.
    """

    kinds: IntArray
    closest: FloatArray = field(metadata={"unit": "Å"})
    width: float = field(metadata={"unit": "Å"})
    exempt: IntArray

    def find(self, positions: FloatArray, ahead: float) -> tuple[IntArray, FloatArray]:
        """Find the pairs that are nearer than their shortest distance and `ahead` more.

        Parameters
        ----------
        positions : ndarray, shape (n, 3)
            Positions in Å.
        ahead : float
            Distance in Å beyond contact.

        Returns
        -------
        pairs : ndarray of int, shape (p, 2)
            Atoms, the smaller index first.
        closest : ndarray, shape (p,)
            Their shortest distance in Å.
        """
        near = find_pairs(positions, float(self.closest.max()) + ahead)
        first, second = np.minimum(near.first, near.second), np.maximum(near.first, near.second)
        closest = self.closest[self.kinds[first], self.kinds[second]]
        n = len(positions)
        free = ~np.isin(first * n + second, self.exempt[:, 0] * n + self.exempt[:, 1])
        keep = free & (closest > 0) & (near.distances < closest + ahead)
        order = np.lexsort((second[keep], first[keep]))
        return np.stack([first[keep], second[keep]], axis=1)[order], closest[keep][order]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Restraints:
    """Everything that positions are fitted to.

    Parameters
    ----------
    pairs : ndarray of int, shape (m, 2)
        Atoms with a target distance.
    lengths, length_widths : ndarray, shape (m,)
        Target distances and widths in Å.
    angles : ndarray of int, shape (k, 3)
        Angles, the apex in the middle. An index from n on is a row of `middles`.
    degrees, degree_widths : ndarray, shape (k,)
        Targets and widths in degrees.
    middles : ndarray, shape (v, n)
        Weights of the atoms of which a row is the middle.
    contacts : Contacts
        Atoms that stay apart.
    """

    pairs: IntArray
    lengths: FloatArray = field(metadata={"unit": "Å"})
    length_widths: FloatArray = field(metadata={"unit": "Å"})
    angles: IntArray
    degrees: FloatArray = field(metadata={"unit": "degree"})
    degree_widths: FloatArray = field(metadata={"unit": "degree"})
    middles: FloatArray
    contacts: Contacts

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        m, k = len(self.pairs), len(self.angles)
        for name, shape in (("pairs", (m, 2)), ("angles", (k, 3))):
            object.__setattr__(self, name, freeze_int(np.reshape(getattr(self, name), shape), shape, name))
        for name, size in (("lengths", m), ("length_widths", m), ("degrees", k), ("degree_widths", k)):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (size,), name))


def measure_residuals(restraints: Restraints, positions: FloatArray) -> dict[str, FloatArray]:
    """Return the residuals of each kind, in units of their widths.

    Parameters
    ----------
    restraints : Restraints
        The targets.
    positions : ndarray, shape (n, 3)
        Positions in Å.

    Returns
    -------
    dict of str to ndarray
        ``"length"``, ``"angle"`` and ``"contact"``; the last holds overlaps alone, as negative numbers.
    """
    watched, closest = restraints.contacts.find(positions, 0.0)
    overlaps, _ = _measure_overlaps(restraints, watched, closest, positions)
    return {
        "length": _measure_lengths(restraints, positions)[0],
        "angle": _measure_angles(restraints, positions)[0],
        "contact": overlaps,
    }


def fit_positions(
    restraints: Restraints,
    start: FloatArray,
    *,
    holds: FloatArray | None = None,
    tolerance: float = 1e-8,
    steps: int = 100,
) -> tuple[FloatArray, float]:
    """Fit positions to restraints.

    Parameters
    ----------
    restraints : Restraints
        The targets.
    start : ndarray, shape (n, 3)
        Positions in Å to start from.
    holds : ndarray, shape (n,), optional
        Shift of each atom from its start in Å that stands for a residual of one, to hold what no target
        holds; none by default.
    tolerance : float, optional
        A round of the fit ends when a step gains less than this part of the sum of squares.
    steps : int, optional
        Most steps in one round.

    Returns
    -------
    positions : ndarray, shape (n, 3)
        Fitted positions in Å.
    cost : float
        Half the sum of the squared residuals.
    """
    positions, cost = start, np.inf
    for _ in range(_ROUNDS):
        watched, closest = restraints.contacts.find(positions, _AHEAD)
        measure = _build_measure(restraints, (watched, closest), (start, holds))
        fit = fit_sparse(measure, positions.ravel(), tolerance=tolerance, steps=steps)
        positions, cost = fit.values.reshape(-1, 3), fit.cost
        overlaps, _ = restraints.contacts.find(positions, 0.0)
        n = len(positions)
        if np.isin(overlaps @ [n, 1], watched @ [n, 1]).all() and fit.converged:
            break
    return positions, cost


def _build_measure(
    restraints: Restraints, watch: tuple[IntArray, FloatArray], hold: tuple[FloatArray, FloatArray | None]
) -> Callable[[FloatArray], tuple[FloatArray, csr_array]]:
    start, holds = hold
    stiffness = None if holds is None else 1 / np.repeat(holds, 3)

    def measure(flat: FloatArray) -> tuple[FloatArray, csr_array]:
        positions = flat.reshape(-1, 3)
        parts = [
            _measure_lengths(restraints, positions),
            _measure_angles(restraints, positions),
            _measure_overlaps(restraints, *watch, positions),
        ]
        if stiffness is not None:
            parts.append(((positions - start).ravel() * stiffness, csr_array(diags_array(stiffness))))
        return np.concatenate([part[0] for part in parts]), vstack([part[1] for part in parts], format="csr")

    return measure


def _spread_slopes(rows: IntArray, atoms: IntArray, slopes: FloatArray, shape: tuple[int, int]) -> csr_array:
    """Return a sparse derivative (m, 3n) from the slope (k, 3) of each row by each atom."""
    columns = (3 * atoms[:, None] + np.arange(3)).ravel()
    return csr_array(coo_array((slopes.ravel(), (np.repeat(rows, 3), columns)), shape=shape))


def _measure_pairs(
    pairs: IntArray, lengths: FloatArray, widths: FloatArray, positions: FloatArray
) -> tuple[FloatArray, FloatArray]:
    vectors = positions[pairs[:, 0]] - positions[pairs[:, 1]]
    distances = np.maximum(np.linalg.norm(vectors, axis=1), 1e-3)
    return (distances - lengths) / widths, vectors / (distances * widths)[:, None]


def _spread_pairs(pairs: IntArray, slopes: FloatArray, n: int) -> csr_array:
    rows = np.arange(len(pairs))
    return _spread_slopes(
        np.concatenate([rows, rows]),
        np.concatenate([pairs[:, 0], pairs[:, 1]]),
        np.vstack([slopes, -slopes]),
        (len(pairs), 3 * n),
    )


def _measure_lengths(restraints: Restraints, positions: FloatArray) -> tuple[FloatArray, csr_array]:
    residuals, slopes = _measure_pairs(
        restraints.pairs, restraints.lengths, restraints.length_widths, positions
    )
    return residuals, _spread_pairs(restraints.pairs, slopes, len(positions))


def _measure_overlaps(
    restraints: Restraints, watched: IntArray, closest: FloatArray, positions: FloatArray
) -> tuple[FloatArray, csr_array]:
    widths = np.full(len(watched), restraints.contacts.width)
    residuals, slopes = _measure_pairs(watched, closest, widths, positions)
    slopes = slopes * (residuals < 0)[:, None]
    return np.minimum(residuals, 0.0), _spread_pairs(watched, slopes, len(positions))


def _measure_angles(restraints: Restraints, positions: FloatArray) -> tuple[FloatArray, csr_array]:
    n = len(positions)
    points = np.vstack([positions, restraints.middles @ positions])
    one, apex, two = restraints.angles.T
    first, second = points[one] - points[apex], points[two] - points[apex]
    length_one, length_two = np.linalg.norm(first, axis=1), np.linalg.norm(second, axis=1)
    u, v = first / length_one[:, None], second / length_two[:, None]
    cosine = np.clip(np.sum(u * v, axis=1), -1, 1)
    sine = np.maximum(np.sqrt(1 - cosine**2), _STEEP)
    scale = 180 / np.pi / restraints.degree_widths
    by_one = -(scale / (sine * length_one))[:, None] * (v - cosine[:, None] * u)
    by_two = -(scale / (sine * length_two))[:, None] * (u - cosine[:, None] * v)
    rows = np.arange(len(one))
    outer = _spread_slopes(
        np.concatenate([rows, rows, rows]),
        np.concatenate([one, two, apex]),
        np.vstack([by_one, by_two, -by_one - by_two]),
        (len(one), 3 * len(points)),
    )
    weights = csr_array(kron(csr_array(restraints.middles), np.eye(3)))
    slopes = outer[:, : 3 * n] + outer[:, 3 * n :] @ weights
    residuals = (np.degrees(np.arccos(cosine)) - restraints.degrees) / restraints.degree_widths
    return residuals, csr_array(slopes)
