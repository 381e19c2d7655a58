"""Sets of atoms with a point group known by construction: orbits of a few points under generated matrices."""

import math
from functools import cache

import numpy as np

GOLDEN = (1 + 5**0.5) / 2
X, Y, Z = np.eye(3)
DIAGONAL = np.ones(3) / 3**0.5  # C3 of the cubic and icosahedral groups
FIVEFOLD = np.array([0, 1, GOLDEN]) / math.hypot(1, GOLDEN)
INVERSION = -np.eye(3)


def rotation(axis, order):
    """Rodrigues: the rotation by 360° / order."""
    angle = 2 * math.pi / order
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


def mirror(normal):
    return np.eye(3) - 2 * np.outer(normal, normal)


def rotation_reflection(axis, order):
    return mirror(axis) @ rotation(axis, order)


def _axial(n):
    turn, flip = rotation(Z, n), rotation(X, 2)
    return {
        f"C{n}": ([turn], n),
        f"C{n}v": ([turn, mirror(X)], 2 * n),
        f"C{n}h": ([turn, mirror(Z)], 2 * n),
        f"D{n}": ([turn, flip], 2 * n),
        f"D{n}d": ([rotation_reflection(Z, 2 * n), flip], 4 * n),
        f"D{n}h": ([turn, flip, mirror(Z)], 4 * n),
        f"S{2 * n}": ([rotation_reflection(Z, 2 * n)], 2 * n),
    }


# Symbol: generators and order. The orders are those of the character tables.
GROUPS = {
    "C1": ([np.eye(3)], 1),
    "Ci": ([INVERSION], 2),
    "Cs": ([mirror(Z)], 2),
    **{symbol: row for n in (2, 3, 4, 5, 6, 7, 8) for symbol, row in _axial(n).items()},
    "T": ([rotation(Z, 2), rotation(DIAGONAL, 3)], 12),
    "Td": ([rotation_reflection(Z, 4), rotation(DIAGONAL, 3)], 24),
    "Th": ([rotation(Z, 2), rotation(DIAGONAL, 3), INVERSION], 24),
    "O": ([rotation(Z, 4), rotation(DIAGONAL, 3)], 24),
    "Oh": ([rotation(Z, 4), rotation(DIAGONAL, 3), INVERSION], 48),
    "I": ([rotation(FIVEFOLD, 5), rotation(DIAGONAL, 3)], 60),
    "Ih": ([rotation(FIVEFOLD, 5), rotation(DIAGONAL, 3), INVERSION], 120),
}


def generate(generators):
    """Multiply matrices until no new one comes."""
    found = [np.eye(3)]
    fresh = [np.eye(3)]
    while fresh:
        products = [a @ b for a in fresh for b in generators]
        fresh = []
        for product in products:
            if not any(np.allclose(product, known, atol=1e-6) for known in found):
                found.append(product)
                fresh.append(product)
    return np.array(found)


@cache
def spread_orbits(symbol, spacing=1.5):
    """Orbits of points in general position: elements and positions, images no nearer than `spacing`.

    Two orbits fix the group of many operations; groups of few get six, or the points would be
    flat or symmetric by themselves. The radii leave each image room, so that noise makes no new symmetry.
    """
    generators, order = GROUPS[symbol]
    matrices = generate(generators)
    assert len(matrices) == order
    rng = np.random.default_rng(sum(map(ord, symbol)))
    elements, orbits = [], []
    names = ("Au", "Ag") if order >= 24 else ("Au", "Ag", "S", "P", "Au", "Ag")[: 6 if order < 8 else 3]
    while len(orbits) < len(names):
        radius = 3.0 + 0.9 * order**0.5 + 1.2 * len(orbits)
        direction = rng.normal(size=3)
        orbit = matrices @ (radius * direction / np.linalg.norm(direction))
        others = [o for e, o in zip(elements, orbits, strict=True) if e == names[len(orbits)]]
        like = np.concatenate([orbit, *others])
        if closest(like) > spacing:
            orbits.append(orbit)
            elements.append(names[len(elements)])
    listed = [e for e, orbit in zip(elements, orbits, strict=True) for _ in orbit]
    return listed, np.concatenate(orbits)


def closest(points):
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    return distances[np.triu_indices(len(points), 1)].min(initial=math.inf)


def random_rotation(rng):
    matrix = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    return matrix * np.sign(np.linalg.det(matrix))


def move(elements, positions, rng, noise=0.0):
    """Turn, shift and shuffle atoms, and push each by `noise` Å in a direction of its own."""
    push = rng.normal(size=positions.shape)
    push *= noise / np.linalg.norm(push, axis=1, keepdims=True)
    moved = (positions + push) @ random_rotation(rng).T + rng.normal(scale=20, size=3)
    order = rng.permutation(len(elements))
    return [elements[k] for k in order], moved[order]
