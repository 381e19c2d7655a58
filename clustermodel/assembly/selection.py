"""Which atoms remain, and which of them may bond? The resolved structure as one list of atoms."""

from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.assembly.disorder import Resolution
from clustermodel.assembly.expansion import Expansion
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.neighbors import Pairs

__all__ = ["AtomSelection", "allowed_pairs", "select_atoms"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtomSelection:
    """The atoms of one cell after disorder was resolved.

    Parameters
    ----------
    elements : tuple of str, length k
        Element symbols.
    site, operation : ndarray of int, shape (k,)
        Where each atom came from.
    shift : ndarray of int, shape (k, 3)
        Cell translation after the operation.
    fract : ndarray, shape (k, 3)
        Fractional coordinates in the cell.
    image, part, region : ndarray of int, shape (k,)
        Negative image, disorder part and assembly; -1, 0 and -1 if none.
    index : ndarray of int
        New index of each row of the expansion, -1 if left out.
    """

    elements: tuple[str, ...]
    site: IntArray
    operation: IntArray
    shift: IntArray
    fract: FloatArray
    image: IntArray
    part: IntArray
    region: IntArray
    index: IntArray


def select_atoms(crystal: Crystal, expansion: Expansion, resolution: Resolution) -> AtomSelection:
    """Gather the kept atoms.

    Parameters
    ----------
    crystal : Crystal
        The structure as refined.
    expansion : Expansion
        All atoms of its cell.
    resolution : Resolution
        What is kept.

    Returns
    -------
    AtomSelection
        The kept atoms in the order of the expansion.
    """
    rows = resolution.rows
    site = expansion.site[rows]
    index = np.full(len(expansion.site), -1, dtype=np.int64)
    index[rows] = np.arange(len(rows))
    return AtomSelection(
        elements=tuple(crystal.sites.elements[i] for i in site.tolist()),
        site=site,
        operation=expansion.operation[rows],
        shift=expansion.shift[rows],
        fract=expansion.fract[rows],
        image=resolution.image,
        part=crystal.sites.part[site],
        region=resolution.region[site],
        index=index,
    )


def allowed_pairs(atoms: AtomSelection, pairs: Pairs) -> Pairs:
    """Return the near pairs among kept atoms that disorder allows to bond.

    Atoms of different non-zero parts of one assembly never bond, nor do atoms of negative
    parts with those of another image of a group.

    Parameters
    ----------
    atoms : AtomSelection
        The kept atoms.
    pairs : Pairs
        Near pairs of the expansion.

    Returns
    -------
    Pairs
        Pairs by the indices of the kept atoms, the smaller first.
    """
    first, second = atoms.index[pairs.first], atoms.index[pairs.second]
    kept = pairs.select(np.flatnonzero((first >= 0) & (second >= 0)))
    first, second = atoms.index[kept.first], atoms.index[kept.second]
    part_1, part_2 = atoms.part[first], atoms.part[second]
    same_region = (atoms.region[first] == atoms.region[second]) & (atoms.region[first] >= 0)
    apart = same_region & (part_1 != part_2) & (part_1 != 0) & (part_2 != 0)
    image_1, image_2 = atoms.image[first], atoms.image[second]
    own = _same_shift(atoms, first, second, kept.shifts)
    different = (image_1 != image_2) | ~own
    apart |= (image_1 >= 0) & (image_2 >= 0) & different
    apart |= ((image_1 >= 0) ^ (image_2 >= 0)) & (part_1 != 0) & (part_2 != 0) & same_region
    rows = np.flatnonzero(~apart)
    return Pairs(
        first=first[rows],
        second=second[rows],
        shifts=kept.shifts[rows],
        distances=kept.distances[rows],
    )


def _same_shift(atoms: AtomSelection, first: IntArray, second: IntArray, shifts: IntArray) -> BoolArray:
    """Return the mask of pairs whose atoms lie in one translate of the asymmetric unit."""
    mask: BoolArray = np.all(atoms.shift[second] + shifts == atoms.shift[first], axis=1)
    return mask
