"""Which counts are fitted, with which model and between which bounds? And are there enough of them?"""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.errors import InputError
from clustermodel.photophysics.decay_data import NS_PER_UNIT, Decay
from clustermodel.photophysics.decay_likelihood import Limits, Optimum, fit_poisson
from clustermodel.photophysics.decay_model import DecayModel, Layout, predict_counts
from clustermodel.photophysics.decay_pulse import InstantResponse
from clustermodel.photophysics.decay_response import MeasuredResponse

__all__ = ["DecayProblem", "build_problem", "find_tail"]

_POINTS_EACH = 5  # bins for each parameter
_PHOTONS_EACH = 10  # photons for each parameter: below, not even a magnitude is known
_BEYOND = (0.02, 100.0)  # shortest lifetime in bins, longest in windows
_STRETCHING = (0.1, 2.0)
_SMALLEST_BLOCK = 400  # photons in the highest block: known to 5 %
_REACH = (1.5, 0.3)  # of ln τ and of β in one step


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecayProblem:
    """Counts of a window, a model, and bounds of its parameters.

    Parameters
    ----------
    decay : Decay
        The whole histogram.
    model : DecayModel
        What is fitted.
    first, last : int
        The window: bins from `first` on, before `last`.
    lower, upper : ndarray, shape (p,)
        Bounds in the order of ``Layout``.
    """

    decay: Decay
    model: DecayModel
    first: int
    last: int
    lower: FloatArray = field(repr=False)
    upper: FloatArray = field(repr=False)

    def __post_init__(self) -> None:
        """Freeze the bounds."""
        object.__setattr__(self, "lower", freeze_float(self.lower, (None,), "lower"))
        object.__setattr__(self, "upper", freeze_float(self.upper, (None,), "upper"))

    @property
    def counts(self) -> FloatArray:
        """Counts in the window."""
        return self.decay.counts[self.first : self.last]

    @property
    def edges_ns(self) -> FloatArray:
        """Edges of the bins in the window."""
        return self.decay.edges_ns[self.first : self.last + 1]

    @property
    def layout(self) -> Layout:
        """Where each parameter stands."""
        return Layout(self.model.components)

    def predict(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return expected counts and their derivatives.

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Parameters.

        Returns
        -------
        counts, derivatives : ndarray
            As `clustermodel.photophysics.decay_model.predict_counts`.
        """
        return predict_counts(self.model, self.edges_ns, vector)

    def search(self, start: FloatArray, *, hold: int | None = None, tolerance: float = 1e-6) -> Optimum:
        """Maximise the likelihood from one start.

        Parameters
        ----------
        start : ndarray, shape (p,)
            Parameters.
        hold : int, optional
            A parameter to hold at its start.
        tolerance : float, optional
            Decrease of the deviance that is not worth another step.

        Returns
        -------
        Optimum
            The maximum.
        """
        lower, upper = self.lower.copy(), self.upper.copy()
        if hold is not None:
            lower[hold] = upper[hold] = start[hold]
        reach = np.full(start.size, np.inf)
        reach[self.layout.lifetimes], reach[self.layout.stretching] = _REACH
        return fit_poisson(self.predict, self.counts, start, Limits(lower, upper, reach), tolerance=tolerance)


def find_tail(decay: Decay) -> int:
    """Find where a decay falls alone: behind the highest bin, or behind the highest block of few counts.

    Parameters
    ----------
    decay : Decay
        The histogram.

    Returns
    -------
    int
        First bin of the tail; 0 for a histogram that falls from its first bin on.

    Examples
    --------
    >>> from clustermodel.photophysics.decay_data import build_decay
    >>> counts = [0, 1, 2, 900, 800, 700, 600, 500, 400, 300] * 1 + [200] * 20
    >>> find_tail(build_decay(range(30), counts, unit="ns"))
    4
    """
    block = 1
    while True:
        sums = np.convolve(decay.counts, np.ones(block), mode="valid")[::block]
        if sums.max() >= _SMALLEST_BLOCK or 8 * block > decay.counts.size:
            break
        block *= 2
    highest = int(sums.argmax())
    return (highest + 1) * block if highest else 0


def build_problem(
    decay: Decay, model: DecayModel, *, window_ns: tuple[float, float] | None = None
) -> DecayProblem:
    """Choose the window and the bounds, and check that there is enough to fit.

    Parameters
    ----------
    decay : Decay
        The histogram.
    model : DecayModel
        What to fit.
    window_ns : tuple of float, optional
        First and last time; bins whose middle lies inside are used. If left out, the tail for an instant
        response, else everything.

    Returns
    -------
    DecayProblem
        The problem.

    Raises
    ------
    InputError
        If bins or photons are too few, or response and decay do not go together.
    """
    first, last = _find_window(decay, model, window_ns)
    count = _count_parameters(model)
    what = f"{decay.name}: {count} parameters need at least"
    if last - first < _POINTS_EACH * count:
        msg = f"{what} {_POINTS_EACH * count} bins; found {max(last - first, 0)} in the window"
        raise InputError(msg)
    total = float(decay.counts[first:last].sum())
    if total < _PHOTONS_EACH * count:
        msg = f"{what} {_PHOTONS_EACH * count} photons; found {total:g} in the window: fit raw counts"
        raise InputError(msg)
    _check_response(decay, model)
    lower, upper = _find_bounds(decay, model, (first, last))
    return DecayProblem(decay=decay, model=model, first=first, last=last, lower=lower, upper=upper)


def _find_window(decay: Decay, model: DecayModel, window: tuple[float, float] | None) -> tuple[int, int]:
    if window is None:
        tail = find_tail(decay) if isinstance(model.response, InstantResponse) else 0
        return tail, decay.counts.size
    edges, one = decay.edges_ns, NS_PER_UNIT[decay.unit]
    middles = (edges[:-1] + edges[1:]) / 2
    places = np.flatnonzero((middles > window[0]) & (middles < window[1]))
    if not places.size:
        msg = (
            f"{decay.name}: no bin from {window[0] / one:g} to {window[1] / one:g} {decay.unit}; the "
            f"histogram reaches from {edges[0] / one:g} to {edges[-1] / one:g} {decay.unit}"
        )
        raise InputError(msg)
    return int(places[0]), int(places[-1]) + 1


def _count_parameters(model: DecayModel) -> int:
    shift = model.shift_ns is None and not isinstance(model.response, InstantResponse)
    return 2 * model.components + model.stretched + shift + (model.background is None)


def _check_response(decay: Decay, model: DecayModel) -> None:
    response, extent = model.response, decay.width_ns * decay.counts.size
    one = NS_PER_UNIT[decay.unit]
    if isinstance(response, MeasuredResponse):
        other = response.width_ns / decay.width_ns
        if abs(other - 1) * decay.counts.size > 0.25:  # of a bin at the end: rounding of printed times
            msg = (
                f"{response.name}: bins of {response.width_ns / one:.6g} {decay.unit}, those of {decay.name} "
                f"have {decay.width_ns / one:.6g} {decay.unit}; measure both with one setting, or rebin"
            )
            raise InputError(msg)
    if model.period_ns is not None and model.period_ns < extent * (1 - 1e-6):
        msg = (
            f"{decay.name}: the histogram is {extent / one:g} {decay.unit} long, the period "
            f"{model.period_ns / one:g} {decay.unit}; expected a period at least as long: cut the histogram"
        )
        raise InputError(msg)


def _find_bounds(decay: Decay, model: DecayModel, window: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    layout = Layout(model.components)
    lower, upper = np.zeros(layout.size), np.full(layout.size, np.inf)
    extent = decay.width_ns * (window[1] - window[0])
    lower[layout.lifetimes] = np.log(_BEYOND[0] * decay.width_ns)
    upper[layout.lifetimes] = np.log(_BEYOND[1] * extent)
    lower[layout.stretching], upper[layout.stretching] = _STRETCHING if model.stretched else (1.0, 1.0)
    edges = decay.edges_ns
    if isinstance(model.response, InstantResponse):
        lower[layout.shift] = upper[layout.shift] = edges[window[0]]
    elif model.shift_ns is not None:
        lower[layout.shift] = upper[layout.shift] = model.shift_ns
    elif isinstance(model.response, MeasuredResponse):
        lower[layout.shift], upper[layout.shift] = -extent, extent
    else:
        lower[layout.shift], upper[layout.shift] = edges[0] - extent / 4, edges[-1]
    if model.background is not None:
        lower[layout.background] = upper[layout.background] = model.background
    return lower, upper
