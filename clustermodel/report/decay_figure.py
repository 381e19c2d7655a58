"""What does a decay look like? Counts with fit and response on a logarithmic axis, and what is left over."""

from typing import Any

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.photophysics.decay import DecayAnalysis
from clustermodel.photophysics.decay_data import NS_PER_UNIT
from clustermodel.photophysics.decay_fit import DecayFit
from clustermodel.photophysics.decay_model import pack_values, predict_counts
from clustermodel.report.canvas import COLOURS, INK, apply_style, build_canvas, write_svg
from clustermodel.report.figure import Figure

__all__ = ["draw_decay_figure"]

_MOST = 1000  # points that a line of 3.5 inches can show
_HEIGHTS = (3.6, 1.0)


def draw_decay_figure(analysis: DecayAnalysis) -> Figure:
    """Draw counts, fit, components and response, weighted residuals, and their autocorrelation.

    Parameters
    ----------
    analysis : DecayAnalysis
        Everything about the decay.

    Returns
    -------
    Figure
        Three panels.
    """
    fit, goodness = analysis.fit, analysis.goodness
    scale = NS_PER_UNIT[fit.decay.unit]
    unit = fit.decay.unit.replace("us", "µs")
    with apply_style():
        canvas = build_canvas(4.2, left=0.6, top=0.3)
        outer = canvas.add_gridspec(2, 1, height_ratios=_HEIGHTS, hspace=0.42)
        inner = outer[0].subgridspec(2, 1, height_ratios=_HEIGHTS, hspace=0.12)
        top, middle, bottom = (canvas.add_subplot(place) for place in (inner[0], inner[1], outer[1]))
        block = _draw_counts(top, fit, scale)
        middle.axhline(0, color=INK, lw=0.5)
        middle.plot(
            *_thin_points(goodness.time_ns / scale, goodness.residuals), color=COLOURS["theory"], lw=0.5
        )
        middle.set_xlim(top.get_xlim())
        middle.set_ylabel("residual / σ")
        middle.set_xlabel(f"time / {unit}")
        top.tick_params(labelbottom=False)
        _draw_autocorrelation(bottom, goodness.autocorrelation, goodness.residuals.size)
        canvas.align_ylabels([top, middle, bottom])
        svg = write_svg(canvas)
    means = f"means of {block} bins" if block > 1 else "single bins"
    return Figure(
        "decay",
        f"Counts of {fit.decay.name} ({means}), fit and components; residuals (n − μ)/√μ of groups with at "
        "least ten expected counts, and their autocorrelation with ± 2 standard deviations.",
        svg,
    )


def _draw_counts(axes: Any, fit: DecayFit, scale: float) -> int:  # noqa: ANN401 - axes of matplotlib
    """Draw the upper panel and return how many bins a point stands for."""
    edges, counts = fit.decay.edges_ns, fit.decay.counts
    block = -(-counts.size // _MOST)
    time = _average((edges[:-1] + edges[1:]) / 2, block) / scale
    shown = _average(counts, block)
    axes.plot(
        time, np.where(shown > 0, shown, np.nan), ".", color=INK, alpha=0.45, ms=2.6, mew=0, label="counts"
    )
    _draw_response(axes, fit, block, scale)
    inside = (fit.problem.edges_ns[:-1] + fit.problem.edges_ns[1:]) / 2 / scale
    for k in range(len(fit.values.lifetimes_ns) if len(fit.values.lifetimes_ns) > 1 else 0):
        part = _predict_component(fit, k)
        label = "components" if k == 0 else None
        axes.plot(inside, part, color=COLOURS["third"], lw=0.6, ls=(0, (3, 2)), label=label)
    axes.plot(inside, fit.expected, color=COLOURS["theory"], lw=0.9, label="fit")
    axes.set_yscale("log")
    least = float(shown[shown > 0].min())
    low = min(least / 2, max(least / 4, 0.7 * float(fit.expected.min())))
    axes.set_ylim(min(low, float(shown.max()) / 30), 2 * float(counts.max()))
    axes.set_xlim(float(edges[0]) / scale, float(edges[-1]) / scale)
    axes.set_ylabel("counts in a bin")
    axes.legend(
        frameon=False, fontsize=6.5, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 0.99), handlelength=1.4
    )
    return block


def _draw_response(axes: Any, fit: DecayFit, block: int, scale: float) -> None:  # noqa: ANN401 - axes
    """Draw the response, as high as the highest counts."""
    if not fit.model.response.fwhm_ns:
        return
    edges = fit.decay.edges_ns
    shape = np.diff(fit.model.response.convolve(edges - fit.values.shift_ns, fit.decay.width_ns).integral)
    shape = _average(shape, block)
    shape = shape / shape.max() * float(fit.decay.counts.max())
    time = _average((edges[:-1] + edges[1:]) / 2, block) / scale
    axes.plot(time, np.where(shape > 0, shape, np.nan), color=COLOURS["other"], lw=0.7, label="response")


def _predict_component(fit: DecayFit, k: int) -> FloatArray:
    """Return what one component adds to the fit."""
    vector, layout = pack_values(fit.values), fit.problem.layout
    vector[layout.background] = 0.0
    areas = vector[layout.photons].copy()
    areas[np.arange(areas.size) != k] = 0.0
    vector[layout.photons] = areas
    return predict_counts(fit.model, fit.problem.edges_ns, vector)[0]


def _draw_autocorrelation(axes: Any, values: FloatArray, groups: int) -> None:  # noqa: ANN401 - axes
    band = 2 / np.sqrt(groups)
    axes.axhspan(-band, band, color=COLOURS["theory"], alpha=0.15, lw=0)
    axes.axhline(0, color=INK, lw=0.5)
    axes.vlines(np.arange(1, values.size + 1), 0, values, color=COLOURS["theory"], lw=0.8)
    axes.set_xlim(0, values.size + 1)
    reach = 1.2 * max(band, float(np.abs(values).max()))
    axes.set_ylim(-reach, reach)
    axes.set_xlabel("distance of groups")
    axes.set_ylabel("correlation")


def _average(values: FloatArray, block: int) -> FloatArray:
    """Return means of blocks of neighbours; the last block may be shorter."""
    starts = np.arange(0, values.size, block)
    sizes = np.diff(np.append(starts, values.size))
    return np.asarray(np.add.reduceat(values, starts) / sizes)


def _thin_points(time: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return lowest and highest value of each block, so that no outlier is lost."""
    block = -(-values.size // _MOST)
    if block == 1:
        return time, values
    starts = np.arange(0, values.size, block)
    ends = np.stack([np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)], axis=1)
    return np.repeat(time[starts], 2), np.asarray(ends.ravel())
