"""`clustermodel defects` as a newcomer would use it."""

import csv
import io
import json
import zipfile

import jsonschema
import pytest
from typer.testing import CliRunner

from clustermodel.cli.main import app
from clustermodel.pipeline.defect_document import load_defects_schema

MODEL = "model:au25_sch3_18_nme4"


def run(*arguments):
    result = CliRunner().invoke(app, ["defects", *(str(a) for a in arguments)], env={"COLUMNS": "120"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def assert_refused(result, *words):
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    assert all(word in result.stderr for word in words)


def test_terminal():
    """Th with charge −1: one centre, twelve vertices, six staples that go or shorten in two ways."""
    result = run(MODEL)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "cluster Au25(SCH3)18" in lines
    assert "different defects 2 vacancy, 3 staple, 18 substitution" in lines
    assert any(line.startswith("vacancy-1 Au2 12 -2 (8), -1 (7)") for line in lines)
    assert any(line.startswith("staple-1 Au8, Au9, 3 SCH3 6 0 (8), -1 (9)") for line in lines)
    assert any("Ag, Cu: -1; Pd, Pt: -2; Cd, Hg: 0" in line for line in lines)
    assert "nothing relaxed" in " ".join(lines)


def test_json_fits_its_schema_and_stands_alone():
    result = run(MODEL, "--kind", "vacancy,substitution", "--metal", "Ag", "--json", "-")
    document = json.loads(result.stdout)
    jsonschema.Draft202012Validator(load_defects_schema()).validate(document)
    assert document["schema"] == "clustermodel.defects/1"
    assert [row["id"] for row in document["defects"]][:3] == ["vacancy-1", "vacancy-2", "substitution-Ag-1"]
    assert document["settings"]["substitutes"] == ["Ag"]


@pytest.mark.parametrize("file_format", ["md", "csv", "tex"])
def test_complete_tables_on_stdout(file_format):
    result = run(MODEL, "--kind", "vacancy", "--format", file_format)
    assert result.exit_code == 0
    assert all(word in result.stdout for word in ("vacancy-1", "vacancy-2", "not relaxed"))
    if file_format == "csv":
        *_, last = result.stdout.split("\n\n")
        rows = list(csv.DictReader(io.StringIO("".join(f"{x}\n" for x in last.splitlines() if x[:1] != "#"))))
        assert [row["id"] for row in rows] == ["vacancy-1", "vacancy-2"]
        assert [row["n* at z = -1"] for row in rows] == ["7", "7"]


def test_folder(tmp_path):
    folder = tmp_path / "out"
    result = run(MODEL, "--kind", "vacancy,staple", "--write", "xyz,cif", "--format", "docx", "-o", folder)
    assert result.exit_code == 0
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"defects.json", "defects.docx", "tables/defects-vacancy.csv", "figures/defects.svg"} <= files
    made = sorted(name for name in files if name.startswith("coordinates/"))
    assert len(made) == 10  # two vacancies and three staples, twice each
    assert "coordinates/vacancy/vacancy-1_minus-Au2.xyz" in made
    for name in made:
        assert "MODEL, not measured and not relaxed" in (folder / name).read_text(encoding="utf-8")
    assert zipfile.is_zipfile(folder / "defects.docx")
    assert "5 defects written to" in " ".join(result.stdout.split())


def test_top():
    few, all_rows = (
        run(MODEL, "--kind", "vacancy", "--top", "1"),
        run(MODEL, "--kind", "vacancy", "--top", "0"),
    )
    assert "1 more with --top 0." in few.stdout
    assert "vacancy-2" not in few.stdout
    assert "vacancy-2" in all_rows.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--kind", "dent"], ["--kind", "'dent'", "expected some of filling, vacancy"]),
        (["--metal", "Ag,Xx"], ["--metal", "symbols of metals"]),
        (["--metal", "C"], ["--metal", "symbols of metals"]),
        (["--format", "pdf"], ["--format", "md, csv, tex, docx"]),
        (["--format", "docx"], ["name a folder with -o"]),
        (["--write", "pdb"], ["--write", "xyz, cif"]),
        (["--cluster", "9"], ["no cluster '9'", "1 (C18H54Au25S18)"]),
        (["--block", "all"], ["one block at a time"]),
    ],
)
def test_options_that_mean_nothing_are_refused_in_one_sentence(arguments, words):
    assert_refused(run(MODEL, *arguments), *words)


def test_a_file_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert_refused(run(MODEL, "--kind", "vacancy", "-o", tmp_path / "taken"), "cannot be written", "-o")
    assert_refused(run(tmp_path / "absent.cif"), "absent.cif")


def test_help_names_every_kind():
    shown = " ".join(run("--help").stdout.replace("│", " ").split())
    assert all(word in shown for word in ("vacancy", "staple", "bridge", "ligand", "filling", "substitution"))
