"""The job of ``clustermodel extract``: assembled atoms for the next program."""

from pathlib import Path

from clustermodel.errors import InputError
from clustermodel.io.cif_writer import format_cif
from clustermodel.io.mol2 import format_mol2
from clustermodel.io.xyz import format_extxyz, format_xyz
from clustermodel.pipeline.analyze import Analysis, AnalysisSettings, analyze
from clustermodel.pipeline.extract import SELECTIONS, Extract, select_molecules

__all__ = ["extract_file"]

_FORMATS = (".xyz", ".extxyz", ".mol2", ".cif")


def extract_file(file: str, output: Path, what: str, settings: AnalysisSettings, block: str | None) -> None:
    """Write molecules of a file in another format.

    Parameters
    ----------
    file : str
        Path or model name.
    output : Path
        File to write; its suffix is the format.
    what : {"cluster", "species", "cell"}
        What to write.
    settings : AnalysisSettings
        Choices.
    block : str or None
        Data block.

    Raises
    ------
    InputError
        If the format or selection is unknown, the file has no cluster, or nothing can be written.
    """
    suffix = output.suffix.lower()
    if suffix not in _FORMATS:
        msg = f"--output {output}: format {suffix!r} is not known; expected one of {', '.join(_FORMATS)}"
        raise InputError(msg)
    if what not in SELECTIONS:
        msg = f"--what {what!r}; expected one of {', '.join(SELECTIONS)}"
        raise InputError(msg)
    if block == "all":
        msg = "--block all: one block at a time can be extracted; name it"
        raise InputError(msg)
    analysis = analyze(file, settings=settings, block=block)[0]
    chosen = select_molecules(analysis, what)
    for path, text in _texts(analysis, chosen, output):
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            msg = f"{path}: cannot be written ({error.strerror}); choose another file with --output"
            raise InputError(msg) from error


def _texts(analysis: Analysis, chosen: tuple[Extract, ...], output: Path) -> list[tuple[Path, str]]:
    """Return the files to write: one, or one per molecule for formats that hold a single one."""
    cell = analysis.crystal.cell if analysis.refined else None
    notes = chosen[0].notes
    suffix = output.suffix.lower()
    if suffix == ".cif":
        text = format_cif([e.molecule for e in chosen], cell=cell, name=output.stem, notes=notes)
        return [(output, text)]
    if suffix in {".xyz", ".extxyz"}:
        return [(output, "".join(_frame(e, extended=suffix == ".extxyz") for e in chosen))]
    paths = (
        [output]
        if len(chosen) == 1
        else [output.with_name(f"{output.stem}_{i}{output.suffix}") for i in range(1, len(chosen) + 1)]
    )
    return [
        (path, format_mol2(e.molecule, f"{e.name}; {'; '.join(e.notes)}"))
        for path, e in zip(paths, chosen, strict=True)
    ]


def _frame(extract: Extract, *, extended: bool) -> str:
    comment = "; ".join([extract.name, *extract.notes])
    if not extended:
        return format_xyz(extract.molecule, comment)
    return format_extxyz(
        extract.molecule, roles=extract.roles, info={"name": extract.name, "notes": "; ".join(extract.notes)}
    )
