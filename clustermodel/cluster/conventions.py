"""Where does the kernel end? The rules that name the shell metals, each with its limits.

The graph rule for Au(I) staples follows the descriptions of Au25(SR)18: a central atom, 12 atoms with
one sulfur, 12 atoms with two (Heaven et al. 2008, Zhu et al. 2008). No source states numbers; those below
are this program's, each with its reason.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.coordination import LONG_DONOR, Coordination, DonorBond, measure_angle
from clustermodel.cluster.motifs import Shell
from clustermodel.elements import covalent_radii
from clustermodel.errors import ChemistryError

__all__ = ["KERNEL_BOND_EXCESS", "RULES", "Choice", "choose_by_contacts", "choose_by_labels"]

LINEAR_ANGLE = (
    145.0  # degree; in 13 thiolate clusters staples have 163-180, kernel atoms with two donors 96-108
)
PLANAR_SUM = 345.0  # degree; midway between planar (360) and tetrahedral angles (3 x 109.5)
KERNEL_BOND_EXCESS = 0.78  # Å over the covalent sum, Au-Au 3.50: stretched bonds inside a kernel (C7SC03566G)
MANY_CONTACTS = 4  # more than the three atoms of the kernel face that a staple metal caps in Au25(SR)18
_MOUNT_METALS = frozenset({"Ag", "Cu"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """The shell metals chosen by one convention.

    Parameters
    ----------
    shell : mapping of int to tuple of DonorBond
        Shell metal atoms with the donors that count at each.
    settings : dict of str to float or str
        The limits.
    angle_margin : float
        Smallest distance of an angle from its limit in degree; NaN where none was asked.
    margin : float
        Smallest distance of a metal pair from the cut-off in Å; NaN where none was asked.
    """

    shell: Shell
    settings: dict[str, float | str]
    angle_margin: float = field(default=math.nan, metadata={"unit": "degree"})
    margin: float = field(default=math.nan, metadata={"unit": "Å"})


def choose_by_contacts(
    cluster: Cluster, coordination: Coordination, *, excess: float = KERNEL_BOND_EXCESS
) -> Choice:
    """Choose as `staple`, less the atoms that touch many kernel atoms.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    coordination : Coordination
        Its donors.
    excess : float, optional
        Longest metal-metal contact, in Å over the sum of the covalent radii.

    Returns
    -------
    Choice
        The shell, with the smallest distance of a deciding contact from the cut-off: the fourth
        shortest of each shell atom.
    """
    staple = _choose_staples(cluster, coordination)
    over = _measure_contacts(cluster, staple.shell)
    return Choice(
        shell={m: bonds for m, bonds in staple.shell.items() if over[m] > excess},
        settings={
            **staple.settings,
            "metal_contact_excess": excess,
            "metal_contacts": float(MANY_CONTACTS),
        },
        angle_margin=staple.angle_margin,
        margin=min((abs(o - excess) for o in over.values() if math.isfinite(o)), default=math.nan),
    )


def choose_by_labels(cluster: Cluster, coordination: Coordination, labels: tuple[str, ...]) -> Choice:
    """Choose every metal atom that the user did not name as kernel.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    coordination : Coordination
        Its donors.
    labels : tuple of str
        Labels of the kernel atoms; a label names all its symmetry copies.

    Returns
    -------
    Choice
        The shell.

    Raises
    ------
    ChemistryError
        If there are no labels, or one names no metal atom of the cluster.
    """
    names = {metal: cluster.molecule.labels[metal] for metal in cluster.metals}
    unknown = sorted(set(labels) - set(names.values()))
    if unknown or not labels:
        found = f"no metal atom is called {', '.join(unknown)}" if unknown else "no labels were given"
        msg = (
            f"kernel by labels in {cluster.molecule.formula}: {found}; "
            f"expected some of {', '.join(sorted(set(names.values())))}"
        )
        raise ChemistryError(msg)
    shell = {m: _without_long(coordination.bonds[m]) for m in cluster.metals if names[m] not in labels}
    return Choice(shell=shell, settings={"labels": " ".join(labels), "long_donor": LONG_DONOR})


def _choose_staples(cluster: Cluster, coordination: Coordination) -> Choice:
    shell = {}
    margin = math.inf
    for metal in cluster.metals:
        counted = _count_donors(coordination, metal, 2)
        if counted:
            angle = measure_angle(*counted)
            if not math.isnan(angle):
                margin = min(margin, abs(angle - LINEAR_ANGLE))
            if angle >= LINEAR_ANGLE:
                shell[metal] = counted
    return Choice(
        shell=shell,
        settings={"linear_angle": LINEAR_ANGLE, "long_donor": LONG_DONOR},
        angle_margin=margin if math.isfinite(margin) else math.nan,
    )


def _choose_mounts(cluster: Cluster, coordination: Coordination) -> Choice:
    staple = _choose_staples(cluster, coordination)
    shell = dict(staple.shell)
    for metal in cluster.metals:
        if metal in shell or cluster.molecule.elements[metal] not in _MOUNT_METALS:
            continue
        counted = _count_donors(coordination, metal, 3)
        if counted and _is_planar_anion(coordination, counted):
            shell[metal] = counted
    return Choice(
        shell=shell,
        settings={**staple.settings, "planar_sum": PLANAR_SUM},
        angle_margin=staple.angle_margin,
    )


def _choose_by_donor_count(cluster: Cluster, coordination: Coordination) -> Choice:
    shell = {}
    for metal in cluster.metals:
        counted = _without_long(coordination.bonds[metal])
        if sum(coordination.sites[bond.site].kind == "X" for bond in counted) > 1:
            shell[metal] = counted
    return Choice(shell=shell, settings={"anionic_donors": 1.0, "long_donor": LONG_DONOR})


RULES: Mapping[str, Callable[[Cluster, Coordination], Choice]] = {
    "staple": _choose_staples,
    "donor-count": _choose_by_donor_count,
    "contact": choose_by_contacts,
    "mount": _choose_mounts,
}
"""The conventions that need no further input, by name."""


def _count_donors(coordination: Coordination, metal: int, count: int) -> tuple[DonorBond, ...]:
    """Return the `count` donors of a metal if no other counts and one is a bridging anion, else none."""
    bonds = coordination.bonds[metal]
    crowded = len(bonds) > count and bonds[count].excess - bonds[count - 1].excess <= LONG_DONOR
    if len(bonds) < count or crowded:
        return ()
    counted = bonds[:count]
    return counted if any(coordination.sites[b.site].is_bridging_anion for b in counted) else ()


def _without_long(bonds: tuple[DonorBond, ...]) -> tuple[DonorBond, ...]:
    """Return the bonds that are at most `LONG_DONOR` longer than the second."""
    return tuple(bond for bond in bonds if bond.excess <= bonds[min(1, len(bonds) - 1)].excess + LONG_DONOR)


def _is_planar_anion(coordination: Coordination, bonds: tuple[DonorBond, ...]) -> bool:
    first, second, third = bonds
    around = measure_angle(first, second) + measure_angle(second, third) + measure_angle(third, first)
    return around >= PLANAR_SUM and all(coordination.sites[bond.site].kind == "X" for bond in bonds)


def _measure_contacts(cluster: Cluster, shell: Shell) -> dict[int, float]:
    """Return how far over the covalent sum the deciding contact of each shell atom with the kernel is."""
    kernel = [metal for metal in cluster.metals if metal not in shell]
    if len(kernel) < MANY_CONTACTS:
        return dict.fromkeys(shell, math.inf)
    elements, positions = cluster.molecule.elements, cluster.molecule.positions
    kernel_radii = covalent_radii([elements[metal] for metal in kernel])
    found = {}
    for metal in shell:
        distances = np.linalg.norm(positions[kernel] - positions[metal], axis=1)
        over = np.sort(distances - kernel_radii) - covalent_radii([elements[metal]])
        found[metal] = float(over[MANY_CONTACTS - 1])
    return found
