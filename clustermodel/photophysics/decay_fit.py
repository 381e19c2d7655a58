"""Which lifetimes has this decay, and how well are they known? One fit, with its standard uncertainties."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, freeze_float
from clustermodel.photophysics.decay_data import Decay
from clustermodel.photophysics.decay_likelihood import Optimum
from clustermodel.photophysics.decay_model import (
    DecayModel,
    DecayValues,
    Layout,
    pack_values,
    unpack_values,
)
from clustermodel.photophysics.decay_problem import DecayProblem, build_problem
from clustermodel.photophysics.decay_search import find_optimum

__all__ = [
    "DecayComponent",
    "DecayFit",
    "fit_again",
    "fit_decay",
    "list_components",
    "measure_su",
]

_SINGULAR = (
    1e10  # condition of the scaled information, and so the largest variance: beyond it stands for infinity
)
_NOTHING = 1e-100  # information: below, a parameter does not matter at all
_ALIVE = 1e-3  # of all photons: an area of zero has no slope by its lifetime
_STEP = 1e-6  # relative, of a central difference


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecayFit:
    """A model fitted to a decay.

    Parameters
    ----------
    problem : DecayProblem
        Counts, window and model.
    values : DecayValues
        The parameters, shortest lifetime first.
    covariance : ndarray, shape (p, p)
        In the order of ``Layout``, from the expected (Fisher) information; zero for parameters that are
        given or at a bound, very large where parameters are known only together.
    expected : ndarray, shape (n,)
        Expected counts in the window.
    deviance : float
        Poisson deviance.
    parameters : int
        How many were fitted.
    bic : float
        Deviance + parameters · ln(photons): Bayes's criterion, the sample being the photons, not the bins.
    settled : bool
        Whether the search came to its end.
    """

    problem: DecayProblem
    values: DecayValues
    covariance: FloatArray = field(repr=False, metadata={"unit": ""})
    expected: FloatArray = field(repr=False, metadata={"unit": ""})
    deviance: float = field(metadata={"unit": ""})
    parameters: int = field(metadata={"unit": ""})
    bic: float = field(metadata={"unit": ""})
    settled: bool

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        size = self.problem.layout.size
        object.__setattr__(self, "covariance", freeze_float(self.covariance, (size, size), "covariance"))
        object.__setattr__(self, "expected", freeze_float(self.expected, (None,), "expected"))

    @property
    def decay(self) -> Decay:
        """The histogram."""
        return self.problem.decay

    @property
    def model(self) -> DecayModel:
        """What was fitted."""
        return self.problem.model

    @property
    def photons(self) -> float:
        """Photons in the window."""
        return float(self.problem.counts.sum())

    @property
    def vector(self) -> FloatArray:
        """The parameters in the order of ``Layout``."""
        return pack_values(self.values)

    def find_su(self, place: int) -> float:
        """Return the standard uncertainty of one parameter.

        Parameters
        ----------
        place : int
            Its place in the vector.

        Returns
        -------
        float
            Zero where it is given or at a bound.
        """
        return float(np.sqrt(self.covariance[place, place]))


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayComponent:
    """One component of a decay.

    Parameters
    ----------
    lifetime_ns, lifetime_su_ns : float
        Lifetime τ and its standard uncertainty.
    amplitude, amplitude_su : float
        Share a of the amplitude at time zero.
    share, share_su : float
        Share of the photons, aτ/Σaτ: what steady-state light contains of it.
    photons, photons_su : float
        Its photons, also those outside of the window.
    """

    lifetime_ns: float = field(metadata={"unit": "ns"})
    lifetime_su_ns: float = field(metadata={"unit": "ns"})
    amplitude: float = field(metadata={"unit": ""})
    amplitude_su: float = field(metadata={"unit": ""})
    share: float = field(metadata={"unit": ""})
    share_su: float = field(metadata={"unit": ""})
    photons: float = field(metadata={"unit": ""})
    photons_su: float = field(metadata={"unit": ""})


def fit_decay(
    decay: Decay,
    model: DecayModel | None = None,
    *,
    window_ns: tuple[float, float] | None = None,
    start: DecayValues | None = None,
) -> DecayFit:
    """Fit a model to a decay by Poisson maximum likelihood, from many starts.

    Parameters
    ----------
    decay : Decay
        The histogram.
    model : DecayModel, optional
        What to fit; one exponential and a background in the tail if left out.
    window_ns : tuple of float, optional
        First and last time to fit. If left out, the tail for an instant response, else everything.
    start : DecayValues, optional
        One more start, with as many components.

    Returns
    -------
    DecayFit
        The best fit.

    Raises
    ------
    InputError
        If bins or photons are too few, or response and decay do not go together.

    Examples
    --------
    >>> from clustermodel.photophysics.decay_model import simulate_decay
    >>> values = DecayValues(lifetimes_ns=(2650.0,), photons=(1e5,), background=2.0)
    >>> decay = simulate_decay(DecayModel(), values, np.linspace(0, 20000, 513), seed=1, unit="us")
    >>> fit = fit_decay(decay, window_ns=(0, 20000))
    >>> abs(fit.values.lifetimes_ns[0] - 2650) < 3 * 10  # the standard uncertainty is 9 ns
    True
    """
    problem = build_problem(decay, model or DecayModel(), window_ns=window_ns)
    found = find_optimum(problem, start=None if start is None else pack_values(start))
    return _build_fit(problem, found)


def fit_again(problem: DecayProblem, start: DecayValues) -> DecayFit:
    """Fit other counts from known parameters, without a search for starts.

    Parameters
    ----------
    problem : DecayProblem
        Counts, window and model.
    start : DecayValues
        Where to start.

    Returns
    -------
    DecayFit
        The fit that is reached from there.
    """
    vector = pack_values(start)
    areas = problem.layout.photons
    vector[areas] = np.maximum(vector[areas], _ALIVE * float(problem.counts.sum()))
    return _build_fit(problem, problem.search(vector))


def _build_fit(problem: DecayProblem, found: Optimum) -> DecayFit:
    layout = problem.layout
    order = np.arange(layout.size)
    ranks = np.argsort(found.vector[layout.lifetimes])
    order[layout.lifetimes] = ranks
    order[layout.photons] = layout.photons.start + ranks
    vector = found.vector[order]
    parameters = int((problem.upper > problem.lower).sum())
    return DecayFit(
        problem=problem,
        values=unpack_values(vector),
        covariance=_invert(found.fisher[np.ix_(order, order)], found.free[order]),
        expected=problem.predict(vector)[0],
        deviance=found.deviance,
        parameters=parameters,
        bic=found.deviance + parameters * float(np.log(problem.counts.sum())),
        settled=found.settled,
    )


def _invert(fisher: FloatArray, free: BoolArray) -> FloatArray:
    """Return the covariance of the free parameters, with variances limited where they would be infinite."""
    covariance = np.zeros_like(fisher)
    places = np.flatnonzero(free)
    block = fisher[np.ix_(places, places)]
    scale = 1 / np.sqrt(np.where(np.diag(block) > _NOTHING, np.diag(block), 1.0))
    values, vectors = np.linalg.eigh(block * np.outer(scale, scale))
    inverse = (vectors / np.maximum(values, 1 / _SINGULAR)) @ vectors.T
    covariance[np.ix_(places, places)] = inverse * np.outer(scale, scale)
    return covariance


def list_components(fit: DecayFit) -> tuple[DecayComponent, ...]:
    """List lifetimes, amplitudes and shares with standard uncertainties.

    Parameters
    ----------
    fit : DecayFit
        The fit.

    Returns
    -------
    tuple of DecayComponent
        Shortest lifetime first; for a stretched exponential its τ.
    """
    layout, vector = fit.problem.layout, fit.vector
    components = []
    for k in range(layout.components):
        lifetime = fit.values.lifetimes_ns[k]
        components.append(
            DecayComponent(
                lifetime_ns=lifetime,
                lifetime_su_ns=lifetime * fit.find_su(k),
                amplitude=_share(vector, layout, k, weighted=True),
                amplitude_su=measure_su(fit, partial(_share, layout=layout, k=k, weighted=True)),
                share=_share(vector, layout, k, weighted=False),
                share_su=measure_su(fit, partial(_share, layout=layout, k=k, weighted=False)),
                photons=fit.values.photons[k],
                photons_su=fit.find_su(layout.photons.start + k),
            )
        )
    return tuple(components)


def _share(vector: FloatArray, layout: Layout, k: int, *, weighted: bool) -> float:
    parts = vector[layout.photons]
    if weighted:
        parts = parts / np.exp(vector[layout.lifetimes])
    return float(parts[k] / parts.sum()) if parts.any() else float("nan")


def measure_su(fit: DecayFit, quantity: Callable[[FloatArray], float]) -> float:
    """Calculate the standard uncertainty of a function of the parameters, to first order.

    Parameters
    ----------
    fit : DecayFit
        The fit.
    quantity : callable
        From a vector in the order of ``Layout`` to a number.

    Returns
    -------
    float
        The uncertainty, correlations included.
    """
    vector = fit.vector
    places = np.flatnonzero(np.diag(fit.covariance) > 0)
    gradient = np.zeros_like(vector)
    for place in places:
        step = np.zeros_like(vector)
        step[place] = _STEP * max(abs(float(vector[place])), 1.0)
        change = quantity(vector + step) - quantity(vector - step)
        gradient[place] = change / (2 * step[place])
    return float(np.sqrt(np.maximum(0.0, gradient @ fit.covariance @ gradient)))
