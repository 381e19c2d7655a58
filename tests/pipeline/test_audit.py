"""What the file declares against what its coordinates say."""

import pytest

from clustermodel.io.cif import parse_cif
from clustermodel.pipeline.analyze import analyze_crystal
from clustermodel.pipeline.audit import count_cell, parse_sum
from tests.toy import write_toy

CHLOROMETHANE = [("C1", "C", 0.1, 0.1, 0.1), ("Cl1", "Cl", 0.1, 0.1, 0.19)]


def audit(extra, rows=CHLOROMETHANE, **options):
    crystal = parse_cif(write_toy(rows, extra=extra, **options), "toy.cif")[0]
    return {finding.code: finding for finding in analyze_crystal(crystal).audit}


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("C29 H30 Cu I P2", {"C": 29, "H": 30, "Cu": 1, "I": 1, "P": 2}),
        ("C0.5 H1.25", {"C": 0.5, "H": 1.25}),
        ("[Ru (C57 H49)], Cl O4", {}),
        ("", {}),
        ("C2 Xx", {}),
    ],
)
def test_sums(text, counts):
    assert parse_sum(text) == counts


def test_agreement_and_difference():
    assert (
        audit("_chemical_formula_sum 'C Cl'\n_cell_formula_units_Z 1")["audit-sum-agrees"].severity == "info"
    )
    wrong = audit("_chemical_formula_sum 'C Cl2'\n_cell_formula_units_Z 1")["audit-sum-differs"]
    assert wrong.severity == "warning"
    assert "Cl -1" in wrong.message


def test_missing_hydrogens_are_told_apart():
    found = audit("_chemical_formula_sum 'C H3 Cl'\n_cell_formula_units_Z 1")
    assert "H -3" in found["audit-hydrogens-differ"].message


def test_z_is_needed():
    assert "audit-no-z" in audit("_chemical_formula_sum 'C Cl'")
    assert "audit-no-sum" in audit("")


def test_wrong_z_shows():
    assert "audit-sum-differs" in audit("_chemical_formula_sum 'C Cl'\n_cell_formula_units_Z 2")


def test_weight():
    right = "_chemical_formula_sum 'C Cl'\n_cell_formula_units_Z 1\n_chemical_formula_weight "
    assert "audit-weight-differs" not in audit(right + "47.46")
    assert "audit-weight-differs" in audit(right + "50.0")


def test_moiety():
    assert "audit-moiety-agrees" in audit("_chemical_formula_moiety 'C Cl'")
    assert "CH3Cl" in audit("_chemical_formula_moiety 'C H3 Cl'")["audit-moiety-differs"].message


def test_mask_is_told_with_electrons():
    mask = """loop_
_platon_squeeze_void_nr
_platon_squeeze_void_volume
_platon_squeeze_void_count_electrons
1 500 120
2 300 60
"""
    message = audit(mask)["audit-masked"].message
    assert "800 Å3" in message
    assert "180 electrons" in message


def test_cell_is_counted_by_occupancy():
    rows = [("Au1", "Au", 0, 0, 0), ("Cl1", "Cl", 0.3, 0.3, 0.3, 0.25)]
    crystal = parse_cif(write_toy(rows, operations=["x,y,z", "-x,-y,-z"]), "toy.cif")[0]
    assert count_cell(analyze_crystal(crystal).assembly) == pytest.approx({"Au": 1, "Cl": 0.5})
