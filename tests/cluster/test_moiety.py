"""Declared moiety formulas: by construction, by hand from real files, and noise."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.cluster.moiety import parse_formula, read_moiety
from tests.datafiles import data_files

FORMULAS = st.dictionaries(
    st.sampled_from(["C", "H", "N", "S", "Au", "P", "Cl"]), st.integers(1, 200), min_size=1
)
PARTS = st.tuples(FORMULAS, st.integers(1, 9), st.integers(-8, 8))


def write_part(part, style):
    counts, times, charge = part
    inside = " ".join(f"{s}{n if n > 1 or style % 2 else ''}" for s, n in counts.items())
    size = "" if abs(charge) == 1 and style % 3 else str(abs(charge))
    signed = f"{inside} {size}{'-' if charge < 0 else '+'}" if charge else inside
    if times > 1 or style % 5 == 0:
        signed = f"({signed}){times}" if style % 7 == 0 else f"{times}({signed})"
    return signed


@given(
    st.lists(PARTS, min_size=1, max_size=5), st.integers(0, 209), st.sampled_from([", ", ",", " , ", ";  "])
)
def test_a_written_moiety_is_read_back(parts, style, separator):
    read = read_moiety(separator.join(write_part(part, style) for part in parts))
    assert [(p.counts, p.multiplier, p.charge or 0) for p in read] == parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C18 H54 Au25 S18 1-, C4 H12 N 1+", [("C18H54Au25S18", 1, -1), ("C4H12N", 1, 1)]),
        ("C72 H60 Ag P4 +, B F4 -", [("C72H60AgP4", 1, 1), ("BF4", 1, -1)]),
        (
            "C38 H26 Cl2 Co N6 O2 + , N O3 - , 2C H4 O",
            [("C38H26Cl2CoN6O2", 1, 1), ("NO3", 1, -1), ("CH4O", 2, None)],
        ),
        ("Mg 2+, 2I -", [("Mg", 1, 2), ("I", 2, -1)]),
        ("(C8 H20 N 1+) (Br 1-)", [("C8H20N", 1, 1), ("Br", 1, -1)]),
        ("(C H6 N3 1+), (K 1+)6, (Na O39 Si W11 7-)", [("CH6N3", 1, 1), ("K", 6, 1), ("NaO39SiW11", 1, -7)]),
        ("[(C2 H5 N5)6 (H2 O)6 Ni3] 6+, 3[S O4] 2-", [("C12H42N30Ni3O6", 1, 6), ("O4S", 3, -2)]),
        (
            "C12 H42 N30 Ni3 O6 6+, 3(Si F6 2-), 20 H2 O",
            [("C12H42N30Ni3O6", 1, 6), ("F6Si", 3, -2), ("H2O", 20, None)],
        ),
        ("C74 Sc2, 1.56(C6 H6)", [("C74Sc2", 1, None), ("C6H6", 1.56, None)]),
        ("W6 S8 (PC12H27)6", [("C72H162P6S8W6", 1, None)]),
        ("C48 H80 O40, n C1 H4 O1", [("C48H80O40", 1, None), ("CH4O", None, None)]),
        ("[Au25(SCH3)18]−", [("C18H54Au25S18", 1, -1)]),
        ("F6 P -1", [("F6P", 1, -1)]),
        ("N1+", [("N", 1, 1)]),
        ("Cl-", [("Cl", 1, -1)]),
        ("S2-", [("S2", 1, None)]),  # S2 with one charge, or S with two: not guessed
        ("Au25S18-", [("Au25S18", 1, None)]),
        ("[Co(bix)](DMF)3", [("", 1, None)]),
        ("?", []),
        (".", []),
        ("", []),
    ],
)
def test_moieties_of_real_files(text, expected):
    assert [(p.formula, p.multiplier, p.charge) for p in read_moiety(text)] == expected


@given(st.text(alphabet="CHNOAuSl0123456789()[]{}+-,; .'\"nm−x?", max_size=40))
def test_noise_never_raises(text):
    for part in read_moiety(text):
        assert part.counts is None or all(n >= 0 for n in part.counts.values())


@given(st.text(max_size=30))
def test_any_text_never_raises(text):
    read_moiety(text)


@pytest.mark.parametrize("text", ["", "c6h6", "Au25(", "Au25)", "X9", "12", "Au--", "R-SH"])
def test_what_is_no_formula(text):
    assert parse_formula(text) is None


def moieties_of_shared_files():
    pattern = re.compile(r"_chemical_formula_moiety\s+('[^\n]*'|\"[^\n]*\"|;.*?\n;|\S+)", re.DOTALL)
    for folder in ("cif", "cif_disorder", "cif_broken", "cod_tools"):
        for path in data_files(folder, "*"):
            if path.is_file():
                yield from pattern.findall(path.read_bytes().decode("latin-1"))


def test_every_moiety_of_the_shared_files_is_read():
    texts = sorted(set(moieties_of_shared_files()))
    if not texts:
        pytest.skip("shared test data absent: cif (set CLUSTERMODEL_DATA)")
    read = {text: read_moiety(text.strip(";")) for text in texts}
    formulas = [
        text
        for text in texts
        if re.match(r"^'?\(?[0-9.]*\(?[A-Z][a-z]?[0-9.]*( [A-Z][a-z]?[0-9.]*)*[ )'+-]*$", text)
    ]
    assert len(formulas) > 20
    for text in formulas:  # plain formulas without letters for multipliers
        assert all(part.counts for part in read[text]), text
