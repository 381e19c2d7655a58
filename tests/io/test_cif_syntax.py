"""The tolerant CIF reader against gemmi, against damage done on purpose, and against noise."""

import re
from contextlib import suppress

import pytest
from gemmi import cif
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clustermodel.errors import CifError
from clustermodel.io import cif_syntax
from clustermodel.io.cif_syntax import read_document
from clustermodel.io.cif_tokens import Audit
from tests.datafiles import data_files, data_path

SHARED = [
    path
    for folder in ("cif", "cif_disorder", "cif_broken", "cod_tools")
    for pattern in ("*.cif", "*.inp")
    for path in data_files(folder, pattern)
]

ROWS = [
    "Au1 Au 0.0000 0.0000 0.5000(1) 1 '-x, -y'",
    'S1 S 0.1250(2) 0.3300(3) 0.4110(2) 0.5 "x y"',
    "C1A C 0.2100(11) 0.1234(12) 0.7300(9) 0.5 .",
    "H1A H 0.2311 0.1511 0.7711 0.5 ?",
    "P1 P 0.9910(4) -0.0310(4) 0.0012(4) 1 ok",
]
HEAD = """\
# a comment with 'quotes' and _tags
data_small
_cell_length_a 10.1(2)
_symmetry_space_group_name_H-M 'P -1'
_exptl_special_details
;
Some text with 'quotes, # signs and
 ; semicolons.
;
loop_
_symmetry_equiv_pos_as_xyz
'x, y, z'
'-x, -y, -z'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
_atom_site_note
"""
TAIL = """
loop_
_geom_bond_atom_site_label_1
_geom_bond_atom_site_label_2
_geom_bond_distance
Au1 S1 2.301(3)
Au1 P1 2.268(3)
_shelx_hkl_file
;
   1   0   0   10.00    0.10
   0   1   0   12.00    0.10
;
_journal_year 2012
data_second
_cell_length_a "11.3"
"""
SMALL = HEAD + "\n".join(ROWS) + TAIL


def content(raw):
    """Return what a value means: its text, or ? and . where it stands without quotes."""
    return raw if raw in {"?", "."} else cif.as_string(raw)


def dump(block):
    """Return the raw tags and values of a block with its save frames, in order."""
    items = [block.name]
    for item in block:
        if item.pair is not None:
            items.append(tuple(item.pair))
        elif item.loop is not None:
            items.append((tuple(item.loop.tags), tuple(item.loop.values)))
        else:
            items.append(dump(item.frame))
    return items


def read(text):
    """Return the contents of all blocks of a text and the codes of its findings."""
    result = read_document(text if isinstance(text, bytes) else text.encode(), "x.cif")
    return [simplify(dump(block)) for block in result.document], [f.code for f in result.findings]


def simplify(items):
    """Return a dump as {tag: value or column}, without quotes and without the name of the block."""
    known = {}
    for item in items[1:]:
        if isinstance(item, list):
            known["save_" + item[0]] = simplify(item)
        elif isinstance(item[0], str):
            known[item[0]] = content(item[1])
        else:
            tags, values = item
            known |= {tag: [content(v) for v in values[i :: len(tags)]] for i, tag in enumerate(tags)}
    return known


def without_empty_loops(known):
    """Leave out what no CIF can express: loops without rows."""
    return {
        tag: without_empty_loops(value) if isinstance(value, dict) else value
        for tag, value in known.items()
        if value != []
    }


def read_tolerantly(text):
    audit = Audit()
    return cif_syntax._read_tolerantly(text, "x.cif", audit), audit.findings


def atoms_of(document):
    """Return the atom rows of the first block as tuples of contents."""
    loop = document[0].find_loop("_atom_site_label").get_loop()
    width = len(loop.tags)
    values = [content(raw) for raw in loop.values]
    return [tuple(values[i : i + width]) for i in range(0, len(values), width)]


ATOMS = atoms_of(cif.read_string(SMALL))
STRAY = ["cif-stray-value"]
UNCLOSED = ["cif-unterminated-text"]
DUPLICATE_AND_STOP = ["cif-duplicate-tag", "cif-stop"]


def test_flawless_text_is_read_without_findings():
    result = read_document(SMALL.encode(), "small.cif")
    assert result.findings == ()
    assert [dump(block) for block in result.document] == [dump(block) for block in cif.read_string(SMALL)]
    assert result.document.source == "small.cif"


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_shared_file_is_read_as_gemmi_reads_it_or_with_findings(path):
    text = cif_syntax._decode(path.read_bytes(), path.name, Audit())
    strict = cif_syntax._read_strictly(text)
    if strict is None:
        check_repaired(path)
        return
    tolerant, findings = read_tolerantly(text)
    assert [dump(block) for block in tolerant] == [dump(block) for block in strict]
    assert {f.code for f in findings} <= {"cif-stop", "cif-empty-block", "cif-global"}


def check_repaired(path):
    """Check that a file which gemmi rejects gives blocks and findings, or an error that says why."""
    try:
        result = read_document(path.read_bytes(), path.name)
    except CifError as error:
        refusal = str(error)
    else:
        assert len(result.document) > 0
        assert result.findings
        assert all(re.match(r"line \d+: ", finding.message) for finding in result.findings)
        assert all(finding.code.startswith("cif-") for finding in result.findings)
        return
    assert refusal.startswith(f"{path.name}: line 1: found ")


@pytest.mark.parametrize(
    ("body", "expected", "codes"),
    [
        # duplicates
        ("_a 'x y'\n_a \"x y\"", {"_a": "x y"}, ["cif-duplicate-tag"]),
        ("_a ?\n_A 5", {"_a": "5"}, ["cif-duplicate-tag"]),
        ("_a 5\n_a ' ? '", {"_a": "5"}, ["cif-duplicate-tag"]),
        ("_a 5\n_a 6", {"_a": "5"}, ["cif-duplicate-tag"]),
        ("loop_ _a _b _a\n1 2 1\n3 4 ?", {"_a": ["1", "3"], "_b": ["2", "4"]}, ["cif-duplicate-tag"]),
        ("loop_ _a _b _a\n1 2 8\n3 4 9", {"_a": ["1", "3"], "_b": ["2", "4"]}, ["cif-duplicate-tag"]),
        ("loop_ _a _b\n1 2\nloop_ _b _a\n3 4", {"_a": ["1"], "_b": ["2"]}, ["cif-duplicate-loop"]),
        ("loop_ _a _b\n? .\nloop_ _a _b\n3 4 5 6", {"_a": [*"35"], "_b": [*"46"]}, ["cif-duplicate-loop"]),
        ("loop_ _a _b\n1 .\nloop_ _a _b\n1 4", {"_a": ["1"], "_b": ["4"]}, ["cif-duplicate-loop"]),
        ("_a ?\nloop_ _a _b\n1 2\n3 4", {"_a": ["1", "3"], "_b": ["2", "4"]}, ["cif-duplicate-loop"]),
        ("_a 0\nloop_ _a _b\n1 2\n3 4", {"_a": "0", "_b": ["2", "4"]}, ["cif-duplicate-loop"]),
        # quotes
        ("_a 'b c\n_d e", {"_a": "b c", "_d": "e"}, ["cif-unterminated-quote"]),
        ("_a \"b c \n_d e", {"_a": "b c", "_d": "e"}, ["cif-unterminated-quote"]),
        ("_a 'b c\nd e'\n_f g", {"_a": "b c\nd e", "_f": "g"}, ["cif-unterminated-quote"]),
        ("_a ' '_b 10.1/x", {"_a": " ", "_b": "10.1/x"}, ["cif-glued-value"]),
        ("_a it's\n_b 'it's'\n_b ?", {"_a": "it's", "_b": "it's"}, ["cif-duplicate-tag"]),
        ("_a '''b\n'c' '''\n_d 1", {"_a": "b\n'c' ", "_d": "1"}, ["cif-version"]),
        # text fields
        ("_a\n;\nb\n_d 1\nloop_\n_e 1", {"_a": "\nb", "_d": "1", "_e": ["1"]}, ["cif-unterminated-text"]),
        ("_a\n;b\nc", {"_a": "b\nc"}, ["cif-unterminated-text"]),
        ("_a\n;b\nc\n_d\n;\ne\n;\n_f 1", {"_a": "b\nc", "_d": "\ne", "_f": "1"}, ["cif-unterminated-text"]),
        ("_a\n;b\nc\n_d\n;e\n;\n_f 1", {"_a": "b\nc", "_d": "e", "_f": "1"}, ["cif-unterminated-text"]),
        ("_a\n;b\n;\n;\n_d\n;\ne\n;\n_f 1", {"_a": "b", "_d": "\ne", "_f": "1"}, ["cif-unterminated-text"]),
        ("_a\n;b\n_c 1\nloop_ _d _e\n2\n;f\n;", {"_a": "b", "_c": "1", "_d": [*"2"], "_e": [*"f"]}, UNCLOSED),
        ("_a\n;b\n;c\n;\n_d 1", {"_a": "b\n ;c", "_d": "1"}, ["cif-text-line"]),
        ("_a\n;b\n;_d 1", {"_a": "b", "_d": "1"}, ["cif-glued-value"]),
        ("_a\n  ;\n  b\n  ;\n_d 1", {"_a": "  b", "_d": "1"}, ["cif-indented-text"]),
        # loops
        ("loop_\n_a\n_b\n1 2\n3", {"_a": ["1"], "_b": ["2"]}, ["cif-incomplete-loop"]),
        ("loop_ _a _b 1 2 3", {"_a": ["1"], "_b": ["2"]}, ["cif-incomplete-loop"]),
        ("loop_\n_a\n_b\n1 2\n3\n4 5", {"_a": ["1", "4"], "_b": ["2", "5"]}, ["cif-incomplete-loop"]),
        ("loop_\n1 2\n_a 3", {"_a": "3"}, ["cif-loop-without-tags"]),
        ("loop_\nloop_\n_a 3", {"_a": ["3"]}, ["cif-loop-without-tags"]),
        ("loop_\n_a\n_b\n_c\n", {"_a": [], "_b": [], "_c": []}, ["cif-empty-loop"]),
        ("_a\n_b\n1 2\n3 4", {"_a": ["1", "3"], "_b": ["2", "4"]}, ["cif-missing-loop"]),
        ("loop__a\n_b\n1 2", {"_a": ["1"], "_b": ["2"]}, ["cif-glued-value"]),
        ("loop_ _a 1 stop_ 2\n_b 3", {"_a": ["1"], "_b": "3"}, ["cif-stop", "cif-stray-value"]),
        ("loop_\n_a\n_b noise\n_c\n1 2 3\n4 5 6", {"_a": [*"14"], "_b": [*"25"], "_c": [*"36"]}, STRAY),
        ("loop_ noise\n_a\n_b\n1 2\n4 5", {"_a": [*"14"], "_b": [*"25"]}, ["cif-stray-value"]),
        ("loop_\n_a\n_b\n_b\n1 2\n4 5", {"_a": [*"14"], "_b": [*"25"]}, ["cif-duplicate-tag"]),
        ("loop_\n_a\n_b\n1 2 3\n4 5 6\n7 8 9\n1 2 3 4", {"_a": [], "_b": []}, ["cif-incomplete-loop"]),
        # values without tags and tags without values
        ("_a\n_b 2", {"_a": "?", "_b": "2"}, ["cif-missing-value"]),
        ("_a 1\n_b", {"_a": "1", "_b": "?"}, ["cif-missing-value"]),
        ("_a 3 4\n_b 2", {"_a": "3", "_b": "2"}, ["cif-stray-value"]),
        ("_a P 21/c\n_b 2", {"_a": "P 21/c", "_b": "2"}, ["cif-unquoted-text"]),
        ("_a data_collection\n_b 2", {"_a": "data_collection", "_b": "2"}, ["cif-reserved-word"]),
        # characters
        ("_a\u00a01\n\ufeff_b 2\x0c", {"_a": "1", "_b": "2"}, ["cif-illegal-blank"]),
        ("_a Müller\n_é $1", {"_a": "Müller", "_é": "$1"}, ["cif-illegal-character"]),
        # save frames
        ("save_f\n_a 1\n_a 1\nsave_\nstop_ _a 2", {"save_f": {"_a": "1"}, "_a": "2"}, DUPLICATE_AND_STOP),
        ("save_f\n_a 1\nsave_g\n_a 2", {"save_f": {"_a": "1"}, "save_g": {"_a": "2"}}, ["cif-frame"] * 2),
        ("_a 1\nsave_\n_b 2", {"_a": "1", "_b": "2"}, ["cif-frame"]),
    ],
)  # fmt: skip
def test_repair(body, expected, codes):
    blocks, found = read(f"data_x\n{body}\n")
    assert blocks == [expected]
    assert sorted(found) == sorted(codes)


def test_contradicting_values_are_both_named():
    result = read_document(b"data_x\n_a 'first one'\n_a 'second one'\n", "x.cif")
    assert [f.severity for f in result.findings] == ["warning"]
    assert "'first one'" in result.findings[0].message
    assert "'second one'" in result.findings[0].message
    assert result.findings[0].message.startswith("line 3: ")


def test_equal_duplicates_are_information_only():
    assert [f.severity for f in read_document(b"data_x _a 1 _a 1", "x").findings] == ["info"]


@pytest.mark.parametrize(
    ("text", "names", "codes"),
    [
        ("data_a\n_x 1\ndata_A\n_x 2\ndata_a\n_x 3", ["a", "A_2", "a_3"], ["cif-duplicate-block"] * 2),
        ("data_a\n_x 1\ndata_a_2\n_x 2\ndata_a\n_x 3", ["a", "a_2", "a_3"], ["cif-duplicate-block"]),
        ("data_a\ndata_b\n_x 1 2", ["a", "b"], ["cif-empty-block", "cif-stray-value"]),
        ("Dear all,\n'here\ndata_a\n_x 1", ["a"], ["cif-preamble"]),
        ("Dear all,\n_x 1\ndata_a\n_x 1", ["unnamed", "a"], ["cif-preamble", "cif-unnamed-block"]),
        ("_cell_length_a 1\n", ["unnamed"], ["cif-unnamed-block"]),
        ("\" and '\ndata_a\n_x 1", ["a"], ["cif-preamble"]),
        ("see data_a _x 1 2", ["a"], ["cif-preamble", "cif-stray-value"]),
        ("global_\n_x 1 2\ndata_a\n_x 1", ["", "a"], ["cif-global", "cif-stray-value"]),
        ("data_\n_x 1 2", [" "], ["cif-unnamed-block", "cif-stray-value"]),
    ],
)
def test_blocks(text, names, codes):
    result = read_document(text.encode(), "x.cif")
    assert [block.name for block in result.document] == names
    assert sorted(f.code for f in result.findings) == sorted(codes)


@pytest.mark.parametrize(
    ("data", "line", "found"),
    [
        (b"", 1, "an empty file"),
        (b" \r\n\t\n", 1, "an empty file"),
        (b"# only\n# comments\n", 1, "only comments"),
        (b"just some words\n", 1, "'just some words'"),
        (b"C 0.0 0.0 0.0\nH 1.0 0.0 0.0\n", 1, "without data_ line"),
        (b"an _emphasis_ at the\n_start_ of a line", 1, "without data_ line"),
        (b"<!DOCTYPE html>\n<html>\n_gaq.push(1)\n</html>", 1, "a web page"),
        (b"data_x\n_a 1\n\x00\x00", 3, "NUL"),
        (b"\x89PNG\r\n\x1a\n\x00\x01", 3, "NUL"),
        (b"\x1f\x8b\x08\x00", 1, "gzip"),
        (b"PK\x03\x04\x00", 1, "zip"),
        (b"%PDF-1.4\n%data_x\n", 1, "PDF"),
        (b"\n\ndata_x\nonly words\n", 3, "no tag"),
    ],
)
def test_what_is_no_cif_is_refused_with_place_and_reason(data, line, found):
    with pytest.raises(CifError, match=rf"^x\.cif: line {line}: .*{re.escape(found)}.*; expected .*; .+"):
        read_document(data, "x.cif")


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ("data_x\n_a 'Müller'\n".encode(), []),
        ("\ufeffdata_x\n_a 'Müller'\n".encode(), []),
        ("data_x\n_a 'Müller'\n".encode("latin-1"), ["cif-encoding"]),
        ("data_x\n_a 'Müller'\n".encode("utf-16"), ["cif-encoding"]),
        ("data_x\r\n_a 'Müller'\r\n".encode(), []),
        ("data_x\r_a 'Müller'\r".encode(), []),
        ("data_x\r\r\n_a 'Müller'\r\r\n\x1a".encode(), []),
    ],
)
def test_encodings_and_line_ends(data, codes):
    assert read(data) == ([{"_a": "Müller"}], codes)


def test_windows_characters_survive():
    blocks, _ = read("data_x\n_a 'a – b'\n".encode("cp1252"))
    assert blocks == [{"_a": "a – b"}]


def test_line_ends_leave_no_trace_in_text_fields():
    assert read("data_x\r\n_a\r\n;\r\nb\r\nc\r\n;\r\n")[0] == [{"_a": "\nb\nc"}]


def test_row_wrapped_for_its_length_is_no_damage():
    long = "x" * 70  # longer than any line of CIF 1.0 leaves room for in one row
    text = f"data_x\nloop_\n_a\n_b\n_c\n1 2 3\n4 5\n{long}\n6 7 8\n9 10\n11 12 13\n14 15 16\n_z 1\n"
    blocks, codes = read(text)
    assert codes == ["cif-incomplete-loop"]
    assert blocks[0]["_a"] == ["1", "4", "6", "11", "14"]


def test_table_with_one_value_too_many_in_each_line_gives_no_shifted_rows():
    rows = "\n".join(f"C {i} 0.1 0.2" for i in range(1, 6))
    result = read_document(
        f"data_x\nloop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n{rows}\n".encode(), "x"
    )
    assert [f.severity for f in result.findings] == ["error"]
    assert result.document[0].find_loop("_atom_site_label").get_loop().length() == 0


def test_broken_bond_rows_of_a_real_file_cost_only_themselves():
    path = data_path("cif_broken/cod_tests__inputs__1101133-wrong-number-of-elements.cif")
    result = read_document(path.read_bytes(), path.name)
    lines = [line.split() for line in path.read_text().partition("_geom_bond_publ_flag\n")[2].splitlines()]
    complete = [row for row in lines if len(row) == 5 and not any(word[0] == "#" for word in row)]
    loop = result.document[0].find_loop("_geom_bond_distance").get_loop()
    assert loop.values == [word for row in complete for word in row]
    assert all(word in result.findings[0].message for word in ("'O1W#'", "'O2W#'", "'O3W#'"))


def test_atom_labels_beyond_ascii_do_not_end_the_loop():
    path = data_path("cif_broken/cod_tests__inputs__9003354.cif")
    result = read_document(path.read_bytes(), path.name)
    table = path.read_bytes().decode("latin-1").partition("_atom_site_Uiso_or_equiv\n")[2]
    rows = [line.split() for line in table.split("\n") if len(line.split()) == 6]
    assert [list(row) for row in atoms_of(result.document)] == rows
    assert {f.severity for f in result.findings} == {"info"}


# ------------------------------------------------------------------------------------------- properties

values = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"), max_size=20)
texts = values | st.lists(values, min_size=1, max_size=3).map("\n".join)
tag_names = st.from_regex(r"_[a-z]{1,3}[0-9.\-]?", fullmatch=True)


def survives(text):
    """Tell whether CIF 1.1 holds the text and the tolerant reader can tell where it ends.

    No line may begin with a semicolon; a last line that is a lone tag is taken for the tag of the
    next text field, because that is how a field that was never closed looks.
    """
    return "\n;" not in text and not re.search(r"\n[ \t]*_\S+[ \t]*\Z", text)


@st.composite
def documents(draw):
    """Draw a valid document with pairs and loops of arbitrary texts."""
    document = cif.Document()
    for name in draw(
        st.lists(st.from_regex(r"[a-z0-9]{1,3}", fullmatch=True), min_size=1, max_size=2, unique=True)
    ):
        block = document.add_new_block(name)
        tags = draw(st.lists(tag_names, min_size=1, max_size=6, unique=True))
        split = draw(st.integers(0, len(tags) - 1))
        cell = texts.filter(survives).map(cif.quote)
        for tag in tags[:split]:
            block.set_pair(tag, draw(cell))
        rows = draw(st.integers(1, 3))
        loop = block.init_loop("", tags[split:])
        loop.set_all_values([[draw(cell) for _ in range(rows)] for _ in tags[split:]])
    return document


@given(documents())
def test_tolerant_reading_equals_gemmi_on_any_valid_document(document):
    text = document.as_string()
    strict = cif_syntax._read_strictly(text)
    assert strict is not None
    tolerant, findings = read_tolerantly(text)
    assert [dump(block) for block in tolerant] == [dump(block) for block in strict]
    assert findings == ()


@given(st.binary(max_size=200))
@example(b"\xff\xfe\x00")
@example(b"data_\x81")
def test_noise_raises_only_cif_errors(data):
    for noise in (data, b"data_x\n_a 1\n" + data):
        with suppress(CifError):
            read_document(noise, "noise")


WORDS_AND_MARKS = (
    "' \" ; ''' [ { $ # _ ? 5 _a _atom_site_label loop_ data_ data_b save_ save_f stop_ global_ \x1a ü"
)
SNIPPETS = st.sampled_from(["\n", "\n;\n", "\t", "\x0c", *WORDS_AND_MARKS.split()]).flatmap(
    lambda word: st.sampled_from([word, f" {word} ", f"\n{word}"])
)


@st.composite
def damaged(draw):
    """Draw the small CIF after up to five deletions, insertions and truncations."""
    text = SMALL
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        kind = draw(st.sampled_from(["delete", "insert", "insert", "truncate"]))
        if kind == "delete":
            text = text[:at] + text[at + draw(st.integers(1, 40)) :]
        elif kind == "insert":
            text = text[:at] + draw(SNIPPETS) + text[at:]
        elif len(text) > 60:
            text = text[: max(at, 60)]
    return text


@given(damaged())
@settings(max_examples=300)
def test_what_is_read_from_a_damaged_file_is_a_valid_cif_with_the_same_content(text):
    try:
        result = read_document(text.encode(), "damaged")
    except CifError:
        return
    names = [block.name.lower() for block in result.document]
    assert len(names) == len(set(names))
    if not result.findings or not text.isascii():
        return  # gemmi read it itself, or it holds words that no CIF writer can express
    again = cif.read_string(result.document.as_string() + "\n")
    for mended, written in zip(result.document, again, strict=True):
        assert without_empty_loops(simplify(dump(mended))) == simplify(dump(written))


WORDS = st.sampled_from(
    ["loop_", "stop_", "global_", "save_", "save_f", "data_a", "data_b"]
) | st.sampled_from(
    ["_a", "_b", "_c", "_atom_site_label", "_atom_site_fract_x", "value", "value", "value", "value"]
)


@given(st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n"])), max_size=40))
@settings(max_examples=300)
def test_no_value_is_lost_without_a_finding(words):
    numbered = [(f"v{i}" if word == "value" else word) + blank for i, (word, blank) in enumerate(words)]
    text = "data_first\n_first 1 2\n" + "".join(numbered)
    result = read_document(text.encode(), "x.cif")
    kept = " ".join(str(dump(block)) for block in result.document)
    noted = " ".join(finding.message for finding in result.findings)
    assert set(re.findall(r"\bv\d+\b", text)) == set(re.findall(r"\bv\d+\b", kept + noted))


@given(st.integers(len(HEAD), len(SMALL)))
def test_truncation_keeps_all_complete_atoms(end):
    text = SMALL[:end]
    whole = sum(len(HEAD + "\n".join(ROWS[: i + 1])) <= end for i in range(len(ROWS)))
    result = read_document(text.encode(), "x.cif")
    atoms = atoms_of(result.document)
    assert atoms[:whole] == ATOMS[:whole]
    assert len(atoms) <= whole + 1  # a row cut inside its last value cannot be told from a whole one
    assert all(atom[:-1] == known[:-1] for atom, known in zip(atoms, ATOMS, strict=False))


@given(st.integers(0, len(ROWS) - 1), st.integers(0, 6), st.sampled_from(["delete", "double"]))
def test_value_missing_or_surplus_in_one_atom_costs_that_atom_alone(row, column, kind):
    words = re.findall(r"'[^']*'|\"[^\"]*\"|\S+", ROWS[row])
    words[column : column + 1] = [] if kind == "delete" else ["0.5", words[column]]
    rows = [*ROWS[:row], " ".join(words), *ROWS[row + 1 :]]
    result = read_document((HEAD + "\n".join(rows) + TAIL).encode(), "x.cif")
    assert atoms_of(result.document) == ATOMS[:row] + ATOMS[row + 1 :]
    (finding,) = result.findings
    assert (finding.code, finding.severity) == ("cif-incomplete-loop", "error")
    assert finding.message.startswith(f"line {HEAD.count(chr(10)) + row + 1}: ")


@given(st.sampled_from([i for i, line in enumerate(SMALL.split("\n")) if line == ";"]))
def test_lost_semicolon_costs_no_atom_and_no_block(index):
    lines = SMALL.split("\n")
    result = read_document("\n".join(lines[:index] + lines[index + 1 :]).encode(), "x.cif")
    assert atoms_of(result.document) == ATOMS
    assert [block.name for block in result.document] == ["small", "second"]
    assert result.findings
