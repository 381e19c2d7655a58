"""How is a result kept in files? Words and numbers in JSON, arrays in npz."""

import dataclasses
import io
import json
import zipfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from clustermodel.electronic.basis import Basis, Shell
from clustermodel.electronic.result import Cycle, ElectronicResult, SpinChannel
from clustermodel.electronic.specification import Specification
from clustermodel.errors import InputError
from clustermodel.io.record import format_record, read_record

__all__ = ["ARRAYS", "RECORD", "SCHEMA", "read_result", "write_result"]

SCHEMA = "clustermodel.states/1"
RECORD, ARRAYS = "states.json", "states.npz"

Arrays = dict[str, NDArray[Any]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What a result says in words and single numbers."""

    schema: str
    specification: Specification
    elements: tuple[str, ...]
    converged: bool
    energy_ev: float
    spins: tuple[Literal["both", "alpha", "beta"], ...]
    basis: str | None
    charge_kind: str
    history: tuple[Cycle, ...]
    timings: dict[str, float]
    versions: dict[str, str]
    notes: tuple[str, ...]


def write_result(result: ElectronicResult, folder: str | Path) -> None:
    """Write a result as ``states.json`` and ``states.npz``.

    Parameters
    ----------
    result : ElectronicResult
        The result.
    folder : str or Path
        Folder, made if it does not exist.

    Raises
    ------
    InputError
        If the folder cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> one = ElectronicResult(
    ...     specification=Specification(),
    ...     elements=("He",),
    ...     positions=np.zeros((1, 3)),
    ...     converged=True,
    ...     energy_ev=-77.9,
    ...     channels=(SpinChannel(spin="both", energies_ev=[-15.5], occupations=[2.0], coefficients=None),),
    ...     basis=None,
    ...     atomic_charges=[0.0],
    ...     charge_kind="Mulliken",
    ...     spin_populations=None,
    ...     dipole_debye=np.zeros(3),
    ... )
    >>> write_result(one, "helium")
    >>> read_result("helium").energy_ev
    -77.9
    """
    head = _Head(
        schema=SCHEMA,
        specification=result.specification,
        elements=result.elements,
        converged=result.converged,
        energy_ev=result.energy_ev,
        spins=tuple(channel.spin for channel in result.channels),
        basis=result.basis.name if result.basis is not None else None,
        charge_kind=result.charge_kind,
        history=result.history,
        timings=dict(result.timings),
        versions=dict(result.versions),
        notes=result.notes,
    )
    buffer = io.BytesIO()
    arrays: dict[str, Any] = dict(_collect_arrays(result))
    np.savez_compressed(buffer, **arrays)
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        _replace(target / ARRAYS, buffer.getvalue())
        _replace(target / RECORD, format_record(head).encode("utf-8"))
    except OSError as error:
        msg = f"{target}: cannot be written ({error.strerror}); choose another folder"
        raise InputError(msg) from error


def read_result(folder: str | Path) -> ElectronicResult:
    """Read a result back.

    Parameters
    ----------
    folder : str or Path
        Folder that `write_result` wrote.

    Returns
    -------
    ElectronicResult
        With the same numbers, bit by bit.

    Raises
    ------
    InputError
        If the files are missing, damaged or of another kind.
    """
    source = Path(folder)
    try:
        record = json.loads((source / RECORD).read_text(encoding="utf-8"))
        head = read_record(_Head, record)
        with np.load(io.BytesIO((source / ARRAYS).read_bytes()), allow_pickle=False) as data:
            arrays = dict(data.items())
        return _assemble(head, arrays)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        told = " ".join(str(error).split())
        msg = f"{source}: no result of a calculation ({told}); expected {RECORD} and {ARRAYS} of one run"
        raise InputError(msg) from error


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step: a reader sees the old or the new one, never half of it."""
    draft = path.with_name(path.name + ".part")
    draft.write_bytes(content)
    draft.replace(path)


def _collect_arrays(result: ElectronicResult) -> Arrays:
    arrays: Arrays = {
        "positions": result.positions,
        "atomic_charges": result.atomic_charges,
        "dipole_debye": result.dipole_debye,
    }
    if result.spin_populations is not None:
        arrays["spin_populations"] = result.spin_populations
    for channel in result.channels:
        arrays[f"{channel.spin}_energies_ev"] = channel.energies_ev
        arrays[f"{channel.spin}_occupations"] = channel.occupations
        if channel.coefficients is not None:
            arrays[f"{channel.spin}_coefficients"] = channel.coefficients
    return arrays | (_collect_basis(result.basis) if result.basis is not None else {})


def _collect_basis(basis: Basis) -> Arrays:
    names = ("shell_of", "atoms", "momenta", "orders", "overlap")
    shells = basis.shells
    return {
        **{f"basis_{name}": getattr(basis, name) for name in names},
        "shell_atoms": np.array([shell.atom for shell in shells], dtype=np.int64),
        "shell_momenta": np.array([shell.momentum for shell in shells], dtype=np.int64),
        "shell_sizes": np.array([len(shell.exponents) for shell in shells], dtype=np.int64),
        "shell_exponents": np.concatenate([np.zeros(0), *(shell.exponents for shell in shells)]),
        "shell_coefficients": np.concatenate([np.zeros(0), *(shell.coefficients for shell in shells)]),
    }


def _assemble(head: _Head, arrays: Arrays) -> ElectronicResult:
    channels = tuple(
        SpinChannel(
            spin=spin,
            energies_ev=arrays[f"{spin}_energies_ev"],
            occupations=arrays[f"{spin}_occupations"],
            coefficients=arrays.get(f"{spin}_coefficients"),
        )
        for spin in head.spins
    )
    return ElectronicResult(
        specification=head.specification,
        elements=head.elements,
        positions=arrays["positions"],
        converged=head.converged,
        energy_ev=head.energy_ev,
        channels=channels,
        basis=_assemble_basis(head.basis, arrays) if head.basis is not None else None,
        atomic_charges=arrays["atomic_charges"],
        charge_kind=head.charge_kind,
        spin_populations=arrays.get("spin_populations"),
        dipole_debye=arrays["dipole_debye"],
        history=head.history,
        timings=head.timings,
        versions=head.versions,
        notes=head.notes,
    )


def _assemble_basis(name: str, arrays: Arrays) -> Basis:
    cuts = np.cumsum(arrays["shell_sizes"])[:-1]
    exponents = np.split(arrays["shell_exponents"], cuts)
    coefficients = np.split(arrays["shell_coefficients"], cuts)
    rows = zip(
        arrays["shell_atoms"].tolist(),
        arrays["shell_momenta"].tolist(),
        exponents,
        coefficients,
        strict=False,
    )
    shells = tuple(
        Shell(atom=atom, momentum=momentum, exponents=exponent, coefficients=coefficient)
        for atom, momentum, exponent, coefficient in rows
    )
    names = ("shell_of", "atoms", "momenta", "orders", "overlap")
    return Basis(name=name, shells=shells, **{one: arrays[f"basis_{one}"] for one in names})
