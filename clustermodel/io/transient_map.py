"""What did a pump-probe experiment measure? A change of absorbance over wavelength and delay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.axes import AxisUnit, convert_axis
from clustermodel.errors import InputError

__all__ = ["DELAY_UNITS", "DelayUnit", "TransientMap", "build_transient_map"]

DelayUnit = Literal["fs", "ps", "ns", "us"]
DELAY_UNITS: tuple[DelayUnit, ...] = get_args(DelayUnit)
_PS: Mapping[DelayUnit, float] = {"fs": 1e-3, "ps": 1.0, "ns": 1e3, "us": 1e6}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TransientMap:
    """A change of absorbance over delay and wavelength.

    Parameters
    ----------
    name : str
        What it is called; the name of its file.
    layout : str
        The kind of file it was read from, with what was assumed.
    wavelength : array_like, shape (n,)
        Probe wavelengths, strictly ascending.
    delay_ps : array_like, shape (m,)
        Delays between pump and probe, strictly ascending.
    signal : array_like, shape (m, n)
        Change of absorbance; nan where nothing was measured.
    """

    name: str
    layout: str
    wavelength: FloatArray = field(metadata={"unit": "nm"})
    delay_ps: FloatArray = field(metadata={"unit": "ps"})
    signal: FloatArray = field(metadata={"unit": "ΔA"})

    def __post_init__(self) -> None:
        """Freeze the arrays; check their shapes and the order of the axes."""
        object.__setattr__(self, "wavelength", freeze_float(self.wavelength, (None,), "wavelength"))
        object.__setattr__(self, "delay_ps", freeze_float(self.delay_ps, (None,), "delay_ps"))
        shape = (self.delay_ps.size, self.wavelength.size)
        object.__setattr__(self, "signal", freeze_float(self.signal, shape, "signal"))
        for words, axis in (("wavelengths", self.wavelength), ("delays", self.delay_ps)):
            if axis.size < 2 or not np.isfinite(axis).all() or (np.diff(axis) <= 0).any():
                msg = f"{self.name}: {axis.size} {words}; expected two or more finite numbers in rising order"
                raise InputError(msg)

    def take(self, delays: ArrayLike, wavelengths: ArrayLike) -> "TransientMap":
        """Return the part of the map at some delays and wavelengths.

        Parameters
        ----------
        delays : array_like of bool, shape (m,)
            Which delays to keep.
        wavelengths : array_like of bool, shape (n,)
            Which wavelengths to keep.

        Returns
        -------
        TransientMap
            The part.
        """
        rows, columns = np.asarray(delays, dtype=bool), np.asarray(wavelengths, dtype=bool)
        return TransientMap(
            name=self.name,
            layout=self.layout,
            wavelength=self.wavelength[columns],
            delay_ps=self.delay_ps[rows],
            signal=self.signal[np.ix_(rows, columns)],
        )

    def with_signal(self, signal: ArrayLike) -> "TransientMap":
        """Return a map with the same axes and another signal.

        Parameters
        ----------
        signal : array_like, shape (m, n)
            The signal.

        Returns
        -------
        TransientMap
            The new map.
        """
        return TransientMap(
            name=self.name,
            layout=self.layout,
            wavelength=self.wavelength,
            delay_ps=self.delay_ps,
            signal=np.asarray(signal, dtype=np.float64),
        )


def build_transient_map(
    wavelength: ArrayLike,
    delay: ArrayLike,
    signal: ArrayLike,
    *,
    units: tuple[AxisUnit, DelayUnit] = ("nm", "ps"),
    name: str = "map",
    layout: str = "arrays",
) -> TransientMap:
    """Put a measured map on axes of nanometres and picoseconds.

    Parameters
    ----------
    wavelength : array_like, shape (n,)
        Probe axis, strictly ascending or descending.
    delay : array_like, shape (m,)
        Delays, strictly ascending or descending.
    signal : array_like, shape (m, n)
        Change of absorbance: a row for each delay.
    units : tuple of str, optional
        Unit of the probe axis (``nm``, ``eV`` or ``cm-1``) and of the delays (``fs``, ``ps``, ``ns``,
        ``us``).
    name : str, optional
        What it is called.
    layout : str, optional
        Kind of file that it comes from.

    Returns
    -------
    TransientMap
        Ascending on both axes; a change of absorbance belongs to each photon, so its values stay.

    Raises
    ------
    InputError
        If an axis is not sorted or not finite, the shapes do not match, or a unit is unknown.

    Examples
    --------
    >>> found = build_transient_map([2.0, 2.5], [0, 500, 1000], np.zeros((3, 2)), units=("eV", "fs"))
    >>> found.wavelength.round(1), found.delay_ps
    (array([495.9, 619.9]), array([0. , 0.5, 1. ]))
    """
    if units[1] not in DELAY_UNITS:
        msg = (
            f"{name}: unit {units[1]!r} of the delays is not known; expected one of {', '.join(DELAY_UNITS)}"
        )
        raise InputError(msg)
    probe, time = np.array(wavelength, dtype=np.float64), np.array(delay, dtype=np.float64)
    values = np.array(signal, dtype=np.float64)
    if values.shape != (time.size, probe.size):
        msg = (
            f"{name}: a signal of shape {values.shape} with {time.size} delays and {probe.size} wavelengths; "
            "expected a row for each delay and a column for each wavelength"
        )
        raise InputError(msg)
    _check_axis(probe, f"{name}: probe axis", units[0])
    _check_axis(time, f"{name}: delays", units[1])
    try:
        probe = convert_axis(probe, source=units[0], target="nm")
    except InputError as error:
        msg = f"{name}: probe {error}"
        raise InputError(msg) from error
    rows, columns = np.argsort(time), np.argsort(probe)
    return TransientMap(
        name=name,
        layout=layout,
        wavelength=probe[columns],
        delay_ps=time[rows] * _PS[units[1]],
        signal=values[np.ix_(rows, columns)],
    )


def _check_axis(axis: FloatArray, where: str, unit: str) -> None:
    bad = np.flatnonzero(~np.isfinite(axis))
    if bad.size:
        msg = f"{where}: value {bad[0] + 1} is {axis[bad[0]]}; expected finite numbers"
        raise InputError(msg)
    if axis.size < 2:
        msg = f"{where}: found {axis.size}; at least 2 are needed"
        raise InputError(msg)
    steps = np.diff(axis)
    wrong = np.flatnonzero(steps >= 0 if steps[0] < 0 else steps <= 0)
    if wrong.size:
        i = int(wrong[0])
        msg = (
            f"{where} are not sorted: {axis[i]:g} {unit} is followed by {axis[i + 1]:g} {unit} at place "
            f"{i + 2}; sort the file and average repeated values"
        )
        raise InputError(msg)
