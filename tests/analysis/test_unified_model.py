"""Blocks of the grand unified model: their number, what they hold, and what the module says of itself."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.fused_polyhedra import build_fused
from clustermodel.analysis.polyhedra import build_polyhedron
from clustermodel.analysis.unified_model import CAVEAT, BlockSettings, find_blocks
from clustermodel.cluster.electron_count import count_electrons
from tests.analysis.bare_kernels import EDGE, bare_kernel, random_rotation, shaken, shared_kernel


def check_sums(model, kernel):
    """The blocks are triangles and tetrahedra of the kernel, and the counts add up."""
    held = set().union(*(block.atoms for block in model.blocks)) if model.blocks else set()
    assert all(len(block.atoms) in (3, 4) for block in model.blocks)
    assert len({block.atoms for block in model.blocks}) == len(model.blocks)
    assert held | set(model.remainder) == set(kernel)
    assert held.isdisjoint(model.remainder)
    assert sum(len(block.atoms) for block in model.blocks) - model.repeats == len(held)
    assert model.caveat == CAVEAT


@pytest.mark.parametrize(
    ("file", "charge", "electrons"),
    [
        # n* as published; the number of blocks that the model asks for is half of it
        ("xyz/au25_pet18_-1_opt.xyz", -1, 8),
        ("xyz/au38_pet24q_opt.xyz", 0, 14),
        ("xyz/sch3_038_24t.xyz", 0, 14),
        ("xyz/au36_tbbt24_opt.xyz", 0, 12),
        ("xyz/sch3_028_20.xyz", 0, 8),
        ("xyz/au20_tbbt16_opt.xyz", 0, 4),
        ("xyz/sch3_024_20.xyz", 0, 4),
        ("xyz/sch3_023_16_minus1.xyz", -1, 8),
        ("xyz/au22_sadm16_opt.xyz", 0, 6),
    ],
)
def test_kernels_divide_into_half_as_many_blocks_as_electrons(file, charge, electrons):
    cluster, anatomy = shared_kernel(file)
    assert count_electrons(cluster, charge).value == electrons
    model = find_blocks(cluster, anatomy, electrons)
    check_sums(model, anatomy.kernel)
    assert model.expected == len(model.blocks) == electrons / 2
    assert model.holds
    positions = cluster.molecule.positions
    for block in model.blocks:
        edges = [np.linalg.norm(positions[a] - positions[b]) for a, b in combinations(block.atoms, 2)]
        assert max(edges) <= 3.50  # the longest contact of two gold atoms
        assert block.edge == pytest.approx(np.mean(edges))


def test_two_tetrahedra_of_au24():
    model = find_blocks(*shared_kernel("xyz/sch3_024_20.xyz"), 4)
    assert [block.kind for block in model.blocks] == ["Au4(2e)", "Au4(2e)"]
    assert (model.repeats, model.remainder, model.alternatives) == (0, (), 0)


def test_other_divisions_are_counted():
    model = find_blocks(*shared_kernel("xyz/au25_pet18_-1_opt.xyz"), 8)
    assert model.alternatives > 0  # an icosahedron has many


def test_where_the_model_does_not_hold_it_says_so():
    """Au18(SR)14: nine atoms in two octahedra, but two blocks hold eight at most."""
    cluster, anatomy = shared_kernel("xyz/au18_schex14_opt.xyz")
    model = find_blocks(cluster, anatomy, 4)
    check_sums(model, anatomy.kernel)
    assert not model.holds
    assert len(model.blocks) == 2
    assert model.remainder
    assert [note.code for note in model.notes] == ["blocks-do-not-fit"]


def test_large_kernels_are_divided_too():
    cluster, anatomy = shared_kernel("xyz/sch3_102_44.xyz")
    model = find_blocks(cluster, anatomy, 58)
    check_sums(model, anatomy.kernel)
    assert len(model.blocks) == 29
    assert model.holds
    assert model.repeats >= 3 * 29 - 79  # what the count alone enforces


@pytest.mark.parametrize(
    ("electrons", "expected"), [(None, "not known"), (7, "is 7"), (0, "is 0"), (-2, "is -2")]
)
def test_no_blocks_without_an_even_positive_count(electrons, expected):
    model = find_blocks(*shared_kernel("xyz/au25_pet18_-1_opt.xyz"), electrons)
    assert model.blocks == ()
    assert not model.holds
    assert expected in model.notes[0].message


@pytest.mark.parametrize(("shared", "repeats"), [("vertex", 1), ("edge", 2)])
def test_blocks_share_only_what_they_must(shared, repeats):
    """Two tetrahedra by a vertex or an edge: two blocks hold all atoms and share no more than these."""
    points = EDGE * build_fused(build_polyhedron("tetrahedron"), shared, centred=False).vertices
    cluster, anatomy = bare_kernel(points)
    model = find_blocks(cluster, anatomy, 4)
    check_sums(model, anatomy.kernel)
    assert model.holds
    assert model.repeats <= repeats


def test_alloys_have_their_formula():
    model = find_blocks(
        *bare_kernel(EDGE * build_polyhedron("tetrahedron").vertices, ["Au", "Au", "Ag", "Cu"]), 2
    )
    assert [block.kind for block in model.blocks] == ["AgAu2Cu(2e)"]


def test_settings_are_used_and_kept():
    strict = BlockSettings(contact_excess=0.0)  # no contact longer than 2.72 Å
    model = find_blocks(*bare_kernel(EDGE * build_polyhedron("octahedron").vertices), 2, settings=strict)
    assert model.blocks == ()
    assert model.settings is strict
    assert len(model.remainder) == 6


@settings(max_examples=5)
@given(st.integers(0, 10_000))
def test_rotation_and_order_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    points = shaken(EDGE * build_polyhedron("icosahedron").vertices, 0.05, rng)
    moved = points[rng.permutation(12)] @ random_rotation(rng, mirror=bool(seed % 2)).T
    first, second = (find_blocks(*bare_kernel(p), 8) for p in (points, moved))
    check_sums(first, range(12))
    assert (first.repeats, len(first.remainder), first.holds) == (0, 0, True)
    assert (second.repeats, len(second.remainder), second.holds) == (0, 0, True)
