"""Co-crystals of filled and defect molecules, taken apart by their occupancies."""

import pytest

from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.assembly.vacancies import average_formula, find_variants, tell_vacancies
from clustermodel.io.cif import parse_cif
from tests.toy import write_toy

GOLD = 2.8 / 20  # one Au-Au bond in a 20 Å cell
BOND = 2.3 / 20  # one Au-P bond


def square(*occupancies, phosphine=()):
    """Four gold atoms in a square with the given occupancies; phosphorus on those named."""
    corners = [(0.4, 0.4), (0.4 + GOLD, 0.4), (0.4 + GOLD, 0.4 + GOLD), (0.4, 0.4 + GOLD)]
    rows = [
        (f"Au{i + 1}", "Au", x, y, 0.5, occ)
        for i, ((x, y), occ) in enumerate(zip(corners, occupancies, strict=True))
    ]
    for i, occ in phosphine:
        x, y = corners[i]
        rows.append((f"P{i + 1}", "P", x, y, 0.5 + BOND, occ))
    return assemble_molecules(parse_cif(write_toy(rows), "toy.cif")[0])


def test_full_molecule_has_one_variant():
    (variant,) = find_variants(square(1, 1, 1, 1).molecules[0])
    assert (variant.fraction, variant.missing, variant.vacancies) == (1.0, (), ())


def test_one_partial_metal_is_a_co_crystal():
    assembly = square(1, 1, 1, 0.6)
    filled, defect = find_variants(assembly.molecules[0])
    assert (filled.molecule.formula, defect.molecule.formula) == ("Au4", "Au3")
    assert filled.fraction == pytest.approx(0.6)
    assert defect.fraction == pytest.approx(0.4)
    assert defect.missing == ("Au4",)
    assert average_formula(assembly.molecules[0], assembly.resolution.mixed) == "Au3.6"


def test_ligand_of_the_same_occupancy_leaves_with_its_metal():
    filled, defect = find_variants(square(1, 1, 1, 0.6, phosphine=[(3, 0.6), (0, 1)]).molecules[0])
    assert (filled.molecule.formula, defect.molecule.formula) == ("Au4P2", "Au3P")


def test_ligand_of_another_occupancy_stays():
    _, defect = find_variants(square(1, 1, 1, 0.6, phosphine=[(3, 1)]).molecules[0])
    assert defect.molecule.formula == "Au3P"


def test_whole_number_of_missing_atoms_is_one_molecule():
    """Four sites of 3/4 are a molecule that lacks one of four, not a mixture."""
    (variant,) = find_variants(square(0.75, 0.75, 0.75, 0.75, phosphine=[(0, 1)]).molecules[0])
    assert variant.molecule.formula == "Au3P"
    assert variant.fraction == 1.0
    assert len(variant.missing) == 1


def test_more_than_one_missing_on_average():
    variants = find_variants(square(1, 0.4, 0.4, 1).molecules[0])
    assert [v.molecule.formula for v in variants] == ["Au3", "Au2"]
    assert [v.fraction for v in variants] == pytest.approx([0.8, 0.2])


def test_half_occupied_molecule_is_no_vacancy():
    (variant,) = find_variants(square(0.5, 0.5, 0.5, 0.5).molecules[0])
    assert variant.molecule.formula == "Au4"


def test_alternative_position_is_no_vacancy():
    rows = [("Au1", "Au", 0.4, 0.4, 0.5), ("Au2", "Au", 0.4 + GOLD, 0.4, 0.5)]
    rows += [
        ("Au3A", "Au", 0.4, 0.4 + GOLD, 0.5, 0.7, "A", 1),
        ("Au3B", "Au", 0.42, 0.4 + GOLD, 0.5, 0.3, "A", 2),
    ]
    (distinct,) = assemble_molecules(parse_cif(write_toy(rows), "toy.cif")[0]).molecules
    (variant,) = find_variants(distinct)
    assert variant.molecule.formula == "Au3"
    assert distinct.share.tolist() == pytest.approx([1, 1, 1])


def test_bonds_follow_the_atoms_of_the_defect():
    _, defect = find_variants(square(1, 1, 1, 0.6).molecules[0])
    molecule = defect.molecule
    assert sorted(tuple(molecule.labels[i] for i in pair) for pair in molecule.bonds.pairs.tolist()) == [
        ("Au1", "Au2"),
        ("Au2", "Au3"),
    ]


def test_vacancies_are_told_with_labels():
    (finding,) = tell_vacancies(find_variants(square(1, 1, 1, 0.6).molecules[0]), "toy.cif")
    assert finding.labels == ("Au4",)
    assert "co-crystal" in finding.message
    assert tell_vacancies(find_variants(square(1, 1, 1, 1).molecules[0]), "toy.cif") == ()
