"""How many photons does a model expect in each bin? Exponentials, or a stretched one, and a background."""

from dataclasses import dataclass, field

import numpy as np
from scipy.signal import convolve
from scipy.special import gamma, gammaincc

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError
from clustermodel.photophysics.decay_data import Decay, TimeUnit
from clustermodel.photophysics.decay_pulse import Convolution, InstantResponse, Pieces
from clustermodel.photophysics.decay_response import Response

__all__ = [
    "DecayModel",
    "DecayValues",
    "Layout",
    "pack_values",
    "predict_counts",
    "simulate_decay",
    "unpack_values",
]

_STEP = 1e-5  # of β: error of a central difference 1e-10, rounding 1e-11
_EMPTY = 1e-12  # counts: what a model expects at least, so that a likelihood stays finite


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayModel:
    """What is fitted to a decay.

    Parameters
    ----------
    components : int, optional
        Number of exponentials; 1 for a stretched one.
    stretched : bool, optional
        One stretched exponential, exp[-(t/τ)^β], instead of exponentials.
    response : Response, optional
        Instrument response; instant, for the tail of a decay, if left out.
    period_ns : float or None, optional
        Time between pulses, where light of earlier pulses still arrives; None for pulses far apart.
    shift_ns : float or None, optional
        Time of the pulse: centre of a Gaussian, shift of a measured response. None to fit it; an instant
        response is at the beginning of the window.
    background : float or None, optional
        Constant counts in each bin; None to fit them.
    """

    components: int = 1
    stretched: bool = False
    response: Response = field(default_factory=InstantResponse)
    period_ns: float | None = field(default=None, metadata={"unit": "ns"})
    shift_ns: float | None = field(default=None, metadata={"unit": "ns"})
    background: float | None = field(default=None, metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.components < 1 or (self.stretched and self.components != 1):
            msg = (
                f"{self.components} components; expected 1 or more exponentials, or one stretched exponential"
            )
            raise InputError(msg)
        if self.period_ns is not None and (self.stretched or not self.period_ns > 0):
            msg = (
                f"period of {self.period_ns:g} ns with a stretched exponential; light of earlier pulses is "
                "known for exponentials alone: leave the period out, or measure with fewer pulses"
                if self.stretched
                else f"period of {self.period_ns:g} ns; expected a positive time"
            )
            raise InputError(msg)
        if self.background is not None and not (np.isfinite(self.background) and self.background >= 0):
            msg = f"background of {self.background:g} counts in each bin; expected zero or more"
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayValues:
    """The parameters of a decay.

    Parameters
    ----------
    lifetimes_ns : tuple of float
        Lifetime of each component, ascending.
    photons : tuple of float
        Photons of each component after one series of pulses, also those outside of the window: its area.
        The amplitude at time zero is photons over lifetime.
    background : float, optional
        Counts in each bin.
    shift_ns : float, optional
        Time of the pulse.
    stretching : float, optional
        β, 1 for exponentials.
    """

    lifetimes_ns: tuple[float, ...] = field(metadata={"unit": "ns"})
    photons: tuple[float, ...] = field(metadata={"unit": ""})
    background: float = field(default=0.0, metadata={"unit": ""})
    shift_ns: float = field(default=0.0, metadata={"unit": "ns"})
    stretching: float = field(default=1.0, metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Check that there is one area for each lifetime."""
        if len(self.lifetimes_ns) != len(self.photons) or not self.photons:
            msg = f"{len(self.lifetimes_ns)} lifetimes and {len(self.photons)} areas; expected one for each"
            raise InputError(msg)
        if not all(x > 0 for x in (*self.lifetimes_ns, self.stretching)):
            msg = f"lifetimes {self.lifetimes_ns} ns and β = {self.stretching:g}; expected positive numbers"
            raise InputError(msg)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each parameter stands in a vector: ln τ of each component, β, shift, photons of each, background.

    Parameters
    ----------
    components : int
        Number of exponentials.
    """

    components: int

    @property
    def lifetimes(self) -> slice:
        """Logarithms of the lifetimes in ns."""
        return slice(0, self.components)

    @property
    def stretching(self) -> int:
        """The exponent β."""
        return self.components

    @property
    def shift(self) -> int:
        """Time of the pulse in ns."""
        return self.components + 1

    @property
    def photons(self) -> slice:
        """Areas."""
        return slice(self.components + 2, 2 * self.components + 2)

    @property
    def background(self) -> int:
        """Counts in each bin."""
        return 2 * self.components + 2

    @property
    def size(self) -> int:
        """Length of the vector."""
        return 2 * self.components + 3


def pack_values(values: DecayValues) -> FloatArray:
    """Put parameters into a vector.

    Parameters
    ----------
    values : DecayValues
        The parameters.

    Returns
    -------
    ndarray, shape (p,)
        In the order of ``Layout``.

    Examples
    --------
    >>> pack_values(DecayValues(lifetimes_ns=(1.0,), photons=(500.0,), background=2.0)).tolist()
    [0.0, 1.0, 0.0, 500.0, 2.0]
    """
    return np.array(
        [
            *np.log(values.lifetimes_ns),
            values.stretching,
            values.shift_ns,
            *values.photons,
            values.background,
        ],
        dtype=np.float64,
    )


def unpack_values(vector: FloatArray) -> DecayValues:
    """Take parameters out of a vector, the shortest lifetime first.

    Parameters
    ----------
    vector : ndarray, shape (p,)
        In the order of ``Layout``.

    Returns
    -------
    DecayValues
        The parameters.

    Examples
    --------
    >>> unpack_values(np.array([0.0, 1.0, 0.0, 500.0, 2.0])).photons
    (500.0,)
    """
    layout = Layout((vector.size - 3) // 2)
    lifetimes, photons = np.exp(vector[layout.lifetimes]), vector[layout.photons]
    order = np.argsort(lifetimes)
    return DecayValues(
        lifetimes_ns=tuple(float(x) for x in lifetimes[order]),
        photons=tuple(float(x) for x in photons[order]),
        background=float(vector[layout.background]),
        shift_ns=float(vector[layout.shift]),
        stretching=float(vector[layout.stretching]),
    )


def predict_counts(model: DecayModel, edges: FloatArray, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Calculate the expected counts in each bin and their derivatives.

    Parameters
    ----------
    model : DecayModel
        The model.
    edges : ndarray, shape (n + 1,)
        Where the bins begin and the last one ends, in ns, in equal steps.
    vector : ndarray, shape (p,)
        Parameters in the order of ``Layout``.

    Returns
    -------
    counts : ndarray, shape (n,)
        Expected counts, integrated over each bin.
    derivatives : ndarray, shape (n, p)
        By each parameter; that by β is 0 for exponentials.

    Examples
    --------
    >>> vector = pack_values(DecayValues(lifetimes_ns=(10.0,), photons=(1000.0,)))
    >>> counts, _ = predict_counts(DecayModel(), np.array([0.0, 10.0, 20.0]), vector)
    >>> counts.round(1).tolist()
    [632.1, 232.5]
    """
    layout = Layout((vector.size - 3) // 2)
    derivatives = np.zeros((edges.size - 1, vector.size))
    derivatives[:, layout.background] = 1.0
    counts = np.full(edges.size - 1, vector[layout.background])
    after_pulse = edges - vector[layout.shift]
    for k in range(layout.components):
        lifetime, photons = float(np.exp(vector[k])), vector[layout.photons][k]
        if model.stretched:
            share, by = _predict_stretched(model.response, after_pulse, lifetime, vector[layout.stretching])
            derivatives[:, layout.stretching] += photons * by[1]
        else:
            share, by = _predict_exponential(model, after_pulse, lifetime)
        counts += photons * share
        derivatives[:, k] = photons * by[0]
        derivatives[:, layout.photons.start + k] = share
        derivatives[:, layout.shift] += photons * by[-1]
    return np.maximum(counts, _EMPTY), derivatives


def _predict_exponential(
    model: DecayModel, edges: FloatArray, lifetime: float
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Return the share of each bin in one exponential, and its derivatives by ln τ and the shift."""
    integral, decay, slope = model.response.convolve(edges, lifetime)
    if model.period_ns is not None:
        decay, slope = _add_earlier_pulses(model, edges, lifetime, Convolution(integral, decay, slope))
    gained, fallen, changed = (column[1:] - column[:-1] for column in (integral, decay, slope))
    return gained - lifetime * fallen, (-lifetime * (fallen + lifetime * changed), -fallen)


def _add_earlier_pulses(
    model: DecayModel, edges: FloatArray, lifetime: float, found: Convolution
) -> tuple[FloatArray, FloatArray]:
    """Add what is left of all earlier pulses: after one period the decay is a plain exponential."""
    period = float(model.period_ns or 0.0)
    later = model.response.convolve(edges + period, lifetime)
    kept = float(np.exp(-period / lifetime))
    lost = -float(np.expm1(-period / lifetime))
    by_lifetime = kept * period / lifetime**2
    return (
        found.decay + later.decay / lost,
        found.slope + later.slope / lost + later.decay * by_lifetime / lost**2,
    )


def _predict_stretched(
    response: Response, edges: FloatArray, lifetime: float, stretching: float
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Return shares of bins in a stretched exponential, and derivatives by ln τ, β and the shift."""
    pieces = response.split(float(edges[1] - edges[0]))
    share, by_lifetime, by_shift = _share_stretched(pieces, edges, lifetime, stretching)
    bent = [_share_stretched(pieces, edges, lifetime, stretching + sign * _STEP)[0] for sign in (1, -1)]
    return share, (by_lifetime, (bent[0] - bent[1]) / (2 * _STEP), by_shift)


def _share_stretched(
    pieces: Pieces | None, edges: FloatArray, lifetime: float, stretching: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return shares of a stretched exponential of area 1, and derivatives by ln τ and the shift."""
    if pieces is None:
        after = np.maximum(edges, 0.0)
        scaled = (after / lifetime) ** stretching
        density = np.exp(-scaled) * stretching / (lifetime * gamma(1 / stretching))
        later, shifted = gammaincc(1 / stretching, scaled), np.where(edges < 0, 0.0, density)
        return -np.diff(later), -np.diff(after * density), -np.diff(shifted)
    # What comes later than a time, averaged over a piece: a difference of its own integral, which is known.
    step, count = float(edges[1] - edges[0]) / pieces.subdivision, pieces.weights.size
    lags = edges[0] - pieces.start + step * np.arange(-count, (edges.size - 1) * pieces.subdivision + 1)
    integral, later = _integrate_later(lags, lifetime, stretching)
    # By ln τ, because the integral is τ times a function of t/τ; by the shift, because lags fall with it.
    changes = -np.diff(np.stack([integral, integral + lags * later, later]), axis=1) / step
    total = convolve(changes, pieces.weights[None, :], mode="valid")
    shares = -np.diff(total[:, :: pieces.subdivision], axis=1)
    return shares[0], shares[1], shares[2]


def _integrate_later(times: FloatArray, lifetime: float, stretching: float) -> tuple[FloatArray, FloatArray]:
    """Return the integral, from each time on, of the photons that are still to come, and these."""
    mean = lifetime * gamma(2 / stretching) / gamma(1 / stretching)
    first = int(np.searchsorted(times, 0.0))  # before time zero everything is still to come
    after = times[first:]
    scaled = (after / lifetime) ** stretching
    later = np.ones_like(times)
    later[first:] = gammaincc(1 / stretching, scaled)
    integral = mean - times
    integral[first:] = mean * gammaincc(2 / stretching, scaled) - after * later[first:]
    return integral, later


def simulate_decay(
    model: DecayModel, values: DecayValues, edges: FloatArray, *, seed: int, unit: TimeUnit = "ns"
) -> Decay:
    """Draw a decay: Poisson counts around what a model expects.

    Parameters
    ----------
    model : DecayModel
        The model.
    values : DecayValues
        Its parameters.
    edges : ndarray, shape (n + 1,)
        Where the bins begin and the last one ends, in ns, in equal steps.
    seed : int
        Of the random numbers.
    unit : {"s", "ms", "us", "ns", "ps", "fs"}, optional
        Unit of time for tables and figures.

    Returns
    -------
    Decay
        Counts.

    Examples
    --------
    >>> values = DecayValues(lifetimes_ns=(10.0,), photons=(1e6,))
    >>> decay = simulate_decay(DecayModel(), values, np.linspace(0, 100, 101), seed=1)
    >>> round(decay.total, -4)
    1000000.0
    """
    expected, _ = predict_counts(model, edges, pack_values(values))
    return Decay(
        name="simulated",
        unit=unit,
        start_ns=float(edges[0]),
        width_ns=float(edges[-1] - edges[0]) / (edges.size - 1),
        counts=np.random.default_rng(seed).poisson(expected).astype(np.float64),
    )
