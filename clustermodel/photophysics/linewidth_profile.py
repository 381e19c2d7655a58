"""Do the data tell this parameter? The profile likelihood: the best fit for each value that it could have.

A parameter is *identified* where the fit gets worse by more than a threshold on both sides of the best value,
*one-sided* where on one side only, and *flat* where on neither :cite:p:`raue2009`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray, freeze_float
from clustermodel.photophysics.linewidth_solver import (
    Solutions,
    WidthProblem,
    find_coordinates,
    find_values,
    solve_problem,
)

__all__ = ["LEVELS", "ProfileInterval", "Verdict", "WidthProfile", "measure_profiles"]

Verdict = Literal["identified", "one-sided", "flat"]
_VERDICTS: tuple[Verdict, ...] = ("flat", "one-sided", "identified")
LEVELS = (0.90, 0.95)
"""Confidence levels of the intervals; the verdict is that of the first."""

_WIDE = 21  # values over the whole range of the search
_REFINEMENTS = 3  # times that steep parts are halved
_STEEP, _LOOKED_AT = (
    2.0,
    10.0,
)  # rise of chi-square between two points, and above the best: for smooth pictures
_BRANCHES = 4  # fits that every curve is begun from
_BAD = 30.0  # of chi-square above the best: no curve that begins there comes down to a threshold
_FAR_OFF = 0.1  # of the range of a parameter
_NEAR = np.array([0.5, 1, 1.5, 2, 3, 4, 8, 16])  # standard uncertainties on either side of the best value
_SMALLEST = 1e-3  # of its expected size: the first value above zero
_EXCESS = 0.1  # of the range of a parameter: as far off as a fit that is worse by 1 in chi-square
_GAIN = 1e-3  # of chi-square: a smaller improvement is none
_PROPPED = 0.1  # change of chi-square that a limit twice as wide would bring: then the limit holds the fit
_ROUNDS = 4  # of regula falsi; the root of the rise is nearly straight between two values
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileInterval:
    """Between which values a parameter lies.

    Parameters
    ----------
    level : float
        Confidence level.
    threshold : float
        Rise of chi-square at its ends.
    low, high : float or None
        Its ends; None where it has none.
    low_reason, high_reason : str
        Why an end is missing.
    """

    level: float = field(metadata={"unit": ""})
    threshold: float = field(metadata={"unit": ""})
    low: float | None = field(metadata={"unit": "of the parameter"})
    high: float | None = field(metadata={"unit": "of the parameter"})
    low_reason: str = ""
    high_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WidthProfile:
    """The profile likelihood of one parameter.

    Parameters
    ----------
    parameter : str
        Its name.
    values : array_like, shape (g,)
        Values that it was held at, ascending.
    rise : array_like, shape (g,)
        Rise of chi-square above that of the best fit, all other parameters fitted.
    companions : array_like, shape (g, k)
        All parameters of these fits.
    intervals : tuple of ProfileInterval
        One for each level.
    verdict : {"identified", "one-sided", "flat"}
        Whether the first interval has two ends, one, or none.
    """

    parameter: str
    values: FloatArray = field(metadata={"unit": "of the parameter"})
    rise: FloatArray = field(metadata={"unit": ""})
    companions: FloatArray = field(metadata={"unit": "of the parameters"})
    intervals: tuple[ProfileInterval, ...]
    verdict: Verdict

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        g = len(self.values)
        object.__setattr__(self, "values", freeze_float(self.values, (g,), "values"))
        object.__setattr__(self, "rise", freeze_float(self.rise, (g,), "rise"))
        object.__setattr__(self, "companions", freeze_float(self.companions, (g, None), "companions"))


def measure_profiles(
    problem: WidthProblem,
    pool: Solutions,
    uncertainties: FloatArray,
    *,
    parameters: Sequence[str],
    thresholds: Sequence[float],
) -> tuple[tuple[WidthProfile, ...], FloatArray, float]:
    """Measure the profile likelihood of parameters.

    Parameters
    ----------
    problem : WidthProblem
        Formula and points, weighted so that chi-square is their sum of squares.
    pool : Solutions
        Fits from many starts, the best among them.
    uncertainties : ndarray, shape (k,)
        Standard uncertainties of the best fit, infinite where unknown.
    parameters : sequence of str
        Which parameters.
    thresholds : sequence of float
        Rise of chi-square for each of :data:`LEVELS`.

    Returns
    -------
    profiles : tuple of WidthProfile
        One for each parameter.
    best : ndarray, shape (k,)
        The best of all fits, which may be better than that of the pool.
    gain : float
        By how much it is better.
    """
    names = problem.model.names
    numbers = [names.index(name) for name in parameters]
    best = pool.values[pool.square.argmin()]
    grids = [_choose_values(problem, best, uncertainties, i) for i in numbers]
    tracer = _Tracer(problem, pool, numbers, grids)
    lowest = float(pool.square.min())
    if tracer.square.min() < lowest:
        lowest, best = float(tracer.square.min()), tracer.companions[tracer.square.argmin()]
    ends = _find_ends(tracer, numbers, lowest, thresholds)
    found = dict(zip(ends, _refine_ends(tracer, ends, lowest, thresholds), strict=True))
    profiles = []
    for number in numbers:
        mine = tracer.number == number
        intervals = tuple(
            _build_interval(problem, number, level, threshold, found)
            for level, threshold in enumerate(thresholds)
        )
        closed = (intervals[0].low is not None) + (intervals[0].high is not None)
        profiles.append(
            WidthProfile(
                parameter=names[number],
                values=tracer.value[mine],
                rise=np.maximum(tracer.square[mine] - lowest, 0.0),
                companions=tracer.companions[mine],
                intervals=intervals,
                verdict=_VERDICTS[closed],
            )
        )
    return tuple(profiles), best, float(pool.square.min()) - lowest


def _choose_values(problem: WidthProblem, best: FloatArray, su: FloatArray, i: int) -> FloatArray:
    """Return the values to hold a parameter at: over all of its range, and near the best."""
    low, high, center = float(problem.low[i]), float(problem.high[i]), float(best[i])
    parts = [np.array([center])]
    if low > 0:
        parts.append(np.geomspace(low, high, _WIDE))
    elif math.isfinite(high) and math.isfinite(low):
        start = max(low, _SMALLEST * float(problem.scale[i]))
        parts += [np.array([low, high]), np.geomspace(min(start, high), high, _WIDE)]
    if math.isfinite(su[i]) and su[i] > 0:
        parts += [center - _NEAR * su[i], center + _NEAR * su[i]]
    values = np.unique(np.concatenate(parts))
    return np.asarray(values[(values >= low) & (values <= high)])


class _Tracer:
    """Fits with one parameter held at each of many values, for several parameters one after the other."""

    def __init__(
        self, problem: WidthProblem, pool: Solutions, numbers: Sequence[int], grids: Sequence[FloatArray]
    ) -> None:
        self.problem = problem
        self.number = np.repeat(np.array(numbers, dtype=np.int64), [grid.size for grid in grids])
        self.value = np.concatenate(grids)
        self.square = np.full(self.value.size, np.inf)
        self.companions = np.tile(pool.values[pool.square.argmin()], (self.value.size, 1))
        points = np.arange(self.value.size)
        starts = [pool.values[self._find_near(pool)]]
        starts += [np.tile(one, (points.size, 1)) for one in _choose_branches(problem, pool)]
        changed = self._improve(np.tile(points, len(starts)), np.concatenate(starts))
        for _ in range(_REFINEMENTS):
            while changed.size:
                changed = self._improve(*self._ask_neighbours(changed))
            changed = self._refine()
        low = np.flatnonzero(self.square < self.square.min() + _LOOKED_AT)
        changed = np.union1d(changed, self._improve(low, self.companions[low]))  # from where they stopped
        while changed.size:
            changed = self._improve(*self._ask_neighbours(changed))

    def _refine(self) -> IntArray:
        """Fit also between points where the curve is steep; return the points that got clearly better."""
        rise = self.square - self.square.min()
        steep = (np.abs(np.diff(rise)) > _STEEP) & (np.minimum(rise[1:], rise[:-1]) < _LOOKED_AT)
        left = np.flatnonzero(steep & (self.number[1:] == self.number[:-1]))
        kinds = self.problem.kind[self.number[left]]
        ends = [find_coordinates(kinds, self.value[side]) for side in (left, left + 1)]
        middle = find_values(kinds, (ends[0] + ends[1]) / 2)
        place = left + 1 + np.arange(left.size)  # where the new points are once they are in
        self.companions = np.insert(self.companions, left + 1, self.companions[left], axis=0)
        self.number = np.insert(self.number, left + 1, self.number[left])
        self.value = np.insert(self.value, left + 1, middle)
        self.square = np.insert(self.square, left + 1, math.inf)
        starts = np.concatenate([self.companions[place - 1], self.companions[place + 1]])
        return self._improve(np.concatenate([place, place]), starts)

    def _find_near(self, pool: Solutions) -> IntArray:
        """Return for each point the fit of the pool that is close to it, and not bad."""
        place = self.problem.transform(pool.values)[:, self.number].T
        wanted = find_coordinates(self.problem.kind[self.number], self.value)
        spread = np.ptp(place, axis=1) + 1e-300  # 0 where all fits agree
        distance = np.abs(place - wanted[:, None]) / spread[:, None]
        excess = pool.square - pool.square.min()
        return np.asarray((distance + _EXCESS * excess[None, :]).argmin(axis=1))

    def _ask_neighbours(self, changed: IntArray) -> tuple[IntArray, FloatArray]:
        """Return the neighbours of points that got better, and the fits of these as their starts."""
        sources, targets = [], []
        for step in (-1, 1):
            other = np.clip(changed + step, 0, self.value.size - 1)
            same = (other != changed) & (self.number[other] == self.number[changed])
            sources.append(changed[same])
            targets.append(other[same])
        return np.concatenate(targets), self.companions[np.concatenate(sources)]

    def _improve(self, points: IntArray, starts: FloatArray) -> IntArray:
        """Fit points from starts, keep what is better, return the points that got clearly better."""
        rows = np.arange(points.size)
        begin, held = starts.copy(), np.tile(~self.problem.free, (points.size, 1))
        begin[rows, self.number[points]] = self.value[points]
        held[rows, self.number[points]] = True
        found = solve_problem(self.problem, begin, held)
        order = np.argsort(-found.square)  # the best last: it stays where a point occurs twice
        before = self.square.copy()
        better = order[found.square[order] < before[points[order]]]
        self.square[points[better]] = found.square[better]
        self.companions[points[better]] = found.values[better]
        return np.flatnonzero(self.square < before - _GAIN)


def _choose_branches(problem: WidthProblem, pool: Solutions) -> list[FloatArray]:
    """Return fits that are not bad and far from each other: each may be the beginning of a better curve."""
    place = problem.transform(pool.values)
    spread = np.ptp(place, axis=0) + 1e-300  # 0 where all fits agree
    chosen: list[int] = []
    for i in np.argsort(pool.square):
        if pool.square[i] > pool.square.min() + _BAD or len(chosen) == _BRANCHES:
            break
        if all((np.abs(place[i] - place[j]) / spread).max() > _FAR_OFF for j in chosen):
            chosen.append(int(i))
    return [pool.values[i] for i in chosen]


class _End(NamedTuple):
    """One end of an interval: which parameter, level and side, and the points that it lies between."""

    number: int
    level: int
    side: int
    inner: int
    outer: int


def _find_ends(
    tracer: _Tracer, numbers: Sequence[int], lowest: float, thresholds: Sequence[float]
) -> list[_End]:
    """Return the ends that lie between two points: beyond the outermost ones that are below the threshold."""
    ends = []
    for number in numbers:
        points = np.flatnonzero(tracer.number == number)
        for level, threshold in enumerate(thresholds):
            below = points[tracer.square[points] <= lowest + threshold]
            for side, inner in ((-1, int(below.min())), (1, int(below.max()))):
                if points[0] <= inner + side <= points[-1]:
                    ends.append(_End(number, level, side, inner, inner + side))
    return ends


def _refine_ends(
    tracer: _Tracer, ends: Sequence[_End], lowest: float, thresholds: Sequence[float]
) -> list[FloatArray]:
    """Return all parameters at each end, by regula falsi on the square root of the rise."""
    if not ends:
        return []
    problem, rows = tracer.problem, np.arange(len(ends))
    numbers = np.array([end.number for end in ends])
    points = np.array([[end.inner for end in ends], [end.outer for end in ends]])
    goal = np.sqrt([thresholds[end.level] for end in ends])
    brackets = np.stack([find_coordinates(problem.kind[numbers], tracer.value[side]) for side in points])
    heights = np.sqrt(np.maximum(tracer.square[points] - lowest, 0.0)) - goal
    starts = tracer.companions[points]
    values = starts[0]
    for _ in range(_ROUNDS):
        share = heights[0] / (heights[0] - heights[1])
        middle = brackets[0] + share * (brackets[1] - brackets[0])
        values, square = _solve_held(problem, numbers, middle, starts)
        height = np.sqrt(np.maximum(square - lowest, 0.0)) - goal
        replaced = (height > 0).astype(np.int64)  # 0: the middle becomes the inner point, 1: the outer one
        brackets[replaced, rows], heights[replaced, rows] = middle, height
        starts[replaced, rows] = values
        heights[1 - replaced, rows] *= 0.5  # the Illinois rule: neither end stays for ever
    return list(values)


def _solve_held(
    problem: WidthProblem, numbers: IntArray, coordinates: FloatArray, starts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Fit with each parameter held at a coordinate, from two starts; return the better of both."""
    rows = np.arange(numbers.size)
    begin = starts.copy()
    begin[:, rows, numbers] = find_values(problem.kind[numbers], coordinates)
    held: BoolArray = np.tile(~problem.free, (numbers.size, 1))
    held[rows, numbers] = True
    found = solve_problem(problem, begin.reshape(-1, begin.shape[2]), np.concatenate([held, held]))
    square = found.square.reshape(2, -1)
    which = square.argmin(axis=0)
    return found.values.reshape(begin.shape)[which, rows], square[which, rows]


def _build_interval(
    problem: WidthProblem, number: int, level: int, threshold: float, found: Mapping[_End, FloatArray]
) -> ProfileInterval:
    ends: list[float | None] = []
    reasons: list[str] = []
    for side, limit in ((-1, problem.low[number]), (1, problem.high[number])):
        here = [v for e, v in found.items() if (e.number, e.level, e.side) == (number, level, side)]
        reason = _find_prop(problem, number, here[0]) if here else f"reaches {limit:.4g}"
        ends.append(float(here[0][number]) if here and not reason else None)
        reasons.append(reason)
    return ProfileInterval(
        level=LEVELS[level],
        threshold=threshold,
        low=ends[0],
        high=ends[1],
        low_reason=reasons[0],
        high_reason=reasons[1],
    )


def _find_prop(problem: WidthProblem, number: int, values: FloatArray) -> str:
    """Return which limit of the search, one that is no law of nature, holds the fit at an end."""
    _, gradient, _ = problem.linearize(problem.transform(values)[None, :])
    by_factor = 2 * gradient[0] * math.log(2) * np.abs(values) / problem.measure_speed(values)
    low = (values <= problem.low * (1 + _ROUNDING)) & (problem.natural == 0) & (by_factor > _PROPPED)
    high = (values >= problem.high * (1 - _ROUNDING)) & (by_factor < -_PROPPED)
    held = np.flatnonzero((low | high) & problem.free & (np.arange(values.size) != number))
    if not held.size:
        return ""
    return f"{problem.model.names[held[0]]} is at its limit of {values[held[0]]:.4g}"
