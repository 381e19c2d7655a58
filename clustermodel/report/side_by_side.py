"""How do several structures stand side by side? One row for each quantity, one column for each structure."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from clustermodel.report.crystal_tables import describe_source
from clustermodel.report.notation import write_subscripts
from clustermodel.report.sentences import describe_composition
from clustermodel.report.table import Cell, Column, Measured, Table

__all__ = [
    "Quantity",
    "Subject",
    "combine_captions",
    "combine_sources",
    "list_subjects",
    "merge_keys",
    "name_subjects",
    "round_to",
    "tabulate_side_by_side",
]

Json = dict[str, Any]

K = TypeVar("K", bound=Hashable)


class Quantity(NamedTuple):
    """One quantity of one structure.

    Parameters
    ----------
    key : tuple of Cell
        What it is, in as many cells as the table has columns for it; rows are matched by it.
    value : Cell
        Its value.
    """

    key: tuple[Cell, ...]
    value: Cell


class Subject(NamedTuple):
    """What a table is about: a document, and one of its clusters where it is about that.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.
    cluster : dict or None
        One of its clusters; None where the table is about the crystal.
    """

    document: Json
    cluster: Json | None = None


def list_subjects(documents: Sequence[Json], *, clusters: bool) -> tuple[Subject, ...]:
    """List what several documents are about.

    Parameters
    ----------
    documents : sequence of dict
        Documents ``clustermodel.analysis/1``.
    clusters : bool
        Whether each of their clusters is a subject of its own, or each document is one.

    Returns
    -------
    tuple of Subject
        In the order of the documents; those without a cluster are left out where clusters are asked for.
    """
    if not clusters:
        return tuple(Subject(document) for document in documents)
    return tuple(Subject(document, one) for document in documents for one in document["clusters"])


def name_subjects(subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Give each structure a name that no other has: its composition, and its file where that is not enough.

    Parameters
    ----------
    subjects : sequence of Subject
        The structures.

    Returns
    -------
    tuple of str
        Names with the subscripts of Unicode; a model is called one.

    Examples
    --------
    >>> gold = {"id": "1", "metals": {"Au": 25}, "ligands": []}
    >>> one, two = (
    ...     {"source": {"file": f, "block": None, "is_model": m}, "clusters": [gold]}
    ...     for f, m in (("a.cif", False), ("b.cif", True))
    ... )
    >>> name_subjects([Subject(one, gold)]), name_subjects([Subject(one), Subject(two)])
    (('Au₂₅',), ('Au₂₅, a', 'Au₂₅, b (model)'))
    """
    names = [_name_composition(subject) for subject in subjects]
    for refine in (_name_file, _name_block, _name_cluster):
        counts = Counter(names)
        names = [
            ", ".join(part for part in (name, refine(subject)) if part) if counts[name] > 1 else name
            for name, subject in zip(names, subjects, strict=True)
        ]
    marks = [" (model)" if subject.document["source"]["is_model"] else "" for subject in subjects]
    seen: Counter[str] = Counter()
    for place, name in enumerate(names):
        seen[name] += 1
        again = f" [{seen[name]}]" if seen[name] > 1 else ""
        names[place] = f"{name or 'structure'}{marks[place]}{again}"
    return tuple(names)


def _name_composition(subject: Subject) -> str:
    """Return the composition of the cluster, or of all clusters of the file, or the name of the file."""
    clusters = subject.document["clusters"] if subject.cluster is None else [subject.cluster]
    compositions = dict.fromkeys(describe_composition(cluster) for cluster in clusters)
    return write_subscripts(" + ".join(compositions)) if compositions else _name_file(subject)


def _name_file(subject: Subject) -> str:
    file = str(subject.document["source"]["file"])
    return file.rpartition(".")[0] or file


def _name_block(subject: Subject) -> str:
    return str(subject.document["source"]["block"] or "")


def _name_cluster(subject: Subject) -> str:
    return f"cluster {subject.cluster['id']}" if subject.cluster is not None else ""


def tabulate_side_by_side(
    table: Table, names: Sequence[str], quantities: Sequence[Sequence[Quantity]]
) -> Table:
    """Fill a table with one column for each structure.

    Parameters
    ----------
    table : Table
        Name, title, caption and notes; its columns are those of the keys, and it has no rows yet.
    names : sequence of str
        The structures, as in `name_subjects`.
    quantities : sequence of sequence of Quantity
        What is known of each.

    Returns
    -------
    Table
        A row for each key, in the order of the first structure; a row that only a later one has stands
        after the row before it there. What a structure does not have is None.

    Examples
    --------
    >>> empty = Table(name="t", title="T", columns=(Column("quantity"),), rows=(), caption="")
    >>> first = [Quantity(("a",), 1), Quantity(("c",), 3)]
    >>> second = [Quantity(("a",), 4), Quantity(("b",), 5)]
    >>> tabulate_side_by_side(empty, ("one", "two"), (first, second)).rows
    (('a', 1, 4), ('b', None, 5), ('c', 3, None))
    """
    order = merge_keys([[quantity.key for quantity in one] for one in quantities])
    found = [{quantity.key: quantity.value for quantity in reversed(one)} for one in quantities]
    return Table(
        name=table.name,
        title=table.title,
        columns=(*table.columns, *(Column(name) for name in names)),
        rows=tuple((*key, *(values.get(key) for values in found)) for key in order),
        caption=table.caption,
        source=table.source,
        notes=table.notes,
    )


def merge_keys(lists: Iterable[Iterable[K]]) -> list[K]:
    """Merge lists of keys in order.

    Parameters
    ----------
    lists : iterable of iterable
        Keys, of which each list has its own; a key may be in several.

    Returns
    -------
    list
        Each key once: those of the first list in its order, others after the key before them in theirs, or
        before the first that is known, or at the end.

    Examples
    --------
    >>> merge_keys([["a", "c"], ["a", "b"], ["x", "c"], ["y"]])
    ['a', 'b', 'x', 'c', 'y']
    """
    order: list[K] = []
    for keys in (list(one) for one in lists):
        known = [order.index(key) for key in keys if key in order]
        place = known[0] if known else len(order)
        for key in keys:
            if key in order:
                place = order.index(key) + 1
            else:
                order.insert(place, key)
                place += 1
    return order


def combine_captions(names: Sequence[str], captions: Sequence[str]) -> str:
    """Write the captions of several structures once each, with the names of those they hold for.

    Parameters
    ----------
    names : sequence of str
        The structures.
    captions : sequence of str
        The caption of each; an empty one says nothing.

    Returns
    -------
    str
        The caption alone where it is the same for all.

    Examples
    --------
    >>> combine_captions(("A", "B"), ("Cut-off 3 Å.", "Cut-off 3 Å."))
    'Cut-off 3 Å.'
    >>> combine_captions(("A", "B"), ("Cut-off 3 Å.", "Cut-off 4 Å."))
    'A: Cut-off 3 Å. B: Cut-off 4 Å.'
    """
    owners: dict[str, list[str]] = {}
    for name, caption in zip(names, captions, strict=True):
        if caption:
            owners.setdefault(caption, []).append(name)
    if len(owners) <= 1:
        return next(iter(owners), "")
    return " ".join(f"{' and '.join(who)}: {caption}" for caption, who in owners.items())


def combine_sources(subjects: Sequence[Subject]) -> str:
    """Write the sources of several structures.

    Parameters
    ----------
    subjects : sequence of Subject
        The structures.

    Returns
    -------
    str
        File, block and checksum of each document, once.
    """
    return " ".join(dict.fromkeys(describe_source(subject.document) for subject in subjects))


def round_to(value: float | None, digits: int) -> Measured | None:
    """Give a number its own number of decimals.

    Parameters
    ----------
    value : float or None
        The number.
    digits : int
        Decimals.

    Returns
    -------
    Measured or None
        The number without a standard uncertainty; None stays None.
    """
    return None if value is None else Measured(value, None, digits)
