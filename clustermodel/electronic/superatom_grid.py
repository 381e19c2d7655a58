"""At which points is a sphere sampled? Shells of Gauss-Legendre times directions of Lebedev."""

from dataclasses import dataclass, field

import numpy as np
from scipy.integrate import lebedev_rule

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.constants import BOHR_ANGSTROM
from clustermodel.electronic.basis import evaluate_harmonics
from clustermodel.errors import InputError

__all__ = ["SphereGrid", "build_sphere_grid"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SphereGrid:
    """Points in a sphere about the origin, shell after shell.

    Parameters
    ----------
    radii : array_like, shape (r,)
        Radii of the shells.
    radial_weights : array_like, shape (r,)
        Their weights, r² included.
    directions : array_like, shape (d, 3)
        Unit vectors of the points of each shell.
    angular_weights : array_like, shape (d,)
        Their weights, with the sum 4 pi.
    """

    radii: FloatArray = field(metadata={"unit": "Å"})
    radial_weights: FloatArray = field(metadata={"unit": "bohr3"})
    directions: FloatArray
    angular_weights: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        r, d = len(self.radii), len(self.directions)
        for name, shape in (
            ("radii", (r,)),
            ("radial_weights", (r,)),
            ("directions", (d, 3)),
            ("angular_weights", (d,)),
        ):
            object.__setattr__(self, name, freeze_float(getattr(self, name), shape, name))

    @property
    def points(self) -> FloatArray:
        """The points in Å, shape (r · d, 3)."""
        return np.asarray((self.radii[:, None, None] * self.directions[None]).reshape(-1, 3))

    def project(self, values: FloatArray, l_max: int, axes: FloatArray | None = None) -> FloatArray:
        """Return the radial functions of each spherical harmonic in functions given on the points.

        Parameters
        ----------
        values : ndarray, shape (r · d, k)
            Values of `k` functions at the points.
        l_max : int
            Highest angular momentum.
        axes : ndarray, shape (3, 3), optional
            Rows are the x, y and z axes of the harmonics; the Cartesian axes by default.

        Returns
        -------
        ndarray, shape (r, (l_max + 1)², k)
            Integrals over all directions of Y_lm times the function, on each shell.
        """
        directions = self.directions if axes is None else self.directions @ axes.T
        numbers = [(k, m) for k in range(l_max + 1) for m in range(-k, k + 1)]
        harmonics = np.array([evaluate_harmonics(k, m, directions) for k, m in numbers])
        shells = values.reshape(len(self.radii), len(self.directions), -1)
        parts: FloatArray = np.einsum("yd,d,rdk->ryk", harmonics, self.angular_weights, shells, optimize=True)
        return parts

    def integrate_squares(self, values: FloatArray) -> FloatArray:
        """Integrate the squares of functions over the sphere.

        Parameters
        ----------
        values : ndarray, shape (r · d, k)
            Values of `k` functions at the points, in bohr^(-3/2).

        Returns
        -------
        ndarray, shape (k,)
            The integrals.
        """
        shells = values.reshape(len(self.radii), len(self.directions), -1)
        weights = np.outer(self.radial_weights, self.angular_weights)
        sums: FloatArray = np.einsum("rd,rdk->k", weights, shells**2, optimize=True)
        return sums


def build_sphere_grid(radius: float, *, n_radial: int = 40, angular_order: int = 41) -> SphereGrid:
    """Build the points that sample a sphere.

    Parameters
    ----------
    radius : float
        Radius in Å.
    n_radial : int, optional
        Number of shells.
    angular_order : int, optional
        Highest angular momentum integrated exactly by the directions (:cite:t:`lebedev1999`); 41 has 590.

    Returns
    -------
    SphereGrid
        Points and weights.

    Raises
    ------
    InputError
        If the radius is not positive, or there are no directions of this order.

    Examples
    --------
    >>> grid = build_sphere_grid(2.0, n_radial=4, angular_order=5)
    >>> len(grid.points)
    56
    """
    if not (np.isfinite(radius) and radius > 0):
        msg = f"the radius of the sphere is {radius}; expected a positive length in Å"
        raise InputError(msg)
    try:
        directions, weights = lebedev_rule(angular_order)
    except NotImplementedError as error:
        msg = f"no directions of order {angular_order}; expected one of Lebedev's, such as 29, 41 or 59"
        raise InputError(msg) from error
    nodes, steps = np.polynomial.legendre.leggauss(n_radial)
    radii = radius * (nodes + 1) / 2
    radial = steps * radius / 2 * radii**2 / BOHR_ANGSTROM**3
    return SphereGrid(radii=radii, radial_weights=radial, directions=directions.T, angular_weights=weights)
