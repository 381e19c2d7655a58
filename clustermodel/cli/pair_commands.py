"""Which subcommands take two structures? One function each; its job is loaded when called."""

from pathlib import Path
from typing import Annotated

import typer

from clustermodel.cli.application import ConventionOption, JsonOption, PreferOption, app, guarded

__all__ = ["compare"]


@app.command(rich_help_panel="Clusters and crystals")
def compare(
    a: Annotated[
        str,
        typer.Argument(help="The defect: a structure file, model:au21, or paper:pan2025:au21.", metavar="A"),
    ],
    b: Annotated[
        str, typer.Argument(help="The structure it is compared with, such as the filled one.", metavar="B")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder for the report, or a file of tables: pair.md, .csv, .tex, .docx."
        ),
    ] = None,
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="Write tables instead of the summary: md, csv, tex or docx."),
    ] = None,
    json: JsonOption = None,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="Cluster of both files, such as 1; for files that hold several."),
    ] = None,
    cluster_a: Annotated[str | None, typer.Option("--cluster-a", help="Cluster of A, such as 1a.")] = None,
    cluster_b: Annotated[str | None, typer.Option("--cluster-b", help="Cluster of B.")] = None,
    charge_a: Annotated[
        int | None,
        typer.Option("--charge-a", help="Charge of the cluster of A; else from evidence in the file."),
    ] = None,
    charge_b: Annotated[int | None, typer.Option("--charge-b", help="Charge of the cluster of B.")] = None,
    cutoff: Annotated[
        float | None,
        typer.Option("--cutoff", help="Longest metal-metal pair of the tables, in Å. (default: 3.30)"),
    ] = None,
    convention: ConventionOption = "staple",
    kernel_a: Annotated[
        str | None, typer.Option("--kernel-a", help="Labels of the kernel atoms of A: Au1,Au2,...")
    ] = None,
    kernel_b: Annotated[
        str | None, typer.Option("--kernel-b", help="Labels of the kernel atoms of B.")
    ] = None,
    block_a: Annotated[
        str | None, typer.Option("--block-a", help="Data block of A. (default: first with atoms)")
    ] = None,
    block_b: Annotated[str | None, typer.Option("--block-b", help="Data block of B.")] = None,
    part_a: Annotated[
        list[str] | None,
        typer.Option("--part-a", help="Disorder part of A to keep, ASSEMBLY=PART; may be repeated."),
    ] = None,
    part_b: Annotated[
        list[str] | None, typer.Option("--part-b", help="Disorder part of B to keep; may be repeated.")
    ] = None,
    prefer: PreferOption = "major",
) -> None:
    """Tell what differs between two clusters: missing and moved atoms, bonds, size, electrons."""
    from clustermodel.cli.compare import SideOptions, compare_files, read_delivery, read_sides, set_cutoff

    first = SideOptions(charge_a, cluster_a or cluster, block_a, kernel_a, part_a)
    second = SideOptions(charge_b, cluster_b or cluster, block_b, kernel_b, part_b)
    settings = guarded(lambda: set_cutoff(read_sides(first, second, convention, prefer), cutoff))
    delivery = guarded(lambda: read_delivery(output, file_format, json))
    guarded(lambda: compare_files(a, b, settings, delivery))
