"""What is kept of an unfinished calculation? Its latest orbitals, in a file that is never half written."""

import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.electronic.specification import Specification

__all__ = ["identify_calculation", "read_checkpoint", "write_checkpoint"]


def identify_calculation(elements: Sequence[str], positions: FloatArray, specification: Specification) -> str:
    """Return a fingerprint of what decides the number and meaning of orbitals.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.
    specification : Specification
        Basis, charge and multiplicity.

    Returns
    -------
    str
        Equal for calculations whose orbitals are a start for each other.

    Examples
    --------
    >>> import numpy as np
    >>> here = identify_calculation(["Au"], np.zeros((1, 3)), Specification())
    >>> here == identify_calculation(["Au"], np.zeros((1, 3)), Specification(charge=1))
    False
    """
    fields = (specification.basis, specification.ecp, specification.charge, specification.multiplicity)
    text = repr((tuple(elements), np.round(np.asarray(positions, float), 6).tolist(), fields))
    return hashlib.sha256(text.encode()).hexdigest()


def write_checkpoint(path: Path, identity: str, coefficients: FloatArray, occupations: FloatArray) -> None:
    """Write orbitals to a file, so that either the old or the new ones are there at any moment.

    Parameters
    ----------
    path : Path
        The file; its folder is made.
    identity : str
        Fingerprint of the calculation.
    coefficients : ndarray, shape (k, m) or (2, k, m)
        Orbitals.
    occupations : ndarray, shape (m,) or (2, m)
        Electrons in them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        np.savez(file, identity=np.array(identity), coefficients=coefficients, occupations=occupations)
    os.replace(partial, path)  # noqa: PTH105 - one step on every system


def read_checkpoint(path: Path | None, identity: str) -> tuple[FloatArray, FloatArray] | None:
    """Read the orbitals of an unfinished calculation.

    Parameters
    ----------
    path : Path or None
        The file.
    identity : str
        Fingerprint of the calculation that is to go on.

    Returns
    -------
    tuple of ndarray or None
        Coefficients and occupations; None without a file, or if it belongs to another calculation.
    """
    if path is None or not path.is_file():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes())) as data:
            if str(data["identity"]) != identity:
                return None
            return np.asarray(data["coefficients"]), np.asarray(data["occupations"])
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None  # a damaged file is no start
