"""Does a model describe a decay? Its deviance against that of Poisson counts, and the order of residuals."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.photophysics.decay_fit import DecayFit
from clustermodel.photophysics.decay_likelihood import expect_deviance

__all__ = ["DecayGoodness", "measure_goodness"]

_GROUP = 10.0  # expected counts: fewer are so skewed that residuals have no sign of their own
_FEWEST = 10  # groups for the tests of order
_LAGS = 100  # of the autocorrelation, at most
_GOOD = "The model describes the counts within their noise."
_SUSPECT = 3.0  # standard deviations: one good fit in 370 is beyond


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecayGoodness:
    """How well a fit describes the counts.

    Parameters
    ----------
    deviance_per_dof : float
        Deviance over bins minus parameters.
    expected_per_dof : float
        What Poisson counts around the fit give on average: 1 for many counts, up to 1.15 near one count
        in a bin, and less than 1 below.
    deviance_z : float
        Their difference in standard deviations.
    pearson_per_dof : float
        Σ(n - μ)²/μ over bins minus parameters, which is 1 on average for any number of counts.
    time_ns : ndarray, shape (m,)
        Middle of each group of neighbouring bins; a group has at least ten expected counts.
    residuals : ndarray, shape (m,)
        (n - μ)/√μ of each group.
    autocorrelation : ndarray, shape (l,)
        Correlation of the residuals at distances of 1, 2, … groups; for a good fit its standard deviation is
        1/√m.
    neighbour_z : float or None
        The first of them in standard deviations; None where there are too few groups.
    runs_z : float or None
        Number of runs of equal sign minus what chance gives, in standard deviations; negative for waves.
    verdict : str
        One sentence.
    """

    deviance_per_dof: float = field(metadata={"unit": ""})
    expected_per_dof: float = field(metadata={"unit": ""})
    deviance_z: float = field(metadata={"unit": ""})
    pearson_per_dof: float = field(metadata={"unit": ""})
    time_ns: FloatArray = field(repr=False, metadata={"unit": "ns"})
    residuals: FloatArray = field(repr=False, metadata={"unit": ""})
    autocorrelation: FloatArray = field(repr=False, metadata={"unit": ""})
    neighbour_z: float | None = field(metadata={"unit": ""})
    runs_z: float | None = field(metadata={"unit": ""})
    verdict: str

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("time_ns", "residuals", "autocorrelation"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (None,), name))

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against the model."""
        return self.verdict == _GOOD


def measure_goodness(fit: DecayFit) -> DecayGoodness:
    """Measure how well a fit describes the counts.

    Parameters
    ----------
    fit : DecayFit
        The fit.

    Returns
    -------
    DecayGoodness
        Deviance, residuals and their order.

    Examples
    --------
    >>> from clustermodel.photophysics.decay_fit import fit_decay
    >>> from clustermodel.photophysics.decay_model import DecayModel, DecayValues, simulate_decay
    >>> values = DecayValues(lifetimes_ns=(5.0,), photons=(1e4,), background=1.0)
    >>> decay = simulate_decay(DecayModel(), values, np.linspace(0, 50, 101), seed=1)
    >>> abs(measure_goodness(fit_decay(decay, window_ns=(0, 50))).deviance_z) < 3
    True
    """
    counts, expected = fit.problem.counts, fit.expected
    dof = counts.size - fit.parameters
    mean, variance = expect_deviance(expected)
    z = (fit.deviance - mean + fit.parameters) / np.sqrt(variance)
    time, residuals = _group(fit)
    autocorrelation = _correlate(residuals)
    enough = residuals.size >= _FEWEST
    neighbour = float(autocorrelation[0] * np.sqrt(residuals.size)) if enough else None
    runs = _count_runs(residuals) if enough else None
    return DecayGoodness(
        deviance_per_dof=fit.deviance / dof,
        expected_per_dof=(mean - fit.parameters) / dof,
        deviance_z=float(z),
        pearson_per_dof=float(np.sum((counts - expected) ** 2 / expected)) / dof,
        time_ns=time,
        residuals=residuals,
        autocorrelation=autocorrelation,
        neighbour_z=neighbour,
        runs_z=runs,
        verdict=_judge(float(z), neighbour, runs),
    )


def _group(fit: DecayFit) -> tuple[FloatArray, FloatArray]:
    """Return middles and residuals of groups of bins with at least ten expected counts."""
    counts, expected, edges = fit.problem.counts, fit.expected, fit.problem.edges_ns
    starts, level = [0], 0.0
    for i, mean in enumerate(expected):
        if level >= _GROUP:
            starts.append(i)
            level = 0.0
        level += float(mean)
    if level < _GROUP and len(starts) > 1:  # what is left joins the group before
        starts.pop()
    found, wanted = np.add.reduceat(counts, starts), np.add.reduceat(expected, starts)
    ends = [*starts[1:], counts.size]
    return (edges[starts] + edges[ends]) / 2, np.asarray((found - wanted) / np.sqrt(wanted))


def _correlate(residuals: FloatArray) -> FloatArray:
    centred = residuals - residuals.mean()
    square = float(centred @ centred)
    lags = range(1, min(_LAGS, residuals.size // 2) + 1)
    return (
        np.array([float(centred[lag:] @ centred[:-lag]) / square for lag in lags]) if square else np.zeros(1)
    )


def _count_runs(residuals: FloatArray) -> float | None:
    """Return the number of runs of equal sign, in standard deviations from chance (Wald and Wolfowitz)."""
    above = residuals > 0
    high, low = int(above.sum()), int((~above).sum())
    total = high + low
    runs = 1 + int((above[1:] != above[:-1]).sum())
    mean = 2 * high * low / total + 1
    variance = (mean - 1) * (mean - 2) / (total - 1)
    return (runs - mean) / float(np.sqrt(variance)) if variance > 0 else None


def _judge(z: float, neighbour: float | None, runs: float | None) -> str:
    if z < -_SUSPECT:
        return (
            "The counts scatter less than photons do: they are not raw counts, and uncertainties are wrong."
        )
    if z > _SUSPECT:
        return "The model does not describe the counts; uncertainties are too small."
    if (neighbour is not None and neighbour > _SUSPECT) or (runs is not None and runs < -_SUSPECT):
        return "The residuals are not random: waves are left, the model or the response is not quite right."
    return _GOOD
