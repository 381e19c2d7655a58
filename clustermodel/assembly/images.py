"""Which image of a disordered group? Exactly one where symmetry images overlap.

Every symmetry operation makes an image of each unit (:mod:`clustermodel.assembly.units`).
Images that overlap exclude one another; images of a unit with a negative part also if they
come within bonding range or share an ordered neighbour that could not hold both. The most
occupied image is kept, ties by the order of operations, then by file order.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.assembly.expansion import Expansion
from clustermodel.assembly.overlap import AtomKinds, is_overlap, is_within_bond_range
from clustermodel.assembly.units import find_units, is_fuller
from clustermodel.elements import is_metal
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.finding import Finding
from clustermodel.structure.neighbors import Pairs

__all__ = ["SelectedImages", "select_images"]

_PARTIAL = 0.999  # occupancies above this count as full: three printed decimals
_NARROW = 0.2588  # cosine of 75°: substituents stand at 90° or more, alternatives of BF4 at 71°
_FULL = 1.05  # occupancies that add up to no more than this may share a place
_WHOLE = 0.1  # a sum of occupancies this near to a whole number is that number of atoms
_HALF = 0.75  # an image of a negative part above this occupancy has no alternative at its side


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelectedImages:
    """The atoms kept after images were chosen.

    Parameters
    ----------
    rows : ndarray of int, shape (k,)
        Rows of the expansion.
    image : ndarray of int, shape (k,)
        Image of a negative unit that the atom belongs to, -1 otherwise.
    share : ndarray, shape (n,)
        Occupancy of each site together with the alternatives it stands for.
    findings : tuple of Finding
        What was left out.
    """

    rows: IntArray
    image: IntArray
    share: FloatArray
    findings: tuple[Finding, ...] = field(default=())


def select_images(
    crystal: Crystal, expansion: Expansion, pairs: Pairs, kinds: AtomKinds, alive: BoolArray
) -> SelectedImages:
    """Keep one of the images that exclude one another.

    Parameters
    ----------
    crystal : Crystal
        The structure as refined.
    expansion : Expansion
        All atoms of the cell.
    pairs : Pairs
        Near pairs of the expansion.
    kinds : AtomKinds
        Kinds of the atoms of the expansion.
    alive : ndarray of bool, shape (n,)
        Sites still in use.

    Returns
    -------
    SelectedImages
        The kept atoms.
    """
    sites = crystal.sites
    partial = alive & ((sites.occupancy < _PARTIAL) | (sites.part != 0))
    live = alive[expansion.site]
    if not partial.any():
        rows = np.flatnonzero(live)
        return SelectedImages(rows=rows, image=np.full(len(rows), -1), share=sites.occupancy.copy())
    near = pairs.select(np.flatnonzero(live[pairs.first] & live[pairs.second]))
    choice = _Choice(crystal, expansion, find_units(sites, expansion, near, kinds, partial))
    choice.find_conflicts(near, kinds)
    choice.decide()
    rows, image = choice.kept_rows(live)
    where = f"{crystal.source.file}, block {crystal.source.block}"
    return SelectedImages(rows=rows, image=image, share=choice.shares(), findings=choice.tell(where))


class _Substituents(NamedTuple):
    """Partly occupied atoms on one ordered atom, and how many of them there are at once."""

    inner: int
    rows: frozenset[int]
    most: int


class _Choice:
    """The images of all units (numbered unit * g + operation) and which exclude which."""

    def __init__(self, crystal: Crystal, expansion: Expansion, unit: IntArray) -> None:
        sites = crystal.sites
        self.sites, self.cell, self.expansion, self.unit = sites, crystal.cell, expansion, unit
        self.g = len(expansion.representative)
        self.count = int(unit.max()) + 1
        self.members = [np.flatnonzero(unit == u) for u in range(self.count)]
        self.negative = np.array([sites.part[m[0]] < 0 for m in self.members])
        self.occupancy = np.array([sites.occupancy[m].mean() for m in self.members])
        self.unit_of_row = unit[expansion.site]
        self.images_of_row: dict[int, list[int]] = {}
        for site in np.flatnonzero(unit >= 0).tolist():
            for operation, row in enumerate(expansion.representative[:, site].tolist()):
                self.images_of_row.setdefault(row, []).append(int(unit[site]) * self.g + operation)
        heavy = [sum(sites.elements[i] not in {"H", "D"} for i in m) for m in self.members]
        metal = [any(is_metal(sites.elements[i]) for i in m) for m in self.members]
        self.lone = (np.array(heavy) == 1) & ~np.array(metal) & ~self.negative
        self.conflicts: dict[int, set[int]] = {}
        self.impossible: set[int] = set()
        self.groups: list[_Substituents] = []
        self.kept: set[int] = set()
        self.excluded_by: dict[int, int] = {}

    def find_conflicts(self, pairs: Pairs, kinds: AtomKinds) -> None:
        """Collect the pairs of images that cannot be there together."""
        first, second = self.unit_of_row[pairs.first], self.unit_of_row[pairs.second]
        overlap = is_overlap(pairs, kinds)
        in_range = is_within_bond_range(pairs, kinds)
        both = (first >= 0) & (second >= 0)
        selfish = (first == second) & self.negative[first]
        split = self.lone[first] & self.lone[second] & (kinds.radii[pairs.first] == kinds.radii[pairs.second])
        split &= ~kinds.hydrogen[pairs.first]
        apart = both & (overlap | (in_range & (selfish | split)))
        for row in np.flatnonzero(apart).tolist():
            self._exclude_rows(int(pairs.first[row]), int(pairs.second[row]))
        heavy = ~(kinds.hydrogen[pairs.first] | kinds.hydrogen[pairs.second])
        for row in np.flatnonzero(overlap & heavy & ((first >= 0) ^ (second >= 0))).tolist():
            partial = pairs.first[row] if first[row] >= 0 else pairs.second[row]
            self.impossible.update(self.images_of_row[int(partial)])
        self._around_centres(pairs.select(np.flatnonzero(in_range & ((first >= 0) | (second >= 0)))), kinds)

    def _around_centres(self, pairs: Pairs, kinds: AtomKinds) -> None:
        """Find alternatives among the partly occupied atoms on one atom that is there more often.

        Images of one half-occupied negative unit on an ordered atom exclude each other. So do
        atoms without a part at an angle too small for substituents, and of these no more are
        kept than their occupancies add up to.
        """
        for inner, outers in self._neighbours(pairs).items():
            ordered = bool(self.unit_of_row[inner] < 0)
            for (a, one), (b, other) in itertools.combinations(outers, 2):
                narrow = self._share_a_place(inner, a, b) and float(one @ other) > _NARROW
                if narrow or (ordered and self._same_negative(a, b)):
                    self._exclude_rows(a, b)
            light = [row for row, _ in outers if not kinds.metal[row]]
            if light and not kinds.metal[inner]:
                self._limit(inner, light)

    def _neighbours(self, pairs: Pairs) -> dict[int, list[tuple[int, FloatArray]]]:
        """Return for each centre the partly occupied atoms around it, with their directions."""
        ends = self.expansion.fract[pairs.second] + pairs.shifts - self.expansion.fract[pairs.first]
        vectors = ends @ self.cell.matrix / np.maximum(pairs.distances, 1e-6)[:, None]
        around: dict[int, list[tuple[int, FloatArray]]] = {}
        for a, b, vector in zip(pairs.first.tolist(), pairs.second.tolist(), vectors, strict=True):
            for inner, outer, direction in ((a, b, vector), (b, a, -vector)):
                ordered = bool(self.unit_of_row[inner] < 0)
                sites = self.expansion.site[[inner, outer]].tolist()
                if self.unit_of_row[outer] >= 0 and is_fuller(self.sites, *sites, ordered=ordered):
                    around.setdefault(inner, []).append((outer, direction))
        return around

    def _same_negative(self, a: int, b: int) -> bool:
        unit = int(self.unit_of_row[a])
        same = unit == self.unit_of_row[b] and self.negative[unit]
        return bool(same and self.occupancy[unit] < _HALF)

    def _share_a_place(self, inner: int, a: int, b: int) -> bool:
        """Return whether two atoms without a part may be alternatives by their occupancies."""
        sites = self.expansion.site[[a, b]]
        no_part = bool(np.all(self.sites.part[sites] == 0))
        return no_part and float(self.sites.occupancy[sites].sum()) <= _FULL * self._occupancy(inner)

    def _occupancy(self, row: int) -> float:
        return float(self.sites.occupancy[self.expansion.site[row]])

    def _limit(self, inner: int, rows: list[int]) -> None:
        """Note how many of the atoms without a part on one atom there can be at once."""
        loose = [row for row in rows if self.sites.part[self.expansion.site[row]] == 0]
        total = sum(self._occupancy(row) for row in loose) / self._occupancy(inner)
        if loose and abs(total - round(total)) < _WHOLE and round(total) < len(loose):
            self.groups.append(_Substituents(inner, frozenset(loose), max(1, round(total))))

    def _exclude_rows(self, a: int, b: int) -> None:
        for one in self.images_of_row[a]:
            for other in self.images_of_row[b]:
                self._exclude(one, other)

    def _exclude(self, a: int, b: int) -> None:
        if a != b:
            self.conflicts.setdefault(a, set()).add(b)
            self.conflicts.setdefault(b, set()).add(a)

    def decide(self) -> None:
        """Go through the images, most occupied first, and keep what is still possible."""
        order = sorted(
            (image for image in range(self.count * self.g) if image not in self.impossible),
            key=lambda i: (-round(float(self.occupancy[i // self.g]), 3), i % self.g, i),
        )
        groups: dict[int, list[_Substituents]] = {}
        for group in self.groups:
            for row in group.rows:
                groups.setdefault(row, []).append(group)
        present: set[int] = set()
        for image in order:
            rows = self._rows(image)
            crowded = any(
                len(present & group.rows) >= group.most
                for row in rows - present
                for group in groups.get(row, ())
            )
            if image in self.excluded_by or crowded:
                continue
            self.kept.add(image)
            present |= rows
            for other in self.conflicts.get(image, ()):
                self.excluded_by.setdefault(other, image)

    def _rows(self, image: int) -> set[int]:
        unit, operation = divmod(image, self.g)
        rows: list[int] = self.expansion.representative[operation, self.members[unit]].tolist()
        return set(rows)

    def kept_rows(self, live: BoolArray) -> tuple[IntArray, IntArray]:
        """Return the rows of the expansion that stay, and their negative image or -1."""
        wanted: dict[int, int] = {}
        for image in sorted(self.kept):
            for row in sorted(self._rows(image)):
                wanted.setdefault(row, image if self.negative[image // self.g] else -1)
        ordered = np.flatnonzero(live & (self.unit_of_row < 0))
        rows = np.concatenate([ordered, np.array(list(wanted), dtype=np.int64)])
        of_row = np.concatenate([np.full(len(ordered), -1), np.array(list(wanted.values()), dtype=np.int64)])
        order = np.argsort(rows)
        return rows[order], of_row[order]

    def shares(self) -> FloatArray:
        """Return for each site its occupancy and that of the like images it replaced."""
        share = self.sites.occupancy.copy()
        gained: Counter[int] = Counter()
        for other, image in self.excluded_by.items():
            if self._heavy(other // self.g) == self._heavy(image // self.g):
                gained[image] += self.occupancy[other // self.g]
        for image in self.kept:
            members = self.members[image // self.g]
            total = self.sites.occupancy[members] + gained[image]
            share[members] = np.maximum(share[members], total)
        for group in self.groups:
            own = self.expansion.site[sorted(group.rows)]
            share[own] = np.minimum(share[own], self._occupancy(group.inner))
        return np.minimum(share, 1.0)

    def _heavy(self, unit: int) -> Counter[str]:
        elements = [self.sites.elements[i] for i in self.members[unit]]
        return Counter(e for e in elements if e not in {"H", "D"})

    def tell(self, where: str) -> tuple[Finding, ...]:
        """Return one finding per unit of which not every image was kept."""
        findings = []
        for unit, members in enumerate(self.members):
            images = range(unit * self.g, (unit + 1) * self.g)
            gone = [i for i in images if i not in self.kept]
            if not gone:
                continue
            labels = tuple(self.sites.labels[i] for i in members)
            shown = ", ".join(labels[:8]) + (" ..." if len(labels) > 8 else "")
            reason = self._reason(gone, unit)
            findings.append(
                Finding(
                    code="assembly-disorder-image",
                    severity="warning" if any(i in self.impossible for i in gone) else "info",
                    message=f"{where}: {len(gone)} of {self.g} symmetry images of {shown} "
                    f"(occupancy {self.occupancy[unit]:.3g}) left out: {reason}",
                    labels=labels,
                )
            )
        return tuple(findings)

    def _reason(self, gone: list[int], unit: int) -> str:
        if any(i in self.impossible for i in gone):
            return "they stand on a fully occupied atom"
        others = {self.excluded_by[i] // self.g for i in gone if i in self.excluded_by} - {unit}
        if not others:
            return "they and their own images exclude one another"
        names = sorted({self.sites.labels[self.members[u][0]] for u in others})
        return f"they overlap alternatives that are kept ({', '.join(names[:4])})"
