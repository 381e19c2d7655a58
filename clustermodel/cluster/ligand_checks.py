"""Where may the inventory of ligands be wrong? Findings for the reader of a report."""

from collections import Counter
from collections.abc import Iterable

from clustermodel.cluster.ligand_environment import LigandEnvironment, find_core_metals
from clustermodel.cluster.ligands import UNCLASSIFIED, Ligand, find_groups
from clustermodel.elements import find_element, is_metal
from clustermodel.structure.finding import Finding
from clustermodel.structure.molecule import Molecule

__all__ = ["check_ligands"]

_SMALLEST_CLUSTER = 3  # metal atoms


def check_ligands(molecule: Molecule, ligands: Iterable[Ligand]) -> tuple[Finding, ...]:
    """Say where the classes of the ligands of a molecule may be wrong.

    Parameters
    ----------
    molecule : Molecule
        Atoms with bonds.
    ligands : iterable of Ligand
        Its ligands, from :func:`~clustermodel.cluster.ligands.find_ligands`.

    Returns
    -------
    tuple of Finding
        Unclassified and ambiguous ligands, hydrogen on metal atoms, odd numbers of electrons,
        charged groups away from the metal, ligands between two clusters, long bonds, metal atoms
        inside a ligand. Ligands with the same trouble share a finding.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.ligands import find_ligands
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> hydride = bond_molecule(molecule_from_atoms(["Au", "H"], [[0, 0, 0], [0, 0, 1.6]]))
    >>> [finding.code for finding in check_ligands(hydride, find_ligands(hydride))]
    ['ligand-hydride-sign']
    """
    env = LigandEnvironment(molecule)
    found = list(ligands)
    trouble = [
        *_find_unclear(env, found),
        *_find_odd(env, found),
        *_find_charged(env, found),
        *_find_bridges(env, found),
        *_find_long_bonds(env, found),
        *_find_buried_metals(molecule),
    ]
    return _gather(molecule, trouble)


_Trouble = tuple[str, str, str, int]  # code, severity, what is the matter, atom


def _gather(molecule: Molecule, trouble: list[_Trouble]) -> tuple[Finding, ...]:
    """Join the troubles of one kind into one finding with the labels of the atoms."""
    atoms: dict[tuple[str, str, str], list[int]] = {}
    for code, severity, text, atom in trouble:
        atoms.setdefault((code, severity, text), []).append(atom)
    findings = []
    for (code, severity, text), members in atoms.items():
        labels = tuple(molecule.labels[a] for a in sorted(set(members)))
        findings.append(
            Finding(
                code=code,
                severity="warning" if severity == "warning" else "info",
                message=f"{len(labels)} of {molecule.formula}: {text}",
                labels=labels,
            )
        )
    return tuple(findings)


def _find_unclear(env: LigandEnvironment, ligands: list[Ligand]) -> Iterable[_Trouble]:
    for ligand in ligands:
        for group in find_groups(env, ligand.atoms):
            atom = group.atoms[0]
            if group.kind == UNCLASSIFIED:
                text = f"{env.elements[atom]} donor of {ligand.formula} fits no class of ligand"
                yield "ligand-unclassified", "warning", text, atom
            elif group.kind == "hydride":
                text = (
                    "hydrogen on metal atoms: it counts as a metal atom on gold and as a hydride on "
                    "copper and silver"
                )
                yield "ligand-hydride-sign", "warning", text, atom
            elif group.row is not None and group.row.ambiguous:
                text = f"{ligand.formula} taken for {group.kind}: {group.row.ambiguous}"
                yield "ligand-ambiguous", "warning", text, atom


def _find_odd(env: LigandEnvironment, ligands: list[Ligand]) -> Iterable[_Trouble]:
    """Find ligands that would be radicals with the charge of their class."""
    for ligand in ligands:
        unclear = ligand.kind in {UNCLASSIFIED, "hydride", "nitrosyl"}
        if unclear or not env.hydrogens_known(ligand.atoms[0]):
            continue
        protons = sum(_atomic_number(env.elements[a]) for a in ligand.atoms)
        remote = sum(charge for _, charge in _remote_charges(env, ligand))
        if (protons + ligand.electrons - remote) % 2:
            text = (
                f"{ligand.formula} taken for {ligand.kind} has an odd number of electrons: hydrogen "
                "atoms are missing or the class is wrong"
            )
            yield "ligand-odd-electrons", "warning", text, ligand.donors[0].atom


def _atomic_number(symbol: str) -> int:
    element = find_element("H" if symbol == "D" else symbol)
    return element.number if element else 0


def _find_charged(env: LigandEnvironment, ligands: list[Ligand]) -> Iterable[_Trouble]:
    for ligand in ligands:
        for atom, charge in _remote_charges(env, ligand):
            text = (
                f"{ligand.formula} has a group of charge {charge:+d} away from the metal: take it out of "
                "the charge of the molecule before counting electrons"
            )
            yield "ligand-charged-group", "warning", text, atom


def _remote_charges(env: LigandEnvironment, ligand: Ligand) -> list[tuple[int, int]]:
    """Return the atoms of charged groups that bind no metal, with their charges."""
    return [
        (atom, charge)
        for atom in ligand.atoms
        if not env.metals[atom] and (charge := _formal_charge(env, atom)) != 0
    ]


def _formal_charge(env: LigandEnvironment, atom: int) -> int:
    element, degree = env.elements[atom], env.degree(atom)
    if element in {"N", "P"} and degree == 4:
        return _onium_charge(env, atom)
    if element == "B" and degree == 4 and "B" not in env.signature(atom):
        return -int(not any(env.metals[n] for n in env.heavy[atom]))
    bare = env.terminals(atom)
    if not bare or any(env.metals[n] for n in bare) or not env.hydrogens_known(atom):
        return 0
    acids = {("C", 3, 2): -1, ("S", 4, 3): -1, ("P", 4, 2): -1, ("P", 4, 3): -2}
    return acids.get((element, degree, len(bare)), 0)


def _onium_charge(env: LigandEnvironment, atom: int) -> int:
    """Return +1 for NR4+ and PR4+; phosphorus with a bare chalcogen or imine is neutral."""
    around = {env.elements[n] for n in env.heavy[atom]}
    return int(around <= {"C"})


def _find_bridges(env: LigandEnvironment, ligands: list[Ligand]) -> Iterable[_Trouble]:
    """Find ligands whose donors sit in different clusters."""
    root = _join_metals(env, ligands)
    sizes = Counter(root.values())
    for ligand in ligands:
        held = {root[metal] for donor in ligand.donors for metal in donor.metals}
        if sum(sizes[r] >= _SMALLEST_CLUSTER for r in held) >= 2:
            text = f"{ligand.formula} ({ligand.kind}) joins clusters"
            yield "ligand-joins-clusters", "warning", text, ligand.donors[0].atom


def _join_metals(env: LigandEnvironment, ligands: list[Ligand]) -> dict[int, int]:
    """Return a representative for each metal: one for metals joined by bonds or one donor atom."""
    core = find_core_metals(env.molecule)
    linked: dict[int, set[int]] = {metal: set(env.metals[metal]) for metal in core}
    for ligand in ligands:
        for donor in ligand.donors:
            for metal in donor.metals:
                linked[metal] |= set(donor.metals)
    root: dict[int, int] = {}
    for start in core:
        stack = [start] if start not in root else []
        while stack:
            metal = stack.pop()
            if metal not in root:
                root[metal] = start
                stack.extend(linked[metal])
    return root


def _find_long_bonds(env: LigandEnvironment, ligands: list[Ligand]) -> Iterable[_Trouble]:
    donors = {donor.atom: ligand for ligand in ligands for donor in ligand.donors}
    bonds = env.molecule.bonds
    for pair, long in zip(bonds.pairs.tolist(), bonds.long.tolist(), strict=True):
        for atom in pair if long else ():
            if atom in donors and set(pair) - {atom} <= set(env.metals[atom]):
                text = f"a long bond decides the binding mode of {donors[atom].kind}"
                yield "ligand-long-bond", "info", text, atom


def _find_buried_metals(molecule: Molecule) -> Iterable[_Trouble]:
    core = set(find_core_metals(molecule))
    for atom, symbol in enumerate(molecule.elements):
        if is_metal(symbol) and atom not in core:
            text = f"{symbol} between two carbon rings counts as part of its ligand"
            yield "ligand-buried-metal", "info", text, atom
