"""The command line: one subcommand, one function."""

from typing import Annotated

import typer

from clustermodel.cli import (
    cluster_commands,
    data_commands,
    defect_commands,
    electronic_commands,
    gap_commands,
    kinetics_commands,
    model_commands,
    pair_commands,
)
from clustermodel.cli.application import app

__all__ = [
    "app",
    "cluster_commands",
    "data_commands",
    "defect_commands",
    "electronic_commands",
    "gap_commands",
    "kinetics_commands",
    "model_commands",
    "pair_commands",
]


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    """Structural and electronic modelling of atomically precise metal nanoclusters."""
    if version:
        from clustermodel import __version__

        typer.echo(__version__)
        raise typer.Exit
