"""How is a ligand turned about its single bonds so that it touches the fewest atoms? All others stay."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import networkx as nx
import numpy as np
from scipy.spatial.distance import cdist

from clustermodel._arrays import FloatArray, IntArray, freeze_float
from clustermodel.analysis.rigid_fit import build_operation
from clustermodel.elements import van_der_waals_radii

__all__ = ["LigandFit", "turn_ligand"]

_CHUNK = 100  # placements at a time
_STARTS = 8  # placements from which the bonds are turned: those of the least overlap
_STEPS = (15.0, 5.0, 1.0)  # degrees between the angles tried, round after round
_ANGLES = 24  # tried on every bond in a round: all of the circle at first, then about the best so far
_ROUNDS = 20  # at most for each step; it ends earlier when nothing changes
_APART = 3  # bonds; atoms nearer in the graph keep their distance when bonds turn, or nearly so
_METAL = 0  # place of the metal atom among the added ones
_LIGHT = frozenset({"C", "N", "O"})
_SHORT = 1.40  # Å; bonds between C, N and O below it have double-bond character: ITC C, table 9.5.1.1
_GAIN = 1e-6  # Å2; rounding must not choose


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LigandFit:
    """A ligand with its metal atom, and what is around it.

    Parameters
    ----------
    elements : tuple of str, length n
        The metal atom, then the atoms of its ligands.
    bonds : tuple of (int, int)
        Bonds among them.
    present : ndarray, shape (m, 3)
        The atoms around in Å.
    allowed : ndarray, shape (n, m)
        The smallest distances to them that are no clash, in Å.
    overlap : float
        By how much atoms of the ligand may be nearer to each other than their van der Waals radii, in Å.
    """

    elements: tuple[str, ...]
    bonds: tuple[tuple[int, int], ...]
    present: FloatArray = field(metadata={"unit": "Å"})
    allowed: FloatArray = field(metadata={"unit": "Å"})
    overlap: float = field(metadata={"unit": "Å"})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "present", freeze_float(self.present, (None, 3), "present"))
        shape = len(self.elements), len(self.present)
        object.__setattr__(self, "allowed", freeze_float(self.allowed, shape, "allowed"))


def turn_ligand(fit: LigandFit, places: FloatArray) -> tuple[FloatArray, float]:
    """Turn a ligand to where it overlaps least.

    Parameters
    ----------
    fit : LigandFit
        The ligand and what is around it.
    places : ndarray, shape (p, n, 3)
        Placements to start from in Å; the metal atom stays where it is in each.

    Returns
    -------
    positions : ndarray, shape (n, 3)
        The best placement in Å.
    overlap : float
        Sum of the squares of what is missing to the allowed distances in Å2.

    Examples
    --------
    >>> wall = np.array([[2.0, 2.0, 0.0]])
    >>> bent = np.array([[[0.0, 0, 0], [2.0, 0, 0], [2.5, 1.0, 0]]])
    >>> fit = LigandFit(
    ...     elements=("Au", "S", "H"),
    ...     bonds=((0, 1), (1, 2)),
    ...     present=wall,
    ...     allowed=np.array([[0.0], [0.0], [2.4]]),
    ...     overlap=0.6,
    ... )
    >>> positions, overlap = turn_ligand(fit, bent)
    >>> overlap, bool(positions[2, 1] < 0.6)
    (0.0, True)
    """
    search = _Search(fit, places[0])
    overlaps = search.measure(places)
    starts = np.argsort(overlaps, kind="stable")[:_STARTS]
    best, least = places[starts[0]], float(overlaps[starts[0]])
    for start in starts.tolist():
        if least <= 0.0:
            break
        turned, overlap = search.descend(places[start], float(overlaps[start]))
        if overlap < least - _GAIN:
            best, least = turned, overlap
    return np.array(best), least


class _Search:
    """One ligand among atoms that stay."""

    def __init__(self, fit: LigandFit, place: FloatArray) -> None:
        self.fit = fit
        graph = nx.Graph()
        graph.add_nodes_from((atom, {"element": symbol}) for atom, symbol in enumerate(fit.elements))
        graph.add_edges_from(fit.bonds)
        self.axes = list(_list_axes(graph, place))
        self.pairs = _list_far_pairs(graph)
        radii = van_der_waals_radii(fit.elements)
        self.inner = radii[self.pairs[:, 0]] + radii[self.pairs[:, 1]] - fit.overlap

    def measure(self, places: FloatArray) -> FloatArray:
        """Return the overlap of every placement."""
        parts = [self._measure(places[k : k + _CHUNK]) for k in range(0, len(places), _CHUNK)]
        return np.concatenate(parts)

    def _measure(self, places: FloatArray) -> FloatArray:
        shape = len(places), *self.fit.allowed.shape
        distances = cdist(places.reshape(-1, 3), self.fit.present).reshape(shape)
        outer = (np.maximum(self.fit.allowed - distances, 0.0) ** 2).sum(axis=(1, 2))
        own = np.linalg.norm(places[:, self.pairs[:, 0]] - places[:, self.pairs[:, 1]], axis=2)
        return np.asarray(outer + (np.maximum(self.inner - own, 0.0) ** 2).sum(axis=1))

    def descend(self, place: FloatArray, overlap: float) -> tuple[FloatArray, float]:
        """Turn one bond after the other to its best angle, in finer and finer steps."""
        for step in _STEPS:
            angles = np.radians(step) * (np.arange(_ANGLES) - _ANGLES // 2)
            for _ in range(_ROUNDS):
                before = overlap
                for axis in self.axes:
                    turned = _turn(place, axis, angles)
                    values = self.measure(turned)
                    k = int(np.argmin(values))
                    if values[k] < overlap - _GAIN:
                        place, overlap = turned[k], float(values[k])
                if overlap >= before - _GAIN:
                    break
        return place, overlap


def _list_axes(graph: nx.Graph, place: FloatArray) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Yield the bonds that can turn, with the atoms beyond them: in no ring, no double bonds."""
    for first, second in nx.bridges(graph):
        inner, tip = sorted((first, second), key=lambda atom: nx.shortest_path_length(graph, _METAL, atom))
        cut = graph.copy()
        cut.remove_edge(inner, tip)
        moved = tuple(sorted(nx.node_connected_component(cut, tip) - {tip}))
        light = {graph.nodes[inner]["element"], graph.nodes[tip]["element"]} <= _LIGHT
        if moved and not (light and np.linalg.norm(place[tip] - place[inner]) < _SHORT):
            yield inner, tip, moved


def _list_far_pairs(graph: nx.Graph) -> IntArray:
    """Return the pairs of ligand atoms whose distance may change much when bonds turn."""
    near = dict(nx.all_pairs_shortest_path_length(graph, cutoff=_APART))
    pairs = [(a, b) for a, b in itertools.combinations(sorted(graph), 2) if a != _METAL and b not in near[a]]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _turn(place: FloatArray, axis: tuple[int, int, tuple[int, ...]], angles: FloatArray) -> FloatArray:
    """Return a placement with the atoms beyond a bond turned about it by every angle."""
    inner, tip, moved = axis
    turned = np.repeat(place[None], len(angles), axis=0)
    direction = place[tip] - place[inner]
    direction = direction / np.linalg.norm(direction)
    arms = place[list(moved)] - place[tip]
    for k, angle in enumerate(angles.tolist()):
        turned[k, list(moved)] = place[tip] + arms @ build_operation(direction, angle).T
    return turned
