"""`clustermodel table` as the author of a paper would use it."""

import csv
import io
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from clustermodel.cli.main import app
from clustermodel.report.paper_tables import KINDS
from tests.datafiles import data_path

MODEL = "model:au25_sch3_18_nme4"
AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"
NO_CLUSTER = "cif/COD_2006596_Ru_ClO4_disorder.cif"


def run(*arguments):
    result = CliRunner().invoke(app, ["table", *(str(a) for a in arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def titles(text):
    return [line.removeprefix("### ") for line in text.splitlines() if line.startswith("### ")]


def rows(text):
    """Return the rows of the first table of a Markdown text, by their first cells."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return {
        cells[0]: cells[1:] for cells in ([c.strip() for c in line.strip("|").split("|")] for line in lines)
    }


def assert_refused(result, *words):
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("clustermodel: ")
    assert all(word in result.stderr for word in words)


def test_markdown_on_stdout_and_nothing_else_in_a_process_of_its_own():
    program = "from clustermodel.cli.main import app; app()"
    command = [sys.executable, "-c", program, "table", MODEL, "--kind", "crystal"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    assert titles(done.stdout.decode()) == ["Crystal data and structure refinement, Au₂₅(SCH₃)₁₈ (model)"]


def test_help_names_every_kind():
    shown = " ".join(run("--help").stdout.replace("│", " ").split())
    assert all(kind in shown for kind in KINDS)


def test_all_kinds_in_the_order_of_a_paper():
    result = run(MODEL, "--kind", "all")
    assert result.exit_code == 0
    found = titles(result.stdout)
    starts = (
        "Crystal data",
        "Bond lengths",
        "Kernel, motifs",
        "Building units",
        "Point groups",
        "Size",
        "Packing",
    )
    places = [next(i for i, title in enumerate(found) if title.startswith(start)) for start in starts]
    assert places == sorted(places)
    assert all(title.endswith("(model)") for title in found)


def test_two_files_stand_side_by_side():
    result = run(data_path(AU25), MODEL, "--kind", "crystal")
    assert result.exit_code == 0
    table = rows(result.stdout)
    assert table["quantity"] == ["Au₂₅(SC₂H₄Ph)₁₈", "Au₂₅(SCH₃)₁₈ (model)"]
    assert table["a / Å"][0] == "16.174(3)"  # as printed in the file
    assert table["F(000)"] == ["3625", "—"]


def test_csv_has_the_caption_above_and_full_precision():
    lines = run(MODEL, "--kind", "bonds", "--format", "csv").stdout.split("\n\n")[0].splitlines()
    said = [line for line in lines if line.startswith("# ")]
    assert "3.30 Å" in " ".join(said)
    head, *body = csv.reader(io.StringIO("\n".join(lines[len(said) :])))
    assert head[:4] == ["role", "pair", "n", "mean / Å"]
    assert {row[0]: row[2] for row in body}[
        "metal-donor"
    ] == "36"  # two bonds of each of 18 bridging thiolates


def test_the_charge_given_is_in_the_table():
    said = run(MODEL, "--kind", "motifs", "--charge", "1", MODEL).stdout
    assert "| cluster | n\\* | 6 | 6 |" in said  # 25 - 18 - 1


@pytest.mark.parametrize(
    ("name", "start"), [("a.tex", b"\\documentclass"), ("a.docx", b"PK"), ("a.csv", b"# "), ("a.md", b"###")]
)
def test_the_name_of_the_output_says_the_format(tmp_path, name, start):
    result = run(MODEL, "--kind", "crystal", "-o", tmp_path / name)
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / name).read_bytes().startswith(start)


def test_the_format_may_be_another_than_the_name_says(tmp_path):
    run(MODEL, "--kind", "crystal", "--format", "csv", "-o", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").startswith("# ")


def test_word_needs_a_file():
    assert_refused(run(MODEL, "--kind", "crystal", "--format", "docx"), "-o")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--kind", "nothing"), "contacts"),
        (("--kind", "size", "--format", "pdf"), "docx"),
        (("--kind", "contacts", "--preset", "nothing"), "alvarez"),
        (("--kind", "contacts", "--between", "cluster"), "ROLE:ROLE"),
        (("--kind", "contacts", "--between", "cluster:gold"), "counter-ion"),
        (("--kind", "crystal", "-o", "no/such/folder/a.md"), "no/such/folder"),
    ],
)
def test_an_option_that_makes_no_sense_is_told_in_one_line(options, word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_refused(run(MODEL, *options), word)


def test_a_file_without_a_cluster_has_crystal_data_and_no_bonds():
    path = data_path(NO_CLUSTER)
    assert run(path, "--kind", "crystal").exit_code == 0
    assert_refused(run(path, "--kind", "bonds"), path.name, "no cluster")


def test_a_file_of_atoms_has_no_crystal(tmp_path):
    path = tmp_path / "water.xyz"
    path.write_text("3\n\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n")
    assert_refused(run(path, "--kind", "crystal"), "water.xyz", "no refined crystal")


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    result = run("absent.cif", MODEL, tmp_path / "neither.cif", "--kind", "crystal")
    assert result.exit_code == 1
    assert titles(result.stdout) == ["Crystal data and structure refinement, Au₂₅(SCH₃)₁₈ (model)"]
    assert [line.split()[1] for line in result.stderr.splitlines()] == [
        "absent.cif:",
        f"{tmp_path / 'neither.cif'}:",
    ]


def test_only_bad_files_write_nothing(tmp_path):
    result = run("absent.cif", "neither.cif", "--kind", "crystal", "-o", tmp_path / "a.md")
    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_contacts_by_preset_species_and_hydrogens():
    usual = run(MODEL, "--kind", "contacts").stdout
    chosen = run(
        *(MODEL, "--kind", "contacts", "--preset", "csd", "--between", "counter-ion:cluster", "--normalise-h")
    ).stdout
    assert "preset platon" in usual
    assert "preset csd" in chosen
    assert "C–H 1.083" in chosen
    assert "counter-ion–counter-ion" in usual
    assert "counter-ion–counter-ion" not in chosen


def test_blocks_of_one_file_stand_side_by_side():
    path = data_path("cif/om4005498_si_Pd2Cu2_AgPd2_2blocks.cif")
    head = rows(run(path, "--block", "all", "--kind", "crystal").stdout)["quantity"]
    assert len(head) == len(set(head)) == 2
