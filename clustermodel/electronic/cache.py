"""Was this calculated before? Finished calculations, found by what was asked and for which atoms."""

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.specification import Specification
from clustermodel.electronic.storage import RECORD, read_result, write_result
from clustermodel.errors import InputError
from clustermodel.io.record import write_record

__all__ = ["find_cache_folder", "find_cached_result", "hash_calculation", "keep_result"]

_STEP = 1e-6  # Å; finer than any printed coordinate, coarser than the noise of a text file
_VARIABLE = "CLUSTERMODEL_CACHE"


def hash_calculation(
    elements: Sequence[str], positions: FloatArray, specification: Specification, *, versions: str = ""
) -> str:
    """Return the name of a calculation: a hash of atoms, coordinates and specification.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å; rounded to 1e-6 Å.
    specification : Specification
        What to calculate.
    versions : str, optional
        Versions of the programs, if another version is to be another calculation.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> import numpy as np
    >>> one = hash_calculation(["Au"], np.zeros((1, 3)), Specification(multiplicity=2))
    >>> one == hash_calculation(["Au"], np.full((1, 3), 1e-9), Specification(multiplicity=2))
    True
    >>> one == hash_calculation(["Au"], np.zeros((1, 3)), Specification(multiplicity=2, charge=2))
    False
    """
    grid = np.rint(np.asarray(positions) / _STEP).astype(np.int64)
    text = json.dumps([list(elements), grid.tolist(), write_record(specification), versions], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def find_cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder of the user that keeps finished calculations.

    Parameters
    ----------
    environment : mapping of str to str, optional
        Variables of the environment; those of the process by default.

    Returns
    -------
    Path
        ``CLUSTERMODEL_CACHE`` if it is set, else the usual place of the system for caches.

    Examples
    --------
    >>> find_cache_folder({"CLUSTERMODEL_CACHE": "kept"}).as_posix()
    'kept'
    """
    variables = os.environ if environment is None else environment
    if variables.get(_VARIABLE):
        return Path(variables[_VARIABLE])
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "clustermodel"
    base = variables.get("XDG_CACHE_HOME") or variables.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "clustermodel"


def find_cached_result(key: str, folder: Path) -> ElectronicResult | None:
    """Return a finished calculation, or None if there is none.

    Parameters
    ----------
    key : str
        Name of the calculation, from `hash_calculation`.
    folder : Path
        Folder of finished calculations.

    Returns
    -------
    ElectronicResult or None
        The result as it was kept; None also where its files are damaged.
    """
    place = folder / key
    if not (place / RECORD).is_file():
        return None
    try:
        result = read_result(place)
    except InputError:
        return None
    return result if result.converged else None


def keep_result(key: str, result: ElectronicResult, folder: Path) -> bool:
    """Keep a finished calculation; only converged ones are kept.

    Parameters
    ----------
    key : str
        Name of the calculation, from `hash_calculation`.
    result : ElectronicResult
        The result.
    folder : Path
        Folder of finished calculations.

    Returns
    -------
    bool
        Whether it was kept: a folder that cannot be written costs the cache, not the result.
    """
    if not result.converged:
        return False
    try:
        write_result(result, folder / key)
    except InputError:
        return False
    return True
