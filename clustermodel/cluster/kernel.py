"""Which metal atoms are the kernel? Named conventions side by side, each with limits, margins and sums.

No convention is the right one: published analyses of one structure differ in language (Au36 as
Au20 + 8 Au2(SR)3, or as Au28 + 4 Au2(SR)3 + 12 mu2-SR). So each is named, and none is tuned.

``staple``
    A metal atom with exactly two donors, at least one of them a bridging anion, at an angle of
    145° or more, belongs to the shell. A third donor more than 0.25 Å longer than the second does
    not count and is reported (lengths less the covalent radii, so that donors of different
    elements compare).
``donor-count``
    Kernel atoms have at most one anionic donor, at whatever angle.
``contact``
    As ``staple``, but shell atoms within 3.50 Å (gold; covalent sum + 0.78 Å) of four or more kernel
    atoms count as kernel: more than the one face that a staple atom caps. Distances near the cut-off
    decide this, so it comes with its margin and with both neighbouring divisions.
``mount``
    As ``staple``, and silver and copper atoms with three anionic donors in one plane belong to
    the shell.
``labels``
    The kernel atoms are named by the user.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from clustermodel.assembly.bonding import BONDING_RULES, BondingRule, bond_molecule
from clustermodel.cluster.anatomy import Anatomy, Bookkeeping, Variant, count_labels
from clustermodel.cluster.cluster import Cluster, build_cluster
from clustermodel.cluster.conventions import (
    KERNEL_BOND_EXCESS,
    RULES,
    Choice,
    choose_by_contacts,
    choose_by_labels,
)
from clustermodel.cluster.coordination import LONG_DONOR, Coordination, DonorBond, build_coordination
from clustermodel.cluster.motifs import Shell, balance_books, find_attachments, find_motifs
from clustermodel.cluster.roles import assign_roles
from clustermodel.elements import format_formula
from clustermodel.errors import ChemistryError
from clustermodel.structure.finding import Finding

__all__ = ["CONVENTIONS", "Convention", "classify_at_limits", "classify_conventions", "classify_kernel"]

Convention = Literal["staple", "donor-count", "contact", "mount", "labels"]
CONVENTIONS: tuple[str, ...] = get_args(Convention)

_CONTACT_STEP = 0.05  # Å; the limit of 3.5 Å is known to one decimal: half of its last digit


def classify_kernel(cluster: Cluster, *, convention: str = "staple", labels: Sequence[str] = ()) -> Anatomy:
    """Divide a cluster into kernel and shell, and the shell into motifs.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    convention : {"staple", "donor-count", "contact", "mount", "labels"}, optional
        The language of the division; see the module.
    labels : sequence of str, optional
        With convention ``labels``: the kernel atoms. A label names all symmetry copies of its site.

    Returns
    -------
    Anatomy
        Kernel, motifs, attachments, the role of every atom, and the sums that check them.

    Raises
    ------
    ChemistryError
        If there is no such convention, or a label names no metal atom of the cluster.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> kernel = [[0, 0, 0], [2.8, 0, 0], [1.4, 2.4, 0]]
    >>> staple = [[1.4, 0, 2.5], [-0.9, 0, 2.2], [3.7, 0, 2.2], [-0.9, -1.3, 2.5], [3.7, -1.3, 2.5]]
    >>> atoms = molecule_from_atoms(["Au"] * 4 + ["S", "S", "H", "H"], [*kernel, *staple])
    >>> classify_kernel(build_cluster(bond_molecule(atoms))).summary
    'Au3 + 1 Au(SR)2'
    """
    _check_convention(convention)
    coordination = build_coordination(cluster)
    if convention == "labels":
        choice = choose_by_labels(cluster, coordination, tuple(labels))
        return _describe(cluster, coordination, convention, choice)
    return _classify(cluster, coordination, convention)


def classify_conventions(cluster: Cluster) -> tuple[Anatomy, ...]:
    """Divide a cluster by every convention that needs no further input.

    Parameters
    ----------
    cluster : Cluster
        The cluster.

    Returns
    -------
    tuple of Anatomy
        ``staple``, ``donor-count``, ``contact`` and ``mount``.
    """
    coordination = build_coordination(cluster)
    return tuple(_classify(cluster, coordination, name) for name in RULES)


def classify_at_limits(
    cluster: Cluster,
    *,
    convention: str = "staple",
    change: float = 0.1,
    rule: BondingRule = BONDING_RULES["cordero"],
) -> tuple[Variant, ...]:
    """Divide a cluster again with the limits of the metal-donor bonds moved either way.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    convention : str, optional
        Any convention but ``labels``.
    change : float, optional
        By how much the limits move, in Å.
    rule : BondingRule, optional
        The limits to start from.

    Returns
    -------
    tuple of Variant
        The division at the lower and at the upper limit. It is robust where both equal the
        inventory of `classify_kernel`.

    Raises
    ------
    ChemistryError
        If the cluster is part of a polymer, whose bonds cannot be found without its lattice; or
        if there is no such convention.
    """
    _check_convention(convention)
    if convention == "labels" or cluster.molecule.periodicity:
        what = "the kernel is named by labels" if convention == "labels" else "it is part of a polymer"
        msg = f"{cluster.molecule.formula}: {what}, so other bond limits cannot be tried; use classify_kernel"
        raise ChemistryError(msg)
    variants = []
    for step in (-change, change):
        moved = build_cluster(bond_molecule(cluster.molecule, rule=rule.widened(step)))
        coordination = build_coordination(moved)
        choice = RULES[convention](moved, coordination)
        variants.append(_vary(moved, coordination, choice, ("metal-donor bond", step)))
    return tuple(variants)


def _check_convention(convention: str) -> None:
    if convention not in CONVENTIONS:
        msg = f"no convention is called {convention!r}; expected one of {', '.join(CONVENTIONS)}"
        raise ChemistryError(msg)


def _classify(cluster: Cluster, coordination: Coordination, convention: str) -> Anatomy:
    choice = RULES[convention](cluster, coordination)
    if convention != "contact":
        return _describe(cluster, coordination, convention, choice)
    variants = []
    for step in (-_CONTACT_STEP, _CONTACT_STEP):
        moved = choose_by_contacts(cluster, coordination, excess=KERNEL_BOND_EXCESS + step)
        variants.append(_vary(cluster, coordination, moved, ("metal contact", step)))
    return _describe(cluster, coordination, convention, choice, variants=tuple(variants))


def _describe(
    cluster: Cluster,
    coordination: Coordination,
    convention: str,
    choice: Choice,
    *,
    variants: tuple[Variant, ...] = (),
) -> Anatomy:
    shell = choice.shell
    motifs = find_motifs(cluster, coordination, shell)
    attachments = find_attachments(coordination, shell)
    books = balance_books(coordination, shell, motifs, attachments)
    inventory = count_labels(motifs, attachments)
    formula = _kernel_formula(cluster, shell)
    left_out = tuple(_find_long_bonds(coordination, shell))
    sites = coordination.sites
    unstable = any((v.kernel_formula, v.inventory) != (formula, inventory) for v in variants)
    return Anatomy(
        convention=convention,
        settings=choice.settings,
        kernel=tuple(metal for metal in cluster.metals if metal not in shell),
        kernel_formula=formula,
        shell=tuple(sorted(shell)),
        motifs=motifs,
        attachments=attachments,
        bookkeeping=books,
        roles=assign_roles(cluster, coordination, shell),
        angle_margin=choice.angle_margin,
        margin=choice.margin,
        variants=variants,
        unstable=unstable,
        long_bonds=tuple((metal, atom) for metal, bond in left_out for atom in sites[bond.site].atoms),
        notes=(
            *(_note_long_bond(cluster, metal, sites[bond.site].atoms[0], bond) for metal, bond in left_out),
            *_note_limits(cluster, coordination, books, unstable=unstable),
        ),
    )


def _vary(cluster: Cluster, coordination: Coordination, choice: Choice, change: tuple[str, float]) -> Variant:
    motifs = find_motifs(cluster, coordination, choice.shell)
    attachments = find_attachments(coordination, choice.shell)
    return Variant(
        limit=change[0],
        change=change[1],
        kernel_formula=_kernel_formula(cluster, choice.shell),
        inventory=count_labels(motifs, attachments),
    )


def _kernel_formula(cluster: Cluster, shell: Shell) -> str:
    return format_formula(cluster.molecule.elements[m] for m in cluster.metals if m not in shell)


def _find_long_bonds(coordination: Coordination, shell: Shell) -> Iterator[tuple[int, DonorBond]]:
    """Yield every bond that does not count: at its shell metal, or at a donor with three."""
    for metal, bonds in coordination.bonds.items():
        counted = {bond.site for bond in shell[metal]} if metal in shell else None
        for bond in bonds:
            held = metal in coordination.holders[bond.site] if counted is None else bond.site in counted
            if not held:
                yield metal, bond


def _note_long_bond(cluster: Cluster, metal: int, donor: int, bond: DonorBond) -> Finding:
    pair = (cluster.molecule.labels[metal], cluster.molecule.labels[donor])
    message = (
        f"{'-'.join(pair)} {bond.length:.3f} Å is not counted: more than {LONG_DONOR} Å longer than the "
        "last bond that counts there"
    )
    return Finding(code="anatomy-long-donor", severity="info", message=message, labels=pair)


def _note_limits(
    cluster: Cluster, coordination: Coordination, books: Bookkeeping, *, unstable: bool
) -> Iterator[Finding]:
    if coordination.hydrides:
        message = f"{coordination.hydrides} hydrogen ligands on the metal atoms play no part in the anatomy"
        yield Finding(code="anatomy-hydrogen-left-out", severity="info", message=message)
    if cluster.molecule.periodicity:
        message = "part of a polymer: bonds and contacts across the end of the listed atoms are not measured"
        yield Finding(code="anatomy-polymer", severity="warning", message=message)
    if unstable:
        message = f"the division changes where the limit of metal contacts moves by {_CONTACT_STEP} Å"
        yield Finding(code="anatomy-unstable", severity="warning", message=message)
    if not books.balanced:
        message = f"metal atoms or donors do not add up: {books}"
        yield Finding(code="anatomy-unbalanced", severity="error", message=message)
