"""Do our molecules agree with those of another program, cif_molecule of cod-tools, on its own test cases?

Every case matches or stands in ``cod_tools_expectations.toml`` with its reason. What can be compared: the
set of formulas of the molecules, hydrogen included, and for a polymer the number of its dimensions where
the output gives it. Copies differ by the options of each case.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import gemmi
import numpy as np
import pytest

from clustermodel.assembly.bonding import BONDING_RULES, classify_pairs, search_radius
from clustermodel.assembly.connectivity import find_components
from clustermodel.assembly.ionic import detach_alkali
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.elements import find_element, format_formula
from clustermodel.io.cif import parse_cif
from clustermodel.structure.cell import Cell
from clustermodel.structure.neighbors import find_pairs, find_periodic_pairs
from tests.datafiles import data_path, data_root

REASONS = tomllib.loads(Path(__file__).with_name("cod_tools_expectations.toml").read_text(encoding="utf-8"))
RULE = BONDING_RULES["cordero"]


class Answer(NamedTuple):
    """Formulas of the molecules, and the dimensions of the polymers (0 where not told)."""

    molecules: frozenset[str]
    polymers: frozenset[int]


def cases():
    """Return the cases with their options; none where the data is absent."""
    manifest = data_root() / "cod_tools" / "manifest.json"
    return json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else []


def names(case):
    return case["case"]


# ---------------------------------------------------------------------------------------- their answer


def element_of(text):
    """Return the element of a type symbol such as ``Cu2+`` or of a label."""
    letters = re.match(r"[A-Za-z]{1,2}", text).group().capitalize()
    return letters if find_element(letters) else letters[0]


def read_atoms(block):
    """Return elements, fractional coordinates and cell of one block of their output."""
    lengths = [gemmi.cif.as_number(block.find_value(f"_cell_length_{a}")) for a in "abc"]
    angles = [block.find_value(f"_cell_angle_{name}") for name in ("alpha", "beta", "gamma")]
    cell = Cell(lengths=lengths, angles=[gemmi.cif.as_number(a) if a else 90.0 for a in angles])
    columns = ["label", "?type_symbol", "fract_x", "fract_y", "fract_z"]
    rows = block.find("_atom_site_", columns)
    elements = [element_of(row[1] if row.has(1) and row[1] not in ("?", ".") else row[0]) for row in rows]
    fract = np.array([[gemmi.cif.as_number(row[i]) for i in (2, 3, 4)] for row in rows])
    return tuple(elements), fract, cell


def split_molecules(elements, fract, cell, *, filled):
    """Return the formulas of the molecules in one list of atoms: as they stand, or filling a P 1 cell."""
    radius = search_radius(elements, RULE)
    near = find_periodic_pairs(cell, fract, radius) if filled else find_pairs(fract @ cell.matrix, radius)
    bonds, _ = detach_alkali(elements, classify_pairs(elements, near, RULE), "their output")
    found = find_components(len(elements), bonds.bonds)
    return {format_formula([elements[i] for i in c.atoms.tolist()]) for c in found.components}


def their_answer(case):
    """Return what the expected output says, None where it holds no structure."""
    text = data_path(f"cod_tools/{case['case']}.out").read_text(encoding="utf-8", errors="replace")
    lines = [line for line in text.splitlines() if not line.startswith("scripts/")]
    molecules, polymers = set(), set()
    options = case["options"].lower()
    together = re.search(r"(^|\s)-1|--one-datablock", options) is not None
    filled = re.search(r"--p1|--expand-to-p1", options) is not None
    blocks = (
        list(gemmi.cif.read_string("\n".join(lines))) if any(line[:5] == "data_" for line in lines) else []
    )
    for block in blocks:
        elements, fract, cell = read_atoms(block)
        if block.find_value("_cod_molecule_is_polymer") == "yes":
            polymers.add(int(block.find_value("_cod_molecule_polymer_dimension") or 0))
        elif together:
            molecules |= split_molecules(elements, fract, cell, filled=filled)
        else:
            molecules.add(format_formula(elements))
    return Answer(frozenset(molecules), frozenset(polymers)) if blocks else None


# ------------------------------------------------------------------------------------------ our answer


def our_answer(case):
    data = data_path(f"cod_tools/{case['input']}").read_bytes()
    found = [m for c in parse_cif(data, case["input"], block="all") for m in assemble_molecules(c).molecules]
    return Answer(
        frozenset(m.formula for m in found if not m.molecule.periodicity),
        frozenset(m.molecule.periodicity for m in found if m.molecule.periodicity),
    )


def agree(ours, theirs, case):
    """Compare what the options leave comparable."""
    if theirs is None:
        return False
    together = "one-datablock" in case["options"] or case["options"].startswith("-1")
    if theirs.polymers and together:  # one list of atoms: other molecules are in it, unmarked
        told = max(theirs.polymers)
        return bool(ours.polymers) and (not told or max(ours.polymers) == told)
    if 0 in theirs.polymers:  # a polymer whose dimensions were not worked out
        return ours.molecules == theirs.molecules and bool(ours.polymers)
    return ours == theirs


@pytest.mark.parametrize("case", cases(), ids=names)
def test_case_matches_or_is_listed_with_its_reason(case):
    ours, theirs = our_answer(case), their_answer(case)
    assert agree(ours, theirs, case) != (case["case"] in REASONS), f"ours {ours}, theirs {theirs}"


def test_every_listed_case_exists_and_has_one_sentence():
    listed = set(REASONS) - {case["case"] for case in cases()}
    assert not listed or not cases()
    for name, entry in REASONS.items():
        assert entry["verdict"] in {"option", "theirs", "rule", "file", "ours"}, name
        assert entry["reason"].strip().endswith("."), name


def test_cases_we_get_wrong_may_only_get_fewer():
    wrong = [name for name, entry in REASONS.items() if entry["verdict"] == "ours"]
    assert len(wrong) <= 1, wrong
