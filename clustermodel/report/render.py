"""How is a table written? As CSV, Markdown, LaTeX or HTML, from the same cells."""

import csv
import html
import io
import re

from clustermodel.report.latex import render_latex
from clustermodel.report.layout import find_numbers, split_rows
from clustermodel.report.markup import Html, write_html, write_markdown
from clustermodel.report.notation import Piece
from clustermodel.report.table import (
    Cell,
    Charge,
    Formula,
    Measured,
    Operation,
    Schoenflies,
    SpaceGroupName,
    Table,
)

__all__ = ["render_csv", "render_html", "render_latex", "render_markdown"]

_WORDY = 34  # letters; a longer text is broken into lines
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")  # line breaks and the like: one row stays one line
_HARMLESS = re.compile(r"[-+xyz0-9/,. ()]*")  # operations and numbers, no formula of a spreadsheet


def render_csv(table: Table) -> str:
    """Write a table as CSV: plain values at full precision, units in the header.

    A column with standard uncertainties becomes two. A text that a spreadsheet would run as a
    formula gets an apostrophe in front, as labels come from files of others.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    str
        Comma-separated values with one header line.

    Examples
    --------
    >>> from clustermodel.report.table import Column
    >>> bonds = Table(
    ...     name="bonds",
    ...     title="Bonds",
    ...     columns=(Column("pair"), Column("mean", "Å")),
    ...     rows=(("Au-S", Measured(2.3231, 0.002)),),
    ...     caption="",
    ... )
    >>> print(render_csv(bonds), end="")
    pair,mean / Å,s.u. of mean / Å
    Au-S,2.3231,0.002
    """
    doubled = [any(_has_su(row[i]) for row in table.rows) for i in range(len(table.columns))]
    heads: list[str] = []
    for column, double in zip(table.columns, doubled, strict=True):
        heads.append(column.heading)
        if double:
            heads.append(f"s.u. of {column.heading}")
    lines = [heads]
    for row in table.rows:
        pairs = zip(row, doubled, strict=True)
        lines.append([text for cell, double in pairs for text in _plain_cells(cell, double=double)])
    stream = io.StringIO()
    # A program for which # begins a comment leaves it alone in quotes.
    has_mark = any("#" in text for line in lines for text in line)
    if has_mark:
        csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(lines)
    else:
        csv.writer(stream, lineterminator="\n").writerows(lines)
    return stream.getvalue()


def _has_su(cell: Cell) -> bool:
    return isinstance(cell, Measured) and bool(cell.su)


def _plain_cells(cell: Cell, *, double: bool) -> list[str]:
    if isinstance(cell, Measured):
        return [repr(cell.value), repr(cell.su) if cell.su else ""] if double else [repr(cell.value)]
    return [_plain_cell(cell), ""] if double else [_plain_cell(cell)]


def _plain_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Charge):
        return str(cell.value)
    if isinstance(cell, str | Formula | Operation | Schoenflies | SpaceGroupName):
        return _guard_formula(cell if isinstance(cell, str) else cell.text)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return repr(cell)


def _guard_formula(text: str) -> str:
    flat = _CONTROL.sub(" ", text)
    if flat[:1] in {"=", "+", "-", "@"} and not _HARMLESS.fullmatch(flat):
        return f"'{flat}"
    return flat


def render_markdown(table: Table) -> str:
    """Write a table as GitHub Markdown with its title and caption.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    str
        A heading, the table and the caption.
    """
    rules = ["---:" if right else "---" for right in find_numbers(table)]
    lines = [
        f"### {write_markdown((Piece(table.title),))}",
        "",
        _markdown_row([write_markdown((Piece(c.heading),)) for c in table.columns]),
        _markdown_row(rules),
        *(_markdown_row([write_markdown(p) for p in row]) for row in split_rows(table)),
    ]
    notes = [note for note in (*table.notes, table.caption, table.source) if note]
    return "\n".join([*lines, *("\n" + write_markdown((Piece(note),)) for note in notes)]) + "\n"


def _markdown_row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def render_html(table: Table) -> Html:
    """Write a table as an HTML fragment: the ``table`` element alone, everything escaped.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    Html
        The fragment.
    """
    rows = split_rows(table)
    kinds = [_kind([row[i] for row in rows], is_number=right) for i, right in enumerate(find_numbers(table))]
    heads = "".join(
        f'<th scope="col"{kind}>{write_html((Piece(column.name),))}{_unit(column.unit)}</th>'
        for column, kind in zip(table.columns, kinds, strict=True)
    )
    body = "".join(
        f"<tr{marked}>"
        + "".join(f"<td{kind}>{write_html(p)}</td>" for p, kind in zip(row, kinds, strict=True))
        + "</tr>\n"
        for row, marked in zip(rows, _mark_rows(table), strict=True)
    )
    return Html(f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>")


def _mark_rows(table: Table) -> list[str]:
    """Return for each row the attributes that let the page mark its atoms."""
    chosen = table.atoms or ((),) * len(table.rows)
    return [f' tabindex="0" data-atoms="{" ".join(map(str, atoms))}"' if atoms else "" for atoms in chosen]


def _kind(cells: list[tuple[Piece, ...]], *, is_number: bool) -> str:
    """Return the class of a column: numbers to the right, long texts may be broken."""
    if is_number:
        return ' class="num"'
    longest = max((sum(len(piece.text) for piece in cell) for cell in cells), default=0)
    return ' class="long"' if longest > _WORDY else ""


def _unit(unit: str) -> str:
    return f' <span class="unit">/ {html.escape(unit)}</span>' if unit else ""
