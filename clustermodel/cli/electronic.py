"""The job of ``clustermodel electronic``."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from clustermodel.cli.output import Results, deliver_results
from clustermodel.electronic.cache import find_cache_folder
from clustermodel.electronic.engine import Monitor, Progress
from clustermodel.electronic.relaxation import RelaxSettings
from clustermodel.electronic.specification import FINE_GRID, SCREENING_GRID
from clustermodel.electronic.storage import write_result
from clustermodel.errors import InputError
from clustermodel.io.xyz import format_xyz
from clustermodel.pipeline.analyze import Analysis, AnalysisSettings, analyze
from clustermodel.pipeline.calculation import Place
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis
from clustermodel.pipeline.electronic import ElectronicSettings, ElectronicStates, calculate_electronic
from clustermodel.pipeline.electronic_document import build_electronic_document
from clustermodel.report.absorption_tables import list_absorption_tables
from clustermodel.report.electronic_report import write_electronic_report
from clustermodel.report.electronic_tables import list_electronic_tables
from clustermodel.report.write import write_files

__all__ = ["ElectronicRequest", "show_electronic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectronicRequest:
    """What the options of ``clustermodel electronic`` say.

    Parameters
    ----------
    level, truncation : str
        Level of theory, and what ligands become.
    keep_bridges, relax, fine, cache : bool
        Switches.
    multiplicity : int or None
        Multiplicity; None for the lowest.
    engine, method, basis, solvent : str or None
        What differs from the defaults of the level.
    memory_gb : float or None
        Most memory in GB.
    spectrum_ev : float
        Energy up to which excitations are calculated; 0 for none.
    """

    level: str = "xtb"
    truncation: str = "SH"
    keep_bridges: bool = False
    multiplicity: int | None = None
    relax: bool = False
    engine: str | None = None
    method: str | None = None
    basis: str | None = None
    solvent: str | None = None
    fine: bool = False
    memory_gb: float | None = None
    cache: bool = True
    spectrum_ev: float = 0.0


def show_electronic(
    file: str,
    request: ElectronicRequest,
    choices: AnalysisSettings,
    block: str | None,
    target: tuple[str | None, Path | None],
) -> bool:
    """Calculate the levels of the clusters of a file, and show or write them.

    Parameters
    ----------
    file : str
        Path or model name.
    request : ElectronicRequest
        Options.
    choices : AnalysisSettings
        Choices about the structure.
    block : str or None
        Data block.
    target : (str or None, Path or None)
        File for the document (``-`` for standard output) and folder for everything.

    Returns
    -------
    bool
        Whether the user stopped the work.

    Raises
    ------
    InputError
        If the file holds no cluster, or an option cannot be used.
    """
    json, output = target
    if block == "all":
        msg = "--block all: levels are calculated for one block at a time; name it"
        raise InputError(msg)
    (analysis,) = analyze(file, settings=choices, block=block)
    if not analysis.clusters:
        msg = f"{file}: no cluster in this file; expected three metal atoms or more, bonded to each other"
        raise InputError(msg)
    settings = _read_settings(request)
    try:
        found = [_calculate(one, settings, request) for one in analysis.clusters]
    except KeyboardInterrupt:
        sys.stderr.write("clustermodel: stopped; the same command goes on from the last step kept\n")
        return True
    for states in found:
        folder = output / f"cluster-{states.cluster.id}" if output and len(found) > 1 else output
        _deliver((analysis, states), json, folder)
    return False


def _calculate(
    one: ClusterAnalysis, settings: ElectronicSettings, request: ElectronicRequest
) -> ElectronicStates:
    folder = find_cache_folder(os.environ) if request.cache else None
    with _show_progress() as monitor:
        place = Place(cache=folder, monitor=monitor, memory_mb=1000 * (request.memory_gb or 0.0))
        return calculate_electronic(one, settings=settings, place=place)


def _read_settings(request: ElectronicRequest) -> ElectronicSettings:
    named = {
        "engine": request.engine,
        "method": request.method,
        "basis": request.basis,
        "ecp": request.basis,
        "solvent": request.solvent,
    }
    changes: dict[str, object] = {name: value for name, value in named.items() if value is not None}
    if request.level == "dft":
        changes["grid"] = FINE_GRID if request.fine else SCREENING_GRID
    return ElectronicSettings(
        level=request.level,
        truncation=request.truncation,
        keep_bridges=request.keep_bridges,
        multiplicity=request.multiplicity,
        relax=RelaxSettings() if request.relax else None,
        changes=tuple(changes.items()),
        spectrum_ev=request.spectrum_ev,
    )


@contextmanager
def _show_progress() -> Iterator[Monitor | None]:
    """Show the last cycle in one line of the terminal; nothing where standard error is a file."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with console.status("starting") as status:

        def tell(progress: Progress) -> None:
            unit = "eV/Å left" if progress.stage == "relaxation" else "eV change"
            status.update(
                f"{progress.stage} {progress.cycle}: {progress.energy_ev:.4f} eV, "
                f"{progress.change:+.1e} {unit}, {progress.elapsed_s:.0f} s"
            )

        yield tell


def _tell_model(analysis: Analysis) -> tuple[str, ...]:
    return (
        (f"MODEL: {analysis.crystal.source.file} is no measured structure",)
        if analysis.crystal.is_model
        else ()
    )


def _deliver(found: tuple[Analysis, ElectronicStates], json: str | None, output: Path | None) -> None:
    analysis, states = found
    tables = list_electronic_tables(states)
    if states.absorption is not None:
        tables += list_absorption_tables(states.absorption, states.result)
    results = Results(
        build_electronic_document(states, analysis=analysis),
        tables,
        (),
        (
            *_tell_model(analysis),
            *states.changed,
            *states.notes,
            *(("taken from the cache",) if states.cached else ()),
        ),
    )
    deliver_results(results, json=json, output=output)
    if output is not None:
        write_electronic_report(states, output, analysis=analysis)
        write_result(states.result, output)
        molecule = states.truncation.molecule.with_positions(states.result.positions)
        comment = f"{molecule.formula} charge {states.result.charge:+d}, {states.result.specification.label}"
        write_files({"calculated.xyz": format_xyz(molecule, comment)}, output)
