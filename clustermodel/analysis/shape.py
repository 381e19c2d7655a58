"""How far are these atoms from an ideal polyhedron? The continuous shape measure.

The measure of :cite:t:`pinsky1998` is
``100 min sum |q_i - p_i|^2 / sum |q_i - q_0|^2`` over all positions, sizes, rotations and pairings of the
ideal polyhedron p: 0 for the polyhedron itself, at most 100. A central atom may belong to it, paired with the
centre; with fewer atoms than corners, the missing corners are chosen best, and the measure is that of the
corners that remain. A polyhedron and its mirror image count as the same.
"""

import functools
import itertools
from dataclasses import dataclass, field
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import BoolArray, FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.analysis.match_proof import certify_match
from clustermodel.analysis.point_matching import PointMatch, align_pairing, match_points, sample_rotations
from clustermodel.analysis.polyhedra import Polyhedron, build_polyhedron
from clustermodel.analysis.polyhedron_symmetry import find_symmetry
from clustermodel.errors import InputError

__all__ = ["ShapeMeasure", "ShapeSettings", "fit_shape", "measure_shape"]

_FEWEST = 4  # points; a triangle is no polyhedron
_ROUNDING = 1e-9  # of a measure: 0 of an ideal polyhedron comes out as a few 1e-14


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeSettings:
    """The choices behind a shape measure.

    Parameters
    ----------
    certify : bool, optional
        Whether to prove that no other pairing is better.
    tolerance : float, optional
        Improvement of the measure that the proof may leave open: a tenth of the last digit that
        shape measures are printed with.
    most_cells : int, optional
        Cells of rotations after which the proof is given up, some ten seconds.
    most_gaps : int, optional
        Different ways to leave out corners up to which a proof is tried.
    """

    certify: bool = True
    tolerance: float = field(default=1e-4, metadata={"unit": ""})
    most_cells: int = field(default=200_000, metadata={"unit": ""})
    most_gaps: int = field(default=500, metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShapeMeasure:
    """The distance of atoms from an ideal polyhedron.

    Parameters
    ----------
    polyhedron : str
        Name of the polyhedron.
    measure : float
        The continuous shape measure, 0 to 100.
    corners : ndarray of int, shape (n,)
        The corner of the polyhedron that each atom is paired with; -1 for the centre.
    missing : tuple of int
        Corners without an atom.
    centred : bool
        Whether a central atom is part of it; it is the last one then.
    edge : float
        Edge of the fitted polyhedron in Å.
    fitted : ndarray, shape (m + 1, 3)
        All corners of the fitted polyhedron in Å, then its centre.
    mirrored : bool
        Whether the corners are those of the mirror image.
    deviations : ndarray, shape (n,)
        Distance of each atom from its corner in Å.
    lower_bound : float
        No pairing gives a smaller measure than this; 0 where nothing was proved.
    settings : ShapeSettings
        How it was found.
    """

    polyhedron: str
    measure: float = field(metadata={"unit": ""})
    corners: IntArray
    missing: tuple[int, ...]
    centred: bool
    edge: float = field(metadata={"unit": "Å"})
    fitted: FloatArray = field(metadata={"unit": "Å"})
    mirrored: bool
    deviations: FloatArray = field(metadata={"unit": "Å"})
    lower_bound: float = field(metadata={"unit": ""})
    settings: ShapeSettings

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        n = len(self.deviations)
        object.__setattr__(self, "corners", freeze_int(self.corners, (n,), "corners"))
        object.__setattr__(self, "fitted", freeze_float(self.fitted, (None, 3), "fitted"))
        object.__setattr__(self, "deviations", freeze_float(self.deviations, (n,), "deviations"))

    @property
    def certified(self) -> bool:
        """Whether no other pairing is better by more than the tolerance of the settings."""
        return self.measure - self.lower_bound <= self.settings.tolerance * (1 + 1e-6)  # rounding

    @property
    def deviation(self) -> float:
        """Root mean square distance of the atoms from their corners in Å."""
        return float(np.sqrt(np.mean(self.deviations**2)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reference:
    """Corners (and centre) left by one choice of missing ones, with the symmetry that is left."""

    kept: IntArray
    points: FloatArray
    matrices: FloatArray


def measure_shape(
    positions: ArrayLike,
    polyhedron: str | Polyhedron,
    *,
    centre: ArrayLike | None = None,
    settings: ShapeSettings | None = None,
) -> ShapeMeasure:
    """Measure how far atoms are from an ideal polyhedron.

    Parameters
    ----------
    positions : array_like, shape (n, 3)
        The atoms at the corners, in Å and in any order; with fewer atoms than corners, the best
        corners are left out.
    polyhedron : str or Polyhedron
        One of `POLYHEDRA`, a code of SHAPE, or any set of corners.
    centre : array_like, shape (3,), optional
        The central atom in Å, if it is to be part of the measure.
    settings : ShapeSettings, optional
        Whether and how hard to prove the pairing.

    Returns
    -------
    ShapeMeasure
        The measure, the pairing and the fitted polyhedron.

    Raises
    ------
    InputError
        If there are too few or too many atoms, or they lie in one point.

    Examples
    --------
    >>> icosahedron = build_polyhedron("icosahedron")
    >>> found = measure_shape(2.9 * icosahedron.vertices[2:], "IC-12", centre=[0, 0, 0])
    >>> round(found.measure, 6), len(found.missing), round(found.edge, 3), found.certified
    (0.0, 2, 2.9, True)
    >>> round(measure_shape(icosahedron.vertices, "cuboctahedron").measure, 2)
    5.28
    """
    ideal = build_polyhedron(polyhedron) if isinstance(polyhedron, str) else polyhedron
    chosen = settings if settings is not None else ShapeSettings()
    corners = _check_corners(np.asarray(positions, dtype=np.float64), ideal, centre is not None)
    atoms = corners if centre is None else np.vstack([corners, np.asarray(centre, dtype=np.float64)])
    if np.ptp(atoms, axis=0).max() < np.finfo(float).eps * max(1.0, float(np.abs(atoms).max())):
        msg = f"{ideal.name}: all {len(atoms)} atoms lie in one point, expected atoms apart from each other"
        raise InputError(msg)
    return fit_shape(atoms, ideal, _pair(corners, ideal, centre), settings=chosen)


def _pair(corners: FloatArray, ideal: Polyhedron, centre: ArrayLike | None) -> IntArray:
    """Return the corner of each atom in the best match from many starts, and -1 for the central atom."""
    starts = _list_starts(ideal)
    if centre is None:
        points, reference = corners - corners.mean(axis=0), ideal.vertices - ideal.vertices.mean(axis=0)
        return match_points(points, reference, starts=starts).pairing
    points = np.vstack([corners - np.asarray(centre), np.zeros((1, 3))])
    reference = np.vstack([ideal.vertices, np.zeros((1, 3))])
    allowed = _allow(len(corners), len(ideal), centred=True)
    pairing = match_points(points, reference, allowed=allowed, starts=starts).pairing
    return np.where(pairing < len(ideal), pairing, -1)


@functools.lru_cache(maxsize=256)
def _list_starts(ideal: Polyhedron) -> FloatArray:
    return sample_rotations(find_symmetry(ideal.vertices).matrices)


def fit_shape(
    atoms: ArrayLike,
    polyhedron: str | Polyhedron,
    corners: ArrayLike,
    *,
    settings: ShapeSettings | None = None,
) -> ShapeMeasure:
    """Fit a polyhedron to atoms whose corners are known or supposed.

    Parameters
    ----------
    atoms : array_like, shape (n, 3)
        The atoms in Å, the central one (if any) last.
    polyhedron : str or Polyhedron
        The polyhedron.
    corners : array_like of int, shape (n,)
        The corner of each atom; -1 for the centre.
    settings : ShapeSettings, optional
        Whether to prove that no other corners give a smaller measure; not by default.

    Returns
    -------
    ShapeMeasure
        The measure for these corners, or for better ones that the proof found.

    Examples
    --------
    >>> cube = build_polyhedron("cube").vertices
    >>> fit_shape(cube, "cube", range(8)).measure
    0.0
    """
    ideal = build_polyhedron(polyhedron) if isinstance(polyhedron, str) else polyhedron
    chosen = settings if settings is not None else ShapeSettings(certify=False)
    positions, taken = np.asarray(atoms, dtype=np.float64), np.asarray(corners, dtype=np.int64)
    places = np.vstack([ideal.vertices, np.zeros((1, 3))])[taken]
    reference = _Reference(kept=taken, points=places, matrices=np.eye(3)[None])
    points = positions - positions.mean(axis=0)
    match = align_pairing(points, places - places.mean(axis=0), np.arange(len(taken)))
    if chosen.certify:
        centred = bool(taken[-1] < 0)
        references = _list_references(ideal, len(ideal) + centred - len(taken), centred, chosen.most_gaps)
        outer = len(taken) - centred
        allowed = _allow(outer, outer, centred=centred)
        reference, match = _prove(points, references, (reference, match), allowed, chosen)
    return _describe(positions, ideal, reference, match, chosen)


def _check_corners(positions: FloatArray, ideal: Polyhedron, centred: bool) -> FloatArray:  # noqa: FBT001
    if positions.ndim != 2 or positions.shape[1] != 3 or not np.isfinite(positions).all():
        msg = f"positions have shape {positions.shape}, expected (n, 3) finite coordinates in Å"
        raise InputError(msg)
    if len(positions) + centred < _FEWEST or len(positions) > len(ideal):
        msg = (
            f"{ideal.name}: found {len(positions)} atoms for its corners, expected at least "
            f"{_FEWEST - centred} and at most {len(ideal)}"
        )
        raise InputError(msg)
    return positions


def _allow(atoms: int, corners: int, *, centred: bool) -> BoolArray:
    """Return which pairs may form: the central atom and the centre, both last, only with each other."""
    allowed = np.ones((atoms + centred, corners + centred), dtype=bool)
    if centred:
        allowed[-1] = False
        allowed[:, -1] = False
        allowed[-1, -1] = True
    return allowed


@functools.lru_cache(maxsize=256)
def _list_references(
    ideal: Polyhedron,
    gaps: int,
    centred: bool,  # noqa: FBT001
    most: int,
) -> tuple[_Reference, ...]:
    """Return one reference for each way to leave out corners, or none if there are too many ways.

    Ways that a symmetry makes equal count as one.
    """
    symmetry = find_symmetry(ideal.vertices)
    if comb(len(ideal), gaps) / len(symmetry.matrices) > most:
        return ()
    references: list[_Reference] = []
    seen: set[tuple[int, ...]] = set()
    for missing in itertools.combinations(range(len(ideal)), gaps):
        if missing in seen:
            continue
        images = np.sort(symmetry.permutations[:, list(missing)], axis=1)
        seen.update(map(tuple, images.tolist()))
        kept = np.setdiff1d(np.arange(len(ideal)), missing)
        same = (images == np.array(missing, dtype=np.int64)).all(axis=1)
        points = np.vstack([ideal.vertices[kept], np.zeros((int(centred), 3))])
        references.append(_Reference(kept=kept, points=points, matrices=symmetry.matrices[same]))
    return tuple(references)


def _prove(
    points: FloatArray,
    references: tuple[_Reference, ...],
    found: tuple[_Reference, PointMatch],
    allowed: BoolArray,
    settings: ShapeSettings,
) -> tuple[_Reference, PointMatch]:
    """Return the best reference and its match, proved against all the others."""
    best, match = found
    gain = settings.tolerance / 200  # the measure is 100 (1 - value²): its slope is at most 200
    cells = settings.most_cells
    for reference in references:
        proved = certify_match(
            points,
            reference.points - reference.points.mean(axis=0),
            match,
            allowed=allowed,
            symmetry=reference.matrices,
            limits=(gain, cells),
        )
        best = reference if proved.value > match.value else best
        match, cells = proved, cells - proved.cells
        if np.isinf(match.bound):
            break
    return best, match


def _describe(
    atoms: FloatArray, ideal: Polyhedron, reference: _Reference, match: PointMatch, settings: ShapeSettings
) -> ShapeMeasure:
    middle, own = atoms.mean(axis=0), reference.points.mean(axis=0)
    size = np.linalg.norm(atoms - middle) / np.linalg.norm(reference.points - own)
    edge = match.value * float(size)
    fitted = middle + edge * ((np.vstack([ideal.vertices, np.zeros(3)]) - own) @ match.rotation.T)
    names = np.append(reference.kept, -1)
    corners = names[match.pairing]
    return ShapeMeasure(
        polyhedron=ideal.name,
        measure=_to_measure(match.value),
        corners=corners,
        missing=tuple(np.setdiff1d(np.arange(len(ideal)), corners).tolist()),
        centred=bool(np.any(corners < 0)),
        edge=edge,
        fitted=fitted,
        mirrored=bool(np.linalg.det(match.rotation) < 0),
        deviations=np.linalg.norm(atoms - fitted[corners], axis=1),
        lower_bound=_to_measure(match.bound),
        settings=settings,
    )


def _to_measure(value: float) -> float:
    """Return the shape measure of a match; rounding to zero is undone."""
    measure = 100 * (1 - min(value, 1.0) ** 2)
    return measure if measure > _ROUNDING else 0.0
