"""What does a free ligand look like? Coordinates, bonds and turns from ``ligand_templates.toml``."""

import functools
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.cluster.ligand_names import named_ligands
from clustermodel.errors import InputError

__all__ = ["LigandTemplate", "Turn", "find_template", "list_templates"]

_C_H = 1.09  # Å; sp3, Allen & Bruno 2010
_C_H_AROMATIC = 1.083  # Å
_BONDED = 2.0  # Å; between P-C (1.82) or S-C (1.85) and the nearest pair with one atom between (2.4)
_TETRAHEDRAL = float(np.arccos(-1 / 3))
_DONORS = frozenset({"S", "P", "Cl"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A bond that may be turned about.

    Parameters
    ----------
    bond : tuple of (int, int)
        Its atoms; -1 is the metal.
    moved : tuple of int
        The atoms beyond it.
    fold : int
        Symmetry of what is turned: the angles of one period are 360 / fold degrees.
    steps : int
        Number of angles tried in one period.
    """

    bond: tuple[int, int]
    moved: tuple[int, ...]
    fold: int
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LigandTemplate:
    """One free ligand.

    Parameters
    ----------
    name : str
        Its name.
    elements : tuple of str, length n
        Elements.
    positions : ndarray, shape (n, 3)
        Coordinates in Å; the first donor is the origin and its metal lies on -x.
    donors : tuple of int
        The donor atoms.
    bonds : tuple of (int, int)
        Bonded pairs.
    turns : tuple of Turn
        Where it may be turned.
    rigid : tuple of tuple of int
        Sets of atoms that keep all their distances.

    Examples
    --------
    >>> adamantyl = find_template("SAdm")
    >>> len(adamantyl.elements), len(adamantyl.bonds), adamantyl.donors
    (26, 28, (0,))
    """

    name: str
    elements: tuple[str, ...]
    positions: FloatArray = field(metadata={"unit": "Å"})
    donors: tuple[int, ...]
    bonds: tuple[tuple[int, int], ...]
    turns: tuple[Turn, ...]
    rigid: tuple[tuple[int, ...], ...]


@functools.cache
def _read_table() -> dict[str, dict[str, Any]]:
    folder = resources.files("clustermodel.cluster.models")
    return tomllib.loads(folder.joinpath("ligand_templates.toml").read_text(encoding="utf-8"))


def list_templates() -> tuple[str, ...]:
    """Return the names of the ligands that can be built.

    Returns
    -------
    tuple of str
        Names for :func:`find_template`.

    Examples
    --------
    >>> "SAdm" in list_templates()
    True
    """
    return tuple(_read_table())


@functools.cache
def find_template(name: str) -> LigandTemplate:
    """Return a free ligand.

    Parameters
    ----------
    name : str
        One of its names: that of its template, one that :mod:`clustermodel.cluster.ligand_names` knows for
        the same ligand, or either written from the other end (``"AdmS"`` for ``"SAdm"``).

    Returns
    -------
    LigandTemplate
        Coordinates, bonds and turns.

    Raises
    ------
    InputError
        If there is no template of that name.

    Examples
    --------
    >>> find_template("PPh2py").elements.count("H")
    14
    >>> find_template("SC2H4Ph").name, find_template("tBuS").name
    ('PET', 'StBu')
    """
    known = _find_name(name)
    if known != name:
        return find_template(known)
    row = _read_table()[name]
    labels, heavy = _place_atoms(row["atoms"].strip().splitlines())
    elements = [re.match(r"[A-Za-z]+", label)[0].capitalize() for label in labels]  # type: ignore[index]
    positions = _add_hydrogens(labels, elements, heavy)
    elements += ["H"] * (len(positions) - len(elements))
    bonds = _find_bonds(elements, positions)
    return LigandTemplate(
        name=name,
        elements=tuple(elements),
        positions=freeze_float(positions, (None, 3), "positions"),
        donors=tuple(k for k, element in enumerate(elements) if element in _DONORS),
        bonds=bonds,
        turns=tuple(_build_turn(turn, labels, bonds) for turn in row.get("turns", ())),
        rigid=_find_rigid(len(elements), bonds, row.get("turns", ()), labels),
    )


def _find_name(name: str) -> str:
    """Return the name of the template that a name of a ligand stands for."""
    table = _read_table()
    asked = [name, f"S{name[:-1]}"] if name.endswith("S") else [name]
    for one in asked:
        names = [
            one,
            *(n for row in named_ligands() if one in (row.name, *row.also) for n in (row.name, *row.also)),
        ]
        if found := [n for n in names if n in table]:
            return found[0]
    msg = f"no ligand template is called {name!r}; expected one of {', '.join(table)}"
    raise InputError(msg)


def _place_atoms(rows: Sequence[str]) -> tuple[list[str], FloatArray]:
    """Return labels and coordinates of the rows; the metal stands on -x of the first atom at the origin."""
    first = rows[0].split()
    places = {"M": np.array([-float(first[2]), 0.0, 0.0]), first[0]: np.zeros(3)}
    for row in rows[1:]:
        label, parent, length, *rest = row.split()
        origin = places[parent]
        axis = _unit(places[rest[0]] - origin)
        side = np.array([0.0, 1.0, 0.0])
        torsion = 0.0
        if len(rest) == 4:
            side = places[rest[2]] - places[rest[0]]
            if rest[2] == rest[0] or np.linalg.norm(np.cross(axis, side)) < 1e-6 or parent == first[0]:
                side = places[rest[2]] - origin
            torsion = np.radians(float(rest[3]))
        side = _unit(side - (side @ axis) * axis)
        third = np.cross(axis, side)
        angle = np.radians(float(rest[1]))
        around = np.cos(torsion) * side + np.sin(torsion) * third
        places[label] = origin + float(length) * (np.cos(angle) * axis + np.sin(angle) * around)
    labels = [label for label in places if label != "M"]
    return labels, np.array([places[label] for label in labels])


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / np.linalg.norm(vector))


def _add_hydrogens(labels: list[str], elements: list[str], heavy: FloatArray) -> FloatArray:
    bonded = (cdist(heavy, heavy) < _BONDED) & ~np.eye(len(heavy), dtype=bool)
    rows = [heavy]
    for atom, label in enumerate(labels):
        if elements[atom] != "C":
            continue
        others = np.flatnonzero(bonded[atom])
        arms = np.array([_unit(heavy[other] - heavy[atom]) for other in others])
        if label[0] == "c":
            directions = [-_unit(arms.sum(axis=0))] if len(arms) == 2 else []
            rows += [heavy[atom] + _C_H_AROMATIC * d[None] for d in directions]
        else:
            further = [b for b in np.flatnonzero(bonded[others[0]]) if b != atom]
            reference = heavy[further[0]] - heavy[others[0]] if further else np.array([0.3, 0.5, 0.8])
            rows += [heavy[atom] + _C_H * d[None] for d in _fill_tetrahedron(arms, reference)]
    return np.vstack(rows)


def _fill_tetrahedron(arms: FloatArray, reference: FloatArray) -> list[FloatArray]:
    """Return the directions that complete a tetrahedron."""
    if len(arms) >= 4:
        return []
    if len(arms) == 3:
        return [-_unit(arms.sum(axis=0))]
    if len(arms) == 2:
        back, across = -_unit(arms.sum(axis=0)), _unit(np.cross(arms[0], arms[1]))
        half = _TETRAHEDRAL / 2
        return [np.cos(half) * back + s * np.sin(half) * across for s in (1, -1)]
    side = _unit(reference - (reference @ arms[0]) * arms[0])
    third = np.cross(arms[0], side)
    turns = np.radians([60, 180, 300])
    return [
        np.cos(_TETRAHEDRAL) * arms[0] + np.sin(_TETRAHEDRAL) * (np.cos(t) * side + np.sin(t) * third)
        for t in turns
    ]


def _find_bonds(elements: Sequence[str], positions: FloatArray) -> tuple[tuple[int, int], ...]:
    hydrogen = np.array([element == "H" for element in elements])
    near = np.triu(cdist(positions, positions) < _BONDED, 1)
    limit = hydrogen[:, None] | hydrogen[None]
    near &= ~limit | (cdist(positions, positions) < 1.5) & ~(hydrogen[:, None] & hydrogen[None])
    return tuple((int(one), int(two)) for one, two in np.argwhere(near))


def _walk(start: int, blocked: set[frozenset[int]], bonds: Sequence[tuple[int, int]], count: int) -> set[int]:
    """Return the atoms reached from one without crossing a blocked bond."""
    table: list[list[int]] = [[] for _ in range(count)]
    for one, two in bonds:
        if frozenset((one, two)) not in blocked:
            table[one].append(two)
            table[two].append(one)
    reached, stack = {start}, [start]
    while stack:
        fresh = [atom for atom in table[stack.pop()] if atom not in reached]
        reached.update(fresh)
        stack += fresh
    return reached


def _build_turn(row: dict[str, Any], labels: list[str], bonds: Sequence[tuple[int, int]]) -> Turn:
    one, two = (-1 if label == "M" else labels.index(label) for label in row["bond"])
    count = max((max(bond) for bond in bonds), default=0) + 1
    moved = _walk(two, {frozenset((one, two))}, bonds, count)
    return Turn(bond=(one, two), moved=tuple(sorted(moved)), fold=row["fold"], steps=row["steps"])


def _find_rigid(
    count: int, bonds: Sequence[tuple[int, int]], turns: Sequence[dict[str, Any]], labels: list[str]
) -> tuple[tuple[int, ...], ...]:
    """Return the sets of atoms joined without a turn, with the far ends of the turned bonds of each."""
    cut = {
        frozenset(labels.index(label) for label in turn["bond"]) for turn in turns if "M" not in turn["bond"]
    }
    pieces: list[tuple[int, ...]] = []
    seen: set[int] = set()
    for atom in range(count):
        if atom not in seen:
            piece = _walk(atom, cut, bonds, count)
            seen |= piece
            ends = {end for bond in cut if bond & piece for end in bond}
            pieces.append(tuple(sorted(piece | ends)))
    return tuple(pieces)
