"""How many superatom electrons does a formula have, without coordinates?

``[Au25(SC2H4Ph)18]-`` is read as metal atoms, ligands in parentheses and a charge; each ligand is
classified by its abbreviation or by how its formula is written.
"""

import functools
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from clustermodel.cluster.electron_count import CountedLigand, ElectronCount, count_electrons_of_parts
from clustermodel.cluster.formula_charge import split_charge
from clustermodel.cluster.ligand_classes import count_class_electrons
from clustermodel.cluster.ligand_names import named_ligands
from clustermodel.elements import COINAGE, HALOGENS, find_element, is_metal
from clustermodel.errors import InputError

__all__ = ["ClusterFormula", "count_electrons_of_formula", "read_cluster_formula"]

_BARE = {"S": "sulfide", "Se": "selenide", "Te": "telluride", "O": "oxide", "H": "hydride", "D": "hydride"}
_BARE |= dict.fromkeys(HALOGENS, "halide")
_PART = re.compile(r"(?P<element>[A-Z][a-z]?)(?P<count>\d*)")
_SIMPLER = str.maketrans("", "", " -=#≡·")
_EXAMPLE = "write ligands in parentheses and the charge after square brackets: [Au25(SC2H4Ph)18]-"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFormula:
    """A cluster formula taken apart.

    Parameters
    ----------
    text : str
        The formula as given.
    metals : dict of str to int
        Metal atoms.
    ligands : tuple of CountedLigand
        Ligands by class, with the electrons each takes.
    charge : int or None
        Charge; zero for a formula without square brackets, None for brackets without a charge.
    """

    text: str
    metals: dict[str, int]
    ligands: tuple[CountedLigand, ...]
    charge: int | None = field(metadata={"unit": "e"})


def count_electrons_of_formula(formula: str, *, charge: int | None = None) -> ElectronCount:
    """Count the superatom electrons of a cluster from its formula.

    Parameters
    ----------
    formula : str
        For example ``"[Au21(SAdm)12(PPh2py)3]+"``; see :func:`read_cluster_formula`.
    charge : int, optional
        Charge, where the formula has none.

    Returns
    -------
    ElectronCount
        As of :func:`~clustermodel.cluster.electron_count.count_electrons`.

    Raises
    ------
    InputError
        If the formula cannot be read, or if it states another charge.

    Examples
    --------
    >>> count_electrons_of_formula("[Au21(SAdm)12(PPh2py)3]+").value
    8
    """
    parts = read_cluster_formula(formula)
    stated = parts.charge if formula.strip().startswith("[") else (parts.charge or None)
    if charge is not None and stated is not None and stated != charge:
        msg = f"formula {formula!r} states charge {stated:+d}, but {charge:+d} was given; leave one out"
        raise InputError(msg)
    used = parts.charge if charge is None else charge
    return count_electrons_of_parts(parts.metals, parts.ligands, used)


def read_cluster_formula(formula: str) -> ClusterFormula:
    """Take a cluster formula apart.

    Parameters
    ----------
    formula : str
        Metals, bare halides, hydrogen and chalcogens, then ligands in parentheses; the charge
        after square brackets: ``"[Ag29(BDT)12]3-"``. Words after a blank are ignored:
        ``"Au38(SC2H4Ph)24 (Q)"``. Ligands are known by abbreviation (PET, dppm) or by how they
        are written (S..., P..., CCR, NHC). A dative ligand may have a letter for a count; it is
        left out, as it takes no electrons.

    Returns
    -------
    ClusterFormula
        Metals, ligands and charge.

    Raises
    ------
    InputError
        If a part cannot be read; the message shows which.

    Examples
    --------
    >>> parts = read_cluster_formula("[Au9Ag6(CCR)10(dppm)2Cl2]-")
    >>> parts.metals, parts.charge
    ({'Au': 9, 'Ag': 6}, -1)
    >>> [(ligand.kind, ligand.count) for ligand in parts.ligands]
    [('alkynyl', 10), ('diphosphine', 2), ('halide', 2)]
    """
    body, charge = split_charge(formula)
    reader = _FormulaReader(formula)
    reader.read(body.replace("@", ""), 1)
    if not reader.metals:
        reader.fail("no metal atom")
    return ClusterFormula(
        text=formula, metals=dict(reader.metals), ligands=reader.counted_ligands(), charge=charge
    )


class _FormulaReader:
    """Collects the metals and ligands of one formula."""

    def __init__(self, formula: str) -> None:
        self.formula = formula
        self.metals: Counter[str] = Counter()
        self.ligands: Counter[tuple[str, str]] = Counter()

    def fail(self, what: str) -> None:
        """Raise the error that names the formula and the trouble."""
        msg = f"formula {self.formula!r}: {what}; {_EXAMPLE}"
        raise InputError(msg)

    def read(self, body: str, times: int) -> None:
        """Read elements and groups of a formula without charge."""
        place, before = 0, ""
        while place < len(body):
            if body[place] in "([":
                place, before = self._read_group(body, place, times), ""
                continue
            match = _PART.match(body, place)
            if match is None or find_element(match["element"]) is None:
                self.fail(f"cannot read {body[place:]!r}: not an element and not in parentheses")
                return
            self._add_element(match["element"], int(match["count"] or 1) * times, before)
            before, place = match["element"], match.end()

    def _read_group(self, body: str, place: int, times: int) -> int:
        """Read the group that opens here; return where it ends, its count included."""
        close = _find_close(body, place)
        if close < 0:
            self.fail(f"parenthesis {body[place:]!r} is not closed")
        count = re.compile(r"\d*[a-z]?").match(body, close + 1)
        digits = count.group() if count else ""
        self._add_group(body[place + 1 : close], digits, times)
        return close + 1 + len(digits)

    def _add_element(self, symbol: str, count: int, before: str) -> None:
        if is_metal(symbol):
            self.metals[symbol] += count
        elif symbol in _BARE and not _makes_group(before, symbol):
            self.ligands[_BARE[symbol], symbol] += count
        else:
            self.fail(f"{before + symbol!r} without parentheses could be several things")

    def _add_group(self, text: str, digits: str, times: int) -> None:
        simple = text.translate(_SIMPLER)
        found = _find_ligand(simple)
        letter = bool(digits) and not digits.isdigit()
        if found is None:
            self._add_nested(text, digits, times)
        elif letter and (_neutral(found[0]) is False or len(digits) > 1):
            self.fail(f"the count {digits!r} of ({text}) is not a number")
        elif not letter:
            self.ligands[found] += int(digits or 1) * times

    def _add_nested(self, text: str, digits: str, times: int) -> None:
        """Read a group with a metal in it, (AuPPh3)6; its ligand may lack parentheses."""
        match = _PART.match(text)
        if match is None or not _is_metal_symbol(match["element"]) or (digits and not digits.isdigit()):
            self.fail(f"({text}) is not a ligand that is known; use its abbreviation or SR, PR3, L")
            return
        rest = text[match.end() :]
        ligand = rest if not rest or rest[0] in "([" else f"({rest})"
        self.read(match.group() + ligand, times * int(digits or 1))

    def counted_ligands(self) -> tuple[CountedLigand, ...]:
        """Return the ligands with the electrons each takes."""
        host = sum(self.metals[s] for s in COINAGE)
        gold = 2 * self.metals["Au"] > host
        return tuple(
            CountedLigand(kind=kind, name=name, count=count, electrons=_electrons(kind, gold=gold))
            for (kind, name), count in self.ligands.items()
        )


def _electrons(kind: str, *, gold: bool) -> int:
    if kind == "hydride":
        return -1 if gold else 1
    return count_class_electrons(kind) or 0


def _neutral(kind: str) -> bool:
    return count_class_electrons(kind) == 0


def _makes_group(before: str, symbol: str) -> bool:
    """Return whether two bare elements in a row could be meant as one ligand (SH, OH, SCl)."""
    if not before or _is_metal_symbol(before):
        return False
    pair = {before, symbol}
    return "O" in pair or (bool(pair & {"H", "D"}) and bool(pair & {"S", "Se", "Te"}))


def _is_metal_symbol(symbol: str) -> bool:
    return find_element(symbol) is not None and is_metal(symbol)


def _find_close(text: str, start: int) -> int:
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] in "([") - (text[place] in ")]")
        if depth == 0:
            return place
    return -1


@functools.cache
def _spellings() -> dict[str, tuple[str, str]]:
    """Return class and name by every spelling of a named ligand."""
    table: dict[str, tuple[str, str]] = {}
    for row in named_ligands():
        for spelling in (row.name, *row.also):
            table.setdefault(spelling.translate(_SIMPLER), (row.kind, row.name))
    return table


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row["kind"], re.compile(row["text"])) for row in _document()["pattern"])


@functools.cache
def _document() -> dict[str, Any]:
    text = resources.files("clustermodel.cluster").joinpath("ligand_names.toml").read_text("utf-8")
    return tomllib.loads(text)


def _find_ligand(text: str) -> tuple[str, str] | None:
    """Return class and name of a ligand as written in a formula, or None."""
    if text in _spellings():
        return _spellings()[text]
    if text in _document()["neutral"]:
        return "dative ligand", text
    return next(((kind, text) for kind, pattern in _patterns() if pattern.fullmatch(text)), None)
