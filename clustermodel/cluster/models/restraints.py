"""How far are atoms from their targets? Residuals of lengths, angles and contacts, and the fit to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, diags_array, eye_array, kron, vstack

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.cluster.models.sparse_fit import fit_sparse
from clustermodel.structure.neighbors import find_pairs

__all__ = ["Contacts", "Restraints", "build_measure", "fit_positions", "measure_residuals"]

_STEEP = 0.02  # sine of the angle below which its derivative is held: 1 degree from a line
_NEAR = 1e-3  # Å; keeps the direction of two atoms in one place finite


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

    def find(self, positions: FloatArray) -> tuple[IntArray, FloatArray]:
        """Find the pairs that are nearer than their shortest distance.

        Parameters
        ----------
        positions : ndarray, shape (n, 3)
            Positions in Å.

        Returns
        -------
        pairs : ndarray of int, shape (p, 2)
            Atoms, the smaller index first.
        closest : ndarray, shape (p,)
            Their shortest distance in Å.
        """
        near = find_pairs(positions, float(self.closest.max()))
        first, second = np.minimum(near.first, near.second), np.maximum(near.first, near.second)
        closest = self.closest[self.kinds[first], self.kinds[second]]
        deep = near.distances < closest
        first, second, closest = first[deep], second[deep], closest[deep]
        free = ~np.isin(first * len(positions) + second, self.exempt @ [len(positions), 1])
        order = np.lexsort((second[free], first[free]))
        return np.stack([first[free], second[free]], axis=1)[order], closest[free][order]


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
    tethers : ndarray of int, shape (t, 2)
        Atoms that cannot move apart by more than a length, such as the donors of a chelate.
    longest, tether_widths : ndarray, shape (t,)
        Their longest distances and widths in Å; a residual only beyond.
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
    tethers: IntArray
    longest: FloatArray = field(metadata={"unit": "Å"})
    tether_widths: FloatArray = field(metadata={"unit": "Å"})
    contacts: Contacts

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        m, k, t = len(self.pairs), len(self.angles), len(self.tethers)
        for name, shape in (("pairs", (m, 2)), ("angles", (k, 3)), ("tethers", (t, 2))):
            object.__setattr__(self, name, freeze_int(np.reshape(getattr(self, name), shape), shape, name))
        sizes = {"lengths": m, "length_widths": m, "degrees": k, "degree_widths": k}
        for name, size in (sizes | {"longest": t, "tether_widths": t}).items():
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
        ``"length"``, ``"angle"``, ``"tether"`` and ``"contact"``; the last two hold what lies beyond the
        limit alone, tethers as positive and overlaps as negative numbers.
    """
    return {
        "length": _measure_lengths(restraints, positions).residuals,
        "angle": _measure_angles(restraints, _add_middles(restraints, positions)).residuals,
        "tether": _measure_tethers(restraints, positions).residuals,
        "contact": _measure_overlaps(restraints, positions).residuals,
    }


def fit_positions(
    restraints: Restraints,
    start: FloatArray,
    *,
    holds: FloatArray | None = None,
    tolerance: float = 1e-8,
    steps: int = 400,
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
        The fit ends when a step gains less than this part of the sum of squares.
    steps : int, optional
        Most steps.

    Returns
    -------
    positions : ndarray, shape (n, 3)
        Fitted positions in Å.
    cost : float
        Half the sum of the squared residuals.
    """
    measure = build_measure(restraints, start, holds)
    fit = fit_sparse(measure, start.ravel(), tolerance=tolerance, steps=steps)
    return fit.values.reshape(-1, 3), fit.cost


def build_measure(
    restraints: Restraints, start: FloatArray, holds: FloatArray | None = None
) -> Callable[[FloatArray], tuple[FloatArray, csr_array]]:
    """Build the function whose sum of squares is least at the fitted positions.

    Parameters
    ----------
    restraints : Restraints
        The targets.
    start : ndarray, shape (n, 3)
        Positions in Å that the holds refer to.
    holds : ndarray, shape (n,), optional
        Widths in Å of the holds.

    Returns
    -------
    callable
        Takes the flat positions (3n,) and returns all residuals and their sparse derivative.
    """
    n, v = len(start), len(restraints.middles)
    spread = csr_array(kron(vstack([eye_array(n), csr_array(restraints.middles)]), np.eye(3))) if v else None
    stiffness = np.zeros(0) if holds is None else 1 / np.repeat(holds, 3)
    held = csr_array(diags_array(stiffness)) if len(stiffness) else None

    def measure(flat: FloatArray) -> tuple[FloatArray, csr_array]:
        positions = flat.reshape(-1, 3)
        rows = [
            _measure_lengths(restraints, positions),
            _measure_angles(restraints, _add_middles(restraints, positions)),
            _measure_tethers(restraints, positions),
            _measure_overlaps(restraints, positions),
        ]
        slopes = _assemble(rows, n + v)
        residuals = [row.residuals for row in rows]
        if spread is not None:
            slopes = csr_array(slopes @ spread)
        if held is not None:
            residuals.append((positions - start).ravel() * stiffness)
            slopes = vstack([slopes, held], format="csr")
        return np.concatenate(residuals), slopes

    return measure


class _Rows(NamedTuple):
    """Residuals (m,), the atoms of each (m, a), and the slope by each of these atoms (m, a, 3)."""

    residuals: FloatArray
    atoms: IntArray
    slopes: FloatArray


def _assemble(parts: Sequence[_Rows], points: int) -> csr_array:
    """Return the sparse derivative (m, 3 points) of rows one below the other."""
    columns = [(3 * part.atoms[:, :, None] + np.arange(3)).ravel() for part in parts]
    counts = [np.full(len(part.atoms), 3 * part.atoms.shape[1]) for part in parts]
    ends = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    data = np.concatenate([part.slopes.ravel() for part in parts])
    return csr_array((data, np.concatenate(columns), ends), shape=(len(ends) - 1, 3 * points))


def _measure_pairs(pairs: IntArray, lengths: FloatArray, widths: FloatArray, positions: FloatArray) -> _Rows:
    vectors = positions[pairs[:, 0]] - positions[pairs[:, 1]]
    distances = np.maximum(np.linalg.norm(vectors, axis=1), _NEAR)
    slopes = vectors / (distances * widths)[:, None]
    return _Rows((distances - lengths) / widths, pairs, np.stack([slopes, -slopes], axis=1))


def _measure_lengths(restraints: Restraints, positions: FloatArray) -> _Rows:
    return _measure_pairs(restraints.pairs, restraints.lengths, restraints.length_widths, positions)


def _measure_tethers(restraints: Restraints, positions: FloatArray) -> _Rows:
    rows = _measure_pairs(restraints.tethers, restraints.longest, restraints.tether_widths, positions)
    taut = rows.residuals > 0
    return _Rows(np.maximum(rows.residuals, 0.0), rows.atoms, rows.slopes * taut[:, None, None])


def _measure_overlaps(restraints: Restraints, positions: FloatArray) -> _Rows:
    pairs, closest = restraints.contacts.find(positions)
    return _measure_pairs(pairs, closest, np.full(len(pairs), restraints.contacts.width), positions)


def _add_middles(restraints: Restraints, positions: FloatArray) -> FloatArray:
    return np.vstack([positions, restraints.middles @ positions])


def _measure_angles(restraints: Restraints, points: FloatArray) -> _Rows:
    one, apex, two = restraints.angles.T
    first, second = points[one] - points[apex], points[two] - points[apex]
    length_one, length_two = np.linalg.norm(first, axis=1), np.linalg.norm(second, axis=1)
    u, v = first / length_one[:, None], second / length_two[:, None]
    cosine = np.clip(np.sum(u * v, axis=1), -1, 1)
    sine = np.maximum(np.sqrt(1 - cosine**2), _STEEP)
    scale = 180 / np.pi / restraints.degree_widths
    by_one = -(scale / (sine * length_one))[:, None] * (v - cosine[:, None] * u)
    by_two = -(scale / (sine * length_two))[:, None] * (u - cosine[:, None] * v)
    return _Rows(
        (np.degrees(np.arccos(cosine)) - restraints.degrees) / restraints.degree_widths,
        restraints.angles,
        np.stack([by_one, -by_one - by_two, by_two], axis=1),
    )
