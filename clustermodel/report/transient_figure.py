"""What does transient absorption look like? Maps, kinetics, spectra and residuals."""

from collections.abc import Callable
from typing import Any

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.photophysics.transient import TransientAnalysis
from clustermodel.photophysics.transient_result import TransientFit
from clustermodel.photophysics.transient_verdicts import format_picoseconds
from clustermodel.report.canvas import INK, apply_style, build_canvas, write_svg
from clustermodel.report.figure import Figure

__all__ = ["draw_transient_figures"]

_CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666", "#000000")
_MILLI = 1e3  # ΔA are shown in thousandths
_TRACES = 4
_DELAYS = 6
_PERCENTILE = 99.5  # of the values of a map that its colours reach to
_LINEAR = 3.0  # widths of the response that the axis of delays is linear for
_BAR_LABEL = 4.2  # place of the label of a colour bar, in its widths
_MAP_RESOLUTION = 300  # dots per inch of the maps, which stand as pictures in the drawing


def draw_transient_figures(analysis: TransientAnalysis) -> tuple[Figure, ...]:
    """Draw the figures of an analysis.

    Parameters
    ----------
    analysis : TransientAnalysis
        The analysis.

    Returns
    -------
    tuple of Figure
        Maps of data, fit and residual; kinetics; spectra; residuals.
    """
    fit = analysis.fit
    name = fit.data.name
    return (
        _draw(
            "transient-map",
            f"{name}: data, fit and residual over wavelength and delay; line: fitted time zero. The axis of "
            f"delays is linear up to {_threshold(fit):.2g} ps and logarithmic beyond.",
            (5.6, 0.72, 0.12),
            lambda canvas: _draw_maps(canvas, fit),
        ),
        _draw(
            "transient-kinetics",
            f"{name}: time courses at the wavelengths of the strongest signals, and the fit.",
            (2.7, 0.14, 0.3),
            lambda canvas: _draw_kinetics(canvas, fit),
        ),
        _draw(
            "transient-spectra",
            f"{name}: spectra at delays from the time zero of each wavelength (lines: fit), and the spectra "
            "of the fit.",
            (5.2 if fit.scheme.kind == "parallel" else 7.2, 0.14, 0.42),
            lambda canvas: _draw_spectra(canvas, fit),
        ),
        _draw(
            "transient-residuals",
            f"{name}: root mean square of the residual over wavelength and over delay, and its first pair "
            "of singular vectors; in a good fit these are noise.",
            (4.6, 0.14, 0.12),
            lambda canvas: _draw_residuals(canvas, analysis),
        ),
    )


def _draw(name: str, caption: str, size: tuple[float, float, float], draw: Callable[[Any], None]) -> Figure:
    """Draw on a canvas of a height with margins at the right and at the top, in inches."""
    with apply_style():
        canvas = build_canvas(size[0], left=0.62, right=size[1], top=size[2])
        draw(canvas)
        svg = write_svg(canvas)
    return Figure(name, caption, svg)


def _threshold(fit: TransientFit) -> float:
    """Return where the axis of delays becomes logarithmic: after the response at all wavelengths."""
    late = float(fit.time_zero_ps.max() - min(0.0, float(fit.time_zero_ps.min())))
    return max(late + _LINEAR * fit.irf_fwhm_ps, 1e-3)


def _scale_delays(
    axes: Any,  # noqa: ANN401 - axes of matplotlib
    fit: TransientFit,
    *,
    along: str,
    is_narrow: bool = False,
) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    delay, threshold = fit.data.delay_ps, _threshold(fit)
    decades = 10.0 ** np.arange(np.ceil(np.log10(threshold)), np.floor(np.log10(delay[-1])) + 1)
    ticks = [0.0, *(t for t in decades[:: 2 if is_narrow else 1] if t > 1.5 * threshold)]
    steps = np.outer(10.0 ** np.arange(-4, 6), (1, 2, 5)).ravel()
    middle = float(steps[steps <= 0.75 * threshold].max())
    ticks += [middle, *([-middle] if delay[0] <= -middle and not is_narrow else [])]
    set_scale = axes.set_yscale if along == "y" else axes.set_xscale
    set_scale("symlog", linthresh=threshold, linscale=1.0)
    axis = axes.yaxis if along == "y" else axes.xaxis
    axis.set_major_locator(FixedLocator(sorted(ticks)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}".replace("-", "−")))
    limits = (float(delay[0]), float(delay[-1]))
    (axes.set_ylim if along == "y" else axes.set_xlim)(*limits)


def _draw_maps(canvas: Any, fit: TransientFit) -> None:  # noqa: ANN401 - figure of matplotlib
    panels = canvas.subplots(3, 1, sharex=True, gridspec_kw={"hspace": 0.16})
    wavelength = _edges(fit.data.wavelength)
    delay = _edges(fit.data.delay_ps)
    for axes, title, values in zip(
        panels, ("data", "fit", "residual"), (fit.data.signal, fit.fitted, fit.residual), strict=True
    ):
        top = _MILLI * float(np.percentile(np.abs(values), _PERCENTILE)) or 1.0
        mesh = axes.pcolormesh(
            wavelength,
            delay,
            _MILLI * values,
            cmap="RdBu_r",
            vmin=-top,
            vmax=top,
            rasterized=True,
            shading="flat",
        )
        axes.plot(fit.data.wavelength, fit.time_zero_ps, color=INK, lw=0.6)
        _scale_delays(axes, fit, along="y")
        axes.set_ylabel("delay / ps")
        axes.text(
            0.02, 0.95, title, transform=axes.transAxes, va="top", fontsize=7,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.2},
        )  # fmt: skip
        place = axes.inset_axes((1.03, 0.0, 0.045, 1.0))
        bar = canvas.colorbar(mesh, cax=place)
        bar.set_label("mΔA")
        place.yaxis.set_label_coords(_BAR_LABEL, 0.5)
        bar.outline.set_linewidth(0.5)
    panels[-1].set_xlabel("wavelength / nm")
    canvas.align_ylabels(panels)
    canvas.set_dpi(_MAP_RESOLUTION)


def _edges(centres: FloatArray) -> FloatArray:
    """Return the borders between points, the outer ones half a step beyond."""
    inner = (centres[1:] + centres[:-1]) / 2
    first, last = centres[0] - (inner[0] - centres[0]), centres[-1] + (centres[-1] - inner[-1])
    return np.concatenate([[first], inner, [last]])


def _draw_kinetics(canvas: Any, fit: TransientFit) -> None:  # noqa: ANN401 - figure of matplotlib
    axes = canvas.add_subplot()
    for colour, place in zip(_CYCLE, _choose_wavelengths(fit), strict=False):
        axes.plot(
            fit.data.delay_ps, _MILLI * fit.data.signal[:, place], ".", color=colour, ms=2.2, mew=0, alpha=0.6
        )
        label = f"{fit.data.wavelength[place]:.0f} nm"
        axes.plot(fit.data.delay_ps, _MILLI * fit.fitted[:, place], color=colour, lw=0.9, label=label)
    axes.axhline(0, color=INK, lw=0.4)
    _scale_delays(axes, fit, along="x")
    axes.set_xlabel("delay / ps")
    axes.set_ylabel("change of absorbance / mΔA")
    axes.legend(
        frameon=False, fontsize=6.5, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 0.99), handlelength=1.2
    )


def _choose_wavelengths(fit: TransientFit) -> list[int]:
    """Return the wavelengths of the strongest fitted signals after the response, apart from each other."""
    delay = fit.data.delay_ps
    after = delay > fit.time_zero_ps.max() + fit.irf_fwhm_ps
    strength = np.abs(fit.fitted[after] if after.any() else fit.fitted).max(axis=0)
    span = np.ptp(fit.data.wavelength)
    chosen: list[int] = []
    for place in np.argsort(-strength):
        far = np.abs(fit.data.wavelength[chosen] - fit.data.wavelength[place]) > span / (2 * _TRACES)
        if far.all():
            chosen.append(int(place))
        if len(chosen) == _TRACES:
            break
    return sorted(chosen)


def _draw_spectra(canvas: Any, fit: TransientFit) -> None:  # noqa: ANN401 - figure of matplotlib
    is_simple = fit.scheme.kind == "parallel"
    panels = canvas.subplots(2 if is_simple else 3, 1, sharex=True, gridspec_kw={"hspace": 0.42})
    wavelength = fit.data.wavelength
    for colour, delay in zip(_CYCLE, _choose_delays(fit), strict=False):
        panels[0].plot(
            wavelength, _MILLI * _cut(fit, fit.data.signal, delay), ".", color=colour, ms=1.8, mew=0
        )
        panels[0].plot(
            wavelength,
            _MILLI * _cut(fit, fit.fitted, delay),
            color=colour,
            lw=0.8,
            label=format_picoseconds(float(delay)),
        )
    lifetimes = [format_picoseconds(tau) for tau in fit.lifetimes_ps.tolist()]
    drawn = [(fit.decay_spectra, lifetimes, "decay-associated")]
    if not is_simple:
        kind = "evolution-associated" if fit.scheme.kind == "sequential" else "species-associated"
        drawn.append((fit.species_spectra, list(fit.scheme.species), kind))
    for axes, (spectra, labels, kind) in zip(panels[1:], drawn, strict=True):
        for colour, spectrum, label in zip(_CYCLE, spectra, labels, strict=False):
            axes.plot(wavelength, _MILLI * spectrum, color=colour, lw=0.9, label=label)
        axes.set_ylabel(f"{kind} / mΔA")
    panels[0].set_ylabel("change of absorbance / mΔA")
    for axes in panels:
        axes.axhline(0, color=INK, lw=0.4)
        axes.legend(
            frameon=False,
            fontsize=6.5,
            ncols=3,
            loc="lower center",
            bbox_to_anchor=(0.5, 0.98),
            handlelength=1.2,
        )
    panels[-1].set_xlabel("wavelength / nm")
    panels[-1].set_xlim(float(wavelength[0]), float(wavelength[-1]))
    canvas.align_ylabels(panels)


def _choose_delays(fit: TransientFit) -> FloatArray:
    """Return delays after time zero, from twice the width of the response to the end."""
    last = float(fit.data.delay_ps[-1] - fit.time_zero_ps.max())
    first = min(2 * fit.irf_fwhm_ps, last / 2)
    return np.geomspace(first, last, _DELAYS)


def _cut(fit: TransientFit, values: FloatArray, delay: float) -> FloatArray:
    """Return a spectrum at a delay from each time zero: the nearest delay that was measured."""
    distance = np.abs(fit.data.delay_ps[:, None] - (fit.time_zero_ps + delay))
    return np.asarray(values[distance.argmin(axis=0), np.arange(values.shape[1])])


def _draw_residuals(canvas: Any, analysis: TransientAnalysis) -> None:  # noqa: ANN401 - figure of matplotlib
    fit = analysis.fit
    left, _, right = np.linalg.svd(fit.residual, full_matrices=False)
    panels = canvas.subplots(2, 2, gridspec_kw={"hspace": 0.5, "wspace": 0.42})
    wavelength, delay = fit.data.wavelength, fit.data.delay_ps
    (over_wavelength, over_delay), (first_wavelength, first_delay) = panels
    over_wavelength.plot(
        wavelength, _MILLI * np.sqrt((fit.residual**2).mean(axis=0)), color=_CYCLE[0], lw=0.8
    )
    over_delay.plot(delay, _MILLI * np.sqrt((fit.residual**2).mean(axis=1)), color=_CYCLE[0], lw=0.8)
    first_wavelength.plot(wavelength, right[0], color=_CYCLE[1], lw=0.7)
    first_delay.plot(delay, left[:, 0], color=_CYCLE[1], lw=0.7)
    for axes in (over_wavelength, first_wavelength):
        axes.set_xlabel("wavelength / nm")
        axes.set_xlim(float(wavelength[0]), float(wavelength[-1]))
    for axes in (over_delay, first_delay):
        axes.set_xlabel("delay / ps")
        _scale_delays(axes, fit, along="x", is_narrow=True)
    for axes in (over_wavelength, over_delay):
        axes.set_ylim(0, None)
    for axes in (first_wavelength, first_delay):
        axes.axhline(0, color=INK, lw=0.4)
    over_wavelength.set_ylabel("residual / mΔA")
    first_wavelength.set_ylabel("first singular vector")
    canvas.align_ylabels([over_wavelength, first_wavelength])
