"""What does an instrument of finite resolution see of an exponential? Decays convolved with a Gaussian.

Everything is a function of reduced time x = (t - t0)/σ and reduced rate a = kσ, with the standard deviation σ
of the instrument response. With g(x), the normal density, the convolved decay is

    F(x, a) = ½ exp(a²/2 - ax) erfc((a - x)/√2),

and its derivatives need nothing but F, xF and g: ∂F/∂x = g - aF, ∂F/∂a = (a - x)F - g.
"""

import numpy as np
from scipy.special import erfcx

from clustermodel._arrays import FloatArray

__all__ = ["REACH", "convolve_decays", "draw_response"]

REACH = 9.0
"""Reduced time beyond which the response is over: exp(-81/2) is below the rounding of double precision."""

_ROOT_2 = np.sqrt(2.0)
_ROOT_2_PI = np.sqrt(2.0 * np.pi)


def draw_response(x: FloatArray) -> FloatArray:
    """Draw the instrument response, a normal density.

    Parameters
    ----------
    x : ndarray
        Reduced time.

    Returns
    -------
    ndarray
        Density of the same shape; its area is 1.

    Examples
    --------
    >>> float(draw_response(np.array([0.0]))[0].round(4))
    0.3989
    """
    return np.asarray(np.exp(-0.5 * x * x) / _ROOT_2_PI)


def convolve_decays(x: FloatArray, a: FloatArray, response: FloatArray | None = None) -> FloatArray:
    """Convolve decays that begin at zero with the instrument response.

    Parameters
    ----------
    x : ndarray, shape (...,)
        Reduced time.
    a : ndarray, shape (n,)
        Reduced rates, none negative; 0 is a step.
    response : ndarray, shape (...,), optional
        The response at the same times, if it is known already.

    Returns
    -------
    ndarray, shape (n, ...)
        One curve for each rate.

    Notes
    -----
    The scaled complementary error function keeps fast decays and early times from overflow.

    Examples
    --------
    >>> step, slow = convolve_decays(np.array([-9.0, 0.0, 9.0]), np.array([0.0, 0.01]))
    >>> step.round(3).tolist(), slow.round(3).tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.496, 0.914])
    """
    g = draw_response(x) if response is None else response
    near = np.abs(x) < REACH
    close, half = x[near], 0.5 * _ROOT_2_PI * g[near]
    curves = np.empty((a.size, *x.shape))
    for curve, rate in zip(curves, a.tolist(), strict=True):
        tail = half * erfcx(np.abs(rate - close) / _ROOT_2)
        # Where x > a the exponent is negative; elsewhere the value is not used and must not overflow.
        np.exp(np.minimum(rate * (0.5 * rate - x), 0.0), out=curve)
        inside = np.where(close < rate, tail, curve[near] - tail)
        curve[x < 0] = 0.0
        curve[near] = inside
    return curves
