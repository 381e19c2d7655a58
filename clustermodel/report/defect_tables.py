"""Which defects can a cluster have, as tables? One table for each kind, the likeliest sites first."""

from collections import Counter
from collections.abc import Iterator, Sequence

from clustermodel.elements import is_metal
from clustermodel.io.record import write_record
from clustermodel.pipeline.defect_document import DefectEntry, DefectList, DefectParent
from clustermodel.report.notation import format_charge
from clustermodel.report.sentences import describe_composition, describe_source_of_charge
from clustermodel.report.table import Cell, Charge, Column, Formula, Table

__all__ = ["describe_entry_composition", "list_defect_tables"]

_TITLES = {
    "filling": "Vacancies that can be filled",
    "vacancy": "Kernel atoms that can be missing",
    "staple": "Staples that can be missing or shorter",
    "bridge": "Bridges that can be missing",
    "ligand": "Terminal ligands that can be missing",
    "substitution": "Metal atoms that can be another metal",
}
_VERBS = {"filling": "added"}
_CAPTION = (
    "sites: equivalent ones; free: share of the van der Waals surface that nothing else covers; contacts: "
    "metal-metal, up to the length of a stretched bond; bonds: metal-donor, to what stays."
)


def list_defect_tables(
    found: DefectList, *, brief: bool = False, top: int | None = None
) -> tuple[Table, ...]:
    """Make the tables of a list of defects.

    Parameters
    ----------
    found : DefectList
        The list.
    brief : bool, optional
        Whether to leave out the columns with composition and anatomy.
    top : int, optional
        How many rows of each table; all by default.

    Returns
    -------
    tuple of Table
        The cluster, then one for each kind that has entries, in order of the list.

    Examples
    --------
    >>> from clustermodel.analysis.defect_results import DefectSettings
    >>> from clustermodel.pipeline.list_defects import list_defects
    >>> only = DefectSettings(kinds=("kernel atom removed",))
    >>> _, table = list_defect_tables(list_defects("model:au25_sch3_18_nme4", defects=only), brief=True)
    >>> [column.name for column in table.columns[:4]], table.rows[0][:3]
    (['id', 'removed', 'sites', 'charge (n*)'], ('vacancy-1', 'Au2', 12))
    """
    by_kind: dict[str, list[DefectEntry]] = {}
    for entry in found.entries:
        by_kind.setdefault(entry.kind, []).append(entry)
    kinds = (_build(found, entries, brief=brief, top=top) for entries in by_kind.values())
    return (_describe_cluster(found), *kinds)


def describe_entry_composition(one: DefectEntry | DefectParent) -> str:
    """Write metals and ligands of a changed cluster, or of its parent.

    Parameters
    ----------
    one : DefectEntry or DefectParent
        The cluster.

    Returns
    -------
    str
        For example ``"Au21(SAdm)12(PPh2py)3"``.
    """
    return describe_composition({"metals": one.metals, "ligands": write_record(one.ligands)})


def _describe_cluster(found: DefectList) -> Table:
    parent, counts = found.parent, Counter(entry.kind for entry in found.entries)
    charge = "unknown: give it with --charge" if parent.charge is None else format_charge(parent.charge)
    source = f" ({describe_source_of_charge(parent.charge_source)})" if parent.charge is not None else ""
    rows = (
        ("cluster", Formula(describe_entry_composition(parent))),
        ("kernel and motifs", Formula(parent.anatomy)),
        ("charge", f"{charge}{source}"),
        ("electron count n*", parent.electrons),
        ("approximate symmetry", _describe_symmetry(found)),
        ("different defects", ", ".join(f"{n} {kind}" for kind, n in counts.items()) or "none"),
    )
    return Table(
        name="defects-cluster",
        title=f"Single-site defects of cluster {parent.cluster} in {parent.file}",
        columns=(Column("quantity"), Column("value")),
        rows=rows,
        caption="A model, not a measured structure." if parent.is_model else "",
    )


def _build(found: DefectList, entries: Sequence[DefectEntry], *, brief: bool, top: int | None) -> Table:
    parent, kind = found.parent, entries[0].kind
    if kind == "substitution":
        columns, rows = _list_substitutions(parent, entries)
    elif brief:
        columns = _list_brief_columns(kind)
        rows = [_list_brief_cells(one) for one in entries]
    else:
        columns = (*_list_head_columns(parent), *_list_tail_columns(kind))
        rows = [(*_list_head(parent, one), *_list_tail(one)) for one in entries]
    hidden = len(rows) - top if top is not None else 0
    more = f"{hidden} more with --top 0." if hidden > 0 else ""
    place = f"{describe_entry_composition(parent)} of {parent.file}"
    edit = "Edits of the input, not relaxed."
    return Table(
        name=f"defects-{kind}",
        title=_TITLES[kind],
        columns=columns,
        rows=tuple(rows[:top]),
        caption=more if brief else f"{edit} {_describe_symmetry(found)} {_CAPTION}",
        source="" if brief else f"Single-site defects of {place}.",
    )


def _list_brief_columns(kind: str) -> tuple[Column, ...]:
    first = (Column("id"), Column(_VERBS.get(kind, "removed")), Column("sites"), Column("charge (n*)"))
    if kind == "filling":
        return *first, Column("contacts"), Column("clashes")
    return *first, Column("free", "%", 0), Column("contacts"), Column("bonds")


def _list_brief_cells(one: DefectEntry) -> tuple[Cell, ...]:
    first = (one.id, _name_change(one), one.multiplicity, _list_charges(one))
    if one.kind != "filling":
        return *first, 100 * one.exposure, one.contacts, one.donor_bonds
    first_one = one.clashes[0] if one.clashes else None
    worst = f", worst {first_one.distance:.2f} Å of {first_one.allowed:.2f} Å" if first_one else ""
    return *first, one.contacts, f"{len(one.clashes) or 'none'}{worst}"


def _name_change(one: DefectEntry) -> str:
    """Write what leaves or comes in a few words: ``"Au2, PPh2py"``, ``"SAdm at S32"``."""
    metals = [edit.label for edit in one.edits if is_metal(edit.element)]
    if one.kind == "filling":
        comes = ", ".join([*(edit.element for edit in one.edits[:1]), *([one.ligand] if one.ligand else [])])
        return f"{comes} beside {', '.join(one.site)}"
    donors = [label for label in one.site if label not in metals]
    named = one.change in {"motif shortened", "bridge removed", "terminal ligand removed"}
    at = f" at {', '.join(donors)}" if named else ""
    return ", ".join(word for word in (*metals, f"{one.ligand}{at}") if word)


def _list_charges(one: DefectEntry) -> str:
    """Write the charges with their electrons: ``"0 (8), +1 (7)"``."""
    if one.charges:
        return ", ".join(f"{format_charge(q.charge)} ({q.electrons})" for q in one.charges)
    if one.electron_change is None:
        return "not defined"
    return f"n* {one.electron_change:+d}" if one.electron_change else "n* as before"


def _list_head_columns(parent: DefectParent) -> tuple[Column, ...]:
    first = (Column("id"), Column("change"), Column("composition"), Column("anatomy"), Column("sites"))
    if parent.charge is None or parent.electrons is None:
        return (*first, Column("change of n*"))
    kept = Column(f"z for n* = {parent.electrons}")
    return (*first, kept, Column(f"n* at z = {format_charge(parent.charge)}"))


def _list_head(parent: DefectParent, one: DefectEntry) -> tuple[Cell, ...]:
    composition = Formula(describe_entry_composition(one))
    first = (one.id, one.title, composition, Formula(one.anatomy), one.multiplicity)
    if parent.charge is None or parent.electrons is None:
        return (*first, None if one.electron_change is None else Charge(one.electron_change))
    keeping = next((q.charge for q in one.charges if "electrons" in q.keeps), None)
    staying = next((q.electrons for q in one.charges if q.charge == parent.charge), None)
    return (*first, None if keeping is None else Charge(keeping), staying)


def _list_tail_columns(kind: str) -> tuple[Column, ...]:
    if kind == "filling":
        return (
            Column("contacts"),
            Column("clashes"),
            Column("of the core"),
            Column("worst clash"),
            Column("why"),
        )
    return Column("free", "%", 0), Column("contacts"), Column("bonds")


def _list_tail(one: DefectEntry) -> tuple[Cell, ...]:
    if one.kind != "filling":
        return 100 * one.exposure, one.contacts, one.donor_bonds
    told = None
    if one.clashes:
        worst = one.clashes[0]
        told = f"{worst.added}···{worst.present} {worst.distance:.2f} Å (free from {worst.allowed:.2f} Å)"
    return one.contacts, len(one.clashes), one.core_clashes, told, "; ".join(one.evidence)


def _list_substitutions(
    parent: DefectParent, entries: Sequence[DefectEntry]
) -> tuple[tuple[Column, ...], list[tuple[Cell, ...]]]:
    """Return one row for each site, with all elements that may stand there."""
    by_site: dict[tuple[float, ...], list[DefectEntry]] = {}
    for entry in entries:
        by_site.setdefault(tuple(entry.edits[0].position.tolist()), []).append(entry)
    known = parent.charge is not None and parent.electrons is not None
    heading = f"z for n* = {parent.electrons}" if known else "change of n*"
    columns = (
        Column("rank"),
        Column("atom"),
        Column("sites"),
        Column(heading),
        Column("free", "%", 0),
        Column("contacts"),
        Column("bonds"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            own[0].rank,
            own[0].edits[0].label,
            own[0].multiplicity,
            "; ".join(_group_elements(own, known=known)),
            100 * own[0].exposure,
            own[0].contacts,
            own[0].donor_bonds,
        )
        for own in by_site.values()
    ]
    return columns, sorted(rows, key=lambda row: row[0] if isinstance(row[0], int) else 0)


def _group_elements(entries: Sequence[DefectEntry], *, known: bool) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for one in entries:
        groups.setdefault(_write_shift(one, known=known), []).append(one.edits[0].element)
    for shift, elements in groups.items():
        yield f"{', '.join(elements)}: {shift}"


def _write_shift(one: DefectEntry, *, known: bool) -> str:
    if not known:
        return "?" if one.electron_change is None else format_charge(one.electron_change)
    kept = next((q.charge for q in one.charges if "electrons" in q.keeps), None)
    return "?" if kept is None else format_charge(kept)


def _describe_symmetry(found: DefectList) -> str:
    count, limit = found.parent.symmetries, found.settings.tolerance
    if count == 1:
        return f"No motion but the identity lays metal and donor atoms on themselves within {limit:g} Å."
    return f"{count} motions lay metal and donor atoms on themselves within {limit:g} Å (rms)."
