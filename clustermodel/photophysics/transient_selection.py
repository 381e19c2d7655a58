"""How many exponentials does a map need? As many as predict what a fit has not seen.

Each further exponential lowers the residual, as it has an amplitude at each wavelength. So rates, response
and time zero are fitted without some blocks of wavelengths, and at these every point is predicted from all
others of its own wavelength. An exponential that is not there makes this prediction worse.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import binom

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError
from clustermodel.io.transient_map import TransientMap
from clustermodel.photophysics.transient_fit import build_problem, fit_transient
from clustermodel.photophysics.transient_intervals import rebuild_bounds
from clustermodel.photophysics.transient_result import FitSettings, TransientFit
from clustermodel.photophysics.transient_scheme import build_parallel
from clustermodel.photophysics.transient_solver import solve_problem

__all__ = ["Candidate", "ComponentChoice", "Support", "choose_components", "measure_support"]

_FOLDS = 5
_BLOCKS_EACH = 5  # blocks of neighbours in each of them
_MOST_EVALUATIONS = 30
_TOLERANCE = 1e-6  # of the fits to a part: well below what prediction differs by
_LEAST_FREE = 1e-3  # share of a point that its own value does not determine
_ACCIDENT = 0.05  # probability of a sign test
_PATIENCE = 2  # counts beyond the best that are tried in vain


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One number of exponentials.

    Parameters
    ----------
    count : int
        Exponentials that decay.
    offset : bool
        Whether something stays besides.
    rms : float
        Root mean square of the residual of the fit to everything.
    predicted_rms : float
        Root mean square of the errors of prediction.
    excess : float
        Sum of squares of these errors, relative to the best candidate.
    excess_su : float
        Standard uncertainty of the excess, from its scatter over blocks of wavelengths.
    worse : bool
        Whether the excess is larger than its uncertainty, or seen in so many blocks that it is no accident.
    time_constants_ps : tuple of float
        Lifetimes of the fit to everything.
    """

    count: int = field(metadata={"unit": ""})
    offset: bool
    rms: float = field(metadata={"unit": "ΔA"})
    predicted_rms: float = field(metadata={"unit": "ΔA"})
    excess: float = field(metadata={"unit": ""})
    excess_su: float = field(metadata={"unit": ""})
    worse: bool
    time_constants_ps: tuple[float, ...] = field(metadata={"unit": "ps"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentChoice:
    """The number of exponentials chosen, and those it was chosen from.

    Parameters
    ----------
    count : int
        Exponentials that decay.
    offset : bool
        Whether something stays besides.
    candidates : tuple of Candidate
        All that were tried.
    folds : int
        Parts that were left out in turn.
    block : int
        Neighbouring wavelengths that were left out together.
    """

    count: int = field(metadata={"unit": ""})
    offset: bool
    candidates: tuple[Candidate, ...]
    folds: int = field(metadata={"unit": ""})
    block: int = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Whether the last of several exponentials helps to predict.

    Parameters
    ----------
    count : int
        Exponentials of the fit.
    gain : float
        Sum of squared errors of prediction of one exponential fewer, relative to that of the fit, less 1.
    gain_su : float
        Its scatter over blocks of wavelengths; in part, a decay shows more at some than at others.
    fewer_ps : tuple of float
        Lifetimes of the fit of one exponential fewer.
    supported : bool
        Whether there is a gain. An exponential that is not there has a loss: at each wavelength, its
        amplitude adds about the variance of one point to the errors.
    """

    count: int = field(metadata={"unit": ""})
    gain: float = field(metadata={"unit": ""})
    gain_su: float = field(metadata={"unit": ""})
    fewer_ps: tuple[float, ...] = field(metadata={"unit": "ps"})
    supported: bool


def measure_support(fit: TransientFit) -> Support | None:
    """Measure whether held-out wavelengths are predicted better than with one exponential fewer.

    Parameters
    ----------
    fit : TransientFit
        A fit of a parallel or sequential scheme.

    Returns
    -------
    Support or None
        The comparison; None for a target scheme and for a single exponential.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, _ = simulate_transient(lifetimes_ps=[2.0, 80.0], noise=0.02)
    >>> measure_support(fit_transient(data, build_parallel(3))).supported
    False
    """
    count = len(fit.scheme.rates)
    if fit.scheme.kind == "target" or count < 2:
        return None
    settings = replace(fit.settings, lifetimes_ps=())
    offset = "offset" in fit.scheme.species
    fewer = fit_transient(fit.data, build_parallel(count - 1, offset=offset), settings)
    block = _choose_block(fit.data)
    errors = [_predict(one, block) for one in (fewer, fit)]
    difference = errors[0] - errors[1]
    whole = float(errors[1].sum())
    gain = float(difference.sum()) / whole
    return Support(
        count=count,
        gain=gain,
        gain_su=_measure_scatter(difference, block) / whole,
        fewer_ps=tuple(fewer.time_constants_ps.tolist()),
        supported=gain > 0,
    )


def choose_components(
    data: TransientMap,
    settings: FitSettings | None = None,
    *,
    most: int = 5,
    offset: bool | None = None,
    tick: Callable[[], None] | None = None,
) -> tuple[ComponentChoice, TransientFit]:
    """Choose the number of exponentials by held-out wavelengths.

    Parameters
    ----------
    data : TransientMap
        The map, background subtracted.
    settings : FitSettings, optional
        Choices; its lifetimes are not used.
    most : int, optional
        Largest number to try; fewer are tried if two in a row are no better.
    offset : bool, optional
        Whether something stays; if left out, it does in all candidates, and the chosen number is tried
        without.
    tick : callable, optional
        Called after each candidate.

    Returns
    -------
    choice : ComponentChoice
        The smallest candidate whose prediction is not worse than that of the best one.
    fit : TransientFit
        Its fit, as parallel decays.

    Raises
    ------
    InputError
        If the largest number is not positive or the map cannot be fitted.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, _ = simulate_transient(lifetimes_ps=[2.0, 80.0], noise=0.02)
    >>> choice, fit = choose_components(data, most=2, offset=False)
    >>> choice.count
    2
    """
    if most < 1:
        msg = f"the largest number of components is {most}; expected 1 or more"
        raise InputError(msg)
    chosen = replace(settings or FitSettings(), lifetimes_ps=())
    block = _choose_block(data)
    fits: list[TransientFit] = []
    errors: list[FloatArray] = []

    def attempt(count: int, *, stays: bool) -> None:
        fits.append(fit_transient(data, build_parallel(count, offset=stays), chosen))
        errors.append(_predict(fits[-1], block))
        if tick is not None:
            tick()

    for count in range(1, most + 1):
        if _is_hopeless(fits, errors, count):
            break
        attempt(count, stays=offset is not False)
    place = _pick(fits, errors, block)
    if offset is None:  # is it needed?
        attempt(len(fits[place].scheme.rates), stays=False)
        place = _pick(fits, errors, block)
    choice = ComponentChoice(
        count=len(fits[place].scheme.rates),
        offset="offset" in fits[place].scheme.species,
        candidates=_compare(fits, errors, block),
        folds=_FOLDS,
        block=block,
    )
    return choice, fits[place]


def _choose_block(data: TransientMap) -> int:
    return max(1, data.wavelength.size // (_BLOCKS_EACH * _FOLDS))


def _measure_scatter(difference: FloatArray, block: int) -> float:
    """Return the standard uncertainty of a sum over wavelengths from its scatter over blocks."""
    sums = np.add.reduceat(difference, np.arange(0, difference.size, block))
    return float(np.sqrt(sums.size / max(1, sums.size - 1) * ((sums - sums.mean()) ** 2).sum()))


def _is_worse(difference: FloatArray, block: int) -> bool:
    """Return whether errors of prediction are larger than others, by their sum or in most blocks."""
    sums = np.add.reduceat(difference, np.arange(0, difference.size, block))
    if sums.sum() <= 0:
        return False
    if sums.sum() > _measure_scatter(difference, block):
        return True
    return bool(binom.sf((sums > 0).sum() - 1, sums.size, 0.5) < _ACCIDENT)


def _pick(fits: list[TransientFit], errors: list[FloatArray], block: int) -> int:
    """Return the candidate with the fewest amplitudes among those as good as the best."""
    candidates = _compare(fits, errors, block)
    good = [i for i, one in enumerate(candidates) if not one.worse]
    return min(good, key=lambda i: (candidates[i].count + candidates[i].offset, candidates[i].count))


def _is_hopeless(fits: list[TransientFit], errors: list[FloatArray], count: int) -> bool:
    if not errors:
        return False
    best = int(np.argmin([error.sum() for error in errors]))
    return count > len(fits[best].scheme.rates) + _PATIENCE


def _predict(fit: TransientFit, block: int) -> FloatArray:
    """Return the sum of squared errors of prediction at each wavelength."""
    problem = build_problem(fit.data, fit.scheme, fit.settings)
    bounds = rebuild_bounds(fit, problem)
    n = fit.data.wavelength.size
    folds = np.arange(n) // block % _FOLDS
    errors = np.empty(n)
    for fold in range(_FOLDS):
        held = folds == fold
        found = solve_problem(
            problem,
            fit.parameters,
            bounds,
            counts=(~held).astype(np.float64),
            most=_MOST_EVALUATIONS,
            tolerance=_TOLERANCE,
        )
        basis = problem.build_basis(found.parameters)[held]
        rotation = np.linalg.qr(basis / np.maximum(np.linalg.norm(basis, axis=1, keepdims=True), 1e-300))[0]
        rows = problem.rows[held]
        rest = rows - np.einsum("wtm,wsm,ws->wt", rotation, rotation, rows, optimize=True)
        leverage = np.einsum("wtm,wtm->wt", rotation, rotation)
        errors[held] = ((rest / np.maximum(1 - leverage, _LEAST_FREE)) ** 2).sum(axis=1)
    return errors


def _compare(fits: list[TransientFit], errors: list[FloatArray], block: int) -> tuple[Candidate, ...]:
    totals = np.array([error.sum() for error in errors])
    best = int(totals.argmin())
    candidates = []
    for fit, error in zip(fits, errors, strict=True):
        difference = error - errors[best]
        scatter = _measure_scatter(difference, block)
        candidates.append(
            Candidate(
                count=len(fit.scheme.rates),
                offset="offset" in fit.scheme.species,
                rms=fit.rms,
                predicted_rms=float(np.sqrt(error.sum() / fit.data.signal.size)),
                excess=float(difference.sum() / totals[best]),
                excess_su=scatter / float(totals[best]),
                worse=_is_worse(difference, block),
                time_constants_ps=tuple(fit.time_constants_ps.tolist()),
            )
        )
    return tuple(candidates)
