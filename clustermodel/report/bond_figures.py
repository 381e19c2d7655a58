"""What do bonds and electrons look like? Bonds by role, and the electron count against the charge."""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from clustermodel.report.canvas import FOOT, INK, build_canvas
from clustermodel.report.cluster_tables import SUM_ROLE
from clustermodel.report.figure import BARS, Drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["draw_bonds", "draw_count"]

Json = dict[str, Any]

_LETTER = 0.057  # inch: width of a letter of 8 points, on average
_BESIDE = ("axes fraction", "data")  # a note to the right of the axes, at the height of a value


def draw_bonds(cluster: Json) -> Iterator[Drawing]:
    """Draw the ranges and the histograms of bonds by role.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Yields
    ------
    Drawing
        None without bonds.
    """
    rows = [row for row in cluster["bonds"] if row["role"] != SUM_ROLE]
    settings = cluster["bond_settings"]
    if not rows:
        return
    note = f"Metal–metal pairs up to {settings['cutoff']:.2f} Å."
    told = "Bonds by role: shortest to longest (line), mean ± s.d. (bar), mean (dot), number n of bonds."
    yield Drawing(f"cluster-{cluster['id']}-bond-ranges", f"{told} {note}", _plot_ranges(rows))
    told = f"Number of bonds by role in bins of {settings['bin_width']:.2f} Å."
    yield Drawing(f"cluster-{cluster['id']}-bond-histogram", f"{told} {note}", _plot_histograms(rows))


def draw_count(cluster: Json) -> Iterator[Drawing]:
    """Draw the superatom electron count against the charge.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Yields
    ------
    Drawing
        None where the electrons cannot be counted.
    """
    count = cluster["electron_count"]
    if not count["by_charge"]:
        return
    is_known = count["charge"] is not None
    mark = "filled: this cluster" if is_known else "the charge of this cluster is not known"
    told = f"Superatom electron count n* against the charge; lines: closed shells; {mark}."
    yield Drawing(f"cluster-{cluster['id']}-electron-count", told, _plot_count(count))


def _label(row: Json) -> str:
    return f"{row['role']}, {row['pair'].replace('-', '–')}"


def _colour(row: Json) -> str:
    """Return the colour of metal-metal pairs, which have a cut-off, or of bonds to donors."""
    return BARS["donor" if row["cutoff"] is None else "metal"]


def _plot_ranges(rows: list[Json]) -> "Canvas":
    widest = max(len(_label(row)) for row in rows)
    canvas = build_canvas(FOOT + 0.2 + 0.24 * len(rows), left=0.1 + _LETTER * widest, right=0.3, top=0.2)
    axes = canvas.add_subplot()
    for place, row in enumerate(rows):
        colour, mean, sd = _colour(row), row["mean"], row["sd"] or 0.0
        axes.plot([row["min"], row["max"]], [place, place], color=colour, lw=1.0, solid_capstyle="butt")
        axes.barh(place, 2 * sd, left=mean - sd, height=0.46, color=colour, alpha=0.35, lw=0)
        axes.plot(mean, place, "o", color=colour, ms=4.0, mec=INK, mew=0.4)
        axes.annotate(f" {row['n']}", (1.0, place), xycoords=_BESIDE, va="center", fontsize=7.0)
    axes.set_yticks(range(len(rows)), [_label(row) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.annotate(" n", (1.0, -0.75), xycoords=_BESIDE, va="bottom", fontsize=7.0, style="italic")
    axes.margins(x=0.06)
    axes.set_xlabel("distance / Å")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", lw=0.3, alpha=0.5)
    axes.set_axisbelow(True)
    return canvas


def _plot_histograms(rows: list[Json]) -> "Canvas":
    canvas = build_canvas(FOOT + 0.2 + 0.52 * len(rows), top=0.2)
    canvas.subplots_adjust(hspace=0.75)
    panels = canvas.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
    for axes, row in zip(panels, rows, strict=True):
        edges, counts = row["histogram"]["edges"], row["histogram"]["counts"]
        widths = [b - a for a, b in itertools.pairwise(edges)]
        axes.bar(edges[:-1], counts, width=widths, align="edge", color=_colour(row), lw=0)
        axes.set_title(_label(row), loc="left", fontsize=7.0, pad=1.5)
        axes.set_ylim(0, max(counts) * 1.05)
        axes.set_yticks([max(counts)])
        axes.tick_params(axis="x", length=2)
    panels[-1].set_xlabel("distance / Å")
    canvas.supylabel("number of bonds", fontsize=8.0, x=0.02)
    return canvas


def _plot_count(count: Json) -> "Canvas":
    canvas = build_canvas(2.2, left=0.42, right=0.25)
    axes = canvas.add_subplot()
    charges, values = zip(*((row["charge"], row["count"]) for row in count["by_charge"]), strict=True)
    for row in count["by_charge"]:
        if row["magic"]:
            axes.axhline(row["count"], color=BARS["donor"], lw=0.8, ls=(0, (4, 2)))
            place, text = (1.0, row["count"]), f"  {row['count']}"
            axes.annotate(text, place, xycoords=_BESIDE, va="center", color=BARS["donor"])
    axes.plot(charges, values, "o-", color=BARS["metal"], lw=0.8, ms=4.0, mfc="none", mew=0.9)
    if count["value"] is not None:
        axes.plot(count["charge"], count["value"], "o", color=BARS["metal"], ms=7.0, mec=INK, mew=0.6)
    axes.set_xticks(charges, [f"{z:+d}".replace("-", "−") if z else "0" for z in charges])
    axes.set_xlabel("charge z / e")
    axes.set_ylabel("n*")
    axes.locator_params(axis="y", integer=True)
    return canvas
