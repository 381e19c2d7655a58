"""The job of ``clustermodel defects --gaps``: a calculation for each defect, and what its gap follows."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clustermodel.cli.defects import DefectRequest
from clustermodel.cli.output import Results, deliver_results
from clustermodel.cli.progress import build_progress
from clustermodel.electronic.cache import find_cache_folder
from clustermodel.electronic.engine import Progress
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.specification import LEVELS, build_specification
from clustermodel.errors import InputError
from clustermodel.io.record import write_record
from clustermodel.io.xyz import format_xyz
from clustermodel.pipeline.analyze import AnalysisSettings
from clustermodel.pipeline.calculation import Place, calculate_states
from clustermodel.pipeline.gap_scan import DESCRIPTORS, Calculate, GapScan, scan_gaps
from clustermodel.pipeline.gap_targets import GapTarget, GapTargets, build_gap_targets
from clustermodel.pipeline.list_defects import list_defects
from clustermodel.report.gap_scan_figure import draw_gap_scan_figure
from clustermodel.report.gap_scan_tables import list_gap_scan_tables
from clustermodel.report.table_file import render_tables
from clustermodel.report.write import write_files
from clustermodel.structure.molecule import molecule_from_atoms

__all__ = ["show_defect_gaps"]

_GRIDS: dict[str, dict[str, object]] = {"xtb": {}, "dft": {"grid": 1}}  # 1: the grid for screening


def show_defect_gaps(
    file: str,
    request: DefectRequest,
    choices: AnalysisSettings,
    how: tuple[str, bool],
    target: tuple[str | None, Path | None],
) -> bool:
    """Calculate the gaps of the defects of a cluster, and show or write them.

    Parameters
    ----------
    file : str
        Path or model name.
    request : DefectRequest
        Options.
    choices : AnalysisSettings
        Choices of the analysis.
    how : (str, bool)
        Level of theory, and whether finished calculations are kept and found again.
    target : (str or None, Path or None)
        File for the document (``-`` for standard output) and folder for everything.

    Returns
    -------
    bool
        Whether the user stopped the work.

    Raises
    ------
    InputError
        If the file or an option cannot be used, or something cannot be written.
    ChemistryError
        If the charge of the cluster is not known.
    ConvergenceError
        If the cluster without a defect does not converge.
    """
    level, cache = how
    if level not in LEVELS:
        msg = f"--level {level!r}; expected one of {', '.join(LEVELS)}"
        raise InputError(msg)
    if request.file_format == "docx" and target[1] is None:
        msg = "--format docx is no text for the terminal; name a folder with -o"
        raise InputError(msg)
    found = list_defects(
        file, cluster=request.cluster, block=request.block, settings=choices, defects=request.settings
    )
    targets = build_gap_targets(found)
    done: list[str] = []
    try:
        with _follow(targets, how, done) as calculate:
            scan = scan_gaps(found, calculate, targets=targets)
    except KeyboardInterrupt:
        told = f"stopped after {len(done)} of {len(targets.defects) + 1} calculations"
        rest = ", which are kept; the same command goes on from there" if cache else ""
        sys.stderr.write(f"clustermodel: {told}{rest}\n")
        return True
    _deliver(scan, targets, request, target)
    return False


@contextmanager
def _follow(targets: GapTargets, how: tuple[str, bool], done: list[str]) -> Iterator[Calculate]:
    """Yield a function that calculates one cluster and shows how far the scan is."""
    level, cache = how
    folder = find_cache_folder(os.environ) if cache else None
    with build_progress() as progress:
        task = progress.add_task("gaps", total=len(targets.defects) + 1)

        def calculate(one: GapTarget) -> ElectronicResult:
            def follow(step: Progress) -> None:
                progress.update(task, description=f"{one.id}: {step.stage} {step.cycle}")

            specification = build_specification(
                level, one.elements, charge=one.charge, multiplicity=None, **_GRIDS[level]
            )
            place = Place(cache=folder, monitor=follow)
            try:
                result, _ = calculate_states(one.elements, one.positions, specification, place=place)
            finally:
                progress.advance(task)
            done.append(one.id)
            return result

        yield calculate


def _deliver(
    scan: GapScan, targets: GapTargets, request: DefectRequest, target: tuple[str | None, Path | None]
) -> None:
    json, output = target
    tables = list_gap_scan_tables(scan, brief=output is None and request.file_format is None)
    if request.file_format is not None and json is None and output is None:
        sys.stdout.buffer.write(render_tables(tables, request.file_format))
        sys.stdout.flush()
        return
    figures = [draw_gap_scan_figure(scan, name) for name in DESCRIPTORS] if output is not None else []
    document = {"schema": "clustermodel.gap-scan/1", **write_record(scan)}
    results = Results(document, tables, tuple(one for one in figures if one is not None), scan.notes)
    deliver_results(results, json=json, output=output)
    if output is not None:
        _write_files(scan, targets, request, output)


def _write_files(scan: GapScan, targets: GapTargets, request: DefectRequest, folder: Path) -> None:
    """Write what was calculated, and the tables for Word where they were asked for."""
    files = {
        f"calculated/{one.id}.xyz": _write_target(one, scan) for one in (targets.parent, *targets.defects)
    }
    if request.file_format == "docx":
        files["gap-scan.docx"] = render_tables(list_gap_scan_tables(scan), "docx")
    write_files(files, folder)


def _write_target(one: GapTarget, scan: GapScan) -> bytes:
    what = "without a defect" if one.id == "parent" else one.id
    comment = (
        f"MODEL, ligands cut and not relaxed: {scan.parent} of {scan.file}, {what}, charge {one.charge:+d}, "
        f"for {scan.level}"
    )
    return format_xyz(molecule_from_atoms(one.elements, one.positions), comment).encode("utf-8")
