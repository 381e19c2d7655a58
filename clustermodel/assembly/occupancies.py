"""Are occupancies and parts what they seem? Two habits of writing them set right."""

import numpy as np

from clustermodel._arrays import BoolArray, IntArray
from clustermodel.assembly.expansion import Expansion
from clustermodel.assembly.overlap import AtomKinds, is_overlap
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.finding import Finding
from clustermodel.structure.neighbors import Pairs

__all__ = ["order_full_sites", "restore_occupancies"]

_ROUNDING = 0.006  # 1/3 printed with two decimals is 0.0033 off, 1/6 printed as 0.17 likewise
_ENOUGH = 2  # one such atom alone may well be half occupied


def order_full_sites(crystal: Crystal) -> tuple[Crystal, tuple[Finding, ...]]:
    """Take fully occupied atoms out of negative parts.

    SHELXL users put ordered atoms into a negative part to keep symmetry images out of the
    connectivity table. Where occupancies were given at all, an occupancy of 1 says that every
    image is there.

    Parameters
    ----------
    crystal : Crystal
        The structure as refined.

    Returns
    -------
    Crystal
        With those atoms in part 0.
    tuple of Finding
        Which atoms.
    """
    sites = crystal.sites
    full = (sites.part < 0) & (sites.occupancy > 1 - _ROUNDING)
    if not full.any() or np.all(sites.occupancy > 1 - _ROUNDING):
        return crystal, ()
    labels = tuple(sites.labels[i] for i in np.flatnonzero(full))
    finding = Finding(
        code="assembly-full-negative-part",
        severity="info",
        message=f"{crystal.source.file}, block {crystal.source.block}: {len(labels)} fully occupied atoms of "
        f"negative parts are taken as ordered: {', '.join(labels[:8])}",
        labels=labels,
    )
    return crystal.with_sites(sites.with_part(np.where(full, 0, sites.part))), (finding,)


def restore_occupancies(
    crystal: Crystal, expansion: Expansion, pairs: Pairs
) -> tuple[Crystal, tuple[Finding, ...]]:
    """Undo occupancies that were divided by the order of the site symmetry.

    CIF occupancies are chemical: 1 for a full site, special or not. Some programs wrote the
    site-occupation factor instead, 1/2 for a full atom on an inversion centre. This is
    recognised only if all ordered atoms on special positions follow that pattern, all other
    ordered atoms are full, and there are at least two of them, none overlapping another atom.

    Parameters
    ----------
    crystal : Crystal
        The structure as refined.
    expansion : Expansion
        All atoms of its cell.
    pairs : Pairs
        Near pairs of the expansion.

    Returns
    -------
    Crystal
        With chemical occupancies.
    tuple of Finding
        What was changed.
    """
    sites = crystal.sites
    ordered = sites.part == 0
    special = ordered & (expansion.order > 1)
    expected = 1.0 / expansion.order
    follows = np.abs(sites.occupancy - expected) < _ROUNDING
    full = sites.occupancy > 1 - _ROUNDING
    changed: IntArray = np.flatnonzero(special)
    pattern = np.all(follows[special]) and np.all(full[ordered & ~special])
    if len(changed) < _ENOUGH or not pattern or _overlaps(crystal, expansion, pairs, special):
        return crystal, ()
    occupancy = sites.occupancy.copy()
    occupancy[changed] = 1.0
    labels = tuple(sites.labels[i] for i in changed)
    finding = Finding(
        code="assembly-occupancy-convention",
        severity="warning",
        message=f"{crystal.source.file}, block {crystal.source.block}: all {len(changed)} atoms on special "
        f"positions have occupancy 1 / (order of the site symmetry), read as fully occupied: "
        + ", ".join(labels[:8]),
        labels=labels,
    )
    return crystal.with_sites(sites.with_occupancy(occupancy)), (finding,)


def _overlaps(crystal: Crystal, expansion: Expansion, pairs: Pairs, special: BoolArray) -> bool:
    kinds = AtomKinds(tuple(crystal.sites.elements[i] for i in expansion.site.tolist()))
    close = is_overlap(pairs, kinds)
    touched = np.concatenate([expansion.site[pairs.first[close]], expansion.site[pairs.second[close]]])
    return bool(special[touched].any())
