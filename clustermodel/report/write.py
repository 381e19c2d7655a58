"""How does a report reach the disk? One folder with the page, the JSON, the tables and the figures."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clustermodel.errors import InputError
from clustermodel.io.record import format_record
from clustermodel.pipeline.document import SCHEMA
from clustermodel.report.figure import Figure
from clustermodel.report.figures import draw_crystal_figures, draw_figures
from clustermodel.report.page import build_page
from clustermodel.report.picture import draw_structure
from clustermodel.report.render import render_csv, render_latex, render_markdown
from clustermodel.report.sentences import describe_composition
from clustermodel.report.tables import list_tables
from clustermodel.report.viewer import build_scene

__all__ = ["write_files", "write_report"]

Json = dict[str, Any]


def write_report(documents: Json | list[Json], folder: str | Path) -> list[Path]:
    """Write the report of one file.

    Parameters
    ----------
    documents : dict or list of dict
        The documents ``clustermodel.analysis/1`` of one file, one for each block.
    folder : str or Path
        Where to write; made if it is not there. Files of the same names are replaced.

    Returns
    -------
    list of Path
        Everything written: ``report.html`` (one file that works without a network),
        ``analysis.json``, ``tables/*.csv``, ``*.md`` and ``*.tex``, ``figures/*.svg``. With several blocks
        the names of tables and figures begin with the block.

    Raises
    ------
    InputError
        If there is no document, it has another schema, or the folder cannot be written.
    """
    # Through JSON and back: plain values only, and null instead of numbers that are not finite.
    plain: list[Json] = json.loads(format_record(documents if isinstance(documents, list) else [documents]))
    _check_schema(plain)
    prefixes = _name_blocks(plain)
    figures = {
        (number, cluster["id"]): draw_figures(cluster)
        for number, document in enumerate(plain)
        for cluster in document["clusters"]
    }
    crystal_figures = [draw_crystal_figures(document) for document in plain]
    files: dict[str, str | bytes] = {
        "report.html": build_page(plain, figures, crystal_figures),
        "analysis.json": format_record(plain if len(plain) > 1 else plain[0]),
    }
    for number, (document, prefix) in enumerate(zip(plain, prefixes, strict=True)):
        for table in list_tables(document):
            files[f"tables/{prefix}{table.name}.csv"] = render_csv(table)
            files[f"tables/{prefix}{table.name}.md"] = render_markdown(table)
            files[f"tables/{prefix}{table.name}.tex"] = render_latex(table)
        for cluster in document["clusters"]:
            drawn = (*figures[number, cluster["id"]], _draw_cluster(cluster))
            files |= {f"figures/{prefix}{figure.name}.svg": figure.svg for figure in drawn}
        files |= {f"figures/{prefix}{figure.name}.svg": figure.svg for figure in crystal_figures[number]}
    return write_files(files, Path(folder))


def _check_schema(documents: list[Json]) -> None:
    if not documents:
        msg = "a report needs at least one document; none was given"
        raise InputError(msg)
    for document in documents:
        if document.get("schema") != SCHEMA:
            msg = f"a report is made of documents {SCHEMA}; found {document.get('schema')!r}"
            raise InputError(msg)


def _name_blocks(documents: list[Json]) -> list[str]:
    """Return the beginning of the file names of each document: empty for a single one."""
    if len(documents) == 1:
        return [""]
    names: list[str] = []
    for number, document in enumerate(documents, 1):
        block = re.sub(r"[^A-Za-z0-9]+", "-", document["source"]["block"] or "").strip("-") or "block"
        name = f"{block}-"
        names.append(name if name not in names else f"{block}-{number}-")
    return names


def _draw_cluster(cluster: Json) -> Figure:
    composition = describe_composition(cluster)
    drawing = draw_structure(build_scene(cluster), title=composition)
    return Figure(f"cluster-{cluster['id']}-structure", f"The cluster {composition}.", drawing)


def write_files(files: Mapping[str, str | bytes], folder: Path) -> list[Path]:
    """Write files into a folder, which is made if it is not there.

    Parameters
    ----------
    files : mapping of str to str or bytes
        Contents by path in the folder.
    folder : Path
        The folder.

    Returns
    -------
    list of Path
        Everything written.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    written = []
    for name, content in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        except OSError as error:
            msg = f"{path}: cannot be written ({error.strerror}); choose another folder with -o"
            raise InputError(msg) from error
        written.append(path)
    return written
