"""How uncertain is a fitted parameter if the noise is white, and if neighbouring wavelengths share it?

The usual standard uncertainty takes every residual as independent. In a measured map they are not: whole
spectra shift together, and what the model does not describe is smooth. The robust covariance lets each
wavelength's contribution to the gradient speak for itself, with its neighbours :cite:p:`newey1987`, after a
correction for what the fit took from its residual :cite:p:`bell2002`.
"""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, freeze_float
from clustermodel.photophysics.transient_problem import Evaluation

__all__ = [
    "Covariances",
    "choose_block",
    "estimate_covariances",
    "measure_distance",
    "measure_neighbour_correlation",
]

_QUIET = 0.05  # correlation of wavelengths below which they count as independent
_BLOCKS = 3.0  # length of a block beyond one wavelength, in correlation lengths
_LEVERAGE = 0.05  # smallest part of its noise that a wavelength is taken to show after the fit
_FEWEST = 10  # blocks: with fewer, their scatter says little


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covariances:
    """Covariances of the parameters of a fit: log rates, log σ, coefficients of time zero.

    Parameters
    ----------
    white : array_like, shape (p, p)
        For independent residuals of one variance; nan for parameters that were held or stopped at a limit.
    robust : array_like, shape (p, p)
        With the scatter between wavelengths and the correlation of neighbours.
    block : int
        How many neighbouring wavelengths are taken as correlated.
    blocks : array_like, shape (p,)
        Number of such blocks that a parameter effectively rests on; less one, the degrees of freedom of its
        robust variance. A lifetime that shows at few wavelengths rests on few blocks.
    """

    white: FloatArray = field(metadata={"unit": ""})
    robust: FloatArray = field(metadata={"unit": ""})
    block: int = field(metadata={"unit": ""})
    blocks: FloatArray = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("white", "robust"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (None, None), name))
        object.__setattr__(self, "blocks", freeze_float(self.blocks, (None,), "blocks"))


def estimate_covariances(evaluation: Evaluation, *, freedom: int, free: BoolArray, block: int) -> Covariances:
    """Estimate the covariances at the lowest point of a fit.

    Parameters
    ----------
    evaluation : Evaluation
        Residual and Jacobian there.
    freedom : int
        Degrees of freedom.
    free : ndarray of bool, shape (p,)
        Parameters that were searched for and stopped at no limit.
    block : int
        How many neighbouring wavelengths are taken as correlated; 1 for none.

    Returns
    -------
    Covariances
        White and robust.
    """
    jacobian = evaluation.jacobian[..., free]
    variance = float(np.einsum("wr,wr->", evaluation.residual, evaluation.residual)) / freedom
    hessian = np.einsum("wrp,wrq->pq", jacobian, jacobian)
    inverse = _invert(hessian)
    scores = np.einsum("wrp,wr->wp", jacobian, _restore(jacobian, inverse, evaluation.residual))
    meat = scores.T @ scores
    for lag in range(1, block):
        pairs = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / block) * (pairs + pairs.T)
    effective = _count_effective_blocks(jacobian, inverse, block)
    size = free.size
    white, robust = np.full((size, size), np.nan), np.full((size, size), np.nan)
    blocks = np.full(size, np.nan)
    white[np.ix_(free, free)] = variance * inverse
    robust[np.ix_(free, free)] = inverse @ meat @ inverse
    blocks[free] = effective
    return Covariances(white=white, robust=robust, block=block, blocks=blocks)


def _count_effective_blocks(jacobian: FloatArray, inverse: FloatArray, block: int) -> FloatArray:
    """Return on how many blocks each parameter rests, from their shares of its white variance."""
    projected = jacobian @ inverse
    shares = np.add.reduceat((projected**2).sum(axis=1), np.arange(0, len(jacobian), block), axis=0)
    return np.asarray(shares.sum(axis=0) ** 2 / np.maximum((shares**2).sum(axis=0), 1e-300))


def measure_distance(evaluation: Evaluation, *, freedom: int, free: BoolArray) -> float:
    """Measure how far a point is from the minimum that its slope points to, in standard uncertainties.

    Parameters
    ----------
    evaluation : Evaluation
        Residual and Jacobian there.
    freedom : int
        Degrees of freedom.
    free : ndarray of bool, shape (p,)
        Parameters that are searched for.

    Returns
    -------
    float
        Square root of the rise of the sum of squares over the minimum, in units of the variance.
    """
    jacobian = evaluation.jacobian[..., free]
    variance = float(np.einsum("wr,wr->", evaluation.residual, evaluation.residual)) / freedom
    hessian = np.einsum("wrp,wrq->pq", jacobian, jacobian)
    slope = np.einsum("wrp,wr->p", jacobian, evaluation.residual)
    if not variance:
        return 0.0
    return float(np.sqrt(max(0.0, slope @ np.linalg.pinv(hessian, hermitian=True) @ slope) / variance))


def _invert(hessian: FloatArray) -> FloatArray:
    """Return the inverse; infinite where a parameter does not matter."""
    scale = np.sqrt(np.diag(hessian))
    if not (scale > 0).all():
        return np.full_like(hessian, np.inf)
    try:
        return np.asarray(np.linalg.inv(hessian / np.outer(scale, scale)) / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return np.full_like(hessian, np.inf)


def _restore(jacobian: FloatArray, inverse: FloatArray, residual: FloatArray) -> FloatArray:
    """Return residuals enlarged by what the fit took from them: their scatter is that of the noise."""
    if not np.isfinite(inverse).all():
        return residual
    left = np.eye(residual.shape[1]) - jacobian @ inverse @ jacobian.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(left)
    roots = 1 / np.sqrt(np.maximum(values, _LEVERAGE))
    return np.asarray(np.einsum("wij,wj,wkj,wk->wi", vectors, roots, vectors, residual, optimize=True))


def choose_block(residual: FloatArray) -> int:
    """Choose how many neighbouring wavelengths are taken as belonging together.

    Parameters
    ----------
    residual : ndarray, shape (m, n)
        Residuals over delay and wavelength.

    Returns
    -------
    int
        Three correlation lengths beyond the wavelength itself, and a tenth of all wavelengths at most: 1 for
        white noise.

    Examples
    --------
    >>> noise = np.random.default_rng(1).standard_normal((100, 80))
    >>> choose_block(noise), choose_block(noise + np.roll(noise, 1, axis=1))
    (1, 4)
    """
    n = residual.shape[1]
    whole = float((residual**2).sum())
    length = 0.0
    for lag in range(1, n // _FEWEST):
        pairs = float((residual[:, lag:] * residual[:, :-lag]).sum()) * n / (n - lag)
        if not whole or pairs / whole < _QUIET:
            break
        length += 2 * pairs / whole
    return int(max(1, min(np.ceil(_BLOCKS * length) + 1, n // _FEWEST)))


def measure_neighbour_correlation(residual: FloatArray) -> tuple[float, float]:
    """Measure how alike neighbouring residuals are.

    Parameters
    ----------
    residual : ndarray, shape (m, n)
        Residuals over delay and wavelength.

    Returns
    -------
    delay, wavelength : float
        Correlation of neighbours along each axis; near 0 for white noise.

    Examples
    --------
    >>> measure_neighbour_correlation(np.array([[1.0, -1.0], [1.0, -1.0], [1.0, -1.0]]))
    (1.0, -1.0)
    """
    found = []
    for first, second in (
        (residual[1:], residual[:-1]),
        (residual[:, 1:], residual[:, :-1]),
    ):
        scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
        found.append(float((first * second).sum()) / scale if scale else 0.0)
    return found[0], found[1]
