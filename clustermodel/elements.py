"""The one door to radii, masses and kinds of elements.

The table ``elements.csv`` beside this module holds covalent radii of Cordero et al.
(Dalton Trans. 2008, 2832; key ``cordero2008``; C for sp3, Mn, Fe and Co for low
spin), van der Waals radii of Bondi (J. Phys. Chem. 1964, 68, 441; key
``bondi1964``) with the Cambridge Structural Database's 2.00 Å for elements without one, and
IUPAC standard atomic weights. A test compares it with the tables of ASE.
"""

import csv
import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray

__all__ = [
    "COINAGE",
    "HALOGENS",
    "NON_METALS",
    "Element",
    "covalent_radii",
    "find_element",
    "format_formula",
    "is_metal",
    "molar_mass",
    "van_der_waals_radii",
]

NON_METALS = frozenset(
    (
        *("H", "D", "He", "B", "C", "N", "O", "F", "Ne", "Si", "P", "S", "Cl", "Ar"),
        *("Ge", "As", "Se", "Br", "Kr", "Sb", "Te", "I", "Xe", "At", "Rn"),
    )
)
COINAGE = frozenset({"Cu", "Ag", "Au"})
_NOTHING = 5e-3  # rounds to nothing in the two decimals that are printed
HALOGENS = frozenset({"F", "Cl", "Br", "I"})


class Element(NamedTuple):
    """One row of the table of elements.

    Parameters
    ----------
    number : int
        Atomic number.
    symbol : str
        Element symbol.
    mass : float
        Standard atomic weight in Da.
    covalent_radius, van_der_waals_radius : float
        Radii in Å.
    """

    number: int
    symbol: str
    mass: float
    covalent_radius: float
    van_der_waals_radius: float


@functools.cache
def _table() -> dict[str, Element]:
    text = resources.files("clustermodel").joinpath("elements.csv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines()[1:])
    elements = (Element(int(z), s, float(m), float(c), float(v)) for z, s, m, c, v in rows)
    return {element.symbol: element for element in elements}


def find_element(symbol: str) -> Element | None:
    """Return the row of an element, or None if there is no such element.

    Parameters
    ----------
    symbol : str
        Element symbol, ``D`` included.

    Returns
    -------
    Element or None
        Atomic number, symbol, mass in Da and radii in Å.

    Examples
    --------
    >>> find_element("Au").covalent_radius
    1.36
    >>> find_element("Qq") is None
    True
    """
    return _table().get(symbol)


def is_metal(symbol: str) -> bool:
    """Return whether an element counts as a metal (B, Si, Ge, As, Sb, Te do not).

    Parameters
    ----------
    symbol : str
        Element symbol.

    Returns
    -------
    bool
        True for metals.

    Examples
    --------
    >>> is_metal("Au"), is_metal("Sb")
    (True, False)
    """
    return symbol not in NON_METALS


def covalent_radii(symbols: Sequence[str]) -> FloatArray:
    """Return covalent radii in Å (Cordero 2008).

    Parameters
    ----------
    symbols : sequence of str
        Element symbols.

    Returns
    -------
    ndarray, shape (n,)
        Radii in Å.
    """
    table = {symbol: _table()[symbol].covalent_radius for symbol in set(symbols)}
    return np.array([table[symbol] for symbol in symbols], dtype=np.float64)


def van_der_waals_radii(symbols: Sequence[str]) -> FloatArray:
    """Return van der Waals radii in Å (Bondi 1964; 2.00 where he gives none).

    Parameters
    ----------
    symbols : sequence of str
        Element symbols.

    Returns
    -------
    ndarray, shape (n,)
        Radii in Å.
    """
    table = {symbol: _table()[symbol].van_der_waals_radius for symbol in set(symbols)}
    return np.array([table[symbol] for symbol in symbols], dtype=np.float64)


def molar_mass(symbols: Iterable[str]) -> float:
    """Return the mass of a list of atoms in Da.

    Parameters
    ----------
    symbols : iterable of str
        Element symbols.

    Returns
    -------
    float
        Mass in Da.
    """
    return sum(_table()[symbol].mass * n for symbol, n in Counter(symbols).items())


def format_formula(counts: dict[str, float] | Iterable[str]) -> str:
    """Write a formula in Hill order: C, H, then the others by the alphabet.

    Parameters
    ----------
    counts : dict or iterable of str
        Counts by element, or the list of atoms.

    Returns
    -------
    str
        Formula without blanks; counts that are not whole keep two decimals.

    Examples
    --------
    >>> format_formula({"S": 18, "Au": 25, "H": 54, "C": 18})
    'C18H54Au25S18'
    >>> format_formula(["Cl", "H"])
    'ClH'
    """
    amounts = counts if isinstance(counts, dict) else Counter(counts)
    first = ["C", "H", "D"] if amounts.get("C") else []
    order = [s for s in first if s in amounts] + sorted(s for s in amounts if s not in first)
    return "".join(s + _amount(amounts[s]) for s in order if amounts[s] >= _NOTHING)


def _amount(value: float) -> str:
    if abs(value - round(value)) < _NOTHING:
        return "" if round(value) == 1 else str(round(value))
    return f"{value:.2f}".rstrip("0")
