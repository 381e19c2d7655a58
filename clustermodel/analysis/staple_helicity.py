"""Do the staples wind round the cluster like a right-handed or a left-handed screw?

Each staple with two ends is a segment without direction: a unit vector u between its terminal donors, at the
unit vector r from the centroid of the metal atoms to the middle of the segment. About an axis z a segment
winds by ``(u·z)(u·(z × r))``, which is positive where going up goes with going round counter-clockwise, as in
a right-handed screw; it does not change with the sign of u or z. The mean over the staples is ``z·H·z`` with
the helicity tensor ``H = <sym(u ⊗ (r × u))>``, symmetric and without trace. A mirror changes the sign of H,
so the eigenvalues of an achiral arrangement are h, 0, -h or all zero. The handedness is that of the
eigenvalue of largest size where it stands out: the mode ``3√6 det(H/|H|)`` is 1 for a right-handed and -1 for
a left-handed screw about one axis, and 0 for an achiral arrangement.

This is a definition of this program for staples. It is P or M in the sense of a right- or left-handed screw,
and not the descriptor of a stereogenic centre, nor the A and C used for Au38(SR)24.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float

__all__ = ["StapleHelicity", "measure_helicity"]

_TINY = 1e-9  # Å: rounding of a vector that is zero by symmetry
_NOTHING = 1e-3  # strength that coordinates of three decimals leave of zero; its mode means nothing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StapleHelicity:
    """How the staples of a cluster wind.

    Parameters
    ----------
    staples : int
        Staples with two ends.
    axis : ndarray, shape (3,)
        Unit vector of the axis about which they wind most, either way.
    helicity : float
        Mean of ``(u·z)(u·(z × r))`` about this axis, -1/2 to 1/2; positive for a right-handed screw.
    strength : float
        Norm of the helicity tensor, 0 to 1/√2.
    mode : float
        ``3√6 det(H/|H|)``, -1 to 1; 0 for an achiral arrangement and where the strength is below 0.001.
    """

    staples: int = field(metadata={"unit": ""})
    axis: FloatArray
    helicity: float = field(metadata={"unit": ""})
    strength: float = field(metadata={"unit": ""})
    mode: float = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the axis."""
        object.__setattr__(self, "axis", freeze_float(self.axis, (3,), "axis"))


def measure_helicity(segments: Sequence[tuple[FloatArray, FloatArray]], centre: FloatArray) -> StapleHelicity:
    """Measure how segments wind round a point.

    Parameters
    ----------
    segments : sequence of (ndarray, ndarray)
        The two ends of each segment, in Å.
    centre : ndarray, shape (3,)
        The point, in Å.

    Returns
    -------
    StapleHelicity
        All zero without segments.

    Examples
    --------
    >>> turn = np.array([[-0.5, -(0.75**0.5), 0], [0.75**0.5, -0.5, 0], [0, 0, 1]])
    >>> blade = [np.array([2.0, -1, -1]), np.array([2.0, 1, 1])]  # rises as it goes round
    >>> blades = [tuple(np.linalg.matrix_power(turn, k) @ end for end in blade) for k in range(3)]
    >>> found = measure_helicity(blades, np.zeros(3))
    >>> round(found.helicity, 3), round(found.mode, 3), np.abs(found.axis).round(3).tolist()
    (0.5, 1.0, [0.0, 0.0, 1.0])
    """
    tensor = np.zeros((3, 3))
    for first, second in segments:
        along = _normalise(second - first)
        wound = np.outer(along, np.cross(_normalise((first + second) / 2 - centre), along))
        tensor += (wound + wound.T) / 2 / len(segments)
    values, vectors = np.linalg.eigh(tensor)
    most = int(np.argmax(np.abs(values)))
    strength = float(np.linalg.norm(tensor))
    return StapleHelicity(
        staples=len(segments),
        axis=vectors[:, most],
        helicity=float(values[most]),
        strength=strength,
        mode=3 * 6**0.5 * float(np.prod(values / strength)) if strength > _NOTHING else 0.0,
    )


def _normalise(vector: FloatArray) -> FloatArray:
    """Return the unit vector; zero for a vector that is zero but for rounding."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > _TINY else np.zeros(3)
