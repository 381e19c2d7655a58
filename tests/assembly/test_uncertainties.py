"""Are propagated uncertainties those of the stated errors, for any symmetry and any choice of axes?"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.assembly.atom_images import AtomImages
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.assembly.uncertainties import (
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
from clustermodel.structure.molecule import molecule_from_atoms
from clustermodel.structure.symmetry import SpaceGroup
from clustermodel.structure.uncertainty import build_error_model
from tests.assembly.error_cases import (
    CASES,
    SIGMA,
    build_crystal,
    find_image,
    group_of,
    image,
    isotropic_displacements,
    isotropic_su,
    metric_tensors,
    place,
    stabiliser,
    structures,
)

ROUNDING = 1e-9  # Å: exact formulas and exact invariances, to floating point


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
