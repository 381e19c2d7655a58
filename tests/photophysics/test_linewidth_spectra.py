"""Widths of emission at several temperatures: the Jacobian, the bootstrap, and what files may look like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.axes import convert_spectrum
from clustermodel.errors import InputError
from clustermodel.photophysics.deconvolution import fit_bands
from clustermodel.photophysics.linewidth_spectra import (
    TemperatureSpectrum,
    WidthSettings,
    build_series_of_bands,
    measure_band_width,
    read_temperature_spectra,
    split_source,
)
from clustermodel.photophysics.spectrum import build_spectrum

WAVELENGTH = np.arange(450, 1001, 1.0)
FEW = WidthSettings(replicates=20)


def gaussian(x, centre, fwhm):
    return np.exp(-4 * np.log(2) * ((x - centre) / fwhm) ** 2)


def emission(noise=0.0, seed=0, fwhm=0.25, wavelength=WAVELENGTH):
    """A band that is a Gaussian over energy, as counts per nanometre."""
    energy = np.linspace(1.0, 3.2, 4001)
    nm, counts = convert_spectrum(
        energy, gaussian(energy, 1.72, fwhm), source="eV", target="nm", density=True
    )
    values = np.interp(wavelength, nm, counts)
    values = values / values.max() + noise * np.random.default_rng(seed).standard_normal(wavelength.size)
    return build_spectrum(wavelength, values, unit="nm", kind="emission")


def write_columns(path, temperatures, head="{:g} K", fwhm=lambda t: 0.15 + 1.4e-4 * t):
    columns = [emission(fwhm=fwhm(t)) for t in temperatures]
    lines = [",".join(["wavelength_nm", *(head.format(t) for t in temperatures)])]
    for i, nm in enumerate(WAVELENGTH):
        values = [one.intensity[::-1][i] / nm**2 * 1e5 for one in columns]  # back to counts per nanometre
        lines.append(",".join([f"{nm:g}", *(f"{v:.9g}" for v in values)]))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_band_of_the_requirement():
    """110 nm at 715 nm are 262.7 meV with the Jacobian, not 268.4."""
    spectrum = build_spectrum(WAVELENGTH, gaussian(WAVELENGTH, 715, 110), unit="nm", kind="emission")
    found = measure_band_width(TemperatureSpectrum(300.0, spectrum), settings=FEW)
    assert found.direct_mev == pytest.approx(262.7, abs=0.05)  # half of the last printed digit
    assert found.energy == pytest.approx(1.7195, abs=5e-5)  # half of the last printed digit
    # It is no Gaussian over energy: one that is fitted to it has another width, and leaves something over.
    assert abs(found.fitted_mev - found.direct_mev) > 1
    assert found.misfit > 0.005


@settings(max_examples=4)
@given(st.floats(0.12, 0.35))
def test_a_gaussian_over_energy_has_one_width(fwhm):
    found = measure_band_width(TemperatureSpectrum(250.0, emission(fwhm=fwhm)), settings=FEW)
    assert found.direct_mev == pytest.approx(1000 * fwhm, rel=4e-3)  # local cubics over 40 meV widen a band
    assert found.fitted_mev == pytest.approx(1000 * fwhm, rel=1e-4)  # interpolation of the simulation
    assert found.direct_su_mev < 0.2
    assert found.bands == 1


def test_the_bootstrap_agrees_with_the_uncertainty_of_a_fit():
    """White noise over energy and the right shape: then linear propagation is right as well."""
    energy = np.linspace(1.2, 2.3, 281)
    noise = 0.01 * np.random.default_rng(4).standard_normal(energy.size)
    spectrum = build_spectrum(energy, gaussian(energy, 1.72, 0.25) + noise, unit="eV", kind="emission")
    found = measure_band_width(TemperatureSpectrum(300.0, spectrum), settings=WidthSettings(replicates=60))
    (band,) = fit_bands(spectrum, [1.72]).bands
    assert found.fitted_mev == pytest.approx(1000 * band.fwhm, rel=1e-6)  # stop of the fit
    assert found.fitted_su_mev == pytest.approx(1000 * band.fwhm_su, rel=0.3)  # 60 replicates: 3 times 9 %


@pytest.mark.slow
@pytest.mark.parametrize("shot", [False, True])
def test_the_bootstrap_gives_the_scatter_of_repeated_measurements(shot):
    """30 spectra with other noise, alike everywhere or greater where there is light."""
    rng = np.random.default_rng(1)
    direct, fitted, direct_su, fitted_su = [], [], [], []
    clean = gaussian(WAVELENGTH, 715, 110)
    for _ in range(30):
        noise = 0.01 * rng.standard_normal(clean.size) * (np.sqrt(clean + 0.01) if shot else 1)
        spectrum = build_spectrum(WAVELENGTH, clean + noise, unit="nm", kind="emission")
        found = measure_band_width(TemperatureSpectrum(300.0, spectrum), settings=FEW)
        direct.append(found.direct_mev)
        fitted.append(found.fitted_mev)
        direct_su.append(found.direct_su_mev)
        fitted_su.append(found.fitted_su_mev)
    # The scatter of 30 is uncertain by 13 %, the mean of 30 bootstraps by 3 %: three standard deviations.
    assert np.mean(direct_su) == pytest.approx(np.std(direct, ddof=1), rel=0.4)
    assert np.mean(fitted_su) == pytest.approx(np.std(fitted, ddof=1), rel=0.4)


def test_noise_that_neighbours_share_counts_more():
    rng = np.random.default_rng(2)
    white = 0.01 * rng.standard_normal(WAVELENGTH.size + 2)
    shared = np.convolve(white, np.ones(3) / np.sqrt(3), mode="valid")  # the same standard deviation
    clean = gaussian(WAVELENGTH, 715, 110)
    widths = []
    for noise in (white[1:-1], shared):
        spectrum = build_spectrum(WAVELENGTH, clean + noise, unit="nm", kind="emission")
        widths.append(measure_band_width(TemperatureSpectrum(300.0, spectrum), settings=FEW))
    assert widths[1].fitted_su_mev > 1.2 * widths[0].fitted_su_mev  # 1.7 for a width, less for a fit


def test_columns_of_one_file(tmp_path):
    path = write_columns(tmp_path / "a.csv", [300, 250, 200])
    spectra = read_temperature_spectra(str(path))
    assert [one.temperature for one in spectra] == [300, 250, 200]
    bands = [measure_band_width(one, settings=FEW) for one in spectra]
    series = build_series_of_bands(bands, kind="fitted", name="a")
    assert series.temperature.tolist() == [200, 250, 300]
    assert series.fwhm_mev == pytest.approx([178, 185, 192], abs=0.05)  # digits of the file


@pytest.mark.parametrize("head", ["{:g} K", "{:g}K", "{:g}_K", "I ({:g} K)", "T={:g} K", "counts_{:g}K"])
def test_temperatures_in_headers(tmp_path, head):
    path = write_columns(tmp_path / "a.csv", [200, 77.5], head=head)
    assert [one.temperature for one in read_temperature_spectra(str(path))] == [200, 77.5]


def test_temperature_before_or_in_the_name_of_a_file(tmp_path):
    path = write_columns(tmp_path / "sample_220K.csv", [0], head="intensity")
    (one,) = read_temperature_spectra(str(path))
    assert one.temperature == 220
    (other,) = read_temperature_spectra(f"150.5 K={path}")
    assert other.temperature == 150.5
    assert split_source("a=b.csv") == (None, "a=b.csv")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "wavelength_nm,intensity\n500,1\n", "'intensity' has no temperature"),
        ("a_200K_300K.csv", "wavelength_nm,intensity\n500,1\n", "no temperature"),
        ("a.csv", "wavelength_nm,200 K,cold\n500,1,2\n", "'cold' has no temperature"),
        ("a.csv", "wavelength,200 K\n500,1\n", "has no unit; expected temperature_K"),
        ("a.csv", "wavelength_nm\n500\n", "1 columns"),
        ("a.csv", "wavelength_nm,200 K\n500,1\n501,nan\n", "line 3"),
        ("a.csv", "wavelength_nm,200 K\n500,1\n502,2\n501,3\n", "not sorted"),
        ("a.csv", "wavelength_nm,200 K\n500,1\n501,2\n502,3\n", "3 points; at least 10"),
    ],
)
def test_bad_files_are_refused_in_words(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputError, match=words):
        read_temperature_spectra(str(path))


def test_other_wrong_arguments():
    half = emission(wavelength=np.arange(450, 731, 1.0))
    with pytest.raises(InputError, match=r"measure a wider range|no band"):
        measure_band_width(TemperatureSpectrum(300.0, half), settings=FEW)
    with pytest.raises(InputError, match="at least 20"):
        WidthSettings(replicates=3)
    with pytest.raises(InputError, match="kind of width"):
        build_series_of_bands([], kind="best")
