"""How does a spectrum change its axis? Nanometre, eV and cm-1, with the Jacobian; broadening, area, onset.

Wavelengths are those in vacuum: in air they are shorter by 0.03 %, which is 0.5 meV at 1.7 eV.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import simpson
from scipy.optimize import least_squares
from scipy.signal import savgol_filter

from clustermodel._arrays import FloatArray
from clustermodel.constants import EV_NM, EV_PER_WAVENUMBER
from clustermodel.errors import InputError

__all__ = [
    "AXIS_UNITS",
    "ONSET_METHODS",
    "SIGMA_PER_FWHM",
    "AxisUnit",
    "Edge",
    "OnsetMethod",
    "Shape",
    "broaden_sticks",
    "convert_axis",
    "convert_spectrum",
    "find_onset",
    "measure_area",
    "measure_derivative",
    "order_spectrum",
]

AxisUnit = Literal["nm", "eV", "cm-1"]
AXIS_UNITS: tuple[AxisUnit, ...] = get_args(AxisUnit)
Shape = Literal["gaussian", "lorentzian"]
OnsetMethod = Literal["tangent", "gaussian", "half-height"]
ONSET_METHODS: tuple[OnsetMethod, ...] = get_args(OnsetMethod)
Edge = Literal["low", "high"]

_EV_PER_UNIT = {"eV": 1.0, "cm-1": EV_PER_WAVENUMBER}
SIGMA_PER_FWHM = 1 / (2 * np.sqrt(2 * np.log(2)))
_EDGE_FLOOR = 0.05  # of the height: below it, noise and baseline have more say than the band
_FEWEST = 5  # points of an edge: three parameters of a Gaussian and two to spare
_LOCAL_ORDER = 3  # cubics in the local fits: the lowest order without bias at an inflection


def convert_axis(values: ArrayLike, *, source: AxisUnit, target: AxisUnit) -> FloatArray:
    """Convert wavelengths, energies or wavenumbers into one another.

    Parameters
    ----------
    values : array_like
        Positive numbers in the unit `source`.
    source, target : {"nm", "eV", "cm-1"}
        Units; wavelengths are those in vacuum.

    Returns
    -------
    ndarray
        The same places in the unit `target`, in the same order.

    Raises
    ------
    InputError
        If a number is not positive and finite, or a unit is unknown.

    Examples
    --------
    >>> convert_axis([715.0, 590.0], source="nm", target="eV").round(4)
    array([1.734 , 2.1014])
    """
    array = np.array(values, dtype=np.float64)
    for unit in (source, target):
        if unit not in AXIS_UNITS:
            msg = f"axis unit {unit!r} is not known; expected one of {', '.join(AXIS_UNITS)}"
            raise InputError(msg)
    bad = np.flatnonzero(~(np.isfinite(array) & (array > 0)))
    if bad.size:
        msg = f"axis: value {bad[0] + 1} is {array.flat[bad[0]]:g} {source}; expected positive numbers"
        raise InputError(msg)
    if source == target:
        return array
    energy = EV_NM / array if source == "nm" else array * _EV_PER_UNIT[source]
    return np.asarray(EV_NM / energy if target == "nm" else energy / _EV_PER_UNIT[target])


def order_spectrum(axis: ArrayLike, intensity: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Check a spectrum and put it in ascending order.

    Parameters
    ----------
    axis : array_like, shape (n,)
        Strictly ascending or strictly descending numbers.
    intensity : array_like, shape (n,)
        One finite number for each.

    Returns
    -------
    axis, intensity : ndarray, shape (n,)
        Ascending.

    Raises
    ------
    InputError
        If the shapes differ, a number is not finite, or the axis is not monotonic.

    Examples
    --------
    >>> order_spectrum([3.0, 2.0, 1.0], [7.0, 8.0, 9.0])
    (array([1., 2., 3.]), array([9., 8., 7.]))
    """
    x, y = np.array(axis, dtype=np.float64), np.array(intensity, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or x.size < 2:
        msg = (
            f"spectrum: axis {x.shape} and intensity {y.shape}; expected two equal columns, 2 points or more"
        )
        raise InputError(msg)
    for name, column in (("axis", x), ("intensity", y)):
        bad = np.flatnonzero(~np.isfinite(column))
        if bad.size:
            msg = f"spectrum: {name} of point {bad[0] + 1} is {column[bad[0]]}; expected finite numbers"
            raise InputError(msg)
    steps = np.diff(x)
    falls = steps[0] < 0
    wrong = np.flatnonzero(steps >= 0 if falls else steps <= 0)
    if wrong.size:
        i = int(wrong[0])
        what = f"{x[i]:g} is followed by {x[i + 1]:g} at point {i + 2}"
        msg = f"spectrum: the axis is not sorted ({what}); sort it and remove repeated points"
        raise InputError(msg)
    return (x[::-1], y[::-1]) if falls else (x, y)


def convert_spectrum(
    axis: ArrayLike, intensity: ArrayLike, *, source: AxisUnit, target: AxisUnit, density: bool
) -> tuple[FloatArray, FloatArray]:
    """Convert a spectrum from one axis to another.

    A density (emission: counts per nanometre) is multiplied by the Jacobian, so that its area stays;
    a quantity of every photon (absorbance, excitation) keeps its values.

    Parameters
    ----------
    axis, intensity : array_like, shape (n,)
        The spectrum, strictly monotonic.
    source, target : {"nm", "eV", "cm-1"}
        Units of the axes.
    density : bool
        Whether the intensity is one per interval of the axis.

    Returns
    -------
    axis, intensity : ndarray, shape (n,)
        Ascending in the unit `target`.

    Raises
    ------
    InputError
        As of :func:`order_spectrum` and :func:`convert_axis`.

    Notes
    -----
    From nanometres to eV, I(E) = I(λ) λ²/hc (mooney2013). A Gaussian band of 110 nm at 715 nm has its
    maximum at 1.7195 eV and a width of 262.7 meV; without the Jacobian it would be 1.7340 eV and 268.4 meV.

    Examples
    --------
    >>> energy, counts = convert_spectrum([500, 1000], [1, 1], source="nm", target="eV", density=True)
    >>> energy.round(3), counts.round(1)
    (array([1.24, 2.48]), array([806.6, 201.6]))
    """
    x, y = order_spectrum(axis, intensity)
    converted = convert_axis(x, source=source, target=target)
    if density and source != target:
        y = y * _jacobian(x, converted, source=source, target=target)
    return order_spectrum(converted, y)


def _jacobian(old: FloatArray, new: FloatArray, *, source: AxisUnit, target: AxisUnit) -> FloatArray:
    """Return |d old / d new| at every point."""
    if "nm" in (source, target):  # old · new is constant
        return np.asarray(old / new)
    return np.full_like(old, _EV_PER_UNIT[target] / _EV_PER_UNIT[source])


def measure_area(axis: ArrayLike, intensity: ArrayLike) -> float:
    """Integrate a spectrum over its axis by Simpson's rule for unequal steps.

    Parameters
    ----------
    axis, intensity : array_like, shape (n,)
        The spectrum, strictly monotonic.

    Returns
    -------
    float
        Area, positive for positive intensities in either order of the axis.

    Raises
    ------
    InputError
        As of :func:`order_spectrum`.

    Examples
    --------
    >>> measure_area([0.0, 1.0, 3.0], [0.0, 1.0, 3.0])
    4.5
    """
    x, y = order_spectrum(axis, intensity)
    return float(simpson(y, x=x))


def broaden_sticks(
    positions: ArrayLike, weights: ArrayLike, grid: ArrayLike, *, fwhm: float, shape: Shape = "gaussian"
) -> FloatArray:
    """Replace sticks by bands of equal width whose areas are the weights.

    Parameters
    ----------
    positions, weights : array_like, shape (n,)
        Places of the sticks and areas of their bands.
    grid : array_like, shape (m,)
        Where the sum of the bands is wanted, in the unit of the positions.
    fwhm : float
        Full width at half maximum, in the unit of the positions.
    shape : {"gaussian", "lorentzian"}, optional
        Shape of the bands.

    Returns
    -------
    ndarray, shape (m,)
        Sum of the bands, per unit of the positions.

    Raises
    ------
    InputError
        If the width is not positive, the lengths differ, or the shape is unknown.

    Examples
    --------
    >>> grid = np.linspace(0, 6, 601)
    >>> band = broaden_sticks([2.0, 3.0], [0.5, 1.5], grid, fwhm=0.3)
    >>> round(measure_area(grid, band), 6)
    2.0
    """
    place, weight = np.atleast_1d(np.asarray(positions, float)), np.atleast_1d(np.asarray(weights, float))
    if not (np.isfinite(fwhm) and fwhm > 0):
        msg = f"fwhm is {fwhm}; expected a positive width in the unit of the positions"
        raise InputError(msg)
    if place.ndim != 1 or place.shape != weight.shape:
        msg = f"sticks: {place.shape} positions and {weight.shape} weights; expected two equal columns"
        raise InputError(msg)
    if shape not in get_args(Shape):
        msg = f"shape {shape!r} is not known; expected one of {', '.join(get_args(Shape))}"
        raise InputError(msg)
    total = np.zeros(np.asarray(grid, float).shape)
    for centre, area in zip(place, weight, strict=True):  # one band at a time: a row of memory, not a table
        total += area * _draw_band(np.asarray(grid, float) - centre, fwhm, shape)
    return total


def _draw_band(offset: FloatArray, fwhm: float, shape: Shape) -> FloatArray:
    """Return a band of area 1 around zero."""
    if shape == "lorentzian":
        half = fwhm / 2
        return np.asarray(half / np.pi / (offset**2 + half**2))
    sigma = fwhm * SIGMA_PER_FWHM
    return np.asarray(np.exp(-0.5 * (offset / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi)))


def measure_derivative(
    axis: FloatArray, intensity: FloatArray, *, order: int, width: float
) -> tuple[FloatArray, FloatArray]:
    """Differentiate a noisy curve: the derivative of cubics fitted to a moving window.

    Parameters
    ----------
    axis, intensity : ndarray, shape (n,)
        The curve, ascending.
    order : int
        1 for the slope, 2 for the curvature.
    width : float
        Width of the window in the unit of the axis; at least five points are used.

    Returns
    -------
    axis, derivative : ndarray, shape (m,)
        The derivative on an axis of equal steps.

    Raises
    ------
    InputError
        If there are fewer than five points.
    """
    if axis.size < _FEWEST:
        msg = f"a derivative needs at least {_FEWEST} points; found {axis.size}"
        raise InputError(msg)
    step = float(np.median(np.diff(axis)))
    grid = np.linspace(axis[0], axis[-1], max(_FEWEST, round((axis[-1] - axis[0]) / step) + 1))
    step = float(grid[1] - grid[0])
    most = grid.size if grid.size % 2 else grid.size - 1
    points = min(most, max(_FEWEST, 2 * round(width / step / 2) + 1))
    even = np.interp(grid, axis, intensity)
    return grid, np.asarray(savgol_filter(even, points, _LOCAL_ORDER, deriv=order, delta=step))


def find_onset(
    energy: FloatArray, intensity: FloatArray, *, peak: float, method: OnsetMethod, edge: Edge, width: float
) -> float:
    """Find where a band begins, by a named method; the baseline is zero.

    Parameters
    ----------
    energy, intensity : ndarray, shape (n,)
        The spectrum in eV, ascending.
    peak : float
        Energy of the maximum of the band in eV.
    method : {"tangent", "gaussian", "half-height"}
        ``tangent``: where the tangent at the steepest point of the edge meets the baseline;
        ``gaussian``: the same for a Gaussian fitted to the edge, which is two standard deviations from its
        centre; ``half-height``: where the edge has half the height of the maximum.
    edge : {"low", "high"}
        The side: low energies for absorption, high energies for emission.
    width : float
        Window of the derivative in eV.

    Returns
    -------
    float
        Onset in eV; nan where the edge does not fall to half of the maximum inside the spectrum, or, for
        the fit, where it does not settle.

    Raises
    ------
    InputError
        If the method is unknown or the edge has fewer than five points.

    Examples
    --------
    >>> energy = np.linspace(1.0, 3.0, 401)
    >>> band = np.exp(-0.5 * ((energy - 2.0) / 0.1) ** 2)
    >>> for method in ONSET_METHODS:
    ...     round(find_onset(energy, band, peak=2.0, method=method, edge="low", width=0.03), 3)
    1.8
    1.8
    1.882
    """
    if method not in ONSET_METHODS:
        msg = f"onset method {method!r} is not known; expected one of {', '.join(ONSET_METHODS)}"
        raise InputError(msg)
    sign = 1.0 if edge == "low" else -1.0
    side = sign * energy <= sign * peak + 1e-9  # the maximum itself belongs to the edge, rounding aside
    offset, height = sign * (energy[side] - peak), intensity[side]
    offset, height = (offset, height) if edge == "low" else (offset[::-1], height[::-1])
    if offset.size < _FEWEST:
        msg = f"the {edge} edge of the band at {peak:.3f} eV has {offset.size} points; {_FEWEST} are needed"
        raise InputError(msg)
    top = float(height.max())
    half = _find_half(offset, height, top)
    if not np.isfinite(half):
        return half
    if method == "half-height":
        return float(peak + sign * half)
    return float(peak + sign * (_tangent if method == "tangent" else _gaussian)(offset, height, width))


def _find_half(offset: FloatArray, height: FloatArray, top: float) -> float:
    """Return where the edge last rises through half of its top, or nan."""
    below = np.flatnonzero(height < top / 2)
    if not below.size:
        return float("nan")
    i = int(below[-1])
    return float(np.interp(top / 2, height[i : i + 2], offset[i : i + 2]))


def _tangent(offset: FloatArray, height: FloatArray, width: float) -> float:
    grid, slope = measure_derivative(offset, height, order=1, width=width)
    start = float(offset[height < _EDGE_FLOOR * height.max()].max(initial=offset[0]))
    slope = np.where(grid >= start, slope, -np.inf)  # the last rise before the maximum
    i = int(slope.argmax())
    return float(grid[i] - np.interp(grid[i], offset, height) / slope[i])


def _gaussian(offset: FloatArray, height: FloatArray, width: float) -> float:
    start = float(offset[height < _EDGE_FLOOR * height.max()].max(initial=offset[0]))
    used = offset >= start
    if used.sum() < _FEWEST:
        return float("nan")
    top, half = float(height.max()), _find_half(offset, height, float(height.max()))

    def deviate(parameters: FloatArray) -> FloatArray:
        peak, centre, sigma = parameters
        return np.asarray(peak * np.exp(-0.5 * ((offset[used] - centre) / sigma) ** 2) - height[used] / top)

    fit = least_squares(deviate, (1.0, 0.0, max(-half, width)), x_scale=(1.0, width, width))
    return float(fit.x[1] - 2 * abs(fit.x[2])) if fit.success else float("nan")
