"""Which of the listed atoms are one possible structure? Disorder resolved before bonding.

Three decisions, in this order: sites listed twice and mixed sites (:mod:`.site_conflicts`), one
part per assembly (:mod:`.parts`), and one image where a disordered group overlaps its own
symmetry images or another group (:mod:`.images`). Each one is reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.assembly.expansion import Expansion
from clustermodel.assembly.images import select_images
from clustermodel.assembly.overlap import AtomKinds
from clustermodel.assembly.parts import Region, choose_parts, find_regions
from clustermodel.assembly.site_conflicts import MixedSite, find_mixed_sites, find_repeated_sites
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.finding import Finding
from clustermodel.structure.neighbors import Pairs

__all__ = ["DisorderChoice", "Resolution", "resolve_disorder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisorderChoice:
    """What to keep where a structure is disordered.

    Parameters
    ----------
    prefer : {"major", "minor"}
        Part with the highest or lowest occupancy; ties go to the lower part number.
    parts : mapping of str to int
        Part wanted in named assemblies; names as in the file, or ``auto1`` ... for disorder
        without assembly codes, as listed in the audit.

    Examples
    --------
    >>> DisorderChoice(parts={"A": 2}).prefer
    'major'
    """

    prefer: Literal["major", "minor"] = "major"
    parts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resolution:
    """One possible structure chosen from a disordered one.

    Parameters
    ----------
    rows : ndarray of int, shape (k,)
        Rows of the expansion that are kept.
    image : ndarray of int, shape (k,)
        Image of a negative group that each kept atom belongs to, else -1; atoms of two
        different images never bond.
    region : ndarray of int, shape (n,)
        Assembly of each site, -1 if ordered.
    share : ndarray, shape (n,)
        Occupancy of each site together with the alternatives that it stands for.
    regions : tuple of Region
        The assemblies and what was chosen.
    mixed : tuple of MixedSite
        Positions shared by several elements.
    findings : tuple of Finding
        Every choice and every discarded atom.
    """

    rows: IntArray
    image: IntArray
    region: IntArray
    share: FloatArray
    regions: tuple[Region, ...]
    mixed: tuple[MixedSite, ...]
    findings: tuple[Finding, ...]


def resolve_disorder(
    crystal: Crystal,
    expansion: Expansion,
    pairs: Pairs,
    *,
    choice: DisorderChoice | None = None,
) -> Resolution:
    """Choose one possible structure.

    Parameters
    ----------
    crystal : Crystal
        The structure as refined.
    expansion : Expansion
        All atoms of the cell.
    pairs : Pairs
        Near pairs of the expansion, at least as long as the longest bond.
    choice : DisorderChoice, optional
        What to keep; by default the major part of each assembly.

    Returns
    -------
    Resolution
        The kept atoms and the reasons.

    Raises
    ------
    InputError
        If a part is asked for that the file does not have.
    """
    choice = choice if choice is not None else DisorderChoice()
    sites = crystal.sites
    where = f"{crystal.source.file}, block {crystal.source.block}"
    kinds = AtomKinds(tuple(sites.elements[i] for i in expansion.site.tolist()))
    alive = np.ones(len(sites), dtype=bool)
    repeated, said = find_repeated_sites(sites, expansion.site, pairs, where)
    alive[repeated] = False
    mixed, mixed_away, about_mixed = find_mixed_sites(sites, expansion, pairs, alive, where)
    alive[mixed_away] = False
    regions = find_regions(sites, expansion, pairs, kinds, alive)
    chosen, dropped, about_parts = choose_parts(sites, regions, choice.prefer, choice.parts, where)
    alive[dropped] = False
    images = select_images(crystal, expansion, pairs, kinds, alive)
    region = np.full(len(sites), -1, dtype=np.int64)
    for number, one in enumerate(chosen):
        region[list(one.sites)] = number
    return Resolution(
        rows=images.rows,
        image=images.image,
        region=region,
        share=_shares(images.share, chosen, mixed),
        regions=chosen,
        mixed=mixed,
        findings=(*said, *about_mixed, *about_parts, *images.findings),
    )


def _shares(share: FloatArray, regions: tuple[Region, ...], mixed: tuple[MixedSite, ...]) -> FloatArray:
    """Add to each site what its alternatives in other parts and elements occupy."""
    total = share.copy()
    for region in regions:
        for index in region.kept:
            total[index] = max(total[index], region.share_of(index))
    for one in mixed:
        places = list(one.sites)
        total[places] = np.maximum(total[places], sum(one.occupancies.values()))
    return np.minimum(total, 1.0)
