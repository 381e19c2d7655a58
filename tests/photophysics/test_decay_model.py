"""Expected counts of a decay: against quadrature, sums over pulses, other bins, and limits known by hand."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammainc

from clustermodel.errors import InputError
from clustermodel.photophysics.decay_data import Decay, build_decay
from clustermodel.photophysics.decay_model import (
    DecayModel,
    DecayValues,
    pack_values,
    predict_counts,
    simulate_decay,
    unpack_values,
)
from clustermodel.photophysics.decay_pulse import GaussianResponse, InstantResponse
from clustermodel.photophysics.decay_response import build_response

EDGES = np.linspace(-4, 36, 81)  # bins of 0.5 ns


def pulse_counts(edges):
    """A lopsided pulse with an after-pulse and dark counts."""
    time = edges[:-1]
    shape = 2e4 * np.exp(-0.5 * (time / 0.7) ** 2) + 4e3 * np.exp(-0.5 * ((time - 2) / 0.8) ** 2)
    return np.round(shape) + 3


MEASURED = build_response(build_decay(EDGES[:-1], pulse_counts(EDGES), unit="ns"))
GAUSSIAN = GaussianResponse(fwhm_ns=1.3)
RESPONSES = {"instant": InstantResponse(), "gaussian": GAUSSIAN, "measured": MEASURED}

lifetimes = st.floats(0.05, 50)
shifts = st.floats(-1.7, 1.7)


def predict(response, values, edges=EDGES, **options):
    model = DecayModel(components=len(values.lifetimes_ns), response=response, **options)
    return predict_counts(model, edges, pack_values(values))


def density(response):
    """The response as a function, by hand."""
    if isinstance(response, GaussianResponse):
        sigma = response.fwhm_ns / (2 * np.sqrt(2 * np.log(2)))
        return lambda t: np.exp(-0.5 * (t / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    counts = response.counts - response.background
    ends = response.start_ns + response.width_ns * np.arange(counts.size + 1)

    def staircase(t):
        place = int(np.searchsorted(ends, t, side="right")) - 1
        return counts[place] / counts.sum() / response.width_ns if 0 <= place < counts.size else 0.0

    return staircase


def integrate(response, decay, low, high, breaks):
    """∫ dt over a bin of ∫ ds r(s) f(t - s), the order of integrals exchanged: f has a known integral."""
    points = sorted({*breaks, low, high})
    total = 0.0
    for left, right in itertools.pairwise(points):
        total += quad(
            lambda s: density(response)(s) * (decay(high - s) - decay(low - s)), left, right, epsabs=1e-13
        )[0]
    return total


# ------------------------------------------------------------------------------- against quadrature


@settings(max_examples=12)
@given(lifetimes, shifts, st.integers(0, 79))
def test_gaussian_convolution_is_that_of_quadrature(lifetime, shift, place):
    low, high = EDGES[place] - shift, EDGES[place + 1] - shift
    breaks = np.linspace(-5, 5, 21)
    wanted = integrate(GAUSSIAN, lambda t: -np.expm1(-max(t, 0) / lifetime), low, high, breaks)
    found, _ = predict(GAUSSIAN, DecayValues(lifetimes_ns=(lifetime,), photons=(1.0,), shift_ns=shift))
    assert found[place] == pytest.approx(wanted, rel=1e-8, abs=1e-11)  # what quad asks for, 20 pieces


@settings(max_examples=12)
@given(lifetimes, shifts, st.integers(0, 79))
def test_measured_convolution_is_that_of_quadrature(lifetime, shift, place):
    low, high = EDGES[place] - shift, EDGES[place + 1] - shift
    breaks = MEASURED.start_ns + MEASURED.width_ns * np.arange(MEASURED.counts.size + 1)
    wanted = integrate(MEASURED, lambda t: -np.expm1(-max(t, 0) / lifetime), low, high, breaks)
    found, _ = predict(MEASURED, DecayValues(lifetimes_ns=(lifetime,), photons=(1.0,), shift_ns=shift))
    assert found[place] == pytest.approx(wanted, rel=1e-8, abs=1e-11)  # what quad asks for, 20 pieces


@pytest.mark.parametrize("name", ["instant", "gaussian", "measured"])
@pytest.mark.parametrize("stretching", [0.4, 0.7, 1.4])
def test_stretched_convolution_is_that_of_quadrature(name, stretching):
    response, lifetime, shift = RESPONSES[name], 2.0, 0.0 if name == "instant" else 0.37

    def decay(time):
        return gammainc(1 / stretching, (max(time, 0.0) / lifetime) ** stretching)

    area = quad(lambda t: np.exp(-((t / lifetime) ** stretching)), 0, np.inf, limit=200)[0]
    until = quad(lambda t: np.exp(-((t / lifetime) ** stretching)), 0, 3.0)[0]
    assert decay(3.0) == pytest.approx(until / area, rel=1e-7)  # what quad asks for
    model = DecayModel(stretched=True, response=response)
    values = DecayValues(lifetimes_ns=(lifetime,), photons=(1.0,), shift_ns=shift, stretching=stretching)
    found, _ = predict_counts(model, EDGES, pack_values(values))
    for place in (8, 9, 11, 20, 60):
        low, high = EDGES[place] - shift, EDGES[place + 1] - shift
        if name == "instant":
            wanted = decay(high) - decay(low)
        else:
            breaks = np.linspace(-5, 5, 21) if name == "gaussian" else np.arange(-4, 36.1, 0.5)
            wanted = integrate(response, decay, low, high, breaks)
        assert found[place] == pytest.approx(wanted, abs=3e-6)  # staircase that stands for a Gaussian


def test_gaussian_staircase_is_as_good_as_the_exact_formula():
    """A stretched exponential with β = 1 takes the other way through the code."""
    for fwhm in (0.05, 0.4, 1.3, 6.0):
        values = DecayValues(lifetimes_ns=(3.0,), photons=(1.0,), shift_ns=0.21)
        model = DecayModel(response=GaussianResponse(fwhm_ns=fwhm))
        straight, _ = predict_counts(model, EDGES, pack_values(values))
        bent, _ = predict_counts(dataclasses.replace(model, stretched=True), EDGES, pack_values(values))
        assert bent == pytest.approx(straight, abs=1e-5 * straight.max())  # pieces of σ/10


# ------------------------------------------------------------------------------------- invariances


@settings(max_examples=25)
@given(st.sampled_from(sorted(RESPONSES)), lifetimes, shifts, st.integers(2, 5))
def test_coarse_bins_are_sums_of_fine_ones(name, lifetime, shift, factor):
    values = DecayValues(
        lifetimes_ns=(lifetime, 3 * lifetime), photons=(700.0, 300.0), background=0.3, shift_ns=shift
    )
    coarse = np.linspace(-4, 36, 61)
    fine = np.linspace(-4, 36, 60 * factor + 1)
    few = predict(RESPONSES[name], values, coarse)[0]
    many = predict(RESPONSES[name], dataclasses.replace(values, background=0.3 / factor), fine)[0]
    assert many.reshape(60, factor).sum(axis=1) == pytest.approx(few, rel=1e-9, abs=1e-9)  # rounding


@settings(max_examples=20)
@given(st.sampled_from(sorted(RESPONSES)), st.floats(0.05, 3), shifts, st.floats(0.5, 1.5))
def test_every_photon_arrives_once(name, lifetime, shift, stretching):
    edges = np.linspace(-10, 3000, 302)
    values = DecayValues(lifetimes_ns=(lifetime,), photons=(1.0,), shift_ns=shift, stretching=stretching)
    for stretched in (False, True):
        model = DecayModel(stretched=stretched, response=RESPONSES[name])
        if stretched and name == "measured":
            continue  # its own bins: tested above
        assert predict_counts(model, edges, pack_values(values))[0].sum() == pytest.approx(1, abs=1e-9)
        # Behind 3000 ns there are (1 + √1000) exp(-√1000) = 6e-13 of the photons for β = 0.5 and τ = 3 ns.


@settings(max_examples=20)
@given(st.sampled_from(["gaussian", "measured"]), lifetimes, st.integers(1, 6))
def test_later_pulse_is_the_same_decay_later(name, lifetime, bins):
    early = DecayValues(lifetimes_ns=(lifetime,), photons=(1.0,), shift_ns=0.1)
    late = dataclasses.replace(early, shift_ns=0.1 + 0.5 * bins)
    first, second = predict(RESPONSES[name], early)[0], predict(RESPONSES[name], late)[0]
    assert second[bins:] == pytest.approx(first[:-bins], rel=1e-9, abs=1e-11)  # rounding


@pytest.mark.parametrize("name", ["gaussian", "measured"])
def test_nothing_comes_before_the_pulse_and_nothing_wraps_around(name):
    """A circular convolution would bring the end of a long decay back to its beginning."""
    values = DecayValues(lifetimes_ns=(40.0,), photons=(1e6,), shift_ns=8.0)
    found = predict(RESPONSES[name], values)[0]
    assert found[:6].max() < 1  # -4 to -1 ns, seven widths of the response before the pulse
    assert found[-1] > 1000  # while the end is far from dark


@pytest.mark.parametrize("name", ["instant", "gaussian", "measured"])
@pytest.mark.parametrize("lifetime", [3.0, 40.0, 300.0])
def test_earlier_pulses_are_the_sum_over_them(name, lifetime):
    edges, period = EDGES, 43.0
    values = DecayValues(lifetimes_ns=(lifetime,), photons=(1e4,), shift_ns=0.2)
    found = predict(RESPONSES[name], values, edges, period_ns=period)[0]
    last = int(30 * lifetime / period) + 1  # exp(-30) of the light is left
    shifted = [dataclasses.replace(values, shift_ns=0.2 - k * period) for k in range(last + 1)]
    wanted = sum(predict(RESPONSES[name], one, edges)[0] for one in shifted)
    assert found == pytest.approx(wanted, rel=1e-6, abs=1e-9)  # what 30 lifetimes leave out


def test_one_period_holds_all_photons_of_a_pulse():
    edges = np.linspace(-4, 36, 81)
    values = DecayValues(lifetimes_ns=(90.0,), photons=(1e4,), shift_ns=0.2)
    found = predict(GAUSSIAN, values, edges, period_ns=40.0)[0]
    assert found.sum() == pytest.approx(1e4, rel=1e-9)  # rounding


def test_exponential_by_hand():
    found = predict(
        InstantResponse(), DecayValues(lifetimes_ns=(2.0,), photons=(100.0,)), np.array([0, 2, 4.0])
    )
    assert found[0] == pytest.approx([100 * (1 - np.exp(-1)), 100 * (np.exp(-1) - np.exp(-2))])


def test_a_broad_response_hides_a_short_lifetime():
    """For τ far below the response, the decay is the response itself."""
    found = predict(GAUSSIAN, DecayValues(lifetimes_ns=(1e-4,), photons=(1.0,)))[0]
    wanted = np.diff(GAUSSIAN.convolve(EDGES, 1.0).integral)
    assert found == pytest.approx(wanted, abs=1e-4)  # τ over the width


# ------------------------------------------------------------------------------------- derivatives


@settings(max_examples=25)
@given(
    st.sampled_from(["gaussian", "measured"]),
    st.tuples(st.floats(0.2, 2), st.floats(3, 60)),
    st.floats(-0.24, 0.24),  # inside of one bin: at its edges the second derivative jumps
    st.sampled_from([None, 45.0]),
)
def test_derivatives_of_exponentials(name, taus, shift, period):
    model = DecayModel(components=2, response=RESPONSES[name], period_ns=period)
    vector = pack_values(
        DecayValues(lifetimes_ns=taus, photons=(1e4, 3e4), background=2.0, shift_ns=shift + 0.25)
    )
    check_derivatives(model, vector, [0, 1, 3, 4, 5, 6])


@settings(max_examples=10)
@given(st.sampled_from(sorted(RESPONSES)), st.floats(0.5, 10), st.floats(0.35, 1.6))
def test_derivatives_of_a_stretched_exponential(name, tau, stretching):
    model = DecayModel(stretched=True, response=RESPONSES[name])
    shift = 0.0 if name == "instant" else 0.3
    values = DecayValues(
        lifetimes_ns=(tau,), photons=(1e4,), background=2.0, shift_ns=shift, stretching=stretching
    )
    check_derivatives(model, pack_values(values), [0, 1, 3, 4] + [2] * (name != "instant"))


def check_derivatives(model, vector, places):
    _, found = predict_counts(model, EDGES, vector)
    for place in places:
        step = np.zeros_like(vector)
        step[place] = 1e-5 * max(1.0, abs(vector[place]))
        change = (
            predict_counts(model, EDGES, vector + step)[0] - predict_counts(model, EDGES, vector - step)[0]
        )
        wanted = change / (2 * step[place])
        # Square of the step, and rounding of counts over it.
        assert found[:, place] == pytest.approx(wanted, abs=3e-6 * np.abs(found[:, place]).max() + 1e-9)


# ---------------------------------------------------------------------------------- values and files


@given(
    st.lists(st.tuples(st.floats(1e-3, 1e6), st.floats(0, 1e9)), min_size=1, max_size=4),
    st.floats(0, 100),
    st.floats(-10, 10),
)
def test_vectors_and_values_are_the_same(parts, background, shift):
    parts = sorted(parts)
    values = DecayValues(
        lifetimes_ns=tuple(p[0] for p in parts),
        photons=tuple(p[1] for p in parts),
        background=background,
        shift_ns=shift,
    )
    back = unpack_values(pack_values(values))
    assert back.lifetimes_ns == pytest.approx(values.lifetimes_ns, rel=1e-12)  # rounding of exp(ln x)
    assert sorted(back.photons) == sorted(values.photons)
    assert (back.background, back.shift_ns) == (background, shift)


def test_simulated_counts_scatter_as_poisson_counts():
    values = DecayValues(lifetimes_ns=(5.0,), photons=(1e5,), background=1.0)
    model, edges = DecayModel(), np.linspace(0, 40, 81)
    expected, _ = predict_counts(model, edges, pack_values(values))
    draws = np.array([simulate_decay(model, values, edges, seed=seed).counts for seed in range(400)])
    # 400 draws: the mean is known to σ/20, the variance to 7 %; 80 bins reach three times that.
    assert np.abs((draws.mean(axis=0) - expected) / np.sqrt(expected)).max() < 3.5 / 20
    assert draws.var(axis=0, ddof=1) / expected == pytest.approx(np.ones(80), abs=0.28)
    assert np.array_equal(simulate_decay(model, values, edges, seed=3).counts, draws[3])


def test_measured_response_is_cut_to_the_pulse_and_loses_its_dark_counts():
    rng = np.random.default_rng(5)
    time = np.arange(2000) * 0.02
    shape = 3000 * np.exp(-0.5 * ((time - 6) / 0.1) ** 2)
    response = build_response(build_decay(time, rng.poisson(shape + 4), unit="ns"))
    assert response.background == pytest.approx(4, abs=0.15)  # three times 2/√2000
    assert response.fwhm_ns == pytest.approx(0.2355, rel=0.03)  # noise of 3000 counts at half height
    end = response.start_ns + response.width_ns * response.counts.size
    assert 5.3 < response.start_ns < 5.8
    assert 6.2 < end < 6.7
    assert response.counts.sum() - response.background * response.counts.size == pytest.approx(
        shape.sum(), rel=0.03
    )  # three times 1/√38000, and the dark counts


@pytest.mark.parametrize(
    ("counts", "background", "words"),
    [
        (np.full(50, 3), None, "at least 1000 are needed"),
        (np.arange(50) * 100, -1.0, "background of -1"),
        (np.arange(50) * 100, 5000.0, "at least 1000 are needed"),
    ],
)
def test_bad_responses_are_refused_in_words(counts, background, words):
    with pytest.raises(InputError, match=words):
        build_response(build_decay(np.arange(50), counts, unit="ns"), background=background)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"components": 0}, "1 or more"),
        ({"components": 2, "stretched": True}, "one stretched"),
        ({"period_ns": -1.0}, "positive time"),
        ({"period_ns": 50.0, "stretched": True}, "exponentials alone"),
        ({"background": -1.0}, "zero or more"),
    ],
)
def test_bad_models_are_refused_in_words(options, words):
    with pytest.raises(InputError, match=words):
        DecayModel(**options)


def test_bad_values_are_refused_in_words():
    with pytest.raises(InputError, match="one for each"):
        DecayValues(lifetimes_ns=(1.0, 2.0), photons=(1.0,))
    with pytest.raises(InputError, match="positive numbers"):
        DecayValues(lifetimes_ns=(-1.0,), photons=(1.0,))
    with pytest.raises(InputError, match="positive time"):
        GaussianResponse(fwhm_ns=0.0)
    with pytest.raises(InputError, match="positive width"):
        Decay(name="a", unit="ns", start_ns=0.0, width_ns=0.0, counts=np.ones(30))
