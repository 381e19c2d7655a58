"""Are pairs of atoms sorted into bonds, long bonds, contacts and neither as chemistry has them?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.assembly.bonding import BONDING_RULES, bond_molecule, classify_pairs, search_radius
from clustermodel.elements import covalent_radii, van_der_waals_radii
from clustermodel.structure.molecule import molecule_from_atoms
from clustermodel.structure.neighbors import find_pairs
from tests.assembly.strategies import generators, pair_sum, random_molecule

RULE = BONDING_RULES["cordero"]


def bonds_of(elements, positions):
    """Return the bonds as pairs of indices, True where long."""
    bonds = bond_molecule(molecule_from_atoms(elements, positions)).bonds
    return {
        tuple(pair): bool(long) for pair, long in zip(bonds.pairs.tolist(), bonds.long.tolist(), strict=True)
    }


def pair_at(first, second, distance):
    return bonds_of([first, second], [[0, 0, 0], [distance, 0, 0]])


# ------------------------------------------------------------------------------------- molecules from books


# Gas-phase geometries (Å): water r 0.958, 104.5°; diborane B-B 1.770, B-H 1.192 and 1.329 (NIST CCCBDB);
# bifluoride F-F 2.26 with H in the middle.
WATER = (["O", "H", "H"], [[0, 0, 0], [0.958, 0, 0], [-0.240, 0.927, 0]])
DIBORANE = (
    ["B", "B", *"HHHHHH"],
    [
        [0, 0, 0.885],
        [0, 0, -0.885],
        [0.991, 0, 0],
        [-0.991, 0, 0],
        [0, 1.037, 1.470],
        [0, -1.037, 1.470],
        [0, 1.037, -1.470],
        [0, -1.037, -1.470],
    ],
)
BIFLUORIDE = (["F", "H", "F"], [[-1.13, 0, 0], [0, 0, 0], [1.13, 0, 0]])


def test_water():
    assert bonds_of(*WATER) == {(0, 1): False, (0, 2): False}


def test_diborane_has_two_bridges_and_one_bond_between_the_boron_atoms():
    bonds = bonds_of(*DIBORANE)
    assert {pair for pair in bonds if 2 in pair} == {(0, 2), (1, 2)}
    assert {pair for pair in bonds if 3 in pair} == {(0, 3), (1, 3)}
    assert len([pair for pair in bonds if max(pair) > 3]) == 4


def test_bifluoride_is_held_by_its_hydrogen():
    assert set(bonds_of(*BIFLUORIDE)) == {(0, 1), (1, 2)}


def test_a_hydrogen_bond_is_no_bond():
    """Even the short one of a hydrogen maleate, 1.10 and 1.35 Å: H belongs to the nearer oxygen."""
    bonds = bonds_of(["O", "H", "O"], [[0, 0, 0], [1.10, 0, 0], [2.45, 0, 0]])
    assert set(bonds) == {(0, 1)}


def test_an_agostic_hydrogen_stays_with_its_carbon_and_a_hydride_goes_to_the_metal():
    agostic = bonds_of(["C", "H", "Ru"], [[0, 0, 0], [1.13, 0, 0], [2.3, 1.3, 0]])
    assert (1, 2) not in agostic
    assert set(bonds_of(["H", "Ru"], [[0, 0, 0], [1.6, 0, 0]])) == {(0, 1)}


def test_hydrogens_never_bond_to_each_other():
    assert pair_at("H", "H", 0.74) == {}


# -------------------------------------------------------------------------------------------- the limits


@pytest.mark.parametrize(
    ("first", "second", "tight", "loose"),
    [("C", "C", "organic", "organic_long"), ("S", "C", "organic", "organic_long"),
     ("Au", "S", "metal", "metal_long"), ("Ag", "P", "metal", "metal_long")],
)  # fmt: skip
def test_bonds_between_the_tight_and_the_loose_limit_are_long(first, second, tight, loose):
    total = pair_sum(first, second)
    step = 0.01
    assert pair_at(first, second, total + getattr(RULE, tight) - step) == {(0, 1): False}
    assert pair_at(first, second, total + getattr(RULE, tight) + step) == {(0, 1): True}
    assert pair_at(first, second, total + getattr(RULE, loose) - step) == {(0, 1): True}
    assert pair_at(first, second, total + getattr(RULE, loose) + step) == {}


@pytest.mark.parametrize(("first", "second"), [("Au", "Au"), ("Ag", "Au"), ("Au", "Pt")])
def test_metals_bond_up_to_their_limit_and_touch_up_to_their_van_der_waals_sum(first, second):
    limit = pair_sum(first, second) + RULE.metal_metal
    reach = float(van_der_waals_radii([first, second]).sum())
    elements = (first, second)

    def sorted_at(distance):
        pairs = find_pairs(np.array([[0.0, 0, 0], [distance, 0, 0]]), reach + 1)
        found = classify_pairs(elements, pairs, RULE)
        return len(found.bonds), len(found.contacts), int(found.long.sum())

    assert sorted_at(limit - 0.01) == (1, 0, 0)
    assert sorted_at(limit + 0.01) == (0, 1, 0)
    assert sorted_at(reach - 0.01) == (0, 1, 0)
    assert sorted_at(reach + 0.01) == (0, 0, 0)


def test_atoms_on_top_of_each_other_are_not_bonded():
    assert pair_at("C", "H", 0.6 * pair_sum("C", "H") - 0.01) == {}
    assert pair_at("C", "H", 0.6 * pair_sum("C", "H") + 0.01) == {(0, 1): False}


def test_a_long_pair_with_a_common_neighbour_is_an_angle_not_a_bond():
    """Two carbon atoms 1.85 Å apart: bonded if alone, not if both hang on one oxygen."""
    carbons = [[-0.925, 0, 0], [0.925, 0, 0]]
    assert bonds_of(["C", "C"], carbons) == {(0, 1): True}
    height = np.sqrt(1.43**2 - 0.925**2)
    assert set(bonds_of(["C", "C", "O"], [*carbons, [0, height, 0]])) == {(0, 2), (1, 2)}


def test_a_three_membered_ring_keeps_its_three_bonds():
    """Cyclopropane, C-C 1.51 Å: tight pairs are bonds whatever they share."""
    corners = np.array([[0, 0, 0], [1.51, 0, 0], [0.755, 1.3077, 0]])
    assert set(bonds_of(["C"] * 3, corners)) == {(0, 1), (0, 2), (1, 2)}


def test_a_widened_rule_moves_the_limits_of_metal_and_ligand_alone():
    wide = RULE.widened(0.1)
    assert (wide.metal, wide.metal_long) == (
        pytest.approx(RULE.metal + 0.1),
        pytest.approx(RULE.metal_long + 0.1),
    )
    assert (wide.organic, wide.organic_long, wide.metal_metal) == (
        RULE.organic,
        RULE.organic_long,
        RULE.metal_metal,
    )
    assert wide.name != RULE.name
    distance = pair_sum("Au", "S") + RULE.metal_long + 0.05
    molecule = molecule_from_atoms(["Au", "S"], [[0, 0, 0], [distance, 0, 0]])
    assert len(bond_molecule(molecule).bonds) == 0
    assert len(bond_molecule(molecule, rule=wide).bonds) == 1


@given(st.lists(st.sampled_from(["H", "C", "S", "Au", "Ag", "Cs", "F"]), min_size=1, max_size=5))
def test_no_bond_is_longer_than_the_search_radius(elements):
    radii = covalent_radii(elements)
    limits = [a + b + max(RULE.organic_long, RULE.metal_long, RULE.metal_metal) for a in radii for b in radii]
    assert search_radius(tuple(elements), RULE) <= max(limits) + 1e-12  # sums of doubles
    assert search_radius((), RULE) == 0.0


# ------------------------------------------------------------------------------------------- invariances


@given(generators(), st.integers(2, 20))
def test_bonds_are_those_of_the_tree_in_any_order(rng, size):
    elements, positions, tree = random_molecule(rng, size)
    order = rng.permutation(len(elements))
    place = np.argsort(order)
    shuffled = bonds_of([elements[i] for i in order], positions[order])
    assert set(shuffled) == {tuple(sorted((int(place[a]), int(place[b])))) for a, b in tree}


@given(generators())
def test_bonds_do_not_change_when_the_molecule_is_turned_and_moved(rng):
    elements, positions, _ = random_molecule(rng, 12)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    assert bonds_of(elements, positions @ turn + rng.normal(size=3)) == bonds_of(elements, positions)
