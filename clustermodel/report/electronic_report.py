"""How does the report of a calculation reach the disk? One folder with page, JSON, tables and figures."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clustermodel.io.record import format_record
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.electronic import ElectronicStates
from clustermodel.pipeline.electronic_document import build_electronic_document
from clustermodel.report.absorption_tables import list_absorption_tables
from clustermodel.report.calculation_tables import list_calculation_tables
from clustermodel.report.electronic_figures import draw_electronic_figures
from clustermodel.report.electronic_page import build_electronic_page
from clustermodel.report.electronic_tables import list_electronic_tables
from clustermodel.report.render import render_csv, render_latex, render_markdown
from clustermodel.report.table import Table
from clustermodel.report.table_file import render_tables
from clustermodel.report.write import write_files

__all__ = ["list_report_tables", "write_electronic_report"]

Json = dict[str, Any]


def list_report_tables(states: ElectronicStates, *, analysis: Analysis | None = None) -> tuple[Table, ...]:
    """Make every table of a calculation.

    Parameters
    ----------
    states : ElectronicStates
        Levels, shares, weights, and the absorption where it was calculated.
    analysis : Analysis, optional
        The structure that they are from.

    Returns
    -------
    tuple of Table
        Levels, absorption, settings, convergence and atoms; names do not repeat.
    """
    absorbed = () if states.absorption is None else list_absorption_tables(states.absorption, states.result)
    return (*list_electronic_tables(states), *absorbed, *list_calculation_tables(states, analysis))


def write_electronic_report(
    states: ElectronicStates,
    folder: str | Path,
    *,
    analysis: Analysis | None = None,
    peaks_ev: Sequence[float] = (),
) -> list[Path]:
    """Write the report of a calculation.

    Parameters
    ----------
    states : ElectronicStates
        Levels, shares, weights, and the absorption where it was calculated.
    folder : str or Path
        Where to write; made if it is not there. Files of the same names are replaced.
    analysis : Analysis, optional
        The structure that they are from: the report names the file and says whether it is a model.
    peaks_ev : sequence of float, optional
        Measured peaks of absorption in eV, drawn with the calculated spectrum.

    Returns
    -------
    list of Path
        Everything written: ``electronic.html`` (one file that works without a network), ``electronic.json``,
        ``tables/*.csv``, ``*.md`` and ``*.tex``, all tables in ``tables/electronic.docx``,
        ``figures/*.svg``.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    notes = (*states.changed, *states.notes, *(("taken from the cache",) if states.cached else ()))
    # Through JSON and back: plain values only, and null instead of numbers that are not finite.
    text = format_record({**build_electronic_document(states, analysis=analysis), "notes": list(notes)})
    document: Json = json.loads(text)
    tables = list_report_tables(states, analysis=analysis)
    figures = draw_electronic_figures(states, analysis=analysis, peaks_ev=peaks_ev)
    files: dict[str, str | bytes] = {
        "electronic.html": build_electronic_page(states, document, (tables, figures), analysis=analysis),
        "electronic.json": text,
        "tables/electronic.docx": render_tables(tables, "docx"),
    }
    for table in tables:
        files[f"tables/{table.name}.csv"] = render_csv(table)
        files[f"tables/{table.name}.md"] = render_markdown(table)
        files[f"tables/{table.name}.tex"] = render_latex(table)
    files |= {f"figures/{figure.name}.svg": figure.svg for figure in figures}
    return write_files(files, Path(folder))
