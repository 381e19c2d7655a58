"""What is a table of the report? Cells with meaning, columns with units, a caption with the settings."""

from dataclasses import dataclass, field

__all__ = [
    "Cell",
    "Charge",
    "Column",
    "Formula",
    "Measured",
    "Operation",
    "Schoenflies",
    "SpaceGroupName",
    "Table",
]


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with its standard uncertainty, written as ``2.783(2)``.

    Parameters
    ----------
    value : float
        The value.
    su : float or None
        Its standard uncertainty in the same unit; None or 0 where there is none.
    digits : int or None, optional
        Decimals of a value without standard uncertainty, where they differ from those of its column.
    """

    value: float
    su: float | None = None
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """A chemical formula, or words with formulas in them, whose counts become subscripts.

    Parameters
    ----------
    text : str
        For example ``"Au13 + 6 Au2(SR)3"`` or ``"mu3-S"``.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge, always written with its sign.

    Parameters
    ----------
    value : int
        Charge in elementary charges.
    """

    value: int


@dataclass(frozen=True, slots=True)
class Operation:
    """A symmetry operation.

    Parameters
    ----------
    text : str
        For example ``"-x+1,-y,z+1/2"``.
    """

    text: str


@dataclass(frozen=True, slots=True)
class SpaceGroupName:
    """A Hermann-Mauguin symbol of a space group or of a point group.

    Parameters
    ----------
    text : str
        For example ``"P 1 21/c 1"`` or ``"-3m"``.
    is_point_group : bool, optional
        True for a point group, which has no screw axes: ``"222"`` has no subscript.
    """

    text: str
    is_point_group: bool = False


@dataclass(frozen=True, slots=True)
class Schoenflies:
    """Symbols of point groups after Schoenflies, what follows the first letter becoming a subscript.

    Parameters
    ----------
    text : str
        For example ``"Th"`` or ``"D3d (Ih)"``.
    """

    text: str


Cell = str | int | float | Measured | Formula | Charge | Operation | SpaceGroupName | Schoenflies | None
"""What may stand in a table; None is a value that is not known or does not apply."""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column.

    Parameters
    ----------
    name : str
        What stands in it.
    unit : str, optional
        Unit of its numbers; empty for none.
    digits : int, optional
        Decimals of its numbers without standard uncertainty.
    """

    name: str
    unit: str = ""
    digits: int = 3

    @property
    def heading(self) -> str:
        """Name with the unit, as ``"mean / Å"``."""
        return f"{self.name} / {self.unit}" if self.unit else self.name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """One table, ready to be written in any format.

    Parameters
    ----------
    name : str
        Name of its files, in lower case with hyphens.
    title : str
        What it shows.
    columns : tuple of Column
        Heads of the columns.
    rows : tuple of tuple of Cell
        The cells, one for each column.
    caption : str
        How it was made: every setting and cut-off behind its numbers.
    source : str, optional
        File and block that it is about, for a table that leaves the report.
    atoms : tuple of tuple of int, optional
        For each row the atoms of the cluster that it speaks of; the page marks them in its view.
    notes : tuple of str, optional
        What stands below it: symmetry codes and other explanations of its rows.

    Examples
    --------
    >>> table = Table(
    ...     name="bonds",
    ...     title="Bonds",
    ...     columns=(Column("pair"), Column("mean", "Å")),
    ...     rows=(("Au-S", Measured(2.3231, 0.0021)),),
    ...     caption="",
    ... )
    >>> table.columns[1].heading
    'mean / Å'
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str
    source: str = field(default="")
    atoms: tuple[tuple[int, ...], ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that every row has a cell for every column, and atoms if any has."""
        if self.atoms and len(self.atoms) != len(self.rows):
            msg = f"table {self.name}: atoms of {len(self.atoms)} rows, expected {len(self.rows)}"
            raise ValueError(msg)
        for row in self.rows:
            if len(row) != len(self.columns):
                msg = f"table {self.name}: a row has {len(row)} cells, expected {len(self.columns)}"
                raise ValueError(msg)
