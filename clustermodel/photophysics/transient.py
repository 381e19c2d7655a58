"""What does a map of transient absorption tell, and what does it leave open? The analysis in one call."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from clustermodel.io.transient_map import TransientMap
from clustermodel.photophysics.transient_bootstrap import Bootstrap, resample_wavelengths
from clustermodel.photophysics.transient_fit import fit_transient
from clustermodel.photophysics.transient_flags import Flag, find_flags
from clustermodel.photophysics.transient_intervals import (
    Interval,
    bound_offset,
    estimate_intervals,
    trace_profiles,
)
from clustermodel.photophysics.transient_preparation import Preparation, PreparedMap, prepare_map
from clustermodel.photophysics.transient_result import FitSettings, TransientFit
from clustermodel.photophysics.transient_scheme import KineticScheme, build_sequential
from clustermodel.photophysics.transient_selection import (
    ComponentChoice,
    Support,
    choose_components,
    measure_support,
)
from clustermodel.photophysics.transient_svd import SingularValues, measure_singular_values
from clustermodel.photophysics.transient_verdicts import Verdict, judge_time_constants

__all__ = ["TransientAnalysis", "TransientSettings", "measure_transient"]

_SAME_FIT = (
    "Parallel and sequential schemes of the same number of components fit a map equally well, with the same "
    "lifetimes; their spectra differ, and knowledge beyond the map decides between them."
)
_LIFETIMES = (
    "A lifetime is 1/(sum of all rates that leave a species), not the inverse of one of them, such as that "
    "of intersystem crossing."
)
_TARGET = (
    "Spectra of species hold for this scheme alone: another with the same exponentials fits equally well."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransientSettings:
    """Choices of an analysis.

    Parameters
    ----------
    preparation : Preparation
        Windows, masks, background.
    scheme : KineticScheme or None
        The scheme; None to choose the number of components by held-out wavelengths.
    kind : {"parallel", "sequential"}
        Form of a scheme whose number of components is chosen.
    offset : bool or None
        Whether something stays, where the number is chosen; None to choose that, too.
    most : int
        Largest number of components to try.
    fit : FitSettings
        Dispersion, artifact, response.
    profiles : bool
        Whether limits are found by profiles, and given numbers of components tested on held-out wavelengths;
        otherwise limits are estimated from standard uncertainties.
    bootstrap : int
        Number of draws of a bootstrap; 0 for none.
    block : int or None
        Neighbouring wavelengths drawn together.
    seed : int
        Start of its random numbers.
    """

    preparation: Preparation = field(default_factory=Preparation)
    scheme: KineticScheme | None = None
    kind: Literal["parallel", "sequential"] = "parallel"
    offset: bool | None = None
    most: int = field(default=5, metadata={"unit": ""})
    fit: FitSettings = field(default_factory=FitSettings)
    profiles: bool = True
    bootstrap: int = field(default=0, metadata={"unit": ""})
    block: int | None = field(default=None, metadata={"unit": ""})
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TransientAnalysis:
    """A map, its fit, and what can be said about it.

    Parameters
    ----------
    settings : TransientSettings
        The choices made.
    prepared : PreparedMap
        The map as fitted.
    choice : ComponentChoice or None
        How the number of components was chosen; None where it was given.
    fit : TransientFit
        The fit.
    support : Support or None
        Comparison with one component fewer, where the number was given.
    intervals : tuple of Interval
        Limits of the time constants.
    verdicts : tuple of Verdict
        What can be said about each.
    bootstrap : Bootstrap or None
        Refits to blocks of wavelengths.
    singular_values, residual_values : SingularValues
        Of the map and of the residual.
    flags : tuple of Flag
        Warnings.
    notes : tuple of str
        Assumptions.
    """

    settings: TransientSettings
    prepared: PreparedMap
    choice: ComponentChoice | None
    fit: TransientFit
    support: Support | None
    intervals: tuple[Interval, ...]
    verdicts: tuple[Verdict, ...]
    bootstrap: Bootstrap | None
    singular_values: SingularValues
    residual_values: SingularValues
    flags: tuple[Flag, ...]
    notes: tuple[str, ...]


def _ignore(_stage: str, _steps: int) -> Callable[[], None]:
    return lambda: None


def measure_transient(
    data: TransientMap,
    settings: TransientSettings | None = None,
    *,
    follow: Callable[[str, int], Callable[[], None]] = _ignore,
) -> TransientAnalysis:
    """Prepare a map, choose the number of components, fit it and judge the result.

    Parameters
    ----------
    data : TransientMap
        As read.
    settings : TransientSettings, optional
        Choices.
    follow : callable, optional
        Called with name and number of steps of each stage; it returns what is called after each step.

    Returns
    -------
    TransientAnalysis
        Fit, limits, verdicts, warnings.

    Raises
    ------
    InputError
        If the map or a choice cannot be used.

    Examples
    --------
    >>> from clustermodel.photophysics.transient_scheme import build_parallel
    >>> from clustermodel.photophysics.transient_simulation import simulate_transient
    >>> data, _ = simulate_transient(lifetimes_ps=[80.0], noise=0.02)
    >>> analysis = measure_transient(data, TransientSettings(scheme=build_parallel(1)))
    >>> [verdict.kind for verdict in analysis.verdicts], analysis.flags
    (['determined'], ())
    """
    chosen = settings or TransientSettings()
    prepared = prepare_map(data, chosen.preparation)
    choice, fit = _fit(prepared.data, chosen, follow)
    support = measure_support(fit) if chosen.profiles and choice is None else None
    if chosen.profiles:
        intervals = trace_profiles(fit, tick=follow("limits", len(fit.scheme.rates)))
        bound = bound_offset(fit)
    else:
        intervals, bound = estimate_intervals(fit), None
    bootstrap = None
    if chosen.bootstrap:
        bootstrap = resample_wavelengths(
            fit,
            chosen.bootstrap,
            block=chosen.block,
            seed=chosen.seed,
            tick=follow("bootstrap", chosen.bootstrap),
        )
    left = measure_singular_values(fit.residual)
    return TransientAnalysis(
        settings=chosen,
        prepared=prepared,
        choice=choice,
        fit=fit,
        support=support,
        intervals=intervals,
        verdicts=judge_time_constants(fit, intervals, offset_bound_ps=bound, support=support),
        bootstrap=bootstrap,
        singular_values=measure_singular_values(prepared.data.signal),
        residual_values=left,
        flags=find_flags(fit, intervals, residual=left, support=support),
        notes=_list_notes(prepared, fit),
    )


def _fit(
    data: TransientMap, settings: TransientSettings, follow: Callable[[str, int], Callable[[], None]]
) -> tuple[ComponentChoice | None, TransientFit]:
    if settings.scheme is not None:
        return None, fit_transient(data, settings.scheme, settings.fit, tick=follow("fit", 4))
    choice, fit = choose_components(
        data,
        settings.fit,
        most=settings.most,
        offset=settings.offset,
        tick=follow("components", settings.most + (settings.offset is None)),
    )
    if settings.kind == "sequential":
        start = replace(settings.fit, lifetimes_ps=tuple(fit.time_constants_ps.tolist()))
        fit = fit_transient(data, build_sequential(choice.count, offset=choice.offset), start)
    return choice, fit


def _list_notes(prepared: PreparedMap, fit: TransientFit) -> tuple[str, ...]:
    notes = [f"{prepared.data.name}: {prepared.data.layout}."]
    notes += prepared.notes
    if prepared.background_delays:
        notes.append(f"The mean of {prepared.background_delays} delays before time zero was subtracted.")
    notes += [_TARGET if fit.scheme.kind == "target" else _SAME_FIT, _LIFETIMES]
    return tuple(notes)
