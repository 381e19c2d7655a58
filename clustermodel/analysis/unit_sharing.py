"""What do two building units share: a vertex, an edge, a face, or more than that?"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.analysis.polyhedra import build_polyhedron
from clustermodel.analysis.polyhedron_symmetry import find_faces
from clustermodel.analysis.unit_candidates import Reading

__all__ = ["SharedAtoms", "measure_flatness", "name_sharing"]

_EDGE = 1.06  # of the shortest distance, as in the search for units


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedAtoms:
    """What two units of a reading share.

    Parameters
    ----------
    first, second : int
        The two units, by their place in the reading.
    atoms : tuple of int
        The shared atoms in the molecule.
    kind : str
        ``vertex``, ``edge`` or ``face`` of both units; ``interpenetrating`` where the centre of one is
        part of the other; ``atoms`` for anything else.
    formula : str
        Their formula.
    flatness : float
        Largest distance from their best plane in Å.
    """

    first: int
    second: int
    atoms: tuple[int, ...]
    kind: str
    formula: str
    flatness: float = field(metadata={"unit": "Å"})


def measure_flatness(points: FloatArray) -> float:
    """Measure how far points are from one plane.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        Points in Å.

    Returns
    -------
    float
        Largest distance from their best plane in Å; 0 for three points or fewer.

    Examples
    --------
    >>> measure_flatness(np.array([[1.0, 1, 0.2], [-1, 1, -0.2], [-1, -1, 0.2], [1, -1, -0.2]]))
    0.2
    """
    if len(points) <= 3:
        return 0.0
    centred = points - points.mean(axis=0)
    normal = np.linalg.svd(centred)[2][2]
    return round(float(np.abs(centred @ normal).max()), 9)


def name_sharing(first: Reading, second: Reading, common: Sequence[int]) -> str:
    """Name what two units share.

    Parameters
    ----------
    first, second : Reading
        The two units.
    common : sequence of int
        The atoms that they share.

    Returns
    -------
    str
        ``vertex``, ``edge``, ``face``, ``interpenetrating`` or ``atoms``.
    """
    corners = [frozenset(unit.places[atom] for atom in common) for unit in (first, second)]
    if any(-1 in held for held in corners):
        return "interpenetrating"
    names = {
        _name_element(unit.polyhedron, held) for unit, held in zip((first, second), corners, strict=True)
    }
    return names.pop() if len(names) == 1 else "atoms"


def _name_element(polyhedron: str, corners: frozenset[int]) -> str:
    if len(corners) == 1:
        return "vertex"
    vertices = build_polyhedron(polyhedron).vertices[sorted(corners)]
    if len(corners) == 2:
        return "edge" if np.linalg.norm(vertices[0] - vertices[1]) <= _EDGE else "atoms"
    return "face" if any(corners <= face for face in _list_faces(polyhedron)) else "atoms"


@functools.cache
def _list_faces(polyhedron: str) -> tuple[frozenset[int], ...]:
    return tuple(frozenset(face) for face in find_faces(build_polyhedron(polyhedron).vertices))
