"""How do tables leave the program? Several of them in one file: Markdown, CSV, LaTeX or Word."""

from collections.abc import Sequence

from clustermodel.errors import InputError
from clustermodel.report.latex import render_latex_document
from clustermodel.report.render import render_csv, render_markdown
from clustermodel.report.table import Table
from clustermodel.report.word import render_word

__all__ = ["TABLE_FORMATS", "render_tables"]

TABLE_FORMATS: tuple[str, ...] = ("md", "csv", "tex", "docx")
"""The formats, by their file suffixes."""


def render_tables(tables: Sequence[Table], file_format: str) -> bytes:
    """Write tables as the contents of one file.

    Parameters
    ----------
    tables : sequence of Table
        The tables.
    file_format : str
        One of `TABLE_FORMATS`.

    Returns
    -------
    bytes
        Text in UTF-8, or a Word document. In CSV, lines that begin with ``#`` hold title, caption, notes and
        source of the table below them, and an empty line ends each table but the last.

    Raises
    ------
    InputError
        If there is no such format.

    Examples
    --------
    >>> from clustermodel.report.table import Column
    >>> table = Table(name="t", title="T", columns=(Column("a"),), rows=((1,),), caption="All.")
    >>> print(render_tables([table], "csv").decode(), end="")
    # T
    # All.
    a
    1
    """
    if file_format == "md":
        text = "\n".join(render_markdown(table) for table in tables)
    elif file_format == "csv":
        text = "\n".join(_write_csv(table) for table in tables)
    elif file_format == "tex":
        text = render_latex_document(tables)
    elif file_format == "docx":
        return render_word(tables)
    else:
        msg = f"format {file_format!r} is not known; expected one of {', '.join(TABLE_FORMATS)}"
        raise InputError(msg)
    return text.encode("utf-8", errors="replace")


def _write_csv(table: Table) -> str:
    said = (table.title, *table.notes, table.caption, table.source)
    lines = [f"# {' '.join(text.split())}\n" for text in said if text]
    return "".join(lines) + render_csv(table)
