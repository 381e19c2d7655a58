"""Which class of ligand does a donor atom make? The first fitting row of a table decides."""

import functools
import tomllib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from clustermodel.cluster.ligand_environment import LigandEnvironment
from clustermodel.cluster.ligand_shapes import (
    FEATURES,
    find_amidine_carbon,
    find_five_ring,
    find_pi_chain,
    find_vinylogous_carbon,
)

__all__ = [
    "CONDITIONS",
    "GROUPS",
    "CountingRule",
    "LigandClass",
    "classify_donor",
    "count_class_electrons",
    "find_counting_rule",
    "find_group",
    "ligand_classes",
    "name_multiple",
]

# Several groups in one ligand: diphosphine and triamine, but bis-NHC and bis-azole (a diazole is one ring).
_PREFIXES = {2: "di", 3: "tri", 4: "tetra", 5: "penta", 6: "hexa"}
_OTHER_PREFIXES = {2: "bis-", 3: "tris-", 4: "tetrakis-"}
_PLAIN = frozenset(
    {
        "thiolate", "selenolate", "tellurolate", "phosphine", "arsine", "stibine", "carboxylate", "alkynyl",
        "isocyanide", "amine", "pyridyl", "nitrile", "thioether", "alkoxide", "aryl", "alkyl", "carbene",
    }
)  # fmt: skip
_MOST_GROUPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingRule:
    """Why a ligand takes the electrons it is said to take.

    Parameters
    ----------
    text : str
        The rule in words.
    source : str
        Key of the literature source.
    derived : bool
        True if the rule follows from others or from compositions and is not stated in a source.
    """

    text: str
    source: str
    derived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LigandClass:
    """One row of the table of ligand classes.

    Parameters
    ----------
    kinds : mapping
        Name of the class by donor element; ``""`` for any element.
    electrons : int or None
        Electrons one group takes from the metal core; None if no rule is known.
    rule : str
        Key of the counting rule.
    group : str
        What counts once: the donor atom, its neighbour, a ring, a pair, a chain, the ligand.
    contact : bool
        True for weak contacts.
    ambiguous : str
        Why the row may be wrong; empty if it is clear.
    conditions : tuple of (str, object)
        What must hold.
    rank : int
        Position in the table.
    """

    kinds: Mapping[str, str]
    electrons: int | None
    rule: str
    group: str
    contact: bool
    ambiguous: str
    conditions: tuple[tuple[str, Any], ...]
    rank: int

    def kind(self, element: str) -> str:
        """Return the name of the class for one donor element.

        Parameters
        ----------
        element : str
            Symbol of the donor.

        Returns
        -------
        str
            For example ``"selenolate"``.
        """
        return self.kinds.get(element) or self.kinds.get("") or next(iter(self.kinds.values()))


_Condition = Callable[[LigandEnvironment, int, Any], bool]


def _hub_has(env: LigandEnvironment, atom: int, elements: list[str]) -> bool:
    hub = env.hub(atom)
    if hub is None:
        return False
    bare = set(env.terminals(hub)) | {atom}
    return any(env.elements[n] in elements for n in env.heavy[hub] if n not in bare)


def _hub_degree(env: LigandEnvironment, atom: int, degrees: list[int]) -> bool:
    hub = env.hub(atom)
    return hub is not None and env.degree(hub) in degrees


def _terminals(env: LigandEnvironment, atom: int, counts: list[int]) -> bool:
    hub = env.hub(atom)
    return hub is not None and env.hydrogens[atom] == 0 and len(env.terminals(hub)) in counts


def _terminal_has(env: LigandEnvironment, atom: int, elements: list[str]) -> bool:
    hub = env.hub(atom)
    return hub is not None and any(env.elements[n] in elements for n in env.terminals(hub) if n != atom)


CONDITIONS: dict[str, _Condition] = {
    "donor": lambda env, atom, elements: env.elements[atom] in elements,
    "neighbors": lambda env, atom, allowed: env.signature(atom) in allowed,
    "degree": lambda env, atom, allowed: env.degree(atom) in allowed,
    "hydrogens": lambda env, atom, allowed: env.hydrogens[atom] in allowed,
    "known": lambda env, atom, wanted: env.hydrogens_known(atom) == wanted,
    "bridges": lambda env, atom, allowed: len(env.metals[atom]) in allowed,
    "heavy": lambda env, atom, allowed: env.heavy_formula(atom) in allowed,
    "hub_degree": _hub_degree,
    "hub_has": _hub_has,
    "terminals": _terminals,
    "terminal_has": _terminal_has,
    "features": lambda env, atom, names: all(FEATURES[name](env, atom) for name in names),
}

GROUPS: dict[str, Callable[[LigandEnvironment, int], Hashable]] = {
    "atom": lambda _, atom: atom,
    "hub": lambda env, atom: env.hub(atom),
    "ring": lambda env, atom: min(find_five_ring(env, atom) or env.rings(atom)[0]),
    "pair": lambda env, atom: min(find_pi_chain(env, atom), default=atom),
    "chain": lambda env, atom: min(find_pi_chain(env, atom), default=atom),
    "amidine": find_amidine_carbon,
    "vinylogous": find_vinylogous_carbon,
    "phosphorus": lambda env, atom: atom if env.elements[atom] == "P" else env.hub(atom),
    "ligand": lambda env, atom: env.ligand_of(atom)[0],
}

_ROW_WORDS = frozenset({"kind", "electrons", "rule", "group", "contact", "ambiguous"})


@functools.cache
def _document() -> dict[str, Any]:
    text = resources.files("clustermodel.cluster").joinpath("ligand_classes.toml").read_text("utf-8")
    return tomllib.loads(text)


@functools.cache
def ligand_classes() -> tuple[LigandClass, ...]:
    """Return the rows of the table of ligand classes.

    Returns
    -------
    tuple of LigandClass
        In the order in which they are tried.

    Examples
    --------
    >>> ligand_classes()[0].kind("S")
    'thiocyanate'
    """
    return tuple(_read_row(rank, row) for rank, row in enumerate(_document()["class"]))


def _read_row(rank: int, row: dict[str, Any]) -> LigandClass:
    kind = row["kind"]
    return LigandClass(
        kinds=kind if isinstance(kind, dict) else {"": kind},
        electrons=row.get("electrons"),
        rule=row["rule"],
        group=row.get("group", "atom"),
        contact=row.get("contact", False),
        ambiguous=row.get("ambiguous", ""),
        conditions=tuple((word, value) for word, value in row.items() if word not in _ROW_WORDS),
        rank=rank,
    )


@functools.cache
def _rows_for(element: str) -> tuple[LigandClass, ...]:
    return tuple(row for row in ligand_classes() if element in dict(row.conditions)["donor"])


def classify_donor(env: LigandEnvironment, atom: int) -> LigandClass | None:
    """Find the class of the group that a donor atom belongs to.

    Parameters
    ----------
    env : LigandEnvironment
        The molecule.
    atom : int
        An atom bonded to a core metal.

    Returns
    -------
    LigandClass or None
        The first fitting row; None if no class is known.
    """
    return next((row for row in _rows_for(env.elements[atom]) if _fits(env, atom, row)), None)


def _fits(env: LigandEnvironment, atom: int, row: LigandClass) -> bool:
    return all(CONDITIONS[word](env, atom, value) for word, value in row.conditions)


def find_group(env: LigandEnvironment, atom: int, row: LigandClass) -> Hashable:
    """Return what an atom's group is counted by: atoms of one group return the same.

    Parameters
    ----------
    env : LigandEnvironment
        The molecule.
    atom : int
        A donor atom.
    row : LigandClass
        Its class.

    Returns
    -------
    hashable
        A key, unique within the ligand and class.
    """
    return GROUPS[row.group](env, atom)


def name_multiple(kind: str, count: int) -> str:
    """Return the class of a ligand that binds through several groups of one kind.

    Parameters
    ----------
    kind : str
        Class of one group.
    count : int
        Number of groups.

    Returns
    -------
    str
        For example ``"diphosphine"`` or ``"bis-NHC"``.

    Examples
    --------
    >>> name_multiple("phosphine", 2), name_multiple("NHC", 2), name_multiple("thiolate", 1)
    ('diphosphine', 'bis-NHC', 'thiolate')
    """
    if count == 1:
        return kind
    prefixes = _PREFIXES if kind in _PLAIN else _OTHER_PREFIXES
    return prefixes.get(count, f"{count}-") + kind


@functools.cache
def _rows_by_kind() -> dict[str, tuple[tuple[LigandClass, int], ...]]:
    """Return the rows, with the number of groups, that a class of ligand can stand for."""
    found: dict[str, tuple[tuple[LigandClass, int], ...]] = {}
    for row in ligand_classes():
        for name in set(row.kinds.values()):
            for count in range(1, _MOST_GROUPS + 1):
                kind = name_multiple(name, count)
                found[kind] = (*found.get(kind, ()), (row, count))
    return found


def count_class_electrons(kind: str) -> int | None:
    """Return how many electrons a ligand of a class takes from the metal core.

    Parameters
    ----------
    kind : str
        Class of a ligand, several groups included.

    Returns
    -------
    int or None
        None if the class or its rule is not known.

    Examples
    --------
    >>> count_class_electrons("thiolate"), count_class_electrons("dithiolate")
    (1, 2)
    >>> count_class_electrons("bis-NHC")
    0
    """
    rows = _rows_by_kind().get(kind)
    if not rows or rows[0][0].electrons is None:
        return None
    row, count = rows[0]
    return (row.electrons or 0) * count


def find_counting_rule(kind: str, electrons: int | None = None) -> CountingRule | None:
    """Return the counting rule of a ligand class, several groups included.

    Parameters
    ----------
    kind : str
        Class of a ligand, such as ``"diphosphine"`` or ``"thiolate+carboxylate"``.
    electrons : int, optional
        Electrons it takes; tells apart the rows of a class with several rules (hydride).

    Returns
    -------
    CountingRule or None
        None if the class is not in the table or has no rule. Of a ligand with groups of
        several classes the rule of the first.

    Examples
    --------
    >>> find_counting_rule("diphosphine").text
    'a dative ligand takes and gives none'
    """
    rows = _rows_by_kind().get(kind.split("+", maxsplit=1)[0], ())
    counted = [row for row, _ in rows if row.electrons is not None]
    if not counted:
        return None
    row = next((row for row in counted if row.electrons == electrons), counted[0])
    return CountingRule(**_document()["rules"][row.rule])
