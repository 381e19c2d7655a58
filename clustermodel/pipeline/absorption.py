"""What light does this cluster absorb? Excitations by the fast route, bands, and the optical gap by name."""

from dataclasses import dataclass

from clustermodel.electronic.excitations import Excitations
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.ris_excitations import RisSettings, calculate_ris_excitations
from clustermodel.electronic.spectrum import (
    OpticalGaps,
    SimulatedSpectrum,
    measure_optical_gaps,
    simulate_spectrum,
)

__all__ = ["Absorption", "calculate_absorption"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Absorption:
    """The absorption of one cluster.

    Parameters
    ----------
    excitations : Excitations
        Energies, strengths and orbital pairs.
    spectrum : SimulatedSpectrum
        Sticks and curve.
    gaps : OpticalGaps
        The optical gap by three definitions.
    """

    excitations: Excitations
    spectrum: SimulatedSpectrum
    gaps: OpticalGaps


def calculate_absorption(result: ElectronicResult, *, up_to_ev: float) -> Absorption | None:
    """Calculate the excitations below an energy by TDDFT-ris, and their spectrum.

    Parameters
    ----------
    result : ElectronicResult
        Levels with orbitals, of xTB or of a functional without exact exchange.
    up_to_ev : float
        Highest energy in eV.

    Returns
    -------
    Absorption or None
        None where no excitation lies below that energy.

    Raises
    ------
    InputError
        If the functional has exact exchange, or the result no orbitals in space.
    """
    found = calculate_ris_excitations(result, RisSettings(up_to_ev=up_to_ev))
    if not len(found):
        return None
    spectrum = simulate_spectrum(found.energies_ev, found.strengths)
    return Absorption(excitations=found, spectrum=spectrum, gaps=measure_optical_gaps(spectrum))
