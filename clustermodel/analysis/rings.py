"""Which rings have a π system? Planar five- and six-membered rings of sp2 atoms, with their planes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.assembly.overlap import AtomKinds, is_overlap
from clustermodel.elements import covalent_radii, is_metal
from clustermodel.errors import InputError
from clustermodel.structure.cell import Cell
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.neighbors import find_pairs

__all__ = ["Ring", "RingSettings", "find_aromatic_rings", "fit_plane"]

# Most neighbours that are no metals of an atom with a p orbital left for the π system.
_SP2_NEIGHBOURS = {"C": 3, "N": 3, "O": 2, "S": 2, "Se": 2}
_NEIGHBOUR_REACH = 1.3  # Å: beyond 0.7 of the covalent sum of H and any of these elements


@dataclass(frozen=True, slots=True, kw_only=True)
class RingSettings:
    """What counts as an aromatic ring.

    Parameters
    ----------
    sizes : tuple of int
        Numbers of atoms.
    planarity : float
        Largest distance of an atom from the mean plane in Å. Refined phenyl rings stay below 0.05 Å,
        the atoms of a cyclohexane chair are 0.23 Å off.
    shortening : float
        Largest mean ratio of the bonds to the sum of the covalent radii: benzene 0.91, thiophene and
        cyclopentadienyl 0.93, cyclohexane and piperidine 1.00 (radii of cordero2008). It tells the
        kinds apart where no hydrogen is listed and a poor refinement made a saturated ring flat.
    """

    sizes: tuple[int, ...] = (5, 6)
    planarity: float = field(default=0.10, metadata={"unit": "Å"})
    shortening: float = 0.96


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ring:
    """A ring and its plane.

    Parameters
    ----------
    atoms : array_like of int, shape (k,)
        Atom indices in the order round the ring, the lowest first.
    shifts : array_like of int, shape (k, 3)
        Cell shift of each atom relative to where the molecule lists it; zero but for polymers.
    centroid : array_like, shape (3,)
        Mean of the positions in Å.
    normal : array_like, shape (3,)
        Unit vector; its sign means nothing.
    deviation : float
        Largest distance of an atom from the mean plane in Å.
    """

    atoms: IntArray
    shifts: IntArray
    centroid: FloatArray = field(metadata={"unit": "Å"})
    normal: FloatArray
    deviation: float = field(metadata={"unit": "Å"})

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        k = len(self.atoms)
        object.__setattr__(self, "atoms", freeze_int(self.atoms, (k,), "atoms"))
        object.__setattr__(self, "shifts", freeze_int(np.reshape(self.shifts, (k, 3)), (k, 3), "shifts"))
        object.__setattr__(self, "centroid", freeze_float(self.centroid, (3,), "centroid"))
        object.__setattr__(self, "normal", freeze_float(self.normal, (3,), "normal"))

    def __len__(self) -> int:
        """Return the number of atoms."""
        return len(self.atoms)


def find_aromatic_rings(
    molecule: Molecule, *, settings: RingSettings | None = None, cell: Cell | None = None
) -> tuple[Ring, ...]:
    """Find the rings of a molecule that a C-H group or another ring can point at.

    A ring counts if each of its atoms is C, N, O, S or Se with no more neighbours than sp2 (or a lone
    pair in the π system) allows, metals not counted, if it is planar and if its bonds are shorter than
    single bonds. Phenyl, pyridyl, imidazolylidene, thienyl and cyclopentadienyl rings count, adamantyl
    and cyclohexyl do not, nor do chelate rings. Molecules are whole, so rings on symmetry elements are.

    Parameters
    ----------
    molecule : Molecule
        Atoms with bonds.
    settings : RingSettings, optional
        Sizes and limits.
    cell : Cell, optional
        Needed for polymers, whose rings may lie across the end of the listed atoms.

    Returns
    -------
    tuple of Ring
        Rings by their lowest atoms.

    Raises
    ------
    InputError
        If a polymer comes without its cell.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> angles = np.arange(6) * np.pi / 3
    >>> circle = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    >>> atoms = molecule_from_atoms(["C"] * 6 + ["H"] * 6, np.concatenate([1.39 * circle, 2.34 * circle]))
    >>> (ring,) = find_aromatic_rings(bond_molecule(atoms))
    >>> ring.atoms.tolist(), np.abs(ring.normal).round(6).tolist()
    ([0, 1, 2, 3, 4, 5], [0.0, 0.0, 1.0])
    """
    chosen = settings if settings is not None else RingSettings()
    if molecule.periodicity and cell is None:
        msg = f"{molecule.formula} is a polymer: rings across its repeat unit need the cell; pass cell="
        raise InputError(msg)
    steps = _sp2_graph(molecule)
    found = []
    for path in _walk_rings(steps, chosen.sizes):
        atoms = np.array([atom for atom, _ in path])
        shifts = np.array([shift for _, shift in path])
        positions = molecule.positions[atoms]
        if cell is not None:
            positions = positions + shifts @ cell.matrix
        centroid, normal, deviation = fit_plane(positions)
        if deviation <= chosen.planarity and _shortening(molecule, atoms, positions) <= chosen.shortening:
            found.append(
                Ring(atoms=atoms, shifts=shifts, centroid=centroid, normal=normal, deviation=deviation)
            )
    return tuple(sorted(found, key=lambda ring: sorted(ring.atoms.tolist())))


def fit_plane(positions: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Fit a plane to points, all with the same weight.

    Parameters
    ----------
    positions : ndarray, shape (k, 3)
        Cartesian coordinates in Å.

    Returns
    -------
    centroid : ndarray, shape (3,)
        Mean of the positions in Å.
    normal : ndarray, shape (3,)
        Unit vector normal to the plane.
    deviation : float
        Largest distance of a point from the plane in Å.

    Examples
    --------
    >>> square = np.array([[0.0, 0, 1], [2, 0, 1], [2, 2, 1], [0, 2, 1]])
    >>> centroid, normal, deviation = fit_plane(square)
    >>> centroid.tolist(), np.abs(normal).tolist(), deviation
    ([1.0, 1.0, 1.0], [0.0, 0.0, 1.0], 0.0)
    """
    centroid = positions.mean(axis=0)
    normal = np.linalg.svd(positions - centroid)[2][2]
    return centroid, normal, float(np.abs((positions - centroid) @ normal).max())


_Step = tuple[int, tuple[int, int, int]]
_Graph = dict[int, list[_Step]]


def _sp2_graph(molecule: Molecule) -> _Graph:
    """Return the bonds among the atoms that may belong to a π system, pruned to those in rings."""
    elements = molecule.elements
    bonds = molecule.bonds
    neighbours: list[list[_Step]] = [[] for _ in elements]
    for (first, second), (x, y, z) in zip(bonds.pairs.tolist(), bonds.shifts.tolist(), strict=True):
        neighbours[first].append((second, (x, y, z)))
        neighbours[second].append((first, (-x, -y, -z)))
    limits = [_SP2_NEIGHBOURS.get(element, 0) for element in elements]
    bonded = [sum(not is_metal(elements[other]) for other, _ in steps) for steps in neighbours]
    for atom, limit in enumerate(limits):
        if limit and bonded[atom] == limit + 1:
            bonded[atom] -= _count_impossible(molecule, [other for other, _ in neighbours[atom]])
    graph = {
        atom: [step for step in neighbours[atom] if 2 <= bonded[step[0]] <= limits[step[0]]]
        for atom in range(len(elements))
        if 2 <= bonded[atom] <= limits[atom]
    }
    ends = [atom for atom, steps in graph.items() if len(steps) < 2]
    while ends:
        atom = ends.pop()
        for other, _ in graph.pop(atom):
            graph[other] = [step for step in graph[other] if step[0] != atom]
            if len(graph[other]) == 1:
                ends.append(other)
    return graph


def _count_impossible(molecule: Molecule, neighbours: list[int]) -> int:
    """Count the hydrogens that stand on another neighbour of their atom: no real bonds (COD 1540567)."""
    kinds = AtomKinds(tuple(molecule.elements[atom] for atom in neighbours))
    pairs = find_pairs(molecule.positions[neighbours], _NEIGHBOUR_REACH)
    pairs = pairs.select(is_overlap(pairs, kinds))
    mixed = kinds.hydrogen[pairs.first] ^ kinds.hydrogen[pairs.second]
    hydrogens = np.where(kinds.hydrogen[pairs.first], pairs.first, pairs.second)[mixed]
    return len(set(hydrogens.tolist()))


def _walk_rings(graph: _Graph, sizes: tuple[int, ...]) -> Iterator[list[_Step]]:
    """Yield every ring without a chord once: from its lowest atom, towards the lower neighbour."""
    for start in sorted(graph):
        stack: list[list[_Step]] = [[(start, (0, 0, 0))]]
        while stack:
            path = stack.pop()
            atom, (x, y, z) = path[-1]
            for other, (dx, dy, dz) in graph[atom]:
                place = (other, (x + dx, y + dy, z + dz))
                if place == path[0] and len(path) in sizes and path[1] < path[-1] and not _chord(graph, path):
                    yield path
                elif place > path[0] and place not in path and len(path) < max(sizes):
                    stack.append([*path, place])


def _chord(graph: _Graph, path: list[_Step]) -> bool:
    """Return whether two atoms of a ring that are not neighbours in it are bonded."""
    places = set(path)
    bonds = sum(
        (other, (x + dx, y + dy, z + dz)) in places
        for atom, (x, y, z) in path
        for other, (dx, dy, dz) in graph[atom]
    )
    return bonds > 2 * len(path)


def _shortening(molecule: Molecule, atoms: IntArray, positions: FloatArray) -> float:
    """Return the mean ratio of the ring's bonds to the sums of the covalent radii."""
    radii = covalent_radii([molecule.elements[atom] for atom in atoms.tolist()])
    lengths = np.linalg.norm(positions - np.roll(positions, 1, axis=0), axis=1)
    return float((lengths / (radii + np.roll(radii, 1))).mean())
