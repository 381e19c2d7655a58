"""How does the report of a comparison reach the disk? One folder with page, JSON, tables and figures."""

import json
from pathlib import Path
from typing import Any

from clustermodel.errors import InputError
from clustermodel.io.record import format_record
from clustermodel.pipeline.compare_document import COMPARE_SCHEMA
from clustermodel.report.pair_figures import draw_pair_figures
from clustermodel.report.pair_page import build_pair_page
from clustermodel.report.pair_tables import list_pair_tables
from clustermodel.report.render import render_csv, render_latex, render_markdown
from clustermodel.report.table_file import render_tables
from clustermodel.report.write import write_files

__all__ = ["render_pair_tables", "write_pair_report"]

Json = dict[str, Any]


def write_pair_report(document: Json, folder: str | Path) -> list[Path]:
    """Write the report of a comparison.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.
    folder : str or Path
        Where to write; made if it is not there. Files of the same names are replaced.

    Returns
    -------
    list of Path
        Everything written: ``comparison.html`` (one file that works without a network), ``comparison.json``,
        ``tables/*.csv``, ``*.md`` and ``*.tex``, all tables in ``tables/comparison.docx``, ``figures/*.svg``.

    Raises
    ------
    InputError
        If the document has another schema, or the folder cannot be written.
    """
    plain = _read_plain(document)
    tables, figures = list_pair_tables(plain), draw_pair_figures(plain)
    files: dict[str, str | bytes] = {
        "comparison.html": build_pair_page(plain, tables, figures),
        "comparison.json": format_record(plain),
        "tables/comparison.docx": render_tables(tables, "docx"),
    }
    for table in tables:
        files[f"tables/{table.name}.csv"] = render_csv(table)
        files[f"tables/{table.name}.md"] = render_markdown(table)
        files[f"tables/{table.name}.tex"] = render_latex(table)
    files |= {f"figures/{figure.name}.svg": figure.svg for figure in figures}
    return write_files(files, Path(folder))


def render_pair_tables(document: Json, file_format: str) -> bytes:
    """Write all tables of a comparison as the contents of one file.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.
    file_format : str
        One of `clustermodel.report.table_file.TABLE_FORMATS`.

    Returns
    -------
    bytes
        Text in UTF-8, or a Word document.

    Raises
    ------
    InputError
        If the document has another schema, or there is no such format.
    """
    return render_tables(list_pair_tables(_read_plain(document)), file_format)


def _read_plain(document: Json) -> Json:
    """Return the document as JSON holds it: null instead of numbers that are not finite."""
    if document.get("schema") != COMPARE_SCHEMA:
        msg = f"a report of a comparison needs a document {COMPARE_SCHEMA}; found {document.get('schema')!r}"
        raise InputError(msg)
    plain: Json = json.loads(format_record(document))
    return plain
