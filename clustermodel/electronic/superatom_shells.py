"""Do the levels next to the gap fit a closed shell of a superatom, such as 1S2 1P6 of eight electrons?

Delocalised electrons fill the shells 1S, 1P, 1D, 2S, 1F, 2P of a jellium sphere
(:cite:t:`hakkinen2008`). Next to the gap the highest occupied levels should then be those of the uppermost
shell with electrons, and the lowest empty ones those of the same shell or of the next.
"""

from dataclasses import dataclass, field

import numpy as np

from clustermodel.electronic.superatom import Superatom, SuperatomOrbital
from clustermodel.errors import InputError

__all__ = ["SHELLS", "ShellCheck", "check_shells"]

SHELLS = (("1S", 2), ("1P", 6), ("1D", 10), ("2S", 2), ("1F", 14), ("2P", 6))
"""Shells of a jellium sphere in the order of their energies, with the electrons that they hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellCheck:
    """Expected shells next to the gap, and the weights found there.

    Parameters
    ----------
    electrons : int
        Delocalised electrons that were counted from the composition.
    filling : tuple of (str, int)
        Shells with electrons in the simple model.
    spin : {"both", "alpha", "beta"}
        Electrons that were looked at.
    highest, lowest : str
        Shell of the highest occupied and of the lowest empty levels in the model.
    n_highest, n_lowest : int
        How many levels of either shell there should be, and were averaged over.
    weight_highest, weight_lowest : float
        Mean weight of the expected angular momentum in these levels.
    leading_highest, leading_lowest : str
        Letters of the largest weights in them, from the gap outwards.
    separation : float or None
        Energy from the highest occupied shell down to the next level; None if the next was not looked at.
    """

    electrons: int = field(metadata={"unit": "electrons"})
    filling: tuple[tuple[str, int], ...]
    spin: str
    highest: str
    lowest: str
    n_highest: int = field(metadata={"unit": ""})
    n_lowest: int = field(metadata={"unit": ""})
    weight_highest: float
    weight_lowest: float
    leading_highest: str
    leading_lowest: str
    separation: float | None = field(metadata={"unit": "eV"})

    @property
    def fits(self) -> bool:
        """Whether the expected angular momentum has the largest weight in each of these levels."""
        occupied = set(self.leading_highest) == {self.highest[1]}
        return occupied and set(self.leading_lowest) == {self.lowest[1]}

    @property
    def configuration(self) -> str:
        """Filling in the notation of the field, such as ``1S2 1P6``."""
        return " ".join(f"{shell}{count}" for shell, count in self.filling)


def check_shells(superatom: Superatom, *, electrons: int, spin: str = "both") -> ShellCheck:
    """Compare the levels next to the gap with the filling of a jellium sphere.

    Parameters
    ----------
    superatom : Superatom
        Weights of the orbitals.
    electrons : int
        Delocalised electrons of the cluster.
    spin : {"both", "alpha", "beta"}, optional
        Which electrons to look at.

    Returns
    -------
    ShellCheck
        Expected shells and weights found. Levels of one shell split in a cluster that is no sphere; as many
        empty levels are averaged over as the expected shell has, up to those that were projected.

    Raises
    ------
    InputError
        If the number of electrons is outside the model, or there are no levels of this spin on either side.
    """
    filling = _fill(electrons)
    highest, held = filling[-1]
    names = [name for name, _ in SHELLS]
    room = dict(SHELLS)
    n_highest = max(1, held // 2 if spin == "beta" else (held + 1) // 2)  # an odd electron is an alpha one
    is_open = held < room[highest]
    lowest = highest if is_open else names[names.index(highest) + 1]
    left = room[lowest] - (held if is_open else 0)
    n_lowest = max(1, left // 2)
    occupied, empty = superatom.select(spin, occupied=True), superatom.select(spin, occupied=False)
    if len(occupied) < n_highest or not empty:
        msg = (
            f"{spin}: {len(occupied)} occupied and {len(empty)} empty levels were projected; expected at "
            f"least {n_highest} and 1: project more levels"
        )
        raise InputError(msg)
    top, bottom = occupied[:n_highest], empty[:n_lowest]
    below = occupied[n_highest] if len(occupied) > n_highest else None
    return ShellCheck(
        electrons=electrons,
        filling=filling,
        spin=spin,
        highest=highest,
        lowest=lowest,
        n_highest=n_highest,
        n_lowest=len(bottom),
        weight_highest=_average(top, highest[1]),
        weight_lowest=_average(bottom, lowest[1]),
        leading_highest="".join(level.leading for level in top),
        leading_lowest="".join(level.leading for level in bottom),
        separation=None if below is None else top[-1].energy_ev - below.energy_ev,
    )


def _average(levels: tuple[SuperatomOrbital, ...], letter: str) -> float:
    return float(np.mean([level.weight(letter) for level in levels]))


def _fill(electrons: int) -> tuple[tuple[str, int], ...]:
    """Fill the shells from below."""
    most = sum(count for _, count in SHELLS)
    if not 1 <= electrons < most:
        msg = f"{electrons} delocalised electrons; expected 1 to {most - 1} for the shells of a sphere"
        raise InputError(msg)
    filling, left = [], electrons
    for name, room in SHELLS:
        filling.append((name, min(left, room)))
        left -= room
        if left <= 0:
            break
    return tuple(filling)
