"""Is the whole report on disk, and is the page one safe file?"""

import json
import re

import pytest

from clustermodel.errors import InputError
from clustermodel.pipeline.document import SCHEMA
from clustermodel.report.page_parts import embed_json
from clustermodel.report.write import write_report
from tests.report.page_reader import count_programs, list_troubles, read_page
from tests.report.report_documents import (
    HOSTILE,
    block_documents,
    hostile_document,
    model_document,
    vacancy_document,
    water_document,
)


def test_everything_written_is_returned_and_nothing_else_is_there(tmp_path):
    written = write_report(model_document(), tmp_path / "new" / "folder")
    found = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert set(written) == found
    assert len(written) == len(found)
    names = {path.relative_to(tmp_path / "new" / "folder").as_posix() for path in found}
    assert {"report.html", "analysis.json", "tables/species.csv", "figures/cluster-1-structure.svg"} <= names
    for stem in {name.rpartition(".")[0] for name in names if name.startswith("tables/")}:
        assert {f"{stem}.csv", f"{stem}.md", f"{stem}.tex"} <= names


def test_json_is_the_document(tmp_path):
    write_report(model_document(), tmp_path)
    assert json.loads((tmp_path / "analysis.json").read_text(encoding="utf-8")) == model_document()


def test_numbers_that_are_not_finite_become_null(tmp_path):
    document = water_document()
    document["crystal"]["cell"]["volume"] = float("nan")
    write_report(document, tmp_path)
    assert json.loads((tmp_path / "analysis.json").read_text())["crystal"]["cell"]["volume"] is None


def test_same_document_same_files(tmp_path):
    for name in ("one", "two"):
        write_report(vacancy_document(), tmp_path / name)
    for path in (tmp_path / "one").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


def test_several_blocks_share_a_page_and_keep_their_tables_apart(tmp_path):
    documents = block_documents()
    written = {path.name for path in write_report(documents, tmp_path)}
    assert {"MODEL-Au25-SCH3-18-NMe4-species.csv", "water-species.csv"} <= written
    assert json.loads((tmp_path / "analysis.json").read_text(encoding="utf-8")) == documents
    ids = [value for _, key, value in read_page(tmp_path / "report.html").attributes if key == "id"]
    assert len(ids) == len(set(ids))


def test_blocks_of_one_name_do_not_overwrite_each_other(tmp_path):
    written = write_report([water_document(), water_document()], tmp_path)
    assert len(written) == len(set(written))


def test_what_is_no_document_is_refused(tmp_path):
    with pytest.raises(InputError, match="at least one document"):
        write_report([], tmp_path)
    with pytest.raises(InputError, match=re.escape(SCHEMA)):
        write_report({"schema": "other/1"}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file.*cannot be written"):
        write_report(water_document(), tmp_path / "file")


# ---------------------------------------------------------------------------------------------- the page


@pytest.mark.parametrize("make", [model_document, vacancy_document, water_document, hostile_document])
def test_the_page_asks_for_nothing_from_outside(make, tmp_path):
    write_report(make(), tmp_path)
    assert list_troubles(tmp_path / "report.html") == []


@pytest.mark.parametrize("make", [model_document, hostile_document])
def test_only_the_script_of_the_report_may_run(make, tmp_path):
    write_report(make(), tmp_path)
    assert count_programs(tmp_path / "report.html") == 1


def test_data_in_the_page_is_the_data(tmp_path):
    document = hostile_document()
    write_report(document, tmp_path)
    data = {
        a["id"]: json.loads(text)
        for a, text in read_page(tmp_path / "report.html").scripts
        if a.get("type") == "application/json"
    }
    assert data["analysis"] == document
    assert data["d1-scenes"][0]["labels"][0] == HOSTILE
    for name, text in data["csv"].items():
        assert (tmp_path / "tables" / f"{name.removeprefix('d1-')}.csv").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["</script>", "<!--", "&lt;", "a\u2028b", 'quote " and \\'])
def test_json_cannot_leave_its_element(text):
    written = embed_json({"text": text})
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == {"text": text}
