"""Where do the atoms come to rest? Relaxation with the forces of any engine, to be stopped and resumed.

The optimisers are those of ASE (:cite:t:`larsen2017`). After every step the geometry is handed to the caller,
so that nothing is lost when the work is interrupted.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel._optional import import_optional
from clustermodel.electronic.engine import Engine, Monitor, Progress
from clustermodel.electronic.result import Cycle
from clustermodel.electronic.specification import Specification
from clustermodel.errors import ConvergenceError, InputError

__all__ = ["OPTIMISERS", "RelaxSettings", "Relaxation", "relax_positions"]

OPTIMISERS = ("LBFGS", "BFGS", "FIRE")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxSettings:
    """How a geometry is relaxed.

    Parameters
    ----------
    optimiser : {"LBFGS", "BFGS", "FIRE"}
        Optimiser of ASE.
    largest_force : float
        Largest force on an atom at the end in eV/Å.
    max_steps : int
        Most steps.
    fixed : tuple of int
        Atoms that stay where they are.
    """

    optimiser: str = "LBFGS"
    largest_force: float = field(default=0.05, metadata={"unit": "eV/Å"})
    max_steps: int = field(default=300, metadata={"unit": ""})
    fixed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relaxation:
    """A relaxed geometry.

    Parameters
    ----------
    positions : array_like, shape (n, 3)
        Atoms in Å.
    energy_ev, start_energy_ev : float
        Energy at the end and at the start in eV.
    largest_force : float
        Largest force on a free atom at the end in eV/Å.
    steps : tuple of Cycle
        Energy of every step.
    settings : RelaxSettings
        How it was done.
    wall_s : float
        Wall time in s.
    """

    positions: FloatArray = field(metadata={"unit": "Å"})
    energy_ev: float = field(metadata={"unit": "eV"})
    start_energy_ev: float = field(metadata={"unit": "eV"})
    largest_force: float = field(metadata={"unit": "eV/Å"})
    steps: tuple[Cycle, ...]
    settings: RelaxSettings
    wall_s: float = field(metadata={"unit": "s"})

    def __post_init__(self) -> None:
        """Freeze the positions."""
        object.__setattr__(self, "positions", freeze_float(self.positions, (None, 3), "positions"))


class _Work(NamedTuple):
    engine: Engine
    elements: tuple[str, ...]
    specification: Specification


def relax_positions(
    engine: Engine,
    atoms: tuple[Sequence[str], FloatArray],
    specification: Specification,
    *,
    settings: RelaxSettings | None = None,
    monitor: Monitor | None = None,
    keep: Callable[[FloatArray], None] | None = None,
) -> Relaxation:
    """Relax a geometry.

    Parameters
    ----------
    engine : Engine
        Who calculates the forces.
    atoms : (sequence of str, ndarray of shape (n, 3))
        Element symbols, and positions in Å.
    specification : Specification
        Level of theory.
    settings : RelaxSettings, optional
        Optimiser and limits.
    monitor : callable, optional
        Told about every step.
    keep : callable, optional
        Given the positions in Å after every step, to resume from.

    Returns
    -------
    Relaxation
        The geometry at rest.

    Raises
    ------
    ConvergenceError
        If the largest force is still too large after the last step, or a self-consistent field fails.
    InputError
        If there is no such optimiser.
    """
    chosen = settings if settings is not None else RelaxSettings()
    if chosen.optimiser not in OPTIMISERS:
        msg = f"optimiser {chosen.optimiser!r} does not exist; expected one of {', '.join(OPTIMISERS)}"
        raise InputError(msg)
    began = time.perf_counter()
    frame = _build_frame(_Work(engine, tuple(atoms[0]), specification), atoms[1], chosen)
    optimise = import_optional("ase.optimize", extra="", purpose="a relaxation")
    optimiser = getattr(optimise, chosen.optimiser)(frame, logfile=None)
    steps: list[Cycle] = []

    def observe() -> None:
        energy = float(frame.get_potential_energy())
        change = energy - steps[-1].energy_ev if steps else 0.0
        steps.append(Cycle(number=len(steps), energy_ev=energy, change_ev=change))
        if keep is not None:
            keep(np.array(frame.positions))
        if monitor is not None:
            elapsed = time.perf_counter() - began
            monitor(Progress("relaxation", len(steps) - 1, energy, _measure_force(frame), elapsed))

    optimiser.attach(observe)
    converged = optimiser.run(fmax=chosen.largest_force, steps=chosen.max_steps)
    force = _measure_force(frame)
    if not converged:
        msg = (
            f"the relaxation has a force of {force:.3f} eV/Å left after {chosen.max_steps} steps, expected "
            f"at most {chosen.largest_force:g}: allow more steps, or look at the start geometry"
        )
        raise ConvergenceError(msg, steps)
    return Relaxation(
        positions=frame.positions,
        energy_ev=steps[-1].energy_ev,
        start_energy_ev=steps[0].energy_ev,
        largest_force=force,
        steps=tuple(steps),
        settings=chosen,
        wall_s=time.perf_counter() - began,
    )


def _measure_force(frame: Any) -> float:  # noqa: ANN401 - atoms of an outside package
    return float(np.linalg.norm(frame.get_forces(), axis=1).max())


def _build_frame(work: _Work, positions: FloatArray, settings: RelaxSettings) -> Any:  # noqa: ANN401
    """Return atoms of ASE whose forces come from the engine."""
    ase = import_optional("ase", extra="", purpose="a relaxation")
    calculators = import_optional("ase.calculators.calculator", extra="", purpose="a relaxation")
    constraints = import_optional("ase.constraints", extra="", purpose="a relaxation")

    class _Forces(calculators.Calculator):  # type: ignore[misc, name-defined]
        implemented_properties = ("energy", "forces")

        def calculate(self, atoms: Any = None, *_: Any, **__: Any) -> None:  # noqa: ANN401 - signature of ASE
            super().calculate(atoms, ["energy", "forces"], calculators.all_changes)
            found = work.engine.calculate_forces(work.elements, atoms.positions, work.specification)
            self.results = {"energy": found.energy_ev, "forces": found.forces}

    frame = ase.Atoms(list(work.elements), positions=positions)
    frame.calc = _Forces()
    if settings.fixed:
        frame.set_constraint(constraints.FixAtoms(indices=list(settings.fixed)))
    return frame
