"""Which numbers of two clusters are compared beside bonds? Counts, electrons, and sizes of like parts.

The size of a cluster with one atom more is another quantity. So the size of the atoms that both have is
compared pair by pair, with the scatter of their changes; sizes of whole parts stand beside it.
"""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.analysis.core_size import CoreSize
from clustermodel.analysis.pair_differences import Difference, Quantity, compare_values
from clustermodel.analysis.pair_side import PairSide
from clustermodel.cluster.electron_count import count_electrons

__all__ = ["compare_common_atoms", "list_counts", "list_sizes"]

_SIZES = (
    "largest distance",
    "length",
    "width",
    "height",
    "radius of gyration",
    "mean distance from centroid",
    "diameter of equal hull",
)
"""Of the lengths of `clustermodel.analysis.core_size`, those that are compared."""


def list_counts(side: PairSide) -> tuple[Quantity, ...]:
    """List what can be counted in a cluster.

    Parameters
    ----------
    side : PairSide
        The cluster.

    Returns
    -------
    tuple of Quantity
        Metal atoms, kernel atoms, ligands; superatom electrons where the charge is known. Their s.u. is zero.
    """
    counts: list[tuple[str, str, float]] = [
        ("metal atoms", "", len(side.cluster.metals)),
        ("kernel atoms", "", len(side.anatomy.kernel)),
        ("ligands", "", len(side.cluster.ligands)),
    ]
    electrons = count_electrons(side.cluster, side.charge).value
    if electrons is not None:
        counts.append(("superatom electrons", "electrons", electrons))
    return tuple(
        Quantity(name=name, role="cluster", unit=unit, value=float(value), su=0.0)
        for name, unit, value in counts
    )


def list_sizes(size: CoreSize) -> tuple[Quantity, ...]:
    """List the sizes of a cluster that are compared.

    Parameters
    ----------
    size : CoreSize
        The sizes of a cluster.

    Returns
    -------
    tuple of Quantity
        Lengths, volumes and mean coordination numbers by part, without errors.
    """
    lengths = [
        Quantity(name=row.name, role=row.part, unit="Å", value=row.value)
        for row in size.lengths
        if row.name in _SIZES
    ]
    volumes = [Quantity(name=row.name, role=row.part, unit="Å3", value=row.value) for row in size.volumes]
    neighbours = [
        Quantity(name=f"mean coordination within {row.cutoff:.2f} Å", role=row.part, unit="", value=row.value)
        for row in size.coordination
    ]
    return (*lengths, *volumes, *neighbours)


def compare_common_atoms(
    a: PairSide, b: PairSide, pairs: Mapping[int, int], *, sigmas: float = 3.0
) -> Iterator[Difference]:
    """Compare the size of the metal atoms that two clusters have in common.

    Parameters
    ----------
    a, b : PairSide
        The clusters.
    pairs : mapping of int to int
        Atom of the second molecule for every mapped atom of the first.
    sigmas : float, optional
        Standard errors that a difference must exceed.

    Yields
    ------
    Difference
        Mean distance from the centroid, of kernel and of all metal atoms; its scatter is that of the changes
        of the single atoms.
    """
    parts = {
        "kernel atoms in both": (a.anatomy.kernel, b.anatomy.kernel),
        "metal atoms in both": (a.cluster.metals, b.cluster.metals),
    }
    for role, (first, second) in parts.items():
        common = [atom for atom in first if pairs.get(atom) in set(second)]
        if not common:
            continue
        radii = (
            _measure_radii(a, common),
            _measure_radii(b, [pairs[atom] for atom in common]),
        )
        changes = radii[1] - radii[0]
        error = float(changes.std(ddof=1)) / math.sqrt(len(changes)) if len(changes) > 1 else math.nan
        first_mean, second_mean = (
            Quantity(name="mean distance from centroid", role=role, unit="Å", value=float(r.mean()))
            for r in radii
        )
        yield compare_values(first_mean, second_mean, scatter=error, sigmas=sigmas)


def _measure_radii(side: PairSide, atoms: list[int]) -> FloatArray:
    positions = side.cluster.molecule.positions[atoms]
    return np.asarray(np.linalg.norm(positions - positions.mean(axis=0), axis=1))
