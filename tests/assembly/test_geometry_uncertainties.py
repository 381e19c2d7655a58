"""Are the uncertainties of angles, torsions, centroids, planes and means those of the stated errors?

Every value is computed a second time here, by other formulas, from Cartesian coordinates of drawn structures.
"""

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import gemmi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.assembly.angle_uncertainties import (
    find_angle_gradients,
    find_torsion_gradients,
    measure_angles,
    measure_torsions,
    propagate_angle_su,
)
from clustermodel.assembly.atom_groups import AtomGroups, build_groups
from clustermodel.assembly.atom_images import AtomImages, stack_images
from clustermodel.assembly.correlated_values import (
    correlate_values,
    measure_correlated_angles,
    measure_correlated_distances,
    measure_mean,
)
from clustermodel.assembly.group_uncertainties import find_group_distance_gradients, measure_group_distances
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.assembly.plane_uncertainties import (
    find_plane_angle_gradients,
    find_plane_distance_gradients,
    measure_plane_angles,
    measure_plane_distances,
)
from clustermodel.assembly.propagation import propagate_su
from clustermodel.assembly.uncertainties import find_distance_gradients, measure_distances
from clustermodel.errors import InputError
from clustermodel.io.cif import read_cif
from clustermodel.io.embedded import find_model
from clustermodel.structure.cell import Cell
from clustermodel.structure.symmetry import SpaceGroup
from clustermodel.structure.uncertainty import build_error_model
from tests.assembly.error_cases import (
    CASES,
    build_crystal,
    find_image,
    group_of,
    image,
    isotropic_displacements,
    isotropic_su,
    metric_tensors,
    place,
    structures,
)

# ------------------------------------------------------------- the values by other formulas, vectorised


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def value_distance(x):
    return np.linalg.norm(x[..., 1, :] - x[..., 0, :], axis=-1)


def value_angle(x):
    """The law of cosines."""
    a, b, c = (np.linalg.norm(x[..., i, :] - x[..., j, :], axis=-1) for i, j in ((0, 1), (2, 1), (0, 2)))
    return np.degrees(np.arccos((a**2 + b**2 - c**2) / (2 * a * b)))


def value_torsion(x):
    """Both ends seen along the axis: the angle from the front to the rear one, clockwise."""
    axis = unit(x[..., 2, :] - x[..., 1, :])
    front, rear = x[..., 0, :] - x[..., 1, :], x[..., 3, :] - x[..., 2, :]
    front, rear = (unit(v - (v * axis).sum(-1)[..., None] * axis) for v in (front, rear))
    sign = np.sign((np.cross(front, rear) * axis).sum(-1))
    return sign * np.degrees(np.arccos(np.clip((front * rear).sum(-1), -1, 1)))


WEIGHTS = np.array([1.0, 2.0, 3.0])  # of a group of three; the other groups have equal weights


def value_centroids(x):
    first = (x[..., :3, :] * WEIGHTS[:, None]).sum(-2) / WEIGHTS.sum()
    return np.linalg.norm(x[..., 3:, :].mean(-2) - first, axis=-1)


def normal_of(x):
    return np.linalg.svd(x - x.mean(-2, keepdims=True))[2][..., 2, :]


def value_plane_distance(x):
    plane = x[..., :4, :]
    normal, centred = normal_of(plane), plane - plane.mean(-2, keepdims=True)
    area = np.cross(centred, np.roll(centred, -1, axis=-2)).sum(-2)
    side = np.sign((area * normal).sum(-1))
    return side * (normal * (x[..., 4, :] - plane.mean(-2))).sum(-1)


def value_plane_angle(x):
    cosine = np.abs((normal_of(x[..., :4, :]) * normal_of(x[..., 4:, :])).sum(-1))
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def groups_of(images, weights=None):
    k = len(images)
    shares = np.full(k, 1 / k) if weights is None else weights / weights.sum()
    return AtomGroups(images=stack_images(images), weights=shares[None])


def centroid_gradients(model, *atoms):
    return find_group_distance_gradients(model, groups_of(atoms[:3], WEIGHTS), groups_of(atoms[3:]))


def plane_distance_gradients(model, *atoms):
    return find_plane_distance_gradients(model, groups_of(atoms[:4]), atoms[4])


def plane_angle_gradients(model, *atoms):
    return find_plane_angle_gradients(model, groups_of(atoms[:4]), groups_of(atoms[4:]))


# Number of atoms, our gradients, the value by another formula.
MEASURES = {
    "distance": (2, find_distance_gradients, value_distance),
    "angle": (3, find_angle_gradients, value_angle),
    "torsion": (4, find_torsion_gradients, value_torsion),
    "centroids": (5, centroid_gradients, value_centroids),
    "plane distance": (5, plane_distance_gradients, value_plane_distance),
    "plane angle": (7, plane_angle_gradients, value_plane_angle),
}


def value_of(measure, cell, group, fract, atoms):
    x = np.array([place(group, fract[a.sites[0]], a.operations[0], a.shifts[0]) for a in atoms])
    return MEASURES[measure][2](x @ cell.matrix)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("measure", MEASURES)
def test_gradients_are_those_of_finite_differences(measure, seed):
    """Oblique axes, images by an inversion and by cell shifts, the first two atoms of one site."""
    rng = np.random.default_rng(seed)
    cell, group = Cell(lengths=[7.1, 8.3, 9.7], angles=[81, 97, 105]), group_of("P -1")
    count, gradients_of, _ = MEASURES[measure]
    fract = rng.uniform(size=(count, 3))
    sites = [0, 0, *range(2, count)]
    atoms = [image(s, i % 2, rng.integers(-1, 2, size=3)) for i, s in enumerate(sites)]
    model = build_error_model(build_crystal(cell, group, fract, 1e-4), tolerance=0.1)
    found = gradients_of(model, *atoms)
    assert found.values[0] == pytest.approx(value_of(measure, cell, group, fract, atoms), abs=1e-8)
    step = 1e-6  # balances truncation and cancellation, together below 1e-7 of the slope
    by_site = np.zeros((count, 3))
    np.add.at(by_site, found.sites[0], found.positional[0])
    for site in range(count):
        for axis in range(3):
            shifted = np.zeros((count, 3))
            shifted[site, axis] = step
            ends = [value_of(measure, cell, group, fract + s * shifted, atoms) for s in (1, -1)]
            assert by_site[site, axis] == pytest.approx((ends[0] - ends[1]) / 2 / step, rel=1e-6, abs=1e-5)
    for k in range(6):
        scale, turn = 1 + step * np.eye(6)[k, :3], np.degrees(step) * np.eye(6)[k, 3:]
        cells = [
            Cell(lengths=cell.lengths * scale**s, angles=cell.angles + s * turn, lengths_su=[0] * 3)
            for s in (1, -1)
        ]
        ends = [value_of(measure, one, group, fract, atoms) for one in cells]
        assert found.lattice[0, k] == pytest.approx((ends[0] - ends[1]) / 2 / step, rel=1e-6, abs=1e-5)


# ---------------------------------------------------------------------------------------- Monte Carlo

COUNT = 8000
MONTE_CARLO = 0.04  # 5 standard errors of a standard deviation from 8000 samples: 5 / sqrt(2 · 8000)


class Drawn:
    """A crystal, and structures drawn with its errors."""

    def __init__(self, case):
        name, constants, ties, special = CASES[case]
        rng = np.random.default_rng(11)
        self.group = group_of(name)
        relative = np.zeros(6)
        for number, tie in enumerate(ties):
            relative[list(tie)] = 2e-4 * (1 + number)
        values = np.array(constants, dtype=float)
        su = relative * np.where(np.arange(6) < 3, values, np.degrees(1.0))
        cell = Cell(lengths=values[:3], angles=values[3:], lengths_su=su[:3], angles_su=su[3:])
        fract = np.array([*special, (0.31, 0.17, 0.43), (0.07, 0.38, 0.21)])
        printed = [isotropic_su(cell, self.group, x) for x in fract]
        self.crystal = build_crystal(cell, self.group, fract, printed)
        self.model = build_error_model(self.crystal, tolerance=0.1)
        self.moved = [x + isotropic_displacements(cell, self.group, x, rng, COUNT) for x in fract]
        drawn = np.zeros((COUNT, 6))
        for tie in ties:
            drawn[:, list(tie)] = rng.normal(size=(COUNT, 1))
        self.frames = np.linalg.cholesky(metric_tensors(values + drawn * su))

    def atoms(self, count):
        """Return images of the three sites, several of each, spread over the group."""
        shifts = [(0, 0, 0), (0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 0, 1), (0, 1, 1), (1, 1, 0)]
        operations = [(3 * i) % len(self.group) for i in range(count)]
        return [image(i % 3, operations[i], shifts[i]) for i in range(count)]

    def place(self, atoms):
        """Return Cartesian coordinates of images, (samples, atoms, 3)."""
        fract = [
            self.moved[a.sites[0]] @ self.group.rotations[a.operations[0]].T
            + self.group.translations[a.operations[0]]
            + a.shifts[0]
            for a in atoms
        ]
        return np.einsum("psi,sij->spj", np.array(fract), self.frames)


@pytest.fixture(scope="module", params=list(CASES))
def drawn(request):
    return Drawn(request.param)


@pytest.mark.parametrize("measure", MEASURES)
def test_agrees_with_monte_carlo(drawn, measure):
    count, gradients_of, value = MEASURES[measure]
    atoms = drawn.atoms(count)
    gradients = gradients_of(drawn.model, *atoms)
    values = value(drawn.place(atoms))
    su = propagate_su(drawn.model, gradients)[0]
    assert su == pytest.approx(values.std(), rel=MONTE_CARLO)
    assert gradients.values[0] == pytest.approx(
        values.mean(), abs=5 * su / math.sqrt(COUNT) + 1e-3 * su + 1e-5
    )


def test_covariances_and_means_agree_with_monte_carlo(drawn):
    atoms = drawn.atoms(6)
    pairs = [(0, 1), (0, 2), (1, 3), (3, 4), (2, 5)]
    first, second = (
        AtomImages(
            sites=[atoms[p[end]].sites[0] for p in pairs],
            operations=[atoms[p[end]].operations[0] for p in pairs],
            shifts=[atoms[p[end]].shifts[0] for p in pairs],
        )
        for end in range(2)
    )
    found = correlate_values(drawn.model, find_distance_gradients(drawn.model, first, second))
    places = drawn.place(atoms)
    samples = np.stack([value_distance(places[:, list(p)]) for p in pairs])
    covariance = found.covary(np.eye(len(pairs)))
    scale = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    # 5 standard errors of a correlation coefficient: 5 / sqrt(8000) = 0.056
    assert covariance / scale == pytest.approx(np.cov(samples) / scale, abs=0.06)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(found.su, rel=1e-9)
    weights = np.array([1.0, 2.0, 0.0, 1.0, 3.0])
    for share in (None, weights):
        mean = np.average(samples, axis=0, weights=share)
        assert measure_mean(found, share).su == pytest.approx(mean.std(), rel=MONTE_CARLO)
        assert measure_mean(found, share).value == pytest.approx(mean.mean(), abs=1e-3)
    chosen = found.select(np.array([3, 1]))
    assert chosen.covary(np.eye(2)) == pytest.approx(covariance[np.ix_([3, 1], [3, 1])], rel=1e-9)


# ------------------------------------------------------------------------------------- exact formulas


def cubic(edge=10.0, edge_su=0.0):
    return Cell(lengths=[edge] * 3, angles=[90] * 3, lengths_su=[edge_su] * 3)


@given(st.floats(0.05, 0.3), st.floats(0.05, 0.3), st.tuples(*[st.floats(1e-5, 1e-3)] * 3))
def test_right_angle_between_free_atoms(a, b, su):
    """A right angle at the origin: each end moves along a circle, the apex against both."""
    fract = np.array([[a, 0, 0], [0, 0, 0], [0, b, 0]]) + 0.2
    printed = np.repeat(np.array(su)[:, None], 3, axis=1)
    model = build_error_model(build_crystal(cubic(), group_of("P 1"), fract, printed), tolerance=0.1)
    found = propagate_angle_su(model, find_angle_gradients(model, image(0), image(1), image(2)))
    variance = (su[0] / a) ** 2 + (su[2] / b) ** 2 + su[1] ** 2 * (1 / a**2 + 1 / b**2)
    assert found.values == pytest.approx([90.0])
    assert found.su == pytest.approx([math.degrees(math.sqrt(variance))], rel=1e-9)


def test_cubic_edge_changes_no_angle():
    fract = np.random.default_rng(2).uniform(size=(7, 3))
    crystal = build_crystal(cubic(edge_su=0.01), group_of("P 2 3"), fract, 0.0)
    model = build_error_model(crystal, tolerance=0.01)
    for measure in ("angle", "torsion", "plane angle"):
        count, gradients_of, _ = MEASURES[measure]
        gradients = gradients_of(model, *[image(i) for i in range(count)])
        assert propagate_su(model, gradients).tolist() == [0.0]


@pytest.mark.parametrize(
    ("name", "atoms", "angle"),
    [
        ("P -1", [(0, 0), (1, 0), (0, 1)], 180.0),  # about an inversion centre
        ("P 1 2 1", [(0, 0), (2, 0), (0, 1)], None),  # about an axis: free to bend
        ("P m -3 m", [(3, 0), (1, 0), (3, 2)], None),
    ],
)
def test_angle_fixed_by_symmetry_has_no_uncertainty(name, atoms, angle):
    group = group_of(name)
    fract = [[0.17, 0.06, 0.09], [0, 0, 0], [0, 0.05, 0], [0.2, 0, 0]]
    cell = Cell(lengths=[10.0] * 3, angles=[90] * 3, lengths_su=[0.01] * 3, angles_su=[0.05] * 3)
    su = [isotropic_su(cell, group, np.array(x)) for x in fract]
    model = build_error_model(build_crystal(cell, group, fract, su), tolerance=0.01)
    found = propagate_angle_su(model, find_angle_gradients(model, *[image(*atom) for atom in atoms]))
    if angle is not None:
        assert found.values == pytest.approx([angle])
    fixed = name != "P 1 2 1"
    assert (found.su[0] == 0) is np.bool_(fixed)
    assert bool(found.stated[0]) is not fixed
    assert bool(np.isnan(found.complete_su()[0])) is fixed


def test_torsion_about_an_inversion_centre_is_fixed():
    fract = [[0.1, 0.2, 0.05], [0.05, 0.03, 0.06]]
    cell = Cell(lengths=[8, 9, 10], angles=[85, 95, 105], lengths_su=[0.01] * 3, angles_su=[0.05] * 3)
    model = build_error_model(build_crystal(cell, group_of("P -1"), fract, 1e-3), tolerance=0.01)
    chain = [image(0), image(1), image(1, 1), image(0, 1)]
    found = propagate_angle_su(model, find_torsion_gradients(model, *chain))
    assert np.abs(found.values) == pytest.approx([180.0])
    assert found.su.tolist() == [0.0]


def test_mirror_image_of_a_torsion_has_the_other_sign():
    fract = np.random.default_rng(5).uniform(size=(4, 3))
    crystal = build_crystal(cubic(), group_of("P -1"), fract, 1e-4)
    model = build_error_model(crystal, tolerance=0.01)
    one, other = (
        propagate_angle_su(model, find_torsion_gradients(model, *[image(i, g) for i in range(4)]))
        for g in (0, 1)
    )
    assert other.values == pytest.approx(-one.values)
    assert other.su == pytest.approx(one.su)


def test_what_has_no_direction_is_not_a_number():
    """Atoms that coincide, a torsion about a straight chain, a plane through atoms in line."""
    fract = [[0.1, 0.1, 0.1], [0.2, 0.2, 0.2], [0.3, 0.3, 0.3], [0.3, 0.1, 0.2]]
    model = build_error_model(build_crystal(cubic(), group_of("P 1"), fract, 1e-3), tolerance=0.01)
    line = [image(i) for i in range(3)]
    for gradients in (
        find_angle_gradients(model, image(0), image(0), image(1)),
        find_torsion_gradients(model, *line, image(3)),
        find_torsion_gradients(model, image(3), image(1), image(1), image(0)),
        find_plane_distance_gradients(model, groups_of(line), image(3)),
        find_plane_angle_gradients(model, groups_of(line), groups_of([*line[:2], image(3)])),
    ):
        assert np.isnan(gradients.values).all()
        assert propagate_su(model, gradients).tolist() == [0.0]
    straight = find_angle_gradients(model, *line)
    assert straight.values == pytest.approx([180.0])


def test_centroid_of_n_atoms_is_surer_than_one_by_the_root_of_n():
    """Eight atoms against eight others, 5 Å apart along a: σ √(1/8 + 1/8)."""
    cube = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]) / 10
    fract = np.concatenate([cube, cube + np.array([0.5, 0, 0])])
    model = build_error_model(build_crystal(cubic(), group_of("P 1"), fract, 1e-4), tolerance=0.01)
    ends = groups_of([image(i) for i in range(8)]), groups_of([image(i) for i in range(8, 16)])
    gradients = find_group_distance_gradients(model, *ends)
    assert gradients.values == pytest.approx([5.0])
    assert propagate_su(model, gradients) == pytest.approx([10 * 1e-4 * math.sqrt(1 / 8 + 1 / 8)], rel=1e-9)


def test_atom_above_a_square_is_as_sure_as_the_square_tilts():
    """A square of half-diagonal r and a point at height h above a corner: exact by the moments."""
    r, h, sigma = 0.1, 0.2, 1e-4
    square = np.array([(r, 0, 0), (0, r, 0), (-r, 0, 0), (0, -r, 0)]) + 0.4
    fract = np.concatenate([square, [[0.4 + r, 0.4, 0.4 + h]]])
    model = build_error_model(build_crystal(cubic(), group_of("P 1"), fract, sigma), tolerance=0.01)
    gradients = find_plane_distance_gradients(model, groups_of([image(i) for i in range(4)]), image(4))
    # The plane's height under the point: 1/4 of all heights, and r/(2 r²)·r of those of two corners.
    heights = np.array([1 / 4 + 1 / 2, 1 / 4, 1 / 4 - 1 / 2, 1 / 4])
    assert gradients.values == pytest.approx([10 * h])  # anticlockwise seen from above
    expected = 10 * sigma * math.sqrt(1 + (heights**2).sum())
    assert propagate_su(model, gradients) == pytest.approx([expected], rel=1e-9)


def test_parallel_planes_about_an_inversion_centre_are_fixed():
    fract = np.random.default_rng(8).uniform(0.1, 0.4, size=(4, 3))
    cell = Cell(lengths=[8, 9, 10], angles=[85, 95, 105], lengths_su=[0.01] * 3, angles_su=[0.05] * 3)
    model = build_error_model(build_crystal(cell, group_of("P -1"), fract, 1e-3), tolerance=0.01)
    ends = [groups_of([image(i, g) for i in range(4)]) for g in (0, 1)]
    gradients = find_plane_angle_gradients(model, *ends)
    assert gradients.values == pytest.approx([0.0], abs=1e-5)  # an arc cosine near 1
    assert propagate_su(model, gradients).tolist() == [0.0]


# ------------------------------------------------------------------------------------------ means


def test_symmetry_copies_make_a_mean_no_surer():
    """Two bonds at an inversion centre are one; two independent bonds of the same precision are two."""
    fract = [[0, 0, 0], [0.2, 0, 0], [0, 0.2, 0]]
    crystal = build_crystal(cubic(), group_of("P -1"), fract, [[0] * 3, [1e-3] * 3, [1e-3] * 3])
    model = build_error_model(crystal, tolerance=0.01)
    ends = {
        "copies": AtomImages(sites=[1, 1], operations=[0, 1], shifts=np.zeros((2, 3))),
        "independent": AtomImages(sites=[1, 2], operations=[0, 0], shifts=np.zeros((2, 3))),
    }
    centre = AtomImages(sites=[0, 0], operations=[0, 0], shifts=np.zeros((2, 3)))
    su = {
        name: measure_mean(correlate_values(model, find_distance_gradients(model, centre, end))).su
        for name, end in ends.items()
    }
    assert su["copies"] == pytest.approx(0.01, rel=1e-9)
    assert su["independent"] == pytest.approx(0.01 / math.sqrt(2), rel=1e-9)


def test_error_of_the_cell_does_not_average_out():
    """Many distances between fixed atoms in a cubic cell: the mean is as unsure as each, relatively."""
    crystal = build_crystal(cubic(4.0, 0.004), group_of("P m -3 m"), [[0, 0, 0]], 0.0)
    model = build_error_model(crystal, tolerance=0.01)
    shifts = np.array([(1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 0, 0)])
    none = AtomImages(sites=[0] * 4, operations=[0] * 4, shifts=np.zeros((4, 3)))
    ends = AtomImages(sites=[0] * 4, operations=[0] * 4, shifts=shifts)
    mean = measure_mean(correlate_values(model, find_distance_gradients(model, none, ends)))
    assert mean.su / mean.value == pytest.approx(0.004 / 4.0, rel=1e-9)
    assert (mean.n, mean.held) == (4, 0)


def test_angles_of_a_triangle_have_a_sure_mean():
    """The three angles add up to 180°: each is unsure, their mean is not."""
    fract = [[0.1, 0.1, 0.1], [0.35, 0.12, 0.1], [0.2, 0.33, 0.17]]
    model = build_error_model(build_crystal(cubic(), group_of("P 1"), fract, 1e-3), tolerance=0.01)
    columns = [
        AtomImages(sites=sites, operations=[0] * 3, shifts=np.zeros((3, 3)))
        for sites in ([0, 1, 2], [1, 2, 0], [2, 0, 1])
    ]
    found = correlate_values(model, find_angle_gradients(model, *columns))
    assert (found.su > 0.1).all()
    covariance = found.covary(np.eye(3))
    assert covariance.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-9)
    mean = measure_mean(found)
    assert mean.value == pytest.approx(60.0)
    assert np.isnan(mean.su) or mean.su < 1e-6  # rounding of a variance that is zero


@pytest.mark.parametrize("weights", [[1.0], [-1.0, 2.0], [0.0, 0.0]])
def test_weights_that_make_no_mean_are_refused(weights):
    model = build_error_model(
        build_crystal(cubic(), group_of("P 1"), [[0] * 3, [0.2] * 3], 1e-3), tolerance=0.01
    )
    found = correlate_values(
        model,
        find_distance_gradients(
            model,
            AtomImages(sites=[0, 1], operations=[0, 0], shifts=np.zeros((2, 3))),
            AtomImages(sites=[1, 0], operations=[0, 0], shifts=np.zeros((2, 3))),
        ),
    )
    with pytest.raises(InputError, match="expected one weight"):
        measure_mean(found, np.array(weights))


# -------------------------------------------------------------------------------------- invariances


@settings(max_examples=60, deadline=None)
@given(structures(), st.data())
def test_choice_of_the_asymmetric_unit_and_of_the_origin_does_not_matter(structure, data):
    """Angles, torsions and planes through images of two sites, listed at other places of the same crystal."""
    cell, group, points = structure
    operation = st.integers(0, len(group) - 1)
    shift = st.tuples(*[st.integers(-1, 1)] * 3)
    wanted = [place(group, points[i % 2], data.draw(operation), data.draw(shift)) for i in range(7)]
    listed = [place(group, x, data.draw(operation), data.draw(shift)) for x in points]
    origin = np.array(data.draw(st.tuples(*[st.floats(-0.5, 0.5)] * 3)))
    moved = SpaceGroup(
        rotations=group.rotations, translations=group.translations + origin - group.rotations @ origin
    )
    models = []
    for symmetry, sites, targets in (
        (group, points, wanted),
        (moved, np.array(listed) + origin, np.array(wanted) + origin),
    ):
        su = [isotropic_su(cell, symmetry, x) for x in sites]
        model = build_error_model(build_crystal(cell, symmetry, sites, su), tolerance=1e-3)
        atoms = [image(i % 2, *find_image(symmetry, sites[i % 2], t)) for i, t in enumerate(targets)]
        models.append((model, atoms))
    for measure, (count, gradients_of, value) in MEASURES.items():
        x = np.array(wanted[:count]) @ cell.matrix
        if not is_well_defined(x, value, planes=measure.startswith("plane")):
            continue
        one, other = (
            (gradients.values[0], propagate_su(model, gradients)[0])
            for model, gradients in ((m, gradients_of(m, *atoms[:count])) for m, atoms in models)
        )
        assert other[0] == pytest.approx(one[0], abs=1e-4)  # rounding of the origin shift, near 0° and 180°
        assert other[1] == pytest.approx(one[1], rel=1e-3, abs=1e-7)


def is_well_defined(x, value, *, planes):
    """Return whether a small change of the atoms makes a small change of the value, and of its planes."""
    moved = x + 1e-5 * np.random.default_rng(1).normal(size=(20, *x.shape))
    with np.errstate(all="ignore"):
        values = value(moved)
    if planes:
        for group in (moved[:, :4], moved[:, 4:]) if x.shape[0] == 7 else (moved[:, :4],):
            normals = normal_of(group)
            if np.abs(normals @ normals[0]).min() < 1 - 1e-6:  # turned by more than 0.08°
                return False
    return bool(np.isfinite(values).all() and np.ptp(values) < 0.01)


# ------------------------------------------------------------------------------------------ molecules


@pytest.fixture(scope="module")
def model():
    crystal = read_cif(find_model("au25_sch3_18_nme4"))
    rng = np.random.default_rng(3)
    su = np.round(rng.uniform(1e-5, 1e-4, size=crystal.sites.fract.shape), 5)
    riding = np.array([element == "H" for element in crystal.sites.elements])
    su[riding] = 0.0
    return assemble_molecules(replace(crystal, sites=replace(crystal.sites, fract_su=su)))


def test_atoms_of_a_molecule_give_the_values_of_their_positions(model):
    molecule = model.molecules[0].molecule
    rng = np.random.default_rng(5)
    heavy = np.flatnonzero(np.array(molecule.elements) != "H")
    rows = np.array([rng.choice(heavy, size=7, replace=False) for _ in range(20)])
    rows = rows[np.abs(value_angle(molecule.positions[rows[:, 4:]]) - 90) < 80]  # not in line
    x = molecule.positions[rows]
    angles = measure_angles(model.crystal, molecule, rows[:, :3])
    assert angles.values == pytest.approx(value_angle(x), abs=1e-6)
    assert angles.stated.all()
    assert measure_correlated_angles(model.crystal, molecule, rows[:, :3]).su == pytest.approx(angles.su)
    torsions = measure_torsions(model.crystal, molecule, rows[:, :4])
    assert torsions.values == pytest.approx(value_torsion(x), abs=1e-6)
    weights = [WEIGHTS] * len(rows), None
    centroids = measure_group_distances(model.crystal, molecule, rows[:, :3], rows[:, 3:5], weights=weights)
    assert centroids.lengths == pytest.approx(value_centroids(x[:, :5]), abs=1e-9)
    distances = measure_plane_distances(model.crystal, molecule, rows[:, :4], rows[:, 4])
    assert distances.lengths == pytest.approx(value_plane_distance(x), abs=1e-9)
    planes = measure_plane_angles(model.crystal, molecule, rows[:, :4], rows[:, 4:])
    assert planes.values == pytest.approx(value_plane_angle(x), abs=1e-6)
    for found in (torsions, centroids, distances, planes):
        assert found.stated.all()


def test_single_atoms_are_groups_and_short_groups_stand_beside_long_ones(model):
    molecule = model.molecules[0].molecule
    pairs = np.array([[0, 1], [2, 5]])
    atoms = measure_distances(model.crystal, molecule, pairs)
    groups = measure_group_distances(model.crystal, molecule, [[0], [2], [0]], [[1], [5], [1, 2, 5, 7]])
    assert groups.lengths[:2] == pytest.approx(atoms.lengths)
    assert groups.su[:2] == pytest.approx(atoms.su)
    centroid = molecule.positions[[1, 2, 5, 7]].mean(axis=0)
    assert groups.lengths[2] == pytest.approx(np.linalg.norm(centroid - molecule.positions[0]))


def test_riding_hydrogen_is_counted_and_nothing_is_stated(model):
    molecule = model.molecules[0].molecule
    bonded = {frozenset(pair) for pair in molecule.bonds.pairs.tolist()}
    carbon = molecule.elements.index("C")
    hydrogens = [i for i, e in enumerate(molecule.elements) if e == "H" and frozenset((i, carbon)) in bonded]
    sulfur = next(i for i, e in enumerate(molecule.elements) if e == "S" and frozenset((i, carbon)) in bonded)
    angles = measure_angles(
        model.crystal, molecule, [[sulfur, carbon, hydrogens[0]], [hydrogens[0], carbon, hydrogens[1]]]
    )
    assert angles.held.tolist() == [1, 2]
    assert not angles.stated.any()
    assert np.isnan(angles.complete_su()).all()
    group = measure_group_distances(model.crystal, molecule, [hydrogens], [[sulfur]])
    assert group.held.tolist() == [3]
    plane = measure_plane_distances(model.crystal, molecule, [hydrogens], [carbon])
    assert (plane.held.tolist(), plane.stated.tolist()) == ([3], [False])
    assert measure_plane_angles(model.crystal, molecule, [hydrogens], [hydrogens]).held.tolist() == [6]
    bonds = measure_correlated_distances(
        model.crystal, molecule, np.array([carbon, carbon]), np.array([sulfur, hydrogens[0]])
    )
    mean = measure_mean(bonds)
    assert (mean.n, mean.held, np.isnan(mean.su)) == (2, 1, True)
    assert measure_mean(bonds, np.array([1.0, 0.0])).su == pytest.approx(bonds.su[0])


def test_structure_without_uncertainties_states_none():
    assembly = assemble_molecules(read_cif(find_model("au25_sch3_18_nme4")))
    molecule = assembly.molecules[0].molecule
    angles = measure_angles(assembly.crystal, molecule, [[0, 1, 2]])
    assert not angles.stated.any()
    bonds = measure_correlated_distances(assembly.crystal, molecule, *molecule.bonds.pairs.T)
    assert np.isnan(bonds.complete_su()).all()
    assert np.isnan(measure_mean(bonds).su)


@pytest.mark.parametrize(
    ("groups", "weights", "fewest", "told"),
    [
        ([[]], None, 1, "0 atoms, expected at least 1"),
        ([[0, 1]], None, 3, "2 atoms, expected at least 3"),
        ([[0, 1]], [[1.0]], 1, "expected 2 numbers"),
        ([[0, 1]], [[1.0, -1.0]], 1, "none negative"),
    ],
)
def test_groups_that_make_no_sense_are_refused(model, groups, weights, fewest, told):
    with pytest.raises(InputError, match=told):
        build_groups(model.molecules[0].molecule, groups, weights, fewest=fewest)


def test_angle_across_the_cells_of_a_chain():
    """Gold atoms in a zigzag along a: the angle at the end of the repeat unit needs the next cell."""
    cell = Cell(lengths=[5.0, 12, 12], angles=[90] * 3)
    points = [[0.0, 0.25, 0.25], [0.5, 0.25 + 1 / 24, 0.25]]  # steps of 2.5 Å along a and 0.5 Å along b
    assembly = assemble_molecules(build_crystal(cell, group_of("P 1"), points, 1e-3))
    chain = assembly.molecules[0].molecule
    shifts = np.array([[[0, 0, 0], [0, 0, 0], [1, 0, 0]]])
    fract = chain.positions @ cell.inverse
    start = 0 if fract[1, 0] > fract[0, 0] else 1
    found = measure_angles(assembly.crystal, chain, [[start, 1 - start, start]], shifts=shifts)
    assert found.values == pytest.approx([2 * math.degrees(math.atan2(2.5, 0.5))])
    # The bend is the height of the apex over both ends, which move together: σ √2.
    height = math.hypot(12e-3, 12e-3)
    slope = 2 * 2.5 / (2.5**2 + 0.5**2)
    assert found.su == pytest.approx([math.degrees(height * slope)], rel=1e-6)


# ---------------------------------------------------------------------------------- another program

CCTBX = json.loads(Path(__file__).parents[1].joinpath("data", "geometry_cctbx.json").read_text("utf-8"))


def read_triplet(text):
    """Return rotation, translation and cell shift of an operation such as -x+1,y,-z as cctbx got it."""
    operation = gemmi.Op(text)
    total = np.array(operation.tran) / gemmi.Op.DEN
    return np.array(operation.rot) // gemmi.Op.DEN, total


@pytest.mark.parametrize("one", CCTBX["crystals"], ids=lambda one: one["group"])
def test_agrees_with_cctbx(one):
    """Independent coordinates, as in a diagonal covariance matrix; images of different sites."""
    group = group_of(one["group"])
    cell = Cell(
        lengths=one["cell"][:3],
        angles=one["cell"][3:],
        lengths_su=one["cell_su"][:3],
        angles_su=one["cell_su"][3:],
    )
    crystal = build_crystal(cell, group, one["fract"], one["fract_su"])
    model = build_error_model(crystal, tolerance=0.01)
    coordinates = replace(model, positional=model.positional * np.eye(3), lattice=np.zeros((6, 6)))
    lattice = replace(model, positional=np.zeros_like(model.positional))
    compared = Counter()
    for row in one["rows"]:
        atoms = []
        for site, text in zip(row["atoms"], row["images"], strict=True):
            rotation, translation = read_triplet(text)
            fract = rotation @ model.fract[site] + translation
            atoms.append(image(site, *find_image(group, model.fract[site], fract)))
        finder = {2: find_distance_gradients, 3: find_angle_gradients, 4: find_torsion_gradients}[len(atoms)]
        gradients = finder(model, *atoms)
        assert gradients.values == pytest.approx([row["value"]], abs=1e-6)
        assert propagate_su(lattice, gradients) == pytest.approx([row["su_cell"]], rel=1e-5)  # floating point
        if row["su_coordinates"] is not None:
            assert propagate_su(coordinates, gradients) == pytest.approx([row["su_coordinates"]], rel=1e-5)
            compared[len(atoms)] += 1
    assert compared == {2: 8, 3: 8}
