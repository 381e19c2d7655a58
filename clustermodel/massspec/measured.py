"""Does the measured spectrum have the isotopologues of this ion? Peaks compared one by one."""

import contextlib
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel._optional import import_optional
from clustermodel.errors import InputError
from clustermodel.io.data_table import DataColumn, DataTable, read_data_table
from clustermodel.massspec.ion import IonMasses
from clustermodel.massspec.match import name_isotopologue

__all__ = ["EnvelopeMatch", "MassSpectrum", "PeakMatch", "match_envelope", "read_mass_spectrum"]

_COMPARED = 0.05  # of the highest isotopologue: smaller ones drown in the baseline of most spectra
_UPPER_PART = 0.6  # of the height of a peak: where a Gaussian is nearly a parabola
_FEWEST = 3  # peaks: two always lie on a line
_MZ_NAMES = ("m/z", "mz", "mass", "m_z", "mass_to_charge")
_INTENSITY_NAMES = ("intensity", "intens", "intens.", "counts", "abundance", "signal")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MassSpectrum:
    """A measured mass spectrum.

    Parameters
    ----------
    source : str
        Name of the file, with the scan.
    mz : array_like, shape (n,)
        m/z, ascending.
    intensity : array_like, shape (n,)
        Signal in any unit, not negative.
    """

    source: str
    mz: FloatArray = field(metadata={"unit": "Th"})
    intensity: FloatArray = field(metadata={"unit": "counts"})

    def __post_init__(self) -> None:
        """Freeze the arrays, check their shapes, their order and their sign."""
        n = len(self.mz)
        object.__setattr__(self, "mz", freeze_float(self.mz, (n,), "mz"))
        object.__setattr__(self, "intensity", freeze_float(self.intensity, (n,), "intensity"))
        wrong = np.flatnonzero(np.diff(self.mz) <= 0)
        if n < _FEWEST or wrong.size:
            where = (
                f"{self.mz[wrong[0]]:g} is followed by {self.mz[wrong[0] + 1]:g}"
                if wrong.size
                else f"{n} points"
            )
            msg = (
                f"{self.source}: found {where}; expected ascending m/z without repetition, {_FEWEST} or more"
            )
            raise InputError(msg)
        low = np.flatnonzero(self.intensity < 0)
        if low.size:
            msg = (
                f"{self.source}: the intensity at m/z {self.mz[low[0]]:g} is {self.intensity[low[0]]:g}; "
                "expected none below zero: subtract a lower baseline"
            )
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakMatch:
    """One isotopologue and the measured peak beside it.

    Parameters
    ----------
    name : str
        Isotopologue, for example ``M+2``.
    mz : float
        Calculated m/z.
    measured_mz : float or None
        Top of the measured peak; None where there is no maximum within half of the spacing.
    ppm : float or None
        Measured minus calculated.
    share : float
        Calculated height, the highest 1.
    measured_share : float
        Measured height in the same scale.
    """

    name: str
    mz: float = field(metadata={"unit": "Th"})
    measured_mz: float | None = field(metadata={"unit": "Th"})
    ppm: float | None = field(metadata={"unit": "ppm"})
    share: float = field(metadata={"unit": ""})
    measured_share: float = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeMatch:
    """How well a measured spectrum fits the isotopologues of an ion.

    Parameters
    ----------
    source : str
        The spectrum.
    similarity : float
        Cosine of the angle between calculated and measured heights; 1 for equal shapes.
    shift_ppm : float or None
        Median of the deviations, the error of the calibration; None with fewer than three peaks.
    scatter_ppm : float or None
        Root mean square deviation from it.
    scale : float
        Height of the measured envelope: best factor from calculated to measured heights.
    peaks : tuple of PeakMatch
        The isotopologues above a twentieth of the highest.
    """

    source: str
    similarity: float = field(metadata={"unit": ""})
    shift_ppm: float | None = field(metadata={"unit": "ppm"})
    scatter_ppm: float | None = field(metadata={"unit": "ppm"})
    scale: float = field(metadata={"unit": "counts"})
    peaks: tuple[PeakMatch, ...]


def read_mass_spectrum(path: str | Path, *, scan: int | None = None) -> MassSpectrum:
    """Read a measured mass spectrum.

    Parameters
    ----------
    path : str or Path
        CSV or JSON with the columns ``mz,intensity``, or mzML.
    scan : int, optional
        Number of the scan of an mzML file, from 1; the one with the largest total signal if left out.

    Returns
    -------
    MassSpectrum
        The spectrum.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, m/z is not sorted, or a number is negative or NaN.
    MissingDependencyError
        If an mzML file is given and pymzml is not installed.
    """
    if Path(path).suffix.lower() == ".mzml":
        return _read_mzml(Path(path), scan)
    table = read_data_table(path)
    mz = table.numbers(_find_column(table, _MZ_NAMES, "mz"))
    intensity = table.numbers(_find_column(table, _INTENSITY_NAMES, "intensity"))
    return MassSpectrum(source=str(path), mz=mz, intensity=intensity)


def _find_column(table: DataTable, names: tuple[str, ...], name: str) -> DataColumn:
    column = table.find(*names)
    if column is None:
        found = ", ".join(c.name for c in table.columns)
        msg = f"{table.source}: found the columns {found}; expected a header with mz,intensity: no {name}"
        raise InputError(msg)
    return column


def _read_mzml(path: Path, scan: int | None) -> MassSpectrum:
    if not path.is_file():
        msg = f"{path}: cannot be read; check the name of the file"
        raise InputError(msg)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # of pymzml, about a decoder that would be faster
        pymzml: Any = import_optional("pymzml", extra="mzml", purpose="reading mzML")
    try:
        with contextlib.closing(pymzml.run.Reader(str(path))) as reader:
            scans = [(one.mz, one.i) for one in reader]
    except Exception as error:  # whatever a damaged file makes the XML library raise
        msg = f"{path}: is no readable mzML ({type(error).__name__}); convert it again"
        raise InputError(msg) from error
    if not scans or (scan is not None and not 1 <= scan <= len(scans)):
        msg = (
            f"{path}: found {len(scans)} scans; expected {'at least one' if not scans else f'number {scan}'}"
        )
        raise InputError(msg)
    totals = [float(np.sum(intensity)) for _, intensity in scans]
    number = scan if scan is not None else int(np.argmax(totals)) + 1
    mz, intensity = scans[number - 1]
    return MassSpectrum(source=f"{path}, scan {number} of {len(scans)}", mz=mz, intensity=intensity)


def match_envelope(masses: IonMasses, spectrum: MassSpectrum) -> EnvelopeMatch:
    """Compare the isotopologues of an ion with the peaks of a spectrum.

    Parameters
    ----------
    masses : IonMasses
        The ion.
    spectrum : MassSpectrum
        The measurement; profile or centroids.

    Returns
    -------
    EnvelopeMatch
        Deviation and height of every isotopologue, similarity of the shapes, error of the calibration.

    Raises
    ------
    InputError
        If the spectrum does not reach from the first to the last isotopologue that would be seen.
    """
    seen = np.flatnonzero(masses.shares >= _COMPARED * masses.most_abundant_share)
    first, last = float(masses.mz[seen[0]]), float(masses.mz[seen[-1]])
    half = 0.5 / abs(masses.ion.charge)  # isotopologues are 1/z apart
    if spectrum.mz[0] > first + half or spectrum.mz[-1] < last - half:
        msg = (
            f"{spectrum.source}: reaches from m/z {spectrum.mz[0]:.2f} to {spectrum.mz[-1]:.2f}; expected "
            f"{first:.2f} to {last:.2f}, where the isotopologues of {masses.ion.text} are"
        )
        raise InputError(msg)
    tops = [_find_top(spectrum, float(masses.mz[i]), half) for i in seen]
    shares = masses.shares[seen] / masses.most_abundant_share
    heights = np.array([height for _, height in tops])
    scale = float(heights @ shares / (shares @ shares))
    peaks = tuple(
        PeakMatch(
            name=name_isotopologue(int(masses.offsets[i])),
            mz=float(masses.mz[i]),
            measured_mz=place,
            ppm=None if place is None else (place / float(masses.mz[i]) - 1) * 1e6,
            share=float(share),
            measured_share=height / scale if scale else 0.0,
        )
        for i, share, (place, height) in zip(seen, shares, tops, strict=True)
    )
    ppm = np.array([peak.ppm for peak in peaks if peak.ppm is not None])
    shift = float(np.median(ppm)) if ppm.size >= _FEWEST else None
    norm = float(np.linalg.norm(heights) * np.linalg.norm(shares))
    return EnvelopeMatch(
        source=spectrum.source,
        similarity=float(heights @ shares) / norm if norm else 0.0,
        shift_ppm=shift,
        scatter_ppm=None if shift is None else float(np.sqrt(np.mean((ppm - shift) ** 2))),
        scale=scale,
        peaks=peaks,
    )


def _find_top(spectrum: MassSpectrum, mz: float, half: float) -> tuple[float | None, float]:
    """Return place and height of the highest point near an m/z; no place if it is no maximum.

    Points of a profile have neighbours much nearer than the next isotopologue, centroids have not.
    """
    start, stop = np.searchsorted(spectrum.mz, [mz - half, mz + half])
    if start >= stop:
        return None, 0.0
    i = int(start + spectrum.intensity[start:stop].argmax())
    place, height = float(spectrum.mz[i]), float(spectrum.intensity[i])
    beside = [
        j for j in (i - 1, i + 1) if 0 <= j < spectrum.mz.size and abs(spectrum.mz[j] - place) < half / 2
    ]
    if height <= 0 or any(spectrum.intensity[j] > height for j in beside):
        return None, height
    return (_refine(spectrum, i, half) if len(beside) == 2 else place), height


def _refine(spectrum: MassSpectrum, i: int, half: float) -> float:
    """Return the top of a parabola through the upper part of a peak of a profile."""
    near = np.abs(spectrum.mz - spectrum.mz[i]) < half
    low = np.flatnonzero(~near | (spectrum.intensity < _UPPER_PART * spectrum.intensity[i]))
    first, last = int(low[low < i].max(initial=-1)) + 1, int(low[low > i].min(initial=spectrum.mz.size))
    first, last = min(first, i - 1), max(last, i + 2)
    x = spectrum.mz[first:last] - spectrum.mz[i]
    a, b, _ = np.polyfit(x, spectrum.intensity[first:last] / spectrum.intensity[i], 2)
    top = float(-b / (2 * a)) if a < 0 else 0.0
    return float(spectrum.mz[i]) + (top if x[0] <= top <= x[-1] else 0.0)
