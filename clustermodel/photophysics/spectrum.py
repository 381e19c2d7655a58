"""What was measured over wavelength or energy? A spectrum on an axis of energy."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.axes import AXIS_UNITS, AxisUnit, convert_spectrum
from clustermodel.errors import InputError
from clustermodel.io.data_table import read_data_table

__all__ = ["KINDS", "Spectrum", "SpectrumKind", "build_spectrum", "read_spectrum"]

SpectrumKind = Literal["emission", "absorption", "excitation"]
KINDS: tuple[SpectrumKind, ...] = get_args(SpectrumKind)
_FEWEST = 10  # points: a band with its two flanks
_LOWEST, _NEGATIVE = 5, -0.1  # percent of all points below this share of the maximum are no noise around zero
_AXIS_NAMES = "wavelength_nm, energy_eV or wavenumber_cm-1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """A spectrum on an axis of energy.

    Parameters
    ----------
    name : str
        What it is called.
    kind : {"emission", "absorption", "excitation"}
        What was measured; emission is a density, whose values change with the axis.
    measured_unit : {"nm", "eV", "cm-1"}
        Unit of the axis it came with.
    energy : array_like, shape (n,)
        Photon energy, ascending.
    intensity : array_like, shape (n,)
        Emission per eV, absorbance, or excitation.
    """

    name: str
    kind: SpectrumKind
    measured_unit: AxisUnit
    energy: FloatArray = field(metadata={"unit": "eV"})
    intensity: FloatArray = field(metadata={"unit": "arb. u."})

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes, their number and their sign."""
        n = len(self.energy)
        object.__setattr__(self, "energy", freeze_float(self.energy, (n,), "energy"))
        object.__setattr__(self, "intensity", freeze_float(self.intensity, (n,), "intensity"))
        if n < _FEWEST:
            msg = f"{self.name}: found {n} points; at least {_FEWEST} are needed for a band with two flanks"
            raise InputError(msg)
        lowest, highest = float(np.percentile(self.intensity, _LOWEST)), float(self.intensity.max())
        if highest <= 0 or lowest < _NEGATIVE * highest:
            msg = (
                f"{self.name}: found intensities of {self.intensity.min():g} to {highest:g}; expected none "
                "below zero but noise: correct the baseline"
            )
            raise InputError(msg)


def build_spectrum(
    axis: ArrayLike, intensity: ArrayLike, *, unit: AxisUnit, kind: SpectrumKind, name: str = "spectrum"
) -> Spectrum:
    """Put a measured spectrum on an axis of energy.

    Parameters
    ----------
    axis, intensity : array_like, shape (n,)
        As measured, ascending or descending.
    unit : {"nm", "eV", "cm-1"}
        Unit of the axis.
    kind : {"emission", "absorption", "excitation"}
        Emission is multiplied by the Jacobian, the others are not.
    name : str, optional
        What it is called.

    Returns
    -------
    Spectrum
        Ascending in energy.

    Raises
    ------
    InputError
        If the axis is not sorted, a number is not finite, there are fewer than ten points, or the intensity
        is clearly negative.

    Examples
    --------
    >>> import numpy as np
    >>> wavelength = np.arange(450.0, 1001.0)
    >>> band = np.exp(-4 * np.log(2) * ((wavelength - 715) / 110) ** 2)
    >>> spectrum = build_spectrum(wavelength, band, unit="nm", kind="emission")
    >>> round(float(spectrum.energy[spectrum.intensity.argmax()]), 2)  # 1.73 without the Jacobian
    1.72
    """
    if kind not in KINDS:
        msg = f"kind {kind!r} is not known; expected one of {', '.join(KINDS)}"
        raise InputError(msg)
    try:
        energy, values = convert_spectrum(
            axis, intensity, source=unit, target="eV", density=kind == "emission"
        )
    except InputError as error:
        msg = f"{name}: {error}"
        raise InputError(msg) from error
    return Spectrum(name=name, kind=kind, measured_unit=unit, energy=energy, intensity=values)


def read_spectrum(path: str | Path, *, kind: SpectrumKind) -> Spectrum:
    """Read a spectrum from a file.

    Parameters
    ----------
    path : str or Path
        CSV or JSON; the first column is the axis with its unit, ``wavelength_nm``, ``energy_eV`` or
        ``wavenumber_cm-1``, the second the intensity.
    kind : {"emission", "absorption", "excitation"}
        What was measured.

    Returns
    -------
    Spectrum
        On an axis of energy.

    Raises
    ------
    InputError
        If the unit is missing or the file is otherwise no spectrum.
    """
    table = read_data_table(path)
    if len(table.columns) < 2:
        msg = f"{table.source}: found one column; expected two, such as wavelength_nm,intensity"
        raise InputError(msg)
    axis, intensity = table.columns[:2]
    unit = next((known for known in AXIS_UNITS if known == axis.unit), None)
    if unit is None:
        found = f"the unit {axis.unit}" if axis.unit else "no unit"
        msg = f"{table.source}: the first column, {axis.name!r}, has {found}; expected {_AXIS_NAMES}"
        raise InputError(msg)
    return build_spectrum(table.numbers(axis), table.numbers(intensity), unit=unit, kind=kind, name=str(path))
