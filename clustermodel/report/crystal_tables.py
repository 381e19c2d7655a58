"""Which crystal is it? What the file declares about cell, data and refinement, to read and to print."""

from typing import Any

from clustermodel.report.crystal_quantities import CrystalQuantity, list_crystal_quantities, list_missing
from clustermodel.report.table import Cell, Column, Formula, Operation, Table

__all__ = [
    "describe_differences",
    "describe_source",
    "list_crystal_cells",
    "tabulate_crystal",
    "tabulate_crystal_data",
]

Json = dict[str, Any]

_FEW = 8  # symmetry operations that fit on a line; more are in analysis.json
_DIFFERENCES = frozenset(
    {
        "audit-hydrogens-differ",
        "audit-masked",
        "audit-moiety-differs",
        "audit-no-hydrogens",
        "audit-sum-differs",
        "audit-weight-differs",
    }
)


def describe_source(document: Json) -> str:
    """Return file, block and checksum of a document in one line.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    str
        For the foot of a table that leaves the report.
    """
    source = document["source"]
    block = f", block {source['block']}" if source["block"] else ""
    model = " A model, not a measured structure." if source["is_model"] else ""
    return f"Source: {source['file']}{block}, SHA-256 beginning {source['sha256'][:12]}.{model}"


def describe_differences(document: Json) -> tuple[str, ...]:
    """Tell where the declared composition is not that of the coordinates.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of str
        Sentences of the audit, without file and block.
    """
    source = document["source"]
    where = f"{source['file']}, block {source['block']}: "
    return tuple(
        _capitalise(finding["message"].removeprefix(where)) + "."
        for finding in document["audit"]
        if finding["code"] in _DIFFERENCES
    )


def tabulate_crystal(document: Json) -> Table:
    """Make the table of crystal data with the CIF items that it comes from.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    Table
        Without rows for a file without a lattice.
    """
    crystal = document["crystal"]
    rows: list[tuple[Cell, ...]] = []
    if crystal is not None:
        quantities = list_crystal_quantities(crystal)
        rows = [(_name(row), row.value, row.unit, row.items) for row in (*quantities, *_add_rest(crystal))]
    return Table(
        name="crystal",
        title="Crystal data",
        columns=(Column("quantity"), Column("value"), Column("unit"), Column("CIF item")),
        rows=tuple(row for row in rows if row[1] is not None),
        caption="As declared in the file; the volume is computed from the cell where no CIF item stands "
        "beside it.",
        source=describe_source(document),
    )


def tabulate_crystal_data(document: Json) -> Table:
    """Make the table of crystal data as journals print it.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    Table
        Without rows for a file without a lattice. Its notes tell where the declared composition is not that
        of the coordinates, and what journals ask for that the file does not state.
    """
    crystal = document["crystal"]
    quantities = list_crystal_quantities(crystal) if crystal is not None else ()
    missing = list_missing(quantities)
    absent = (f"Not stated in the file: {', '.join(missing)}.",) if quantities and missing else ()
    return Table(
        name="crystal-data",
        title="Crystal data and structure refinement",
        columns=(Column("quantity"), Column("value")),
        rows=list_crystal_cells(document),
        caption="Everything as the file declares it, s.u. in parentheses.",
        source=describe_source(document),
        notes=(*describe_differences(document), *absent),
    )


def list_crystal_cells(document: Json) -> tuple[tuple[Formula, Cell], ...]:
    """List the rows of the table of crystal data as journals print it.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of (Formula, Cell)
        Name with unit, such as ``"a / Å"``, and value; nothing for a file without a lattice.
    """
    crystal = document["crystal"]
    quantities = list_crystal_quantities(crystal) if crystal is not None else ()
    return tuple((_name_with_unit(row), row.value) for row in quantities)


def _name_with_unit(row: CrystalQuantity) -> Formula:
    return Formula(f"{row.name} / {row.unit}" if row.unit else row.name)


def _name(row: CrystalQuantity) -> Cell:
    return Formula(row.name) if row.name.startswith(("R1", "wR2")) else row.name


def _add_rest(crystal: Json) -> list[CrystalQuantity]:
    """Return what a report says and a paper does not."""
    declared, group = crystal["declared"], crystal["symmetry"]
    return [
        CrystalQuantity("symmetry taken from", "", group["source"]),
        CrystalQuantity("symmetry operations", "", _list_operations(group["operations"])),
        CrystalQuantity("DOI", "", declared["doi"], "_journal_paper_doi"),
        CrystalQuantity("title", "", declared["title"]),
    ]


def _list_operations(operations: list[str]) -> Cell:
    if len(operations) > _FEW:
        return f"{len(operations)}, listed in analysis.json"
    return Operation("; ".join(operations))


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]
