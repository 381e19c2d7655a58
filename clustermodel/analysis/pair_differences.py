"""Is a quantity of two structures different? Values with what is known of their errors, and a verdict.

Two errors are kept apart: the standard uncertainty (s.u.) of a measurement, and the scatter of what a mean
is taken over, as the standard error of the mean. The verdict uses the larger: a mean over bonds that
change by different amounts is no better known than these changes agree, however well each is measured.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Difference", "Quantity", "Verdict", "compare_quantities", "compare_values"]

Verdict = Literal["larger in b", "smaller in b", "equal within errors", "no error known", "not in both"]

_ROUNDING = 1e-12  # of a value; equal numbers that were added up in another order differ by less


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number that one structure has.

    Parameters
    ----------
    name : str
        What it is, ``"mean bond length"``.
    role : str
        Of what, ``"kernel Au-Au"``.
    unit : str
        Its unit, empty for a count.
    value : float
        The number in this unit.
    su : float, optional
        Its s.u.; NaN where none is known, 0 for a count.
    scatter : float, optional
        Standard error from the scatter of what it is a mean of; NaN where it is no mean.
    """

    name: str
    role: str
    unit: str
    value: float = field(metadata={"unit": "its own"})
    su: float = field(default=math.nan, metadata={"unit": "its own"})
    scatter: float = field(default=math.nan, metadata={"unit": "its own"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The same quantity of two structures.

    Parameters
    ----------
    quantity, role, unit : str
        What it is, of what, and its unit.
    a, b : float
        Its value in the first and in the second structure.
    delta : float
        The second less the first.
    su, scatter : float
        s.u. of `delta` from the measurements, and its standard error from scatter; NaN where unknown.
    sigmas : float
        `delta` over the larger of the two; NaN where both are unknown, infinite where the error is zero.
    verdict : {"larger in b", "smaller in b", "equal within errors", "no error known", "not in both"}
        What follows.
    """

    quantity: str
    role: str
    unit: str
    a: float = field(metadata={"unit": "its own"})
    b: float = field(metadata={"unit": "its own"})
    delta: float = field(metadata={"unit": "its own"})
    su: float = field(metadata={"unit": "its own"})
    scatter: float = field(metadata={"unit": "its own"})
    sigmas: float = field(metadata={"unit": ""})
    verdict: Verdict


def compare_quantities(
    a: Iterable[Quantity], b: Iterable[Quantity], *, sigmas: float = 3.0
) -> tuple[Difference, ...]:
    """Compare the quantities that two structures both have.

    Parameters
    ----------
    a, b : iterable of Quantity
        The quantities of the two; those of the same name, role and unit are compared.
    sigmas : float, optional
        Standard errors that a difference must exceed.

    Returns
    -------
    tuple of Difference
        In the order of the first.

    Examples
    --------
    >>> first = [Quantity(name="mean bond length", role="Au-S", unit="Å", value=2.33, su=0.002)]
    >>> second = [Quantity(name="mean bond length", role="Au-S", unit="Å", value=2.32, su=0.002)]
    >>> (found,) = compare_quantities(first, second)
    >>> round(found.delta, 3), round(found.su, 4), found.verdict
    (-0.01, 0.0028, 'smaller in b')
    """
    known = {(one.name, one.role, one.unit): one for one in b}
    return tuple(
        compare_values(
            one,
            other,
            su=math.hypot(one.su, other.su),
            scatter=math.hypot(one.scatter, other.scatter),
            sigmas=sigmas,
        )
        for one in a
        if (other := known.get((one.name, one.role, one.unit))) is not None
    )


def compare_values(
    a: Quantity, b: Quantity, *, su: float = math.nan, scatter: float = math.nan, sigmas: float = 3.0
) -> Difference:
    """Compare two values whose difference has errors of its own, as that of paired values.

    Parameters
    ----------
    a, b : Quantity
        The values; name, role and unit are those of the first.
    su, scatter : float, optional
        s.u. and standard error of the difference.
    sigmas : float, optional
        Standard errors that a difference must exceed.

    Returns
    -------
    Difference
        The difference with its verdict.

    Examples
    --------
    >>> eight = Quantity(name="electron count", role="cluster", unit="electrons", value=8, su=0)
    >>> compare_values(eight, eight, su=0).verdict
    'equal within errors'
    """
    delta = b.value - a.value
    if abs(delta) <= _ROUNDING * max(abs(a.value), abs(b.value)):
        delta = 0.0
    excess = _measure_excess(delta, max((e for e in (su, scatter) if not math.isnan(e)), default=math.nan))
    return Difference(
        quantity=a.name,
        role=a.role,
        unit=a.unit,
        a=a.value,
        b=b.value,
        delta=delta,
        su=su,
        scatter=scatter,
        sigmas=excess,
        verdict="not in both" if math.isnan(delta) else _decide(excess, sigmas),
    )


def _measure_excess(delta: float, error: float) -> float:
    """Return the difference in standard errors; infinite if there is one and no error."""
    if error == 0:
        return math.copysign(math.inf, delta) if delta else 0.0
    return delta / error


def _decide(excess: float, sigmas: float) -> Verdict:
    if math.isnan(excess):
        return "no error known"
    if abs(excess) <= sigmas:
        return "equal within errors"
    return "larger in b" if excess > 0 else "smaller in b"
