"""GFN1-xTB: against the program xtb, against tblite called directly, and what must not change."""

import signal
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from clustermodel.constants import BOHR_ANGSTROM, HARTREE_EV
from clustermodel.electronic.basis import evaluate_basis
from clustermodel.electronic.engine import Job
from clustermodel.electronic.specification import Specification, build_specification
from clustermodel.electronic.tblite_engine import TbliteEngine
from clustermodel.errors import ChemistryError, ConvergenceError, InputError, MissingDependencyError
from tests.electronic.geometries import calculate, case, reference

SMALL = ["Au4(PH3)4", "Au2(SH)3"]


@pytest.mark.parametrize("name", [*SMALL, pytest.param("Au25(SH)18", marks=pytest.mark.slow)])
def test_energy_levels_and_charges_of_the_program_xtb(name):
    found, told = calculate(name), reference()[name]
    # Both stop their self-consistent field at thresholds of about 1e-6 Eh in energy and 1e-5 e in charges.
    assert found.energy_ev == pytest.approx(told["energy_eh"] * HARTREE_EV, abs=1e-5)
    assert found.gap_ev == pytest.approx(told["gap_ev"], abs=1e-3)
    levels = np.array(told["levels_ev"])
    assert np.allclose(found.channels[0].energies_ev[: len(levels)], levels, atol=1e-3)
    assert np.allclose(found.atomic_charges, told["charges"], atol=2e-4)


def test_numbers_of_tblite_called_directly():
    from tblite.interface import Calculator

    from clustermodel.elements import find_element

    elements, positions, charge = case("Au2(SH)3")
    numbers = np.array([find_element(symbol).number for symbol in elements])
    direct = Calculator("GFN1-xTB", numbers, positions / BOHR_ANGSTROM, charge=charge)
    direct.set("verbosity", 0)
    told = direct.singlepoint()
    found = calculate("Au2(SH)3")
    assert found.energy_ev == pytest.approx(float(told.get("energy")) * HARTREE_EV, abs=1e-8)
    # tblite's default temperature is 9.5e-4 Eh, 299.98 K
    energies = told.get("orbital-energies") * HARTREE_EV
    assert np.allclose(found.channels[0].energies_ev, energies, atol=1e-6)
    forces = TbliteEngine().calculate_forces(elements, positions, found.specification)
    assert np.allclose(forces.forces, -told.get("gradient") * HARTREE_EV / BOHR_ANGSTROM, atol=1e-6)
    assert found.dipole_debye == pytest.approx(told.get("dipole") * 2.541746, rel=1e-5)  # D per e bohr


@pytest.mark.parametrize("name", SMALL)
def test_functions_have_the_overlap_of_tblite(name):
    """Integrated over space, the functions put together here give the overlap matrix of the program."""
    from scipy.integrate import lebedev_rule

    result = calculate(name)
    basis = result.basis
    gold = next(i for i, symbol in enumerate(result.elements) if symbol == "Au")
    # One-centre integrals of all pairs of functions of one atom, and the norm of every function on its atom.
    points, weights = lebedev_rule(17)
    nodes, radial = np.polynomial.legendre.leggauss(60)
    r = 9 * ((nodes + 1) / 2) ** 2
    volume = radial * 9 * (nodes + 1) / 2 * r**2 / BOHR_ANGSTROM**3
    for atom in {gold, result.elements.index("H")}:
        grid = result.positions[atom] + np.einsum("r,xp->rpx", r, points).reshape(-1, 3)
        columns = np.flatnonzero(basis.atoms == atom)
        values = evaluate_basis(basis, result.positions, grid)[:, columns]
        integral = np.einsum("g,gi,gj->ij", np.outer(volume, weights).ravel(), values, values)
        assert np.allclose(
            integral, basis.overlap[np.ix_(columns, columns)], atol=2e-5
        )  # fits of 4 Gaussians


@pytest.mark.parametrize("name", SMALL)
def test_functions_of_different_atoms_have_the_overlap_of_tblite(name):
    from pyscf import gto

    result = calculate(name)
    basis, n = result.basis, len(result.elements)
    labels = [f"{symbol}{i}" for i, symbol in enumerate(result.elements)]
    content = {label: [] for label in labels}
    for shell in basis.shells:
        primitives = [list(pair) for pair in zip(shell.exponents, shell.coefficients, strict=True)]
        content[labels[shell.atom]].append([shell.momentum, *primitives])
    atoms = [(labels[i], result.positions[i]) for i in range(n)]
    mol = gto.M(atom=atoms, basis=content, charge=result.charge, spin=None, verbose=0)
    points = np.random.default_rng(1).normal(scale=2.0, size=(300, 3)) + result.positions.mean(axis=0)
    theirs = mol.eval_gto("GTOval_sph", points / BOHR_ANGSTROM)
    ours = evaluate_basis(basis, result.positions, points)
    order = [int(np.abs(theirs - ours[:, [k]]).max(axis=0).argmin()) for k in range(len(basis))]
    assert sorted(order) == list(range(len(basis)))
    overlap = mol.intor("int1e_ovlp")[np.ix_(order, order)]
    assert np.allclose(overlap, basis.overlap, atol=2e-5)  # two least-squares fits to one Slater function


@pytest.mark.parametrize("name", SMALL)
def test_orbitals_are_orthonormal_and_hold_the_electrons(name):
    result = calculate(name)
    (channel,) = result.channels
    product = channel.coefficients.T @ result.basis.overlap @ channel.coefficients
    assert np.allclose(product, np.eye(len(product)), atol=1e-8)
    valence = {"Au": 11, "S": 6, "P": 5, "H": 1}
    assert result.electrons == pytest.approx(sum(valence[s] for s in result.elements) - result.charge)
    assert result.atomic_charges.sum() == pytest.approx(result.charge, abs=1e-6)
    assert result.is_closed_shell
    assert result.gap_alpha_ev is None
    assert result.somos == ()


def test_doublet_has_levels_of_both_spins():
    result = calculate("Au2(SH)3", 0)
    alpha, beta = result.channels
    assert result.multiplicity == 2
    assert alpha.occupations.sum() - beta.occupations.sum() == pytest.approx(1)
    assert result.gap_ev is None
    assert result.gap_alpha_ev == pytest.approx(alpha.gap_ev)
    assert result.gap_beta_ev == pytest.approx(beta.gap_ev)
    assert result.somos == (alpha.homo,)
    assert result.spin_populations.sum() == pytest.approx(1, abs=1e-6)


def test_triplet_lies_above_the_closed_shell():
    elements, positions, charge = case("Au4(PH3)4")
    triplet = TbliteEngine().calculate_states(
        elements, positions, build_specification("xtb", elements, charge=charge, multiplicity=3)
    )
    assert triplet.energy_ev > calculate("Au4(PH3)4").energy_ev  # the gap of 2.9 eV exceeds any exchange
    assert len(triplet.somos) == 2


@settings(max_examples=8)  # each example is a calculation
@given(vector=st.tuples(*[st.floats(-3, 3)] * 3), seed=st.integers(0, 99))
def test_rotation_and_order_of_atoms_change_no_level(vector, seed):
    elements, positions, charge = case("Au2(SH)3")
    order = np.random.default_rng(seed).permutation(len(elements))
    turned = Rotation.from_rotvec(vector).apply(positions)[order]
    names = [elements[i] for i in order]
    found = TbliteEngine().calculate_states(names, turned, build_specification("xtb", names, charge=charge))
    before = calculate("Au2(SH)3")
    # Both self-consistent fields stop at a change of 1e-6 Eh; levels follow the density, in first order.
    assert found.energy_ev == pytest.approx(before.energy_ev, abs=1e-5)
    assert np.allclose(found.channels[0].energies_ev, before.channels[0].energies_ev, atol=1e-3)
    assert np.allclose(found.atomic_charges, before.atomic_charges[order], atol=2e-4)


def test_forces_are_the_slope_of_the_energy():
    elements, positions, charge = case("Au2(SH)3")
    specification = build_specification("xtb", elements, charge=charge, convergence_ev=1e-8)
    engine, step = TbliteEngine(), 1e-3
    forces = engine.calculate_forces(elements, positions, specification).forces
    energies = []
    for sign in (1, -1):
        moved = positions.copy()
        moved[1, 1] += sign * step
        energies.append(engine.calculate_forces(elements, moved, specification).energy_ev)
    assert -(energies[0] - energies[1]) / (2 * step) == pytest.approx(forces[1, 1], abs=1e-4)  # step² error


def test_cycles_are_told_and_kept():
    elements, positions, charge = case("Au2(SH)3")
    told = []
    result = TbliteEngine().calculate_states(
        elements, positions, build_specification("xtb", elements, charge=charge), job=Job(monitor=told.append)
    )
    assert [one.cycle for one in told] == [one.number for one in result.history]
    assert result.history[-1].energy_ev == pytest.approx(result.energy_ev, abs=1e-4)  # without dispersion


def test_no_convergence_is_an_error_with_its_history():
    elements, positions, charge = case("Au4(PH3)4")
    specification = build_specification("xtb", elements, charge=charge, max_cycles=3)
    with pytest.raises(ConvergenceError, match="did not converge in 3 cycles") as caught:
        TbliteEngine().calculate_states(elements, positions, specification)
    assert len(caught.value.history) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "PM7"}, "tblite has no method 'PM7'; expected one of GFN1-xTB, GFN2-xTB"),
        ({"solvent": "treacle"}, "tblite refused the calculation"),
    ],
)
def test_wrong_choices(changes, message):
    elements, positions, charge = case("Au2(SH)3")
    specification = build_specification("xtb", elements, charge=charge, **changes)
    with pytest.raises(InputError, match=message):
        TbliteEngine().calculate_states(elements, positions, specification)


def test_wrong_parity_is_found_before_anything_runs():
    elements, positions, _ = case("Au2(SH)3")
    with pytest.raises(ChemistryError, match="an odd number"):
        TbliteEngine().calculate_states(elements, positions, Specification(charge=0, multiplicity=1))


def test_element_without_parameters():
    with pytest.raises(InputError, match="no parameters for U"):
        TbliteEngine().calculate_states(["U"], np.zeros((1, 3)), Specification(multiplicity=5))


def test_solvent_lowers_the_energy_of_an_ion():
    elements, positions, charge = case("Au2(SH)3")
    wet = build_specification("xtb", elements, charge=charge, solvent="ch2cl2")
    assert (
        TbliteEngine().calculate_forces(elements, positions, wet).energy_ev < calculate("Au2(SH)3").energy_ev
    )


def test_interrupt_waits_for_the_compiled_code():
    """Ctrl-C while tblite runs is not lost in its callbacks and not swallowed."""
    elements, positions, charge = case("Au4(PH3)4")
    asked = []

    def interrupt(_):
        if not asked:
            asked.append(True)
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    specification = build_specification("xtb", elements, charge=charge)
    with pytest.raises(KeyboardInterrupt):
        TbliteEngine().calculate_states(elements, positions, specification, job=Job(monitor=interrupt))
    assert signal.getsignal(signal.SIGINT) is before
    assert threading.current_thread() is threading.main_thread()


def test_forces_asked_for_again_do_not_depend_on_what_was_asked_before():
    elements, positions, charge = case("Au4(PH3)4")
    specification = build_specification("xtb", elements, charge=charge, convergence_ev=1e-7)
    engine = TbliteEngine()
    engine.calculate_forces(elements, positions * 1.01, specification)
    warm = engine.calculate_forces(elements, positions, specification)
    cold = TbliteEngine().calculate_forces(elements, positions, specification)
    assert warm.energy_ev == pytest.approx(cold.energy_ev, abs=1e-6)  # the convergence asked for
    assert np.allclose(warm.forces, cold.forces, atol=1e-4)  # first order in the density


def test_missing_program_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tblite.interface", None)
    elements, positions, charge = case("Au2(SH)3")
    with pytest.raises(MissingDependencyError, match="needs the package tblite, which is not installed"):
        TbliteEngine().calculate_states(
            elements, positions, build_specification("xtb", elements, charge=charge)
        )
