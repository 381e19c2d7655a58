"""What is a cluster, and which atoms belong to it?"""

import numpy as np
import pytest

from clustermodel.cluster.cluster import build_cluster, is_cluster
from clustermodel.errors import ChemistryError
from tests.cluster import model_clusters as models


def test_three_joined_metals_are_a_cluster_two_are_not():
    assert is_cluster(models.icosahedron().molecule())
    assert not is_cluster(models.Atoms().add("Au", (0, 0, 0), (2.8, 0, 0)).molecule())


def test_ligands_join_metals_without_metal_bonds():
    """Three Au 4 Å apart, joined by one chloride at their middle; without it, nothing joins them."""
    turns = np.radians((0, 120, 240))
    apart = models.Atoms().add("Au", *((2.4 * np.cos(t), 2.4 * np.sin(t), 0) for t in turns))
    assert not is_cluster(apart.molecule())
    assert is_cluster(apart.add("Cl", (0, 0, 0)).molecule())


def test_a_chain_of_ligands_is_enough():
    """Au-Cl-Au-Cl-Au in a line."""
    atoms = models.Atoms().add("Au", (0, 0, 0), (4.8, 0, 0), (9.6, 0, 0)).add("Cl", (2.4, 0, 0), (7.2, 0, 0))
    assert build_cluster(atoms.molecule()).metals == (0, 1, 2)


def test_what_is_not_joined_is_left_out():
    atoms = models.icosahedron().add("Au", (30, 0, 0)).add("Cl", (32.3, 0, 0), (0, 0, 0))
    atoms.positions[-1] = 5.1 * models.ICOSAHEDRON[0]
    cluster = build_cluster(atoms.molecule())
    assert cluster.metals == tuple(range(13))
    assert [ligand.donors[0].atom for ligand in cluster.ligands] == [15]


def test_metals_may_be_mixed_and_hydrogen_is_a_ligand():
    atoms = models.Atoms().add("Pd", (0, 0, 0)).add("Cd", (2.8, 0, 0)).add("Hg", (1.4, 2.4, 0))
    cluster = build_cluster(atoms.add("H", (1.4, 0.8, 1.0)).molecule())
    assert cluster.metals == (0, 1, 2)
    assert cluster.metal_formula == "CdHgPd"
    assert [ligand.formula for ligand in cluster.ligands] == ["H"]


def test_error_says_what_was_found():
    with pytest.raises(ChemistryError, match="found 2 joined metal atoms"):
        build_cluster(models.Atoms().add("Au", (0, 0, 0), (2.8, 0, 0)).molecule())


def test_no_metal_at_all():
    water = models.Atoms().add("O", (0, 0, 0)).add("H", (0.96, 0, 0), (-0.24, 0.93, 0)).molecule()
    assert not is_cluster(water)
    with pytest.raises(ChemistryError, match="found 0"):
        build_cluster(water)
