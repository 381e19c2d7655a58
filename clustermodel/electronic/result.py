"""What did a calculation give? Levels, orbitals, gaps, charges, and everything needed to do it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, freeze_float
from clustermodel.electronic.basis import Basis
from clustermodel.electronic.specification import Specification

__all__ = ["Cycle", "ElectronicResult", "SpinChannel"]

Spin = Literal["both", "alpha", "beta"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One cycle of a self-consistent field.

    Parameters
    ----------
    number : int
        Running number, from 1.
    energy_ev : float
        Energy in eV.
    change_ev : float
        Change against the cycle before, in eV.
    """

    number: int
    energy_ev: float = field(metadata={"unit": "eV"})
    change_ev: float = field(metadata={"unit": "eV"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpinChannel:
    """The orbitals of one spin, or of both where they share them.

    Parameters
    ----------
    spin : {"both", "alpha", "beta"}
        Which electrons.
    energies_ev : array_like, shape (m,)
        Orbital energies in eV, ascending.
    occupations : array_like, shape (m,)
        Electrons in each: up to 2 for both, up to 1 for one spin.
    coefficients : array_like or None, shape (k, m)
        Column j holds orbital j in the `k` functions of the basis; None if they are not known.
    """

    spin: Spin
    energies_ev: FloatArray = field(metadata={"unit": "eV"})
    occupations: FloatArray = field(metadata={"unit": "electrons"})
    coefficients: FloatArray | None

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        m = len(self.energies_ev)
        object.__setattr__(self, "energies_ev", freeze_float(self.energies_ev, (m,), "energies_ev"))
        object.__setattr__(self, "occupations", freeze_float(self.occupations, (m,), "occupations"))
        if self.coefficients is not None:
            frozen = freeze_float(self.coefficients, (None, m), "coefficients")
            object.__setattr__(self, "coefficients", frozen)

    @property
    def capacity(self) -> int:
        """Electrons that one orbital can hold."""
        return 2 if self.spin == "both" else 1

    @property
    def homo(self) -> int | None:
        """Index of the highest occupied orbital; None if there is none.

        Where a temperature of the electrons fills levels in part, the electrons are counted from below.
        """
        filled = np.flatnonzero(self._is_filled())
        return int(filled[-1]) if len(filled) else None

    @property
    def lumo(self) -> int | None:
        """Index of the lowest unoccupied orbital, counted in the same way; None if there is none."""
        empty = np.flatnonzero(~self._is_filled())
        return int(empty[0]) if len(empty) else None

    def _is_filled(self) -> BoolArray:
        half = 2 * self.occupations >= self.capacity
        count = round(float(self.occupations.sum()) / self.capacity)
        return half if half.sum() == count else np.arange(len(half)) < count

    @property
    def homo_ev(self) -> float:
        """Energy of the highest occupied orbital in eV; NaN if there is none."""
        return float(self.energies_ev[self.homo]) if self.homo is not None else float("nan")

    @property
    def lumo_ev(self) -> float:
        """Energy of the lowest unoccupied orbital in eV; NaN if there is none."""
        return float(self.energies_ev[self.lumo]) if self.lumo is not None else float("nan")

    @property
    def gap_ev(self) -> float:
        """Energy from the highest occupied to the lowest unoccupied orbital in eV."""
        return self.lumo_ev - self.homo_ev


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ElectronicResult:
    """The states of one geometry by one level of theory.

    Parameters
    ----------
    specification : Specification
        What was calculated.
    elements : tuple of str, length n
        Element symbols.
    positions : array_like, shape (n, 3)
        Cartesian coordinates in Å.
    converged : bool
        Whether the self-consistent field converged.
    energy_ev : float
        Total energy in eV, as the method counts it.
    channels : tuple of SpinChannel
        One channel ``"both"``, or ``"alpha"`` and ``"beta"``.
    basis : Basis or None
        The functions that the coefficients refer to.
    atomic_charges : array_like, shape (n,)
        Partial charges in e.
    charge_kind : str
        How they are defined, such as ``"Mulliken"``.
    spin_populations : array_like or None, shape (n,)
        Unpaired electrons at each atom by the same definition.
    dipole_debye : array_like, shape (3,)
        Dipole moment in D; about the origin of the coordinates for ions.
    history : tuple of Cycle
        Convergence of the self-consistent field.
    timings : mapping of str to float
        Seconds of processor and wall time: ``cpu_s``, ``wall_s`` and others ending in ``_s``.
    versions : mapping of str to str
        Versions of the programs.
    notes : tuple of str
        What to know about this result.
    """

    specification: Specification
    elements: tuple[str, ...]
    positions: FloatArray = field(metadata={"unit": "Å"})
    converged: bool
    energy_ev: float = field(metadata={"unit": "eV"})
    channels: tuple[SpinChannel, ...]
    basis: Basis | None
    atomic_charges: FloatArray = field(metadata={"unit": "e"})
    charge_kind: str
    spin_populations: FloatArray | None = field(metadata={"unit": "electrons"})
    dipole_debye: FloatArray = field(metadata={"unit": "D"})
    history: tuple[Cycle, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict, metadata={"unit": "s"})
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Freeze the arrays, and check that they fit the atoms and the basis."""
        n = len(self.elements)
        object.__setattr__(self, "positions", freeze_float(self.positions, (n, 3), "positions"))
        object.__setattr__(self, "atomic_charges", freeze_float(self.atomic_charges, (n,), "atomic_charges"))
        object.__setattr__(self, "dipole_debye", freeze_float(self.dipole_debye, (3,), "dipole_debye"))
        if self.spin_populations is not None:
            frozen = freeze_float(self.spin_populations, (n,), "spin_populations")
            object.__setattr__(self, "spin_populations", frozen)
        spins = tuple(channel.spin for channel in self.channels)
        if spins not in {("both",), ("alpha", "beta")}:
            msg = f"channels {spins}; expected ('both',) or ('alpha', 'beta')"
            raise ValueError(msg)

    @property
    def charge(self) -> int:
        """Total charge."""
        return self.specification.charge

    @property
    def multiplicity(self) -> int:
        """Multiplicity."""
        return self.specification.multiplicity

    @property
    def is_closed_shell(self) -> bool:
        """Whether all electrons are paired in one set of orbitals."""
        return self.multiplicity == 1 and len(self.channels) == 1

    @property
    def homo_ev(self) -> float:
        """Energy of the highest occupied orbital of either spin in eV."""
        return max(channel.homo_ev for channel in self.channels)

    @property
    def lumo_ev(self) -> float:
        """Energy of the lowest unoccupied orbital of either spin in eV."""
        return min(channel.lumo_ev for channel in self.channels)

    @property
    def gap_ev(self) -> float | None:
        """HOMO-LUMO gap of a closed shell in eV; None for an open shell, which has two gaps."""
        return self.channels[0].gap_ev if self.is_closed_shell else None

    @property
    def gap_alpha_ev(self) -> float | None:
        """Gap of the alpha electrons in eV; None without a channel of their own."""
        return self.channels[0].gap_ev if len(self.channels) == 2 else None

    @property
    def gap_beta_ev(self) -> float | None:
        """Gap of the beta electrons in eV; None without a channel of their own."""
        return self.channels[1].gap_ev if len(self.channels) == 2 else None

    @property
    def somos(self) -> tuple[int, ...]:
        """Indices, in the first channel, of the singly occupied orbitals: the uppermost filled alpha ones."""
        unpaired, first = self.specification.unpaired, self.channels[0]
        if not unpaired or len(self.channels) == 1:
            return ()
        filled = np.flatnonzero(2 * first.occupations >= first.capacity)
        return tuple(int(i) for i in filled[len(filled) - unpaired :])

    @property
    def electrons(self) -> float:
        """Electrons in the orbitals: those that the method does not count as core."""
        return float(sum(channel.occupations.sum() for channel in self.channels))
