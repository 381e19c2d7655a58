"""What do all subcommands share? The application, its common options and how an error ends it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from clustermodel.errors import ClusterModelError

__all__ = [
    "BlockOption",
    "ChargeOption",
    "ConventionOption",
    "FolderOption",
    "JsonOption",
    "KernelOption",
    "PartOption",
    "PreferOption",
    "app",
    "guarded",
]

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
    str | None, typer.Option("--block", help="Data block of a CIF, or 'all'. (default: first with atoms)")
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
JsonOption = Annotated[
    str | None, typer.Option("--json", help="Write JSON to this file; '-' is standard output.")
]
FolderOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Folder for the JSON, tables and figures.")
]


def guarded(work: Callable[[], T]) -> T:
    """Run a command.

    Parameters
    ----------
    work : callable
        What the command does, without arguments.

    Returns
    -------
    object
        What it returns.

    Raises
    ------
    typer.Exit
        With code 2, after one line on standard error, if the work stops with a deliberate error.
    """
    try:
        return work()
    except ClusterModelError as error:
        sys.stderr.write(f"clustermodel: {' '.join(str(error).split())}\n")
        raise typer.Exit(2) from error
