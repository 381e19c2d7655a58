"""Printed numbers: what follows from formulas, what waits for the deposited CIF, and what a CIF decides."""

import itertools
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from clustermodel.cli.main import app
from clustermodel.errors import InputError
from clustermodel.io.record import format_record, read_record, write_record
from clustermodel.pipeline.analyze import analyze
from clustermodel.pipeline.claim_checks import RULES
from clustermodel.pipeline.paper_check import PaperCheck, check_paper
from clustermodel.pipeline.published import find_private, list_papers, read_paper
from tests.datafiles import ROOT, data_path

AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"

PAPER = """schema = "clustermodel.published/1"
[paper]
key = "test"
title = "a test"
year = 2025
[[structure]]
id = "au25"
formula = "[Au25(SC2H4Ph)18]0"
deposited = "COD 1540567"
[[claim]]
id = "space-group"
structure = "au25"
quantity = "space group"
printed = "P -1"
needs = ["structure"]
[[claim]]
id = "wrong-space-group"
structure = "au25"
quantity = "space group"
printed = "P 21/c"
needs = ["structure"]
[[claim]]
id = "units"
structure = "au25"
quantity = "kernel units"
printed = "13 = 13"
[[claim]]
id = "no-such-units"
structure = "au25"
quantity = "kernel units"
printed = "13 = 7 + 6"
[[claim]]
id = "wrong-arithmetic"
structure = "au25"
quantity = "kernel units"
printed = "14 = 13"
[[claim]]
id = "neighbours"
structure = "au25"
quantity = "intercluster distances"
printed = ["16.17", "17.75"]
[[claim]]
id = "no-neighbour"
structure = "au25"
quantity = "intercluster distances"
printed = "15.00"
[[claim]]
id = "length"
structure = "au25"
quantity = "length and width"
printed = ["99.99"]
[[claim]]
id = "kernel-mean"
structure = "au25"
quantity = "mean kernel metal-metal"
printed = "{mean}"
[[claim]]
id = "unknown"
structure = "au25"
quantity = "colour"
printed = "red"
"""


def verdicts(check):
    return {one.claim.id: one.verdict for one in check.claims}


@pytest.fixture(scope="module")
def seed(tmp_path_factory):
    return check_paper("pan2025", private=tmp_path_factory.mktemp("empty"))


def test_every_paper_that_travels_with_the_program_has_rules_for_its_claims():
    assert "pan2025" in list_papers()
    for name in list_papers():
        assert all(claim.quantity in RULES for claim in read_paper(name).claims)


def test_what_follows_from_the_formulas_of_the_seed_paper(seed):
    """Electron counts and identities by hand, masses by other programs (tests/data/mass_reference.json)."""
    found = verdicts(seed)
    assert found["electrons-au21"] == found["electrons-au22"] == "reproduced"
    assert found["mz-calculated-au22"] == "reproduced"
    assert found["mz-calculated-au21"] == "not reproduced"
    assert found["kernel-au21"] == found["kernel-au22"] == "reproduced"
    assert found["hh-au22"] == "not reproduced"
    by_id = {one.claim.id: one for one in seed.claims}
    assert "most abundant" in by_id["mz-calculated-au22"].cause
    assert "van der Waals" in by_id["hh-au22"].cause


def test_what_waits_for_the_deposited_structure_or_for_spectra(seed):
    for one in seed.claims:
        if "structure" in one.claim.needs and one.claim.id != "hh-au22":
            assert one.verdict == "not checkable"
            assert "CCDC 23796" in one.cause
        if "spectra" in one.claim.needs:
            assert one.verdict == "not checkable"
            assert "measured data" in one.cause


@pytest.mark.parametrize(
    "claim", [c for c in read_paper("pan2025").claims if "structure" in c.needs], ids=lambda c: c.id
)
def test_published_values_where_a_user_has_the_deposited_structure(claim):
    """Runs when structures/private holds the CIF of the paper; it may not be passed on."""
    check = check_paper("pan2025")
    if claim.structure not in check.files:
        pytest.skip(f"needs the deposited CIF, {read_paper('pan2025').structure(claim.structure).deposited}")
    (one,) = [row for row in check.claims if row.claim.id == claim.id]
    assert one.verdict == "reproduced", f"{one.found}: {one.cause}"


def kernel_mean():
    """Mean of the distances of the icosahedron, from the coordinates."""
    cluster = analyze(data_path(AU25))[0].clusters[0]
    xyz = cluster.cluster.molecule.positions[list(cluster.anatomy.kernel)]
    pairs = [np.linalg.norm(a - b) for a, b in itertools.combinations(xyz, 2)]
    return np.mean([d for d in pairs if d < 3.3])  # Å: the first distances of an icosahedron end at 3.12


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    paper = tmp_path_factory.mktemp("paper") / "test.toml"
    paper.write_text(PAPER.replace("{mean}", f"{kernel_mean():.3f}"), encoding="utf-8")
    return check_paper(paper, structures={"au25": data_path(AU25)})


def test_a_deposited_structure_decides(checked):
    assert verdicts(checked) == {
        "space-group": "reproduced",
        "wrong-space-group": "not reproduced",
        "units": "reproduced",
        "no-such-units": "not reproduced",
        "wrong-arithmetic": "not reproduced",
        "neighbours": "reproduced",
        "no-neighbour": "not reproduced",
        "length": "not reproduced",
        "kernel-mean": "reproduced",
        "unknown": "not checkable",
    }
    by_id = {one.claim.id: one for one in checked.claims}
    assert "3.30" in by_id["kernel-mean"].cause
    assert "no definition gives it" in by_id["length"].cause


def test_a_file_in_the_private_folder_is_found_by_its_number(tmp_path):
    paper = tmp_path / "test.toml"
    paper.write_text(PAPER.replace("{mean}", "2.0"), encoding="utf-8")
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "mine.cif").write_bytes(data_path(AU25).read_bytes())
    assert list(check_paper(paper, private=folder).files) == ["au25"]
    assert check_paper(paper, private=tmp_path).files == {}


def test_a_model_never_stands_in(tmp_path):
    with pytest.raises(InputError, match="is a model"):
        check_paper("pan2025", structures={"au22": "model:au25_sch3_18_nme4"}, private=tmp_path)


def test_another_cluster_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected the metals of"):
        check_paper("pan2025", structures={"au22": data_path(AU25)}, private=tmp_path)
    with pytest.raises(InputError, match="au21, au22"):
        check_paper("pan2025", structures={"au23": data_path(AU25)}, private=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("clustermodel.published/1", "other", "schema"),
        ('printed = "P -1"', "printed = 2.9", "text such as"),
        ('printed = "P -1"', "", "'printed'"),
        ('needs = ["structure"]', 'needs = ["luck"]', "luck"),
        ('quantity = "space group"', 'quantty = "space group"', "quantty"),
        ('structure = "au25"', 'structure = "au26"', "au26"),
        ("year = 2025", "", "year"),
        ("[paper]", "[paper", "TOML"),
    ],
)
def test_a_damaged_file_of_claims_is_refused_in_one_sentence(tmp_path, old, new, said):
    paper = tmp_path / "test.toml"
    paper.write_text(PAPER.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_paper(paper)


def test_the_check_becomes_json_and_comes_back(seed):
    record = json.loads(format_record(seed))
    assert format_record(read_record(PaperCheck, record)) == format_record(seed)
    assert write_record(seed) == record


def test_command():
    runner = CliRunner()
    shown = runner.invoke(app, ["check", "pan2025", "--json", "-"])
    assert shown.exit_code == 0
    document = json.loads(shown.stdout)
    assert document["schema"] == "clustermodel.check/1"
    assert len(document["claims"]) == len(read_paper("pan2025").claims)
    assert runner.invoke(app, ["check", "nobody1999"]).exit_code == 2
    assert runner.invoke(app, ["check", "pan2025", "--structure", "au22"]).exit_code == 2


def test_private_folder_is_not_under_version_control():
    assert find_private() == ROOT / "structures" / "private"
    assert "structures/private" in (ROOT / ".gitignore").read_text(encoding="utf-8")
