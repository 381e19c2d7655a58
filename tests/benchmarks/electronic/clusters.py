"""Small gold clusters built on the spot, for timing and for comparing methods at equal geometry.

The geometries are ideal ones with bond lengths of crystals, not relaxed: both sides of a comparison use the
same.
"""

from typing import NamedTuple

import numpy as np

AU_P, P_H, P_TILT = 2.30, 1.42, 0.47  # Å, Å, cosine between Au-P and P-H
AU_S, S_H, AU_CL = 2.30, 1.35, 2.27  # Å


class Built(NamedTuple):
    """Elements, positions in Å and charge."""

    elements: list
    positions: np.ndarray
    charge: int


def add_phosphine(elements, positions, gold, outward):
    """Put PH3 on a gold atom."""
    outward = outward / np.linalg.norm(outward)
    phosphorus = gold + AU_P * outward
    across = np.cross(outward, [0.3, 0.5, 0.81])
    across /= np.linalg.norm(across)
    other = np.cross(outward, across)
    elements += ["P", "H", "H", "H"]
    positions.append(phosphorus)
    for angle in np.arange(3) * 2 * np.pi / 3:
        side = np.cos(angle) * across + np.sin(angle) * other
        positions.append(phosphorus + P_H * (P_TILT * outward + np.sqrt(1 - P_TILT**2) * side))


def build_phosphine_cluster(corners, bond, charge):
    """Return a polyhedron of gold with PH3 on each atom."""
    corners = np.asarray(corners, float)
    shortest = min(np.linalg.norm(a - b) for i, a in enumerate(corners) for b in corners[:i])
    gold = corners * bond / shortest
    elements, positions = ["Au"] * len(gold), list(gold)
    for atom in gold:
        add_phosphine(elements, positions, atom, atom - gold.mean(axis=0))
    return Built(elements, np.array(positions), charge)


def build_thiolate_ring(size):
    """Return the ring (AuSH)n: linear S-Au-S, hydrogen above and below the plane in turn."""
    angles = np.arange(size) * 2 * np.pi / size
    radius = AU_S / np.sin(np.pi / size)
    sulfur = radius * np.column_stack([np.cos(angles), np.sin(angles), 0 * angles])
    gold = (sulfur + np.roll(sulfur, -1, axis=0)) / 2
    elements, positions = ["Au"] * size + ["S"] * size, [*gold, *sulfur]
    for number, atom in enumerate(sulfur):
        outward = atom / np.linalg.norm(atom)
        up = np.array([0, 0, 1.0 if number % 2 == 0 else -1.0])
        elements.append("H")
        positions.append(atom + S_H * (0.25 * outward + np.sqrt(1 - 0.25**2) * up))
    return Built(elements, np.array(positions), 0)


CLUSTERS = {
    "[Au4(PH3)4]2+": lambda: build_phosphine_cluster(
        [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], 2.70, 2
    ),
    "[Au3(PH3)3]+": lambda: build_phosphine_cluster(
        [[np.cos(a), np.sin(a), 0] for a in np.arange(3) * 2 * np.pi / 3], 2.65, 1
    ),
    "[Au6(PH3)6]2+": lambda: build_phosphine_cluster(
        [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], 2.80, 2
    ),
    "Au3(SH)3": lambda: build_thiolate_ring(3),
    "Au4(SH)4": lambda: build_thiolate_ring(4),
}
