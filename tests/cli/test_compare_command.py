"""`clustermodel compare` as a user would use it."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from clustermodel.cli.main import app
from clustermodel.pipeline.compare_document import load_comparison_schema
from tests.pipeline.compare_cases import MODEL, TETRAHEDRON, write_defect, write_lattice, write_xyz

FOUR = np.array([(0, 0, 0), (2.7, 0, 0), (1.2, 2.5, 0), (1.5, 0.7, 2.4)])


def run(*arguments):
    result = CliRunner().invoke(app, ["compare", *(str(a) for a in arguments)], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def assert_refused(result, *words):
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("clustermodel: ")
    assert all(word in result.stderr for word in words)


def read_row(text, name):
    """Return the cells of the row of a terminal table that begins with a name."""
    line = next(line for line in text.splitlines() if line.strip().startswith(name))
    return line.strip().removeprefix(name).split()


@pytest.fixture
def pair(tmp_path):
    """Four gold atoms with six different distances, and the first three of them drawn together by 2 %."""
    three = write_xyz(tmp_path / "three.xyz", ("Au", 0.98 * FOUR[:3]))
    four = write_xyz(tmp_path / "four.xyz", ("Au", FOUR))
    return three, four


def mean_distance(points):
    return np.mean([np.linalg.norm(p - q) for n, p in enumerate(points) for q in points[:n]])


# ----------------------------------------------------------------------------------------------- terminal


def test_summary_tells_the_missing_atom_and_the_differences(pair):
    result = run(*pair, "--charge-a", "1", "--charge-b", "2")
    assert result.exit_code == 0
    shown = result.stdout
    assert "three against four" in shown
    assert "four has one Au more" in shown
    assert "missing in three: Au4 of four" in shown
    three, four = 0.98 * mean_distance(FOUR[:3]), mean_distance(FOUR)
    assert read_row(shown, "kernel Au-Au")[:5] == [
        "3",
        "6",
        f"{three:.3f}",
        f"{four:.3f}",
        f"+{four - three:.3f}",
    ]
    paired = mean_distance(FOUR[:3])
    assert read_row(shown, "in both")[2:5] == [f"{three:.3f}", f"{paired:.3f}", f"+{paired - three:.3f}"]
    assert read_row(shown, "only in one")[:4] == ["0", "3", "—", f"{2 * four - paired:.3f}"]
    assert read_row(shown, "superatom electrons")[:3] == ["2", "2", "0"]  # 3 - 1 and 4 - 2
    assert "MODEL" not in shown


def test_cutoff_chooses_the_pairs_of_the_tables(pair):
    far = max(np.linalg.norm(p - q) for n, p in enumerate(FOUR) for q in FOUR[:n])
    shown = run(*pair, "--cutoff", f"{far - 0.01:.2f}").stdout
    assert f"metal–metal up to {far - 0.01:.2f} Å" in shown
    assert read_row(shown, "kernel Au-Au")[1] == "5"  # all but the longest of six
    for wrong in ("0.5", "20"):
        assert_refused(run(*pair, "--cutoff", wrong), "--cutoff", wrong, "2 to 6 Å")


def test_summary_of_exchanged_files_mirrors_it(pair):
    shown = run(*reversed(pair)).stdout
    assert "missing in three: Au4 of four" in shown
    assert read_row(shown, "kernel Au-Au")[4].startswith("−")
    assert "give --charge-a or --charge-b" in shown


def test_summary_of_a_defect_among_ligands(tmp_path):
    case = write_defect(tmp_path, "staple-bridge")
    shown = run(case.defect, case.whole).stdout
    assert "whole has one SCH3 more" in shown
    assert f"missing in defect: SCH3, {case.removed[0]} of whole (staple-bridge)" in shown
    assert "one map: no other map fits as well" in shown
    assert "moved by more than 0.50 Å: no metal or donor atom" in shown


def test_a_model_is_said_to_be_one_before_any_number(tmp_path):
    shown = run(MODEL, MODEL).stdout
    assert shown.index("MODEL") < shown.index("Bonds")
    assert "no number here is measured" in shown
    assert "both have the same metal atoms and ligands" in shown


def test_names_of_files_are_shown_as_they_are(pair, tmp_path):
    odd = pair[0].rename(tmp_path / "[red]:key:.xyz")
    shown = run(odd, pair[1], "-o", tmp_path / "[b].md").stdout
    assert "[red]:key: against four" in shown
    assert f"written {tmp_path}/[b].md" in shown.replace("\n", "")


def test_a_compound_of_a_paper_says_what_stands_in_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr("clustermodel.pipeline.compare_sources.find_private", lambda: tmp_path)
    shown = run("paper:pan2025:au21", "paper:pan2025:au22").stdout
    assert "au21 against au22" in shown
    assert f"CCDC 2379695 is not in {tmp_path}: model:au21 stands in" in " ".join(shown.split())
    assert "au22 has one Au and one PPh2py more" in shown
    assert "it could be another copy of" in shown  # the two-fold axis of the filled cluster


def test_change_of_sign_along_the_cut_off_is_said(tmp_path):
    """Of two distances the shorter one grows and the longer one shrinks: the mean follows the cut-off."""
    files = []
    for name, (near, far) in (("a", (2.75, 3.45)), ("b", (2.80, 3.25))):
        half = far / 2
        chain = np.array([(0, 0, 0), (half, (near**2 - half**2) ** 0.5, 0), (far, 0, 0)])
        files.append(write_xyz(tmp_path / f"{name}.xyz", ("Au", chain)))
    shown = " ".join(run(*files).stdout.split())
    # up to 2.90 Å: +0.05; from 3.25 to 3.40 Å a has two pairs, b three; at 3.50 Å: (2 * 0.05 - 0.20) / 3
    assert "by cut-off 2.90–3.50 Å: Δ from −0.033 (at 3.45) to" in shown
    assert "it changes its sign" in shown
    steady = " ".join(run(files[0], files[0]).stdout.split())
    assert "its sign stays" in steady


# --------------------------------------------------------------------------------------------------- JSON


def test_json_on_stdout_and_nothing_else_from_any_folder(tmp_path):
    program = "from clustermodel.cli.main import app; app()"
    command = [sys.executable, "-c", program, "compare", MODEL, MODEL, "--json", "-"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    assert done.stderr == b""
    document = json.loads(done.stdout)
    assert document["schema"] == "clustermodel.compare/1"
    assert len(document["mapped"]) == 25 + 18 * 5  # Au25(SCH3)18
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(load_comparison_schema()).validate(document)


def test_json_in_a_file_beside_the_summary(pair, tmp_path):
    shown = run(*pair, "--json", tmp_path / "pair.json").stdout
    assert "four has one Au more" in shown
    assert json.loads((tmp_path / "pair.json").read_text())["site"]["label"] == "Au4"


# ------------------------------------------------------------------------------------- tables and reports


def test_tables_on_stdout(pair):
    shown = run(*pair, "--format", "md").stdout
    assert shown.startswith("### ")
    assert "against" not in shown.splitlines()[0]
    cells = [row for row in csv.reader(io.StringIO(run(*pair, "--format", "csv").stdout)) if row]
    bonds = next(row for row in cells if row[:2] == ["kernel", "Au-Au"])
    means = [0.98 * mean_distance(FOUR[:3]), mean_distance(FOUR)]
    assert bonds[2:4] == ["3", "6"]
    assert [float(cell) for cell in bonds[4:6]] == pytest.approx(means, abs=1e-5)  # as written in the files


@pytest.mark.parametrize("suffix", ["md", "csv", "tex", "docx"])
def test_tables_in_a_file_by_its_name(pair, tmp_path, suffix):
    file = tmp_path / f"pair.{suffix}"
    result = run(*pair, "-o", file)
    assert result.exit_code == 0
    assert "written" in result.stdout
    assert file.read_bytes()[:2] == {"md": b"##", "csv": b"# ", "docx": b"PK"}.get(suffix, b"\\d")


def test_report_in_a_folder(pair, tmp_path):
    result = run(*pair, "-o", tmp_path / "out", "--format", "tex")
    assert result.exit_code == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"comparison.html", "comparison.json", "comparison.tex", "tables", "figures"} <= names
    document = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert document["site"]["vacant_in"] == "a"


# ---------------------------------------------------------------------------------------------- refusals


def test_wrong_options_are_one_line(pair, tmp_path):
    assert_refused(run(*pair, "--format", "xls"), "'xls'", "md, csv, tex, docx")
    assert_refused(run(*pair, "--format", "docx"), "-o")
    assert_refused(run(*pair, "--format", "md", "--json", "-"), "standard output")
    assert_refused(run(*pair, "--convention", "mine"), "'mine'")
    assert_refused(run(*pair, "--kernel-a", "Au1"), "--kernel-b")
    assert_refused(run(*pair, "--cluster", "9"), "three.xyz", "'9'", "1 (Au3)")
    assert_refused(run(*pair, "--json", tmp_path / "no" / "folder.json"), "cannot be written")


def test_files_that_cannot_be_compared_are_one_line(pair, tmp_path):
    carbon = write_xyz(tmp_path / "carbon.xyz", ("C", 0.55 * TETRAHEDRON))
    two = write_xyz(tmp_path / "two.xyz", ("Au", TETRAHEDRON), ("Au", TETRAHEDRON + 30))
    polymer = write_lattice(tmp_path / "chain.cif", 5.4)
    assert_refused(run(pair[0], carbon), "carbon.xyz", "no cluster")
    assert_refused(run(two, pair[1]), "two.xyz", "1 (Au4), 2 (Au4)", "--cluster-a")
    assert_refused(run(pair[0], two), "two.xyz", "--cluster-b")
    assert_refused(run(pair[0], polymer), "polymer")
    assert_refused(run(pair[0], tmp_path / "nowhere.cif"), "nowhere.cif", "cannot be read")
    assert_refused(run(pair[0], "model:nothing"), "model")
    assert_refused(run(pair[0], "paper:pan2025"), "paper:pan2025:au21")
    assert_refused(run(pair[0], "paper:pan2025:au99"), "au21, au22")


def test_clusters_of_one_file(tmp_path):
    far = TETRAHEDRON[:3] + np.array([0, 0, 30])
    two = write_xyz(tmp_path / "two.xyz", ("Au", TETRAHEDRON), ("Au", far))
    shown = run(two, two, "--cluster-a", "2", "--cluster-b", "1").stdout
    assert "two cluster 2 against two cluster 1" in shown
    assert "two cluster 1 has one Au more" in shown


def test_kernels_named_by_the_user(pair):
    shown = run(*pair, "--kernel-a", "Au1,Au2,Au3", "--kernel-b", "Au1,Au2,Au3,Au4").stdout
    assert read_row(shown, "kernel atoms")[:3] == ["3", "4", "+1"]
