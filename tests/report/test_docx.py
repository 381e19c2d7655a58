"""Is a Word file one that Word and its users can work with? Opened again and compared with the tables."""

import importlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.report.layout import split_rows
from clustermodel.report.table import (
    Charge,
    Column,
    Formula,
    Measured,
    Operation,
    Schoenflies,
    SpaceGroupName,
    Table,
)
from clustermodel.report.tables import list_tables
from clustermodel.report.word import render_word
from tests.report.report_documents import HOSTILE, hostile_document, model_document

docx = pytest.importorskip("docx")
qn = importlib.import_module("docx.oxml.ns").qn
PORTRAIT, LANDSCAPE = importlib.import_module("docx.enum.section").WD_ORIENT
RIGHT = importlib.import_module("docx.enum.text").WD_ALIGN_PARAGRAPH.RIGHT

TABLE = Table(
    name="t",
    title="Some cells",
    columns=(Column("what"), Column("value", "Å")),
    rows=(
        (Formula("Au25(SR)18"), Measured(2.8991, 0.003)),
        (SpaceGroupName("P 21/c"), Measured(-1.5, None)),
        (SpaceGroupName("P -1"), 2.5),
        (Schoenflies("D3d"), None),
        (Operation("-x+1,y,-z"), 7),
    ),
    caption="Cut-off 3.30 Å.",
    source="Source: a.cif.",
    notes=("Symmetry codes: #1 −x, −y, −z.",),
)


def open_again(*tables):
    return docx.Document(io.BytesIO(render_word(tables)))


def runs(cell):
    """Return the text of a cell in stretches with their style."""
    styles = {"subscript": "sub", "superscript": "sup", "italic": "italic"}
    return [
        (run.text, *(name for key, name in styles.items() if getattr(run.font, key)))
        for run in cell.paragraphs[0].runs
        if run.text
    ]


def test_cells_are_those_of_the_table_with_their_styles():
    (table,) = open_again(TABLE).tables
    first = [row.cells[0] for row in table.rows[1:]]
    assert runs(first[0]) == [("Au",), ("25", "sub"), ("(SR)",), ("18", "sub")]
    assert runs(first[1]) == [("P", "italic"), (" ",), ("2",), ("1", "sub"), ("/",), ("c", "italic")]
    assert runs(first[2]) == [("P", "italic"), (" ",), ("1\N{COMBINING OVERLINE}",)]
    assert runs(first[3]) == [("D", "italic"), ("3d", "sub")]
    assert first[4].text == "−x+1, y, −z"
    assert [row.cells[1].text for row in table.rows] == ["value / Å", "2.899(3)", "−1.500", "2.500", "—", "7"]


def test_numbers_stand_to_the_right_and_texts_do_not():
    (table,) = open_again(TABLE).tables
    aligned = [[cell.paragraphs[0].alignment for cell in row.cells] for row in table.rows]
    assert all(row == [None, RIGHT] for row in aligned)


def test_the_head_is_repeated_and_rows_are_not_split():
    (table,) = open_again(TABLE).tables
    properties = [row._tr.trPr for row in table.rows]
    assert [row.find(qn("w:tblHeader")) is not None for row in properties] == [True] + [False] * 5
    assert all(row.find(qn("w:cantSplit")) is not None for row in properties)


def test_there_are_rules_above_and_below_and_under_the_head_and_no_others():
    (table,) = open_again(TABLE).tables
    borders = table._tbl.tblPr.find(qn("w:tblBorders"))
    assert [side.tag for side in borders] == [qn("w:top"), qn("w:bottom")]
    for place, row in enumerate(table.rows):
        own = [cell._tc.tcPr.find(qn("w:tcBorders")) for cell in row.cells]
        assert all((one is not None) == (place == 0) for one in own)


def test_properties_of_a_table_stand_in_the_order_that_word_asks_for():
    (table,) = open_again(TABLE).tables
    order = [
        *("tblStyle", "tblpPr", "tblOverlap", "bidiVisual", "tblStyleRowBandSize", "tblStyleColBandSize"),
        *(
            "tblW",
            "jc",
            "tblCellSpacing",
            "tblInd",
            "tblBorders",
            "shd",
            "tblLayout",
            "tblCellMar",
            "tblLook",
        ),
    ]
    places = [order.index(child.tag.partition("}")[2]) for child in table._tbl.tblPr]
    assert places == sorted(places)  # the sequence of CT_TblPr in ECMA-376


def test_caption_is_above_with_a_number_that_word_counts_and_notes_are_below():
    document = open_again(TABLE, TABLE)
    first, table, *below = document.iter_inner_content()
    caption, notes = document.paragraphs[0], [paragraph.text for paragraph in below[:2]]
    assert (first.text, len(table.rows)) == (caption.text, 6)
    assert caption.style.name == "Caption"
    assert caption.text == "Table 1. Some cells. Cut-off 3.30 Å."
    assert caption.paragraph_format.keep_with_next
    assert notes == [TABLE.notes[0], TABLE.source]
    fields = [node.text.split() for node in document.element.iter(qn("w:instrText"))]
    assert fields == [["SEQ", "Table", "\\*", "ARABIC"]] * 2
    assert [p.text.partition(".")[0] for p in document.paragraphs if p.style.name == "Caption"] == [
        "Table 1",
        "Table 2",
    ]


@pytest.mark.parametrize(("columns", "orientation"), [(3, PORTRAIT), (9, LANDSCAPE)])
def test_a_wide_table_turns_the_page(columns, orientation):
    wide = Table(
        name="t",
        title="T",
        columns=tuple(Column(str(i)) for i in range(columns)),
        rows=((Charge(1),) * columns,),
        caption="",
    )
    (section,) = open_again(wide).sections
    assert section.orientation == orientation
    assert (section.page_width > section.page_height) == (orientation == LANDSCAPE)


@settings(deadline=None, max_examples=20)
@given(st.text(max_size=30))
def test_any_text_can_be_written_and_read(text):
    table = Table(name="t", title=text, columns=(Column(text),), rows=((text,),), caption=text)
    (again,) = open_again(table).tables
    wanted = " ".join(text.split()) if "\n" in text or "\r" in text else text
    kept = "".join(c for c in wanted if c.isprintable() or c >= "\x20")
    kept = "".join(c for c in kept if not ("\ud800" <= c <= "\udfff" or c in "\ufffe\uffff"))
    assert again.rows[1].cells[0].text == kept


@pytest.mark.parametrize("make", [model_document, hostile_document])
def test_every_table_of_a_document_is_there_with_all_its_cells(make):
    tables = [table for table in list_tables(make()) if len(table.rows) < 16]
    again = open_again(*tables).tables
    assert len(again) == len(tables)
    for one, table in zip(again, tables, strict=True):
        assert len(one.rows) == len(table.rows) + 1
        texts = [
            [len("".join(piece.text for piece in cell)) > 0 for cell in row] for row in split_rows(table)
        ]
        assert [[bool(cell.text) for cell in row.cells] for row in list(one.rows)[1:]] == texts


def test_hostile_text_stays_text():
    table = Table(name="t", title=HOSTILE, columns=(Column(HOSTILE),), rows=((HOSTILE,),), caption=HOSTILE)
    document = open_again(table)
    assert document.tables[0].rows[1].cells[0].text == " ".join(HOSTILE.split())
    assert {child.tag.partition("}")[2] for child in document.element.body} == {"p", "tbl", "sectPr"}
