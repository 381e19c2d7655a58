"""Which molecules are symmetry-unique? One representative of each, as listed where possible."""

from collections import Counter
from dataclasses import dataclass, field
from functools import reduce
from math import gcd

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.assembly.bonding import BondedPairs
from clustermodel.assembly.connectivity import Component, Components, find_components
from clustermodel.assembly.selection import AtomSelection
from clustermodel.elements import format_formula, is_metal
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Bonds, Molecule, Origin
from clustermodel.structure.neighbors import Pairs

__all__ = ["DistinctMolecule", "find_distinct"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DistinctMolecule:
    """One symmetry-unique molecule of a crystal.

    Parameters
    ----------
    molecule : Molecule
        A representative with as many atoms as listed in the file as possible; for a polymer
        one repeat unit.
    copies : int
        Symmetry images of it in the cell.
    per_cell : float
        Formula units in the cell: copies times the share of cells that hold it.
    site_symmetry_order : int
        Order of the symmetry that the crystal leaves in it.
    linked_by : tuple of str
        For polymers: the kinds of bonds without which it would fall into molecules.
    share : ndarray, shape (n,)
        Occupancy of each atom together with the alternatives it stands for.
    """

    molecule: Molecule
    copies: int
    per_cell: float
    site_symmetry_order: int
    linked_by: tuple[str, ...]
    share: FloatArray = field(repr=False)

    @property
    def formula(self) -> str:
        """Formula in Hill order; of a polymer the smallest whole one."""
        counts = Counter(self.molecule.elements)
        divisor = self.repeat
        return format_formula({element: n / divisor for element, n in counts.items()})

    @property
    def repeat(self) -> int:
        """Smallest formula units in the representative: 1 but for polymers."""
        if not self.molecule.periodicity:
            return 1
        return reduce(gcd, Counter(self.molecule.elements).values())


def find_distinct(
    crystal: Crystal,
    atoms: AtomSelection,
    found: BondedPairs,
    components: Components,
    share: FloatArray,
) -> tuple[tuple[DistinctMolecule, ...], IntArray]:
    """Collect symmetry-equivalent components and build one molecule of each kind.

    Parameters
    ----------
    crystal : Crystal
        The structure as refined.
    atoms : AtomSelection
        The kept atoms.
    found : BondedPairs
        Their bonds.
    components : Components
        The components they form.
    share : ndarray, shape (n sites,)
        Occupancy of each site together with its alternatives.

    Returns
    -------
    tuple of DistinctMolecule
        Distinct molecules, those with metals and the larger ones first.
    ndarray of int, shape (number of components,)
        Distinct molecule of each component.
    """
    kinds = _equivalent(atoms, components.components)
    bonds_of = _bonds_by_component(found.bonds, components)
    built = []
    members_of: dict[int, list[int]] = {}
    for index, kind in enumerate(kinds):
        members_of.setdefault(kind, []).append(index)
    for _, members in sorted(members_of.items()):
        best = max(members, key=lambda i: (_as_listed(atoms, components, i)[1], -i))
        molecule = _molecule(crystal, atoms, found, components, (best, bonds_of[best]))
        built.append(_describe(crystal, molecule, len(members), share))
    order = sorted(range(len(built)), key=lambda i: _rank(built[i]))
    place = {kind: new for new, kind in enumerate(order)}
    return tuple(built[i] for i in order), np.array([place[k] for k in kinds], dtype=np.int64)


def _rank(distinct: DistinctMolecule) -> tuple[bool, int, str]:
    elements = distinct.molecule.elements
    return (not any(is_metal(e) for e in elements), -len(elements), distinct.formula)


def _equivalent(atoms: AtomSelection, components: tuple[Component, ...]) -> list[int]:
    """Return the kind of each component: components that share an ordered site are images.

    Where disorder chose differently in two images, their atoms come from different sites;
    then the list of their heavy sites decides.
    """
    seen: dict[object, int] = {}
    kinds: list[int] = []
    count = 0
    for component in components:
        sites = atoms.site[component.atoms]
        ordered = (atoms.part[component.atoms] == 0) & (atoms.image[component.atoms] < 0)
        keys: list[object] = [int(s) for s in np.unique(sites[ordered])]
        heavy = tuple(sorted(Counter(sites.tolist()).items()))
        keys.append(heavy)
        kind = next((seen[key] for key in keys if key in seen), count)
        count = max(count, kind + 1)
        for key in keys:
            seen.setdefault(key, kind)
        kinds.append(kind)
    return kinds


def _bonds_by_component(bonds: Pairs, components: Components) -> list[IntArray]:
    label = components.label[bonds.first]
    order = np.argsort(label, kind="stable")
    edges = np.searchsorted(label[order], np.arange(len(components.components) + 1))
    return [order[edges[i] : edges[i + 1]] for i in range(len(components.components))]


def _as_listed(atoms: AtomSelection, components: Components, index: int) -> tuple[IntArray, int]:
    """Return the translation that puts most atoms where the file lists them, and how many."""
    rows = components.components[index].atoms
    total = atoms.shift[rows] + components.shift[rows]
    listed = total[atoms.operation[rows] == 0]
    if not len(listed):
        return total[0], 0
    values, counts = np.unique(listed, axis=0, return_counts=True)
    best = int(np.argmax(counts))
    return values[best], int(counts[best])


def _molecule(
    crystal: Crystal,
    atoms: AtomSelection,
    found: BondedPairs,
    components: Components,
    chosen: tuple[int, IntArray],
) -> Molecule:
    index, bond_rows = chosen
    component = components.components[index]
    origin_shift = _as_listed(atoms, components, index)[0]
    rows = component.atoms[np.lexsort((atoms.operation[component.atoms], atoms.site[component.atoms]))]
    place = np.full(len(atoms.site), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    moved = components.shift[rows] - origin_shift
    site = atoms.site[rows]
    bonds = found.bonds.select(bond_rows)
    first, second = place[bonds.first], place[bonds.second]
    loop = components.shift[bonds.first] + bonds.shifts - components.shift[bonds.second]
    swap = first > second
    pairs = np.where(swap[:, None], np.stack([second, first], axis=1), np.stack([first, second], axis=1))
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return Molecule(
        elements=tuple(atoms.elements[i] for i in rows.tolist()),
        positions=(atoms.fract[rows] + moved) @ crystal.cell.matrix,
        bonds=Bonds(
            pairs=pairs[order],
            lengths=bonds.distances[order],
            shifts=np.where(swap[:, None], -loop, loop)[order],
            long=found.long[bond_rows][order],
        ),
        origin=Origin(
            labels=tuple(crystal.sites.labels[i] for i in site.tolist()),
            sites=site,
            operations=atoms.operation[rows],
            shifts=atoms.shift[rows] + moved,
        ),
        occupancy=crystal.sites.occupancy[site],
        u_eq=crystal.sites.u_iso[site],
        periodicity=component.periodicity,
    )


def _describe(crystal: Crystal, molecule: Molecule, copies: int, share: FloatArray) -> DistinctMolecule:
    own = share[molecule.origin.sites]
    heavy = np.array([e not in {"H", "D"} for e in molecule.elements])
    weight = float(own[heavy].max()) if heavy.any() else float(own.max())
    distinct = DistinctMolecule(
        molecule=molecule,
        copies=copies,
        per_cell=copies * weight,
        site_symmetry_order=max(1, round(len(crystal.space_group) / copies)),
        linked_by=_linked_by(molecule) if molecule.periodicity else (),
        share=own,
    )
    if distinct.repeat == 1:
        return distinct
    return DistinctMolecule(
        molecule=molecule,
        copies=copies,
        per_cell=distinct.per_cell * distinct.repeat,
        site_symmetry_order=distinct.site_symmetry_order,
        linked_by=distinct.linked_by,
        share=own,
    )


def _linked_by(molecule: Molecule) -> tuple[str, ...]:
    """Return the kinds of bonds whose removal lowers the periodicity; all if none does alone."""
    bonds = molecule.bonds
    kinds = ["–".join(sorted(molecule.elements[i] for i in pair)) for pair in bonds.pairs.tolist()]
    through = {kinds[i] for i in np.flatnonzero(np.any(bonds.shifts != 0, axis=1)).tolist()}
    needed = []
    for kind in sorted(set(kinds)):
        rows = np.array([i for i, k in enumerate(kinds) if k != kind], dtype=np.int64)
        left = Pairs(
            first=bonds.pairs[rows, 0],
            second=bonds.pairs[rows, 1],
            shifts=bonds.shifts[rows],
            distances=bonds.lengths[rows],
        )
        parts = find_components(len(molecule), left).components
        if max(part.periodicity for part in parts) < molecule.periodicity:
            needed.append(kind)
    metallic = [k for k in needed if any(is_metal(e) for e in k.split("–"))]
    return tuple(metallic or needed or sorted(through))
