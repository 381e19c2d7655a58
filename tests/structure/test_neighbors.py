"""Are all near pairs found, each once, across all faces of any cell?"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.structure.cell import Cell
from clustermodel.structure.neighbors import find_pairs, find_periodic_pairs
from tests.assembly.strategies import generators
from tests.assembly.transforms import shears


def random_cell(rng):
    """Return a cell from flat to long, and skewed."""
    matrix = shears(rng) @ (np.diag(rng.uniform(2.5, 9, 3)) + rng.uniform(-0.6, 0.6, (3, 3)))
    lengths = np.linalg.norm(matrix, axis=1)
    cosines = [matrix[i] @ matrix[j] / lengths[i] / lengths[j] for i, j in ((1, 2), (0, 2), (0, 1))]
    return Cell(lengths=lengths, angles=np.degrees(np.arccos(cosines)))


def all_pairs(cell, fract, cutoff):
    """Return every pair within the cut-off by trying all atoms and cells."""
    heights = 1 / np.linalg.norm(cell.inverse, axis=0)
    reach = np.ceil(cutoff / heights + np.ptp(fract, axis=0)).astype(int)
    found = set()
    for shift in itertools.product(*(range(-r, r + 1) for r in reach)):
        for a, b in itertools.product(range(len(fract)), repeat=2):
            forward = a < b or (a == b and shift > (0, 0, 0))
            distance = np.linalg.norm((fract[b] + shift - fract[a]) @ cell.matrix)
            if forward and distance <= cutoff:
                found.add((a, b, *shift))
    return found


@settings(max_examples=60)
@given(generators(), st.integers(1, 5), st.floats(0.5, 7.0))
def test_periodic_pairs_are_those_of_a_full_search(rng, n, cutoff):
    cell = random_cell(rng)
    fract = rng.uniform(-1.5, 1.5, (n, 3))
    pairs = find_periodic_pairs(cell, fract, cutoff)
    rows = list(zip(pairs.first.tolist(), pairs.second.tolist(), *pairs.shifts.T.tolist(), strict=True))
    assert len(rows) == len(set(rows))
    assert set(rows) == all_pairs(cell, fract, cutoff)
    steps = (fract[pairs.second] + pairs.shifts - fract[pairs.first]) @ cell.matrix
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), pairs.distances, atol=1e-9)  # doubles


@settings(max_examples=60)
@given(generators(), st.integers(0, 30), st.floats(0.5, 4.0))
def test_pairs_of_a_molecule_are_those_of_a_full_search(rng, n, cutoff):
    positions = rng.uniform(0, 6, (n, 3))
    pairs = find_pairs(positions, cutoff)
    wanted = [
        (a, b)
        for a, b in itertools.combinations(range(n), 2)
        if np.linalg.norm(positions[a] - positions[b]) <= cutoff
    ]
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == wanted
    assert not pairs.shifts.any()


# Neighbours of an atom by distance in units of the cube's edge: simple, body- and face-centred lattices.
SHELLS = [
    ([(0, 0, 0)], 1.001, 6),
    ([(0, 0, 0)], 1.415, 18),
    ([(0, 0, 0), (0.5, 0.5, 0.5)], 0.867, 8),
    ([(0, 0, 0), (0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)], 0.708, 12),
    ([(0, 0, 0), (0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)], 1.001, 18),
]


@pytest.mark.parametrize(("atoms", "cutoff", "neighbors"), SHELLS)
def test_coordination_numbers_of_cubic_lattices(atoms, cutoff, neighbors):
    cube = Cell(lengths=(4, 4, 4), angles=(90, 90, 90))
    pairs = find_periodic_pairs(cube, np.array(atoms, dtype=float), 4 * cutoff)
    assert 2 * len(pairs) == neighbors * len(atoms)


def test_a_cut_off_larger_than_the_cell_reaches_further_images():
    cube = Cell(lengths=(3, 3, 3), angles=(90, 90, 90))
    pairs = find_periodic_pairs(cube, np.zeros((1, 3)), 9.01)
    # Lattice points within three edges of the origin (Gauss's sphere problem: 123, the origin included).
    assert 2 * len(pairs) == 122


def test_select_takes_a_mask_or_indices():
    pairs = find_pairs(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]), 1.5)
    assert pairs.select(np.array([True, False])).first.tolist() == [0]
    assert pairs.select(np.array([1])).second.tolist() == [2]


def test_nothing_has_no_neighbors():
    cube = Cell(lengths=(3, 3, 3), angles=(90, 90, 90))
    assert len(find_periodic_pairs(cube, np.zeros((0, 3)), 2.0)) == 0
    assert len(find_pairs(np.zeros((1, 3)), 2.0)) == 0
