"""What is looked for in a kernel, and where: polyhedra with the triples that say how they lie, and contacts.

A pattern (a polyhedron, with or without an atom in its centre) is laid on three atoms of the kernel that are
linked as three of its points are. Every order and hand of three points is listed that no symmetry of the
pattern makes equal to another.
"""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.polyhedra import Polyhedron
from clustermodel.analysis.polyhedron_symmetry import find_symmetry

__all__ = ["Contacts", "Pattern", "build_contacts", "build_pattern"]

_EDGE = 1.06  # of the shortest distance; decahedra have edges of 1.02 and 1.05
_KEY = 1 << 62  # largest random number
_STARTS = 3  # triples of an incomplete unit to lay a pattern on; distortion may spoil one
_STRAIGHT = -0.95  # cosine of an angle of 162°; three atoms in one line do not say how a pattern lies


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contacts:
    """Atoms of a kernel and which of them touch.

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        Atoms in Å.
    touching : ndarray of bool, shape (n, n)
        Whether two different atoms are within the cut-off.
    triangles : ndarray of int, shape (t, 3)
        Three atoms that all touch, ascending.
    bends : ndarray of int, shape (b, 3)
        Three atoms of which the first and the last do not touch, the first before the last; not
        those in one line.
    keys : ndarray of int, shape (n + 1,)
        A random number for each atom, and at last for no atom: sums of their products tell sets
        of atoms apart.
    """

    positions: FloatArray = field(metadata={"unit": "Å"})
    touching: BoolArray
    triangles: IntArray
    bends: IntArray
    keys: IntArray


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
    frames : tuple of (tuple of int, float)
        Triples of linked points to lay on every triple of atoms, and the hand of the pattern: -1 for
        its mirror image.
    closed : bool
        Whether the frames are triangles.
    edges : ndarray of int, shape (e, 2)
        Points one edge apart; the centre is linked to all corners.
    kinds : ndarray of int, shape (m, m)
        A random number for every distance between two points.
    """

    polyhedron: Polyhedron
    centred: bool
    most_missing: int
    points: FloatArray = field(metadata={"unit": "edge"})
    frames: tuple[tuple[tuple[int, ...], float], ...]
    closed: bool
    edges: IntArray
    kinds: IntArray


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
    (1, 0)
    """
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    touching = (distances <= limits) & ~np.eye(len(positions), dtype=bool)
    first, middle = np.nonzero(touching)
    row, last = np.nonzero(touching[middle])
    paths = np.stack([first[row], middle[row], last], axis=1)
    closed = touching[paths[:, 0], paths[:, 2]]
    arms = positions[paths[:, [0, 2]]] - positions[paths[:, [1]]]
    cosines = (arms[:, 0] * arms[:, 1]).sum(axis=1) / np.linalg.norm(arms, axis=2).prod(axis=1)
    bends = paths[~closed & (paths[:, 0] < paths[:, 2]) & (cosines > _STRAIGHT)]
    triangles = paths[closed & (paths[:, 0] < paths[:, 1]) & (paths[:, 1] < paths[:, 2])]
    return Contacts(
        positions=positions,
        touching=touching,
        triangles=triangles,
        bends=bends,
        keys=np.random.default_rng(0).integers(1, _KEY, len(positions) + 1),
    )


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
    >>> build_pattern(build_polyhedron("icosahedron")).frames
    (((0, 1, 5), 1.0), ((0, 1, 5), -1.0))
    """
    points = np.vstack([np.zeros((int(centred), 3)), polyhedron.vertices])
    symmetry = find_symmetry(polyhedron.vertices)
    permutations = symmetry.permutations
    limits = np.full((len(points), len(points)), _EDGE)
    if centred:
        permutations = np.hstack([np.zeros((len(permutations), 1), dtype=np.int64), permutations + 1])
        limits[0], limits[:, 0] = np.inf, np.inf
    linked = build_contacts(points, limits)
    closed = len(linked.triangles) > 0
    triples = linked.triangles if closed else linked.bends
    if centred:
        triples = triples[triples[:, 0] == 0]
    triples = _choose_kind(triples, permutations, range(int(centred), len(points)), most_missing)
    return Pattern(
        polyhedron=polyhedron,
        centred=centred,
        most_missing=most_missing,
        points=points,
        frames=tuple(_list_frames(triples, permutations, np.linalg.det(symmetry.matrices), closed=closed)),
        closed=closed,
        edges=np.argwhere(np.triu(linked.touching)),
        kinds=_number_distances(points),
    )


def _number_distances(points: FloatArray) -> IntArray:
    """Return a random number for each pair of points, the same for the same distance."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    _, kinds = np.unique(np.round(distances, 4), return_inverse=True)
    numbers = np.random.default_rng(1).integers(1, _KEY, distances.size)
    return np.asarray(numbers[kinds.reshape(distances.shape)])


def _choose_kind(triples: IntArray, permutations: IntArray, corners: range, most_missing: int) -> IntArray:
    """Return the smallest kind of triples of which some are whole, whichever corners are missing."""
    rows = {frozenset(triple): row for row, triple in enumerate(triples.tolist())}
    kinds: list[IntArray] = []
    while rows:
        images = permutations[:, triples[next(iter(rows.values()))]].tolist()
        kinds.append(triples[sorted({rows.pop(frozenset(image), -1) for image in images} - {-1})])
    gaps = np.array(list(itertools.combinations(corners, most_missing)), dtype=np.int64)
    whole = [
        int((kind[:, None, :, None] != gaps[None, :, None]).all(axis=(2, 3)).sum(axis=0).min())
        for kind in kinds
    ]
    fewest = min(_STARTS, max(whole))
    return min((kind for kind, left in zip(kinds, whole, strict=True) if left >= fewest), key=len)


def _list_frames(
    triples: IntArray, permutations: IntArray, hands: FloatArray, *, closed: bool
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield every order and hand of every triple that no symmetry makes equal to an earlier one."""
    orders = list(itertools.permutations(range(3))) if closed else [(0, 1, 2), (2, 1, 0)]
    seen: set[tuple[tuple[int, ...], float]] = set()
    for triple, order, hand in itertools.product(triples.tolist(), orders, (1.0, -1.0)):
        frame = tuple(triple[k] for k in order)
        if (frame, hand) not in seen:
            yield frame, hand
            images = map(tuple, permutations[:, frame].tolist())
            seen.update(zip(images, (hand * np.sign(hands)).tolist(), strict=True))
