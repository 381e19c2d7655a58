"""What do the authors say is in the crystal? The text of ``_chemical_formula_moiety`` in parts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from clustermodel.elements import find_element, format_formula

__all__ = ["MoietyPart", "parse_formula", "read_moiety"]

_OPENING, _CLOSING = "([{", ")]}"
_DASHES = str.maketrans({"−": "-", "–": "-", "—": "-", "⁻": "-", "⁺": "+"})
_TOKEN = re.compile(r"([A-Z][a-z]?)\s*(\d+(?:\.\d+)?|\.\d+)?|([(\[{])|([)\]}])\s*(\d+(?:\.\d+)?)?|\s+")
_MULTIPLIER = re.compile(r"(\d+(?:\.\d+)?|\.\d+|[nmxyz](?=[\s(\[{]))\s*")
_CHARGE = re.compile(r"(?P<gap>^|\s|[)\]}])(?P<charge>\d*\s*[+-]|[+-]\s*\d+)\s*$")
_GLUED = re.compile(r"(?P<charge>[+-])\s*$")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MoietyPart:
    """One part of a declared moiety formula.

    Parameters
    ----------
    text : str
        The part as written.
    counts : dict of str to float, or None
        Atoms of one unit; None where the text is no formula.
    multiplier : float or None
        Number of units; None for letters such as ``n``.
    charge : int or None
        Charge of one unit in elementary charges; None where none is written.
    """

    text: str
    counts: dict[str, float] | None = field(metadata={"unit": "1"})
    multiplier: float | None = field(metadata={"unit": "1"})
    charge: int | None = field(metadata={"unit": "e"})

    @property
    def heavy_formula(self) -> str:
        """Hill formula of one unit without hydrogen; empty where the text is no formula."""
        return format_formula({s: n for s, n in (self.counts or {}).items() if s not in ("H", "D")})

    @property
    def formula(self) -> str:
        """Hill formula of one unit; empty where the text is no formula."""
        return format_formula(self.counts or {})


def read_moiety(text: str) -> tuple[MoietyPart, ...]:
    """Read the text of ``_chemical_formula_moiety``.

    Parts stand between commas, each with an optional multiplier before it (``2(C4 H12 N 1+)``,
    ``3Cl -``) or behind its brackets (``(K 1+)6``) and an optional charge at its end (``1-``,
    ``2+``, ``+``, ``+2``, inside or behind the brackets). Nothing is guessed: text that is no
    formula gives a part without counts, and a sign directly behind a digit (``S2-``) no charge.

    Parameters
    ----------
    text : str
        The declared moiety; ``?`` and ``.`` give no parts.

    Returns
    -------
    tuple of MoietyPart
        The parts in their order.

    Examples
    --------
    >>> parts = read_moiety("C18 H54 Au25 S18 1-, 2(C4 H12 N 1+)")
    >>> [(part.formula, part.multiplier, part.charge) for part in parts]
    [('C18H54Au25S18', 1.0, -1), ('C4H12N', 2.0, 1)]
    """
    clean = " ".join(text.translate(_DASHES).split()).strip("'\" ")
    if clean in ("", "?", "."):
        return ()
    pieces = [piece.strip() for part in _split(clean, ",;") for piece in _split_brackets(part)]
    return tuple(_read_part(piece) for piece in pieces if piece)


def parse_formula(text: str) -> dict[str, float] | None:
    """Read a chemical formula with brackets.

    Parameters
    ----------
    text : str
        Formula such as ``"C18H54Au25S18"`` or ``"W6 S8 (P C12 H27)6"``.

    Returns
    -------
    dict of str to float, or None
        Number of atoms of each element; None if the text is no formula.

    Examples
    --------
    >>> parse_formula("Ni (N H3)6")
    {'Ni': 1.0, 'N': 6.0, 'H': 18.0}
    >>> parse_formula("[Co(bix)]") is None
    True
    """
    stack: list[dict[str, float]] = [{}]
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or not _apply(token, stack):
            return None
        at = token.end()
    whole = len(stack) == 1 and bool(stack[0])
    return stack[0] if whole else None


def _apply(token: re.Match[str], stack: list[dict[str, float]]) -> bool:
    """Apply one token to the open brackets; return whether it made sense."""
    symbol, count, opening, closing, times = token.groups()
    if symbol:
        if find_element(symbol) is None:
            return False
        _add(stack[-1], {symbol: 1.0}, float(count or 1))
    elif opening:
        stack.append({})
    elif closing:
        if len(stack) < 2:
            return False
        inner = stack.pop()
        _add(stack[-1], inner, float(times or 1))
    return True


def _add(total: dict[str, float], counts: Mapping[str, float], times: float) -> None:
    for symbol, n in counts.items():
        total[symbol] = total.get(symbol, 0.0) + n * times


def _split(text: str, separators: str) -> list[str]:
    """Split a text at separators outside of brackets."""
    pieces, depth = [""], 0
    for letter in text:
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if letter in separators and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    return pieces


def _split_brackets(part: str) -> list[str]:
    """Split ``(C8 H20 N 1+) (Br 1-)``, parts in brackets that lack a comma between them."""
    pieces = _split(part.strip(), " ")
    charged = [p for p in pieces if p and p[0] in _OPENING and p[-1] in _CLOSING and re.search(r"[+-]", p)]
    return pieces if len(pieces) > 1 and len(charged) == len(pieces) else [part]


def _read_part(text: str) -> MoietyPart:
    body, outer = _take_charge(text)
    body, multiplier = _take_multiplier(body)
    body, inner = _take_charge(body)
    counts = parse_formula(body)
    contradictory = outer is not None and inner is not None and outer != inner
    charge = None if contradictory else outer if outer is not None else inner
    return MoietyPart(text=text, counts=counts, multiplier=multiplier, charge=charge)


def _take_charge(text: str) -> tuple[str, int | None]:
    """Cut the charge off the end of a part."""
    found = _CHARGE.search(text)
    if found:
        digits = re.sub(r"\D", "", found["charge"])
        size = int(digits or 1)
        return text[: found.start("charge")].strip(), -size if "-" in found["charge"] else size
    glued = _GLUED.search(text)
    if not glued:
        return text, None
    body = text[: glued.start()].strip()
    if re.search(r"(?<!\d)[1]$", body):  # "N1+": one atom and one charge, either way
        return body, -1 if glued["charge"] == "-" else 1
    ambiguous = body[-1:].isdigit()
    return body, None if ambiguous else -1 if glued["charge"] == "-" else 1


def _take_multiplier(text: str) -> tuple[str, float | None]:
    """Cut the multiplier off a part, and the brackets that it belongs to."""
    before = _MULTIPLIER.match(text)
    body = text[before.end() :].strip() if before else text
    times: float | None = 1.0
    if before:
        times = float(before[1]) if before[1][0] in ".0123456789" else None
    inner, behind = _open_brackets(body)
    if behind and times is not None:
        times *= float(behind)
    return inner, times


def _open_brackets(text: str) -> tuple[str, str]:
    """Return the inside of a part that is one pair of brackets, and the number behind it."""
    found = re.fullmatch(r"[(\[{](.*)[)\]}]\s*(\d+(?:\.\d+)?)?", text)
    if not found:
        return text, ""
    depth = 0
    for letter in found[1]:
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if depth < 0:
            return text, ""
    return found[1].strip(), found[2] or ""
