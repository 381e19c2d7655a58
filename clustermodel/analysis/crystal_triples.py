"""Which angles are equivalent? The symmetry-unique triples of images about an apex.

Two triples are equivalent if an operation takes one to the other, ends exchanged or not. All of this is
whole-number arithmetic: no angles are compared.
"""

from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import IntArray
from clustermodel.analysis.crystal_images import GroupTable, Images, compose_images, invert_images
from clustermodel.analysis.crystal_orbits import Orbits, reduce_images

__all__ = ["UniqueTriples", "find_unique_triples"]

_SHIFT_BITS = 8  # of the code of one image: cell shifts up to 127 in each direction
_OBJECT_BITS = 20  # up to a million sites


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UniqueTriples:
    """Symmetry-unique triples, the apex at its listed place.

    Parameters
    ----------
    rows : ndarray of int, shape (u,)
        One row of the triples given for each unique triple.
    apex : ndarray of int, shape (u,)
        The object at the apex, where it is listed.
    first, third : Images
        The images of the ends.
    group : ndarray of int, shape (p,)
        Unique triple of every triple given.
    """

    rows: IntArray
    apex: IntArray
    first: Images
    third: Images
    group: IntArray


def find_unique_triples(
    table: GroupTable, orbits: Orbits, first: Images, apex: Images, third: Images
) -> UniqueTriples:
    """Sort triples of images into those that symmetry makes equal.

    Parameters
    ----------
    table : GroupTable
        The space group.
    orbits : Orbits
        The objects.
    first, apex, third : Images
        The three images of every triple; the order of the ends does not matter.

    Returns
    -------
    UniqueTriples
        One triple of each kind, by its apex; of equivalent ones that with the lowest operations.

    Examples
    --------
    >>> from clustermodel.analysis.crystal_images import build_group_table
    >>> from clustermodel.analysis.crystal_orbits import find_point_orbits
    >>> from clustermodel.structure.cell import Cell
    >>> from clustermodel.structure.symmetry import find_space_group
    >>> table = build_group_table(find_space_group("P -1", source="H-M symbol"))
    >>> cell = Cell(lengths=(9, 9, 9), angles=(90, 90, 90))
    >>> orbits = find_point_orbits(table, cell, np.array([[0, 0, 0], [0.2, 0, 0], [0, 0.2, 0]]))
    >>> def listed(objects, operations):
    ...     return Images(objects=objects, operations=operations, shifts=np.zeros((2, 3)))
    >>> centre = listed([0, 0], [0, 0])
    >>> found = find_unique_triples(table, orbits, listed([1, 2], [0, 1]), centre, listed([2, 1], [0, 1]))
    >>> len(found.rows), found.group.tolist()  # the second angle is the first one inverted
    (1, [0, 0])
    """
    back = invert_images(table, apex)
    ends = compose_images(table, back, first), compose_images(table, back, third)
    best = np.full((len(apex), 2), np.iinfo(np.int64).max)
    for turn in range(int(orbits.order[apex.objects].max(initial=0))):
        rows = np.flatnonzero(orbits.order[apex.objects] > turn)
        objects = apex.objects[rows]
        site = Images(
            objects=objects,
            operations=orbits.stabilisers[objects, turn],
            shifts=orbits.stabiliser_shifts[objects, turn],
        )
        turned = [reduce_images(orbits, compose_images(table, site, end.take(rows))) for end in ends]
        codes = np.sort(np.stack([_encode(images) for images in turned], axis=1), axis=1)
        lower = (codes[:, 0] < best[rows, 0]) | (
            (codes[:, 0] == best[rows, 0]) & (codes[:, 1] < best[rows, 1])
        )
        best[rows[lower]] = codes[lower]
    keys = np.concatenate([apex.objects[:, None], best], axis=1)
    unique, rows, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return UniqueTriples(
        rows=rows,
        apex=unique[:, 0],
        first=_decode(unique[:, 1]),
        third=_decode(unique[:, 2]),
        group=group.reshape(-1),
    )


def _encode(images: Images) -> IntArray:
    """Return one number for every image: by operation, shift in the order 0, 1, -1, 2, -2 ..., object."""
    code = images.operations
    for axis in range(3):
        shift = images.shifts[:, axis]
        code = (code << _SHIFT_BITS) + 2 * np.abs(shift) - (shift > 0)
    return (code << _OBJECT_BITS) + images.objects


def _decode(code: IntArray) -> Images:
    objects, rest = code & ((1 << _OBJECT_BITS) - 1), code >> _OBJECT_BITS
    shifts = np.zeros((len(code), 3), dtype=np.int64)
    for axis in (2, 1, 0):
        part, rest = rest & ((1 << _SHIFT_BITS) - 1), rest >> _SHIFT_BITS
        shifts[:, axis] = np.where(part % 2, (part + 1) // 2, -(part // 2))
    return Images(objects=objects, operations=rest, shifts=shifts)
