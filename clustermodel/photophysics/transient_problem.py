"""How well does a set of rates, a response and a curve of time zero fit a map? Variable projection.

The amplitudes at each wavelength are a linear problem :cite:p:`golub1973`, so only the rates, the width of
the response and the coefficients of time zero are searched for. Three properties of the problem make it
quick:

* The basis depends on the wavelength through time zero alone, and after the response is over that is a
  factor for each exponential. All wavelengths share the exponentials at late delays, which one QR
  decomposition compresses to a few rows.
* Derivatives by rate, width and time zero are combinations of the basis F, of xF and of two terms x^p g(x);
  the part of a derivative inside the basis does not count :cite:p:`kaufman1975`. One QR decomposition for
  each wavelength of [basis | data | these terms] therefore holds the residual and its Jacobian.
* What follows needs the triangular factors alone, a few rows for each wavelength instead of all delays.
"""

from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.io.transient_map import TransientMap
from clustermodel.photophysics.transient_basis import REACH, convolve_decays, draw_response
from clustermodel.photophysics.transient_scheme import KineticScheme, SchemeSolution, solve_scheme
from clustermodel.photophysics.transient_time_zero import build_dispersion_basis

__all__ = ["Evaluation", "Point", "TransientProblem"]

_SINGULAR = 1e-13  # diagonal of a triangle relative to the largest: below it, a direction is rounding


class Point(NamedTuple):
    """Parameters of a fit in their own units.

    Parameters
    ----------
    rates : ndarray, shape (p,)
        Rate constants in 1/ps.
    sigma : float
        Standard deviation of the response in ps.
    dispersion : ndarray, shape (order + 1,)
        Legendre coefficients of time zero in ps.
    """

    rates: FloatArray
    sigma: float
    dispersion: FloatArray


class Evaluation(NamedTuple):
    """What one set of parameters gives.

    Parameters
    ----------
    residual : ndarray, shape (n, r)
        Residual of each wavelength in rotated coordinates; its sum of squares is that of all delays.
    jacobian : ndarray, shape (n, r, p)
        Derivatives of the residual by log rates, log σ and coefficients of time zero, less their part inside
        of the basis.
    amplitudes : ndarray, shape (n, m)
        Best amplitudes of exponentials and artifact terms at each wavelength.
    """

    residual: FloatArray
    jacobian: FloatArray
    amplitudes: FloatArray


class _Zones(NamedTuple):
    """Delays before, during and after the response at any wavelength."""

    first: int
    last: int


class TransientProblem:
    """A map and a model; the parameters are log rates, log σ and Legendre coefficients of time zero.

    Parameters
    ----------
    data : TransientMap
        Finite numbers.
    scheme : KineticScheme
        Species and arrows.
    artifact : int
        Number of artifact terms: the response and its derivatives.
    order : int
        Order of the dispersion.
    """

    def __init__(self, data: TransientMap, scheme: KineticScheme, *, artifact: int, order: int) -> None:
        self.delay = data.delay_ps
        self.rows = np.ascontiguousarray(data.signal.T)
        self.scheme = scheme
        self.artifact = artifact
        self.dispersion_basis = build_dispersion_basis(data.wavelength, order)

    def pack(self, point: Point) -> FloatArray:
        """Return the vector of parameters.

        Parameters
        ----------
        point : Point
            Parameters in their own units.

        Returns
        -------
        ndarray, shape (p,)
            Logarithms of rates and width, then the coefficients of time zero.
        """
        return np.concatenate([np.log(point.rates), [np.log(point.sigma)], point.dispersion])

    def unpack(self, parameters: FloatArray) -> Point:
        """Return the parameters in their own units.

        Parameters
        ----------
        parameters : ndarray, shape (p,)
            A vector of parameters.

        Returns
        -------
        Point
            Rates, width, coefficients.
        """
        count = len(self.scheme.rates)
        return Point(np.exp(parameters[:count]), float(np.exp(parameters[count])), parameters[count + 1 :])

    def build_basis(self, parameters: FloatArray) -> FloatArray:
        """Return the basis at every wavelength and delay, without shortcuts.

        Parameters
        ----------
        parameters : ndarray, shape (p,)
            A vector of parameters.

        Returns
        -------
        ndarray, shape (n, t, m)
            Exponentials convolved with the response, then x^p g(x) for p = 0, 1, ….
        """
        point = self.unpack(parameters)
        solution = solve_scheme(self.scheme, point.rates)
        zero = self.dispersion_basis @ point.dispersion
        x = (self.delay - zero[:, None]) / point.sigma
        response = draw_response(x)
        columns = [*convolve_decays(x, solution.decay_rates * point.sigma, response)]
        columns += [response * x**power for power in range(self.artifact)]
        return np.stack(columns, axis=-1)

    def evaluate(self, parameters: FloatArray, used: IntArray | None = None) -> Evaluation:
        """Solve for the amplitudes and return residual and Jacobian.

        Parameters
        ----------
        parameters : ndarray, shape (p,)
            A vector of parameters.
        used : ndarray of int, optional
            Which wavelengths to use; all if left out.

        Returns
        -------
        Evaluation
            Residual, Jacobian, amplitudes.
        """
        rows = self.rows if used is None else self.rows[used]
        basis = self.dispersion_basis if used is None else self.dispersion_basis[used]
        point = self.unpack(parameters)
        solution = solve_scheme(self.scheme, point.rates)
        zero = basis @ point.dispersion
        zones = self._find_zones(zero, point.sigma, solution)
        table, constant = self._fill(rows, zero, point.sigma, solution, zones)
        triangle = np.asarray(np.linalg.qr(table.transpose(0, 2, 1), mode="r"))
        count = solution.decay_rates.size + self.artifact
        triangle = _drop_weak(triangle, count)
        right = triangle[:, :count, count, None]
        solved = np.linalg.solve(triangle[:, :count, :count], right)
        amplitudes = np.asarray(solved[..., 0], dtype=np.float64)
        tail = triangle[:, count:, count:]
        terms = self._combine_terms(amplitudes, point, solution, basis)
        residual = np.zeros((len(rows), tail.shape[1] + 1))
        jacobian = np.zeros((*residual.shape, parameters.size))
        residual[:, :-1] = tail[:, :, 0]
        residual[:, -1] = np.sqrt(constant)
        jacobian[:, :-1] = -tail[:, :, 1:] @ terms
        return Evaluation(residual, jacobian, amplitudes)

    def _find_zones(self, zero: FloatArray, sigma: float, solution: SchemeSolution) -> _Zones:
        first = int(np.searchsorted(self.delay, zero.min() - REACH * sigma))
        last = int(np.searchsorted(self.delay, zero.max() + REACH * sigma))
        late, moving = self.delay.size - last, int((solution.decay_rates > 0).sum())
        columns = solution.decay_rates.size + moving
        # All columns must fit into the rows that are left, and compression must save some.
        room = last - first + columns >= columns + self.artifact + 3
        if late <= columns or not room:
            last = self.delay.size
        if last - first < columns + self.artifact + 3 and last == self.delay.size:
            first = 0
        return _Zones(first, last)

    def _fill(
        self, rows: FloatArray, zero: FloatArray, sigma: float, solution: SchemeSolution, zones: _Zones
    ) -> tuple[FloatArray, FloatArray]:
        """Return the columns [basis | data | terms], and the squares of the delays that are left out."""
        k = solution.decay_rates
        moving = np.flatnonzero(k > 0)
        count = k.size + self.artifact
        middle = zones.last - zones.first
        late = _compress(self.delay[zones.last :], k, moving)
        table = np.zeros((len(rows), count + moving.size + 3, middle + len(late.triangle)))
        x = (self.delay[zones.first : zones.last] - zero[:, None]) / sigma
        response = draw_response(x)
        curves = convolve_decays(x, k * sigma, response)
        for column, curve in enumerate(curves):
            table[:, column, :middle] = curve
        for column, rate in enumerate(moving, count + 1):
            np.multiply(x, curves[rate], out=table[:, column, :middle])
        term = response
        for power in range(self.artifact + 2):
            place = k.size + power if power < self.artifact else power - self.artifact - 2
            table[:, place, :middle] = term
            term = term * x
        table[:, count, :middle] = rows[:, zones.first : zones.last]
        constant = np.einsum("ij,ij->i", rows[:, : zones.first], rows[:, : zones.first])
        if len(late.triangle):
            data = rows[:, zones.last :]
            part = data @ late.rotation
            rest = data - part @ late.rotation.T
            constant = constant + np.einsum("ij,ij->i", rest, rest)
            start = self.delay[zones.last] - zero
            scale = np.exp(-k * start[:, None] + 0.5 * (k * sigma) ** 2)[..., None]
            plain, timed = late.triangle.T[: k.size], late.triangle.T[k.size :]
            table[:, : k.size, middle:] = plain * scale
            table[:, count, middle:] = part
            table[:, count + 1 : count + 1 + moving.size, middle:] = (
                (plain[moving] * start[:, None, None] + timed) / sigma * scale[:, moving]
            )
        return table, constant

    def _combine_terms(
        self, amplitudes: FloatArray, point: Point, solution: SchemeSolution, basis: FloatArray
    ) -> FloatArray:
        """Return the share of each term in each derivative of the fitted curves, outside of the basis."""
        k, n = solution.decay_rates, solution.decay_rates.size
        moving = np.flatnonzero(k > 0)
        decays, spikes = amplitudes[:, :n], amplitudes[:, n:]
        count = point.rates.size
        changes = -point.sigma * decays[:, :, None] * (solution.derivatives * point.rates)  # by log rates
        powers = np.zeros(
            (len(amplitudes), self.artifact + 2, count + 2)
        )  # of x, times g: by rates, width, time
        powers[:, 0, :count] = changes.sum(axis=1)
        powers[:, 0, count] = -decays @ (k * point.sigma)
        powers[:, 1, count] = -decays.sum(axis=1)
        powers[:, 0, count + 1] = -decays.sum(axis=1) / point.sigma
        for power in range(self.artifact):
            spike = spikes[:, power]
            if power + 2 < powers.shape[1]:
                powers[:, power + 2, count] += spike
            powers[:, power, count] -= power * spike
            powers[:, power + 1, count + 1] += spike / point.sigma
            if power:
                powers[:, power - 1, count + 1] -= power * spike / point.sigma
        outside = powers[:, self.artifact :]
        terms = np.empty((len(amplitudes), moving.size + 2, count + 1 + basis.shape[1]))
        terms[:, : moving.size, :count] = changes[:, moving]
        terms[:, : moving.size, count:] = 0.0
        terms[:, moving.size :, : count + 1] = outside[:, :, : count + 1]
        terms[:, moving.size :, count + 1 :] = outside[:, :, count + 1 :] * basis[:, None, :]
        return terms


class _Late(NamedTuple):
    """Exponentials, and delays times exponentials, at late delays as rotation times triangle."""

    rotation: FloatArray
    triangle: FloatArray


def _compress(delay: FloatArray, k: FloatArray, moving: IntArray) -> _Late:
    if not delay.size:
        return _Late(np.zeros((0, 0)), np.zeros((0, k.size + moving.size)))
    since = delay - delay[0]
    curves = np.exp(-np.outer(since, k))
    return _Late(*np.linalg.qr(np.concatenate([curves, since[:, None] * curves[:, moving]], axis=1)))


def _drop_weak(triangle: FloatArray, count: int) -> FloatArray:
    """Take directions that are rounding alone out of the basis: where two columns are one and the same."""
    diagonal = np.abs(np.diagonal(triangle[:, :count, :count], axis1=1, axis2=2))
    weak = diagonal <= _SINGULAR * diagonal.max(axis=1, initial=0, keepdims=True)
    if not weak.any():
        return triangle
    triangle = triangle.copy()
    for which in np.flatnonzero(weak.any(axis=1)):
        places = np.flatnonzero(weak[which])
        rest = np.concatenate([triangle[which, places, count:], triangle[which, count:, count:]])
        triangle[which, count:, count:] = np.linalg.qr(rest, mode="r")
        triangle[which, places] = 0.0
        triangle[which, places, places] = 1.0  # its amplitude is zero
    return triangle
