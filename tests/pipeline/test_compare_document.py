"""The document of a comparison: plain JSON that its schema describes, with both clusters in one frame."""

import json

import numpy as np
import pytest

from clustermodel.io.record import format_record
from clustermodel.pipeline.compare import CompareSettings, SideSettings, compare_structures
from clustermodel.pipeline.compare_document import (
    TOPICS,
    build_comparison_document,
    classify_difference,
    load_comparison_schema,
)
from tests.datafiles import data_path
from tests.pipeline.compare_cases import MODEL, TETRAHEDRON, write_defect, write_lattice, write_xyz


def validate(document):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(load_comparison_schema()).validate(document)


def reread(comparison):
    """Return the document as another program reads it; a number that is not finite would raise."""
    return json.loads(json.dumps(build_comparison_document(comparison), allow_nan=False))


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return write_defect(tmp_path_factory.mktemp("document"), "kernel-surface")


@pytest.fixture(scope="module")
def document(case):
    return reread(compare_structures(case.defect, case.whole))


def test_schema_is_itself_valid():
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(load_comparison_schema())


def test_document_of_a_defect_fits_the_schema(document):
    validate(document)
    assert document["schema"] == "clustermodel.compare/1"


def test_schema_refuses_what_it_does_not_describe(document):
    jsonschema = pytest.importorskip("jsonschema")
    for broken in ({**document, "surprise": 1}, {k: v for k, v in document.items() if k != "overlay"}):
        with pytest.raises(jsonschema.ValidationError):
            validate(broken)


def test_keys_that_other_programs_read(document):
    promised = ["mapped", "missing", "extra", "moved", "rivals", "rmsd", "site", "differences"]
    assert set(promised) < set(document)
    assert {"a", "b", "role", "distance"} <= set(document["mapped"][0])
    wanted = {"quantity", "role", "a", "b", "delta", "su", "scatter", "verdict"}
    assert all(wanted <= set(row) for row in document["differences"])


def test_text_is_the_document(document):
    assert json.loads(format_record(document)) == document


def test_both_clusters_stand_in_one_frame(document):
    places = [np.array([atom["xyz"] for atom in document["overlay"][side]["atoms"]]) for side in "ab"]
    apart = [
        np.linalg.norm(places[0][pair["a"]] - places[1][pair["b"]])
        for pair in document["mapped"]
        if pair["role"] != "ligand"
    ]
    told = [pair["distance"] for pair in document["mapped"] if pair["role"] != "ligand"]
    assert apart == pytest.approx(told, abs=2e-5)  # coordinates are rounded to 1e-5 Å
    assert max(apart) < 1e-3  # the same coordinates, written to 4e-5 Å


def test_the_site_is_where_the_overlay_has_the_atom(document, case):
    site = document["site"]
    assert document["sites"] == [site]
    atom = document["overlay"]["b"]["atoms"][site["atom"]]
    assert atom["label"] == site["label"] == case.removed[0]
    assert site["place"] == pytest.approx(atom["xyz"], abs=1e-3)


def test_a_site_that_is_vacant_in_b_has_its_place_in_the_frame_of_a(case):
    back = reread(compare_structures(case.whole, case.defect))
    site = back["site"]
    assert site["vacant_in"] == "b"
    atom = back["overlay"]["a"]["atoms"][site["atom"]]
    assert site["place"] == pytest.approx(atom["xyz"], abs=1e-3)


def test_bonds_of_the_overlay_have_the_lengths_of_its_coordinates(document):
    for cluster in document["overlay"].values():
        places = np.array([atom["xyz"] for atom in cluster["atoms"]])
        pairs = np.array([bond[:2] for bond in cluster["bonds"]])
        lengths = np.linalg.norm(places[pairs[:, 0]] - places[pairs[:, 1]], axis=1)
        assert lengths == pytest.approx([bond[2] for bond in cluster["bonds"]], abs=1e-4)


def test_motion_lays_a_on_b(document):
    rotation, translation = (np.array(document["map"][name]) for name in ("rotation", "translation"))
    assert rotation @ rotation.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1)  # the cluster was turned, not mirrored
    assert translation.shape == (3,)


def test_every_difference_has_a_topic(tmp_path):
    files = write_lattice(tmp_path / "a.cif", 12.0), write_lattice(tmp_path / "b.cif", 13.0)
    comparison = compare_structures(*files)
    rows = reread(comparison)["differences"]
    topics = {(row["quantity"], row["role"]): row["topic"] for row in rows}
    assert topics["mean bond length", "kernel Au-Au"] == "bonds"
    assert topics["mean length of bonds in both", "kernel Au-Au"] == "paired bonds"
    assert topics["metal atoms", "cluster"] == "count"
    assert topics["density", "packing"] == "packing"
    assert topics["largest distance", "kernel"] == "size"
    assert {classify_difference(one) for one in comparison.pair.differences} <= set(TOPICS)


def test_models_and_files_are_told_apart(tmp_path):
    plain = write_xyz(tmp_path / "gold.xyz", ("Au", TETRAHEDRON))
    document = reread(compare_structures(MODEL, plain))
    validate(document)
    a, b = document["sources"]["a"], document["sources"]["b"]
    assert (a["is_model"], a["refined"]) == (True, True)
    assert (b["is_model"], b["refined"], b["block"]) == (False, False, None)
    assert document["metals"] == {"a": {"Au": 25}, "b": {"Au": 4}}
    assert [row["count"] for row in document["ligands"]["a"]] == [18]
    assert document["ligands"]["b"] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cif/COD_1540567_Au25_SCH2CH2Ph_18.cif", "xyz/sch3_024_20.xyz"),
        ("cif/COD_1004001_W6S8_PBu3_6_disordered.cif", "cif/COD_1004000_W6S8_nonunique_labels.cif"),
    ],
)
def test_documents_of_shared_files_fit_the_schema(first, second):
    settings = CompareSettings(a=SideSettings(cluster="1"), b=SideSettings(cluster="1"))
    document = reread(compare_structures(data_path(first), data_path(second), settings=settings))
    validate(document)
    numbers = [len(document["overlay"][side]["atoms"]) for side in "ab"]
    assert [len(document["mapped"]) + len(document[key]) for key in ("extra", "missing")] == numbers
