"""Write dimers_chmpy.json: the neighbours of every molecule of two deposited crystals as chmpy finds them.

Needs chmpy (GPL-3), which is no dependency of the project: ``pip install chmpy`` in an environment of its
own, then ``python tests/data/make_dimers_chmpy.py FOLDER`` with the folder of the CIFs. Only distances are
written: for each neighbour of each symmetry-unique molecule the distance of the mean positions of all atoms
and the shortest distance between atoms, in Å.
"""

import importlib.metadata
import json
import sys
from pathlib import Path

from chmpy import Crystal

# Molecules on a two-fold axis (dppm_Au2Br2_Olex2.cif) are left out: of 14 neighbours chmpy 1.5.0 lists 10.
FILES = ("COD_1540567_Au25_SCH2CH2Ph_18.cif", "COD_1000004_CuI_phosphine.cif")
RADIUS = 4.0  # Å between the nearest atoms


def measure(path):
    """Return for each symmetry-unique molecule the two distances of every neighbour, sorted."""
    crystal = Crystal.load(str(path))
    unique, around = crystal.symmetry_unique_dimers(radius=RADIUS)
    return sorted(
        sorted(
            [round(float(dimer.centroid_separation), 4), round(float(dimer.closest_separation), 4)]
            for dimer in (unique[number] for number, _ in neighbours)
        )
        for neighbours in around
    )


def main():
    folder = Path(sys.argv[1])
    data = {"chmpy": importlib.metadata.version("chmpy"), "radius": RADIUS}
    data["crystals"] = {name: measure(folder / name) for name in FILES}
    target = Path(__file__).with_name("dimers_chmpy.json")
    target.write_text(json.dumps(data) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
