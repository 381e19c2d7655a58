"""Where is the atom that one of two clusters lacks? The vacant site, who stands around it, and its ligand.

A site is a metal atom of the one cluster that the other lacks, with the ligands that only it brings; or a
ligand that the other lacks, on a metal atom that both have. Its position in the cluster that lacks it is
where the superposition puts it, corrected by the mean displacement of the atoms around it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.analysis.atom_map_results import AtomMap
from clustermodel.analysis.pair_side import PairSide
from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS
from clustermodel.cluster.ligands import Ligand
from clustermodel.elements import covalent_radii

__all__ = ["PairSite", "SiteNeighbour", "find_sites"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNeighbour:
    """A metal or donor atom beside a vacant site.

    Parameters
    ----------
    atom : int
        Index in the cluster that lacks the site.
    label, element, role : str
        Its label, element and role there.
    distance : float
        From the vacant position in Å.
    label_filled : str
        Label of the same atom in the filled cluster.
    distance_filled : float
        From the atom that fills the site, there, in Å.
    """

    atom: int
    label: str
    element: str
    role: str
    distance: float = field(metadata={"unit": "Å"})
    label_filled: str
    distance_filled: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairSite:
    """A site that is filled in one cluster and vacant in the other.

    Parameters
    ----------
    vacant_in : {"a", "b"}
        The cluster that lacks it.
    atom : int
        Index of the atom that fills it, in the other cluster.
    label, element, role : str
        Its label, element and role.
    position : ndarray, shape (3,)
        The vacant position in the frame of the cluster that lacks it, in Å.
    neighbours : tuple of SiteNeighbour
        Metal atoms within the length of a stretched bond (3.50 Å for gold) and bonded donors, by distance;
        those that both clusters have.
    ligand : str
        Name, or formula, of the ligands that came with it; empty if there are none.
    ligand_atoms : tuple of int
        Their atoms in the filled cluster.
    """

    vacant_in: Literal["a", "b"]
    atom: int
    label: str
    element: str
    role: str
    position: FloatArray = field(metadata={"unit": "Å"})
    neighbours: tuple[SiteNeighbour, ...]
    ligand: str
    ligand_atoms: tuple[int, ...]

    def __post_init__(self) -> None:
        """Freeze the position."""
        object.__setattr__(self, "position", freeze_float(self.position, (3,), "position"))


def find_sites(a: PairSide, b: PairSide, atom_map: AtomMap) -> tuple[PairSite, ...]:
    """Find the sites that only one of two clusters has filled.

    Parameters
    ----------
    a, b : PairSide
        The clusters.
    atom_map : AtomMap
        Map of the first on the second.

    Returns
    -------
    tuple of PairSite
        Vacant in the first, then in the second; metal atoms before ligands. None where no map is true.
    """
    if atom_map.confidence.level == "no true map":
        return ()
    pairs = atom_map.pairs
    back = {second: first for first, second in pairs.items()}
    moved = atom_map.move(a.cluster.molecule.positions)
    returned = atom_map.move_back(b.cluster.molecule.positions)
    return (
        *_Vacancies("a", a, b, back, returned).list_sites(),
        *_Vacancies("b", b, a, pairs, moved).list_sites(),
    )


class _Vacancies:
    """A filled cluster laid on one that lacks some of its atoms."""

    def __init__(
        self,
        vacant_in: Literal["a", "b"],
        vacant: PairSide,
        filled: PairSide,
        partner: dict[int, int],
        places: FloatArray,
    ) -> None:
        self.vacant_in, self.vacant, self.filled = vacant_in, vacant, filled
        self.partner, self.places = partner, places
        self.molecule = filled.cluster.molecule

    def list_sites(self) -> Iterator[PairSite]:
        """Yield the sites: metal atoms with what only they hold, then other ligands."""
        cluster = self.filled.cluster
        lost = [metal for metal in cluster.metals if metal not in self.partner]
        ligands = [one for one in cluster.ligands if not any(atom in self.partner for atom in one.atoms)]
        for metal in lost:
            own = [one for one in ligands if metal in _list_holders(one)]
            yield self._describe(metal, own)
        for one in ligands:
            if not set(lost) & _list_holders(one):
                yield self._describe(one.donors[0].atom, [one])

    def _describe(self, atom: int, ligands: Sequence[Ligand]) -> PairSite:
        around = self._find_neighbours(atom)
        here = self.vacant.cluster.molecule
        images = [self.partner[n] for n in around]
        shift = here.positions[images] - self.places[around] if around else np.zeros((1, 3))
        position = self.places[atom] + shift.mean(axis=0)
        neighbours = [
            SiteNeighbour(
                atom=image,
                label=here.labels[image],
                element=here.elements[image],
                role=self.vacant.anatomy.roles[image],
                distance=float(np.linalg.norm(here.positions[image] - position)),
                label_filled=self.molecule.labels[n],
                distance_filled=float(
                    np.linalg.norm(self.molecule.positions[n] - self.molecule.positions[atom])
                ),
            )
            for n, image in zip(around, images, strict=True)
        ]
        return PairSite(
            vacant_in=self.vacant_in,
            atom=atom,
            label=self.molecule.labels[atom],
            element=self.molecule.elements[atom],
            role=self.filled.anatomy.roles[atom],
            position=position,
            neighbours=tuple(sorted(neighbours, key=lambda one: one.distance)),
            ligand=" + ".join(one.name or one.formula for one in ligands),
            ligand_atoms=tuple(n for one in ligands for n in one.atoms),
        )

    def _find_neighbours(self, atom: int) -> list[int]:
        """Return the metal atoms near an atom, and the donors or metal atoms bonded to it, that both have."""
        cluster = self.filled.cluster
        metals = list(cluster.metals)
        held = {donor.atom: donor.metals for one in cluster.ligands for donor in one.donors}
        if atom in held:
            around = set(held[atom])
        else:
            radii = covalent_radii([self.molecule.elements[n] for n in (atom, *metals)])
            distances = np.linalg.norm(
                self.molecule.positions[metals] - self.molecule.positions[atom], axis=1
            )
            near = distances <= radii[0] + radii[1:] + KERNEL_BOND_EXCESS
            around = {metal for metal, close in zip(metals, near.tolist(), strict=True) if close}
            around |= {donor for donor, holders in held.items() if atom in holders}
        return sorted(n for n in around - {atom} if n in self.partner)


def _list_holders(ligand: Ligand) -> set[int]:
    return {metal for donor in ligand.donors for metal in donor.metals}
