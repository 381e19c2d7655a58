"""What must stand beside the numbers of a decay? Sentences about the counts, the model and the averages."""

from collections.abc import Sequence

from clustermodel.photophysics.decay_averages import LifetimeAverages
from clustermodel.photophysics.decay_data import NS_PER_UNIT, list_data_notes
from clustermodel.photophysics.decay_fit import DecayFit
from clustermodel.photophysics.decay_goodness import DecayGoodness
from clustermodel.photophysics.decay_interval import LifetimeInterval
from clustermodel.photophysics.decay_pulse import InstantResponse
from clustermodel.photophysics.decay_response import MeasuredResponse
from clustermodel.photophysics.decay_selection import DecayCandidate

__all__ = ["list_fit_notes"]

_NOT_ASKED = 10.0  # difference of the criterion: very strong evidence (kass1995)
_EXPONENTIAL = 2.0  # standard uncertainties of β from 1


def list_fit_notes(
    fit: DecayFit,
    candidates: Sequence[DecayCandidate],
    intervals: Sequence[LifetimeInterval],
    averages: LifetimeAverages,
    goodness: DecayGoodness,
) -> tuple[str, ...]:
    """Say what a fit rests on and what it leaves open.

    Parameters
    ----------
    fit : DecayFit
        The fit.
    candidates : sequence of DecayCandidate
        The models that were compared, the best first; may be empty.
    intervals : sequence of LifetimeInterval
        A verdict for each component.
    averages : LifetimeAverages
        Averages with their verdicts.
    goodness : DecayGoodness
        Whether the model describes the counts.

    Returns
    -------
    tuple of str
        Sentences; none where there is nothing to say.
    """
    return (
        *list_data_notes(fit.decay),
        *(() if goodness.is_good else (goodness.verdict,)),
        *_list_model_notes(fit, candidates),
        *_list_search_notes(fit),
        *_list_lifetime_notes(fit, [one.verdict for one in intervals], averages),
    )


def _list_model_notes(fit: DecayFit, candidates: Sequence[DecayCandidate]) -> list[str]:
    notes = []
    better = fit.bic - candidates[0].fit.bic if candidates else 0.0
    if better > _NOT_ASKED:
        notes.append(
            f"The photons ask for another model: {candidates[0].name}, whose BIC is lower by {better:.0f}."
        )
    if isinstance(fit.model.response, InstantResponse) and (
        fit.model.stretched or fit.problem.layout.components > 1
    ):
        begin = _write_time(fit, float(fit.problem.edges_ns[0]))
        notes.append(
            f"Without an instrument response the tail from {begin} on is fitted: amplitudes, and the "
            "amplitude average, are those at this time, where short components have faded already."
        )
    if fit.model.stretched:
        bend, su = fit.values.stretching, fit.find_su(fit.problem.layout.stretching)
        if abs(bend - 1) < _EXPONENTIAL * su:
            notes.append(f"The exponent β of {bend:.3f} ± {su:.3f} is that of a single exponential, 1.")
        elif bend > 1:
            notes.append(f"An exponent β of {bend:.3f} is no distribution of lifetimes: check the response.")
    return notes


def _list_search_notes(fit: DecayFit) -> list[str]:
    notes, problem = [], fit.problem
    if fit.model.background is None and fit.values.background <= 0:
        notes.append(
            "The fitted background is zero, its bound. If it is zero indeed, lifetimes come out short, on "
            "average by about a quarter of their uncertainty, unless it is given."
        )
    low, high = (float(bound[problem.layout.shift]) for bound in (problem.lower, problem.upper))
    if low < high and not low < fit.values.shift_ns < high:
        notes.append("The time of the pulse is at the end of its range: check the instrument response.")
    if low < high and not _shows_rise(fit):
        notes.append(
            "The window does not show when the pulse comes: amplitudes, and the amplitude average, are not "
            "determined unless its time is given."
        )
    if not fit.settled:
        notes.append("The search for the maximum found no end: parameters are known only together.")
    return notes


def _shows_rise(fit: DecayFit) -> bool:
    """Return whether the pulse comes inside of the window, at a time that is known."""
    response, shift = fit.model.response, fit.values.shift_ns
    if isinstance(response, MeasuredResponse):
        shift += response.start_ns + response.width_ns * int(response.counts.argmax())
    is_known = fit.find_su(fit.problem.layout.shift) <= max(fit.decay.width_ns, response.fwhm_ns)
    return is_known and shift - response.fwhm_ns > fit.problem.edges_ns[0]


def _list_lifetime_notes(fit: DecayFit, verdicts: Sequence[str], averages: LifetimeAverages) -> list[str]:
    if verdicts and set(verdicts) == {"no amplitude"}:
        return ["No decay stands out from the background: nothing can be said about lifetimes."]
    notes = []
    if "too short" in verdicts:
        others = averages.amplitude_without_short_ns
        rest = f"; without it, the amplitude average is {_write_time(fit, others)}" if others else ""
        notes.append(
            "A component is shorter than the instrument shows, and the amplitude average hangs on it. It may "
            f"be scattered light{rest}."
        )
    if "too long" in verdicts:
        notes.append(
            "A component is longer than the window and hardly told from the background; both averages are "
            "lower bounds at best."
        )
    if "no amplitude" in verdicts or "not resolved" in verdicts:
        notes.append("Not all components are resolved: fit fewer, and print no such lifetime by itself.")
    return notes


def _write_time(fit: DecayFit, time_ns: float) -> str:
    """Return a time in the unit of the file."""
    unit = fit.decay.unit
    return f"{time_ns / NS_PER_UNIT[unit]:.4g} {unit.replace('us', 'µs')}"
