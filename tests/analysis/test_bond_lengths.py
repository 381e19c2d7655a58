"""Bond statistics: known by construction, by invariance, and from one X-ray structure."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.bond_lengths import BOND_ROLES, BondSettings, measure_bond_lengths
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster import model_clusters as models
from tests.cluster.shared_clusters import XRAY_AU25, read_atoms


def measure(cluster, **choices):
    return measure_bond_lengths(cluster, classify_kernel(cluster), **choices)


def find(rows, role, pair="Au-Au", cutoff=None):
    (row,) = [r for r in rows if (r.role, r.pair) == (role, pair) and cutoff in (None, r.cutoff)]
    return row


@pytest.fixture(scope="module")
def au25():
    return build_cluster(bond_molecule(read_atoms(XRAY_AU25)))


class TestIcosahedron:
    """A centred icosahedron of radius R: 12 radial pairs of R, 30 edges of R / sin(2 pi / 5)."""

    radius = 2.75
    table = measure(models.phosphine_icosahedron(9, 3).cluster())

    def test_pairs(self):
        radial = find(self.table.rows, "centre-shell")
        edges = find(self.table.rows, "shell-shell")
        assert (radial.n, edges.n) == (12, 30)
        assert radial.mean == pytest.approx(self.radius, abs=1e-12)  # float rounding
        assert edges.mean == pytest.approx(self.radius / math.sin(0.4 * math.pi), abs=1e-12)
        assert edges.sd == pytest.approx(0, abs=1e-12)

    def test_ligands(self):
        assert find(self.table.rows, "metal-phosphine", "Au-P").n == 9
        assert find(self.table.rows, "metal-phosphine", "Au-P").mean == pytest.approx(2.30, abs=1e-12)
        assert find(self.table.rows, "metal-halide", "Au-Cl").mean == pytest.approx(2.35, abs=1e-12)

    def test_rows_come_in_the_order_of_the_roles(self):
        roles = [row.role for row in self.table.rows]
        assert roles == sorted(roles, key=BOND_ROLES.index)
        assert {row.role for row in self.table.rows} == {
            "centre-shell",
            "shell-shell",
            "metal-phosphine",
            "metal-halide",
        }

    def test_donor_rows_have_no_cutoff(self):
        assert find(self.table.rows, "centre-shell").cutoff == 3.30
        assert math.isnan(find(self.table.rows, "metal-halide", "Au-Cl").cutoff)


class TestAu25:
    """COD 1540567: the numbers of the X-ray structure."""

    def test_gold_sulfur(self, au25):
        row = find(measure(au25).rows, "metal-donor", "Au-S")
        assert row.n == 36
        assert row.minimum == pytest.approx(2.291, abs=5e-4)  # half of the last digit
        assert row.maximum == pytest.approx(2.387, abs=5e-4)
        assert row.mean == pytest.approx(2.323, abs=5e-4)

    def test_gold_gold(self, au25):
        rows = measure(au25).rows
        radial = find(rows, "centre-shell")
        assert radial.n == 12
        assert radial.mean == pytest.approx(2.783, abs=5e-4)  # half of the last digit
        assert find(rows, "shell-shell").n == 30  # the edges of the icosahedron

    def test_staple_and_kernel_sulfur_make_up_all(self, au25):
        rows = measure(au25).rows
        parts = [find(rows, role, "Au-S") for role in ("kernel-donor", "staple-donor")]
        assert [row.n for row in parts] == [12, 24]
        whole = find(rows, "metal-donor", "Au-S")
        assert whole.mean == pytest.approx(sum(r.n * r.mean for r in parts) / 36, abs=1e-12)

    def test_inversion_halves_the_number_of_unique_bonds(self, au25):
        """The central Au is on the inversion centre: every bond has one copy."""
        positions = au25.molecule.positions
        image = 2 * positions[classify_kernel(au25).roles.index("centre")] - positions
        distance = np.linalg.norm(positions[:, None] - image[None], axis=2)
        copy = distance.argmin(axis=1)
        assert distance.min(axis=1).max() < 1e-3  # decimals of the xyz file
        orbit = np.minimum(np.arange(len(copy)), copy)
        rows = measure(au25, orbit=orbit).rows
        sulfur = find(rows, "metal-donor", "Au-S")
        assert (sulfur.n, sulfur.n_unique) == (36, 18)
        assert sulfur.mean_unique == pytest.approx(sulfur.mean, abs=1e-5)
        assert find(rows, "centre-shell").n_unique == 6

    def test_counts_grow_with_the_cutoff_and_agree_with_plain_distances(self, au25):
        metals = au25.molecule.positions[list(au25.metals)]
        distances = np.linalg.norm(metals[:, None] - metals[None], axis=2)[np.triu_indices(25, 1)]
        table = measure(au25)
        for cutoff in table.settings.cutoffs:
            total = sum(row.n for row in table.by_cutoff if row.cutoff == cutoff)
            assert total == int((distances <= cutoff).sum())

    def test_alloy_pairs_are_apart(self, au25):
        molecule = au25.molecule
        elements = list(molecule.elements)
        elements[classify_kernel(au25).roles.index("centre")] = "Pd"
        cluster = build_cluster(bond_molecule(molecule_from_atoms(elements, molecule.positions)))
        rows = measure(cluster).rows
        assert find(rows, "centre-shell", "Au-Pd").n == 12
        assert [row.pair for row in rows if row.role == "shell-shell"] == ["Au-Au"]


class TestUncertainty:
    def test_weighted_mean(self):
        """Two bonds of 2.30 and 2.36 Å with s.u. 0.01 and 0.02 Å: weights 4 to 1."""
        atoms = models.Atoms().add("Au", (0, 0, 0), (2.9, 0, 0), (1.45, 2.5, 0))
        cluster = atoms.add("Cl", (-2.3, 0, 0), (5.26, 0, 0)).cluster()

        def su(first, second):
            return np.where(np.maximum(first, second) == 3, 0.01, 0.02)

        row = find(measure(cluster, uncertainty=su).rows, "metal-halide", "Au-Cl")
        assert row.weighted_mean == pytest.approx((4 * 2.30 + 2.36) / 5, abs=1e-12)
        assert row.su == pytest.approx(1 / math.sqrt(1 / 0.01**2 + 1 / 0.02**2), abs=1e-12)
        assert row.mean == pytest.approx(2.33, abs=1e-12)

    def test_array_along_the_bonds_equals_function(self, au25):
        pairs = au25.molecule.bonds.pairs

        def su(first, second):
            return 0.001 * (1 + (first + second) % 7)

        by_array = find(measure(au25, uncertainty=su(*pairs.T)).rows, "metal-donor", "Au-S")
        by_function = find(measure(au25, uncertainty=su).rows, "metal-donor", "Au-S")
        assert by_array.su == by_function.su
        assert by_array.weighted_mean == by_function.weighted_mean

    def test_none_without_uncertainties_or_with_one_missing(self, au25):
        assert math.isnan(find(measure(au25).rows, "metal-donor", "Au-S").su)
        elements = np.array(au25.molecule.elements)[au25.molecule.bonds.pairs]
        partly = np.full(len(elements), 0.002)
        first = np.flatnonzero((elements == "S").any(axis=1) & (elements == "Au").any(axis=1))[0]
        assert find(measure(au25, uncertainty=partly).rows, "metal-donor", "Au-S").su > 0
        partly[first] = 0.0
        assert math.isnan(find(measure(au25, uncertainty=partly).rows, "metal-donor", "Au-S").su)

    @pytest.mark.parametrize("name", ["orbit", "uncertainty"])
    def test_wrong_length_is_an_error_that_says_so(self, au25, name):
        with pytest.raises(InputError, match="expected one"):
            measure(au25, **{name: np.ones(3)})


def test_unique_weighting_counts_a_repeated_bond_once():
    """Three Au-Cl: two copies of 2.30 Å and one of 2.36 Å."""
    atoms = models.Atoms().add("Au", (0, 0, 0), (2.9, 0, 0), (1.45, 2.5115, 0))
    atoms.add("Cl", (-2.3, 0, 0), (5.2, 0, 0), (1.45, 4.8715, 0))
    row = find(measure(atoms.cluster(), orbit=np.array([0, 0, 1, 2, 2, 3])).rows, "metal-halide", "Au-Cl")
    assert (row.n, row.n_unique) == (3, 2)
    assert row.mean == pytest.approx((2 * 2.30 + 2.36) / 3, abs=1e-9)
    assert row.mean_unique == pytest.approx((2.30 + 2.36) / 2, abs=1e-9)


def test_bonds_that_the_anatomy_does_not_count_are_secondary():
    atoms = models.unit_on_kernel().add_thiolate((0, 2.65, 0), (0, 1, 0))
    rows = measure(atoms.cluster()).rows
    assert find(rows, "secondary", "Au-S").mean == pytest.approx(2.65, abs=1e-12)
    assert find(rows, "staple-donor", "Au-S").n == 2


def test_one_bond_has_no_spread():
    atoms = models.Atoms().add("Au", (0, 0, 0), (2.9, 0, 0), (1.45, 2.5, 0)).add("Cl", (-2.3, 0, 0))
    row = find(measure(atoms.cluster()).rows, "metal-halide", "Au-Cl")
    assert row.n == 1
    assert math.isnan(row.sd)


@settings(max_examples=30, deadline=None)
@given(width=st.floats(0.005, 0.5), scale=st.floats(0.98, 1.02))
def test_histograms_hold_every_bond_in_its_bin(width, scale):
    atoms = models.sulfide_wings()
    atoms.positions = [scale * p for p in atoms.positions]
    for row in measure(atoms.cluster(), settings=BondSettings(bin_width=width)).rows:
        assert row.counts.sum() == row.n
        assert row.counts[0] > 0
        assert row.counts[-1] > 0
        slack = 1e-9  # a length on an edge may round to either side
        assert row.edges[0] <= row.minimum + slack
        assert row.maximum <= row.edges[-1] + slack
        assert np.diff(row.edges) == pytest.approx(width)


def test_symmetry_copies_are_one_measurement(gold_square):
    """Four equal bonds that symmetry makes of one have the s.u. of one, not half of it."""
    cluster, anatomy = gold_square
    su = np.full(len(cluster.molecule.bonds), 0.004)
    one = measure_bond_lengths(cluster, anatomy, orbit=np.zeros(4, dtype=int), uncertainty=su)
    many = measure_bond_lengths(cluster, anatomy, orbit=np.arange(4), uncertainty=su)
    assert one.rows[0].su == pytest.approx(0.004)
    assert many.rows[0].su == pytest.approx(0.002)


@pytest.fixture
def gold_square():
    atoms = molecule_from_atoms(["Au"] * 4, [[0, 0, 0], [2.8, 0, 0], [2.8, 2.8, 0], [0, 2.8, 0]])
    cluster = build_cluster(bond_molecule(atoms))
    return cluster, classify_kernel(cluster)
