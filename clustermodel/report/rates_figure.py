"""What do rate constants look like? Radiative and non-radiative beside each other."""

from collections.abc import Sequence

import numpy as np

from clustermodel.photophysics.rates import Rates
from clustermodel.report.canvas import COLOURS, apply_style, build_canvas, write_svg
from clustermodel.report.figure import Figure

__all__ = ["draw_rates_figure"]


def draw_rates_figure(rates: Sequence[Rates]) -> Figure:
    """Draw radiative and non-radiative rate constants beside each other on a logarithmic axis.

    Parameters
    ----------
    rates : sequence of Rates
        Emitters in the order of the figure.

    Returns
    -------
    Figure
        One panel with error bars of one standard uncertainty.
    """
    with apply_style():
        canvas = build_canvas(2.2, left=0.62, top=0.25)
        axes = canvas.add_subplot()
        places = np.arange(len(rates))
        rows = (
            ("k_r", [r.radiative for r in rates], [r.radiative_su for r in rates], "o", COLOURS["theory"]),
            (
                "k_nr",
                [r.nonradiative for r in rates],
                [r.nonradiative_su for r in rates],
                "s",
                COLOURS["other"],
            ),
        )
        for label, values, errors, mark, colour in rows:
            axes.errorbar(
                places, values, yerr=errors, fmt=mark, color=colour, ms=4.5, capsize=2, lw=0.8, label=label
            )
        if all(r.radiative > 0 and r.nonradiative > 0 for r in rates):
            axes.set_yscale("log")
        axes.set_xticks(places, [r.emitter.name for r in rates])
        axes.set_xlim(-0.5, len(rates) - 0.5)
        axes.set_ylabel("rate constant / (1/s)")
        axes.legend(frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 0.99))
        svg = write_svg(canvas)
    return Figure("rates", "Radiative (k_r) and non-radiative (k_nr) rate constants, ± one s.u.", svg)
