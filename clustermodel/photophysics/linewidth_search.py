"""Where do the parameters of a width formula lie that fit best? Limits, held values, priors, many starts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError
from clustermodel.photophysics.linewidth_data import WidthSeries
from clustermodel.photophysics.linewidth_models import WidthModel, WidthParameter, find_model
from clustermodel.photophysics.linewidth_solver import Solutions, WidthProblem, build_problem, solve_problem

__all__ = [
    "DARK",
    "Constraints",
    "build_constrained_problem",
    "count_freedom",
    "count_needed_points",
    "extend_solutions",
    "find_solutions",
    "settle_noise",
]

DARK = 1e-6
"""Of the greatest width: noise that is taken for none."""

_STARTS = 48
_CONTINUED = 8  # fits that go on: the bottom of a flat valley is far
_SEED = 20250  # of the starts: the same data give the same answer
_PASSES = 4  # to settle noise and prior with each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """What is known about parameters beside the data.

    Parameters
    ----------
    fixed : mapping of str to float
        Values of parameters that are held.
    priors : mapping of str to tuple of float
        Value and standard uncertainty from elsewhere, such as a computed vibration.
    limits : mapping of str to tuple of float
        Lowest and highest value of the search.
    """

    fixed: Mapping[str, float] = field(default_factory=dict)
    priors: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that the numbers make sense."""
        for name, value in self.fixed.items():
            if not math.isfinite(value):
                msg = f"{name} is held at {value:g}; expected a finite number"
                raise InputError(msg)
        for name, (value, su) in self.priors.items():
            if not (math.isfinite(value) and math.isfinite(su) and su > 0):
                msg = (
                    f"prior of {name}: found {value:g} ± {su:g}; expected a number and a positive uncertainty"
                )
                raise InputError(msg)
        for name, (low, high) in self.limits.items():
            if not low < high:
                msg = f"limits of {name}: found {low:g} to {high:g}; expected the lower one first"
                raise InputError(msg)
        twice = self.fixed.keys() & (self.priors.keys() | self.limits.keys())
        if twice:
            msg = f"{min(twice)} is held and also has a prior or limits; give one of them"
            raise InputError(msg)


def count_needed_points(model: str, constraints: Constraints | None = None, *, noise_known: bool) -> int:
    """Return how many temperatures a formula needs at least.

    Parameters
    ----------
    model : str
        Name of the formula.
    constraints : Constraints, optional
        Held parameters need no points.
    noise_known : bool
        Whether the widths have standard uncertainties; if not, their noise is one more unknown.

    Returns
    -------
    int
        Two more than there are unknowns: the criterion that ranks the formulas needs them.

    Examples
    --------
    >>> count_needed_points("line", noise_known=True), count_needed_points("printed", noise_known=False)
    (4, 8)
    """
    held = constraints.fixed if constraints else {}
    return sum(name not in held for name in find_model(model).names) + 2 + (not noise_known)


def build_constrained_problem(series: WidthSeries, model: str, constraints: Constraints) -> WidthProblem:
    """Bring points, formula and constraints together.

    Parameters
    ----------
    series : WidthSeries
        Widths and temperatures.
    model : str
        Name of the formula.
    constraints : Constraints
        Held parameters, priors and limits; those of other formulas are passed over.

    Returns
    -------
    WidthProblem
        Weighted by the standard uncertainties, or else by what a parabola leaves over.

    Raises
    ------
    InputError
        If the formula is unknown, there are too few points, or a constraint is out of range.
    """
    formula = find_model(model)
    _check_points(series, formula, constraints)
    su = series.fwhm_su_mev
    if su is None:
        su = np.full(series.temperature.size, _guess_noise(series))
    problem = build_problem(formula, series.temperature, series.fwhm_mev, 1 / su)
    low, high, fixed = problem.low.copy(), problem.high.copy(), problem.fixed.copy()
    expected, weight = problem.expected.copy(), problem.expected_weight.copy()
    for i, parameter in enumerate(formula.parameters):
        low[i], high[i] = constraints.limits.get(parameter.name, (low[i], high[i]))
        fixed[i] = constraints.fixed.get(parameter.name, math.nan)
        _check_sign(parameter, low[i], fixed[i])
        if parameter.name in constraints.priors:
            expected[i], weight[i] = constraints.priors[parameter.name]
            weight[i] = 1 / weight[i]
            _check_prior(parameter.name, expected[i], low[i], high[i])
    natural = problem.natural * (low <= problem.low)
    return replace(
        problem, low=low, high=high, fixed=fixed, expected=expected, expected_weight=weight, natural=natural
    )


def _check_points(series: WidthSeries, model: WidthModel, known: Constraints) -> None:
    needed = count_needed_points(model.name, known, noise_known=series.fwhm_su_mev is not None)
    found = len(series.temperature)
    if found < needed:
        msg = (
            f"{series.name}: found {found} temperatures; {model.name} ({model.title}) needs at least {needed}"
        )
        raise InputError(msg)


def _check_sign(parameter: WidthParameter, low: float, fixed: float) -> None:
    wrong = low if math.isnan(fixed) else fixed
    if parameter.role == "energy" and wrong <= 0:
        msg = f"{parameter.name}: found {wrong:g}; expected a positive energy in meV"
        raise InputError(msg)
    if parameter.role not in {"energy", "free"} and wrong < 0:
        msg = (
            f"{parameter.name}: found {wrong:g}; expected no negative number ({parameter.unit or 'no unit'})"
        )
        raise InputError(msg)


def _check_prior(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        msg = f"prior of {name}: {value:g} is outside of its limits, {low:g} to {high:g}; change one of them"
        raise InputError(msg)


def _guess_noise(series: WidthSeries) -> float:
    """Return what a parabola leaves over, for the first weights."""
    order = min(2, series.temperature.size - 2)
    t = series.temperature - series.temperature.mean()
    powers = t[:, None] ** np.arange(max(order, 0) + 1)
    left = series.fwhm_mev - powers @ np.linalg.lstsq(powers, series.fwhm_mev)[0]
    return max(float(np.sqrt(np.mean(left**2))), DARK * float(series.fwhm_mev.max()))


def find_solutions(problem: WidthProblem, *, noise_known: bool) -> tuple[WidthProblem, Solutions]:
    """Fit from starts that are spread over the range of every parameter, one in each slice of it.

    Parameters
    ----------
    problem : WidthProblem
        Formula, points and constraints.
    noise_known : bool
        Whether the weights are right; if not, they are scaled until the points leave as much as their degrees
        of freedom.

    Returns
    -------
    problem : WidthProblem
        With the weights that belong to the solutions.
    pool : Solutions
        The end of each fit.
    """
    rng = np.random.default_rng(_SEED)
    k = problem.low.size
    slices = rng.permuted(np.tile(np.arange(_STARTS), (k, 1)), axis=1).T
    share = (slices + rng.random((_STARTS, k))) / _STARTS
    roles = np.array([parameter.role for parameter in problem.model.parameters])
    decades = problem.scale * 10.0 ** (3 * share - 2.5)
    starts = np.where(np.isin(roles, ["width", "quadrature"]), share * float(problem.fwhm.min()), decades)
    energy = roles == "energy"
    low, high = np.where(energy, problem.low, 1.0), np.where(energy, problem.high, 1.0)
    starts = np.where(energy, low * (high / low) ** share, starts)
    starts = np.where(problem.free, starts, problem.fixed)
    pool = _solve(problem, starts)
    further = _solve(problem, pool.values[np.argsort(pool.square)[:_CONTINUED]])
    pool = Solutions(
        values=np.concatenate([further.values, pool.values]),
        square=np.concatenate([further.square, pool.square]),
    )
    return (problem, pool) if noise_known else settle_noise(problem, pool)


def _solve(problem: WidthProblem, starts: FloatArray) -> Solutions:
    return solve_problem(problem, starts, np.tile(~problem.free, (len(starts), 1)))


def extend_solutions(problem: WidthProblem, pool: Solutions, best: FloatArray) -> Solutions:
    """Add a fit to others.

    Parameters
    ----------
    problem : WidthProblem
        Formula and points.
    pool : Solutions
        Fits.
    best : ndarray, shape (k,)
        Parameters of one more, which is continued.

    Returns
    -------
    Solutions
        The added one first.
    """
    one = _solve(problem, best[None, :])
    return Solutions(
        values=np.concatenate([one.values, pool.values]), square=np.concatenate([one.square, pool.square])
    )


def settle_noise(problem: WidthProblem, pool: Solutions) -> tuple[WidthProblem, Solutions]:
    """Scale the weights until the points leave as much as their degrees of freedom.

    Parameters
    ----------
    problem : WidthProblem
        With equal weights.
    pool : Solutions
        Its fits.

    Returns
    -------
    problem : WidthProblem
        With other weights.
    pool : Solutions
        Its fits, done again where a prior now weighs more or less against the points.
    """
    passes = _PASSES if problem.expected_weight.any() else 1
    smallest = (DARK * float(problem.fwhm.max())) ** 2
    for _ in range(passes):
        best = pool.values[pool.square.argmin()]
        left = problem.model.evaluate(problem.temperature, best[None, :])[0][0] - problem.fwhm
        variance = max(float(left @ left) / count_freedom(problem), smallest)
        old = float(problem.weight[0])
        problem = replace(problem, weight=np.full(left.size, variance**-0.5))
        if passes > 1:
            pool = _solve(problem, pool.values)
        else:
            ratio = float(problem.weight[0]) / old
            pool = Solutions(values=pool.values, square=pool.square * ratio**2)
    return problem, pool


def count_freedom(problem: WidthProblem) -> int:
    """Return the degrees of freedom: points and priors, minus fitted parameters.

    Parameters
    ----------
    problem : WidthProblem
        Formula, points and constraints.

    Returns
    -------
    int
        How many there are.
    """
    priors = int(np.count_nonzero(problem.expected_weight))
    return int(problem.temperature.size) + priors - int(np.count_nonzero(problem.free))
