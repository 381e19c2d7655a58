"""Which orbitals of a cluster look like S, P and D of one big atom? Weights about the centre of its kernel.

An orbital is expanded in real spherical harmonics about one centre inside a sphere
(:cite:t:`walter2008`, :cite:t:`hakkinen2008`). The weight of l is the share of the density inside the sphere
that has this angular momentum, summed over m, so that it does not depend on the orientation. P levels of
clusters mix with 5d functions and ligands: a label is only the largest of the weights.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.electronic.orbital_choice import (
    OrbitalChoice,
    choose_orbitals,
    count_occupied,
    evaluate_choice,
    name_level,
)
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.superatom_grid import build_sphere_grid
from clustermodel.errors import InputError

__all__ = [
    "MOMENTUM_LETTERS",
    "Superatom",
    "SuperatomOrbital",
    "SuperatomSettings",
    "measure_superatom",
    "sum_over_m",
]

MOMENTUM_LETTERS = "SPDFGHI"
_HIGHEST = len(MOMENTUM_LETTERS) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperatomSettings:
    """What is projected and how finely.

    Parameters
    ----------
    l_max : int
        Highest angular momentum told apart, up to 6.
    below, above : int
        Numbers of occupied and of empty orbitals of each spin, from the gap.
    n_radial : int
        Shells of the grid.
    angular_order : int
        Order of Lebedev's directions; 41 has 590.
    """

    l_max: int = 4
    below: int = 30
    above: int = 30
    n_radial: int = 40
    angular_order: int = 41

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not 0 <= self.l_max <= _HIGHEST:
            msg = f"highest angular momentum {self.l_max}; expected 0 to {_HIGHEST}"
            raise InputError(msg)
        if self.below < 0 or self.above < 0:
            msg = f"{self.below} orbitals below and {self.above} above the gap; expected none or more"
            raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SuperatomOrbital:
    """How much of each angular momentum one orbital has.

    Parameters
    ----------
    spin : {"both", "alpha", "beta"}
        Its electrons.
    index : int
        Number of the orbital in its channel, from 0.
    name : str
        Its place from the gap, such as ``HOMO-2``.
    energy_ev : float
        Orbital energy in eV.
    occupation : float
        Electrons in it.
    weights : array_like, shape (l_max + 1,)
        Share of the density inside the sphere with l = 0 (S), 1 (P), 2 (D) and so on.
    components : array_like, shape ((l_max + 1)²,)
        The same for each m, in the order l² + l + m; these do depend on the axes.
    inside : float
        Share of the orbital inside the sphere.
    """

    spin: str
    index: int
    name: str
    energy_ev: float = field(metadata={"unit": "eV"})
    occupation: float = field(metadata={"unit": "electrons"})
    weights: FloatArray
    components: FloatArray
    inside: float

    def __post_init__(self) -> None:
        """Freeze the weights."""
        n = len(self.weights)
        object.__setattr__(self, "weights", freeze_float(self.weights, (n,), "weights"))
        object.__setattr__(self, "components", freeze_float(self.components, (n * n,), "components"))

    @property
    def rest(self) -> float:
        """Share of the density inside the sphere with higher angular momenta."""
        return float(1 - self.weights.sum())

    @property
    def leading(self) -> str:
        """Letter of the largest weight, such as P."""
        return MOMENTUM_LETTERS[int(np.argmax(self.weights))]

    def weight(self, letter: str) -> float:
        """Return the weight of one angular momentum.

        Parameters
        ----------
        letter : str
            S, P, D, …

        Returns
        -------
        float
            Its share; 0 beyond the highest that was projected.
        """
        momentum = MOMENTUM_LETTERS.index(letter)
        return float(self.weights[momentum]) if momentum < len(self.weights) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Superatom:
    """Weights of angular momenta of the orbitals about one centre.

    Parameters
    ----------
    orbitals : tuple of SuperatomOrbital
        The orbitals about the gap, by spin and energy.
    centre : array_like, shape (3,)
        The centre in Å.
    radius : float
        Radius of the sphere in Å.
    settings : SuperatomSettings
        How it was done.
    """

    orbitals: tuple[SuperatomOrbital, ...]
    centre: FloatArray = field(metadata={"unit": "Å"})
    radius: float = field(metadata={"unit": "Å"})
    settings: SuperatomSettings

    def __post_init__(self) -> None:
        """Freeze the centre."""
        object.__setattr__(self, "centre", freeze_float(self.centre, (3,), "centre"))

    def select(self, spin: str, *, occupied: bool) -> tuple[SuperatomOrbital, ...]:
        """Return the occupied or the empty orbitals of one spin, those next to the gap first.

        Parameters
        ----------
        spin : {"both", "alpha", "beta"}
            Which electrons.
        occupied : bool
            Which side of the gap.

        Returns
        -------
        tuple of SuperatomOrbital
            From the gap outwards.
        """
        side = "HOMO" if occupied else "LUMO"
        found = [row for row in self.orbitals if row.spin == spin and row.name.startswith(side)]
        return tuple(reversed(found)) if occupied else tuple(found)


def measure_superatom(
    result: ElectronicResult,
    *,
    centre: ArrayLike,
    radius: float,
    settings: SuperatomSettings | None = None,
) -> Superatom:
    """Project the orbitals about the gap on spherical harmonics about one centre.

    Parameters
    ----------
    result : ElectronicResult
        Levels with orbitals.
    centre : array_like, shape (3,)
        Centre of the kernel in Å, see :func:`clustermodel.electronic.superatom_sphere.find_sphere`.
    radius : float
        Radius of the sphere in Å.
    settings : SuperatomSettings, optional
        How many orbitals, and how finely.

    Returns
    -------
    Superatom
        Weights of S, P, D, F, G of each orbital, and its share inside the sphere.

    Raises
    ------
    InputError
        If the result has no orbitals in space, or the sphere is impossible.
    """
    chosen = settings or SuperatomSettings()
    middle = np.asarray(centre, float)
    grid = build_sphere_grid(radius, n_radial=chosen.n_radial, angular_order=chosen.angular_order)
    rows: list[SuperatomOrbital] = []
    for choice in choose_orbitals(result, below=chosen.below, above=chosen.above):
        values = evaluate_choice(result, choice, grid.points + middle)
        parts = grid.project(values, chosen.l_max)
        components = np.einsum("r,ryk->ky", grid.radial_weights, parts**2)
        rows.extend(_describe(choice, components, grid.integrate_squares(values)))
    return Superatom(orbitals=tuple(rows), centre=middle, radius=radius, settings=chosen)


def _describe(
    choice: OrbitalChoice, components: FloatArray, inside: FloatArray
) -> Iterable[SuperatomOrbital]:
    """Yield one row for each orbital; a weight is its share of what is inside."""
    n_occupied = count_occupied(choice.channel)
    shares = components / np.where(inside > 0, inside, 1)[:, None]
    for k, index in enumerate(choice.indices):
        yield SuperatomOrbital(
            spin=choice.channel.spin,
            index=index,
            name=name_level(index, n_occupied),
            energy_ev=float(choice.channel.energies_ev[index]),
            occupation=float(choice.channel.occupations[index]),
            weights=sum_over_m(shares[k]),
            components=shares[k],
            inside=float(inside[k]),
        )


def sum_over_m(components: ArrayLike) -> FloatArray:
    """Sum components in the order l² + l + m over m.

    Parameters
    ----------
    components : array_like, shape ((l_max + 1)²,)
        One number for each l and m.

    Returns
    -------
    ndarray, shape (l_max + 1,)
        One number for each l.

    Examples
    --------
    >>> sum_over_m([0.1, 0.2, 0.3, 0.4]).round(6)
    array([0.1, 0.9])
    """
    values = np.asarray(components, float)
    momenta = range(round(float(np.sqrt(len(values)))))
    return np.array([values[k * k : (k + 1) ** 2].sum() for k in momenta])
