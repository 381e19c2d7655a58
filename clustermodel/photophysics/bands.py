"""Where are the bands of this spectrum, how wide are they, and where do they begin? All in eV."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks

from clustermodel._arrays import FloatArray
from clustermodel.axes import (
    ONSET_METHODS,
    AxisUnit,
    OnsetMethod,
    convert_axis,
    find_onset,
    measure_area,
    measure_derivative,
)
from clustermodel.errors import InputError
from clustermodel.photophysics.spectrum import Spectrum, SpectrumKind

__all__ = ["Band", "SpectrumAnalysis", "StokesShift", "measure_spectrum", "measure_stokes_shift"]

_SHOULDER = 0.15  # of the strongest curvature of the spectrum
_CERTAIN = 8.0  # standard deviations of noise: in 30 spectra with 1 % noise, none of it is taken for a band
_LOCAL = 5.0  # widths of the window: where the noise is taken to be the same
_WIDE = 4.0  # a curvature is noisier than a height: its window is wider by this factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band of a spectrum.

    Parameters
    ----------
    kind : {"maximum", "shoulder"}
        How it shows: as a maximum, or as a minimum of the second derivative alone.
    energy : float
        Its place on the axis of energy.
    wavelength : float
        The same place as a wavelength.
    measured_maximum : float or None
        Wavelength of the maximum before the Jacobian, for emission measured over wavelength.
    height : float
        Intensity relative to the highest point.
    fwhm : float or None
        Full width at half maximum; None where the spectrum does not fall to half on both sides.
    """

    kind: Literal["maximum", "shoulder"]
    energy: float = field(metadata={"unit": "eV"})
    wavelength: float = field(metadata={"unit": "nm"})
    measured_maximum: float | None = field(metadata={"unit": "nm"})
    height: float = field(metadata={"unit": ""})
    fwhm: float | None = field(metadata={"unit": "eV"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumAnalysis:
    """Bands, onsets and area of a spectrum.

    Parameters
    ----------
    name : str
        The spectrum.
    kind : {"emission", "absorption", "excitation"}
        What was measured.
    measured_unit : {"nm", "eV", "cm-1"}
        Unit of the axis it came with.
    bands : tuple of Band
        Maxima and shoulders by energy.
    first_band : float
        Energy of the band that the onsets are about: the lowest of absorption and excitation, the highest
        maximum of emission.
    onsets : dict of str to float or None
        Onset of that band by method: low-energy edge of absorption, high-energy edge of emission.
    area : float
        Integral over the energy.
    smoothing : float
        Width of the window of local cubics.
    prominence : float
        Smallest height of a maximum above its surroundings, relative to the highest point.
    """

    name: str
    kind: SpectrumKind
    measured_unit: AxisUnit
    bands: tuple[Band, ...]
    first_band: float = field(metadata={"unit": "eV"})
    onsets: dict[OnsetMethod, float | None] = field(metadata={"unit": "eV"})
    area: float = field(metadata={"unit": "arb. u. eV"})
    smoothing: float = field(metadata={"unit": "eV"})
    prominence: float = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class StokesShift:
    """Distance between absorption and emission.

    Parameters
    ----------
    absorption, emission : float
        First band of absorption (or excitation) and main band of emission.
    shift : float
        Their distance.
    shift_wavenumber : float
        The same in wavenumbers.
    """

    absorption: float = field(metadata={"unit": "eV"})
    emission: float = field(metadata={"unit": "eV"})
    shift: float = field(metadata={"unit": "eV"})
    shift_wavenumber: float = field(metadata={"unit": "cm-1"})


def measure_spectrum(
    spectrum: Spectrum, *, smoothing: float = 0.04, prominence: float = 0.02
) -> SpectrumAnalysis:
    """Find the bands of a spectrum, their widths, and the onset of the first one by every method.

    Parameters
    ----------
    spectrum : Spectrum
        The spectrum.
    smoothing : float, optional
        Width in eV of the window of local cubics that the heights and derivatives are taken from.
    prominence : float, optional
        Smallest height of a maximum above its surroundings, relative to the highest point.

    Returns
    -------
    SpectrumAnalysis
        Bands, onsets, area.

    Raises
    ------
    InputError
        If a setting is out of range or there is no band.

    Examples
    --------
    >>> from clustermodel.photophysics.spectrum import build_spectrum
    >>> wavelength = np.arange(450.0, 1001.0)
    >>> emission = np.exp(-4 * np.log(2) * ((wavelength - 715) / 110) ** 2)
    >>> (band,) = measure_spectrum(build_spectrum(wavelength, emission, unit="nm", kind="emission")).bands
    >>> round(band.energy, 4), round(band.fwhm, 4), round(band.measured_maximum, 1)
    (1.7195, 0.2627, 715.0)
    """
    if not (0 < smoothing < np.ptp(spectrum.energy) and 0 < prominence < 1):
        found = f"smoothing {smoothing:g} eV and prominence {prominence:g}"
        msg = f"{spectrum.name}: {found}; expected less than the spectrum is wide, and 0 to 1"
        raise InputError(msg)
    grid, smooth = measure_derivative(spectrum.energy, spectrum.intensity, order=0, width=smoothing)
    limit = prominence * float(smooth.max())
    maxima, _ = find_peaks(
        smooth, prominence=np.maximum(limit, _CERTAIN * _estimate_noise(spectrum, smoothing, 0))
    )
    bands = [_measure_band(spectrum, grid, smooth, int(i)) for i in maxima]
    shoulders = _find_shoulders(spectrum, grid, smooth, [band.energy for band in bands], smoothing)
    bands += [band for band in shoulders if band.height >= prominence]
    if not bands:
        msg = (
            f"{spectrum.name}: no band found; the spectrum rises or falls to its end, or lower the prominence"
        )
        raise InputError(msg)
    bands.sort(key=lambda band: band.energy)
    emits = spectrum.kind == "emission"
    first = max(bands, key=lambda band: band.height) if emits else bands[0]
    return SpectrumAnalysis(
        name=spectrum.name,
        kind=spectrum.kind,
        measured_unit=spectrum.measured_unit,
        bands=tuple(bands),
        first_band=first.energy,
        onsets={method: _find_onset(spectrum, first.energy, method, smoothing) for method in ONSET_METHODS},
        area=measure_area(spectrum.energy, spectrum.intensity),
        smoothing=smoothing,
        prominence=prominence,
    )


def measure_stokes_shift(absorption: SpectrumAnalysis, emission: SpectrumAnalysis) -> StokesShift:
    """Measure the distance between the first band of absorption and the main band of emission.

    Parameters
    ----------
    absorption : SpectrumAnalysis
        Absorption or excitation.
    emission : SpectrumAnalysis
        Emission.

    Returns
    -------
    StokesShift
        The shift; between a singlet and a triplet it contains their splitting.

    Raises
    ------
    InputError
        If the two are not absorption (or excitation) and emission.
    """
    if absorption.kind == "emission" or emission.kind != "emission":
        msg = f"a Stokes shift of {absorption.kind} and {emission.kind}; expected absorption and emission"
        raise InputError(msg)
    shift = absorption.first_band - emission.first_band
    ends = convert_axis([absorption.first_band, emission.first_band], source="eV", target="cm-1")
    return StokesShift(
        absorption=absorption.first_band,
        emission=emission.first_band,
        shift=shift,
        shift_wavenumber=float(ends[0] - ends[1]),
    )


def _measure_band(spectrum: Spectrum, grid: FloatArray, smooth: FloatArray, i: int) -> Band:
    energy, height = _refine(grid, smooth, i)
    return _build_band(spectrum, grid, smooth, "maximum", energy, height)


def _build_band(
    spectrum: Spectrum,
    grid: FloatArray,
    smooth: FloatArray,
    kind: Literal["maximum", "shoulder"],
    energy: float,
    height: float,
) -> Band:
    width = _measure_width(grid, smooth, energy, height) if kind == "maximum" else None
    over_wavelength = spectrum.kind == "emission" and spectrum.measured_unit == "nm" and kind == "maximum"
    return Band(
        kind=kind,
        energy=energy,
        wavelength=float(convert_axis(energy, source="eV", target="nm")),
        measured_maximum=_find_measured_maximum(grid, smooth, energy) if over_wavelength else None,
        height=height / float(smooth.max()),
        fwhm=width,
    )


def _refine(x: FloatArray, y: FloatArray, i: int) -> tuple[float, float]:
    """Return place and height of the top of a parabola through three points."""
    i = min(max(i, 1), x.size - 2)
    a, b, c = np.polyfit(x[i - 1 : i + 2] - x[i], y[i - 1 : i + 2], 2)
    if a >= 0:
        return float(x[i]), float(y[i])
    return float(x[i] - b / (2 * a)), float(c - b * b / (4 * a))


def _find_measured_maximum(grid: FloatArray, smooth: FloatArray, energy: float) -> float | None:
    """Return the wavelength where the same band is highest per nanometre."""
    per_nm = smooth * grid**2
    tops, _ = find_peaks(per_nm)
    if not tops.size:
        return None
    nearest = int(tops[np.abs(grid[tops] - energy).argmin()])
    return float(convert_axis(_refine(grid, per_nm, nearest)[0], source="eV", target="nm"))


def _measure_width(grid: FloatArray, smooth: FloatArray, energy: float, height: float) -> float | None:
    """Return the full width at half maximum; None if one side does not fall to half."""
    below = np.flatnonzero(smooth <= height / 2)
    left, right = below[grid[below] < energy], below[grid[below] > energy]
    if not left.size or not right.size:
        return None
    i, j = int(left[-1]), int(right[0])
    low = np.interp(height / 2, smooth[i : i + 2], grid[i : i + 2])
    high = np.interp(-height / 2, -smooth[j - 1 : j + 1], grid[j - 1 : j + 1])
    return float(high - low)


def _find_shoulders(
    spectrum: Spectrum, grid: FloatArray, smooth: FloatArray, maxima: list[float], smoothing: float
) -> list[Band]:
    """Return bands that show in the second derivative alone."""
    width = _WIDE * smoothing
    x, curvature = measure_derivative(spectrum.energy, spectrum.intensity, order=2, width=width)
    limit = _SHOULDER * float(-curvature.min())
    noise = _CERTAIN * _estimate_noise(spectrum, width, 2)
    dips, _ = find_peaks(-curvature, height=np.maximum(limit, noise), prominence=np.maximum(limit, noise))
    places = [_refine(x, -curvature, int(i))[0] for i in dips]
    return [
        _build_band(spectrum, grid, smooth, "shoulder", place, float(np.interp(place, grid, smooth)))
        for place in places
        if all(abs(place - other) > _WIDE * smoothing for other in maxima)
    ]


def _estimate_noise(spectrum: Spectrum, width: float, order: int) -> FloatArray:
    """Return the local noise of a smoothed curve or of its derivative.

    It is half of the difference between every second point and the others: they see the same bands with
    different noise.
    """
    grid, _ = measure_derivative(spectrum.energy, spectrum.intensity, order=order, width=width)
    halves = []
    for start in (0, 1):
        x, y = spectrum.energy[start::2], spectrum.intensity[start::2]
        halves.append(np.interp(grid, *measure_derivative(x, y, order=order, width=width)))
    square = ((halves[0] - halves[1]) / 2) ** 2
    points = max(1, round(_LOCAL * width / float(grid[1] - grid[0])))
    mean = uniform_filter1d(square, points, mode="nearest")
    return np.asarray(np.sqrt(np.maximum(mean, 0.0)))  # a moving sum may end a rounding error below zero


def _find_onset(spectrum: Spectrum, peak: float, method: OnsetMethod, smoothing: float) -> float | None:
    """Return the onset, or None where the edge is not in the spectrum."""
    try:
        onset = find_onset(
            spectrum.energy,
            spectrum.intensity,
            peak=peak,
            method=method,
            edge="high" if spectrum.kind == "emission" else "low",
            width=_WIDE * smoothing,
        )
    except InputError:  # fewer points than an edge needs
        return None
    return onset if np.isfinite(onset) else None
