"""Which sites stand on one another? Atoms listed twice, and positions shared by elements."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, IntArray
from clustermodel.assembly.expansion import Expansion, is_as_listed
from clustermodel.elements import is_metal
from clustermodel.structure.finding import Finding
from clustermodel.structure.neighbors import Pairs
from clustermodel.structure.sites import Sites

__all__ = ["MixedSite", "find_mixed_sites", "find_repeated_sites"]

_SAME_PLACE = 0.3  # Å: below any resolvable separation of two atoms in an X-ray structure
_FULL = 1.05  # occupancies that add up to more than this cannot share a place


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedSite:
    """One position occupied by several elements.

    Parameters
    ----------
    sites : tuple of int
        All sites at this place, the most occupied first.
    labels : tuple of str
        Their labels.
    occupancies : dict
        Occupancy by element.
    """

    sites: tuple[int, ...]
    labels: tuple[str, ...]
    occupancies: dict[str, float] = field(default_factory=dict)


def find_repeated_sites(
    sites: Sites, site_of: IntArray, pairs: Pairs, where: str
) -> tuple[list[int], list[Finding]]:
    """Find sites that repeat another one by symmetry and are both fully there.

    Parameters
    ----------
    sites : Sites
        The asymmetric unit.
    site_of : ndarray of int
        Site of each atom the pairs refer to.
    pairs : Pairs
        Near pairs.
    where : str
        File and block for messages.

    Returns
    -------
    list of int
        Sites to leave out.
    list of Finding
        What was left out.
    """
    first, second = _close(site_of, pairs)
    repeated: set[int] = set()
    clashing: set[int] = set()
    for a, b in sorted({(min(p), max(p)) for p in zip(first, second, strict=True) if p[0] != p[1]}):
        exclusive = sites.part[a] != sites.part[b] and sites.part[a] and sites.part[b]
        if exclusive or sites.occupancy[a] + sites.occupancy[b] <= _FULL or a in repeated:
            continue
        repeated.add(b)
        if sites.elements[a] != sites.elements[b]:
            clashing.add(b)
    same = [sites.labels[i] for i in sorted(repeated - clashing)]
    other = [sites.labels[i] for i in sorted(clashing)]
    findings = []
    if same:
        findings.append(
            Finding(
                code="assembly-symmetry-copies",
                severity="warning",
                message=f"{where}: {len(same)} listed atoms are symmetry images of earlier ones and "
                f"were left out: {_some(same)}",
                labels=tuple(same),
            )
        )
    if other:
        findings.append(
            Finding(
                code="assembly-site-conflict",
                severity="error",
                message=f"{where}: {len(other)} atoms stand on a fully occupied atom of another "
                f"element and were left out: {_some(other)}",
                labels=tuple(other),
            )
        )
    return sorted(repeated), findings


def find_mixed_sites(
    sites: Sites, expansion: Expansion, pairs: Pairs, alive: BoolArray, where: str
) -> tuple[tuple[MixedSite, ...], list[int], list[Finding]]:
    """Find positions shared by several elements whose occupancies add up to at most one.

    The sites must coincide as listed: that an atom falls on the symmetry image of another
    element is disorder of a molecule, not a mixed site.

    Parameters
    ----------
    sites : Sites
        The asymmetric unit.
    expansion : Expansion
        All atoms of the cell.
    pairs : Pairs
        Near pairs.
    alive : ndarray of bool
        Sites still in use.
    where : str
        File and block for messages.

    Returns
    -------
    tuple of MixedSite
        The shared positions.
    list of int
        Sites to leave out: all but the most occupied of each position, unless parts of an
        assembly decide.
    list of Finding
        What was found.
    """
    listed = pairs.select(np.flatnonzero(is_as_listed(expansion, pairs)))
    first, second = _close(expansion.site, listed)
    groups: dict[int, set[int]] = {}
    for a, b in zip(first, second, strict=True):
        if alive[a] and alive[b] and _share_a_place(sites, a, b):
            merged = groups.get(a, {a}) | groups.get(b, {b})
            groups.update(dict.fromkeys(merged, merged))
    mixed: list[MixedSite] = []
    away: list[int] = []
    findings: list[Finding] = []
    for members in {min(group): group for group in groups.values()}.values():
        order = sorted(members, key=lambda i: (-sites.occupancy[i], i))
        occupancies: dict[str, float] = {}
        for i in order:
            element = sites.elements[i]
            occupancies[element] = occupancies.get(element, 0.0) + float(sites.occupancy[i])
        labels = tuple(sites.labels[i] for i in order)
        mixed.append(MixedSite(sites=tuple(order), labels=labels, occupancies=occupancies))
        away.extend(i for i in order[1:] if not (sites.part[i] and sites.part[order[0]]))
        told = " + ".join(f"{sites.labels[i]} {sites.occupancy[i]:.3g}" for i in order)
        findings.append(
            Finding(
                code="assembly-mixed-site",
                severity="warning",
                message=f"{where}: one place is shared by {told}; one is shown, the formula by occupancy "
                "counts all",
                labels=labels,
            )
        )
    return tuple(mixed), away, findings


def _share_a_place(sites: Sites, a: int, b: int) -> bool:
    """Return whether two sites are one place of two elements, not parts of two orientations."""
    if sites.elements[a] == sites.elements[b] or sites.occupancy[a] + sites.occupancy[b] > _FULL:
        return False
    in_parts = bool(sites.part[a] and sites.part[b])
    metals = is_metal(sites.elements[a]) and is_metal(sites.elements[b])
    return not in_parts or (metals and sites.part[a] != sites.part[b])


def _close(site_of: IntArray, pairs: Pairs) -> tuple[list[int], list[int]]:
    near = np.flatnonzero(pairs.distances < _SAME_PLACE)
    return site_of[pairs.first[near]].tolist(), site_of[pairs.second[near]].tolist()


def _some(labels: list[str]) -> str:
    return ", ".join(labels[:8]) + (" ..." if len(labels) > 8 else "")
