"""Random crystals whose molecules are known because they were put there."""

import itertools
from functools import cache

import gemmi
import numpy as np
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from clustermodel.elements import covalent_radii, is_metal
from tests.assembly.writer import Atom, Built

GAP = 4.5  # Å between molecules: beyond every bond and contact of the elements used here
CLEAR = 0.75  # Å above the covalent sum for two atoms that are not bonded: the loosest limit is 0.45
SPREAD = (-0.06, 0.10)  # Å around the covalent sum: bond lengths within every tight rule

# Element and how many bonds it takes in a random molecule.
VALENCES = {
    "C": 4,
    "N": 3,
    "O": 2,
    "Si": 4,
    "P": 4,
    "S": 3,
    "B": 3,
    "Cu": 3,
    "Ag": 4,
    "Au": 4,
    "Pt": 4,
    "W": 6,
}
TERMINAL = ("H", "F", "Cl", "Br")
NEIGHBOR_CELLS = np.array(list(itertools.product((-1, 0, 1), repeat=3)))
WIDER_CELLS = np.array(list(itertools.product((-2, -1, 0, 1, 2), repeat=3)))


# ---------------------------------------------------------------------------------------- space groups


@cache
def settings_known():
    return tuple(gemmi.spacegroup_table())


def operations_of(setting):
    """Return the operations of a tabulated setting, centring included, identity first."""
    pairs = [
        (np.array(op.rot) // gemmi.Op.DEN, np.mod(np.array(op.tran) / gemmi.Op.DEN, 1.0))
        for op in setting.operations()
    ]
    return tuple(sorted(pairs, key=lambda op: bool((op[0] != np.eye(3)).any() or op[1].any())))


def space_groups(largest=192):
    allowed = [s for s in settings_known() if len(s.operations()) <= largest]
    return st.sampled_from(allowed).map(operations_of)


def generators():
    """Streams of random numbers for what need not shrink."""
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


def random_shape(operations, rng):
    """Return cell vectors of volume one whose metric every operation leaves alone."""
    start = np.eye(3) + rng.uniform(-0.25, 0.25, (3, 3))
    metric = np.mean([r.T @ (start @ start.T) @ r for r, _ in operations], axis=0)
    matrix = np.linalg.cholesky(metric)
    return matrix / np.linalg.det(matrix) ** (1 / 3)


def images_of(operations, point):
    return np.array([r @ point + t for r, t in operations])


def nearest_image(operations, matrix, points):
    """Return the smallest distance between different images of the points (an orbit each)."""
    orbit = np.concatenate([images_of(operations, p) for p in points])
    orbit -= np.floor(orbit)
    step = orbit[None, :] - np.concatenate([p[None] for p in points])[:, None]
    step -= np.rint(step)
    lengths = np.linalg.norm((step[:, :, None] + NEIGHBOR_CELLS) @ matrix, axis=-1)
    return float(lengths[lengths > 1e-6].min())


def general_points(operations, matrix, rng, count):
    """Return the points, of thirty draws, that keep farthest from all symmetry elements and each other."""
    draws = [list(rng.uniform(0, 1, (count, 3))) for _ in range(30)]
    return max(draws, key=lambda points: nearest_image(operations, matrix, points))


# ------------------------------------------------------------------------------------------- molecules


def unit_vector(rng):
    vector = rng.normal(size=3)
    return vector / np.linalg.norm(vector)


def pair_sum(first, second):
    return float(covalent_radii([first, second]).sum())


def is_free(symbol, xyz, elements, positions, parent):
    """Return whether a new atom keeps clear of all atoms but the one it is bonded to."""
    others = [i for i in range(len(elements)) if i != parent]
    return all(np.linalg.norm(xyz - positions[i]) > pair_sum(symbol, elements[i]) + CLEAR for i in others)


def next_element(rng, parent, kinds):
    """Draw an element; H only on a non-metal, where its nearest atom decides."""
    if rng.random() < 0.35:
        return str(rng.choice(TERMINAL[1:] if is_metal(parent) else TERMINAL))
    return str(rng.choice(kinds))


def random_molecule(rng, size, kinds=tuple(VALENCES)):
    """Return elements, positions and bonds of a random tree with sensible bond lengths."""
    elements, positions, bonds = [str(rng.choice(kinds))], [np.zeros(3)], []
    free = [VALENCES[elements[0]]]
    for _ in range(40 * size):
        if len(elements) >= size or not any(free):
            break
        parent = int(rng.choice(np.flatnonzero(free)))
        symbol = next_element(rng, elements[parent], kinds)
        length = pair_sum(symbol, elements[parent]) + rng.uniform(*SPREAD)
        xyz = positions[parent] + length * unit_vector(rng)
        if is_free(symbol, xyz, elements, positions, parent):
            bonds.append((parent, len(elements)))
            elements.append(symbol)
            positions.append(xyz)
            free[parent] -= 1
            free.append(VALENCES.get(symbol, 1) - 1)
    return elements, np.array(positions), bonds


def radius_of(positions):
    return float(np.linalg.norm(positions, axis=1).max())


# -------------------------------------------------------------------------------------------- crystals


def scatter(atoms, operations, rng):
    """Return each atom as a random one of its symmetry images, somewhere in the lattice."""
    moved = []
    for atom in atoms:
        rotation, translation = operations[rng.integers(len(operations))]
        moved.append(atom.moved(rotation @ atom.fract + translation + rng.integers(-2, 3, 3)))
    return moved


def on_general_positions(operations, rng, molecules):
    """Return a crystal with each (elements, positions) once per operation.

    `expected` has for each prefix of labels the positions in the order of the labels' numbers and the
    number of copies in the cell.
    """
    shape = random_shape(operations, rng)
    points = general_points(operations, shape, rng, len(molecules))
    reach = max(radius_of(positions) for _, positions in molecules)
    matrix = shape * (2 * reach + GAP) / nearest_image(operations, shape, points)
    inverse = np.linalg.inv(matrix)
    atoms, expected = [], {}
    for number, ((elements, positions), point) in enumerate(zip(molecules, points, strict=True)):
        name = f"M{number}"
        labels = [f"{name}_{i}" for i in range(len(elements))]
        atoms += [
            Atom(label=label, element=symbol, fract=point + xyz @ inverse)
            for label, symbol, xyz in zip(labels, elements, positions, strict=True)
        ]
        expected[name] = (list(elements), np.asarray(positions), len(operations))
    return Built(matrix=matrix, operations=operations, atoms=tuple(atoms), expected=expected)


def closest_contact(built, point, elements, positions):
    """Return how far, above the covalent sum, one molecule keeps from all its images."""
    inverse = np.linalg.inv(built.matrix)
    own, reach = positions @ inverse, 2 * radius_of(positions) + 4.0
    nearest = np.inf
    for number, (rotation, translation) in enumerate(built.operations):
        step = rotation @ point + translation - point
        steps = (step - np.rint(step) + WIDER_CELLS) @ built.matrix
        near = steps[np.linalg.norm(steps, axis=1) < reach]
        if number == 0:
            near = near[np.linalg.norm(near, axis=1) > 1e-6]
        turned = own @ rotation.T @ built.matrix
        images = (turned[None] + near[:, None]).reshape(-1, 3)
        radii = covalent_radii(elements)
        if len(images):
            gaps = cdist(positions, images) - radii[:, None] - np.tile(radii, len(near))
            nearest = min(nearest, float(gaps.min()))
    return nearest


def random_strain(operations, matrix, rng):
    """Return a compression along a random direction that keeps the symmetry of the cell."""
    inverse = np.linalg.inv(matrix)
    across = np.outer(*[unit_vector(rng)] * 2)
    turned = [(inverse @ r.T @ matrix).T @ across @ (inverse @ r.T @ matrix) for r, _ in operations]
    return np.eye(3) - 0.12 * np.mean(turned, axis=0)


@st.composite
def packed_crystals(draw):
    """One kind of molecule without metals, its images as near as molecules come."""
    operations, size, rng = draw(space_groups(8)), draw(st.integers(4, 16)), draw(generators())
    elements, positions, _ = random_molecule(rng, size, ("C", "N", "O", "S"))
    built = on_general_positions(operations, rng, [(elements, positions)])
    point = built.atoms[0].fract - positions[0] @ np.linalg.inv(built.matrix)
    for _ in range(24):
        matrix = built.matrix @ random_strain(operations, built.matrix, rng)
        fract = point + positions @ np.linalg.inv(matrix)
        atoms = tuple(a.moved(x) for a, x in zip(built.atoms, fract, strict=True))
        tighter = Built(matrix=matrix, operations=operations, atoms=atoms, expected=built.expected)
        if closest_contact(tighter, point, elements, positions) > CLEAR:
            built = tighter
    return built


@st.composite
def general_crystals(draw, largest=192, most_atoms=12, most_molecules=2):
    operations = draw(space_groups(largest))
    sizes = draw(st.lists(st.integers(1, most_atoms), min_size=1, max_size=most_molecules))
    rng = draw(generators())
    molecules = [random_molecule(rng, size)[:2] for size in sizes]
    return on_general_positions(operations, rng, molecules)


def fixed_point(operation, rng, matrix):
    """Return a random point that an operation with some lattice shift leaves alone, or None."""
    rotation, translation = operation
    powers = [(np.eye(3), np.zeros(3))]
    shift = translation + rng.integers(-1, 2, 3)
    while True:
        r, t = rotation @ powers[-1][0], rotation @ powers[-1][1] + shift
        if np.allclose(r, np.eye(3)):
            break
        powers.append((r, t))
    if not np.allclose(t, 0):  # a screw axis or glide plane comes back displaced
        return None
    point = rng.uniform(0, 1, 3)
    return np.mean([r @ point + t for r, t in powers], axis=0)


def stabilizer(operations, point):
    """Return the operations, with their lattice shifts, that leave a point alone."""
    kept = []
    for rotation, translation in operations:
        step = point - rotation @ point - translation
        if np.allclose(step, np.rint(step), atol=1e-6):
            kept.append((rotation, translation + np.rint(step)))
    return kept


def special_point(operations, matrix, rng, orders):
    """Return a point with a site symmetry of one of the orders, away from others of its orbit, or None."""
    best, best_gap = None, 0.0
    for _ in range(40):
        point = fixed_point(operations[rng.integers(1, len(operations))], rng, matrix)
        if point is None or len(stabilizer(operations, point)) not in orders:
            continue
        gap = nearest_image(operations, matrix, [point])
        if gap > best_gap:
            best, best_gap = point, gap
    return best


def symmetric_copies(group, matrix, vector):
    """Return the images of a Cartesian vector under the rotations of a site symmetry."""
    inverse = np.linalg.inv(matrix)
    return np.array([rotation @ (vector @ inverse) @ matrix for rotation, _ in group])


def is_clear_of_images(symbol, copies, elements, positions, bonded):
    """Return whether an orbit of new atoms keeps clear of itself and of all older atoms but `bonded`."""
    own = np.linalg.norm(copies[1:] - copies[0], axis=1)
    if len(own) and own.min() < pair_sum(symbol, symbol) + CLEAR:
        return False
    far = np.linalg.norm(positions - copies[0], axis=1) - [pair_sum(symbol, e) for e in elements]
    far[bonded] = np.inf
    return bool(np.all(far > CLEAR))


def symmetric_molecule(rng, group, matrix, length):
    """Return a molecule with the site symmetry: a W atom in the middle, a chain of C and N hung on it.

    Returns the elements, the positions (of each chain atom all images in turn) and the rows that make an
    asymmetric unit; None if the chain finds no room.
    """
    center, chain = "W", ["N", *rng.choice(["C", "N"], length)]
    elements, positions, unique = [center], np.zeros((1, 3)), [0]
    parent = 0
    for symbol in chain:
        bond = pair_sum(symbol, elements[parent]) + rng.uniform(*SPREAD)
        outward = positions[parent] / max(np.linalg.norm(positions[parent]), 1e-9)
        for _ in range(60):
            direction = unit_vector(rng) + outward
            xyz = positions[parent] + bond * direction / np.linalg.norm(direction)
            copies = symmetric_copies(group, matrix, xyz)
            if is_clear_of_images(symbol, copies, elements, positions, parent):
                break
        else:
            return None
        parent = len(elements)
        unique.append(parent)
        elements += [symbol] * len(group)
        positions = np.concatenate([positions, copies])
    return elements, positions, unique


@st.composite
def special_crystals(draw, largest=96):
    """A molecule on a special position, written as its asymmetric unit."""
    operations = draw(space_groups(largest).filter(lambda ops: len(ops) > 1))
    length, rng = draw(st.integers(0, 3)), draw(generators())
    shape = random_shape(operations, rng)
    point = special_point(operations, shape, rng, range(2, 9))
    group = stabilizer(operations, point) if point is not None else None
    found = symmetric_molecule(rng, group, shape, length) if group else None
    if found is None:  # a group without special positions, or no room: a molecule in a general place
        return on_general_positions(operations, rng, [random_molecule(rng, 4)[:2]])
    elements, positions, unique = found
    scale = (2 * radius_of(positions) + GAP) / nearest_image(operations, shape, [point])
    matrix = shape * scale
    inverse = np.linalg.inv(matrix)
    atoms = tuple(
        Atom(label=f"M0_{k}", element=elements[row], fract=point + positions[row] @ inverse)
        for k, row in enumerate(unique)
    )
    expected = {"M0": (elements, positions, len(operations) // len(group))}
    return Built(matrix=matrix, operations=operations, atoms=atoms, expected=expected)


def crystals():
    """Crystals of both kinds, small enough to be read several times."""
    return st.one_of(general_crystals(largest=16, most_atoms=6), special_crystals(largest=16))
