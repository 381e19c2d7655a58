"""How sure is a distance? Standard uncertainties propagated from coordinates and cell."""

from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.assembly.expansion import SPECIAL_EXACT, SPECIAL_FULL
from clustermodel.errors import InputError
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.uncertainty import ErrorModel, build_error_model, find_metric_derivatives

__all__ = [
    "AtomImages",
    "Distances",
    "Gradients",
    "bond_uncertainties",
    "find_distance_gradients",
    "find_pair_uncertainties",
    "measure_distances",
    "propagate_distance_su",
    "propagate_su",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtomImages:
    """Symmetry images of sites, one for each pair: ``fract = R x + t + shift``.

    Parameters
    ----------
    sites, operations : array_like of int, shape (p,)
        Index of the site and of the symmetry operation.
    shifts : array_like of int, shape (p, 3)
        Cell translation after the operation.
    """

    sites: IntArray
    operations: IntArray
    shifts: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        p = len(self.sites)
        object.__setattr__(self, "sites", freeze_int(self.sites, (p,), "sites"))
        object.__setattr__(self, "operations", freeze_int(self.operations, (p,), "operations"))
        object.__setattr__(self, "shifts", freeze_int(np.reshape(self.shifts, (p, 3)), (p, 3), "shifts"))


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
        How many of the two atoms (0, 1, 2) have no standard uncertainty although symmetry leaves
        them free: riding, in a rigid group, or given without. `su` then lacks their share.

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gradients:
    """Values that depend on k atoms each, with their first derivatives.

    Parameters
    ----------
    values : array_like, shape (p,)
        Distances, or whatever was differentiated.
    sites : array_like of int, shape (p, k)
        Site of each atom.
    positional : array_like, shape (p, k, 3)
        Derivatives with respect to the fractional coordinates of the sites as listed.
    lattice : array_like, shape (p, 6)
        Derivatives with respect to ln a, ln b, ln c, alpha, beta, gamma (radians).
    """

    values: FloatArray
    sites: IntArray
    positional: FloatArray
    lattice: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        p = len(self.values)
        object.__setattr__(self, "values", freeze_float(self.values, (p,), "values"))
        object.__setattr__(self, "sites", freeze_int(self.sites, (p, None), "sites"))
        object.__setattr__(self, "positional", freeze_float(self.positional, (p, None, 3), "positional"))
        object.__setattr__(self, "lattice", freeze_float(self.lattice, (p, 6), "lattice"))


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
    placed = replace(crystal.sites, fract=_assembled_positions(crystal, molecule))
    first, second = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
    moved = np.zeros((len(first), 3), dtype=np.int64) if shifts is None else shifts
    return propagate_distance_su(
        crystal.with_sites(placed), _images(molecule, first, 0 * moved), _images(molecule, second, moved)
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
    model = build_error_model(crystal, tolerance=SPECIAL_EXACT)
    gradients = find_distance_gradients(model, first, second)
    return Distances(
        lengths=gradients.values,
        su=propagate_su(model, gradients),
        held=model.held[gradients.sites].sum(axis=1),
    )


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
    difference = _place(model, second) - _place(model, first)
    metric, changes = find_metric_derivatives(model.cell)
    along = difference @ metric
    lengths = np.sqrt(np.maximum(np.einsum("pi,pi->p", along, difference), 0.0))
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    along *= inverse[:, None]
    rotations = model.space_group.rotations
    return Gradients(
        values=lengths,
        sites=np.stack([first.sites, second.sites], axis=1),
        positional=np.stack(
            [
                -np.einsum("pj,pji->pi", along, rotations[first.operations]),
                np.einsum("pj,pji->pi", along, rotations[second.operations]),
            ],
            axis=1,
        ),
        lattice=np.einsum("pi,kij,pj->pk", difference, changes, difference) * inverse[:, None] / 2,
    )


def propagate_su(model: ErrorModel, gradients: Gradients) -> FloatArray:
    """Combine gradients with covariances to standard uncertainties.

    Parameters
    ----------
    model : ErrorModel
        Covariances of coordinates and cell.
    gradients : Gradients
        Derivatives of what was measured; atoms of one site are fully correlated.

    Returns
    -------
    ndarray, shape (p,)
        Standard uncertainties in the unit of the values.
    """
    variance = np.einsum("pk,kl,pl->p", gradients.lattice, model.lattice, gradients.lattice)
    sites, positional = gradients.sites, gradients.positional
    for one in range(sites.shape[1]):
        carried = np.einsum("pi,pij->pj", positional[:, one], model.positional[sites[:, one]])
        for other in range(sites.shape[1]):
            shared = np.einsum("pj,pj->p", carried, positional[:, other])
            variance += np.where(sites[:, one] == sites[:, other], shared, 0.0)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)


def _place(model: ErrorModel, atoms: AtomImages) -> FloatArray:
    rotated = np.einsum("pij,pj->pi", model.space_group.rotations[atoms.operations], model.fract[atoms.sites])
    return np.asarray(
        rotated + model.space_group.translations[atoms.operations] + atoms.shifts, dtype=np.float64
    )


def _images(molecule: Molecule, atoms: IntArray, shifts: IntArray) -> AtomImages:
    origin = molecule.origin
    return AtomImages(
        sites=origin.sites[atoms], operations=origin.operations[atoms], shifts=origin.shifts[atoms] + shifts
    )


def _assembled_positions(crystal: Crystal, molecule: Molecule) -> FloatArray:
    """Return the coordinates of all sites, those in the molecule as the assembly placed them."""
    group, sites, origin = crystal.space_group, crystal.sites, molecule.origin
    where = f"{crystal.source.file}, block {crystal.source.block}: molecule {molecule.formula}"
    known = bool(np.all(origin.sites < len(sites)))
    if not known or tuple(sites.labels[i] for i in origin.sites.tolist()) != origin.labels:
        msg = (
            f"{where} is not from this crystal (its labels are not those of the sites); "
            "give the crystal it was assembled from"
        )
        raise InputError(msg)
    moved = molecule.positions @ crystal.cell.inverse - origin.shifts - group.translations[origin.operations]
    back = np.linalg.inv(group.rotations[origin.operations].astype(np.float64))
    fract = np.array(sites.fract)
    fract[origin.sites] = np.einsum("pij,pj->pi", back, moved)
    distance = np.linalg.norm((fract - sites.fract) @ crystal.cell.matrix, axis=1)
    if distance.max(initial=0.0) > SPECIAL_FULL:  # no special position is further from the listed one
        label = sites.labels[int(distance.argmax())]
        msg = (
            f"{where} is not where this crystal has it ({label} is {distance.max():.2f} Å off); "
            "give the molecule as it was assembled, not moved or turned"
        )
        raise InputError(msg)
    return fract
