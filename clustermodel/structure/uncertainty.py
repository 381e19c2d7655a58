"""How sure is each parameter? Covariances of coordinates and cell, symmetry imposed."""

from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.structure.cell import Cell
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.symmetry import SpaceGroup

__all__ = ["ErrorModel", "build_error_model", "constrain_covariance", "find_metric_derivatives"]

_SAME_PLACE = 1e-3  # Å: an atom moved onto a special position and its image differ by rounding alone
_INDEPENDENT = 1e-6  # singular value of independent rows: the projectors are small fractions, exact to 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ErrorModel:
    """Covariances of coordinates and cell, as far as a CIF tells them.

    Parameters
    ----------
    cell : Cell
        The unit cell.
    space_group : SpaceGroup
        The symmetry operations.
    fract : array_like, shape (n, 3)
        Fractional coordinates of the sites.
    positional : array_like, shape (n, 3, 3)
        Covariance of the fractional coordinates of each site.
    lattice : array_like, shape (6, 6)
        Covariance of ln a, ln b, ln c, alpha, beta, gamma (radians).
    held : array_like of int, shape (n,)
        1 where a site has no standard uncertainty although symmetry leaves it free.
    """

    cell: Cell
    space_group: SpaceGroup
    fract: FloatArray
    positional: FloatArray
    lattice: FloatArray
    held: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        n = len(self.fract)
        object.__setattr__(self, "fract", freeze_float(self.fract, (n, 3), "fract"))
        object.__setattr__(self, "positional", freeze_float(self.positional, (n, 3, 3), "positional"))
        object.__setattr__(self, "lattice", freeze_float(self.lattice, (6, 6), "lattice"))
        object.__setattr__(self, "held", freeze_int(self.held, (n,), "held"))


def build_error_model(crystal: Crystal, *, tolerance: float) -> ErrorModel:
    """Find the covariances that the printed standard uncertainties imply.

    Different sites are independent, and so are the constants of the cell that the symmetry of the
    lattice leaves free. The errors of one site are taken as isotropic in space, as far as its
    printed uncertainties allow: the correlation of two coordinates is that of the reciprocal
    metric (the cosine of the reciprocal angle), zero for orthogonal axes. A refinement prints no
    correlations, but it has these; without them the result would depend on the choice of axes.
    Dependent coordinates and constants follow from the free ones, which are those with the
    largest uncertainty, printed with the smallest relative rounding. This is the treatment that
    SHELXL describes in ``_geom_special_details`` (sheldrick2015), without its full matrix.

    Parameters
    ----------
    crystal : Crystal
        Cell, symmetry and sites.
    tolerance : float
        A site nearer than this to its own image, in Å, is on a special position.

    Returns
    -------
    ErrorModel
        Covariances of coordinates and cell.
    """
    cell, group, sites = crystal.cell, crystal.space_group, crystal.sites
    projector = _site_projectors(cell, group, sites.fract, tolerance)
    metric = cell.matrix @ cell.matrix.T
    reciprocal = np.linalg.inv(metric)
    scale = np.sqrt(np.diag(reciprocal))
    su = np.abs(sites.fract_su)
    positional = su[:, :, None] * su[:, None, :] * (reciprocal / np.outer(scale, scale))
    free = np.rint(np.trace(projector, axis1=1, axis2=2)).astype(np.int64)
    for index in np.flatnonzero(free < 3).tolist():
        positional[index] = constrain_covariance(projector[index], su[index], metric)
    return ErrorModel(
        cell=cell,
        space_group=group,
        fract=sites.fract,
        positional=positional,
        lattice=_lattice_covariance(cell, group),
        held=((free > 0) & ~positional.any(axis=(1, 2))).astype(np.int64),
    )


def find_metric_derivatives(cell: Cell) -> tuple[FloatArray, FloatArray]:
    """Differentiate the metric tensor of a cell with respect to its constants.

    Parameters
    ----------
    cell : Cell
        The unit cell.

    Returns
    -------
    metric : ndarray, shape (3, 3)
        Scalar products of the cell vectors in Å2.
    derivatives : ndarray, shape (6, 3, 3)
        Derivatives with respect to ln a, ln b, ln c, alpha, beta, gamma (radians).
    """
    metric = cell.matrix @ cell.matrix.T
    changes = np.zeros((6, 3, 3))
    for k in range(3):
        changes[k, k, :] += metric[k]
        changes[k, :, k] += metric[k]
        i, j = (k + 1) % 3, (k + 2) % 3
        slope = -cell.lengths[i] * cell.lengths[j] * np.sin(np.radians(cell.angles[k]))
        changes[3 + k, i, j] = changes[3 + k, j, i] = slope
    return metric, changes


def _site_projectors(cell: Cell, group: SpaceGroup, fract: FloatArray, tolerance: float) -> FloatArray:
    """Return for each site the projector on the displacements that keep its site symmetry."""
    projector, fixed = _average_stabiliser(cell, group, fract, tolerance)
    special = np.flatnonzero(np.trace(projector, axis1=1, axis2=2) < 3 - 1e-6)
    projector[special] = _average_stabiliser(cell, group, fixed[special], _SAME_PLACE)[0]
    return projector


def _average_stabiliser(
    cell: Cell, group: SpaceGroup, fract: FloatArray, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    """Average the rotations that map each site on itself, and the images they produce."""
    rotations, offsets = np.zeros((len(fract), 3, 3)), np.zeros_like(fract)
    order = np.zeros(len(fract))
    for rotation, translation in zip(group.rotations, group.translations, strict=True):
        offset = fract @ rotation.T + translation - fract
        offset -= np.rint(offset)
        near = np.linalg.norm(offset @ cell.matrix, axis=1) < tolerance
        rotations[near] += rotation
        offsets[near] += offset[near]
        order += near
    return rotations / order[:, None, None], fract + offsets / order[:, None]


def _lattice_covariance(cell: Cell, group: SpaceGroup) -> FloatArray:
    """Return the covariance of the cell, the symmetry of the lattice imposed."""
    metric = _average_metric(group, cell.matrix @ cell.matrix.T)
    lengths = np.sqrt(np.diag(metric))
    angles = np.degrees(np.arccos(metric[(1, 0, 0), (2, 2, 1)] / (lengths.prod() / lengths)))
    changes = find_metric_derivatives(Cell(lengths=lengths, angles=angles))[1]
    averaged = np.array([_average_metric(group, change) for change in changes])
    upper = np.triu_indices(3)
    projector = np.linalg.solve(changes[:, *upper].T, averaged[:, *upper].T)
    su = np.concatenate([cell.lengths_su / cell.lengths, np.radians(cell.angles_su)])
    return constrain_covariance(projector, np.abs(su), None)


def _average_metric(group: SpaceGroup, metric: FloatArray) -> FloatArray:
    """Return the part of a metric, or of a change of it, that has the symmetry of the group."""
    rotations = group.rotations.astype(np.float64)
    return np.asarray(
        np.einsum("gji,jl,glm->im", rotations, metric, rotations) / len(group), dtype=np.float64
    )


def constrain_covariance(projector: FloatArray, su: FloatArray, metric: FloatArray | None) -> FloatArray:
    """Return the covariance of parameters of which only those in a subspace may vary.

    The free parameters are those with the largest printed uncertainty; the others follow from them.

    Parameters
    ----------
    projector : ndarray, shape (k, k)
        Projector on the changes that symmetry allows.
    su : ndarray, shape (k,)
        Printed standard uncertainties.
    metric : ndarray of shape (k, k), optional
        If given, the free parameters are correlated as isotropic errors are, else independent.

    Returns
    -------
    ndarray, shape (k, k)
        The covariance, zero where symmetry fixes everything.
    """
    rank = int(np.rint(np.trace(projector)))
    if rank == 0:
        return np.zeros_like(projector)
    basis = np.linalg.svd(projector)[0][:, :rank]
    pivots: list[int] = []
    for row in np.argsort(-su, kind="stable").tolist():
        values = np.linalg.svd(projector[[*pivots, row]], compute_uv=False)
        if len(pivots) < rank and values[-1] > _INDEPENDENT:
            pivots.append(row)
    mapped = basis @ np.linalg.inv(basis[pivots])
    covariance = np.diag(su[pivots] ** 2)
    if metric is not None:
        isotropic = np.linalg.inv(mapped.T @ metric @ mapped)
        scale = su[pivots] / np.sqrt(np.diag(isotropic))
        covariance = isotropic * np.outer(scale, scale)
    return np.asarray(mapped @ covariance @ mapped.T, dtype=np.float64)
