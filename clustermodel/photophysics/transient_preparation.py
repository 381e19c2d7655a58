"""What has to go before a fit? Windows, masks of scattered light, and the background before time zero."""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray
from clustermodel.axes import SIGMA_PER_FWHM
from clustermodel.errors import InputError
from clustermodel.io.transient_map import TransientMap
from clustermodel.photophysics.transient_time_zero import find_time_zero

__all__ = ["BackgroundMode", "Preparation", "PreparedMap", "find_scatter", "prepare_map"]

BackgroundMode = Literal["auto", "none"]
_FEWEST = 3  # delays that a background is the mean of
_CLEAR = 5.0  # standard deviations of the response between the background and the earliest time zero
_NOISY = 5.0  # times the median noise: scattered light of the pump
_FEWEST_NOISE = 5  # delays that noise is estimated from


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """Choices made before a fit.

    Parameters
    ----------
    wavelengths : tuple of float or None
        Lowest and highest wavelength to keep.
    delays_ps : tuple of float or None
        First and last delay to keep.
    masks : tuple of tuple of float
        Ranges of wavelengths to leave out.
    mask_scatter : bool
        Whether wavelengths that are noisy before time zero are left out, too.
    background : {"auto", "none"} or float
        ``auto``: the mean of the delays that are clearly before time zero is subtracted at each wavelength,
        if there are three or more; a number: the mean of all delays before this one, in ps.
    """

    wavelengths: tuple[float, float] | None = field(default=None, metadata={"unit": "nm"})
    delays_ps: tuple[float, float] | None = field(default=None, metadata={"unit": "ps"})
    masks: tuple[tuple[float, float], ...] = field(default=(), metadata={"unit": "nm"})
    mask_scatter: bool = False
    background: BackgroundMode | float = "auto"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedMap:
    """A map that can be fitted, and what was done to it.

    Parameters
    ----------
    data : TransientMap
        The map.
    preparation : Preparation
        The choices.
    masked_nm : tuple of float
        Wavelengths left out by masks and because of scattered light.
    background_delays : int
        Delays whose mean was subtracted; 0 if none was.
    noise : float or None
        Standard deviation of single points before time zero, median over the wavelengths; None where there
        are too few.
    notes : tuple of str
        What could not be done.
    """

    data: TransientMap
    preparation: Preparation
    masked_nm: tuple[float, ...] = field(metadata={"unit": "nm"})
    background_delays: int = field(metadata={"unit": ""})
    noise: float | None = field(metadata={"unit": "ΔA"})
    notes: tuple[str, ...]


def prepare_map(data: TransientMap, preparation: Preparation | None = None) -> PreparedMap:
    """Cut a map to size, leave out scattered light and subtract the background.

    Parameters
    ----------
    data : TransientMap
        As read.
    preparation : Preparation, optional
        Choices.

    Returns
    -------
    PreparedMap
        The map and what was done.

    Raises
    ------
    InputError
        If a window is empty, a value inside is no number, or there is no delay before the one given.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, _ = simulate_transient(lifetimes_ps=[2.0, 80.0])
    >>> found = prepare_map(data, Preparation(wavelengths=(550, 700), masks=((600, 610),)))
    >>> found.data.wavelength.size, len(found.masked_nm), found.background_delays
    (70, 6, 22)
    """
    chosen = preparation or Preparation()
    cut = _cut(data, chosen)
    masked = _find_masked(cut, chosen.masks)
    kept = cut.take(np.ones(cut.delay_ps.size, dtype=bool), ~masked)
    _check_finite(kept)
    before, notes = _find_before(kept, chosen.background)
    if chosen.mask_scatter:
        noisy = find_scatter(kept, before)
        if noisy is None:
            notes += (
                f"Scattered light was not looked for: fewer than {_FEWEST_NOISE} delays before time zero.",
            )
        else:
            kept = kept.take(np.ones(kept.delay_ps.size, dtype=bool), ~noisy)
    left_out = np.setdiff1d(cut.wavelength, kept.wavelength)
    noise = None
    if before.sum() >= _FEWEST_NOISE:
        noise = float(np.median(kept.signal[before].std(axis=0, ddof=1)))
    subtracted = int(before.sum()) if chosen.background != "none" and before.sum() >= _FEWEST else 0
    if subtracted:
        kept = kept.with_signal(kept.signal - kept.signal[before].mean(axis=0))
    return PreparedMap(
        data=kept,
        preparation=chosen,
        masked_nm=tuple(left_out.tolist()),
        background_delays=subtracted,
        noise=noise,
        notes=notes,
    )


def _cut(data: TransientMap, chosen: Preparation) -> TransientMap:
    rows, columns = np.ones(data.delay_ps.size, dtype=bool), np.ones(data.wavelength.size, dtype=bool)
    for axis, keep, window, unit in (
        (data.wavelength, columns, chosen.wavelengths, "nm"),
        (data.delay_ps, rows, chosen.delays_ps, "ps"),
    ):
        if window is not None:
            keep[(axis < window[0]) | (axis > window[1])] = False
        if keep.sum() < 2:
            msg = (
                f"{data.name}: the window {window} {unit} holds {keep.sum()} points; the map has "
                f"{axis[0]:g} to {axis[-1]:g} {unit}"
            )
            raise InputError(msg)
    return data.take(rows, columns)


def _find_masked(data: TransientMap, masks: tuple[tuple[float, float], ...]) -> BoolArray:
    masked = np.zeros(data.wavelength.size, dtype=bool)
    for low, high in masks:
        inside = (data.wavelength >= low) & (data.wavelength <= high)
        if not inside.any():
            msg = f"{data.name}: the mask {low:g} to {high:g} nm holds no wavelength"
            raise InputError(msg)
        masked |= inside
    if (~masked).sum() < 2:
        msg = f"{data.name}: the masks leave fewer than 2 wavelengths"
        raise InputError(msg)
    return masked


def _check_finite(data: TransientMap) -> None:
    bad = ~np.isfinite(data.signal)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        empty = data.wavelength[bad.all(axis=0)]
        where = f", among them all at {empty[0]:g} to {empty[-1]:g} nm" if empty.size else ""
        msg = (
            f"{data.name}: {bad.sum()} values are not numbers, the first at {data.delay_ps[row]:g} ps and "
            f"{data.wavelength[column]:g} nm{where}; cut them off with --wavelengths or --delays, or give "
            "--mask"
        )
        raise InputError(msg)


def _find_before(data: TransientMap, background: BackgroundMode | float) -> tuple[BoolArray, tuple[str, ...]]:
    """Return which delays are clearly before time zero."""
    delay = data.delay_ps
    if isinstance(background, int | float):
        before = delay < background
        if before.sum() < _FEWEST:
            msg = (
                f"{data.name}: {before.sum()} delays lie before {background:g} ps; at least {_FEWEST} are "
                f"needed for a background, and the first delay is {delay[0]:g} ps"
            )
            raise InputError(msg)
        return before, ()
    if background not in get_args(BackgroundMode):
        msg = f"background {background!r}; expected auto, none or a delay in ps"
        raise InputError(msg)
    curve = find_time_zero(data, background=True)
    clear = float(curve.time_zero_ps.min()) - _CLEAR * curve.irf_fwhm_ps * SIGMA_PER_FWHM
    before = delay < clear
    if background == "auto" and before.sum() < _FEWEST:
        note = (
            f"No background was subtracted: {before.sum()} delays lie clearly before the earliest time zero "
            f"({clear:.3g} ps), and {_FEWEST} are needed."
        )
        return before, (note,)
    return before, ()


def find_scatter(data: TransientMap, before: BoolArray) -> BoolArray | None:
    """Find wavelengths with scattered light: those much noisier before time zero than most.

    Parameters
    ----------
    data : TransientMap
        The map.
    before : ndarray of bool, shape (m,)
        Delays before time zero.

    Returns
    -------
    ndarray of bool, shape (n,), or None
        True where the noise is more than five times its median; None with fewer than five delays.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, _ = simulate_transient(lifetimes_ps=[2.0, 80.0], noise=0.01)
    >>> signal = data.signal.copy()
    >>> signal[::2, 50] += 0.005
    >>> np.flatnonzero(find_scatter(data.with_signal(signal), data.delay_ps < -0.5)).tolist()
    [50]
    """
    if before.sum() < _FEWEST_NOISE:
        return None
    noise: FloatArray = data.signal[before].std(axis=0, ddof=1)
    return np.asarray(noise > _NOISY * np.median(noise))
