"""Kernels without ligands, built from points, and kernels of the shared clusters."""

from functools import cache

import numpy as np

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster, is_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster.shared_clusters import read_atoms

EDGE = 2.85  # Å; with the noise of these tests, bonds stay below the limit of metal-metal bonds (3.02 Å)


def bare_kernel(points, elements=None):
    """Return a cluster of metal atoms alone and its anatomy: every atom is kernel."""
    symbols = elements or ["Au"] * len(points)
    cluster = build_cluster(bond_molecule(molecule_from_atoms(symbols, points)))
    assert len(cluster.metals) == len(points), "the atoms fell apart"
    return cluster, classify_kernel(cluster)


def are_joined(points):
    """Return whether atoms form one cluster."""
    molecule = bond_molecule(molecule_from_atoms(["Au"] * len(points), points))
    return is_cluster(molecule) and len(build_cluster(molecule).metals) == len(points)


@cache
def shared_kernel(name, convention="staple"):
    """Return a shared cluster and its anatomy."""
    cluster = build_cluster(bond_molecule(read_atoms(name)))
    return cluster, classify_kernel(cluster, convention=convention)


def random_rotation(rng, *, mirror=False):
    """Return a random rotation, or rotary reflection."""
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    return -turn if mirror else turn


def shaken(points, noise, rng):
    """Return points moved at random; `noise` is the root mean square displacement."""
    return points + rng.normal(size=points.shape) * noise / np.sqrt(3)
