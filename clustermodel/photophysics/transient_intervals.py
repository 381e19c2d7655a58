"""Between which limits does a lifetime lie? Profiles of the sum of squares."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import t as student

from clustermodel._arrays import FloatArray
from clustermodel.axes import SIGMA_PER_FWHM
from clustermodel.photophysics.transient_fit import build_problem
from clustermodel.photophysics.transient_problem import TransientProblem
from clustermodel.photophysics.transient_result import TransientFit
from clustermodel.photophysics.transient_scheme import build_parallel, build_sequential
from clustermodel.photophysics.transient_solver import Bounds, build_bounds, solve_problem

__all__ = [
    "LEVEL",
    "Interval",
    "bound_offset",
    "estimate_intervals",
    "find_quantile",
    "rebuild_bounds",
    "trace_profiles",
]

LEVEL = 0.95
"""Confidence of all intervals."""

_CLOSE = 0.02  # distance from the threshold, relative to it, at which a limit is found
_MOST_FITS = 12  # for one limit
_MOST_EVALUATIONS = 60  # for one fit beside the minimum
_TOLERANCE = 1e-7  # of such a fit
_FIRST_STEP = (0.02, 1.0)  # of log lifetime: smallest and largest
_GROWTH = 3.0  # largest factor from one step to the next
_LONGEST = 300.0  # windows of delays beyond which a lifetime has no upper limit
_FEWEST_BLOCKS = 3.0  # that limits are set for; with fewer, Student's t has no meaning
_MOST_SPREAD = 3.0  # of a log lifetime; beyond it, nothing is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Limits of one time constant.

    Parameters
    ----------
    rate : str
        Name of its rate constant.
    value : float
        The time constant.
    low, high : float
        Limits; 0 or inf where the data set none.
    inflation : float
        Factor on the width of the interval for correlated residuals; 1 for white noise.
    """

    rate: str
    value: float = field(metadata={"unit": "ps"})
    low: float = field(metadata={"unit": "ps"})
    high: float = field(metadata={"unit": "ps"})
    inflation: float = field(default=1.0, metadata={"unit": ""})


class _Profile:
    """The sum of squares along one log rate, all other parameters refitted."""

    def __init__(
        self,
        problem: TransientProblem,
        bounds: Bounds,
        minimum: FloatArray,
        place: int,
        covariance: FloatArray,
    ) -> None:
        self._problem = problem
        self._bounds = bounds.without(place)
        self._minimum = minimum
        self._place = place
        variance = covariance[place, place]
        line = covariance[:, place] / variance if np.isfinite(variance) and variance > 0 else np.zeros(0)
        self._line = np.nan_to_num(line) if line.size else np.eye(minimum.size)[place]
        self._last: tuple[float, FloatArray] | None = None

    def squares(self, log_rate: float) -> float:
        """Return the sum of squares; the search starts from the last one, or from the line of least rise."""
        step = log_rate - self._minimum[self._place]
        start = self._minimum + step * self._line if self._last is None else self._last[1].copy()
        start[self._place] = log_rate
        found = solve_problem(
            self._problem, start, self._bounds, most=_MOST_EVALUATIONS, tolerance=_TOLERANCE
        )
        self._last = (log_rate, found.parameters)
        return found.squares

    def restart(self) -> None:
        """Forget the last search."""
        self._last = None


def trace_profiles(fit: TransientFit, *, tick: Callable[[], None] | None = None) -> tuple[Interval, ...]:
    """Find the limits of every time constant by profiles of the sum of squares.

    One time constant is moved and everything else refitted, until the sum of squares has risen by s² times a
    threshold: the square of Student's t, times the square of the robust over the white uncertainty where
    that is larger than 1. Counting one parameter, not the amplitudes of all wavelengths, is what makes the
    width right.

    Parameters
    ----------
    fit : TransientFit
        The fit.
    tick : callable, optional
        Called after each time constant.

    Returns
    -------
    tuple of Interval
        In the order of the rate constants; those held are left out.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_fit import fit_transient
    >>> from clustermodel.photophysics.transient_scheme import build_parallel
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, _ = simulate_transient(lifetimes_ps=[2.0, 80.0], noise=0.02)
    >>> fit = fit_transient(data, build_parallel(2))
    >>> [one.low < one.value < one.high < 1.1 * one.low for one in trace_profiles(fit)]
    [True, True]
    """
    problem = build_problem(fit.data, fit.scheme, fit.settings)
    bounds = rebuild_bounds(fit, problem)
    squares = float(np.einsum("ij,ij->", fit.residual, fit.residual))
    intervals = []
    for place, rate in enumerate(fit.scheme.rates):
        if not bounds.free[place]:
            continue
        inflation = _measure_inflation(fit, place)
        profile = _Profile(problem, bounds, fit.parameters, place, fit.covariances.white)
        limit = find_quantile(fit, place) * inflation * np.sqrt(squares / fit.freedom)
        ends = []
        for direction in (1.0, -1.0):  # faster, then slower
            profile.restart()
            first = _first_step(fit, place, inflation)
            ends.append(_walk(profile, bounds, fit, place, direction * first, (squares, limit)))
        intervals.append(
            Interval(
                rate=rate,
                value=float(fit.time_constants_ps[place]),
                low=ends[0],
                high=ends[1],
                inflation=inflation,
            )
        )
        if tick is not None:
            tick()
    return tuple(intervals)


def estimate_intervals(fit: TransientFit) -> tuple[Interval, ...]:
    """Estimate the limits of every time constant from its robust standard uncertainty, without further fits.

    Parameters
    ----------
    fit : TransientFit
        The fit.

    Returns
    -------
    tuple of Interval
        In the order of the rate constants; those held are left out. The limits are symmetric on a logarithmic
        scale, and open where there is no uncertainty.
    """
    intervals = []
    for place, rate in enumerate(fit.scheme.rates):
        if fit.scheme.fixed[place]:
            continue
        value = float(fit.time_constants_ps[place])
        spread = find_quantile(fit, place) * float(fit.time_constants_su_ps[place]) / value
        known = np.isfinite(spread) and spread < _MOST_SPREAD
        intervals.append(
            Interval(
                rate=rate,
                value=value,
                low=value * float(np.exp(-spread)) if known else 0.0,
                high=value * float(np.exp(spread)) if known else np.inf,
                inflation=_measure_inflation(fit, place),
            )
        )
    return tuple(intervals)


def find_quantile(fit: TransientFit, place: int) -> float:
    """Find Student's t for the limits of a parameter.

    Parameters
    ----------
    fit : TransientFit
        The fit.
    place : int
        Number of the parameter.

    Returns
    -------
    float
        The quantile, for one degree of freedom less than the blocks that the parameter rests on.
    """
    blocks = float(np.nan_to_num(fit.covariances.blocks[place], nan=_FEWEST_BLOCKS))
    return float(student.ppf(0.5 + LEVEL / 2, max(_FEWEST_BLOCKS, blocks) - 1))


def _measure_inflation(fit: TransientFit, place: int) -> float:
    white, robust = fit.covariances.white[place, place], fit.covariances.robust[place, place]
    ratio = np.sqrt(robust / white) if np.isfinite(white) and np.isfinite(robust) and white > 0 else 1.0
    return float(max(1.0, ratio))


def _first_step(fit: TransientFit, place: int, inflation: float) -> float:
    step = find_quantile(fit, place) * inflation * np.sqrt(fit.covariances.white[place, place])
    return float(np.clip(np.nan_to_num(step, nan=_FIRST_STEP[1]), *_FIRST_STEP))


def rebuild_bounds(fit: TransientFit, problem: TransientProblem) -> Bounds:
    """Build the limits of the parameters of a fit again.

    Parameters
    ----------
    fit : TransientFit
        The fit.
    problem : TransientProblem
        Map and model of the fit.

    Returns
    -------
    Bounds
        Limits, and which parameters are free.
    """
    fixed = np.zeros(fit.parameters.size, dtype=bool)
    fixed[: len(fit.scheme.rates)] = fit.scheme.fixed
    fixed[len(fit.scheme.rates)] = fit.settings.irf_fixed
    return build_bounds(problem, fit.irf_fwhm_ps * SIGMA_PER_FWHM, fixed=fixed)


def _walk(
    profile: _Profile,
    bounds: Bounds,
    fit: TransientFit,
    place: int,
    step: float,
    target: tuple[float, float],
) -> float:
    """Return the time constant at which the root of the rise reaches the limit; 0 or inf if it never does."""
    squares, limit = target
    slowest = max(bounds.lower[place], -np.log(_LONGEST * np.ptp(fit.data.delay_ps)))
    inside, outside = 0.0, np.inf  # distances from the minimum with a rise below and above the limit
    rise_inside, rise_outside = 0.0, np.inf
    distance, sign = abs(step), np.sign(step)
    for _ in range(_MOST_FITS):
        log_rate = float(np.clip(fit.parameters[place] + sign * distance, slowest, bounds.upper[place]))
        rise = float(np.sqrt(max(profile.squares(log_rate) - squares, 0.0)))
        if abs(rise - limit) < _CLOSE * limit:
            return float(np.exp(-log_rate))
        if rise < limit:
            if log_rate in (slowest, bounds.upper[place]):
                return float(np.inf if sign < 0 else 0.0)
            inside, rise_inside = distance, rise
        else:
            outside, rise_outside = distance, rise
        distance = _next_distance(inside, outside, (rise_inside, rise_outside), limit)
    return float(np.exp(-fit.parameters[place] - sign * distance))


def _next_distance(inside: float, outside: float, rises: tuple[float, float], limit: float) -> float:
    """Return where a straight line through the last points reaches the limit, with some care."""
    if not np.isfinite(outside):
        factor = limit / rises[0] if rises[0] > 0 else _GROWTH
        return inside * float(np.clip(1.05 * factor, 1.1, _GROWTH))
    share = (limit - rises[0]) / (rises[1] - rises[0])
    return inside + (outside - inside) * float(np.clip(share, 0.1, 0.9))


def bound_offset(fit: TransientFit) -> float | None:
    """Find how long something that seems to stay must live at least.

    Parameters
    ----------
    fit : TransientFit
        A fit of a parallel or sequential scheme with an offset.

    Returns
    -------
    float or None
        Lower limit of its lifetime in ps: a shorter one would raise the sum of squares beyond the threshold.
        None if the scheme has no offset.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_fit import fit_transient
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, _ = simulate_transient(lifetimes_ps=[2.0, 1e9], noise=0.02)
    >>> bound = bound_offset(fit_transient(data, build_parallel(1, offset=True)))
    >>> bound > 3000  # the delays end at 1500 ps
    True
    """
    if "offset" not in fit.scheme.species or fit.scheme.kind == "target":
        return None
    count = len(fit.scheme.rates)
    build = build_sequential if fit.scheme.kind == "sequential" else build_parallel
    problem = TransientProblem(
        fit.data, build(count + 1), artifact=fit.settings.artifact, order=fit.settings.dispersion
    )
    window = float(np.ptp(fit.data.delay_ps))
    old = fit.parameters
    start = np.insert(old, count, -np.log(_LONGEST * window))
    fixed = np.zeros(start.size, dtype=bool)
    fixed[count], fixed[count + 1] = True, fit.settings.irf_fixed
    bounds = build_bounds(problem, fit.irf_fwhm_ps * SIGMA_PER_FWHM, fixed=fixed)
    squares = float(np.einsum("ij,ij->", fit.residual, fit.residual))
    limit = find_quantile(fit, count - 1) * np.sqrt(squares / fit.freedom)
    limit *= _measure_inflation(fit, count - 1) if count else 1.0  # of the slowest, for want of an own one
    low, high, point = -np.log(_LONGEST * window), -np.log(window / 20), start
    for _ in range(_MOST_FITS):  # bisection: the rise grows with the rate
        middle = (low + high) / 2
        point = point.copy()
        point[count] = middle
        found = solve_problem(problem, point, bounds, most=_MOST_EVALUATIONS, tolerance=_TOLERANCE)
        point = found.parameters
        rise = np.sqrt(max(found.squares - squares, 0.0))
        low, high = (middle, high) if rise < limit else (low, middle)
    return float(np.exp(-low))
