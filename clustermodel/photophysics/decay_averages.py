"""Which average lifetime? The amplitude average of quantum yields and rates, and the intensity average."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import gamma

from clustermodel._arrays import FloatArray
from clustermodel.photophysics.decay_fit import DecayFit, measure_su
from clustermodel.photophysics.decay_interval import LifetimeInterval, find_sharpest_ns
from clustermodel.photophysics.decay_model import Layout

__all__ = ["AverageVerdict", "LifetimeAverages", "measure_averages"]

AverageVerdict = Literal["determined", "upper bound", "lower bound", "not determined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifetimeAverages:
    """The two averages of a decay.

    Parameters
    ----------
    kind : {"single", "several", "stretched"}
        One exponential, where both averages are equal, several of them, or a stretched one, where they are
        τΓ(1/β)/β and τΓ(2/β)/Γ(1/β).
    amplitude_ns, amplitude_su_ns : float
        Σaτ/Σa, the area of the decay over its height at time zero: the lifetime that belongs to a quantum
        yield and gives rate constants.
    intensity_ns, intensity_su_ns : float
        Σaτ²/Σaτ, the mean time until a photon comes.
    amplitude_verdict, intensity_verdict : str
        ``determined``; ``upper bound`` or ``lower bound`` where a component is too short or too long to be
        measured; ``not determined``.
    amplitude_bound_ns, intensity_bound_ns : float or None
        The bound, from the end of the 95 % interval of that component.
    amplitude_without_short_ns : float or None
        Amplitude average without components that are too short, as it is if they are scattered light; None
        where there are none, or no others.
    """

    kind: Literal["single", "several", "stretched"]
    amplitude_ns: float = field(metadata={"unit": "ns"})
    amplitude_su_ns: float = field(metadata={"unit": "ns"})
    intensity_ns: float = field(metadata={"unit": "ns"})
    intensity_su_ns: float = field(metadata={"unit": "ns"})
    amplitude_verdict: AverageVerdict = "determined"
    intensity_verdict: AverageVerdict = "determined"
    amplitude_bound_ns: float | None = field(default=None, metadata={"unit": "ns"})
    intensity_bound_ns: float | None = field(default=None, metadata={"unit": "ns"})
    amplitude_without_short_ns: float | None = field(default=None, metadata={"unit": "ns"})


def measure_averages(fit: DecayFit, intervals: Sequence[LifetimeInterval] = ()) -> LifetimeAverages:
    """Calculate the amplitude and the intensity average with standard uncertainties.

    Parameters
    ----------
    fit : DecayFit
        The fit.
    intervals : sequence of LifetimeInterval, optional
        Intervals of its lifetimes; with them, averages that hang on a lifetime out of reach become bounds.

    Returns
    -------
    LifetimeAverages
        Both averages.

    Examples
    --------
    >>> from clustermodel.photophysics.decay_fit import fit_decay
    >>> from clustermodel.photophysics.decay_model import DecayModel, DecayValues, simulate_decay
    >>> values = DecayValues(lifetimes_ns=(1.0, 3.2), photons=(1e6, 3.2e6))  # equal amplitudes
    >>> fit = fit_decay(
    ...     simulate_decay(DecayModel(), values, np.linspace(0, 40, 401), seed=1),
    ...     DecayModel(components=2),
    ...     window_ns=(0, 40),
    ... )
    >>> averages = measure_averages(fit)  # 2.100 and 2.676 ns
    >>> round(averages.amplitude_ns, 1), round(averages.intensity_ns, 1)
    (2.1, 2.7)
    """
    layout = fit.problem.layout

    def amplitude(vector: FloatArray) -> float:
        return _average_amplitude(vector, layout)

    def intensity(vector: FloatArray) -> float:
        return _average_intensity(vector, layout)

    verdicts, bounds = _judge(fit, intervals)
    several: Literal["single", "several"] = "several" if layout.components > 1 else "single"
    return LifetimeAverages(
        kind="stretched" if fit.model.stretched else several,
        amplitude_ns=amplitude(fit.vector),
        amplitude_su_ns=measure_su(fit, amplitude),
        intensity_ns=intensity(fit.vector),
        intensity_su_ns=measure_su(fit, intensity),
        amplitude_verdict=verdicts[0],
        intensity_verdict=verdicts[1],
        amplitude_bound_ns=bounds[0],
        intensity_bound_ns=bounds[1],
        amplitude_without_short_ns=_leave_out(fit, _list_short(fit, intervals)),
    )


def _average_amplitude(vector: FloatArray, layout: Layout) -> float:
    """Return Σaτ/Σa; β is 1 for exponentials."""
    bend = 1 / float(vector[layout.stretching])
    areas, lifetimes = vector[layout.photons], np.exp(vector[layout.lifetimes])
    amplitudes = areas / (lifetimes * bend * gamma(bend))
    return float(areas.sum() / amplitudes.sum()) if areas.any() else float("nan")


def _average_intensity(vector: FloatArray, layout: Layout) -> float:
    """Return Σaτ²/Σaτ."""
    bend = 1 / float(vector[layout.stretching])
    areas, lifetimes = vector[layout.photons], np.exp(vector[layout.lifetimes])
    if not areas.any():
        return float("nan")
    return float((areas * lifetimes).sum() / areas.sum() * gamma(2 * bend) / gamma(bend))


def _list_short(fit: DecayFit, intervals: Sequence[LifetimeInterval]) -> list[int]:
    """Return the components that are too short, or may be: nothing is known of them."""
    sharpest = find_sharpest_ns(fit)
    pairs = zip(intervals, fit.values.lifetimes_ns, strict=False)
    return [k for k, (one, tau) in enumerate(pairs) if one.verdict == "too short" or tau < sharpest]


def _leave_out(fit: DecayFit, places: list[int]) -> float | None:
    """Return the amplitude average of the other components."""
    areas = np.delete(fit.values.photons, places)
    amplitudes = areas / np.delete(fit.values.lifetimes_ns, places)
    return float(areas.sum() / amplitudes.sum()) if places and amplitudes.sum() > 0 else None


def _judge(
    fit: DecayFit, intervals: Sequence[LifetimeInterval]
) -> tuple[tuple[AverageVerdict, AverageVerdict], tuple[float | None, float | None]]:
    """Return verdicts and bounds of both averages."""
    layout = fit.problem.layout
    short = _list_short(fit, intervals)
    long = [k for k, one in enumerate(intervals) if one.verdict == "too long"]
    is_dark = all(one.verdict == "no amplitude" for one in intervals) and bool(intervals)
    if is_dark or (short and long):
        return ("not determined", "not determined"), (None, None)
    if short:
        held = _hold(fit, short, [intervals[k].high_ns for k in short])
        if held is None:
            return ("not determined", "determined"), (None, None)
        return ("upper bound", "determined"), (_average_amplitude(held, layout), None)
    if long:
        held = _hold(fit, long, [intervals[k].low_ns for k in long])
        if held is None:
            return ("not determined", "not determined"), (None, None)
        bounds = (_average_amplitude(held, layout), _average_intensity(held, layout))
        return ("lower bound", "lower bound"), bounds
    return ("determined", "determined"), (None, None)


def _hold(fit: DecayFit, places: list[int], ends: list[float | None]) -> FloatArray | None:
    """Return the best parameters with one lifetime at the end of its interval; None without such an end."""
    if len(places) > 1 or ends[0] is None:
        return None
    start = fit.vector
    start[places[0]] = np.log(ends[0])
    return fit.problem.search(start, hold=places[0]).vector
