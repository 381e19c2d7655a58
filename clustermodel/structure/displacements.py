"""How far does an atom move along a direction? Mean-square amplitudes from displacement parameters."""

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.structure.cell import Cell
from clustermodel.structure.symmetry import SpaceGroup
from clustermodel.structure.uncertainty import constrain_covariance

__all__ = ["build_displacement_covariance", "find_amplitude_slopes", "find_displacement_tensors"]

_ROWS, _COLUMNS = (0, 1, 2, 1, 0, 0), (0, 1, 2, 2, 2, 1)  # U11 U22 U33 U23 U13 U12
_TWICE = np.array([1.0, 1, 1, 2, 2, 2])  # how often each stands in the symmetric matrix


def find_displacement_tensors(cell: Cell, u_aniso: FloatArray) -> FloatArray:
    """Return displacement tensors in Cartesian coordinates.

    Parameters
    ----------
    cell : Cell
        The unit cell.
    u_aniso : ndarray, shape (n, 6)
        U11 U22 U33 U23 U13 U12 in Å2, as in a CIF: with respect to the reciprocal axes
        (:cite:t:`trueblood1996`).

    Returns
    -------
    ndarray, shape (n, 3, 3)
        Mean-square displacements in Å2.

    Examples
    --------
    >>> cell = Cell(lengths=(9, 9, 9), angles=(90, 90, 120))
    >>> round_one = np.array([[0.02, 0.02, 0.02, 0, 0, 0.01]])  # the same in all directions
    >>> find_displacement_tensors(cell, round_one).round(6)[0].tolist()
    [[0.02, 0.0, 0.0], [0.0, 0.02, 0.0], [0.0, 0.0, 0.02]]
    """
    frame = _find_frame(cell)
    tensors = np.zeros((len(u_aniso), 3, 3))
    tensors[:, _ROWS, _COLUMNS] = tensors[:, _COLUMNS, _ROWS] = u_aniso
    return np.asarray(np.einsum("ij,njk,lk->nil", frame, tensors, frame), dtype=np.float64)


def find_amplitude_slopes(cell: Cell, rotations: IntArray, directions: FloatArray) -> FloatArray:
    """Return the coefficients of the mean-square amplitude of moved atoms along directions.

    The amplitude along a unit vector e is linear in the six parameters: the sum of their products
    with these coefficients.

    Parameters
    ----------
    cell : Cell
        The unit cell.
    rotations : ndarray of int, shape (p, 3, 3)
        Rotation part of the operation applied to each atom, for fractional coordinates.
    directions : ndarray, shape (p, 3)
        Unit vectors in Cartesian coordinates.

    Returns
    -------
    ndarray, shape (p, 6)
        Derivatives with respect to U11 U22 U33 U23 U13 U12 of the site as listed.

    Examples
    --------
    >>> cell = Cell(lengths=(9, 9, 9), angles=(90, 90, 90))
    >>> quarter = np.array([[[0, -1, 0], [1, 0, 0], [0, 0, 1]]])  # a goes to b: along b it moves by U11
    >>> find_amplitude_slopes(cell, quarter, np.array([[0.0, 1, 0]])).round(6).tolist()
    [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    along = np.einsum("pij,pi->pj", rotations, directions @ cell.matrix.T) * _find_scales(cell)
    return np.asarray(along[:, _ROWS] * along[:, _COLUMNS] * _TWICE, dtype=np.float64)


def build_displacement_covariance(
    cell: Cell, group: SpaceGroup, fract: FloatArray, su: FloatArray, *, tolerance: float
) -> FloatArray:
    """Find the covariances of displacement parameters, symmetry imposed on special positions.

    Parameters
    ----------
    cell : Cell
        The unit cell.
    group : SpaceGroup
        The symmetry operations.
    fract : ndarray, shape (n, 3)
        Fractional coordinates.
    su : ndarray, shape (n, 6)
        Printed standard uncertainties of U11 U22 U33 U23 U13 U12 in Å2.
    tolerance : float
        A site nearer than this to its own image, in Å, is on a special position.

    Returns
    -------
    ndarray, shape (n, 6, 6)
        Covariances in Å4, parameters that symmetry leaves free taken as independent.
    """
    covariance = su[:, :, None] * su[:, None, :] * np.eye(6)
    projectors = np.zeros((len(fract), 6, 6))
    order = np.zeros(len(fract))
    for rotation, translation in zip(group.rotations, group.translations, strict=True):
        offset = fract @ rotation.T + translation - fract
        near = np.linalg.norm((offset - np.rint(offset)) @ cell.matrix, axis=1) < tolerance
        projectors[near] += _turn_parameters(cell, rotation)
        order += near
    for site in np.flatnonzero(order > 1).tolist():
        covariance[site] = constrain_covariance(projectors[site] / order[site], su[site], None)
    return covariance


def _find_frame(cell: Cell) -> FloatArray:
    """Return the matrix whose columns are the cell vectors times the reciprocal lengths."""
    return np.asarray(cell.matrix.T * _find_scales(cell), dtype=np.float64)


def _find_scales(cell: Cell) -> FloatArray:
    """Return the lengths of the reciprocal vectors."""
    return np.asarray(np.linalg.norm(cell.inverse, axis=0), dtype=np.float64)


def _turn_parameters(cell: Cell, rotation: IntArray) -> FloatArray:
    """Return the matrix that turns the six parameters by an operation."""
    scale = _find_scales(cell)
    turn = rotation * scale / scale[:, None]
    rows, columns = np.array(_ROWS), np.array(_COLUMNS)
    forward = turn[rows][:, rows] * turn[columns][:, columns]
    crossed = turn[rows][:, columns] * turn[columns][:, rows]
    return np.asarray((forward + crossed) * _TWICE / 2, dtype=np.float64)
