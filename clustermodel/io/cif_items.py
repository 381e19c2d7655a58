"""Which blocks, tags and loops do the words of a CIF form, and which words fit nowhere?

The grammatical half of the tolerant reader: it turns words into sections of items and notes
every word that it had to drop, add or regroup.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Literal

from gemmi import cif

from clustermodel.io.cif_rows import drop_repeated_tags, split_rows
from clustermodel.io.cif_tokens import Audit, Token
from clustermodel.structure.finding import Severity

__all__ = ["Item", "Section", "build_sections"]

_number = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:\(\d*\))?|[?.]")


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A tag with its value, or a loop; its lists still change while it is mended.

    Parameters
    ----------
    tags : list of str
        One tag, or those of the loop.
    columns : list of list of str
        The values of each tag as they may stand in a valid CIF.
    line : int
        Line of the tag, or of ``loop_``.
    looped : bool
        True for a loop.

    Examples
    --------
    >>> Item(["_cell_length_a"], [["10.1(2)"]], 4, looped=False).is_atom_loop
    False
    """

    tags: list[str]
    columns: list[list[str]]
    line: int
    looped: bool

    @property
    def is_atom_loop(self) -> bool:
        """True for a loop of atoms: what it loses are atoms."""
        prefixes = ("_atom_site_", "_atom_site.")
        return self.looped and any(tag.lower().startswith(prefixes) for tag in self.tags)

    @property
    def loss(self) -> Severity:
        """How grave it is to lose a value of this item."""
        return "error" if self.is_atom_loop else "warning"

    @property
    def title(self) -> str:
        """The item in words for a message."""
        if not self.looped:
            return self.tags[0]
        return f"the loop of {self.tags[0]}" + (f" to {self.tags[-1]}" if len(self.tags) > 1 else "")


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A data block or a save frame; its list grows while the words are read.

    Parameters
    ----------
    name : str
        Name without ``data_`` or ``save_``.
    line : int
        Line of its header.
    items : list of Item or Section
        Its items and save frames in the order of the file.

    Examples
    --------
    >>> Section("x", 1).items
    []
    """

    name: str
    line: int
    items: list["Item | Section"] = field(default_factory=list)


def build_sections(tokens: Sequence[Token], audit: Audit) -> list[Section]:
    """Group the words of a CIF into data blocks.

    Parameters
    ----------
    tokens : sequence of Token
        The words in the order of the file.
    audit : Audit
        Receives the repairs.

    Returns
    -------
    list of Section
        The data blocks; tags may still occur twice in one of them.

    Examples
    --------
    >>> from clustermodel.io.cif_tokens import read_tokens
    >>> audit = Audit()
    >>> blocks = build_sections(read_tokens("data_x _a 1 2 _b", 0, audit), audit)
    >>> [(item.tags, item.columns) for item in blocks[0].items]
    [(['_a'], [['1']]), (['_b'], [['?']])]
    >>> [finding.code for finding in audit.findings]
    ['cif-stray-value', 'cif-missing-value']
    """
    return _Builder(tokens, audit).build()


def _list_shown(tokens: Sequence[Token]) -> str:
    return " ".join(repr(token.shown) for token in tokens)


class _Builder:
    """One pass over the words; ``blocks`` grows."""

    def __init__(self, tokens: Sequence[Token], audit: Audit) -> None:
        self.tokens = tokens
        self.audit = audit
        self.at = 0
        self.blocks: list[Section] = []
        self.frame: Section | None = None
        self.block_names: dict[str, int] = {}
        self.frame_names: dict[str, int] = {}

    def build(self) -> list[Section]:
        """Read all words and return the blocks."""
        readers = {
            "data": self._read_block,
            "global": self._read_block,
            "save": self._read_frame,
            "loop": self._read_loop,
            "stop": self._skip_stop,
            "tag": self._read_tags,
            "value": self._skip_values,
        }
        while self.at < len(self.tokens):
            readers[self.tokens[self.at].kind]()
        self._close_frame(None)
        for block in self.blocks:
            if not block.items:
                self.audit.note("cif-empty-block", "info", block.line, f"the block {block.name!r} is empty")
        return self.blocks

    def _take(self, kind: Literal["tag", "value"]) -> list[Token]:
        start, self.at = self.at, self._end_of_run(kind, self.at)
        return list(self.tokens[start : self.at])

    def _next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _open_block(self, line: int) -> Section:
        """Return the last block; an unnamed one where the file began without a header."""
        if not self.blocks:
            self.audit.note(
                "cif-unnamed-block",
                "warning",
                line,
                "tags come before the first data_ line; they were read as the block 'unnamed'",
            )
            self.blocks.append(Section(self._name("unnamed", line, self.block_names), line))
        return self.blocks[-1]

    def _add_item(self, item: Item) -> None:
        block = self._open_block(item.line)
        (self.frame or block).items.append(item)

    def _name(self, name: str, line: int, taken: dict[str, int]) -> str:
        """Return a name that no section before has, in whatever case of its letters."""
        new, count = name, 1
        while new.strip().lower() in taken:
            count += 1
            new = f"{name.strip() or 'unnamed'}_{count}"
        if new != name:
            first = taken[name.strip().lower()]
            self.audit.note(
                "cif-duplicate-block",
                "warning",
                line,
                f"the name {name!r} is that of the block of line {first}; renamed to {new!r}",
            )
        taken[new.strip().lower()] = line
        return new

    def _read_block(self) -> None:
        header = self._next()
        self._close_frame(header)
        name = header.raw[5:] if header.kind == "data" else ""
        if header.kind == "global":
            self.audit.note(
                "cif-global", "warning", header.line, "global_ is no CIF; read as a block without name"
            )
        elif not name:
            name = " "  # as gemmi names it
            self.audit.note("cif-unnamed-block", "warning", header.line, "the data_ line has no name")
        self.frame_names = {}
        self.blocks.append(Section(self._name(name, header.line, self.block_names), header.line))

    def _read_frame(self) -> None:
        header = self._next()
        name = header.raw[5:]
        if self.frame is None and not name:
            self.audit.note("cif-frame", "warning", header.line, "save_ without an open save frame; ignored")
            return
        if name:
            self._close_frame(header)
            block = self._open_block(header.line)
            self.frame = Section(self._name(name, header.line, self.frame_names), header.line)
            block.items.append(self.frame)
        else:
            self.frame = None

    def _close_frame(self, header: Token | None) -> None:
        if self.frame:
            line = header.line if header else self.frame.line
            where = f"ends with {header.raw!r}" if header else "ends with the file"
            self.audit.note(
                "cif-frame", "warning", line, f"the save frame {self.frame.name!r} is not closed; it {where}"
            )
        self.frame = None

    def _skip_stop(self) -> None:
        self.audit.note("cif-stop", "info", self._next().line, "stop_ is no CIF; ignored")

    def _skip_values(self) -> None:
        self._drop(self._take("value"))

    def _drop(self, values: Sequence[Token]) -> None:
        if values:
            self.audit.note(
                "cif-stray-value",
                "warning",
                values[0].line,
                f"values without a tag were dropped: {_list_shown(values)}",
            )

    def _read_tags(self) -> None:
        tags = self._take("tag")
        values = self._take("value")
        if self._is_loop_without_keyword(tags, values):
            self.audit.note(
                "cif-missing-loop",
                "warning",
                tags[0].line,
                f"{len(tags)} tags are followed by rows of {len(tags)} values; read as a loop",
            )
            self._add_loop(tags, values, tags[0].line)
            return
        for tag in tags[:-1]:
            self._add_pair(tag, [])
        self._add_pair(tags[-1], values or self._read_reserved(tags[-1]))

    def _is_loop_without_keyword(self, tags: Sequence[Token], values: Sequence[Token]) -> bool:
        if len(tags) < 2 or len(values) < 2 * len(tags) or values[0].line == tags[-1].line:
            return False
        return all(len(list(line)) == len(tags) for _, line in groupby(values, key=attrgetter("line")))

    def _read_reserved(self, tag: Token) -> list[Token]:
        """Take a word like data_collection as the value of the tag on the same line."""
        word = self.tokens[self.at] if self.at < len(self.tokens) else tag
        if word.kind not in {"data", "save"} or word.line != tag.line or len(word.raw) <= 5:
            return []
        self.audit.note(
            "cif-reserved-word", "warning", word.line, f"{word.raw!r} was read as the value of {tag.raw}"
        )
        self.at += 1
        return [Token("value", cif.quote(word.raw), word.line), *self._take("value")]

    def _add_pair(self, tag: Token, values: Sequence[Token]) -> None:
        if not values:
            self.audit.note(
                "cif-missing-value", "warning", tag.line, f"{tag.raw} has no value; read as unknown (?)"
            )
            self._add_item(Item([tag.raw], [["?"]], tag.line, looped=False))
            return
        words = list(takewhile(lambda word: word.plain and word.line == values[0].line, values))
        if len(words) < 2 or _number.fullmatch(words[0].raw):
            words = list(values[:1])
        raw = words[0].raw
        if len(words) > 1:
            raw = cif.quote(" ".join(word.content for word in words))
            self.audit.note(
                "cif-unquoted-text",
                "warning",
                tag.line,
                f"the value of {tag.raw} has blanks but no quotes; read as {_shown_text(raw)}",
            )
        self._add_item(Item([tag.raw], [[raw]], tag.line, looped=False))
        self._drop(values[len(words) :])

    def _read_loop(self) -> None:
        keyword = self._next()
        line = keyword.line
        tags = self._take("tag")
        while self._header_goes_on(tags):
            self._drop(self._take("value"))
            tags += self._take("tag")
        values = self._take("value")
        if self.at < len(self.tokens) and self.tokens[self.at].kind == "stop":
            self._skip_stop()
        if not tags:
            dropped = f"; its values were dropped: {_list_shown(values)}" if values else "; ignored"
            self.audit.note("cif-loop-without-tags", "warning", line, f"loop_ without tags{dropped}")
            return
        self._add_loop(tags, values, line)

    def _end_of_run(self, kind: Literal["tag", "value"], at: int) -> int:
        while at < len(self.tokens) and self.tokens[at].kind == kind:
            at += 1
        return at

    def _header_goes_on(self, tags: Sequence[Token]) -> bool:
        """Tell whether the next values are stray words between the tags of a loop header."""
        words = self._end_of_run("value", self.at)
        if words == self.at or self.tokens[words - 1].line != self.tokens[self.at - 1].line:
            return False
        more = self._end_of_run("tag", words)
        rows = self._end_of_run("value", more)
        if more == words or rows - more < len(tags) + more - words:
            return False
        if self.tokens[more].line == self.tokens[more - 1].line:
            return False
        return more - words > 1 or not tags or (words - self.at) % len(tags) != 0

    def _add_loop(self, tags: Sequence[Token], values: Sequence[Token], line: int) -> None:
        once = drop_repeated_tags(tags, values)
        if len(once) < len(tags):
            self.audit.note(
                "cif-duplicate-tag",
                "warning",
                line,
                f"the header of a loop has {len(tags)} tags, its rows have {len(once)} values; "
                "tags given twice in a row were dropped once",
            )
        rows = split_rows(values, len(once))
        columns = [[row[i].raw for row in rows.whole] for i in range(len(once))]
        loop = Item([tag.raw for tag in once], columns, line, looped=True)
        for run in rows.dropped:
            self._note_dropped(loop, run, certain=rows.certain)
        if not values:
            self.audit.note("cif-empty-loop", "warning", line, f"{loop.title} has no values")
        self._add_item(loop)

    def _note_dropped(self, loop: Item, run: Sequence[Token], *, certain: bool) -> None:
        lower = [tag.lower() for tag in loop.tags]
        one_row = len(run) <= len(loop.tags) and "_atom_site_label" in lower
        at = lower.index("_atom_site_label") if one_row else len(run)
        doubt = ""
        if not certain and self.at < len(self.tokens):
            doubt = "; the lines do not show which row lacks a value: the rows may be shifted"
        self.audit.note(
            "cif-incomplete-loop",
            loop.loss,
            run[0].line,
            f"no row of {len(loop.tags)} values in {loop.title}; dropped: {_list_shown(run)}{doubt}",
            [token.content for token in run[at : at + 1]],
        )


def _shown_text(raw: str) -> str:
    return repr(Token("value", raw, 0).shown)
