"""How are all levels of a cluster spread in energy? The density of states, divided by place."""

from typing import TYPE_CHECKING, Any

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.axes import broaden_sticks
from clustermodel.electronic.result import SpinChannel
from clustermodel.electronic.shares import OrbitalShares
from clustermodel.pipeline.electronic import ElectronicStates
from clustermodel.report.canvas import INK, build_canvas
from clustermodel.report.electronic_sentences import SPIN_NAMES
from clustermodel.report.level_classes import CLASS_COLOURS, divide_all_orbitals, join_parts

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["broaden_states", "describe_density_figure", "plot_density"]

_FWHM = 0.25  # eV: levels of one shell merge, shells stay apart
_BELOW, _ABOVE = 6.0, 4.0  # eV from the middle of the gap: 5d bands and the superatom levels
_POINTS = 601


def broaden_states(channel: SpinChannel, shares: OrbitalShares, grid: FloatArray) -> FloatArray:
    """Replace the levels of one spin by bands, divided by place.

    Parameters
    ----------
    channel : SpinChannel
        Levels.
    shares : OrbitalShares
        Their shares.
    grid : ndarray, shape (p,)
        Energies in eV.

    Returns
    -------
    ndarray, shape (4, p)
        States per eV in the order of `clustermodel.report.level_classes.CLASS_COLOURS`; an orbital of
        both spins counts as two states.
    """
    energies = channel.energies_ev[list(shares.orbitals)]
    joined = channel.capacity * join_parts(shares)
    return np.array([broaden_sticks(energies, column, grid, fwhm=_FWHM) for column in joined.T])


def plot_density(states: ElectronicStates) -> "Canvas":
    """Draw the density of states.

    Parameters
    ----------
    states : ElectronicStates
        Levels with orbitals.

    Returns
    -------
    matplotlib.figure.Figure
        The densities of the places on each other; alpha upwards and beta downwards where they differ.
    """
    channels = states.result.channels
    middle = (states.result.homo_ev + states.result.lumo_ev) / 2
    grid = np.linspace(middle - _BELOW, middle + _ABOVE, _POINTS)
    canvas = build_canvas(2.9, top=0.5)
    axes = canvas.add_subplot()
    for channel, shares in zip(channels, divide_all_orbitals(states), strict=True):
        sign = -1.0 if channel.spin == "beta" else 1.0
        _fill(axes, grid, sign * broaden_states(channel, shares, grid), name=sign > 0)
        _mark_frontier(axes, channel, sign)
    if len(channels) > 1:
        axes.axhline(0.0, color=INK, lw=0.6)
        top = max(abs(limit) for limit in axes.get_ylim())
        axes.set_ylim(-1.05 * top, 1.05 * top)
        axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
        for channel, y in zip(channels, (0.93, 0.07), strict=True):
            axes.text(0.98, y, SPIN_NAMES[channel.spin], transform=axes.transAxes, ha="right", va="center")
    else:
        axes.set_ylim(bottom=0.0)
    axes.set_xlim(grid[0], grid[-1])
    axes.set_xlabel("orbital energy / eV")
    axes.set_ylabel("states / eV$^{-1}$")
    axes.legend(
        frameon=False, fontsize=6.5, ncols=4, loc="lower center", bbox_to_anchor=(0.46, 1.1),
        handlelength=1.0, columnspacing=1.0,
    )  # fmt: skip
    return canvas


def describe_density_figure(states: ElectronicStates) -> str:
    """Write the words below the density of states.

    Parameters
    ----------
    states : ElectronicStates
        Levels with orbitals.

    Returns
    -------
    str
        What it shows, with the width of the bands.
    """
    spins = " α upwards, β downwards." if len(states.result.channels) > 1 else ""
    return (
        f"Density of states, divided by place (shares after Löwdin, on each other): Gaussian bands of "
        f"{_FWHM:g} eV.{spins} Dashed: HOMO and LUMO."
    )


def _fill(axes: Any, grid: FloatArray, densities: FloatArray, *, name: bool) -> None:  # noqa: ANN401 - axes of matplotlib
    ends = np.vstack([np.zeros_like(grid), np.cumsum(densities, axis=0)])
    for low, high, (label, colour) in zip(ends[:-1], ends[1:], CLASS_COLOURS.items(), strict=True):
        if not np.array_equal(low, high):
            axes.fill_between(grid, low, high, color=colour, lw=0, label=label if name else None)
    axes.plot(grid, ends[-1], color=INK, lw=0.7)


def _mark_frontier(axes: Any, channel: SpinChannel, sign: float) -> None:  # noqa: ANN401 - axes of matplotlib
    """Draw dashed lines at HOMO and LUMO; their names stand above the frame once."""
    half = (0.5, 1.0) if sign > 0 else (0.0, 0.5)
    ends = half if channel.spin != "both" else (0.0, 1.0)
    for energy, name, side in ((channel.homo_ev, "HOMO", "right"), (channel.lumo_ev, "LUMO", "left")):
        if np.isfinite(energy):
            axes.axvline(energy, *ends, color=INK, lw=0.6, ls=(0, (3, 2)))
            if sign > 0:
                where = axes.get_xaxis_transform()
                axes.text(energy, 1.01, name, transform=where, ha=side, va="bottom", fontsize=6.0)
