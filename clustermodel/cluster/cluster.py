"""What is the cluster? Its metal atoms and the ligands that hold them."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clustermodel.cluster.ligand_environment import find_core_metals
from clustermodel.cluster.ligands import Ligand, find_ligands
from clustermodel.elements import format_formula
from clustermodel.errors import ChemistryError
from clustermodel.structure.molecule import Molecule

__all__ = ["Cluster", "build_cluster", "is_cluster"]

_FEWEST_METALS = 3  # two metal atoms are a dinuclear complex


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cluster:
    """One cluster: metal atoms joined by metal-metal bonds or bridging ligands, and its ligands.

    Parameters
    ----------
    molecule : Molecule
        The molecule with all its atoms; every index below counts in it.
    metals : tuple of int
        The metal atoms of the cluster, ascending; hydrogen is a ligand, never a metal.
    ligands : tuple of Ligand
        The ligands bonded to these metal atoms.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> triangle = molecule_from_atoms(["Au", "Ag", "Au"], [[0, 0, 0], [2.8, 0, 0], [1.4, 2.4, 0]])
    >>> build_cluster(bond_molecule(triangle)).metal_formula
    'AgAu2'
    """

    molecule: Molecule
    metals: tuple[int, ...]
    ligands: tuple[Ligand, ...]

    @property
    def metal_formula(self) -> str:
        """Formula of the metal atoms alone."""
        return format_formula(self.molecule.elements[metal] for metal in self.metals)


def is_cluster(molecule: Molecule) -> bool:
    """Return whether a molecule holds three or more metal atoms joined to each other.

    Metal atoms are joined by a metal-metal bond or by a ligand bonded to both. The metal of a
    sandwich inside a ligand (ferrocenyl) does not count.

    Parameters
    ----------
    molecule : Molecule
        Atoms with bonds.

    Returns
    -------
    bool
        True for a cluster.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> pair = molecule_from_atoms(["Au", "Au"], [[0, 0, 0], [2.8, 0, 0]])
    >>> is_cluster(bond_molecule(pair))
    False
    """
    metals = find_core_metals(molecule)
    if len(metals) < _FEWEST_METALS:
        return False
    return len(_largest_group(molecule, metals, find_ligands(molecule))) >= _FEWEST_METALS


def build_cluster(molecule: Molecule) -> Cluster:
    """Find the cluster in a molecule.

    Parameters
    ----------
    molecule : Molecule
        Atoms with bonds. Where several groups of metal atoms are not joined, the largest is taken
        (of equal ones the first).

    Returns
    -------
    Cluster
        The joined metal atoms and the ligands bonded to them.

    Raises
    ------
    ChemistryError
        If no three metal atoms are joined.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> atoms = molecule_from_atoms(
    ...     ["Au", "Au", "Au", "Cl"], [[0, 0, 0], [2.8, 0, 0], [1.4, 2.4, 0], [-2, -1.15, 0]]
    ... )
    >>> cluster = build_cluster(bond_molecule(atoms))
    >>> cluster.metals, len(cluster.ligands)
    ((0, 1, 2), 1)
    """
    metals = find_core_metals(molecule)
    ligands = find_ligands(molecule)
    group = _largest_group(molecule, metals, ligands)
    if len(group) < _FEWEST_METALS:
        msg = (
            f"{molecule.formula}: found {len(group)} joined metal atoms, expected at least "
            f"{_FEWEST_METALS}; ask is_cluster first, and check that the molecule has its bonds"
        )
        raise ChemistryError(msg)
    return Cluster(
        molecule=molecule,
        metals=group,
        ligands=tuple(ligand for ligand in ligands if _touches(ligand, set(group))),
    )


def _touches(ligand: Ligand, metals: set[int]) -> bool:
    return any(metal in metals for donor in ligand.donors for metal in donor.metals)


def _largest_group(molecule: Molecule, metals: tuple[int, ...], ligands: Iterable[Ligand]) -> tuple[int, ...]:
    """Return the largest set of metal atoms joined by bonds or ligands, ascending."""
    root = {metal: metal for metal in metals}

    def find(metal: int) -> int:
        while root[metal] != metal:
            root[metal] = root[root[metal]]
            metal = root[metal]
        return metal

    for first, second in _join_metals(molecule, ligands):
        if first in root and second in root:
            root[find(first)] = find(second)
    groups: dict[int, list[int]] = {}
    for metal in metals:
        groups.setdefault(find(metal), []).append(metal)
    largest: list[int] = []
    for group in groups.values():
        largest = group if len(group) > len(largest) else largest
    return tuple(largest)


def _join_metals(molecule: Molecule, ligands: Iterable[Ligand]) -> Iterator[tuple[int, int]]:
    """Yield all bonds, and pairs of metal atoms that chain the metals of each ligand."""
    yield from molecule.bonds.pairs.tolist()
    for ligand in ligands:
        held = [metal for donor in ligand.donors for metal in donor.metals]
        yield from itertools.pairwise(held)
