"""Are the orbitals of two fused units bonding or antibonding, σ or π? Weights about two centres.

A kernel of two fused units is a molecule of two superatoms (:cite:t:`cheng2013`). Each orbital is expanded in
spherical harmonics about both centres with the axis from one to the other as z. m = 0 is σ, ±1 is π,
±2 is δ. The phase between both expansions says whether the orbital is bonding: even in the plane
halfway.
"""

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
from clustermodel.electronic.superatom import MOMENTUM_LETTERS, SuperatomSettings
from clustermodel.electronic.superatom_grid import SphereGrid, build_sphere_grid
from clustermodel.errors import InputError

__all__ = ["PairOrbital", "TwoCentres", "measure_two_centres"]

_BONDS = "σπδφγηι"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairOrbital:
    """One orbital about two centres.

    Parameters
    ----------
    spin : {"both", "alpha", "beta"}
        Its electrons.
    index : int
        Number of the orbital in its channel, from 0.
    name : str
        Its place from the gap.
    energy_ev : float
        Orbital energy in eV.
    occupation : float
        Electrons in it.
    weights : array_like, shape (2, l_max + 1, l_max + 1)
        Share of the density inside either sphere with angular momentum l (second index) and abs(m) (third).
    phases : array_like, shape (l_max + 1, l_max + 1)
        Agreement of both expansions for l, abs(m): 1 bonding, -1 antibonding, 0 on one centre or unrelated.
    inside : array_like, shape (2,)
        Share of the orbital inside either sphere.
    """

    spin: str
    index: int
    name: str
    energy_ev: float = field(metadata={"unit": "eV"})
    occupation: float = field(metadata={"unit": "electrons"})
    weights: FloatArray
    phases: FloatArray
    inside: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        n = len(self.phases)
        object.__setattr__(self, "weights", freeze_float(self.weights, (2, n, n), "weights"))
        object.__setattr__(self, "phases", freeze_float(self.phases, (n, n), "phases"))
        object.__setattr__(self, "inside", freeze_float(self.inside, (2,), "inside"))

    @property
    def leading(self) -> str:
        """Largest combination, such as ``Pσ`` or, for an antibonding one, ``Pσ*``."""
        mean = self.weights.mean(axis=0)
        momentum, order = np.unravel_index(int(mean.argmax()), mean.shape)
        star = "*" if self.phases[momentum, order] < 0 else ""
        return f"{MOMENTUM_LETTERS[momentum]}{_BONDS[order]}{star}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoCentres:
    """Orbitals about the gap, about two centres.

    Parameters
    ----------
    orbitals : tuple of PairOrbital
        By spin and energy.
    centres : array_like, shape (2, 3)
        Centres in Å.
    radius : float
        Radius of both spheres in Å.
    settings : SuperatomSettings
        How it was done.
    """

    orbitals: tuple[PairOrbital, ...]
    centres: FloatArray = field(metadata={"unit": "Å"})
    radius: float = field(metadata={"unit": "Å"})
    settings: SuperatomSettings

    def __post_init__(self) -> None:
        """Freeze the centres."""
        object.__setattr__(self, "centres", freeze_float(self.centres, (2, 3), "centres"))


def measure_two_centres(
    result: ElectronicResult,
    *,
    centres: ArrayLike,
    radius: float,
    settings: SuperatomSettings | None = None,
) -> TwoCentres:
    """Project the orbitals about the gap on spherical harmonics about two centres.

    Parameters
    ----------
    result : ElectronicResult
        Levels with orbitals.
    centres : array_like, shape (2, 3)
        Centres of both units in Å.
    radius : float
        Radius of both spheres in Å; they may overlap.
    settings : SuperatomSettings, optional
        How many orbitals, and how finely.

    Returns
    -------
    TwoCentres
        Weights of σ, π, δ combinations of S, P, D, F, G.

    Raises
    ------
    InputError
        If both centres coincide, or the result has no orbitals in space.
    """
    chosen = settings or SuperatomSettings()
    both = np.asarray(centres, float)
    if both.shape != (2, 3) or not np.linalg.norm(both[1] - both[0]) > 0:
        msg = f"centres {both.tolist()}; expected two different points in Å"
        raise InputError(msg)
    axes = _build_axes(both[1] - both[0])
    grid = build_sphere_grid(radius, n_radial=chosen.n_radial, angular_order=chosen.angular_order)
    rows: list[PairOrbital] = []
    for choice in choose_orbitals(result, below=chosen.below, above=chosen.above):
        rows.extend(_project_choice(result, choice, grid, both, axes, chosen.l_max))
    return TwoCentres(orbitals=tuple(rows), centres=both, radius=radius, settings=chosen)


def _build_axes(direction: FloatArray) -> FloatArray:
    """Return axes as rows, the last along the direction."""
    z = direction / np.linalg.norm(direction)
    x = np.cross(z, np.eye(3)[np.argmin(np.abs(z))])
    x /= np.linalg.norm(x)
    return np.array([x, np.cross(z, x), z])


def _project_choice(
    result: ElectronicResult,
    choice: OrbitalChoice,
    grid: SphereGrid,
    centres: FloatArray,
    axes: FloatArray,
    l_max: int,
) -> list[PairOrbital]:
    values = [evaluate_choice(result, choice, grid.points + centre) for centre in centres]
    parts = np.array([grid.project(value, l_max, axes) for value in values])
    inside = np.array([grid.integrate_squares(value) for value in values])
    weights = np.einsum("r,cryk->cky", grid.radial_weights, parts**2)
    cross = np.einsum("r,ryk,ryk->ky", grid.radial_weights, parts[0], parts[1])
    n_occupied = count_occupied(choice.channel)
    rows = []
    for k, index in enumerate(choice.indices):
        norms = np.sqrt(_fold(weights[0, k], l_max) * _fold(weights[1, k], l_max))
        evenness = _fold(cross[k] * _list_parities(l_max), l_max)
        shares = [_fold(weights[c, k], l_max) / (inside[c, k] if inside[c, k] > 0 else 1.0) for c in (0, 1)]
        rows.append(
            PairOrbital(
                spin=choice.channel.spin,
                index=index,
                name=name_level(index, n_occupied),
                energy_ev=float(choice.channel.energies_ev[index]),
                occupation=float(choice.channel.occupations[index]),
                weights=np.array(shares),
                phases=np.divide(evenness, norms, out=np.zeros_like(norms), where=norms > 0),
                inside=inside[:, k],
            )
        )
    return rows


def _list_parities(l_max: int) -> FloatArray:
    """Return the sign of each harmonic under z to -z, in the order l² + l + m."""
    return np.array([(-1.0) ** (k + m) for k in range(l_max + 1) for m in range(-k, k + 1)])


def _fold(components: FloatArray, l_max: int) -> FloatArray:
    """Sum components in the order l² + l + m over the sign of m, shape (l_max + 1, l_max + 1)."""
    table = np.zeros((l_max + 1, l_max + 1))
    for k in range(l_max + 1):
        for m in range(-k, k + 1):
            table[k, abs(m)] += components[k * k + k + m]
    return table
