"""What is the convex hull of a set of atoms: its volume, its corners, its least width?"""

import itertools
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from clustermodel._arrays import FloatArray, IntArray, freeze_int

__all__ = ["PointHull", "measure_hull"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointHull:
    """The convex hull of atom centres.

    Parameters
    ----------
    volume : float
        Volume in Å3; zero for atoms in one plane.
    corners : ndarray of int, shape (k,)
        Atoms at its corners, ascending; all atoms where they lie in one plane.
    least_width : float
        Smallest distance of two parallel planes with all atoms between them in Å.
    """

    volume: float = field(metadata={"unit": "Å3"})
    corners: IntArray
    least_width: float = field(metadata={"unit": "Å"})

    def __post_init__(self) -> None:
        """Freeze the indices."""
        object.__setattr__(self, "corners", freeze_int(self.corners, (None,), "corners"))


def measure_hull(positions: FloatArray) -> PointHull:
    """Measure the convex hull of atom centres.

    The least width of a convex body is taken between a face and a corner or between two edges, so
    only their normals are tried.

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.

    Returns
    -------
    PointHull
        Volume, corners and least width.

    Examples
    --------
    >>> import itertools
    >>> cube = np.array(list(itertools.product((0.0, 2.0), repeat=3)))
    >>> hull = measure_hull(np.concatenate([cube, [[1.0, 1.0, 1.0]]]))
    >>> round(hull.volume, 9), len(hull.corners), round(hull.least_width, 9)
    (8.0, 8, 2.0)
    """
    try:
        hull = ConvexHull(positions)
    except (QhullError, ValueError):  # fewer than four atoms, or all in one plane
        normal = np.linalg.svd(positions - positions.mean(axis=0))[2][2]
        width = float(np.ptp(positions @ normal))
        return PointHull(volume=0.0, corners=np.arange(len(positions)), least_width=width)
    corners = np.sort(hull.vertices).astype(np.int64)
    faces = hull.equations[:, :3]
    normals = np.concatenate([faces, _cross_edges(positions, hull.simplices.astype(np.int64))])
    widths = np.ptp(positions[corners] @ normals.T, axis=0)
    return PointHull(volume=float(hull.volume), corners=corners, least_width=float(widths.min()))


def _cross_edges(positions: FloatArray, triangles: IntArray) -> FloatArray:
    """Return the unit normals of all pairs of edges that are not parallel."""
    sides = [triangles[:, pair] for pair in itertools.combinations(range(3), 2)]
    edges = np.unique(np.sort(np.concatenate(sides), axis=1), axis=0)
    along = positions[edges[:, 1]] - positions[edges[:, 0]]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    first, second = np.triu_indices(len(along), 1)
    normals = np.cross(along[first], along[second])
    lengths = np.linalg.norm(normals, axis=1)
    keep = lengths > 1e-6  # sine of the angle of two edges: below, they are parallel but for rounding
    return np.asarray(normals[keep] / lengths[keep, None])
