"""Molecules drawn for the tests: from a skeleton by springs, from stored RDKit geometries, by hand."""

import json
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.csgraph import shortest_path

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.assembly.species_table import KnownSpecies
from clustermodel.elements import covalent_radii
from clustermodel.structure.graph import Graph
from clustermodel.structure.molecule import Bonds, Molecule, molecule_from_atoms

DATA = Path(__file__).parents[1] / "data" / "species_rdkit.json"


@cache
def rdkit_species() -> dict[str, dict]:
    return json.loads(DATA.read_text(encoding="utf-8"))["species"]


def rdkit_molecule(name: str) -> Molecule:
    """Return a species with all hydrogens, its bonds found anew from the coordinates."""
    row = rdkit_species()[name]
    return bond_molecule(molecule_from_atoms(row["elements"], np.array(row["positions"]) / 100))


def keep(molecule: Molecule, atoms: list[int]) -> Molecule:
    """Return some atoms, in the order given, bonded anew."""
    elements = [molecule.elements[i] for i in atoms]
    return bond_molecule(molecule_from_atoms(elements, molecule.positions[atoms]))


def with_bonds(elements: list[str], positions: np.ndarray, edges: list[tuple[int, int]]) -> Molecule:
    """Return atoms with the bonds given, whatever their distances."""
    pairs = np.array(sorted(tuple(sorted(edge)) for edge in edges), dtype=np.int64).reshape(-1, 2)
    bonds = Bonds(
        pairs=pairs,
        lengths=np.linalg.norm(positions[pairs[:, 0]] - positions[pairs[:, 1]], axis=1),
        shifts=np.zeros((len(pairs), 3)),
        long=np.zeros(len(pairs)),
    )
    return molecule_from_atoms(elements, positions, bonds=bonds)


def draw_skeleton(species: KnownSpecies) -> Molecule:
    """Return the heavy atoms of a species at its typical bond lengths, with usual angles."""
    graph = species.graph
    springs = _find_springs(species)
    if not springs:
        return with_bonds(list(graph.elements), 5.0 * np.arange(3.0 * len(graph)).reshape(-1, 3), [])
    pairs = np.array(list(springs))
    rest, weight = np.array(list(springs.values())).T
    hops = shortest_path(_matrix(graph), unweighted=True)
    start = _scale(hops * 1.2)
    found = minimize(
        _strain,
        start.ravel(),
        args=(pairs, rest, weight),
        jac=True,
        method="L-BFGS-B",
        options={"ftol": 1e-6, "maxiter": 120},
    )
    positions = found.x.reshape(-1, 3)
    edges = [(a, b) for a, row in enumerate(graph.neighbors) for b in row if a < b]
    return with_bonds(list(graph.elements), positions, edges)


def _find_springs(species: KnownSpecies) -> dict[tuple[int, int], tuple[float, float]]:
    """Return length and stiffness for bonds (stiff) and for atoms bonded to one atom (soft)."""
    graph, radii = species.graph, covalent_radii(species.graph.elements)
    wanted = {kind: list(values) for kind, values in species.lengths.items()}
    springs = {}
    for a, row in enumerate(graph.neighbors):
        for b in (b for b in row if a < b):
            kind = "-".join(sorted((graph.elements[a], graph.elements[b])))
            springs[a, b] = (_next_length(wanted, kind, radii[a] + radii[b]), 1.0)
    for middle, row in enumerate(graph.neighbors):
        for a, b in ((a, b) for a in row for b in row if a < b and (a, b) not in springs):
            first, last = sorted((graph.elements[a], graph.elements[b]))
            across = wanted.get(f"{first}-{graph.elements[middle]}-{last}")
            legs = springs[min(a, middle), max(a, middle)][0] + springs[min(b, middle), max(b, middle)][0]
            if across:
                springs[a, b] = (across[0], 1.0)
            elif len(row) <= 4:
                springs[a, b] = (0.85 * legs, 0.02)  # an angle of 116 degrees, between the usual ones
    return springs


def _next_length(wanted: dict[str, list[float]], kind: str, default: float) -> float:
    values = wanted.get(kind)
    if not values:
        return float(default)
    return values[0] if len(values) == 1 else values.pop(0)


def _matrix(graph: Graph) -> np.ndarray:
    matrix = np.zeros((len(graph), len(graph)))
    for a, row in enumerate(graph.neighbors):
        matrix[a, list(row)] = 1
    return matrix


def _scale(distances: np.ndarray) -> np.ndarray:
    """Return a first guess of coordinates: classical multidimensional scaling."""
    n = len(distances)
    centre = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    guess = np.zeros((n, 3))
    best = vectors[:, ::-1][:, :3] * np.sqrt(np.maximum(values[::-1][:3], 0))
    guess[:, : best.shape[1]] = best
    return guess + np.random.default_rng(7).normal(scale=0.05, size=(n, 3))


def _strain(
    flat: np.ndarray, pairs: np.ndarray, rest: np.ndarray, weight: np.ndarray
) -> tuple[float, np.ndarray]:
    positions = flat.reshape(-1, 3)
    difference = positions[pairs[:, 0]] - positions[pairs[:, 1]]
    lengths = np.linalg.norm(difference, axis=1)
    pull = 2 * weight * (lengths - rest) / np.maximum(lengths, 1e-9)
    slope = np.zeros_like(positions)
    np.add.at(slope, pairs[:, 0], pull[:, None] * difference)
    np.add.at(slope, pairs[:, 1], -pull[:, None] * difference)
    apart = positions[:, None] - positions
    gaps = np.linalg.norm(apart, axis=2) + 9.0 * np.eye(len(positions))
    gaps[pairs[:, 0], pairs[:, 1]] += 9.0 * (weight == 1.0)
    gaps[pairs[:, 1], pairs[:, 0]] += 9.0 * (weight == 1.0)
    short = np.maximum(2.1 - gaps, 0.0)  # Å; unbonded atoms stay that far apart
    slope -= 2.0 * np.sum((short / np.maximum(gaps, 1e-9))[:, :, None] * apart, axis=1)
    return float(np.sum(weight * (lengths - rest) ** 2) + 0.5 * np.sum(short**2)), slope.ravel()
