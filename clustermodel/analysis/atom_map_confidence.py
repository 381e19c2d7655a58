"""How sure is a map of two clusters? Rivals that fit as well, and signs that no map is true.

The root mean square distance r of n pairs under a fitted motion has a standard error of
``r / sqrt(2 (3 n - 6))``, if the displacements are random; a map within some of these is as good.

No map is true where too few metal atoms have a partner, where too few bonds of metal atoms to donors are in
both clusters, where the pairs are as far apart as half the reach, or where an atom that one cluster lacks has
an atom of its type nearby that the other lacks: there the two differ by more than what is missing or extra.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.analysis.atom_map_graph import BondGraph, count_kept_bonds
from clustermodel.analysis.atom_map_results import AtomMapSettings, MapConfidence
from clustermodel.analysis.atom_map_search import FrameworkMap

__all__ = ["FAR", "judge_map", "measure_excess"]

FAR = 2.0
"""Reaches within which an atom may have moved: as far as the next metal atom."""

_EXACT = 2  # pairs that no motion is fitted to with anything left over


def measure_excess(maps: Sequence[FrameworkMap], settings: AtomMapSettings) -> FloatArray:
    """Measure by how many standard errors maps fit worse than the best.

    Parameters
    ----------
    maps : sequence of FrameworkMap
        The maps, the best first.
    settings : AtomMapSettings
        Gives the root mean square distance that does not count.

    Returns
    -------
    ndarray, shape (k,)
        Root mean square distance less that of the best map, over its standard error. What an atom without
        partner costs is part of it.

    Examples
    --------
    >>> best, other = (
    ...     FrameworkMap(
    ...         partners=np.arange(27),
    ...         rotation=np.eye(3),
    ...         translation=np.zeros(3),
    ...         improper=False,
    ...         cost=27 * r**2,
    ...         rmsd=r,
    ...     )
    ...     for r in (0.2, 0.3)
    ... )
    >>> round(float(measure_excess([best, other], AtomMapSettings())[1]), 2)  # 150 degrees of freedom
    6.12
    """
    best = maps[0]
    n = best.n_mapped
    base = max(best.rmsd, settings.floor)
    error = base / math.sqrt(2 * (3 * n - 6)) if n > _EXACT else base
    gains = np.array([found.cost - best.cost for found in maps])
    return np.asarray((np.sqrt(base**2 + np.maximum(gains, 0.0) / max(n, 1)) - base) / error)


def judge_map(
    maps: Sequence[FrameworkMap],
    pairs: Mapping[int, int],
    graphs: tuple[BondGraph, BondGraph],
    places: tuple[FloatArray, FloatArray],
    settings: AtomMapSettings,
) -> MapConfidence:
    """Say how sure the best map is.

    Parameters
    ----------
    maps : sequence of FrameworkMap
        All maps, the best first.
    pairs : mapping of int to int
        Pairs of metal and donor atoms of the best map.
    graphs : (BondGraph, BondGraph)
        The graphs of both clusters.
    places : (ndarray of shape (n, 3), ndarray of shape (m, 3))
        All atoms of both molecules in one frame, in Å.
    settings : AtomMapSettings
        The limits.

    Returns
    -------
    MapConfidence
        The level with its numbers and reason.
    """
    excess = measure_excess(maps, settings)
    equal = int((excess <= settings.sigmas).sum()) - 1
    worse = excess[excess > settings.sigmas]
    mapped = sum(metal in pairs for metal in graphs[0].metals)
    metals = _divide(mapped, min(len(graph.metals) for graph in graphs))
    donors = _divide(
        sum(donor in pairs for donor in graphs[0].donors), min(len(graph.donors) for graph in graphs)
    )
    bonds = _divide(count_kept_bonds(pairs, graphs), min(graph.n_bonds for graph in graphs))
    doubts: list[str] = []
    largest = max(len(graph.metals) for graph in graphs)
    if 2 * mapped < largest:
        doubts.append(f"only {mapped} of the {largest} metal atoms of the larger cluster have a partner")
    if metals < settings.kept:
        doubts.append(f"only {metals:.0%} of the metal atoms have a partner")
    if bonds < settings.kept:
        doubts.append(f"only {bonds:.0%} of the metal-donor bonds are in both")
    if maps[0].rmsd > settings.reach / 2:
        doubts.append(f"the partners are {maps[0].rmsd:.2f} Å apart")
    rearranged = sum(1 for _ in _find_rearranged(pairs, graphs, places, FAR * settings.reach))
    if rearranged:
        doubts.append(f"atoms without partner lie near others of their type ({rearranged}): rearranged")
    others = "1 other map fits" if equal == 1 else f"{equal} other maps fit"
    fit = f"{others} as well" if equal else "no other map fits as well"
    return MapConfidence(
        level="no true map" if doubts else "equal maps" if equal else "one map",
        metals_mapped=metals,
        donors_mapped=donors,
        bonds_kept=bonds,
        equal=equal,
        next_excess=float(worse.min()) if len(worse) else math.inf,
        reason="; ".join(doubts) if doubts else fit,
    )


def _find_rearranged(
    pairs: Mapping[int, int],
    graphs: tuple[BondGraph, BondGraph],
    places: tuple[FloatArray, FloatArray],
    near: float,
) -> Iterator[int]:
    """Yield atoms of the first cluster without partner that are near others of their type without partner."""
    taken = set(pairs.values())
    free = [atom for atom in graphs[1].neighbours if atom not in taken]
    for atom in graphs[0].neighbours:
        like = [b for b in free if graphs[1].types[b] == graphs[0].types[atom]]
        if atom in pairs or not like:
            continue
        if float(np.linalg.norm(places[1][like] - places[0][atom], axis=1).min()) < near:
            yield atom


def _divide(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
