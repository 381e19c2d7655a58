"""What is a unit called? A set of kernel atoms and the polyhedra that they form, in the words of papers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.face_twist import Twist, measure_twists
from clustermodel.analysis.shape import ShapeMeasure, ShapeSettings, fit_shape, measure_shape
from clustermodel.analysis.unit_candidates import Candidate, Reading
from clustermodel.elements import format_formula

__all__ = ["KernelUnit", "UnitReading", "describe_unit"]

_ROOM = 8  # atoms; smaller polyhedra have no room for an atom in the centre, so none is called hollow
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
        The unit; its best reading is measured anew from all starts, the others are as laid.
    """
    best = candidate.readings[0]
    shapes = [_measure(best, positions, certify=best.measure <= certify)]
    shapes += [
        fit_shape(positions[list(r.places)], r.polyhedron, list(r.places.values()))
        for r in candidate.readings[1:]
    ]
    readings = (
        _describe(reading, shape, positions, atoms)
        for reading, shape in zip(candidate.readings, shapes, strict=True)
    )
    held = sorted(best.places)
    return KernelUnit(
        atoms=tuple(atoms[held].tolist()),
        formula=format_formula(elements[k] for k in held),
        readings=tuple(readings),
    )


def _measure(reading: Reading, positions: FloatArray, *, certify: bool) -> ShapeMeasure:
    settings = ShapeSettings(certify=certify, most_cells=_CELLS)
    points = positions[list(reading.places)]
    if reading.pattern.centred:
        return measure_shape(points[:-1], reading.polyhedron, centre=points[-1], settings=settings)
    return measure_shape(points, reading.polyhedron, settings=settings)


def _describe(reading: Reading, shape: ShapeMeasure, positions: FloatArray, atoms: IntArray) -> UnitReading:
    held = list(reading.places)
    return UnitReading(
        polyhedron=reading.polyhedron,
        centre=int(atoms[held[-1]]) if reading.pattern.centred else -1,
        size=reading.size,
        missing=reading.missing,
        measure=shape.measure,
        certified=shape.certified,
        null_rate=reading.null.find_rate(shape.measure),
        contacts=reading.placement.contacts,
        twists=tuple(_name_twists(positions[held], shape, atoms[held])),
    )


def _name_twists(points: FloatArray, shape: ShapeMeasure, atoms: IntArray) -> Iterator[Twist]:
    """Yield the twists of a unit with the atoms of the molecule in the place of its own."""
    for twist in measure_twists(points, shape, shape.polyhedron):
        first, second = (tuple(atoms[list(face)].tolist()) for face in (twist.first, twist.second))
        yield Twist(first=first, second=second, corners=twist.corners, twist=twist.twist)
