"""How sure is an angle? Angles and torsions with standard uncertainties from coordinates and cell."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.assembly.atom_images import (
    AtomImages,
    build_molecule_errors,
    find_images,
    place_images,
    stack_images,
)
from clustermodel.assembly.propagation import Gradients, build_gradients, propagate_su
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.uncertainty import ErrorModel

__all__ = [
    "Angles",
    "find_angle_gradients",
    "find_torsion_gradients",
    "measure_angles",
    "measure_torsions",
    "propagate_angle_su",
]

_STRAIGHT = 1e-6  # sine of an angle that is 0° or 180°: coordinates of assembled atoms are exact to 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Angles:
    """Angles with what is known of their precision.

    Parameters
    ----------
    values : array_like, shape (p,)
        Angles in degree; NaN where two atoms coincide or a torsion has no turning axis.
    su : array_like, shape (p,)
        Propagated standard uncertainties in degree; 0 where symmetry fixes the angle.
    held : array_like of int, shape (p,)
        How many of the atoms have no standard uncertainty although symmetry leaves them free:
        riding, in a rigid group, or given without. `su` then lacks their share.

    Attributes
    ----------
    stated : ndarray of bool, shape (p,)
        True where `su` is complete: no atom is held and the angle can vary at all.
    """

    values: FloatArray = field(metadata={"unit": "degree"})
    su: FloatArray = field(metadata={"unit": "degree"})
    held: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        p = len(self.values)
        object.__setattr__(self, "values", freeze_float(self.values, (p,), "values"))
        object.__setattr__(self, "su", freeze_float(self.su, (p,), "su"))
        object.__setattr__(self, "held", freeze_int(self.held, (p,), "held"))

    @property
    def stated(self) -> BoolArray:
        """Mask of the angles whose uncertainty is complete."""
        mask: BoolArray = (self.held == 0) & (self.su > 0)
        return mask

    def complete_su(self) -> FloatArray:
        """Return the uncertainties, NaN where they are not complete.

        Returns
        -------
        ndarray, shape (p,)
            Standard uncertainties in degree.
        """
        return np.where(self.stated, self.su, np.nan)


def measure_angles(
    crystal: Crystal, molecule: Molecule, triples: IntArray, *, shifts: IntArray | None = None
) -> Angles:
    """Measure angles between atoms of a molecule with their standard uncertainties.

    Near 180° an angle is not linear in the errors: it cannot exceed 180°, and its standard
    uncertainty is that of the bend.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule, or the repeat unit of a polymer.
    triples : ndarray of int, shape (p, 3)
        Atom indices, the apex in the middle.
    shifts : ndarray of int, shape (p, 3, 3), optional
        Cell translation of each atom; none by default.

    Returns
    -------
    Angles
        Angles from 0° to 180° and their precision.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.

    Examples
    --------
    >>> from clustermodel.assembly.molecules import assemble_molecules
    >>> from clustermodel.io.cif import parse_cif
    >>> text = b'''data_t _cell_length_a 9 _cell_length_b 9 _cell_length_c 9
    ... _cell_angle_alpha 90 _cell_angle_beta 90 _cell_angle_gamma 90
    ... _symmetry_space_group_name_H-M 'P 1'
    ... loop_ _atom_site_label _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z
    ... S1 .25(0) 0 0 Au1 0 0 0 S2 0 .250(1) 0 '''
    >>> assembly = assemble_molecules(parse_cif(text, "toy.cif")[0])
    >>> molecule = assembly.molecules[0].molecule
    >>> chosen = np.array([[molecule.labels.index(name) for name in ("S1", "Au1", "S2")]])
    >>> found = measure_angles(assembly.crystal, molecule, chosen)
    >>> found.values.round(3).tolist(), found.held.tolist()  # S1 and Au1 have no s.u.
    ([90.0], [2])
    """
    model = build_molecule_errors(crystal, molecule)
    first, apex, third = _find_columns(molecule, triples, shifts, 3)
    return propagate_angle_su(model, find_angle_gradients(model, first, apex, third))


def measure_torsions(
    crystal: Crystal, molecule: Molecule, quads: IntArray, *, shifts: IntArray | None = None
) -> Angles:
    """Measure torsion angles between atoms of a molecule with their standard uncertainties.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule, or the repeat unit of a polymer.
    quads : ndarray of int, shape (p, 4)
        Atom indices along the chain.
    shifts : ndarray of int, shape (p, 4, 3), optional
        Cell translation of each atom; none by default.

    Returns
    -------
    Angles
        Torsion angles from -180° to 180°, positive where the front bond must be turned clockwise
        to cover the rear one, and their precision.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.
    """
    model = build_molecule_errors(crystal, molecule)
    first, second, third, fourth = _find_columns(molecule, quads, shifts, 4)
    return propagate_angle_su(model, find_torsion_gradients(model, first, second, third, fourth))


def propagate_angle_su(model: ErrorModel, gradients: Gradients) -> Angles:
    """Propagate the uncertainties of coordinates and cell to angles.

    Parameters
    ----------
    model : ErrorModel
        Covariances of coordinates and cell.
    gradients : Gradients
        Angles in degree with their derivatives.

    Returns
    -------
    Angles
        The angles and their precision.
    """
    return Angles(
        values=gradients.values,
        su=propagate_su(model, gradients),
        held=model.held[gradients.sites].sum(axis=1),
    )


def find_angle_gradients(
    model: ErrorModel, first: AtomImages, apex: AtomImages, third: AtomImages
) -> Gradients:
    """Differentiate angles.

    Parameters
    ----------
    model : ErrorModel
        Cell, symmetry and positions.
    first, apex, third : AtomImages
        The atoms of each angle.

    Returns
    -------
    Gradients
        Angles in degree with their derivatives, zero where the angle is 0° or 180° exactly and has no
        plane; NaN with zero derivatives where atoms coincide.
    """
    atoms = stack_images([first, apex, third])
    positions = place_images(model, atoms).reshape(-1, 3, 3)
    one, inverse_one = _direct(positions[:, 0] - positions[:, 1])
    other, inverse_other = _direct(positions[:, 2] - positions[:, 1])
    cosine = _dot(one, other)
    sine = np.linalg.norm(np.cross(one, other), axis=1)
    inverse_sine = np.divide(1.0, sine, out=np.zeros_like(sine), where=sine > _STRAIGHT)
    by_one = (cosine[:, None] * one - other) * (inverse_sine * inverse_one)[:, None]
    by_other = (cosine[:, None] * other - one) * (inverse_sine * inverse_other)[:, None]
    values = np.where(inverse_one * inverse_other > 0, np.arctan2(sine, cosine), np.nan)
    slopes = np.stack([by_one, -by_one - by_other, by_other], axis=1)
    return build_gradients(model, atoms, np.degrees(values), positions, np.degrees(slopes))


def find_torsion_gradients(
    model: ErrorModel, first: AtomImages, second: AtomImages, third: AtomImages, fourth: AtomImages
) -> Gradients:
    """Differentiate torsion angles (:cite:t:`blondel1996`).

    Parameters
    ----------
    model : ErrorModel
        Cell, symmetry and positions.
    first, second, third, fourth : AtomImages
        The atoms of each torsion angle along the chain.

    Returns
    -------
    Gradients
        Torsion angles in degree with their derivatives; NaN with zero derivatives where three atoms are
        in line or two coincide.
    """
    atoms = stack_images([first, second, third, fourth])
    positions = place_images(model, atoms).reshape(-1, 4, 3)
    front = positions[:, 0] - positions[:, 1]
    axis, inverse_axis = _direct(positions[:, 1] - positions[:, 2])
    rear = positions[:, 3] - positions[:, 2]
    front_normal, rear_normal = np.cross(front, axis), np.cross(rear, axis)
    values = np.arctan2(_dot(np.cross(rear_normal, front_normal), axis), _dot(front_normal, rear_normal))
    front_slope, front_known = _tilt(front_normal, front)
    rear_slope, rear_known = _tilt(rear_normal, rear)
    known = front_known & rear_known & (inverse_axis > 0)
    turn = (_dot(front, axis) * inverse_axis)[:, None] * front_slope
    turn -= (_dot(rear, axis) * inverse_axis)[:, None] * rear_slope
    slopes = np.stack([-front_slope, front_slope + turn, -rear_slope - turn, rear_slope], axis=1)
    slopes *= known[:, None, None]
    values = np.degrees(np.where(known, values, np.nan))
    return build_gradients(model, atoms, values, positions, np.degrees(slopes))


def _find_columns(
    molecule: Molecule, rows: IntArray, shifts: IntArray | None, width: int
) -> list[AtomImages]:
    """Return the first, second ... atoms of each row."""
    atoms = np.asarray(rows, dtype=np.int64).reshape(-1, width)
    moved = np.zeros((len(atoms), width, 3), dtype=np.int64) if shifts is None else np.asarray(shifts)
    return [find_images(molecule, atoms[:, k], moved[:, k]) for k in range(width)]


def _direct(vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return unit vectors and inverse lengths, both zero for vectors without length."""
    lengths = np.linalg.norm(vectors, axis=1)
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return vectors * inverse[:, None], inverse


def _tilt(normal: FloatArray, bond: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return normals over their squared lengths, and where the bond is not along the axis."""
    square = _dot(normal, normal)
    known = square > _STRAIGHT**2 * _dot(bond, bond)
    return normal * np.divide(1.0, square, out=np.zeros_like(square), where=known)[:, None], known


def _dot(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("pi,pi->p", first, second), dtype=np.float64)
