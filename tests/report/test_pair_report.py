"""Is the whole report of a comparison on disk, and is its page one safe file?"""

import json

import pytest

from clustermodel.errors import InputError
from clustermodel.report.pair_report import write_pair_report
from tests.report.page_reader import count_programs, list_troubles, read_page
from tests.report.pair_documents import defect_document, hostile_document, same_document
from tests.report.report_documents import HOSTILE

DOCUMENTS = {"defect": defect_document, "same": same_document, "hostile": hostile_document}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Return a function that writes the report of a document once and gives its folder and files."""
    written = {}

    def find(name):
        if name not in written:
            folder = tmp_path_factory.mktemp(name) / "new" / "folder"
            written[name] = folder, write_pair_report(DOCUMENTS[name](), folder)
        return written[name]

    return find


def test_everything_written_is_returned_and_nothing_else_is_there(reports):
    folder, written = reports("defect")
    found = {path for path in folder.rglob("*") if path.is_file()}
    assert set(written) == found
    assert len(written) == len(found)
    names = {path.relative_to(folder).as_posix() for path in found}
    assert {"comparison.html", "comparison.json", "tables/comparison.docx", "figures/overlay.svg"} <= names
    for stem in {name.rpartition(".")[0] for name in names if name.endswith(".csv")}:
        assert {f"{stem}.md", f"{stem}.tex"} <= names


def test_json_is_the_document(reports):
    folder, _ = reports("defect")
    assert json.loads((folder / "comparison.json").read_text(encoding="utf-8")) == defect_document()


def test_same_document_same_files(reports, tmp_path):
    folder, written = reports("defect")
    write_pair_report(defect_document(), tmp_path)
    for path in written:
        if path.suffix != ".docx":  # holds the time of writing in its archive
            assert path.read_bytes() == (tmp_path / path.relative_to(folder)).read_bytes()


def test_what_is_no_comparison_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"clustermodel\.compare/1"):
        write_pair_report({"schema": "clustermodel.analysis/1"}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file.*cannot be written"):
        write_pair_report(same_document(), tmp_path / "file")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_page_asks_for_nothing_from_outside(reports, name):
    page = reports(name)[0] / "comparison.html"
    assert list_troubles(page) == []
    assert count_programs(page) == 1
    ids = [value for _, key, value in read_page(page).attributes if key == "id"]
    assert len(ids) == len(set(ids))


def test_data_in_the_page_is_the_data(reports):
    folder, _ = reports("hostile")
    data = {
        attributes["id"]: json.loads(text)
        for attributes, text in read_page(folder / "comparison.html").scripts
        if attributes.get("type") == "application/json"
    }
    assert data["analysis"] == hostile_document()
    assert data["scenes"][0]["labels"][0] == HOSTILE
    for name, text in data["csv"].items():
        assert (folder / "tables" / f"{name}.csv").read_text(encoding="utf-8") == text


def test_numbers_that_are_not_finite_become_null(tmp_path):
    document = same_document()
    document["sources"]["a"]["temperature"] = float("nan")
    write_pair_report(document, tmp_path)
    saved = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert saved["sources"]["a"]["temperature"] is None
