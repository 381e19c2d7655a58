"""Does the page of a comparison work in a browser without a network, as a reader uses it?"""

import json

import numpy as np
import pytest

from clustermodel.report.pair_report import write_pair_report
from clustermodel.report.pair_scene import SIDE_COLOURS, UNIQUE_COLOURS
from tests.report.browser_pages import DARK, DESK, PHONE, ask, launch_browser, open_pages, picture
from tests.report.pair_documents import defect_document, hostile_document, model_document, same_document

DOCUMENTS = {
    "defect": defect_document,
    "model": model_document,
    "same": same_document,
    "hostile": hostile_document,
}
SEEN = "[...Array(v.n).keys()].filter(i => v.visible(i))"


@pytest.fixture(scope="module")
def browser():
    with launch_browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Return a function that writes the report of a document once and gives its folder."""
    written = {}

    def find(name):
        if name not in written:
            written[name] = tmp_path_factory.mktemp(name)
            write_pair_report(DOCUMENTS[name](), written[name])
        return written[name]

    return find


@pytest.fixture
def visit(browser, reports):
    with open_pages(browser) as open_page:
        yield lambda name, settings=DESK: open_page(reports(name) / "comparison.html", settings)


def seen_sides(page):
    return set(ask(page, f"{SEEN}.map(i => v.scene.sides[i])"))


@pytest.mark.parametrize("settings", [DESK, PHONE, DARK], ids=["desk", "phone", "dark"])
@pytest.mark.parametrize("name", ["defect", "same", "hostile"])
def test_page_opens_without_a_network_and_fits(visit, name, settings):
    page = visit(name, settings)
    assert page.evaluate(
        "[document.documentElement.scrollWidth, document.body.scrollWidth].every(w => w <= innerWidth)"
    )
    assert page.evaluate("innerWidth") == settings["viewport"]["width"]  # else a telephone zooms out
    assert page.locator("table").count() >= 8
    assert (picture(page)[..., 3] > 0).mean() > 0.05  # much of the view is drawn


def test_headline_says_what_is_more(visit):
    page = visit("defect")
    assert page.locator("h1").text_content() == "[Au12(PH3)11]4+ → [Au13(PH3)12]5+"
    assert page.locator(".headline").text_content() == "one Au and one PH3 more"
    assert page.locator(".banner").count() == 0


def test_models_are_told_at_first_sight(visit):
    page = visit("model")
    assert "Both clusters are models, not measured structures" in page.locator(".banner").text_content()
    assert page.locator("table th", has_text="(model)").count() >= 4


def test_hostile_text_is_shown_and_does_nothing(visit):
    page = visit("hostile")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert page.locator(".findings.error li").first.is_visible()


def test_either_cluster_and_both_can_be_seen(visit):
    page = visit("defect")
    assert seen_sides(page) == {"a", "b"}
    box = page.locator(".viewer")
    box.locator("[data-hide]").select_option("b")
    assert seen_sides(page) == {"a"}
    box.locator("[data-hide]").select_option("a")
    assert seen_sides(page) == {"b"}
    box.locator("[data-hide]").select_option("")
    assert seen_sides(page) == {"a", "b"}


def test_what_only_one_has_is_seen_without_other_ligands(visit):
    page = visit("defect")
    labels = "v.scene.unique.filter(i => v.visible(i)).map(i => v.scene.labels[i])"
    assert ask(page, labels) == ["Au6", "P30"]
    page.locator("[data-show=hydrogens]").check()
    assert len(ask(page, labels)) == 5
    page.locator("[data-show=alone]").uncheck()
    assert ask(page, labels) == ["Au6", "P30"]  # a metal atom and a donor are always seen


@pytest.mark.parametrize("hidden", ["", "b"], ids=["both", "first alone"])
def test_halo_is_around_the_vacant_site(visit, hidden):
    page = visit("defect")
    page.locator("[data-hide]").select_option(hidden)
    page.locator("[data-magnified]").select_option("0")
    page.wait_for_timeout(100)  # ms; one frame
    with_halo = picture(page)
    page.locator("[data-show=sites]").uncheck()
    page.wait_for_timeout(100)  # ms; one frame
    changed = np.argwhere((with_halo != picture(page)).any(axis=2))
    site = "v.scene.sites[0]"
    x, y = ask(page, f"v.place({site}.place, v.canvas.clientWidth, v.canvas.clientHeight)")
    radius = ask(page, f"Math.max(10, v.scene.radii[{site}.atom] * v.scale + 7)")
    away = np.abs(np.hypot(changed[:, 1] - x, changed[:, 0] - y) - radius)
    assert (away < 6).sum() > 4 * radius  # pixels; a broken ring, half of whose length is 3 radii


def test_site_is_called_by_its_name(visit):
    page = visit("defect")
    assert ask(page, "v.scene.sites.map(s => s.label)") == ["vacant in Au₁₂: Au6 + PH₃"]
    facts = page.locator(".facts").text_content()
    assert "Au6 of Au₁₃ (kernel-surface) with PH₃ has no counterpart in Au₁₂" in facts


def test_colours_tell_cluster_movement_role_and_element(visit):
    page = visit("defect")
    box = page.locator(".viewer")
    unique, first, second = ask(
        page, "[v.scene.unique[0], v.scene.partners.findIndex(p => p >= 0), v.scene.partners[0]]"
    )
    assert ask(page, "x.map(i => v.colour(i))", [unique, first, second]) == [
        UNIQUE_COLOURS["b"],
        SIDE_COLOURS["a"],
        SIDE_COLOURS["b"],
    ]
    for mode, legend in (("movement", "[data-legend=movement]"), ("element", ".elements")):
        box.locator("[data-colour]").select_option(mode)
        assert box.locator(legend).is_visible()
        assert not box.locator("[data-legend=side]").is_visible()
    box.locator("[data-colour]").select_option("side")
    assert box.locator("[data-legend=side] button").count() == 3  # both, and only in the second


def test_partners_are_linked_by_arrows_that_point_from_first_to_second(visit):
    page = visit("defect")
    page.locator("[data-show=sites]").uncheck()
    pictures = {}
    for times in ("0", "5"):
        page.locator("[data-magnified]").select_option(times)
        page.wait_for_timeout(100)  # ms; one frame
        pictures[times] = picture(page)
    changed = (pictures["0"] != pictures["5"]).any(axis=2)
    assert changed.any()
    middle = "((v.sx[x] + v.sx[v.scene.partners[x]]) / 2)"
    start = ask(page, "[v.sx[x], v.sy[x]]", 1)
    end = ask(page, "[v.sx[v.scene.partners[x]], v.sy[v.scene.partners[x]]]", 1)
    assert ask(page, middle, 1) > 0
    tip = np.array(start) + 4.5 * (np.array(end) - np.array(start))  # short of the head of the arrow
    column, row = np.round(tip).astype(int)
    assert changed[row - 2 : row + 3, column - 2 : column + 3].any()


def test_an_atom_names_its_partner(visit):
    page = visit("defect")
    told = ask(page, "[v.describe(0), v.describe(v.scene.unique[0])]")
    assert told[0].startswith("Au1 of Au₁₂ · Au · centre · ")
    assert told[0].endswith("Å from Au1 of Au₁₃")
    assert told[1] == "Au6 of Au₁₃ · Au · kernel-surface · without a partner"


def test_a_row_marks_its_atoms_in_both_clusters(visit):
    page = visit("defect")
    row = page.locator("#site-neighbours tr[data-atoms]").first
    row.scroll_into_view_if_needed()
    row.click()
    assert len(ask(page, "[...v.marked]")) == 1
    page.locator("#displacements").evaluate("e => { e.open = true; }")
    row = page.locator("#displacements tr[data-atoms]").first
    row.scroll_into_view_if_needed()
    row.click()
    assert {ask(page, "v.scene.sides[x]", atom) for atom in ask(page, "[...v.marked]")} == {"a", "b"}
    assert " of Au₁₂ – " in page.locator(".readout").inner_text()


def test_saved_table_and_document_are_the_files(visit, reports, tmp_path):
    page = visit("defect")
    for selector, name in (("[data-csv=bonds]", "tables/bonds.csv"), ("[data-save]", "comparison.json")):
        with page.expect_download() as download:
            page.locator(selector).click()
        download.value.save_as(tmp_path / "saved")
        saved = (tmp_path / "saved").read_text(encoding="utf-8")
        written = (reports("defect") / name).read_text(encoding="utf-8")
        assert saved == written if name.endswith("csv") else json.loads(saved) == json.loads(written)


def test_without_scripts_a_still_picture_takes_the_place_of_the_view(visit):
    page = visit("defect", {**DESK, "java_script_enabled": False})
    assert page.locator(".stage svg path").count() > 50  # balls and sticks of both clusters
    assert not page.locator("canvas").is_visible()
    assert page.locator("table").first.is_visible()


def test_every_section_is_in_the_list_of_sections(visit):
    page = visit("same")
    anchors = page.locator("nav a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert anchors == page.locator("body > section").evaluate_all("all => all.map(s => '#' + s.id)")
