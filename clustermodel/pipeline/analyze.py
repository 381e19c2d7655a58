"""What is in this file? From a structure file to everything the report says, in one call."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from clustermodel.assembly.bonding import BONDING_RULES, BondingRule
from clustermodel.assembly.correlated_values import build_distance_source
from clustermodel.assembly.disorder import DisorderChoice
from clustermodel.assembly.distinct import DistinctMolecule
from clustermodel.assembly.molecules import Assembly, assemble_molecules
from clustermodel.assembly.vacancies import Variant, average_formula, find_variants, tell_vacancies
from clustermodel.cluster.charge import ChargeAssignment, SpeciesCount, assign_charge
from clustermodel.cluster.species import Species, classify_species
from clustermodel.errors import InputError
from clustermodel.io.cif import read_cif, read_cif_blocks
from clustermodel.io.embedded import PREFIX, find_model
from clustermodel.io.interop import read_atoms
from clustermodel.pipeline.audit import audit_declared
from clustermodel.pipeline.cluster_analysis import (
    ClusterAnalysis,
    ClusterQuestion,
    analyze_cluster,
)
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.finding import Finding
from clustermodel.structure.site_symmetry import find_site_symmetry

__all__ = ["Analysis", "AnalysisSettings", "analyze", "analyze_crystal"]

_CIF = frozenset({".cif", ".mcif", ".cif_", ".inp", ".txt", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSettings:
    """The choices behind an analysis.

    Parameters
    ----------
    charge : int or None
        Charge of the cluster given by the user.
    convention : str
        Kernel convention of the main answer.
    kernel_labels : tuple of str
        Kernel atoms named by the user; they override the convention.
    disorder : DisorderChoice
        What to keep where the structure is disordered.
    rule : BondingRule
        Limits for bonds.
    """

    charge: int | None = None
    convention: str = "staple"
    kernel_labels: tuple[str, ...] = ()
    disorder: DisorderChoice = field(default_factory=DisorderChoice)
    rule: BondingRule = BONDING_RULES["cordero"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis:
    """What is in a structure.

    Parameters
    ----------
    assembly : Assembly
        Crystal, molecules and contacts.
    refined : bool
        False for files that hold no refined crystal structure, whose cell means nothing.
    species : tuple of Species
        Every distinct molecule.
    clusters : tuple of ClusterAnalysis
        The symmetry-unique clusters; a co-crystal of filled and defect molecules gives several.
    charge : ChargeAssignment
        Charge of the cluster, or of the metal complex, with its source.
    settings : AnalysisSettings
        The choices made.
    audit : tuple of Finding
        Everything that was noticed, repaired, chosen or left out.
    """

    assembly: Assembly
    refined: bool
    species: tuple[Species, ...]
    clusters: tuple[ClusterAnalysis, ...]
    charge: ChargeAssignment
    settings: AnalysisSettings
    audit: tuple[Finding, ...]

    @property
    def crystal(self) -> Crystal:
        """The crystal, or the box of a file without a lattice."""
        return self.assembly.crystal


def analyze(
    path: str | Path, *, settings: AnalysisSettings | None = None, block: str | None = None
) -> tuple[Analysis, ...]:
    """Analyse a structure file.

    Parameters
    ----------
    path : str or Path
        A CIF, any file that ASE reads, or the name of an embedded model (``model:...``).
    settings : AnalysisSettings, optional
        Choices that differ from the defaults.
    block : str, optional
        Data block of a CIF: a name or ``"all"``; by default the first with atoms.

    Returns
    -------
    tuple of Analysis
        One analysis unless all blocks were asked for.

    Raises
    ------
    InputError
        If the file cannot be read or a choice does not exist in it.

    Examples
    --------
    >>> (analysis,) = analyze("model:au25_sch3_18_nme4")
    >>> cluster = analysis.clusters[0]
    >>> cluster.formula, cluster.charge.value, cluster.anatomy.summary
    ('C18H54Au25S18', -1, 'Au13 + 6 Au2(SR)3')
    >>> cluster.electron_count.value
    8
    """
    chosen = settings if settings is not None else AnalysisSettings()
    file = find_model(str(path)) if str(path).startswith(PREFIX) else Path(path)
    if _is_cif(file):
        crystals = read_cif_blocks(file) if block == "all" else (read_cif(file, block=block),)
        return tuple(analyze_crystal(crystal, settings=chosen) for crystal in crystals)
    if block is not None:
        msg = (
            f"{file.name}: a data block {block!r} was asked for, but the file is not a CIF; leave --block out"
        )
        raise InputError(msg)
    return (analyze_crystal(read_atoms(file), settings=chosen, refined=False),)


def analyze_crystal(
    crystal: Crystal, *, settings: AnalysisSettings | None = None, refined: bool = True
) -> Analysis:
    """Analyse a crystal that was read before.

    Parameters
    ----------
    crystal : Crystal
        The structure as refined.
    settings : AnalysisSettings, optional
        Choices that differ from the defaults.
    refined : bool, optional
        False if the atoms are no refined crystal structure: then nothing is said about the
        crystal, and electroneutrality is no evidence of a charge.

    Returns
    -------
    Analysis
        Species, clusters and audit.

    Raises
    ------
    InputError
        If a choice does not exist in the structure.
    """
    chosen = settings if settings is not None else AnalysisSettings()
    assembly = assemble_molecules(crystal, rule=chosen.rule, choice=chosen.disorder)
    species = classify_species(assembly)
    places = tuple(
        _Place(one.distinct, find_variants(one.distinct)) for one in species if one.role == "cluster"
    )
    charge = _assign_charge(assembly, species, chosen, refined=refined)
    if any(len(place.variants) > 1 for place in places):
        charge = _average_charge(charge)
    clusters = _analyze_clusters(assembly, places, charge, chosen, refined=refined)
    where = f"{crystal.source.file}, block {crystal.source.block}"
    return Analysis(
        assembly=assembly,
        refined=refined,
        species=species,
        clusters=clusters,
        charge=charge,
        settings=chosen,
        audit=(
            *assembly.findings,
            *(audit_declared(assembly, species) if refined else ()),
            *(finding for place in places for finding in tell_vacancies(place.variants, where)),
            *charge.findings,
            *(_named(finding, one.id) for one in clusters for finding in one.findings),
        ),
    )


class _Place(NamedTuple):
    """A place of the crystal that holds a cluster, and the molecules that share it."""

    distinct: DistinctMolecule
    variants: tuple[Variant, ...]


def _average_charge(charge: ChargeAssignment) -> ChargeAssignment:
    """Withdraw the charge of a co-crystal: the ions tell only its average."""
    if charge.value is None or charge.source == "user":
        return charge
    told = f"{charge.value:+d} from {charge.source} is only the average over filled and defect molecules"
    return replace(charge, value=None, source="none", evidence=(*charge.evidence, told))


def _is_cif(file: Path) -> bool:
    """Return whether a file is to be read as CIF: by its suffix, else by a data_ line."""
    if file.suffix.lower() == ".cif":
        return True
    if file.suffix.lower() not in _CIF or not file.is_file():
        return False
    with file.open("rb") as stream:
        return any(line.lower().startswith(b"data_") for line in stream.read(4096).splitlines())


def _assign_charge(
    assembly: Assembly, species: tuple[Species, ...], settings: AnalysisSettings, *, refined: bool
) -> ChargeAssignment:
    if not refined and settings.charge is None:
        formulas = [one.formula for one in species if one.role in {"cluster", "metal complex"}]
        evidence = "no refined crystal: a file of atoms says nothing about their charge"
        return ChargeAssignment(
            value=None, source="none", formula=formulas[0] if formulas else "", evidence=(evidence,)
        )
    declared = assembly.crystal.declared
    counts = [
        SpeciesCount(
            formula=one.formula,
            per_cell=one.per_cell,
            charge=one.charge,
            is_cluster=one.role == "cluster",
            name=one.name,
        )
        for one in species
    ]
    return assign_charge(
        counts,
        user_charge=settings.charge,
        declared_moiety=declared.formula_moiety,
        voids=tuple(void for void in declared.voids if math.isfinite(void.volume + void.electrons)),
        masked=declared.masked,
        type_symbols=tuple(f"{label}{q:+d}" for label, q in declared.charge_evidence.items()),
    )


def _analyze_clusters(
    assembly: Assembly,
    places: tuple["_Place", ...],
    charge: ChargeAssignment,
    settings: AnalysisSettings,
    *,
    refined: bool,
) -> tuple[ClusterAnalysis, ...]:
    question = ClusterQuestion(
        convention=settings.convention, kernel_labels=settings.kernel_labels, rule=settings.rule
    )
    crystal = assembly.crystal
    answers = []
    for number, (distinct, variants) in enumerate(places, 1):
        symmetry = find_site_symmetry(distinct.molecule, crystal.cell, crystal.space_group) if refined else ""
        average = average_formula(distinct, assembly.resolution.mixed)
        for letter, variant in zip("abcdefgh", variants, strict=False):
            identity = f"{number}{letter}" if len(variants) > 1 else str(number)
            answers.append(
                analyze_cluster(
                    distinct,
                    variant,
                    charge,
                    question,
                    names=(identity, average, symmetry),
                    uncertainty=build_distance_source(crystal, variant.molecule) if refined else None,
                )
            )
    return tuple(answers)


def _named(finding: Finding, cluster: str) -> Finding:
    return Finding(
        code=finding.code,
        severity=finding.severity,
        message=f"cluster {cluster}: {finding.message}",
        labels=finding.labels,
    )
