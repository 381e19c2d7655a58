"""Do tables keep their contents in every format, whatever stands in them?"""

import csv
import html
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.report.markup import write_html, write_latex, write_markdown
from clustermodel.report.notation import Piece, split_formula
from clustermodel.report.render import render_csv, render_html, render_latex, render_markdown
from clustermodel.report.table import Charge, Column, Formula, Measured, Operation, Table
from tests.report.report_documents import HOSTILE

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]))  # no surrogates, no control characters


def make_table(*rows, columns=None, caption="Cut-off 3.30 Å.", name="t"):
    heads = columns or tuple(Column(f"c{i}") for i in range(len(rows[0])))
    return Table(name=name, title="Title", columns=heads, rows=rows, caption=caption, source="Source: a.cif.")


def read_rows(text):
    return list(csv.reader(io.StringIO(text)))


def test_a_row_with_a_missing_cell_is_refused():
    with pytest.raises(ValueError, match="a row has 1 cells, expected 2"):
        make_table(("a",), columns=(Column("x"), Column("y")))


# ------------------------------------------------------------------------------------------------- CSV


def test_csv_keeps_full_precision_and_puts_units_in_the_header():
    table = make_table(
        (2.783091, Measured(2.7869, 0.00028), Charge(-1), None),
        (-0.1, Measured(2.9, None), Charge(2), "x"),
        columns=(Column("mean", "Å"), Column("weighted", "Å"), Column("charge", "e"), Column("note")),
    )
    assert read_rows(render_csv(table)) == [
        ["mean / Å", "weighted / Å", "s.u. of weighted / Å", "charge / e", "note"],
        ["2.783091", "2.7869", "0.00028", "-1", ""],
        ["-0.1", "2.9", "", "2", "x"],
    ]


@given(ANY_TEXT)
def test_csv_gives_texts_back(text):
    cell = read_rows(render_csv(make_table((text, "next"))))[1]
    assert cell == [cell[0], "next"]
    assert cell[0].removeprefix("'") == text.removeprefix("'")


@given(ANY_TEXT, st.sampled_from("=+-@"), st.sampled_from(["", "\t", "\r", "\n"]))
def test_csv_starts_no_formula_of_a_spreadsheet(text, start, before):
    (cell,) = read_rows(render_csv(make_table((before + start + text,))))[1]
    assert cell[0] in "' " or re.fullmatch(r"[-+xyz0-9/,. ()]*", cell)


def test_csv_leaves_operations_alone():
    assert read_rows(render_csv(make_table((Operation("-x+1,y,-z+1/2"),))))[1] == ["-x+1,y,-z+1/2"]


# ------------------------------------------------------------------------------------------------ HTML


@given(ANY_TEXT)
def test_html_shows_any_text_and_nothing_of_it_is_markup(text):
    written = write_html((Piece(text),))
    assert "<" not in written
    assert ">" not in written
    assert html.unescape(written) == text


def test_html_of_a_table_is_escaped_everywhere():
    table = Table(
        name="t",
        title=HOSTILE,
        columns=(Column(HOSTILE, HOSTILE),),
        rows=((HOSTILE,), (Formula(HOSTILE),), (Operation(HOSTILE),)),
        caption=HOSTILE,
    )
    assert set(re.findall(r"<(\w+)", render_html(table))) <= {
        "table", "thead", "tbody", "tr", "th", "td", "span", "sub", "sup",
    }  # fmt: skip


def test_html_puts_numbers_to_the_right_and_texts_to_the_left():
    written = render_html(make_table(("label", 2.5, None), ("other", None, None)))
    assert re.findall(r'<th scope="col"(.*?)>', written) == ["", ' class="num"', ""]


# --------------------------------------------------------------------------------------------- Markdown


@given(st.lists(ANY_TEXT, min_size=2, max_size=4))
def test_markdown_table_is_read_back_by_another_program(texts):
    markdown_it = pytest.importorskip("markdown_it", reason="the oracle is markdown-it-py, of the extra docs")
    parser = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    tokens = parser.parse(render_markdown(make_table(tuple(texts))))
    cells = [tokens[i + 1] for i, token in enumerate(tokens) if token.type == "td_open"]
    assert len(cells) == len(texts)
    for cell, text in zip(cells, texts, strict=True):
        assert {child.type for child in cell.children} <= {"text", "text_special", "html_inline"}
        assert "".join(c.content for c in cell.children).split() == text.split()


def test_markdown_has_title_caption_and_source():
    written = render_markdown(make_table(("a", 1)))
    assert written.startswith("### Title\n")
    assert "| --- | ---: |" in written
    assert "Cut-off 3.30 Å." in written
    assert "Source: a.cif." in written


def test_markdown_formula():
    assert write_markdown(split_formula("Au25(SR)18")) == "Au<sub>25</sub>(SR)<sub>18</sub>"


# ------------------------------------------------------------------------------------------------ LaTeX


def count_cells(line):
    return len(re.findall(r"(?<!\\)&", line)) + 1


@given(ANY_TEXT)
def test_latex_has_no_active_character_from_a_text(text):
    written = write_latex((Piece(text),))
    bare = re.sub(r"\\[\\{}$&%#_]|\\text\w+\{\}|\\(AA|dots)\{\}|\$[^$]*\$", "", written)
    assert not re.search(r"[\\{}$&%#_^~]", bare)


def test_latex_table_has_its_rules_and_as_many_cells_as_columns():
    table = make_table(("Au & S", 2.5, Formula("Au25")), ("a_b", None, Formula("S")))
    written = render_latex(table)
    assert r"\begin{tabular}{lS[table-format=1.3]l}" in written
    assert [written.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    body = [line for line in written.splitlines() if line.endswith(r"\\")]
    assert [count_cells(line) for line in body] == [3, 3, 3]
    assert r"\caption{Title. Cut-off 3.30 \AA{}. Source: a.cif.}\label{tab:t}" in written
    assert r"Au$_{25}$" in written


def test_latex_breaks_a_long_table():
    written = render_latex(make_table(*((str(i),) for i in range(100))))
    assert r"\begin{longtable}" in written
    assert r"\end{longtable}" in written
    assert r"\begin{table}" not in written


@given(ANY_TEXT)
def test_latex_environments_and_braces_are_closed(text):
    written = render_latex(make_table((text, Formula(text)), caption=text))
    plain = re.sub(r"\\[\\{}$&%#_]", "", written)
    assert plain.count("{") == plain.count("}")
    assert plain.count("$") % 2 == 0
