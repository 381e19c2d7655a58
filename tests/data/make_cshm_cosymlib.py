"""Write cshm_cosymlib.json: continuous shape measures by cosymlib.

Needs cosymlib, which is no dependency of the project: ``pip install cosymlib`` in an environment of its
own, then ``python tests/data/make_cshm_cosymlib.py``. The file holds ideal and distorted polyhedra (made
here, coordinates rounded to 4 decimals) with their measures against the reference shapes of cosymlib, with
and without a central atom; clusters with missing corners, measured against every choice of corners to leave
out, of which the smallest is kept; and, for shared files whose coordinates are not copied, the measures of
the twelve atoms around the innermost gold atom.
"""

import itertools
import json
import os
from importlib.metadata import version
from pathlib import Path

import numpy as np
from cosymlib.molecule.geometry import Geometry
from cosymlib.shape import Shape
from cosymlib.shape.tools import get_reference_structure

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CLUSTERMODEL_DATA", ROOT.parent / "shared" / "data"))
NOISE = (0.0, 0.05, 0.15, 0.3)  # of the shortest distance: none, as in kernels, and beyond recognition
FILES = (
    "xyz/au25_pet18_-1_opt.xyz",
    "xyz/Au25_SCH2CH2Ph_18_neutral_from_COD1540567.xyz",
    "xyz/au38_pet24q_opt.xyz",
)
# fmt: off
CODES = [
    "T-4", "JTBPY-5", "OC-6", "TPR-6", "JPBPY-7", "CU-8", "SAPR-8", "JBTPR-8", "JSD-8", "JTCTPR-9",
    "JCSAPR-9", "JCCU-9", "JBCSAPR-10", "JBCCU-10", "PPR-10", "PAPR-10", "IC-12", "COC-12", "ACOC-12",
    "JEPBPY-12", "HPR-12", "HAPR-12", "TT-12",
]
# fmt: on


def reference(code):
    """Return the corners of a shape about their centroid, the shortest distance being 1."""
    points = np.array(get_reference_structure(code, central_atom=0).get_positions())
    points = points - points.mean(axis=0)
    return points / min(np.linalg.norm(a - b) for a, b in itertools.combinations(points, 2))


def rotate(points, rng):
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return points @ turn.T


def measure(points, target, *, centred=False):
    """Measure points (the central one last) against a code or a set of corners (the centre last)."""
    shape = target if isinstance(target, str) else Geometry(positions=target, symbols=["Au"] * len(target))
    return round(float(Shape(points).measure(shape, central_atom=len(points) if centred else 0)), 5)


def distorted_cases(rng):
    for code, noise in itertools.product(CODES, NOISE):
        corners = reference(code)
        points = rotate(corners[rng.permutation(len(corners))] + noise * rng.normal(size=corners.shape), rng)
        points = np.round(points, 4)
        centred = np.round(np.vstack([points, noise * rng.normal(size=(1, 3))]), 4)
        same_size = [other for other in CODES if other.endswith(f"-{len(corners)}")]
        yield {
            "name": f"{code} distorted by {noise}",
            "points": points.tolist(),
            "centre": centred[-1].tolist(),
            "measures": {other: measure(points, other) for other in same_size},
            "centred": {code: measure(centred, code, centred=True)},
        }


def incomplete_cases(rng):
    for code, missing in itertools.product(("IC-12", "COC-12", "ACOC-12"), (1, 2)):
        corners = reference(code)
        kept = rng.permutation(12)[missing:]
        points = np.round(rotate(corners[kept] + 0.1 * rng.normal(size=(12 - missing, 3)), rng), 4)
        choices = itertools.combinations(range(12), 12 - missing)
        yield {
            "name": f"{code} without {missing}",
            "points": points.tolist(),
            "measures": {code: min(measure(points, corners[list(choice)]) for choice in choices)},
        }


def shared_cases():
    for file in FILES:
        lines = (DATA / file).read_text(encoding="utf-8").splitlines()[2:]
        gold = np.array([line.split()[1:4] for line in lines if line.split()[0] == "Au"], dtype=float)
        inner = gold[np.argmin(np.linalg.norm(gold - gold.mean(axis=0), axis=1))]
        if "au38" in file:  # two centres: the first atom with twelve neighbours
            near = (np.linalg.norm(gold[:, None] - gold, axis=2) < 3.3).sum(axis=1) - 1
            inner = gold[int(np.flatnonzero(near == 12)[0])]
        shell = gold[np.argsort(np.linalg.norm(gold - inner, axis=1))[1:13]]
        yield {
            "file": file,
            "measures": {code: measure(shell, code) for code in ("IC-12", "COC-12", "ACOC-12")},
        }


def main():
    rng = np.random.default_rng(20)
    document = {
        "made_by": f"cosymlib {version('cosymlib')}",
        "distorted": list(distorted_cases(rng)),
        "incomplete": list(incomplete_cases(rng)),
        "shared": list(shared_cases()),
    }
    rows = ",\n".join(
        f'"{key}": '
        + (
            json.dumps(value)
            if isinstance(value, str)
            else "[\n" + ",\n".join(map(json.dumps, value)) + "\n]"
        )
        for key, value in document.items()
    )
    Path(__file__).with_name("cshm_cosymlib.json").write_text("{\n" + rows + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
