"""What does the terminal show of a structure? A line each for units, symmetry, size, chirality, packing."""

from clustermodel.analysis.contact_criteria import CONTACT_KINDS
from clustermodel.analysis.contact_results import Contacts
from clustermodel.analysis.core_size import CoreSize
from clustermodel.analysis.kernel_units import Decomposition
from clustermodel.analysis.packing import Packing
from clustermodel.analysis.point_group import ClusterSymmetry
from clustermodel.pipeline.structure import ClusterStructure, Structure

__all__ = ["list_cluster_lines", "list_crystal_lines"]

Lines = list[tuple[str, str]]

_TOLERANCE = 0.5  # Å: within it the metal skeletons of known clusters show their idealised symmetry
_SHOWN = 3  # distances of neighbours


def list_cluster_lines(structure: ClusterStructure) -> Lines:
    """List what to say about the structure of one cluster.

    Parameters
    ----------
    structure : ClusterStructure
        What was measured.

    Returns
    -------
    list of tuple of str
        A name and a text each.
    """
    lines: Lines = []
    found = structure.units.decompositions
    if found:
        others = len(found) - 1
        rivals = f"; {others} other reading{'s' if others > 1 else ''}" if others else ""
        lines.append(("kernel units", _describe_units(found[0]) + rivals))
    lines.append(("symmetry", _describe_symmetry(structure.symmetry)))
    lines.append(("size", _describe_size(structure.size)))
    chiral = [f"{part.part} {part.hausdorff.distance:.2f} Å" for part in structure.chirality.parts]
    hand = f", staples wind {structure.chirality.handedness}" if structure.chirality.handedness else ""
    lines.append(("from its mirror image", ", ".join(chiral) + hand))
    counts = ", ".join(f"{n} {label}" for label, n in structure.local_packing.counts)
    lines.append(("local packing", counts))
    return lines


def list_crystal_lines(structure: Structure) -> Lines:
    """List what to say about the crystal.

    Parameters
    ----------
    structure : Structure
        What was measured.

    Returns
    -------
    list of tuple of str
        A name and a text each; none without a crystal.
    """
    lines: Lines = []
    if structure.packing is not None:
        lines += _list_packing(structure.packing)
    if structure.contacts is not None:
        lines += _list_contacts(structure.contacts)
    return lines


def _describe_units(best: Decomposition) -> str:
    told = [f"{unit.label}, CShM {unit.readings[0].measure:.2f}" for unit in best.units]
    unique = [
        f"{told.count(text)} × {text}" if told.count(text) > 1 else text for text in dict.fromkeys(told)
    ]
    shared = [f"{one.formula} {one.kind}" for one in best.shared]
    common = f"; sharing {', '.join(dict.fromkeys(shared))}" if shared else ""
    doubt = "" if best.convincing else "; not convincing"
    identity = f"{best.identity}: " if len(best.units) > 1 else ""
    return f"{identity}{'; '.join(unique)}{common}{doubt}"


def _describe_symmetry(symmetry: ClusterSymmetry) -> str:
    parts = {
        "kernel": symmetry.kernel,
        "metals": symmetry.skeleton,
        "metals and donors": symmetry.framework,
        "cluster": symmetry.cluster,
    }
    told = []
    for name, group in parts.items():
        if group is not None:
            nearest = min(group.ladder, key=lambda row: abs(row.tolerance - _TOLERANCE))
            told.append(f"{name} {nearest.held.symbol}")
    return f"{', '.join(told)} (within {_TOLERANCE:.1f} Å)"


def _describe_size(size: CoreSize) -> str:
    wanted = ("largest distance", "length", "width", "height")
    told = [
        f"{row.name} {row.value:.2f}" for row in size.lengths if row.part == "skeleton" and row.name in wanted
    ]
    return f"metals: {', '.join(told)} Å"


def _list_packing(packing: Packing) -> Lines:
    distances: list[float] = []
    for row in sorted(packing.neighbours, key=lambda one: one.centroid_distance):
        if not distances or row.centroid_distance - distances[-1] > 0.005:  # Å: else printed alike
            distances.append(row.centroid_distance)
    shown = ", ".join(f"{value:.2f}" for value in distances[:_SHOWN])
    return [
        ("nearest clusters", f"{shown} Å between kernel centroids; {packing.lattice}"),
        ("packing", f"coefficient {packing.coefficient:.3f}, density {packing.density:.3f} g/cm3"),
    ]


def _list_contacts(contacts: Contacts) -> Lines:
    lines = []
    for table in contacts.tables:
        if table.scope == "intermolecular" and "cluster" in table.between and table.by_cutoff:
            last = table.by_cutoff[-1]
            relative = "the sum of the radii + " if CONTACT_KINDS[table.kind].relative else ""
            told = f"{last.n_cell} per cell below {relative}{last.cutoff:.2f} Å, mean {last.mean:.3f} Å"
            lines.append((f"{table.kind}, {'–'.join(table.between)}", told))
    return lines
