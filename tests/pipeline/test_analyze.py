"""The main job: from a file to species, clusters, charges and audit."""

import json

import numpy as np
import pytest

from clustermodel.assembly.disorder import DisorderChoice
from clustermodel.errors import ChemistryError, CifError, InputError
from clustermodel.io.cif import parse_cif
from clustermodel.io.record import format_record
from clustermodel.pipeline.analyze import AnalysisSettings, analyze, analyze_crystal
from clustermodel.pipeline.document import SCHEMA, build_document, load_schema
from clustermodel.pipeline.species_rows import list_species
from tests.datafiles import data_files, data_path
from tests.toy import write_toy

AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"
MODEL = "model:au25_sch3_18_nme4"


def toy(rows, **options):
    settings = options.pop("settings", None)
    return analyze_crystal(parse_cif(write_toy(rows, **options), "toy.cif")[0], settings=settings)


@pytest.fixture(scope="module")
def au25():
    return analyze(data_path(AU25))[0]


@pytest.fixture(scope="module")
def model():
    return analyze(MODEL)[0]


def test_au25_species(au25):
    rows = {(r.formula, r.role, r.name, r.per_cell, r.charge) for r in list_species(au25)}
    assert rows == {("C144H162Au25S18", "cluster", "", 1.0, 0), ("C7H9", "solvent", "toluene", 2.0, 0)}


def test_au25_chemistry(au25):
    (cluster,) = au25.clusters
    assert cluster.site_symmetry == "-1"
    assert cluster.anatomy.summary == "Au13 + 6 Au2(SR)3"
    assert (cluster.charge.value, cluster.charge.source) == (0, "electroneutrality")
    assert cluster.electron_count.value == 7
    ((ligand),) = cluster.ligands
    assert (ligand.kind, ligand.name, ligand.count, ligand.binding) == ("thiolate", "SC2H4Ph", 18, "mu2")


def test_au25_bonds(au25):
    rows = {(r.role, r.pair): r for r in au25.clusters[0].bonds.rows}
    sulfur = rows["metal-donor", "Au-S"]
    assert sulfur.n == 36
    assert (sulfur.minimum, sulfur.mean, sulfur.maximum) == pytest.approx(
        (2.291, 2.323, 2.387), abs=5e-4
    )  # printed digits
    centre = rows["centre-shell", "Au-Au"]
    assert centre.n == 12
    assert centre.mean == pytest.approx(2.783, abs=5e-4)  # printed digits
    assert 0 < centre.su < 0.002


def test_au25_audit(au25):
    codes = {finding.code for finding in au25.audit}
    assert {"assembly-bump", "assembly-long-bond", "audit-sum-differs", "audit-moiety-differs"} <= codes


def test_model_is_labelled_everywhere(model):
    document = build_document(model)
    assert document["source"]["is_model"] is True
    assert model.crystal.is_model


def test_model_by_construction(model):
    (cluster,) = model.clusters
    assert (cluster.charge.value, cluster.charge.source) == (-1, "electroneutrality")
    assert cluster.electron_count.value == 8
    assert cluster.site_symmetry == "-1"
    assert cluster.average_formula == cluster.formula == "C18H54Au25S18"


def test_the_user_charge_wins():
    (analysis,) = analyze(MODEL, settings=AnalysisSettings(charge=3))
    cluster = analysis.clusters[0]
    assert (cluster.charge.value, cluster.charge.source, cluster.electron_count.value) == (3, "user", 4)


def test_named_kernel_atoms():
    settings = AnalysisSettings(kernel_labels=("Au1", "Au2"))
    anatomy = analyze(MODEL, settings=settings)[0].clusters[0].anatomy
    assert anatomy.convention == "labels"
    with pytest.raises(ChemistryError, match="Au99"):
        analyze(MODEL, settings=AnalysisSettings(kernel_labels=("Au99",)))


def test_unknown_part_and_block_are_told():
    with pytest.raises(InputError, match="no part 2 in an assembly 'A'"):
        analyze(MODEL, settings=AnalysisSettings(disorder=DisorderChoice(parts={"A": 2})))
    with pytest.raises(CifError, match="no data block"):
        analyze(MODEL, block="nothing")


def test_the_other_part_can_be_chosen():
    path = data_path("cif/COD_1004001_W6S8_PBu3_6_disordered.cif")
    major = analyze(path)[0].clusters[0]
    minor = analyze(path, settings=AnalysisSettings(disorder=DisorderChoice(prefer="minor")))[0].clusters[0]
    assert major.formula == minor.formula == "C72H162P6S8W6"
    assert set(major.variant.molecule.labels) != set(minor.variant.molecule.labels)


def test_files_of_atoms_say_nothing_about_charge():
    (analysis,) = analyze(data_path("xyz/au25_pet18_-1_opt.xyz"))
    assert analysis.charge.value is None
    assert analysis.clusters[0].electron_count.value is None
    assert analysis.clusters[0].electron_count.at_zero_charge == 7
    assert build_document(analysis)["crystal"] is None


def test_block_of_a_file_without_blocks(tmp_path):
    path = tmp_path / "a.xyz"
    path.write_text("1\n\nAu 0 0 0\n")
    with pytest.raises(InputError, match="not a CIF"):
        analyze(path, block="x")


def test_no_cluster_no_trouble():
    analysis = toy([("C1", "C", 0.1, 0.1, 0.1), ("Cl1", "Cl", 0.1, 0.1, 0.19)])
    document = build_document(analysis)
    assert document["clusters"] == []
    assert document["species"][0]["formula"] == "CCl"


def triangle(occupancy=1.0):
    side = 2.8 / 20
    return [
        ("Au1", "Au", 0.4, 0.4, 0.5),
        ("Au2", "Au", 0.4 + side, 0.4, 0.5),
        ("Au3", "Au", 0.4 + side / 2, 0.4 + side * 0.866, 0.5),
        ("Au4", "Au", 0.4 + side / 2, 0.4 + side * 0.289, 0.5 + side * 0.816, occupancy),
    ]


def test_co_crystal_gives_two_clusters_and_two_species():
    analysis = toy(triangle(0.7))
    assert [(c.id, c.formula) for c in analysis.clusters] == [("1a", "Au4"), ("1b", "Au3")]
    assert [(r.formula, round(r.per_cell, 3)) for r in list_species(analysis)] == [("Au4", 0.7), ("Au3", 0.3)]
    assert analysis.charge.value is None  # the ions tell only the average
    assert "assembly-vacancy" in {f.code for f in analysis.audit}


def test_user_charge_holds_for_a_co_crystal():
    analysis = toy(triangle(0.7), settings=AnalysisSettings(charge=2))
    assert [c.electron_count.value for c in analysis.clusters] == [2, 1]


def test_mixed_metal_site_is_reported_and_split_by_occupancy():
    rows = triangle()
    x, y, z = rows[3][2:5]
    rows[3] = ("Au4", "Au", x, y, z, 0.7)
    rows.append(("Ag4", "Ag", x, y, z, 0.3))
    (cluster,) = toy(rows).clusters
    assert cluster.formula == "Au4"
    assert cluster.average_formula == "Ag0.3Au3.7"


def test_two_independent_clusters():
    shifted = [
        (f"{label}B", element, x - 0.3, y - 0.3, z - 0.4) for label, element, x, y, z, *_ in triangle()
    ]
    analysis = toy([*triangle(), *shifted])
    assert [c.id for c in analysis.clusters] == ["1", "2"]
    assert [(r.formula, r.per_cell, r.independent) for r in list_species(analysis)] == [("Au4", 2.0, 2)]


# ---------------------------------------------------------------------------------------------- document


def validate(document):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(load_schema()).validate(document)


def test_schema_is_itself_valid():
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(load_schema())


def test_model_document_fits_the_schema(model):
    document = json.loads(format_record(build_document(model)))
    validate(document)
    assert document["schema"] == SCHEMA


@pytest.mark.parametrize("folder", ["cif", "xyz", "models_start"])
def test_documents_of_shared_files_fit_the_schema(folder):
    files = [f for f in data_files(folder) if f.suffix in {".cif", ".xyz"}]
    if not files:
        pytest.skip("shared test data absent (set CLUSTERMODEL_DATA)")
    for path in files:
        for analysis in analyze(path, block="all" if path.suffix == ".cif" else None):
            validate(json.loads(format_record(build_document(analysis))))


def test_bookkeeping_of_the_document(model):
    (cluster,) = build_document(model)["clusters"]
    atoms = cluster["atoms"]
    assert len(atoms) == 115
    assert cluster["metals"] == {"Au": 25}
    assert sum(row["count"] for row in cluster["ligands"]) == 18
    assert all(convention["bookkeeping"]["balanced"] for convention in cluster["conventions"])
    for i, j, length in cluster["bonds_list"]:
        distance = np.linalg.norm(np.subtract(atoms[i]["xyz"], atoms[j]["xyz"]))
        assert distance == pytest.approx(length, abs=1e-3)  # coordinates are printed to 1e-5 Å


def test_no_nan_in_json(model):
    assert "NaN" not in format_record(build_document(model))
    with pytest.raises(TypeError, match="cannot write"):
        format_record({"bad": object()})
