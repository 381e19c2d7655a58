"""Staples: angles and bites set by construction, invariances, and the angles printed in a CIF."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.staple_geometry import StapleSettings, measure_staples
from clustermodel.analysis.staples import find_staples
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import analyze
from tests.analysis.symmetric_sets import random_rotation
from tests.cluster.model_clusters import (
    Atoms,
    alkynyl_unit,
    icosahedron,
    mount_on_kernel,
    ring_on_triangle,
    unit_on_kernel,
)
from tests.datafiles import data_path

CIF = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"


def measure(atoms, **choices):
    cluster = atoms.cluster()
    return measure_staples(cluster, classify_kernel(cluster), **choices)


def staple_on_square(sides, *, lift=0.0):
    """An Au(SR)2 or Au2(SR)3 staple in the xz plane on two kernel atoms of a square, S-H along ±y.

    `sides` gives the side of each R group; the middle S of a dimer is `lift` Å above the terminal ones.
    """
    reach = 2.35 * len(sides) / 2 if len(sides) == 2 else 3.7
    atoms = Atoms()
    for sign, side in ((-1, sides[0]), (1, sides[-1])):
        place = np.array([sign * reach, 0, 0])
        below = place - (0, 0, 2.4)
        atoms.add("Au", below, below - (0, -2.8, 0)).add_thiolate(place, (0, side, 0))
    if len(sides) == 2:
        return atoms.add("Au", (0, 0, 0))
    middle = np.array([0, 0, lift])
    atoms.add_thiolate(middle, (0, sides[1], 0))
    return atoms.add("Au", (-reach / 2, 0, lift / 2 + 0.4), (reach / 2, 0, lift / 2 + 0.4))


class TestMonomer:
    @pytest.mark.parametrize("angle", [180.0, 175.0, 165.0])
    def test_angle_and_bite(self, angle):
        (shape,) = measure(unit_on_kernel(angle=angle)).staples
        assert shape.label == "Au(SR)2"
        assert shape.donor_metal_donor == (pytest.approx(angle),)
        assert shape.bite == pytest.approx(2 * 2.35 * math.sin(math.radians(angle / 2)))
        assert shape.metal_donor_metal == ()
        drop = (180 - angle) / 2
        assert shape.kernel_donor_metal == (pytest.approx(90 + drop), pytest.approx(90 + drop))

    def test_three_atoms_have_no_plane_of_their_own(self):
        (shape,) = measure(unit_on_kernel(angle=170.0)).staples
        assert math.isnan(shape.planarity)
        assert shape.anchored_planarity == pytest.approx(0, abs=1e-12)

    def test_chain(self):
        cluster = unit_on_kernel().cluster()
        (staple,) = find_staples(cluster, classify_kernel(cluster))
        elements = [cluster.molecule.elements[atom] for atom in staple.chain]
        assert elements == ["S", "Au", "S"]
        assert staple.ends == (staple.chain[0], staple.chain[-1])
        assert not staple.closed
        assert len(staple.anchors) == len(staple.substituents) == 2

    def test_phosphine_carries_no_single_group(self):
        (shape,) = measure(unit_on_kernel(ends=("S", "P"))).staples
        assert sorted(shape.pattern.replace("u", "x").replace("d", "x").replace("0", "x")) == ["-", "x"]
        assert shape.ends == ""

    def test_alkynyl_ends_at_carbon(self):
        (shape,) = measure(alkynyl_unit("C")).staples
        assert shape.bite == pytest.approx(4.0)
        assert shape.donor_metal_donor == (pytest.approx(180),)


class TestOrientation:
    @pytest.mark.parametrize(
        ("sides", "pattern", "ends"),
        [
            ((1, 1), "uu", "cis"),
            ((-1, -1), "uu", "cis"),
            ((1, -1), "ud", "trans"),
            ((1, 1, 1), "uuu", "cis"),
            ((1, -1, 1), "udu", "cis"),
            ((1, 1, -1), "uud", "trans"),
            ((-1, 1, 1), "uud", "trans"),
            ((-1, -1, 1), "uud", "trans"),
        ],
    )
    def test_pattern(self, sides, pattern, ends):
        (shape,) = measure(staple_on_square(sides)).staples
        assert (shape.pattern, shape.ends) == (pattern, ends)
        assert [abs(angle) for angle in shape.elevations] == pytest.approx([90] * len(sides))
        assert ["u" if angle > 0 else "d" for angle in shape.elevations] == list(pattern)

    def test_group_in_the_plane(self):
        atoms = staple_on_square((1, 1))
        atoms.positions[3] = atoms.positions[2] + (-1.33, 0.1, 0)  # first S-H turned to 4° from the plane
        (shape,) = measure(atoms).staples
        assert sorted(shape.pattern) == ["0", "u"]
        assert shape.ends == ""
        (wide,) = measure(atoms, settings=StapleSettings(in_plane=2.0)).staples
        assert wide.ends == "cis"

    def test_types_add_up(self):
        table = measure(staple_on_square((1, -1, 1)))
        (row,) = table.types
        assert (row.label, row.count, row.cis, row.trans) == ("Au2(SR)3", 1, 1, 0)
        assert row.patterns == (("udu", 1),)
        assert (row.donor_metal_donor.n, row.metal_donor_metal.n, row.bite.n) == (2, 1, 1)
        assert math.isnan(row.bite.sd)
        assert row.bite.mean == pytest.approx(7.4)
        assert row.planarity.mean == pytest.approx(0, abs=1e-12)

    def test_planarity(self):
        """One of five atoms h out of their plane: the best plane is nearer than the old one."""
        flat = staple_on_square((1, 1, 1), lift=0.5)
        moved = staple_on_square((1, 1, 1), lift=0.5)
        moved.positions[-1] = moved.positions[-1] + np.array([0, 0.3, 0])
        (before,), (after,) = measure(flat).staples, measure(moved).staples
        assert before.planarity == pytest.approx(0, abs=1e-12)
        assert 0 < after.planarity < 0.3 / 5**0.5


class TestOtherMotifs:
    def test_ring(self):
        (shape,) = measure(ring_on_triangle()).staples
        assert shape.label.startswith("cyclo")
        assert math.isnan(shape.bite)
        assert shape.ends == ""
        assert len(shape.chain) == 8
        assert shape.donor_metal_donor == pytest.approx([180] * 4)
        assert shape.metal_donor_metal == pytest.approx([90] * 4)
        assert shape.pattern == "uuuu"

    def test_branched(self):
        shapes = measure(mount_on_kernel()).staples
        for shape in shapes:
            if not shape.chain:
                assert (shape.pattern, shape.ends) == ("", "")
                assert math.isnan(shape.bite)

    def test_no_motifs(self):
        table = measure(icosahedron())
        assert (table.staples, table.types) == ((), ())


class TestInvariance:
    @given(st.integers(0, 2**32 - 1), st.booleans())
    @settings(max_examples=15)
    def test_orientation_and_mirror(self, seed, mirrored):
        """Nothing here tells left from right."""
        rng = np.random.default_rng(seed)
        cluster = staple_on_square((1, -1, -1), lift=0.3).cluster()
        anatomy = classify_kernel(cluster)
        matrix = random_rotation(rng) * (-1 if mirrored else 1)
        moved = replace(
            cluster, molecule=cluster.molecule.with_positions(cluster.molecule.positions @ matrix.T + 5.0)
        )
        first, second = measure_staples(cluster, anatomy).types[0], measure_staples(moved, anatomy).types[0]
        assert first.patterns == second.patterns
        for name in ("donor_metal_donor", "metal_donor_metal", "kernel_donor_metal", "bite", "elevation"):
            assert getattr(first, name).mean == pytest.approx(getattr(second, name).mean)
            assert getattr(first, name).maximum == pytest.approx(getattr(second, name).maximum)


def test_angles_at_gold_are_those_printed_in_the_cif():
    """Every S-Au-S angle of the refinement program; the molecule holds each twice, by inversion."""
    import gemmi

    block = gemmi.cif.read(str(data_path(CIF))).sole_block()
    rows = block.find(
        [
            "_geom_angle_atom_site_label_1",
            "_geom_angle_atom_site_label_2",
            "_geom_angle_atom_site_label_3",
            "_geom_angle",
        ]
    )
    printed = [
        float(row[3].partition("(")[0])
        for row in rows
        if row[0][0] == "S" and row[1][:2] == "Au" and row[2][0] == "S"
    ]
    assert len(printed) == 6
    one = analyze(data_path(CIF))[0].clusters[0]
    (row,) = measure_staples(one.cluster, one.anatomy).types
    found = sorted(
        angle
        for shape in measure_staples(one.cluster, one.anatomy).staples
        for angle in shape.donor_metal_donor
    )
    assert found == pytest.approx(sorted(2 * printed), abs=0.02)  # two decimals, coordinates of four
    assert (row.label, row.count) == ("Au2(SR)3", 6)


@pytest.mark.parametrize("angle", [-1.0, 90.0, math.nan])
def test_bad_settings(angle):
    with pytest.raises(InputError, match="in-plane limit"):
        measure(unit_on_kernel(), settings=StapleSettings(in_plane=angle))
