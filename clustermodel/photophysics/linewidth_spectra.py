"""How wide is the band at each temperature? FWHM of emission, read off and fitted, with a bootstrap."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
from scipy.signal import peak_widths, savgol_coeffs

from clustermodel._arrays import FloatArray
from clustermodel.axes import AXIS_UNITS, Shape, measure_derivative
from clustermodel.errors import InputError
from clustermodel.io.data_table import DataColumn, DataTable, read_data_table
from clustermodel.photophysics.bands import measure_spectrum
from clustermodel.photophysics.deconvolution import fit_bands
from clustermodel.photophysics.linewidth_data import WidthSeries, build_width_series
from clustermodel.photophysics.spectrum import Spectrum, build_spectrum

__all__ = [
    "WIDTH_KINDS",
    "BandWidth",
    "TemperatureSpectrum",
    "WidthKind",
    "WidthSettings",
    "build_series_of_bands",
    "measure_band_width",
    "read_temperature_spectra",
    "split_source",
    "take_spectra",
]

WidthKind = Literal["direct", "fitted"]
WIDTH_KINDS: tuple[WidthKind, ...] = get_args(WidthKind)

_PREFIX = re.compile(r"^(?P<t>\d+(?:\.\d+)?)\s*K=(?P<file>.+)$")
_KELVIN = re.compile(r"(?<![\d.])(?P<t>\d+(?:\.\d+)?)[\s_-]?[Kk](?![A-Za-z0-9])")
_UNRELATED = 0.1  # correlation of neighbours: that of 500 white points is 0.04 by chance
_MOST_LOST = 0.5  # of the noise: what the smooth curve follows more closely cannot be told from the band
_ROUNDS = 5  # to settle the correlation with what the smooth curve takes from it
_FEWEST = 20  # replicates: the standard deviation of so few is uncertain by a sixth


class TemperatureSpectrum(NamedTuple):
    """An emission spectrum and its temperature.

    Parameters
    ----------
    temperature : float
        Temperature in K.
    spectrum : Spectrum
        The spectrum.
    """

    temperature: float
    spectrum: Spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthSettings:
    """How widths are measured.

    Parameters
    ----------
    smoothing : float
        Width of the window of local cubics that the direct width is read from.
    shape : {"gaussian", "lorentzian"}
        Shape of the fitted band.
    window : tuple of float or None
        Lowest and highest energy of the fit; None for the whole spectrum.
    replicates : int
        Number of bootstrap replicates.
    seed : int
        Start of the random numbers.
    """

    smoothing: float = field(default=0.04, metadata={"unit": "eV"})
    shape: Shape = "gaussian"
    window: tuple[float, float] | None = field(default=None, metadata={"unit": "eV"})
    replicates: int = field(default=100, metadata={"unit": ""})
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the number of replicates."""
        if self.replicates < _FEWEST:
            msg = f"bootstrap of {self.replicates} replicates; expected at least {_FEWEST}"
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class BandWidth:
    """Width of the main band of one spectrum, on the axis of energy.

    Parameters
    ----------
    name : str
        The spectrum.
    temperature : float
        Its temperature.
    energy : float
        Where the band is highest.
    direct_mev, direct_su_mev : float
        Full width at half of the height, read from the smoothed spectrum.
    fitted_mev, fitted_su_mev : float
        Full width of one band fitted to the spectrum.
    misfit : float
        Root mean square of what the fitted band leaves over, relative to the highest point.
    bands : int
        Maxima and shoulders that were seen; with more than one, the width is not that of a single band.
    settings : WidthSettings
        How it was measured.
    """

    name: str
    temperature: float = field(metadata={"unit": "K"})
    energy: float = field(metadata={"unit": "eV"})
    direct_mev: float = field(metadata={"unit": "meV"})
    direct_su_mev: float = field(metadata={"unit": "meV"})
    fitted_mev: float = field(metadata={"unit": "meV"})
    fitted_su_mev: float = field(metadata={"unit": "meV"})
    misfit: float = field(metadata={"unit": ""})
    bands: int = field(metadata={"unit": ""})
    settings: WidthSettings


def measure_band_width(one: TemperatureSpectrum, *, settings: WidthSettings | None = None) -> BandWidth:
    """Measure the width of the main emission band in two ways, with a bootstrap.

    Parameters
    ----------
    one : TemperatureSpectrum
        Spectrum and temperature.
    settings : WidthSettings, optional
        How.

    Returns
    -------
    BandWidth
        The widths. Their uncertainties are standard deviations over replicates: the smoothed spectrum plus
        what it leaves over with random signs (a wild bootstrap, which keeps noise that differs from place to
        place), raised for noise that neighbouring points share.

    Raises
    ------
    InputError
        If the band does not fall to half of its height on both sides.

    Examples
    --------
    >>> from clustermodel.photophysics.spectrum import build_spectrum
    >>> wavelength = np.arange(450.0, 1001.0)
    >>> band = np.exp(-4 * np.log(2) * ((wavelength - 715) / 110) ** 2)
    >>> band = band + 0.005 * np.random.default_rng(0).standard_normal(band.size)
    >>> spectrum = build_spectrum(wavelength, band, unit="nm", kind="emission")
    >>> width = measure_band_width(TemperatureSpectrum(300.0, spectrum))
    >>> abs(width.direct_mev - 262.7) < 3 * width.direct_su_mev
    True
    """
    how, spectrum = settings or WidthSettings(), one.spectrum
    analysis = measure_spectrum(spectrum, smoothing=how.smoothing)
    band = max(analysis.bands, key=lambda each: each.height)
    if band.fwhm is None:
        msg = (
            f"{spectrum.name}: the band at {band.energy:.3f} eV does not fall to half of its height on both "
            "sides; measure a wider range"
        )
        raise InputError(msg)
    fit = fit_bands(spectrum, [band.energy], shape=how.shape, window=how.window)
    direct, fitted = _replicate(spectrum, band.energy, how)
    return BandWidth(
        name=spectrum.name,
        temperature=one.temperature,
        energy=band.energy,
        direct_mev=1000 * band.fwhm,
        direct_su_mev=1000 * float(np.nanstd(direct, ddof=1)),
        fitted_mev=1000 * fit.bands[0].fwhm,
        fitted_su_mev=1000 * float(np.nanstd(fitted, ddof=1)),
        misfit=fit.residual,
        bands=len(analysis.bands),
        settings=how,
    )


def _replicate(spectrum: Spectrum, energy: float, how: WidthSettings) -> tuple[FloatArray, FloatArray]:
    """Return widths, read off and fitted, of spectra with other noise."""
    rng = np.random.default_rng(how.seed)
    x, y = spectrum.energy, spectrum.intensity
    smooth = np.interp(x, *measure_derivative(x, y, order=0, width=how.smoothing))
    window = round(how.smoothing / float(np.median(np.diff(x))))
    noise = (y - smooth) * _find_inflation(y - smooth, window)
    direct, fitted = np.full((2, how.replicates), math.nan)
    for i in range(how.replicates):
        values = smooth + noise * rng.choice([-1.0, 1.0], size=x.size)
        direct[i] = _read_width(x, values, how.smoothing)
        copy = Spectrum(name=spectrum.name, kind="emission", measured_unit="eV", energy=x, intensity=values)
        fitted[i] = fit_bands(copy, [energy], shape=how.shape, window=how.window).bands[0].fwhm
    return direct, fitted


def _find_inflation(left: FloatArray, points: int) -> float:
    """Return by how much residuals are to be raised to do what the noise does to a width.

    Noise that neighbours share averages out less: what counts over a width is its variance times the sum of
    its correlations. The smooth curve, a cubic over some points, follows a part of the noise, and takes as
    much from the variance and from every correlation of what is left over.
    """
    count = max(5, points + 1 - points % 2)
    part = float(savgol_coeffs(count, 3)[count // 2])  # of white noise that the curve follows
    products = np.array([float(left[lag:] @ left[: left.size - lag]) for lag in range(min(count, left.size))])
    if not products[0]:
        return 1.0
    correlations = products / products[0]
    related = int(np.argmax(correlations < _UNRELATED))  # the first lag that is not
    shared = 1.0
    for _ in range(_ROUNDS):
        lost = min(part * shared, _MOST_LOST)
        shared = 1 + 2 * float((correlations[1:related] * (1 - lost) + lost).sum())
    return math.sqrt(shared / (1 - min(part * shared, _MOST_LOST)))


def _read_width(x: FloatArray, y: FloatArray, smoothing: float) -> float:
    """Return the full width at half of the height, in eV; the baseline is zero."""
    grid, smooth = measure_derivative(x, y, order=0, width=smoothing)
    top = int(smooth.argmax())
    whole = (np.array([smooth[top]]), np.array([0]), np.array([grid.size - 1]))
    width = peak_widths(smooth, [top], rel_height=0.5, prominence_data=whole)[0][0]
    return float(width * (grid[1] - grid[0]))


def build_series_of_bands(
    bands: Sequence[BandWidth], *, kind: WidthKind, name: str = "spectra"
) -> WidthSeries:
    """Make a series of widths from measured bands.

    Parameters
    ----------
    bands : sequence of BandWidth
        Widths at several temperatures, in any order.
    kind : {"direct", "fitted"}
        Which of the two widths.
    name : str, optional
        The sample.

    Returns
    -------
    WidthSeries
        With the uncertainties of the bootstrap.

    Raises
    ------
    InputError
        If the kind is unknown or a width has no uncertainty.
    """
    if kind not in WIDTH_KINDS:
        msg = f"kind of width {kind!r}; expected one of {', '.join(WIDTH_KINDS)}"
        raise InputError(msg)
    ordered = sorted(bands, key=lambda band: band.temperature)
    widths = [band.direct_mev if kind == "direct" else band.fitted_mev for band in ordered]
    su = [band.direct_su_mev if kind == "direct" else band.fitted_su_mev for band in ordered]
    known = su if all(one > 0 for one in su) else None
    return build_width_series([band.temperature for band in ordered], widths, known, name=name)


def read_temperature_spectra(source: str) -> tuple[TemperatureSpectrum, ...]:
    """Read emission spectra with their temperatures.

    Parameters
    ----------
    source : str
        A file with one spectrum, whose temperature stands before the name, ``200K=a.csv``, or in the name,
        ``Au21_200K.csv``; or a file with several, one column each, with the temperature in the header:
        ``wavelength_nm,200 K,210 K``.

    Returns
    -------
    tuple of TemperatureSpectrum
        The spectra.

    Raises
    ------
    InputError
        If a unit or a temperature is missing, or the file is otherwise no set of spectra.
    """
    temperature, path = split_source(source)
    return take_spectra(read_data_table(path), temperature)


def split_source(source: str) -> tuple[float | None, str]:
    """Take the temperature off the name of a file.

    Parameters
    ----------
    source : str
        ``200K=a.csv``, or the name alone.

    Returns
    -------
    temperature : float or None
        In K; None without one.
    path : str
        Name of the file.

    Examples
    --------
    >>> split_source("200K=a.csv"), split_source("a.csv")
    ((200.0, 'a.csv'), (None, 'a.csv'))
    """
    match = _PREFIX.match(source)
    if match is None or Path(source).exists():
        return None, source
    return float(match["t"]), match["file"]


def take_spectra(table: DataTable, temperature: float | None = None) -> tuple[TemperatureSpectrum, ...]:
    """Take emission spectra out of a table.

    Parameters
    ----------
    table : DataTable
        First column the axis with its unit, then one column for each temperature.
    temperature : float, optional
        Temperature of a single spectrum in K, where the table does not say it.

    Returns
    -------
    tuple of TemperatureSpectrum
        The spectra.

    Raises
    ------
    InputError
        If a unit or a temperature is missing.
    """
    axis, *columns = table.columns
    unit = next((known for known in AXIS_UNITS if known == axis.unit), None)
    if unit is None or not columns:
        found = f"the unit {axis.unit}" if axis.unit else "no unit"
        msg = (
            f"{table.source}: the first of {len(table.columns)} columns, {axis.name!r}, has {found}; "
            "expected temperature_K,fwhm_meV, or spectra with wavelength_nm, energy_eV or wavenumber_cm-1"
        )
        raise InputError(msg)
    found_in = [_find_temperature(column) for column in columns]
    if len(columns) == 1 and found_in[0] is None:
        found_in = [temperature if temperature is not None else _read_name(table.source)]
    missing = [column.name for column, one in zip(columns, found_in, strict=True) if one is None]
    if missing:
        msg = (
            f"{table.source}: the column {missing[0]!r} has no temperature; expected one in the header "
            "(200 K), before the file (200K=FILE) or in its name (sample_200K.csv)"
        )
        raise InputError(msg)
    places = table.numbers(axis)
    return tuple(
        TemperatureSpectrum(
            float(kelvin or 0),
            build_spectrum(
                places,
                table.numbers(column),
                unit=unit,
                kind="emission",
                name=f"{table.source}, {kelvin:g} K",
            ),
        )
        for column, kelvin in zip(columns, found_in, strict=True)
    )


def _find_temperature(column: DataColumn) -> float | None:
    """Return the temperature in the header of a column: ``200_K``, ``200 K``, ``I (200 K)``."""
    for text in (f"{column.name} {column.unit}", column.unit, column.name):
        match = _KELVIN.search(text)
        if match:
            return float(match["t"])
    return None


def _read_name(source: str) -> float | None:
    """Return the only temperature in the name of a file."""
    found = _KELVIN.findall(Path(source).stem)
    return float(found[0]) if len(found) == 1 else None
