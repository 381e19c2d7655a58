"""The job of ``clustermodel decay``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clustermodel.cli.output import Results, deliver_results
from clustermodel.cli.progress import build_progress
from clustermodel.errors import InputError
from clustermodel.io.record import write_record
from clustermodel.photophysics.decay import DecayAnalysis, DecaySettings, measure_decay
from clustermodel.photophysics.decay_data import Decay, list_data_notes, read_decay, read_time
from clustermodel.photophysics.decay_fit import DecayFit
from clustermodel.photophysics.decay_model import DecayModel
from clustermodel.photophysics.decay_pulse import GaussianResponse, InstantResponse
from clustermodel.photophysics.decay_response import MeasuredResponse, Response, build_response
from clustermodel.report.decay_figure import draw_decay_figure
from clustermodel.report.decay_tables import list_decay_tables

__all__ = ["DecayRequest", "show_decay"]

_MOST = 8  # exponentials: nobody has resolved more in one decay


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayRequest:
    """What the options of ``clustermodel decay`` say.

    Parameters
    ----------
    irf : Path or None
        Measured response.
    irf_fwhm : str or None
        Width of a Gaussian response, with its unit.
    irf_background : float or None
        Dark counts in each bin of the measured response.
    irf_shift : str or None
        Time of the pulse, with its unit, to hold it.
    components : str
        A number, or ``auto``.
    most_components : int
        Most exponentials to compare.
    stretched : bool
        One stretched exponential.
    period : str or None
        Time between pulses, with its unit.
    background : float or None
        Counts in each bin, to hold them.
    window : str or None
        ``LOW:HIGH`` with a unit.
    bootstrap : int
        Simulated measurements.
    seed : int
        Of their random numbers.
    """

    irf: Path | None = None
    irf_fwhm: str | None = None
    irf_background: float | None = None
    irf_shift: str | None = None
    components: str = "auto"
    most_components: int = 4
    stretched: bool = False
    period: str | None = None
    background: float | None = None
    window: str | None = None
    bootstrap: int = 0
    seed: int = 0


def show_decay(file: Path, request: DecayRequest, json: str | None, output: Path | None) -> None:
    """Fit a decay and show lifetimes, averages and verdicts.

    Parameters
    ----------
    file : Path
        The decay.
    request : DecayRequest
        Options.
    json : str or None
        File for the document, ``-`` for standard output.
    output : Path or None
        Folder for tables and figure.

    Raises
    ------
    InputError
        If file or options cannot be used.
    """
    decay = read_decay(file)
    response, pulse_notes = _read_response(request)
    settings = _read_settings(request, response)
    with _follow(settings.bootstrap) as advance:
        analysis = measure_decay(decay, settings, advance=advance)
    figures = (draw_decay_figure(analysis),) if output is not None else ()
    results = Results(
        _build_document(analysis), list_decay_tables(analysis), figures, (*pulse_notes, *analysis.notes)
    )
    deliver_results(results, json=json, output=output)


def _read_response(request: DecayRequest) -> tuple[Response, tuple[str, ...]]:
    if request.irf is not None and request.irf_fwhm is not None:
        msg = "--irf and --irf-fwhm; expected one of them: a measured response or a Gaussian"
        raise InputError(msg)
    if request.irf is None and request.irf_background is not None:
        msg = "--irf-background without --irf; expected the file of the measured response"
        raise InputError(msg)
    if request.irf is not None:
        pulse = read_decay(request.irf, column="irf")
        return build_response(pulse, background=request.irf_background), list_data_notes(pulse)
    if request.irf_fwhm is not None:
        return GaussianResponse(fwhm_ns=read_time(request.irf_fwhm, "--irf-fwhm")), ()
    if request.irf_shift is not None:
        msg = "--irf-shift without --irf or --irf-fwhm; expected an instrument response"
        raise InputError(msg)
    return InstantResponse(), ()


def _read_settings(request: DecayRequest, response: Response) -> DecaySettings:
    choose = request.components == "auto"
    if not choose and not (request.components.isdecimal() and 1 <= int(request.components) <= _MOST):
        msg = f"--components {request.components!r}; expected auto or a number from 1 to {_MOST}"
        raise InputError(msg)
    if request.stretched and not choose and request.components != "1":
        msg = f"--stretched with --components {request.components}; expected one stretched exponential"
        raise InputError(msg)
    if not 1 <= request.most_components <= _MOST or request.bootstrap < 0:
        found = f"--most-components {request.most_components} and --bootstrap {request.bootstrap}"
        msg = f"{found}; expected 1 to {_MOST}, and zero or more"
        raise InputError(msg)
    model = DecayModel(
        components=1 if choose else int(request.components),
        stretched=request.stretched,
        response=response,
        period_ns=None if request.period is None else read_time(request.period, "--period"),
        shift_ns=None if request.irf_shift is None else read_time(request.irf_shift, "--irf-shift"),
        background=request.background,
    )
    return DecaySettings(
        model=model,
        choose=choose,
        most=request.most_components,
        window_ns=None if request.window is None else _read_window(request.window),
        bootstrap=request.bootstrap,
        seed=request.seed,
    )


def _read_window(text: str) -> tuple[float, float]:
    """Return two times written ``LOW:HIGH`` with the unit behind the second or both."""
    first, _, second = text.partition(":")
    unit = second.lstrip("+-0123456789.eE ")
    low = read_time(first if first.strip()[-1:].isalpha() else f"{first}{unit}", "--window")
    high = read_time(second, "--window")
    if not low < high:
        msg = f"--window {text!r}; expected two times, the earlier first, such as 5:40ns"
        raise InputError(msg)
    return low, high


@contextmanager
def _follow(samples: int) -> Iterator[Callable[[], None]]:
    """Show on the standard error that models are compared, and how far a bootstrap is."""
    with build_progress() as progress:
        task = progress.add_task("models", total=None)

        def advance() -> None:
            progress.update(task, description="bootstrap", total=samples, advance=1)

        yield advance


def _build_document(analysis: DecayAnalysis) -> dict[str, Any]:
    fit = analysis.fit
    return {
        "schema": "clustermodel.decay/1",
        "decay": _describe_decay(fit.decay),
        "settings": {
            "choose": analysis.settings.choose,
            "most_components": analysis.settings.most,
            "window_ns": [fit.problem.edges_ns[0].item(), fit.problem.edges_ns[-1].item()],
            "bootstrap": analysis.settings.bootstrap,
            "seed": analysis.settings.seed,
        },
        "model": _describe_model(fit.model),
        "components": [
            write_record(one) | write_record(interval)
            for one, interval in zip(analysis.components, analysis.intervals, strict=True)
        ],
        "averages": write_record(analysis.averages),
        "parameters": _describe_parameters(fit),
        "goodness": write_record(analysis.goodness),
        "candidates": [
            {
                "name": one.name,
                "parameters": one.fit.parameters,
                "deviance": one.fit.deviance,
                "bic_above_best": one.bic_above_best,
                "deviance_z": one.deviance_z,
            }
            for one in analysis.candidates
        ],
        "bootstrap": write_record(analysis.bootstrap),
        "curve": {
            "time_ns": write_record(fit.problem.edges_ns[:-1]),
            "counts": write_record(fit.problem.counts),
            "expected": write_record(fit.expected),
        },
    }


def _describe_decay(decay: Decay) -> dict[str, Any]:
    return {
        "name": decay.name,
        "unit": decay.unit,
        "start_ns": decay.start_ns,
        "width_ns": decay.width_ns,
        "bins": int(decay.counts.size),
        "photons": decay.total,
    }


def _describe_model(model: DecayModel) -> dict[str, Any]:
    response = model.response
    kind = "none"
    if isinstance(response, MeasuredResponse):
        kind = "measured"
    elif isinstance(response, GaussianResponse):
        kind = "gaussian"
    return {
        "components": model.components,
        "stretched": model.stretched,
        "response": {
            "kind": kind,
            "fwhm_ns": response.fwhm_ns,
            "background": response.background if isinstance(response, MeasuredResponse) else None,
        },
        "period_ns": model.period_ns,
        "shift_is_fitted": model.shift_ns is None and kind != "none",
        "background_is_fitted": model.background is None,
    }


def _describe_parameters(fit: DecayFit) -> dict[str, Any]:
    layout = fit.problem.layout
    return {
        "fitted": fit.parameters,
        "photons_in_window": fit.photons,
        "background": fit.values.background,
        "background_su": fit.find_su(layout.background),
        "shift_ns": fit.values.shift_ns,
        "shift_su_ns": fit.find_su(layout.shift),
        "stretching": fit.values.stretching,
        "stretching_su": fit.find_su(layout.stretching),
        "deviance": fit.deviance,
        "bic": fit.bic,
        "covariance": write_record(np.asarray(fit.covariance)),
        "settled": fit.settled,
    }
