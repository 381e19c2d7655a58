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
_HOPELESS = 3.0  # shape measure of a first fit over the largest wanted; pairing anew hardly makes up for it
_LARGE = 15  # points; of more, a few are paired first, as most frames fit nowhere
_FEW = 8  # points
_CHUNK = 4096  # places paired at a time, to stay in the cache
_SLACK = 6  # one corner in so many may be empty at first, when three atoms alone say where to look
_TOUCHED = 0.7  # of the corners that must be filled touch a central atom; in twisted units 8 of 10
_INSIDE = 0.5  # edges; an atom this near to the centre of an empty polyhedron fills it


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
    first = pattern.most_missing + len(pattern.points) // _SLACK
    laid = _lay(pattern, pairings, hands, contacts.positions)
    if len(pattern.points) > _LARGE:
        laid = _drop_hopeless(laid, contacts.positions)
    pairings = _pair_again(pattern, laid, contacts, (_FIRST_REACH, first))
    for _ in range(_ROUNDS):
        before = pairings
        places, scale, measures = _fit(pattern.points, pairings, contacts.positions)
        hopeful = measures <= _HOPELESS * most
        pairings = _pair_again(
            pattern, (places[hopeful], scale[hopeful]), contacts, (_REACH, pattern.most_missing)
        )
        if np.array_equal(before, pairings):
            break
    places, _, measures = _fit(pattern.points, pairings, contacts.positions)
    good = measures <= most
    found = _collect(pattern, pairings[good], (places[good], measures[good]), contacts, least_contacts)
    return tuple(found)


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


def _drop_hopeless(
    laid: tuple[FloatArray, FloatArray], positions: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Drop the frames of which most points are empty among a few that are looked at."""
    places, scale = laid
    some = _pair(places[:, :: places.shape[1] // _FEW], _FIRST_REACH * scale[:, None], positions)
    likely = (some < 0).mean(axis=1) <= 0.5
    return places[likely], scale[likely]


def _pair_again(
    pattern: Pattern, laid: tuple[FloatArray, FloatArray], contacts: Contacts, limits: tuple[float, int]
) -> IntArray:
    """Pair the points anew with the atoms within reach; rows with too many empty corners are dropped."""
    places, scale = laid
    found = _pair(places, limits[0] * scale[:, None], contacts.positions)
    full = (found < 0).sum(axis=1) <= limits[1]
    if pattern.centred:
        full &= found[:, 0] >= 0
    rows = found[full]
    # Two pairings that a symmetry of the pattern makes equal have the same atoms at the same ideal distances.
    atoms = contacts.keys[rows]
    keys = (atoms * (atoms @ pattern.kinds)).sum(axis=1)
    return np.asarray(rows[np.unique(keys, return_index=True)[1]])


def _fit(
    points: FloatArray, pairings: IntArray, positions: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return where the points (or their mirror image) lie when laid best, the scale and the shape measure."""
    weight = (pairings >= 0).astype(np.float64)
    count = weight.sum(axis=1)[:, None]
    atoms = positions[pairings] * weight[:, :, None]
    own, middle = weight @ points / count, atoms.sum(axis=1) / count
    inertia = weight @ (points**2).sum(axis=1) - count[:, 0] * (own**2).sum(axis=1)
    covariance = np.swapaxes(atoms, 1, 2) @ points - count[:, :, None] * middle[:, :, None] * own[:, None]
    left, singular, right = np.linalg.svd(covariance)
    overlap = singular.sum(axis=1)
    scale = overlap / inertia
    spread = (atoms**2).sum(axis=(1, 2)) - count[:, 0] * (middle**2).sum(axis=1)
    turned = (points[None] - own[:, None]) @ np.swapaxes(left @ right, 1, 2)
    places = scale[:, None, None] * turned + middle[:, None]
    return places, scale, 100 * np.maximum(1 - overlap * scale / spread, 0.0)


def _pair(places: FloatArray, reach: FloatArray, positions: FloatArray) -> IntArray:
    """Return the nearest atom of every place within reach; of two places of one atom the nearer has it."""
    # The nearest atom has the largest x . a - |a|²/2; single precision errs where two are equally near.
    half = (0.5 * (positions**2).sum(axis=1)).astype(np.float32)
    atoms, flat = positions.T.astype(np.float32), places.reshape(-1, 3).astype(np.float32)
    chunks = np.array_split(flat, len(flat) // _CHUNK + 1)
    nearest = np.concatenate([(chunk @ atoms - half).argmax(axis=1) for chunk in chunks])
    nearest = nearest.reshape(places.shape[:2])
    apart = np.linalg.norm(places - positions[nearest], axis=2)
    nearest[apart > reach] = -1
    ranked = np.sort(nearest, axis=1)
    twice = ((ranked[:, 1:] == ranked[:, :-1]) & (ranked[:, 1:] >= 0)).any(axis=1)
    nearest[twice] = _keep_nearer(nearest[twice], apart[twice])
    return nearest


def _keep_nearer(nearest: IntArray, apart: FloatArray) -> IntArray:
    """Leave an atom that two places have to the nearer one."""
    order = np.argsort(apart, axis=1, kind="stable")
    ranked = np.take_along_axis(nearest, order, axis=1)
    earlier = (np.tril(ranked[:, :, None] == ranked[:, None, :], -1)).any(axis=2)
    kept = np.empty_like(nearest)
    np.put_along_axis(kept, order, np.where(earlier, -1, ranked), axis=1)
    return kept


def _collect(
    pattern: Pattern,
    pairings: IntArray,
    laid: tuple[FloatArray, FloatArray],
    contacts: Contacts,
    least_contacts: float,
) -> Iterator[Placement]:
    """Yield the best placement of every set of atoms and centre."""
    places, measures = laid
    touching = _count_contacts(pattern, pairings, contacts)
    good = (touching >= least_contacts) & _is_empty(pattern, pairings, places, contacts)
    seen: set[tuple[int, frozenset[int]]] = set()
    for row in np.flatnonzero(good)[np.argsort(measures[good], kind="stable")].tolist():
        atoms = tuple(pairings[row].tolist())
        key = (atoms[0] if pattern.centred else -1, frozenset(atoms))
        if key not in seen:
            seen.add(key)
            yield Placement(atoms=atoms, measure=float(measures[row]), contacts=float(touching[row]))


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
