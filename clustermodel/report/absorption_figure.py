"""What does a calculated absorption look like? Sticks and bands in eV, wavelengths and measured peaks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from clustermodel.axes import convert_axis
from clustermodel.electronic.spectrum_overlay import compare_peaks
from clustermodel.pipeline.absorption import Absorption
from clustermodel.report.canvas import COLOURS, INK, build_canvas
from clustermodel.report.wavelength_axis import add_wavelengths

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["describe_absorption_figure", "plot_absorption"]

_LOW = 0.3  # eV: the axis of wavelengths runs to infinity at 0
_PEAK_SIZE = 6.0  # points


def plot_absorption(absorption: Absorption, peaks_ev: Sequence[float] = ()) -> "Canvas":
    """Draw a calculated absorption spectrum.

    Parameters
    ----------
    absorption : Absorption
        Excitations and spectrum.
    peaks_ev : sequence of float, optional
        Measured peaks in eV.

    Returns
    -------
    matplotlib.figure.Figure
        Curve and sticks on an axis of energy, with wavelengths on top.
    """
    spectrum = absorption.spectrum
    low, high = _find_window(absorption, peaks_ev)
    canvas = build_canvas(2.8, left=0.55, right=0.55, top=0.45)
    axes = canvas.add_subplot()
    axes.set_xlim(low, high)
    shown = (spectrum.axis_ev >= low) & (spectrum.axis_ev <= high)
    axes.plot(spectrum.axis_ev[shown], spectrum.curve[shown], color=COLOURS["theory"], lw=1.2)
    top = float(spectrum.curve[shown].max(initial=0.0)) or 1.0
    axes.set_ylim(0, 1.12 * top)
    axes.set_xlabel("excitation energy / eV")
    axes.set_ylabel("strength per eV", color=COLOURS["theory"])
    _draw_sticks(axes, absorption, (low, high))
    for energy in peaks_ev:
        axes.axvline(energy, color=COLOURS["other"], lw=0.8, ls=(0, (3, 2)))
        nm = float(convert_axis(energy, source="eV", target="nm"))
        axes.text(
            energy, 1.1 * top, f" {nm:.0f} nm", color=COLOURS["other"], fontsize=_PEAK_SIZE,
            rotation=90, ha="right", va="top",
        )  # fmt: skip
    add_wavelengths(axes)
    return canvas


def describe_absorption_figure(absorption: Absorption, peaks_ev: Sequence[float] = ()) -> str:
    """Write the words below a calculated absorption.

    Parameters
    ----------
    absorption : Absorption
        Excitations and spectrum.
    peaks_ev : sequence of float, optional
        Measured peaks in eV.

    Returns
    -------
    str
        Method, bands, axis, limits, and how far measured peaks are from calculated bands.
    """
    found, settings = absorption.excitations, absorption.spectrum.settings
    limits = "; ".join(found.notes)
    told = (
        f"Absorption by {found.method}: sticks, oscillator strengths of {found.kind} excitations (right); "
        f"curve, their {settings.shape.capitalize()} bands of {settings.fwhm:g} eV (left). The upper axis "
        "gives the wavelengths of the same places; a curve per nm would be this one times the Jacobian E²/hc."
    )
    if found.is_complete_to_ev > 0:
        told += f" Nothing above {found.is_complete_to_ev:g} eV was calculated."
    if limits:
        told += f" Limits: {limits}."
    return f"{told} {_describe_peaks(absorption, peaks_ev)}".rstrip()


def _describe_peaks(absorption: Absorption, peaks_ev: Sequence[float]) -> str:
    """Say how the measured peaks fit the calculated bands."""
    if not peaks_ev:
        return ""
    match = compare_peaks(absorption.spectrum, sorted(peaks_ev))
    told = f"Dashed: {len(peaks_ev)} measured peaks"
    if not len(match.measured_ev):
        return f"{told}, none with a calculated band."
    shift = f"{match.mean_shift:+.2f}".replace("-", "−")
    left = f", {len(match.unmatched_ev)} without a band" if len(match.unmatched_ev) else ""
    return f"{told}; measured less calculated on average {shift} eV in {len(match.measured_ev)} pairs{left}."


def _find_window(absorption: Absorption, peaks_ev: Sequence[float]) -> tuple[float, float]:
    """Return the energies shown: what was calculated, and the measured peaks."""
    spectrum, settings = absorption.spectrum, absorption.spectrum.settings
    last = absorption.excitations.is_complete_to_ev or float(spectrum.energies_ev[-1]) + settings.fwhm
    low = max(_LOW, float(spectrum.energies_ev[0]) - 3 * settings.fwhm)
    return min([low, *(0.95 * one for one in peaks_ev)]), max([last, *(1.02 * one for one in peaks_ev)])


def _draw_sticks(axes: Any, absorption: Absorption, window: tuple[float, float]) -> None:  # noqa: ANN401 - axes of matplotlib
    spectrum = absorption.spectrum
    shown = (spectrum.energies_ev >= window[0]) & (spectrum.energies_ev <= window[1])
    strengths = np.asarray(spectrum.strengths[shown])
    sticks = axes.twinx()
    sticks.vlines(spectrum.energies_ev[shown], 0, strengths, color=INK, lw=0.7)
    sticks.set_ylim(0, 1.12 * (float(strengths.max(initial=0.0)) or 1.0))
    sticks.set_ylabel("oscillator strength")
    sticks.spines["right"].set_visible(True)
