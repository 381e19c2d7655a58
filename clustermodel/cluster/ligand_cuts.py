"""Where is one ligand cut, and where do the new hydrogen atoms stand? Rules in ``ligand_caps.toml``."""

import functools
import itertools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.cluster.hydrogen_directions import point_methyl
from clustermodel.cluster.ligand_environment import HYDROGEN, LigandEnvironment
from clustermodel.cluster.ligands import DonorGroup, Ligand, find_groups
from clustermodel.elements import covalent_radii
from clustermodel.structure.molecule import Molecule

__all__ = ["Cap", "Cut", "find_hydrogen_bond", "list_styles", "place_caps", "plan_cut"]

HYDROGEN_STYLE, METHYL, WHOLE = "hydrogen", "methyl", "whole"


class Cut(NamedTuple):
    """What of one ligand stays.

    Parameters
    ----------
    keep : frozenset of int
        Atoms that stay as they are.
    methyls : tuple of (int, int)
        Donor and carbon atoms: the carbon stays and gets three hydrogen atoms.
    bonds : tuple of (int, int)
        Bonds from an atom that stays to one that a hydrogen atom replaces.
    note : str
        Why it was cut in another way than asked; empty as a rule.
    """

    keep: frozenset[int]
    methyls: tuple[tuple[int, int], ...] = ()
    bonds: tuple[tuple[int, int], ...] = ()
    note: str = ""


class Cap(NamedTuple):
    """A new hydrogen atom.

    Parameters
    ----------
    position : ndarray, shape (3,)
        Where it stands, in Å.
    parent : int
        Atom it is bonded to.
    replaced : int
        Atom it stands for; -1 if for none in particular.
    """

    position: FloatArray
    parent: int
    replaced: int


@functools.cache
def _read_table() -> dict[str, dict[str, Any]]:
    text = resources.files("clustermodel.cluster").joinpath("ligand_caps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def list_styles(family: str) -> tuple[str, ...]:
    """Return what the donors of a family can become.

    Parameters
    ----------
    family : {"thiolate", "phosphine"}
        Family of donors.

    Returns
    -------
    tuple of str
        Names such as ``"SH"``.

    Examples
    --------
    >>> list_styles("phosphine")
    ('PH3', 'PMe3', 'none')
    """
    return tuple(_read_table()["styles"][family])


def find_hydrogen_bond(kind: str) -> float:
    """Return the length of a new bond to hydrogen.

    Parameters
    ----------
    kind : str
        Element of the other atom, or ``"methyl"``, ``"methylene"``, ``"methine"`` for carbon in such
        a group.

    Returns
    -------
    float
        Length in Å: a table value, else the sum of covalent radii.

    Examples
    --------
    >>> find_hydrogen_bond("P"), find_hydrogen_bond("methyl")
    (1.42, 1.077)
    """
    lengths = _read_table()["hydrogen"]
    return float(lengths[kind]) if kind in lengths else float(covalent_radii([kind, "H"]).sum())


def plan_cut(env: LigandEnvironment, ligand: Ligand, styles: Mapping[str, str], *, keep_bridges: bool) -> Cut:
    """Decide which atoms of a ligand stay.

    Parameters
    ----------
    env : LigandEnvironment
        The molecule.
    ligand : Ligand
        One of its ligands.
    styles : mapping of str to str
        For each family the name of a style, such as ``{"thiolate": "SH", "phosphine": "PH3"}``.
    keep_bridges : bool
        Whether the atoms between donors stay.

    Returns
    -------
    Cut
        Atoms that stay and bonds that are cut.
    """
    whole = Cut(frozenset(ligand.atoms))
    groups = find_groups(env, ligand.atoms)
    endings = {atom: _find_ending(group, styles) for group in groups for atom in group.atoms}
    if WHOLE in endings.values():
        return whole
    keep = set(endings)
    for atom in (a for a, ending in endings.items() if ending is None):
        rings = env.rings(atom)
        if not rings:
            return whole._replace(note=f"{ligand.name or ligand.formula}: no rule to cut it, kept whole")
        keep.update(itertools.chain.from_iterable(rings))
    graph = _build_graph(env, ligand)
    bridged, forced = _find_bridges(env, graph, endings, keep_bridges=keep_bridges)
    keep |= bridged
    note = (
        f"{ligand.name or ligand.formula}: bridge between donors kept, its ends are too close"
        if forced
        else ""
    )
    return _cut_bonds(env, graph, keep, endings)._replace(note=note)


def _find_ending(group: DonorGroup, styles: Mapping[str, str]) -> str | None:
    """Return how the bonds of a donor end; None without a rule for its class."""
    table = _read_table()
    for family, kinds in table["families"].items():
        if group.kind in kinds:
            return str(table["styles"][family][styles[family]])
    return None


def _build_graph(env: LigandEnvironment, ligand: Ligand) -> "nx.Graph[int]":
    members = set(ligand.atoms)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(ligand.atoms)
    graph.add_edges_from(
        (first, second)
        for first, second in env.molecule.bonds.pairs.tolist()
        if first in members and second in members
    )
    return graph


def _find_bridges(
    env: LigandEnvironment, graph: "nx.Graph[int]", endings: Mapping[int, str | None], *, keep_bridges: bool
) -> tuple[set[int], bool]:
    """Return the atoms between donors that stay, and whether some stay although nobody asked for it."""
    shortest = _read_table()["shortest_bridge"]
    found: set[int] = set()
    forced = False
    for first, second in itertools.combinations(sorted(endings), 2):
        path = nx.shortest_path(graph, first, second)[1:-1]
        styles = [ending for ending in (endings[first], endings[second]) if ending in shortest]
        close = bool(path) and len(path) <= max((shortest[str(style)] for style in styles), default=0)
        if close or keep_bridges:
            found.update(path)
            found.update(a for atom in path for ring in env.rings(atom) for a in ring)
            forced |= close and not keep_bridges
    return found, forced


def _cut_bonds(
    env: LigandEnvironment, graph: "nx.Graph[int]", keep: set[int], endings: Mapping[int, str | None]
) -> Cut:
    """Keep hydrogen and, where asked for, the carbon next to a donor; cut every other bond that leaves."""
    methyls: list[tuple[int, int]] = []
    bonds: list[tuple[int, int]] = []
    stay = set(keep)
    for atom in sorted(keep):
        for neighbor in sorted(set(graph[atom]) - keep):
            if env.elements[neighbor] in HYDROGEN:
                stay.add(neighbor)
            elif endings.get(atom) == METHYL and env.elements[neighbor] == "C":
                methyls.append((atom, neighbor))
            else:
                bonds.append((atom, neighbor))
    return Cut(frozenset(stay), tuple(methyls), tuple(bonds))


def place_caps(molecule: Molecule, cut: Cut) -> tuple[Cap, ...]:
    """Place the new hydrogen atoms of a ligand.

    Parameters
    ----------
    molecule : Molecule
        The full molecule.
    cut : Cut
        What of the ligand stays.

    Returns
    -------
    tuple of Cap
        One for each cut bond, and three for each methyl group.
    """
    caps = [_place_on_bond(molecule, atom, gone) for atom, gone in cut.bonds]
    neighbors = molecule.neighbors() if cut.methyls else []
    for donor, carbon in cut.methyls:
        others = sorted(set(neighbors[carbon]) - {donor})
        caps += _place_methyl(molecule, donor, carbon, others)
    return tuple(caps)


def _place_on_bond(molecule: Molecule, atom: int, gone: int, *, methyl: bool = False) -> Cap:
    vector = molecule.positions[gone] - molecule.positions[atom]
    length = find_hydrogen_bond("methyl" if methyl else molecule.elements[atom])
    return Cap(molecule.positions[atom] + length * _unit(vector), atom, gone)


def _place_methyl(molecule: Molecule, donor: int, carbon: int, others: list[int]) -> list[Cap]:
    """Put hydrogen where the three substituents were, or build a regular group turned to the first one."""
    if len(others) == 3:
        return [_place_on_bond(molecule, carbon, other, methyl=True) for other in others]
    origin = molecule.positions[carbon]
    heavy = sorted(others, key=lambda a: (molecule.elements[a] in HYDROGEN, a))
    if heavy:
        guide = molecule.positions[heavy[0]] - origin
    else:
        guide = molecule.positions[donor] - molecule.positions[_find_far_neighbor(molecule, donor, carbon)]
    length = find_hydrogen_bond("methyl")
    directions = point_methyl(origin - molecule.positions[donor], guide)
    stands_for = [*heavy[:1], -1, -1, -1][:3]
    return [
        Cap(origin + length * direction, carbon, gone)
        for direction, gone in zip(directions, stands_for, strict=True)
    ]


def _find_far_neighbor(molecule: Molecule, donor: int, carbon: int) -> int:
    """Return a neighbour of the donor that a bare methyl group can be turned by."""
    return min((n for n in molecule.neighbors()[donor] if n != carbon), default=donor)


def _unit(vector: FloatArray) -> FloatArray:
    return vector / float(np.linalg.norm(vector))
