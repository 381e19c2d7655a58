"""Which rigid motion lays one set of atoms best on another, when it is known who belongs to whom?

All sets have their centroids at the origin, where the least-squares motion has no translation. A
rotation through the angle φ about the axis u is ``C(u, φ)``; the improper operation of the same angle is
the rotation-reflection ``S(u, φ)``, the rotation followed by the mirror plane normal to u: φ = 0 is a
mirror plane, φ = 180° the inversion.
"""

import math

import numpy as np
from scipy.optimize import brentq

from clustermodel._arrays import FloatArray, IntArray

__all__ = [
    "build_operation",
    "fit_axis",
    "fit_cyclic_axis",
    "spread_directions",
    "spread_rotations",
    "superpose",
]

_TINY = 1e-12  # relative to the largest eigenvalue: what rounding leaves of an exact zero


def superpose(source: FloatArray, target: FloatArray, *, improper: bool) -> FloatArray:
    """Find the orthogonal matrix that brings one set of atoms nearest to another (Kabsch).

    Parameters
    ----------
    source, target : ndarray, shape (..., n, 3)
        Atoms of either set, in the same order.
    improper : bool
        Whether the determinant is to be -1 instead of 1.

    Returns
    -------
    ndarray, shape (..., 3, 3)
        R with the least sum of ``|R source - target|²``.

    Examples
    --------
    >>> corner = np.array([[1.0, 0, 0], [0, 2, 0], [0, 0, 3]])
    >>> np.diag(superpose(corner, corner * (1, 1, -1), improper=True)).round(6).tolist()
    [1.0, 1.0, -1.0]
    """
    covariance = np.swapaxes(target, -1, -2) @ source
    left, _, right = np.linalg.svd(covariance)
    sign = -1.0 if improper else 1.0
    left = left.copy()
    left[..., :, 2] *= (sign * np.linalg.det(left @ right))[..., None]
    return np.asarray(left @ right)


def build_operation(axis: FloatArray, angle: float, *, improper: bool = False) -> FloatArray:
    """Build the matrix of a rotation or rotation-reflection.

    Parameters
    ----------
    axis : ndarray, shape (3,)
        Unit vector.
    angle : float
        Angle in radians.
    improper : bool, optional
        Whether the mirror plane normal to the axis follows.

    Returns
    -------
    ndarray, shape (3, 3)
        The matrix, which acts on columns.

    Examples
    --------
    >>> build_operation(np.array([0.0, 0, 1]), 0.0, improper=True).diagonal().tolist()
    [1.0, 1.0, -1.0]
    """
    outer = np.outer(axis, axis)
    x, y, z = axis.tolist()
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    matrix = math.cos(angle) * (np.eye(3) - outer) + math.sin(angle) * cross
    return np.asarray(matrix - outer if improper else matrix + outer)


def fit_axis(source: FloatArray, target: FloatArray, angle: float, *, improper: bool) -> FloatArray:
    """Find the axis of a rotation or rotation-reflection of given angle that fits best.

    The sum of ``target · R source`` is a quadratic form of the axis plus a linear one; its maximum on the
    unit sphere follows from one secular equation.

    Parameters
    ----------
    source, target : ndarray, shape (n, 3)
        Atoms of either set, in the same order.
    angle : float
        Angle in radians.
    improper : bool
        Whether the mirror plane normal to the axis follows the rotation.

    Returns
    -------
    ndarray, shape (3,)
        Unit vector of the axis with the least sum of ``|R source - target|²``.

    Examples
    --------
    >>> points = np.array([[1.0, 0, 0], [0, 1, 2], [-1, -1, 0.5]])
    >>> turned = points @ build_operation(np.array([0.0, 0.6, 0.8]), 1.2).T
    >>> fit_axis(points, turned, 1.2, improper=False).round(6).tolist()
    [0.0, 0.6, 0.8]
    """
    return _maximise_on_sphere(*_form(source, target, angle, improper=improper))


def fit_cyclic_axis(
    positions: FloatArray, permutation: IntArray, angle: float, *, improper: bool, order: int
) -> FloatArray:
    """Find the axis for which atoms are nearest to the symmetry of all powers of an operation.

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        Atoms.
    permutation : ndarray of int, shape (n,)
        The image of atom i belongs to atom ``permutation[i]``.
    angle : float
        Angle in radians.
    improper : bool
        Whether the mirror plane normal to the axis follows the rotation.
    order : int
        How many powers there are, the identity included.

    Returns
    -------
    ndarray, shape (3,)
        Unit vector of the axis with the least sum over all powers and atoms of ``|R^k x_i - x_partner|²``.

    Examples
    --------
    >>> square = np.array([[0.0, 1, 1], [0, 1, -1], [0, -1, -1], [0, -1, 1]])
    >>> axis = fit_cyclic_axis(square, np.array([1, 2, 3, 0]), math.pi / 2, improper=False, order=4)
    >>> np.abs(axis).round(6).tolist()
    [1.0, 0.0, 0.0]
    """
    quadratic, linear = np.zeros((3, 3)), np.zeros(3)
    partners = permutation
    for power in range(1, order):
        form = _form(positions, positions[partners], power * angle, improper=improper and power % 2 == 1)
        quadratic, linear = quadratic + form[0], linear + form[1]
        partners = permutation[partners]
    return _maximise_on_sphere(quadratic, linear)


def _form(
    source: FloatArray, target: FloatArray, angle: float, *, improper: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the form of the axis that is large where the operation fits: quadratic and linear part."""
    if improper:  # S(u, φ) = -C(u, φ + π)
        target, angle = -target, angle + math.pi
    covariance = target.T @ source
    quadratic = (1 - math.cos(angle)) * (covariance + covariance.T) / 2
    return quadratic, math.sin(angle) * np.cross(source, target).sum(axis=0)


def _maximise_on_sphere(quadratic: FloatArray, linear: FloatArray) -> FloatArray:
    """Return the unit vector u with the largest ``u·Q·u + linear·u``."""
    values, vectors = np.linalg.eigh(quadratic)
    half = vectors.T @ linear / 2
    length = float(np.linalg.norm(half))
    gaps = values[-1] - values
    top = gaps <= _TINY * max(abs(float(values[0])), abs(float(values[-1])), _TINY)
    if length <= _TINY * max(float(gaps[0]), _TINY):
        return np.asarray(vectors[:, -1])

    def excess(shift: float) -> float:
        return float(np.sum((half / (gaps + shift)) ** 2)) - 1

    if np.linalg.norm(half[top]) <= _TINY * length:  # nothing pulls along the largest eigenvector
        rest = np.where(top, 0.0, half / np.where(top, 1.0, gaps))
        missing = 1 - float(rest @ rest)
        if missing >= 0:
            rest[-1] = math.sqrt(missing)
            return np.asarray(vectors @ rest)
    low = float(np.linalg.norm(half[top]))
    shift = brentq(excess, low if low > 0 else _TINY * length, length) if low < length else length
    unit = half / (gaps + shift)
    return np.asarray(vectors @ (unit / np.linalg.norm(unit)))


def spread_directions(count: int) -> FloatArray:
    """Return directions spread evenly over half of the sphere (a Fibonacci spiral).

    Parameters
    ----------
    count : int
        How many.

    Returns
    -------
    ndarray, shape (count, 3)
        Unit vectors with positive z.

    Examples
    --------
    >>> spread_directions(5)[:, 2].round(1).tolist()
    [0.9, 0.7, 0.5, 0.3, 0.1]
    """
    heights = 1 - (np.arange(count) + 0.5) / count
    turns = np.arange(count) * math.pi * (3 - math.sqrt(5))
    radii = np.sqrt(1 - heights**2)
    return np.stack([radii * np.cos(turns), radii * np.sin(turns), heights], axis=1)


def spread_rotations(count: int) -> FloatArray:
    """Return rotations spread evenly over all orientations (a super-Fibonacci spiral).

    The spiral of quaternions is that of Alexa :cite:t:`alexa2022`, with his constants.

    Parameters
    ----------
    count : int
        How many.

    Returns
    -------
    ndarray, shape (count, 3, 3)
        Matrices with determinant 1.

    Examples
    --------
    >>> np.linalg.det(spread_rotations(7)).round(9).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    golden, root = 1.533751168755204288118041, math.sqrt(2)  # ψ⁴ = ψ + 4, and √2
    step = np.arange(count) + 0.5
    low, high = np.sqrt(step / count), np.sqrt(1 - step / count)
    first, second = 2 * math.pi * step / root, 2 * math.pi * step / golden
    quaternions = np.stack(
        [low * np.sin(first), low * np.cos(first), high * np.sin(second), high * np.cos(second)], axis=1
    )
    w, x, y, z = quaternions.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), -1, 0)
