"""Which subcommand lists what can be missing or added? Its job is loaded when called."""

from pathlib import Path
from typing import Annotated

import typer

from clustermodel.cli.application import (
    BlockOption,
    ChargeOption,
    ConventionOption,
    JsonOption,
    KernelOption,
    PartOption,
    PreferOption,
    app,
    guarded,
)

__all__ = ["defects"]


@app.command(rich_help_panel="Clusters and crystals")
def defects(
    file: Annotated[str, typer.Argument(help="Structure file, or model:NAME.")],
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Number of the cluster in the file. (default: the first)")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            help="vacancy, staple, bridge, ligand, filling, substitution or all, with commas. "
            "(default: all; with --gaps vacancy,staple,bridge,filling)",
        ),
    ] = None,
    metal: Annotated[
        str | None,
        typer.Option("--metal", help="Metals to put in, with commas. (default: Ag,Cu,Pd,Pt,Cd,Hg)"),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=0, help="Rows of each table in the terminal; 0 for all.")
    ] = 10,
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="Complete tables as md, csv or tex; docx with -o."),
    ] = None,
    gaps: Annotated[
        bool,
        typer.Option("--gaps", help="Calculate the gap of each defect, unrelaxed, beside facts of its site."),
    ] = False,
    level: Annotated[
        str,
        typer.Option("--level", help="Level of the gaps: xtb (seconds each) or dft (up to an hour each)."),
    ] = "xtb",
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Keep the calculations of --gaps and find them again.")
    ] = True,
    write: Annotated[
        str, typer.Option("--write", help="Coordinates in the folder: xyz, cif or both, with commas.")
    ] = "xyz",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for coordinates, tables and JSON.")
    ] = None,
    json: JsonOption = None,
    charge: ChargeOption = None,
    block: BlockOption = None,
    convention: ConventionOption = "staple",
    kernel: KernelOption = None,
    part: PartOption = None,
    prefer: PreferOption = "major",
) -> None:
    """List every single-site defect of a cluster: what can be missing, filled or another metal."""
    from clustermodel.cli.choices import read_choices
    from clustermodel.cli.defects import read_defect_request, show_defects

    if kind is None:
        kind = "vacancy,staple,bridge,filling" if gaps else "all"
    choices = guarded(lambda: read_choices(charge, convention, kernel, part, prefer))
    request = guarded(lambda: read_defect_request((cluster, block), kind, metal, (file_format, write), top))
    if not gaps:
        guarded(lambda: show_defects(file, request, choices, json, output))
        return
    from clustermodel.cli.defect_gaps import show_defect_gaps

    stopped = guarded(lambda: show_defect_gaps(file, request, choices, (level, cache), (json, output)))
    if stopped:
        raise typer.Exit(130)
