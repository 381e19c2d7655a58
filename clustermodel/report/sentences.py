"""How is an answer said in one line? Composition, electron count, agreement of conventions."""

from collections.abc import Sequence
from typing import Any

from clustermodel.report.notation import format_charge

__all__ = [
    "describe_agreement",
    "describe_composition",
    "describe_count",
    "describe_share",
    "describe_source_of_charge",
    "describe_vacancies",
    "describe_value",
    "join_words",
]

Json = dict[str, Any]

_MINUS = "\N{MINUS SIGN}"


def describe_composition(cluster: Json) -> str:
    """Write a cluster as metals and ligands.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    str
        For example ``"Au25(SC2H4Ph)18"``; a ligand without a name by its formula.

    Examples
    --------
    >>> sulfur = {"name": "S", "formula": "S", "count": 8}
    >>> phosphine = {"name": "PBu3", "formula": "C12H27P", "count": 6}
    >>> describe_composition({"metals": {"W": 6}, "ligands": [sulfur, phosphine]})
    'W6S8(PBu3)6'
    """
    metals = "".join(_times(element, n) for element, n in cluster["metals"].items())
    counts: dict[str, int] = {}
    for row in cluster["ligands"]:
        name = row["name"] or row["formula"]
        counts[name] = counts.get(name, 0) + row["count"]
    return metals + "".join(_times(name, n) for name, n in counts.items())


def _times(name: str, count: int) -> str:
    is_atom = name.isalpha() and name.istitle() and len(name) <= 2
    shown = name if is_atom else f"({name})"
    return f"{shown}{count}" if count > 1 else shown


def describe_count(count: Json) -> str:
    """Write the electron count as a sum of named terms.

    Parameters
    ----------
    count : dict
        The electron count of a cluster.

    Returns
    -------
    str
        For example ``"25 (Au) − 18 (thiolate SC2H4Ph) − 0 (charge) = 7"``, the count as a function of
        the charge, or the reason why there is none.

    Examples
    --------
    >>> gold = {"label": "Au", "total": 25}
    >>> thiolate = {"label": "thiolate SCH3", "total": -18}
    >>> charge = {"label": "charge", "total": 1}
    >>> describe_count({"value": 8, "at_zero_charge": 7, "charge": -1, "terms": [gold, thiolate, charge]})
    '25 (Au) − 18 (thiolate SCH3) + 1 (charge −1) = 8'
    >>> describe_count({"value": None, "at_zero_charge": 7, "charge": None, "terms": [gold, thiolate]})
    '25 (Au) − 18 (thiolate SCH3) − z = 7 − z; the charge z is not known'
    """
    if count["at_zero_charge"] is None:
        return f"none: {count['reason']}"
    text = ""
    for term in count["terms"]:
        is_charge = term["label"] == "charge"
        sign = "+" if term["total"] > 0 or (term["total"] == 0 and not is_charge) else _MINUS
        label = f"charge {_sign(count['charge'])}" if is_charge else term["label"]
        text += f" {sign} {abs(term['total'])} ({label})"
    text = text.removeprefix(" + ").lstrip()
    if count["value"] is None:
        zero = str(count["at_zero_charge"]).replace("-", _MINUS)
        return f"{text} {_MINUS} z = {zero} {_MINUS} z; the charge z is not known"
    return f"{text} = {count['value']}".replace("= -", f"= {_MINUS}")


def describe_value(count: Json) -> str:
    """Write the electron count as a number or as a function of the charge.

    Parameters
    ----------
    count : dict
        The electron count of a cluster.

    Returns
    -------
    str
        ``"8"``, ``"7 − z"``, or empty where the count does not apply.

    Examples
    --------
    >>> (
    ...     describe_value({"value": 8, "at_zero_charge": 7}),
    ...     describe_value({"value": None, "at_zero_charge": 7}),
    ... )
    ('8', '7 − z')
    """
    if count["value"] is not None:
        return str(count["value"]).replace("-", _MINUS)
    zero = count["at_zero_charge"]
    return "" if zero is None else f"{zero} {_MINUS} z".replace("-", _MINUS)


def _sign(charge: int) -> str:
    return format_charge(charge).replace("-", _MINUS)


def describe_source_of_charge(source: str) -> str:
    """Say where a charge is from.

    Parameters
    ----------
    source : str
        ``"user"``, ``"electroneutrality"``, ``"declared moiety"`` or ``"none"``.

    Returns
    -------
    str
        Words for the reader.

    Examples
    --------
    >>> describe_source_of_charge("user"), describe_source_of_charge("electroneutrality")
    ('given by the user', 'electroneutrality')
    """
    return {"user": "given by the user", "none": "no evidence settles it"}.get(source, source)


def describe_agreement(cluster: Json) -> str:
    """Say which conventions give the kernel and motifs of the main answer.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> same = {"summary": "Au13 + 6 Au2(SR)3", "unstable": False}
    >>> describe_agreement(
    ...     {
    ...         "kernel": {"convention": "staple", "summary": "Au13 + 6 Au2(SR)3"},
    ...         "conventions": [{"convention": name, **same} for name in ("staple", "mount")],
    ...     }
    ... )
    'The convention mount gives the same.'
    """
    chosen = cluster["kernel"]
    others = [one for one in cluster["conventions"] if one["convention"] != chosen["convention"]]
    same = [one["convention"] for one in others if one["summary"] == chosen["summary"]]
    told = []
    if same:
        told.append(
            f"The convention{'s' * (len(same) > 1)} {join_words(same)} give{'s' * (len(same) == 1)} the same."
        )
    told += [f"{o['convention']}: {o['summary']}." for o in others if o["summary"] != chosen["summary"]]
    unstable = [one["convention"] for one in cluster["conventions"] if one["unstable"]]
    if unstable:
        told.append(f"Unstable against its cut-off: {join_words(unstable)}.")
    return " ".join(told)


def join_words(words: Sequence[str]) -> str:
    """Join words as a sentence does.

    Parameters
    ----------
    words : sequence of str
        The words.

    Returns
    -------
    str
        With commas, and ``and`` before the last.

    Examples
    --------
    >>> join_words(["a", "b", "c"]), join_words(["a"]), join_words([])
    ('a, b and c', 'a', '')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def describe_vacancies(cluster: Json) -> str:
    """Say that a place of the crystal holds several molecules, and which one this is.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    str
        Two sentences and the beginning of a third, which the average formula ends; empty for a cluster
        without partly occupied metal sites.
    """
    vacancies = cluster["vacancies"]
    if not vacancies:
        return ""
    missing = vacancies["missing"]
    this = f"lacks {join_words(missing)}" if missing else "has every metal site filled"
    sites = ", ".join(f"{site['label']} {site['occupancy']:.3f}" for site in vacancies["sites"])
    share = describe_share(cluster) or "all"
    return (
        f"Co-crystal of filled and defect molecules: this one {this} and fills {share} of the places. "
        f"Occupancies of the partly filled metal sites: {sites}. On average the place holds "
    )


def describe_share(cluster: Json) -> str:
    r"""Say which share of the places of a co-crystal holds this molecule.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    str
        Per cent, with a decimal where it needs one and a space that does not break; empty where the
        molecule fills every place.

    Examples
    --------
    >>> describe_share({"fraction": 0.2}), describe_share({"fraction": 1.0})
    ('20\xa0%', '')
    """
    per_cent = 100.0 * cluster["fraction"]
    return "" if per_cent >= 100.0 else f"{round(per_cent, 1):g}\N{NO-BREAK SPACE}%"
