"""From where does the search for the best parameters start? From many places, on coarse bins first."""

import itertools
from dataclasses import replace

import numpy as np
from scipy.optimize import nnls

from clustermodel._arrays import FloatArray
from clustermodel.photophysics.decay_likelihood import Optimum, measure_deviance
from clustermodel.photophysics.decay_model import DecayModel, Layout, predict_counts
from clustermodel.photophysics.decay_problem import DecayProblem
from clustermodel.photophysics.decay_response import MeasuredResponse

__all__ = ["find_optimum"]

_GRID = 10  # lifetimes to choose starts from, over all magnitudes that the window can show
_STRETCHINGS = (0.45, 0.7, 1.0)  # where a stretched exponential starts
_SEARCHES = (2, 4, 5, 6)  # of the best starts, for 1, 2, 3 and more exponentials
_NEAR = 12  # bins: how far the pulse is looked for around where it should be
_COARSE = 1024  # bins that suffice to tell good starts from bad ones
_REFINED = 2  # of the coarse searches
_ROUGH = 0.06  # of the deviance: a quarter of a standard uncertainty


def find_optimum(problem: DecayProblem, *, start: FloatArray | None = None) -> Optimum:
    """Maximise the likelihood from many starts.

    Lifetimes of a logarithmic grid are combined; for each combination the areas follow from weighted
    non-negative least squares, and the best combinations are refined.

    Parameters
    ----------
    problem : DecayProblem
        The problem.
    start : ndarray, shape (p,), optional
        One more start.

    Returns
    -------
    Optimum
        The best of all.
    """
    block = -(-problem.counts.size // _COARSE)
    coarse = _join_bins(problem, block)
    rough = [coarse.search(one, tolerance=_ROUGH) for one in _find_starts(coarse)]
    found = []
    for one in sorted(rough, key=lambda one: one.deviance)[:_REFINED]:
        vector = one.vector.copy()
        vector[problem.layout.background] /= block
        found.append(problem.search(vector))
    if start is not None:
        found.append(problem.search(np.clip(start, problem.lower, problem.upper)))
    return min(found, key=lambda one: one.deviance)


def _join_bins(problem: DecayProblem, block: int) -> DecayProblem:
    """Return the same problem with fewer bins; up to one of them is left out at the end."""
    if block == 1:
        return problem
    count = problem.counts.size // block
    place = problem.layout.background
    lower, upper = problem.lower.copy(), problem.upper.copy()
    lower[place], upper[place] = block * lower[place], block * upper[place]
    decay = replace(
        problem.decay,
        start_ns=float(problem.edges_ns[0]),
        width_ns=block * problem.decay.width_ns,
        counts=problem.counts[: count * block].reshape(count, block).sum(axis=1),
    )
    return DecayProblem(decay=decay, model=problem.model, first=0, last=count, lower=lower, upper=upper)


def _find_starts(problem: DecayProblem) -> list[FloatArray]:
    layout, model = problem.layout, problem.model
    shift = _find_shift(problem)
    lifetimes = _list_lifetimes(problem)
    ranked: list[tuple[float, FloatArray]] = []
    for stretching in _STRETCHINGS if model.stretched else (1.0,):
        basis = _build_basis(problem, lifetimes, shift, stretching)
        for chosen in itertools.combinations(range(lifetimes.size), layout.components):
            deviance, areas = _solve_areas(problem, basis[:, [*chosen, -1]])
            vector = np.zeros(layout.size)
            vector[layout.lifetimes] = np.log(lifetimes[list(chosen)])
            vector[layout.stretching], vector[layout.shift] = stretching, shift
            vector[layout.photons], vector[layout.background] = areas[:-1], areas[-1]
            ranked.append((deviance, vector))
    ranked.sort(key=lambda one: one[0])
    return [vector for _, vector in ranked[: _SEARCHES[min(layout.components, len(_SEARCHES)) - 1]]]


def _list_lifetimes(problem: DecayProblem) -> FloatArray:
    width, bins = problem.decay.width_ns, problem.last - problem.first
    shortest = max(width / 2, problem.model.response.fwhm_ns / 5)
    return np.geomspace(shortest, max(1.0 * bins * width, 4 * shortest), _GRID)


def _build_basis(problem: DecayProblem, lifetimes: FloatArray, shift: float, stretching: float) -> FloatArray:
    """Return expected counts of one photon of each lifetime, and of one background count for each bin."""
    vector = np.zeros(Layout(1).size)
    vector[[1, 2, 3]] = stretching, shift, 1.0
    one = DecayModel(
        stretched=problem.model.stretched,
        response=problem.model.response,
        period_ns=problem.model.period_ns,
    )
    columns = []
    for lifetime in lifetimes:
        vector[0] = np.log(lifetime)
        columns.append(predict_counts(one, problem.edges_ns, vector)[0])
    return np.stack([*columns, np.ones(problem.last - problem.first)], axis=1)


def _solve_areas(problem: DecayProblem, basis: FloatArray) -> tuple[float, FloatArray]:
    """Return the deviance and the areas of weighted non-negative least squares, which is but a start."""
    counts, layout = problem.counts, problem.layout
    held = problem.lower[layout.background] == problem.upper[layout.background]
    rest = counts - problem.lower[layout.background] if held else counts
    weight = 1 / np.sqrt(counts + 1)
    used = basis[:, :-1] if held else basis
    areas = nnls(used * weight[:, None], rest * weight)[0]
    areas = np.append(areas, problem.lower[layout.background]) if held else areas
    least = 1e-3 * float(counts.sum())  # an area of zero has no slope by its lifetime
    areas[:-1] = np.maximum(areas[:-1], least)
    if not held:
        areas[-1] = max(areas[-1], 1e-3 * float(counts.mean()))
    return measure_deviance(counts, np.maximum(basis @ areas, 1e-12)), areas


def _find_shift(problem: DecayProblem) -> float:
    """Return where the pulse is: the best of some places near the rise, for any mixture of lifetimes."""
    layout, response = problem.layout, problem.model.response
    low, high = float(problem.lower[layout.shift]), float(problem.upper[layout.shift])
    if low == high:
        return low
    width, lifetimes = problem.decay.width_ns, _list_lifetimes(problem)[::3]
    rise = float(problem.edges_ns[_find_rise(problem.counts)])
    if isinstance(response, MeasuredResponse):
        steps = width * np.arange(-_NEAR, _NEAR + 1.0)
        offset = rise - response.start_ns - response.width_ns * _find_rise(response.counts)
        places = np.append(steps, offset + steps)  # on the axis of the decay, or with another delay
    else:
        reach = max(1.5 * response.fwhm_ns, 3 * width)
        places = rise + np.linspace(-reach, reach, 2 * _NEAR + 1)
    places = places[(places > low) & (places < high)]
    deviances = [_solve_areas(problem, _build_basis(problem, lifetimes, s, 1.0))[0] for s in places]
    return float(places[int(np.argmin(deviances))])


def _find_rise(counts: FloatArray) -> int:
    """Return the first bin with half of the highest counts."""
    return int(np.argmax(counts >= counts.max() / 2))
