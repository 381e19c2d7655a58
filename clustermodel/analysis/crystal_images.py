"""Where is an image? Symmetry operations with cell shifts, multiplied exactly and written as codes.

An image of an object (a site, a ring, a molecule) is an operation of the space group and a cell shift:
``x' = R x + t + shift``. All of this is whole-number arithmetic.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_int
from clustermodel.structure.symmetry import SpaceGroup

__all__ = [
    "GroupTable",
    "Images",
    "build_group_table",
    "compose_images",
    "format_image",
    "invert_images",
]

_DENOMINATOR = 24  # translations of operations are multiples of 1/24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Images:
    """Images of objects.

    Parameters
    ----------
    objects : array_like of int, shape (p,)
        Number of the object.
    operations : array_like of int, shape (p,)
        Number of the operation.
    shifts : array_like of int, shape (p, 3)
        Cell translation after the operation.
    """

    objects: IntArray
    operations: IntArray
    shifts: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        p = len(self.objects)
        object.__setattr__(self, "objects", freeze_int(self.objects, (p,), "objects"))
        object.__setattr__(self, "operations", freeze_int(self.operations, (p,), "operations"))
        object.__setattr__(self, "shifts", freeze_int(np.reshape(self.shifts, (p, 3)), (p, 3), "shifts"))

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.objects)

    def take(self, rows: IntArray) -> "Images":
        """Return some of the images.

        Parameters
        ----------
        rows : ndarray of int
            Their indices.

        Returns
        -------
        Images
            The chosen images.
        """
        return Images(objects=self.objects[rows], operations=self.operations[rows], shifts=self.shifts[rows])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupTable:
    """The multiplication table of a space group.

    Parameters
    ----------
    space_group : SpaceGroup
        Its operations.
    products : ndarray of int, shape (g, g)
        Number of the operation a b (b applied first).
    carries : ndarray of int, shape (g, g, 3)
        Cell shift of that product.
    inverses : ndarray of int, shape (g,)
        Number of the inverse operation.
    """

    space_group: SpaceGroup
    products: IntArray
    carries: IntArray
    inverses: IntArray

    def __len__(self) -> int:
        """Return the number of operations."""
        return len(self.products)


def build_group_table(space_group: SpaceGroup) -> GroupTable:
    """Multiply all operations of a space group with each other.

    Parameters
    ----------
    space_group : SpaceGroup
        A closed list of operations.

    Returns
    -------
    GroupTable
        Products, their cell shifts and inverses.

    Raises
    ------
    ValueError
        If a product is not in the list.

    Examples
    --------
    >>> from clustermodel.structure.symmetry import find_space_group
    >>> table = build_group_table(find_space_group("P 1 21 1", source="H-M symbol"))
    >>> table.products.tolist(), table.carries[1, 1].tolist()  # the screw axis twice: one cell along b
    ([[0, 1], [1, 0]], [0, 1, 0])
    """
    rotations, translations = space_group.rotations, space_group.translations
    g = len(rotations)
    turned = np.einsum("aij,bjk->abik", rotations, rotations).reshape(g * g, 9)
    moved = (np.einsum("aij,bj->abi", rotations, translations) + translations[:, None]).reshape(g * g, 3)
    own = np.concatenate([rotations.reshape(g, 9), _units(translations)], axis=1)
    rows = np.concatenate([own, np.concatenate([turned, _units(moved)], axis=1)])
    number = np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
    operation = np.full(number.max() + 1, -1, dtype=np.int64)
    operation[number[:g]] = np.arange(g)
    products = operation[number[g:]]
    if np.any(products < 0):
        msg = f"the {g} operations of {space_group.name or 'the crystal'} are not closed under multiplication"
        raise ValueError(msg)
    carries = np.rint(moved - translations[products]).astype(np.int64).reshape(g, g, 3)
    products = products.reshape(g, g)
    return GroupTable(
        space_group=space_group,
        products=products,
        carries=carries,
        inverses=np.argmax(products == 0, axis=1).astype(np.int64),
    )


def compose_images(table: GroupTable, first: Images, second: Images) -> Images:
    """Apply one list of operations after another.

    Parameters
    ----------
    table : GroupTable
        The space group.
    first : Images
        The operations applied last; their objects do not matter.
    second : Images
        Images of objects.

    Returns
    -------
    Images
        Images of the objects of `second`.
    """
    turned = np.einsum("pij,pj->pi", table.space_group.rotations[first.operations], second.shifts)
    return Images(
        objects=second.objects,
        operations=table.products[first.operations, second.operations],
        shifts=turned + first.shifts + table.carries[first.operations, second.operations],
    )


def invert_images(table: GroupTable, images: Images) -> Images:
    """Return the operations that undo others.

    Parameters
    ----------
    table : GroupTable
        The space group.
    images : Images
        Operations with shifts.

    Returns
    -------
    Images
        Their inverses, of the same objects.
    """
    back = table.inverses[images.operations]
    turned = np.einsum("pij,pj->pi", table.space_group.rotations[back], images.shifts)
    return Images(
        objects=images.objects, operations=back, shifts=-turned - table.carries[back, images.operations]
    )


def format_image(space_group: SpaceGroup, operation: int, shift: IntArray) -> str:
    """Write an operation with its cell shift as symmetry codes are printed.

    Parameters
    ----------
    space_group : SpaceGroup
        The operations.
    operation : int
        Number of the operation.
    shift : ndarray of int, shape (3,)
        Cell shift.

    Returns
    -------
    str
        For example ``-x+1, y+1/2, -z``.

    Examples
    --------
    >>> from clustermodel.structure.symmetry import find_space_group
    >>> group = find_space_group("P 1 21/c 1", source="H-M symbol")
    >>> [format_image(group, i, np.array([1, 0, -1])) for i in range(2)]
    ['x+1, y, z-1', '-x+1, y+1/2, -z-1/2']
    """
    total = _units(space_group.translations[operation], wrap=False) + _DENOMINATOR * np.asarray(shift)
    parts = []
    for row, units in zip(space_group.rotations[operation].tolist(), total.tolist(), strict=True):
        terms = [
            f"{'-' if n < 0 else '+'}{abs(n) if abs(n) > 1 else ''}{axis}"
            for n, axis in zip(row, "xyz", strict=True)
            if n
        ]
        constant = Fraction(units, _DENOMINATOR)
        text = "".join(terms) + (f"{'+' if constant > 0 else '-'}{abs(constant)}" if constant else "")
        parts.append(text.removeprefix("+"))
    return ", ".join(parts)


def _units(translations: FloatArray, *, wrap: bool = True) -> IntArray:
    units = np.rint(np.asarray(translations) * _DENOMINATOR).astype(np.int64)
    return units % _DENOMINATOR if wrap else units
