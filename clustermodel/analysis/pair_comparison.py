"""What is different between two clusters? Missing and moved atoms, bonds, size, electrons, with their errors.

The atoms are mapped first (`atom_map`); everything else is said in its terms: the vacant site, the bonds that
both clusters have and those that only one has (`pair_bonds`), and any other quantity that both have
(`pair_differences`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from clustermodel.analysis.atom_map import map_atoms
from clustermodel.analysis.atom_map_results import AtomMap, AtomMapSettings
from clustermodel.analysis.pair_bond_results import BondDifferences, PairBondSettings
from clustermodel.analysis.pair_bonds import compare_bonds
from clustermodel.analysis.pair_differences import Difference, Quantity, compare_quantities
from clustermodel.analysis.pair_quantities import compare_common_atoms, list_counts
from clustermodel.analysis.pair_side import PairSide
from clustermodel.analysis.pair_sites import PairSite, find_sites
from clustermodel.cluster.electron_count import count_electrons
from clustermodel.errors import InputError
from clustermodel.structure.finding import Finding

__all__ = [
    "MotifChange",
    "MotifCount",
    "PairComparison",
    "PairSettings",
    "PairSummary",
    "compare_pair",
]

_MOST_CHANGES = 3  # cut-offs at which a sign changes that one finding names


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSettings:
    """The choices behind a comparison.

    Parameters
    ----------
    atoms : AtomMapSettings, optional
        Choices of the atom map.
    bonds : PairBondSettings, optional
        Cut-offs of the bonds, and the standard errors that a difference must exceed.
    """

    atoms: AtomMapSettings = field(default_factory=AtomMapSettings)
    bonds: PairBondSettings = field(default_factory=PairBondSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSummary:
    """One of the two clusters in a few words.

    Parameters
    ----------
    name : str
        What it is called.
    formula, metal_formula : str
        Formulas of the molecule and of its metal atoms.
    anatomy : str
        Kernel and motifs.
    n_atoms : int
        Number of atoms.
    charge, electrons : int or None
        Charge and superatom electron count; None if not known.
    """

    name: str
    formula: str
    metal_formula: str
    anatomy: str
    n_atoms: int = field(metadata={"unit": ""})
    charge: int | None = field(metadata={"unit": "e"})
    electrons: int | None = field(metadata={"unit": "electrons"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MotifCount:
    """How many motifs, bridges or terminal ligands of one kind the clusters have.

    Parameters
    ----------
    label : str
        As in the anatomy, ``"Au2(SR)3"``.
    a, b : int
        How many.
    """

    label: str
    a: int = field(metadata={"unit": ""})
    b: int = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class MotifChange:
    """A motif of the first cluster that is another one, or not whole, in the second.

    Parameters
    ----------
    label_a, label_b : str
        Its label in either cluster; the second is empty if none of its atoms is mapped into a motif.
    atoms : tuple of str
        Labels of its metal and donor atoms in the first cluster.
    n_mapped : int
        How many of them are in the motif of the second.
    """

    label_a: str
    label_b: str
    atoms: tuple[str, ...]
    n_mapped: int = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairComparison:
    """Two clusters compared.

    Parameters
    ----------
    a, b : PairSummary
        The clusters.
    atom_map : AtomMap
        Which atom is which.
    sites : tuple of PairSite
        Sites that only one of them has filled.
    bonds : BondDifferences
        Bonds by role, paired and not, and along the cut-off.
    differences : tuple of Difference
        All differences in one list: bonds, size of what both have, counts, then the quantities given.
    motifs : tuple of MotifCount
        Motifs and attachments of both.
    motif_changes : tuple of MotifChange
        Motifs that are not the same in both.
    findings : tuple of Finding
        What a reader should know.
    settings : PairSettings
        The choices.
    """

    a: PairSummary
    b: PairSummary
    atom_map: AtomMap
    sites: tuple[PairSite, ...]
    bonds: BondDifferences
    differences: tuple[Difference, ...]
    motifs: tuple[MotifCount, ...]
    motif_changes: tuple[MotifChange, ...]
    findings: tuple[Finding, ...]
    settings: PairSettings


def compare_pair(
    a: PairSide,
    b: PairSide,
    *,
    settings: PairSettings | None = None,
    quantities: tuple[Iterable[Quantity], Iterable[Quantity]] = ((), ()),
) -> PairComparison:
    """Compare two clusters.

    Parameters
    ----------
    a, b : PairSide
        The clusters: what the second has and the first lacks is called missing.
    settings : PairSettings, optional
        Choices that differ from the defaults.
    quantities : (iterable of Quantity, iterable of Quantity), optional
        Other quantities of either cluster, such as those of
        `clustermodel.analysis.pair_quantities.list_sizes`; those that both have are compared.

    Returns
    -------
    PairComparison
        Everything that is said about the pair.

    Raises
    ------
    ChemistryError
        If the clusters cannot be laid on each other, or one is part of a polymer.
    InputError
        If the anatomies follow different conventions.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> square = [[0, 0, 0], [2.8, 0, 0], [2.8, 2.8, 0], [0, 2.8, 0]]
    >>> sides = []
    >>> for n in (3, 4):
    ...     cluster = build_cluster(bond_molecule(molecule_from_atoms(["Au"] * n, square[:n])))
    ...     sides.append(PairSide(name=f"Au{n}", cluster=cluster, anatomy=classify_kernel(cluster)))
    >>> (site,) = compare_pair(*sides).sites
    >>> site.vacant_in, site.element, [round(n.distance, 2) for n in site.neighbours]
    ('a', 'Au', [2.8, 2.8])
    """
    if a.anatomy.convention != b.anatomy.convention:
        msg = (
            f"the kernel of {a.name} follows the convention {a.anatomy.convention!r}, that of {b.name} "
            f"{b.anatomy.convention!r}; classify both by one"
        )
        raise InputError(msg)
    chosen = settings if settings is not None else PairSettings()
    atom_map = map_atoms((a.cluster, a.anatomy), (b.cluster, b.anatomy), settings=chosen.atoms)
    bonds = compare_bonds(a, b, atom_map.pairs, settings=chosen.bonds)
    return PairComparison(
        a=_summarise(a),
        b=_summarise(b),
        atom_map=atom_map,
        sites=find_sites(a, b, atom_map),
        bonds=bonds,
        differences=(
            *(row.all for row in bonds.rows),
            *(row.paired for row in bonds.rows if row.n_paired),
            *compare_common_atoms(a, b, atom_map.pairs, sigmas=chosen.bonds.sigmas),
            *compare_quantities(list_counts(a), list_counts(b), sigmas=chosen.bonds.sigmas),
            *compare_quantities(*quantities, sigmas=chosen.bonds.sigmas),
        ),
        motifs=tuple(_count_motifs(a, b)),
        motif_changes=tuple(_find_motif_changes(a, b, atom_map.pairs)),
        findings=tuple(_write_findings(atom_map, bonds)),
        settings=chosen,
    )


def _summarise(side: PairSide) -> PairSummary:
    molecule = side.cluster.molecule
    return PairSummary(
        name=side.name,
        formula=molecule.formula,
        metal_formula=side.cluster.metal_formula,
        anatomy=side.anatomy.summary,
        n_atoms=len(molecule),
        charge=side.charge,
        electrons=count_electrons(side.cluster, side.charge).value,
    )


def _count_motifs(a: PairSide, b: PairSide) -> Iterator[MotifCount]:
    first, second = dict(a.anatomy.inventory), dict(b.anatomy.inventory)
    for label in dict.fromkeys((*first, *second)):
        yield MotifCount(label=label, a=first.get(label, 0), b=second.get(label, 0))


def _find_motif_changes(a: PairSide, b: PairSide, pairs: Mapping[int, int]) -> Iterator[MotifChange]:
    """Yield the motifs of the first cluster that are another one, or not whole, in the second."""
    home = {
        atom: number for number, motif in enumerate(b.anatomy.motifs) for atom in motif.metals + motif.donors
    }
    for motif in a.anatomy.motifs:
        atoms = motif.metals + motif.donors
        homes = Counter(home[pairs[atom]] for atom in atoms if pairs.get(atom) in home)
        number, n_mapped = homes.most_common(1)[0] if homes else (-1, 0)
        label = b.anatomy.motifs[number].label if homes else ""
        if label != motif.label or n_mapped < len(atoms):
            yield MotifChange(
                label_a=motif.label,
                label_b=label,
                atoms=tuple(a.cluster.molecule.labels[atom] for atom in atoms),
                n_mapped=n_mapped,
            )


def _write_findings(atom_map: AtomMap, bonds: BondDifferences) -> Iterator[Finding]:
    level = atom_map.confidence.level
    if level == "no true map":
        message = f"no map of the atoms is true: {atom_map.confidence.reason}; the pairs tell what overlaps"
        yield Finding(code="pair-no-true-map", severity="warning", message=message)
    elif level == "equal maps":
        message = f"{atom_map.confidence.reason}: what is said of single atoms holds up to this choice"
        yield Finding(code="pair-equal-maps", severity="info", message=message)
    if atom_map.improper:
        message = "the first cluster is laid on the second as its mirror image"
        yield Finding(code="pair-mirrored", severity="info", message=message)
    if atom_map.exchanged:
        labels = tuple(atom.label_a for atom in atom_map.exchanged)
        message = f"{len(labels)} metal or donor atoms are another element in the second cluster"
        yield Finding(code="pair-exchanged", severity="info", message=message, labels=labels)
    changes = [one for one in bonds.sign_changes if one.role == "kernel" and one.kind == "all"]
    if changes:
        where = ", ".join(f"{one.low:.2f}-{one.high:.2f} Å" for one in changes[:_MOST_CHANGES])
        message = f"the difference of the mean kernel bond changes its sign with the cut-off, at {where}"
        yield Finding(code="pair-sign-changes", severity="warning", message=message)
