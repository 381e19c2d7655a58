"""Which orbitals are looked at, and what are their values? Those about the gap of each spin."""

from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.electronic.basis import evaluate_orbitals
from clustermodel.electronic.result import ElectronicResult, SpinChannel
from clustermodel.errors import InputError

__all__ = ["OrbitalChoice", "choose_orbitals", "count_occupied", "evaluate_choice", "name_level"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrbitalChoice:
    """Some orbitals of one spin.

    Parameters
    ----------
    channel : SpinChannel
        Where they are from.
    indices : tuple of int
        Which ones, ascending.
    """

    channel: SpinChannel
    indices: tuple[int, ...]

    @property
    def coefficients(self) -> FloatArray:
        """Their coefficients, shape (k, number of orbitals)."""
        assert self.channel.coefficients is not None  # choose_orbitals refuses a channel without
        return np.asarray(self.channel.coefficients[:, list(self.indices)])


def name_level(index: int, n_occupied: int) -> str:
    """Name the place of an orbital from the gap.

    Parameters
    ----------
    index : int
        Number of the orbital, from 0.
    n_occupied : int
        Number of occupied orbitals below the gap.

    Returns
    -------
    str
        Such as ``HOMO-2``, ``LUMO`` or ``LUMO+1``.

    Examples
    --------
    >>> [name_level(i, 3) for i in (1, 2, 3, 4)]
    ['HOMO-1', 'HOMO', 'LUMO', 'LUMO+1']
    """
    if index < n_occupied:
        down = n_occupied - 1 - index
        return f"HOMO-{down}" if down else "HOMO"
    up = index - n_occupied
    return f"LUMO+{up}" if up else "LUMO"


def choose_orbitals(result: ElectronicResult, *, below: int, above: int) -> tuple[OrbitalChoice, ...]:
    """Choose the orbitals about the gap of each spin.

    Parameters
    ----------
    result : ElectronicResult
        Levels with coefficients.
    below, above : int
        How many occupied and how many empty ones.

    Returns
    -------
    tuple of OrbitalChoice
        One for each spin.

    Raises
    ------
    InputError
        If the result has no coefficients.
    """
    choices = []
    for channel in result.channels:
        if channel.coefficients is None or result.basis is None:
            msg = (
                f"{result.specification.label}: the result has levels but no orbitals; "
                "run the calculation again, or export its orbitals (molden)"
            )
            raise InputError(msg)
        lumo = count_occupied(channel)
        first, last = max(0, lumo - below), min(len(channel.energies_ev), lumo + above)
        choices.append(OrbitalChoice(channel=channel, indices=tuple(range(first, last))))
    return tuple(choices)


def count_occupied(channel: SpinChannel) -> int:
    """Return the number of orbitals up to and with the highest occupied one.

    Parameters
    ----------
    channel : SpinChannel
        Levels of one spin.

    Returns
    -------
    int
        Index of its lowest empty orbital.
    """
    return 0 if channel.homo is None else channel.homo + 1


def evaluate_choice(result: ElectronicResult, choice: OrbitalChoice, points: FloatArray) -> FloatArray:
    """Evaluate chosen orbitals at points.

    Parameters
    ----------
    result : ElectronicResult
        Where they are from.
    choice : OrbitalChoice
        Which orbitals.
    points : ndarray, shape (p, 3)
        Points in Å.

    Returns
    -------
    ndarray, shape (p, k)
        Values in bohr^(-3/2).

    Raises
    ------
    InputError
        If the functions of the basis are not known in space.
    """
    if result.basis is None or not result.basis.can_evaluate:
        level = result.specification.label
        msg = f"{level}: the functions of its basis are not known in space; its orbitals cannot be projected"
        raise InputError(msg)
    return evaluate_orbitals(result.basis, result.positions, choice.coefficients, points)
