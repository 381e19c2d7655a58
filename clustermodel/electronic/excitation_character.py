"""Is a transition one from P to D of the superatom? Character of excitations in superatom shells."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.electronic.excitations import Excitations
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.superatom import MOMENTUM_LETTERS, Superatom

__all__ = ["ExcitationCharacter", "measure_character"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExcitationCharacter:
    """From which to which angular momentum of the superatom excitations go.

    Parameters
    ----------
    energies_ev : array_like, shape (k,)
        Excitation energies.
    shares : array_like, shape (k, l_max + 1, l_max + 1)
        Share of each excitation from the first to the second angular momentum: sum over its pairs of their
        share times the weights of both orbitals inside the sphere.
    covered : array_like, shape (k,)
        Share of each excitation whose orbitals were both projected.
    """

    energies_ev: FloatArray = field(metadata={"unit": "eV"})
    shares: FloatArray
    covered: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        k, n = len(self.energies_ev), self.shares.shape[1]
        object.__setattr__(self, "energies_ev", freeze_float(self.energies_ev, (k,), "energies_ev"))
        object.__setattr__(self, "shares", freeze_float(self.shares, (k, n, n), "shares"))
        object.__setattr__(self, "covered", freeze_float(self.covered, (k,), "covered"))

    def name_leading(self, number: int) -> str:
        """Name the largest share of an excitation.

        Parameters
        ----------
        number : int
            Number of the excitation, from 0.

        Returns
        -------
        str
            Such as ``P→D``.
        """
        source, target = np.unravel_index(int(self.shares[number].argmax()), self.shares[number].shape)
        return f"{MOMENTUM_LETTERS[source]}→{MOMENTUM_LETTERS[target]}"


def measure_character(
    result: ElectronicResult, excitations: Excitations, superatom: Superatom
) -> ExcitationCharacter:
    """Measure from which to which angular momentum of the superatom excitations go.

    Parameters
    ----------
    result : ElectronicResult
        The levels of both.
    excitations : Excitations
        Shares of orbital pairs.
    superatom : Superatom
        Weights of the orbitals; pairs with an orbital that was not projected count as not covered.

    Returns
    -------
    ExcitationCharacter
        Shares such as P→D.
    """
    spins: dict[str, int] = {channel.spin: number for number, channel in enumerate(result.channels)}
    rows = {(spins[row.spin], row.index): row.weights for row in superatom.orbitals}
    pairs = excitations.pairs
    known = [
        k
        for k, (channel, source, target) in enumerate(
            zip(pairs.channels.tolist(), pairs.occupied.tolist(), pairs.empty.tolist(), strict=True)
        )
        if (channel, source) in rows and (channel, target) in rows
    ]
    n = superatom.settings.l_max + 1
    if not known:
        empty = np.zeros((len(excitations), n, n))
        return ExcitationCharacter(energies_ev=excitations.energies_ev, shares=empty, covered=empty[:, 0, 0])
    sources = np.array([rows[int(pairs.channels[k]), int(pairs.occupied[k])] for k in known])
    targets = np.array([rows[int(pairs.channels[k]), int(pairs.empty[k])] for k in known])
    weights = excitations.amplitudes[known] ** 2
    return ExcitationCharacter(
        energies_ev=excitations.energies_ev,
        shares=np.einsum("pk,pa,pb->kab", weights, sources, targets, optimize=True),
        covered=weights.sum(axis=0),
    )
