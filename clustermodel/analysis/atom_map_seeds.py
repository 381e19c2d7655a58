"""Which rigid motions could lay one set of points on part of another? Every congruent triple gives two.

Three points of the one set, far apart, are laid on every three points of the other that have the same
distances within a tolerance: as they are, and mirrored. No motion that lays the three on their true partners
is missed, whatever else the sets hold; several triples with different points see to it that at least one
consists of points that both sets have.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.rigid_fit import superpose

__all__ = ["Motions", "choose_triples", "find_seeds", "refit_motions", "score_motions"]

_USED = 1e3  # Å by which a point used before is put back behind all others
_FLAT = 0.5  # Å; three points this near to one line do not say how a set is turned
_DISTANCES = 4_000_000  # at a time: 32 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motions:
    """Rigid motions ``x' = R x + t``.

    Parameters
    ----------
    rotations : ndarray, shape (m, 3, 3)
        Orthogonal matrices; a determinant of -1 mirrors.
    translations : ndarray, shape (m, 3)
        Translations in Å.
    improper : ndarray of bool, shape (m,)
        Whether a motion mirrors.
    """

    rotations: FloatArray
    translations: FloatArray = field(metadata={"unit": "Å"})
    improper: BoolArray

    def __len__(self) -> int:
        """Return the number of motions."""
        return len(self.translations)

    def select(self, rows: IntArray | BoolArray) -> "Motions":
        """Return some of the motions.

        Parameters
        ----------
        rows : ndarray
            Indices or a mask.

        Returns
        -------
        Motions
            The chosen ones.
        """
        return Motions(
            rotations=self.rotations[rows],
            translations=self.translations[rows],
            improper=self.improper[rows],
        )


def choose_triples(points: FloatArray, count: int) -> IntArray:
    """Choose triples of points that are far apart, each of points not used before while there are any.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        Cartesian coordinates in Å.
    count : int
        Most triples.

    Returns
    -------
    ndarray of int, shape (k, 3)
        The triples; none if all points lie on one line.

    Examples
    --------
    >>> square = np.array([[0.0, 0, 0], [3, 0, 0], [3, 3, 0], [0, 3, 0]])
    >>> len(choose_triples(square, 2))
    2
    """
    used = np.zeros(len(points))
    radii = np.linalg.norm(points - points.mean(axis=0), axis=1)
    chosen: dict[frozenset[int], tuple[int, int, int]] = {}
    for _ in range(count if len(points) > 2 else 0):
        first = int(np.argmax(radii - _USED * used))
        arms = points - points[first]
        lengths = np.linalg.norm(arms, axis=1)
        second = int(np.argmax(np.where(lengths > 0, lengths - _USED * used, -np.inf)))
        heights = np.linalg.norm(np.cross(arms, arms[second]), axis=1) / max(float(lengths[second]), _FLAT)
        third = int(np.argmax(np.where(heights > _FLAT, heights - _USED * used, -np.inf)))
        used[[first, second, third]] += 1
        if heights[third] > _FLAT:
            chosen.setdefault(frozenset((first, second, third)), (first, second, third))
    return np.array(list(chosen.values()), dtype=np.int64).reshape(-1, 3)


def find_seeds(points: FloatArray, reference: FloatArray, *, triples: int, tolerance: float) -> Motions:
    """Find motions that lay triples of points on congruent triples of a reference.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        The points to lay, in Å.
    reference : ndarray, shape (m, 3)
        What they are laid on.
    triples : int
        How many triples of points to try.
    tolerance : float
        Largest difference of two distances in Å.

    Returns
    -------
    Motions
        One proper and one improper motion for every congruent triple.

    Examples
    --------
    >>> corner = np.array([[0.0, 0, 0], [3, 0, 0], [0, 4, 0]])
    >>> len(find_seeds(corner, corner + 7, triples=1, tolerance=0.1))
    2
    """
    spacing = np.linalg.norm(reference[:, None] - reference[None], axis=2)
    parts = list(_lay_all(points, reference, spacing, choose_triples(points, triples), tolerance))
    if not parts:
        return Motions(
            rotations=np.zeros((0, 3, 3)), translations=np.zeros((0, 3)), improper=np.zeros(0, dtype=bool)
        )
    return Motions(
        rotations=np.concatenate([part[0] for part in parts]),
        translations=np.concatenate([part[1] for part in parts]),
        improper=np.concatenate([np.full(len(part[1]), part[2]) for part in parts]),
    )


def _lay_all(
    points: FloatArray, reference: FloatArray, spacing: FloatArray, triples: IntArray, tolerance: float
) -> Iterator[tuple[FloatArray, FloatArray, bool]]:
    for triple in triples:
        found = reference[_find_congruent(points[triple], spacing, tolerance)]
        found = found[_measure_heights(found) > _FLAT]
        if not len(found):
            continue
        frame = _build_frames(points[triple][None])[0]
        frames = _build_frames(found)
        centre = points[triple].mean(axis=0)
        for improper in (False, True):
            signs = np.array([1.0, 1.0, -1.0 if improper else 1.0])
            rotations = (frames * signs) @ frame.T
            yield rotations, found.mean(axis=1) - rotations @ centre, improper


def _find_congruent(triangle: FloatArray, spacing: FloatArray, tolerance: float) -> IntArray:
    """Return all ordered triples of the reference with the sides of a triangle; shape (k, 3)."""
    sides = np.linalg.norm(triangle - np.roll(triangle, -1, axis=0), axis=1)  # 0-1, 1-2, 2-0
    near = np.abs(spacing[None] - sides[:, None, None]) < tolerance
    near[:, np.arange(len(spacing)), np.arange(len(spacing))] = False
    first, second = np.nonzero(near[0])
    row, third = np.nonzero(near[1][second] & near[2][first])
    return np.stack([first[row], second[row], third], axis=1)


def _measure_heights(triangles: FloatArray) -> FloatArray:
    """Return how far the third corner of every triangle is from the line of the others."""
    arms = triangles[:, 1:] - triangles[:, :1]
    areas = np.linalg.norm(np.cross(arms[:, 0], arms[:, 1]), axis=1)
    return np.asarray(areas / np.linalg.norm(arms[:, 0], axis=1))


def _build_frames(triangles: FloatArray) -> FloatArray:
    """Return right-handed axes of every triangle as columns; shape (k, 3, 3)."""
    along = triangles[:, 1] - triangles[:, 0]
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    across = triangles[:, 2] - triangles[:, 0]
    across = across - (across * along).sum(axis=1, keepdims=True) * along
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    return np.stack([along, across, np.cross(along, across)], axis=2)


def score_motions(
    motions: Motions, points: FloatArray, reference: FloatArray, reach: float
) -> tuple[FloatArray, IntArray]:
    """Sum the squared distances of the moved points from the nearest reference points, each up to a limit.

    Parameters
    ----------
    motions : Motions
        The motions.
    points, reference : ndarray, shape (n, 3) and (m, 3)
        Point sets in Å.
    reach : float
        Distance in Å beyond which a point has no partner; it then counts with this distance.

    Returns
    -------
    tuple of ndarray, shape (k,) and (k, n)
        The sums in Å2, and the nearest reference point of every point, -1 for none.

    Examples
    --------
    >>> stay = Motions(rotations=np.eye(3)[None], translations=np.zeros((1, 3)), improper=np.zeros(1, bool))
    >>> line = np.array([[0.0, 0, 0], [5, 0, 0]])
    >>> scores, nearest = score_motions(stay, line, line[:1], 1.5)
    >>> scores.tolist(), nearest.tolist()
    ([2.25], [[0, -1]])
    """
    scores = np.zeros(len(motions))
    nearest = np.full((len(motions), len(points)), -1, dtype=np.int64)
    if not len(points) or not len(reference):
        return scores + reach**2 * len(points), nearest
    squares = (reference**2).sum(axis=1)
    step = max(1, _DISTANCES // (len(points) * len(reference)))
    for start in range(0, len(motions), step):
        chunk = slice(start, start + step)
        images = points @ np.swapaxes(motions.rotations[chunk], 1, 2) + motions.translations[chunk, None]
        distances = squares - 2 * images @ reference.T
        best = distances.argmin(axis=2)
        least = np.take_along_axis(distances, best[..., None], axis=2)[..., 0] + (images**2).sum(axis=2)
        scores[chunk] = np.minimum(least, reach**2).sum(axis=1)
        nearest[chunk] = np.where(least < reach**2, best, -1)
    return scores, nearest


def refit_motions(motions: Motions, points: FloatArray, reference: FloatArray, partners: IntArray) -> Motions:
    """Fit every motion anew to given partners, its hand kept (Kabsch).

    Parameters
    ----------
    motions : Motions
        The motions.
    points, reference : ndarray, shape (n, 3) and (m, 3)
        Point sets in Å.
    partners : ndarray of int, shape (k, n)
        Reference point of every point for every motion, -1 for none; at least three each.

    Returns
    -------
    Motions
        The motions with the least sum of squared distances.

    Examples
    --------
    >>> stay = Motions(rotations=np.eye(3)[None], translations=np.zeros((1, 3)), improper=np.zeros(1, bool))
    >>> corner = np.array([[0.0, 0, 0], [3, 0, 0], [0, 4, 0]])
    >>> refit_motions(stay, corner, corner + 1, np.array([[0, 1, 2]])).translations.round(6).tolist()
    [[1.0, 1.0, 1.0]]
    """
    weights = (partners >= 0).astype(np.float64)[..., None]
    counts = weights.sum(axis=1)
    source = np.broadcast_to(points, (len(motions), *points.shape)) * weights
    target = reference[partners] * weights
    centre, goal = source.sum(axis=1) / counts, target.sum(axis=1) / counts
    source, target = source - centre[:, None] * weights, target - goal[:, None] * weights
    rotations = np.empty((len(motions), 3, 3))
    for hand in (False, True):
        rows = np.flatnonzero(motions.improper == hand)
        if len(rows):
            rotations[rows] = superpose(source[rows], target[rows], improper=hand)
    translations = goal - np.einsum("mab,mb->ma", rotations, centre)
    return Motions(rotations=rotations, translations=translations, improper=motions.improper)
