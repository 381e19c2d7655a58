"""On which atoms is an orbital? Shares of kernel, staples and ligands, and of gold's 6sp and 5d functions.

Löwdin's division (:cite:t:`lowdin1950`): the coefficients in the symmetrically orthogonalised basis, squared.
Every share lies between 0 and 1, and those of an orbital add up to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, freeze_float
from clustermodel.electronic.basis import Basis
from clustermodel.electronic.result import ElectronicResult
from clustermodel.errors import ChemistryError, InputError

__all__ = ["OrbitalShares", "SharePart", "measure_shares", "split_metal_parts"]

_LOWEST_EIGENVALUE = 1e-10  # of the overlap matrix; below it the functions are linearly dependent


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePart:
    """Some functions of a basis.

    Parameters
    ----------
    name : str
        What they are called.
    atoms : tuple of int
        Atoms that they sit on.
    momenta : tuple of int
        Their angular momenta; empty for all.
    """

    name: str
    atoms: tuple[int, ...]
    momenta: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrbitalShares:
    """How the orbitals of one spin are divided.

    Parameters
    ----------
    spin : {"both", "alpha", "beta"}
        Which electrons.
    orbitals : tuple of int
        Numbers of the orbitals in their channel.
    parts : tuple of str
        Names of the parts.
    shares : array_like, shape (m, p)
        Share of each part in each orbital; a row adds up to 1 where the parts are all functions.
    """

    spin: Literal["both", "alpha", "beta"]
    orbitals: tuple[int, ...]
    parts: tuple[str, ...]
    shares: FloatArray = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the shares."""
        shape = (len(self.orbitals), len(self.parts))
        object.__setattr__(self, "shares", freeze_float(self.shares, shape, "shares"))


def split_metal_parts(
    metals: Mapping[str, Sequence[int]], rest: Mapping[str, Sequence[int]]
) -> tuple[SharePart, ...]:
    """Return the parts of a cluster: 6sp and 5d of its metal atoms, and the others as they are.

    Parameters
    ----------
    metals : mapping of str to sequence of int
        Metal atoms by name of their group, such as ``kernel`` and ``staple``.
    rest : mapping of str to sequence of int
        Other atoms by name of their group.

    Returns
    -------
    tuple of SharePart
        ``<name>_sp`` and ``<name>_d`` (d and higher) of each group of metal atoms, then the others.

    Examples
    --------
    >>> [part.name for part in split_metal_parts({"kernel": [0]}, {"ligand": [1]})]
    ['kernel_sp', 'kernel_d', 'ligand']
    """
    parts = []
    for name, atoms in metals.items():
        parts.append(SharePart(name=f"{name}_sp", atoms=tuple(atoms), momenta=(0, 1)))
        parts.append(SharePart(name=f"{name}_d", atoms=tuple(atoms), momenta=(2, 3, 4, 5)))
    parts += [SharePart(name=name, atoms=tuple(atoms)) for name, atoms in rest.items()]
    return tuple(parts)


def measure_shares(
    result: ElectronicResult, parts: Sequence[SharePart], *, below: int = 12, above: int = 12
) -> tuple[OrbitalShares, ...]:
    """Measure the shares of parts of a cluster in the orbitals about the gap.

    Parameters
    ----------
    result : ElectronicResult
        Levels with orbitals.
    parts : sequence of SharePart
        The parts.
    below, above : int, optional
        Numbers of occupied and of empty orbitals of each spin.

    Returns
    -------
    tuple of OrbitalShares
        One for each channel.

    Raises
    ------
    ChemistryError
        If the result has no orbitals.
    InputError
        If a part names an atom that is not there.
    """
    basis = result.basis
    if basis is None or any(channel.coefficients is None for channel in result.channels):
        msg = f"the {result.specification.engine} result has no orbitals; shares need their coefficients"
        raise ChemistryError(msg)
    members = [_find_functions(basis, part, len(result.elements)) for part in parts]
    root = _take_root(basis.overlap)
    answers = []
    for channel in result.channels:
        last = channel.homo if channel.homo is not None else -1
        chosen = range(max(0, last + 1 - below), min(len(channel.energies_ev), last + 1 + above))
        assert channel.coefficients is not None  # checked above
        orthogonal = root @ channel.coefficients[:, list(chosen)]
        squares = orthogonal**2
        answers.append(
            OrbitalShares(
                spin=channel.spin,
                orbitals=tuple(chosen),
                parts=tuple(part.name for part in parts),
                shares=np.stack([squares[mask].sum(axis=0) for mask in members], axis=1),
            )
        )
    return tuple(answers)


def _find_functions(basis: Basis, part: SharePart, atoms: int) -> BoolArray:
    wrong = [atom for atom in part.atoms if not 0 <= atom < atoms]
    if wrong:
        msg = f"part {part.name!r} names atom {wrong[0]}; expected 0 to {atoms - 1}"
        raise InputError(msg)
    chosen: BoolArray = np.isin(basis.atoms, part.atoms)
    if part.momenta:
        chosen &= np.isin(basis.momenta, part.momenta)
    return chosen


def _take_root(overlap: FloatArray) -> FloatArray:
    """Return the square root of the overlap matrix."""
    values, vectors = np.linalg.eigh(overlap)
    roots = np.sqrt(np.clip(values, _LOWEST_EIGENVALUE, None))
    root: FloatArray = (vectors * roots) @ vectors.T
    return root
