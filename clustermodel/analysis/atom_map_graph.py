"""What does the graph of bonds say about two mapped frameworks? Atoms that moved far, and bonds that stayed.

Superposition finds partners within reach. A staple that swung away, or a ligand that bends, is found by whom
it holds: an atom without partner belongs to the one whose mapped neighbours are the partners of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.atom_map_search import Framework
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.roles import DONOR_ROLES, KERNEL_ROLES, METAL_ROLES
from clustermodel.elements import HALOGENS

__all__ = ["BondGraph", "build_bond_graph", "build_framework", "complete_pairs", "count_kept_bonds"]

_ORPHANS = frozenset({"P", "As", "Sb", "S", "Se", "Te", *HALOGENS})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BondGraph:
    """Metal and donor atoms of a cluster and the bonds between them.

    Parameters
    ----------
    metals, donors : tuple of int
        Atoms of the molecule; hydrides are donors too, and so are atoms of the elements of common donors
        that hold no metal atom: theirs may be the one that is missing.
    neighbours : dict of int to frozenset of int
        Donors of every metal atom and metal atoms of every donor.
    types : dict of int to (str, str)
        What must agree for two atoms to be the same: element of a donor and how it sits, kernel or shell for
        a metal atom.
    """

    metals: tuple[int, ...]
    donors: tuple[int, ...]
    neighbours: Mapping[int, frozenset[int]]
    types: Mapping[int, tuple[str, str]]

    @property
    def n_bonds(self) -> int:
        """Number of metal-donor bonds."""
        return sum(len(self.neighbours[donor]) for donor in self.donors)


def build_bond_graph(cluster: Cluster, anatomy: Anatomy) -> BondGraph:
    """Collect metal and donor atoms, their bonds and types.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell.

    Returns
    -------
    BondGraph
        The graph.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> atoms = molecule_from_atoms(
    ...     ["Au", "Au", "Au", "Cl"], [[0, 0, 0], [2.8, 0, 0], [1.4, 2.4, 0], [-2, -1.15, 0]]
    ... )
    >>> cluster = build_cluster(bond_molecule(atoms))
    >>> build_bond_graph(cluster, classify_kernel(cluster)).types[3]
    ('Cl', 'halide')
    """
    metals = set(cluster.metals)
    donors = {
        donor.atom: frozenset(metals & set(donor.metals))
        for ligand in cluster.ligands
        for donor in ligand.donors
        if anatomy.roles[donor.atom] in DONOR_ROLES
    }
    donors |= {
        atom: frozenset()
        for atom, (symbol, role) in enumerate(zip(cluster.molecule.elements, anatomy.roles, strict=True))
        if role == "outside" and symbol in _ORPHANS
    }
    held: dict[int, set[int]] = {metal: set() for metal in cluster.metals}
    for donor, holders in donors.items():
        for metal in holders:
            held[metal].add(donor)
    neighbours = {metal: frozenset(found) for metal, found in held.items()} | donors
    return BondGraph(
        metals=cluster.metals,
        donors=tuple(sorted(donors)),
        neighbours=neighbours,
        types={atom: _name_type(cluster.molecule.elements[atom], anatomy.roles[atom]) for atom in neighbours},
    )


def _name_type(element: str, role: str) -> tuple[str, str]:
    if role in METAL_ROLES:
        return "metal", "kernel" if role in KERNEL_ROLES else "shell"
    return element, "staple" if role.startswith("staple") else role


def build_framework(cluster: Cluster, graph: BondGraph) -> tuple[Framework, IntArray]:
    """Collect metal and donor atoms as points; hydrides are left out, X-rays hardly see them.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    graph : BondGraph
        Its metal and donor atoms.

    Returns
    -------
    Framework
        The points with kind, element and type.
    ndarray of int, shape (n,)
        Their atoms in the molecule.
    """
    seen = [donor for donor in graph.donors if graph.types[donor][1] != "hydride"]
    atoms = np.array([*graph.metals, *seen], dtype=np.int64)
    elements = cluster.molecule.elements
    traits = [[_encode(elements[atom]), _encode(graph.types[atom][1])] for atom in atoms.tolist()]
    framework = Framework(
        positions=cluster.molecule.positions[atoms],
        kinds=np.repeat([0, 1], [len(graph.metals), len(seen)]),
        traits=np.array(traits, dtype=np.int64).reshape(len(atoms), 2),
    )
    return framework, atoms


def _encode(name: str) -> int:
    """Return a number for the beginning of a name, the same in both clusters."""
    return int.from_bytes(name.encode()[:7], "big")


def complete_pairs(
    pairs: Mapping[int, int],
    graphs: tuple[BondGraph, BondGraph],
    places: tuple[FloatArray, FloatArray],
    *,
    farthest: float,
) -> dict[int, int]:
    """Add pairs of like atoms that hold the same atoms.

    Parameters
    ----------
    pairs : mapping of int to int
        Atoms of the second cluster for atoms of the first.
    graphs : (BondGraph, BondGraph)
        The graphs of both clusters.
    places : (ndarray of shape (n, 3), ndarray of shape (m, 3))
        All atoms of both molecules in one frame, in Å; of several candidates the nearest is taken.
    farthest : float
        Farthest partner in Å.

    Returns
    -------
    dict of int to int
        The pairs and the new ones. A new one has a mapped neighbour, and no mapped neighbour of either atom
        contradicts it.
    """
    found = dict(pairs)
    while True:
        candidates = _find_candidates(found, graphs, places)
        near = sorted(one for one in candidates if one[1] <= farthest)
        if not near:
            return found
        _, _, a, b = near[0]
        found[a] = b


def _find_candidates(
    pairs: Mapping[int, int], graphs: tuple[BondGraph, BondGraph], places: tuple[FloatArray, FloatArray]
) -> Iterator[tuple[int, float, int, int]]:
    """Yield pairs that the graphs agree on: how many bonds agree (negative), distance, atoms."""
    first, second = graphs
    partner = {b: a for a, b in pairs.items()}
    free = [b for b in second.neighbours if b not in partner]
    for a in first.neighbours:
        if a in pairs:
            continue
        own = {pairs[n] for n in first.neighbours[a] if n in pairs}
        for b in free:
            known = {n for n in second.neighbours[b] if n in partner}
            if own and own == known and _may_be_one(first.types[a], second.types[b]):
                distance = round(float(np.linalg.norm(places[0][a] - places[1][b])), 6)
                yield -len(own), distance, a, b


def _may_be_one(first: tuple[str, str], second: tuple[str, str]) -> bool:
    """Return whether types agree; the role of a donor may change with a metal atom that is missing."""
    return first == second or (first[0] == second[0] != "metal")


def count_kept_bonds(pairs: Mapping[int, int], graphs: tuple[BondGraph, BondGraph]) -> int:
    """Count the metal-donor bonds that both clusters have between mapped atoms.

    Parameters
    ----------
    pairs : mapping of int to int
        Atoms of the second cluster for atoms of the first.
    graphs : (BondGraph, BondGraph)
        The graphs of both clusters.

    Returns
    -------
    int
        Number of bonds.
    """
    first, second = graphs
    return sum(
        pairs.get(metal) in second.neighbours.get(pairs.get(donor, -1), ())
        for donor in first.donors
        for metal in first.neighbours[donor]
    )
