"""Which lattice? The unit cell with its standard uncertainties."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float

__all__ = ["Cell"]

_FLAT = 1e-12  # (volume / abc)²: rounding of three cosines leaves 1e-16 of a flat cell


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cell:
    """A unit cell.

    Parameters
    ----------
    lengths : array_like, shape (3,)
        a, b, c in Å.
    angles : array_like, shape (3,)
        alpha, beta, gamma in degrees.
    lengths_su, angles_su : array_like, shape (3,), optional
        Standard uncertainties in Å and degrees; zero where the file states none.

    Attributes
    ----------
    matrix : ndarray, shape (3, 3)
        Rows are a, b, c in Cartesian Å: ``xyz = fract @ matrix``, with a along x and b in the
        xy plane.
    inverse : ndarray, shape (3, 3)
        ``fract = xyz @ inverse``.

    Raises
    ------
    ValueError
        If the parameters do not span a volume.

    Examples
    --------
    >>> cell = Cell(lengths=(10, 10, 20), angles=(90, 90, 120))
    >>> round(cell.volume, 2)
    1732.05
    """

    lengths: FloatArray = field(metadata={"unit": "Å"})
    angles: FloatArray = field(metadata={"unit": "°"})
    lengths_su: FloatArray = field(default_factory=lambda: np.zeros(3), metadata={"unit": "Å"})
    angles_su: FloatArray = field(default_factory=lambda: np.zeros(3), metadata={"unit": "°"})
    matrix: FloatArray = field(init=False, repr=False)
    inverse: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Freeze the arrays and build the orthogonalisation matrix."""
        for name in ("lengths", "angles", "lengths_su", "angles_su"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (3,), name))
        matrix = orthogonalisation(self.lengths, self.angles)
        object.__setattr__(self, "matrix", freeze_float(matrix, (3, 3), "matrix"))
        object.__setattr__(self, "inverse", freeze_float(np.linalg.inv(matrix), (3, 3), "inverse"))

    @property
    def volume(self) -> float:
        """Volume in Å3."""
        return float(abs(np.linalg.det(self.matrix)))


def orthogonalisation(lengths: FloatArray, angles: FloatArray) -> FloatArray:
    """Return the matrix whose rows are the cell vectors in Cartesian Å.

    Parameters
    ----------
    lengths : ndarray, shape (3,)
        a, b, c in Å.
    angles : ndarray, shape (3,)
        alpha, beta, gamma in degrees.

    Returns
    -------
    ndarray, shape (3, 3)
        Cell vectors as rows.

    Raises
    ------
    ValueError
        If the parameters do not span a volume.
    """
    cos_alpha, cos_beta, cos_gamma = np.cos(np.radians(angles))
    sin_gamma = np.sin(np.radians(angles[2]))
    square = 1 - cos_alpha**2 - cos_beta**2 - cos_gamma**2 + 2 * cos_alpha * cos_beta * cos_gamma
    proper = np.all(np.isfinite(lengths)) and np.all(lengths > 0)
    if not (proper and np.all((angles > 0) & (angles < 180)) and square > _FLAT):
        msg = f"cell lengths {lengths.tolist()} and angles {angles.tolist()} span no volume"
        raise ValueError(msg)
    a, b, c = lengths
    tilt = (cos_alpha - cos_beta * cos_gamma) / sin_gamma
    return np.array(
        [
            [a, 0.0, 0.0],
            [b * cos_gamma, b * sin_gamma, 0.0],
            [c * cos_beta, c * tilt, c * np.sqrt(square) / sin_gamma],
        ]
    )
