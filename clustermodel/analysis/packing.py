"""How are the clusters packed? Distances between them, their arrangement, filled space and density."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel.analysis.arrangement import NO_LATTICE, Arrangement, classify_arrangement
from clustermodel.analysis.cluster_neighbours import (
    ClusterNeighbour,
    PackedCluster,
    find_cluster_neighbours,
    find_surroundings,
)
from clustermodel.analysis.contact_criteria import find_contact_radii
from clustermodel.analysis.molecule_table import MoleculeTable, build_molecule_table
from clustermodel.analysis.neighbour_molecules import find_excluded_pairs
from clustermodel.analysis.packing_volume import measure_filled_volume
from clustermodel.assembly.molecules import Assembly
from clustermodel.assembly.vacancies import count_average
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.constants import DENSITY_DA_A3
from clustermodel.elements import find_element
from clustermodel.errors import InputError
from clustermodel.structure.finding import Finding

__all__ = ["Packing", "PackingSettings", "PackingShell", "measure_packing"]

_SAME_DENSITY = 0.01  # relative: two hydrogens of a large cluster, or a solvent left out, change it by more


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingSettings:
    """The choices behind the numbers of a packing.

    Parameters
    ----------
    preset : str
        Van der Waals radii, one of `CONTACT_PRESETS`; tolerances play no part.
    reach : float
        Neighbours are listed up to this multiple of the cube root of the volume per cluster: the first
        two shells of fcc (1.12, 1.59), hcp, bcc (1.09, 1.26) and sc (1.00, 1.41).
    touching : float
        Further away, clusters are listed whose nearest atoms are closer than this, in Å.
    shell_gap : float
        A new shell begins where a centroid distance is this many times the one before.
    lattice_limit : float
        Largest deviation at which an arrangement bears the name of a lattice.
    directions : int
        Directions of the quadrature of the filled volume.
    """

    preset: str = "bondi"
    reach: float = field(default=1.6, metadata={"unit": ""})
    touching: float = field(default=3.5, metadata={"unit": "Å"})
    shell_gap: float = field(default=1.05, metadata={"unit": ""})
    lattice_limit: float = field(default=0.045, metadata={"unit": "edge of the cube of one point"})
    directions: int = field(default=600, metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingShell:
    """Neighbours of a cluster at about the same distance.

    Parameters
    ----------
    cluster : int
        Number of the cluster.
    number : int
        1 for the innermost shell.
    count : int
        Clusters in it.
    inner, outer, mean : float
        Smallest, largest and mean distance of the kernel centroids in Å.
    boundary : float
        Middle of the gap to the next shell in Å; NaN for the last one.
    """

    cluster: int
    number: int
    count: int
    inner: float = field(metadata={"unit": "Å"})
    outer: float = field(metadata={"unit": "Å"})
    mean: float = field(metadata={"unit": "Å"})
    boundary: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How the clusters of a crystal are packed.

    Parameters
    ----------
    neighbours : tuple of ClusterNeighbour
        Symmetry-unique neighbours of every cluster, by the distance of the kernel centroids.
    shells : tuple of PackingShell
        The same neighbours in shells.
    arrangements : tuple of Arrangement
        For each cluster the lattice that the kernel centroids round it form.
    lattice : str
        That name if it is the same for all clusters, else ``"no simple lattice"``.
    clusters_per_cell : int
        Clusters in the unit cell.
    cell_volume, volume_per_cluster : float
        Volumes in Å3; the second is NaN without clusters.
    coefficient, coefficient_error : float
        Share of the cell inside the van der Waals spheres of its atoms, and how far the quadrature may be
        off.
    void_fraction : float
        The rest of the cell, masked solvent included.
    density : float
        From the assembled atoms with their occupancies, in g cm-3.
    density_declared : float
        As the file states it; NaN if it does not.
    density_formula : float
        From the declared weight and Z; NaN if they are missing.
    settings : PackingSettings
        The choices made.
    findings : tuple of Finding
        What to know about these numbers.
    """

    neighbours: tuple[ClusterNeighbour, ...]
    shells: tuple[PackingShell, ...]
    arrangements: tuple[Arrangement, ...]
    lattice: str
    clusters_per_cell: int = field(metadata={"unit": "per cell"})
    cell_volume: float = field(metadata={"unit": "Å3"})
    volume_per_cluster: float = field(metadata={"unit": "Å3"})
    coefficient: float = field(metadata={"unit": ""})
    coefficient_error: float = field(metadata={"unit": ""})
    void_fraction: float = field(metadata={"unit": ""})
    density: float = field(metadata={"unit": "g cm-3"})
    density_declared: float = field(metadata={"unit": "g cm-3"})
    density_formula: float = field(metadata={"unit": "g cm-3"})
    settings: PackingSettings
    findings: tuple[Finding, ...] = ()


def measure_packing(
    assembly: Assembly,
    clusters: Sequence[tuple[Cluster, Anatomy]],
    *,
    settings: PackingSettings | None = None,
) -> Packing:
    """Measure how the clusters of a crystal are packed.

    Distances between clusters are those of their kernel centroids (all metal atoms where there is no
    kernel), of their central atoms, of their nearest metal atoms and of their nearest atoms; papers seldom
    say which one they mean. The packing coefficient is that of Kitaigorodskii, with overlaps of the
    spheres counted once.

    Parameters
    ----------
    assembly : Assembly
        The molecules.
    clusters : sequence of (Cluster, Anatomy)
        The symmetry-unique clusters. Of several that share a place in the crystal, the first is taken.
    settings : PackingSettings, optional
        Radii, reach and limits.

    Returns
    -------
    Packing
        Neighbours, shells, arrangement, filled space and density.

    Raises
    ------
    InputError
        If a cluster is not from this crystal.

    Examples
    --------
    >>> from clustermodel.assembly.molecules import assemble_molecules
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.io.cif import read_cif
    >>> from clustermodel.io.embedded import find_model
    >>> assembly = assemble_molecules(read_cif(find_model("au25_sch3_18_nme4")))
    >>> cluster = build_cluster(assembly.molecules[0].molecule)
    >>> packing = measure_packing(assembly, [(cluster, classify_kernel(cluster))])
    >>> packing.lattice, packing.clusters_per_cell, len(packing.shells)
    ('no simple lattice', 4, 2)
    """
    chosen = settings if settings is not None else PackingSettings()
    table = build_molecule_table(assembly)
    packed = _pack(assembly, clusters)
    per_cell = sum(len(table.operations(one.molecule)) for one in packed)
    volume = table.crystal.cell.volume
    each = volume / per_cell if per_cell else math.nan
    neighbours: tuple[ClusterNeighbour, ...] = ()
    arrangements = []
    if packed:
        reach = chosen.reach * each ** (1 / 3)
        neighbours = find_cluster_neighbours(table, packed, reach=reach, touching=chosen.touching)
        around = find_surroundings(table, packed, each)
        arrangements = [classify_arrangement(v, each, limit=chosen.lattice_limit) for v in around]
    names = {one.name for one in arrangements}
    shells = [
        shell for number in range(len(packed)) for shell in _split(neighbours, number, chosen.shell_gap)
    ]
    share, error = _fill(assembly, table, chosen)
    densities = _weigh(assembly)
    return Packing(
        neighbours=neighbours,
        shells=tuple(shells),
        arrangements=tuple(arrangements),
        lattice=names.pop() if len(names) == 1 else NO_LATTICE,
        clusters_per_cell=per_cell,
        cell_volume=volume,
        volume_per_cluster=each,
        coefficient=share,
        coefficient_error=share * error,
        void_fraction=1 - share,
        density=densities[0],
        density_declared=densities[1],
        density_formula=densities[2],
        settings=chosen,
        findings=_tell(assembly, densities),
    )


def _pack(assembly: Assembly, clusters: Sequence[tuple[Cluster, Anatomy]]) -> list[PackedCluster]:
    """Return the clusters with the number of their molecule, one for each place."""
    packed: dict[int, PackedCluster] = {}
    sites = [set(distinct.molecule.origin.sites.tolist()) for distinct in assembly.molecules]
    labels = assembly.crystal.sites.labels
    for cluster, anatomy in clusters:
        origin = cluster.molecule.origin
        own = set(origin.sites.tolist())
        known = max(own, default=-1) < len(labels) and origin.labels == tuple(labels[i] for i in origin.sites)
        number = next((i for i, others in enumerate(sites) if known and own <= others), None)
        if number is None:
            msg = (
                f"cluster {cluster.molecule.formula} is not among the {len(sites)} molecules of "
                f"{assembly.crystal.source.file or 'the crystal'}; give the clusters of this assembly"
            )
            raise InputError(msg)
        centres = [atom for atom, role in enumerate(anatomy.roles) if role == "centre"]
        one = PackedCluster(
            molecule=number,
            atoms=cluster.molecule,
            kernel=np.array(anatomy.kernel or cluster.metals, dtype=np.int64),
            centres=np.array(centres, dtype=np.int64),
            metals=np.array(cluster.metals, dtype=np.int64),
        )
        packed.setdefault(number, one)
    return list(packed.values())


def _split(neighbours: Sequence[ClusterNeighbour], cluster: int, gap: float) -> list[PackingShell]:
    """Divide the neighbours of a cluster into shells at the gaps between their distances."""
    own = [one for one in neighbours if one.cluster == cluster]
    every = np.repeat([one.centroid_distance for one in own], [one.multiplicity for one in own])
    cuts = np.flatnonzero(every[1:] > gap * every[:-1]) + 1
    shells = []
    for number, members in enumerate(np.split(every, cuts) if len(every) else [], 1):
        last = number > len(cuts)
        shells.append(
            PackingShell(
                cluster=cluster,
                number=number,
                count=len(members),
                inner=float(members[0]),
                outer=float(members[-1]),
                mean=float(members.mean()),
                boundary=math.nan if last else float(members[-1] + every[cuts[number - 1]]) / 2,
            )
        )
    return shells


def _fill(assembly: Assembly, table: MoleculeTable, settings: PackingSettings) -> tuple[float, float]:
    """Return the share of the cell inside the spheres, and its relative error."""
    radii = find_contact_radii(settings.preset, table.elements)
    filled = measure_filled_volume(
        table, radii, excluded=find_excluded_pairs(table), directions=settings.directions
    )
    weights = [distinct.copies * distinct.share for distinct in assembly.molecules]
    total = float((filled.atoms * np.concatenate(weights)).sum())
    return total / table.crystal.cell.volume, filled.error


def _weigh(assembly: Assembly) -> tuple[float, float, float]:
    """Return the density of the atoms, the declared one and that of the declared formula in g cm-3."""
    declared, volume = assembly.crystal.declared, assembly.crystal.cell.volume
    mass = 0.0
    for distinct in assembly.molecules:
        for symbol, amount in count_average(distinct, assembly.resolution.mixed).items():
            element = find_element(symbol)
            mass += distinct.copies * distinct.repeat * amount * (element.mass if element else 0.0)
    formula = declared.weight * declared.z if declared.weight and declared.z else math.nan
    return mass / volume * DENSITY_DA_A3, _declared_density(assembly), formula / volume * DENSITY_DA_A3


def _declared_density(assembly: Assembly) -> float:
    text = assembly.crystal.declared.r_factors.get("_exptl_crystal_density_diffrn", "")
    try:
        return float(text.partition("(")[0])
    except ValueError:
        return math.nan


def _tell(assembly: Assembly, densities: tuple[float, float, float]) -> tuple[Finding, ...]:
    """Say what makes the numbers differ from those of the real crystal."""
    crystal = assembly.crystal
    where = f"{crystal.source.file}, block {crystal.source.block}"
    told = []
    for name, value in zip(
        ("declared density", "density of the declared formula"), densities[1:], strict=True
    ):
        if abs(value / densities[0] - 1) > _SAME_DENSITY:
            told.append(
                ("packing-density", f"{name} {value:.3f} g/cm³, that of the atoms {densities[0]:.3f} g/cm³")
            )
    if crystal.declared.masked:
        told.append(("packing-masked", "electron density was masked: its molecules count as void"))
    listed = {element for distinct in assembly.molecules for element in distinct.molecule.elements}
    if re.search(r"\bH(\d|\b)", crystal.declared.formula_sum) and not {"H", "D"} & listed:
        told.append(
            ("packing-hydrogen", "the declared formula has hydrogen, the atoms have none: more is filled")
        )
    return tuple(
        Finding(code=code, severity="warning", message=f"{where}: {message}") for code, message in told
    )
