"""What number does a CIF value mean? Values, standard uncertainties and damaged spellings."""

import re
from typing import NamedTuple

import gemmi

__all__ = ["CifNumber", "find_text", "find_value", "parse_number", "read_columns"]

_NUMBER = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\((\d*)\))?$")
_UNKNOWN = frozenset({"", "?", "."})


class CifNumber(NamedTuple):
    """A number of a CIF.

    Parameters
    ----------
    value : float
        The number.
    su : float
        Standard uncertainty, 0 if none is given.
    step : float
        Value of its last printed digit.
    damaged : bool
        True for a spelling such as ``94.1300()`` that had to be repaired.
    """

    value: float
    su: float
    step: float
    damaged: bool


def parse_number(text: str) -> CifNumber | None:
    """Read a CIF number such as ``16.174(3)``.

    Parameters
    ----------
    text : str
        Value as written, without quotes.

    Returns
    -------
    CifNumber or None
        None if the text is unknown (``?``, ``.``) or no number.

    Examples
    --------
    >>> number = parse_number("16.174(3)")
    >>> number.value, round(number.su, 6), number.damaged
    (16.174, 0.003, False)
    >>> parse_number("94.1300()").damaged, parse_number("?")
    (True, None)
    """
    match = _NUMBER.match(text.strip())
    if match is None:
        return None
    digits, uncertainty = match.groups()
    mantissa, _, exponent = digits.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    step = 10.0 ** (int(exponent or 0) - decimals)
    su = float(uncertainty) * step if uncertainty else 0.0
    return CifNumber(float(digits), su, step, uncertainty == "")


def find_value(block: gemmi.cif.Block, *tags: str) -> str:
    """Return the first known value of several tags, unquoted; empty if there is none.

    Parameters
    ----------
    block : gemmi.cif.Block
        Data block.
    *tags : str
        Tags with an underscore after the category; the DDLm spelling with a dot is tried
        too, and a loop's first row counts.

    Returns
    -------
    str
        The value without quotes, or an empty string.
    """
    for tag in tags:
        for spelling in (tag, _with_dot(tag)):
            column = block.find_values(spelling)
            if column and (value := find_text(column[0])):
                return value
    return ""


def find_text(raw: str) -> str:
    """Return a raw CIF value without quotes; empty if unknown.

    Parameters
    ----------
    raw : str
        Value as gemmi keeps it.

    Returns
    -------
    str
        Plain text.
    """
    text = gemmi.cif.as_string(raw).strip()
    return "" if text in _UNKNOWN else text


def read_columns(block: gemmi.cif.Block, tags: dict[str, str]) -> dict[str, list[str]]:
    """Return the columns of one loop (or of single items) as lists of text.

    Parameters
    ----------
    block : gemmi.cif.Block
        Data block.
    tags : dict
        Name to tag; the DDLm spelling with a dot is tried too.

    Returns
    -------
    dict
        Name to values, for the tags that are there; unknown values are empty.
    """
    columns: dict[str, list[str]] = {}
    for name, tag in tags.items():
        for spelling in (tag, _with_dot(tag)):
            column = block.find_values(spelling)
            if column:
                columns[name] = [find_text(raw) for raw in column]
                break
    return columns


_CATEGORIES = (
    "_atom_site_aniso",
    "_atom_site",
    "_cell",
    "_space_group_symop",
    "_space_group",
    "_symmetry_equiv",
    "_symmetry",
    "_geom_bond",
    "_chemical_formula",
    "_chemical",
    "_diffrn_radiation",
    "_diffrn",
    "_refine_ls",
    "_refine",
    "_journal",
    "_database",
    "_platon_squeeze_void",
    "_smtbx_masks_void",
)


def _with_dot(tag: str) -> str:
    for category in _CATEGORIES:
        if tag.startswith(category + "_"):
            return f"{category}.{tag[len(category) + 1 :]}"
    return tag
