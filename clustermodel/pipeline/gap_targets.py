"""What is calculated in a scan of defects? Every changed cluster, cut and charged, with facts of its site.

No atom moves: what stays is where the parent has it. The charge is the one that keeps the superatom electrons
of the parent, so that a closed shell stays closed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS
from clustermodel.cluster.truncation import Truncation, TruncationSettings, truncate_cluster
from clustermodel.elements import covalent_radii, format_formula, is_metal
from clustermodel.errors import ChemistryError
from clustermodel.pipeline.defect_document import DefectEntry, DefectList

__all__ = ["DefectSite", "GapTarget", "GapTargets", "build_gap_targets"]

_SAME_PLACE = 1e-3  # Å; atoms of an edit do not move at all, and two atoms are never this near


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectSite:
    """What the structure says of the site of a defect, and of what it leaves.

    Parameters
    ----------
    exposure : float
        Free fraction of the surface of the site.
    contacts, donor_bonds : int
        Metal-metal contacts and metal-donor bonds between the site and the rest.
    distance : float
        From the centroid of the parent's kernel to that of the metal (or else donor) atoms of the site, in Å.
    kernel_mean : float
        Mean distance in Å of the metal-metal contacts, up to the length of a stretched bond (3.50 Å for
        gold), in what the defect leaves of the kernel; NaN without any.
    sites : int
        Number of equivalent sites.
    """

    exposure: float = field(metadata={"unit": ""})
    contacts: int = field(metadata={"unit": ""})
    donor_bonds: int = field(metadata={"unit": ""})
    distance: float = field(metadata={"unit": "Å"})
    kernel_mean: float = field(metadata={"unit": "Å"})
    sites: int = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapTarget:
    """A cluster to be calculated.

    Parameters
    ----------
    id : str
        That of the defect, or ``"parent"``.
    elements : tuple of str, length n
        Element symbols, ligands cut.
    positions : array_like, shape (n, 3)
        Cartesian coordinates in Å.
    charge : int
        Total charge.
    """

    id: str
    elements: tuple[str, ...]
    positions: FloatArray = field(metadata={"unit": "Å"})
    charge: int = field(metadata={"unit": "e"})

    def __post_init__(self) -> None:
        """Freeze the array."""
        frozen = freeze_float(self.positions, (len(self.elements), 3), "positions")
        object.__setattr__(self, "positions", frozen)

    @property
    def formula(self) -> str:
        """Formula of what is calculated."""
        return format_formula(self.elements)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapTargets:
    """The clusters of a scan.

    Parameters
    ----------
    parent : GapTarget
        The cluster without a defect.
    kernel_mean : float
        Mean contact of its kernel in Å, as in `DefectSite`.
    defects : tuple of GapTarget
        Those that can be calculated.
    reasons : dict of str to str
        Why the others cannot, by their ids.
    sites : tuple of DefectSite
        Of all defects, in the order of the list.
    """

    parent: GapTarget
    kernel_mean: float = field(metadata={"unit": "Å"})
    defects: tuple[GapTarget, ...]
    reasons: dict[str, str]
    sites: tuple[DefectSite, ...]


def build_gap_targets(found: DefectList, *, settings: TruncationSettings | None = None) -> GapTargets:
    """Cut the ligands of a cluster and of all its defects.

    Parameters
    ----------
    found : DefectList
        The cluster and its defects.
    settings : TruncationSettings, optional
        How ligands are cut; SH and PH3 by default.

    Returns
    -------
    GapTargets
        What is calculated, and of each site what the structure says.

    Raises
    ------
    ChemistryError
        If the charge of the cluster is not known, or its ligands lack hydrogen atoms that stay.

    Examples
    --------
    >>> from clustermodel.analysis.defect_results import DefectSettings
    >>> from clustermodel.pipeline.list_defects import list_defects
    >>> only = DefectSettings(kinds=("kernel atom removed",))
    >>> targets = build_gap_targets(list_defects("model:au25_sch3_18_nme4", defects=only))
    >>> [(one.id, one.formula, one.charge) for one in (targets.parent, *targets.defects)]
    [('parent', 'Au25H18S18', -1), ('vacancy-1', 'Au24H18S18', -2), ('vacancy-2', 'Au24H18S18', -2)]
    """
    origin, parent = found.origin, found.parent
    if parent.charge is None:
        msg = f"{parent.file}: the charge of {parent.formula} is not known; give it with --charge"
        raise ChemistryError(msg)
    cut = truncate_cluster(origin.cluster, settings=settings)
    if lacking := _describe_lack(cut):
        msg = f"{parent.file}: {lacking}; cut them to SH or SCH3, or give a file with hydrogen atoms"
        raise ChemistryError(msg)
    whole = origin.cluster.molecule
    kernel = whole.positions[list(origin.anatomy.kernel)]
    targets, reasons, sites = [], {}, []
    for entry, changed in zip(found.entries, found.clusters, strict=True):
        sites.append(_describe_site(entry, changed, kernel))
        reason = _find_obstacle(entry)
        own = truncate_cluster(changed, settings=settings)
        if reason := reason or _describe_lack(own):
            reasons[entry.id] = reason
        else:
            targets.append(_build_target(entry.id, own, _find_charge(entry)))
    return GapTargets(
        parent=_build_target("parent", cut, parent.charge),
        kernel_mean=_average_contacts([whole.elements[k] for k in origin.anatomy.kernel], kernel),
        defects=tuple(targets),
        reasons=reasons,
        sites=tuple(sites),
    )


def _build_target(name: str, cut: Truncation, charge: int) -> GapTarget:
    molecule = cut.molecule
    return GapTarget(id=name, elements=molecule.elements, positions=molecule.positions, charge=charge)


def _describe_lack(cut: Truncation) -> str:
    if not cut.lacks_hydrogen:
        return ""
    return f"ligands stay whole that have no hydrogen atoms ({', '.join(cut.lacks_hydrogen)})"


def _find_obstacle(entry: DefectEntry) -> str:
    """Return why a defect cannot be calculated; empty if it can."""
    if not any("electrons" in one.keeps for one in entry.charges):
        return "its superatom electrons cannot be counted, so no charge keeps them"
    if entry.core_clashes:
        worst = entry.clashes[0]
        return f"no room: {worst.added} would be {worst.distance:.2f} Å from {worst.present}"
    return ""


def _find_charge(entry: DefectEntry) -> int:
    return next(one.charge for one in entry.charges if "electrons" in one.keeps)


def _describe_site(entry: DefectEntry, changed: Cluster, kernel: FloatArray) -> DefectSite:
    molecule = changed.molecule
    places = molecule.positions[list(changed.metals)]
    known = [*kernel, *(edit.position for edit in entry.edits if _is_new_metal(entry, edit.element))]
    tree = cKDTree(np.array(known).reshape(-1, 3))
    inside = [
        atom
        for atom, place in zip(changed.metals, places, strict=True)
        if tree.query_ball_point(place, _SAME_PLACE)
    ]
    return DefectSite(
        exposure=entry.exposure,
        contacts=entry.contacts,
        donor_bonds=entry.donor_bonds,
        distance=float(np.linalg.norm(_locate(entry) - kernel.mean(axis=0))) if len(kernel) else math.nan,
        kernel_mean=_average_contacts([molecule.elements[k] for k in inside], molecule.positions[inside]),
        sites=entry.multiplicity,
    )


def _is_new_metal(entry: DefectEntry, element: str) -> bool:
    return entry.change == "vacancy filled" and is_metal(element)


def _locate(entry: DefectEntry) -> FloatArray:
    """Return the centroid of the metal atoms of a site, or of its donor atoms if it has none."""
    metals = [edit.position for edit in entry.edits if is_metal(edit.element)]
    donors = [edit.position for edit in entry.edits if edit.label in entry.site]
    return np.asarray(np.mean(metals or donors, axis=0))


def _average_contacts(elements: Sequence[str], positions: FloatArray) -> float:
    """Return the mean distance of the metal-metal contacts."""
    if len(elements) < 2:
        return math.nan
    radii = covalent_radii(elements)
    first, second = np.triu_indices(len(elements), 1)
    distances = pdist(positions)
    near = distances <= radii[first] + radii[second] + KERNEL_BOND_EXCESS
    return float(distances[near].mean()) if near.any() else math.nan
