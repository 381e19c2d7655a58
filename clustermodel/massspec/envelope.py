"""What does an instrument of this resolving power see of an ion? The profile of its isotopologues."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.errors import InputError
from clustermodel.massspec.fine_structure import list_fine_structure
from clustermodel.massspec.ion import IonMasses, convert_to_mz

__all__ = ["Envelope", "build_envelope"]

FWHM_PER_SIGMA = 2 * float(np.sqrt(2 * np.log(2)))
_POINTS_PER_WIDTH = 12  # a Gaussian is drawn to 1 % of its height with them
_MARGIN = 4.0  # widths left and right of the outermost isotopologue that is shown
_SHOWN = 1e-4  # of the highest isotopologue: smaller ones are below any baseline
_MOST_POINTS = 200_000
_RESOLVED = 0.5  # of the lower of two peaks: a valley below this separates them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Envelope:
    """The profile of an ion as an instrument of a resolving power would draw it.

    Parameters
    ----------
    resolving_power : float
        m/Δm, Δm the full width at half maximum.
    mz : array_like, shape (n,)
        Axis.
    intensity : array_like, shape (n,)
        Profile, the highest point 1.
    apex : float
        m/z of the highest point.
    is_resolved : bool
        Whether the valleys beside the highest isotopologue fall below half of the lower neighbour.
    fine : bool
        Whether every isotopologue was drawn on its own; else those of one nominal mass as one line.
    """

    resolving_power: float = field(metadata={"unit": ""})
    mz: FloatArray = field(metadata={"unit": "Th"})
    intensity: FloatArray = field(metadata={"unit": ""})
    apex: float = field(metadata={"unit": "Th"})
    is_resolved: bool
    fine: bool

    def __post_init__(self) -> None:
        """Freeze the arrays and check their shapes."""
        n = len(self.mz)
        object.__setattr__(self, "mz", freeze_float(self.mz, (n,), "mz"))
        object.__setattr__(self, "intensity", freeze_float(self.intensity, (n,), "intensity"))

    def signal_at(self, mz: float) -> float:
        """Return the profile at one place.

        Parameters
        ----------
        mz : float
            m/z.

        Returns
        -------
        float
            Share of the highest point; 0 outside of the envelope.
        """
        return float(np.interp(mz, self.mz, self.intensity, left=0.0, right=0.0))


def build_envelope(masses: IonMasses, *, resolving_power: float) -> Envelope:
    """Draw the profile of an ion at a resolving power, with Gaussian peaks.

    Parameters
    ----------
    masses : IonMasses
        The ion.
    resolving_power : float
        m/Δm at full width at half maximum, 100 to 10 million.

    Returns
    -------
    Envelope
        The profile, its apex, and whether isotopologues are resolved.

    Raises
    ------
    InputError
        If the resolving power is out of range.

    Examples
    --------
    >>> from clustermodel.massspec.formula import read_ion
    >>> from clustermodel.massspec.ion import measure_ion
    >>> masses = measure_ion(read_ion("[Au22(AdmS)12(PPh2py)4]2+"))
    >>> envelope = build_envelope(masses, resolving_power=17000)
    >>> round(envelope.apex, 2), envelope.is_resolved, round(envelope.signal_at(3696.46), 2)
    (3696.34, True, 0.45)
    """
    if not 100 <= resolving_power <= 1e7:
        msg = f"resolving power {resolving_power:g}; expected m/Δm (full width at half maximum), 100 to 1e7"
        raise InputError(msg)
    lines = _find_lines(masses, resolving_power)
    width = masses.most_abundant / resolving_power
    shown = lines.mz[lines.shares >= _SHOWN * lines.shares.max()]
    start, stop = float(shown.min()) - _MARGIN * width, float(shown.max()) + _MARGIN * width
    points = min(_MOST_POINTS, int((stop - start) / width * _POINTS_PER_WIDTH) + 2)
    grid = np.unique(np.concatenate([np.linspace(start, stop, points), shown]))
    profile = _draw(grid, lines, width / FWHM_PER_SIGMA)
    apex = _find_apex(grid, profile)
    return Envelope(
        resolving_power=resolving_power,
        mz=grid,
        intensity=profile / profile.max(),
        apex=apex,
        is_resolved=_is_resolved(masses, grid, profile),
        fine=lines.fine,
    )


class _Lines(NamedTuple):
    mz: FloatArray
    shares: FloatArray
    fine: bool


def _find_lines(masses: IonMasses, resolving_power: float) -> _Lines:
    """Return single isotopologues, those within a tenth of a width merged; nominal masses if too many."""
    found = list_fine_structure(masses.ion.atoms)
    if found is None:
        return _Lines(masses.mz, masses.shares, fine=False)
    mz, shares = convert_to_mz(found[0], masses.ion.charge), found[1]
    step = masses.most_abundant / resolving_power / 10
    places = np.rint((mz - mz.min()) / step).astype(np.int64)
    weight = np.bincount(places, shares).astype(np.float64)
    centre = np.bincount(places, shares * mz)
    used = weight > 0
    return _Lines(centre[used] / weight[used], weight[used], fine=True)


def _draw(grid: FloatArray, lines: _Lines, sigma: float) -> FloatArray:
    profile = np.zeros_like(grid)
    first = np.searchsorted(grid, lines.mz - 6 * sigma)  # beyond six sigma a Gaussian is below 2e-8
    last = np.searchsorted(grid, lines.mz + 6 * sigma)
    for mz, share, i, j in zip(lines.mz, lines.shares, first, last, strict=True):
        profile[i:j] += share * np.exp(-0.5 * ((grid[i:j] - mz) / sigma) ** 2)
    return profile


def _find_apex(grid: FloatArray, profile: FloatArray) -> float:
    """Return the top of a parabola through the highest three points."""
    i = min(max(int(profile.argmax()), 1), grid.size - 2)
    a, b, _ = np.polyfit(grid[i - 1 : i + 2] - grid[i], profile[i - 1 : i + 2] / profile[i], 2)
    return float(grid[i] - b / (2 * a)) if a < 0 else float(grid[i])


def _is_resolved(masses: IonMasses, grid: FloatArray, profile: FloatArray) -> bool:
    """Return whether valleys separate the highest isotopologue from its neighbours."""
    top = int(masses.shares.argmax())
    for neighbour in (top - 1, top + 1):
        if not 0 <= neighbour < masses.mz.size or masses.shares[neighbour] < _SHOWN:
            continue
        ends = sorted((masses.mz[top], masses.mz[neighbour]))
        between = profile[(grid >= ends[0]) & (grid <= ends[1])]
        lower = float(np.interp(masses.mz[neighbour], grid, profile))
        if between.size and float(between.min()) > _RESOLVED * min(lower, float(profile.max())):
            return False
    return True
