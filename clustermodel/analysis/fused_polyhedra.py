"""What do two fused building units look like that share a vertex, an edge, a face, or interpenetrate?"""

import itertools
from typing import Literal

import numpy as np
from scipy.spatial.distance import cdist

from clustermodel.analysis.polyhedra import Polyhedron
from clustermodel.analysis.polyhedron_symmetry import find_faces
from clustermodel.errors import InputError

__all__ = ["SharedElement", "build_fused"]

_MERGE = 0.5  # edges; vertices of two fused units nearer than this are one atom, the next are 0.6 apart
_SAME = 1e-4  # edges; as for the vertices of one polyhedron

SharedElement = Literal["vertex", "edge", "triangle", "square", "interpenetrating"]
"""What two fused units share; interpenetrating units have their centres in each other's shell."""


def build_fused(unit: Polyhedron, shared: SharedElement, *, centred: bool = True) -> Polyhedron:
    """Build two equal units that share a vertex, an edge, a face or more.

    The second unit is the mirror image of the first in the plane through the shared element,
    across the line from its centre; interpenetrating units are mirrored half-way to a vertex.

    Parameters
    ----------
    unit : Polyhedron
        The unit.
    shared : {"vertex", "edge", "triangle", "square", "interpenetrating"}
        What they share; of several such elements the first.
    centred : bool, optional
        Whether an atom sits in the centre of each.

    Returns
    -------
    Polyhedron
        Atoms of the first unit (its centre, if any, first), then the others of the second.

    Raises
    ------
    InputError
        If the unit has no such element.

    Examples
    --------
    >>> from clustermodel.analysis.polyhedra import build_polyhedron
    >>> icosahedron = build_polyhedron("icosahedron")
    >>> [len(build_fused(icosahedron, s)) for s in ("vertex", "edge", "triangle", "interpenetrating")]
    [25, 24, 23, 19]
    """
    atoms = np.vstack([np.zeros((1, 3)), unit.vertices]) if centred else unit.vertices
    towards = unit.vertices[list(_find_element(unit, shared))].mean(axis=0)
    plane = towards / 2 if shared == "interpenetrating" else towards
    normal = plane / np.linalg.norm(plane)
    image = atoms - 2 * ((atoms - plane) @ normal)[:, None] * normal
    near = cdist(atoms, image) < _MERGE
    partners = [image[row].mean(axis=0) if row.any() else own for row, own in zip(near, atoms, strict=True)]
    points = np.vstack([(atoms + np.array(partners)) / 2, image[~near.any(axis=0)]])
    name = f"pair of {unit.name} units, {shared}{'' if shared == 'interpenetrating' else '-sharing'}"
    return Polyhedron(name=name, vertices=points - points.mean(axis=0))


def _find_element(unit: Polyhedron, shared: SharedElement) -> tuple[int, ...]:
    faces = find_faces(unit.vertices)
    corners = {"triangle": 3, "square": 4}
    if shared in {"vertex", "interpenetrating"}:
        return (0,)
    if shared == "edge":
        first = unit.vertices
        return next(
            (a, b)
            for a, b in itertools.combinations(range(len(unit)), 2)
            if np.linalg.norm(first[a] - first[b]) < 1 + _SAME
        )
    for face in faces:
        if len(face) == corners.get(shared):
            return face
    msg = f"{unit.name}: no {shared} to share, its faces have {sorted({len(f) for f in faces})} corners"
    raise InputError(msg)
