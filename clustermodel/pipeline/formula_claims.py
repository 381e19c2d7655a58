"""Does a number follow from formulas alone? Counts, charges, masses, ratios, differences of two formulas."""

import re
from collections import Counter

from clustermodel.cluster.electron_count import magic_numbers
from clustermodel.cluster.formula_count import (
    ClusterFormula,
    count_electrons_of_formula,
    read_cluster_formula,
)
from clustermodel.errors import InputError
from clustermodel.massspec.formula import read_ion
from clustermodel.massspec.ion import measure_ion
from clustermodel.massspec.match import compare_found, compare_printed
from clustermodel.pipeline.claim_evidence import (
    Answer,
    Evidence,
    NotCheckable,
    Rule,
    compare_choices,
    evaluate_sum,
)
from clustermodel.pipeline.published import Claim

__all__ = ["FORMULA_RULES"]

_TERM = re.compile(r"(?P<count>[+-]?\d+)\s*(?P<what>\S.*)")
_SIMPLER = str.maketrans({"\N{MINUS SIGN}": "-"})
_NONE = "none"  # what a claim prints for two formulas that do not differ


def _check_electrons(claim: Claim, evidence: Evidence) -> Answer:
    count = count_electrons_of_formula(evidence.structure.formula)
    terms = " ".join(f"{term.total:+d} {term.label}" for term in count.terms)
    return Answer(
        reproduced=count.value == claim.values[0], found=str(count.value), cause=f"from the formula: {terms}"
    )


def _check_charge(claim: Claim, evidence: Evidence) -> Answer:
    """Say what a printed charge means for the electrons; a formula alone does not fix it."""
    printed = _read_charge(claim.printed[0])
    count = count_electrons_of_formula(evidence.structure.formula)
    neutral = count.at_zero_charge
    if neutral is None:
        msg = f"the formula alone does not tell a charge, and its electrons cannot be counted: {count.reason}"
        raise NotCheckable(msg)
    if count.charge != printed:
        return Answer(
            reproduced=False,
            found="none" if count.charge is None else _write_charge(count.charge),
            cause=f"the formula {evidence.structure.formula} states another charge",
        )
    electrons = neutral - printed
    closed = "a shell closing" if electrons in magic_numbers() else "no shell closing"
    closing = sorted((abs(electrons - n), n) for n in magic_numbers() if abs(neutral - n) <= _CHARGED)
    near = [f"{n} at charge {_write_charge(neutral - n)}" for _, n in closing]
    told = f"; n* = {', '.join(near)} would be" if electrons not in magic_numbers() and near else ""
    given = f"{_write_charge(printed)} as printed gives n* = {electrons}, {closed}{told}"
    msg = f"the formula alone does not tell a charge: {given}"
    raise NotCheckable(msg)


_CHARGED = 6  # e; larger charges are not known of clusters of this size


def _read_charge(text: str) -> int:
    match = re.fullmatch(r"(\d*)([+-])|([+-]?)(\d+)", text.translate(_SIMPLER).strip())
    if match is None:
        msg = f"{text!r} is no charge such as 2+ or +2"
        raise NotCheckable(msg)
    size = int(match[1] or 1) if match[2] else int(match[4])
    return -size if "-" in {match[2], match[3]} else size


def _write_charge(charge: int) -> str:
    return f"{abs(charge)}{'+' if charge > 0 else '-'}" if charge else "0"


def _check_metals(claim: Claim, evidence: Evidence) -> Answer:
    parts = read_cluster_formula(evidence.structure.formula)
    return _check_count(claim, sum(parts.metals.values()), "metal atoms in the formula")


def _build_ligand_rule(kind: str) -> Rule:
    def check(claim: Claim, evidence: Evidence) -> Answer:
        parts = read_cluster_formula(evidence.structure.formula)
        count = sum(ligand.count for ligand in parts.ligands if ligand.kind == kind)
        return _check_count(claim, count, f"{kind}s in the formula")

    return check


def _check_count(claim: Claim, count: int, what: str) -> Answer:
    left, _, right = claim.printed[0].partition("=")
    result = evaluate_sum(right) if right else evaluate_sum(left)
    holds = evaluate_sum(left) == result == count
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
    named = f"{first:g} / {second:g}"
    return compare_choices(claim, [(named, first / second)], "ratio of the printed numbers")


def _check_difference(claim: Claim, evidence: Evidence) -> Answer:
    """Check what the formula of a compound has more and less than that of the other."""
    before = read_cluster_formula(evidence.need_other().structure.formula)
    after = read_cluster_formula(evidence.structure.formula)
    change = _subtract(before, after)
    listed = [f"{n:+d} {name}" for name, n in change.items()]
    shift = (after.charge or 0) - (before.charge or 0)
    listed += (
        [f"charge {_write_charge(before.charge or 0)} to {_write_charge(after.charge or 0)}"] if shift else []
    )
    found = ", ".join(listed) or "no difference"
    counts = [count_electrons_of_formula(parts.text).value for parts in (before, after)]
    electrons = f"n* {counts[0]} to {counts[1]}" if None not in counts else "n* not defined"
    if claim.printed == (_NONE,):
        cause = "the same atoms" if not change else "the formulas differ"
        cause += ", but other charges" if not change and shift else ""
        return Answer(reproduced=not listed, found=found, cause=f"{cause}; {electrons}")
    wrong = [text for text in claim.printed if not _holds(text, before, after)]
    cause = f"not so: {', '.join(wrong)}" if wrong else f"{', '.join(claim.printed)} follows"
    return Answer(reproduced=not wrong, found=found, cause=f"{cause} from the formulas; {electrons}")


def _subtract(before: ClusterFormula, after: ClusterFormula) -> dict[str, int]:
    """Return by how much metals and ligands differ, by name, those that do not left out."""
    counts: Counter[str] = Counter(after.metals)
    counts.subtract(before.metals)
    for parts, sign in ((after, 1), (before, -1)):
        for ligand in parts.ligands:
            counts[_turn_name(ligand.name)] += sign * ligand.count
    return {name: n for name, n in counts.items() if n}


def _holds(text: str, before: ClusterFormula, after: ClusterFormula) -> bool:
    match = _TERM.fullmatch(text.translate(_SIMPLER).strip())
    if match is None:
        msg = f"{text!r} is no term such as '+1 Au', '-2 metal', '+1 phosphine' or '+1 charge'"
        raise NotCheckable(msg)
    what = match["what"]
    return int(match["count"]) == _count(after, what) - _count(before, what)


def _count(parts: ClusterFormula, what: str) -> int:
    """Count what a term names: a metal, all metals, a kind of ligand, one ligand, or the charge."""
    if what == "charge":
        return parts.charge or 0
    if what == "metal":
        return sum(parts.metals.values())
    kinds = sum(ligand.count for ligand in parts.ligands if ligand.kind == what)
    wanted = {_turn_name(what), _name_ligand(what)}
    names = sum(ligand.count for ligand in parts.ligands if _turn_name(ligand.name) in wanted)
    return parts.metals.get(what, 0) + kinds + names


def _name_ligand(text: str) -> str:
    """Return the name that a ligand gets in a formula; its own where it is none."""
    try:
        ligands = read_cluster_formula(f"Au3({text})").ligands
    except InputError:
        return text
    return _turn_name(ligands[0].name) if len(ligands) == 1 else text


def _turn_name(name: str) -> str:
    """Write a thiolate with its S first: both AdmS and SAdm are in use."""
    return f"S{name[:-1]}" if len(name) > 1 and name.endswith("S") else name


FORMULA_RULES: dict[str, Rule] = {
    "electron count": _check_electrons,
    "charge": _check_charge,
    "metal count": _check_metals,
    "thiolate count": _build_ligand_rule("thiolate"),
    "phosphine count": _build_ligand_rule("phosphine"),
    "hydride count": _build_ligand_rule("hydride"),
    "halide count": _build_ligand_rule("halide"),
    "composition difference": _check_difference,
    "calculated m/z": _check_calculated_mass,
    "found m/z": _check_found_mass,
    "ratio": _check_ratio,
}
"""The rules of quantities that follow from formulas, or from other printed numbers."""
