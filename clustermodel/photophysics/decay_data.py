"""What did the counter count? A histogram of photons over the time after a pulse."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.errors import InputError
from clustermodel.io.data_table import DataColumn, DataTable, read_data_table

__all__ = ["NS_PER_UNIT", "Decay", "TimeUnit", "build_decay", "list_data_notes", "read_decay", "read_time"]

TimeUnit = Literal["s", "ms", "us", "ns", "ps", "fs"]
NS_PER_UNIT: dict[TimeUnit, float] = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0, "ps": 1e-3, "fs": 1e-6}
_FEWEST = 20  # bins: one exponential with a background has three parameters
_UNEVEN = (
    0.25  # of a bin: rounding of printed times may move one by this much; a missing row moves them by 0.5
)
_SATURATED = 3  # bins with the very same highest count: beyond chance where counts are in the thousands
_HIGH = 1000
_WHOLE = 1e-6  # rounding of counts that were written as decimals
_TIME_NAMES = ", ".join(f"time_{unit}" for unit in get_args(TimeUnit))
_TIME = re.compile(r"^\s*(?P<number>[-+]?[0-9.]+(?:[eE][-+]?\d+)?)\s*(?P<unit>[a-zµμ]*)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decay:
    """Photons counted in bins of equal width.

    Parameters
    ----------
    name : str
        What it is called.
    unit : {"s", "ms", "us", "ns", "ps", "fs"}
        Unit of time of the file; tables and figures keep to it.
    start_ns : float
        Where the first bin begins.
    width_ns : float
        Width of each bin.
    counts : array_like, shape (n,)
        Photons in each bin.
    """

    name: str
    unit: TimeUnit
    start_ns: float = field(metadata={"unit": "ns"})
    width_ns: float = field(metadata={"unit": "ns"})
    counts: FloatArray = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the counts and check their number and sign, and the width of the bins."""
        object.__setattr__(self, "counts", freeze_float(self.counts, (None,), "counts"))
        bad = np.flatnonzero(~(np.isfinite(self.counts) & (self.counts >= 0)))
        if bad.size:
            found = f"bin {bad[0] + 1} has {self.counts[bad[0]]:g} counts"
            msg = f"{self.name}: {found}; expected photons as counted, none negative: subtract no background"
            raise InputError(msg)
        if self.counts.size < _FEWEST:
            msg = f"{self.name}: found {self.counts.size} bins; at least {_FEWEST} are needed"
            raise InputError(msg)
        if not (np.isfinite(self.start_ns) and np.isfinite(self.width_ns) and self.width_ns > 0):
            found = f"bins of {self.width_ns:g} ns from {self.start_ns:g} ns"
            msg = f"{self.name}: {found}; expected a positive width"
            raise InputError(msg)
        if not self.counts.any():
            msg = f"{self.name}: all {self.counts.size} bins are empty; expected photons"
            raise InputError(msg)

    @property
    def edges_ns(self) -> FloatArray:
        """Where the bins begin and the last one ends, shape (n + 1,)."""
        return np.asarray(self.start_ns + self.width_ns * np.arange(self.counts.size + 1))

    @property
    def total(self) -> float:
        """Number of photons."""
        return float(self.counts.sum())


def build_decay(time: ArrayLike, counts: ArrayLike, *, unit: TimeUnit, name: str = "decay") -> Decay:
    """Make a histogram from the times at which its bins begin.

    Parameters
    ----------
    time : array_like, shape (n,)
        Where each bin begins, ascending in equal steps.
    counts : array_like, shape (n,)
        Photons in each bin.
    unit : {"s", "ms", "us", "ns", "ps", "fs"}
        Unit of the times.
    name : str, optional
        What it is called.

    Returns
    -------
    Decay
        The histogram.

    Raises
    ------
    InputError
        If the times are not ascending in equal steps, the unit is unknown, a number is not finite, a count is
        negative, or there are too few bins.

    Examples
    --------
    >>> import numpy as np
    >>> decay = build_decay(np.arange(50) * 0.5, np.full(50, 7), unit="us")
    >>> decay.width_ns, decay.total
    (500.0, 350.0)
    """
    t = np.array(time, dtype=np.float64)
    if unit not in NS_PER_UNIT:
        msg = f"{name}: the unit of time {unit!r} is not known; expected one of {', '.join(NS_PER_UNIT)}"
        raise InputError(msg)
    n = np.array(counts, dtype=np.float64)
    if t.ndim != 1 or t.shape != n.shape or t.size < 2:
        msg = f"{name}: times {t.shape} and counts {n.shape}; expected two equal columns"
        raise InputError(msg)
    width = _measure_width(t, name)
    return Decay(
        name=name,
        unit=unit,
        start_ns=float(t[0]) * NS_PER_UNIT[unit],
        width_ns=width * NS_PER_UNIT[unit],
        counts=n,
    )


def _measure_width(time: FloatArray, name: str) -> float:
    """Return the step of an axis, after checking that it is one."""
    bad = np.flatnonzero(~np.isfinite(time))
    if bad.size:
        msg = f"{name}: time {bad[0] + 1} is {time[bad[0]]}; expected finite numbers"
        raise InputError(msg)
    back = np.flatnonzero(np.diff(time) <= 0)
    if back.size:
        i = int(back[0])
        what = f"{time[i]:g} is followed by {time[i + 1]:g} at row {i + 2}"
        msg = f"{name}: the times are not ascending ({what}); sort the rows and remove repeated ones"
        raise InputError(msg)
    width = float(time[-1] - time[0]) / (time.size - 1)
    off = np.abs(time - time[0] - width * np.arange(time.size)) / width
    if off.max() > _UNEVEN:
        i = int(off.argmax())
        msg = (
            f"{name}: the bins are not of equal width ({time[i]:g} at row {i + 1} is {off[i]:.2f} bins off); "
            "add missing rows, print the times with more digits, or rebin"
        )
        raise InputError(msg)
    return width


def read_decay(path: str | Path, *, column: str = "counts") -> Decay:
    """Read a histogram from a file.

    Parameters
    ----------
    path : str or Path
        CSV or JSON with the columns ``time_ns`` (or ``_us``, ``_ps``, …), where each bin begins, and
        ``counts``; without these names the first two columns, of which the first needs a unit of time.
    column : str, optional
        Name of the counts to prefer, such as ``irf``.

    Returns
    -------
    Decay
        The histogram.

    Raises
    ------
    InputError
        If the unit is missing, or the file holds no histogram of equal bins.
    """
    table = read_data_table(path)
    if len(table.columns) < 2:
        msg = f"{table.source}: found one column; expected two, such as time_ns,counts"
        raise InputError(msg)
    time = table.find("time", "t", "delay", "channel_time") or table.columns[0]
    unit = next((known for known in NS_PER_UNIT if known == time.unit), None)
    if unit is None:
        found = f"the unit {time.unit}" if time.unit else "no unit"
        msg = f"{table.source}: the column {time.name!r} has {found}; expected one of {_TIME_NAMES}"
        raise InputError(msg)
    counts = table.find(column, "counts", "photons", "intensity") or table.columns[1]
    numbers = _check_counts(table, counts)
    return build_decay(table.numbers(time), numbers, unit=unit, name=str(path))


def _check_counts(table: DataTable, column: DataColumn) -> FloatArray:
    """Return counts after looking for negative ones, with the line in the file."""
    numbers = table.numbers(column)
    negative = np.flatnonzero(numbers < 0)
    if negative.size:
        where = f"{table.source}, line {table.lines[negative[0]]}, column {column.name!r}"
        msg = (
            f"{where}: found {column.cells[negative[0]]}, with {negative.size} negative in all; expected "
            "photons as counted: the background is fitted, do not subtract it"
        )
        raise InputError(msg)
    return numbers


def list_data_notes(decay: Decay) -> tuple[str, ...]:
    """Say what looks unlike raw counts.

    Parameters
    ----------
    decay : Decay
        The histogram.

    Returns
    -------
    tuple of str
        Sentences; none for whole counts without a flat top.

    Examples
    --------
    >>> import numpy as np
    >>> (note,) = list_data_notes(build_decay(np.arange(30), np.linspace(9.5, 0.5, 30), unit="ns", name="a"))
    >>> note[:30]
    'a: 30 of 30 counts are not who'
    """
    notes = []
    broken = int((np.abs(decay.counts - np.round(decay.counts)) > _WHOLE).sum())
    if broken:
        notes.append(
            f"{decay.name}: {broken} of {decay.counts.size} counts are not whole numbers. Averaged, "
            "normalised or corrected data have another noise than photons, and all uncertainties are wrong: "
            "fit raw counts."
        )
    top = float(decay.counts.max())
    flat = int((decay.counts == top).sum())
    if flat >= _SATURATED and top >= _HIGH:
        notes.append(
            f"{decay.name}: {flat} bins hold exactly {top:g} counts: the counter may have overflowed."
        )
    return tuple(notes)


def read_time(text: str, what: str) -> float:
    """Read a time with its unit.

    Parameters
    ----------
    text : str
        Such as ``"120 ps"`` or ``"2.65us"``.
    what : str
        What it is, for the error message.

    Returns
    -------
    float
        The time in ns.

    Raises
    ------
    InputError
        If it is no number or has no unit of time.

    Examples
    --------
    >>> read_time("120 ps", "width"), read_time("2.5µs", "width")
    (0.12, 2500.0)
    """
    match = _TIME.match(text)
    unit = match["unit"].replace("µ", "u").replace("μ", "u") if match else ""
    factor = next((NS_PER_UNIT[known] for known in NS_PER_UNIT if known == unit), None)
    try:
        number = float(match["number"]) if match else None
    except ValueError:
        number = None
    if number is None or factor is None or not np.isfinite(number):
        msg = f"{what} {text!r}; expected a number with its unit of time, such as 120ps or 2.5us"
        raise InputError(msg)
    return number * factor
