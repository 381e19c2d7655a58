"""How sure is a distance between centroids? Standard uncertainties from coordinates and cell.

An atom is the centroid of one atom: distances between atoms, from atoms to rings, between rings and between
kernels are all differences of weighted sums of coordinates.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import bsr_array, coo_array

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.crystal_images import Images
from clustermodel.structure.uncertainty import ErrorModel, find_metric_derivatives

__all__ = ["CentroidDistances", "WeightedAtoms", "join_weighted_atoms", "measure_centroid_distances"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedAtoms:
    """The atoms that enter a list of distances; those of one end have the weights -1/k, of the other 1/k.

    Parameters
    ----------
    rows : ndarray of int, shape (q,)
        Distance that each atom belongs to.
    images : Images
        The atoms as images of sites.
    weights : ndarray, shape (q,)
        Their weights.
    """

    rows: IntArray
    images: Images
    weights: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CentroidDistances:
    """Distances with their standard uncertainties.

    Parameters
    ----------
    lengths : ndarray, shape (p,)
        Distances in Å.
    su : ndarray, shape (p,)
        Standard uncertainties in Å; NaN where an atom has none although symmetry leaves it free
        (riding, in a rigid group, or given without).
    """

    lengths: FloatArray = field(metadata={"unit": "Å"})
    su: FloatArray = field(metadata={"unit": "Å"})


def join_weighted_atoms(parts: list[WeightedAtoms]) -> WeightedAtoms:
    """Join lists of atoms.

    Parameters
    ----------
    parts : list of WeightedAtoms
        At least one list.

    Returns
    -------
    WeightedAtoms
        All of them.
    """
    return WeightedAtoms(
        rows=np.concatenate([part.rows for part in parts]),
        images=Images(
            objects=np.concatenate([part.images.objects for part in parts]),
            operations=np.concatenate([part.images.operations for part in parts]),
            shifts=np.concatenate([part.images.shifts for part in parts]),
        ),
        weights=np.concatenate([part.weights for part in parts]),
    )


def measure_centroid_distances(model: ErrorModel, atoms: WeightedAtoms, count: int) -> CentroidDistances:
    """Measure distances between centroids.

    First order, with the covariances of `build_error_model`: images of one site share its parameters,
    so what is common to both ends cancels.

    Parameters
    ----------
    model : ErrorModel
        Positions and covariances of the sites and the cell.
    atoms : WeightedAtoms
        The atoms at both ends.
    count : int
        Number of distances.

    Returns
    -------
    CentroidDistances
        Lengths and standard uncertainties.
    """
    group, images = model.space_group, atoms.images
    rotations = group.rotations[images.operations]
    fract = np.einsum("qij,qj->qi", rotations, model.fract[images.objects])
    fract += group.translations[images.operations] + images.shifts
    difference = np.zeros((count, 3))
    np.add.at(difference, atoms.rows, atoms.weights[:, None] * fract)
    metric, changes = find_metric_derivatives(model.cell)
    along = difference @ metric
    lengths = np.sqrt(np.maximum(np.einsum("pi,pi->p", along, difference), 0.0))
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    along *= inverse[:, None]
    lattice = np.einsum("pi,kij,pj->pk", difference, changes, difference) * inverse[:, None] / 2
    variance = np.einsum("pk,kl,pl->p", lattice, model.lattice, lattice)
    gradient = atoms.weights[:, None] * np.einsum("qi,qij->qj", along[atoms.rows], rotations)
    variance += _positional_variance(model, atoms, gradient, count)
    su = np.sqrt(np.maximum(variance, 0.0))
    known = ~_any_held(model, atoms, count) & (su > 0)
    return CentroidDistances(lengths=lengths, su=np.where(known, su, np.nan))


def _positional_variance(
    model: ErrorModel, atoms: WeightedAtoms, gradient: FloatArray, count: int
) -> FloatArray:
    """Return the variances from the coordinates, gradients of one site added up first."""
    n = len(model.fract)
    rows = np.repeat(atoms.rows, 3)
    columns = (3 * atoms.images.objects[:, None] + np.arange(3)).ravel()
    jacobian = coo_array((gradient.ravel(), (rows, columns)), shape=(count, 3 * n)).tocsr()
    blocks = bsr_array((model.positional, np.arange(n), np.arange(n + 1)), shape=(3 * n, 3 * n))
    return np.asarray((jacobian @ blocks).multiply(jacobian).sum(axis=1), dtype=np.float64).reshape(count)


def _any_held(model: ErrorModel, atoms: WeightedAtoms, count: int) -> BoolArray:
    held = np.bincount(atoms.rows, weights=model.held[atoms.images.objects], minlength=count)
    return np.asarray(held > 0)
