"""What may be printed about a lifetime? A value, a bound, or that the data do not determine it."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel.photophysics.transient_intervals import Interval
from clustermodel.photophysics.transient_result import TransientFit
from clustermodel.photophysics.transient_selection import Support

__all__ = [
    "Verdict",
    "find_doubtful",
    "find_overlaps",
    "format_picoseconds",
    "judge_time_constants",
    "measure_window",
]

VerdictKind = Literal["determined", "lower bound", "upper bound", "unresolved", "undetermined", "held"]

_WIDE = 4.0  # ratio of the limits of a time constant beyond which it is not determined


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What can be said about one time constant.

    Parameters
    ----------
    rate : str
        Name of its rate constant, or ``offset``.
    kind : str
        ``determined``; ``lower bound`` or ``upper bound``; ``unresolved`` from a neighbour;
        ``undetermined``; ``held``.
    value : float
        The fitted time constant; inf for an offset.
    su : float
        Robust standard uncertainty; nan where there is none.
    low, high : float
        Limits of the profile; 0 or inf where the data set none.
    text : str
        How to print it.
    """

    rate: str
    kind: VerdictKind
    value: float = field(metadata={"unit": "ps"})
    su: float = field(metadata={"unit": "ps"})
    low: float = field(metadata={"unit": "ps"})
    high: float = field(metadata={"unit": "ps"})
    text: str


def format_picoseconds(value: float) -> str:
    """Format a time with three digits, without a power of ten up to a microsecond.

    Parameters
    ----------
    value : float
        Time in ps; inf for what stays.

    Returns
    -------
    str
        For example ``2980 ps``.

    Examples
    --------
    >>> format_picoseconds(0.53012), format_picoseconds(2983.4), format_picoseconds(float("inf"))
    ('0.53 ps', '2980 ps', 'offset')
    """
    return f"{float(f'{value:.3g}'):.10g} ps" if math.isfinite(value) else "offset"


def judge_time_constants(
    fit: TransientFit,
    intervals: Sequence[Interval],
    *,
    offset_bound_ps: float | None = None,
    support: Support | None = None,
) -> tuple[Verdict, ...]:
    """Judge every time constant by its limits.

    Parameters
    ----------
    fit : TransientFit
        The fit.
    intervals : sequence of Interval
        Limits from profiles.
    offset_bound_ps : float, optional
        Shortest lifetime that an offset may have.
    support : Support, optional
        Comparison with one exponential fewer.

    Returns
    -------
    tuple of Verdict
        In the order of the rate constants, an offset last.
    """
    limits = {one.rate: one for one in intervals}
    unresolved = {rate for pair in find_overlaps(fit, intervals) for rate in pair}
    if support is not None and not support.supported:
        unresolved |= set(find_doubtful(fit, support))
    window = measure_window(fit)
    verdicts = []
    for rate, value, su in zip(
        fit.scheme.rates, fit.time_constants_ps.tolist(), fit.time_constants_su_ps.tolist(), strict=True
    ):
        one = limits.get(rate, Interval(rate=rate, value=value, low=value, high=value))
        kind = _judge(one, window, is_unresolved=rate in unresolved) if rate in limits else "held"
        verdicts.append(
            Verdict(
                rate=rate,
                kind=kind,
                value=value,
                su=su,
                low=one.low,
                high=one.high,
                text=_describe(kind, one),
            )
        )
    if offset_bound_ps is not None:
        text = f"> {_round(offset_bound_ps, math.floor)} ps"
        verdicts.append(
            Verdict(
                rate="offset",
                kind="lower bound",
                value=np.inf,
                su=np.nan,
                low=offset_bound_ps,
                high=np.inf,
                text=text,
            )
        )
    return tuple(verdicts)


def measure_window(fit: TransientFit) -> float:
    """Measure how far the delays reach.

    Parameters
    ----------
    fit : TransientFit
        The fit.

    Returns
    -------
    float
        Time in ps from the median time zero to the last delay.
    """
    return float(fit.data.delay_ps[-1] - np.median(fit.time_zero_ps))


def _judge(one: Interval, window: float, *, is_unresolved: bool) -> VerdictKind:
    open_low, open_high = one.low <= 0, not np.isfinite(one.high)
    if open_low and open_high:
        return "undetermined"
    if open_high or (one.value > window and not open_low):
        return "lower bound"
    if open_low:
        return "upper bound"
    if is_unresolved:
        return "unresolved"
    return "undetermined" if one.high > _WIDE * one.low else "determined"


def _describe(kind: VerdictKind, one: Interval) -> str:
    if kind == "lower bound":
        return f"> {_round(one.low, math.floor)} ps"
    if kind == "upper bound":
        return f"< {_round(one.high, math.ceil)} ps"
    if kind == "held":
        return f"{format_picoseconds(one.value)} (held)"
    if kind == "undetermined":
        return "not determined"
    low = format_picoseconds(one.low).removesuffix(" ps")
    text = f"{format_picoseconds(one.value)} ({low} to {format_picoseconds(one.high)})"
    return f"{text}, not resolved" if kind == "unresolved" else text


def _round(value: float, direction: Callable[[float], int]) -> str:
    """Return a bound with two digits, rounded away from what it excludes."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return f"{direction(value / unit) * unit:.6g}"


def find_overlaps(fit: TransientFit, intervals: Sequence[Interval]) -> list[tuple[str, str]]:
    """Find neighbouring lifetimes whose limits overlap.

    Parameters
    ----------
    fit : TransientFit
        The fit.
    intervals : sequence of Interval
        Limits.

    Returns
    -------
    list of tuple of str
        Pairs of rate constants; none for a target scheme, whose rate constants may well be equal.
    """
    if fit.scheme.kind == "target":
        return []
    ordered = sorted(intervals, key=lambda one: one.value)
    return [(a.rate, b.rate) for a, b in itertools.pairwise(ordered) if a.high >= b.low]


def find_doubtful(fit: TransientFit, support: Support) -> tuple[str, str]:
    """Find the two lifetimes for which one exponential fewer has one.

    Parameters
    ----------
    fit : TransientFit
        A fit of a parallel or sequential scheme.
    support : Support
        Comparison with one exponential fewer.

    Returns
    -------
    tuple of str
        Their rate constants.
    """
    logs = np.log(fit.time_constants_ps)
    fewer = np.log(support.fewer_ps)
    without = np.array([np.delete(logs, i) for i in range(logs.size)])  # lifetimes are in rising order
    extra = int(np.abs(without - fewer).sum(axis=1).argmin())
    distance = np.abs(logs - logs[extra])
    distance[extra] = np.inf
    first, second = sorted((extra, int(distance.argmin())))
    return fit.scheme.rates[first], fit.scheme.rates[second]
