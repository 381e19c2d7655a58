"""How many photons come out for each one absorbed? Against a reference, or in an integrating sphere."""

import math
from dataclasses import dataclass, field

from clustermodel.errors import InputError

__all__ = [
    "DiluteSolution",
    "QuantumYield",
    "SphereSignals",
    "measure_relative_yield",
    "measure_sphere_yield",
]

_DILUTE = 0.1  # absorbance: above it, emission is absorbed again and the beam is uneven along its path


@dataclass(frozen=True, slots=True, kw_only=True)
class DiluteSolution:
    """Emission of a solution and what it absorbed.

    Parameters
    ----------
    area : float
        Integral of the corrected emission in photons, in any unit common to both solutions.
    absorbance : float
        Absorbance at the wavelength of excitation.
    refractive_index : float
        Of the solvent, at the wavelength of emission.
    area_su, absorbance_su : float, optional
        Standard uncertainties; 0 where none is known.
    """

    area: float = field(metadata={"unit": "arb. u."})
    absorbance: float = field(metadata={"unit": ""})
    refractive_index: float = field(metadata={"unit": ""})
    area_su: float = field(default=0.0, metadata={"unit": "arb. u."})
    absorbance_su: float = field(default=0.0, metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Check the ranges."""
        numbers = (self.area, self.absorbance, self.refractive_index)
        if not all(math.isfinite(x) and x > 0 for x in numbers) or min(self.area_su, self.absorbance_su) < 0:
            msg = f"area, absorbance and refractive index {numbers}; expected positive numbers"
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class SphereSignals:
    """Integrated photons of the three measurements in an integrating sphere.

    Parameters
    ----------
    laser_empty, laser_indirect, laser_direct : float
        Excitation light left over: empty sphere; sample beside the beam; sample in the beam.
    emission_indirect, emission_direct : float
        Emission with the sample beside the beam, and in it.
    """

    laser_empty: float = field(metadata={"unit": "photons"})
    laser_indirect: float = field(metadata={"unit": "photons"})
    laser_direct: float = field(metadata={"unit": "photons"})
    emission_indirect: float = field(metadata={"unit": "photons"})
    emission_direct: float = field(metadata={"unit": "photons"})


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantumYield:
    """A photoluminescence quantum yield.

    Parameters
    ----------
    value : float
        Photons emitted per photon absorbed.
    su : float
        Standard uncertainty from those of the input; 0 where none was given.
    absorbed : float
        Part of the excitation that the sample absorbed.
    method : str
        How it was found.
    caveats : tuple of str
        What to check.
    """

    value: float = field(metadata={"unit": ""})
    su: float = field(metadata={"unit": ""})
    absorbed: float = field(metadata={"unit": ""})
    method: str
    caveats: tuple[str, ...]


def measure_relative_yield(
    sample: DiluteSolution,
    reference: DiluteSolution,
    *,
    reference_yield: float,
    reference_yield_su: float = 0.0,
) -> QuantumYield:
    """Measure a quantum yield against a reference.

    Parameters
    ----------
    sample, reference : DiluteSolution
        Emission and absorbance with the same excitation.
    reference_yield : float
        Yield of the reference, 0 to 1.
    reference_yield_su : float, optional
        Its standard uncertainty.

    Returns
    -------
    QuantumYield
        Φ = Φ_ref (I/I_ref) (1 - 10^-A_ref)/(1 - 10^-A) (n/n_ref)².

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> same = DiluteSolution(area=2.0, absorbance=0.05, refractive_index=1.36)
    >>> measure_relative_yield(same, same, reference_yield=0.9).value
    0.9
    """
    if not 0 < reference_yield <= 1 or reference_yield_su < 0:
        msg = f"yield of the reference {reference_yield:g} ± {reference_yield_su:g}; expected 0 to 1"
        raise InputError(msg)
    absorbed = [1 - 10**-one.absorbance for one in (sample, reference)]
    index = (sample.refractive_index / reference.refractive_index) ** 2
    value = reference_yield * sample.area / reference.area * absorbed[1] / absorbed[0] * index
    relative = [reference_yield_su / reference_yield]
    for one, part in zip((sample, reference), absorbed, strict=True):
        relative += [one.area_su / one.area, math.log(10) * (1 - part) / part * one.absorbance_su]
    return QuantumYield(
        value=value,
        su=value * math.hypot(*relative),
        absorbed=absorbed[0],
        method="relative to a reference",
        caveats=_list_caveats(value, (sample, reference)),
    )


def measure_sphere_yield(signals: SphereSignals) -> QuantumYield:
    """Measure an absolute quantum yield from three measurements in an integrating sphere (demello1997).

    Parameters
    ----------
    signals : SphereSignals
        Integrated photons.

    Returns
    -------
    QuantumYield
        Φ = [E_direct - (1 - α) E_indirect] / (L_empty α), α = 1 - L_direct/L_indirect.

    Raises
    ------
    InputError
        If a signal is negative or the sample absorbed nothing.

    Examples
    --------
    >>> signals = SphereSignals(
    ...     laser_empty=100, laser_indirect=90, laser_direct=45, emission_indirect=5, emission_direct=27.5
    ... )
    >>> measure_sphere_yield(signals).value
    0.5
    """
    laser, emission = (
        (signals.laser_empty, signals.laser_indirect, signals.laser_direct),
        (signals.emission_indirect, signals.emission_direct),
    )
    if not all(math.isfinite(x) and x >= 0 for x in (*laser, *emission)) or min(laser[:2]) <= 0:
        msg = f"signals of the sphere {laser} and {emission}; expected photons, none negative"
        raise InputError(msg)
    absorbed = 1 - signals.laser_direct / signals.laser_indirect
    if absorbed <= 0:
        msg = (
            f"the beam is not weaker in the sample ({signals.laser_direct:g}) than beside it "
            f"({signals.laser_indirect:g}); nothing was absorbed"
        )
        raise InputError(msg)
    value = (signals.emission_direct - (1 - absorbed) * signals.emission_indirect) / (
        signals.laser_empty * absorbed
    )
    return QuantumYield(
        value=value,
        su=0.0,
        absorbed=absorbed,
        method="integrating sphere",
        caveats=_list_caveats(value, ()),
    )


def _list_caveats(value: float, solutions: tuple[DiluteSolution, ...]) -> tuple[str, ...]:
    notes = ["The intensities are taken as photons, corrected for the response of the detector."]
    if any(one.absorbance > _DILUTE for one in solutions):
        notes.append(f"An absorbance above {_DILUTE} makes emission be absorbed again; dilute the solution.")
    if not 0 <= value <= 1:
        notes.append(f"A yield of {value:.3g} is impossible: check areas, absorbances and baselines.")
    return tuple(notes)
