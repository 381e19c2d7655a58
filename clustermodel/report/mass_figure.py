"""What does the mass spectrum of this ion look like? Theory, and a measurement where there is one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from clustermodel.massspec.ion import IonMasses
from clustermodel.massspec.measured import EnvelopeMatch, MassSpectrum
from clustermodel.report.canvas import COLOURS, INK, apply_style, build_canvas, write_svg
from clustermodel.report.figure import Figure

if TYPE_CHECKING:  # it loads IsoSpec, which a comparison without a profile does not need
    from clustermodel.massspec.envelope import Envelope

__all__ = ["draw_mass_figure"]

_SHOWN = 5e-3  # of the highest isotopologue: what is smaller cannot be seen in print
_MARGIN = 1.5  # spacings of isotopologues beside the first and the last that is shown
_MEASURED_POINTS = 4000  # more than a line of 3.5 inches can show


def draw_mass_figure(
    masses: IonMasses,
    *,
    envelope: "Envelope | None" = None,
    spectrum: MassSpectrum | None = None,
    match: EnvelopeMatch | None = None,
    marks: Sequence[tuple[str, float]] = (),
) -> Figure:
    """Draw the isotopologues of an ion, its profile, and a measured spectrum behind them.

    Parameters
    ----------
    masses : IonMasses
        The ion.
    envelope : Envelope, optional
        Its profile at a resolving power.
    spectrum : MassSpectrum, optional
        A measurement.
    match : EnvelopeMatch, optional
        Scale of the measurement; its highest point in the window is 1 if left out.
    marks : sequence of (str, float), optional
        Names and m/z of lines to draw, such as a printed mass.

    Returns
    -------
    Figure
        One panel, relative signal against m/z.
    """
    seen = masses.shares >= _SHOWN * masses.most_abundant_share
    spacing = 1 / abs(masses.ion.charge)
    inside = [value for _, value in marks]
    low = min([float(masses.mz[seen][0]), *inside]) - _MARGIN * spacing
    high = max([float(masses.mz[seen][-1]), *inside]) + _MARGIN * spacing
    with apply_style():
        canvas = build_canvas(2.4)
        axes = canvas.add_subplot()
        if spectrum is not None:
            _draw_spectrum(axes, spectrum, match, (low, high))
        heights = masses.shares[seen] / masses.most_abundant_share
        axes.vlines(masses.mz[seen], 0, heights, color=COLOURS["theory"], lw=1.0, label="isotopologues")
        if envelope is not None:
            label = f"profile, m/Δm {envelope.resolving_power:.6g}"
            axes.plot(
                envelope.mz, envelope.intensity, color=COLOURS["theory"], lw=0.7, alpha=0.8, label=label
            )
        for (name, value), style in zip(marks, ("--", ":", "-.") * len(marks), strict=False):
            axes.axvline(value, color=COLOURS["other"], lw=0.8, ls=style, label=f"{name} {value:.10g}")
        axes.set_xlim(low, high)
        axes.set_ylim(0, 1.08 if spectrum is None else None)
        axes.set_xlabel("m/z")
        axes.set_ylabel("relative signal")
        axes.ticklabel_format(axis="x", useOffset=False)
        axes.legend(
            frameon=False, fontsize=6.5, loc="upper right"
        )  # the envelope falls off slowly: room there
        svg = write_svg(canvas)
    return Figure("mass-envelope", _write_caption(masses, envelope, spectrum), svg)


def _draw_spectrum(
    axes: Any,  # noqa: ANN401 - axes of matplotlib, loaded when a figure is drawn
    spectrum: MassSpectrum,
    match: EnvelopeMatch | None,
    window: tuple[float, float],
) -> None:
    used = (spectrum.mz >= window[0]) & (spectrum.mz <= window[1])
    if not used.any():
        return
    mz, intensity = spectrum.mz[used], spectrum.intensity[used]
    scale = match.scale if match is not None and match.scale > 0 else float(intensity.max()) or 1.0
    step = max(1, mz.size // _MEASURED_POINTS)
    starts = np.arange(0, mz.size, step)
    highest = np.maximum.reduceat(intensity, starts)  # a peak stays where points are left out
    axes.plot(mz[starts], highest / scale, color=INK, lw=0.6, alpha=0.7, label="measured")


def _write_caption(masses: IonMasses, envelope: "Envelope | None", spectrum: MassSpectrum | None) -> str:
    top = f"M{masses.most_abundant_offset:+d}" if masses.most_abundant_offset else "M"
    text = f"Isotopologues of {masses.ion.text}, most abundant {top} at m/z {masses.most_abundant:.4f}"
    if envelope is not None:
        text += f", Gaussian profile at m/Δm = {envelope.resolving_power:.6g}"
    if spectrum is not None:
        text += ", over the measured spectrum, scaled by least squares"
    return text + "."
