"""Is every embedded model what its manifest says, and its cell a sensible crystal?"""

import hashlib
import itertools
import re
import subprocess
import sys
import tomllib
from collections import Counter

import gemmi
import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from tests.datafiles import ROOT

STRUCTURES = ROOT / "structures"
MANIFEST = tomllib.loads((STRUCTURES / "manifest.toml").read_text(encoding="utf-8"))
BONDI = {"H": 1.20, "C": 1.70, "N": 1.55, "S": 1.80, "Au": 1.66}  # Å, doi 10.1021/j100785a001


def test_files_and_manifest_match_one_to_one():
    files = {path.relative_to(STRUCTURES).as_posix() for path in (STRUCTURES / "models").glob("*.cif")}
    assert files == {entry["file"] for entry in MANIFEST.values() if entry["kind"] == "model"}


@pytest.mark.parametrize("name", MANIFEST)
def test_manifest_entry_is_complete_and_true_to_its_file(name):
    entry = MANIFEST[name]
    content = (STRUCTURES / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert (STRUCTURES / entry["generator"]).is_file()
    assert entry["licence"] == "MIT"
    assert entry["charge_source"]
    assert entry["sources"]
    assert entry["expected"]


@pytest.mark.parametrize("path", sorted((STRUCTURES / "models").glob("*.cif")), ids=lambda path: path.stem)
def test_model_is_labelled_as_model_and_nothing_looks_measured(path):
    text = path.read_text(encoding="ascii")
    block = gemmi.cif.read_string(text).sole_block()
    assert text.startswith("# MODEL")
    assert block.name.startswith("MODEL")
    for tag in ("_chemical_name_common", "_publ_section_comment"):
        statement = gemmi.cif.as_string(block.find_value(tag)).strip()
        assert statement.startswith("MODEL, not a measured structure")
    measured = re.compile(
        r"_(refine_ls|diffrn|refln|exptl_crystal|exptl_absorpt|cell_measurement|geom|database|journal"
        r"|atom_site_U|atom_site_B|atom_site_aniso)"
    )
    tags = [
        tag
        for item in block
        for tag in ([item.pair[0]] if item.pair else item.loop.tags if item.loop else [])
    ]
    assert [tag for tag in tags if measured.match(tag)] == []
    assert set(block.find_values("_atom_site_calc_flag")) == {"calc"}
    numbers = [value for item in block if item.loop for value in item.loop.values]
    numbers += [item.pair[1] for item in block if item.pair]
    assert [value for value in numbers if re.fullmatch(r"-?\d+\.?\d*\(\d+\)", value)] == []  # no s.u.


@pytest.mark.parametrize("name", [name for name in MANIFEST if MANIFEST[name]["kind"] == "model"])
def test_generator_writes_the_same_bytes_again(name, tmp_path):
    path = tmp_path / "again.cif"
    command = [sys.executable, STRUCTURES / MANIFEST[name]["generator"], *MANIFEST[name].get("arguments", [])]
    subprocess.run([*command, "--output", path], check=True, timeout=120)
    assert path.read_bytes() == (STRUCTURES / MANIFEST[name]["file"]).read_bytes()


def test_declared_operations_are_those_of_the_space_group(block, entry):
    group = gemmi.SpaceGroup(entry["expected"]["space_group"])
    triplets = [gemmi.cif.as_string(value) for value in block.find_values("_space_group_symop_operation_xyz")]
    assert len(set(triplets)) == len(triplets) == len(group.operations())
    assert gemmi.GroupOps([gemmi.Op(triplet) for triplet in triplets]) == group.operations()
    assert gemmi.cif.as_string(block.find_value("_space_group_name_H-M_alt")) == group.xhm()
    assert gemmi.cif.as_string(block.find_value("_space_group_name_Hall")) == group.hall
    assert int(block.find_value("_space_group_IT_number")) == group.number


@pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")  # spglib about itself
def test_coordinates_have_no_more_symmetry_than_declared(cell_atoms):
    spglib = pytest.importorskip("spglib")
    elements, fractions, matrix = cell_atoms
    kinds = np.unique(elements, return_inverse=True)[1]
    found = spglib.get_symmetry_dataset(
        (matrix.T, fractions, kinds), symprec=0.001
    )  # 5 printed decimals: 0.0001 Å
    assert found.number == 15


def test_special_positions_are_exact_and_multiplicities_true(block, structure, cell_atoms, entry):
    table = block.find("_atom_site_", ["label", "fract_x", "fract_y", "fract_z", "symmetry_multiplicity"])
    rows = {row[0]: row for row in table}
    assert [float(value) for value in (rows["Au1"][1], rows["Au1"][2], rows["Au1"][3])] == [0.0, 0.0, 0.0]
    assert [float(value) for value in (rows["N1"][1], rows["N1"][3])] == [0.0, 0.25]
    assert len(rows) == len(table)  # labels are unique
    assert len(cell_atoms[0]) == entry["expected"]["atoms_in_cell"]
    assert sum(int(row[4]) for row in table) == len(cell_atoms[0])
    assert {site.occ for site in structure.sites} == {1.0}


def test_cell_holds_the_declared_molecules(molecules, block, entry):
    assert Counter(molecule.formula for molecule in molecules) == {
        entry["formula"]: 4,
        entry["counter_ion"]: 4,
    }
    assert int(block.find_value("_cell_formula_units_Z")) == entry["expected"]["formula_units_in_cell"] == 4
    total = Counter()
    for molecule in molecules:
        total += Counter(molecule.elements.tolist())
    declared = gemmi.cif.as_string(block.find_value("_chemical_formula_sum"))
    parts = [re.fullmatch(r"([A-Z][a-z]?)(\d*)", part).groups() for part in declared.split()]
    assert {symbol: 4 * int(count or 1) for symbol, count in parts} == total


def test_molecules_keep_their_distance(molecules, cell_atoms):
    _, _, matrix = cell_atoms
    shifts = np.array(list(itertools.product((-1, 0, 1), repeat=3))) @ matrix.T
    centres = np.array([molecule.positions.mean(axis=0) for molecule in molecules])
    closest = {}
    for one, two in itertools.combinations_with_replacement(range(len(molecules)), 2):
        # molecules may be two cells apart as they were walked: bring the second near the first
        nearest = np.round(np.linalg.solve(matrix, centres[one] - centres[two])) @ matrix.T
        for shift in shifts + nearest:
            if one == two and not shift.any():
                continue
            if np.linalg.norm(centres[two] + shift - centres[one]) > 20.0:  # Å: two radii of 8 and a contact
                continue
            distances = cdist(molecules[one].positions, molecules[two].positions + shift)
            for pair in itertools.product(set(molecules[one].elements), set(molecules[two].elements)):
                rows, columns = molecules[one].elements == pair[0], molecules[two].elements == pair[1]
                key = tuple(sorted(pair))
                closest[key] = min(closest.get(key, np.inf), distances[np.ix_(rows, columns)].min())
    assert closest["H", "H"] > 2.3
    slack = {pair: distance - BONDI[pair[0]] - BONDI[pair[1]] for pair, distance in closest.items()}
    assert min(slack.values()) > -0.1  # Å: what the soft penalty of the search leaves of Bondi's contacts
    assert min(slack.values()) < 0.1  # and the crystal is in contact


def test_cell_is_neither_crowded_nor_hollow(molecules, structure):
    volume = sum(measure_volume(molecule) for molecule in molecules)
    assert 1.2 < structure.cell.volume / volume < 1.55  # packing coefficient 0.65 to 0.83


def measure_volume(molecule):
    """Van der Waals volume on a grid of 0.25 Å."""
    step, margin = 0.25, 2.0
    axes = [
        np.arange(low - margin, high + margin, step)
        for low, high in zip(molecule.positions.min(0), molecule.positions.max(0), strict=True)
    ]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = np.zeros(len(points), dtype=bool)
    tree = cKDTree(points)
    for element, position in zip(molecule.elements, molecule.positions, strict=True):
        inside[tree.query_ball_point(position, BONDI[element])] = True
    return inside.sum() * step**3
