"""How far is a calculated spectrum from a measured one? A shift, a scale and an overlap, as numbers.

The shift moves the whole calculated curve on the axis of energy; the scale makes the areas agree in the least
squares sense; the overlap is the cosine between both curves. All three are reported for the curve as
calculated and for the best shift, so that a good overlap bought by a large shift is seen.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment, minimize_scalar

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.axes import broaden_sticks, order_spectrum
from clustermodel.electronic.spectrum import SimulatedSpectrum
from clustermodel.errors import InputError

__all__ = ["PeakMatch", "SpectrumOverlay", "compare_peaks", "compare_spectrum"]

_LARGEST_SHIFT = 1.0  # eV; a calculation that is farther off is not the same band
_TRIALS = 201  # shifts tried before the best is refined: steps of 0.01 eV
_FEWEST = 10  # common points of both curves


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpectrumOverlay:
    """A calculated spectrum laid over a measured one.

    Parameters
    ----------
    shift : float
        What is added to the calculated energies for the best overlap.
    scale : float
        What the shifted curve is multiplied by to fit the measured one, in units of the measured one.
    overlap : float
        Cosine between both curves after the shift: 1 for the same shape.
    overlap_unshifted : float
        The same as calculated.
    range_ev : array_like, shape (2,)
        Where both are compared.
    """

    shift: float = field(metadata={"unit": "eV"})
    scale: float
    overlap: float
    overlap_unshifted: float
    range_ev: FloatArray = field(metadata={"unit": "eV"})

    def __post_init__(self) -> None:
        """Freeze the range."""
        object.__setattr__(self, "range_ev", freeze_float(self.range_ev, (2,), "range_ev"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeakMatch:
    """Measured peaks with the maxima of a calculated spectrum.

    Parameters
    ----------
    measured_ev, calculated_ev : array_like, shape (m,)
        Matched pairs, by measured energy.
    unmatched_ev : array_like, shape (u,)
        Measured peaks without a calculated maximum.
    """

    measured_ev: FloatArray = field(metadata={"unit": "eV"})
    calculated_ev: FloatArray = field(metadata={"unit": "eV"})
    unmatched_ev: FloatArray = field(metadata={"unit": "eV"})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("measured_ev", "calculated_ev", "unmatched_ev"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (None,), name))

    @property
    def mean_shift(self) -> float:
        """Mean of measured less calculated energies in eV; nan without a pair."""
        return (
            float(np.mean(self.measured_ev - self.calculated_ev)) if len(self.measured_ev) else float("nan")
        )

    @property
    def largest_deviation(self) -> float:
        """Largest distance of a pair in eV; nan without one."""
        apart = np.abs(self.measured_ev - self.calculated_ev)
        return float(apart.max()) if apart.size else float("nan")


def compare_spectrum(
    simulated: SimulatedSpectrum, energy_ev: ArrayLike, intensity: ArrayLike
) -> SpectrumOverlay:
    """Lay a calculated spectrum over a measured one.

    Parameters
    ----------
    simulated : SimulatedSpectrum
        Sticks and width.
    energy_ev, intensity : array_like, shape (n,)
        Measured absorption on an axis of energy, strictly monotonic.

    Returns
    -------
    SpectrumOverlay
        Shift of at most 1 eV, scale and overlap.

    Raises
    ------
    InputError
        If there are fewer than ten points within a band of the calculated spectrum, or nothing absorbs there.

    Examples
    --------
    >>> from clustermodel.electronic.spectrum import simulate_spectrum
    >>> simulated = simulate_spectrum([2.0], [0.4])
    >>> overlay = compare_spectrum(simulated, simulated.axis_ev + 0.1, 3 * simulated.curve)
    >>> round(overlay.shift, 3), round(overlay.scale, 3), round(overlay.overlap, 4)
    (0.1, 3.0, 1.0)
    """
    energy, measured = order_spectrum(energy_ev, intensity)
    inside = (energy >= simulated.axis_ev[0] - _LARGEST_SHIFT) & (
        energy <= simulated.axis_ev[-1] + _LARGEST_SHIFT
    )
    energy, measured = energy[inside], measured[inside]
    if len(energy) < _FEWEST or not np.any(measured > 0):
        msg = (
            f"measured spectrum: {len(energy)} points between {simulated.axis_ev[0]:.2f} and "
            f"{simulated.axis_ev[-1]:.2f} eV, where the calculated one lies; expected {_FEWEST} "
            "with absorption"
        )
        raise InputError(msg)
    weights = np.gradient(energy)

    def overlap(shift: float) -> float:
        curve = _draw(simulated, energy, shift)
        norm = np.sqrt(weights @ curve**2 * (weights @ measured**2))
        return float(weights @ (curve * measured) / norm) if norm > 0 else 0.0

    trials = np.linspace(-_LARGEST_SHIFT, _LARGEST_SHIFT, _TRIALS)
    best = float(trials[int(np.argmax([overlap(shift) for shift in trials]))])
    step = float(trials[1] - trials[0])
    fine = minimize_scalar(lambda shift: -overlap(shift), bounds=(best - step, best + step), method="bounded")
    curve = _draw(simulated, energy, float(fine.x))
    square = float(weights @ curve**2)
    return SpectrumOverlay(
        shift=float(fine.x),
        scale=float(weights @ (curve * measured)) / square if square > 0 else float("nan"),
        overlap=overlap(float(fine.x)),
        overlap_unshifted=overlap(0.0),
        range_ev=energy[[0, -1]],
    )


def _draw(simulated: SimulatedSpectrum, energy: FloatArray, shift: float) -> FloatArray:
    settings = simulated.settings
    return broaden_sticks(
        simulated.energies_ev + shift,
        simulated.strengths,
        energy,
        fwhm=settings.fwhm,
        shape=settings.shape,
    )


def compare_peaks(simulated: SimulatedSpectrum, peaks_ev: ArrayLike) -> PeakMatch:
    """Match measured peaks with the maxima of a calculated spectrum, one to one.

    Parameters
    ----------
    simulated : SimulatedSpectrum
        Sticks and curve.
    peaks_ev : array_like, shape (n,)
        Measured energies in eV.

    Returns
    -------
    PeakMatch
        Pairs with the smallest sum of distances, none of them more than 1 eV apart.

    Raises
    ------
    InputError
        If a peak is not a positive energy.

    Examples
    --------
    >>> from clustermodel.electronic.spectrum import simulate_spectrum
    >>> match = compare_peaks(simulate_spectrum([2.0, 2.8], [0.1, 0.2]), [2.1, 2.7, 4.9])
    >>> match.measured_ev, match.unmatched_ev, round(match.largest_deviation, 2)
    (array([2.1, 2.7]), array([4.9]), 0.1)
    """
    measured = np.sort(np.asarray(peaks_ev, float).ravel())
    if not np.all(np.isfinite(measured) & (measured > 0)):
        msg = f"measured peaks {measured.tolist()} eV; expected positive energies"
        raise InputError(msg)
    found = simulated.peaks_ev
    apart = np.abs(measured[:, None] - found[None, :])
    rows, columns = linear_sum_assignment(np.minimum(apart, _LARGEST_SHIFT))
    near = apart[rows, columns] < _LARGEST_SHIFT
    rows, columns = rows[near], columns[near]
    return PeakMatch(
        measured_ev=measured[rows],
        calculated_ev=found[columns],
        unmatched_ev=np.delete(measured, rows),
    )
