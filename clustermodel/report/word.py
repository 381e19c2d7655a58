"""How do tables come into a Word document? As real tables, captions above and notes below."""

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from clustermodel.report.layout import find_numbers, split_rows
from clustermodel.report.notation import Piece
from clustermodel.report.table import Table

__all__ = ["render_word"]

Docx = Any  # python-docx has no types that hold here

_WIDE = 7  # columns; a document with a wider table is turned
_BODY, _SMALL = 9.0, 8.0  # points
_BAR = "\N{COMBINING OVERLINE}"
_HEAVY, _LIGHT = 8, 4  # eighths of a point: the rules of booktabs, 0.08 and 0.05 em of 10 points, roughly
_NOT_XML = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")  # line breaks among them


def render_word(tables: Sequence[Table]) -> bytes:
    """Write tables as a Word document.

    Parameters
    ----------
    tables : sequence of Table
        The tables.

    Returns
    -------
    bytes
        A ``.docx`` file: each table with rules above and below, its head repeated on every page, subscripts
        and italics as in print, a numbered caption above and notes below.

    Examples
    --------
    >>> from clustermodel.report.table import Column, Formula
    >>> table = Table(
    ...     name="t", title="Bonds", columns=(Column("what"),), rows=((Formula("Au25"),),), caption=""
    ... )
    >>> render_word([table])[:2]
    b'PK'
    """
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm, Pt

    document = docx.Document()
    document.core_properties.author = "clustermodel"
    document.core_properties.title = _clean(tables[0].title) if tables else ""
    normal = document.styles["Normal"]
    normal.font.size, normal.paragraph_format.space_after = Pt(_BODY), Pt(0)
    section = document.sections[0]
    width, height = Mm(210), Mm(297)
    if any(len(table.columns) > _WIDE for table in tables):
        section.orientation, width, height = WD_ORIENT.LANDSCAPE, height, width
    section.page_width, section.page_height = width, height
    section.left_margin = section.right_margin = Mm(15)
    for number, table in enumerate(tables, 1):
        _add_caption(document, table, number)
        _add_table(document, table)
        for note in (*table.notes, table.source):
            if note:
                _add_note(document, note)
        document.add_paragraph()
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _add_caption(document: Docx, table: Table, number: int) -> None:
    from docx.shared import Pt, RGBColor

    paragraph = document.add_paragraph(style="Caption")
    paragraph.paragraph_format.keep_with_next = True
    _add_number(paragraph.add_run("Table "), number)
    _add_pieces(paragraph, (Piece(f". {table.title}."),))
    for run in paragraph.runs:
        run.font.bold = True
    if table.caption:
        paragraph.add_run(f" {_clean(table.caption)}").font.bold = False
    for run in paragraph.runs:
        run.font.size, run.font.color.rgb = Pt(_BODY), RGBColor(0, 0, 0)


def _add_number(run: Docx, number: int) -> None:
    """Add a number that Word keeps up to date, and can refer to."""
    instruction = _build("w:instrText", {})
    instruction.text = " SEQ Table \\* ARABIC "
    run.element.append(_build("w:fldChar", {"w:fldCharType": "begin"}))
    run.element.append(instruction)
    run.element.append(_build("w:fldChar", {"w:fldCharType": "separate"}))
    run.add_text(str(number))
    run.element.append(_build("w:fldChar", {"w:fldCharType": "end"}))


def _add_table(document: Docx, table: Table) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT

    made = document.add_table(rows=len(table.rows) + 1, cols=len(table.columns))
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = True
    element = document.element.body.tbl_lst[-1]
    rules = _build_rules("w:tblBorders", {"top": _HEAVY, "bottom": _HEAVY})
    element.tblPr.insert_element_before(rules, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    for row in element.tr_lst:
        row.get_or_add_trPr().append(_build("w:cantSplit", {}))
    head = element.tr_lst[0]
    head.get_or_add_trPr().append(_build("w:tblHeader", {}))
    for cell in head.tc_lst:
        cell.get_or_add_tcPr().append(_build_rules("w:tcBorders", {"bottom": _LIGHT}))
    numbers = find_numbers(table)
    heads: list[tuple[Piece, ...]] = [(Piece(column.heading),) for column in table.columns]
    texts = [heads, *split_rows(table)]
    for place, (row, cells) in enumerate(zip(made.rows, texts, strict=True)):
        for cell, pieces, is_number in zip(row.cells, cells, numbers, strict=True):
            _fill_cell(cell, pieces, is_number=is_number, is_head=place == 0)


def _build_rules(tag: str, sizes: dict[str, int]) -> Docx:
    """Return the lines at some sides of a table or of a cell, by their widths."""
    rules = _build(tag, {})
    for side, size in sizes.items():
        rules.append(_build(f"w:{side}", {"w:val": "single", "w:sz": str(size), "w:color": "000000"}))
    return rules


def _fill_cell(cell: Docx, pieces: Iterable[Piece], *, is_number: bool, is_head: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = cell.paragraphs[0]
    if is_head:
        paragraph.paragraph_format.keep_with_next = True
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _add_pieces(paragraph, pieces)


def _add_note(document: Docx, text: str) -> None:
    from docx.shared import Pt

    document.add_paragraph().add_run(_clean(text)).font.size = Pt(_SMALL)


def _add_pieces(paragraph: Docx, pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        text = _clean(piece.text)
        run = paragraph.add_run("".join(f"{char}{_BAR}" for char in text) if piece.style == "bar" else text)
        if piece.style == "sub":
            run.font.subscript = True
        elif piece.style == "sup":
            run.font.superscript = True
        elif piece.style == "italic":
            run.font.italic = True


def _clean(text: str) -> str:
    """Leave out what cannot stand in XML, line breaks becoming spaces."""
    return _NOT_XML.sub("", " ".join(text.split()) if "\n" in text or "\r" in text else text)


def _build(tag: str, attributes: dict[str, str]) -> Docx:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(name), value)
    return element
