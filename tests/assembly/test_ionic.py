"""Alkali ions: counter-ions beside clusters, complexes with crown ethers and solvents."""

from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.io.cif import parse_cif
from tests.toy import write_toy


def formulas(rows):
    assembly = assemble_molecules(parse_cif(write_toy(rows), "toy.cif")[0])
    return sorted(m.formula for m in assembly.molecules), [f.code for f in assembly.findings]


def test_caesium_near_a_gold_complex_is_an_ion():
    rows = [
        ("Au1", "Au", 0.5, 0.5, 0.5),
        ("Cl1", "Cl", 0.5, 0.5, 0.5 + 2.3 / 20),
        ("Cl2", "Cl", 0.5, 0.5, 0.5 - 2.3 / 20),
    ]
    rows.append(("Cs1", "Cs", 0.5, 0.5, 0.5 + (2.3 + 3.3) / 20))
    found, codes = formulas(rows)
    assert found == ["AuCl2", "Cs"]
    assert "assembly-ionic-contact" in codes


def test_sodium_with_water_is_a_complex():
    rows = [
        ("Na1", "Na", 0.5, 0.5, 0.5),
        ("O1", "O", 0.5, 0.5, 0.5 + 2.4 / 20),
        ("O2", "O", 0.5, 0.5, 0.5 - 2.4 / 20),
    ]
    found, codes = formulas(rows)
    assert found == ["NaO2"]
    assert "assembly-ionic-contact" not in codes
