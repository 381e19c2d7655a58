"""Which atoms does each staple hang on, where does it end, and what do its donors carry?"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from clustermodel.cluster.anatomy import Anatomy, Motif
from clustermodel.cluster.cluster import Cluster

__all__ = ["Staple", "find_staples"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Staple:
    """One motif of the shell as a chain or ring.

    Parameters
    ----------
    motif : Motif
        The motif.
    chain : tuple of int
        Metal and donor atoms in turn from end to end, or once round the ring; empty for a motif that is
        neither.
    closed : bool
        Whether the chain is a ring.
    bonds : tuple of (int, int)
        Bonds between its metal and donor atoms, the metal first.
    anchors : tuple of (int, int)
        Bonds of its donors to metal atoms outside the motif, the metal first.
    substituents : tuple of (int, int)
        Donor and the atom that its R group begins with, for donors with one R group.
    """

    motif: Motif
    chain: tuple[int, ...]
    closed: bool
    bonds: tuple[tuple[int, int], ...]
    anchors: tuple[tuple[int, int], ...]
    substituents: tuple[tuple[int, int], ...]

    @property
    def ends(self) -> tuple[int, ...]:
        """The two donors at the ends of an open chain; empty for any other motif."""
        donors = set(self.motif.donors)
        if self.closed or not self.chain or not {self.chain[0], self.chain[-1]} <= donors:
            return ()
        return (self.chain[0], self.chain[-1])


def find_staples(cluster: Cluster, anatomy: Anatomy) -> tuple[Staple, ...]:
    """Find the chains of a cluster's motifs.

    Bonds that the anatomy leaves out because they are too long, and bonds that reach into the next cell of a
    polymer, do not count.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its motifs.

    Returns
    -------
    tuple of Staple
        In the order of the motifs.

    Examples
    --------
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.pipeline.analyze import analyze
    >>> one = analyze("model:au25_sch3_18_nme4")[0].clusters[0]
    >>> staples = find_staples(one.cluster, one.anatomy)
    >>> len(staples), len(staples[0].chain), len(staples[0].ends)
    (6, 5, 2)
    """
    neighbors = _list_neighbors(cluster, anatomy)
    return tuple(_build_staple(cluster, motif, neighbors) for motif in anatomy.motifs)


def _list_neighbors(cluster: Cluster, anatomy: Anatomy) -> list[set[int]]:
    molecule = cluster.molecule
    left_out = {frozenset(pair) for pair in anatomy.long_bonds}
    table: list[set[int]] = [set() for _ in molecule.elements]
    inside = np.flatnonzero(~molecule.bonds.shifts.astype(bool).any(axis=1))
    for first, second in molecule.bonds.pairs[inside].tolist():
        if frozenset((first, second)) not in left_out:
            table[first].add(second)
            table[second].add(first)
    return table


def _build_staple(cluster: Cluster, motif: Motif, neighbors: list[set[int]]) -> Staple:
    inside, metals = set(motif.metals), set(cluster.metals)
    held = {donor: sorted(neighbors[donor] & metals) for donor in motif.donors}
    bonds = [(metal, donor) for donor, around in held.items() for metal in around if metal in inside]
    chain, closed = _walk(bonds)
    return Staple(
        motif=motif,
        chain=chain,
        closed=closed,
        bonds=tuple(sorted(bonds)),
        anchors=tuple(sorted((m, d) for d, around in held.items() for m in around if m not in inside)),
        substituents=tuple(
            (donor, rest[0])
            for donor in motif.donors
            if len(rest := _find_rest(cluster, neighbors[donor] - metals)) == 1
        ),
    )


def _find_rest(cluster: Cluster, around: Iterable[int]) -> list[int]:
    """Return the atoms of a donor's R groups; hydrogen only where there is nothing else."""
    atoms = sorted(around)
    heavy = [atom for atom in atoms if cluster.molecule.elements[atom] not in {"H", "D"}]
    return heavy or atoms


def _walk(bonds: list[tuple[int, int]]) -> tuple[tuple[int, ...], bool]:
    """Return the atoms in the order of the chain, and whether it is closed; nothing if it branches."""
    around: dict[int, list[int]] = {}
    for metal, donor in bonds:
        around.setdefault(metal, []).append(donor)
        around.setdefault(donor, []).append(metal)
    if any(len(linked) > 2 for linked in around.values()):
        return (), False
    ends = sorted(atom for atom, linked in around.items() if len(linked) == 1)
    chain = [ends[0] if ends else min(around)]
    while following := [atom for atom in around[chain[-1]] if atom not in chain]:
        chain.append(min(following))
    return tuple(chain), not ends
