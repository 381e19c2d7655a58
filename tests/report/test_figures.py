"""Do the figures show the numbers, the same way every time, and need nothing from outside?"""

import re
import xml.etree.ElementTree as ET

import pytest

from clustermodel.report.cluster_tables import SUM_ROLE
from clustermodel.report.figures import draw_figures
from tests.report.report_documents import model_document, vacancy_document

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def cluster():
    return model_document()["clusters"][0]


@pytest.fixture(scope="module")
def figures(cluster):
    return {figure.name.removeprefix("cluster-1-"): figure for figure in draw_figures(cluster)}


def texts(figure):
    return ["".join(element.itertext()) for element in ET.fromstring(figure.svg).iter(f"{SVG}text")]


def test_figures_with_captions(figures):
    assert list(figures) == ["anatomy", "bond-ranges", "bond-histogram", "electron-count"]
    assert "convention staple" in figures["anatomy"].caption
    assert "3.30 Å" in figures["bond-ranges"].caption
    assert "0.02 Å" in figures["bond-histogram"].caption


def test_figures_are_well_formed_and_need_nothing_from_outside(figures):
    for figure in figures.values():
        for written in (figure.svg, figure.inline("d1-")):
            root = ET.fromstring(written)
            assert root.tag == f"{SVG}svg"
            links = [value for e in root.iter() for key, value in e.attrib.items() if key.endswith("href")]
            assert all(link.startswith("#") for link in links)
            assert not re.search(r"url\((?!#)", written)


def test_figures_are_the_same_every_time(cluster, figures):
    assert [figure.svg for figure in draw_figures(cluster)] == [figure.svg for figure in figures.values()]


def test_figures_do_not_depend_on_the_settings_of_the_reader(cluster, figures):
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert [figure.svg for figure in draw_figures(cluster)] == [figure.svg for figure in figures.values()]


def test_every_role_but_the_sum_has_a_row_with_its_number(cluster, figures):
    shown = texts(figures["bond-ranges"])
    for row in cluster["bonds"]:
        label = f"{row['role']}, {row['pair'].replace('-', '–')}"
        assert (label in shown) == (row["role"] != SUM_ROLE)
    numbers = [text for text in shown if text.strip().isdigit()]
    assert [int(text) for text in numbers] == [
        row["n"] for row in cluster["bonds"] if row["role"] != SUM_ROLE
    ]


def test_closed_shells_are_named(figures):
    shown = [text.strip() for text in texts(figures["electron-count"])]
    assert {"2", "8"} <= set(shown)  # 7 - z closes 8 at -1 and 2 at +5
    assert "−1" in shown
    assert "filled: this cluster" in figures["electron-count"].caption


def test_no_cluster_is_marked_where_the_charge_is_unknown(figures):
    unknown = draw_figures(vacancy_document()["clusters"][0])[-1]
    assert "not known" in unknown.caption
    marks = [len(re.findall("<use ", figure.svg)) for figure in (figures["electron-count"], unknown)]
    assert marks[0] == marks[1] + 1


def test_figures_without_data_are_left_out(cluster):
    bare = {**cluster, "bonds": [], "electron_count": {**cluster["electron_count"], "by_charge": []}}
    assert [figure.name for figure in draw_figures(bare)] == ["cluster-1-anatomy"]


def test_the_page_gives_figures_its_own_colours(figures):
    for figure in figures.values():
        shown = figure.inline("d1-")
        if not figure.adapts:  # its colours mean roles: shown as in print
            assert figure.name.endswith("anatomy")
            continue
        assert "currentColor" in shown
        assert not re.search(r'fill: #000000|stroke: #000000|<g id=|width="\d+pt"', shown)


def test_drawings_of_a_page_share_no_name(figures):
    names = [
        name
        for prefix in ("d1-", "d2-")
        for figure in figures.values()
        for name in re.findall(r' id="([^"]*)"', figure.inline(prefix))
    ]
    assert names
    assert len(names) == len(set(names))
