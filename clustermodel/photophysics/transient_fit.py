"""Which lifetimes and spectra does a map hold? A global fit by variable projection from several starts."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray
from clustermodel.axes import SIGMA_PER_FWHM
from clustermodel.errors import InputError
from clustermodel.io.transient_map import TransientMap
from clustermodel.photophysics.transient_covariance import (
    choose_block,
    estimate_covariances,
    measure_distance,
    measure_neighbour_correlation,
)
from clustermodel.photophysics.transient_problem import Evaluation, Point, TransientProblem
from clustermodel.photophysics.transient_result import FitSettings, Minimum, TransientFit
from clustermodel.photophysics.transient_scheme import KineticScheme, solve_scheme
from clustermodel.photophysics.transient_solver import Bounds, Solution, build_bounds, solve_problem
from clustermodel.photophysics.transient_start import choose_lifetimes
from clustermodel.photophysics.transient_time_zero import TimeZeroCurve, find_time_zero, fit_time_zero

__all__ = ["build_problem", "fit_transient"]

_MOST_ORDERS = 6  # of the dispersion
_ROUGH = 1e-6  # tolerance of the searches from several starts
_MOST_ROUGH = 50  # evaluations of each; the best go on from there
_SAME = 0.01  # distance in each log rate of ends of searches that are one minimum
_ARRIVED = 0.2  # standard uncertainties from the minimum: near enough, also in a flat valley
_NEAR = 1.05  # sum of squares, relative to the lowest, of minima that are told


def build_problem(data: TransientMap, scheme: KineticScheme, settings: FitSettings) -> TransientProblem:
    """Check that a map can be fitted, and put map and model together.

    Parameters
    ----------
    data : TransientMap
        The map.
    scheme : KineticScheme
        Species and arrows.
    settings : FitSettings
        Choices.

    Returns
    -------
    TransientProblem
        Map and model.

    Raises
    ------
    InputError
        If the map has values that are not finite or too few points, or a setting is out of range.
    """
    _check_settings(scheme, settings)
    bad = np.argwhere(~np.isfinite(data.signal))
    if bad.size:
        row, column = bad[0]
        msg = (
            f"{data.name}: {len(bad)} values are not numbers, the first at {data.delay_ps[row]:g} ps and "
            f"{data.wavelength[column]:g} nm; cut them off with a window of wavelengths or delays, or mask "
            "them"
        )
        raise InputError(msg)
    terms = len(scheme.species) + settings.artifact
    needed = terms + len(scheme.rates) + 4
    if data.delay_ps.size < needed:
        msg = (
            f"{data.name}: found {data.delay_ps.size} delays; {len(scheme.species)} components and "
            f"{settings.artifact} artifact terms need at least {needed}"
        )
        raise InputError(msg)
    return TransientProblem(data, scheme, artifact=settings.artifact, order=settings.dispersion)


def _check_settings(scheme: KineticScheme, settings: FitSettings) -> None:
    for name, value, most in (
        ("dispersion", settings.dispersion, _MOST_ORDERS),
        ("artifact", settings.artifact, 3),
    ):
        if not 0 <= value <= most:
            msg = f"{name} is {value}; expected 0 to {most}"
            raise InputError(msg)
    given = settings.irf_fwhm_ps
    if given is not None and not 0 < given < np.inf:
        msg = f"width of the response is {given} ps; expected a positive number"
        raise InputError(msg)
    if settings.irf_fixed and given is None:
        msg = (
            "the width of the response is to be held, but none is given; give its full width at half maximum"
        )
        raise InputError(msg)
    starts = settings.lifetimes_ps
    if starts and (len(starts) != len(scheme.rates) or not all(0 < tau < np.inf for tau in starts)):
        msg = f"lifetimes to start from are {starts}; expected {len(scheme.rates)} positive numbers in ps"
        raise InputError(msg)


def fit_transient(
    data: TransientMap,
    scheme: KineticScheme,
    settings: FitSettings | None = None,
    *,
    tick: Callable[[], None] | None = None,
) -> TransientFit:
    """Fit rates, response and time zero to a map.

    Parameters
    ----------
    data : TransientMap
        The map, background subtracted.
    scheme : KineticScheme
        Species and arrows.
    settings : FitSettings, optional
        Choices.
    tick : callable, optional
        Called after each search.

    Returns
    -------
    TransientFit
        The lowest of the minima that searches from several starts end in.

    Raises
    ------
    InputError
        If the map or a setting cannot be used.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_scheme import build_parallel
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, _ = simulate_transient(lifetimes_ps=[2.0, 80.0], noise=0.003)
    >>> fit = fit_transient(data, build_parallel(2))
    >>> fit.time_constants_ps.round(1).tolist()
    [2.0, 80.0]
    """
    chosen = settings or FitSettings()
    problem = build_problem(data, scheme, chosen)
    curve = find_time_zero(data, order=chosen.dispersion, irf_fwhm_ps=chosen.irf_fwhm_ps)
    sigma = (chosen.irf_fwhm_ps or curve.irf_fwhm_ps) * SIGMA_PER_FWHM
    fixed = np.zeros(len(scheme.rates) + 2 + chosen.dispersion, dtype=bool)
    fixed[: len(scheme.rates)] = scheme.fixed
    fixed[len(scheme.rates)] = chosen.irf_fixed
    bounds = build_bounds(problem, sigma, fixed=fixed)
    found = []
    for lifetimes, dispersion in _list_starts(data, scheme, chosen, curve):
        start = problem.pack(Point(1 / np.array(lifetimes), sigma, dispersion))
        found.append(solve_problem(problem, start, bounds, tolerance=_ROUGH, most=_MOST_ROUGH))
        if tick is not None:
            tick()
    ends = _find_minima(problem, found)
    minima = sorted(
        (solve_problem(problem, one.parameters, bounds) for one in ends), key=lambda one: one.squares
    )
    result = _build_result(data, problem, chosen, bounds, minima)
    return replace(result, evaluations=result.evaluations + sum(one.evaluations for one in found))


def _list_starts(
    data: TransientMap, scheme: KineticScheme, settings: FitSettings, curve: TimeZeroCurve
) -> list[tuple[tuple[float, ...], FloatArray]]:
    """Return lifetimes and two curves of time zero to start from, as the curve has minima of its own."""
    lower = fit_time_zero(
        data.wavelength,
        curve.found_ps,
        order=max(0, settings.dispersion - 1),
        irf_fwhm_ps=curve.irf_fwhm_ps,
    )
    plain = np.zeros(settings.dispersion + 1)
    plain[: lower.coefficients.size] = lower.coefficients
    curves = [curve.coefficients, plain] if settings.dispersion else [curve.coefficients]
    given = settings.lifetimes_ps or scheme.start_ps
    if given:
        return [(given, one) for one in curves]
    best, *others = choose_lifetimes(
        data,
        curve,
        count=len(scheme.rates),
        offset="offset" in scheme.species,
        artifact=settings.artifact,
    )
    return [(best, one) for one in curves] + [(other, curves[-1]) for other in others]


def _build_result(
    data: TransientMap,
    problem: TransientProblem,
    settings: FitSettings,
    bounds: Bounds,
    found: list[Solution],
) -> TransientFit:
    scheme = problem.scheme
    best, hits, evaluation = _finish(problem, bounds, found[0])
    point = problem.unpack(best)
    solution = solve_scheme(scheme, point.rates)
    count = solution.decay_rates.size
    decays, spikes = evaluation.amplitudes[:, :count].T, evaluation.amplitudes[:, count:].T
    fitted = np.einsum("wtm,wm->tw", problem.build_basis(best), evaluation.amplitudes)
    freedom = data.signal.size - evaluation.amplitudes.size - int(bounds.free.sum())
    along_delay, along_wavelength = measure_neighbour_correlation(data.signal - fitted)
    order = np.argsort(-solution.decay_rates)
    with np.errstate(divide="ignore"):
        lifetimes = 1 / solution.decay_rates[order]
    return TransientFit(
        data=data,
        scheme=scheme,
        settings=settings,
        time_constants_ps=1 / point.rates,
        lifetimes_ps=lifetimes,
        irf_fwhm_ps=float(point.sigma / SIGMA_PER_FWHM),
        time_zero_ps=problem.dispersion_basis @ point.dispersion,
        decay_spectra=decays[order],
        species_spectra=_unmix(solution.mixing, decays) if scheme.kind != "parallel" else decays,
        artifact_spectra=spikes,
        fitted=fitted,
        rms=float(np.sqrt(((data.signal - fitted) ** 2).mean())),
        parameters=best,
        covariances=estimate_covariances(
            evaluation, freedom=freedom, free=bounds.free & ~hits, block=choose_block(data.signal - fitted)
        ),
        at_limit=tuple(hits.tolist()),
        freedom=freedom,
        evaluations=sum(one.evaluations for one in found),
        correlation_delay=along_delay,
        correlation_wavelength=along_wavelength,
        minima=_describe_minima(problem, found),
        settled=found[0].settled
        or measure_distance(evaluation, freedom=freedom, free=bounds.free & ~hits) < _ARRIVED,
    )


def _finish(
    problem: TransientProblem, bounds: Bounds, best: Solution
) -> tuple[FloatArray, BoolArray, Evaluation]:
    """Sort the lifetimes of simple schemes, and evaluate the model once more."""
    parameters, hits = best.parameters.copy(), bounds.find_hits(best.parameters)
    if problem.scheme.kind != "target":
        count = len(problem.scheme.rates)
        order = np.argsort(-parameters[:count])
        parameters[:count], hits[:count] = parameters[:count][order], hits[:count][order]
    return parameters, hits, problem.evaluate(parameters)


def _unmix(mixing: FloatArray, decays: FloatArray) -> FloatArray:
    """Return the spectra of species from those of exponentials; nan where two exponentials are one."""
    if not np.isfinite(mixing).all():
        return np.full_like(decays, np.nan)
    return np.asarray(np.linalg.lstsq(mixing, decays, rcond=None)[0])


def _find_minima(problem: TransientProblem, found: list[Solution]) -> list[Solution]:
    """Return one search of each minimum that is about as low as the lowest."""
    count = len(problem.scheme.rates)
    minima: list[Solution] = []
    for one in sorted(found, key=lambda one: one.squares):
        rates = np.sort(one.parameters[:count])
        new = all(
            np.abs(rates - np.sort(other.parameters[:count])).max(initial=0) > _SAME for other in minima
        )
        if not minima or (new and one.squares <= _NEAR * minima[0].squares):
            minima.append(one)
    return minima


def _describe_minima(problem: TransientProblem, found: list[Solution]) -> tuple[Minimum, ...]:
    return tuple(
        Minimum(
            rms=float(np.sqrt(one.squares / problem.rows.size)),
            time_constants_ps=tuple(sorted((1 / problem.unpack(one.parameters).rates).tolist())),
        )
        for one in _find_minima(problem, found)
    )
