"""Which tables does a decay yield? Lifetimes with verdicts, averages by name, models, fit and scatter."""

from clustermodel.photophysics.decay import DecayAnalysis
from clustermodel.photophysics.decay_averages import LifetimeAverages
from clustermodel.photophysics.decay_bootstrap import DecayBootstrap
from clustermodel.photophysics.decay_data import NS_PER_UNIT
from clustermodel.photophysics.decay_fit import DecayComponent
from clustermodel.photophysics.decay_interval import LifetimeInterval
from clustermodel.photophysics.decay_pulse import GaussianResponse
from clustermodel.photophysics.decay_response import MeasuredResponse
from clustermodel.report.notation import format_measured
from clustermodel.report.table import Cell, Column, Measured, Table

__all__ = ["list_decay_tables"]

_UNKNOWN = 0.5  # of a lifetime: an uncertainty beyond it leaves no value to print
_VAGUE = 0.25  # the same for a share of 1
_DIGITS = 4
_MEANINGS = {
    "amplitude": "amplitude average, Σaτ/Σa (for rates and yields)",
    "intensity": "intensity average, Σaτ²/Σaτ (mean arrival time)",
}


def list_decay_tables(analysis: DecayAnalysis) -> tuple[Table, ...]:
    """Make the tables of one decay.

    Parameters
    ----------
    analysis : DecayAnalysis
        Everything about it.

    Returns
    -------
    tuple of Table
        Components, averages, models, fit and, where there is one, bootstrap.
    """
    return (
        _build_components(analysis),
        _build_averages(analysis),
        _build_models(analysis),
        _build_fit(analysis),
        *(_build_bootstrap(analysis, one) for one in (analysis.bootstrap,) if one is not None),
    )


def _name_unit(analysis: DecayAnalysis) -> tuple[str, float]:
    """Return the unit of time of the file and how many ns it has."""
    unit = analysis.fit.decay.unit
    return unit.replace("us", "µs"), NS_PER_UNIT[unit]


def _build_components(analysis: DecayAnalysis) -> Table:
    unit, scale = _name_unit(analysis)
    kind = "stretched exponential" if analysis.fit.model.stretched else "exponentials"
    return Table(
        name="decay-components",
        title=f"Lifetimes of {analysis.fit.decay.name}",
        columns=(
            Column("lifetime τ", unit),
            Column("95 % interval", unit),
            Column("amplitude a", "%", 1),
            Column("share of photons", "%", 1),
            Column("verdict"),
        ),
        rows=tuple(
            _component_row(one, interval, scale)
            for one, interval in zip(analysis.components, analysis.intervals, strict=True)
        ),
        caption=(
            f"Sum of {kind}, Poisson maximum likelihood; s.u. from the expected information, intervals from "
            f"the profile of the likelihood. Amplitudes at time zero; shares aτ/Σaτ. "
            f"{analysis.goodness.verdict}"
        ),
    )


def _component_row(one: DecayComponent, interval: LifetimeInterval, scale: float) -> tuple[Cell, ...]:
    return (
        _write_lifetime(one, interval, scale),
        _write_interval(interval, scale),
        _percent(one.amplitude, one.amplitude_su),
        _percent(one.share, one.share_su),
        interval.verdict,
    )


def _write_lifetime(one: DecayComponent, interval: LifetimeInterval, scale: float) -> Cell:
    """Return value and s.u., or the bound that stands for them."""
    if interval.verdict == "too short" and interval.high_ns is not None:
        return f"< {interval.high_ns / scale:.{_DIGITS}g}"
    if interval.verdict == "too long" and interval.low_ns is not None:
        return f"> {interval.low_ns / scale:.{_DIGITS}g}"
    if one.lifetime_su_ns > _UNKNOWN * one.lifetime_ns:
        return None
    return Measured(one.lifetime_ns / scale, one.lifetime_su_ns / scale)


def _write_interval(interval: LifetimeInterval, scale: float) -> Cell:
    low, high = (None if end is None else end / scale for end in (interval.low_ns, interval.high_ns))
    if low is None or high is None:
        bound = "open" if high is None else f"< {high:.{_DIGITS}g}"
        return bound if low is None else f"> {low:.{_DIGITS}g}"
    return f"{low:.{_DIGITS}g} to {high:.{_DIGITS}g}"


def _percent(value: float, su: float) -> Cell:
    return None if su > _VAGUE else Measured(100 * value, 100 * su)


def _build_averages(analysis: DecayAnalysis) -> Table:
    unit, scale = _name_unit(analysis)
    found = analysis.averages
    rows: tuple[tuple[Cell, ...], ...]
    if found.kind == "single":
        rows = (("single exponential: both averages", *_average_row(found, "amplitude", scale)),)
    else:
        rows = tuple(
            (_MEANINGS[name], *_average_row(found, name, scale)) for name in ("amplitude", "intensity")
        )
    if found.amplitude_without_short_ns is not None:
        text = "amplitude average without components that are too short"
        rows = (*rows, (text, found.amplitude_without_short_ns / scale, "if they are scattered light"))
    return Table(
        name="decay-averages",
        title="Average lifetimes",
        columns=(Column("average"), Column("value", unit, 4), Column("verdict")),
        rows=rows,
        caption=_write_hint(analysis),
    )


def _average_row(found: LifetimeAverages, name: str, scale: float) -> tuple[Cell, ...]:
    value, su, verdict, bound = {
        "amplitude": (
            found.amplitude_ns,
            found.amplitude_su_ns,
            found.amplitude_verdict,
            found.amplitude_bound_ns,
        ),
        "intensity": (
            found.intensity_ns,
            found.intensity_su_ns,
            found.intensity_verdict,
            found.intensity_bound_ns,
        ),
    }[name]
    if bound is not None:
        sign = "<" if verdict == "upper bound" else ">"
        return f"{sign} {bound / scale:.{_DIGITS}g}", verdict
    return None if verdict == "not determined" else Measured(value / scale, su / scale), verdict


def _write_hint(analysis: DecayAnalysis) -> str:
    """Return what to give to the calculation of rates."""
    found, unit = analysis.averages, analysis.fit.decay.unit
    if found.amplitude_verdict != "determined":
        return "Rates need the amplitude average, which these counts do not determine."
    scale = NS_PER_UNIT[unit]
    value = format_measured(found.amplitude_ns / scale, found.amplitude_su_ns / scale, 4)
    kind = "single" if found.kind == "single" else "amplitude"
    return f'Rates need the amplitude average: clustermodel rates "NAME=YIELD,{value}{unit},{kind}".'


def _build_models(analysis: DecayAnalysis) -> Table:
    return Table(
        name="decay-models",
        title="Models, the best first",
        columns=(
            Column("model"),
            Column("parameters"),
            Column("deviance", digits=1),
            Column("BIC above the best", digits=1),
            Column("deviance, s.d. from Poisson", digits=1),
        ),
        rows=tuple(
            (one.name, one.fit.parameters, one.fit.deviance, one.bic_above_best, one.deviance_z)
            for one in analysis.candidates
        ),
        caption=(
            "BIC = deviance + parameters · ln(photons); 10 and more is very strong evidence. A good model is "
            "within 3 s.d. of what Poisson counts give."
        ),
    )


def _build_fit(analysis: DecayAnalysis) -> Table:
    fit, goodness, problem = analysis.fit, analysis.goodness, analysis.fit.problem
    unit, scale = _name_unit(analysis)
    layout, edges = problem.layout, problem.edges_ns / scale
    rows: list[tuple[Cell, ...]] = [
        ("window", f"{edges[0]:.6g} to {edges[-1]:.6g} {unit}"),
        ("bins", int(problem.counts.size)),
        ("width of a bin", f"{fit.decay.width_ns / scale:.6g} {unit}"),
        ("photons", round(fit.photons)),
        ("response", _write_response(analysis)),
        ("background in a bin", Measured(fit.values.background, fit.find_su(layout.background))),
    ]
    if fit.model.response.fwhm_ns:
        shift = Measured(fit.values.shift_ns / scale, fit.find_su(layout.shift) / scale)
        rows.append((f"time of the pulse / {unit}", shift))
    if fit.model.period_ns is not None:
        rows.append(("time between pulses", f"{fit.model.period_ns / scale:.6g} {unit}"))
    if fit.model.stretched:
        rows.append(("exponent β", Measured(fit.values.stretching, fit.find_su(layout.stretching))))
    rows += [
        ("deviance for each degree of freedom", goodness.deviance_per_dof),
        ("the same, expected of Poisson counts", goodness.expected_per_dof),
        ("difference in s.d.", goodness.deviance_z),
        ("Pearson χ² for each degree of freedom", goodness.pearson_per_dof),
        ("correlation of neighbouring residuals in s.d.", goodness.neighbour_z),
        ("number of runs in s.d.", goodness.runs_z),
    ]
    return Table(
        name="decay-fit",
        title="Fit",
        columns=(Column("quantity"), Column("value")),
        rows=tuple(rows),
        caption=(
            f"{goodness.verdict} The order of residuals is tested on groups of bins with ten expected counts "
            "or more."
        ),
    )


def _write_response(analysis: DecayAnalysis) -> str:
    unit, scale = _name_unit(analysis)
    response = analysis.fit.model.response
    if isinstance(response, MeasuredResponse):
        return (
            f"{response.name}, FWHM {response.fwhm_ns / scale:.3g} {unit}, background "
            f"{response.background:.3g} in a bin"
        )
    if isinstance(response, GaussianResponse):
        return f"Gaussian, FWHM {response.fwhm_ns / scale:.4g} {unit}"
    return "none (tail)"


def _build_bootstrap(analysis: DecayAnalysis, found: DecayBootstrap) -> Table:
    unit, scale = _name_unit(analysis)
    rows = []
    for one in found.estimates:
        per = scale if one.unit else 1.0
        name = f"{one.name} / {unit}" if one.unit else one.name
        ends = f"{one.low / per:.{_DIGITS}g} to {one.high / per:.{_DIGITS}g}"
        rows.append((name, Measured(one.value / per, one.sd / per), ends, Measured(one.bias / per)))
    return Table(
        name="decay-bootstrap",
        title="Parametric bootstrap",
        columns=(
            Column("quantity"),
            Column("value, s.d.", digits=4),
            Column("95 % of refits"),
            Column("bias", digits=4),
        ),
        rows=tuple(rows),
        caption=(
            f"{found.samples} simulated measurements, seed {found.seed}; a measured response is drawn as "
            f"well. {100 * found.deviance_chance:.0f} % of them are described worse than the measured one."
        ),
    )
