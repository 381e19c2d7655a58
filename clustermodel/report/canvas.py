"""What does every figure share? Size, style, and an SVG that is the same for the same data."""

import contextlib
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = [
    "COLOURS",
    "FOOT",
    "INK",
    "WIDE",
    "WIDTH",
    "apply_style",
    "build_canvas",
    "write_mathtext",
    "write_svg",
]

WIDTH = 3.5  # inch: one column of a journal, and a telephone at full size
WIDE = 7.0  # inch: two columns
FOOT = 0.42  # inch: numbers and label of the lower axis
INK = "#010203"  # stands for the colour of the text around the figure
COLOURS = {
    "theory": "#0072b2",
    "other": "#d55e00",
    "third": "#009e73",
}  # Okabe and Ito: distinct also in grey
_STYLE: Any = {
    "font.size": 8.0,
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"],
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "clustermodel",
}


_SUBSCRIPTS = re.compile("[₀-₉]+")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@contextlib.contextmanager
def apply_style() -> Iterator[None]:
    """Use the style of the project inside of a ``with`` block, not the reader's own settings.

    Yields
    ------
    None
        Nothing.
    """
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def build_canvas(height: float, *, left: float = 0.5, right: float = 0.08, top: float = 0.08) -> "Canvas":
    """Return an empty figure of matplotlib with margins in inches.

    Parameters
    ----------
    height : float
        Height in inches.
    left, right, top : float, optional
        Margins in inches.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; pyplot is not needed.
    """
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(WIDTH, height))
    canvas.subplots_adjust(
        left=left / WIDTH, right=1 - right / WIDTH, bottom=FOOT / height, top=1 - top / height
    )
    return canvas


def write_mathtext(text: str) -> str:
    r"""Write a text for matplotlib: fonts may lack the subscripts of Unicode.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        With subscripts in the notation of matplotlib, and dollar signs that are shown.

    Examples
    --------
    >>> write_mathtext("Au₂₂, 5 $")
    'Au$_{22}$, 5 \\$'
    """
    return _SUBSCRIPTS.sub(lambda m: f"$_{{{m[0].translate(_DIGITS)}}}$", text.replace("$", r"\$"))


def write_svg(canvas: "Canvas") -> str:
    """Write a figure as SVG, without date and random names.

    Parameters
    ----------
    canvas : matplotlib.figure.Figure
        The figure.

    Returns
    -------
    str
        The drawing in black.
    """
    stream = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    canvas.savefig(stream, format="svg", transparent=True, metadata=nothing)
    return re.sub(r"<!DOCTYPE[^>]*>\n?", "", stream.getvalue()).replace(INK, "#000000")
