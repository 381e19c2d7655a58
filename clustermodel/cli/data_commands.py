"""Which subcommands take a formula or measured data? One function each; its job is loaded when called."""

from pathlib import Path
from typing import Annotated

import typer

from clustermodel.cli.application import FolderOption, JsonOption, app, guarded

__all__ = ["linewidth", "mass", "rates", "spectrum"]


@app.command(rich_help_panel="Formulas and measured data")
def mass(
    ion: Annotated[
        str,
        typer.Argument(help="Ion such as '[Au25(PET)18]-', structure file, or model:NAME.", metavar="ION"),
    ],
    charge: Annotated[int | None, typer.Option("--charge", help="Charge of the ion, if not stated.")] = None,
    ligand: Annotated[
        list[str] | None, typer.Option("--ligand", help="Abbreviation, NAME=FORMULA; may be repeated.")
    ] = None,
    dictionary: Annotated[
        Path | None, typer.Option("--dictionary", help="TOML file with tables ligands, groups and adducts.")
    ] = None,
    printed: Annotated[
        list[str] | None,
        typer.Option("--printed", help="Calculated m/z of a publication, with its decimals."),
    ] = None,
    found: Annotated[list[str] | None, typer.Option("--found", help="Measured m/z; may be repeated.")] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="How far a measured m/z may be off, ppm.")
    ] = 10.0,
    resolving_power: Annotated[
        float | None, typer.Option("--resolving-power", help="m/Δm of the instrument at half maximum.")
    ] = None,
    spectrum: Annotated[
        Path | None, typer.Option("--spectrum", help="Measured spectrum: CSV with mz,intensity, or mzML.")
    ] = None,
    scan: Annotated[
        int | None, typer.Option("--scan", help="Scan of an mzML file. (default: strongest)")
    ] = None,
    search: Annotated[
        bool, typer.Option("--search", help="Search adducts, losses and charges for the measured m/z.")
    ] = False,
    adduct: Annotated[
        list[str] | None,
        typer.Option("--adduct", help="Adduct to try, such as Cs; may be repeated. (default: all)"),
    ] = None,
    most_adducts: Annotated[int, typer.Option("--most-adducts", min=0, max=6, help="How many at once.")] = 3,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", help="Part of the cluster to change, PART=LOW:HIGH such as Au=-1:1."),
    ] = None,
    try_charge: Annotated[
        list[int] | None,
        typer.Option("--try-charge", help="Charge to try; may be repeated. (default: 1 to 5)"),
    ] = None,
    electrons: Annotated[
        str, typer.Option("--electrons", help="Electron count of candidates: same, closed or any.")
    ] = "same",
    every_isotopologue: Annotated[
        bool, typer.Option("--every-isotopologue", help="Compare all isotopologues, not the highest alone.")
    ] = False,
    output: FolderOption = None,
    json: JsonOption = None,
) -> None:
    """Calculate the m/z of an ion and compare it with printed and measured ones."""
    from clustermodel.cli.mass import MassRequest, SearchRequest, show_masses

    request = MassRequest(
        charge=charge,
        ligands=tuple(ligand or ()),
        dictionary=dictionary,
        printed=tuple(printed or ()),
        found=tuple(found or ()),
        tolerance_ppm=tolerance,
        resolving_power=resolving_power,
        spectrum=spectrum,
        scan=scan,
        search=SearchRequest(
            adducts=tuple(adduct or ()),
            most_adducts=most_adducts,
            vary=tuple(vary or ()),
            charges=tuple(try_charge or ()),
            electrons=electrons,
            every_isotopologue=every_isotopologue,
        )
        if search
        else None,
    )
    guarded(lambda: show_masses(ion, request, json, output))


@app.command(rich_help_panel="Formulas and measured data")
def rates(
    samples: Annotated[
        list[str],
        typer.Argument(help="NAME=YIELD,LIFETIME such as Au21=13.10%,2.65us; or files.", metavar="SAMPLE..."),
    ],
    output: FolderOption = None,
    json: JsonOption = None,
) -> None:
    """Calculate radiative and non-radiative rate constants and what changed the yield."""
    from clustermodel.cli.rates import show_rates

    guarded(lambda: show_rates(samples, json, output))


@app.command(rich_help_panel="Formulas and measured data")
def spectrum(
    file: Annotated[
        Path, typer.Argument(help="CSV or JSON, first column wavelength_nm, energy_eV or wavenumber_cm-1.")
    ],
    kind: Annotated[str, typer.Option("--kind", help="emission, absorption or excitation.")],
    emission: Annotated[
        Path | None,
        typer.Option("--emission", help="Emission spectrum, for the Stokes shift of an absorption."),
    ] = None,
    smoothing: Annotated[float, typer.Option("--smoothing", help="Window of local cubics, eV.")] = 0.04,
    prominence: Annotated[
        float, typer.Option("--prominence", help="Smallest rise of a maximum, part of the highest point.")
    ] = 0.02,
    fit: Annotated[bool, typer.Option("--fit", help="Fit bands, started at those that are seen.")] = False,
    band: Annotated[
        list[float] | None, typer.Option("--band", help="Start of a band to fit, eV; may be repeated.")
    ] = None,
    shape: Annotated[
        str, typer.Option("--shape", help="Shape of the bands: gaussian or lorentzian.")
    ] = "gaussian",
    window: Annotated[str | None, typer.Option("--window", help="Energies to fit, LOW:HIGH in eV.")] = None,
    reference: Annotated[
        Path | None, typer.Option("--reference", help="Emission of a reference, for the quantum yield.")
    ] = None,
    reference_yield: Annotated[str, typer.Option("--reference-yield", help="Its yield, such as 95%.")] = "",
    absorbance: Annotated[
        str | None, typer.Option("--absorbance", help="At the excitation, SAMPLE:REFERENCE.")
    ] = None,
    index: Annotated[
        str | None, typer.Option("--index", help="Refractive indices of the solvents, SAMPLE:REFERENCE.")
    ] = None,
    output: FolderOption = None,
    json: JsonOption = None,
) -> None:
    """Find bands, widths, onsets, the Stokes shift and the quantum yield, in eV."""
    from clustermodel.cli.spectrum import SpectrumRequest, YieldRequest, show_spectra

    request = SpectrumRequest(
        kind=kind,
        emission=emission,
        smoothing=smoothing,
        prominence=prominence,
        fit=fit,
        centres=tuple(band or ()),
        shape=shape,
        window=window,
        quantum_yield=None
        if reference is None
        else YieldRequest(
            reference=reference, reference_yield=reference_yield, absorbances=absorbance, indices=index
        ),
    )
    guarded(lambda: show_spectra(file, request, json, output))


@app.command(rich_help_panel="Formulas and measured data")
def linewidth(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Tables temperature_K,fwhm_meV[,fwhm_error_meV]; or emission spectra: a column for each "
            "temperature, 200K=FILE, or NAME_200K.csv.",
            metavar="FILE...",
        ),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            help="Formula: printed, split, weak, toyozawa, line or parabola; may be repeated. "
            "(default: all but the last)",
        ),
    ] = None,
    fix: Annotated[
        list[str] | None, typer.Option("--fix", help="Hold a parameter, such as S_ac=20; may be repeated.")
    ] = None,
    prior: Annotated[
        list[str] | None,
        typer.Option("--prior", help="What else is known, such as E_op=36(3) or E_op=291(24)cm-1."),
    ] = None,
    limit: Annotated[
        list[str] | None, typer.Option("--limit", help="Range to search, such as E_op=10:80.")
    ] = None,
    noise: Annotated[
        float | None, typer.Option("--noise", help="Standard uncertainty of widths, meV, if not in the file.")
    ] = None,
    at: Annotated[
        float | None, typer.Option("--at", help="Temperature of width and slope, K. (default: middle)")
    ] = None,
    width: Annotated[
        str, typer.Option("--width", help="Width of spectra to fit: direct or fitted.")
    ] = "direct",
    smoothing: Annotated[float, typer.Option("--smoothing", help="Window of local cubics, eV.")] = 0.04,
    shape: Annotated[
        str, typer.Option("--shape", help="Shape of the fitted band: gaussian or lorentzian.")
    ] = "gaussian",
    window: Annotated[
        str | None, typer.Option("--window", help="Energies of the fitted band, LOW:HIGH in eV.")
    ] = None,
    bootstrap: Annotated[int, typer.Option("--bootstrap", help="Replicates of each spectrum.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Of the random numbers of the bootstrap.")] = 0,
    design: Annotated[
        str | None, typer.Option("--design", help="Parameter that the next measurement is to tell.")
    ] = None,
    target: Annotated[
        float, typer.Option("--target", help="Its wanted relative standard uncertainty, percent.")
    ] = 10.0,
    assume: Annotated[
        list[str] | None,
        typer.Option("--assume", help="Value taken for true in the design, such as E_op=36.1."),
    ] = None,
    lowest: Annotated[
        list[float] | None,
        typer.Option("--lowest", help="Lowest temperature to try, K; may be repeated. (default: 150, 77, 5)"),
    ] = None,
    output: FolderOption = None,
    json: JsonOption = None,
) -> None:
    """Fit the width of emission over temperature and say which parameters it tells."""
    from clustermodel.cli.linewidth import LinewidthRequest, show_linewidth

    request = LinewidthRequest(
        models=tuple(model or ()),
        fixed=tuple(fix or ()),
        priors=tuple(prior or ()),
        limits=tuple(limit or ()),
        noise_mev=noise,
        temperature=at,
        width=width,
        smoothing=smoothing,
        shape=shape,
        window=window,
        bootstrap=bootstrap,
        seed=seed,
        design=design,
        target=target,
        assumed=tuple(assume or ()),
        lowest=tuple(lowest or ()),
    )
    guarded(lambda: show_linewidth(files, request, json, output))
