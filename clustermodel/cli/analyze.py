"""The job of ``clustermodel analyze``."""

import sys
from pathlib import Path

from clustermodel.cli.summary import show_analysis
from clustermodel.errors import InputError
from clustermodel.io.record import format_record
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.pipeline.document import build_document
from clustermodel.pipeline.structure import measure_structure

__all__ = ["analyze_file"]


def analyze_file(file: str, settings: AnalysisSettings, block: str | None, json: str | None) -> None:
    """Analyse one file and show or write the answer.

    Parameters
    ----------
    file : str
        Path or model name.
    settings : AnalysisSettings
        Choices.
    block : str or None
        Data block or ``all``.
    json : str or None
        File for the document, ``-`` for standard output, None for a summary in the terminal.

    Raises
    ------
    InputError
        If the file cannot be read or the document not be written.
    """
    analyses = analyze(file, settings=settings, block=block)
    if json is None:
        for analysis in analyses:
            show_analysis(analysis, measure_structure(analysis))
        return
    documents = [build_document(analysis, measure_structure(analysis)) for analysis in analyses]
    text = format_record(documents[0] if block != "all" else _together(documents))
    if json == "-":
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.flush()
        return
    try:
        Path(json).write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"{json}: cannot be written ({error.strerror}); choose another file for --json"
        raise InputError(msg) from error


def _together(documents: list[dict[str, object]]) -> dict[str, object]:
    """Return one document that holds those of several blocks."""
    return {"schema": "clustermodel.analyses/1", "analyses": documents}
