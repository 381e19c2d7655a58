"""Which atom of one cluster is which atom of another that differs in size, order, charge or ligands?

Metal atoms and donors come first: they are laid on each other as points, proper or mirrored, with some left
over on both sides (`atom_map_search`); what moved too far for that is found by the atoms that it holds
(`atom_map_graph`), and the rest of the ligands by their own graphs (`atom_map_ligands`). Other maps that fit
as well are listed as rivals: in a symmetric cluster, and in one that is nearly so, no experiment can tell
them apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.atom_map_confidence import FAR, judge_map, measure_excess
from clustermodel.analysis.atom_map_graph import (
    BondGraph,
    build_bond_graph,
    build_framework,
    complete_pairs,
)
from clustermodel.analysis.atom_map_ligands import LigandSide, map_ligand
from clustermodel.analysis.atom_map_results import (
    AtomMap,
    AtomMapSettings,
    MappedAtom,
    RivalMap,
    RoleDistance,
    UnmappedAtom,
)
from clustermodel.analysis.atom_map_search import FrameworkMap, match_frameworks
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.ligand_graph import find_connected
from clustermodel.cluster.roles import DONOR_ROLES, METAL_ROLES, ROLES
from clustermodel.errors import ChemistryError

__all__ = ["map_atoms"]


def map_atoms(
    first: tuple[Cluster, Anatomy],
    second: tuple[Cluster, Anatomy],
    *,
    settings: AtomMapSettings | None = None,
) -> AtomMap:
    """Map the atoms of a cluster on those of another.

    Parameters
    ----------
    first, second : (Cluster, Anatomy)
        The clusters, each with its division into kernel and shell.
    settings : AtomMapSettings, optional
        Choices that differ from the defaults.

    Returns
    -------
    AtomMap
        Pairs, atoms without partner, rivals, and how sure the map is.

    Raises
    ------
    ChemistryError
        If no three atoms of the two can be laid on each other, or a cluster is part of a polymer.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> square = [[0, 0, 0], [2.8, 0, 0], [2.8, 2.8, 0], [0, 2.8, 0]]
    >>> clusters = [build_cluster(bond_molecule(molecule_from_atoms(["Au"] * n, square[:n]))) for n in (3, 4)]
    >>> found = map_atoms(*[(cluster, classify_kernel(cluster)) for cluster in clusters])
    >>> len(found.mapped), len(found.missing), len(found.extra)
    (3, 1, 0)
    """
    chosen = settings if settings is not None else AtomMapSettings()
    sides = _Side(*first), _Side(*second)
    maps = match_frameworks(sides[0].framework, sides[1].framework, reach=chosen.reach, unlike=chosen.unlike)
    if not maps:
        msg = (
            f"{sides[0].molecule.formula} and {sides[1].molecule.formula}: no three metal or donor atoms lie "
            f"alike in both, so there is no map; check that both are clusters"
        )
        raise ChemistryError(msg)
    best = maps[0]
    graphs = sides[0].graph, sides[1].graph
    places = _move(best, sides[0].molecule.positions), sides[1].molecule.positions
    pairs = complete_pairs(_read_pairs(best, sides), graphs, places, farthest=FAR * chosen.reach)
    confidence = judge_map(maps, pairs, graphs, places, chosen)
    if confidence.level == "no true map":
        pairs = {a: b for a, b in pairs.items() if graphs[0].types[a] == graphs[1].types[b]}
    mapped = _list_pairs(pairs | _map_ligands(pairs, sides, places), sides, places)
    framework = [atom for atom in mapped if atom.a in pairs]
    taken = {atom.a for atom in mapped}, {atom.b for atom in mapped}
    return AtomMap(
        rotation=best.rotation,
        translation=best.translation,
        improper=best.improper,
        mapped=mapped,
        missing=sides[1].list_others(taken[1]),
        extra=sides[0].list_others(taken[0]),
        moved=tuple(atom for atom in framework if atom.distance > chosen.moved),
        exchanged=tuple(atom for atom in framework if atom.element_a != atom.element_b),
        distances=tuple(_measure_roles(framework)),
        rivals=tuple(_list_rivals(maps, sides, chosen)),
        confidence=confidence,
        settings=chosen,
    )


class _Side:
    """One of the two clusters."""

    def __init__(self, cluster: Cluster, anatomy: Anatomy) -> None:
        self.cluster, self.roles = cluster, anatomy.roles
        self.molecule = cluster.molecule
        if self.molecule.periodicity:
            msg = f"{self.molecule.formula} is part of a polymer: atoms are mapped for molecules only"
            raise ChemistryError(msg)
        self.groups = find_connected(self.molecule.neighbors(), cluster.metals)  # ligands, bound or not
        self.graph: BondGraph = build_bond_graph(cluster, anatomy)
        self.framework, self.atoms = build_framework(cluster, self.graph)

    def list_others(self, taken: set[int]) -> tuple[UnmappedAtom, ...]:
        """List the atoms that are not taken."""
        return tuple(
            UnmappedAtom(
                atom=atom,
                label=self.molecule.labels[atom],
                element=self.molecule.elements[atom],
                role=self.roles[atom],
            )
            for atom in self.sort(set(range(len(self.molecule))) - taken)
        )

    def sort(self, atoms: Iterable[int]) -> list[int]:
        """Order atoms: metal atoms, donors, others."""
        return sorted(atoms, key=lambda atom: (_rank(self.roles[atom]), atom))


def _rank(role: str) -> int:
    return 0 if role in METAL_ROLES else 1 if role in DONOR_ROLES else 2


def _read_pairs(found: FrameworkMap, sides: tuple[_Side, _Side]) -> dict[int, int]:
    rows = np.flatnonzero(found.partners >= 0)
    partners = sides[1].atoms[found.partners[rows]]
    return dict(zip(sides[0].atoms[rows].tolist(), partners.tolist(), strict=True))


def _move(found: FrameworkMap, positions: FloatArray) -> FloatArray:
    return np.asarray(positions @ found.rotation.T + found.translation)


def _map_ligands(
    pairs: Mapping[int, int], sides: tuple[_Side, _Side], places: tuple[FloatArray, FloatArray]
) -> dict[int, int]:
    """Return pairs of ligand atoms, for each ligand and the one that most of its donors say."""
    home = [{atom: k for k, group in enumerate(side.groups) for atom in group} for side in sides]
    shared: dict[tuple[int, int], dict[int, int]] = {}
    for a, b in pairs.items():
        if a in home[0] and b in home[1]:
            shared.setdefault((home[0][a], home[1][b]), {})[a] = b
    first, second = (
        LigandSide.of(side.molecule, positions) for side, positions in zip(sides, places, strict=True)
    )
    found: dict[int, int] = {}
    used: tuple[set[int], set[int]] = set(), set()
    for key in sorted(shared, key=lambda key: (-len(shared[key]), key)):
        if key[0] in used[0] or key[1] in used[1]:
            continue
        used[0].add(key[0])
        used[1].add(key[1])
        atoms = sides[0].groups[key[0]], sides[1].groups[key[1]]
        found |= map_ligand(first, second, atoms, shared[key])
    return found


def _list_pairs(
    pairs: Mapping[int, int], sides: tuple[_Side, _Side], places: tuple[FloatArray, FloatArray]
) -> tuple[MappedAtom, ...]:
    first, second = sides[0].molecule, sides[1].molecule
    order = sides[0].sort(pairs)
    distances = np.linalg.norm(places[0][order] - places[1][[pairs[a] for a in order]], axis=1)
    return tuple(
        MappedAtom(
            a=a,
            b=pairs[a],
            label_a=first.labels[a],
            label_b=second.labels[pairs[a]],
            element_a=first.elements[a],
            element_b=second.elements[pairs[a]],
            role=sides[0].roles[a],
            role_b=sides[1].roles[pairs[a]],
            distance=distance,
        )
        for a, distance in zip(order, distances.tolist(), strict=True)
    )


def _measure_roles(framework: Sequence[MappedAtom]) -> Iterator[RoleDistance]:
    groups: dict[str, list[float]] = {}
    for atom in framework:
        kind = "metal" if atom.role in METAL_ROLES else "donor"
        for name in (atom.role, kind, "framework"):
            groups.setdefault(name, []).append(atom.distance)
    for name in (*ROLES, "metal", "donor", "framework"):
        if name in groups:
            distances = np.array(groups[name])
            yield RoleDistance(
                role=name,
                n=len(distances),
                rmsd=float(np.sqrt((distances**2).mean())),
                largest=float(distances.max()),
            )


def _list_rivals(
    maps: Sequence[FrameworkMap], sides: tuple[_Side, _Side], settings: AtomMapSettings
) -> Iterator[RivalMap]:
    excess = measure_excess(maps, settings)
    for row in np.flatnonzero(excess <= settings.sigmas)[1 : settings.most_rivals + 1]:
        found = maps[row]
        pairs = _read_pairs(found, sides)
        labels = [
            tuple(side.molecule.labels[atom] for atom in side.sort(set(side.atoms.tolist()) - taken))
            for side, taken in zip(sides, (set(pairs), set(pairs.values())), strict=True)
        ]
        yield RivalMap(
            pairs=_stack(pairs),
            n_different=int((found.partners != maps[0].partners).sum()),
            improper=found.improper,
            rmsd=found.rmsd,
            excess=float(excess[row]),
            missing=labels[1],
            extra=labels[0],
        )


def _stack(pairs: Mapping[int, int]) -> IntArray:
    return np.array(sorted(pairs.items()), dtype=np.int64).reshape(-1, 2)
