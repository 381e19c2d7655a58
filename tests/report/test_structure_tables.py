"""Do the tables of a paper say what the document says, with the settings of the record?"""

import copy
import functools
import json
import math
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.analysis.contact_criteria import CONTACT_PRESETS, find_contact_radii, find_preset_tolerance
from clustermodel.report.bond_tables import tabulate_bonds
from clustermodel.report.contact_tables import describe_contacts, list_contact_tables
from clustermodel.report.crystal_quantities import list_crystal_quantities, list_missing
from clustermodel.report.crystal_tables import tabulate_crystal_data
from clustermodel.report.labels import list_labels
from clustermodel.report.motif_tables import tabulate_motifs, tabulate_staples
from clustermodel.report.packing_tables import list_packing_tables
from clustermodel.report.paper_tables import KINDS, list_kind_tables
from clustermodel.report.render import render_csv
from clustermodel.report.selected_tables import list_rigidity_tables, list_selected_tables
from clustermodel.report.side_by_side import Subject, merge_keys, name_subjects
from clustermodel.report.size_tables import tabulate_size
from clustermodel.report.symmetry_tables import _select_groups, list_symmetry_tables
from clustermodel.report.table import Column, Formula, Measured, Operation, SpaceGroupName, Table
from clustermodel.report.tables import list_tables
from clustermodel.report.unit_tables import _shorten_identity, list_unit_tables
from tests.datafiles import data_path
from tests.report.report_documents import make_documents, model_document, water_document

AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"


@functools.cache
def _au25_text():
    return json.dumps(make_documents(data_path(AU25))[0])


def au25_document():
    return json.loads(_au25_text())


def model_cluster():
    return model_document()["clusters"][0]


def column(table, heading):
    place = [c.heading for c in table.columns].index(heading)
    return [row[place] for row in table.rows]


def text(cell):
    return getattr(cell, "text", cell)


def by_key(table, width=1):
    return {tuple(text(c) for c in row[:width]): row[width:] for row in table.rows}


def crystal(**items):
    """The part of a document about a crystal, in space group P 1 21/c 1, with these CIF items."""
    names = ("a", "b", "c", "alpha", "beta", "gamma")
    values = (10.0, 12.0, 15.0, 90.0, 100.0, 90.0)
    return {
        "space_group": "P 1 21/c 1",
        "symmetry": {"number": 14, "operations": ["x,y,z"], "source": "loop"},
        "cell": {
            **dict(zip(names, values, strict=True)),
            "su": dict.fromkeys(names, 0.0),
            "volume": 10 * 12 * 15 * math.sin(math.radians(100)),
        },
        "z": 4,
        "declared": {
            "formula_sum": "C2 H6 O",
            "formula_moiety": None,
            "weight": 46.07,
            "temperature": "100(2)",
            "radiation": None,
            "r_factors": items,
            "database_codes": {"CCDC": "123456"},
            "doi": None,
            "title": None,
            "masked": False,
            "voids": [],
        },
    }


def quantities(**items):
    return {row.name: row.value for row in list_crystal_quantities(crystal(**items))}


# ------------------------------------------------------------------------------------------ crystal data


def test_crystal_data_have_the_names_and_forms_of_journals():
    rows = quantities(
        _diffrn_reflns_theta_min="1.5",
        _diffrn_reflns_theta_max="29.1",
        _refine_ls_number_reflns="22436",
        _refine_ls_number_restraints="27",
        _refine_ls_number_parameters="897",
        _refine_diff_density_max="2.6",
        _refine_diff_density_min="-2.9",
        _diffrn_radiation_type="MoK\\a",
        _diffrn_radiation_wavelength="0.71073",
        _exptl_crystal_size_max="0.3",
        _exptl_crystal_size_mid="0.2",
        _exptl_crystal_size_min="0.1",
    )
    assert rows["empirical formula"] == Formula("C2H6O")
    assert rows["space group"] == SpaceGroupName("P 21/c")  # the two axes without symmetry left out
    assert rows["crystal system"] == "monoclinic"  # from the number: the file does not say
    assert rows["θ range"] == "1.5–29.1"
    assert rows["data / restraints / parameters"] == "22436 / 27 / 897"
    assert rows["largest peak and deepest hole"] == "2.6, −2.9"
    assert rows["radiation"] == "Mo Kα (λ = 0.71073 Å)"
    assert rows["crystal size"] == "0.3 × 0.2 × 0.1"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("I > 2\\s(I)", "I > 2σ(I)"),
        ("I>2\\s(I)", "I > 2σ(I)"),
        (">2sigma(I)", "I > 2σ(I)"),
        ("I>=2u(I)", "I ≥ 2σ(I)"),
        ("F>4\\s(F)", "F > 4σ(F)"),
        ("whatever was bright", "observed"),
    ],
)
def test_r_factors_name_what_counts_as_observed(written, shown):
    rows = quantities(_reflns_threshold_expression=written, _refine_ls_R_factor_gt=".0387")
    assert rows[f"R1 [{shown}]"] == "0.0387"


def test_a_refinement_on_f_has_no_r1_and_no_wr2():
    items = {
        "_refine_ls_R_factor_obs": "0.06",
        "_refine_ls_wR_factor_obs": "0.07",
        "_refine_ls_goodness_of_fit_ref": "1.8",
    }
    squared = quantities(**items)
    plain = quantities(**items, _refine_ls_structure_factor_coef="F")
    assert {"R1 [observed]", "wR2 [observed]", "goodness of fit on F²"} <= set(squared)
    assert {"R [observed]", "wR [observed]", "goodness of fit on F"} <= set(plain)


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("1772.6(5)", Measured(1772.6, 0.5)),  # 10 · 12 · 15 · sin 100° = 1772.65
        ("1772.6", "1772.6"),
        ("1800.0(5)", "1772.7"),  # not the volume of this cell: computed from it
        ("?", "1772.7"),
    ],
)
def test_volume_keeps_its_uncertainty_only_where_it_is_that_of_the_cell(declared, shown):
    found = quantities(_cell_volume=declared)["volume"]
    if isinstance(shown, Measured):
        assert (found.value, found.su) == pytest.approx((shown.value, shown.su))
    else:
        assert found == shown


def test_what_the_file_does_not_state_is_listed():
    missing = list_missing(list_crystal_quantities(crystal(_exptl_crystal_F_000="3625")))
    assert "radiation" in missing
    assert not {"F(000)", "deposition number", "Z"} & set(missing)


def test_crystal_data_of_the_deposited_au25_cluster():
    table = tabulate_crystal_data(au25_document())
    rows = {key[0]: value[0] for key, value in by_key(table).items()}
    assert rows["volume / Å³"] == Measured(4166.0, 2.0)  # as printed in the file
    assert rows["F(000)"] == "3625"
    assert rows["reflections with I > 2σ(I)"] == "14888"
    assert rows["R1 [I > 2σ(I)]"] == "0.0387"
    assert rows["wR2 [all data]"] == "0.1095"
    assert any("C +10, H +10, O -2, S -18" in note for note in table.notes)  # 2 toluene, no DMSO in the cell
    assert "Not stated in the file: crystal size." in table.notes


# ------------------------------------------------------------------------------------------------- bonds


def test_means_carry_their_uncertainty_where_the_document_has_it():
    document = model_document()
    cluster = document["clusters"][0]
    cluster["bonds"][0] |= {"mean_su": 0.0012, "birge_ratio": 4.2, "excess_sd": 0.01}
    table = tabulate_bonds(cluster, document)
    assert column(table, "mean / Å")[0] == Measured(cluster["bonds"][0]["mean"], 0.0012)
    assert column(table, "mean / Å")[1] == cluster["bonds"][1]["mean"]
    assert column(table, "Birge ratio") == [4.2, *[None] * (len(table.rows) - 1)]
    assert "Birge ratio" in table.caption
    assert "Birge" not in tabulate_bonds(model_cluster(), document).caption


def selected_record():
    """One bond and one angle that go through an inversion, and an angle that symmetry fixes."""
    here = {"label": "S1", "element": "S", "mark": ""}
    there = {"label": "S1", "element": "S", "mark": "#1"}
    gold = {"label": "Au1", "element": "Au", "mark": ""}
    bond = {
        "atoms": [gold, there],
        "role": "kernel-donor",
        "pair": "Au-S",
        "length": 2.301,
        "su": 0.003,
        "multiplicity": 2,
    }
    angle = {"kind": "donor-metal-donor", "elements": "S-Au-S", "role": "staple", "multiplicity": 1}
    return {
        "bonds": [bond],
        "angles": [
            {**angle, "atoms": [here, gold, there], "angle": 180.0, "su": None, "fixed": True},
            {**angle, "atoms": [here, gold, here], "angle": 171.2, "su": None, "fixed": False},
        ],
        "symmetry": [
            {"mark": "#1", "text": "-x, -y+1, -z", "operation": 1, "shift": [0, 1, 0]},
            {"mark": "#2", "text": "x, y, z+1", "operation": 0, "shift": [0, 0, 1]},
        ],
        "convention": "staple",
        "settings": {"cutoff": 3.45},
    }


def test_selected_bonds_and_angles_have_their_symmetry_codes_below():
    cluster = model_cluster()
    cluster["structure"]["selected"] = selected_record()
    bonds, angles = list_selected_tables(cluster)
    assert bonds.rows == (("Au1–S1#1", "kernel-donor", Measured(2.301, 0.003, 3), 2),)
    assert bonds.notes == ("Symmetry codes: #1 −x, −y+1, −z.",)  # those in use, with minus signs
    assert column(angles, "angle") == ["S1–Au1–S1#1", "S1–Au1–S1"]
    assert angles.notes[1:] == (
        "Fixed by symmetry, so without s.u.: S1–Au1–S1#1.",
        "Without s.u.: an atom of it has none.",
    )
    assert "3.45 Å" in bonds.caption
    assert list_selected_tables(model_cluster() | {"structure": None}) == ()


def test_marks_survive_a_program_for_which_they_begin_a_comment():
    pandas = pytest.importorskip("pandas", reason="the other program is pandas")
    import io

    cluster = model_cluster()
    cluster["structure"]["selected"] = selected_record()
    read = pandas.read_csv(
        io.StringIO("# caption\n" + render_csv(list_selected_tables(cluster)[0])), comment="#"
    )
    assert read["bond"].tolist() == ["Au1–S1#1"]
    assert read["s.u. of length / Å"].tolist() == [0.003]


def test_rigidity_names_temperature_and_leaves_out_what_nobody_knows():
    row = {
        "role": "staple",
        "n": 2,
        "n_unique": 1,
        "mean": 0.02,
        "sd": None,
        "minimum": 0.02,
        "maximum": 0.02,
    }
    bond = {
        "role": "staple-donor",
        "pair": "Au-S",
        "n": 2,
        "n_unique": 1,
        "mean": 0.001,
        "mean_absolute": 0.001,
    }
    rest = {"rms": 0.001, "su": None, "mean_ratio": None, "largest": 0.001, "largest_labels": ["Au1", "S1"]}
    cluster = model_cluster()
    cluster["structure"]["rigidity"] = {
        "displacements": [{**row, "element": "Au", "n_anisotropic": 2}],
        "bonds": [{**bond, **rest}],
        "temperature": 120.0,
        "convention": "staple",
    }
    atoms, bonds = list_rigidity_tables(cluster)
    assert all("At 120 K" in table.caption for table in (atoms, bonds))
    assert "mean |Δ|/s.u." not in [c.name for c in bonds.columns]
    assert column(bonds, "largest at") == ["Au1–S1"]


# --------------------------------------------------------------------------------------- motifs and units


def test_parts_of_the_cluster_are_counted():
    rows = {text(row[1]): row[2] for row in tabulate_motifs(model_cluster()).rows}
    assert rows == {"Au13": 1, "Au2(SR)3": 6, "SCH3": 18}  # [Au25(SR)18]-, heaven2008


def test_staples_are_named_by_their_elements_and_counted():
    table = tabulate_staples(model_cluster())
    n = {row[1]: row[2] for row in table.rows}
    assert n["S–Au–S / °"] == 12  # two metal atoms in each of 6 staples
    assert n["Au–S–Au within the motif / °"] == 6
    assert n["Au–S–Au between kernel and motif / °"] == 12
    assert any("udu in 6" in note for note in table.notes)


def test_building_units_of_a_centred_icosahedron():
    cluster = model_cluster()
    tables = {table.name: table for table in list_unit_tables(cluster)}
    row = tables["units"].rows[0]
    assert [text(cell) for cell in row[1:5]] == ["13", 1, "Au13", "icosahedron, centred"]
    assert float(row[5]) == pytest.approx(0, abs=0.005)  # half of the last printed digit
    assert sum(column(tables["local-packing"], "atoms")) == 25
    blocks = by_key(tables["two-electron-blocks"])
    assert blocks[("electron count n*",)] == (8,)
    assert sum(cells[0] for key, cells in blocks.items() if key[0].startswith("blocks Au")) == 4  # n*/2
    assert "heuristic" in tables["two-electron-blocks"].title
    for table in tables.values():
        assert all(0 <= atom < len(cluster["atoms"]) for atoms in table.atoms for atom in atoms)


@given(st.lists(st.integers(4, 13), min_size=1, max_size=8), st.integers(0, 20))
def test_shortened_count_of_atoms_still_adds_up(sizes, repeats):
    total = sum(sizes) - repeats
    parts = " + ".join(map(str, sizes)) + (f" − {repeats}" if repeats else "")
    short = _shorten_identity(f"{total} = {parts}")
    left, _, right = short.partition(" = ")
    value = 0
    for sign, times, size in re.findall(r"([+−]?)\s*(?:(\d+) × )?(\d+)", right or left):
        value += (-1 if sign == "−" else 1) * int(times or 1) * int(size)
    assert (int(left), value) == (total, total)


@given(st.lists(st.sampled_from([*(f"Au{i}" for i in range(1, 9)), "S1", "H2A"]), max_size=20))
def test_short_lists_of_labels_can_be_written_out_again(labels):
    found = Counter()
    for item in filter(None, list_labels(labels).split(", ")):
        run, times = re.fullmatch(r"([\w–]+)(?: \((\d+) ×(?: each)?\))?", item).groups()
        first, _, last = run.partition("–")
        numbers = range(int(first[2:]), int(last[2:]) + 1) if last else ()
        for label in [f"Au{i}" for i in numbers] or [first]:
            found[label] += int(times or 1)
    assert found == Counter(labels)


# ------------------------------------------------------------------------------ symmetry, size and chirality


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2, 3, 4, 6, 12, 24, 120, 0]), st.floats(0, 0.5)),
        min_size=1,
        max_size=12,
    )
)
def test_of_the_point_groups_none_listed_is_beaten(pairs):
    groups = [{"symbol": "G", "order": order, "deviation": deviation} for order, deviation in pairs]
    chosen = _select_groups(groups)
    counts = [group["order"] or math.inf for group in chosen]
    deviations = [round(group["deviation"], 3) for group in chosen]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == len(counts)
    assert deviations == sorted(deviations, reverse=True)
    assert counts[0] == max(group["order"] or math.inf for group in groups)
    for group in groups:  # each is listed, or one of at least as many operations deviates no more
        order = group["order"] or math.inf
        assert order == 1 or any(
            count >= order and deviation <= round(group["deviation"], 3)
            for count, deviation in zip(counts, deviations, strict=True)
        )


def test_symmetry_of_the_model_is_that_it_was_built_with():
    tables = {table.name: table for table in list_symmetry_tables(model_cluster())}
    ladder = tables["point-groups"]
    assert {cell.text for cell in column(ladder, "kernel")} == {"Ih"}
    assert {cell.text for cell in column(ladder, "all metal atoms")} == {"Th"}
    elements = {(row[0], text(row[2])): row[3] for row in tables["symmetry-elements"].rows}
    # Ih has 6 five-fold, 10 three-fold and 15 two-fold axes and 15 mirror planes.
    assert [elements["kernel", kind] for kind in ("C5", "C3", "C2", "σ")] == [6, 10, 15, 15]
    assert set(column(tables["chirality"], "chiral")) == {"no"}


def test_every_size_of_the_record_is_in_the_table():
    cluster = model_cluster()
    size = cluster["structure"]["size"]
    table = tabulate_size(cluster)
    shown = [cell.value for row in table.rows for cell in row[1:-1] if cell is not None]
    several = [one for one in size["lengths"] if one["n"] > 1]
    assert len(shown) == sum(len(size[key]) for key in ("lengths", "volumes", "coordination")) + 2 * len(
        several
    )
    assert {one["value"] for one in size["lengths"]} <= set(shown)
    assert all(cell.text for cell in column(table, "definition"))


# ----------------------------------------------------------------------------------- packing and contacts


def test_neighbours_of_the_au25_crystal_are_the_lattice_translations():
    tables = {table.name: table for table in list_packing_tables(au25_document())}
    rows = {row[0].text: (row[1], row[2]) for row in tables["packing-neighbours"].rows}
    # One cluster on an inversion centre of P-1: its neighbours are at the cell edges, s.u. those of the cell.
    for code, (length, su) in {
        "x+1,y,z": (16.174, 0.003),
        "x,y+1,z": (17.746, 0.004),
        "x,y,z+1": (17.83, 0.004),
    }.items():
        number, distance = rows[code]
        assert number == 2
        assert (distance.value, distance.su) == pytest.approx((length, su))
    assert sum(column(tables["packing-shells"], "clusters")) == sum(number for number, _ in rows.values())


def test_packing_is_absent_without_a_crystal_or_a_cluster():
    assert list_packing_tables(water_document()) == ()
    assert list_contact_tables(model_document() | {"contact_tables": None}) == ()


def test_every_contact_is_listed_and_counted():
    document = model_document()
    record = document["contact_tables"]
    tables = list_contact_tables(document)
    lists = [table for table in tables if table.name.startswith("contacts-")]
    assert sum(len(table.rows) for table in lists) == sum(len(one["contacts"]) for one in record["tables"])
    (counts,) = [table for table in tables if table.name == "contact-counts"]
    first = next(one for one in record["tables"] if one["scope"] == "intermolecular")
    by_cutoff = {f"{one['cutoff']:.2f}": one for one in first["by_cutoff"] if one["n_cell"]}
    rows = [row for row in counts.rows if row[1] == "–".join(first["between"])]
    assert [row[2] for row in rows[: len(by_cutoff)]] == list(by_cutoff)
    assert [row[4] for row in rows[: len(by_cutoff)]] == [one["n_cell"] for one in by_cutoff.values()]
    assert all(row[6] is None for row in counts.rows if row[3] == 1)  # copies of one contact do not scatter
    codes = {cell.text for table in lists for cell in column(table, "symmetry code")}
    assert all(isinstance(cell, Operation) for table in lists for cell in column(table, "symmetry code"))
    assert not any(" " in code for code in codes)


@pytest.mark.parametrize("preset", CONTACT_PRESETS)
def test_captions_of_contacts_give_the_limit_of_the_preset(preset):
    contacts = model_document()["contact_tables"]
    contacts["settings"]["preset"] = preset
    limit = 2 * float(find_contact_radii(preset, ["H"])[0]) + find_preset_tolerance(preset)
    told = describe_contacts(contacts, "hydrogen-hydrogen")
    assert f"= {limit:.2f} Å" in told
    assert f"preset {preset}" in told
    assert not re.search(r"[a-z]{4}\d{4}", told)  # no keys of a list of references that a paper does not have


def test_captions_of_contacts_tell_of_moved_hydrogens_and_chosen_species():
    contacts = model_document()["contact_tables"]
    contacts["settings"] |= {"hydrogens": "normalised", "between": [["cluster", "counter-ion"]]}
    told = describe_contacts(contacts)
    assert "C–H 1.083" in told
    assert "Only between cluster and counter-ion." in told


# --------------------------------------------------------------------------- captions, titles, the whole list


@pytest.mark.parametrize(
    ("part", "key", "value", "name", "said"),
    [
        ("units", "contact_excess", 0.91, "units", "0.91 Å"),
        ("units", "convincing_measure", 1.25, "units", "1.25"),
        ("local_packing", "most_deviation", 7.5, "local-packing", "7.5°"),
        ("blocks", "contact_excess", 0.66, "two-electron-blocks", "0.66 Å"),
        ("size", "tolerance", 0.45, "size", "0.45 Å"),
        ("chirality", "tolerance", 0.42, "chirality", "0.42 Å"),
        ("staples", "in_plane", 12.0, "staples", "12°"),
    ],
)
def test_captions_and_notes_read_the_settings_of_the_record(part, key, value, name, said):
    document = model_document()
    document["clusters"][0]["structure"][part]["settings"][key] = value
    table = {table.name: table for table in list_tables(document)}[f"cluster-1-{name}"]
    assert said in " ".join((table.caption, *table.notes))


def test_list_of_tables_has_every_part_of_the_structure_and_calls_a_model_one():
    tables = list_tables(model_document())
    names = {table.name for table in tables}
    parts = ("motifs", "staples", "units", "local-packing", "point-groups", "chirality", "size")
    assert {"crystal-data", "packing", "contact-counts", *(f"cluster-1-{part}" for part in parts)} <= names
    assert all("(model)" in table.title for table in tables)
    assert not any("(model)" in table.title for table in list_tables(water_document()))


# --------------------------------------------------------------------------------------------- side by side


@given(
    st.permutations(range(6)),
    st.lists(st.integers(0, 5), unique=True),
    st.lists(st.integers(0, 9), unique=True),
)
def test_merged_keys_are_all_there_once_and_the_first_list_keeps_its_order(first, second, third):
    merged = merge_keys([first, second, third])
    assert sorted(merged) == sorted({*first, *second, *third})
    places = [merged.index(key) for key in first]
    assert places == sorted(places)


def test_rows_are_matched_and_missing_entries_empty():
    table = Table(name="t", title="T", columns=(Column("q"),), rows=(), caption="")
    assert table.rows == ()
    (compared,) = list_kind_tables([au25_document(), model_document()], KINDS["motifs"])
    rows = by_key(compared, 2)
    assert rows["ligands", "SC2H4Ph"] == (18, None)
    assert rows["ligands", "SCH3"] == (None, 18)
    assert rows["motifs", "Au2(SR)3"] == (6, 6)
    assert rows["cluster", "n*"] == (7, 8)


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.quantities])
def test_each_kind_has_one_column_for_each_structure_with_its_own_values(kind):
    documents = [model_document(), au25_document()]
    (both,) = list_kind_tables(documents, KINDS[kind])
    (turned,) = list_kind_tables(documents[::-1], KINDS[kind])
    width = len(KINDS[kind].heads)
    assert [c.name for c in both.columns[width:]] == ["Au₂₅(SCH₃)₁₈ (model)", "Au₂₅(SC₂H₄Ph)₁₈"]
    assert by_key(both, width) == {key: cells[::-1] for key, cells in by_key(turned, width).items()}
    assert both.caption
    assert len({row[:width] for row in both.rows}) == len(both.rows)
    assert "A model, not a measured structure." in both.source


def test_structures_of_one_composition_are_told_apart_by_file_then_block():
    def subject(file, block):
        source = {"file": file, "block": block, "is_model": False}
        cluster = {"id": "1", "metals": {"Au": 4}, "ligands": []}
        return Subject({"source": source, "clusters": [cluster]}, cluster)

    names = name_subjects([subject("a.cif", "I"), subject("a.cif", "II"), subject("b.cif", "I")])
    assert names == ("Au₄, a, I", "Au₄, a, II", "Au₄, b")


def test_selected_bonds_of_several_structures_follow_each_other():
    documents = [model_document(), model_document()]
    for document in documents:
        document["clusters"][0]["structure"]["selected"] = selected_record()
    documents[1]["source"]["file"] = "second.cif"
    tables = list_kind_tables(documents, KINDS["selected"])
    assert [table.name for table in tables] == [
        "selected-bonds-1",
        "selected-angles-1",
        "selected-bonds-2",
        "selected-angles-2",
    ]
    assert "second" in tables[2].title


def test_tables_do_not_change_the_document():
    document = model_document()
    before = copy.deepcopy(document)
    for kind in KINDS.values():
        list_kind_tables([document, document], kind)
        list_kind_tables([document], kind)
    assert document == before


def test_the_same_structure_twice_has_two_columns():
    document = model_document()
    (table,) = list_kind_tables([document, document], KINDS["bonds"])
    one, two = (column.name for column in table.columns[-2:])
    assert two == f"{one} [2]"
    assert all(row[-1] == row[-2] for row in table.rows)


def test_a_file_without_the_quantities_has_no_column():
    atoms = model_document() | {"crystal": None, "packing": None, "contact_tables": None}
    atoms["source"] = atoms["source"] | {"file": "atoms.xyz"}
    for kind in ("crystal", "packing", "contacts"):
        (table,) = list_kind_tables([atoms, model_document()], KINDS[kind])
        assert len(table.columns) == len(KINDS[kind].heads) + 1
        assert list_kind_tables([atoms, atoms], KINDS[kind]) == ()
    (bonds,) = list_kind_tables([atoms, model_document()], KINDS["bonds"])
    assert len(bonds.columns) == len(KINDS["bonds"].heads) + 2
