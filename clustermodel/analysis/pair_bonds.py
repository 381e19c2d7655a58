"""Which bonds tightened between two clusters, by how much, and is that more than its errors?

A mean over all bonds of a role changes for two reasons: bonds that both clusters have change their length,
and bonds that only one has enter the mean. The two are told apart: *paired* bonds join mapped atoms, are
within the cut-off and have the same role and elements in both. The difference of the means is the paired
difference and the rest, exactly.

Symmetry copies of a bond are no independent evidence. Pairs that share a bond, or copies of one, on either
side form a group; standard errors are those of a mean over groups.

No cut-off separates bonds of metal atoms from contacts, so the differences are given along the cut-off, and
every change of sign is said. Pairs that are near in *either* cluster are compared as well: a pair does not
drop out because it grew beyond the cut-off.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.bond_statistics import measure_statistics
from clustermodel.analysis.bond_table import (
    BOND_ROLES,
    BondTable,
    list_donor_bonds,
    list_metal_pairs,
    number_copies,
)
from clustermodel.analysis.pair_bond_results import (
    BondDifference,
    BondDifferences,
    CutoffDifference,
    PairBondSettings,
    SignChange,
)
from clustermodel.analysis.pair_differences import Quantity, compare_quantities, compare_values
from clustermodel.analysis.pair_side import PairSide

__all__ = ["compare_bonds"]

_SUMS = {
    "kernel": ("centre-centre", "centre-shell", "shell-shell"),
    "metal-donor": ("kernel-donor", "staple-donor"),
}
"""Rows that hold several roles together."""

_METAL_ROWS = ("kernel", *BOND_ROLES[:5])
_DONOR_ROWS = BOND_ROLES[5:]


def compare_bonds(
    a: PairSide, b: PairSide, pairs: Mapping[int, int], *, settings: PairBondSettings | None = None
) -> BondDifferences:
    """Compare the bonds of two clusters by role.

    Parameters
    ----------
    a, b : PairSide
        The clusters.
    pairs : mapping of int to int
        Atom of the second molecule for every mapped atom of the first.
    settings : PairBondSettings, optional
        Choices that differ from the defaults.

    Returns
    -------
    BondDifferences
        Differences at the main cut-off and along it.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> sides = []
    >>> for edge in (2.8, 2.9):
    ...     points = [[0, 0, 0], [edge, 0, 0], [edge / 2, 0.75**0.5 * edge, 0]]
    ...     cluster = build_cluster(bond_molecule(molecule_from_atoms(["Au"] * 3, points)))
    ...     sides.append(PairSide(name="", cluster=cluster, anatomy=classify_kernel(cluster)))
    >>> row = compare_bonds(*sides, {0: 1, 1: 2, 2: 0}).rows[0]
    >>> row.role, row.n_paired, round(row.paired.delta, 3)
    ('kernel', 3, 0.1)
    """
    chosen = settings if settings is not None else PairBondSettings()
    reach = max((chosen.cutoff, *chosen.cutoffs))
    metals = _Tables(*[_Bonds(side, _list_metals(side, reach)) for side in (a, b)], pairs=pairs)
    donors = _Tables(*[_Bonds(side, _list_donors(side)) for side in (a, b)], pairs=pairs)
    places = a.cluster.molecule.positions, b.cluster.molecule.positions
    along = [
        metals.follow(row, places)
        for cutoff in sorted(chosen.cutoffs)
        for row in metals.list_rows(_METAL_ROWS, cutoff)
    ]
    by_cutoff = tuple(sorted(along, key=lambda row: (_METAL_ROWS.index(row.role), row.pair, row.cutoff)))
    return BondDifferences(
        rows=tuple(
            table.compare(row, chosen.sigmas)
            for table, roles, cutoff in (
                (metals, _METAL_ROWS, chosen.cutoff),
                (donors, _DONOR_ROWS, math.nan),
            )
            for row in table.list_rows(roles, cutoff)
        ),
        by_cutoff=by_cutoff,
        sign_changes=tuple(_find_sign_changes(by_cutoff)),
        settings=chosen,
    )


def _list_metals(side: PairSide, reach: float) -> BondTable:
    return list_metal_pairs(side.cluster, side.anatomy, reach, orbit=side.orbit, uncertainty=side.uncertainty)


def _list_donors(side: PairSide) -> BondTable:
    return list_donor_bonds(side.cluster, side.anatomy, orbit=side.orbit, uncertainty=side.uncertainty)


class _Bonds:
    """The bonds of one cluster with their errors."""

    def __init__(self, side: PairSide, table: BondTable) -> None:
        self.table, self.lengths = table, table.lengths
        self.names = list(zip(table.roles, table.pairs, strict=True))
        self.copies = number_copies(table.orbits, table.lengths)
        self._errors = None if side.errors is None else side.errors(table.first, table.second)

    def list_atoms(self, rows: IntArray | None = None) -> Iterator[tuple[int, int]]:
        """Yield the atoms of some bonds, or of all."""
        chosen = slice(None) if rows is None else rows
        yield from zip(self.table.first[chosen].tolist(), self.table.second[chosen].tolist(), strict=True)

    def average(self, name: str, role: str, rows: IntArray) -> Quantity:
        """Return the mean length of some bonds with its errors."""
        return Quantity(
            name=name,
            role=role,
            unit="Å",
            value=_average(self.lengths[rows]),
            su=self._measure_su(rows),
            scatter=_measure_error(self.lengths[rows], self.copies[rows]),
        )

    def _measure_su(self, rows: IntArray) -> float:
        if not len(rows):
            return math.nan
        errors = None if self._errors is None else self._errors.select(rows)
        su = self.table.su[rows] if errors is None else None
        return measure_statistics(self.lengths[rows], self.copies[rows], su=su, correlated=errors).mean_su


class _Row(NamedTuple):
    """Bonds of one row: their places in the tables of both clusters."""

    role: str
    pair: str
    cutoff: float
    a: IntArray
    b: IntArray


class _Tables:
    """The bonds of two clusters, and which bond of the second every bond of the first is."""

    def __init__(self, a: _Bonds, b: _Bonds, *, pairs: Mapping[int, int]) -> None:
        self.a, self.b, self.pairs = a, b, pairs
        self.partner = {second: first for first, second in pairs.items()}
        index = {_sort_pair(x, y): k for k, (x, y) in enumerate(b.list_atoms())}
        self.images = np.array(
            [index.get(_sort_pair(pairs.get(x, -1), pairs.get(y, -1)), -1) for x, y in a.list_atoms()],
            dtype=np.int64,
        )

    def list_rows(self, roles: Sequence[str], cutoff: float) -> Iterator[_Row]:
        """Yield the rows of some roles, metal-metal pairs up to a cut-off."""
        limit = math.inf if math.isnan(cutoff) else cutoff
        kept = [
            [(name, k) for k, name in enumerate(bonds.names) if bonds.lengths[k] <= limit]
            for bonds in (self.a, self.b)
        ]
        for role in roles:
            members = _SUMS.get(role, (role,))
            here = [[(pair, k) for (name, pair), k in rows if name in members] for rows in kept]
            for pair in sorted({pair for rows in here for pair, _ in rows}):
                places = [np.array([k for name, k in rows if name == pair], dtype=np.int64) for rows in here]
                yield _Row(role, pair, cutoff, *places)

    def compare(self, row: _Row, sigmas: float) -> BondDifference:
        """Compare the bonds of one row."""
        first, second = self._pair(row)
        alone = np.setdiff1d(row.a, first), np.setdiff1d(row.b, second)
        role = f"{row.role} {row.pair}"
        whole = [
            side.average("mean bond length", role, rows) for side, rows in ((self.a, row.a), (self.b, row.b))
        ]
        common = [
            side.average("mean length of bonds in both", role, rows)
            for side, rows in ((self.a, first), (self.b, second))
        ]
        changes = self.b.lengths[second] - self.a.lengths[first]
        (total,) = compare_quantities(whole[:1], whole[1:], sigmas=sigmas)
        paired = compare_values(
            *common,
            su=math.hypot(common[0].su, common[1].su),
            scatter=_measure_error(changes, _join_groups(self.a.copies[first], self.b.copies[second])),
            sigmas=sigmas,
        )
        return BondDifference(
            role=row.role,
            pair=row.pair,
            cutoff=row.cutoff,
            n_a=len(row.a),
            n_b=len(row.b),
            all=total,
            n_paired=len(first),
            paired=paired,
            n_only_a=len(alone[0]),
            n_only_b=len(alone[1]),
            mean_only_a=_average(self.a.lengths[alone[0]]),
            mean_only_b=_average(self.b.lengths[alone[1]]),
            unpaired_delta=total.delta - (paired.delta if len(first) else 0.0),
        )

    def follow(self, row: _Row, places: tuple[FloatArray, FloatArray]) -> CutoffDifference:
        """Compare the pairs of metal atoms of one row at one cut-off."""
        first, second = self._pair(row)
        means = _average(self.a.lengths[row.a]), _average(self.b.lengths[row.b])
        either = self._list_either(row)
        lengths = [
            np.linalg.norm(points[atoms[:, 0]] - points[atoms[:, 1]], axis=1)
            for points, atoms in zip(places, either, strict=True)
        ]
        return CutoffDifference(
            role=row.role,
            pair=row.pair,
            cutoff=row.cutoff,
            n_a=len(row.a),
            n_b=len(row.b),
            a=means[0],
            b=means[1],
            delta=means[1] - means[0],
            scatter=math.hypot(
                _measure_error(self.a.lengths[row.a], self.a.copies[row.a]),
                _measure_error(self.b.lengths[row.b], self.b.copies[row.b]),
            ),
            n_paired=len(first),
            paired_delta=_average(self.b.lengths[second] - self.a.lengths[first]),
            n_either=len(either[0]),
            either_delta=_average(lengths[1] - lengths[0]),
        )

    def _pair(self, row: _Row) -> tuple[IntArray, IntArray]:
        """Return the bonds that both clusters have."""
        images = self.images[row.a]
        held = np.isin(images, row.b)
        return row.a[held], images[held]

    def _list_either(self, row: _Row) -> tuple[IntArray, IntArray]:
        """Return the mapped pairs of atoms that are bonds of the row in at least one cluster."""
        own = {_sort_pair(*atoms) for atoms in self.a.list_atoms(row.a)}
        found = {atoms for atoms in own if atoms[0] in self.pairs and atoms[1] in self.pairs}
        for x, y in self.b.list_atoms(row.b):
            if x in self.partner and y in self.partner:
                found.add(_sort_pair(self.partner[x], self.partner[y]))
        first = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
        second = np.array([[self.pairs[x] for x in atoms] for atoms in first.tolist()], dtype=np.int64)
        return first, second.reshape(-1, 2)


def _sort_pair(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first < second else (second, first)


def _average(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _measure_error(values: FloatArray, groups: IntArray) -> float:
    """Return the standard error of a mean of values that are alike within groups; NaN for one group."""
    names = np.unique(groups)
    if len(names) < 2:
        return math.nan
    sums = np.bincount(groups, weights=values - values.mean())[names]
    return float(np.sqrt(len(names) / (len(names) - 1) * (sums**2).sum())) / len(values)


def _join_groups(first: IntArray, second: IntArray) -> IntArray:
    """Return the number of the group of every pair: those that share a name in either list."""
    if not len(first):
        return first
    size = int(first.max()) + 1, int(second.max()) + 1
    links = coo_array((np.ones(len(first)), (first, second + size[0])), shape=(sum(size), sum(size)))
    return np.asarray(connected_components(links, directed=False)[1][first], dtype=np.int64)


def _find_sign_changes(rows: Sequence[CutoffDifference]) -> Iterator[SignChange]:
    for (role, pair), group in groupby(rows, key=lambda row: (row.role, row.pair)):
        for low, high in pairwise(group):
            for kind, name in (("all", "delta"), ("paired", "paired_delta"), ("either", "either_delta")):
                deltas = getattr(low, name), getattr(high, name)
                if deltas[0] * deltas[1] < 0:
                    yield SignChange(
                        role=role,
                        pair=pair,
                        kind=kind,
                        low=low.cutoff,
                        high=high.cutoff,
                        delta_low=deltas[0],
                        delta_high=deltas[1],
                    )
