"""How is a vacancy filled? A metal atom with the ligand of its like, turned to where it clashes least."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import networkx as nx
import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.analysis.defect_molecules import AddedAtoms
from clustermodel.analysis.defect_surface import list_allowed_distances
from clustermodel.analysis.defect_vacancies import Vacancy, list_terminal_ligands, name_ligands
from clustermodel.analysis.ligand_turns import LigandFit, turn_ligand
from clustermodel.analysis.rigid_fit import build_operation, superpose
from clustermodel.assembly.bonding import BONDING_RULES
from clustermodel.cluster.cluster import Cluster
from clustermodel.elements import covalent_radii

__all__ = ["Filling", "fill_vacancy"]

_TURNS = 24  # of a ligand about its bond: 15° apart
_TILT = math.radians(20.0)  # of the bond; donors of terminal ligands stand up to so far from straight out
_TILTS = 6  # directions of the tilt
_REACH = 4.0  # Å; atoms farther from an added one cannot clash: twice the largest van der Waals radius


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Filling:
    """A vacancy with its atom and ligand.

    Parameters
    ----------
    added : AddedAtoms
        The metal atom, then its ligands.
    ligand : str
        Names, or formulas, of the ligands; empty if there is none.
    overlap : float
        Sum of the squares of what is missing to distances that are no clash, in Å2; 0 without clashes.
    """

    added: AddedAtoms
    ligand: str
    overlap: float = field(metadata={"unit": "Å2"})


def fill_vacancy(cluster: Cluster, vacancy: Vacancy, limits: tuple[float, float]) -> Filling:
    """Put an atom with its ligand on a vacant place.

    The ligand is a copy of one on a like atom, in each of the conformations that it has in the cluster. It is
    turned about its bond, and the bond tilted; from the best of these placements it also turns about its own
    single bonds, to where it overlaps least. Nothing else moves.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    vacancy : Vacancy
        The place.
    limits : (float, float)
        As in `clustermodel.analysis.defect_surface.find_clashes`.

    Returns
    -------
    Filling
        The atoms to add, with their bonds.
    """
    choices = [_place(cluster, vacancy, metal, limits) for metal in vacancy.templates or (-1,)]
    return min(choices, key=lambda filling: filling.overlap)


def _place(cluster: Cluster, vacancy: Vacancy, template: int, limits: tuple[float, float]) -> Filling:
    """Fill a vacancy with the ligands of one metal atom."""
    molecule = cluster.molecule
    ligands = list_terminal_ligands(cluster).get(template, ())
    atoms = [atom for one in ligands for atom in one.atoms]
    donors = [donor.atom for one in ligands for donor in one.donors]
    elements = (vacancy.element, *(molecule.elements[atom] for atom in atoms))
    arms = np.vstack([np.zeros(3), molecule.positions[atoms] - molecule.positions[template]])
    bond = molecule.positions[donors].mean(axis=0) - molecule.positions[template] if donors else vacancy.axis
    size = len(molecule)
    bonds = _list_bonds(cluster, vacancy, atoms, donors)
    own = tuple((a - size, b - size) for a, b in bonds if min(a, b) >= size)
    gaps = np.linalg.norm(molecule.positions - vacancy.position, axis=1)
    near = np.flatnonzero(gaps < _measure_reach(arms, own) + _REACH)
    fit = LigandFit(
        elements=elements,
        bonds=own,
        present=molecule.positions[near],
        allowed=list_allowed_distances(cluster, elements, limits)[:, near],
        overlap=limits[0],
    )
    turns = np.swapaxes(_list_turns(bond, vacancy.axis), 1, 2)
    positions, overlap = turn_ligand(fit, vacancy.position + arms @ turns)
    return Filling(
        added=AddedAtoms(
            elements=elements,
            labels=(f"{vacancy.element}v", *(f"{molecule.labels[atom]}v" for atom in atoms)),
            positions=positions,
            bonds=np.array(bonds, dtype=np.int64),
        ),
        ligand=name_ligands(ligands),
        overlap=overlap,
    )


def _measure_reach(arms: FloatArray, bonds: Sequence[tuple[int, int]]) -> float:
    """Return how far from the first atom the others can be when bonds turn."""
    graph = nx.Graph()
    graph.add_node(0)
    graph.add_weighted_edges_from((a, b, float(np.linalg.norm(arms[a] - arms[b]))) for a, b in bonds)
    return float(max(nx.single_source_dijkstra_path_length(graph, 0).values()))


def _list_turns(bond: FloatArray, axis: FloatArray) -> FloatArray:
    """Return rotations that turn a bond into an axis and directions around it, at all angles about it."""
    side = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    side /= np.linalg.norm(side)
    tilts = [build_operation(axis, k * math.tau / _TILTS) @ side for k in range(_TILTS)]
    ways = [axis, *(build_operation(tilt, _TILT) @ axis for tilt in tilts)]
    spins = np.arange(_TURNS) * math.tau / _TURNS
    return np.array(
        [
            build_operation(way, spin) @ superpose(bond[None], way[None], improper=False)
            for way in ways
            for spin in spins
        ]
    )


def _list_bonds(
    cluster: Cluster, vacancy: Vacancy, atoms: Sequence[int], donors: Sequence[int]
) -> list[tuple[int, int]]:
    """Return the bonds of the added atoms: to metal atoms and donors nearby, and those of the ligand."""
    molecule, rule = cluster.molecule, BONDING_RULES["cordero"]
    size = len(molecule)
    place = {atom: size + 1 + k for k, atom in enumerate(atoms)}
    bonds = [(size, place[donor]) for donor in donors]
    bonds += [(place[a], place[b]) for a, b in molecule.bonds.pairs.tolist() if a in place and b in place]
    radii = covalent_radii(molecule.elements)
    gaps = np.linalg.norm(molecule.positions - vacancy.position, axis=1) - radii
    gaps -= covalent_radii([vacancy.element])[0]
    held = [donor.atom for ligand in cluster.ligands for donor in ligand.donors]
    bonds += [(metal, size) for metal in cluster.metals if gaps[metal] <= rule.metal_metal]
    bonds += [(donor, size) for donor in held if gaps[donor] <= rule.metal]
    return bonds
