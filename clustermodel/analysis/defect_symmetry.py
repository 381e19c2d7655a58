"""Which sites of a cluster are the same, and which place does its own symmetry leave empty?

The cluster is laid on itself as one cluster on another (`atom_map_search`). A motion that gives every metal
and donor atom a partner of its type, with all bonds between them kept, is an approximate symmetry: sites that
it exchanges are equivalent. One that leaves a single metal atom without partner, and the donors that only it
holds, points to a place where the symmetry of the rest would have the same atom: a vacancy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.analysis.atom_map_graph import (
    BondGraph,
    build_bond_graph,
    build_framework,
    count_kept_bonds,
)
from clustermodel.analysis.atom_map_results import AtomMapSettings
from clustermodel.analysis.atom_map_search import FrameworkMap, match_frameworks
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster

__all__ = ["SelfMap", "find_self_maps", "group_sites", "number_orbits"]

_CHOICES = AtomMapSettings()  # as for two clusters
_SPACING = 1.2  # of the tolerance: an empty place gives its neighbours room, so they are farther off


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelfMap:
    """A motion that lays a cluster nearly on itself.

    Parameters
    ----------
    pairs : ndarray of int, shape (k, 2)
        Atoms and the atoms on which they fall.
    rotation : ndarray, shape (3, 3)
        Orthogonal matrix of the motion.
    translation : ndarray, shape (3,)
        Its translation in Å.
    rmsd : float
        Root mean square distance of the pairs in Å.
    lone : int
        The metal atom that falls on an empty place; -1 for a symmetry.
    """

    pairs: IntArray
    rotation: FloatArray
    translation: FloatArray = field(metadata={"unit": "Å"})
    rmsd: float = field(metadata={"unit": "Å"})
    lone: int

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "pairs", freeze_int(self.pairs, (None, 2), "pairs"))
        object.__setattr__(self, "rotation", freeze_float(self.rotation, (3, 3), "rotation"))
        object.__setattr__(self, "translation", freeze_float(self.translation, (3,), "translation"))

    def move(self, positions: FloatArray) -> FloatArray:
        """Move places.

        Parameters
        ----------
        positions : ndarray, shape (..., 3)
            Places in Å.

        Returns
        -------
        ndarray, shape (..., 3)
            Where the motion takes them.
        """
        return np.asarray(positions @ self.rotation.T + self.translation)


def find_self_maps(cluster: Cluster, anatomy: Anatomy, *, tolerance: float) -> tuple[SelfMap, ...]:
    """Find the approximate symmetries of a cluster, whole or but for one site.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell.
    tolerance : float
        Largest root mean square distance of the pairs in Å.

    Returns
    -------
    tuple of SelfMap
        The identity first, then the nearest ones.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> triangle = molecule_from_atoms(["Au"] * 3, [[0, 0, 0], [2.8, 0, 0], [1.4, 2.425, 0]])
    >>> cluster = build_cluster(bond_molecule(triangle))
    >>> maps = find_self_maps(cluster, classify_kernel(cluster), tolerance=0.3)
    >>> number_orbits(3, maps).tolist()
    [0, 0, 0]
    """
    graph = build_bond_graph(cluster, anatomy)
    framework, atoms = build_framework(cluster, graph)
    found = []
    for one in match_frameworks(framework, framework, reach=_CHOICES.reach, unlike=_CHOICES.unlike):
        rows = np.flatnonzero(one.partners >= 0)
        pairs = np.stack([atoms[rows], atoms[one.partners[rows]]], axis=1)
        left = np.setdiff1d(atoms, pairs[:, 0]).tolist()
        lone = _find_lone(graph, left)
        limit = tolerance if not left else _SPACING * tolerance
        if one.rmsd <= limit and lone is not None and _keeps_graph(graph, pairs, left):
            found.append(_build(one, pairs, lone))
    return tuple(found)


def _build(one: FrameworkMap, pairs: IntArray, lone: int) -> SelfMap:
    return SelfMap(pairs=pairs, rotation=one.rotation, translation=one.translation, rmsd=one.rmsd, lone=lone)


def _find_lone(graph: BondGraph, left: Sequence[int]) -> int | None:
    """Return the one metal atom among the atoms left, -1 if none is left, None if they are no single site."""
    if not left:
        return -1
    metals = [atom for atom in left if graph.types[atom][0] == "metal"]
    if len(metals) != 1:
        return None
    donors = set(left) - set(metals)
    return metals[0] if all(graph.neighbours[donor] <= set(metals) for donor in donors) else None


def _keeps_graph(graph: BondGraph, pairs: IntArray, left: Sequence[int]) -> bool:
    """Return whether types agree and all bonds are kept but those of the atoms left."""
    image = dict(pairs.tolist())
    if not left and any(graph.types[a] != graph.types[b] for a, b in image.items()):
        return False
    if any(graph.types[a][0] != graph.types[b][0] for a, b in image.items()):
        return False
    free = sum(len(graph.neighbours[atom]) for atom in left if graph.types[atom][0] != "metal")
    free += sum(len(graph.neighbours[atom] - set(left)) for atom in left if graph.types[atom][0] == "metal")
    gone = set(graph.neighbours) - set(image.values())
    free += sum(1 for atom in gone for other in graph.neighbours[atom] if other not in gone)
    return count_kept_bonds(image, (graph, graph)) >= graph.n_bonds - free


def number_orbits(size: int, maps: Sequence[SelfMap]) -> IntArray:
    """Give equivalent atoms the same number.

    Parameters
    ----------
    size : int
        Number of atoms of the molecule.
    maps : sequence of SelfMap
        Motions; those of a whole symmetry count.

    Returns
    -------
    ndarray of int, shape (size,)
        Numbers by the first atom of each set; an atom that no map holds is alone.
    """
    links = [one.pairs for one in maps if one.lone < 0]
    rows = np.concatenate(links) if links else np.zeros((0, 2), dtype=np.int64)
    table = coo_array((np.ones(len(rows)), (rows[:, 0], rows[:, 1])), shape=(size, size))
    return np.asarray(connected_components(table, directed=False)[1], dtype=np.int64)


def group_sites(sites: Sequence[Sequence[int]], maps: Sequence[SelfMap]) -> list[list[int]]:
    """Group sites that a symmetry exchanges.

    Parameters
    ----------
    sites : sequence of sequence of int
        Metal and donor atoms of every site.
    maps : sequence of SelfMap
        Motions; those of a whole symmetry count.

    Returns
    -------
    list of list of int
        Places in the list of sites; groups by their first member.

    Examples
    --------
    >>> group_sites([[0], [1]], [])
    [[0], [1]]
    """
    index = {frozenset(site): k for k, site in enumerate(sites)}
    links = [(k, k) for k in range(len(sites))]
    for one in maps:
        image = dict(one.pairs.tolist()) if one.lone < 0 else {}
        for k, site in enumerate(sites):
            other = index.get(frozenset(image.get(atom, -1) for atom in site))
            if other is not None:
                links.append((k, other))
    rows = np.array(links, dtype=np.int64).reshape(-1, 2)
    table = coo_array((np.ones(len(rows)), (rows[:, 0], rows[:, 1])), shape=(len(sites), len(sites)))
    numbers = connected_components(table, directed=False)[1] if len(sites) else []
    groups: dict[int, list[int]] = {}
    for k, number in enumerate(numbers):
        groups.setdefault(int(number), []).append(k)
    return list(groups.values())
