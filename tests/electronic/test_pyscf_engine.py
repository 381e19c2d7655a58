"""Does the engine give what PySCF gives by itself, faster, and never an unconverged gap?"""

import json
import warnings

import numpy as np
import pytest

from clustermodel.constants import BOHR_ANGSTROM, HARTREE_EV
from clustermodel.electronic import pyscf_ladder
from clustermodel.electronic.basis import evaluate_orbitals
from clustermodel.electronic.engine import Job
from clustermodel.electronic.pyscf_checkpoint import identify_calculation, read_checkpoint, write_checkpoint
from clustermodel.electronic.pyscf_coulomb import build_coulomb_fit
from clustermodel.electronic.pyscf_engine import PyscfEngine, run_field
from clustermodel.electronic.pyscf_field import mute_checkpoints
from clustermodel.electronic.pyscf_memory import plan_memory
from clustermodel.electronic.pyscf_molecule import build_molecule
from clustermodel.electronic.specification import Specification, build_specification
from clustermodel.errors import ChemistryError, ConvergenceError, InputError
from tests.datafiles import ROOT

pytest.importorskip("pyscf")

AU2 = (["Au", "Au"], np.array([[0.0, 0, 0], [0, 0, 2.55]]))
AUH = (["Au", "H"], np.array([[0.0, 0, 0], [0, 0, 1.57]]))
SCF = 2e-6  # Eh: ten times the change of energy at which either field stops, as both stop at different cycles


def specify(elements, **changes):
    return build_specification("dft", elements, **{"charge": 0, "grid": 1, **changes})


def run_plain(molecule, *, functional="pbe", fitting="def2-universal-jfit", grid=1):
    """The same calculation by PySCF alone, from its own default guess."""
    from pyscf import dft

    with mute_checkpoints(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PySCF's, about what it calls itself
        method = (dft.UKS if molecule.spin else dft.RKS)(molecule, xc=functional)
        method = method.density_fit(auxbasis=fitting)
        method.grids.level = grid
        method.conv_tol = 1e-9
        method.init_guess = "atom" if molecule.spin else "minao"  # from the latter, ions of two atoms swing
        method.kernel()
    assert method.converged
    return method


@pytest.mark.parametrize(("atoms", "charge", "grid"), [(AU2, 0, 1), (AUH, 0, 3), (AU2, 1, 1)])
def test_the_field_is_that_of_pyscf(atoms, charge, grid):
    elements, positions = atoms
    chosen = specify(elements, charge=charge, grid=grid)
    found = PyscfEngine().calculate_states(elements, positions, chosen)
    plain = run_plain(build_molecule(elements, positions, chosen), grid=grid)
    assert found.energy_ev / HARTREE_EV == pytest.approx(plain.e_tot, abs=SCF)
    energies = np.atleast_2d(plain.mo_energy) * HARTREE_EV
    for channel, expected in zip(found.channels, energies, strict=True):
        occupied = channel.homo + 2
        np.testing.assert_allclose(
            channel.energies_ev[:occupied], expected[:occupied], atol=2e-3
        )  # first order
    dipole = plain.dip_moment(verbose=0)
    np.testing.assert_allclose(found.dipole_debye, dipole, atol=0.05)  # D: of first order in the density
    assert found.electrons == pytest.approx(plain.mol.nelectron)
    assert found.atomic_charges.sum() == pytest.approx(charge, abs=1e-6)  # rounding


@pytest.mark.parametrize(
    ("functional", "fitting"),
    [("PBE0", "def2-universal-jkfit"), ("TPSS", "def2-universal-jfit"), ("LDA,VWN", "def2-universal-jfit")],
)
def test_other_functionals_are_those_of_pyscf(functional, fitting):
    elements, positions = AUH
    chosen = specify(elements, method=functional)
    found = PyscfEngine().calculate_states(elements, positions, chosen)
    plain = run_plain(build_molecule(elements, positions, chosen), functional=functional, fitting=fitting)
    assert found.energy_ev / HARTREE_EV == pytest.approx(plain.e_tot, abs=SCF)


def test_an_odd_number_of_electrons_has_two_gaps_and_one_unpaired_electron():
    elements, positions = AU2
    found = PyscfEngine().calculate_states(elements, positions, specify(elements, charge=1))
    assert found.gap_ev is None
    assert found.gap_alpha_ev is not None
    assert found.gap_beta_ev is not None
    assert found.spin_populations.sum() == pytest.approx(1.0, abs=1e-6)  # rounding
    assert len(found.somos) == 1


def test_orbitals_have_the_values_that_pyscf_gives_them():
    elements, positions = AUH
    states = run_field(elements, positions, specify(elements))
    found = PyscfEngine().calculate_states(elements, positions, specify(elements))
    points = np.random.default_rng(1).normal(scale=2.0, size=(50, 3))
    expected = states.converged.method.mol.eval_gto("GTOval_sph", points / BOHR_ANGSTROM)
    unit = np.eye(expected.shape[1])
    values = evaluate_orbitals(found.basis, found.positions, unit, points)
    np.testing.assert_allclose(values, expected, atol=1e-8)  # the Bohr radius differs in the tenth digit


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_next_rung_reaches_the_same_field(monkeypatch, number):
    elements, positions = AUH
    chosen = specify(elements)
    expected = PyscfEngine().calculate_states(elements, positions, chosen)
    most = tuple(2 if i < number else 60 for i in range(3))
    monkeypatch.setattr(pyscf_ladder, "_MOST", most)
    found = run_field(elements, positions, chosen)
    assert found.converged.rung == pyscf_ladder.RUNGS[number]
    assert found.converged.energy * HARTREE_EV == pytest.approx(
        expected.energy_ev, abs=1e-4
    )  # eV: 1e-7 Eh · 40


def test_an_unconverged_field_has_no_gap():
    elements, positions = AUH
    with pytest.raises(ConvergenceError, match="did not converge in 2 cycles") as caught:
        PyscfEngine().calculate_states(elements, positions, specify(elements, max_cycles=2))
    assert [cycle.number for cycle in caught.value.history] == [1, 2]


def test_an_interrupted_calculation_goes_on_from_its_checkpoint(tmp_path):
    elements, positions = AU2
    seen = []

    def interrupt(progress):
        seen.append(progress)
        if progress.cycle == 6:
            raise KeyboardInterrupt

    path = tmp_path / "folder" / "au2.npz"
    with pytest.raises(KeyboardInterrupt):
        PyscfEngine().calculate_states(
            elements, positions, specify(elements), job=Job(monitor=interrupt, checkpoint=path)
        )
    assert path.is_file()
    resumed = PyscfEngine().calculate_states(elements, positions, specify(elements), job=Job(checkpoint=path))
    whole = PyscfEngine().calculate_states(elements, positions, specify(elements))
    assert resumed.energy_ev == pytest.approx(whole.energy_ev, abs=SCF * HARTREE_EV)
    assert len(resumed.history) < len(whole.history)
    assert "continued from a checkpoint" in resumed.notes
    assert [progress.cycle for progress in seen] == [1, 2, 3, 4, 5, 6]


def test_a_checkpoint_of_another_calculation_is_no_start(tmp_path):
    path = tmp_path / "one.npz"
    here = identify_calculation(["Au"], np.zeros((1, 3)), Specification())
    write_checkpoint(path, here, np.eye(2), np.ones(2))
    assert read_checkpoint(path, here)[0].shape == (2, 2)
    assert read_checkpoint(path, "other") is None
    path.write_bytes(path.read_bytes()[:40])
    assert read_checkpoint(path, here) is None
    assert read_checkpoint(None, here) is None


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("in_file", [False, True])
def test_the_coulomb_matrix_is_that_of_pyscf(tmp_path, single, in_file):
    from pyscf.df import DF, addons

    molecule = build_molecule(*AU2, specify(AU2[0]))
    fitting = addons.make_auxmol(molecule, "def2-universal-jfit")
    random = np.random.default_rng(3).normal(size=(2, molecule.nao, molecule.nao))
    densities = random + random.transpose(0, 2, 1)
    expected = DF(molecule, "def2-universal-jfit").get_jk(densities, with_k=False)[0]
    fit = build_coulomb_fit(molecule, fitting, single=single, folder=tmp_path if in_file else None)
    tolerance = 1e-6 if single else 1e-9  # share: rounding of the integrals
    np.testing.assert_allclose(
        fit.build_coulomb(densities), expected, atol=tolerance * np.abs(expected).max()
    )


def test_forces_are_the_slope_of_the_energy():
    elements, _ = AUH
    step = 0.01

    def energy(length):
        positions = np.array([[0.0, 0, 0], [0, 0, length]])
        return PyscfEngine().calculate_states(elements, positions, chosen).energy_ev

    chosen = specify(elements, grid=3, convergence_ev=1e-8)
    forces = PyscfEngine().calculate_forces(elements, np.array([[0.0, 0, 0], [0, 0, 1.57]]), chosen).forces
    slope = (energy(1.57 + step) - energy(1.57 - step)) / (2 * step)
    assert -slope == pytest.approx(
        forces[1, 2], abs=0.02
    )  # eV/Å: third derivative and the weights of the grid


@pytest.mark.slow
def test_stability_is_told_where_it_is_asked_for():
    elements, positions = AUH
    found = PyscfEngine().calculate_states(
        elements, positions, specify(elements, options=(("stability", "yes"),))
    )
    assert any("the field is stable" in note for note in found.notes)
    apart = np.array([[0.0, 0, 0], [0, 0, 4.0]])  # a broken bond: two electrons that want different spins
    broken = PyscfEngine().calculate_states(
        elements, apart, specify(elements, options=(("stability", "yes"),))
    )
    assert any("not stable against breaking the symmetry of spins" in note for note in broken.notes)


def test_a_solvent_lowers_the_energy_of_an_ion_or_dipole():
    elements, positions = AUH
    vacuum = PyscfEngine().calculate_states(elements, positions, specify(elements))
    inside = PyscfEngine().calculate_states(elements, positions, specify(elements, solvent="dichloromethane"))
    assert -0.5 < inside.energy_ev - vacuum.energy_ev < 0  # eV: a polarisation, not a bond


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"basis": "no-such-basis"}, "no basis set 'no-such-basis' for Au"),
        ({"ecp": "no-such-potential"}, "no effective core potential 'no-such-potential' for Au"),
        ({"method": "no-such-functional"}, "no functional 'no-such-functional'"),
        ({"solvent": "molasses"}, "solvent 'molasses' is not known"),
        ({"options": (("aux_basis", "no-such-fit"),)}, "no fitting basis 'no-such-fit'"),
    ],
)
def test_what_pyscf_does_not_know_is_said(changes, message):
    elements, positions = AUH
    with pytest.raises(InputError, match=message):
        PyscfEngine().calculate_states(elements, positions, specify(elements, **changes))


def test_wrong_parity_is_refused():
    elements, positions = AUH
    with pytest.raises(ChemistryError, match="cannot have the multiplicity 2"):
        PyscfEngine().calculate_states(elements, positions, Specification(engine="pyscf", multiplicity=2))


def test_the_plan_keeps_less_where_memory_is_short(tmp_path):
    plans = [plan_memory(1214, 3400, limit_mb=limit, folder=tmp_path) for limit in (64e3, 32e3, 4e3)]
    assert plans[0].store == "memory"
    assert plans[1].store == "memory, single precision"
    assert plans[2].store in {"file, single precision", "none"}
    for plan in plans:
        assert plan.total_mb <= plan.limit_mb
        assert f"of {plan.limit_mb:.0f} MB" in plan.sentence
    with pytest.raises(InputError, match="allow more memory"):
        plan_memory(1214, 3400, limit_mb=500)


@pytest.fixture(scope="module")
def au4():
    """[Au4(PH3)4]2+ and what plain PySCF says about it, by tests/data/make_pyscf_au4.py."""
    return json.loads((ROOT / "tests" / "data" / "pyscf_au4.json").read_text(encoding="utf-8"))


def test_the_gap_of_a_cluster_is_that_of_plain_pyscf(au4):
    elements, positions = au4["elements"], np.array(au4["positions"])
    found = PyscfEngine().calculate_states(elements, positions, specify(elements, charge=2))
    assert found.gap_ev == pytest.approx(au4["gap_ev"], abs=0.005)  # eV: what a coarse grid may change
    assert len(found.history) < 15


@pytest.mark.slow
def test_a_fine_grid_gives_the_energy_of_plain_pyscf(au4):
    elements, positions = au4["elements"], np.array(au4["positions"])
    fitted = PyscfEngine().calculate_states(elements, positions, specify(elements, charge=2, grid=3))
    assert fitted.gap_ev == pytest.approx(au4["gap_ev"], abs=1e-3)  # eV: density fitting
    exact = specify(elements, charge=2, grid=3, density_fit=False)
    found = PyscfEngine().calculate_states(elements, positions, exact)
    assert found.energy_ev == pytest.approx(
        au4["energy_ev"], abs=1e-3
    )  # eV: the functions left out on the grid
