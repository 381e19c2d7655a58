"""Which program calculates this, and was it done before? The engines by name, and the cache before them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from clustermodel._arrays import FloatArray
from clustermodel.electronic.cache import find_cached_result, hash_calculation, keep_result
from clustermodel.electronic.engine import Engine, Job, Monitor
from clustermodel.electronic.pyscf_engine import PyscfEngine
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.specification import Specification
from clustermodel.electronic.tblite_engine import TbliteEngine
from clustermodel.errors import InputError

__all__ = ["ENGINES", "Place", "calculate_states", "find_engine"]

ENGINES: dict[str, Callable[[], Engine]] = {"tblite": TbliteEngine, "pyscf": PyscfEngine}


class Place(NamedTuple):
    """Where a calculation runs; no part of its answer.

    Parameters
    ----------
    cache : Path or None
        Folder of finished calculations.
    monitor : callable or None
        Told about every cycle and step.
    memory_mb : float
        Memory that may be used in MB; 0 for what the engine takes by default.
    """

    cache: Path | None = None
    monitor: Monitor | None = None
    memory_mb: float = 0.0


def find_engine(name: str) -> Engine:
    """Return the engine of a name.

    Parameters
    ----------
    name : str
        Such as ``"tblite"``.

    Returns
    -------
    Engine
        Ready to calculate.

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> find_engine("tblite").name
    'tblite'
    """
    if name not in ENGINES:
        msg = f"there is no engine {name!r}; expected one of {', '.join(ENGINES)}"
        raise InputError(msg)
    return ENGINES[name]()


def calculate_states(
    elements: Sequence[str],
    positions: FloatArray,
    specification: Specification,
    *,
    place: Place | None = None,
) -> tuple[ElectronicResult, bool]:
    """Calculate states by the engine of the specification, or take them from the cache.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.
    specification : Specification
        What to calculate, and by which engine.
    place : Place, optional
        Cache, progress and memory.

    Returns
    -------
    result : ElectronicResult
        The converged states.
    cached : bool
        Whether they were calculated before.

    Raises
    ------
    InputError
        If there is no such engine, or it cannot do what is asked.
    ConvergenceError
        If the self-consistent field does not converge.
    """
    where = place if place is not None else Place()
    engine = find_engine(specification.engine)
    key = hash_calculation(elements, positions, specification)
    kept = find_cached_result(key, where.cache) if where.cache is not None else None
    if kept is not None:
        return kept, True
    checkpoint = where.cache / f"{key}.chk" if where.cache is not None else None
    job = Job(monitor=where.monitor, checkpoint=checkpoint, memory_mb=where.memory_mb)
    result = engine.calculate_states(elements, positions, specification, job=job)
    if where.cache is not None:
        keep_result(key, result, where.cache)
    return result, False
