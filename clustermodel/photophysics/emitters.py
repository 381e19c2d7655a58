"""Which quantum yield and which lifetime has an emitter? Values with units, read from text or file."""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError
from clustermodel.io.cif_values import parse_number
from clustermodel.io.data_table import DataColumn, DataTable, read_data_table

__all__ = ["AVERAGES", "Average", "Emitter", "read_emitter", "read_emitters", "read_quantum_yield"]

Average = Literal["amplitude", "intensity", "single", "not stated"]
AVERAGES: tuple[Average, ...] = get_args(Average)
_MICROSECONDS = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3, "ps": 1e-6}
_VALUE = re.compile(r"^\s*(?P<number>[^%A-Za-zµμ]+?)\s*(?P<unit>%|[A-Za-zµμ]*)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitter:
    """Quantum yield and lifetime of one emitter.

    Parameters
    ----------
    name : str
        What it is called.
    quantum_yield : float
        Photons emitted per photon absorbed, 0 to 1.
    lifetime_us : float
        Average lifetime in µs.
    quantum_yield_su, lifetime_us_su : float, optional
        Standard uncertainties; 0 where none is known.
    average : {"amplitude", "intensity", "single", "not stated"}, optional
        Which average of the lifetimes it is, or that the decay is a single exponential.
    """

    name: str
    quantum_yield: float = field(metadata={"unit": ""})
    lifetime_us: float = field(metadata={"unit": "µs"})
    quantum_yield_su: float = field(default=0.0, metadata={"unit": ""})
    lifetime_us_su: float = field(default=0.0, metadata={"unit": "µs"})
    average: Average = "not stated"

    def __post_init__(self) -> None:
        """Check the ranges."""
        numbers = (self.quantum_yield, self.lifetime_us, self.quantum_yield_su, self.lifetime_us_su)
        if not all(math.isfinite(x) and x >= 0 for x in numbers):
            msg = f"{self.name}: yield and lifetime {numbers}; expected finite numbers that are not negative"
            raise InputError(msg)
        if self.quantum_yield > 1:
            msg = (
                f"{self.name}: quantum yield {self.quantum_yield:g}; expected 0 to 1, or a number with a "
                f"percent sign such as {self.quantum_yield:g}%"
            )
            raise InputError(msg)
        if self.lifetime_us == 0:
            msg = f"{self.name}: lifetime 0; expected a positive time with its unit, such as 2.65us"
            raise InputError(msg)
        if self.average not in AVERAGES:
            msg = f"{self.name}: average {self.average!r}; expected one of {', '.join(AVERAGES)}"
            raise InputError(msg)


def read_emitter(text: str) -> Emitter:
    """Read an emitter from a short text.

    Parameters
    ----------
    text : str
        ``NAME=YIELD,LIFETIME`` and, if known, ``,AVERAGE``; standard uncertainties in parentheses or after ±:
        ``"Au21=13.10(50)%,2.65(5)us,amplitude"``.

    Returns
    -------
    Emitter
        The emitter.

    Raises
    ------
    InputError
        If a part is missing, has no unit, or is out of range.

    Examples
    --------
    >>> emitter = read_emitter("Au21=13.10(50)%,2.65us")
    >>> emitter.quantum_yield, round(emitter.quantum_yield_su, 4), emitter.lifetime_us
    (0.131, 0.005, 2.65)
    """
    name, _, rest = text.partition("=")
    cells = [cell.strip() for cell in rest.split(",")]
    if not name.strip() or len(cells) not in {2, 3}:
        msg = f"{text!r}; expected NAME=YIELD,LIFETIME such as Au21=13.10%,2.65us"
        raise InputError(msg)
    quantum_yield, yield_su = read_quantum_yield(cells[0], f"{name}: quantum yield")
    lifetime, lifetime_su = _read_lifetime(cells[1], name)
    return Emitter(
        name=name.strip(),
        quantum_yield=quantum_yield,
        quantum_yield_su=yield_su,
        lifetime_us=lifetime,
        lifetime_us_su=lifetime_su,
        average=_read_average(cells[2] if len(cells) == 3 else "", name),
    )


def read_emitters(path: str | Path) -> tuple[Emitter, ...]:
    """Read emitters from a file.

    Parameters
    ----------
    path : str or Path
        CSV or JSON with the columns ``name``, ``quantum_yield`` (a fraction, or ``quantum_yield_percent``)
        and ``lifetime_us`` (or ``_ns``, ``_ms``), and, where they are known, ``quantum_yield_error`` and
        ``lifetime_error`` with the same units, and ``average``.

    Returns
    -------
    tuple of Emitter
        One for each row.

    Raises
    ------
    InputError
        If a column or a unit is missing, or a number is out of range.
    """
    table = read_data_table(path)
    yields, yields_su = _read_pair(table, "quantum_yield", {"percent": 0.01, "": 1.0})
    lifetimes, lifetimes_su = _read_pair(table, "lifetime", _MICROSECONDS)
    names, averages = table.find("name", "sample"), table.find("average")
    return tuple(
        Emitter(
            name=names.cells[i] if names else f"row {line}",
            quantum_yield=float(yields[i]),
            quantum_yield_su=float(yields_su[i]),
            lifetime_us=float(lifetimes[i]),
            lifetime_us_su=float(lifetimes_su[i]),
            average=_read_average(averages.cells[i] if averages else "", f"{table.source}, line {line}"),
        )
        for i, line in enumerate(table.lines)
    )


def read_quantum_yield(text: str, name: str) -> tuple[float, float]:
    """Read a quantum yield with its standard uncertainty.

    Parameters
    ----------
    text : str
        A number with a percent sign or a fraction of 1: ``"13.10(50)%"``, ``"0.131"``.
    name : str
        What it is, for the error message.

    Returns
    -------
    value, su : float
        Fraction of 1 and its standard uncertainty, 0 where none is given.

    Raises
    ------
    InputError
        If it is no number or has another unit.

    Examples
    --------
    >>> read_quantum_yield("13.1±0.5 %", "quantum yield")
    (0.131, 0.005)
    """
    value, su, unit = _read_value(text, name, "13.10% or 0.131")
    if unit not in {"%", ""}:
        msg = f"{name} {text!r} has the unit {unit}; expected 13.10% or 0.131"
        raise InputError(msg)
    factor = 100.0 if unit else 1.0
    return value / factor, su / factor


def _read_pair(table: DataTable, name: str, factors: dict[str, float]) -> tuple[FloatArray, FloatArray]:
    """Return a column and its uncertainties, both in the unit of the package."""
    column = table.find(name)
    if column is None or column.unit not in factors:
        units = ", ".join(f"{name}_{unit}" if unit else name for unit in factors)
        found = ", ".join(f"{c.name}{f'_{c.unit}' if c.unit else ''}" for c in table.columns)
        msg = f"{table.source}: found the columns {found}; expected one of {units}"
        raise InputError(msg)
    su = table.find(f"{name}_error", f"{name}_su")
    if su is not None and su.unit != column.unit:
        msg = f"{table.source}: {su.name} has the unit {su.unit or 'none'}; expected {column.unit or 'none'}"
        raise InputError(msg)
    factor = factors[column.unit]
    values = factor * table.numbers(column)
    return values, factor * _fill(table, su) if su else np.zeros_like(values)


def _fill(table: DataTable, column: DataColumn) -> FloatArray:
    """Return uncertainties, 0 for an empty cell."""
    cells = tuple(cell or "0" for cell in column.cells)
    return table.numbers(DataColumn(name=column.name, unit=column.unit, cells=cells))


def _read_average(text: str, where: str) -> Average:
    for average in AVERAGES:
        if text.strip().lower().removesuffix(" average") in {average, ""}:
            return average if text.strip() else "not stated"
    msg = f"{where}: average {text!r}; expected one of {', '.join(AVERAGES)}"
    raise InputError(msg)


def _read_lifetime(text: str, name: str) -> tuple[float, float]:
    value, su, unit = _read_value(text, f"{name}: lifetime", "2.65us")
    factor = _MICROSECONDS.get(unit.replace("µ", "u").replace("μ", "u"))
    if factor is None:
        found = f"the unit {unit}" if unit else "no unit"
        msg = f"{name}: lifetime {text!r} has {found}; expected s, ms, us, ns or ps"
        raise InputError(msg)
    return value * factor, su * factor


def _read_value(text: str, what: str, example: str) -> tuple[float, float, str]:
    """Return value, standard uncertainty and unit of ``13.10(50)%`` or ``13.1±0.5 %``."""
    match = _VALUE.match(text)
    left, _, right = (match["number"] if match else "").partition("±")
    number, error = parse_number(left), parse_number(right or "0")
    if match is None or number is None or error is None:
        msg = f"{what} {text!r}; expected a number with its unit, such as {example}"
        raise InputError(msg)
    return number.value, error.value or number.su, match["unit"]
