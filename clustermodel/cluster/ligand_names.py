"""What is a ligand called? Its skeleton is compared with a table of common ones."""

import functools
import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from clustermodel.cluster.ligand_environment import HYDROGEN, LigandEnvironment
from clustermodel.cluster.ligand_graph import find_rings

__all__ = ["NamedLigand", "Skeleton", "name_ligand", "named_ligands", "read_smiles"]

_VALENCE = {"B": 3, "C": 4, "N": 3, "O": 2, "F": 1, "Si": 4, "P": 3, "S": 2, "Cl": 1, "Br": 1, "I": 1}
_ORDERS = {"-": 1, "=": 2, "#": 3}
_TOKEN = re.compile(r"\[([A-Z][a-z]?|[cn])(H?)\]|(Cl|Br|[BCNOFPSI]|[cno])|([-=#])|([()])|(\d)")
_LARGE = 5  # from this many heavy atoms on, a proton more or less keeps the name (p-MBA, its anion)
_ROUNDS = 6  # colours reach this many bonds; the longest branch of the table, dodecyl, has two ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """The non-hydrogen atoms of a ligand and how they hang together.

    Parameters
    ----------
    elements : tuple of str
        Element symbols.
    neighbors : tuple of tuple of int
        Bonded atoms of each atom.
    hydrogens : int
        Number of hydrogen atoms.
    aromatic : int
        Number of atoms in flat rings.
    """

    elements: tuple[str, ...]
    neighbors: tuple[tuple[int, ...], ...]
    hydrogens: int
    aromatic: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLigand:
    """One row of the table of names.

    Parameters
    ----------
    name : str
        Abbreviation.
    kind : str
        Class of ligand.
    smiles : str
        Its skeleton as SMILES.
    also : tuple of str
        Other spellings in formulas.
    """

    name: str
    kind: str
    smiles: str
    also: tuple[str, ...]

    @property
    def skeleton(self) -> Skeleton:
        """Its atoms."""
        return read_smiles(self.smiles)


def _element(symbol: str) -> str:
    """Return the element of an aromatic atom written in lower case, or of any other."""
    return symbol.upper() if len(symbol) == 1 else symbol


class _SmilesReader:
    """Collects atoms and bonds while the tokens of a SMILES string go by."""

    def __init__(self) -> None:
        self.elements: list[str] = []
        self.free: list[int] = []  # valence left for hydrogen
        self.bonds: list[tuple[int, int]] = []
        self.aromatic = 0
        self.hydrogens = 0
        self._last: int | None = None
        self._order = 1
        self._stack: list[int | None] = []
        self._open: dict[str, tuple[int, int]] = {}

    def add_atom(self, symbol: str, *, bracket: bool) -> None:
        element = _element(symbol)
        self.elements.append(element)
        self.aromatic += symbol.islower()
        self.free.append(0 if bracket else _VALENCE[element] - symbol.islower())
        atom = len(self.elements) - 1
        if self._last is not None:
            self._join(self._last, atom, self._order)
        self._last, self._order = atom, 1

    def read_punctuation(self, mark: str) -> None:
        if mark == "(":
            self._stack.append(self._last)
        elif mark == ")":
            self._last = self._stack.pop()
        elif mark in _ORDERS:
            self._order = _ORDERS[mark]
        else:
            self._close_ring(mark)

    def _close_ring(self, digit: str) -> None:
        atom = len(self.elements) - 1
        if digit in self._open:
            other, order = self._open.pop(digit)
            self._join(other, atom, max(order, self._order))
        else:
            self._open[digit] = (atom, self._order)
        self._order = 1

    def _join(self, first: int, second: int, order: int) -> None:
        self.bonds.append((first, second))
        self.free[first] -= order
        self.free[second] -= order


@functools.cache
def read_smiles(smiles: str) -> Skeleton:
    """Read the few words of SMILES that the table of names is written in.

    Parameters
    ----------
    smiles : str
        Atoms (aromatic ones in lower case), bonds, branches, ring digits, and brackets for atoms
        without hydrogen of their own (``[S]``) or with one (``[SH]``).

    Returns
    -------
    Skeleton
        Heavy atoms, with the hydrogen atoms that the valences leave room for.

    Examples
    --------
    >>> pet = read_smiles("[S]CCc1ccccc1")
    >>> len(pet.elements), pet.hydrogens, pet.aromatic
    (9, 9, 6)
    """
    reader = _SmilesReader()
    for bracket, hydrogen, atom, *marks in _TOKEN.findall(smiles):
        if bracket or atom:
            reader.add_atom(bracket or atom, bracket=bool(bracket))
            reader.hydrogens += bool(hydrogen)
        else:
            reader.read_punctuation("".join(marks))
    neighbors: list[list[int]] = [[] for _ in reader.elements]
    for first, second in reader.bonds:
        neighbors[first].append(second)
        neighbors[second].append(first)
    return Skeleton(
        elements=tuple(reader.elements),
        neighbors=tuple(tuple(row) for row in neighbors),
        hydrogens=reader.hydrogens + sum(max(room, 0) for room in reader.free),
        aromatic=reader.aromatic,
    )


@functools.cache
def named_ligands() -> tuple[NamedLigand, ...]:
    """Return the table of named ligands.

    Returns
    -------
    tuple of NamedLigand
        All rows.

    Examples
    --------
    >>> next(row.kind for row in named_ligands() if row.name == "dppm")
    'diphosphine'
    """
    text = resources.files("clustermodel.cluster").joinpath("ligand_names.toml").read_text("utf-8")
    return tuple(
        NamedLigand(
            name=row["name"],
            kind=row["kind"],
            smiles=row["smiles"],
            also=tuple(row.get("also", ())),
        )
        for row in tomllib.loads(text)["name"]
    )


@functools.cache
def _rows_by_formula() -> dict[tuple[str, ...], tuple[NamedLigand, ...]]:
    rows: dict[tuple[str, ...], tuple[NamedLigand, ...]] = {}
    for row in named_ligands():
        atoms = (bracket or atom for bracket, _, atom, *_ in _TOKEN.findall(row.smiles))
        key = tuple(sorted(_element(symbol) for symbol in atoms if symbol))
        rows[key] = (*rows.get(key, ()), row)
    return rows


@functools.lru_cache(maxsize=4096)
def _fingerprint(elements: tuple[str, ...], neighbors: tuple[tuple[int, ...], ...]) -> tuple[str, ...]:
    """Return a key that does not depend on the order of the atoms: colour refinement.

    It starts from element, degree and ring sizes; these tell apart all rows of the table, which a
    test checks.
    """
    table = [list(row) for row in neighbors]
    colors = [
        f"{symbol}{len(row)}{sorted(len(ring) for ring in find_rings(table, atom))}"
        for atom, (symbol, row) in enumerate(zip(elements, table, strict=True))
    ]
    for _ in range(_ROUNDS):
        colors = [_digest(colors[a], [colors[n] for n in row]) for a, row in enumerate(table)]
    return tuple(sorted(colors))


def _digest(color: str, around: Sequence[str]) -> str:
    text = " ".join((color, *sorted(around)))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def name_ligand(env: LigandEnvironment, atoms: Sequence[int], kind: str) -> str:
    """Return the abbreviation of a common ligand, or an empty string.

    The skeletons must agree; then the numbers of hydrogen atoms, where the ligand has any, else
    the numbers of atoms in flat rings (phenyl or cyclohexyl).

    Parameters
    ----------
    env : LigandEnvironment
        The molecule.
    atoms : sequence of int
        The atoms of one ligand.
    kind : str
        Its class; decides between names that differ in hydrogen atoms where the file has none.

    Returns
    -------
    str
        For example ``"SC2H4Ph"`` or ``"PPh3"``.
    """
    heavy = [a for a in atoms if env.elements[a] not in HYDROGEN]
    elements = tuple(env.elements[a] for a in heavy)
    rows = _rows_by_formula().get(tuple(sorted(elements)))
    if not rows:
        return ""
    place = {a: i for i, a in enumerate(heavy)}
    neighbors = tuple(tuple(place[n] for n in env.heavy[a] if n in place) for a in heavy)
    fingerprint = _fingerprint(elements, neighbors)
    same = [r for r in rows if _fingerprint(r.skeleton.elements, r.skeleton.neighbors) == fingerprint]
    return _choose(same, env, heavy, kind)


def _choose(rows: list[NamedLigand], env: LigandEnvironment, heavy: list[int], kind: str) -> str:
    """Return the name of the row that agrees in hydrogen atoms or, without them, in flat rings."""
    found = sum(env.hydrogens[a] for a in heavy)
    if found or env.hydrogens_known(heavy[0]):
        spare = 1 if len(heavy) >= _LARGE else 0
        near = [r for r in rows if abs(r.skeleton.hydrogens - found) <= spare]
        return min(near, key=lambda r: abs(r.skeleton.hydrogens - found)).name if near else ""
    flat = sum(bool(env.flat_rings(a)) for a in heavy)
    alike = [r for r in rows if r.skeleton.aromatic == flat]
    return next((r.name for r in alike if r.kind == kind), "")
