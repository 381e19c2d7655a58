"""Which masses has a composition? Its isotopologues, monoisotopic, most abundant and average mass.

Masses and abundances of the isotopes are those of IsoSpec (lacki2020). The isotopologues of one nominal mass are
added up exactly, for any composition; IsoSpec lists them one by one where a profile at very high resolving
power asks for it.
"""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.elements import find_element
from clustermodel.errors import InputError

__all__ = ["IsotopePattern", "build_isotope_pattern", "find_isotopes", "list_fine_structure"]

_TRACE = 1e-12  # abundances below this are dropped: no detector sees them
_FINE_COVERAGE = 0.9999  # of all molecules are in the list of single isotopologues
_MOST_LINES = 2_000_000  # a list of this length takes 0.1 GB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IsotopePattern:
    """The isotopologues of a neutral composition, added up by nominal mass.

    Parameters
    ----------
    atoms : dict of str to int
        Number of atoms by element.
    monoisotopic_mass : float
        Mass of the isotopologue of the most abundant isotope of every element.
    average_mass : float
        Mean over all isotopologues.
    standard_mass : float
        Mean with IUPAC standard atomic weights; its distance from `average_mass` shows how far tables differ.
    offsets : array_like of int, shape (n,)
        Nucleons more than in the monoisotopic isotopologue, ascending: 2 for M+2.
    masses : array_like, shape (n,)
        Mean mass of each nominal mass.
    abundances : array_like, shape (n,)
        Share of all molecules, sum 1.
    """

    atoms: dict[str, int]
    monoisotopic_mass: float = field(metadata={"unit": "Da"})
    average_mass: float = field(metadata={"unit": "Da"})
    standard_mass: float = field(metadata={"unit": "Da"})
    offsets: IntArray = field(metadata={"unit": ""})
    masses: FloatArray = field(metadata={"unit": "Da"})
    abundances: FloatArray = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        n = len(self.offsets)
        object.__setattr__(self, "offsets", freeze_int(self.offsets, (n,), "offsets"))
        object.__setattr__(self, "masses", freeze_float(self.masses, (n,), "masses"))
        object.__setattr__(self, "abundances", freeze_float(self.abundances, (n,), "abundances"))

    @property
    def top(self) -> int:
        """Index of the most abundant nominal mass."""
        return int(self.abundances.argmax())


@functools.cache
def find_isotopes(symbol: str) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the isotopes of an element.

    Parameters
    ----------
    symbol : str
        Element symbol; ``D`` is deuterium alone.

    Returns
    -------
    numbers : ndarray of int, shape (n,)
        Mass numbers.
    masses : ndarray, shape (n,)
        Masses in Da.
    abundances : ndarray, shape (n,)
        Natural abundances, sum 1.

    Raises
    ------
    InputError
        If the element is unknown or has no natural isotopic composition.

    Examples
    --------
    >>> numbers, masses, abundances = find_isotopes("C")
    >>> numbers.tolist(), masses.tolist()[0], abundances.round(4).tolist()
    ([12, 13], 12.0, [0.9892, 0.0108])
    """
    from IsoSpecPy import PeriodicTbl

    if find_element(symbol) is None or symbol not in PeriodicTbl.symbol_to_masses:
        msg = f"element {symbol!r} has no natural isotopic composition; masses cannot be calculated"
        raise InputError(msg)
    numbers = np.array(PeriodicTbl.symbol_to_massNo[symbol], dtype=np.int64)
    masses = np.array(PeriodicTbl.symbol_to_masses[symbol], dtype=np.float64)
    abundances = np.array(PeriodicTbl.symbol_to_probs[symbol], dtype=np.float64)
    return numbers, masses, abundances / abundances.sum()


def build_isotope_pattern(atoms: Mapping[str, int]) -> IsotopePattern:
    """Calculate the isotopologues of a composition.

    Parameters
    ----------
    atoms : mapping of str to int
        Number of atoms by element.

    Returns
    -------
    IsotopePattern
        Nominal masses with their mean mass and abundance, and the three masses in use.

    Raises
    ------
    InputError
        If there are no atoms or an element has no natural isotopic composition.

    Notes
    -----
    The monoisotopic mass is that of IUPAC: the most abundant isotope of every element, which is the lightest
    one for C, H, N, O, P, S, Au, Ag and Cu, but not for B, Se, Pd or Sn.

    Examples
    --------
    >>> pattern = build_isotope_pattern({"C": 60})
    >>> pattern.monoisotopic_mass, pattern.offsets[:2].tolist(), pattern.abundances[:2].round(3).tolist()
    (720.0, [0, 1], [0.521, 0.341])
    """
    if not atoms or min(atoms.values()) < 0 or not any(atoms.values()):
        msg = f"composition {dict(atoms)}: expected numbers of atoms that are not negative, and at least one"
        raise InputError(msg)
    total = _Nominal(0, np.ones(1), np.zeros(1))
    monoisotopic = average = standard = 0.0
    for symbol, count in atoms.items():
        numbers, masses, abundances = find_isotopes(symbol)
        most = int(abundances.argmax())
        monoisotopic += count * float(masses[most])
        average += count * float(abundances @ masses)
        standard += count * _find_weight(symbol)
        total = total.add(
            _nominal_element(numbers - numbers[most], masses - masses[most], abundances).times(count)
        )
    kept = total.shares > _TRACE
    return IsotopePattern(
        atoms=dict(atoms),
        monoisotopic_mass=monoisotopic,
        average_mass=average,
        standard_mass=standard,
        offsets=(np.arange(total.shares.size) + total.first)[kept],
        masses=monoisotopic + total.moments[kept] / total.shares[kept],
        abundances=total.shares[kept] / total.shares[kept].sum(),
    )


def list_fine_structure(atoms: Mapping[str, int]) -> tuple[FloatArray, FloatArray] | None:
    """List single isotopologues, 34S apart from 13C2, with IsoSpec.

    Parameters
    ----------
    atoms : mapping of str to int
        Number of atoms by element.

    Returns
    -------
    tuple of ndarray, or None
        Masses in Da and abundances, 99.99 % of all molecules; None where they would be more than two million, as
        for many atoms of Cd, Sn or Se.
    """
    import IsoSpecPy

    if _estimate_lines(atoms) > _MOST_LINES:
        return None
    isotopes = [find_isotopes(symbol) for symbol in atoms]
    envelope = IsoSpecPy.IsoTotalProb(
        _FINE_COVERAGE,
        atomCounts=list(atoms.values()),
        isotopeMasses=[tuple(masses.tolist()) for _, masses, _ in isotopes],
        isotopeProbabilities=[tuple(abundances.tolist()) for _, _, abundances in isotopes],
    )
    return np.array(envelope.np_masses()), np.array(envelope.np_probs())


def _estimate_lines(atoms: Mapping[str, int]) -> float:
    """Estimate how many isotopologues hold nearly all molecules: the volume of a Gaussian's ellipsoid."""
    dimension, log_volume = 0, 0.0
    for symbol, count in atoms.items():
        _, _, abundances = find_isotopes(symbol)
        free = abundances.size - 1
        dimension += free
        log_volume += 0.5 * (free * math.log(count) + float(np.log(abundances).sum())) if free else 0.0
    if not dimension:
        return 1.0
    radius = math.sqrt(dimension) + math.sqrt(
        2 * -math.log(1 - _FINE_COVERAGE)
    )  # bound of the chi distribution
    log_volume += dimension * math.log(radius) + 0.5 * dimension * math.log(math.pi)
    return math.exp(min(log_volume - math.lgamma(dimension / 2 + 1), 700.0))


def _find_weight(symbol: str) -> float:
    element = find_element(symbol)
    return math.nan if element is None else element.mass


@dataclass(frozen=True, slots=True)
class _Nominal:
    """Isotopologues added up by nominal mass: the first offset, shares, and shares times mass defect."""

    first: int
    shares: FloatArray
    moments: FloatArray

    def add(self, other: "_Nominal") -> "_Nominal":
        """Return the isotopologues of two compositions together."""
        shares = np.convolve(self.shares, other.shares)
        moments = np.convolve(self.moments, other.shares) + np.convolve(self.shares, other.moments)
        first, last = (int(x) for x in np.flatnonzero(shares > _TRACE * 1e-3)[[0, -1]])
        return _Nominal(self.first + other.first + first, shares[first : last + 1], moments[first : last + 1])

    def times(self, count: int) -> "_Nominal":
        """Return the isotopologues of a number of the same, by repeated doubling."""
        total, power = _Nominal(0, np.ones(1), np.zeros(1)), self
        while count:
            if count & 1:
                total = total.add(power)
            count >>= 1
            power = power.add(power) if count else power
        return total


def _nominal_element(offsets: IntArray, masses: FloatArray, abundances: FloatArray) -> _Nominal:
    shares = np.zeros(int(offsets.max() - offsets.min()) + 1)
    moments = np.zeros_like(shares)
    shares[offsets - offsets.min()] = abundances
    moments[offsets - offsets.min()] = abundances * masses
    return _Nominal(int(offsets.min()), shares, moments)
