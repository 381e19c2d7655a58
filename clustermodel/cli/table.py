"""The job of ``clustermodel table``: the tables of a paper, several structures side by side."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from clustermodel.analysis.contact_criteria import CONTACT_PRESETS, ContactSettings
from clustermodel.analysis.packing import PackingSettings
from clustermodel.cli.output import send_bytes
from clustermodel.cluster.species import Role
from clustermodel.errors import ClusterModelError, InputError
from clustermodel.io.record import write_record
from clustermodel.pipeline.analyze import Analysis, AnalysisSettings, analyze
from clustermodel.pipeline.document import build_document
from clustermodel.pipeline.structure import StructureSettings, measure_structure
from clustermodel.report.paper_tables import KINDS, TableKind, list_kind_tables
from clustermodel.report.table_file import TABLE_FORMATS, render_tables

__all__ = ["ALL", "TableRequest", "read_request", "show_tables"]

Json = dict[str, Any]

ALL = "all"
"""The kind that means every kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRequest:
    """What the options of ``clustermodel table`` say.

    Parameters
    ----------
    kinds : tuple of TableKind
        Which tables.
    file_format : str
        One of `TABLE_FORMATS`.
    output : Path or None
        File to write; None for the standard output.
    structure : StructureSettings
        Choices of packing and contacts.
    every : bool
        Whether all kinds were asked for, so that those without tables are no failure.
    """

    kinds: tuple[TableKind, ...]
    file_format: str
    output: Path | None
    structure: StructureSettings
    every: bool


def read_request(
    kind: str, file_format: str | None, output: Path | None, contacts: tuple[str | None, list[str], bool]
) -> TableRequest:
    """Turn options into a request.

    Parameters
    ----------
    kind : str
        Name of a kind, or ``all``.
    file_format : str or None
        A format; by default that of the suffix of the output, else Markdown.
    output : Path or None
        File to write.
    contacts : tuple
        Preset of the van der Waals radii, pairs ``ROLE:ROLE``, and whether to normalise hydrogens.

    Returns
    -------
    TableRequest
        The request.

    Raises
    ------
    InputError
        If an option has no such value.
    """
    if kind != ALL and kind not in KINDS:
        msg = f"--kind {kind!r}; expected one of {', '.join((*KINDS, ALL))}"
        raise InputError(msg)
    return TableRequest(
        kinds=tuple(KINDS.values()) if kind == ALL else (KINDS[kind],),
        file_format=_read_format(file_format, output),
        output=output,
        structure=_read_structure(*contacts),
        every=kind == ALL,
    )


def _read_format(file_format: str | None, output: Path | None) -> str:
    suffix = output.suffix.lower().removeprefix(".") if output is not None else ""
    chosen = file_format if file_format is not None else suffix if suffix in TABLE_FORMATS else "md"
    if chosen not in TABLE_FORMATS:
        msg = f"--format {chosen!r}; expected one of {', '.join(TABLE_FORMATS)}"
        raise InputError(msg)
    if chosen == "docx" and output is None:
        msg = "--format docx is no text for the terminal; name a file with -o, such as -o tables.docx"
        raise InputError(msg)
    return chosen


def _read_structure(preset: str | None, between: list[str], normalise: bool) -> StructureSettings:
    if preset is not None and preset not in CONTACT_PRESETS:
        msg = f"--preset {preset!r}; expected one of {', '.join(CONTACT_PRESETS)}"
        raise InputError(msg)
    contacts, packing = ContactSettings(), PackingSettings()
    return StructureSettings(
        contacts=ContactSettings(
            preset=contacts.preset if preset is None else preset,
            hydrogens="normalised" if normalise else contacts.hydrogens,
            between=tuple(_read_pair(text) for text in between),
        ),
        packing=PackingSettings(preset=packing.preset if preset is None else preset),
    )


def _read_pair(text: str) -> tuple[str, str]:
    roles = tuple(role.strip() for role in text.split(":"))
    if len(roles) != 2 or not set(roles) <= set(get_args(Role)):
        msg = f"--between {text!r}; expected ROLE:ROLE with roles of {', '.join(get_args(Role))}"
        raise InputError(msg)
    return roles[0], roles[1]


def show_tables(
    files: Sequence[str], request: TableRequest, settings: AnalysisSettings, block: str | None
) -> int:
    """Write the tables of one file, or of several side by side; a bad file never stops the others.

    Parameters
    ----------
    files : sequence of str
        Paths or model names.
    request : TableRequest
        Which tables, and where to.
    settings : AnalysisSettings
        Choices.
    block : str or None
        Data block or ``all``.

    Returns
    -------
    int
        Number of files without the tables asked for.

    Raises
    ------
    InputError
        If the output cannot be written.
    """
    documents: list[Json] = []
    failures: list[str] = []
    for file in files:
        try:
            found = _read_documents(file, request, settings, block)
        except ClusterModelError as error:
            failures.append(" ".join(str(error).split()))
        else:
            documents += found
    tables = (
        [table for kind in request.kinds for table in list_kind_tables(documents, kind)] if documents else []
    )
    if tables:
        send_bytes(render_tables(tables, request.file_format), request.output, "-o")
    for failure in failures:
        sys.stderr.write(f"clustermodel: {failure}\n")
    return len(failures)


def _read_documents(
    file: str, request: TableRequest, settings: AnalysisSettings, block: str | None
) -> list[Json]:
    """Return the documents of a file.

    Raises
    ------
    InputError
        If it cannot be read or has none of the tables asked for.
    """
    analyses = analyze(file, settings=settings, block=block)
    needs_structure = any(kind.needs_structure for kind in request.kinds)
    documents: list[Json] = [_build(analysis, request, measured=needs_structure) for analysis in analyses]
    if not any(_has_tables(documents, kind) for kind in request.kinds):
        raise InputError(_explain(analyses[0], request))
    return documents


def _build(analysis: Analysis, request: TableRequest, *, measured: bool) -> Json:
    structure = measure_structure(analysis, settings=request.structure) if measured else None
    document: Json = write_record(build_document(analysis, structure))
    return document


def _has_tables(documents: Sequence[Json], kind: TableKind) -> bool:
    return any(list_kind_tables([document], kind) for document in documents)


def _explain(analysis: Analysis, request: TableRequest) -> str:
    """Say why a file has none of the tables asked for."""
    wanted = "tables of any kind" if request.every else f"tables of the kind {request.kinds[0].name}"
    if any(kind.of_clusters for kind in request.kinds) and not analysis.clusters:
        reason = "no cluster (three or more joined metal atoms) was found"
    elif not analysis.refined:
        reason = "a file of atoms holds no refined crystal"
    else:
        reason = "there is nothing to list"
    return f"{analysis.crystal.source.file}: no {wanted}: {reason}; choose another --kind"
