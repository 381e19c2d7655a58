"""What does the structure say? Units, symmetry, size, chirality and staples of a cluster, and its crystal."""

from dataclasses import dataclass, field

from clustermodel.analysis.chirality import Chirality, ChiralitySettings, measure_chirality
from clustermodel.analysis.contact_criteria import ContactSettings
from clustermodel.analysis.contact_results import Contacts
from clustermodel.analysis.contacts import find_contacts
from clustermodel.analysis.core_size import CoreSize, SizeSettings, measure_core_size
from clustermodel.analysis.kernel_units import KernelUnits, UnitSettings, find_kernel_units
from clustermodel.analysis.local_packing import LocalPacking, classify_local_packing
from clustermodel.analysis.packing import Packing, PackingSettings, measure_packing
from clustermodel.analysis.point_group import ClusterSymmetry, PointGroupSettings, find_cluster_symmetry
from clustermodel.analysis.rigidity import Rigidity, measure_rigidity
from clustermodel.analysis.selected_geometry import measure_selected_geometry
from clustermodel.analysis.selected_results import SelectedGeometry
from clustermodel.analysis.staple_geometry import StapleGeometry, measure_staples
from clustermodel.analysis.unified_model import UnifiedModel, find_blocks
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis

__all__ = ["ClusterStructure", "Structure", "StructureSettings", "measure_structure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureSettings:
    """The choices behind the numbers of a structure.

    Parameters
    ----------
    units : UnitSettings
        What counts as a unit of the kernel.
    symmetry : PointGroupSettings
        Ladder of tolerances.
    size : SizeSettings
        Cut-offs of coordination.
    chirality : ChiralitySettings
        Parts and search.
    packing : PackingSettings
        Radii and shells.
    contacts : ContactSettings
        Preset and limits.
    """

    units: UnitSettings = field(default_factory=UnitSettings)
    symmetry: PointGroupSettings = field(default_factory=PointGroupSettings)
    size: SizeSettings = field(default_factory=SizeSettings)
    chirality: ChiralitySettings = field(default_factory=ChiralitySettings)
    packing: PackingSettings = field(default_factory=PackingSettings)
    contacts: ContactSettings = field(default_factory=ContactSettings)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterStructure:
    """The structure of one cluster; indices are those of the atoms of its molecule.

    Parameters
    ----------
    units : KernelUnits
        Polyhedra that the kernel is built of.
    local_packing : LocalPacking
        What surrounds each metal atom.
    blocks : UnifiedModel
        Blocks of the grand unified model, a heuristic.
    symmetry : ClusterSymmetry
        Point groups of kernel, metal skeleton, metal-ligand framework and cluster.
    size : CoreSize
        Size by every named definition.
    chirality : Chirality
        Chirality measures and handedness.
    staples : StapleGeometry
        Angles, bites and planarity of the staples.
    selected : SelectedGeometry or None
        Symmetry-unique bonds and angles with symmetry codes; None without a crystal.
    rigidity : Rigidity or None
        Displacement parameters and rigid-bond differences by role; None without a crystal.
    """

    units: KernelUnits
    local_packing: LocalPacking
    blocks: UnifiedModel
    symmetry: ClusterSymmetry
    size: CoreSize
    chirality: Chirality
    staples: StapleGeometry
    selected: SelectedGeometry | None
    rigidity: Rigidity | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Structure:
    """The structure of the clusters of a file and of its crystal.

    Parameters
    ----------
    clusters : tuple of ClusterStructure
        In the order of the clusters of the analysis.
    packing : Packing or None
        How the clusters are packed; None without a crystal or a cluster.
    contacts : Contacts or None
        Contacts between molecules and within them; None without a crystal.
    settings : StructureSettings
        The choices made.
    """

    clusters: tuple[ClusterStructure, ...]
    packing: Packing | None
    contacts: Contacts | None
    settings: StructureSettings


def measure_structure(analysis: Analysis, *, settings: StructureSettings | None = None) -> Structure:
    """Measure everything about the structure that needs more than bonds and counting.

    Parameters
    ----------
    analysis : Analysis
        What is in the file.
    settings : StructureSettings, optional
        Choices that differ from the defaults.

    Returns
    -------
    Structure
        Units, symmetry, size, chirality, staples, packing and contacts.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> structure = measure_structure(analyze("model:au25_sch3_18_nme4")[0])
    >>> structure.clusters[0].units.decompositions[0].identity, structure.packing.clusters_per_cell
    ('13 = 13', 4)
    """
    chosen = settings if settings is not None else StructureSettings()
    assembly = analysis.assembly
    contacts = None
    if analysis.refined:
        roles = [one.role for one in analysis.species]
        contacts = find_contacts(assembly, roles=roles, settings=chosen.contacts)
    return Structure(
        clusters=tuple(_measure_cluster(one, analysis, chosen) for one in analysis.clusters),
        packing=_measure_packing(analysis, chosen),
        contacts=contacts,
        settings=chosen,
    )


def _measure_cluster(
    one: ClusterAnalysis, analysis: Analysis, settings: StructureSettings
) -> ClusterStructure:
    cluster, anatomy, crystal = one.cluster, one.anatomy, analysis.crystal
    group = crystal.space_group if analysis.refined else None
    return ClusterStructure(
        units=find_kernel_units(cluster, anatomy, settings=settings.units),
        local_packing=classify_local_packing(cluster, anatomy),
        blocks=find_blocks(cluster, anatomy, one.electron_count.value),
        symmetry=find_cluster_symmetry(cluster, anatomy, settings=settings.symmetry),
        size=measure_core_size(cluster, anatomy, settings=settings.size),
        chirality=measure_chirality(cluster, anatomy, settings=settings.chirality, space_group=group),
        staples=measure_staples(cluster, anatomy),
        selected=measure_selected_geometry(crystal, cluster, anatomy) if analysis.refined else None,
        rigidity=measure_rigidity(crystal, cluster, anatomy) if analysis.refined else None,
    )


def _measure_packing(analysis: Analysis, settings: StructureSettings) -> Packing | None:
    """Measure the packing of the places that hold clusters, each by the first molecule found in it."""
    if not analysis.refined or not analysis.clusters:
        return None
    places: dict[int, ClusterAnalysis] = {}
    for one in analysis.clusters:
        places.setdefault(id(one.place), one)
    pairs = [(one.cluster, one.anatomy) for one in places.values()]
    return measure_packing(analysis.assembly, pairs, settings=settings.packing)
