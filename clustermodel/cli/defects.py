"""The job of ``clustermodel defects``: a ranked list, and files for the next program."""

import sys
from dataclasses import dataclass
from pathlib import Path

from clustermodel.analysis.defect_results import DefectSettings
from clustermodel.cli.output import Results, deliver_results
from clustermodel.elements import find_element, is_metal
from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import AnalysisSettings
from clustermodel.pipeline.defect_document import DefectList, build_defects_document
from clustermodel.pipeline.list_defects import list_defects, read_kinds
from clustermodel.report.defect_figure import draw_defect_figure
from clustermodel.report.defect_files import DEFECT_FORMATS, format_defects
from clustermodel.report.defect_tables import list_defect_tables
from clustermodel.report.table_file import TABLE_FORMATS, render_tables
from clustermodel.report.write import write_files

__all__ = ["DefectRequest", "read_defect_request", "show_defects"]

_NOT_RELAXED = "every defect is an edit of the input: atoms removed, added or exchanged, nothing relaxed"
_COLUMNS = (
    "sites: how many are equal; charge (n*): the charge that keeps the superatom electrons, and that of the "
    "parent; free: uncovered share of the surface; contacts, bonds: metal-metal and metal-donor pairs"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectRequest:
    """What the options of ``clustermodel defects`` say.

    Parameters
    ----------
    cluster : str or None
        Number of the cluster.
    block : str or None
        Data block.
    settings : DefectSettings
        Which defects.
    file_format : str or None
        Format of the tables; None for the terminal, or for all text formats in a folder.
    coordinates : tuple of str
        Formats of the changed clusters.
    top : int or None
        Rows of each table in the terminal.
    """

    cluster: str | None
    block: str | None
    settings: DefectSettings
    file_format: str | None
    coordinates: tuple[str, ...]
    top: int | None


def read_defect_request(
    place: tuple[str | None, str | None],
    kinds: str,
    metals: str | None,
    formats: tuple[str | None, str],
    top: int,
) -> DefectRequest:
    """Turn options into a request.

    Parameters
    ----------
    place : tuple
        Cluster and data block.
    kinds : str
        Kinds with commas between, or ``all``.
    metals : str or None
        Elements with commas between.
    formats : tuple
        Format of the tables, and formats of coordinates with commas between.
    top : int
        Rows of each table in the terminal; 0 for all.

    Returns
    -------
    DefectRequest
        The request.

    Raises
    ------
    InputError
        If an option has no such value.
    """
    tables, coordinates = formats
    if tables is not None and tables not in TABLE_FORMATS:
        msg = f"--format {tables!r}; expected one of {', '.join(TABLE_FORMATS)}"
        raise InputError(msg)
    written = _split(coordinates)
    wrong = [name for name in written if name not in DEFECT_FORMATS]
    if wrong:
        msg = f"--write {wrong[0]!r}; expected some of {', '.join(DEFECT_FORMATS)} with commas between"
        raise InputError(msg)
    chosen = DefectSettings(kinds=read_kinds(kinds))
    if metals is not None:
        chosen = DefectSettings(kinds=chosen.kinds, substitutes=_read_metals(metals))
    cluster, block = place
    return DefectRequest(
        cluster=cluster,
        block=block,
        settings=chosen,
        file_format=tables,
        coordinates=written,
        top=top or None,
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _read_metals(text: str) -> tuple[str, ...]:
    metals = _split(text)
    wrong = [symbol for symbol in metals if find_element(symbol) is None or not is_metal(symbol)]
    if wrong or not metals:
        msg = f"--metal {text!r}; expected symbols of metals with commas between, such as Ag,Pd"
        raise InputError(msg)
    return metals


def show_defects(
    file: str, request: DefectRequest, choices: AnalysisSettings, json: str | None, output: Path | None
) -> None:
    """List the defects of a cluster, and write them.

    Parameters
    ----------
    file : str
        Path or model name.
    request : DefectRequest
        Options.
    choices : AnalysisSettings
        Choices of the analysis.
    json : str or None
        File for the document, ``-`` for standard output.
    output : Path or None
        Folder for document, tables and coordinates.

    Raises
    ------
    InputError
        If the file cannot be used or something cannot be written.
    """
    if request.file_format == "docx" and output is None:
        msg = "--format docx is no text for the terminal; name a folder with -o"
        raise InputError(msg)
    found = list_defects(
        file, cluster=request.cluster, block=request.block, settings=choices, defects=request.settings
    )
    document = build_defects_document(found)
    notes = (_NOT_RELAXED, _COLUMNS, *(finding.message for finding in found.findings))
    if output is not None:
        drawn = draw_defect_figure(found)
        figures = (drawn,) if drawn is not None else ()
        everything = Results(document, list_defect_tables(found), figures, notes)
        deliver_results(everything, json=str(output / "defects.json"), output=output)
        _write_files(found, request, output)
        notes = (*notes, f"{len(found.entries)} defects written to {output}")
    if request.file_format is not None and json is None and output is None:
        sys.stdout.buffer.write(render_tables(list_defect_tables(found), request.file_format))
        sys.stdout.flush()
    else:
        tables = list_defect_tables(found, brief=True, top=request.top)
        deliver_results(Results(document, tables, (), notes), json=json, output=None)


def _write_files(found: DefectList, request: DefectRequest, folder: Path) -> None:
    """Write coordinates, and the tables in a format that a folder does not get without being asked."""
    files = {
        f"coordinates/{name}": text.encode("utf-8")
        for name, text in format_defects(found, request.coordinates).items()
    }
    if request.file_format == "docx":
        files["defects.docx"] = render_tables(list_defect_tables(found), "docx")
    write_files(files, folder)
