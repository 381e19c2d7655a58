"""Which atoms hang together? One molecule whose atoms remember where they came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.elements import format_formula

__all__ = ["Bonds", "Molecule", "Origin", "molecule_from_atoms"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bonds:
    """The bonds of one molecule.

    Parameters
    ----------
    pairs : array_like of int, shape (m, 2)
        Atom indices, the smaller first.
    lengths : array_like, shape (m,)
        Lengths in Å.
    shifts : array_like of int, shape (m, 3)
        Cell shift of the second atom relative to where the molecule lists it; zero but for
        polymers.
    long : array_like of int, shape (m,)
        1 where the bond lies outside the tight rule and was kept by the loose one.
    """

    pairs: IntArray
    lengths: FloatArray = field(metadata={"unit": "Å"})
    shifts: IntArray
    long: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        m = len(self.lengths)
        object.__setattr__(self, "pairs", freeze_int(np.reshape(self.pairs, (m, 2)), (m, 2), "pairs"))
        object.__setattr__(self, "lengths", freeze_float(self.lengths, (m,), "lengths"))
        object.__setattr__(self, "shifts", freeze_int(np.reshape(self.shifts, (m, 3)), (m, 3), "shifts"))
        object.__setattr__(self, "long", freeze_int(self.long, (m,), "long"))

    def __len__(self) -> int:
        """Return the number of bonds."""
        return len(self.lengths)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Origin:
    """Where each atom of a molecule came from.

    Parameters
    ----------
    labels : tuple of str, length n
        Label of the site in the file.
    sites : array_like of int, shape (n,)
        Index into the table of sites.
    operations : array_like of int, shape (n,)
        Index of the symmetry operation applied to the site.
    shifts : array_like of int, shape (n, 3)
        Cell translation added after the operation.
    """

    labels: tuple[str, ...]
    sites: IntArray
    operations: IntArray
    shifts: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        n = len(self.labels)
        object.__setattr__(self, "sites", freeze_int(self.sites, (n,), "sites"))
        object.__setattr__(self, "operations", freeze_int(self.operations, (n,), "operations"))
        object.__setattr__(self, "shifts", freeze_int(self.shifts, (n, 3), "shifts"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Molecule:
    """A molecule, or one repeat unit of a polymer.

    Parameters
    ----------
    elements : tuple of str, length n
        Element symbols.
    positions : array_like, shape (n, 3)
        Cartesian coordinates in Å.
    bonds : Bonds
        Its bonds.
    origin : Origin
        Label, site, operation and cell shift of every atom.
    occupancy : array_like, shape (n,)
        Chemical occupancy of each atom's site.
    u_eq : array_like, shape (n,)
        Isotropic or equivalent displacement parameter in Å2; NaN if absent.
    periodicity : int
        0 for a molecule, 1 to 3 for chains, layers and frameworks.

    Examples
    --------
    >>> water = molecule_from_atoms(["O", "H", "H"], [[0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])
    >>> water.formula, len(water)
    ('H2O', 3)
    """

    elements: tuple[str, ...]
    positions: FloatArray = field(metadata={"unit": "Å"})
    bonds: Bonds
    origin: Origin
    occupancy: FloatArray
    u_eq: FloatArray = field(metadata={"unit": "Å2"})
    periodicity: int = 0

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        n = len(self.elements)
        object.__setattr__(self, "positions", freeze_float(self.positions, (n, 3), "positions"))
        object.__setattr__(self, "occupancy", freeze_float(self.occupancy, (n,), "occupancy"))
        object.__setattr__(self, "u_eq", freeze_float(self.u_eq, (n,), "u_eq"))

    def __len__(self) -> int:
        """Return the number of atoms."""
        return len(self.elements)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the atoms in the file."""
        return self.origin.labels

    @property
    def formula(self) -> str:
        """Formula in Hill order."""
        return format_formula(self.elements)

    def neighbors(self) -> list[list[int]]:
        """Return the bonded neighbours of each atom.

        Returns
        -------
        list of list of int
            Indices of the atoms bonded to each atom.
        """
        table: list[list[int]] = [[] for _ in self.elements]
        for first, second in self.bonds.pairs.tolist():
            table[first].append(second)
            if second != first:
                table[second].append(first)
        return table

    def with_bonds(self, bonds: Bonds) -> "Molecule":
        """Return the same atoms with other bonds.

        Parameters
        ----------
        bonds : Bonds
            The new bonds.

        Returns
        -------
        Molecule
            A new molecule.
        """
        return replace(self, bonds=bonds)

    def with_positions(self, positions: FloatArray) -> "Molecule":
        """Return the same atoms elsewhere.

        Parameters
        ----------
        positions : ndarray, shape (n, 3)
            Cartesian coordinates in Å.

        Returns
        -------
        Molecule
            A new molecule.
        """
        return replace(self, positions=positions)


def molecule_from_atoms(
    elements: Sequence[str],
    positions: FloatArray | Sequence[Sequence[float]],
    *,
    labels: Sequence[str] | None = None,
    bonds: Bonds | None = None,
) -> Molecule:
    """Wrap plain atoms that came without a crystal.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols.
    positions : array_like, shape (n, 3)
        Cartesian coordinates in Å.
    labels : sequence of str, optional
        Names of the atoms; element and running number by default.
    bonds : Bonds, optional
        Bonds; none by default.

    Returns
    -------
    Molecule
        Every atom with operation 0 and no shift.
    """
    n = len(elements)
    names = labels if labels is not None else [f"{s}{i + 1}" for i, s in enumerate(elements)]
    none = Bonds(
        pairs=np.zeros((0, 2), dtype=np.int64),
        lengths=np.zeros(0),
        shifts=np.zeros((0, 3), dtype=np.int64),
        long=np.zeros(0, dtype=np.int64),
    )
    return Molecule(
        elements=tuple(elements),
        positions=np.asarray(positions, dtype=np.float64).reshape(n, 3),
        bonds=bonds if bonds is not None else none,
        origin=Origin(
            labels=tuple(names),
            sites=np.arange(n),
            operations=np.zeros(n, dtype=np.int64),
            shifts=np.zeros((n, 3), dtype=np.int64),
        ),
        occupancy=np.ones(n),
        u_eq=np.full(n, np.nan),
    )
