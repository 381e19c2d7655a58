"""Sizes: known from the formulas of solids, by invariance, and of clusters against plain sums."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.core_size import SizeSettings, measure_core_size
from clustermodel.analysis.point_hull import measure_hull
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from clustermodel.structure.molecule import molecule_from_atoms
from tests.analysis.symmetric_sets import random_rotation
from tests.cluster.model_clusters import Atoms, icosahedron, phosphine_icosahedron
from tests.cluster.shared_clusters import read_atoms

GOLDEN = (1 + 5**0.5) / 2


def measure(cluster, **choices):
    return measure_core_size(cluster, classify_kernel(cluster), **choices)


def lengths(size, part):
    return {row.name: row.value for row in size.lengths if row.part == part}


def volumes(size, part):
    return {row.name: row.value for row in size.volumes if row.part == part}


class TestIcosahedron:
    """A bare centred icosahedron with vertices at R: textbook formulas of the solid with edge a."""

    radius = 2.75
    edge = radius / math.sin(0.4 * math.pi)
    size = measure(icosahedron(radius).cluster())

    @pytest.mark.parametrize("part", ["kernel", "skeleton", "cluster"])
    def test_lengths(self, part):
        found = lengths(self.size, part)
        assert found["largest distance"] == pytest.approx(2 * self.radius)
        inradius = GOLDEN**2 * self.edge / (2 * 3**0.5)
        assert found["least width"] == pytest.approx(2 * inradius)
        assert found["radius of gyration"] == pytest.approx(self.radius * (12 / 13) ** 0.5)
        assert found["mass-weighted radius of gyration"] == pytest.approx(self.radius * (12 / 13) ** 0.5)
        assert found["mean distance from centroid"] == pytest.approx(self.radius * 12 / 13)
        assert found["largest distance from centroid"] == pytest.approx(self.radius)
        assert found["mean diameter"] == pytest.approx(2 * self.radius)
        assert found["surface to surface (bondi)"] == pytest.approx(2 * self.radius + 2 * 1.66)
        assert found["surface to surface (alvarez)"] == pytest.approx(2 * self.radius + 2 * 2.32)
        assert found["surface to surface (covalent)"] == pytest.approx(2 * self.radius + 2 * 1.36)

    def test_volume(self):
        volume = 5 * (3 + 5**0.5) / 12 * self.edge**3
        found = volumes(self.size, "kernel")
        assert found["hull volume"] == pytest.approx(volume)
        assert found["hull volume per atom"] == pytest.approx(volume / 13)
        diameter = lengths(self.size, "kernel")["diameter of equal hull"]
        assert math.pi * diameter**3 / 6 == pytest.approx(volume)

    def test_principal_axes_of_a_spherical_top_are_not_defined(self):
        assert not {"length", "width", "height", "extent along unique axis"} & set(
            lengths(self.size, "kernel")
        )

    def test_symmetry_axes(self):
        assert self.size.point_group == "Ih"
        rows = {row.name: row for row in self.size.lengths if row.part == "skeleton"}
        inradius = GOLDEN**2 * self.edge / (2 * 3**0.5)
        midradius = self.edge * GOLDEN / 2
        for name, count, value in (("C5", 6, self.radius), ("C3", 10, inradius), ("C2", 15, midradius)):
            row = rows[f"extent along {name}"]
            assert row.n == count
            assert row.value == pytest.approx(2 * value)
            assert row.maximum - row.minimum < 1e-6  # Å: the axes are exact but for rounding

    def test_coordination(self):
        """12 + 12 (5 + 1) neighbours over 13 atoms; below the edge of 2.89 Å the centre's alone."""
        found = measure(icosahedron(2.75).cluster(), settings=SizeSettings(cutoffs=(2.0, 2.8, 3.0)))
        rows = {row.cutoff: row.value for row in found.coordination if row.part == "kernel"}
        assert rows == {2.0: 0, 2.8: pytest.approx(24 / 13), 3.0: pytest.approx(84 / 13)}


class TestBox:
    """Eight gold atoms at the corners of a box: extents are its edges."""

    edges = (2.65, 2.8, 2.95)

    def cluster(self):
        corners = itertools.product(*((0, edge) for edge in self.edges))
        return Atoms().add("Au", *(np.array(corner) for corner in corners)).cluster()

    def test_principal_extents(self):
        found = lengths(measure(self.cluster()), "kernel")
        assert (found["height"], found["width"], found["length"]) == pytest.approx(self.edges)
        assert found["largest distance"] == pytest.approx(math.hypot(*self.edges))
        assert found["least width"] == pytest.approx(min(self.edges))

    def test_symmetry_axes(self):
        strict = measure(self.cluster(), settings=SizeSettings(tolerance=0.05))
        assert strict.point_group == "D2h"
        found = lengths(strict, "kernel")
        names = (
            "extent along C2''",
            "extent along C2'",
            "extent along C2",
        )  # three axes that are not equivalent
        assert [found[name] for name in names] == pytest.approx(self.edges)

    def test_a_square_box_has_one_unique_axis(self):
        corners = itertools.product((0, 2.7), (0, 2.7), (0, 2.95))
        cluster = Atoms().add("Au", *(np.array(corner) for corner in corners)).cluster()
        size = measure(cluster, settings=SizeSettings(tolerance=0.05))
        found = lengths(size, "skeleton")
        assert size.point_group == "D4h"
        assert found["extent along unique axis"] == pytest.approx(2.95)
        assert found["extent along C4"] == pytest.approx(2.95)
        assert found["extent along C2"] == pytest.approx(2.7 * 2**0.5)  # through opposite edges
        assert found["extent along C2'"] == pytest.approx(2.7)  # through opposite faces
        assert found["largest width across C4"] == pytest.approx(2.7 * 2**0.5)
        assert "length" not in found


class TestFlat:
    def test_triangle_has_no_volume(self):
        triangle = Atoms().add("Au", (0, 0, 0), (2.8, 0, 0), (1.4, 2.4, 0)).cluster()
        size = measure(triangle)
        assert size.volumes == ()
        found = lengths(size, "kernel")
        assert found["least width"] == pytest.approx(0, abs=1e-12)
        assert "diameter of equal hull" not in found


class TestWholeCluster:
    def test_ligands_count_with_their_own_radii(self):
        """Chlorides 2.35 Å outside, phosphines with hydrogen: the outermost surfaces are searched plainly."""
        cluster = phosphine_icosahedron(9, 3).cluster()
        found = lengths(measure(cluster), "cluster")
        molecule = cluster.molecule
        radii = {"Au": 2.32, "P": 1.90, "Cl": 1.82, "H": 1.20}
        reach = max(
            math.dist(molecule.positions[i], molecule.positions[j])
            + radii[molecule.elements[i]]
            + radii[molecule.elements[j]]
            for i, j in itertools.combinations(range(len(molecule)), 2)
        )
        assert found["surface to surface (alvarez)"] == pytest.approx(reach)
        assert (
            found["radius of gyration"] > found["mass-weighted radius of gyration"]
        )  # light atoms are outside

    def test_parts_grow(self):
        size = measure(build_cluster(bond_molecule(read_atoms("xyz/au38_pet24q_opt.xyz"))))
        assert size.point_group == "D3"
        kernel, skeleton, cluster = (lengths(size, part) for part in ("kernel", "skeleton", "cluster"))
        for name in ("largest distance", "extent along C3", "radius of gyration", "diameter of equal hull"):
            assert kernel[name] < skeleton[name] < cluster[name]
        for row in size.lengths:
            assert row.minimum <= row.value + 1e-9
            assert row.value <= row.maximum + 1e-9
            assert row.definition.endswith(".")


class TestInvariance:
    @given(st.integers(0, 2**32 - 1))
    @settings(max_examples=4)
    def test_orientation_and_order(self, seed):
        rng = np.random.default_rng(seed)
        cluster = phosphine_icosahedron(7, 5).cluster()
        molecule = cluster.molecule
        order = rng.permutation(len(molecule))
        moved = molecule_from_atoms(
            [molecule.elements[k] for k in order],
            (molecule.positions @ random_rotation(rng).T + rng.normal(scale=9, size=3))[order],
        )
        first, second = measure(cluster), measure(build_cluster(bond_molecule(moved)))
        assert [(r.part, r.name, r.n) for r in first.lengths] == [
            (r.part, r.name, r.n) for r in second.lengths
        ]
        for one, other in ((first.lengths, second.lengths), (first.volumes, second.volumes)):
            assert [r.value for r in one] == pytest.approx([r.value for r in other], abs=1e-6)  # Å, rounding
        assert [r.value for r in first.coordination] == [r.value for r in second.coordination]

    @given(st.floats(1.01, 1.4))
    def test_scale(self, factor):
        """Twice the lengths, eight times the volumes: the hull knows no unit."""
        points = np.random.default_rng(3).normal(size=(20, 3))
        first, second = measure_hull(points), measure_hull(factor * points)
        assert second.volume == pytest.approx(factor**3 * first.volume)
        assert second.least_width == pytest.approx(factor * first.least_width)
        assert first.corners.tolist() == second.corners.tolist()

    @given(st.integers(0, 2**32 - 1))
    @settings(max_examples=20)
    def test_least_width_is_below_that_of_any_direction(self, seed):
        rng = np.random.default_rng(seed)
        points = rng.normal(size=(9, 3))
        width = measure_hull(points).least_width
        directions = rng.normal(size=(2000, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        tried = np.ptp(points @ directions.T, axis=0).min()
        assert width <= tried
        assert tried < 1.15 * width + 0.05  # 2000 directions come within 3° of the best one


@pytest.mark.parametrize("choices", [{"cutoffs": (0.0,)}, {"tolerance": -0.1}])
def test_bad_settings(choices):
    with pytest.raises(InputError, match="above zero"):
        measure(icosahedron().cluster(), settings=replace(SizeSettings(), **choices))
