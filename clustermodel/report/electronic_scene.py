"""What does the 3D view of a calculation show? The cut cluster at the geometry that was calculated."""

from typing import Any

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.pipeline.electronic import ElectronicStates
from clustermodel.report.electronic_sentences import describe_calculated
from clustermodel.report.schemes import Group, Scheme
from clustermodel.report.viewer import build_scene

__all__ = ["build_calculated_cluster", "build_electronic_scene", "list_charge_schemes", "name_roles"]

Json = dict[str, Any]

_CAP = "ligand"  # role of a new hydrogen atom
_BINS = 5  # colours on either side of the neutral one would not be told apart
_COLOURS = ("#0571b0", "#92c5de", "#d9d9d9", "#f4a582", "#ca0020")  # blue: negative, red: positive
_ROUND = 0.05  # e: charges are no better known than that


def name_roles(states: ElectronicStates) -> tuple[str, ...]:
    """Name the roles of the calculated atoms.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.

    Returns
    -------
    tuple of str
        Those of the atoms of the file; new hydrogen atoms belong to the ligands.
    """
    roles = states.cluster.anatomy.roles
    return tuple(roles[int(old)] if old >= 0 else _CAP for old in states.truncation.source)


def build_calculated_cluster(states: ElectronicStates) -> Json:
    """Write the calculated atoms as a cluster of a document of an analysis.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.

    Returns
    -------
    dict
        What `clustermodel.report.viewer` reads: atoms with roles, bonds, metals and ligands.
    """
    molecule, result = states.truncation.molecule, states.result
    roles = name_roles(states)
    nowhere = {"symop": "x,y,z", "shift": [0, 0, 0], "occupancy": None}
    metals = [symbol for symbol, role in zip(result.elements, roles, strict=True) if _is_metal(role)]
    return {
        "id": "calculated",
        "atoms": [
            {
                "label": molecule.labels[i],
                "element": element,
                "role": roles[i],
                "xyz": result.positions[i].tolist(),
                **nowhere,
            }
            for i, element in enumerate(result.elements)
        ],
        "bonds_list": [
            [i, j, length]
            for (i, j), length in zip(
                molecule.bonds.pairs.tolist(), molecule.bonds.lengths.tolist(), strict=True
            )
        ],
        "metals": {symbol: metals.count(symbol) for symbol in sorted(set(metals))},
        "ligands": [],
    }


def _is_metal(role: str) -> bool:
    return role in {"centre", "kernel", "kernel-surface", "staple"}


def build_electronic_scene(states: ElectronicStates) -> Json:
    """Collect what the 3D view shows of a calculation.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.

    Returns
    -------
    dict
        A scene as of `clustermodel.report.viewer.build_scene`.
    """
    scene = build_scene(build_calculated_cluster(states), schemes=list_charge_schemes(states))
    return {**scene, "name": describe_calculated(states)}


def list_charge_schemes(states: ElectronicStates) -> tuple[Scheme, ...]:
    """List the ways to colour the atoms that the calculation gives.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.

    Returns
    -------
    tuple of Scheme
        Partial charges in five classes that are alike on both sides of zero; none where all are zero.
    """
    charges = np.asarray(states.result.atomic_charges)
    largest = float(np.abs(charges).max(initial=0.0))
    if largest < _ROUND:
        return ()
    edges = _find_edges(largest)
    places = np.digitize(charges, edges)
    groups = tuple(
        Group(_name_class(number, edges), colour, tuple(np.flatnonzero(places == number).tolist()))
        for number, colour in enumerate(_COLOURS)
    )
    title = f"{states.result.charge_kind} charge"
    return (Scheme("charge", title, tuple(group for group in groups if group.atoms)),)


def _find_edges(largest: float) -> FloatArray:
    """Return the inner limits of the classes."""
    step = max(_ROUND, round(2 * largest / _BINS / _ROUND) * _ROUND)
    return np.array([-1.5, -0.5, 0.5, 1.5]) * step


def _name_class(number: int, edges: FloatArray) -> str:
    shown = [f"{edge:+.2f}".replace("-", "−") for edge in edges]
    if number == 0:
        return f"below {shown[0]} e"
    if number == _BINS - 1:
        return f"{shown[-1]} e and above"
    return f"{shown[number - 1]} to {shown[number]} e"
