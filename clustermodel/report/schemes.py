"""By what can the atoms of a cluster be coloured, besides role and element? Units, staples, local packing."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["Group", "Scheme", "list_schemes"]

Json = dict[str, Any]

_PALETTE = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9",
    "#d55e00", "#f0e442", "#999933", "#882255", "#44aa99",
)  # fmt: skip
"""Okabe and Ito, then Paul Tol; with more groups it begins again."""

_SHARED = "#1a1a1a"  # darker than every colour of the palette: atoms that belong to two units
_PACKING = {
    "fcc": "#0072b2",
    "hcp": "#d55e00",
    "icosahedral": "#009e73",
    "decahedral": "#cc79a7",
    "bcc": "#56b4e9",
    "close-packed": "#e69f00",
    "unclear": "#8c8c8c",
    "shell": "#c8c8c8",
}


class Group(NamedTuple):
    """Atoms of one colour.

    Parameters
    ----------
    name : str
        What they are.
    colour : str
        As ``#rrggbb``.
    atoms : tuple of int
        Their numbers in the list of atoms.
    """

    name: str
    colour: str
    atoms: tuple[int, ...]


class Scheme(NamedTuple):
    """A way to colour atoms.

    Parameters
    ----------
    key : str
        Short name for the page.
    title : str
        Name for people.
    groups : tuple of Group
        No atom is in two of them.
    """

    key: str
    title: str
    groups: tuple[Group, ...]


def list_schemes(cluster: Json) -> tuple[Scheme, ...]:
    """List the colour schemes that the structure of a cluster gives.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    tuple of Scheme
        Kernel units of the best decomposition, staples, and local packing; those without atoms are left
        out, and all of them for a document without structure.
    """
    structure = cluster.get("structure")
    if not structure:
        return ()
    made = (
        Scheme("units", "kernel units", _group_units(structure["units"])),
        Scheme("staples", "staples", _group_staples(structure["staples"])),
        Scheme("packing", "local packing", _group_packing(structure["local_packing"])),
    )
    return tuple(scheme for scheme in made if scheme.groups)


def _number(rows: list[Json]) -> Iterator[tuple[int, Json, str]]:
    """Yield rows with a number from 1 and a colour."""
    for number, row in enumerate(rows):
        yield number + 1, row, _PALETTE[number % len(_PALETTE)]


def _group_units(units: Json) -> tuple[Group, ...]:
    if not units["decompositions"]:
        return ()
    best = units["decompositions"][0]
    shared: dict[str, list[int]] = {}
    for row in best["shared"]:
        name = f"{row['formula']} shared by units {row['first'] + 1} and {row['second'] + 1}"
        shared[name] = row["atoms"]
    taken = set(itertools.chain.from_iterable(shared.values()))
    own = tuple(
        Group(f"unit {number}, {unit['formula']}", colour, tuple(a for a in unit["atoms"] if a not in taken))
        for number, (unit, colour) in enumerate(
            zip(best["units"], itertools.cycle(_PALETTE), strict=False), 1
        )
    )
    seen: set[int] = set()
    common = []
    for name, atoms in shared.items():
        common.append(Group(name, _SHARED, tuple(a for a in atoms if a not in seen)))
        seen.update(atoms)
    rest = Group("outside of the units", "#b0b0b0", tuple(best["remainder"]))
    return tuple(group for group in (*own, *common, rest) if group.atoms)


def _group_staples(staples: Json) -> tuple[Group, ...]:
    seen: set[int] = set()
    groups = []
    for number, (row, colour) in enumerate(
        zip(staples["staples"], itertools.cycle(_PALETTE), strict=False), 1
    ):
        atoms = tuple(atom for atom in row["chain"] if atom not in seen)
        seen.update(atoms)
        groups.append(Group(f"{number}: {row['label']}", colour, atoms))
    return tuple(group for group in groups if group.atoms)


def _group_packing(packing: Json) -> tuple[Group, ...]:
    atoms: dict[str, list[int]] = {}
    for row in packing["atoms"]:
        atoms.setdefault(row["label"], []).append(row["atom"])
    return tuple(
        Group(label, _PACKING.get(label, _PACKING["unclear"]), tuple(atoms[label]))
        for label in sorted(atoms, key=lambda name: (name not in _PACKING, name))
    )
