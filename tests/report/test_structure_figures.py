"""Figures of anatomy, packing and contacts: what they show is where the numbers say, in every format."""

import copy
import io

import numpy as np
import pytest

from clustermodel.errors import InputError
from clustermodel.io.record import write_record
from clustermodel.pipeline.analyze import analyze
from clustermodel.pipeline.document import build_document
from clustermodel.pipeline.structure import measure_structure
from clustermodel.report.anatomy_figure import plot_anatomy
from clustermodel.report.ball_drawing import Balls, measure_extent
from clustermodel.report.canvas import WIDE, apply_style
from clustermodel.report.contact_figure import list_contact_tables, plot_contacts
from clustermodel.report.figures import FIGURE_KINDS, list_drawings
from clustermodel.report.packing_figure import plot_packing
from tests.datafiles import data_path
from tests.report.report_documents import model_document, vacancy_document, water_document

AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"


@pytest.fixture(scope="module")
def au25():
    (analysis,) = analyze(data_path(AU25))
    return write_record(build_document(analysis, measure_structure(analysis)))


@pytest.fixture(scope="module")
def drawings(au25):
    return list_drawings(au25)


def test_kinds_and_names(drawings):
    names = [drawing.name for drawing in drawings]
    assert len(set(names)) == len(names)
    assert {"cluster-1-anatomy", "cluster-1-bond-ranges", "cluster-1-electron-count", "packing"} <= set(names)
    assert any(name.startswith("contacts-hydrogen-hydrogen-cluster-cluster") for name in names)
    assert all(drawing.caption for drawing in drawings)


@pytest.mark.parametrize(("kind", "head"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_every_format(drawings, kind, head):
    for drawing in drawings:
        content = drawing.render(kind)
        assert content.startswith(head)
        assert drawing.render(kind) == content  # no date, no random name


def test_pictures_are_not_empty_and_have_the_width_of_paper(drawings):
    from matplotlib.image import imread

    for drawing in drawings:
        pixels = imread(io.BytesIO(drawing.render("png")))
        assert pixels.shape[1] / 600 == pytest.approx(drawing.canvas.get_figwidth(), abs=0.01)
        assert drawing.canvas.get_figwidth() <= WIDE
        assert np.mean(np.any(pixels[..., :3] < 0.9, axis=-1)) > 0.005  # some ink


def test_unknown_kind_and_format_are_refused(au25, drawings):
    with pytest.raises(InputError, match="anatomy, bonds"):
        list_drawings(au25, ["kernel"])
    with pytest.raises(InputError, match="svg, pdf, png"):
        drawings[0].render("gif")


def test_no_cluster_no_figure():
    assert list_drawings(water_document()) == ()


def count_balls(axes):
    """Return the number of balls in axes: each has a body and a light."""
    return len(axes.patches) // 2


def test_anatomy_shows_every_atom_of_each_step(au25):
    with apply_style():
        canvas = plot_anatomy(au25["clusters"][0])
    titles = [axes.get_title() for axes in canvas.axes]
    assert titles == ["kernel units", "kernel Au$_{13}$", "motifs", "cluster"]
    assert [count_balls(axes) for axes in canvas.axes] == [13, 13, 25 + 18, 25 + 18]


def test_units_are_apart_and_share_copies():
    """Au38: two icosahedra that share a face are drawn with 26 balls, none upon another."""
    (analysis,) = analyze(data_path("xyz/au38_pet24q_opt.xyz"))
    cluster = write_record(build_document(analysis, measure_structure(analysis)))["clusters"][0]
    with apply_style():
        canvas = plot_anatomy(cluster)
    assert count_balls(canvas.axes[0]) == 26
    assert count_balls(canvas.axes[1]) == 23


def test_a_cluster_without_measured_structure_is_drawn():
    document = copy.deepcopy(vacancy_document())
    for cluster in document["clusters"]:
        cluster["structure"] = None
    assert len(list_drawings(document, ["anatomy"])) == 2


def test_packing_writes_the_distances_of_the_table(au25):
    with apply_style():
        canvas = plot_packing(au25)
    written = {float(text.get_text()) for text in canvas.axes[0].texts}
    listed = sorted({round(row["centroid_distance"], 2) for row in au25["packing"]["neighbours"]})
    assert written == set(listed[: len(written)])
    assert min(written) == pytest.approx(16.17, abs=0.005)  # the shortest cell axis, 16.174 Å


def test_packing_lines_end_at_clusters_of_the_crystal(au25):
    """The lines of neighbours and of their inverses are of equal length on paper too."""
    with apply_style():
        canvas = plot_packing(au25)
    dashed = [line.get_xydata() for line in canvas.axes[0].lines if line.get_color() == "#0072b2"]
    steps = np.array([line[1] - line[0] for line in dashed])
    for step in steps:
        assert min(np.linalg.norm(steps + step, axis=1)) < 1e-6  # Å: an inversion centre lies in the cluster


def test_contact_figure_counts_what_the_table_counts(au25):
    for table in list_contact_tables(au25):
        with apply_style():
            canvas = plot_contacts(table)
        bars = sum(patch.get_height() for patch in canvas.axes[0].patches)
        assert bars == sum(contact["multiplicity"] for contact in table["contacts"])
        (line,) = canvas.axes[1].lines
        assert line.get_xydata().tolist() == [[row["cutoff"], row["n_cell"]] for row in table["by_cutoff"]]


def test_extent_holds_every_ball():
    rng = np.random.default_rng(0)
    balls = Balls(rng.normal(size=(9, 3)), rng.uniform(0.1, 1, 9), ("#112233",) * 9, ())
    left, right, bottom, top = measure_extent(balls)
    x, y = balls.positions[:, 0], balls.positions[:, 1]
    assert np.all(x - balls.radii >= left)
    assert np.all(x + balls.radii <= right)
    assert np.all(y - balls.radii >= bottom)
    assert np.all(y + balls.radii <= top)


def test_model_gives_every_kind():
    names = [drawing.name for drawing in list_drawings(model_document(), FIGURE_KINDS)]
    assert "packing" in names
