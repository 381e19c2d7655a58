"""How is a table printed by LaTeX? With the rules of booktabs and the numbers of siunitx."""

import re
import textwrap
from collections.abc import Sequence

from clustermodel.report.layout import find_numbers, split_rows
from clustermodel.report.markup import write_latex
from clustermodel.report.notation import Piece
from clustermodel.report.table import Cell, Charge, Column, Measured, Table

__all__ = ["render_latex", "render_latex_document"]

_LONG = 28  # lines; more do not fit on a page, so the table is broken
_LINE = 94  # letters that fit between the margins at the usual size; the small one has a quarter more
_GAP = 3  # letters between two columns
_NARROW = 10  # letters; no column is broken to less
_HEAD = 14  # letters of a line of a heading
_WIDE = 7  # columns; more are set in small type
_MINUS = "\N{MINUS SIGN}"
_NUMBER = re.compile(r"(?P<sign>[-+]?)(?P<whole>\d+)(?:\.(?P<part>\d+))?(?:\((?P<su>\d+)\))?")
_PREAMBLE = (
    r"\usepackage{array, booktabs, longtable, siunitx}",
    r"\renewcommand{\floatpagefraction}{0.1}",
    r"\extrafloats{100}",
)
_PUNCTUATION = frozenset("‐‑‒–—―‘’“”†‡•…‰€™")
_ABSENT = frozenset("«»ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ")  # Latin letters that the standard fonts do not have


def render_latex(table: Table) -> str:
    r"""Write a table as LaTeX with the rules of booktabs and the number columns of siunitx.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    str
        A ``table`` environment, or a ``longtable`` for more rows than a page holds, with a comment that
        names the packages.

    Examples
    --------
    >>> from clustermodel.report.table import Column
    >>> columns = (Column("pair"), Column("mean", "Å"))
    >>> rows = (("Au-S", Measured(2.3231, 0.0021)), ("Au-P", Measured(2.29)))
    >>> text = render_latex(Table(name="t", title="T", columns=columns, rows=rows, caption=""))
    >>> [line for line in text.splitlines() if "tabular}" in line or "Au-" in line]
    ['\\begin{tabular}{lS[table-format=1.3(1)]}', 'Au-S & 2.323(2) \\\\', 'Au-P & 2.290 \\\\',
     '\\end{tabular}']
    """
    numbers, rows = find_numbers(table), split_rows(table)
    texts = [[_join(cell) for cell in row] for row in rows]
    shares = _share_line(table, texts, numbers)
    is_long = _count_lines(texts, shares) > _LONG
    layout = "".join(
        _find_format([row[i] for row in texts], [row[i] for row in table.rows])
        if number
        else rf">{{\raggedright\arraybackslash}}p{{{share:.2f}\linewidth}}"
        if share is not None
        else "l"
        for i, (number, share) in enumerate(zip(numbers, shares, strict=True))
    )
    heads = " & ".join(_write_head(column) for column in table.columns)
    body = [
        " & ".join(
            _write_number(text) if number else _write_text(pieces, cell)
            for pieces, text, cell, number in zip(row, words, cells, numbers, strict=True)
        )
        + r" \\"
        for row, words, cells in zip(rows, texts, table.rows, strict=True)
    ]
    said = " ".join(note for note in (table.caption, table.source) if note)
    caption = write_latex((Piece(f"{table.title}. {said}".strip()),))
    label = f"\\label{{tab:{table.name}}}"
    size = [r"\footnotesize", r"\setlength{\tabcolsep}{3pt}"] if len(table.columns) > _WIDE else []
    comment = f"% needs \\usepackage{{array, booktabs{', longtable' if is_long else ''}, siunitx}}; UTF-8"
    heads += r" \\"
    if is_long:
        lines = [
            r"\begingroup", *size,
            f"\\begin{{longtable}}{{{layout}}}",
            f"\\caption{{{caption}}}{label} \\\\",
            r"\toprule", heads, r"\midrule", r"\endfirsthead",
            r"\toprule", heads, r"\midrule", r"\endhead",
            r"\bottomrule", r"\endlastfoot",
            *body,
            r"\end{longtable}", *_write_notes(table), r"\endgroup",
        ]  # fmt: skip
    else:
        lines = [
            r"\begin{table}", r"\centering",
            f"\\caption{{{caption}}}{label}", r"\par\medskip", *size,
            f"\\begin{{tabular}}{{{layout}}}",
            r"\toprule", heads, r"\midrule", *body, r"\bottomrule",
            r"\end{tabular}", *_write_notes(table), r"\end{table}",
        ]  # fmt: skip
    return "\n".join([comment, *lines]) + "\n"


def render_latex_document(tables: Sequence[Table]) -> str:
    r"""Write tables as one LaTeX document that can be compiled.

    Parameters
    ----------
    tables : sequence of Table
        The tables.

    Returns
    -------
    str
        A document for pdflatex, lualatex or xelatex. To print a table elsewhere, take what stands between
        two comments, and the ``\usepackage`` lines. Letters that pdflatex does not know are printed as
        their Unicode numbers.
    """
    # A table that is broken keeps its place only where no other waits for a page.
    written = [render_latex(table) for table in tables]
    parts = [f"\\clearpage\n{text}\\clearpage\n" if "longtable}" in text else text for text in written]
    body = "\n".join(parts)
    unknown = sorted({char for char in body if not _is_known(char)})
    wide = ", landscape" if any(len(table.columns) > _WIDE for table in tables) else ""
    lines = [
        r"\documentclass[10pt]{article}",
        rf"\usepackage[a4paper{wide}, margin=15mm]{{geometry}}",
        *_PREAMBLE,
        *(
            f"\\ifdefined\\DeclareUnicodeCharacter\\DeclareUnicodeCharacter{{{ord(char):04X}}}"
            f"{{\\textsuperscript{{U+{ord(char):04X}}}}}\\fi"
            for char in unknown
        ),
        r"\begin{document}",
        r"\setlength{\LTcapwidth}{\textwidth}",
        body,
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def _is_known(char: str) -> bool:
    """Return whether pdflatex prints a letter without further packages."""
    return char in _PUNCTUATION or (ord(char) < 0x180 and char not in _ABSENT)


def _write_head(column: Column) -> str:
    """Write a heading in braces, over several lines where it is long; the unit stays with the last word."""
    lines = textwrap.wrap(column.name, _HEAD, break_long_words=False, break_on_hyphens=False)
    lines = [*lines[:-1], (lines[-1] if lines else "") + (f" / {column.unit}" if column.unit else "")]
    written = [write_latex((Piece(line),)) for line in lines]
    if len(written) < 2:
        return f"{{{''.join(written)}}}"
    body = r" \\ ".join(written)
    return rf"{{\begin{{tabular}}[b]{{@{{}}l@{{}}}}{body}\end{{tabular}}}}"


def _join(cell: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in cell)


def _find_format(texts: Sequence[str], cells: Sequence[Cell]) -> str:
    """Return the column of siunitx that aligns these numbers at their decimal points."""
    found = [match for text in texts if (match := _NUMBER.fullmatch(text.replace(_MINUS, "-")))]
    widths = [max((len(match[name] or "") for match in found), default=0) for name in ("whole", "part", "su")]
    whole, part, su = widths
    signed = any(isinstance(cell, Charge) for cell in cells)
    sign = "+" if signed else "-" if any(match["sign"] for match in found) else ""
    shape = f"{sign}{max(whole, 1)}" + (f".{part}" if part else "") + (f"({su})" if su else "")
    plus = "retain-explicit-plus, " if signed else ""
    return f"S[{plus}table-format={shape}]"


def _share_line(table: Table, texts: Sequence[Sequence[str]], numbers: Sequence[bool]) -> list[float | None]:
    """Return for each column the share of the line that it is broken to; None where it needs no break."""
    longest = [
        max([len(row[i]) for row in texts] + [min(len(column.heading), _HEAD)])
        for i, column in enumerate(table.columns)
    ]
    line = _LINE * (1.25 if len(longest) > _WIDE else 1.0)
    fixed = sum(width for width, number in zip(longest, numbers, strict=True) if number) + _GAP * len(longest)
    wordy = [width for width, number in zip(longest, numbers, strict=True) if not number]
    limits = range(max(wordy, default=_NARROW), _NARROW, -1)
    widest = next((one for one in limits if fixed + sum(min(one, w) for w in wordy) <= line), _NARROW)
    return [
        widest / line if not number and width > widest else None
        for number, width in zip(numbers, longest, strict=True)
    ]


def _count_lines(texts: Sequence[Sequence[str]], shares: Sequence[float | None]) -> int:
    """Return about how many lines the rows of a table take."""
    return sum(
        max(
            1 if share is None else -int(-len(text) // (share * _LINE))
            for text, share in zip(row, shares, strict=True)
        )
        for row in texts
    )


def _write_number(text: str) -> str:
    """Write a cell of a number column; what is no number is protected from siunitx."""
    plain = text.replace(_MINUS, "-")
    return plain if _NUMBER.fullmatch(plain) else f"{{{write_latex((Piece(text),))}}}"


def _write_text(pieces: tuple[Piece, ...], cell: Cell) -> str:
    """Write a cell of a text column, numbers in it by siunitx."""
    plain = _join(pieces).replace(_MINUS, "-")
    is_number = isinstance(cell, int | float | Measured | Charge) and _NUMBER.fullmatch(plain)
    option = "[retain-explicit-plus]" if plain.startswith("+") else ""
    return rf"\num{option}{{{plain}}}" if is_number else write_latex(pieces)


def _write_notes(table: Table) -> list[str]:
    if not table.notes:
        return []
    notes = r" \par ".join(write_latex((Piece(note),)) for note in table.notes)
    return [rf"\par\smallskip{{\footnotesize\raggedright {notes}\par}}"]
