"""Does a number follow from a crystal structure? Kernel, motifs, symmetry, bonds, size, packing, contacts."""

import re

from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.claim_evidence import (
    Answer,
    Evidence,
    NotCheckable,
    Rule,
    agrees,
    compare_choices,
    evaluate_sum,
)
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis
from clustermodel.pipeline.published import Claim
from clustermodel.pipeline.structure import Structure

__all__ = ["STRUCTURE_RULES", "list_intercluster_distances", "list_kernel_means"]

_KERNEL = ("centre-shell", "shell-shell", "kernel")
_VDW_H = 1.20  # Å, bondi1964: what papers mean by the van der Waals radius of hydrogen
_SAME_DISTANCE = 0.005  # Å: two neighbours whose distances print alike
_SHOWN = 4  # distances, where a claim has fewer
_MULTIPLE = 2  # contacts; the least that "multiple" can mean
_COUNTED = re.compile(r"(?:(?P<count>\d+)\s+)?(?P<label>\S.*)")


def list_kernel_means(one: ClusterAnalysis) -> list[tuple[float, float]]:
    """List the mean metal-metal distance in a kernel for every cut-off.

    Parameters
    ----------
    one : ClusterAnalysis
        The cluster.

    Returns
    -------
    list of (float, float)
        Cut-off and mean in Å, by growing cut-off.
    """
    rows = [row for row in one.bonds.by_cutoff if row.role in _KERNEL]
    found = []
    for cutoff in sorted({row.cutoff for row in rows}):
        own = [row for row in rows if row.cutoff == cutoff and row.n]
        count = sum(row.n for row in own)
        if count:
            found.append((cutoff, sum(row.n * row.mean for row in own) / count))
    return found


def list_intercluster_distances(measured: Structure) -> list[float]:
    """List the distances of the kernel centroids of neighbours, those that print alike once.

    Parameters
    ----------
    measured : Structure
        What was measured on a structure.

    Returns
    -------
    list of float
        Distances in Å, the shortest first.

    Raises
    ------
    NotCheckable
        If it is no crystal.
    """
    if measured.packing is None:
        msg = "the structure has no packing: it is no crystal"
        raise NotCheckable(msg)
    found: list[float] = []
    for value in sorted(row.centroid_distance for row in measured.packing.neighbours):
        if not found or value - found[-1] > _SAME_DISTANCE:
            found.append(value)
    return found


def _check_identity(claim: Claim, evidence: Evidence) -> Answer:
    """Check the arithmetic of a printed identity, and its units against the structure if it is there."""
    left, _, right = claim.printed[0].replace("\N{MINUS SIGN}", "-").partition("=")
    total, result = evaluate_sum(left), evaluate_sum(right)
    holds = total == result
    cause = f"arithmetic: {right.strip()} = {result}"
    if not evidence.has_structure:
        return Answer(
            reproduced=holds, found=str(result), cause=f"{cause}; the units themselves need the deposited CIF"
        )
    _, structure = evidence.need_cluster()
    sizes = _read_sizes(right)
    shown = [one.identity for one in structure.units.decompositions]
    agreeing = [text for text in shown if _read_sizes(text.partition("=")[2]) == sizes]
    found = "; ".join(shown) or "no units"
    told = f"{cause}; the structure gives {agreeing[0] if agreeing else found}"
    return Answer(reproduced=holds and bool(agreeing), found=found, cause=told)


def _read_sizes(text: str) -> list[int]:
    return sorted(int(n) for n in re.findall(r"\d+", text))


def _check_polyhedron(claim: Claim, evidence: Evidence) -> Answer:
    """Ask for the best reading of every unit, in the first division of the kernel and the convincing ones."""
    _, structure = evidence.need_cluster()
    divisions = [one for k, one in enumerate(structure.units.decompositions) if k == 0 or one.convincing]
    found = "; ".join(
        f"{one.identity}: {', '.join(u.readings[0].name for u in one.units)}" for one in divisions
    )
    for one in divisions:
        for unit in one.units:
            if unit.readings[0].polyhedron == claim.printed[0]:
                doubts = "" if one.convincing else f"; not convincing: {'; '.join(one.doubts)}"
                return Answer(reproduced=True, found=found, cause=f"{unit.label}{doubts}")
    return Answer(
        reproduced=False, found=found or "no polyhedron", cause="no unit of the kernel reads so at its best"
    )


def _check_kernel_size(claim: Claim, evidence: Evidence) -> Answer:
    one, _ = evidence.need_cluster()
    found = [(anatomy.convention, float(len(anatomy.kernel))) for anatomy in one.conventions]
    return compare_choices(claim, found, "kernel atoms by convention")


def _check_motifs(claim: Claim, evidence: Evidence) -> Answer:
    """Check that motifs are there, and how many where the claim says it, by any convention."""
    one, _ = evidence.need_cluster()
    by_summary: dict[str, list[str]] = {}
    for anatomy in one.conventions:
        by_summary.setdefault(anatomy.summary, []).append(anatomy.convention)
    found = "; ".join(f"{summary} ({', '.join(names)})" for summary, names in by_summary.items())
    agreeing = [
        anatomy.convention
        for anatomy in one.conventions
        if all(_has_motif(dict(anatomy.inventory), text) for text in claim.printed)
    ]
    cause = f"convention: {', '.join(agreeing)}" if agreeing else "by no convention"
    return Answer(reproduced=bool(agreeing), found=found, cause=cause)


def _has_motif(inventory: dict[str, int], text: str) -> bool:
    match = _COUNTED.fullmatch(text.strip())
    assert match is not None
    count = inventory.get(match["label"], 0)
    return count == int(match["count"]) if match["count"] else count > 0


def _check_point_group(claim: Claim, evidence: Evidence) -> Answer:
    """Look for the group among those of the parts of the cluster, at every tolerance."""
    _, structure = evidence.need_cluster()
    parts = {
        "kernel": structure.symmetry.kernel,
        "metals": structure.symmetry.skeleton,
        "metals and donors": structure.symmetry.framework,
        "cluster": structure.symmetry.cluster,
    }
    rungs = [
        (part, rung.held.symbol, rung.tolerance)
        for part, group in parts.items()
        if group is not None
        for rung in group.ladder
    ]
    agreeing = [f"{part} within {limit:g} Å" for part, symbol, limit in rungs if symbol == claim.printed[0]]
    largest = {part: f"{part} {symbol} within {limit:g} Å" for part, symbol, limit in rungs}
    cause = agreeing[0] if agreeing else "no part has this group at any tolerance"
    return Answer(reproduced=bool(agreeing), found="; ".join(largest.values()), cause=cause)


def _check_space_group(claim: Claim, evidence: Evidence) -> Answer:
    analysis, _ = evidence.need_structure()
    _need_crystal(analysis)
    found = analysis.crystal.space_group.name
    same = bool(_list_symbols(found) & _list_symbols(claim.printed[0]))
    return Answer(reproduced=same, found=found, cause=f"from {analysis.crystal.space_group.source}")


def _list_symbols(name: str) -> set[str]:
    """Return a Hermann-Mauguin symbol in full and short, without spaces and choice of origin."""
    lattice, *axes = name.partition(":")[0].split()
    short = [axis for axis in axes if axis != "1"]
    return {lattice + "".join(axes), lattice + "".join(short or axes)}


def _check_kernel_bonds(claim: Claim, evidence: Evidence) -> Answer:
    one, _ = evidence.need_cluster()
    found = [(f"below {cutoff:.2f} Å", mean) for cutoff, mean in list_kernel_means(one)]
    return compare_choices(claim, found, "mean of all metal-metal pairs of the kernel, by cut-off")


def _check_size(claim: Claim, evidence: Evidence) -> Answer:
    _, structure = evidence.need_cluster()
    lengths = structure.size.lengths
    hits = [
        (text, [f"{row.name} of the {row.part}" for row in lengths if agrees(claim, row.value, number)])
        for number, text in enumerate(claim.printed)
    ]
    told = "; ".join(f"{text}: {', '.join(names) or 'no definition gives it'}" for text, names in hits)
    skeleton = [row for row in lengths if row.part == "skeleton"][:6]
    found = "; ".join(f"{row.value:.2f} {row.name}" for row in skeleton)
    return Answer(reproduced=all(names for _, names in hits), found=found, cause=told)


def _check_distances(claim: Claim, evidence: Evidence) -> Answer:
    _, measured = evidence.need_structure()
    found = list_intercluster_distances(measured)
    missing = [
        text
        for number, text in enumerate(claim.printed)
        if not any(agrees(claim, value, number) for value in found)
    ]
    cause = "distances of kernel centroids" + (f"; {', '.join(missing)} is not among them" if missing else "")
    shown = found[: max(_SHOWN, len(claim.values))]
    return Answer(reproduced=not missing, found="; ".join(f"{value:.2f}" for value in shown), cause=cause)


def _check_hydrogen_contacts(claim: Claim, evidence: Evidence) -> Answer:
    (printed,) = claim.values
    limit = 2 * _VDW_H
    if not evidence.has_structure and printed - claim.tolerance() >= limit:
        found = f"below {limit:.2f}"
        cause = (
            f"a mean of distances below the sum of the van der Waals radii ({limit:.2f} Å) cannot reach it: "
            "the contacts were chosen with a longer cut-off, which is not printed"
        )
        return Answer(reproduced=False, found=found, cause=cause)
    analysis, measured = evidence.need_structure()
    _need_crystal(analysis)
    rows = [
        count
        for table in (measured.contacts.tables if measured.contacts else ())
        if table.kind == "hydrogen-hydrogen"
        and table.scope == "intermolecular"
        and table.between == ("cluster", "cluster")
        for count in table.by_cutoff
        if count.n_cell
    ]
    found_means = [(f"below {row.cutoff:.2f} Å", row.mean) for row in rows]
    return compare_choices(claim, found_means, "mean of all H···H contacts between clusters, by cut-off")


def _check_ring_contacts(claim: Claim, evidence: Evidence) -> Answer:
    """Count the C-H contacts to rings between clusters; "multiple" is two or more."""
    analysis, measured = evidence.need_structure()
    _need_crystal(analysis)
    count = len(measured.contacts.table("CH-pi").contacts) if measured.contacts else 0
    cause = f"{count} symmetry-unique C–H···π contacts between clusters by the limits of the contact tables"
    if claim.values:
        return Answer(reproduced=agrees(claim, count), found=str(count), cause=cause)
    return Answer(reproduced=count >= _MULTIPLE, found=str(count), cause=cause)


def _need_crystal(analysis: Analysis) -> None:
    if not analysis.refined:
        msg = f"{analysis.crystal.source.file} is no crystal structure: it has no space group and no contacts"
        raise NotCheckable(msg)


STRUCTURE_RULES: dict[str, Rule] = {
    "kernel units": _check_identity,
    "kernel polyhedron": _check_polyhedron,
    "kernel size": _check_kernel_size,
    "motifs": _check_motifs,
    "point group": _check_point_group,
    "space group": _check_space_group,
    "mean kernel metal-metal": _check_kernel_bonds,
    "length and width": _check_size,
    "intercluster distances": _check_distances,
    "mean H···H": _check_hydrogen_contacts,
    "C–H···π contacts": _check_ring_contacts,
}
"""The rules of quantities of a crystal structure."""
