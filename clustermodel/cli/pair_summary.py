"""What does the terminal show of a comparison? The missing atom first, then the map and the bonds."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import fill

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from clustermodel.analysis.pair_sites import PairSite
from clustermodel.cli.pair_tables import build_bond_grid, build_number_grid, describe_cutoffs
from clustermodel.cli.summary import format_charge
from clustermodel.pipeline.compare import Comparison
from clustermodel.pipeline.compare_side import ComparedStructure
from clustermodel.structure.finding import Severity

__all__ = ["describe_surplus", "show_comparison"]

_COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "info": "dim"}
_SITES = 4  # sites that are described one by one
_ATOMS = 6  # atoms that one line names
_NAME = 16  # letters; a longer name is told once, then a or b stands for it
_SUMS = ("metal", "donor", "framework")
_COUNTS = {1: "one", 2: "two", 3: "three", 4: "four"}


def show_comparison(comparison: Comparison, console: Console | None = None) -> None:
    """Print what differs between two structures.

    Parameters
    ----------
    comparison : Comparison
        The comparison.
    console : Console, optional
        Where to print.
    """
    out = console if console is not None else Console(emoji=False)
    out.print(
        f"[bold]{escape(comparison.a.name)}[/] against [bold]{escape(comparison.b.name)}[/]", highlight=False
    )
    for finding in comparison.findings:
        if finding.code == "compare-model":
            out.print(f"[black on yellow] MODEL [/] {escape(finding.message)}", highlight=False)
    out.print(_build_head(comparison), highlight=False)
    out.print("\n[bold]What differs[/]")
    _show_lines(_list_changes(comparison), out)
    out.print("\n[bold]Which atom is which[/]")
    _show_lines(_list_map(comparison), out)
    out.print()
    out.print(build_bond_grid(comparison.pair), highlight=False)
    _show_lines([describe_cutoffs(comparison.pair)], out)
    out.print()
    out.print(build_number_grid(comparison.pair.differences), highlight=False)
    _show_findings(comparison, out)


def _show_lines(lines: Iterable[str], out: Console) -> None:
    """Print lines; what does not fit on one goes on with the same margin."""
    for line in filter(None, lines):
        margin = " " * (len(line) - len(line.lstrip()) + 2)
        text = fill(
            line,
            width=out.width,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        out.print(escape(text), highlight=False, soft_wrap=True)


def describe_surplus(comparison: Comparison) -> str:
    """Say what one cluster has more of than the other.

    Parameters
    ----------
    comparison : Comparison
        The comparison.

    Returns
    -------
    str
        For example ``"au22 has one Au and one PPh2py more"``; empty if they count the same.
    """
    first, second = _count_parts(comparison.a), _count_parts(comparison.b)
    more = {_call(comparison.b, "b"): second - first, _call(comparison.a, "a"): first - second}
    return "; ".join(f"{name} has {_list_parts(parts)} more" for name, parts in more.items() if parts)


def _count_parts(one: ComparedStructure) -> Counter[str]:
    cluster = one.cluster.cluster
    parts = Counter(cluster.molecule.elements[atom] for atom in cluster.metals)
    for row in one.cluster.ligands:
        parts[row.name or row.formula] += row.count
    return parts


def _list_parts(parts: Counter[str]) -> str:
    words = [f"{_COUNTS.get(n, str(n))} {name}" for name, n in parts.items()]
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def _build_head(comparison: Comparison) -> Grid:
    grid = Grid(box=None, padding=(0, 2), pad_edge=False)
    for heading in ("", f"a: {comparison.a.name}", f"b: {comparison.b.name}"):
        grid.add_column(escape(heading), overflow="fold")
    for name, texts in _list_heads(comparison):
        grid.add_row(f"  {name}", *(escape(text) for text in texts))
    return grid


def _list_heads(comparison: Comparison) -> Iterator[tuple[str, list[str]]]:
    sides = comparison.a, comparison.b
    pair = comparison.pair.a, comparison.pair.b
    yield "source", [_describe_source(one) for one in sides]
    yield "formula", [one.formula for one in pair]
    yield "anatomy", [one.anatomy for one in pair]
    yield "kernel units", [_describe_units(one) for one in sides]
    yield "charge", [_describe_charge(one) for one in sides]
    yield "electrons n*", ["unknown" if one.electrons is None else str(one.electrons) for one in pair]


def _describe_units(one: ComparedStructure) -> str:
    readings = one.units.decompositions
    if not readings:
        return "none"
    shared = ", ".join(dict.fromkeys(part.formula for part in readings[0].shared))
    doubt = "" if readings[0].convincing else " (not convincing)"
    return readings[0].identity + (f" sharing {shared}" if shared else "") + doubt


def _describe_charge(one: ComparedStructure) -> str:
    charge = one.cluster.charge
    return format_charge(charge.value) + (f" ({charge.source})" if charge.value is not None else "")


def _describe_source(one: ComparedStructure) -> str:
    if one.is_model:
        return "model"
    return "crystal structure" if one.analysis.refined else "atoms without a crystal"


def _list_changes(comparison: Comparison) -> Iterator[str]:
    """Yield one line for each atom that only one of the clusters has, and for what changed beside."""
    pair = comparison.pair
    yield describe_surplus(comparison) or "both have the same metal atoms and ligands"
    for site in pair.sites[:_SITES]:
        yield _describe_site(site, comparison)
    if len(pair.sites) > _SITES:
        yield f"and {len(pair.sites) - _SITES} more sites (--json - lists all)"
    if pair.sites:
        yield from _list_alternatives(comparison)
    changes = [f"{one.label}: {one.a} in a, {one.b} in b" for one in pair.motifs if one.a != one.b]
    if changes:
        yield f"motifs: {'; '.join(changes)}"


def _describe_site(site: PairSite, comparison: Comparison) -> str:
    vacant, filled = _call(comparison.a, "a"), _call(comparison.b, "b")
    cluster = comparison.b.cluster.cluster
    if site.vacant_in == "b":
        vacant, filled, cluster = filled, vacant, comparison.a.cluster.cluster
    what = f"{site.label} of {filled} ({site.role})"
    if site.atom not in cluster.metals:
        what = f"{site.ligand}, {what}"
    elif site.ligand:
        what = f"{what} with {site.ligand}"
    x, y, z = (f"{value:.2f}" for value in site.position)
    beside = _shorten([f"{one.label} {one.distance:.2f} Å" for one in site.neighbours])
    told = f", beside {beside}" if beside else ""
    return f"missing in {vacant}: {what}, at ({x}, {y}, {z}) Å in its frame{told}"


def _call(one: ComparedStructure, side: str) -> str:
    """Return the name of a structure, if it is short."""
    return one.name if len(one.name) <= _NAME else side


def _list_alternatives(comparison: Comparison) -> Iterator[str]:
    """Yield the metal atoms that only other maps of the same fit leave without partner."""
    atom_map = comparison.pair.atom_map
    here = {one.a for one in atom_map.mapped}, {one.b for one in atom_map.mapped}
    for column, one, side in ((1, comparison.b, "b"), (0, comparison.a, "a")):
        cluster = one.cluster.cluster
        labels = cluster.molecule.labels
        own = {labels[atom] for atom in cluster.metals if atom not in here[column]}
        free = {
            atom
            for rival in atom_map.rivals
            for atom in set(cluster.metals) - set(rival.pairs[:, column].tolist())
        }
        instead = [
            f"another copy of {labels[atom]}" if labels[atom] in own else labels[atom]
            for atom in sorted(free & here[column])
        ]
        if instead:
            told = _shorten(list(dict.fromkeys(instead)))
            yield f"by maps that fit as well it could be {told} of {_call(one, side)}"


def _list_map(comparison: Comparison) -> Iterator[str]:
    atom_map = comparison.pair.atom_map
    sure = atom_map.confidence
    yield f"{sure.level}: {sure.reason}"
    shares = {"metal atoms": sure.metals_mapped, "donors": sure.donors_mapped}
    told = [f"{share:.0%} of the {what}" for what, share in shares.items() if math.isfinite(share)]
    yield (
        f"{len(atom_map.mapped)} atoms in both, {len(atom_map.missing)} only in b, {len(atom_map.extra)} "
        f"only in a; partners for {' and '.join(told)}"
    )
    moved = [f"{one.label_a} → {one.label_b} {one.distance:.2f} Å" for one in atom_map.moved]
    yield f"moved by more than {atom_map.settings.moved:.2f} Å: {_shorten(moved) or 'no metal or donor atom'}"
    yield _describe_distances(comparison)
    if atom_map.exchanged:
        swapped = [f"{one.label_a} → {one.label_b}" for one in atom_map.exchanged]
        yield f"another element: {_shorten(swapped)}"


def _shorten(words: Sequence[str]) -> str:
    rest = f" and {len(words) - _ATOMS} more" if len(words) > _ATOMS else ""
    return ", ".join(words[:_ATOMS]) + rest


def _describe_distances(comparison: Comparison) -> str:
    rows = comparison.pair.atom_map.distances
    told = [f"{row.role} {row.rmsd:.2f}" for row in rows if row.role not in _SUMS]
    sums = [f"{row.role} {row.rmsd:.2f} (largest {row.largest:.2f})" for row in rows if row.role in _SUMS]
    return f"RMSD / Å: {', '.join(sums)}; by role: {', '.join(told)}"


def _list_audits(comparison: Comparison) -> Iterator[str]:
    """Yield how many warnings and errors the audit of each file has."""
    for one in dict.fromkeys((comparison.a, comparison.b)):
        counts = Counter(finding.severity for finding in one.analysis.audit)
        told = [
            f"{counts[kind]} {kind}{'s' if counts[kind] > 1 else ''}"
            for kind in ("error", "warning")
            if counts[kind]
        ]
        if told:
            yield f"the audit of {one.name} has {' and '.join(told)}: clustermodel analyze {one.source}"


def _show_findings(comparison: Comparison, out: Console) -> None:
    told = [(one.severity, one.message) for one in comparison.findings if one.code != "compare-model"]
    told += [("warning", message) for message in _list_audits(comparison)]
    order = list(_COLOURS)
    for severity, message in sorted(told, key=lambda one: order.index(one[0])):
        out.print(f"[{_COLOURS[severity]}]{severity}[/] {escape(message)}", highlight=False)
