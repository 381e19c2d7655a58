"""Where does a text field end, also one that was never closed?"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

__all__ = ["ODD_BLANKS", "TextFields"]

#: Characters that CIF does not know as blanks but that nobody means as part of a word: vertical
#: tab, form feed, DOS end of file, no-break and typographic blanks, byte order mark.
ODD_BLANKS = "\v\f\x1a\x85\xa0\u2000-\u200b\u2028\u2029\u202f\u3000\ufeff"

_END = rf"(?=[ \t\n#{ODD_BLANKS}]|\Z)"
_mark = re.compile(r"\n;")
_closing = re.compile(rf"\n;(?:{_END}|(?=_[a-z]|loop_|data_))", re.IGNORECASE)
_lone_tag = re.compile(r"[ \t]*_\S+[ \t]*")
_goes_on_as_cif = re.compile(r"[ \t\n]*(?:_[a-z]|loop_|data_|save_|#|\Z)", re.IGNORECASE)
_column_one = re.compile(r"^(?:_[!-~]|loop_|data_)", re.IGNORECASE | re.MULTILINE)


class TextFields:
    r"""The lines of a text that begin with a semicolon, and which of them may end a text field.

    A field ends, as CIF 1.1 demands, with a semicolon in the first column. That semicolon is not
    believed where it must open the next field: after a line that is nothing but a tag and before
    something that is no CIF, or where the field would swallow lines of CIF and text goes on
    behind it. A field that is not closed ends before the first line that begins with a tag,
    ``loop_`` or ``data_``.

    Parameters
    ----------
    text : str
        The whole text, lines separated by line feeds.

    Examples
    --------
    >>> TextFields("data_x _a\n;b\nc\n_d 1\n").find_end(10)
    (14, False)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.marks = [found.start() for found in _mark.finditer(text)]
        self.closings = [found.start() for found in _closing.finditer(text)]
        self.before_text = [mark for mark in self.marks if not _goes_on_as_cif.match(text, mark + 2)]
        self.openings = [mark for mark in self.before_text if self._follows_lone_tag(mark)]
        self.stops = [found.start() for found in _column_one.finditer(text)]

    def find_end(self, start: int) -> tuple[int, bool]:
        """Find the end of the text field that begins at an offset.

        Parameters
        ----------
        start : int
            Offset of the semicolon that opens the field.

        Returns
        -------
        int
            Offset of the line feed that ends the content.
        bool
            True if a semicolon follows, which belongs to the field.
        """
        closing = self._after(self.closings, start)
        opening = self._after(self.openings, start)
        stop = self._after(self.stops, start)
        if opening <= closing and opening < len(self.text):
            return min(stop - 1, self.text.rfind("\n", 0, opening)), False
        last = bisect_left(self.marks, min(stop, closing)) - 1
        if stop < closing and last >= 0 and self.marks[last] > start:
            return self.marks[last], True
        swallows = stop < closing and self._after(self.before_text, stop) <= closing
        if closing < len(self.text) and not swallows:
            return closing, True
        return (stop - 1 if stop < len(self.text) else stop), False

    def _follows_lone_tag(self, mark: int) -> bool:
        begin = self.text.rfind("\n", 0, mark) + 1
        return _lone_tag.fullmatch(self.text, begin, mark) is not None

    def _after(self, positions: Sequence[int], start: int) -> int:
        index = bisect_right(positions, start)
        return positions[index] if index < len(positions) else len(self.text)
