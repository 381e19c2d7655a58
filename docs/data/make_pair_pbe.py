"""Write pair_pbe.json: PBE/def2-SVP levels of the SH/PH3 analogues of the pair, at their GFN1-xTB geometries.

``python docs/data/make_pair_pbe.py`` takes about ten minutes of two processors for each cluster. Finished
calculations are kept, so that it goes on where it was stopped. Both are models: nothing here is measured.
"""
# ruff: noqa: INP001 - a script, not a package

import os
from pathlib import Path
from typing import Any

from clustermodel.electronic.cache import find_cache_folder
from clustermodel.io.record import format_record, write_record
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.pipeline.calculation import Place
from clustermodel.pipeline.electronic import ElectronicSettings, calculate_electronic

FOLDER = Path(__file__).resolve().parents[2] / "structures" / "models"
OUTPUT = Path(__file__).with_name("pair_pbe.json")
CHARGES = {"au21": 1, "au22": 2}
SETTINGS = ElectronicSettings(level="dft", changes=(("grid", 1),))


def describe(name: str, charge: int) -> dict[str, Any]:
    """Calculate one cluster and return what is kept of it."""
    file = FOLDER / f"{name}_sh_gfn1.xyz"
    (analysis,) = analyze(file, settings=AnalysisSettings(charge=charge))
    place = Place(cache=find_cache_folder(os.environ), memory_mb=4000)
    states = calculate_electronic(analysis.clusters[0], settings=SETTINGS, place=place)
    result = states.result
    channel = result.channels[0]
    first = channel.homo or 0
    return {
        "file": file.name,
        "is_model": analysis.crystal.is_model,
        "formula": states.truncation.formula,
        "charge": result.charge,
        "level": result.specification.label,
        "grid": result.specification.grid,
        "gap_ev": result.gap_ev,
        "levels_ev": write_record(channel.energies_ev[first - 4 : first + 6]),
        "cycles": len(result.history),
        "cpu_s": result.timings["cpu_s"],
        "versions": write_record(result.versions),
        "notes": list(result.notes),
    }


def main() -> None:
    """Write the result beside this script."""
    record = {name: describe(name, charge) for name, charge in CHARGES.items()}
    OUTPUT.write_text(
        format_record({"made_by": Path(__file__).name, **record}), encoding="utf-8", newline="\n"
    )


if __name__ == "__main__":
    main()
