"""Which masses has a composition? Its isotopologues, monoisotopic, most abundant and average mass.

The table ``isotopes.csv`` beside this module holds isotopic masses and representative natural compositions
as NIST publishes them (nist2015). The isotopologues of one nominal mass are added up exactly, for any
composition; :mod:`clustermodel.massspec.fine_structure` lists them one by one.
"""

import csv
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.elements import find_element
from clustermodel.errors import InputError

__all__ = ["IsotopePattern", "Isotopes", "build_isotope_pattern", "find_isotopes"]

_TRACE = 1e-12  # abundances below this are dropped: no detector sees them


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


class Isotopes(NamedTuple):
    """The isotopes of an element.

    Parameters
    ----------
    numbers : ndarray of int, shape (n,)
        Mass numbers.
    masses : ndarray, shape (n,)
        Masses in Da.
    abundances : ndarray, shape (n,)
        Natural abundances, sum 1.
    """

    numbers: IntArray
    masses: FloatArray
    abundances: FloatArray


def find_isotopes(symbol: str) -> Isotopes:
    """Return the isotopes of an element.

    Parameters
    ----------
    symbol : str
        Element symbol; ``D`` is deuterium alone.

    Returns
    -------
    Isotopes
        Mass numbers, masses and abundances.

    Raises
    ------
    InputError
        If the element is unknown or has no natural isotopic composition.

    Examples
    --------
    >>> carbon = find_isotopes("C")
    >>> carbon.numbers.tolist(), carbon.masses.tolist()[0], carbon.abundances.tolist()
    ([12, 13], 12.0, [0.9893, 0.0107])
    """
    if symbol not in _table():
        msg = f"element {symbol!r} has no natural isotopic composition; masses cannot be calculated"
        raise InputError(msg)
    return _table()[symbol]


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
    (720.0, [0, 1], [0.524, 0.34])
    """
    if not atoms or min(atoms.values()) < 0 or not any(atoms.values()):
        msg = f"composition {dict(atoms)}: expected numbers of atoms that are not negative, and at least one"
        raise InputError(msg)
    total = _Nominal(0, np.ones(1), np.zeros(1))
    monoisotopic = average = standard = 0.0
    for symbol, count in atoms.items():
        isotopes = find_isotopes(symbol)
        monoisotopic += count * float(isotopes.masses[isotopes.abundances.argmax()])
        average += count * float(isotopes.abundances @ isotopes.masses)
        standard += count * _find_weight(symbol)
        total = total.add(_add_up_element(isotopes).times(count))
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


def _add_up_element(isotopes: Isotopes) -> _Nominal:
    """Return one atom, relative to its most abundant isotope."""
    most = int(isotopes.abundances.argmax())
    places = isotopes.numbers - isotopes.numbers.min()
    shares = np.zeros(int(places.max()) + 1)
    moments = np.zeros_like(shares)
    shares[places] = isotopes.abundances
    moments[places] = isotopes.abundances * (isotopes.masses - isotopes.masses[most])
    return _Nominal(int(isotopes.numbers.min() - isotopes.numbers[most]), shares, moments)


@functools.cache
def _table() -> dict[str, Isotopes]:
    text = resources.files("clustermodel.massspec").joinpath("isotopes.csv").read_text("utf-8")
    rows: dict[str, list[tuple[int, float, float]]] = {}
    for symbol, number, mass, abundance in csv.reader(text.splitlines()[1:]):
        rows.setdefault(symbol, []).append((int(number), float(mass), float(abundance)))
    table = {}
    for symbol, isotopes in rows.items():
        numbers, masses, abundances = (np.array(column) for column in zip(*isotopes, strict=True))
        table[symbol] = Isotopes(
            freeze_int(numbers, (None,), "numbers"),
            freeze_float(masses, (None,), "masses"),
            freeze_float(abundances / abundances.sum(), (None,), "abundances"),
        )
    return table
