"""What charge does a formula state? ``[Au25(SC2H4Ph)18]-`` and other ways of writing it."""

import re

from clustermodel.errors import InputError

__all__ = ["split_charge"]

_CHARGE = re.compile(
    r"^\[(?P<body>.*)\]\s*\^?\{?(?P<size>\d*)(?P<sign>[-+]?)(?P<after>\d*)\}?(?P<rest>(\s.*)?)$"
)
_TAIL = re.compile(r"^(?P<body>[^\s\[\]]*[^\s\[\]+-])(?P<sign>[-+]?)(?P<rest>(\s.*)?)$")
_DASHES = str.maketrans({"−": "-", "–": "-", "—": "-", "‑": "-", "⁻": "-", "⁺": "+"})
_EXAMPLE = "write ligands in parentheses and the charge after square brackets: [Au25(SC2H4Ph)18]-"


def split_charge(formula: str) -> tuple[str, int | None]:
    """Cut the charge off a formula.

    Parameters
    ----------
    formula : str
        For example ``"[Ag29(BDT)12]3-"``, ``"[Ag29(BDT)12]^{3-}"`` or ``"Cs+"``.

    Returns
    -------
    body : str
        The formula without charge and brackets.
    charge : int or None
        The charge; 0 for a formula without square brackets and sign, None for brackets without one.

    Raises
    ------
    InputError
        If formula and charge cannot be told apart.

    Examples
    --------
    >>> split_charge("[Ag29(BDT)12]3-"), split_charge("[Ag29(BDT)12]"), split_charge("Cs+")
    (('Ag29(BDT)12', -3), ('Ag29(BDT)12', None), ('Cs', 1))
    """
    text = formula.strip().translate(_DASHES)
    match = _CHARGE.match(text) or _TAIL.match(text)
    if match is None:
        msg = f"formula {formula!r}: cannot tell formula and charge apart; {_EXAMPLE}"
        raise InputError(msg)
    parts = match.groupdict()
    before, after, sign = parts.get("size") or "", parts.get("after") or "", parts["sign"]
    if before and after:
        msg = f"formula {formula!r}: the charge has two sizes, {before} and {after}; write {before}{sign}"
        raise InputError(msg)
    size = before or after
    if text.startswith("[") and not sign and not size:
        return parts["body"], None
    if size and not sign and int(size):
        msg = f"formula {formula!r}: charge {size!r} has no sign; write {size}+ or {size}-"
        raise InputError(msg)
    value = int(size) if size else int(sign in {"+", "-"})
    return parts["body"], -value if sign == "-" else value
