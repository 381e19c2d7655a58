"""Are bands, gaps and overlaps those that were put in?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.axes import measure_area
from clustermodel.constants import EV_NM
from clustermodel.electronic.spectrum import SpectrumSettings, measure_optical_gaps, simulate_spectrum
from clustermodel.electronic.spectrum_overlay import compare_peaks, compare_spectrum
from clustermodel.errors import InputError

energies = st.lists(st.floats(1.5, 4.0), min_size=1, max_size=8)


@settings(max_examples=30, deadline=None)
@given(energies=energies, seed=st.integers(0, 1000))
def test_the_area_is_the_sum_of_strengths_on_either_axis(energies, seed):
    strengths = np.random.default_rng(seed).uniform(0.01, 1.0, len(energies))
    spectrum = simulate_spectrum(energies, strengths)
    total = strengths.sum()
    assert measure_area(spectrum.axis_ev, spectrum.curve) == pytest.approx(total, rel=1e-4)  # tails
    wavelength, density = spectrum.convert(density=True)
    assert measure_area(wavelength, density) == pytest.approx(total, rel=1e-3)  # tails, wider steps
    assert np.all(np.diff(spectrum.energies_ev) >= 0)


def test_an_absorbance_is_moved_and_not_weighted():
    spectrum = simulate_spectrum([2.0], [1.0])
    wavelength, curve = spectrum.convert()
    assert wavelength[curve.argmax()] == pytest.approx(EV_NM / 2.0, rel=2e-3)  # half a step of the axis
    assert curve.max() == spectrum.curve.max()


def test_a_lorentzian_has_its_width():
    spectrum = simulate_spectrum(
        [2.0], [1.0], settings=SpectrumSettings(fwhm=0.3, shape="lorentzian"), axis_ev=[1.85, 2.0, 2.15]
    )
    np.testing.assert_allclose(spectrum.curve[[0, 2]], spectrum.curve[1] / 2)


def test_the_three_gaps_differ():
    spectrum = simulate_spectrum([1.1, 1.4, 2.2], [1e-4, 0.03, 0.4], settings=SpectrumSettings(fwhm=0.1))
    gaps = measure_optical_gaps(spectrum)
    assert gaps.first_root == 1.1
    assert gaps.first_bright == 1.4
    sigma = 0.1 / np.sqrt(8 * np.log(2))
    assert gaps.onset == pytest.approx(1.4 - 2 * sigma, abs=2e-3)  # eV: the tangent of a Gaussian, its step


def test_dark_excitations_have_no_bright_gap_and_no_onset():
    gaps = measure_optical_gaps(simulate_spectrum([1.0, 1.3], [0.0, 0.0]))
    assert (gaps.first_root, gaps.first_bright, gaps.onset) == (1.0, None, None)


@settings(max_examples=20, deadline=None)
@given(shift=st.floats(-0.5, 0.5), scale=st.floats(0.1, 100.0))
def test_an_overlay_finds_the_shift_and_the_scale(shift, scale):
    simulated = simulate_spectrum([2.0, 2.6, 3.3], [0.1, 0.3, 0.2])
    axis = np.linspace(0.8, 4.5, 400)
    moved = simulate_spectrum([2.0 + shift, 2.6 + shift, 3.3 + shift], [0.1, 0.3, 0.2], axis_ev=axis)
    found = compare_spectrum(simulated, axis, scale * moved.curve)
    assert found.shift == pytest.approx(shift, abs=1e-3)  # eV: tolerance of the search
    assert found.scale == pytest.approx(scale, rel=1e-2)  # follows from the shift
    assert found.overlap == pytest.approx(1.0, abs=1e-4)  # second order in the shift
    assert found.overlap_unshifted <= found.overlap + 1e-9


def test_peaks_are_matched_one_to_one():
    simulated = simulate_spectrum([2.0, 2.8], [0.2, 0.2])
    match = compare_peaks(simulated, [2.75, 2.05, 6.0])
    np.testing.assert_allclose(match.measured_ev, [2.05, 2.75])
    np.testing.assert_allclose(match.calculated_ev, [2.0, 2.8], atol=6e-3)  # one step of the axis
    assert match.unmatched_ev.tolist() == [6.0]
    assert match.mean_shift == pytest.approx(0.0, abs=6e-3)  # the same
    nothing = compare_peaks(simulated, [9.0])
    assert np.isnan(nothing.mean_shift)
    assert np.isnan(nothing.largest_deviation)


@pytest.mark.parametrize(
    ("energies", "strengths", "message"),
    [
        ([], [], "expected equal columns"),
        ([1.0, 2.0], [0.1], "expected equal columns"),
        ([1.0, -0.2], [0.1, 0.1], "excitation 2: -0.2 eV"),
        ([1.0], [-0.5], "no negative strength"),
    ],
)
def test_impossible_excitations_are_refused(energies, strengths, message):
    with pytest.raises(InputError, match=message):
        simulate_spectrum(energies, strengths)


def test_other_impossible_input_is_refused():
    simulated = simulate_spectrum([2.0], [0.2])
    with pytest.raises(InputError, match="expected 10 with absorption"):
        compare_spectrum(simulated, np.linspace(9, 10, 50), np.ones(50))
    with pytest.raises(InputError, match="positive energies"):
        compare_peaks(simulated, [0.0])
    with pytest.raises(InputError, match="zero or more"):
        SpectrumSettings(bright=-1)
