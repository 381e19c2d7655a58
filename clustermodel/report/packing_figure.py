"""How are the clusters packed? A cluster and its nearest neighbours in the cell, with their distances."""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.transform import Rotation

from clustermodel._arrays import FloatArray
from clustermodel.report.ball_drawing import Balls, draw_dots
from clustermodel.report.canvas import COLOURS, INK, WIDTH
from clustermodel.report.viewer import load_styles
from clustermodel.structure.cell import Cell
from clustermodel.structure.symmetry import compose, read_operation

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["describe_packing_figure", "plot_packing"]

Json = dict[str, Any]

_METALS = ("centre", "kernel", "kernel-surface", "staple")
_BALL = 0.75  # Å, so that metal atoms of a cluster are seen as one body
_MARGIN = 2.0  # Å round the drawing
_MOST = 14  # neighbours: the two nearest shells of a close packing
_TILT = (0.42, -0.34)  # radian: clusters stacked along the axis are seen beside each other
_NAMES = ("a", "b", "c")


def describe_packing_figure(document: Json) -> str:
    """Return the caption of the figure.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1`` with a packing.

    Returns
    -------
    str
        What it shows, with the direction of the view.
    """
    shown = _list_shown(document)
    axis = _NAMES[_choose_axis(document, shown)]
    return (
        f"Packing, seen nearly along {axis}: the metal atoms of a cluster and of its {len(shown)} nearest "
        "neighbours, with the distances of their centroids in Å (equal ones written once) and the unit cell."
    )


def plot_packing(document: Json) -> "Canvas":
    """Draw a cluster with its neighbours.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1`` with a packing.

    Returns
    -------
    matplotlib.figure.Figure
        One column of a journal wide.
    """
    from matplotlib.figure import Figure as Canvas

    shown = _list_shown(document)
    frame = _look_along(_find_matrix(document), _choose_axis(document, shown))
    home = _find_metals(document, 0) @ frame
    balls = [(home, 0.0, "")]
    for row, points in shown:
        turned = points @ frame
        balls.append((turned, row["centroid_distance"], f"{row['centroid_distance']:.2f}"))
    centre = home.mean(axis=0)
    cell = _draw_cell(document, frame, centre)
    everything = np.concatenate([*(points for points, _, _ in balls), *cell])
    low, high = everything[:, :2].min(axis=0) - _MARGIN, everything[:, :2].max(axis=0) + _MARGIN
    height = WIDTH * (high[1] - low[1]) / (high[0] - low[0])
    canvas = Canvas(figsize=(WIDTH, height))
    axes = canvas.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.axis("off")
    for edge in cell:
        axes.plot(edge[:, 0], edge[:, 1], color="#9a9a9a", lw=0.6, zorder=1)
    colours = [load_styles()["roles"][role]["colour"] for role in _list_roles(document)]
    scale = 72 * WIDTH / (high[0] - low[0])
    draw_dots(axes, _build_balls([points for points, _, _ in balls], colours), scale)
    _label(axes, centre, balls[1:])
    return canvas


def _label(axes: Any, centre: FloatArray, balls: list[tuple[FloatArray, float, str]]) -> None:  # noqa: ANN401
    """Draw the lines between centroids and write each distance once beside one of its lines."""
    written: set[str] = set()
    for points, _, text in balls:
        other = points.mean(axis=0)
        axes.plot(
            [centre[0], other[0]],
            [centre[1], other[1]],
            color=COLOURS["theory"],
            lw=0.9,
            ls=(0, (4, 2)),
            zorder=5,
        )
        if text in written:
            continue
        written.add(text)
        spot = centre + 0.5 * (other - centre)
        axes.annotate(
            text,
            (spot[0], spot[1]),
            ha="center",
            va="center",
            fontsize=7.0,
            color=INK,
            zorder=6,
            bbox={"boxstyle": "square,pad=0.15", "facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.85},
        )


def _list_shown(document: Json) -> list[tuple[Json, FloatArray]]:
    """Return the nearest neighbours of the first cluster with their metal atoms, the nearest first."""
    cell = _find_matrix(document)
    shown: list[tuple[Json, FloatArray]] = []
    places: set[tuple[float, ...]] = set()
    home = _find_metals(document, 0).mean(axis=0)
    for row in sorted(document["packing"]["neighbours"], key=lambda one: float(one["centroid_distance"])):
        if row["cluster"] != 0 or len(shown) >= _MOST:
            continue
        points = _find_metals(document, row["neighbour"])
        operation = read_operation(row["symmetry"])
        moves = [operation] if row["neighbour"] else [operation, _invert(*operation)]
        for rotation, translation in moves:
            moved = compose(rotation, translation, points @ np.linalg.inv(cell)) @ cell
            middle = moved.mean(axis=0)
            place = tuple(middle.round(1))
            same = abs(float(np.linalg.norm(middle - home)) - row["centroid_distance"]) < 0.05  # Å
            if place not in places and same:
                places.add(place)
                shown.append((row, moved))
    return shown[:_MOST]


def _invert(rotation: Any, translation: FloatArray) -> tuple[Any, FloatArray]:  # noqa: ANN401 - integers
    back = np.rint(np.linalg.inv(rotation)).astype(np.int64)
    return back, -back @ translation


def _find_matrix(document: Json) -> FloatArray:
    cell = document["crystal"]["cell"]
    lengths = np.array([cell[name] for name in ("a", "b", "c")])
    angles = np.array([cell[name] for name in ("alpha", "beta", "gamma")])
    return Cell(lengths=lengths, angles=angles).matrix


def _find_places(document: Json) -> list[Json]:
    """Return the first cluster of every place, in the order in which packing counts them."""
    places: dict[str, Json] = {}
    for cluster in document["clusters"]:
        places.setdefault(cluster["id"].rstrip("abcdefgh"), cluster)
    return list(places.values())


def _find_metals(document: Json, number: int) -> FloatArray:
    atoms = _find_places(document)[number]["atoms"]
    return np.array([atom["xyz"] for atom in atoms if atom["role"] in _METALS], dtype=np.float64)


def _list_roles(document: Json) -> list[str]:
    atoms = _find_places(document)[0]["atoms"]
    return [atom["role"] for atom in atoms if atom["role"] in _METALS]


def _choose_axis(document: Json, shown: list[tuple[Json, FloatArray]]) -> int:
    """Return the cell axis along which the drawn clusters hide each other least."""
    cell = _find_matrix(document)
    middles = np.array(
        [_find_metals(document, 0).mean(axis=0), *(points.mean(axis=0) for _, points in shown)]
    )
    best, chosen = -1.0, 0
    for axis in range(3):
        flat = (middles @ _look_along(cell, axis))[:, :2]
        gaps = [float(np.linalg.norm(p - q)) for p, q in itertools.combinations(flat, 2)]
        clear = sum(min(gap, 8.0) for gap in gaps)  # Å: farther apart than a cluster is wide is no better
        if clear > best + 1e-6:
            best, chosen = clear, axis
    return chosen


def _look_along(cell: FloatArray, axis: int) -> FloatArray:
    """Return the rotation that turns an axis of the cell towards the reader and the next one to the right."""
    z = cell[axis] / np.linalg.norm(cell[axis])
    right = cell[(axis + 1) % 3] - (cell[(axis + 1) % 3] @ z) * z
    x = right / np.linalg.norm(right)
    tilt = Rotation.from_euler("xy", _TILT).as_matrix()
    return np.asarray(np.stack([x, np.cross(z, x), z], axis=1) @ tilt.T)


def _draw_cell(document: Json, frame: FloatArray, centre: FloatArray) -> list[FloatArray]:
    """Return the edges of the cell whose middle is nearest to the cluster."""
    cell = _find_matrix(document)
    middle = (centre @ frame.T) @ np.linalg.inv(cell)
    origin = np.rint(middle - 0.5)
    edges = []
    for axis in range(3):
        for corner in itertools.product((0.0, 1.0), repeat=2):
            start = np.insert(np.array(corner), axis, 0.0)
            end = np.insert(np.array(corner), axis, 1.0)
            edges.append((np.stack([start, end]) + origin) @ cell @ frame)
    return edges


def _build_balls(clusters: list[FloatArray], colours: list[str]) -> Balls:
    """Return the metal atoms of all clusters; those of another kind than the first in one colour."""
    plain = str(load_styles()["roles"]["kernel-surface"]["colour"])
    shades = [c for one in clusters for c in (colours if len(colours) == len(one) else [plain] * len(one))]
    points = np.concatenate(clusters)
    return Balls(positions=points, radii=np.full(len(points), _BALL), colours=tuple(shades), bonds=())
