"""Where do results go? Tables to the terminal, one JSON document, or a folder of files."""

import sys
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from clustermodel.errors import InputError
from clustermodel.io.record import format_record
from clustermodel.report.figure import Figure
from clustermodel.report.notation import split_cell
from clustermodel.report.render import render_csv, render_latex, render_markdown
from clustermodel.report.table import Charge, Measured, Table

__all__ = ["Results", "deliver_results", "send_bytes"]

Json = dict[str, Any]


class Results(NamedTuple):
    """What a command found.

    Parameters
    ----------
    document : dict
        Everything, with a key ``schema``.
    tables : tuple of Table
        For people.
    figures : tuple of Figure
        For the folder.
    notes : tuple of str
        Assumptions and caveats.
    """

    document: Json
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()


def deliver_results(results: Results, *, json: str | None, output: Path | None) -> None:
    """Show or write what a command found.

    Parameters
    ----------
    results : Results
        What it found.
    json : str or None
        File for the document, ``-`` for standard output, None for tables in the terminal.
    output : Path or None
        Folder for the document, the tables and the figures.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    text = format_record({**results.document, "notes": list(results.notes)})
    if output is not None:
        _write_folder(results, text, output)
    if json == "-":
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.flush()
    elif json is not None:
        _write(Path(json), text, "--json")
    else:
        _show(results, output)


def send_bytes(content: bytes, path: Path | None, option: str) -> None:
    """Write to a file, or to the standard output.

    Parameters
    ----------
    content : bytes
        What to write.
    path : Path or None
        The file; None for the standard output.
    option : str
        Option that named the file, for the message.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        path.write_bytes(content)
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); choose another place with {option}"
        raise InputError(msg) from error


def _write_folder(results: Results, text: str, folder: Path) -> None:
    name = str(results.document["schema"]).removeprefix("clustermodel.").partition("/")[0]
    files = {f"{name}.json": text}
    for table in results.tables:
        files[f"tables/{table.name}.csv"] = render_csv(table)
        files[f"tables/{table.name}.md"] = render_markdown(table)
        files[f"tables/{table.name}.tex"] = render_latex(table)
    files |= {f"figures/{figure.name}.svg": figure.svg for figure in results.figures}
    for path, content in files.items():
        _write(folder / path, content, "-o")


def _write(path: Path, text: str, option: str) -> None:
    try:
        if option == "-o":
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); choose another place with {option}"
        raise InputError(msg) from error


def _show(results: Results, output: Path | None) -> None:
    out = Console()
    for table in results.tables:
        out.print(_build_grid(table), highlight=False)
        if table.caption:
            out.print(f"[dim]{escape(table.caption)}[/]\n", highlight=False)
    for note in results.notes:
        out.print(f"[yellow]note[/] {escape(note)}", highlight=False)
    if output is not None:
        out.print(f"[green]written[/] {escape(str(output))}", highlight=False)


def _build_grid(table: Table) -> Grid:
    grid = Grid(title=escape(table.title), title_justify="left", box=None, padding=(0, 1), pad_edge=False)
    for i, column in enumerate(table.columns):
        cells = [row[i] for row in table.rows if row[i] is not None]
        numbers = bool(cells) and all(isinstance(cell, int | float | Measured | Charge) for cell in cells)
        grid.add_column(escape(column.heading), justify="right" if numbers else "left", overflow="fold")
    for row in table.rows:
        cells_of = zip(row, table.columns, strict=True)
        texts = ["".join(p.text for p in split_cell(cell, column.digits)) for cell, column in cells_of]
        grid.add_row(*(escape(text) for text in texts))
    return grid
