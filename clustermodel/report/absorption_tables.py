"""Which tables does the calculated absorption of a cluster yield?"""

import numpy as np

from clustermodel.axes import convert_axis
from clustermodel.electronic.result import ElectronicResult
from clustermodel.pipeline.absorption import Absorption
from clustermodel.report.table import Cell, Column, Table

__all__ = ["list_absorption_tables"]

_MOST = 12  # excitations listed: what fits on a screen
_SPINS = {"both": "", "alpha": " α", "beta": " β"}


def list_absorption_tables(absorption: Absorption, result: ElectronicResult) -> tuple[Table, ...]:
    """Make the tables of a calculated absorption.

    Parameters
    ----------
    absorption : Absorption
        Excitations and spectrum.
    result : ElectronicResult
        The levels that they come from.

    Returns
    -------
    tuple of Table
        Optical gaps by definition, and the excitations: the lowest, and the brightest.
    """
    found, gaps = absorption.excitations, absorption.gaps
    settings = gaps.settings
    definitions = (
        ("first root", gaps.first_root),
        (f"first with a strength of {settings.bright:g} or more", gaps.first_bright),
        ("onset of the curve", gaps.onset),
    )
    limits = "; ".join(found.notes)
    return (
        Table(
            name="optical-gaps",
            title="Optical gap by three definitions",
            columns=(Column("definition"), Column("energy", "eV", 3), Column("wavelength", "nm", 0)),
            rows=tuple((name, energy, _convert(energy)) for name, energy in definitions),
            caption=f"{found.method}, {settings.shape} bands of {settings.fwhm:g} eV; {limits}.",
        ),
        Table(
            name="excitations",
            title="Lowest and brightest excitations",
            columns=(
                Column("no.", "", 0),
                Column("energy", "eV", 3),
                Column("wavelength", "nm", 0),
                Column("strength", "", 4),
                Column("mostly"),
            ),
            rows=tuple(_describe(absorption, result, number) for number in _choose(absorption)),
            caption=(
                f"{len(found)} {found.kind} excitations up to {found.is_complete_to_ev:g} eV; the "
                f"{_MOST // 2} lowest and the {_MOST // 2} of the largest oscillator strength."
            ),
        ),
    )


def _convert(energy: float | None) -> float | None:
    return None if energy is None else float(convert_axis(energy, source="eV", target="nm"))


def _choose(absorption: Absorption) -> list[int]:
    """Return the numbers of the lowest and the brightest excitations, ascending."""
    strengths = absorption.excitations.strengths
    brightest = np.argsort(-strengths, kind="stable")[: _MOST // 2].tolist()
    return sorted({*range(min(_MOST // 2, len(strengths))), *brightest})


def _describe(absorption: Absorption, result: ElectronicResult, number: int) -> tuple[Cell, ...]:
    found = absorption.excitations
    energy = float(found.energies_ev[number])
    pairs = found.list_shares(number, result, least=0.1)[:2]
    mostly = ", ".join(f"{p.source}→{p.target}{_SPINS[p.spin]} {100 * p.weight:.0f} %" for p in pairs)
    return (number + 1, energy, _convert(energy), float(found.strengths[number]), mostly)
