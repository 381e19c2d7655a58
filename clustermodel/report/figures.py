"""Which figures does a document yield? Anatomy, bonds, electrons, packing and contacts."""

from collections.abc import Iterator, Sequence
from typing import Any

from clustermodel.errors import InputError
from clustermodel.report.anatomy_figure import describe_anatomy_figure, plot_anatomy
from clustermodel.report.bond_figures import draw_bonds, draw_count
from clustermodel.report.canvas import apply_style
from clustermodel.report.contact_figure import describe_contact_figure, list_contact_tables, plot_contacts
from clustermodel.report.figure import Drawing, Figure
from clustermodel.report.packing_figure import describe_packing_figure, plot_packing

__all__ = ["FIGURE_KINDS", "draw_crystal_figures", "draw_figures", "list_drawings"]

Json = dict[str, Any]

FIGURE_KINDS = ("anatomy", "bonds", "electrons", "packing", "contacts")
"""The kinds of figures, in the order of the report."""


def list_drawings(document: Json, kinds: Sequence[str] = FIGURE_KINDS) -> tuple[Drawing, ...]:
    """Draw the figures of a document.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.
    kinds : sequence of str, optional
        Some of `FIGURE_KINDS`.

    Returns
    -------
    tuple of Drawing
        Those that have data.

    Raises
    ------
    InputError
        If a kind is not known.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> from clustermodel.pipeline.document import build_document
    >>> document = build_document(analyze("model:au25_sch3_18_nme4")[0])
    >>> [drawing.name for drawing in list_drawings(document, ["anatomy", "bonds"])]
    ['cluster-1-anatomy', 'cluster-1-bond-ranges', 'cluster-1-bond-histogram']
    """
    unknown = [kind for kind in kinds if kind not in FIGURE_KINDS]
    if unknown:
        msg = f"figure kind {unknown[0]!r}: expected some of {', '.join(FIGURE_KINDS)}"
        raise InputError(msg)
    with apply_style():
        own = [d for cluster in document["clusters"] for d in _draw_cluster(cluster, kinds)]
        return (*own, *_draw_crystal(document, kinds))


def draw_figures(cluster: Json) -> tuple[Figure, ...]:
    """Draw the figures of one cluster for a report.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    tuple of Figure
        Anatomy, ranges of bonds by role, histograms by role, and the electron count against the charge;
        those without data are left out.
    """
    with apply_style():
        return tuple(drawing.to_figure() for drawing in _draw_cluster(cluster, FIGURE_KINDS))


def draw_crystal_figures(document: Json) -> tuple[Figure, ...]:
    """Draw the figures of a crystal for a report.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of Figure
        Packing and contacts; those without data are left out.
    """
    with apply_style():
        return tuple(drawing.to_figure() for drawing in _draw_crystal(document, FIGURE_KINDS))


def _draw_cluster(cluster: Json, kinds: Sequence[str]) -> Iterator[Drawing]:
    if "anatomy" in kinds:
        name, told = f"cluster-{cluster['id']}-anatomy", describe_anatomy_figure(cluster)
        yield Drawing(name, told, plot_anatomy(cluster), adapts=False)
    if "bonds" in kinds:
        yield from draw_bonds(cluster)
    if "electrons" in kinds:
        yield from draw_count(cluster)


def _draw_crystal(document: Json, kinds: Sequence[str]) -> Iterator[Drawing]:
    packing = document.get("packing")
    if "packing" in kinds and packing and packing["neighbours"]:
        yield Drawing("packing", describe_packing_figure(document), plot_packing(document), adapts=False)
    if "contacts" in kinds:
        for table in list_contact_tables(document):
            name = "-".join(("contacts", table["kind"], *table["between"], table["scope"])).replace(" ", "-")
            yield Drawing(name.lower(), describe_contact_figure(table), plot_contacts(table), adapts=False)
