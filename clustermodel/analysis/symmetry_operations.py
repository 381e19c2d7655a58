"""Which rotations, mirror planes and inversions map a set of atoms onto itself, and how nearly?

An operation is a permutation of like atoms together with the rotation or rotation-reflection that fits it
best; its angle is exact (360° k/n with the order n of the permutation), its axis passes through the centroid
and is fitted by superposition. Its deviation is the largest distance of an atom from the image of its
partner.

The search lays one pair of atoms on every pair of like atoms that has the same distances within the
tolerance, so no operation is missed for want of a start; each start is settled by pairing and superposition
in turn, after SOFI :cite:t:`gunde2024`. As the tolerance stays below half the shortest distance of like
atoms, the nearest atom is the only partner possible, and the pairing is exact.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.analysis.like_atoms import LikeAtoms, measure_resolution, pair_like_atoms
from clustermodel.analysis.rigid_fit import build_operation, fit_axis, superpose

__all__ = [
    "Operation",
    "complete_operations",
    "find_operations",
    "multiply_operations",
]

_ROUNDS = 20  # pairings and superpositions in turn; each lowers the sum of squares, about 3 are needed
_LEVERAGE = 6.0  # Å by which an atom may be off at the start for 1 Å of the two atoms that fix it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """One operation that maps a set of atoms nearly onto itself.

    Parameters
    ----------
    permutation : ndarray of int, shape (n,)
        The image of atom i falls on atom ``permutation[i]``.
    improper : bool
        Whether it changes the hand: a mirror plane, the inversion or a rotation-reflection.
    turn : (int, int)
        k and n of its angle 360° k/n, without common factor: (0, 1) and improper is a mirror plane, (1, 2)
        and improper the inversion.
    axis : ndarray, shape (3,)
        Unit vector of the axis, for a mirror plane its normal; without meaning for the inversion.
    deviation : float
        Largest distance of an atom from the image of its partner in Å.
    """

    permutation: IntArray
    improper: bool
    turn: tuple[int, int]
    axis: FloatArray
    deviation: float = field(metadata={"unit": "Å"})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "permutation", freeze_int(self.permutation, (None,), "permutation"))
        object.__setattr__(self, "axis", freeze_float(self.axis, (3,), "axis"))

    @property
    def matrix(self) -> FloatArray:
        """Matrix of the operation, which acts on columns; shape (3, 3)."""
        return build_operation(self.axis, math.tau * self.turn[0] / self.turn[1], improper=self.improper)

    @property
    def key(self) -> tuple[bytes, bool]:
        """What tells it from other operations of the same atoms."""
        return self.permutation.tobytes(), self.improper


def find_operations(kinds: IntArray, positions: FloatArray, limit: float) -> tuple[Operation, ...]:
    """Find the operations that map a set of atoms onto itself within a tolerance.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Atoms with the same number are alike.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å, the centroid at the origin. The atoms must not lie on one line.
    limit : float
        Largest deviation in Å; beyond `measure_resolution` nothing more is found.

    Returns
    -------
    tuple of Operation
        The identity, then the others by growing deviation.

    Examples
    --------
    >>> triangle = np.array([[1.0, 0, 0], [-0.5, 0.75**0.5, 0], [-0.5, -(0.75**0.5), 0]])
    >>> len(find_operations(np.zeros(3, dtype=int), triangle, 0.1))  # D3h
    12
    """
    search = _Search(kinds, positions, min(limit, measure_resolution(kinds, positions)))
    found: dict[tuple[bytes, bool], Operation] = {}
    for operation in search.from_starts():
        found[operation.key] = operation
    return _sort(search.add_products(list(found.values())))


def complete_operations(
    kinds: IntArray,
    positions: FloatArray,
    operations: tuple[Operation, ...],
    *,
    known: tuple[Operation, ...] = (),
) -> tuple[Operation, ...]:
    """Add the products of operations until they form a group, however far the products deviate.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Atoms with the same number are alike.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å, the centroid at the origin.
    operations : tuple of Operation
        Operations on these atoms.
    known : tuple of Operation, optional
        Other operations on these atoms that were measured before, to save time.

    Returns
    -------
    tuple of Operation
        The group, identity first; empty if a product is a permutation that no rotation stands for.

    Examples
    --------
    >>> triangle = np.array([[1.0, 0, 0], [-0.5, 0.75**0.5, 0], [-0.5, -(0.75**0.5), 0]])
    >>> operations = find_operations(np.zeros(3, dtype=int), triangle, 0.1)
    >>> mirrors = tuple(one for one in operations if one.improper)
    >>> len(complete_operations(np.zeros(3, dtype=int), triangle, mirrors))
    12
    """
    search = _Search(kinds, positions, math.inf)
    search.known = {operation.key: operation for operation in known}
    closed = search.add_products(list(operations))
    return _sort(closed) if multiply_operations(tuple(closed)).min() >= 0 else ()


def _sort(operations: list[Operation]) -> tuple[Operation, ...]:
    return tuple(sorted(operations, key=lambda o: (_order(o) > 1, o.deviation)))


def multiply_operations(operations: tuple[Operation, ...]) -> IntArray:
    """Multiply all pairs of operations.

    Parameters
    ----------
    operations : tuple of Operation, length g
        Operations on the same atoms.

    Returns
    -------
    ndarray of int, shape (g, g)
        Index of ``a b`` (b acts first) in row a and column b; -1 where it is not among them.

    Examples
    --------
    >>> triangle = np.array([[1.0, 0, 0], [-0.5, 0.75**0.5, 0], [-0.5, -(0.75**0.5), 0]])
    >>> multiply_operations(find_operations(np.zeros(3, dtype=int), triangle, 0.1)).min()
    np.int64(0)
    """
    permutations = np.array([operation.permutation for operation in operations])
    improper = np.array([operation.improper for operation in operations])
    products = permutations[:, permutations]
    signs = improper[:, None] ^ improper[None, :]
    codes = _encode(products, signs)
    known = _encode(permutations, improper)
    order = np.argsort(known)
    places = order[np.minimum(np.searchsorted(known[order], codes), len(order) - 1)]
    same = (permutations[places] == products).all(axis=-1) & (improper[places] == signs)
    return np.where(same, places, -1)


def _encode(permutations: IntArray, improper: BoolArray) -> IntArray:
    """Return one number for each permutation and hand; equal ones have equal numbers."""
    weights = np.random.default_rng(0).integers(1, 2**40, size=permutations.shape[-1])
    return np.asarray(permutations @ weights * 2 + improper)


def _order(operation: Operation) -> int:
    """Return 1 for the identity, else more."""
    return 2 if operation.improper else operation.turn[1]


class _Search:
    """The atoms with what is needed to look for operations among them."""

    def __init__(self, kinds: IntArray, positions: FloatArray, limit: float) -> None:
        self.kinds = kinds
        self.positions = positions
        self.limit = limit
        self.radii = np.linalg.norm(positions, axis=1)
        self.like = LikeAtoms(kinds, positions)
        self.seen: set[tuple[bytes, bool]] = set()
        self.known: dict[tuple[bytes, bool], Operation] = {}

    def from_starts(self) -> list[Operation]:
        """Return the operations found from pairs of atoms laid on pairs of atoms."""
        first, second = self._choose_pair()
        pairs = self._find_images(first, second)
        source = self.positions[[first, second]]
        target = self.positions[pairs]
        reach = self.limit * (1 + float(self._measure_leverage()[first, second]))
        found = []
        for improper in (False, True):
            matrices = superpose(source, target, improper=improper)
            images = self.positions @ np.swapaxes(matrices, 1, 2)
            distances, partners = self.like.find_nearest(images)
            for row in np.flatnonzero(distances.max(axis=1) <= reach):
                operation = self._settle(images[row], partners[row], improper=improper)
                if operation is not None:
                    found.append(operation)
        return found

    def add_products(self, operations: list[Operation]) -> list[Operation]:
        """Return the operations with those of their products that are operations too."""
        known, added = operations, len(operations)
        largest = max(120, 4 * len(self.positions))  # Ih, and D_nh of a ring of n atoms
        while added and len(known) <= largest:
            table = multiply_operations(tuple(known))
            permutations = np.array([operation.permutation for operation in known])
            improper = np.array([operation.improper for operation in known])
            before = len(known)
            for hand in (False, True):
                missing = np.argwhere((table < 0) & ((improper[:, None] ^ improper[None, :]) == hand))
                products = permutations[missing[:, 0, None], permutations[missing[:, 1]]]
                known = known + self._measure_all(np.unique(products, axis=0), improper=hand)
            added = len(known) - before
        return known

    def _measure_all(self, permutations: IntArray, *, improper: bool) -> list[Operation]:
        """Return the operations among some permutations."""
        targets = self.positions[permutations]
        matrices = superpose(self.positions, targets, improper=improper)
        moved = self.positions @ np.swapaxes(matrices, 1, 2)
        deviations = np.linalg.norm(moved - targets, axis=2).max(axis=1, initial=0.0)
        near = permutations[deviations <= 2 * self.limit]  # the exact angle changes a deviation by less
        found = [self._measure(permutation, improper=improper) for permutation in near]
        return [operation for operation in found if operation is not None]

    def _choose_pair(self) -> tuple[int, int]:
        """Return two atoms that have few possible images and define an orientation well."""
        alike = self.kinds[:, None] == self.kinds[None, :]
        near = np.abs(self.radii[:, None] - self.radii[None, :]) <= self.limit
        images = (alike & near).sum(axis=1)
        leverage = self._measure_leverage()
        costs = np.where(leverage <= max(_LEVERAGE, 1.1 * float(leverage.min())), 1.0, np.inf)
        costs *= np.outer(images, images) * (1 + leverage)
        first, second = np.unravel_index(int(np.argmin(costs)), costs.shape)
        return int(first), int(second)

    def _measure_leverage(self) -> FloatArray:
        """Return how far the farthest atom may move where two atoms that fix the rotation move by 1 Å."""
        x = self.positions
        areas = np.linalg.norm(np.cross(x[:, None], x[None, :]), axis=2)
        sums = self.radii[:, None] + self.radii[None, :]
        ratios = np.where(areas > 0, sums / np.where(areas > 0, areas, 1.0), np.inf)
        return np.asarray(ratios * self.radii.max())

    def _find_images(self, first: int, second: int) -> IntArray:
        """Return the pairs of atoms on which two atoms may fall, shape (m, 2)."""
        candidates = [
            np.flatnonzero(
                (self.kinds == self.kinds[atom]) & (np.abs(self.radii - self.radii[atom]) <= self.limit)
            )
            for atom in (first, second)
        ]
        pairs = np.stack(np.meshgrid(*candidates, indexing="ij"), axis=-1).reshape(-1, 2)
        lengths = np.linalg.norm(self.positions[pairs[:, 0]] - self.positions[pairs[:, 1]], axis=1)
        wanted = float(np.linalg.norm(self.positions[first] - self.positions[second]))
        near = np.abs(lengths - wanted) <= 2 * self.limit
        return np.asarray(pairs[near & (pairs[:, 0] != pairs[:, 1])])

    def _settle(self, images: FloatArray, partners: IntArray, *, improper: bool) -> Operation | None:
        """Pair and superpose in turn until nothing changes, then measure the operation."""
        for _ in range(_ROUNDS):
            permutation = partners
            if len(np.unique(permutation)) < len(permutation):
                permutation = pair_like_atoms(self.kinds, images, self.positions)
            key = (permutation.tobytes(), improper)
            if key in self.seen:
                return None
            self.seen.add(key)
            matrix = superpose(self.positions, self.positions[permutation], improper=improper)
            images = self.positions @ matrix.T
            partners = self.like.find_nearest(images)[1]
            if np.array_equal(partners, permutation):
                break
        return self._measure(permutation, improper=improper)

    def _measure(self, permutation: IntArray, *, improper: bool) -> Operation | None:
        """Return the operation of a permutation, or None if it is none within the tolerance."""
        known = self.known.get((permutation.tobytes(), improper))
        if known is not None:
            return known
        target = self.positions[permutation]
        matrix = superpose(self.positions, target, improper=improper)
        turn = _find_turn(permutation, matrix, improper=improper)
        if turn is None:
            return None
        angle = math.tau * turn[0] / turn[1]
        axis = fit_axis(self.positions, target, angle, improper=improper)
        exact = build_operation(axis, angle, improper=improper)
        deviation = float(np.linalg.norm(self.positions @ exact.T - target, axis=1).max())
        if deviation > self.limit:
            return None
        return Operation(
            permutation=permutation, improper=improper, turn=turn, axis=axis, deviation=deviation
        )


def _find_turn(permutation: IntArray, matrix: FloatArray, *, improper: bool) -> tuple[int, int] | None:
    """Return k and n of the angle 360° k/n that agrees with the order of the permutation.

    A proper operation has the order n of its permutation; an improper one the order 2 n for odd n, but for
    flat sets, where the mirror plane moves no atom.
    """
    trace = float(np.trace(matrix)) + (1 if improper else -1)
    angle = math.acos(min(1.0, max(-1.0, trace / 2)))
    order = _find_order(permutation)
    if order == 0:
        return None
    part = round(angle / math.tau * order)
    common = math.gcd(part, order)
    turn = (part // common, order // common)
    orders = {math.lcm(turn[1], 2), turn[1]} if improper else {turn[1]}
    return turn if order in orders else None


def _find_order(permutation: IntArray) -> int:
    """Return how often a permutation must be applied to move nothing; 0 if no operation is so slow."""
    order, power, start = 1, permutation, np.arange(len(permutation))
    while not np.array_equal(power, start):
        power, order = permutation[power], order + 1
        if order > 2 * len(permutation):  # S_n with odd n takes 2 n times and moves n atoms or more
            return 0
    return order
