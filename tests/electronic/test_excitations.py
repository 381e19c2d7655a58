"""Are excitations those of the full response, and their analysis that of the amplitudes put in?"""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.constants import HARTREE_EV
from clustermodel.electronic.excitation_character import measure_character
from clustermodel.electronic.excitation_transfer import find_natural_pairs, measure_charge_transfer
from clustermodel.electronic.excitations import Excitations, OrbitalPairs, choose_pairs
from clustermodel.electronic.low_rank_eigen import count_below, find_below, find_bound
from clustermodel.electronic.pyscf_couplings import AuxiliaryShell, calculate_couplings
from clustermodel.electronic.ris_excitations import RisSettings, build_auxiliary, calculate_ris_excitations
from clustermodel.electronic.specification import build_specification
from clustermodel.electronic.superatom import SuperatomSettings, measure_superatom
from clustermodel.errors import InputError
from tests.electronic.geometries import calculate as calculate_xtb
from tests.electronic.test_superatom import build_basis, build_result

AUH = (["Au", "H"], np.array([[0.0, 0, 0], [0, 0, 1.57]]))


@functools.cache
def calculate(charge=0, positions=((0.0, 0.0, 0.0), (0.0, 0.0, 1.57))):
    """Levels of AuH (or its cation) and the field they are from."""
    pytest.importorskip("pyscf")
    from clustermodel.electronic.pyscf_engine import PyscfEngine, run_field

    elements, places = AUH[0], np.array(positions)
    chosen = build_specification("dft", elements, charge=charge, grid=1, convergence_ev=1e-7)
    return (
        PyscfEngine().calculate_states(elements, places, chosen),
        run_field(elements, places, chosen),
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), rank=st.integers(1, 12))
def test_eigenvalues_below_a_bound_are_those_of_the_whole_matrix(seed, rank):
    random = np.random.default_rng(seed)
    n = 650  # above the size at which the whole matrix is built
    diagonal, factor = random.uniform(0.5, 9.0, n), random.normal(scale=0.3, size=(n, rank))
    whole = np.diag(diagonal) + factor @ factor.T
    expected = np.linalg.eigvalsh(whole)
    bound = float(random.uniform(0.6, 3.0))
    assert count_below(diagonal, factor, bound) == int((expected < bound).sum())
    values, vectors = find_below(diagonal, factor, bound)
    np.testing.assert_allclose(values, expected[expected < bound], rtol=1e-8)  # of Lanczos' method
    np.testing.assert_allclose(whole @ vectors, vectors * values, atol=1e-5)  # square root of that
    assert count_below(diagonal, factor, find_bound(diagonal, factor, 7)) == 7


def test_equal_eigenvalues_are_all_found():
    diagonal = np.repeat(np.linspace(1.0, 4.0, 233), 3)  # threefold, as in a cluster of high symmetry
    values, vectors = find_below(diagonal, np.zeros((699, 1)), 1.1)
    np.testing.assert_allclose(values, diagonal[diagonal < 1.1], rtol=1e-8)  # of Lanczos' method
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(len(values)), atol=1e-8)  # the same


def test_bounds_that_hold_nothing_or_too_much():
    diagonal = np.linspace(1.0, 4.0, 700)
    assert find_below(diagonal, np.zeros((700, 1)), 0.5)[0].size == 0
    with pytest.raises(InputError, match="expected 1 to 700"):
        find_bound(diagonal, np.zeros((700, 1)), 701)


def test_pairs_are_all_or_those_close_enough():
    basis = build_basis(np.zeros((1, 3)), [0, 1], 0.3)
    result = build_result(np.zeros((1, 3)), basis, np.eye(4), n_occupied=2)  # energies 0, 1 | 2, 3 eV
    pairs = choose_pairs(result)
    assert list(zip(pairs.occupied, pairs.empty, pairs.gaps_ev, strict=True)) == [
        (0, 2, 2.0),
        (0, 3, 3.0),
        (1, 2, 1.0),
        (1, 3, 2.0),
    ]
    near = choose_pairs(result, largest_gap_ev=2.0)
    assert (len(near), near.n_all) == (3, 4)
    with pytest.raises(InputError, match="no pair of orbitals is closer"):
        choose_pairs(result, largest_gap_ev=0.5)


def test_couplings_through_many_functions_are_those_without_fitting():
    from pyscf import ao2mo

    result, states = calculate()
    molecule = states.converged.method.mol
    pairs = choose_pairs(result, largest_gap_ev=14.0)
    exponents = 0.04 * 2.0 ** np.arange(12)
    rich = [AuxiliaryShell(atom, k, float(a)) for atom in (0, 1) for k in range(5) for a in exponents]
    coulomb = calculate_couplings(result, pairs, rich).factor
    orbitals = result.channels[0].coefficients
    for k in (0, len(pairs) // 2, len(pairs) - 1):
        i, a = int(pairs.occupied[k]), int(pairs.empty[k])
        four = [orbitals[:, [i]], orbitals[:, [a]]] * 2
        exact = float(ao2mo.kernel(molecule, four, compact=False).ravel()[0])
        assert coulomb[k] @ coulomb[k] == pytest.approx(exact, rel=1e-3)  # what 12 functions of each l leave


def test_dipoles_are_those_of_pyscf():
    result, states = calculate()
    molecule = states.converged.method.mol
    pairs = choose_pairs(result, largest_gap_ev=10.0)
    dipoles = calculate_couplings(result, pairs, build_auxiliary(AUH[0], RisSettings())).dipoles
    orbitals = result.channels[0].coefficients
    whole = np.einsum("xkl,ki,la->xia", molecule.intor("int1e_r"), orbitals, orbitals)
    np.testing.assert_allclose(dipoles.T, whole[:, pairs.occupied, pairs.empty], atol=1e-8)  # rounding


def test_ris_is_near_the_full_response():
    from clustermodel.electronic.pyscf_casida import calculate_casida

    result, states = calculate()
    full = calculate_casida(result, states, number=8)
    ris = calculate_ris_excitations(result, RisSettings(largest_gap_ev=1e9, up_to_ev=9.0))
    bright = int(full.strengths.argmax())
    near = int(
        np.argmin(np.abs(ris.energies_ev[:, None] - full.energies_ev[bright]) - ris.strengths[:, None])
    )
    assert ris.energies_ev[near] == pytest.approx(
        full.energies_ev[bright], abs=0.3
    )  # eV: a diatomic, no kernel
    assert full.kind == ris.kind == "singlet"
    assert np.all(np.diff(ris.energies_ev) >= 0)
    assert ris.is_complete_to_ev == 9.0
    np.testing.assert_allclose((ris.amplitudes**2).sum(axis=0), 1.0)
    np.testing.assert_allclose((full.amplitudes**2).sum(axis=0), 1.0)


def test_shares_of_the_full_response_add_up_and_triplets_are_dark_and_lower():
    from clustermodel.electronic.pyscf_casida import calculate_casida

    result, states = calculate()
    singlets = calculate_casida(result, states, number=3, tamm_dancoff=True)
    triplets = calculate_casida(result, states, number=3, triplet=True, tamm_dancoff=True)
    assert triplets.energies_ev[0] < singlets.energies_ev[0]
    assert not triplets.strengths.any()
    shares = singlets.list_shares(0, result, least=0.0)
    assert sum(share.weight for share in shares) == pytest.approx(1.0)
    assert shares[0].target.startswith("LUMO")
    with pytest.raises(InputError, match="expected 1 or more"):
        calculate_casida(result, states, number=0)


def test_without_coupling_excitations_are_differences_of_levels():
    result, _ = calculate()
    weak = RisSettings(theta=1e-12, largest_gap_ev=12.0, up_to_ev=12.0)  # charges spread over everything
    found = calculate_ris_excitations(result, weak)
    gaps = np.sort(choose_pairs(result, largest_gap_ev=12.0).gaps_ev)
    np.testing.assert_allclose(found.energies_ev, gaps[: len(found)], atol=1e-3)  # eV


def test_an_open_shell_gives_spin_unrestricted_excitations_with_a_positive_sum():
    result, _ = calculate(charge=1)
    found = calculate_ris_excitations(result, RisSettings(largest_gap_ev=15.0, up_to_ev=6.0))
    assert found.kind == "unrestricted"
    assert set(found.pairs.channels.tolist()) == {0, 1}
    assert found.strengths.min() >= 0


@pytest.mark.parametrize("charge", [0])
def test_strengths_are_those_of_a_sum_over_all_pairs(charge):
    # Thomas-Reiche-Kuhn within the pairs: the coupling moves strength, it does not make any
    result, _ = calculate(charge=charge)
    pairs = choose_pairs(result, largest_gap_ev=9.0)
    coupled = calculate_ris_excitations(result, RisSettings(largest_gap_ev=9.0, up_to_ev=1e3, most=10**6))
    dipoles = calculate_couplings(result, pairs, build_auxiliary(AUH[0], RisSettings())).dipoles
    bare = 4 / 3 * (pairs.gaps_ev / HARTREE_EV * (dipoles**2).sum(axis=1)).sum()
    assert len(coupled) == len(pairs)
    assert coupled.strengths.sum() == pytest.approx(bare, rel=1e-6)  # rounding


def build_two_site_excitations(amplitudes):
    """Two s functions far apart on either atom, and given amplitudes of the four pairs."""
    positions = np.array([[0.0, 0, 0], [0, 0, 20.0]])
    basis = build_basis(positions, [0, 0], 0.3)  # functions: two on the first, two on the second atom
    order = [0, 2, 1, 3]  # occupied: first of each atom; empty: second of each
    result = build_result(positions, basis, np.eye(4)[:, order], n_occupied=2)
    table = np.asarray(amplitudes, float)
    pairs = OrbitalPairs(
        channels=[0] * 4, occupied=[0, 0, 1, 1], empty=[2, 3, 2, 3], gaps_ev=[1.0] * 4, n_all=4
    )
    excitations = Excitations(
        method="made",
        kind="singlet",
        energies_ev=[1.0],
        strengths=[0.0],
        transition_dipoles=np.zeros((1, 3)),
        pairs=pairs,
        amplitudes=(table / np.linalg.norm(table)).reshape(4, 1),
    )
    return result, excitations


def test_charge_transfer_numbers_of_a_local_and_of_a_transferring_excitation():
    result, local = build_two_site_excitations([[1.0, 0.0], [0.0, 0.0]])
    found = measure_charge_transfer(result, local, ["kernel", "ligand"])
    np.testing.assert_allclose(found.numbers[0], [[1, 0], [0, 0]], atol=1e-12)
    result, moving = build_two_site_excitations([[0.0, 1.0], [0.0, 1.0]])
    found = measure_charge_transfer(result, moving, ["kernel", "ligand"])
    assert found.transferred[0] == pytest.approx(0.5)
    np.testing.assert_allclose(found.holes[0], [0.5, 0.5])
    np.testing.assert_allclose(found.electrons[0], [0.0, 1.0], atol=1e-12)
    with pytest.raises(InputError, match="one for each atom"):
        measure_charge_transfer(result, moving, ["kernel"])


def test_natural_pairs_of_one_and_of_two_independent_excitations():
    result, one = build_two_site_excitations([[1.0, 1.0], [1.0, 1.0]])  # rank 1
    found = find_natural_pairs(result, one, 0)
    assert found.weights.tolist() == pytest.approx([1.0])
    assert found.participation == pytest.approx(1.0)
    result, two = build_two_site_excitations([[1.0, 0.0], [0.0, 1.0]])
    assert find_natural_pairs(result, two, 0).participation == pytest.approx(2.0)
    with pytest.raises(InputError, match="excitation 2 of 1"):
        find_natural_pairs(result, two, 1)


def test_what_the_method_does_not_cover_is_refused():
    result, _ = calculate()
    with pytest.raises(InputError, match="expected 's' or 'sp'"):
        RisSettings(auxiliary="spd")
    with pytest.raises(InputError, match="no radius is tabulated for 'Xx'"):
        build_auxiliary(["Xx"], RisSettings())
    import dataclasses

    hybrid = dataclasses.replace(
        result, specification=dataclasses.replace(result.specification, method="PBE0")
    )
    with pytest.raises(InputError, match="exact exchange"):
        calculate_ris_excitations(hybrid)


def test_character_is_the_product_of_the_weights_of_both_orbitals():
    centre = np.zeros((1, 3))
    basis = build_basis(centre, [0, 1, 2], 0.15)  # one S, three P, five D about the centre itself
    result = build_result(centre, basis, np.eye(9), n_occupied=4)
    superatom = measure_superatom(result, centre=centre[0], radius=8.0, settings=SuperatomSettings(l_max=2))
    pairs = choose_pairs(result)
    chosen = np.flatnonzero((pairs.occupied == 2) & (pairs.empty == 5))  # P to D
    amplitudes = np.zeros((len(pairs), 1))
    amplitudes[chosen] = 1.0
    excitations = Excitations(
        method="made",
        kind="singlet",
        energies_ev=[1.0],
        strengths=[0.0],
        transition_dipoles=np.zeros((1, 3)),
        pairs=pairs,
        amplitudes=amplitudes,
    )
    found = measure_character(result, excitations, superatom)
    assert found.name_leading(0) == "P→D"
    assert found.shares[0, 1, 2] == pytest.approx(1.0, abs=1e-3)  # the tails beyond 8 Å
    assert found.covered[0] == pytest.approx(1.0)
    few = SuperatomSettings(l_max=2, below=1, above=1)
    narrow = measure_superatom(result, centre=centre[0], radius=8.0, settings=few)
    assert measure_character(result, excitations, narrow).covered[0] == pytest.approx(0.0)


def test_orbitals_of_xtb_serve_for_screening():
    found = calculate_ris_excitations(calculate_xtb("Au2(SH)3"), RisSettings(up_to_ev=6.0))
    assert found.notes[0].endswith("screening only")
    assert found.energies_ev.max() < 6.0
    assert found.strengths.max() > 0
