"""What does the 3D view need to know? A scene: atoms, bonds, roles, colours and a first orientation."""

import functools
import tomllib
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.elements import covalent_radii
from clustermodel.report.contact_lines import ContactLine
from clustermodel.report.notation import combine_operation
from clustermodel.report.schemes import Scheme
from clustermodel.report.sentences import describe_composition

__all__ = ["CONTACT_COLOURS", "CONTACT_NAMES", "build_scene", "list_elements", "list_roles", "load_styles"]

Json = dict[str, Any]

CONTACT_COLOURS = {
    "hydrogen-hydrogen": "#56b4e9",
    "CH-pi": "#009e73",
    "pi-pi": "#cc79a7",
    "hydrogen-bond": "#0072b2",
    "weak-hydrogen-bond": "#0072b2",
    "halogen": "#117733",
    "metal-metal": "#d55e00",
    "metal-hydrogen": "#e69f00",
}
"""Colours of the lines of contacts by kind: Okabe and Ito."""

CONTACT_NAMES = {
    "hydrogen-hydrogen": "H···H",
    "CH-pi": "C–H···π",
    "pi-pi": "π···π",
    "hydrogen-bond": "hydrogen bond",
    "weak-hydrogen-bond": "weak hydrogen bond",
    "halogen": "halogen contact",
    "metal-metal": "metal···metal",
    "metal-hydrogen": "metal···H",
}
"""The kinds as papers write them."""

_HYDROGEN = frozenset({"H", "D"})
_UNKNOWN = "#ff1493"  # an element without a colour of its own stands out
_BALL = {"metal": 0.44, "donor": 0.40, "rest": 0.0}  # share of the covalent radius; 0: a joint of the stick
_STICK = {"metal": 0.14, "donor": 0.14, "rest": 0.07}  # Å
_HYDRIDE = 0.25  # Å; hydrogen on metal would vanish between the metal atoms


@functools.cache
def load_styles() -> Json:
    """Return colours and meanings of roles and elements.

    Returns
    -------
    dict
        ``roles`` with colour, group and meaning of each; ``elements`` with a colour each.

    Examples
    --------
    >>> load_styles()["roles"]["centre"]["group"]
    'metal'
    """
    text = resources.files("clustermodel.report").joinpath("styles.toml").read_text("utf-8")
    return tomllib.loads(text)


def build_scene(
    cluster: Json,
    *,
    schemes: tuple[Scheme, ...] = (),
    contacts: tuple[ContactLine, ...] = (),
    marks: Sequence[Sequence[float]] = (),
) -> Json:
    """Collect what the 3D view shows of one cluster.

    The atoms are turned so that the metal core lies flat and wide on the screen; it is a rotation, so
    the hand of a chiral cluster is kept.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.
    schemes : tuple of Scheme, optional
        Further ways to colour the atoms.
    contacts : tuple of ContactLine, optional
        Contacts to draw.
    marks : sequence of (float, float, float), optional
        Places without an atom, in the frame of the atoms.

    Returns
    -------
    dict
        ``id`` and ``name``; for each atom ``labels``, ``elements``, ``roles``, ``places`` (symmetry
        operations), ``occupancies``, ``radii`` and ``sticks`` (Å); ``xyz`` in Å, flat, centred on the metal
        atoms; ``bonds`` as flat pairs of numbers of atoms; ``colours`` of roles and elements; ``schemes``
        with a colour for each of their atoms; ``contacts`` with both ends; ``marks`` turned with the atoms.
    """
    atoms = cluster["atoms"]
    groups = [_group(atom["role"]) for atom in atoms]
    ends = [end for line in contacts for end in (line.start, line.end)]
    points = [*(atom["xyz"] for atom in atoms), *ends, *marks]
    is_core = [group == "metal" for group in groups] + [False] * (len(points) - len(atoms))
    positions = _orient(
        np.array(points, dtype=np.float64).reshape(-1, 3), np.array(is_core, dtype=bool), len(atoms)
    )
    last = len(atoms) + len(ends)
    return {
        "id": cluster["id"],
        "name": describe_composition(cluster),
        "labels": [atom["label"] for atom in atoms],
        "elements": [atom["element"] for atom in atoms],
        "roles": [atom["role"] for atom in atoms],
        "places": [combine_operation(atom["symop"], tuple(atom["shift"])) for atom in atoms],
        "occupancies": [atom["occupancy"] for atom in atoms],
        "radii": [_measure_ball(atom, group) for atom, group in zip(atoms, groups, strict=True)],
        "sticks": [_STICK[group] for group in groups],
        "xyz": [round(float(x), 3) for x in positions[: len(atoms)].ravel()],
        "bonds": [int(end) for i, j, _ in cluster["bonds_list"] for end in (i, j)],
        "colours": {
            **{role["name"]: role["colour"] for role in list_roles(cluster)},
            **{element["name"]: element["colour"] for element in list_elements(cluster)},
        },
        "schemes": {
            scheme.key: {str(atom): group.colour for group in scheme.groups for atom in group.atoms}
            for scheme in schemes
        },
        "contacts": [
            {
                "atom": line.atom,
                "ends": [round(float(x), 3) for x in place.ravel()],
                "inside": line.inside,
                "colour": CONTACT_COLOURS.get(line.kind, _UNKNOWN),
            }
            for line, place in zip(contacts, positions[len(atoms) : last].reshape(-1, 2, 3), strict=True)
        ],
        "marks": [[round(float(x), 3) for x in place] for place in positions[last:]],
    }


def list_roles(cluster: Json) -> list[Json]:
    """List the roles that occur in a cluster, for the legend.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    list of dict
        Name, colour, meaning, number of atoms and their elements, in the order of the style table.
    """
    styles = load_styles()["roles"]
    rows = []
    for name, style in styles.items():
        elements = Counter(atom["element"] for atom in cluster["atoms"] if atom["role"] == name)
        if elements:
            kinds = ", ".join(sorted(elements, key=lambda e: (-elements[e], e)))
            rows.append({"name": name, **style, "count": elements.total(), "elements": kinds})
    return rows


def list_elements(cluster: Json) -> list[Json]:
    """List the elements that occur in a cluster, for the legend.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    list of dict
        Name, colour and number of atoms: metals first, then by the alphabet.
    """
    counts = Counter(atom["element"] for atom in cluster["atoms"])
    order = sorted(counts, key=lambda element: (element not in cluster["metals"], element))
    return [{"name": e, "colour": _find_colour(e), "count": counts[e]} for e in order]


def _group(role: str) -> str:
    return str(load_styles()["roles"][role]["group"])


def _measure_ball(atom: Json, group: str) -> float:
    if group == "donor" and atom["element"] in _HYDROGEN:
        return _HYDRIDE
    return round(_BALL[group] * float(covalent_radii([atom["element"]])[0]), 3)


def _find_colour(element: str) -> str:
    """Return the colour of an element."""
    return str(load_styles()["elements"].get("H" if element == "D" else element, _UNKNOWN))


def _orient(positions: FloatArray, is_core: FloatArray, n_atoms: int) -> FloatArray:
    """Return positions with the core centred, its longest axis along x and its shortest along z."""
    core = positions[is_core] if np.any(is_core) else positions[:n_atoms]
    moved: FloatArray = positions - core.mean(axis=0)
    if len(core) < 3:
        return moved
    axes = np.linalg.svd(core - core.mean(axis=0), full_matrices=True)[2]
    axes *= np.where(axes.sum(axis=1) < 0, -1.0, 1.0)[:, None]  # the sign of an axis is free: fix it
    if np.linalg.det(axes) < 0:  # a mirror image otherwise
        axes[2] *= -1.0
    return np.asarray(moved @ axes.T)
