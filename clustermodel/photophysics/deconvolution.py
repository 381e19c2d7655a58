"""Which bands add up to this spectrum? A least-squares fit in eV, with what it cannot tell."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from scipy.optimize import least_squares

from clustermodel._arrays import FloatArray
from clustermodel.axes import Shape, broaden_sticks
from clustermodel.errors import InputError
from clustermodel.photophysics.bands import measure_spectrum
from clustermodel.photophysics.spectrum import Spectrum

__all__ = ["Deconvolution", "FittedBand", "fit_bands"]

_QUANTITIES = ("energy", "width", "area")  # the parameters of a band, in this order
_POINTS_EACH = 5  # points for each parameter: with fewer, residuals say little about the model
_ENTANGLED = 0.95  # correlation beyond which two parameters are not known one by one
_START_WIDTH = 0.25  # eV: a usual band of a cluster
_RELATIVE_STEP = 1e-6  # of the differences that the Jacobian is made of


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedBand:
    """One band of a deconvolution.

    Parameters
    ----------
    energy, energy_su : float
        Centre and its standard uncertainty.
    fwhm, fwhm_su : float
        Full width at half maximum.
    height : float
        Height of the band alone.
    area, area_su : float
        Its area.
    share : float
        Its part of the area of all bands.
    """

    energy: float = field(metadata={"unit": "eV"})
    energy_su: float = field(metadata={"unit": "eV"})
    fwhm: float = field(metadata={"unit": "eV"})
    fwhm_su: float = field(metadata={"unit": "eV"})
    height: float = field(metadata={"unit": "arb. u."})
    area: float = field(metadata={"unit": "arb. u. eV"})
    area_su: float = field(metadata={"unit": "arb. u. eV"})
    share: float = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deconvolution:
    """A spectrum as a sum of bands.

    Parameters
    ----------
    name : str
        The spectrum.
    shape : {"gaussian", "lorentzian"}
        Shape of the bands.
    window : tuple of float
        Lowest and highest energy that was fitted.
    bands : tuple of FittedBand
        The bands by energy.
    residual : float
        Root mean square of what the bands leave over, relative to the highest point.
    neighbour_correlation : float
        Correlation of the residuals of neighbouring points; near 0 for noise, near 1 for a wrong model.
    aicc : float
        Akaike's criterion for small samples, for a comparison with other numbers of bands or shapes.
    points, parameters : int
        How many there are.
    entangled : tuple of str
        Pairs of parameters that are known only together.
    """

    name: str
    shape: Shape
    window: tuple[float, float] = field(metadata={"unit": "eV"})
    bands: tuple[FittedBand, ...]
    residual: float = field(metadata={"unit": ""})
    neighbour_correlation: float = field(metadata={"unit": ""})
    aicc: float = field(metadata={"unit": ""})
    points: int = field(metadata={"unit": ""})
    parameters: int = field(metadata={"unit": ""})
    entangled: tuple[str, ...]


def fit_bands(
    spectrum: Spectrum,
    centres: Sequence[float] | None = None,
    *,
    shape: Shape = "gaussian",
    window: tuple[float, float] | None = None,
) -> Deconvolution:
    """Fit a sum of bands to a spectrum.

    Parameters
    ----------
    spectrum : Spectrum
        The spectrum; its baseline is zero.
    centres : sequence of float, optional
        Where to start each band, in eV; the maxima and shoulders of the spectrum if left out.
    shape : {"gaussian", "lorentzian"}, optional
        Shape of the bands.
    window : tuple of float, optional
        Lowest and highest energy to fit, in eV; the whole spectrum if left out.

    Returns
    -------
    Deconvolution
        Bands with standard uncertainties. They hold for white residuals: where `neighbour_correlation` is not
        near 0, they are too small.

    Raises
    ------
    InputError
        If a centre is outside of the window, points are too few, or the fit does not settle.

    Examples
    --------
    >>> from clustermodel.photophysics.spectrum import build_spectrum
    >>> energy = np.linspace(1.5, 3.5, 201)
    >>> signal = np.exp(-50 * (energy - 2.1) ** 2) + 0.5 * np.exp(-50 * (energy - 2.5) ** 2)
    >>> fit = fit_bands(build_spectrum(energy, signal, unit="eV", kind="absorption"))
    >>> [round(band.energy, 3) for band in fit.bands], [round(band.share, 3) for band in fit.bands]
    ([2.1, 2.5], [0.667, 0.333])
    """
    if shape not in get_args(Shape):
        msg = f"band shape {shape!r} is not known; expected one of {', '.join(get_args(Shape))}"
        raise InputError(msg)
    low, high = window or (float(spectrum.energy[0]), float(spectrum.energy[-1]))
    used = (spectrum.energy >= low) & (spectrum.energy <= high)
    found = centres or [
        band.energy for band in measure_spectrum(spectrum).bands if low <= band.energy <= high
    ]
    starts = sorted(float(start) for start in found)
    _check_request(spectrum.name, starts, low, high, int(used.sum()))
    problem = _Problem(spectrum.energy[used], spectrum.intensity[used], shape)
    return _build_result(spectrum, problem, problem.solve(starts, spectrum.name), (low, high))


def _check_request(name: str, starts: Sequence[float], low: float, high: float, points: int) -> None:
    outside = [start for start in starts if not low <= start <= high]
    if not starts or outside:
        found = f"a band at {outside[0]:g} eV" if outside else "no band to start from"
        msg = f"{name}: found {found}; expected centres between {low:g} and {high:g} eV"
        raise InputError(msg)
    needed = _POINTS_EACH * len(starts) * len(_QUANTITIES)
    if points < needed:
        msg = f"{name}: found {points} points; {len(starts)} bands need at least {needed}"
        raise InputError(msg)


class _Problem:
    """Points, shape and scale of one fit; parameters are energy, width and area of each band in turn."""

    def __init__(self, x: FloatArray, y: FloatArray, shape: Shape) -> None:
        self.x = x
        self.scale = float(np.abs(y).max())
        self.y = y / self.scale
        self.shape = shape

    def residual(self, parameters: FloatArray) -> FloatArray:
        """Return bands minus points."""
        total = -self.y
        for energy, width, area in parameters.reshape(-1, 3):
            total = total + broaden_sticks([energy], [area], self.x, fwhm=width, shape=self.shape)
        return total

    def solve(self, starts: Sequence[float], name: str) -> FloatArray:
        """Return the best parameters."""
        extent, step = float(np.ptp(self.x)), float(np.median(np.diff(self.x)))
        width = min(_START_WIDTH, extent / 2)
        guess = [(s, width, max(float(np.interp(s, self.x, self.y)), 1e-3) * width) for s in starts]
        lower = np.tile([self.x[0], step, 0.0], len(starts))
        upper = np.tile([self.x[-1], 2 * extent, np.inf], len(starts))
        start = np.clip(np.array(guess).ravel(), lower + 1e-12, upper)
        fit = least_squares(self.residual, start, bounds=(lower, upper), x_scale=np.abs(start), max_nfev=500)
        if not fit.success:
            msg = f"{name}: the fit of {len(starts)} bands did not settle; give fewer bands or other centres"
            raise InputError(msg)
        return np.asarray(fit.x)

    def covariance(self, parameters: FloatArray) -> FloatArray:
        """Return the covariance for white residuals; infinite where a parameter does not matter."""
        steps = _RELATIVE_STEP * np.maximum(np.abs(parameters), 1e-3)
        shifts = np.diag(steps)
        columns = [
            (self.residual(parameters + shift) - self.residual(parameters - shift)) / (2 * step)
            for shift, step in zip(shifts, steps, strict=True)
        ]
        jacobian = np.stack(columns, axis=1)
        residual = self.residual(parameters)
        variance = float(residual @ residual) / (self.x.size - parameters.size)
        norms = np.linalg.norm(jacobian, axis=0)
        if not norms.all():
            return np.full((parameters.size, parameters.size), np.inf)
        inverse = np.linalg.pinv(jacobian / norms)
        return np.asarray(variance * (inverse @ inverse.T) / np.outer(norms, norms))


def _build_result(
    spectrum: Spectrum, problem: _Problem, parameters: FloatArray, window: tuple[float, float]
) -> Deconvolution:
    covariance = problem.covariance(parameters)
    order = np.argsort(parameters[::3])
    places = (3 * order[:, None] + np.arange(3)).ravel()
    parameters, covariance = parameters[places], covariance[np.ix_(places, places)]
    residual = problem.residual(parameters)
    points, count = problem.x.size, parameters.size
    square = float(residual @ residual)
    information = points * math.log(max(square, 1e-300) / points) + 2 * count
    return Deconvolution(
        name=spectrum.name,
        shape=problem.shape,
        window=window,
        bands=_build_bands(problem, parameters, np.sqrt(np.diag(covariance))),
        residual=math.sqrt(square / points),
        neighbour_correlation=_correlate_neighbours(residual),
        aicc=information + 2 * count * (count + 1) / (points - count - 1),
        points=points,
        parameters=count,
        entangled=_find_entangled(covariance),
    )


def _build_bands(problem: _Problem, parameters: FloatArray, deviations: FloatArray) -> tuple[FittedBand, ...]:
    values, errors = parameters.reshape(-1, 3), deviations.reshape(-1, 3)
    total = float(values[:, 2].sum()) or math.nan
    return tuple(
        FittedBand(
            energy=float(energy),
            energy_su=float(error[0]),
            fwhm=float(width),
            fwhm_su=float(error[1]),
            height=problem.scale
            * float(broaden_sticks([0], [area], [0], fwhm=width, shape=problem.shape)[0]),
            area=problem.scale * float(area),
            area_su=problem.scale * float(error[2]),
            share=float(area) / total,
        )
        for (energy, width, area), error in zip(values, errors, strict=True)
    )


def _correlate_neighbours(residual: FloatArray) -> float:
    centred = residual - residual.mean()
    square = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / square if square else 0.0


def _find_entangled(covariance: FloatArray) -> tuple[str, ...]:
    """Return pairs of parameters that the fit cannot tell apart."""
    deviations = np.sqrt(np.diag(covariance))
    if not np.isfinite(deviations).all() or not deviations.all():
        return ()
    correlation = covariance / np.outer(deviations, deviations)
    return tuple(
        f"{_describe(i)} and {_describe(j)}"
        for i, j in itertools.combinations(range(len(deviations)), 2)
        if abs(correlation[i, j]) > _ENTANGLED
    )


def _describe(place: int) -> str:
    return f"{_QUANTITIES[place % 3]} of band {place // 3 + 1}"
