"""The job of ``clustermodel linewidth``."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.axes import Shape
from clustermodel.cli.output import Results, deliver_results
from clustermodel.cli.progress import build_progress
from clustermodel.constants import EV_PER_WAVENUMBER
from clustermodel.errors import InputError
from clustermodel.io.cif_values import parse_number
from clustermodel.io.data_table import read_data_table
from clustermodel.io.record import write_record
from clustermodel.photophysics.linewidth import LinewidthAnalysis, choose_temperature, fit_linewidth
from clustermodel.photophysics.linewidth_caveats import list_linewidth_caveats
from clustermodel.photophysics.linewidth_comparison import compare_linewidths
from clustermodel.photophysics.linewidth_data import WIDTH_COLUMNS, WidthSeries, build_series_of_table
from clustermodel.photophysics.linewidth_design import (
    LOWEST,
    DesignAim,
    DesignOption,
    advise_design,
    choose_truths,
)
from clustermodel.photophysics.linewidth_fit import WidthFit
from clustermodel.photophysics.linewidth_models import CANDIDATES, find_model
from clustermodel.photophysics.linewidth_search import Constraints
from clustermodel.photophysics.linewidth_spectra import (
    WIDTH_KINDS,
    BandWidth,
    TemperatureSpectrum,
    WidthKind,
    WidthSettings,
    build_series_of_bands,
    measure_band_width,
    split_source,
    take_spectra,
)
from clustermodel.report.linewidth_figure import draw_linewidth_figures
from clustermodel.report.linewidth_tables import (
    list_comparison_tables,
    list_design_tables,
    list_linewidth_tables,
    list_width_tables,
)

__all__ = ["LinewidthRequest", "show_linewidth"]

_PAIR = re.compile(r"^\s*(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.+?)\s*(?P<unit>meV/K|meV|cm-1|cm⁻¹)?\s*$")
_POOL = "spectra"  # name of the sample that single spectra belong to
_PHOTONS = "Emission is taken as photons per interval, corrected for the response of the detector."


@dataclass(frozen=True, slots=True, kw_only=True)
class LinewidthRequest:
    """What the options of ``clustermodel linewidth`` say.

    Parameters
    ----------
    models : tuple of str
        Formulas; the usual ones if empty.
    fixed, priors, limits : tuple of str
        ``NAME=VALUE``, ``NAME=VALUE(SU)`` and ``NAME=LOW:HIGH``.
    noise_mev : float or None
        Standard uncertainty of all widths, for tables without one.
    temperature : float or None
        Where width and slope are given, in K.
    width : str
        Which width of spectra is fitted: ``direct`` or ``fitted``.
    smoothing : float
        Window of local cubics in eV.
    shape : str
        Shape of the fitted band.
    window : str or None
        ``LOW:HIGH`` in eV.
    bootstrap : int
        Number of replicates.
    seed : int
        Start of the random numbers.
    design : str or None
        Parameter that a next measurement is to tell.
    target : float
        Relative standard uncertainty that is wanted of it, in percent.
    assumed : tuple of str
        ``NAME=VALUE``: parameters taken for true in the design.
    lowest : tuple of float
        Lowest temperatures of the next measurement, in K; the usual ones if empty.
    """

    models: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    priors: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    noise_mev: float | None = None
    temperature: float | None = None
    width: str = "direct"
    smoothing: float = 0.04
    shape: str = "gaussian"
    window: str | None = None
    bootstrap: int = 100
    seed: int = 0
    design: str | None = None
    target: float = 10.0
    assumed: tuple[str, ...] = ()
    lowest: tuple[float, ...] = ()


def show_linewidth(
    sources: Sequence[str], request: LinewidthRequest, json: str | None, output: Path | None
) -> None:
    """Fit formulas to FWHM(T) and say which of their parameters the data tell.

    Parameters
    ----------
    sources : sequence of str
        Tables of widths, one sample each; files with several spectra, one sample each; or files with one
        spectrum, which together are one sample.
    request : LinewidthRequest
        Options.
    json : str or None
        File for the document, ``-`` for standard output.
    output : Path or None
        Folder for tables and figures.

    Raises
    ------
    InputError
        If files or options cannot be used.
    """
    constraints, models = _read_constraints(request), request.models or CANDIDATES
    settings, kind = _read_settings(request)
    for model in models:
        find_model(model)
    tables, groups = _read_sources(sources)
    spectra = sum(len(group) for group in groups.values())
    with _follow(spectra + len(models) * (len(tables) + len(groups))) as advance:
        bands = [_measure_group(group, settings, advance) for group in groups.values()]
        measured = [
            build_series_of_bands(group, kind=kind, name=name)
            for name, group in zip(groups, bands, strict=True)
        ]
        series = [_add_noise(one, request.noise_mev) for one in (*tables, *measured)]
        where = choose_temperature(series) if request.temperature is None else request.temperature
        analyses = [
            fit_linewidth(
                one, models=models, constraints=constraints, temperature=where, advance=lambda _: advance()
            )
            for one in series
        ]
    every_band = [band for group in bands for band in group]
    comparisons = [compare_linewidths(analyses[0], other) for other in analyses[1:]]
    options = [(one.series.name, option) for one in analyses for option in _advise(one, request)]
    document = {
        "schema": "clustermodel.linewidth/1",
        "widths": write_record(every_band),
        "samples": [_describe(one) for one in analyses],
        "comparisons": write_record(comparisons),
        "design": [{"sample": name, **write_record(option)} for name, option in options],
    }
    shown = (
        *list_width_tables(every_band),
        *list_linewidth_tables(analyses),
        *list_comparison_tables(comparisons),
        *list_design_tables(options),
    )
    figures = (
        [f for i, one in enumerate(analyses, 1) for f in draw_linewidth_figures(one, i)] if output else []
    )
    notes = dict.fromkeys(note for one in analyses for note in list_linewidth_caveats(one))
    if not options:
        notes |= dict.fromkeys(note for one in analyses for note in _suggest_design(one))
    if every_band:
        notes[_PHOTONS] = None
    deliver_results(Results(document, shown, tuple(figures), tuple(notes)), json=json, output=output)


def _read_constraints(request: LinewidthRequest) -> Constraints:
    fixed = {}
    for text in request.fixed:
        pair = _split_pair(text, "--fix", "S_ac=20")
        fixed[pair.name] = pair.factor * _read_number(pair.value, f"--fix {text!r}", "S_ac=20")
    priors = {}
    for text in request.priors:
        pair = _split_pair(text, "--prior", "E_op=36(3)")
        value, su = _read_measured(pair.value, f"--prior {text!r}")
        priors[pair.name] = (pair.factor * value, pair.factor * su)
    limits = {}
    for text in request.limits:
        pair = _split_pair(text, "--limit", "E_op=10:80")
        low, _, high = pair.value.partition(":")
        ends = [_read_number(one, f"--limit {text!r}", "E_op=10:80") for one in (low, high)]
        limits[pair.name] = (pair.factor * ends[0], pair.factor * ends[1])
    return Constraints(fixed=fixed, priors=priors, limits=limits)


class _Pair(NamedTuple):
    """A name, its value as written, and how many meV the unit of the value is."""

    name: str
    value: str
    factor: float


def _split_pair(text: str, option: str, example: str) -> _Pair:
    match = _PAIR.match(text)
    if match is None:
        msg = f"{option} {text!r}; expected a name and a value in meV or cm-1, such as {example}"
        raise InputError(msg)
    factor = 1000 * EV_PER_WAVENUMBER if match["unit"] in {"cm-1", "cm⁻¹"} else 1.0
    return _Pair(match["name"], match["value"], factor)


def _read_number(text: str, where: str, example: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        msg = f"{where}: {text!r} is no number; expected {example}"
        raise InputError(msg) from error


def _read_measured(text: str, where: str) -> tuple[float, float]:
    """Return value and uncertainty of ``36(3)`` or ``36±3``."""
    left, _, right = text.partition("±")
    number, error = parse_number(left), parse_number(right or "0")
    su = 0.0 if number is None or error is None else error.value or number.su
    if number is None or su <= 0:
        msg = f"{where}: expected a value with its standard uncertainty, such as E_op=36(3)"
        raise InputError(msg)
    return number.value, su


def _read_settings(request: LinewidthRequest) -> tuple[WidthSettings, WidthKind]:
    """Return how widths of spectra are measured, and which of the two is fitted."""
    kind = next((known for known in WIDTH_KINDS if known == request.width), None)
    if kind is None:
        msg = f"--width {request.width!r}; expected one of {', '.join(WIDTH_KINDS)}"
        raise InputError(msg)
    if request.shape not in get_args(Shape):
        msg = f"--shape {request.shape!r}; expected one of {', '.join(get_args(Shape))}"
        raise InputError(msg)
    window = None
    if request.window is not None:
        low, _, high = request.window.partition(":")
        where = f"--window {request.window!r}"
        window = (_read_number(low, where, "1.4:2.2"), _read_number(high, where, "1.4:2.2"))
    shape: Shape = "lorentzian" if request.shape == "lorentzian" else "gaussian"
    settings = WidthSettings(
        smoothing=request.smoothing,
        shape=shape,
        window=window,
        replicates=request.bootstrap,
        seed=request.seed,
    )
    return settings, kind


def _read_sources(sources: Sequence[str]) -> tuple[list[WidthSeries], dict[str, list[TemperatureSpectrum]]]:
    """Return the samples that are tables of widths, and the spectra of the others by name of the sample."""
    tables: list[WidthSeries] = []
    groups: dict[str, list[TemperatureSpectrum]] = {}
    for source in sources:
        temperature, path = split_source(source)
        table = read_data_table(path)
        name = Path(path).stem
        if temperature is None and (table.find("temperature", "t") or table.find(*WIDTH_COLUMNS)):
            tables.append(replace(build_series_of_table(table), name=name))
        else:
            spectra = take_spectra(table, temperature)
            groups.setdefault(name if len(spectra) > 1 else _POOL, []).extend(spectra)
    return tables, groups


def _measure_group(
    group: Sequence[TemperatureSpectrum], settings: WidthSettings, advance: Callable[[], None]
) -> list[BandWidth]:
    bands = []
    for one in sorted(group, key=lambda each: each.temperature):
        bands.append(measure_band_width(one, settings=settings))
        advance()
    return bands


def _add_noise(series: WidthSeries, noise: float | None) -> WidthSeries:
    if noise is None:
        return series
    if series.fwhm_su_mev is not None or not 0 < noise < np.inf:
        found = "uncertainties in the file" if series.fwhm_su_mev is not None else f"{noise:g}"
        msg = f"{series.name}: --noise with {found}; expected a positive number of meV for widths without any"
        raise InputError(msg)
    return replace(series, fwhm_su_mev=np.full(series.temperature.size, noise))


def _advise(analysis: LinewidthAnalysis, request: LinewidthRequest) -> list[DesignOption]:
    """Return what measurements would tell the wanted parameter of the best formula that has it."""
    if request.design is None:
        return []
    parameter = request.design
    fits = [fit for fit in analysis.fits if parameter in find_model(fit.model).names]
    if not fits:
        names = sorted({one.name for fit in analysis.fits for one in fit.parameters})
        msg = f"--design {parameter!r}; expected one of {', '.join(names)}"
        raise InputError(msg)
    first, last = float(analysis.series.temperature[0]), float(analysis.series.temperature[-1])
    ranges = [(low, last) for low in (first, *(t for t in request.lowest or LOWEST if t < first))]
    fit = fits[0]
    aim = DesignAim(
        parameter=parameter,
        noise_mev=fit.noise_mev,
        points=int(analysis.series.temperature.size),
        target=request.target / 100,
    )
    return [
        option
        for truth in _choose_truths(fit, parameter, request.assumed)
        for option in advise_design(
            fit.model, truth.tolist(), aim, ranges=ranges, constraints=analysis.constraints
        )
    ]


def _suggest_design(analysis: LinewidthAnalysis) -> list[str]:
    """Return which energies the data do not tell, and how to ask what would."""
    open_ones = [
        one.name
        for fit in analysis.fits
        for one, parameter in zip(fit.parameters, find_model(fit.model).parameters, strict=True)
        if parameter.role == "energy" and one.profile is not None and one.profile.verdict != "identified"
    ]
    if not open_ones:
        return []
    names = ", ".join(dict.fromkeys(open_ones))
    return [f"Not told: {names}. --design {open_ones[0]} says which temperatures would tell it."]


def _choose_truths(fit: WidthFit, parameter: str, assumed: Sequence[str]) -> tuple[FloatArray, ...]:
    """Return what is taken for true: the user's values, else what the data allow."""
    if not assumed:
        return choose_truths(fit, parameter)
    values, names = fit.values, find_model(fit.model).names
    for text in assumed:
        pair = _split_pair(text, "--assume", "E_op=36.1")
        if pair.name in names:
            number = _read_number(pair.value, f"--assume {text!r}", "E_op=36.1")
            values[names.index(pair.name)] = pair.factor * number
    return (values,)


def _describe(analysis: LinewidthAnalysis) -> dict[str, Any]:
    """Return an analysis for the document, without the other parameters of every point of a profile."""
    plain: dict[str, Any] = write_record(analysis)
    for fit in plain["fits"]:
        fit["formula"] = find_model(fit["model"]).formula
        for parameter in fit["parameters"]:
            if parameter["profile"]:
                del parameter["profile"]["companions"]
    return plain


@contextmanager
def _follow(steps: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar on the standard error of a terminal."""
    with build_progress() as progress:
        task = progress.add_task("widths and fits", total=steps)
        yield lambda: progress.advance(task)
