"""Which tables does a comparison yield? All of them, in the order of the report."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from clustermodel.report.pair_atom_tables import (
    tabulate_displacements,
    tabulate_map,
    tabulate_moved,
    tabulate_neighbours,
    tabulate_rivals,
    tabulate_rmsd,
    tabulate_sites,
    tabulate_unmapped,
)
from clustermodel.report.pair_bond_tables import (
    tabulate_common_bonds,
    tabulate_pair_bonds,
    tabulate_pair_cutoffs,
    tabulate_sign_changes,
)
from clustermodel.report.pair_quantity_tables import list_quantity_tables
from clustermodel.report.pair_sentences import (
    describe_charge,
    describe_files,
    describe_kind,
    describe_units,
    list_sides,
)
from clustermodel.report.table import Cell, Column, Formula, Table

__all__ = ["list_pair_tables"]

Json = dict[str, Any]


def list_pair_tables(document: Json) -> tuple[Table, ...]:
    """Make every table of a comparison.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    tuple of Table
        Those that are not empty; names do not repeat. The titles say which cluster is a model.

    Examples
    --------
    >>> from clustermodel.pipeline.compare import compare_structures
    >>> from clustermodel.pipeline.compare_document import build_comparison_document
    >>> name = "model:au25_sch3_18_nme4"
    >>> tables = list_pair_tables(build_comparison_document(compare_structures(name, name)))
    >>> [table.name for table in tables][:3]
    ['clusters', 'bonds', 'bonds-in-both']
    """
    source = describe_files(document)
    mark = _mark_models(document)
    return tuple(
        replace(table, title=table.title + mark, source=source)
        for table in _list_bare(document)
        if table.rows
    )


def _mark_models(document: Json) -> str:
    models = [side.name for side in list_sides(document) if side.is_model]
    if len(models) == 2:
        return " (models)"
    return f" ({models[0]} is a model)" if models else ""


def _list_bare(document: Json) -> Iterator[Table]:
    yield tabulate_clusters(document)
    yield tabulate_pair_bonds(document)
    yield tabulate_common_bonds(document)
    yield tabulate_pair_cutoffs(document)
    yield tabulate_sign_changes(document)
    yield tabulate_sites(document)
    yield tabulate_neighbours(document)
    yield tabulate_unmapped(document)
    yield tabulate_moved(document)
    yield tabulate_rmsd(document)
    yield tabulate_pair_motifs(document)
    yield tabulate_motif_changes(document)
    yield from list_quantity_tables(document)
    yield tabulate_map(document)
    yield tabulate_rivals(document)
    yield tabulate_displacements(document)
    yield tabulate_findings(document)
    yield tabulate_pair_settings(document)


def tabulate_clusters(document: Json) -> Table:
    """Make the table of what the two clusters are.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        Composition, charge, electrons, kernel and motifs, and where each is from.
    """
    sides = list_sides(document)
    summaries = [document["summaries"][key] for key in "ab"]
    sources = [document["sources"][key] for key in "ab"]
    rows: list[tuple[Cell, ...]] = [
        ("cluster", *(Formula(side.composition) for side in sides)),
        ("kind", *(describe_kind(source) for source in sources)),
        ("formula", *(Formula(one["formula"]) for one in summaries)),
        ("atoms", *(one["n_atoms"] for one in summaries)),
        ("charge", *(describe_charge(document, key) for key in "ab")),
        ("superatom electrons", *(one["electrons"] for one in summaries)),
        ("kernel and motifs", *(Formula(one["anatomy"]) for one in summaries)),
        ("kernel units", *(describe_units(document, key) or None for key in "ab")),
        ("file", *(source["file"] for source in sources)),
        ("block", *(source["block"] for source in sources)),
        ("cluster of the file", *(source["cluster"] for source in sources)),
        ("temperature / K", *(source["temperature"] for source in sources)),
    ]
    return Table(
        name="clusters",
        title="The two clusters",
        columns=(Column("quantity"), *(Column(side.marked) for side in sides)),
        rows=tuple(row for row in rows if any(cell is not None for cell in row[1:])),
        caption=f"Kernel by the convention {document['settings']['a']['analysis']['convention']}.",
    )


def tabulate_pair_motifs(document: Json) -> Table:
    """Make the table of motifs and attachments of both clusters.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        How many of each kind either has.
    """
    a, b = list_sides(document)
    return Table(
        name="motifs",
        title="Motifs and attached ligands",
        columns=(Column("motif"), Column(a.marked), Column(b.marked), Column("Δ")),
        rows=tuple(
            (Formula(row["label"]), row["a"], row["b"], row["b"] - row["a"]) for row in document["motifs"]
        ),
        caption=f"Δ = {b.name} − {a.name}. R: an organic group; μ2-SR bridges two kernel atoms.",
    )


def tabulate_motif_changes(document: Json) -> Table:
    """Make the table of motifs of the first cluster that are not whole in the second.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        No rows where every motif is the same in both.
    """
    a, b = list_sides(document)
    return Table(
        name="motif-changes",
        title=f"Motifs of {a.name} that are others, or not whole, in {b.name}",
        columns=(
            Column(f"motif {a.marked}"),
            Column(f"motif {b.marked}"),
            Column("atoms"),
            Column("of them in it"),
        ),
        rows=tuple(
            (
                Formula(row["label_a"]),
                Formula(row["label_b"]) if row["label_b"] else None,
                ", ".join(row["atoms"]),
                row["n_mapped"],
            )
            for row in document["motif_changes"]
        ),
        caption=f"Of them in it: how many of the atoms are mapped into the motif of {b.name}.",
    )


def tabulate_findings(document: Json) -> Table:
    """Make the table of findings.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        What a reader should know, the gravest first.
    """
    order = ("error", "warning", "info")
    return Table(
        name="findings",
        title="What to know about this comparison",
        columns=(Column("severity"), Column("finding"), Column("code")),
        rows=tuple(
            (one["severity"], one["message"], one["code"])
            for one in sorted(document["findings"], key=lambda one: order.index(one["severity"]))
        ),
        caption="",
    )


def tabulate_pair_settings(document: Json) -> Table:
    """Make the table of all choices behind a comparison.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        One row for each choice.
    """
    return Table(
        name="settings",
        title="Settings",
        columns=(Column("setting"), Column("value")),
        rows=tuple(_list_settings(document["settings"], "")),
        caption="Choices of the atom map (pair atoms) and of bonds (pair bonds) are explained in the manual.",
    )


def _list_settings(settings: Json, path: str) -> Iterator[tuple[Cell, ...]]:
    for key, value in settings.items():
        name = f"{path} {key}".strip().replace("_", " ")
        if isinstance(value, dict):
            yield from _list_settings(value, name)
        elif isinstance(value, list):
            yield name, ", ".join(str(item) for item in value) or None
        else:
            yield name, value if value is None or isinstance(value, str | bool) else f"{value:g}"
