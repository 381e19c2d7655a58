"""Do the figures of a comparison show its numbers, in every format?"""

import functools
import re

import numpy as np
import pytest

from clustermodel.report.overlay_figure import plot_overlay
from clustermodel.report.pair_figures import list_pair_drawings, list_paired_bonds
from clustermodel.report.pair_scene import (
    SIDE_COLOURS,
    UNIQUE_COLOURS,
    build_overlay,
    list_overlay_schemes,
)
from tests.report.pair_documents import LOST, PUSHED, defect_document, hostile_document, same_document

NAMES = ["by-cutoff-au-au", "bonds-in-both", "displacements", "overlay"]


def draw(document):
    return {drawing.name: drawing for drawing in list_pair_drawings(document)}


@functools.cache
def draw_defect():
    return draw(defect_document())


# --------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize("make", [same_document, hostile_document])
def test_figures_are_drawn_and_say_what_they_show(make):
    drawings = draw(make())
    assert list(drawings) == NAMES
    for drawing in drawings.values():
        figure = drawing.to_figure()
        assert figure.svg.startswith("<?xml")
        assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", figure.inline("x-"))
        assert len(figure.caption) > 60  # a sentence, not a word


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_figures_are_written_in_every_format(kind, start):
    assert draw_defect()["by-cutoff-au-au"].render(kind).startswith(start)


def test_lines_along_the_cutoff_are_the_means():
    document = defect_document()
    upper, lower = draw_defect()["by-cutoff-au-au"].canvas.axes
    rows = [row for row in document["bonds"]["by_cutoff"] if row["role"] == "kernel"]
    for line, key in zip(upper.lines, "ab", strict=True):
        np.testing.assert_allclose(line.get_xdata(), [row["cutoff"] for row in rows])
        np.testing.assert_allclose(line.get_ydata(), [row[key] for row in rows])
    drawn = [line.get_ydata() for line in lower.lines if len(line.get_ydata()) == len(rows)]
    for key in ("delta", "paired_delta", "either_delta"):
        wanted = [row[key] for row in rows]
        assert any(np.allclose(ys, np.array(wanted, dtype=float), equal_nan=True) for ys in drawn)


def test_a_change_of_sign_is_shaded_and_told():
    document = defect_document()
    document["bonds"]["sign_changes"] = []
    calm = draw(document)["by-cutoff-au-au"]
    assert "keeps its sign" in calm.caption
    place = {"role": "kernel", "pair": "Au-Au", "kind": "all", "low": 3.1, "high": 3.15}
    document["bonds"]["sign_changes"] = [{**place, "delta_low": -0.01, "delta_high": 0.01}]
    told = draw(document)["by-cutoff-au-au"]
    assert "changes its sign between 3.10 and 3.15 Å" in told.caption
    counts = [len(drawing.canvas.axes[0].patches) for drawing in (calm, told)]
    assert counts == [0, 1]


def test_paired_bonds_are_those_of_the_table():
    for document in (defect_document(), same_document()):
        counts = {}
        for name, _, _ in list_paired_bonds(document):
            counts[name] = counts.get(name, 0) + 1
        rows = {(row["role"], row["pair"]): row["n_paired"] for row in document["bonds"]["rows"]}
        assert counts["Au–Au, kernel"] == rows["kernel", "Au-Au"]
        donors = [n for (role, _), n in rows.items() if role in {"metal-phosphine", "metal-donor"}]
        assert sum(n for name, n in counts.items() if "," not in name) == sum(donors)


def test_paired_bonds_have_the_mean_change_of_the_table():
    document = defect_document()
    changes = [b - a for name, a, b in list_paired_bonds(document) if name == "Au–Au, kernel"]
    (row,) = [row for row in document["bonds"]["rows"] if row["role"] == "kernel"]
    assert np.mean(changes) == pytest.approx(row["paired"]["delta"], abs=2e-5)  # Å; overlay has five decimals


def test_a_structure_on_itself_lies_on_the_line():
    bonds = list_paired_bonds(same_document())
    assert max(abs(a - b) for _, a, b in bonds) < 3e-5  # Å; overlay has five decimals


def test_every_mapped_atom_is_a_point():
    (axes,) = draw_defect()["displacements"].canvas.axes
    points = sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() == "o")
    assert points == 23  # 12 gold and 11 phosphorus
    named = [text.get_text() for text in axes.texts]
    assert {f"Au{PUSHED[0] + 1}"} <= set(named)


def test_no_figure_without_data():
    document = defect_document()
    document["bonds"]["by_cutoff"] = []
    document["mapped"] = []
    assert list(draw(document)) == ["overlay"]


# --------------------------------------------------------------------------------------------------- overlay


def test_overlay_lays_partners_on_each_other():
    document = defect_document()
    scene = build_overlay(document)
    points = np.array(scene["xyz"]).reshape(-1, 3)
    for one in document["mapped"]:
        if one["role"] == "ligand":
            continue
        first = one["a"]
        second = scene["partners"][first]
        assert scene["partners"][second] == first
        gap = np.linalg.norm(points[first] - points[second])
        assert gap == pytest.approx(one["distance"], abs=2e-3)  # Å; the scene has three decimals
    assert scene["sides"] == ["a"] * 56 + ["b"] * 61


def test_overlay_keeps_hand_and_lengths():
    document = defect_document()
    scene = build_overlay(document)
    true = np.array([atom["xyz"] for key in "ab" for atom in document["overlay"][key]["atoms"]])
    drawn = np.array(scene["xyz"]).reshape(-1, 3)
    for first in range(0, 50, 7):
        old, new = (np.linalg.det(p[first + 1 : first + 4] - p[first]) for p in (true, drawn))
        assert old == pytest.approx(new, abs=0.1)  # Å3; coordinates to 0.001 Å


def test_site_is_at_the_lost_corner():
    scene = build_overlay(defect_document())
    (site,) = scene["sites"]
    assert site["label"] == f"vacant in Au₁₂: Au{LOST[0] + 1} + PH₃"
    assert scene["labels"][site["atom"]] == f"Au{LOST[0] + 1}"
    assert scene["sides"][site["atom"]] == "b"
    points = np.array(scene["xyz"]).reshape(-1, 3)
    assert np.linalg.norm(points[site["atom"]] - site["place"]) < 0.15  # Å; neighbours were pushed so far
    assert site["colour"] == UNIQUE_COLOURS["b"]


def test_what_only_one_has_is_whole():
    scene = build_overlay(defect_document())
    heavy = [scene["labels"][k] for k in scene["unique"] if scene["elements"][k] != "H"]
    assert heavy == ["Au6", "P30"]
    assert set(scene["unique"]) < set(scene["alone"])


@pytest.mark.parametrize("make", [defect_document, same_document])
def test_colour_schemes_name_every_atom_once(make):
    document = make()
    count = sum(len(document["overlay"][key]["atoms"]) for key in "ab")
    for scheme in list_overlay_schemes(document):
        atoms = [atom for group in scheme.groups for atom in group.atoms]
        assert sorted(atoms) == list(range(count))


def test_movement_colours_follow_the_distance():
    document = defect_document()
    scene = build_overlay(document)
    (scheme,) = [one for one in list_overlay_schemes(document) if one.key == "movement"]
    for group in scheme.groups:
        bounds = [float(number) for number in re.findall(r"\d\.\d", group.name)]
        for atom in group.atoms:
            move = scene["moves"][atom]
            if group.name.startswith("only"):
                assert move is None
            else:
                assert bounds[0] - 5e-4 <= move <= [*bounds, 99.0][1] + 5e-4  # Å; moves have three decimals


def test_overlay_figure_rings_the_site():
    canvas = plot_overlay(defect_document())
    (axes,) = canvas.axes
    rings = [patch for patch in axes.patches if not patch.get_fill()]
    assert len(rings) == 1
    assert [text.get_text() for text in axes.texts] == ["vacant in Au$_{12}$: Au6 + PH$_{3}$"]


def test_the_two_clusters_and_what_only_one_has_differ_in_colour():
    assert len({*SIDE_COLOURS.values(), *UNIQUE_COLOURS.values()}) == 4
