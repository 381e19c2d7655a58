"""How would the results scatter if the measurement were repeated? A parametric bootstrap."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError
from clustermodel.photophysics.decay_averages import measure_averages
from clustermodel.photophysics.decay_fit import DecayFit, fit_again
from clustermodel.photophysics.decay_response import MeasuredResponse

__all__ = ["BootstrapEstimate", "DecayBootstrap", "simulate_refits"]

_FEWEST = 20  # refits: ends of a 95 % interval are then the extremes
_ENDS = (2.5, 97.5)  # percent
_STRETCHING = "stretching exponent"


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapEstimate:
    """How one quantity scatters.

    Parameters
    ----------
    name : str
        What it is.
    unit : str
        ``ns``, or empty for a number without unit.
    value : float
        From the measured counts.
    sd : float
        Standard deviation over the refits.
    low, high : float
        Percentiles 2.5 and 97.5 of the refits.
    bias : float
        Mean of the refits minus the value.
    """

    name: str
    unit: str
    value: float = field(metadata={"unit": "ns or none"})
    sd: float = field(metadata={"unit": "ns or none"})
    low: float = field(metadata={"unit": "ns or none"})
    high: float = field(metadata={"unit": "ns or none"})
    bias: float = field(metadata={"unit": "ns or none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayBootstrap:
    """Result of a parametric bootstrap.

    Parameters
    ----------
    samples, seed : int
        Number of simulated measurements and seed of the random numbers.
    estimates : tuple of BootstrapEstimate
        Lifetimes, then both averages.
    deviance_chance : float
        Part of the simulated measurements that their fits describe worse than the measured one is: for a
        wrong model near 0.
    """

    samples: int
    seed: int
    estimates: tuple[BootstrapEstimate, ...]
    deviance_chance: float = field(metadata={"unit": ""})


def simulate_refits(
    fit: DecayFit, *, samples: int = 200, seed: int = 0, advance: Callable[[], None] | None = None
) -> DecayBootstrap:
    """Draw counts from a fit and fit them again, many times.

    A measured response is drawn as well: it is used as drawn to fit, and as measured to draw counts.

    Parameters
    ----------
    fit : DecayFit
        The fit.
    samples : int, optional
        How often.
    seed : int, optional
        Of the random numbers.
    advance : callable, optional
        Called after each refit, for a progress bar.

    Returns
    -------
    DecayBootstrap
        Standard deviations and percentiles.

    Raises
    ------
    InputError
        If fewer than 20 samples are asked for.

    Examples
    --------
    >>> from clustermodel.photophysics.decay_fit import fit_decay
    >>> from clustermodel.photophysics.decay_model import DecayModel, DecayValues, simulate_decay
    >>> values = DecayValues(lifetimes_ns=(5.0,), photons=(1e4,), background=1.0)
    >>> decay = simulate_decay(DecayModel(), values, np.linspace(0, 50, 101), seed=1)
    >>> found = simulate_refits(fit_decay(decay, window_ns=(0, 50)), samples=50)
    >>> [one.name for one in found.estimates]
    ['lifetime 1']
    >>> 0.03 < found.estimates[0].sd < 0.09  # 5/√10000 without a background
    True
    """
    if samples < _FEWEST:
        msg = f"bootstrap of {samples} samples; expected {_FEWEST} or more"
        raise InputError(msg)
    rows, deviances = [], []
    for refit in _draw_refits(fit, samples, seed):
        rows.append(list(_list_quantities(refit).values()))
        deviances.append(refit.deviance)
        if advance is not None:
            advance()
    return DecayBootstrap(
        samples=samples,
        seed=seed,
        estimates=tuple(
            _summarise(name, value, column)
            for (name, value), column in zip(_list_quantities(fit).items(), np.array(rows).T, strict=True)
        ),
        deviance_chance=float(np.mean(np.array(deviances) >= fit.deviance)),
    )


def _draw_refits(fit: DecayFit, samples: int, seed: int) -> Iterator[DecayFit]:
    random = np.random.default_rng(seed)
    problem, response = fit.problem, fit.model.response
    for _ in range(samples):
        counts = problem.decay.counts.copy()
        counts[problem.first : problem.last] = random.poisson(fit.expected)
        drawn = replace(problem, decay=replace(problem.decay, counts=counts))
        if isinstance(response, MeasuredResponse):
            pulse = replace(response, counts=random.poisson(response.counts).astype(np.float64))
            drawn = replace(drawn, model=replace(fit.model, response=pulse))
        yield fit_again(drawn, fit.values)


def _list_quantities(fit: DecayFit) -> dict[str, float]:
    averages = measure_averages(fit)
    found = {f"lifetime {k}": lifetime for k, lifetime in enumerate(fit.values.lifetimes_ns, 1)}
    if fit.model.stretched:
        found[_STRETCHING] = fit.values.stretching
    if averages.kind == "single":
        return found
    return found | {"amplitude average": averages.amplitude_ns, "intensity average": averages.intensity_ns}


def _summarise(name: str, value: float, column: FloatArray) -> BootstrapEstimate:
    low, high = np.percentile(column, _ENDS)
    return BootstrapEstimate(
        name=name,
        unit="" if name == _STRETCHING else "ns",
        value=value,
        sd=float(column.std(ddof=1)),
        low=float(low),
        high=float(high),
        bias=float(column.mean()) - value,
    )
