"""Which symmetry? Space-group operations as arrays, with the source they came from."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import gemmi
import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int

_LARGEST_GROUP = 192  # Fm-3m; a longer list is not closed

__all__ = [
    "SpaceGroup",
    "compose",
    "find_space_group",
    "parse_triplet",
    "read_operation",
    "space_group_from_triplets",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpaceGroup:
    """The symmetry operations of a crystal, centring included, identity first.

    Parameters
    ----------
    rotations : array_like of int, shape (n, 3, 3)
        Acts on column vectors of fractional coordinates: ``x' = R x + t``.
    translations : array_like, shape (n, 3)
        Fractional translations in [0, 1).
    name : str
        Hermann-Mauguin symbol, or an empty string if the operations are no tabulated setting.
    number : int
        Number in International Tables A, 0 if unknown.
    source : str
        Where the operations came from, for example ``"loop of operations"``.

    Examples
    --------
    >>> group = space_group_from_triplets(["x,y,z", "-x,-y,-z"], source="loop of operations")
    >>> group.name, group.number, len(group)
    ('P -1', 2, 2)
    """

    rotations: IntArray
    translations: FloatArray
    name: str = ""
    number: int = 0
    source: str = field(default="")

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "rotations", freeze_int(self.rotations, (None, 3, 3), "rotations"))
        object.__setattr__(self, "translations", freeze_float(self.translations, (None, 3), "translations"))

    def __len__(self) -> int:
        """Return the number of operations in the cell."""
        return len(self.rotations)

    def operations(self) -> frozenset[str]:
        """Return all operations as text, to compare groups without regard to order.

        Returns
        -------
        frozenset of str
            One triplet for each operation.
        """
        return frozenset(self.triplet(i) for i in range(len(self)))

    def triplet(self, index: int) -> str:
        """Return one operation as text.

        Parameters
        ----------
        index : int
            Number of the operation.

        Returns
        -------
        str
            For example ``-x,y+1/2,-z``.
        """
        operation = gemmi.Op()
        den = gemmi.Op.DEN
        operation.rot = (self.rotations[index] * den).tolist()
        operation.tran = np.rint(self.translations[index] * den).astype(int).tolist()
        return str(operation.triplet())


def compose(rotation: IntArray, translation: FloatArray, fract: FloatArray) -> FloatArray:
    """Apply one operation to fractional coordinates.

    Parameters
    ----------
    rotation : ndarray of int, shape (3, 3)
        Rotation part.
    translation : ndarray, shape (3,)
        Translation part, cell shift included.
    fract : ndarray, shape (n, 3)
        Fractional coordinates.

    Returns
    -------
    ndarray, shape (n, 3)
        Transformed fractional coordinates.

    Examples
    --------
    >>> compose(-np.eye(3, dtype=int), np.zeros(3), np.array([[0.1, 0.2, 0.3]])).tolist()
    [[-0.1, -0.2, -0.3]]
    """
    return np.asarray(fract @ rotation.T + translation, dtype=np.float64)


def space_group_from_triplets(triplets: Iterable[str], *, source: str) -> SpaceGroup:
    """Build a space group from its list of operations.

    Operations are reduced to the cell, doublets removed, the identity put first; a list
    that is not closed under multiplication is completed.

    Parameters
    ----------
    triplets : iterable of str
        Operations as in ``_space_group_symop_operation_xyz``.
    source : str
        Kept in the result.

    Returns
    -------
    SpaceGroup
        The operations, with name and number if they are a tabulated setting.

    Raises
    ------
    ValueError
        If a triplet cannot be read or the list generates no finite group of a crystal.
    """
    operations = {operation.triplet(): operation for operation in map(parse_triplet, triplets)}
    if not operations:
        msg = "no symmetry operations given"
        raise ValueError(msg)
    closed = _close(list(operations.values()))
    return _build(closed, gemmi.find_spacegroup_by_ops(gemmi.GroupOps(closed)), source)


def find_space_group(name: str, *, source: str) -> SpaceGroup | None:
    """Look a space group up by Hermann-Mauguin symbol, Hall symbol or number.

    Old spellings are understood: ``P2(1)/n``, ``P 21/n 1 1 :H`` and the like.

    Parameters
    ----------
    name : str
        Symbol or number as text.
    source : str
        Kept in the result.

    Returns
    -------
    SpaceGroup or None
        None if the symbol is not known.

    Examples
    --------
    >>> find_space_group("P2(1)/n", source="H-M symbol").number
    14
    >>> find_space_group("Q 7", source="H-M symbol") is None
    True
    """
    cleaned = name.strip().replace("(", "").replace(")", "").replace("_", " ")
    known: gemmi.SpaceGroup | None = gemmi.find_spacegroup_by_name(cleaned)
    if cleaned.isdigit():
        known = gemmi.find_spacegroup_by_number(int(cleaned)) if 0 < int(cleaned) < 231 else None
        return _build(list(known.operations()), known, source) if known is not None else None
    if known is not None:
        return _build(list(known.operations()), known, source)
    try:
        group = gemmi.symops_from_hall(name.strip())
    except (RuntimeError, ValueError):
        return None
    return _build(list(group), gemmi.find_spacegroup_by_ops(group), source)


def parse_triplet(text: str) -> gemmi.Op:
    """Read one symmetry operation.

    Parameters
    ----------
    text : str
        For example ``-x,y+1/2,-z``.

    Returns
    -------
    gemmi.Op
        The operation, its translation in [0, 1).

    Raises
    ------
    ValueError
        If the text is no operation.
    """
    try:
        return gemmi.Op(text.strip().strip("'\"")).wrap()
    except (RuntimeError, ValueError) as error:
        msg = f"symmetry operation {text!r} cannot be read ({error}); expected e.g. '-x,y+1/2,-z'"
        raise ValueError(msg) from error


def read_operation(text: str) -> tuple[IntArray, FloatArray]:
    """Read one operation with its cell shift.

    Parameters
    ----------
    text : str
        For example ``"-x+1, y+1/2, -z"``.

    Returns
    -------
    rotation : ndarray of int, shape (3, 3)
        Rotation part.
    translation : ndarray, shape (3,)
        Translation part, not reduced to the cell.

    Raises
    ------
    ValueError
        If the text is no operation.

    Examples
    --------
    >>> rotation, translation = read_operation("-x+1, y+3/2, -z")
    >>> rotation.diagonal().tolist(), translation.tolist()
    ([-1, 1, -1], [1.0, 1.5, 0.0])
    """
    parse_triplet(text)  # for its message
    operation = gemmi.Op(text.strip().strip("'\""))
    rotation = np.rint(np.array(operation.rot) / operation.DEN).astype(np.int64)
    return rotation, np.array(operation.tran, dtype=np.float64) / operation.DEN


def _close(operations: list[gemmi.Op]) -> list[gemmi.Op]:
    """Complete a list of operations to a group, keeping the order given."""
    known = {operation.triplet(): operation for operation in [gemmi.Op(), *operations]}
    fresh = list(known.values())
    while fresh:
        products = [(a * b).wrap() for a in fresh for b in operations]
        fresh = list({op.triplet(): op for op in products if op.triplet() not in known}.values())
        known.update((op.triplet(), op) for op in fresh)
        if len(known) > _LARGEST_GROUP:
            msg = f"the {len(operations)} operations generate no crystallographic group"
            raise ValueError(msg)
    return list(known.values())


def _build(group: list[gemmi.Op], known: gemmi.SpaceGroup | None, source: str) -> SpaceGroup:
    operations = sorted(group, key=lambda op: op != gemmi.Op())
    den = float(gemmi.Op.DEN)
    return SpaceGroup(
        rotations=np.array([op.rot for op in operations]) // gemmi.Op.DEN,
        translations=np.mod(np.array([op.tran for op in operations]) / den, 1.0),
        name=known.xhm() if known is not None else "",
        number=known.number if known is not None else 0,
        source=source,
    )
