"""How do size, rigidity, packing, contacts and electrons of two clusters differ? A table for each."""

import math
from collections.abc import Iterator
from typing import Any

from clustermodel.report.notation import split_formula
from clustermodel.report.pair_sentences import describe_missing_su, list_sides, write_verdict
from clustermodel.report.table import Cell, Column, Measured, Table

__all__ = ["list_quantity_tables"]

Json = dict[str, Any]

_SIZE = (
    "in both: of the atoms that both clusters have, with the scatter of their single changes; kernel, all "
    "metal atoms and all atoms: of the whole part, which differs by the atoms that one lacks."
)
_TABLES = {
    "count": ("counts", "Atoms and electrons", "Counts are exact."),
    "size": ("size", "Size and compactness", _SIZE),
    "rigidity": (
        "rigidity",
        "Rigidity: displacement parameters",
        "Mean equivalent isotropic displacement by role; root mean square of the rigid-bond differences.",
    ),
    "packing": ("packing", "Packing of the clusters in their crystals", "Centroids: of the metal atoms."),
    "contacts": (
        "contacts",
        "Contacts between clusters",
        "Each contact counts for both partners; what counts as one is in the settings. Counts are exact.",
    ),
}
_UNITS = {"Å2": "Å²", "Å3": "Å³", "g cm-3": "g cm⁻³"}
_DIGITS = {"Å": 3, "Å2": 4, "Å3": 2, "g cm-3": 3}
_LARGE = 100.0  # Å³; from there one decimal
_PARTS = {"skeleton": "all metal atoms", "cluster": "all atoms"}
_ERRORS = {
    "su": "s.u.: of Δ, from the measurement.",
    "scatter": "Standard error: of Δ, from the scatter of what is averaged.",
}


def list_quantity_tables(document: Json) -> Iterator[Table]:
    """Make the tables of all quantities that are no bond lengths.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Yields
    ------
    Table
        Counts, size, rigidity, packing, contacts; those with data.
    """
    for topic in _TABLES:
        rows = [row for row in document["differences"] if row["topic"] == topic]
        parts = list(dict.fromkeys(row["role"] for row in rows))
        if rows:
            yield _tabulate(document, topic, sorted(rows, key=lambda row: parts.index(row["role"])))


def _tabulate(document: Json, topic: str, rows: list[Json]) -> Table:
    a, b = list_sides(document)
    name, title, told = _TABLES[topic]
    is_count = topic == "count"
    errors = [
        (head, key)
        for head, key in (("s.u.", "su"), ("standard error", "scatter"))
        if not is_count and any(row[key] for row in rows)
    ]
    notes = () if is_count else (*(_ERRORS[key] for _, key in errors), describe_missing_su(document, rows))
    return Table(
        name=name,
        title=title,
        columns=(
            Column("of what"),
            Column("quantity"),
            Column(a.marked),
            Column(b.marked),
            Column("Δ"),
            *(Column(head) for head, _ in errors),
            Column("verdict"),
        ),
        rows=tuple(
            (
                "cluster" if is_count else _PARTS.get(row["role"], row["role"]),
                _name(row),
                *(_write(row[key], row) for key in ("a", "b", "delta")),
                *(_write(row[key] or None, row, more=1) for _, key in errors),
                "equal" if is_count and not row["delta"] else write_verdict(document, row["verdict"]),
            )
            for row in rows
        ),
        caption=" ".join(text for text in (f"Δ = {b.name} − {a.name}.", told, *notes) if text),
    )


def _name(row: Json) -> str:
    """Return the quantity with its unit."""
    name = "".join(piece.text for piece in split_formula(row["quantity"]))
    unit = _UNITS.get(row["unit"], row["unit"])
    return name if unit in {"", "electrons"} else f"{name} / {unit}"


def _write(value: float | None, row: Json, *, more: int = 0) -> Cell:
    """Return a value with decimals that its unit deserves, a whole number without."""
    if value is None:
        return None
    if row["unit"] in {"", "electrons"} and all(_is_whole(row[key]) for key in ("a", "b")):
        return round(value)
    is_large = row["unit"] == "Å3" and abs(row["a"] or 0.0) >= _LARGE
    return Measured(value, None, 1 if is_large else _DIGITS.get(row["unit"], 3) + more)


def _is_whole(value: float | None) -> bool:
    return value is None or math.isclose(value, round(value))
