"""Documents of comparisons that the tests of their report share, of pairs whose difference is known."""

import copy
import functools
import json
import tempfile
from pathlib import Path

import numpy as np

from clustermodel.io.record import format_record
from clustermodel.pipeline.analyze import AnalysisSettings
from clustermodel.pipeline.compare import CompareSettings, SideSettings, compare_structures
from clustermodel.pipeline.compare_document import build_comparison_document
from tests.report.report_documents import HOSTILE

AU25 = "model:au25_sch3_18_nme4"


def make_comparison(a, b, *, charges=(None, None)):
    """Compare two files and return the document as it stands in a JSON file."""
    sides = [SideSettings(analysis=AnalysisSettings(charge=charge)) for charge in charges]
    settings = CompareSettings(a=sides[0], b=sides[1])
    document = build_comparison_document(compare_structures(a, b, settings=settings))
    return json.loads(format_record(document))


def phosphine_cluster():
    """Return elements and positions of [Au13(PH3)12]5+, an icosahedron without symmetry."""
    golden = (1 + 5**0.5) / 2
    corners = np.array(
        [np.roll([0, i, j * golden], k) for k in range(3) for i in (-1, 1) for j in (-1, 1)], dtype=float
    )
    corners /= np.linalg.norm(corners[0])
    elements, points = ["Au"], [np.zeros(3)]
    for number, corner in enumerate(corners):
        elements.append("Au")
        points.append(_reach(number) * corner)
    for number, corner in enumerate(corners):
        across = np.cross(corner, [0.3, 0.5, 0.8])
        across /= np.linalg.norm(across)
        third = np.cross(corner, across)
        elements.append("P")
        points.append((_reach(number) + 2.3) * corner)
        for angle in np.radians([0, 120, 240]):
            elements.append("H")
            away = np.cos(angle) * across + np.sin(angle) * third
            points.append((_reach(number) + 2.8) * corner + 1.32 * away)
    return elements, np.array(points)


def _reach(number):
    """Distance of a corner from the centre in Å, another for each."""
    return 2.62 + 0.032 * (7 * number % 12)


def write_xyz(path, elements, points):
    rows = [f"{e} {x:.6f} {y:.6f} {z:.6f}" for e, (x, y, z) in zip(elements, points, strict=True)]
    path.write_text("\n".join([str(len(rows)), "", *rows, ""]), encoding="utf-8")
    return path


LOST = (5, *range(13 + 4 * 4, 13 + 4 * 5))  # one corner of the icosahedron and its phosphine
PUSHED = (1, 13)  # another, and its phosphorus


@functools.cache
def _defect_text():
    """Au12(PH3)11, one corner and its phosphine 0.15 Å outwards, against the whole cluster turned."""
    elements, points = phosphine_cluster()
    rng = np.random.default_rng(7)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    kept = [atom for atom in range(len(elements)) if atom not in LOST]
    pushed = points.copy()
    pushed[[1, 13, 14, 15, 16]] += 0.15 * points[1] / np.linalg.norm(points[1])
    pushed += rng.normal(scale=0.01, size=points.shape)
    with tempfile.TemporaryDirectory() as folder:
        a = write_xyz(Path(folder) / "defect.xyz", [elements[k] for k in kept], pushed[kept])
        b = write_xyz(Path(folder) / "filled.xyz", elements, points @ turn.T + 3.0)
        return json.dumps(make_comparison(a, b, charges=(4, 5)))


def defect_document():
    """One Au and one PH3 more in the second; the first corner of the first 0.15 Å farther out."""
    return json.loads(_defect_text())


@functools.cache
def _same_text():
    return json.dumps(make_comparison(AU25, AU25))


def same_document():
    """A model against itself."""
    return json.loads(_same_text())


def model_document():
    """The defect, both clusters called models."""
    document = defect_document()
    for source in document["sources"].values():
        source["is_model"] = True
    return document


def hostile_document():
    """The defect with hostile text wherever a file can put text of its own."""
    document = copy.deepcopy(defect_document())
    for key in "ab":
        document["sources"][key] |= {"file": HOSTILE, "block": HOSTILE, "name": HOSTILE, "given": HOSTILE}
        document["summaries"][key] |= {"name": HOSTILE}
        for row in document["ligands"][key]:
            row["name"] = HOSTILE
        for atom in document["overlay"][key]["atoms"]:
            atom["label"] = HOSTILE
    document["mapped"] = [{**one, "label_a": HOSTILE, "label_b": HOSTILE} for one in document["mapped"]]
    document["moved"] = document["mapped"][:2]
    document["missing"] = [{**one, "label": HOSTILE} for one in document["missing"]]
    near = {"label": HOSTILE, "label_filled": HOSTILE}
    document["sites"] = [
        {
            **site,
            "label": HOSTILE,
            "ligand": HOSTILE,
            "neighbours": [{**one, **near} for one in site["neighbours"]],
        }
        for site in document["sites"]
    ]
    rival = {"n_different": 2, "improper": False, "rmsd": 0.1, "excess": 1.0, "pairs": []}
    document["rivals"] = [{**rival, "missing": [HOSTILE], "extra": [HOSTILE]}]
    document["findings"].append({"code": "x", "severity": "error", "message": HOSTILE, "labels": [HOSTILE]})
    return document


__all__ = [
    "AU25",
    "LOST",
    "PUSHED",
    "defect_document",
    "hostile_document",
    "make_comparison",
    "model_document",
    "phosphine_cluster",
    "same_document",
    "write_xyz",
]
