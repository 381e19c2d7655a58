"""How is a cluster put together? Kernel, motifs, attachments, and the sums that check them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from clustermodel.structure.finding import Finding

__all__ = ["Anatomy", "Attachment", "Bookkeeping", "Motif", "Variant", "count_labels"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motif:
    """One connected piece of the shell: shell metals chained by the donors they share.

    Parameters
    ----------
    label : str
        ``"Au2(SR)3"``, ``"cyclo-Au8(SR)8"``, ``"Au(SR)(PR3)"``, ...
    metals : tuple of int
        Its metal atoms, ascending.
    donors : tuple of int
        Its donor atoms, ascending.
    rings : int
        Number of independent rings of metal-donor bonds.
    branched : bool
        True if one of its anionic donors is bonded to three or more metal atoms, or one of its
        metal atoms counts three or more donors: the motif is not a plain chain or ring.
    """

    label: str
    metals: tuple[int, ...]
    donors: tuple[int, ...]
    rings: int
    branched: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attachment:
    """A donor outside the motifs, or a chelating ligand: it sits on the kernel alone.

    Parameters
    ----------
    label : str
        ``"mu2-SR"``, ``"mu3-S"``, ``"PR3"``, ``"Cl"``, ``"P^P"`` for a ligand that holds the
        kernel by two phosphorus atoms.
    kind : {"bridge", "sulfide", "terminal"}
        Anion on two or more metal atoms, bare S/Se/Te, or all the rest.
    donors : tuple of int
        Its donor atoms.
    sites : int
        Number of donor sites it stands for in the bookkeeping: 2 for ``"P^P"``.
    """

    label: str
    kind: Literal["bridge", "sulfide", "terminal"]
    donors: tuple[int, ...]
    sites: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookkeeping:
    """The sums that every anatomy must satisfy.

    Metal atoms: all = kernel + motifs (the sum of x n_x). Donors: all = motifs + bridges + sulfides +
    terminals, where a motif of x two-coordinate metal atoms and r rings has x + 1 - r donors (with c
    donors at a metal atom, it adds c - 1). The left sides are counted from the composition, the right
    sides from the motifs.

    Parameters
    ----------
    metals, kernel_metals, motif_metals : int
        Metal atoms of the cluster, of the kernel and of the motifs.
    donors : int
        Donor sites of all ligands but hydrogen; the sulfur atoms of a thiolate cluster.
    motif_donors, bridges, sulfides, terminals : int
        Donor sites by where they are.

    Examples
    --------
    >>> Bookkeeping(
    ...     metals=25,
    ...     kernel_metals=13,
    ...     motif_metals=12,
    ...     donors=18,
    ...     motif_donors=18,
    ...     bridges=0,
    ...     sulfides=0,
    ...     terminals=0,
    ... ).balanced
    True
    """

    metals: int
    kernel_metals: int
    motif_metals: int
    donors: int
    motif_donors: int
    bridges: int
    sulfides: int
    terminals: int

    @property
    def balanced(self) -> bool:
        """Whether both sums agree."""
        placed = self.motif_donors + self.bridges + self.sulfides + self.terminals
        return self.metals == self.kernel_metals + self.motif_metals and self.donors == placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The anatomy at another value of a limit.

    Parameters
    ----------
    limit : str
        Which limit was moved, ``"metal contact"`` or ``"metal-donor bond"``.
    change : float
        By how much, in Å.
    kernel_formula : str
        The metal atoms of the kernel.
    inventory : tuple of (str, int)
        Label and count of the motifs and attachments.
    """

    limit: str
    change: float = field(metadata={"unit": "Å"})
    kernel_formula: str
    inventory: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anatomy:
    """Kernel, motifs and attachments of a cluster by one convention.

    Parameters
    ----------
    convention : str
        Name of the convention.
    settings : dict of str to float or str
        Every limit that was used, lengths in Å and angles in degree.
    kernel : tuple of int
        Kernel metal atoms, ascending.
    kernel_formula : str
        Their formula; empty for a cluster that is all shell.
    shell : tuple of int
        Shell metal atoms, ascending.
    motifs : tuple of Motif
        The pieces of the shell, largest first.
    attachments : tuple of Attachment
        Donors that sit on the kernel alone: bridges, sulfides, terminals.
    bookkeeping : Bookkeeping
        The sums that check the anatomy.
    roles : tuple of str
        The role of every atom of the molecule (see `clustermodel.cluster.roles`).
    angle_margin : float
        Smallest distance of a donor-metal-donor angle from its limit in degree; NaN where no angle
        was asked.
    margin : float
        Convention ``contact``: smallest distance of a deciding metal contact from the cut-off in Å; else NaN.
    variants : tuple of Variant
        Convention ``contact``: the anatomy with the cut-off moved either way.
    unstable : bool
        True if a variant differs.
    long_bonds : tuple of (int, int)
        Metal and donor atoms whose bond was left out because it is too long to count.
    notes : tuple of Finding
        What was noticed: donors not counted, hydrogen left out, sums that fail.
    """

    convention: str
    settings: dict[str, float | str]
    kernel: tuple[int, ...]
    kernel_formula: str
    shell: tuple[int, ...]
    motifs: tuple[Motif, ...]
    attachments: tuple[Attachment, ...]
    bookkeeping: Bookkeeping
    roles: tuple[str, ...]
    angle_margin: float = field(metadata={"unit": "degree"})
    margin: float = field(metadata={"unit": "Å"})
    variants: tuple[Variant, ...]
    unstable: bool
    long_bonds: tuple[tuple[int, int], ...]
    notes: tuple[Finding, ...]

    @property
    def inventory(self) -> tuple[tuple[str, int], ...]:
        """Label and count of the motifs, then of bridges, sulfides and terminals."""
        return count_labels(self.motifs, self.attachments)

    @property
    def summary(self) -> str:
        """One line: ``"Au13 + 6 Au2(SR)3"``."""
        branched = {motif.label for motif in self.motifs if motif.branched}
        parts = [
            f"{count} {label}" + (" (branched)" if label in branched else "")
            for label, count in self.inventory
        ]
        return " + ".join([self.kernel_formula or "no kernel", *parts])


def count_labels(motifs: Iterable[Motif], attachments: Iterable[Attachment]) -> tuple[tuple[str, int], ...]:
    """Count motifs and attachments by label.

    Parameters
    ----------
    motifs : iterable of Motif
        Motifs in the order wanted.
    attachments : iterable of Attachment
        Attachments in any order.

    Returns
    -------
    tuple of (str, int)
        Motifs, then bridges, sulfides and terminals.
    """
    order = {"bridge": 0, "sulfide": 1, "terminal": 2}
    ordered = sorted(attachments, key=lambda a: (order[a.kind], a.label))
    return tuple(Counter([m.label for m in motifs] + [a.label for a in ordered]).items())
