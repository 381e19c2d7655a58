"""Which eigenvalues of a diagonal matrix plus one of low rank are the lowest? Without building the matrix.

For D + W Wᵀ with few columns in W, the inverse after a shift costs no more than a product
(Woodbury), and the number of eigenvalues below a bound follows from the signs of a matrix as small as W is
narrow (Haynsworth). So Lanczos' method with shift and invert finds the eigenvalues of one interval after the
other, and knows that it has found all of them.
"""

from collections.abc import Callable

import numpy as np
from scipy.linalg import eigh, lu_factor, lu_solve
from scipy.sparse.linalg import LinearOperator, eigsh

from clustermodel._arrays import FloatArray
from clustermodel.errors import ConvergenceError, InputError

__all__ = ["count_below", "find_below", "find_bound"]

_DENSE = 600  # rows: below, the whole matrix is smaller than what Lanczos keeps
_SLICE = 60  # eigenvalues of one interval: orthogonalising them costs the square of their number
_TOLERANCE = 1e-10  # of the inverted eigenvalues
_TRIES = 4  # starts of Lanczos' method, as exactly equal eigenvalues may hide from one of them
_MORE = 8  # eigenvalues sought beyond those of an interval in a new try
_NARROW = 1e-9  # share of an interval: below, eigenvalues are equal and the interval is not halved again


def count_below(diagonal: FloatArray, factor: FloatArray, bound: float) -> int:
    """Count the eigenvalues of D + W Wᵀ below a bound.

    Parameters
    ----------
    diagonal : ndarray, shape (n,)
        Diagonal of D.
    factor : ndarray, shape (n, r)
        W.
    bound : float
        Not itself an element of the diagonal.

    Returns
    -------
    int
        Number of smaller eigenvalues.

    Examples
    --------
    >>> count_below(np.array([1.0, 2.0, 3.0]), np.zeros((3, 1)), 2.5)
    2
    """
    small = np.eye(factor.shape[1]) + (factor.T / (diagonal - bound)) @ factor
    negative = int((np.linalg.eigvalsh(small) < 0).sum())
    return int((diagonal < bound).sum()) - negative


def find_bound(diagonal: FloatArray, factor: FloatArray, number: int) -> float:
    """Find a bound with a given number of eigenvalues of D + W Wᵀ below it.

    Parameters
    ----------
    diagonal : ndarray, shape (n,)
        Diagonal of D, positive.
    factor : ndarray, shape (n, r)
        W.
    number : int
        How many; where eigenvalues are equal, all of them or none lie below.

    Returns
    -------
    float
        The bound: the lowest one with at least that many, within the rounding of a bisection.

    Raises
    ------
    InputError
        If there are not so many.

    Examples
    --------
    >>> diagonal, factor = np.array([1.0, 2.0, 5.0]), np.array([[0.0], [1.0], [0.0]])
    >>> count_below(diagonal, factor, find_bound(diagonal, factor, 2))  # 1 and 3
    2
    """
    if not 0 < number <= len(diagonal):
        msg = f"{number} eigenvalues of a matrix with {len(diagonal)} rows; expected 1 to {len(diagonal)}"
        raise InputError(msg)
    low, high = 0.0, float(diagonal.max() + (factor**2).sum()) * (1 + _NARROW) + _NARROW
    whole = high
    while high - low > _NARROW * whole:
        middle = (low + high) / 2
        below = count_below(diagonal, factor, middle)
        if below == number:
            return middle
        low, high = (middle, high) if below < number else (low, middle)
    return high


def find_below(diagonal: FloatArray, factor: FloatArray, bound: float) -> tuple[FloatArray, FloatArray]:
    """Find all eigenvalues of D + W Wᵀ below a bound, and their vectors.

    Parameters
    ----------
    diagonal : ndarray, shape (n,)
        Diagonal of D, positive.
    factor : ndarray, shape (n, r)
        W.
    bound : float
        Not itself an element of the diagonal.

    Returns
    -------
    eigenvalues : ndarray, shape (k,)
        Ascending.
    vectors : ndarray, shape (n, k)
        Normalised, as columns.

    Raises
    ------
    ConvergenceError
        If fewer are found than counted.

    Examples
    --------
    >>> find_below(np.array([1.0, 2.0, 5.0]), np.array([[0.0], [1.0], [0.0]]), 4.0)[0]
    array([1., 3.])
    """
    if len(diagonal) <= _DENSE:
        values, vectors = eigh(np.diag(diagonal) + factor @ factor.T)
        return values[values < bound], vectors[:, values < bound]
    low = float(diagonal.min()) * (1 - _NARROW)  # W Wᵀ only raises eigenvalues
    intervals = [(min(low, bound), bound)]
    found: list[tuple[FloatArray, FloatArray]] = []
    while intervals:
        low, high = intervals.pop()
        inside = count_below(diagonal, factor, high) - count_below(diagonal, factor, low)
        if inside > _SLICE and high - low > _NARROW * bound:
            middle = (low + high) / 2
            intervals += [(low, middle), (middle, high)]
        elif inside:
            found.append(_search(diagonal, factor, (low, high), inside))
    if not found:
        return np.zeros(0), np.zeros((len(diagonal), 0))
    values = np.concatenate([one for one, _ in found])
    order = np.argsort(values)
    return values[order], np.concatenate([vectors for _, vectors in found], axis=1)[:, order]


def _search(
    diagonal: FloatArray, factor: FloatArray, interval: tuple[float, float], number: int
) -> tuple[FloatArray, FloatArray]:
    """Find the eigenvalues of one interval, which are those nearest to its middle."""
    n, shift = len(diagonal), sum(interval) / 2
    inverse = LinearOperator((n, n), matvec=_invert(diagonal - shift, factor), dtype=np.float64)
    whole = LinearOperator((n, n), matvec=lambda x: diagonal * x + factor @ (factor.T @ x), dtype=np.float64)
    random = np.random.default_rng(0)  # the same start in every run
    for attempt in range(_TRIES):
        sought = min(number + attempt * _MORE, n - 1)
        values, vectors = eigsh(
            whole, k=sought, sigma=shift, OPinv=inverse, v0=random.normal(size=n), tol=_TOLERANCE
        )
        inside = (values > interval[0]) & (values < interval[1])
        if inside.sum() == number:
            return values[inside], vectors[:, inside]
    msg = f"{int(inside.sum())} of {number} excitations were found in one interval; change the bound a little"
    raise ConvergenceError(msg)


def _invert(diagonal: FloatArray, factor: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return the product with the inverse of D + W Wᵀ."""
    scaled = factor / diagonal[:, None]
    small = lu_factor(np.eye(factor.shape[1]) + factor.T @ scaled)

    def apply(vector: FloatArray) -> FloatArray:
        flat = np.ravel(vector)
        return np.asarray(flat / diagonal - scaled @ lu_solve(small, scaled.T @ flat))

    return apply
