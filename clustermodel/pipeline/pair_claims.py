"""Does a change from one compound to another follow from their structures? Shorter or longer, same or not."""

from collections.abc import Callable

from clustermodel.pipeline.claim_evidence import Answer, Evidence, NotCheckable, Rule
from clustermodel.pipeline.published import Claim
from clustermodel.pipeline.structure_claims import list_intercluster_distances, list_kernel_means

__all__ = ["PAIR_RULES"]

_SIGNS = {"shorter": -1, "longer": 1}
_EQUAL = 0.0005  # Å; a smaller change is none in the digits that papers print

Values = dict[str, float]
"""What is measured, by the definition or cut-off that gives it."""


def _build_trend(measure: Callable[[Evidence], Values], what: str) -> Rule:
    """Return a rule that asks for the sign of a change, under every definition that both have."""

    def check(claim: Claim, evidence: Evidence) -> Answer:
        sign = _SIGNS.get(claim.printed[0])
        if sign is None:
            msg = f"{claim.printed[0]!r} is no trend; expected one of {', '.join(_SIGNS)}"
            raise NotCheckable(msg)
        other = evidence.need_other()
        _need_both(evidence, other)
        before, after = measure(other), measure(evidence)
        changes = {name: after[name] - before[name] for name in after if name in before}
        if not changes:
            msg = f"{what} is not defined for both structures"
            raise NotCheckable(msg)
        agreeing = [name for name, change in changes.items() if change * sign > _EQUAL]
        found = "; ".join(f"{before[name]:.3f} to {after[name]:.3f} {name}" for name in changes)
        if len(agreeing) == len(changes):
            cause = f"{what}: {claim.printed[0]} by every definition compared"
        elif agreeing:
            cause = f"{what}: only {', '.join(agreeing)}; the others say the opposite or no change"
        else:
            cause = f"{what}: by no definition compared"
        return Answer(reproduced=len(agreeing) == len(changes), found=found, cause=cause)

    return check


def _need_both(evidence: Evidence, other: Evidence) -> None:
    for one in (other, evidence):
        one.need_structure()


def _measure_kernel(evidence: Evidence) -> Values:
    one, _ = evidence.need_cluster()
    return {f"below {cutoff:.2f} Å": mean for cutoff, mean in list_kernel_means(one)}


def _measure_donors(*elements: str) -> Callable[[Evidence], Values]:
    """Return a function that measures the mean bond of metal atoms to donors of some elements."""

    def measure(evidence: Evidence) -> Values:
        one, _ = evidence.need_cluster()
        rows = [row for row in one.bonds.rows if row.n and set(row.pair.split("-")) & set(elements)]
        by_role = {row.role: row.mean for row in rows}
        if not rows:
            return {}
        total = sum(row.n for row in rows)
        return {"all": sum(row.n * row.mean for row in rows) / total, **by_role}

    return measure


def _measure_size(evidence: Evidence) -> Values:
    _, structure = evidence.need_cluster()
    wanted = {"largest distance", "length", "width"}
    return {
        f"{row.name} of the {row.part}": row.value
        for row in structure.size.lengths
        if row.name in wanted and row.part == "skeleton"
    }


def _measure_packing(evidence: Evidence) -> Values:
    _, measured = evidence.need_structure()
    distances = list_intercluster_distances(measured)
    return {f"distance {k + 1}": value for k, value in enumerate(distances[:2])}


def _check_same_kernel(claim: Claim, evidence: Evidence) -> Answer:
    """Compare the formulas of the kernels, and their readings as polyhedra, convention by convention."""
    other = evidence.need_other()
    _need_both(evidence, other)
    (one, _), (two, _) = evidence.need_cluster(), other.need_cluster()
    formulas = {anatomy.convention: anatomy.kernel_formula for anatomy in one.conventions}
    pairs = {
        anatomy.convention: (anatomy.kernel_formula, formulas[anatomy.convention])
        for anatomy in two.conventions
        if anatomy.convention in formulas
    }
    agreeing = [name for name, (a, b) in pairs.items() if a == b]
    found = "; ".join(f"{a or 'none'} to {b or 'none'} ({name})" for name, (a, b) in pairs.items())
    cause = f"the same number of atoms by {', '.join(agreeing)}" if agreeing else "by no convention"
    wanted = claim.printed[0] == "same"
    return Answer(reproduced=bool(agreeing) == wanted, found=found, cause=cause)


def _check_undefined(claim: Claim, _: Evidence) -> Answer:
    msg = f"the definition is not given: {claim.definition or 'what is measured is not printed'}"
    raise NotCheckable(msg)


PAIR_RULES: dict[str, Rule] = {
    "trend of mean kernel metal-metal": _build_trend(_measure_kernel, "mean of the kernel"),
    "trend of mean metal-S": _build_trend(_measure_donors("S"), "mean metal-S"),
    "trend of mean metal-P": _build_trend(_measure_donors("P"), "mean metal-P"),
    "trend of length and width": _build_trend(_measure_size, "size of the metal skeleton"),
    "trend of intercluster distances": _build_trend(_measure_packing, "distance of kernel centroids"),
    "trend of compactness": _check_undefined,
    "same kernel": _check_same_kernel,
}
"""The rules of changes between two compounds."""
