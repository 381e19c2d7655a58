"""What did the instrument make of a flash? A response measured with scatterer, its dark counts subtracted."""

from dataclasses import dataclass, field

import numpy as np
from scipy.signal import lfilter

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.errors import InputError
from clustermodel.photophysics.decay_data import Decay
from clustermodel.photophysics.decay_pulse import Convolution, GaussianResponse, InstantResponse, Pieces

__all__ = ["MeasuredResponse", "Response", "build_response"]

_CLIP = 3.0  # standard deviations: counts above the background by more belong to the pulse
_CERTAIN = 5.0  # standard deviations of the background: not once in thousands of bins by chance
_BLOCKS = (1, 4, 16)  # bins that are looked at together
_FEWEST_BINS = 20  # outside of the pulse: with fewer, wings and dark counts are not told apart
_FEWEST_PHOTONS = 1000  # in the pulse: below, its noise is that of the fit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredResponse:
    """A measured histogram of the pulse, flat inside each bin.

    Parameters
    ----------
    name : str
        What it is called.
    start_ns : float
        Where the first bin begins.
    width_ns : float
        Width of each bin.
    counts : array_like, shape (n,)
        Photons as counted, around the pulse.
    background : float
        Dark counts in each bin, subtracted; what is left may be negative and stays so, because cutting it off
        would leave the positive half of the noise.
    fwhm_ns : float
        Full width at half maximum.
    """

    name: str
    start_ns: float = field(metadata={"unit": "ns"})
    width_ns: float = field(metadata={"unit": "ns"})
    counts: FloatArray = field(metadata={"unit": ""})
    background: float = field(metadata={"unit": ""})
    fwhm_ns: float = field(metadata={"unit": "ns"})
    density: FloatArray = field(init=False, repr=False, metadata={"unit": "ns-1"})
    integral: FloatArray = field(init=False, repr=False, metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the counts and scale them to area 1."""
        object.__setattr__(self, "counts", freeze_float(self.counts, (None,), "counts"))
        signal = self.counts - self.background
        density = np.append(signal / signal.sum() / self.width_ns, 0.0)  # nothing comes after the last bin
        integral = np.append(0.0, np.cumsum(density[:-1]) * self.width_ns)
        object.__setattr__(self, "density", freeze_float(density, (None,), "density"))
        object.__setattr__(self, "integral", freeze_float(integral, (None,), "integral"))

    def convolve(self, times: FloatArray, lifetime: float) -> Convolution:
        """Return integral, convolution and its derivative at some times.

        Parameters
        ----------
        times : ndarray, shape (n,)
            Times in ns on the axis of the measured pulse.
        lifetime : float
            Lifetime in ns.

        Returns
        -------
        Convolution
            From the exact recursion over flat bins; nothing wraps around the end.
        """
        x = self.width_ns / lifetime
        kept, gained = np.exp(-x), -np.expm1(-x)
        at_edge = np.asarray(lfilter([0.0, gained], [1.0, -kept], self.density))
        rise = np.append(at_edge[:-1] - self.density[:-1], 0.0)
        slope_at_edge = np.asarray(lfilter([0.0, kept * x / lifetime], [1.0, -kept], rise))
        place = np.floor((times - self.start_ns) / self.width_ns).astype(np.int64)
        before = place < 0
        place = np.clip(place, 0, self.density.size - 1)
        inside = np.where(before, 0.0, times - self.start_ns - place * self.width_ns)
        level = self.density[place]
        fall = np.exp(-inside / lifetime)
        above = (at_edge[place] - level) * fall
        slope = (above * inside / lifetime**2) + slope_at_edge[place] * fall
        integral = self.integral[place] + level * inside
        return Convolution(
            np.where(before, 0.0, integral),
            np.where(before, 0.0, level + above),
            np.where(before, 0.0, slope),
        )

    def split(self, width: float) -> Pieces | None:
        """Return the bins themselves.

        Parameters
        ----------
        width : float
            Width of the bins in ns, a whole number of times that of the pulse.

        Returns
        -------
        Pieces
            One piece for each bin of the pulse.
        """
        subdivision = max(1, round(width / self.width_ns))
        return Pieces(self.start_ns, subdivision, np.asarray(self.density[:-1] * self.width_ns))


Response = InstantResponse | GaussianResponse | MeasuredResponse
"""Every response gives its width, its convolution with an exponential, and itself as a staircase."""


def build_response(pulse: Decay, *, background: float | None = None) -> MeasuredResponse:
    """Make a response from a measured pulse.

    Parameters
    ----------
    pulse : Decay
        Histogram of the pulse, measured with scatterer on the axis of the decay.
    background : float, optional
        Dark counts in each bin; estimated from the bins outside of the pulse if left out.

    Returns
    -------
    MeasuredResponse
        The response.

    Raises
    ------
    InputError
        If the background is negative or too little of the pulse is left above it.

    Examples
    --------
    >>> from clustermodel.photophysics.decay_data import build_decay
    >>> import numpy as np
    >>> time = np.arange(200) * 0.05
    >>> pulse = 5000 * np.exp(-0.5 * ((time - 2) / 0.2) ** 2) + 4
    >>> response = build_response(build_decay(time, np.round(pulse), unit="ns"))
    >>> round(response.background, 2), round(response.fwhm_ns, 2)
    (4.0, 0.47)
    """
    level = _find_background(pulse.counts) if background is None else background
    if not (np.isfinite(level) and level >= 0):
        msg = f"{pulse.name}: background of {level:g} counts per bin; expected none or a positive number"
        raise InputError(msg)
    signal = pulse.counts - level
    if signal.sum() < _FEWEST_PHOTONS:
        msg = (
            f"{pulse.name}: {signal.sum():.0f} photons of the pulse above a background of {level:.3g} per "
            f"bin; at least {_FEWEST_PHOTONS} are needed: measure longer, or state the background"
        )
        raise InputError(msg)
    first, last = _find_extent(pulse.counts, level)
    return MeasuredResponse(
        name=pulse.name,
        start_ns=pulse.start_ns + first * pulse.width_ns,
        width_ns=pulse.width_ns,
        counts=pulse.counts[first:last],
        background=float(level),
        fwhm_ns=_measure_width(signal) * pulse.width_ns,
    )


def _find_background(counts: FloatArray) -> float:
    """Return the mean of the bins outside of the pulse."""
    level = float(np.median(counts))
    for _ in range(50):
        quiet = counts <= level + _CLIP * np.sqrt(max(level, 1.0))
        found = float(counts[quiet].mean()) if quiet.any() else 0.0
        if abs(found - level) <= 1e-9 * max(level, 1.0):
            break
        level = found
    first, last = _find_extent(counts, level)
    outside = np.concatenate([counts[:first], counts[last:]])
    return float(outside.mean()) if outside.size >= _FEWEST_BINS else level


def _find_extent(counts: FloatArray, level: float) -> tuple[int, int]:
    """Return the bins from the first to behind the last that stand out, alone or with their neighbours.

    What lies outside is noise, which would be spread over the whole decay.
    """
    seen = np.zeros(counts.size, dtype=np.bool_)
    for block in _BLOCKS:
        if block <= counts.size:
            sums = np.convolve(counts - level, np.ones(block), mode="same")
            seen |= sums > _CERTAIN * np.sqrt(block * level + 1)
    places = np.flatnonzero(seen)
    if not places.size:
        return 0, counts.size
    return max(0, int(places[0]) - 1), min(counts.size, int(places[-1]) + 2)


def _measure_width(signal: FloatArray) -> float:
    """Return the full width at half maximum in bins, between the first and the last crossing."""
    half = float(signal.max()) / 2
    padded = np.concatenate([[0.0], signal, [0.0]])
    high = np.flatnonzero(padded >= half)
    first, last = int(high[0]), int(high[-1])
    left = first - (padded[first] - half) / (padded[first] - padded[first - 1])
    right = last + (padded[last] - half) / (padded[last] - padded[last + 1])
    return float(right - left)
