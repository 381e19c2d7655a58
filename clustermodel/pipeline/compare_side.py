"""What is known about one of two structures? The cluster that is meant, and what was measured about it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from clustermodel.analysis.contact_criteria import ContactSettings
from clustermodel.analysis.contact_results import Contacts
from clustermodel.analysis.contacts import find_contacts
from clustermodel.analysis.core_size import CoreSize, SizeSettings, measure_core_size
from clustermodel.analysis.kernel_units import KernelUnits, UnitSettings, find_kernel_units
from clustermodel.analysis.packing import Packing, PackingSettings, measure_packing
from clustermodel.analysis.rigidity import Rigidity, measure_rigidity
from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import Analysis, AnalysisSettings, analyze
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis
from clustermodel.pipeline.compare_sources import ResolvedStructure
from clustermodel.pipeline.species_rows import list_species

__all__ = ["ComparedStructure", "MeasureSettings", "SideSettings", "read_side"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSettings:
    """The choices behind one of two structures.

    Parameters
    ----------
    analysis : AnalysisSettings, optional
        Charge, kernel convention, disorder and bonds; both structures need the same convention.
    block : str or None, optional
        Data block of a CIF; by default the first with atoms.
    cluster : str or None, optional
        Which cluster of a file with several, such as ``"1a"``.
    """

    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    block: str | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings:
    """The choices behind the numbers of both structures.

    Parameters
    ----------
    units : UnitSettings, optional
        What counts as a unit of the kernel.
    size : SizeSettings, optional
        Cut-offs of coordination.
    packing : PackingSettings, optional
        Radii and shells.
    contacts : ContactSettings, optional
        Preset and limits.
    """

    units: UnitSettings = field(default_factory=UnitSettings)
    size: SizeSettings = field(default_factory=SizeSettings)
    packing: PackingSettings = field(default_factory=PackingSettings)
    contacts: ContactSettings = field(default_factory=ContactSettings)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedStructure:
    """One of two structures.

    Parameters
    ----------
    source : str
        File, model or compound as it was asked for.
    name : str
        What it is called in tables.
    analysis : Analysis
        What is in the file.
    cluster : ClusterAnalysis
        The cluster that is compared.
    units : KernelUnits
        Polyhedra that its kernel is built of.
    size : CoreSize
        Its size by every definition.
    rigidity : Rigidity or None
        Its displacements; None without a crystal.
    packing : Packing or None
        How the clusters of the file are packed, this one first; None without a crystal.
    contacts : Contacts or None
        Contacts between the molecules of the file; None without a crystal.
    is_model : bool
        Whether the file says that it is a model, of which no number is measured.
    """

    source: str
    name: str
    analysis: Analysis
    cluster: ClusterAnalysis
    units: KernelUnits
    size: CoreSize
    rigidity: Rigidity | None
    packing: Packing | None
    contacts: Contacts | None
    is_model: bool


def read_side(
    resolved: ResolvedStructure, side: str, *, settings: SideSettings, measures: MeasureSettings
) -> ComparedStructure:
    """Read one of two structures and measure what is compared.

    Parameters
    ----------
    resolved : ResolvedStructure
        What is meant.
    side : {"a", "b"}
        Which of the two it is, for messages.
    settings : SideSettings
        Choices of this structure.
    measures : MeasureSettings
        Choices of both.

    Returns
    -------
    ComparedStructure
        The structure.

    Raises
    ------
    InputError
        If the file cannot be read, holds no cluster, or several of which none was chosen.

    Examples
    --------
    >>> from clustermodel.pipeline.compare_sources import resolve_structure
    >>> model = resolve_structure("model:au25_sch3_18_nme4")
    >>> one = read_side(model, "a", settings=SideSettings(), measures=MeasureSettings())
    >>> one.name, one.cluster.anatomy.summary, one.is_model
    ('au25_sch3_18_nme4', 'Au13 + 6 Au2(SR)3', True)
    """
    chosen = settings.analysis
    if chosen.charge is None and resolved.charge is not None:
        chosen = replace(chosen, charge=resolved.charge)
    if settings.block == "all":
        msg = f"{resolved.given}: a comparison takes one block; name it with --block-{side}"
        raise InputError(msg)
    (analysis,) = analyze(resolved.path, settings=chosen, block=settings.block)
    one = _choose_cluster(analysis, settings.cluster, side)
    crystal, cluster, anatomy = analysis.crystal, one.cluster, one.anatomy
    contacts = None
    if analysis.refined:
        roles = [species.role for species in analysis.species]
        contacts = find_contacts(analysis.assembly, roles=roles, settings=measures.contacts)
    return ComparedStructure(
        source=resolved.given,
        name=_name(analysis, one, resolved.name),
        analysis=analysis,
        cluster=one,
        units=find_kernel_units(cluster, anatomy, settings=measures.units),
        size=measure_core_size(cluster, anatomy, settings=measures.size),
        rigidity=measure_rigidity(crystal, cluster, anatomy) if analysis.refined else None,
        packing=_measure_packing(analysis, one, measures.packing),
        contacts=contacts,
        is_model=crystal.is_model,
    )


def _measure_packing(
    analysis: Analysis, cluster: ClusterAnalysis, settings: PackingSettings
) -> Packing | None:
    """Measure the packing with this cluster as the first; of others that share its place none counts."""
    if not analysis.refined:
        return None
    order = (cluster, *(other for other in analysis.clusters if other is not cluster))
    pairs = [(one.cluster, one.anatomy) for one in order]
    return measure_packing(analysis.assembly, pairs, settings=settings)


def _choose_cluster(analysis: Analysis, wanted: str | None, side: str) -> ClusterAnalysis:
    """Return the cluster that is meant."""
    file = analysis.crystal.source.file
    clusters = analysis.clusters
    if not clusters:
        species = [
            f"{one.formula} (a polymer)" if one.periodicity else one.formula for one in list_species(analysis)
        ]
        msg = (
            f"{file}: no cluster (three or more joined metal atoms) was found among "
            f"{', '.join(dict.fromkeys(species))}; compare files that hold one"
        )
        raise InputError(msg)
    known = ", ".join(f"{one.id} ({one.formula})" for one in clusters)
    ids = [one.id for one in clusters]
    if wanted is not None and wanted not in ids:
        msg = f"{file}: there is no cluster {wanted!r}; expected one of {known}"
        raise InputError(msg)
    if wanted is None and len(clusters) > 1:
        msg = f"{file}: there are {len(clusters)} clusters, {known}; choose one with --cluster-{side}"
        raise InputError(msg)
    return clusters[ids.index(wanted) if wanted is not None else 0]


def _name(analysis: Analysis, cluster: ClusterAnalysis, known: str) -> str:
    """Return the name of the compound or of the file, with the cluster where there are several."""
    stem = known or Path(analysis.crystal.source.file).stem
    return f"{stem} cluster {cluster.id}" if len(analysis.clusters) > 1 else stem
