"""Which temperatures would tell a parameter: against simulated fits and numbers worked out before."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.errors import InputError
from clustermodel.photophysics.linewidth_data import simulate_width_series
from clustermodel.photophysics.linewidth_design import (
    DesignAim,
    advise_design,
    choose_truths,
    measure_precision,
)
from clustermodel.photophysics.linewidth_fit import fit_width_model
from clustermodel.photophysics.linewidth_search import Constraints

AU21 = [150.0, 20.0, 4.3, 137.7, 36.1]
AU22 = [150.0, 20.0, 6.9, 55.3, 41.6]
HELD = Constraints(fixed={"S_ac": 20.0, "E_ac": 4.3})


@pytest.mark.parametrize(
    ("paper", "percent"),
    [(AU21, (1.7e4, 5.6e4, 5e6, 2.3e4, 1.1e5)), (AU22, (2.0e4, 1.7e5, 1.5e6, 4.7e4, 1.1e5))],
)
def test_five_parameters_of_200_to_300_kelvin(paper, percent):
    """The bounds are hundreds of times the values; where they cannot be calculated, they are infinite."""
    su = measure_precision("printed", paper, np.linspace(200, 300, 11), noise_mev=1.0)
    for found, value, expected in zip(su.values(), paper, percent, strict=True):
        assert found == math.inf or found / value * 100 == pytest.approx(expected, rel=0.1)  # printed digits
    assert set(su) == {"gamma_0", "S_ac", "E_ac", "S_op", "E_op"}


@pytest.mark.parametrize(
    ("paper", "low", "points", "percent"),
    [
        (AU21, 200, 11, 149),
        (AU22, 200, 11, 152),
        (AU21, 80, 23, 4.6),
        (AU22, 80, 23, 5.9),
        (AU21, 5, 30, 1.44),
        (AU22, 5, 30, 2.26),
    ],
)
def test_three_parameters_without_acoustic_term(paper, low, points, percent):
    truth = [paper[0], 0.0, *paper[2:]]
    known = Constraints(fixed={"S_ac": 0.0, "E_ac": truth[2]})
    su = measure_precision("printed", truth, np.linspace(low, 300, points), noise_mev=0.3, constraints=known)
    assert 100 * su["E_op"] / truth[4] == pytest.approx(percent, rel=0.01)  # printed digits


@pytest.mark.parametrize(("paper", "percent"), [(AU21, 4.1), (AU22, 6.4)])
def test_two_parameters_with_the_vibration_known(paper, percent):
    truth = [paper[0], 0.0, *paper[2:]]
    known = Constraints(fixed={"S_ac": 0.0, "E_ac": truth[2], "E_op": truth[4]})
    su = measure_precision("printed", truth, np.linspace(200, 300, 11), noise_mev=0.3, constraints=known)
    assert 100 * su["S_op"] / truth[3] == pytest.approx(percent, rel=0.02)  # printed digits


def test_the_bound_is_the_scatter_of_simulated_fits():
    grid = np.linspace(5, 300, 60)
    bound = measure_precision("printed", AU21, grid, noise_mev=0.3, constraints=HELD)
    found = []
    for seed in range(60):
        series = simulate_width_series("printed", AU21, grid, noise_mev=0.3, seed=seed)
        found.append(fit_width_model(series, "printed", constraints=HELD, profiled=()).values[[0, 3, 4]])
    scatter = np.std(found, axis=0, ddof=1)
    for value, name in zip(scatter, ("gamma_0", "S_op", "E_op"), strict=True):
        assert value == pytest.approx(bound[name], rel=0.28)  # 60 draws: three standard deviations of 9 %


@settings(max_examples=20)
@given(st.floats(0.1, 3.0), st.floats(10, 200), st.integers(6, 40))
def test_uncertainty_goes_with_the_noise(noise, low, points):
    grid = np.linspace(low, 300, points)
    one = measure_precision("toyozawa", [120, 3, 25], grid, noise_mev=noise)
    two = measure_precision("toyozawa", [120, 3, 25], np.repeat(grid, 4), noise_mev=noise)
    three = measure_precision("toyozawa", [120, 3, 25], grid, noise_mev=2 * noise)
    for name, su in one.items():
        assert two[name] == pytest.approx(su / 2, rel=1e-4)  # rounding of a nearly singular matrix
        assert three[name] == pytest.approx(2 * su, rel=1e-4)  # the same


def test_a_prior_is_the_least_that_is_known():
    grid = np.linspace(200, 300, 11)
    known = Constraints(fixed=HELD.fixed, priors={"E_op": (36.1, 2.0)})
    su = measure_precision("printed", AU21, grid, noise_mev=1.0, constraints=known)
    alone = measure_precision("printed", AU21, grid, noise_mev=1.0, constraints=HELD)
    assert su["E_op"] == pytest.approx((alone["E_op"] ** -2 + 2.0**-2) ** -0.5, rel=1e-6)  # information adds


def test_the_number_of_points_is_the_smallest_that_reaches_the_target():
    aim = DesignAim(parameter="E_op", noise_mev=0.3, points=11, target=0.03)
    warm, cold = advise_design("printed", AU21, aim, ranges=[(200, 300), (5, 300)], constraints=HELD)
    assert warm.points_needed is None
    assert warm.relative_su > 0.5

    def measure(points):
        grid = np.linspace(5, 300, points)
        su = measure_precision("printed", AU21, grid, noise_mev=0.3, constraints=HELD)
        return su["E_op"] / 36.1

    assert measure(cold.points_needed) <= 0.03 < measure(cold.points_needed - 1)
    assert cold.relative_su == pytest.approx(measure(11), rel=1e-12)  # rounding
    easy = DesignAim(parameter="E_op", noise_mev=1e-3)
    assert advise_design("printed", AU21, easy, ranges=[(5, 300)], constraints=HELD)[0].points_needed == 5


def test_truths_of_an_unknown_parameter_are_spread_over_what_is_allowed():
    warm = simulate_width_series("printed", AU21, np.linspace(200, 300, 11), noise_mev=1.0, seed=2)
    fit = fit_width_model(warm, "printed", profiled=("E_op",))
    truths = choose_truths(fit, "E_op")
    assert 1 < len(truths) <= 3
    for one in truths:
        series = simulate_width_series("printed", one, warm.temperature, noise_mev=0.0, seed=0)
        assert (
            (series.fwhm_mev - warm.fwhm_mev) ** 2
        ).sum() < fit.chi_square + 2.8  # the threshold, rounded up
    cold = simulate_width_series("printed", AU21, np.linspace(5, 300, 60), noise_mev=0.3, seed=2)
    known = fit_width_model(cold, "printed", constraints=HELD, profiled=("E_op",))
    assert [one.tolist() for one in choose_truths(known, "E_op")] == [known.values.tolist()]


@pytest.mark.parametrize(
    ("aim", "words"),
    [
        ({"parameter": "S_ac", "noise_mev": 1.0}, "no fitted parameter 'S_ac'; expected one of gamma_0"),
        ({"parameter": "E_op", "noise_mev": 0.0}, "expected positive numbers"),
        ({"parameter": "E_op", "noise_mev": 1.0, "target": 0.0}, "expected positive numbers"),
    ],
)
def test_impossible_aims_are_refused_in_words(aim, words):
    with pytest.raises(InputError, match=words):
        advise_design("printed", AU21, DesignAim(**aim), ranges=[(5, 300)], constraints=HELD)


def test_other_wrong_arguments():
    aim = DesignAim(parameter="S_op", noise_mev=1.0)
    with pytest.raises(InputError, match="taken for 0"):
        advise_design("printed", [150, 20, 4.3, 0, 36.1], aim, ranges=[(5, 300)])
    with pytest.raises(InputError, match="noise of 0 meV"):
        measure_precision("line", [150, 0.1], [1, 2, 3, 4], noise_mev=0)
