"""How do two structures differ? From two files to everything that is said about the pair, in one call."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from clustermodel.analysis.pair_comparison import PairComparison, PairSettings, compare_pair
from clustermodel.analysis.pair_quantities import list_sizes
from clustermodel.analysis.pair_side import PairSide
from clustermodel.assembly.correlated_values import build_distance_source
from clustermodel.pipeline.compare_quantities import compare_crystals
from clustermodel.pipeline.compare_side import ComparedStructure, MeasureSettings, SideSettings, read_side
from clustermodel.pipeline.compare_sources import resolve_structure
from clustermodel.structure.finding import Finding

__all__ = [
    "CompareSettings",
    "ComparedStructure",
    "Comparison",
    "MeasureSettings",
    "SideSettings",
    "compare_structures",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSettings:
    """The choices behind a comparison of two structures.

    Parameters
    ----------
    a, b : SideSettings, optional
        Choices of either structure.
    measures : MeasureSettings, optional
        Choices of kernel units, size, packing and contacts, the same for both.
    pair : PairSettings, optional
        Choices of the atom map and the bonds.
    """

    a: SideSettings = field(default_factory=SideSettings)
    b: SideSettings = field(default_factory=SideSettings)
    measures: MeasureSettings = field(default_factory=MeasureSettings)
    pair: PairSettings = field(default_factory=PairSettings)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Two structures compared.

    Parameters
    ----------
    a, b : ComparedStructure
        The structures.
    pair : PairComparison
        Atom map, vacant sites, bonds and all other differences.
    settings : CompareSettings
        The choices.
    findings : tuple of Finding
        What a reader should know, of the pair and of the two files.
    """

    a: ComparedStructure
    b: ComparedStructure
    pair: PairComparison
    settings: CompareSettings
    findings: tuple[Finding, ...]


def compare_structures(
    a: str | Path, b: str | Path, *, settings: CompareSettings | None = None, private: Path | None = None
) -> Comparison:
    """Compare the clusters of two structures.

    Parameters
    ----------
    a, b : str or Path
        A CIF, any file that ASE reads, an embedded model (``model:...``), or a compound of a paper
        (``paper:pan2025:au21``): the deposited file where the user has it, else its model.
    settings : CompareSettings, optional
        Choices that differ from the defaults.
    private : Path, optional
        Folder of deposited structures; ``structures/private`` by default.

    Returns
    -------
    Comparison
        Missing and moved atoms, differences of bonds, size, electrons, displacements, packing and contacts.

    Raises
    ------
    InputError
        If a file cannot be read, holds no cluster, or several of which none was chosen.
    ChemistryError
        If the clusters cannot be laid on each other, or one is part of a polymer.

    Examples
    --------
    >>> name = "model:au25_sch3_18_nme4"
    >>> comparison = compare_structures(name, name)
    >>> len(comparison.pair.atom_map.mapped), comparison.pair.sites
    (115, ())
    """
    chosen = settings if settings is not None else CompareSettings()
    resolved = resolve_structure(a, private=private), resolve_structure(b, private=private)
    first = read_side(resolved[0], "a", settings=chosen.a, measures=chosen.measures)
    same = resolved[0].path == resolved[1].path and chosen.a == chosen.b
    second = first if same else read_side(resolved[1], "b", settings=chosen.b, measures=chosen.measures)
    first, second = _rename(first, second)
    quantities, told = compare_crystals(first, second)
    pair = compare_pair(
        _build_side(first),
        _build_side(second),
        settings=chosen.pair,
        quantities=(
            (*list_sizes(first.size), *quantities[0]),
            (*list_sizes(second.size), *quantities[1]),
        ),
    )
    return Comparison(
        a=first,
        b=second,
        pair=pair,
        settings=chosen,
        findings=(
            *dict.fromkeys(finding for one in resolved for finding in one.findings),
            *_tell_sources(first, second),
            *pair.findings,
            *told,
        ),
    )


def _rename(
    first: ComparedStructure, second: ComparedStructure
) -> tuple[ComparedStructure, ComparedStructure]:
    """Tell two structures of one name apart."""
    if first.name != second.name:
        return first, second
    return replace(first, name=f"{first.name} (a)"), replace(second, name=f"{second.name} (b)")


def _build_side(one: ComparedStructure) -> PairSide:
    molecule = one.cluster.cluster.molecule
    measured = one.analysis.refined and not one.is_model
    return PairSide(
        name=one.name,
        cluster=one.cluster.cluster,
        anatomy=one.cluster.anatomy,
        charge=one.cluster.charge.value,
        errors=build_distance_source(one.analysis.crystal, molecule) if measured else None,
    )


def _tell_sources(a: ComparedStructure, b: ComparedStructure) -> Iterator[Finding]:
    models = list(dict.fromkeys(one.name for one in (a, b) if one.is_model))
    if models:
        verb = "is a model" if len(models) == 1 else "are models"
        what = "no number here is measured" if len(models) == 2 else "no difference here is measured"
        message = f"{' and '.join(models)} {verb}: {what}"
        yield Finding(code="compare-model", severity="warning", message=message)
    loose = list(dict.fromkeys(one.name for one in (a, b) if not one.analysis.refined))
    if loose:
        verb = "holds" if len(loose) == 1 else "hold"
        message = f"{' and '.join(loose)} {verb} no refined crystal: bond lengths have no s.u."
        yield Finding(code="compare-no-crystal", severity="info", message=message)
    if a.analysis.refined != b.analysis.refined and not models:
        message = f"{loose[0]} is no refined crystal, the other is: what differs may be the method"
        yield Finding(code="compare-methods", severity="warning", message=message)
    unknown = list(dict.fromkeys(one.name for one in (a, b) if one.cluster.charge.value is None))
    if unknown:
        message = (
            f"the charge of {' and '.join(unknown)} is not known, so superatom electrons are not compared; "
            f"give --charge-a or --charge-b"
        )
        yield Finding(code="compare-charge", severity="info", message=message)
    sources = [(one.analysis.crystal.source.sha256, one.cluster.formula, one.cluster.id) for one in (a, b)]
    if sources[0] == sources[1]:
        message = "both files hold the same cluster, byte for byte"
        yield Finding(code="compare-same", severity="info", message=message)
