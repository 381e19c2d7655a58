"""Numbers of a CIF: value, standard uncertainty, last digit, damage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.io.cif_values import parse_number


@pytest.mark.parametrize(
    ("text", "value", "su", "step"),
    [
        ("16.174(3)", 16.174, 0.003, 0.001),
        ("0.2500", 0.25, 0.0, 0.0001),
        (".5(12)", 0.5, 1.2, 0.1),
        ("-3", -3.0, 0.0, 1.0),
        ("1234(56)", 1234.0, 56.0, 1.0),
        ("1.5e-3(2)", 0.0015, 0.0002, 0.0001),
        ("+.02", 0.02, 0.0, 0.01),
    ],
)
def test_numbers(text, value, su, step):
    number = parse_number(text)
    assert number.value == pytest.approx(value)
    assert number.su == pytest.approx(su)
    assert number.step == pytest.approx(step)
    assert not number.damaged


@pytest.mark.parametrize("text", ["?", ".", "", "1/4", "abc", "1.2.3", "1(2)3", "--1", "nan", "inf"])
def test_what_is_no_number(text):
    assert parse_number(text) is None


def test_empty_uncertainty_is_damage():
    number = parse_number("94.1300()")
    assert (number.value, number.su, number.damaged) == (94.13, 0.0, True)


@given(st.integers(-(10**6), 10**6), st.integers(0, 6), st.integers(1, 99))
def test_printed_numbers_are_read_back(digits, decimals, su):
    text = f"{digits / 10**decimals:.{decimals}f}({su})"
    number = parse_number(text)
    assert number.value == pytest.approx(digits / 10**decimals)
    assert number.su == pytest.approx(su / 10**decimals)
