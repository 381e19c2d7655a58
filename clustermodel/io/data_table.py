"""What stands in a file of columns? CSV or JSON with a name and a unit for each column."""

import csv
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError

__all__ = ["DataColumn", "DataTable", "read_data_table"]

_UNITS = {
    **{name: name for name in ("nm", "eV", "meV", "K", "s", "ms", "us", "ns", "ps", "fs", "percent", "Da")},
    "cm-1": "cm-1",
    "cm⁻¹": "cm-1",
    "1/cm": "cm-1",
    "cm^-1": "cm-1",
    "%": "percent",
    "µs": "us",
    "μs": "us",
    "ev": "eV",
    "mev": "meV",
    "pct": "percent",
}
_BRACKETS = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\])]*)[\])]$")
_SLASH = re.compile(r"^(?P<name>.*?)\s+/\s*(?P<unit>\S+)$")
_UNDERSCORE = re.compile(r"^(?P<name>.*)_(?P<unit>[^_]+)$")
_SEPARATORS = ("\t", ";", ",")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataColumn:
    """One column of a file.

    Parameters
    ----------
    name : str
        Name in lower case, words joined by underscores, without the unit.
    unit : str
        Unit, ``percent`` and ``us`` for their signs; empty where the header names none.
    cells : tuple of str
        The cells as written.
    """

    name: str
    unit: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataTable:
    """The columns of a file.

    Parameters
    ----------
    source : str
        Name of the file.
    columns : tuple of DataColumn
        All columns in the order of the file.
    lines : tuple of int
        Line of each row in the file; the number of the row for JSON.
    """

    source: str
    columns: tuple[DataColumn, ...]
    lines: tuple[int, ...]

    def find(self, *names: str) -> DataColumn | None:
        """Return the first column with one of these names, or None.

        Parameters
        ----------
        *names : str
            Names in the order of preference.

        Returns
        -------
        DataColumn or None
            The column.
        """
        return next((c for name in names for c in self.columns if c.name == name), None)

    def numbers(self, column: DataColumn) -> FloatArray:
        """Return the numbers of a column.

        Parameters
        ----------
        column : DataColumn
            One of the columns.

        Returns
        -------
        ndarray, shape (n,)
            The numbers.

        Raises
        ------
        InputError
            If a cell is empty, NaN, infinite or no number; the message names the line.
        """
        try:
            values = np.array([float(cell) for cell in column.cells], dtype=np.float64)
        except ValueError:
            values = np.array([_to_float(cell) for cell in column.cells], dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            found = column.cells[bad[0]] or "an empty cell"
            where = f"{self.source}, line {self.lines[bad[0]]}, column {column.name!r}"
            msg = f"{where}: found {found}; expected a finite number; correct or delete the row"
            raise InputError(msg)
        return values


def read_data_table(path: str | Path) -> DataTable:
    """Read a file of columns.

    CSV: one header line with a name and, after an underscore, in brackets or after a blank and a slash,
    a unit: ``wavelength_nm``, ``wavelength (nm)``, ``wavelength / nm``. Cells are separated by comma,
    semicolon, tab or blanks; after semicolon or tab a number may have a decimal comma; lines that begin
    with ``#`` are skipped. JSON: an object of lists, ``{"wavelength_nm": [500, 501]}``, or a list of objects.

    Parameters
    ----------
    path : str or Path
        The file; ``.json`` is read as JSON, everything else as CSV.

    Returns
    -------
    DataTable
        The columns.

    Raises
    ------
    InputError
        If the file cannot be read, has no header or no rows, or rows of different lengths.
    """
    source = str(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        msg = f"{source}: cannot be read ({error.strerror}); check the name of the file"
        raise InputError(msg) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # what older instruments write: every byte is a letter
    if Path(path).suffix.lower() == ".json":
        return _read_json(text, source)
    return _read_csv(text, source)


def _read_csv(text: str, source: str) -> DataTable:
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(lines) < 2:
        msg = f"{source}: found {len(lines)} lines; expected a header (wavelength_nm,intensity) and rows"
        raise InputError(msg)
    separator = next((mark for mark in _SEPARATORS if mark in lines[0][1]), None)
    rows = [(number, _split(line, separator)) for number, line in lines]
    heads = rows[0][1]
    if all(math.isfinite(_to_float(head)) for head in heads):
        msg = (
            f"{source}, line {rows[0][0]}: found numbers in the first line; expected a header with names and "
            "units, such as wavelength_nm,intensity"
        )
        raise InputError(msg)
    for number, cells in rows[1:]:
        if len(cells) != len(heads):
            msg = f"{source}, line {number}: found {len(cells)} cells; expected {len(heads)} as in the header"
            raise InputError(msg)
    cells_of = zip(*(cells for _, cells in rows[1:]), strict=True)
    return DataTable(
        source=source,
        columns=tuple(_build_column(head, cells) for head, cells in zip(heads, cells_of, strict=True)),
        lines=tuple(number for number, _ in rows[1:]),
    )


def _split(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return line.split()
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
    if separator != ",":
        cells = [re.sub(r"^([-+]?\d+),(\d+)", r"\1.\2", cell) for cell in cells]
    return cells


def _read_json(text: str, source: str) -> DataTable:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        msg = f"{source}, line {error.lineno}: {error.msg}; expected JSON"
        raise InputError(msg) from error
    heads, rows = _find_rows(value, source)
    if not rows:
        msg = f"{source}: found no rows; expected lists of numbers or a list of objects"
        raise InputError(msg)
    columns = tuple(_build_column(h, [_to_text(row.get(h)) for row in rows]) for h in heads)
    return DataTable(source=source, columns=columns, lines=tuple(range(1, len(rows) + 1)))


def _find_rows(value: Any, source: str) -> tuple[list[str], list[dict[str, Any]]]:  # noqa: ANN401 - JSON
    """Return the names of the columns and the rows of either layout."""
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return list(dict.fromkeys(name for row in value for name in row)), value
    if isinstance(value, dict):
        lists = {name: column for name, column in value.items() if isinstance(column, list)}
        if lists and len({len(column) for column in lists.values()}) == 1:
            rows = zip(*lists.values(), strict=True)
            return list(lists), [dict(zip(lists, row, strict=True)) for row in rows]
    msg = f"{source}: expected an object of lists of one length, or a list of objects"
    raise InputError(msg)


def _to_text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else repr(value)


def _to_float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _build_column(head: str, cells: Sequence[str]) -> DataColumn:
    name, unit = _split_head(head.strip().strip('"'))
    return DataColumn(name=re.sub(r"[\s\-]+", "_", name.strip().lower()), unit=unit, cells=tuple(cells))


def _split_head(head: str) -> tuple[str, str]:
    """Return the name of a column and its unit."""
    for pattern in (_BRACKETS, _SLASH, _UNDERSCORE):
        match = pattern.match(head)
        if match is None:
            continue
        unit = match["unit"].strip()
        known = _UNITS.get(unit) or _UNITS.get(unit.lower())
        if known or pattern is not _UNDERSCORE:
            return match["name"], known or unit
    return head, ""
