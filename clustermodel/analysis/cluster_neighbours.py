"""How far apart are the clusters? Their neighbours by four distances, each unique one once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.centroid_distances import (
    WeightedAtoms,
    join_weighted_atoms,
    measure_centroid_distances,
)
from clustermodel.analysis.crystal_images import Images, compose_images, format_image
from clustermodel.analysis.crystal_orbits import find_unique_pairs
from clustermodel.analysis.molecule_table import MoleculeTable
from clustermodel.analysis.neighbour_molecules import Encounters, find_encounters
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.uncertainty import ErrorModel, build_error_model

__all__ = ["ClusterNeighbour", "PackedCluster", "find_cluster_neighbours", "find_surroundings"]

_SPECIAL = 0.1  # Å: the distance below which the assembly takes images of a site for one atom
_WIDE = 2.6  # cube roots of the volume per cluster: a sphere with 74 of them, more than any lattice asks for


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackedCluster:
    """A cluster at its place in the crystal.

    Parameters
    ----------
    molecule : int
        Number of the distinct molecule.
    atoms : Molecule
        Its atoms.
    kernel, centres, metals : ndarray of int
        Indices of the kernel atoms, of the central atoms and of all metal atoms.
    """

    molecule: int
    atoms: Molecule
    kernel: IntArray
    centres: IntArray
    metals: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterNeighbour:
    """A symmetry-unique neighbour of a cluster.

    Parameters
    ----------
    cluster, neighbour : int
        Numbers of the two clusters, in the order given; those that share a place count once.
    symmetry : str
        Symmetry code of the neighbour; the cluster is where the assembly placed it.
    multiplicity : int
        Number of equivalent neighbours round the cluster.
    centroid_distance, centroid_su : float
        Distance of the kernel centroids and its s.u. in Å; NaN for an unknown s.u.
    centre_distance, centre_su : float
        Distance of the central atoms (of several the nearest) in Å; NaN if one has none.
    metal_distance, metal_su : float
        Distance of the nearest metal atoms in Å.
    metal_labels : tuple of str
        Their labels.
    atom_distance, atom_su : float
        Distance of the nearest atoms in Å.
    atom_labels : tuple of str
        Their labels.
    """

    cluster: int
    neighbour: int
    symmetry: str
    multiplicity: int
    centroid_distance: float = field(metadata={"unit": "Å"})
    centroid_su: float = field(metadata={"unit": "Å"})
    centre_distance: float = field(metadata={"unit": "Å"})
    centre_su: float = field(metadata={"unit": "Å"})
    metal_distance: float = field(metadata={"unit": "Å"})
    metal_su: float = field(metadata={"unit": "Å"})
    metal_labels: tuple[str, str]
    atom_distance: float = field(metadata={"unit": "Å"})
    atom_su: float = field(metadata={"unit": "Å"})
    atom_labels: tuple[str, str]


def find_cluster_neighbours(
    table: MoleculeTable, clusters: Sequence[PackedCluster], *, reach: float, touching: float
) -> tuple[ClusterNeighbour, ...]:
    """Find the clusters round each cluster.

    Parameters
    ----------
    table : MoleculeTable
        The molecules.
    clusters : sequence of PackedCluster
        The clusters, each another molecule.
    reach : float
        Largest distance of kernel centroids in Å.
    touching : float
        Clusters further away are listed if their nearest atoms are closer than this, in Å.

    Returns
    -------
    tuple of ClusterNeighbour
        By cluster, then by the distance of the centroids.
    """
    model = build_error_model(table.crystal, tolerance=_SPECIAL)
    extents = [_extent(one) for one in clusters]
    found = _meet(table, clusters, max(reach, 2 * max(extents) + touching))
    near = found.distances <= np.maximum(
        reach, np.array(extents)[found.first] + np.array(extents)[found.second] + touching
    )
    found = found.select(near)
    molecules = np.array([one.molecule for one in clusters])
    unique = find_unique_pairs(
        table.group,
        table.orbits,
        Images(
            objects=molecules[found.first],
            operations=np.zeros(len(near[near]), dtype=np.int64),
            shifts=np.zeros_like(found.shifts),
        ),
        Images(objects=molecules[found.second], operations=found.operations, shifts=found.shifts),
        np.ones(len(found.first), dtype=bool),
    )
    kinds, rows, counts = np.unique(
        np.stack([found.first, unique.group], axis=1), axis=0, return_index=True, return_counts=True
    )
    listed = []
    for (_, group), row, count in zip(kinds.tolist(), rows.tolist(), counts.tolist(), strict=True):
        operation, shift = int(found.operations[row]), found.shifts[row]
        if unique.first[group] == molecules[found.first[row]]:
            operation, shift = int(unique.second.operations[group]), unique.second.shifts[group]
        pair = _Pair(table, clusters, (int(found.first[row]), int(found.second[row])), (operation, shift))
        one = pair.describe(model, count)
        if one.centroid_distance <= reach or one.atom_distance <= touching:
            listed.append(one)
    return tuple(sorted(listed, key=lambda one: (one.cluster, one.centroid_distance, one.atom_distance)))


def find_surroundings(
    table: MoleculeTable, clusters: Sequence[PackedCluster], volume: float
) -> tuple[FloatArray, ...]:
    """Find where the kernel centroids round each cluster are.

    Parameters
    ----------
    table : MoleculeTable
        The molecules.
    clusters : sequence of PackedCluster
        The clusters, each another molecule.
    volume : float
        Volume per cluster in Å3.

    Returns
    -------
    tuple of ndarray, shape (n, 3)
        For each cluster the vectors to the others in Å.
    """
    found = _meet(table, clusters, _WIDE * volume ** (1 / 3))
    centroids = np.array([_centroid(one) for one in clusters])
    cell, group = table.crystal.cell, table.group.space_group
    own = (centroids @ cell.inverse)[found.second]
    placed = np.einsum("pij,pj->pi", group.rotations[found.operations], own)
    placed += group.translations[found.operations] + found.shifts
    vectors = placed @ cell.matrix - centroids[found.first]
    return tuple(vectors[found.first == number] for number in range(len(clusters)))


def _meet(table: MoleculeTable, clusters: Sequence[PackedCluster], cutoff: float) -> Encounters:
    centroids = np.array([_centroid(one) for one in clusters])
    owners = np.array([one.molecule for one in clusters])
    return find_encounters(table, (centroids, owners), (centroids, owners), cutoff)


def _centroid(cluster: PackedCluster) -> FloatArray:
    return np.asarray(cluster.atoms.positions[cluster.kernel].mean(axis=0))


def _extent(cluster: PackedCluster) -> float:
    """Return the distance of the outermost atom from the centroid of the kernel."""
    return float(np.linalg.norm(cluster.atoms.positions - _centroid(cluster), axis=1).max())


class _Pair:
    """Two clusters, the second as an image."""

    __slots__ = ("group", "image", "members", "moved", "table")

    def __init__(
        self,
        table: MoleculeTable,
        clusters: Sequence[PackedCluster],
        members: tuple[int, int],
        image: tuple[int, IntArray],
    ) -> None:
        self.table, self.members, self.image = table, members, image
        self.group = tuple(clusters[number] for number in members)
        cell, group = table.crystal.cell, table.group.space_group
        fract = self.group[1].atoms.positions @ cell.inverse
        placed = fract @ group.rotations[image[0]].T + group.translations[image[0]] + image[1]
        self.moved: FloatArray = placed @ cell.matrix

    def describe(self, model: ErrorModel, multiplicity: int) -> ClusterNeighbour:
        """Measure the four distances."""
        first, second = self.group
        metals = self._nearest(first.metals, second.metals)
        atoms = self._nearest(np.arange(len(first.atoms)), np.arange(len(second.atoms)))
        ends = [(first.kernel, second.kernel), metals, atoms]
        if len(first.centres) and len(second.centres):
            ends.append(self._nearest(first.centres, second.centres))
        parts = [part for number, pair in enumerate(ends) for part in self._weigh(number, pair)]
        measured = measure_centroid_distances(model, join_weighted_atoms(parts), len(ends))
        lengths, su = (np.append(values, np.nan).tolist() for values in (measured.lengths, measured.su))
        return ClusterNeighbour(
            cluster=self.members[0],
            neighbour=self.members[1],
            symmetry=format_image(self.table.group.space_group, *self.image),
            multiplicity=multiplicity,
            centroid_distance=lengths[0],
            centroid_su=su[0],
            metal_distance=lengths[1],
            metal_su=su[1],
            metal_labels=self._name(metals),
            atom_distance=lengths[2],
            atom_su=su[2],
            atom_labels=self._name(atoms),
            centre_distance=lengths[3],
            centre_su=su[3],
        )

    def _nearest(self, first: IntArray, second: IntArray) -> tuple[IntArray, IntArray]:
        """Return the two atoms that are nearest to each other."""
        distances, found = cKDTree(self.group[0].atoms.positions[first]).query(self.moved[second])
        best = int(np.argmin(distances))
        return first[[int(found[best])]], second[[best]]

    def _weigh(self, number: int, ends: tuple[IntArray, IntArray]) -> list[WeightedAtoms]:
        parts = []
        for which, atoms in enumerate(ends):
            k, origin = len(atoms), self.group[which].atoms.origin
            images = Images(
                objects=origin.sites[atoms], operations=origin.operations[atoms], shifts=origin.shifts[atoms]
            )
            if which:
                applied = Images(
                    objects=images.objects,
                    operations=np.full(k, self.image[0]),
                    shifts=np.tile(self.image[1], (k, 1)),
                )
                images = compose_images(self.table.group, applied, images)
            weights = np.full(k, (1.0 if which else -1.0) / k)
            parts.append(WeightedAtoms(rows=np.full(k, number), images=images, weights=weights))
        return parts

    def _name(self, ends: tuple[IntArray, IntArray]) -> tuple[str, str]:
        first, second = (one.atoms.labels[int(end[0])] for one, end in zip(self.group, ends, strict=True))
        return first, second
