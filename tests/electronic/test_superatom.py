"""Are the angular momenta of orbitals found, and only those? By construction, and on a known cluster."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from clustermodel.constants import BOHR_ANGSTROM
from clustermodel.electronic.basis import Basis, Shell
from clustermodel.electronic.result import ElectronicResult, SpinChannel
from clustermodel.electronic.specification import Specification
from clustermodel.electronic.superatom import SuperatomSettings, measure_superatom, sum_over_m
from clustermodel.electronic.superatom_grid import build_sphere_grid
from clustermodel.electronic.superatom_shells import check_shells
from clustermodel.electronic.superatom_sphere import find_sphere
from clustermodel.errors import InputError
from tests.electronic.geometries import calculate, case

ROUNDING = 1e-6  # polynomials up to the order of the grid times Gaussians that its shells resolve


def build_basis(positions, momenta, exponent):
    """One Gaussian shell of each momentum about every atom."""
    shells, shell_of, atoms, ls, ms = [], [], [], [], []
    for atom in range(len(positions)):
        for momentum in momenta:
            shells.append(Shell(atom=atom, momentum=momentum, exponents=[exponent], coefficients=[1.0]))
            for m in range(-momentum, momentum + 1):
                shell_of.append(len(shells) - 1)
                atoms.append(atom)
                ls.append(momentum)
                ms.append(m)
    return Basis(
        name="model",
        shells=tuple(shells),
        shell_of=shell_of,
        atoms=atoms,
        momenta=ls,
        orders=ms,
        overlap=np.eye(len(atoms)),
    )


def build_result(positions, basis, coefficients, n_occupied=1):
    """Model orbitals as if an engine had found them."""
    n = coefficients.shape[1]
    occupations = np.where(np.arange(n) < n_occupied, 2.0, 0.0)
    channel = SpinChannel(
        spin="both", energies_ev=np.arange(n), occupations=occupations, coefficients=coefficients
    )
    return ElectronicResult(
        specification=Specification(),
        elements=("Au",) * len(positions),
        positions=positions,
        converged=True,
        energy_ev=0.0,
        channels=(channel,),
        basis=basis,
        atomic_charges=np.zeros(len(positions)),
        charge_kind="none",
        spin_populations=None,
        dipole_debye=np.zeros(3),
    )


def test_a_sphere_is_integrated():
    grid = build_sphere_grid(2.0, n_radial=8, angular_order=11)
    volume = grid.radial_weights.sum() * grid.angular_weights.sum() * BOHR_ANGSTROM**3
    assert volume == pytest.approx(4 / 3 * np.pi * 8, rel=1e-9)  # rounding


@pytest.mark.parametrize("momentum", range(5))
def test_jellium_orbitals_have_one_angular_momentum(momentum):
    centre = np.array([[1.0, -2.0, 0.5]])
    basis = build_basis(centre, [momentum], 0.08)
    result = build_result(centre, basis, np.eye(2 * momentum + 1))
    found = measure_superatom(result, centre=centre[0], radius=8.0)
    for row in found.orbitals:
        assert row.weights[momentum] == pytest.approx(1.0, abs=ROUNDING)
        assert row.rest == pytest.approx(0.0, abs=ROUNDING)
        assert row.leading == "SPDFG"[momentum]
        assert row.inside == pytest.approx(1.0, abs=1e-3)  # the tail of the Gaussian beyond 8 Å


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_weights_do_not_depend_on_the_frame(seed):
    random = np.random.default_rng(seed)
    positions = random.normal(scale=1.5, size=(4, 3))
    basis = build_basis(positions, [0], 0.3)
    coefficients = random.normal(size=(len(basis), 2))
    rotation, shift = Rotation.random(random_state=seed).as_matrix(), random.normal(scale=5.0, size=3)
    few = SuperatomSettings(n_radial=16, angular_order=29)
    first = measure_superatom(
        build_result(positions, basis, coefficients), centre=positions.mean(axis=0), radius=3.0, settings=few
    )
    moved = positions @ rotation.T + shift  # s functions: the coefficients stay
    second = measure_superatom(
        build_result(moved, basis, coefficients), centre=moved.mean(axis=0), radius=3.0, settings=few
    )
    for a, b in zip(first.orbitals, second.orbitals, strict=True):
        np.testing.assert_allclose(a.weights, b.weights, atol=1e-4)  # directions of order 29
        assert a.inside == pytest.approx(b.inside, abs=1e-4)  # the same


def test_combinations_of_vertex_orbitals_are_those_of_group_theory():
    golden = (1 + 5**0.5) / 2
    corners = [(0, a, b * golden) for a in (1, -1) for b in (1, -1)]
    icosahedron = np.array([np.roll(corner, k) for corner in corners for k in range(3)]) * 1.4
    basis = build_basis(icosahedron, [0], 0.12)
    x, y, z = (icosahedron / np.linalg.norm(icosahedron[0])).T
    patterns = np.column_stack([np.ones(12), x, y, z, x * y, y * z, z * x, x * x - y * y, 3 * z * z - 1])
    found = measure_superatom(
        build_result(icosahedron, basis, patterns),
        centre=np.zeros(3),
        radius=3.5,
        settings=SuperatomSettings(l_max=6),
    )
    assert [row.leading for row in found.orbitals] == list("SPPPDDDDD")
    allowed = {"S": [0, 6], "P": [1, 5], "D": [2, 4, 6]}  # of A_g, T_1u and H_g in the group I_h up to 6
    for row in found.orbitals:
        forbidden = np.delete(row.weights, allowed[row.leading])
        np.testing.assert_allclose(forbidden, 0.0, atol=ROUNDING)


def test_a_level_split_between_two_momenta_shows_both():
    centre = np.zeros((1, 3))
    basis = build_basis(centre, [0, 1], 0.1)
    mixed = np.zeros((4, 1))
    mixed[0, 0], mixed[2, 0] = np.sqrt(0.3), np.sqrt(0.7)
    row = measure_superatom(build_result(centre, basis, mixed), centre=centre[0], radius=9.0).orbitals[0]
    np.testing.assert_allclose(row.weights[:2], [0.3, 0.7], atol=1e-4)  # tails beyond 9 Å


def test_names_count_from_the_gap():
    centre = np.zeros((1, 3))
    basis = build_basis(centre, [0, 1], 0.1)
    found = measure_superatom(
        build_result(centre, basis, np.eye(4), n_occupied=2),
        centre=centre[0],
        radius=5.0,
        settings=SuperatomSettings(below=1, above=5),
    )
    assert [row.name for row in found.orbitals] == ["HOMO", "LUMO", "LUMO+1"]
    assert [row.name for row in found.select("both", occupied=False)] == ["LUMO", "LUMO+1"]


def test_sum_over_m():
    assert sum_over_m(np.arange(9.0)).tolist() == [0.0, 6.0, 30.0]


def test_the_sphere_of_a_centred_icosahedron_lies_on_its_atom():
    corners = [(0, a, 1.618 * b) for a in (1, -1) for b in (1, -1)]
    shell = np.array([np.roll(corner, k) for corner in corners for k in range(3)])
    positions = np.concatenate([[[0.1, 0, 0]], 2.8 * shell / np.linalg.norm(shell[0])])
    sphere = find_sphere(["Au"] * 13, positions, range(13))
    assert sphere.central_atom == 0
    np.testing.assert_allclose(sphere.centre, [0.1, 0, 0])
    assert 2.8 < sphere.radius < 2.8 + 0.1 + 1.36 + 1e-9  # the outer atoms and the radius of gold


def test_impossible_spheres_and_settings_are_refused():
    with pytest.raises(InputError, match="positive length"):
        build_sphere_grid(0.0)
    with pytest.raises(InputError, match="Lebedev"):
        build_sphere_grid(1.0, angular_order=4)
    with pytest.raises(InputError, match="0 to 6"):
        SuperatomSettings(l_max=9)
    with pytest.raises(InputError, match="kernel has no atoms"):
        find_sphere(["Au"], [[0, 0, 0]], [])


def test_au25_has_three_p_levels_above_the_rest_and_two_d_levels_next():
    # [Au25(SR)18]-: three P-like HOMOs 0.7 eV above the next level and two D-like LUMOs (Akola et al. 2008)
    elements, positions, _ = case("Au25(SH)18")
    kernel = find_inner_gold(elements, positions)
    sphere = find_sphere(elements, positions, kernel)
    few = SuperatomSettings(below=4, above=5, n_radial=30, angular_order=29)
    found = measure_superatom(
        calculate("Au25(SH)18"), centre=sphere.centre, radius=sphere.radius, settings=few
    )
    check = check_shells(found, electrons=8)
    assert sphere.central_atom is not None
    assert check.leading_highest == "PPP"
    assert check.separation == pytest.approx(0.7, abs=0.1)  # eV: GFN1-xTB beside density functionals
    lowest = found.select("both", occupied=False)
    assert [row.leading for row in lowest[:2]] == ["D", "D"]
    pair, above = np.diff([row.energy_ev for row in lowest[:3]])
    assert above > 3 * pair  # the pair stands alone
    assert check.fits


def find_inner_gold(elements, positions):
    """Return the thirteen gold atoms nearest to the centre."""
    gold = np.array([k for k, element in enumerate(elements) if element == "Au"])
    distances = np.linalg.norm(positions[gold] - positions[gold].mean(axis=0), axis=1)
    return gold[np.argsort(distances)[:13]].tolist()
