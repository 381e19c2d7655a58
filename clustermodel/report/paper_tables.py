"""Which tables does a paper need? Those of one kind in full for one structure, side by side for several."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clustermodel.report.bond_tables import (
    describe_bonds,
    describe_statistics,
    list_bond_quantities,
    tabulate_bonds,
    tabulate_cutoffs,
)
from clustermodel.report.cluster_tables import list_cluster_tables
from clustermodel.report.contact_tables import (
    describe_contacts,
    list_contact_quantities,
    list_contact_tables,
)
from clustermodel.report.crystal_tables import (
    describe_differences,
    describe_source,
    list_crystal_cells,
    tabulate_crystal_data,
)
from clustermodel.report.motif_tables import list_motif_quantities, tabulate_motifs, tabulate_staples
from clustermodel.report.packing_tables import list_packing_quantities, list_packing_tables
from clustermodel.report.selected_tables import list_rigidity_tables, list_selected_tables
from clustermodel.report.side_by_side import (
    Quantity,
    Subject,
    combine_captions,
    combine_sources,
    list_subjects,
    name_subjects,
    tabulate_side_by_side,
)
from clustermodel.report.size_tables import list_size_quantities, tabulate_size
from clustermodel.report.symmetry_tables import list_symmetry_quantities, list_symmetry_tables
from clustermodel.report.table import Column, Table
from clustermodel.report.unit_tables import list_unit_quantities, list_unit_tables

__all__ = ["KINDS", "TableKind", "list_kind_tables"]

Json = dict[str, Any]

_FEW = 4  # structures that a title names


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKind:
    """One kind of tables.

    Parameters
    ----------
    name : str
        What the user calls it.
    title : str
        Title of the table of several structures.
    heads : tuple of str
        Its columns before those of the structures.
    tabulate : callable
        Makes the tables of one structure, from its `Subject`.
    quantities : callable or None
        Lists the quantities of one structure; None where structures cannot be compared row by row.
    describe : callable or None
        Says the settings of one structure for the caption.
    remark : callable or None
        Says what is to be known of one structure for the notes.
    of_clusters : bool
        Whether it is about the clusters of a file, not about the file.
    hide_zeros : bool
        Whether a row with nothing but zeros says nothing.
    needs_structure : bool
        Whether it needs what `measure_structure` measures.
    """

    name: str
    title: str
    heads: tuple[str, ...] = ("part", "quantity")
    tabulate: Callable[[Subject], Iterable[Table]]
    quantities: Callable[[Subject], Iterable[Quantity]] | None = None
    describe: Callable[[Subject], str] | None = None
    remark: Callable[[Subject], Iterable[str]] | None = None
    of_clusters: bool = True
    hide_zeros: bool = False
    needs_structure: bool = True


def list_kind_tables(documents: Sequence[Json], kind: TableKind) -> tuple[Table, ...]:
    """Make the tables of one kind.

    Parameters
    ----------
    documents : sequence of dict
        Documents ``clustermodel.analysis/1``.
    kind : TableKind
        One of `KINDS`.

    Returns
    -------
    tuple of Table
        For one document its tables in full, those of each cluster after the other; for several one table with
        a column for each structure, or the full tables of each where rows cannot be matched. Titles name the
        structure, and say where it is a model.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> from clustermodel.pipeline.document import build_document
    >>> document = build_document(analyze("model:au25_sch3_18_nme4")[0])
    >>> [table.title for table in list_kind_tables([document], KINDS["crystal"])]
    ['Crystal data and structure refinement, Au₂₅(SCH₃)₁₈ (model)']
    """
    subjects = list_subjects(documents, clusters=kind.of_clusters)
    names = name_subjects(subjects)
    if len(documents) > 1 and kind.quantities is not None:
        table = _compare(kind, subjects, names)
        return (table,) if table.rows else ()
    return tuple(
        replace(
            table,
            name=table.name if len(subjects) == 1 else f"{table.name}-{number}",
            title=f"{table.title}, {name}",
            source=describe_source(subject.document),
        )
        for number, (subject, name) in enumerate(zip(subjects, names, strict=True), 1)
        for table in kind.tabulate(subject)
        if table.rows
    )


def _compare(kind: TableKind, subjects: Sequence[Subject], names: Sequence[str]) -> Table:
    listed = kind.quantities if kind.quantities is not None else lambda _: ()
    describe = kind.describe if kind.describe is not None else lambda _: ""
    remark = kind.remark if kind.remark is not None else lambda _: ()
    every = [(name, one, list(listed(one))) for name, one in zip(names, subjects, strict=True)]
    known = [(name, one, rows) for name, one, rows in every if rows]  # a file of atoms has no crystal data
    names, subjects = [name for name, _, _ in known], [one for _, one, _ in known]
    shown = ", ".join(names) if len(names) <= _FEW else f"{len(names)} structures"
    empty = Table(
        name=f"{kind.name}-compared",
        title=f"{kind.title}, {shown}",
        columns=tuple(Column(head) for head in kind.heads),
        rows=(),
        caption=combine_captions(names, [describe(subject) for subject in subjects]),
        source=combine_sources(subjects),
        notes=tuple(
            f"{name}: {said}"
            for name, subject in zip(names, subjects, strict=True)
            for said in remark(subject)
        ),
    )
    table = tabulate_side_by_side(empty, names, [rows for _, _, rows in known])
    says_nothing = {None, 0} if kind.hide_zeros else {None}
    kept = (row for row in table.rows if not says_nothing.issuperset(row[len(kind.heads) :]))
    return replace(table, rows=tuple(kept))


def _cluster(subject: Subject) -> Json:
    assert subject.cluster is not None
    return subject.cluster


def _list_crystal(subject: Subject) -> Iterator[Quantity]:
    for key, value in list_crystal_cells(subject.document):
        yield Quantity((key,), value)


def _describe_crystal(subject: Subject) -> str:
    return "As declared in each file, s.u. in parentheses." if subject.document["crystal"] else ""


def _tabulate_bonds(subject: Subject) -> Iterator[Table]:
    cluster = _cluster(subject)
    yield tabulate_bonds(cluster, subject.document)
    yield tabulate_cutoffs(cluster, subject.document)
    yield from list_rigidity_tables(cluster)


def _describe_bonds(subject: Subject) -> str:
    cluster = _cluster(subject)
    return f"{describe_bonds(cluster, subject.document)} {describe_statistics(cluster['bonds'])[0]}"


def _remark_on_means(subject: Subject) -> Iterator[str]:
    told = describe_statistics(_cluster(subject)["bonds"])[1]
    if told:
        yield told


def _tabulate_motifs(subject: Subject) -> Iterator[Table]:
    cluster = _cluster(subject)
    yield tabulate_motifs(cluster)
    yield tabulate_staples(cluster)
    start = f"cluster-{cluster['id']}-"
    for table in list_cluster_tables(cluster, subject.document):
        if table.name == f"{start}conventions":
            yield replace(table, name="conventions", title=table.title.partition(", cluster ")[0])


def _describe_motifs(subject: Subject) -> str:
    convention = _cluster(subject)["kernel"]["convention"]
    told = "Means over all staples, each value with the same weight."
    return f"Kernel and motifs by the convention {convention}. {told}"


def _tabulate_units(subject: Subject) -> tuple[Table, ...]:
    return list_unit_tables(_cluster(subject))


def _describe_symmetry(subject: Subject) -> str:
    """Return the captions of the groups and of the chirality."""
    told = {table.name: table.caption for table in list_symmetry_tables(_cluster(subject))}
    return f"{told.get('point-group-deviations', '')} {told.get('chirality', '')}".strip()


def _tabulate_size(subject: Subject) -> tuple[Table, ...]:
    return (tabulate_size(_cluster(subject)),)


def _tabulate_packing(subject: Subject) -> tuple[Table, ...]:
    return list_packing_tables(subject.document)


def _remark_on_packing(subject: Subject) -> tuple[str, ...]:
    return next((table.notes for table in list_packing_tables(subject.document)), ())


def _describe_contacts(subject: Subject) -> str:
    contacts = subject.document.get("contact_tables")
    told = "Shorter than each cut-off (ΣR: sum of the van der Waals radii), all contacts of the cell."
    return f"{told} {describe_contacts(contacts)}" if contacts is not None else ""


def _describe_first(list_tables: Callable[[Subject], Iterable[Table]]) -> Callable[[Subject], str]:
    """Return what says the caption of the first table of a structure."""

    def describe(subject: Subject) -> str:
        return next((table.caption for table in list_tables(subject) if table.rows), "")

    return describe


KINDS: dict[str, TableKind] = {
    kind.name: kind
    for kind in (
        TableKind(
            name="crystal",
            title="Crystal data and structure refinement",
            heads=("quantity",),
            tabulate=lambda subject: (tabulate_crystal_data(subject.document),),
            quantities=_list_crystal,
            describe=_describe_crystal,
            remark=lambda subject: describe_differences(subject.document),
            of_clusters=False,
            needs_structure=False,
        ),
        TableKind(
            name="bonds",
            title="Bond lengths by role",
            heads=("role", "pair", "quantity"),
            tabulate=_tabulate_bonds,
            quantities=lambda subject: list_bond_quantities(_cluster(subject)),
            describe=_describe_bonds,
            remark=_remark_on_means,
        ),
        TableKind(
            name="selected",
            title="Selected bonds and angles",
            tabulate=lambda subject: list_selected_tables(_cluster(subject)),
        ),
        TableKind(
            name="motifs",
            title="Kernel, motifs, ligands and staples",
            tabulate=_tabulate_motifs,
            quantities=lambda subject: list_motif_quantities(_cluster(subject)),
            describe=_describe_motifs,
        ),
        TableKind(
            name="units",
            title="Building units of the kernel",
            tabulate=_tabulate_units,
            quantities=lambda subject: list_unit_quantities(_cluster(subject)),
            describe=_describe_first(_tabulate_units),
        ),
        TableKind(
            name="symmetry",
            title="Symmetry and chirality",
            tabulate=lambda subject: list_symmetry_tables(_cluster(subject)),
            quantities=lambda subject: list_symmetry_quantities(_cluster(subject)),
            describe=_describe_symmetry,
        ),
        TableKind(
            name="size",
            title="Size by each definition",
            tabulate=_tabulate_size,
            quantities=lambda subject: list_size_quantities(_cluster(subject)),
            describe=_describe_first(_tabulate_size),
        ),
        TableKind(
            name="packing",
            title="Packing of the clusters",
            heads=("quantity",),
            tabulate=_tabulate_packing,
            quantities=lambda subject: list_packing_quantities(subject.document),
            describe=_describe_first(_tabulate_packing),
            remark=_remark_on_packing,
            of_clusters=False,
        ),
        TableKind(
            name="contacts",
            title="Contacts between molecules",
            heads=("contact", "between", "quantity"),
            tabulate=lambda subject: list_contact_tables(subject.document),
            quantities=lambda subject: list_contact_quantities(subject.document),
            describe=_describe_contacts,
            of_clusters=False,
            hide_zeros=True,
        ),
    )
}
"""The kinds by name, in the order of a paper."""
