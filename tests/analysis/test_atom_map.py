"""Atom maps: copies whose true map is known, partial overlap, noise, foreign atoms, isomers."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.atom_map import map_atoms
from clustermodel.analysis.atom_map_results import AtomMapSettings
from clustermodel.analysis.atom_map_search import Framework, match_frameworks
from clustermodel.analysis.atom_map_seeds import choose_triples
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.errors import ChemistryError
from clustermodel.io.record import read_record, write_record
from clustermodel.structure.molecule import molecule_from_atoms
from tests.analysis.pair_cases import (
    add_lone_atom,
    as_cluster,
    disturb,
    framework_atoms,
    judge_pairs,
    map_copies,
    shared_molecule,
)
from tests.analysis.symmetric_sets import random_rotation
from tests.cluster.model_clusters import phosphine_icosahedron, sulfide_wings
from tests.cluster.shared_clusters import XRAY_AU25

SEEDS = st.integers(0, 2**32 - 1)
AU25 = XRAY_AU25.removeprefix("xyz/")
AU25_ANION = "au25_pet18_-1_opt.xyz"
AU21_AU22 = ("au21_sadm15_opt.xyz", "au22_sadm16_opt.xyz")
AU38_T_Q = ("sch3_038_24t.xyz", "au38_pet24q_opt.xyz")


def points_map(first, second, **choices):
    """Map bare points, all metal atoms of one element."""
    frameworks = [
        Framework(positions=p, kinds=np.zeros(len(p)), traits=np.zeros((len(p), 1))) for p in (first, second)
    ]
    return match_frameworks(*frameworks, **({"reach": 1.5, "unlike": [0.5]} | choices))


def random_points(rng, count, spacing=2.5):
    """Points no nearer than `spacing`, as metal atoms are; without symmetry."""
    size = spacing * (2.0 * count) ** (1 / 3)
    points = np.zeros((0, 3))
    while len(points) < count:
        point = rng.uniform(-size / 2, size / 2, size=3)
        if (np.linalg.norm(points - point, axis=1) > spacing).all():
            points = np.vstack([points, point])
    return points


class TestPoints:
    """The search alone: sets of points with a known answer."""

    @given(SEEDS, st.booleans(), st.integers(4, 20))
    @settings(max_examples=10)
    def test_moved_points_are_found_again(self, seed, mirror, count):
        rng = np.random.default_rng(seed)
        points = random_points(rng, count)
        order = rng.permutation(count)
        turn = random_rotation(rng) * (-1 if mirror else 1)
        found = points_map(points[order] @ turn.T + rng.normal(scale=50, size=3), points)[0]
        assert found.rmsd < 1e-6  # exact but for rounding
        assert found.partners.tolist() == order.tolist()

    @given(SEEDS)
    @settings(max_examples=5)
    def test_partial_overlap_on_both_sides(self, seed):
        rng = np.random.default_rng(seed)
        points = random_points(rng, 24)
        first, second = np.arange(18), np.arange(6, 24)  # twelve points in common
        turn = random_rotation(rng)
        maps = points_map(points[first] @ turn.T, points[second])
        # Six of eighteen points without partner: what the true map costs, no more than which may be found.
        assert maps[0].cost <= 6 * 1.5**2 + 1e-6
        exact = [found for found in maps if found.rmsd < 1e-6]
        common = np.flatnonzero(exact[0].partners >= 0)
        assert (second[exact[0].partners[common]] == first[common]).all()

    def test_swapping_the_sets_inverts_the_map(self):
        points = random_points(np.random.default_rng(5), 15)
        there = points_map(points[:12] + 3.0, points)[0]
        back = points_map(points, points[:12] + 3.0)[0]
        assert back.partners[:12].tolist() == there.partners.tolist() == list(range(12))
        assert (back.partners[12:] == -1).all()
        np.testing.assert_allclose(back.rotation, there.rotation.T, atol=1e-9)
        np.testing.assert_allclose(back.translation, [3.0] * 3, atol=1e-9)

    def test_kinds_are_never_mixed(self):
        points = random_points(np.random.default_rng(6), 10)
        kinds = np.array([0] * 5 + [1] * 5)
        first = Framework(positions=points, kinds=kinds, traits=np.zeros((10, 1)))
        second = Framework(positions=points, kinds=kinds[::-1], traits=np.zeros((10, 1)))
        for found in match_frameworks(first, second, reach=1.5, unlike=[0.5]):
            held = np.flatnonzero(found.partners >= 0)
            assert (first.kinds[held] == second.kinds[found.partners[held]]).all()

    def test_an_unlike_pair_costs_but_is_kept(self):
        points = random_points(np.random.default_rng(7), 12)
        traits = np.zeros((12, 1), dtype=int)
        other = traits.copy()
        other[4] = 1
        first = Framework(positions=points, kinds=np.zeros(12), traits=traits)
        second = Framework(positions=points, kinds=np.zeros(12), traits=other)
        found = match_frameworks(first, second, reach=1.5, unlike=[0.5])[0]
        assert found.partners.tolist() == list(range(12))
        assert found.cost == pytest.approx(0.5 * 1.5**2, abs=1e-9)

    def test_the_maps_are_different_and_sorted(self):
        cube = np.array(list(itertools.product((0.0, 3.0), repeat=3)))
        maps = points_map(cube, cube)
        perfect = [found for found in maps if found.rmsd < 1e-6]
        assert len(perfect) == 48  # operations of a cube
        assert len({found.partners.tobytes() for found in perfect}) == 48
        costs = [found.cost for found in maps]
        assert costs == sorted(costs) or np.diff(costs).min() > -1e-4  # equal costs: proper motions first
        assert not perfect[0].improper

    def test_points_on_a_line_have_no_triples(self):
        line = np.arange(5.0)[:, None] * [3.0, 0, 0]
        assert len(choose_triples(line, 8)) == 0
        assert points_map(line, line) == ()

    def test_triples_use_different_points_while_there_are_any(self):
        triples = choose_triples(random_points(np.random.default_rng(8), 12), 4)
        assert len(set(triples.ravel().tolist())) == 12


class TestCopies:
    """Clusters against copies of themselves: the answer is known for every atom, hydrogen included."""

    @pytest.mark.parametrize("name", [AU21_AU22[0], "sch3_024_20.xyz"])
    def test_every_atom_of_a_shuffled_copy(self, name):
        molecule = shared_molecule(name)
        copy, truth = disturb(molecule, np.random.default_rng(1))
        found = map_copies(copy, molecule)
        assert found.pairs == dict(enumerate(truth.tolist()))
        assert max(atom.distance for atom in found.mapped) < 1e-6  # rounding
        assert found.missing == found.extra == found.moved == found.exchanged == ()

    def test_a_mirrored_copy(self):
        molecule = shared_molecule(AU21_AU22[0])
        copy, truth = disturb(molecule, np.random.default_rng(2), mirror=True)
        found = map_copies(copy, molecule)
        assert found.improper
        assert found.pairs == dict(enumerate(truth.tolist()))

    def test_the_map_back_is_the_inverse(self):
        molecule = shared_molecule(AU21_AU22[0])
        copy, _ = disturb(molecule, np.random.default_rng(3), drop=[molecule.elements.index("Au")], noise=0.1)
        there, back = map_copies(copy, molecule), map_copies(molecule, copy)
        assert {(a.a, a.b) for a in there.mapped} == {(a.b, a.a) for a in back.mapped}
        assert [a.atom for a in there.missing] == [a.atom for a in back.extra]
        places = copy.positions[:3]
        np.testing.assert_allclose(there.move_back(there.move(places)), places, atol=1e-9)

    def test_one_phosphine_and_its_atom_less(self):
        atoms = phosphine_icosahedron(8, 4)
        whole = atoms.molecule()
        gone = [8, *range(13 + 4 * 7, 13 + 4 * 8)]  # vertex 7 is atom 8, its PH3 follows the twelve vertices
        assert [whole.elements[k] for k in gone] == ["Au", "P", "H", "H", "H"]
        copy, truth = disturb(whole, np.random.default_rng(4), drop=gone)
        found = map_copies(copy, whole)
        assert [atom.element for atom in found.missing] == ["Au", "P", "H", "H", "H"]
        assert found.extra == ()
        assert found.confidence.bonds_kept == pytest.approx(1.0)
        assert found.distances[0].role == "centre"
        framework = [k for k in range(len(copy)) if copy.elements[k] != "H"]
        assert judge_pairs(found.pairs, truth, whole, framework) == len(framework)


class TestNoise:
    """A cluster without one atom, in random order and orientation, its atoms pushed by 0.3 Å."""

    @staticmethod
    def run(molecule, drops, *, axes, seed=0):
        """Return the fraction of metal, donor and P atoms mapped right, and how often the truth is listed."""
        reference = as_cluster(molecule)
        atoms = framework_atoms(reference[0])
        rng = np.random.default_rng(seed)
        right = total = listed = 0
        for drop in drops:
            copy, truth = disturb(molecule, rng, drop=[atoms[drop]], noise=0.3, axes=axes)
            found = map_atoms(as_cluster(copy), reference)
            asked = [k for k, atom in enumerate(truth) if atom in set(atoms)]
            right += judge_pairs(found.pairs, truth, molecule, asked)
            total += len(asked)
            candidates = [found.pairs, *(dict(rival.pairs.tolist()) for rival in found.rivals)]
            listed += any(
                sum(pairs.get(k) == truth[k] for k in asked) >= 0.99 * len(asked) for pairs in candidates
            )
            assert found.confidence.level != "no true map"
        return right / total, listed / len(drops)

    @pytest.mark.parametrize(
        ("name", "axes"), [(AU25, False), ("sch3_024_20.xyz", True), ("au38_pet24q_opt.xyz", True)]
    )
    def test_some_atoms_removed(self, name, axes):
        right, listed = self.run(shared_molecule(name), range(0, 40, 14), axes=axes)
        assert right >= 0.99
        assert listed == 1.0

    @pytest.mark.slow
    @pytest.mark.parametrize("axes", [False, True])
    @pytest.mark.parametrize(
        "name", [AU25, "sch3_024_20.xyz", *AU21_AU22, "au38_pet24q_opt.xyz", "sch3_023_16_minus1.xyz"]
    )
    def test_every_atom_removed(self, name, axes):
        molecule = shared_molecule(name)
        count = len(framework_atoms(as_cluster(molecule)[0]))
        right, listed = self.run(molecule, range(count), axes=axes)
        assert right >= 0.99
        assert listed >= 0.99

    def test_phosphines_whose_metal_atom_is_gone(self):
        """A P atom that holds nothing any more is still the same atom."""
        right, listed = self.run(sulfide_wings().molecule(), range(8), axes=False)
        assert right >= 0.99
        assert listed == 1.0

    def test_both_with_a_foreign_atom(self):
        molecule = shared_molecule("au38_pet24q_opt.xyz")
        rng = np.random.default_rng(9)
        atoms = set(framework_atoms(as_cluster(molecule)[0]))
        reach = np.linalg.norm(molecule.positions - molecule.positions.mean(axis=0), axis=1).max()
        for _ in range(2):
            ways = rng.normal(size=(2, 3))
            places = molecule.positions.mean(axis=0) + 0.7 * reach * ways / np.linalg.norm(
                ways, axis=1, keepdims=True
            )
            first, second = (add_lone_atom(molecule, "Au", place) for place in places)
            copy, truth = disturb(first, rng, noise=0.3)
            found = map_copies(copy, second)
            asked = [k for k, atom in enumerate(truth) if atom in atoms]
            assert judge_pairs(found.pairs, truth, molecule, asked) >= 0.99 * len(asked)
            assert [truth[atom.atom] for atom in found.extra if atom.role != "ligand"] == [len(molecule)]
            assert [atom.atom for atom in found.missing if atom.role != "ligand"] == [len(molecule)]


class TestRealPairs:
    def test_two_charges_of_au25(self):
        first, second = shared_molecule(AU25_ANION), shared_molecule(AU25)
        found = map_copies(first, second)
        assert len(found.mapped) == 349
        assert found.missing == found.extra == found.exchanged == ()
        assert all(atom.role == atom.role_b for atom in found.mapped)
        assert found.confidence.level == "equal maps"  # Th of the cluster
        pairs = found.pairs
        bonds = {frozenset(pair) for pair in second.bonds.pairs.tolist()}
        kept = [
            frozenset((pairs[x], pairs[y])) in bonds
            for x, y in first.bonds.pairs.tolist()
            if "Au" not in (first.elements[x], first.elements[y])
            or "S" in (first.elements[x], first.elements[y])
        ]
        assert all(kept)  # every bond but those between metal atoms: the staples and all ligands

    def test_rivals_of_au25_are_its_symmetry(self):
        found = map_copies(shared_molecule(AU25_ANION), shared_molecule(AU25))
        mirrored = [rival for rival in found.rivals if rival.improper != found.improper]
        assert mirrored[0].excess == pytest.approx(
            0.0, abs=1e-6
        )  # the X-ray molecule has an inversion centre
        assert mirrored[0].n_different == 42  # all but the central atom
        assert all(rival.excess <= found.settings.sigmas for rival in found.rivals)
        assert found.confidence.next_excess > found.settings.sigmas

    def test_other_ligands_on_the_same_framework(self):
        whole = shared_molecule(AU25)
        sulfur = [k for k, s in enumerate(whole.elements) if s == "S"]
        table = whole.neighbors()
        # Keep S-CH2 and put a hydrogen where the next carbon was: SC2H4Ph becomes SCH3.
        kept = {k for k, s in enumerate(whole.elements) if s in {"Au", "S"}}
        elements, positions = [], []
        for k in sorted(kept):
            elements.append(whole.elements[k])
            positions.append(whole.positions[k])
        for k in sulfur:
            (first,) = [n for n in table[k] if whole.elements[n] == "C"]
            elements.append("C")
            positions.append(whole.positions[first])
            for n in table[first]:
                if n != k:
                    way = whole.positions[n] - whole.positions[first]
                    elements.append("H")
                    positions.append(whole.positions[first] + 1.08 * way / np.linalg.norm(way))
        small = bond_molecule(molecule_from_atoms(elements, np.array(positions)))
        assert small.formula == "C18H54Au25S18"
        found = map_copies(small, whole)
        assert {atom.element_a for atom in found.mapped} == {"Au", "S", "C", "H"}
        counts = [sum(atom.element_a == s for atom in found.mapped) for s in ("Au", "S", "C", "H")]
        assert counts == [25, 18, 18, 36]  # of three hydrogen atoms of CH3, two are those of CH2
        assert [atom.element for atom in found.extra] == ["H"] * 18
        assert len(found.missing) == 349 - 97

    def test_a_foreign_metal_is_named(self):
        gold = shared_molecule(AU25)
        centre = as_cluster(gold)[1].roles.index("centre")
        elements = ["Pt" if k == centre else s for k, s in enumerate(gold.elements)]
        doped = bond_molecule(molecule_from_atoms(elements, gold.positions))
        copy, truth = disturb(doped, np.random.default_rng(10), noise=0.1)
        found = map_copies(copy, gold)
        assert [(atom.element_a, atom.element_b, atom.b) for atom in found.exchanged] == [
            ("Pt", "Au", centre)
        ]
        assert truth[found.exchanged[0].a] == centre
        assert found.missing == found.extra == ()

    def test_like_elements_are_preferred_among_equivalent_places(self):
        gold = shared_molecule(AU25)
        surface = [k for k, role in enumerate(as_cluster(gold)[1].roles) if role == "kernel-surface"]
        opposite = max(surface, key=lambda k: np.linalg.norm(gold.positions[k] - gold.positions[surface[0]]))
        doped = [
            bond_molecule(
                molecule_from_atoms(
                    ["Ag" if k == place else s for k, s in enumerate(gold.elements)], gold.positions
                )
            )
            for place in (surface[0], opposite)
        ]
        found = map_copies(*doped)
        assert found.exchanged == ()
        assert found.pairs[surface[0]] == opposite
        assert found.improper  # the molecule has an inversion centre and no twofold axis


class TestNoTrueMap:
    """Isomers, and a pair whose staples are rearranged: the pairs are bookkeeping."""

    @staticmethod
    def check(found, first, second):
        assert found.confidence.level == "no true map"
        assert len(found.mapped) + len(found.extra) == len(first)
        assert len(found.mapped) + len(found.missing) == len(second)
        assert sorted([*(p.a for p in found.mapped), *(e.atom for e in found.extra)]) == list(
            range(len(first))
        )
        assert sorted([*(p.b for p in found.mapped), *(m.atom for m in found.missing)]) == list(
            range(len(second))
        )
        for pair in found.mapped:
            assert pair.element_a == pair.element_b
            kinds = [role.split("-")[0] for role in (pair.role, pair.role_b)]
            kinds = ["kernel" if kind == "centre" else kind for kind in kinds]
            assert kinds[0] == kinds[1]  # kernel on kernel, staple on staple, bridge on bridge

    @pytest.mark.parametrize("names", [AU38_T_Q, AU21_AU22], ids=["au38", "sadm"])
    def test_bookkeeping_and_order(self, names):
        self.run(names, 1)

    @pytest.mark.slow
    @pytest.mark.parametrize("names", [AU38_T_Q, AU21_AU22], ids=["au38", "sadm"])
    def test_same_map_from_twenty_orders(self, names):
        self.run(names, 20)

    def run(self, names, orders):
        first, second = (shared_molecule(name) for name in names)
        found = map_copies(first, second)
        self.check(found, first, second)
        pairs = {(pair.a, pair.b) for pair in found.mapped}
        rng = np.random.default_rng(11)
        for _ in range(orders):
            copies = [disturb(molecule, rng) for molecule in (first, second)]
            again = map_copies(copies[0][0], copies[1][0])
            assert {(copies[0][1][p.a], copies[1][1][p.b]) for p in again.mapped} == pairs

    def test_one_staple_unit_more(self):
        """Au21(SAdm)15 and Au22(SAdm)16 share the kernel and all staples but one (jacs.0c09110)."""
        first, second = (shared_molecule(name) for name in AU21_AU22)
        found = map_copies(first, second)
        kernel = [k for k, role in enumerate(as_cluster(first)[1].roles) if role.startswith("kernel")]
        assert len(kernel) == 10
        assert all(atom in found.pairs for atom in kernel)
        changes = [len([x for x in side if x.element == "Au"]) for side in (found.missing, found.extra)]
        assert changes[0] - changes[1] == 1  # one gold atom more in the second
        changes = [len([x for x in side if x.element == "S"]) for side in (found.missing, found.extra)]
        assert changes[0] - changes[1] == 1  # and one sulfur atom

    def test_unrelated_clusters(self):
        first, second = shared_molecule("sch3_024_20.xyz"), shared_molecule(AU25)
        self.check(map_copies(first, second), first, second)

    def test_a_small_part_of_a_cluster_is_not_the_cluster(self):
        whole = shared_molecule(AU25)
        metals = [atom for atom, symbol in enumerate(whole.elements) if symbol == "Au"]
        part = bond_molecule(molecule_from_atoms(["Au"] * 4, whole.positions[metals[:4]]))
        found = map_copies(part, whole)
        assert found.confidence.level == "no true map"
        assert "only 4 of the 25 metal atoms" in found.confidence.reason


class TestResult:
    def test_distances_by_role_are_those_of_the_pairs(self):
        found = map_copies(shared_molecule(AU25_ANION), shared_molecule(AU25))
        by_role = {row.role: row for row in found.distances}
        metals = [atom.distance for atom in found.mapped if atom.element_a == "Au"]
        assert by_role["metal"].n == 25
        assert by_role["metal"].rmsd == pytest.approx(math.sqrt(np.mean(np.square(metals))))
        assert by_role["metal"].largest == pytest.approx(max(metals))
        assert by_role["framework"].n == 43
        assert found.moved == tuple(a for a in found.mapped[:43] if a.distance > found.settings.moved)

    def test_record(self):
        found = map_copies(phosphine_icosahedron(2, 1).molecule(), phosphine_icosahedron(2, 1).molecule())
        plain = write_record(found)
        assert write_record(read_record(type(found), plain)) == plain

    def test_settings_are_kept(self):
        molecule = phosphine_icosahedron(3, 0).molecule()
        chosen = AtomMapSettings(most_rivals=2)
        found = map_copies(molecule, molecule, settings=chosen)
        assert found.settings is chosen
        assert len(found.rivals) <= 2
        assert found.confidence.equal >= len(found.rivals)

    def test_a_line_of_atoms_cannot_be_mapped(self):
        line = bond_molecule(molecule_from_atoms(["Au"] * 4, np.arange(4)[:, None] * [2.8, 0, 0]))
        with pytest.raises(ChemistryError, match="no three metal or donor atoms lie alike"):
            map_copies(line, line)
