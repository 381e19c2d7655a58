"""Are numbers, formulas and symmetry written as chemists write them?"""

import math
import re

import gemmi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.report.notation import (
    combine_operation,
    format_charge,
    format_measured,
    format_number,
    split_cell,
    split_formula,
    split_symmetry,
)
from clustermodel.report.table import Charge, Formula, Measured, Operation, SpaceGroupName


@pytest.mark.parametrize(
    ("value", "su", "written"),
    [  # how papers print them; the rule is that of the IUCr: an uncertainty of 2 to 19 last digits
        (2.7869, 0.00028, "2.7869(3)"),
        (16.174, 0.003, "16.174(3)"),
        (24.6648, 0.0012, "24.6648(12)"),
        (2.3, 0.019, "2.300(19)"),
        (2.3, 0.02, "2.30(2)"),
        (-1.25, 0.5, "-1.2(5)"),
        (120.0, 3.0, "120(3)"),
        (4166.1, 14.0, "4166(14)"),
        (4166.1, 23.0, "4170(20)"),
        (2.5, None, "2.500"),
        (2.5, 0.0, "2.500"),
        (2.5, math.nan, "2.500"),
    ],
)
def test_value_with_uncertainty(value, su, written):
    assert format_measured(value, su) == written


@given(value=st.floats(-1e4, 1e4), exponent=st.floats(-5, 2))
def test_uncertainty_and_value_can_be_read_back(value, exponent):
    su = 10.0**exponent
    digits, shown = re.fullmatch(r"(-?[\d.]+)\((\d+)\)", format_measured(value, su)).groups()
    decimals = len(digits.partition(".")[2])
    step = 10.0**-decimals
    if su < 10:
        assert 2 <= int(shown) <= 19
        assert abs(int(shown) * step - su) <= 0.5001 * step  # half of the last printed digit
    assert abs(float(digits) - value) <= 0.26 * su + 0.5001 * step  # half a digit; tens where su is above 20


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_number_has_its_decimals_and_no_negative_zero(value, digits):
    text = format_number(value, digits)
    assert abs(float(text) - value) <= 0.5001 * 10.0**-digits  # half of the last printed digit
    assert not re.fullmatch(r"-0(\.0*)?", text)


def test_charge_has_its_sign():
    assert [format_charge(z) for z in (-2, -1, 0, 1, 2)] == ["-2", "-1", "0", "+1", "+2"]


@given(
    st.sampled_from(
        [
            op.triplet()
            for number in (2, 14, 62, 166, 227)
            for op in gemmi.find_spacegroup_by_number(number).operations()
        ]
    ),
    st.tuples(*[st.integers(-3, 3)] * 3),
)
def test_combined_operation_is_the_operation_and_the_shift(triplet, shift):
    expected = gemmi.Op(triplet)
    expected.tran = [t + s * gemmi.Op.DEN for t, s in zip(expected.tran, shift, strict=True)]
    found = gemmi.Op(combine_operation(triplet, shift))
    assert found.rot == expected.rot
    assert found.tran == expected.tran


@pytest.mark.parametrize(
    ("text", "subscripts", "superscripts"),
    [
        ("C144H162Au25S18", ["144", "162", "25", "18"], []),
        ("Au13 + 6 Au2(SR)3", ["13", "2", "3"], []),
        ("mu2-eta1,eta2", ["2"], ["1", "2"]),
        ("kappa2-P,P'", [], ["2"]),
        ("Au24.2", ["24.2"], []),
        ("25 (Au) − 18 (thiolate SC2H4Ph) = 7", ["2", "4"], []),
        ("no kernel", [], []),
    ],
)
def test_counts_in_formulas_are_subscripts(text, subscripts, superscripts):
    pieces = split_formula(text)
    assert [p.text for p in pieces if p.style == "sub"] == subscripts
    assert [p.text for p in pieces if p.style == "sup"] == superscripts


@given(st.text())
def test_a_formula_loses_no_character(text):
    shown = "".join(piece.text for piece in split_formula(text))
    back = re.sub("μ", "mu", re.sub("η", "eta", re.sub("κ", "kappa", shown)))
    again = re.sub("μ", "mu", re.sub("η", "eta", re.sub("κ", "kappa", text)))
    assert back.replace("–", "-") == again.replace("–", "-")


@pytest.mark.parametrize(
    ("symbol", "is_point_group", "expected"),
    [
        ("P -1", False, [("P", "italic"), (" ", ""), ("1", "bar")]),
        ("-3m", True, [("3", "bar"), ("m", "italic")]),
        ("222", True, [("222", "")]),  # a point group has no screw axes
        ("P 63/m", False, [("P", "italic"), (" 6", ""), ("3", "sub"), ("/", ""), ("m", "italic")]),
        ("P2(1)/n", False, [("P2(1)/n", "")]),  # an old notation stays as it is
    ],
)
def test_symmetry_symbols(symbol, is_point_group, expected):
    name = SpaceGroupName(symbol, is_point_group=is_point_group)
    joined = []
    for text, style in split_symmetry(name):
        if joined and not style and not joined[-1][1]:
            joined[-1] = (joined[-1][0] + text, "")
        else:
            joined.append((text, style))
    assert joined == expected


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (None, "—"),
        (True, "yes"),
        (False, "no"),
        (7, "7"),
        (-1.5, "−1.500"),
        (Measured(-2.3, 0.02), "−2.30(2)"),
        (Charge(-1), "−1"),
        (Operation("-x+1,y,-z"), "−x+1, y, −z"),
        (Formula("Au-S"), "Au–S"),
        ("H12-A", "H12-A"),  # a label stays as it is
    ],
)
def test_cells(cell, shown):
    assert "".join(piece.text for piece in split_cell(cell)) == shown
