"""How are atoms paired two by two, each with its mirror partner or with itself, at the least cost?

A best assignment of images to atoms is a permutation; symmetry under a mirror plane or the inversion asks for
one whose cycles have one or two atoms. Cycles of even length split into pairs without loss; the atoms of odd
cycles are paired anew, exactly, as a matching of least weight on the doubled graph, whose two copies of an
atom are joined where the atom is to be its own partner.
"""

from itertools import combinations

import networkx as nx
import numpy as np

from clustermodel._arrays import FloatArray, IntArray

__all__ = ["find_cycles", "pair_mutually"]


def find_cycles(permutation: IntArray) -> list[list[int]]:
    """Return the cycles of a permutation.

    Parameters
    ----------
    permutation : ndarray of int, shape (n,)
        Image of every index.

    Returns
    -------
    list of list of int
        Each begins with its smallest index; ordered by it.

    Examples
    --------
    >>> find_cycles(np.array([1, 0, 2, 4, 5, 3]))
    [[0, 1], [2], [3, 4, 5]]
    """
    seen: set[int] = set()
    cycles = []
    following = permutation.tolist()
    for start in range(len(following)):
        if start in seen:
            continue
        cycle = [start]
        while following[cycle[-1]] != start:
            cycle.append(following[cycle[-1]])
        seen.update(cycle)
        cycles.append(cycle)
    return cycles


def pair_mutually(
    kinds: IntArray, images: FloatArray, positions: FloatArray, permutation: IntArray
) -> IntArray:
    """Turn a best assignment into one of mutual pairs and single atoms.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Atoms with the same number are alike.
    images, positions : ndarray, shape (n, 3)
        Positions after a mirror plane or the inversion, and before.
    permutation : ndarray of int, shape (n,)
        Best assignment of images to like atoms.

    Returns
    -------
    ndarray of int, shape (n,)
        A permutation that is its own inverse. It costs least if no cycle was odd; else least with
        the pairs of the even cycles kept.

    Examples
    --------
    >>> places = np.array([[1.0, 0, 0], [-1.0, 0, 0], [0, 0, 0.2]])
    >>> pair_mutually(np.zeros(3, dtype=int), -places, places, np.array([1, 2, 0])).tolist()
    [1, 0, 2]
    """
    result = permutation.copy()
    odd: dict[int, list[int]] = {}
    for cycle in find_cycles(permutation):
        if len(cycle) % 2 and len(cycle) > 1:
            odd.setdefault(int(kinds[cycle[0]]), []).extend(cycle)
        elif len(cycle) > 2:
            _link(result, _split(cycle, images, positions))
    for atoms in odd.values():
        _link(result, _match(np.array(atoms), images, positions))
    return result


def _link(permutation: IntArray, pairs: list[tuple[int, int]]) -> None:
    for first, second in pairs:
        permutation[first], permutation[second] = second, first


def _split(cycle: list[int], images: FloatArray, positions: FloatArray) -> list[tuple[int, int]]:
    """Return the better of the two ways to pair the neighbours of an even cycle."""
    closed = [*cycle, cycle[0]]
    ways = [list(zip(closed[k::2], closed[k + 1 :: 2], strict=False)) for k in (0, 1)]
    costs = [sum(float(np.sum((images[a] - positions[b]) ** 2)) for a, b in way) for way in ways]
    return ways[int(np.argmin(costs))]


def _match(atoms: IntArray, images: FloatArray, positions: FloatArray) -> list[tuple[int, int]]:
    """Return the cheapest pairs among like atoms; an atom may be paired with itself."""
    costs = np.sum((images[atoms, None] - positions[None, atoms]) ** 2, axis=2)
    graph = nx.Graph()
    for i, j in combinations(range(len(atoms)), 2):
        for copy in (0, 1):
            graph.add_edge((copy, i), (copy, j), weight=float(costs[i, j]))
    for i in range(len(atoms)):
        graph.add_edge((0, i), (1, i), weight=float(costs[i, i]))
    found = [sorted(edge) for edge in nx.min_weight_matching(graph)]
    return [(int(atoms[i]), int(atoms[j])) for (_, i), (copy, j) in found if copy == 0] + [
        (int(atoms[i]), int(atoms[i])) for (first, i), (second, _) in found if first != second
    ]
