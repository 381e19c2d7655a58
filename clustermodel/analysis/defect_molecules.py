"""How does a molecule look with some atoms removed, exchanged or added? All others stay where they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.structure.molecule import Bonds, Molecule, Origin

__all__ = ["AddedAtoms", "add_atoms", "exchange_elements", "remove_atoms"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AddedAtoms:
    """Atoms to add to a molecule.

    Parameters
    ----------
    elements, labels : tuple of str, length n
        Elements and labels.
    positions : ndarray, shape (n, 3)
        Places in Å.
    bonds : ndarray of int, shape (m, 2)
        Bonded pairs; atoms are numbered on from those of the molecule.
    """

    elements: tuple[str, ...]
    labels: tuple[str, ...]
    positions: FloatArray = field(metadata={"unit": "Å"})
    bonds: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        n = len(self.elements)
        object.__setattr__(self, "positions", freeze_float(self.positions, (n, 3), "positions"))
        object.__setattr__(self, "bonds", freeze_int(np.reshape(self.bonds, (-1, 2)), (None, 2), "bonds"))


def remove_atoms(molecule: Molecule, gone: Iterable[int]) -> Molecule:
    """Return a molecule without some of its atoms.

    Parameters
    ----------
    molecule : Molecule
        The molecule.
    gone : iterable of int
        The atoms to remove.

    Returns
    -------
    Molecule
        The other atoms in their order, with the bonds among them.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> remove_atoms(molecule_from_atoms(["O", "H"], [[0, 0, 0], [0.96, 0, 0]]), [0]).formula
    'H'
    """
    keep: IntArray = np.setdiff1d(np.arange(len(molecule)), list(gone))
    place = np.full(len(molecule), -1, dtype=np.int64)
    place[keep] = np.arange(len(keep))
    bonds, origin = molecule.bonds, molecule.origin
    rows = np.flatnonzero(np.all(place[bonds.pairs] >= 0, axis=1))
    return Molecule(
        elements=tuple(molecule.elements[i] for i in keep.tolist()),
        positions=molecule.positions[keep],
        bonds=Bonds(
            pairs=place[bonds.pairs[rows]],
            lengths=bonds.lengths[rows],
            shifts=bonds.shifts[rows],
            long=bonds.long[rows],
        ),
        origin=Origin(
            labels=tuple(origin.labels[i] for i in keep.tolist()),
            sites=origin.sites[keep],
            operations=origin.operations[keep],
            shifts=origin.shifts[keep],
        ),
        occupancy=molecule.occupancy[keep],
        u_eq=molecule.u_eq[keep],
        periodicity=molecule.periodicity,
    )


def exchange_elements(molecule: Molecule, elements: Mapping[int, str]) -> Molecule:
    """Return a molecule with other elements at some places.

    Parameters
    ----------
    molecule : Molecule
        The molecule.
    elements : mapping of int to str
        New element of some atoms.

    Returns
    -------
    Molecule
        The same places and bonds.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> exchange_elements(molecule_from_atoms(["Au"], [[0, 0, 0]]), {0: "Pt"}).elements
    ('Pt',)
    """
    return replace(molecule, elements=tuple(elements.get(i, s) for i, s in enumerate(molecule.elements)))


def add_atoms(molecule: Molecule, added: AddedAtoms) -> Molecule:
    """Return a molecule with more atoms.

    Parameters
    ----------
    molecule : Molecule
        The molecule.
    added : AddedAtoms
        Atoms with their bonds.

    Returns
    -------
    Molecule
        The atoms of the molecule, then the added ones, each a site of its own.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> proton = AddedAtoms(elements=("H",), labels=("H1",), positions=[[0.96, 0, 0]], bonds=[[0, 1]])
    >>> add_atoms(molecule_from_atoms(["O"], [[0, 0, 0]]), proton).bonds.lengths.tolist()
    [0.96]
    """
    k = len(added.elements)
    positions = np.vstack([molecule.positions, added.positions])
    bonds, origin = molecule.bonds, molecule.origin
    pairs = np.sort(added.bonds, axis=1)
    lengths = np.linalg.norm(positions[pairs[:, 0]] - positions[pairs[:, 1]], axis=1)
    merged = np.vstack([bonds.pairs, pairs])
    order = np.lexsort((merged[:, 1], merged[:, 0]))
    none = np.zeros((len(pairs), 3), dtype=np.int64)
    fresh = int(origin.sites.max(initial=-1)) + 1
    return Molecule(
        elements=(*molecule.elements, *added.elements),
        positions=positions,
        bonds=Bonds(
            pairs=merged[order],
            lengths=np.concatenate([bonds.lengths, lengths])[order],
            shifts=np.vstack([bonds.shifts, none])[order],
            long=np.concatenate([bonds.long, none[:, 0]])[order],
        ),
        origin=Origin(
            labels=(*origin.labels, *_name_apart(added.labels, origin.labels)),
            sites=np.concatenate([origin.sites, np.arange(fresh, fresh + k)]),
            operations=np.concatenate([origin.operations, np.zeros(k, dtype=np.int64)]),
            shifts=np.vstack([origin.shifts, np.zeros((k, 3), dtype=np.int64)]),
        ),
        occupancy=np.concatenate([molecule.occupancy, np.ones(k)]),
        u_eq=np.concatenate([molecule.u_eq, np.full(k, np.nan)]),
        periodicity=molecule.periodicity,
    )


def _name_apart(labels: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Return labels with as many primes as make them differ from those taken."""
    known = set(taken)
    names = []
    for label in labels:
        name = label
        while name in known:
            name += "'"
        known.add(name)
        names.append(name)
    return names
