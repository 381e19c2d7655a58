"""What do the numbers look like? Bonds by role and electrons by charge, as small SVG figures."""

import html
import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from clustermodel.report.canvas import FOOT, INK, apply_style, build_canvas, write_svg
from clustermodel.report.cluster_tables import SUM_ROLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["Figure", "draw_figures"]

Json = dict[str, Any]

_LETTER = 0.057  # inch: width of a letter of 8 points, on average
_BESIDE = ("axes fraction", "data")  # a note to the right of the axes, at the height of a value
_BARS = {"metal": "#0072b2", "donor": "#d55e00"}  # Okabe and Ito: distinct for every reader and in grey


class Figure(NamedTuple):
    """One figure.

    Parameters
    ----------
    name : str
        Name of its file, without the ending.
    caption : str
        What it shows, with the settings.
    svg : str
        The drawing in black, for a file.
    """

    name: str
    caption: str
    svg: str

    def inline(self, prefix: str) -> str:
        """Return the drawing for a page.

        Parameters
        ----------
        prefix : str
            Beginning of the names inside the drawing, so that two drawings of a page share none.

        Returns
        -------
        str
            An ``svg`` element without fixed size, in the colours of the page.
        """
        body = self.svg[self.svg.index("<svg") :].replace("\n", " ")
        body = re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', r"\1", body, count=1)
        body = re.sub(r'<g id="[^"]*"', "<g", body)
        body = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{prefix}{self.name}-", body)
        body = body.replace("<svg", f'<svg role="img" aria-label="{html.escape(self.caption)}"', 1)
        body = body.replace("#000000", "currentColor")
        for kind, colour in _BARS.items():
            body = body.replace(colour, f"var(--{kind}-bonds)")
        return body


def draw_figures(cluster: Json) -> tuple[Figure, ...]:
    """Draw the figures of one cluster.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    tuple of Figure
        Ranges of bonds by role, histograms by role, and the electron count against the charge; those
        without data are left out.
    """
    with apply_style():
        return (*_draw_bonds(cluster), *_draw_count(cluster))


def _draw_bonds(cluster: Json) -> tuple[Figure, ...]:
    rows = [row for row in cluster["bonds"] if row["role"] != SUM_ROLE]
    settings = cluster["bond_settings"]
    if not rows:
        return ()
    note = f"Metal–metal pairs up to {settings['cutoff']:.2f} Å."
    return (
        Figure(
            f"cluster-{cluster['id']}-bond-ranges",
            "Bonds by role: shortest to longest (line), mean ± s.d. (bar), mean (dot), number n of bonds. "
            + note,
            write_svg(_plot_ranges(rows)),
        ),
        Figure(
            f"cluster-{cluster['id']}-bond-histogram",
            f"Number of bonds by role in bins of {settings['bin_width']:.2f} Å. {note}",
            write_svg(_plot_histograms(rows)),
        ),
    )


def _draw_count(cluster: Json) -> tuple[Figure, ...]:
    count = cluster["electron_count"]
    if not count["by_charge"]:
        return ()
    is_known = count["charge"] is not None
    mark = "filled: this cluster" if is_known else "the charge of this cluster is not known"
    return (
        Figure(
            f"cluster-{cluster['id']}-electron-count",
            f"Superatom electron count n* against the charge; lines: closed shells; {mark}.",
            write_svg(_plot_count(count)),
        ),
    )


def _label(row: Json) -> str:
    return f"{row['role']}, {row['pair'].replace('-', '–')}"


def _colour(row: Json) -> str:
    """Return the colour of metal-metal pairs, which have a cut-off, or of bonds to donors."""
    return _BARS["donor" if row["cutoff"] is None else "metal"]


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
            axes.axhline(row["count"], color=_BARS["donor"], lw=0.8, ls=(0, (4, 2)))
            place, text = (1.0, row["count"]), f"  {row['count']}"
            axes.annotate(text, place, xycoords=_BESIDE, va="center", color=_BARS["donor"])
    axes.plot(charges, values, "o-", color=_BARS["metal"], lw=0.8, ms=4.0, mfc="none", mew=0.9)
    if count["value"] is not None:
        axes.plot(count["charge"], count["value"], "o", color=_BARS["metal"], ms=7.0, mec=INK, mew=0.6)
    axes.set_xticks(charges, [f"{z:+d}".replace("-", "−") if z else "0" for z in charges])
    axes.set_xlabel("charge z / e")
    axes.set_ylabel("n*")
    axes.locator_params(axis="y", integer=True)
    return canvas
