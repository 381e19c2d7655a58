"""Which polyhedra do kernels consist of? Ideal vertices by construction, in units of their edge.

Every polyhedron is a stack of regular polygons along an axis. All edges are equal where the solid allows it
(Johnson, Can. J. Math. 1966, 18, 169); the crowns lie on one sphere. The shortest distance between two
vertices is 1 and the centre, where an atom may sit, is the origin. Codes are those of SHAPE and cosymlib
where these have the same solid (Llunell et al., SHAPE 2.1, Universitat de Barcelona 2013).
"""

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from math import cos, pi, radians, sin, sqrt

import numpy as np
from scipy.spatial.distance import pdist

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.errors import InputError

__all__ = [
    "POLYHEDRA",
    "Polyhedron",
    "build_marks_decahedron",
    "build_polyhedron",
]

_SAME = 1e-4  # edges; constructed vertices agree to rounding, different ones differ by more than 0.01

Ring = tuple[int, float, float, float]
"""One layer: number of corners, radius, height, and angle of the first corner in degree."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polyhedron:
    """An ideal polyhedron.

    Parameters
    ----------
    name : str
        Its name in the words of cluster papers.
    vertices : ndarray, shape (n, 3)
        Corners in units of the shortest distance between two of them, the centre at the origin.
    code : str, optional
        Its code in SHAPE and cosymlib; empty where they have none.

    Examples
    --------
    >>> build_polyhedron("icosahedron").code
    'IC-12'
    """

    name: str
    vertices: FloatArray = field(metadata={"unit": "edge"})
    code: str = ""

    def __post_init__(self) -> None:
        """Freeze the vertices."""
        object.__setattr__(self, "vertices", freeze_float(self.vertices, (None, 3), "vertices"))

    def __len__(self) -> int:
        """Return the number of vertices."""
        return len(self.vertices)


def _radius(corners: int) -> float:
    return 1 / (2 * sin(pi / corners))


def _stack(*rings: Ring) -> FloatArray:
    points = [
        (r * cos(radians(turn) + 2 * pi * k / n), r * sin(radians(turn) + 2 * pi * k / n), z)
        for n, r, z, turn in rings
        for k in range(n)
    ]
    return np.array(points, dtype=np.float64)


def _prism(n: int, caps: int = 0) -> FloatArray:
    r = _radius(n)
    return _stack((n, r, 0.5, 0), (n, r, -0.5, 0), *_caps(r, 0.5, caps))


def _antiprism(n: int, caps: int = 0) -> FloatArray:
    r = _radius(n)
    z = sqrt(1 - (2 * r * sin(pi / (2 * n))) ** 2) / 2
    return _stack((n, r, z, 0), (n, r, -z, 180 / n), *_caps(r, z, caps))


def _caps(radius: float, height: float, caps: int) -> list[Ring]:
    top = height + sqrt(1 - radius**2) if caps else 0.0
    return [(1, 0.0, top, 0.0), (1, 0.0, -top, 0.0)][:caps]


def _trigonal_prism(caps: int) -> FloatArray:
    """Return a trigonal prism with pyramids on `caps` of its squares."""
    reach = _radius(3) / 2 + sqrt(0.5)
    return np.vstack([_prism(3), _stack((3, reach, 0, 60))[:caps]])


def _bipyramid(n: int) -> FloatArray:
    return _stack((n, _radius(n), 0, 0), *_caps(_radius(n), 0, 2))


def _capped_octahedron() -> FloatArray:
    octahedron = _antiprism(3)
    return np.vstack([octahedron, [[0, 0, octahedron[0, 2] + sqrt(2 / 3)]]])


def _close_packed(turn: float) -> FloatArray:
    """Return three close-packed layers: a cuboctahedron (turn 30) or an anticuboctahedron (turn 90)."""
    r, z = _radius(3), sqrt(2 / 3)
    return _stack((3, r, z, 90), (6, 1, 0, 0), (3, r, -z, turn))


def _snub_disphenoid() -> FloatArray:
    q = float(np.roots([2, 11, 4, -1]).real.max())  # the positive root of 2x³ + 11x² + 4x - 1 (solid J84)
    r, s, t = sqrt(q), sqrt((1 - q) / (2 * q)), sqrt(2 - 2 * q)
    points = [(t, r, 0), (-t, r, 0), (0, -r, t), (0, -r, -t), (1, -s, 0), (-1, -s, 0), (0, s, 1), (0, s, -1)]
    return np.array(points, dtype=np.float64) / 2


def _body_centred() -> FloatArray:
    """Return the 8 + 6 neighbours of an atom in a body-centred lattice, a rhombic dodecahedron."""
    cube = _prism(4)
    points = np.vstack([cube, _stack((4, 1, 0, 45)), [[0, 0, 1], [0, 0, -1]]])
    return np.asarray(points / pdist(points).min())


def _truncated_tetrahedron() -> FloatArray:
    rows = [np.roll((3, 1, 1), k) for k in range(3)]
    signs = [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]
    return np.array([row * np.array(sign) for row in rows for sign in signs]) / sqrt(8)


def _crown_of_eight() -> FloatArray:
    """Return a zigzag ring of eight, each as far from its two neighbours as from the centre (D4d)."""
    r = sqrt(3 / (2 + 2 * cos(pi / 4)))
    z = sqrt(1 - r**2)
    return _stack((4, r, z, 0), (4, r, -z, 45))


def _capped_crown(layers: int) -> FloatArray:
    """Return a cap and the next `layers` triangles of an icosahedron along its three-fold axis."""
    radius = sqrt(phi := (1 + sqrt(5)) / 2) * 5**0.25 / 2
    high, low = phi**2 / sqrt(12), (phi - 1) / sqrt(12)
    rings = [
        (3, sqrt(radius**2 - low**2), low, 0.0),
        (3, sqrt(radius**2 - low**2), -low, 60.0),
        (3, sqrt(radius**2 - high**2), -high, 0.0),
    ]
    return _stack((1, 0, radius, 0), *rings[:layers])


def _bicapped_hexagonal_antiprism() -> FloatArray:
    ring = _antiprism(6)
    top = float(np.linalg.norm(ring[0]))
    return np.vstack([ring, [[0, 0, top], [0, 0, -top]]])


def _dodecahedron() -> FloatArray:
    """Return the middles of the faces of an icosahedron."""
    icosahedron = _antiprism(5, 2)
    near = np.linalg.norm(icosahedron[:, None] - icosahedron, axis=2) < 1 + _SAME
    faces = [t for t in itertools.combinations(range(12), 3) if near[np.ix_(t, t)].all()]
    points = np.array([icosahedron[list(face)].mean(axis=0) for face in faces])
    return np.asarray(points / pdist(points).min())


def _mackay_icosahedron(shells: int) -> FloatArray:
    """Return nested icosahedra, the k-th with k - 1 atoms on each edge, and the centre."""
    corners = _antiprism(5, 2)
    near = np.linalg.norm(corners[:, None] - corners, axis=2) < 1 + _SAME
    points = [np.zeros(3)]
    for shell, face in itertools.product(range(1, shells + 1), itertools.combinations(range(12), 3)):
        if near[np.ix_(face, face)].all():
            steps = itertools.product(range(shell + 1), repeat=3)
            points += [np.array(step) @ corners[list(face)] for step in steps if sum(step) == shell]
    unique = np.unique(np.round(points, 6), axis=0, return_index=True)[1]
    chosen = np.array(points)[np.sort(unique)]
    return np.asarray(chosen / pdist(chosen).min())


def _solid_cuboctahedron(shells: int) -> FloatArray:
    """Return the atoms of an fcc crystal in nested cuboctahedra, and the centre."""
    ticks = range(-shells, shells + 1)
    points = [p for p in itertools.product(ticks, repeat=3) if sum(p) % 2 == 0]
    return np.array([p for p in points if sum(map(abs, p)) <= 2 * shells]) / sqrt(2)


_MAKERS: dict[str, tuple[str, Callable[[], FloatArray]]] = {
    "tetrahedron": ("T-4", lambda: _stack((3, _radius(3), -sqrt(1 / 24), 0), (1, 0, sqrt(3 / 8), 0))),
    "square pyramid": ("", lambda: _stack((4, _radius(4), 0, 0), (1, 0, sqrt(0.5), 0))),
    "trigonal bipyramid": ("JTBPY-5", lambda: _bipyramid(3)),
    "octahedron": ("OC-6", lambda: _bipyramid(4)),
    "trigonal prism": ("TPR-6", lambda: _prism(3)),
    "pentagonal bipyramid": ("JPBPY-7", lambda: _bipyramid(5)),
    "capped octahedron": ("", _capped_octahedron),
    "capped trigonal prism": ("", lambda: _trigonal_prism(1)),
    "cube": ("CU-8", lambda: _prism(4)),
    "square antiprism": ("SAPR-8", lambda: _antiprism(4)),
    "bicapped trigonal prism": ("JBTPR-8", lambda: _trigonal_prism(2)),
    "snub disphenoid": ("JSD-8", _snub_disphenoid),
    "tricapped trigonal prism": ("JTCTPR-9", lambda: _trigonal_prism(3)),
    "capped square antiprism": ("JCSAPR-9", lambda: _antiprism(4, 1)),
    "capped square prism": ("JCCU-9", lambda: _prism(4, 1)),
    "bicapped square antiprism": ("JBCSAPR-10", lambda: _antiprism(4, 2)),
    "bicapped square prism": ("JBCCU-10", lambda: _prism(4, 2)),
    "pentagonal prism": ("PPR-10", lambda: _prism(5)),
    "pentagonal antiprism": ("PAPR-10", lambda: _antiprism(5)),
    "capped crown of six": ("", lambda: _capped_crown(2)),
    "crown of eight": ("", _crown_of_eight),
    "capped crown of six and three": ("", lambda: _capped_crown(3)),
    "icosahedron": ("IC-12", lambda: _antiprism(5, 2)),
    "cuboctahedron": ("COC-12", lambda: _close_packed(30)),
    "anticuboctahedron": ("ACOC-12", lambda: _close_packed(90)),
    "Ino decahedron": ("JEPBPY-12", lambda: _prism(5, 2)),
    "hexagonal prism": ("HPR-12", lambda: _prism(6)),
    "hexagonal antiprism": ("HAPR-12", lambda: _antiprism(6)),
    "truncated tetrahedron": ("TT-12", _truncated_tetrahedron),
    "rhombic dodecahedron": ("", _body_centred),
    "bicapped hexagonal antiprism": ("", _bicapped_hexagonal_antiprism),
    "Ino decahedron of 19": ("", lambda: build_marks_decahedron(2, 3, 0).vertices),
    "dodecahedron": ("DD-20", _dodecahedron),
    "Ino decahedron of 23": ("", lambda: build_marks_decahedron(3, 1, 0).vertices),
    "Ino decahedron of 39": ("", lambda: build_marks_decahedron(3, 2, 0).vertices),
    "Marks decahedron of 49": ("", lambda: build_marks_decahedron(2, 1, 1).vertices),
    "Ino decahedron of 54": ("", lambda: build_marks_decahedron(4, 1, 0).vertices),
    "hollow Mackay icosahedron of 54": ("", lambda: _mackay_icosahedron(2)[1:]),
    "Mackay icosahedron of 55": ("", lambda: _mackay_icosahedron(2)),
    "cuboctahedron of 55": ("", lambda: _solid_cuboctahedron(2)),
    "Marks decahedron of 75": ("", lambda: build_marks_decahedron(2, 2, 1).vertices),
}

POLYHEDRA: tuple[str, ...] = tuple(_MAKERS)
"""The names that `build_polyhedron` knows, by number of vertices."""


@functools.cache
def build_polyhedron(name: str) -> Polyhedron:
    """Build a polyhedron by its name.

    Parameters
    ----------
    name : str
        One of `POLYHEDRA`, or a code of SHAPE.

    Returns
    -------
    Polyhedron
        Its vertices, the shortest distance of two being 1.

    Raises
    ------
    InputError
        If there is none of this name.

    Examples
    --------
    >>> cuboctahedron = build_polyhedron("COC-12")
    >>> cuboctahedron.name, len(cuboctahedron)
    ('cuboctahedron', 12)
    """
    names = {code: key for key, (code, _) in _MAKERS.items() if code}
    key = names.get(name, name)
    if key not in _MAKERS:
        msg = f"no polyhedron is called {name!r}; expected one of {', '.join(POLYHEDRA)}, or a code of SHAPE"
        raise InputError(msg)
    code, maker = _MAKERS[key]
    return Polyhedron(name=key, code=code, vertices=maker())


def build_marks_decahedron(across: int, along: int, reentrance: int) -> Polyhedron:
    """Build a decahedron with Marks re-entrant edges: five twinned tetrahedra about one axis.

    Parameters
    ----------
    across, along : int
        Atoms on a (100) face across and along the five-fold axis, at least 1.
    reentrance : int
        Depth of the notches, 0 for an Ino decahedron (Marks, Phil. Mag. A 1984, 49, 81).

    Returns
    -------
    Polyhedron
        All its atoms, the inner ones too.

    Raises
    ------
    InputError
        If a number is too small.

    Examples
    --------
    >>> [len(build_marks_decahedron(*n)) for n in ((2, 1, 0), (2, 2, 0), (2, 1, 1), (2, 2, 1))]
    [7, 13, 49, 75]
    """
    if across < 1 or along < 1 or reentrance < 0:
        msg = (
            f"a Marks decahedron ({across}, {along}, {reentrance}) has no atoms; expected at least (1, 1, 0)"
        )
        raise InputError(msg)
    height = across + along + 2 * reentrance - 1
    width = height - along + 1
    corners = _stack((5, sqrt(0.75), 0, 0))
    points = [np.array([0, 0, k - (height - 1) / 2]) for k in range(height)]
    for ring, side in itertools.product(range(1, min(height, width)), range(5)):
        for step in range(ring):
            if ring - step >= width - reentrance or step >= width - reentrance:
                continue
            foot = (ring - step) * corners[side - 1] + step * corners[side]
            heights = (k - (height - ring - 1) / 2 for k in range(height - ring))
            points += [foot + np.array([0, 0, z]) for z in heights]
    name = "Marks decahedron" if reentrance else "Ino decahedron"
    return Polyhedron(name=f"{name} ({across}, {along}, {reentrance})", vertices=np.array(points))
