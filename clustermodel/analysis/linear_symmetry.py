"""Do the atoms lie on a line, and is it the same from both ends?"""

import math
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float
from clustermodel.analysis.like_atoms import pair_like_atoms
from clustermodel.analysis.symmetry_groups import SymmetryElement

__all__ = ["LinearSymmetry", "measure_linearity"]

_C = "C∞v"
_D = "D∞h"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearSymmetry:
    """How nearly atoms have the symmetry of a line.

    Parameters
    ----------
    axis : ndarray, shape (3,)
        Unit vector along the line.
    deviation : float
        Largest distance of an atom from its place after a turn about the line in Å: twice its
        distance from the line.
    flip : float
        Largest distance of an atom from the inverted place of its partner in Å.
    mirror : float
        Largest distance of an atom from the place of its partner in Å, mirrored in the plane normal to the
        line.
    single : bool
        Whether there is one atom alone.
    """

    axis: FloatArray
    deviation: float = field(metadata={"unit": "Å"})
    flip: float = field(metadata={"unit": "Å"})
    mirror: float = field(metadata={"unit": "Å"})
    single: bool

    def __post_init__(self) -> None:
        """Freeze the axis."""
        object.__setattr__(self, "axis", freeze_float(self.axis, (3,), "axis"))

    def groups(self) -> dict[str, float]:
        """Return the groups of a line, the larger first, and the tolerance in Å from which each holds.

        Returns
        -------
        dict of str to float
            ``"Kh"`` alone for a single atom.
        """
        if self.single:
            return {"Kh": 0.0}
        return {_D: max(self.deviation, self.flip, self.mirror), _C: self.deviation}

    def find_group(self, tolerance: float) -> str:
        """Return the largest group of a line that holds.

        Parameters
        ----------
        tolerance : float
            In Å.

        Returns
        -------
        str
            Schoenflies symbol; empty if the atoms are on no line.
        """
        return next((symbol for symbol, least in self.groups().items() if least <= tolerance), "")

    def elements(self, symbol: str) -> tuple[SymmetryElement, ...]:
        """Return the symmetry elements of one of the groups.

        Parameters
        ----------
        symbol : str
            One of the groups.

        Returns
        -------
        tuple of SymmetryElement
            None for a single atom, whose elements cannot be listed.
        """
        if symbol == "Kh":
            return ()
        listed = [("C∞", self.axis, self.deviation), ("∞σ", self.axis, self.deviation)]
        if symbol == _D:
            both = max(self.deviation, self.mirror)
            listed += [
                ("∞C2", self.axis, max(self.deviation, self.flip)),
                ("i", np.zeros(3), self.flip),
                ("σ", self.axis, self.mirror),
                ("S∞", self.axis, both),
            ]
        return tuple(SymmetryElement(kind=k, axis=a, deviation=d) for k, a, d in listed)


def measure_linearity(kinds: IntArray, positions: FloatArray) -> LinearSymmetry:
    """Measure how nearly atoms have the symmetry of a line.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        Atoms with the same number are alike.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å, the centroid at the origin.

    Returns
    -------
    LinearSymmetry
        The line through the centroid with the least sum of squared distances, and deviations from it.

    Examples
    --------
    >>> dioxide = np.array([[0.0, 0, 0], [0, 0, 1.16], [0, 0, -1.16]])
    >>> measure_linearity(np.array([0, 1, 1]), dioxide).find_group(0.01)
    'D∞h'
    """
    axis = np.linalg.svd(positions)[2][0].round(12) + 0.0
    axis *= next((math.copysign(1, x) for x in axis[::-1].tolist() if x), 1.0)
    along = positions @ axis
    across = np.linalg.norm(positions - np.outer(along, axis), axis=1)
    inverted = -positions
    mirrored = positions - 2 * np.outer(along, axis)
    return LinearSymmetry(
        axis=axis,
        deviation=2 * float(across.max()),
        flip=_deviate(kinds, inverted, positions),
        mirror=_deviate(kinds, mirrored, positions),
        single=len(positions) == 1,
    )


def _deviate(kinds: IntArray, images: FloatArray, positions: FloatArray) -> float:
    partners = positions[pair_like_atoms(kinds, images, positions)]
    return float(np.linalg.norm(images - partners, axis=1).max())
