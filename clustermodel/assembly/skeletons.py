"""What is left of a molecule when its hydrogens are counted instead of drawn?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from clustermodel.elements import format_formula
from clustermodel.structure.graph import Graph, graph_from_edges
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.neighbors import find_pairs

__all__ = ["Skeleton", "build_skeleton"]

_HYDROGEN = frozenset({"H", "D"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Skeleton:
    """The heavy atoms of a molecule with the number of hydrogens on each.

    Parameters
    ----------
    graph : Graph
        The n heavy atoms and their bonds.
    hydrogens : tuple of int, length n
        Hydrogens on each heavy atom; a bridging hydrogen counts once.
    positions : tuple of tuple of float, shape (n, 3)
        Cartesian coordinates in Å.
    """

    graph: Graph
    hydrogens: tuple[int, ...] = field(metadata={"unit": "1"})
    positions: tuple[tuple[float, ...], ...] = field(metadata={"unit": "Å"})

    @property
    def heavy_formula(self) -> str:
        """Hill formula of the heavy atoms."""
        return format_formula(self.graph.elements)

    @property
    def hydrogens_on_carbon(self) -> int:
        """Number of hydrogens on carbon."""
        pairs = zip(self.hydrogens, self.graph.elements, strict=True)
        return sum(n for n, symbol in pairs if symbol == "C")

    @property
    def hydrogens_elsewhere(self) -> int:
        """Number of hydrogens on all atoms but carbon."""
        return sum(self.hydrogens) - self.hydrogens_on_carbon

    def subset(self, atoms: Sequence[int]) -> "Skeleton":
        """Return some of the heavy atoms with their hydrogens.

        Parameters
        ----------
        atoms : sequence of int
            The heavy atoms to keep.

        Returns
        -------
        Skeleton
            The chosen atoms, the bonds among them, their hydrogens.
        """
        return Skeleton(
            graph=self.graph.subgraph(atoms),
            hydrogens=tuple(self.hydrogens[a] for a in atoms),
            positions=tuple(self.positions[a] for a in atoms),
        )

    def distance(self, first: int, second: int) -> float:
        """Return the distance of two heavy atoms.

        Parameters
        ----------
        first, second : int
            The atoms.

        Returns
        -------
        float
            Distance in Å.
        """
        return math.dist(self.positions[first], self.positions[second])

    def has_overlap(self, closest: float) -> bool:
        """Return whether atoms that are not bonded come too close.

        Parameters
        ----------
        closest : float
            Distance in Å.

        Returns
        -------
        bool
            True for unresolved disorder.
        """
        near = find_pairs(np.array(self.positions), closest)
        pairs = zip(near.first.tolist(), near.second.tolist(), strict=True)
        return any(b not in self.graph.neighbors[a] for a, b in pairs)

    def lengths(self, kind: str) -> list[float]:
        """Return the bond lengths between two elements, or the distances across a third.

        Parameters
        ----------
        kind : str
            Element symbols, the outer ones in alphabetical order: ``"C-O"`` for bonds,
            ``"C-N-C"`` for the distance of two C bonded to one N.

        Returns
        -------
        list of float
            Lengths in Å, ascending.
        """
        first, *middle, last = kind.split("-")
        elements, neighbors = self.graph.elements, self.graph.neighbors
        if middle:
            centres = [row for a, row in enumerate(neighbors) if elements[a] == middle[0]]
            pairs = [pair for row in centres for pair in combinations(row, 2)]
        else:
            pairs = [(a, b) for a, row in enumerate(neighbors) for b in row if a < b]
        wanted = [first, last]
        chosen = (pair for pair in pairs if sorted(elements[a] for a in pair) == wanted)
        return sorted(self.distance(a, b) for a, b in chosen)


def build_skeleton(molecule: Molecule, *, largest: int) -> Skeleton | None:
    """Count the hydrogens of a molecule onto its heavy atoms.

    On oxygen a hydrogen counts by its occupancy relative to the oxygen atom, since protons of
    water and alcohols are often listed at two half-occupied places. On carbon no more are
    counted than four bonds allow, since methyl groups are often listed in two orientations.

    Parameters
    ----------
    molecule : Molecule
        A molecule with bonds.
    largest : int
        Molecules with more heavy atoms are not looked at.

    Returns
    -------
    Skeleton or None
        None for polymers, hydrogen alone and molecules larger than `largest`.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> water = molecule_from_atoms(["O", "H", "H"], [[0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])
    >>> build_skeleton(bond_molecule(water), largest=120).hydrogens
    (2,)
    """
    elements = molecule.elements
    heavy = [i for i, symbol in enumerate(elements) if symbol not in _HYDROGEN]
    if molecule.periodicity or not 0 < len(heavy) <= largest:
        return None
    index = {atom: k for k, atom in enumerate(heavy)}
    edges: list[tuple[int, int]] = []
    owner: dict[int, int] = {}
    for first, second in molecule.bonds.pairs.tolist():
        if first in index and second in index:
            edges.append((index[first], index[second]))
        elif first in index:
            owner.setdefault(second, first)
        elif second in index:
            owner.setdefault(first, second)
    positions = molecule.positions.tolist()
    graph = graph_from_edges([elements[i] for i in heavy], edges)
    listed = _count_hydrogens(molecule, heavy, owner)
    rows = zip(listed, graph.elements, graph.neighbors, strict=True)
    return Skeleton(
        graph=graph,
        hydrogens=tuple(min(n, max(0, 4 - len(row))) if symbol == "C" else n for n, symbol, row in rows),
        positions=tuple(tuple(positions[i]) for i in heavy),
    )


def _count_hydrogens(molecule: Molecule, heavy: list[int], owner: dict[int, int]) -> tuple[int, ...]:
    occupancy = molecule.occupancy.tolist()
    counts = dict.fromkeys(heavy, 0.0)
    for hydrogen, atom in owner.items():
        share = 1.0
        if molecule.elements[atom] == "O" and occupancy[atom] > 0:
            share = min(1.0, occupancy[hydrogen] / occupancy[atom])
        counts[atom] += share
    return tuple(math.floor(counts[atom] + 0.5) for atom in heavy)
