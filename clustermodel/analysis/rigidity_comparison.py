"""Which of two clusters is stiffer? Displacements of two crystals, at equal temperature alone."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from clustermodel.analysis.rigidity import DisplacementRow, RigidBondRow, Rigidity
from clustermodel.errors import InputError

__all__ = ["RigidityComparison", "RigidityDifference", "compare_rigidity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RigidityDifference:
    """One quantity of two crystals.

    Parameters
    ----------
    quantity : {"mean Ueq", "rigid-bond rms"}
        What is compared.
    role : str
        Role of the atoms or bonds.
    element : str
        Element of the atoms, or pair of elements of the bonds.
    first, second : float
        Its value in the two crystals in Å2.
    ratio : float
        The second over the first; NaN if the first is zero.
    """

    quantity: str
    role: str
    element: str
    first: float = field(metadata={"unit": "Å2"})
    second: float = field(metadata={"unit": "Å2"})
    ratio: float = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class RigidityComparison:
    """Displacements of two crystals side by side.

    Parameters
    ----------
    rows : tuple of RigidityDifference
        Mean Ueq by role and element, then rigid-bond differences by role and elements; only what
        both have.
    sources : tuple of str
        File and block of the two.
    temperatures : tuple of float
        Their temperatures in K.
    tolerance : float
        Largest difference of temperature that was allowed, in K.
    """

    rows: tuple[RigidityDifference, ...]
    sources: tuple[str, str]
    temperatures: tuple[float, float] = field(metadata={"unit": "K"})
    tolerance: float = field(metadata={"unit": "K"})


def compare_rigidity(first: Rigidity, second: Rigidity, *, tolerance: float = 3.0) -> RigidityComparison:
    """Compare displacements of two crystals measured at the same temperature.

    Mean-square amplitudes grow with temperature, in the classical limit in proportion to it: between
    100 K and 293 K by a factor of three, more than structures differ. So other temperatures are
    refused, and so is an unknown one. Even at equal temperature absorption, disorder and
    resolution move Ueq as a whole; ratios between roles of one crystal are safer.

    Parameters
    ----------
    first, second : Rigidity
        The displacements of the two.
    tolerance : float, optional
        Largest difference of temperature in K; temperatures are printed with s.u. of 2 K, so two
        equal ones may be 2.8 K apart.

    Returns
    -------
    RigidityComparison
        What both crystals have, side by side.

    Raises
    ------
    InputError
        If a temperature is not stated, or the two differ.

    Examples
    --------
    >>> from clustermodel.analysis.rigidity import RigiditySettings
    >>> cold, warm = (
    ...     Rigidity(
    ...         displacements=(),
    ...         bonds=(),
    ...         temperature=kelvin,
    ...         temperature_su=2.0,
    ...         source=name,
    ...         convention="staple",
    ...         settings=RigiditySettings(),
    ...     )
    ...     for name, kelvin in (("a.cif", 100.0), ("b.cif", 293.0))
    ... )
    >>> compare_rigidity(cold, warm)
    Traceback (most recent call last):
    ...
    clustermodel.errors.InputError: a.cif was measured at 100 K and b.cif at 293 K: ...
    """
    for one in (first, second):
        if math.isnan(one.temperature):
            msg = f"{one.source} states no temperature: displacements are compared at equal temperature alone"
            raise InputError(msg)
    if abs(first.temperature - second.temperature) > tolerance:
        msg = (
            f"{first.source} was measured at {first.temperature:g} K and {second.source} at "
            f"{second.temperature:g} K: displacements are compared at equal temperature alone "
            f"(here to {tolerance:g} K)"
        )
        raise InputError(msg)
    return RigidityComparison(
        rows=(
            *_compare("mean Ueq", _read_atoms(first.displacements), _read_atoms(second.displacements)),
            *_compare("rigid-bond rms", _read_bonds(first.bonds), _read_bonds(second.bonds)),
        ),
        sources=(first.source, second.source),
        temperatures=(first.temperature, second.temperature),
        tolerance=tolerance,
    )


def _read_atoms(rows: Iterable[DisplacementRow]) -> dict[tuple[str, str], float]:
    return {(row.role, row.element): row.mean for row in rows}


def _read_bonds(rows: Iterable[RigidBondRow]) -> dict[tuple[str, str], float]:
    return {(row.role, row.pair): row.rms for row in rows}


def _compare(
    quantity: str, first: dict[tuple[str, str], float], second: dict[tuple[str, str], float]
) -> list[RigidityDifference]:
    return [
        RigidityDifference(
            quantity=quantity,
            role=role,
            element=element,
            first=value,
            second=second[role, element],
            ratio=second[role, element] / value if value else math.nan,
        )
        for (role, element), value in first.items()
        if (role, element) in second
    ]
