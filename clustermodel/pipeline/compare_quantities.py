"""Which numbers of two crystals are compared beside their clusters? Displacements, packing and contacts.

A contact or a neighbour counts for the crystal, not for a pair of like atoms; so each is a mean or a count of
its own, and its scatter is that over symmetry-unique values.
"""

import math
from collections.abc import Iterator

from clustermodel.analysis.contact_criteria import CONTACT_KINDS
from clustermodel.analysis.contact_results import Contacts, ContactTable
from clustermodel.analysis.packing import Packing
from clustermodel.analysis.pair_differences import Quantity
from clustermodel.analysis.rigidity import Rigidity
from clustermodel.analysis.rigidity_comparison import compare_rigidity
from clustermodel.errors import InputError
from clustermodel.pipeline.compare_side import ComparedStructure
from clustermodel.structure.finding import Finding

__all__ = [
    "BETWEEN_CLUSTERS",
    "PACKING",
    "compare_crystals",
    "list_contacts",
    "list_displacements",
    "list_packing",
]

PACKING = "packing"
"""Role of the quantities of the packing."""
BETWEEN_CLUSTERS = "between clusters"
"""Last words of the role of contacts, after their notation."""

Quantities = tuple[Quantity, ...]


def compare_crystals(
    a: ComparedStructure, b: ComparedStructure
) -> tuple[tuple[Quantities, Quantities], tuple[Finding, ...]]:
    """List what can be compared of two crystals.

    Parameters
    ----------
    a, b : ComparedStructure
        The structures.

    Returns
    -------
    (tuple of Quantity, tuple of Quantity), tuple of Finding
        Displacements, packing and contacts of either, and what is not compared and why.
    """
    if not (a.analysis.refined and b.analysis.refined):
        loose = " and ".join(
            dict.fromkeys(one.analysis.crystal.source.file for one in (a, b) if not one.analysis.refined)
        )
        message = f"displacements, packing and contacts are not compared: no refined crystal in {loose}"
        return ((), ()), (Finding(code="compare-no-packing", severity="info", message=message),)
    first, second = ((*_list_crystal(one),) for one in (a, b))
    if not (a.rigidity and b.rigidity and a.rigidity.displacements and b.rigidity.displacements):
        return (first, second), ()
    try:
        compare_rigidity(a.rigidity, b.rigidity)
    except InputError as error:
        told = Finding(code="compare-temperature", severity="info", message=str(error))
        return (first, second), (told,)
    moving = (*list_displacements(a.rigidity),), (*list_displacements(b.rigidity),)
    return ((*moving[0], *first), (*moving[1], *second)), ()


def list_displacements(rigidity: Rigidity) -> Iterator[Quantity]:
    """List the displacements of a cluster.

    Parameters
    ----------
    rigidity : Rigidity
        Its displacements; only those of equal temperature may be compared.

    Yields
    ------
    Quantity
        Mean Ueq by role and element with the standard error over its sites, then the root mean square of the
        differences along bonds.
    """
    for row in rigidity.displacements:
        yield Quantity(
            name="mean Ueq",
            role=f"{row.role} {row.element}",
            unit="Å2",
            value=row.mean,
            scatter=_find_error(row.sd, row.n_unique),
        )
    for bond in rigidity.bonds:
        yield Quantity(name="rigid-bond rms", role=f"{bond.role} {bond.pair}", unit="Å2", value=bond.rms)


def list_packing(packing: Packing, number: int) -> Iterator[Quantity]:
    """List how a cluster is packed.

    Parameters
    ----------
    packing : Packing
        The packing of its crystal.
    number : int
        Number of the cluster in it.

    Yields
    ------
    Quantity
        Distances of the nearest clusters, volume, filled share and density.
    """
    own = [one for one in packing.neighbours if one.cluster == number]
    if own:
        nearest = min(own, key=lambda one: one.centroid_distance)
        yield Quantity(
            name="nearest cluster, centroids",
            role=PACKING,
            unit="Å",
            value=nearest.centroid_distance,
            su=nearest.centroid_su,
        )
        closest = min(own, key=lambda one: one.metal_distance)
        yield Quantity(
            name="nearest cluster, metal atoms",
            role=PACKING,
            unit="Å",
            value=closest.metal_distance,
            su=closest.metal_su,
        )
    yield Quantity(name="volume per cluster", role=PACKING, unit="Å3", value=packing.volume_per_cluster)
    yield Quantity(name="packing coefficient", role=PACKING, unit="", value=packing.coefficient)
    yield Quantity(name="density", role=PACKING, unit="g cm-3", value=packing.density)


def list_contacts(contacts: Contacts, clusters_per_cell: int) -> Iterator[Quantity]:
    """List the contacts between clusters.

    Parameters
    ----------
    contacts : Contacts
        The contacts of the crystal.
    clusters_per_cell : int
        Clusters in its unit cell.

    Yields
    ------
    Quantity
        By kind: contacts per cluster, each counted for both partners, their mean distance with the standard
        error over the symmetry-unique ones, and the shortest.
    """
    for kind in CONTACT_KINDS.values():
        table = contacts.table(kind.name)
        if table.contacts:
            yield from _list_kind(table, f"{kind.notation} {BETWEEN_CLUSTERS}", clusters_per_cell)


def _list_kind(table: ContactTable, role: str, clusters: int) -> Iterator[Quantity]:
    weights = [one.multiplicity for one in table.contacts]
    distances = [one.distance for one in table.contacts]
    total = sum(weights)
    mean = sum(w * d for w, d in zip(weights, distances, strict=True)) / total
    spread = (
        math.sqrt(sum(w * (d - mean) ** 2 for w, d in zip(weights, distances, strict=True)) / (total - 1))
        if total > 1
        else math.nan
    )
    yield Quantity(name="contacts per cluster", role=role, unit="", value=2 * total / clusters, su=0.0)
    yield Quantity(
        name="mean contact", role=role, unit="Å", value=mean, scatter=_find_error(spread, len(distances))
    )
    shortest = table.contacts[0]
    yield Quantity(name="shortest contact", role=role, unit="Å", value=shortest.distance, su=shortest.su)


def _list_crystal(one: ComparedStructure) -> Iterator[Quantity]:
    if one.packing is None:
        return
    yield from list_packing(one.packing, 0)
    if one.contacts is not None:
        yield from list_contacts(one.contacts, one.packing.clusters_per_cell)


def _find_error(spread: float, count: int) -> float:
    return spread / math.sqrt(count) if count > 1 else math.nan
