"""How many exponentials do the photons ask for? Every number is fitted, and Bayes's criterion chooses."""

from dataclasses import dataclass, field, replace

from clustermodel.errors import InputError
from clustermodel.photophysics.decay_data import Decay
from clustermodel.photophysics.decay_fit import DecayFit, fit_decay
from clustermodel.photophysics.decay_goodness import measure_goodness
from clustermodel.photophysics.decay_model import DecayModel

__all__ = ["DecayCandidate", "compare_models"]

_HOPELESS = 2  # further components that do not lower the criterion: then the search for more ends


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecayCandidate:
    """One model among others.

    Parameters
    ----------
    name : str
        Such as ``2 exponentials``.
    fit : DecayFit
        Its fit.
    bic_above_best : float
        Its criterion minus the lowest of all.
    deviance_z : float
        Its deviance against what Poisson counts give, in standard deviations.
    """

    name: str
    fit: DecayFit
    bic_above_best: float = field(metadata={"unit": ""})
    deviance_z: float = field(metadata={"unit": ""})


def compare_models(
    decay: Decay,
    model: DecayModel,
    *,
    most: int = 4,
    stretched: bool = False,
    window_ns: tuple[float, float] | None = None,
) -> tuple[DecayCandidate, ...]:
    """Fit one, two, … exponentials and compare them.

    Parameters
    ----------
    decay : Decay
        The histogram.
    model : DecayModel
        Response, period, shift and background; as many exponentials as it has are always tried.
    most : int, optional
        Most exponentials to try.
    stretched : bool, optional
        Fit a stretched exponential as well.
    window_ns : tuple of float, optional
        First and last time to fit.

    Returns
    -------
    tuple of DecayCandidate
        In the order of their criteria, the best first.

    Raises
    ------
    InputError
        If not as many exponentials as the model has can be fitted.

    Notes
    -----
    Twice the difference of log-likelihoods of k and k + 1 exponentials does not follow a χ² distribution,
    because at zero amplitude the further lifetime means nothing; so no probability is given.

    Examples
    --------
    >>> import numpy as np
    >>> from clustermodel.photophysics.decay_model import DecayValues, simulate_decay
    >>> values = DecayValues(lifetimes_ns=(1.0, 6.0), photons=(1e5, 1e5), background=3.0)
    >>> decay = simulate_decay(DecayModel(), values, np.linspace(0, 50, 251), seed=1)
    >>> [c.name for c in compare_models(decay, DecayModel(), most=3, window_ns=(0, 50))][0]
    '2 exponentials'
    """
    if most < 1:
        msg = f"at most {most} exponentials; expected 1 or more"
        raise InputError(msg)
    fits = _fit_numbers(decay, model, most, window_ns)
    if stretched and model.period_ns is None:
        fits.append(fit_decay(decay, replace(model, components=1, stretched=True), window_ns=window_ns))
    lowest = min(fit.bic for fit in fits)
    candidates = [
        DecayCandidate(
            name=_name(fit.model),
            fit=fit,
            bic_above_best=fit.bic - lowest,
            deviance_z=measure_goodness(fit).deviance_z,
        )
        for fit in fits
    ]
    return tuple(sorted(candidates, key=lambda one: one.bic_above_best))


def _fit_numbers(
    decay: Decay, model: DecayModel, most: int, window_ns: tuple[float, float] | None
) -> list[DecayFit]:
    fits: list[DecayFit] = []
    for components in range(1, most + 1):
        wanted = replace(model, components=components, stretched=False)
        try:
            fits.append(fit_decay(decay, wanted, window_ns=window_ns))
        except InputError:
            if components <= model.components:
                raise
            break  # too few bins or photons for more
        best = min(range(len(fits)), key=lambda i: fits[i].bic)
        if len(fits) - 1 - best >= _HOPELESS and components >= model.components:
            break
    return fits


def _name(model: DecayModel) -> str:
    if model.stretched:
        return "stretched exponential"
    return f"{model.components} exponential{'s' if model.components > 1 else ''}"
