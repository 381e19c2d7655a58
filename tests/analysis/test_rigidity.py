"""Displacements and rigid bonds: of bodies that move as one, for other listed atoms, of one crystal."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.rigidity import LIGAND, RigiditySettings, measure_rigidity
from clustermodel.analysis.rigidity_comparison import compare_rigidity
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from clustermodel.io.cif import read_cif
from clustermodel.structure.cell import Cell
from clustermodel.structure.crystal import Declared
from tests.assembly.error_cases import build_crystal, group_of
from tests.datafiles import data_path

AU25_CIF = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"
PAIRS = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))  # U11 U22 U33 U23 U13 U12


def parameters_of(cell, tensors):
    """Return the CIF parameters of Cartesian tensors."""
    lengths = np.linalg.norm(cell.inverse, axis=0)
    full = np.einsum("ji,njk,kl->nil", cell.inverse, tensors, cell.inverse) / np.outer(lengths, lengths)
    return np.array([[one[i, j] for i, j in PAIRS] for one in full])


def measure(crystal, **choices):
    assembly = assemble_molecules(crystal)
    cluster = build_cluster(assembly.molecules[0].molecule)
    return measure_rigidity(assembly.crystal, cluster, classify_kernel(cluster), **choices)


def w6s8(tensors_of=None, rng=None, *, name="P m -3 m", temperature="100(2)"):
    """W6S8 about a site m-3m, in P 1 with all atoms or with two sites listed as random images."""
    group, cell = group_of(name), Cell(lengths=[14.0] * 3, angles=[90] * 3)
    if name == "P 1":
        tungsten = 1.87 / 14 * np.concatenate([np.eye(3), -np.eye(3)])
        fract = np.concatenate([tungsten, 1.75 / 14 * np.array(np.meshgrid(*[(-1, 1)] * 3)).reshape(3, -1).T])
        elements = ("W",) * 6 + ("S",) * 8
        u = parameters_of(cell, tensors_of(fract @ cell.matrix))
    else:
        fract = np.array([(1.87 / 14, 0, 0), (1.75 / 14,) * 3])
        # Tensors with the symmetry of the two sites: round about the axis to the centre.
        axes = np.array([(1, 0, 0), (1, 1, 1) / np.sqrt(3)])
        tensors = (
            0.01 * np.eye(3) + np.array([0.004, 0.009])[:, None, None] * axes[:, :, None] * axes[:, None]
        )
        chosen = rng.integers(len(group), size=2)
        fract = np.array([group.rotations[g] @ x for g, x in zip(chosen, fract, strict=True)])
        turns = group.rotations[chosen].astype(float)  # Cartesian too: the cell is cubic
        u = parameters_of(cell, turns @ tensors @ turns.transpose(0, 2, 1))
        elements = ("W", "S")
    crystal = build_crystal(cell, group, fract, 1e-4)
    sites = replace(
        crystal.sites,
        elements=elements,
        labels=tuple(f"{e}{i + 1}" for i, e in enumerate(elements)),
        u_aniso=u,
        u_iso=u[:, :3].mean(axis=1),
    )
    return replace(crystal, sites=sites, declared=Declared(temperature=temperature))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_body_that_moves_as_one_has_no_differences(seed):
    """Translation, libration and screw of a rigid body (T, L, S), with any axes and about any point."""
    rng = np.random.default_rng(seed)
    t, libration = (
        scale * m @ m.T for scale, m in ((0.02, rng.normal(size=(3, 3))), (1e-3, rng.normal(size=(3, 3))))
    )
    screw, origin = 1e-3 * rng.normal(size=(3, 3)), rng.normal(size=3)

    def tensors(positions):
        x, y, z = (positions - origin).T
        zero = np.zeros_like(x)
        arms = np.moveaxis(np.array([[zero, z, -y], [-z, zero, x], [y, -x, zero]]), 2, 0)
        cross = arms @ screw
        return t + arms @ libration @ arms.transpose(0, 2, 1) + cross + cross.transpose(0, 2, 1)

    found = measure(w6s8(tensors, name="P 1"))
    assert [(row.role, row.n) for row in found.bonds] == [("shell-shell", 12), ("metal-sulfide", 24)]
    for row in found.bonds:
        assert row.rms == pytest.approx(0.0, abs=1e-10)


def test_motion_of_sulfur_along_its_bonds_is_seen():
    """All atoms alike, the sulfur atoms with 0.006 Å2 more along x: every bond by its own direction."""

    def tensors(positions):
        u = np.tile(0.02 * np.eye(3), (14, 1, 1))
        u[6:, 0, 0] += 0.006
        return u

    found = {row.role: row for row in measure(w6s8(tensors, name="P 1")).bonds}
    along, across = 0.12**2, 1.75**2  # the two kinds of bonds, squared: W on the x axis or not
    length = along + 2 * across
    differences = 0.006 * np.array([along] * 8 + [across] * 16) / length
    assert found["shell-shell"].rms == pytest.approx(0.0, abs=1e-12)
    row = found["metal-sulfide"]
    assert row.mean == pytest.approx(differences.mean())
    assert row.mean_absolute == pytest.approx(differences.mean())
    assert row.rms == pytest.approx(math.sqrt((differences**2).mean()))
    assert row.largest == pytest.approx(differences.max())
    assert {label[0] for label in row.largest_labels} == {"W", "S"}
    assert math.isnan(row.su)
    assert math.isnan(found["shell-shell"].mean)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_choice_of_the_listed_atoms_does_not_matter(seed):
    """Two sites, any of their 48 images listed, each with its tensor turned."""
    found = measure(w6s8(rng=np.random.default_rng(seed)))
    tungsten, sulfur = found.displacements
    assert (tungsten.n, tungsten.n_unique, tungsten.mean) == (6, 1, pytest.approx(0.01 + 0.004 / 3))
    assert (sulfur.n, sulfur.n_unique, sulfur.mean) == (8, 1, pytest.approx(0.01 + 0.009 / 3))
    edge, bond = found.bonds
    # Along an edge both W move alike; along W–S the cosines with the two axes give the amplitudes.
    assert (edge.n, edge.n_unique, edge.rms) == (12, 1, pytest.approx(0.0, abs=1e-12))
    vector = np.array([1.75 - 1.87, 1.75, 1.75])
    vector /= np.linalg.norm(vector)
    expected = 0.009 * vector.sum() ** 2 / 3 - 0.004 * vector[0] ** 2
    assert (bond.n, bond.n_unique, bond.mean) == (24, 1, pytest.approx(expected))


def test_atoms_partly_there_or_isotropic_are_left_out():
    crystal = w6s8(lambda x: np.tile(0.02 * np.eye(3), (len(x), 1, 1)), name="P 1")
    u_aniso = np.array(crystal.sites.u_aniso)
    u_aniso[6] = np.nan
    isotropic = replace(crystal, sites=replace(crystal.sites, u_aniso=u_aniso))
    found = measure(isotropic)
    assert [row.n for row in found.bonds] == [12, 21]
    assert [(row.n, row.n_anisotropic) for row in found.displacements] == [(6, 6), (8, 7)]
    occupancy = np.ones(14)
    occupancy[7] = 0.9
    found = measure(replace(crystal, sites=replace(crystal.sites, occupancy=occupancy)))
    assert [row.n for row in found.bonds] == [12, 21]
    assert [row.n for row in found.displacements] == [6, 7]


# ------------------------------------------------------------------------------------- an X-ray cluster


@pytest.fixture(scope="module")
def au25_crystal():
    return read_cif(data_path(AU25_CIF))


def test_mean_displacements_of_au25(au25_crystal):
    """By the labels of the file: Au1 is the centre; Au5, 6, 8, 11, 12 and 13 are the staples."""
    found = {(row.role, row.element): row for row in measure(au25_crystal).displacements}
    u = dict(zip(au25_crystal.sites.labels, au25_crystal.sites.u_iso, strict=True))
    staples = [u[f"Au{n}"] for n in (5, 6, 8, 11, 12, 13)]
    row = found["staple", "Au"]
    assert (row.n, row.n_unique, row.n_anisotropic) == (12, 6, 12)
    assert row.mean == pytest.approx(np.mean(staples), abs=1e-9)
    assert row.sd == pytest.approx(np.std(staples, ddof=1), abs=1e-9)
    assert (row.minimum, row.maximum) == (min(staples), max(staples))
    assert found["centre", "Au"].mean == u["Au1"]
    assert math.isnan(found["centre", "Au"].sd)
    assert not any(element == "H" for _, element in found)
    # What the anatomy says outward is what the atoms do: the kernel is the stiffest part.
    order = [("centre", "Au"), ("kernel-surface", "Au"), ("staple", "Au"), ("ligand", "C")]
    means = [found[key].mean for key in order]
    assert means == sorted(means)


def test_rigid_bonds_of_au25(au25_crystal):
    found = measure(au25_crystal)
    assert (found.temperature, found.temperature_su) == (293.0, 2.0)
    rows = {(row.role, row.pair): row for row in found.bonds}
    for role, n in (("centre-shell", 12), ("shell-shell", 30), ("kernel-staple", 34)):
        assert (rows[role, "Au-Au"].n, rows[role, "Au-Au"].n_unique) == (n, n // 2)
    bond = rows["staple-donor", "Au-S"]
    assert bond.rms < 2 * bond.su  # gold-sulfur bonds are rigid within the errors
    assert 0.5 < bond.mean_ratio < 1.5
    assert rows["kernel-staple", "Au-Au"].mean_ratio > 3  # gold-gold contacts are not
    assert {role for role, _ in rows} >= {LIGAND, "kernel-donor"}
    unknown = replace(au25_crystal.sites, u_aniso_su=np.zeros((len(au25_crystal.sites), 6)))
    without = {(row.role, row.pair): row for row in measure(replace(au25_crystal, sites=unknown)).bonds}
    for key, row in rows.items():
        assert without[key].rms == row.rms
        assert math.isnan(without[key].mean_ratio)


def test_pair_of_two_images_is_rigid_by_symmetry():
    """W atoms across the inversion centre share one tensor: no difference and no error, whatever it is."""
    crystal = w6s8(lambda x: np.tile(0.02 * np.eye(3), (len(x), 1, 1)), name="P 1")
    half = crystal.sites.select(np.array([0, 1, 2, 6, 7, 8, 9]))
    u_aniso = np.full((7, 6), np.nan)
    u_aniso[0] = (0.02, 0.03, 0.04, 0.005, -0.003, 0.002)
    su = np.full((7, 6), 0.001)
    crystal = replace(
        crystal, space_group=group_of("P -1"), sites=replace(half, u_aniso=u_aniso, u_aniso_su=su)
    )
    found = measure(crystal, settings=RigiditySettings(cutoff=4.0))
    (row,) = found.bonds
    assert (row.n, row.rms, row.su) == (1, pytest.approx(0, abs=1e-15), pytest.approx(0, abs=1e-15))
    assert row.largest_labels[0] == row.largest_labels[1]


def test_other_listed_atoms_give_the_same(au25_crystal):
    """Inverted sites keep their tensors, and all tables stay."""
    rng = np.random.default_rng(3)
    sites = au25_crystal.sites
    sign = rng.choice([-1, 1], size=len(sites))
    sign[(sites.part != 0) | (sites.occupancy < 1)] = 1  # disorder is resolved by order of the file
    moved = replace(au25_crystal, sites=replace(sites, fract=sign[:, None] * sites.fract))
    one, other = (measure(c) for c in (au25_crystal, moved))
    for name, fields in (("displacements", ("mean", "sd")), ("bonds", ("rms", "su", "mean_ratio", "mean"))):
        for a, b in zip(getattr(one, name), getattr(other, name), strict=True):
            for key in fields:
                assert getattr(b, key) == pytest.approx(getattr(a, key), abs=1e-9, nan_ok=True)


# ---------------------------------------------------------------------------------------- comparisons


def rigid(temperature, scale=1.0):
    return measure(
        w6s8(lambda x: np.tile(scale * 0.02 * np.eye(3), (len(x), 1, 1)), name="P 1", temperature=temperature)
    )


def test_equal_temperatures_are_compared():
    found = compare_rigidity(rigid("100(2)"), rigid("101(2)", 1.5))
    assert found.temperatures == (100.0, 101.0)
    ratios = {(row.quantity, row.role, row.element): row.ratio for row in found.rows}
    assert ratios["mean Ueq", "kernel-surface", "W"] == pytest.approx(1.5)
    assert ratios["mean Ueq", "sulfide", "S"] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("100(2)", "293(2)", "was measured at 100 K and"),
        ("100(2)", "104(2)", "was measured at 100 K and"),
        ("", "100(2)", "states no temperature"),
        ("100(2)", "room temperature", "states no temperature"),
    ],
)
def test_other_or_unknown_temperatures_are_refused(first, second, told):
    with pytest.raises(InputError, match=told):
        compare_rigidity(rigid(first), rigid(second))


def test_tolerance_is_a_choice():
    found = compare_rigidity(rigid("100(2)"), rigid("110(2)"), tolerance=10.0)
    assert found.tolerance == 10.0
