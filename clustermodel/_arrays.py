"""Read-only arrays with checked shapes: the storage of every frozen value."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["BoolArray", "FloatArray", "IntArray", "freeze_float", "freeze_int"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def _check(array: NDArray[Any], shape: Sequence[int | None], name: str) -> None:
    fits = array.ndim == len(shape) and all(
        want is None or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        expected = tuple("n" if want is None else want for want in shape)
        msg = f"{name} has shape {array.shape}, expected {expected}"
        raise ValueError(msg)


def freeze_float(values: ArrayLike, shape: Sequence[int | None], name: str) -> FloatArray:
    """Return a read-only float copy of `values` after checking its shape.

    Parameters
    ----------
    values : array_like
        Numbers.
    shape : sequence of int or None
        Expected shape; ``None`` stands for any length.
    name : str
        Name used in the error message.

    Returns
    -------
    ndarray
        Read-only array of float64.

    Raises
    ------
    ValueError
        If the shape differs.

    Examples
    --------
    >>> freeze_float([[0, 0, 1]], (None, 3), "positions").shape
    (1, 3)
    """
    array = np.array(values, dtype=np.float64, copy=True)
    _check(array, shape, name)
    array.flags.writeable = False
    return array


def freeze_int(values: ArrayLike, shape: Sequence[int | None], name: str) -> IntArray:
    """Return a read-only integer copy of `values` after checking its shape.

    Parameters
    ----------
    values : array_like
        Whole numbers.
    shape : sequence of int or None
        Expected shape; ``None`` stands for any length.
    name : str
        Name used in the error message.

    Returns
    -------
    ndarray
        Read-only array of int64.

    Raises
    ------
    ValueError
        If the shape differs.

    Examples
    --------
    >>> freeze_int([1, 2], (None,), "part").flags.writeable
    False
    """
    array = np.array(values, dtype=np.int64, copy=True)
    _check(array, shape, name)
    array.flags.writeable = False
    return array
