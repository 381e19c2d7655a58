"""Which subcommands make structures? One function each; its job is loaded when called."""

from pathlib import Path
from typing import Annotated

import typer

from clustermodel.cli.application import JsonOption, app, guarded

__all__ = ["build"]


@app.command(rich_help_panel="Clusters and crystals")
def build(
    topology: Annotated[
        Path, typer.Argument(help="TOML file with the topology of a cluster.", metavar="TOPOLOGY")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File for the atoms: .xyz, .extxyz, .mol2 or .cif."),
    ] = None,
    thiolate: Annotated[
        str, typer.Option("--thiolate", help="Ligand of staples and bridges, such as SAdm. (default: file's)")
    ] = "",
    phosphine: Annotated[
        str, typer.Option("--phosphine", help="Terminal ligand, such as PPh2py. (default: file's)")
    ] = "",
    twofold: Annotated[
        str | None,
        typer.Option("--twofold", help="Two kernel atoms on a two-fold axis to keep, NAME,NAME."),
    ] = None,
    json: JsonOption = None,
) -> None:
    """Build a model of a cluster from its declared topology: kernel units, staples, bridges, ligands."""
    from clustermodel.cli.build import build_file

    guarded(
        lambda: build_file(topology, ligands=(thiolate, phosphine), twofold=twofold, output=output, json=json)
    )
