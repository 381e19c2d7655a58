"""The job of ``clustermodel report``: many files, one page each."""

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from clustermodel.cli.summary import show_analysis
from clustermodel.errors import ClusterModelError, InputError
from clustermodel.pipeline.analyze import Analysis, AnalysisSettings, analyze
from clustermodel.pipeline.document import build_document
from clustermodel.pipeline.structure import Structure, measure_structure
from clustermodel.report.write import write_report

__all__ = ["report_files"]


def report_files(files: list[str], output: Path | None, settings: AnalysisSettings, block: str | None) -> int:
    """Write a report for each file; a bad file never stops the others.

    Parameters
    ----------
    files : list of str
        Paths or model names.
    output : Path or None
        Folder; with several files, each gets a folder of its own in it.
    settings : AnalysisSettings
        Choices.
    block : str or None
        Data block or ``all``.

    Returns
    -------
    int
        Number of files that failed.
    """
    failures: list[str] = []
    folders = _folders(files, output)
    with _progress(len(files)) as progress:
        task = progress.add_task("reports", total=len(files), visible=len(files) > 1)
        for file, folder in zip(files, folders, strict=True):
            try:
                analyses = analyze(file, settings=settings, block=block)
                structures = tuple(measure_structure(one) for one in analyses)
                _write(analyses, structures, folder)
            except ClusterModelError as error:
                failures.append(" ".join(str(error).split()))
            else:
                for one, measured in zip(analyses, structures, strict=True):
                    show_analysis(one, measured, brief=len(files) > 1, console=progress.console)
                progress.console.print(f"[green]written[/] {folder / 'report.html'}", highlight=False)
            progress.advance(task)
    for failure in failures:
        sys.stderr.write(f"clustermodel: {failure}\n")
    return len(failures)


def _write(analyses: tuple[Analysis, ...], structures: tuple[Structure, ...], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        documents = [build_document(*pair) for pair in zip(analyses, structures, strict=True)]
        write_report(documents, folder)
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}); choose another folder with --output"
        raise InputError(msg) from error


def _progress(count: int) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(),
        disable=count < 2,
        transient=True,
    )


def _folders(files: list[str], output: Path | None) -> list[Path]:
    """Return one folder per file, none twice."""
    if len(files) == 1:
        return [output if output is not None else Path(f"{_stem(files[0])}_report")]
    base = output if output is not None else Path("reports")
    used: dict[str, int] = {}
    folders = []
    for file in files:
        stem = _stem(file)
        used[stem] = used.get(stem, 0) + 1
        folders.append(base / (stem if used[stem] == 1 else f"{stem}_{used[stem]}"))
    return folders


def _stem(file: str) -> str:
    return Path(file.removeprefix("model:")).stem or "structure"
