"""Which tables does transient absorption yield? Lifetimes, response, candidates, spectra, warnings."""

import math

from clustermodel.photophysics.transient import TransientAnalysis
from clustermodel.photophysics.transient_intervals import LEVEL
from clustermodel.photophysics.transient_time_zero import convert_dispersion
from clustermodel.photophysics.transient_verdicts import format_picoseconds
from clustermodel.report.table import Cell, Column, Measured, Table

__all__ = ["build_spectra_table", "list_transient_tables"]

_TERMS = ("none", "response", "response and first derivative", "response, first and second derivative")


def list_transient_tables(analysis: TransientAnalysis) -> tuple[Table, ...]:
    """Make the tables of an analysis.

    Parameters
    ----------
    analysis : TransientAnalysis
        The analysis.

    Returns
    -------
    tuple of Table
        Lifetimes, response and quality, singular values; candidates and warnings where there are any.
    """
    tables = [*_list_candidates(analysis), _list_lifetimes(analysis), _list_quality(analysis)]
    tables += [_list_singular_values(analysis), *_list_flags(analysis)]
    return tuple(tables)


def _list_lifetimes(analysis: TransientAnalysis) -> Table:
    fit = analysis.fit
    white = fit.time_constants_white_su_ps.tolist()
    drawn = None if analysis.bootstrap is None else analysis.bootstrap.limits_ps.T.tolist()
    rows: list[tuple[Cell, ...]] = []
    for place, verdict in enumerate(analysis.verdicts):
        is_rate = place < len(white)
        limits: tuple[Cell, ...] = (_finite(verdict.low), _finite(verdict.high))
        if drawn is not None:
            limits += tuple(drawn[place]) if is_rate else (None, None)
        rows.append(
            (
                verdict.rate,
                Measured(verdict.value, _finite(verdict.su)) if math.isfinite(verdict.value) else "stays",
                _finite(white[place]) if is_rate else None,
                *limits,
                verdict.kind,
                verdict.text,
            )
        )
    columns = [Column("rate"), Column("1/k", "ps"), Column("white s.u.", "ps", 4)]
    columns += [Column("low", "ps", 4), Column("high", "ps", 4)]
    if drawn is not None:
        columns += [Column("drawn low", "ps", 4), Column("drawn high", "ps", 4)]
    columns += [Column("verdict"), Column("to print")]
    return Table(
        name="transient-lifetimes",
        title=f"Lifetimes: {_describe_model(analysis)}",
        columns=tuple(columns),
        rows=tuple(rows),
        caption=_caption_lifetimes(analysis),
    )


def _describe_model(analysis: TransientAnalysis) -> str:
    fit = analysis.fit
    count = len(fit.scheme.species) - ("offset" in fit.scheme.species)
    offset = " and an offset" if "offset" in fit.scheme.species else ""
    return f"{fit.scheme.kind} scheme, {count} component{'s' * (count != 1)}{offset}"


def _caption_lifetimes(analysis: TransientAnalysis) -> str:
    fit = analysis.fit
    how = "profiles of the sum of squares" if analysis.settings.profiles else "robust standard uncertainties"
    text = (
        f"1/k with robust s.u. (correlation over {fit.covariances.block} wavelengths); white s.u.: as if "
        f"residuals were independent. Low, high: {100 * LEVEL:.0f} % limits from {how}."
    )
    if analysis.bootstrap is not None:
        boot = analysis.bootstrap
        text += (
            f" Drawn: {100 * LEVEL:.0f} % of {len(boot.draws_ps)} refits to blocks of {boot.block} "
            f"wavelengths{f' ({boot.lost} did not settle)' * bool(boot.lost)}."
        )
    return text


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _list_quality(analysis: TransientAnalysis) -> Table:
    fit, data = analysis.fit, analysis.prepared.data
    wavelength = data.wavelength
    centre, powers = convert_dispersion(
        fit.parameters[len(fit.scheme.rates) + 1 :], (float(wavelength[0]), float(wavelength[-1]))
    )
    rows: list[tuple[Cell, ...]] = [
        ("response, FWHM", Measured(fit.irf_fwhm_ps, _finite(fit.irf_fwhm_su_ps)), "ps"),
        (f"time zero at {centre:.1f} nm", float(f"{powers[0]:.5g}"), "ps"),
    ]
    rows += [
        (f"dispersion, power {i} of (λ − {centre:.1f})/100", float(f"{power:.5g}"), "ps")
        for i, power in enumerate(powers[1:], 1)
    ]
    rows += [
        ("range of time zero", float(f"{fit.time_zero_ps.max() - fit.time_zero_ps.min():.4g}"), "ps"),
        ("residual, root mean square", float(f"{1000 * fit.rms:.4g}"), "mΔA"),
        ("residual / largest signal", float(f"{100 * fit.rms / abs(data.signal).max():.3g}"), "%"),
        ("correlation of neighbouring delays", round(fit.correlation_delay, 3), ""),
        ("correlation of neighbouring wavelengths", round(fit.correlation_wavelength, 3), ""),
        ("degrees of freedom", fit.freedom, ""),
    ]
    if analysis.prepared.noise is not None:
        rows.insert(-3, ("noise before time zero", float(f"{1000 * analysis.prepared.noise:.4g}"), "mΔA"))
    masked = len(analysis.prepared.masked_nm)
    return Table(
        name="transient-response",
        title="Response, time zero and quality of the fit",
        columns=(Column("quantity"), Column("value", digits=4), Column("unit")),
        rows=tuple(rows),
        caption=(
            f"{data.delay_ps.size} delays from {data.delay_ps[0]:.4g} to {data.delay_ps[-1]:.5g} ps, "
            f"{wavelength.size} wavelengths from {wavelength[0]:.1f} to {wavelength[-1]:.1f} nm, {masked} "
            f"masked; artifact: {_TERMS[fit.settings.artifact]}; {fit.evaluations} evaluations."
        ),
    )


def _list_singular_values(analysis: TransientAnalysis) -> Table:
    whole, left = analysis.singular_values, analysis.residual_values
    rows = []
    for i in range(min(6, whole.values.size)):
        row: tuple[Cell, ...] = (
            i + 1,
            1000 * float(whole.values[i]),
            float(whole.delay_correlation[i]),
            float(whole.wavelength_correlation[i]),
            1000 * float(left.values[i]),
            float(left.delay_correlation[i]),
            float(left.wavelength_correlation[i]),
        )
        rows.append(row)
    return Table(
        name="transient-singular-values",
        title="Singular values of map and residual",
        columns=(
            Column("number", digits=0),
            Column("map", "mΔA", 3),
            Column("delay", digits=2),
            Column("wavelength", digits=2),
            Column("residual", "mΔA", 3),
            Column("delay ", digits=2),
            Column("wavelength ", digits=2),
        ),
        rows=tuple(rows),
        caption=(
            "Delay, wavelength: correlation of neighbours in the vectors. Smooth in both and above the "
            f"noise: {whole.smooth} of the map, {left.smooth} of the residual; edge of the noise "
            f"{1000 * left.edge:.3g} mΔA."
        ),
    )


def _list_candidates(analysis: TransientAnalysis) -> tuple[Table, ...]:
    choice = analysis.choice
    if choice is None:
        return ()
    rows: list[tuple[Cell, ...]] = [
        (
            f"{one.count}{' + offset' * one.offset}",
            1000 * one.rms,
            1000 * one.predicted_rms,
            100 * one.excess,
            100 * one.excess_su,
            ", ".join(format_picoseconds(tau).removesuffix(" ps") for tau in one.time_constants_ps),
            "chosen" if (one.count, one.offset) == (choice.count, choice.offset) else None,
        )
        for one in sorted(choice.candidates, key=lambda one: (one.count + one.offset, one.count))
    ]
    return (
        Table(
            name="transient-components",
            title="Number of components",
            columns=(
                Column("components"),
                Column("residual", "mΔA", 5),
                Column("prediction", "mΔA", 5),
                Column("excess", "%", 3),
                Column("s.u.", "%", 3),
                Column("lifetimes", "ps"),
                Column("choice"),
            ),
            rows=tuple(rows),
            caption=(
                "Residual and error of prediction, root mean square. Rates, response and time zero are "
                f"fitted without a {choice.folds}th of the wavelengths (blocks of {choice.block}), and "
                "every point there is predicted from the others of its wavelength. Excess: squares of these "
                "errors above the best; the smallest number that is not worse is chosen."
            ),
        ),
    )


def _list_flags(analysis: TransientAnalysis) -> tuple[Table, ...]:
    if not analysis.flags:
        return ()
    return (
        Table(
            name="transient-warnings",
            title="Warnings",
            columns=(Column("about"), Column("concerns"), Column("what was found")),
            rows=tuple((flag.kind, ", ".join(flag.rates) or "fit", flag.text) for flag in analysis.flags),
            caption="",
        ),
    )


def build_spectra_table(analysis: TransientAnalysis) -> Table:
    """Make the long table of all spectra, for a file.

    Parameters
    ----------
    analysis : TransientAnalysis
        The analysis.

    Returns
    -------
    Table
        A row for each wavelength: time zero, decay-associated spectra, spectra of species, artifact.
    """
    fit = analysis.fit
    columns = [Column("wavelength", "nm"), Column("time zero", "ps", 5)]
    columns += [Column(f"DAS of {format_picoseconds(tau)}", "ΔA", 7) for tau in fit.lifetimes_ps.tolist()]
    parts = [fit.data.wavelength, fit.time_zero_ps, *fit.decay_spectra]
    if fit.scheme.kind != "parallel":
        short = "EAS" if fit.scheme.kind == "sequential" else "SAS"
        columns += [Column(f"{short} of {name}", "ΔA", 7) for name in fit.scheme.species]
        parts += [*fit.species_spectra]
    columns += [Column(f"artifact x^{i} g", "ΔA", 7) for i in range(len(fit.artifact_spectra))]
    parts += [*fit.artifact_spectra]
    return Table(
        name="transient-spectra",
        title="Spectra",
        columns=tuple(columns),
        rows=tuple(zip(*(part.tolist() for part in parts), strict=True)),
        caption="DAS, EAS, SAS: decay-, evolution- and species-associated spectra.",
    )
