"""Aromatic rings: which ones count, and where their planes are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from clustermodel.analysis.rings import RingSettings, find_aromatic_rings, fit_plane
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.errors import InputError
from clustermodel.io.cif import read_cif
from clustermodel.structure.molecule import molecule_from_atoms
from tests.assembly.writer import Built, assemble_built, place
from tests.datafiles import data_path

EXACT = 1e-9  # Å: float rounding


def polygon(radius, count, height=0.0, turn=0.0):
    angles = 2 * np.pi * np.arange(count) / count + turn
    return np.stack([radius * np.cos(angles), radius * np.sin(angles), np.full(count, height)], axis=1)


def benzene(*, with_hydrogen=True):
    atoms = [("C", xyz) for xyz in polygon(1.39, 6)]
    return atoms + [("H", xyz) for xyz in polygon(2.34, 6)] * with_hydrogen


def chair(bond=1.53, angle=111.4):
    """Cyclohexane: six carbon atoms alternately above and below a plane."""
    distance = 2 * bond * np.sin(np.radians(angle / 2))  # between atoms on one side: an equilateral triangle
    radius = distance / 3**0.5
    height = (bond**2 - radius**2) ** 0.5 / 2
    ring = polygon(radius, 6)
    ring[:, 2] = height * (-1.0) ** np.arange(6)
    return [("C", xyz) for xyz in ring]


def adamantane():
    """Diamond's cage of ten carbon atoms with its sixteen hydrogens."""
    step = 1.54 / 3**0.5
    bridgeheads = step * np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    bridges = 2 * step * np.array([v * s for v in np.eye(3) for s in (1, -1)])
    atoms = [("C", xyz) for xyz in (*bridgeheads, *bridges)]
    atoms += [("H", xyz * (1 + 1.09 / np.linalg.norm(xyz))) for xyz in bridgeheads]
    for xyz in bridges:
        # Each bridge joins two bridgeheads; its hydrogens lie across the line between them.
        mates = bridgeheads[np.linalg.norm(bridgeheads - xyz, axis=1) < 1.6]
        along = (mates[0] - mates[1]) / np.linalg.norm(mates[0] - mates[1])
        across = np.cross(xyz / np.linalg.norm(xyz), along)
        atoms += [
            ("H", xyz + 1.09 * (0.58 * xyz / np.linalg.norm(xyz) + sign * 0.81 * across)) for sign in (1, -1)
        ]
    return atoms


def hetero_ring(elements, bonds):
    """A regular-ish planar ring: atoms on a circle with arcs in proportion to the bonds."""
    low, high = max(bonds) / 2 + 1e-9, 10.0
    for _ in range(200):
        radius = (low + high) / 2
        total = sum(2 * np.arcsin(bond / 2 / radius) for bond in bonds)
        low, high = (radius, high) if total > 2 * np.pi else (low, radius)
    turns = np.cumsum([0, *(2 * np.arcsin(bond / 2 / radius) for bond in bonds[:-1])])
    return [(e, radius * np.array([np.cos(t), np.sin(t), 0])) for e, t in zip(elements, turns, strict=True)]


def pyridine_on_gold():
    atoms = benzene()
    atoms[0] = ("N", atoms[0][1])
    del atoms[6]
    return [*atoms, ("Au", np.array([1.39 + 2.1, 0, 0]))]


def ferrocene():
    height = 1.65
    return [
        ("Fe", np.zeros(3)),
        *(("C", xyz) for z in (height, -height) for xyz in polygon(1.21, 5, z)),
        *(("H", xyz) for z in (height, -height) for xyz in polygon(2.29, 5, z)),
    ]


def naphthalene():
    left = polygon(1.40, 6, turn=np.pi / 6)
    right = left + np.array([2 * 1.40 * np.cos(np.pi / 6), 0, 0])
    carbons = np.concatenate([left, [xyz for xyz in right if np.linalg.norm(left - xyz, axis=1).min() > 0.1]])
    return [("C", xyz) for xyz in carbons]


def rings_of(atoms, **choices):
    molecule = molecule_from_atoms([a for a, _ in atoms], np.array([xyz for _, xyz in atoms]))
    return find_aromatic_rings(bond_molecule(molecule), **choices)


class TestWhichRingsCount:
    @pytest.mark.parametrize(
        ("atoms", "sizes"),
        [
            pytest.param(benzene(), [6], id="benzene"),
            pytest.param(benzene(with_hydrogen=False), [6], id="benzene without hydrogen"),
            pytest.param(pyridine_on_gold(), [6], id="pyridyl on gold"),
            pytest.param(naphthalene(), [6, 6], id="naphthalene"),
            pytest.param(ferrocene(), [5, 5], id="ferrocene"),
            pytest.param(
                hetero_ring(["S", "C", "C", "C", "C"], [1.71, 1.37, 1.42, 1.37, 1.71]), [5], id="thiophene"
            ),
            pytest.param(
                hetero_ring(["C", "N", "C", "C", "N"], [1.36, 1.38, 1.34, 1.38, 1.36]),
                [5],
                id="imidazolylidene",
            ),
            pytest.param(chair(), [], id="cyclohexane without hydrogen"),
            pytest.param(hetero_ring(["C"] * 6, [1.53] * 6), [], id="flat cyclohexane without hydrogen"),
            pytest.param(adamantane(), [], id="adamantane"),
            pytest.param([a for a in adamantane() if a[0] == "C"], [], id="adamantane without hydrogen"),
            pytest.param(
                hetero_ring(["Au", "S", "C", "C", "S"], [2.32, 1.75, 1.38, 1.75, 2.32]), [], id="chelate ring"
            ),
            pytest.param(hetero_ring(["C"] * 7, [1.40] * 7), [], id="seven atoms"),
        ],
    )
    def test_rings(self, atoms, sizes):
        assert [len(ring) for ring in rings_of(atoms)] == sizes

    def test_saturated_ring_has_every_hydrogen(self):
        """The cage of the test above is complete: C10H16 with four bonds at every carbon."""
        atoms = adamantane()
        molecule = bond_molecule(molecule_from_atoms([a for a, _ in atoms], np.array([x for _, x in atoms])))
        assert molecule.formula == "C10H16"
        assert [len(n) for n in molecule.neighbors()] == [4] * 10 + [1] * 16

    def test_sizes_are_a_choice(self):
        assert len(rings_of(hetero_ring(["C"] * 7, [1.40] * 7), settings=RingSettings(sizes=(7,)))) == 1

    def test_planarity_is_a_choice(self):
        """A boat of 0.05 Å counts with 0.10 Å and does not with 0.02 Å."""
        atoms = benzene()
        atoms[0] = ("C", atoms[0][1] + [0, 0, 0.1])
        assert len(rings_of(atoms)) == 1
        assert rings_of(atoms, settings=RingSettings(planarity=0.02)) == ()

    def test_hydrogen_on_another_neighbour_is_no_neighbour(self):
        """COD 1540567: the toluene's ipso carbon has a hydrogen 0.62 Å from the methyl carbon."""
        atoms = benzene()
        methyl = polygon(1.39 + 1.51, 6)[0]
        toluene = [*(a for i, a in enumerate(atoms) if i != 6), ("C", methyl)]
        toluene += [
            ("H", methyl + 1.09 * np.array([0.36, 0.93 * np.cos(t), 0.93 * np.sin(t)])) for t in (0, 2.1, 4.2)
        ]
        impossible = ("H", np.array([1.39 + 0.93, 0.05, 0]))
        assert len(rings_of(toluene)) == 1
        assert len(rings_of([*toluene, impossible])) == 1

    def test_ring_carbon_with_a_second_hydrogen_is_no_sp2_atom(self):
        atoms = benzene(with_hydrogen=False) + [("H", polygon(2.0, 6)[0] + [0, 0, z]) for z in (0.9, -0.9)]
        assert rings_of(atoms) == ()


class TestPlane:
    def test_benzene(self):
        (ring,) = rings_of(benzene())
        assert ring.centroid == pytest.approx(np.zeros(3), abs=EXACT)
        assert np.abs(ring.normal) == pytest.approx([0, 0, 1], abs=EXACT)
        assert ring.deviation == pytest.approx(0, abs=EXACT)
        assert ring.atoms.tolist() == [0, 1, 2, 3, 4, 5]

    def test_chair_is_as_flat_as_its_heights(self):
        positions = np.array([xyz for _, xyz in chair()])
        _, _, deviation = fit_plane(positions)
        assert deviation == pytest.approx(abs(positions[0, 2]), abs=EXACT)
        assert deviation > 0.2

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 2**32 - 1))
    def test_axes_and_order_do_not_matter(self, seed):
        rng = np.random.default_rng(seed)
        atoms = ferrocene()
        order = rng.permutation(len(atoms))
        turn = Rotation.from_quat(rng.normal(size=4)).as_matrix()
        shift = rng.uniform(-9, 9, 3)
        moved = [(atoms[i][0], turn @ atoms[i][1] + shift) for i in order]
        first = {frozenset(ring.atoms.tolist()): ring for ring in rings_of(atoms)}
        second = {frozenset(order[ring.atoms].tolist()): ring for ring in rings_of(moved)}
        assert first.keys() == second.keys()
        for key, ring in first.items():
            assert turn @ ring.centroid + shift == pytest.approx(second[key].centroid, abs=1e-7)  # rounding
            assert abs((turn @ ring.normal) @ second[key].normal) == pytest.approx(1, abs=1e-9)


class TestCrystals:
    def test_ring_on_an_inversion_centre_is_whole(self):
        matrix = np.eye(3) * 9.0
        atoms = benzene()
        half = [atoms[i] for i in (0, 1, 2, 6, 7, 8)]
        built = Built(
            matrix=matrix,
            operations=((np.eye(3, dtype=int), np.zeros(3)), (-np.eye(3, dtype=int), np.zeros(3))),
            atoms=place([a for a, _ in half], [x for _, x in half], matrix, at=(0.5, 0.5, 0.5)),
        )
        (molecule,) = assemble_built(built).molecules
        (ring,) = find_aromatic_rings(molecule.molecule)
        assert len(ring) == 6
        assert ring.centroid % 9.0 == pytest.approx([4.5, 4.5, 4.5], abs=1e-6)  # eight printed decimals

    def test_graphite_has_one_ring_for_two_atoms(self):
        matrix = np.array([[2.46, 0, 0], [-1.23, 1.23 * 3**0.5, 0], [0, 0, 6.7]])
        thirds = np.array([[1 / 3, 2 / 3, 0], [2 / 3, 1 / 3, 0]])
        built = Built(matrix=matrix, atoms=place(["C", "C"], thirds @ matrix, matrix))
        assembly = assemble_built(built)
        (layer,) = assembly.molecules
        (ring,) = find_aromatic_rings(layer.molecule, cell=assembly.crystal.cell)
        assert len(ring) == 6
        assert sorted(ring.atoms.tolist()) == [0, 0, 0, 1, 1, 1]
        with pytest.raises(InputError, match="polymer"):
            find_aromatic_rings(layer.molecule)

    def test_au25_has_a_phenyl_ring_on_every_ligand(self):
        assembly = assemble_molecules(read_cif(data_path("cif/COD_1540567_Au25_SCH2CH2Ph_18.cif")))
        assert [len(find_aromatic_rings(m.molecule)) for m in assembly.molecules] == [18, 1]
