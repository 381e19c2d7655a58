"""How are atoms drawn in a figure of matplotlib? Balls and sticks, the nearest on top, far ones pale."""

from typing import Any, NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.report.canvas import INK

__all__ = ["Balls", "draw_balls", "draw_dots", "measure_extent"]

_FOG = 0.45  # share of white in the colour of the farthest atoms
_LIGHT = 0.32  # radius of the light on a ball, in its radii
_EDGE = 0.35  # points


class Balls(NamedTuple):
    """Atoms to be drawn; x to the right, y up, z to the reader.

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        In Å.
    radii : ndarray, shape (n,)
        In Å; 0 for the joints of sticks.
    colours : tuple of str
        As ``#rrggbb``.
    bonds : tuple of tuple of int
        Pairs of atoms.
    width : float
        Width of a stick in Å.
    """

    positions: FloatArray
    radii: FloatArray
    colours: tuple[str, ...]
    bonds: tuple[tuple[int, int], ...]
    width: float = 0.24


def measure_extent(balls: Balls) -> tuple[float, float, float, float]:
    """Return the room that atoms need on paper.

    Parameters
    ----------
    balls : Balls
        The atoms.

    Returns
    -------
    tuple of float
        Left, right, bottom and top in Å.

    Examples
    --------
    >>> one = Balls(np.zeros((1, 3)), np.ones(1), ("#000000",), ())
    >>> measure_extent(one)
    (-1.0, 1.0, -1.0, 1.0)
    """
    x, y = balls.positions[:, 0], balls.positions[:, 1]
    r = balls.radii
    return float((x - r).min()), float((x + r).max()), float((y - r).min()), float((y + r).max())


def draw_balls(axes: Any, balls: Balls, scale: float) -> None:  # noqa: ANN401 - axes of matplotlib
    """Draw atoms into axes whose unit is 1 Å.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw, with equal scales.
    balls : Balls
        The atoms.
    scale : float
        Points of the paper for 1 Å, for the width of sticks.
    """
    from matplotlib.patches import Circle

    depth = balls.positions[:, 2]
    far, span = float(depth.min()), max(float(np.ptp(depth)), 1e-9)
    order = np.argsort(depth, kind="stable")
    rank = {int(atom): place for place, atom in enumerate(order)}
    pale = [_pale(c, _FOG * (1 - (z - far) / span)) for c, z in zip(balls.colours, depth, strict=True)]
    for i, j in balls.bonds:
        _draw_stick(axes, balls, (i, j), (pale[i], pale[j]), (rank[i], rank[j]), scale)
    for atom in order.tolist():
        radius, (x, y, _) = float(balls.radii[atom]), balls.positions[atom]
        if radius > 0:
            place = 2 * rank[atom] + 1
            axes.add_patch(
                Circle((x, y), radius, facecolor=pale[atom], edgecolor=INK, lw=_EDGE, zorder=2 + 1e-4 * place)
            )
            spot = (x - 0.3 * radius, y + 0.32 * radius)
            axes.add_patch(
                Circle(spot, _LIGHT * radius, facecolor="#ffffff", alpha=0.55, lw=0, zorder=2 + 1e-4 * place)
            )


def draw_dots(axes: Any, balls: Balls, scale: float) -> None:  # noqa: ANN401 - axes of matplotlib
    """Draw many atoms without sticks, in a small file.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw, with equal scales.
    balls : Balls
        The atoms; bonds are not drawn.
    scale : float
        Points of the paper for 1 Å.
    """
    depth = balls.positions[:, 2]
    far, span = float(depth.min()), max(float(np.ptp(depth)), 1e-9)
    order = np.argsort(depth, kind="stable")
    pale = [_pale(balls.colours[i], _FOG * (1 - (depth[i] - far) / span)) for i in order.tolist()]
    x, y = balls.positions[order, 0], balls.positions[order, 1]
    sizes = (2 * balls.radii[order] * scale) ** 2
    axes.scatter(x, y, s=sizes, c=pale, edgecolors=INK, linewidths=_EDGE, zorder=2)


def _draw_stick(
    axes: Any,  # noqa: ANN401 - axes of matplotlib
    balls: Balls,
    ends: tuple[int, int],
    colours: tuple[str, str],
    ranks: tuple[int, int],
    scale: float,
) -> None:
    """Draw both halves of a stick, each behind the ball at its end."""
    first, last = balls.positions[ends[0]], balls.positions[ends[1]]
    middle = (first + last) / 2
    low = 2 + 2e-4 * min(ranks)
    for end, colour in ((first, colours[0]), (last, colours[1])):
        axes.plot(
            [end[0], middle[0]],
            [end[1], middle[1]],
            color=colour,
            lw=max(0.5, balls.width * scale),
            solid_capstyle="round",
            zorder=low,
        )


def _pale(colour: str, share: float) -> str:
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)
