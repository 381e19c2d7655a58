"""Where in a kernel can an ideal polyhedron be laid on the atoms, whole or with missing corners?

A pattern is laid on the kernel from every three of its atoms that are linked as three points of the pattern
are (see `unit_patterns`). Its points are then paired with the nearest atoms and the pattern is fitted again,
a few rounds; what holds enough points is a placement. Patterns are laid in any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.unit_patterns import Contacts, Pattern

__all__ = ["Placement", "place_pattern"]

_FIRST_REACH = 0.60  # edges; corners foreseen from three atoms alone are off by up to twice a fitted one
_REACH = 0.45  # edges; half the way to the next corner would be 0.5
_ROUNDS = 2  # fits after the first; pairings of distorted shells settle in two
_SLACK = 6  # one corner in so many may be empty at first, when three atoms alone say where to look
_TOUCHED = 0.7  # of the corners that must be filled touch a central atom; in twisted units 8 of 10
_INSIDE = 0.5  # edges; an atom this near to the centre of an empty polyhedron fills it
_KEYS = np.random.default_rng(0).integers(1, 1 << 62, 512)  # tells rows of atoms apart by one number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement:
    """A pattern laid on a kernel.

    Parameters
    ----------
    atoms : tuple of int
        The atoms at its points; -1 at empty corners.
    measure : float
        Shape measure of the atoms that it holds, for this pairing.
    contacts : float
        Fraction of the edges between filled points whose atoms touch.
    """

    atoms: tuple[int, ...]
    measure: float = field(metadata={"unit": ""})
    contacts: float = field(metadata={"unit": ""})


def place_pattern(
    pattern: Pattern, contacts: Contacts, *, most: float = np.inf, least_contacts: float = 0.0
) -> tuple[Placement, ...]:
    """Lay a pattern on a kernel wherever enough of its points hold an atom.

    Parameters
    ----------
    pattern : Pattern
        What to look for.
    contacts : Contacts
        Where to look.
    most : float, optional
        Largest shape measure.
    least_contacts : float, optional
        Smallest fraction of edges whose atoms must touch.

    Returns
    -------
    tuple of Placement
        One for each set of atoms and centre, the one with the smallest shape measure.

    Examples
    --------
    >>> from clustermodel.analysis.polyhedra import build_polyhedron
    >>> from clustermodel.analysis.unit_patterns import build_contacts, build_pattern
    >>> octahedron = build_polyhedron("octahedron")
    >>> kernel = build_contacts(2.9 * octahedron.vertices, np.full((6, 6), 3.5))
    >>> len(place_pattern(build_pattern(octahedron), kernel))
    1
    """
    if len(contacts.positions) < len(pattern.points) - pattern.most_missing:
        return ()
    pairings, hands = _start(pattern, contacts)
    if not len(pairings):
        return ()
    positions = contacts.positions
    allowed = pattern.most_missing + len(pattern.points) // _SLACK
    laid = _lay(pattern, pairings, hands, positions)
    # Some of the points are tried first: where too many of these are empty already, the others need no look.
    some = _pair(laid[0][:, ::2], _FIRST_REACH * laid[1][:, None], positions)
    likely = (some < 0).sum(axis=1) <= allowed
    laid, hands = (laid[0][likely], laid[1][likely]), hands[likely]
    pairings, hands = _pair_again(pattern, laid, hands, positions, (_FIRST_REACH, allowed))
    for _ in range(_ROUNDS):
        before = pairings
        laid = _fit(pattern.points, pairings, hands, positions)
        pairings, hands = _pair_again(pattern, laid, hands, positions, (_REACH, pattern.most_missing))
        if np.array_equal(before, pairings):
            break
    places = _fit(pattern.points, pairings, hands, positions)[0]
    return tuple(_collect(pattern, pairings, places, contacts, (most, least_contacts)))


def _start(pattern: Pattern, contacts: Contacts) -> tuple[IntArray, FloatArray]:
    """Return three atoms at the points of each frame, for every frame and triple, and the hands."""
    triples = contacts.triangles if pattern.closed else contacts.bends
    blocks = np.full((len(pattern.frames), len(triples), len(pattern.points)), -1, dtype=np.int64)
    for row, (frame, _) in enumerate(pattern.frames):
        blocks[row][:, frame] = triples
    hands = np.repeat([hand for _, hand in pattern.frames], len(triples))
    pairings = blocks.reshape(-1, len(pattern.points))
    if pattern.centred:
        fewest = _TOUCHED * (len(pattern.points) - 1 - pattern.most_missing)
        central = contacts.touching.sum(axis=1)[pairings[:, 0]] >= fewest
        pairings, hands = pairings[central], hands[central]
    return pairings, hands


def _lay(
    pattern: Pattern, pairings: IntArray, hands: FloatArray, positions: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return where the points lie when three of them are laid on atoms, and the scale."""
    places = np.nonzero(pairings >= 0)[1].reshape(-1, 3)
    atoms = positions[np.take_along_axis(pairings, places, axis=1)]
    own = pattern.points[places]
    target, size = _span(atoms)
    frame, own_size = _span(own)
    frame[:, 2] *= hands[:, None]
    rotation = np.swapaxes(target, 1, 2) @ frame
    scale = size / own_size
    turned = (pattern.points - own.mean(axis=1)[:, None]) @ np.swapaxes(rotation, 1, 2)
    return scale[:, None, None] * turned + atoms.mean(axis=1)[:, None], scale


def _span(triples: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return an orthonormal frame (rows) for every three points, and their size."""
    first, second = triples[:, 1] - triples[:, 0], triples[:, 2] - triples[:, 0]
    normal = np.cross(first, second)
    size = np.sqrt((first**2).sum(axis=1) + (second**2).sum(axis=1) + ((first - second) ** 2).sum(axis=1))
    middle = first / np.linalg.norm(first, axis=1)[:, None] + second / np.linalg.norm(second, axis=1)[:, None]
    middle /= np.linalg.norm(middle, axis=1)[:, None]
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    return np.stack([middle, np.cross(normal, middle), normal], axis=1), size


def _pair_again(
    pattern: Pattern,
    laid: tuple[FloatArray, FloatArray],
    hands: FloatArray,
    positions: FloatArray,
    limits: tuple[float, int],
) -> tuple[IntArray, FloatArray]:
    """Pair the points anew with the atoms within reach; rows with too many empty corners are dropped."""
    places, scale = laid
    found = _pair(places, limits[0] * scale[:, None], positions)
    full = (found < 0).sum(axis=1) <= limits[1]
    if pattern.centred:
        full &= found[:, 0] >= 0
    rows = np.column_stack([found[full], hands[full].astype(np.int64)])
    keys = rows @ _KEYS[: rows.shape[1]]
    rows = rows[np.unique(keys, return_index=True)[1]]
    return rows[:, :-1], rows[:, -1].astype(np.float64)


def _fit(
    points: FloatArray, pairings: IntArray, hands: FloatArray, positions: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return where the points lie when laid best on their atoms, for each row, and their scale."""
    weight = (pairings >= 0).astype(np.float64)
    count = weight.sum(axis=1)[:, None]
    atoms = positions[pairings] * weight[:, :, None]
    own, middle = weight @ points / count, atoms.sum(axis=1) / count
    inertia = weight @ (points**2).sum(axis=1) - count[:, 0] * (own**2).sum(axis=1)
    covariance = np.swapaxes(atoms, 1, 2) @ points - count[:, :, None] * middle[:, :, None] * own[:, None]
    left, singular, right = np.linalg.svd(covariance)
    sign = hands * np.where(np.linalg.det(covariance) < 0, -1.0, 1.0)
    singular[:, 2] *= sign
    left[:, :, 2] *= sign[:, None]
    scale = singular.sum(axis=1) / inertia
    turned = (points[None] - own[:, None]) @ np.swapaxes(left @ right, 1, 2)
    return scale[:, None, None] * turned + middle[:, None], scale


def _pair(places: FloatArray, reach: FloatArray, positions: FloatArray) -> IntArray:
    """Return the nearest atom of every place within reach; of two places of one atom the nearer has it."""
    flat = places.reshape(-1, 3)
    # The nearest atom has the largest x . a - |a|²/2; single precision errs where two are equally near.
    lifted = np.column_stack([positions, -0.5 * (positions**2).sum(axis=1)]).astype(np.float32)
    nearest = (np.column_stack([flat, np.ones(len(flat))]).astype(np.float32) @ lifted.T).argmax(axis=1)
    distances = np.linalg.norm(flat - positions[nearest], axis=1).reshape(places.shape[:2])
    nearest = np.where(distances <= reach, nearest.reshape(places.shape[:2]), -1)
    order = np.argsort(distances, axis=1, kind="stable")
    ranked = np.take_along_axis(nearest, order, axis=1)
    earlier = (np.tril(ranked[:, :, None] == ranked[:, None, :], -1)).any(axis=2)
    np.put_along_axis(nearest, order, np.where(earlier, -1, ranked), axis=1)
    return np.asarray(nearest, dtype=np.int64)


def _collect(
    pattern: Pattern, pairings: IntArray, places: FloatArray, contacts: Contacts, limits: tuple[float, float]
) -> Iterator[Placement]:
    """Yield the best placement of every set of atoms and centre."""
    measures = _measure(places, pairings, contacts.positions)
    touching = _count_contacts(pattern, pairings, contacts)
    good = (measures <= limits[0]) & (touching >= limits[1]) & _is_empty(pattern, pairings, places, contacts)
    seen: set[tuple[int, frozenset[int]]] = set()
    for row in np.flatnonzero(good)[np.argsort(measures[good], kind="stable")].tolist():
        atoms = tuple(pairings[row].tolist())
        key = (atoms[0] if pattern.centred else -1, frozenset(atoms))
        if key not in seen:
            seen.add(key)
            yield Placement(atoms=atoms, measure=float(measures[row]), contacts=float(touching[row]))


def _measure(places: FloatArray, pairings: IntArray, positions: FloatArray) -> FloatArray:
    """Return the shape measure of every placement, for its pairing."""
    held = (pairings >= 0)[:, :, None]
    atoms = np.where(held, positions[pairings], 0.0)
    misfit = (np.where(held, atoms - places, 0.0) ** 2).sum(axis=(1, 2))
    spread = (atoms**2).sum(axis=(1, 2)) - (atoms.sum(axis=1) ** 2).sum(axis=1) / held.sum(axis=(1, 2))
    return np.asarray(100 * misfit / spread)


def _count_contacts(pattern: Pattern, pairings: IntArray, contacts: Contacts) -> FloatArray:
    """Return the fraction of the edges between filled points whose atoms touch."""
    first, second = pairings[:, pattern.edges[:, 0]], pairings[:, pattern.edges[:, 1]]
    filled = (first >= 0) & (second >= 0)
    touching = (contacts.touching[first, second] & filled).sum(axis=1)
    return np.asarray(touching / np.maximum(filled.sum(axis=1), 1))


def _is_empty(pattern: Pattern, pairings: IntArray, places: FloatArray, contacts: Contacts) -> BoolArray:
    """Return which placements have no other atom in their centre."""
    if pattern.centred:
        return np.ones(len(pairings), dtype=bool)
    # The centre of the pattern is a combination of its points: the same one of the points as laid.
    weights = np.linalg.pinv(np.vstack([pattern.points.T, np.ones(len(pattern.points))]))[:, 3]
    edge = np.linalg.norm(places[:, pattern.edges[0, 0]] - places[:, pattern.edges[0, 1]], axis=1)
    centres = np.einsum("m,fmx->fx", weights, places)
    distances = np.linalg.norm(centres[:, None] - contacts.positions, axis=2)
    own = (pairings == distances.argmin(axis=1)[:, None]).any(axis=1)
    return np.asarray((distances.min(axis=1) > _INSIDE * edge) | own)
