"""Which words does a possibly damaged CIF text consist of, and where did one have to be guessed?

The lexical half of the tolerant reader: CIF 1.1 [1]_, with the lists and tables of CIF 2.0 [2]_
where the file announces them. It never fails: what the grammar forbids is mended in the way that
loses least, and each repair is noted with its line.

.. [1] S. R. Hall, J. D. Westbrook, International Tables for Crystallography G (2006), ch. 2.2.
.. [2] H. J. Bernstein et al., J. Appl. Cryst. 49 (2016) 277, doi:10.1107/S1600576715021871.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter
from typing import Literal, NamedTuple

from gemmi import cif

from clustermodel.io.cif_text_fields import ODD_BLANKS, TextFields
from clustermodel.structure.finding import Finding, Severity

__all__ = ["Audit", "Kind", "Token", "read_tokens", "shorten"]

Kind = Literal["tag", "value", "data", "save", "loop", "stop", "global"]

_END = rf"(?=[ \t\n#{ODD_BLANKS}]|\Z)"
_odd_blank = re.compile(f"[{ODD_BLANKS}]")
_skipped = re.compile(rf"(?:[ \t\n{ODD_BLANKS}]+|#[^\n]*)*")
_comment = re.compile(r"#[^\n]*")
_word = re.compile(rf"[^ \t\n{ODD_BLANKS}]+")
_rest_of_line = re.compile(r"[^\n]*")
_printable = re.compile(r"[!-~]*")
_needs_no_quotes = re.compile(r"[!%&(-:<-^`-~][!-~]*")  # any first character but " # $ ' _ ;
_glued_loop = re.compile(r"(?i:loop_)(_[!-~]+)")
_quoted = {q: re.compile(rf"{q}[^{q}\n]*(?:{q}(?!{_END})[^{q}\n]*)*{q}{_END}") for q in "'\""}
_glued = {q: re.compile(rf"{q}([^{q}\n]*){q}(?=_[A-Za-z])") for q in "'\""}
_triple = {q: re.compile(rf"{q * 3}(.*?){q * 3}", re.DOTALL) for q in "'\""}
_not_an_item = r"(?![ \t]*(?:_[a-z]|loop_|data_|save_|;))"
_two_lines = {
    q: re.compile(rf"{q}([^{q}\n]+\n{_not_an_item}[^{q}\n]+){q}(?=[ \t]*(?:\n|\Z))", re.IGNORECASE)
    for q in "'\""
}
_indented = re.compile(rf";[ \t]*\n((?:{_not_an_item}[^\n]*\n)+)[ \t]*;[ \t]*(?=\n|\Z)", re.IGNORECASE)
_container_part = re.compile(
    r"'''.*?'''|\"\"\".*?\"\"\"|'[^'\n]*'|\"[^\"\n]*\"|[\[{\]}]|\n(?=_|;|loop_|data_)", re.DOTALL
)

_LONGEST_QUOTE = 60
_DEEPEST_LIST = 100  # far beyond any dictionary; what nests deeper is a row of unclosed brackets


class Token(NamedTuple):
    """One word of a CIF.

    Parameters
    ----------
    kind : {"tag", "value", "data", "save", "loop", "stop", "global"}
        What the word is: a tag, a value, or a reserved word.
    raw : str
        The word as it may stand in a valid CIF, quotes included.
    line : int
        Line on which it begins, from 1.
    plain : bool, optional
        True for a word that was written without quotes.

    Examples
    --------
    >>> Token("value", "'P 1'", 7, plain=False).shown
    'P 1'
    """

    kind: Kind
    raw: str
    line: int
    plain: bool = True

    @property
    def content(self) -> str:
        """The word without quotes; ``?`` and ``.`` stay."""
        return cif.as_string(self.raw) if self.raw[0] in "'\";" else self.raw

    @property
    def shown(self) -> str:
        """The content for a message: on one line, at most 60 characters."""
        return shorten(self.content)


def shorten(text: str) -> str:
    """Put a text on one line of at most 60 characters, for a message.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text, with an ellipsis where it was cut.

    Examples
    --------
    >>> shorten("two   blanks")
    'two blanks'
    """
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[: _LONGEST_QUOTE - 1] + "…"


class Audit:
    """The growing list of what was noticed while one text is read.

    Examples
    --------
    >>> audit = Audit()
    >>> audit.note("cif-stop", "info", 3, "stop_ ignored")
    >>> audit.findings[0].message
    'line 3: stop_ ignored'
    """

    def __init__(self) -> None:
        self._entries: list[tuple[int, Finding]] = []

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings in the order of the lines."""
        return tuple(finding for _, finding in sorted(self._entries, key=itemgetter(0)))

    def note(
        self, code: str, severity: Severity, line: int, message: str, labels: Sequence[str] = ()
    ) -> None:
        """Add one finding about a line.

        Parameters
        ----------
        code : str
            Name of the kind of finding.
        severity : {"info", "warning", "error"}
            How grave it is.
        line : int
            Line of the text, from 1.
        message : str
            What was found and what was done.
        labels : sequence of str, optional
            Labels of the atoms concerned.
        """
        finding = Finding(
            code=code, severity=severity, message=f"line {line}: {message}", labels=tuple(labels)
        )
        self._entries.append((line, finding))


def read_tokens(text: str, start: int, audit: Audit) -> list[Token]:
    r"""Split a CIF text into words, mending what the grammar forbids.

    Parameters
    ----------
    text : str
        The text, lines separated by ``\n``, without NUL.
    start : int
        Offset at which to begin.
    audit : Audit
        Receives the repairs.

    Returns
    -------
    list of Token
        The words in the order of the file; comments and blanks are left out.

    Examples
    --------
    >>> audit = Audit()
    >>> [token.raw for token in read_tokens("data_x _a 'b c", 0, audit)]
    ['data_x', '_a', "'b c'"]
    >>> audit.findings[0].code
    'cif-unterminated-quote'
    """
    lexer = _Lexer(text, audit)
    lexer.read(start)
    lexer.report_characters()
    return lexer.tokens


def _quote(content: str) -> str:
    """Quote a text so that it survives; a line in it never begins with a semicolon."""
    return cif.quote(content.replace("\n;", "\n ;"))


class _Lexer:
    """One pass over a text; ``tokens`` grows."""

    def __init__(self, text: str, audit: Audit) -> None:
        self.text = text
        self.audit = audit
        self.tokens: list[Token] = []
        self.fields = TextFields(text)
        self.cif2 = text.startswith("#\\#CIF_2")
        self.breaks = [found.start() for found in re.finditer(r"\n", text)]
        self.odd = _odd_blank.search(text) is not None
        self.strange: list[Token] = []
        self.strange_blanks: list[int] = []
        self.cif2_lines: list[int] = []

    def read(self, start: int) -> None:
        """Read all words from an offset on."""
        at = start
        while True:
            skipped = _skipped.match(self.text, at)
            end = skipped.end() if skipped else at
            if self.odd and _odd_blank.search(_comment.sub("", self.text[at:end])):
                self.strange_blanks.append(self._line(end - 1))
            if end >= len(self.text):
                return
            at = self._read_word(end)

    def report_characters(self) -> None:
        """Note, once each, what CIF 1.1 does not allow: characters, blanks, lists."""
        if self.strange:
            words = ", ".join(f"{token.shown!r} (line {token.line})" for token in self.strange)
            self.audit.note(
                "cif-illegal-character",
                "info",
                self.strange[0].line,
                f"CIF 1.1 does not allow these words as they are written, kept: {words}",
            )
        self._note_lines(
            "cif-illegal-blank",
            self.strange_blanks,
            "no-break spaces, form feeds, byte order marks or the like were read as blanks",
        )
        self._note_lines(
            "cif-version", self.cif2_lines, "lists, tables or triple quotes of CIF 2.0 were read as texts"
        )

    def _note_lines(self, code: str, lines: Sequence[int], message: str) -> None:
        if lines:
            where = ", ".join(str(line) for line in dict.fromkeys(lines))
            self.audit.note(code, "info", lines[0], f"{message}, on lines {where}")

    def _line(self, at: int) -> int:
        return bisect_left(self.breaks, at) + 1

    def _add(self, kind: Kind, raw: str, at: int, *, plain: bool = False) -> None:
        self.tokens.append(Token(kind, raw, self._line(at), plain))

    def _note(self, code: str, at: int, message: str) -> None:
        self.audit.note(code, "warning", self._line(at), message)

    def _shown(self, raw: str) -> str:
        return repr(Token("value", raw, 0, plain=False).shown)

    def _waits_for_value(self) -> bool:
        """Tell whether the word before is a tag outside a loop header."""
        kinds = [token.kind for token in self.tokens[-2:]]
        return kinds == ["tag"] or (kinds[1:] == ["tag"] and kinds[0] not in {"loop", "tag"})

    def _read_word(self, at: int) -> int:
        first = self.text[at]
        if first == ";" and (at == 0 or self.text[at - 1] == "\n"):
            return self._read_text(at)
        if first in "'\"":
            return self._read_quoted(at, first)
        if first in "[{" and self.cif2:
            return self._read_container(at)
        if first == ";" and self._waits_for_value():
            return self._read_indented(at)
        return self._read_plain(at)

    def _read_plain(self, at: int) -> int:
        found = _word.match(self.text, at)
        word = found.group() if found else self.text[at]
        lower = word.lower()
        glued = _glued_loop.fullmatch(word)
        if glued:
            self._note("cif-glued-value", at, f"{word!r} was split into 'loop_' and {glued[1]!r}")
            self._add("loop", "loop_", at, plain=True)
            self._add("tag", glued[1], at, plain=True)
        elif lower in {"loop_", "stop_", "global_"}:
            kinds: dict[str, Kind] = {"loop_": "loop", "stop_": "stop", "global_": "global"}
            self._add(kinds[lower], word, at, plain=True)
        elif lower.startswith(("data_", "save_")):
            self._add("data" if lower[0] == "d" else "save", word, at, plain=True)
        elif word[0] == "_" and len(word) > 1:
            self._add("tag", word, at, plain=True)
        else:
            self._add_value(word, at)
        if not _printable.fullmatch(word):
            self.strange.append(self.tokens[-1])
        return at + len(word)

    def _add_value(self, word: str, at: int) -> None:
        legal = _needs_no_quotes.fullmatch(word)
        self._add("value", word if legal else _quote(word), at, plain=True)
        if word[0] in "_$":
            self.strange.append(self.tokens[-1])

    def _read_quoted(self, at: int, quote: str) -> int:
        triple = _triple[quote].match(self.text, at)
        found = _quoted[quote].match(self.text, at)
        if triple and (self.cif2 or not found):
            self.cif2_lines.append(self._line(at))
            self._add("value", _quote(triple[1]), at)
            return triple.end()
        if found:
            self._add("value", found.group(), at)
            return found.end()
        return self._mend_quoted(at, quote)

    def _mend_quoted(self, at: int, quote: str) -> int:
        glued = _glued[quote].match(self.text, at)
        if glued:
            self._add("value", glued.group(), at)
            self._note(
                "cif-glued-value", at, f"the value {glued.group()} and the tag glued to it were separated"
            )
            return glued.end()
        joined = _two_lines[quote].match(self.text, at) if self._waits_for_value() else None
        if joined:
            self._add("value", _quote(joined[1]), at)
            self._note(
                "cif-unterminated-quote",
                at,
                f"the quoted value {self._shown(self.tokens[-1].raw)} runs over two lines; kept as text",
            )
            return joined.end()
        rest = _rest_of_line.match(self.text, at)
        line = rest.group().rstrip() if rest else quote
        self._add("value", _quote(line[1:] or quote), at)
        self._note(
            "cif-unterminated-quote",
            at,
            f"the quote {quote} is not closed; {self._shown(self.tokens[-1].raw)} up to the end of the line "
            "was taken as the value",
        )
        return at + len(line)

    def _read_container(self, at: int) -> int:
        depth = 0
        for found in _container_part.finditer(self.text, at):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found.group(), 0)
            if depth == 0:
                self._add("value", _quote(self.text[at : found.end()]), at)
                self.cif2_lines.append(self._line(at))
                return found.end()
            if found.group() == "\n" or depth > _DEEPEST_LIST:
                break
        return self._read_plain(at)

    def _read_indented(self, at: int) -> int:
        found = _indented.match(self.text, at)
        begin = self.text.rfind("\n", 0, at) + 1
        if not found or self.text[begin:at].strip():
            return self._read_plain(at)
        self._add("value", _quote(found[1].rstrip("\n")), at)
        self._note(
            "cif-indented-text",
            at,
            f"the semicolon of a text field is not in the first column; "
            f"{self._shown(self.tokens[-1].raw)} was read as text field",
        )
        return found.end()

    def _read_text(self, at: int) -> int:
        end, closed = self.fields.find_end(at)
        content = self.text[at + 1 : end]
        if not closed:
            return self._mend_text(at, end)
        if "\n;" in content:
            self._note(
                "cif-text-line",
                at,
                "a line inside the text field begins with a semicolon; a blank was put in front of it",
            )
            content = content.replace("\n;", "\n ;")
        self._add("value", f";{content}\n;", at)
        after = self.text[end + 2 : end + 3]
        if after and not after.isspace() and after != "#":
            self._note("cif-glued-value", end + 1, "no blank after the semicolon that ends a text field")
        return end + 2

    def _mend_text(self, at: int, end: int) -> int:
        content = self.text[at + 1 : end].rstrip()
        if content:
            raw = content.replace("\n;", "\n ;")
            self._add("value", f";{raw}\n;", at)
            where = "the end of the file" if end >= len(self.text) else f"line {self._line(end)}"
            message = f"the text field is not closed; it was taken to end with {where}"
        else:
            message = "a semicolon in the first column without a text field; ignored"
        self._note("cif-unterminated-text", at, message)
        return max(end, at + 1)
