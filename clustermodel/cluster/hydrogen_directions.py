"""In which directions from a carbon atom do its hydrogen atoms lie? Riding geometry from its bonds."""

from collections.abc import Sequence

import numpy as np

from clustermodel._arrays import FloatArray

__all__ = ["point_methyl", "point_opposite", "point_pair"]

_ALONG, _SIDE = (
    1 / 3,
    np.sqrt(8) / 3,
)  # of a unit vector at the tetrahedral angle: along an axis and across it
_HALF_PAIR = np.arccos(-1 / 3) / 2  # half the angle between the two bonds of a methylene group
_STRAIGHT = 1e-6


def point_methyl(axis: FloatArray, guide: FloatArray) -> FloatArray:
    """Return the three directions of a methyl group.

    Parameters
    ----------
    axis : ndarray, shape (3,)
        From the neighbour to the carbon atom.
    guide : ndarray, shape (3,)
        Towards which the first direction is turned.

    Returns
    -------
    ndarray, shape (3, 3)
        Unit vectors at the tetrahedral angle.

    Examples
    --------
    >>> import numpy as np
    >>> found = point_methyl(np.array([0.0, 0.0, 2.0]), np.array([1.0, 0.0, 5.0]))
    >>> (found @ [0, 0, 1]).round(4), found[0].round(4)
    (array([0.3333, 0.3333, 0.3333]), array([0.9428, 0.    , 0.3333]))
    """
    along = _unit(axis)
    across = _find_across(along, guide)
    third = np.cross(along, across)
    turns = np.arange(3) * 2 * np.pi / 3
    around = np.outer(np.cos(turns), across) + np.outer(np.sin(turns), third)
    return np.asarray(_ALONG * along + _SIDE * around)


def point_pair(bonds: Sequence[FloatArray]) -> FloatArray:
    """Return the two directions of a methylene group.

    Parameters
    ----------
    bonds : sequence of ndarray, shape (3,)
        From the carbon atom to its two neighbours.

    Returns
    -------
    ndarray, shape (2, 3)
        Unit vectors at the tetrahedral angle to each other.

    Examples
    --------
    >>> import numpy as np
    >>> found = point_pair([np.array([1.0, 0.0, 1.0]), np.array([-1.0, 0.0, 1.0])])
    >>> round(float(np.degrees(np.arccos(found[0] @ found[1]))), 2)
    109.47
    """
    away = point_opposite(bonds)[0]
    normal = _find_across(away, np.cross(bonds[0], bonds[1]))
    return np.stack([np.cos(_HALF_PAIR) * away + sign * np.sin(_HALF_PAIR) * normal for sign in (1, -1)])


def point_opposite(bonds: Sequence[FloatArray]) -> FloatArray:
    """Return the direction opposite to the mean of bonds: of a methine or an aromatic C-H.

    Parameters
    ----------
    bonds : sequence of ndarray, shape (3,)
        From the carbon atom to its neighbours.

    Returns
    -------
    ndarray, shape (1, 3)
        Unit vector.

    Examples
    --------
    >>> import numpy as np
    >>> point_opposite([np.array([0.0, 0.0, 1.5])]).tolist()
    [[-0.0, -0.0, -1.0]]
    """
    return -_unit(np.sum([_unit(bond) for bond in bonds], axis=0))[None]


def _find_across(axis: FloatArray, guide: FloatArray) -> FloatArray:
    across = guide - (guide @ axis) * axis
    if np.linalg.norm(across) < _STRAIGHT:  # the guide lies on the axis: any direction will do
        across = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    return _unit(across)


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / float(np.linalg.norm(vector)))
