"""Reading real and odd CIF blocks: nothing crashes, nothing is lost in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.errors import CifError, ClusterModelError, InputError
from clustermodel.io.cif import parse_cif, read_cif, read_cif_blocks
from tests.datafiles import data_files, data_path
from tests.toy import write_toy


def toy(rows, **options):
    return parse_cif(write_toy(rows, **options), "toy.cif")[0]


def read_or_refuse(read):
    """Return the numbers of atoms read, or none and what was said instead."""
    try:
        return [len(crystal.sites) for crystal in read()], ""
    except ClusterModelError as error:
        return [], str(error)


def codes(crystal):
    return {finding.code for finding in crystal.audit}


AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"


def test_everything_the_refinement_tells():
    crystal = read_cif(data_path(AU25))
    declared = crystal.declared
    assert crystal.cell.lengths_su.tolist() == pytest.approx([0.003, 0.004, 0.004])
    assert crystal.space_group.name == "P -1"
    assert crystal.space_group.source == "loop of operations"
    assert (declared.z, declared.weight) == (1, 8059.15)
    assert declared.formula_sum == "C148 H170 Au25 O2 S36"
    assert declared.formula_moiety == "C144 H144 Au25 S18"
    assert declared.temperature == "293(2)"
    assert declared.radiation == "MoKα, 0.71073 Å"
    assert declared.doi == "10.1039/C5SC02134K"
    assert declared.database_codes["COD"] == "1540567"
    assert "_refine_ls_R_factor_gt" in declared.r_factors
    gold = crystal.sites.labels.index("Au2")
    assert crystal.sites.fract_su[gold].min() > 0
    assert crystal.sites.u_aniso[gold].min() == crystal.sites.u_aniso[gold].min()
    riding = [i for i, e in enumerate(crystal.sites.elements) if e == "H"]
    assert all(crystal.sites.calculated[i] for i in riding)
    assert len(crystal.source.sha256) == 64


def test_both_signs_of_parts_and_assemblies():
    crystal = read_cif(data_path("cif/COD_7000165_Ru6Ga3_disordered.cif"))
    assert set(crystal.sites.part.tolist()) == {-1, 0, 1, 2}
    assert set(crystal.sites.assembly) == {"", "A", "B"}


def test_squeeze_record():
    crystal = read_cif(data_path("cif_disorder/cod_platon-squeeze-void.cif"), block=None)
    assert crystal.declared.masked
    voids = [
        v
        for c in read_cif_blocks(data_path("cif_disorder/cod_platon-squeeze-void.cif"))
        for v in c.declared.voids
    ]
    assert voids
    assert all(v.volume > 0 for v in voids)


def test_blocks_by_name_and_all():
    path = data_path("cif/om4005498_si_Pd2Cu2_AgPd2_2blocks.cif")
    crystals = read_cif_blocks(path)
    assert len(crystals) == 2
    second = read_cif(path, block=crystals[1].source.block.upper())
    assert second.source.block == crystals[1].source.block
    with pytest.raises(CifError, match="no data block 'zzz'"):
        read_cif(path, block="zzz")


@pytest.mark.parametrize("folder", ["cif", "cif_disorder", "cif_broken", "cod_tools"])
def test_every_shared_file_is_read_or_refused_in_words(folder):
    """A file is read, or refused with a message that names it and says what to do."""
    files = [f for f in data_files(folder) if f.suffix in {".cif", ".inp"}]
    if not files:
        pytest.skip("shared test data absent (set CLUSTERMODEL_DATA)")
    for path in files:
        sizes, told = read_or_refuse(lambda path=path: read_cif_blocks(path))
        assert sizes or (path.name in told and len(told) > len(path.name) + 20)


def test_missing_file():
    with pytest.raises(InputError, match="cannot be read"):
        read_cif("/nowhere/absent.cif")


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02\xff" * 50, b"<html><body>404</body></html>", b"just words"]
)
def test_what_is_no_cif(data):
    with pytest.raises(CifError, match=r"bad\.cif"):
        parse_cif(data, "bad.cif")


def test_no_coordinates():
    with pytest.raises(CifError, match="no data block with atom coordinates"):
        parse_cif(b"data_a\n_cell_length_a 3\n", "a.cif")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("_cell_length_a 20.0", "_cell_length_a ?", "_cell_length_a"),
        ("_cell_length_a 20.0", "_cell_length_a -4", "span no volume"),
        ("_cell_angle_beta 90", "_cell_angle_beta 190", "span no volume"),
        ("_cell_length_b 20.0", "_cell_length_b abc", "expected a number"),
    ],
)
def test_broken_cells_are_told(old, new, told):
    text = write_toy([("Au1", "Au", 0, 0, 0)]).decode().replace(old, new)
    with pytest.raises(CifError, match=told):
        parse_cif(text.encode(), "toy.cif")


def test_missing_angle_is_taken_as_right_and_told():
    text = write_toy([("Au1", "Au", 0, 0, 0)]).decode().replace("_cell_angle_beta 90", "")
    crystal = parse_cif(text.encode(), "toy.cif")[0]
    assert crystal.cell.angles.tolist() == [90, 90, 90]
    assert "cif-cell-angle" in codes(crystal)


# --------------------------------------------------------------------------------------------- symmetry


def named(symbol_line):
    text = write_toy([("Au1", "Au", 0.1, 0.2, 0.3)]).decode()
    head, _, tail = text.partition("loop_\n_space_group_symop_operation_xyz\n'x,y,z'\n")
    return parse_cif((head + symbol_line + "\n" + tail).encode(), "toy.cif")[0]


@pytest.mark.parametrize(
    ("line", "operations"),
    [
        ("_symmetry_space_group_name_H-M 'P2(1)/n'", 4),
        ("_symmetry_space_group_name_H-M 'P 21/c'", 4),
        ("_space_group_name_Hall '-P 2yn'", 4),
        ("_symmetry_Int_Tables_number 2", 2),
        ("_space_group_name_H-M_alt 'F d d d :2'", 32),
        ("_symmetry_space_group_name_H-M 'C2/c'", 8),
    ],
)
def test_symmetry_from_names(line, operations):
    crystal = named(line)
    assert len(crystal.space_group) == operations
    assert "cif-symmetry-from-name" in codes(crystal)


def test_no_symmetry_at_all_is_p1_and_an_error_in_the_audit():
    crystal = named("")
    assert len(crystal.space_group) == 1
    assert [f.severity for f in crystal.audit if f.code == "cif-symmetry-missing"] == ["error"]


def test_unknown_name_is_told():
    assert {"cif-symmetry-name", "cif-symmetry-missing"} <= codes(
        named("_symmetry_space_group_name_H-M 'Q 77'")
    )


def test_operations_win_over_the_name():
    crystal = toy(
        [("Au1", "Au", 0.1, 0.2, 0.3)],
        operations=["x,y,z", "-x,-y,-z"],
        extra="_symmetry_space_group_name_H-M 'P 21/c'",
    )
    assert crystal.space_group.name == "P -1"
    assert "cif-symmetry-conflict" in codes(crystal)


def test_incomplete_operations_are_completed():
    crystal = toy([("Au1", "Au", 0.1, 0.2, 0.3)], operations=["x,y,z", "-y,x,z"])
    assert len(crystal.space_group) == 4
    assert "cif-symmetry-incomplete" in codes(crystal)


def test_unreadable_operation_is_left_out_and_told():
    crystal = toy([("Au1", "Au", 0.1, 0.2, 0.3)], operations=["x,y,z", "-x,-y,-w", "-x,-y,-z"])
    assert len(crystal.space_group) == 2
    assert "cif-symmetry-operation" in codes(crystal)


def test_operations_out_of_the_cell_and_in_decimals():
    crystal = toy(
        [("Au1", "Au", 0.1, 0.2, 0.3)],
        operations=["x,y,z", "-x+2,-y-1,-z+3", "x+.5,y+0.5,z", "3/2-x,1/2-y,-z"],
    )
    assert crystal.space_group.name == "C -1"


# ------------------------------------------------------------------------------------------------ atoms


@pytest.mark.parametrize(
    ("label", "symbol", "element"),
    [
        ("Au1", "Au", "Au"),
        ("AU1", "AU", "Au"),
        ("Au1", "Au1+", "Au"),
        ("C12", "C", "C"),
        ("Sb(1)", ".", "Sb"),
        ("C(12)", "?", "C"),
        ("Cl1", ".", "Cl"),
        ("H10A", ".", "H"),
        ("D1", "D", "D"),
        ("S1", "S2-", "S"),
        ("Wat1", ".", "O"),
    ],
)
def test_elements_of_symbols_and_labels(label, symbol, element):
    assert toy([(label, symbol, 0.1, 0.2, 0.3)]).sites.elements == (element,)


@pytest.mark.parametrize(("formula", "element"), [("C4 H10", "C"), ("Ca2 O", "Ca")])
def test_ambiguous_label_follows_the_declared_formula(formula, element):
    crystal = toy([("CA1", ".", 0.1, 0.2, 0.3)], extra=f"_chemical_formula_sum '{formula}'")
    assert crystal.sites.elements == (element,)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("Q1", "Qq", 0.1, 0.2, 0.3), "cif-unknown-element"),
        (("C1", "C", "?", 0.2, 0.3), "cif-no-position"),
        (("C1", "C", 0.1, 0.2, 0.3, 0.0), "cif-zero-occupancy"),
    ],
)
def test_unusable_rows_are_left_out_and_told(row, code):
    crystal = toy([("Au1", "Au", 0, 0, 0), row])
    assert crystal.sites.labels == ("Au1",)
    (finding,) = [f for f in crystal.audit if f.code == code]
    assert finding.labels == (row[0],)


def test_only_unusable_rows_is_an_error():
    with pytest.raises(CifError, match="no usable atom"):
        toy([("Q1", "Qq", 0.1, 0.2, 0.3)])


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [(".", 1.0, False), ("?", 1.0, False), ("0.25(1)", 0.25, False), ("1.2", 1.0, True), ("half", 1.0, True)],
)
def test_occupancies(text, value, told):
    crystal = toy([("Au1", "Au", 0, 0, 0, text)])
    assert crystal.sites.occupancy.tolist() == [value]
    assert ("cif-occupancy" in codes(crystal)) is told


@pytest.mark.parametrize(("text", "part"), [("1", 1), ("-2", -2), (".", 0), ("?", 0), ("A", 1), ("b", 2)])
def test_disorder_groups(text, part):
    assert toy([("C1", "C", 0, 0, 0, 0.5, "A", text)]).sites.part.tolist() == [part]


def test_labels_that_are_not_unique_are_numbered():
    crystal = toy([("H1", "H", 0, 0, 0), ("H1", "H", 0.1, 0, 0), ("H1", "H", 0.2, 0, 0)])
    assert crystal.sites.labels == ("H1", "H1#2", "H1#3")
    assert "cif-label-not-unique" in codes(crystal)


def test_repeated_rows_are_dropped_and_told():
    crystal = toy([("C1", "C", 0, 0, 0), ("C1", "C", 0, 0, 0)])
    assert len(crystal.sites) == 1
    assert "cif-repeated-row" in codes(crystal)


def test_residues_of_an_embedded_file():
    res = "_shelx_res_file\n;\nTITL x\nRESI 3 PET\nC1 1 0 0 0\nRESI 0\nEND\n;\n"
    crystal = toy([("C1_3", "C", 0, 0, 0), ("Au1", "Au", 0.1, 0, 0)], extra=res)
    assert crystal.sites.residue == ("PET 3", "")


def test_model_label_is_seen():
    assert toy([("Au1", "Au", 0, 0, 0)], extra="_chemical_name_common 'MODEL, not measured'").is_model
    assert not toy([("Au1", "Au", 0, 0, 0)], extra="_chemical_name_common 'Model complex 3'").is_model


SMALL = write_toy(
    [("Au1", "Au", 0.1, 0.2, 0.3), ("S1", "S", 0.2, 0.2, 0.3, 0.5, "A", 1)], operations=["x,y,z", "-x,-y,-z"]
)


@given(st.integers(0, len(SMALL) - 1), st.binary(max_size=6), st.integers(0, 20))
def test_damaged_bytes_never_crash(start, inserted, removed):
    data = SMALL[:start] + inserted + SMALL[start + removed :]
    sizes, told = read_or_refuse(lambda: parse_cif(data, "damaged.cif"))
    assert sizes or "damaged.cif" in told
