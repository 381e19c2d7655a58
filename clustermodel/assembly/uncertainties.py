"""How sure is a distance? Standard uncertainties propagated from coordinates and cell."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.assembly.atom_images import (
    AtomImages,
    build_molecule_errors,
    find_images,
    place_images,
    stack_images,
)
from clustermodel.assembly.expansion import SPECIAL_EXACT
from clustermodel.assembly.propagation import Gradients, build_gradients, propagate_su
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.uncertainty import ErrorModel, build_error_model

__all__ = [
    "Distances",
    "bond_uncertainties",
    "find_distance_gradients",
    "find_pair_uncertainties",
    "measure_distances",
    "propagate_distance_su",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distances:
    """Distances with what is known of their precision.

    Parameters
    ----------
    lengths : array_like, shape (p,)
        Distances in Å.
    su : array_like, shape (p,)
        Propagated standard uncertainties in Å.
    held : array_like of int, shape (p,)
        How many of the atoms have no standard uncertainty although symmetry leaves them free:
        riding, in a rigid group, or given without. `su` then lacks their share.

    Attributes
    ----------
    stated : ndarray of bool, shape (p,)
        True where `su` is complete: no atom is held and anything has an uncertainty at all.
        SHELXL prints none in the other cases, also where one atom of the pair has one.
    """

    lengths: FloatArray = field(metadata={"unit": "Å"})
    su: FloatArray = field(metadata={"unit": "Å"})
    held: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        p = len(self.lengths)
        object.__setattr__(self, "lengths", freeze_float(self.lengths, (p,), "lengths"))
        object.__setattr__(self, "su", freeze_float(self.su, (p,), "su"))
        object.__setattr__(self, "held", freeze_int(self.held, (p,), "held"))

    @property
    def stated(self) -> IntArray:
        """Mask of the distances whose uncertainty is complete."""
        mask: IntArray = (self.held == 0) & (self.su > 0)
        return mask

    def complete_su(self) -> FloatArray:
        """Return the uncertainties, NaN where they are not complete.

        Returns
        -------
        ndarray, shape (p,)
            Standard uncertainties in Å.
        """
        return np.where(self.stated, self.su, np.nan)


def bond_uncertainties(crystal: Crystal, molecule: Molecule) -> FloatArray:
    """Return the standard uncertainty of every bond of a molecule.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule, or the repeat unit of a polymer.

    Returns
    -------
    ndarray, shape (m,)
        Standard uncertainties in Å along ``molecule.bonds``; NaN where an atom has none.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.

    Examples
    --------
    >>> from clustermodel.assembly.molecules import assemble_molecules
    >>> from clustermodel.io.cif import parse_cif
    >>> text = b'''data_t _cell_length_a 6.00(6) _cell_length_b 6.00(6) _cell_length_c 6.00(6)
    ... _cell_angle_alpha 90 _cell_angle_beta 90 _cell_angle_gamma 90
    ... _symmetry_space_group_name_H-M 'P -1'
    ... loop_ _atom_site_label _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z
    ... Cl1 .170(1) 0 0 '''
    >>> assembly = assemble_molecules(parse_cif(text, "toy.cif")[0])
    >>> chlorine = assembly.molecules[0].molecule
    >>> bond_uncertainties(assembly.crystal, chlorine).round(4).tolist()  # 2 · 6 Å · 0.001 and 1 % of 2.04 Å
    [0.0237]
    """
    bonds = molecule.bonds
    return measure_distances(crystal, molecule, bonds.pairs, shifts=bonds.shifts).complete_su()


def find_pair_uncertainties(
    crystal: Crystal, molecule: Molecule, first: IntArray, second: IntArray
) -> FloatArray:
    """Return the standard uncertainty of the distances between atoms of a molecule.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule.
    first, second : ndarray of int, shape (p,)
        Atom indices.

    Returns
    -------
    ndarray, shape (p,)
        Standard uncertainties in Å; NaN where an atom has none.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.
    """
    return measure_distances(crystal, molecule, np.stack([first, second], axis=1)).complete_su()


def measure_distances(
    crystal: Crystal, molecule: Molecule, pairs: IntArray, *, shifts: IntArray | None = None
) -> Distances:
    """Measure distances between atoms of a molecule with their standard uncertainties.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule, or the repeat unit of a polymer.
    pairs : ndarray of int, shape (p, 2)
        Atom indices.
    shifts : ndarray of int, shape (p, 3), optional
        Cell translation of each second atom, as in ``molecule.bonds``; none by default.

    Returns
    -------
    Distances
        Distances of the assembled atoms, special positions corrected, and their precision.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.
    """
    first, second = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
    return _combine(
        build_molecule_errors(crystal, molecule),
        find_images(molecule, first),
        find_images(molecule, second, shifts),
    )


def propagate_distance_su(crystal: Crystal, first: AtomImages, second: AtomImages) -> Distances:
    """Propagate the uncertainties of coordinates and cell to interatomic distances.

    First order, from the printed standard uncertainties and with the covariances of
    :func:`~clustermodel.structure.uncertainty.build_error_model`: an atom and its own image share
    their parameters, and so do the dependent coordinates of a special position and the dependent
    constants of the cell.

    Parameters
    ----------
    crystal : Crystal
        Cell, symmetry and sites.
    first, second : AtomImages
        The two atoms of each pair.

    Returns
    -------
    Distances
        Lengths from the coordinates as listed, standard uncertainties, number of held atoms.

    Examples
    --------
    >>> from clustermodel.io.cif import parse_cif
    >>> text = b'''data_t _cell_length_a 4.00(1) _cell_length_b 4 _cell_length_c 4
    ... _cell_angle_alpha 90 _cell_angle_beta 90 _cell_angle_gamma 90
    ... _symmetry_space_group_name_H-M 'P m -3 m'
    ... loop_ _atom_site_label _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z
    ... Au1 0 0 0 '''
    >>> origin = AtomImages(sites=[0], operations=[0], shifts=[[0, 0, 0]])
    >>> diagonal = AtomImages(sites=[0], operations=[0], shifts=[[1, 1, 0]])
    >>> found = propagate_distance_su(parse_cif(text, "toy.cif")[0], origin, diagonal)
    >>> found.lengths.round(4).tolist(), found.su.round(5).tolist(), found.held.tolist()
    ([5.6569], [0.01414], [0])
    """
    return _combine(build_error_model(crystal, tolerance=SPECIAL_EXACT), first, second)


def find_distance_gradients(model: ErrorModel, first: AtomImages, second: AtomImages) -> Gradients:
    """Differentiate interatomic distances.

    Parameters
    ----------
    model : ErrorModel
        Cell, symmetry and positions.
    first, second : AtomImages
        The two atoms of each pair.

    Returns
    -------
    Gradients
        Distances in Å with their derivatives, zero for atoms that coincide.
    """
    atoms = stack_images([first, second])
    positions = place_images(model, atoms).reshape(-1, 2, 3)
    difference = positions[:, 1] - positions[:, 0]
    lengths = np.linalg.norm(difference, axis=1)
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    along = difference * inverse[:, None]
    return build_gradients(model, atoms, lengths, positions, np.stack([-along, along], axis=1))


def _combine(model: ErrorModel, first: AtomImages, second: AtomImages) -> Distances:
    gradients = find_distance_gradients(model, first, second)
    return Distances(
        lengths=gradients.values,
        su=propagate_su(model, gradients),
        held=model.held[gradients.sites].sum(axis=1),
    )
