"""How far are opposite faces of a unit turned against each other? What papers call a twisted polyhedron."""

import functools
import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import FloatArray
from clustermodel.analysis.polyhedra import Polyhedron, build_polyhedron
from clustermodel.analysis.polyhedron_symmetry import find_faces
from clustermodel.analysis.shape import ShapeMeasure

__all__ = ["Twist", "measure_twists"]

_OPPOSITE = -0.999  # cosine of the normals of opposite faces, exactly -1 in ideal polyhedra


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Twist:
    """How far two opposite faces are turned against each other, compared with the ideal polyhedron.

    Parameters
    ----------
    first, second : tuple of int
        The atoms of the two faces.
    corners : int
        Corners of the ideal faces.
    twist : float
        Turn in degree of the second face against the first about the line from the first to the
        second, in the sense of a right-handed screw, beyond that of the ideal polyhedron. The same
        value results from the second face to the first; the mirror image has the opposite sign.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    corners: int
    twist: float = field(metadata={"unit": "degree"})


def measure_twists(
    positions: ArrayLike, shape: ShapeMeasure, polyhedron: str | Polyhedron
) -> tuple[Twist, ...]:
    """Measure how far opposite faces of a polyhedron are turned against each other.

    Parameters
    ----------
    positions : array_like, shape (n, 3)
        The atoms of the shape measure in Å, the central one (if any) last.
    shape : ShapeMeasure
        The polyhedron fitted to them.
    polyhedron : str or Polyhedron
        The polyhedron that was fitted.

    Returns
    -------
    tuple of Twist
        One for every two parallel faces with at least three atoms each.

    Examples
    --------
    >>> from clustermodel.analysis.shape import measure_shape
    >>> prism = build_polyhedron("cube").vertices
    >>> turn = np.radians(20)
    >>> matrix = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    >>> turned = np.where(prism[:, 2:] > 0, prism @ matrix.T, prism)
    >>> twists = measure_twists(turned, measure_shape(turned, "cube"), "cube")
    >>> round(max(t.twist for t in twists), 3)
    20.0
    """
    ideal = build_polyhedron(polyhedron) if isinstance(polyhedron, str) else polyhedron
    atoms = np.asarray(positions, dtype=np.float64)
    holders = {corner: atom for atom, corner in enumerate(shape.corners.tolist()) if corner >= 0}
    twists = []
    for first, second in _pair_faces(ideal):
        held = [[c for c in face if c in holders] for face in (first, second)]
        if min(map(len, held)) < 3:
            continue
        axis = shape.fitted[list(second)].mean(axis=0) - shape.fitted[list(first)].mean(axis=0)
        turns = [_turn(atoms[[holders[c] for c in face]], shape.fitted[face], axis) for face in held]
        twists.append(
            Twist(
                first=tuple(holders[c] for c in held[0]),
                second=tuple(holders[c] for c in held[1]),
                corners=len(first),
                twist=float((np.degrees(turns[1] - turns[0]) + 180) % 360 - 180),
            )
        )
    return tuple(twists)


@functools.lru_cache(maxsize=256)
def _pair_faces(ideal: Polyhedron) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """Return pairs of opposite faces with equal numbers of corners."""
    normals = {}
    for face in find_faces(ideal.vertices):
        middle = ideal.vertices[list(face)].mean(axis=0)
        left = np.linalg.svd(ideal.vertices[list(face)] - middle)[2][2]
        outward = middle - ideal.vertices.mean(axis=0)
        normals[face] = left * np.sign(left @ outward)
    return tuple(
        (first, second)
        for first, second in itertools.combinations(normals, 2)
        if len(first) == len(second) and normals[first] @ normals[second] < _OPPOSITE
    )


def _turn(atoms: FloatArray, ideal: FloatArray, axis: FloatArray) -> float:
    """Return the angle in radian by which atoms are best turned from ideal corners about an axis."""
    along = axis / np.linalg.norm(axis)
    a, b = atoms - atoms.mean(axis=0), ideal - ideal.mean(axis=0)
    a, b = a - np.outer(a @ along, along), b - np.outer(b @ along, along)
    return float(np.arctan2((np.cross(b, a) @ along).sum(), (a * b).sum()))
