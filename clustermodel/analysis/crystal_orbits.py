"""Which images are equivalent? Site symmetry of objects, and the symmetry-unique pairs of their images.

Operations that leave an object where it is make each of its images in several ways; the one with the lowest
number stands for all. Two pairs of images are equivalent if an operation takes one to the other. All of
this is whole-number arithmetic: no distances are compared.
"""

from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.crystal_images import GroupTable, Images, compose_images, invert_images
from clustermodel.structure.cell import Cell

__all__ = [
    "Orbits",
    "UniquePairs",
    "build_orbits",
    "find_point_orbits",
    "find_unique_pairs",
    "reduce_images",
]

_SAME_PLACE = 0.01  # Å: atoms on special positions were moved onto them; other images are 0.1 Å off or more
_SHIFT_BITS = 13  # of the code of one image: cell shifts up to 4095 in each direction


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Orbits:
    """Objects with the operations that leave each where it is.

    Parameters
    ----------
    order : ndarray of int, shape (k,)
        Number of these operations.
    stabilisers : ndarray of int, shape (k, s)
        Their numbers, ascending, the identity first; filled up with -1.
    stabiliser_shifts : ndarray of int, shape (k, s, 3)
        Their cell shifts.
    canonical : ndarray of int, shape (k, g)
        The operation that stands for operation g on the object.
    moved : ndarray of int, shape (k, g, 3)
        Cell shift that goes with it.
    """

    order: IntArray
    stabilisers: IntArray
    stabiliser_shifts: IntArray
    canonical: IntArray
    moved: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UniquePairs:
    """Symmetry-unique pairs of images, the first of each pair at its place in the list of objects.

    Parameters
    ----------
    rows : ndarray of int, shape (u,)
        One row of the pairs given for each unique pair.
    first : ndarray of int, shape (u,)
        The object at its listed place.
    second : Images
        The image of the other object.
    swapped : ndarray of bool, shape (u,)
        True where `first` is the second object of that row.
    multiplicity : ndarray of int, shape (u,)
        Number of such pairs in the unit cell.
    group : ndarray of int, shape (p,)
        Unique pair of every pair given.
    """

    rows: IntArray
    first: IntArray
    second: Images
    swapped: BoolArray
    multiplicity: IntArray
    group: IntArray


def find_point_orbits(table: GroupTable, cell: Cell, fract: FloatArray) -> Orbits:
    """Find the site symmetry of points.

    Parameters
    ----------
    table : GroupTable
        The space group.
    cell : Cell
        The unit cell.
    fract : ndarray, shape (k, 3)
        Fractional coordinates, those on special positions exact.

    Returns
    -------
    Orbits
        The points as objects.
    """
    found: list[list[tuple[int, IntArray]]] = [[] for _ in range(len(fract))]
    rotations, translations = table.space_group.rotations, table.space_group.translations
    for number, (rotation, translation) in enumerate(zip(rotations, translations, strict=True)):
        offset = fract @ rotation.T + translation - fract
        whole = np.rint(offset)
        near = np.linalg.norm((offset - whole) @ cell.matrix, axis=1) < _SAME_PLACE
        for index in np.flatnonzero(near).tolist():
            found[index].append((number, -whole[index].astype(np.int64)))
    return build_orbits(table, found)


def build_orbits(table: GroupTable, stabilisers: list[list[tuple[int, IntArray]]]) -> Orbits:
    """Tabulate which operation stands for which on every object.

    Parameters
    ----------
    table : GroupTable
        The space group.
    stabilisers : list of list of (int, ndarray of int)
        Number and shift of the operations that leave each object where it is, the identity first.

    Returns
    -------
    Orbits
        The objects.
    """
    k, g = len(stabilisers), len(table)
    width = max((len(one) for one in stabilisers), default=1)
    numbers = np.full((k, width), -1, dtype=np.int64)
    shifts = np.zeros((k, width, 3), dtype=np.int64)
    canonical = np.tile(np.arange(g), (k, 1))
    moved = np.zeros((k, g, 3), dtype=np.int64)
    rotations = table.space_group.rotations
    for index, one in enumerate(stabilisers):
        own = np.array([number for number, _ in one])
        numbers[index, : len(one)] = own
        shifts[index, : len(one)] = [shift for _, shift in one]
        if len(one) > 1:
            choices = table.products[:, own]
            best = choices.argmin(axis=1)
            canonical[index] = choices[np.arange(g), best]
            turned = np.einsum("gij,gj->gi", rotations, shifts[index, best])
            moved[index] = turned + table.carries[np.arange(g), own[best]]
    return Orbits(
        order=np.array([len(one) for one in stabilisers], dtype=np.int64),
        stabilisers=numbers,
        stabiliser_shifts=shifts,
        canonical=canonical,
        moved=moved,
    )


def reduce_images(orbits: Orbits, images: Images) -> Images:
    """Replace every operation by the one that stands for it.

    Parameters
    ----------
    orbits : Orbits
        The objects.
    images : Images
        Images of them.

    Returns
    -------
    Images
        The same images; equal ones have equal operations and shifts.
    """
    objects, operations = images.objects, images.operations
    return Images(
        objects=objects,
        operations=orbits.canonical[objects, operations],
        shifts=images.shifts + orbits.moved[objects, operations],
    )


def find_unique_pairs(
    table: GroupTable, orbits: Orbits, first: Images, second: Images, mutual: BoolArray
) -> UniquePairs:
    """Sort pairs of images into those that symmetry makes equal.

    Parameters
    ----------
    table : GroupTable
        The space group.
    orbits : Orbits
        The objects.
    first, second : Images
        The two images of every pair.
    mutual : ndarray of bool, shape (p,)
        True where the order of the two does not matter.

    Returns
    -------
    UniquePairs
        One pair of each kind, by the number of its objects, operation and shift.
    """
    turn = mutual & (first.objects > second.objects)
    forward = _Best(table, orbits, first, second)
    backward = _Best(table, orbits, second, first)
    same = mutual & (first.objects == second.objects)
    turn |= same & (backward.code < forward.code)
    count = np.where(turn, backward.count, forward.count)
    count = count + np.where(same & (backward.code == forward.code), backward.count, 0)
    key = np.stack(
        [
            np.where(turn, second.objects, first.objects),
            np.where(turn, first.objects, second.objects),
            np.where(turn, backward.code, forward.code),
        ],
        axis=1,
    )
    unique, rows, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    swapped = turn[rows]
    return UniquePairs(
        rows=rows,
        first=unique[:, 0],
        second=Images(
            objects=unique[:, 1],
            operations=np.where(swapped, backward.operations[rows], forward.operations[rows]),
            shifts=np.where(swapped[:, None], backward.shifts[rows], forward.shifts[rows]),
        ),
        swapped=swapped,
        multiplicity=len(table) // count[rows],
        group=group.reshape(-1),
    )


class _Best:
    """The lowest code of each pair over the operations that leave its first image at its listed place."""

    __slots__ = ("code", "count", "operations", "shifts")

    def __init__(self, table: GroupTable, orbits: Orbits, origin: Images, other: Images) -> None:
        relative = compose_images(table, invert_images(table, origin), other)
        p = len(origin)
        self.code = np.full(p, np.iinfo(np.int64).max)
        self.count = np.zeros(p, dtype=np.int64)
        self.operations = np.zeros(p, dtype=np.int64)
        self.shifts = np.zeros((p, 3), dtype=np.int64)
        for turn in range(int(orbits.order[origin.objects].max(initial=0))):
            rows = np.flatnonzero(orbits.order[origin.objects] > turn)
            objects = origin.objects[rows]
            site = Images(
                objects=objects,
                operations=orbits.stabilisers[objects, turn],
                shifts=orbits.stabiliser_shifts[objects, turn],
            )
            found = reduce_images(orbits, compose_images(table, site, relative.take(rows)))
            code = _encode(found)
            self.count[rows] += code == self.code[rows]
            better = code < self.code[rows]
            self._replace(rows[better], found.take(np.flatnonzero(better)), code[better])

    def _replace(self, rows: IntArray, found: Images, code: IntArray) -> None:
        self.code[rows] = code
        self.count[rows] = 1
        self.operations[rows] = found.operations
        self.shifts[rows] = found.shifts


def _encode(images: Images) -> IntArray:
    """Return one number for operation and shift; shifts in the order 0, 1, -1, 2, -2 ..."""
    code = images.operations
    for axis in range(3):
        shift = images.shifts[:, axis]
        code = (code << _SHIFT_BITS) + 2 * np.abs(shift) - (shift > 0)
    return code
