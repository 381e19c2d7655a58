"""The fit behind models: derivatives against differences, known minima, contacts, symmetry, rotamers."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.spatial.transform import Rotation

from clustermodel.cluster.models.attachment import find_near_pairs
from clustermodel.cluster.models.restraints import (
    Contacts,
    Restraints,
    build_measure,
    fit_positions,
    measure_residuals,
)
from clustermodel.cluster.models.rotamer_search import Choices, choose_rotamers, measure_overlap
from clustermodel.cluster.models.skeleton import build_skeleton
from clustermodel.cluster.models.skeleton_fit import restrain_skeleton
from clustermodel.cluster.models.sparse_fit import fit_sparse
from clustermodel.cluster.models.start import place_skeleton
from clustermodel.cluster.models.symmetrisation import symmetrise_positions
from clustermodel.cluster.models.targets import find_targets
from clustermodel.elements import van_der_waals_radii
from clustermodel.errors import InputError
from tests.cluster import model_topologies as models

STEP = 1e-6  # Å; of a central difference
NONE = np.zeros((0, 2), dtype=np.int64)


def restrain(n, *, pairs=(), angles=(), tethers=(), closest=0.0, exempt=NONE):
    """Restraints on n atoms of one kind: (i, j, length), (i, apex, j, degrees), (i, j, longest)."""
    return Restraints(
        pairs=np.array([p[:2] for p in pairs], dtype=np.int64).reshape(-1, 2),
        lengths=np.array([p[2] for p in pairs]),
        length_widths=np.full(len(pairs), 0.1),
        angles=np.array([a[:3] for a in angles], dtype=np.int64).reshape(-1, 3),
        degrees=np.array([a[3] for a in angles]),
        degree_widths=np.full(len(angles), 5.0),
        middles=np.zeros((0, n)),
        tethers=np.array([t[:2] for t in tethers], dtype=np.int64).reshape(-1, 2),
        longest=np.array([t[2] for t in tethers]),
        tether_widths=np.full(len(tethers), 0.1),
        contacts=Contacts(
            kinds=np.zeros(n, dtype=np.int64), closest=np.full((1, 1), closest), width=0.1, exempt=exempt
        ),
    )


# ---------------------------------------------------------------------------------------- derivatives


@pytest.mark.parametrize("name", ["au25", "au23", "au13_dppe", "au11"])
@pytest.mark.parametrize("held", [False, True])
def test_derivative_is_that_of_central_differences(name, held):
    """Lengths, angles with and without a middle, tethers, overlaps and holds of whole skeletons."""
    topology = getattr(models, name)()
    skeleton = build_skeleton(topology)
    restraints = restrain_skeleton(skeleton, find_targets(topology.targets))
    random = np.random.default_rng(7)
    start = place_skeleton(topology, skeleton)
    positions = start + 0.2 * random.normal(size=start.shape)
    measure = build_measure(restraints, start, np.full(len(start), 0.5) if held else None)
    flat = positions.ravel()
    residuals, slopes = measure(flat)
    assert residuals.shape == (slopes.shape[0],)
    for column in random.choice(flat.size, 30, replace=False):
        ahead, behind = flat.copy(), flat.copy()
        ahead[column] += STEP
        behind[column] -= STEP
        difference = (measure(ahead)[0] - measure(behind)[0]) / (2 * STEP)
        found = slopes.toarray()[:, column]
        # The second derivative of an angle near a line grows as 1/sine: part of the value, and rounding.
        assert np.allclose(found, difference, rtol=2e-4, atol=2e-3)


def test_residuals_of_each_kind_by_hand():
    positions = np.array([[0.0, 0, 0], [2.0, 0, 0], [2.0, 3.0, 0], [9.0, 0, 0]])
    restraints = restrain(
        4,
        pairs=[(0, 1, 1.9)],
        angles=[(0, 1, 2, 85.0)],
        tethers=[(0, 3, 8.5), (0, 2, 8.0)],
        closest=3.1,
        exempt=np.array([[0, 1]]),
    )
    found = measure_residuals(restraints, positions)
    assert found["length"] == pytest.approx([1.0])  # (2.0 - 1.9) / 0.1
    assert found["angle"] == pytest.approx([1.0])  # (90 - 85) / 5
    assert found["tether"] == pytest.approx([5.0, 0.0])  # (9.0 - 8.5) / 0.1; a slack one counts nothing
    assert found["contact"] == pytest.approx([-1.0])  # (3.0 - 3.1) / 0.1 of atoms 1 and 2


def test_contacts_leave_out_exempt_pairs_and_kinds_that_do_not_repel():
    contacts = Contacts(
        kinds=np.array([0, 0, 1]),
        closest=np.array([[3.0, 0.0], [0.0, 0.0]]),
        width=0.1,
        exempt=np.array([[0, 1]]),
    )
    pairs, _ = contacts.find(np.array([[0.0, 0, 0], [1.0, 0, 0], [0.5, 0, 0]]))
    assert pairs.tolist() == []


# --------------------------------------------------------------------------------------------- minima


def test_two_atoms_end_at_their_length():
    found, cost = fit_positions(restrain(2, pairs=[(0, 1, 2.5)]), np.array([[0.0, 0, 0], [1.0, 0.2, 0]]))
    assert np.linalg.norm(found[0] - found[1]) == pytest.approx(2.5, abs=1e-6)  # far above the tolerance
    assert cost < 1e-10


def test_length_against_contact_ends_in_between():
    """One residual (d - 2)/0.1 and one (d - 3)/0.1: the least sum of squares is at 2.5."""
    both = restrain(2, pairs=[(0, 1, 2.0)], closest=3.0)
    found, cost = fit_positions(both, np.array([[0.0, 0, 0], [2.2, 0, 0]]), tolerance=1e-12)
    assert np.linalg.norm(found[0] - found[1]) == pytest.approx(
        2.5, abs=1e-5
    )  # the fit ends near its tolerance
    assert cost == pytest.approx(25.0)


def test_triangle_with_an_angle_closes():
    """Sides 2 and 3 with 90 degrees between: the third is the root of 13."""
    restraints = restrain(3, pairs=[(0, 1, 2.0), (1, 2, 3.0)], angles=[(0, 1, 2, 90.0)])
    found, _ = fit_positions(
        restraints, np.array([[2.2, 0.3, 0], [0.0, 0, 0], [1.0, 2.5, 0.4]]), tolerance=1e-14
    )
    assert np.linalg.norm(found[0] - found[2]) == pytest.approx(np.sqrt(13), abs=1e-5)  # as above


def test_fit_leaves_what_no_target_holds_where_it_was():
    start = np.array([[0.0, 0, 0], [1.0, 0, 0], [5.0, 5.0, 5.0]])
    found, _ = fit_positions(restrain(3, pairs=[(0, 1, 2.0)]), start, holds=np.full(3, 1.0))
    assert np.allclose(found[2], start[2], atol=1e-9)  # rounding


def test_solver_finds_the_valley_of_rosenbrock():
    """The classical test of Levenberg-Marquardt : residuals 10 (y - x2) and 1 - x from (-1.2, 1)."""

    def measure(x):
        slopes = np.array([[-20 * x[0], 10.0], [-1.0, 0.0]])
        return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]]), csr_array(slopes)

    fit = fit_sparse(measure, np.array([-1.2, 1.0]), tolerance=1e-15, steps=200)
    assert fit.converged
    assert fit.values == pytest.approx([1.0, 1.0], abs=1e-6)  # the least value is zero


def test_solver_says_when_its_steps_run_out():
    fit = fit_sparse(lambda x: (x**3, csr_array(np.diag(3 * x**2))), np.ones(2), tolerance=0.0, steps=2)
    assert not fit.converged


# ------------------------------------------------------------------------------------------- symmetry


turns = st.sampled_from([2, 3, 4, 5, 6])


def rotations_of(order):
    angles = [360 * k / order for k in range(1, order)]
    return [Rotation.from_euler("z", angle, degrees=True).as_matrix() for angle in angles]


@given(order=turns, seed=st.integers(0, 10_000))
@settings(max_examples=30)
def test_symmetrised_positions_have_the_symmetry_and_stay(order, seed):
    random = np.random.default_rng(seed)
    unit = 3 * random.normal(size=(4, 3)) + [8.0, 0, 0]
    rotations = rotations_of(order)
    exact = np.vstack([unit, *(unit @ rotation.T for rotation in rotations)])
    elements = ["Au", "Au", "S", "S"] * order
    noisy = exact + np.clip(0.02 * random.normal(size=exact.shape), -0.05, 0.05)
    once = symmetrise_positions(elements, noisy, rotations)
    for rotation in rotations:
        apart = np.linalg.norm(once[:, None] - (once @ rotation.T)[None], axis=2)
        assert apart.min(axis=0).max() < 1e-9  # rounding
    assert np.allclose(symmetrise_positions(elements, once, rotations), once, atol=1e-9)  # idempotent
    assert np.abs(once - exact).max() < 0.05  # no mean of shifts is longer than the longest


def test_missing_symmetry_is_refused():
    with pytest.raises(InputError, match="a rotation misses an atom by"):
        symmetrise_positions(["Au", "Au"], np.array([[3.0, 0, 0], [0, 3.0, 0]]), rotations_of(2))


# --------------------------------------------------------------------------------------------- rotamers


def test_overlap_is_that_of_spheres_one_by_one():
    random = np.random.default_rng(3)
    first, second = random.normal(size=(4, 3, 3)), random.normal(size=(5, 2, 3)) + 1.0
    elements = (["C", "H", "H"], ["S", "H"])
    found = measure_overlap(elements, first, second)
    radii = [van_der_waals_radii(e) for e in elements]
    for r, s in itertools.product(range(4), range(5)):
        depths = [
            max(radii[0][a] + radii[1][b] - np.linalg.norm(first[r, a] - second[s, b]), 0.0) ** 2
            for a in range(3)
            for b in range(2)
        ]
        assert found[r, s] == pytest.approx(sum(depths))


def test_choice_is_the_best_of_all_combinations():
    """Four ligands with three rotamers: every combination is summed up by hand."""
    for seed in range(20):
        random = np.random.default_rng(seed)
        choices = [
            Choices(
                elements=("H",),
                positions=1.5 * random.normal(size=(1, 3, 1, 3)),
                own=random.uniform(0, 0.5, 3),
            )
            for _ in range(4)
        ]
        chosen, total = choose_rotamers(choices)

        def price(picks, choices=choices):
            alone = sum(choice.own[p] for choice, p in zip(choices, picks, strict=True))
            pairs = itertools.combinations(range(4), 2)
            return alone + sum(
                max(
                    2.4
                    - np.linalg.norm(
                        choices[a].positions[0, picks[a], 0] - choices[b].positions[0, picks[b], 0]
                    ),
                    0,
                )
                ** 2
                for a, b in pairs
            )

        best = min(price(picks) for picks in itertools.product(range(3), repeat=4))
        assert price(tuple(chosen)) == pytest.approx(total)
        assert total == pytest.approx(best)


def test_near_pairs_are_those_of_a_chain():
    chain = [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert find_near_pairs(chain, 5, 2) == {(0, 1), (1, 2), (2, 3), (3, 4), (0, 2), (1, 3), (2, 4)}
    assert (0, 3) in find_near_pairs(chain, 5, 3)
    assert (0, 4) not in find_near_pairs(chain, 5, 3)
