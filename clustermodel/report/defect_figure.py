"""Which site of a cluster is lost most easily? Free surface against what holds the site, kind by kind."""

from clustermodel.pipeline.defect_document import DefectEntry, DefectList
from clustermodel.report.canvas import COLOURS, INK, apply_style, build_canvas, write_svg
from clustermodel.report.figure import Figure

__all__ = ["draw_defect_figure"]

_MARKS = {
    "vacancy": ("o", COLOURS["theory"], "kernel atom"),
    "staple": ("s", COLOURS["other"], "staple"),
    "bridge": ("^", COLOURS["third"], "bridge"),
    "ligand": ("D", INK, "terminal ligand"),
}


def draw_defect_figure(found: DefectList) -> Figure | None:
    """Draw the ranking of what can be missing.

    Parameters
    ----------
    found : DefectList
        The list.

    Returns
    -------
    Figure or None
        Free share of the surface over the contacts and bonds that a removal breaks, the first of each kind
        by its name; None if nothing can be missing.
    """
    by_kind: dict[str, list[DefectEntry]] = {}
    for entry in found.entries:
        if entry.kind in _MARKS:
            by_kind.setdefault(entry.kind, []).append(entry)
    if not by_kind:
        return None
    with apply_style():
        canvas = build_canvas(2.4, left=0.55, top=0.25)
        axes = canvas.add_subplot()
        for kind, entries in by_kind.items():
            mark, colour, label = _MARKS[kind]
            held = [entry.contacts + entry.donor_bonds for entry in entries]
            free = [100 * entry.exposure for entry in entries]
            axes.plot(held, free, mark, color=colour, ms=4, alpha=0.8, label=label)
            axes.annotate(
                entries[0].site[0],
                (held[0], free[0]),
                textcoords="offset points",
                xytext=(5, 3),
                fontsize=7,
            )
        axes.set_xlabel("contacts and bonds to the rest")
        axes.set_ylabel("free surface / %")
        axes.set_ylim(0, 105)
        axes.set_xlim(left=-0.5)
        legend = axes.legend(frameon=False, ncols=4, columnspacing=1.0, handletextpad=0.1, fontsize=7)
        legend.set_loc("lower center")
        legend.set_bbox_to_anchor((0.45, 0.98), transform=axes.transAxes)
        svg = write_svg(canvas)
    caption = (
        f"Sites of {found.parent.formula} that can be missing: the higher and the further left, the easier "
        "by surface and neighbours; no energies. The first of each kind has its name."
    )
    return Figure("defects", caption, svg)
