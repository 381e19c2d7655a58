"""What do the levels of a cluster look like? Lines in eV, coloured by what they are of a superatom."""

from typing import Any

from clustermodel.electronic.result import SpinChannel
from clustermodel.electronic.superatom import SuperatomOrbital
from clustermodel.pipeline.electronic import ElectronicStates
from clustermodel.report.canvas import INK, apply_style, build_canvas, write_mathtext, write_svg
from clustermodel.report.figure import Figure

__all__ = ["draw_level_figure"]

_COLOURS = {"S": "#009e73", "P": "#0072b2", "D": "#d55e00", "F": "#cc79a7"}  # Okabe and Ito
_MIXED = "#999999"
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_CLEAR = 0.4  # share of the density inside; below it a letter would mislead
_SPINS = {"both": "", "alpha": "α", "beta": "β"}
_SAME = 0.02  # eV; levels closer than this are drawn side by side
_HALF = 0.32  # width of a line on the axis of columns, half


def draw_level_figure(states: ElectronicStates) -> Figure:
    """Draw the levels about the gap.

    Parameters
    ----------
    states : ElectronicStates
        Levels with their superatom weights.

    Returns
    -------
    Figure
        One column for each spin; lines with dots hold electrons.
    """
    result = states.result
    weights = {(one.spin, one.index): one for one in states.superatom.orbitals} if states.superatom else {}
    formula = states.truncation.formula.translate(_SUBSCRIPTS)
    with apply_style():
        canvas = build_canvas(3.2, top=0.3)
        axes = canvas.add_subplot()
        for column, (channel, shares) in enumerate(zip(result.channels, states.shares, strict=True)):
            for group in _group_levels(channel, shares.orbitals):
                _draw_group(axes, column, channel, group, weights)
        letters = sorted({_find_letter(one) for one in weights.values()} - {""}, key="SPDF".index)
        for letter in letters:
            axes.plot([], [], color=_COLOURS[letter], lw=1.6, label=letter)
        axes.plot([], [], color=_MIXED, lw=1.6, label="mixed")
        axes.set_xlim(-0.6, len(result.channels) - 0.4)
        names = [_SPINS[channel.spin] for channel in result.channels]
        axes.set_xticks(range(len(names)), names)
        axes.set_xlabel(write_mathtext(f"{formula}, {result.specification.label}"))
        axes.set_ylabel("orbital energy / eV")
        axes.legend(frameon=False, fontsize=6.5, ncols=5, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        svg = write_svg(canvas)
    caption = (
        f"Levels of {states.truncation.formula} with charge {result.charge:+d} by "
        f"{result.specification.label}; dots: electrons; colour: the angular momentum that more than "
        f"{100 * _CLEAR:.0f} % of the density about the centre of the kernel has."
    )
    return Figure("levels", caption, svg)


def _group_levels(channel: SpinChannel, orbitals: tuple[int, ...]) -> list[list[int]]:
    """Return the orbitals in groups of nearly equal energy."""
    groups: list[list[int]] = []
    for index in orbitals:
        near = groups and channel.energies_ev[index] - channel.energies_ev[groups[-1][-1]] < _SAME
        if near:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _find_letter(orbital: SuperatomOrbital | None) -> str:
    """Return the letter of an orbital that has a clear one."""
    if orbital is None or orbital.leading not in _COLOURS or orbital.weight(orbital.leading) < _CLEAR:
        return ""
    return orbital.leading


def _draw_group(
    axes: Any,  # noqa: ANN401 - axes of matplotlib
    column: int,
    channel: SpinChannel,
    group: list[int],
    weights: dict[tuple[str, int], SuperatomOrbital],
) -> None:
    """Draw levels of one energy side by side."""
    width = 2 * _HALF / len(group)
    for place, index in enumerate(group):
        left = column - _HALF + place * width
        energy = float(channel.energies_ev[index])
        colour = _COLOURS.get(_find_letter(weights.get((channel.spin, index))), _MIXED)
        axes.plot([left + 0.06 * width, left + 0.94 * width], [energy, energy], color=colour, lw=1.6)
        electrons = round(float(channel.occupations[index]))
        for number in range(electrons):
            x = left + width * (number + 1) / (electrons + 1)
            axes.plot([x], [energy], "o", color=INK, ms=2.0)
