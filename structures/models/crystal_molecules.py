"""Which atoms of a model molecule does a crystal list, and under which labels?"""

from collections import Counter
from pathlib import Path

import numpy as np
from crystal_search import Floats
from scipy.spatial import cKDTree

__all__ = ["choose_half", "find_bonds", "find_vacancy", "label_atoms", "read_atoms"]

BONDED = 1.13  # of the sum of the covalent radii: bonds end at 1.09, then come Au...Au, from 1.16 on
COVALENT = {"H": 0.31, "C": 0.76, "N": 0.71, "P": 1.07, "S": 1.05, "Au": 1.36}  # Å, doi 10.1039/b801115j


def read_atoms(path: Path) -> tuple[list[str], Floats]:
    """Return elements and positions (n, 3) of an xyz file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines[2 : 2 + int(lines[0])]]
    return [row[0] for row in rows], np.array([row[1:4] for row in rows], dtype=float)


def find_bonds(elements: list[str], positions: Floats) -> list[list[int]]:
    """Return the neighbours of each atom."""
    reach = np.array([COVALENT[element] for element in elements])
    neighbours: list[list[int]] = [[] for _ in elements]
    for one, two in sorted(cKDTree(positions).query_pairs(2.0 * BONDED * float(reach.max()))):
        if np.linalg.norm(positions[one] - positions[two]) < BONDED * (reach[one] + reach[two]):
            neighbours[one].append(two)
            neighbours[two].append(one)
    return neighbours


def choose_half(elements: list[str], positions: Floats) -> list[int]:
    """Return one atom of every two that the two-fold axis along z exchanges: bonded, in file order."""
    mates = cKDTree(positions).query(positions * np.array([-1.0, -1.0, 1.0]))[1].tolist()
    neighbours = find_bonds(elements, positions)
    chosen = [atom for atom, mate in enumerate(mates) if mate == atom]
    for atom in chosen:  # grows while it is walked through
        for other in neighbours[atom]:
            if other not in chosen and mates[other] not in chosen:
                chosen.append(other)
    if 2 * len(chosen) != len(elements) + sum(mate == atom for atom, mate in enumerate(mates)):
        msg = "the model has no two-fold axis along z, or falls into parts"
        raise ValueError(msg)
    return sorted(chosen)


def label_atoms(elements: list[str], neighbours: list[list[int]]) -> list[str]:
    """Return labels: numbers by element in file order, hydrogens by their carbon."""
    labels = [""] * len(elements)
    counts: Counter[str] = Counter()
    for atom, element in enumerate(elements):
        if element != "H":
            counts[element] += 1
            labels[atom] = f"{element}{counts[element]}"
    for atom, element in enumerate(elements):
        hydrogens = [other for other in neighbours[atom] if elements[other] == "H"] if element != "H" else []
        for letter, other in zip("ABC" if len(hydrogens) > 1 else " ", hydrogens, strict=False):
            labels[other] = f"H{labels[atom][1:]}{letter.strip()}"
    return labels


def find_vacancy(elements: list[str], neighbours: list[list[int]]) -> list[int]:
    """Return the last gold atom that has a phosphine, and all atoms of that phosphine."""
    found = [
        max(
            atom
            for atom, near in enumerate(neighbours)
            if elements[atom] == "Au" and "P" in {elements[b] for b in near}
        )
    ]
    for atom in found:  # grows while it is walked through
        found += [
            other for other in neighbours[atom] if elements[other] not in {"Au", "S"} and other not in found
        ]
    return found
