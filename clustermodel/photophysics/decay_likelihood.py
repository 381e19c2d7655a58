"""Which parameters make the counts most likely? Poisson maximum likelihood by Fisher scoring, with bounds."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, xlogy

from clustermodel._arrays import BoolArray, FloatArray

__all__ = ["Limits", "Optimum", "Predict", "expect_deviance", "fit_poisson", "measure_deviance"]

Predict = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
_MOST_STEPS = 60
_DAMPING = (1e-9, 1e-3, 1e10)  # least, first and most of the damping, relative to the diagonal
_MANY = 1e4  # counts: from here on the deviance of a bin has mean 1 and variance 2 to four digits


class Limits(NamedTuple):
    """Where a search may go.

    Parameters
    ----------
    lower, upper : ndarray, shape (p,)
        Bounds; a parameter with equal bounds is held.
    reach : ndarray, shape (p,)
        Largest change of each parameter in one step.
    """

    lower: FloatArray
    upper: FloatArray
    reach: FloatArray


class Optimum(NamedTuple):
    """Where the likelihood has its maximum.

    Parameters
    ----------
    vector : ndarray, shape (p,)
        Parameters.
    deviance : float
        Twice the difference of the logarithms of the likelihood to that of a perfect description.
    fisher : ndarray, shape (p, p)
        Expected information.
    free : ndarray of bool, shape (p,)
        Which parameters are not at a bound.
    settled : bool
        Whether the search came to its end.
    """

    vector: FloatArray
    deviance: float
    fisher: FloatArray
    free: BoolArray
    settled: bool


def measure_deviance(counts: FloatArray, expected: FloatArray) -> float:
    """Measure how far counts are from what was expected, as Poisson deviance.

    Parameters
    ----------
    counts, expected : ndarray, shape (n,)
        Counts and positive expected counts.

    Returns
    -------
    float
        2 Σ [μ - n + n ln(n/μ)].

    Examples
    --------
    >>> measure_deviance(np.array([0.0, 4.0]), np.array([1.0, 4.0]))
    2.0
    """
    return float(2 * np.sum(expected - counts + xlogy(counts, counts / expected)))


@functools.cache
def _tabulate_deviance() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ln μ with mean and variance of the deviance of one bin, by summing over all counts."""
    places = np.linspace(np.log(1e-8), np.log(_MANY), 601)
    means, variances = np.empty_like(places), np.empty_like(places)
    for i, mean in enumerate(np.exp(places)):
        reach = 12 * np.sqrt(mean) + 30
        n = np.arange(max(0, int(mean - reach)), int(mean + reach) + 1, dtype=np.float64)
        chance = np.exp(xlogy(n, mean) - mean - gammaln(n + 1))
        deviance = 2 * (mean - n + xlogy(n, n / mean))
        means[i] = chance @ deviance
        variances[i] = chance @ deviance**2 - means[i] ** 2
    return places, means, variances


def expect_deviance(expected: FloatArray) -> tuple[float, float]:
    """Calculate the mean and the variance of the deviance of Poisson counts.

    For many counts they are 1 and 2 for each bin, as the tables of χ² have it; for less than about five
    counts they are not.

    Parameters
    ----------
    expected : ndarray, shape (n,)
        Positive expected counts.

    Returns
    -------
    mean, variance : float
        Of the sum over all bins.

    Examples
    --------
    >>> [round(expect_deviance(np.array([mean]))[0], 3) for mean in (0.1, 1.0, 100.0)]
    [0.474, 1.147, 1.002]
    """
    places, means, variances = _tabulate_deviance()
    where = np.log(expected)
    return float(np.interp(where, places, means).sum()), float(np.interp(where, places, variances).sum())


def fit_poisson(
    predict: Predict, counts: FloatArray, start: FloatArray, limits: Limits, *, tolerance: float = 1e-6
) -> Optimum:
    """Maximise the Poisson likelihood of counts by damped Fisher scoring (laurence2010).

    Parameters
    ----------
    predict : callable
        From a vector of parameters to expected counts, shape (n,), all positive, and derivatives, (n, p).
    counts : ndarray, shape (n,)
        Counts.
    start : ndarray, shape (p,)
        Where to start.
    limits : Limits
        Bounds and longest steps.
    tolerance : float, optional
        Decrease of the deviance that is not worth another step; the default is a thousandth of a standard
        uncertainty. It grows with the deviance of a model that does not describe the counts.

    Returns
    -------
    Optimum
        The maximum that is reached from the start.

    Examples
    --------
    >>> counts = np.array([3.0, 5.0, 4.0])
    >>> flat = lambda level: (np.full(3, level[0]), np.ones((3, 1)))
    >>> limits = Limits(np.array([1e-3]), np.array([1e3]), np.array([np.inf]))
    >>> round(float(fit_poisson(flat, counts, np.ones(1), limits).vector[0]), 6)
    4.0
    """
    search = _Search(predict, counts, limits)
    state = search.look(np.clip(start, limits.lower, limits.upper))
    damping, stalled, settled = _DAMPING[1], 0, False
    for _ in range(_MOST_STEPS):
        slope, fisher = search.differentiate(state)
        enough = tolerance * max(1.0, state.deviance / counts.size)
        if stalled == 2 or _forecast(slope, fisher, search.find_free(state.vector, slope)) < enough:
            settled = True
            break
        found, damping = search.step(state, slope, fisher, damping)
        if found is None:  # no way down: rounding
            settled = True
            break
        stalled = stalled + 1 if state.deviance - found.deviance < enough / 10 else 0
        state = found
    slope, fisher = search.differentiate(state)
    free = search.find_free(state.vector, slope)
    return Optimum(state.vector, state.deviance, fisher, free, settled)


class _State(NamedTuple):
    vector: FloatArray
    deviance: float
    expected: FloatArray
    derivatives: FloatArray


class _Search:
    """Counts, prediction and limits of one search."""

    def __init__(self, predict: Predict, counts: FloatArray, limits: Limits) -> None:
        self.predict, self.counts = predict, counts
        self.lower, self.upper, self.reach = limits

    def look(self, vector: FloatArray) -> _State:
        """Return the deviance and what it comes from."""
        expected, derivatives = self.predict(vector)
        return _State(vector, measure_deviance(self.counts, expected), expected, derivatives)

    def differentiate(self, state: _State) -> tuple[FloatArray, FloatArray]:
        """Return the slope of the logarithm of the likelihood and the expected information."""
        slope = state.derivatives.T @ (self.counts / state.expected - 1)
        weighted = state.derivatives / np.sqrt(state.expected)[:, None]
        return np.asarray(slope), np.asarray(weighted.T @ weighted)

    def find_free(self, vector: FloatArray, slope: FloatArray) -> BoolArray:
        """Return which parameters may move: not those that a bound stops."""
        stopped = ((vector <= self.lower) & (slope <= 0)) | ((vector >= self.upper) & (slope >= 0))
        return np.asarray(~stopped & (self.upper > self.lower))

    def step(
        self, state: _State, slope: FloatArray, fisher: FloatArray, damping: float
    ) -> tuple[_State | None, float]:
        """Return a better place and the next damping; None where there is none."""
        free = self.find_free(state.vector, slope)
        while damping < _DAMPING[2]:
            move = np.zeros_like(slope)
            move[free] = _solve(slope[free], fisher[np.ix_(free, free)], damping)
            move /= max(1.0, float(np.max(np.abs(move) / self.reach)))
            found = self.look(np.clip(state.vector + move, self.lower, self.upper))
            if found.deviance < state.deviance:
                return found, max(_DAMPING[0], damping / 10)
            damping *= 10
        return None, damping


def _solve(slope: FloatArray, fisher: FloatArray, damping: float) -> FloatArray:
    """Return a step of Fisher scoring in parameters scaled to unit information."""
    scale = 1 / np.sqrt(np.maximum(np.diag(fisher), 1e-300))
    scaled = fisher * np.outer(scale, scale) + damping * np.eye(slope.size)
    return np.asarray(scale * np.linalg.solve(scaled, scale * slope))


def _forecast(slope: FloatArray, fisher: FloatArray, free: BoolArray) -> float:
    """Return by how much the deviance would still fall if the likelihood were a parabola."""
    if not free.any():
        return 0.0
    step = _solve(slope[free], fisher[np.ix_(free, free)], _DAMPING[0])
    return float(slope[free] @ step)
