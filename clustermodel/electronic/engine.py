"""What must a program be able to do to calculate the states of a cluster?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from clustermodel._arrays import FloatArray
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.specification import Specification

__all__ = ["Engine", "Forces", "Job", "Monitor", "Progress"]


class Progress(NamedTuple):
    """How far a calculation is.

    Parameters
    ----------
    stage : str
        What is being done, such as ``"SCF"`` or ``"relaxation"``.
    cycle : int
        Cycle or step of the stage, from 1.
    energy_ev : float
        Energy so far in eV.
    change : float
        Change of the energy in eV, or the largest force in eV/Å in a relaxation.
    elapsed_s : float
        Seconds since the stage began.
    """

    stage: str
    cycle: int
    energy_ev: float
    change: float
    elapsed_s: float


Monitor = Callable[[Progress], None]


class Forces(NamedTuple):
    """Energy and forces of one geometry.

    Parameters
    ----------
    energy_ev : float
        Energy in eV.
    forces : ndarray, shape (n, 3)
        Forces in eV/Å.
    """

    energy_ev: float
    forces: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """What may change the course of a calculation and not its answer.

    Parameters
    ----------
    monitor : callable or None
        Told about every cycle.
    checkpoint : Path or None
        File to restart from and to keep up to date.
    memory_mb : float
        Memory that may be used, in MB; 0 for what the engine takes by default.
    """

    monitor: Monitor | None = None
    checkpoint: Path | None = None
    memory_mb: float = field(default=0.0, metadata={"unit": "MB"})


class Engine(Protocol):
    """A program that calculates states: one specification, one result class."""

    @property
    def name(self) -> str:
        """Name of the engine in a specification."""
        ...

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
            Progress, checkpoint and memory.

        Returns
        -------
        ElectronicResult
            The converged states.

        Raises
        ------
        ConvergenceError
            If the self-consistent field does not converge: never an unconverged gap.
        ChemistryError
            If charge and multiplicity do not fit the atoms.
        InputError
            If the engine does not know the method, basis or an element.
        """
        ...

    def calculate_forces(
        self, elements: Sequence[str], positions: FloatArray, specification: Specification
    ) -> Forces:
        """Calculate the energy and forces at one geometry, for a relaxation.

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
        ...
