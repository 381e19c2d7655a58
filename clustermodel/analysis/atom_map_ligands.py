"""Which atom of a ligand is which atom of its partner? From the donors outwards along the bonds.

Conformations differ, so the graph decides: neighbours of mapped atoms are paired, level by level, with
neighbours of the same element whose bonds to atoms mapped before agree; of several, those whose branches
are the same further out, then those that lie in the more similar direction. Ligands of different kinds are
mapped as far as they agree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scipy.optimize import linear_sum_assignment

from clustermodel._arrays import FloatArray
from clustermodel.structure.graph import graph_from_edges, match_graphs
from clustermodel.structure.molecule import Molecule

__all__ = ["LigandSide", "map_ligand"]

_ROUNDS = 4  # bonds that a branch is looked along: para carbon and bridgehead are told apart by three
_OTHER_BRANCH = 100.0  # Å2; more than any difference in direction
_CONTRADICTION = 1e6  # Å2; not allowed
_HYDROGEN = frozenset({"H", "D"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LigandSide:
    """The ligands of one molecule.

    Parameters
    ----------
    elements : tuple of str
        Elements of all atoms; deuterium counts as hydrogen.
    positions : ndarray, shape (n, 3)
        Places of all atoms in Å, in a frame that both molecules share.
    neighbours : tuple of tuple of int
        Bonded atoms of every atom.
    """

    elements: tuple[str, ...]
    positions: FloatArray
    neighbours: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, molecule: Molecule, positions: FloatArray) -> "LigandSide":
        """Collect what is needed of a molecule.

        Parameters
        ----------
        molecule : Molecule
            Atoms with bonds.
        positions : ndarray, shape (n, 3)
            Their places in the shared frame in Å.

        Returns
        -------
        LigandSide
            The ligands.
        """
        return cls(
            elements=tuple("H" if s in _HYDROGEN else s for s in molecule.elements),
            positions=positions,
            neighbours=tuple(tuple(row) for row in molecule.neighbors()),
        )


def map_ligand(
    first: LigandSide,
    second: LigandSide,
    ligands: tuple[Sequence[int], Sequence[int]],
    roots: Mapping[int, int],
) -> dict[int, int]:
    """Map the atoms of a ligand on those of its partner.

    Parameters
    ----------
    first, second : LigandSide
        The ligands of both molecules.
    ligands : (sequence of int, sequence of int)
        Atoms of either ligand.
    roots : mapping of int to int
        Donors of the first ligand with their partners in the second.

    Returns
    -------
    dict of int to int
        Atom of the second ligand for each mapped atom of the first, the roots included. Bonds between
        mapped atoms are the same in both.

    Examples
    --------
    >>> import numpy as np
    >>> chain = LigandSide(
    ...     elements=("S", "C", "C"), positions=np.zeros((3, 3)), neighbours=((1,), (0, 2), (1,))
    ... )
    >>> turned = LigandSide(
    ...     elements=("C", "C", "S"), positions=np.zeros((3, 3)), neighbours=((1,), (0, 2), (1,))
    ... )
    >>> sorted(map_ligand(chain, turned, ((0, 1, 2), (0, 1, 2)), {0: 2}).items())
    [(0, 2), (1, 1), (2, 0)]
    """
    inside = set(ligands[0]), set(ligands[1])
    branches = _name_branches(first, ligands[0]), _name_branches(second, ligands[1])
    pairs = dict(roots)
    level = list(roots)
    while level:
        fresh: list[int] = []
        for atom in level:
            ends = (
                [n for n in first.neighbours[atom] if n in inside[0] and n not in pairs],
                [n for n in second.neighbours[pairs[atom]] if n in inside[1]],
            )
            for own, other in _pair_branches(first, second, ends, (atom, pairs), branches):
                pairs[own] = other
                fresh.append(own)
        level = fresh
    whole = len(pairs) == len(ligands[0]) == len(ligands[1])
    if whole or sorted(branches[0].values()) != sorted(branches[1].values()):
        return pairs
    return _match_whole(first, second, ligands, roots) or pairs


def _name_branches(side: LigandSide, atoms: Sequence[int]) -> dict[int, int]:
    """Return numbers that are equal for atoms with the same surroundings (Weisfeiler and Leman)."""
    inside = set(atoms)
    around = {atom: [n for n in side.neighbours[atom] if n in inside] for atom in atoms}
    names = {atom: hash((side.elements[atom], len(around[atom]))) for atom in atoms}
    for _ in range(_ROUNDS):
        names = {atom: hash((names[atom], *sorted(names[n] for n in around[atom]))) for atom in atoms}
    return names


def _pair_branches(
    first: LigandSide,
    second: LigandSide,
    ends: tuple[list[int], list[int]],
    parent: tuple[int, Mapping[int, int]],
    branches: tuple[Mapping[int, int], Mapping[int, int]],
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of new neighbours of a mapped atom."""
    atom, pairs = parent
    taken = set(pairs.values())
    own, other = ends[0], [n for n in ends[1] if n not in taken]
    if not own or not other:
        return
    arms = first.positions[own] - first.positions[atom]
    goals = second.positions[other] - second.positions[pairs[atom]]
    costs = ((arms[:, None] - goals[None]) ** 2).sum(axis=2)
    for row, a in enumerate(own):
        bonds = {pairs[n] for n in first.neighbours[a] if n in pairs}
        for column, b in enumerate(other):
            back = {n for n in second.neighbours[b] if n in taken}
            if first.elements[a] != second.elements[b] or bonds != back:
                costs[row, column] = _CONTRADICTION
            elif branches[0][a] != branches[1][b]:
                costs[row, column] += _OTHER_BRANCH
    for row, column in zip(*linear_sum_assignment(costs), strict=True):
        if costs[row, column] < _CONTRADICTION:
            yield own[row], other[column]


def _match_whole(
    first: LigandSide,
    second: LigandSide,
    ligands: tuple[Sequence[int], Sequence[int]],
    roots: Mapping[int, int],
) -> dict[int, int]:
    """Return any isomorphism that keeps the roots; empty if there is none."""
    marks = {atom: number for number, atom in enumerate(roots)}
    goals = {roots[atom]: number for atom, number in marks.items()}
    graphs = []
    for side, atoms, marked in ((first, ligands[0], marks), (second, ligands[1], goals)):
        index = {atom: row for row, atom in enumerate(atoms)}
        names = [f"{side.elements[atom]}{marked.get(atom, '')}" for atom in atoms]
        edges = [(index[a], index[n]) for a in atoms for n in side.neighbours[a] if n in index]
        graphs.append(graph_from_edges(names, edges))
    found = match_graphs(*graphs)
    return {} if found is None else {ligands[0][k]: ligands[1][n] for k, n in enumerate(found)}
