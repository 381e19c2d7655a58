"""Which printed numbers follow from the data? Each claim reproduced, not reproduced, or not checkable."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clustermodel.cluster.formula_count import read_cluster_formula
from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import Analysis, AnalysisSettings, analyze
from clustermodel.pipeline.claim_checks import RULES
from clustermodel.pipeline.claim_evidence import Evidence, NotCheckable
from clustermodel.pipeline.compare_sources import find_deposited
from clustermodel.pipeline.published import (
    Claim,
    PublishedPaper,
    PublishedStructure,
    find_private,
    read_paper,
)
from clustermodel.pipeline.structure import measure_structure

__all__ = ["CheckedClaim", "PaperCheck", "check_paper"]

Verdict = Literal["reproduced", "not reproduced", "not checkable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedClaim:
    """A claim with its verdict.

    Parameters
    ----------
    claim : Claim
        What is printed.
    verdict : {"reproduced", "not reproduced", "not checkable"}
        Whether the printed digits follow.
    found : str
        The value found; empty if there is none.
    cause : str
        How it was found, the likely cause of a difference, or what a check needs.
    """

    claim: Claim
    verdict: Verdict
    found: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCheck:
    """The claims of a paper with their verdicts.

    Parameters
    ----------
    paper : PublishedPaper
        The paper.
    claims : tuple of CheckedClaim
        In the order of the file.
    files : dict
        The files of structures that were used, by short name.
    """

    paper: PublishedPaper
    claims: tuple[CheckedClaim, ...]
    files: dict[str, str]

    def count(self, verdict: str) -> int:
        """Return how many claims have a verdict.

        Parameters
        ----------
        verdict : str
            One of the three.

        Returns
        -------
        int
            Their number.
        """
        return sum(one.verdict == verdict for one in self.claims)


def check_paper(
    name: str | Path, *, structures: Mapping[str, str | Path] | None = None, private: Path | None = None
) -> PaperCheck:
    """Check the claims of a paper.

    Claims that follow from formulas are checked at once. Those about a crystal structure need the deposited
    CIF; models are refused, as no number of a model is measured.

    Parameters
    ----------
    name : str or Path
        Key of a paper that travels with the program, or a TOML file.
    structures : mapping of str to path, optional
        Deposited structures by short name.
    private : Path, optional
        Folder in which further CIFs are looked for, recognised by their deposition number;
        ``structures/private`` by default.

    Returns
    -------
    PaperCheck
        All claims with their verdicts.

    Raises
    ------
    InputError
        If the paper is not known, a file cannot be read, holds a model, or belongs to no structure.

    Examples
    --------
    >>> check = check_paper("pan2025", private=Path("nowhere"))
    >>> {one.claim.id: one.verdict for one in check.claims if one.claim.quantity == "calculated m/z"}
    {'mz-calculated-au22': 'reproduced', 'mz-calculated-au21': 'not reproduced'}
    """
    paper = read_paper(name)
    given = {key: Path(path) for key, path in (structures or {}).items()}
    for key in given:
        paper.structure(key)
    found = {**find_deposited(paper, private if private is not None else find_private()), **given}
    evidence = {one.id: _gather(one, found.get(one.id)) for one in paper.structures}
    return PaperCheck(
        paper=paper,
        claims=tuple(
            _check(claim, evidence[claim.structure]._replace(other=evidence.get(claim.other)))
            for claim in paper.claims
        ),
        files={key: str(path) for key, path in found.items()},
    )


def _check(claim: Claim, evidence: Evidence) -> CheckedClaim:
    rule = RULES.get(claim.quantity)
    if rule is None:
        cause = f"no rule for the quantity {claim.quantity!r}; known are {', '.join(RULES)}"
        return CheckedClaim(claim=claim, verdict="not checkable", found="", cause=cause)
    try:
        answer = rule(claim, evidence)
    except NotCheckable as reason:
        return CheckedClaim(claim=claim, verdict="not checkable", found="", cause=str(reason))
    verdict: Verdict = "reproduced" if answer.reproduced else "not reproduced"
    return CheckedClaim(claim=claim, verdict=verdict, found=answer.found, cause=answer.cause)


def _gather(structure: PublishedStructure, path: Path | None) -> Evidence:
    if path is None:
        return Evidence(structure, None, None)
    charge = read_cluster_formula(structure.formula).charge
    analysis, *_ = analyze(path, settings=AnalysisSettings(charge=charge))
    if analysis.crystal.is_model:
        msg = f"{path.name}: is a model; a paper is checked against the deposited structure alone"
        raise InputError(msg)
    if not _fits(analysis, structure):
        clusters = ", ".join(one.formula for one in analysis.clusters) or "no cluster"
        msg = f"{path.name}: found {clusters}, expected the metals of {structure.formula}"
        raise InputError(msg)
    return Evidence(structure, analysis, measure_structure(analysis))


def _fits(analysis: Analysis, structure: PublishedStructure) -> bool:
    """Return whether the first cluster has the metals of the formula."""
    if not analysis.clusters:
        return False
    cluster = analysis.clusters[0].cluster
    elements = [cluster.molecule.elements[atom] for atom in cluster.metals]
    metals = {element: elements.count(element) for element in set(elements)}
    return metals == dict(read_cluster_formula(structure.formula).metals)
