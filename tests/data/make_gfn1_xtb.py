"""Write gfn1_xtb.json: energies, levels and charges of the program xtb for geometries built here.

Needs the program ``xtb`` (6.5.1 from Debian was used), which is no dependency of the project:
``python tests/data/make_gfn1_xtb.py``. Closed shells only: xtb has no spin-polarised GFN1. The thiolate
cluster is the embedded model of [Au25(SCH3)18]-, cut to SH.
"""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from clustermodel.cluster.truncation import truncate_cluster
from clustermodel.pipeline.analyze import analyze

TARGET = Path(__file__).with_suffix("").with_name("gfn1_xtb.json")


def phosphine(direction, distance=2.3):
    """Return P and three H on an axis through the origin."""
    axis = np.array(direction, dtype=float) / np.linalg.norm(direction)
    across = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    across /= np.linalg.norm(across)
    third = np.cross(axis, across)
    sites = [distance * axis]
    for angle in 2 * np.pi / 3 * np.arange(3):
        away = 0.45 * axis + 0.89 * (np.cos(angle) * across + np.sin(angle) * third)
        sites.append(distance * axis + 1.42 * away / np.linalg.norm(away))
    return sites


def tetrahedron():
    """Return [Au4(PH3)4]2+ with Au-Au of 2.75 Å."""
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) * 2.75 / np.sqrt(8)
    elements, positions = ["Au"] * 4, list(corners)
    for corner in corners:
        elements += ["P", "H", "H", "H"]
        positions += [corner + site for site in phosphine(corner)]
    return elements, np.array(positions)


def chain():
    """Return [Au2(SH)3]-, a staple on its own."""
    s, h = 2.3, 1.34
    elements = ["S", "Au", "S", "Au", "S", "H", "H", "H"]
    positions = [[-2 * s, 0.4, 0], [-s, 0, 0], [0, 0.3, 0], [s, 0, 0], [2 * s, 0.4, 0]]
    positions += [[-2 * s - 0.5, 0.4, 1.24], [0, 0.3 + h, 0], [2 * s + 0.5, 0.4, -1.24]]
    return elements, np.array(positions)


def superatom():
    """Return [Au25(SH)18]- cut out of the embedded model."""
    (analysis,) = analyze("model:au25_sch3_18_nme4")
    molecule = truncate_cluster(analysis.clusters[0].cluster).molecule
    return list(molecule.elements), molecule.positions


def run(elements, positions, charge):
    """Return what xtb says."""
    rows = [f"{e} {x:.10f} {y:.10f} {z:.10f}" for e, (x, y, z) in zip(elements, positions, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "in.xyz").write_text("\n".join([str(len(rows)), "", *rows]) + "\n", encoding="utf-8")
        command = ["xtb", "in.xyz", "--gfn", "1", "--sp", "--chrg", str(charge), "--json", "--acc", "0.01"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=True, env=environment
        )
        found = json.loads(Path(folder, "xtbout.json").read_text(encoding="utf-8"))
    version = re.search(r"xtb version (\S+)", done.stdout)
    return version[1], {
        "energy_eh": found["total energy"],
        "gap_ev": found["HOMO-LUMO gap/eV"],
        "levels_ev": found["orbital energies/eV"],
        "charges": found["partial charges"],
    }


def main():
    cases = {
        "Au4(PH3)4": (*tetrahedron(), 2),
        "Au2(SH)3": (*chain(), -1),
        "Au25(SH)18": (*superatom(), -1),
    }
    document = {"program": "", "cases": {}}
    for name, (elements, positions, charge) in cases.items():
        rounded = np.round(positions, 6)
        version, answer = run(elements, rounded, charge)
        document["program"] = f"xtb {version}"
        document["cases"][name] = {
            "charge": charge,
            "elements": elements,
            "positions": rounded.tolist(),
            **answer,
        }
    TARGET.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
