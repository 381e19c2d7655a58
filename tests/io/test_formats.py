"""What is written is read back: xyz, extended xyz, mol2, CIF; and files that cannot be read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.errors import InputError
from clustermodel.io.cif import parse_cif
from clustermodel.io.cif_writer import format_cif
from clustermodel.io.interop import read_atoms, to_ase
from clustermodel.io.mol2 import format_mol2, parse_mol2
from clustermodel.io.xyz import format_extxyz, format_xyz
from clustermodel.structure.cell import Cell
from clustermodel.structure.molecule import molecule_from_atoms

ROUNDING = 5e-6  # half of the last of five printed decimals

atoms = st.lists(
    st.tuples(st.sampled_from(["Au", "S", "C", "H"]), *[st.floats(-15, 15, allow_nan=False)] * 3),
    min_size=1,
    max_size=12,
)


def build(rows):
    return molecule_from_atoms([row[0] for row in rows], [row[1:] for row in rows])


@given(atoms)
def test_mol2_round_trip(rows):
    molecule = build(rows)
    elements, positions, labels = parse_mol2(format_mol2(molecule, "a title"), "a.mol2")
    assert tuple(elements) == molecule.elements
    assert tuple(labels) == molecule.labels
    assert np.abs(positions - molecule.positions).max() <= ROUNDING


@pytest.mark.parametrize("suffix", [".xyz", ".extxyz", ".mol2"])
def test_written_files_are_read(tmp_path, suffix):
    molecule = bond_molecule(build([("Au", 0, 0, 0), ("S", 0, 0, 2.3), ("C", 1.7, 0, 2.9)]))
    text = {
        ".xyz": format_xyz(molecule, "three atoms"),
        ".extxyz": format_extxyz(molecule, roles=["kernel", "bridge", "ligand"], info={"name": "x 'y'"}),
        ".mol2": format_mol2(molecule, "three atoms"),
    }[suffix]
    path = tmp_path / f"a{suffix}"
    path.write_text(text)
    crystal = read_atoms(path)
    assert crystal.sites.elements == molecule.elements
    assert np.abs(crystal.sites.fract @ crystal.cell.matrix - molecule.positions).max() <= ROUNDING


def test_extended_xyz_keeps_the_roles(tmp_path):
    ase_io = pytest.importorskip("ase.io")
    molecule = build([("Au", 0, 0, 0), ("S", 0, 0, 2.3)])
    path = tmp_path / "a.extxyz"
    path.write_text(format_extxyz(molecule, roles=["kernel surface", "bridge"]))
    read = ase_io.read(path)
    assert read.arrays["role"].tolist() == ["kernel-surface", "bridge"]
    assert read.arrays["label"].tolist() == ["Au1", "S2"]


@given(atoms)
def test_cif_of_free_molecules_round_trip(rows):
    molecule = build(rows)
    crystal = parse_cif(format_cif([molecule], cell=None, name="box").encode(), "box.cif")[0]
    read = crystal.sites.fract @ crystal.cell.matrix
    back = read - read[0] + molecule.positions[0]
    assert crystal.sites.elements == molecule.elements
    assert np.abs(back - molecule.positions).max() < 1e-3  # six decimals of a box of 50 Å, twice


def test_cif_keeps_the_cell_and_whole_molecules():
    cell = Cell(lengths=(10, 11, 12), angles=(80, 95, 100))
    molecule = build([("Au", 1, 2, 3), ("Au", 12, 2, 3)])
    text = format_cif([molecule, molecule], cell=cell, name="two copies", notes=["a note"])
    crystal = parse_cif(text.encode(), "c.cif")[0]
    assert crystal.cell.lengths.tolist() == [10, 11, 12]
    assert len(set(crystal.sites.labels)) == len(crystal.sites.labels)
    assert "# a note" in text


@pytest.mark.parametrize(
    ("comment", "is_model"),
    [
        ("MODEL, not measured, of Au2", True),
        ('Properties=species:S:1:pos:R:3 title="MODEL of Au2"', True),
        ("a remodelled cluster", False),
        ("SUPERMODEL 1", False),
        ("", False),
    ],
)
def test_xyz_that_says_it_is_a_model_is_one(tmp_path, comment, is_model):
    file = tmp_path / "pair.xyz"
    file.write_text(f"2\n{comment}\nAu 0 0 0\nAu 0 0 2.8\n", encoding="utf-8")
    assert read_atoms(file).is_model is is_model


def test_poscar_is_assembled_across_its_faces(tmp_path):
    path = tmp_path / "POSCAR"
    path.write_text("gold\n1.0\n10 0 0\n0 10 0\n0 0 10\nAu\n2\nDirect\n0.0 0.0 0.05\n0.0 0.0 0.80\n")
    crystal = read_atoms(path)
    assert crystal.cell.lengths.tolist() == [10, 10, 10]


def test_to_ase_keeps_labels_and_roles():
    made = to_ase(build([("Au", 0, 0, 0)]), roles=["centre"])
    assert made.arrays["label"].tolist() == ["Au1"]
    assert made.arrays["role"].tolist() == ["centre"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.xyz", "nonsense", "a.xyz"),
        ("a.xyz", "1\n\nQq 0 0 0\n", "a.xyz"),
        ("a.xyz", "1\n\nAu nan 0 0\n", "no atoms with positions"),
        ("a.mol2", "@<TRIPOS>MOLECULE\nx\n", "no @<TRIPOS>ATOM"),
        ("a.mol2", "@<TRIPOS>ATOM\n1 Au1 0 0 zero Au\n", "atom line 1"),
        ("a.weird", "nothing known", "format not recognised"),
    ],
)
def test_bad_files_are_told(tmp_path, name, text, told):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=told):
        read_atoms(path)


def test_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_atoms(tmp_path / "absent.xyz")
