"""How many electrons fill the shells of the cluster as a superatom, and by which rules?

n* = metals + hydrogens - ligands - charge (key ``walter2008``): every metal atom and every ligand
comes with its rule, and the charge is never guessed.
"""

import functools
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.electron_warnings import check_electron_count
from clustermodel.cluster.ligand_classes import CountingRule, find_counting_rule
from clustermodel.cluster.ligands import UNCLASSIFIED, Ligand
from clustermodel.elements import COINAGE
from clustermodel.structure.finding import Finding

__all__ = [
    "ChargeRow",
    "CountedLigand",
    "ElectronCount",
    "Term",
    "count_electrons",
    "count_electrons_of_parts",
    "magic_numbers",
]

CHARGES = range(-6, 7)  # the charges of the clusters known to the tests lie between -4 and +5


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term of the electron count.

    Parameters
    ----------
    label : str
        What is counted, for example ``"Au"`` or ``"thiolate SC2H4Ph"``.
    count : int
        How many there are.
    each : int
        What each brings; negative if it takes electrons.
    total : int
        ``count`` times ``each``.
    rule : str
        The rule in words.
    source : str
        Literature key of the rule.
    derived : bool
        True if the rule is derived and not stated in that source.
    """

    label: str
    count: int = field(metadata={"unit": ""})
    each: int = field(metadata={"unit": "electrons"})
    total: int = field(metadata={"unit": "electrons"})
    rule: str
    source: str
    derived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRow:
    """The electron count at one charge.

    Parameters
    ----------
    charge : int
        Charge of the cluster.
    count : int
        n* at this charge.
    magic : bool
        Whether n* closes a shell.
    """

    charge: int = field(metadata={"unit": "e"})
    count: int = field(metadata={"unit": "electrons"})
    magic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLigand:
    """A kind of ligand, how often it occurs and what it takes.

    Parameters
    ----------
    kind, name : str
        Class and abbreviation, as in :class:`~clustermodel.cluster.ligands.Ligand`.
    count : int
        Number of these ligands.
    electrons : int
        Electrons each takes from the core; negative if it gives them.
    """

    kind: str
    name: str
    count: int = field(metadata={"unit": ""})
    electrons: int = field(metadata={"unit": "electrons"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectronCount:
    """The superatom electron count of one cluster with all its terms.

    Parameters
    ----------
    value : int or None
        n*; None if the charge is not known or the count does not apply.
    at_zero_charge : int or None
        n* for charge zero; None only if the count does not apply.
    charge : int or None
        The charge it was made with.
    terms : tuple of Term
        What was added up; the charge is the last term where it is known.
    by_charge : tuple of ChargeRow
        n* for a range of charges, with the shell closings marked.
    reason : str
        Why there is no value; empty if there is one.
    findings : tuple of Finding
        Where the count is derived, ambiguous or known to mislead.
    """

    value: int | None = field(metadata={"unit": "electrons"})
    at_zero_charge: int | None = field(metadata={"unit": "electrons"})
    charge: int | None = field(metadata={"unit": "e"})
    terms: tuple[Term, ...]
    by_charge: tuple[ChargeRow, ...]
    reason: str
    findings: tuple[Finding, ...]


@functools.cache
def _document() -> dict[str, Any]:
    text = resources.files("clustermodel.cluster").joinpath("electron_rules.toml").read_text("utf-8")
    return tomllib.loads(text)


@functools.cache
def magic_numbers() -> frozenset[int]:
    """Return the electron counts that close a shell.

    Returns
    -------
    frozenset of int
        As quoted in ``tofanelli2016b`` and, for 92, ``lopezlozano2017``.

    Examples
    --------
    >>> sorted(magic_numbers())
    [2, 8, 18, 20, 34, 40, 58, 92]
    """
    return frozenset(_document()["shells"]["magic"])


def count_electrons(cluster: Cluster, charge: int | None) -> ElectronCount:
    """Count the superatom electrons of a cluster.

    Parameters
    ----------
    cluster : Cluster
        Metal atoms and classified ligands.
    charge : int or None
        Charge of the whole molecule, or None if it is not known: then n* is given as a function
        of the charge.

    Returns
    -------
    ElectronCount
        Value, terms with their rules, and warnings. The count is refused, with the reason, where
        less than half of the metal atoms are Cu, Ag or Au, or where a metal or a ligand has no
        rule.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> gold = molecule_from_atoms(["Au", "Au", "Au"], [[0, 0, 0], [2.7, 0, 0], [1.35, 2.3, 0]])
    >>> count_electrons(build_cluster(bond_molecule(gold)), 1).value
    2
    """
    elements = cluster.molecule.elements
    return count_electrons_of_parts(
        Counter(elements[metal] for metal in cluster.metals),
        _collect(cluster.ligands),
        charge,
        hydrogens_known="H" in elements or "D" in elements,
    )


def count_electrons_of_parts(
    metals: Mapping[str, int],
    ligands: Sequence[CountedLigand],
    charge: int | None,
    *,
    hydrogens_known: bool = True,
) -> ElectronCount:
    """Count the superatom electrons of a composition without coordinates.

    Parameters
    ----------
    metals : mapping
        Number of atoms of each metal.
    ligands : sequence of CountedLigand
        The ligands by class.
    charge : int or None
        Charge, or None if it is not known.
    hydrogens_known : bool, optional
        Whether hydrides would be in the list if there were any.

    Returns
    -------
    ElectronCount
        As of :func:`count_electrons`.

    Examples
    --------
    >>> thiolates = CountedLigand(kind="thiolate", name="", count=18, electrons=1)
    >>> count_electrons_of_parts({"Au": 25}, [thiolates], -1).value
    8
    """
    reason = _find_obstacle(metals, ligands)
    if reason:
        return ElectronCount(
            value=None,
            at_zero_charge=None,
            charge=charge,
            terms=(),
            by_charge=(),
            reason=reason,
            findings=(),
        )
    terms = [_metal_term(symbol, metals[symbol]) for symbol in sorted(metals)]
    terms += [_ligand_term(ligand) for ligand in ligands]
    neutral = sum(term.total for term in terms)
    if charge is not None:
        terms.append(_charge_term(charge))
    return ElectronCount(
        value=None if charge is None else neutral - charge,
        at_zero_charge=neutral,
        charge=charge,
        terms=tuple(terms),
        by_charge=tuple(_charge_rows(neutral, charge)),
        reason="the charge is not known; see n* by charge" if charge is None else "",
        findings=check_electron_count(
            terms, metals, neutral, charge, magic=magic_numbers(), hydrogens_known=hydrogens_known
        ),
    )


def _find_obstacle(metals: Mapping[str, int], ligands: Sequence[CountedLigand]) -> str:
    """Return why the count does not apply, or an empty string."""
    total = sum(metals.values())
    coinage = sum(n for symbol, n in metals.items() if symbol in COINAGE)
    if not total or 2 * coinage < total:
        return f"{coinage} of {total} metal atoms are Cu, Ag or Au; the rule is for at least half"
    missing = sorted(symbol for symbol in metals if symbol not in _document()["metals"])
    if missing:
        return f"no rule for {', '.join(missing)} in a superatom"
    unknown = sorted({x.kind for x in ligands if find_counting_rule(x.kind) is None})
    if unknown:
        names = ", ".join("a ligand of no known class" if k == UNCLASSIFIED else k for k in unknown)
        return f"no rule for {names}"
    return ""


def _collect(ligands: Iterable[Ligand]) -> list[CountedLigand]:
    counts = Counter((x.kind, x.name, x.electrons) for x in ligands)
    order = sorted(counts, key=lambda row: (-abs(row[2]), row))
    return [
        CountedLigand(kind=kind, name=name, count=counts[kind, name, electrons], electrons=electrons)
        for kind, name, electrons in order
    ]


def _metal_term(symbol: str, count: int) -> Term:
    row = _document()["metals"][symbol]
    rule = CountingRule(text=row["text"], source=row["source"], derived=row.get("derived", False))
    return _term(symbol, count, row["electrons"], rule)


def _ligand_term(ligand: CountedLigand) -> Term:
    rule = find_counting_rule(ligand.kind, ligand.electrons)
    if rule is None:  # _find_obstacle has refused such ligands
        msg = f"no counting rule for ligand class {ligand.kind!r}"
        raise LookupError(msg)
    repeats = ligand.name and ligand.name != ligand.kind
    label = f"{ligand.kind} {ligand.name}" if repeats else ligand.kind
    return _term(label, ligand.count, -ligand.electrons, rule)


def _charge_term(charge: int) -> Term:
    rule = CountingRule(text="a positive charge removes electrons", source="walter2008")
    return _term("charge", 1, -charge, rule)


def _term(label: str, count: int, each: int, rule: CountingRule) -> Term:
    return Term(
        label=label,
        count=count,
        each=each,
        total=count * each,
        rule=rule.text,
        source=rule.source,
        derived=rule.derived,
    )


def _charge_rows(neutral: int, charge: int | None) -> Iterable[ChargeRow]:
    charges = set(CHARGES) | ({charge} if charge is not None else set())
    for z in sorted(charges):
        if neutral - z >= 0:
            yield ChargeRow(charge=z, count=neutral - z, magic=neutral - z in magic_numbers())
