"""Do the figures of levels show what is known of made-up levels?"""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import c, e, h
from scipy.integrate import simpson

from clustermodel.electronic.result import SpinChannel
from clustermodel.report.density_figure import broaden_states
from clustermodel.report.electronic_figures import (
    _place_levels,
    draw_electronic_figures,
    list_electronic_drawings,
)
from clustermodel.report.level_classes import (
    CLASS_COLOURS,
    LETTER_COLOURS,
    divide_all_orbitals,
    divide_shares,
    divide_weights,
)
from tests.report.electronic_cases import (
    ENERGIES,
    PLACES,
    STICKS_EV,
    WEIGHTS,
    closed,
    doublet,
    measured,
    model,
    smeared,
)

ROUNDING = 1e-9  # sums of a few numbers of order one
CASES = {"closed": closed, "doublet": doublet, "smeared": smeared}


def drawings(states, **choices):
    return {one.name: one for one in list_electronic_drawings(states, **choices)}


def lines_of(drawing):
    """Return (colour, start, end, energy) of the parts of the levels."""
    (axes,) = drawing.canvas.axes
    flat = [line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_marker() in {"", "None"}]
    return [(line.get_color(), *line.get_xdata(), line.get_ydata()[0]) for line in flat]


def dots_of(drawing, *, full):
    (axes,) = drawing.canvas.axes
    found = [line for line in axes.lines if line.get_marker() == "o"]
    chosen = [line for line in found if (line.get_markerfacecolor() != "white") is full]
    return sum(len(line.get_xdata()) for line in chosen)


@pytest.mark.parametrize("name", CASES)
def test_every_drawing_says_level_geometry_and_what_levels_are_not(name):
    for figure in draw_electronic_figures(CASES[name](), analysis=model()):
        assert figure.caption.startswith("MODEL: ")
        for words in (
            "GFN1-xTB (tblite)",
            "geometry of the file, ligands cut",
            "not excitations",
            "Au₂₅(SH)₁₈",
        ):
            assert words in figure.caption


def test_only_models_are_called_models():
    assert not any("MODEL" in one.caption for one in list_electronic_drawings(closed(), analysis=measured()))


def test_names_and_which_figures_there_are():
    assert list(drawings(closed())) == [
        "levels-superatom",
        "levels-shares",
        "density-of-states",
        "absorption",
    ]
    assert list(drawings(doublet())) == ["levels-superatom", "levels-shares", "density-of-states"]


def test_a_line_is_divided_as_the_weights_are():
    parts = [one for one in lines_of(drawings(closed())["levels-superatom"]) if one[3] == ENERGIES[0]]
    lengths = {colour: end - start for colour, start, end, _ in parts}
    whole = sum(lengths.values())
    for letter in "SPDF":
        assert lengths[LETTER_COLOURS[letter]] / whole == pytest.approx(WEIGHTS[letter], abs=ROUNDING)
    rest = 1 - sum(WEIGHTS[letter] for letter in "SPDF")
    assert lengths[LETTER_COLOURS["higher"]] / whole == pytest.approx(rest, abs=ROUNDING)


def test_a_line_has_the_colour_of_its_place():
    found = sorted((energy, colour) for colour, *_, energy in lines_of(drawings(closed())["levels-shares"]))
    assert found == sorted(zip(ENERGIES, (CLASS_COLOURS[place] for place in PLACES), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_shares_and_weights_add_up_to_one(name):
    for own in (*divide_shares(CASES[name]()), *divide_weights(CASES[name]())):
        assert set(own) == set(range(len(ENERGIES)))
        assert all(sum(shares) == pytest.approx(1.0, abs=ROUNDING) for shares in own.values())


def test_dots_are_electrons_and_open_ones_places_of_partly_filled_levels():
    assert dots_of(drawings(closed())["levels-shares"], full=True) == 8
    assert dots_of(drawings(closed())["levels-shares"], full=False) == 0
    assert dots_of(drawings(doublet())["levels-shares"], full=True) == 4 + 3
    assert dots_of(drawings(smeared())["levels-shares"], full=True) == 4 + 1
    assert dots_of(drawings(smeared())["levels-shares"], full=False) == 3


def test_gaps_are_written_and_drawn_between_the_frontier_levels():
    (axes,) = drawings(doublet())["levels-superatom"].canvas.axes
    written = [text.get_text() for text in axes.texts]
    assert {"α 2.00 eV", "β 1.00 eV", "SOMO", "HOMO", "LUMO"} <= set(written)
    ends = [sorted((text.xy[1], text.xyann[1])) for text in axes.texts if hasattr(text, "xyann")]
    assert len(ends) == 2
    for (low, high), (homo, lumo) in zip(ends, ((-4.0, -2.0), (-5.0, -4.0)), strict=True):
        assert homo < low < high < lumo


@given(
    energies=st.lists(st.floats(-10, 0), min_size=1, max_size=24),
    apart=st.floats(0.01, 0.5),
)
@settings(max_examples=60, deadline=None)
def test_no_two_lines_lie_on_each_other(energies, apart):
    ordered = np.sort(energies)
    channel = SpinChannel(
        spin="both", energies_ev=ordered, occupations=np.zeros(len(ordered)), coefficients=None
    )
    levels = _place_levels(channel, range(len(ordered)), 0, apart)
    assert [level.orbital for level in levels] == list(range(len(ordered)))
    for i, one in enumerate(levels):
        assert one.left > -0.5
        assert one.left + one.width < 0.5
        for other in levels[i + 1 :]:
            beside = one.left + one.width <= other.left or other.left + other.width <= one.left
            assert beside or abs(one.energy - other.energy) >= apart


@pytest.mark.parametrize("name", CASES)
def test_area_of_the_density_is_the_number_of_states(name):
    states = CASES[name]()
    grid = np.linspace(-10, 4, 4001)  # 12 widths beyond the outermost levels
    for channel, shares in zip(states.result.channels, divide_all_orbitals(states), strict=True):
        areas = simpson(broaden_states(channel, shares, grid), x=grid, axis=1)
        room = 2 if channel.spin == "both" else 1
        # Simpson's rule on 70 points for each width of a Gaussian
        assert areas == pytest.approx([room * PLACES.count(place) for place in CLASS_COLOURS], abs=1e-6)


def test_beta_is_drawn_downwards():
    (axes,) = drawings(doublet())["density-of-states"].canvas.axes
    low, high = axes.get_ylim()
    assert low == pytest.approx(-high)


def test_wavelengths_stand_where_their_energies_are():
    axes = drawings(closed())["absorption"].canvas.axes
    (upper,) = [one for one in axes if one.get_xlabel() == "wavelength / nm"]
    lower = axes[0]
    assert upper.get_xlim() == lower.get_xlim()
    for place, label in zip(upper.get_xticks(), upper.get_xticklabels(), strict=True):
        assert place * int(label.get_text()) == pytest.approx(h * c / e * 1e9, rel=1e-12)
    assert len(upper.get_xticks()) >= 3


def test_curve_and_sticks_are_those_of_the_spectrum():
    spectrum = closed().absorption.spectrum
    axes = drawings(closed())["absorption"].canvas.axes
    curve = axes[0].lines[0]
    assert np.interp(curve.get_xdata(), spectrum.axis_ev, spectrum.curve) == pytest.approx(curve.get_ydata())
    (sticks,) = [one for other in axes[1:] for one in other.collections]
    assert [path.vertices[0][0] for path in sticks.get_paths()] == list(STICKS_EV)


def test_measured_peaks_are_in_the_picture_and_their_shift_is_said():
    peaks = [STICKS_EV[0] - 0.2, STICKS_EV[1] - 0.2, 4.5]
    drawing = drawings(closed(), peaks_ev=peaks)["absorption"]
    low, high = drawing.canvas.axes[0].get_xlim()
    assert low < min(peaks)
    assert max(peaks) < high
    shift = re.search(r"on average −(\d\.\d\d) eV in 2 pairs, 1 without a band", drawing.caption)
    assert float(shift[1]) == pytest.approx(0.2, abs=0.01)  # two decimals, and bands on a grid of 5 meV


def test_figures_are_the_same_for_the_same_states():
    assert draw_electronic_figures(closed()) == draw_electronic_figures(closed())
