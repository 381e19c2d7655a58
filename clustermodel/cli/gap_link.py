"""The job of ``clustermodel gap-link``: what a filled site did to the gap."""

import os
from dataclasses import dataclass
from pathlib import Path

from clustermodel.cli.output import Results, deliver_results
from clustermodel.cli.progress import build_progress
from clustermodel.cluster.truncation import read_truncation
from clustermodel.electronic.cache import find_cache_folder
from clustermodel.electronic.engine import Monitor, Progress
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.specification import FINE_GRID, SCREENING_GRID, build_specification
from clustermodel.electronic.spectrum import OpticalGaps
from clustermodel.io.record import write_record
from clustermodel.pipeline.absorption import calculate_absorption
from clustermodel.pipeline.calculation import Place, calculate_states
from clustermodel.pipeline.compare import CompareSettings, compare_structures
from clustermodel.pipeline.gap_geometries import STATES, GapGeometry, build_gap_geometries
from clustermodel.pipeline.gap_link import link_gaps
from clustermodel.report.gap_tables import list_gap_tables

__all__ = ["GapRequest", "show_gap_link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRequest:
    """What the options of ``clustermodel gap-link`` say.

    Parameters
    ----------
    level, truncation : str
        Level of theory, and what ligands become.
    engine : str or None
        Program; by default that of the level.
    fine : bool
        Whether a density functional uses the fine grid.
    memory_gb : float
        Most memory in GB; 0 for what the engine takes.
    cache : bool
        Whether finished calculations are kept and found again.
    up_to_ev : float or None
        Excitations up to this energy in eV are calculated; None for levels alone.
    """

    level: str = "xtb"
    truncation: str = "SH"
    engine: str | None = None
    fine: bool = False
    memory_gb: float = 0.0
    cache: bool = True
    up_to_ev: float | None = None


def show_gap_link(
    files: tuple[str, str],
    request: GapRequest,
    settings: CompareSettings,
    target: tuple[str | None, Path | None],
) -> None:
    """Calculate the states of a pair, and show or write what splits the change of the gap.

    Parameters
    ----------
    files : (str, str)
        Paths or model names.
    request : GapRequest
        Options.
    settings : CompareSettings
        Choices about the two structures.
    target : (str or None, Path or None)
        File for the document (``-`` for standard output) and folder for everything.

    Raises
    ------
    InputError
        If a file cannot be read, or an option cannot be used.
    ChemistryError
        If neither cluster is the defect of the other, or charge and multiplicity do not fit.
    ConvergenceError
        If a calculation does not converge.
    """
    json, output = target
    comparison = compare_structures(*files, settings=settings)
    geometries = build_gap_geometries(comparison, settings=read_truncation(request.truncation))
    with build_progress() as progress:
        task = progress.add_task("states", total=len(geometries.states))

        def calculate(geometry: GapGeometry) -> ElectronicResult:
            def follow(step: Progress) -> None:
                progress.update(task, description=f"{STATES[geometry.key]}: {step.stage} {step.cycle}")

            result = _calculate(geometry, request, follow)
            progress.advance(task)
            return result

        def absorb(result: ElectronicResult) -> OpticalGaps | None:
            progress.update(task, description="excitations")
            found = calculate_absorption(result, up_to_ev=request.up_to_ev or 0.0)
            return None if found is None else found.gaps

        link = link_gaps(
            comparison,
            calculate,
            geometries=geometries,
            absorb=absorb if request.up_to_ev is not None else None,
        )
    document = {"schema": "clustermodel.gap-link/1", **write_record(link)}
    results = Results(document | {"files": list(files)}, list_gap_tables(link), (), link.notes)
    deliver_results(results, json=json, output=output)


def _calculate(geometry: GapGeometry, request: GapRequest, follow: Monitor) -> ElectronicResult:
    changes: dict[str, object] = {}
    if request.engine is not None:
        changes["engine"] = request.engine
    if request.level == "dft":
        changes["grid"] = FINE_GRID if request.fine else SCREENING_GRID
    specification = build_specification(
        request.level, geometry.elements, charge=geometry.charge, multiplicity=None, **changes
    )
    place = Place(
        cache=find_cache_folder(os.environ) if request.cache else None,
        monitor=follow,
        memory_mb=1000 * request.memory_gb,
    )
    result, _ = calculate_states(geometry.elements, geometry.positions, specification, place=place)
    return result
