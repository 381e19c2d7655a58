"""Is there a better pairing of two point sets? A proof that there is none, by branch and bound.

The space of rotations is divided into cells (as Go-ICP does, Yang et al., IEEE Trans. Pattern Anal. 2016, 38,
2241). Each cell is dropped in which no pairing can exceed the best value, by two bounds:

* a vector turned within the cell is at most the radius θ of the cell nearer to its partner, so
  ``|q||p| cos(max(0, α - θ))`` bounds every pair, and an assignment of these bounds the cell;
* the same bound on the gain over one pairing, ``q_i . R (p_j - p_pairing(i))``: where no other pairing can
  gain, the best rotation of this one settles the cell, which ends the search close to a maximum.

Cells that differ by a symmetry of the reference are looked at once.
"""

from itertools import pairwise

import numpy as np
from scipy.spatial.transform import Rotation

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.point_matching import PointMatch, align_pairings, assign_pairs

__all__ = ["certify_match"]

_CHUNK = 2048  # cells at a time: 12 points take 2.4 MB
_FIRST_GRID = 6  # cells along each edge of the cube of rotation vectors at the start


def certify_match(
    points: FloatArray,
    reference: FloatArray,
    match: PointMatch,
    *,
    allowed: BoolArray | None = None,
    symmetry: FloatArray | None = None,
    limits: tuple[float, int] = (5e-7, 200_000),
) -> PointMatch:
    """Prove that a match is the best there is, or find the better one.

    Parameters
    ----------
    points, reference : ndarray, shape (n, 3)
        Point sets with their centroids at the origin.
    match : PointMatch
        The match to prove; its value may also come from a rival reference that must be beaten.
    allowed : ndarray of bool, shape (n, n), optional
        Which point may be paired with which reference point; all by default.
    symmetry : ndarray, shape (g, 3, 3), optional
        Orthogonal matrices that map the reference onto itself, the identity included.
    limits : (float, int), optional
        Gain in the value that does not count (5e-7 is 1e-4 of a shape measure), and the largest number
        of cells to look at.

    Returns
    -------
    PointMatch
        The best match and the bound proved; the bound is infinite where the cells ran out.
    """
    open_pairs = np.ones((len(points), len(points)), dtype=bool) if allowed is None else allowed
    group = np.eye(3)[None] if symmetry is None else symmetry
    proper = group[np.linalg.det(group) > 0]
    best, cells = match, 0
    for hand in (1.0,) if len(proper) < len(group) else (1.0, -1.0):
        search = _Search(points, hand * reference, open_pairs, proper)
        best, seen, finished = search.run(best, hand, limits[0], limits[1] - cells)
        cells += seen
        if not finished:
            return _with_bound(best, np.inf, cells)
    return _with_bound(best, best.value + limits[0], cells)


def _with_bound(match: PointMatch, bound: float, cells: int) -> PointMatch:
    return PointMatch(
        pairing=match.pairing, rotation=match.rotation, value=match.value, bound=bound, cells=cells
    )


def _score(
    points: FloatArray, reference: FloatArray, rotations: FloatArray, allowed: BoolArray
) -> FloatArray:
    """Return q_i . R p_j for every rotation, -inf where a pair is not allowed; shape (m, n, n)."""
    turned = reference @ np.swapaxes(rotations, 1, 2)
    return np.where(allowed, points @ np.swapaxes(turned, 1, 2), -np.inf)


def _divide_cube(cells: int) -> FloatArray:
    """Return the middles of cells that divide the cube around all rotation vectors."""
    ticks = np.linspace(-np.pi, np.pi, cells + 1)
    middles = np.array([(a + b) / 2 for a, b in pairwise(ticks)])
    return np.stack(np.meshgrid(middles, middles, middles, indexing="ij"), axis=-1).reshape(-1, 3)


def _reduce(centres: FloatArray, reach: float, group: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Drop cells that lie outside the ball of rotations, or nearer to an image of the identity."""
    centres = centres[np.linalg.norm(centres, axis=1) <= np.pi + reach]
    rotations = Rotation.from_rotvec(centres).as_matrix()
    angles = np.arccos(np.clip((np.einsum("mab,gba->mg", rotations, group) - 1) / 2, -1, 1))
    own = np.arccos(np.clip((np.einsum("maa->m", rotations) - 1) / 2, -1, 1))
    keep = angles.min(axis=1) + reach >= own - reach
    return centres[keep], rotations[keep]


class _Search:
    """Branch and bound over the rotations of one hand of a reference."""

    __slots__ = ("allowed", "group", "lengths", "norm", "points", "reference")

    def __init__(
        self, points: FloatArray, reference: FloatArray, allowed: BoolArray, group: FloatArray
    ) -> None:
        self.points, self.reference, self.allowed, self.group = points, reference, allowed, group
        self.lengths = np.linalg.norm(points, axis=1)[:, None] * np.linalg.norm(reference, axis=1)
        self.norm = float(np.linalg.norm(points) * np.linalg.norm(reference))

    def run(self, best: PointMatch, hand: float, gain: float, budget: int) -> tuple[PointMatch, int, bool]:
        """Return the best match, the cells looked at, and whether all were settled."""
        centres, half = _divide_cube(_FIRST_GRID), np.pi / _FIRST_GRID
        seen = 0
        while len(centres):
            seen += len(centres)
            if seen > budget:
                return best, seen, False
            rest = []
            for start in range(0, len(centres), _CHUNK):
                best, kept = self._sift(centres[start : start + _CHUNK], half, best, hand, gain)
                rest.append(kept)
            half /= 2
            corners = np.array(np.meshgrid(*[[-half, half]] * 3)).reshape(3, -1).T
            centres = (np.concatenate(rest)[:, None, :] + corners).reshape(-1, 3)
        return best, seen, True

    def _sift(
        self, centres: FloatArray, half: float, best: PointMatch, hand: float, gain: float
    ) -> tuple[PointMatch, FloatArray]:
        """Return the best match and the cells in which a better one may hide."""
        reach = np.sqrt(3.0) * half  # a rotation vector off by d turns by at most |d| more
        centres, rotations = _reduce(centres, reach, self.group)
        scores = _score(self.points, self.reference, rotations, self.allowed)
        ceiling = _reachable(scores, self.lengths, reach)
        goal = (best.value + gain) * self.norm
        near = np.minimum(ceiling.max(axis=2).sum(axis=1), ceiling.max(axis=1).sum(axis=1)) > goal
        centres, rotations, scores, ceiling = centres[near], rotations[near], scores[near], ceiling[near]
        near = _totals(ceiling) > goal
        centres, rotations, scores = centres[near], rotations[near], scores[near]
        if not len(centres):
            return best, centres
        pairings = assign_pairs(scores)
        turned, values = align_pairings(self.points, self.reference, pairings)
        top = int(np.argmax(values))
        if values[top] / self.norm > best.value:
            best = PointMatch(
                pairing=pairings[top], rotation=hand * turned[top], value=float(values[top]) / self.norm
            )
        goal = (best.value + gain) * self.norm
        return best, centres[values + self._gains(rotations, pairings, reach) > goal]

    def _gains(self, rotations: FloatArray, pairings: IntArray, reach: float) -> FloatArray:
        """Return by how much another pairing can exceed this one anywhere in its cell."""
        steps = self.reference[None, None, :, :] - self.reference[pairings][:, :, None, :]
        lengths = np.linalg.norm(self.points, axis=1)[None, :, None] * np.linalg.norm(steps, axis=3)
        scores = np.einsum("ia,mab,mijb->mij", self.points, rotations, steps, optimize=True)
        return _totals(np.where(self.allowed, _reachable(scores, lengths, reach), -np.inf))


def _reachable(scores: FloatArray, lengths: FloatArray, reach: float) -> FloatArray:
    """Return the largest scalar products once the vectors turn by up to `reach` more."""
    cosines = np.clip(np.divide(scores, lengths, out=np.ones_like(scores), where=lengths > 0), -1, 1)
    nearer = cosines * np.cos(reach) + np.sqrt(1 - cosines**2) * np.sin(reach)
    bounds = lengths * np.where(cosines >= np.cos(min(reach, np.pi)), 1.0, nearer)
    return np.where(np.isneginf(scores), -np.inf, bounds)


def _totals(scores: FloatArray) -> FloatArray:
    """Return the sum of the best pairing for every matrix of scores."""
    pairings = assign_pairs(scores) if len(scores) else np.zeros((0, scores.shape[1]), dtype=np.int64)
    return np.asarray(np.take_along_axis(scores, pairings[:, :, None], axis=2).sum(axis=(1, 2)))
