"""Does the page work in a browser without a network, on a desk and on a telephone, as a reader uses it?"""

import itertools
import json
import re

import numpy as np
import pytest

from clustermodel.report.viewer import load_styles
from clustermodel.report.write import write_report
from tests.datafiles import data_path
from tests.report.browser_pages import DARK, DESK, PHONE, ask, launch_browser, open_pages, picture
from tests.report.report_documents import (
    hostile_document,
    make_documents,
    model_document,
    vacancy_document,
    water_document,
)

DOCUMENTS = {
    "model": model_document,
    "vacancy": vacancy_document,
    "water": water_document,
    "hostile": hostile_document,
}
FILES = {
    "au25": "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif",
    "au102": "xyz/sch3_102_44.xyz",
    "w6s8": "cif/COD_1004001_W6S8_PBu3_6_disordered.cif",
    "no-cluster": "cif/COD_2006596_Ru_ClO4_disorder.cif",
}


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
            documents = DOCUMENTS[name]() if name in DOCUMENTS else make_documents(data_path(FILES[name]))
            folder = tmp_path_factory.mktemp(name)
            write_report(documents, folder)
            written[name] = folder
        return written[name]

    return find


@pytest.fixture
def visit(browser, reports):
    """Return a function that opens a report offline; in the end nothing may have gone wrong in the page."""
    with open_pages(browser) as open_page:
        yield lambda name, settings=DESK: open_page(reports(name) / "report.html", settings)


def front_atoms(page, count):
    """Return the front metals and donors; nothing hides the first of them."""
    order = "[...Array(v.n).keys()].filter(i => !v.isRest[i]).sort((a, b) => v.sz[b] - v.sz[a])"
    return ask(page, f"{order}.slice(0, x)", count)


def tap(page, atom):
    box = page.locator(".viewer canvas").first.bounding_box()
    x, y = ask(page, "[v.sx[x], v.sy[x]]", atom)
    page.mouse.click(box["x"] + x, box["y"] + y)


# ---------------------------------------------------------------------------------------------- every page


@pytest.mark.parametrize("settings", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", [*DOCUMENTS, *FILES])
def test_page_opens_without_a_network_and_fits(visit, name, settings):
    page = visit(name, settings)
    width = settings["viewport"]["width"]
    assert page.evaluate(
        "[document.documentElement.scrollWidth, document.body.scrollWidth].every(w => w <= innerWidth)"
    )
    assert page.evaluate("innerWidth") == width  # a page too wide makes a telephone zoom out
    assert page.locator("table").count() >= 3
    first = page.evaluate("document.querySelector('article section').className")
    assert first == "audit"
    assert page.locator(".viewer canvas").count() == page.locator("section.cluster").count()


def test_errors_and_warnings_are_seen_and_notes_are_folded(visit):
    page = visit("hostile")
    assert page.locator(".findings.error li").first.is_visible()
    assert page.locator(".findings.warning li").first.is_visible()
    assert not page.locator(".findings.info li").first.is_visible()


def test_hostile_text_is_shown_and_does_nothing(visit):
    page = visit("hostile")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert page.locator("h1").text_content().startswith("</script><img")


def test_model_and_vacancy_are_told_at_first_sight(visit):
    page = visit("vacancy")
    banners = page.locator(".banner").all_text_contents()
    assert "This is a model, not a measured structure." in banners[0]
    assert "20\xa0% of the places" in banners[1]
    assert page.locator(".headline").text_content() == "Au25(SCH3)18 (20\xa0%), Au24(SCH3)18 (80\xa0%)"


def test_page_without_a_cluster_is_useful(visit):
    page = visit("no-cluster")
    assert page.locator("canvas").count() == 0
    assert page.get_by_text("No molecule of this file has three or more metal atoms").is_visible()
    assert page.locator("table").filter(has_text="perchlorate").first.is_visible()


def test_key_facts_of_the_deposited_cluster(visit):
    facts = visit("au25").locator(".facts").text_content()
    for fact in (
        "C144H162Au25S18",
        "electroneutrality",
        "25 (Au) − 18 (thiolate SC2H4Ph) − 0 (charge 0) = 7",
    ):
        assert fact in facts
    assert "Au13 + 6 Au2(SR)3" in facts


# --------------------------------------------------------------------------------------------- the 3D view


@pytest.mark.parametrize("settings", [DESK, PHONE, DARK], ids=["desk", "phone", "dark"])
def test_view_shows_the_front_atom_in_the_colour_of_its_role(visit, settings):
    page = visit("model", settings)
    seen = picture(page)
    assert (seen[..., 3] > 0).mean() > 0.1  # much of the view is drawn
    (atom,) = front_atoms(page, 1)
    x, y, role = ask(page, "[v.sx[x] * devicePixelRatio, v.sy[x] * devicePixelRatio, v.scene.roles[x]]", atom)
    colours = {name: style["colour"] for name, style in load_styles()["roles"].items()}
    pixel = seen[round(y), round(x), :3]
    away = {n: np.linalg.norm(pixel - [int(c[i : i + 2], 16) for i in (1, 3, 5)]) for n, c in colours.items()}
    assert min(away, key=away.get) == role


def test_view_does_not_mirror_the_cluster(visit):
    page = visit("au25")
    xyz = np.array(ask(page, "v.scene.xyz")).reshape(-1, 3)
    shown = np.array(ask(page, "[...Array(v.n).keys()].map(i => [v.sx[i], -v.sy[i], v.sz[i] * v.scale])"))
    for first in range(0, 40, 4):
        true, drawn = (np.linalg.det(p[first + 1 : first + 4] - p[first]) for p in (xyz, shown))
        if abs(true) > 1.0:  # Å3; flat groups have no hand
            assert np.sign(true) == np.sign(drawn)


def test_dragging_turns_and_keeps_the_shape(visit):
    page = visit("model")
    before = np.array(ask(page, "v.turn")).reshape(3, 3)
    box = page.locator(".viewer canvas").bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 180, box["y"] + 90, steps=5)
    page.mouse.up()
    after = np.array(ask(page, "v.turn")).reshape(3, 3)
    assert not np.allclose(before, after, atol=0.1)
    np.testing.assert_allclose(after @ after.T, np.eye(3), atol=1e-9)  # rounding of the multiplications
    assert np.linalg.det(after) == pytest.approx(1.0)
    assert page.locator(".readout").text_content().startswith("Drag to turn")  # a drag picks no atom
    page.keyboard.press("0")
    np.testing.assert_allclose(np.array(ask(page, "v.turn")).reshape(3, 3), before, atol=1e-12)


def test_wheel_scrolls_the_page_until_the_view_is_clicked(visit):
    page = visit("model")
    page.locator(".viewer canvas").hover()
    page.mouse.wheel(0, -200)
    assert ask(page, "v.zoom") == 1
    page.locator(".viewer canvas").click(position={"x": 5, "y": 5})
    page.mouse.wheel(0, -200)
    page.wait_for_function("document.querySelector('.viewer').viewer.zoom > 1.1")


def test_two_fingers_zoom(visit):
    page = visit("model", PHONE)
    page.evaluate(
        """() => { const c = document.querySelector('.viewer canvas'), r = c.getBoundingClientRect();
        const send = (type, id, x) => c.dispatchEvent(new PointerEvent(type, { pointerId: id,
          pointerType: 'touch', clientX: r.left + x, clientY: r.top + 100, bubbles: true }));
        c.setPointerCapture = () => {};
        send('pointerdown', 1, 100); send('pointerdown', 2, 200); send('pointermove', 2, 300); }"""
    )
    assert ask(page, "v.zoom") == pytest.approx(2.0)


def test_pointing_names_the_atom(visit):
    page = visit("au25")
    (atom,) = front_atoms(page, 1)
    page.locator(".viewer canvas").scroll_into_view_if_needed()
    box = page.locator(".viewer canvas").bounding_box()
    x, y = ask(page, "[v.sx[x], v.sy[x]]", atom)
    page.mouse.move(box["x"] + x, box["y"] + y)
    label, element, role = ask(page, "[v.scene.labels[x], v.scene.elements[x], v.scene.roles[x]]", atom)
    place = ask(page, "v.scene.places[x]", atom).replace("-", "−").replace(",", ", ")
    assert page.locator(".tip").text_content() == f"{label} · {element} · {role} · {place}"


def test_tapping_measures_distances_and_an_angle(visit):
    page = visit("au25")
    page.locator(".viewer canvas").scroll_into_view_if_needed()
    xyz = np.array(
        [atom["xyz"] for atom in make_documents(data_path(FILES["au25"]))[0]["clusters"][0]["atoms"]]
    )
    atoms = front_atoms(page, 3)
    for atom in atoms:
        tap(page, atom)
    told = page.locator(".readout").text_content()
    a, b, c = xyz[atoms]
    numbers = [float(number) for number in re.findall(r": (\d+\.\d+) Å", told)]
    expected = [np.linalg.norm(p - q) for p, q in itertools.pairwise((a, b, c))]
    np.testing.assert_allclose(numbers, expected, atol=0.0025)  # Å; the scene is rounded to 0.001 Å
    cosine = (a - b) @ (c - b) / np.linalg.norm(a - b) / np.linalg.norm(c - b)
    angle = float(told.rpartition("angle ")[2].rstrip("°"))
    assert angle == pytest.approx(np.degrees(np.arccos(cosine)), abs=0.15)  # degrees; the same rounding
    page.keyboard.press("Escape")
    assert page.locator(".readout").text_content().startswith("Drag to turn")


def test_check_boxes_show_and_hide(visit):
    page = visit("model")
    count = "[...Array(v.n).keys()].filter(i => v.visible(i)).length"
    assert ask(page, count) == 25 + 18 + 18  # gold, sulfur and methyl carbon
    page.locator("[data-show=hydrogens]").check()
    assert ask(page, count) == 25 + 18 + 18 + 54
    page.locator("[data-show=ligands]").uncheck()
    assert ask(page, count) == 25 + 18
    page.locator("[data-role=staple]").uncheck()
    assert ask(page, count) == 13 + 18


def test_colours_change_to_those_of_the_elements(visit):
    page = visit("model")
    before = picture(page)
    assert not page.locator(".legend.elements").is_visible()
    page.locator("[data-colour]").select_option("element")
    page.wait_for_timeout(100)  # ms; one frame
    assert (picture(page) != before).any()
    assert page.locator(".legend.elements").is_visible()
    assert not page.locator(".legend.roles .swatch").first.is_visible()


def test_molecules_of_a_co_crystal_are_compared_in_one_view(visit):
    page = visit("vacancy")
    assert ask(page, "v.n") == 115
    turn = ask(page, "v.turn")
    page.locator("[data-scene]").first.select_option("1b")
    assert ask(page, "v.n") == 114
    assert ask(page, "v.turn") == turn


def test_view_can_be_saved_as_a_picture(visit, tmp_path):
    from matplotlib.image import imread

    page = visit("model")
    with page.expect_download() as download:
        page.locator("[data-act=picture]").click()
    download.value.save_as(tmp_path / "view.png")
    image = imread(tmp_path / "view.png")
    assert max(image.shape) == 2400
    assert (image[..., :3] < 0.9).any()
    assert (image[..., 3] == 1).all()  # white paper, not transparent


# ----------------------------------------------------------------------------------------- what is copied


def test_copied_table_is_the_file(visit, reports):
    page = visit("model")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("[data-copy='d1-cluster-1-bonds']")
    button.click()
    page.wait_for_function(
        "document.querySelector(\"[data-copy='d1-cluster-1-bonds']\").textContent === 'Copied'"
    )
    expected = (reports("model") / "tables" / "cluster-1-bonds.csv").read_text(encoding="utf-8")
    assert page.evaluate("navigator.clipboard.readText()") == expected


def test_saved_json_is_the_file(visit, reports, tmp_path):
    page = visit("vacancy")
    with page.expect_download() as download:
        page.locator("[data-save]").click()
    download.value.save_as(tmp_path / "saved.json")
    paths = (tmp_path / "saved.json", reports("vacancy") / "analysis.json")
    saved, written = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
    assert saved == written


def test_without_scripts_a_still_picture_takes_the_place_of_the_view(visit):
    page = visit("model", {**DESK, "java_script_enabled": False})
    assert page.locator(".stage svg circle").count() == 2 * (25 + 18)  # ball and mist of gold and sulfur
    assert not page.locator("canvas").is_visible()
    assert page.locator("table").first.is_visible()


def test_paper_shows_dark_on_light_and_unfolds(visit):
    page = visit("model", DARK)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 28, 26)"
    assert page.locator("details:not(.long)").evaluate_all("all => all.every(one => one.open)")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details").evaluate_all("all => all.every(one => !one.open)")


def test_kernel_units_staples_and_packing_have_colours_and_a_legend(visit):
    page = visit("au25")
    box = page.locator(".viewer").first
    for scheme, groups in (("units", 1), ("staples", 6), ("packing", 2)):
        box.locator("[data-colour]").select_option(scheme)
        legend = box.locator(f"[data-legend={scheme}]")
        assert legend.is_visible()
        assert legend.locator("button").count() == groups
        assert legend.locator("button").first.bounding_box()["height"] > 10
    assert not box.locator("[data-legend=units]").is_visible()
    box.locator("[data-legend=packing] button").first.click()
    assert ask(page, "v.marked.size") == 13
    assert "13 atoms" in box.locator(".readout").inner_text()


@pytest.mark.parametrize("which", ["outer", "inner"])
def test_contacts_are_drawn_from_the_atoms_that_have_them(visit, which):
    page = visit("au25")
    contacts = ask(page, f"v.scene.contacts.filter(c => c.inside === ({which!r} === 'inner'))")
    assert len(contacts) > 10
    xyz = np.array(ask(page, "v.scene.xyz")).reshape(-1, 3)
    for one in contacts:
        reach = np.linalg.norm(xyz[one["atom"]] - np.array(one["ends"][:3]))
        assert reach < 1.5  # Å: at the atom, or at the centre of its ring
    before = picture(page)
    page.locator(f"[data-show={which}]").first.check()
    page.wait_for_timeout(100)
    assert np.any(picture(page) != before)
    assert ask(page, "x.every(c => v.visible(c.atom))", contacts)


def test_a_row_marks_its_atoms_and_finds_back(visit):
    page = visit("au25")
    table = page.locator("#d1-cluster-1-atoms")
    table.evaluate("e => { e.open = true; }")
    row = table.locator("tr[data-atoms]").nth(7)
    row.scroll_into_view_if_needed()
    row.click()
    assert ask(page, "[...v.marked]") == [7]
    label = row.locator("td").nth(1).inner_text()
    assert page.locator(".readout").first.inner_text().startswith(label)
    page.wait_for_timeout(100)
    box = page.locator("canvas").first.bounding_box()
    assert 0 <= box["y"] <= DESK["viewport"]["height"] - 100  # the view was brought back
    page.locator("[data-back]").click()
    page.wait_for_timeout(100)
    assert 0 <= row.bounding_box()["y"] <= DESK["viewport"]["height"]
    row.press("Enter")
    assert ask(page, "v.marked.size") == 0
    assert page.locator("tr[aria-selected=true]").count() == 0
