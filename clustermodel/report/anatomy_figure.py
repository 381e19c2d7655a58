"""What is a cluster made of? Its units, its kernel, its motifs pulled off, and the whole, side by side."""

import re
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from scipy.spatial.transform import Rotation

from clustermodel._arrays import FloatArray
from clustermodel.report.ball_drawing import Balls, draw_balls, measure_extent
from clustermodel.report.canvas import WIDE
from clustermodel.report.schemes import list_schemes
from clustermodel.report.sentences import describe_composition
from clustermodel.report.viewer import build_scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["describe_anatomy_figure", "plot_anatomy"]

Json = dict[str, Any]

_TILT = (-0.36, 0.28)  # radian about x and y, as the first view of the 3D viewer
_PULL = 1.6  # Å by which motifs and units are moved outward
_TITLE = 0.32  # inch for the titles
_GAP = 1.2  # Å between panels
_METALS = frozenset({"centre", "kernel", "kernel-surface"})
_REST = frozenset({"ligand", "outside"})


def describe_anatomy_figure(cluster: Json) -> str:
    """Return the caption of the figure.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    str
        What it shows, with the convention.
    """
    kernel = cluster["kernel"]
    what, how = describe_composition(cluster), kernel["convention"]
    told = f"Anatomy of {what}: {kernel['summary']} (convention {how})."
    moved = f" Units and motifs are moved outward by {_PULL:.1f} Å; hydrogen on carbon is left out."
    return told + moved


def plot_anatomy(cluster: Json) -> "Canvas":
    """Draw the units of the kernel, the kernel, the kernel with its motifs, and the cluster.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    matplotlib.figure.Figure
        Two columns of a journal wide; panels at one scale.
    """
    from matplotlib.figure import Figure as Canvas

    panels = _Builder(cluster).build_panels()
    boxes = [measure_extent(balls) for _, balls in panels]
    widths = [right - left + _GAP for left, right, _, _ in boxes]
    height = max(top - bottom for *_, bottom, top in boxes) + _GAP
    inch = WIDE / sum(widths)
    canvas = Canvas(figsize=(WIDE, height * inch + _TITLE))
    left = 0.0
    for (title, balls), box, width in zip(panels, boxes, widths, strict=True):
        axes = canvas.add_axes(
            (left / sum(widths), 0.0, width / sum(widths), height * inch / (height * inch + _TITLE))
        )
        x, y = (box[0] + box[1]) / 2, (box[2] + box[3]) / 2
        axes.set_xlim(x - width / 2, x + width / 2)
        axes.set_ylim(y - height / 2, y + height / 2)
        axes.set_aspect("equal")
        axes.axis("off")
        axes.set_title(title, fontsize=8.0, pad=4.0)
        draw_balls(axes, balls, 72 * inch)
        left += width
    return canvas


class _Builder:
    """The atoms of a cluster in the first view of the page."""

    def __init__(self, cluster: Json) -> None:
        scene = build_scene(cluster)
        self.cluster = cluster
        self.positions = _turn(np.array(scene["xyz"], dtype=np.float64).reshape(-1, 3))
        self.radii = np.array(scene["radii"], dtype=np.float64)
        self.roles: list[str] = scene["roles"]
        self.elements: list[str] = scene["elements"]
        self.colours = [scene["colours"][role] for role in self.roles]
        self.bonds = list(zip(scene["bonds"][::2], scene["bonds"][1::2], strict=True))

    def build_panels(self) -> list[tuple[str, Balls]]:
        kernel = [i for i, role in enumerate(self.roles) if role in _METALS]
        framework = [i for i, role in enumerate(self.roles) if role not in _REST]
        shown = [i for i, e in enumerate(self.elements) if e not in {"H", "D"} or self.radii[i] > 0]
        formula = self.cluster["kernel"]["formula"]
        panels = [("kernel units", self._build_units())] if kernel else []
        if kernel:
            panels.append((f"kernel {_write_formula(formula)}", self._take(kernel)))
        if len(framework) > len(kernel):
            panels.append(("motifs", self._take(framework, self._pull_motifs(framework))))
        return [*panels, ("cluster", self._take(shown))]

    def _build_units(self) -> Balls:
        """Return the units apart from each other, each with its own copy of shared atoms."""
        scheme = next((s for s in list_schemes(self.cluster) if s.key == "units"), None)
        structure = self.cluster.get("structure") or {"units": {"decompositions": []}}
        found = structure["units"]["decompositions"]
        if scheme is None or not found:
            kernel = [i for i, role in enumerate(self.roles) if role in _METALS]
            return self._take(kernel)
        colours = {atom: group.colour for group in scheme.groups for atom in group.atoms}
        parts = [unit["atoms"] for unit in found[0]["units"]]
        parts += [found[0]["remainder"]] if found[0]["remainder"] else []
        centre = self.positions[sorted({atom for part in parts for atom in part})].mean(axis=0)
        made = []
        for part in parts:
            away = self.positions[part].mean(axis=0) - centre if len(parts) > 1 else np.zeros(3)
            balls = self._take(part, np.tile(_lengthen(away, _PULL), (len(part), 1)))
            made.append(balls._replace(colours=tuple(colours.get(atom, self.colours[atom]) for atom in part)))
        return _join(made)

    def _take(self, atoms: list[int], moved: FloatArray | None = None) -> Balls:
        place = {atom: number for number, atom in enumerate(atoms)}
        shift = np.zeros((len(atoms), 3)) if moved is None else moved
        stays = {atom: tuple(shift[number].round(6)) for atom, number in place.items()}
        return Balls(
            positions=self.positions[atoms] + shift,
            radii=self.radii[atoms],
            colours=tuple(self.colours[atom] for atom in atoms),
            bonds=tuple(
                (place[i], place[j])
                for i, j in self.bonds
                if i in place and j in place and stays[i] == stays[j]
            ),
        )

    def _pull_motifs(self, atoms: list[int]) -> FloatArray:
        """Return how far each atom is moved: whole motifs, and single donors, away from the kernel."""
        kernel = [i for i in atoms if self.roles[i] in _METALS]
        centre = self.positions[kernel].mean(axis=0) if kernel else self.positions[atoms].mean(axis=0)
        parts = self._find_parts(set(atoms) - set(kernel))
        moved = np.zeros((len(atoms), 3))
        place = {atom: number for number, atom in enumerate(atoms)}
        for part in parts:
            away = self.positions[part].mean(axis=0) - centre
            moved[[place[atom] for atom in part]] = _lengthen(away, _PULL)
        return moved

    def _find_parts(self, atoms: set[int]) -> list[list[int]]:
        """Return the sets of atoms that bonds hold together."""
        graph = nx.Graph()
        graph.add_nodes_from(atoms)
        graph.add_edges_from((i, j) for i, j in self.bonds if i in atoms and j in atoms)
        return [sorted(part) for part in nx.connected_components(graph)]


def _turn(points: FloatArray) -> FloatArray:
    return np.asarray(Rotation.from_euler("xy", _TILT).apply(points))


def _lengthen(vector: FloatArray, length: float) -> FloatArray:
    norm = float(np.linalg.norm(vector))
    return np.asarray(vector / norm * length if norm > 1e-6 else np.zeros(3))


def _join(parts: list[Balls]) -> Balls:
    bonds, count = [], 0
    for part in parts:
        bonds += [(i + count, j + count) for i, j in part.bonds]
        count += len(part.radii)
    return Balls(
        positions=np.concatenate([part.positions for part in parts]),
        radii=np.concatenate([part.radii for part in parts]),
        colours=tuple(colour for part in parts for colour in part.colours),
        bonds=tuple(bonds),
    )


def _write_formula(formula: str) -> str:
    """Write counts as subscripts for matplotlib."""
    return re.sub(r"(\d+)", r"$_{\1}$", formula or "")
