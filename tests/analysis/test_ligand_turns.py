"""Turned ligands: what a turn must keep, and least overlaps that are known by construction."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.analysis.ligand_turns import LigandFit, turn_ligand

# Au-S-C(H2)-C(H2)-H3 as a chain: the metal atom, then its ligand; bond lengths 2.3, 1.8, 1.5 and 1.1 Å.
CHAIN = ["Au", "S", "C", "C", "H", "H", "H"]
BONDS = ((0, 1), (1, 2), (2, 3), (3, 4), (3, 5), (3, 6))


def chain():
    """A zigzag in a plane with three hydrogen atoms at its end."""
    places = [np.zeros(3), np.array([2.3, 0, 0])]
    for k, length in enumerate((1.8, 1.5)):
        turn = np.radians(70.0 if k % 2 == 0 else 0.0)
        places.append(places[-1] + length * np.array([np.cos(turn), np.sin(turn), 0]))
    along = np.array([1.0, 0, 0])
    for angle in np.radians((0, 120, 240)):
        side = np.cos(angle) * np.array([0, 1.0, 0]) + np.sin(angle) * np.array([0, 0, 1.0])
        places.append(places[3] + 1.1 * (0.33 * along + 0.94 * side))
    return np.array(places)


def fit_around(present, allowed=2.5, elements=CHAIN, bonds=BONDS):
    present = np.reshape(present, (-1, 3))
    table = np.full((len(elements), len(present)), allowed)
    table[0] = 0.0  # the metal atom does not move: nothing could help it
    return LigandFit(elements=tuple(elements), bonds=bonds, present=present, allowed=table, overlap=0.6)


def distances_along(positions, bonds=BONDS, cutoff=2):
    """Distances between atoms one or two bonds apart: lengths and angles."""
    near = dict(nx.all_pairs_shortest_path_length(nx.Graph(bonds), cutoff=cutoff))
    return np.array([np.linalg.norm(positions[a] - positions[b]) for a in near for b in near[a] if b > a])


def own_overlap(fit, positions):
    gaps = np.linalg.norm(positions[:, None] - fit.present[None], axis=2)
    return float((np.maximum(fit.allowed - gaps, 0) ** 2).sum())


@given(st.lists(st.tuples(*[st.floats(-4, 6)] * 3), min_size=1, max_size=5))
def test_turning_keeps_lengths_and_angles_and_never_makes_it_worse(places):
    fit = fit_around(np.array(places))
    positions, overlap = turn_ligand(fit, chain()[None])
    np.testing.assert_allclose(distances_along(positions), distances_along(chain()), atol=1e-9)
    np.testing.assert_allclose(positions[:2], chain()[:2], atol=1e-12)  # metal and donor are on every axis
    assert overlap <= own_overlap(fit, chain()) + 1e-9
    assert overlap == pytest.approx(own_overlap(fit, positions), abs=1e-9)  # the chain cannot touch itself


def test_an_atom_in_the_way_is_passed():
    """The bend of the chain turns away from an atom beside it: on the other side nothing is near."""
    wall = chain()[3] + np.array([0.0, 0.4, 0.0])
    positions, overlap = turn_ligand(fit_around(wall), chain()[None])
    assert overlap == 0.0
    assert np.linalg.norm(positions - wall, axis=1)[1:].min() >= 2.5


def test_the_best_start_wins():
    """Two starts, one far from all atoms: nothing has to turn."""
    wall = chain()[3]
    away = chain() * [1, -1, 1]
    positions, overlap = turn_ligand(fit_around(wall, allowed=1.5), np.array([chain(), away]))
    assert overlap == 0.0
    np.testing.assert_allclose(positions, away)


def test_no_turn_without_room():
    """A cage of atoms around the end: the least overlap is found, and it is not zero."""
    cage = chain()[3] + 1.5 * np.array(list(itertools.product((-1, 1), repeat=3))) / np.sqrt(3)
    ring = np.array(
        [[x, 2.5 * np.cos(a), 2.5 * np.sin(a)] for x in (2.5, 4.5) for a in np.arange(0, 6.3, 0.5)]
    )
    _, overlap = turn_ligand(fit_around(np.vstack([cage, ring])), chain()[None])
    assert overlap > 0.0


def test_rings_and_double_bonds_stay():
    """Au-C(=C)-: the short bond of a vinyl group does not turn, and no bond of a ring does."""
    vinyl = np.array([[0, 0, 0], [2.0, 0, 0], [2.67, 1.16, 0], [2.1, 2.1, 0.0], [3.75, 1.16, 0]])
    bonds = ((0, 1), (1, 2), (2, 3), (2, 4))
    wall = vinyl[3] + [0, 0, 0.3]
    fit = fit_around(wall, elements=("Au", "C", "C", "H", "H"), bonds=bonds)
    positions, _ = turn_ligand(fit, vinyl[None])
    np.testing.assert_allclose(
        distances_along(positions, bonds, cutoff=3), distances_along(vinyl, bonds, cutoff=3), atol=1e-9
    )
    angles = np.radians(60 * np.arange(6))
    ring = np.vstack(
        [np.zeros((1, 3)), np.stack([3.4 - 1.4 * np.cos(angles), 1.4 * np.sin(angles), 0 * angles], 1)]
    )
    bonds = ((0, 1), *((k, k + 1) for k in range(1, 6)), (1, 6))
    fit = fit_around(ring[2] + [0, 0, 0.3], elements=("Au", *["C"] * 6), bonds=bonds)
    positions, overlap = turn_ligand(fit, ring[None])
    gaps = [np.linalg.norm(a - b) for a, b in itertools.combinations(positions, 2)]
    np.testing.assert_allclose(gaps, [np.linalg.norm(a - b) for a, b in itertools.combinations(ring, 2)])
    assert overlap < own_overlap(fit, ring)  # the ring as a whole turned about Au-C


def test_a_ligand_without_bonds_that_turn():
    lone = fit_around(np.array([3.0, 0, 0]), elements=("Au",), bonds=())
    positions, overlap = turn_ligand(lone, np.zeros((1, 1, 3)))
    assert positions.tolist() == [[0, 0, 0]]
    assert overlap == 0.0
