"""Spectra: bands made by hand are found back, at any height and on any axis; noise is no band."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.axes import convert_axis, convert_spectrum, measure_area
from clustermodel.errors import InputError
from clustermodel.photophysics.bands import measure_spectrum, measure_stokes_shift
from clustermodel.photophysics.deconvolution import fit_bands
from clustermodel.photophysics.quantum_yield import (
    DiluteSolution,
    SphereSignals,
    measure_relative_yield,
    measure_sphere_yield,
)
from clustermodel.photophysics.spectrum import build_spectrum, read_spectrum

WAVELENGTH = np.arange(300, 1001, 1.0)
ENERGY = np.asarray(convert_axis(WAVELENGTH, source="nm", target="eV"))


def gaussian(x, centre, fwhm, height=1.0):
    return height * np.exp(-4 * np.log(2) * ((x - centre) / fwhm) ** 2)


def emission(centre_nm=715.0, fwhm_nm=110.0, noise=0.0, seed=0):
    """An emission band that is a Gaussian over wavelength."""
    values = gaussian(WAVELENGTH, centre_nm, fwhm_nm)
    values = values + noise * np.random.default_rng(seed).standard_normal(values.size)
    return build_spectrum(WAVELENGTH, values, unit="nm", kind="emission")


BANDS = ((2.101, 0.2355, 0.5), (2.638, 0.377, 0.35), (3.4, 0.824, 1.5))


def absorption(noise=0.0, seed=0):
    """A first band, a shoulder and a strong band behind it."""
    values = sum(gaussian(ENERGY, *band) for band in BANDS)
    values = values + noise * np.random.default_rng(seed).standard_normal(values.size)
    return build_spectrum(WAVELENGTH, values, unit="nm", kind="absorption")


def test_the_band_of_the_requirement():
    """715 nm and 110 nm are 1.7195 eV and 262.7 meV, not 1.7340 and 268.4."""
    (band,) = measure_spectrum(emission()).bands
    assert band.energy == pytest.approx(1.7195, abs=5e-5)  # half of the last printed digit
    assert band.fwhm == pytest.approx(0.2627, abs=5e-5)  # half of the last printed digit
    assert band.measured_maximum == pytest.approx(715, abs=0.05)  # a twentieth of a step
    assert band.wavelength == pytest.approx(721.05, abs=0.05)  # 1239.842/1.7195


def test_without_the_jacobian_it_would_be_elsewhere():
    wrong = build_spectrum(WAVELENGTH, gaussian(WAVELENGTH, 715, 110), unit="nm", kind="excitation")
    (band,) = measure_spectrum(wrong).bands
    assert band.energy == pytest.approx(1.7340, abs=5e-5)  # half of the last printed digit
    assert band.fwhm == pytest.approx(0.2684, abs=5e-5)  # half of the last printed digit
    assert band.measured_maximum is None


@settings(max_examples=40)
@given(st.floats(1.7, 3.0), st.floats(0.1, 0.35), st.floats(1e-3, 1e6))
def test_a_gaussian_over_energy_is_found_back(centre, fwhm, height):
    energy = np.linspace(0.8, 4.0, 1601)
    spectrum = build_spectrum(energy, gaussian(energy, centre, fwhm, height), unit="eV", kind="emission")
    (band,) = measure_spectrum(spectrum).bands
    assert band.energy == pytest.approx(centre, abs=1e-4)  # a twentieth of a step
    # Local cubics over 40 meV lower the top of a band of 100 meV by 0.4 %, and raise its width by as much.
    assert band.fwhm == pytest.approx(fwhm, rel=5e-3)
    assert measure_spectrum(spectrum).area == pytest.approx(
        height * fwhm * np.sqrt(np.pi / (4 * np.log(2))), rel=1e-6
    )  # what the manual promises


@settings(max_examples=30)
@given(st.sampled_from(["eV", "cm-1", "nm"]), st.floats(550, 850), st.floats(60, 140))
def test_the_answer_does_not_depend_on_the_axis_of_the_file(unit, centre, fwhm):
    wavelength = np.arange(300, 1201, 1.0)
    counts = gaussian(wavelength, centre, fwhm)
    first = measure_spectrum(build_spectrum(wavelength, counts, unit="nm", kind="emission"))
    axis, values = convert_spectrum(wavelength, counts, source="nm", target=unit, density=True)
    second = measure_spectrum(build_spectrum(axis[::-1], values[::-1], unit=unit, kind="emission"))
    assert second.bands[0].energy == pytest.approx(first.bands[0].energy, rel=1e-9)  # rounding
    assert second.bands[0].fwhm == pytest.approx(first.bands[0].fwhm, rel=1e-9)  # rounding
    assert second.area == pytest.approx(
        measure_area(wavelength, counts), rel=1e-6
    )  # what the manual promises


def test_maxima_and_the_shoulder_of_an_absorption():
    analysis = measure_spectrum(absorption())
    kinds = [band.kind for band in analysis.bands]
    assert kinds == ["maximum", "shoulder", "maximum"]
    for band, (centre, _, _) in zip(analysis.bands, BANDS, strict=True):
        assert band.energy == pytest.approx(centre, abs=0.02)  # neighbours pull a maximum
    assert analysis.first_band == analysis.bands[0].energy
    # Two standard deviations below the centre of the first band.
    onset = BANDS[0][0] - 2 * BANDS[0][1] / (2 * np.sqrt(2 * np.log(2)))
    assert analysis.onsets["gaussian"] == pytest.approx(onset, abs=2e-3)  # the next band adds a little
    assert analysis.onsets["tangent"] == pytest.approx(onset, abs=5e-3)  # window of the derivative


@pytest.mark.parametrize("seed", range(10))
def test_noise_is_no_band(seed):
    assert len(measure_spectrum(emission(noise=0.01, seed=seed)).bands) == 1
    found = measure_spectrum(absorption(noise=0.003, seed=seed)).bands
    assert [band.kind for band in found] == ["maximum", "shoulder", "maximum"]


def test_stokes_shift():
    absorbed, emitted = measure_spectrum(absorption()), measure_spectrum(emission())
    found = measure_stokes_shift(absorbed, emitted)
    assert found.shift == pytest.approx(absorbed.first_band - emitted.bands[0].energy, abs=1e-12)  # rounding
    assert found.shift_wavenumber == pytest.approx(
        found.shift * 8065.544, rel=1e-6
    )  # printed digits of cm-1/eV
    with pytest.raises(InputError, match="expected absorption and emission"):
        measure_stokes_shift(emitted, absorbed)


def test_onset_of_emission_is_at_high_energy():
    analysis = measure_spectrum(emission())
    assert analysis.first_band < analysis.onsets["half-height"] < analysis.onsets["tangent"]


def test_onset_outside_of_the_spectrum_is_left_open():
    energy = np.linspace(1.95, 3.0, 300)
    values = gaussian(energy, 2.0, 0.25)
    analysis = measure_spectrum(build_spectrum(energy, values, unit="eV", kind="absorption"))
    assert analysis.onsets["tangent"] is None
    assert analysis.bands[0].fwhm is None


# ----------------------------------------------------------------------------------------------- the file


def test_files(tmp_path):
    table = "\n".join(
        f"{w:g},{i:.8f}" for w, i in zip(WAVELENGTH, gaussian(WAVELENGTH, 715, 110), strict=True)
    )
    path = tmp_path / "a.csv"
    path.write_text(f"wavelength_nm,intensity\n{table}\n")
    (band,) = measure_spectrum(read_spectrum(path, kind="emission")).bands
    assert band.energy == pytest.approx(1.7195, abs=5e-5)  # half of the last printed digit


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("wavelength,i\n500,1\n501,2\n", "no unit"),
        ("wavelength_um,i\n500,1\n501,2\n", "no unit"),
        ("wavelength (m),i\n500,1\n501,2\n", "the unit m"),
        ("wavelength_nm\n500\n501\n", "one column"),
        ("wavelength_nm,i\n500,1\n501,2\n502,1\n", "3 points; at least 10"),
        ("wavelength_nm,i\n500,1\n502,2\n501,1\n", "not sorted"),
        ("wavelength_nm,i\n500,1\n501,nan\n502,1\n", "line 3"),
        ("wavelength_nm,i\n-500,1\n-499,1\n", "positive"),
    ],
)
def test_bad_files_are_refused_in_words(tmp_path, content, words):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=words):
        read_spectrum(path, kind="emission")


def test_wrong_baseline_and_wrong_words_are_refused():
    with pytest.raises(InputError, match="baseline"):
        build_spectrum(WAVELENGTH, gaussian(WAVELENGTH, 715, 110) - 0.2, unit="nm", kind="absorption")
    with pytest.raises(InputError, match="baseline"):
        build_spectrum(WAVELENGTH, -np.ones_like(WAVELENGTH), unit="nm", kind="absorption")
    with pytest.raises(InputError, match="kind 'x'"):
        build_spectrum(WAVELENGTH, WAVELENGTH, unit="nm", kind="x")
    with pytest.raises(InputError, match="smoothing"):
        measure_spectrum(absorption(), smoothing=99)
    flat = build_spectrum(WAVELENGTH, np.ones_like(WAVELENGTH), unit="nm", kind="absorption")
    with pytest.raises(InputError, match="no band"):
        measure_spectrum(flat)


# --------------------------------------------------------------------------------------------- deconvolution


def test_overlapping_bands_are_found_back():
    fit = fit_bands(absorption(noise=0.003), [band[0] for band in BANDS])
    for found, (centre, fwhm, height) in zip(fit.bands, BANDS, strict=True):
        assert found.energy == pytest.approx(centre, abs=4 * found.energy_su)  # 4 standard uncertainties
        assert found.fwhm == pytest.approx(fwhm, abs=4 * found.fwhm_su)  # the same
        assert found.height == pytest.approx(height, rel=0.01)  # 0.3 % noise, many points
    assert sum(band.share for band in fit.bands) == pytest.approx(1, abs=1e-12)  # rounding
    assert abs(fit.neighbour_correlation) < 0.15  # white noise of 701 points: 0.04


def test_uncertainties_cover_the_truth():
    """40 noisy spectra, three centres each: the 90 % interval holds the truth in 90 % of them."""
    inside = []
    for seed in range(40):
        fit = fit_bands(absorption(noise=0.005, seed=seed), [band[0] for band in BANDS])
        for band, (centre, *_) in zip(fit.bands, BANDS, strict=True):
            inside.append(abs(band.energy - centre) < 1.645 * band.energy_su)
    assert 0.82 < np.mean(inside) < 0.98  # 120 draws of 0.9: three standard deviations of 0.027


def test_a_missing_band_shows_in_the_residuals():
    fit = fit_bands(absorption(noise=0.003), [2.1, 3.4])
    assert fit.neighbour_correlation > 0.9
    assert fit.aicc > fit_bands(absorption(noise=0.003), [2.1, 2.6, 3.4]).aicc


def test_two_bands_for_one_are_told_to_be_entangled():
    fit = fit_bands(emission(noise=0.01), [1.70, 1.74])
    assert fit.entangled


def test_lorentzian_is_told_from_gaussian():
    energy = np.linspace(1, 3, 401)
    values = 1 / (1 + ((energy - 2) / 0.1) ** 2)
    spectrum = build_spectrum(energy, values, unit="eV", kind="absorption")
    good, bad = fit_bands(spectrum, [2.0], shape="lorentzian"), fit_bands(spectrum, [2.0])
    assert good.bands[0].fwhm == pytest.approx(0.2, rel=1e-4)  # stop of the fit
    assert good.aicc < bad.aicc


def test_fit_in_a_window():
    fit = fit_bands(absorption(), [2.1], window=(1.5, 2.2))
    assert fit.window == (1.5, 2.2)
    assert fit.bands[0].energy == pytest.approx(2.101, abs=5e-3)  # the next band reaches in


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"centres": [9.0]}, "band at 9 eV"),
        ({"centres": [2.1], "window": (2.095, 2.105)}, "points"),
        ({"centres": [2.1], "shape": "box"}, "shape 'box'"),
        ({"window": (1.3, 1.5)}, "no band to start from"),
    ],
)
def test_impossible_fits_are_refused(choices, words):
    with pytest.raises(InputError, match=words):
        fit_bands(absorption(), choices.pop("centres", None), **choices)


# --------------------------------------------------------------------------------------------- quantum yield

positive = st.floats(0.01, 100)


@given(st.floats(0.01, 1), positive, st.floats(0.005, 2), st.floats(1.3, 1.6))
def test_reference_against_itself(value, area, absorbance, index):
    same = DiluteSolution(area=area, absorbance=absorbance, refractive_index=index)
    found = measure_relative_yield(same, same, reference_yield=value)
    assert found.value == pytest.approx(value, rel=1e-12)  # rounding


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.floats(0.005, 0.1), st.floats(0.005, 0.1))
def test_simulated_solutions_give_their_yield_back(yield_a, yield_b, absorbance_a, absorbance_b):
    """Photons out are photons absorbed times the yield, seen through n squared."""

    def shine(quantum_yield, absorbance, index):
        area = quantum_yield * (1 - 10**-absorbance) / index**2
        return DiluteSolution(area=area, absorbance=absorbance, refractive_index=index)

    sample, reference = shine(yield_a, absorbance_a, 1.424), shine(yield_b, absorbance_b, 1.333)
    found = measure_relative_yield(sample, reference, reference_yield=yield_b)
    assert found.value == pytest.approx(yield_a, rel=1e-12)  # rounding


def test_uncertainty_of_a_relative_yield_is_that_of_sampling():
    rng = np.random.default_rng(2)
    draws = []
    for _ in range(20_000):
        area, absorbance = rng.normal((2.0, 0.05), (0.04, 0.001))
        sample = DiluteSolution(area=area, absorbance=absorbance, refractive_index=1.4)
        reference = DiluteSolution(area=3.0, absorbance=0.06, refractive_index=1.33)
        draws.append(measure_relative_yield(sample, reference, reference_yield=rng.normal(0.5, 0.01)).value)
    sample = DiluteSolution(area=2, absorbance=0.05, refractive_index=1.4, area_su=0.04, absorbance_su=0.001)
    found = measure_relative_yield(sample, reference, reference_yield=0.5, reference_yield_su=0.01)
    assert found.su == pytest.approx(np.std(draws), rel=0.03)  # 20,000 draws: 0.5 %, and the curvature


@given(st.floats(0.01, 0.99), st.floats(0.05, 0.95), st.floats(0.05, 0.9))
def test_simulated_sphere_gives_its_yield_back(value, absorbed, indirect):
    """A sample that absorbs a part of the beam, and a part of what the sphere throws back at it."""
    signals = SphereSignals(
        laser_empty=1000,
        laser_indirect=1000 * (1 - indirect),
        laser_direct=1000 * (1 - indirect) * (1 - absorbed),
        emission_indirect=value * 1000 * indirect,
        emission_direct=value * 1000 * (absorbed + (1 - absorbed) * indirect),
    )
    assert measure_sphere_yield(signals).value == pytest.approx(value, rel=1e-9)  # rounding


def test_impossible_yields_are_told_or_refused():
    sample = DiluteSolution(area=9, absorbance=0.5, refractive_index=1.4)
    reference = DiluteSolution(area=1, absorbance=0.5, refractive_index=1.4)
    notes = measure_relative_yield(sample, reference, reference_yield=0.9).caveats
    assert any("impossible" in note for note in notes)
    assert any("dilute" in note for note in notes)
    for wrong in ({"area": -1}, {"absorbance": 0}, {"refractive_index": np.nan}):
        with pytest.raises(InputError):
            DiluteSolution(**{"area": 1, "absorbance": 0.1, "refractive_index": 1.4, **wrong})
    with pytest.raises(InputError, match="yield of the reference"):
        measure_relative_yield(sample, reference, reference_yield=90)
    with pytest.raises(InputError, match="nothing was absorbed"):
        measure_sphere_yield(
            SphereSignals(
                laser_empty=1, laser_indirect=1, laser_direct=1, emission_indirect=0, emission_direct=0
            )
        )
    with pytest.raises(InputError, match="none negative"):
        measure_sphere_yield(
            SphereSignals(
                laser_empty=1, laser_indirect=1, laser_direct=-1, emission_indirect=0, emission_direct=0
            )
        )
