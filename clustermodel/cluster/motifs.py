"""Which pieces make up the shell? Metal atoms chained by shared donors into staples, rings and units.

The names are those of the field (divide and protect: Häkkinen, Walter and Grönbeck 2006; staples: Jiang
et al. 2008): ``Au2(SR)3`` is RS-Au-SR-Au-SR, a ring carries ``cyclo-``.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal

from clustermodel.cluster.anatomy import Attachment, Bookkeeping, Motif
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.coordination import Coordination, DonorBond, DonorSite

__all__ = ["Shell", "balance_books", "find_attachments", "find_motifs"]

Shell = Mapping[int, tuple[DonorBond, ...]]
"""Shell metal atoms with the donors that count at each."""


def find_motifs(cluster: Cluster, coordination: Coordination, shell: Shell) -> tuple[Motif, ...]:
    """Chain shell metals and their donors into motifs.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    coordination : Coordination
        Its donor sites.
    shell : mapping of int to tuple of DonorBond
        Shell metal atoms with the donors that count at each.

    Returns
    -------
    tuple of Motif
        Rings first, then by falling number of metal atoms.
    """
    holders = _find_holders(shell)
    seen: set[int] = set()
    motifs = []
    for start in sorted(shell):
        if start in seen:
            continue
        metals, sites, closures = _walk(start, shell, holders)
        seen.update(metals)
        motifs.append(_build_motif(cluster, coordination, shell, (metals, sites, closures)))
    return tuple(sorted(motifs, key=lambda m: (m.rings == 0, -len(m.metals), m.label, m.metals)))


def find_attachments(coordination: Coordination, shell: Shell) -> tuple[Attachment, ...]:
    """List the donors outside the motifs.

    Parameters
    ----------
    coordination : Coordination
        The donor sites.
    shell : mapping of int to tuple of DonorBond
        Shell metal atoms with the donors that count at each.

    Returns
    -------
    tuple of Attachment
        Bridges, sulfides and terminal ligands, in the order of the ligands.
    """
    in_motif = set(_find_holders(shell))
    of_ligand: dict[int, list[int]] = defaultdict(list)
    for index, site in enumerate(coordination.sites):
        of_ligand[site.ligand].append(index)
    found: list[Attachment] = []
    for indices in of_ligand.values():
        free = [
            (coordination.sites[i], sum(metal not in shell for metal in coordination.holders[i]))
            for i in indices
            if i not in in_motif
        ]
        chelates = all(site.kind == "L" and count == 1 for site, count in free)
        if len(free) > 1 and len(free) == len(indices) and chelates:
            found.append(_join([site for site, _ in free]))
        else:
            found.extend(_attach(site, count) for site, count in free)
    return tuple(found)


def balance_books(
    coordination: Coordination, shell: Shell, motifs: Iterable[Motif], attachments: Iterable[Attachment]
) -> Bookkeeping:
    """Count metal atoms and donors from the composition and from the motifs.

    Parameters
    ----------
    coordination : Coordination
        All donor sites and metal atoms.
    shell : mapping of int to tuple of DonorBond
        Shell metal atoms with the donors that count at each.
    motifs : iterable of Motif
        The motifs.
    attachments : iterable of Attachment
        The donors outside them.

    Returns
    -------
    Bookkeeping
        The two sums.
    """
    motif_metals = motif_donors = 0
    for motif in motifs:
        motif_metals += len(motif.metals)
        motif_donors += sum(len(shell[m]) - 1 for m in motif.metals) + 1 - motif.rings
    placed: Counter[str] = Counter()
    for attachment in attachments:
        placed[attachment.kind] += attachment.sites
    metals = len(coordination.bonds)
    return Bookkeeping(
        metals=metals,
        kernel_metals=metals - len(shell),
        motif_metals=motif_metals,
        donors=len(coordination.sites),
        motif_donors=motif_donors,
        bridges=placed["bridge"],
        sulfides=placed["sulfide"],
        terminals=placed["terminal"],
    )


def _find_holders(shell: Shell) -> dict[int, list[int]]:
    """Return the shell metals that count each donor site."""
    holders: dict[int, list[int]] = defaultdict(list)
    for metal in sorted(shell):
        for bond in shell[metal]:
            holders[bond.site].append(metal)
    return holders


def _walk(start: int, shell: Shell, holders: Mapping[int, list[int]]) -> tuple[list[int], list[int], int]:
    """Return the metals and sites reached from one metal, and the number of ring closures.

    A closure is a bond of the walk that leads to a place already reached otherwise.
    """
    metals, sites = {start}, set[int]()
    used: set[tuple[int, int]] = set()
    closures = 0
    stack = [start]
    while stack:
        metal = stack.pop()
        for site in (bond.site for bond in shell[metal]):
            if (metal, site) in used:
                continue
            used.add((metal, site))
            closures += site in sites
            sites.add(site)
            for other in holders[site]:
                if (other, site) not in used:
                    used.add((other, site))
                    closures += other in metals
                    if other not in metals:
                        metals.add(other)
                        stack.append(other)
    return sorted(metals), sorted(sites), closures


def _build_motif(
    cluster: Cluster, coordination: Coordination, shell: Shell, piece: tuple[list[int], list[int], int]
) -> Motif:
    metals, indices, rings = piece
    sites = [coordination.sites[index] for index in indices]
    crowded = any(len(shell[metal]) > 2 for metal in metals)
    shared = any(coordination.sites[i].kind == "X" and len(coordination.holders[i]) > 2 for i in indices)
    elements = [cluster.molecule.elements[metal] for metal in metals]
    return Motif(
        label=("cyclo-" if rings and not crowded else "") + _format_metals(elements) + _format_donors(sites),
        metals=tuple(metals),
        donors=tuple(sorted(atom for site in sites for atom in site.atoms)),
        rings=rings,
        branched=crowded or shared,
    )


def _format_metals(elements: list[str]) -> str:
    counts = Counter(elements)
    order = sorted(counts, key=lambda symbol: (-counts[symbol], symbol))
    return "".join(symbol + _amount(counts[symbol]) for symbol in order)


def _format_donors(sites: list[DonorSite]) -> str:
    """Write anions with a substituent, then bare anions, then dative donors."""
    kinds = Counter((site.kind != "X", site.bare, site.label) for site in sites)
    order = sorted(kinds, key=lambda kind: (kind[0], kind[1], -kinds[kind], kind[2]))
    return "".join(
        (label if bare else f"({label})") + _amount(kinds[dative, bare, label])
        for dative, bare, label in order
    )


def _amount(count: int) -> str:
    return str(count) if count > 1 else ""


def _join(sites: list[DonorSite]) -> Attachment:
    return Attachment(
        label="^".join(sorted((site.element for site in sites), key=lambda s: (s != "P", s))),
        kind="terminal",
        donors=tuple(atom for site in sites for atom in site.atoms),
        sites=len(sites),
    )


def _attach(site: DonorSite, count: int) -> Attachment:
    """Name a donor site by the number of kernel metals that hold it."""
    kind: Literal["bridge", "sulfide", "terminal"] = "terminal"
    if site.is_sulfide:
        kind = "sulfide"
    elif site.kind == "X" and count > 1:
        kind = "bridge"
    prefix = f"mu{count}-" if count > 1 or kind == "sulfide" else "" if count else "weak-"
    return Attachment(label=prefix + site.label, kind=kind, donors=site.atoms, sites=1)
