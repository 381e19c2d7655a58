"""The same crystal described otherwise: other origin, other cell vectors, larger cell, no symmetry."""

import numpy as np

from tests.assembly.writer import IDENTITY, Built


def moved_origin(built, shift):
    """Return the crystal with the origin moved: x becomes x + s, and t becomes t + s - R s."""
    shift = np.asarray(shift, dtype=float)
    operations = tuple((r, t + shift - r @ shift) for r, t in built.operations)
    atoms = tuple(atom.moved(atom.fract + shift) for atom in built.atoms)
    return Built(matrix=built.matrix, operations=operations, atoms=atoms, expected=built.expected)


def other_vectors(built, basis):
    """Return the crystal with other cell vectors: the rows of `basis`, whole numbers of determinant one."""
    basis = np.asarray(basis, dtype=int)
    column = np.rint(np.linalg.inv(basis).T).astype(int)  # x' = column @ x
    back = basis.T
    operations = tuple((column @ r @ back, column @ t) for r, t in built.operations)
    atoms = tuple(atom.moved(column @ atom.fract) for atom in built.atoms)
    return Built(matrix=basis @ built.matrix, operations=operations, atoms=atoms, expected=built.expected)


def without_symmetry(built, repeats=(1, 1, 1)):
    """Return the crystal as a P 1 cell of several old ones that lists every atom once."""
    repeats = np.asarray(repeats)
    cells = np.array(list(np.ndindex(*repeats.tolist())))
    atoms = []
    for atom in built.atoms:
        places = []
        for rotation, translation in built.operations:
            place = rotation @ atom.fract + translation
            place = place - np.floor(place)
            steps = np.array([place - old for old in places]).reshape(-1, 3)
            steps -= np.rint(steps)
            if not len(steps) or np.linalg.norm(steps @ built.matrix, axis=1).min() > 0.05:
                places.append(place)
        atoms += [atom.moved((place + cell) / repeats) for place in places for cell in cells]
    named = [a.renamed(f"{a.label}_{i}") for i, a in enumerate(atoms)]
    return Built(
        matrix=built.matrix * repeats[:, None],
        operations=IDENTITY,
        atoms=tuple(named),
        expected=built.expected,
    )


def shears(rng, count=2):
    """Return whole numbers of determinant one: each step adds one cell vector to another or takes it."""
    basis = np.eye(3, dtype=int)
    for _ in range(count):
        first, second = rng.choice(3, 2, replace=False)
        basis[first] += rng.choice([-1, 1]) * basis[second]
    return basis[rng.permutation(3)] if rng.random() < 0.5 else basis
