"""Which atoms and which charge has this ion? ``[Au22(AdmS)12(PPh2py)4]2+`` taken apart."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from clustermodel.cluster.formula_charge import split_charge
from clustermodel.cluster.formula_count import read_cluster_formula
from clustermodel.elements import find_element, format_formula, is_metal
from clustermodel.errors import ClusterModelError, InputError
from clustermodel.massspec.shorthand import Shorthand, find_close, read_shorthand

__all__ = ["IonFormula", "IonPart", "build_ion", "format_ion", "read_ion", "sum_atoms"]

_ITEM = re.compile(r"(?P<element>[A-Z][a-z]?)(?P<count>\d*)")
_COUNT = re.compile(r"\d*")
_INNER_CHARGE = re.compile(r"(?<=.)(\d*[-+]|[-+]\d*)$")
_AMBIGUOUS = {"Pr": "propyl", "Ac": "acetyl"}  # elements that clusters hardly contain and ligands often do


@dataclass(frozen=True, slots=True, kw_only=True)
class IonPart:
    """One part of an ion: a kind of atom, or a ligand in parentheses.

    Parameters
    ----------
    text : str
        As written, without count and parentheses.
    count : int
        How many; negative for what was lost.
    atoms : dict of str to int
        Atoms of one.
    is_group : bool
        True for a ligand, an adduct or a molecule, False for a bare atom.
    adduct_charge : int or None
        Charge of the free ion for what was added after a plus sign or lost after a minus sign; None for the
        cluster itself and for a fragment whose charge is not known.
    """

    text: str
    count: int = field(metadata={"unit": ""})
    atoms: dict[str, int]
    is_group: bool
    adduct_charge: int | None = field(default=None, metadata={"unit": "e"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IonFormula:
    """The composition and the charge of an ion.

    Parameters
    ----------
    text : str
        The notation as given, or one made for a composition.
    parts : tuple of IonPart
        What it is made of.
    atoms : dict of str to int
        Atoms of the whole ion.
    charge : int
        Charge.
    notes : tuple of str
        What a reader should check.
    """

    text: str
    parts: tuple[IonPart, ...]
    atoms: dict[str, int]
    charge: int = field(metadata={"unit": "e"})
    notes: tuple[str, ...] = ()

    @property
    def formula(self) -> str:
        """Sum formula in Hill order."""
        return format_formula({symbol: float(n) for symbol, n in self.atoms.items()})


def read_ion(text: str, *, charge: int | None = None, shorthand: Shorthand | None = None) -> IonFormula:
    """Take the notation of an ion apart.

    Parameters
    ----------
    text : str
        Elements and, in parentheses, ligands as formulas or abbreviations; the charge after square
        brackets. Adducts and losses may stand in parentheses or after ``+`` and ``-`` inside of the brackets:
        ``"[Au21(AdmS)12(PPh2py)3(CH3OH)Cs]2+"``, ``"[Au25(PET)18 + 2Cs]+"``, ``"[Au25(PET)18 - PET]+"``.
    charge : int, optional
        Charge, where the notation has none.
    shorthand : Shorthand, optional
        Dictionary of abbreviations; the built-in one if left out.

    Returns
    -------
    IonFormula
        Parts, atoms and charge.

    Raises
    ------
    InputError
        If a part is unknown, the charge is missing, zero or contradictory, or more atoms are lost than
        there are.

    Examples
    --------
    >>> ion = read_ion("[Au21(AdmS)12(PPh2py)3(CH3OH)Cs]2+")
    >>> ion.formula, ion.charge
    ('C172H226Au21CsN3OP3S12', 2)
    """
    plain = unicodedata.normalize("NFKC", text)  # superscript and subscript digits become digits
    body, stated = split_charge(plain)
    bracketed = plain.strip().startswith("[")
    used = _choose_charge(text, charge, stated if bracketed or stated else None)
    reader = _PartReader(text, shorthand or read_shorthand())
    reader.read(body)
    parts = tuple(reader.parts)
    atoms = sum_atoms(parts)
    if not atoms or min(atoms.values()) < 0:
        lost = ", ".join(f"{n} {symbol}" for symbol, n in atoms.items() if n < 0) or "no atom"
        msg = f"ion {text!r}: its atoms add up to {lost}; write what is there, and lose no more than that"
        raise InputError(msg)
    return IonFormula(
        text=text, parts=parts, atoms=atoms, charge=used, notes=tuple(dict.fromkeys(reader.notes))
    )


def build_ion(atoms: Mapping[str, int], charge: int, *, text: str = "") -> IonFormula:
    """Make an ion from numbers of atoms, as a structure has them.

    Parameters
    ----------
    atoms : mapping of str to int
        Number of atoms by element.
    charge : int
        Charge, not zero.
    text : str, optional
        What to call it; the sum formula if left out.

    Returns
    -------
    IonFormula
        The ion.

    Raises
    ------
    InputError
        If the charge is zero, an element is unknown or a number is negative.

    Examples
    --------
    >>> build_ion({"Au": 1, "P": 2, "C": 36, "H": 30}, 1).text
    '[C36H30AuP2]+'
    """
    wrong = [symbol for symbol, n in atoms.items() if find_element(symbol) is None or n < 0]
    if wrong or not any(atoms.values()):
        msg = f"composition {dict(atoms)}: expected elements with numbers of atoms that are not negative"
        raise InputError(msg)
    kept = {symbol: int(n) for symbol, n in atoms.items() if n}
    parts = tuple(IonPart(text=s, count=n, atoms={s: 1}, is_group=False) for s, n in kept.items())
    formula = format_formula({s: float(n) for s, n in kept.items()})
    name = text or f"[{formula}]{_format_charge(charge)}"
    return IonFormula(text=name, parts=parts, atoms=kept, charge=_choose_charge(name, charge, None))


def format_ion(parts: tuple[IonPart, ...], charge: int) -> str:
    """Write the notation of an ion.

    Parameters
    ----------
    parts : tuple of IonPart
        Its parts.
    charge : int
        Its charge.

    Returns
    -------
    str
        What :func:`read_ion` reads back.

    Examples
    --------
    >>> ion = read_ion("[Au25(PET)18 + 2Cs]+")
    >>> format_ion(ion.parts, ion.charge)
    '[Au25(PET)18 + 2Cs]+'
    """
    cluster = "".join(_format_part(p, p.count) for p in parts if p.count > 0 and p.adduct_charge is None)
    others = [part for part in parts if part.count < 0 or part.adduct_charge is not None]
    terms = [("- " if p.count < 0 else "+ ") + _format_term(p, abs(p.count)) for p in others]
    return f"[{' '.join([cluster, *terms])}]{_format_charge(charge)}"


def sum_atoms(parts: tuple[IonPart, ...]) -> dict[str, int]:
    """Add up the atoms of the parts of an ion.

    Parameters
    ----------
    parts : tuple of IonPart
        The parts.

    Returns
    -------
    dict of str to int
        Number of atoms by element; negative where more is lost than there was.
    """
    total: Counter[str] = Counter()
    for part in parts:
        total.update({symbol: n * part.count for symbol, n in part.atoms.items()})
    return {symbol: n for symbol, n in total.items() if n}


class _PartReader:
    """Collects the parts of one notation."""

    def __init__(self, text: str, shorthand: Shorthand) -> None:
        self.text = text
        self.shorthand = shorthand
        self.parts: list[IonPart] = []
        self.notes: list[str] = []

    def fail(self, piece: str) -> None:
        """Raise the error that names the piece and what it could have been."""
        names = self.shorthand.suggest(piece)
        hint = f" (did you mean {' or '.join(names)}?)" if names else ""
        msg = (
            f"ion {self.text!r}: {piece!r} is neither a formula nor a known abbreviation{hint}; "
            f"define it, for example --ligand {piece or 'SR'}=C10H15S"
        )
        raise InputError(msg)

    def read(self, body: str) -> None:
        """Read terms joined by plus and minus."""
        for number, (sign, times, text) in enumerate(_split_terms(body)):
            if times and not number:
                msg = f"ion {self.text!r} begins with the number {times}; isotopes cannot be named, except D"
                raise InputError(msg)
            factor = int(times or 1) * (-1 if sign == "-" else 1)
            clean = _INNER_CHARGE.sub("", text)  # Cs+ inside of the brackets; the charge of the ion counts
            whole = None if _has_opening(clean) else self.shorthand.expand(clean, "element")
            adduct = self._find_adduct_charge(clean, whole) if number and whole is not None else None
            by_name = adduct is not None or self.shorthand.is_named(clean) or not _is_elements(clean)
            if whole is not None and by_name:
                self._add(clean, factor, whole, adduct)
            else:
                self._read_items(clean, factor)

    def _find_adduct_charge(self, text: str, atoms: Counter[str]) -> int | None:
        """Return the charge of an adduct; a ligand that is lost keeps its class instead."""
        adduct = self.shorthand.find_adduct(atoms)
        if adduct is not None:
            return adduct.charge
        neutral = not any(is_metal(symbol) for symbol in atoms) and _count_electrons(atoms) % 2 == 0
        return 0 if neutral and not self.shorthand.is_named(text) else None

    def _read_items(self, text: str, factor: int) -> None:
        place = 0
        while place < len(text):
            if text[place] in "([{":
                place = self._read_group(text, place, factor)
                continue
            match = _ITEM.match(text, place)
            if match is None or find_element(match["element"]) is None:
                self.fail(text[place:])
                return
            count = int(match["count"] or 1)
            self._add(match["element"], factor * count, Counter([match["element"]]))
            place = match.end()

    def _read_group(self, text: str, place: int, factor: int) -> int:
        """Read the group that opens here; return where it ends, its count included."""
        close = find_close(text, place)
        if close < 0:
            msg = f"ion {self.text!r}: parenthesis {text[place:]!r} is not closed"
            raise InputError(msg)
        inner = _INNER_CHARGE.sub("", text[place + 1 : close])
        atoms = self.shorthand.expand(inner)
        if atoms is None:
            self.fail(inner)
            return close
        if not self.shorthand.is_named(inner):
            self.notes += _check_parity(inner, atoms)
        count = _COUNT.match(text, close + 1)
        digits = count.group() if count else ""
        self._add(inner, factor * int(digits or 1), atoms, grouped=True)
        return close + 1 + len(digits)

    def _add(
        self, text: str, count: int, atoms: Counter[str], adduct: int | None = None, *, grouped: bool = False
    ) -> None:
        if not count:
            return
        is_group = grouped or atoms.total() > 1
        part = IonPart(text=text, count=count, atoms=dict(atoms), is_group=is_group, adduct_charge=adduct)
        self.parts.append(part)
        if not is_group and adduct is None and text in _AMBIGUOUS:
            self.notes.append(
                f"{text} is read as the element; write {_AMBIGUOUS[text]} inside of parentheses"
            )


def _split_terms(body: str) -> list[tuple[str, str, str]]:
    """Return sign, number and text of each term; signs inside of parentheses stay."""
    terms, depth, start = [], 0, 0
    marks = [
        place
        for place, letter in enumerate(body)
        if (depth := depth + (letter in "([{") - (letter in ")]}")) == 0 and letter in "+-·*" and place
    ]
    for place in [*marks, len(body)]:
        match = re.match(r"\s*(?P<sign>[-+·*]?)\s*(?P<times>\d*)(?P<text>.*?)\s*$", body[start:place])
        if match and match["text"]:
            terms.append((match["sign"], match["times"], match["text"].replace(" ", "")))
        start = place
    return terms


def _has_opening(text: str) -> bool:
    return any(mark in text for mark in "([{")


def _choose_charge(text: str, given: int | None, stated: int | None) -> int:
    if given is not None and stated is not None and given != stated:
        msg = f"ion {text!r} states charge {stated:+d}, but {given:+d} was given; leave one out"
        raise InputError(msg)
    charge = given if stated is None else stated
    if not charge:
        found = "no charge" if charge is None else "charge 0"
        msg = f"ion {text!r} has {found}; write it after square brackets, [...]2+, or give --charge"
        raise InputError(msg)
    return charge


def _is_elements(text: str) -> bool:
    """Return whether a text is nothing but element symbols and counts."""
    known = all(find_element(match["element"]) is not None for match in _ITEM.finditer(text))
    return known and not _ITEM.sub("", text)


def _count_electrons(atoms: Mapping[str, int]) -> int:
    """Return the number of all electrons of neutral atoms."""
    rows = ((find_element(symbol), n) for symbol, n in atoms.items())
    return sum(row.number * n for row, n in rows if row is not None)


def _check_parity(text: str, atoms: Counter[str]) -> list[str]:
    """Compare the number of electrons of a ligand with its class: a thiolate radical has an odd one.

    A wrong number of hydrogen atoms shows here: (SPhBr) spelled out is C6H5BrS, the radical is C6H4BrS.
    """
    try:
        ligands = read_cluster_formula(f"Au({text})").ligands
    except ClusterModelError:
        return []
    electrons = _count_electrons(atoms)
    if len(ligands) != 1 or (electrons - ligands[0].electrons) % 2 == 0:
        return []
    formula, parity = (
        format_formula({s: float(n) for s, n in atoms.items()}),
        "odd" if electrons % 2 else "even",
    )
    kind = ligands[0].kind
    return [f"({text}) is read as {formula}, whose number of electrons is {parity}, unlike that of a {kind}"]


def _format_part(part: IonPart, count: int) -> str:
    return f"{f'({part.text})' if part.is_group else part.text}{count if count != 1 else ''}"


def _format_term(part: IonPart, count: int) -> str:
    return f"{count if count > 1 else ''}{part.text}"


def _format_charge(charge: int) -> str:
    return f"{abs(charge) if abs(charge) > 1 else ''}{'+' if charge > 0 else '-'}"
