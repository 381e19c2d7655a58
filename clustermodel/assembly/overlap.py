"""Which atoms cannot be there together? Distances too short for two atoms of one structure."""

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray
from clustermodel.elements import covalent_radii, is_metal
from clustermodel.structure.neighbors import Pairs

__all__ = ["AtomKinds", "is_overlap", "is_within_bond_range"]

_OVERLAP = 0.7  # of the covalent sum: 1.06 Å for C-C (shortest bond 1.18), 0.75 for C-H (0.93)
_OVERLAP_HYDROGEN = 0.9  # Å between two H: shortest real distance in H2O, NH3, CH2 is 1.5
_BOND_RANGE = 0.40  # Å above the covalent sum, the common tolerance for a bond


class AtomKinds:
    """Radii and masks of a list of atoms, computed once.

    Parameters
    ----------
    elements : tuple of str
        Element symbols.
    """

    __slots__ = ("hydrogen", "metal", "radii")

    def __init__(self, elements: tuple[str, ...]) -> None:
        kinds = set(elements)
        symbols = np.array(elements, dtype="U2")
        self.radii: FloatArray = covalent_radii(elements)
        self.hydrogen: BoolArray = np.isin(symbols, ["H", "D"])
        self.metal: BoolArray = np.isin(symbols, [s for s in kinds if is_metal(s)])


def is_overlap(pairs: Pairs, kinds: AtomKinds) -> BoolArray:
    """Return the mask of pairs too close to exist together.

    Parameters
    ----------
    pairs : Pairs
        Near pairs.
    kinds : AtomKinds
        Kinds of the atoms the pairs refer to.

    Returns
    -------
    ndarray of bool, shape (m,)
        True below 0.7 of the covalent sum; for two hydrogens below 0.9 Å.
    """
    total = kinds.radii[pairs.first] + kinds.radii[pairs.second]
    both = kinds.hydrogen[pairs.first] & kinds.hydrogen[pairs.second]
    limit = np.where(both, _OVERLAP_HYDROGEN, _OVERLAP * total)
    return np.asarray(pairs.distances < limit)


def is_within_bond_range(pairs: Pairs, kinds: AtomKinds) -> BoolArray:
    """Return the mask of pairs near enough to be bonded or to overlap.

    Parameters
    ----------
    pairs : Pairs
        Near pairs.
    kinds : AtomKinds
        Kinds of the atoms the pairs refer to.

    Returns
    -------
    ndarray of bool, shape (m,)
        True up to the covalent sum + 0.40 Å.
    """
    total = kinds.radii[pairs.first] + kinds.radii[pairs.second]
    return np.asarray(pairs.distances <= total + _BOND_RANGE)
