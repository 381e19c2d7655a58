"""Are shells and pairs of superatoms recognised? By construction."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from clustermodel.electronic.superatom import Superatom, SuperatomOrbital, SuperatomSettings
from clustermodel.electronic.superatom_pairs import measure_two_centres
from clustermodel.electronic.superatom_shells import check_shells
from clustermodel.errors import InputError
from tests.electronic.test_superatom import build_basis, build_result

FEW = SuperatomSettings(l_max=2, n_radial=20, angular_order=29)


def build_levels(letters, n_occupied):
    """A superatom whose levels are mostly of one angular momentum each."""
    rows = []
    for k, letter in enumerate(letters):
        weights = np.full(5, 0.05)
        weights["SPDFG".index(letter)] = 0.7
        side = f"HOMO-{n_occupied - 1 - k}" if k < n_occupied else f"LUMO+{k - n_occupied}"
        rows.append(
            SuperatomOrbital(
                spin="both",
                index=k,
                name=side,
                energy_ev=float(k),
                occupation=2.0 if k < n_occupied else 0.0,
                weights=weights,
                components=np.zeros(25),
                inside=0.8,
            )
        )
    return Superatom(orbitals=tuple(rows), centre=np.zeros(3), radius=3.0, settings=SuperatomSettings())


def test_eight_electrons_fill_1s_and_1p():
    check = check_shells(build_levels("DDSPPPDDDDD", 6), electrons=8)
    assert check.configuration == "1S2 1P6"
    assert (check.highest, check.lowest, check.n_highest, check.n_lowest) == ("1P", "1D", 3, 5)
    assert check.weight_highest == pytest.approx(0.7)
    assert check.separation == pytest.approx(1.0)
    assert check.fits


def test_levels_of_another_kind_do_not_fit():
    assert not check_shells(build_levels("SDPPDDDDD", 4), electrons=8).fits
    assert not check_shells(build_levels("SPPPFFFFF", 4), electrons=8).fits


def test_an_open_shell_is_expected_on_both_sides():
    check = check_shells(build_levels("SPPP", 2), electrons=4)
    assert (check.highest, check.lowest, check.n_highest, check.n_lowest) == ("1P", "1P", 1, 2)
    assert check.fits


def test_shells_beyond_the_model_are_refused():
    with pytest.raises(InputError, match="expected 1 to 39"):
        check_shells(build_levels("SP", 1), electrons=58)
    with pytest.raises(InputError, match="project more levels"):
        check_shells(build_levels("SP", 1), electrons=8)


@pytest.mark.parametrize("seed", [0, 1])
def test_combinations_along_the_axis_have_their_names(seed):
    # s, and p along z (the axis) and across it, on both centres: bonding is even in the plane between them
    shift = np.random.default_rng(seed).normal(size=3)
    positions = np.array([[0.0, 0, -2.6], [0, 0, 2.6]]) + shift
    basis = build_basis(positions, [0, 1], 0.35)  # functions of each atom: s, then m = -1 (y), 0 (z), 1 (x)
    names = {"Sσ": (0, 1), "Sσ*": (0, -1), "Pσ": (2, -1), "Pσ*": (2, 1), "Pπ": (3, 1), "Pπ*": (3, -1)}
    coefficients = np.zeros((8, len(names)))
    for column, (function, sign) in enumerate(names.values()):
        coefficients[function, column], coefficients[4 + function, column] = 1.0, sign
    found = measure_two_centres(
        build_result(positions, basis, coefficients), centres=positions, radius=2.0, settings=FEW
    )
    assert [row.leading for row in found.orbitals] == list(names)
    for row in found.orbitals:
        assert abs(row.phases.ravel()[np.abs(row.phases).argmax()]) == pytest.approx(
            1.0, abs=1e-6
        )  # rounding
        np.testing.assert_allclose(row.weights[0], row.weights[1], atol=1e-6)  # rounding


def test_the_names_turn_with_the_cluster():
    rotation = Rotation.from_euler("xyz", [0.3, 1.1, -0.7]).as_matrix()
    positions = np.array([[0.0, 0, -2.6], [0, 0, 2.6]])
    basis = build_basis(positions, [0], 0.35)
    pattern = np.array([[1.0, 1.0], [1.0, -1.0]])
    found = measure_two_centres(
        build_result(positions @ rotation.T, basis, pattern),
        centres=positions @ rotation.T,
        radius=2.0,
        settings=FEW,
    )
    assert [row.leading for row in found.orbitals] == ["Sσ", "Sσ*"]


def test_an_orbital_on_one_centre_has_no_phase():
    positions = np.array([[0.0, 0, -9.0], [0, 0, 9.0]])
    basis = build_basis(positions, [0], 0.35)
    found = measure_two_centres(
        build_result(positions, basis, np.array([[1.0], [0.0]])), centres=positions, radius=2.0, settings=FEW
    )
    row = found.orbitals[0]
    assert row.inside[0] > 0.9
    assert row.inside[1] < 1e-6  # a Gaussian 18 Å away


def test_one_point_is_no_pair():
    basis = build_basis(np.zeros((1, 3)), [0], 0.35)
    with pytest.raises(InputError, match="two different points"):
        measure_two_centres(
            build_result(np.zeros((1, 3)), basis, np.ones((1, 1))), centres=np.zeros((2, 3)), radius=1.0
        )
