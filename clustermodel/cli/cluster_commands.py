"""Which subcommands take a structure? One function each; its job is loaded when called."""

from pathlib import Path
from typing import Annotated

import typer

from clustermodel.cli.application import (
    BlockOption,
    ChargeOption,
    ConventionOption,
    FolderOption,
    JsonOption,
    KernelOption,
    PartOption,
    PreferOption,
    app,
    guarded,
)

__all__ = ["analyze", "check", "extract", "figure", "models", "report", "table"]


@app.command(rich_help_panel="Clusters and crystals")
def report(
    files: Annotated[list[str], typer.Argument(help="Structure files, or model:NAME.", metavar="FILE...")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write to. (default: FILE_report)")
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

    choices = guarded(lambda: read_choices(charge, convention, kernel, part, prefer))
    failed = report_files(files, output, choices, block)
    raise typer.Exit(_exit_code(failed, len(files)))


@app.command(rich_help_panel="Clusters and crystals")
def analyze(
    file: Annotated[str, typer.Argument(help="Structure file, or model:NAME.")],
    charge: ChargeOption = None,
    block: BlockOption = None,
    convention: ConventionOption = "staple",
    kernel: KernelOption = None,
    part: PartOption = None,
    prefer: PreferOption = "major",
    json: JsonOption = None,
) -> None:
    """Analyse one file; --json - writes one JSON document and nothing else."""
    from clustermodel.cli.analyze import analyze_file
    from clustermodel.cli.choices import read_choices

    choices = guarded(lambda: read_choices(charge, convention, kernel, part, prefer))
    guarded(lambda: analyze_file(file, choices, block, json))


@app.command(rich_help_panel="Clusters and crystals")
def figure(
    file: Annotated[str, typer.Argument(help="Structure file, or model:NAME.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path("figures"),
    kind: Annotated[
        str, typer.Option("--kind", help="anatomy, bonds, electrons, packing, contacts or all, with commas.")
    ] = "all",
    format_: Annotated[
        str, typer.Option("--format", help="svg, pdf (vectors), png (600 dpi) or all, with commas.")
    ] = "svg",
    charge: ChargeOption = None,
    block: BlockOption = None,
    convention: ConventionOption = "staple",
    kernel: KernelOption = None,
    part: PartOption = None,
    prefer: PreferOption = "major",
) -> None:
    """Write figures for a paper: anatomy, bonds, electron count, packing, contacts."""
    from clustermodel.cli.choices import read_choices
    from clustermodel.cli.figure import write_figures

    choices = guarded(lambda: read_choices(charge, convention, kernel, part, prefer))
    guarded(lambda: write_figures(file, output, choices, kinds=kind, formats=format_, block=block))


@app.command(rich_help_panel="Clusters and crystals")
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

    choices = guarded(lambda: read_choices(None, convention, kernel, part, prefer))
    guarded(lambda: extract_file(file, output, what, choices, block))


@app.command(rich_help_panel="Clusters and crystals")
def table(
    files: Annotated[list[str], typer.Argument(help="Structure files, or model:NAME.", metavar="FILE...")],
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="crystal, bonds, selected, motifs, units, symmetry, size, packing, contacts or all.",
        ),
    ],
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="md, csv, tex or docx. (default: by the name of the output, else md)"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write. (default: standard output)")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option("--preset", help="Van der Waals radii: platon, bondi, csd or alvarez."),
    ] = None,
    between: Annotated[
        list[str] | None,
        typer.Option(
            "--between", help="Contacts of these species, such as cluster:solvent; may be repeated."
        ),
    ] = None,
    normalise_h: Annotated[
        bool, typer.Option("--normalise-h", help="Contacts with C–H brought to 1.083 Å.")
    ] = False,
    charge: ChargeOption = None,
    block: BlockOption = None,
    convention: ConventionOption = "staple",
    kernel: KernelOption = None,
    part: PartOption = None,
    prefer: PreferOption = "major",
) -> None:
    """Write the tables of a paper; several files stand side by side."""
    from clustermodel.cli.choices import read_choices
    from clustermodel.cli.table import read_request, show_tables

    choices = guarded(lambda: read_choices(charge, convention, kernel, part, prefer))
    request = guarded(lambda: read_request(kind, file_format, output, (preset, between or [], normalise_h)))
    failed = guarded(lambda: show_tables(files, request, choices, block))
    raise typer.Exit(_exit_code(failed, len(files)))


@app.command(rich_help_panel="Clusters and crystals")
def check(
    paper: Annotated[
        str | None,
        typer.Argument(help="Key of a paper such as pan2025, or a TOML file with claims. (none: list them)"),
    ] = None,
    structure: Annotated[
        list[str] | None,
        typer.Option(
            "--structure", help="Deposited structure, ID=FILE such as au22=my.cif; may be repeated."
        ),
    ] = None,
    output: FolderOption = None,
    json: JsonOption = None,
) -> None:
    """Tell which printed numbers of a paper follow from its data."""
    from clustermodel.cli.check import list_claimed_papers, show_check

    if paper is None:
        guarded(lambda: list_claimed_papers(json, output))
    else:
        guarded(lambda: show_check(paper, structure or [], json, output))


@app.command(rich_help_panel="Clusters and crystals")
def models() -> None:
    """List the structures that travel with clustermodel, and what each is."""
    from clustermodel.io.embedded import PREFIX, describe_model, list_models

    for name in list_models():
        typer.echo(f"{PREFIX}{name}  {describe_model(name)}")


def _exit_code(failed: int, total: int) -> int:
    if not failed:
        return 0
    return 2 if total == 1 else 1
