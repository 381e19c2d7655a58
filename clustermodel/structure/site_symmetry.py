"""Which crystal symmetry maps a molecule onto itself? Its operations and point-group symbol."""

from collections import Counter

import numpy as np
from scipy.spatial import cKDTree

from clustermodel._arrays import IntArray
from clustermodel.structure.cell import Cell
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.symmetry import SpaceGroup

__all__ = ["find_site_symmetry", "name_point_group"]

_SAME_PLACE = 0.1  # Å: symmetry-equivalent atoms agree to the rounding of printed coordinates

# Numbers of -1, m, 2, 3, -3, 4, -4, 6, -6 operations of the 32 crystallographic point groups,
# from the multiplication tables in International Tables A, section 3.2.
_SYMBOLS: dict[tuple[int, ...], str] = {
    (0, 0, 0, 0, 0, 0, 0, 0, 0): "1",
    (1, 0, 0, 0, 0, 0, 0, 0, 0): "-1",
    (0, 0, 1, 0, 0, 0, 0, 0, 0): "2",
    (0, 1, 0, 0, 0, 0, 0, 0, 0): "m",
    (1, 1, 1, 0, 0, 0, 0, 0, 0): "2/m",
    (0, 0, 3, 0, 0, 0, 0, 0, 0): "222",
    (0, 2, 1, 0, 0, 0, 0, 0, 0): "mm2",
    (1, 3, 3, 0, 0, 0, 0, 0, 0): "mmm",
    (0, 0, 1, 0, 0, 2, 0, 0, 0): "4",
    (0, 0, 1, 0, 0, 0, 2, 0, 0): "-4",
    (1, 1, 1, 0, 0, 2, 2, 0, 0): "4/m",
    (0, 0, 5, 0, 0, 2, 0, 0, 0): "422",
    (0, 4, 1, 0, 0, 2, 0, 0, 0): "4mm",
    (0, 2, 3, 0, 0, 0, 2, 0, 0): "-42m",
    (1, 5, 5, 0, 0, 2, 2, 0, 0): "4/mmm",
    (0, 0, 0, 2, 0, 0, 0, 0, 0): "3",
    (1, 0, 0, 2, 2, 0, 0, 0, 0): "-3",
    (0, 0, 3, 2, 0, 0, 0, 0, 0): "32",
    (0, 3, 0, 2, 0, 0, 0, 0, 0): "3m",
    (1, 3, 3, 2, 2, 0, 0, 0, 0): "-3m",
    (0, 0, 1, 2, 0, 0, 0, 2, 0): "6",
    (0, 1, 0, 2, 0, 0, 0, 0, 2): "-6",
    (1, 1, 1, 2, 2, 0, 0, 2, 2): "6/m",
    (0, 0, 7, 2, 0, 0, 0, 2, 0): "622",
    (0, 6, 1, 2, 0, 0, 0, 2, 0): "6mm",
    (0, 4, 3, 2, 0, 0, 0, 0, 2): "-6m2",
    (1, 7, 7, 2, 2, 0, 0, 2, 2): "6/mmm",
    (0, 0, 3, 8, 0, 0, 0, 0, 0): "23",
    (1, 3, 3, 8, 8, 0, 0, 0, 0): "m-3",
    (0, 0, 9, 8, 0, 6, 0, 0, 0): "432",
    (0, 6, 3, 8, 0, 0, 6, 0, 0): "-43m",
    (1, 9, 9, 8, 8, 6, 6, 0, 0): "m-3m",
}
_KINDS = {  # determinant, trace
    (-1, -3): "-1",
    (-1, 1): "m",
    (1, -1): "2",
    (1, 0): "3",
    (-1, 0): "-3",
    (1, 1): "4",
    (-1, -1): "-4",
    (1, 2): "6",
    (-1, -2): "-6",
}


def find_site_symmetry(molecule: Molecule, cell: Cell, group: SpaceGroup) -> str:
    """Return the site symmetry of a molecule in its crystal.

    Hydrogen is not looked at: its disorder need not follow the symmetry.

    Parameters
    ----------
    molecule : Molecule
        A molecule, not a polymer.
    cell : Cell
        Its cell.
    group : SpaceGroup
        Its space group.

    Returns
    -------
    str
        Hermann-Mauguin symbol, ``"1"`` on a general position.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> from clustermodel.structure.symmetry import find_space_group
    >>> cube = Cell(lengths=(20, 20, 20), angles=(90, 90, 90))
    >>> pair = molecule_from_atoms(["Au", "Au"], [[0, 0, 1.4], [0, 0, -1.4]])
    >>> find_site_symmetry(pair, cube, find_space_group("P m -3 m", source="H-M symbol"))
    '4/mmm'
    """
    heavy = np.array([e not in {"H", "D"} for e in molecule.elements], dtype=bool)
    fract = (molecule.positions[heavy] if heavy.any() else molecule.positions) @ cell.inverse
    centre = fract.mean(axis=0)
    tree = cKDTree(fract @ cell.matrix)
    kept = []
    for rotation, translation in zip(group.rotations, group.translations, strict=True):
        moved = fract @ rotation.T + translation
        moved += np.rint(centre - moved.mean(axis=0))
        distances, _ = tree.query(moved @ cell.matrix, distance_upper_bound=_SAME_PLACE)
        if np.all(np.isfinite(distances)):
            kept.append(rotation)
    return name_point_group(np.array(kept))


def name_point_group(rotations: IntArray) -> str:
    """Name a crystallographic point group from its operations.

    Parameters
    ----------
    rotations : ndarray of int, shape (n, 3, 3)
        All its rotation parts, the identity included; repeated ones are ignored.

    Returns
    -------
    str
        Hermann-Mauguin symbol, or ``"?"`` if the operations are no such group.

    Examples
    --------
    >>> name_point_group(np.array([np.eye(3), -np.eye(3)]).astype(int))
    '-1'
    """
    unique = {tuple(r.ravel().tolist()): r for r in rotations}
    kinds = Counter(
        _KINDS.get((round(float(np.linalg.det(r))), int(np.trace(r))), "1") for r in unique.values()
    )
    return _SYMBOLS.get(tuple(kinds[kind] for kind in _KINDS.values()), "?")
