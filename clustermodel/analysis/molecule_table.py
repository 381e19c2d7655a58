"""Which molecules does the crystal repeat? The distinct ones, ready to have their images placed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.crystal_images import (
    GroupTable,
    Images,
    build_group_table,
    compose_images,
)
from clustermodel.analysis.crystal_orbits import Orbits, build_orbits, find_point_orbits, reduce_images
from clustermodel.assembly.molecules import Assembly
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Molecule

__all__ = ["MoleculeTable", "build_molecule_table", "is_in_lattice"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MoleculeTable:
    """The distinct molecules of a crystal with everything needed to place their images.

    Parameters
    ----------
    crystal : Crystal
        The crystal; its sites stand where the assembly placed them.
    group : GroupTable
        Its space group.
    molecules : tuple of Molecule
        The distinct molecules.
    orbits : Orbits
        The molecules as objects: which operations leave each where it is.
    lattices : tuple of ndarray of int, shape (r, 3)
        For each molecule the independent cell shifts that its bonds lead through; none but for polymers.
    site_orbits : Orbits
        The sites as objects.
    owner : ndarray of int, shape (n,)
        Molecule of every atom, molecule after molecule.
    atoms : Images
        The atoms as images of sites.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.
    elements : tuple of str, length n
        Element symbols.
    occupancy : ndarray, shape (n,)
        Chemical occupancies.
    """

    crystal: Crystal
    group: GroupTable
    molecules: tuple[Molecule, ...]
    orbits: Orbits
    lattices: tuple[IntArray, ...]
    site_orbits: Orbits
    owner: IntArray
    atoms: Images
    positions: FloatArray = field(metadata={"unit": "Å"})
    elements: tuple[str, ...]
    occupancy: FloatArray

    def operations(self, molecule: int) -> IntArray:
        """Return the operations that make different images of a molecule, the identity first.

        Parameters
        ----------
        molecule : int
            Number of the molecule.

        Returns
        -------
        ndarray of int
            Numbers of the operations; one for each image in the unit cell.
        """
        return np.unique(self.orbits.canonical[molecule])


def build_molecule_table(assembly: Assembly) -> MoleculeTable:
    """Prepare the molecules of a crystal for a search among their images.

    Images of a molecule with disordered parts are told by its ordered atoms: where the image has chosen
    differently, it is still the same molecule.

    Parameters
    ----------
    assembly : Assembly
        The molecules.

    Returns
    -------
    MoleculeTable
        The molecules with their site symmetry.
    """
    molecules = tuple(distinct.molecule for distinct in assembly.molecules)
    crystal = _place_sites(assembly.crystal, molecules)
    table = build_group_table(crystal.space_group)
    sites = find_point_orbits(table, crystal.cell, crystal.sites.fract)
    lattices = tuple(_span(molecule.bonds.shifts) for molecule in molecules)
    stabilisers = [
        _find_stabiliser(table, sites, _marking_atoms(crystal, molecule), lattice)
        for molecule, lattice in zip(molecules, lattices, strict=True)
    ]
    return MoleculeTable(
        crystal=crystal,
        group=table,
        molecules=molecules,
        orbits=build_orbits(table, stabilisers),
        lattices=lattices,
        site_orbits=sites,
        owner=np.repeat(np.arange(len(molecules)), [len(molecule) for molecule in molecules]),
        atoms=_images_of(molecules),
        positions=np.concatenate([molecule.positions for molecule in molecules]),
        elements=tuple(element for molecule in molecules for element in molecule.elements),
        occupancy=np.concatenate([molecule.occupancy for molecule in molecules]),
    )


def is_in_lattice(shifts: IntArray, basis: IntArray) -> BoolArray:
    """Return which cell shifts are whole-number combinations of others.

    Parameters
    ----------
    shifts : ndarray of int, shape (p, 3)
        Cell shifts.
    basis : ndarray of int, shape (r, 3)
        Independent cell shifts in echelon form, as in `MoleculeTable.lattices`.

    Returns
    -------
    ndarray of bool, shape (p,)
        True for those in the lattice; without a basis, for no shift at all.

    Examples
    --------
    >>> is_in_lattice(np.array([[2, 2, 0], [1, 0, 0]]), np.array([[1, 1, 0]])).tolist()
    [True, False]
    """
    left = np.array(shifts)
    for row in basis:
        pivot = int(np.flatnonzero(row)[0])
        left -= (left[:, pivot] // row[pivot])[:, None] * row
    return np.asarray(~left.any(axis=1))


def _span(shifts: IntArray) -> IntArray:
    """Return independent shifts in echelon form that span the same lattice."""
    rows = [row for row in np.unique(shifts, axis=0) if row.any()]
    basis = []
    for column in range(3):
        active = [row for row in rows if row[column]]
        rest = [row for row in rows if not row[column]]
        while len(active) > 1:
            active.sort(key=lambda row: abs(int(row[column])))
            reduced = [row - row[column] // active[0][column] * active[0] for row in active[1:]]
            rest += [row for row in reduced if not row[column] and row.any()]
            active = [active[0], *(row for row in reduced if row[column])]
        basis += active
        rows = rest
    return np.array(basis, dtype=np.int64).reshape(-1, 3)


def _place_sites(crystal: Crystal, molecules: Sequence[Molecule]) -> Crystal:
    """Return the crystal with its sites where the assembly placed them."""
    group, fract = crystal.space_group, np.array(crystal.sites.fract)
    back = np.linalg.inv(group.rotations.astype(np.float64))
    for molecule in molecules:
        origin = molecule.origin
        moved = molecule.positions @ crystal.cell.inverse
        moved = moved - origin.shifts - group.translations[origin.operations]
        fract[origin.sites] = np.einsum("pij,pj->pi", back[origin.operations], moved)
    return crystal.with_sites(replace(crystal.sites, fract=fract))


def _images_of(molecules: Sequence[Molecule]) -> Images:
    origins = [molecule.origin for molecule in molecules]
    return Images(
        objects=np.concatenate([origin.sites for origin in origins]),
        operations=np.concatenate([origin.operations for origin in origins]),
        shifts=np.concatenate([origin.shifts for origin in origins]),
    )


def _marking_atoms(crystal: Crystal, molecule: Molecule) -> Images:
    """Return the atoms that tell the images of a molecule: ordered and no hydrogen, where there are any."""
    heavy = np.array([element not in {"H", "D"} for element in molecule.elements])
    ordered = crystal.sites.part[molecule.origin.sites] == 0
    choices = (heavy & ordered, heavy, np.ones(len(molecule), dtype=bool))
    mask = next(choice for choice in choices if choice.any())
    return _images_of([molecule]).take(np.flatnonzero(mask))


def _find_stabiliser(
    table: GroupTable, sites: Orbits, atoms: Images, lattice: IntArray
) -> list[tuple[int, IntArray]]:
    """Return the operations, with their shifts, that map atoms onto themselves."""
    g = len(table)
    own = reduce_images(sites, atoms)
    key = own.objects * g + own.operations
    order = np.argsort(key)
    found = []
    for number in range(g):
        applied = Images(
            objects=own.objects, operations=np.full(len(own), number), shifts=np.zeros_like(own.shifts)
        )
        image = reduce_images(sites, compose_images(table, applied, own))
        wanted = image.objects * g + image.operations
        place = order[np.minimum(np.searchsorted(key, wanted, sorter=order), len(key) - 1)]
        steps = own.shifts[place] - image.shifts
        if np.all(key[place] == wanted) and is_in_lattice(steps - steps[0], lattice).all():
            found.append((number, steps[0]))
    return found
