"""What is this cluster? Everything that is said about one cluster, with the settings."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from clustermodel.analysis.bond_lengths import BondLengths, Errors, measure_bond_lengths
from clustermodel.assembly.bonding import BondingRule
from clustermodel.assembly.distinct import DistinctMolecule
from clustermodel.assembly.vacancies import Variant
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.anatomy import Variant as LimitVariant
from clustermodel.cluster.charge import ChargeAssignment
from clustermodel.cluster.cluster import Cluster, build_cluster
from clustermodel.cluster.electron_count import ElectronCount, count_electrons
from clustermodel.cluster.kernel import classify_at_limits, classify_conventions, classify_kernel
from clustermodel.cluster.ligand_checks import check_ligands
from clustermodel.cluster.ligands import LigandRow, count_ligands
from clustermodel.structure.finding import Finding

__all__ = ["ClusterAnalysis", "ClusterQuestion", "analyze_cluster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterQuestion:
    """What is asked about a cluster.

    Parameters
    ----------
    convention : str
        Kernel convention of the main answer; the others are given beside it.
    kernel_labels : tuple of str
        Kernel atoms named by the user, for the convention ``labels``.
    rule : BondingRule
        The bonding rule of the molecule.
    """

    convention: str
    kernel_labels: tuple[str, ...]
    rule: BondingRule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterAnalysis:
    """The answers about one cluster.

    Parameters
    ----------
    id : str
        ``"1"``, ``"2"`` ..., with a letter for the molecules of a co-crystal: ``"1a"``.
    place : DistinctMolecule
        The place of the crystal, all sites filled.
    variant : Variant
        The molecule and the share of the places that hold it.
    average_formula : str
        Formula of the place with every atom counted by its occupancy.
    site_symmetry : str
        Symmetry that the crystal leaves in it; empty without a crystal.
    cluster : Cluster
        Metals and ligands.
    ligands : tuple of LigandRow
        Inventory of ligands.
    charge : ChargeAssignment
        Charge with its source.
    anatomy : Anatomy
        Kernel and motifs by the convention asked for.
    conventions : tuple of Anatomy
        The same by every convention.
    limits : tuple of Variant
        The same with metal-donor limits moved by 0.1 Å either way.
    electron_count : ElectronCount
        Superatom electron count with its terms.
    bonds : BondLengths
        Bond statistics by role.
    findings : tuple of Finding
        What to know about these answers.
    """

    id: str
    place: DistinctMolecule
    variant: Variant
    average_formula: str
    site_symmetry: str
    cluster: Cluster
    ligands: tuple[LigandRow, ...]
    charge: ChargeAssignment
    anatomy: Anatomy
    conventions: tuple[Anatomy, ...]
    limits: tuple[LimitVariant, ...]
    electron_count: ElectronCount
    bonds: BondLengths
    findings: tuple[Finding, ...] = field(default=())

    @property
    def formula(self) -> str:
        """Formula of the molecule in Hill order."""
        return self.variant.molecule.formula


def analyze_cluster(
    place: DistinctMolecule,
    variant: Variant,
    charge: ChargeAssignment,
    question: ClusterQuestion,
    *,
    names: tuple[str, str, str],
    uncertainty: Errors | None = None,
) -> ClusterAnalysis:
    """Analyse one cluster.

    Parameters
    ----------
    place : DistinctMolecule
        The place of the crystal.
    variant : Variant
        The molecule in it.
    charge : ChargeAssignment
        Its charge.
    question : ClusterQuestion
        Conventions and rules.
    names : tuple of str
        Identity, average formula and site symmetry.
    uncertainty : callable, optional
        Distances between two arrays of atoms with their standard uncertainties and covariances.

    Returns
    -------
    ClusterAnalysis
        The answers.

    Raises
    ------
    ChemistryError
        If the convention does not exist or a kernel label is not in the cluster.
    """
    cluster = build_cluster(variant.molecule)
    conventions = classify_conventions(cluster)
    anatomy = _chosen(cluster, conventions, question)
    value = charge.value
    electrons = count_electrons(cluster, value)
    limits = _limits(cluster, question)
    return ClusterAnalysis(
        id=names[0],
        place=place,
        variant=variant,
        average_formula=names[1],
        site_symmetry=names[2],
        cluster=cluster,
        ligands=count_ligands(cluster.ligands),
        charge=charge,
        anatomy=anatomy,
        conventions=conventions if anatomy in conventions else (*conventions, anatomy),
        limits=limits,
        electron_count=electrons,
        bonds=measure_bond_lengths(cluster, anatomy, errors=uncertainty),
        findings=(
            *check_ligands(variant.molecule, cluster.ligands),
            *anatomy.notes,
            *electrons.findings,
            *_about_limits(anatomy, limits),
        ),
    )


def _chosen(cluster: Cluster, known: Sequence[Anatomy], question: ClusterQuestion) -> Anatomy:
    if question.kernel_labels:
        return classify_kernel(cluster, convention="labels", labels=question.kernel_labels)
    same = [anatomy for anatomy in known if anatomy.convention == question.convention]
    return same[0] if same else classify_kernel(cluster, convention=question.convention)


def _limits(cluster: Cluster, question: ClusterQuestion) -> tuple[LimitVariant, ...]:
    if question.kernel_labels or question.convention == "labels":
        return ()
    return classify_at_limits(cluster, convention=question.convention, rule=question.rule)


def _about_limits(anatomy: Anatomy, limits: Sequence[LimitVariant]) -> tuple[Finding, ...]:
    moved = [v for v in limits if v.inventory != anatomy.inventory]
    if not moved:
        return ()
    told = "; ".join(
        f"{v.change:+.2f} Å: {v.kernel_formula} + " + " + ".join(f"{n} {label}" for label, n in v.inventory)
        for v in moved
    )
    return (
        Finding(
            code="kernel-limits",
            severity="warning",
            message=f"the {anatomy.convention} anatomy changes with the limit of metal-donor bonds: {told}",
        ),
    )
