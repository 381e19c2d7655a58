"""Relaxation: to the bond length of a known molecule, stopped, resumed, and refused."""

import numpy as np
import pytest

from clustermodel.electronic.relaxation import OPTIMISERS, RelaxSettings, relax_positions
from clustermodel.electronic.specification import build_specification
from clustermodel.electronic.tblite_engine import TbliteEngine
from clustermodel.errors import ConvergenceError, InputError
from tests.electronic.geometries import case


def scan_minimum():
    """Return the distance of lowest energy of AuCl by a parabola through energies alone."""
    specification = build_specification("xtb", ["Au", "Cl"], charge=0, convergence_ev=1e-8)
    distances = np.linspace(2.1, 2.5, 9)
    energies = [
        TbliteEngine()
        .calculate_forces(["Au", "Cl"], np.array([[0, 0, 0], [0, 0, d]]), specification)
        .energy_ev
        for d in distances
    ]
    return np.polynomial.Polynomial.fit(distances, energies, 6).deriv().roots()


def relax(**changes):
    positions = np.array([[0, 0, 0], [0, 0, 2.5]])
    return relax_positions(
        TbliteEngine(),
        (["Au", "Cl"], positions),
        build_specification("xtb", ["Au", "Cl"], charge=0),
        settings=RelaxSettings(**changes),
    )


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_bond_length_is_the_minimum_of_the_energy(optimiser):
    done = relax(optimiser=optimiser, largest_force=0.005)
    found = float(np.linalg.norm(done.positions[1] - done.positions[0]))
    roots = scan_minimum()
    minimum = min((float(root.real) for root in roots if abs(root.imag) < 1e-9), key=lambda x: abs(x - found))
    assert found == pytest.approx(minimum, abs=2e-3)  # a force of 0.005 eV/Å over a constant above 10 eV/Å2
    assert done.energy_ev < done.start_energy_ev
    assert done.largest_force <= 0.005


def test_fixed_atoms_stay():
    done = relax(fixed=(1,))
    assert np.array_equal(done.positions[1], [0, 0, 2.5])


def test_too_few_steps_are_an_error_that_keeps_the_energies():
    with pytest.raises(ConvergenceError, match=r"left after 2 steps, expected at most 0\.001") as caught:
        relax(max_steps=2, largest_force=0.001)
    assert len(caught.value.history) == 3


def test_geometry_of_every_step_is_handed_over_until_the_work_is_stopped():
    elements, positions, charge = case("Au2(SH)3")
    kept = []

    def keep(found):
        kept.append(found)
        if len(kept) == 3:
            raise KeyboardInterrupt

    specification = build_specification("xtb", elements, charge=charge)
    with pytest.raises(KeyboardInterrupt):
        relax_positions(TbliteEngine(), (elements, positions), specification, keep=keep)
    assert len(kept) == 3
    assert np.array_equal(kept[0], positions)
    energies = [TbliteEngine().calculate_forces(elements, found, specification).energy_ev for found in kept]
    assert energies[-1] < energies[0]


def test_unknown_optimiser():
    with pytest.raises(InputError, match="optimiser 'newton' does not exist"):
        relax(optimiser="newton")
