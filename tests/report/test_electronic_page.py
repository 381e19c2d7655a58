"""Is the report of a calculation whole, and is its page one safe file that works offline?"""

import json

import pytest

from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.pipeline.electronic import ElectronicSettings, calculate_electronic
from clustermodel.report.electronic_report import list_report_tables, write_electronic_report
from clustermodel.report.electronic_scene import build_electronic_scene, list_charge_schemes
from clustermodel.report.electronic_sentences import describe_calculated, list_electronic_findings
from tests.datafiles import data_path
from tests.report.browser_pages import DARK, DESK, PHONE, ask, launch_browser, open_pages
from tests.report.electronic_cases import closed, doublet, hostile, measured, model, named, smeared
from tests.report.page_reader import count_programs, list_troubles

CASES = {"closed": closed, "doublet": doublet, "smeared": smeared, "hostile": hostile}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Return a function that writes a report once and gives its folder and files."""
    written = {}

    def find(name):
        if name not in written:
            folder = tmp_path_factory.mktemp(name) / "new"
            source = named("<b>x</b>.cif") if name == "hostile" else model()
            written[name] = folder, write_electronic_report(CASES[name](), folder, analysis=source)
        return written[name]

    return find


def read(reports, name):
    return (reports(name)[0] / "electronic.html").read_text(encoding="utf-8")


def test_everything_written_is_returned_and_nothing_else_is_there(reports):
    folder, written = reports("closed")
    assert set(written) == {path for path in folder.rglob("*") if path.is_file()}
    names = {path.relative_to(folder).as_posix() for path in written}
    assert {"electronic.html", "electronic.json", "tables/electronic.docx"} <= names
    assert {f"figures/{one}.svg" for one in ("levels-superatom", "density-of-states", "absorption")} <= names
    for table in list_report_tables(closed(), analysis=model()):
        assert {f"tables/{table.name}.{suffix}" for suffix in ("csv", "md", "tex")} <= names


def test_names_of_tables_do_not_repeat():
    names = [table.name for table in list_report_tables(doublet(), analysis=model())]
    assert len(names) == len(set(names))


def test_the_page_shows_every_table_and_every_figure(reports):
    page = read(reports, "closed")
    for table in list_report_tables(closed(), analysis=model()):
        assert f'id="{table.name}"' in page
    assert page.count("<svg") == 5  # four figures and the still picture


def test_same_states_same_files(reports, tmp_path):
    folder, written = reports("closed")
    write_electronic_report(closed(), tmp_path, analysis=model())
    for path in written:
        if path.suffix != ".docx":  # holds the time of writing in its archive
            assert path.read_bytes() == (tmp_path / path.relative_to(folder)).read_bytes()


@pytest.mark.parametrize("name", CASES)
def test_the_page_asks_for_nothing_from_outside(reports, name):
    page = reports(name)[0] / "electronic.html"
    assert list_troubles(page) == []
    assert count_programs(page) == 1


def test_json_has_the_schema_and_the_notes(reports):
    document = json.loads((reports("hostile")[0] / "electronic.json").read_text(encoding="utf-8"))
    assert document["schema"] == "clustermodel.electronic/1"
    assert document["notes"] == list(hostile().notes)


def test_models_have_a_banner_and_others_have_none(reports, tmp_path):
    assert "<strong>MODEL</strong>" in read(reports, "closed")
    write_electronic_report(closed(), tmp_path, analysis=measured())
    assert "<strong>MODEL</strong>" not in (tmp_path / "electronic.html").read_text(encoding="utf-8")
    write_electronic_report(closed(), tmp_path)
    assert "SHA-256" not in (tmp_path / "electronic.html").read_text(encoding="utf-8")


def test_headline_gives_the_gap_or_both(reports):
    assert "HOMO–LUMO gap 2.00 eV by GFN1-xTB" in read(reports, "closed")
    assert "HOMO–LUMO gaps 2.00 eV α and 1.00 eV β by GFN1-xTB" in read(reports, "doublet")
    assert "β (levels partly filled)" in read(reports, "smeared")


def test_partly_filled_levels_are_a_warning_with_their_electrons():
    (warning,) = list_electronic_findings(smeared())["warning"]
    assert "0.75, 0.75, 0.50" in warning["message"]
    assert list_electronic_findings(doublet())["warning"] == []


def test_composition_is_that_of_the_cut_cluster():
    assert describe_calculated(closed()) == "Au25(SH)18"


def test_scene_has_the_calculated_atoms_in_their_roles():
    scene = build_electronic_scene(closed())
    assert len(scene["roles"]) == 25 + 18 + 18
    roles = {role: scene["roles"].count(role) for role in set(scene["roles"])}
    assert roles["centre"] + roles["kernel-surface"] == 13
    assert roles["staple"] == 12
    assert roles["ligand"] == 18  # the new hydrogen atoms
    assert len(scene["bonds"]) % 2 == 0


def test_every_atom_is_in_one_class_of_charges():
    (scheme,) = list_charge_schemes(closed())
    atoms = sorted(atom for group in scheme.groups for atom in group.atoms)
    assert atoms == list(range(61))
    lowest = scheme.groups[0]
    assert lowest.name.startswith("below −")
    assert closed().result.atomic_charges[list(lowest.atoms)].tolist() == [-0.8]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file.*cannot be written"):
        write_electronic_report(closed(), tmp_path / "file")


@pytest.fixture(scope="module")
def browser():
    with launch_browser() as chromium:
        yield chromium


@pytest.fixture
def visit(browser, reports):
    with open_pages(browser) as open_page:
        yield lambda name, settings=DESK: open_page(reports(name)[0] / "electronic.html", settings)


@pytest.mark.parametrize("settings", [DESK, PHONE, DARK], ids=["desk", "phone", "dark"])
@pytest.mark.parametrize("name", ["doublet", "hostile"])
def test_page_opens_without_a_network_and_fits(visit, name, settings):
    page = visit(name, settings)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("innerWidth") == settings["viewport"]["width"]  # else a telephone zooms out


def test_atoms_take_the_colours_of_their_charges_and_rows_mark_them(visit):
    page = visit("closed")
    legend = page.locator("[data-legend=charge]")
    assert not legend.is_visible()
    page.select_option("[data-colour]", "charge")
    assert legend.is_visible()
    lowest = next(group for group in list_charge_schemes(closed())[0].groups if len(group.atoms) == 1)
    assert ask(page, f"v.colour({lowest.atoms[0]})") == lowest.colour
    page.locator("details#calculated-atoms > summary").click()
    page.locator("#calculated-atoms tbody tr").nth(3).click()
    assert ask(page, "[...v.marked]") == [3]


@pytest.mark.slow  # two calculations by GFN1-xTB and the excitations of one
def test_report_of_au25_as_anion_and_as_doublet(tmp_path):
    pytest.importorskip("tblite")
    file = data_path("xyz/au25_pet18_-1_opt.xyz")
    for charge, letters in ((-1, ""), (0, "αβ")):
        (analysis,) = analyze(file, settings=AnalysisSettings(charge=charge))
        states = calculate_electronic(
            analysis.clusters[0], settings=ElectronicSettings(spectrum_ev=2.0 if charge else 0.0)
        )
        folder = tmp_path / str(charge)
        write_electronic_report(states, folder, analysis=analysis)
        page = (folder / "electronic.html").read_text(encoding="utf-8")
        assert list_troubles(folder / "electronic.html") == []
        assert "<strong>MODEL</strong>" not in page
        assert all(f"{letter} electrons" in page for letter in letters)
        assert ("Optical gap by three definitions" in page) is (charge == -1)
