"""How is a wavelength read off an axis of energy? A second axis on top with ticks at round nanometres."""

from typing import Any

from clustermodel.axes import convert_axis

__all__ = ["add_wavelengths"]

_APART = 0.11  # of the width of the axis: nearer numbers run into each other
_SIZE = 6.5  # points
_TICKS_NM = (200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 1000, 1300, 2000, 4000)


def add_wavelengths(axes: Any) -> None:  # noqa: ANN401 - axes of matplotlib
    """Add an axis of wavelengths on top of an axis of energies.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        With positive energies in eV from left to right; its limits stay.
    """
    low, high = (float(convert_axis(x, source="eV", target="nm")) for x in axes.get_xlim()[::-1])
    ticks = _thin(axes, [nm for nm in _TICKS_NM if low <= nm <= high])
    second = axes.twiny()
    second.set_xlim(axes.get_xlim())
    places = convert_axis(ticks, source="nm", target="eV")
    second.set_xticks(places, [str(nm) for nm in ticks], fontsize=_SIZE)
    second.set_xlabel("wavelength / nm")
    second.spines["top"].set_visible(True)


def _thin(axes: Any, ticks: list[int]) -> list[int]:  # noqa: ANN401 - axes of matplotlib
    """Leave out the wavelengths whose numbers would run into the one before."""
    first, last = axes.get_xlim()
    kept: list[int] = []
    places: list[float] = []
    for nm in ticks:
        place = float(convert_axis(nm, source="nm", target="eV"))
        if not places or abs(places[-1] - place) > _APART * (last - first):
            kept.append(nm)
            places.append(place)
    return kept
