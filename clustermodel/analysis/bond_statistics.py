"""How sure is a mean bond length, and do the bonds scatter more than their errors allow?

Two things are told apart. The *standard uncertainty* (s.u.) of a mean says how well the mean of these very
bonds is known: bonds share atoms and the cell, so their errors are correlated, and symmetry copies of a bond
are one measurement. The *scatter* says how much the bonds differ; where it exceeds what the s.u. allow, the
bonds are truly different, and a mean weighted by 1/s.u.² is no better than the plain one
(:cite:t:`taylor1983`).
"""

import math
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.assembly.correlated_values import CorrelatedValues

__all__ = ["BondStatistics", "measure_statistics"]

_NO_FREEDOM = 1e-6  # of the number of bonds: scatter that the common errors leave, to rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class BondStatistics:
    """Statistics of bond lengths.

    Parameters
    ----------
    n : int
        Number of bonds.
    mean, sd : float
        Mean and sample standard deviation in Å, every bond with the same weight; ``sd`` is NaN for
        one bond.
    minimum, maximum : float
        Shortest and longest bond in Å.
    mean_su : float
        s.u. of ``mean`` in Å; NaN unless every bond has an s.u.
    n_unique : int
        Number of symmetry-unique bonds.
    mean_unique, sd_unique, mean_unique_su : float
        Mean, sample standard deviation and s.u. of the mean in Å, every symmetry-unique bond with
        the same weight.
    weighted_mean, su : float
        Mean of the symmetry-unique bonds with the weights 1/s.u.², and its s.u., in Å; NaN unless
        each has an s.u.
    birge_ratio : float
        Root of the weighted scatter of the symmetry-unique bonds about ``weighted_mean`` over the
        scatter that their errors allow (:cite:t:`birge1932`): 1 if they differ by their errors alone.
        NaN for one bond, or without s.u.
    excess_sd : float
        Standard deviation in Å of the lengths themselves, beyond their errors, as the moments of
        the scatter give it (:cite:t:`dersimonian1986`); 0 where the errors explain all of it, NaN
        where ``birge_ratio`` is.
    """

    n: int = field(metadata={"unit": ""})
    mean: float = field(metadata={"unit": "Å"})
    sd: float = field(metadata={"unit": "Å"})
    minimum: float = field(metadata={"unit": "Å"})
    maximum: float = field(metadata={"unit": "Å"})
    mean_su: float = field(metadata={"unit": "Å"})
    n_unique: int = field(metadata={"unit": ""})
    mean_unique: float = field(metadata={"unit": "Å"})
    sd_unique: float = field(metadata={"unit": "Å"})
    mean_unique_su: float = field(metadata={"unit": "Å"})
    weighted_mean: float = field(metadata={"unit": "Å"})
    su: float = field(metadata={"unit": "Å"})
    birge_ratio: float = field(metadata={"unit": ""})
    excess_sd: float = field(metadata={"unit": "Å"})


class _UniqueBonds:
    """The symmetry-unique bonds of a selection of bonds, with their errors."""

    def __init__(
        self, lengths: FloatArray, copies: IntArray, su: FloatArray, correlated: CorrelatedValues | None
    ) -> None:
        self._numbers = np.unique(copies, return_inverse=True)[1].reshape(-1)
        self._correlated = correlated
        self.counts = np.bincount(self._numbers)
        self.lengths = self._average(lengths)
        self.su = self._average(su)
        self.known = bool(np.all(self.su > 0))

    def _average(self, values: FloatArray) -> FloatArray:
        sums = np.bincount(self._numbers, weights=values)
        return np.asarray(sums / self.counts, dtype=np.float64)

    def find_variances(self, weights: FloatArray) -> FloatArray:
        """Return the variances of weighted sums; weights (unique bonds, sums) of the unique bonds."""
        if not self.known:
            return np.full(weights.shape[1], np.nan)
        if self._correlated is None:
            return np.asarray(self.su**2 @ weights**2, dtype=np.float64)
        shared = (weights / self.counts[:, None])[self._numbers]
        return np.asarray(np.sum(shared * self._correlated.covary(shared), axis=0), dtype=np.float64)


def measure_statistics(
    lengths: FloatArray,
    copies: IntArray,
    *,
    su: FloatArray | None = None,
    correlated: CorrelatedValues | None = None,
) -> BondStatistics:
    """Measure mean, scatter and their errors for bonds of one kind.

    Parameters
    ----------
    lengths : ndarray, shape (m,)
        Lengths in Å, one or more.
    copies : ndarray of int, shape (m,)
        Bonds with the same number are symmetry copies of each other.
    su : ndarray, shape (m,), optional
        s.u. of the bonds in Å, NaN where there is none; those of `correlated` by default.
    correlated : CorrelatedValues, optional
        The same bonds with their covariances; without it symmetry-unique bonds are taken as uncorrelated.

    Returns
    -------
    BondStatistics
        The statistics.

    Examples
    --------
    >>> found = measure_statistics(np.array([2.30, 2.36]), np.array([0, 1]), su=np.array([0.01, 0.02]))
    >>> round(found.mean, 3), round(found.mean_su, 4), round(found.weighted_mean, 3), round(found.su, 4)
    (2.33, 0.0112, 2.312, 0.0089)
    >>> round(found.birge_ratio, 2), round(found.excess_sd, 3)  # 0.06 Å apart, 0.022 Å allowed
    (2.68, 0.039)
    """
    if su is None:
        su = np.full(len(lengths), math.nan) if correlated is None else correlated.complete_su()
    bonds = _UniqueBonds(lengths, copies, su, correlated)
    n, unique = len(lengths), bonds.lengths
    weights = bonds.su**-2.0 if bonds.known else np.ones(len(unique))
    columns = np.stack(
        [bonds.counts / n, np.full(len(unique), 1 / len(unique)), weights / weights.sum()], axis=1
    )
    mean_su, unique_su, weighted_su = np.sqrt(np.maximum(bonds.find_variances(columns), 0.0)).tolist()
    ratio, excess = _compare_scatter(bonds, weights, weighted_su)
    return BondStatistics(
        n=n,
        mean=float(lengths.mean()),
        sd=_measure_deviation(lengths),
        minimum=float(lengths.min()),
        maximum=float(lengths.max()),
        mean_su=mean_su,
        n_unique=len(unique),
        mean_unique=float(unique.mean()),
        sd_unique=_measure_deviation(unique),
        mean_unique_su=unique_su,
        weighted_mean=float(weights @ unique / weights.sum()) if bonds.known else math.nan,
        su=weighted_su,
        birge_ratio=ratio,
        excess_sd=excess,
    )


def _measure_deviation(values: FloatArray) -> float:
    n = len(values)
    return math.sqrt(float(np.sum((values - values.sum() / n) ** 2)) / (n - 1)) if n > 1 else math.nan


def _compare_scatter(bonds: _UniqueBonds, weights: FloatArray, su: float) -> tuple[float, float]:
    """Return the Birge ratio and the spread beyond the errors; NaN where there is nothing to compare.

    With the weights w the sum of w (length - mean)² is expected to be n - (s.u. of the mean)² Σw, for
    any correlation of the errors; uncorrelated ones make that n - 1. A true spread t adds
    t² (Σw - Σw²/Σw) to it.
    """
    n, total = len(weights), float(weights.sum())
    expected = n - su**2 * total
    if n < 2 or not expected > _NO_FREEDOM * n:
        return math.nan, math.nan
    mean = float(weights @ bonds.lengths) / total
    scatter = float(weights @ (bonds.lengths - mean) ** 2)
    spread = (scatter - expected) / (total - float(weights @ weights) / total)
    return math.sqrt(scatter / expected), math.sqrt(max(spread, 0.0))
