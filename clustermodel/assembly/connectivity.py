"""Which atoms hang together across the faces of the cell, and in how many directions?"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from clustermodel._arrays import IntArray
from clustermodel.structure.neighbors import Pairs

__all__ = ["Component", "Components", "find_components"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Component:
    """Atoms joined by bonds.

    Parameters
    ----------
    atoms : ndarray of int, shape (k,)
        Atom indices in increasing order.
    periodicity : int
        Number of independent directions in which the bonds lead to images of themselves.
    """

    atoms: IntArray
    periodicity: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Components:
    """All components of a cell.

    Parameters
    ----------
    components : tuple of Component
        Components by their first atom.
    label : ndarray of int, shape (n,)
        Component of each atom.
    shift : ndarray of int, shape (n, 3)
        Cell shift that brings each atom to its component.
    """

    components: tuple[Component, ...]
    label: IntArray
    shift: IntArray


def find_components(n: int, bonds: Pairs) -> Components:
    """Follow the bonds through the lattice.

    Parameters
    ----------
    n : int
        Number of atoms.
    bonds : Pairs
        Bonds with the cell shift of the second atom.

    Returns
    -------
    Components
        Components, shifts that make each of them whole, and their periodicity.

    Examples
    --------
    >>> import numpy as np
    >>> chain = Pairs(
    ...     first=np.array([0, 0]),
    ...     second=np.array([1, 1]),
    ...     shifts=np.array([[0, 0, 0], [-1, 0, 0]]),
    ...     distances=np.ones(2),
    ... )
    >>> find_components(2, chain).components[0].periodicity
    1
    """
    graph = coo_array((np.ones(len(bonds)), (bonds.first, bonds.second)), shape=(n, n)).tocsr()
    _, label = connected_components(graph, directed=False)
    starts = np.unique(label, return_index=True)[1]
    order, parent = _search(n, bonds, starts)
    shift = _shifts(n, bonds, order, parent)
    loops = shift[bonds.first] + bonds.shifts - shift[bonds.second]
    open_rows = np.flatnonzero(np.any(loops != 0, axis=1))
    directions: dict[int, list[IntArray]] = {}
    for row in open_rows.tolist():
        directions.setdefault(int(label[bonds.first[row]]), []).append(loops[row])
    by_label = np.argsort(label, kind="stable")
    groups = np.split(by_label, np.flatnonzero(np.diff(label[by_label])) + 1) if n else []
    components = tuple(
        Component(
            atoms=group,
            periodicity=int(np.linalg.matrix_rank(np.unique(directions[i], axis=0)))
            if i in directions
            else 0,
        )
        for i, group in enumerate(groups)
    )
    return Components(components=components, label=label.astype(np.int64), shift=shift)


def _search(n: int, bonds: Pairs, starts: IntArray) -> tuple[IntArray, IntArray]:
    """Return a breadth-first order of all atoms from a virtual root joined to every start."""
    first = np.concatenate([bonds.first, np.full(len(starts), n)])
    second = np.concatenate([bonds.second, starts])
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(n + 1, n + 1)).tocsr()
    order, parent = breadth_first_order(graph, n, directed=False)
    return order[1:], parent


def _shifts(n: int, bonds: Pairs, order: IntArray, parent: IntArray) -> IntArray:
    """Add the bond shifts up along the search tree."""
    key = bonds.first * n + bonds.second
    sorter = np.argsort(key, kind="stable")
    child = order[parent[order] != n]
    up = parent[child].astype(np.int64)
    low, high = np.minimum(up, child), np.maximum(up, child)
    row = sorter[np.searchsorted(key, low * n + high, sorter=sorter)]
    step = np.where((bonds.first[row] == up)[:, None], bonds.shifts[row], -bonds.shifts[row])
    total = [(0, 0, 0)] * n
    for atom, source, (a, b, c) in zip(child.tolist(), up.tolist(), step.tolist(), strict=True):
        x, y, z = total[source]
        total[atom] = (x + a, y + b, z + c)
    return np.array(total, dtype=np.int64).reshape(n, 3)
