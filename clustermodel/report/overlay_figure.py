"""What do two clusters laid on each other look like on paper? Both skeletons, and what only one has."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.transform import Rotation

from clustermodel.report.ball_drawing import Balls, draw_balls, measure_extent
from clustermodel.report.canvas import INK, WIDTH, write_mathtext
from clustermodel.report.pair_scene import SIDE_COLOURS, UNIQUE_COLOURS, build_overlay
from clustermodel.report.pair_sentences import list_sides

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["describe_overlay_figure", "plot_overlay"]

Json = dict[str, Any]

_TILT = (0.36, 0.28)  # radian, as the first view of the page
_SIZE = WIDTH  # inch
_ROOM = 1.6  # Å around the atoms, for rings and labels
_HALO = 0.45  # Å beyond the ball
_HYDROGEN = frozenset({"H", "D"})


def describe_overlay_figure(document: Json) -> str:
    """Say what the figure of an overlay shows.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    str
        Its caption.
    """
    a, b = list_sides(document)
    rings = "; ring: site that is vacant in one" if document["sites"] else ""
    return (
        f"{a.marked} (orange) laid on {b.marked} (blue): metal and donor atoms of both, and what only one "
        f"has (pink: only {a.name}, green: only {b.name}){rings}."
    )


def plot_overlay(document: Json) -> "Canvas":
    """Draw two clusters on each other.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    matplotlib.figure.Figure
        The drawing.
    """
    from matplotlib.figure import Figure as Canvas
    from matplotlib.patches import Circle

    scene = build_overlay(document)
    turn = Rotation.from_euler("xy", _TILT)
    balls = _collect_balls(scene, turn)
    left, right, bottom, top = measure_extent(balls)
    width, height = right - left + 2 * _ROOM, top - bottom + 2 * _ROOM
    scale = _SIZE / max(width, height)
    canvas = Canvas(figsize=(width * scale, height * scale))
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set_xlim(left - _ROOM, right + _ROOM)
    axes.set_ylim(bottom - _ROOM, top + _ROOM)
    axes.set_aspect("equal")
    axes.axis("off")
    draw_balls(axes, balls, 72 * scale)
    for site in scene["sites"]:
        x, y, _ = turn.apply(site["place"])
        radius = scene["radii"][site["atom"]] + _HALO
        ring = Circle((x, y), radius, fill=False, edgecolor=INK, lw=1.4, ls=(0, (3, 1.5)), zorder=5)
        axes.add_patch(ring)
        is_low = y < (top + bottom) / 2
        edge = bottom - _ROOM / 2 if is_low else top + _ROOM / 2
        axes.annotate(
            write_mathtext(site["label"]),
            (x, y - radius if is_low else y + radius),
            (x, edge),
            fontsize=7.0,
            ha="center",
            va="center",
            zorder=6,
            arrowprops={"arrowstyle": "-", "color": INK, "lw": 0.8},
        )
    return canvas


def _collect_balls(scene: Json, turn: Rotation) -> Balls:
    """Return metal and donor atoms of both, and whole ligands that only one has, without hydrogen."""
    unique, alone = set(scene["unique"]), set(scene["alone"])
    shown = [
        atom
        for atom, (radius, element) in enumerate(zip(scene["radii"], scene["elements"], strict=True))
        if radius > 0 or (atom in alone and element not in _HYDROGEN)
    ]
    number = {atom: place for place, atom in enumerate(shown)}
    points = np.array(scene["xyz"], dtype=np.float64).reshape(-1, 3)
    colours = [(UNIQUE_COLOURS if atom in unique else SIDE_COLOURS)[scene["sides"][atom]] for atom in shown]
    bonds = zip(scene["bonds"][::2], scene["bonds"][1::2], strict=True)
    return Balls(
        positions=np.asarray(turn.apply(points[shown])),
        radii=np.array([scene["radii"][atom] for atom in shown], dtype=np.float64) * 0.8,
        colours=tuple(colours),
        bonds=tuple((number[i], number[j]) for i, j in bonds if i in number and j in number),
        width=0.2,
    )
