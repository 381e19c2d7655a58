"""Chirality: zero for sets built achiral, bounds that must hold, enantiomers, brute force on small sets."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from clustermodel.analysis.achiral_fit import fit_achiral
from clustermodel.analysis.chirality import (
    ChiralitySettings,
    classify_crystal,
    measure_chirality,
    measure_part,
)
from clustermodel.analysis.like_atoms import number_kinds, pair_like_atoms
from clustermodel.analysis.mutual_pairs import find_cycles, pair_mutually
from clustermodel.analysis.staple_helicity import measure_helicity
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from clustermodel.structure.symmetry import find_space_group
from tests.analysis.symmetric_sets import (
    INVERSION,
    mirror,
    move,
    random_rotation,
    rotation,
    rotation_reflection,
)
from tests.cluster.model_clusters import icosahedron
from tests.cluster.shared_clusters import XRAY_AU25, read_atoms

SEEDS = st.integers(0, 2**32 - 1)
QUICK = ChiralitySettings(orientations=500, starts=12)
OPERATIONS = {"i": (INVERSION, 2), "σ": (mirror([0, 0, 1]), 2), "S4": (rotation_reflection([0, 0, 1], 4), 4)}


def achiral_set(name, rng, orbits=3):
    """Orbits of random points under one improper operation, one element for each orbit."""
    matrix, order = OPERATIONS[name]
    points = [
        np.array([np.linalg.matrix_power(matrix, k) @ point for k in range(order)])
        for point in 3 * rng.normal(size=(orbits, 3))
    ]
    elements = [element for element in ("Au", "Ag", "S")[:orbits] for _ in range(order)]
    return elements, np.concatenate(points)


def enclose(points):
    """Radius of the smallest ball round a few points: it passes through two, three or four of them."""
    best = np.inf
    for size in (2, 3, 4):
        for chosen in itertools.combinations(points, size):
            sides = np.array(chosen[1:]) - chosen[0]
            centre = np.linalg.lstsq(sides, np.sum(sides**2, axis=1) / 2, rcond=None)[0] + chosen[0]
            radius = np.linalg.norm(chosen[0] - centre)
            if radius < best and np.linalg.norm(points - centre, axis=1).max() <= radius + 1e-9:
                best = radius
    return best


def cluster_of(name):
    cluster = build_cluster(bond_molecule(read_atoms(name)))
    return cluster, classify_kernel(cluster)


class TestAchiralSets:
    @given(st.sampled_from(sorted(OPERATIONS)), SEEDS)
    @settings(max_examples=20)
    def test_both_measures_vanish(self, name, seed):
        rng = np.random.default_rng(seed)
        found = measure_part(*move(*achiral_set(name, rng), rng), settings=QUICK)
        assert found.continuous.measure < 1e-6  # %, rounding
        assert found.hausdorff.distance < 1e-3  # Å, where the search stops
        assert not found.is_chiral

    @given(st.sampled_from(sorted(OPERATIONS)), SEEDS, st.floats(0.01, 0.3))
    @settings(max_examples=20)
    def test_a_distortion_bounds_both_measures(self, name, seed, noise):
        """The undistorted set is achiral, so neither measure can exceed the distance from it."""
        rng = np.random.default_rng(seed)
        elements, positions = achiral_set(name, rng)
        moved = move(elements, positions, rng, noise=noise)
        found = measure_part(*moved, settings=QUICK)
        centred = moved[1] - moved[1].mean(axis=0)
        size = np.sum(centred**2)
        assert found.continuous.measure <= 100 * len(elements) * noise**2 / size * (1 + 1e-9)
        assert found.continuous.relaxed <= found.continuous.measure + 1e-9
        assert found.hausdorff.distance <= 2 * noise * (1 + 1e-6)

    def test_flat_and_small_sets(self):
        rng = np.random.default_rng(0)
        for count in (1, 2, 3):
            assert (
                measure_part(["Au", "Ag", "S"][:count], rng.normal(size=(count, 3))).continuous.measure < 1e-9
            )
        flat = np.concatenate([rng.normal(size=(7, 2)), np.zeros((7, 1))], axis=1)
        assert measure_part(["Au"] * 7, flat @ random_rotation(rng).T).hausdorff.distance < 1e-3


class TestBruteForce:
    @pytest.mark.parametrize("seed", range(4))
    def test_continuous_measure_of_four_like_atoms(self, seed):
        """All involutions of four atoms and all planes: the best plane of each is an eigenvector."""
        points = np.random.default_rng(seed).normal(size=(4, 3))
        points -= points.mean(axis=0)
        size = np.sum(points**2)
        measures = []
        for partners in itertools.permutations(range(4)):
            if any(partners[partners[k]] != k for k in range(4)):
                continue
            pairs = points[list(partners)]
            measures.append(25 * np.sum((points + pairs) ** 2) / size)  # inversion
            covariance = pairs.T @ points
            value = np.linalg.eigvalsh((covariance + covariance.T) / 2)[0]
            measures.append(25 * (2 * size - 2 * np.trace(covariance) + 4 * value) / size)
        found = fit_achiral(np.zeros(4, dtype=int), points)
        assert found.measure <= min(measures) + 1e-9  # an S4 axis may fit better than all of these
        if found.operation != "S4":
            assert found.measure == pytest.approx(min(measures))

    @pytest.mark.parametrize("seed", range(3))
    def test_hausdorff_distance_of_four_unlike_atoms(self, seed):
        """For each rotation the best shift leaves the radius of the smallest ball round the four gaps."""
        rng = np.random.default_rng(seed)
        points = 3 * rng.normal(size=(4, 3))

        def reach(vector):
            angle = max(float(np.linalg.norm(vector)), 1e-9)
            return enclose(points + points @ rotation(vector / angle, 2 * np.pi / angle).T)

        vectors = rng.uniform(-np.pi, np.pi, size=(500, 3))
        starts = sorted(vectors[np.linalg.norm(vectors, axis=1) < np.pi], key=reach)[:4]
        best = min(
            minimize(reach, start, method="Nelder-Mead", options={"xatol": 1e-7}).fun for start in starts
        )
        found = measure_part(["Au", "Ag", "Cu", "Pt"], points).hausdorff
        assert found.distance == pytest.approx(best, rel=1e-3)  # what either search leaves
        assert found.measure == pytest.approx(found.distance / found.diameter)

    @given(SEEDS)
    @settings(max_examples=30)
    def test_mutual_pairs_cost_least(self, seed):
        """Against all involutions of six like atoms, where the free assignment has no even cycle to keep."""
        rng = np.random.default_rng(seed)
        points = rng.normal(size=(6, 3))
        images = -points
        kinds = np.zeros(6, dtype=int)
        free = pair_like_atoms(kinds, images, points)
        paired = pair_mutually(kinds, images, points, free)
        assert paired[paired].tolist() == list(range(6))

        def cost(partners):
            return np.sum((images - points[list(partners)]) ** 2)

        best = min(
            cost(partners)
            for partners in itertools.permutations(range(6))
            if all(partners[partners[k]] == k for k in range(6))
        )
        assert cost(free) <= best + 1e-9
        lengths = {len(cycle) for cycle in find_cycles(free)}
        if lengths <= {1, 2, 4, 6} or lengths in ({3}, {5, 1}):  # nothing kept that could be given up
            assert cost(paired) >= best - 1e-9
        if not any(length % 2 for length in lengths - {1}):
            assert cost(paired) == pytest.approx(cost(free))
            assert cost(paired) == pytest.approx(best)


class TestInvariance:
    @given(SEEDS, st.booleans())
    @settings(max_examples=12)
    def test_orientation_order_and_mirror(self, seed, mirrored):
        """Six atoms of two elements: the searches find the best there is, for either enantiomer."""
        rng = np.random.default_rng(seed)
        elements, points = (
            ["Au", "Au", "Au", "Au", "S", "S"],
            2 * np.random.default_rng(7).normal(size=(6, 3)),
        )
        first = measure_part(elements, points)
        moved = move(elements, -points if mirrored else points, rng)
        second = measure_part(*moved)
        assert first.continuous.measure == pytest.approx(second.continuous.measure, rel=1e-6)
        assert first.continuous.operation == second.continuous.operation
        assert first.hausdorff.measure == pytest.approx(second.hausdorff.measure, rel=1e-3)
        assert first.is_chiral
        assert second.is_chiral

    @given(SEEDS)
    @settings(max_examples=4)
    def test_scale(self, seed):
        elements, points = achiral_set("σ", np.random.default_rng(seed))
        points = points + np.random.default_rng(seed + 1).normal(scale=0.2, size=points.shape)
        first = fit_achiral(number_kinds(elements), points - points.mean(axis=0))
        second = fit_achiral(number_kinds(elements), 1.7 * (points - points.mean(axis=0)))
        assert first.measure == pytest.approx(second.measure)


class TestHelicity:
    def blades(self, count, pitch):
        """Segments round the z axis, each rising by `pitch` as it goes round counter-clockwise."""
        blade = np.array([[4.0, -1.0, -pitch], [4.0, 1.0, pitch]])
        turns = [np.linalg.matrix_power(rotation([0, 0, 1], count), k) for k in range(count)]
        return [tuple(blade @ turn.T) for turn in turns]

    @pytest.mark.parametrize("count", [3, 4, 5, 6])
    def test_screw(self, count):
        """u = (0, 1, p) / sqrt(1 + p²) at r = x winds by p / (1 + p²) about z."""
        right = measure_helicity(self.blades(count, 0.5), np.zeros(3))
        assert right.helicity == pytest.approx(0.5 / 1.25)
        assert right.mode == pytest.approx(1)
        assert np.abs(right.axis) == pytest.approx([0, 0, 1])
        left = measure_helicity(self.blades(count, -0.5), np.zeros(3))
        assert left.helicity == pytest.approx(-0.5 / 1.25)
        assert left.mode == pytest.approx(-1)

    @given(SEEDS)
    @settings(max_examples=30)
    def test_mirror_flips_and_rotation_keeps(self, seed):
        rng = np.random.default_rng(seed)
        ends = rng.normal(size=(5, 2, 3)) + 3 * rng.normal(size=(5, 1, 3))
        centre = rng.normal(size=3)
        turn = random_rotation(rng)
        first = measure_helicity([tuple(pair) for pair in ends], centre)
        same = measure_helicity([tuple(pair[::-1] @ turn.T) for pair in ends], turn @ centre)
        other = measure_helicity([tuple(-pair @ turn.T) for pair in ends], -turn @ centre)
        assert (same.mode, same.strength) == (pytest.approx(first.mode), pytest.approx(first.strength))
        assert (other.mode, other.strength) == (pytest.approx(-first.mode), pytest.approx(first.strength))
        assert abs(first.mode) <= 1 + 1e-9
        assert abs(first.helicity) <= 0.5 + 1e-9

    @given(st.sampled_from(sorted(OPERATIONS)), SEEDS)
    @settings(max_examples=30)
    def test_achiral_arrangements_have_mode_zero(self, name, seed):
        matrix, order = OPERATIONS[name]
        ends = 3 * np.random.default_rng(seed).normal(size=(2, 2, 3))
        segments = [tuple(pair @ np.linalg.matrix_power(matrix, k).T) for pair in ends for k in range(order)]
        assert measure_helicity(segments, np.zeros(3)).mode == pytest.approx(0, abs=1e-6)

    def test_no_segments(self):
        found = measure_helicity([], np.zeros(3))
        assert (found.staples, found.strength, found.mode) == (0, 0, 0)


class TestKnownClusters:
    def test_parts_that_are_too_large_are_left_out(self):
        cluster, anatomy = cluster_of("xyz/au25_pet18_-1_opt.xyz")
        only = ChiralitySettings(orientations=200, starts=4, most_atoms=43)  # metals and donors, not the rest
        found = measure_chirality(cluster, anatomy, settings=only)
        assert [part.part for part in found.parts] == ["kernel", "framework"]

    def test_au38_is_chiral_and_its_enantiomer_has_the_other_hand(self):
        cluster, anatomy = cluster_of("xyz/au38_pet24q_opt.xyz")
        only = ChiralitySettings(parts=("framework",), orientations=1000, starts=12)
        first = measure_chirality(cluster, anatomy, settings=only)
        positions = cluster.molecule.positions @ mirror([0.6, 0, 0.8]).T
        other = replace(cluster, molecule=cluster.molecule.with_positions(positions))
        second = measure_chirality(other, anatomy, settings=only)
        assert {first.handedness, second.handedness} == {"P", "M"}
        assert first.helicity.mode == pytest.approx(-second.helicity.mode)
        assert first.parts[0].is_chiral
        assert second.parts[0].is_chiral
        assert first.parts[0].continuous.measure == pytest.approx(
            second.parts[0].continuous.measure, rel=0.03
        )
        assert abs(first.helicity.mode) > 0.95  # D3 has one axis about which all staples wind alike

    @pytest.mark.parametrize("name", [XRAY_AU25, "xyz/au25_pet18_-1_opt.xyz"])
    def test_au25_is_achiral(self, name):
        found = measure_chirality(*cluster_of(name))
        assert [part.part for part in found.parts] == ["kernel", "framework", "cluster"]
        assert not any(part.is_chiral for part in found.parts)
        assert {part.continuous.operation for part in found.parts} == {"i"}
        assert found.handedness == ""
        assert found.crystal is None

    def test_au102_is_chiral_by_its_ligands(self):
        """The arrangement of the staples breaks the symmetry of a nearly achiral Au79."""
        only = ChiralitySettings(parts=("kernel", "framework"), orientations=500, starts=8)
        kernel, framework = measure_chirality(*cluster_of("xyz/sch3_102_44.xyz"), settings=only).parts
        assert framework.is_chiral
        assert kernel.continuous.measure < framework.continuous.measure / 5
        assert kernel.hausdorff.measure < framework.hausdorff.measure / 2

    def test_bare_icosahedron(self):
        cluster = icosahedron().cluster()
        found = measure_chirality(cluster, classify_kernel(cluster))
        assert found.parts[0].continuous.measure < 1e-9
        assert (found.helicity.staples, found.handedness) == (0, "")


class TestCrystal:
    def test_there_are_65_space_group_types_of_one_hand(self):
        kinds = [classify_crystal(find_space_group(str(n), source="number")).kind for n in range(1, 231)]
        assert kinds.count("one hand") == 65  # the Sohncke types

    def test_is_part_of_the_answer(self):
        cluster = icosahedron().cluster()
        group = find_space_group("F d d d", source="example")
        only = ChiralitySettings(parts=("kernel",))
        found = measure_chirality(cluster, classify_kernel(cluster), settings=only, space_group=group)
        assert found.crystal.kind == "both hands"
        assert found.crystal.improper == len(group) // 2


class TestErrors:
    def test_unknown_part(self):
        cluster = icosahedron().cluster()
        with pytest.raises(InputError, match="no part 'core'"):
            measure_chirality(cluster, classify_kernel(cluster), settings=ChiralitySettings(parts=("core",)))

    @pytest.mark.parametrize("choice", ["directions", "orientations", "starts"])
    def test_no_starts(self, choice):
        cluster = icosahedron().cluster()
        with pytest.raises(InputError, match="at least one"):
            measure_chirality(
                cluster, classify_kernel(cluster), settings=replace(ChiralitySettings(), **{choice: 0})
            )

    def test_bad_atoms(self):
        with pytest.raises(InputError, match="at least one atom"):
            measure_part([], np.zeros((0, 3)))
        with pytest.raises(InputError, match="finite"):
            measure_part(["Au"], np.full((1, 3), np.inf))
