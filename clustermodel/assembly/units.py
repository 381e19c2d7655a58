"""Which partly occupied sites go together? Units: bonded as listed, one part, one occupancy."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from clustermodel._arrays import BoolArray, IntArray
from clustermodel.assembly.expansion import Expansion, is_as_listed
from clustermodel.assembly.overlap import AtomKinds, is_overlap, is_within_bond_range
from clustermodel.elements import is_metal
from clustermodel.structure.neighbors import Pairs
from clustermodel.structure.sites import Sites

__all__ = ["find_units", "is_fuller"]

_FULL = 1.05  # occupancies that add up to more than this are there together
_CLEARLY = 0.1  # occupancies this far apart are not one refined variable
_SAME_OCCUPANCY = 0.02  # refined occupancies of one group agree within their s.u., near 0.01


def find_units(
    sites: Sites, expansion: Expansion, pairs: Pairs, kinds: AtomKinds, partial: BoolArray
) -> IntArray:
    """Group partly occupied sites into units whose symmetry images stay whole.

    Sites of one part and occupancy belong together if they are within bonding range as
    listed, without a symmetry operation; with a part number also if they share an ordered
    non-metal neighbour (the F atoms of a turned CF3 group). A unit without a part number
    that overlaps itself is two alternatives refined alike and falls apart into atoms.

    Parameters
    ----------
    sites : Sites
        The asymmetric unit.
    expansion : Expansion
        All atoms of the cell.
    pairs : Pairs
        Near pairs of the expansion.
    kinds : AtomKinds
        Kinds of its atoms.
    partial : ndarray of bool, shape (n,)
        Sites that are partly occupied or in a disorder part.

    Returns
    -------
    ndarray of int, shape (n,)
        Number of the unit in file order, -1 for ordered sites.
    """
    listed = pairs.select(np.flatnonzero(is_as_listed(expansion, pairs)))
    bonded = listed.select(np.flatnonzero(is_within_bond_range(listed, kinds)))
    links = _links(sites, expansion.site[bonded.first], expansion.site[bonded.second], partial)
    unit = _numbered(_components(len(sites), links), partial)
    overlap = listed.select(np.flatnonzero(is_overlap(listed, kinds)))
    first, second = expansion.site[overlap.first], expansion.site[overlap.second]
    inner = (unit[first] == unit[second]) & (unit[first] >= 0) & (sites.part[first] == 0)
    torn = np.isin(unit, unit[first[inner]])
    links = [(a, b) for a, b in links if not (torn[a] or torn[b])]
    return _numbered(_components(len(sites), links), partial)


def is_fuller(sites: Sites, inner: int, outer: int, *, ordered: bool) -> bool:
    """Return whether an atom is there more often than a partly occupied one beside it.

    Parameters
    ----------
    sites : Sites
        The asymmetric unit.
    inner, outer : int
        Sites of the two atoms.
    ordered : bool
        Whether the inner atom is an ordered one.

    Returns
    -------
    bool
        True for ordered atoms, and for atoms without a part of clearly higher occupancy that
        cannot be an alternative to the other, since both add up to more than one.
    """
    more = sites.occupancy[inner] > sites.occupancy[outer] + _CLEARLY
    together = sites.occupancy[inner] + sites.occupancy[outer] > _FULL
    return bool(ordered or (sites.part[inner] == 0 and sites.part[outer] == 0 and more and together))


def _links(sites: Sites, first: IntArray, second: IntArray, partial: BoolArray) -> list[tuple[int, int]]:
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    anchors: dict[int, set[int]] = {}
    for a, b in pairs:
        for inner, outer in ((a, b), (b, a)):
            held = partial[outer] and is_fuller(sites, inner, outer, ordered=not partial[inner])
            if held and not is_metal(sites.elements[inner]):
                anchors.setdefault(outer, set()).add(inner)
    links = [(a, b) for a, b in pairs if partial[a] and partial[b] and _go_together(sites, anchors, a, b)]
    around: dict[tuple[int, int, str, float], int] = {}
    for outer, inners in anchors.items():
        if sites.part[outer]:
            occupancy = round(float(sites.occupancy[outer]), 2)
            for inner in inners:
                key = (inner, int(sites.part[outer]), sites.assembly[outer], occupancy)
                links.append((around.setdefault(key, outer), outer))
    return links


def _go_together(sites: Sites, anchors: dict[int, set[int]], a: int, b: int) -> bool:
    """Return whether two bonded atoms are one group, not two alternatives on one ordered atom."""
    same_part = sites.part[a] == sites.part[b] and sites.assembly[a] == sites.assembly[b]
    alike = abs(sites.occupancy[a] - sites.occupancy[b]) < _SAME_OCCUPANCY
    alternatives = sites.part[a] == 0 and bool(anchors.get(a, set()) & anchors.get(b, set()))
    return bool(same_part and alike and not alternatives)


def _components(n: int, links: list[tuple[int, int]]) -> IntArray:
    table = np.array(links, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(table)), (table[:, 0], table[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _numbered(component: IntArray, partial: BoolArray) -> IntArray:
    unit = np.full(len(component), -1, dtype=np.int64)
    chosen = np.flatnonzero(partial)
    _, first, inverse = np.unique(component[chosen], return_index=True, return_inverse=True)
    unit[chosen] = np.argsort(np.argsort(first))[inverse]
    return unit
