"""Which lifetimes should a fit start from? The best few of a ladder of many, chosen at a known time zero."""

import itertools
from collections.abc import Sequence

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.axes import SIGMA_PER_FWHM
from clustermodel.io.transient_map import TransientMap
from clustermodel.photophysics.transient_basis import convolve_decays, draw_response
from clustermodel.photophysics.transient_time_zero import TimeZeroCurve

__all__ = ["choose_lifetimes"]

_RUNGS = 32  # lifetimes of the ladder
_SHORTEST = 0.8  # of the ladder, in standard deviations of the response
_LONGEST = 2.0  # in windows of delays
_WAVELENGTHS = 48  # that have a say: a choice of start needs no more
_RIDGE = 1e-10  # on normalised columns: keeps the solution finite where two rungs are alike
_ROUNDS = 4  # of exchanges


def choose_lifetimes(
    data: TransientMap, curve: TimeZeroCurve, *, count: int, offset: bool, artifact: int
) -> tuple[tuple[float, ...], ...]:
    """Choose lifetimes to start a fit from.

    Parameters
    ----------
    data : TransientMap
        The map.
    curve : TimeZeroCurve
        Time zero and width of the response.
    count : int
        How many lifetimes.
    offset : bool
        Whether something does not decay besides.
    artifact : int
        Number of artifact terms.

    Returns
    -------
    tuple of tuple of float
        Starts in ps, the most promising first: the best of a ladder of lifetimes, the best of its rungs
        beyond the response, and an even spread.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> from clustermodel.photophysics.transient_time_zero import find_time_zero
    >>> data, _ = simulate_transient(lifetimes_ps=[2.0, 80.0])
    >>> best, *_ = choose_lifetimes(data, find_time_zero(data), count=2, offset=False, artifact=3)
    >>> bool(1 < best[0] < 4), bool(40 < best[1] < 160)
    (True, True)
    """
    if not count:
        return ((),)
    sigma = curve.irf_fwhm_ps * SIGMA_PER_FWHM
    window = float(np.ptp(data.delay_ps))
    ladder = np.geomspace(_SHORTEST * sigma, _LONGEST * window, _RUNGS)
    products = _Products(data, curve, ladder, offset=offset, artifact=artifact)
    slow = [i for i, tau in enumerate(ladder) if tau > 4 * sigma]
    chosen = [products.search(count, range(_RUNGS)), products.search(count, slow)]
    spread = np.geomspace(3 * sigma, window / 3, count) if count > 1 else np.array([np.sqrt(sigma * window)])
    starts = [tuple(ladder[sorted(rungs)].tolist()) for rungs in chosen]
    return tuple(dict.fromkeys([*starts, tuple(spread.tolist())]))


class _Products:
    """Scalar products of all columns, from which the residual of any choice follows."""

    def __init__(
        self, data: TransientMap, curve: TimeZeroCurve, ladder: FloatArray, *, offset: bool, artifact: int
    ) -> None:
        n = data.wavelength.size
        used = np.unique(np.linspace(0, n - 1, min(n, _WAVELENGTHS)).round().astype(int))
        sigma = curve.irf_fwhm_ps * SIGMA_PER_FWHM
        x = (data.delay_ps - curve.time_zero_ps[used, None]) / sigma
        response = draw_response(x)
        rates = np.concatenate([sigma / ladder, [0.0] * offset])
        columns = [*convolve_decays(x, rates, response)]
        columns += [response * x**power for power in range(artifact)]
        basis = np.stack(columns, axis=-1)
        basis /= np.maximum(np.linalg.norm(basis, axis=1, keepdims=True), 1e-300)
        rows = data.signal.T[used]
        self._gram = basis.transpose(0, 2, 1) @ basis
        self._right = (basis.transpose(0, 2, 1) @ rows[..., None])[..., 0]
        self._whole = float(np.einsum("ij,ij->", rows, rows))
        self._always = list(range(ladder.size, len(columns)))

    def measure(self, rungs: Sequence[int]) -> float:
        """Return the sum of squares that a choice leaves over."""
        places = [*rungs, *self._always]
        gram = self._gram[:, places][:, :, places] + _RIDGE * np.eye(len(places))
        right = self._right[:, places]
        part = np.linalg.solve(gram, right[..., None])[..., 0]
        return self._whole - float(np.einsum("ij,ij->", part, right))

    def search(self, count: int, allowed: Sequence[int]) -> list[int]:
        """Return the best rungs: one after the other, then exchanged one by one while that helps."""
        chosen: list[int] = []
        for _ in range(count):
            chosen.append(
                min((r for r in allowed if r not in chosen), key=lambda r: self.measure([*chosen, r]))
            )
        best = self.measure(chosen)
        for _, place in itertools.product(range(_ROUNDS), range(count)):
            others = chosen[:place] + chosen[place + 1 :]
            rung = min((r for r in allowed if r not in others), key=lambda r: self.measure([*others, r]))
            value = self.measure([*others, rung])
            if value < best:
                chosen, best = [*chosen[:place], rung, *chosen[place + 1 :]], value
        return chosen
