"""`clustermodel build` as a newcomer would use it, with the topology of the how-to page."""

import json
import re
import tomllib

import pytest
from typer.testing import CliRunner

from clustermodel.cli.main import app
from tests.datafiles import ROOT

PAGE = ROOT / "docs" / "how-to" / "build-a-model.md"
FORMULA = "C18H54Au25S18"  # [Au25(SCH3)18]-


def read_topology_of_the_page():
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return text


@pytest.fixture
def topology(tmp_path):
    path = tmp_path / "au25.toml"
    path.write_text(read_topology_of_the_page(), encoding="utf-8")
    return path


def run(*arguments):
    result = CliRunner().invoke(app, ["build", *(str(a) for a in arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_terminal_says_model_and_what_it_is(topology):
    result = run(topology)
    assert result.exit_code == 0
    assert result.stdout.startswith("MODEL of [Au25(SR)18]-")
    text = " ".join(result.stdout.split())
    for words in (
        FORMULA,
        "Au13 + 6 Au2(SR)3",
        "18 SCH3",
        "nothing in it is measured",
        "superatom electrons 8",
    ):
        assert words in text
    for words in ("worst length", "worst angle", "deepest contact", "Lengths against their targets"):
        assert words in text


@pytest.mark.parametrize("suffix", ["xyz", "extxyz", "mol2", "cif"])
def test_written_atoms_say_model_and_are_all_there(topology, tmp_path, suffix):
    output = tmp_path / f"model.{suffix}"
    assert run(topology, "-o", output).exit_code == 0
    text = output.read_text(encoding="utf-8")
    assert "MODEL" in text
    assert "nothing in it is measured" in text
    if suffix != "mol2":
        read = CliRunner().invoke(app, ["analyze", str(output), "--charge", "-1", "--json", "-"])
        document = json.loads(read.stdout)
        assert document["clusters"][0]["formula"] == FORMULA
    else:
        assert text.count("UNL1") == 25 + 18 * 5


def test_json_holds_everything_and_nothing_else_is_printed(topology):
    document = json.loads(run(topology, "--thiolate", "SH", "--json", "-").stdout)
    assert document["schema"] == "clustermodel.build/1"
    assert document["is_model"] is True
    assert (document["formula"], document["charge"]) == ("Au25H18S18", -1)
    assert document["electrons"]["value"] == 8
    assert document["source"] == "au25.toml with SH"
    assert len(document["atoms"]) == 61
    assert {fit["target"]["name"] for fit in document["quality"]["fits"]} >= {"radial", "kernel_S"}
    assert all(fit["target"]["source"] for fit in document["quality"]["fits"])
    assert document["topology"]["units"][0]["polyhedron"] == "icosahedron"


def test_what_cannot_be_built_as_declared_is_told(topology):
    """One staple across the whole icosahedron, with targets that no atom can meet."""
    text = read_topology_of_the_page() + "\n[targets]\nkernel_S = 3.2\n"
    topology.write_text(text, encoding="utf-8")
    result = run(topology, "--thiolate", "SH")
    assert "note error: bonds declared and not found from the distances" in " ".join(result.stdout.split())


WRONG = {
    "no file": (["none.toml"], "none.toml: cannot be read"),
    "format": (["-o", "x.pdb"], "format '.pdb' is not known; expected .xyz"),
    "place": (["-o", "no/where/x.xyz"], "cannot be written"),
    "ligand": (["--thiolate", "Foo"], "no ligand template is called 'Foo'; expected one of SH"),
    "kind of ligand": (["--thiolate", "PPh3"], "expected a ligand that binds it by S"),
    "axis": (["--twofold", "t"], "expected two kernel atoms of the topology"),
    "atom of the axis": (["--twofold", "t,zz"], "a two-fold axis through zz, which is no kernel atom"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_request_ends_with_one_sentence(case, topology, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options, message = WRONG[case]
    result = run(*options) if case == "no file" else run(topology, *options)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_page_shows_what_the_command_prints(topology, tmp_path, monkeypatch):
    """The block of output after the first command; column gaps and the end of the title line are free."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    blocks = re.findall(r"^```text\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    commands = [block for block in blocks if block.startswith("clustermodel build ")]
    (shown,) = (block for block in blocks if block.startswith("MODEL of"))
    for command in commands:
        result = run(*command.split()[2:])
        assert result.exit_code == 0
        if command is commands[0]:
            expected = [line.split() for line in shown.splitlines() if line != "..."]
            assert [line.split() for line in result.stdout.splitlines()[: len(expected)]] == expected


def test_topology_of_the_page_is_sound_toml():
    assert set(tomllib.loads(read_topology_of_the_page())) >= {"name", "charge", "units", "staples"}
