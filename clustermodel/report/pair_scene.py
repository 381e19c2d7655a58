"""What does the 3D view of two clusters on each other need to know? One scene with the atoms of both."""

from itertools import pairwise
from typing import Any

from clustermodel.report.notation import write_subscripts
from clustermodel.report.pair_sentences import list_sides
from clustermodel.report.schemes import Group, Scheme
from clustermodel.report.viewer import build_scene, list_elements, list_roles

__all__ = [
    "SIDE_COLOURS",
    "UNIQUE_COLOURS",
    "build_overlay",
    "list_overlay_legends",
    "list_overlay_schemes",
    "locate_atom",
]

Json = dict[str, Any]

SIDE_COLOURS = {"a": "#d55e00", "b": "#0072b2"}
"""Colours of the first and the second cluster, after Okabe and Ito."""

UNIQUE_COLOURS = {"a": "#cc79a7", "b": "#009e73"}
"""Colours of what only the first, and only the second, has."""

_FILLED = {"a": "b", "b": "a"}
_REST = frozenset({"ligand", "outside"})
_STEPS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)  # Å: X-ray structures of one cluster agree to 0.2 Å
_SHADES = ("#9ecae1", "#4292c6", "#08519c", "#fdae6b", "#e6550d", "#a50f15")  # ColorBrewer, blue to red
_MAGNIFIED = 5  # a movement of 0.1 Å is a tenth of a ball: too short to be seen
_FAR = 1.0  # Å; movements that need no magnification


def locate_atom(document: Json, key: str, atom: int) -> int:
    """Return the number of an atom in the overlay, where the second cluster follows the first.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.
    key : str
        ``"a"`` or ``"b"``.
    atom : int
        Number of the atom in its cluster.

    Returns
    -------
    int
        Its number in the overlay.
    """
    return atom if key == "a" else len(document["overlay"]["a"]["atoms"]) + atom


def build_overlay(document: Json) -> Json:
    """Collect what the 3D view shows of two clusters on each other.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    dict
        A scene as of `clustermodel.report.viewer.build_scene`, the atoms of the second after those of the
        first; for each atom ``sides``, ``partners`` (-1 without one) and ``moves`` (Å, null without a
        partner); ``unique``: atoms without a partner; ``alone``: they and what they are bonded to; ``sites``
        with place, atom and what is said of them; ``names`` of the two; ``magnified``: how movements are
        first drawn.
    """
    both = _join_clusters(document)
    scene = build_scene(
        both,
        schemes=list_overlay_schemes(document),
        marks=[site["place"] for site in document["sites"]],
    )
    partners, moves = _find_partners(document, len(both["atoms"]))
    sides = {side.key: side.name for side in list_sides(document)}
    unique = [atom for atom, partner in enumerate(partners) if partner < 0]
    framework = [one for one in document["mapped"] if one["role"] not in _REST]
    farthest = max((one["distance"] for one in framework), default=0.0)
    return {
        **scene,
        "sides": [key for key in "ab" for _ in document["overlay"][key]["atoms"]],
        "partners": partners,
        "moves": moves,
        "unique": unique,
        "alone": _add_neighbours(unique, both["bonds_list"]),
        "names": sides,
        "sites": [
            {
                "place": place,
                "atom": locate_atom(document, _FILLED[site["vacant_in"]], site["atom"]),
                "label": _describe_site(site, sides[site["vacant_in"]]),
                "colour": UNIQUE_COLOURS[_FILLED[site["vacant_in"]]],
            }
            for site, place in zip(document["sites"], scene["marks"], strict=True)
        ],
        "magnified": 1 if farthest > _FAR else _MAGNIFIED,
    }


def _find_partners(document: Json, count: int) -> tuple[list[int], list[float | None]]:
    """Return for each atom of the overlay its partner and how far away it is."""
    partners, moves = [-1] * count, list[float | None]([None]) * count
    for one in document["mapped"]:
        ends = [locate_atom(document, key, one[key]) for key in "ab"]
        for here, there in (ends, reversed(ends)):
            partners[here], moves[here] = there, round(one["distance"], 3)
    return partners, moves


def _add_neighbours(atoms: list[int], bonds: list[Any]) -> list[int]:
    found = set(atoms)
    found.update(end for i, j, _ in bonds if i in set(atoms) or j in set(atoms) for end in (i, j))
    return sorted(found)


def _describe_site(site: Json, vacant: str) -> str:
    ligand = write_subscripts(site["ligand"])
    parts = [ligand] if site["atom"] in site["ligand_atoms"] else [site["label"], ligand]
    return f"vacant in {vacant}: {' + '.join(part for part in parts if part)}"


def _join_clusters(document: Json) -> Json:
    """Return both clusters as one, in the form of a cluster of an analysis."""
    overlay = document["overlay"]
    nowhere = {"symop": "x,y,z", "shift": [0, 0, 0], "occupancy": None}
    shift = len(overlay["a"]["atoms"])
    return {
        "id": "overlay",
        "metals": document["metals"]["a"] | document["metals"]["b"],
        "ligands": [],
        "atoms": [{**atom, **nowhere} for key in "ab" for atom in overlay[key]["atoms"]],
        "bonds_list": [
            *overlay["a"]["bonds"],
            *([i + shift, j + shift, length] for i, j, length in overlay["b"]["bonds"]),
        ],
    }


def list_overlay_legends(document: Json) -> tuple[list[Json], list[Json]]:
    """List roles and elements of both clusters for the legends.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    tuple of list of dict
        As `clustermodel.report.viewer.list_roles` and `clustermodel.report.viewer.list_elements` make them.
    """
    both = _join_clusters(document)
    return list_roles(both), list_elements(both)


def list_overlay_schemes(document: Json) -> tuple[Scheme, ...]:
    """List the colour schemes of an overlay.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    tuple of Scheme
        By cluster, atoms that only one has apart; and by movement.
    """
    return (
        Scheme("side", "cluster", _group_sides(document)),
        Scheme("movement", "movement", _group_movements(document)),
    )


def _group_sides(document: Json) -> tuple[Group, ...]:
    groups = []
    unmapped = {"a": document["extra"], "b": document["missing"]}
    for side in list_sides(document):
        mapped = tuple(locate_atom(document, side.key, one[side.key]) for one in document["mapped"])
        groups.append(Group(side.marked, SIDE_COLOURS[side.key], mapped))
    for side in list_sides(document):
        alone = tuple(locate_atom(document, side.key, one["atom"]) for one in unmapped[side.key])
        groups.append(Group(f"only in {side.name}", UNIQUE_COLOURS[side.key], alone))
    return tuple(group for group in groups if group.atoms)


def _group_movements(document: Json) -> tuple[Group, ...]:
    steps = [*pairwise(_STEPS), (_STEPS[-1], float("inf"))]
    groups = []
    for (low, high), colour in zip(steps, _SHADES, strict=True):
        atoms = tuple(
            locate_atom(document, key, one[key])
            for one in document["mapped"]
            if low <= one["distance"] < high
            for key in "ab"
        )
        name = f"{low:.1f}–{high:.1f} Å" if high < float("inf") else f"{low:.1f} Å and more"
        groups.append(Group(name, colour, atoms))
    return (*(group for group in groups if group.atoms), *_group_sides(document)[2:])
