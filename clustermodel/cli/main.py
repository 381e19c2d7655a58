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
