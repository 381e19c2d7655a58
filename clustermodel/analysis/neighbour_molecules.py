"""Which molecules stand around a molecule? Every one with the operation and cell shift that makes it."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.crystal_images import Images, format_image
from clustermodel.analysis.crystal_orbits import find_unique_pairs
from clustermodel.analysis.molecule_table import MoleculeTable, build_molecule_table, is_in_lattice
from clustermodel.analysis.periodic_search import find_cross_pairs
from clustermodel.assembly.molecules import Assembly
from clustermodel.assembly.overlap import AtomKinds, is_overlap
from clustermodel.elements import covalent_radii
from clustermodel.structure.neighbors import Pairs

__all__ = [
    "Encounters",
    "NeighbourMolecule",
    "find_encounters",
    "find_excluded_pairs",
    "find_neighbour_molecules",
    "is_same_molecule",
]

_FULL = 0.999  # an occupancy below this shares its place with an alternative or with nothing
_OVERLAP_REACH = 1.4  # largest covalent radii; beyond 0.7 of the sum of any two atoms
_ITSELF = 1e-6  # Å: rounding of one position computed twice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encounters:
    """Points of the listed molecules near points of any image of a molecule.

    Parameters
    ----------
    first : ndarray of int, shape (p,)
        Row of the first list of points.
    second : ndarray of int, shape (p,)
        Row of the second list.
    operations : ndarray of int, shape (p,)
        Operation that makes the image of the second point's molecule.
    shifts : ndarray of int, shape (p, 3)
        Its cell shift.
    distances : ndarray, shape (p,)
        Distances in Å.
    """

    first: IntArray
    second: IntArray
    operations: IntArray
    shifts: IntArray
    distances: FloatArray = field(metadata={"unit": "Å"})

    def select(self, mask: BoolArray | IntArray) -> "Encounters":
        """Return some of the encounters.

        Parameters
        ----------
        mask : ndarray
            A mask of length p, or indices.

        Returns
        -------
        Encounters
            The chosen ones.
        """
        return Encounters(
            first=self.first[mask],
            second=self.second[mask],
            operations=self.operations[mask],
            shifts=self.shifts[mask],
            distances=self.distances[mask],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NeighbourMolecule:
    """One symmetry-unique neighbour of a molecule.

    Parameters
    ----------
    molecule, neighbour : int
        Numbers of the two distinct molecules.
    operation : int
        Number of the operation that makes the neighbour.
    shift : tuple of int
        Its cell shift.
    symmetry : str
        Both as a symmetry code.
    multiplicity : int
        Number of equivalent neighbours around the molecule.
    centroid_distance : float
        Distance of the mean positions of all atoms in Å.
    atom_distance : float
        Shortest distance between atoms in Å.
    """

    molecule: int
    neighbour: int
    operation: int
    shift: tuple[int, int, int]
    symmetry: str
    multiplicity: int
    centroid_distance: float = field(metadata={"unit": "Å"})
    atom_distance: float = field(metadata={"unit": "Å"})


def find_encounters(
    table: MoleculeTable,
    first: tuple[FloatArray, IntArray],
    second: tuple[FloatArray, IntArray],
    cutoff: float,
) -> Encounters:
    """Find which points of the listed molecules come near points of any image of a molecule.

    The time is linear in the number of points. A point does not meet itself.

    Parameters
    ----------
    table : MoleculeTable
        The molecules.
    first, second : tuple of ndarray, shape (m, 3), and ndarray of int, shape (m,)
        Cartesian coordinates in Å of points that belong to the listed molecules, and their molecules.
    cutoff : float
        Largest distance in Å.

    Returns
    -------
    Encounters
        All pairs of a point of the first list and an image of one of the second.
    """
    cell, group = table.crystal.cell, table.group.space_group
    own = second[0] @ cell.inverse
    rows, operations = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for molecule in np.unique(second[1]).tolist():
        members = np.flatnonzero(second[1] == molecule)
        images = table.operations(molecule)
        rows.append(np.tile(members, len(images)))
        operations.append(np.repeat(images, len(members)))
    row, operation = np.concatenate(rows), np.concatenate(operations)
    placed = np.einsum("pij,pj->pi", group.rotations[operation], own[row]) + group.translations[operation]
    pairs = find_cross_pairs(cell, first[0] @ cell.inverse, placed, cutoff)
    found = Encounters(
        first=pairs.first,
        second=row[pairs.second],
        operations=operation[pairs.second],
        shifts=pairs.shifts,
        distances=pairs.distances,
    )
    here = (found.operations == 0) & ~found.shifts.any(axis=1) & (found.distances < _ITSELF)
    return found.select(~(here & (first[1][found.first] == second[1][found.second])))


def is_same_molecule(table: MoleculeTable, found: Encounters, first: IntArray, second: IntArray) -> BoolArray:
    """Return the mask of encounters within one molecule.

    Parameters
    ----------
    table : MoleculeTable
        The molecules.
    found : Encounters
        The encounters.
    first, second : ndarray of int, shape (p,)
        Molecules of the two points of each.

    Returns
    -------
    ndarray of bool, shape (p,)
        True if the second point belongs to the listed molecule of the first; a polymer is endless.
    """
    same = (first == second) & (found.operations == 0)
    for molecule in np.unique(first[same]).tolist():
        rows = np.flatnonzero(same & (first == molecule))
        same[rows] = is_in_lattice(found.shifts[rows], table.lattices[molecule])
    return np.asarray(same)


def find_neighbour_molecules(
    assembly: Assembly, molecule: int, *, reach: float
) -> tuple[NeighbourMolecule, ...]:
    """Find the molecules around one of the distinct molecules of a crystal.

    Parameters
    ----------
    assembly : Assembly
        The molecules.
    molecule : int
        Number of the molecule in ``assembly.molecules``.
    reach : float
        Largest distance between atoms in Å.

    Returns
    -------
    tuple of NeighbourMolecule
        Symmetry-unique neighbours, the nearest first. For polymers, repeat units.

    Examples
    --------
    >>> from clustermodel.assembly.molecules import assemble_molecules
    >>> from clustermodel.io.cif import parse_cif
    >>> text = b'''data_t _cell_length_a 4 _cell_length_b 5 _cell_length_c 6 _cell_angle_alpha 90
    ... _cell_angle_beta 90 _cell_angle_gamma 90 _symmetry_space_group_name_H-M 'P -1'
    ... loop_ _atom_site_label _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z Ar1 0 0 0 '''
    >>> found = find_neighbour_molecules(assemble_molecules(parse_cif(text, "toy.cif")[0]), 0, reach=5.5)
    >>> [(one.symmetry, one.multiplicity, one.atom_distance) for one in found]
    [('x+1, y, z', 2, 4.0), ('x, y+1, z', 2, 5.0)]
    """
    table = build_molecule_table(assembly)
    mine = table.owner == molecule
    found = find_encounters(
        table, (table.positions[mine], table.owner[mine]), (table.positions, table.owner), reach
    )
    around = table.owner[found.second]
    found = found.select(~is_same_molecule(table, found, np.full(len(around), molecule), around))
    if not len(found.first):
        return ()
    around = table.owner[found.second]
    unique = find_unique_pairs(
        table.group,
        table.orbits,
        Images(objects=np.full(len(around), molecule), operations=0 * around, shifts=0 * found.shifts),
        Images(objects=around, operations=found.operations, shifts=found.shifts),
        np.ones(len(around), dtype=bool),
    )
    images = np.concatenate([around[:, None], found.operations[:, None], found.shifts], axis=1)
    built = []
    for number, row in enumerate(unique.rows.tolist()):
        rows = np.flatnonzero(unique.group == number)
        place = images[row]
        if unique.first[number] == molecule:
            place = np.concatenate(
                [[around[row]], [unique.second.operations[number]], unique.second.shifts[number]]
            )
        operation, shift = int(place[1]), place[2:]
        built.append(
            NeighbourMolecule(
                molecule=molecule,
                neighbour=int(place[0]),
                operation=operation,
                shift=(int(shift[0]), int(shift[1]), int(shift[2])),
                symmetry=format_image(table.group.space_group, operation, shift),
                multiplicity=len(np.unique(images[rows], axis=0)),
                centroid_distance=_centroid_distance(table, molecule, place),
                atom_distance=float(found.distances[rows].min()),
            )
        )
    return tuple(sorted(built, key=lambda one: (one.atom_distance, one.centroid_distance)))


def find_excluded_pairs(table: MoleculeTable) -> frozenset[tuple[int, ...]]:
    """Find the images of molecules that disorder does not let be there together.

    Parameters
    ----------
    table : MoleculeTable
        The molecules.

    Returns
    -------
    frozenset of tuple of int
        Number of the listed molecule; number, operation and shift of the other: partly occupied atoms of
        one overlap the other.
    """
    partial = table.occupancy < _FULL
    if not partial.any():
        return frozenset()
    points = (table.positions, table.owner)
    reach = _OVERLAP_REACH * float(covalent_radii(tuple(set(table.elements))).max())
    found = find_encounters(table, points, points, reach)
    found = found.select(partial[found.first] | partial[found.second])
    near = Pairs(first=found.first, second=found.second, shifts=found.shifts, distances=found.distances)
    found = found.select(is_overlap(near, AtomKinds(table.elements)))
    first, second = table.owner[found.first], table.owner[found.second]
    away = ~is_same_molecule(table, found, first, second)
    rows = np.concatenate([first[:, None], second[:, None], found.operations[:, None], found.shifts], axis=1)
    return frozenset(tuple(row) for row in rows[away].tolist())


def _centroid_distance(table: MoleculeTable, molecule: int, place: IntArray) -> float:
    """Return the distance of the mean positions of a molecule and an image of another."""
    group, cell = table.group.space_group, table.crystal.cell
    own, other = (table.molecules[i].positions.mean(axis=0) @ cell.inverse for i in (molecule, int(place[0])))
    image = group.rotations[place[1]] @ other + group.translations[place[1]] + place[2:]
    return float(np.linalg.norm((image - own) @ cell.matrix))
