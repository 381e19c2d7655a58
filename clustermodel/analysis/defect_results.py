"""What is a single-site change of a cluster? What is removed, added or exchanged, and what it costs."""

from dataclasses import dataclass, field
from typing import Literal

from clustermodel.structure.finding import Finding
from clustermodel.structure.molecule import Molecule

__all__ = ["DEFECT_KINDS", "Defect", "DefectCharge", "DefectClash", "DefectKind", "DefectSettings", "Defects"]

DefectKind = Literal[
    "kernel atom removed",
    "motif removed",
    "motif shortened",
    "bridge removed",
    "terminal ligand removed",
    "vacancy filled",
    "metal substituted",
]

DEFECT_KINDS: tuple[DefectKind, ...] = (
    "vacancy filled",
    "kernel atom removed",
    "motif removed",
    "motif shortened",
    "bridge removed",
    "terminal ligand removed",
    "metal substituted",
)
"""In the order in which they are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectSettings:
    """The choices behind a list of defects.

    Parameters
    ----------
    kinds : tuple of str, optional
        Kinds of changes, of `DEFECT_KINDS`; all by default.
    substitutes : tuple of str, optional
        Elements that replace a metal atom: by default those known in gold clusters.
    tolerance : float, optional
        Root mean square distance in Å of a motion that lays the cluster on itself, up to which sites count as
        equivalent: Au25(SR)18 in a crystal is off its ideal Th by 0.42 Å, Au38(SR)24 off D3 by 0.27 Å.
    overlap : float, optional
        By how much two atoms that are not bonded may be nearer than their van der Waals radii, in Å, before
        they clash: 0.6 Å, as molecular viewers have it; hydrogen bonds are not expected here.
    squeeze : float, optional
        By how much a metal atom may be nearer to a metal or donor atom than their covalent radii, in Å.
    """

    kinds: tuple[DefectKind, ...] = DEFECT_KINDS
    substitutes: tuple[str, ...] = ("Ag", "Cu", "Pd", "Pt", "Cd", "Hg")
    tolerance: float = field(default=0.5, metadata={"unit": "Å"})
    overlap: float = field(default=0.6, metadata={"unit": "Å"})
    squeeze: float = field(default=0.3, metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectCharge:
    """A charge that the changed cluster may have.

    Parameters
    ----------
    charge : int
        The charge.
    electrons : int
        Superatom electrons at this charge.
    keeps : {"electrons", "charge", "electrons and charge"}
        What stays as in the parent.
    magic : bool
        Whether the electrons close a shell.
    """

    charge: int = field(metadata={"unit": "e"})
    electrons: int = field(metadata={"unit": "electrons"})
    keeps: Literal["electrons", "charge", "electrons and charge"]
    magic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectClash:
    """Two atoms that are too near to each other after an atom was added.

    Parameters
    ----------
    added, present : str
        Labels of the added and of the present atom.
    distance : float
        Their distance in Å.
    allowed : float
        The smallest distance that is no clash, in Å.
    """

    added: str
    present: str
    distance: float = field(metadata={"unit": "Å"})
    allowed: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Defect:
    """One single-site change of a cluster, not relaxed.

    Parameters
    ----------
    kind : str
        One of `DEFECT_KINDS`.
    title : str
        What is done: ``"Au13 and its PPh2py removed"``.
    atoms : tuple of int
        Atoms of the parent that are removed or exchanged; empty for a filled vacancy.
    ligand : str
        Names, or formulas, of the ligands that leave or come; empty if there are none.
    site : tuple of str
        Labels of the metal or donor atoms that name the site; for a vacancy those around it.
    multiplicity : int
        Number of equivalent sites.
    equivalents : tuple of tuple of int
        The metal or donor atoms of every equivalent site, this one first; empty for a vacancy.
    molecule : Molecule
        The changed molecule with its bonds, atoms where they were.
    formula : str
        Its formula.
    electron_change : int or None
        By how much the superatom electrons change at constant charge; None where they cannot be counted.
    charges : tuple of DefectCharge
        Charges that keep the electrons, or the charge, of the parent; empty if its charge is not known.
    exposure : float
        Fraction of the van der Waals surface of the metal (or donor) atoms of the site that no other atom
        covers, their own ligand not counted.
    contacts : int
        Metal-metal contacts within the length of a stretched bond (3.50 Å for gold) between the site and the
        rest: broken by a removal, made by a filling, changed by a substitution.
    donor_bonds : int
        Metal-donor bonds between the site and the rest.
    rank : int
        Place among the changes of its kind (and element), from 1: fewest contacts and bonds, then the most
        exposed; for fillings no clash of the metal atom, then most contacts, then fewest clashes.
    clashes : tuple of DefectClash
        Added atoms that are too near to others, the worst first.
    core_clashes : int
        How many of them are clashes of the added metal atom or its donors: then there is no room for it,
        while a ligand that clashes asks for others to bend.
    evidence : tuple of str
        For a vacancy: why there is a place.
    """

    kind: DefectKind
    title: str
    atoms: tuple[int, ...]
    ligand: str
    site: tuple[str, ...]
    multiplicity: int = field(metadata={"unit": ""})
    equivalents: tuple[tuple[int, ...], ...]
    molecule: Molecule
    formula: str
    electron_change: int | None = field(metadata={"unit": "electrons"})
    charges: tuple[DefectCharge, ...]
    exposure: float = field(metadata={"unit": ""})
    contacts: int = field(metadata={"unit": ""})
    donor_bonds: int = field(metadata={"unit": ""})
    rank: int = field(metadata={"unit": ""})
    clashes: tuple[DefectClash, ...]
    core_clashes: int = field(metadata={"unit": ""})
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Defects:
    """The single-site changes of a cluster.

    Parameters
    ----------
    formula : str
        Formula of the parent.
    charge : int or None
        Its charge.
    electrons : int or None
        Its superatom electrons.
    symmetries : int
        Number of motions that lay it on itself within the tolerance, the identity included.
    defects : tuple of Defect
        By kind and rank.
    settings : DefectSettings
        The choices.
    findings : tuple of Finding
        What a reader should know.
    """

    formula: str
    charge: int | None = field(metadata={"unit": "e"})
    electrons: int | None = field(metadata={"unit": "electrons"})
    symmetries: int = field(metadata={"unit": ""})
    defects: tuple[Defect, ...]
    settings: DefectSettings
    findings: tuple[Finding, ...]
