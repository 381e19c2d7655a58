"""Does LaTeX print the tables, with their numbers at the decimal points and any text as text?"""

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.report.latex import render_latex, render_latex_document
from clustermodel.report.table import Charge, Column, Formula, Measured, Operation, Schoenflies, Table
from clustermodel.report.tables import list_tables
from tests.report.report_documents import HOSTILE, model_document

PDFLATEX = shutil.which("pdflatex")


def make_table(*rows, heads=None, notes=()):
    columns = heads or tuple(Column(f"c{i}") for i in range(len(rows[0])))
    return Table(name="t", title="Title", columns=columns, rows=rows, caption="Caption.", notes=notes)


def layout(table):
    written = render_latex(table)
    return re.search(r"\\begin\{(?:tabular|longtable)\}\{(.*)\}$", written, re.MULTILINE)[1]


def body(table):
    lines = render_latex(table).split(r"\midrule")[-1].splitlines()
    return [line.removesuffix(r" \\") for line in lines if line.endswith(r"\\")]


@pytest.mark.parametrize(
    ("cells", "shape"),
    [
        ((Measured(2.899, 0.003), Measured(16.174, 0.0012)), "2.4(2)"),
        ((1, 25, None), "2"),
        ((2.5, -11.25), "-2.3"),
        ((Measured(4166.0, 23.0),), "4(2)"),
    ],
)
def test_numbers_are_aligned_by_siunitx(cells, shape):
    assert layout(make_table(*((cell,) for cell in cells))) == f"S[table-format={shape}]"


def test_charges_keep_their_sign():
    table = make_table((Charge(2),), (Charge(-1),))
    assert layout(table) == "S[retain-explicit-plus, table-format=+1]"
    assert body(table) == ["+2", "-1"]


def test_numbers_keep_the_digits_of_the_other_formats():
    table = make_table((Measured(2.8991, 0.003),), (None,), heads=(Column("mean", "Å"),))
    assert body(table) == ["2.899(3)", "{---}"]
    assert r"{mean / \AA{}}" in render_latex(table)


def test_a_number_in_a_column_of_texts_is_one_for_siunitx():
    assert body(make_table(("P21/c",), (Measured(2.8991, 0.003),), (Charge(1),))) == [
        "P21/c",
        r"\num{2.899(3)}",
        r"\num[retain-explicit-plus]{+1}",
    ]


def test_symbols_are_italic_and_operations_have_minus_signs():
    assert body(make_table((Schoenflies("D3d"),), (Operation("-x,y,z"),))) == [
        r"\textit{D}$_{3d}$",
        "$-$x, y, z",
    ]


def test_notes_stand_below_the_table():
    written = render_latex(make_table(("a",), notes=("Symmetry codes: #1 −x.",)))
    assert (
        written.index(r"\end{tabular}")
        < written.index(r"Symmetry codes: \#1 $-$x.")
        < written.index(r"\end{table}")
    )


def test_a_long_text_is_broken_and_a_short_one_is_not():
    table = make_table(("word " * 40, "short", "x"))
    assert re.fullmatch(r">\{\\raggedright\\arraybackslash\}p\{0\.\d\d\\linewidth\}ll", layout(table))


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="ascii"), max_size=80), min_size=2, max_size=6),
        min_size=1,
        max_size=3,
    )
)
def test_broken_columns_fit_between_the_margins(rows):
    width = min(map(len, rows))
    table = make_table(*(tuple(row[:width]) for row in rows))
    shares = [float(share) for share in re.findall(r"p\{([\d.]+)\\linewidth\}", layout(table))]
    assert sum(shares) <= 1


compiles = pytest.mark.skipif(
    PDFLATEX is None, reason="no pdflatex (Debian: texlive-latex-recommended, texlive-science)"
)


def compile_tables(tables, folder):
    (folder / "tables.tex").write_text(render_latex_document(tables), encoding="utf-8")
    command = [PDFLATEX, "-interaction=nonstopmode", "-halt-on-error", "tables.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = done.stdout.decode("utf-8", errors="replace")
    assert done.returncode == 0, log[-3000:]
    assert (folder / "tables.pdf").stat().st_size > 1000
    return log


@compiles
def test_every_table_of_a_document_compiles_and_fits(tmp_path):
    log = compile_tables(list_tables(model_document()), tmp_path)
    # Points beyond the margin: a letter or two, as the width of a text is estimated.
    assert all(float(points) < 15 for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log))


@compiles
def test_hostile_and_foreign_text_compiles(tmp_path):
    letters = "".join(map(chr, [*range(0xA1, 0x180), *range(0x391, 0x3C9)])) + "中文 Ωφ ⁵⁻¹ ₂₅ ∞√ 🙂 ‑–—…′"
    words = [letters[i : i + 12] for i in range(0, len(letters), 12)]
    cells = [HOSTILE, *words, Formula(HOSTILE), Measured(1.2, 0.1), Charge(-1), None]
    tables = [
        Table(
            name="t",
            title=HOSTILE,
            columns=(Column(HOSTILE),),
            rows=tuple((c,) for c in cells),
            caption=letters,
        )
    ]
    compile_tables(tables, tmp_path)
