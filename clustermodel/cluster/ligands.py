"""Which ligands hold the metal atoms, through which atoms, and how many electrons do they take?"""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from clustermodel.cluster.ligand_classes import LigandClass, classify_donor, find_group, name_multiple
from clustermodel.cluster.ligand_environment import LigandEnvironment
from clustermodel.cluster.ligand_names import name_ligand
from clustermodel.elements import format_formula
from clustermodel.structure.molecule import Molecule

__all__ = [
    "UNCLASSIFIED",
    "Donor",
    "DonorGroup",
    "Ligand",
    "LigandRow",
    "count_ligands",
    "find_groups",
    "find_ligands",
]

UNCLASSIFIED = "unclassified"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Donor:
    """One atom of a ligand that is bonded to metal atoms.

    Parameters
    ----------
    atom : int
        Index of the donor atom in the molecule.
    element : str
        Its element.
    kind : {"X", "L"}
        ``X`` if the donor belongs to an anionic group (thiolate S, halide, both O of a
        carboxylate), ``L`` if it is dative (phosphine P, pyridine N).
    metals : tuple of int
        Indices of the metal atoms bonded to it; an atom and its image in the next cell of a
        polymer count as two.
    """

    atom: int
    element: str
    kind: Literal["X", "L"]
    metals: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ligand:
    """One ligand of a cluster or complex.

    Parameters
    ----------
    atoms : tuple of int
        Indices of its atoms in the molecule, ascending.
    formula : str
        Formula in Hill order, hydrogen as in the file.
    kind : str
        Class by what binds: ``"thiolate"``, ``"phosphine"``, ``"diphosphine"``, ...; anionic
        groups of several classes are joined by ``+``, and a ligand with an anionic group is not
        called by its dative ones. ``"unclassified"`` if the table has no row for a donor.
    name : str
        Abbreviation of a common ligand, such as ``"SC2H4Ph"`` or ``"PPh3"``; else empty.
    electrons : int
        Valence electrons it takes from the metal core: thiolate 1, sulfide 2, phosphine 0;
        negative if it gives electrons; 0 if no rule is known.
    donors : tuple of Donor
        Its donor atoms, ascending.
    binding : str
        ``"terminal"``, ``"mu2"``, ``"mu3"``, ... for one donor atom; ``"kappa2-P,P'"`` for a
        chelate and ``"mu2-P,P'"`` for a bridge with several; ``"mu3-eta1,eta1,eta2"`` for bonded
        carbon donors, with the number of them at each metal atom.

    Notes
    -----
    Which class takes how many electrons stands in the table ``ligand_classes.toml``, each row with
    its literature key.
    """

    atoms: tuple[int, ...]
    formula: str
    kind: str
    name: str
    electrons: int = field(metadata={"unit": "electrons"})
    donors: tuple[Donor, ...]
    binding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LigandRow:
    """One row of the inventory of ligands.

    Parameters
    ----------
    formula, kind, name, binding : str
        As in :class:`Ligand`.
    electrons : int
        Electrons each of them takes.
    count : int
        How many ligands agree in all of these.
    """

    formula: str
    kind: str
    name: str
    binding: str
    electrons: int = field(metadata={"unit": "electrons"})
    count: int = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class DonorGroup:
    """The donor atoms of one ligand that are counted together: one sulfur, both O of a carboxylate.

    Parameters
    ----------
    row : LigandClass or None
        Row of the table of classes; None if none fits.
    kind : str
        Class.
    atoms : tuple of int
        The donor atoms, ascending.
    """

    row: LigandClass | None
    kind: str
    atoms: tuple[int, ...]

    @property
    def electrons(self) -> int:
        """Electrons the group takes; 0 if no rule is known."""
        return (self.row.electrons or 0) if self.row else 0

    @property
    def is_contact(self) -> bool:
        """Whether it is a weak contact."""
        return self.row is not None and self.row.contact

    @property
    def is_pi(self) -> bool:
        """Whether its donors are bonded carbon atoms: an alkynyl group, an alkene, a ring."""
        if self.row is None or self.row.group not in {"pair", "chain", "ring"}:
            return False
        return "C" in dict(self.row.conditions)["donor"]

    @property
    def rank(self) -> int:
        """Position of its class in the table."""
        return self.row.rank if self.row else -1


def find_ligands(molecule: Molecule) -> tuple[Ligand, ...]:
    """Find the ligands of a molecule.

    The metal atoms are taken out of the graph; each connected rest that is bonded to one is a
    ligand.

    Parameters
    ----------
    molecule : Molecule
        Atoms with bonds; hydrogen atoms may be missing.

    Returns
    -------
    tuple of Ligand
        In the order of their first atom.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> atoms = molecule_from_atoms(["Cl", "Au", "Cl"], [[-2.3, 0, 0], [0, 0, 0], [2.3, 0, 0]])
    >>> [(ligand.kind, ligand.binding) for ligand in find_ligands(bond_molecule(atoms))]
    [('halide', 'terminal'), ('halide', 'terminal')]
    """
    env = LigandEnvironment(molecule)
    return tuple(ligand for atoms in env.ligands if (ligand := _build_ligand(env, atoms)))


def count_ligands(ligands: Iterable[Ligand]) -> tuple[LigandRow, ...]:
    """Summarise ligands: how many of each formula, class and binding mode.

    Parameters
    ----------
    ligands : iterable of Ligand
        Ligands of one cluster.

    Returns
    -------
    tuple of LigandRow
        Anionic ligands first, then by class, formula, name and binding.
    """
    counts = Counter((x.electrons, x.kind, x.formula, x.name, x.binding) for x in ligands)
    order = sorted(counts, key=lambda row: (-abs(row[0]), *row[1:]))
    return tuple(
        LigandRow(
            formula=formula, kind=kind, name=name, binding=binding, electrons=electrons, count=counts[row]
        )
        for row in order
        for electrons, kind, formula, name, binding in [row]
    )


def find_groups(env: LigandEnvironment, atoms: Iterable[int]) -> tuple[DonorGroup, ...]:
    """Sort the donor atoms of one ligand into groups that are counted once each.

    Weak contacts are left out where the ligand has a better donor.

    Parameters
    ----------
    env : LigandEnvironment
        The molecule.
    atoms : iterable of int
        The atoms of the ligand.

    Returns
    -------
    tuple of DonorGroup
        By the first atom of each.
    """
    members: dict[tuple[str, Hashable], list[int]] = {}
    rows: dict[tuple[str, Hashable], LigandClass | None] = {}
    for atom in atoms:
        if not env.metals[atom]:
            continue
        row = classify_donor(env, atom)
        kind = row.kind(env.elements[atom]) if row else UNCLASSIFIED
        key = (kind, find_group(env, atom, row) if row else atom)
        members.setdefault(key, []).append(atom)
        rows[key] = row
    groups = [
        DonorGroup(row=rows[key], kind=key[0], atoms=tuple(sorted(found))) for key, found in members.items()
    ]
    better = [group for group in groups if not group.is_contact]
    return tuple(sorted(better or groups, key=lambda group: group.atoms))


def _build_ligand(env: LigandEnvironment, atoms: tuple[int, ...]) -> Ligand | None:
    groups = find_groups(env, atoms)
    if not groups:
        return None
    donors = tuple(
        Donor(
            atom=atom,
            element=env.elements[atom],
            kind="X" if group.electrons else "L",
            metals=tuple(sorted(env.metals[atom])),
        )
        for group in groups
        for atom in group.atoms
    )
    kind = _name_kind(groups)
    return Ligand(
        atoms=atoms,
        formula=format_formula(env.elements[a] for a in atoms),
        kind=kind,
        name=name_ligand(env, atoms, kind),
        electrons=sum(group.electrons for group in groups),
        donors=tuple(sorted(donors, key=lambda donor: donor.atom)),
        binding=_describe_binding(env, groups),
    )


def _name_kind(groups: tuple[DonorGroup, ...]) -> str:
    """Return the class of a ligand from the classes of its groups."""
    if any(group.row is None for group in groups):
        return UNCLASSIFIED
    counts = Counter(group.kind for group in groups if group.electrons)
    rank = {group.kind: group.rank for group in groups}
    if counts:
        return "+".join(name_multiple(kind, counts[kind]) for kind in sorted(counts, key=rank.__getitem__))
    first = min(rank, key=rank.__getitem__)
    return name_multiple(first, sum(group.kind == first for group in groups))


def _describe_binding(env: LigandEnvironment, groups: tuple[DonorGroup, ...]) -> str:
    donors = sorted((atom for group in groups for atom in group.atoms), key=lambda a: env.elements[a])
    held = Counter(metal for atom in donors for metal in set(env.metals[atom]))
    if len(donors) == 1:
        bridges = len(env.metals[donors[0]])
        return "terminal" if bridges == 1 else f"mu{bridges}"
    if len(groups) == 1 and groups[0].is_pi:
        etas = ",".join(f"eta{n}" for n in sorted(held.values()))
        return etas if len(held) == 1 else f"mu{len(held)}-{etas}"
    seen: Counter[str] = Counter()
    symbols = []
    for atom in donors:
        symbols.append(env.elements[atom] + "'" * seen[env.elements[atom]])
        seen[env.elements[atom]] += 1
    prefix = f"kappa{len(donors)}" if len(held) == 1 else f"mu{len(held)}"
    return f"{prefix}-{','.join(symbols)}"
