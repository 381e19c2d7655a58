"""Which way does each ligand stand so that none touches another? A table of overlaps, then the least sum."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.elements import van_der_waals_radii

__all__ = ["Choices", "choose_rotamers", "measure_overlap"]

_SWEEPS = 60  # rounds over all ligands in one descent; it ends earlier when nothing changes
_DESCENTS = 40  # starts from other choices; the first takes the best of each ligand
_GAIN = 1e-6  # Å2; rounding must not choose


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choices:
    """The rotamers of one ligand, and those of its symmetry copies.

    Parameters
    ----------
    elements : tuple of str, length n
        Elements of the atoms that move, the donors left out.
    positions : ndarray, shape (g, r, n, 3)
        Positions in Å of each copy in each rotamer; the first copy is the ligand itself.
    own : ndarray, shape (r,)
        Overlap of each rotamer with the skeleton and with itself in Å2.
    """

    elements: tuple[str, ...]
    positions: FloatArray
    own: FloatArray


def measure_overlap(
    elements: tuple[Sequence[str], Sequence[str]], first: FloatArray, second: FloatArray
) -> FloatArray:
    """Measure how far the van der Waals spheres of two sets of rotamers overlap.

    Parameters
    ----------
    elements : tuple of (sequence of str, sequence of str)
        Elements of the atoms of both.
    first : ndarray, shape (r, n, 3)
        Positions in Å.
    second : ndarray, shape (s, m, 3)
        Positions in Å.

    Returns
    -------
    ndarray, shape (r, s)
        Sum of the squared overlaps in Å2.

    Examples
    --------
    >>> pair = np.array([[[0.0, 0, 0]]]), np.array([[[2.0, 0, 0]]])
    >>> round(float(measure_overlap((["H"], ["H"]), *pair)[0, 0]), 3)
    0.16
    """
    if not first.size or not second.size:
        return np.zeros((len(first), len(second)))
    radii = [van_der_waals_radii(e) for e in elements]
    r, n, _ = first.shape
    s, m, _ = second.shape
    a, b = first.reshape(-1, 3), second.reshape(-1, 3)
    near = cKDTree(a).sparse_distance_matrix(
        cKDTree(b), float(radii[0].max() + radii[1].max()), output_type="ndarray"
    )
    i, j = near["i"], near["j"]
    depth = np.maximum(radii[0][i % n] + radii[1][j % m] - near["v"], 0.0) ** 2
    sums = np.bincount(i // n * s + j // m, weights=depth, minlength=r * s)
    return np.asarray(sums, dtype=np.float64).reshape(r, s)


def choose_rotamers(choices: Sequence[Choices]) -> tuple[IntArray, float]:
    """Choose one rotamer of every ligand with the least sum of overlaps.

    Parameters
    ----------
    choices : sequence of Choices
        The rotamers of each ligand.

    Returns
    -------
    chosen : ndarray of int, shape (k,)
        The rotamer of each ligand.
    overlap : float
        Sum of the squared overlaps in Å2.
    """
    own, tables = _build_tables(choices)
    random = np.random.default_rng(0)
    best = np.array([int(np.argmin(row)) for row in own])
    best_sum = np.inf
    for number in range(_DESCENTS):
        start = best if number == 0 else np.array([int(random.integers(len(row))) for row in own])
        chosen, total = _descend(start.copy(), own, tables)
        if total < best_sum - _GAIN:
            best, best_sum = chosen, total
    return best, best_sum


Tables = list[dict[int, FloatArray]]


def _build_tables(choices: Sequence[Choices]) -> tuple[list[FloatArray], Tables]:
    """Return the overlaps of each ligand by itself (with its copies), and with every other one."""
    own = [choice.own.copy() for choice in choices]
    tables: Tables = [{} for _ in choices]
    for k, one in enumerate(choices):
        for copy in one.positions[1:]:
            pair = measure_overlap((one.elements, one.elements), one.positions[0], copy)
            own[k] += np.diag(pair) / 2
        for m in range(k + 1, len(choices)):
            two = choices[m]
            table = np.zeros((one.positions.shape[1], two.positions.shape[1]))
            for copy in two.positions:
                if _reach(one.positions[0], copy):
                    table += measure_overlap((one.elements, two.elements), one.positions[0], copy)
            if table.any():
                tables[k][m], tables[m][k] = table, table.T
    return own, tables


def _reach(first: FloatArray, second: FloatArray) -> bool:
    """Return whether boxes around two sets of positions come within 4 Å, above any contact."""
    if not first.size or not second.size:
        return False
    low = np.maximum(first.min(axis=(0, 1)), second.min(axis=(0, 1)))
    high = np.minimum(first.max(axis=(0, 1)), second.max(axis=(0, 1)))
    return bool(np.all(low - high < 4.0))


def _descend(chosen: IntArray, own: list[FloatArray], tables: Tables) -> tuple[IntArray, float]:
    def price(k: int) -> FloatArray:
        return np.asarray(own[k] + sum(table[:, chosen[m]] for m, table in tables[k].items()))

    for _ in range(_SWEEPS):
        changed = False
        for k in range(len(chosen)):
            prices = price(k)
            better = int(np.argmin(prices))
            if prices[better] < prices[chosen[k]] - _GAIN:
                chosen[k], changed = better, True
        if not changed:
            break
    alone = sum(own[k][chosen[k]] for k in range(len(chosen)))
    together = sum(table[chosen[k], chosen[m]] for k, row in enumerate(tables) for m, table in row.items())
    return chosen, float(alone + together / 2)
