"""From where to where does an excitation move charge? Natural orbitals, and numbers between groups of atoms.

The transition density of an excitation, in orthogonalised functions, is divided by the group that the hole is
on and the group that the electron is on: charge-transfer numbers (:cite:t:`plasser2012`). Its singular values
are the shares of natural transition orbitals (:cite:t:`martin2003`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import eigh

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.electronic.excitations import Excitations
from clustermodel.electronic.result import ElectronicResult
from clustermodel.errors import InputError

__all__ = ["ChargeTransfer", "NaturalPairs", "find_natural_pairs", "measure_charge_transfer"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NaturalPairs:
    """Natural transition orbitals of one excitation.

    Parameters
    ----------
    number : int
        Number of the excitation, from 0.
    channels : tuple of int
        Spin channel of each pair.
    weights : array_like, shape (p,)
        Shares of the pairs, falling.
    holes, electrons : array_like, shape (k, p)
        Coefficients of the orbitals in the functions of the basis.
    """

    number: int
    channels: tuple[int, ...]
    weights: FloatArray
    holes: FloatArray
    electrons: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        p = len(self.weights)
        object.__setattr__(self, "weights", freeze_float(self.weights, (p,), "weights"))
        object.__setattr__(self, "holes", freeze_float(self.holes, (None, p), "holes"))
        object.__setattr__(self, "electrons", freeze_float(self.electrons, (None, p), "electrons"))

    @property
    def participation(self) -> float:
        """Number of pairs that take part, as the inverse of the sum of squared shares."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChargeTransfer:
    """Charge-transfer numbers of excitations between groups of atoms.

    Parameters
    ----------
    groups : tuple of str
        Names of the groups, such as kernel, staple and ligand classes.
    numbers : array_like, shape (k, g, g)
        Share of each excitation with the hole on the first and the electron on the second group.
    energies_ev : array_like, shape (k,)
        Excitation energies.
    """

    groups: tuple[str, ...]
    numbers: FloatArray
    energies_ev: FloatArray = field(metadata={"unit": "eV"})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        g, k = len(self.groups), len(self.energies_ev)
        object.__setattr__(self, "numbers", freeze_float(self.numbers, (k, g, g), "numbers"))
        object.__setattr__(self, "energies_ev", freeze_float(self.energies_ev, (k,), "energies_ev"))

    @property
    def transferred(self) -> FloatArray:
        """Share of each excitation with hole and electron on different groups, shape (k,)."""
        return np.asarray(self.numbers.sum(axis=(1, 2)) - np.einsum("kgg->k", self.numbers))

    @property
    def holes(self) -> FloatArray:
        """Share of the hole on each group, shape (k, g)."""
        return np.asarray(self.numbers.sum(axis=2))

    @property
    def electrons(self) -> FloatArray:
        """Share of the electron on each group, shape (k, g)."""
        return np.asarray(self.numbers.sum(axis=1))


def _collect_amplitudes(
    excitations: Excitations, number: int, channel: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return occupied and empty orbitals of a channel and the amplitudes between them as a table."""
    mine = np.flatnonzero(excitations.pairs.channels == channel)
    occupied, empty = excitations.pairs.occupied[mine], excitations.pairs.empty[mine]
    sources, targets = np.unique(occupied), np.unique(empty)
    table = np.zeros((len(sources), len(targets)))
    place = np.searchsorted(sources, occupied), np.searchsorted(targets, empty)
    table[place] = excitations.amplitudes[mine, number]
    return np.asarray(sources, np.int64), np.asarray(targets, np.int64), table


def find_natural_pairs(
    result: ElectronicResult, excitations: Excitations, number: int, *, least: float = 0.01
) -> NaturalPairs:
    """Find the natural transition orbitals of an excitation.

    Parameters
    ----------
    result : ElectronicResult
        The orbitals it was calculated from.
    excitations : Excitations
        Amplitudes of orbital pairs.
    number : int
        Number of the excitation, from 0.
    least : float, optional
        Smallest share that is kept.

    Returns
    -------
    NaturalPairs
        Holes and electrons, by falling share.

    Raises
    ------
    InputError
        If there is no such excitation, or the result has no orbitals.
    """
    _check(result, excitations, number)
    weights: list[FloatArray] = []
    holes: list[FloatArray] = []
    electrons: list[FloatArray] = []
    channels: list[int] = []
    for index, channel in enumerate(result.channels):
        sources, targets, table = _collect_amplitudes(excitations, number, index)
        if not table.size:
            continue
        left, values, right = np.linalg.svd(table, full_matrices=False)
        keep = values**2 >= least
        assert channel.coefficients is not None  # checked above
        weights.append(values[keep] ** 2)
        holes.append(channel.coefficients[:, sources] @ left[:, keep])
        electrons.append(channel.coefficients[:, targets] @ right[keep].T)
        channels.extend([index] * int(keep.sum()))
    shares = np.concatenate(weights)
    order = np.argsort(-shares, kind="stable")
    return NaturalPairs(
        number=number,
        channels=tuple(channels[k] for k in order.tolist()),
        weights=shares[order],
        holes=np.concatenate(holes, axis=1)[:, order],
        electrons=np.concatenate(electrons, axis=1)[:, order],
    )


def measure_charge_transfer(
    result: ElectronicResult, excitations: Excitations, groups: Sequence[str]
) -> ChargeTransfer:
    """Measure from which to which group of atoms each excitation moves charge.

    Parameters
    ----------
    result : ElectronicResult
        The orbitals they were calculated from.
    excitations : Excitations
        Amplitudes of orbital pairs.
    groups : sequence of str, length n
        Name of the group of each atom.

    Returns
    -------
    ChargeTransfer
        In Löwdin's orthogonalised functions; the numbers of each excitation have the sum 1.

    Raises
    ------
    InputError
        If the groups are not as many as the atoms, or the result has no orbitals.
    """
    _check(result, excitations, 0)
    if len(groups) != len(result.elements):
        msg = f"{len(groups)} groups for {len(result.elements)} atoms; expected one for each atom"
        raise InputError(msg)
    assert result.basis is not None  # checked above
    names = tuple(dict.fromkeys(groups))
    member = np.array([names.index(group) for group in groups])[result.basis.atoms]
    belongs = (member[None, :] == np.arange(len(names))[:, None]).astype(float)
    values, vectors = eigh(result.basis.overlap)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    numbers = np.zeros((len(excitations), len(names), len(names)))
    for index, channel in enumerate(result.channels):
        assert channel.coefficients is not None  # checked above
        orthogonal = root @ channel.coefficients
        for number in range(len(excitations)):
            sources, targets, table = _collect_amplitudes(excitations, number, index)
            if table.size:
                density = orthogonal[:, sources] @ table @ orthogonal[:, targets].T
                numbers[number] += belongs @ density**2 @ belongs.T
    return ChargeTransfer(groups=names, numbers=numbers, energies_ev=excitations.energies_ev)


def _check(result: ElectronicResult, excitations: Excitations, number: int) -> None:
    if result.basis is None or any(channel.coefficients is None for channel in result.channels):
        msg = f"{result.specification.label}: the result has no orbitals; run the calculation again"
        raise InputError(msg)
    if not 0 <= number < len(excitations):
        msg = f"excitation {number + 1} of {len(excitations)}; expected 1 to {len(excitations)}"
        raise InputError(msg)
