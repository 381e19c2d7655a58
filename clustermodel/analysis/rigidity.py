"""How rigid is the cluster? Displacement parameters and rigid-bond differences by role.

Two atoms joined by a rigid bond move with the same amplitude along it (:cite:t:`hirshfeld1976`); what their
amplitudes differ by is motion of one against the other, disorder, or an error of the refinement. The
amplitudes hold the motion of the whole molecule too, and all of them grow with temperature: only structures
at the same temperature are compared.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.bond_table import BOND_ROLES, list_donor_bonds, list_metal_pairs, number_copies
from clustermodel.assembly.expansion import SPECIAL_EXACT
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.roles import METAL_ROLES, ROLES
from clustermodel.io.cif_values import parse_number
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.displacements import build_displacement_covariance, find_amplitude_slopes

__all__ = [
    "LIGAND",
    "DisplacementRow",
    "RigidBondRow",
    "Rigidity",
    "RigiditySettings",
    "measure_rigidity",
]

LIGAND = "ligand"
"""Role of the bonds within ligands."""

_ROW_ROLES = (*BOND_ROLES, LIGAND)
_HYDROGEN = frozenset({"H", "D"})
_FULL = 0.999  # occupancies below this are refined or fixed deficits, whose displacements mean something else


@dataclass(frozen=True, slots=True, kw_only=True)
class RigiditySettings:
    """The choices behind a table of displacements.

    Parameters
    ----------
    cutoff : float, optional
        Longest metal-metal pair in Å, as in `clustermodel.analysis.bond_lengths.BondSettings`.
    """

    cutoff: float = field(default=3.30, metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplacementRow:
    """Displacement parameters of the atoms of one role and element.

    Parameters
    ----------
    role : str
        Role of the atoms (see `clustermodel.cluster.roles`).
    element : str
        Their element.
    n : int
        Number of atoms with a displacement parameter.
    n_unique : int
        Number of sites of the file among them.
    n_anisotropic : int
        Number of these atoms refined with a tensor.
    mean, sd : float
        Mean and sample standard deviation of Ueq over the sites in Å2; ``sd`` is NaN for one site.
    minimum, maximum : float
        Smallest and largest Ueq in Å2.
    """

    role: str
    element: str
    n: int = field(metadata={"unit": ""})
    n_unique: int = field(metadata={"unit": ""})
    n_anisotropic: int = field(metadata={"unit": ""})
    mean: float = field(metadata={"unit": "Å2"})
    sd: float = field(metadata={"unit": "Å2"})
    minimum: float = field(metadata={"unit": "Å2"})
    maximum: float = field(metadata={"unit": "Å2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RigidBondRow:
    """Differences of the mean-square amplitudes of bonded atoms along their bonds, of one role.

    Parameters
    ----------
    role : str
        One of `clustermodel.analysis.bond_lengths.BOND_ROLES`, or ``"ligand"`` for bonds within
        ligands.
    pair : str
        Elements, as ``"Au-S"``.
    n : int
        Number of bonds between atoms with tensors.
    n_unique : int
        Number of symmetry-unique ones, over which the rest is taken.
    mean : float
        Mean of the differences in Å2, outer atom less inner one (shell less centre, staple less kernel,
        donor less metal); where both are as far out, the second element of `pair` less the first, NaN for
        one element.
    mean_absolute, rms : float
        Mean absolute and root mean square difference in Å2.
    su : float
        Root mean square of the s.u. of the differences in Å2: what `rms` would be for rigid bonds. NaN
        unless each has an s.u.
    mean_ratio : float
        Mean of the absolute differences over their s.u.: 0.8 for rigid bonds. NaN where `su` is.
    largest : float
        Largest absolute difference in Å2.
    largest_labels : tuple of str
        Labels of the two atoms of that bond.
    """

    role: str
    pair: str
    n: int = field(metadata={"unit": ""})
    n_unique: int = field(metadata={"unit": ""})
    mean: float = field(metadata={"unit": "Å2"})
    mean_absolute: float = field(metadata={"unit": "Å2"})
    rms: float = field(metadata={"unit": "Å2"})
    su: float = field(metadata={"unit": "Å2"})
    mean_ratio: float = field(metadata={"unit": ""})
    largest: float = field(metadata={"unit": "Å2"})
    largest_labels: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rigidity:
    """Displacements of one cluster in its crystal.

    Parameters
    ----------
    displacements : tuple of DisplacementRow
        By role and element; hydrogen, which rides, and partly occupied atoms are left out.
    bonds : tuple of RigidBondRow
        By role and pair of elements.
    temperature : float
        Temperature of the measurement in K as the file states it; NaN if it does not.
    temperature_su : float
        Its s.u. in K, 0 if none is stated.
    source : str
        File and block.
    convention : str
        The convention of the anatomy that gave the roles.
    settings : RigiditySettings
        The cut-off.
    """

    displacements: tuple[DisplacementRow, ...]
    bonds: tuple[RigidBondRow, ...]
    temperature: float = field(metadata={"unit": "K"})
    temperature_su: float = field(metadata={"unit": "K"})
    source: str
    convention: str
    settings: RigiditySettings


class _Row(NamedTuple):
    """Bonds of one role and pair of elements, the inner atom first where the ends differ."""

    role: str
    pair: str
    directed: bool
    atoms: IntArray


def measure_rigidity(
    crystal: Crystal,
    cluster: Cluster,
    anatomy: Anatomy,
    *,
    settings: RigiditySettings | None = None,
) -> Rigidity:
    """Measure displacement parameters and rigid-bond differences of a cluster.

    Partly occupied atoms are left out, and so are bonds that leave the repeat unit of a polymer.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell, which gives the roles.
    settings : RigiditySettings, optional
        Choices that differ from the defaults.

    Returns
    -------
    Rigidity
        Tables by role, with the temperature.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> (analysis,) = analyze("model:au25_sch3_18_nme4")
    >>> one = analysis.clusters[0]
    >>> measure_rigidity(analysis.crystal, one.cluster, one.anatomy).displacements  # a model has none
    ()
    """
    chosen = settings if settings is not None else RigiditySettings()
    where = f"{crystal.source.file}, block {crystal.source.block}"
    differences = _Differences(crystal, cluster)
    temperature = parse_number(crystal.declared.temperature)
    return Rigidity(
        displacements=tuple(_tabulate_displacements(crystal, cluster, anatomy)),
        bonds=tuple(
            differences.measure_row(row) for row in _list_rows(crystal, cluster, anatomy, chosen.cutoff)
        ),
        temperature=temperature.value if temperature else math.nan,
        temperature_su=temperature.su if temperature else 0.0,
        source=where,
        convention=anatomy.convention,
        settings=chosen,
    )


def _tabulate_displacements(
    crystal: Crystal, cluster: Cluster, anatomy: Anatomy
) -> Iterator[DisplacementRow]:
    molecule = cluster.molecule
    anisotropic = _find_anisotropic(crystal)
    groups: dict[tuple[str, str], list[int]] = {}
    for atom, (role, element) in enumerate(zip(anatomy.roles, molecule.elements, strict=True)):
        known = math.isfinite(molecule.u_eq[atom]) and molecule.occupancy[atom] >= _FULL
        if known and role != "outside" and element not in _HYDROGEN:
            groups.setdefault((role, element), []).append(atom)
    for role, element in sorted(groups, key=lambda key: (ROLES.index(key[0]), key[1])):
        atoms = np.array(groups[role, element])
        sites, first = np.unique(molecule.origin.sites[atoms], return_index=True)
        values = molecule.u_eq[atoms[first]]
        yield DisplacementRow(
            role=role,
            element=element,
            n=len(atoms),
            n_unique=len(sites),
            n_anisotropic=int(anisotropic[molecule.origin.sites[atoms]].sum()),
            mean=float(values.mean()),
            sd=float(values.std(ddof=1)) if len(values) > 1 else math.nan,
            minimum=float(values.min()),
            maximum=float(values.max()),
        )


def _find_anisotropic(crystal: Crystal) -> BoolArray:
    return np.asarray(np.isfinite(crystal.sites.u_aniso).all(axis=1))


def _list_rows(crystal: Crystal, cluster: Cluster, anatomy: Anatomy, cutoff: float) -> list[_Row]:
    """Return the bonds by role and elements, both atoms with tensors, the inner atom first."""
    molecule = cluster.molecule
    usable = _find_anisotropic(crystal)[molecule.origin.sites] & (molecule.occupancy >= _FULL)
    depths = [_find_depth(*names) for names in zip(anatomy.roles, molecule.elements, strict=True)]
    groups: dict[tuple[int, str, bool], list[tuple[int, int]]] = {}
    for role, first, second in _list_bonds(cluster, anatomy, cutoff):
        if usable[first] and usable[second]:
            inner, outer = (first, second) if depths[first] <= depths[second] else (second, first)
            pair = f"{molecule.elements[inner]}-{molecule.elements[outer]}"
            key = _ROW_ROLES.index(role), pair, depths[inner] != depths[outer]
            groups.setdefault(key, []).append((inner, outer))
    return [
        _Row(_ROW_ROLES[rank], pair, directed, np.array(groups[rank, pair, directed]))
        for rank, pair, directed in sorted(groups)
    ]


def _list_bonds(cluster: Cluster, anatomy: Anatomy, cutoff: float) -> Iterator[tuple[str, int, int]]:
    """Yield metal pairs, bonds to donors and bonds within ligands, each with its role."""
    bonds = cluster.molecule.bonds
    leaving = {frozenset(pair) for pair in bonds.pairs[bonds.shifts.any(axis=1)].tolist()}
    seen = set(leaving)
    for table in (list_metal_pairs(cluster, anatomy, cutoff), list_donor_bonds(cluster, anatomy)):
        for role, first, second in zip(table.roles, table.first.tolist(), table.second.tolist(), strict=True):
            if frozenset((first, second)) not in leaving:
                seen.add(frozenset((first, second)))
                yield role, first, second
    owner = {atom: number for number, ligand in enumerate(cluster.ligands) for atom in ligand.atoms}
    for first, second in bonds.pairs.tolist():
        within = first in owner and owner[first] == owner.get(second)
        if within and frozenset((first, second)) not in seen:
            yield LIGAND, first, second


def _find_depth(role: str, element: str) -> tuple[int, str]:
    """Return how far out an atom is (centre, rest of the kernel, staple metals, others), then its element."""
    if role not in METAL_ROLES:
        return 3, element
    return {"centre": 0, "staple": 2}.get(role, 1), element


class _Differences:
    """Differences of mean-square amplitudes along bonds."""

    def __init__(self, crystal: Crystal, cluster: Cluster) -> None:
        self._cell, self._group, self._sites = crystal.cell, crystal.space_group, crystal.sites
        self._molecule = cluster.molecule
        self._covariance = build_displacement_covariance(
            crystal.cell,
            crystal.space_group,
            crystal.sites.fract,
            crystal.sites.u_aniso_su,
            tolerance=SPECIAL_EXACT,
        )

    def measure_row(self, row: _Row) -> RigidBondRow:
        """Measure the bonds of one row, symmetry copies once."""
        origin = self._molecule.origin
        ends = origin.sites[row.atoms]
        vectors = self._molecule.positions[row.atoms[:, 1]] - self._molecule.positions[row.atoms[:, 0]]
        lengths = np.linalg.norm(vectors, axis=1)
        orbits = np.unique(np.sort(ends, axis=1), axis=0, return_inverse=True)[1].reshape(-1)
        chosen = np.unique(number_copies(orbits, lengths), return_index=True)[1]
        ends, directions = ends[chosen], vectors[chosen] / lengths[chosen, None]
        rotations = self._group.rotations[origin.operations[row.atoms[chosen]]]
        slopes = [find_amplitude_slopes(self._cell, rotations[:, k], directions) for k in range(2)]
        inner, outer = (np.einsum("pi,pi->p", slopes[k], self._sites.u_aniso[ends[:, k]]) for k in range(2))
        differences = outer - inner
        su = self._propagate(ends, slopes)
        worst = int(np.argmax(np.abs(differences)))
        return RigidBondRow(
            role=row.role,
            pair=row.pair,
            n=len(row.atoms),
            n_unique=len(chosen),
            mean=float(differences.mean()) if row.directed else math.nan,
            mean_absolute=float(np.abs(differences).mean()),
            rms=_average_square(differences),
            su=_average_square(su),
            mean_ratio=_average_ratio(differences, su),
            largest=float(np.abs(differences[worst])),
            largest_labels=(self._sites.labels[ends[worst, 0]], self._sites.labels[ends[worst, 1]]),
        )

    def _propagate(self, ends: IntArray, slopes: Sequence[FloatArray]) -> FloatArray:
        """Return the s.u. of the differences; images of one site share its parameters."""
        inner, outer = (self._covariance[ends[:, k]] for k in range(2))
        same = (ends[:, 0] == ends[:, 1])[:, None]
        shared = np.where(same, slopes[1] - slopes[0], slopes[1])
        variance = np.einsum("pi,pij,pj->p", shared, outer, shared)
        variance += np.where(same[:, 0], 0.0, np.einsum("pi,pij,pj->p", slopes[0], inner, slopes[0]))
        known = inner.any(axis=(1, 2)) & outer.any(axis=(1, 2))
        return np.where(known, np.sqrt(np.maximum(variance, 0.0)), math.nan)


def _average_square(values: FloatArray) -> float:
    return math.sqrt(float(np.mean(values**2)))


def _average_ratio(differences: FloatArray, su: FloatArray) -> float:
    """Return the mean of |difference| / s.u. without bonds that symmetry makes rigid; NaN if one has none."""
    free = su > 0
    if np.isnan(su).any() or not free.any():
        return math.nan
    return float(np.mean(np.abs(differences[free]) / su[free]))
