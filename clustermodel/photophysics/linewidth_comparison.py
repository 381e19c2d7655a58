"""Do two samples differ in FWHM(T)? Width, slope, and the parameters whose intervals do not overlap."""

import math
from dataclasses import dataclass, field

from clustermodel.errors import InputError
from clustermodel.photophysics.linewidth import LinewidthAnalysis
from clustermodel.photophysics.linewidth_fit import WidthEstimate
from clustermodel.photophysics.linewidth_profile import ProfileInterval

__all__ = ["LinewidthComparison", "compare_linewidths"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinewidthComparison:
    """How the widths of two samples differ.

    Parameters
    ----------
    first, second : str
        The samples.
    temperature : float
        Where width and slope are compared.
    width_difference_mev, width_difference_su_mev : float
        FWHM of the second minus that of the first.
    slope_difference, slope_difference_su : float
        The same for the change with the temperature.
    told_apart : tuple of str
        Formula and parameter whose 90 % intervals do not overlap.
    not_told_apart : tuple of str
        Those whose intervals overlap or are open.
    """

    first: str
    second: str
    temperature: float = field(metadata={"unit": "K"})
    width_difference_mev: float = field(metadata={"unit": "meV"})
    width_difference_su_mev: float = field(metadata={"unit": "meV"})
    slope_difference: float = field(metadata={"unit": "meV/K"})
    slope_difference_su: float = field(metadata={"unit": "meV/K"})
    told_apart: tuple[str, ...]
    not_told_apart: tuple[str, ...]


def compare_linewidths(first: LinewidthAnalysis, second: LinewidthAnalysis) -> LinewidthComparison:
    """Compare the widths of two samples.

    Parameters
    ----------
    first, second : LinewidthAnalysis
        Fits with width and slope at the same temperature.

    Returns
    -------
    LinewidthComparison
        Differences, and which parameters differ.

    Raises
    ------
    InputError
        If width and slope were taken at different temperatures.

    Examples
    --------
    >>> from clustermodel.photophysics.linewidth import fit_linewidth
    >>> from clustermodel.photophysics.linewidth_data import build_width_series
    >>> places = [200, 220, 240, 260, 280]
    >>> a = build_width_series(places, [180.1, 182.1, 183.8, 186.2, 188.0], 0.2, name="a")
    >>> b = build_width_series(places, [160.0, 161.1, 161.9, 163.1, 164.0], 0.2, name="b")
    >>> pair = compare_linewidths(fit_linewidth(a, models=["line"]), fit_linewidth(b, models=["line"]))
    >>> round(pair.width_difference_mev), pair.told_apart
    (-22, ('intercept of line', 'slope of line'))
    """
    if not math.isclose(first.trend.temperature, second.trend.temperature):
        found = f"{first.trend.temperature:g} and {second.trend.temperature:g} K"
        msg = f"{first.series.name} and {second.series.name}: found width and slope at {found}; expected one"
        raise InputError(msg)
    apart: list[str] = []
    together: list[str] = []
    others = {fit.model: fit for fit in second.fits}
    for fit in first.fits:
        for one in fit.parameters if fit.model in others else ():
            other = others[fit.model].find(one.name)
            if one.profile is None or other.profile is None:
                continue
            (apart if _differ(one, other) else together).append(f"{one.name} of {fit.model}")
    a, b = first.trend, second.trend
    return LinewidthComparison(
        first=first.series.name,
        second=second.series.name,
        temperature=a.temperature,
        width_difference_mev=b.width_mev - a.width_mev,
        width_difference_su_mev=math.hypot(a.width_su_mev, b.width_su_mev),
        slope_difference=b.slope - a.slope,
        slope_difference_su=math.hypot(a.slope_su, b.slope_su),
        told_apart=tuple(apart),
        not_told_apart=tuple(together),
    )


def _differ(one: WidthEstimate, other: WidthEstimate) -> bool:
    """Return whether the first intervals of two estimates are apart."""
    assert one.profile is not None
    assert other.profile is not None
    a, b = one.profile.intervals[0], other.profile.intervals[0]
    return _is_below(a, b) or _is_below(b, a)


def _is_below(one: ProfileInterval, other: ProfileInterval) -> bool:
    return one.high is not None and other.low is not None and one.high < other.low
