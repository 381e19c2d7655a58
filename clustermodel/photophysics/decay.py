"""What does this decay say? Lifetimes, their averages, and what the photons leave open, in one call."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from clustermodel.photophysics.decay_averages import LifetimeAverages, measure_averages
from clustermodel.photophysics.decay_bootstrap import DecayBootstrap, simulate_refits
from clustermodel.photophysics.decay_data import Decay
from clustermodel.photophysics.decay_fit import (
    DecayComponent,
    DecayFit,
    list_components,
)
from clustermodel.photophysics.decay_goodness import DecayGoodness, measure_goodness
from clustermodel.photophysics.decay_interval import LifetimeInterval, find_intervals
from clustermodel.photophysics.decay_model import DecayModel
from clustermodel.photophysics.decay_notes import list_fit_notes
from clustermodel.photophysics.decay_selection import DecayCandidate, compare_models

__all__ = ["DecayAnalysis", "DecaySettings", "measure_decay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecaySettings:
    """How a decay is analysed.

    Parameters
    ----------
    model : DecayModel, optional
        Response, period, shift and background, with the number of components, or stretched.
    choose : bool, optional
        Choose the number of exponentials by Bayes's criterion instead of taking that of the model.
    most : int, optional
        Most exponentials to compare.
    window_ns : tuple of float or None, optional
        First and last time to fit.
    bootstrap : int, optional
        Simulated measurements to fit; 0 for none.
    seed : int, optional
        Of their random numbers.
    """

    model: DecayModel = field(default_factory=DecayModel)
    choose: bool = True
    most: int = 4
    window_ns: tuple[float, float] | None = field(default=None, metadata={"unit": "ns"})
    bootstrap: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecayAnalysis:
    """Everything about a decay.

    Parameters
    ----------
    settings : DecaySettings
        How it was made.
    fit : DecayFit
        The chosen model.
    components : tuple of DecayComponent
        Lifetimes and shares.
    intervals : tuple of LifetimeInterval
        A verdict for each component.
    averages : LifetimeAverages
        Amplitude and intensity average.
    goodness : DecayGoodness
        Whether the model describes the counts.
    candidates : tuple of DecayCandidate
        The models that were compared, the best first.
    bootstrap : DecayBootstrap or None
        Scatter of simulated measurements.
    notes : tuple of str
        What the numbers rest on and what they leave open.
    """

    settings: DecaySettings
    fit: DecayFit
    components: tuple[DecayComponent, ...]
    intervals: tuple[LifetimeInterval, ...]
    averages: LifetimeAverages
    goodness: DecayGoodness
    candidates: tuple[DecayCandidate, ...]
    bootstrap: DecayBootstrap | None
    notes: tuple[str, ...]


def measure_decay(
    decay: Decay, settings: DecaySettings | None = None, *, advance: Callable[[], None] | None = None
) -> DecayAnalysis:
    """Fit a decay, choose or check the number of components, and judge what is determined.

    Parameters
    ----------
    decay : Decay
        The histogram.
    settings : DecaySettings, optional
        How; one to four exponentials in the tail if left out.
    advance : callable, optional
        Called after each fit of the bootstrap, for a progress bar.

    Returns
    -------
    DecayAnalysis
        Everything.

    Raises
    ------
    InputError
        If the counts do not suffice or do not go with the response.

    Examples
    --------
    >>> import numpy as np
    >>> from clustermodel.photophysics.decay_model import DecayValues, simulate_decay
    >>> values = DecayValues(lifetimes_ns=(800.0, 3200.0), photons=(4e4, 2e5), background=3.0)
    >>> edges = np.linspace(0, 20000, 513)
    >>> analysis = measure_decay(
    ...     simulate_decay(DecayModel(), values, edges, seed=4, unit="us"),
    ...     DecaySettings(window_ns=(0, 20000)),
    ... )
    >>> [one.verdict for one in analysis.intervals]
    ['determined', 'determined']
    >>> analysis.averages.kind, analysis.averages.amplitude_ns < analysis.averages.intensity_ns
    ('several', True)
    """
    wanted = settings or DecaySettings()
    most = wanted.most if wanted.choose else max(wanted.model.components, wanted.most)
    candidates = compare_models(
        decay, wanted.model, most=most, stretched=wanted.model.stretched, window_ns=wanted.window_ns
    )
    fit = _choose(candidates, wanted)
    intervals, goodness = find_intervals(fit), measure_goodness(fit)
    bootstrap = None
    if wanted.bootstrap:
        bootstrap = simulate_refits(fit, samples=wanted.bootstrap, seed=wanted.seed, advance=advance)
    averages = measure_averages(fit, intervals)
    return DecayAnalysis(
        settings=replace(wanted, model=fit.model),
        fit=fit,
        components=list_components(fit),
        intervals=intervals,
        averages=averages,
        goodness=goodness,
        candidates=candidates,
        bootstrap=bootstrap,
        notes=list_fit_notes(fit, candidates, intervals, averages, goodness),
    )


def _choose(candidates: tuple[DecayCandidate, ...], settings: DecaySettings) -> DecayFit:
    """Return the best number of exponentials, or the model that was asked for."""
    wanted = settings.model
    if settings.choose and not wanted.stretched:
        return candidates[0].fit
    models = [(one.fit.model.stretched, one.fit.model.components) for one in candidates]
    return candidates[models.index((wanted.stretched, wanted.components))].fit
