"""Which atoms belong together? Groups of atoms with weights, and values that depend on two of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float
from clustermodel.assembly.atom_images import AtomImages, find_images, place_images
from clustermodel.assembly.propagation import Gradients, build_gradients
from clustermodel.errors import InputError
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.uncertainty import ErrorModel

__all__ = [
    "AtomGroups",
    "Groups",
    "Weights",
    "build_group_gradients",
    "build_groups",
    "count_held",
    "place_groups",
]

Groups = Sequence[Sequence[int]] | Sequence[IntArray] | IntArray
"""Atom indices of several groups."""

Weights = Sequence[Sequence[float]] | Sequence[FloatArray] | FloatArray
"""Weights of the atoms of several groups."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtomGroups:
    """Groups of atoms with weights, shorter groups filled up with their first atom at weight zero.

    Parameters
    ----------
    images : AtomImages
        The atoms, k of each of p groups, group after group.
    weights : array_like, shape (p, k)
        Their weights, in each group 1 in all.
    """

    images: AtomImages
    weights: FloatArray

    def __post_init__(self) -> None:
        """Freeze the weights and check that they belong to the atoms."""
        object.__setattr__(self, "weights", freeze_float(self.weights, (None, None), "weights"))
        if self.weights.size != len(self.images):
            msg = f"weights has shape {self.weights.shape}, expected one for each of {len(self.images)} atoms"
            raise ValueError(msg)


def build_groups(
    molecule: Molecule, groups: Groups, weights: Weights | None = None, *, fewest: int = 1
) -> AtomGroups:
    """Bring groups of atoms of different size into one table.

    Parameters
    ----------
    molecule : Molecule
        The molecule.
    groups : sequence of sequence of int
        Atom indices of each group.
    weights : sequence of sequence of float, optional
        Weights alike; equal by default.
    fewest : int, optional
        How many atoms each group needs.

    Returns
    -------
    AtomGroups
        The groups, weights normalised.

    Raises
    ------
    InputError
        If a group is too small, or weights are negative, all zero or not one for each atom.
    """
    sizes = [len(group) for group in groups]
    width = max(sizes, default=fewest)
    atoms = np.zeros((len(sizes), width), dtype=np.int64)
    table = np.zeros((len(sizes), width))
    for row, group in enumerate(groups):
        if len(group) < fewest:
            msg = f"{molecule.formula}: group {row} has {len(group)} atoms, expected at least {fewest}"
            raise InputError(msg)
        own = np.ones(len(group)) if weights is None else np.asarray(weights[row], dtype=np.float64)
        if own.shape != (len(group),) or np.any(own < 0) or own.sum() <= 0:
            msg = (
                f"{molecule.formula}: the weights of group {row} are {own.tolist()}, expected "
                f"{len(group)} numbers, none negative and not all zero"
            )
            raise InputError(msg)
        atoms[row] = group[0]
        atoms[row, : len(group)] = group
        table[row, : len(group)] = own / own.sum()
    return AtomGroups(images=find_images(molecule, atoms.ravel()), weights=table)


def place_groups(model: ErrorModel, groups: AtomGroups) -> FloatArray:
    """Return where the atoms of groups are.

    Parameters
    ----------
    model : ErrorModel
        Cell, symmetry and positions of the sites.
    groups : AtomGroups
        The groups.

    Returns
    -------
    ndarray, shape (p, k, 3)
        Cartesian coordinates in Å.
    """
    return place_images(model, groups.images).reshape(*groups.weights.shape, 3)


def count_held(model: ErrorModel, groups: AtomGroups) -> IntArray:
    """Count the atoms of groups that have no standard uncertainty although symmetry leaves them free.

    Parameters
    ----------
    model : ErrorModel
        Covariances of the sites.
    groups : AtomGroups
        The groups; atoms of weight zero do not count.

    Returns
    -------
    ndarray of int, shape (p,)
        Number in each group.
    """
    held = model.held[groups.images.sites].reshape(groups.weights.shape)
    return np.asarray(np.sum(held * (groups.weights > 0), axis=1), dtype=np.int64)


def build_group_gradients(
    model: ErrorModel,
    values: FloatArray,
    groups: tuple[AtomGroups, AtomGroups],
    positions: tuple[FloatArray, FloatArray],
    slopes: tuple[FloatArray, FloatArray],
) -> Gradients:
    """Turn Cartesian derivatives of values that depend on two groups of atoms each into gradients.

    Parameters
    ----------
    model : ErrorModel
        Cell and symmetry.
    values : ndarray, shape (p,)
        What was measured.
    groups : tuple of AtomGroups
        The two groups of each value.
    positions : tuple of ndarray, shape (p, k, 3)
        Cartesian coordinates of their atoms in Å.
    slopes : tuple of ndarray, shape (p, k, 3)
        Derivatives of the values with respect to them.

    Returns
    -------
    Gradients
        Derivatives with respect to the coordinates of the sites and the constants of the cell.
    """
    p = len(values)
    images = [one.images for one in groups]
    joined = AtomImages(
        sites=np.concatenate([one.sites.reshape(p, -1) for one in images], axis=1).ravel(),
        operations=np.concatenate([one.operations.reshape(p, -1) for one in images], axis=1).ravel(),
        shifts=np.concatenate([one.shifts.reshape(p, -1, 3) for one in images], axis=1).reshape(-1, 3),
    )
    return build_gradients(
        model, joined, values, np.concatenate(positions, axis=1), np.concatenate(slopes, axis=1)
    )
