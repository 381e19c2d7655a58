"""The job of ``clustermodel figure``: figures of a structure as files for a paper."""

from pathlib import Path

from rich.console import Console

from clustermodel.errors import InputError
from clustermodel.io.record import write_record
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.pipeline.document import build_document
from clustermodel.pipeline.structure import measure_structure
from clustermodel.report.figure import FORMATS
from clustermodel.report.figures import FIGURE_KINDS, list_drawings

__all__ = ["write_figures"]


def write_figures(
    file: str, folder: Path, settings: AnalysisSettings, *, kinds: str, formats: str, block: str | None
) -> None:
    """Write the figures of one structure.

    Parameters
    ----------
    file : str
        Path or model name.
    folder : Path
        Where to write; made if it is not there.
    settings : AnalysisSettings
        Choices.
    kinds : str
        Kinds of figures, comma-separated, or ``all``.
    formats : str
        Formats, comma-separated, or ``all``.
    block : str or None
        Data block of a CIF.

    Raises
    ------
    InputError
        If the file cannot be read, a kind or format is not known, there is nothing to draw, or the folder
        cannot be written.
    """
    wanted = _split(kinds, FIGURE_KINDS, "--kind")
    endings = _split(formats, FORMATS, "--format")
    (analysis, *_) = analyze(file, settings=settings, block=block)
    document = write_record(build_document(analysis, measure_structure(analysis)))
    drawings = list_drawings(document, wanted)
    if not drawings:
        found = "no cluster or no crystal; see what clustermodel analyze says"
        msg = f"{file}: nothing to draw for {', '.join(wanted)}: {found}"
        raise InputError(msg)
    console = Console()
    for drawing in drawings:
        for ending in endings:
            path = folder / f"{drawing.name}.{ending}"
            _write(path, drawing.render(ending))
            console.print(f"[green]written[/] {path}", highlight=False)
        console.print(f"[dim]{drawing.caption}[/]", highlight=False)


def _split(text: str, known: tuple[str, ...], option: str) -> tuple[str, ...]:
    if text == "all":
        return known
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        msg = f"{option} {text!r}: expected all, or some of {', '.join(known)} with commas between"
        raise InputError(msg)
    return names


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); choose another folder with -o"
        raise InputError(msg) from error
