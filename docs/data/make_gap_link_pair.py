"""Write gap_link_pair.json: what filling the site and what relaxing does to the gap of the pair's models.

GFN1-xTB on the clusters of model:au21 and model:au22 with their ligands cut to SH and PH3; a minute or two.
Both are models, so that no number here tells of a measured structure.
``python docs/data/make_gap_link_pair.py`` writes the file beside this script.
"""
# ruff: noqa: INP001 - a script, not a package

from pathlib import Path

from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.specification import build_specification
from clustermodel.io.record import format_record, write_record
from clustermodel.pipeline.calculation import calculate_states
from clustermodel.pipeline.compare import compare_structures
from clustermodel.pipeline.gap_geometries import GapGeometry
from clustermodel.pipeline.gap_link import link_gaps

OUTPUT = Path(__file__).with_name("gap_link_pair.json")


def calculate(geometry: GapGeometry) -> ElectronicResult:
    """Return the states of a geometry by GFN1-xTB."""
    specification = build_specification("xtb", geometry.elements, charge=geometry.charge)
    return calculate_states(geometry.elements, geometry.positions, specification)[0]


def main() -> None:
    """Write the result beside this script."""
    link = link_gaps(compare_structures("model:au21", "model:au22"), calculate)
    record = {"schema": "clustermodel.gap-link/1", "made_by": Path(__file__).name, **write_record(link)}
    OUTPUT.write_text(format_record(record), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
