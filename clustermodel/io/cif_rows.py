"""Which values of a damaged loop form its rows?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from clustermodel.io.cif_tokens import Token

__all__ = ["Rows", "drop_repeated_tags", "split_rows"]

# Characters: writers wrap a row before the line limit of CIF 1.0, 80, so that a row on two
# lines is longer than that; several blanks between its values are counted as one here.
_SHORTEST_WRAPPED_ROW = 70


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """The values of a loop in rows.

    Parameters
    ----------
    whole : list of list of Token
        The complete rows.
    dropped : list of list of Token
        Runs of values that form no row.
    certain : bool
        False where the lines of the file do not show which row is damaged.

    Examples
    --------
    >>> Rows(whole=[], dropped=[], certain=True).certain
    True
    """

    whole: list[list[Token]]
    dropped: list[list[Token]]
    certain: bool


def split_rows(values: Sequence[Token], width: int) -> Rows:
    """Arrange the values of a loop in rows.

    If their number is no multiple of the width, counting on would shift every row after the
    damage; the lines of the file show which row it is.

    Parameters
    ----------
    values : sequence of Token
        The values in the order of the file.
    width : int
        Number of tags.

    Returns
    -------
    Rows
        Complete rows and the rest.

    Examples
    --------
    >>> values = [Token("value", raw, line) for line, row in enumerate(["ab", "c", "de"]) for raw in row]
    >>> rows = split_rows(values, 2)
    >>> [[token.raw for token in row] for row in rows.whole]
    [['a', 'b'], ['d', 'e']]
    """
    rest = len(values) % width
    if rest == 0:
        return Rows(whole=_chunks(values, width), dropped=[], certain=True)
    lines = _lines(values)
    fitting = sum(len(line) % width == 0 for line in lines)
    if 3 * fitting >= len(lines):  # wrapped rows count as two lines: still most rows have one of their own
        return _match_lines(lines, width)
    if _are_other_rows(lines, width):
        return Rows(whole=[], dropped=[list(values)], certain=True)
    return Rows(whole=_chunks(values, width), dropped=[list(values[-rest:])], certain=False)


def drop_repeated_tags(tags: Sequence[Token], values: Sequence[Token]) -> list[Token]:
    """Drop the second of two neighbouring equal tags if the rows have no values for it.

    Parameters
    ----------
    tags : sequence of Token
        The header of a loop.
    values : sequence of Token
        Its values.

    Returns
    -------
    list of Token
        The header that fits the rows; unchanged where it does so already.

    Examples
    --------
    >>> header = [Token("tag", "_a", 1), Token("tag", "_a", 2)]
    >>> len(drop_repeated_tags(header, [Token("value", "5", 3)]))
    1
    """
    once = [next(equal) for _, equal in groupby(tags, key=lambda tag: tag.raw.lower())]
    lengths = [len(line) for line in _lines(values)]
    fits_once, fits_twice = (
        sum(length % width == 0 for length in lengths) for width in (len(once), len(tags))
    )
    return once if fits_once > fits_twice else list(tags)


def _lines(values: Sequence[Token]) -> list[list[Token]]:
    return [list(line) for _, line in groupby(values, key=attrgetter("line"))]


def _chunks(values: Sequence[Token], width: int) -> list[list[Token]]:
    return [list(values[i : i + width]) for i in range(0, len(values) - width + 1, width)]


def _are_other_rows(lines: Sequence[Sequence[Token]], width: int) -> bool:
    """Tell whether the lines are rows with more or fewer values than there are tags."""
    if len(lines) < 2:
        return False
    too_long = sum(len(line) > width for line in lines)
    lengths = {len(line) for line in (lines[:-1] if len(lines) > 3 else lines)}
    return 2 * too_long > len(lines) or (len(lengths) == 1 and width % len(lines[0]) != 0)


def _match_lines(lines: Sequence[list[Token]], width: int) -> Rows:
    """Take the lines that are rows; a row on several lines only where there was a reason to wrap it."""
    whole: list[list[Token]] = []
    dropped: list[list[Token]] = []
    pending: list[Token] = []
    for line in lines:
        if len(line) % width == 0:
            dropped += [pending] if pending else []
            pending = []
            whole += _chunks(line, width)
            continue
        pending = pending + line
        if len(pending) == width and _had_to_wrap(pending):
            whole.append(pending)
            pending = []
    return Rows(whole=whole, dropped=dropped + ([pending] if pending else []), certain=True)


def _had_to_wrap(row: Sequence[Token]) -> bool:
    length = sum(len(token.raw) + 1 for token in row)
    return length > _SHORTEST_WRAPPED_ROW or any("\n" in token.raw for token in row)
