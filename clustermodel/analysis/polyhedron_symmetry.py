"""Which faces and which symmetry has a set of corners?"""

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import ConvexHull

from clustermodel._arrays import BoolArray, FloatArray, IntArray

__all__ = ["Symmetry", "find_faces", "find_symmetry"]

_SAME = 1e-4  # of the size; constructed corners agree to rounding, different ones differ by more than 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Symmetry:
    """The symmetry of a point set about the origin.

    Parameters
    ----------
    matrices : ndarray, shape (g, 3, 3)
        Orthogonal matrices that map the set onto itself, mirror images included.
    permutations : ndarray of int, shape (g, n)
        Where each matrix takes every point.
    """

    matrices: FloatArray = field(metadata={"unit": ""})
    permutations: IntArray


def find_faces(vertices: FloatArray) -> tuple[tuple[int, ...], ...]:
    """Find the faces of the convex hull, coplanar triangles joined.

    Parameters
    ----------
    vertices : ndarray, shape (n, 3)
        Corners of a polyhedron with volume.

    Returns
    -------
    tuple of tuple of int
        Corners of each face, ascending.

    Examples
    --------
    >>> from collections import Counter
    >>> from clustermodel.analysis.polyhedra import build_polyhedron
    >>> sorted(Counter(map(len, find_faces(build_polyhedron("cuboctahedron").vertices))).items())
    [(3, 8), (4, 6)]
    """
    hull = ConvexHull(vertices)
    scale = float(np.abs(vertices).max())
    distances = hull.equations[:, :3] @ vertices.T + hull.equations[:, 3:]
    faces = {tuple(np.flatnonzero(np.abs(row) < _SAME * scale).tolist()) for row in distances}
    return tuple(sorted(faces))


def find_symmetry(points: FloatArray) -> Symmetry:
    """Find all rotations and reflections about the origin that map a point set onto itself.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        An ideal point set of finite symmetry: not all on one line through the origin.

    Returns
    -------
    Symmetry
        Matrices and permutations.

    Examples
    --------
    >>> from clustermodel.analysis.polyhedra import build_polyhedron
    >>> [len(find_symmetry(build_polyhedron(n).vertices).matrices) for n in ("icosahedron", "octahedron")]
    [120, 48]
    """
    tolerance = _SAME * float(np.abs(points).max())
    gram = points @ points.T
    first = int(np.argmax(np.diag(gram)))
    sines = np.linalg.norm(np.cross(points[first], points), axis=1)
    second = int(np.argmax(sines))
    like = [np.flatnonzero(_close(np.diag(gram), gram[k, k])) for k in (first, second)]
    a, b = (places.ravel() for places in np.meshgrid(*like, indexing="ij"))
    same = _close(gram[a, b], gram[first, second])
    targets = _span(points[a[same]], points[b[same]])
    inverse = np.linalg.inv(_span(points[[first]], points[[second]])[0])
    matrices = np.concatenate([(targets * (1.0, 1.0, hand)) @ inverse for hand in (1.0, -1.0)])
    moved = points @ np.swapaxes(matrices, 1, 2)
    distances = np.linalg.norm(moved[:, :, None] - points, axis=3)
    kept = distances.min(axis=2).max(axis=1) < tolerance
    return Symmetry(matrices=matrices[kept], permutations=distances[kept].argmin(axis=2))


def _span(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return two vectors and their cross product as columns, for every pair."""
    return np.stack([first, second, np.cross(first, second)], axis=2)


def _close(values: FloatArray, target: float) -> BoolArray:
    return np.asarray(np.abs(values - target) < _SAME * max(1.0, abs(target)))
