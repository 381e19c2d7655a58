"""How open is a site, and does an added atom fit? Free surface, contacts and clashes."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from clustermodel._arrays import FloatArray
from clustermodel.analysis.defect_results import DefectClash
from clustermodel.analysis.rigid_fit import spread_directions
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS
from clustermodel.elements import covalent_radii, is_metal, van_der_waals_radii
from clustermodel.structure.molecule import Molecule

__all__ = ["count_contacts", "find_clashes", "list_allowed_distances", "measure_exposure"]

_DIRECTIONS = 300  # on half of the sphere; the fraction is good to 0.01
_LARGEST = 2.0  # Å; no van der Waals radius of Bondi's table exceeds it


def measure_exposure(molecule: Molecule, atoms: Sequence[int], ignored: Iterable[int] = ()) -> float:
    """Measure which fraction of the van der Waals surface of atoms no other atom covers.

    Parameters
    ----------
    molecule : Molecule
        The molecule.
    atoms : sequence of int
        Atoms whose surface is measured; they cover each other.
    ignored : iterable of int, optional
        Atoms that do not cover anything.

    Returns
    -------
    float
        0 for buried atoms, 1 for free ones.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> pair = molecule_from_atoms(["Au", "Au"], [[0, 0, 0], [2.8, 0, 0]])
    >>> round(measure_exposure(pair, [0]), 2)  # (1 + 1.4 / 1.66) / 2
    0.92
    """
    half = spread_directions(_DIRECTIONS)
    sphere = np.concatenate([half, -half])
    others = np.setdiff1d(np.arange(len(molecule)), list(ignored))
    tree = cKDTree(molecule.positions[others])
    radii = van_der_waals_radii(molecule.elements)
    free = []
    for atom in atoms:
        near = [others[k] for k in tree.query_ball_point(molecule.positions[atom], radii[atom] + _LARGEST)]
        near = [other for other in near if other != atom]
        points = molecule.positions[atom] + radii[atom] * sphere
        distances = cdist(points, molecule.positions[near])
        free.append(float((distances >= radii[near]).all(axis=1).mean()))
    return sum(free) / len(free) if free else 0.0


def count_contacts(molecule: Molecule, first: Iterable[int], second: Iterable[int]) -> int:
    """Count the pairs of metal atoms of two groups within the length of a stretched bond.

    Parameters
    ----------
    molecule : Molecule
        The molecule.
    first, second : iterable of int
        Metal atoms; an atom is in one group only.

    Returns
    -------
    int
        Number of pairs.
    """
    one, two = list(first), list(second)
    if not one or not two:
        return 0
    radii = covalent_radii(molecule.elements)
    distances = cdist(molecule.positions[one], molecule.positions[two])
    return int((distances <= radii[one][:, None] + radii[two] + KERNEL_BOND_EXCESS).sum())


def find_clashes(
    parent: Cluster,
    elements: Sequence[str],
    labels: Sequence[str],
    positions: FloatArray,
    limits: tuple[float, float],
) -> tuple[DefectClash, ...]:
    """Find added atoms that are too near to atoms of the cluster.

    Parameters
    ----------
    parent : Cluster
        The cluster.
    elements, labels : sequence of str, length n
        The added atoms; metal atoms may bind metal and donor atoms.
    positions : ndarray, shape (n, 3)
        Their places in Å.
    limits : (float, float)
        By how much atoms may be nearer than their van der Waals radii, and a metal atom nearer to metal and
        donor atoms than their covalent radii, in Å.

    Returns
    -------
    tuple of DefectClash
        The worst first.
    """
    molecule = parent.molecule
    allowed = list_allowed_distances(parent, elements, limits)
    distances = cdist(positions, molecule.positions)
    rows = np.argwhere(distances < allowed)
    found = [
        DefectClash(
            added=labels[a],
            present=molecule.labels[b],
            distance=float(distances[a, b]),
            allowed=float(allowed[a, b]),
        )
        for a, b in rows.tolist()
    ]
    return tuple(sorted(found, key=lambda clash: clash.distance - clash.allowed))


def list_allowed_distances(
    parent: Cluster, elements: Sequence[str], limits: tuple[float, float]
) -> FloatArray:
    """List the smallest distances between added and present atoms that are no clash.

    Parameters
    ----------
    parent : Cluster
        The cluster.
    elements : sequence of str, length n
        Elements of the added atoms.
    limits : (float, float)
        As in `find_clashes`.

    Returns
    -------
    ndarray, shape (n, m)
        Distances in Å, for all atoms of the cluster's molecule.
    """
    present = parent.molecule.elements
    outer = van_der_waals_radii(elements)[:, None] + van_der_waals_radii(present) - limits[0]
    inner = covalent_radii(elements)[:, None] + covalent_radii(present) - limits[1]
    metals = np.array([is_metal(symbol) for symbol in elements])
    bonding = np.zeros(len(present), dtype=bool)
    bonding[list(_list_bonding(parent))] = True
    return np.where(metals[:, None] & bonding, inner, outer)


def _list_bonding(parent: Cluster) -> Iterator[int]:
    yield from parent.metals
    for ligand in parent.ligands:
        for donor in ligand.donors:
            yield donor.atom
