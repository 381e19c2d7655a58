"""Where does the electron go when light is absorbed? Excitations with their orbital pairs and strengths."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.electronic.orbital_choice import count_occupied, name_level
from clustermodel.electronic.result import ElectronicResult
from clustermodel.errors import InputError

__all__ = ["Excitations", "OrbitalPairs", "PairShare", "choose_pairs"]

ExcitationKind = Literal["singlet", "triplet", "unrestricted"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrbitalPairs:
    """Pairs of an occupied and an empty orbital of one spin.

    Parameters
    ----------
    channels : array_like of int, shape (n,)
        Spin channel of each pair in the result.
    occupied, empty : array_like of int, shape (n,)
        Numbers of the orbitals in it, from 0.
    gaps_ev : array_like, shape (n,)
        Difference of the orbital energies.
    n_all : int
        Number of all pairs; the others were left out.
    """

    channels: IntArray
    occupied: IntArray
    empty: IntArray
    gaps_ev: FloatArray = field(metadata={"unit": "eV"})
    n_all: int = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the arrays and check their lengths."""
        n = len(self.channels)
        for name in ("channels", "occupied", "empty"):
            object.__setattr__(self, name, freeze_int(getattr(self, name), (n,), name))
        object.__setattr__(self, "gaps_ev", freeze_float(self.gaps_ev, (n,), "gaps_ev"))

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.channels)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairShare:
    """How much of an excitation one pair is.

    Parameters
    ----------
    spin : {"both", "alpha", "beta"}
        Its electrons.
    source, target : str
        Places of both orbitals from the gap, such as ``HOMO-1`` and ``LUMO``.
    weight : float
        Share of the excitation.
    """

    spin: str
    source: str
    target: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Excitations:
    """Excitations of one cluster by one method.

    Parameters
    ----------
    method : str
        How they were calculated, such as ``"Casida"``, ``"TDA"`` or ``"TDDFT-ris (sp)"``.
    kind : {"singlet", "triplet", "unrestricted"}
        Spin of the excited states.
    energies_ev : array_like, shape (k,)
        Excitation energies, ascending.
    strengths : array_like, shape (k,)
        Oscillator strengths in the length gauge; zero for triplets.
    transition_dipoles : array_like, shape (k, 3)
        Transition dipole moments in e bohr.
    pairs : OrbitalPairs
        Pairs that the amplitudes belong to.
    amplitudes : array_like, shape (n, k)
        Normalised amplitudes: their squares are the shares of the pairs.
    is_complete_to_ev : float
        Energy below which no excitation of these pairs is missing; 0 if that is not known.
    timings : tuple of (str, float)
        Seconds of processor time by step.
    notes : tuple of str
        Limits of the method.
    """

    method: str
    kind: ExcitationKind
    energies_ev: FloatArray = field(metadata={"unit": "eV"})
    strengths: FloatArray = field(metadata={"unit": ""})
    transition_dipoles: FloatArray = field(metadata={"unit": "e bohr"})
    pairs: OrbitalPairs
    amplitudes: FloatArray
    is_complete_to_ev: float = field(default=0.0, metadata={"unit": "eV"})
    timings: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they fit."""
        k, n = len(self.energies_ev), len(self.pairs)
        shapes = {
            "energies_ev": (k,),
            "strengths": (k,),
            "transition_dipoles": (k, 3),
            "amplitudes": (n, k),
        }
        for name, shape in shapes.items():
            object.__setattr__(self, name, freeze_float(getattr(self, name), shape, name))

    def __len__(self) -> int:
        """Return the number of excitations."""
        return len(self.energies_ev)

    def list_shares(
        self, number: int, result: ElectronicResult, *, least: float = 0.05
    ) -> tuple[PairShare, ...]:
        """List the pairs that an excitation mostly consists of.

        Parameters
        ----------
        number : int
            Number of the excitation, from 0.
        result : ElectronicResult
            The levels it was calculated from.
        least : float, optional
            Smallest share that is listed.

        Returns
        -------
        tuple of PairShare
            By falling weight.
        """
        weights = self.amplitudes[:, number] ** 2
        order = np.argsort(-weights, kind="stable")
        rows = []
        for k in order[: int((weights >= least).sum())].tolist():
            channel = result.channels[int(self.pairs.channels[k])]
            filled = count_occupied(channel)
            rows.append(
                PairShare(
                    spin=channel.spin,
                    source=name_level(int(self.pairs.occupied[k]), filled),
                    target=name_level(int(self.pairs.empty[k]), filled),
                    weight=float(weights[k]),
                )
            )
        return tuple(rows)


def choose_pairs(result: ElectronicResult, *, largest_gap_ev: float = np.inf) -> OrbitalPairs:
    """Choose the pairs of an occupied and an empty orbital whose energies are close enough.

    Parameters
    ----------
    result : ElectronicResult
        Levels with whole occupations.
    largest_gap_ev : float, optional
        Largest difference of their energies in eV; all pairs by default.

    Returns
    -------
    OrbitalPairs
        By channel, occupied and empty orbital.

    Raises
    ------
    InputError
        If an orbital is partly filled, or no pair is that close.
    """
    columns: list[IntArray] = []
    gaps: list[FloatArray] = []
    n_all = 0
    for number, channel in enumerate(result.channels):
        partial = (channel.occupations > 0.01) & (channel.occupations < channel.capacity - 0.01)
        if partial.any():
            msg = (
                f"orbital {int(np.flatnonzero(partial)[0]) + 1} holds "
                f"{channel.occupations[partial][0]:.2f} electrons; excitations need whole occupations: "
                "calculate with an electronic temperature of 0, or the open shell with both spins"
            )
            raise InputError(msg)
        split = count_occupied(channel)
        apart = channel.energies_ev[None, split:] - channel.energies_ev[:split, None]
        n_all += apart.size
        occupied, empty = np.nonzero(apart <= largest_gap_ev)
        columns.append(np.array([np.full(len(occupied), number), occupied, empty + split]))
        gaps.append(apart[occupied, empty])
    table, energies = np.concatenate(columns, axis=1), np.concatenate(gaps)
    if not len(energies):
        msg = f"no pair of orbitals is closer than {largest_gap_ev:g} eV; allow larger differences"
        raise InputError(msg)
    return OrbitalPairs(channels=table[0], occupied=table[1], empty=table[2], gaps_ev=energies, n_all=n_all)
