"""How do errors add up? First derivatives of measured values, and the variances that they make.

A value that depends neither on the place nor on the orientation of its atoms is a function of their mutual
vectors. It is differentiated in Cartesian coordinates; a change of the cell then acts as a strain of these
vectors.
"""

from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.assembly.atom_images import AtomImages
from clustermodel.structure.uncertainty import ErrorModel, find_metric_derivatives

__all__ = ["Gradients", "build_gradients", "propagate_covariance", "propagate_su"]

_FIXED = 1e-8  # Å or degree: what rounding leaves where symmetry fixes a value; refinements reach 1e-5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gradients:
    """Values that depend on k atoms each, with their first derivatives.

    Parameters
    ----------
    values : array_like, shape (p,)
        Distances, angles, or whatever was differentiated.
    sites : array_like of int, shape (p, k)
        Site of each atom.
    positional : array_like, shape (p, k, 3)
        Derivatives with respect to the fractional coordinates of the sites as listed.
    lattice : array_like, shape (p, 6)
        Derivatives with respect to ln a, ln b, ln c, alpha, beta, gamma (radians).
    """

    values: FloatArray
    sites: IntArray
    positional: FloatArray
    lattice: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        p = len(self.values)
        object.__setattr__(self, "values", freeze_float(self.values, (p,), "values"))
        object.__setattr__(self, "sites", freeze_int(self.sites, (p, None), "sites"))
        object.__setattr__(self, "positional", freeze_float(self.positional, (p, None, 3), "positional"))
        object.__setattr__(self, "lattice", freeze_float(self.lattice, (p, 6), "lattice"))

    def select(self, rows: IntArray) -> "Gradients":
        """Return some of the values.

        Parameters
        ----------
        rows : ndarray of int
            Their indices.

        Returns
        -------
        Gradients
            The chosen values.
        """
        return Gradients(
            values=self.values[rows],
            sites=self.sites[rows],
            positional=self.positional[rows],
            lattice=self.lattice[rows],
        )


def build_gradients(
    model: ErrorModel, atoms: AtomImages, values: FloatArray, positions: FloatArray, slopes: FloatArray
) -> Gradients:
    """Turn derivatives with respect to Cartesian coordinates into those of the refined parameters.

    Parameters
    ----------
    model : ErrorModel
        Cell and symmetry.
    atoms : AtomImages
        The k atoms of each of p values, row after row.
    values : ndarray, shape (p,)
        What was measured; it must not change if all its atoms are moved or turned together.
    positions, slopes : ndarray, shape (p, k, 3)
        Cartesian coordinates of the atoms in Å and derivatives of the values with respect to them.

    Returns
    -------
    Gradients
        Derivatives with respect to the coordinates of the sites and the constants of the cell.
    """
    cell = model.cell
    p, k = slopes.shape[:2]
    rotations = model.space_group.rotations[atoms.operations].reshape(p, k, 3, 3)
    changes = find_metric_derivatives(cell)[1]
    strains = cell.inverse @ changes @ cell.inverse.T / 2
    vectors = positions - positions[:, :1]
    return Gradients(
        values=values,
        sites=atoms.sites.reshape(p, k),
        positional=np.einsum("pkj,pkji->pki", slopes @ cell.matrix.T, rotations),
        lattice=np.einsum("pki,lij,pkj->pl", vectors, strains, slopes, optimize=True),
    )


def propagate_su(model: ErrorModel, gradients: Gradients) -> FloatArray:
    """Combine gradients with covariances to standard uncertainties.

    Parameters
    ----------
    model : ErrorModel
        Covariances of coordinates and cell.
    gradients : Gradients
        Derivatives of what was measured; atoms of one site are fully correlated.

    Returns
    -------
    ndarray, shape (p,)
        Standard uncertainties in the unit of the values; 0 where symmetry fixes a value.
    """
    p, n = len(gradients.values), len(model.fract)
    variance = np.einsum("pk,kl,pl->p", gradients.lattice, model.lattice, gradients.lattice, optimize=True)
    keys = np.arange(p)[:, None] * n + gradients.sites
    found, place = np.unique(keys, return_inverse=True)
    merged = np.zeros((len(found), 3))
    np.add.at(merged, place.ravel(), gradients.positional.reshape(-1, 3))
    carried = np.einsum("ui,uij->uj", merged, model.positional[found % n])
    variance += np.bincount(found // n, weights=np.sum(carried * merged, axis=1), minlength=p)
    su = np.sqrt(np.maximum(variance, 0.0))
    return np.where(su > _FIXED, su, 0.0)


def propagate_covariance(model: ErrorModel, gradients: Gradients, weights: FloatArray) -> FloatArray:
    """Return the covariance of every value with weighted sums of all values.

    Parameters
    ----------
    model : ErrorModel
        Covariances of coordinates and cell.
    gradients : Gradients
        Derivatives of what was measured.
    weights : ndarray, shape (p, q)
        Weights of the values in each of q sums.

    Returns
    -------
    ndarray, shape (p, q)
        The covariance matrix of the values times the weights; for the unit matrix that matrix itself.
    """
    sites, positional, lattice = gradients.sites, gradients.positional, gradients.lattice
    q = weights.shape[1]
    summed = np.zeros((len(model.fract), 3, q))
    np.add.at(summed, sites, positional[:, :, :, None] * weights[:, None, None, :])
    spread = np.einsum("nij,njq->niq", model.positional, summed)
    covariance = np.einsum("pki,pkiq->pq", positional, spread[sites])
    covariance += lattice @ (model.lattice @ (lattice.T @ weights))
    return np.asarray(covariance, dtype=np.float64)
