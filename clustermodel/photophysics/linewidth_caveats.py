"""What do the fits of FWHM(T) rest on, and what do they leave open? In sentences."""

import math

from clustermodel.photophysics.linewidth import LinewidthAnalysis
from clustermodel.photophysics.linewidth_models import BOLTZMANN_MEV, find_model

__all__ = ["list_linewidth_caveats"]

_UNLIKELY = 0.01  # chance of a chi-square so great, or so small
_ACOUSTIC_MEV = 5.0  # a usual energy of an acoustic vibration of the core of a cluster
_CANCELS = 0.05  # relative: then the acoustic term is 2kT and its energy cancels out
_CLOSE = 2.0  # of Akaike's criterion: formulas that are closer are as good as each other


def list_linewidth_caveats(analysis: LinewidthAnalysis) -> tuple[str, ...]:
    """Say what fits of FWHM(T) rest on and what they leave open.

    Parameters
    ----------
    analysis : LinewidthAnalysis
        The fits.

    Returns
    -------
    tuple of str
        Sentences.

    Examples
    --------
    >>> from clustermodel.photophysics.linewidth import fit_linewidth
    >>> from clustermodel.photophysics.linewidth_data import build_width_series
    >>> series = build_width_series([200, 220, 240, 260, 280], [180.1, 181.9, 184.2, 185.8, 188.0], 0.3)
    >>> list_linewidth_caveats(fit_linewidth(series, models=("line", "toyozawa")))[0][:47]
    'sample: a straight line describes these points '
    """
    name = analysis.series.name
    notes = [f"{name}: {text}" for text in (_describe_winner(analysis), _describe_noise(analysis)) if text]
    fitted = {fit.model for fit in analysis.fits}
    x = _ACOUSTIC_MEV / (2 * BOLTZMANN_MEV * float(analysis.series.temperature[0]))
    excess = x / math.tanh(x) - 1
    if fitted & {"printed", "split"} and excess < _CANCELS:
        notes.append(
            f"From {analysis.series.temperature[0]:g} K up, E_ac coth(E_ac/2kT) of an acoustic mode of "
            f"{_ACOUSTIC_MEV:g} meV is 2kT within {100 * excess:.2g} %, so that E_ac cancels out."
        )
    notes += [
        f"{name}: {parameter.name} of {fit.model} has a prior; its interval contains what was put in."
        for fit in analysis.fits
        for parameter in fit.parameters
        if parameter.state == "prior"
    ]
    notes += [f"{model}: {find_model(model).remark}" for model in ("printed", "split") if model in fitted]
    return (*notes, *analysis.left_out)


def _describe_winner(analysis: LinewidthAnalysis) -> str:
    best, *others = analysis.fits
    close = [fit.model for fit in others if fit.aicc - best.aicc < _CLOSE]
    if best.model == "line":
        return (
            "a straight line describes these points best. They do not measure the energies and couplings of "
            "the other formulas; compare width and slope."
        )
    if close:
        verb = "is" if len(close) == 1 else "are"
        text = f"{best.model} is best, but {' and '.join(close)} {verb} as good within {_CLOSE:g} of AICc"
        return (
            f"{text}; what a straight line does as well measures no energy."
            if "line" in close
            else f"{text}."
        )
    return ""


def _describe_noise(analysis: LinewidthAnalysis) -> str:
    best = analysis.fits[0]
    found = f"chi-square of the best formula is {best.chi_square:.3g} for {best.dof} degrees of freedom"
    if best.p_value is None:
        return (
            f"the widths have no uncertainties; equal ones of {best.noise_mev:.2g} meV are taken from what "
            f"{best.model} leaves over, so that nothing tells whether a formula is good enough."
        )
    if best.p_value < _UNLIKELY:
        return (
            f"{found}: the uncertainties are too small or no formula is right; all intervals are too narrow."
        )
    if best.p_value > 1 - _UNLIKELY:
        return f"{found}: the uncertainties are too large."
    return ""
