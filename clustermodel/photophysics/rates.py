"""How fast does an emitter emit, and how fast does it lose its energy otherwise?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError
from clustermodel.photophysics.emitters import Emitter

__all__ = ["RateComparison", "Rates", "compare_rates", "list_caveats", "measure_rates"]

_LINEAR = 0.3  # relative uncertainty: beyond it, linear propagation is off by a tenth and more
_TRIPLET_US = 0.1  # lifetimes longer than this, in µs, are rarely those of a singlet
_EVERY_PHOTON = (
    "The rates hold for an emitting state that every absorbed photon reaches. For a triplet emitter "
    "QY/τ = Φ_ISC·k_r: k_r is at least QY/τ and at most 1/τ."
)
_AMPLITUDE = (
    "They need the amplitude average of the lifetimes, Σaτ/Σa; an intensity average, Σaτ²/Σaτ, is longer, "
    "often by 20 to 30 %, and gives rates that are too low by as much."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The rate constants of one emitter.

    Parameters
    ----------
    emitter : Emitter
        Yield and lifetime that they come from.
    radiative : float
        k_r = QY/τ.
    nonradiative : float
        k_nr = (1 - QY)/τ.
    radiative_su, nonradiative_su : float
        Standard uncertainties, propagated linearly; QY and τ taken as independent.
    ratio : float
        k_nr/k_r, infinite for a dark emitter.
    """

    emitter: Emitter
    radiative: float = field(metadata={"unit": "s-1"})
    nonradiative: float = field(metadata={"unit": "s-1"})
    radiative_su: float = field(metadata={"unit": "s-1"})
    nonradiative_su: float = field(metadata={"unit": "s-1"})
    ratio: float = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class RateComparison:
    """What made the yield of one emitter differ from that of another.

    Parameters
    ----------
    first, second : str
        Names of the emitters.
    radiative_factor, nonradiative_factor : float
        k_r and k_nr of the second over those of the first.
    radiative_factor_su, nonradiative_factor_su : float
        Their standard uncertainties.
    radiative_share, nonradiative_share : float or None
        Shares of the change of ln(QY/(1 - QY)), which is ln k_r - ln k_nr; their sum is 1, and one is
        negative where the two rates work against each other. None where the yields are equal.
    share_su : float or None
        Standard uncertainty of either share.
    yield_if_radiative, yield_if_nonradiative : float
        Yield of the first emitter with k_r alone, or k_nr alone, of the second.
    """

    first: str
    second: str
    radiative_factor: float = field(metadata={"unit": ""})
    nonradiative_factor: float = field(metadata={"unit": ""})
    radiative_factor_su: float = field(metadata={"unit": ""})
    nonradiative_factor_su: float = field(metadata={"unit": ""})
    radiative_share: float | None = field(metadata={"unit": ""})
    nonradiative_share: float | None = field(metadata={"unit": ""})
    share_su: float | None = field(metadata={"unit": ""})
    yield_if_radiative: float = field(metadata={"unit": ""})
    yield_if_nonradiative: float = field(metadata={"unit": ""})


def measure_rates(emitter: Emitter) -> Rates:
    """Calculate radiative and non-radiative rate constants.

    Parameters
    ----------
    emitter : Emitter
        Quantum yield and lifetime.

    Returns
    -------
    Rates
        k_r and k_nr in 1/s with their uncertainties.

    Examples
    --------
    >>> from clustermodel.photophysics.emitters import Emitter
    >>> rates = measure_rates(Emitter(name="Au21", quantum_yield=0.1310, lifetime_us=2.65))
    >>> round(rates.radiative), round(rates.nonradiative), round(rates.ratio, 2)
    (49434, 327925, 6.63)
    """
    qy, tau = emitter.quantum_yield, emitter.lifetime_us * 1e-6
    qy_su, tau_su = emitter.quantum_yield_su, emitter.lifetime_us_su * 1e-6
    radiative, nonradiative = qy / tau, (1 - qy) / tau
    return Rates(
        emitter=emitter,
        radiative=radiative,
        nonradiative=nonradiative,
        radiative_su=math.hypot(qy_su / tau, radiative * tau_su / tau),
        nonradiative_su=math.hypot(qy_su / tau, nonradiative * tau_su / tau),
        ratio=nonradiative / radiative if radiative else math.inf,
    )


def compare_rates(first: Emitter, second: Emitter) -> RateComparison:
    """Share the difference of two quantum yields between their rates.

    Parameters
    ----------
    first, second : Emitter
        The two emitters; both yields strictly between 0 and 1.

    Returns
    -------
    RateComparison
        Factors, shares and the yields that one rate alone would give.

    Raises
    ------
    InputError
        If a yield is 0 or 1.

    Examples
    --------
    >>> pair = compare_rates(
    ...     Emitter(name="Au21", quantum_yield=0.1310, lifetime_us=2.65),
    ...     Emitter(name="Au22", quantum_yield=0.4763, lifetime_us=3.82),
    ... )
    >>> round(pair.radiative_share, 2), round(pair.nonradiative_share, 2)
    (0.51, 0.49)
    """
    for emitter in (first, second):
        if not 0 < emitter.quantum_yield < 1:
            found = f"{emitter.name}: quantum yield {emitter.quantum_yield:g}"
            msg = f"{found}; a comparison needs one between 0 and 1"
            raise InputError(msg)
    a, b = measure_rates(first), measure_rates(second)
    gain, loss = math.log(b.radiative / a.radiative), -math.log(b.nonradiative / a.nonradiative)
    # Derivatives by ln QY(first), ln τ(first), ln QY(second), ln τ(second).
    odds = [e.quantum_yield / (1 - e.quantum_yield) for e in (first, second)]
    by_gain = np.array([-1.0, 1.0, 1.0, -1.0])
    by_loss = np.array([-odds[0], -1.0, odds[1], 1.0])
    su = np.array([x for e in (first, second) for x in _relative_su(e)])
    return RateComparison(
        first=first.name,
        second=second.name,
        radiative_factor=b.radiative / a.radiative,
        nonradiative_factor=b.nonradiative / a.nonradiative,
        radiative_factor_su=b.radiative / a.radiative * float(np.linalg.norm(by_gain * su)),
        nonradiative_factor_su=b.nonradiative / a.nonradiative * float(np.linalg.norm(by_loss * su)),
        **_share(gain, loss, by_gain * su, by_loss * su),
        yield_if_radiative=b.radiative / (b.radiative + a.nonradiative),
        yield_if_nonradiative=a.radiative / (a.radiative + b.nonradiative),
    )


class _Shares(TypedDict):
    radiative_share: float | None
    nonradiative_share: float | None
    share_su: float | None


def _share(gain: float, loss: float, by_gain: FloatArray, by_loss: FloatArray) -> _Shares:
    """Share a change between two terms; `by_gain` and `by_loss` are their uncertain parts."""
    total = gain + loss
    if abs(total) < 1e-12:  # equal yields, rounding aside: nothing to share
        return {"radiative_share": None, "nonradiative_share": None, "share_su": None}
    change = (by_gain * loss - by_loss * gain) / total**2
    return {
        "radiative_share": gain / total,
        "nonradiative_share": loss / total,
        "share_su": float(np.linalg.norm(change)),
    }


def _relative_su(emitter: Emitter) -> tuple[float, float]:
    return (
        emitter.quantum_yield_su / emitter.quantum_yield,
        emitter.lifetime_us_su / emitter.lifetime_us,
    )


def list_caveats(emitters: Sequence[Emitter]) -> tuple[str, ...]:
    """Say what the rates rest on.

    Parameters
    ----------
    emitters : sequence of Emitter
        The emitters whose rates are shown.

    Returns
    -------
    tuple of str
        Sentences; the first two hold always.

    Examples
    --------
    >>> caveats = list_caveats([Emitter(name="Au21", quantum_yield=0.13, lifetime_us=2.65)])
    >>> caveats[0][:57]
    'The rates hold for an emitting state that every absorbed '
    """
    notes = [_EVERY_PHOTON, _AMPLITUDE]
    for emitter in emitters:
        if emitter.average == "not stated":
            notes.append(f"{emitter.name}: the kind of average lifetime is not stated.")
        elif emitter.average == "intensity":
            notes.append(
                f"{emitter.name}: the lifetime is an intensity average; both rates are lower bounds."
            )
        if emitter.lifetime_us > _TRIPLET_US:
            notes.append(f"{emitter.name}: a lifetime of {emitter.lifetime_us:g} µs suggests a triplet.")
        if not (emitter.quantum_yield_su and emitter.lifetime_us_su):
            notes.append(f"{emitter.name}: an uncertainty is missing; those of the rates are too small.")
        elif emitter.quantum_yield and max(_relative_su(emitter)) > _LINEAR:
            notes.append(f"{emitter.name}: uncertainties above 30 % are not propagated well linearly.")
    return tuple(notes)
