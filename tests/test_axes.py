"""Axes, Jacobian, broadening and onsets: by construction and by invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.axes import (
    AXIS_UNITS,
    ONSET_METHODS,
    broaden_sticks,
    convert_axis,
    convert_spectrum,
    find_onset,
    measure_area,
    measure_derivative,
    order_spectrum,
)
from clustermodel.errors import InputError

positive = st.floats(1e-3, 1e6)
units = st.sampled_from(AXIS_UNITS)


def gaussian(x, centre, fwhm):
    return np.exp(-4 * np.log(2) * ((x - centre) / fwhm) ** 2)


@given(value=positive, source=units, middle=units, target=units)
def test_conversion_does_not_depend_on_the_way(value, source, middle, target):
    direct = convert_axis(value, source=source, target=target)
    around = convert_axis(convert_axis(value, source=source, target=middle), source=middle, target=target)
    assert around == pytest.approx(direct, rel=1e-14)  # a few roundings of a division


@given(value=positive, source=units, target=units)
def test_round_trip(value, source, target):
    back = convert_axis(convert_axis(value, source=source, target=target), source=target, target=source)
    assert back == pytest.approx(value, rel=1e-14)  # two roundings


def test_known_places():
    # hc/e = 1239.841984 eV nm; 8065.54 cm-1 per eV (NIST)
    assert convert_axis(1239.841984, source="nm", target="eV") == pytest.approx(1, rel=1e-9)  # printed digits
    assert convert_axis(1, source="eV", target="cm-1") == pytest.approx(8065.544, rel=1e-6)  # printed digits
    assert convert_axis(400, source="nm", target="cm-1") == pytest.approx(25000, rel=1e-12)  # by definition


@pytest.mark.parametrize("step", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("target", ["eV", "cm-1"])
def test_jacobian_keeps_the_area(step, target):
    wavelength = np.arange(400, 1100 + step / 2, step)
    counts = gaussian(wavelength, 715, 110)
    axis, density = convert_spectrum(wavelength, counts, source="nm", target=target, density=True)
    area = measure_area(wavelength, counts)
    assert measure_area(axis, density) == pytest.approx(area, rel=1e-6)  # what the manual promises


@settings(max_examples=30)
@given(centre=st.floats(500, 900), fwhm=st.floats(20, 150), weight=st.floats(0.1, 10))
def test_jacobian_keeps_the_area_of_any_band(centre, fwhm, weight):
    wavelength = np.arange(300, 1301, 1.0)
    counts = weight * gaussian(wavelength, centre, fwhm)
    axis, density = convert_spectrum(wavelength, counts, source="nm", target="eV", density=True)
    expected = measure_area(wavelength, counts)
    assert measure_area(axis, density) == pytest.approx(expected, rel=1e-6)  # what the manual promises


@given(source=units, target=units)
def test_density_comes_back(source, target):
    axis = np.linspace(1.0, 2.0, 50)
    values = 2 + np.sin(7 * axis)
    there = convert_spectrum(axis, values, source=source, target=target, density=True)
    back = convert_spectrum(*there, source=target, target=source, density=True)
    np.testing.assert_allclose(back[0], axis, rtol=1e-13)  # roundings
    np.testing.assert_allclose(back[1], values, rtol=1e-12)  # roundings


def test_absorbance_has_no_jacobian():
    axis, values = convert_spectrum([400, 500, 600], [1, 2, 3], source="nm", target="eV", density=False)
    assert values.tolist() == [3, 2, 1]
    assert (np.diff(axis) > 0).all()


@pytest.mark.parametrize("shape", ["gaussian", "lorentzian"])
def test_broadening_keeps_the_weights(shape):
    # A Lorentzian has 2/pi * fwhm/2 / distance of its area outside: the grid is 4000 widths wide.
    grid = np.concatenate([-np.geomspace(400, 1e-4, 20000), np.geomspace(1e-4, 400, 20000)]) + 2.0
    band = broaden_sticks([1.9, 2.1], [0.7, 1.3], grid, fwhm=0.2, shape=shape)
    outside = 2.0 * 0.2 / np.pi / 400 if shape == "lorentzian" else 0.0
    assert measure_area(grid, band) == pytest.approx(2.0 - outside, abs=1e-6)  # of the rule of integration


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(1, 4), st.floats(0, 2)), min_size=1, max_size=6), st.floats(0.05, 0.5))
def test_broadening_does_not_depend_on_the_order_and_keeps_the_sum(sticks, fwhm):
    grid = np.linspace(-3, 8, 4001)
    places, weights = zip(*sticks, strict=True)
    band = broaden_sticks(places, weights, grid, fwhm=fwhm)
    again = broaden_sticks(places[::-1], weights[::-1], grid, fwhm=fwhm)
    np.testing.assert_allclose(band, again, atol=1e-12)  # order of a sum
    assert measure_area(grid, band) == pytest.approx(sum(weights), abs=1e-6)  # what the manual promises


def test_broadened_stick_has_the_width():
    grid = np.linspace(1, 3, 20001)
    for shape in ("gaussian", "lorentzian"):
        band = broaden_sticks([2], [1], grid, fwhm=0.3, shape=shape)
        above = grid[band >= band.max() / 2]
        assert above[-1] - above[0] == pytest.approx(0.3, abs=2e-4)  # two steps of the grid


@settings(max_examples=30)
@given(centre=st.floats(1.8, 2.6), sigma=st.floats(0.06, 0.15), side=st.sampled_from(["low", "high"]))
def test_onsets_of_a_gaussian_are_where_they_must_be(centre, sigma, side):
    energy = np.linspace(1.0, 3.5, 1001)
    band = np.exp(-0.5 * ((energy - centre) / sigma) ** 2)
    sign = -1 if side == "low" else 1
    found = {
        method: find_onset(energy, band, peak=centre, method=method, edge=side, width=0.02)
        for method in ONSET_METHODS
    }
    # The tangent at the inflection, centre - sigma, meets zero at centre - 2 sigma.
    assert found["tangent"] == pytest.approx(centre + sign * 2 * sigma, abs=2e-3)  # step of the grid, 2.5 meV
    assert found["gaussian"] == pytest.approx(
        centre + sign * 2 * sigma, abs=1e-4
    )  # the top may fall between points
    half = centre + sign * sigma * np.sqrt(2 * np.log(2))
    assert found["half-height"] == pytest.approx(half, abs=2e-3)  # linear between points


@settings(max_examples=30)
@given(factor=st.floats(1e-3, 1e3), shift=st.floats(-0.5, 0.5), method=st.sampled_from(ONSET_METHODS))
def test_onset_moves_with_the_band_and_not_with_its_height(factor, shift, method):
    energy = np.linspace(1.0, 3.0, 401)
    band = np.exp(-0.5 * ((energy - 2.0) / 0.1) ** 2)
    first = find_onset(energy, band, peak=2.0, method=method, edge="low", width=0.03)
    moved = find_onset(energy + shift, factor * band, peak=2.0 + shift, method=method, edge="low", width=0.03)
    assert moved == pytest.approx(first + shift, abs=1e-6)  # the fit stops at this


def test_onset_is_nan_where_the_edge_is_cut_off():
    energy = np.linspace(1.95, 3.0, 200)
    band = np.exp(-0.5 * ((energy - 2.0) / 0.1) ** 2)
    assert np.isnan(find_onset(energy, band, peak=2.0, method="tangent", edge="low", width=0.03))


@given(st.integers(0, 3))
def test_derivative_of_a_cubic_is_exact(power):
    x = np.linspace(1, 2, 101)
    grid, slope = measure_derivative(x, x**power, order=1, width=0.1)
    np.testing.assert_allclose(slope, power * grid ** max(power - 1, 0), atol=1e-9)  # roundings times 1/step


@pytest.mark.parametrize(
    ("axis", "intensity", "words"),
    [
        ([1, 2, 2], [0, 1, 0], "not sorted"),
        ([1, 3, 2], [0, 1, 0], "not sorted"),
        ([1, 2, np.nan], [0, 1, 0], "axis of point 3 is nan"),
        ([1, 2, 3], [0, np.inf, 0], "intensity of point 2 is inf"),
        ([1, 2, 3], [0, 1], "two equal columns"),
        ([1], [1], "2 points or more"),
    ],
)
def test_bad_spectra_are_refused_in_words(axis, intensity, words):
    with pytest.raises(InputError, match=words):
        order_spectrum(axis, intensity)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_impossible_places_are_refused(value):
    with pytest.raises(InputError, match="positive"):
        convert_axis([500, value], source="nm", target="eV")


def test_unknown_words_are_refused():
    with pytest.raises(InputError, match="axis unit 'm'"):
        convert_axis([1], source="m", target="eV")
    with pytest.raises(InputError, match="shape 'box'"):
        broaden_sticks([1], [1], [1], fwhm=1, shape="box")
    with pytest.raises(InputError, match="fwhm is 0"):
        broaden_sticks([1], [1], [1], fwhm=0)
    with pytest.raises(InputError, match="onset method 'tauc'"):
        find_onset(np.arange(9.0), np.arange(9.0), peak=5, method="tauc", edge="low", width=1)
