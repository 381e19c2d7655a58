"""How may a band widen with the temperature? The formulas for FWHM(T), their parameters and derivatives.

Widths and energies are in meV here, as everywhere in this field, temperatures in kelvin. The one root over
both terms is Eq. (1) of :cite:t:`pan2025`; weak coupling is the usual formula of semiconductors
:cite:p:`rudin1990`, strong coupling that of :cite:t:`toyozawa1958`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import FloatArray
from clustermodel.constants import BOLTZMANN_EV
from clustermodel.errors import InputError

__all__ = [
    "BOLTZMANN_MEV",
    "CANDIDATES",
    "MODELS",
    "Role",
    "WidthModel",
    "WidthParameter",
    "count_phonons",
    "find_model",
    "measure_widths",
]

BOLTZMANN_MEV = 1000 * BOLTZMANN_EV
"""Boltzmann constant in meV/K."""

_EIGHT_LN2 = 8 * math.log(2)  # square of the FWHM of a Gaussian over its variance
_TINY = 1e-12  # meV²: keeps the derivative of a square root finite where both terms vanish

Role = Literal["width", "quadrature", "amplitude", "coupling", "huang-rhys", "energy", "slope", "free"]
Evaluation = tuple[FloatArray, FloatArray]
Evaluator = Callable[[FloatArray, FloatArray], Evaluation]


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthParameter:
    """One parameter of a formula.

    Parameters
    ----------
    name : str
        Its name.
    unit : str
        Its unit.
    role : {"width", "quadrature", "amplitude", "coupling", "huang-rhys", "energy", "slope", "free"}
        What it does, which says where it is looked for: energies between `low` and `high`; the others from
        0 up, except free ones.
    low, high : float, optional
        Ends of the search for an energy in meV.
    """

    name: str
    unit: str
    role: Role
    low: float = field(default=0.0, metadata={"unit": "meV"})
    high: float = field(default=math.inf, metadata={"unit": "meV"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthModel:
    """A formula for FWHM(T).

    Parameters
    ----------
    name : str
        Its name in the package.
    title : str
        What it is.
    formula : str
        The formula, with n(E) = 1/[exp(E/kT) - 1] and coth for coth(E/2kT) = 1 + 2n(E).
    parameters : tuple of WidthParameter
        Its parameters in the order of their values.
    evaluate : callable
        Widths (m, n) and derivatives (m, n, k) for temperatures (n,) and values (m, k).
    remark : str
        What is to be known about it.
    """

    name: str
    title: str
    formula: str
    parameters: tuple[WidthParameter, ...]
    evaluate: Evaluator
    remark: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)


def count_phonons(energy: ArrayLike, temperature: ArrayLike) -> FloatArray:
    """Return the mean occupation of a vibration.

    Parameters
    ----------
    energy : array_like
        Energy of the quantum in meV.
    temperature : array_like
        Temperature in K, of a shape that goes with that of the energy.

    Returns
    -------
    ndarray
        n = 1/[exp(E/kT) - 1].

    Examples
    --------
    >>> count_phonons(36.1, [200.0, 300.0]).round(3)
    array([0.14 , 0.329])
    """
    x = np.asarray(energy, float) / (BOLTZMANN_MEV * np.asarray(temperature, float))
    small = np.exp(-x)  # does not overflow where kT is small
    return np.asarray(small / -np.expm1(-x))


def _occupy(energy: FloatArray, temperature: FloatArray) -> Evaluation:
    """Return n and its derivative by the energy, both (m, n)."""
    n = count_phonons(energy[:, None], temperature)
    return n, -n * (n + 1) / (BOLTZMANN_MEV * temperature)


def _weigh_acoustic(coupling: FloatArray, energy: FloatArray, temperature: FloatArray) -> list[FloatArray]:
    """Return S·E·coth(E/2kT) and its derivatives by S and E, each (m, n)."""
    n, slope = _occupy(energy, temperature)
    coth = 1 + 2 * n
    s, e = coupling[:, None], energy[:, None]
    return [s * e * coth, e * coth, s * (coth + 2 * e * slope)]


def _stack(*columns: FloatArray) -> FloatArray:
    return np.stack(np.broadcast_arrays(*columns), axis=-1)


def _printed(temperature: FloatArray, p: FloatArray) -> Evaluation:
    acoustic, by_s, by_e = _weigh_acoustic(p[:, 1], p[:, 2], temperature)
    n, slope = _occupy(p[:, 4], temperature)
    s, e = p[:, 3, None], p[:, 4, None]
    root = np.sqrt(np.maximum(acoustic + s * e * n, _TINY))
    half = 0.5 / root
    jacobian = _stack(np.ones_like(root), by_s * half, by_e * half, e * n * half, s * (n + e * slope) * half)
    return p[:, 0, None] + root, jacobian


def _split(temperature: FloatArray, p: FloatArray) -> Evaluation:
    acoustic, by_s, by_e = _weigh_acoustic(p[:, 1], p[:, 2], temperature)
    root = np.sqrt(np.maximum(acoustic, _TINY))
    half = 0.5 / root
    n, slope = _occupy(p[:, 4], temperature)
    g = p[:, 3, None]
    jacobian = _stack(np.ones_like(root), by_s * half, by_e * half, n, g * slope)
    return p[:, 0, None] + root + g * n, jacobian


def _weak(temperature: FloatArray, p: FloatArray) -> Evaluation:
    n, slope = _occupy(p[:, 3], temperature)
    g = p[:, 2, None]
    width = p[:, 0, None] + p[:, 1, None] * temperature + g * n
    return width, _stack(np.ones_like(n), temperature[None, :], n, g * slope)


def _toyozawa(temperature: FloatArray, p: FloatArray) -> Evaluation:
    n, slope = _occupy(p[:, 2], temperature)
    coth = 1 + 2 * n
    g, s, e = p[:, 0, None], p[:, 1, None], p[:, 2, None]
    root = np.sqrt(np.maximum(g**2 + _EIGHT_LN2 * s * e**2 * coth, _TINY))
    half = 0.5 * _EIGHT_LN2 / root
    by_e = s * (2 * e * coth + 2 * e**2 * slope) * half
    return root, _stack(g / root, e**2 * coth * half, by_e)


def _polynomial(temperature: FloatArray, p: FloatArray) -> Evaluation:
    powers = temperature[:, None] ** np.arange(p.shape[1])
    return p @ powers.T, np.broadcast_to(powers, (p.shape[0], *powers.shape)).copy()


_GAMMA_0 = WidthParameter(name="gamma_0", unit="meV", role="width")
_ACOUSTIC = (
    WidthParameter(name="S_ac", unit="meV", role="coupling"),
    WidthParameter(name="E_ac", unit="meV", role="energy", low=0.5, high=30.0),
)
_E_OP = WidthParameter(name="E_op", unit="meV", role="energy", low=5.0, high=200.0)
_INTERCEPT = WidthParameter(name="intercept", unit="meV", role="free")

MODELS: dict[str, WidthModel] = {
    model.name: model
    for model in (
        WidthModel(
            name="printed",
            title="one root over both terms",
            formula="γ0 + √[S_ac E_ac coth(E_ac/2kT) + S_op E_op n(E_op)]",
            parameters=(
                _GAMMA_0,
                *_ACOUSTIC,
                WidthParameter(name="S_op", unit="meV", role="coupling"),
                _E_OP,
            ),
            evaluate=_printed,
            remark="S is an energy here, not the Huang-Rhys factor; the optical term has no zero-point part.",
        ),
        WidthModel(
            name="split",
            title="root over the acoustic term alone",
            formula="γ0 + √[S_ac E_ac coth(E_ac/2kT)] + γ_op n(E_op)",
            parameters=(
                _GAMMA_0,
                *_ACOUSTIC,
                WidthParameter(name="gamma_op", unit="meV", role="amplitude"),
                _E_OP,
            ),
            evaluate=_split,
            remark="With S_op E_op n(E_op) as the last term it is the same curve, and S_op = γ_op/E_op.",
        ),
        WidthModel(
            name="weak",
            title="weak coupling",
            formula="γ0 + σT + γ_LO n(E_LO)",
            parameters=(
                _GAMMA_0,
                WidthParameter(name="sigma", unit="meV/K", role="slope"),
                WidthParameter(name="gamma_LO", unit="meV", role="amplitude"),
                WidthParameter(name="E_LO", unit="meV", role="energy", low=5.0, high=200.0),
            ),
            evaluate=_weak,
            remark="Scattering by acoustic and by optical phonons, for bands much narrower than kT.",
        ),
        WidthModel(
            name="toyozawa",
            title="strong coupling to one mode",
            formula="√[γ_inh² + 8 ln2 S E² coth(E/2kT)]",
            parameters=(
                WidthParameter(name="gamma_inh", unit="meV", role="quadrature"),
                WidthParameter(name="S", unit="", role="huang-rhys"),
                WidthParameter(name="E", unit="meV", role="energy", low=1.0, high=200.0),
            ),
            evaluate=_toyozawa,
            remark="Gaussian band; S is the Huang-Rhys factor.",
        ),
        WidthModel(
            name="line",
            title="straight line",
            formula="a + bT",
            parameters=(_INTERCEPT, WidthParameter(name="slope", unit="meV/K", role="free")),
            evaluate=_polynomial,
            remark="What every formula becomes where kT is large.",
        ),
        WidthModel(
            name="parabola",
            title="parabola",
            formula="a + bT + cT²",
            parameters=(
                _INTERCEPT,
                WidthParameter(name="slope", unit="meV/K", role="free"),
                WidthParameter(name="curvature", unit="meV/K²", role="free"),
            ),
            evaluate=_polynomial,
            remark="A description without physics: is there any curvature?",
        ),
    )
}
"""Every formula by its name."""

CANDIDATES: tuple[str, ...] = ("printed", "split", "weak", "toyozawa", "line")
"""Formulas that are fitted and ranked if none is asked for."""


def find_model(name: str) -> WidthModel:
    """Return the formula of a name.

    Parameters
    ----------
    name : str
        One of the keys of :data:`MODELS`.

    Returns
    -------
    WidthModel
        The formula.

    Raises
    ------
    InputError
        If there is none of this name.

    Examples
    --------
    >>> find_model("toyozawa").names
    ('gamma_inh', 'S', 'E')
    """
    if name not in MODELS:
        msg = f"linewidth model {name!r} is not known; expected one of {', '.join(MODELS)}"
        raise InputError(msg)
    return MODELS[name]


def measure_widths(model: str, values: ArrayLike, temperature: ArrayLike) -> FloatArray:
    """Calculate the widths that a formula gives.

    Parameters
    ----------
    model : str
        Name of the formula.
    values : array_like, shape (k,)
        Values of its parameters in their order and units.
    temperature : array_like, shape (n,)
        Temperatures in K.

    Returns
    -------
    ndarray, shape (n,)
        FWHM in meV.

    Raises
    ------
    InputError
        If the formula is unknown, the number of values is wrong, or a temperature is not positive.

    Examples
    --------
    >>> measure_widths("printed", [150, 20, 4.3, 137.7, 36.1], [200.0, 300.0]).round(2)
    array([187.29, 201.68])
    """
    known = find_model(model)
    p, t = np.asarray(values, dtype=np.float64), np.asarray(temperature, dtype=np.float64)
    if p.shape != (len(known.parameters),) or not np.isfinite(p).all():
        msg = f"{model}: found {p.size} values; expected numbers for {', '.join(known.names)}"
        raise InputError(msg)
    if not (t > 0).all():
        msg = f"{model}: found a temperature of {t.min():g}; expected positive numbers in K"
        raise InputError(msg)
    return np.asarray(known.evaluate(t, p[None, :])[0][0])
