"""What do the levels of a cluster look like? Lines in eV, divided by angular momentum or by place."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clustermodel.electronic.orbital_choice import count_occupied
from clustermodel.electronic.result import SpinChannel
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.electronic import ElectronicStates
from clustermodel.report.absorption_figure import describe_absorption_figure, plot_absorption
from clustermodel.report.canvas import FOOT, INK, WIDTH, apply_style, build_canvas
from clustermodel.report.density_figure import describe_density_figure, plot_density
from clustermodel.report.electronic_sentences import SPIN_NAMES, find_partial, write_caption
from clustermodel.report.figure import Drawing, Figure
from clustermodel.report.level_classes import CLASS_COLOURS, LETTER_COLOURS, divide_shares, divide_weights

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["draw_electronic_figures", "list_electronic_drawings"]

_HEIGHT = 4.4  # inch
_TOP = 0.52  # inch: legend in two rows
_LEFT = 0.55  # inch
_COLUMN = 0.36  # half of the width that the lines of one spin take, columns being 1 apart
_THICK = 4.0  # points: of a line
_APART = 0.075  # inch: lines closer than this stand side by side
_ROOM = 0.26  # inch: a gap smaller than this has its number beside it
_GAP = 0.94  # share of its place that a line fills
_SIZE = 6.5  # points: letters in the drawing
_NAMES = 0.15  # room right of the lines for the names of levels, in columns; wider columns are fewer

Shares = dict[int, tuple[float, ...]]
"""Shares of the classes of a figure in each orbital of one spin."""


class _Level(NamedTuple):
    """One line: its orbital, its ends on the axis of columns, its energy."""

    orbital: int
    left: float
    width: float
    energy: float


def list_electronic_drawings(
    states: ElectronicStates, *, analysis: Analysis | None = None, peaks_ev: Sequence[float] = ()
) -> tuple[Drawing, ...]:
    """Draw the figures of the levels of a cluster.

    Parameters
    ----------
    states : ElectronicStates
        Levels, shares, weights, and the absorption where it was calculated.
    analysis : Analysis, optional
        The structure that they are from: whether it is a model is said below every figure.
    peaks_ev : sequence of float, optional
        Measured peaks of absorption in eV.

    Returns
    -------
    tuple of Drawing
        Levels divided by angular momentum, the same by place, the density of states, and the absorption;
        those with data.
    """
    with apply_style():
        return tuple(_draw(states, analysis, peaks_ev))


def draw_electronic_figures(
    states: ElectronicStates, *, analysis: Analysis | None = None, peaks_ev: Sequence[float] = ()
) -> tuple[Figure, ...]:
    """Draw the figures of the levels of a cluster for a page and for files.

    Parameters
    ----------
    states : ElectronicStates
        Levels, shares, weights, and the absorption where it was calculated.
    analysis : Analysis, optional
        The structure that they are from.
    peaks_ev : sequence of float, optional
        Measured peaks of absorption in eV.

    Returns
    -------
    tuple of Figure
        As `list_electronic_drawings`.
    """
    drawings = list_electronic_drawings(states, analysis=analysis, peaks_ev=peaks_ev)
    return tuple(drawing.to_figure() for drawing in drawings)


def _draw(
    states: ElectronicStates, analysis: Analysis | None, peaks_ev: Sequence[float]
) -> Iterator[Drawing]:
    read = "Each line is one orbital, its colours share its length; full dots: electrons, open: partly filled"
    weights = divide_weights(states)
    if weights and states.superatom is not None:
        told = (
            f"Levels about the gap. {read}. Colours: angular momenta of the density within "
            f"{states.superatom.radius:.2f} Å of the centre of the kernel, grey: G and higher."
        )
        canvas = _plot_levels(states, weights, LETTER_COLOURS)
        yield Drawing("levels-superatom", write_caption(states, analysis, told), canvas, adapts=False)
    told = f"Levels about the gap. {read}. Colours: shares after Löwdin; ligands with their donors."
    canvas = _plot_levels(states, divide_shares(states), CLASS_COLOURS)
    yield Drawing("levels-shares", write_caption(states, analysis, told), canvas, adapts=False)
    told = describe_density_figure(states)
    yield Drawing(
        "density-of-states", write_caption(states, analysis, told), plot_density(states), adapts=False
    )
    if states.absorption is not None:
        told = describe_absorption_figure(states.absorption, peaks_ev)
        canvas = plot_absorption(states.absorption, peaks_ev)
        yield Drawing("absorption", write_caption(states, analysis, told), canvas)


def _plot_levels(states: ElectronicStates, divided: Sequence[Shares], colours: dict[str, str]) -> "Canvas":
    """Draw one column of lines for each spin."""
    channels = states.result.channels
    canvas = build_canvas(_HEIGHT, left=_LEFT, top=_TOP)
    axes = canvas.add_subplot()
    energies = [float(c.energies_ev[i]) for c, own in zip(channels, divided, strict=True) for i in own]
    low, high = min(energies), max(energies)
    pad = 0.05 * (high - low) or 0.5
    axes.set_ylim(low - pad, high + pad)
    per_inch = (high - low + 2 * pad) / (_HEIGHT - _TOP - FOOT)
    for column, (channel, own) in enumerate(zip(channels, divided, strict=True)):
        levels = _place_levels(channel, sorted(own), column, per_inch * _APART)
        for level in levels:
            _draw_level(axes, level, own[level.orbital], list(colours.values()))
        _draw_electrons(axes, channel, levels)
        _mark_gap(axes, column, channel, states, per_inch)
    axes.set_xlim(-_COLUMN - 0.08, len(channels) - 1 + _COLUMN + _NAMES * len(channels))
    names = {"both": "both spins", "alpha": "α electrons", "beta": "β electrons"}
    axes.set_xticks(range(len(channels)), [names[channel.spin] for channel in channels])
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("orbital energy / eV")
    totals = np.sum([shares for own in divided for shares in own.values()], axis=0)
    _add_legend(
        canvas, {name: colours[name] for name, total in zip(colours, totals, strict=True) if total > 0}
    )
    return canvas


def _place_levels(channel: SpinChannel, orbitals: Sequence[int], column: int, apart: float) -> list[_Level]:
    """Return where the lines stand: those of nearly one energy side by side, each group in the middle."""
    chains: list[list[int]] = []
    lanes: list[list[int]] = []
    tops: list[float] = []
    for index in orbitals:
        energy = float(channel.energies_ev[index])
        if not tops or energy - max(tops) >= apart:
            chains.append([])
            lanes.append([])
            tops = []
        free = [lane for lane, top in enumerate(tops) if energy - top >= apart]
        lane = free[0] if free else len(tops)
        tops[lane : lane + 1] = [energy]
        chains[-1].append(index)
        lanes[-1].append(lane)
    width = 2 * _COLUMN / max((max(own) + 1 for own in lanes), default=1)
    width = min(width, _COLUMN)
    return [
        _Level(
            index,
            column + width * (lane - (max(own) + 1) / 2),
            _GAP * width,
            float(channel.energies_ev[index]),
        )
        for chain, own in zip(chains, lanes, strict=True)
        for index, lane in zip(chain, own, strict=True)
    ]


def _draw_level(axes: Any, level: _Level, shares: Sequence[float], colours: Sequence[str]) -> None:  # noqa: ANN401 - axes of matplotlib
    """Draw a line whose length is divided as the orbital is."""
    ends = level.left + level.width * np.concatenate([[0.0], np.cumsum(shares)])
    for start, end, colour in zip(ends[:-1], ends[1:], colours, strict=True):
        if end > start:
            axes.plot(
                [start, end], [level.energy] * 2, color=colour, lw=_THICK, solid_capstyle="butt", zorder=2
            )


def _draw_electrons(axes: Any, channel: SpinChannel, levels: Sequence[_Level]) -> None:  # noqa: ANN401 - axes of matplotlib
    partial = set(find_partial(channel))
    style = {"marker": "o", "ms": 2.0, "mec": INK, "mew": 0.4, "ls": "", "zorder": 3}
    for level in levels:
        number = (
            channel.capacity if level.orbital in partial else round(float(channel.occupations[level.orbital]))
        )
        places = level.left + level.width * (np.arange(number) + 1) / (number + 1)
        axes.plot(places, [level.energy] * number, mfc="white" if level.orbital in partial else INK, **style)


def _mark_gap(
    axes: Any,  # noqa: ANN401 - axes of matplotlib
    column: int,
    channel: SpinChannel,
    states: ElectronicStates,
    per_inch: float,
) -> None:
    """Name both sides of the gap and write its size."""
    occupied = count_occupied(channel)
    if not 0 < occupied < len(channel.energies_ev):
        return
    homo, lumo = channel.homo_ev, channel.lumo_ev
    is_somo = channel.spin != "beta" and occupied - 1 in states.result.somos
    right = column + _COLUMN + 0.02
    near = (lumo - homo) / per_inch < _ROOM
    axes.text(right, homo, "SOMO" if is_somo else "HOMO", fontsize=_SIZE, va="top" if near else "center")
    axes.text(right, lumo, "LUMO", fontsize=_SIZE, va="bottom" if near else "center")
    spin = SPIN_NAMES[channel.spin]
    text = f"{spin} {lumo - homo:.2f} eV".lstrip()
    if near:
        axes.text(right, (homo + lumo) / 2, text, fontsize=_SIZE, va="center", fontweight="bold")
        return
    clear = 0.5 * _APART * per_inch
    style = {"arrowstyle": "<->", "lw": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7.0, "color": INK}
    axes.annotate("", (column, homo + clear), (column, lumo - clear), arrowprops=style)
    axes.text(column + 0.03, (homo + lumo) / 2, text, fontsize=_SIZE + 1, va="center", fontweight="bold")


def _add_legend(canvas: "Canvas", colours: dict[str, str]) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=colour, lw=_THICK, label=name) for name, colour in colours.items()]
    canvas.legend(
        handles=handles,
        frameon=False,
        fontsize=_SIZE + 0.5,
        ncols=5,
        loc="upper center",
        bbox_to_anchor=(0.5 + 0.5 * (_LEFT - 0.08) / WIDTH, 1.0),
        handlelength=1.2,
        columnspacing=1.2,
    )
