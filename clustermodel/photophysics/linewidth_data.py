"""Which widths were measured at which temperatures? A series FWHM(T), from a file or simulated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.constants import EV_PER_WAVENUMBER
from clustermodel.errors import InputError
from clustermodel.io.data_table import DataColumn, DataTable, read_data_table
from clustermodel.photophysics.linewidth_models import measure_widths

__all__ = [
    "WIDTH_COLUMNS",
    "WidthSeries",
    "build_series_of_table",
    "build_width_series",
    "read_width_series",
    "simulate_width_series",
]

WIDTH_COLUMNS = ("fwhm", "width", "linewidth")
"""Names of a column of widths."""

_MEV = {"meV": 1.0, "eV": 1000.0, "cm-1": 1000 * EV_PER_WAVENUMBER}
_ERRORS = ("fwhm_error", "fwhm_su", "fwhm_sigma", "sigma", "error", "su")
_WANTED = "temperature_K,fwhm_meV or temperature_K,fwhm_meV,fwhm_error_meV"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WidthSeries:
    """Widths of one band at several temperatures.

    Parameters
    ----------
    name : str
        The sample.
    temperature : array_like, shape (n,)
        Temperatures, ascending; equal ones are repeated measurements.
    fwhm_mev : array_like, shape (n,)
        Full width at half maximum.
    fwhm_su_mev : array_like, shape (n,), or None
        Its standard uncertainty; None where it is not known.
    """

    name: str
    temperature: FloatArray = field(metadata={"unit": "K"})
    fwhm_mev: FloatArray = field(metadata={"unit": "meV"})
    fwhm_su_mev: FloatArray | None = field(default=None, metadata={"unit": "meV"})

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        n = len(self.temperature)
        for name in ("temperature", "fwhm_mev", "fwhm_su_mev"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, freeze_float(value, (n,), name))


def build_width_series(
    temperature: ArrayLike, fwhm_mev: ArrayLike, fwhm_su_mev: ArrayLike | None = None, *, name: str = "sample"
) -> WidthSeries:
    """Check widths and put them in ascending order of the temperature.

    Parameters
    ----------
    temperature : array_like, shape (n,)
        Temperatures in K, ascending or descending; equal ones beside each other.
    fwhm_mev : array_like, shape (n,)
        Full width at half maximum in meV.
    fwhm_su_mev : array_like, shape (n,), or float, optional
        Standard uncertainty in meV, one for each or one for all.
    name : str, optional
        The sample.

    Returns
    -------
    WidthSeries
        Ascending.

    Raises
    ------
    InputError
        If the lengths differ, a number is not positive and finite, or the temperatures go up and down.

    Examples
    --------
    >>> build_width_series([300, 250, 200], [202.0, 194.5, 187.3]).temperature
    array([200., 250., 300.])
    """
    t, w = np.array(temperature, dtype=np.float64), np.array(fwhm_mev, dtype=np.float64)
    if t.ndim != 1 or t.shape != w.shape or not t.size:
        msg = f"{name}: temperatures {t.shape} and widths {w.shape}; expected two equal columns"
        raise InputError(msg)
    su = None if fwhm_su_mev is None else np.array(fwhm_su_mev, dtype=np.float64)
    if su is not None:
        if su.shape not in {(), t.shape}:
            msg = f"{name}: {su.size} uncertainties for {t.size} widths; expected one for each or one for all"
            raise InputError(msg)
        su = np.broadcast_to(su, t.shape)
    _check_positive(name, "temperature", t, "positive numbers in K")
    _check_positive(name, "fwhm", w, "positive numbers in meV")
    if su is not None:
        _check_positive(
            name, "uncertainty", su, "positive numbers in meV; leave it out where it is not known"
        )
    steps = np.diff(t)
    if (steps > 0).any() and (steps < 0).any():
        turn = int(np.flatnonzero(steps * (t[-1] - t[0]) < 0)[0]) if t[-1] != t[0] else 0
        msg = (
            f"{name}: the temperatures are not sorted ({t[turn]:g} K is followed by {t[turn + 1]:g} K at "
            f"point {turn + 2}); sort the rows, with repeated temperatures beside each other"
        )
        raise InputError(msg)
    order = slice(None, None, -1) if steps.size and steps.sum() < 0 else slice(None)
    return WidthSeries(
        name=name,
        temperature=t[order],
        fwhm_mev=w[order],
        fwhm_su_mev=None if su is None else su[order],
    )


def _check_positive(name: str, what: str, column: FloatArray, expected: str) -> None:
    bad = np.flatnonzero(~(np.isfinite(column) & (column > 0)))
    if bad.size:
        msg = f"{name}: {what} of point {bad[0] + 1} is {column[bad[0]]:g}; expected {expected}"
        raise InputError(msg)


def read_width_series(path: str | Path) -> WidthSeries:
    """Read widths from a file.

    Parameters
    ----------
    path : str or Path
        CSV or JSON with the columns ``temperature_K``, ``fwhm_meV`` (or ``_eV``, ``_cm-1``) and, where it is
        known, ``fwhm_error_meV``.

    Returns
    -------
    WidthSeries
        Named after the file.

    Raises
    ------
    InputError
        If a column or a unit is missing, or a number is out of range.
    """
    return build_series_of_table(read_data_table(path))


def build_series_of_table(table: DataTable) -> WidthSeries:
    """Take the widths out of a table.

    Parameters
    ----------
    table : DataTable
        Columns ``temperature_K``, ``fwhm_meV`` and perhaps ``fwhm_error_meV``.

    Returns
    -------
    WidthSeries
        Named after the file.

    Raises
    ------
    InputError
        If a column or a unit is missing, or a number is out of range.
    """
    temperature = table.find("temperature", "t")
    width = table.find(*WIDTH_COLUMNS)
    if temperature is None or width is None:
        found = ", ".join(column.name for column in table.columns)
        msg = f"{table.source}: found the columns {found}; expected {_WANTED}"
        raise InputError(msg)
    if temperature.unit != "K":
        found = f"the unit {temperature.unit}" if temperature.unit else "no unit"
        msg = f"{table.source}: the temperature has {found}; expected kelvin, temperature_K"
        raise InputError(msg)
    factor = _find_factor(table, width)
    error = table.find(*_ERRORS)
    su = None
    if error is not None:
        if error.unit != width.unit:
            found = error.unit or "no unit"
            msg = f"{table.source}: {error.name} has {found}; expected {width.unit}, as of the width"
            raise InputError(msg)
        su = factor * table.numbers(error)
    return build_width_series(
        table.numbers(temperature), factor * table.numbers(width), su, name=table.source
    )


def _find_factor(table: DataTable, width: DataColumn) -> float:
    """Return how many meV the unit of a width is."""
    if width.unit == "nm":
        msg = (
            f"{table.source}: the widths are in nm, and the step to an energy changes the shape of a band; "
            "give the spectra instead, or widths measured on an axis of energy"
        )
        raise InputError(msg)
    if width.unit not in _MEV:
        found = f"the unit {width.unit}" if width.unit else "no unit"
        msg = f"{table.source}: the width has {found}; expected {', '.join(f'fwhm_{unit}' for unit in _MEV)}"
        raise InputError(msg)
    return _MEV[width.unit]


def simulate_width_series(
    model: str,
    values: Sequence[float],
    temperature: ArrayLike,
    *,
    noise_mev: float,
    seed: int,
    states_noise: bool = True,
) -> WidthSeries:
    """Make widths of a formula with noise.

    Parameters
    ----------
    model : str
        Name of the formula.
    values : sequence of float
        Values of its parameters.
    temperature : array_like, shape (n,)
        Temperatures in K.
    noise_mev : float
        Standard deviation of the noise in meV; 0 for none.
    seed : int
        Start of the random numbers.
    states_noise : bool, optional
        Whether the series carries the noise as its standard uncertainty.

    Returns
    -------
    WidthSeries
        The widths.

    Raises
    ------
    InputError
        If the formula is unknown or the numbers do not fit it.

    Examples
    --------
    >>> series = simulate_width_series("line", [150.0, 0.14], [200.0, 250.0, 300.0], noise_mev=0.0, seed=0)
    >>> series.fwhm_mev
    array([178., 185., 192.])
    """
    t = np.asarray(temperature, dtype=np.float64)
    widths = measure_widths(model, values, t)
    if noise_mev > 0:
        widths = widths + noise_mev * np.random.default_rng(seed).standard_normal(t.size)
    known = noise_mev if states_noise and noise_mev > 0 else None
    return build_width_series(t, widths, known, name=f"simulated {model}")
