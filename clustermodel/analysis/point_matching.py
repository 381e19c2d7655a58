"""Which points of two sets belong together? The best rotation and pairing, with a proof that none is better.

Two sets of n points with their centroids at the origin are matched: the pairing and the rotation or
rotary reflection R that make ``sum q_i . R p_pairing(i)`` largest. A mirror image counts as the set itself.

`match_points` alternates between the best pairing for a rotation (linear assignment, exact) and the best
rotation for a pairing (Kabsch, exact) from starts spread evenly over all rotations. That finds a local
maximum, nearly always the global one. `certify_match` proves it, or finds what is better: it divides the
space of rotations into cells (as Go-ICP does, Yang et al., IEEE Trans. Pattern Anal. 2016, 38, 2241) and
drops each cell in which no pairing can exceed the best value, by two bounds:

* a vector turned within the cell is at most the radius θ of the cell nearer to its partner, so
  ``|q||p| cos(max(0, α - θ))`` bounds every pair, and an assignment of these bounds the cell;
* the same bound on the gain over one pairing, ``q_i . R (p_j - p_pairing(i))``: where no other pairing can
  gain, the best rotation of this one settles the cell, which ends the search close to a maximum.

Cells that differ by a symmetry of the reference are looked at once.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment

from clustermodel._arrays import BoolArray, FloatArray, IntArray

__all__ = [
    "PointMatch",
    "align_pairing",
    "certify_match",
    "match_directions",
    "match_points",
    "sample_rotations",
]

# With 10 cells along an edge, 3 of 837 measures of distorted and of random sets came out too large, none with
# 12 to 16, nor with more of the starts kept.
_START_GRID = 12  # cells along each edge of the cube of rotation vectors
_MOST_STARTS = 300  # starts followed up, chosen by a cheap bound
_ROUNDS = 30  # alternations; each raises the value over finitely many pairings, about 5 are needed
_CHUNK = 2048  # cells at a time: 12 points take 2.4 MB
_FIRST_GRID = 6  # cells along each edge of the cube of rotation vectors at the start


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointMatch:
    """A pairing of two point sets.

    Parameters
    ----------
    pairing : ndarray of int, shape (n,)
        The reference point of every point.
    rotation : ndarray, shape (3, 3)
        Orthogonal matrix that turns the reference onto the points (determinant -1: mirrored).
    value : float
        ``sum q_i . R p_pairing(i)`` over the two norms: 1 for a perfect match.
    bound : float
        No pairing and rotation exceeds this; infinite where nothing was proved.
    cells : int
        Cells of rotations that the proof looked at.
    """

    pairing: IntArray
    rotation: FloatArray
    value: float = field(metadata={"unit": ""})
    bound: float = field(default=np.inf, metadata={"unit": ""})
    cells: int = field(default=0, metadata={"unit": ""})


def align_pairing(points: FloatArray, reference: FloatArray, pairing: IntArray) -> PointMatch:
    """Turn a reference onto points for a given pairing (Kabsch, mirror images allowed).

    Parameters
    ----------
    points, reference : ndarray, shape (n, 3)
        Point sets with their centroids at the origin.
    pairing : ndarray of int, shape (n,)
        The reference point of every point.

    Returns
    -------
    PointMatch
        The best rotation and its value.

    Examples
    --------
    >>> square = np.array([[1.0, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]])
    >>> round(align_pairing(square, 2 * square, np.array([1, 2, 3, 0])).value, 6)
    1.0
    """
    rotation, values = _align(points, reference, pairing[None])
    value = float(values[0]) / _norms(points, reference)
    return PointMatch(pairing=pairing, rotation=rotation[0], value=value)


def sample_rotations(symmetry: FloatArray | None = None) -> FloatArray:
    """Return rotations spread evenly over those that differ for a symmetric reference.

    Parameters
    ----------
    symmetry : ndarray, shape (g, 3, 3), optional
        Orthogonal matrices that map the reference onto itself, the identity included.

    Returns
    -------
    ndarray, shape (m, 3, 3)
        Rotations no further than some 20° from any other, and rotary reflections where the
        reference has no mirror symmetry.

    Examples
    --------
    >>> len(sample_rotations()) > 10 * len(sample_rotations(np.array([np.eye(3), -np.eye(3)]))) / 6
    True
    """
    group = np.eye(3)[None] if symmetry is None else symmetry
    proper = group[np.linalg.det(group) > 0]
    half = np.pi / _START_GRID
    rotations = _reduce(_divide_cube(_START_GRID), np.sqrt(3.0) * half / 2, proper)[1]
    return rotations if len(proper) < len(group) else np.concatenate([rotations, -rotations])


def match_points(
    points: FloatArray,
    reference: FloatArray,
    *,
    allowed: BoolArray | None = None,
    starts: FloatArray | None = None,
) -> PointMatch:
    """Find a pairing and rotation that match two point sets, from many starts.

    Parameters
    ----------
    points, reference : ndarray, shape (n, 3)
        Point sets with their centroids at the origin.
    allowed : ndarray of bool, shape (n, n), optional
        Which point may be paired with which reference point; all by default.
    starts : ndarray, shape (m, 3, 3), optional
        Where to begin; fewer rotations are enough for a symmetric reference.

    Returns
    -------
    PointMatch
        The best match found; `certify_match` proves it.

    Examples
    --------
    >>> points = np.array([[1.0, 0, 0], [0, 2, 0], [0, 0, 3], [-1, -2, -3]])
    >>> match = match_points(points, points[[2, 0, 3, 1]])
    >>> match.pairing.tolist(), round(match.value, 6)
    ([1, 3, 0, 2], 1.0)
    """
    open_pairs = np.ones((len(points), len(points)), dtype=bool) if allowed is None else allowed
    rotations = sample_rotations() if starts is None else starts
    pairing, rotation, value = _alternate(points, reference, open_pairs, rotations)
    return PointMatch(pairing=pairing, rotation=rotation, value=value / _norms(points, reference))


def match_directions(directions: FloatArray, reference: FloatArray, starts: FloatArray) -> PointMatch:
    """Find the directions of a reference that match given ones best, about a fixed centre.

    Parameters
    ----------
    directions : ndarray, shape (n, 3)
        Unit vectors.
    reference : ndarray, shape (m, 3)
        Unit vectors, at least as many; those that match nothing are left over.
    starts : ndarray, shape (s, 3, 3)
        Where to begin.

    Returns
    -------
    PointMatch
        The best match found; its value is the mean cosine of the angles between paired directions.

    Examples
    --------
    >>> axes = np.vstack([np.eye(3), -np.eye(3)])
    >>> round(match_directions(axes[:4] @ np.diag([1, 1, -1]), axes, sample_rotations()).value, 6)
    1.0
    """
    open_pairs = np.ones((len(directions), len(reference)), dtype=bool)
    pairing, rotation, value = _alternate(directions, reference, open_pairs, starts)
    return PointMatch(pairing=pairing, rotation=rotation, value=value / len(directions))


def _alternate(
    points: FloatArray, reference: FloatArray, allowed: BoolArray, rotations: FloatArray
) -> tuple[IntArray, FloatArray, float]:
    """Return the best pairing, its rotation and its sum of scalar products."""
    scores = _score(points, reference, rotations, allowed)
    bounds = np.minimum(scores.max(axis=2).sum(axis=1), scores.max(axis=1).sum(axis=1))
    scores = scores[np.argsort(-bounds, kind="stable")[:_MOST_STARTS]]
    pairings = np.zeros((0, len(points)), dtype=np.int64)
    values = np.zeros(0)
    for _ in range(_ROUNDS):
        found = np.unique(_assign(scores), axis=0)
        if len(found) == len(pairings) and np.array_equal(found, pairings):
            break
        pairings = found
        rotations, values = _align(points, reference, pairings)
        scores = _score(points, reference, rotations, allowed)
    best = int(np.argmax(values))
    return pairings[best], rotations[best], float(values[best])


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


def _norms(points: FloatArray, reference: FloatArray) -> float:
    return float(np.linalg.norm(points) * np.linalg.norm(reference))


def _score(
    points: FloatArray, reference: FloatArray, rotations: FloatArray, allowed: BoolArray
) -> FloatArray:
    """Return q_i . R p_j for every rotation, -inf where a pair is not allowed; shape (m, n, n)."""
    turned = reference @ np.swapaxes(rotations, 1, 2)
    return np.where(allowed, points @ np.swapaxes(turned, 1, 2), -np.inf)


def _assign(scores: FloatArray) -> IntArray:
    """Return the best pairing for every matrix of scores, shape (m, n)."""
    return np.array([linear_sum_assignment(s, maximize=True)[1] for s in scores], dtype=np.int64)


def _align(points: FloatArray, reference: FloatArray, pairings: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the best rotation of every pairing and its value."""
    covariance = np.einsum("ia,mib->mab", points, reference[pairings])
    left, singular, right = np.linalg.svd(covariance)
    return np.asarray(left @ right), np.asarray(singular.sum(axis=1))


def _divide_cube(cells: int) -> FloatArray:
    """Return the middles of cells that divide the cube around all rotation vectors."""
    ticks = np.linspace(-np.pi, np.pi, cells + 1)
    middles = np.array([(a + b) / 2 for a, b in pairwise(ticks)])
    return np.stack(np.meshgrid(middles, middles, middles, indexing="ij"), axis=-1).reshape(-1, 3)


def _reduce(centres: FloatArray, reach: float, group: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Drop cells that lie outside the ball of rotations, or nearer to an image of the identity."""
    centres = centres[np.linalg.norm(centres, axis=1) <= np.pi + reach]
    rotations = _exponentiate(centres)
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
        self.norm = _norms(points, reference)

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
        pairings = _assign(scores)
        turned, values = _align(self.points, self.reference, pairings)
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
    pairings = _assign(scores) if len(scores) else np.zeros((0, scores.shape[1]), dtype=np.int64)
    return np.asarray(np.take_along_axis(scores, pairings[:, :, None], axis=2).sum(axis=(1, 2)))


def _exponentiate(vectors: FloatArray) -> FloatArray:
    """Return the rotation matrices of rotation vectors (Rodrigues)."""
    angles = np.linalg.norm(vectors, axis=1)
    axes = vectors / np.where(angles > 0, angles, 1.0)[:, None]
    cross = np.zeros((len(vectors), 3, 3))
    cross[:, [2, 0, 1], [1, 2, 0]] = axes
    cross[:, [1, 2, 0], [2, 0, 1]] = -axes
    sine, cosine = np.sin(angles)[:, None, None], np.cos(angles)[:, None, None]
    return np.asarray(np.eye(3) + sine * cross + (1 - cosine) * (cross @ cross))
