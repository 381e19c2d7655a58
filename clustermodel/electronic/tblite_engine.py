"""What does GFN1-xTB say about a cluster? The one door to tblite.

A closed shell is calculated with one set of orbitals. With unpaired electrons the spin-polarised form of the
method is used (spin constants of tblite), which gives orbitals of both spins.
"""

import functools
import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel._optional import import_optional
from clustermodel.constants import BOHR_ANGSTROM, BOLTZMANN_EV, DEBYE_E_ANGSTROM, HARTREE_EV
from clustermodel.electronic.basis import Basis
from clustermodel.electronic.engine import Forces, Job, Progress
from clustermodel.electronic.result import Cycle, ElectronicResult, SpinChannel
from clustermodel.electronic.specification import Specification, check_parity
from clustermodel.electronic.tblite_basis import build_xtb_shells
from clustermodel.elements import find_element
from clustermodel.errors import ConvergenceError, InputError

__all__ = ["METHODS", "TbliteEngine"]

METHODS = ("GFN1-xTB", "GFN2-xTB")
_HEAVIEST = 86  # atomic number of radon, the last element of both methods
_CYCLE = re.compile(r"^\s*(\d+)\s+(-?\d+\.\d+)\s+(-?\d\.\d+E[+-]\d+)\s+(-?\d\.\d+E[+-]\d+)\s*$")
_ORDERS = {0: (0,), 1: (-1, 0, 1), 2: (-2, -1, 0, 1, 2)}  # tblite's order of functions within a shell
_DEFAULT_CHANGE = 1e-6  # Eh; change of the energy at tblite's accuracy 1


class _Point(NamedTuple):
    """A converged single point, in the units of tblite."""

    calculator: Any
    values: Any
    history: tuple[Cycle, ...]


class _Density(NamedTuple):
    """The last density, and what it belongs to."""

    asked: tuple[tuple[str, ...], Specification]
    values: Any


class TbliteEngine:
    """GFN1-xTB and GFN2-xTB through tblite.

    Forces of one cluster, asked for again and again, start from the density of the geometry before.
    """

    name = "tblite"

    def __init__(self) -> None:
        self._density: _Density | None = None

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
            Whom to tell about every cycle; there is no checkpoint.

        Returns
        -------
        ElectronicResult
            The converged states.

        Raises
        ------
        ConvergenceError
            If the self-consistent field does not converge.
        InputError
            If tblite does not know the method, the solvent or an element.
        """
        began = (time.perf_counter(), time.process_time())
        point = _run(elements, positions, specification, job)
        values = point.values
        overlap = np.asarray(values.get("overlap-matrix"))
        channels = _read_channels(values)
        basis = _build_basis(elements, specification.method, point.calculator, overlap)
        return ElectronicResult(
            specification=specification,
            elements=tuple(elements),
            positions=positions,
            converged=True,
            energy_ev=float(values.get("energy")) * HARTREE_EV,
            channels=channels,
            basis=basis,
            atomic_charges=np.asarray(values.get("charges")),
            charge_kind="Mulliken",
            spin_populations=_populate_spin(channels, basis, len(elements)),
            dipole_debye=np.asarray(values.get("dipole")) * BOHR_ANGSTROM / DEBYE_E_ANGSTROM,
            history=point.history,
            timings={"wall_s": time.perf_counter() - began[0], "cpu_s": time.process_time() - began[1]},
            versions={"tblite": metadata.version("tblite")},
            notes=_note(specification),
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
        InputError
            If tblite does not know the method, the solvent or an element.
        """
        asked = (tuple(elements), specification)
        before = self._density.values if self._density is not None and self._density.asked == asked else None
        try:
            values = _run(elements, positions, specification, None, density=before).values
        except ConvergenceError:
            if before is None:
                raise
            values = _run(elements, positions, specification, None).values
        self._density = _Density(asked, values)
        gradient = np.asarray(values.get("gradient"))
        return Forces(
            energy_ev=float(values.get("energy")) * HARTREE_EV,
            forces=-gradient * HARTREE_EV / BOHR_ANGSTROM,
        )


def _run(
    elements: Sequence[str],
    positions: FloatArray,
    specification: Specification,
    job: Job | None,
    *,
    density: Any = None,  # noqa: ANN401 - of an outside package
) -> _Point:
    """Run one single point and read its cycles from what tblite prints."""
    interface = import_optional("tblite.interface", extra="", purpose="GFN1-xTB")
    exceptions = import_optional("tblite.exceptions", extra="", purpose="GFN1-xTB")
    numbers = _check(elements, specification)
    history: list[Cycle] = []
    monitor = job.monitor if job is not None else None
    began = time.perf_counter()

    def listen(message: str) -> None:
        cycle = _read_cycle(message)
        if cycle is None:
            return
        history.append(cycle)
        if monitor is not None:
            elapsed = time.perf_counter() - began
            monitor(Progress("SCF", cycle.number, cycle.energy_ev, cycle.change_ev, elapsed))

    try:
        with _interrupt_later():
            calculator = interface.Calculator(
                specification.method,
                numbers,
                np.asarray(positions) / BOHR_ANGSTROM,
                charge=float(specification.charge),
                uhf=specification.unpaired,
                logger=listen,
            )
            _prepare(calculator, specification)
            values = calculator.singlepoint(density)
    except (exceptions.TBLiteRuntimeError, exceptions.TBLiteValueError) as error:
        raise _explain(error, specification, history) from error
    return _Point(calculator, values, tuple(history))


@contextmanager
def _interrupt_later() -> Iterator[None]:
    """Hold back Ctrl-C while compiled code runs, which would swallow it; raise it at the end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if asked:
        raise KeyboardInterrupt


def _check(elements: Sequence[str], specification: Specification) -> FloatArray:
    """Return the atomic numbers after checking method, elements and number of electrons."""
    check_parity(elements, specification)
    if specification.method not in METHODS:
        msg = f"tblite has no method {specification.method!r}; expected one of {', '.join(METHODS)}"
        raise InputError(msg)
    found = [find_element("H" if symbol == "D" else symbol) for symbol in elements]
    numbers = [one.number if one is not None else 0 for one in found]
    beyond = sorted({s for s, z in zip(elements, numbers, strict=True) if not 0 < z <= _HEAVIEST})
    if beyond:
        msg = f"{specification.method} has no parameters for {', '.join(beyond)}; expected elements up to Rn"
        raise InputError(msg)
    return np.array(numbers)


def _prepare(calculator: Any, specification: Specification) -> None:  # noqa: ANN401 - of an outside package
    calculator.set("max-iter", specification.max_cycles)
    calculator.set("temperature", specification.electronic_temperature_k * BOLTZMANN_EV / HARTREE_EV)
    calculator.set("save-integrals", 1)
    if specification.convergence_ev > 0:
        calculator.set("accuracy", specification.convergence_ev / HARTREE_EV / _DEFAULT_CHANGE)
    if specification.unpaired:
        calculator.add("spin-polarization", 1.0)
    if specification.solvent:
        calculator.add("alpb-solvation", specification.solvent)


def _explain(
    error: Exception, specification: Specification, history: list[Cycle]
) -> ConvergenceError | InputError:
    if len(history) >= specification.max_cycles:
        last = f", the last change {history[-1].change_ev:+.1e} eV" if history else ""
        hint = (
            "; GFN2-xTB often fails on gold clusters: use GFN1-xTB" if "GFN2" in specification.method else ""
        )
        msg = (
            f"{specification.method} did not converge in {len(history)} cycles{last}: check charge, "
            f"multiplicity and geometry, or raise the electronic temperature{hint}"
        )
        return ConvergenceError(msg, history)
    return InputError(f"tblite refused the calculation: {' '.join(str(error).split())}")


def _read_cycle(message: str) -> Cycle | None:
    hit = _CYCLE.match(message)
    if hit is None:
        return None
    return Cycle(
        number=int(hit[1]), energy_ev=float(hit[2]) * HARTREE_EV, change_ev=float(hit[3]) * HARTREE_EV
    )


def _read_channels(values: Any) -> tuple[SpinChannel, ...]:  # noqa: ANN401 - of an outside package
    energies = np.asarray(values.get("orbital-energies")) * HARTREE_EV
    occupations = np.asarray(values.get("orbital-occupations"))
    coefficients = np.asarray(values.get("orbital-coefficients"))
    if energies.ndim == 1:
        return (
            SpinChannel(
                spin="both", energies_ev=energies, occupations=occupations, coefficients=coefficients
            ),
        )
    alpha, beta = (
        SpinChannel(
            spin="beta" if i else "alpha",
            energies_ev=energies[i],
            occupations=occupations[i],
            coefficients=coefficients[i],
        )
        for i in (0, 1)
    )
    return alpha, beta


@functools.cache
def _read_parameters(method: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the parameters of the elements from the installed tblite."""
    library = import_optional("tblite.library", extra="", purpose="GFN1-xTB")
    parameters, table = library.new_param(), library.new_table()
    export = library.export_gfn1_param if method == "GFN1-xTB" else library.export_gfn2_param
    export(parameters)
    library.dump_param(parameters, table)
    elements: Mapping[str, Mapping[str, Any]] = library.table_to_dict(table)["element"]
    return elements


def _build_basis(
    elements: Sequence[str],
    method: str,
    calculator: Any,  # noqa: ANN401 - of an outside package
    overlap: FloatArray,
) -> Basis:
    shell_atoms = np.asarray(calculator.get("shell-map"))
    shell_momenta = np.asarray(calculator.get("angular-momenta"))
    shell_of = np.asarray(calculator.get("orbital-map"))
    symbols = ["H" if symbol == "D" else symbol for symbol in elements]
    return Basis(
        name=f"{method} minimal valence",
        shells=build_xtb_shells(symbols, _read_parameters(method)),
        shell_of=shell_of,
        atoms=shell_atoms[shell_of],
        momenta=shell_momenta[shell_of],
        orders=np.concatenate([_ORDERS[momentum] for momentum in shell_momenta.tolist()]),
        overlap=overlap,
    )


def _populate_spin(channels: tuple[SpinChannel, ...], basis: Basis, atoms: int) -> FloatArray | None:
    """Return the unpaired electrons at each atom by Mulliken's division."""
    if len(channels) == 1:
        return None
    totals = np.zeros(atoms)
    for channel, sign in zip(channels, (1.0, -1.0), strict=True):
        orbitals = channel.coefficients
        assert orbitals is not None  # tblite always gives them
        shares = np.einsum("km,km->k", orbitals * channel.occupations, basis.overlap @ orbitals)
        np.add.at(totals, basis.atoms, sign * shares)
    return totals


def _note(specification: Specification) -> tuple[str, ...]:
    notes = []
    if specification.charge:
        notes.append("dipole moment of an ion: about the origin of the coordinates")
    if specification.unpaired:
        notes.append("spin-polarised xTB: alpha and beta orbitals")
    return tuple(notes)
