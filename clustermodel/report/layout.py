"""How is a table laid out in any format? Its cells as pieces of text, and which columns hold numbers."""

from clustermodel.report.notation import Piece, split_cell
from clustermodel.report.table import Charge, Measured, Table

__all__ = ["find_numbers", "split_rows"]


def split_rows(table: Table) -> list[list[tuple[Piece, ...]]]:
    """Write the cells of a table as pieces of text.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    list of list of tuple of Piece
        One list for each row.
    """
    return [
        [split_cell(cell, column.digits) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]


def find_numbers(table: Table) -> list[bool]:
    """Find the columns of numbers, which stand to the right.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    list of bool
        For each column whether it has a number and nothing else.

    Examples
    --------
    >>> from clustermodel.report.table import Column
    >>> columns = (Column("label"), Column("n"), Column("note"))
    >>> find_numbers(Table(name="t", title="T", columns=columns, rows=(("a", 1, None),), caption=""))
    [False, True, False]
    """
    return [
        any(row[i] is not None for row in table.rows)
        and all(
            row[i] is None
            or (isinstance(row[i], int | float | Measured | Charge) and not isinstance(row[i], bool))
            for row in table.rows
        )
        for i in range(len(table.columns))
    ]
