"""Where in a kernel can an ideal polyhedron be laid on the atoms, whole or with missing corners?

A pattern (a polyhedron, with or without an atom in its centre) is laid on the kernel from every three of its
atoms that are linked as three points of the pattern are, in every order and hand that differ by its symmetry.
Corners are then paired with the nearest atoms and the pattern is fitted again, a few rounds; what holds enough
corners is a placement. Patterns are laid in any size.
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
    triangles : ndarray of int, shape (t, 3)
        Three atoms that all touch, ascending.
    bends : ndarray of int, shape (b, 3)
        Three atoms of which the first and the last do not touch, the first before the last.
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
    frames : tuple of (tuple of int, float)
        Triples of linked points to lay on every triple of atoms, and the hand of the pattern: -1 for
        its mirror image.
    closed : bool
        Whether the frames are triangles.
    """

    polyhedron: Polyhedron
    centred: bool
    most_missing: int
    points: FloatArray = field(metadata={"unit": "edge"})
    frames: tuple[tuple[tuple[int, ...], float], ...]
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
    (1, 0)
    """
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    touching = (distances <= limits) & ~np.eye(len(positions), dtype=bool)
    first, middle = np.nonzero(touching)
    row, last = np.nonzero(touching[middle])
    paths = np.stack([first[row], middle[row], last], axis=1)
    closed = touching[paths[:, 0], paths[:, 2]]
    bends = paths[~closed & (paths[:, 0] < paths[:, 2])]
    triangles = paths[closed & (paths[:, 0] < paths[:, 1]) & (paths[:, 1] < paths[:, 2])]
    return Contacts(positions=positions, touching=touching, triangles=triangles, bends=bends)


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
    if not most_missing:
        same = {tuple(sorted(image)) for image in permutations[:, triples[0]].tolist()}
        triples = triples[[tuple(sorted(triple)) in same for triple in triples.tolist()]]
    return Pattern(
        polyhedron=polyhedron,
        centred=centred,
        most_missing=most_missing,
        points=points,
        frames=tuple(_list_frames(triples, permutations, np.linalg.det(symmetry.matrices), closed=closed)),
        closed=closed,
    )


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


def place_pattern(pattern: Pattern, contacts: Contacts, *, most: float = np.inf) -> tuple[Placement, ...]:
    """Lay a pattern on a kernel wherever enough of its points hold an atom.

    Parameters
    ----------
    pattern : Pattern
        What to look for.
    contacts : Contacts
        Where to look.
    most : float, optional
        Largest shape measure.

    Returns
    -------
    tuple of Placement
        One for each set of atoms and centre, the one with the smallest shape measure.

    Examples
    --------
    >>> from clustermodel.analysis.polyhedra import build_polyhedron
    >>> octahedron = build_polyhedron("octahedron")
    >>> kernel = build_contacts(2.9 * octahedron.vertices, np.full((6, 6), 3.5))
    >>> len(place_pattern(build_pattern(octahedron), kernel))
    1
    """
    triples = contacts.triangles if pattern.closed else contacts.bends
    if len(contacts.positions) < len(pattern.points) - pattern.most_missing or not len(triples):
        return ()
    pairings = np.full((len(pattern.frames), len(triples), len(pattern.points)), -1, dtype=np.int64)
    for row, (frame, _) in enumerate(pattern.frames):
        pairings[row][:, frame] = triples
    hands = np.repeat([hand for _, hand in pattern.frames], len(triples))
    pairings = pairings.reshape(-1, len(pattern.points))
    tree = cKDTree(contacts.positions)
    for turn in range(_ROUNDS + 1):
        pairings, hands = _pair_again(pattern, pairings, hands, tree, _REACH if turn else _FIRST_REACH)
        if not len(pairings):
            return ()
    return tuple(_collect(pattern, pairings, hands, contacts.positions, most))


def _pair_again(
    pattern: Pattern, pairings: IntArray, hands: FloatArray, tree: cKDTree, reach: float
) -> tuple[IntArray, FloatArray]:
    """Fit the pattern and pair its points anew; placements with too many empty corners are dropped."""
    places, scale = _fit(pattern.points, pairings, hands, np.asarray(tree.data))
    found = _pair(places, reach * scale[:, None], tree)
    full = (found < 0).sum(axis=1) <= pattern.most_missing
    if pattern.centred:
        full &= found[:, 0] >= 0
    rows = np.unique(np.column_stack([found[full], hands[full].astype(np.int64)]), axis=0)
    return rows[:, :-1], rows[:, -1].astype(np.float64)


def _fit(
    points: FloatArray, pairings: IntArray, hands: FloatArray, positions: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return where the points lie when laid best on their atoms, for each row, and their scale."""
    weight = (pairings >= 0).astype(np.float64)
    count = weight.sum(axis=1)[:, None]
    own, middle = weight @ points / count, np.einsum("fm,fmx->fx", weight, positions[pairings]) / count
    a = (positions[pairings] - middle[:, None]) * weight[:, :, None]
    b = (points[None] - own[:, None]) * weight[:, :, None]
    left, singular, right = np.linalg.svd(np.swapaxes(a, 1, 2) @ b)
    sign = hands * np.sign(np.linalg.det(left) * np.linalg.det(right))
    singular[:, 2] *= sign
    left[:, :, 2] *= sign[:, None]
    scale = singular.sum(axis=1) / (b**2).sum(axis=(1, 2))
    turned = (points[None] - own[:, None]) @ np.swapaxes(left @ right, 1, 2)
    return scale[:, None, None] * turned + middle[:, None], scale


def _pair(places: FloatArray, reach: FloatArray, tree: cKDTree) -> IntArray:
    """Return the nearest atom of every place within reach; of two places of one atom the nearer has it."""
    distances, nearest = tree.query(places)
    nearest = np.where(distances <= reach, nearest, -1)
    order = np.argsort(distances, axis=1, kind="stable")
    ranked = np.take_along_axis(nearest, order, axis=1)
    earlier = np.tril(ranked[:, :, None] == ranked[:, None, :], -1).any(axis=2)
    np.put_along_axis(nearest, order, np.where(earlier, -1, ranked), axis=1)
    return np.asarray(nearest, dtype=np.int64)


def _collect(
    pattern: Pattern, pairings: IntArray, hands: FloatArray, positions: FloatArray, most: float
) -> Iterator[Placement]:
    """Yield the best placement of every set of atoms and centre."""
    places, scale = _fit(pattern.points, pairings, hands, positions)
    held = pairings >= 0
    gaps = np.where(held, np.linalg.norm(positions[pairings] - places, axis=2), 0.0)
    count = held.sum(axis=1)
    total = np.einsum("fm,fmx->fx", held.astype(np.float64), positions[pairings])
    square = np.einsum("fm,fm->f", held.astype(np.float64), (positions[pairings] ** 2).sum(axis=2))
    measures = 100 * (gaps**2).sum(axis=1) / (square - (total**2).sum(axis=1) / count)
    seen: set[tuple[int, frozenset[int]]] = set()
    for row in np.argsort(measures, kind="stable").tolist():
        atoms = tuple(pairings[row].tolist())
        key = (atoms[0] if pattern.centred else -1, frozenset(atoms))
        if measures[row] > most:
            return
        if key not in seen:
            seen.add(key)
            gap = np.where(held[row], gaps[row] / scale[row], np.inf)
            yield Placement(atoms=atoms, measure=float(measures[row]), deviations=gap)
