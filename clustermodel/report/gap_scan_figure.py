"""Does the gap follow the site of a defect? Points and no line: a line would claim more than the ranks do."""

import math
from collections.abc import Sequence

from clustermodel.errors import InputError
from clustermodel.pipeline.gap_scan import DESCRIPTORS, GapRow, GapScan
from clustermodel.report.canvas import COLOURS, INK, apply_style, build_canvas, write_svg
from clustermodel.report.figure import Figure

__all__ = ["draw_gap_scan_figure"]

_MARKS = {
    "vacancy": ("o", COLOURS["theory"], "kernel atom"),
    "staple": ("s", COLOURS["other"], "staple"),
    "bridge": ("^", COLOURS["third"], "bridge"),
    "ligand": ("D", INK, "terminal ligand"),
    "filling": ("P", COLOURS["third"], "filled"),
    "substitution": ("v", INK, "other metal"),
}


def draw_gap_scan_figure(scan: GapScan, descriptor: str = "exposure") -> Figure | None:
    """Draw the gaps of a scan over a descriptor of the site.

    Parameters
    ----------
    scan : GapScan
        The scan.
    descriptor : str, optional
        One of `clustermodel.pipeline.gap_scan.DESCRIPTORS`.

    Returns
    -------
    Figure or None
        A point with its name for each defect that has a gap, and the gap of the parent as a line; None if
        there are no points.

    Raises
    ------
    InputError
        If there is no such descriptor.
    """
    if descriptor not in DESCRIPTORS:
        msg = f"descriptor {descriptor!r} does not exist; expected one of {', '.join(DESCRIPTORS)}"
        raise InputError(msg)
    rows = [row for row in scan.rows if not row.reason and math.isfinite(_measure(row, descriptor))]
    if not rows:
        return None
    label, unit = DESCRIPTORS[descriptor]
    with apply_style():
        canvas = build_canvas(2.4, left=0.5, top=0.25)
        axes = canvas.add_subplot()
        for kind in dict.fromkeys(row.kind for row in rows):
            mark, colour, name = _MARKS[kind]
            own = [row for row in rows if row.kind == kind]
            places = [_measure(row, descriptor) for row in own]
            axes.plot(places, [row.gap_ev for row in own], mark, color=colour, ms=4, alpha=0.8, label=name)
        for row in rows:
            axes.annotate(
                row.id,
                (_measure(row, descriptor), row.gap_ev),
                textcoords="offset points",
                xytext=(5, 3),
                fontsize=6,
            )
        if math.isfinite(scan.gap_ev):
            axes.axhline(scan.gap_ev, color=INK, lw=0.6, ls="--")
        axes.margins(x=0.2, y=0.15)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(f"{label} / {unit}" if unit else label)
        axes.set_ylabel("gap / eV")
        legend = axes.legend(frameon=False, ncols=4, columnspacing=1.0, handletextpad=0.1, fontsize=7)
        legend.set_loc("lower center")
        legend.set_bbox_to_anchor((0.45, 0.98), transform=axes.transAxes)
        svg = write_svg(canvas)
    return Figure(f"gap-scan-{descriptor.replace('_', '-')}", _describe(scan, rows, label), svg)


def _measure(row: GapRow, descriptor: str) -> float:
    return float(getattr(row.site, descriptor))


def _describe(scan: GapScan, rows: Sequence[GapRow], label: str) -> str:
    found = next((one for one in scan.correlations if one.descriptor == label), None)
    if found is None:
        told = ""
    elif math.isfinite(found.rho):
        told = (
            f" Spearman {found.rho:+.2f} over {found.n} removals, p = {found.p_adjusted:.2g} (adjusted): "
            f"{found.verdict}."
        )
    else:
        told = f" No correlation: {found.verdict}."
    missing = len(scan.rows) - len(rows)
    left = f" {missing} without a gap are not drawn." if missing else ""
    return (
        f"Gap of the defects of {scan.parent} by {scan.level}, ligands cut and nothing relaxed, over the "
        f"{label} of the site; dashed: without a defect.{told}{left}"
    )
