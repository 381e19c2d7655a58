"""How flat, how tilted? Distances from planes and angles between them, with their uncertainties."""

from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.assembly.angle_uncertainties import Angles
from clustermodel.assembly.atom_groups import (
    AtomGroups,
    Groups,
    Weights,
    build_group_gradients,
    build_groups,
    count_held,
    place_groups,
)
from clustermodel.assembly.atom_images import AtomImages, build_molecule_errors, find_images
from clustermodel.assembly.propagation import Gradients, propagate_su
from clustermodel.assembly.uncertainties import Distances
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.uncertainty import ErrorModel

__all__ = [
    "find_plane_angle_gradients",
    "find_plane_distance_gradients",
    "measure_plane_angles",
    "measure_plane_distances",
]

_PARALLEL = 1e-6  # sine of the angle of parallel planes: coordinates of assembled atoms are exact to 1e-12
_NO_PLANE = 1e-9  # of the largest principal moment: rounding of points on one line


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Planes:
    """Best planes: centroids, atoms from them, unit normals first of the axes, and principal moments."""

    offsets: FloatArray
    weights: FloatArray
    centroids: FloatArray
    axes: FloatArray
    moments: FloatArray
    known: BoolArray

    @property
    def normals(self) -> FloatArray:
        return self.axes[:, 0]

    def differentiate(self, vectors: FloatArray) -> FloatArray:
        """Return the derivatives of vectors · normals by the atoms: first-order perturbation of an axis."""
        normals = self.normals
        out = np.einsum("pki,pi->pk", self.offsets, normals)
        slopes = np.zeros_like(self.offsets)
        for j in (1, 2):
            gap = np.where(self.known, self.moments[:, 0] - self.moments[:, j], 1.0)
            share = np.einsum("pi,pi->p", vectors, self.axes[:, j]) / gap
            along = np.einsum("pki,pi->pk", self.offsets, self.axes[:, j])
            turned = out[:, :, None] * self.axes[:, None, j] + along[:, :, None] * normals[:, None]
            slopes += share[:, None, None] * turned
        return np.asarray(self.weights[:, :, None] * slopes * self.known[:, None, None], dtype=np.float64)


def measure_plane_distances(
    crystal: Crystal, molecule: Molecule, planes: Groups, atoms: IntArray, *, weights: Weights | None = None
) -> Distances:
    """Measure distances of atoms from the least-squares planes of groups of atoms.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule; groups do not reach beyond its listed atoms.
    planes : sequence of sequence of int
        Atom indices of the group that each plane is fitted to, three or more.
    atoms : ndarray of int, shape (p,)
        The atom whose distance from each plane is asked; it may be one of the group.
    weights : sequence of sequence of float, optional
        Weights of the atoms of the planes; equal by default.

    Returns
    -------
    Distances
        Distances with a sign, positive on the side from which the group is listed anticlockwise, and
        their precision; NaN where the atoms of a plane are in line. `held` counts the atom too.

    Raises
    ------
    InputError
        If a group has fewer than three atoms, weights do not fit, or the molecule is not from this crystal.
    """
    model = build_molecule_errors(crystal, molecule)
    groups = build_groups(molecule, planes, weights, fewest=3)
    points = find_images(molecule, np.asarray(atoms, dtype=np.int64))
    gradients = find_plane_distance_gradients(model, groups, points)
    return Distances(
        lengths=gradients.values,
        su=propagate_su(model, gradients),
        held=count_held(model, groups) + model.held[points.sites],
    )


def measure_plane_angles(
    crystal: Crystal,
    molecule: Molecule,
    first: Groups,
    second: Groups,
    *,
    weights: tuple[Weights | None, Weights | None] = (None, None),
) -> Angles:
    """Measure the angles between least-squares planes of groups of atoms.

    Near 0° such an angle is not linear in the errors: it cannot be negative, and its standard
    uncertainty is that of the tilt.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    molecule : Molecule
        The molecule; groups do not reach beyond its listed atoms.
    first, second : sequence of sequence of int
        Atom indices of the groups that the two planes are fitted to, three or more.
    weights : tuple, optional
        Weights of the atoms of the first and of the second planes, alike; equal where None.

    Returns
    -------
    Angles
        Angles from 0° to 90° and their precision; NaN where the atoms of a plane are in line.

    Raises
    ------
    InputError
        If a group has fewer than three atoms, weights do not fit, or the molecule is not from this crystal.
    """
    model = build_molecule_errors(crystal, molecule)
    one = build_groups(molecule, first, weights[0], fewest=3)
    other = build_groups(molecule, second, weights[1], fewest=3)
    gradients = find_plane_angle_gradients(model, one, other)
    return Angles(
        values=gradients.values,
        su=propagate_su(model, gradients),
        held=count_held(model, one) + count_held(model, other),
    )


def find_plane_distance_gradients(model: ErrorModel, planes: AtomGroups, atoms: AtomImages) -> Gradients:
    """Differentiate distances of atoms from planes.

    Parameters
    ----------
    model : ErrorModel
        Cell, symmetry and positions.
    planes : AtomGroups
        The groups that the planes are fitted to.
    atoms : AtomImages
        The atoms.

    Returns
    -------
    Gradients
        Distances in Å with their sign and their derivatives.
    """
    positions = place_groups(model, planes)
    fitted = _fit_planes(positions, planes.weights)
    points = AtomGroups(images=atoms, weights=np.ones((len(atoms), 1)))
    place = place_groups(model, points)
    difference = place[:, 0] - fitted.centroids
    values = np.where(fitted.known, np.einsum("pi,pi->p", fitted.normals, difference), np.nan)
    normals = (fitted.normals * fitted.known[:, None])[:, None]
    slopes = (fitted.differentiate(difference) - planes.weights[:, :, None] * normals, normals)
    return build_group_gradients(model, values, (planes, points), (positions, place), slopes)


def find_plane_angle_gradients(model: ErrorModel, first: AtomGroups, second: AtomGroups) -> Gradients:
    """Differentiate angles between planes.

    Parameters
    ----------
    model : ErrorModel
        Cell, symmetry and positions.
    first, second : AtomGroups
        The groups that the two planes are fitted to.

    Returns
    -------
    Gradients
        Angles in degree with their derivatives, zero for planes exactly parallel.
    """
    positions = place_groups(model, first), place_groups(model, second)
    one, other = _fit_planes(positions[0], first.weights), _fit_planes(positions[1], second.weights)
    cosine = np.einsum("pi,pi->p", one.normals, other.normals)
    sine = np.linalg.norm(np.cross(one.normals, other.normals), axis=1)
    factor = np.divide(-np.sign(cosine), sine, out=np.zeros_like(sine), where=sine > _PARALLEL)
    factor = np.degrees(factor * one.known * other.known)[:, None, None]
    values = np.where(one.known & other.known, np.degrees(np.arctan2(sine, np.abs(cosine))), np.nan)
    slopes = (factor * one.differentiate(other.normals), factor * other.differentiate(one.normals))
    return build_group_gradients(model, values, (first, second), positions, slopes)


def _fit_planes(positions: FloatArray, weights: FloatArray) -> _Planes:
    """Fit planes; the normal points to where the atoms are seen anticlockwise."""
    centroids = np.einsum("pk,pki->pi", weights, positions)
    offsets = positions - centroids[:, None]
    moments, axes = np.linalg.eigh(np.einsum("pk,pki,pkj->pij", weights, offsets, offsets))
    axes = np.swapaxes(axes, 1, 2)
    around = np.cross(offsets, np.roll(offsets, -1, axis=1)).sum(axis=1)
    axes[np.einsum("pi,pi->p", around, axes[:, 0]) < 0] *= -1
    return _Planes(
        offsets=offsets,
        weights=weights,
        centroids=centroids,
        axes=axes,
        moments=moments,
        known=moments[:, 1] - moments[:, 0] > _NO_PLANE * moments[:, 2],
    )
