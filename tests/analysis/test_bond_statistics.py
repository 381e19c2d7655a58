"""Means and scatter of bond lengths: by exact formulas, by drawn errors, and of one X-ray structure."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.analysis.bond_lengths import measure_bond_lengths
from clustermodel.analysis.bond_statistics import measure_statistics
from clustermodel.assembly.correlated_values import (
    build_distance_source,
    correlate_values,
    measure_correlated_distances,
    measure_mean,
)
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.assembly.uncertainties import find_distance_gradients, find_pair_uncertainties
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.io.cif import read_cif
from clustermodel.structure.cell import Cell
from clustermodel.structure.uncertainty import build_error_model
from tests.assembly.error_cases import build_crystal, group_of, image
from tests.datafiles import data_path

AU25_CIF = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"


class Au25:
    """COD 1540567, an X-ray structure with standard uncertainties."""

    def __init__(self):
        self.assembly = assemble_molecules(read_cif(data_path(AU25_CIF)))
        self.crystal = self.assembly.crystal
        self.molecule = self.assembly.molecules[0].molecule
        self.cluster = build_cluster(self.molecule)
        self.anatomy = classify_kernel(self.cluster)

    def measure(self, **choices):
        return measure_bond_lengths(self.cluster, self.anatomy, **choices)


@pytest.fixture(scope="module")
def au25():
    return Au25()


# ------------------------------------------------------------------------------------- exact formulas

lengths_and_errors = st.lists(st.tuples(st.floats(2.2, 3.4), st.floats(1e-4, 1e-2)), min_size=2, max_size=12)


@given(lengths_and_errors)
def test_uncorrelated_bonds(rows):
    lengths, su = np.array(rows).T
    found = measure_statistics(lengths, np.arange(len(rows)), su=su)
    n, weights = len(rows), su**-2.0
    mean = np.average(lengths, weights=weights)
    assert found.mean_su == pytest.approx(math.sqrt((su**2).sum()) / n, rel=1e-9)
    assert found.mean_unique_su == pytest.approx(found.mean_su, rel=1e-9)
    assert found.weighted_mean == pytest.approx(mean, abs=1e-9)
    assert found.su == pytest.approx(weights.sum() ** -0.5, rel=1e-9)
    chi = (weights * (lengths - mean) ** 2).sum() / (n - 1)
    assert found.birge_ratio == pytest.approx(math.sqrt(chi), rel=1e-6, abs=1e-6)
    assert (found.excess_sd > 0) == (found.birge_ratio > 1)


@given(st.floats(1e-4, 1e-2), st.integers(2, 30))
def test_excess_of_equally_sure_bonds_is_what_the_errors_leave_of_the_variance(su, n):
    lengths = 2.5 + 0.01 * np.arange(n)
    found = measure_statistics(lengths, np.arange(n), su=np.full(n, su))
    assert found.excess_sd == pytest.approx(math.sqrt(max(found.sd**2 - su**2, 0.0)), rel=1e-6, abs=1e-9)
    assert found.birge_ratio == pytest.approx(found.sd / su, rel=1e-6)


def test_copies_are_one_measurement():
    """Three bonds, two of them copies: the mean over bonds weighs the first twice, but it has one error."""
    lengths, su = np.array([2.3, 2.3, 2.36]), np.array([0.01, 0.01, 0.02])
    found = measure_statistics(lengths, np.array([7, 7, 3]), su=su)
    assert (found.n, found.n_unique) == (3, 2)
    assert found.mean_su == pytest.approx(math.hypot(2 * 0.01, 0.02) / 3)
    assert found.mean_unique_su == pytest.approx(math.hypot(0.01, 0.02) / 2)


def test_bonds_within_their_errors_have_no_excess():
    found = measure_statistics(np.array([2.300, 2.301, 2.299]), np.arange(3), su=np.full(3, 0.01))
    assert found.birge_ratio < 1
    assert found.excess_sd == 0.0


@pytest.mark.parametrize("su", [[0.01, math.nan], [0.01, 0.0]])
def test_nothing_is_said_where_a_bond_has_no_error(su):
    found = measure_statistics(np.array([2.3, 2.4]), np.arange(2), su=np.array(su))
    for name in ("mean_su", "mean_unique_su", "weighted_mean", "su", "birge_ratio", "excess_sd"):
        assert math.isnan(getattr(found, name)), name
    assert found.mean == pytest.approx(2.35)


def test_one_bond_has_no_scatter():
    found = measure_statistics(np.array([2.3, 2.3]), np.zeros(2, dtype=int), su=np.full(2, 0.01))
    assert found.su == pytest.approx(0.01)
    assert math.isnan(found.birge_ratio)
    assert math.isnan(found.excess_sd)


# --------------------------------------------------------------------------------------- correlations


def correlate(crystal, pairs):
    model = build_error_model(crystal, tolerance=0.01)
    first = [image(a) for a, _ in pairs]
    second = [image(b) for _, b in pairs]
    columns = [
        replace(
            ends[0],
            sites=np.concatenate([e.sites for e in ends]),
            operations=np.concatenate([e.operations for e in ends]),
            shifts=np.concatenate([e.shifts for e in ends]),
        )
        for ends in (first, second)
    ]
    return correlate_values(model, find_distance_gradients(model, *columns))


def test_bonds_that_share_only_the_cell_cannot_average_its_error():
    """Distances between fixed atoms in a cubic cell: all relative errors are the same one error."""
    cell = Cell(lengths=[10.0] * 3, angles=[90] * 3, lengths_su=[0.01] * 3)
    fract = [[0, 0, 0], [0.5, 0, 0], [0.5, 0.5, 0], [0.5, 0.5, 0.5]]
    found = correlate(build_crystal(cell, group_of("P m -3 m"), fract, 0.0), [(0, 1), (0, 2), (0, 3)])
    statistics = measure_statistics(found.values, np.arange(3), correlated=found)
    assert statistics.mean_su / statistics.mean == pytest.approx(0.001, rel=1e-9)
    assert statistics.su / statistics.weighted_mean == pytest.approx(0.001, rel=1e-9)


def test_angle_of_two_bonds_at_one_atom_correlates_them():
    """Two bonds from one gold atom to fixed ends: opposite ones cannot change their mean, equal ones must."""
    cell = Cell(lengths=[10.0] * 3, angles=[90] * 3)
    fract = [[0.25, 0.25, 0.25], [0.5, 0.25, 0.25], [0, 0.25, 0.25], [0.25, 0.5, 0.25]]
    su = [[1e-3] * 3, [0] * 3, [0] * 3, [0] * 3]
    for ends, expected in ((((0, 1), (0, 2)), 0.0), (((0, 1), (0, 3)), 0.01 / math.sqrt(2))):
        found = correlate(build_crystal(cell, group_of("P 1"), fract, su), ends)
        statistics = measure_statistics(found.values, np.arange(2), su=found.su, correlated=found)
        assert statistics.mean_su == pytest.approx(expected, abs=1e-12)


def test_drawn_errors_give_the_expected_scatter_and_the_true_spread(au25):
    """Errors of the bonds of Au25 drawn by their covariance matrix, alone and on lengths that differ."""
    pairs = np.array(
        [(a, b) for a, b in au25.molecule.bonds.pairs.tolist() if {a, b} <= set(au25.cluster.metals)]
    )
    correlated = measure_correlated_distances(au25.crystal, au25.molecule, *pairs.T)
    covariance = correlated.covary(np.eye(len(pairs)))
    copies = np.unique(np.round(correlated.values, 4), return_inverse=True)[1]
    unique = np.unique(copies, return_index=True)[1]
    chosen, errors = correlated.select(unique), covariance[np.ix_(unique, unique)]
    rng = np.random.default_rng(4)
    draws, n = 400, len(unique)
    numbers = np.arange(n)
    for spread in (0.0, 0.02):
        values = rng.multivariate_normal(np.full(n, 2.9), errors, size=draws)
        values += rng.normal(scale=spread, size=(draws, n)) if spread else 0.0
        found = [measure_statistics(v, numbers, correlated=chosen) for v in values]
        means = np.array([one.weighted_mean for one in found])
        ratio, excess = (
            np.mean([getattr(one, x) ** 2 for one in found]) for x in ("birge_ratio", "excess_sd")
        )
        if spread:
            # 5 standard errors of a mean over 400 draws of a variance from n bonds, weights unequal by half
            assert excess == pytest.approx(spread**2, rel=5 * math.sqrt(4 / n / draws))
        else:
            assert ratio == pytest.approx(1.0, abs=5 * math.sqrt(4 / n / draws))
            assert found[0].su == pytest.approx(means.std(), rel=5 / math.sqrt(2 * draws))
            plain = np.std(values.mean(axis=1))
            assert found[0].mean_unique_su == pytest.approx(plain, rel=5 / math.sqrt(2 * draws))


# -------------------------------------------------------------------------------------- bond lengths


def test_table_of_au25_with_correlated_errors(au25):
    """The s.u. of means are those of the full covariance matrix: larger by the common cell."""
    source = build_distance_source(au25.crystal, au25.molecule)
    found = au25.measure(errors=source)
    plain = au25.measure(uncertainty=lambda a, b: find_pair_uncertainties(au25.crystal, au25.molecule, a, b))
    assert [row.role for row in found.rows] == [row.role for row in plain.rows]
    for row, other in zip(found.rows, plain.rows, strict=True):
        for name in ("n", "mean", "sd", "n_unique", "mean_unique", "sd_unique", "minimum", "maximum"):
            assert getattr(row, name) == getattr(other, name)
        assert row.weighted_mean == pytest.approx(other.weighted_mean, abs=1e-9)
        assert row.su > other.su
        assert row.mean_su > other.mean_su
    centre = au25.anatomy.roles.index("centre")
    shell = [i for i, role in enumerate(au25.anatomy.roles) if role == "kernel-surface"]
    radial = source(np.full(12, centre), np.array(shell))
    (row,) = [row for row in found.rows if row.role == "centre-shell"]
    assert row.mean_su == pytest.approx(measure_mean(radial).su, rel=1e-9)
    covariance = radial.covary(np.eye(12))
    assert row.mean_su == pytest.approx(math.sqrt(covariance.sum()) / 12, rel=1e-9)
    # the central atom is fixed by inversion; opposite bonds are copies, so the mean is that of six
    assert row.mean_su == pytest.approx(row.mean_unique_su, rel=1e-9)
    assert row.excess_sd == pytest.approx(row.sd_unique, rel=0.25)  # equal weights would leave 1e-3 of it
    assert row.birge_ratio > 10


def test_bond_to_the_next_repeat_unit_has_no_error():
    """Gold and chlorine in a chain: the second Au-Cl bond leaves the repeat unit."""
    cell = Cell(lengths=[10.2, 12, 12], angles=[90] * 3, lengths_su=[0.01] * 3)
    points = [[0.5 + x / 10.2, 3 / 12, 3 / 12] for x in (0, 2.9, 5.8, 7.95)]
    crystal = build_crystal(cell, group_of("P 1"), points, 1e-3)
    elements = ("Au", "Au", "Au", "Cl")
    crystal = replace(crystal, sites=replace(crystal.sites, elements=elements))
    molecule = assemble_molecules(crystal).molecules[0].molecule
    cluster = build_cluster(molecule)
    found = measure_bond_lengths(
        cluster, classify_kernel(cluster), errors=build_distance_source(crystal, molecule)
    )
    (row,) = [row for row in found.rows if row.pair == "Au-Cl"]
    assert row.n == 2
    assert math.isnan(row.mean_su)
    assert all(row.mean_su > 0 for row in found.rows if row.pair == "Au-Au")


def test_hydrogen_without_error_leaves_the_others_theirs(au25):
    riding = np.array(au25.crystal.sites.elements) == "S"
    su = np.where(riding[:, None], 0.0, au25.crystal.sites.fract_su)
    crystal = replace(au25.crystal, sites=replace(au25.crystal.sites, fract_su=su))
    for row in au25.measure(errors=build_distance_source(crystal, au25.molecule)).rows:
        assert math.isnan(row.mean_su) == ("S" in row.pair)
        assert math.isnan(row.birge_ratio) == ("S" in row.pair)
