"""What would the spectrometer see? Bands from calculated excitations, the optical gap, and a comparison.

Every excitation of strength f is a band of area f on an axis of energy; on an axis of wavelength the same
curve is multiplied by the Jacobian where a density is wanted. "Optical gap" means three things in the
literature, and each has its own name here.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import find_peaks

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.axes import Shape, broaden_sticks, convert_spectrum, find_onset
from clustermodel.errors import InputError

__all__ = [
    "OpticalGaps",
    "SimulatedSpectrum",
    "SpectrumSettings",
    "measure_optical_gaps",
    "simulate_spectrum",
]

_BEYOND = 4  # widths beyond the first and last excitation: a Gaussian is nothing there
_STEPS = 40  # points for each width
_LOWEST = 0.05  # eV; the axis stays positive, so that it can be turned into wavelengths
_ROUNDING = 1e-9  # of strengths: a dark excitation may come out just below zero
_FLOOR = 0.02  # of the highest band: lower maxima are tails of others


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumSettings:
    """How sticks become bands.

    Parameters
    ----------
    fwhm : float
        Full width of every band at half of its height.
    shape : {"gaussian", "lorentzian"}
        Shape of every band on the axis of energy.
    bright : float
        Oscillator strength from which an excitation counts as bright.
    """

    fwhm: float = field(default=0.2, metadata={"unit": "eV"})
    shape: Shape = "gaussian"
    bright: float = 0.02

    def __post_init__(self) -> None:
        """Check that the threshold is possible."""
        if not self.bright >= 0:
            msg = f"an excitation is bright from a strength of {self.bright}; expected zero or more"
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedSpectrum:
    """A calculated absorption spectrum: sticks and curve.

    Parameters
    ----------
    energies_ev : array_like, shape (k,)
        Excitation energies, ascending.
    strengths : array_like, shape (k,)
        Oscillator strengths.
    axis_ev : array_like, shape (n,)
        Axis of the curve, ascending.
    curve : array_like, shape (n,)
        Sum of the bands: oscillator strength per eV.
    settings : SpectrumSettings
        How it was made.
    """

    energies_ev: FloatArray = field(metadata={"unit": "eV"})
    strengths: FloatArray = field(metadata={"unit": ""})
    axis_ev: FloatArray = field(metadata={"unit": "eV"})
    curve: FloatArray = field(metadata={"unit": "1/eV"})
    settings: SpectrumSettings

    def __post_init__(self) -> None:
        """Freeze the arrays and check their lengths."""
        k, n = len(self.energies_ev), len(self.axis_ev)
        for name, length in (("energies_ev", k), ("strengths", k), ("axis_ev", n), ("curve", n)):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (length,), name))

    @property
    def peaks_ev(self) -> FloatArray:
        """Energies of the maxima of the curve, ascending; those below 2 % of the highest are left out."""
        found, _ = find_peaks(self.curve, height=_FLOOR * float(self.curve.max(initial=0.0)))
        return np.asarray(self.axis_ev[found])

    def convert(self, *, density: bool = False) -> tuple[FloatArray, FloatArray]:
        """Return the curve on an axis of wavelengths.

        Parameters
        ----------
        density : bool, optional
            Whether the curve is one per interval of the axis and multiplied by the Jacobian, so that the area
            stays; an absorbance is none, and is only moved.

        Returns
        -------
        wavelength : ndarray, shape (n,)
            In nm, ascending.
        curve : ndarray, shape (n,)
            Strength per nm, or the curve as it was.
        """
        return convert_spectrum(self.axis_ev, self.curve, source="eV", target="nm", density=density)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpticalGaps:
    """The optical gap by its three meanings.

    Parameters
    ----------
    first_root : float
        Lowest excitation, however dark.
    first_bright : float or None
        Lowest excitation of at least the strength `bright`; None if none was calculated.
    onset : float or None
        Where the tangent at the steepest rise of the first band meets zero, as it is read off measured
        spectra; None if the band does not rise from zero within the axis.
    settings : SpectrumSettings
        Width and threshold.
    """

    first_root: float = field(metadata={"unit": "eV"})
    first_bright: float | None = field(metadata={"unit": "eV"})
    onset: float | None = field(metadata={"unit": "eV"})
    settings: SpectrumSettings


def simulate_spectrum(
    energies_ev: ArrayLike,
    strengths: ArrayLike,
    *,
    settings: SpectrumSettings | None = None,
    axis_ev: ArrayLike | None = None,
) -> SimulatedSpectrum:
    """Replace excitations by bands.

    Parameters
    ----------
    energies_ev : array_like, shape (k,)
        Excitation energies in eV, in any order.
    strengths : array_like, shape (k,)
        Oscillator strengths.
    settings : SpectrumSettings, optional
        Width and shape.
    axis_ev : array_like, shape (n,), optional
        Energies at which the curve is wanted; by default from below the first to above the last excitation.

    Returns
    -------
    SimulatedSpectrum
        Sticks and curve.

    Raises
    ------
    InputError
        If there is no excitation, an energy is not positive, or a strength is negative.

    Examples
    --------
    >>> spectrum = simulate_spectrum([2.0, 2.6], [0.1, 0.3])
    >>> spectrum.peaks_ev.round(2)
    array([2. , 2.6])
    """
    chosen = settings or SpectrumSettings()
    energy, strength = np.asarray(energies_ev, float), np.asarray(strengths, float)
    if energy.ndim != 1 or energy.shape != strength.shape or not energy.size:
        msg = f"excitations: {energy.shape} energies and {strength.shape} strengths; expected equal columns"
        raise InputError(msg)
    wrong = np.flatnonzero(
        ~(np.isfinite(energy) & (energy > 0) & np.isfinite(strength) & (strength >= -1e-9))
    )
    if wrong.size:
        k = int(wrong[0])
        msg = (
            f"excitation {k + 1}: {energy[k]:g} eV with a strength of {strength[k]:g}; expected a positive "
            "energy and no negative strength: a negative energy means that the ground state is not stable"
        )
        raise InputError(msg)
    order = np.argsort(energy, kind="stable")
    energy, strength = energy[order], np.maximum(strength[order], 0)
    axis = _build_axis(energy, chosen.fwhm) if axis_ev is None else np.asarray(axis_ev, float)
    curve = broaden_sticks(energy, strength, axis, fwhm=chosen.fwhm, shape=chosen.shape)
    return SimulatedSpectrum(
        energies_ev=energy, strengths=strength, axis_ev=axis, curve=curve, settings=chosen
    )


def _build_axis(energy: FloatArray, fwhm: float) -> FloatArray:
    first = max(_LOWEST, float(energy[0]) - _BEYOND * fwhm)
    last = float(energy[-1]) + _BEYOND * fwhm
    return np.linspace(first, last, max(2, round((last - first) / fwhm * _STEPS) + 1))


def measure_optical_gaps(spectrum: SimulatedSpectrum) -> OpticalGaps:
    """Measure the optical gap by its three meanings.

    Parameters
    ----------
    spectrum : SimulatedSpectrum
        Sticks and curve.

    Returns
    -------
    OpticalGaps
        First root, first bright excitation, and onset of the first band.

    Examples
    --------
    >>> gaps = measure_optical_gaps(simulate_spectrum([1.2, 2.0], [0.0, 0.5]))
    >>> gaps.first_root, gaps.first_bright, round(gaps.onset, 2)  # two standard deviations below 2.0 eV
    (1.2, 2.0, 1.83)
    """
    settings = spectrum.settings
    bright = np.flatnonzero(spectrum.strengths >= settings.bright)
    peaks = spectrum.peaks_ev
    onset = None
    if peaks.size:
        step = float(np.median(np.diff(spectrum.axis_ev)))
        found = find_onset(
            spectrum.axis_ev,
            spectrum.curve,
            peak=float(peaks[0]),
            method="tangent",
            edge="low",
            width=5 * step,
        )
        onset = found if np.isfinite(found) else None
    return OpticalGaps(
        first_root=float(spectrum.energies_ev[0]),
        first_bright=float(spectrum.energies_ev[bright[0]]) if bright.size else None,
        onset=onset,
        settings=settings,
    )
