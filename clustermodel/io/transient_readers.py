"""How do pump-probe programs write their maps? CSV, Surface Xplorer, pyglotaran ascii, KiMoPack SIA, JSON."""

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.axes import AxisUnit
from clustermodel.errors import InputError
from clustermodel.io.transient_map import DELAY_UNITS, DelayUnit, TransientMap, build_transient_map

__all__ = ["AXES_EXAMPLE", "read_transient_map"]

AXES_EXAMPLE = "delay_ps,wavelength_nm"

_NAMES = {
    "wavelength": "probe",
    "energy": "probe",
    "wavenumber": "probe",
    "delay": "delay",
    "time": "delay",
}
_AXIS = re.compile(
    rf"(?P<name>{'|'.join(_NAMES)})s?[\s_/(\[]*"
    r"(?P<unit>nm|ev|cm-1|cm\^-1|cm⁻¹|1/cm|fs|ps|ns|us|µs|μs)?(?![a-z])",
    re.IGNORECASE,
)
_UNITS = {"ev": "eV", "cm^-1": "cm-1", "cm⁻¹": "cm-1", "1/cm": "cm-1", "µs": "us", "μs": "us"}
_EXPLICIT = re.compile(r"(time|wavelength)\s+explicit", re.IGNORECASE)
_TIME_UNITS = re.compile(r"^\s*time units?\s*:\s*([a-zµμ]+)", re.IGNORECASE | re.MULTILINE)
_MISSING = frozenset({"", "nan", "-nan", "inf", "-inf", "na", "n/a", "--"})
_DECIMAL_COMMA = re.compile(r"^[-+]?\d+,\d+(?:[eE][-+]?\d+)?$")


class _Axes(NamedTuple):
    """What stands down the rows and across the columns, each with its unit."""

    rows: tuple[str, str]
    columns: tuple[str, str]


class _Matrix(NamedTuple):
    """Numbers of a file: one axis down, one across."""

    down: FloatArray
    across: FloatArray
    values: FloatArray


def read_transient_map(path: str | Path, *, axes: str | None = None) -> TransientMap:
    r"""Read a map of transient absorption.

    Five layouts are told apart by their content:

    * **CSV**: a matrix whose first cell names what stands down the rows and across the columns, with units:
      ``delay_ps\wavelength_nm`` (or the other way round). Comma, semicolon, tab or blanks; after semicolon
      or tab a number may have a decimal comma; lines that begin with ``#`` are skipped.
    * **Surface Xplorer** (Ultrafast Systems) CSV: wavelengths in nm down the rows, delays across, and below
      the matrix text with ``Time units: ps``.
    * **pyglotaran ascii**: ``Time explicit`` or ``Wavelength explicit`` in the third line. It names no units:
      nm and ps are taken, and the result says so.
    * **KiMoPack SIA**: ending ``.SIA``, tabs, delays down the rows; nm and ps are taken here, too.
    * **JSON**: an object with ``wavelength_nm`` (or ``energy_eV``, ``wavenumber_cm-1``), ``delay_ps`` (or
      ``fs``, ``ns``, ``us``) and ``signal``, a list of rows, one for each delay.

    Parameters
    ----------
    path : str or Path
        The file.
    axes : str, optional
        What stands down the rows and across the columns, such as ``delay_ps,wavelength_nm``, for a file that
        does not say it.

    Returns
    -------
    TransientMap
        On axes of nm and ps, ascending; cells without a number are nan.

    Raises
    ------
    InputError
        If the file cannot be read, does not say its axes and units, or has an axis that is not sorted.
    """
    source = str(path)
    stated = None if axes is None else _read_axes(axes, f"axes {axes!r}")
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
    lines = text.splitlines()
    if len(lines) > 4 and _EXPLICIT.search(lines[2]):
        return _read_explicit(lines, source, stated)
    return _read_matrix(text, source, stated, is_sia=Path(path).suffix.lower() == ".sia")


def _read_axes(text: str, where: str) -> _Axes:
    found = [(match["name"].lower(), (match["unit"] or "").lower()) for match in _AXIS.finditer(text)]
    named = [(_NAMES[name], _UNITS.get(unit, unit)) for name, unit in found]
    if sorted(kind for kind, _ in named) != ["delay", "probe"]:
        msg = (
            f"{where}: expected the names of the axis down the rows and the axis across the columns, such as "
            f"{AXES_EXAMPLE}"
        )
        raise InputError(msg)
    for kind, unit in named:
        known: Sequence[str] = get_args(AxisUnit) if kind == "probe" else DELAY_UNITS
        if unit not in known:
            what = "wavelength" if kind == "probe" else "delay"
            found_unit = f"the unit {unit}" if unit else "no unit"
            msg = f"{where}: the {what} has {found_unit}; expected one of {', '.join(known)}"
            raise InputError(msg)
    return _Axes(named[0], named[1])


def _build(matrix: _Matrix, axes: _Axes, source: str, layout: str) -> TransientMap:
    delays_down = axes.rows[0] == "delay"
    probe_unit = _probe_unit((axes.columns if delays_down else axes.rows)[1])
    delay_unit = _delay_unit((axes.rows if delays_down else axes.columns)[1])
    return build_transient_map(
        matrix.across if delays_down else matrix.down,
        matrix.down if delays_down else matrix.across,
        matrix.values if delays_down else matrix.values.T,
        units=(probe_unit, delay_unit),
        name=source,
        layout=layout,
    )


def _probe_unit(text: str) -> AxisUnit:
    return next(unit for unit in get_args(AxisUnit) if unit == text)


def _delay_unit(text: str) -> DelayUnit:
    return next(unit for unit in DELAY_UNITS if unit == text)


# ------------------------------------------------------------------------------------------- each layout


def _read_json(text: str, source: str) -> TransientMap:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        msg = f"{source}, line {error.lineno}: {error.msg}; expected JSON"
        raise InputError(msg) from error
    keys = [key for key in value if key != "signal"] if isinstance(value, dict) else []
    axes = _read_axes(",".join(keys), f"{source}: keys {', '.join(keys) or 'absent'}")
    by_kind = {axis[0]: (key, axis[1]) for key, axis in zip(keys, axes, strict=True)}
    try:
        probe, delay = (np.array(value[by_kind[kind][0]], dtype=np.float64) for kind in ("probe", "delay"))
        signal = np.array(value["signal"], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{source}: expected lists of numbers, and signal as a list of rows of equal length ({error})"
        raise InputError(msg) from error
    units = (_probe_unit(by_kind["probe"][1]), _delay_unit(by_kind["delay"][1]))
    return build_transient_map(probe, delay, signal, units=units, name=source, layout="JSON")


def _read_explicit(lines: list[str], source: str, stated: _Axes | None) -> TransientMap:
    match = _EXPLICIT.search(lines[2])
    assert match is not None  # the caller has looked
    word = match[1].lower()
    across = _to_numbers(lines[4].split(), source, 5)
    rows = [(i, line.split()) for i, line in enumerate(lines[5:], 6) if line.strip()]
    matrix = _stack(across, rows, source)
    layout = f"pyglotaran ascii, {word} explicit"
    if stated is None:
        stated = _Axes(("probe", "nm"), ("delay", "ps"))
        stated = stated if word == "time" else _Axes(stated.columns, stated.rows)
        layout += " (names no units: nm and ps taken)"
    return _build(matrix, stated, source, layout)


def _read_matrix(text: str, source: str, stated: _Axes | None, *, is_sia: bool) -> TransientMap:
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        msg = f"{source}: is empty; expected a matrix of delays and wavelengths"
        raise InputError(msg)
    separator = next((mark for mark in ("\t", ";", ",") if mark in lines[0][1]), None)
    if separator and all(line.rstrip(" ").endswith(separator) for _, line in lines[:2]):
        lines = [(number, line.rstrip(" ").removesuffix(separator)) for number, line in lines]
    head = _split(lines[0][1], separator)
    rows, rest = _split_footer(lines[1:], separator)
    corner = head[0] if len(head) == len(rows[0][1]) else ""  # some write no corner at all
    labels = head[1:] if len(head) == len(rows[0][1]) else head
    matrix = _stack(_to_numbers(labels, source, lines[0][0]), rows, source)
    axes, layout = _find_axes(corner, "\n".join(rest), source, is_sia=is_sia)
    if stated is not None:
        axes, layout = stated, "matrix, axes as stated"
    if axes is None:
        msg = (
            f"{source}, line {lines[0][0]}: the first cell is {corner!r} and does not name the axes; "
            f"expected names with units, rows first, such as {AXES_EXAMPLE.replace(',', chr(92))}, or the "
            f"option --axes {AXES_EXAMPLE}"
        )
        raise InputError(msg)
    return _build(matrix, axes, source, layout)


def _split_footer(
    lines: list[tuple[int, str]], separator: str | None
) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Return rows of numbers, and the text below, which begins with a line that starts with no number."""
    rows: list[tuple[int, list[str]]] = []
    for place, (number, line) in enumerate(lines):
        cells = _split(line, separator)
        if not _is_number(cells[0]):
            return rows or [(number, cells)], [text for _, text in lines[place:]]
        rows.append((number, cells))
    return rows or [(1, [""])], []


def _find_axes(corner: str, footer: str, source: str, *, is_sia: bool) -> tuple[_Axes | None, str]:
    if _AXIS.search(corner):
        return _read_axes(corner, f"{source}: first cell {corner!r}"), "CSV matrix"
    units = _TIME_UNITS.search(footer)
    if units is not None:
        unit = _UNITS.get(units[1].lower(), units[1].lower())
        if unit not in DELAY_UNITS:
            msg = f"{source}: 'Time units: {units[1]}'; expected one of {', '.join(DELAY_UNITS)}"
            raise InputError(msg)
        return _Axes(("probe", "nm"), ("delay", unit)), "Surface Xplorer CSV (wavelengths taken in nm)"
    if is_sia:
        return _Axes(("delay", "ps"), ("probe", "nm")), "KiMoPack SIA (names no units: nm and ps taken)"
    return None, ""


# --------------------------------------------------------------------------------------------- the cells


def _split(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return line.split()
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
    if separator != ",":
        cells = [cell.replace(",", ".") if _DECIMAL_COMMA.match(cell) else cell for cell in cells]
    return cells


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.strip().lower() not in _MISSING


def _to_numbers(cells: Sequence[str], source: str, line: int) -> FloatArray:
    try:
        return np.array([float(cell) for cell in cells], dtype=np.float64)
    except ValueError as error:
        bad = next(i for i, cell in enumerate(cells) if not _is_number(cell))
        msg = f"{source}, line {line}, place {bad + 1}: found {cells[bad]!r}; expected a number"
        raise InputError(msg) from error


def _stack(across: FloatArray, rows: list[tuple[int, list[str]]], source: str) -> _Matrix:
    """Put rows together; a cell that says that nothing was measured is nan."""
    width = across.size + 1
    table = np.empty((len(rows), width))
    for place, (line, cells) in enumerate(rows):
        if len(cells) != width:
            msg = (
                f"{source}, line {line}: found {len(cells)} cells; expected {width}, one more than the header"
            )
            raise InputError(msg)
        try:
            table[place] = cells
        except ValueError:
            known = ["nan" if cell.lower() in _MISSING else cell for cell in cells]
            table[place] = _to_numbers(known, source, line)
    table[:, 1:][~np.isfinite(table[:, 1:])] = np.nan
    return _Matrix(table[:, 0], across, table[:, 1:])
