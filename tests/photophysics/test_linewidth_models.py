"""The formulas of FWHM(T): values, limits, derivatives, and how large the terms of the seed paper are."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.constants import BOLTZMANN_EV
from clustermodel.errors import InputError
from clustermodel.photophysics.linewidth_models import MODELS, count_phonons, find_model, measure_widths

K = 1000 * BOLTZMANN_EV
# Γ0 and S_ac are assumed, as the paper gives none.
AU21 = [150.0, 20.0, 4.3, 137.7, 36.1]
AU22 = [150.0, 20.0, 6.9, 55.3, 41.6]

widths = st.floats(1.0, 300.0)
couplings = st.floats(0.1, 500.0)
energies = st.floats(1.0, 150.0)
temperatures = st.floats(3.0, 400.0)


def coth(x):
    return 1 / math.tanh(x)


def by_hand(model, p, t):
    """The formulas once more, with other functions."""
    if model == "printed":
        acoustic = p[1] * p[2] * coth(p[2] / (2 * K * t))
        return p[0] + math.sqrt(acoustic + p[3] * p[4] * 0.5 * (coth(p[4] / (2 * K * t)) - 1))
    if model == "split":
        root = math.sqrt(p[1] * p[2] * coth(p[2] / (2 * K * t)))
        return p[0] + root + p[3] * 0.5 * (coth(p[4] / (2 * K * t)) - 1)
    if model == "weak":
        return p[0] + p[1] * t + p[2] * 0.5 * (coth(p[3] / (2 * K * t)) - 1)
    if model == "toyozawa":
        return math.sqrt(p[0] ** 2 + 8 * math.log(2) * p[1] * p[2] ** 2 * coth(p[2] / (2 * K * t)))
    return sum(c * t**i for i, c in enumerate(p))


VALUES = {
    "printed": st.tuples(widths, couplings, st.floats(0.5, 30.0), couplings, energies),
    "split": st.tuples(widths, couplings, st.floats(0.5, 30.0), couplings, energies),
    "weak": st.tuples(widths, st.floats(0.0, 1.0), couplings, energies),
    "toyozawa": st.tuples(widths, st.floats(0.01, 30.0), energies),
    "line": st.tuples(widths, st.floats(-1.0, 1.0)),
    "parabola": st.tuples(widths, st.floats(-1.0, 1.0), st.floats(-1e-2, 1e-2)),
}


def test_every_formula_is_tested():
    assert set(VALUES) == set(MODELS)


@pytest.mark.parametrize("model", list(MODELS))
@settings(max_examples=30)
@given(data=st.data())
def test_values_are_those_of_the_formula(model, data):
    values, t = data.draw(VALUES[model]), data.draw(temperatures)
    found = measure_widths(model, values, [t])[0]
    # coth - 1 of the test loses digits where n is small; what is left is far below a width.
    assert found == pytest.approx(by_hand(model, values, t), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("model", list(MODELS))
@settings(max_examples=30)
@given(data=st.data())
def test_derivatives_are_those_of_small_steps(model, data):
    values, t = np.array(data.draw(VALUES[model])), np.array([data.draw(temperatures)])
    evaluate = find_model(model).evaluate
    jacobian = evaluate(t, values[None, :])[1][0, 0]
    for i, value in enumerate(values):
        step = 1e-5 * max(abs(value), 1e-3)
        up, down = values.copy(), values.copy()
        up[i], down[i] = value + step, value - step
        slope = (evaluate(t, up[None, :])[0] - evaluate(t, down[None, :])[0])[0, 0] / (2 * step)
        # Rounding of a width of 1000 over the step, and the third derivative.
        assert jacobian[i] == pytest.approx(slope, rel=1e-5, abs=1e-12 * 1000 / step)


@given(widths, couplings, st.floats(0.5, 10.0))
def test_where_it_is_cold_the_acoustic_zero_point_is_left(gamma, coupling, energy):
    cold = 0.02 * energy / K  # kT is a fiftieth of the quantum
    expected = gamma + math.sqrt(coupling * energy)
    assert measure_widths("printed", [gamma, coupling, energy, 50.0, 40.0], [cold])[0] == pytest.approx(
        expected, rel=1e-9
    )  # n is e^-50


@given(widths, couplings, st.floats(1.0, 30.0), couplings, energies, temperatures)
def test_the_two_readings_agree_without_optical_term(gamma, coupling, energy, other, optical, t):
    acoustic = [gamma, coupling, energy, 0.0, optical]
    assert measure_widths("printed", acoustic, [t])[0] == pytest.approx(
        measure_widths("split", acoustic, [t])[0], rel=1e-12
    )  # rounding


@given(st.floats(0.1, 60.0), st.floats(50.0, 400.0))
def test_where_it_is_hot_phonons_are_classical(energy, t):
    x = energy / (K * t)
    n = count_phonons(energy, t)
    assert 0 <= 1 / x - n <= 0.5  # n runs from kT/E to kT/E - 1/2 as the quantum becomes small
    assert count_phonons(energy, t * 10) > n


def test_no_overflow_where_it_is_very_cold():
    assert count_phonons(200.0, 0.5) == 0.0
    assert measure_widths("weak", [100.0, 0.0, 50.0, 200.0], [0.5])[0] == 100.0


# The sizes of the terms for the numbers of the paper were worked out before this module was written.


@pytest.mark.parametrize(
    ("paper", "cold", "hot"),
    [(AU21, 26.4, 40.4), (AU22, 15.0, 24.0)],
)
def test_size_of_the_optical_term(paper, cold, hot):
    coupling, energy = paper[3:]
    root = np.sqrt(coupling * energy * count_phonons(energy, np.array([200.0, 300.0])))
    assert root.round(1).tolist() == [cold, hot]


@pytest.mark.parametrize(
    ("paper", "cold", "hot"),
    [(AU21, 0.52, 0.23), (AU22, 1.33, 0.59)],
)
def test_acoustic_term_is_classical_at_the_temperatures_of_the_paper(paper, cold, hot):
    x = paper[2] / (2 * K * np.array([200.0, 300.0]))
    assert (100 * (x / np.tanh(x) - 1)).round(2).tolist() == [cold, hot]


@pytest.mark.parametrize(
    ("paper", "line", "parabola", "slope"),
    [(AU21, 0.21, 0.004, 0.14), (AU22, 0.11, 0.001, 0.10)],
)
def test_the_printed_curve_is_nearly_straight(paper, line, parabola, slope):
    t = np.linspace(200, 300, 11)
    curve = measure_widths("printed", paper, t)
    deviations = [np.abs(curve - np.polyval(np.polyfit(t - 250, curve, n), t - 250)).max() for n in (1, 2)]
    assert round(deviations[0], 2) == line
    assert round(deviations[1], 3) == parabola
    assert round((curve[-1] - curve[0]) / 100, 2) == slope


@pytest.mark.parametrize(("paper", "condition"), [(AU21, 2.5e7), (AU22, 7.4e6)])
def test_five_parameters_are_one_too_many_for_a_straight_line(paper, condition):
    t, values = np.linspace(200, 300, 11), np.array(paper)
    jacobian = find_model("printed").evaluate(t, values[None, :])[1][0] * values
    assert np.linalg.cond(jacobian) == pytest.approx(condition, rel=0.02)  # two printed digits


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("root", [1.0], [300.0]), "'root' is not known; expected one of printed"),
        (("line", [1.0], [300.0]), "found 1 values; expected numbers for intercept, slope"),
        (("line", [1.0, math.nan], [300.0]), "expected numbers"),
        (("line", [1.0, 1.0], [0.0]), "positive numbers in K"),
    ],
)
def test_wrong_arguments_are_refused_in_words(arguments, words):
    with pytest.raises(InputError, match=words):
        measure_widths(*arguments)
