"""Which tables does FWHM(T) yield? Widths, ranking, width and slope, verdicts, and what to measure next."""

from collections.abc import Sequence

from clustermodel.photophysics.linewidth import LinewidthAnalysis
from clustermodel.photophysics.linewidth_comparison import LinewidthComparison
from clustermodel.photophysics.linewidth_design import MOST_POINTS, DesignOption
from clustermodel.photophysics.linewidth_fit import WidthEstimate, WidthFit
from clustermodel.photophysics.linewidth_models import find_model
from clustermodel.photophysics.linewidth_profile import ProfileInterval
from clustermodel.photophysics.linewidth_spectra import BandWidth
from clustermodel.report.table import Cell, Column, Measured, Table

__all__ = [
    "list_comparison_tables",
    "list_design_tables",
    "list_linewidth_tables",
    "list_width_tables",
    "write_symbol",
]

_SYMBOLS = {
    "gamma_0": "γ0",
    "gamma_inh": "γ_inh",
    "gamma_op": "γ_op",
    "gamma_LO": "γ_LO",
    "sigma": "σ",
    "intercept": "a",
    "slope": "b",
    "curvature": "c",
}


_NORMAL = 1.645  # standard deviations on either side of an interval of 90 %
_ASYMMETRIC = 1.3  # an interval that is wider or narrower by more speaks for itself
_HOPELESS = 10.0  # relative standard uncertainty: more is no knowledge


def write_symbol(name: str) -> str:
    """Return the sign of a parameter in formulas.

    Parameters
    ----------
    name : str
        Name of the parameter.

    Returns
    -------
    str
        With Greek letters.

    Examples
    --------
    >>> write_symbol("gamma_0"), write_symbol("E_op")
    ('γ0', 'E_op')
    """
    return _SYMBOLS.get(name, name)


def list_width_tables(bands: Sequence[BandWidth]) -> tuple[Table, ...]:
    """Make the table of widths that were measured in spectra.

    Parameters
    ----------
    bands : sequence of BandWidth
        The widths.

    Returns
    -------
    tuple of Table
        One table; none without bands.
    """
    if not bands:
        return ()
    how = bands[0].settings
    window = "the whole spectrum" if how.window is None else f"{how.window[0]:g} to {how.window[1]:g} eV"
    return (
        Table(
            name="widths",
            title="Width of the main emission band",
            columns=(
                Column("spectrum"),
                Column("T", "K", 1),
                Column("energy", "eV", 4),
                Column("FWHM, direct", "meV", 1),
                Column("FWHM, fitted", "meV", 1),
                Column("misfit", "%", 1),
                Column("bands"),
            ),
            rows=tuple(
                (
                    band.name,
                    band.temperature,
                    band.energy,
                    Measured(band.direct_mev, band.direct_su_mev),
                    Measured(band.fitted_mev, band.fitted_su_mev),
                    100 * band.misfit,
                    band.bands,
                )
                for band in bands
            ),
            caption=(
                "On the axis of energy, over wavelength multiplied by λ²/hc. Direct: at half height of "
                f"local cubics over {how.smoothing:g} eV. Fitted: one {how.shape} band to {window}; misfit: "
                f"what it leaves over. Uncertainties: wild bootstrap, {how.replicates} replicates, seed "
                f"{how.seed}. Bands: maxima and shoulders that were seen."
            ),
        ),
    )


def list_linewidth_tables(analyses: Sequence[LinewidthAnalysis]) -> tuple[Table, ...]:
    """Make the tables of fits to FWHM(T).

    Parameters
    ----------
    analyses : sequence of LinewidthAnalysis
        One for each sample.

    Returns
    -------
    tuple of Table
        Width and slope of all samples; then, for each, ranking and parameters.
    """
    tables = [_build_trends(analyses)]
    for number, analysis in enumerate(analyses, 1):
        tables += [_build_ranking(analysis, number), _build_parameters(analysis, number)]
    return tuple(tables)


def _build_trends(analyses: Sequence[LinewidthAnalysis]) -> Table:
    return Table(
        name="width-and-slope",
        title="What is certain whichever formula is right",
        columns=(
            Column("sample"),
            Column("T", "K", 1),
            Column("FWHM", "meV", 2),
            Column("slope", "meV/K", 4),
            Column("second derivative", "meV/K²", 6),
        ),
        rows=tuple(
            (
                one.series.name,
                one.trend.temperature,
                Measured(one.trend.width_mev, one.trend.width_su_mev),
                Measured(one.trend.slope, one.trend.slope_su),
                None if one.curvature is None else Measured(one.curvature, one.curvature_su),
            )
            for one in analyses
        ),
        caption=(
            "FWHM and slope: mean over the formulas, weighted by AICc; the uncertainty contains their "
            "differences. Second derivative: of a parabola."
        ),
    )


def _build_ranking(analysis: LinewidthAnalysis, number: int) -> Table:
    series, best = analysis.series, analysis.fits[0]
    stated = series.fwhm_su_mev is not None
    noise = f"uncertainties as stated, {best.noise_mev:.2g} meV in the mean"
    if not stated:
        noise = "uncertainties equal, estimated from the residuals of each formula"
    return Table(
        name=f"ranking-{number}",
        title=f"Formulas for {series.name}, the best first",
        columns=(
            Column("formula"),
            Column("FWHM(T)"),
            Column("fitted"),
            Column("χ²" if stated else "s.u.", "" if stated else "meV", 2),
            Column("dof"),
            Column("ΔAICc", digits=1),
            Column("weight", "%", 1),
            Column("FWHM", "meV", 2),
            Column("slope", "meV/K", 4),
        ),
        rows=tuple(
            (
                fit.model,
                find_model(fit.model).formula,
                sum(one.state != "fixed" for one in fit.parameters),
                fit.chi_square if stated else fit.noise_mev,
                fit.dof,
                fit.aicc - best.aicc,
                100 * float(weight),
                Measured(trend.width_mev, trend.width_su_mev),
                Measured(trend.slope, trend.slope_su),
            )
            for fit, weight, trend in zip(analysis.fits, analysis.weights, analysis.trends, strict=True)
        ),
        caption=(
            f"{series.temperature.size} points, {series.temperature[0]:g} to {series.temperature[-1]:g} K; "
            f"{noise}. FWHM and slope at {analysis.trend.temperature:g} K. n(E) = 1/[exp(E/kT) - 1]."
        ),
    )


def _build_parameters(analysis: LinewidthAnalysis, number: int) -> Table:
    return Table(
        name=f"parameters-{number}",
        title=f"Which parameters {analysis.series.name} tells",
        columns=(
            Column("formula"),
            Column("parameter"),
            Column("unit"),
            Column("best"),
            Column("90 % from"),
            Column("90 % to"),
            Column("95 % from"),
            Column("95 % to"),
            Column("verdict"),
            Column("open because"),
        ),
        rows=tuple(_build_row(fit, one) for fit in analysis.fits for one in fit.parameters),
        caption=(
            "Intervals of the profile likelihood: values of a parameter that all others can make up for. "
            "Identified: the 90 % interval has two ends; one-sided: one; flat: none, and the best "
            "value means nothing."
        ),
    )


def _build_row(fit: WidthFit, one: WidthEstimate) -> tuple[Cell, ...]:
    head = (fit.model, write_symbol(one.name), one.unit or None)
    if one.profile is None:
        return (*head, f"{one.value:.5g}", None, None, None, None, "held", None)
    first, second = one.profile.intervals
    best: Cell = f"{one.value:.4g}"
    if first.low is not None and first.high is not None and _is_symmetric(one.su, first.low, first.high):
        best = Measured(one.value, one.su)
    verdict = one.profile.verdict + (", with prior" if one.state == "prior" else "")
    ends = (_write_end(first.low), _write_end(first.high), _write_end(second.low), _write_end(second.high))
    return (*head, best, *ends, verdict, _write_reason(first))


def _is_symmetric(su: float, low: float, high: float) -> bool:
    """Return whether an interval of 90 % is about as wide as the standard uncertainty says."""
    return bool(_NORMAL * su / _ASYMMETRIC < (high - low) / 2 < _NORMAL * su * _ASYMMETRIC)


def _write_end(value: float | None) -> str | None:
    return None if value is None else f"{value:.4g}"


def _write_reason(interval: ProfileInterval) -> str | None:
    """Return why the ends are missing."""
    sides = (("below", interval.low_reason), ("above", interval.high_reason))
    return "; ".join(f"{side}: {reason}" for side, reason in sides if reason) or None


def list_comparison_tables(comparisons: Sequence[LinewidthComparison]) -> tuple[Table, ...]:
    """Make the table of differences between samples.

    Parameters
    ----------
    comparisons : sequence of LinewidthComparison
        Pairs of samples.

    Returns
    -------
    tuple of Table
        One table; none without pairs.
    """
    if not comparisons:
        return ()
    return (
        Table(
            name="width-comparison",
            title="Difference of the samples",
            columns=(
                Column("pair"),
                Column("T", "K", 1),
                Column("FWHM", "meV", 2),
                Column("slope", "meV/K", 4),
                Column("told apart"),
                Column("overlapping"),
            ),
            rows=tuple(
                (
                    f"{one.second} against {one.first}",
                    one.temperature,
                    Measured(one.width_difference_mev, one.width_difference_su_mev),
                    Measured(one.slope_difference, one.slope_difference_su),
                    ", ".join(_write_name(text) for text in one.told_apart) or "none",
                    len(one.not_told_apart),
                )
                for one in comparisons
            ),
            caption=(
                "Told apart: parameters of one formula whose 90 % intervals do not overlap; overlapping: how "
                "many others. Parameters that make up for each other overlap even where the widths differ."
            ),
        ),
    )


def _write_name(text: str) -> str:
    name, _, formula = text.partition(" of ")
    return f"{write_symbol(name)} of {formula}"


def list_design_tables(options: Sequence[tuple[str, DesignOption]]) -> tuple[Table, ...]:
    """Make the table of measurements that would tell a parameter.

    Parameters
    ----------
    options : sequence of (str, DesignOption)
        Samples, and measurements that may follow.

    Returns
    -------
    tuple of Table
        One table; none without options.
    """
    if not options:
        return ()
    first = options[0][1]
    return (
        Table(
            name="design",
            title=f"What would tell {write_symbol(first.parameter)}",
            columns=(
                Column("sample"),
                Column("formula"),
                Column("taken for true"),
                Column("from", "K", 0),
                Column("to", "K", 0),
                Column("points now"),
                Column("relative s.u.", "%", 1),
                Column(f"points for {100 * first.target:g} %"),
            ),
            rows=tuple(
                (
                    name,
                    one.model,
                    _write_truth(one),
                    one.low,
                    one.high,
                    one.points,
                    _write_percent(one.relative_su),
                    one.points_needed or f"more than {MOST_POINTS}",
                )
                for name, one in options
            ),
            caption=(
                f"Smallest standard uncertainty of {write_symbol(first.parameter)} that an unbiased fit can "
                f"have, for even steps and {first.noise_mev:.2g} meV of noise. Where the data do not tell a "
                "parameter, several values that they allow are tried."
            ),
        ),
    )


def _write_percent(share: float) -> Cell:
    return 100 * share if share < _HOPELESS else f"over {100 * _HOPELESS:.0f}"


def _write_truth(option: DesignOption) -> str:
    return ", ".join(f"{write_symbol(name)} {value:.4g}" for name, value in option.assumed.items())
