"""Which atoms and restraints follow from a topology? Metal and donor atoms, their bonds and their angles.

The skeleton of a cluster is its metal atoms and the donor atoms of its ligands. Every bond and every angle
has the name of its target; pairs that are neither bonded nor bonded to one atom are kept apart.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clustermodel.cluster.models.ligand_templates import find_template
from clustermodel.cluster.models.targets import find_targets
from clustermodel.cluster.models.topology import Topology, Unit
from clustermodel.cluster.models.unit_shapes import UNIT_SHAPES
from clustermodel.errors import InputError

__all__ = ["Site", "Skeleton", "build_skeleton"]

_EDGE = 1.01  # edges of a unit; rounding above the shortest distance, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One ligand of the skeleton.

    Parameters
    ----------
    ligand : str
        Name of its template.
    donors : tuple of int
        Its donor atoms in the skeleton, in the order of the template.
    """

    ligand: str
    donors: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """Metal and donor atoms with the restraints on them; no coordinates.

    Parameters
    ----------
    elements : tuple of str
        Element of each atom.
    names : tuple of str
        Name of each atom: kernel atoms as declared, then ``staple1-2`` and the like.
    kernel : int
        Number of kernel atoms; they come first.
    bonds : dict of (int, int) to str
        Bonded pairs, the smaller index first, with the name of their target.
    angles : dict of (int, int, int) to str
        Angles, the apex in the middle, with the name of their target.
    sites : tuple of Site
        The ligands.
    """

    elements: tuple[str, ...]
    names: tuple[str, ...]
    kernel: int
    bonds: dict[tuple[int, int], str]
    angles: dict[tuple[int, int, int], str]
    sites: tuple[Site, ...]

    def neighbors(self) -> list[list[int]]:
        """Return the atoms bonded to each atom.

        Returns
        -------
        list of list of int
            Indices, ascending.
        """
        table: list[list[int]] = [[] for _ in self.elements]
        for first, second in sorted(self.bonds):
            table[first].append(second)
            table[second].append(first)
        return [sorted(row) for row in table]


def build_skeleton(topology: Topology) -> Skeleton:
    """List the atoms, bonds and angles that a topology declares.

    Parameters
    ----------
    topology : Topology
        What is joined to what.

    Returns
    -------
    Skeleton
        Atoms and restraints.

    Raises
    ------
    InputError
        If a ligand has no template, or another number of donors than its row names kernel atoms.
    """
    draft = _Draft(topology)
    bonds = list(_list_kernel_bonds(topology))
    _check_open_edges(topology, {frozenset(bond) for bond, _ in bonds})
    open_edges = {frozenset(edge) for edge in topology.open_edges}
    for bond, kind in bonds:
        if frozenset(bond) not in open_edges:
            draft.join(bond[0], bond[1], kind)
    draft.add_shell()
    return draft.finish()


def _list_kernel_bonds(topology: Topology) -> Iterator[tuple[tuple[str, str], str]]:
    for unit in topology.units:
        yield from _list_unit_bonds(unit)
    for cap in topology.caps:
        yield from (((cap.atom, other), _name_cap_bond(topology, other)) for other in cap.on)
    yield from ((bond, "surface") for bond in topology.bonds)


def _check_open_edges(topology: Topology, bonds: set[frozenset[str]]) -> None:
    if wrong := [edge for edge in topology.open_edges if frozenset(edge) not in bonds]:
        edge = "-".join(wrong[0])
        msg = f"topology {topology.name!r}: open edge {edge} is no edge of a unit or cap; leave it out"
        raise InputError(msg)


def _name_cap_bond(topology: Topology, other: str) -> str:
    return "radial" if other in {unit.centre for unit in topology.units} else "surface"


def _list_unit_bonds(unit: Unit) -> Iterator[tuple[tuple[str, str], str]]:
    places = UNIT_SHAPES[unit.polyhedron]
    filled = [k for k, name in enumerate(unit.vertices) if name]
    for one, two in itertools.combinations(filled, 2):
        if np.linalg.norm(places[one] - places[two]) < _EDGE:
            yield (unit.vertices[one], unit.vertices[two]), "surface"
    if unit.centre:
        yield from (((unit.centre, unit.vertices[k]), "radial") for k in filled)


class _Draft:
    """A skeleton that grows."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.names = list(topology.kernel)
        self.elements = ["Au"] * len(self.names)
        self.kernel = len(self.names)
        self.index = {name: k for k, name in enumerate(self.names)}
        self.bonds: dict[tuple[int, int], str] = {}
        self.sites: list[Site] = []
        self.hubs = {self.index[name] for name in topology.hubs}

    def join(self, one: str | int, two: str | int, kind: str) -> None:
        """Add a bond between two atoms."""
        ends = [self.index[end] if isinstance(end, str) else end for end in (one, two)]
        first, second = sorted(ends)
        if kind in {"radial", "surface"} and self.hubs & {first, second}:
            kind = "hub"
        if self.bonds.get((first, second)) != "radial":  # a shared centre-vertex bond stays radial
            self.bonds[first, second] = kind

    def add(self, element: str, name: str) -> int:
        """Add an atom."""
        self.elements.append(element)
        self.names.append(name)
        return len(self.names) - 1

    def add_site(self, ligand: str, count: int, name: str) -> tuple[int, ...]:
        """Add the donors of one ligand."""
        try:
            template = find_template(ligand)
        except InputError as error:
            msg = f"topology {self.topology.name!r}, {name}: {error}"
            raise InputError(msg) from error
        if len(template.donors) != count:
            msg = (
                f"topology {self.topology.name!r}, {name}: {ligand} has {len(template.donors)} donor atoms, "
                f"but {count} are asked for"
            )
            raise InputError(msg)
        elements = [template.elements[donor] for donor in template.donors]
        suffix = [""] if count == 1 else [f"-{k + 1}" for k in range(count)]
        donors = tuple(self.add(e, name + s) for e, s in zip(elements, suffix, strict=True))
        self.sites.append(Site(ligand=template.name, donors=donors))
        return donors

    def hold(self, donor: int, metal: int | str) -> None:
        """Bond a donor to a metal atom."""
        at = self.index[metal] if isinstance(metal, str) else metal
        inner = at < self.kernel and at not in self.hubs
        kind = f"{'kernel' if inner else 'shell'}_{self.elements[donor]}"
        if kind not in find_targets():
            place = "a kernel atom" if inner else "the metal of a staple or a hub"
            msg = (
                f"topology {self.topology.name!r}, {self.names[donor]}: no length is known for "
                f"{self.elements[donor]} on {place}; expected a ligand that binds it by {_list_donors(kind)}"
            )
            raise InputError(msg)
        self.join(donor, at, kind)

    def add_shell(self) -> None:
        """Add staples, bridges and terminal ligands."""
        topology = self.topology
        for number, staple in enumerate(topology.staples, start=1):
            self._add_staple(number, staple.ends, staple.metals, staple.ligand or topology.thiolate)
        for number, bridge in enumerate(topology.bridges, start=1):
            (donor,) = self.add_site(bridge.ligand or topology.thiolate, 1, f"bridge{number}")
            for metal in bridge.joins:
                self.hold(donor, metal)
        for number, terminal in enumerate(topology.terminals, start=1):
            ligand = terminal.ligand or topology.phosphine
            donors = self.add_site(ligand, len(terminal.on), f"terminal{number}")
            for donor, metal in zip(donors, terminal.on, strict=True):
                self.hold(donor, metal)

    def _add_staple(self, number: int, ends: tuple[str, str], metals: int, ligand: str) -> None:
        (last,) = self.add_site(ligand, 1, f"staple{number}-1")
        self.hold(last, ends[0])
        for step in range(metals):
            metal = self.add("Au", f"staple{number}-{2 * step + 2}")
            self.hold(last, metal)
            (last,) = self.add_site(ligand, 1, f"staple{number}-{2 * step + 3}")
            self.hold(last, metal)
        self.hold(last, ends[1])

    def finish(self) -> Skeleton:
        """Return the skeleton with its angles."""
        bare = Skeleton(
            elements=tuple(self.elements),
            names=tuple(self.names),
            kernel=self.kernel,
            bonds=dict(sorted(self.bonds.items())),
            angles={},
            sites=tuple(self.sites),
        )
        angles = {a: kind for a in _list_angles(bare) if (kind := self._name_angle(a))}
        return Skeleton(
            elements=bare.elements,
            names=bare.names,
            kernel=bare.kernel,
            bonds=bare.bonds,
            angles=angles,
            sites=bare.sites,
        )

    def _name_angle(self, angle: tuple[int, int, int]) -> str:
        """Return the name of the target of an angle; empty where there is none."""
        apex = angle[1]
        kinds = [self._kind(atom) for atom in angle]
        if kinds[1] == "donor":
            return f"{min(kinds[0], kinds[2])}_S_{max(kinds[0], kinds[2])}" if kinds[0] != "donor" else ""
        if kinds[0] == kinds[2] == "donor":
            return f"donor_{'hub' if apex in self.hubs else kinds[1]}_donor"
        return ""

    def _kind(self, atom: int) -> str:
        if self.elements[atom] != "Au":
            return "donor"
        return "kernel" if atom < self.kernel and atom not in self.hubs else "shell"


def _list_donors(kind: str) -> str:
    """Return the donors that have a target of the same place."""
    place = kind.partition("_")[0]
    return " or ".join(
        n.partition("_")[2] for n in find_targets() if n.startswith(f"{place}_") and n.count("_") == 1
    )


def _list_angles(skeleton: Skeleton) -> Iterator[tuple[int, int, int]]:
    for apex, around in enumerate(skeleton.neighbors()):
        for one, two in itertools.combinations(around, 2):
            yield one, apex, two
