"""Point groups: every Schoenflies class built from matrices, with and without noise, and known clusters."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.point_group import (
    PointGroupSettings,
    find_cluster_symmetry,
    find_point_group,
)
from clustermodel.analysis.rigid_fit import build_operation, fit_axis, fit_cyclic_axis, superpose
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from tests.analysis.symmetric_sets import (
    GROUPS,
    INVERSION,
    mirror,
    move,
    random_rotation,
    rotation,
    rotation_reflection,
    spread_orbits,
)
from tests.cluster.model_clusters import Atoms, icosahedron
from tests.cluster.shared_clusters import XRAY_AU25, read_atoms

SEEDS = st.integers(0, 2**32 - 1)
STRICT = PointGroupSettings(tolerances=(0.01,))
LOOSE = PointGroupSettings(
    tolerances=(0.3,)
)  # noise of 0.1 Å on atom and image is 0.2 Å, and the fit of the axis

# Elements of each group as in the character tables; of S axes those that are no power of another one.
ELEMENTS = {
    "Ci": "i",
    "Cs": "σ",
    "C2v": "C2 2σ",
    "C3h": "C3 σ S3",
    "C4h": "C4 i σ S4",
    "C6h": "C6 i σ S6 S3",
    "S4": "C2 S4",
    "S6": "C3 i S6",
    "S8": "C4 S8",
    "D2": "3C2",
    "D3": "C3 3C2",
    "D2d": "3C2 2σ S4",
    "D3d": "C3 3C2 i 3σ S6",
    "D4d": "C4 4C2 4σ S8",
    "D2h": "3C2 i 3σ",
    "D3h": "C3 3C2 4σ S3",
    "D4h": "C4 4C2 i 5σ S4",
    "D5h": "C5 5C2 6σ S5",
    "D6h": "C6 6C2 i 7σ S6 S3",
    "T": "4C3 3C2",
    "Td": "4C3 3C2 6σ 3S4",
    "Th": "4C3 3C2 i 3σ 4S6",
    "O": "3C4 4C3 6C2",
    "Oh": "3C4 4C3 6C2 i 9σ 4S6 3S4",
    "I": "6C5 10C3 15C2",
    "Ih": "6C5 10C3 15C2 i 15σ 6S10 10S6",
}


def spell(elements):
    counts = Counter(element.kind for element in elements)
    return " ".join(f"{count if count > 1 else ''}{kind}" for kind, count in counts.items())


def matrix_of(element):
    """The operation of an element, built by the matrices of the tests."""
    if element.kind == "i":
        return INVERSION
    if element.kind == "σ":
        return mirror(element.axis)
    order = int(element.kind[1:])
    return (rotation if element.kind[0] == "C" else rotation_reflection)(element.axis, order)


def deviate(elements, positions, matrix):
    """Largest distance of an atom's image from the nearest like atom, by comparing all with all."""
    centred = positions - positions.mean(axis=0)
    distances = np.linalg.norm((centred @ matrix.T)[:, None] - centred[None], axis=2)
    distances[np.array(elements)[:, None] != np.array(elements)[None]] = np.inf
    return distances.min(axis=1).max()


class TestEveryGroup:
    @pytest.mark.parametrize("symbol", GROUPS)
    def test_exact(self, symbol):
        elements, positions = move(*spread_orbits(symbol), np.random.default_rng(1))
        group = find_point_group(elements, positions, settings=STRICT).ladder[0].held
        assert (group.symbol, group.order) == (symbol, GROUPS[symbol][1])
        assert group.deviation < 1e-9  # Å, rounding

    @pytest.mark.parametrize("symbol", GROUPS)
    def test_with_noise(self, symbol):
        elements, positions = move(*spread_orbits(symbol), np.random.default_rng(2), noise=0.1)
        step = find_point_group(elements, positions, settings=LOOSE).ladder[0]
        assert (step.held.symbol, step.held.order) == (symbol, GROUPS[symbol][1])
        assert step.generated.symbol == symbol
        if symbol != "C1":
            assert 0.03 < step.held.deviation < 0.3  # the noise is seen

    @pytest.mark.parametrize("symbol", ELEMENTS)
    def test_elements(self, symbol):
        elements, positions = move(*spread_orbits(symbol), np.random.default_rng(3))
        group = find_point_group(elements, positions, settings=STRICT).ladder[0].held
        assert spell(group.elements) == ELEMENTS[symbol]
        for element in group.elements:
            assert (
                deviate(elements, positions, matrix_of(element)) < 1e-7
            )  # Å: axes are kept to nine decimals

    @given(st.sampled_from(["Cs", "C3", "D3", "S4", "Td", "D2d", "C5v", "D3d"]), SEEDS)
    @settings(max_examples=25)
    def test_orientation_order_and_noise_do_not_matter(self, symbol, seed):
        rng = np.random.default_rng(seed)
        elements, positions = move(*spread_orbits(symbol), rng, noise=0.1)
        assert find_point_group(elements, positions, settings=LOOSE).ladder[0].held.symbol == symbol


class TestThresholds:
    @given(SEEDS)
    @settings(max_examples=10)
    def test_are_invariant(self, seed):
        rng = np.random.default_rng(seed)
        elements, positions = move(*spread_orbits("D3d"), np.random.default_rng(5), noise=0.1)
        first = find_point_group(elements, positions)
        second = find_point_group(*move(elements, positions, rng))
        assert [t.symbol for t in first.thresholds] == [t.symbol for t in second.thresholds]
        for a, b in zip(first.thresholds, second.thresholds, strict=True):
            assert a.deviation == pytest.approx(b.deviation, abs=1e-7)  # Å, rounding of fits
        assert first.resolution == pytest.approx(second.resolution)

    def test_a_group_holds_from_its_threshold(self):
        elements, positions = move(*spread_orbits("Td"), np.random.default_rng(6), noise=0.1)
        found = find_point_group(elements, positions)
        assert {"C1", "Cs", "C2", "C3", "C2v", "C3v", "D2", "S4", "D2d", "T", "Td"} == {
            threshold.symbol for threshold in found.thresholds
        }
        for threshold in found.thresholds:
            for factor, holds in ((1 + 1e-9, True), (1 - 1e-6, False)):
                if threshold.deviation * factor < 1e-6:
                    continue
                tolerances = PointGroupSettings(tolerances=(threshold.deviation * factor,))
                symbols = {
                    t.symbol for t in find_point_group(elements, positions, settings=tolerances).thresholds
                }
                assert (threshold.symbol in symbols) == holds

    def test_groups_grow_with_the_tolerance(self):
        elements, positions = move(*spread_orbits("Oh"), np.random.default_rng(7), noise=0.08)
        orders = [step.held.order for step in find_point_group(elements, positions).ladder]
        assert orders == sorted(orders)
        assert orders[0] == 1
        assert orders[-1] == 48

    def test_deviation_of_an_element_is_that_of_its_axis(self):
        elements, positions = move(*spread_orbits("D3h"), np.random.default_rng(8), noise=0.1)
        group = find_point_group(elements, positions, settings=LOOSE).ladder[0].held
        for element in group.elements:
            if element.kind != "S3":  # its powers have axes of their own
                deviation = deviate(elements, positions, matrix_of(element))
                assert element.deviation == pytest.approx(deviation, abs=1e-7)  # Å: nine decimals of the axis


class TestGenerated:
    def test_two_axes_that_hold_generate_the_third(self):
        """In a distorted D3 set the best two of the three C2 give all operations by multiplication."""
        elements, positions = move(*spread_orbits("D3"), np.random.default_rng(9), noise=0.1)
        full = find_point_group(elements, positions, settings=LOOSE).ladder[0].held
        first, second, third = (e.deviation for e in full.elements if e.kind == "C2")
        assert first < second < third
        tolerance = PointGroupSettings(tolerances=((second + third) / 2,))
        step = find_point_group(elements, positions, settings=tolerance).ladder[0]
        assert step.held.symbol in {"C2", "C3"}
        assert step.held.deviation <= step.tolerance
        assert (step.generated.symbol, step.generated.order) == ("D3", 6)
        assert step.generated.deviation == pytest.approx(full.deviation)
        assert step.generated.deviation > step.tolerance

    @given(st.sampled_from(["C4v", "D2h", "Th", "D5d"]), SEEDS)
    @settings(max_examples=20)
    def test_holds_at_least_what_is_held(self, symbol, seed):
        elements, positions = move(*spread_orbits(symbol), np.random.default_rng(seed), noise=0.1)
        for step in find_point_group(elements, positions).ladder:
            assert step.generated.order % step.held.order == 0
            assert step.held.deviation <= step.tolerance


class TestSpecialSets:
    def test_single_atom(self):
        found = find_point_group(["Au"], np.array([[1.0, 2, 3]]))
        assert {step.held.symbol for step in found.ladder} == {"Kh"}
        assert found.resolution == math.inf
        assert found.centre.tolist() == [1, 2, 3]

    @pytest.mark.parametrize(
        ("elements", "symbol"),
        [("OCO", "D∞h"), ("HCN", "C∞v"), ("HH", "D∞h"), ("OCS", "C∞v"), ("HCCH", "D∞h")],
    )
    def test_linear(self, elements, symbol):
        axis = np.array([0.6, 0, 0.8])
        positions = 1.1 * np.arange(len(elements))[:, None] * axis
        group = find_point_group(list(elements), positions).ladder[0].held
        assert (group.symbol, group.order) == (symbol, 0)
        assert group.elements[0].kind == "C∞"
        assert group.elements[0].axis == pytest.approx(axis)
        assert ("i" in {element.kind for element in group.elements}) == (symbol == "D∞h")

    def test_bent_molecule_becomes_linear_when_the_tolerance_allows(self):
        positions = np.array([[-1.16, 0, 0], [0, 0.06, 0], [1.16, 0, 0]])
        found = find_point_group(["O", "C", "O"], positions)
        # The middle atom is 0.04 Å from the best line, which passes through the centroid.
        assert [step.held.symbol for step in found.ladder[:3]] == ["C2v", "C2v", "D∞h"]

    @pytest.mark.parametrize("order", [3, 5, 6, 12])
    def test_flat_ring(self, order):
        ring = 4.0 * np.array(
            [np.linalg.matrix_power(rotation([0, 0, 1], order), k) @ [1, 0, 0] for k in range(order)]
        )
        group = find_point_group(["Au"] * order, ring, settings=STRICT).ladder[0].held
        assert (group.symbol, group.order) == (f"D{order}h", 4 * order)

    def test_icosahedron_and_its_missing_vertex(self):
        atoms = icosahedron()
        positions = np.array(atoms.positions)
        assert find_point_group(atoms.elements, positions).ladder[0].held.symbol == "Ih"
        assert find_point_group(atoms.elements[:-1], positions[:-1]).ladder[0].held.symbol == "C5v"
        alloy = ["Pd", *atoms.elements[1:]]
        assert find_point_group(alloy, positions).ladder[0].held.symbol == "Ih"
        vertex = [*atoms.elements[:-1], "Ag"]
        assert find_point_group(vertex, positions).ladder[0].held.symbol == "C5v"

    def test_tolerance_stops_where_like_atoms_cannot_be_told_apart(self):
        positions = np.array([[0.0, 0, 0], [0.3, 0, 0], [4, 1, 0], [1, 5, 2], [-3, 2, 6], [2, -3, 1]])
        found = find_point_group(["Au"] * 6, positions)
        assert found.resolution == pytest.approx(0.15)
        assert {step.held.symbol for step in found.ladder} == {"C1"}

    @pytest.mark.parametrize(
        ("elements", "positions"),
        [([], np.zeros((0, 3))), (["Au"], np.zeros((2, 3))), (["Au"], np.array([[np.nan, 0, 0]]))],
    )
    def test_bad_atoms(self, elements, positions):
        with pytest.raises(InputError, match="expected at least one atom"):
            find_point_group(elements, positions)

    @pytest.mark.parametrize("tolerances", [(), (0.0,), (0.1, -1.0)])
    def test_bad_tolerances(self, tolerances):
        with pytest.raises(InputError, match="above zero"):
            find_point_group(["Au"], np.zeros((1, 3)), settings=PointGroupSettings(tolerances=tolerances))


class TestKnownClusters:
    """The metal skeletons as SOFI answers at 0.3 to 0.5 Å: the group that the operations generate."""

    @pytest.mark.parametrize(
        ("name", "symbol"),
        [
            ("xyz/au25_pet18_-1_opt.xyz", "Th"),
            (XRAY_AU25, "Th"),
            ("xyz/au38_pet24q_opt.xyz", "D3"),
            ("xyz/au36_tbbt24_opt.xyz", "D2d"),
            ("xyz/sch3_102_44.xyz", "C2"),
        ],
    )
    def test_skeleton(self, name, symbol):
        found = self.find(name, "Au")
        assert found.at(0.5).generated.symbol == symbol
        assert found.at(0.5).tolerance == 0.5

    @pytest.mark.parametrize("name", ["xyz/au25_pet18_-1_opt.xyz", XRAY_AU25])
    def test_kernel_of_au25(self, name):
        cluster = build_cluster(bond_molecule(read_atoms(name)))
        found = find_cluster_symmetry(cluster, classify_kernel(cluster))
        assert found.kernel.n_atoms == 13
        assert found.kernel.at(0.5).held.symbol == "Ih"
        (threshold,) = [t for t in found.kernel.thresholds if t.symbol == "Ih"]
        step = next(step for step in found.kernel.ladder if step.held.symbol == "Ih")
        assert threshold.deviation == pytest.approx(step.held.deviation)
        assert found.skeleton.n_atoms == 25
        assert found.framework.n_atoms == 43
        assert found.cluster.n_atoms == 25 + 18 + 144

    def test_inversion_of_the_crystal_is_exact(self):
        """COD 1540567: the molecule lies on a centre of inversion; the file has four decimals."""
        found = self.find(XRAY_AU25, "Au", "S", "C")
        assert found.ladder[0].held.symbol == "Ci"
        assert found.ladder[0].held.deviation < 2e-3

    def find(self, name, *elements):
        molecule = read_atoms(name)
        atoms = [k for k, element in enumerate(molecule.elements) if element in elements]
        return find_point_group([molecule.elements[k] for k in atoms], molecule.positions[atoms])


def ring_of_four():
    """[AuS]4: every gold atom is a staple, so there is no kernel."""
    atoms = Atoms()
    corners = [np.array([x, y, 0.0]) for x, y in ((2, 2), (-2, 2), (-2, -2), (2, -2))]
    for corner in corners:
        atoms.add_thiolate(corner, np.array([0, 0, 1.5]) + corner)
    return atoms.add("Au", *((a + b) / 2 for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)))


def test_cluster_without_kernel():
    cluster = ring_of_four().cluster()
    anatomy = classify_kernel(cluster)
    assert anatomy.kernel == ()
    found = find_cluster_symmetry(cluster, anatomy)
    assert found.kernel is None
    assert found.skeleton.at(0.1).held.symbol == found.framework.at(0.1).held.symbol == "D4h"
    assert found.cluster.n_atoms == 8  # hydrogen is left out
    assert found.convention == anatomy.convention


class TestFits:
    """The fits against what a search over many directions finds."""

    @given(
        SEEDS,
        st.sampled_from([(1, 2), (1, 3), (1, 4), (2, 5), (1, 7)]),
        st.booleans(),
        st.sampled_from([0.0, 0.1, 2.0]),
    )
    @settings(max_examples=40)
    def test_axis_is_the_best_one(self, seed, turn, improper, noise):
        rng = np.random.default_rng(seed)
        angle = 2 * math.pi * turn[0] / turn[1]
        source = rng.normal(size=(6, 3))
        true = rng.normal(size=3)
        exact = build_operation(true / np.linalg.norm(true), angle, improper=improper)
        target = source @ exact.T + noise * rng.normal(size=(6, 3))

        def misfit(axis):
            matrix = build_operation(axis / np.linalg.norm(axis), angle, improper=improper)
            return np.sum((source @ matrix.T - target) ** 2)

        best = misfit(fit_axis(source, target, angle, improper=improper))
        assert best <= min(misfit(axis) for axis in rng.normal(size=(300, 3))) + 1e-9

    @given(SEEDS)
    @settings(max_examples=20)
    def test_axis_of_a_cyclic_group_is_the_best_one(self, seed):
        rng = np.random.default_rng(seed)
        points, partners = rng.normal(size=(8, 3)), np.array([1, 2, 3, 0, 5, 6, 7, 4])

        def misfit(axis):
            matrix = build_operation(axis / np.linalg.norm(axis), math.pi / 2, improper=True)
            total, power, chain = 0.0, np.eye(3), np.arange(8)
            for _ in range(3):
                power, chain = matrix @ power, partners[chain]
                total += np.sum((points @ power.T - points[chain]) ** 2)
            return total

        best = misfit(fit_cyclic_axis(points, partners, math.pi / 2, improper=True, order=4))
        assert best <= min(misfit(axis) for axis in rng.normal(size=(300, 3))) + 1e-9

    @given(SEEDS, st.booleans())
    @settings(max_examples=20)
    def test_superposition_is_the_best_one(self, seed, improper):
        rng = np.random.default_rng(seed)
        source, target = rng.normal(size=(2, 5, 3))
        sign = -1 if improper else 1
        matrix = superpose(source, target, improper=improper)
        assert np.linalg.det(matrix) == pytest.approx(sign)
        others = [sign * random_rotation(rng) for _ in range(300)]
        best = min(np.sum((source @ other.T - target) ** 2) for other in others)
        assert np.sum((source @ matrix.T - target) ** 2) <= best + 1e-9
