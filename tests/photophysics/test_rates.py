"""Rate constants: the pair of the seed paper, propagation against sampling, what must hold always."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clustermodel.errors import InputError
from clustermodel.photophysics.emitters import Emitter, read_emitter, read_emitters
from clustermodel.photophysics.rates import compare_rates, list_caveats, measure_rates

AU21 = Emitter(name="Au21", quantum_yield=0.1310, lifetime_us=2.65)
AU22 = Emitter(name="Au22", quantum_yield=0.4763, lifetime_us=3.82)

yields = st.floats(0.001, 0.999)
lifetimes = st.floats(1e-3, 1e4)


def test_the_pair_of_the_paper():
    first, second = measure_rates(AU21), measure_rates(AU22)
    half_digit = 0.5  # of the fourth digit, as printed
    assert first.radiative == pytest.approx(4.943e4, abs=half_digit * 10)
    assert first.nonradiative == pytest.approx(3.279e5, abs=half_digit * 100)
    assert second.radiative == pytest.approx(1.247e5, abs=half_digit * 100)
    assert second.nonradiative == pytest.approx(1.371e5, abs=half_digit * 100)
    assert (round(first.ratio, 2), round(second.ratio, 2)) == (6.63, 1.10)


def test_what_changed_between_them():
    pair = compare_rates(AU21, AU22)
    assert round(pair.radiative_factor, 3) == 2.522
    assert round(pair.nonradiative_factor, 3) == 0.418
    assert (round(100 * pair.radiative_share), round(100 * pair.nonradiative_share)) == (51, 49)
    assert round(100 * pair.yield_if_radiative, 1) == 27.5
    assert round(100 * pair.yield_if_nonradiative, 1) == 26.5


@given(yields, lifetimes)
def test_yield_and_lifetime_come_back(quantum_yield, lifetime):
    rates = measure_rates(Emitter(name="a", quantum_yield=quantum_yield, lifetime_us=lifetime))
    total = rates.radiative + rates.nonradiative
    assert 1e6 / total == pytest.approx(lifetime, rel=1e-12)  # rounding
    assert rates.radiative / total == pytest.approx(quantum_yield, rel=1e-12)  # rounding


@given(yields, lifetimes, yields, lifetimes)
def test_shares_are_complete_and_symmetric(yield_a, tau_a, yield_b, tau_b):
    assume(abs(math.log(yield_b / yield_a)) > 1e-3)
    first = Emitter(name="a", quantum_yield=yield_a, lifetime_us=tau_a)
    second = Emitter(name="b", quantum_yield=yield_b, lifetime_us=tau_b)
    there, back = compare_rates(first, second), compare_rates(second, first)
    assert there.radiative_share + there.nonradiative_share == pytest.approx(1, abs=1e-9)  # rounding
    assert back.radiative_share == pytest.approx(there.radiative_share, rel=1e-6, abs=1e-9)  # rounding
    assert back.radiative_factor == pytest.approx(1 / there.radiative_factor, rel=1e-9)  # rounding


@given(yields, lifetimes, st.floats(0.1, 10))
def test_one_rate_alone_gets_all_of_the_change(quantum_yield, lifetime, factor):
    """An emitter made from another by changing k_r only."""
    assume(abs(math.log(factor)) > 1e-3)
    first = Emitter(name="a", quantum_yield=quantum_yield, lifetime_us=lifetime)
    rates = measure_rates(first)
    total = factor * rates.radiative + rates.nonradiative
    second = Emitter(name="b", quantum_yield=factor * rates.radiative / total, lifetime_us=1e6 / total)
    pair = compare_rates(first, second)
    assert pair.radiative_share == pytest.approx(1, abs=1e-6)  # rounding over the small change
    assert pair.yield_if_radiative == pytest.approx(second.quantum_yield, rel=1e-9)  # rounding


def test_uncertainties_are_those_of_sampling():
    """Linear propagation against 400,000 draws; uncertainties of 2 to 4 %."""
    first = Emitter(
        name="a", quantum_yield=0.131, quantum_yield_su=0.004, lifetime_us=2.65, lifetime_us_su=0.06
    )
    second = Emitter(
        name="b", quantum_yield=0.476, quantum_yield_su=0.012, lifetime_us=3.82, lifetime_us_su=0.08
    )
    rng = np.random.default_rng(1)
    draws = {}
    for emitter in (first, second):
        qy = rng.normal(emitter.quantum_yield, emitter.quantum_yield_su, 400_000)
        tau = rng.normal(emitter.lifetime_us, emitter.lifetime_us_su, 400_000) * 1e-6
        draws[emitter.name] = (qy / tau, (1 - qy) / tau)
        rates = measure_rates(emitter)
        sampling = 0.01  # 0.1 % from the number of draws, the rest from the curvature of 1/tau
        assert rates.radiative_su == pytest.approx(draws[emitter.name][0].std(), rel=sampling)
        assert rates.nonradiative_su == pytest.approx(draws[emitter.name][1].std(), rel=sampling)
    gain = np.log(draws["b"][0] / draws["a"][0])
    loss = -np.log(draws["b"][1] / draws["a"][1])
    pair = compare_rates(first, second)
    assert pair.share_su == pytest.approx((gain / (gain + loss)).std(), rel=0.01)  # as above
    factor = draws["b"][1] / draws["a"][1]
    assert pair.nonradiative_factor_su == pytest.approx(factor.std(), rel=0.01)  # as above


def test_equal_yields_have_no_shares():
    pair = compare_rates(AU21, Emitter(name="b", quantum_yield=0.1310, lifetime_us=1.0))
    assert pair.radiative_share is pair.nonradiative_share is pair.share_su is None


def test_dark_and_perfect_emitters():
    dark = measure_rates(Emitter(name="dark", quantum_yield=0, lifetime_us=1))
    perfect = measure_rates(Emitter(name="perfect", quantum_yield=1, lifetime_us=1))
    assert (dark.radiative, dark.ratio) == (0, math.inf)
    assert (perfect.nonradiative, perfect.ratio) == (0, 0)
    with pytest.raises(InputError, match="between 0 and 1"):
        compare_rates(dark.emitter, AU21)


def test_caveats_are_always_there():
    notes = list_caveats([AU21])
    assert "Φ_ISC·k_r" in notes[0]
    assert "amplitude average" in notes[1]
    assert any("kind of average lifetime is not stated" in note for note in notes)
    assert any("triplet" in note and "2.65" in note for note in notes)
    known = Emitter(
        name="x",
        quantum_yield=0.5,
        lifetime_us=0.002,
        quantum_yield_su=0.01,
        lifetime_us_su=1e-5,
        average="amplitude",
    )
    assert list_caveats([known]) == notes[:2]
    coarse = Emitter(name="x", quantum_yield=0.1, lifetime_us=1, quantum_yield_su=0.05, lifetime_us_su=0.1)
    assert any("not propagated well" in note for note in list_caveats([coarse]))
    wrong = Emitter(name="x", quantum_yield=0.1, lifetime_us=1, average="intensity")
    assert any("lower bounds" in note for note in list_caveats([wrong]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Au21=13.10%,2.65us", (0.1310, 0, 2.65, 0, "not stated")),
        ("Au21=0.1310,2650ns", (0.1310, 0, 2.65, 0, "not stated")),
        ("a=13.10(50)%,2.65(5)us,amplitude", (0.1310, 0.005, 2.65, 0.05, "amplitude")),
        ("a=13.1±0.5 %, 2.65±0.05 µs, intensity average", (0.131, 0.005, 2.65, 0.05, "intensity")),
        ("a=1%,3 ms", (0.01, 0, 3000, 0, "not stated")),
        ("a=1%,5000ps,single", (0.01, 0, 0.005, 0, "single")),
    ],
)
def test_short_texts(text, expected):
    e = read_emitter(text)
    found = (e.quantum_yield, e.quantum_yield_su, e.lifetime_us, e.lifetime_us_su)
    assert found == pytest.approx(expected[:4], rel=1e-12)  # rounding of percent
    assert e.average == expected[4]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("13%,2us", "expected NAME=YIELD"),
        ("a=13%", "expected NAME=YIELD"),
        ("a=13,2us", "percent sign"),
        ("a=13%,2", "no unit"),
        ("a=13%,2h", "the unit h"),
        ("a=13K,2us", "the unit K"),
        ("a=x%,2us", "expected a number"),
        ("a=-1%,2us", "not negative"),
        ("a=13%,0us", "lifetime 0"),
        ("a=101%,2us", "expected 0 to 1"),
        ("a=13%,2us,median", "average 'median'"),
    ],
)
def test_bad_texts_are_refused_in_words(text, words):
    with pytest.raises(InputError, match=words):
        read_emitter(text)


def test_files(tmp_path):
    csv, js = tmp_path / "a.csv", tmp_path / "a.json"
    csv.write_text(
        "name,quantum_yield_percent,quantum_yield_error_percent,lifetime_ns,lifetime_error_ns,average\n"
        "Au21,13.10,0.5,2650,,amplitude\nAu22,47.63,,3820,20,\n"
    )
    js.write_text('[{"name": "Au21", "quantum_yield": 0.1310, "lifetime_us": 2.65}]')
    first, second = read_emitters(csv)
    assert (first.quantum_yield, first.quantum_yield_su) == pytest.approx(
        (0.1310, 0.005), rel=1e-12
    )  # rounding
    assert (first.lifetime_us, first.lifetime_us_su, first.average) == (2.65, 0, "amplitude")
    assert second.lifetime_us_su == pytest.approx(0.02, rel=1e-12)  # rounding
    (third,) = read_emitters(js)
    assert measure_rates(third).radiative == pytest.approx(
        measure_rates(AU21).radiative, rel=1e-12
    )  # rounding


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name,quantum_yield,lifetime\na,0.1,2\n", "lifetime_us"),
        ("name,lifetime_us\na,2\n", "quantum_yield_percent"),
        ("quantum_yield,lifetime_us\n13,2\n", "percent sign"),
        ("quantum_yield,lifetime_us\n0.1,-2\n", "not negative"),
        ("quantum_yield,lifetime_us\n0.1,nan\n", "finite"),
        ("quantum_yield,quantum_yield_error_percent,lifetime_us\n0.1,1,2\n", "has the unit percent"),
        ("quantum_yield,lifetime_us,average\n0.1,2,best\n", "line 2"),
    ],
)
def test_bad_files_are_refused_in_words(tmp_path, content, words):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=words):
        read_emitters(path)
