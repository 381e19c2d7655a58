"""Local packing: pieces of perfect crystals, twinned particles, real kernels, disorder, invariances."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.local_packing import LocalPackingSettings, _find_gap, classify_local_packing
from clustermodel.analysis.polyhedra import build_polyhedron
from tests.analysis.bare_kernels import EDGE, bare_kernel, random_rotation, shaken, shared_kernel


def lattice(kind, radius):
    """Return the atoms of a crystal within a radius of one of them, nearest neighbours EDGE apart."""
    cells = np.array(np.meshgrid(*[np.arange(-6, 7)] * 3)).reshape(3, -1).T
    if kind == "fcc":
        points = cells[cells.sum(axis=1) % 2 == 0] / np.sqrt(2)
    elif kind == "bcc":
        points = cells[(cells[:, 0] - cells[:, 1]) % 2 + (cells[:, 0] - cells[:, 2]) % 2 == 0] / np.sqrt(3)
    else:
        odd = cells[:, 2] % 2
        points = np.stack(
            [
                cells[:, 0] + cells[:, 1] / 2 + odd / 2,
                cells[:, 1] * np.sqrt(0.75) + odd * np.sqrt(1 / 12),
                cells[:, 2] * np.sqrt(2 / 3),
            ],
            axis=1,
        )
    return EDGE * points[np.linalg.norm(points, axis=1) < radius]


def labels_of(points):
    return [atom.label for atom in classify_local_packing(*bare_kernel(points)).atoms]


# --------------------------------------------------------------------------------------- by construction


@pytest.mark.parametrize("kind", ["fcc", "bcc", "hcp"])
@pytest.mark.parametrize("noise", [0.0, 0.1])  # Å
def test_balls_cut_from_a_crystal(kind, noise):
    rng = np.random.default_rng(1)
    ball = lattice(kind, 2.05) @ random_rotation(rng).T
    found = Counter(labels_of(shaken(ball, noise, rng)))
    assert found[kind] >= 0.9 * len(ball)  # atoms at the surface with few neighbours may stay unclear
    assert set(found) <= {kind, "unclear", "close-packed"}


@pytest.mark.parametrize(
    ("name", "label"),
    [("icosahedron", "icosahedral"), ("cuboctahedron", "fcc"), ("anticuboctahedron", "hcp")],
)
def test_thirteen_atoms(name, label):
    points = EDGE * np.vstack([np.zeros((1, 3)), build_polyhedron(name).vertices])
    packing = classify_local_packing(*bare_kernel(points))
    assert packing.counts[0][0] == label
    assert packing.atoms[0].label == label
    assert [atom.surface for atom in packing.atoms] == [False] + [True] * 12
    assert packing.atoms[0].confidence == pytest.approx(1)
    assert packing.atoms[0].deviation == pytest.approx(0, abs=1e-4)


def test_icosahedron_and_cuboctahedron_of_thirteen_are_labelled_to_the_last_atom():
    for name, label in (("icosahedron", "icosahedral"), ("cuboctahedron", "fcc")):
        points = EDGE * np.vstack([np.zeros((1, 3)), build_polyhedron(name).vertices])
        assert set(labels_of(points)) == {label}


def test_mackay_icosahedron_is_twinned_fcc():
    """Twenty tetrahedra: five-fold axes at the 12 inner and 12 outer vertices, twins at the 30 edges."""
    points = EDGE * build_polyhedron("Mackay icosahedron of 55").vertices
    labels = labels_of(points)
    radii = np.round(np.linalg.norm(points, axis=1) / EDGE, 2)
    by_shell = {r: Counter(np.array(labels)[radii == r].tolist()) for r in sorted(set(radii))}
    assert list(by_shell.values()) == [
        {"icosahedral": 1},
        {"decahedral": 12},
        {"hcp": 30},
        {"decahedral": 12},
    ]


def test_marks_decahedron_is_five_fcc_pieces_about_one_axis():
    points = EDGE * build_polyhedron("Marks decahedron of 75").vertices
    labels = np.array(labels_of(points))
    axis = np.linalg.norm(points[:, :2], axis=1) < 0.1
    assert set(labels[axis]) == {"decahedral"}
    assert axis.sum() == 5
    assert set(labels[~axis]) == {"fcc", "hcp", "close-packed"}
    assert (labels == "fcc").sum() >= 20  # each of five pieces has its own inside


# ------------------------------------------------------------------------------------------- real kernels


@pytest.mark.parametrize(
    "file", ["xyz/au25_pet18_-1_opt.xyz", "xyz/Au25_SCH2CH2Ph_18_neutral_from_COD1540567.xyz"]
)
def test_all_kernel_atoms_of_au25_are_icosahedral(file):
    """Polyhedral template matching calls 24 of these 25 atoms "Other"."""
    packing = classify_local_packing(*shared_kernel(file))
    assert dict(packing.counts) == {"icosahedral": 13, "shell": 12}
    assert all(atom.confidence > 0.7 for atom in packing.atoms if atom.label == "icosahedral")
    assert sum(not atom.surface for atom in packing.atoms) == 1


def test_both_icosahedra_of_au38():
    packing = classify_local_packing(*shared_kernel("xyz/au38_pet24q_opt.xyz"))
    assert dict(packing.counts) == {"icosahedral": 23, "shell": 15}


@pytest.mark.parametrize("file", ["xyz/au36_tbbt24_opt.xyz", "xyz/sch3_028_20.xyz"])
def test_kernels_published_as_fcc(file):
    packing = classify_local_packing(*shared_kernel(file, "contact"))
    assert {label for label, _ in packing.counts} == {"fcc", "shell"}


def test_marks_decahedron_inside_au102():
    cluster, anatomy = shared_kernel("xyz/sch3_102_44.xyz")
    packing = classify_local_packing(cluster, anatomy)
    counts = dict(packing.counts)
    assert counts["shell"] == 23
    assert counts["decahedral"] >= 3  # the axis
    assert counts["hcp"] >= 15  # the twin planes
    assert counts["unclear"] <= 10


# -------------------------------------------------------------------------------------------- uncertainty


def test_random_directions_are_mostly_unclear():
    """Atoms around one atom at random, no two nearer than an edge."""
    rng = np.random.default_rng(3)
    unclear = 0
    for _ in range(20):
        shell: list[np.ndarray] = []
        while len(shell) < 7:
            point = rng.normal(size=3)
            point *= EDGE / np.linalg.norm(point)
            if all(np.linalg.norm(point - other) > 0.9 * EDGE for other in shell):
                shell.append(point)
        packing = classify_local_packing(*bare_kernel(np.vstack([[np.zeros(3)], shell])))
        unclear += packing.atoms[0].label == "unclear"
    assert unclear >= 17  # of 20: one in twenty fits some shell by chance


def test_a_layer_is_close_packed_but_neither_fcc_nor_hcp():
    """Two layers have no third that would tell."""
    flat = lattice("hcp", 2.05)
    height = EDGE * np.sqrt(2 / 3)
    layers = flat[(flat[:, 2] > -0.1) & (flat[:, 2] < height + 0.1)]
    packing = classify_local_packing(*bare_kernel(layers))
    inner = [a for a in packing.atoms if a.neighbours == 9]
    assert inner
    assert {a.label for a in inner} == {"close-packed"}
    assert all(a.surface for a in packing.atoms)


def test_three_neighbours_are_too_few():
    packing = classify_local_packing(*bare_kernel(EDGE * build_polyhedron("tetrahedron").vertices))
    assert [atom.label for atom in packing.atoms] == ["unclear"] * 4
    assert all(np.isnan(atom.deviation) for atom in packing.atoms)


def test_limits_are_used_and_kept():
    points = shaken(lattice("fcc", 1.05), 0.2, np.random.default_rng(0))
    strict = LocalPackingSettings(most_deviation=0.1)
    packing = classify_local_packing(*bare_kernel(points), settings=strict)
    assert packing.counts == (("unclear", 13),)
    assert packing.settings is strict


def test_widest_gap():
    axes = np.vstack([np.eye(3), -np.eye(3)])
    assert _find_gap(axes) == pytest.approx(
        54.7, abs=3
    )  # towards a corner of the cube; the sphere is sampled
    assert _find_gap(axes[:5]) == pytest.approx(90, abs=5)
    assert _find_gap(np.zeros((0, 3))) == 180


@settings(max_examples=3)
@given(st.integers(0, 10_000))
def test_rotation_order_hand_and_size_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    points = shaken(EDGE * build_polyhedron("Marks decahedron of 49").vertices, 0.05, rng)
    order = rng.permutation(len(points))
    moved = rng.uniform(0.98, 1.02) * points[order] @ random_rotation(rng, mirror=bool(seed % 2)).T
    labels = labels_of(points)
    assert [labels[k] for k in order] == labels_of(moved)
