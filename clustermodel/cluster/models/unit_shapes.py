"""Which polyhedra can a kernel be declared from? Vertices ring by ring along an axis, in units of the edge.

The order of the vertices is part of the language of a topology: a face that two units share is one ring, so a
cuboctahedron is stacked along its four-fold axis (square, square, square), unlike in the shape analysis.
"""

from math import cos, pi, radians, sin, sqrt

from clustermodel._arrays import FloatArray, freeze_float

__all__ = ["UNIT_SHAPES"]


def _stack(*rings: tuple[int, float, float, float]) -> FloatArray:
    """Return the vertices of rings: corners, radius, height, angle of the first corner in degrees."""
    points = [
        (r * cos(radians(turn) + 2 * pi * k / n), r * sin(radians(turn) + 2 * pi * k / n), z)
        for n, r, z, turn in rings
        for k in range(n)
    ]
    return freeze_float(points, (None, 3), "vertices")


_PENTAGON = 1 / (2 * sin(pi / 5))  # radius
_HALF = sqrt(0.5)
_LAYER = sqrt(2 / 3)  # height of a close-packed layer
_GOLDEN = (1 + sqrt(5)) / 2
_TOP = sqrt(1 - _PENTAGON**2) + 0.5 * _PENTAGON  # corner of an icosahedron over its centre

UNIT_SHAPES: dict[str, FloatArray] = {
    "tetrahedron": _stack((3, 1 / sqrt(3), -_LAYER / 4, 0), (1, 0, 3 * _LAYER / 4, 0)),
    "octahedron": _stack((1, 0, _HALF, 0), (4, _HALF, 0, 0), (1, 0, -_HALF, 0)),
    "cuboctahedron": _stack((4, _HALF, _HALF, 0), (4, 1, 0, 45), (4, _HALF, -_HALF, 0)),
    "anticuboctahedron": _stack((3, 1 / sqrt(3), _LAYER, 30), (6, 1, 0, 0), (3, 1 / sqrt(3), -_LAYER, 30)),
    "icosahedron": _stack(
        (1, 0, _TOP, 0),
        (5, _PENTAGON, _PENTAGON / 2, 0),
        (5, _PENTAGON, -_PENTAGON / 2, 36),
        (1, 0, -_TOP, 0),
    ),
    "icosahedron in triangles": _stack(
        (3, 1 / sqrt(3), _GOLDEN**2 / sqrt(12), 0),
        (3, _GOLDEN / sqrt(3), 1 / (_GOLDEN * sqrt(12)) / _GOLDEN * _GOLDEN, 60),
        (3, _GOLDEN / sqrt(3), -1 / (_GOLDEN * sqrt(12)) / _GOLDEN * _GOLDEN, 0),
        (3, 1 / sqrt(3), -(_GOLDEN**2) / sqrt(12), 60),
    ),
}
"""Vertices of each polyhedron about its centre; the shortest distance between two is 1."""
