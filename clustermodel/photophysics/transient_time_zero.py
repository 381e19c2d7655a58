"""When does the pump arrive at each wavelength? Time zero as a curve, found without a start value.

At a given time zero and width of the response, the best sum of an artifact, a step and five decays of fixed,
spread lifetimes is a linear problem that is the same for all wavelengths. Its residual over a grid of times
is a profile for each wavelength; the curve is the path through these profiles that costs least, and a
polynomial through the path is where a fit starts from.
"""

import itertools
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import least_squares

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.axes import SIGMA_PER_FWHM
from clustermodel.errors import InputError
from clustermodel.io.transient_map import TransientMap
from clustermodel.photophysics.transient_basis import convolve_decays, draw_response

__all__ = ["TimeZeroCurve", "build_dispersion_basis", "convert_dispersion", "find_time_zero", "fit_time_zero"]

_ARTIFACTS = 3  # response and its first two derivatives
_DECAYS = 5  # lifetimes between the response and the window; with the step, any smooth decay
_WIDTHS = (0.5, 0.8, 1.25, 2.0, 3.2, 5.0, 8.0)  # of the response, in steps of the delays
_AROUND = (0.7, 1.0, 1.4)  # of a width that is given
_MOST_TIMES = 400  # of the grid
_CAP = 12.0  # log-likelihood that one wavelength can add at most: scatter does not bend the curve
_BEND = 3.0  # log-likelihood for a jump by one standard deviation of the response
_PERCENTILE = 90.0  # of the wavelengths whose signal has risen before the end of the grid
_SOME = 64  # wavelengths that the width is chosen by
_RANK = 1e-6  # singular values below it are rounding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeZeroCurve:
    """Time zero over wavelength.

    Parameters
    ----------
    wavelength : array_like, shape (n,)
        The wavelengths.
    found_ps : array_like, shape (n,)
        The path: time zero of each wavelength, on a grid.
    time_zero_ps : array_like, shape (n,)
        The polynomial through the path.
    coefficients : array_like, shape (order + 1,)
        Its Legendre coefficients over the wavelengths scaled to -1 … 1.
    irf_fwhm_ps : float
        Width of the response that suits best, of a few that were tried.
    scatter_ps : float
        Median distance of path and polynomial.
    """

    wavelength: FloatArray = field(metadata={"unit": "nm"})
    found_ps: FloatArray = field(metadata={"unit": "ps"})
    time_zero_ps: FloatArray = field(metadata={"unit": "ps"})
    coefficients: FloatArray = field(metadata={"unit": "ps"})
    irf_fwhm_ps: float = field(metadata={"unit": "ps"})
    scatter_ps: float = field(metadata={"unit": "ps"})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("wavelength", "found_ps", "time_zero_ps", "coefficients"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (None,), name))


def build_dispersion_basis(
    wavelength: FloatArray, order: int, *, span: tuple[float, float] | None = None
) -> FloatArray:
    """Build the polynomials that time zero is a sum of.

    Parameters
    ----------
    wavelength : ndarray, shape (n,)
        Wavelengths in nm.
    order : int
        Highest power.
    span : tuple of float, optional
        Wavelengths that are scaled to -1 and 1; the first and the last if left out.

    Returns
    -------
    ndarray, shape (n, order + 1)
        Legendre polynomials.

    Examples
    --------
    >>> build_dispersion_basis(np.array([400.0, 500.0, 600.0]), 1).tolist()
    [[1.0, -1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    low, high = span or (float(wavelength[0]), float(wavelength[-1]))
    return np.asarray(np.polynomial.legendre.legvander(2 * (wavelength - low) / (high - low) - 1, order))


def convert_dispersion(coefficients: FloatArray, span: tuple[float, float]) -> tuple[float, FloatArray]:
    """Convert Legendre coefficients of time zero into powers of (λ - centre)/100 nm.

    Parameters
    ----------
    coefficients : ndarray, shape (order + 1,)
        Legendre coefficients in ps.
    span : tuple of float
        Wavelengths in nm that are scaled to -1 and 1.

    Returns
    -------
    centre : float
        The middle wavelength in nm.
    powers : ndarray, shape (order + 1,)
        Time zero at the centre, and the coefficients of the first and higher powers, in ps.

    Examples
    --------
    >>> convert_dispersion(np.array([1.0, 0.5]), (400.0, 600.0))
    (500.0, array([1. , 0.5]))
    """
    centre, half = (span[0] + span[1]) / 2, (span[1] - span[0]) / 2
    powers = np.polynomial.legendre.leg2poly(coefficients)
    return centre, np.asarray(powers * (100 / half) ** np.arange(powers.size))


def find_time_zero(
    data: TransientMap, *, order: int = 3, irf_fwhm_ps: float | None = None, background: bool = False
) -> TimeZeroCurve:
    """Find time zero of every wavelength.

    Parameters
    ----------
    data : TransientMap
        A map of finite numbers.
    order : int, optional
        Order of the polynomial.
    irf_fwhm_ps : float, optional
        Width of the response, if it is known roughly; seven widths from half a step of the delays to eight
        steps are tried otherwise.
    background : bool, optional
        Whether the signal before time zero may be anything but zero.

    Returns
    -------
    TimeZeroCurve
        Path, polynomial and width.

    Raises
    ------
    InputError
        If the map has fewer wavelengths or delays than this needs.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, truth = simulate_transient(lifetimes_ps=[2.0, 80.0], noise=0.02, seed=1)
    >>> curve = find_time_zero(data)
    >>> bool(np.abs(curve.time_zero_ps - truth.time_zero_ps).max() < 0.1)
    True
    """
    columns = _ARTIFACTS + _DECAYS + 1 + background
    _check_size(data, order, columns)
    delay = data.delay_ps
    step = float(np.percentile(np.diff(delay), 10))
    widths = [factor * step for factor in _WIDTHS]
    if irf_fwhm_ps is not None:
        widths = [factor * irf_fwhm_ps * SIGMA_PER_FWHM for factor in _AROUND]
    rows = np.ascontiguousarray(data.signal.T)
    some = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _SOME)).round().astype(int))
    totals = [
        _scan(delay, rows[some], _choose_times(delay, rows, width), width, background=background)
        .min(axis=0)
        .sum()
        for width in widths
    ]
    sigma = widths[int(np.argmin(totals))]
    grid = _choose_times(delay, rows, sigma)
    cost = _scan(delay, rows, grid, sigma, background=background)
    found = grid[_find_path(cost, grid, sigma)]
    return fit_time_zero(data.wavelength, found, order=order, irf_fwhm_ps=float(sigma / SIGMA_PER_FWHM))


def fit_time_zero(
    wavelength: FloatArray, found_ps: FloatArray, *, order: int, irf_fwhm_ps: float
) -> TimeZeroCurve:
    """Fit a polynomial through times zero; those far off have little weight.

    Parameters
    ----------
    wavelength : ndarray, shape (n,)
        Wavelengths in nm, ascending.
    found_ps : ndarray, shape (n,)
        Time zero of each.
    order : int
        Order of the polynomial.
    irf_fwhm_ps : float
        Width of the response.

    Returns
    -------
    TimeZeroCurve
        The polynomial.

    Examples
    --------
    >>> found = np.array([0.1, 0.2, 5.0, 0.4, 0.5])  # one is far off
    >>> curve = fit_time_zero(np.arange(400.0, 405.0), found, order=1, irf_fwhm_ps=0.1)
    >>> curve.time_zero_ps.round(1).tolist()
    [0.1, 0.2, 0.3, 0.4, 0.5]
    """
    basis = build_dispersion_basis(wavelength, order)
    start = np.full(order + 1, 0.0)
    start[0] = np.median(found_ps)
    fit = least_squares(
        lambda c: basis @ c - found_ps, start, loss="soft_l1", f_scale=irf_fwhm_ps * SIGMA_PER_FWHM / 2
    )
    return TimeZeroCurve(
        wavelength=wavelength,
        found_ps=found_ps,
        time_zero_ps=basis @ fit.x,
        coefficients=fit.x,
        irf_fwhm_ps=irf_fwhm_ps,
        scatter_ps=float(np.median(np.abs(basis @ fit.x - found_ps))),
    )


def _check_size(data: TransientMap, order: int, columns: int) -> None:
    needed = 2 * columns
    if data.delay_ps.size < needed:
        msg = (
            f"{data.name}: found {data.delay_ps.size} delays; at least {needed} are needed to find time zero"
        )
        raise InputError(msg)
    if data.wavelength.size < order + 2:
        msg = (
            f"{data.name}: found {data.wavelength.size} wavelengths; a dispersion of order {order} needs at "
            f"least {order + 2}"
        )
        raise InputError(msg)


def _choose_times(delay: FloatArray, rows: FloatArray, sigma: float) -> FloatArray:
    """Return candidates for time zero: half a width apart, or four to a step where the delays are sparse."""
    risen = (np.abs(rows) > 0.5 * np.abs(rows).max(axis=1, keepdims=True)).argmax(axis=1)
    end = float(np.percentile(delay[risen], _PERCENTILE)) + 10 * sigma
    times = [float(delay[0])]
    for left, right in itertools.pairwise(delay.tolist()):
        pieces = max(1, min(4, round(2 * (right - left) / sigma)))
        times += [t for t in np.linspace(left, right, pieces + 1)[1:] if t - times[-1] >= 0.49 * sigma]
        if right > end:
            break
    grid = np.array(times)
    return np.asarray(grid[np.linspace(0, grid.size - 1, min(grid.size, _MOST_TIMES)).round().astype(int)])


def _scan(
    delay: FloatArray, rows: FloatArray, grid: FloatArray, sigma: float, *, background: bool
) -> FloatArray:
    """Return half the logarithm of the residual times the number of delays, over grid and wavelength."""
    decays = np.geomspace(4 * sigma, max(float(np.ptp(delay)), 8 * sigma), _DECAYS)
    reduced = np.append(sigma / decays, 0.0)
    whole = np.einsum("ij,ij->i", rows, rows)
    residual = np.empty((grid.size, rows.shape[0]))
    for place, zero in enumerate(grid):
        x = (delay - zero) / sigma
        response = draw_response(x)
        columns = [*convolve_decays(x, reduced, response)]
        columns += [response * x**power for power in range(_ARTIFACTS)]
        columns += [np.ones_like(x)] * background
        basis = np.array(columns).T
        left, values, _ = np.linalg.svd(
            basis / np.maximum(np.linalg.norm(basis, axis=0), 1e-300), full_matrices=False
        )
        part = rows @ left[:, values > _RANK * values[0]]
        residual[place] = whole - np.einsum("ij,ij->i", part, part)
    return np.asarray(0.5 * delay.size * np.log(np.maximum(residual, 1e-12 * np.maximum(whole, 1e-300))))


def _find_path(cost: FloatArray, grid: FloatArray, sigma: float) -> list[int]:
    """Return the grid points of the cheapest path from the first to the last wavelength."""
    capped = np.minimum(cost - cost.min(axis=0), _CAP).T
    jump = _BEND * np.abs(grid[:, None] - grid[None, :]) / sigma
    total, back = capped[0], []
    for column in capped[1:]:
        ways = total[:, None] + jump
        back.append(ways.argmin(axis=0))
        total = ways.min(axis=0) + column
    path = [int(total.argmin())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]
