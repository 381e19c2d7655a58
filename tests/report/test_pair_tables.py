"""Do the tables of a comparison say what the document holds, in every format, and call a model a model?"""

import copy
import csv
import io
import itertools
import math

import numpy as np
import pytest

from clustermodel.errors import InputError
from clustermodel.report.pair_report import render_pair_tables
from clustermodel.report.pair_sentences import (
    describe_change,
    describe_missing_su,
    describe_models,
    describe_sign_changes,
    describe_sites,
    list_sides,
    write_verdict,
)
from clustermodel.report.pair_tables import list_pair_tables
from clustermodel.report.render import render_csv, render_markdown
from tests.datafiles import data_path
from tests.report.pair_documents import (
    LOST,
    PUSHED,
    defect_document,
    hostile_document,
    make_comparison,
    model_document,
    phosphine_cluster,
    same_document,
)
from tests.report.report_documents import HOSTILE


def find(document, name):
    (table,) = [table for table in list_pair_tables(document) if table.name == name]
    return table


def read(table):
    """Return the rows of a table by heading, as its CSV file has them."""
    return list(csv.DictReader(io.StringIO(render_csv(table))))


# ------------------------------------------------------------------------------------------------------ words


def test_change_names_what_was_removed():
    assert describe_change(defect_document()) == "one Au and one PH3 more"


def test_change_is_told_from_the_other_side_too():
    document = defect_document()
    for name in ("metals", "ligands"):
        document[name] = {"a": document[name]["b"], "b": document[name]["a"]}
    assert describe_change(document) == "one Au and one PH3 fewer"
    assert describe_change(same_document()) == "the same metal atoms and ligands"


def test_names_are_metal_atoms_or_letters():
    assert [side.name for side in list_sides(defect_document())] == ["Au₁₂", "Au₁₃"]
    assert [side.name for side in list_sides(same_document())] == ["a", "b"]
    assert [side.composition for side in list_sides(defect_document())] == ["Au12(PH3)11", "Au13(PH3)12"]


def test_site_sentence_names_atom_ligand_and_neighbours():
    (told,) = describe_sites(defect_document())
    assert told.startswith("Au6 of Au₁₃ (kernel-surface) with PH₃ has no counterpart in Au₁₂; ")
    assert told.count("\N{NO-BREAK SPACE}Å") == 6  # the centre and five corners of an icosahedron


def test_site_sentence_names_what_rival_maps_would_leave_out():
    document = defect_document()
    framework = [[one["a"], one["b"]] for one in document["mapped"] if one["role"] != "ligand"]
    rival = [[a, b if b != 8 else 5] for a, b in framework]  # the ninth gold atom left out, the sixth mapped
    document["rivals"] = [{"pairs": rival}]
    (told,) = describe_sites(document)
    assert told.endswith(" By maps that fit as well it could be Au9.")
    document["overlay"]["b"]["atoms"][8]["label"] = "Au6"  # copies by symmetry have one label
    (told,) = describe_sites(document)
    assert told.endswith("it could be another copy of Au6.")


def test_verdict_names_the_second_cluster():
    document = defect_document()
    assert write_verdict(document, "larger in b") == "larger in Au₁₃"
    assert write_verdict(document, "equal within errors") == "equal within errors"


def test_sign_change_is_said_or_denied():
    document = same_document()
    assert list(describe_sign_changes(document)) == [
        "The difference of the mean kernel Au–Au distance keeps its sign at every cut-off."
    ]
    change = {"role": "kernel", "pair": "Au-Au", "kind": "all", "low": 3.0, "high": 3.05}
    document["bonds"]["sign_changes"] = [{**change, "delta_low": -0.01, "delta_high": 0.02}]
    (told,) = describe_sign_changes(document)
    assert "changes its sign between 3.00 and 3.05 Å" in told
    assert told in find(document, "bonds-by-cutoff").notes


# ---------------------------------------------------------------------------------------------- what they say


def test_means_are_those_of_the_geometry():
    elements, points = phosphine_cluster()
    gold = [k for k, element in enumerate(elements) if element == "Au"]
    pairs = [(i, j) for i in gold for j in gold if i < j]
    lengths = np.array([np.linalg.norm(points[i] - points[j]) for i, j in pairs])
    is_near = lengths <= 3.30
    (kernel,) = [row for row in read(find(defect_document(), "bonds")) if row["role"] == "kernel"]
    assert int(kernel["n Au₁₃"]) == is_near.sum()
    mean = float(kernel["mean Au₁₃ / Å"])
    assert mean == pytest.approx(lengths[is_near].mean(), abs=2e-6)  # Å; the file has six decimals
    for row in read(find(defect_document(), "bonds")):
        assert float(row["Δ / Å"]) == pytest.approx(
            float(row["mean Au₁₃ / Å"]) - float(row["mean Au₁₂ / Å"]), abs=1e-12
        )  # Å; rounding of a subtraction


def test_bonds_in_both_and_in_one_add_up():
    means = {(row["role"], row["pair"]): row for row in read(find(defect_document(), "bonds"))}
    for row in read(find(defect_document(), "bonds-in-both")):
        whole = means[row["role"], row["pair"]]
        assert int(row["n in both"]) + int(row["n only Au₁₂"]) == int(whole["n Au₁₂"])
        assert int(row["n in both"]) + int(row["n only Au₁₃"]) == int(whole["n Au₁₃"])
        parts = float(row["Δ in both / Å"]) + float(row["effect on Δ / Å"])
        assert parts == pytest.approx(float(whole["Δ / Å"]), abs=1e-12)  # Å; rounding of a sum


def test_the_corner_and_its_ligand_are_the_site():
    elements, points = phosphine_cluster()
    (site,) = read(find(defect_document(), "sites"))
    assert (site["vacant in"], site["filled in"], site["by"]) == ("Au₁₂", "Au₁₃", f"Au{LOST[0] + 1}")
    assert site["ligand that came with it"] == "PH3"
    place = np.array([float(site[f"{axis} / Å"]) for axis in "xyz"])
    assert np.linalg.norm(place - points[LOST[0]]) < 0.1  # Å; neighbours were pushed by up to 0.15 Å
    rows = read(find(defect_document(), "site-neighbours"))
    gold = [k for k, element in enumerate(elements) if element == "Au" and k != LOST[0]]
    near = sorted(np.linalg.norm(points[gold] - points[LOST[0]], axis=1))[: len(rows)]
    filled = sorted(float(row["distance, filled / Å"]) for row in rows)
    np.testing.assert_allclose(filled, near, atol=2e-6)  # Å; the file has six decimals


def test_only_the_lost_atoms_are_unmapped():
    rows = read(find(defect_document(), "unmapped-atoms"))
    assert {(row["only in"], row["element"], int(row["n"])) for row in rows} == {
        ("Au₁₃", "Au", 1),
        ("Au₁₃", "P", 1),
        ("Au₁₃", "H", 3),
    }


def test_the_pushed_atoms_moved_farthest():
    rows = read(find(defect_document(), "displacements"))
    assert {row["atom Au₁₃"] for row in rows[:2]} == {f"Au{PUSHED[0] + 1}", f"P{PUSHED[1] + 1}"}
    distances = [float(row["distance / Å"]) for row in rows]
    assert distances == sorted(distances, reverse=True)
    assert len(rows) == 23  # 12 gold and 11 phosphorus


def test_root_mean_squares_are_those_of_the_pairs():
    document = defect_document()
    for row in read(find(document, "rmsd"))[:-3]:
        own = [one["distance"] for one in document["mapped"] if one["role"] == row["role"]]
        assert int(row["n"]) == len(own)
        rms = math.sqrt(sum(d * d for d in own) / len(own))
        assert float(row["RMSD / Å"]) == pytest.approx(rms, rel=1e-9)  # rounding of a sum of squares


def test_moved_and_exchanged_atoms_are_listed_once():
    document = defect_document()
    far = {**document["mapped"][3], "element_b": "Ag"}
    document["moved"] = document["exchanged"] = [far]
    (row,) = read(find(document, "moved-atoms"))
    assert row["elements"] == "Au → Ag"
    assert "moved-atoms" not in {table.name for table in list_pair_tables(defect_document())}


def test_counts_are_whole_and_equal_ones_are_equal():
    rows = {row["quantity"]: row for row in read(find(defect_document(), "counts"))}
    assert (rows["metal atoms"]["Au₁₂"], rows["metal atoms"]["Au₁₃"], rows["metal atoms"]["Δ"]) == (
        "12",
        "13",
        "1",
    )
    assert rows["superatom electrons"]["verdict"] == "equal"  # 12 − 4 and 13 − 5


def test_sizes_of_one_part_stand_together():
    parts = [row["of what"] for row in read(find(defect_document(), "size"))]
    changes = sum(first != second for first, second in itertools.pairwise(parts))
    assert changes == len(set(parts)) - 1


def test_motifs_are_counted_in_both():
    (row,) = read(find(defect_document(), "motifs"))
    assert (row["motif"], row["Au₁₂"], row["Au₁₃"]) == ("PR3", "11", "12")


def test_units_of_the_kernels_are_told():
    document = defect_document()
    for key, identity in (("a", "17 = 11 + 10 − 4"), ("b", "18 = 11 + 11 − 4")):
        document["units"][key] = [{"identity": identity, "units": [], "shared": [], "convincing": True}]
    rows = {row["quantity"]: row for row in read(find(document, "clusters"))}
    assert rows["kernel units"]["Au₁₂"] == "17 = 11 + 10 − 4"
    document["units"] = {"a": [], "b": []}
    assert "kernel units" not in {row["quantity"] for row in read(find(document, "clusters"))}


def test_changed_motif_is_shown():
    document = defect_document()
    change = {"label_a": "Au2(SR)3", "label_b": "", "atoms": ["Au1", "S1"], "n_mapped": 0}
    document["motif_changes"] = [change]
    (row,) = read(find(document, "motif-changes"))
    assert row["atoms"] == "Au1, S1"


def test_rows_mark_the_atoms_of_the_overlay():
    document = defect_document()
    shift = len(document["overlay"]["a"]["atoms"])
    labels = [atom["label"] for key in "ab" for atom in document["overlay"][key]["atoms"]]
    table = find(document, "displacements")
    for row, (first, second) in zip(table.rows, table.atoms, strict=True):
        assert first < shift <= second
        assert (labels[first], labels[second]) == row[:2]
    (atoms,) = find(document, "sites").atoms
    assert labels[atoms[0]] == f"Au{LOST[0] + 1}"


@pytest.mark.parametrize("make", [defect_document, same_document, hostile_document])
def test_tables_have_names_of_their_own_captions_and_rows(make):
    tables = list_pair_tables(make())
    names = [table.name for table in tables]
    assert len(names) == len(set(names))
    for table in tables:
        assert table.rows
        assert table.source
        assert table.caption or table.name == "findings"


# ------------------------------------------------------------------------------------------ models and errors


def test_models_are_called_models_in_every_table():
    document = model_document()
    assert describe_models(document).startswith("Both clusters are models, not measured structures")
    for table in list_pair_tables(document):
        assert "(models)" in render_markdown(table).splitlines()[0]
        assert "model, not measured" in table.source
    heads = [column.name for column in find(document, "bonds").columns]
    assert {"mean Au₁₂ (model)", "mean Au₁₃ (model)"} <= set(heads)


def test_one_model_is_named():
    document = defect_document()
    document["sources"]["a"]["is_model"] = True
    assert describe_models(document).startswith("Au₁₂ is a model, not a measured structure")
    assert all("(Au₁₂ is a model)" in table.title for table in list_pair_tables(document))
    assert describe_models(defect_document()) == ""


def test_no_su_is_invented():
    document = model_document()
    names = {column.name for table in list_pair_tables(document) for column in table.columns}
    assert "s.u." not in names
    assert "No s.u.: Au₁₂ and Au₁₃ are models." in find(document, "bonds").caption
    assert "s.u. of" not in render_pair_tables(document, "csv").decode()


def test_su_stands_apart_from_scatter_where_it_is_known():
    document = defect_document()
    row = document["bonds"]["rows"][0]
    row["all"] |= {"su": 0.0004, "scatter": 0.0123}
    table = find(document, "bonds")
    first = read(table)[0]
    assert (float(first["s.u. / Å"]), float(first["standard error / Å"])) == (0.0004, 0.0123)
    assert "No s.u." not in table.caption
    assert describe_missing_su(document, [row["all"]]) == ""


def test_an_exact_count_is_no_measurement():
    document = model_document()
    count = {"quantity": "contacts per cluster", "role": "H···H between clusters", "unit": "", "su": 0.0}
    values = {"a": 15.0, "b": 44.0, "delta": 29.0, "scatter": None, "sigmas": None, "topic": "contacts"}
    document["differences"].append({**count, **values, "verdict": "larger in b"})
    table = find(document, "contacts")
    assert "s.u." not in {column.name for column in table.columns}
    assert "No s.u.: Au₁₂ and Au₁₃ are models." in table.caption
    assert table.rows[0][2:5] == (15, 44, 29)


def test_measured_structures_are_not_called_models():
    path = data_path("cif/COD_1540567_Au25_SCH2CH2Ph_18.cif")
    document = make_comparison(path, path)
    assert describe_models(document) == ""
    table = find(document, "bonds")
    assert any(column.name == "s.u." for column in table.columns)
    assert all(row["verdict"] == "equal within errors" for row in read(table))
    assert {"rigidity", "packing", "contacts"} <= {table.name for table in list_pair_tables(document)}


# ---------------------------------------------------------------------------------------------------- formats


@pytest.mark.parametrize("make", [defect_document, hostile_document])
def test_every_format_holds_every_table(make):
    document = make()
    tables = list_pair_tables(document)
    text = render_pair_tables(document, "md").decode()
    assert text.count("### ") >= len(tables)
    assert render_pair_tables(document, "docx")[:2] == b"PK"
    latex = render_pair_tables(document, "tex").decode()
    assert latex.count(r"\begin{tabular}") + latex.count(r"\begin{longtable}") >= len(tables)
    assert latex.rstrip().endswith(r"\end{document}")
    assert render_pair_tables(document, "csv").decode().count("# ") >= len(tables)


def test_hostile_labels_run_nothing_in_a_spreadsheet():
    for table in list_pair_tables(hostile_document()):
        for line in csv.reader(io.StringIO(render_csv(table))):
            assert not any(cell.startswith(("=", "@")) for cell in line)
    assert HOSTILE not in render_pair_tables(hostile_document(), "md").decode()  # escaped


def test_other_documents_and_formats_are_refused():
    with pytest.raises(InputError, match=r"clustermodel\.compare/1"):
        render_pair_tables({"schema": "clustermodel.analysis/1"}, "md")
    with pytest.raises(InputError, match="not known"):
        render_pair_tables(defect_document(), "xlsx")


def test_nan_is_no_number_of_a_table():
    document = copy.deepcopy(defect_document())
    document["bonds"]["rows"][0]["mean_only_a"] = math.nan
    assert "nan" not in render_pair_tables(document, "csv").decode().lower().replace("nanocluster", "")
