"""Cut ligands: what stays, where the caps stand, and what is never changed."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.electron_count import count_electrons
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.cluster.ligand_cuts import find_hydrogen_bond
from clustermodel.cluster.truncation import TRUNCATIONS, TruncationSettings, truncate_cluster
from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import analyze
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster.shared_clusters import XRAY_AU25, read_atoms

ALL = [TruncationSettings(thiolate=s, phosphine=p) for s, p in TRUNCATIONS.values()]


def triangle_with(elements, positions):
    """Return a gold triangle whose first atom, at the origin, holds a ligand on its -x side."""
    gold = [[0, 0, 0], [2.4, 1.4, 0], [2.4, -1.4, 0]]
    molecule = molecule_from_atoms(["Au"] * 3 + list(elements), np.array([*gold, *positions], dtype=float))
    return build_cluster(bond_molecule(molecule))


def diphosphine(bridge):
    """Return a triangle with a bridging diphosphine whose P atoms are joined by a chain of CH2."""
    spread = {1: 3.1, 2: 3.4}[bridge]
    p1, p2 = np.array([0.0, -spread / 2, 2.3]), np.array([0.0, spread / 2, 2.3])
    gold = [[0, -1.45, 0], [0, 1.45, 0], [2.5, 0, 0]]
    middle = {1: [[0, 0, 3.3]], 2: [[0, -0.77, 3.65], [0, 0.77, 3.65]]}[bridge]
    elements, positions = ["P", "P"] + ["C"] * bridge, [p1, p2, *map(np.array, middle)]
    for sign, p in ((-1, p1), (1, p2)):
        for x in (-1, 1):
            methyl = p + 1.84 * np.array([x * 0.85, sign * 0.45, 0.28]) / 1.0
            elements.append("C")
            positions.append(methyl)
            for k in range(3):
                away = Rotation.from_rotvec([0, 0, 2 * np.pi * k / 3]).apply([0.0, 1.03, 0.0])
                out = (methyl - p) / np.linalg.norm(methyl - p)
                turned = away - (away @ out) * out
                elements.append("H")
                positions.append(methyl + 0.36 * out + 1.02 * turned / np.linalg.norm(turned))
    for c in middle:
        for x in (-1, 1):
            elements.append("H")
            positions.append(np.add(c, [0.88 * x, 0, 0.63]))
    molecule = molecule_from_atoms(["Au"] * 3 + elements, np.array([*gold, *positions], dtype=float))
    return build_cluster(bond_molecule(molecule))


@pytest.fixture(scope="module")
def au25():
    return build_cluster(bond_molecule(read_atoms(XRAY_AU25)))


@pytest.mark.parametrize("how", ALL, ids=list(TRUNCATIONS))
def test_metals_donors_electrons_and_anatomy_stay(au25, how):
    cut = truncate_cluster(au25, settings=how)
    after = build_cluster(cut.molecule)
    full = au25.molecule
    for new, old in enumerate(cut.source):
        if old >= 0:
            assert cut.molecule.elements[new] == full.elements[old]
            assert np.array_equal(cut.molecule.positions[new], full.positions[old])
    heavy = [*au25.metals, *(d.atom for one in au25.ligands for d in one.donors)]
    assert len(cut.map_atoms(heavy)) == len(heavy)
    assert len(after.ligands) == len(au25.ligands) == 18
    assert count_electrons(after, -1).value == count_electrons(au25, -1).value == 8
    assert classify_kernel(after).summary == classify_kernel(au25).summary


@pytest.mark.parametrize(
    ("how", "formula"),
    list(zip(ALL, ["Au25H18S18", "C18H54Au25S18", "C144H162Au25S18"], strict=True)),
)
def test_formula_follows_the_choice(au25, how, formula):
    cut = truncate_cluster(au25, settings=how)
    assert cut.formula == formula
    assert sum(row.count for row in cut.rows) == 18
    assert cut.lacks_hydrogen == ()


def test_caps_lie_on_the_bonds_that_they_replace(au25):
    cut = truncate_cluster(au25)
    full = au25.molecule
    place = {int(old): new for new, old in enumerate(cut.source) if old >= 0}
    caps = np.flatnonzero(cut.source < 0)
    assert len(caps) == 18
    for cap in caps:
        carbon = int(cut.replaced[cap])
        sulfur = next(n for n in full.neighbors()[carbon] if full.elements[n] == "S")
        old = full.positions[carbon] - full.positions[sulfur]
        new = cut.molecule.positions[cap] - cut.molecule.positions[place[sulfur]]
        assert np.linalg.norm(new) == pytest.approx(find_hydrogen_bond("S"))
        assert new @ old == pytest.approx(np.linalg.norm(new) * np.linalg.norm(old))


def test_methyl_groups_keep_their_carbon_and_are_regular(au25):
    cut = truncate_cluster(au25, settings=TruncationSettings(thiolate="SCH3"))
    table = cut.molecule.neighbors()
    carbons = [i for i, symbol in enumerate(cut.molecule.elements) if symbol == "C"]
    assert len(carbons) == 18
    for carbon in carbons:
        assert cut.source[carbon] >= 0
        hydrogens = [n for n in table[carbon] if cut.molecule.elements[n] == "H"]
        assert len(hydrogens) == 3
        lengths = np.linalg.norm(cut.molecule.positions[hydrogens] - cut.molecule.positions[carbon], axis=1)
        assert lengths == pytest.approx(find_hydrogen_bond("methyl"))


@pytest.mark.parametrize(
    ("kind", "name", "bond"),
    [("S", "CH3SH", ("S", "H")), ("P", "PH3", ("P", "H")), ("C", "C6H6", ("C", "H"))],
)
def test_cap_distances_agree_with_calculated_molecules(kind, name, bond):
    import ase.build

    atoms = ase.build.molecule(name)  # MP2(full)/6-31G(d), the geometries of the G2 set
    symbols = atoms.get_chemical_symbols()
    lengths = [
        atoms.get_distance(i, j)
        for i, first in enumerate(symbols)
        for j, second in enumerate(symbols)
        if (first, second) == bond and atoms.get_distance(i, j) < 1.6
    ]
    assert find_hydrogen_bond(kind) == pytest.approx(min(lengths), abs=0.02)  # MP2 in a small basis


@functools.cache
def analyze_model():
    (analysis,) = analyze("model:au25_sch3_18_nme4")
    return analysis.clusters[0].cluster


@settings(max_examples=15)  # each draw cuts a cluster of 79 atoms twice
@given(vector=st.tuples(*[st.floats(-3, 3)] * 3))
def test_cutting_commutes_with_rotation(vector):
    cluster = analyze_model()
    turn = Rotation.from_rotvec(vector)
    positions = turn.apply(np.array(cluster.molecule.positions))
    turned = build_cluster(cluster.molecule.with_positions(positions))
    first, second = truncate_cluster(cluster), truncate_cluster(turned)
    assert second.molecule.labels == first.molecule.labels
    assert np.allclose(turn.apply(np.array(first.molecule.positions)), second.molecule.positions, atol=1e-9)


def test_phosphine_becomes_ph3_or_pme3():
    # Triphenylphosphine in plain geometry: three rigid phenyl groups on the P-H directions.
    axis = np.array([-1.0, 0, 0])
    p = 2.3 * axis
    elements, positions = ["P"], [p]
    for k in range(3):
        out = Rotation.from_rotvec(axis * 2 * np.pi * k / 3).apply([-0.35, 0.94, 0])
        out /= np.linalg.norm(out)
        side = np.cross(out, axis)
        side /= np.linalg.norm(side)
        centre = p + (1.82 + 1.39) * out
        for j in range(6):
            angle = np.pi + j * np.pi / 3
            arm = np.cos(angle) * out + np.sin(angle) * side
            elements.append("C")
            positions.append(centre + 1.39 * arm)
            if j:
                elements.append("H")
                positions.append(centre + (1.39 + 1.083) * arm)
    cluster = triangle_with(elements, positions)
    assert [one.kind for one in cluster.ligands] == ["phosphine"]
    assert truncate_cluster(cluster).formula == "Au3H3P"
    methyl = truncate_cluster(cluster, settings=TruncationSettings(phosphine="PMe3"))
    assert methyl.formula == "C3H9Au3P"
    bare = [i for i, symbol in enumerate(elements) if symbol != "H"]
    without = triangle_with([elements[i] for i in bare], [positions[i] for i in bare])
    assert truncate_cluster(without).formula == "Au3H3P"
    assert truncate_cluster(without, settings=TruncationSettings(phosphine="PMe3")).formula == "C3H9Au3P"
    kept = truncate_cluster(without, settings=TruncationSettings(phosphine="none"))
    assert kept.lacks_hydrogen != ()


def test_bridge_is_kept_on_request_or_where_the_caps_would_meet():
    long, short = diphosphine(2), diphosphine(1)
    assert [one.kind for one in long.ligands] == ["diphosphine"]
    assert truncate_cluster(long).formula == "Au3H6P2"
    kept = truncate_cluster(long, settings=TruncationSettings(keep_bridges=True))
    assert kept.formula == "C2H8Au3P2"
    forced = truncate_cluster(short)
    assert forced.formula == "CH6Au3P2"
    assert "bridge" in forced.notes[0]
    assert truncate_cluster(short, settings=TruncationSettings(keep_bridges=True)).notes == ()


def test_halides_and_sulfides_stay():
    chloride = triangle_with(["Cl"], [[-2.3, 0, 0]])
    assert truncate_cluster(chloride).formula == "Au3Cl"


def test_unknown_style_is_an_input_error(au25):
    with pytest.raises(InputError, match="thiolate cannot become 'SMe'"):
        truncate_cluster(au25, settings=TruncationSettings(thiolate="SMe"))
