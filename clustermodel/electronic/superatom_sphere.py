"""Within which sphere does a cluster look like one big atom? About the centre of its kernel."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.elements import covalent_radii
from clustermodel.errors import InputError

__all__ = ["Sphere", "find_sphere"]

_CENTRED = 0.5  # Å: a central atom lies closer to the centroid; the next shell is a bond length away


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sphere:
    """The sphere in which orbitals are projected.

    Parameters
    ----------
    centre : array_like, shape (3,)
        Its centre in Å.
    radius : float
        Its radius in Å.
    central_atom : int or None
        The atom that the centre was put on, counted as the positions are; None for a centroid.
    n_atoms : int
        Number of kernel atoms that it was drawn about.
    """

    centre: FloatArray = field(metadata={"unit": "Å"})
    radius: float = field(metadata={"unit": "Å"})
    central_atom: int | None
    n_atoms: int = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the centre."""
        object.__setattr__(self, "centre", freeze_float(self.centre, (3,), "centre"))


def find_sphere(elements: Sequence[str], positions: ArrayLike, kernel: Sequence[int]) -> Sphere:
    """Draw the sphere about a kernel: its centre, and as far as the outer atoms and their covalent radius.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    positions : array_like, shape (n, 3)
        Atoms in Å.
    kernel : sequence of int
        The atoms of the kernel.

    Returns
    -------
    Sphere
        About the central atom of the kernel, else about its centroid. The radius is the mean distance of the
        outer atoms (those beyond the median) and the covalent radius of the kernel's first atom.

    Raises
    ------
    InputError
        If the kernel has no atoms.

    Examples
    --------
    >>> sphere = find_sphere(["Au"] * 3, [[0, 0, 0], [2.8, 0, 0], [-2.8, 0, 0]], [0, 1, 2])
    >>> sphere.central_atom, round(sphere.radius, 2)
    (0, 4.16)
    """
    if not len(kernel):
        msg = "the kernel has no atoms; expected those that hold the delocalised electrons"
        raise InputError(msg)
    atoms = np.asarray(positions, float)[list(kernel)]
    centre = atoms.mean(axis=0)
    distances = np.linalg.norm(atoms - centre, axis=1)
    nearest = int(distances.argmin())
    central = kernel[nearest] if len(kernel) > 1 and distances[nearest] < _CENTRED else None
    if central is not None:
        centre = atoms[nearest]
        distances = np.linalg.norm(atoms - centre, axis=1)
    outer = distances[distances >= np.median(distances)].mean()
    return Sphere(
        centre=centre,
        radius=float(outer + covalent_radii([elements[kernel[0]]])[0]),
        central_atom=central,
        n_atoms=len(kernel),
    )
