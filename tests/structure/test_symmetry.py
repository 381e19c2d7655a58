"""Are the operations those of the space group, whatever the file calls it?"""

import gemmi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.structure.symmetry import (
    SpaceGroup,
    compose,
    find_space_group,
    parse_triplet,
    space_group_from_triplets,
)

SETTINGS = tuple(gemmi.spacegroup_table())
settings_drawn = st.sampled_from(SETTINGS)


def triplets_of(setting):
    return [operation.triplet() for operation in setting.operations()]


@given(settings_drawn, st.randoms(use_true_random=False))
def test_a_list_of_operations_is_recognised_in_any_order(setting, random):
    triplets = triplets_of(setting)
    random.shuffle(triplets)
    group = space_group_from_triplets(triplets, source="test")
    assert group.operations() == set(triplets)
    assert group.number == setting.number
    assert group.source == "test"
    assert np.array_equal(group.rotations[0], np.eye(3))
    assert not group.translations[0].any()


@given(settings_drawn, st.randoms(use_true_random=False))
def test_some_operations_are_completed_to_a_group(setting, random):
    """Two operations generate a subgroup: closed, with an order that divides that of the group."""
    chosen = random.sample(triplets_of(setting), k=min(2, len(triplets_of(setting))))
    group = space_group_from_triplets(chosen, source="test")
    products = {(gemmi.Op(a) * gemmi.Op(b)).wrap().triplet() for a in group.operations() for b in chosen}
    assert set(chosen) <= products | group.operations()
    assert products <= group.operations()
    assert len(triplets_of(setting)) % len(group) == 0


@given(settings_drawn)
def test_rotations_and_translations_act_as_the_operations_of_gemmi(setting):
    group = space_group_from_triplets(triplets_of(setting), source="test")
    point = np.array([0.1, 0.23, 0.37])
    for index in range(len(group)):
        (applied,) = compose(group.rotations[index], group.translations[index], point[None])
        wanted = gemmi.Op(group.triplet(index)).apply_to_xyz(point.tolist())
        np.testing.assert_allclose(applied, wanted, atol=1e-12)  # doubles


@pytest.mark.parametrize("setting", SETTINGS[::7], ids=lambda setting: setting.xhm())
def test_settings_are_found_by_their_symbols(setting):
    for symbol in (setting.xhm(), setting.hall):
        group = find_space_group(symbol, source="H-M symbol")
        assert group is not None, symbol
        assert group.operations() == set(triplets_of(setting)), symbol


@pytest.mark.parametrize(
    ("spelling", "number", "order"),
    [
        ("P2(1)/n", 14, 4),
        ("P 21/c", 14, 4),
        ("P 1 21/c 1", 14, 4),
        ("P2(1)2(1)2(1)", 19, 4),
        ("C2/c", 15, 8),
        ("R-3", 148, 18),
        ("F d -3 m", 227, 192),
        ("P_21_21_21", 19, 4),
        ("-P 2ybc", 14, 4),
        ("62", 62, 8),
    ],
)
def test_spellings_found_in_files(spelling, number, order):
    group = find_space_group(spelling, source="H-M symbol")
    assert (group.number, len(group)) == (number, order)


@pytest.mark.parametrize("name", ["", "Q 7", "0", "231", "P 21/x", "none"])
def test_unknown_names_give_none(name):
    assert find_space_group(name, source="H-M symbol") is None


@pytest.mark.parametrize("text", ["x,y", "x,y,q", "", "x,y,z,", "1/0*x,y,z"])
def test_unreadable_operations_say_what_was_expected(text):
    with pytest.raises(ValueError, match=r"expected e\.g\."):
        parse_triplet(text)


@pytest.mark.parametrize("text", ["-x,1/2+y,-z", " -X , Y+0.5, -Z ", "'-x,y+3/2,-z'", "-x,y-1/2,-z"])
def test_spellings_of_one_operation(text):
    assert parse_triplet(text).triplet() == "-x,y+1/2,-z"


def test_operations_that_are_no_crystal_group_are_refused():
    """A two-fold and a three-fold axis in directions that no lattice has together."""
    with pytest.raises(ValueError, match="no crystallographic group"):
        space_group_from_triplets(["x+y,y,z", "x,y+z,z"], source="test")
    with pytest.raises(ValueError, match="no symmetry operations"):
        space_group_from_triplets([], source="test")


def test_a_group_without_a_tabulated_setting_has_no_name():
    """A cell three times too long, its copies given as centring."""
    group = space_group_from_triplets(["x,y,z", "x+1/3,y,z"], source="test")
    assert (group.name, group.number, len(group)) == ("", 0, 3)


def test_arrays_cannot_be_changed():
    group = SpaceGroup(rotations=np.eye(3, dtype=int)[None], translations=np.zeros((1, 3)))
    with pytest.raises(ValueError, match="read-only"):
        group.translations[0, 0] = 0.5
