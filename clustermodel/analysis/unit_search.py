"""Where in a kernel can an ideal polyhedron be laid on the atoms, whole or with missing corners?

A pattern (a polyhedron, with or without an atom in its centre) is laid on the kernel from every three of its
atoms that are linked as three points of the pattern are: one triple for every kind that differs by symmetry.
Corners are then paired with the nearest atoms and the pattern is fitted again, a few rounds; what holds enough
corners is a placement. Patterns are tried in both hands and in any size.
"""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.polyhedra import Polyhedron, find_symmetry

__all__ = ["Contacts", "Pattern", "Placement", "build_contacts", "build_pattern", "place_pattern"]

_FIRST_REACH = 0.60  # edges; corners foreseen from three atoms alone are off by up to twice a fitted one
_REACH = 0.45  # edges; half the way to the next corner would be 0.5
_ROUNDS = 3  # fits after the first; pairings of distorted shells settle in two
_EDGE = 1.06  # of the shortest distance: the radius of an icosahedron and the edges of decahedra are within


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contacts:
    """Atoms of a kernel and which of them touch.

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        Atoms in Å.
    touching : ndarray of bool, shape (n, n)
        Whether two different atoms are within the cut-off.
    triangles, bends : ndarray of int, shape (m, 3)
        Three atoms that all touch, in every order; and three of which the first and the last do not.
    """

    positions: FloatArray = field(metadata={"unit": "Å"})
    touching: BoolArray
    triangles: IntArray
    bends: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """A polyhedron to look for.

    Parameters
    ----------
    polyhedron : Polyhedron
        Its corners.
    centred : bool
        Whether an atom sits in its centre.
    most_missing : int
        How many corners may be empty.
    points : ndarray, shape (m, 3)
        The centre, if an atom sits there, then the corners; in edges.
    frames : ndarray of int, shape (f, 3)
        Triples of linked points, one for each kind.
    closed : bool
        Whether the frames are triangles.
    """

    polyhedron: Polyhedron
    centred: bool
    most_missing: int
    points: FloatArray = field(metadata={"unit": "edge"})
    frames: IntArray
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement:
    """A pattern laid on a kernel.

    Parameters
    ----------
    atoms : tuple of int
        The atoms at its points; -1 at empty corners.
    measure : float
        Shape measure of the atoms that it holds, for this pairing.
    deviations : ndarray, shape (m,)
        Distance of each atom from its point in edges; infinite at empty corners.
    """

    atoms: tuple[int, ...]
    measure: float = field(metadata={"unit": ""})
    deviations: FloatArray = field(metadata={"unit": "edge"})


def build_contacts(positions: FloatArray, limits: FloatArray) -> Contacts:
    """Find which atoms of a kernel touch.

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        Atoms in Å.
    limits : ndarray, shape (n, n)
        Longest contact of each pair in Å.

    Returns
    -------
    Contacts
        Pairs and triples that touch.

    Examples
    --------
    >>> triangle = build_contacts(np.array([[0.0, 0, 0], [2.9, 0, 0], [1.4, 2.5, 0]]), np.full((3, 3), 3.5))
    >>> len(triangle.triangles), len(triangle.bends)
    (6, 0)
    """
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    touching = (distances <= limits) & ~np.eye(len(positions), dtype=bool)
    first, middle = np.nonzero(touching)
    row, last = np.nonzero(touching[middle])
    paths = np.stack([first[row], middle[row], last], axis=1)
    closed = touching[paths[:, 0], paths[:, 2]]
    bends = paths[~closed & (paths[:, 0] != paths[:, 2])]
    return Contacts(positions=positions, touching=touching, triangles=paths[closed], bends=bends)


@functools.lru_cache(maxsize=256)
def build_pattern(polyhedron: Polyhedron, *, centred: bool = False, most_missing: int = 0) -> Pattern:
    """Prepare a polyhedron for the search.

    Parameters
    ----------
    polyhedron : Polyhedron
        The polyhedron.
    centred : bool, optional
        Whether an atom sits in its centre.
    most_missing : int, optional
        How many corners may be empty.

    Returns
    -------
    Pattern
        Its points and the triples from which it is laid.

    Examples
    --------
    >>> from clustermodel.analysis.polyhedra import build_polyhedron
    >>> build_pattern(build_polyhedron("icosahedron"), centred=True).frames.tolist()
    [[0, 1, 2]]
    """
    points = np.vstack([np.zeros((int(centred), 3)), polyhedron.vertices])
    symmetry = find_symmetry(polyhedron.vertices).permutations
    if centred:
        symmetry = np.hstack([np.zeros((len(symmetry), 1), dtype=np.int64), symmetry + 1])
    limits = np.full((len(points), len(points)), _EDGE)
    if centred:
        limits[0], limits[:, 0] = np.inf, np.inf
    linked = build_contacts(points, limits)
    closed = len(linked.triangles) > 0
    triples = linked.triangles if closed else linked.bends
    if centred:
        triples = triples[triples[:, 0] == 0]
    kinds = list(_find_kinds(triples, symmetry, centred=centred, closed=closed))
    return Pattern(
        polyhedron=polyhedron,
        centred=centred,
        most_missing=most_missing,
        points=points,
        frames=np.array(kinds if most_missing else kinds[:1], dtype=np.int64),
        closed=closed,
    )


def _find_kinds(triples: IntArray, symmetry: IntArray, *, centred: bool, closed: bool) -> Iterator[IntArray]:
    """Yield one triple of each kind; the kernel offers every order of three atoms."""
    orders = [(0, 1, 2), (0, 2, 1)] if centred else [(0, 1, 2), (2, 1, 0)]
    if closed and not centred:
        orders = list(itertools.permutations(range(3)))
    seen: set[tuple[int, ...]] = set()
    for triple in triples.tolist():
        if tuple(triple) in seen:
            continue
        yield np.array(triple)
        images = symmetry[:, triple]
        for order in orders:
            seen.update(map(tuple, images[:, order].tolist()))


def place_pattern(pattern: Pattern, contacts: Contacts) -> tuple[Placement, ...]:
    """Lay a pattern on a kernel wherever enough of its points hold an atom.

    Parameters
    ----------
    pattern : Pattern
        What to look for.
    contacts : Contacts
        Where to look.

    Returns
    -------
    tuple of Placement
        One for each set of atoms and centre, the one with the smallest shape measure.

    Examples
    --------
    >>> from clustermodel.analysis.polyhedra import build_polyhedron
    >>> octahedron = build_polyhedron("octahedron")
    >>> kernel = build_contacts(2.9 * octahedron.vertices, np.full((6, 6), 3.5))
    >>> [len(place_pattern(build_pattern(octahedron), kernel))]
    [1]
    """
    if len(contacts.positions) < len(pattern.points) - pattern.most_missing:
        return ()
    triples = contacts.triangles if pattern.closed else contacts.bends
    tree = cKDTree(contacts.positions)
    best: dict[tuple[int, frozenset[int]], Placement] = {}
    for frame in pattern.frames:
        for hand in (1.0, -1.0):
            points = hand * pattern.points
            pairing = _settle(points, frame, triples, tree, pattern.most_missing)
            for placement in _measure(points, np.unique(pairing, axis=0), contacts.positions):
                middle = placement.atoms[0] if pattern.centred else -1
                key = (middle, frozenset(placement.atoms))
                if key not in best or placement.measure < best[key].measure:
                    best[key] = placement
    return tuple(best.values())


def _settle(points: FloatArray, frame: IntArray, triples: IntArray, tree: cKDTree, missing: int) -> IntArray:
    """Return the atoms at the points of every placement that settles, -1 where there is none."""
    positions = np.asarray(tree.data)
    pairing = np.full((len(triples), len(points)), -1, dtype=np.int64)
    pairing[:, frame] = triples
    for turn in range(_ROUNDS + 1):
        reach = _REACH if turn else _FIRST_REACH
        rotation, scale, shift = _fit(points, pairing, positions)
        pairing = _pair(points, (rotation, scale, shift), tree, reach, missing)
        pairing = np.unique(pairing, axis=0)
    return pairing


def _fit(
    points: FloatArray, pairing: IntArray, positions: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return rotation, scale and shift that lay the points on the atoms paired with them, for each row."""
    weight = (pairing >= 0).astype(np.float64)
    count = weight.sum(axis=1)[:, None]
    atoms = positions[pairing]
    own, middle = weight @ points / count, np.einsum("fm,fmx->fx", weight, atoms) / count
    a = (atoms - middle[:, None]) * weight[:, :, None]
    b = (points[None] - own[:, None]) * weight[:, :, None]
    left, singular, right = np.linalg.svd(np.swapaxes(a, 1, 2) @ b)
    sign = np.sign(np.linalg.det(left @ right))
    singular[:, 2] *= sign
    left[:, :, 2] *= sign[:, None]
    rotation = left @ right
    scale = singular.sum(axis=1) / (b**2).sum(axis=(1, 2))
    return rotation, scale, middle - scale[:, None] * np.einsum("fab,fb->fa", rotation, own)


def _pair(
    points: FloatArray,
    fit: tuple[FloatArray, FloatArray, FloatArray],
    tree: cKDTree,
    reach: float,
    missing: int,
) -> IntArray:
    """Return the nearest atom of every fitted point; placements with too many empty points are dropped."""
    rotation, scale, shift = fit
    rows = np.arange(len(scale))
    pairing = np.full((len(scale), len(points)), -1, dtype=np.int64)
    for point in range(len(points)):
        places = scale[rows, None] * (rotation[rows] @ points[point]) + shift[rows]
        distance, nearest = tree.query(places)
        hit = distance <= reach * scale[rows]
        taken = (pairing[rows] == nearest[:, None]).any(axis=1)
        pairing[rows, point] = np.where(hit & ~taken, nearest, -1)
        allowed = missing if point or len(points) == missing else missing
        rows = rows[(pairing[rows, : point + 1] < 0).sum(axis=1) <= allowed]
    return pairing[rows]


def _measure(points: FloatArray, pairings: IntArray, positions: FloatArray) -> Iterator[Placement]:
    if not len(pairings):
        return
    rotation, scale, shift = _fit(points, pairings, positions)
    fitted = scale[:, None, None] * (points @ np.swapaxes(rotation, 1, 2)) + shift[:, None]
    held = pairings >= 0
    gaps = np.where(held, np.linalg.norm(positions[pairings] - fitted, axis=2), 0.0)
    for row, mask in enumerate(held):
        atoms = positions[pairings[row][mask]]
        spread = ((atoms - atoms.mean(axis=0)) ** 2).sum()
        # The fit minimises the misfit relative to the pattern; the measure is relative to the atoms.
        value = 100 * (gaps[row] ** 2).sum() / spread
        yield Placement(
            atoms=tuple(pairings[row].tolist()),
            measure=float(value),
            deviations=np.where(mask, gaps[row] / scale[row], np.inf),
        )
