"""Comparison of two clusters: sites, bonds in both and in one, errors, cut-offs, the verdict."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.bond_table import list_donor_bonds, list_metal_pairs, number_copies
from clustermodel.analysis.core_size import measure_core_size
from clustermodel.analysis.pair_bond_results import PairBondSettings
from clustermodel.analysis.pair_bonds import compare_bonds
from clustermodel.analysis.pair_comparison import PairSettings, compare_pair
from clustermodel.analysis.pair_differences import Quantity, compare_quantities, compare_values
from clustermodel.analysis.pair_quantities import list_sizes
from clustermodel.analysis.pair_side import PairSide
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.assembly.correlated_values import build_distance_source
from clustermodel.cluster.cluster import Cluster, build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from clustermodel.io.embedded import find_model, list_models
from clustermodel.io.record import format_record, read_record, write_record
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.structure.molecule import molecule_from_atoms
from tests.analysis.bare_kernels import bare_kernel
from tests.analysis.pair_cases import as_side, disturb, shared_molecule
from tests.cluster.model_clusters import ICOSAHEDRON, icosahedron, phosphine_icosahedron
from tests.cluster.shared_clusters import XRAY_AU25
from tests.datafiles import data_path

NUMBERS = st.floats(-1e3, 1e3)
ERRORS = st.floats(1e-3, 10)
AU25 = XRAY_AU25.removeprefix("xyz/")
AU25_ANION = "au25_pet18_-1_opt.xyz"


def bare_side(points, **known):
    cluster, anatomy = bare_kernel(points)
    return PairSide(name="bare", cluster=cluster, anatomy=anatomy, **known)


def ball(rng, count=14):
    """A dense lump of metal atoms: an icosahedron with a few atoms on its faces, pushed at random."""
    faces = [
        f
        for f in itertools.combinations(range(12), 3)
        if all(np.linalg.norm(ICOSAHEDRON[a] - ICOSAHEDRON[b]) < 1.2 for a, b in itertools.combinations(f, 2))
    ]
    caps = [sum(ICOSAHEDRON[k] for k in faces[f]) for f in (0, 7, 13)][: count - 13]
    points = np.vstack([np.zeros(3), 2.75 * ICOSAHEDRON, 1.9 * np.array(caps)])
    return points + rng.normal(scale=0.04, size=points.shape)


class TestQuantities:
    """What two numbers with errors say."""

    @given(NUMBERS, NUMBERS, ERRORS, ERRORS)
    def test_the_larger_error_decides(self, first, second, su, scatter):
        a, b = (Quantity(name="x", role="y", unit="Å", value=v) for v in (first, second))
        found = compare_values(a, b, su=su, scatter=scatter)
        assert found.delta == pytest.approx(second - first, abs=1e-9)
        assert found.sigmas == pytest.approx(found.delta / max(su, scatter))
        expected = "equal within errors"
        if abs(found.delta) > 3 * max(su, scatter):
            expected = "larger in b" if second > first else "smaller in b"
        assert found.verdict == expected

    def test_one_error_is_enough_and_none_is_said(self):
        a, b = (Quantity(name="x", role="y", unit="Å", value=v) for v in (2.0, 2.1))
        assert compare_values(a, b, su=0.01).verdict == "larger in b"
        assert compare_values(a, b, scatter=0.1).verdict == "equal within errors"
        assert compare_values(a, b).verdict == "no error known"
        assert math.isnan(compare_values(a, b).sigmas)

    def test_exact_numbers(self):
        a, b = (Quantity(name="n", role="y", unit="", value=v, su=0.0) for v in (21, 22))
        (found,) = compare_quantities([a], [b])
        assert (found.su, found.sigmas, found.verdict) == (0.0, math.inf, "larger in b")
        (same,) = compare_quantities([a], [a])
        assert (same.sigmas, same.verdict) == (0.0, "equal within errors")

    def test_rounding_is_no_difference(self):
        a = Quantity(name="x", role="y", unit="Å", value=0.1 + 0.2, su=0.0)
        b = Quantity(name="x", role="y", unit="Å", value=0.3, su=0.0)
        assert a.value != b.value
        assert compare_values(a, b, su=0.0).verdict == "equal within errors"

    def test_errors_of_either_side_add_in_squares(self):
        a = Quantity(name="x", role="y", unit="Å", value=1.0, su=0.3, scatter=0.03)
        b = Quantity(name="x", role="y", unit="Å", value=1.0, su=0.4, scatter=0.04)
        (found,) = compare_quantities([a], [b])
        assert (found.su, found.scatter) == (pytest.approx(0.5), pytest.approx(0.05))

    def test_only_quantities_of_both_are_compared(self):
        a = Quantity(name="x", role="y", unit="Å", value=1.0)
        others = [
            Quantity(name="x", role="z", unit="Å", value=1.0),
            Quantity(name="x", role="y", unit="nm", value=1.0),
        ]
        assert compare_quantities([a], others) == ()


class TestBondTable:
    def test_copies_share_orbit_and_length(self):
        orbits, lengths = np.array([1, 1, 1, 2]), np.array([2.8, 2.9, 2.8 + 1e-5, 2.8])
        numbers = number_copies(orbits, lengths)
        assert numbers[0] == numbers[2]
        assert len(set(numbers.tolist())) == 3

    def test_every_metal_pair_within_reach(self):
        points = ball(np.random.default_rng(1))
        side = bare_side(points)
        table = list_metal_pairs(side.cluster, side.anatomy, 3.5)
        expected = sum(
            np.linalg.norm(points[a] - points[b]) <= 3.5 for a, b in itertools.combinations(range(14), 2)
        )
        assert len(table) == expected
        assert set(table.pairs) == {"Au-Au"}

    def test_donor_bonds_start_at_the_metal(self):
        cluster = phosphine_icosahedron(3, 2).cluster()
        table = list_donor_bonds(cluster, classify_kernel(cluster))
        assert sorted(table.pairs) == ["Au-Cl"] * 2 + ["Au-P"] * 3
        assert all(cluster.molecule.elements[k] == "Au" for k in table.first)

    def test_wrong_length(self):
        cluster, anatomy = bare_kernel(2.75 * ICOSAHEDRON)
        with pytest.raises(InputError, match="orbit has 3 numbers, expected one for each of 12"):
            list_metal_pairs(cluster, anatomy, 3.3, orbit=np.zeros(3, dtype=int))


class TestBonds:
    @given(st.integers(0, 2**32 - 1), st.floats(2.9, 3.4))
    @settings(max_examples=12)
    def test_parts_add_up_and_means_are_plain(self, seed, cutoff):
        rng = np.random.default_rng(seed)
        first = ball(rng, 16)
        second = (first + rng.normal(scale=0.05, size=first.shape))[:15]
        sides = bare_side(first), bare_side(second)
        chosen = PairBondSettings(cutoff=cutoff)
        pairs = {k: k for k in range(15)}
        rows = {row.role: row for row in compare_bonds(*sides, pairs, settings=chosen).rows}
        row = rows["kernel"]
        near = [
            {
                p
                for p in itertools.combinations(range(len(x)), 2)
                if np.linalg.norm(x[p[0]] - x[p[1]]) <= cutoff
            }
            for x in (first, second)
        ]
        lengths = [
            {p: np.linalg.norm(x[p[0]] - x[p[1]]) for p in found}
            for x, found in zip((first, second), near, strict=True)
        ]
        common = near[0] & near[1]
        assert (row.n_a, row.n_b, row.n_paired) == (len(near[0]), len(near[1]), len(common))
        assert (row.n_only_a, row.n_only_b) == (len(near[0] - common), len(near[1] - common))
        assert row.all.a == pytest.approx(np.mean(list(lengths[0].values())))
        assert row.all.b == pytest.approx(np.mean(list(lengths[1].values())))
        changes = np.array([lengths[1][p] - lengths[0][p] for p in common])
        assert row.paired.delta == pytest.approx(changes.mean())
        # Without symmetry, the plain standard error of the mean change.
        assert row.paired.scatter == pytest.approx(changes.std(ddof=1) / math.sqrt(len(changes)))
        assert row.all.delta == pytest.approx(row.paired.delta + row.unpaired_delta)

    def test_a_swollen_copy(self):
        points = ball(np.random.default_rng(2))
        found = compare_bonds(bare_side(points), bare_side(1.01 * points), {k: k for k in range(14)})
        (row,) = [row for row in found.rows if row.role == "centre-shell"]
        assert row.paired.delta == pytest.approx(0.01 * row.paired.a)
        assert row.paired.verdict == "larger in b"
        assert math.isnan(row.mean_only_a)

    def test_copies_of_a_bond_are_no_more_evidence(self):
        """Every atom twice, far apart, as symmetry copies: the standard errors stay the same."""
        rng = np.random.default_rng(3)
        first = ball(rng)
        second = first + rng.normal(scale=0.05, size=first.shape)
        plain = compare_bonds(bare_side(first), bare_side(second), {k: k for k in range(14)}).rows[0]
        orbit = np.tile(np.arange(14), 2)
        sides = []
        for points in (first, second):
            both = np.vstack([points, points + np.array([40.0, 0, 0])])
            molecule = bond_molecule(molecule_from_atoms(["Au"] * 28, both))
            cluster = Cluster(molecule=molecule, metals=tuple(range(28)), ligands=())
            sides.append(PairSide(name="two", cluster=cluster, anatomy=classify_kernel(cluster), orbit=orbit))
        twice = compare_bonds(*sides, {k: k for k in range(28)}).rows[0]
        assert (twice.role, twice.n_paired) == ("kernel", 2 * plain.n_paired)
        assert twice.paired.scatter == pytest.approx(plain.paired.scatter)
        assert twice.all.scatter == pytest.approx(plain.all.scatter)

    def test_measured_errors_of_a_mean(self):
        points = ball(np.random.default_rng(4))
        sides = [
            bare_side(points, uncertainty=lambda first, _, su=su: np.full(len(first), su))
            for su in (0.003, 0.004)
        ]
        row = compare_bonds(*sides, {k: k for k in range(14)}).rows[0]
        assert row.all.su == pytest.approx(0.005 / math.sqrt(row.n_a))  # uncorrelated bonds
        assert row.paired.su == pytest.approx(0.005 / math.sqrt(row.n_paired))

    def test_measured_errors_are_shared_by_copies(self):
        """All radial bonds of an icosahedron are one bond if symmetry makes them so."""
        orbit = np.array([0] + [1] * 12)
        sides = [
            bare_side(
                np.vstack([np.zeros(3), 2.75 * ICOSAHEDRON]),
                orbit=orbit,
                uncertainty=lambda first, _: np.full(len(first), 0.004),
            )
            for _ in range(2)
        ]
        rows = {row.role: row for row in compare_bonds(*sides, {k: k for k in range(13)}).rows}
        assert rows["centre-shell"].all.su == pytest.approx(0.004 * math.sqrt(2))
        assert math.isnan(rows["centre-shell"].all.scatter)  # one bond has no scatter

    def test_covariances_of_a_crystal(self):
        """A crystal against itself: every s.u. is that of its own means, times the root of two."""
        path = data_path("cif/COD_1540567_Au25_SCH2CH2Ph_18.cif")
        (analysis,) = analyze(path)
        one = analysis.clusters[0]
        errors = build_distance_source(analysis.crystal, one.cluster.molecule)
        side = PairSide(name="crystal", cluster=one.cluster, anatomy=one.anatomy, errors=errors)
        found = compare_bonds(side, side, {k: k for k in range(len(one.cluster.molecule))})
        single = {(row.role, row.pair): row for row in one.bonds.rows}
        compared = [row for row in found.rows if (row.role, row.pair) in single]
        assert len(compared) >= 5
        for row in compared:
            expected = math.sqrt(2) * single[row.role, row.pair].mean_su
            assert row.all.su == pytest.approx(expected, rel=1e-6)  # the same sums in another order
            assert row.paired.su == pytest.approx(row.all.su)
            assert row.all.su < 0.01
            assert row.all.verdict == "equal within errors"

    def test_along_the_cutoff_by_plain_counting(self):
        rng = np.random.default_rng(5)
        first = ball(rng, 16)
        second = first + rng.normal(scale=0.1, size=first.shape)
        found = compare_bonds(bare_side(first), bare_side(second), {k: k for k in range(16)})
        spacing = [
            np.linalg.norm(x[:, None] - x[None], axis=2)[np.triu_indices(16, 1)] for x in (first, second)
        ]
        rows = [row for row in found.by_cutoff if row.role == "kernel"]
        assert [row.cutoff for row in rows] == [round(2.9 + 0.05 * k, 2) for k in range(13)]
        deltas = []
        for row in rows:
            near = [x <= row.cutoff for x in spacing]
            assert (row.n_a, row.n_b) == (near[0].sum(), near[1].sum())
            deltas.append(spacing[1][near[1]].mean() - spacing[0][near[0]].mean())
            assert row.delta == pytest.approx(deltas[-1])
            assert row.n_either == (near[0] | near[1]).sum()
            assert row.either_delta == pytest.approx((spacing[1] - spacing[0])[near[0] | near[1]].mean())
            assert row.paired_delta == pytest.approx((spacing[1] - spacing[0])[near[0] & near[1]].mean())
        changes = [one for one in found.sign_changes if (one.role, one.kind) == ("kernel", "all")]
        expected = [k for k in range(12) if deltas[k] * deltas[k + 1] < 0]
        assert [one.low for one in changes] == [rows[k].cutoff for k in expected]

    def test_kernel_mean_of_au25_against_the_cutoff(self):
        """On X-ray Au25 the mean moves by 0.088 Å between 2.9 and 3.5 Å: plain distances of its 13 atoms."""
        side = as_side(shared_molecule(AU25))
        kernel = side.cluster.molecule.positions[list(side.anatomy.kernel)]
        spacing = np.linalg.norm(kernel[:, None] - kernel[None], axis=2)[np.triu_indices(13, 1)]
        found = compare_bonds(side, side, {k: k for k in range(349)})
        rows = {row.cutoff: row for row in found.by_cutoff if row.role == "kernel"}
        for cutoff in (2.9, 3.5):
            assert rows[cutoff].a == pytest.approx(spacing[spacing <= cutoff].mean())
        assert rows[3.5].a - rows[2.9].a == pytest.approx(0.088, abs=5e-4)  # half of the last printed digit
        assert all(row.delta == 0 for row in rows.values())
        assert found.sign_changes == ()

    def test_a_bond_of_one_cluster_only(self):
        first, second = (as_side(phosphine_icosahedron(n, 0).molecule()) for n in (0, 2))
        (row,) = [r for r in compare_bonds(first, second, {k: k for k in range(13)}).rows if r.pair == "Au-P"]
        assert (row.n_a, row.n_b, row.n_paired, row.n_only_b) == (0, 2, 0, 2)
        assert row.all.verdict == row.paired.verdict == "not in both"
        assert row.mean_only_b == pytest.approx(2.30)


class TestSites:
    """A cluster that lacks one vertex with its phosphine, turned and shuffled."""

    def compare(self, *, swap=False, noise=0.0):
        atoms = phosphine_icosahedron(1, 3)
        whole = atoms.molecule()
        copy, truth = disturb(whole, np.random.default_rng(6), drop=[1, *range(13, 17)], noise=noise)
        sides = [as_side(copy), as_side(whole)]
        return compare_pair(*(sides[::-1] if swap else sides)), copy, whole, truth

    def test_the_vacancy(self):
        found, _, whole, truth = self.compare()
        (site,) = found.sites
        assert (site.vacant_in, site.element, site.atom, site.ligand) == ("a", "Au", 1, "PH3")
        assert sorted(site.ligand_atoms) == [13, 14, 15, 16]
        expected = found.atom_map.move_back(whole.positions[1])
        np.testing.assert_allclose(site.position, expected, atol=1e-9)
        # A vertex of an icosahedron: the centre and five others.
        assert len(site.neighbours) == 6
        assert site.neighbours[0].role == "centre"
        for near in site.neighbours:
            original = truth[near.atom]
            true = np.linalg.norm(whole.positions[original] - whole.positions[1])
            assert near.distance == pytest.approx(true)
            assert near.distance_filled == pytest.approx(true)
        assert [one.label for one in found.atom_map.missing][:2] == ["Au2", "P14"]

    def test_the_other_way_round(self):
        found, *_ = self.compare(swap=True)
        (site,) = found.sites
        assert site.vacant_in == "b"
        assert found.atom_map.missing == ()
        assert len(found.atom_map.extra) == 5

    def test_displaced_neighbours_take_the_site_along(self):
        found, _, whole, _ = self.compare(noise=0.15)
        (site,) = found.sites
        true = found.atom_map.move_back(whole.positions[1])
        assert (
            np.linalg.norm(site.position - true) < 0.15
        )  # the mean of six pushes of 0.15 Å is less than one

    def test_a_ligand_alone(self):
        whole = phosphine_icosahedron(1, 3).molecule()
        copy, _ = disturb(whole, np.random.default_rng(7), drop=range(13, 17))
        (site,) = compare_pair(as_side(copy), as_side(whole)).sites
        assert (site.element, site.ligand, len(site.neighbours)) == ("P", "PH3", 1)
        assert site.neighbours[0].distance_filled == pytest.approx(2.30)

    def test_no_sites_where_no_map_is_true(self):
        sides = [as_side(shared_molecule(name)) for name in ("sch3_038_24t.xyz", "au38_pet24q_opt.xyz")]
        found = compare_pair(*sides)
        assert found.sites == ()
        assert "pair-no-true-map" in [finding.code for finding in found.findings]


class TestComparison:
    def test_au25_and_its_anion(self):
        sides = [
            as_side(shared_molecule(name), charge=charge) for name, charge in ((AU25_ANION, -1), (AU25, 0))
        ]
        found = compare_pair(*sides)
        assert (found.a.electrons, found.b.electrons) == (8, 7)  # JACS 2008 (heaven2008, zhu2008)
        assert [(m.label, m.a, m.b) for m in found.motifs] == [("Au2(SR)3", 6, 6)]
        assert found.motif_changes == ()
        by_name = {(d.quantity, d.role): d for d in found.differences}
        electrons = by_name["superatom electrons", "cluster"]
        assert (electrons.delta, electrons.verdict) == (-1.0, "smaller in b")
        assert by_name["metal atoms", "cluster"].verdict == "equal within errors"
        radial = by_name["mean length of bonds in both", "centre-shell Au-Au"]
        # The calculated anion has radial bonds of 2.873 Å, the X-ray molecule of 2.783 Å (data README).
        assert (round(radial.a, 3), round(radial.b, 3)) == (2.873, 2.783)
        assert radial.verdict == "smaller in b"
        assert by_name["mean distance from centroid", "kernel atoms in both"].verdict == "smaller in b"

    def test_a_lengthened_staple_is_named(self):
        names = ("au21_sadm15_opt.xyz", "au22_sadm16_opt.xyz")
        found = compare_pair(*(as_side(shared_molecule(name), charge=0) for name in names))
        (change,) = found.motif_changes
        assert (change.label_a, change.label_b) == ("Au2(SR)3", "Au3(SR)4")  # jacs.0c09110
        assert (found.a.electrons, found.b.electrons) == (6, 6)  # the same source
        counts = {m.label: (m.a, m.b) for m in found.motifs}
        assert counts["Au2(SR)3"] == (1, 0)
        assert counts["Au3(SR)4"] == (0, 1)

    def test_quantities_from_outside(self):
        side = as_side(icosahedron().molecule())
        sizes = list_sizes(measure_core_size(side.cluster, side.anatomy))
        extra = Quantity(name="mean Ueq", role="metal", unit="Å2", value=0.03, su=0.001)
        found = compare_pair(side, side, quantities=((*sizes, extra), (*sizes, extra)))
        rows = {(d.quantity, d.role): d for d in found.differences}
        assert rows["mean Ueq", "metal"].verdict == "equal within errors"
        assert rows["radius of gyration", "kernel"].a == pytest.approx(2.75 * math.sqrt(12 / 13))

    def test_different_conventions_are_refused(self):
        cluster = build_cluster(icosahedron().molecule())
        sides = [
            PairSide(name=name, cluster=cluster, anatomy=classify_kernel(cluster, convention=name))
            for name in ("staple", "contact")
        ]
        with pytest.raises(InputError, match="follows the convention 'staple', that of contact 'contact'"):
            compare_pair(*sides)

    def test_record(self):
        whole = phosphine_icosahedron(1, 1).molecule()
        copy, _ = disturb(whole, np.random.default_rng(8), drop=[1, *range(13, 17)])
        found = compare_pair(as_side(copy), as_side(whole), settings=PairSettings())
        plain = write_record(found)
        assert write_record(read_record(type(found), plain)) == plain
        assert '"vacant_in": "a"' in format_record(found)

    @pytest.mark.skipif(
        not {"au21", "au22"} <= set(list_models()), reason="the models of the pair are absent"
    )
    def test_models_of_the_pair(self):
        sides = []
        for name, charge in (("au21", 1), ("au22", 2)):
            (analysis,) = analyze(find_model(name), settings=AnalysisSettings(charge=charge))
            one = analysis.clusters[0]
            sides.append(PairSide(name=name, cluster=one.cluster, anatomy=one.anatomy, charge=charge))
        found = compare_pair(*sides)
        assert found.a.electrons == found.b.electrons == 8  # stated in the paper
        (site,) = found.sites
        assert (site.vacant_in, site.element, site.ligand) == ("a", "Au", "PPh2py")
        assert found.atom_map.extra == ()
        changes = {m.label: (m.a, m.b) for m in found.motifs}
        assert changes == {"Au(SR)2": (4, 4), "mu2-SR": (4, 4), "PR3": (3, 4)}  # stated in the paper
