"""Which of two items with the same tag is to be believed?"""

from collections.abc import Mapping, Sequence
from typing import Literal

from clustermodel.io.cif_items import Item
from clustermodel.io.cif_tokens import Audit, Token

__all__ = ["resolve_duplicates"]

_Relation = Literal["same", "completed", "replaced", "contradicted"]


def resolve_duplicates(items: Sequence[Item], audit: Audit) -> list[Item]:
    """Leave each tag once in a block.

    The first item is kept unless it knows less: unknown values (``?``, ``.``, blank) give way to
    known ones, equal values are dropped, and where two known values differ the first stays and
    a warning names both.

    Parameters
    ----------
    items : sequence of Item
        The items of one block or save frame; they are changed.
    audit : Audit
        Receives what was dropped.

    Returns
    -------
    list of Item
        The items without duplicates, in the order of the file.

    Examples
    --------
    >>> audit = Audit()
    >>> first = Item(["_a"], [["?"]], 2, looped=False)
    >>> resolve_duplicates([first, Item(["_a"], [["5"]], 3, looped=False)], audit)[0].columns
    [['5']]
    """
    owners: dict[str, Item] = {}
    for item in items:
        _settle_columns(item, audit)
        shared = [tag for tag in item.tags if tag.lower() in owners]
        if shared:
            _settle(item, {tag: owners[tag.lower()] for tag in shared}, audit)
        owners.update({tag.lower(): item for tag in item.tags})
    return [item for item in items if item.tags]


def _content(raw: str) -> str:
    return " ".join(Token("value", raw, 0).content.split())


def _is_unknown(raw: str) -> bool:
    return not _content(raw).strip("?. ")


def _merge(first: Sequence[str], second: Sequence[str]) -> list[str] | None:
    """Complete unknown values of one column from another; None where they contradict."""
    if len(first) != len(second):
        return None
    merged = []
    for old, new in zip(first, second, strict=True):
        if not (_is_unknown(old) or _is_unknown(new) or _content(old) == _content(new)):
            return None
        merged.append(new if _is_unknown(old) and not _is_unknown(new) else old)
    return merged


def _relate(first: Sequence[str], second: Sequence[str]) -> _Relation:
    """Tell what a second column with the same tag does to the first."""
    merged = _merge(first, second)
    if merged is not None:
        return "same" if merged == list(first) else "completed"
    if len(first) == len(second):
        return "contradicted"
    if all(_is_unknown(raw) for raw in second):
        return "same"
    return "replaced" if all(_is_unknown(raw) for raw in first) else "contradicted"


def _index(item: Item, tag: str) -> int:
    return [name.lower() for name in item.tags].index(tag.lower())


def _column(item: Item, tag: str) -> list[str]:
    return item.columns[_index(item, tag)]


def _remove(item: Item, at: int) -> None:
    del item.tags[at], item.columns[at]


def _settle_columns(item: Item, audit: Audit) -> None:
    """Leave each tag once in one loop."""
    at = 0
    while at < len(item.tags):
        first = _index(item, item.tags[at])
        if first == at:
            at += 1
            continue
        second = item.columns[at]
        merged = _merge(item.columns[first], second)
        same = merged is not None
        audit.note(
            "cif-duplicate-tag",
            "info" if same else item.loss,
            item.line,
            f"{item.tags[at]} is twice in one loop, "
            + ("with the same or unknown values; one was dropped" if same else _dropped(second)),
        )
        item.columns[first] = merged or item.columns[first]
        _remove(item, at)


def _dropped(column: Sequence[str]) -> str:
    values = " ".join(repr(Token("value", raw, 0).shown) for raw in column)
    return f"with other values; the first column is kept, dropped were {values}"


def _settle(item: Item, owners: Mapping[str, Item], audit: Audit) -> None:
    """Settle the tags of an item that an item before already has."""
    relations = {tag: _relate(_column(owner, tag), _column(item, tag)) for tag, owner in owners.items()}
    if "contradicted" in relations.values():
        _note_contradiction(item, owners, relations, audit)
        for tag in owners:
            _remove(item, _index(item, tag))
        return
    _note_repetition(item, owners, relations, audit)
    for tag, owner in owners.items():
        if relations[tag] == "replaced":
            _remove(owner, _index(owner, tag))
            continue
        at = _index(item, tag)
        owner.columns[_index(owner, tag)] = _merge(_column(owner, tag), item.columns[at]) or _column(
            owner, tag
        )
        _remove(item, at)


def _code(item: Item) -> str:
    return "cif-duplicate-loop" if item.looped else "cif-duplicate-tag"


def _note_repetition(
    item: Item, owners: Mapping[str, Item], relations: Mapping[str, _Relation], audit: Audit
) -> None:
    lines = ", ".join(str(line) for line in sorted({owner.line for owner in owners.values()}))
    repeated = [tag for tag, relation in relations.items() if relation == "same"]
    completed = [tag for tag, relation in relations.items() if relation != "same"]
    parts = [
        f"{', '.join(repeated)} repeats line {lines}, dropped here" if repeated else "",
        f"{', '.join(completed)} unknown on line {lines}, known here and kept" if completed else "",
    ]
    audit.note(_code(item), "info", item.line, "; ".join(part for part in parts if part))


def _note_contradiction(
    item: Item, owners: Mapping[str, Item], relations: Mapping[str, _Relation], audit: Audit
) -> None:
    parts = []
    for tag, owner in owners.items():
        if relations[tag] != "same":
            second = " ".join(repr(Token("value", raw, 0).shown) for raw in _column(item, tag))
            first = f"{len(_column(owner, tag))} values" if owner.looped else _first(owner)
            parts.append(f"{tag} {second} (line {owner.line}: {first})")
    audit.note(
        _code(item),
        item.loss,
        item.line,
        f"contradicts earlier values, which are kept; dropped: {'; '.join(parts)}",
    )


def _first(owner: Item) -> str:
    return repr(Token("value", owner.columns[0][0], 0).shown)
