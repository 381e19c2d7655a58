"""A list of defects: every entry is the parent but for its edits, and files say what they are."""

from collections import Counter
from dataclasses import replace
from functools import cache

import jsonschema
import numpy as np
import pytest

from clustermodel.analysis.defect_results import DEFECT_KINDS, DefectSettings
from clustermodel.analysis.kernel_units import find_kernel_units
from clustermodel.errors import InputError
from clustermodel.io.embedded import find_model, list_models
from clustermodel.io.record import read_record, write_record
from clustermodel.io.xyz import format_xyz
from clustermodel.pipeline.analyze import AnalysisSettings, analyze
from clustermodel.pipeline.defect_document import (
    DefectEntry,
    build_defects_document,
    load_defects_schema,
)
from clustermodel.pipeline.list_defects import KIND_NAMES, list_defects, read_kinds
from clustermodel.report.defect_figure import draw_defect_figure
from clustermodel.report.defect_files import describe_defect, format_defects, name_defect
from clustermodel.report.defect_tables import list_defect_tables
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster.model_clusters import phosphine_icosahedron
from tests.datafiles import data_path

AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"
MODELS = {"au21", "au22"} <= set(list_models())


def write_phosphine_cluster(folder, copies=1):
    """Write [Au13(PH3)12], or several of them 30 Å apart."""
    one = phosphine_icosahedron(12, 0).molecule()
    places = np.vstack([one.positions + np.array([0, 0, 30.0 * k]) for k in range(copies)])
    path = folder / "au13.xyz"
    path.write_text(format_xyz(molecule_from_atoms(one.elements * copies, places), "Au13"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = write_phosphine_cluster(tmp_path_factory.mktemp("small"))
    return list_defects(path, settings=AnalysisSettings(charge=5))


@pytest.fixture(scope="module")
def au25():
    return list_defects(data_path(AU25), settings=AnalysisSettings(charge=0))


def count_edits(entry, action):
    return Counter(edit.element for edit in entry.edits if edit.action == action)


@pytest.mark.parametrize("name", ["small", "au25"])
def test_every_entry_is_the_parent_but_for_its_edits(name, request):
    found = request.getfixturevalue(name)
    (parent,) = {entry.id: entry for entry in found.entries}.keys() & {"vacancy-1"}
    assert parent == "vacancy-1"
    whole = Counter(analyze_elements(found))
    for entry, molecule in zip(found.entries, found.molecules, strict=True):
        removed, added = count_edits(entry, "removed"), count_edits(entry, "added")
        exchanged = [edit for edit in entry.edits if edit.action == "exchanged"]
        assert bool(removed) + bool(added) + bool(exchanged) == 1
        if exchanged:
            assert len(exchanged) == 1
            assert Counter(molecule.elements)[exchanged[0].element] == whole[exchanged[0].element] + 1
            assert len(molecule) == whole.total()
        else:
            assert Counter(molecule.elements) + removed == whole + added
        assert sum(entry.metals.values()) == sum(found.parent.metals.values()) - removed["Au"] + added["Au"]


def analyze_elements(found):
    """Elements of the parent: those of a defect with what was removed put back."""
    entry, molecule = found.entries[0], found.molecules[0]
    assert all(edit.action == "removed" for edit in entry.edits)
    return [*molecule.elements, *(edit.element for edit in entry.edits)]


def test_sites_and_charges_of_a_phosphine_icosahedron(small):
    """Icosahedral: 12 vertices, 1 centre, 12 ligands; 13 − 5 = 8 electrons, one less per gold atom."""
    assert small.parent.electrons == 8
    assert small.parent.symmetries == 120
    shown = [
        (one.id, one.ligand, one.multiplicity, one.anatomy, [(q.charge, q.electrons) for q in one.charges])
        for one in small.entries
        if one.kind != "substitution"
    ]
    assert shown == [
        ("vacancy-1", "PH3", 12, "Au12 + 11 PR3", [(4, 8), (5, 7)]),
        ("vacancy-2", "", 1, "Au12 + 12 PR3", [(4, 8), (5, 7)]),
        ("ligand-1", "PH3", 12, "Au13 + 11 PR3", [(5, 8)]),
    ]
    silver = [one for one in small.entries if one.id.startswith("substitution-Ag")]
    assert [(one.multiplicity, one.metals) for one in silver] == [
        (12, {"Au": 12, "Ag": 1}),
        (1, {"Au": 12, "Ag": 1}),
    ]


def test_staples_of_au25(au25):
    """Six Au2(SR)3: one goes, or becomes an Au(SR)2."""
    by_id = {one.id: one for one in au25.entries}
    assert by_id["staple-1"].anatomy == "Au13 + 5 Au2(SR)3"
    assert by_id["staple-1"].ligand == "3 SC2H4Ph"
    assert by_id["staple-unit-1"].metals == {"Au": 24}
    assert sum(row.count for row in by_id["staple-unit-1"].ligands) == 17
    assert {one.kind for one in au25.entries} == {"vacancy", "staple", "substitution"}


def test_ids_are_unique_and_ranks_run(au25):
    ids = [one.id for one in au25.entries]
    assert len(set(ids)) == len(ids)
    for prefix in {entry_id.rpartition("-")[0] for entry_id in ids}:
        ranks = [one.rank for one in au25.entries if one.id.rpartition("-")[0] == prefix]
        assert ranks == list(range(1, len(ranks) + 1))


def test_document_fits_its_schema_and_comes_back(small):
    document = build_defects_document(small)
    jsonschema.Draft202012Validator.check_schema(load_defects_schema())
    jsonschema.Draft202012Validator(load_defects_schema()).validate(document)
    assert document["relaxed"] is False
    again = [read_record(DefectEntry, row) for row in document["defects"]]
    assert write_record(again) == document["defects"]


def test_the_edits_of_the_document_rebuild_the_parent(small):
    """Removed atoms stand in the document with their places: another program can put them back."""
    entry, molecule = small.entries[0], small.molecules[0]
    places = np.vstack([molecule.positions, [edit.position for edit in entry.edits]])
    whole = phosphine_icosahedron(12, 0).molecule().positions
    gaps = np.linalg.norm(whole[:, None] - places[None], axis=2).min(axis=1)
    assert gaps.max() < 1e-5  # the xyz file has six decimals


# ---------------------------------------------------------------------------------------------- which cluster


def test_one_cluster_of_two(tmp_path):
    path = write_phosphine_cluster(tmp_path, copies=2)
    only = DefectSettings(kinds=("kernel atom removed",))
    first = list_defects(path, defects=only)
    assert first.parent.cluster == "1"
    assert "choose with --cluster" in first.findings[0].message
    second = list_defects(path, cluster="2", defects=only)
    assert second.parent.cluster == "2"
    assert second.findings == ()
    assert second.molecules[0].positions[:, 2].mean() > first.molecules[0].positions[:, 2].mean() + 20


def test_a_cluster_that_is_not_there(tmp_path):
    path = write_phosphine_cluster(tmp_path)
    with pytest.raises(InputError, match="there is no cluster '7'; expected one of 1"):
        list_defects(path, cluster="7")
    with pytest.raises(InputError, match="no cluster"):
        list_defects(data_path("cif/COD_2006596_Ru_ClO4_disorder.cif"))
    with pytest.raises(InputError, match="one block at a time"):
        list_defects(path, block="all")


def test_named_kernels_stay_named():
    """A kernel named by the user: the defects are judged by what is left of the names."""
    settings = AnalysisSettings(charge=0, kernel_labels=tuple(f"Au{k}" for k in range(1, 8)))
    found = list_defects(
        data_path(AU25), settings=settings, defects=DefectSettings(kinds=("kernel atom removed",))
    )
    assert found.parent.anatomy.startswith("Au13 ")  # Au1 on the centre, the others with their images
    assert all(one.anatomy.startswith("Au12 ") for one in found.entries)


def test_kinds():
    assert read_kinds("all") == tuple(kind for kinds in KIND_NAMES.values() for kind in kinds)
    assert set(read_kinds("all")) == set(DEFECT_KINDS)
    assert read_kinds(" bridge , filling") == ("bridge removed", "vacancy filled")
    for text in ("dent", "", "vacancy,dent"):
        with pytest.raises(InputError, match="expected some of filling, vacancy, staple"):
            read_kinds(text)


# ------------------------------------------------------------------------------------------- files and tables


def test_files_say_what_they_are_and_can_be_read(small, tmp_path):
    files = format_defects(small, ("xyz", "cif"))
    assert len(files) == 2 * len(small.entries)
    for entry in small.entries[:3]:
        name, comment = name_defect(entry), describe_defect(small.parent, entry)
        text = files[f"{entry.kind}/{name}.xyz"]
        assert text.splitlines()[1] == comment
        assert comment.startswith("MODEL, not measured and not relaxed: ")
        assert "made from Au13(PH3)12 of au13.xyz by an edit" in comment
        for suffix in ("xyz", "cif"):
            path = tmp_path / f"{name}.{suffix}"
            path.write_text(files[f"{entry.kind}/{name}.{suffix}"], encoding="utf-8")
            (analysis,) = analyze(path)
            assert analysis.clusters[0].formula == entry.formula
            assert analysis.crystal.is_model or suffix == "xyz"
    with pytest.raises(InputError, match="'pdb' is not known; expected some of xyz, cif"):
        format_defects(small, ("pdb",))


def test_names_of_files(small, au25):
    names = {entry.id: name_defect(entry) for entry in (*au25.entries, *small.entries)}
    assert names["ligand-1"].startswith("ligand-1_minus-PH3-P")
    assert names["vacancy-1"].startswith("vacancy-1_minus-Au")
    assert names["substitution-Pd-1"].endswith("-to-Pd")
    assert all(set(name) <= set(map(chr, range(33, 127))) - set("/\\:*?\"<>|'") for name in names.values())
    assert len(set(map(name_defect, au25.entries))) == len(au25.entries)


def test_tables(small):
    complete, brief = list_defect_tables(small), list_defect_tables(small, brief=True, top=1)
    assert [table.name for table in complete] == [
        "defects-cluster",
        "defects-vacancy",
        "defects-ligand",
        "defects-substitution",
    ]
    assert [len(table.rows) for table in brief[1:]] == [1, 1, 1]
    assert "1 more with --top 0" in brief[1].caption
    assert all("not relaxed" in table.caption for table in complete[1:])
    (first, *_) = complete[3].rows
    assert first[3] == "Ag, Cu: +5; Pd, Pt: +4; Cd, Hg: +6"  # 8 electrons each: 12 + c(M) − z
    unknown = list_defects_without_charge(small)
    assert unknown[1].rows[0][3] == "n* -1"


def test_figure(small, au25):
    """A mark for every removal; a list of substitutions alone has none."""
    drawn = draw_defect_figure(au25)
    assert drawn is not None
    assert all(word in drawn.svg for word in ("kernel atom", "staple", "free surface"))
    assert "bridge" not in drawn.svg  # Au25 has none
    kept = [one for one in small.entries if one.kind == "substitution"]
    assert draw_defect_figure(replace(small, entries=tuple(kept))) is None


def list_defects_without_charge(small):
    parent = replace(small.parent, charge=None, electrons=None)
    entries = tuple(replace(entry, charges=()) for entry in small.entries)
    return list_defect_tables(replace(small, parent=parent, entries=entries), brief=True)


# -------------------------------------------------------------------------------------- the pair of the paper


@cache
def list_model_defects(name, charge, kind):
    settings = AnalysisSettings(charge=charge)
    return list_defects(find_model(name), settings=settings, defects=DefectSettings(kinds=(kind,)))


@pytest.mark.skipif(not MODELS, reason="the models of the pair are absent")
class TestModelsOfThePair:
    """Au22 less a far Au(PPh2py) is Au21, and Au21 filled is Au22: kernels, motifs and units of the paper."""

    @pytest.mark.parametrize(
        ("start", "charge", "kind", "end", "units"),
        [
            ("au22", 2, "kernel atom removed", "au21", [4, 10, 11]),
            ("au21", 1, "vacancy filled", "au22", [4, 11, 11]),
        ],
    )
    def test_round_trip(self, start, charge, kind, end, units):
        from clustermodel.analysis.atom_map import map_atoms
        from tests.analysis.pair_cases import as_cluster

        found = list_model_defects(start, charge, kind)
        entry, molecule = found.entries[0], found.molecules[0]
        goal = analyze(find_model(end))[0].clusters[0]
        assert entry.ligand == "PPh2py"
        assert entry.anatomy == goal.anatomy.summary
        assert entry.formula == goal.formula
        assert next(q.electrons for q in entry.charges if q.charge == 3 - charge) == 8  # the paper: 8 in both
        assert entry.core_clashes == 0
        changed = as_cluster(molecule)
        identities = [reading.identity for reading in find_kernel_units(*changed).decompositions]
        counts = [sorted(int(n) for n in split_numbers(text.partition("=")[2])) for text in identities]
        assert units in counts
        same = map_atoms(changed, (goal.cluster, goal.anatomy))
        assert same.missing == same.extra == ()
        assert same.confidence.bonds_kept == pytest.approx(1.0)

    def test_the_ligand_that_comes_back_touches_little(self):
        """A start for relaxation: no pair is more than 0.15 Å nearer than what counts as free."""
        (entry,) = list_model_defects("au21", 1, "vacancy filled").entries
        assert all(clash.allowed - clash.distance < 0.15 for clash in entry.clashes)


def split_numbers(text):
    return [part for part in text.replace("−", " ").replace("+", " ").split() if part.isdigit()]
