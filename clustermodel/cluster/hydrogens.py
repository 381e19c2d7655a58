"""Where are the hydrogen atoms that a file leaves out? Riding positions on carbon, or a refusal.

Only ligands without any hydrogen atom are completed, and only where bond lengths, angles and flat rings leave
one answer. Nitrogen, oxygen and phosphorus that may or may not carry hydrogen are refused by name.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.hydrogen_directions import point_methyl, point_opposite, point_pair
from clustermodel.cluster.ligand_cuts import find_hydrogen_bond
from clustermodel.cluster.ligand_environment import LigandEnvironment
from clustermodel.elements import HALOGENS
from clustermodel.errors import ChemistryError
from clustermodel.structure.molecule import Molecule, molecule_from_atoms

__all__ = ["add_riding_hydrogens"]

_LINEAR = 160.0  # degree; a carbon with two neighbours beyond it is sp (alkynyl, nitrile: 170 to 180)
_TRIPLE = 1.25  # Å; C≡C 1.18 to 1.20, C=C 1.31 to 1.40 (allen1987)
_DOUBLE = 1.42  # Å; C=C and aromatic bonds end at 1.42, C-C of two sp2 or one sp3 carbon begin at 1.45
_SINGLE = {"C": 1.45, "N": 1.42, "O": 1.38, "S": 1.70, "P": 1.70, "Se": 1.85, "Si": 1.80, "As": 1.85}  # Å
_CARBONYL = 1.30  # Å; C=O 1.19 to 1.26, C-O from 1.33
_OXO = 1.58  # Å; P=O 1.46 to 1.54, S=O 1.42 to 1.50


class _Site(NamedTuple):
    """One atom of a ligand without hydrogen atoms."""

    env: LigandEnvironment
    atom: int
    neighbors: list[int]

    @property
    def lengths(self) -> list[float]:
        positions = self.env.molecule.positions
        return [float(np.linalg.norm(positions[n] - positions[self.atom])) for n in self.neighbors]

    @property
    def bonds(self) -> list[FloatArray]:
        positions = self.env.molecule.positions
        return [positions[n] - positions[self.atom] for n in self.neighbors]


def add_riding_hydrogens(molecule: Molecule) -> Molecule:
    """Add the hydrogen atoms of ligands that have none.

    Parameters
    ----------
    molecule : Molecule
        Atoms with bonds.

    Returns
    -------
    Molecule
        The same atoms, then the new hydrogen atoms, bonded anew.

    Raises
    ------
    ChemistryError
        If an atom may or may not carry hydrogen: the message names it.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> methyl = molecule_from_atoms(["Au", "S", "C"], [[0, 0, 0], [2.3, 0, 0], [2.9, 1.7, 0]])
    >>> add_riding_hydrogens(bond_molecule(methyl)).formula
    'CH3AuS'
    """
    env = LigandEnvironment(molecule)
    bare = [
        atom
        for ligand in env.ligands
        if any(env.elements[a] == "C" for a in ligand) and not env.hydrogens_known(ligand[0])
        for atom in ligand
    ]
    neighbors = molecule.neighbors()
    added: list[tuple[int, FloatArray]] = []
    for atom in bare:
        site = _Site(env, atom, neighbors[atom])
        added += [(atom, position) for position in _RULES.get(env.elements[atom], _refuse)(site)]
    labels = [f"H{number}({molecule.labels[atom]})" for number, (atom, _) in enumerate(added, 1)]
    whole = molecule_from_atoms(
        [*molecule.elements, *("H" for _ in added)],
        np.concatenate([molecule.positions, *(position[None] for _, position in added)]),
        labels=[*molecule.labels, *labels],
    )
    return bond_molecule(whole)


def _refuse(site: _Site) -> list[FloatArray]:
    molecule = site.env.molecule
    around = ", ".join(
        f"{molecule.labels[n]} {d:.2f} Å" for n, d in zip(site.neighbors, site.lengths, strict=True)
    )
    msg = (
        f"{molecule.labels[site.atom]} of {molecule.formula} (bonded to {around or 'nothing'}) may or may "
        "not carry hydrogen, and its ligand has none in the file: add the hydrogen atoms in a refinement "
        "program, or cut the ligands to SH and PH3"
    )
    raise ChemistryError(msg)


def _complete_carbon(site: _Site) -> list[FloatArray]:
    count = len(site.neighbors)
    if count >= 4:
        return []
    if count == 3:
        planar = site.env.is_planar(site.atom) if not site.env.metals[site.atom] else True
        return [] if planar else _place(site, point_opposite(site.bonds), "methine")
    return _complete_pair(site) if count == 2 else _complete_end(site)


def _complete_pair(site: _Site) -> list[FloatArray]:
    """Complete a carbon atom with two neighbours: sp, aromatic or double bond, or methylene."""
    first, second = site.bonds
    cosine = float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))
    if np.degrees(np.arccos(np.clip(cosine, -1, 1))) > _LINEAR:
        return []
    if site.env.flat_rings(site.atom) or min(_excess(site)) < 0:
        return _place(site, point_opposite(site.bonds), "C")
    if all(_is_single(site, i) for i in range(2)):
        return _place(site, point_pair(site.bonds), "methylene")
    return _refuse(site)


def _complete_end(site: _Site) -> list[FloatArray]:
    """Complete a carbon atom with one neighbour: alkynyl or methyl."""
    if not site.neighbors:
        return _refuse(site)
    (neighbor,), (length,) = site.neighbors, site.lengths
    if site.env.elements[neighbor] == "C" and length < _TRIPLE:
        return _place(site, point_opposite(site.bonds), "C")
    if not _is_single(site, 0):
        return _refuse(site)
    molecule = site.env.molecule
    others = [n for n in molecule.neighbors()[neighbor] if n != site.atom]
    guide = molecule.positions[neighbor] - molecule.positions[min(others, default=site.atom)]
    return _place(site, point_methyl(-site.bonds[0], guide), "methyl")


def _excess(site: _Site) -> list[float]:
    """Return by how much each bond to carbon is longer than a double bond can be; infinity for others."""
    elements = [site.env.elements[n] for n in site.neighbors]
    return [d - _DOUBLE if s == "C" else np.inf for s, d in zip(elements, site.lengths, strict=True)]


def _is_single(site: _Site, bond: int) -> bool:
    return site.lengths[bond] >= _SINGLE.get(site.env.elements[site.neighbors[bond]], np.inf)


def _place(site: _Site, directions: FloatArray, kind: str) -> list[FloatArray]:
    length = find_hydrogen_bond(kind)
    return [site.env.molecule.positions[site.atom] + length * direction for direction in directions]


def _complete_nitrogen(site: _Site) -> list[FloatArray]:
    in_six_ring = any(len(ring) == 6 for ring in site.env.flat_rings(site.atom))
    return [] if len(site.neighbors) >= 3 or in_six_ring else _refuse(site)


def _complete_oxygen(site: _Site) -> list[FloatArray]:
    if len(site.neighbors) >= 2:
        return []
    carbonyl = any(
        length < (_CARBONYL if site.env.elements[n] == "C" else _OXO)
        for n, length in zip(site.neighbors, site.lengths, strict=True)
    )
    return [] if carbonyl else _refuse(site)


def _complete_phosphorus(site: _Site) -> list[FloatArray]:
    return [] if len(site.neighbors) >= 4 else _refuse(site)


def _leave(site: _Site) -> list[FloatArray]:
    return [] if site.neighbors else _refuse(site)


_RULES: dict[str, Callable[[_Site], list[FloatArray]]] = {
    "C": _complete_carbon,
    "N": _complete_nitrogen,
    "O": _complete_oxygen,
    "P": _complete_phosphorus,
    "As": _complete_phosphorus,
    **dict.fromkeys((*HALOGENS, "S", "Se", "Te"), _leave),
}
