"""Which part of each disorder assembly? One choice per assembly, the same everywhere."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from clustermodel._arrays import BoolArray, IntArray
from clustermodel.assembly.expansion import Expansion
from clustermodel.assembly.overlap import AtomKinds, is_overlap, is_within_bond_range
from clustermodel.elements import is_metal
from clustermodel.errors import InputError
from clustermodel.structure.finding import Finding
from clustermodel.structure.neighbors import Pairs
from clustermodel.structure.sites import Sites

__all__ = ["Region", "choose_parts", "find_regions"]

_FULL = 1.05  # parts whose occupancies add up to no more than this exclude one another
_AUTOMATIC = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One disorder assembly: the parts that exclude one another.

    Parameters
    ----------
    name : str
        Assembly code of the file, or ``auto1`` ... where it gives none.
    sites : tuple of int
        All its sites.
    parts : dict
        Part number to its sites.
    occupancies : dict
        Part number to mean occupancy.
    clashes : frozenset
        Pairs of parts that overlap in space.
    chosen : tuple of int
        The parts that are kept.
    kept : tuple of int
        The sites that are kept.
    shares : dict
        Part number to the occupancy it stands for: its own and that of the parts it
        replaces if they hold the same atoms.
    """

    name: str
    sites: tuple[int, ...]
    parts: dict[int, tuple[int, ...]]
    occupancies: dict[int, float]
    clashes: frozenset[tuple[int, int]]
    chosen: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()
    shares: dict[int, float] = field(default_factory=dict)

    def excludes(self, one: int, other: int) -> bool:
        """Return whether two parts cannot be there together.

        Parameters
        ----------
        one, other : int
            Part numbers.

        Returns
        -------
        bool
            True if they overlap, if all occupancies add up to at most one, or if no
            occupancies were refined.
        """
        values = self.occupancies.values()
        unrefined = min(values) > 1.0 - 1e-6
        return sum(values) <= _FULL or unrefined or (min(one, other), max(one, other)) in self.clashes

    def share_of(self, site: int) -> float:
        """Return the occupancy that a kept site stands for.

        Parameters
        ----------
        site : int
            Index of the site.

        Returns
        -------
        float
            Occupancy, alternatives included.
        """
        return next((self.shares[p] for p in self.chosen if site in self.parts[p]), 0.0)


def find_regions(
    sites: Sites, expansion: Expansion, pairs: Pairs, kinds: AtomKinds, alive: BoolArray
) -> tuple[Region, ...]:
    """Group the sites of non-zero parts into assemblies.

    The file's assembly codes are used where given; elsewhere sites that overlap or could be
    bonded, directly or through one common ordered neighbour, belong together.

    Parameters
    ----------
    sites : Sites
        The asymmetric unit.
    expansion : Expansion
        All atoms of the cell.
    pairs : Pairs
        Near pairs of the expansion.
    kinds : AtomKinds
        Kinds of the atoms of the expansion.
    alive : ndarray of bool
        Sites still in use.

    Returns
    -------
    tuple of Region
        Assemblies in file order, nothing chosen yet.
    """
    disordered = (sites.part != 0) & alive
    if not disordered.any():
        return ()
    first, second = expansion.site[pairs.first], expansion.site[pairs.second]
    near = is_within_bond_range(pairs, kinds)
    metal = np.array([is_metal(element) for element in sites.elements])
    edges = _edges(first[near], second[near], disordered & alive, alive & ~disordered & ~metal)
    named = {name for i, name in enumerate(sites.assembly) if name and disordered[i]}
    member = _components(len(sites), edges, sites, disordered)
    overlap = is_overlap(pairs, kinds)
    clash = {(int(a), int(b)) for a, b in zip(first[overlap], second[overlap], strict=True) if a != b}
    regions, automatic = [], 0
    for group in _in_file_order(member, disordered):
        code = sites.assembly[group[0]]
        automatic += not code
        regions.append(_region(sites, code or _free_name(automatic, named), group, clash))
    return tuple(regions)


def choose_parts(
    sites: Sites, regions: tuple[Region, ...], prefer: str, wanted: Mapping[str, int], where: str
) -> tuple[tuple[Region, ...], list[int], list[Finding]]:
    """Choose the parts to keep in every assembly.

    Parameters
    ----------
    sites : Sites
        The asymmetric unit.
    regions : tuple of Region
        The assemblies.
    prefer : {"major", "minor"}
        Highest or lowest occupancy first; ties go to the lower part number.
    wanted : mapping of str to int
        Parts asked for by the name of the assembly.
    where : str
        File and block for messages.

    Returns
    -------
    tuple of Region
        The assemblies with the choice made.
    list of int
        Sites left out.
    list of Finding
        One entry per assembly.

    Raises
    ------
    InputError
        If an assembly or part asked for does not exist.
    """
    _check_wanted(regions, wanted, where)
    decided, dropped, findings = [], [], []
    for region in regions:
        order = _order(region, prefer, wanted.get(region.name))
        chosen: list[int] = []
        for part in order:
            if not any(region.excludes(part, other) for other in chosen):
                chosen.append(part)
        kept = tuple(i for p in chosen for i in region.parts[p])
        away = [i for i in region.sites if i not in set(kept)]
        shares = {p: _share(sites, region, p, chosen) for p in chosen}
        decided.append(replace(region, chosen=tuple(chosen), kept=kept, shares=shares))
        dropped.extend(away)
        findings.append(_told(sites, region, chosen, away, where))
    return tuple(decided), dropped, findings


def _edges(
    first: IntArray, second: IntArray, disordered: BoolArray, ordered: BoolArray
) -> set[tuple[int, int]]:
    """Return pairs of disordered sites in contact, directly or through one ordered non-metal."""
    edges: set[tuple[int, int]] = set()
    around: dict[int, int] = {}
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if disordered[a] and disordered[b]:
            edges.add((a, b))
        elif disordered[a] and ordered[b]:
            edges.add((around.setdefault(b, a), a))
        elif disordered[b] and ordered[a]:
            edges.add((around.setdefault(a, b), b))
    return edges


def _components(n: int, edges: set[tuple[int, int]], sites: Sites, disordered: BoolArray) -> IntArray:
    links = [(a, b) for a, b in edges if not sites.assembly[a] and not sites.assembly[b]]
    leader: dict[str, int] = {}
    named = [i for i in np.flatnonzero(disordered).tolist() if sites.assembly[i]]
    links.extend((leader.setdefault(sites.assembly[i], i), i) for i in named)
    table = np.array(links, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(table)), (table[:, 0], table[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _in_file_order(member: IntArray, disordered: BoolArray) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for i in np.flatnonzero(disordered).tolist():
        groups.setdefault(int(member[i]), []).append(i)
    return list(groups.values())


def _free_name(number: int, taken: set[str]) -> str:
    name = f"{_AUTOMATIC}{number}"
    return name if name not in taken else f"{name}'"


def _region(sites: Sites, name: str, group: list[int], clash: set[tuple[int, int]]) -> Region:
    parts: dict[int, list[int]] = {}
    for i in group:
        parts.setdefault(int(sites.part[i]), []).append(i)
    inside = set(group)
    clashes = {
        (min(p, q), max(p, q))
        for a, b in clash
        if a in inside and b in inside and (p := int(sites.part[a])) != (q := int(sites.part[b]))
    }
    return Region(
        name=name,
        sites=tuple(group),
        parts={p: tuple(members) for p, members in parts.items()},
        occupancies={p: float(sites.occupancy[m].mean()) for p, m in parts.items()},
        clashes=frozenset(clashes),
    )


def _check_wanted(regions: tuple[Region, ...], wanted: Mapping[str, int], where: str) -> None:
    known = {region.name: sorted(region.parts) for region in regions}
    for name, part in wanted.items():
        if part not in known.get(name, ()):
            has = known or "no disorder parts"
            msg = f"{where}: no part {part} in an assembly {name!r}; the file has: {has}"
            raise InputError(msg)


def _order(region: Region, prefer: str, wanted: int | None) -> list[int]:
    sign = -1 if prefer == "major" else 1
    return sorted(
        region.parts,
        key=lambda p: (p != wanted, round(sign * region.occupancies[p], 3), abs(p), p < 0),
    )


def _share(sites: Sites, region: Region, part: int, chosen: list[int]) -> float:
    """Return the occupancy of a part and of those it replaces that hold the same atoms."""
    own = _heavy(sites, region.parts[part])
    replaced = [
        q
        for q in region.parts
        if q not in chosen and region.excludes(part, q) and _heavy(sites, region.parts[q]) == own
    ]
    return min(1.0, region.occupancies[part] + sum(region.occupancies[q] for q in replaced))


def _heavy(sites: Sites, members: tuple[int, ...]) -> Counter[str]:
    return Counter(e for i in members if (e := sites.elements[i]) not in {"H", "D"})


def _told(sites: Sites, region: Region, chosen: list[int], away: list[int], where: str) -> Finding:
    parts = ", ".join(
        f"part {p} ({len(members)} atoms, occupancy {region.occupancies[p]:.3f})"
        for p, members in region.parts.items()
    )
    kept = " and ".join(str(p) for p in chosen)
    gone = tuple(sites.labels[i] for i in away)
    shown = ", ".join(gone[:8]) + (" ..." if len(gone) > 8 else "")
    return Finding(
        code="assembly-disorder-part",
        severity="info",
        message=f"{where}: assembly {region.name}: {parts}; kept part {kept}"
        + (f", left out {len(gone)} atoms: {shown}" if gone else ", nothing left out"),
        labels=gone,
    )
