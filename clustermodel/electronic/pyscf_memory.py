"""How much memory will a calculation take, and which way of doing it stays below the limit?"""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from clustermodel.errors import InputError

__all__ = ["DEFAULT_MEMORY_MB", "MemoryPlan", "plan_memory"]

IntegralStore = Literal["memory", "memory, single precision", "file, single precision", "none"]

DEFAULT_MEMORY_MB = 4000.0  # as PySCF takes it
_PROGRAM_MB = 350.0  # Python, NumPy, SciPy, PySCF and their libraries, measured
_MATRICES = 30  # matrices of k × k: the field, eight pairs of DIIS, the density of each cycle
_DISK_SHARE = 0.5  # of what is free in the folder for temporary files
_GRID_SHARE = 0.5  # of what is left after the integrals, for functions on the grid


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPlan:
    """What a calculation will keep, estimated before it is started.

    Parameters
    ----------
    limit_mb : float
        What may be used.
    matrices_mb : float
        The program and its matrices.
    integrals_mb : float
        Three-centre integrals in double precision, if all pairs of functions overlap.
    store : {"memory", "memory, single precision", "file, single precision", "none"}
        Where they are kept; with ``"none"`` they are calculated again in every cycle.
    grid_mb : float
        Most that is kept of the functions on the grid.
    """

    limit_mb: float = field(metadata={"unit": "MB"})
    matrices_mb: float = field(metadata={"unit": "MB"})
    integrals_mb: float = field(metadata={"unit": "MB"})
    store: IntegralStore
    grid_mb: float = field(metadata={"unit": "MB"})

    @property
    def total_mb(self) -> float:
        """Most that is expected to be used."""
        kept = {"memory": 1.0, "memory, single precision": 0.5}.get(self.store, 0.0)
        return self.matrices_mb + kept * self.integrals_mb + self.grid_mb

    @property
    def sentence(self) -> str:
        """The plan in words."""
        where = "calculated in every cycle" if self.store == "none" else f"kept in {self.store}"
        return (
            f"memory: at most {self.total_mb:.0f} of {self.limit_mb:.0f} MB; "
            f"three-centre integrals ({self.integrals_mb:.0f} MB in double precision) {where}"
        )


def plan_memory(
    n_functions: int, n_fitting: int, *, limit_mb: float = 0.0, folder: Path | None = None
) -> MemoryPlan:
    """Choose how the integrals are kept.

    Parameters
    ----------
    n_functions, n_fitting : int
        Numbers of functions of the basis and of the fitting basis (0 without density fitting).
    limit_mb : float, optional
        Memory that may be used in MB; 0 for 4000.
    folder : Path, optional
        Folder for temporary files; that of the system by default.

    Returns
    -------
    MemoryPlan
        The fastest way below the limit.

    Raises
    ------
    InputError
        If not even the matrices fit.

    Examples
    --------
    >>> plan_memory(260, 692, limit_mb=4000).store
    'memory'
    """
    limit = limit_mb or DEFAULT_MEMORY_MB
    matrices = _PROGRAM_MB + _MATRICES * n_functions**2 * 8 / 1e6
    if matrices > limit:
        msg = (
            f"{n_functions} basis functions need about {matrices:.0f} MB for their matrices alone, but only "
            f"{limit:.0f} MB may be used: allow more memory, cut the ligands shorter or take a smaller basis"
        )
        raise InputError(msg)
    integrals = n_functions * (n_functions + 1) / 2 * n_fitting * 8 / 1e6
    left = limit - matrices
    store: IntegralStore = "none"
    if integrals <= _GRID_SHARE * left:
        store, left = "memory", left - integrals
    elif integrals / 2 <= _GRID_SHARE * left:
        store, left = "memory, single precision", left - integrals / 2
    elif integrals / 2 * 1e6 < _DISK_SHARE * shutil.disk_usage(folder or tempfile.gettempdir()).free:
        store = "file, single precision"
    return MemoryPlan(
        limit_mb=limit,
        matrices_mb=matrices,
        integrals_mb=integrals,
        store=store,
        grid_mb=_GRID_SHARE * left,
    )
