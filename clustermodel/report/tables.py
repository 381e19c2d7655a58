"""Which tables does a document yield? All of them, in the order of the report."""

from typing import Any

from clustermodel.report.cluster_tables import list_cluster_tables
from clustermodel.report.file_tables import list_file_tables
from clustermodel.report.table import Table

__all__ = ["list_tables"]


def list_tables(document: dict[str, Any]) -> tuple[Table, ...]:
    """Make every table of a document.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of Table
        First those about the file, then those of each cluster; names do not repeat.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> from clustermodel.pipeline.document import build_document
    >>> tables = list_tables(build_document(analyze("model:au25_sch3_18_nme4")[0]))
    >>> [table.name for table in tables][:3]
    ['audit', 'crystal', 'species']
    """
    clusters = (table for one in document["clusters"] for table in list_cluster_tables(one, document))
    return (*list_file_tables(document), *clusters)
