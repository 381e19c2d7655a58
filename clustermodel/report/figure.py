"""What is a figure? A drawing with its name and caption, for a file of any format or for a page."""

import html
import io
import re
from typing import TYPE_CHECKING, NamedTuple

from clustermodel.errors import InputError
from clustermodel.report.canvas import apply_style, write_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["BARS", "FORMATS", "Drawing", "Figure"]

FORMATS = ("svg", "pdf", "png")
"""Formats of files: two of vectors, and pixels."""

BARS = {"metal": "#0072b2", "donor": "#d55e00"}
"""Colours of bonds to metals and to donors, after Okabe and Ito: distinct for every reader and in grey."""

_DPI = 600  # pixels an inch: what journals ask for


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
    adapts : bool, optional
        Whether colours of bonds follow those of the page; not where colours mean roles.
    """

    name: str
    caption: str
    svg: str
    adapts: bool = True

    @property
    def width(self) -> float:
        """Width in inches."""
        match = re.search(r'<svg[^>]*? width="([\d.]+)pt"', self.svg)
        return float(match.group(1)) / 72 if match else 0.0

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
        if self.adapts:
            body = body.replace("#000000", "currentColor")
        for kind, colour in BARS.items() if self.adapts else ():
            body = body.replace(colour, f"var(--{kind}-bonds)")
        return body


class Drawing(NamedTuple):
    """A figure that can still be written in any format.

    Parameters
    ----------
    name : str
        Name of its file, without the ending.
    caption : str
        What it shows, with the settings.
    canvas : matplotlib.figure.Figure
        The drawing.
    adapts : bool, optional
        As for `Figure`.
    """

    name: str
    caption: str
    canvas: "Canvas"
    adapts: bool = True

    def to_figure(self) -> Figure:
        """Return the figure for a page and for the folder of a report.

        Returns
        -------
        Figure
            The drawing as SVG.
        """
        with apply_style():
            return Figure(self.name, self.caption, write_svg(self.canvas), self.adapts)

    def render(self, kind: str) -> bytes:
        """Return the content of a file.

        Parameters
        ----------
        kind : str
            One of `FORMATS`.

        Returns
        -------
        bytes
            The drawing; pixels at 600 to the inch on white.

        Raises
        ------
        InputError
            If the format is not known.
        """
        if kind not in FORMATS:
            msg = f"figure format {kind!r}: expected one of {', '.join(FORMATS)}"
            raise InputError(msg)
        with apply_style():
            if kind == "svg":
                return write_svg(self.canvas).encode("utf-8")
            stream = io.BytesIO()
            nothing = {"CreationDate": None, "Producer": None, "Creator": None} if kind == "pdf" else None
            self.canvas.savefig(stream, format=kind, dpi=_DPI, facecolor="white", metadata=nothing)
        return stream.getvalue()
