"""What can be in contact? The atoms and ring centroids of the listed molecules, with their directions."""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array, eye_array

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.crystal_images import Images
from clustermodel.analysis.crystal_orbits import Orbits, find_point_orbits
from clustermodel.analysis.molecule_table import MoleculeTable
from clustermodel.analysis.rings import Ring, find_aromatic_rings

__all__ = ["ContactPoints", "PlacedRing", "build_contact_points"]

_SAME_PLACE = 0.01  # Å: images of one ring; rounding alone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlacedRing:
    """An aromatic ring of a listed molecule.

    Parameters
    ----------
    ring : Ring
        Its plane.
    molecule : int
        Number of the molecule.
    atoms : ndarray of int, shape (k,)
        Its atoms as rows of the table of molecules.
    object : int
        Number of the symmetry-unique ring that it is an image of.
    operation : int
        Operation that makes it from that ring.
    shift : ndarray of int, shape (3,)
        Cell shift after the operation.
    """

    ring: Ring
    molecule: int
    atoms: IntArray
    object: int
    operation: int
    shift: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContactPoints:
    """Atoms, then rings, of the listed molecules.

    Parameters
    ----------
    table : MoleculeTable
        The molecules.
    rings : tuple of PlacedRing
        Their aromatic rings.
    orbits : Orbits
        Sites, then symmetry-unique rings, as objects.
    images : Images
        Each point as an image of one of these objects.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å, hydrogens where the settings want them.
    directions : ndarray, shape (n, 3)
        From an atom to the nearest atom bonded to it in Å, NaN if there is none; of a ring its normal.
    bonded : ndarray of int, shape (n,)
        That atom; -1 if there is none.
    coordination : ndarray of int, shape (n,)
        Number of atoms bonded to each atom; of a ring its size.
    owner : ndarray of int, shape (n,)
        Molecule of each point.
    elements : ndarray of str, shape (n,)
        Element symbols; ``"Cg"`` for rings.
    occupancy : ndarray, shape (n,)
        Chemical occupancy, of a ring that of its least occupied atom.
    parts : ndarray of int, shape (n,)
        Disorder part; 0 if ordered.
    assemblies : ndarray of int, shape (n,)
        Number of the disorder assembly.
    near : ndarray of int, shape (q,)
        Pairs within a molecule fewer bonds apart than contacts must be, as ``first * n + second``, ascending.
    moved : ndarray of bool, shape (n,)
        True for hydrogens brought to another distance.
    """

    table: MoleculeTable
    rings: tuple[PlacedRing, ...]
    orbits: Orbits
    images: Images
    positions: FloatArray = field(metadata={"unit": "Å"})
    directions: FloatArray = field(metadata={"unit": "Å"})
    bonded: IntArray
    coordination: IntArray
    owner: IntArray
    elements: np.ndarray[tuple[int], np.dtype[np.str_]]
    occupancy: FloatArray
    parts: IntArray
    assemblies: IntArray
    near: IntArray
    moved: BoolArray

    @property
    def atom_count(self) -> int:
        """Number of points that are atoms."""
        return len(self.table.owner)

    def are_near(self, first: IntArray, second: IntArray) -> BoolArray:
        """Return which points of one molecule are too few bonds apart.

        Parameters
        ----------
        first, second : ndarray of int, shape (p,)
            Points.

        Returns
        -------
        ndarray of bool, shape (p,)
            True for pairs in `near`.
        """
        return np.isin(first * len(self.elements) + second, self.near)

    def members(self, point: int) -> IntArray:
        """Return the atoms of a point.

        Parameters
        ----------
        point : int
            An atom or a ring.

        Returns
        -------
        ndarray of int
            Rows of the table of molecules.
        """
        if point < self.atom_count:
            return np.array([point], dtype=np.int64)
        return self.rings[point - self.atom_count].atoms

    def member_images(self, point: int) -> Images:
        """Return the atoms of a point as images of sites.

        Parameters
        ----------
        point : int
            An atom or a ring.

        Returns
        -------
        Images
            Its atoms where the point stands.
        """
        images = self.table.atoms.take(self.members(point))
        if point < self.atom_count:
            return images
        shifts = self.rings[point - self.atom_count].ring.shifts
        return Images(objects=images.objects, operations=images.operations, shifts=images.shifts + shifts)


def build_contact_points(
    table: MoleculeTable, *, x_h_lengths: dict[str, float], min_bonds: int
) -> ContactPoints:
    """Collect the atoms and rings of the listed molecules.

    Parameters
    ----------
    table : MoleculeTable
        The molecules.
    x_h_lengths : dict of str to float
        Lengths in Å to which bonds of hydrogen are brought, by the other element.
    min_bonds : int
        Smallest number of bonds between two points of a molecule in contact.

    Returns
    -------
    ContactPoints
        The points.
    """
    partners, directions = _find_nearest_bonded(table)
    positions, moved = _normalise(table, partners, directions, x_h_lengths)
    rings = _place_rings(table)
    unique = [one for number, one in enumerate(rings) if one.object not in {r.object for r in rings[:number]}]
    sites, inverse = table.crystal.sites, table.crystal.cell.inverse
    centroids = np.array([one.ring.centroid for one in unique]).reshape(-1, 3)
    parts = sites.part[table.atoms.objects]
    assemblies = np.unique(np.array(sites.assembly, dtype=str), return_inverse=True)[1].reshape(-1)
    # A ring counts as disordered, and as occupied, as that of its atoms is which is farthest from ordered.
    rows = [
        int(one.atoms[np.lexsort((table.occupancy[one.atoms], -np.abs(parts[one.atoms])))[0]])
        for one in rings
    ]
    marker = np.concatenate([np.arange(len(partners)), np.array(rows, dtype=np.int64)])
    return ContactPoints(
        table=table,
        rings=rings,
        orbits=find_point_orbits(
            table.group, table.crystal.cell, np.concatenate([sites.fract, centroids @ inverse])
        ),
        images=_join_images(table, rings),
        positions=np.concatenate([positions, *(one.ring.centroid[None] for one in rings)]),
        directions=np.concatenate([directions, *(one.ring.normal[None] for one in rings)]),
        bonded=np.concatenate([partners, np.full(len(rings), -1)]),
        coordination=np.concatenate(
            [
                np.bincount(_list_bonds(table)[0][:, 0], minlength=len(partners)),
                [len(one.atoms) for one in rings],
            ]
        ).astype(np.int64),
        owner=table.owner[marker],
        elements=np.array([*table.elements, *["Cg"] * len(rings)], dtype="U2"),
        occupancy=table.occupancy[marker],
        parts=parts[marker],
        assemblies=assemblies[table.atoms.objects[marker]],
        near=_find_near(table, rings, min_bonds),
        moved=np.concatenate([moved, np.zeros(len(rings), dtype=bool)]),
    )


def _list_bonds(table: MoleculeTable) -> tuple[IntArray, IntArray]:
    """Return the bonds of all molecules in both directions, by rows of the table, and their shifts."""
    starts = np.cumsum([0, *(len(molecule) for molecule in table.molecules)])
    pairs = [m.bonds.pairs + start for m, start in zip(table.molecules, starts.tolist(), strict=False)]
    shifts = [molecule.bonds.shifts for molecule in table.molecules]
    both = np.concatenate([*pairs, *(pair[:, ::-1] for pair in pairs)])
    return both, np.concatenate([*shifts, *(-shift for shift in shifts)])


def _find_nearest_bonded(table: MoleculeTable) -> tuple[IntArray, FloatArray]:
    """Return for each atom the nearest atom bonded to it, and the vector to that atom."""
    pairs, shifts = _list_bonds(table)
    n = len(table.owner)
    partners, directions = np.full(n, -1), np.full((n, 3), np.nan)
    vectors = table.positions[pairs[:, 1]] + shifts @ table.crystal.cell.matrix - table.positions[pairs[:, 0]]
    order = np.argsort(
        -np.linalg.norm(vectors, axis=1), kind="stable"
    )  # the last one written is the shortest
    partners[pairs[order, 0]] = pairs[order, 1]
    directions[pairs[order, 0]] = vectors[order]
    return partners, directions


def _normalise(
    table: MoleculeTable, partners: IntArray, directions: FloatArray, wanted: dict[str, float]
) -> tuple[FloatArray, BoolArray]:
    """Return the positions with hydrogens at the wanted distance from their atoms, and which ones moved."""
    elements = np.array(table.elements, dtype="U2")
    lengths = np.array([wanted.get(elements[other], np.nan) if other >= 0 else np.nan for other in partners])
    moved = np.isin(elements, ["H", "D"]) & np.isfinite(lengths)
    positions = np.array(table.positions)
    scale = 1 - lengths[moved] / np.linalg.norm(directions[moved], axis=1)
    positions[moved] += scale[:, None] * directions[moved]
    directions[moved] *= (1 - scale)[:, None]
    return positions, moved


def _place_rings(table: MoleculeTable) -> tuple[PlacedRing, ...]:
    """Find the aromatic rings of the listed molecules and which of them are images of each other."""
    cell = table.crystal.cell
    placed: list[PlacedRing] = []
    seen: list[tuple[tuple[int, ...], FloatArray]] = []
    start = 0
    for number, molecule in enumerate(table.molecules):
        for ring in find_aromatic_rings(molecule, cell=cell):
            rows = ring.atoms + start
            key = tuple(sorted(table.atoms.objects[rows].tolist()))
            centroid = ring.centroid @ cell.inverse
            image = _find_image(table, seen, key, centroid)
            if image is None:
                image = (len(seen), 0, np.zeros(3, dtype=np.int64))
                seen.append((key, centroid))
            placed.append(
                PlacedRing(
                    ring=ring,
                    molecule=number,
                    atoms=rows,
                    object=image[0],
                    operation=image[1],
                    shift=image[2],
                )
            )
        start += len(molecule)
    return tuple(placed)


def _find_image(
    table: MoleculeTable,
    seen: list[tuple[tuple[int, ...], FloatArray]],
    key: tuple[int, ...],
    centroid: FloatArray,
) -> tuple[int, int, IntArray] | None:
    """Return which ring seen before, with what operation and shift, is the ring of these sites."""
    group = table.group.space_group
    for number, (other, place) in enumerate(seen):
        if other != key:
            continue
        offset = centroid - group.rotations @ place - group.translations
        shifts = np.rint(offset)
        close = np.linalg.norm((offset - shifts) @ table.crystal.cell.matrix, axis=1) < _SAME_PLACE
        if close.any():
            operation = int(close.argmax())
            return number, operation, shifts[operation].astype(np.int64)
    return None


def _join_images(table: MoleculeTable, rings: tuple[PlacedRing, ...]) -> Images:
    """Return atoms as images of sites and rings as images of the objects after the sites."""
    first = len(table.crystal.sites)
    shifts = np.array([one.shift for one in rings], dtype=np.int64).reshape(-1, 3)
    return Images(
        objects=np.concatenate([table.atoms.objects, [first + one.object for one in rings]]).astype(np.int64),
        operations=np.concatenate([table.atoms.operations, [one.operation for one in rings]]).astype(
            np.int64
        ),
        shifts=np.concatenate([table.atoms.shifts, shifts]),
    )


def _find_near(table: MoleculeTable, rings: tuple[PlacedRing, ...], min_bonds: int) -> IntArray:
    """Return which points of a molecule are fewer bonds apart; a ring counts by its nearest atom."""
    pairs = _list_bonds(table)[0]
    n = len(table.owner)
    bonded = coo_array((np.ones(len(pairs)), pairs.T), shape=(n, n)).tocsr() + eye_array(n, format="csr")
    reached = eye_array(n, format="csr")
    for _ in range(min_bonds - 1):
        reached = ((reached @ bonded) > 0).astype(np.float64)
    members = [np.arange(n)[:, None], *(one.atoms[:, None] for one in rings)]
    owners = [np.full(len(one.atoms), n + number) for number, one in enumerate(rings)]
    columns = np.concatenate(members)[:, 0]
    rows = np.concatenate([np.arange(n), *owners])
    points = coo_array((np.ones(len(rows)), (rows, columns)), shape=(n + len(rings), n)).tocsr()
    close = (points @ reached @ points.T).tocoo()
    return np.sort(close.row.astype(np.int64) * close.shape[0] + close.col)
