"""What are the excitations without further approximation? Full linear response, for small clusters."""

import time

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel._optional import import_optional
from clustermodel.constants import HARTREE_EV
from clustermodel.electronic.excitations import Excitations, choose_pairs
from clustermodel.electronic.pyscf_engine import PyscfStates
from clustermodel.electronic.pyscf_types import PyscfObject
from clustermodel.electronic.result import ElectronicResult
from clustermodel.errors import ConvergenceError, InputError

__all__ = ["calculate_casida"]

_TOLERANCE = 1e-5  # Eh, of the excitation energies


def calculate_casida(
    result: ElectronicResult,
    states: PyscfStates,
    *,
    number: int = 10,
    triplet: bool = False,
    tamm_dancoff: bool = False,
) -> Excitations:
    """Calculate the lowest excitations by linear response, or in the Tamm-Dancoff approximation.

    Parameters
    ----------
    result : ElectronicResult
        The levels, as the engine gave them.
    states : PyscfStates
        The converged field that they are from.
    number : int, optional
        How many excitations.
    triplet : bool, optional
        Triplets instead of singlets; for a closed shell only.
    tamm_dancoff : bool, optional
        Whether de-excitations are left out: recommended for triplets.

    Returns
    -------
    Excitations
        The lowest ones; a root may be missed where many are close, which is why none is promised.

    Raises
    ------
    InputError
        If triplets of an open shell are asked for, or fewer than one excitation.
    ConvergenceError
        If a root does not converge.
    """
    closed = len(result.channels) == 1
    if number < 1 or (triplet and not closed):
        msg = f"{number} excitations{' to triplets of an open shell' if triplet else ''}; expected 1 or more "
        msg += "of a closed shell, or spin-unrestricted ones (triplet=False)"
        raise InputError(msg)
    began = time.process_time()
    solver = _build_solver(states.converged.method, tamm_dancoff=tamm_dancoff)
    solver.nstates, solver.conv_tol, solver.verbose = number, _TOLERANCE, 0
    if closed:
        solver.singlet = not triplet
    solver.kernel()
    if not np.all(solver.converged):
        lost = int((~np.asarray(solver.converged)).sum())
        msg = f"{lost} of {number} excitations did not converge; ask for fewer or check the ground state"
        raise ConvergenceError(msg)
    energies = np.asarray(solver.e)
    pairs = choose_pairs(result)
    amplitudes = np.array(
        [_normalise(xy, energy, pairs.gaps_ev) for xy, energy in zip(solver.xy, energies, strict=True)]
    )
    dark = triplet and closed
    moments = np.zeros((len(energies), 3)) if dark else np.asarray(solver.transition_dipole())
    return Excitations(
        method="TDA" if tamm_dancoff else "Casida",
        kind="unrestricted" if not closed else ("triplet" if triplet else "singlet"),
        energies_ev=energies * HARTREE_EV,
        strengths=2 / 3 * energies * (moments**2).sum(axis=1),
        transition_dipoles=moments,
        pairs=pairs,
        amplitudes=amplitudes.T,
        timings=(("linear response", time.process_time() - began),),
        notes=("no spin-orbit coupling: the potentials in use carry none",) if dark else (),
    )


def _build_solver(method: PyscfObject, *, tamm_dancoff: bool) -> PyscfObject:
    import_optional("pyscf.tddft", extra="", purpose="linear response")
    return method.TDA() if tamm_dancoff else method.TDDFT()


def _normalise(xy: PyscfObject, energy: float, gaps_ev: FloatArray) -> FloatArray:
    """Return amplitudes whose squares are the shares of the pairs: (X + Y)(X - Y)."""
    excitation, back = (_flatten(part) for part in xy)
    if not np.any(back):
        return excitation / np.linalg.norm(excitation)
    amplitude = (excitation + back) * np.sqrt(energy * HARTREE_EV / gaps_ev)
    return np.asarray(amplitude / np.linalg.norm(amplitude))


def _flatten(part: PyscfObject) -> FloatArray:
    """Return amplitudes of one or both spins as a column, in the order of the pairs."""
    if isinstance(part, (int, float)):
        return np.zeros(1)
    blocks = part if isinstance(part, (tuple, list)) else (part,)
    return np.concatenate([np.ravel(block) for block in blocks])
