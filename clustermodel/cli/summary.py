"""What does the terminal show of an analysis? A summary with the audit on top."""

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clustermodel.cli.structure_summary import list_cluster_lines, list_crystal_lines
from clustermodel.cluster.electron_count import ElectronCount
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis
from clustermodel.pipeline.species_rows import list_species
from clustermodel.pipeline.structure import ClusterStructure, Structure
from clustermodel.structure.finding import Severity

__all__ = ["format_charge", "show_analysis"]

_COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "info": "dim"}


def show_analysis(
    analysis: Analysis,
    structure: Structure | None = None,
    *,
    brief: bool = False,
    console: Console | None = None,
) -> None:
    """Print a summary.

    Parameters
    ----------
    analysis : Analysis
        The analysis.
    structure : Structure, optional
        What was measured about its structure.
    brief : bool, optional
        One line per cluster only.
    console : Console, optional
        Where to print.
    """
    out = console if console is not None else Console()
    crystal = analysis.crystal
    block = f" · block {crystal.source.block}" if crystal.source.block else ""
    out.print(f"\n[bold]{escape(crystal.source.file)}[/]{escape(block)}", highlight=False)
    if crystal.is_model:
        out.print("[black on yellow] MODEL, not a measured structure [/]")
    if brief:
        _show_brief(analysis, out)
        return
    _show_audit(analysis, out)
    if analysis.refined:
        _show_crystal(analysis, out)
    out.print(_species_table(analysis))
    measured = structure.clusters if structure else (None,) * len(analysis.clusters)
    for cluster, own in zip(analysis.clusters, measured, strict=True):
        _show_cluster(cluster, own, out)
    if structure is not None and (lines := list_crystal_lines(structure)):
        out.print("\n[bold]Packing and contacts[/]")
        out.print(_line_table(lines), highlight=False)
    if not analysis.clusters:
        out.print("No cluster (three or more joined metal atoms) in this file.")


def format_charge(charge: int | None) -> str:
    """Write a charge as chemists do.

    Parameters
    ----------
    charge : int or None
        The charge.

    Returns
    -------
    str
        Sign after the number.

    Examples
    --------
    >>> format_charge(-1), format_charge(2), format_charge(0), format_charge(None)
    ('1−', '2+', '0', 'unknown')
    """
    if charge is None:
        return "unknown"
    return "0" if charge == 0 else f"{abs(charge)}{'+' if charge > 0 else '−'}"


def _show_brief(analysis: Analysis, out: Console) -> None:
    for one in analysis.clusters:
        electrons = one.electron_count.value
        count = f", n* = {electrons}" if electrons is not None else ""
        charge = format_charge(one.charge.value)
        out.print(f"  {one.formula}, charge {charge}{count}: {one.anatomy.summary}", highlight=False)
    if not analysis.clusters:
        formulas = ", ".join(dict.fromkeys(one.formula for one in analysis.species))
        out.print(f"  no cluster; {formulas}", highlight=False)


def _show_audit(analysis: Analysis, out: Console) -> None:
    counts = Counter(finding.severity for finding in analysis.audit)
    told = ", ".join(f"{counts[s]} {s}{'s' if counts[s] > 1 else ''}" for s in _COLOURS if counts[s])
    out.print(f"[bold]Audit[/]: {told or 'nothing noticed'}")
    for finding in analysis.audit:
        if finding.severity != "info":
            colour = _COLOURS[finding.severity]
            text = finding.message.partition(": ")[2] or finding.message
            out.print(f"  [{colour}]{finding.severity}[/] {escape(text)}", highlight=False)


def _show_crystal(analysis: Analysis, out: Console) -> None:
    crystal = analysis.crystal
    group = crystal.space_group
    cell = " ".join(f"{x:.3f}" for x in crystal.cell.lengths) + " Å, "
    cell += " ".join(f"{x:.2f}" for x in crystal.cell.angles) + "°"
    name = group.name or "unnamed"
    out.print(f"[bold]Crystal[/]: {name}, Z = {crystal.declared.z or '?'}, {cell}", highlight=False)


def _species_table(analysis: Analysis) -> Table:
    table = Table(title="Species", title_justify="left", box=None, padding=(0, 2))
    for heading in ("formula", "role", "name", "per cell", "charge"):
        table.add_column(heading, justify="right" if heading in {"per cell", "charge"} else "left")
    for row in list_species(analysis):
        kind = f"{row.role}, {row.periodicity}-periodic" if row.periodicity else row.role
        table.add_row(row.formula, kind, row.name, f"{row.per_cell:.4g}", format_charge(row.charge))
    return table


def _line_table(lines: list[tuple[str, str]]) -> Table:
    rows = Table(box=None, show_header=False, padding=(0, 2))
    for name, text in lines:
        rows.add_row(name, escape(text))
    return rows


def _show_cluster(one: ClusterAnalysis, structure: ClusterStructure | None, out: Console) -> None:
    out.print(f"\n[bold]Cluster {one.id}: {one.formula}[/]", highlight=False)
    rows = Table(box=None, show_header=False, padding=(0, 2))
    rows.add_row("charge", f"{format_charge(one.charge.value)} ({one.charge.source})")
    if one.variant.vacancies:
        sites = ", ".join(f"{label} {occupancy:.2f}" for label, occupancy in one.variant.vacancies)
        missing = ", ".join(one.variant.missing) or "none"
        rows.add_row("share of places", f"{one.variant.fraction:.3f} (empty: {missing}; occupancies {sites})")
    if one.average_formula != one.formula:
        rows.add_row("by occupancy", one.average_formula)
    rows.add_row("site symmetry", one.site_symmetry or "no lattice")
    rows.add_row(f"anatomy ({one.anatomy.convention})", one.anatomy.summary)
    others = [a for a in one.conventions if a.summary != one.anatomy.summary]
    for other in others:
        rows.add_row(
            f"anatomy ({other.convention})", other.summary + (" (unstable)" if other.unstable else "")
        )
    rows.add_row("ligands", ", ".join(_ligands(one)))
    rows.add_row("electron count n*", _electrons(one.electron_count))
    for name, text in list_cluster_lines(structure) if structure else ():
        rows.add_row(name, escape(text))
    out.print(rows, highlight=False)
    out.print(_bond_table(one), highlight=False)


def _ligands(one: ClusterAnalysis) -> list[str]:
    return [f"{r.count} {r.name or r.formula} ({r.kind}, {r.binding})" for r in one.ligands]


def _electrons(count: ElectronCount) -> str:
    if count.at_zero_charge is None:
        return f"not defined: {count.reason}"
    if count.value is None:
        magic = [f"{row.count} at z = {row.charge:+d}" for row in count.by_charge if row.magic]
        return f"{count.at_zero_charge} − z, charge unknown; shell closings: {', '.join(magic) or 'none'}"
    terms = " ".join(f"{'+' if t.total >= 0 else '−'} {abs(t.total)} ({t.label})" for t in count.terms)
    return f"{count.value} = {terms.removeprefix('+ ')}"


def _bond_table(one: ClusterAnalysis) -> Table:
    title = f"Bonds, metal–metal up to {one.bonds.settings.cutoff:.2f} Å"
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2))
    for heading in ("role", "pair", "n", "mean / Å", "s.d.", "min", "max"):
        table.add_column(heading, justify="left" if heading in {"role", "pair"} else "right")
    for row in one.bonds.rows:
        deviation = f"{row.sd:.3f}" if row.n > 1 else "–"
        table.add_row(
            row.role,
            row.pair,
            str(row.n),
            f"{row.mean:.3f}",
            deviation,
            f"{row.minimum:.3f}",
            f"{row.maximum:.3f}",
        )
    return table
