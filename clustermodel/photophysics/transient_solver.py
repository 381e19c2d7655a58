"""Where is the sum of squares lowest? A bounded trust-region search with the compressed Jacobian."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from clustermodel._arrays import BoolArray, FloatArray
from clustermodel.photophysics.transient_problem import Evaluation, TransientProblem

__all__ = ["Bounds", "Solution", "build_bounds", "solve_problem"]

_MOST_EVALUATIONS = 150
_FASTEST = 0.1  # shortest lifetime, in standard deviations of the response that a fit starts from
_SLOWEST = 1e3  # longest lifetime, in windows of delays
_WIDTHS = 8.0  # factor that the width of the response may change by
_AT_BOUND = 1e-3  # distance from a bound, in units of the logarithm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bounds:
    """Limits of the parameters.

    Parameters
    ----------
    lower, upper : ndarray, shape (p,)
        Limits.
    free : ndarray of bool, shape (p,)
        Which parameters are searched for.
    """

    lower: FloatArray
    upper: FloatArray
    free: BoolArray

    def without(self, place: int) -> "Bounds":
        """Return limits with one more parameter held.

        Parameters
        ----------
        place : int
            Its number.

        Returns
        -------
        Bounds
            The limits.
        """
        free = self.free.copy()
        free[place] = False
        return Bounds(lower=self.lower, upper=self.upper, free=free)

    def find_hits(self, parameters: FloatArray) -> BoolArray:
        """Find parameters that stopped at a limit.

        Parameters
        ----------
        parameters : ndarray, shape (p,)
            The parameters.

        Returns
        -------
        ndarray of bool, shape (p,)
            True at a limit.
        """
        near = (parameters - self.lower < _AT_BOUND) | (self.upper - parameters < _AT_BOUND)
        return np.asarray(near & self.free)


class Solution(NamedTuple):
    """The lowest point of a search.

    Parameters
    ----------
    parameters : ndarray, shape (p,)
        All parameters, also those held.
    squares : float
        Sum of squares.
    evaluations : int
        How often the model was evaluated.
    settled : bool
        Whether the search ended by itself.
    """

    parameters: FloatArray
    squares: float
    evaluations: int
    settled: bool


def build_bounds(problem: TransientProblem, sigma: float, *, fixed: BoolArray) -> Bounds:
    """Set limits: lifetimes from a tenth of the response to a thousand windows.

    Parameters
    ----------
    problem : TransientProblem
        Map and model.
    sigma : float
        Standard deviation of the response that the fit starts from, in ps.
    fixed : ndarray of bool, shape (p,)
        Parameters to hold.

    Returns
    -------
    Bounds
        Limits.
    """
    count, rest = len(problem.scheme.rates), problem.dispersion_basis.shape[1]
    window = float(np.ptp(problem.delay))
    lower = np.full(count + 1 + rest, -np.inf)
    upper = np.full(count + 1 + rest, np.inf)
    lower[:count], upper[:count] = -np.log(_SLOWEST * window), -np.log(_FASTEST * sigma)
    lower[count], upper[count] = np.log(sigma / _WIDTHS), np.log(sigma * _WIDTHS)
    return Bounds(lower=lower, upper=upper, free=~fixed)


class _Objective:
    """Residual and Jacobian for the free parameters; the last evaluation is kept."""

    def __init__(
        self, problem: TransientProblem, start: FloatArray, free: BoolArray, counts: FloatArray | None
    ) -> None:
        self._problem = problem
        self._all = start.copy()
        self._free = free
        self._used = None if counts is None else np.flatnonzero(counts)
        self._roots = None if self._used is None else np.sqrt(counts[self._used])  # type: ignore[index]
        self._key: FloatArray | None = None
        self._last: Evaluation | None = None

    def expand(self, free: FloatArray) -> FloatArray:
        """Return all parameters."""
        whole = self._all.copy()
        whole[self._free] = free
        return whole

    def _evaluate(self, free: FloatArray) -> Evaluation:
        if self._last is None or self._key is None or not np.array_equal(self._key, free):
            self._key, self._last = free.copy(), self._problem.evaluate(self.expand(free), self._used)
        return self._last

    def residual(self, free: FloatArray) -> FloatArray:
        """Return the residual; wavelengths drawn several times weigh more."""
        found = self._evaluate(free).residual
        return np.asarray(found if self._roots is None else found * self._roots[:, None]).ravel()

    def jacobian(self, free: FloatArray) -> FloatArray:
        """Return its derivatives."""
        found = self._evaluate(free).jacobian[..., self._free]
        found = found if self._roots is None else found * self._roots[:, None, None]
        return np.asarray(found.reshape(-1, free.size))


def solve_problem(
    problem: TransientProblem,
    start: FloatArray,
    bounds: Bounds,
    *,
    counts: FloatArray | None = None,
    most: int = _MOST_EVALUATIONS,
    tolerance: float = 1e-9,
) -> Solution:
    """Search for the lowest sum of squares.

    Parameters
    ----------
    problem : TransientProblem
        Map and model.
    start : ndarray, shape (p,)
        Where to start.
    bounds : Bounds
        Limits, and which parameters are free.
    counts : ndarray, shape (n,), optional
        How often each wavelength counts; once if left out.
    most : int, optional
        Evaluations after which the search is given up.
    tolerance : float, optional
        Relative change of parameters or sum of squares at which it ends.

    Returns
    -------
    Solution
        The lowest point.
    """
    free = bounds.free
    whole = np.clip(start, bounds.lower + 1e-9, bounds.upper - 1e-9)
    whole[~free] = start[~free]
    objective = _Objective(problem, whole, free, counts)
    if not free.any():
        residual = objective.residual(whole[free])
        return Solution(whole, float(residual @ residual), 1, settled=True)
    fit = least_squares(
        objective.residual,
        whole[free],
        objective.jacobian,
        bounds=(bounds.lower[free], bounds.upper[free]),
        x_scale="jac",
        ftol=tolerance,
        xtol=tolerance,
        gtol=None,
        max_nfev=most,
    )
    return Solution(objective.expand(fit.x), 2 * float(fit.cost), int(fit.nfev), settled=bool(fit.success))
