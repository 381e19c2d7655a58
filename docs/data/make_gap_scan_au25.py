"""Write gap_scan_au25.json: the gaps of the defects of [Au25(SH)18]-, unrelaxed, by GFN1-xTB.

``python docs/data/make_gap_scan_au25.py au25_pet18_-1_opt.xyz`` takes the geometry of [Au25(SC2H4Ph)18]- that
NC_Database holds (CP2K, PBE; GPL-3, so that the file itself is no part of this project). The ligands are cut
to SH. Two scans are made: one defect of each kind of site, and every single site, which tells by how much
gaps of sites differ that count as equivalent. Finished calculations are kept: the script goes on where it was
stopped.
"""
# ruff: noqa: INP001 - a script, not a package

import os
import statistics
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from clustermodel.analysis.defect_results import DefectSettings
from clustermodel.analysis.defects import find_defects
from clustermodel.electronic.cache import find_cache_folder
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.specification import build_specification
from clustermodel.io.record import format_record, write_record
from clustermodel.pipeline.analyze import AnalysisSettings
from clustermodel.pipeline.calculation import Place, calculate_states
from clustermodel.pipeline.defect_document import DefectList
from clustermodel.pipeline.gap_scan import GapRow, scan_gaps
from clustermodel.pipeline.gap_targets import GapTarget
from clustermodel.pipeline.list_defects import list_defects, read_kinds

TARGET = Path(__file__).with_name("gap_scan_au25.json")
Sites = tuple[DefectList, list[tuple[str, list[frozenset[int]]]]]
KINDS = read_kinds("vacancy,staple,bridge,filling")
EVERY_SITE = 1e-6  # Å: nothing but the identity lays a calculated geometry on itself that well


def calculate(target: GapTarget) -> ElectronicResult:
    """Calculate one cluster by GFN1-xTB, or find it among the finished ones."""
    specification = build_specification("xtb", target.elements, charge=target.charge)
    place = Place(cache=find_cache_folder(os.environ))
    result, _ = calculate_states(target.elements, target.positions, specification, place=place)
    sys.stderr.write(f"{target.id} {target.formula} {target.charge:+d}: {result.gap_ev:.3f} eV\n")
    return result


def list_both(path: str, tolerance: float) -> Sites:
    """Return the list of defects, and the atoms of all sites of each."""
    settings = DefectSettings(kinds=KINDS, tolerance=tolerance)
    found = list_defects(path, settings=AnalysisSettings(charge=-1), defects=settings)
    sites = find_defects(found.origin.cluster, found.origin.anatomy, charge=-1, settings=settings).defects
    return found, [(one.kind, [frozenset(site) for site in one.equivalents]) for one in sites]


def group_sites(classes: Sites, every: Sites) -> dict[str, list[GapRow]]:
    """Return the gaps of all sites of each defect, by its id."""
    (found, sites), (all_found, all_sites) = classes, every
    rows = {row.id: row for row in scan_gaps(all_found, calculate).rows}
    groups: dict[str, list[GapRow]] = {}
    for entry, (kind, (site,)) in zip(all_found.entries, all_sites, strict=True):
        (name,) = [
            one.id
            for one, (same, equals) in zip(found.entries, sites, strict=True)
            if same == kind and site in equals
        ]
        groups.setdefault(name, []).append(rows[entry.id])
    return groups


def summarise(name: str, rows: Sequence[GapRow]) -> dict[str, Any]:
    """Return the spread of the gaps of sites that count as equivalent."""
    gaps = sorted(row.gap_ev for row in rows if not row.reason)
    return {
        "id": name,
        "sites": len(rows),
        "without_gap": len(rows) - len(gaps),
        "gaps_ev": gaps,
        "mean_ev": statistics.fmean(gaps),
        "sd_ev": statistics.stdev(gaps) if len(gaps) > 1 else None,
    }


def main(path: str) -> None:
    """Write the file."""
    classes = list_both(path, DefectSettings().tolerance)
    scan = scan_gaps(classes[0], calculate)
    groups = group_sites(classes, list_both(path, EVERY_SITE))
    document = {
        "schema": "clustermodel.gap-scan/1",
        "label": "MODEL: GFN1-xTB, ligands cut to SH, defects not relaxed",
        "source": {"file": Path(path).name, "sha256": classes[0].parent.sha256},
        "versions": {name: version(name) for name in ("tblite", "numpy", "scipy")},
        **write_record(scan),
        "equivalent_sites": [summarise(name, rows) for name, rows in groups.items()],
    }
    TARGET.write_text(format_record(document), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
