"""What is the whole absorption spectrum in seconds? Linear response with one or four charges for each atom.

TDDFT-ris (:cite:t:`zhou2023`, after :cite:t:`giannone2020`) replaces the charge of each orbital pair by one
s function at each atom, or by s and p, with exponents from tabulated radii (:cite:t:`ghosh2008`), and leaves
out the exchange-correlation kernel. The matrix of the response is then a diagonal one plus one of low rank.
"""

import csv
import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel._optional import import_optional
from clustermodel.constants import BOHR_ANGSTROM, HARTREE_EV
from clustermodel.electronic.excitations import Excitations, OrbitalPairs, choose_pairs
from clustermodel.electronic.low_rank_eigen import count_below, find_below, find_bound
from clustermodel.electronic.pyscf_couplings import AuxiliaryShell, PairCouplings, calculate_couplings
from clustermodel.electronic.result import ElectronicResult
from clustermodel.errors import InputError

__all__ = ["RisSettings", "build_auxiliary", "calculate_ris_excitations"]

AuxiliaryKind = Literal["s", "sp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RisSettings:
    """How the response is approximated.

    Parameters
    ----------
    auxiliary : {"s", "sp"}
        Functions at each atom; hydrogen has s only.
    theta : float
        The one parameter of the method: exponents are theta over the squared radius.
    up_to_ev : float
        All excitations below this energy are wanted.
    largest_gap_ev : float
        Pairs whose orbitals are farther apart are left out.
    most : int
        Most excitations that are calculated, from below.
    """

    auxiliary: AuxiliaryKind = "sp"
    theta: float = 0.2
    up_to_ev: float = field(default=4.0, metadata={"unit": "eV"})
    largest_gap_ev: float = field(default=12.0, metadata={"unit": "eV"})
    most: int = 1000

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.auxiliary not in {"s", "sp"}:
            msg = f"auxiliary functions {self.auxiliary!r}; expected 's' or 'sp'"
            raise InputError(msg)
        if not (self.theta > 0 and self.up_to_ev > 0 and self.most > 0):
            given = f"theta {self.theta}, energies up to {self.up_to_ev} eV, {self.most} states"
            msg = f"{given}; expected positive numbers"
            raise InputError(msg)


@functools.cache
def _read_radii() -> Mapping[str, float]:
    text = resources.files("clustermodel.electronic").joinpath("ris_radii.csv").read_text(encoding="utf-8")
    return {row["element"]: float(row["radius_angstrom"]) for row in csv.DictReader(text.splitlines())}


def build_auxiliary(elements: Sequence[str], settings: RisSettings) -> tuple[AuxiliaryShell, ...]:
    """Build the functions that stand for charges.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    settings : RisSettings
        Kind of functions and theta.

    Returns
    -------
    tuple of AuxiliaryShell
        Atom by atom.

    Raises
    ------
    InputError
        If an element has no tabulated radius.

    Examples
    --------
    >>> [round(shell.exponent, 3) for shell in build_auxiliary(["Au"], RisSettings(auxiliary="s"))]
    [0.204]
    """
    radii = _read_radii()
    shells: list[AuxiliaryShell] = []
    for atom, symbol in enumerate(elements):
        kind = "H" if symbol == "D" else symbol
        if kind not in radii:
            msg = f"no radius is tabulated for {symbol!r}; TDDFT-ris covers H to Rn"
            raise InputError(msg)
        exponent = settings.theta / (radii[kind] / BOHR_ANGSTROM) ** 2
        momenta = (0, 1) if settings.auxiliary == "sp" and kind != "H" else (0,)
        shells.extend(AuxiliaryShell(atom, momentum, exponent) for momentum in momenta)
    return tuple(shells)


def calculate_ris_excitations(result: ElectronicResult, settings: RisSettings | None = None) -> Excitations:
    """Calculate all excitations below an energy by TDDFT-ris.

    Parameters
    ----------
    result : ElectronicResult
        Orbitals of a functional without exact exchange, or of xTB, which is good for a first look only.
    settings : RisSettings, optional
        Functions, pairs and energies.

    Returns
    -------
    Excitations
        Singlets of a closed shell, spin-unrestricted excitations of an open one.

    Raises
    ------
    InputError
        If the functional has exact exchange, or the result no orbitals in space.
    """
    chosen = settings or RisSettings()
    _refuse_exchange(result)
    began = time.process_time()
    pairs = choose_pairs(result, largest_gap_ev=chosen.largest_gap_ev)
    couplings = calculate_couplings(result, pairs, build_auxiliary(result.elements, chosen))
    integrated = time.process_time()
    energies, amplitudes, bound = _solve(result, pairs, couplings, chosen)
    strengths, dipoles = _measure_strengths(result, pairs, couplings, energies, amplitudes)
    closed = len(result.channels) == 1
    notes = ["no exchange-correlation kernel: no triplets, and no singlet-triplet gap from it"]
    if result.specification.engine == "tblite":
        notes.insert(0, "from orbitals of xTB: for screening only")
    if len(pairs) < pairs.n_all:
        notes.append(f"{len(pairs)} of {pairs.n_all} pairs, up to {chosen.largest_gap_ev:g} eV apart")
    return Excitations(
        method=f"TDDFT-ris ({chosen.auxiliary})",
        kind="singlet" if closed else "unrestricted",
        energies_ev=energies * HARTREE_EV,
        strengths=strengths,
        transition_dipoles=dipoles,
        pairs=pairs,
        amplitudes=amplitudes,
        is_complete_to_ev=bound,
        timings=(("integrals", integrated - began), ("solution", time.process_time() - integrated)),
        notes=tuple(notes),
    )


def _refuse_exchange(result: ElectronicResult) -> None:
    if result.specification.engine == "tblite":
        return
    libxc = import_optional("pyscf.dft.libxc", extra="", purpose="excitations")
    try:
        hybrid = bool(libxc.is_hybrid_xc(result.specification.method))
    except (KeyError, ValueError):
        return  # a method of another program, whose name PySCF does not know
    if hybrid:
        msg = (
            f"{result.specification.method} has exact exchange, which this TDDFT-ris leaves out; take a "
            "functional without (PBE), or the full linear response"
        )
        raise InputError(msg)


def _solve(
    result: ElectronicResult, pairs: OrbitalPairs, couplings: PairCouplings, settings: RisSettings
) -> tuple[FloatArray, FloatArray, float]:
    """Return energies in Eh, amplitudes, and the energy in eV below which none is missing."""
    gaps = pairs.gaps_ev / HARTREE_EV
    if not gaps.min() > 0:
        msg = f"an empty orbital lies below an occupied one ({pairs.gaps_ev.min():.3f} eV): no ground state"
        raise InputError(msg)
    spin_factor = 4.0 if len(result.channels) == 1 else 2.0  # singlets of a closed shell; each spin by itself
    diagonal = gaps**2
    factor = np.sqrt(spin_factor * gaps)[:, None] * couplings.factor
    bound = (settings.up_to_ev / HARTREE_EV) ** 2
    number = count_below(diagonal, factor, bound)
    if not 0 < number <= settings.most:
        bound = find_bound(diagonal, factor, min(max(number, 1), settings.most, len(gaps)))
    values, amplitudes = find_below(diagonal, factor, bound)
    return np.sqrt(values), amplitudes, min(settings.up_to_ev, float(np.sqrt(bound)) * HARTREE_EV)


def _measure_strengths(
    result: ElectronicResult,
    pairs: OrbitalPairs,
    couplings: PairCouplings,
    energies: FloatArray,
    amplitudes: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return oscillator strengths and transition dipoles in e bohr."""
    spin_factor = np.sqrt(2.0) if len(result.channels) == 1 else 1.0
    weighted = couplings.dipoles * np.sqrt(pairs.gaps_ev / HARTREE_EV)[:, None]
    moments = spin_factor * (amplitudes.T @ weighted) / np.sqrt(energies)[:, None]
    return 2 / 3 * energies * (moments**2).sum(axis=1), moments
