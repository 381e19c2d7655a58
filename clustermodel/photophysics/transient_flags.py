"""What can a fit not tell? Warnings with their reason."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.axes import SIGMA_PER_FWHM
from clustermodel.photophysics.transient_basis import convolve_decays, draw_response
from clustermodel.photophysics.transient_intervals import Interval
from clustermodel.photophysics.transient_result import TransientFit
from clustermodel.photophysics.transient_selection import Support
from clustermodel.photophysics.transient_svd import SingularValues
from clustermodel.photophysics.transient_verdicts import (
    find_doubtful,
    find_overlaps,
    format_picoseconds,
    measure_window,
)

__all__ = ["Flag", "find_flags"]

FlagKind = Literal[
    "below-response",
    "artifact-copy",
    "unresolved-pair",
    "not-supported",
    "beyond-window",
    "cancelling-spectra",
    "at-limit",
    "several-minima",
    "correlated-residual",
    "structured-residual",
    "coarse-delays",
    "not-settled",
]

_COPY = 0.95  # share of a decay that the artifact describes
_CANCEL = 0.98  # cosine of two spectra of opposite sign
_LARGE = 2.0  # times the largest signal: amplitudes that cancel
_CORRELATED = 0.2  # of neighbouring residuals
_CLOSE_MINIMUM = 1.002  # ratio of residuals of minima that noise may well exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One warning.

    Parameters
    ----------
    kind : str
        What it is about.
    rates : tuple of str
        Rate constants that it concerns; empty for the whole fit.
    text : str
        What was found, and what it means.
    """

    kind: FlagKind
    rates: tuple[str, ...]
    text: str


def find_flags(
    fit: TransientFit,
    intervals: Sequence[Interval] = (),
    *,
    residual: SingularValues | None = None,
    support: Support | None = None,
) -> tuple[Flag, ...]:
    """Find what a reader of a fit should know.

    Parameters
    ----------
    fit : TransientFit
        The fit.
    intervals : sequence of Interval, optional
        Limits from profiles.
    residual : SingularValues, optional
        Singular values of the residual.
    support : Support, optional
        Comparison with one exponential fewer.

    Returns
    -------
    tuple of Flag
        Warnings; empty if there is nothing to warn of.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_fit import fit_transient
    >>> from clustermodel.photophysics.transient_scheme import build_parallel
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, _ = simulate_transient(lifetimes_ps=[2.0, 4000.0], noise=0.01)
    >>> [(flag.kind, flag.rates) for flag in find_flags(fit_transient(data, build_parallel(2)))]
    [('beyond-window', ('k2',))]
    """
    return (
        *_flag_fast(fit),
        *_flag_slow(fit),
        *_flag_pairs(fit, intervals),
        *_flag_support(fit, support),
        *_flag_search(fit),
        *_flag_residual(fit, residual),
        *_flag_delays(fit),
    )


def _decays(fit: TransientFit) -> list[tuple[str, float]]:
    """Return names and lifetimes of the exponentials that decay."""
    if fit.scheme.kind != "target":
        return list(zip(fit.scheme.rates, fit.time_constants_ps.tolist(), strict=True))
    finite = fit.lifetimes_ps[np.isfinite(fit.lifetimes_ps)].tolist()
    return [(f"exponential {i}", tau) for i, tau in enumerate(finite, 1)]


def _flag_fast(fit: TransientFit) -> list[Flag]:
    flags = []
    for name, tau in _decays(fit):
        if tau < fit.irf_fwhm_ps:
            text = (
                f"{format_picoseconds(tau)} is shorter than the response (FWHM "
                f"{format_picoseconds(fit.irf_fwhm_ps)}): it rests on the response being a Gaussian, and on "
                "what is taken as artifact."
            )
            flags.append(Flag(kind="below-response", rates=(name,), text=text))
        share = _measure_copy(fit, tau)
        if share > _COPY:
            text = (
                f"The coherent artifact describes {100 * share:.1f} % of the decay of "
                f"{format_picoseconds(tau)}: it may be a copy of the artifact and no process."
            )
            flags.append(Flag(kind="artifact-copy", rates=(name,), text=text))
    return flags


def _measure_copy(fit: TransientFit, tau: float) -> float:
    """Return which share of the square of a decay lies in the space of the artifact."""
    terms = fit.settings.artifact
    if not terms:
        return 0.0
    sigma = fit.irf_fwhm_ps * SIGMA_PER_FWHM
    x = (fit.data.delay_ps - float(np.median(fit.time_zero_ps))) / sigma
    response = draw_response(x)
    artifact = np.stack([response * x**power for power in range(terms)], axis=1)
    (decay,) = convolve_decays(x, np.array([sigma / tau]), response)
    rotation = np.linalg.qr(artifact)[0]
    return float(((rotation.T @ decay) ** 2).sum() / max(float(decay @ decay), 1e-300))


def _flag_slow(fit: TransientFit) -> list[Flag]:
    window = measure_window(fit)
    return [
        Flag(
            kind="beyond-window",
            rates=(name,),
            text=(
                f"{format_picoseconds(tau)} is longer than the delays reach ({format_picoseconds(window)}): "
                "its value rests on the signal going to zero after them; print the lower bound."
            ),
        )
        for name, tau in _decays(fit)
        if tau > window
    ]


def _flag_pairs(fit: TransientFit, intervals: Sequence[Interval]) -> list[Flag]:
    flags = []
    for pair in find_overlaps(fit, intervals):
        text = (
            f"The limits of the lifetimes of {pair[0]} and {pair[1]} overlap: the data do not tell them "
            "apart. One lifetime, or a distribution, may describe them as well."
        )
        flags.append(Flag(kind="unresolved-pair", rates=pair, text=text))
    top = float(np.abs(fit.data.signal).max())
    for i, j in itertools.combinations(range(len(fit.decay_spectra)), 2):
        first, second = fit.decay_spectra[i], fit.decay_spectra[j]
        lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
        opposite = lengths > 0 and float(first @ second) / lengths < -_CANCEL
        if opposite and min(np.abs(first).max(), np.abs(second).max()) > _LARGE * top:
            lifetimes = " and ".join(format_picoseconds(float(fit.lifetimes_ps[k])) for k in (i, j))
            text = (
                f"The spectra of the decays of {lifetimes} nearly cancel each other and exceed the signal: "
                "the pair describes one time course that is no exponential."
            )
            flags.append(Flag(kind="cancelling-spectra", rates=(), text=text))
    return flags


def _flag_support(fit: TransientFit, support: Support | None) -> list[Flag]:
    if support is None or support.supported:
        return []
    fewer = ", ".join(map(format_picoseconds, support.fewer_ps))
    text = (
        f"{support.count - 1} instead of {support.count} exponentials ({fewer}) predict held-out wavelengths "
        f"as well (gain {100 * support.gain:.2f} ± {100 * support.gain_su:.2f} %): the data do not support "
        "both of these lifetimes."
    )
    return [Flag(kind="not-supported", rates=find_doubtful(fit, support), text=text)]


def _flag_search(fit: TransientFit) -> list[Flag]:
    flags = []
    names = [*fit.scheme.rates, "width of the response"]
    stopped = tuple(name for name, hit in zip(names, fit.at_limit, strict=False) if hit)
    if stopped:
        text = f"{', '.join(stopped)} stopped at a limit of the search: the data do not determine it."
        flags.append(Flag(kind="at-limit", rates=stopped, text=text))
    close = [one for one in fit.minima[1:] if one.rms < _CLOSE_MINIMUM * fit.minima[0].rms]
    if close:
        listed = "; ".join(", ".join(map(format_picoseconds, one.time_constants_ps)) for one in close)
        text = (
            f"Other minima fit nearly as well (residual within {100 * (_CLOSE_MINIMUM - 1):.1g} %): "
            f"{listed}. Where they differ, the lifetimes are less certain than their uncertainties say."
        )
        flags.append(Flag(kind="several-minima", rates=(), text=text))
    if not fit.settled:
        text = "The search did not end by itself; try fewer components or other lifetimes to start from."
        flags.append(Flag(kind="not-settled", rates=(), text=text))
    return flags


def _flag_residual(fit: TransientFit, residual: SingularValues | None) -> list[Flag]:
    flags = []
    along = {"delay": fit.correlation_delay, "wavelength": fit.correlation_wavelength}
    high = [f"{value:.2f} along {axis}" for axis, value in along.items() if value > _CORRELATED]
    if high:
        ratios: FloatArray = fit.time_constants_su_ps / fit.time_constants_white_su_ps
        known = ratios[np.isfinite(ratios)]
        factor = f"; they are up to {known.max():.1f} times too small here" if known.size else ""
        text = (
            f"Neighbouring residuals are correlated ({', '.join(high)}): standard uncertainties for white "
            f"noise do not hold{factor}. Those given here allow for it."
        )
        flags.append(Flag(kind="correlated-residual", rates=(), text=text))
    if residual is not None and residual.smooth:
        text = (
            f"The residual has {residual.smooth} smooth component{'s' * (residual.smooth > 1)} above the "
            "noise: the model lacks something (a decay, a higher order of dispersion or artifact, an "
            "oscillation)."
        )
        flags.append(Flag(kind="structured-residual", rates=(), text=text))
    return flags


def _flag_delays(fit: TransientFit) -> list[Flag]:
    delay, zero = fit.data.delay_ps, float(np.median(fit.time_zero_ps))
    around = np.abs(delay - zero) < 2 * fit.irf_fwhm_ps
    if around.sum() >= 5:  # one for each half width
        return []
    text = (
        f"Only {around.sum()} delays lie within two widths of the response around time zero: width, "
        "artifact and lifetimes as short as the response are not determined. Hold the width at a measured "
        "value."
    )
    return [Flag(kind="coarse-delays", rates=(), text=text)]
