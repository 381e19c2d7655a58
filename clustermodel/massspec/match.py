"""Which convention gives this printed mass, and which isotopologue is this peak? A verdict, or none."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from clustermodel.constants import ELECTRON_MASS_DA
from clustermodel.errors import InputError
from clustermodel.massspec.ion import IonMasses

if TYPE_CHECKING:  # it loads IsoSpec, which a comparison without a profile does not need
    from clustermodel.massspec.envelope import Envelope

__all__ = [
    "Comparison",
    "FoundVerdict",
    "PrintedVerdict",
    "compare_found",
    "compare_printed",
    "count_decimals",
    "name_isotopologue",
    "read_mz",
]

TABLES_DIFFER = (
    2.5e-5  # Da: monoisotopic masses of three programs for ions of 7 kDa (IsoSpec, molmass, pyteomics)
)
_SEEN = 0.01  # of the highest isotopologue: a peak below it would not be picked


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One calculated m/z beside a given one.

    Parameters
    ----------
    name : str
        Convention, or isotopologue such as ``M+3``.
    mz : float
        Calculated m/z.
    deviation : float
        Given minus calculated.
    ppm : float
        The same in parts per million of the calculated m/z.
    share : float or None
        Abundance, the highest isotopologue 1; None for an average.
    agrees : bool
        Whether the two are equal within the tolerance of the comparison.
    """

    name: str
    mz: float = field(metadata={"unit": "Th"})
    deviation: float = field(metadata={"unit": "Th"})
    ppm: float = field(metadata={"unit": "ppm"})
    share: float | None = field(metadata={"unit": ""})
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedVerdict:
    """What a printed, calculated m/z turns out to be.

    Parameters
    ----------
    value : float
        The printed m/z.
    decimals : int
        Its decimals.
    verdict : str
        ``monoisotopic``, ``most abundant``, ``average``, an isotopologue such as ``M+4``, or ``none``.
    electron_mass : {"taken off", "kept", "cannot be told", ""}
        Whether the electrons that a cation lacks were taken off; empty where nothing agrees.
    rows : tuple of Comparison
        The three conventions and the nearest isotopologues.
    """

    value: float = field(metadata={"unit": "Th"})
    decimals: int = field(metadata={"unit": ""})
    verdict: str
    electron_mass: str
    rows: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVerdict:
    """What a measured m/z turns out to be.

    Parameters
    ----------
    value : float
        The measured m/z.
    tolerance_ppm : float
        How far it may be off.
    verdict : str
        ``most abundant``, an isotopologue such as ``M+3``, ``unresolved apex``, or ``none``.
    nearest : str
        The nearest isotopologue that would be seen.
    resolving_power : float or None
        m/Δm of the profile that was compared; None if none was given.
    is_resolved : bool or None
        Whether isotopologues are apart at it.
    apex : float or None
        m/z of the highest point of the profile.
    signal : float or None
        Profile at the measured m/z, the highest point 1.
    rows : tuple of Comparison
        The three conventions, the apex of the profile, and the nearest isotopologues.
    """

    value: float = field(metadata={"unit": "Th"})
    tolerance_ppm: float = field(metadata={"unit": "ppm"})
    verdict: str
    nearest: str
    resolving_power: float | None = field(metadata={"unit": ""})
    is_resolved: bool | None
    apex: float | None = field(metadata={"unit": "Th"})
    signal: float | None = field(metadata={"unit": ""})
    rows: tuple[Comparison, ...]


def read_mz(text: str, name: str) -> float:
    """Read an m/z as it is printed.

    Parameters
    ----------
    text : str
        A positive number, for example ``"3696.34"``.
    name : str
        What it is, for the error message.

    Returns
    -------
    float
        The number.

    Raises
    ------
    InputError
        If it is no positive number.

    Examples
    --------
    >>> read_mz("3696.34", "printed m/z")
    3696.34
    """
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not (np.isfinite(value) and value > 0):
        msg = f"{name}: found {text!r}; expected a positive number with its decimals, such as 3696.34"
        raise InputError(msg)
    return value


def count_decimals(text: str) -> int:
    """Return how many decimals a number is printed with.

    Parameters
    ----------
    text : str
        A number without exponent.

    Returns
    -------
    int
        Digits after the point.

    Examples
    --------
    >>> count_decimals("3696.340"), count_decimals("3696")
    (3, 0)
    """
    return len(text.strip().partition(".")[2])


def compare_printed(masses: IonMasses, text: str) -> PrintedVerdict:
    """Find the convention behind a calculated m/z that is printed somewhere.

    Parameters
    ----------
    masses : IonMasses
        The ion it is said to be.
    text : str
        The number as printed; half of its last digit is the tolerance, and for averages the distance between
        two tables of atomic weights is added.

    Returns
    -------
    PrintedVerdict
        The convention, an isotopologue, or ``none``, with all deviations.

    Raises
    ------
    InputError
        If the text is no positive number.

    Examples
    --------
    >>> from clustermodel.massspec.formula import read_ion
    >>> from clustermodel.massspec.ion import measure_ion
    >>> compare_printed(measure_ion(read_ion("[Au22(AdmS)12(PPh2py)4]2+")), "3696.34").verdict
    'most abundant'
    """
    value, decimals = read_mz(text, "printed m/z"), count_decimals(text)
    tolerance = 0.5 * 10.0**-decimals + TABLES_DIFFER / abs(masses.ion.charge)
    # A cation printed with its electrons is heavier by them, an anion lighter: the same step for both signs.
    kept = ELECTRON_MASS_DA * masses.ion.charge / abs(masses.ion.charge)
    verdict = electron_mass = ""
    rows = []
    for row in _list_rows(masses, value):
        wide = tolerance + (masses.average_spread if row.name == "average" else 0.0)
        taken, left = abs(row.deviation) <= wide, abs(row.deviation - kept) <= wide
        rows.append(_with_agreement(row, agrees=taken or left))
        if (taken or left) and not verdict:
            verdict = row.name
            electron_mass = "cannot be told" if taken and left else "taken off" if taken else "kept"
    return PrintedVerdict(
        value=value,
        decimals=decimals,
        verdict=verdict or "none",
        electron_mass=electron_mass,
        rows=tuple(rows),
    )


def compare_found(
    masses: IonMasses, value: float, *, tolerance_ppm: float = 10.0, envelope: "Envelope | None" = None
) -> FoundVerdict:
    """Find the isotopologue behind a measured m/z.

    Parameters
    ----------
    masses : IonMasses
        The ion it is said to be.
    value : float
        The measured m/z.
    tolerance_ppm : float, optional
        How far a calibrated instrument may be off; 10 ppm, wide for a time-of-flight instrument, if left out.
    envelope : Envelope, optional
        Profile at the resolving power of the instrument. Where it does not separate isotopologues, the value
        is compared with the apex of the profile instead.

    Returns
    -------
    FoundVerdict
        The isotopologue, the apex, or ``none``, with all deviations.

    Raises
    ------
    InputError
        If value or tolerance is not positive.

    Examples
    --------
    >>> from clustermodel.massspec.formula import read_ion
    >>> from clustermodel.massspec.ion import measure_ion
    >>> found = compare_found(measure_ion(read_ion("[Au22(AdmS)12(PPh2py)4]2+")), 3696.46)
    >>> found.verdict, found.nearest, round(found.rows[1].ppm, 1)
    ('none', 'M+2', 31.6)
    """
    if not (np.isfinite(value) and value > 0 and np.isfinite(tolerance_ppm) and tolerance_ppm > 0):
        msg = f"found m/z {value:g} with tolerance {tolerance_ppm:g} ppm; expected two positive numbers"
        raise InputError(msg)
    resolved = None if envelope is None else envelope.is_resolved
    rows = [_with_agreement(row, agrees=abs(row.ppm) <= tolerance_ppm) for row in _list_rows(masses, value)]
    seen = [row for row in rows if row.share is not None and row.name.startswith("M")]
    nearest = min(seen, key=lambda row: abs(row.deviation))
    top = next(row for row in rows if row.name == "most abundant")
    if envelope is not None:
        apex = _compare("apex of the profile", envelope.apex, value, 1.0)
        rows.append(_with_agreement(apex, agrees=abs(apex.ppm) <= tolerance_ppm))
    if resolved is False:
        verdict = "unresolved apex" if rows[-1].agrees else "none"
    else:
        verdict = "most abundant" if top.agrees else nearest.name if nearest.agrees else "none"
    return FoundVerdict(
        value=value,
        tolerance_ppm=tolerance_ppm,
        verdict=verdict,
        nearest=nearest.name,
        resolving_power=None if envelope is None else envelope.resolving_power,
        is_resolved=resolved,
        apex=None if envelope is None else envelope.apex,
        signal=None if envelope is None else envelope.signal_at(value),
        rows=tuple(rows),
    )


def name_isotopologue(offset: int) -> str:
    """Return the usual name of an isotopologue.

    Parameters
    ----------
    offset : int
        Nucleons more than in the monoisotopic one.

    Returns
    -------
    str
        For example ``"M+2"``.

    Examples
    --------
    >>> name_isotopologue(2), name_isotopologue(0), name_isotopologue(-1)
    ('M+2', 'M', 'M-1')
    """
    return f"M{offset:+d}" if offset else "M"


def _list_rows(masses: IonMasses, value: float) -> list[Comparison]:
    """Return the conventions, then the four nearest isotopologues that would be seen, by mass."""
    top = masses.most_abundant_share
    first = int(np.searchsorted(masses.offsets, 0))
    share = float(masses.shares[first]) / top if masses.offsets[first] == 0 else 0.0
    rows = [
        _compare("monoisotopic", masses.monoisotopic, value, share),
        _compare("most abundant", masses.most_abundant, value, 1.0),
        _compare("average", masses.average, value, None),
    ]
    seen = np.flatnonzero(masses.shares >= _SEEN * top)
    near = sorted(seen[np.argsort(np.abs(masses.mz[seen] - value))[:4]].tolist())
    for i in near:
        name = name_isotopologue(int(masses.offsets[i]))
        rows.append(_compare(name, float(masses.mz[i]), value, float(masses.shares[i]) / top))
    return rows


def _compare(name: str, mz: float, value: float, share: float | None) -> Comparison:
    return Comparison(
        name=name, mz=mz, deviation=value - mz, ppm=(value - mz) / mz * 1e6, share=share, agrees=False
    )


def _with_agreement(row: Comparison, *, agrees: bool) -> Comparison:
    return replace(row, agrees=agrees)
