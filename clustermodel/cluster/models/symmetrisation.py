"""How does a fitted cluster become exactly symmetric? Mean over the images by each rotation."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError

__all__ = ["symmetrise_positions"]

_MISS = 0.5  # Å; far below half a bond: the atom that an image stands for is never in doubt


def symmetrise_positions(
    elements: Sequence[str], positions: FloatArray, rotations: Sequence[FloatArray]
) -> FloatArray:
    """Average positions over the images of a group of rotations about the origin.

    Parameters
    ----------
    elements : sequence of str, length n
        Elements.
    positions : ndarray, shape (n, 3)
        Positions in Å.
    rotations : sequence of ndarray, each of shape (3, 3)
        The rotations without the identity; together with it a group.

    Returns
    -------
    ndarray, shape (n, 3)
        Positions that each rotation maps onto themselves.

    Raises
    ------
    InputError
        If an image misses the atoms by more than 0.5 Å.

    Examples
    --------
    >>> turn = np.diag([-1.0, -1.0, 1.0])
    >>> symmetrise_positions(["H", "H"], np.array([[0.9, 0, 0], [-1.1, 0, 0]]), [turn]).tolist()
    [[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]]
    """
    symbols = np.array(elements)
    total = positions.copy()
    for rotation in rotations:
        image = positions @ rotation.T
        apart = np.linalg.norm(positions[:, None] - image[None], axis=2)
        apart[symbols[:, None] != symbols[None]] = np.inf
        finite = np.where(np.isfinite(apart), apart, 1e6)
        rows, columns = linear_sum_assignment(finite**2)
        worst = float(finite[rows, columns].max(initial=0.0))
        if worst > _MISS:
            msg = f"a rotation misses an atom by {worst:.2f} Å, expected {_MISS} Å at most: no such symmetry"
            raise InputError(msg)
        total += image[columns]
    return np.asarray(total / (len(rotations) + 1))
