"""What does each atom do in the cluster? One word per atom, for colours, tables and files.

Metal atoms
    ``centre``: kernel, no donor, kernel neighbours within 3.50 Å (gold) on all sides; ``kernel``:
    kernel, no donor, open on one side; ``kernel-surface``: kernel with a donor; ``staple``: shell.
Donor atoms
    ``sulfide`` (bare S, Se, Te), ``halide``, ``phosphine`` (P, As, Sb), ``hydride``, ``dative`` (any other
    neutral donor); other anions by where they sit: ``staple-bridge`` (between shell metals),
    ``staple-end`` (shell metal on one side; kernel metal, or nothing, on the other), ``bridge`` (on
    two or more kernel metals), ``terminal`` (on one kernel metal).
Others
    ``ligand``: the rest of the ligands; ``outside``: atoms that are not part of the cluster.
"""

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from clustermodel._arrays import FloatArray
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS
from clustermodel.cluster.coordination import Coordination, DonorSite
from clustermodel.cluster.motifs import Shell
from clustermodel.elements import covalent_radii
from clustermodel.structure.neighbors import find_pairs

__all__ = ["DONOR_ROLES", "KERNEL_ROLES", "METAL_ROLES", "ROLES", "assign_roles"]

KERNEL_ROLES = ("centre", "kernel", "kernel-surface")
METAL_ROLES = (*KERNEL_ROLES, "staple")
DONOR_ROLES = (
    "staple-bridge",
    "staple-end",
    "bridge",
    "terminal",
    "sulfide",
    "halide",
    "phosphine",
    "dative",
    "hydride",
)
ROLES = (*METAL_ROLES, *DONOR_ROLES, "ligand", "outside")

# No empty cone of more than 75° about an enclosed atom: an icosahedron leaves 37°, without one vertex 63°,
# a cuboctahedron without three vertices 72°, the waist of the Au23 kernel of Au38(SR)24 76°, a flat face 90°.
_DEPTH = math.cos(math.radians(75.0))


def assign_roles(cluster: Cluster, coordination: Coordination, shell: Shell) -> tuple[str, ...]:
    """Name the role of every atom of the molecule.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    coordination : Coordination
        Its donors.
    shell : mapping of int to tuple of DonorBond
        Shell metal atoms with the donors that count at each.

    Returns
    -------
    tuple of str
        One of `ROLES` for every atom.
    """
    roles = ["outside"] * len(cluster.molecule)
    _fill_ligands(roles, cluster, coordination, shell)
    kernel = [metal for metal in cluster.metals if metal not in shell]
    bare = [metal for metal in kernel if not coordination.bonds[metal]]
    centres = _find_enclosed(cluster, kernel, bare)
    for metal in cluster.metals:
        roles[metal] = "staple" if metal in shell else "kernel-surface"
    for metal in bare:
        roles[metal] = "centre" if metal in centres else "kernel"
    return tuple(roles)


def _fill_ligands(roles: list[str], cluster: Cluster, coordination: Coordination, shell: Shell) -> None:
    for ligand in cluster.ligands:
        for atom in ligand.atoms:
            roles[atom] = "ligand"
        for donor in ligand.donors:
            if donor.element in {"H", "D"}:
                roles[donor.atom] = "hydride"
    held = Counter(bond.site for bonds in shell.values() for bond in bonds)
    for index, site in enumerate(coordination.sites):
        kernel = sum(metal not in shell for metal in coordination.holders[index])
        for atom in site.atoms:
            roles[atom] = _name_donor(site, held[index], kernel)


def _name_donor(site: DonorSite, held: int, kernel: int) -> str:
    """Name the role of a donor site by the number of shell and kernel metals that hold it."""
    if site.is_sulfide:
        return "sulfide"
    if site.is_halide:
        return "halide"
    if site.kind == "L":
        return "phosphine" if site.element in {"P", "As", "Sb"} else "dative"
    if held:
        return "staple-bridge" if held > 1 and not kernel else "staple-end"
    return "bridge" if kernel > 1 else "terminal"


def _find_enclosed(cluster: Cluster, kernel: list[int], asked: Iterable[int]) -> set[int]:
    """Return the atoms that have kernel neighbours on all sides."""
    radii = covalent_radii([cluster.molecule.elements[m] for m in kernel])
    if len(kernel) < 5:  # fewer than four neighbours cannot surround an atom
        return set()
    positions = cluster.molecule.positions[kernel]
    pairs = find_pairs(positions, 2 * float(radii.max()) + KERNEL_BOND_EXCESS)
    limits = radii[pairs.first] + radii[pairs.second] + KERNEL_BOND_EXCESS
    near = pairs.select(np.flatnonzero(pairs.distances <= limits))
    index = {metal: row for row, metal in enumerate(kernel)}
    found = set()
    for metal in asked:
        row = index[metal]
        around = np.concatenate([near.second[near.first == row], near.first[near.second == row]])
        if _measure_depth(positions[around] - positions[row]) > _DEPTH:
            found.add(metal)
    return found


def _measure_depth(vectors: FloatArray) -> float:
    """Return how deep the origin lies in the hull of the directions; 0 if it is not inside."""
    if len(vectors) < 4:
        return 0.0
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    try:
        hull = ConvexHull(units)
    except QhullError:  # all directions in one plane
        return 0.0
    return max(0.0, -float(hull.equations[:, -1].max()))
