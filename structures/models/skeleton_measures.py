"""Which numbers of a skeleton can be held against those of the paper? Extents, mean length, twist.

The paper prints a "length" and a "width" of the metal skeleton without saying between which atoms. Here the
length is the longest distance between two Au atoms, the width the longest one between two Au atoms that lies
at 45° or more to it: one definition, applied to every arrangement alike.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

__all__ = ["CUTOFF", "LENGTH", "MEAN", "WIDTH", "Measures", "measure_skeleton", "measure_twist"]

Floats = NDArray[np.float64]

LENGTH, WIDTH = 10.03, 9.87  # Å; Au22, Supplementary Fig. 4 of doi 10.1038/s41467-025-65024-3
MEAN = 2.899  # Å; mean Au-Au of the Au18 kernel, Supplementary Fig. 3 of the same
CUTOFF = 3.35  # Å; longest Au-Au that counts as a bond of the kernel in its mean: the paper names none
ACROSS = 45.0  # degrees between length and width at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Numbers of one skeleton.

    Parameters
    ----------
    length, width : float
        Longest Au-Au distance, and longest one at 45 degrees or more to it, in Å.
    mean : float
        Mean of the Au-Au distances of the kernel below `CUTOFF` in Å.
    contacts : int
        Their number.
    """

    length: float = field(metadata={"unit": "Å"})
    width: float = field(metadata={"unit": "Å"})
    mean: float = field(metadata={"unit": "Å"})
    contacts: int = field(metadata={"unit": ""})


def measure_skeleton(gold: Floats, kernel: Floats) -> Measures:
    """Measure a skeleton.

    Parameters
    ----------
    gold : ndarray, shape (n, 3)
        Positions of all Au atoms in Å.
    kernel : ndarray, shape (k, 3)
        Those of the kernel.

    Returns
    -------
    Measures
        Extents and mean.
    """
    first, second = np.triu_indices(len(gold), 1)
    vectors = gold[second] - gold[first]
    distances = np.linalg.norm(vectors, axis=1)
    longest = int(np.argmax(distances))
    cosine = np.abs(vectors @ vectors[longest]) / (distances * distances[longest])
    across = distances[cosine <= np.cos(np.radians(ACROSS))]
    bonds = pdist(kernel)
    bonds = bonds[bonds < CUTOFF]
    return Measures(
        length=float(distances[longest]),
        width=float(across.max()),
        mean=float(bonds.mean()),
        contacts=len(bonds),
    )


def measure_twist(ring: Floats, shared: Floats) -> float:
    """Measure how far the middle atoms of a unit are turned about its axis from the ideal cuboctahedron.

    Parameters
    ----------
    ring, shared : ndarray, shape (4, 3)
        Middle and shared atoms, in the order of the topology.

    Returns
    -------
    float
        Mean angle in degrees by which the ring leaves its place midway between shared atoms; the sign is the
        sense of the turn about the axis from the shared square to the ring.
    """
    axis = ring.mean(axis=0) - shared.mean(axis=0)
    axis = axis / np.linalg.norm(axis)
    turns = []
    for k in range(4):
        edge = (shared[k] + shared[(k + 1) % 4]) / 2 - shared.mean(axis=0)
        atom = ring[k] - ring.mean(axis=0)
        edge, atom = edge - (edge @ axis) * axis, atom - (atom @ axis) * axis
        turns.append(np.arctan2(axis @ np.cross(edge, atom), edge @ atom))
    return float(np.degrees(np.mean(turns)))
