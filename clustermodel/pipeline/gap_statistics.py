"""Do two quantities of a few defects go together? Rank correlations that claim no more than the points can.

Ranks ask for an order and no shape of a curve (:cite:t:`spearman1904`). The chance that an order as clear as
this one comes about without any link is counted over all permutations of the points, or over many random ones
where there are too many. Several descriptors are several attempts: their chances are adjusted after
:cite:t:`holm1979`. What hangs on one defect alone is found by leaving each out in turn.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import permutation_test, rankdata

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError

__all__ = ["FEWEST", "RankCorrelation", "compare_ranks", "correlate_ranks"]

FEWEST = 6  # points: a perfect order of five has p = 2/5! = 0.017, no evidence among several descriptors
"""Number of points below which no correlation is calculated."""

_MOST_PERMUTATIONS = 50_000  # above 8! = 40 320: up to eight points all permutations are counted
_LEVEL = 0.05  # the usual level, after adjustment for the number of descriptors
_SEED = 0  # of the random permutations: the same points give the same answer


@dataclass(frozen=True, slots=True, kw_only=True)
class RankCorrelation:
    """How the order of a quantity follows that of a descriptor.

    Parameters
    ----------
    descriptor : str
        Name of the descriptor.
    n : int
        Number of points.
    rho : float
        Spearman's rank correlation, ties with their mean rank; NaN if it is not calculated.
    p : float
        Share of the permutations of the points whose correlation is at least as strong, of either sign.
    exact : bool
        Whether all permutations were counted, not a random sample.
    p_adjusted : float
        `p` after Holm's adjustment for the number of descriptors tried; NaN until `compare_ranks` sets it.
    lowest, highest : float
        Range of `rho` when each point is left out in turn; NaN if all others are equal.
    decisive : str
        Name of the point without which `rho` changes most.
    verdict : str
        What follows, in words.
    """

    descriptor: str
    n: int = field(metadata={"unit": ""})
    rho: float = field(metadata={"unit": ""})
    p: float = field(metadata={"unit": ""})
    exact: bool
    p_adjusted: float = field(metadata={"unit": ""})
    lowest: float = field(metadata={"unit": ""})
    highest: float = field(metadata={"unit": ""})
    decisive: str
    verdict: str


def compare_ranks(
    descriptors: Mapping[str, Sequence[float]], values: Sequence[float], names: Sequence[str]
) -> tuple[RankCorrelation, ...]:
    """Correlate the ranks of a quantity with those of several descriptors.

    Parameters
    ----------
    descriptors : mapping of str to sequence of float, length n
        Each descriptor at all points.
    values : sequence of float, length n
        The quantity.
    names : sequence of str, length n
        Names of the points.

    Returns
    -------
    tuple of RankCorrelation
        One for each descriptor, with chances adjusted for their number, and a verdict.

    Raises
    ------
    InputError
        If the lengths differ, or a number is not finite.

    Examples
    --------
    >>> gaps = [0.2, 0.4, 0.5, 0.7, 0.8, 1.1]
    >>> names = ["a", "b", "c", "d", "e", "f"]
    >>> rising, mixed = compare_ranks({"free": [1, 2, 3, 4, 5, 6], "bonds": [2, 1, 1, 2, 1, 2]}, gaps, names)
    >>> round(rising.p, 4), round(rising.p_adjusted, 4), rising.verdict
    (0.0028, 0.0056, 'rises with free')
    >>> mixed.verdict
    'no correlation shown'
    """
    found = [correlate_ranks(name, points, values, names) for name, points in descriptors.items()]
    order = sorted((k for k, one in enumerate(found) if math.isfinite(one.p)), key=lambda k: found[k].p)
    adjusted = 0.0
    for done, k in enumerate(order):
        adjusted = max(adjusted, min(1.0, (len(order) - done) * found[k].p))
        found[k] = replace(found[k], p_adjusted=adjusted)
        found[k] = replace(found[k], verdict=_judge(found[k]))
    return tuple(found)


def correlate_ranks(
    descriptor: str, points: Sequence[float], values: Sequence[float], names: Sequence[str]
) -> RankCorrelation:
    """Correlate the ranks of a quantity with those of one descriptor.

    Parameters
    ----------
    descriptor : str
        Its name.
    points : sequence of float, length n
        The descriptor.
    values : sequence of float, length n
        The quantity.
    names : sequence of str, length n
        Names of the points.

    Returns
    -------
    RankCorrelation
        Not adjusted; without numbers if there are fewer than `FEWEST` points, or all are equal.

    Raises
    ------
    InputError
        If the lengths differ, or a number is not finite.

    Examples
    --------
    >>> correlate_ranks("free", [1, 2, 3], [1.0, 0.5, 0.7], ["a", "b", "c"]).verdict
    'n = 3 is too few: nothing is claimed below 6'
    """
    x, y = np.asarray(points, dtype=np.float64), np.asarray(values, dtype=np.float64)
    _check(descriptor, x, y, names)
    n = len(x)
    rho = _correlate(x, y)
    if n < FEWEST or not math.isfinite(rho):
        what = "the descriptor" if n and np.ptp(x) == 0 else "the quantity"
        few = f"n = {n} is too few: nothing is claimed below {FEWEST}"
        return _build_empty(descriptor, n, few if n < FEWEST else f"{what} is the same for all")
    p, exact = _count_permutations(x, y)
    without = np.array([_correlate(np.delete(x, k), np.delete(y, k)) for k in range(n)])
    known = without[np.isfinite(without)]
    shifts = np.where(np.isfinite(without), np.abs(without - rho), np.inf)
    complete = len(known) == n
    return RankCorrelation(
        descriptor=descriptor,
        n=n,
        rho=rho,
        p=p,
        exact=exact,
        p_adjusted=math.nan,
        lowest=float(known.min()) if complete else math.nan,
        highest=float(known.max()) if complete else math.nan,
        decisive=names[int(np.argmax(shifts))],
        verdict="",
    )


def _check(descriptor: str, x: FloatArray, y: FloatArray, names: Sequence[str]) -> None:
    if not len(x) == len(y) == len(names):
        msg = f"{descriptor}: {len(x)} values for {len(y)} points with {len(names)} names; expected as many"
        raise InputError(msg)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        msg = f"{descriptor}: a value is not a finite number; leave such points out"
        raise InputError(msg)


def _build_empty(descriptor: str, n: int, verdict: str) -> RankCorrelation:
    return RankCorrelation(
        descriptor=descriptor,
        n=n,
        rho=math.nan,
        p=math.nan,
        exact=False,
        p_adjusted=math.nan,
        lowest=math.nan,
        highest=math.nan,
        decisive="",
        verdict=verdict,
    )


def _rank(values: FloatArray) -> FloatArray:
    """Return centred ranks of length one; zeros if all values are equal."""
    ranks = rankdata(values) - (len(values) + 1) / 2
    length = float(np.linalg.norm(ranks))
    return np.asarray(ranks / length if length > 0 else np.zeros(len(values)))


def _correlate(x: FloatArray, y: FloatArray) -> float:
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    return float(np.clip(_rank(x) @ _rank(y), -1.0, 1.0))


def _count_permutations(x: FloatArray, y: FloatArray) -> tuple[float, bool]:
    """Return the share of permutations with a correlation as strong, and whether all were counted."""
    fixed = _rank(y)

    def measure(moved: FloatArray, axis: int = -1) -> FloatArray:
        return np.asarray(np.abs((moved * fixed).sum(axis=axis)))

    test = permutation_test(
        (_rank(x),),
        measure,
        permutation_type="pairings",
        vectorized=True,
        n_resamples=_MOST_PERMUTATIONS,
        batch=5_000,
        alternative="greater",
        rng=np.random.default_rng(_SEED),
    )
    return float(test.pvalue), math.factorial(len(x)) <= _MOST_PERMUTATIONS


def _judge(one: RankCorrelation) -> str:
    if not one.p_adjusted < _LEVEL:
        return "no correlation shown"
    way = "rises" if one.rho > 0 else "falls"
    steady = one.lowest * one.highest > 0
    return f"{way} with {one.descriptor}{'' if steady else f', but hangs on {one.decisive} alone'}"
