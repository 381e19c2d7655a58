"""Between which ends does each lifetime lie, and is it determined at all? Profile likelihood and verdicts."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.photophysics.decay_fit import DecayFit

__all__ = ["LifetimeInterval", "Verdict", "find_intervals", "find_sharpest_ns"]

Verdict = Literal["determined", "no amplitude", "not resolved", "too short", "too long"]
_LIMIT = 3.841  # rise of the deviance at the ends of a 95 % interval: χ² of one parameter
_TOLERANCE = 0.005  # standard uncertainties: where an end is found, far below what it means
_MOST = 30  # steps towards an end; four are usual
_PRECISE = 1e-3  # of the deviance: a twentieth of that tolerance at the end of an interval
_START = 2.0  # standard uncertainties: where an end is looked for first
_WIDEST = 1.0  # of ln τ: first step where the uncertainty is not known
_LEAST = 2.0  # standard uncertainties that a component stands above zero
_SHARP = 0.1  # of the width of the response: what is shorter hangs on its exact shape


@dataclass(frozen=True, slots=True, kw_only=True)
class LifetimeInterval:
    """The 95 % interval of a lifetime and what it means.

    Parameters
    ----------
    low_ns, high_ns : float or None
        Ends; None where the likelihood stays high down to the shortest, or up to the longest, lifetime that
        was tried.
    verdict : {"determined", "no amplitude", "not resolved", "too short", "too long"}
        Whether there is a value: ``no amplitude`` says that the component may be absent, ``not resolved``
        that its neighbours could take its place, ``too short`` that it is less than a bin or a tenth of the
        response, where `high_ns` is a bound, and ``too long`` that it is longer than the window, where
        `low_ns` is a bound.
    """

    low_ns: float | None = field(metadata={"unit": "ns"})
    high_ns: float | None = field(metadata={"unit": "ns"})
    verdict: Verdict


def find_intervals(fit: DecayFit) -> tuple[LifetimeInterval, ...]:
    """Find the 95 % profile interval of each lifetime, all other parameters fitted anew, and judge it.

    Parameters
    ----------
    fit : DecayFit
        The fit.

    Returns
    -------
    tuple of LifetimeInterval
        One for each component.

    Examples
    --------
    >>> from clustermodel.photophysics.decay_fit import fit_decay
    >>> from clustermodel.photophysics.decay_model import DecayModel, DecayValues, simulate_decay
    >>> values = DecayValues(lifetimes_ns=(5.0,), photons=(1e4,), background=1.0)
    >>> decay = simulate_decay(DecayModel(), values, np.linspace(0, 50, 101), seed=1)
    >>> (interval,) = find_intervals(fit_decay(decay, window_ns=(0, 50)))
    >>> interval.low_ns < 5 < interval.high_ns, interval.verdict
    (True, 'determined')
    """
    ends = [(_find_end(fit, k, -1), _find_end(fit, k, 1)) for k in range(fit.problem.layout.components)]
    return tuple(
        LifetimeInterval(low_ns=low, high_ns=high, verdict=_judge(fit, k, low, high))
        for k, (low, high) in enumerate(ends)
    )


def _find_end(fit: DecayFit, place: int, sign: int) -> float | None:
    """Return where the deviance has risen by the limit, or None."""
    su = fit.find_su(place)
    step = _START * su if 0 < su < _WIDEST / _START else _WIDEST
    edge = float((fit.problem.upper if sign > 0 else fit.problem.lower)[place])
    inner = (fit.vector, -np.sqrt(_LIMIT))
    while sign * (edge - inner[0][place]) > 1e-9:
        outer = _look(
            fit, place, inner[0], inner[0][place] + sign * min(step, sign * (edge - inner[0][place]))
        )
        if outer[1] > 0:
            return float(np.exp(_close_in(fit, place, inner, outer)))
        inner, step = outer, 2 * step
    return None


def _look(fit: DecayFit, place: int, near: FloatArray, log_lifetime: float) -> tuple[FloatArray, float]:
    """Return parameters with one lifetime held, and how far the deviance has risen beyond the limit.

    Of both, square roots are compared: they are nearly linear in ln τ.
    """
    start = near.copy()
    start[place] = log_lifetime
    found = fit.problem.search(start, hold=place, tolerance=_PRECISE)
    return found.vector, float(np.sqrt(max(0.0, found.deviance - fit.deviance)) - np.sqrt(_LIMIT))


def _close_in(
    fit: DecayFit, place: int, inner: tuple[FloatArray, float], outer: tuple[FloatArray, float]
) -> float:
    """Return ln τ where the rise is that of the limit, between two places on either side (Illinois)."""
    (start, low), (end, high) = inner, outer
    left, right, at = float(start[place]), float(end[place]), float(start[place])
    last = 0
    for _ in range(_MOST):
        at = (left * high - right * low) / (high - low)
        start, rise = _look(fit, place, start, at)
        if abs(rise) < _TOLERANCE or abs(right - left) < _TOLERANCE**2:
            break
        side = 1 if rise > 0 else -1
        if side > 0:
            right, high = at, rise
            low = low / 2 if last > 0 else low
        else:
            left, low = at, rise
            high = high / 2 if last < 0 else high
        last = side
    return at


def find_sharpest_ns(fit: DecayFit) -> float:
    """Return the shortest lifetime that bins and response can show.

    Parameters
    ----------
    fit : DecayFit
        The fit.

    Returns
    -------
    float
        A bin or a tenth of the width of the response, whichever is longer, in ns.
    """
    return max(fit.decay.width_ns, _SHARP * fit.model.response.fwhm_ns)


def _judge(fit: DecayFit, k: int, low: float | None, high: float | None) -> Verdict:
    lifetime = fit.values.lifetimes_ns[k]
    window = fit.decay.width_ns * (fit.problem.last - fit.problem.first)
    if _is_twin(fit, k, low, high):
        return "not resolved"
    if not _is_needed(fit, k):
        return "no amplitude"
    if lifetime > window or high is None:  # without an upper end it is the longest: others are no twins
        return "too long"
    if lifetime < find_sharpest_ns(fit) or low is None:
        return "too short"
    return "determined"


def _is_twin(fit: DecayFit, k: int, low: float | None, high: float | None) -> bool:
    """Return whether the interval of a lifetime reaches another one."""
    others = np.delete(fit.values.lifetimes_ns, k)
    return bool(np.any((others > (low or 0.0)) & (others < (high or np.inf))))


def _is_needed(fit: DecayFit, k: int) -> bool:
    """Return whether the counts become clearly less likely without a component."""
    without = fit.vector
    area = fit.problem.layout.photons.start + k
    without[area] = 0.0
    return bool(
        fit.problem.search(without, hold=area, tolerance=_PRECISE).deviance - fit.deviance > _LEAST**2
    )
