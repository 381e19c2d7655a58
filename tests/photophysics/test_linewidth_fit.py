"""Fits of FWHM(T): against linear algebra and another optimizer, back from simulations, invariances."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import least_squares

from clustermodel.errors import InputError
from clustermodel.photophysics.linewidth import (
    choose_temperature,
    fit_linewidth,
    measure_trend,
)
from clustermodel.photophysics.linewidth_caveats import list_linewidth_caveats
from clustermodel.photophysics.linewidth_comparison import compare_linewidths
from clustermodel.photophysics.linewidth_data import (
    build_width_series,
    read_width_series,
    simulate_width_series,
)
from clustermodel.photophysics.linewidth_fit import fit_width_model, invert_information
from clustermodel.photophysics.linewidth_models import find_model, measure_widths
from clustermodel.photophysics.linewidth_search import Constraints, count_needed_points
from tests.datafiles import ROOT

AU21 = [150.0, 20.0, 4.3, 137.7, 36.1]
WARM = np.linspace(200, 300, 11)
ALL = np.linspace(5, 300, 40)
HELD = Constraints(fixed={"S_ac": 20.0, "E_ac": 4.3})


def noisy(model="printed", values=AU21, temperature=WARM, noise=1.0, seed=1, **more):
    return simulate_width_series(model, values, temperature, noise_mev=noise, seed=seed, **more)


# --------------------------------------------------------------------- linear formulas: everything is known


def solve_line(series):
    """Weighted least squares by linear algebra: values, covariance, sum of squares."""
    powers = series.temperature[:, None] ** np.arange(2)
    weight = 1 / series.fwhm_su_mev
    matrix = (powers * weight[:, None]).T @ (powers * weight[:, None])
    values = np.linalg.solve(matrix, powers.T @ (weight**2 * series.fwhm_mev))
    residual = (series.fwhm_mev - powers @ values) * weight
    return values, np.linalg.inv(matrix), float(residual @ residual)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(5, 40), st.floats(0.05, 5.0))
def test_straight_line_is_that_of_linear_algebra(seed, points, noise):
    series = noisy("line", [150, 0.14], np.linspace(200, 300, points), noise, seed)
    values, covariance, square = solve_line(series)
    fit = fit_width_model(series, "line")
    assert fit.chi_square == pytest.approx(square, rel=1e-6, abs=1e-6)  # the solver stops at 1e-6
    for i, one in enumerate(fit.parameters):
        su = math.sqrt(covariance[i, i])
        assert one.value == pytest.approx(values[i], abs=2e-3 * su)  # root of the same 1e-6, twice
        assert one.su == pytest.approx(su, rel=1e-6)  # rounding of a normal matrix
        first, second = one.profile.intervals
        assert (first.low, first.high) == pytest.approx(
            (values[i] - 1.6449 * su, values[i] + 1.6449 * su), abs=3e-3 * su
        )  # the same, and six steps of regula falsi
        assert second.high == pytest.approx(values[i] + 1.9600 * su, abs=3e-3 * su)  # the same
        assert one.profile.verdict == "identified"


def test_without_uncertainties_the_line_has_the_intervals_of_student():
    series = noisy("line", [150, 0.14], states_noise=False)
    found = stats.linregress(series.temperature, series.fwhm_mev)
    slope = fit_width_model(series, "line").find("slope")
    t = stats.t.ppf(0.95, 9)  # 11 points, two parameters
    assert slope.value == pytest.approx(found.slope, rel=1e-4)  # the solver stops at 1e-6 of chi-square
    assert slope.su == pytest.approx(found.stderr, rel=1e-5)  # rounding
    interval = slope.profile.intervals[0]
    assert interval.high - slope.value == pytest.approx(t * found.stderr, rel=3e-3)  # steps of regula falsi


def test_criterion_of_akaike_with_and_without_stated_noise():
    for states in (True, False):
        series = noisy("line", [150, 0.14], states_noise=states)
        fit = fit_width_model(series, "line", profiled=())
        rss, n = float(fit.residual_mev @ fit.residual_mev), 11
        k, loss = (2, rss) if states else (3, n * math.log(rss / n))  # noise 1 meV; one more for the noise
        assert fit.aicc == pytest.approx(loss + 2 * k + 2 * k * (k + 1) / (n - k - 1), rel=1e-9)  # rounding
        assert fit.dof == 9
        assert fit.chi_square == pytest.approx(rss if states else 9, rel=0.01)  # one part in 100 is promised
        assert fit.p_value == (pytest.approx(stats.chi2.sf(rss, 9), rel=1e-9) if states else None)  # rounding


@settings(max_examples=15)
@given(st.floats(0.05, 0.3), st.floats(0.001, 0.1), st.integers(0, 1000))
def test_prior_on_a_slope_is_one_more_equation(value, su, seed):
    series = noisy("line", [150, 0.14], seed=seed)
    fit = fit_width_model(series, "line", constraints=Constraints(priors={"slope": (value, su)}))
    rows = np.vstack([np.stack([np.ones(11), WARM], axis=1), [0.0, 1 / su]])
    right = np.append(series.fwhm_mev, value / su)
    expected = np.linalg.lstsq(rows, right)[0]
    deviation = math.sqrt(np.linalg.inv(rows.T @ rows)[1, 1])
    assert fit.find("slope").value == pytest.approx(expected[1], abs=3e-3 * deviation)  # stop of the solver
    assert fit.find("slope").su == pytest.approx(deviation, rel=1e-6)  # rounding
    assert (fit.find("slope").state, fit.dof) == ("prior", 10)


# ------------------------------------------------------------------------------------ another optimizer


def fit_with_scipy(series, model, starts, limits, held=None):
    """The best sum of squares by scipy's trust region, from many starts; `held` is (number, value)."""
    evaluate, k = find_model(model).evaluate, len(find_model(model).names)
    free = [i for i in range(k) if held is None or i != held[0]]
    low, high = (np.array(column, float) for column in zip(*limits, strict=True))

    def fill(part):
        full = np.empty(k)
        full[free] = part
        if held is not None:
            full[held[0]] = held[1]
        return full

    def residual(part):
        widths = evaluate(series.temperature, fill(part)[None, :])[0][0]
        return (widths - series.fwhm_mev) / series.fwhm_su_mev

    def jacobian(part):
        rows = evaluate(series.temperature, fill(part)[None, :])[1][0]
        return rows[:, free] / series.fwhm_su_mev[:, None]

    best = math.inf
    for start in starts:
        begin = np.clip(np.array(start, float)[free], low[free] + 1e-6, high[free] * (1 - 1e-9))
        found = least_squares(residual, begin, jacobian, bounds=(low[free], high[free]), x_scale="jac")
        best = min(best, 2 * found.cost)
    return best


GRID = {
    "toyozawa": (
        [(g, s, e) for g in (20, 100, 150) for s in (0.5, 3, 20) for e in (3, 15, 60)],
        [(0, 1e4), (0, 1e5), (1, 200)],
    ),
    "weak": (
        [(g, s, a, e) for g in (50, 140) for s in (0.01, 0.1) for a in (20, 200) for e in (10, 40, 120)],
        [(0, 1e4), (0, 1e3), (0, 1e6), (5, 200)],
    ),
    "printed": (
        [(140, s, e, o, f) for s in (5, 40) for e in (2, 10) for o in (30, 300) for f in (15, 45, 120)],
        [(0, 1e4), (0, 1e6), (0.5, 30), (0, 1e7), (5, 200)],
    ),
}


@pytest.mark.parametrize(
    ("model", "temperature", "noise"),
    [
        ("printed", ALL, 0.3),
        ("toyozawa", ALL, 0.3),
        pytest.param("weak", ALL, 0.3, marks=pytest.mark.slow),
        *(pytest.param(model, WARM, 1.0, marks=pytest.mark.slow) for model in GRID),
    ],
)
def test_best_fit_and_profile_are_those_of_scipy(model, temperature, noise):
    series = noisy(temperature=temperature, noise=noise, seed=5)
    starts, limits = GRID[model]
    best = fit_with_scipy(series, model, starts, limits)
    fit = fit_width_model(series, model)
    # In a flat valley neither optimizer reaches the bottom; a thousandth of the threshold does not matter.
    assert fit.chi_square == pytest.approx(best, abs=5e-3)
    for number, one in enumerate(fit.parameters):
        low = np.flatnonzero(one.profile.rise < 8)
        for place in (low[0], low[len(low) // 3]):
            held = (number, float(one.profile.values[place]))
            other = fit_with_scipy(series, model, starts[::3], limits, held)
            # Never above the other's, but for dents of a flat valley: a fiftieth of the threshold of 2.71.
            assert one.profile.rise[place] + fit.chi_square < other + 0.05


LMFIT = json.loads((ROOT / "tests" / "data" / "linewidth_lmfit.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", range(3))
def test_intervals_are_those_of_lmfit(number):
    """Three parameters, noise from the residuals; lmfit's threshold is Fisher's F as well."""
    stored = LMFIT["series"][number]
    series = build_width_series(stored["temperature"], stored["fwhm_mev"])
    fit = fit_width_model(series, "printed", constraints=Constraints(fixed=LMFIT["held"]))
    for name, (low, value, high) in stored["parameters"].items():
        one, su = fit.find(name), stored["su"][name]
        interval = one.profile.intervals[0]
        assert one.value == pytest.approx(value, abs=2e-3 * su)  # the solver stops at 1e-6 of chi-square
        assert one.su == pytest.approx(su, rel=5e-3)  # lmfit takes differences for derivatives
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=3e-3 * su)  # regula falsi


# --------------------------------------------------------------------------------------- back from the truth

TRUTHS = {
    "toyozawa": (
        st.tuples(st.floats(50, 200), st.floats(1, 10), st.floats(10, 40)),
        Constraints(),
    ),
    "weak": (
        st.tuples(st.floats(50, 200), st.floats(0.02, 0.2), st.floats(30, 200), st.floats(25, 60)),
        Constraints(),
    ),
    "printed": (
        st.tuples(st.floats(50, 200), st.just(20.0), st.just(4.3), st.floats(50, 300), st.floats(20, 50)),
        HELD,
    ),
    "split": (
        st.tuples(st.floats(50, 200), st.just(20.0), st.just(4.3), st.floats(30, 200), st.floats(20, 50)),
        HELD,
    ),
    "line": (st.tuples(st.floats(50, 200), st.floats(-0.1, 0.5)), Constraints()),
    "parabola": (st.tuples(st.floats(50, 200), st.floats(-0.1, 0.5), st.floats(-1e-4, 1e-4)), Constraints()),
}


@pytest.mark.parametrize("model", list(TRUTHS))
@settings(max_examples=3)
@given(data=st.data())
def test_parameters_come_back(model, data):
    """Hardly any noise: within four standard uncertainties, which are small."""
    values, known = data.draw(TRUTHS[model][0]), TRUTHS[model][1]
    series = noisy(model, values, np.linspace(5, 300, 60), 0.01, seed=data.draw(st.integers(0, 99)))
    fit = fit_width_model(series, model, constraints=known)
    for one, truth in zip(fit.parameters, values, strict=True):
        if one.state == "fitted":
            assert abs(one.value - truth) < 4.5 * one.su  # one draw in 100,000
            assert one.profile.verdict == "identified"
            assert one.profile.intervals[0].low < one.value < one.profile.intervals[0].high


def test_noise_free_widths_without_uncertainties():
    fit = fit_width_model(noisy("toyozawa", [120, 3, 25], ALL, 0.0), "toyozawa")
    assert fit.values == pytest.approx([120, 3, 25], rel=1e-4)  # noise of a millionth is assumed
    assert fit.noise_mev < 1e-3


# -------------------------------------------------------------------------------------------- invariances


@pytest.mark.parametrize(
    ("model", "powers"),
    [("printed", (1, 2, 0, 2, 0)), ("toyozawa", (1, 2, 0)), ("line", (1, 1))],
)
def test_wider_bands_have_wider_parameters(model, powers):
    """All widths times 3: energies stay, amplitudes times 3, couplings times 9."""
    series = noisy(temperature=ALL, noise=0.3, seed=3)
    wide = build_width_series(ALL, 3 * series.fwhm_mev, 3 * series.fwhm_su_mev)
    first, second = (fit_width_model(one, model, constraints=None) for one in (series, wide))
    assert second.chi_square == pytest.approx(first.chi_square, abs=5e-3)  # stop of the solver
    for one, other, power in zip(first.parameters, second.parameters, powers, strict=True):
        if one.profile.verdict == "identified":
            assert other.value == pytest.approx(3.0**power * one.value, abs=0.1 * 3.0**power * one.su)  # flat
            assert other.profile.verdict == one.profile.verdict


def test_order_of_the_rows_does_not_matter(tmp_path):
    series = noisy()
    rows = [f"{t},{w:.6f}" for t, w in zip(series.temperature, series.fwhm_mev, strict=True)]
    fits = []
    for name, order in (("a", rows), ("b", rows[::-1])):
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(["temperature_K,fwhm_meV", *order]) + "\n")
        fits.append(fit_width_model(read_width_series(path), "toyozawa"))
    assert np.array_equal(fits[0].values, fits[1].values)


@pytest.mark.parametrize(("unit", "factor"), [("eV", 1e-3), ("cm-1", 8.065544), ("meV", 1.0)])
def test_units_of_the_file_do_not_matter(tmp_path, unit, factor):
    path = tmp_path / "a.csv"
    rows = [
        f"{t},{factor * w:.12g},{factor * 0.5:.12g}" for t, w in ((200, 187.3), (250, 194.4), (300, 201.7))
    ]
    path.write_text(f"T / K;FWHM ({unit});sigma ({unit})\n" + "\n".join(rows).replace(",", ";") + "\n")
    series = read_width_series(path)
    assert series.fwhm_mev == pytest.approx([187.3, 194.4, 201.7], rel=1e-6)  # printed digits of cm-1/meV
    assert series.fwhm_su_mev == pytest.approx(0.5, rel=1e-6)  # the same


def test_a_held_parameter_stays_and_costs_no_degree_of_freedom():
    fit = fit_width_model(noisy(), "printed", constraints=HELD)
    assert [one.value for one in fit.parameters[1:3]] == [20.0, 4.3]
    assert {one.state for one in fit.parameters[1:3]} == {"fixed"}
    assert fit.dof == 8
    assert fit.find("S_ac").profile is None


def test_limits_are_kept_and_make_no_end():
    known = Constraints(limits={"E_op": (30.0, 40.0)})
    one = fit_width_model(noisy(), "printed", constraints=known).find("E_op")
    assert 30 <= one.value <= 40
    assert one.profile.verdict == "flat"
    assert (one.profile.values[0], one.profile.values[-1]) == (30, 40)
    assert "reaches 30" in one.profile.intervals[0].low_reason


def test_an_end_that_another_limit_makes_is_none():
    """S_op goes with E_op: where E_op may not go on, S_op cannot either."""
    fit = fit_width_model(noisy(noise=0.1), "printed", constraints=HELD)
    interval = fit.find("S_op").profile.intervals[0]
    if interval.high is None:
        assert "E_op is at its limit" in interval.high_reason


def test_prior_of_a_vibration_tells_the_coupling():
    """E_op known within 1 meV: S_op of 200 to 300 K becomes known too."""
    series = noisy(noise=0.3, seed=4)
    free = fit_width_model(series, "printed", constraints=HELD, profiled=("E_op",))
    known = Constraints(fixed=HELD.fixed, priors={"E_op": (36.1, 1.0)})
    fit = fit_width_model(series, "printed", constraints=known, profiled=("S_op", "E_op"))
    assert free.find("E_op").profile.verdict != "identified"
    assert fit.find("S_op").su < 0.6 * free.find("S_op").su
    assert fit.find("S_op").profile.verdict == fit.find("E_op").profile.verdict == "identified"
    assert fit.find("S_op").value == pytest.approx(137.7, abs=4 * fit.find("S_op").su)  # four deviations
    assert fit.find("E_op").su == pytest.approx(1.0, rel=0.02)  # the data add nothing to the prior


def test_prior_without_stated_noise_settles():
    series = noisy(noise=0.3, seed=4, states_noise=False)
    known = Constraints(fixed=HELD.fixed, priors={"E_op": (36.1, 1.0)})
    fit = fit_width_model(series, "printed", constraints=known)
    assert fit.noise_mev == pytest.approx(0.3, rel=0.6)  # 9 degrees of freedom: a standard deviation of 24 %
    assert fit.find("S_op").profile.verdict == "identified"


# ------------------------------------------------------------------------------------ width, slope, ranking


def test_width_and_slope_of_a_line_are_those_of_regression():
    series = noisy("line", [150, 0.14], noise=0.5)
    values, covariance, _ = solve_line(series)
    trend = measure_trend(fit_width_model(series, "line", profiled=()), 240.0)
    row = np.array([1.0, 240.0])
    assert trend.width_mev == pytest.approx(row @ values, abs=1e-3)  # stop of the solver, of 0.15
    assert trend.width_su_mev == pytest.approx(math.sqrt(row @ covariance @ row), rel=1e-5)  # rounding
    assert trend.slope == pytest.approx(values[1], rel=1e-3)  # stop of the solver
    assert trend.slope_su == pytest.approx(math.sqrt(covariance[1, 1]), rel=1e-5)  # rounding


def test_all_formulas_agree_on_width_and_slope_where_none_of_them_is_known():
    analysis = fit_linewidth(noisy(seed=6), models=("printed", "toyozawa", "line"))
    assert analysis.fits[0].model == "line"
    assert analysis.weights.sum() == pytest.approx(1, abs=1e-12)  # rounding
    assert list(analysis.weights) == sorted(analysis.weights, reverse=True)
    for one in analysis.trends:
        assert math.isfinite(one.slope_su)
        assert one.width_mev == pytest.approx(
            analysis.trend.width_mev, abs=2 * one.width_su_mev
        )  # they agree
        assert one.slope == pytest.approx(analysis.trend.slope, abs=3 * analysis.trend.slope_su)  # the same
    truth = measure_widths("printed", AU21, [249.0, 250.0, 251.0])
    assert analysis.trend.width_mev == pytest.approx(
        truth[1], abs=4 * analysis.trend.width_su_mev
    )  # 4 deviations
    slope = (truth[2] - truth[0]) / 2
    assert analysis.trend.slope == pytest.approx(slope, abs=4 * analysis.trend.slope_su)  # 4 deviations
    assert abs(analysis.curvature) < 4 * analysis.curvature_su


def test_the_true_formula_wins_where_the_range_is_wide():
    analysis = fit_linewidth(noisy("toyozawa", [150, 8, 25], ALL, 0.3), models=("toyozawa", "weak", "line"))
    assert analysis.fits[0].model == "toyozawa"
    assert analysis.curvature > 10 * analysis.curvature_su
    with pytest.raises(InputError, match="was not fitted"):
        analysis.find("parabola")


def test_repeated_temperatures_are_points():
    t = np.repeat([200.0, 250.0, 300.0], 3)
    fit = fit_width_model(noisy("line", [150, 0.14], t), "line")
    assert fit.dof == 7


def test_formulas_with_too_few_points_are_left_out_in_words():
    analysis = fit_linewidth(noisy(temperature=np.linspace(200, 300, 6), states_noise=False))
    assert {fit.model for fit in analysis.fits} == {"toyozawa", "line"}
    assert any("printed" in note and "needs at least 8" in note for note in analysis.left_out)
    with pytest.raises(InputError, match="found 3 temperatures; needed: line 5, toyozawa 6, weak 7"):
        fit_linewidth(noisy(temperature=[200, 250, 300], states_noise=False))
    with pytest.raises(InputError, match=r"found 3 temperatures; line .* needs at least 4"):
        fit_width_model(noisy(temperature=[200, 250, 300]), "line")
    assert count_needed_points("printed", HELD, noise_known=True) == 5


def test_caveats_say_what_is_not_told():
    notes = list_linewidth_caveats(fit_linewidth(noisy(seed=6), models=("printed", "split", "line")))
    assert "straight line" in notes[0]
    assert any("E_ac cancels out" in note for note in notes)
    assert any("not the Huang-Rhys factor" in note for note in notes)
    assert any("same curve" in note for note in notes)
    wild = build_width_series(WARM, 150 + 20 * (np.arange(11) % 2), 1.0, name="wild")
    found = list_linewidth_caveats(fit_linewidth(wild, models=("line",)))
    assert any("too small or no formula is right" in note for note in found)
    tame = build_width_series(WARM, 150 + 0.1 * WARM, 5.0)
    assert any("too large" in note for note in list_linewidth_caveats(fit_linewidth(tame, models=("line",))))
    silent = fit_linewidth(noisy(states_noise=False), models=("line",))
    assert any("no uncertainties" in note for note in list_linewidth_caveats(silent))
    known = Constraints(priors={"E": (20.0, 2.0)})
    told = fit_linewidth(noisy(), models=("line", "toyozawa"), constraints=known)
    assert any("E of toyozawa has a prior" in note for note in list_linewidth_caveats(told))


def test_two_samples():
    first = fit_linewidth(noisy("line", [150, 0.14], noise=0.2, seed=1), models=("line", "toyozawa"))
    second = fit_linewidth(noisy("line", [140, 0.10], noise=0.2, seed=2), models=("line", "toyozawa"))
    pair = compare_linewidths(first, second)
    assert pair.slope_difference == pytest.approx(-0.04, abs=4 * pair.slope_difference_su)  # 4 deviations
    assert pair.width_difference_mev == pytest.approx(-20, abs=4 * pair.width_difference_su_mev)  # the same
    assert {"slope of line", "intercept of line"} <= set(pair.told_apart)
    same = compare_linewidths(first, first)
    assert same.told_apart == ()
    assert same.slope_difference == 0
    with pytest.raises(InputError, match="expected one"):
        compare_linewidths(first, fit_linewidth(noisy(), models=("line",), temperature=300))


def test_common_temperature():
    series = [noisy(temperature=np.linspace(*ends, 5)) for ends in ((100, 200), (150, 300))]
    assert choose_temperature(series) == 175


def test_what_is_not_known_is_infinite():
    inverse = invert_information(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 4.0]]))
    assert inverse.su.tolist() == [math.inf, math.inf, 0.5]
    assert inverse.covariance[:2, :2].sum() == pytest.approx(1.0)  # their sum is known: variance 1
    assert invert_information(np.zeros((2, 2))).su.tolist() == [math.inf, math.inf]


# ------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("temperature,fwhm_meV\n200,180\n", "the temperature has no unit"),
        ("temperature_C,fwhm_meV\n20,180\n", "found the columns temperature_c"),
        ("temperature (C),fwhm_meV\n20,180\n", "the unit C; expected kelvin"),
        ("temperature_K,fwhm\n200,180\n", "the width has no unit"),
        ("temperature_K,fwhm_nm\n200,80\n", "give the spectra instead"),
        ("temperature_K,fwhm_meV,sigma_eV\n200,80,1\n", "sigma has eV; expected meV"),
        ("temperature_K,fwhm_meV,sigma\n200,80,1\n", "no unit; expected meV"),
        ("temperature_K,fwhm_meV\n200,nan\n", "line 2.*finite number"),
        ("temperature_K,fwhm_meV\n200,-80\n", "fwhm of point 1 is -80"),
        ("temperature_K,fwhm_meV\n-200,80\n", "temperature of point 1 is -200"),
        ("temperature_K,fwhm_meV,sigma_meV\n200,80,0\n", "uncertainty of point 1 is 0"),
        (
            "temperature_K,fwhm_meV\n200,80\n250,81\n240,82\n",
            "not sorted .250 K is followed by 240 K at point 3",
        ),
        ("temperature_K,height\n200,80\n", "expected temperature_K,fwhm_meV"),
    ],
)
def test_bad_files_are_refused_in_words(tmp_path, content, words):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=words):
        read_width_series(path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([], []), "two equal columns"),
        (([1, 2], [3]), "two equal columns"),
        (([1, 2], [3, 4], [1, 2, 3]), "3 uncertainties for 2 widths"),
        (([300, 200, 250], [3, 4, 5]), "200 K is followed by 250 K"),
        (([200, 250, 200], [3, 4, 5]), "not sorted"),
    ],
)
def test_bad_columns_are_refused_in_words(arguments, words):
    with pytest.raises(InputError, match=words):
        build_width_series(*arguments)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"fixed": {"E_op": math.nan}}, "held at nan"),
        ({"fixed": {"E_op": -3.0}}, "positive energy"),
        ({"fixed": {"S_ac": -3.0}}, "no negative number"),
        ({"fixed": {"E_xx": 3.0}}, "no formula has a parameter 'E_xx'"),
        ({"priors": {"E_op": (36.0, 0.0)}}, "positive uncertainty"),
        ({"priors": {"E_op": (300.0, 1.0)}}, "outside of its limits"),
        ({"limits": {"E_op": (50.0, 40.0)}}, "lower one first"),
        ({"limits": {"E_op": (-1.0, 40.0)}}, "positive energy"),
        ({"fixed": {"E_op": 36.0}, "priors": {"E_op": (36.0, 1.0)}}, "also has a prior"),
    ],
)
def test_impossible_constraints_are_refused_in_words(choices, words):
    with pytest.raises(InputError, match=words):
        fit_linewidth(noisy(), models=("printed",), constraints=Constraints(**choices))


def test_other_wrong_arguments():
    fit = fit_width_model(noisy(), "line", profiled=("slope",))
    assert [one.profile is None for one in fit.parameters] == [True, False]
    with pytest.raises(InputError, match="line has no parameter 'S'"):
        fit.find("S")
    with pytest.raises(InputError, match="expected a positive one"):
        measure_trend(fit, -5)
    with pytest.raises(InputError, match="needed: a formula"):
        fit_linewidth(noisy(), models=())
