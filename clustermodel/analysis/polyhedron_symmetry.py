"""Which faces and which symmetry has a set of corners?"""

import itertools
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import ConvexHull
from scipy.spatial.distance import cdist

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
    own = _span(points[first], points[second])
    matrices, permutations = [], []
    like = [np.flatnonzero(_close(np.diag(gram), gram[k, k])) for k in (first, second)]
    for a, b in itertools.product(*like):
        if not _close(gram[a, b], gram[first, second]):
            continue
        target = _span(points[a], points[b])
        for hand in (1.0, -1.0):
            matrix = (target * (1, 1, hand)) @ np.linalg.inv(own)
            distances = cdist(points @ matrix.T, points)
            if distances.min(axis=1).max() < tolerance:
                matrices.append(matrix)
                permutations.append(distances.argmin(axis=1))
    return Symmetry(matrices=np.array(matrices), permutations=np.array(permutations))


def _span(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.stack([first, second, np.cross(first, second)], axis=1)


def _close(values: FloatArray, target: float) -> BoolArray:
    return np.asarray(np.abs(values - target) < _SAME * max(1.0, abs(target)))
