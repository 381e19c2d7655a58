"""Does this number follow? One rule for each quantity that papers print."""

import ast
import operator
import re
from collections.abc import Callable
from typing import NamedTuple

from clustermodel.cluster.formula_count import count_electrons_of_formula, read_cluster_formula
from clustermodel.massspec.formula import read_ion
from clustermodel.massspec.ion import measure_ion
from clustermodel.massspec.match import compare_found, compare_printed
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.published import Claim, PublishedStructure
from clustermodel.pipeline.structure import Structure

__all__ = ["RULES", "Answer", "Evidence", "NotCheckable"]

_KERNEL = ("centre-shell", "shell-shell", "kernel")
_VDW_H = 1.20  # Å, bondi1964: what papers mean by the van der Waals radius of hydrogen
_SAME_DISTANCE = 0.005  # Å: two neighbours whose distances print alike


class NotCheckable(Exception):  # noqa: N818 - no error: a verdict with its reason
    """Raised by a rule that lacks what it needs; the text is the reason."""


class Evidence(NamedTuple):
    """What a rule may look at.

    Parameters
    ----------
    structure : PublishedStructure
        The compound.
    analysis : Analysis or None
        Its deposited structure, if it is at hand.
    measured : Structure or None
        What was measured on it.
    """

    structure: PublishedStructure
    analysis: Analysis | None
    measured: Structure | None


class Answer(NamedTuple):
    """What a rule found.

    Parameters
    ----------
    reproduced : bool
        Whether the printed digits follow.
    found : str
        The value found.
    cause : str
        How it was found, or why it differs.
    """

    reproduced: bool
    found: str
    cause: str


def _need(evidence: Evidence) -> tuple[Analysis, Structure]:
    if evidence.analysis is None or evidence.measured is None or not evidence.analysis.clusters:
        place = evidence.structure.deposited or "a CIF"
        msg = f"needs the deposited CIF ({place}): put it in structures/private, or name it with --structure"
        raise NotCheckable(msg)
    return evidence.analysis, evidence.measured


def _compare(claim: Claim, found: list[tuple[str, float]], what: str) -> Answer:
    """Compare one printed number with several found ones, each with the choice that gives it."""
    (printed,) = claim.values
    agreeing = [name for name, value in found if abs(value - printed) <= claim.tolerance() * (1 + 1e-9)]
    decimals = len(claim.printed[0].partition(".")[2])
    listed = "; ".join(f"{value:.{decimals}f} {name}" for name, value in found)
    if agreeing:
        return Answer(reproduced=True, found=listed, cause=f"{what}: {', '.join(agreeing)}")
    return Answer(
        reproduced=False, found=listed or "none", cause=f"{what}: no choice gives {claim.printed[0]}"
    )


def _check_electrons(claim: Claim, evidence: Evidence) -> Answer:
    count = count_electrons_of_formula(evidence.structure.formula)
    terms = " ".join(f"{term.total:+d} {term.label}" for term in count.terms)
    return Answer(
        reproduced=count.value == claim.values[0], found=str(count.value), cause=f"from the formula: {terms}"
    )


def _check_identity(claim: Claim, evidence: Evidence) -> Answer:
    """Check the arithmetic of a printed identity, and its units against the structure if it is there."""
    left, _, right = claim.printed[0].replace("\N{MINUS SIGN}", "-").partition("=")
    total, result = int(left), _evaluate(right, claim)
    holds = total == result
    cause = f"arithmetic: {right.strip()} = {result}"
    if evidence.analysis is None or evidence.measured is None or not evidence.analysis.clusters:
        return Answer(
            reproduced=holds, found=str(result), cause=f"{cause}; the units themselves need the deposited CIF"
        )
    sizes = sorted(int(n) for n in re.findall(r"\d+", right))
    shown = [one.identity for one in evidence.measured.clusters[0].units.decompositions]
    agreeing = [
        text for text in shown if sorted(int(n) for n in re.findall(r"\d+", text.partition("=")[2])) == sizes
    ]
    found = "; ".join(shown) or "no units"
    told = f"{cause}; the structure gives {agreeing[0] if agreeing else found}"
    return Answer(reproduced=holds and bool(agreeing), found=found, cause=told)


_OPERATORS: dict[type, Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def _evaluate(text: str, claim: Claim) -> int:
    def value(node: ast.AST) -> int:
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        msg = f"{claim.printed[0]!r} is no sum of whole numbers"
        raise NotCheckable(msg)

    try:
        return value(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError as error:
        msg = f"{claim.printed[0]!r} is no sum of whole numbers"
        raise NotCheckable(msg) from error


def _check_metals(claim: Claim, evidence: Evidence) -> Answer:
    parts = read_cluster_formula(evidence.structure.formula)
    return _check_count(claim, sum(parts.metals.values()), "metal atoms in the formula")


def _check_thiolates(claim: Claim, evidence: Evidence) -> Answer:
    parts = read_cluster_formula(evidence.structure.formula)
    count = sum(ligand.count for ligand in parts.ligands if ligand.kind == "thiolate")
    return _check_count(claim, count, "thiolates in the formula")


def _check_count(claim: Claim, count: int, what: str) -> Answer:
    left, _, right = claim.printed[0].partition("=")
    result = _evaluate(right, claim) if right else int(left)
    holds = int(left) == result == count
    return Answer(reproduced=holds, found=str(count), cause=f"{count} {what}; {claim.printed[0]}")


def _check_calculated_mass(claim: Claim, evidence: Evidence) -> Answer:
    masses = measure_ion(read_ion(claim.ion or evidence.structure.formula))
    verdict = compare_printed(masses, claim.printed[0])
    found = "; ".join(f"{row.mz:.4f} {row.name}" for row in verdict.rows[:3])
    if verdict.verdict != "none":
        return Answer(reproduced=True, found=found, cause=f"convention or isotopologue: {verdict.verdict}")
    nearest = min(verdict.rows, key=lambda row: abs(row.deviation))
    cause = (
        f"no convention and no isotopologue of the formula; nearest {nearest.name}, {nearest.ppm:+.0f} ppm"
    )
    return Answer(reproduced=False, found=found, cause=cause)


def _check_found_mass(claim: Claim, evidence: Evidence) -> Answer:
    masses = measure_ion(read_ion(claim.ion or evidence.structure.formula))
    verdict = compare_found(masses, claim.values[0])
    nearest = min(verdict.rows, key=lambda row: abs(row.deviation))
    found = f"{nearest.mz:.4f} {nearest.name}"
    top = next(row for row in verdict.rows if row.name == "most abundant")
    cause = f"{top.ppm:+.1f} ppm from the most abundant isotopologue; tolerance {verdict.tolerance_ppm:g} ppm"
    return Answer(reproduced=verdict.verdict != "none", found=found, cause=cause)


def _check_ratio(claim: Claim, _: Evidence) -> Answer:
    first, second = claim.inputs
    return _compare(claim, [(f"{first:g} / {second:g}", first / second)], "ratio of the printed numbers")


def _check_space_group(claim: Claim, evidence: Evidence) -> Answer:
    analysis, _ = _need(evidence)
    found = analysis.crystal.space_group.name
    same = found.replace(" ", "") == claim.printed[0].replace(" ", "")
    return Answer(reproduced=same, found=found, cause=f"from {analysis.crystal.space_group.source}")


def _check_kernel_bonds(claim: Claim, evidence: Evidence) -> Answer:
    analysis, _ = _need(evidence)
    rows = [row for row in analysis.clusters[0].bonds.by_cutoff if row.role in _KERNEL]
    found = []
    for cutoff in sorted({row.cutoff for row in rows}):
        own = [row for row in rows if row.cutoff == cutoff and row.n]
        count = sum(row.n for row in own)
        found.append((f"below {cutoff:.2f} Å", sum(row.n * row.mean for row in own) / count))
    return _compare(claim, found, "mean of all metal-metal pairs of the kernel, by cut-off")


def _check_size(claim: Claim, evidence: Evidence) -> Answer:
    _, measured = _need(evidence)
    lengths = measured.clusters[0].size.lengths
    hits = []
    for number, value in enumerate(claim.values):
        names = [
            f"{row.name} of the {row.part}"
            for row in lengths
            if abs(row.value - value) <= claim.tolerance(number) * (1 + 1e-9)
        ]
        hits.append((claim.printed[number], names))
    told = "; ".join(f"{text}: {', '.join(names) or 'no definition gives it'}" for text, names in hits)
    skeleton = [row for row in lengths if row.part == "skeleton"][:6]
    found = "; ".join(f"{row.value:.2f} {row.name}" for row in skeleton)
    return Answer(reproduced=all(names for _, names in hits), found=found, cause=told)


def _check_distances(claim: Claim, evidence: Evidence) -> Answer:
    _, measured = _need(evidence)
    if measured.packing is None:
        msg = "the structure has no packing: it is no crystal"
        raise NotCheckable(msg)
    found: list[float] = []
    for value in sorted(row.centroid_distance for row in measured.packing.neighbours):
        if not found or value - found[-1] > _SAME_DISTANCE:
            found.append(value)
    shown = found[: max(4, len(claim.values))]
    missing = [
        text
        for number, (text, value) in enumerate(zip(claim.printed, claim.values, strict=True))
        if all(abs(value - one) > claim.tolerance(number) * (1 + 1e-9) for one in found)
    ]
    cause = "distances of kernel centroids" + (f"; {', '.join(missing)} is not among them" if missing else "")
    return Answer(reproduced=not missing, found="; ".join(f"{value:.2f}" for value in shown), cause=cause)


def _check_hydrogen_contacts(claim: Claim, evidence: Evidence) -> Answer:
    (printed,) = claim.values
    limit = 2 * _VDW_H
    if evidence.measured is None and printed - claim.tolerance() >= limit:
        found = f"below {limit:.2f}"
        cause = (
            f"a mean of distances below the sum of the van der Waals radii ({limit:.2f} Å) cannot reach it: "
            "the contacts were chosen with a longer cut-off, which is not printed"
        )
        return Answer(reproduced=False, found=found, cause=cause)
    _, measured = _need(evidence)
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
    return _compare(claim, found_means, "mean of all H···H contacts between clusters, by cut-off")


def _check_spectra(claim: Claim, _: Evidence) -> Answer:
    told = f"; {claim.definition}" if claim.definition else ""
    msg = f"needs the measured data{told}"
    raise NotCheckable(msg)


RULES: dict[str, Callable[[Claim, Evidence], Answer]] = {
    "electron count": _check_electrons,
    "kernel units": _check_identity,
    "metal count": _check_metals,
    "thiolate count": _check_thiolates,
    "calculated m/z": _check_calculated_mass,
    "found m/z": _check_found_mass,
    "ratio": _check_ratio,
    "space group": _check_space_group,
    "mean kernel metal-metal": _check_kernel_bonds,
    "length and width": _check_size,
    "intercluster distances": _check_distances,
    "mean H···H": _check_hydrogen_contacts,
    "quantum yield": _check_spectra,
    "average lifetime": _check_spectra,
    "linewidth parameters": _check_spectra,
    "transient lifetimes": _check_spectra,
}
"""The rule of each quantity."""
