"""Which way does the field converge? From plain DIIS to second order, a rung only if the last one failed."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel._optional import import_optional
from clustermodel.constants import HARTREE_EV
from clustermodel.electronic.engine import Monitor, Progress
from clustermodel.electronic.pyscf_types import PyscfObject
from clustermodel.electronic.result import Cycle
from clustermodel.errors import ConvergenceError

__all__ = ["RUNGS", "Converged", "Watch", "converge_field"]

RUNGS = ("DIIS", "level shift and damping", "fractional occupations", "second order")
_SHIFT = 0.3  # Eh, between occupied and empty orbitals
_DAMPING = 0.4
_SMEARING = 0.01  # Eh: 0.27 eV, wide enough for crossing levels of a metal
_MOST = (40, 60, 60)  # cycles of the rungs but the last one
_ROUGH = 1e-4  # Eh; a field that is only the start of the next one


class Converged(NamedTuple):
    """A converged field.

    Parameters
    ----------
    method : object
        PySCF's object that holds it.
    rung : str
        What made it converge.
    energy : float
        Total energy in Eh.
    energies : ndarray, shape (m,) or (2, m)
        Orbital energies in Eh.
    coefficients : ndarray, shape (k, m) or (2, k, m)
        Orbitals.
    occupations : ndarray, shape (m,) or (2, m)
        Electrons in them.
    """

    method: PyscfObject
    rung: str
    energy: float
    energies: FloatArray
    coefficients: FloatArray
    occupations: FloatArray


class Watch:
    """Listens to every cycle: keeps the history, tells the monitor, and saves the orbitals.

    Parameters
    ----------
    monitor : callable or None
        Told about every cycle.
    save : callable or None
        Called with coefficients and occupations after every cycle.
    """

    def __init__(
        self, monitor: Monitor | None = None, save: Callable[[FloatArray, FloatArray], None] | None = None
    ) -> None:
        """Begin the history."""
        self.monitor = monitor
        self.save = save
        self.history: list[Cycle] = []
        self.stage = "SCF"
        self.fock: FloatArray | None = None
        self.began = time.perf_counter()

    def __call__(self, local: dict[str, Any]) -> None:
        """Note one cycle, given the local names of PySCF's loop."""
        energy, last = local.get("e_tot"), local.get("last_hf_e")
        if energy is None or last is None:
            return
        number, total, change = len(self.history) + 1, float(energy), float(energy) - float(last)
        self.history.append(Cycle(number=number, energy_ev=total * HARTREE_EV, change_ev=change * HARTREE_EV))
        fock = local.get("fock")
        self.fock = None if fock is None else np.asarray(fock)
        if self.save is not None and local.get("mo_coeff") is not None:
            self.save(np.asarray(local["mo_coeff"]), np.asarray(local["mo_occ"]))
        if self.monitor is not None:
            elapsed = time.perf_counter() - self.began
            self.monitor(Progress(self.stage, number, total * HARTREE_EV, change * HARTREE_EV, elapsed))


def converge_field(method: PyscfObject, start: FloatArray, watch: Watch) -> Converged:
    """Run a field, rung by rung until one converges.

    Parameters
    ----------
    method : pyscf.dft.rks.RKS or pyscf.dft.uks.UKS
        The field.
    start : ndarray, shape (k, k) or (2, k, k)
        Density matrix to start from.
    watch : Watch
        Listens to every cycle.

    Returns
    -------
    Converged
        The field and the rung that worked.

    Raises
    ------
    ConvergenceError
        If no rung converges: an unconverged field has no gap.
    """
    climbs = (_run_plain, _run_shifted, _run_fractional, _run_second_order)
    for number, (rung, climb) in enumerate(zip(RUNGS, climbs, strict=True)):
        left = method.max_cycle - len(watch.history)
        if left < 1:
            break
        watch.stage = "SCF" if number == 0 else f"SCF, {rung}"
        most = min(left, _MOST[number]) if number < len(_MOST) else left
        done = climb(method, start, watch, most)
        if done.converged:
            return _finish(method, done, rung, watch)
    last = watch.history[-1]
    msg = (
        f"the self-consistent field did not converge in {len(watch.history)} cycles with "
        f"{', '.join(RUNGS)}; the energy still changed by {last.change_ev:+.1e} eV in the last one. Check "
        "charge and multiplicity, relax the geometry first (GFN1-xTB), or allow more cycles"
    )
    raise ConvergenceError(msg, tuple(watch.history))


def _run_plain(method: PyscfObject, start: FloatArray, watch: Watch, most: int) -> PyscfObject:
    return _run(method, start, watch, most)


def _run(method: PyscfObject, start: FloatArray, watch: Watch, most: int) -> PyscfObject:
    """Run at most some cycles, without what PySCF's object would remember of its own limits."""
    allowed, method.max_cycle, method.callback = method.max_cycle, most, watch
    try:
        method.kernel(dm0=start)
    finally:
        method.max_cycle, method.callback = allowed, None
    return method


def _run_shifted(method: PyscfObject, start: FloatArray, watch: Watch, most: int) -> PyscfObject:
    """Converge roughly with shifted empty levels and damping, then without."""
    wanted = method.conv_tol
    method.level_shift, method.damp, method.conv_tol = _SHIFT, _DAMPING, max(wanted, _ROUGH)
    try:
        _run(method, start, watch, most)
    finally:
        method.level_shift, method.damp, method.conv_tol = 0.0, 0.0, wanted
    return _run(method, method.make_rdm1(), watch, most) if method.converged else method


def _run_fractional(method: PyscfObject, start: FloatArray, watch: Watch, most: int) -> PyscfObject:
    """Converge roughly with electrons spread over close levels, then with whole occupations."""
    addons = import_optional("pyscf.scf.addons", extra="", purpose="density functional theory")
    spread = addons.smearing(method.copy(), sigma=_SMEARING, method="fermi")
    spread.conv_tol = max(method.conv_tol, _ROUGH)
    _run(spread, start, watch, most)
    if not spread.converged:
        return spread
    return _run(method, spread.make_rdm1(), watch, most)


def _run_second_order(method: PyscfObject, start: FloatArray, watch: Watch, most: int) -> PyscfObject:
    del start  # it begins where the last rung ended
    newton = method.newton()
    newton.max_cycle, newton.callback = most, watch
    newton.kernel(method.mo_coeff, method.mo_occ)
    watch.fock = None
    return newton


def _finish(method: PyscfObject, done: PyscfObject, rung: str, watch: Watch) -> Converged:
    """Diagonalise the last Fock matrix itself instead of DIIS' mixture of the last few."""
    energies, coefficients = np.asarray(done.mo_energy), np.asarray(done.mo_coeff)
    if watch.fock is not None:
        energies, coefficients = (np.asarray(one) for one in method.eig(watch.fock, method.get_ovlp()))
    method.mo_energy, method.mo_coeff, method.mo_occ = energies, coefficients, np.asarray(done.mo_occ)
    method.converged, method.e_tot = True, done.e_tot
    occupations = np.asarray(method.get_occ(energies, coefficients))
    method.mo_occ = occupations
    return Converged(method, rung, float(done.e_tot), energies, coefficients, occupations)
