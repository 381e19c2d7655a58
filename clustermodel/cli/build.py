"""The job of ``clustermodel build``: a model from a declared topology."""

from pathlib import Path

from clustermodel.cli.output import Results, deliver_results
from clustermodel.errors import InputError
from clustermodel.io.cif_writer import format_cif
from clustermodel.io.mol2 import format_mol2
from clustermodel.io.xyz import format_extxyz, format_xyz
from clustermodel.pipeline.build_model import ModelReading, build_document, build_model
from clustermodel.report.model_tables import list_model_tables

__all__ = ["build_file"]

_FORMATS = (".xyz", ".extxyz", ".mol2", ".cif")


def build_file(
    file: Path,
    *,
    ligands: tuple[str, str],
    twofold: str | None,
    output: Path | None,
    json: str | None,
) -> None:
    """Build a model, tell how good it is, and write its atoms.

    Parameters
    ----------
    file : Path
        TOML file with the topology.
    ligands : tuple of (str, str)
        Thiolate and phosphine instead of those of the file; empty keeps them.
    twofold : str or None
        Two kernel atoms on a two-fold axis, with a comma between.
    output : Path or None
        File for the atoms; its suffix is the format.
    json : str or None
        File for the document, ``-`` for standard output.

    Raises
    ------
    InputError
        If an option has no such value, the topology cannot be used, or a file cannot be written.
    """
    if output is not None and output.suffix.lower() not in _FORMATS:
        msg = f"--output {output}: format {output.suffix!r} is not known; expected {', '.join(_FORMATS)}"
        raise InputError(msg)
    reading = build_model(file, thiolate=ligands[0], phosphine=ligands[1], twofold=_read_axis(twofold))
    if output is not None:
        _write(reading, output)
    told = [finding for finding in reading.findings if finding.severity != "info"]
    notes = tuple(f"{finding.severity}: {finding.message}" for finding in told)
    written = (f"atoms written to {output}",) if output is not None else ()
    results = Results(build_document(reading), list_model_tables(reading), notes=(*notes, *written))
    deliver_results(results, json=json, output=None)


def _read_axis(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        msg = f"--twofold {text!r}; expected two kernel atoms of the topology, NAME,NAME"
        raise InputError(msg)
    return names[0], names[1]


def _write(reading: ModelReading, output: Path) -> None:
    try:
        output.write_text(_format(reading, output), encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"{output}: cannot be written ({error.strerror}); choose another file with --output"
        raise InputError(msg) from error


def _format(reading: ModelReading, output: Path) -> str:
    molecule = reading.cluster.molecule
    topology = reading.cluster.topology
    notes = (f"{topology.name}, charge {topology.charge:+d}", f"{reading.note}; from {reading.source}")
    comment = "; ".join(notes)
    match output.suffix.lower():
        case ".xyz":
            return format_xyz(molecule, comment)
        case ".extxyz":
            info = {"name": topology.name, "charge": str(topology.charge), "notes": notes[1]}
            return format_extxyz(molecule, roles=reading.anatomy.roles, info=info)
        case ".mol2":
            return format_mol2(molecule, comment)
    return format_cif([molecule], cell=None, name=output.stem, notes=notes)
