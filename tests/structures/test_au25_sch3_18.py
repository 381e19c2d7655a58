"""Is the model cluster an Au13 icosahedron with six dimeric staples, with the lengths it was built from?"""

import itertools
from collections import Counter

import networkx as nx
import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from tests.datafiles import data_path

LENGTH = 0.002  # Å: restraint width 0.001, and 0.0004 at most from coordinates printed to 5 decimals


def test_topology_is_au13_and_six_dimeric_staples(cluster, golds, entry):
    assert [len(golds[count]) for count in (0, 1, 2)] == [1, 12, 12]
    assert len(golds[0] + golds[1]) == entry["expected"]["kernel_atoms"]
    kinds = Counter()
    for sulfur in np.flatnonzero(cluster.elements == "S"):
        joined = sorted(len(cluster.neighbours(gold, "S")) for gold in cluster.neighbours(sulfur, "Au"))
        kinds[tuple(joined)] += 1
        assert len(cluster.neighbours(sulfur, "C")) == 1
    assert kinds == {(1, 2): 12, (2, 2): 6}  # terminal: shell and staple gold; central: two staple golds
    assert all(len(cluster.neighbours(gold, "Au")) == 6 for gold in golds[1])  # five in the shell, the centre
    assert len(cluster.neighbours(golds[0][0], "Au")) == 12
    staples = nx.Graph(
        (one, two)
        for one, two in cluster.bonds
        if {"Au", "S"} == {cluster.elements[one], cluster.elements[two]}
    )
    staples.remove_nodes_from(golds[1])
    parts = [Counter(cluster.elements[list(part)].tolist()) for part in nx.connected_components(staples)]
    assert parts == [{"Au": 2, "S": 3}] * entry["expected"]["staples"]["Au2(SR)3"]


def test_superatom_electron_count(cluster, molecules, entry):
    counts = Counter(cluster.elements.tolist())
    ions = Counter(molecule.formula for molecule in molecules)
    charge = -entry["counter_ion_charge"] * ions[entry["counter_ion"]] / ions[entry["formula"]]
    assert charge == entry["charge"]
    # Au 6s electrons, less one for each thiolate, less the charge: Walter et al., doi 10.1073/pnas.0801001105
    assert counts["Au"] - counts["S"] - charge == entry["expected"]["superatom_electrons"]


def test_bond_lengths_are_the_targets(cluster, golds, molecules, entry):
    place = {atom: count for count, atoms in golds.items() for atom in atoms}
    names = {
        (0, 1): ("centre_shell", 12),
        (1, 1): ("shell_shell", 30),
        ("S", 1): ("shell_sulfur", 12),
        ("S", 2): ("staple_sulfur", 24),
        ("C", "S"): ("carbon_sulfur", 18),
        ("C", "H"): ("carbon_hydrogen", 54),
        ("C", "N"): ("carbon_nitrogen", 4),
    }
    lengths = {}
    for molecule in (cluster, next(one for one in molecules if "N" in one.elements)):
        for bond in molecule.bonds:
            ends = [
                place[atom] if molecule.elements[atom] == "Au" else str(molecule.elements[atom])
                for atom in bond
            ]
            key = tuple(sorted(ends, key=lambda end: (isinstance(end, int), end)))
            length = float(np.linalg.norm(molecule.positions[bond[0]] - molecule.positions[bond[1]]))
            lengths.setdefault(key, []).append(length)
    assert len(lengths.pop(("C", "H"))) == 54 + 12
    targets = entry["expected"]["bond_lengths"]
    assert set(lengths) == set(names) - {("C", "H")}
    for key, found in lengths.items():
        name, count = names[key]
        assert len(found) == count, name
        assert found == pytest.approx([targets[name]] * count, abs=LENGTH), name
    assert targets["shell_shell"] == pytest.approx(
        1.0515 * targets["centre_shell"], abs=0.0005
    )  # printed digits


def measure_angle(positions, one, apex, two):
    first, second = positions[one] - positions[apex], positions[two] - positions[apex]
    return np.degrees(np.arccos(first @ second / np.linalg.norm(first) / np.linalg.norm(second)))


def test_angles_are_near_their_targets(cluster, golds):
    for gold in golds[2]:
        one, two = cluster.neighbours(gold, "S")
        assert measure_angle(cluster.positions, one, gold, two) == pytest.approx(
            172.0, abs=2.0
        )  # restraint width
    for sulfur in np.flatnonzero(cluster.elements == "S"):
        one, two = cluster.neighbours(sulfur, "Au")
        central = {one, two} <= set(golds[2])
        target = 100.0 if central else 89.0
        assert measure_angle(cluster.positions, one, sulfur, two) == pytest.approx(
            target, abs=2.0
        )  # restraint width
        (carbon,) = cluster.neighbours(sulfur, "C")
        for gold in (one, two):
            angle = measure_angle(cluster.positions, gold, sulfur, carbon)
            assert angle == pytest.approx(105.0, abs=0.02)  # 0.0004 Å of printed coordinates at 1.82 Å


def test_methyl_groups_do_not_clash_inside_the_cluster(cluster):
    hydrogens = np.flatnonzero(cluster.elements == "H")
    owners = np.array([cluster.neighbours(hydrogen, "C")[0] for hydrogen in hydrogens])
    distances = cdist(cluster.positions[hydrogens], cluster.positions[hydrogens])
    assert distances[owners[:, None] != owners].min() > 2.1


def test_central_methyl_lies_opposite_to_both_terminal_ones(cluster, golds):
    for sulfur in np.flatnonzero(cluster.elements == "S"):
        pair = cluster.neighbours(sulfur, "Au")
        if not set(pair) <= set(golds[2]):
            continue
        ends = [next(other for other in cluster.neighbours(gold, "S") if other != sulfur) for gold in pair]
        normal = np.cross(*(cluster.positions[end] - cluster.positions[sulfur] for end in ends))
        sides = [
            np.sign((cluster.positions[cluster.neighbours(atom, "C")[0]] - cluster.positions[atom]) @ normal)
            for atom in (ends[0], sulfur, ends[1])
        ]
        assert sides[0] == sides[2] == -sides[1]


@pytest.fixture(scope="module")
def frame(cluster, golds):
    """Positions about the centre, in axes along the three pairs of opposite central sulfur atoms."""
    centred = cluster.positions - cluster.positions[golds[0][0]]
    central = [
        atom
        for atom in np.flatnonzero(cluster.elements == "S")
        if set(cluster.neighbours(atom, "Au")) <= set(golds[2])
    ]
    first = centred[central[0]]
    second = next(centred[atom] for atom in central[1:] if abs(centred[atom] @ first) < first @ first / 2)
    axes = [first, second, np.cross(first, second)]
    return centred @ np.array([axis / np.linalg.norm(axis) for axis in axes]).T


def measure_mismatch(elements, positions, operation):
    """Largest distance from an image to the nearest atom of the same element."""
    worst = 0.0
    for element in np.unique(elements):
        chosen = positions[elements == element]
        worst = max(worst, float(cKDTree(chosen).query(chosen @ operation.T)[0].max()))
    return worst


PERMUTATION = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def test_whole_cluster_is_centrosymmetric(cluster, frame):
    assert measure_mismatch(cluster.elements, frame, -np.eye(3)) < LENGTH


@pytest.mark.parametrize(
    "operation",
    [PERMUTATION, np.diag([-1.0, 1.0, 1.0]), np.diag([1.0, -1.0, 1.0]), -np.eye(3)],
    ids=["three-fold", "mirror x", "mirror y", "inversion"],
)
def test_gold_and_sulfur_have_symmetry_th(cluster, frame, operation):
    framework = np.isin(cluster.elements, ["Au", "S"])
    assert measure_mismatch(cluster.elements[framework], frame[framework], operation) < LENGTH


def test_gold_and_sulfur_have_no_four_fold_axis(cluster, frame):
    framework = np.isin(cluster.elements, ["Au", "S"])
    four_fold = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert measure_mismatch(cluster.elements[framework], frame[framework], four_fold) > 0.5  # Th, not Oh


def test_whole_cluster_has_symmetry_s6_and_no_more(cluster, frame):
    signs = [np.diag(sign) for sign in ([1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1])]
    mismatch = [measure_mismatch(cluster.elements, frame, sign @ PERMUTATION @ sign) for sign in signs]
    assert sum(value < LENGTH for value in mismatch) == 1  # one of the four three-fold axes of Th
    mirrors = [
        measure_mismatch(cluster.elements, frame, np.diag(m)) for m in ([-1, 1, 1], [1, -1, 1], [1, 1, -1])
    ]
    assert min(mirrors) > 0.5


def build_graph(elements, positions):
    """Au-S bonds, the centre with its twelve neighbours, and the thirty shortest edges between these."""
    graph = nx.Graph()
    gold, sulfur = np.flatnonzero(elements == "Au"), np.flatnonzero(elements == "S")
    graph.add_nodes_from((int(atom), {"element": elements[atom]}) for atom in (*gold, *sulfur))
    distances = cdist(positions, positions)
    graph.add_edges_from((int(a), int(s)) for a in gold for s in sulfur if distances[a, s] < 2.7)
    centre = gold[np.argmin(np.sort(distances[np.ix_(gold, gold)], axis=1)[:, 12])]
    shell = gold[np.argsort(distances[centre, gold])[1:13]]
    graph.add_edges_from((int(centre), int(atom)) for atom in shell)
    edges = sorted(itertools.combinations(shell, 2), key=lambda pair: distances[pair])[:30]
    graph.add_edges_from((int(one), int(two)) for one, two in edges)
    return graph


@pytest.mark.parametrize("name", ["au25_pet18_-1_opt.xyz", "Au25_SCH2CH2Ph_18_neutral_from_COD1540567.xyz"])
def test_topology_equals_that_of_other_au25_clusters(cluster, name):
    lines = data_path(f"xyz/{name}").read_text(encoding="utf-8").splitlines()
    fields = [line.split() for line in lines[2 : 2 + int(lines[0])]]
    elements = np.array([field[0] for field in fields])
    positions = np.array([[float(value) for value in field[1:4]] for field in fields])
    same = nx.is_isomorphic(
        build_graph(elements, positions),
        build_graph(cluster.elements, cluster.positions),
        node_match=lambda one, two: one["element"] == two["element"],
    )
    assert same
