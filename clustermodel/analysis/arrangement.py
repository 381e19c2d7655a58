"""How are the clusters stacked? The neighbours of a point compared with those in simple lattices."""

import functools
import itertools
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray

__all__ = ["LATTICES", "NO_LATTICE", "Arrangement", "classify_arrangement"]

NO_LATTICE = "no simple lattice"
_TIE = 1e-3  # of the edge: neighbours this much alike in distance belong together

# Points of the cubic (hcp: hexagonal, ideal c/a) cell, and the neighbours that are compared: whole shells.
_FACES = ((0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0))
_POINTS: dict[str, tuple[tuple[tuple[float, float, float], ...], int]] = {
    "fcc": (_FACES, 18),
    "hcp": (((0, 0, 0), (1 / 3, 2 / 3, 0.5)), 18),
    "bcc": (((0, 0, 0), (0.5, 0.5, 0.5)), 14),
    "sc": (((0, 0, 0),), 18),
    "diamond": ((*_FACES, *((x + 0.25, y + 0.25, z + 0.25) for x, y, z in _FACES)), 16),
}
_HEXAGONAL = np.array([[1.0, 0, 0], [-0.5, 0.75**0.5, 0], [0, 0, (8 / 3) ** 0.5]])

LATTICES: tuple[str, ...] = tuple(_POINTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """The lattice that the surroundings of a point are like.

    Parameters
    ----------
    name : str
        One of `LATTICES`, or ``"no simple lattice"`` if the deviation exceeds the limit.
    nearest : str
        The lattice that comes nearest; empty if none can be compared.
    deviation : float
        Deviation from it in units of the edge of a cube with the volume per point; NaN if none can be
        compared.
    limit : float
        Largest deviation that bears the name.
    """

    name: str
    nearest: str
    deviation: float = field(metadata={"unit": "edge of the cube of one point"})
    limit: float = field(metadata={"unit": "edge of the cube of one point"})


def classify_arrangement(vectors: FloatArray, volume: float, *, limit: float = 0.045) -> Arrangement:
    """Name the lattice that the neighbours of a point form.

    The nearest neighbours (whole shells: 18 for fcc and hcp, 14 for bcc, 6 + 12 for sc, 4 + 12 for diamond)
    are scaled to one unit of volume per point. Their distances from the point, sorted, and their
    distances from each other, sorted, are compared with those in the lattice; the deviation is the root
    mean square of all the differences. It depends neither on axes nor on a choice of cell. The limit is
    just below half of the smallest deviation between two of the lattices (fcc and hcp, 0.093), so that no
    arrangement can bear two names. Along the Bain path, bcc reaches to c/a = 1.09 and fcc begins at
    1.31; hcp is named from c/a = 1.50 to 1.83.

    Parameters
    ----------
    vectors : ndarray, shape (n, 3)
        From the point to its neighbours in Å; at least 19 of the nearest ones.
    volume : float
        Volume per point in Å3.
    limit : float, optional
        Largest deviation that bears a name.

    Returns
    -------
    Arrangement
        The lattice and the deviation.

    Examples
    --------
    >>> cube = np.array([v for v in itertools.product((-1.0, 0, 1), repeat=3) if any(v)])
    >>> classify_arrangement(7 * cube, 343.0).name
    'sc'
    """
    scaled = vectors / volume ** (1 / 3)
    scaled = scaled[np.argsort(np.linalg.norm(scaled, axis=1), kind="stable")]
    distances = np.linalg.norm(scaled, axis=1)
    deviations = {}
    for name, (_, count) in _POINTS.items():
        if len(scaled) > count and distances[count] - distances[count - 1] > _TIE:
            deviations[name] = float(np.sqrt(((_profile(scaled[:count]) - _reference(name)) ** 2).mean()))
    if not deviations:
        return Arrangement(name=NO_LATTICE, nearest="", deviation=float("nan"), limit=limit)
    nearest = min(deviations, key=lambda name: deviations[name])
    close = deviations[nearest] <= limit
    return Arrangement(
        name=nearest if close else NO_LATTICE, nearest=nearest, deviation=deviations[nearest], limit=limit
    )


def _profile(vectors: FloatArray) -> FloatArray:
    """Return the sorted distances from the point, then the sorted distances of the neighbours."""
    upper = np.triu_indices(len(vectors), 1)
    between = np.linalg.norm(vectors[upper[0]] - vectors[upper[1]], axis=1)
    return np.concatenate([np.sort(np.linalg.norm(vectors, axis=1)), np.sort(between)])


@functools.cache
def _reference(name: str) -> FloatArray:
    points, count = _POINTS[name]
    cell = _HEXAGONAL if name == "hcp" else np.eye(3)
    steps = np.array(list(itertools.product(range(-3, 4), repeat=3)))
    vectors = ((steps[:, None] + np.array(points) - points[0]) @ cell).reshape(-1, 3)
    order = np.argsort(np.linalg.norm(vectors, axis=1), kind="stable")[1 : count + 1]
    edge = (abs(float(np.linalg.det(cell))) / len(points)) ** (1 / 3)
    return _profile(vectors[order] / edge)
