"""What does FWHM(T) tell? Formulas side by side, ranked, with what is certain whichever of them is right."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.errors import InputError
from clustermodel.photophysics.linewidth_data import WidthSeries
from clustermodel.photophysics.linewidth_fit import WidthFit, fit_width_model
from clustermodel.photophysics.linewidth_models import CANDIDATES, find_model
from clustermodel.photophysics.linewidth_search import Constraints, count_needed_points

__all__ = [
    "LinewidthAnalysis",
    "WidthTrend",
    "choose_temperature",
    "fit_linewidth",
    "measure_trend",
]

_STEP = 1e-3  # of the temperature: of the differences that slopes are made of


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthTrend:
    """Width and slope at one temperature.

    Parameters
    ----------
    temperature : float
        The temperature.
    width_mev, width_su_mev : float
        FWHM and its standard uncertainty.
    slope, slope_su : float
        Its change with the temperature.
    """

    temperature: float = field(metadata={"unit": "K"})
    width_mev: float = field(metadata={"unit": "meV"})
    width_su_mev: float = field(metadata={"unit": "meV"})
    slope: float = field(metadata={"unit": "meV/K"})
    slope_su: float = field(metadata={"unit": "meV/K"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinewidthAnalysis:
    """Formulas fitted to one series of widths.

    Parameters
    ----------
    series : WidthSeries
        The points.
    fits : tuple of WidthFit
        The fits, the best by Akaike's criterion first.
    weights : array_like, shape (m,)
        Akaike weight of each: its share of the evidence, if one of these formulas is right.
    trends : tuple of WidthTrend
        Width and slope by each formula.
    trend : WidthTrend
        Their weighted mean; the uncertainty contains the differences between the formulas.
    curvature, curvature_su : float or None
        Second derivative by the temperature, from a parabola; None where there are too few points.
    left_out : tuple of str
        Formulas that need more points than there are, in words.
    constraints : Constraints
        What was known beside the data.
    """

    series: WidthSeries
    fits: tuple[WidthFit, ...]
    weights: FloatArray = field(metadata={"unit": ""})
    trends: tuple[WidthTrend, ...]
    trend: WidthTrend
    curvature: float | None = field(metadata={"unit": "meV/K²"})
    curvature_su: float | None = field(metadata={"unit": "meV/K²"})
    left_out: tuple[str, ...]
    constraints: Constraints

    def __post_init__(self) -> None:
        """Freeze the weights."""
        object.__setattr__(self, "weights", freeze_float(self.weights, (len(self.fits),), "weights"))

    def find(self, model: str) -> WidthFit:
        """Return the fit of a formula.

        Parameters
        ----------
        model : str
            Its name.

        Returns
        -------
        WidthFit
            The fit.

        Raises
        ------
        InputError
            If it was not fitted.
        """
        for fit in self.fits:
            if fit.model == model:
                return fit
        fitted = ", ".join(fit.model for fit in self.fits)
        msg = f"{model!r} was not fitted to {self.series.name}; expected one of {fitted}"
        raise InputError(msg)


def fit_linewidth(
    series: WidthSeries,
    *,
    models: Sequence[str] = CANDIDATES,
    constraints: Constraints | None = None,
    temperature: float | None = None,
    advance: Callable[[str], None] | None = None,
) -> LinewidthAnalysis:
    """Fit formulas to widths, rank them, and say what is certain whichever of them is right.

    Parameters
    ----------
    series : WidthSeries
        Widths and temperatures.
    models : sequence of str, optional
        Names of the formulas. The parabola, which is no physics, is not among the default ones: its curvature
        is given beside them.
    constraints : Constraints, optional
        Held parameters, priors and limits; each name must belong to one of the formulas.
    temperature : float, optional
        Where width and slope are wanted, in K; the middle of the range if left out.
    advance : callable, optional
        Called with the name of each formula when it is done.

    Returns
    -------
    LinewidthAnalysis
        Fits, ranking, width and slope.

    Raises
    ------
    InputError
        If there are too few points for all formulas, or a constraint names no parameter of them.

    Examples
    --------
    >>> from clustermodel.photophysics.linewidth_data import simulate_width_series
    >>> paper = [150.0, 20.0, 4.3, 137.7, 36.1]
    >>> series = simulate_width_series("printed", paper, np.linspace(200, 300, 11), noise_mev=1.0, seed=7)
    >>> analysis = fit_linewidth(series, models=("printed", "line"))
    >>> analysis.fits[0].model, analysis.find("printed").find("E_op").profile.verdict
    ('line', 'flat')
    >>> round(analysis.trend.width_mev), round(analysis.trend.slope, 2)
    (195, 0.15)
    """
    known = constraints or Constraints()
    models = tuple(dict.fromkeys(models))
    _check_names(known, models)
    _check_number(series, known, models)
    fits, left_out = [], []
    for model in models:
        try:
            fits.append(fit_width_model(series, model, constraints=known))
        except InputError as error:
            needed = count_needed_points(model, known, noise_known=series.fwhm_su_mev is not None)
            if needed <= series.temperature.size:
                raise
            left_out.append(f"Left out: {error}.")
        if advance is not None:
            advance(model)
    fits.sort(key=lambda fit: fit.aicc)
    weights = np.exp(-0.5 * (np.array([fit.aicc for fit in fits]) - fits[0].aicc))
    weights /= weights.sum()
    where = choose_temperature([series]) if temperature is None else temperature
    trends = tuple(measure_trend(fit, where) for fit in fits)
    curvature = _measure_curvature(series)
    return LinewidthAnalysis(
        series=series,
        fits=tuple(fits),
        weights=weights,
        trends=trends,
        trend=_average_trends(trends, weights),
        curvature=curvature[0],
        curvature_su=curvature[1],
        left_out=tuple(left_out),
        constraints=known,
    )


def _check_names(known: Constraints, models: Sequence[str]) -> None:
    names = {name for model in models for name in find_model(model).names}
    wrong = [name for name in (*known.fixed, *known.priors, *known.limits) if name not in names]
    if wrong:
        msg = f"no formula has a parameter {wrong[0]!r}; expected one of {', '.join(sorted(names))}"
        raise InputError(msg)


def _check_number(series: WidthSeries, known: Constraints, models: Sequence[str]) -> None:
    noise_known = series.fwhm_su_mev is not None
    needed = {model: count_needed_points(model, known, noise_known=noise_known) for model in models}
    found = series.temperature.size
    if not needed or found < min(needed.values()):
        wanted = ", ".join(f"{name} {count}" for name, count in sorted(needed.items(), key=lambda x: x[1]))
        msg = f"{series.name}: found {found} temperatures; needed: {wanted or 'a formula'}"
        raise InputError(msg)


def choose_temperature(series: Sequence[WidthSeries]) -> float:
    """Return the middle of the range of temperatures that all series have.

    Parameters
    ----------
    series : sequence of WidthSeries
        One or more series.

    Returns
    -------
    float
        Temperature in K; where they have no common range, the middle of the gap.

    Examples
    --------
    >>> from clustermodel.photophysics.linewidth_data import build_width_series
    >>> choose_temperature([build_width_series([200, 300], [180, 190])])
    250.0
    """
    low = max(float(one.temperature[0]) for one in series)
    return (low + min(float(one.temperature[-1]) for one in series)) / 2


def measure_trend(fit: WidthFit, temperature: float) -> WidthTrend:
    """Measure width and slope of a fit at one temperature.

    Parameters
    ----------
    fit : WidthFit
        The fit.
    temperature : float
        Where, in K.

    Returns
    -------
    WidthTrend
        With standard uncertainties, which are finite also where those of the parameters are not.

    Raises
    ------
    InputError
        If the temperature is not positive.
    """
    if not (math.isfinite(temperature) and temperature > 0):
        msg = f"found a temperature of {temperature:g} K; expected a positive one"
        raise InputError(msg)
    step = _STEP * temperature
    places = np.array([temperature - step, temperature, temperature + step])
    widths, jacobian = (part[0] for part in find_model(fit.model).evaluate(places, fit.values[None, :]))
    rows = np.stack([jacobian[1], (jacobian[2] - jacobian[0]) / (2 * step)])
    variance = np.einsum("ij,jk,ik->i", rows, fit.covariance, rows)
    return WidthTrend(
        temperature=temperature,
        width_mev=float(widths[1]),
        width_su_mev=math.sqrt(max(variance[0], 0.0)),
        slope=float(widths[2] - widths[0]) / (2 * step),
        slope_su=math.sqrt(max(variance[1], 0.0)),
    )


def _average_trends(trends: Sequence[WidthTrend], weights: FloatArray) -> WidthTrend:
    """Return the mean over formulas, with the variance within and between them :cite:p:`burnham2002`."""
    values = np.array([(one.width_mev, one.slope) for one in trends])
    variances = np.array([(one.width_su_mev, one.slope_su) for one in trends]) ** 2
    mean = weights @ values
    su = np.sqrt(weights @ (variances + (values - mean) ** 2))
    return WidthTrend(
        temperature=trends[0].temperature,
        width_mev=float(mean[0]),
        width_su_mev=float(su[0]),
        slope=float(mean[1]),
        slope_su=float(su[1]),
    )


def _measure_curvature(series: WidthSeries) -> tuple[float, float] | tuple[None, None]:
    """Return the second derivative of a parabola and its uncertainty."""
    try:
        found = fit_width_model(series, "parabola", profiled=()).find("curvature")
    except InputError:  # too few points
        return None, None
    return 2 * found.value, 2 * found.su
