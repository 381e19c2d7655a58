"""Rank correlations of a few points: known orders, published critical values, and nothing claimed of five."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from clustermodel.errors import InputError
from clustermodel.pipeline.gap_statistics import FEWEST, compare_ranks, correlate_ranks

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def correlate(x, y, names=None):
    return correlate_ranks("free", x, y, names or list(LETTERS[: len(x)]))


def count_by_hand(x, y):
    """Share of all orders of x, one after the other, whose Spearman coefficient is as strong."""
    strength = abs(spearmanr(x, y).statistic)
    orders = list(itertools.permutations(x))
    as_strong = sum(abs(spearmanr(order, y).statistic) >= strength - 1e-9 for order in orders)
    return as_strong / len(orders)


@pytest.mark.parametrize("n", [6, 7, 8])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_perfect_order_has_two_permutations_of_n_factorial(n, sign):
    x = np.arange(n) ** 2.0
    one = correlate(x, sign * np.exp(x / 10))  # ranks know no shape
    assert one.rho == pytest.approx(sign)
    assert one.exact
    assert one.p == pytest.approx(2 / math.factorial(n), rel=1e-9)
    assert (one.lowest, one.highest) == pytest.approx((sign, sign))


# Zar (1972), two-sided 0.05: the smallest coefficient without ties that reaches the level.
@pytest.mark.parametrize(("n", "critical"), [(6, 0.886), (7, 0.786), (8, 0.738)])
def test_published_critical_values(n, critical):
    x = np.arange(n, dtype=float)
    step = 6 / (n * (n * n - 1))  # rho = 1 - step * sum of squared differences, which is even
    seen = {}
    rng = np.random.default_rng(1)
    for _ in range(400):
        y = rng.permutation(x)
        rho = round(1 - step * float(((x - y) ** 2).sum()), 6)
        if rho not in seen and critical - 3 * step < rho < critical + 3 * step:
            seen[rho] = correlate(x, y).p
    reached = {rho for rho, p in seen.items() if p <= 0.05}
    assert seen.keys() - reached
    assert min(reached) == pytest.approx(critical, abs=5e-4)  # half of the last printed digit
    assert max(seen.keys() - reached) < min(reached)


@pytest.mark.parametrize("x", [[1, 2, 2, 3, 5, 4], [1, 1, 1, 2, 2, 2], [0, 0, 0, 0, 0, 1]])
def test_ties_are_counted_as_permutations_are(x):
    y = [0.3, 0.1, 0.5, 0.9, 0.7, 1.1]
    one = correlate(x, y)
    assert one.rho == pytest.approx(spearmanr(x, y).statistic)
    assert one.p == pytest.approx(count_by_hand(x, y))


def test_many_points_are_sampled_and_say_so():
    """Twelve points in order: hardly any of the random permutations is as good, and none counts as p = 0."""
    x = np.arange(12.0)
    one = correlate(x, x)
    assert not one.exact
    assert 0 < one.p < 1e-4


def test_sampled_chance_is_near_the_exact_one(monkeypatch):
    x, y = [3, 1, 2, 5, 4, 7, 6, 8], [1, 2, 3, 4, 5, 6, 8, 7]
    exact = correlate(x, y)
    monkeypatch.setattr("clustermodel.pipeline.gap_statistics._MOST_PERMUTATIONS", 20_000)
    sampled = correlate(x, y)
    assert exact.exact
    assert not sampled.exact
    assert sampled.p == pytest.approx(exact.p, abs=5 * math.sqrt(exact.p / 20_000))  # five standard errors


@pytest.mark.parametrize("n", range(FEWEST))
def test_nothing_is_claimed_of_fewer_than_six(n):
    one = correlate(list(range(n)), list(range(n)))
    assert all(math.isnan(value) for value in (one.rho, one.p, one.lowest, one.highest))
    assert one.verdict == f"n = {n} is too few: nothing is claimed below 6"


def test_what_is_equal_for_all_has_no_ranks():
    assert correlate([1.0] * 7, list(range(7))).verdict == "the descriptor is the same for all"
    assert correlate(list(range(7)), [0.5] * 7).verdict == "the quantity is the same for all"


def test_one_point_that_decides_is_named():
    """Five equal points and one apart: without it nothing is left to rank."""
    lone = correlate([0, 0, 0, 0, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.9])
    assert lone.decisive == "f"
    assert math.isnan(lone.lowest)
    # Two orders of opposite sense and a far corner: leaving "h" out turns the sign.
    x, y = [1, 2, 3, 4, 5, 6, 7, 8], [3.5, 3, 2.5, 4, 3.2, 2.8, 2.4, 9]
    corner = correlate(x, y)
    assert corner.decisive == "h"
    assert corner.lowest < corner.rho < corner.highest or corner.lowest <= corner.rho
    assert corner.lowest == pytest.approx(spearmanr(x[:-1], y[:-1]).statistic)


def test_a_strong_order_that_one_point_could_turn_is_not_a_plain_verdict(monkeypatch):
    """At a level that lets weak orders through, one that changes its sign says on which point it hangs."""
    monkeypatch.setattr("clustermodel.pipeline.gap_statistics._LEVEL", 1.1)
    x, y = [1, 2, 3, 4, 5, 6, 7, 8], [3.5, 3, 2.5, 4, 3.2, 2.8, 2.4, 9]
    (one,) = compare_ranks({"free": x}, y, list(LETTERS[:8]))
    assert one.verdict.endswith("but hangs on h alone")


def test_several_descriptors_are_several_attempts():
    """Holm: the smallest of four chances times four, the next times three, never falling."""
    y = list(range(7))
    tried = {
        "perfect": y,
        "good": [0, 2, 1, 3, 4, 6, 5],
        "fair": [2, 0, 1, 4, 3, 6, 5],
        "none": [3, 0, 6, 1, 5, 2, 4],
        "equal": [1] * 7,
    }
    found = {one.descriptor: one for one in compare_ranks(tried, y, list(LETTERS[:7]))}
    p = [found[name].p for name in ("perfect", "good", "fair", "none")]
    assert p == sorted(p)
    expected = [4 * p[0], max(4 * p[0], 3 * p[1]), 0.0, 0.0]
    expected[2] = max(expected[1], 2 * p[2])
    expected[3] = max(expected[2], p[3])
    assert [found[n].p_adjusted for n in ("perfect", "good", "fair", "none")] == pytest.approx(expected)
    assert found["perfect"].verdict == "rises with perfect"
    assert found["none"].verdict == "no correlation shown"
    assert math.isnan(found["equal"].p_adjusted)
    alone = compare_ranks({"perfect": y}, y, list(LETTERS[:7]))[0]
    assert alone.p_adjusted == alone.p


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(-20, 20), st.sampled_from([1, 2, 3])),
        min_size=6,
        max_size=7,
    ).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(range(len(rows)))))
)
def test_order_of_points_and_monotonic_scales_do_not_matter(drawn):
    rows, order = drawn
    x, y = [row[0] for row in rows], [row[1] for row in rows]
    names = list(LETTERS[: len(rows)])
    one = correlate(x, y, names)
    moved = correlate([x[k] for k in order], [y[k] for k in order], [names[k] for k in order])
    scaled = correlate(np.exp(x), np.array(y) ** 3.0)
    turned = correlate([-v for v in x], y)
    for other in (moved, scaled, turned):
        assert other.p == pytest.approx(one.p, nan_ok=True)
        assert other.verdict == one.verdict
    assert moved.rho == pytest.approx(one.rho, nan_ok=True)
    assert scaled.rho == pytest.approx(one.rho, nan_ok=True)
    assert turned.rho == pytest.approx(-one.rho, nan_ok=True)


def test_what_cannot_be_ranked_is_refused():
    with pytest.raises(InputError, match="free: 2 values for 3 points"):
        correlate([1, 2], [1, 2, 3])
    with pytest.raises(InputError, match="not a finite number"):
        correlate([1, 2, math.nan, 4, 5, 6], [1, 2, 3, 4, 5, 6])
