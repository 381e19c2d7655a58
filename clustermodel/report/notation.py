"""How does a chemist write this? Numbers with s.u., formulas, charges and symmetry symbols.

A text is a tuple of pieces, each plain or with one style; `clustermodel.report.markup` writes them in every
format.
"""

import math
import re
from fractions import Fraction
from typing import Literal, NamedTuple

from clustermodel.report.table import (
    Cell,
    Charge,
    Formula,
    Measured,
    Operation,
    Schoenflies,
    SpaceGroupName,
)

__all__ = [
    "Piece",
    "combine_operation",
    "format_charge",
    "format_measured",
    "format_number",
    "split_cell",
    "split_formula",
    "split_schoenflies",
    "split_symmetry",
    "write_subscripts",
]

Style = Literal["", "sub", "sup", "italic", "bar"]

_MINUS = "\N{MINUS SIGN}"
_NOTHING = "\N{EM DASH}"
_GREEK = {"mu": ("μ", "sub"), "eta": ("η", "sup"), "kappa": ("κ", "sup")}
_FORMULA = re.compile(
    r"(?<![A-Za-z])(?P<greek>mu|eta|kappa)(?P<order>\d+)"
    r"|(?P<prefix>cyclo)(?=-)"
    r"|(?<=[A-Za-z)\]])(?P<count>\d+(?:\.\d+)?)"
)
_PAIR = re.compile(r"[A-Z][a-z]?-[A-Z][a-z]?")  # two bonded elements, written with a dash
_SYMMETRY = re.compile(r"-(?P<bar>\d)|(?P<axis>\d)(?P<screw>[1-5])|(?P<letters>[A-Za-z]+)|(?P<other>.)")
_SCHOENFLIES = re.compile(r"(?P<axis>[A-Z])(?P<rest>[0-9a-z∞]*)")
_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_TERM = re.compile(r"[+-]?[^+-]+")


class Piece(NamedTuple):
    """A stretch of text in one style.

    Parameters
    ----------
    text : str
        The characters.
    style : {"", "sub", "sup", "italic", "bar"}, optional
        Plain, subscript, superscript, italic, or with a bar above (an inversion axis).
    """

    text: str
    style: Style = ""


def format_measured(value: float, su: float | None, digits: int = 3) -> str:
    """Write a value with its standard uncertainty in parentheses.

    The uncertainty is given with one digit, or two where they are at most 19, as the International
    Union of Crystallography recommends.

    Parameters
    ----------
    value : float
        The value.
    su : float or None
        Its standard uncertainty; None or 0 where there is none.
    digits : int, optional
        Decimals of a value without standard uncertainty.

    Returns
    -------
    str
        With a hyphen as minus sign.

    Examples
    --------
    >>> format_measured(2.78692, 0.00028), format_measured(16.174, 0.003), format_measured(2.7831, None)
    ('2.7869(3)', '16.174(3)', '2.783')
    >>> format_measured(103.324, 0.001), format_measured(4166.1, 23.0), format_measured(2.3, 0.0196)
    ('103.3240(10)', '4170(20)', '2.30(2)')
    """
    if su is None or not math.isfinite(su) or su <= 0:
        return format_number(value, digits)
    decimals = -math.floor(math.log10(su))
    units = round(su * 10.0**decimals, 6)  # 1 to 10, without the noise of a binary fraction
    if units < 1.95:  # two digits up to 19
        decimals += 1
        units = su * 10.0**decimals
    shown = round(units)
    if decimals < 0:
        step = 10**-decimals
        return f"{round(value / step) * step:d}({shown * step})"
    return f"{value:.{decimals}f}({shown})"


def format_number(value: float, digits: int = 3) -> str:
    """Write a number with a fixed number of decimals, without a negative zero.

    Parameters
    ----------
    value : float
        The value.
    digits : int, optional
        Decimals.

    Returns
    -------
    str
        With a hyphen as minus sign; an em dash where the value is not finite.

    Examples
    --------
    >>> format_number(2.78309), format_number(-0.0001), format_number(0.5, 1)
    ('2.783', '0.000', '0.5')
    """
    if not math.isfinite(value):
        return _NOTHING
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def format_charge(value: int) -> str:
    """Write a charge with its sign.

    Parameters
    ----------
    value : int
        Charge in elementary charges.

    Returns
    -------
    str
        For example ``"+2"``, ``"0"`` or, with a hyphen, ``"-1"``.

    Examples
    --------
    >>> format_charge(2), format_charge(0), format_charge(-1)
    ('+2', '0', '-1')
    """
    return f"{value:+d}" if value else "0"


def combine_operation(triplet: str, shift: tuple[int, int, int]) -> str:
    """Add a cell shift to a symmetry operation.

    Parameters
    ----------
    triplet : str
        The operation, as ``"-x,-y+1/2,z"``.
    shift : tuple of int
        Lattice translation along a, b and c.

    Returns
    -------
    str
        One operation with the translation at the end of each part.

    Examples
    --------
    >>> combine_operation("-x,y+1/2,-z", (1, 2, 0))
    '-x+1,y+5/2,-z'
    >>> combine_operation("x,y,z", (0, 0, -1))
    'x,y,z-1'
    """
    parts = triplet.replace(" ", "").split(",")
    return ",".join(_shift_part(part, move) for part, move in zip(parts, shift, strict=True))


def _shift_part(part: str, move: int) -> str:
    moved, letters = Fraction(move), ""
    for term in _TERM.findall(part):
        if re.fullmatch(r"[+-]?\d+(?:/\d+|\.\d+)?", term):
            moved += Fraction(term)
        else:
            letters += term
    letters = letters.removeprefix("+")
    return f"{letters}{'+' if moved > 0 else ''}{moved}" if moved else letters


def split_formula(text: str) -> tuple[Piece, ...]:
    """Split a text with formulas in it: counts become subscripts.

    Parameters
    ----------
    text : str
        For example ``"Au13 + 6 Au2(SR)3"``, ``"mu3-S"`` or ``"kappa2-P,P'"``.

    Returns
    -------
    tuple of Piece
        The pieces in order.

    Examples
    --------
    >>> [piece.text for piece in split_formula("2 Au2(SR)3") if piece.style == "sub"]
    ['2', '3']
    >>> "".join(piece.text for piece in split_formula("mu3-S"))
    'μ3-S'
    """
    if _PAIR.fullmatch(text):
        return (Piece(text.replace("-", "–")),)
    pieces, end = [], 0
    for match in _FORMULA.finditer(text):
        pieces.append(Piece(text[end : match.start()]))
        if match["greek"]:
            letter, style = _GREEK[match["greek"]]
            pieces += [Piece(letter), Piece(match["order"], "sub" if style == "sub" else "sup")]
        elif match["prefix"]:
            pieces.append(Piece(match["prefix"], "italic"))
        else:
            pieces.append(Piece(match["count"], "sub"))
        end = match.end()
    pieces.append(Piece(text[end:]))
    return tuple(piece for piece in pieces if piece.text)


def split_symmetry(name: SpaceGroupName) -> tuple[Piece, ...]:
    """Split a Hermann-Mauguin symbol: letters italic, inversion axes with a bar, screw axes subscripted.

    Parameters
    ----------
    name : SpaceGroupName
        The symbol.

    Returns
    -------
    tuple of Piece
        The pieces in order; one plain piece for a symbol in another notation.

    Examples
    --------
    >>> split_symmetry(SpaceGroupName("P -1"))
    (Piece(text='P', style='italic'), Piece(text=' ', style=''), Piece(text='1', style='bar'))
    >>> [p.text for p in split_symmetry(SpaceGroupName("P 1 21/c 1")) if p.style == "sub"]
    ['1']
    """
    if not name.is_point_group and (" " not in name.text or "(" in name.text):
        return (Piece(name.text),)
    pieces: list[Piece] = []
    for match in _SYMMETRY.finditer(name.text):
        if match["bar"]:
            pieces.append(Piece(match["bar"], "bar"))
        elif match["axis"] and not name.is_point_group:
            pieces += [Piece(match["axis"]), Piece(match["screw"], "sub")]
        elif match["letters"] and ":" not in name.text[: match.start()]:
            pieces.append(Piece(match["letters"], "italic"))
        else:
            pieces.append(Piece(match.group()))
    return tuple(pieces)


def split_schoenflies(text: str) -> tuple[Piece, ...]:
    """Split symbols of point groups: an italic letter and its subscript.

    Parameters
    ----------
    text : str
        Symbols and any text between them.

    Returns
    -------
    tuple of Piece
        The pieces in order.

    Examples
    --------
    >>> split_schoenflies("D3d")
    (Piece(text='D', style='italic'), Piece(text='3d', style='sub'))
    """
    pieces, end = [], 0
    for match in _SCHOENFLIES.finditer(text):
        before, axis = Piece(text[end : match.start()]), Piece(match["axis"], "italic")
        pieces += [before, axis, Piece(match["rest"], "sub")]
        end = match.end()
    pieces.append(Piece(text[end:]))
    return tuple(piece for piece in pieces if piece.text)


def write_subscripts(text: str) -> str:
    """Write a text with formulas in it with the subscripts of Unicode, for places without styles.

    Parameters
    ----------
    text : str
        For example ``"Au25(SR)18"``.

    Returns
    -------
    str
        The text with small digits; superscripts stay as they are.

    Examples
    --------
    >>> write_subscripts("Au25(SC2H4Ph)18")
    'Au₂₅(SC₂H₄Ph)₁₈'
    """
    return "".join(p.text.translate(_LOW) if p.style == "sub" else p.text for p in split_formula(text))


def split_cell(cell: Cell, digits: int = 3) -> tuple[Piece, ...]:
    """Write a cell as pieces of text.

    Parameters
    ----------
    cell : Cell
        The cell.
    digits : int, optional
        Decimals of a number without standard uncertainty.

    Returns
    -------
    tuple of Piece
        The pieces in order; an em dash for None.
    """
    if isinstance(cell, Formula):
        return split_formula(cell.text)
    if isinstance(cell, SpaceGroupName):
        return split_symmetry(cell)
    if isinstance(cell, Schoenflies):
        return split_schoenflies(cell.text)
    if isinstance(cell, Operation):
        return (Piece(cell.text.replace("-", _MINUS).replace(",", ", ")),)
    return (Piece(_write_value(cell, digits)),)


def _write_value(cell: str | float | Measured | Charge | None, digits: int) -> str:
    if cell is None:
        return _NOTHING
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Measured):
        text = format_measured(cell.value, cell.su, digits if cell.digits is None else cell.digits)
    elif isinstance(cell, Charge):
        text = format_charge(cell.value)
    else:
        text = str(cell) if isinstance(cell, int) else format_number(cell, digits)
    return text.replace("-", _MINUS)
