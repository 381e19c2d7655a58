"""Are fractional and Cartesian coordinates those of the convention stated?"""

import gemmi
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clustermodel.structure.cell import Cell, orthogonalisation

LENGTHS = st.tuples(*[st.floats(2.0, 60.0)] * 3)
ANGLES = st.tuples(*[st.floats(40.0, 140.0)] * 3)


def span_a_volume(angles):
    cosines = np.cos(np.radians(angles))
    return 1 - (cosines**2).sum() + 2 * cosines.prod() > 0.01


@given(LENGTHS, ANGLES)
def test_matrix_is_that_of_gemmi(lengths, angles):
    """The same convention: a along x, b in the xy plane."""
    assume(span_a_volume(angles))
    cell, other = Cell(lengths=lengths, angles=angles), gemmi.UnitCell(*lengths, *angles)
    # Doubles: lengths below 100 Å, volumes below 2e5 Å3.
    np.testing.assert_allclose(cell.matrix.T, np.array(other.orth.mat.tolist()), atol=1e-9)
    assert cell.volume == pytest.approx(other.volume, rel=1e-9)


@given(LENGTHS, ANGLES)
def test_matrix_gives_back_lengths_and_angles(lengths, angles):
    assume(span_a_volume(angles))
    metric = Cell(lengths=lengths, angles=angles).matrix
    metric = metric @ metric.T
    np.testing.assert_allclose(np.sqrt(np.diag(metric)), lengths, rtol=1e-12)
    sides = np.sqrt(np.diag(metric))
    for angle, (i, j) in zip(angles, [(1, 2), (0, 2), (0, 1)], strict=True):
        # The arc cosine loses digits near 0 and 180 degrees, which are not drawn.
        assert np.degrees(np.arccos(metric[i, j] / sides[i] / sides[j])) == pytest.approx(angle, abs=1e-6)


@given(LENGTHS, ANGLES, st.tuples(*[st.floats(-3, 3)] * 3))
def test_inverse_leads_back(lengths, angles, fract):
    assume(span_a_volume(angles))
    cell = Cell(lengths=lengths, angles=angles)
    np.testing.assert_allclose(np.array(fract) @ cell.matrix @ cell.inverse, fract, atol=1e-9)


def test_volumes_of_the_textbook():
    assert Cell(lengths=(3, 4, 5), angles=(90, 90, 90)).volume == pytest.approx(60)
    assert Cell(lengths=(2, 2, 5), angles=(90, 90, 120)).volume == pytest.approx(20 * np.sqrt(3) / 2)


@pytest.mark.parametrize(
    ("lengths", "angles"),
    [
        ((0, 4, 5), (90, 90, 90)),
        ((-3, 4, 5), (90, 90, 90)),
        ((3, 4, np.nan), (90, 90, 90)),
        ((3, 4, 5), (20, 30, 80)),
        ((3, 4, 5), (90, 90, 180)),
        ((3, 4, 5), (120, 120, 120)),
    ],
)
def test_parameters_that_span_no_volume_are_refused(lengths, angles):
    with pytest.raises(ValueError, match="span no volume"):
        orthogonalisation(np.array(lengths, dtype=float), np.array(angles, dtype=float))


def test_arrays_are_copies_that_cannot_be_changed():
    lengths = np.array([3.0, 4.0, 5.0])
    cell = Cell(lengths=lengths, angles=(90, 90, 90))
    lengths[0] = 7
    assert cell.lengths[0] == 3
    assert cell.lengths_su.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        cell.matrix[0, 0] = 1.0


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="shape"):
        Cell(lengths=(3, 4), angles=(90, 90, 90))
