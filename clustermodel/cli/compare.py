"""The job of ``clustermodel compare``: two structures, what differs between them."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape

from clustermodel.cli.choices import read_choices
from clustermodel.cli.output import send_bytes
from clustermodel.cli.pair_summary import show_comparison
from clustermodel.errors import InputError
from clustermodel.io.record import format_record
from clustermodel.pipeline.compare import CompareSettings, SideSettings, compare_structures
from clustermodel.pipeline.compare_document import build_comparison_document
from clustermodel.report.pair_report import write_pair_report
from clustermodel.report.pair_tables import list_pair_tables
from clustermodel.report.table_file import TABLE_FORMATS, render_tables

__all__ = ["Delivery", "SideOptions", "compare_files", "read_delivery", "read_sides", "set_cutoff"]

_SHORTEST, _LONGEST = 2.0, 6.0  # Å; shorter than any metal-metal bond, longer than any contact


class SideOptions(NamedTuple):
    """What the options say about one of the two structures.

    Parameters
    ----------
    charge : int or None
        Charge of the cluster.
    cluster : str or None
        Which cluster of the file.
    block : str or None
        Data block.
    kernel : str or None
        Labels of kernel atoms, comma-separated.
    parts : list of str or None
        Disorder parts, ``ASSEMBLY=PART``.
    """

    charge: int | None
    cluster: str | None
    block: str | None
    kernel: str | None
    parts: list[str] | None


class Delivery(NamedTuple):
    """Where the answer goes.

    Parameters
    ----------
    folder : Path or None
        Folder of the report.
    file : Path or None
        File of the tables.
    file_format : str or None
        Format of the tables; None for no tables beside the report.
    json : str or None
        File of the document, ``-`` for the standard output.
    """

    folder: Path | None
    file: Path | None
    file_format: str | None
    json: str | None


def read_sides(a: SideOptions, b: SideOptions, convention: str, prefer: str) -> CompareSettings:
    """Turn options into settings.

    Parameters
    ----------
    a, b : SideOptions
        What they say about either structure.
    convention : str
        Kernel convention of both.
    prefer : str
        ``major`` or ``minor`` disorder parts, of both.

    Returns
    -------
    CompareSettings
        The settings.

    Raises
    ------
    InputError
        If an option has no such value, or only one kernel is named.
    """
    if (a.kernel is None) != (b.kernel is None):
        msg = "--kernel-a and --kernel-b go together: both kernels follow one convention, or are named"
        raise InputError(msg)
    sides = [
        SideSettings(
            analysis=read_choices(one.charge, convention, one.kernel, one.parts, prefer),
            block=one.block,
            cluster=one.cluster,
        )
        for one in (a, b)
    ]
    return CompareSettings(a=sides[0], b=sides[1])


def read_delivery(output: Path | None, file_format: str | None, json: str | None) -> Delivery:
    """Turn options into where the answer goes.

    Parameters
    ----------
    output : Path or None
        A file with the suffix of a table format, or a folder.
    file_format : str or None
        Format of the tables.
    json : str or None
        File of the document.

    Returns
    -------
    Delivery
        Where to.

    Raises
    ------
    InputError
        If there is no such format, or two answers want the standard output.
    """
    is_file = output is not None and output.suffix.lower().removeprefix(".") in TABLE_FORMATS
    chosen = output.suffix.lower().removeprefix(".") if is_file and output is not None else None
    if file_format is not None:
        chosen = _check_format(file_format, output)
    if json == "-" and chosen is not None and output is None:
        msg = "--json - and --format both want the standard output; name a file for one of them"
        raise InputError(msg)
    if is_file:
        return Delivery(folder=None, file=output, file_format=chosen, json=json)
    file = output / f"comparison.{chosen}" if output is not None and chosen is not None else None
    return Delivery(folder=output, file=file, file_format=chosen, json=json)


def _check_format(file_format: str, output: Path | None) -> str:
    if file_format not in TABLE_FORMATS:
        msg = f"--format {file_format!r}; expected one of {', '.join(TABLE_FORMATS)}"
        raise InputError(msg)
    if file_format == "docx" and output is None:
        msg = "--format docx is no text for the terminal; name a file with -o, such as -o pair.docx"
        raise InputError(msg)
    return file_format


def set_cutoff(settings: CompareSettings, cutoff: float | None) -> CompareSettings:
    """Return settings with another longest metal-metal pair.

    Parameters
    ----------
    settings : CompareSettings
        The settings.
    cutoff : float or None
        Longest pair in Å; None for that of the settings.

    Returns
    -------
    CompareSettings
        The new settings; the cut-off is one of those along which differences are followed.

    Raises
    ------
    InputError
        If no metal-metal distance can be meant.
    """
    if cutoff is None:
        return settings
    if not _SHORTEST <= cutoff <= _LONGEST:
        msg = f"--cutoff {cutoff:g}; expected a metal–metal distance from {_SHORTEST:g} to {_LONGEST:g} Å"
        raise InputError(msg)
    bonds = settings.pair.bonds
    cutoffs = tuple(sorted({*bonds.cutoffs, cutoff}))
    return replace(
        settings, pair=replace(settings.pair, bonds=replace(bonds, cutoff=cutoff, cutoffs=cutoffs))
    )


def compare_files(a: str, b: str, settings: CompareSettings, delivery: Delivery) -> None:
    """Compare two files and show or write the answer.

    Parameters
    ----------
    a, b : str
        Paths, model names or compounds of papers.
    settings : CompareSettings
        Choices.
    delivery : Delivery
        Where the answer goes.

    Raises
    ------
    InputError
        If a file cannot be read or written.
    ChemistryError
        If the clusters cannot be laid on each other.
    """
    comparison = compare_structures(a, b, settings=settings)
    document = build_comparison_document(comparison)
    written: list[Path] = []
    if delivery.folder is not None:
        write_pair_report(document, delivery.folder)
        written.append(delivery.folder / "comparison.html")
    if delivery.file_format is not None:
        send_bytes(render_tables(list_pair_tables(document), delivery.file_format), delivery.file, "-o")
        written += [delivery.file] if delivery.file is not None else []
    if delivery.json is not None:
        path = None if delivery.json == "-" else Path(delivery.json)
        send_bytes(format_record(document).encode("utf-8"), path, "--json")
        written += [path] if path is not None else []
    if delivery.json != "-" and (delivery.file_format is None or delivery.file is not None):
        show_comparison(comparison)
        for path in written:
            Console(emoji=False).print(f"[green]written[/] {escape(str(path))}", highlight=False)
