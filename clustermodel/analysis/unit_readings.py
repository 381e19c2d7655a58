"""What is a unit called, and what do two of them share: a vertex, an edge, a face? In the words of papers."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.face_twist import Twist, measure_twists
from clustermodel.analysis.polyhedra import build_polyhedron
from clustermodel.analysis.polyhedron_symmetry import find_faces
from clustermodel.analysis.shape import ShapeMeasure, ShapeSettings, fit_shape, measure_shape
from clustermodel.analysis.unit_candidates import Candidate, Fit
from clustermodel.elements import format_formula

__all__ = [
    "KernelUnit",
    "SharedAtoms",
    "UnitReading",
    "describe_unit",
    "measure_flatness",
    "name_sharing",
]

_EDGE = 1.06  # of the shortest distance, as in the search for units
_ROOM = 8  # atoms; smaller polyhedra have no room for an atom in the centre, so none is called hollow
_LARGE = 20  # atoms; there are too many pairings in a larger unit for a proof
_SURE = 1.5  # shape measure; of 512 polyhedra as laid, 39 had a better pairing, all with 4 or more
_CELLS = 20_000  # of the proof of a pairing, about a second; close shapes need some 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitReading:
    """One polyhedron that the atoms of a unit form.

    Parameters
    ----------
    polyhedron : str
        Name of the polyhedron.
    centre : int
        The central atom; -1 if there is none.
    size : int
        Atoms of the whole polyhedron, the central one included.
    missing : int
        Number of missing corners.
    measure : float
        Continuous shape measure of the atoms that are there.
    certified : bool
        Whether no pairing of atoms and corners gives a smaller measure.
    null_rate : float
        Fraction of random clusters of this size that fit as well; 0.005 stands for less, too.
    contacts : float
        Fraction of the edges that are contacts.
    twists : tuple of Twist
        How far opposite faces are turned against each other.
    """

    polyhedron: str
    centre: int
    size: int
    missing: int
    measure: float = field(metadata={"unit": ""})
    certified: bool
    null_rate: float = field(metadata={"unit": ""})
    contacts: float = field(metadata={"unit": ""})
    twists: tuple[Twist, ...]

    @property
    def name(self) -> str:
        """The reading in the words of papers: ``"incomplete cuboctahedron, centred, 13 − 2"``."""
        parts = [("incomplete " if self.missing else "") + self.polyhedron]
        if self.centre >= 0:
            parts.append("centred")
        elif self.missing and self.size >= _ROOM:
            parts.append("hollow")
        if self.missing:
            parts.append(f"{self.size} − {self.missing}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KernelUnit:
    """One building unit of a kernel.

    Parameters
    ----------
    atoms : tuple of int
        Its atoms in the molecule, ascending.
    formula : str
        Their formula.
    readings : tuple of UnitReading
        The polyhedra that they form, best first: relative to chance, not by the measure alone.
    """

    atoms: tuple[int, ...]
    formula: str
    readings: tuple[UnitReading, ...]

    @property
    def label(self) -> str:
        """Formula and best reading: ``"Au11 (incomplete cuboctahedron, centred, 13 − 2)"``."""
        return f"{self.formula} ({self.readings[0].name})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedAtoms:
    """What two units of a reading share.

    Parameters
    ----------
    first, second : int
        The two units, by their place in the reading.
    atoms : tuple of int
        The shared atoms in the molecule.
    kind : str
        ``vertex``, ``edge`` or ``face`` of both units; ``interpenetrating`` where the centre of one is
        part of the other; ``atoms`` for anything else.
    formula : str
        Their formula.
    flatness : float
        Largest distance from their best plane in Å.
    """

    first: int
    second: int
    atoms: tuple[int, ...]
    kind: str
    formula: str
    flatness: float = field(metadata={"unit": "Å"})


def describe_unit(
    candidate: Candidate, positions: FloatArray, atoms: IntArray, elements: tuple[str, ...], *, certify: float
) -> KernelUnit:
    """Name a unit and the polyhedra that it forms.

    Parameters
    ----------
    candidate : Candidate
        Atoms of the kernel and the polyhedra laid on them.
    positions : ndarray, shape (n, 3)
        All kernel atoms in Å.
    atoms : ndarray of int, shape (n,)
        All kernel atoms in the molecule.
    elements : tuple of str
        Their elements.
    certify : float
        Prove the shape measure of the best reading if it is below this.

    Returns
    -------
    KernelUnit
        The unit; distorted polyhedra are measured anew, as a better pairing than the one laid may exist.
    """
    best, *rivals = candidate.fits
    shapes = [(fit, _measure(fit, positions, -1.0)) for fit in rivals]
    shapes.sort(key=lambda pair: pair[1].measure / pair[0].null.median)
    shapes.insert(0, (best, _measure(best, positions, certify)))
    held = list(candidate.atoms)
    return KernelUnit(
        atoms=tuple(atoms[held].tolist()),
        formula=format_formula(elements[k] for k in held),
        readings=tuple(_describe(fit, shape, positions, atoms) for fit, shape in shapes),
    )


def _measure(fit: Fit, positions: FloatArray, certify: float) -> ShapeMeasure:
    atoms, corners = positions[list(fit.places)], list(fit.places.values())
    settings = ShapeSettings(certify=fit.size <= _LARGE and fit.measure <= certify, most_cells=_CELLS)
    if settings.certify or fit.size > _LARGE or fit.measure <= _SURE:
        return fit_shape(atoms, fit.polyhedron, corners, settings=settings)
    outer, centre = (atoms[:-1], atoms[-1]) if fit.pattern.centred else (atoms, None)
    return measure_shape(outer, fit.polyhedron, centre=centre, settings=settings)


def _describe(fit: Fit, shape: ShapeMeasure, positions: FloatArray, atoms: IntArray) -> UnitReading:
    held = list(fit.places)
    return UnitReading(
        polyhedron=fit.polyhedron,
        centre=int(atoms[held[-1]]) if fit.pattern.centred else -1,
        size=fit.size,
        missing=fit.missing,
        measure=shape.measure,
        certified=shape.certified,
        null_rate=fit.null.find_rate(shape.measure),
        contacts=fit.placement.contacts,
        twists=tuple(_name_twists(positions[held], shape, atoms[held])),
    )


def _name_twists(points: FloatArray, shape: ShapeMeasure, atoms: IntArray) -> Iterator[Twist]:
    """Yield the twists of a unit with the atoms of the molecule in the place of its own."""
    for twist in measure_twists(points, shape, shape.polyhedron):
        first, second = (tuple(atoms[list(face)].tolist()) for face in (twist.first, twist.second))
        yield Twist(first=first, second=second, corners=twist.corners, twist=twist.twist)


def measure_flatness(points: FloatArray) -> float:
    """Measure how far points are from one plane.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        Points in Å.

    Returns
    -------
    float
        Largest distance from their best plane in Å; 0 for three points or fewer.

    Examples
    --------
    >>> measure_flatness(np.array([[1.0, 1, 0.2], [-1, 1, -0.2], [-1, -1, 0.2], [1, -1, -0.2]]))
    0.2
    """
    if len(points) <= 3:
        return 0.0
    centred = points - points.mean(axis=0)
    normal = np.linalg.svd(centred)[2][2]
    return round(float(np.abs(centred @ normal).max()), 9)


def name_sharing(first: Fit, second: Fit, common: Sequence[int]) -> str:
    """Name what two units share.

    Parameters
    ----------
    first, second : Fit
        The two units, as laid.
    common : sequence of int
        The atoms that they share.

    Returns
    -------
    str
        ``vertex``, ``edge``, ``face``, ``interpenetrating`` or ``atoms``.
    """
    corners = [frozenset(unit.places[atom] for atom in common) for unit in (first, second)]
    if any(-1 in held for held in corners):
        return "interpenetrating"
    names = {
        _name_element(unit.polyhedron, held) for unit, held in zip((first, second), corners, strict=True)
    }
    return names.pop() if len(names) == 1 else "atoms"


def _name_element(polyhedron: str, corners: frozenset[int]) -> str:
    if len(corners) == 1:
        return "vertex"
    vertices = build_polyhedron(polyhedron).vertices[sorted(corners)]
    if len(corners) == 2:
        return "edge" if np.linalg.norm(vertices[0] - vertices[1]) <= _EDGE else "atoms"
    return "face" if any(corners <= face for face in _list_faces(polyhedron)) else "atoms"


@functools.cache
def _list_faces(polyhedron: str) -> tuple[frozenset[int], ...]:
    return tuple(frozenset(face) for face in find_faces(build_polyhedron(polyhedron).vertices))
