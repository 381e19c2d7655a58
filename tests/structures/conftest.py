"""The molecules of the model crystal, found by distance alone: gemmi, NumPy and SciPy, not the package."""

import itertools
import tomllib
from collections import Counter
from typing import NamedTuple

import gemmi
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from tests.datafiles import ROOT

BONDED = {  # Å: upper limits well between the longest bond (next to it) and the shortest contact of the model
    ("Au", "Au"): 3.1,  # 2.92
    ("Au", "S"): 2.6,  # 2.38
    ("C", "S"): 2.1,  # 1.82
    ("C", "H"): 1.3,  # 1.09
    ("C", "N"): 1.7,  # 1.50
}


class Molecule(NamedTuple):
    """A whole molecule in Cartesian coordinates, with its bonded pairs."""

    elements: np.ndarray
    positions: np.ndarray
    bonds: list[tuple[int, int]]

    @property
    def formula(self):
        counts = Counter(self.elements.tolist())
        first = [symbol for symbol in ("C", "H") if symbol in counts]
        rest = sorted(set(counts) - set(first))
        return "".join(
            f"{symbol}{counts[symbol] if counts[symbol] > 1 else ''}" for symbol in [*first, *rest]
        )

    def neighbours(self, atom, element):
        joined = [(set(bond) - {atom}).pop() for bond in self.bonds if atom in bond]
        return [other for other in joined if self.elements[other] == element]


def is_bond(one, two, distance):
    return distance < BONDED.get(tuple(sorted((one, two))), 0.0)


@pytest.fixture(scope="session")
def entry():
    """The manifest table of the model."""
    manifest = tomllib.loads((ROOT / "structures" / "manifest.toml").read_text(encoding="utf-8"))
    return manifest["au25_sch3_18_nme4"]


@pytest.fixture(scope="session")
def block(entry):
    return gemmi.cif.read(str(ROOT / "structures" / entry["file"])).sole_block()


@pytest.fixture(scope="session")
def structure(block):
    return gemmi.make_small_structure_from_block(block)


@pytest.fixture(scope="session")
def cell_atoms(structure):
    """Elements, fractional positions in the cell and the orthogonalisation matrix."""
    sites = structure.get_all_unit_cell_sites()
    elements = np.array([site.element.name for site in sites])
    fractions = np.array([site.fract.tolist() for site in sites]) % 1.0
    return elements, fractions, np.array(structure.cell.orth.mat.tolist())


@pytest.fixture(scope="session")
def molecules(cell_atoms):
    """Whole molecules, walked bond by bond across the faces of the cell."""
    elements, fractions, matrix = cell_atoms
    bonds = []
    for shift in itertools.product((-1, 0, 1), repeat=3):
        near = cKDTree(fractions @ matrix.T).sparse_distance_matrix(
            cKDTree((fractions + shift) @ matrix.T), 3.1, output_type="ndarray"
        )
        for one, two, distance in near:
            if distance > 0 and is_bond(elements[one], elements[two], distance):
                bonds.append((int(one), int(two), np.array(shift)))
    ends = np.array([bond[:2] for bond in bonds])
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(elements), len(elements)))
    _, labels = connected_components(graph, directed=False)
    by_atom = {atom: [] for atom in range(len(elements))}
    for one, two, shift in bonds:
        by_atom[one].append((two, shift))
    return [
        walk_molecule(np.flatnonzero(labels == label), by_atom, cell_atoms)
        for label in range(max(labels) + 1)
    ]


def walk_molecule(atoms, by_atom, cell_atoms):
    elements, fractions, matrix = cell_atoms
    shifts, queue = {int(atoms[0]): np.zeros(3)}, [int(atoms[0])]
    while queue:
        one = queue.pop()
        for two, shift in by_atom[one]:
            if two not in shifts:
                shifts[two] = shifts[one] + shift
                queue.append(two)
    order = {atom: number for number, atom in enumerate(shifts)}
    positions = np.array([fractions[atom] + shift for atom, shift in shifts.items()]) @ matrix.T
    pairs = {tuple(sorted((order[one], order[two]))) for one in order for two, _ in by_atom[one]}
    return Molecule(elements[list(shifts)], positions, sorted(pairs))


@pytest.fixture(scope="session")
def cluster(molecules):
    return next(molecule for molecule in molecules if "Au" in molecule.elements)


@pytest.fixture(scope="session")
def golds(cluster):
    """Gold atoms by the number of sulfur neighbours: 0 centre, 1 shell, 2 staple."""
    found = {0: [], 1: [], 2: []}
    for atom in np.flatnonzero(cluster.elements == "Au"):
        found[len(cluster.neighbours(atom, "S"))].append(int(atom))
    return found
