"""How long are the bonds? Statistics by the role of the two atoms, at stated cut-offs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.analysis.bond_statistics import BondStatistics, measure_statistics
from clustermodel.analysis.bond_table import (
    BOND_ROLES,
    BondTable,
    Uncertainty,
    list_donor_bonds,
    list_metal_pairs,
    number_copies,
)
from clustermodel.assembly.correlated_values import CorrelatedValues
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster

__all__ = ["BOND_ROLES", "BondLengths", "BondRow", "BondSettings", "Errors", "measure_bond_lengths"]

Errors = Callable[[IntArray, IntArray], CorrelatedValues]
"""Distances between two arrays of atoms with their standard uncertainties and covariances."""

_SAME_PAIR = 1e-3  # Å: in a polymer a bond may go to the next repeat unit, not to the atom of its number


@dataclass(frozen=True, slots=True, kw_only=True)
class BondSettings:
    """The choices behind a table of bond lengths.

    Parameters
    ----------
    cutoff : float, optional
        Longest metal-metal pair in Å. 3.30 Å takes in aurophilic contacts (3.15-3.28 Å; CCDC 650693)
        and ends below the van der Waals sum of two gold atoms (3.32 Å). Stretched kernel bonds
        reach 3.5 Å, non-bonded pairs begin below: no single value is right, hence `cutoffs`.
    cutoffs : tuple of float, optional
        Cut-offs in Å of the table that compares them.
    bin_width : float, optional
        Width of the bins of the histograms in Å.
    """

    cutoff: float = field(default=3.30, metadata={"unit": "Å"})
    cutoffs: tuple[float, ...] = field(default=(3.0, 3.1, 3.2, 3.3, 3.4, 3.5), metadata={"unit": "Å"})
    bin_width: float = field(default=0.02, metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BondRow:
    """Statistics of the bonds of one role and one pair of elements.

    Parameters
    ----------
    role : str
        One of `BOND_ROLES`.
    pair : str
        Elements, as ``"Au-S"``.
    cutoff : float
        Longest metal-metal pair in Å; NaN for bonds to donors, which come from the bond list.
    n : int
        Number of bonds.
    mean, sd : float
        Mean and sample standard deviation in Å, every bond with the same weight; ``sd`` is NaN for
        one bond.
    mean_su : float
        s.u. of ``mean`` in Å; NaN unless every bond has an s.u.
    minimum, maximum : float
        Shortest and longest bond in Å.
    weighted_mean, su : float
        Mean of the symmetry-unique bonds with the weights 1/s.u.², and its s.u., in Å; NaN unless
        each has an s.u.
    n_unique : int
        Number of symmetry-unique bonds.
    mean_unique, sd_unique, mean_unique_su : float
        Mean, sample standard deviation and s.u. of the mean in Å, every symmetry-unique bond with
        the same weight.
    birge_ratio : float
        Scatter of the symmetry-unique bonds over the scatter that their errors allow; NaN for one
        bond, or without s.u.
    excess_sd : float
        Standard deviation of the lengths beyond their errors in Å; NaN where ``birge_ratio`` is.
    edges : ndarray, shape (k + 1,)
        Edges of the histogram's bins in Å, multiples of the bin width.
    counts : ndarray of int, shape (k,)
        Number of bonds in each bin.
    atoms : ndarray of int, shape (n, 2)
        The two atoms of each bond, as numbers in the molecule.
    """

    role: str
    pair: str
    cutoff: float = field(metadata={"unit": "Å"})
    n: int = field(metadata={"unit": ""})
    mean: float = field(metadata={"unit": "Å"})
    sd: float = field(metadata={"unit": "Å"})
    mean_su: float = field(metadata={"unit": "Å"})
    minimum: float = field(metadata={"unit": "Å"})
    maximum: float = field(metadata={"unit": "Å"})
    weighted_mean: float = field(metadata={"unit": "Å"})
    su: float = field(metadata={"unit": "Å"})
    n_unique: int = field(metadata={"unit": ""})
    mean_unique: float = field(metadata={"unit": "Å"})
    sd_unique: float = field(metadata={"unit": "Å"})
    mean_unique_su: float = field(metadata={"unit": "Å"})
    birge_ratio: float = field(metadata={"unit": ""})
    excess_sd: float = field(metadata={"unit": "Å"})
    edges: FloatArray = field(metadata={"unit": "Å"})
    counts: IntArray = field(metadata={"unit": ""})
    atoms: IntArray = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the histogram and the atoms."""
        object.__setattr__(self, "atoms", freeze_int(self.atoms, (self.n, 2), "atoms"))
        object.__setattr__(self, "edges", freeze_float(self.edges, (None,), "edges"))
        object.__setattr__(self, "counts", freeze_int(self.counts, (len(self.edges) - 1,), "counts"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BondLengths:
    """Bond statistics of one cluster.

    Parameters
    ----------
    rows : tuple of BondRow
        By role, then by pair of elements.
    by_cutoff : tuple of BondRow
        The metal-metal rows at every cut-off of the settings, by role, pair and cut-off.
    convention : str
        The convention of the anatomy that gave the roles.
    settings : BondSettings
        Cut-offs and bin width.
    """

    rows: tuple[BondRow, ...]
    by_cutoff: tuple[BondRow, ...]
    convention: str
    settings: BondSettings


class _Bonds(NamedTuple):
    """Bonds with the numbers of the symmetry-unique ones, their s.u. and, if known, covariances."""

    table: BondTable
    copies: IntArray
    su: FloatArray
    correlated: CorrelatedValues | None


def measure_bond_lengths(
    cluster: Cluster,
    anatomy: Anatomy,
    *,
    settings: BondSettings | None = None,
    orbit: IntArray | None = None,
    uncertainty: Uncertainty | None = None,
    errors: Errors | None = None,
) -> BondLengths:
    """Measure the bonds of a cluster by the role of their atoms.

    Bonds to donors are those of the molecule; metal-metal pairs are all within the cut-off, whether
    listed as bonds or not, since no single limit separates bonds from contacts. In a polymer, pairs
    across the end of the listed atoms are not seen.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell, which gives the roles.
    settings : BondSettings, optional
        Cut-offs and bin width.
    orbit : ndarray of int, shape (n,), optional
        Atoms with the same number are symmetry copies; the sites of the file by default. Bonds of
        equal length (to 1e-4 Å) between the same two orbits are one symmetry-unique bond.
    uncertainty : callable or ndarray of shape (m,), optional
        Standard uncertainties in Å: a function of two arrays of atom indices, or an array along
        the bonds of the molecule (metal pairs that are not among the bonds then have none).
        Symmetry-unique bonds are then taken as uncorrelated.
    errors : callable, optional
        Distances between two arrays of atom indices with their covariances, instead of
        `uncertainty`: the s.u. of means then know that bonds share atoms and the cell.

    Returns
    -------
    BondLengths
        The statistics and the settings that made them.

    Raises
    ------
    InputError
        If an array has the wrong length.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> triangle = molecule_from_atoms(["Au"] * 3, [[0, 0, 0], [2.8, 0, 0], [1.4, 2.425, 0]])
    >>> cluster = build_cluster(bond_molecule(triangle))
    >>> (row,) = measure_bond_lengths(cluster, classify_kernel(cluster)).rows
    >>> row.role, row.pair, row.n, round(row.mean, 3)
    ('shell-shell', 'Au-Au', 3, 2.8)
    """
    chosen = settings if settings is not None else BondSettings()
    reach = max((chosen.cutoff, *chosen.cutoffs))
    pairs = list_metal_pairs(cluster, anatomy, reach, orbit=orbit, uncertainty=uncertainty)
    metals = _attach_errors(pairs, errors)
    donors = _attach_errors(list_donor_bonds(cluster, anatomy, orbit=orbit, uncertainty=uncertainty), errors)
    rows = [*_tabulate(metals, chosen, chosen.cutoff), *_tabulate(donors, chosen, np.nan)]
    by_cutoff = [row for cutoff in sorted(chosen.cutoffs) for row in _tabulate(metals, chosen, cutoff)]
    return BondLengths(
        rows=tuple(sorted(rows, key=_order)),
        by_cutoff=tuple(sorted(by_cutoff, key=_order)),
        convention=anatomy.convention,
        settings=chosen,
    )


def _order(row: BondRow) -> tuple[int, str]:
    return BOND_ROLES.index(row.role), row.pair


def _attach_errors(table: BondTable, errors: Errors | None) -> _Bonds:
    copies = number_copies(table.orbits, table.lengths)
    if errors is None:
        return _Bonds(table, copies, table.su, None)
    correlated = errors(table.first, table.second)
    same = np.abs(correlated.values - table.lengths) < _SAME_PAIR
    return _Bonds(table, copies, np.where(same, correlated.complete_su(), np.nan), correlated)


def _tabulate(bonds: _Bonds, settings: BondSettings, cutoff: float) -> Iterator[BondRow]:
    groups: dict[tuple[str, str], list[int]] = {}
    table = bonds.table
    for index, (role, pair) in enumerate(zip(table.roles, table.pairs, strict=True)):
        if table.lengths[index] > cutoff:
            continue
        groups.setdefault((role, pair), []).append(index)
        if role in {"kernel-donor", "staple-donor"}:
            groups.setdefault(("metal-donor", pair), []).append(index)
    for (role, pair), members in groups.items():
        rows = np.array(members)
        found = measure_statistics(
            table.lengths[rows],
            bonds.copies[rows],
            su=bonds.su[rows],
            correlated=None if bonds.correlated is None else bonds.correlated.select(rows),
        )
        atoms = np.stack([table.first[rows], table.second[rows]], axis=1)
        yield _build_row((role, pair, cutoff), table.lengths[rows], found, (settings.bin_width, atoms))


def _build_row(
    name: tuple[str, str, float],
    lengths: FloatArray,
    found: BondStatistics,
    drawn: tuple[float, IntArray],
) -> BondRow:
    width, atoms = drawn
    bins = np.floor(lengths / width).astype(np.int64)
    low = int(bins.min())
    return BondRow(
        role=name[0],
        pair=name[1],
        cutoff=name[2],
        **{one.name: getattr(found, one.name) for one in fields(found)},
        edges=np.arange(low, int(bins.max()) + 2, dtype=np.float64) * width,
        counts=np.bincount(bins - low),
        atoms=atoms,
    )
