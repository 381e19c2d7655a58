"""What a decay does not determine is said: components, bounds, averages, wrong models, wrong noise."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from clustermodel.errors import InputError
from clustermodel.photophysics.decay import DecaySettings, measure_decay
from clustermodel.photophysics.decay_averages import measure_averages
from clustermodel.photophysics.decay_bootstrap import simulate_refits
from clustermodel.photophysics.decay_data import build_decay
from clustermodel.photophysics.decay_fit import fit_decay, list_components
from clustermodel.photophysics.decay_goodness import measure_goodness
from clustermodel.photophysics.decay_interval import find_intervals
from clustermodel.photophysics.decay_model import DecayModel, DecayValues, simulate_decay
from clustermodel.photophysics.decay_pulse import GaussianResponse
from clustermodel.photophysics.decay_response import build_response
from clustermodel.photophysics.decay_selection import compare_models

TIMES = np.linspace(0, 50, 201)
GAUSSIAN = GaussianResponse(fwhm_ns=0.5)
ONE = DecayValues(lifetimes_ns=(4.0,), photons=(1e5,), background=1.0, shift_ns=3.0)
TWO = DecayValues(lifetimes_ns=(1.0, 5.0), photons=(5e4, 1e5), background=1.0, shift_ns=3.0)


def draw(values, seed=0, response=GAUSSIAN, edges=TIMES):
    model = DecayModel(components=len(values.lifetimes_ns), response=response)
    return simulate_decay(model, values, edges, seed=seed)


def fit(decay, components, **options):
    return fit_decay(decay, DecayModel(components=components, response=GAUSSIAN, **options))


# ------------------------------------------------------------------------------ number of components


@pytest.mark.parametrize(("values", "number"), [(ONE, 1), (TWO, 2)])
def test_the_right_number_of_components_is_chosen(values, number):
    """BIC with 10^5 photons asks for a deviance lower by 23: χ² of two has that once in 10^5."""
    for seed in range(4):
        best = compare_models(draw(values, seed), DecayModel(response=GAUSSIAN), most=3)[0]
        assert best.fit.model.components == number


def test_a_stretched_exponential_is_told_from_two():
    model = DecayModel(stretched=True, response=GAUSSIAN)
    values = dataclasses.replace(ONE, stretching=0.6, photons=(5e5,))
    decay = simulate_decay(model, values, TIMES, seed=1)
    names = [one.name for one in compare_models(decay, model, most=2, stretched=True)]
    assert names[0] == "stretched exponential"


def test_candidates_are_ordered_and_nested_models_never_fit_worse():
    found = compare_models(draw(TWO), DecayModel(response=GAUSSIAN), most=4)
    assert found[0].bic_above_best == 0
    assert all(a.bic_above_best <= b.bic_above_best for a, b in itertools.pairwise(found))
    by_number = sorted(found, key=lambda one: one.fit.model.components)
    for small, large in itertools.pairwise(by_number):
        assert large.fit.deviance <= small.fit.deviance + 1e-3  # where searches stop
        assert large.fit.parameters == small.fit.parameters + 2


def test_too_many_components_are_said_to_be_unresolved():
    analysis = measure_decay(
        draw(TWO), DecaySettings(model=DecayModel(components=3, response=GAUSSIAN), choose=False)
    )
    assert len(analysis.components) == 3
    assert {one.verdict for one in analysis.intervals} & {"not resolved", "no amplitude", "too short"}
    assert any("ask for another model: 2 exponentials" in note for note in analysis.notes)


def test_a_pair_of_lifetimes_needs_photons():
    """1.0 and 1.5 ns: 2000 photons do not tell them apart, 10^7 do."""
    for photons, verdicts in ((1e3, {"not resolved", "no amplitude"}), (5e6, {"determined"})):
        values = dataclasses.replace(TWO, lifetimes_ns=(1.0, 1.5), photons=(photons, photons))
        intervals = find_intervals(fit(draw(values, 3), 2))
        assert {one.verdict for one in intervals} & verdicts
        assert ({one.verdict for one in intervals} == {"determined"}) == (photons > 1e6)


# ---------------------------------------------------------------------------------------- bounds


def test_a_lifetime_below_the_response_is_a_bound():
    values = dataclasses.replace(TWO, lifetimes_ns=(0.005, 5.0), photons=(2e4, 1e5))
    for seed in range(3):
        found = fit(draw(values, seed), 2)
        intervals = find_intervals(found)
        assert [one.verdict for one in intervals] == ["too short", "determined"]
        assert intervals[0].high_ns > 0.005  # the bound holds the truth
        averages = measure_averages(found, intervals)
        assert (averages.amplitude_verdict, averages.intensity_verdict) == ("upper bound", "determined")
        true = (2e4 + 1e5) / (2e4 / 0.005 + 1e5 / 5)
        assert true < averages.amplitude_bound_ns < 5
        assert averages.amplitude_without_short_ns == pytest.approx(found.values.lifetimes_ns[1], rel=1e-12)


def test_a_short_lifetime_is_no_twin_of_a_long_one():
    """However uncertain its logarithm is: its interval does not reach the neighbour."""
    values = DecayValues(
        lifetimes_ns=(0.004, 1.0, 4.0), photons=(3e4, 3e5, 6e5), background=3.0, shift_ns=3.0
    )
    edges = np.linspace(0, 50, 1001)
    decay = simulate_decay(DecayModel(components=3, response=GAUSSIAN), values, edges, seed=2)
    verdicts = [one.verdict for one in find_intervals(fit(decay, 3))]
    assert verdicts == ["too short", "determined", "determined"]


def test_a_lifetime_beyond_the_window_is_a_bound():
    values = dataclasses.replace(TWO, lifetimes_ns=(4.0, 400.0), photons=(1e5, 2e5), background=0.1)
    found = fit(draw(values, 1), 2)
    intervals = find_intervals(found)
    assert [one.verdict for one in intervals] == ["determined", "too long"]
    assert intervals[1].low_ns < 400
    averages = measure_averages(found, intervals)
    assert (averages.amplitude_verdict, averages.intensity_verdict) == ("lower bound", "lower bound")
    assert averages.intensity_bound_ns < (1e5 * 4 + 2e5 * 400) / 3e5


def test_a_flat_histogram_has_no_decay():
    counts = np.random.default_rng(1).poisson(np.full(300, 20.0))
    for response in (DecayModel().response, GAUSSIAN):
        analysis = measure_decay(
            build_decay(np.arange(300) * 0.1, counts, unit="ns"),
            DecaySettings(model=DecayModel(response=response)),
        )
        assert analysis.intervals[0].verdict == "no amplitude"
        assert analysis.averages.amplitude_verdict == "not determined"
        assert any("No decay stands out" in note for note in analysis.notes)


@pytest.mark.parametrize("seed", range(3))
def test_a_window_without_the_pulse_does_not_give_amplitudes(seed):
    analysis = measure_decay(
        draw(ONE, seed), DecaySettings(model=DecayModel(response=GAUSSIAN), window_ns=(8.0, 50.0), most=1)
    )
    (component,), (interval,) = analysis.components, analysis.intervals
    assert interval.verdict == "determined"
    assert abs(component.lifetime_ns - 4) < 4 * component.lifetime_su_ns  # chance 1e-4
    assert any("does not show when the pulse comes" in note for note in analysis.notes)


def test_a_background_at_its_bound_is_said():
    """With no dark counts at all, non-negative backgrounds shorten lifetimes by a quarter of their s.u."""
    values = dataclasses.replace(ONE, photons=(1500.0,), background=0.0, shift_ns=0.0)
    edges = np.linspace(0, 30, 257)
    off, bounded = [], []
    for seed in range(100):
        decay = simulate_decay(DecayModel(), values, edges, seed=seed)
        fits = [fit_decay(decay, DecayModel(background=given), window_ns=(0, 30)) for given in (None, 0.0)]
        bounded += [seed] * (fits[0].values.background == 0)
        off.append([(one.values.lifetimes_ns[0] - 4) / (4 / np.sqrt(1500)) for one in fits])
    fitted, given_zero = np.mean(off, axis=0)
    assert 30 < len(bounded) < 70  # about half
    assert fitted == pytest.approx(-0.25, abs=3 / np.sqrt(100))  # a mean of 100 numbers with s.d. 1
    assert fitted < given_zero  # the same counts
    analysis = measure_decay(
        simulate_decay(DecayModel(), values, edges, seed=bounded[0]), DecaySettings(most=1, window_ns=(0, 30))
    )
    assert any("background is zero, its bound" in note for note in analysis.notes)


# --------------------------------------------------------------------------------------- averages


@settings(max_examples=6)
@given(
    st.lists(
        st.tuples(st.floats(0.5, 20), st.floats(1e5, 1e6)), min_size=1, max_size=3, unique_by=lambda p: p[0]
    )
)
def test_averages_are_integrals_over_the_decay(parts):
    parts = sorted(parts)
    values = DecayValues(
        lifetimes_ns=tuple(p[0] for p in parts),
        photons=tuple(p[1] for p in parts),
        background=1.0,
        shift_ns=3.0,
    )
    found = fit(draw(values), len(parts))

    def light(t):
        pairs = zip(found.values.lifetimes_ns, found.values.photons, strict=True)
        return sum(n / tau * np.exp(-t / tau) for tau, n in pairs)

    longest = 60 * max(found.values.lifetimes_ns)
    pieces = np.append(0, np.geomspace(1e-3, longest, 30))
    area = sum(quad(light, a, b)[0] for a, b in itertools.pairwise(pieces))
    moment = sum(quad(lambda t: t * light(t), a, b)[0] for a, b in itertools.pairwise(pieces))
    averages = measure_averages(found)
    assert averages.amplitude_ns == pytest.approx(area / light(0), rel=1e-7)  # what quad asks for
    assert averages.intensity_ns == pytest.approx(moment / area, rel=1e-7)  # what quad asks for
    assert averages.amplitude_ns <= averages.intensity_ns * (1 + 1e-9)  # always; rounding for one component
    if len(parts) == 1:
        assert averages.kind == "single"
        assert averages.amplitude_su_ns == pytest.approx(list_components(found)[0].lifetime_su_ns, rel=1e-5)


@pytest.mark.parametrize("response", ["gaussian", "measured"])
def test_a_window_with_the_pulse_gives_them(response):
    chosen = GAUSSIAN
    if response == "measured":
        pulse = np.round(1e5 * np.exp(-0.5 * ((TIMES[:-1] - 3) / 0.3) ** 2))
        chosen = build_response(build_decay(TIMES[:-1], pulse, unit="ns"))
    values = dataclasses.replace(ONE, shift_ns=0.1 if response == "measured" else 3.0)
    decay = simulate_decay(DecayModel(response=chosen), values, TIMES, seed=1)
    notes = measure_decay(decay, DecaySettings(model=DecayModel(response=chosen), most=1)).notes
    assert notes == ()


def test_averages_of_a_stretched_exponential():
    values = dataclasses.replace(ONE, stretching=0.7)
    model = DecayModel(stretched=True, response=GAUSSIAN)
    found = fit_decay(simulate_decay(model, values, TIMES, seed=1), model)
    tau, beta = found.values.lifetimes_ns[0], found.values.stretching

    def light(t):
        return np.exp(-((t / tau) ** beta))

    averages = measure_averages(found)
    area = quad(light, 0, np.inf)[0]
    assert averages.amplitude_ns == pytest.approx(area, rel=1e-6)  # what quad asks for
    assert averages.intensity_ns == pytest.approx(quad(lambda t: t * light(t), 0, np.inf)[0] / area, rel=1e-6)
    assert averages.kind == "stretched"


def test_shares_add_up_and_amplitudes_are_photons_over_lifetimes():
    parts = list_components(fit(draw(TWO), 2))
    assert sum(one.share for one in parts) == pytest.approx(1, abs=1e-12)  # rounding
    assert sum(one.amplitude for one in parts) == pytest.approx(1, abs=1e-12)  # rounding
    ratio = (parts[0].photons / parts[0].lifetime_ns) / (parts[1].photons / parts[1].lifetime_ns)
    assert parts[0].amplitude / parts[1].amplitude == pytest.approx(ratio, rel=1e-12)  # rounding
    assert parts[0].share_su == pytest.approx(parts[1].share_su, rel=1e-6)  # their sum is 1


# --------------------------------------------------------------------------------- goodness of fit


def test_goodness_of_right_models_is_that_of_chance():
    """Deviance, neighbours and runs are standard normal numbers, from one count in a bin to thousands."""
    rows = []
    for seed, photons in itertools.product(range(15), (1500.0, 1e6)):
        values = dataclasses.replace(ONE, photons=(photons,), background=0.2)
        goodness = measure_goodness(fit(draw(values, seed), 1))
        rows.append([goodness.deviance_z, goodness.neighbour_z, goodness.runs_z])
        assert goodness.pearson_per_dof == pytest.approx(1, abs=0.5)  # 200 bins, few of them full
        assert goodness.is_good
    # Means of 30 numbers, three times 0.18; standard deviations, three times 13 %.
    assert np.mean(rows, axis=0) == pytest.approx(np.zeros(3), abs=0.55)
    assert np.std(rows, axis=0) == pytest.approx(np.ones(3), abs=0.4)


def test_a_missing_component_shows():
    goodness = measure_goodness(fit(draw(TWO), 1))
    assert goodness.deviance_z > 10
    assert goodness.neighbour_z > 5
    assert goodness.runs_z < -5
    assert "does not describe" in goodness.verdict


def test_smoothed_counts_are_noticed():
    decay = draw(ONE)
    smooth = dataclasses.replace(decay, counts=np.convolve(decay.counts, np.ones(5) / 5, mode="same"))
    analysis = measure_decay(
        smooth, DecaySettings(model=DecayModel(response=GAUSSIAN), window_ns=(6, 48), most=1)
    )
    assert "scatter less than photons" in analysis.goodness.verdict
    assert any("not whole numbers" in note for note in analysis.notes)


# --------------------------------------------------------------------------------------- bootstrap


def test_bootstrap_agrees_with_the_information():
    found = fit(draw(TWO), 2)
    calls = []
    scatter = simulate_refits(found, samples=100, seed=1, advance=lambda: calls.append(1))
    assert len(calls) == 100
    averages, parts = measure_averages(found), list_components(found)
    stated = [
        *(one.lifetime_su_ns for one in parts),
        averages.amplitude_su_ns,
        averages.intensity_su_ns,
    ]
    assert [one.sd for one in scatter.estimates] == pytest.approx(stated, rel=3 / np.sqrt(200))  # 100 draws
    for one, su in zip(scatter.estimates, stated, strict=True):
        assert one.low < one.value < one.high
        assert abs(one.bias) < 4 * su / 10  # four times the error of the mean of 100
    assert 0.02 < scatter.deviance_chance < 0.98  # the model is right
    assert simulate_refits(found, samples=20, seed=1) == simulate_refits(found, samples=20, seed=1)


def test_bootstrap_contains_the_noise_of_a_measured_response():
    """Against repeated measurements of both: the pulse has a hundredth of the photons of the decay."""
    time = np.linspace(0, 25, 129)
    shape = np.exp(-0.5 * ((time[:-1] - 3) / 0.3) ** 2)
    values = DecayValues(lifetimes_ns=(1.0,), photons=(3e5,), background=1.0)

    def measure(photons, seed):
        true = build_response(build_decay(time[:-1], 1e9 * shape, unit="ns"), background=0.0)
        decay = simulate_decay(DecayModel(response=true), values, time, seed=seed)
        pulse = np.random.default_rng(1000 + seed).poisson(photons * shape / shape.sum())
        response = build_response(build_decay(time[:-1], pulse, unit="ns"), background=0.0)
        return fit_decay(decay, DecayModel(response=response))

    repeated = np.std([measure(3e3, seed).values.lifetimes_ns[0] for seed in range(40)], ddof=1)
    found = measure(3e3, 0)
    scatter = simulate_refits(found, samples=40).estimates[0].sd
    assert scatter == pytest.approx(repeated, rel=0.45)  # three times the error of 40 draws, twice
    assert scatter > 1.5 * list_components(found)[0].lifetime_su_ns  # which holds for a known response


def test_bootstrap_shows_that_a_wrong_model_is_wrong():
    scatter = simulate_refits(fit(draw(TWO), 1), samples=20)
    assert scatter.deviance_chance == 0
    with pytest.raises(InputError, match="20 or more"):
        simulate_refits(fit(draw(ONE), 1), samples=5)


def test_bootstrap_of_a_stretched_exponential_has_its_exponent():
    model = DecayModel(stretched=True)
    values = dataclasses.replace(ONE, stretching=0.7, shift_ns=0.0)
    edges = np.linspace(0, 50, 101)
    found = fit_decay(simulate_decay(model, values, edges, seed=1), model, window_ns=(0, 50))
    estimates = {one.name: one for one in simulate_refits(found, samples=20).estimates}
    exponent = estimates["stretching exponent"]
    assert exponent.unit == ""
    su = found.find_su(found.problem.layout.stretching)
    assert exponent.sd == pytest.approx(su, rel=3 / np.sqrt(40))  # 20 draws


def test_exponents_are_judged():
    model = DecayModel(stretched=True, response=GAUSSIAN)
    settings_of = DecaySettings(model=model, choose=False, most=1)
    notes = measure_decay(draw(ONE), settings_of).notes
    assert any("that of a single exponential" in note for note in notes)
    values = dataclasses.replace(ONE, stretching=1.4)
    notes = measure_decay(simulate_decay(model, values, TIMES, seed=1), settings_of).notes
    assert any("no distribution of lifetimes" in note for note in notes)
