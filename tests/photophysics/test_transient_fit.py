"""Global fits: simulated maps give their truth back, equivalent models agree, as does another program."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.errors import InputError
from clustermodel.io.transient_map import TransientMap
from clustermodel.io.transient_readers import read_transient_map
from clustermodel.photophysics.transient_fit import build_problem, fit_transient
from clustermodel.photophysics.transient_problem import Point
from clustermodel.photophysics.transient_result import FitSettings
from clustermodel.photophysics.transient_scheme import (
    KineticScheme,
    Transfer,
    build_parallel,
    build_sequential,
)
from clustermodel.photophysics.transient_simulation import simulate_transient
from clustermodel.photophysics.transient_solver import build_bounds, solve_problem
from clustermodel.photophysics.transient_time_zero import (
    build_dispersion_basis,
    convert_dispersion,
    find_time_zero,
)
from tests.datafiles import ROOT, data_path

REFERENCE = json.loads((ROOT / "tests" / "data" / "transient_pyglotaran.json").read_text())["fits"]


STEP = 5  # of the wavelengths: a fifth of the work


def thin(data, step=STEP):
    """Return a part of the wavelengths."""
    return data.take(np.ones(data.delay_ps.size, dtype=bool), np.arange(data.wavelength.size) % step == 0)


def simulate(lifetimes, **choices):
    data, truth = simulate_transient(lifetimes_ps=lifetimes, **choices)
    return thin(data), truth


CHAIN = KineticScheme(
    kind="target",
    species=("a", "b", "c"),
    rates=("k1", "k2", "k3"),
    transfers=(Transfer(0, 1, 0), Transfer(1, 2, 1), Transfer(2, None, 2)),
    initial=(1.0, 0.0, 0.0),
    start_ps=(1.0, 10.0, 100.0),
    fixed=(False, False, False),
)
BACK = KineticScheme(
    kind="target",
    species=("a", "b"),
    rates=("k1", "k2", "k3"),
    transfers=(Transfer(0, 1, 0), Transfer(1, 0, 1), Transfer(1, None, 2)),
    initial=(1.0, 0.0),
    start_ps=(1.0, 5.0, 50.0),
    fixed=(False, True, False),
)


# ---------------------------------------------------------------------------------------------- random truths


@settings(max_examples=3, deadline=None)
@given(st.floats(0.25, 1.0), st.floats(4.0, 12.0), st.floats(4.0, 12.0), st.booleans(), st.integers(0, 10**6))
def test_random_truths_are_found_back(first, ratio, second_ratio, sequential, seed):
    lifetimes = [first, first * ratio, first * ratio * second_ratio]
    scheme = (build_sequential if sequential else build_parallel)(3)
    data, truth = simulate(lifetimes, scheme=scheme, noise=0.002, seed=seed)
    fit = fit_transient(data, scheme)
    # Five standard uncertainties of the fit itself; they are checked by the test of coverage.
    assert (np.abs(fit.time_constants_ps - lifetimes) < 5 * fit.time_constants_su_ps).all()
    assert fit.irf_fwhm_ps == pytest.approx(truth.irf_fwhm_ps, rel=0.02)  # five of its uncertainties
    assert np.abs(fit.time_zero_ps - truth.time_zero_ps[::STEP]).max() < 0.02  # a tenth of the response
    assert fit.rms == pytest.approx(
        0.002 * 0.01, rel=0.1
    )  # noise, less what 6 amplitudes at each wavelength take


def test_species_spectra_are_those_of_the_truth():
    data, truth = simulate((0.5, 8.0, 200.0), scheme=build_sequential(3), noise=0.001, seed=2)
    fit = fit_transient(data, build_sequential(3))
    np.testing.assert_allclose(
        fit.species_spectra, truth.spectra[:, ::STEP], atol=0.02 * np.abs(truth.spectra).max()
    )  # twenty times the noise: the first species lives about as long as the response


@pytest.mark.parametrize(("noise", "most"), [(0.01, 0.05), (0.05, 0.1)])
def test_time_zero_is_found_without_a_start(noise, most):
    data, truth = simulate((2.0, 80.0), noise=noise, seed=4)
    curve = find_time_zero(data)
    assert np.abs(curve.time_zero_ps - truth.time_zero_ps[::STEP]).max() < most  # of a response of 0.2 ps


def test_dispersion_in_powers_is_the_same_curve():
    wavelength = np.linspace(480, 710, 50)
    coefficients = np.array([0.5, 0.3, -0.1, 0.05])
    centre, powers = convert_dispersion(coefficients, (480.0, 710.0))
    assert centre == 595
    np.testing.assert_allclose(
        np.polynomial.polynomial.polyval((wavelength - centre) / 100, powers),
        build_dispersion_basis(wavelength, 3) @ coefficients,
        rtol=1e-12,
    )  # rounding


# ------------------------------------------------------------------------------------------------ invariances


@pytest.fixture(scope="module")
def parallel():
    data, _ = simulate((0.5, 8.0, 200.0), noise=0.01, seed=6)
    return data, fit_transient(data, build_parallel(3))


def rebuild(data, **changes):
    parts = {name: getattr(data, name) for name in ("name", "layout", "wavelength", "delay_ps", "signal")}
    return TransientMap(**{**parts, **changes})


def test_a_shift_of_the_delays_moves_time_zero_alone(parallel):
    data, fit = parallel
    moved = fit_transient(rebuild(data, delay_ps=data.delay_ps + 1.0), build_parallel(3))
    np.testing.assert_allclose(moved.time_constants_ps, fit.time_constants_ps, rtol=1e-4)  # of the search
    np.testing.assert_allclose(moved.time_zero_ps, fit.time_zero_ps + 1, atol=1e-4)  # of the search


def test_units_of_signal_and_time_do_not_matter(parallel):
    data, fit = parallel
    scaled = rebuild(data, delay_ps=data.delay_ps * 1000, signal=data.signal * -50)
    found = fit_transient(scaled, build_parallel(3))
    np.testing.assert_allclose(
        found.time_constants_ps, 1000 * fit.time_constants_ps, rtol=1e-4
    )  # of the search
    np.testing.assert_allclose(
        found.decay_spectra, -50 * fit.decay_spectra, atol=1e-3 * np.abs(50 * fit.decay_spectra).max()
    )  # of the search


def test_sequential_and_target_are_the_same_fit(parallel):
    """A chain with the same number of exponentials, as sequential scheme and as matrix of rate constants."""
    data, fit = parallel
    chain = fit_transient(data, build_sequential(3))
    target = fit_transient(data, CHAIN)
    for other in (chain, target):
        assert other.rms == pytest.approx(fit.rms, rel=1e-7)  # of the search
        np.testing.assert_allclose(other.time_constants_ps, fit.time_constants_ps, rtol=1e-4)  # of the search
        np.testing.assert_allclose(
            other.decay_spectra, fit.decay_spectra, atol=1e-3 * np.abs(fit.decay_spectra).max()
        )  # of the search
    np.testing.assert_allclose(
        target.species_spectra, chain.species_spectra, atol=1e-3 * np.abs(chain.species_spectra).max()
    )  # of the search
    # All species of a chain together are the first one at time zero: their spectra are sums of decay spectra.
    np.testing.assert_allclose(
        chain.species_spectra[0], chain.decay_spectra.sum(axis=0), atol=1e-9
    )  # rounding


def test_parallel_as_a_matrix_is_the_same_fit(parallel):
    data, fit = parallel
    target = replace(CHAIN, transfers=tuple(Transfer(i, None, i) for i in range(3)), initial=(1.0, 2.0, 0.5))
    found = fit_transient(data, target)
    np.testing.assert_allclose(found.time_constants_ps, fit.time_constants_ps, rtol=1e-4)  # of the search
    np.testing.assert_allclose(
        found.species_spectra * np.array([[1], [2], [0.5]]),
        fit.decay_spectra,
        atol=1e-3 * np.abs(fit.decay_spectra).max(),
    )  # of the search; half the amount has twice the spectrum


def test_a_reversible_scheme_is_found_back():
    data, truth = simulate((2.0, 5.0, 30.0), scheme=BACK, noise=0.005, seed=5)
    fit = fit_transient(data, BACK)
    assert fit.time_constants_ps[1] == 5.0  # held
    found, su = fit.time_constants_ps[[0, 2]], fit.time_constants_su_ps[[0, 2]]
    assert (np.abs(found - [2.0, 30.0]) < 5 * su).all()
    assert np.isnan(fit.time_constants_su_ps[1])
    scale = np.abs(truth.spectra).max()
    np.testing.assert_allclose(
        fit.species_spectra, truth.spectra[:, ::STEP], atol=0.03 * scale
    )  # six times the noise


def test_an_offset_is_a_decay_that_does_not_end(parallel):
    data, _ = simulate((2.0, np.inf), noise=0.005, seed=1)
    fit = fit_transient(data, build_parallel(1, offset=True))
    slow = fit_transient(data, build_parallel(2), FitSettings(lifetimes_ps=(2.0, 1e5)))
    assert np.isinf(fit.lifetimes_ps[-1])
    assert slow.time_constants_ps[1] > 1e4  # far beyond the last delay
    assert fit.time_constants_ps[0] == pytest.approx(
        slow.time_constants_ps[0], rel=1e-3
    )  # a part of its s.u.


def test_a_response_that_is_held_stays():
    data, truth = simulate((2.0, 80.0), noise=0.01)
    fit = fit_transient(data, build_parallel(2), FitSettings(irf_fwhm_ps=0.2, irf_fixed=True))
    assert fit.irf_fwhm_ps == pytest.approx(0.2, rel=1e-12)  # rounding
    assert np.isnan(fit.irf_fwhm_su_ps)
    assert np.abs(fit.time_zero_ps - truth.time_zero_ps[::STEP]).max() < 0.02  # a tenth of the response


def test_fits_hold_what_they_were_made_with(parallel):
    data, fit = parallel
    np.testing.assert_allclose(fit.fitted + fit.residual, data.signal, atol=1e-15)  # rounding
    assert fit.settings == FitSettings()
    assert fit.freedom == data.signal.size - 6 * data.wavelength.size - 8
    with pytest.raises(ValueError, match="read-only"):
        fit.fitted[0, 0] = 1


# -------------------------------------------------------------------------------------------- another program


def half_digit(text):
    """Return half of the last digit of a printed number."""
    return 0.5 * 10.0 ** -len(text.partition(".")[2])


@pytest.mark.parametrize(
    ("offset", "printed", "name"),
    [
        (False, ("0.0645", "2.010", "20.95", "50.67"), "hippius, 4 exponentials"),
        (True, ("0.0697", "1.750", "20.69", "50.22"), "hippius, 4 exponentials, offset"),
    ],
)
def test_the_measured_map_as_pyglotaran_fits_it(offset, printed, name):
    data = read_transient_map(data_path("photophysics/hippius2007.ascii"))
    settings = FitSettings(lifetimes_ps=(0.06, 2.0, 20.0, 50.0))
    fit = fit_transient(data, build_parallel(4, offset=offset), settings)
    for found, text in zip(fit.time_constants_ps, printed, strict=True):
        assert found == pytest.approx(float(text), abs=half_digit(text))  # half of the last printed digit
    theirs = REFERENCE[name]
    squares = float((fit.residual**2).sum())
    assert squares == pytest.approx(theirs["sum_of_squares"], rel=1e-6)  # their search ends at 1e-8
    rates = np.array([theirs["parameters"][f"rates.k{i}"] for i in (1, 2, 3, 4)])
    relative = fit.time_constants_white_su_ps / fit.time_constants_ps
    np.testing.assert_allclose(relative, rates[:, 1] / rates[:, 0], rtol=0.08)  # they count curvature, too
    width, su = theirs["parameters"]["irf.width"]
    assert fit.irf_fwhm_ps / 2.35482 == pytest.approx(width, abs=su / 10)  # a tenth of its s.u.


@pytest.mark.parametrize(("name", "scheme"), [("chain", CHAIN), ("back", BACK)])
def test_simulated_maps_as_pyglotaran_fits_them(name, scheme):
    lifetimes = {"chain": (0.5, 8.0, 200.0), "back": (2.0, 5.0, 30.0)}[name]
    data, _ = simulate_transient(lifetimes_ps=lifetimes, scheme=scheme, noise=0.02, seed=5)
    fit = fit_transient(data, scheme)
    theirs = REFERENCE[f"simulated, {name}"]
    assert (fit.residual**2).sum() == pytest.approx(theirs["sum_of_squares"], rel=1e-7)  # their search: 1e-8
    for place, (rate, held) in enumerate(zip(scheme.rates, scheme.fixed, strict=True)):
        if not held:
            value, su = theirs["parameters"][f"rates.{rate}"]
            assert 1 / fit.time_constants_ps[place] == pytest.approx(value, abs=su / 20)  # a part of its s.u.
            found_su = fit.time_constants_white_su_ps[place] / fit.time_constants_ps[place]
            assert found_su == pytest.approx(su / value, rel=0.03)  # they count curvature, too


@pytest.mark.slow
def test_better_minima_than_the_start_are_found():
    """Without a start, four exponentials fit the measured map better: one of them hardly decays."""
    data = read_transient_map(data_path("photophysics/hippius2007.ascii"))
    fit = fit_transient(data, build_parallel(4))
    assert (fit.residual**2).sum() < 0.95 * REFERENCE["hippius, 4 exponentials"]["sum_of_squares"]
    assert fit.time_constants_ps[-1] > data.delay_ps[-1]


# -------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dispersion": 7}, "dispersion is 7"),
        ({"artifact": 4}, "artifact is 4"),
        ({"irf_fwhm_ps": -1.0}, "width of the response"),
        ({"irf_fixed": True}, "none is given"),
        ({"lifetimes_ps": (1.0,)}, "expected 2 positive numbers"),
        ({"lifetimes_ps": (1.0, np.inf)}, "expected 2 positive numbers"),
    ],
)
def test_wrong_settings_are_refused_in_words(parallel, changes, words):
    with pytest.raises(InputError, match=words):
        fit_transient(parallel[0], build_parallel(2), FitSettings(**changes))


def test_maps_with_holes_or_too_few_points_are_refused(parallel):
    data, _ = parallel
    signal = data.signal.copy()
    signal[3, 4] = np.nan
    with pytest.raises(InputError, match=r"1 values are not numbers, the first at -0\.88 ps and 540 nm"):
        fit_transient(data.with_signal(signal), build_parallel(2))
    few = data.take(np.arange(data.delay_ps.size) < 8, np.ones(data.wavelength.size, dtype=bool))
    with pytest.raises(
        InputError, match="found 8 delays; 2 components and 3 artifact terms need at least 11"
    ):
        fit_transient(few, build_parallel(2))
    with pytest.raises(InputError, match="at least 18 are needed to find time zero"):
        fit_transient(
            data.take(np.arange(data.delay_ps.size) < 14, np.ones(data.wavelength.size, dtype=bool)),
            build_parallel(2),
        )
    narrow = data.take(np.ones(data.delay_ps.size, dtype=bool), np.arange(data.wavelength.size) < 4)
    with pytest.raises(InputError, match="dispersion of order 3 needs at least 5"):
        fit_transient(narrow, build_parallel(2))


# ---------------------------------------------------------------------------------------------- uncertainties


def refit(data, count, start, sigma, zero):
    """Return the fit from the truth, quicker than a search."""
    from clustermodel.photophysics.transient_fit import _build_result

    problem = build_problem(data, build_parallel(count, offset=True), FitSettings())
    point = problem.pack(Point(1 / np.array(start), sigma, np.array(zero)))
    bounds = build_bounds(problem, sigma, fixed=np.zeros(point.size, dtype=bool))
    return _build_result(data, problem, FitSettings(), bounds, [solve_problem(problem, point, bounds)])


@pytest.mark.slow
@pytest.mark.parametrize(("shared", "lowest"), [(0.0, 0.9), (0.5, 0.85)])
def test_limits_cover_the_truth(shared, lowest):
    """95 % limits, for white noise and for noise that neighbours share; those for white noise fail then."""
    from scipy.signal import lfilter

    from clustermodel.photophysics.transient_intervals import estimate_intervals

    lifetimes, rounds = np.array([0.36, 2.61]), 200
    clean, truth = simulate_transient(lifetimes_ps=[*lifetimes, np.inf], noise=0.0, seed=7)
    inside, white = np.zeros(2), np.zeros(2)
    for seed in range(rounds):
        noise = np.random.default_rng(seed).standard_normal((clean.delay_ps.size, clean.wavelength.size + 50))
        noise = lfilter([np.sqrt(1 - shared**2)], [1, -shared], noise, axis=1)[:, 50:]
        fit = refit(
            clean.with_signal(clean.signal + 2e-4 * noise), 2, lifetimes, 0.085, (0.45, 0.35, -0.12, 0.04)
        )
        inside += [
            one.low <= tau <= one.high for one, tau in zip(estimate_intervals(fit), lifetimes, strict=True)
        ]
        z = (fit.time_constants_ps - lifetimes) / fit.time_constants_white_su_ps
        white += np.abs(z) < 1.96
    assert (inside / rounds >= lowest).all()
    if shared:
        assert (white / rounds < 0.85).all()
    assert truth.scheme.kind == "parallel"
