"""The command line as a newcomer and a script would use it."""

import dataclasses
import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from clustermodel.cli.main import app
from tests.datafiles import data_path

MODEL = "model:au25_sch3_18_nme4"
AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"


@dataclasses.dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(*arguments):
    """Run a command in this process; its output is kept apart."""
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def test_json_in_a_process_of_its_own():
    """As a script calls it: one document on stdout, nothing else anywhere."""
    program = "from clustermodel.cli.main import app; app()"
    command = [sys.executable, "-c", program, "analyze", MODEL, "--json", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    assert json.loads(done.stdout)["schema"] == "clustermodel.analysis/1"


def test_json_on_stdout_and_nothing_else():
    done = run("analyze", MODEL, "--json", "-")
    assert done.returncode == 0
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["schema"] == "clustermodel.analysis/1"
    assert document["clusters"][0]["electron_count"]["value"] == 8


def test_file_without_cluster_is_no_error():
    done = run("analyze", data_path("cif/COD_2006596_Ru_ClO4_disorder.cif"), "--json", "-")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["clusters"] == []
    assert len(document["species"]) == 3


def test_all_blocks_are_one_document():
    done = run(
        "analyze", data_path("cif/om4005498_si_Pd2Cu2_AgPd2_2blocks.cif"), "--block", "all", "--json", "-"
    )
    document = json.loads(done.stdout)
    assert document["schema"] == "clustermodel.analyses/1"
    assert len(document["analyses"]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze", "absent.cif"),
        ("analyze", "absent.xyz", "--json", "-"),
        ("analyze", "model:nothing"),
        ("analyze", MODEL, "--block", "nothing"),
        ("analyze", MODEL, "--convention", "nothing"),
        ("analyze", MODEL, "--kernel", "Zz9"),
        ("analyze", MODEL, "--kernel", ","),
        ("analyze", MODEL, "--part", "A"),
        ("analyze", MODEL, "--part", "A=7"),
        ("analyze", MODEL, "--prefer", "best"),
        ("analyze", MODEL, "--json", "no/such/folder/a.json"),
        ("extract", MODEL, "-o", "a.pdb"),
        ("extract", MODEL, "-o", "a.xyz", "--what", "everything"),
        ("extract", MODEL, "-o", "no/such/folder/a.xyz"),
        ("report", "absent.cif"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("clustermodel: ")


def test_garbage_is_refused_in_words(tmp_path):
    path = tmp_path / "garbage.cif"
    path.write_bytes(bytes(range(256)) * 10)
    done = run("analyze", path)
    assert done.returncode == 2
    assert "garbage.cif" in done.stderr
    assert "Traceback" not in done.stderr


def test_summary_in_the_terminal():
    done = run("analyze", data_path(AU25))
    assert done.returncode == 0
    for text in ("toluene", "Au13 + 6 Au2(SR)3", "2.783", "0.623"):
        assert text in done.stdout


def test_model_is_labelled_in_the_terminal():
    assert "MODEL" in run("analyze", MODEL).stdout


@pytest.mark.parametrize("suffix", ["xyz", "extxyz", "mol2", "cif"])
def test_extracted_cluster_is_the_same_cluster(tmp_path, suffix):
    path = tmp_path / f"cluster.{suffix}"
    assert run("extract", MODEL, "-o", path).returncode == 0
    document = json.loads(run("analyze", path, "--charge", "-1", "--json", "-").stdout)
    (cluster,) = document["clusters"]
    assert cluster["formula"] == "C18H54Au25S18"
    assert cluster["electron_count"]["value"] == 8


def test_extracted_cell_holds_all_molecules(tmp_path):
    path = tmp_path / "cell.cif"
    assert run("extract", MODEL, "-o", path, "--what", "cell").returncode == 0
    document = json.loads(run("analyze", path, "--json", "-").stdout)
    assert {(s["formula"], s["per_cell"]) for s in document["species"]} == {
        ("C18H54Au25S18", 4),
        ("C4H12N", 4),
    }


def test_extract_says_which_parts_were_kept(tmp_path):
    path = tmp_path / "a.xyz"
    run("extract", data_path("cif/COD_1004001_W6S8_PBu3_6_disordered.cif"), "-o", path)
    assert "disorder parts kept: A: part 1" in path.read_text().splitlines()[1]


def test_extract_without_cluster_is_told(tmp_path):
    done = run("extract", data_path("cif/COD_1100709_AuPt.cif"), "-o", tmp_path / "a.xyz")
    assert done.returncode == 2
    assert "--what species" in done.stderr


def test_report_writes_everything(tmp_path):
    done = run("report", MODEL, "-o", tmp_path / "out")
    assert done.returncode == 0
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
    assert json.loads((tmp_path / "out" / "analysis.json").read_text())
    assert list((tmp_path / "out" / "tables").glob("*.csv"))
    assert list((tmp_path / "out" / "tables").glob("*.md"))
    assert list((tmp_path / "out" / "tables").glob("*.tex"))


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    bad = tmp_path / "bad.cif"
    bad.write_text("data_x\n")
    done = run("report", bad, MODEL, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert "bad.cif" in done.stderr
    assert (tmp_path / "out" / "au25_sch3_18_nme4" / "report.html").exists()


def test_models_and_version():
    assert MODEL in run("models").stdout.split()
    assert run("--version").stdout.strip()
