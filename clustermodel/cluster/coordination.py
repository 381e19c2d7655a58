"""Which donors hold each metal atom, in which direction and how tightly?

Donor atoms of one ligand that are bonded to each other (both carbons of an alkynyl group, both
nitrogens of a pyrazolate) and the oxygens of a singly charged anion (a carboxylate) form one donor
site. Hydrogen is left out: X-ray structures rarely show it, and the anatomy of a cluster must not depend on
whether its hydrides were located.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.ligands import Donor, Ligand
from clustermodel.elements import HALOGENS, covalent_radii
from clustermodel.structure.molecule import Molecule

__all__ = ["LONG_DONOR", "Coordination", "DonorBond", "DonorSite", "build_coordination", "measure_angle"]

LONG_DONOR = 0.25  # Å; bonds of one atom to donors of one kind scatter by less, secondary contacts lie above
_CHALCOGENS = frozenset({"S", "Se", "Te"})
_HYDROGEN = frozenset({"H", "D"})
# What a donor is called in the label of a motif: first by class of ligand and element, else by its element.
_LABELS_BY_KIND = {
    ("alkynyl", "C"): "C≡CR",
    ("cyanide", "C"): "CN",
    ("cyanide", "N"): "NC",
    ("NHC", "C"): "NHC",
    ("cyclopentadienyl", "C"): "Cp",
    ("carbene", "C"): "CR2",
    ("isocyanide", "C"): "CNR",
    ("carbonyl", "C"): "CO",
    ("carboxylate", "O"): "O2CR",
    ("pyridyl", "N"): "py",
    ("nitrile", "N"): "NCR",
    ("thioether", "S"): "SR2",
    ("water", "O"): "OH2",
    ("hydroxide", "O"): "OH",
}
_LABELS_BY_ELEMENT = {
    "S": "SR",
    "Se": "SeR",
    "Te": "TeR",
    "O": "OR",
    "P": "PR3",
    "As": "AsR3",
    "Sb": "SbR3",
    "N": "NR3",
    "C": "R",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DonorSite:
    """One place of a ligand that holds metal atoms.

    Parameters
    ----------
    atoms : tuple of int
        Its donor atoms; one but for side-on groups and carboxylates.
    element : str
        Element of its first donor atom.
    kind : {"X", "L"}
        Anionic or dative.
    label : str
        What it is called in the label of a motif: ``"SR"``, ``"PR3"``, ``"Cl"``, ``"C≡CR"``.
    ligand : int
        Index of its ligand in the cluster.
    bare : bool
        True if the ligand is this atom alone (sulfide, halide).
    metals : tuple of int
        The metal atoms bonded to it, ascending.
    """

    atoms: tuple[int, ...]
    element: str
    kind: Literal["X", "L"]
    label: str
    ligand: int
    bare: bool
    metals: tuple[int, ...]

    @property
    def is_bridging_anion(self) -> bool:
        """Whether it is anionic and bonded to two or more metal atoms."""
        return self.kind == "X" and len(self.metals) >= 2

    @property
    def is_sulfide(self) -> bool:
        """Whether it is bare S, Se or Te."""
        return self.bare and self.element in _CHALCOGENS

    @property
    def is_halide(self) -> bool:
        """Whether it is a halide."""
        return self.bare and self.element in HALOGENS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DonorBond:
    """The bond of a metal atom to one donor site.

    Parameters
    ----------
    site : int
        Index of the donor site.
    length : float
        Shortest metal-donor distance in Å.
    excess : float
        This length less the sum of the covalent radii, in Å: donors of different elements
        compare.
    direction : tuple of float
        Unit vector from the metal to the middle of the bonded donor atoms; NaN where the bond
        leaves the listed atoms of a polymer.
    """

    site: int
    length: float = field(metadata={"unit": "Å"})
    excess: float = field(metadata={"unit": "Å"})
    direction: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coordination:
    """The donor sites of a cluster and the bonds of its metal atoms to them.

    Parameters
    ----------
    sites : tuple of DonorSite
        All donor sites but hydrogen.
    bonds : dict of int to tuple of DonorBond
        The bonds of every metal atom, tightest first.
    holders : tuple of tuple of int
        The metal atoms that hold each site, ascending: those bonded to it without the third and
        further ones that are more than 0.25 Å longer than the second.
    hydrides : int
        Number of hydrogen ligands that were left out.
    """

    sites: tuple[DonorSite, ...]
    bonds: dict[int, tuple[DonorBond, ...]]
    holders: tuple[tuple[int, ...], ...]
    hydrides: int


def build_coordination(cluster: Cluster) -> Coordination:
    """List the donor sites of a cluster and the bonds of its metal atoms to them.

    Parameters
    ----------
    cluster : Cluster
        The cluster.

    Returns
    -------
    Coordination
        Sites, and the bonds of every metal atom, tightest first.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> atoms = molecule_from_atoms(
    ...     ["Au", "Au", "Au", "Cl"], [[0, 0, 0], [2.8, 0, 0], [1.4, 2.4, 0], [-2, -1.15, 0]]
    ... )
    >>> coordination = build_coordination(build_cluster(bond_molecule(atoms)))
    >>> [site.label for site in coordination.sites], len(coordination.bonds[0])
    (['Cl'], 1)
    """
    molecule = cluster.molecule
    neighbors = _donor_neighbors(cluster)
    metals = set(cluster.metals)
    sites: list[DonorSite] = []
    hydrides = 0
    for index, ligand in enumerate(cluster.ligands):
        if all(molecule.elements[atom] in _HYDROGEN for atom in ligand.atoms):
            hydrides += 1
            continue
        groups = _group_donors(ligand, neighbors)
        sites.extend(_build_site(index, ligand, group, metals) for group in groups)
    bonds = _measure_bonds(cluster, sites)
    return Coordination(
        sites=tuple(sites), bonds=bonds, holders=_find_holders(bonds, len(sites)), hydrides=hydrides
    )


def measure_angle(first: DonorBond, second: DonorBond) -> float:
    """Return the angle of two donors at their metal atom.

    Parameters
    ----------
    first, second : DonorBond
        Two bonds of one metal atom.

    Returns
    -------
    float
        Angle in degree; NaN if a direction is not known.
    """
    cosine = sum(a * b for a, b in zip(first.direction, second.direction, strict=True))
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine)))) if not math.isnan(cosine) else math.nan


def _donor_neighbors(cluster: Cluster) -> dict[int, set[int]]:
    """Return which donor atoms of one ligand are bonded to each other."""
    donors = [d.atom for ligand in cluster.ligands if len(ligand.donors) > 1 for d in ligand.donors]
    table: dict[int, set[int]] = {atom: set() for atom in donors}
    if not donors:
        return table
    pairs = cluster.molecule.bonds.pairs
    is_donor = np.zeros(len(cluster.molecule), dtype=bool)
    is_donor[donors] = True
    for first, second in pairs[is_donor[pairs].all(axis=1)].tolist():
        table[first].add(second)
        table[second].add(first)
    return table


def _group_donors(ligand: Ligand, neighbors: dict[int, set[int]]) -> list[list[Donor]]:
    """Return the donors of a ligand in groups that act as one."""
    groups: list[list[Donor]] = []
    chelate = ligand.electrons == 1
    for donor in ligand.donors:
        if donor.element in _HYDROGEN:
            continue
        joined = [
            group
            for group in groups
            if any(
                d.atom in neighbors[donor.atom] or (chelate and _are_anionic_oxygens(d, donor)) for d in group
            )
        ]
        groups = [g for g in groups if g not in joined]
        groups.append([*(d for g in joined for d in g), donor])
    return groups


def _are_anionic_oxygens(first: Donor, second: Donor) -> bool:
    return first.kind == second.kind == "X" and first.element == second.element == "O"


def _build_site(index: int, ligand: Ligand, group: list[Donor], metals: set[int]) -> DonorSite:
    bare = len(ligand.atoms) == 1
    anionic = any(donor.kind == "X" for donor in group)
    head = next((d for d in group if d.element != "C"), group[0])
    by_element = _LABELS_BY_ELEMENT.get(head.element, head.element)
    return DonorSite(
        atoms=tuple(donor.atom for donor in group),
        element=head.element,
        kind="X" if anionic else "L",
        label=head.element if bare else _LABELS_BY_KIND.get((ligand.kind, head.element), by_element),
        ligand=index,
        bare=bare,
        metals=tuple(sorted({m for donor in group for m in donor.metals if m in metals})),
    )


def _measure_bonds(cluster: Cluster, sites: Iterable[DonorSite]) -> dict[int, tuple[DonorBond, ...]]:
    molecule = cluster.molecule
    table = _metal_bonds(molecule, cluster.metals)
    found: dict[int, list[DonorBond]] = {metal: [] for metal in cluster.metals}
    radius = dict(zip(molecule.elements, covalent_radii(molecule.elements).tolist(), strict=True))
    for index, site in enumerate(sites):
        for metal in site.metals:
            atoms = [atom for atom in site.atoms if (metal, atom) in table]
            lengths = [table[metal, atom][0] for atom in atoms]
            tightest = min(range(len(atoms)), key=lambda i: lengths[i] - radius[molecule.elements[atoms[i]]])
            reach = radius[molecule.elements[metal]] + radius[molecule.elements[atoms[tightest]]]
            found[metal].append(
                DonorBond(
                    site=index,
                    length=lengths[tightest],
                    excess=lengths[tightest] - reach,
                    direction=_direction([table[metal, atom][1] for atom in atoms]),
                )
            )
    return {metal: tuple(sorted(bonds, key=lambda b: (b.excess, b.site))) for metal, bonds in found.items()}


def _find_holders(bonds: dict[int, tuple[DonorBond, ...]], count: int) -> tuple[tuple[int, ...], ...]:
    rows: list[list[tuple[float, int]]] = [[] for _ in range(count)]
    for metal, donors in bonds.items():
        for bond in donors:
            rows[bond.site].append((bond.excess, metal))
    holders = []
    for row in rows:
        row.sort()
        limit = row[min(1, len(row) - 1)][0] + LONG_DONOR
        holders.append(tuple(sorted(metal for excess, metal in row if excess <= limit)))
    return tuple(holders)


def _metal_bonds(
    molecule: Molecule, metals: tuple[int, ...]
) -> dict[tuple[int, int], tuple[float, list[float]]]:
    """Return length and vector of every bond of a metal atom, keyed by metal and partner."""
    bonds = molecule.bonds
    is_metal_atom = np.zeros(len(molecule), dtype=bool)
    is_metal_atom[list(metals)] = True
    rows = np.flatnonzero(is_metal_atom[bonds.pairs].sum(axis=1) == 1)
    pairs = bonds.pairs[rows]
    pairs = np.where(is_metal_atom[pairs[:, :1]], pairs, pairs[:, ::-1])
    vectors: FloatArray = molecule.positions[pairs[:, 1]] - molecule.positions[pairs[:, 0]]
    vectors[bonds.shifts[rows].any(axis=1)] = np.nan
    table: dict[tuple[int, int], tuple[float, list[float]]] = {}
    for pair, length, vector in zip(
        pairs.tolist(), bonds.lengths[rows].tolist(), vectors.tolist(), strict=True
    ):
        key = (pair[0], pair[1])
        if key not in table or length < table[key][0]:
            table[key] = (length, vector)
    return table


def _direction(vectors: list[list[float]]) -> tuple[float, float, float]:
    x, y, z = (sum(part) for part in zip(*vectors, strict=True))
    size = math.sqrt(x * x + y * y + z * z) or math.nan
    return x / size, y / size, z / size
