"""What does density functional theory say about a cluster? The engine that runs PySCF."""

import functools
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.constants import BOHR_ANGSTROM, DEBYE_E_ANGSTROM, HARTREE_EV
from clustermodel.electronic.basis import Basis
from clustermodel.electronic.engine import Forces, Job
from clustermodel.electronic.pyscf_checkpoint import identify_calculation, read_checkpoint, write_checkpoint
from clustermodel.electronic.pyscf_field import Field, build_field, mute_checkpoints
from clustermodel.electronic.pyscf_ladder import Converged, Watch, converge_field
from clustermodel.electronic.pyscf_molecule import build_basis, build_molecule
from clustermodel.electronic.pyscf_types import PyscfObject
from clustermodel.electronic.result import ElectronicResult, SpinChannel
from clustermodel.electronic.specification import Specification

__all__ = ["PyscfEngine", "PyscfStates", "run_field"]

_COARSE = 1  # grid on which a fine calculation is converged first
_ROUGH_EV = 3e-3  # eV: where the fine grid takes over; its own field is closer than that


class PyscfStates(NamedTuple):
    """A converged field with what made it, for what else PySCF can tell about it.

    Parameters
    ----------
    converged : Converged
        The field.
    field : Field
        Its settings and memory plan.
    watch : Watch
        Its history.
    notes : tuple of str
        What to know about it.
    """

    converged: Converged
    field: Field
    watch: Watch
    notes: tuple[str, ...]


class PyscfEngine:
    """Density functional theory through PySCF."""

    name = "pyscf"

    def calculate_states(
        self,
        elements: Sequence[str],
        positions: FloatArray,
        specification: Specification,
        *,
        job: Job | None = None,
    ) -> ElectronicResult:
        """Calculate energy, levels, orbitals and charges at one geometry.

        Parameters
        ----------
        elements : sequence of str, length n
            Element symbols.
        positions : ndarray, shape (n, 3)
            Cartesian coordinates in Å.
        specification : Specification
            What to calculate.
        job : Job, optional
            Progress, checkpoint to go on from, and memory.

        Returns
        -------
        ElectronicResult
            The converged states.

        Raises
        ------
        ConvergenceError
            If the self-consistent field does not converge.
        ChemistryError
            If charge and multiplicity do not fit the atoms.
        InputError
            If PySCF does not know the functional, the basis or an element, or memory is too short.
        """
        began = (time.perf_counter(), time.process_time())
        states = run_field(elements, positions, specification, job=job)
        method = states.converged.method
        basis = build_basis(method.mol, specification.basis)
        density = _sum_densities(states.converged)
        timings = {"wall_s": time.perf_counter() - began[0], "cpu_s": time.process_time() - began[1]}
        return ElectronicResult(
            specification=specification,
            elements=tuple(elements),
            positions=positions,
            converged=True,
            energy_ev=states.converged.energy * HARTREE_EV,
            channels=_read_channels(states.converged),
            basis=basis,
            atomic_charges=method.mol.atom_charges() - _populate(density.sum(axis=0), basis, len(elements)),
            charge_kind="Mulliken",
            spin_populations=_populate(density[0] - density[1], basis, len(elements))
            if len(density) == 2
            else None,
            dipole_debye=_measure_dipole(method.mol, density.sum(axis=0)),
            history=tuple(states.watch.history),
            timings=timings,
            versions=_read_versions(),
            notes=states.notes,
        )

    def calculate_forces(
        self, elements: Sequence[str], positions: FloatArray, specification: Specification
    ) -> Forces:
        """Calculate the energy and forces at one geometry.

        Parameters
        ----------
        elements : sequence of str, length n
            Element symbols.
        positions : ndarray, shape (n, 3)
            Cartesian coordinates in Å.
        specification : Specification
            What to calculate.

        Returns
        -------
        Forces
            Energy in eV and forces in eV/Å.

        Raises
        ------
        ConvergenceError
            If the self-consistent field does not converge.
        """
        states = run_field(elements, positions, specification)
        gradient = np.asarray(states.converged.method.nuc_grad_method().kernel())
        return Forces(
            energy_ev=states.converged.energy * HARTREE_EV,
            forces=-gradient * HARTREE_EV / BOHR_ANGSTROM,
        )


def run_field(
    elements: Sequence[str], positions: FloatArray, specification: Specification, *, job: Job | None = None
) -> PyscfStates:
    """Converge the field of a specification at one geometry.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.
    specification : Specification
        What to calculate.
    job : Job, optional
        Progress, checkpoint to go on from, and memory.

    Returns
    -------
    PyscfStates
        The field with PySCF's object, for excitations and stability.

    Raises
    ------
    ConvergenceError
        If the self-consistent field does not converge.
    ChemistryError
        If charge and multiplicity do not fit the atoms.
    InputError
        If PySCF does not know the functional, the basis or an element, or memory is too short.
    """
    task = job or Job()
    molecule = build_molecule(elements, positions, specification)
    field = build_field(molecule, specification, memory_mb=task.memory_mb)
    identity = identify_calculation(elements, positions, specification)
    watch = Watch(task.monitor, _build_saver(task.checkpoint, identity))
    kept = read_checkpoint(task.checkpoint, identity)
    core = field.method.get_hcore()
    field.method.get_hcore = lambda *_: core  # potentials of heavy atoms take long: once
    start = _guess(field.method) if kept is None else field.method.make_rdm1(*kept)
    notes = [field.plan.sentence]
    if kept is not None:
        notes.append("continued from a checkpoint")
    converged = _climb(field, start, watch, specification)
    notes.append(f"the field converged with {converged.rung} in {len(watch.history)} cycles")
    if dict(specification.options).get("stability") == "yes":
        notes.append(_check_stability(converged.method))
    if specification.charge:
        notes.append("dipole moment of an ion: about the origin of the coordinates")
    return PyscfStates(converged, field, watch, tuple(notes))


def _build_saver(path: Path | None, identity: str) -> Callable[[FloatArray, FloatArray], None] | None:
    if path is None:
        return None
    return functools.partial(write_checkpoint, path, identity)


def _guess(method: PyscfObject) -> FloatArray:
    """Return the sum of the densities of the atoms."""
    with warnings.catch_warnings(), mute_checkpoints():
        warnings.simplefilter("ignore", DeprecationWarning)  # of PySCF, about a function it calls itself
        return np.asarray(method.get_init_guess(method.mol, key="atom"))


def _climb(field: Field, start: FloatArray, watch: Watch, specification: Specification) -> Converged:
    """Converge on a coarse grid first where a fine one is asked for."""
    method = field.method
    if specification.grid <= _COARSE:
        return converge_field(method, start, watch)
    wanted, method.conv_tol = method.conv_tol, _ROUGH_EV / HARTREE_EV
    method.grids.level = _COARSE
    converge_field(method, start, watch)
    method.conv_tol = wanted
    method.grids = method.grids.copy().reset()
    method.grids.level = specification.grid
    return converge_field(method, np.asarray(method.make_rdm1()), watch)


def _check_stability(method: PyscfObject) -> str:
    """Say whether a lower field is near."""
    _, _, internal, external = method.stability(external=True, return_status=True)
    if internal and external:
        return "the field is stable, against breaking the symmetry of spins too"
    kind = "internally" if not internal else "against breaking the symmetry of spins"
    return f"the field is not stable {kind}: another one is lower; try another multiplicity"


def _sum_densities(converged: Converged) -> FloatArray:
    """Return the density matrices, shape (1 or 2, k, k)."""
    coefficients = converged.coefficients.reshape(-1, *converged.coefficients.shape[-2:])
    occupations = converged.occupations.reshape(len(coefficients), -1)
    filled = coefficients * occupations[:, None, :]
    return np.asarray(filled @ coefficients.transpose(0, 2, 1))


def _read_channels(converged: Converged) -> tuple[SpinChannel, ...]:
    def build(spin: PyscfObject, number: int | None) -> SpinChannel:
        pick = slice(None) if number is None else number
        return SpinChannel(
            spin=spin,
            energies_ev=converged.energies[pick] * HARTREE_EV,
            occupations=converged.occupations[pick],
            coefficients=converged.coefficients[pick],
        )

    if converged.energies.ndim == 1:
        return (build("both", None),)
    return build("alpha", 0), build("beta", 1)


def _populate(density: FloatArray, basis: Basis, n_atoms: int) -> FloatArray:
    """Return the electrons at each atom by Mulliken's division."""
    shares = np.einsum("kl,lk->k", density, basis.overlap)
    return np.asarray(np.bincount(basis.atoms, weights=shares, minlength=n_atoms), dtype=np.float64)


def _measure_dipole(molecule: PyscfObject, density: FloatArray) -> FloatArray:
    integrals = np.asarray(molecule.intor_symmetric("int1e_r", comp=3))
    electrons = np.einsum("xkl,lk->x", integrals, density)
    nuclei = np.asarray(molecule.atom_charges()) @ np.asarray(molecule.atom_coords())
    return np.asarray((nuclei - electrons) * BOHR_ANGSTROM / DEBYE_E_ANGSTROM)


def _read_versions() -> Mapping[str, str]:
    return {name: metadata.version(name) for name in ("pyscf", "numpy")}
