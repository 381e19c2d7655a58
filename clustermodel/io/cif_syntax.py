"""Which data blocks does this possibly damaged CIF text hold, and what had to be repaired?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gemmi import cif

from clustermodel.errors import CifError
from clustermodel.io.cif_duplicates import resolve_duplicates
from clustermodel.io.cif_items import Item, Section, build_sections
from clustermodel.io.cif_text_fields import ODD_BLANKS
from clustermodel.io.cif_tokens import Audit, read_tokens, shorten
from clustermodel.structure.finding import Finding

__all__ = ["CifDocument", "read_document"]

_line_end = re.compile(r"\r+\n|\r")
_blank = rf"[ \t\n{ODD_BLANKS}]"
_indent = rf"^[ \t{ODD_BLANKS}]*"
_header = re.compile(rf"{_indent}(data_)", re.IGNORECASE | re.MULTILINE)
_header_in_line = re.compile(rf"{_blank}(data_)[!-~]", re.IGNORECASE)
_first_item = re.compile(
    rf"{_indent}(_[a-z]|(?:loop_|global_)(?=_[a-z]|{_blank}|\Z)|save_[!-~])", re.IGNORECASE | re.MULTILINE
)
_plausible_tag = re.compile(rf"{_indent}_[a-z]+[_.][a-z]", re.IGNORECASE | re.MULTILINE)
_comment_line = re.compile(rf"{_indent}#.*$", re.MULTILINE)
_html = re.compile(r"\s*(?:<!doctype html|<html|<head|<\?xml|<body)", re.IGNORECASE)

_SIGNATURES = (
    (b"\x1f\x8b", "gzip-compressed data", "unpack the file first"),
    (b"PK\x03\x04", "a zip archive", "unpack the file first"),
    (b"%PDF", "a PDF document", "give the CIF itself"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CifDocument:
    """The data blocks of a CIF and what had to be repaired to read them.

    Parameters
    ----------
    document : gemmi.cif.Document
        The blocks; it must be kept as long as one of its blocks is used. After repairs its
        items carry no line numbers.
    findings : tuple of Finding
        Every repair, with codes that begin with ``cif-``; empty for a flawless file.

    Examples
    --------
    >>> read_document(b"data_x _cell_length_a 10.1(2)", "x.cif").findings
    ()
    """

    document: cif.Document
    findings: tuple[Finding, ...]


def read_document(data: bytes, source: str) -> CifDocument:
    r"""Read the data blocks of a CIF, with repairs where the text is damaged.

    A text that gemmi reads without complaint is taken as it reads it. Any other is read by a
    tolerant parser which reports each repair; nothing is dropped without a finding that quotes it.

    Parameters
    ----------
    data : bytes
        Content of the file: UTF-8, UTF-16 with byte order mark, or a Western 8-bit encoding.
    source : str
        Name of the file for messages.

    Returns
    -------
    CifDocument
        The blocks and the repairs.

    Raises
    ------
    CifError
        If the text holds no CIF: it is empty, binary, a web page or a text without tags.

    Examples
    --------
    >>> read = read_document(b"data_x\n_cell_length_a 10\n_cell_length_a 11\n", "x.cif")
    >>> read.document[0].find_value("_cell_length_a")
    '10'
    >>> read.findings[0].message
    "line 3: contradicts earlier values, which are kept; dropped: _cell_length_a '11' (line 2: '10')"
    """
    audit = Audit()
    text = _decode(data, source, audit)
    document = _read_strictly(text)
    if document is None:
        document = _read_tolerantly(text, source, audit)
    document.source = source
    return CifDocument(document=document, findings=audit.findings)


def _decode(data: bytes, source: str, audit: Audit) -> str:
    """Return the text with plain line ends and without byte order mark and end-of-file mark."""
    for signature, found, advice in _SIGNATURES:
        if data.startswith(signature):
            raise _no_cif(source, 1, found, advice)
    text = _read_characters(data, audit).removeprefix("\ufeff").replace("\r\n", "\n")
    if "\r" in text:
        text = _line_end.sub("\n", text)
    if text.endswith("\x1a"):
        text = text.rstrip("\x1a")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _no_cif(source, line, "NUL bytes, as in a binary or damaged file", "get the file again")
    return text


def _read_characters(data: bytes, audit: Audit) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
        audit.note("cif-encoding", "info", 1, "the file is UTF-16, not UTF-8; decoded")
        return text
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        text, name = data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        text, name = data.decode("latin-1"), "Latin-1"
    audit.note("cif-encoding", "info", line, f"a byte that is not UTF-8; the whole file was read as {name}")
    return text


def _read_strictly(text: str) -> cif.Document | None:
    """Return gemmi's reading, or None where it complains or finds no block."""
    try:
        document = cif.read_string(text, check_level=2)  # duplicates, missing values, empty loops
    except (ValueError, RuntimeError):
        return None
    return document if len(document) else None


def _read_tolerantly(text: str, source: str, audit: Audit) -> cif.Document:
    start = _find_start(text)
    if start is None:
        raise _no_cif(source, 1, _describe(text), "check what was downloaded or exported")
    _note_preamble(text[:start], audit)
    sections = build_sections(read_tokens(text, start, audit), audit)
    if not any(section.items for section in sections):
        line = text.count("\n", 0, start) + 1
        raise _no_cif(source, line, "a block header but no tag with a value", "get the complete file")
    return _build_document(sections, audit)


def _find_start(text: str) -> int | None:
    """Return the offset of the first header or of the first tag before it; None if there is no CIF."""
    if _html.match(text) and not _header.search(text):
        return None
    header = _header.search(text) or _header_in_line.search(text)
    if header is None and not _plausible_tag.search(text):
        return None
    found = [match.start(1) for match in (header, _first_item.search(text)) if match]
    return min(found)


def _note_preamble(text: str, audit: Audit) -> None:
    words = _comment_line.sub("", text).split()
    if words:
        shown = " ".join(repr(shorten(word)) for word in words)
        audit.note("cif-preamble", "warning", 1, f"text before the first block was ignored: {shown}")


def _describe(text: str) -> str:
    content = _comment_line.sub("", text).split()
    if not content:
        return "only comments and blanks" if text.strip() else "an empty file"
    if _html.match(text):
        return "a web page"
    return f"a text without data_ line, which begins with {shorten(' '.join(content))!r}"


def _no_cif(source: str, line: int, found: str, advice: str) -> CifError:
    return CifError(f"{source}: line {line}: found {found}; expected a CIF with a data_ line; {advice}")


def _build_document(sections: Sequence[Section], audit: Audit) -> cif.Document:
    document = cif.Document()
    for section in sections:
        _fill(document.add_new_block(section.name), section, audit)
    return document


def _fill(block: cif.Block, section: Section, audit: Audit) -> None:
    resolve_duplicates([item for item in section.items if isinstance(item, Item)], audit)
    for item in section.items:
        if isinstance(item, Section):
            _fill(_add_frame(block, item.name), item, audit)
        elif item.looped and item.tags:
            loop = block.init_loop("", item.tags)
            if item.columns[0]:
                loop.set_all_values(item.columns)
        elif item.tags:
            block.set_pair(item.tags[0], item.columns[0][0])


def _add_frame(block: cif.Block, name: str) -> cif.Block:
    """Append an empty save frame; gemmi makes one only by reading it, and only from ASCII."""
    holder = "frame"
    while block.find_frame(holder) is not None:
        holder += "_"
    block.add_item(cif.read_string(f"data_x save_{holder} save_")[0][0])
    frame = block.find_frame(holder)
    frame.name = name
    return frame
