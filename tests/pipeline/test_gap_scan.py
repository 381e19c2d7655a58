"""A scan of gaps: known gaps give known ranks, no atom moves, and what has no gap says why."""

import json
import math
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from typer.testing import CliRunner

from clustermodel.analysis.defect_results import DefectClash, DefectSettings
from clustermodel.cli.main import app
from clustermodel.cluster.electron_count import count_electrons
from clustermodel.cluster.truncation import TruncationSettings, truncate_cluster
from clustermodel.electronic.result import ElectronicResult, SpinChannel
from clustermodel.electronic.specification import Specification, build_specification
from clustermodel.electronic.tblite_engine import TbliteEngine
from clustermodel.errors import ChemistryError, ConvergenceError, InputError
from clustermodel.io.embedded import list_models
from clustermodel.io.record import read_record, write_record
from clustermodel.io.xyz import format_xyz
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.pipeline.gap_scan import DESCRIPTORS, GapScan, scan_gaps
from clustermodel.pipeline.gap_targets import build_gap_targets
from clustermodel.pipeline.list_defects import list_defects, read_kinds
from clustermodel.report.gap_scan_figure import draw_gap_scan_figure
from clustermodel.report.gap_scan_tables import list_gap_scan_tables
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster.model_clusters import phosphine_icosahedron
from tests.datafiles import ROOT, data_path
from tests.electronic.geometries import case

MODEL = "model:au25_sch3_18_nme4"
STORED = ROOT / "docs" / "data" / "gap_scan_au25.json"
PAGE = ROOT / "docs" / "explanation" / "defects-and-gaps.md"
EVERY_SITE = 1e-6  # Å: only the identity lays a cluster on itself that well


def build_result(target, gap, multiplicity=1):
    """Return states with one occupied and one empty level, `gap` apart; for an open shell of either spin."""
    n = len(target.elements)
    shells = ["both"] if multiplicity == 1 else ["alpha", "beta"]
    channels = [
        SpinChannel(
            spin=spin,
            energies_ev=[-5.0, -5.0 + gap * (1 + k)],
            occupations=[2.0 if spin == "both" else 1.0, 0.0],
            coefficients=None,
        )
        for k, spin in enumerate(shells)
    ]
    return ElectronicResult(
        specification=Specification(charge=target.charge, multiplicity=multiplicity),
        elements=target.elements,
        positions=target.positions,
        converged=True,
        energy_ev=0.0,
        channels=tuple(channels),
        basis=None,
        atomic_charges=np.zeros(n),
        charge_kind="none",
        spin_populations=None,
        dipole_debye=np.zeros(3),
    )


@cache
def list_au25():
    return list_defects(MODEL, defects=DefectSettings(kinds=read_kinds("vacancy,staple")))


@pytest.fixture(scope="module")
def eight(tmp_path_factory):
    """Six kernel atoms and two staples of the model, shaken so that no two sites are equal: eight points."""
    (analysis,) = analyze(MODEL)
    whole = analysis.clusters[0].cluster.molecule
    moved = whole.positions + np.random.default_rng(5).normal(0, 0.03, whole.positions.shape)
    path = tmp_path_factory.mktemp("shaken") / "au25.xyz"
    path.write_text(format_xyz(whole.with_positions(moved), "Au25"), encoding="utf-8")
    found = list_defects(
        path,
        settings=AnalysisSettings(charge=-1),
        defects=DefectSettings(kinds=read_kinds("vacancy,staple"), tolerance=EVERY_SITE),
    )
    chosen = [k for k, entry in enumerate(found.entries) if entry.kind == "vacancy"][7:]
    chosen += [k for k, entry in enumerate(found.entries) if entry.change == "motif removed"][:2]
    return select(found, chosen)


def select(found, chosen):
    entries = tuple(found.entries[k] for k in chosen)
    return replace(found, entries=entries, clusters=tuple(found.clusters[k] for k in chosen))


def list_icosahedron(folder, charge=5):
    path = folder / "au13.xyz"
    path.write_text(format_xyz(phosphine_icosahedron(12, 0).molecule(), "Au13"), encoding="utf-8")
    only = DefectSettings(kinds=read_kinds("vacancy,ligand"))
    return list_defects(path, settings=AnalysisSettings(charge=charge), defects=only)


def calculate_by(values, parent=1.0):
    """Return a calculation whose gaps are given by id."""
    return lambda target: build_result(target, {"parent": parent, **values}[target.id])


# --------------------------------------------------------------------------------------- what is calculated


@pytest.mark.parametrize("style", [("SH", "PH3"), ("SCH3", "PMe3")])
def test_no_atom_moves_and_nothing_comes(style):
    """Every atom of a defect stands in the cut parent, but for what caps a bond that is new."""
    found = list_au25()
    cut = TruncationSettings(thiolate=style[0], phosphine=style[1])
    targets = build_gap_targets(found, settings=cut)
    places = np.asarray(targets.parent.positions)
    assert targets.reasons == {}
    for entry, target in zip(found.entries, targets.defects, strict=True):
        gaps = np.linalg.norm(np.asarray(target.positions)[:, None] - places, axis=2)
        assert gaps.min(axis=1).max() < 1e-8
        assert [targets.parent.elements[k] for k in gaps.argmin(axis=1)] == list(target.elements)
        left = len(targets.parent.elements) - len(target.elements)
        whole = {"SH": 2, "SCH3": 5}[style[0]]
        metals = sum(edit.element == "Au" for edit in entry.edits)
        sulfurs = sum(edit.element == "S" for edit in entry.edits)
        assert left == metals + whole * sulfurs


def test_charges_keep_the_superatom_electrons():
    found = list_au25()
    targets = build_gap_targets(found)
    assert found.parent.electrons == 8
    for cluster, target in zip(found.clusters, targets.defects, strict=True):
        assert count_electrons(cluster, target.charge).value == 8


def test_facts_of_the_sites_of_an_icosahedron(tmp_path):
    """Radius 2.75 Å: 12 contacts of the centre and 30 edges; a vertex takes one and five of them with it."""
    found = list_icosahedron(tmp_path)
    targets = build_gap_targets(found)
    radius = 2.75
    edge = radius * 4 / math.sqrt(10 + 2 * math.sqrt(5))
    sites = dict(zip([entry.id for entry in found.entries], targets.sites, strict=True))
    rounding = 1e-5  # Å: the xyz file has six decimals
    assert targets.kernel_mean == pytest.approx((12 * radius + 30 * edge) / 42, abs=rounding)
    vertex, centre, ligand = sites["vacancy-1"], sites["vacancy-2"], sites["ligand-1"]
    assert (vertex.sites, centre.sites, ligand.sites) == (12, 1, 12)
    assert (vertex.contacts, centre.contacts) == (6, 12)
    assert vertex.distance == pytest.approx(radius, abs=rounding)
    assert centre.distance == pytest.approx(0.0, abs=rounding)
    assert ligand.distance > vertex.distance + 1
    assert vertex.kernel_mean == pytest.approx((11 * radius + 25 * edge) / 36, abs=rounding)
    assert centre.kernel_mean == pytest.approx(edge, abs=rounding)
    assert ligand.kernel_mean == pytest.approx(targets.kernel_mean, abs=rounding)


def test_without_a_charge_nothing_is_calculated(tmp_path):
    with pytest.raises(ChemistryError, match=r"au13.xyz: the charge of .* --charge"):
        build_gap_targets(list_icosahedron(tmp_path, charge=None))


@pytest.mark.skipif("au21" not in list_models(), reason="the models of the pair are absent")
def test_a_filling_is_calculated_and_is_no_point_of_the_statistics():
    found = list_defects(
        "model:au21", settings=AnalysisSettings(charge=1), defects=DefectSettings(kinds=read_kinds("filling"))
    )
    scan = scan_gaps(found, lambda target: build_result(target, 0.8))
    first = scan.rows[0]
    assert (first.formula, first.charge, first.reason) == ("Au22H24P4S12", 2, "")
    assert scan.points == ()
    parent = truncate_cluster(found.origin.cluster).molecule
    target = build_gap_targets(found).defects[0]
    gaps = np.linalg.norm(np.asarray(target.positions)[:, None] - parent.positions, axis=2).min(axis=1)
    assert sum(gaps > 1e-8) == 5  # Au and PH3
    assert (gaps < 1e-8).sum() == len(parent)
    assert first.site.kernel_mean != pytest.approx(build_gap_targets(found).kernel_mean, abs=1e-6)
    clash = DefectClash(added="Au22", present="Au4", distance=1.9, allowed=2.4)
    blocked = replace(found.entries[0], core_clashes=1, clashes=(clash,))
    refused = build_gap_targets(replace(found, entries=(blocked, *found.entries[1:])))
    assert refused.reasons == {blocked.id: "no room: Au22 would be 1.90 Å from Au4"}


# --------------------------------------------------------------------------- known gaps, known ranks


@pytest.mark.parametrize(
    ("descriptor", "sign", "word"),
    [
        ("exposure", 1, "rises with free surface"),
        ("exposure", -1, "falls with free surface"),
        ("distance", -1, "falls with distance from the kernel centre"),
    ],
)
def test_gaps_made_from_a_descriptor_have_its_ranks(eight, descriptor, sign, word):
    found = eight
    sites = build_gap_targets(found).sites
    values = {
        entry.id: 2 + sign * math.tanh(getattr(site, descriptor))
        for entry, site in zip(found.entries, sites, strict=True)
    }
    scan = scan_gaps(found, calculate_by(values))
    assert len(scan.points) == 8
    one = next(one for one in scan.correlations if one.descriptor == DESCRIPTORS[descriptor][0])
    assert one.rho == pytest.approx(sign)
    assert one.p_adjusted < 0.05
    assert one.verdict == word
    assert [row.change_ev for row in scan.rows] == pytest.approx([values[row.id] - 1.0 for row in scan.rows])


def test_order_of_the_list_does_not_matter(eight):
    found = eight
    values = {entry.id: 0.3 + 0.01 * (k * 5 % 8) for k, entry in enumerate(found.entries)}
    one = scan_gaps(found, calculate_by(values))
    other = scan_gaps(select(found, [3, 7, 0, 5, 1, 6, 2, 4]), calculate_by(values))
    assert {row.id: write_record(row) for row in one.rows} == {
        row.id: write_record(row) for row in other.rows
    }
    for first, second in zip(one.correlations, other.correlations, strict=True):
        assert first.descriptor == second.descriptor
        assert first.rho == pytest.approx(second.rho)
        assert first.p_adjusted == pytest.approx(second.p_adjusted)
        assert first.verdict == second.verdict


def test_five_defects_are_too_few():
    found = list_au25()
    values = {entry.id: entry.exposure for entry in found.entries}
    scan = scan_gaps(found, calculate_by(values))
    assert len(scan.points) == 5
    assert all(math.isnan(one.rho) and math.isnan(one.p) for one in scan.correlations)
    assert all("n = 5 is too few" in one.verdict for one in scan.correlations)
    told = list_gap_scan_tables(scan)[-1]
    assert told.rows == ((5, "too few: below 6 no correlation and no fit is calculated"),)
    assert "No correlation: n = 5 is too few" in draw_gap_scan_figure(scan).caption


# ------------------------------------------------------------------------------------------- what has no gap


def test_what_has_no_gap_is_listed_with_its_reason(eight):
    found = eight
    names = [entry.id for entry in found.entries]

    def calculate(target):
        if target.id == names[0]:
            msg = "the field does not\n converge in 250 cycles"
            raise ConvergenceError(msg)
        return build_result(target, 0.5, multiplicity=2 if target.id == names[1] else 1)

    scan = scan_gaps(found, calculate)
    assert [row.id for row in scan.rows] == names
    failed, opened = scan.rows[:2]
    assert failed.reason == "the field does not converge in 250 cycles"
    assert (failed.multiplicity, failed.formula) == (None, "Au24H18S18")
    assert opened.reason.startswith("open shell (multiplicity 2)")
    assert (opened.gap_alpha_ev, opened.gap_beta_ev) == pytest.approx((0.5, 1.0))
    assert math.isnan(opened.gap_ev)
    assert [row.id for row in scan.points] == names[2:]
    assert {one.n for one in scan.correlations} == {6}
    assert {one.verdict for one in scan.correlations} == {"the quantity is the same for all"}
    gaps, left, _ = list_gap_scan_tables(scan)
    assert len(gaps.rows) == 1 + 6
    assert [(row[0], row[-1]) for row in left.rows] == [(row.id, row.reason) for row in scan.rows[:2]]
    assert "2 of 8 defects have no gap" in " ".join(scan.notes)
    assert "2 without a gap are not drawn" in draw_gap_scan_figure(scan).caption


def test_a_defect_without_a_countable_charge_is_not_calculated():
    found = list_au25()
    entries = (replace(found.entries[0], charges=()), *found.entries[1:])
    asked = []

    def calculate(target):
        asked.append(target.id)
        return build_result(target, 0.5)

    scan = scan_gaps(replace(found, entries=entries), calculate)
    assert asked == ["parent", *(entry.id for entry in entries[1:])]
    assert "cannot be counted" in scan.rows[0].reason
    assert scan.rows[0].charge is None


def test_a_parent_with_an_open_shell_gives_gaps_and_no_changes():
    scan = scan_gaps(
        list_au25(), lambda target: build_result(target, 0.5, multiplicity=2 if target.id == "parent" else 1)
    )
    assert math.isnan(scan.gap_ev)
    assert [row.gap_ev for row in scan.rows] == pytest.approx([0.5] * 5)
    assert all(math.isnan(row.change_ev) for row in scan.rows)
    assert any("the parent has an open shell" in note for note in scan.notes)
    assert draw_gap_scan_figure(scan) is not None


@pytest.mark.parametrize("error", [ConvergenceError("no convergence"), KeyboardInterrupt()])
def test_without_the_parent_there_is_no_scan(error):
    def calculate(target):
        raise error

    with pytest.raises(type(error)):
        scan_gaps(list_au25(), calculate)


# ----------------------------------------------------------------------------------- tables, figure, document


def test_tables_and_figures_of_a_scan_with_ranks(eight):
    found = eight
    scan = scan_gaps(found, calculate_by({e.id: 0.2 + 0.1 * k for k, e in enumerate(found.entries)}))
    gaps, ranks = list_gap_scan_tables(scan)
    brief, _ = list_gap_scan_tables(scan, brief=True)
    assert [row[0] for row in gaps.rows] == ["none", *(row.id for row in scan.rows)]
    assert [row[1] for row in gaps.rows[1:]] == [entry.title for entry in found.entries]
    assert len(brief.columns) == len(gaps.columns) - 2
    assert all(len(row) == len(brief.columns) for row in brief.rows)
    kernel = [column.name for column in gaps.columns].index("kernel left")
    assert [row[kernel] for row in gaps.rows] == [scan.kernel_mean, *(r.site.kernel_mean for r in scan.rows)]
    assert [row[0] for row in ranks.rows] == [name for name, _ in DESCRIPTORS.values()]
    assert all(row[1] == 8 for row in ranks.rows)
    for name, (label, _) in DESCRIPTORS.items():
        drawn = draw_gap_scan_figure(scan, name)
        assert drawn.name == f"gap-scan-{name.replace('_', '-')}"
        assert label in drawn.caption
        assert all(entry.id in drawn.svg for entry in found.entries)
    with pytest.raises(InputError, match="'colour' does not exist; expected one of exposure"):
        draw_gap_scan_figure(scan, "colour")
    assert draw_gap_scan_figure(replace(scan, rows=())) is None
    assert write_record(read_record(GapScan, write_record(scan))) == write_record(scan)


# --------------------------------------------------------------------------------------------- the command


def run(*arguments, cache_folder):
    environment = {"COLUMNS": "140", "CLUSTERMODEL_CACHE": str(cache_folder)}
    return CliRunner().invoke(app, ["defects", *(str(a) for a in arguments)], env=environment)


def write_au4(folder):
    elements, positions, charge = case("Au4(PH3)4")
    path = folder / "au4.xyz"
    path.write_text(format_xyz(molecule_from_atoms(elements, positions), "Au4"), encoding="utf-8")
    return path, charge


@pytest.fixture
def engine(monkeypatch):
    """Stand in for tblite: gaps that the number of atoms gives, and a list of what was asked."""
    asked = []

    def calculate(self, elements, positions, specification, *, job=None):
        from clustermodel.pipeline.gap_targets import GapTarget

        asked.append(len(elements))
        if calculate.stop_at == len(asked):
            raise KeyboardInterrupt
        target = GapTarget(id="x", elements=tuple(elements), positions=positions, charge=specification.charge)
        return build_result(target, 0.01 * len(elements), specification.multiplicity)

    calculate.stop_at = 0
    monkeypatch.setattr(TbliteEngine, "calculate_states", calculate)
    return calculate, asked


def test_stopped_and_resumed(engine, tmp_path):
    """Ctrl-C in the third of six calculations: the first two are kept, the same command does the rest."""
    calculate, asked = engine
    calculate.stop_at = 3
    stopped = run(MODEL, "--gaps", "--json", "-", cache_folder=tmp_path / "cache")
    assert stopped.exit_code == 130
    assert stopped.stdout == ""
    assert "stopped after 2 of 6 calculations, which are kept" in stopped.stderr
    calculate.stop_at = 0
    asked.clear()
    resumed = run(MODEL, "--gaps", "--json", "-", cache_folder=tmp_path / "cache")
    assert resumed.exit_code == 0
    assert len(asked) == 4
    document = json.loads(resumed.stdout)
    assert document["schema"] == "clustermodel.gap-scan/1"
    assert document["gap_ev"] == pytest.approx(0.61)  # Au25(SH)18: 61 atoms
    assert [(row["id"], row["gap_ev"]) for row in document["rows"]] == [
        ("vacancy-1", pytest.approx(0.60)),
        ("vacancy-2", pytest.approx(0.60)),
        ("staple-1", pytest.approx(0.53)),
        ("staple-unit-1", pytest.approx(0.58)),
        ("staple-unit-2", pytest.approx(0.58)),
    ]


def test_folder_tables_and_refusals(engine, tmp_path):
    folder = tmp_path / "out"
    done = run(MODEL, "--gaps", "--format", "docx", "-o", folder, cache_folder=tmp_path / "cache")
    assert done.exit_code == 0
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"gap-scan.json", "gap-scan.docx", "tables/gap-scan.csv", "figures/gap-scan-exposure.svg"} <= files
    assert "MODEL, ligands cut and not relaxed" in (folder / "calculated/vacancy-1.xyz").read_text("utf-8")
    shown = run(MODEL, "--gaps", "--format", "csv", cache_folder=tmp_path / "cache")
    assert "vacancy-1" in shown.stdout
    for arguments, words in (
        (("--level", "mp2"), "--level 'mp2'; expected one of xtb, dft"),
        (("--format", "docx"), "name a folder with -o"),
    ):
        refused = run(MODEL, "--gaps", *arguments, cache_folder=tmp_path / "cache")
        assert refused.exit_code == 2
        assert words in refused.stderr


@pytest.mark.slow
def test_gaps_of_a_tetrahedron_by_xtb(tmp_path):
    """[Au4(PH3)4]2+ less one Au(PH3), cut out by hand and calculated without the scan."""
    path, charge = write_au4(tmp_path)
    done = run(
        path,
        "--charge",
        charge,
        "--gaps",
        "--kind",
        "vacancy",
        "--json",
        "-",
        cache_folder=tmp_path / "cache",
    )
    document = json.loads(done.stdout)
    (row,) = document["rows"]
    elements, positions, _ = case("Au4(PH3)4")
    gold = [k for k, symbol in enumerate(elements) if symbol == "Au"]
    near = np.linalg.norm(positions[:, None] - positions[gold], axis=2).argmin(axis=1)
    stay = [k for k in range(len(elements)) if near[k] != 0]
    left = [elements[k] for k in stay]
    for target, atoms, places, z in ((document, elements, positions, 2), (row, left, positions[stay], 1)):
        level = build_specification("xtb", atoms, charge=z)
        gap = TbliteEngine().calculate_states(atoms, places, level).gap_ev
        assert target["charge"] == z
        assert target["gap_ev"] == pytest.approx(gap, abs=1e-3)  # eV; caps and six decimals of the file
    assert row["formula"] == "Au3H9P3"
    assert row["site"]["sites"] == 4


# -------------------------------------------------------------------------------------- the stored scan


@cache
def stored():
    return json.loads(STORED.read_text(encoding="utf-8"))


def read_table(text, heading):
    """Return the rows of the table of a page whose head begins with a word."""
    lines = text.splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def as_number(text):
    return float(text.replace("−", "-").replace("+", ""))


def test_the_page_shows_the_stored_numbers():
    document = stored()
    shown = {row[0].strip("`"): row for row in read_table(PAGE.read_text(encoding="utf-8"), "defect")}
    spread = {group["id"]: group for group in document["equivalent_sites"]}
    assert shown.keys() == {"none", *(row["id"] for row in document["rows"])}
    half = 0.0051  # half of the last printed digit, and rounding
    assert as_number(shown["none"][3]) == pytest.approx(document["gap_ev"], abs=half)
    for row in document["rows"]:
        cells, site = shown[row["id"]], row["site"]
        assert as_number(cells[2]) == row["charge"]
        assert as_number(cells[3]) == pytest.approx(row["gap_ev"], abs=half)
        assert as_number(cells[4]) == pytest.approx(row["change_ev"], abs=half)
        low, high = (as_number(part) for part in (cells[5].split("–") * 2)[:2])
        assert low == pytest.approx(min(spread[row["id"]]["gaps_ev"]), abs=half)
        assert high == pytest.approx(max(spread[row["id"]]["gaps_ev"]), abs=half)
        assert as_number(cells[6]) == pytest.approx(100 * site["exposure"], abs=0.51)
        assert (as_number(cells[7]), as_number(cells[8])) == (site["contacts"], site["donor_bonds"])
        assert as_number(cells[9]) == pytest.approx(site["distance"], abs=half)
        assert as_number(cells[10]) == site["sites"]


def test_the_page_claims_no_more_than_the_stored_scan():
    document = stored()
    assert "MODEL" in document["label"]
    assert document["level"] == "GFN1-xTB"
    assert all(one["rho"] is None and one["n"] == 5 for one in document["correlations"])
    text = PAGE.read_text(encoding="utf-8")
    assert re.search(r"five points .* no correlation", " ".join(text.split()))
    spread = {group["id"]: group["gaps_ev"] for group in document["equivalent_sites"]}
    assert [len(spread[row["id"]]) for row in document["rows"]] == [
        row["site"]["sites"] for row in document["rows"]
    ]
    assert f"all {sum(map(len, spread.values()))} sites" in text
    assert max(max(gaps) for gaps in spread.values()) < document["gap_ev"]  # every defect lowers the gap
    assert min(spread["vacancy-1"]) > max(spread["vacancy-2"])  # a vertex costs less than the centre
    rest = [gap for name, gaps in spread.items() if name != "staple-unit-1" for gap in gaps]
    assert max(spread["staple-unit-1"]) < min(rest) / 2  # "far below all others"


@pytest.mark.slow
def test_the_stored_scan_can_be_calculated_again():
    """The first vacancy and the parent of the stored scan, from the same geometry."""
    found = list_defects(
        data_path("xyz/au25_pet18_-1_opt.xyz"),
        settings=AnalysisSettings(charge=-1),
        defects=DefectSettings(kinds=read_kinds("vacancy")),
    )
    assert found.parent.sha256 == stored()["source"]["sha256"]

    def calculate(target):
        level = build_specification("xtb", target.elements, charge=target.charge)
        return TbliteEngine().calculate_states(target.elements, target.positions, level)

    scan = scan_gaps(select(found, [0]), calculate)
    same = 2e-3  # eV: levels follow the charges, which are converged less tightly than the energy
    assert scan.gap_ev == pytest.approx(stored()["gap_ev"], abs=same)
    assert scan.rows[0].gap_ev == pytest.approx(stored()["rows"][0]["gap_ev"], abs=same)
