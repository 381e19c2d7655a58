"""How much space do the atoms fill? Overlapping van der Waals spheres, each point of space counted once."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.molecule_table import MoleculeTable
from clustermodel.analysis.neighbour_molecules import find_encounters, is_same_molecule

__all__ = ["FilledVolume", "fill_spheres", "measure_filled_volume"]

_GOLDEN = (1 + 5**0.5) / 2
_CHUNK = 2_000_000  # numbers in one work array: 16 MB
_CONCENTRIC = 1e-6  # Å: spheres with one centre have no plane between them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilledVolume:
    """The volume of the spheres of atoms.

    Parameters
    ----------
    atoms : ndarray, shape (n,)
        Share of each atom of the listed molecules in Å3.
    error : float
        Relative difference of the total from that with half the directions.
    directions : int
        Number of directions of the quadrature.
    """

    atoms: FloatArray = field(metadata={"unit": "Å3"})
    error: float
    directions: int


def measure_filled_volume(
    table: MoleculeTable,
    radii: FloatArray,
    *,
    excluded: frozenset[tuple[int, ...]] = frozenset(),
    directions: int = 400,
) -> FilledVolume:
    """Measure the space that the spheres of the listed molecules take in the crystal.

    Space is divided by the planes through the circles in which two spheres meet (the power diagram), so
    that every point of the union belongs to one atom: overlaps are counted once, within a molecule and
    between molecules.

    Parameters
    ----------
    table : MoleculeTable
        The molecules.
    radii : ndarray, shape (n,)
        Radii of their atoms in Å.
    excluded : frozenset of tuple of int, optional
        Images of molecules that cannot be there together; they do not cut each other.
    directions : int, optional
        Directions of the quadrature, for each atom.

    Returns
    -------
    FilledVolume
        Share of each atom, and how well the quadrature has converged.
    """
    points = (table.positions, table.owner)
    found = find_encounters(table, points, points, 2 * float(radii.max()))
    reach = radii[found.first] + radii[found.second]
    found = found.select((found.distances < reach) & (found.distances > _CONCENTRIC))
    if excluded:
        first, second = table.owner[found.first], table.owner[found.second]
        places = np.concatenate(
            [first[:, None], second[:, None], found.operations[:, None], found.shifts], axis=1
        )
        away = ~is_same_molecule(table, found, first, second)
        barred = np.array([tuple(place) in excluded for place in places.tolist()], dtype=bool)
        found = found.select(~(away & barred))
    cell, group = table.crystal.cell, table.group.space_group
    own = (table.positions @ cell.inverse)[found.second]
    placed = np.einsum("pij,pj->pi", group.rotations[found.operations], own)
    placed += group.translations[found.operations] + found.shifts
    vectors = placed @ cell.matrix - table.positions[found.first]
    return fill_spheres(radii, (found.first, radii[found.second]), vectors, directions=directions)


def fill_spheres(
    radii: FloatArray, neighbours: tuple[IntArray, FloatArray], vectors: FloatArray, *, directions: int
) -> FilledVolume:
    """Measure the part of each sphere that lies in its own cell of the power diagram.

    Along every direction from the centre, the part of a sphere in its (convex) cell is one stretch, known
    exactly; the integral over the directions is a sum over a Fibonacci lattice on the sphere. A sphere
    whose centre lies in the cell of another (hydrogen on carbon) is treated the same way.

    Parameters
    ----------
    radii : ndarray, shape (n,)
        Radii of the spheres in Å.
    neighbours : tuple of ndarray of int, shape (p,), and ndarray, shape (p,)
        Sphere of each pair of spheres that meet, ascending, and radius of the other one.
    vectors : ndarray, shape (p, 3)
        From the centre of the first to that of the other, in Å.
    directions : int
        Number of directions, even.

    Returns
    -------
    FilledVolume
        Share of each sphere.

    Examples
    --------
    >>> spheres = fill_spheres(
    ...     np.ones(2), (np.array([0, 1]), np.ones(2)), np.array([[1.0, 0, 0], [-1, 0, 0]]), directions=2000
    ... )
    >>> lens = np.pi * 5 / 12  # of two unit spheres one radius apart
    >>> bool(abs(spheres.atoms.sum() - (8 / 3 * np.pi - lens)) < 1e-3)
    True
    """
    rays = _fibonacci(directions)
    owners, others = neighbours
    distances = np.linalg.norm(vectors, axis=1)
    heights = (distances**2 + radii[owners] ** 2 - others**2) / (2 * distances)
    units = vectors / distances[:, None]
    step = max(1, _CHUNK // max(1, directions * int(np.bincount(owners, minlength=1).max())))
    halves = np.zeros((len(radii), 2))
    for first in range(0, len(radii), step):
        last = min(first + step, len(radii))
        rows = slice(*np.searchsorted(owners, [first, last]))
        planes = _Planes(owners=owners[rows] - first, heights=heights[rows], units=units[rows])
        low, high = _cut_rays(radii[first:last], planes, rays)
        parts = high**3 - np.minimum(low, high) ** 3
        halves[first:last] = np.stack([parts[:, ::2].mean(axis=1), parts[:, 1::2].mean(axis=1)], axis=1)
    shares = halves.mean(axis=1) * 4 * math.pi / 3
    return FilledVolume(atoms=shares, error=_error(halves), directions=directions)


class _Planes(NamedTuple):
    """The planes that cut spheres: sphere (ascending), distance from its centre, direction to the other."""

    owners: IntArray
    heights: FloatArray
    units: FloatArray


def _cut_rays(radii: FloatArray, planes: _Planes, rays: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where every ray from a centre enters its cell and where it leaves cell or sphere."""
    low = np.zeros((len(radii), len(rays)))
    nearness = np.tile(1 / radii[:, None], (1, len(rays)))
    ahead = planes.heights > 0
    owners, units = planes.owners[ahead], planes.units[ahead] / planes.heights[ahead, None]
    if len(owners):
        own, starts = np.unique(owners, return_index=True)
        nearness[own] = np.maximum(nearness[own], np.maximum.reduceat(units @ rays.T, starts, axis=0))
    for owner, height, unit in zip(*(column[~ahead] for column in planes), strict=True):
        cosines = rays @ unit
        enters = np.full(len(rays), np.inf)  # the cell lies behind the centre
        np.divide(height, cosines, out=enters, where=cosines < 0)
        low[owner] = np.maximum(low[owner], enters)
    return low, 1 / nearness


def _error(halves: FloatArray) -> float:
    total = float(halves.sum()) / 2
    return abs(float(halves[:, 0].sum()) - total) / total if total > 0 else 0.0


def _fibonacci(count: int) -> FloatArray:
    """Return directions spread evenly over the sphere."""
    index = np.arange(count) + 0.5
    height = 1 - 2 * index / count
    turn = 2 * math.pi * index / _GOLDEN
    radius = np.sqrt(1 - height**2)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=1)
