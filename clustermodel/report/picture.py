"""How does a cluster look on paper? A picture of balls and sticks as SVG, without a display."""

import html
import math
from typing import Any, NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray

__all__ = ["draw_structure"]

Json = dict[str, Any]

_SIZE = 420  # width and height in units of the drawing
_TILT = (-0.36, 0.28)  # radian about x and y, as the first view of the 3D viewer
_FOG = 0.5  # share of white in the colour of the farthest atoms
_HYDROGEN = frozenset({"H", "D"})


class _Stroke(NamedTuple):
    """One thing to draw and how far away it is; the nearest is drawn last."""

    depth: float
    svg: str


def draw_structure(scene: Json, *, title: str, prefix: str = "") -> str:
    """Draw a cluster as SVG: metals and donors as balls, the rest as sticks, carbon-bound hydrogen left out.

    Parameters
    ----------
    scene : dict
        A scene as `build_scene` makes it.
    title : str
        What it shows, for readers who hear the page.
    prefix : str, optional
        Beginning of the names inside the drawing, so that two drawings of a page share none.

    Returns
    -------
    str
        An ``svg`` element without fixed size and without outside references.
    """
    shown = [
        radius > 0 or element not in _HYDROGEN
        for element, radius in zip(scene["elements"], scene["radii"], strict=True)
    ]
    points = _turn(np.array(scene["xyz"], dtype=np.float64).reshape(len(shown), 3))
    seen = points[np.array(shown, dtype=bool)]
    far = float(np.abs(seen[:, 2]).max(initial=1.0))
    scale = (
        0.49 * _SIZE / (float(np.abs(seen[:, :2]).max(initial=1.0)) + 0.7)
    )  # Å; room for the outermost ball
    strokes = [*_draw_sticks(scene, points, shown, scale, far), *_draw_balls(scene, points, scale, far)]
    colours = sorted({scene["colours"][role] for role in scene["roles"]})
    body = "".join(stroke.svg for stroke in sorted(strokes, key=lambda stroke: stroke.depth))
    name = f"{prefix}structure-{scene['id']}"
    half = _SIZE / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-half:g} {-half:g} {_SIZE} {_SIZE}" role="img">'
        f"<title>{html.escape(title)}</title>"
        f"<defs>{''.join(_define_shade(name, colour) for colour in colours)}</defs>"
        f'<g stroke-linecap="round">{body.replace("url(#", f"url(#{name}-")}</g></svg>\n'
    )


def _turn(points: FloatArray) -> FloatArray:
    (ca, sa), (cb, sb) = ((math.cos(a), math.sin(a)) for a in _TILT)
    about_x = np.array([[1, 0, 0], [0, ca, -sa], [0, sa, ca]])
    about_y = np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
    return np.asarray(points @ (about_y @ about_x).T)


def _define_shade(name: str, colour: str) -> str:
    light, dark = _mix(colour, "#ffffff", 0.7), _mix(colour, "#000000", 0.35)
    return (
        f'<radialGradient id="{name}-{colour[1:]}" cx="0.36" cy="0.32" r="0.75">'
        f'<stop offset="0" stop-color="{light}"/><stop offset="0.5" stop-color="{colour}"/>'
        f'<stop offset="1" stop-color="{dark}"/></radialGradient>'
    )


def _mix(first: str, second: str, share: float) -> str:
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _fade(depth: float, far: float) -> float:
    """Return the share of white at a depth."""
    return _FOG * min(1.0, max(0.0, (far - depth) / (2 * far)))


def _draw_balls(scene: Json, points: FloatArray, scale: float, far: float) -> list[_Stroke]:
    strokes = []
    for role, radius, (x, y, z) in zip(scene["roles"], scene["radii"], points.tolist(), strict=True):
        if radius > 0:
            colour = scene["colours"][role]
            place = f'cx="{x * scale:.1f}" cy="{-y * scale:.1f}" r="{radius * scale:.1f}"'
            edge = f'stroke="{_mix(colour, "#000000", 0.6)}" stroke-width="0.6"'
            ball = f'<circle {place} fill="url(#{colour[1:]})" {edge}/>'
            mist = f'<circle {place} fill="#fff" fill-opacity="{_fade(z, far):.2f}"/>'
            strokes.append(_Stroke(z, ball + mist))
    return strokes


def _leave_ball(centre: FloatArray, middle: FloatArray, radius: float) -> FloatArray:
    """Return the point where a stick leaves the ball at its end."""
    length = float(np.linalg.norm(middle - centre))
    return np.asarray(centre + (middle - centre) * min(1.0, 0.85 * radius / max(length, 1e-9)))


def _draw_line(start: FloatArray, end: FloatArray, colour: str, width: float) -> str:
    path = f"M{start[0]:.1f} {-start[1]:.1f}L{end[0]:.1f} {-end[1]:.1f}"
    line = f'<path d="{path}" stroke="{colour}" stroke-width="{width - 0.9 if width > 2.5 else width:.1f}"/>'
    if width <= 2.5:  # too thin for an edge
        return line
    return f'<path d="{path}" stroke="{_mix(colour, "#000000", 0.5)}" stroke-width="{width:.1f}"/>{line}'


def _draw_sticks(
    scene: Json, points: FloatArray, shown: list[bool], scale: float, far: float
) -> list[_Stroke]:
    strokes = []
    ends = scene["bonds"]
    for i, j in zip(ends[::2], ends[1::2], strict=True):
        if shown[i] and shown[j]:
            width = max(0.8, 2 * min(scene["sticks"][i], scene["sticks"][j]) * scale)
            for a, b in ((i, j), (j, i)):
                middle = (points[a] + points[b]) / 2
                depth = float(0.75 * points[a][2] + 0.25 * points[b][2])
                colour = _mix(scene["colours"][scene["roles"][a]], "#ffffff", _fade(depth, far))
                start = _leave_ball(points[a], middle, scene["radii"][a])
                strokes.append(_Stroke(depth, _draw_line(start * scale, middle * scale, colour, width)))
    return strokes
