"""Are propagated uncertainties those of the stated errors, for any symmetry and any choice of axes?"""

from dataclasses import replace

import gemmi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.assembly.uncertainties import (
    AtomImages,
    bond_uncertainties,
    find_distance_gradients,
    find_pair_uncertainties,
    measure_distances,
    propagate_distance_su,
)
from clustermodel.errors import InputError
from clustermodel.io.cif import read_cif
from clustermodel.io.embedded import find_model
from clustermodel.structure.cell import Cell
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import molecule_from_atoms
from clustermodel.structure.sites import Sites
from clustermodel.structure.symmetry import SpaceGroup, find_space_group
from clustermodel.structure.uncertainty import build_error_model

SIGMA = 0.002  # Å: isotropic error of every atom where one is assumed, small beside any distance
ROUNDING = 1e-9  # Å: exact formulas and exact invariances, to floating point
SETTINGS = [group.xhm() for group in gemmi.spacegroup_table()]
SPECIAL_VALUES = [0.0, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 3 / 8, 1 / 2, 2 / 3, 3 / 4, 0.137, 0.274, -0.137, 0.411]


def build_crystal(cell, group, fract, su):
    fract = np.asarray(fract, dtype=float)
    n = len(fract)
    return Crystal(
        cell=cell,
        space_group=group,
        sites=Sites(
            labels=tuple(f"Au{i + 1}" for i in range(n)),
            elements=("Au",) * n,
            fract=fract,
            fract_su=np.broadcast_to(su, (n, 3)),
            fract_step=np.full((n, 3), 1e-5),
            u_iso=np.full(n, np.nan),
            u_aniso=np.full((n, 6), np.nan),
            occupancy=np.ones(n),
            assembly=("",) * n,
            part=np.zeros(n),
            calculated=np.zeros(n),
            residue=("",) * n,
        ),
    )


def image(site, operation=0, shift=(0, 0, 0)):
    return AtomImages(sites=[site], operations=[operation], shifts=[shift])


def group_of(name):
    group = find_space_group(name, source="test")
    assert group is not None
    return group


def symmetric_cell(group, lengths, angles, **su):
    """Return the cell nearest to the given one that has the symmetry of the group."""
    matrix = Cell(lengths=lengths, angles=angles).matrix
    metric = np.mean([r.T @ matrix @ matrix.T @ r for r in group.rotations], axis=0)
    edges = np.sqrt(np.diag(metric))
    cosines = [metric[1, 2] / edges[1] / edges[2], metric[0, 2] / edges[0] / edges[2]]
    cosines.append(metric[0, 1] / edges[0] / edges[1])
    return Cell(lengths=edges, angles=np.degrees(np.arccos(cosines)), **su)


def stabiliser(cell, group, x):
    """Return the rotations of the operations that map a point exactly on itself."""
    offset = group.rotations @ x + group.translations - x
    offset -= np.rint(offset)
    return group.rotations[np.linalg.norm(offset @ cell.matrix, axis=1) < 1e-6]


def isotropic_displacements(cell, group, x, rng, count):
    """Return fractional displacements: isotropic ones that keep the symmetry of the site."""
    free = rng.normal(scale=SIGMA, size=(count, 3)) @ cell.inverse
    return free @ stabiliser(cell, group, x).mean(axis=0).T


def isotropic_su(cell, group, x):
    """Return what a refinement prints for such a site: the diagonal of the covariance."""
    kept = cell.inverse @ stabiliser(cell, group, x).mean(axis=0).T
    return SIGMA * np.sqrt(np.diag(kept.T @ kept))


# ------------------------------------------------------------------------------------- exact formulas


@given(st.data())
def test_two_free_atoms_in_an_orthogonal_cell(data):
    number = st.floats(0.05, 0.45)
    delta = np.array(data.draw(st.tuples(number, number, number)))
    su = np.array(data.draw(st.lists(st.floats(1e-5, 1e-3), min_size=9, max_size=9))).reshape(3, 3)
    lengths = np.array([7.0, 11.0, 13.0])
    cell = Cell(lengths=lengths, angles=(90, 90, 90), lengths_su=su[2], angles_su=(0, 0, 0))
    crystal = build_crystal(cell, group_of("P 2 2 2"), [[0.02] * 3, 0.02 + delta], su[:2])
    found = propagate_distance_su(crystal, image(0), image(1))
    length = np.linalg.norm(lengths * delta)
    variance = (lengths**2 * delta / length) ** 2 * (su[0] ** 2 + su[1] ** 2)
    variance += (lengths * delta**2 / length * su[2]) ** 2
    assert found.lengths == pytest.approx([length], abs=ROUNDING)
    assert found.su == pytest.approx([np.sqrt(variance.sum())], rel=1e-9)
    assert found.held.tolist() == [0]


@given(st.tuples(*[st.integers(-4, 4)] * 3).filter(any), st.sampled_from(["P m -3 m", "F d -3 m:2", "P 2 3"]))
def test_distance_in_a_cubic_cell_scales_with_the_edge(shift, name):
    cell = Cell(lengths=[4.0] * 3, angles=[90] * 3, lengths_su=[0.003] * 3)
    crystal = build_crystal(cell, group_of(name), [[0.5, 0.5, 0.5]], 0.0)
    found = propagate_distance_su(crystal, image(0), image(0, shift=shift))
    assert found.su == pytest.approx(found.lengths * 0.003 / 4.0, rel=1e-9)


def test_edges_that_symmetry_does_not_tie_are_independent():
    cell = Cell(lengths=[4.0] * 3, angles=[90] * 3, lengths_su=[0.003] * 3)
    shifts = image(0), image(0, shift=(1, 1, 0))
    tied = propagate_distance_su(build_crystal(cell, group_of("P 4"), [[0.3, 0, 0]], 1e-4), *shifts)
    apart = propagate_distance_su(build_crystal(cell, group_of("P 2 2 2"), [[0.3, 0, 0]], 1e-4), *shifts)
    assert tied.su == pytest.approx([0.003 * np.sqrt(2)], rel=1e-9)  # both edges of the square move together
    assert apart.su == pytest.approx([0.003], rel=1e-9)  # two edges with 1/√2 each, in quadrature


def test_edge_without_uncertainty_follows_its_partner():
    cell = Cell(lengths=[4.0] * 3, angles=[90] * 3, lengths_su=[0.0, 0.003, 0.0])
    crystal = build_crystal(cell, group_of("P 4"), [[0.0, 0, 0]], 0.0)
    assert propagate_distance_su(crystal, image(0), image(0, shift=(1, 0, 0))).su == pytest.approx([0.003])


def test_angle_fixed_by_symmetry_has_no_uncertainty():
    cell = Cell(lengths=[4.0] * 3, angles=[90] * 3, angles_su=[0.1] * 3)
    shifts = image(0), image(0, shift=(1, 1, 1))
    for name, zero in (("P 2 2 2", True), ("P 1 2 1", False), ("P -1", False)):
        found = propagate_distance_su(build_crystal(cell, group_of(name), [[0, 0, 0]], 0.0), *shifts)
        assert bool(found.su[0] == 0.0) is zero


def test_atom_and_its_inverse_move_in_opposite_directions():
    cell = Cell(lengths=[10.0] * 3, angles=[90] * 3)
    crystal = build_crystal(cell, group_of("P -1"), [[0.1, 0, 0]], 1e-3)
    found = propagate_distance_su(crystal, image(0), image(0, 1))
    assert found.su == pytest.approx([2 * 10.0 * 1e-3], rel=1e-9)  # not √2 times: the same parameter twice


def test_atom_and_its_translation_move_together():
    cell = Cell(lengths=[10.0] * 3, angles=[90] * 3, lengths_su=[0.004] * 3)
    crystal = build_crystal(cell, group_of("P 1"), [[0.1, 0.2, 0.3]], 1e-3)
    found = propagate_distance_su(crystal, image(0), image(0, shift=(1, 0, 0)))
    assert found.su == pytest.approx([0.004], rel=1e-9)


def test_dependent_coordinates_follow_the_one_printed_best():
    """At (x, 2x, z) of P3m1 an s.u. of 0.00016 is printed 2 and 3 in the last digit: the 3 decides."""
    cell = Cell(lengths=[10, 10, 10], angles=[90, 90, 120])
    printed = [[2e-4, 3e-4, 1e-4], [0, 0, 0]]
    crystal = build_crystal(cell, group_of("P 3 m 1"), [[0.2, 0.4, 0.0], [0, 0, 0]], printed)
    along = np.linalg.norm([1.5e-4, 3e-4, 0] @ cell.matrix)
    assert propagate_distance_su(crystal, image(1), image(0)).su == pytest.approx([along], rel=1e-9)


def test_coinciding_atoms_have_no_gradient():
    cell = Cell(lengths=[10.0] * 3, angles=[90] * 3, lengths_su=[0.004] * 3)
    crystal = build_crystal(cell, group_of("P -1"), [[0.1, 0.2, 0.3]], 1e-3)
    found = propagate_distance_su(crystal, image(0), image(0))
    assert found.lengths.tolist() == [0.0]
    assert found.su.tolist() == [0.0]
    assert not found.stated[0]


def test_gradients_are_those_of_finite_differences():
    cell = Cell(lengths=[7.1, 8.3, 9.7], angles=[81, 97, 105])
    group = group_of("P -1")
    fract = np.array([[0.11, 0.23, 0.37], [0.71, 0.13, 0.29]])
    crystal = build_crystal(cell, group, fract, 1e-4)
    pair = image(0, 1, (1, 0, -1)), image(1, 0, (0, 1, 0))
    gradients = find_distance_gradients(build_error_model(crystal, tolerance=0.1), *pair)
    step = 1e-6  # balances truncation and cancellation: both below 1e-8

    def length(moved, lengths, angles):
        other = build_crystal(Cell(lengths=lengths, angles=angles), group, moved, 1e-4)
        return propagate_distance_su(other, *pair).lengths[0]

    for atom in range(2):
        for axis in range(3):
            shifted = np.zeros((2, 3))
            shifted[atom, axis] = step
            slope = length(fract + shifted, cell.lengths, cell.angles)
            slope -= length(fract - shifted, cell.lengths, cell.angles)
            assert gradients.positional[0, atom, axis] == pytest.approx(slope / 2 / step, abs=1e-6)
    for k in range(3):
        unit = np.eye(3)[k] * step
        slope = length(fract, cell.lengths * (1 + unit), cell.angles)
        slope -= length(fract, cell.lengths * (1 - unit), cell.angles)
        assert gradients.lattice[0, k] == pytest.approx(slope / 2 / step, abs=1e-6)
        slope = length(fract, cell.lengths, cell.angles + np.degrees(unit))
        slope -= length(fract, cell.lengths, cell.angles - np.degrees(unit))
        assert gradients.lattice[0, 3 + k] == pytest.approx(slope / 2 / step, abs=1e-6)


# ---------------------------------------------------------------------------------------- Monte Carlo

COUNT = 20000
MONTE_CARLO = 0.025  # 5 standard errors of a standard deviation from 20000 samples: 5 / sqrt(2 · 20000)

# Group, cell, the constants of the cell that vary together (0 to 5 are a, b, c, alpha, beta, gamma), sites.
CASES = {
    "triclinic": ("P -1", (7, 8, 9, 80, 97, 105), ((0,), (1,), (2,), (3,), (4,), (5,)), [(0.1, 0.2, 0.3)]),
    "inversion centre": (
        "P -1",
        (7, 8, 9, 80, 97, 105),
        ((0,), (1,), (2,), (3,), (4,), (5,)),
        [(0.5, 0.5, 0)],
    ),
    "monoclinic mirror": ("C 1 2/m 1", (7, 8, 9, 90, 115, 90), ((0,), (1,), (2,), (4,)), [(0.1, 0, 0.2)]),
    "monoclinic axis": ("C 1 2/c 1", (7, 8, 9, 90, 115, 90), ((0,), (1,), (2,), (4,)), [(0, 0.13, 0.25)]),
    "orthorhombic": ("F d d d:2", (7, 8, 9, 90, 90, 90), ((0,), (1,), (2,)), [(0.125, 0.125, 0.3)]),
    "tetragonal diagonal": ("P 4/m m m", (7, 7, 9, 90, 90, 90), ((0, 1), (2,)), [(0.2, 0.2, 0.3)]),
    "tetragonal": ("P 41 21 2", (7, 7, 9, 90, 90, 90), ((0, 1), (2,)), [(0.2, 0.2, 0)]),
    "hexagonal": ("P 6/m", (7, 7, 9, 90, 90, 120), ((0, 1), (2,)), [(0.1, 0.3, 0.2)]),
    "hexagonal x 2x": ("P 63/m m c", (7, 7, 9, 90, 90, 120), ((0, 1), (2,)), [(0.15, 0.3, 0.1)]),
    "threefold axis": ("R -3:H", (7, 7, 19, 90, 90, 120), ((0, 1), (2,)), [(2 / 3, 1 / 3, 0.1)]),
    "rhombohedral": ("R -3:R", (7, 7, 7, 75, 75, 75), ((0, 1, 2), (3, 4, 5)), [(0.1, 0.2, 0.35)]),
    "rhombohedral axis": ("R -3:R", (7, 7, 7, 75, 75, 75), ((0, 1, 2), (3, 4, 5)), [(0.2, 0.2, 0.2)]),
    "cubic": ("I a -3 d", (11, 11, 11, 90, 90, 90), ((0, 1, 2),), [(0.1, 0.1, 0.1)]),
    "cubic 110": ("F m -3 m", (9, 9, 9, 90, 90, 90), ((0, 1, 2),), [(0.0, 0.13, 0.13)]),
}


def metric_tensors(constants):
    edges, cosines = constants[:, :3], np.cos(np.radians(constants[:, 3:]))
    metrics = edges[:, :, None] * edges[:, None, :]
    for (i, j), cosine in zip(((1, 2), (0, 2), (0, 1)), cosines.T, strict=True):
        metrics[:, i, j] *= cosine
        metrics[:, j, i] *= cosine
    return metrics


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_monte_carlo(case):
    name, constants, ties, special = CASES[case]
    rng = np.random.default_rng(7)
    group = group_of(name)
    relative = np.zeros(6)
    for number, tie in enumerate(ties):
        relative[list(tie)] = 2e-4 * (1 + number)
    values = np.array(constants, dtype=float)
    su = relative * np.where(np.arange(6) < 3, values, np.degrees(1.0))
    cell = Cell(lengths=values[:3], angles=values[3:], lengths_su=su[:3], angles_su=su[3:])
    fract = np.array([*special, (0.31, 0.17, 0.43)])
    printed = np.array([isotropic_su(cell, group, x) for x in fract])
    crystal = build_crystal(cell, group, fract, printed)
    moved = np.array([x + isotropic_displacements(cell, group, x, rng, COUNT) for x in fract])
    drawn = np.zeros((COUNT, 6))
    for tie in ties:
        drawn[:, list(tie)] = rng.normal(size=(COUNT, 1))
    metrics = metric_tensors(values + drawn * su)
    for one, other in ((0, 1), (0, 0), (1, 1)):
        for operation, shift in ((0, (1, 0, 0)), (len(group) - 1, (0, 1, 0)), (len(group) // 2, (0, 0, 1))):
            rotation, translation = group.rotations[operation], group.translations[operation] + shift
            difference = moved[other] @ rotation.T + translation - moved[one]
            lengths = np.sqrt(np.einsum("pi,pij,pj->p", difference, metrics, difference))
            found = propagate_distance_su(crystal, image(one), image(other, operation, shift))
            # Lengths near zero are not linear in the errors; nothing shorter than 100 errors is compared.
            if found.lengths[0] > 100 * SIGMA:
                assert found.su[0] == pytest.approx(lengths.std(), rel=MONTE_CARLO, abs=1e-6)
                assert found.lengths[0] == pytest.approx(
                    lengths.mean(), abs=5 * SIGMA / np.sqrt(COUNT) + 1e-4
                )


# -------------------------------------------------------------------------------------- invariances


@st.composite
def structures(draw):
    group = group_of(draw(st.sampled_from(SETTINGS)))
    number = st.floats(5.0, 15.0)
    angle = st.floats(75.0, 110.0)
    cell = symmetric_cell(
        group,
        draw(st.tuples(number, number, number)),
        draw(st.tuples(angle, angle, angle)),
    )
    relative = draw(st.tuples(*[st.floats(1e-5, 1e-3)] * 2))
    metric_like = symmetric_su(cell, group, relative)
    cell = replace(cell, lengths_su=metric_like[:3], angles_su=metric_like[3:])
    coordinate = st.sampled_from(SPECIAL_VALUES)
    points = draw(st.lists(st.tuples(coordinate, coordinate, coordinate), min_size=2, max_size=2))
    return cell, group, np.array(points)


def symmetric_su(cell, group, relative):
    """Return uncertainties of the cell constants: one for lengths, one for angles, none where fixed."""
    fixed = [np.isclose(a, (60, 90, 109.4712206, 120), atol=1e-4).any() for a in cell.angles]
    angles = np.where(fixed, 0.0, np.degrees(relative[1]))
    return np.concatenate([cell.lengths * relative[0], angles])


def place(group, x, operation, shift):
    return group.rotations[operation] @ x + group.translations[operation] + shift


def find_image(group, x, target):
    """Return operation and shift that take a site to a place."""
    offset = target - (group.rotations @ x + group.translations)
    best = int(np.abs(offset - np.rint(offset)).max(axis=1).argmin())
    assert np.abs(offset[best] - np.rint(offset[best])).max() < 1e-9  # rounding of one product
    return best, np.rint(offset[best]).astype(int)


@settings(max_examples=150)
@given(structures(), st.data())
def test_choice_of_the_asymmetric_unit_and_of_the_origin_does_not_matter(structure, data):
    cell, group, points = structure
    operation = st.integers(0, len(group) - 1)
    shift = st.tuples(*[st.integers(-1, 1)] * 3)
    wanted = [place(group, x, data.draw(operation), data.draw(shift)) for x in points]
    listed = [place(group, x, data.draw(operation), data.draw(shift)) for x in points]
    origin = np.array(data.draw(st.tuples(*[st.floats(-0.5, 0.5)] * 3)))
    turned = origin - group.rotations @ origin
    moved_group = SpaceGroup(rotations=group.rotations, translations=group.translations + turned)
    results = []
    for symmetry, sites, targets in (
        (group, points, wanted),
        (moved_group, np.array(listed) + origin, np.array(wanted) + origin),
    ):
        su = [isotropic_su(cell, symmetry, x) for x in sites]
        crystal = build_crystal(cell, symmetry, sites, su)
        found = [find_image(symmetry, x, target) for x, target in zip(sites, targets, strict=True)]
        results.append(propagate_distance_su(crystal, *[image(i, *found[i]) for i in range(2)]))
    assert results[0].lengths == pytest.approx(results[1].lengths, abs=1e-6)  # rounding of the origin shift
    if results[0].lengths[0] > 1e-3:  # coinciding atoms have no direction
        assert results[0].su == pytest.approx(results[1].su, rel=1e-5, abs=1e-9)
        assert results[0].held.tolist() == results[1].held.tolist()


@settings(max_examples=150)
@given(structures())
def test_covariance_has_the_symmetry_of_the_site_and_the_printed_uncertainties(structure):
    cell, group, points = structure
    su = np.array([isotropic_su(cell, group, x) for x in points])
    model = build_error_model(build_crystal(cell, group, points, su), tolerance=1e-3)
    for x, printed, covariance in zip(points, su, model.positional, strict=True):
        assert np.sqrt(np.diag(covariance)) == pytest.approx(printed, rel=1e-6, abs=1e-12)
        for rotation in stabiliser(cell, group, x):
            assert rotation @ covariance @ rotation.T == pytest.approx(
                covariance, abs=1e-6 * printed.max() ** 2
            )


@given(structures())
def test_order_of_a_pair_does_not_matter(structure):
    cell, group, points = structure
    su = [isotropic_su(cell, group, x) for x in points]
    crystal = build_crystal(cell, group, points, su)
    last = image(1, len(group) - 1, (0, 1, 0))
    there, back = (
        propagate_distance_su(crystal, image(0), last),
        propagate_distance_su(crystal, last, image(0)),
    )
    assert there.su == pytest.approx(back.su, rel=1e-9, abs=1e-15)


# ------------------------------------------------------------------------- atoms without uncertainties


def test_held_atoms_are_counted_and_fixed_ones_are_not():
    cell = Cell(lengths=[10.0] * 3, angles=[90] * 3, lengths_su=[0.001] * 3)
    fract = [[0, 0, 0], [0.2, 0.1, 0], [0.3, 0.1, 0], [0.3, 0.3, 0]]
    su = np.zeros((4, 3))
    su[1] = 1e-3
    crystal = build_crystal(cell, group_of("P -1"), fract, su)
    pairs = [(0, 1), (0, 0), (1, 2), (2, 3)]  # fixed–refined, fixed–fixed, refined–riding, riding–riding
    first = AtomImages(sites=[a for a, _ in pairs], operations=[0] * 4, shifts=np.zeros((4, 3)))
    shifts = [(0, 0, 0), (1, 0, 0), (0, 0, 0), (0, 0, 0)]
    second = AtomImages(sites=[b for _, b in pairs], operations=[0] * 4, shifts=shifts)
    found = propagate_distance_su(crystal, first, second)
    assert found.held.tolist() == [0, 0, 1, 2]
    assert found.stated.tolist() == [True, True, False, False]
    assert np.isnan(found.complete_su()).tolist() == [False, False, True, True]
    assert found.su[1] == pytest.approx(0.001, rel=1e-9)  # the cell alone
    assert found.su[3] == pytest.approx(found.lengths[3] * 1e-4, rel=1e-9)  # along b, the cell alone


def test_structure_without_any_uncertainty_states_none():
    cell = Cell(lengths=[10.0] * 3, angles=[90] * 3)
    crystal = build_crystal(cell, group_of("P m -3 m"), [[0, 0, 0]], 0.0)
    found = propagate_distance_su(crystal, image(0), image(0, shift=(1, 0, 0)))
    assert not found.stated[0]
    assert np.isnan(found.complete_su()[0])


# ------------------------------------------------------------------------------------------ molecules


@pytest.fixture(scope="module")
def model():
    crystal = read_cif(find_model("au25_sch3_18_nme4"))
    rng = np.random.default_rng(3)
    su = rng.uniform(1e-5, 1e-4, size=crystal.sites.fract.shape)
    stated = replace(crystal.sites, fract_su=np.round(su, 5))
    return assemble_molecules(replace(crystal, sites=stated))


def test_bonds_of_a_molecule_are_aligned_with_their_lengths(model):
    for distinct in model.molecules:
        bonds = distinct.molecule.bonds
        found = measure_distances(model.crystal, distinct.molecule, bonds.pairs, shifts=bonds.shifts)
        assert found.lengths == pytest.approx(bonds.lengths, abs=ROUNDING)
        assert bond_uncertainties(model.crystal, distinct.molecule) == pytest.approx(found.su)
        assert (found.su > 0).all()


def test_pairs_of_a_molecule_need_no_bond(model):
    molecule = model.molecules[0].molecule
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, len(molecule), size=(2, 50))
    found = measure_distances(model.crystal, molecule, np.stack([first, second], axis=1))
    direct = np.linalg.norm(molecule.positions[second] - molecule.positions[first], axis=1)
    assert found.lengths == pytest.approx(direct, abs=ROUNDING)
    su = find_pair_uncertainties(model.crystal, molecule, first, second)
    assert su[first != second] == pytest.approx(found.su[first != second])
    assert np.isnan(su[first == second]).all()


def test_molecule_of_another_crystal_is_refused(model):
    stranger = molecule_from_atoms(["Au", "Au"], [[0, 0, 0], [0, 0, 2.9]], labels=["Au101", "Au102"])
    with pytest.raises(InputError, match="not from this crystal"):
        measure_distances(model.crystal, stranger, np.array([[0, 1]]))
    many = molecule_from_atoms(["Au"] * 500, np.zeros((500, 3)))
    with pytest.raises(InputError, match="not from this crystal"):
        bond_uncertainties(model.crystal, many)


def test_molecule_that_was_moved_is_refused(model):
    molecule = model.molecules[0].molecule
    moved = replace(molecule, positions=molecule.positions + 1.0)
    with pytest.raises(InputError, match="not where this crystal has it"):
        bond_uncertainties(model.crystal, moved)


def test_molecule_without_bonds_has_an_empty_answer(model):
    molecule = model.molecules[1].molecule
    empty = molecule_from_atoms([], np.zeros((0, 3))).bonds
    assert bond_uncertainties(model.crystal, molecule.with_bonds(empty)).shape == (0,)


@pytest.mark.parametrize("step", [(1, 0, 0), (0, -1, 0)])
def test_bond_of_a_chain_crosses_the_cell(step):
    """Two gold atoms at 0.1 and 0.6 of a 5 Å edge: the bond leaving the repeat unit is one of the two."""
    axis = int(np.flatnonzero(step)[0])
    lengths = np.where(np.arange(3) == axis, 5.0, 12.0)
    cell = Cell(lengths=lengths, angles=[90] * 3, lengths_su=[0.01] * 3)
    points = np.full((2, 3), 0.25)
    points[:, axis] = (0.1, 0.58) if step[axis] > 0 else (0.58, 0.1)
    assembly = assemble_molecules(build_crystal(cell, group_of("P 1"), points, 1e-3))
    chain = assembly.molecules[0].molecule
    assert chain.periodicity == 1
    assert sorted(chain.bonds.lengths) == pytest.approx([2.4, 2.6])
    coordinates = np.sqrt(2) * 1e-3 * 5.0
    expected = [np.hypot(coordinates, length / 5.0 * 0.01) for length in chain.bonds.lengths]
    assert bond_uncertainties(assembly.crystal, chain) == pytest.approx(expected, rel=1e-6)


def test_atom_a_hair_off_a_special_position_is_on_it():
    cell = Cell(lengths=[10.0] * 3, angles=[90] * 3, lengths_su=[0.001] * 3)
    for x, error in ((0.004, 0.0), (0.02, 2e-3 * 10.0)):  # images 0.08 and 0.4 Å apart: one atom, two atoms
        crystal = build_crystal(cell, group_of("P -1"), [[x, 0, 0]], 1e-3)
        found = propagate_distance_su(crystal, image(0), image(0, 1, (1, 0, 0)))
        expected = np.hypot(error, found.lengths[0] * 1e-4)
        assert found.su == pytest.approx([expected], rel=1e-6)
        assert found.held.tolist() == [0]
