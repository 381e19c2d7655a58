"""What does an abbreviation stand for? Ligands and pieces of ligands as numbers of atoms."""

import difflib
import functools
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple

from clustermodel.cluster.ligand_names import named_ligands
from clustermodel.elements import find_element
from clustermodel.errors import InputError

__all__ = ["Adduct", "Meaning", "Shorthand", "find_close", "read_shorthand"]

Meaning = Literal["group", "element"]

_SIMPLER = str.maketrans("", "", " -=#≡·")
_NUMBER = re.compile(r"\d*")
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adduct:
    """What a mass spectrometer adds to a cluster.

    Parameters
    ----------
    formula : str
        Its atoms.
    charge : int
        Charge of the free ion.
    """

    formula: str
    charge: int = field(metadata={"unit": "e"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shorthand:
    """A dictionary of abbreviations.

    Parameters
    ----------
    ligands : mapping of str to str
        Formulas of whole ligands, molecules and ions by name.
    groups : mapping of str to str
        Formulas of pieces of ligands by name.
    adducts : mapping of str to Adduct
        What a mass spectrometer adds, by name.
    own : frozenset of str
        Names that the user defined; they go before elements and built-in names.
    """

    ligands: Mapping[str, str]
    groups: Mapping[str, str]
    adducts: Mapping[str, Adduct]
    own: frozenset[str]

    def expand(self, text: str, prefer: Meaning = "group") -> Counter[str] | None:
        """Return the atoms of a ligand, molecule or formula.

        Parameters
        ----------
        text : str
            For example ``"AdmS"``, ``"PPh2py"``, ``"PET"``, ``"CH3OH"``.
        prefer : {"group", "element"}, optional
            Meaning of a symbol that has two: ``Pr`` is propyl in parentheses and praseodymium outside.

        Returns
        -------
        Counter or None
            Number of atoms by element; None if a piece of the text is unknown.

        Examples
        --------
        >>> sorted(read_shorthand().expand("PPh2py").items())
        [('C', 17), ('H', 14), ('N', 1), ('P', 1)]
        >>> read_shorthand().expand("SR") is None
        True
        """
        return self._expand(text, prefer, frozenset())

    def _expand(self, text: str, prefer: Meaning, within: frozenset[str]) -> Counter[str] | None:
        """Expand a text inside of the named texts `within`, which may not name themselves."""
        simple = text.translate(_SIMPLER)
        if text in self.own and text in self._molecules() and text not in within:
            return self._expand(self._molecules()[text], "group", within | {text})
        if simple in _named():
            return Counter(_named()[simple])
        if text in self._molecules() and text not in within:
            return self._expand(self._molecules()[text], "group", within | {text})
        return self._expand_pieces(simple, prefer, within)

    def _expand_pieces(self, text: str, prefer: Meaning, within: frozenset[str]) -> Counter[str] | None:
        """Expand elements, groups and nested parentheses."""
        total: Counter[str] = Counter()
        place = 0
        while place < len(text):
            if text[place] in _OPENING:
                close = find_close(text, place)
                inner = self._expand(text[place + 1 : close], "group", within) if close > 0 else None
                place = close + 1
            else:
                name = self._find_piece(text, place, within)
                inner = self._expand_piece(name, prefer, within) if name else None
                place += len(name)
            if inner is None:
                return None
            count = _NUMBER.match(text, place)
            digits = count.group() if count else ""
            place += len(digits)
            total.update({symbol: n * int(digits or 1) for symbol, n in inner.items()})
        return total if text else None

    def _find_piece(self, text: str, place: int, within: frozenset[str]) -> str:
        """Return the longest name that stands here; the user's go first."""
        groups = [n for n in self.groups if n not in within and text.startswith(n, place)]
        own = [name for name in groups if name in self.own]
        elements = [s for s in (text[place : place + 2], text[place : place + 1]) if find_element(s)]
        return max(own or groups + elements, key=len, default="")

    def _expand_piece(self, name: str, prefer: Meaning, within: frozenset[str]) -> Counter[str] | None:
        as_group = prefer == "group" or name in self.own or find_element(name) is None
        if as_group and name in self.groups and name not in within:
            return self._expand(self.groups[name], "group", within | {name})
        return Counter([name])

    def _molecules(self) -> dict[str, str]:
        """Return the formulas of ligands and adducts by name."""
        return {**{name: adduct.formula for name, adduct in self.adducts.items()}, **self.ligands}

    def is_named(self, text: str) -> bool:
        """Return whether a text has an entry as a whole, so that it is not read piece by piece.

        Parameters
        ----------
        text : str
            Name of a ligand, a molecule or an adduct.

        Returns
        -------
        bool
            True for an entry.
        """
        return text in self._molecules() or text.translate(_SIMPLER) in _named()

    def find_adduct(self, atoms: Mapping[str, int]) -> Adduct | None:
        """Return the adduct with these atoms, or None.

        Parameters
        ----------
        atoms : mapping of str to int
            Number of atoms by element.

        Returns
        -------
        Adduct or None
            The first entry.

        Examples
        --------
        >>> read_shorthand().find_adduct({"C": 1, "H": 4, "O": 1}).charge
        0
        """
        return next((a for a in self.adducts.values() if self.expand(a.formula) == Counter(atoms)), None)

    def suggest(self, text: str) -> tuple[str, ...]:
        """Return known names that look like an unknown one.

        Parameters
        ----------
        text : str
            The unknown name.

        Returns
        -------
        tuple of str
            At most three names.

        Examples
        --------
        >>> read_shorthand().suggest("PPh2Py3")
        ('PPh2py', 'PPh3', 'PPh2')
        """
        names = [row.name for row in named_ligands()] + [*self.ligands, *self.adducts, *self.groups]
        return tuple(difflib.get_close_matches(text, names, n=3, cutoff=0.7))


def read_shorthand(path: str | Path | None = None, extra: Mapping[str, str] | None = None) -> Shorthand:
    """Read the built-in dictionary and, before it, names of the user.

    Parameters
    ----------
    path : str or Path, optional
        TOML file with the tables ``[ligands]`` and ``[groups]`` of lines ``SR = "SC8H9"`` and
        ``[adducts]`` of lines ``Rb = { formula = "Rb", charge = 1 }``.
    extra : mapping of str to str, optional
        Formulas of further ligands by name; they go before the file.

    Returns
    -------
    Shorthand
        The dictionary.

    Raises
    ------
    InputError
        If the file cannot be read, has another layout, or a formula in it cannot be expanded.

    Examples
    --------
    >>> dict(read_shorthand(extra={"SR": "SCH2Cy"}).expand("SR"))
    {'S': 1, 'C': 7, 'H': 13}
    """
    builtin = _read_builtin()
    user = _read_file(Path(path)) if path is not None else _Tables({}, {}, {})
    ligands = {**user.ligands, **(extra or {})}
    shorthand = Shorthand(
        ligands={**builtin.ligands, **ligands},
        groups={**builtin.groups, **user.groups},
        adducts={**builtin.adducts, **user.adducts},
        own=frozenset(ligands) | frozenset(user.groups) | frozenset(user.adducts),
    )
    formulas = {**user.groups, **{n: a.formula for n, a in user.adducts.items()}, **ligands}
    for name, formula in formulas.items():
        if not name or shorthand.expand(formula) is None:
            where = f"{path}: " if path is not None and name not in (extra or {}) else ""
            msg = f"{where}{name!r} = {formula!r} is not a formula; expected for example C10H15S"
            raise InputError(msg)
    return shorthand


def find_close(text: str, start: int) -> int:
    """Return where the parenthesis that opens at `start` closes, or -1.

    Parameters
    ----------
    text : str
        A formula.
    start : int
        Place of the opening parenthesis.

    Returns
    -------
    int
        Place of the closing one.

    Examples
    --------
    >>> find_close("P(C6H4(Me))3", 1)
    10
    """
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] in _OPENING) - (text[place] in _CLOSING)
        if depth == 0:
            return place
    return -1


class _Tables(NamedTuple):
    ligands: dict[str, str]
    groups: dict[str, str]
    adducts: dict[str, Adduct]


@functools.cache
def _read_builtin() -> _Tables:
    text = resources.files("clustermodel.massspec").joinpath("shorthand.toml").read_text("utf-8")
    return _read_tables(tomllib.loads(text), "shorthand.toml")


def _read_file(path: Path) -> _Tables:
    try:
        return _read_tables(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); check the name of the file"
        raise InputError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f'{path}: is no TOML ({error}); expected tables such as [ligands] with lines SR = "SC8H9"'
        raise InputError(msg) from error


def _read_tables(tables: dict[str, Any], source: str) -> _Tables:
    try:
        unknown = set(tables) - {"ligands", "groups", "adducts"}
        texts = [
            {str(k): _check_text(v) for k, v in tables.get(t, {}).items()} for t in ("ligands", "groups")
        ]
        adducts = {
            str(name): Adduct(formula=_check_text(row["formula"]), charge=int(row["charge"]))
            for name, row in tables.get("adducts", {}).items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        msg = (
            f'{source}: found another layout; expected [ligands] and [groups] with lines SR = "SC8H9", '
            '[adducts] with lines Rb = { formula = "Rb", charge = 1 }'
        )
        raise InputError(msg) from error
    if unknown:
        msg = f"{source}: found table {min(unknown)!r}; expected ligands, groups or adducts"
        raise InputError(msg)
    return _Tables(texts[0], texts[1], adducts)


def _check_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


@functools.cache
def _named() -> dict[str, Counter[str]]:
    """Return the atoms of every spelling of a named ligand."""
    table: dict[str, Counter[str]] = {}
    for row in named_ligands():
        for spelling in (row.name, *row.also):
            skeleton = row.skeleton
            atoms = Counter(skeleton.elements)
            atoms.update({"H": skeleton.hydrogens} if skeleton.hydrogens else {})
            table.setdefault(spelling.translate(_SIMPLER), atoms)
    return table
