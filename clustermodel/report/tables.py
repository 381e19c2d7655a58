"""Which tables does a document yield? All of them, in the order of the report."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from clustermodel.report.cluster_tables import list_cluster_tables
from clustermodel.report.contact_tables import list_contact_tables
from clustermodel.report.crystal_tables import describe_source, tabulate_crystal_data
from clustermodel.report.file_tables import list_file_tables
from clustermodel.report.motif_tables import tabulate_motifs, tabulate_staples
from clustermodel.report.packing_tables import list_packing_tables
from clustermodel.report.selected_tables import list_rigidity_tables, list_selected_tables
from clustermodel.report.size_tables import tabulate_size
from clustermodel.report.symmetry_tables import list_symmetry_tables
from clustermodel.report.table import Table
from clustermodel.report.unit_tables import list_unit_tables

__all__ = ["list_crystal_structure_tables", "list_structure_tables", "list_tables"]

Json = dict[str, Any]


def list_tables(document: Json) -> tuple[Table, ...]:
    """Make every table of a document.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of Table
        First those about the file and its crystal, then those of each cluster; names do not repeat.
        The titles of a model say so.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> from clustermodel.pipeline.document import build_document
    >>> tables = list_tables(build_document(analyze("model:au25_sch3_18_nme4")[0]))
    >>> [table.name for table in tables][:3]
    ['audit', 'crystal', 'species']
    """
    made = [*list_file_tables(document), *list_crystal_structure_tables(document)]
    for cluster in document["clusters"]:
        made += [*list_cluster_tables(cluster, document), *list_structure_tables(cluster, document)]
    mark = " (model)" if document["source"]["is_model"] else ""
    return tuple(replace(table, title=table.title + mark) for table in made)


def list_crystal_structure_tables(document: Json) -> tuple[Table, ...]:
    """Make the tables about the structure of the crystal: data for print, packing, contacts.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of Table
        Those that are not empty.
    """
    source = describe_source(document)
    made = (tabulate_crystal_data(document), *list_packing_tables(document), *list_contact_tables(document))
    return tuple(replace(table, source=source) for table in made if table.rows)


def list_structure_tables(cluster: Json, document: Json) -> tuple[Table, ...]:
    """Make the tables about the structure of one cluster.

    Parameters
    ----------
    cluster : dict
        One of the clusters of the document.
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of Table
        Selected bonds and angles, motifs and staples, building units, symmetry and chirality, size, rigidity;
        those that are not empty. Names begin with ``cluster-ID-``, as those of `list_cluster_tables`.
    """
    source = describe_source(document)
    return tuple(
        replace(
            table,
            name=f"cluster-{cluster['id']}-{table.name}",
            title=f"{table.title}, cluster {cluster['id']}",
            source=source,
        )
        for table in _list_bare(cluster)
        if table.rows
    )


def _list_bare(cluster: Json) -> Iterator[Table]:
    yield from list_selected_tables(cluster)
    yield tabulate_motifs(cluster)
    yield tabulate_staples(cluster)
    yield from list_unit_tables(cluster)
    yield from list_symmetry_tables(cluster)
    yield tabulate_size(cluster)
    yield from list_rigidity_tables(cluster)
