"""What does FWHM(T) look like? Points, formulas and residuals; and how flat the profiles are."""

import math
from typing import Any

import numpy as np

from clustermodel.photophysics.linewidth import LinewidthAnalysis
from clustermodel.photophysics.linewidth_fit import WidthEstimate, WidthFit
from clustermodel.photophysics.linewidth_models import find_model, measure_widths
from clustermodel.photophysics.linewidth_profile import WidthProfile
from clustermodel.report.canvas import COLOURS, INK, apply_style, build_canvas, write_svg
from clustermodel.report.figure import Figure
from clustermodel.report.linewidth_tables import write_symbol

__all__ = ["draw_linewidth_figures"]

_STYLES: tuple[tuple[str, Any], ...] = (
    (COLOURS["theory"], "-"),
    (COLOURS["other"], "--"),
    (COLOURS["third"], "-."),
    ("#cc79a7", (0, (1, 1))),
    ("#56b4e9", (0, (5, 1, 1, 1, 1, 1))),
    (INK, ":"),
)
_MANY = 25  # points: with more, a line shows residuals better
_TOP = 8.0  # of the rise of chi-square that is shown: twice the threshold of 95 %
_SHOWN = 25.0  # rise up to which values belong into the picture
_SPAN = 1e4  # of values above the smallest interesting one on a logarithmic axis


def draw_linewidth_figures(analysis: LinewidthAnalysis, number: int = 1) -> tuple[Figure, ...]:
    """Draw the fits to one series of widths and their profiles.

    Parameters
    ----------
    analysis : LinewidthAnalysis
        The fits.
    number : int, optional
        Number of the sample, for the names of files.

    Returns
    -------
    tuple of Figure
        Points with formulas and residuals; then the profiles of each formula with an energy in it.
    """
    figures = [_draw_fits(analysis, number)]
    for fit in analysis.fits:
        if any(one.role == "energy" for one in find_model(fit.model).parameters):
            figures += _draw_profiles(analysis, fit, number)
    return tuple(figures)


def _draw_fits(analysis: LinewidthAnalysis, number: int) -> Figure:
    series = analysis.series
    su = series.fwhm_su_mev
    with apply_style():
        canvas = build_canvas(3.6, left=0.6, top=0.52)
        upper, lower = canvas.subplots(2, 1, sharex=True, height_ratios=[2.2, 1], gridspec_kw={"hspace": 0.1})
        span = float(np.ptp(series.temperature)) or 1.0
        grid = np.linspace(
            max(series.temperature[0] - 0.03 * span, 0.5), series.temperature[-1] + 0.03 * span, 300
        )
        marks: Any = {"marker": ".", "ms": 3} if series.temperature.size <= _MANY else {}
        for fit, (colour, dashes) in zip(analysis.fits, _STYLES, strict=False):
            widths = measure_widths(fit.model, fit.values, grid)
            upper.plot(grid, widths, color=colour, ls=dashes, lw=1.0, label=fit.model)
            lower.plot(series.temperature, fit.residual_mev, color=colour, ls=dashes, lw=0.7, **marks)
        bars = {"fmt": "o", "color": INK, "ms": 3.0, "mfc": "white", "mew": 0.7, "capsize": 1.5, "lw": 0.6}
        upper.errorbar(series.temperature, series.fwhm_mev, yerr=su, zorder=5, **bars)
        lower.axhline(0, color=INK, lw=0.5)
        if su is not None:
            lower.fill_between(series.temperature, -su, su, color=INK, alpha=0.1, lw=0)
        upper.set_ylabel("FWHM / meV")
        lower.set_ylabel("residual / meV")
        lower.set_xlabel("temperature / K")
        canvas.align_ylabels()
        above = {"loc": "lower center", "bbox_to_anchor": (0.46, 1.0)}
        upper.legend(frameon=False, fontsize=6.5, ncols=3, handlelength=3, **above)
        svg = write_svg(canvas)
    band = "; grey: one standard uncertainty" if su is not None else ""
    caption = f"FWHM of {series.name}, formulas from the best by AICc, and residuals{band}."
    return Figure(f"linewidth-{number}", caption, svg)


def _draw_profiles(analysis: LinewidthAnalysis, fit: WidthFit, number: int) -> list[Figure]:
    shown = [one for one in fit.parameters if one.profile is not None]
    if not shown:
        return []
    rows = math.ceil(len(shown) / 2)
    with apply_style():
        canvas = build_canvas(0.55 + 1.35 * rows, left=0.42, top=0.22)
        panels = canvas.subplots(rows, 2, squeeze=False, gridspec_kw={"hspace": 0.72, "wspace": 0.16})
        for axes, one in zip(panels.flat, shown, strict=False):
            _draw_profile(axes, one)
        for axes in panels.flat[len(shown) :]:
            axes.set_visible(False)
        for axes in panels[:, 0]:
            axes.set_ylabel("Δχ²")
        for axes in panels[:, 1]:
            axes.set_yticklabels([])
        svg = write_svg(canvas)
    levels = shown[0].profile.intervals if shown[0].profile else ()
    lines = " and ".join(f"{one.threshold:.2f} ({one.level:.0%})" for one in levels)
    caption = (
        f"Profile likelihood of {fit.model} for {analysis.series.name}: rise of χ² with one parameter held "
        f"and all others fitted; lines at {lines}; triangles: ends of the 90 % interval."
    )
    return [Figure(f"profiles-{number}-{fit.model}", caption, svg)]


def _draw_profile(axes: Any, one: WidthEstimate) -> None:  # noqa: ANN401 - axes of matplotlib
    profile = one.profile
    assert profile is not None
    colours = {"identified": COLOURS["third"], "one-sided": COLOURS["theory"], "flat": COLOURS["other"]}
    low, high, logarithmic = _choose_range(one)
    inside = (profile.values >= low) & (profile.values <= high)
    axes.plot(profile.values[inside], profile.rise[inside], color=colours[profile.verdict], lw=1.0)
    for interval, style in zip(profile.intervals, ("--", ":"), strict=True):
        axes.axhline(interval.threshold, color=INK, lw=0.6, ls=style)
    first = profile.intervals[0]
    ends = [x for x in (first.low, first.high) if x is not None]
    axes.plot(ends, [first.threshold] * len(ends), "^", color=INK, ms=3.5, clip_on=False)
    if logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter("")
    if low < high:
        axes.set_xlim(low, high)
    axes.set_ylim(-0.03 * _TOP, max(_TOP, 2 * profile.intervals[-1].threshold))
    unit = f" / {one.unit}" if one.unit else ""
    axes.set_xlabel(f"{write_symbol(one.name)}{unit}", labelpad=1)
    axes.set_title(_write_verdict(profile), fontsize=6.5, pad=2, loc="left")
    axes.tick_params(labelsize=6.5)


def _write_verdict(profile: WidthProfile) -> str:
    """Return the verdict and, where the curve rises but an end is open, what made it rise."""
    first = profile.intervals[0]
    reasons = (first.low_reason, first.high_reason)
    names = dict.fromkeys(reason.partition(" is at")[0] for reason in reasons if " is at" in reason)
    return f"{profile.verdict}; rises by limit of {', '.join(names)}" if names else profile.verdict


def _choose_range(one: WidthEstimate) -> tuple[float, float, bool]:
    """Return the ends of the values worth a look, and whether their axis is logarithmic."""
    profile = one.profile
    assert profile is not None
    near = np.flatnonzero(profile.rise <= max(_SHOWN, 3 * profile.intervals[-1].threshold))
    first, last = max(int(near[0]) - 1, 0), min(int(near[-1]) + 1, profile.values.size - 1)
    low, high = float(profile.values[first]), float(profile.values[last])
    if high <= 20 * max(low, 0.0) or (low <= 0 and profile.verdict == "identified"):
        return low, high, False
    positive = profile.values[profile.values > 0]
    return max(low, float(positive[0]), high / _SPAN), high, True
