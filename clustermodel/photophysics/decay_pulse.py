"""What does an instrument make of a flash? Nothing, or a Gaussian; and what every response can answer.

Every response r(t) has area 1 and answers with its running integral H(t) and with its convolution with one
exponential of area 1, C(t) = ∫ r(s) exp(-(t - s)/τ)/τ ds. Both are exact at any time. Since τ C' = r - C, the
photons that arrive until t are H(t) - τ C(t), so that counts in bins need no numerical integration.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.special import erfcx, ndtr

from clustermodel._arrays import FloatArray
from clustermodel.axes import SIGMA_PER_FWHM
from clustermodel.errors import InputError

__all__ = ["Convolution", "GaussianResponse", "InstantResponse", "Pieces"]

_REACH = 8.0  # standard deviations of a Gaussian beyond which nothing is left (1e-15)
_FINE = 10.0  # pieces of a Gaussian for each standard deviation: errors of 1e-5 of the highest bin
_MOST_PIECES = 20  # for each bin: a Gaussian that is narrower is as good as instant


class Convolution(NamedTuple):
    """A response and its convolution with an exponential, at some times.

    Parameters
    ----------
    integral : ndarray, shape (n,)
        H, running integral of the response.
    decay : ndarray, shape (n,)
        C, convolution with an exponential of area 1.
    slope : ndarray, shape (n,)
        Derivative of C by the lifetime.
    """

    integral: FloatArray
    decay: FloatArray
    slope: FloatArray


class Pieces(NamedTuple):
    """A response as a staircase: flat pieces of equal width.

    Parameters
    ----------
    start : float
        Where the first piece begins, in ns.
    subdivision : int
        Pieces for each bin of the histogram.
    weights : ndarray, shape (m,)
        Area of each piece; their sum is 1.
    """

    start: float
    subdivision: int
    weights: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantResponse:
    """No width: the excitation is over when the fitted window begins (a tail fit)."""

    @property
    def fwhm_ns(self) -> float:
        """Full width at half maximum."""
        return 0.0

    def convolve(self, times: FloatArray, lifetime: float) -> Convolution:
        """Return integral, convolution and its derivative at some times.

        Parameters
        ----------
        times : ndarray, shape (n,)
            Times in ns after the flash.
        lifetime : float
            Lifetime in ns.

        Returns
        -------
        Convolution
            A step, the exponential and its derivative.
        """
        after = times >= 0
        scaled = np.where(after, times, 0.0) / lifetime
        decay = np.where(after, np.exp(-scaled) / lifetime, 0.0)
        return Convolution(after.astype(np.float64), decay, decay * (scaled - 1) / lifetime)

    def split(self, width: float) -> Pieces | None:  # noqa: ARG002 - the same call for every response
        """Return None: there is nothing to split.

        Parameters
        ----------
        width : float
            Width of the bins in ns.

        Returns
        -------
        None
            Nothing.
        """
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianResponse:
    """A Gaussian around time zero.

    Parameters
    ----------
    fwhm_ns : float
        Full width at half maximum.
    """

    fwhm_ns: float = field(metadata={"unit": "ns"})

    def __post_init__(self) -> None:
        """Check the width."""
        if not (np.isfinite(self.fwhm_ns) and self.fwhm_ns > 0):
            msg = f"width of the instrument response is {self.fwhm_ns:g} ns; expected a positive time"
            raise InputError(msg)

    def convolve(self, times: FloatArray, lifetime: float) -> Convolution:
        """Return integral, convolution and its derivative at some times.

        Parameters
        ----------
        times : ndarray, shape (n,)
            Times in ns from the centre of the Gaussian.
        lifetime : float
            Lifetime in ns.

        Returns
        -------
        Convolution
            Normal distribution, exponentially modified Gaussian and its derivative.
        """
        sigma = self.fwhm_ns * SIGMA_PER_FWHM
        z, ratio = times / sigma, sigma / lifetime
        bell = np.exp(-0.5 * z**2)
        early = z < ratio  # each form where it neither overflows nor loses digits
        decay = np.empty_like(z)
        decay[early] = 0.5 * bell[early] * erfcx((ratio - z[early]) / np.sqrt(2))
        decay[~early] = np.exp(ratio * (0.5 * ratio - z[~early])) * ndtr(z[~early] - ratio)
        decay /= lifetime
        density = bell / (sigma * np.sqrt(2 * np.pi))
        slope = (decay * (z * ratio - 1 - ratio**2) + ratio**2 * density) / lifetime
        return Convolution(np.asarray(ndtr(z)), decay, slope)

    def split(self, width: float) -> Pieces | None:
        """Return a staircase with the variance of the Gaussian, ten pieces for each standard deviation.

        Parameters
        ----------
        width : float
            Width of the bins in ns.

        Returns
        -------
        Pieces
            An odd number of pieces, the middle one around zero.
        """
        sigma = self.fwhm_ns * SIGMA_PER_FWHM
        subdivision = min(_MOST_PIECES, max(1, int(np.ceil(_FINE * width / sigma))))
        piece = width / subdivision
        variance = sigma**2 - piece**2 / 6  # grouping adds a twelfth (Sheppard), a flat piece another
        half = int(np.ceil(_REACH * sigma / piece))
        if variance <= 0:
            return Pieces(-piece / 2, subdivision, np.ones(1))
        edges = (np.arange(2 * half + 2) - half - 0.5) * piece
        weights = np.diff(ndtr(edges / np.sqrt(variance)))
        return Pieces(float(edges[0]), subdivision, np.asarray(weights / weights.sum()))
