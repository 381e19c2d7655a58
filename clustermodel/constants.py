"""How many eV are a nanometre, a wavenumber, a hartree or a kelvin? Conversions from CODATA, nowhere else.

The values are those of the CODATA adjustment that the installed :mod:`scipy.constants` carries.
"""

from typing import Final

from scipy import constants as codata

__all__ = [
    "BOHR_ANGSTROM",
    "BOLTZMANN_EV",
    "DEBYE_E_ANGSTROM",
    "DENSITY_DA_A3",
    "ELECTRON_MASS_DA",
    "EV_NM",
    "EV_PER_WAVENUMBER",
    "HARTREE_EV",
]

_EV: Final[float] = float(codata.electron_volt)  # J

EV_NM: Final[float] = float(codata.h * codata.c) / _EV * 1e9
"""Product of photon energy in eV and vacuum wavelength in nm."""

EV_PER_WAVENUMBER: Final[float] = float(codata.h * codata.c) / _EV * 1e2
"""Energy in eV of one cm-1."""

BOLTZMANN_EV: Final[float] = float(codata.k) / _EV
"""Boltzmann constant in eV/K."""

HARTREE_EV: Final[float] = float(codata.value("Hartree energy in eV"))
"""Hartree energy in eV."""

BOHR_ANGSTROM: Final[float] = float(codata.value("Bohr radius")) * 1e10
"""Bohr radius in Å."""

DEBYE_E_ANGSTROM: Final[float] = 1e-21 / float(codata.c) / float(codata.e) * 1e10
"""Dipole moment in e Å of one debye, which is 1e-21 C m2/s over the speed of light."""

DENSITY_DA_A3: Final[float] = float(codata.atomic_mass) * 1e3 / 1e-24
"""Density in g/cm3 of one Da per Å3."""

ELECTRON_MASS_DA: Final[float] = float(codata.value("electron mass in u"))
"""Mass of the electron in Da."""
