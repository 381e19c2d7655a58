"""Printed numbers: what follows from formulas, what waits for the deposited CIF, and what a CIF decides."""

import itertools
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from clustermodel.cli.main import app
from clustermodel.errors import InputError
from clustermodel.io.record import format_record, read_record, write_record
from clustermodel.io.xyz import format_xyz
from clustermodel.pipeline.analyze import analyze
from clustermodel.pipeline.claim_checks import RULES
from clustermodel.pipeline.paper_check import PaperCheck, check_paper
from clustermodel.pipeline.published import find_private, list_papers, read_paper
from clustermodel.pipeline.structure_claims import _list_symbols
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster.model_clusters import phosphine_icosahedron
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
id = "polyhedron"
structure = "au25"
quantity = "kernel polyhedron"
printed = "icosahedron"
[[claim]]
id = "no-such-polyhedron"
structure = "au25"
quantity = "kernel polyhedron"
printed = "cuboctahedron"
[[claim]]
id = "kernel-size"
structure = "au25"
quantity = "kernel size"
printed = "13"
[[claim]]
id = "motifs"
structure = "au25"
quantity = "motifs"
printed = ["6 Au2(SR)3"]
[[claim]]
id = "too-few-motifs"
structure = "au25"
quantity = "motifs"
printed = ["5 Au2(SR)3"]
[[claim]]
id = "a-motif"
structure = "au25"
quantity = "motifs"
printed = "Au2(SR)3"
[[claim]]
id = "inversion"
structure = "au25"
quantity = "point group"
printed = "Ci"
[[claim]]
id = "no-such-group"
structure = "au25"
quantity = "point group"
printed = "T"
[[claim]]
id = "no-sum"
structure = "au25"
quantity = "metal count"
printed = "25 = x + 1"
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
        "polyhedron": "reproduced",
        "no-such-polyhedron": "not reproduced",
        "kernel-size": "reproduced",
        "motifs": "reproduced",
        "too-few-motifs": "not reproduced",
        "a-motif": "reproduced",
        "inversion": "reproduced",
        "no-such-group": "not reproduced",
        "no-sum": "not checkable",
        "unknown": "not checkable",
    }
    by_id = {one.claim.id: one for one in checked.claims}
    assert "3.30" in by_id["kernel-mean"].cause
    assert "no definition gives it" in by_id["length"].cause


# ---------------------------------------------------------------------------------------- pairs of compounds


PAIR = """schema = "clustermodel.published/1"
[paper]
key = "pair"
title = "two sizes of one cluster"
[[structure]]
id = "small"
formula = "[Au13(PH3)12]5+"
[[structure]]
id = "large"
formula = "[Au13(PH3)12]5+"
"""
TRENDS = (
    "mean kernel metal-metal",
    "mean metal-P",
    "mean metal-S",
    "length and width",
    "intercluster distances",
)


def write_pair(folder, claims):
    """Write claims about two icosahedra, the second with longer bonds of metal and phosphorus."""
    paper = folder / "pair.toml"
    paper.write_text(PAIR + "".join(f"[[claim]]\n{claim}\n" for claim in claims), encoding="utf-8")
    files = {}
    for name, factor in (("small", 1.0), ("large", 1.02)):
        molecule = phosphine_icosahedron(12, 0).molecule()
        scaled = molecule_from_atoms(molecule.elements, factor * molecule.positions)
        files[name] = folder / f"{name}.xyz"
        files[name].write_text(format_xyz(scaled, name), encoding="utf-8")
    return paper, files


def write_claim(name, quantity, printed, *, first="large", second="small"):
    entries = {"id": name, "structure": first, "other": second, "quantity": quantity, "printed": printed}
    return "\n".join(f'{key} = "{value}"' for key, value in entries.items())


def test_trends_of_a_cluster_that_grows_by_two_percent(tmp_path):
    claims = [
        write_claim(f"{what}, {way}", f"trend of {what}", way)
        for what in TRENDS
        for way in ("longer", "shorter")
    ]
    claims += [
        write_claim("no trend", "trend of mean metal-P", "greener"),
        write_claim("back", "trend of mean metal-P", "shorter", first="small", second="large"),
        write_claim("no change", "trend of mean metal-P", "longer", second="large"),
        write_claim("compactness", "trend of compactness", "more compact"),
        write_claim("kernel", "same kernel", "same"),
        write_claim("other kernel", "same kernel", "different"),
    ]
    paper, files = write_pair(tmp_path, claims)
    assert verdicts(check_paper(paper, structures=files)) == {
        "mean kernel metal-metal, longer": "reproduced",
        "mean kernel metal-metal, shorter": "not reproduced",
        "mean metal-P, longer": "reproduced",
        "mean metal-P, shorter": "not reproduced",
        "mean metal-S, longer": "not checkable",  # there is no S
        "mean metal-S, shorter": "not checkable",
        "length and width, longer": "reproduced",
        "length and width, shorter": "not reproduced",
        "intercluster distances, longer": "not checkable",  # no crystal
        "intercluster distances, shorter": "not checkable",
        "no trend": "not checkable",
        "back": "reproduced",
        "no change": "not reproduced",
        "compactness": "not checkable",
        "kernel": "reproduced",
        "other kernel": "not reproduced",
    }
    waiting = check_paper(paper, structures={"large": files["large"]}, private=tmp_path)
    unchecked = {name for name, verdict in verdicts(waiting).items() if verdict == "not checkable"}
    assert unchecked == set(verdicts(waiting)) - {"no change"}  # which asks for the one structure alone
    assert "--structure small=FILE" in waiting.claims[0].cause


def test_a_claim_about_a_pair_without_the_other(tmp_path):
    alone = 'id = "alone"\nstructure = "large"\nquantity = "composition difference"\nprinted = "+1 Au"'
    paper, _ = write_pair(tmp_path, [alone])
    (one,) = check_paper(paper, private=tmp_path).claims
    assert (one.verdict, "'other'" in one.cause) == ("not checkable", True)
    paper, _ = write_pair(tmp_path, [write_claim("lost", "composition difference", "+1 Au", second="third")])
    with pytest.raises(InputError, match="no structure 'third'; expected one of small, large"):
        read_paper(paper)


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        ("+1 Au", "reproduced"),
        ("+1 metal", "reproduced"),
        ("+1 PPh2py", "reproduced"),
        ("+1 phosphine", "reproduced"),
        ("+1 charge", "reproduced"),
        ("0 thiolate", "reproduced"),
        ("0 AdmS", "reproduced"),
        ("0 SAdm", "reproduced"),
        ("\N{MINUS SIGN}1 Au", "not reproduced"),
        ("+2 Au", "not reproduced"),
        ("+1 SAdm", "not reproduced"),
        ("none", "not reproduced"),
        ("one Au", "not checkable"),
    ],
)
def test_terms_of_a_difference(tmp_path, printed, verdict):
    """[Au21(SAdm)12(PPh2py)3]+ and [Au22(SAdm)12(PPh2py)4]2+ differ by Au, PPh2py and one charge."""
    paper, _ = write_pair(tmp_path, [write_claim("difference", "composition difference", printed)])
    text = paper.read_text(encoding="utf-8").replace("[Au13(PH3)12]5+", "[Au21(SAdm)12(PPh2py)3]+", 1)
    paper.write_text(text.replace("[Au13(PH3)12]5+", "[Au22(AdmS)12(PPh2py)4]2+"), encoding="utf-8")
    (one,) = check_paper(paper, private=tmp_path).claims
    assert one.verdict == verdict


# What the formulas give, by hand: metal atoms − anionic ligands (S, Cl, H on copper) − charge.
BY_HAND = {
    ("pan2025", "difference"): ("reproduced", "+1 Au, +1 PPh2py, charge 1+ to 2+", "n* 8 to 8"),
    ("d2sc03239b", "filled-cu29a"): ("reproduced", "+3 Cl", "n* 0 to 0"),  # 28−18−8−2, 29−15−3−10−1
    ("d2sc03239b", "filled-cu29b"): ("reproduced", "+2 H", "n* 0 to 0"),  # 29−18−10−1
    ("jacs0c09110", "one-atom"): ("reproduced", "+1 Au, +1 SAdm", "n* 6 to 6"),  # 21−15, 22−16
    ("jacs0c09110", "cadmium"): ("reproduced", "+1 Cd", "n* 6 to 8"),  # Cd gives two
    ("jacs0c09110", "staple-atom"): ("reproduced", "+2 Au, -1 Cd", "n* 8 to 8"),
    ("sciadv1603193", "resected"): ("reproduced", "-2 Au, -4 SCy, +2 dppm, charge 1- to 1+", "n* 8 to 8"),
    ("au23-dppp", "two-atoms"): ("reproduced", "-2 Au, -4 SCy, +2 dppp", "n* 8 to 8"),
    ("au23-dppp", "one-atom"): ("reproduced", "-1 Au, -2 SCy, +1 dppp, charge 1- to 2+", "n* 8 to 6"),
    ("au23-dppp", "charge-au22"): ("not checkable", "", "n* = 6, no shell closing; n* = 8 at charge 0"),
    ("au23-dppp", "charge-au21"): ("not checkable", "", "n* = 8, a shell closing"),
    ("au13-dppm", "electrons-chemsci"): ("reproduced", "8", "-5 charge"),
    ("au13-dppm", "same-cluster"): ("not reproduced", "charge 5+ to 3+", "n* 8 to 10"),
    ("au13-dppm", "charge-inorgchem"): (
        "not checkable",
        "",
        "n* = 10, no shell closing; n* = 8 at charge 5+",
    ),
    ("mckenzie2014", "phosphine"): ("reproduced", "+1 PPh3, -1 Cl, charge 0 to 1+", "n* 8 to 8"),
}


@pytest.mark.parametrize(("place", "expected"), BY_HAND.items(), ids=lambda value: ", ".join(value[:2]))
def test_what_formulas_of_published_pairs_give(place, expected, tmp_path):
    name, claim = place
    verdict, found, cause = expected
    (one,) = [row for row in check_paper(name, private=tmp_path).claims if row.claim.id == claim]
    assert one.verdict == verdict
    assert found in one.found
    assert cause in one.cause


def test_kernels_and_staples_of_the_adamantanethiolate_series(tmp_path):
    """Published: ten kernel atoms, bioctahedral, Au2(SR)3 that becomes Au3(SR)4; on optimised geometries."""
    files = {
        name: data_path(f"xyz/{file}_opt.xyz")
        for name, file in (("au21", "au21_sadm15"), ("au22", "au22_sadm16"))
    }
    found = verdicts(check_paper("jacs0c09110", structures=files, private=tmp_path))
    for claim in ("kernel-au22", "octahedra-au22", "staple-au22", "staple-au21"):
        assert found[claim] == "reproduced"
    assert found["kernel-au22cd"] == "not checkable"


@pytest.mark.parametrize(
    ("printed", "found", "same"),
    [
        ("F d d d", "F d d d:2", True),
        ("Fddd", "F d d d:1", True),
        ("C2/c", "C 1 2/c 1", True),
        ("C 1 2/c 1", "C 1 2/c 1", True),
        ("P21/c", "P 1 21/c 1", True),
        ("P 1", "P 1", True),
        ("P -1", "P 1", False),
        ("C2/c", "C 1 2/m 1", False),
        ("P 21/c", "P 1 1 21/b", False),
    ],
)
def test_symbols_of_space_groups(printed, found, same):
    assert bool(_list_symbols(printed) & _list_symbols(found)) is same


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
        ('title = "a test"', "", "title"),
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


def test_list_of_papers():
    shown = CliRunner().invoke(app, ["check", "--json", "-"])
    assert shown.exit_code == 0
    document = json.loads(shown.stdout)
    assert document["schema"] == "clustermodel.papers/1"
    assert [row["paper"] for row in document["papers"]] == list(list_papers())
    assert "pan2025" in CliRunner().invoke(app, ["check"], env={"COLUMNS": "120"}).stdout


def test_terminal_shows_failures_first_and_groups_what_waits(tmp_path):
    result = CliRunner().invoke(app, ["check", "pan2025", "-o", str(tmp_path)], env={"COLUMNS": "200"})
    lines = result.stdout.splitlines()
    places = [
        next(k for k, line in enumerate(lines) if line.startswith(start))
        for start in ("hh-au22", "electrons-au21")
    ]
    assert places == sorted(places)
    (waiting,) = [line for line in lines if line.startswith("needs the measured data")]
    assert "quantum-yield-au21" in waiting
    assert "linewidth-au22" in (tmp_path / "tables" / "claims.csv").read_text(encoding="utf-8")
    assert (tmp_path / "check.json").is_file()


def test_private_folder_is_not_under_version_control():
    assert find_private() == ROOT / "structures" / "private"
    assert "structures/private" in (ROOT / ".gitignore").read_text(encoding="utf-8")
