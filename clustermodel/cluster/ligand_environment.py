"""What stands around an atom of a ligand? Neighbours, rings and shapes, read from graph and coordinates."""

import math
from collections import Counter

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.cluster.ligand_graph import find_connected, find_rings
from clustermodel.elements import format_formula, is_metal
from clustermodel.structure.molecule import Molecule

__all__ = ["CHALCOGENS", "HYDROGEN", "LigandEnvironment", "find_core_metals"]

CHALCOGENS = frozenset({"O", "S", "Se", "Te"})
HYDROGEN = frozenset({"H", "D"})
SANDWICH_CARBONS = 8  # a ferrocene iron has ten carbon neighbours, a bis(allyl) metal six
RING_FLATNESS = 0.12  # Å rms from the mean plane: benzene 0.00, disordered phenyl < 0.08, chair 0.23
SIGMA_COSINE = 0.5  # within 60° of the outward direction; a pi-bound metal stands at 90°
PYRAMID = 0.2  # length of the mean of three unit bonds: 0 if planar, 1/3 if tetrahedral


def find_core_metals(molecule: Molecule) -> tuple[int, ...]:
    """Find the metal atoms that are not buried in a ligand.

    The iron of a ferrocenyl group has only carbon neighbours, eight or more: it belongs to the
    ligand.

    Parameters
    ----------
    molecule : Molecule
        Atoms with bonds.

    Returns
    -------
    tuple of int
        Indices of the metal atoms that ligands hold.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> find_core_metals(molecule_from_atoms(["Au", "Cl"], [[0, 0, 0], [2.3, 0, 0]]))
    (0,)
    """
    elements = molecule.elements
    metals = [atom for atom, symbol in enumerate(elements) if is_metal(symbol)]
    neighbors = molecule.neighbors()
    return tuple(m for m in metals if not _is_sandwiched([elements[n] for n in neighbors[m]]))


def _is_sandwiched(around: list[str]) -> bool:
    return len(around) >= SANDWICH_CARBONS and set(around) == {"C"}


class LigandEnvironment:
    """The graph of a molecule seen from its ligands.

    Parameters
    ----------
    molecule : Molecule
        Atoms with bonds.

    Attributes
    ----------
    elements : tuple of str
        Element symbols.
    metals : list of list of int
        Core metal atoms bonded to each atom; images in a polymer are listed again.
    heavy : list of list of int
        Bonded atoms of the ligand other than hydrogen.
    hydrogens : list of int
        Number of hydrogen atoms bonded to each atom.
    """

    def __init__(self, molecule: Molecule) -> None:
        self.molecule = molecule
        self.elements = molecule.elements
        core = set(find_core_metals(molecule))
        neighbors = molecule.neighbors()
        self.metals = [[n for n in row if n in core] for row in neighbors]
        self._bonded = [[n for n in row if n not in core] for row in neighbors]
        hydrogen = [s in HYDROGEN for s in self.elements]
        self.heavy = [[n for n in row if not hydrogen[n]] for row in self._bonded]
        self.hydrogens = [sum(hydrogen[n] for n in row) for row in self._bonded]
        self.ligands = find_connected(self._bonded, core)
        self._ligand_of = {atom: group for group in self.ligands for atom in group}
        self._any_hydrogen = any(hydrogen)
        self._compositions: dict[int, dict[str, float]] = {}
        self._rings: dict[int, tuple[tuple[int, ...], ...]] = {}
        self._metal_bonds = _find_metal_bonds(molecule, core)
        self._lengths, self._cut = _find_lengths(molecule)

    def ligand_of(self, atom: int) -> tuple[int, ...]:
        """Return the atoms of the ligand that holds an atom.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        tuple of int
            Indices, ascending.
        """
        return self._ligand_of[atom]

    def degree(self, atom: int) -> int:
        """Return the number of ligand atoms bonded to an atom, hydrogen included.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        int
            Number of atoms.
        """
        return len(self.heavy[atom]) + self.hydrogens[atom]

    def signature(self, atom: int) -> str:
        """Return the sorted elements of the non-hydrogen neighbours, as ``"C C N"``.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        str
            Element symbols with blanks between; empty for a bare atom.
        """
        return " ".join(sorted(self.elements[n] for n in self.heavy[atom]))

    def hub(self, atom: int) -> int | None:
        """Return the only non-hydrogen neighbour of an atom, or None.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        int or None
            Index of the neighbour.
        """
        return self.heavy[atom][0] if len(self.heavy[atom]) == 1 else None

    def terminals(self, hub: int) -> list[int]:
        """Return the bare O, S, Se and Te atoms that hang on one atom.

        Parameters
        ----------
        hub : int
            Index of the atom they hang on.

        Returns
        -------
        list of int
            Indices of the chalcogens.
        """
        return [n for n in self.heavy[hub] if self.elements[n] in CHALCOGENS and self.degree(n) == 1]

    def hydrogens_known(self, atom: int) -> bool:
        """Return whether the hydrogen atoms of an atom's ligand can be trusted to be there.

        A ligand with carbon shows at least one hydrogen of its own; one without carbon is
        judged by the whole molecule.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        bool
            Whether hydrogen atoms are in the file.
        """
        symbols = self._counts(atom)
        return bool(HYDROGEN & set(symbols)) or ("C" not in symbols and self._any_hydrogen)

    def heavy_formula(self, atom: int) -> str:
        """Return the formula of an atom's ligand without hydrogen.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        str
            Hill formula.
        """
        return format_formula({s: n for s, n in self._counts(atom).items() if s not in HYDROGEN})

    def distance(self, first: int, second: int) -> float:
        """Return the length of the bond of two atoms in Å; infinity if they are not bonded.

        Parameters
        ----------
        first : int
            Index of one atom.
        second : int
            Index of the other.

        Returns
        -------
        float
            Length in Å.
        """
        return self._lengths.get(_pair(first, second), math.inf)

    def angle(self, first: int, center: int, second: int) -> float:
        """Return the angle at an atom in degrees; 180 where a bond leaves the listed atoms.

        Parameters
        ----------
        first : int
            Index of one atom.
        center : int
            Index of the atom at the apex.
        second : int
            Index of the other.

        Returns
        -------
        float
            Angle in degrees.
        """
        if {_pair(first, center), _pair(center, second)} & self._cut:
            return 180.0
        cosine = _unit(self._vector(center, first)) @ _unit(self._vector(center, second))
        return math.degrees(math.acos(max(-1.0, min(1.0, float(cosine)))))

    def metal_distance(self, atom: int) -> float:
        """Return the shortest bond of an atom to a core metal in Å.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        float
            Length in Å.
        """
        return min(length for _, length, _ in self._metal_bonds[atom])

    def is_sigma(self, atom: int) -> bool:
        """Return whether a metal lies where the next substituent of an atom would be.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        bool
            False for a metal atom above a plane or beside a bond.
        """
        if any(_pair(atom, n) in self._cut for n in self._bonded[atom]):
            return True  # the neighbour is listed in another cell: no direction
        away = -self._mean_bond(atom)
        size = float(np.linalg.norm(away))
        if size < PYRAMID and len(self._bonded[atom]) >= 3:
            return False
        if size < 1e-6:  # a linear atom, or one without neighbours: no direction to compare with
            return True
        near = [metal for metal, _, inside in self._metal_bonds[atom] if inside]
        cosines = [_unit(self._vector(atom, metal)) @ away / size for metal in near]
        return max(map(float, cosines), default=1.0) > SIGMA_COSINE

    def is_planar(self, atom: int) -> bool:
        """Return whether the ligand neighbours of an atom lie in a plane with it.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        bool
            True for a trigonal, flat atom.
        """
        return len(self._bonded[atom]) == 3 and float(np.linalg.norm(self._mean_bond(atom))) < PYRAMID

    def rings(self, atom: int) -> tuple[tuple[int, ...], ...]:
        """Return the five- and six-membered rings through an atom.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        tuple of tuple of int
            The atoms of each ring in order.
        """
        if atom not in self._rings:
            self._rings[atom] = tuple(find_rings(self.heavy, atom))
        return self._rings[atom]

    def flat_rings(self, atom: int) -> tuple[tuple[int, ...], ...]:
        """Return the flat rings through an atom: every atom trigonal, all in one plane.

        Parameters
        ----------
        atom : int
            Index in the molecule.

        Returns
        -------
        tuple of tuple of int
            The atoms of each ring in order.
        """
        return tuple(ring for ring in self.rings(atom) if self._is_flat(ring))

    def _counts(self, atom: int) -> dict[str, float]:
        """Return how many atoms of each element an atom's ligand has."""
        ligand = self.ligand_of(atom)
        if ligand[0] not in self._compositions:
            self._compositions[ligand[0]] = dict(Counter(self.elements[a] for a in ligand))
        return self._compositions[ligand[0]]

    def _is_flat(self, ring: tuple[int, ...]) -> bool:
        if any(self.degree(a) > 3 or self.hydrogens[a] > 1 for a in ring):
            return False
        if any(_pair(a, n) in self._cut for a in ring for n in self._bonded[a]):
            return True
        return _flatness(self.molecule.positions[list(ring)]) < RING_FLATNESS

    def _vector(self, first: int, second: int) -> FloatArray:
        positions = self.molecule.positions
        return np.asarray(positions[second] - positions[first])

    def _mean_bond(self, atom: int) -> FloatArray:
        bonds = [_unit(self._vector(atom, n)) for n in self._bonded[atom]]
        return np.mean(bonds, axis=0) if bonds else np.zeros(3)


def _pair(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first < second else (second, first)


def _find_lengths(molecule: Molecule) -> tuple[dict[tuple[int, int], float], set[tuple[int, int]]]:
    """Return the lengths of the bonds and which of them leave the listed atoms of a polymer."""
    bonds = molecule.bonds
    rows = zip(bonds.pairs.tolist(), bonds.lengths.tolist(), bonds.shifts.tolist(), strict=True)
    lengths: dict[tuple[int, int], float] = {}
    cut: set[tuple[int, int]] = set()
    for (first, second), length, shift in rows:
        pair = _pair(first, second)
        lengths[pair] = min(length, lengths.get(pair, math.inf))
        if any(shift):
            cut.add(pair)
    return lengths, cut


def _find_metal_bonds(molecule: Molecule, core: set[int]) -> dict[int, list[tuple[int, float, bool]]]:
    """Return metal, length and whether the bond stays inside the listed atoms, by ligand atom."""
    found: dict[int, list[tuple[int, float, bool]]] = {}
    bonds = molecule.bonds
    rows = zip(bonds.pairs.tolist(), bonds.lengths.tolist(), bonds.shifts.tolist(), strict=True)
    for (first, second), length, shift in rows:
        listed = not any(shift)
        for atom, metal in ((first, second), (second, first)):
            if metal in core and atom not in core:
                found.setdefault(atom, []).append((metal, length, listed))
    return found


def _unit(vector: FloatArray) -> FloatArray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)  # coincident atoms give a zero vector


def _flatness(points: FloatArray) -> float:
    centered = points - points.mean(axis=0)
    smallest = np.linalg.svd(centered, compute_uv=False)[-1]
    return float(smallest / np.sqrt(len(points)))
