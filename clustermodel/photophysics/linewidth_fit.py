"""How well does one formula describe FWHM(T), and which of its parameters do the data tell?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import chdtrc, chdtri, fdtri

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.errors import InputError
from clustermodel.photophysics.linewidth_data import WidthSeries
from clustermodel.photophysics.linewidth_profile import LEVELS, WidthProfile, measure_profiles
from clustermodel.photophysics.linewidth_search import (
    DARK,
    Constraints,
    build_constrained_problem,
    count_freedom,
    extend_solutions,
    find_solutions,
    settle_noise,
)
from clustermodel.photophysics.linewidth_solver import WidthProblem

__all__ = ["Inverse", "WidthEstimate", "WidthFit", "fit_width_model", "invert_information"]

State = Literal["fitted", "fixed", "prior"]
_SINGULAR = 1e-12  # eigenvalue of the normalized information: below it, nothing is known about a direction
_PASSES = 3  # where a profile finds a better fit than the starts did, and with it less noise
_GAIN = 1e-2  # of the variance of the noise: a smaller change does not matter
_PART = 1e-3  # of such a direction: a parameter with a smaller one is not touched by it


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthEstimate:
    """What the data say about one parameter.

    Parameters
    ----------
    name, unit : str
        The parameter.
    value : float
        Best value.
    su : float
        Standard uncertainty from the curvature at the best fit, infinite where there is none; unless the
        verdict is *identified*, it means little.
    state : {"fitted", "fixed", "prior"}
        Whether it was fitted, held, or fitted with a prior.
    profile : WidthProfile or None
        Profile likelihood with intervals and verdict; None where it was held or not asked for.
    """

    name: str
    unit: str
    value: float = field(metadata={"unit": "of the parameter"})
    su: float = field(metadata={"unit": "of the parameter"})
    state: State
    profile: WidthProfile | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WidthFit:
    """The fit of one formula.

    Parameters
    ----------
    model : str
        Name of the formula.
    parameters : tuple of WidthEstimate
        Its parameters.
    chi_square : float
        Sum of squares of the residuals over the standard uncertainties; where these are estimated from the
        residuals, it is their degrees of freedom within 1 %.
    dof : int
        Degrees of freedom: points and priors, minus fitted parameters.
    p_value : float or None
        Chance of a greater chi-square if formula and uncertainties are right; None where these are estimated.
    aicc : float
        Akaike's criterion with the correction for few points :cite:p:`hurvich1989`.
    noise_mev : float
        Root mean square of the standard uncertainties, stated or estimated.
    condition : float
        Condition number of the normalized derivatives by the fitted parameters; infinite where one of them
        has no effect.
    residual_mev : array_like, shape (n,)
        Measured minus fitted.
    covariance : array_like, shape (k, k)
        Covariance of the parameters at the best fit; 0 for those that are held or at a limit.
    """

    model: str
    parameters: tuple[WidthEstimate, ...]
    chi_square: float = field(metadata={"unit": ""})
    dof: int = field(metadata={"unit": ""})
    p_value: float | None = field(metadata={"unit": ""})
    aicc: float = field(metadata={"unit": ""})
    noise_mev: float = field(metadata={"unit": "meV"})
    condition: float = field(metadata={"unit": ""})
    residual_mev: FloatArray = field(metadata={"unit": "meV"})
    covariance: FloatArray = field(metadata={"unit": "of the parameters"})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        k = len(self.parameters)
        object.__setattr__(self, "residual_mev", freeze_float(self.residual_mev, (None,), "residual_mev"))
        object.__setattr__(self, "covariance", freeze_float(self.covariance, (k, k), "covariance"))

    @property
    def values(self) -> FloatArray:
        """Best values of all parameters in their order."""
        return np.array([parameter.value for parameter in self.parameters])

    def find(self, name: str) -> WidthEstimate:
        """Return the estimate of a parameter.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        WidthEstimate
            What the data say about it.

        Raises
        ------
        InputError
            If the formula has no such parameter.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = ", ".join(parameter.name for parameter in self.parameters)
        msg = f"{self.model} has no parameter {name!r}; expected one of {known}"
        raise InputError(msg)


def fit_width_model(
    series: WidthSeries,
    model: str,
    *,
    constraints: Constraints | None = None,
    profiled: Sequence[str] | None = None,
) -> WidthFit:
    """Fit one formula to widths from many starts, and measure what the data say about its parameters.

    Parameters
    ----------
    series : WidthSeries
        Widths and temperatures. Widths without standard uncertainties get equal ones, estimated from the
        residuals, and thresholds of Fisher's F instead of chi-square.
    model : str
        Name of the formula.
    constraints : Constraints, optional
        Held parameters, priors and limits of the search; those of other formulas are passed over.
    profiled : sequence of str, optional
        Parameters to measure the profile likelihood of; all that are fitted if left out.

    Returns
    -------
    WidthFit
        Best fit, intervals and verdicts.

    Raises
    ------
    InputError
        If the formula is unknown, there are too few points, or a constraint is out of range.

    Examples
    --------
    >>> from clustermodel.photophysics.linewidth_data import simulate_width_series
    >>> truth = [120.0, 3.0, 25.0]
    >>> few = simulate_width_series("toyozawa", truth, np.linspace(200, 300, 11), noise_mev=1.0, seed=1)
    >>> many = simulate_width_series("toyozawa", truth, np.linspace(5, 300, 60), noise_mev=0.3, seed=1)
    >>> [fit_width_model(one, "toyozawa").find("E").profile.verdict for one in (few, many)]
    ['one-sided', 'identified']
    """
    known, noise_known = constraints or Constraints(), series.fwhm_su_mev is not None
    problem = build_constrained_problem(series, model, known)
    problem, pool = find_solutions(problem, noise_known=noise_known)
    wanted = [name for name in problem.model.names if name not in known.fixed]
    if profiled is not None:
        wanted = [name for name in wanted if name in profiled]
    dof = None if noise_known else count_freedom(problem)
    thresholds = [_find_threshold(level, dof) for level in LEVELS]
    best = pool.values[pool.square.argmin()]
    profiles: tuple[WidthProfile, ...] = ()
    for _ in range(_PASSES if wanted else 0):
        su = _invert_at(problem, best).su
        profiles, best, gain = measure_profiles(problem, pool, su, parameters=wanted, thresholds=thresholds)
        if noise_known or gain < _GAIN * count_freedom(problem):
            break
        problem, pool = settle_noise(problem, extend_solutions(problem, pool, best))
    return _build_fit(problem, best, profiles, noise_known=noise_known)


def _find_threshold(level: float, dof: int | None) -> float:
    """Return the rise of chi-square at the ends of an interval; `dof` where the noise is estimated."""
    return float(chdtri(1, 1 - level) if dof is None else fdtri(1, dof, level))


class Inverse(NamedTuple):
    """What an information matrix says.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)
        Its inverse, without the directions that nothing is known about.
    su : ndarray, shape (k,)
        Standard uncertainties, infinite for parameters that have a part in such a direction.
    condition : float
        Ratio of the largest to the smallest singular value of the normalized derivatives.
    """

    covariance: FloatArray
    su: FloatArray
    condition: float


def invert_information(matrix: FloatArray) -> Inverse:
    """Invert an information matrix as far as it can be inverted.

    Parameters
    ----------
    matrix : ndarray, shape (k, k)
        Half of the second derivatives of chi-square.

    Returns
    -------
    Inverse
        Covariance, standard uncertainties and condition.

    Examples
    --------
    >>> invert_information(np.array([[4.0, 0.0, 0.0], [0.0, 0.25, 0.0], [0.0, 0.0, 0.0]])).su
    array([0.5, 2. , inf])
    """
    size = np.sqrt(np.diag(matrix))
    covariance, su = np.zeros_like(matrix), np.full(size.size, math.inf)
    seen = size > 0
    if not seen.any():
        return Inverse(covariance, su, math.inf)
    places = np.ix_(seen, seen)
    scale = np.outer(size, size)[places]
    eigenvalues, vectors = np.linalg.eigh(matrix[places] / scale)
    kept = eigenvalues > _SINGULAR
    covariance[places] = (vectors[:, kept] / eigenvalues[kept]) @ vectors[:, kept].T / scale
    told = ~(np.abs(vectors[:, ~kept]) > _PART).any(axis=1)
    su[seen] = np.where(told, np.sqrt(np.diag(covariance)[seen]), math.inf)
    smallest = float(eigenvalues[0]) if seen.all() else 0.0
    return Inverse(covariance, su, math.sqrt(float(eigenvalues[-1]) / smallest) if smallest > 0 else math.inf)


def _invert_at(problem: WidthProblem, best: FloatArray) -> Inverse:
    """Return the inverse at the best fit; at a limit, covariance is 0 and s.u. infinite; held, both are 0."""
    matrix = problem.linearize(problem.transform(best)[None, :])[2]
    inside = problem.free & (best > problem.low) & (best < problem.high)
    speed = problem.measure_speed(best)
    covariance, su = np.zeros((best.size, best.size)), np.where(problem.free, math.inf, 0.0)
    part = invert_information(matrix[0][np.ix_(inside, inside)])
    covariance[np.ix_(inside, inside)] = part.covariance
    su[inside] = part.su
    free = np.ix_(problem.free, problem.free)
    return Inverse(
        covariance * np.outer(speed, speed), su * speed, invert_information(matrix[0][free]).condition
    )


def _build_fit(
    problem: WidthProblem, best: FloatArray, profiles: Sequence[WidthProfile], *, noise_known: bool
) -> WidthFit:
    model = problem.model
    residual = problem.fwhm - model.evaluate(problem.temperature, best[None, :])[0][0]
    square = float(((residual * problem.weight) ** 2).sum())
    inverse, dof = _invert_at(problem, best), count_freedom(problem)
    traced = {profile.parameter: profile for profile in profiles}
    states: list[State] = [
        "prior" if weight else "fitted" if free else "fixed"
        for weight, free in zip(problem.expected_weight, problem.free, strict=True)
    ]
    return WidthFit(
        model=model.name,
        parameters=tuple(
            WidthEstimate(
                name=parameter.name,
                unit=parameter.unit,
                value=float(best[i]),
                su=float(inverse.su[i]),
                state=states[i],
                profile=traced.get(parameter.name),
            )
            for i, parameter in enumerate(model.parameters)
        ),
        chi_square=square,
        dof=dof,
        p_value=float(chdtrc(dof, square)) if noise_known else None,
        aicc=_measure_aicc(problem, residual, noise_known=noise_known),
        noise_mev=float(np.sqrt(np.mean(problem.weight**-2.0))),
        condition=inverse.condition,
        residual_mev=residual,
        covariance=inverse.covariance,
    )


def _measure_aicc(problem: WidthProblem, residual: FloatArray, *, noise_known: bool) -> float:
    """Return Akaike's criterion of the points alone, without terms that are the same for every formula."""
    n, count = residual.size, int(np.count_nonzero(problem.free))
    if noise_known:
        loss = float(((residual * problem.weight) ** 2).sum())
    else:
        smallest = (DARK * float(problem.fwhm.max())) ** 2
        loss = n * math.log(max(float(residual @ residual) / n, smallest))
        count += 1  # the noise
    return loss + 2 * count + 2 * count * (count + 1) / (n - count - 1)
