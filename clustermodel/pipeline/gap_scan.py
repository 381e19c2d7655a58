"""Does the gap of a cluster follow where it lacks an atom? One calculation for every different defect.

Every cluster is calculated at the geometry of the parent, with the charge that keeps its superatom electrons:
what differs is the missing atoms alone, and not how the rest would move. A few defects are a few points, and
the statistics say what so few points can tell.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from clustermodel.electronic.result import ElectronicResult
from clustermodel.errors import ClusterModelError
from clustermodel.pipeline.defect_document import DefectEntry, DefectList
from clustermodel.pipeline.gap_statistics import RankCorrelation, compare_ranks
from clustermodel.pipeline.gap_targets import DefectSite, GapTarget, GapTargets, build_gap_targets

__all__ = ["DESCRIPTORS", "Calculate", "GapRow", "GapScan", "scan_gaps"]

Calculate = Callable[[GapTarget], ElectronicResult]

DESCRIPTORS: dict[str, tuple[str, str]] = {
    "exposure": ("free surface", ""),
    "contacts": ("contacts", ""),
    "donor_bonds": ("donor bonds", ""),
    "distance": ("distance from the kernel centre", "Å"),
    "kernel_mean": ("mean contact of the kernel left", "Å"),
}
"""Name and unit of the descriptors that the gap is compared with."""

_REMOVALS = {"vacancy", "staple", "bridge", "ligand"}
_SMALL = 0.1  # eV; 4 kT at the 300 K of the usual Fermi distribution: such levels share their electrons


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """The gap of one defect.

    Parameters
    ----------
    id, kind, title : str
        The defect, as the list names it.
    formula : str
        What was calculated, or would have been; ligands cut. Empty if it was not cut.
    charge : int or None
        The charge that keeps the superatom electrons; None if there is none.
    multiplicity : int or None
        Multiplicity; None without a calculation.
    gap_ev : float
        HOMO-LUMO gap of a closed shell in eV; NaN otherwise.
    change_ev : float
        By how much it is larger than that of the parent, in eV; NaN without either.
    gap_alpha_ev, gap_beta_ev : float
        Gaps of either spin of an open shell in eV; NaN for a closed one.
    site : DefectSite
        What the structure says.
    reason : str
        Why there is no gap; empty if there is one.
    notes : tuple of str
        What the calculation says of itself.
    """

    id: str
    kind: str
    title: str
    formula: str
    charge: int | None = field(metadata={"unit": "e"})
    multiplicity: int | None = field(metadata={"unit": ""})
    gap_ev: float = field(metadata={"unit": "eV"})
    change_ev: float = field(metadata={"unit": "eV"})
    gap_alpha_ev: float = field(metadata={"unit": "eV"})
    gap_beta_ev: float = field(metadata={"unit": "eV"})
    site: DefectSite
    reason: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapScan:
    """The gaps of the defects of one cluster.

    Parameters
    ----------
    level : str
        Level of theory in the words of a paper.
    parent, file : str
        Formula of the cluster and the file it stands in.
    is_model : bool
        Whether it is a model, so that nothing here tells of a measured structure.
    formula : str
        What was calculated of the parent.
    charge, multiplicity : int
        Its charge and multiplicity.
    electrons : int or None
        Its superatom electrons.
    gap_ev : float
        Its gap in eV; NaN for an open shell.
    kernel_mean : float
        Mean contact of its kernel in Å.
    rows : tuple of GapRow
        All defects, in the order of the list.
    correlations : tuple of RankCorrelation
        The gap against each descriptor, over the removals that have a gap.
    tolerance : float
        Within how many Å (rms) sites count as equivalent.
    notes : tuple of str
        What to know.
    """

    level: str
    parent: str
    file: str
    is_model: bool
    formula: str
    charge: int = field(metadata={"unit": "e"})
    multiplicity: int = field(metadata={"unit": ""})
    electrons: int | None = field(metadata={"unit": "electrons"})
    gap_ev: float = field(metadata={"unit": "eV"})
    kernel_mean: float = field(metadata={"unit": "Å"})
    rows: tuple[GapRow, ...]
    correlations: tuple[RankCorrelation, ...]
    tolerance: float = field(metadata={"unit": "Å"})
    notes: tuple[str, ...]

    @property
    def points(self) -> tuple[GapRow, ...]:
        """The defects that enter the statistics: atoms removed, a closed shell."""
        return _select_points(self.rows)


def scan_gaps(found: DefectList, calculate: Calculate, *, targets: GapTargets | None = None) -> GapScan:
    """Calculate the gap of every defect of a cluster.

    Parameters
    ----------
    found : DefectList
        The cluster and its defects.
    calculate : callable
        Takes a target and returns its states, all at one level of theory.
    targets : GapTargets, optional
        What is calculated; made from the list with ligands cut to SH and PH3 by default.

    Returns
    -------
    GapScan
        A row for each defect, also for those without a gap, and what the gap goes along with.

    Raises
    ------
    ChemistryError
        If the charge of the cluster is not known.
    ClusterModelError
        If the parent cannot be calculated; a defect that cannot has its reason in its row.

    Examples
    --------
    >>> from clustermodel.analysis.defect_results import DefectSettings
    >>> from clustermodel.pipeline.calculation import calculate_states
    >>> from clustermodel.electronic.specification import build_specification
    >>> from clustermodel.pipeline.list_defects import list_defects
    >>> def calculate(target):
    ...     level = build_specification("xtb", target.elements, charge=target.charge)
    ...     return calculate_states(target.elements, target.positions, level)[0]
    >>> nothing = DefectSettings(kinds=("bridge removed",))
    >>> scan = scan_gaps(list_defects("model:au25_sch3_18_nme4", defects=nothing), calculate)
    >>> scan.level, scan.formula, len(scan.rows), scan.correlations[0].verdict
    ('GFN1-xTB', 'Au25H18S18', 0, 'n = 0 is too few: nothing is claimed below 6')
    """
    chosen = targets if targets is not None else build_gap_targets(found)
    whole = calculate(chosen.parent)
    reference = math.nan if whole.gap_ev is None else whole.gap_ev
    by_id = {target.id: target for target in chosen.defects}
    rows = [
        _calculate_row(entry, site, by_id[entry.id], calculate, reference)
        if entry.id in by_id
        else _build_row(entry, site, reason=chosen.reasons[entry.id])
        for entry, site in zip(found.entries, chosen.sites, strict=True)
    ]
    points = _select_points(rows)
    return GapScan(
        level=whole.specification.label,
        parent=found.parent.formula,
        file=found.parent.file,
        is_model=found.parent.is_model,
        formula=chosen.parent.formula,
        charge=chosen.parent.charge,
        multiplicity=whole.multiplicity,
        electrons=found.parent.electrons,
        gap_ev=reference,
        kernel_mean=chosen.kernel_mean,
        rows=tuple(rows),
        correlations=_correlate(points),
        tolerance=found.settings.tolerance,
        notes=(*_list_notes(rows, points, whole), *(finding.message for finding in found.findings)),
    )


def _select_points(rows: Sequence[GapRow]) -> tuple[GapRow, ...]:
    return tuple(row for row in rows if row.kind in _REMOVALS and not row.reason)


def _calculate_row(
    entry: DefectEntry, site: DefectSite, target: GapTarget, calculate: Calculate, reference: float
) -> GapRow:
    try:
        result = calculate(target)
    except ClusterModelError as error:
        return _build_row(entry, site, target=target, reason=" ".join(str(error).split()))
    return _build_row(entry, site, target=target, result=result, reference=reference)


def _build_row(
    entry: DefectEntry,
    site: DefectSite,
    *,
    target: GapTarget | None = None,
    result: ElectronicResult | None = None,
    reference: float = math.nan,
    reason: str = "",
) -> GapRow:
    gap = math.nan if result is None or result.gap_ev is None else result.gap_ev
    alpha, beta = (None, None) if result is None else (result.gap_alpha_ev, result.gap_beta_ev)
    if result is not None and math.isnan(gap):
        reason = f"open shell (multiplicity {result.multiplicity}): two gaps, none comparable with the others"
    return GapRow(
        id=entry.id,
        kind=entry.kind,
        title=entry.title,
        formula="" if target is None else target.formula,
        charge=None if target is None else target.charge,
        multiplicity=None if result is None else result.multiplicity,
        gap_ev=gap,
        change_ev=gap - reference,
        gap_alpha_ev=math.nan if alpha is None else alpha,
        gap_beta_ev=math.nan if beta is None else beta,
        site=site,
        reason=reason,
        notes=() if result is None else result.notes,
    )


def _correlate(points: Sequence[GapRow]) -> tuple[RankCorrelation, ...]:
    usable = [name for name in DESCRIPTORS if all(math.isfinite(getattr(p.site, name)) for p in points)]
    return compare_ranks(
        {DESCRIPTORS[name][0]: [float(getattr(p.site, name)) for p in points] for name in usable},
        [p.gap_ev for p in points],
        [p.id for p in points],
    )


def _list_notes(rows: Sequence[GapRow], points: Sequence[GapRow], whole: ElectronicResult) -> list[str]:
    notes = [
        (
            "every cluster is at the geometry of the parent, nothing relaxed, ligands cut: a defect that is "
            "made relaxes, and its gap is another one"
        ),
        "the charge of each is the one that keeps the superatom electrons of the parent",
    ]
    if whole.gap_ev is None:
        notes.append("the parent has an open shell: there is no gap to compare with")
    kinds = list(dict.fromkeys(row.kind for row in points))
    if len(kinds) > 1:
        notes.append(
            f"the points are of {len(kinds)} kinds ({', '.join(kinds)}): an order may be one of kinds"
        )
    left = [row for row in rows if row.reason]
    if left:
        notes.append(f"{len(left)} of {len(rows)} defects have no gap; each has its reason")
    small = [row.id for row in rows if row.gap_ev < _SMALL]
    if small:
        notes.append(f"gaps below {_SMALL:g} eV, where occupations are smeared: {', '.join(small)}")
    return notes
