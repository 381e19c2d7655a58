"""How is a text written in HTML, Markdown, LaTeX or plainly? Everything from outside is escaped here."""

import html
import re

from clustermodel.report.notation import Piece

__all__ = ["Html", "write_html", "write_latex", "write_markdown", "write_plain"]

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedblright{}", "Å": r"\AA{}",
    "°": r"$^{\circ}$",
    "−": "$-$", "·": r"$\cdot$", "×": r"$\times$", "±": r"$\pm$", "≤": r"$\leq$", "≥": r"$\geq$",
    "¹": "$^{1}$", "²": "$^{2}$", "³": "$^{3}$", "⁻": "$^{-}$", "₀": "$_{0}$", "₁": "$_{1}$", "₂": "$_{2}$",
    "₃": "$_{3}$", "₄": "$_{4}$", "₅": "$_{5}$", "₆": "$_{6}$", "₇": "$_{7}$", "₈": "$_{8}$", "₉": "$_{9}$",
    "–": "--", "—": "---", "…": r"\dots{}", "′": "$'$",
    "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$", "η": r"$\eta$", "κ": r"$\kappa$",
    "λ": r"$\lambda$", "μ": r"$\mu$", "µ": r"$\mu$", "σ": r"$\sigma$", "θ": r"$\theta$", "ρ": r"$\rho$",
    "Δ": r"$\Delta$", "π": r"$\pi$", "Σ": r"$\Sigma$", "∞": r"$\infty$", "√": r"$\surd$",
}  # fmt: skip


class Html(str):
    """HTML that is safe to insert as it stands; Jinja leaves it alone."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the text itself."""
        return str(self)


def write_html(pieces: tuple[Piece, ...]) -> Html:
    """Write pieces as HTML, everything escaped.

    Parameters
    ----------
    pieces : tuple of Piece
        The text.

    Returns
    -------
    Html
        HTML for a place where text may stand.

    Examples
    --------
    >>> from clustermodel.report.notation import split_formula
    >>> write_html(split_formula("Au25<b>"))
    'Au<sub>25</sub>&lt;b&gt;'
    """
    tags = {
        "sub": "<sub>{}</sub>",
        "sup": "<sup>{}</sup>",
        "italic": "<i>{}</i>",
        "bar": '<span class="bar">{}</span>',
    }
    return Html("".join(tags.get(p.style, "{}").format(html.escape(p.text)) for p in pieces))


def write_markdown(pieces: tuple[Piece, ...]) -> str:
    r"""Write pieces as one line of GitHub Markdown that can stand in a table.

    Parameters
    ----------
    pieces : tuple of Piece
        The text.

    Returns
    -------
    str
        Markdown with the few HTML tags that GitHub allows.

    Examples
    --------
    >>> from clustermodel.report.notation import split_formula
    >>> write_markdown(split_formula("Au25|x"))
    'Au<sub>25</sub>\\|x'
    """
    tags = {
        "sub": "<sub>{}</sub>",
        "sup": "<sup>{}</sup>",
        "italic": "*{}*",
        "bar": "{}\N{COMBINING OVERLINE}",
    }
    return "".join(tags.get(p.style, "{}").format(_escape_markdown(p.text)) for p in pieces)


def _escape_markdown(text: str) -> str:
    flat = " ".join(text.split()) if "\n" in text or "\r" in text else text
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~$])", r"\\\1", flat)


def write_latex(pieces: tuple[Piece, ...]) -> str:
    r"""Write pieces as LaTeX, everything escaped.

    Parameters
    ----------
    pieces : tuple of Piece
        The text.

    Returns
    -------
    str
        LaTeX that needs no package.

    Examples
    --------
    >>> from clustermodel.report.notation import split_formula
    >>> write_latex(split_formula("Au25(SR)18 & 50 %"))
    'Au$_{25}$(SR)$_{18}$ \\& 50 \\%'
    """
    shapes = {"sub": "$_{{{}}}$", "sup": "$^{{{}}}$", "italic": r"\textit{{{}}}", "bar": r"$\bar{{{}}}$"}
    return "".join(shapes.get(p.style, "{}").format(_escape_latex(p.text)) for p in pieces)


def _escape_latex(text: str) -> str:
    flat = " ".join(text.split()) if "\n" in text or "\r" in text else text
    written = "".join(_LATEX.get(char, char) for char in flat if char.isprintable())
    return written.replace("}$$_{", "").replace("}$$^{", "")  # neighbours in one sub- or superscript


def write_plain(pieces: tuple[Piece, ...]) -> str:
    """Write pieces without their styles.

    Parameters
    ----------
    pieces : tuple of Piece
        The text.

    Returns
    -------
    str
        The characters; an inversion axis with a hyphen before it.

    Examples
    --------
    >>> from clustermodel.report.notation import split_symmetry
    >>> from clustermodel.report.table import SpaceGroupName
    >>> write_plain(split_symmetry(SpaceGroupName("P -1")))
    'P -1'
    """
    return "".join(f"-{p.text}" if p.style == "bar" else p.text for p in pieces)
