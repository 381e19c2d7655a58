"""What do spectra look like? Curves in eV with their bands."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from clustermodel.axes import broaden_sticks
from clustermodel.photophysics.bands import SpectrumAnalysis
from clustermodel.photophysics.deconvolution import Deconvolution
from clustermodel.photophysics.spectrum import Spectrum
from clustermodel.report.canvas import COLOURS, INK, apply_style, build_canvas, write_svg
from clustermodel.report.figure import Figure
from clustermodel.report.wavelength_axis import add_wavelengths

__all__ = ["draw_spectrum_figure"]


def draw_spectrum_figure(
    spectra: Sequence[tuple[Spectrum, SpectrumAnalysis]], *, fit: Deconvolution | None = None
) -> Figure:
    """Draw spectra on an axis of energy, with a second axis of wavelength.

    Parameters
    ----------
    spectra : sequence of (Spectrum, SpectrumAnalysis)
        The spectra and their bands; each is drawn with its highest point at 1.
    fit : Deconvolution, optional
        Bands of the first spectrum.

    Returns
    -------
    Figure
        One panel with dots at the bands.
    """
    with apply_style():
        canvas = build_canvas(2.6, right=0.14, top=0.68)
        axes = canvas.add_subplot()
        colours = list(COLOURS.values())
        for number, (spectrum, analysis) in enumerate(spectra):
            colour, top = colours[number % len(colours)], float(spectrum.intensity.max())
            label = f"{spectrum.kind} {number + 1}" if len(spectra) > 1 else spectrum.kind
            axes.plot(spectrum.energy, spectrum.intensity / top, color=colour, lw=0.9, label=label)
            heights = np.interp([b.energy for b in analysis.bands], spectrum.energy, spectrum.intensity / top)
            axes.plot(
                [b.energy for b in analysis.bands], heights, "o", color=colour, ms=3.0, mec=INK, mew=0.4
            )
        if fit is not None:
            _draw_fit(axes, spectra[0][0], fit)
        axes.set_xlim(min(s.energy[0] for s, _ in spectra), max(s.energy[-1] for s, _ in spectra))
        axes.set_xlabel("photon energy / eV")
        axes.set_ylabel("relative intensity")
        axes.legend(frameon=False, fontsize=6.5, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.24))
        add_wavelengths(axes)
        svg = write_svg(canvas)
    names = ", ".join(spectrum.name for spectrum, _ in spectra)
    return Figure("spectrum", f"Spectra {names} in eV, highest point 1; dots: bands.", svg)


def _draw_fit(axes: Any, spectrum: Spectrum, fit: Deconvolution) -> None:  # noqa: ANN401 - axes of matplotlib
    top = float(spectrum.intensity.max())
    grid = np.linspace(*fit.window, 400)
    total = np.zeros_like(grid)
    for band in fit.bands:
        one = broaden_sticks([band.energy], [band.area], grid, fwhm=band.fwhm, shape=fit.shape) / top
        total += one
        axes.plot(grid, one, color=INK, lw=0.5, ls=(0, (3, 2)))
    axes.plot(grid, total, color=INK, lw=0.9, ls=":", label="sum of bands")
