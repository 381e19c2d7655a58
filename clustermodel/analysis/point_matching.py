"""Which points of two sets belong together? The best pairing with the best rotation.

Points q are matched with as many points of a reference p, or with some of more: the pairing and the rotation
or rotary reflection R are sought that, with the best shift and size, make ``sum q_i . R p_pairing(i)`` about
the centroids largest in relation to the norms of both. A mirror image counts as the set itself.

The search alternates between the best pairing for a reference as laid (linear assignment, exact) and the best
way to lay it for a pairing (Kabsch, exact), from starts spread evenly over all rotations. That finds a local
maximum, nearly always the global one; `match_proof` proves it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.rigid_fit import spread_rotations

__all__ = [
    "PointMatch",
    "align_pairing",
    "align_pairings",
    "assign_pairs",
    "match_directions",
    "match_points",
    "sample_rotations",
]

# Of 384 shells of twelve, up to three corners missing, some as distorted as random ones, five measures were
# too large from 900 rotations and 300 starts, one from 8000 and 300, none from 8000 and 1000.
_MOST_STARTS = 80  # starts followed up for each point, chosen by a cheap bound
_FEW_STARTS = 12  # the same in all for directions about a centre, which have no shift and no size
_KEY = 1 << 62  # largest random number
_SAME = 1e-9  # of the trace of a rotation: rounding
_ROUNDS = 30  # alternations; each raises the value over finitely many pairings, about 5 are needed


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
    rotation, values = align_pairings(points, reference, pairing[None])
    value = float(values[0] / (np.linalg.norm(points) * np.linalg.norm(reference[pairing])))
    return PointMatch(pairing=pairing, rotation=rotation[0], value=value)


def align_pairings(
    points: FloatArray, reference: FloatArray, pairings: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Turn a reference onto points for many pairings.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        A point set about the origin.
    reference : ndarray, shape (m, 3)
        The reference about the origin.
    pairings : ndarray of int, shape (k, n)
        The reference point of every point.

    Returns
    -------
    (ndarray, ndarray)
        Best rotation or rotary reflection, shape (k, 3, 3), and ``sum q_i . R p_pairing(i)`` of each.
    """
    left, singular, right = np.linalg.svd(np.einsum("ia,mib->mab", points, reference[pairings]))
    return np.asarray(left @ right), np.asarray(singular.sum(axis=1))


def assign_pairs(scores: FloatArray) -> IntArray:
    """Return the pairing of the largest sum for each of many matrices of scores.

    Parameters
    ----------
    scores : ndarray, shape (k, n, m)
        Scores of all pairs, -inf for those that may not form.

    Returns
    -------
    ndarray of int, shape (k, n)
        Column for each row.

    Examples
    --------
    >>> assign_pairs(np.array([[[1.0, 2.0], [0.0, 3.0]]])).tolist()
    [[0, 1]]
    """
    return np.array([linear_sum_assignment(s, maximize=True)[1] for s in scores], dtype=np.int64)


def sample_rotations(symmetry: FloatArray | None = None, count: int = 8000) -> FloatArray:
    """Return rotations spread evenly over those that differ for a symmetric reference.

    Parameters
    ----------
    symmetry : ndarray, shape (g, 3, 3), optional
        Orthogonal matrices that map the reference onto itself, the identity included.
    count : int, optional
        Number of rotations, those that do not differ included.

    Returns
    -------
    ndarray, shape (m, 3, 3)
        Rotations, and rotary reflections where the reference has no mirror symmetry.

    Examples
    --------
    >>> len(sample_rotations(count=100)), len(sample_rotations(np.array([np.eye(3), -np.eye(3)]), 100))
    (200, 100)
    """
    group = np.eye(3)[None] if symmetry is None else symmetry
    proper = group[np.linalg.det(group) > 0]
    rotations = spread_rotations(count)
    # Of the images of a rotation, that of the smallest angle, which has the largest trace, is kept.
    nearest = np.einsum("mab,gba->mg", rotations, proper).max(axis=1)
    kept = rotations[np.trace(rotations, axis1=1, axis2=2) >= nearest - _SAME]
    return kept if len(proper) < len(group) else np.concatenate([kept, -kept])


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
    points : ndarray, shape (n, 3)
        A point set about the origin.
    reference : ndarray, shape (m, 3)
        At least as many points about the origin; those that match worst are left over.
    allowed : ndarray of bool, shape (n, m), optional
        Which point may be paired with which reference point; all by default.
    starts : ndarray, shape (s, 3, 3), optional
        Where to begin; fewer rotations are enough for a symmetric reference.

    Returns
    -------
    PointMatch
        The best match found, for any shift and scale of the reference.

    Examples
    --------
    >>> points = np.array([[1.0, 0, 0], [0, 2, 0], [0, 0, 3], [-1, -2, -3]])
    >>> match = match_points(points, points[[2, 0, 3, 1]])
    >>> match.pairing.tolist(), round(match.value, 6)
    ([1, 3, 0, 2], 1.0)
    """
    open_pairs = np.ones((len(points), len(reference)), dtype=bool) if allowed is None else allowed
    rotations = sample_rotations() if starts is None else starts
    scale = np.sqrt((points**2).sum() / len(points) / ((reference**2).sum() / len(reference)))
    start = scale * (reference @ np.swapaxes(rotations, 1, 2))
    laid = _keep_likely(points, start, open_pairs, _MOST_STARTS * len(points))
    pairing, rotation, value = _alternate(points, reference, open_pairs, laid, _lay_freely)
    return PointMatch(
        pairing=pairing, rotation=rotation, value=value / float(np.linalg.norm(points - points.mean(axis=0)))
    )


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
    start = reference @ np.swapaxes(starts, 1, 2)
    laid = _keep_likely(directions, start, open_pairs, _FEW_STARTS)
    pairing, rotation, value = _alternate(directions, reference, open_pairs, laid, _turn)
    return PointMatch(pairing=pairing, rotation=rotation, value=value / len(directions))


_Layer = Callable[[FloatArray, FloatArray, IntArray], tuple[FloatArray, FloatArray, FloatArray]]


def _alternate(
    points: FloatArray, reference: FloatArray, allowed: BoolArray, laid: FloatArray, lay: _Layer
) -> tuple[IntArray, FloatArray, float]:
    """Return the best pairing, its rotation and how good it is; `lay` lays the reference anew."""
    pairings = np.zeros((0, len(points)), dtype=np.int64)
    keys = np.random.default_rng(0).integers(1, _KEY, len(points))  # tell pairings apart by one number
    for _ in range(_ROUNDS):
        found = assign_pairs(_rate(points, laid, allowed))
        found = found[np.unique(found @ keys, return_index=True)[1]]
        if len(found) == len(pairings) and np.array_equal(found, pairings):
            break
        pairings = found
        laid, rotations, values = lay(points, reference, pairings)
    best = int(np.argmax(values))
    return pairings[best], rotations[best], float(values[best])


def _keep_likely(points: FloatArray, laid: FloatArray, allowed: BoolArray, most: int) -> FloatArray:
    """Return the references on which the points come nearest if several may share one."""
    bounds = _rate(points, laid, allowed).max(axis=2).sum(axis=1)
    return laid[np.argsort(-bounds, kind="stable")[:most]]


def _rate(points: FloatArray, laid: FloatArray, allowed: BoolArray) -> FloatArray:
    """Return how near each point is to every reference point: -|q - p|²/2, but for a term of the point."""
    scores = points @ np.swapaxes(laid, 1, 2) - 0.5 * (laid**2).sum(axis=2)[:, None]
    return np.where(allowed, scores, -np.inf)


def _lay_freely(
    points: FloatArray, reference: FloatArray, pairings: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Lay a reference with the best shift, rotation and scale."""
    chosen = reference[pairings]
    own, middle = chosen.mean(axis=1, keepdims=True), points.mean(axis=0)
    inertia = ((chosen - own) ** 2).sum(axis=(1, 2))
    left, singular, right = np.linalg.svd(np.swapaxes(points - middle, 0, 1) @ (chosen - own))
    rotations, overlaps = left @ right, singular.sum(axis=1)
    turned = (reference - own) @ np.swapaxes(rotations, 1, 2)
    return middle + (overlaps / inertia)[:, None, None] * turned, rotations, overlaps / np.sqrt(inertia)


def _turn(
    points: FloatArray, reference: FloatArray, pairings: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Lay a reference with the best rotation about the origin."""
    rotations, overlaps = align_pairings(points, reference, pairings)
    return reference @ np.swapaxes(rotations, 1, 2), rotations, overlaps
