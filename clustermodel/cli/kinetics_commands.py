"""Which subcommands take data measured over time? One function each; its job is loaded when called."""

from pathlib import Path
from typing import Annotated

import typer

from clustermodel.cli.application import FolderOption, JsonOption, app, guarded

__all__ = ["decay", "transient"]


@app.command(rich_help_panel="Formulas and measured data")
def decay(
    file: Annotated[
        Path,
        typer.Argument(help="CSV or JSON with time_ns (or _s to _fs), where each bin begins, and counts."),
    ],
    irf: Annotated[
        Path | None, typer.Option("--irf", help="Measured response, same bins; a column irf of FILE will do.")
    ] = None,
    irf_fwhm: Annotated[
        str | None, typer.Option("--irf-fwhm", help="Width of a Gaussian response, such as 0.3ns.")
    ] = None,
    irf_background: Annotated[
        float | None,
        typer.Option("--irf-background", help="Dark counts per bin of the response. (default: found)"),
    ] = None,
    irf_shift: Annotated[
        str | None,
        typer.Option("--irf-shift", help="Time of the pulse, to hold it, such as 0ns. (default: fitted)"),
    ] = None,
    components: Annotated[
        str, typer.Option("--components", help="Number of exponentials, or auto: the lowest BIC.")
    ] = "auto",
    most_components: Annotated[
        int, typer.Option("--most-components", min=1, max=8, help="Most exponentials to compare.")
    ] = 4,
    stretched: Annotated[
        bool, typer.Option("--stretched", help="One stretched exponential, exp[-(t/τ)^β].")
    ] = False,
    period: Annotated[
        str | None, typer.Option("--period", help="Time between pulses, to add light of earlier ones.")
    ] = None,
    background: Annotated[
        float | None,
        typer.Option("--background", min=0, help="Counts per bin, to hold them. (default: fitted)"),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option("--window", help="Times to fit, LOW:HIGH such as 5:40ns. (default: all, or the tail)"),
    ] = None,
    bootstrap: Annotated[
        int, typer.Option("--bootstrap", min=0, help="Simulated measurements to fit, such as 200.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Of the random numbers of the bootstrap.")] = 0,
    output: FolderOption = None,
    json: JsonOption = None,
) -> None:
    """Fit a luminescence decay: lifetimes, both averages, and what the photons leave open."""
    from clustermodel.cli.decay import DecayRequest, show_decay

    request = DecayRequest(
        irf=irf,
        irf_fwhm=irf_fwhm,
        irf_background=irf_background,
        irf_shift=irf_shift,
        components=components,
        most_components=most_components,
        stretched=stretched,
        period=period,
        background=background,
        window=window,
        bootstrap=bootstrap,
        seed=seed,
    )
    guarded(lambda: show_decay(file, request, json, output))


@app.command(rich_help_panel="Formulas and measured data")
def transient(
    file: Annotated[
        Path,
        typer.Argument(
            help="Map: CSV matrix, Surface Xplorer CSV, pyglotaran ascii or KiMoPack SIA, delays in ps."
        ),
    ],
    model: Annotated[
        str, typer.Option("--model", help="parallel, sequential, or a TOML file with a target scheme.")
    ] = "parallel",
    components: Annotated[
        str, typer.Option("--components", help="Number of exponentials, or auto: by held-out wavelengths.")
    ] = "auto",
    most_components: Annotated[
        int, typer.Option("--most-components", min=1, max=8, help="Most exponentials to compare.")
    ] = 5,
    offset: Annotated[
        bool | None,
        typer.Option("--offset/--no-offset", help="Whether something stays. (default: found, or not)"),
    ] = None,
    lifetime: Annotated[
        list[float] | None, typer.Option("--lifetime", help="Lifetime to start from, ps; may be repeated.")
    ] = None,
    dispersion: Annotated[
        int, typer.Option("--dispersion", min=0, max=6, help="Order of the dispersion of time zero.")
    ] = 3,
    artifact: Annotated[
        int, typer.Option("--artifact", min=0, max=3, help="Terms of the coherent artifact.")
    ] = 3,
    irf_fwhm: Annotated[
        float | None, typer.Option("--irf-fwhm", help="Width of the response to start from, ps.")
    ] = None,
    fix_irf: Annotated[bool, typer.Option("--fix-irf", help="Hold the width of the response.")] = False,
    axes: Annotated[
        str | None, typer.Option("--axes", help="What stands down the rows and across the columns.")
    ] = None,
    wavelengths: Annotated[
        str | None, typer.Option("--wavelengths", help="Wavelengths to fit, LOW:HIGH in nm.")
    ] = None,
    delays: Annotated[str | None, typer.Option("--delays", help="Delays to fit, LOW:HIGH in ps.")] = None,
    mask: Annotated[
        list[str] | None,
        typer.Option("--mask", help="Wavelengths to leave out, LOW:HIGH in nm, or auto; may be repeated."),
    ] = None,
    background: Annotated[
        str, typer.Option("--background", help="auto, none, or a delay in ps before which nothing happens.")
    ] = "auto",
    profiles: Annotated[
        bool, typer.Option("--profiles/--no-profiles", help="Limits of time constants by profiles.")
    ] = True,
    bootstrap: Annotated[
        int, typer.Option("--bootstrap", min=0, help="Draws of blocks of wavelengths, such as 200.")
    ] = 0,
    block: Annotated[
        int | None, typer.Option("--block", min=1, help="Wavelengths in a block. (default: found)")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the random numbers of the bootstrap.")] = 0,
    pyglotaran: Annotated[
        Path | None, typer.Option("--pyglotaran", help="Folder for the same model as files of pyglotaran.")
    ] = None,
    output: FolderOption = None,
    json: JsonOption = None,
) -> None:
    """Fit a map of transient absorption: lifetimes, spectra, and what the data leave open."""
    from clustermodel.cli.transient import TransientRequest, show_transient

    request = TransientRequest(
        model=model,
        components=components,
        most_components=most_components,
        offset=offset,
        dispersion=dispersion,
        artifact=artifact,
        irf_fwhm_ps=irf_fwhm,
        fix_irf=fix_irf,
        lifetimes_ps=tuple(lifetime or ()),
        axes=axes,
        wavelengths=wavelengths,
        delays=delays,
        masks=tuple(mask or ()),
        background=background,
        profiles=profiles,
        bootstrap=bootstrap,
        block=block,
        seed=seed,
        pyglotaran=pyglotaran,
    )
    guarded(lambda: show_transient(file, request, json, output))
