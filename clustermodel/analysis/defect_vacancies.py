"""Where does a kernel have room for one more atom? Places that its symmetry or its polyhedra leave empty.

Two witnesses are asked: a motion that lays the cluster on itself but for one kernel atom, which falls on an
empty place; and the empty corners of the polyhedra that the kernel consists of. A corner spanned by a staple
is no vacancy: nothing may be there, and kernel atoms must be within the length of a stretched bond, two where
the symmetry asks for an atom, three else.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.analysis.defect_symmetry import SelfMap
from clustermodel.analysis.kernel_units import KernelUnits
from clustermodel.analysis.shape import ShapeSettings, measure_shape
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS
from clustermodel.cluster.ligands import Ligand
from clustermodel.elements import covalent_radii

__all__ = ["Vacancy", "find_vacancies", "list_terminal_ligands", "name_ligands"]

_SAME_PLACE = 1.5  # Å; half of a metal-metal bond: two atoms cannot be nearer than twice that
_FEWEST = {True: 2, False: 3}  # kernel atoms nearby; with symmetry, where two neighbours may have moved away


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vacancy:
    """An empty place in a kernel.

    Parameters
    ----------
    position : ndarray, shape (3,)
        The place in Å.
    element : str
        The element that belongs there.
    templates : tuple of int
        The kernel atoms with the terminal ligands that would be there too; empty if there are none.
    axis : ndarray, shape (3,)
        Unit vector from the place to where these ligands would be.
    neighbours : tuple of int
        Metal atoms within the length of a stretched bond, the nearest first.
    evidence : tuple of str
        Why there is a place.
    """

    position: FloatArray = field(metadata={"unit": "Å"})
    element: str
    templates: tuple[int, ...]
    axis: FloatArray
    neighbours: tuple[int, ...]
    evidence: tuple[str, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "position", freeze_float(self.position, (3,), "position"))
        object.__setattr__(self, "axis", freeze_float(self.axis, (3,), "axis"))


def list_terminal_ligands(cluster: Cluster) -> dict[int, tuple[Ligand, ...]]:
    """List the ligands that hold one metal atom only.

    Parameters
    ----------
    cluster : Cluster
        The cluster.

    Returns
    -------
    dict of int to tuple of Ligand
        By metal atom, those without such a ligand left out.
    """
    found: dict[int, tuple[Ligand, ...]] = {}
    for ligand in cluster.ligands:
        held = {metal for donor in ligand.donors for metal in donor.metals}
        if len(held) == 1:
            metal = held.pop()
            found[metal] = (*found.get(metal, ()), ligand)
    return found


def name_ligands(ligands: Sequence[Ligand]) -> str:
    """Write ligands shortly.

    Parameters
    ----------
    ligands : sequence of Ligand
        The ligands.

    Returns
    -------
    str
        Their names, or formulas, with how many there are of each: ``"2 SAdm + PPh2py"``; empty for none.
    """
    counts = Counter(one.name or one.formula for one in ligands)
    return " + ".join(f"{count} {name}" if count > 1 else name for name, count in counts.items())


def find_vacancies(
    cluster: Cluster,
    anatomy: Anatomy,
    maps: Sequence[SelfMap],
    units: KernelUnits,
    *,
    squeeze: float,
) -> tuple[Vacancy, ...]:
    """Find the vacancies of a kernel.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell.
    maps : sequence of SelfMap
        Motions that lay the cluster on itself.
    units : KernelUnits
        The polyhedra of its kernel; convincing readings count.
    squeeze : float
        By how much the place may be nearer to a metal or donor atom than covalent radii, in Å.

    Returns
    -------
    tuple of Vacancy
        Those with the most contacts first. Places within 1.5 Å are one: that of the nearest symmetry, or else
        of the first polyhedron.
    """
    search = _Search(cluster, anatomy, squeeze)
    found = [*search.ask_symmetry(maps), *search.ask_polyhedra(units)]
    groups: list[list[Vacancy]] = []
    for vacancy in found:
        home = next((g for g in groups if _measure_gap(g[0], vacancy) < _SAME_PLACE), None)
        if home is None:
            groups.append([vacancy])
        else:
            home.append(vacancy)
    merged = [replace(g[0], evidence=tuple(why for one in g for why in one.evidence)) for g in groups]
    return tuple(sorted(merged, key=lambda one: -len(one.neighbours)))


def _measure_gap(first: Vacancy, second: Vacancy) -> float:
    return float(np.linalg.norm(first.position - second.position))


class _Search:
    """A cluster in which empty places are looked for."""

    def __init__(self, cluster: Cluster, anatomy: Anatomy, squeeze: float) -> None:
        self.cluster, self.anatomy, self.squeeze = cluster, anatomy, squeeze
        self.molecule = cluster.molecule
        self.metals = frozenset(cluster.metals)
        self.heavy = [k for k, symbol in enumerate(self.molecule.elements) if symbol not in {"H", "D"}]
        self.radii = covalent_radii([self.molecule.elements[k] for k in self.heavy])
        self.terminal = list_terminal_ligands(cluster)
        kernel = Counter(self.molecule.elements[atom] for atom in anatomy.kernel)
        self.element = kernel.most_common(1)[0][0] if kernel else ""

    def ask_symmetry(self, maps: Sequence[SelfMap]) -> Iterator[Vacancy]:
        """Yield the places on which a kernel atom falls that has no partner."""
        for one in maps:
            if one.lone in self.anatomy.kernel:
                label = self.molecule.labels[one.lone]
                why = f"symmetry: a place like that of {label} (rms {one.rmsd:.2f} Å)"
                element = self.molecule.elements[one.lone]
                place = one.move(self.molecule.positions[one.lone])
                axis = one.rotation @ self._find_bond(one.lone)
                yield from self._look(place, axis, (element, one.lone), why)

    def ask_polyhedra(self, units: KernelUnits) -> Iterator[Vacancy]:
        """Yield the empty corners of the units of the convincing readings."""
        seen = set()
        for reading in units.decompositions:
            for unit in reading.units if reading.convincing else ():
                best = unit.readings[0]
                if not best.missing or unit.atoms in seen:
                    continue
                seen.add(unit.atoms)
                centre = self.molecule.positions[best.centre] if best.centre >= 0 else None
                corners = self.molecule.positions[[a for a in unit.atoms if a != best.centre]]
                shape = measure_shape(
                    corners, best.polyhedron, centre=centre, settings=ShapeSettings(certify=False)
                )
                for corner in shape.missing:
                    place = shape.fitted[corner]
                    why = f"empty corner of {unit.label}"
                    yield from self._look(place, place - shape.fitted[-1], (self.element, -1), why)

    def _look(
        self, place: FloatArray, axis: FloatArray, like: tuple[str, int], why: str
    ) -> Iterator[Vacancy]:
        """Yield a vacancy unless something is there or too little around it."""
        own = covalent_radii([like[0]])[0]
        gaps = np.linalg.norm(self.molecule.positions[self.heavy] - place, axis=1) - self.radii - own
        near = [
            (gap, atom)
            for gap, atom in zip(gaps.tolist(), self.heavy, strict=True)
            if gap <= KERNEL_BOND_EXCESS and atom in self.metals
        ]
        in_kernel = sum(atom in self.anatomy.kernel for _, atom in near)
        if gaps.min() < -self.squeeze or in_kernel < _FEWEST[like[1] >= 0]:
            return
        yield Vacancy(
            position=place,
            element=like[0],
            templates=self._list_templates(like[1]),
            axis=axis / np.linalg.norm(axis),
            neighbours=tuple(atom for _, atom in sorted(near)),
            evidence=(why,),
        )

    def _list_templates(self, like: int) -> tuple[int, ...]:
        """Return the kernel atoms with the ligands of a given one, or else with the most common ligands."""
        kinds = {
            metal: tuple(sorted(one.formula for one in ligands))
            for metal, ligands in self.terminal.items()
            if metal in self.anatomy.kernel
        }
        if not kinds or (like >= 0 and like not in kinds):
            return ()
        wanted = kinds[like] if like >= 0 else Counter(kinds.values()).most_common(1)[0][0]
        return tuple(metal for metal in sorted(kinds) if kinds[metal] == wanted)

    def _find_bond(self, metal: int) -> FloatArray:
        """Return the direction from a metal atom to its terminal ligands, or else outwards."""
        donors = [donor.atom for one in self.terminal.get(metal, ()) for donor in one.donors]
        here = self.molecule.positions[metal]
        if donors:
            return np.asarray(self.molecule.positions[donors].mean(axis=0) - here)
        return np.asarray(here - self.molecule.positions[list(self.anatomy.kernel)].mean(axis=0))
