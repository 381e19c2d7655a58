"""The job of ``clustermodel transient``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clustermodel.cli.output import Results, deliver_results
from clustermodel.cli.progress import build_progress
from clustermodel.errors import InputError
from clustermodel.io.record import write_record
from clustermodel.io.transient_readers import read_transient_map
from clustermodel.photophysics.transient import TransientAnalysis, TransientSettings, measure_transient
from clustermodel.photophysics.transient_bootstrap import FEWEST_DRAWS
from clustermodel.photophysics.transient_export import write_pyglotaran
from clustermodel.photophysics.transient_preparation import BackgroundMode, Preparation
from clustermodel.photophysics.transient_result import FitSettings
from clustermodel.photophysics.transient_scheme import (
    GROUND,
    KineticScheme,
    build_parallel,
    build_sequential,
)
from clustermodel.photophysics.transient_scheme_file import read_scheme
from clustermodel.photophysics.transient_time_zero import convert_dispersion
from clustermodel.report.render import render_csv
from clustermodel.report.transient_figure import draw_transient_figures
from clustermodel.report.transient_tables import build_spectra_table, list_transient_tables

__all__ = ["TransientRequest", "show_transient"]

_MOST = 8  # components; each has a spectrum of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class TransientRequest:
    """What the options of ``clustermodel transient`` say.

    Parameters
    ----------
    model : str
        ``parallel``, ``sequential``, or a TOML file with a target scheme.
    components : str
        ``auto`` or a number.
    most_components : int
        Largest number to try.
    offset : bool or None
        Whether something stays; chosen from the data if None.
    dispersion, artifact : int
        Order of the dispersion and number of artifact terms.
    irf_fwhm_ps : float or None
        Width of the response to start from.
    fix_irf : bool
        Whether it is held.
    lifetimes_ps : tuple of float
        Lifetimes to start from.
    axes : str or None
        What stands down the rows and across the columns.
    wavelengths, delays : str or None
        Windows, ``LOW:HIGH``, in nm and ps.
    masks : tuple of str
        ``LOW:HIGH`` in nm, or ``auto``.
    background : str
        ``auto``, ``none`` or a delay in ps.
    profiles : bool
        Whether limits come from profiles.
    bootstrap : int
        Draws.
    block : int or None
        Wavelengths in a block.
    seed : int
        Of the random numbers.
    pyglotaran : Path or None
        Folder for pyglotaran's files.
    """

    model: str = "parallel"
    components: str = "auto"
    most_components: int = 5
    offset: bool | None = None
    dispersion: int = 3
    artifact: int = 3
    irf_fwhm_ps: float | None = None
    fix_irf: bool = False
    lifetimes_ps: tuple[float, ...] = ()
    axes: str | None = None
    wavelengths: str | None = None
    delays: str | None = None
    masks: tuple[str, ...] = ()
    background: str = "auto"
    profiles: bool = True
    bootstrap: int = 0
    block: int | None = None
    seed: int = 0
    pyglotaran: Path | None = None


def show_transient(file: Path, request: TransientRequest, json: str | None, output: Path | None) -> None:
    """Fit a map of transient absorption and show lifetimes, spectra and verdicts.

    Parameters
    ----------
    file : Path
        The map.
    request : TransientRequest
        Options.
    json : str or None
        File for the document, ``-`` for standard output.
    output : Path or None
        Folder for tables and figures.

    Raises
    ------
    InputError
        If file or options cannot be used.
    """
    settings = _read_settings(request)
    data = read_transient_map(file, axes=request.axes)
    with _follow() as follow:
        analysis = measure_transient(data, settings, follow=follow)
    if request.pyglotaran is not None:
        write_pyglotaran(analysis.fit, request.pyglotaran)
    figures = draw_transient_figures(analysis) if output is not None else ()
    results = Results(_build_document(analysis), list_transient_tables(analysis), figures, analysis.notes)
    if output is not None:
        _write_spectra(analysis, output)
    deliver_results(results, json=json, output=output)


def _read_settings(request: TransientRequest) -> TransientSettings:
    chooses = request.components == "auto" and request.model in {"parallel", "sequential"}
    if chooses and request.lifetimes_ps:
        msg = (
            f"--lifetime given {len(request.lifetimes_ps)} times with --components auto; expected "
            f"--components {len(request.lifetimes_ps)}"
        )
        raise InputError(msg)
    if request.bootstrap and request.bootstrap < FEWEST_DRAWS:
        msg = f"--bootstrap {request.bootstrap}; expected {FEWEST_DRAWS} draws or more, or 0 for none"
        raise InputError(msg)
    masks = tuple(_read_pair(text, "--mask") for text in request.masks if text != "auto")
    return TransientSettings(
        preparation=Preparation(
            wavelengths=_read_window(request.wavelengths, "--wavelengths"),
            delays_ps=_read_window(request.delays, "--delays"),
            masks=masks,
            mask_scatter="auto" in request.masks,
            background=_read_background(request.background),
        ),
        scheme=None if chooses else _read_model(request),
        kind="sequential" if request.model == "sequential" else "parallel",
        offset=request.offset,
        most=_check_count(request.most_components, "--most-components"),
        fit=FitSettings(
            dispersion=request.dispersion,
            artifact=request.artifact,
            irf_fwhm_ps=request.irf_fwhm_ps,
            irf_fixed=request.fix_irf,
            lifetimes_ps=request.lifetimes_ps,
        ),
        profiles=request.profiles,
        bootstrap=request.bootstrap,
        block=request.block,
        seed=request.seed,
    )


def _read_model(request: TransientRequest) -> KineticScheme:
    if request.model not in {"parallel", "sequential"}:
        if not request.model.lower().endswith(".toml"):
            msg = f"--model {request.model!r}; expected parallel, sequential or a TOML file with a scheme"
            raise InputError(msg)
        return read_scheme(request.model)
    try:
        count = int(request.components)
    except ValueError as error:
        msg = f"--components {request.components!r}; expected auto or a number from 1 to {_MOST}"
        raise InputError(msg) from error
    build = build_parallel if request.model == "parallel" else build_sequential
    return build(_check_count(count, "--components"), offset=bool(request.offset))


def _check_count(count: int, option: str) -> int:
    if not 1 <= count <= _MOST:
        msg = f"{option} {count}; expected 1 to {_MOST}"
        raise InputError(msg)
    return count


def _read_pair(text: str, option: str) -> tuple[float, float]:
    try:
        low, high = (float(number) for number in text.split(":"))
    except ValueError as error:
        msg = f"{option} {text!r}; expected two numbers with a colon, such as 395:405"
        raise InputError(msg) from error
    if not low < high:
        msg = f"{option} {text!r}; expected the lower number first"
        raise InputError(msg)
    return low, high


def _read_window(text: str | None, option: str) -> tuple[float, float] | None:
    return None if text is None else _read_pair(text, option)


def _read_background(text: str) -> BackgroundMode | float:
    if text == "auto":
        return "auto"
    if text == "none":
        return "none"
    try:
        return float(text)
    except ValueError as error:
        msg = f"--background {text!r}; expected auto, none or a delay in ps"
        raise InputError(msg) from error


@contextmanager
def _follow() -> Iterator[Callable[[str, int], Callable[[], None]]]:
    """Show a progress bar for each stage on the standard error."""
    progress = build_progress()

    def begin(stage: str, steps: int) -> Callable[[], None]:
        task = progress.add_task(stage, total=steps)
        return lambda: progress.advance(task)

    with progress:
        yield begin


def _write_spectra(analysis: TransientAnalysis, folder: Path) -> None:
    path = folder / "tables" / "transient-spectra.csv"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_csv(build_spectra_table(analysis)), encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); choose another place with -o"
        raise InputError(msg) from error


# -------------------------------------------------------------------------------------------- the document


def _build_document(analysis: TransientAnalysis) -> dict[str, Any]:
    fit, prepared = analysis.fit, analysis.prepared
    data = prepared.data
    return {
        "schema": "clustermodel.transient/1",
        "map": {
            "name": data.name,
            "layout": data.layout,
            "delays": data.delay_ps.size,
            "wavelengths": data.wavelength.size,
            "delays_ps": [float(data.delay_ps[0]), float(data.delay_ps[-1])],
            "wavelengths_nm": [float(data.wavelength[0]), float(data.wavelength[-1])],
            "largest_signal": float(abs(data.signal).max()),
        },
        "preparation": write_record(prepared.preparation)
        | {
            "masked_nm": list(prepared.masked_nm),
            "background_delays": prepared.background_delays,
            "noise": prepared.noise,
        },
        "model": _describe_scheme(fit.scheme) | {"settings": write_record(fit.settings)},
        "time_constants": _list_time_constants(analysis),
        "lifetimes_ps": write_record(fit.lifetimes_ps),
        "response": _describe_response(analysis),
        "quality": {
            "rms": fit.rms,
            "degrees_of_freedom": fit.freedom,
            "evaluations": fit.evaluations,
            "settled": fit.settled,
            "correlation_delay": fit.correlation_delay,
            "correlation_wavelength": fit.correlation_wavelength,
            "correlated_wavelengths": fit.covariances.block,
            "minima": write_record(fit.minima),
            "singular_values": write_record(analysis.singular_values),
            "residual_singular_values": write_record(analysis.residual_values),
        },
        "components": write_record(analysis.choice),
        "support": write_record(analysis.support),
        "bootstrap": write_record(analysis.bootstrap),
        "flags": write_record(analysis.flags),
        "spectra": {
            "wavelength_nm": write_record(data.wavelength),
            "decay_associated": write_record(fit.decay_spectra),
            "species_associated": write_record(fit.species_spectra),
            "artifact": write_record(fit.artifact_spectra),
        },
    }


def _describe_scheme(scheme: KineticScheme) -> dict[str, Any]:
    arrows = [
        {
            "from": scheme.species[source],
            "to": GROUND if target is None else scheme.species[target],
            "rate": scheme.rates[rate],
        }
        for source, target, rate in scheme.transfers
    ]
    return {
        "kind": scheme.kind,
        "species": list(scheme.species),
        "transfers": arrows,
        "initial": list(scheme.initial),
    }


def _list_time_constants(analysis: TransientAnalysis) -> list[dict[str, Any]]:
    white = analysis.fit.time_constants_white_su_ps
    inflation = {one.rate: one.inflation for one in analysis.intervals}
    rows = []
    for place, verdict in enumerate(analysis.verdicts):
        row = write_record(verdict)
        row["white_su"] = write_record(float(white[place])) if place < white.size else None
        row["inflation"] = inflation.get(verdict.rate)
        rows.append(row)
    return rows


def _describe_response(analysis: TransientAnalysis) -> dict[str, Any]:
    fit = analysis.fit
    wavelength = fit.data.wavelength
    centre, powers = convert_dispersion(
        fit.parameters[len(fit.scheme.rates) + 1 :], (float(wavelength[0]), float(wavelength[-1]))
    )
    return {
        "irf_fwhm_ps": fit.irf_fwhm_ps,
        "irf_fwhm_su_ps": write_record(fit.irf_fwhm_su_ps),
        "time_zero_ps": write_record(fit.time_zero_ps),
        "dispersion_centre_nm": centre,
        "dispersion_powers_ps": write_record(powers),
    }
