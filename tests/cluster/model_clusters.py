"""Clusters built from geometry alone, whose anatomy is known by construction."""

import itertools
from collections.abc import Sequence

import numpy as np

from clustermodel.assembly.bonding import BONDING_RULES, BondingRule, bond_molecule
from clustermodel.cluster.cluster import Cluster, build_cluster
from clustermodel.structure.molecule import molecule_from_atoms

GOLDEN = (1 + 5**0.5) / 2
ICOSAHEDRON = np.array(
    [np.roll((0.0, a, b * GOLDEN), k) for k in range(3) for a in (1, -1) for b in (1, -1)]
) / np.hypot(1, GOLDEN)


class Atoms:
    """A growing list of atoms."""

    def __init__(self):
        self.elements: list[str] = []
        self.positions: list[np.ndarray] = []
        self.labels: list[str] | None = None

    def add(self, element: str, *positions: Sequence[float]) -> "Atoms":
        for position in positions:
            self.elements.append(element)
            self.positions.append(np.asarray(position, dtype=float))
        return self

    def add_thiolate(self, position: Sequence[float], away: Sequence[float], element: str = "S") -> "Atoms":
        """Add S-H (or Se-H) with the hydrogen pointing along `away`."""
        direction = np.asarray(away, dtype=float)
        length = {"S": 1.34, "Se": 1.46}[element]
        self.add(element, position)
        return self.add("H", np.asarray(position) + length * direction / np.linalg.norm(direction))

    def add_phosphine(self, position: Sequence[float], away: Sequence[float]) -> "Atoms":
        """Add PH3 with its hydrogens pointing away along `away`."""
        axis = np.asarray(away, dtype=float) / np.linalg.norm(away)
        side = np.cross(axis, (0.3, 0.5, 0.8))
        side /= np.linalg.norm(side)
        third = np.cross(axis, side)
        self.add("P", position)
        for angle in np.radians((0, 120, 240)):
            bond = 0.5 * axis + np.sqrt(0.75) * (np.cos(angle) * side + np.sin(angle) * third)
            self.add("H", np.asarray(position) + 1.42 * bond)
        return self

    def molecule(self, rule: BondingRule = BONDING_RULES["cordero"]):
        bare = molecule_from_atoms(self.elements, np.array(self.positions), labels=self.labels)
        return bond_molecule(bare, rule=rule)

    def cluster(self) -> Cluster:
        return build_cluster(self.molecule())


def icosahedron(radius: float = 2.75, centre: str = "Au") -> Atoms:
    """A bare centred icosahedron."""
    return Atoms().add(centre, (0, 0, 0)).add("Au", *(radius * ICOSAHEDRON))


def phosphine_icosahedron(phosphines: int, chlorides: int) -> Atoms:
    """A centred icosahedron with one terminal ligand on each of its first vertices."""
    atoms = icosahedron()
    for vertex in ICOSAHEDRON[:phosphines]:
        atoms.add_phosphine((2.75 + 2.30) * vertex, vertex)
    return atoms.add("Cl", *((2.75 + 2.35) * ICOSAHEDRON[phosphines : phosphines + chlorides]))


def unit_on_kernel(
    *, angle: float = 180.0, metal: str = "Au", ends: tuple[str, str] = ("S", "S"), length: float = 2.35
) -> Atoms:
    """One shell metal between two donors, each 2.4 Å above its own atom of a square kernel.

    `angle` is the donor-metal-donor angle; an end is S, Se, I, Cl or P; P and Cl hold no kernel atom.
    """
    half = np.radians(angle) / 2
    reach = length * np.sin(half)
    drop = length * np.cos(half)
    atoms = Atoms()
    for sign, end in zip((-1, 1), ends, strict=True):
        place = np.array([sign * reach, 0, 0])
        if end not in {"P", "Cl"}:
            below = place - (0, 0, 2.4)
            atoms.add("Au", below, below - (0, -2.8, 0))
        if end in {"S", "Se"}:
            atoms.add_thiolate(place, (sign, -1, 0.5), end)
        elif end == "P":
            atoms.add_phosphine(place, (sign, 0, 0))
        else:
            atoms.add(end, place)
    inner = [p for e, p in zip(atoms.elements, atoms.positions, strict=True) if e == "Au"]
    if len(inner) == 2:  # one end holds no kernel atom: two more keep the kernel a kernel
        atoms.add("Au", inner[0] - (0, 0, 2.8), inner[1] - (0, 0, 2.8))
    return atoms.add(metal, (0, 0, drop))


def ring_on_triangle() -> Atoms:
    """A flat Au4(SR)4 ring, S at the corners, under a triangle of three kernel atoms."""
    turns = np.radians((0, 120, 240))
    atoms = Atoms().add("Au", *((1.62 * np.cos(t), 1.62 * np.sin(t), 2.6) for t in turns))
    for x, y in itertools.product((-2.3, 2.3), repeat=2):
        atoms.add_thiolate((x, y, 0), (x, y, -2.0))
    return atoms.add("Au", (2.3, 0, 0), (-2.3, 0, 0), (0, 2.3, 0), (0, -2.3, 0))


def mount_on_kernel(metal: str = "Ag", bend: float = 0.0) -> Atoms:
    """An M2(SR)5 mount: two trigonal M share one S; each other S stands on a kernel atom.

    `bend` lifts the two mount metals out of the plane of the five S, in Å.
    """
    atoms = Atoms().add_thiolate((0, 0, 0), (0, 0, 1))
    for x, y in itertools.product((-1, 1), repeat=2):
        place = np.array([x * 3.65, y * 2.165, 0])
        atoms.add_thiolate(place, (x, y, 1)).add(metal, place - (0, 0, 2.5))
    return atoms.add(metal, (-2.4, 0, bend), (2.4, 0, bend))


def sulfide_wings() -> Atoms:
    """After [Au8(dppm)4S2]2+: a tetrahedron, and two S that each hold two P-Au units and one vertex."""
    corners = 1.0 * np.array([(1, 1, 1), (-1, -1, 1), (-1, 1, -1), (1, -1, -1)])
    atoms = Atoms().add("Au", *corners)
    for corner, side in ((corners[0], (0, 0, 1)), (corners[3], (0, 0, -1))):
        up = np.array(side, dtype=float)
        along = np.array([1.0, 1.0, 0]) if corner[1] > 0 else np.array([1.0, -1.0, 0])
        along /= np.sqrt(2)
        across = np.cross(up, along)
        sulfur = corner + 2.4 * (0.5 * up + np.sqrt(0.75) * along)
        atoms.add("S", sulfur)
        for sign in (-1, 1):
            bond = 0.65 * up + sign * np.sqrt(1 - 0.65**2) * across
            atoms.add("Au", sulfur + 2.3 * bond).add_phosphine(sulfur + 4.6 * bond, bond)
    for corner in corners:
        away = corner / np.sqrt(3)
        tilt = away - (0, 0, 1.2 * np.sign(corner[2]))
        tilt /= np.linalg.norm(tilt)
        atoms.add_phosphine(corner + 2.3 * tilt, tilt)
    return atoms


def octahedron_with_sulfides() -> Atoms:
    """W6S8(PH3)6 as a model: edge 2.68 Å, S above each face, PH3 on each vertex."""
    axes = np.array([s * np.eye(3)[k] for k in range(3) for s in (1, -1)])
    atoms = Atoms().add("W", *(2.68 / np.sqrt(2) * axes))
    atoms.add("S", *(1.80 * np.array(f) for f in itertools.product((1, -1), repeat=3)))
    for axis in axes:
        atoms.add_phosphine((2.68 / np.sqrt(2) + 2.5) * axis, axis)
    return atoms


def diphosphine_on_triangle() -> Atoms:
    """A gold triangle with one H2P-CH2-PH2 across an edge."""
    atoms = Atoms().add("Au", (0, 0, 0), (2.9, 0, 0), (1.45, 2.5, 0)).add("C", (1.45, -3.3, 0))
    atoms.add("H", (1.45, -3.9, 0.9), (1.45, -3.9, -0.9))
    for x, sign in ((-0.1, -1), (3.0, 1)):
        atoms.add("P", (x, -2.3, 0))
        atoms.add("H", *((x + sign * 0.6, -2.7, z) for z in (1.15, -1.15)))
    return atoms


def alkynyl_unit(other: str) -> Atoms:
    """CH3C≡C-Au-X: sigma to the shell atom, side-on to a kernel atom below."""
    atoms = Atoms().add("Au", (0, 0, 0))
    for sign in (-1, 1):
        if sign == 1 and other == "P":
            atoms.add_phosphine((2.3, 0, 0), (1, 0, 0))
            continue
        atoms.add("C", (sign * 2.0, 0, 0), (sign * 3.22, 0, 0), (sign * 4.68, 0, 0))
        turns = np.radians((0, 120, 240))
        atoms.add("H", *((sign * 5.04, 1.03 * np.cos(t), 1.03 * np.sin(t)) for t in turns))
        atoms.add("Au", (sign * 2.5, 0, -2.2), (sign * 2.5, 2.7, -2.2))
    if other == "P":
        atoms.add("Au", (-0.2, 1.35, -3.0))
    return atoms
