"""What are the levels of this cluster? Ligands cut, states calculated, orbitals told apart: one call."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import Cluster, build_cluster
from clustermodel.cluster.hydrogens import add_riding_hydrogens
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.cluster.truncation import Truncation, read_truncation, truncate_cluster
from clustermodel.electronic.cache import hash_calculation
from clustermodel.electronic.engine import Engine
from clustermodel.electronic.relaxation import Relaxation, RelaxSettings, relax_positions
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.shares import OrbitalShares, SharePart, measure_shares, split_metal_parts
from clustermodel.electronic.specification import Specification, build_specification
from clustermodel.electronic.superatom import Superatom, SuperatomSettings, measure_superatom
from clustermodel.electronic.superatom_sphere import Sphere, find_sphere
from clustermodel.errors import InputError
from clustermodel.pipeline.absorption import Absorption, calculate_absorption
from clustermodel.pipeline.calculation import Place, calculate_states, find_engine
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis
from clustermodel.structure.molecule import Molecule

__all__ = ["ElectronicSettings", "ElectronicStates", "calculate_electronic", "list_parts"]

_PARTLY = 0.02  # share of an orbital from which it counts as partly filled


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectronicSettings:
    """The choices behind the levels of a cluster.

    Parameters
    ----------
    level : {"xtb", "dft"}
        Level of theory.
    truncation : {"SH", "SCH3", "none"}
        What thiolates become; phosphines become PH3, PMe3 or stay.
    keep_bridges : bool
        Whether bridges between donors of one ligand are kept.
    multiplicity : int or None
        By default the lowest that the number of electrons allows.
    relax : RelaxSettings or None
        How to relax the cut cluster first; None for the geometry of the file.
    changes : tuple of (str, object)
        Other fields of the specification that differ from the defaults of the level.
    orbitals : int
        Number of occupied and of empty orbitals of each spin that are told apart.
    spectrum_ev : float
        Energy up to which excitations are calculated; 0 for none.
    """

    level: str = "xtb"
    truncation: str = "SH"
    keep_bridges: bool = False
    multiplicity: int | None = None
    relax: RelaxSettings | None = None
    changes: tuple[tuple[str, object], ...] = ()
    orbitals: int = field(default=12, metadata={"unit": ""})
    spectrum_ev: float = field(default=0.0, metadata={"unit": "eV"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ElectronicStates:
    """The levels of one cluster and what they are.

    Parameters
    ----------
    cluster : ClusterAnalysis
        The cluster of the file.
    truncation : Truncation
        What was calculated of it.
    relaxation : Relaxation or None
        How it was relaxed; None for the geometry of the file.
    changed : tuple of str
        How the relaxation changed bonds and anatomy; empty if it did not.
    result : ElectronicResult
        Energy, levels, charges.
    shares : tuple of OrbitalShares
        Shares of kernel, staples and ligands; one for each spin.
    sphere : Sphere or None
        Sphere of the superatom analysis; None without a kernel.
    superatom : Superatom or None
        Weights of S, P, D, F in the orbitals.
    cached : bool
        Whether the states were calculated before.
    settings : ElectronicSettings
        The choices made.
    notes : tuple of str
        What to know.
    absorption : Absorption or None
        Excitations and spectrum, where they were asked for.
    """

    cluster: ClusterAnalysis
    truncation: Truncation
    relaxation: Relaxation | None
    changed: tuple[str, ...]
    result: ElectronicResult
    shares: tuple[OrbitalShares, ...]
    sphere: Sphere | None
    superatom: Superatom | None
    cached: bool
    settings: ElectronicSettings
    notes: tuple[str, ...]
    absorption: Absorption | None = None


def calculate_electronic(
    cluster: ClusterAnalysis, *, settings: ElectronicSettings | None = None, place: Place | None = None
) -> ElectronicStates:
    """Cut the ligands of a cluster, calculate its states and tell its orbitals apart.

    Parameters
    ----------
    cluster : ClusterAnalysis
        A cluster with a known charge.
    settings : ElectronicSettings, optional
        Choices that differ from the defaults.
    place : Place, optional
        Cache, progress and memory.

    Returns
    -------
    ElectronicStates
        Levels with their shares and superatom weights.

    Raises
    ------
    InputError
        If the charge is not known, or a choice does not exist.
    ChemistryError
        If charge and multiplicity do not fit the atoms, or hydrogen atoms are missing.
    ConvergenceError
        If the calculation does not converge.
    """
    chosen = settings if settings is not None else ElectronicSettings()
    where = place if place is not None else Place()
    cut = _cut_ligands(cluster.cluster, chosen)
    specification = _specify(cluster, cut.molecule, chosen)
    relaxation = _relax(find_engine(specification.engine), cut.molecule, specification, chosen, where)
    molecule = cut.molecule if relaxation is None else cut.molecule.with_positions(relaxation.positions)
    result, cached = calculate_states(molecule.elements, molecule.positions, specification, place=where)
    kernel = cut.map_atoms(cluster.anatomy.kernel)
    sphere = find_sphere(molecule.elements, molecule.positions, kernel) if kernel else None
    absorption, told = _absorb(result, chosen)
    return ElectronicStates(
        cluster=cluster,
        truncation=cut,
        relaxation=relaxation,
        changed=_compare_anatomy(cut.molecule, molecule) if relaxation is not None else (),
        result=result,
        shares=measure_shares(result, list_parts(cluster, cut), below=chosen.orbitals, above=chosen.orbitals),
        sphere=sphere,
        superatom=_project(result, sphere, chosen),
        cached=cached,
        settings=chosen,
        notes=(*cut.notes, *result.notes, *told),
        absorption=absorption,
    )


def _absorb(
    result: ElectronicResult, settings: ElectronicSettings
) -> tuple[Absorption | None, tuple[str, ...]]:
    """Return the absorption, or why there is none."""
    if not settings.spectrum_ev > 0:
        return None, ()
    try:
        found = calculate_absorption(result, up_to_ev=settings.spectrum_ev)
    except InputError as error:
        return None, (f"no spectrum: {error}",)
    return found, () if found is not None else (f"no excitation below {settings.spectrum_ev:g} eV",)


def _cut_ligands(cluster: Cluster, settings: ElectronicSettings) -> Truncation:
    """Cut the ligands; where carbon without its hydrogen atoms would stay, add them first."""
    how = read_truncation(settings.truncation, keep_bridges=settings.keep_bridges)
    cut = truncate_cluster(cluster, settings=how)
    if not cut.lacks_hydrogen:
        return cut
    return truncate_cluster(build_cluster(add_riding_hydrogens(cluster.molecule)), settings=how)


def _specify(cluster: ClusterAnalysis, molecule: Molecule, settings: ElectronicSettings) -> Specification:
    if cluster.charge.value is None:
        told = "; ".join(cluster.charge.evidence)
        msg = f"the charge of {cluster.formula} is not known ({told}): give it with --charge"
        raise InputError(msg)
    return build_specification(
        settings.level,
        molecule.elements,
        charge=cluster.charge.value,
        multiplicity=settings.multiplicity,
        **dict(settings.changes),
    )


def _relax(
    engine: Engine,
    molecule: Molecule,
    specification: Specification,
    settings: ElectronicSettings,
    place: Place,
) -> Relaxation | None:
    """Relax the cut cluster, going on from where an interrupted relaxation stopped."""
    if settings.relax is None:
        return None
    key = hash_calculation(
        molecule.elements, molecule.positions, specification, versions=repr(settings.relax)
    )
    trail = place.cache / f"{key}.relax.npy" if place.cache is not None else None
    start = _read_trail(trail, molecule.positions)

    def keep(positions: FloatArray) -> None:
        if trail is not None:
            _write_trail(trail, positions)

    return relax_positions(
        engine,
        (molecule.elements, start),
        specification,
        settings=settings.relax,
        monitor=place.monitor,
        keep=keep,
    )


def _read_trail(trail: Path | None, start: FloatArray) -> FloatArray:
    if trail is None or not trail.is_file():
        return start
    try:
        positions: FloatArray = np.load(trail, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return start
    return positions if positions.shape == start.shape else start


def _write_trail(trail: Path, positions: FloatArray) -> None:
    """Keep the geometry of a step; a folder that cannot be written costs the resuming, not the work."""
    draft = trail.with_name(f"{trail.stem}.part.npy")
    try:
        trail.parent.mkdir(parents=True, exist_ok=True)
        np.save(draft, positions)
        draft.replace(trail)
    except OSError:
        return


def _compare_anatomy(before: Molecule, after: Molecule) -> tuple[str, ...]:
    """Return how a relaxation changed the bonds of metal atoms to donors, and the anatomy."""
    moved = bond_molecule(after)
    changes = []
    bonds = [_list_donor_bonds(build_cluster(one)) for one in (before, moved)]
    for word, pairs in (("lost", bonds[0] - bonds[1]), ("gained", bonds[1] - bonds[0])):
        if pairs:
            named = ", ".join(f"{before.labels[m]}–{before.labels[d]}" for m, d in sorted(pairs))
            changes.append(f"the relaxation {word} {len(pairs)} metal–donor bonds: {named}")
    summaries = [classify_kernel(build_cluster(one)).summary for one in (before, moved)]
    if summaries[0] != summaries[1]:
        changes.append(f"the relaxation changed the anatomy from {summaries[0]} to {summaries[1]}")
    return tuple(changes)


def _list_donor_bonds(cluster: Cluster) -> set[tuple[int, int]]:
    return {
        (metal, donor.atom) for ligand in cluster.ligands for donor in ligand.donors for metal in donor.metals
    }


def list_parts(cluster: ClusterAnalysis, cut: Truncation) -> tuple[SharePart, ...]:
    """List the parts of a cut cluster that share its orbitals.

    Parameters
    ----------
    cluster : ClusterAnalysis
        The cluster of the file.
    cut : Truncation
        What was calculated of it.

    Returns
    -------
    tuple of SharePart
        Metal atoms of kernel and staples by sp and d, donors, and everything else.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> (analysis,) = analyze("model:au25_sch3_18_nme4")
    >>> cluster = analysis.clusters[0]
    >>> [part.name for part in list_parts(cluster, truncate_cluster(cluster.cluster))]
    ['kernel_sp', 'kernel_d', 'staple_sp', 'staple_d', 'donor', 'ligand']
    """
    metals = {"kernel": cut.map_atoms(cluster.anatomy.kernel), "staple": cut.map_atoms(cluster.anatomy.shell)}
    donors = cut.map_atoms({donor.atom for one in cluster.cluster.ligands for donor in one.donors})
    taken = {atom for atoms in (*metals.values(), donors) for atom in atoms}
    others = [atom for atom in range(len(cut.molecule)) if atom not in taken]
    return split_metal_parts(
        {name: atoms for name, atoms in metals.items() if atoms}, {"donor": donors, "ligand": others}
    )


def _tell_occupations(result: ElectronicResult) -> Iterator[str]:
    """Tell of levels that the temperature of the electrons fills in part."""
    kelvin = result.specification.electronic_temperature_k
    for channel in result.channels:
        held = np.asarray(channel.occupations) / channel.capacity
        partly = int(((held > _PARTLY) & (held < 1 - _PARTLY)).sum())
        if partly:
            spin = "" if channel.spin == "both" else f"{channel.spin} "
            yield (
                f"{partly} {spin}levels about the gap are so close that electrons at {kelvin:g} K fill them "
                "in part: the gap is one between such levels, told by counting electrons from below"
            )


def _project(
    result: ElectronicResult, sphere: Sphere | None, settings: ElectronicSettings
) -> Superatom | None:
    if sphere is None or result.basis is None or not result.basis.can_evaluate:
        return None
    return measure_superatom(
        result,
        centre=sphere.centre,
        radius=sphere.radius,
        settings=SuperatomSettings(below=settings.orbitals, above=settings.orbitals),
    )
