"""The command line: one subcommand, one function."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from clustermodel.errors import ClusterModelError

__all__ = ["app"]

T = TypeVar("T")

app = typer.Typer(
    name="clustermodel",
    help="Structural and electronic modelling of atomically precise metal nanoclusters.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ChargeOption = Annotated[
    int | None, typer.Option("--charge", help="Charge of the cluster; else taken from evidence in the file.")
]
BlockOption = Annotated[
    str | None, typer.Option("--block", help="Data block of a CIF, or 'all'. [default: first with atoms]")
]
ConventionOption = Annotated[
    str,
    typer.Option(
        "--convention", help="Kernel convention of the main answer: staple, donor-count, contact or mount."
    ),
]
KernelOption = Annotated[
    str | None, typer.Option("--kernel", help="Labels of the kernel atoms, comma-separated: Au1,Au2,...")
]
PartOption = Annotated[
    list[str] | None,
    typer.Option("--part", help="Disorder part to keep, ASSEMBLY=PART such as A=2; may be repeated."),
]
PreferOption = Annotated[str, typer.Option("--prefer", help="Disorder parts to keep: major or minor.")]


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    """Structural and electronic modelling of atomically precise metal nanoclusters."""
    if version:
        from clustermodel import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.command()
def report(
    files: Annotated[list[str], typer.Argument(help="Structure files, or model:NAME.", metavar="FILE...")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write to. [default: FILE_report]")
    ] = None,
    charge: ChargeOption = None,
    block: BlockOption = None,
    convention: ConventionOption = "staple",
    kernel: KernelOption = None,
    part: PartOption = None,
    prefer: PreferOption = "major",
) -> None:
    """Write a complete report: HTML page, tables, figures and JSON."""
    from clustermodel.cli.choices import read_choices
    from clustermodel.cli.report import report_files

    choices = _guarded(lambda: read_choices(charge, convention, kernel, part, prefer))
    failed = report_files(files, output, choices, block)
    raise typer.Exit(_exit_code(failed, len(files)))


@app.command()
def analyze(
    file: Annotated[str, typer.Argument(help="Structure file, or model:NAME.")],
    charge: ChargeOption = None,
    block: BlockOption = None,
    convention: ConventionOption = "staple",
    kernel: KernelOption = None,
    part: PartOption = None,
    prefer: PreferOption = "major",
    json: Annotated[
        str | None, typer.Option("--json", help="Write JSON to this file; '-' is standard output.")
    ] = None,
) -> None:
    """Analyse one file; --json - writes one JSON document and nothing else."""
    from clustermodel.cli.analyze import analyze_file
    from clustermodel.cli.choices import read_choices

    choices = _guarded(lambda: read_choices(charge, convention, kernel, part, prefer))
    _guarded(lambda: analyze_file(file, choices, block, json))


@app.command()
def extract(
    file: Annotated[str, typer.Argument(help="Structure file, or model:NAME.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write: .xyz, .extxyz, .mol2 or .cif.")
    ],
    what: Annotated[
        str, typer.Option("--what", help="cluster, species (every kind of molecule) or cell (all molecules).")
    ] = "cluster",
    block: BlockOption = None,
    convention: ConventionOption = "staple",
    kernel: KernelOption = None,
    part: PartOption = None,
    prefer: PreferOption = "major",
) -> None:
    """Write the assembled structure for the next program."""
    from clustermodel.cli.choices import read_choices
    from clustermodel.cli.extract import extract_file

    choices = _guarded(lambda: read_choices(None, convention, kernel, part, prefer))
    _guarded(lambda: extract_file(file, output, what, choices, block))


@app.command()
def models() -> None:
    """List the embedded models."""
    from clustermodel.io.embedded import PREFIX, list_models

    for name in list_models():
        typer.echo(f"{PREFIX}{name}")


JsonOption = Annotated[
    str | None, typer.Option("--json", help="Write JSON to this file; '-' is standard output.")
]
FolderOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Folder for the JSON, tables and figures.")
]


@app.command()
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
    _guarded(lambda: show_masses(ion, request, json, output))


@app.command()
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

    _guarded(lambda: show_rates(samples, json, output))


@app.command()
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
    _guarded(lambda: show_spectra(file, request, json, output))


def _guarded(work: Callable[[], T]) -> T:
    """Run `work`; a deliberate error becomes one line on stderr and exit code 2."""
    try:
        return work()
    except ClusterModelError as error:
        sys.stderr.write(f"clustermodel: {' '.join(str(error).split())}\n")
        raise typer.Exit(2) from error


def _exit_code(failed: int, total: int) -> int:
    if not failed:
        return 0
    return 2 if total == 1 else 1
