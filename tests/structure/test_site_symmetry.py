"""Site symmetry of molecules, and the names of the 32 crystallographic point groups."""

import gemmi
import numpy as np
import pytest

from clustermodel.structure.cell import Cell
from clustermodel.structure.molecule import molecule_from_atoms
from clustermodel.structure.site_symmetry import find_site_symmetry, name_point_group
from clustermodel.structure.symmetry import find_space_group


@pytest.mark.parametrize("number", sorted({sg.number for sg in gemmi.spacegroup_table()}))
def test_point_group_of_every_space_group(number):
    """Gemmi's own table of point groups is the other program here."""
    known = gemmi.find_spacegroup_by_number(number)
    group = find_space_group(known.xhm(), source="table")
    same = {"-4m2": "-42m", "-62m": "-6m2", "31m": "3m", "-31m": "-3m", "312": "32"}
    expected = known.point_group_hm()
    assert name_point_group(group.rotations) == same.get(expected, expected)


def test_not_a_group_is_named_unknown():
    three = np.array([[0, -1, 0], [1, -1, 0], [0, 0, 1]])
    assert name_point_group(np.array([np.eye(3), three, -np.eye(3)]).astype(int)) == "?"


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ([[1, 2, 3], [-1, -2, -3]], "-1"),
        ([[1, 2, 3], [-1, 2, -3]], "2"),
        ([[1, 2, 3], [1, -2, 3]], "m"),
        ([[1, 2, 3]], "1"),
    ],
)
def test_site_symmetry_in_p2_m(positions, expected):
    cell = Cell(lengths=(20, 20, 20), angles=(90, 100, 90))
    group = find_space_group("P 1 2/m 1", source="H-M symbol")
    fract = np.array(positions) / 20.0
    molecule = molecule_from_atoms(["Au"] * len(positions), fract @ cell.matrix)
    assert find_site_symmetry(molecule, cell, group) == expected


def test_site_symmetry_away_from_the_origin():
    cell = Cell(lengths=(20, 20, 20), angles=(90, 90, 90))
    group = find_space_group("P -1", source="H-M symbol")
    about = np.array([[0.51, 0.48, 0.55], [0.49, 0.52, 0.45]])
    molecule = molecule_from_atoms(["Au", "Au"], about @ cell.matrix)
    assert find_site_symmetry(molecule, cell, group) == "-1"
