"""What does a table of selected bonds and angles hold? Atoms with symmetry marks, values with s.u."""

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "AngleKind",
    "SelectedAngle",
    "SelectedAtom",
    "SelectedBond",
    "SelectedGeometry",
    "SelectedSettings",
    "SymmetryCode",
]

AngleKind = Literal["donor-metal-donor", "metal-donor-metal"]
"""What the atoms of an angle are, the apex in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedSettings:
    """The choices behind a table of selected bonds and angles.

    Parameters
    ----------
    cutoff : float, optional
        Longest metal-metal pair in Å, as in `clustermodel.analysis.bond_lengths.BondSettings`.
    """

    cutoff: float = field(default=3.30, metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SymmetryCode:
    """An operation that a mark stands for.

    Parameters
    ----------
    mark : str
        ``"#1"``, ``"#2"`` ...
    text : str
        The operation with its cell shift, ``"-x+1, -y+1, -z"``.
    operation : int
        Number of the operation of the space group.
    shift : tuple of int
        Cell shift after the operation.
    """

    mark: str
    text: str
    operation: int = field(metadata={"unit": ""})
    shift: tuple[int, int, int] = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedAtom:
    """An atom of a selected bond or angle.

    Parameters
    ----------
    label : str
        Label of its site in the file.
    element : str
        Element symbol.
    mark : str
        Mark of the operation applied to the site; empty where it is listed.
    """

    label: str
    element: str
    mark: str

    @property
    def name(self) -> str:
        """Label and mark: ``"S2#1"``."""
        return self.label + self.mark


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedBond:
    """A symmetry-unique bond or pair of metal atoms.

    Parameters
    ----------
    atoms : tuple of SelectedAtom
        Its two atoms; of a bond to a donor the metal atom first.
    role : str
        One of `clustermodel.analysis.bond_lengths.BOND_ROLES`.
    pair : str
        Elements, as ``"Au-S"``.
    length : float
        Length in Å.
    su : float
        s.u. in Å; NaN where an atom has none.
    multiplicity : int
        How many such bonds the cluster has.
    """

    atoms: tuple[SelectedAtom, SelectedAtom]
    role: str
    pair: str
    length: float = field(metadata={"unit": "Å"})
    su: float = field(metadata={"unit": "Å"})
    multiplicity: int = field(metadata={"unit": ""})

    @property
    def name(self) -> str:
        """Its atoms: ``"Au1–S2#1"``."""
        return "–".join(atom.name for atom in self.atoms)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedAngle:
    """A symmetry-unique angle.

    Parameters
    ----------
    atoms : tuple of SelectedAtom
        Its three atoms, the apex in the middle.
    kind : {"donor-metal-donor", "metal-donor-metal"}
        What the atoms are.
    elements : str
        Elements, as ``"S-Au-S"``.
    role : str
        Role of the apex in the anatomy (see `clustermodel.cluster.roles`).
    angle : float
        Angle in degree.
    su : float
        s.u. in degree; NaN where an atom has none, or where symmetry fixes the angle.
    fixed : bool
        Whether symmetry fixes the angle.
    multiplicity : int
        How many such angles the cluster has.
    """

    atoms: tuple[SelectedAtom, SelectedAtom, SelectedAtom]
    kind: AngleKind
    elements: str
    role: str
    angle: float = field(metadata={"unit": "degree"})
    su: float = field(metadata={"unit": "degree"})
    fixed: bool
    multiplicity: int = field(metadata={"unit": ""})

    @property
    def name(self) -> str:
        """Its atoms: ``"S1–Au2–S2#1"``."""
        return "–".join(atom.name for atom in self.atoms)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedGeometry:
    """The symmetry-unique bonds and angles about the metal atoms of a cluster.

    Parameters
    ----------
    bonds : tuple of SelectedBond
        By role and pair of elements, then in the order of the file.
    angles : tuple of SelectedAngle
        By kind, then in the order of the file.
    symmetry : tuple of SymmetryCode
        What the marks stand for, in the order in which they appear.
    convention : str
        The convention of the anatomy that gave the roles.
    settings : SelectedSettings
        The cut-off.
    """

    bonds: tuple[SelectedBond, ...]
    angles: tuple[SelectedAngle, ...]
    symmetry: tuple[SymmetryCode, ...]
    convention: str
    settings: SelectedSettings
