"""Where do the atoms of a molecule come from? Images of sites, where the assembly placed them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_int
from clustermodel.assembly.expansion import SPECIAL_EXACT, SPECIAL_FULL
from clustermodel.errors import InputError
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.uncertainty import ErrorModel, build_error_model

__all__ = ["AtomImages", "build_molecule_errors", "find_images", "place_images", "stack_images"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtomImages:
    """Symmetry images of sites: ``fract = R x + t + shift``.

    Parameters
    ----------
    sites, operations : array_like of int, shape (p,)
        Index of the site and of the symmetry operation.
    shifts : array_like of int, shape (p, 3)
        Cell translation after the operation.
    """

    sites: IntArray
    operations: IntArray
    shifts: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        p = len(self.sites)
        object.__setattr__(self, "sites", freeze_int(self.sites, (p,), "sites"))
        object.__setattr__(self, "operations", freeze_int(self.operations, (p,), "operations"))
        object.__setattr__(self, "shifts", freeze_int(np.reshape(self.shifts, (p, 3)), (p, 3), "shifts"))

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.sites)


def stack_images(columns: Sequence[AtomImages]) -> AtomImages:
    """Join the first, second ... atoms of p values, row after row.

    Parameters
    ----------
    columns : sequence of AtomImages
        k lists of p atoms.

    Returns
    -------
    AtomImages
        All atoms of the first value, then of the second ...; p times k in all.

    Examples
    --------
    >>> first, second = (AtomImages(sites=[i, i], operations=[0, 0], shifts=np.zeros((2, 3))) for i in (4, 7))
    >>> stack_images([first, second]).sites.tolist()
    [4, 7, 4, 7]
    """
    return AtomImages(
        sites=np.stack([one.sites for one in columns], axis=1).ravel(),
        operations=np.stack([one.operations for one in columns], axis=1).ravel(),
        shifts=np.stack([one.shifts for one in columns], axis=1).reshape(-1, 3),
    )


def place_images(model: ErrorModel, images: AtomImages) -> FloatArray:
    """Return where images of sites are.

    Parameters
    ----------
    model : ErrorModel
        Cell, symmetry and positions of the sites.
    images : AtomImages
        The images.

    Returns
    -------
    ndarray, shape (p, 3)
        Cartesian coordinates in Å.
    """
    group = model.space_group
    fract = np.einsum("pij,pj->pi", group.rotations[images.operations], model.fract[images.sites])
    fract += group.translations[images.operations] + images.shifts
    return np.asarray(fract @ model.cell.matrix, dtype=np.float64)


def find_images(molecule: Molecule, atoms: IntArray, shifts: IntArray | None = None) -> AtomImages:
    """Return atoms of a molecule as images of sites.

    Parameters
    ----------
    molecule : Molecule
        The molecule, or the repeat unit of a polymer.
    atoms : ndarray of int, shape (p,)
        Atom indices.
    shifts : ndarray of int, shape (p, 3), optional
        Cell translations to be added, for atoms of the next repeat unit.

    Returns
    -------
    AtomImages
        Site, operation and cell shift of each.
    """
    origin = molecule.origin
    moved = 0 if shifts is None else np.asarray(shifts)
    return AtomImages(
        sites=origin.sites[atoms], operations=origin.operations[atoms], shifts=origin.shifts[atoms] + moved
    )


def build_molecule_errors(crystal: Crystal, molecule: Molecule) -> ErrorModel:
    """Find the covariances of the sites with the atoms where the assembly placed them.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule, or the repeat unit of a polymer.

    Returns
    -------
    ErrorModel
        Of all sites of the crystal; those of the molecule exactly on their special positions.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.
    """
    placed = replace(crystal.sites, fract=_find_assembled_positions(crystal, molecule))
    return build_error_model(crystal.with_sites(placed), tolerance=SPECIAL_EXACT)


def _find_assembled_positions(crystal: Crystal, molecule: Molecule) -> FloatArray:
    """Return the coordinates of all sites, those in the molecule as the assembly placed them."""
    group, sites, origin = crystal.space_group, crystal.sites, molecule.origin
    where = f"{crystal.source.file}, block {crystal.source.block}: molecule {molecule.formula}"
    known = bool(np.all(origin.sites < len(sites)))
    if not known or tuple(sites.labels[i] for i in origin.sites.tolist()) != origin.labels:
        msg = (
            f"{where} is not from this crystal (its labels are not those of the sites); "
            "give the crystal it was assembled from"
        )
        raise InputError(msg)
    moved = molecule.positions @ crystal.cell.inverse - origin.shifts - group.translations[origin.operations]
    back = np.linalg.inv(group.rotations[origin.operations].astype(np.float64))
    fract = np.array(sites.fract)
    fract[origin.sites] = np.einsum("pij,pj->pi", back, moved)
    distance = np.linalg.norm((fract - sites.fract) @ crystal.cell.matrix, axis=1)
    if distance.max(initial=0.0) > SPECIAL_FULL:  # no special position is further from the listed one
        label = sites.labels[int(distance.argmax())]
        msg = (
            f"{where} is not where this crystal has it ({label} is {distance.max():.2f} Å off); "
            "give the molecule as it was assembled, not moved or turned"
        )
        raise InputError(msg)
    return fract
