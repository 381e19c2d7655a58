"""Small ligands with their metal atoms, from published geometries (G2) and from plain geometry.

Every structure is built with all its hydrogen atoms; `without_hydrogen` takes them away.
"""

import math
from collections.abc import Sequence

import numpy as np

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.elements import covalent_radii
from clustermodel.structure.molecule import Molecule, molecule_from_atoms

CONE = math.radians(55)  # half the opening of two or three metal atoms on one donor: 70-110° in clusters


class Sketch:
    """A growing ligand."""

    def __init__(self, elements: Sequence[str] = (), positions: Sequence[Sequence[float]] = ()):
        self.elements = list(elements)
        self.positions = [np.asarray(p, dtype=float) for p in positions]

    @property
    def molecule(self) -> Molecule:
        return bond_molecule(molecule_from_atoms(self.elements, np.array(self.positions)))

    def add(self, element: str, on: int, direction: Sequence[float], length: float | None = None) -> int:
        """Add an atom in a direction from another, at the sum of covalent radii by default."""
        unit = np.asarray(direction, dtype=float) / np.linalg.norm(direction)
        reach = covalent_radii([element, self.elements[on]]).sum() if length is None else length
        self.elements.append(element)
        self.positions.append(self.positions[on] + reach * unit)
        return len(self.elements) - 1

    def swap(self, old: str, new: str) -> "Sketch":
        self.elements = [new if s == old else s for s in self.elements]
        return self

    def drop(self, atom: int) -> "Sketch":
        del self.elements[atom], self.positions[atom]
        return self

    def bonds_of(self, atom: int) -> list[int]:
        radii = covalent_radii(self.elements)
        apart = np.linalg.norm(np.array(self.positions) - self.positions[atom], axis=1)
        return [n for n in np.flatnonzero(apart < radii + radii[atom] + 0.3).tolist() if n != atom]

    def outward(self, atom: int) -> np.ndarray:
        """Direction of a lone pair: away from the neighbours; any direction for a bare atom."""
        away = np.zeros(3)
        for other in self.bonds_of(atom):
            bond = self.positions[atom] - self.positions[other]
            away += bond / np.linalg.norm(bond)
        return away if np.linalg.norm(away) > 0.1 else np.array([0.3, 0.5, 0.8])

    def bind(self, atom: int, *, lose: str = "", count: int = 1, metal: str = "Au") -> "Sketch":
        """Put metal atoms on a donor, in the place of a lost hydrogen or along the lone pair."""
        place = self.outward(atom)
        if lose:
            gone = next(n for n in self.bonds_of(atom) if self.elements[n] == lose)
            place = self.positions[gone] - self.positions[atom]
            self.drop(gone)
            atom -= gone < atom
            place = place if count == 1 else self.outward(atom)
        for direction in _cone(place, count, self._avoid(atom)):
            self.add(metal, atom, direction)
        return self

    def bind_side(self, first: int, second: int, *, metal: str = "Au", height: float = 2.0) -> "Sketch":
        """Put a metal atom beside a bond, perpendicular to it."""
        bond = self.positions[second] - self.positions[first]
        side = np.cross(bond, (0.2, 0.9, 0.4))
        middle = (self.positions[first] + self.positions[second]) / 2
        self.elements.append(metal)
        self.positions.append(middle + height * side / np.linalg.norm(side))
        return self

    def bind_above(self, ring: Sequence[int], *, metal: str = "Au", height: float = 1.8) -> "Sketch":
        """Put a metal atom above the middle of some atoms of a flat ligand in the xy plane."""
        middle = np.mean([self.positions[a] for a in ring], axis=0)
        self.elements.append(metal)
        self.positions.append(middle + np.array([0, 0, height]))
        return self

    def _avoid(self, atom: int) -> np.ndarray:
        near = self.bonds_of(atom)
        return self.positions[near[0]] - self.positions[atom] if near else np.array([0.1, 0.2, 0.9])


def _cone(axis: np.ndarray, count: int, other: np.ndarray) -> list[np.ndarray]:
    """Directions spread evenly around an axis; the first lies across the plane of axis and other."""
    axis = axis / np.linalg.norm(axis)
    if count == 1:
        return [axis]
    side = np.cross(axis, other if np.linalg.norm(np.cross(axis, other)) > 0.1 else (0.7, 0.2, 0.4))
    side /= np.linalg.norm(side)
    third = np.cross(axis, side)
    turns = [2 * math.pi * k / count for k in range(count)]
    return [
        math.cos(CONE) * axis + math.sin(CONE) * (math.cos(t) * side + math.sin(t) * third) for t in turns
    ]


def g2(name: str) -> Sketch:
    """A molecule of the G2 set (MP2/6-31G(d) geometries, as ASE ships them)."""
    from ase.build import molecule

    atoms = molecule(name)
    return Sketch(atoms.get_chemical_symbols(), atoms.positions)


def ring(atoms: Sequence[str], outside: Sequence[str], bond: float = 1.38) -> Sketch:
    """A regular flat ring in the xy plane with one atom outside on each ("" for none)."""
    n = len(atoms)
    radius = bond / (2 * math.sin(math.pi / n))
    units = [np.array([math.cos(2 * math.pi * k / n), math.sin(2 * math.pi * k / n), 0.0]) for k in range(n)]
    sketch = Sketch(atoms, [radius * u for u in units])
    for k, element in enumerate(outside):
        if element:
            sketch.add(element, k, units[k])
    return sketch


def trigonal(
    center: str, arms: Sequence[str], lengths: Sequence[float | None] = (None, None, None)
) -> Sketch:
    """A flat centre with three arms in the xy plane."""
    sketch = Sketch([center], [(0, 0, 0)])
    for k, (arm, length) in enumerate(zip(arms, lengths, strict=True)):
        sketch.add(arm, 0, (math.cos(2 * math.pi * k / 3), math.sin(2 * math.pi * k / 3), 0), length)
    return sketch


def tetrahedral(center: str, arms: Sequence[str]) -> Sketch:
    """A centre with up to four arms towards the corners of a tetrahedron."""
    sketch = Sketch([center], [(0, 0, 0)])
    for arm, corner in zip(arms, ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)), strict=False):
        sketch.add(arm, 0, corner)
    return sketch


def amino(sketch: Sketch, nitrogen: int) -> Sketch:
    """Give a nitrogen on a flat ligand in the xy plane two hydrogen atoms in that plane."""
    axis = sketch.outward(nitrogen)
    for turn in (math.radians(60), -math.radians(60)):
        c, s = math.cos(turn), math.sin(turn)
        sketch.add("H", nitrogen, (c * axis[0] - s * axis[1], s * axis[0] + c * axis[1], 0))
    return sketch


def without_hydrogen(molecule: Molecule) -> Molecule:
    """The same molecule as an X-ray structure without hydrogen atoms."""
    keep = [i for i, s in enumerate(molecule.elements) if s != "H"]
    return bond_molecule(molecule_from_atoms([molecule.elements[i] for i in keep], molecule.positions[keep]))
