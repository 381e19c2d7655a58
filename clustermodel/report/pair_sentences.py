"""What is a comparison about, in words? Two names, what one has more, models, the vacant site."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from clustermodel.report.notation import format_charge, write_subscripts
from clustermodel.report.sentences import describe_composition, describe_source_of_charge, join_words

__all__ = [
    "Side",
    "describe_change",
    "describe_charge",
    "describe_files",
    "describe_kind",
    "describe_missing_su",
    "describe_models",
    "describe_sign_changes",
    "describe_sites",
    "describe_units",
    "list_sides",
    "write_verdict",
]

Json = dict[str, Any]

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MINUS = "\N{MINUS SIGN}"


class Side(NamedTuple):
    """One of the two clusters of a comparison, in words.

    Parameters
    ----------
    key : str
        ``"a"`` or ``"b"``.
    name : str
        Short name with the subscripts of Unicode: its metal atoms where they differ, else its key.
    composition : str
        Metal atoms and ligands, ``"Au25(SCH3)18"``.
    charge : int or None
        Charge, None if it is not known.
    is_model : bool
        Whether it is a model and not a measured structure.
    """

    key: str
    name: str
    composition: str
    charge: int | None
    is_model: bool

    @property
    def marked(self) -> str:
        """Short name, a model called one."""
        return f"{self.name} (model)" if self.is_model else self.name


def list_sides(document: Json) -> tuple[Side, Side]:
    """Name the two clusters of a comparison.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    tuple of Side
        The first and the second.
    """
    metals = {key: document["summaries"][key]["metal_formula"] for key in "ab"}
    differ = metals["a"] != metals["b"]
    first, second = (
        Side(
            key=key,
            name=write_subscripts(metals[key]) if differ else key,
            composition=describe_composition(_count_parts(document, key)),
            charge=document["summaries"][key]["charge"],
            is_model=document["sources"][key]["is_model"],
        )
        for key in "ab"
    )
    return first, second


def _count_parts(document: Json, key: str) -> Json:
    return {"metals": document["metals"][key], "ligands": document["ligands"][key]}


def describe_change(document: Json) -> str:
    """Say what the second cluster has more and fewer than the first.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    str
        Such as ``"one Au and one PPh2py more"``.

    Examples
    --------
    >>> thiolate, phosphine = ({"name": name, "formula": ""} for name in ("SPh", "PPh3"))
    >>> document = {
    ...     "metals": {"a": {"Au": 20}, "b": {"Au": 21}},
    ...     "ligands": {
    ...         "a": [{**thiolate, "count": 12}],
    ...         "b": [{**thiolate, "count": 12}, {**phosphine, "count": 1}],
    ...     },
    ... }
    >>> describe_change(document)
    'one Au and one PPh3 more'
    """
    first, second = (dict(_list_parts(document, key)) for key in "ab")
    more: list[str] = []
    fewer: list[str] = []
    for name in dict.fromkeys((*first, *second)):
        change = second.get(name, 0) - first.get(name, 0)
        if change:
            (more if change > 0 else fewer).append(f"{_say(abs(change))} {name}")
    told = [f"{join_words(words)} {word}" for words, word in ((more, "more"), (fewer, "fewer")) if words]
    return ", ".join(told) if told else "the same metal atoms and ligands"


def _list_parts(document: Json, key: str) -> Iterator[tuple[str, int]]:
    parts = _count_parts(document, key)
    yield from parts["metals"].items()
    counts: Counter[str] = Counter()
    for row in parts["ligands"]:
        counts[row["name"] or row["formula"]] += row["count"]
    yield from counts.items()


def _say(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def describe_models(document: Json) -> str:
    """Say which of the clusters are models.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    str
        One sentence, empty where both are measured structures.
    """
    sides = list_sides(document)
    if all(side.is_model for side in sides):
        return "Both clusters are models, not measured structures: their numbers carry no measurement."
    for side in sides:
        if side.is_model:
            return f"{side.name} is a model, not a measured structure: its numbers carry no measurement."
    return ""


def describe_files(document: Json) -> str:
    """Say which clusters are compared, for below a table.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    str
        Name, composition with charge, kind and file of both.
    """
    told = []
    for side in list_sides(document):
        source = document["sources"][side.key]
        block = f", block {source['block']}" if source["block"] else ""
        told.append(
            f"{side.name}: {write_subscripts(side.composition)}, charge {_write_charge(side.charge)}, "
            f"{describe_kind(source)}, {source['file']}{block}"
        )
    return "; ".join(told) + "."


def describe_kind(source: Json) -> str:
    """Say what a structure is.

    Parameters
    ----------
    source : dict
        One of the sources of a comparison.

    Returns
    -------
    str
        A model, a crystal structure, or coordinates without a refined crystal.

    Examples
    --------
    >>> (
    ...     describe_kind({"is_model": True, "refined": True}),
    ...     describe_kind({"is_model": False, "refined": True}),
    ... )
    ('model, not measured', 'crystal structure')
    """
    if source["is_model"]:
        return "model, not measured"
    return "crystal structure" if source["refined"] else "coordinates, no refined crystal"


def _write_charge(charge: int | None) -> str:
    return "not known" if charge is None else format_charge(charge).replace("-", _MINUS)


def describe_charge(document: Json, key: str) -> str:
    """Say the charge of a cluster and where it is from.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.
    key : str
        ``"a"`` or ``"b"``.

    Returns
    -------
    str
        Such as ``"+2, given by the user"``.
    """
    charge = document["summaries"][key]["charge"]
    source = describe_source_of_charge(document["sources"][key]["charge"]["source"])
    return f"{_write_charge(charge)}, {source}"


def describe_sites(document: Json) -> Iterator[str]:
    """Say which sites are filled in one cluster and vacant in the other.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Yields
    ------
    str
        One sentence for each site.
    """
    first, second = list_sides(document)
    for site in document["sites"]:
        vacant, filled = (first, second) if site["vacant_in"] == "a" else (second, first)
        atom = f"{site['label']} of {filled.name} ({site['role']})"
        ligand = write_subscripts(site["ligand"])
        near = site["neighbours"]
        if site["atom"] in site["ligand_atoms"]:
            what = f"The ligand {ligand} on {atom}"
        else:
            what = f"{atom} with {ligand}" if ligand else atom
        told = ", ".join(f"{one['label']} {one['distance']:.2f}\N{NO-BREAK SPACE}Å" for one in near)
        beside = f"; around the empty place: {told}" if near else ""
        instead = join_words(_list_alternatives(document, filled.key, site))
        other = f" By maps that fit as well it could be {instead}." if instead else ""
        yield f"{what} has no counterpart in {vacant.name}{beside}.{other}"


def _list_alternatives(document: Json, filled: str, site: Json) -> list[str]:
    """Return the atoms of the same element and role that rival maps leave without a partner."""
    atoms = document["overlay"][filled]["atoms"]
    own = {one["atom"] for one in document["missing" if filled == "b" else "extra"]}
    place = "ab".index(filled)
    held = [{pair[place] for pair in rival["pairs"]} for rival in document["rivals"]]
    names: dict[str, None] = {}
    for number, atom in enumerate(atoms):
        is_like = (atom["element"], atom["role"]) == (site["element"], site["role"])
        if is_like and number not in own and any(number not in one for one in held):
            copy = "another copy of " if atom["label"] == site["label"] else ""
            names[copy + atom["label"]] = None
    return list(names)


def describe_units(document: Json, key: str) -> str:
    """Say of which units a kernel consists, by the best reading.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.
    key : str
        ``"a"`` or ``"b"``.

    Returns
    -------
    str
        Such as ``"17 = 11 + 10 − 4"``, empty where the kernel is no sum of units.

    Examples
    --------
    >>> reading = {"identity": "17 = 11 + 10 − 4", "convincing": True}
    >>> describe_units({"units": {"a": [reading], "b": []}}, "a")
    '17 = 11 + 10 − 4'
    """
    readings = document["units"][key]
    return str(readings[0]["identity"]).replace("-", _MINUS) if readings else ""


def write_verdict(document: Json, verdict: str) -> str:
    """Write a verdict with the name of the second cluster.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.
    verdict : str
        As in the document, ``"larger in b"``.

    Returns
    -------
    str
        Such as ``"larger in Au₂₂"``.
    """
    name = list_sides(document)[1].name
    return verdict.removesuffix(" in b") + f" in {name}" if verdict.endswith(" in b") else verdict


def describe_sign_changes(document: Json) -> Iterator[str]:
    """Say where the difference of all kernel pairs changes its sign along the cut-off.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Yields
    ------
    str
        One sentence for each pair of elements of the kernel that was followed along the cut-off.
    """
    found: dict[str, list[str]] = {
        row["pair"]: [] for row in document["bonds"]["by_cutoff"] if row["role"] == "kernel"
    }
    for row in document["bonds"]["sign_changes"]:
        if row["role"] == "kernel" and row["kind"] == "all":
            found[row["pair"]].append(f"between {row['low']:.2f} and {row['high']:.2f} Å")
    for pair, places in found.items():
        what = f"The difference of the mean kernel {pair.replace('-', '–')} distance"
        if places:
            yield f"{what} changes its sign {join_words(places)}."
        else:
            yield f"{what} keeps its sign at every cut-off."


def describe_missing_su(document: Json, rows: list[Json]) -> str:
    """Say why differences have no standard uncertainty.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.
    rows : list of dict
        Differences.

    Returns
    -------
    str
        One sentence, empty where any of them has one; that of an exact count, zero, is none.
    """
    if any(row["su"] for row in rows):
        return ""
    models = [side.name for side in list_sides(document) if side.is_model]
    loose = [
        side.name
        for side in list_sides(document)
        if not side.is_model and not document["sources"][side.key]["refined"]
    ]
    reasons = [
        f"{join_words(names)} {words[len(names) - 1]}"
        for names, words in (
            (models, ("is a model", "are models")),
            (loose, ("is no refined crystal", "are no refined crystals")),
        )
        if names
    ]
    return f"No s.u.: {join_words(reasons)}." if reasons else "No s.u.: none in the files."
