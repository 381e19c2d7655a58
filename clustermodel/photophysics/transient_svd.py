"""How many independent time courses does a map hold, and what is left in the residual? Singular values."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float

__all__ = ["SingularValues", "measure_singular_values"]

_SHOWN = 10
_SMOOTH = 0.5  # autocorrelation of both vectors from which a component counts as signal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SingularValues:
    """The largest singular values of a map and how smooth their vectors are.

    Parameters
    ----------
    values : array_like, shape (k,)
        Singular values, descending.
    delay_correlation, wavelength_correlation : array_like, shape (k,)
        Correlation of neighbours in the vector over delay, and in the one over wavelength.
    edge : float
        Singular values of white noise alone are smaller than this.
    above_noise : int
        How many are larger than the edge.
    smooth : int
        How many of these have vectors that are both smooth (correlation above 0.5).
    """

    values: FloatArray = field(metadata={"unit": "ΔA"})
    delay_correlation: FloatArray = field(metadata={"unit": ""})
    wavelength_correlation: FloatArray = field(metadata={"unit": ""})
    edge: float = field(metadata={"unit": "ΔA"})
    above_noise: int = field(metadata={"unit": ""})
    smooth: int = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("values", "delay_correlation", "wavelength_correlation"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (None,), name))


def measure_singular_values(signal: FloatArray) -> SingularValues:
    """Decompose a map or a residual.

    Parameters
    ----------
    signal : ndarray, shape (m, n)
        Finite numbers over delay and wavelength.

    Returns
    -------
    SingularValues
        The ten largest at most.

    Notes
    -----
    The edge is the threshold of :cite:t:`gavish2014` for unknown noise, from the median of all singular
    values. For noise that neighbours share it is too low; then the smoothness of both vectors decides.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> signal = np.outer(np.exp(-np.arange(60) / 20), np.sin(np.arange(40) / 6))
    >>> found = measure_singular_values(signal + 0.01 * rng.standard_normal((60, 40)))
    >>> found.above_noise, found.smooth
    (1, 1)
    """
    left, values, right = np.linalg.svd(signal, full_matrices=False)
    ratio = min(signal.shape) / max(signal.shape)
    factor = 0.56 * ratio**3 - 0.95 * ratio**2 + 1.82 * ratio + 1.43
    edge = float(factor * np.median(values))
    along_delay = (left[1:] * left[:-1]).sum(axis=0)
    along_wavelength = (right[:, 1:] * right[:, :-1]).sum(axis=1)
    above = values > edge
    smooth = above & (along_delay > _SMOOTH) & (along_wavelength > _SMOOTH)
    return SingularValues(
        values=values[:_SHOWN],
        delay_correlation=along_delay[:_SHOWN],
        wavelength_correlation=along_wavelength[:_SHOWN],
        edge=edge,
        above_noise=int(above.sum()),
        smooth=int(smooth.sum()),
    )
