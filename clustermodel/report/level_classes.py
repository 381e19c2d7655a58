"""By what are levels divided in figures? By angular momentum, or by kernel, staple and ligand."""

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.electronic.shares import OrbitalShares, measure_shares
from clustermodel.pipeline.electronic import ElectronicStates, list_parts

__all__ = [
    "CLASS_COLOURS",
    "LETTER_COLOURS",
    "divide_all_orbitals",
    "divide_shares",
    "divide_weights",
    "join_parts",
]

LETTER_COLOURS = {"S": "#009e73", "P": "#0072b2", "D": "#d55e00", "F": "#cc79a7", "higher": "#b4b4b4"}
"""Colours of angular momenta: Okabe and Ito, and grey."""

CLASS_COLOURS = {
    "kernel sp": "#e69f00",
    "kernel d": "#882255",
    "staple metal": "#56b4e9",
    "ligands": "#b4b4b4",
}
"""Colours of the places of an orbital: Okabe and Ito, Paul Tol, and grey."""

_CLASSES = {
    "kernel_sp": "kernel sp",
    "kernel_d": "kernel d",
    "staple_sp": "staple metal",
    "staple_d": "staple metal",
    "donor": "ligands",
    "ligand": "ligands",
}


def divide_weights(states: ElectronicStates) -> list[dict[int, tuple[float, ...]]]:
    """Divide the orbitals by angular momentum.

    Parameters
    ----------
    states : ElectronicStates
        Levels with superatom weights.

    Returns
    -------
    list of dict of int to tuple of float
        For each spin, by number of the orbital: shares in the order of `LETTER_COLOURS`, which add up to 1;
        empty where there are no weights.
    """
    if states.superatom is None:
        return []
    divided: list[dict[int, tuple[float, ...]]] = []
    for channel in states.result.channels:
        own = [one for one in states.superatom.orbitals if one.spin == channel.spin]
        letters = [letter for letter in LETTER_COLOURS if len(letter) == 1]
        named = {one.index: [one.weight(letter) for letter in letters] for one in own}
        divided.append({index: (*shares, max(0.0, 1.0 - sum(shares))) for index, shares in named.items()})
    return divided


def divide_shares(states: ElectronicStates) -> list[dict[int, tuple[float, ...]]]:
    """Divide the orbitals about the gap by kernel, staple and ligand.

    Parameters
    ----------
    states : ElectronicStates
        Levels with shares.

    Returns
    -------
    list of dict of int to tuple of float
        For each spin, by number of the orbital: shares in the order of `CLASS_COLOURS`.
    """
    return [
        dict(zip(one.orbitals, (tuple(row) for row in join_parts(one).tolist()), strict=True))
        for one in states.shares
    ]


def join_parts(shares: OrbitalShares) -> FloatArray:
    """Add up the parts of a cluster that a figure shows as one.

    Parameters
    ----------
    shares : OrbitalShares
        Orbitals of one spin with the parts of `clustermodel.pipeline.electronic`.

    Returns
    -------
    ndarray, shape (m, 4)
        Columns in the order of `CLASS_COLOURS`.
    """
    names = list(CLASS_COLOURS)
    joined = np.zeros((len(shares.orbitals), len(names)))
    for column, part in enumerate(shares.parts):
        joined[:, names.index(_CLASSES[part])] += shares.shares[:, column]
    return joined


def divide_all_orbitals(states: ElectronicStates) -> tuple[OrbitalShares, ...]:
    """Divide every orbital, not only those about the gap.

    Parameters
    ----------
    states : ElectronicStates
        Levels with orbitals.

    Returns
    -------
    tuple of OrbitalShares
        One for each spin, with the parts of the shares of the states.
    """
    parts = list_parts(states.cluster, states.truncation)
    most = max(len(channel.energies_ev) for channel in states.result.channels)
    return measure_shares(states.result, parts, below=most, above=most)
