"""Does a molecule keep its atoms, bonds and origins together?"""

import numpy as np
import pytest

from clustermodel.structure.molecule import Bonds, Molecule, Origin, molecule_from_atoms

WATER = (["O", "H", "H"], [[0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])


def two_bonds():
    return Bonds(pairs=[[0, 1], [0, 2]], lengths=[0.96, 0.96], shifts=np.zeros((2, 3)), long=[0, 0])


def test_plain_atoms_get_labels_and_a_trivial_origin():
    water = molecule_from_atoms(*WATER)
    assert water.labels == ("O1", "H2", "H3")
    assert water.formula == "H2O"
    assert (water.periodicity, len(water), len(water.bonds)) == (0, 3, 0)
    assert not water.origin.shifts.any()
    assert water.occupancy.tolist() == [1, 1, 1]
    assert np.isnan(water.u_eq).all()


def test_neighbors_are_listed_for_both_ends():
    water = molecule_from_atoms(*WATER, labels=["O", "Ha", "Hb"], bonds=two_bonds())
    assert water.neighbors() == [[1, 2], [0], [0]]
    assert water.labels == ("O", "Ha", "Hb")


def test_an_atom_bonded_to_its_own_image_is_its_neighbour_once():
    loop = Bonds(pairs=[[0, 0]], lengths=[2.9], shifts=[[1, 0, 0]], long=[0])
    assert molecule_from_atoms(["Au"], [[0, 0, 0]], bonds=loop).neighbors() == [[0]]


def test_other_bonds_give_a_new_molecule():
    water = molecule_from_atoms(*WATER)
    bonded = water.with_bonds(two_bonds())
    assert (len(water.bonds), len(bonded.bonds)) == (0, 2)
    assert bonded.labels == water.labels
    np.testing.assert_array_equal(bonded.positions, water.positions)


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="long"):
        Bonds(pairs=[[0, 1]], lengths=[1.0], shifts=[[0, 0, 0]], long=[0, 0])
    with pytest.raises(ValueError, match="operations"):
        Origin(labels=("A", "B"), sites=[0, 1], operations=[0], shifts=np.zeros((2, 3)))
    water = molecule_from_atoms(*WATER)
    with pytest.raises(ValueError, match="positions"):
        Molecule(
            elements=water.elements,
            positions=np.zeros((2, 3)),
            bonds=water.bonds,
            origin=water.origin,
            occupancy=water.occupancy,
            u_eq=water.u_eq,
        )


def test_positions_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        molecule_from_atoms(*WATER).positions[0, 0] = 1.0
