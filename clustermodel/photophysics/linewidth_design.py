"""Which temperatures would tell a parameter? Fisher's information of a measurement not yet made."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError
from clustermodel.photophysics.linewidth_data import build_width_series
from clustermodel.photophysics.linewidth_fit import WidthFit, invert_information
from clustermodel.photophysics.linewidth_models import find_model, measure_widths
from clustermodel.photophysics.linewidth_search import Constraints, build_constrained_problem

__all__ = [
    "LOWEST",
    "MOST_POINTS",
    "DesignAim",
    "DesignOption",
    "advise_design",
    "choose_truths",
    "measure_precision",
]

LOWEST: tuple[float, ...] = (150.0, 77.0, 5.0)
"""Lowest temperatures to try, in K: a cooled solvent, liquid nitrogen, liquid helium."""

MOST_POINTS = 2000
"""Temperatures of one measurement; more are no advice."""

_TRUTHS = 3  # values to try of a parameter that the data do not tell
_LEVEL = 0  # of the intervals of a profile: the one that the verdict is about
_EFFECT_MEV = 0.1  # change of the width at 300 K for twice the parameter: less is no effect


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignOption:
    """What one range of temperatures would tell about a parameter.

    Parameters
    ----------
    model, parameter : str
        Formula and parameter.
    assumed : dict of str to float
        Values of the parameters that are taken for true.
    low, high : float
        Range of temperatures, evenly filled.
    noise_mev : float
        Standard uncertainty of a width.
    points : int
        Number of temperatures that `relative_su` is for.
    relative_su : float
        Standard uncertainty of the parameter over its value, infinite where it is not told at all.
    target : float
        Wanted relative standard uncertainty.
    points_needed : int or None
        Number of temperatures that reach it; None where 2000 do not.
    """

    model: str
    parameter: str
    assumed: dict[str, float] = field(metadata={"unit": "of the parameters"})
    low: float = field(metadata={"unit": "K"})
    high: float = field(metadata={"unit": "K"})
    noise_mev: float = field(metadata={"unit": "meV"})
    points: int = field(metadata={"unit": ""})
    relative_su: float = field(metadata={"unit": ""})
    target: float = field(metadata={"unit": ""})
    points_needed: int | None = field(metadata={"unit": ""})


def measure_precision(
    model: str,
    values: Sequence[float],
    temperature: ArrayLike,
    *,
    noise_mev: float,
    constraints: Constraints | None = None,
) -> dict[str, float]:
    """Calculate how well a measurement would tell the parameters of a formula.

    Parameters
    ----------
    model : str
        Name of the formula.
    values : sequence of float
        Values of its parameters that are taken for true.
    temperature : array_like, shape (n,)
        Temperatures of the measurement in K.
    noise_mev : float
        Standard uncertainty of a width in meV.
    constraints : Constraints, optional
        Held parameters and priors.

    Returns
    -------
    dict of str to float
        Smallest standard uncertainty that any unbiased fit can have (Cramér and Rao's bound), for each
        parameter that is fitted; infinite where the measurement does not tell it at all.

    Raises
    ------
    InputError
        If the formula is unknown, or the numbers do not fit it.

    Examples
    --------
    >>> paper = [150.0, 20.0, 4.3, 137.7, 36.1]
    >>> known = Constraints(fixed={"S_ac": 20.0, "E_ac": 4.3})
    >>> for low in (200.0, 5.0):
    ...     su = measure_precision(
    ...         "printed", paper, np.linspace(low, 300, 30), noise_mev=0.3, constraints=known
    ...     )
    ...     print(f"{su['E_op'] / 36.1:.1%}")
    61.5%
    2.4%
    """
    known = constraints or Constraints()
    if not (math.isfinite(noise_mev) and noise_mev > 0):
        msg = f"noise of {noise_mev:g} meV; expected a positive standard uncertainty of a width"
        raise InputError(msg)
    t = np.asarray(temperature, dtype=np.float64)
    series = build_width_series(t, measure_widths(model, values, t), noise_mev, name="planned measurement")
    problem = build_constrained_problem(series, model, Constraints(fixed=known.fixed, priors=known.priors))
    place = np.asarray(values, dtype=np.float64)
    matrix = problem.linearize(problem.transform(place)[None, :])[2][0]
    free = np.flatnonzero(problem.free)
    su = invert_information(matrix[np.ix_(free, free)]).su
    speed = problem.measure_speed(place)[free]
    return {problem.model.names[i]: float(one) for i, one in zip(free, su * speed, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignAim:
    """What a new measurement is to tell.

    Parameters
    ----------
    parameter : str
        The parameter that is wanted.
    noise_mev : float
        Standard uncertainty of a width.
    points : int
        Number of temperatures to give the uncertainty for.
    target : float
        Wanted relative standard uncertainty.
    """

    parameter: str
    noise_mev: float = field(metadata={"unit": "meV"})
    points: int = field(default=11, metadata={"unit": ""})
    target: float = field(default=0.1, metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Check that the numbers make sense."""
        if not (0 < self.target < math.inf and 0 < self.noise_mev < math.inf and self.points > 0):
            found = f"target {self.target:g}, noise {self.noise_mev:g} meV and {self.points} points"
            msg = f"design for {self.parameter}: found {found}; expected positive numbers"
            raise InputError(msg)


def advise_design(
    model: str,
    values: Sequence[float],
    aim: DesignAim,
    *,
    ranges: Sequence[tuple[float, float]],
    constraints: Constraints | None = None,
) -> tuple[DesignOption, ...]:
    """Say how many temperatures in which range would tell a parameter.

    Parameters
    ----------
    model : str
        Name of the formula.
    values : sequence of float
        Values of its parameters that are taken for true.
    aim : DesignAim
        What is wanted.
    ranges : sequence of tuple of float
        Lowest and highest temperature in K of each range to try.
    constraints : Constraints, optional
        Held parameters and priors.

    Returns
    -------
    tuple of DesignOption
        One for each range.

    Raises
    ------
    InputError
        If the parameter is none of the formula's fitted ones, is 0, or a number is out of range.

    Examples
    --------
    >>> paper = [150.0, 20.0, 4.3, 137.7, 36.1]
    >>> known = Constraints(fixed={"S_ac": 20.0, "E_ac": 4.3})
    >>> aim = DesignAim(parameter="E_op", noise_mev=0.3, points=11, target=0.05)
    >>> ranges = [(200, 300), (5, 300)]
    >>> for option in advise_design("printed", paper, aim, ranges=ranges, constraints=known):
    ...     print(f"{option.low:.0f} K: {option.relative_su:.0%}, {option.points_needed} for 5 %")
    200 K: 91%, None for 5 %
    5 K: 4%, 7 for 5 %
    """
    known = constraints or Constraints()
    names = [name for name in find_model(model).names if name not in known.fixed]
    if aim.parameter not in names:
        msg = f"{model} has no fitted parameter {aim.parameter!r}; expected one of {', '.join(names)}"
        raise InputError(msg)
    truth = dict(zip(find_model(model).names, (float(value) for value in values), strict=True))
    if not truth[aim.parameter]:
        msg = f"{aim.parameter} is taken for 0; expected another value, as the target is relative to it"
        raise InputError(msg)

    def measure(low: float, high: float, count: int) -> float:
        grid = np.linspace(low, high, count)
        su = measure_precision(model, values, grid, noise_mev=aim.noise_mev, constraints=known)
        return su[aim.parameter] / abs(truth[aim.parameter])

    fewest = len(names) + 2  # as a fit with stated uncertainties needs
    points = max(aim.points, fewest)
    return tuple(
        DesignOption(
            model=model,
            parameter=aim.parameter,
            assumed=truth,
            low=float(low),
            high=float(high),
            noise_mev=aim.noise_mev,
            points=points,
            relative_su=measure(low, high, points),
            target=aim.target,
            points_needed=_count_points(partial(measure, low, high), aim.target, fewest),
        )
        for low, high in ranges
    )


def _count_points(measure: Callable[[int], float], target: float, fewest: int) -> int | None:
    """Return the smallest number of points that reaches a target, by halving."""
    if measure(fewest) <= target:
        return fewest
    if measure(MOST_POINTS) > target:
        return None
    few, many = fewest, MOST_POINTS
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if measure(middle) <= target else (middle, many)
    return many


def choose_truths(fit: WidthFit, parameter: str) -> tuple[FloatArray, ...]:
    """Return values of the parameters that a new measurement may find, as far as the old one tells.

    Parameters
    ----------
    fit : WidthFit
        A fit with profiles.
    parameter : str
        The parameter that is wanted.

    Returns
    -------
    tuple of ndarray, shape (k,)
        The best fit where the parameter is identified; else fits with it held at values all over the range
        that the data allow, without those in which it has no effect.

    Raises
    ------
    InputError
        If the formula has no such parameter.
    """
    estimate = fit.find(parameter)
    profile = estimate.profile
    if profile is None or profile.verdict == "identified":
        return (fit.values,)
    allowed = profile.rise <= profile.intervals[_LEVEL].threshold
    number = [one.name for one in fit.parameters].index(parameter)
    rows = [row for row in profile.companions[allowed] if _matters(fit, row, number)]
    if not rows:
        return ()
    return tuple(rows[int(i)] for i in np.unique(np.linspace(0, len(rows) - 1, _TRUTHS).round()))


def _matters(fit: WidthFit, values: FloatArray, number: int) -> bool:
    """Return whether a change of one parameter changes the widths at room temperature."""
    jacobian = find_model(fit.model).evaluate(np.array([300.0]), values[None, :])[1]
    return bool(abs(jacobian[0, 0, number] * values[number]) > _EFFECT_MEV)
