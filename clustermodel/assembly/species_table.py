"""Which ions, solvents and small molecules does the package know? The rows of ``species.toml``."""

import functools
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal, NamedTuple

from clustermodel.elements import format_formula
from clustermodel.errors import InputError
from clustermodel.structure.graph import Graph, read_skeleton

__all__ = [
    "KnownSpecies",
    "SpeciesName",
    "Trust",
    "find_by_formula",
    "find_by_skeleton",
    "find_disordered",
    "list_known_species",
    "list_void_candidates",
]

Trust = Literal["presumed", "plain", "doubtful"]
_FIELDS = {
    "abbr", "skeleton", "hydrogens", "charge", "lengths", "trust", "disordered", "candidate"
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KnownSpecies:
    """One row of the table of known species.

    Parameters
    ----------
    name, abbreviation : str
        Full name and what a chemist writes.
    kind : str
        ``"solvent"``, ``"gas"``, ``"ion"``, ``"ligand"`` or ``"complex"``.
    graph : Graph
        Heavy atoms and their bonds.
    carbon_hydrogens, other_hydrogens : int
        Hydrogens on carbon and on all other atoms.
    charge : int
        Charge in elementary charges.
    lengths : dict of str to tuple of float
        Lengths in Å by pair of elements that tell the species apart from others with its
        skeleton: one mean value, or every one in ascending order.
    trust : {"presumed", "plain", "doubtful"}
        How far the charge is believed where hydrogens may be missing from a file.
    disordered : bool
        Whether it is recognised with too many outer atoms.
    candidate : bool
        Whether it is weighed against the contents of a masked void.
    """

    name: str
    abbreviation: str
    kind: str
    graph: Graph
    carbon_hydrogens: int = field(metadata={"unit": "1"})
    other_hydrogens: int = field(metadata={"unit": "1"})
    charge: int = field(metadata={"unit": "e"})
    lengths: dict[str, tuple[float, ...]]
    trust: Trust
    disordered: bool
    candidate: bool

    @property
    def heavy_formula(self) -> str:
        """Hill formula without hydrogen."""
        return format_formula(self.graph.elements)

    @property
    def counts(self) -> dict[str, int]:
        """Number of atoms of each element."""
        hydrogens = self.carbon_hydrogens + self.other_hydrogens
        return dict(Counter(self.graph.elements)) | ({"H": hydrogens} if hydrogens else {})

    @property
    def formula(self) -> str:
        """Hill formula with all hydrogens."""
        return format_formula(dict(self.counts))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpeciesName:
    """The name of a molecule and the charge that follows from it.

    Parameters
    ----------
    name, abbreviation : str
        Full name (``"hexafluorophosphate"``) and what a chemist writes (``"PF6-"``).
    kind : str
        ``"solvent"``, ``"gas"``, ``"ion"``, ``"ligand"``, ``"complex"`` or ``"salt"`` (an
        alkali complex without net charge).
    charge : int or None
        Charge in elementary charges; None where hydrogens that decide it are not listed.
    missing_hydrogens, excess_hydrogens : int
        Hydrogens too few on any atom, and too many on carbon.
    notes : tuple of str
        What was assumed, and what the molecule could also be.
    """

    name: str
    abbreviation: str
    kind: str
    charge: int | None = field(metadata={"unit": "e"})
    missing_hydrogens: int = field(default=0, metadata={"unit": "1"})
    excess_hydrogens: int = field(default=0, metadata={"unit": "1"})
    notes: tuple[str, ...] = ()


class _Index(NamedTuple):
    rows: tuple[KnownSpecies, ...]
    by_skeleton: dict[str, tuple[KnownSpecies, ...]]
    by_formula: dict[str, tuple[KnownSpecies, ...]]
    disordered: dict[frozenset[str], tuple[KnownSpecies, ...]]


def _read_row(kind: str, name: str, row: dict[str, Any]) -> KnownSpecies:
    unknown = set(row) - _FIELDS
    if unknown:
        msg = f"species.toml, {kind} {name!r}: unknown field {sorted(unknown)}, expected {sorted(_FIELDS)}"
        raise InputError(msg)
    on_carbon, elsewhere = row["hydrogens"]
    lengths = {
        pair: tuple(value) if isinstance(value, list) else (value,)
        for pair, value in row.get("lengths", {}).items()
    }
    return KnownSpecies(
        name=name,
        abbreviation=row["abbr"],
        kind=kind,
        graph=read_skeleton(row["skeleton"]),
        carbon_hydrogens=on_carbon,
        other_hydrogens=elsewhere,
        charge=row.get("charge", 0),
        lengths=lengths,
        trust=row.get("trust", "plain"),
        disordered=row.get("disordered", False),
        candidate=row.get("candidate", False),
    )


@functools.cache
def _index() -> _Index:
    text = resources.files("clustermodel.assembly").joinpath("species.toml").read_text(encoding="utf-8")
    sections = tomllib.loads(text)
    rows = tuple(
        _read_row(kind, name, row) for kind, section in sections.items() for name, row in section.items()
    )
    skeletons: dict[str, tuple[KnownSpecies, ...]] = {}
    formulas: dict[str, tuple[KnownSpecies, ...]] = {}
    disordered: dict[frozenset[str], tuple[KnownSpecies, ...]] = {}
    for row in rows:
        skeletons[row.heavy_formula] = (*skeletons.get(row.heavy_formula, ()), row)
        formulas[row.formula] = (*formulas.get(row.formula, ()), row)
        if row.disordered:
            kinds = frozenset(row.graph.elements)
            disordered[kinds] = (*disordered.get(kinds, ()), row)
    return _Index(rows, skeletons, formulas, disordered)


def list_known_species() -> tuple[KnownSpecies, ...]:
    """Return every row of the table, in its order.

    Returns
    -------
    tuple of KnownSpecies
        The rows.
    """
    return _index().rows


def find_by_skeleton(heavy_formula: str) -> tuple[KnownSpecies, ...]:
    """Return the known species whose heavy atoms have a formula.

    Parameters
    ----------
    heavy_formula : str
        Hill formula without hydrogen.

    Returns
    -------
    tuple of KnownSpecies
        The rows, the commoner species of one skeleton first.

    Examples
    --------
    >>> [row.name for row in find_by_skeleton("CO")]
    ['methanol', 'carbon monoxide', 'formaldehyde']
    """
    return _index().by_skeleton.get(heavy_formula, ())


def find_by_formula(formula: str) -> tuple[KnownSpecies, ...]:
    """Return the known species of a formula.

    Parameters
    ----------
    formula : str
        Hill formula with hydrogen.

    Returns
    -------
    tuple of KnownSpecies
        The rows.

    Examples
    --------
    >>> [row.name for row in find_by_formula("F6P")]
    ['hexafluorophosphate']
    """
    return _index().by_formula.get(formula, ())


def find_disordered(elements: frozenset[str]) -> tuple[KnownSpecies, ...]:
    """Return the polyhedral ions that are recognised with too many outer atoms.

    Parameters
    ----------
    elements : frozenset of str
        The element of the centre and that of the outer atoms.

    Returns
    -------
    tuple of KnownSpecies
        The rows.

    Examples
    --------
    >>> [row.abbreviation for row in find_disordered(frozenset({"Cl", "O"}))]
    ['ClO4-']
    """
    return _index().disordered.get(elements, ())


def list_void_candidates() -> tuple[KnownSpecies, ...]:
    """Return the ions that are weighed against the contents of a masked void.

    Returns
    -------
    tuple of KnownSpecies
        The rows, anions first.
    """
    return tuple(sorted((row for row in _index().rows if row.candidate), key=lambda row: row.charge > 0))
