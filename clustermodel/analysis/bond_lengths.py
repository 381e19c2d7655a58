"""How long are the bonds? Statistics by the role of the two atoms, at stated cut-offs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.roles import DONOR_ROLES, KERNEL_ROLES
from clustermodel.errors import InputError
from clustermodel.structure.neighbors import find_pairs

__all__ = ["BOND_ROLES", "BondLengths", "BondRow", "BondSettings", "measure_bond_lengths"]

BOND_ROLES = (
    "centre-centre",
    "centre-shell",
    "shell-shell",
    "kernel-staple",
    "staple-staple",
    "kernel-donor",
    "staple-donor",
    "metal-donor",
    "metal-sulfide",
    "metal-halide",
    "metal-phosphine",
    "metal-dative",
    "metal-hydride",
    "secondary",
)
"""What two atoms are to each other, in the order of the rows.

Of the kernel, ``centre`` atoms have kernel neighbours on all sides and all others are its ``shell``.
``donor`` is an anionic donor (thiolate S, alkynyl C, ...); ``metal-donor`` holds ``kernel-donor`` and
``staple-donor`` together; ``secondary`` bonds are those that the anatomy does not count.
"""

_SAME_LENGTH = 1e-4  # Å; symmetry copies of a bond agree to rounding, refined bonds differ by more
_SPECIAL = {role: f"metal-{role}" for role in ("sulfide", "halide", "phosphine", "dative", "hydride")}

Uncertainty = Callable[[IntArray, IntArray], FloatArray] | FloatArray
"""Standard uncertainties in Å: a function of two arrays of atoms, or an array along the bonds."""


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
    minimum, maximum : float
        Shortest and longest bond in Å.
    weighted_mean, su : float
        Mean of the symmetry-unique bonds with the weights 1/s.u.², and its s.u., in Å; NaN unless
        each has an s.u. They are taken as uncorrelated.
    n_unique : int
        Number of symmetry-unique bonds.
    mean_unique, sd_unique : float
        Mean and sample standard deviation in Å, every symmetry-unique bond with the same weight.
    edges : ndarray, shape (k + 1,)
        Edges of the histogram's bins in Å, multiples of the bin width.
    counts : ndarray of int, shape (k,)
        Number of bonds in each bin.
    """

    role: str
    pair: str
    cutoff: float = field(metadata={"unit": "Å"})
    n: int = field(metadata={"unit": ""})
    mean: float = field(metadata={"unit": "Å"})
    sd: float = field(metadata={"unit": "Å"})
    minimum: float = field(metadata={"unit": "Å"})
    maximum: float = field(metadata={"unit": "Å"})
    weighted_mean: float = field(metadata={"unit": "Å"})
    su: float = field(metadata={"unit": "Å"})
    n_unique: int = field(metadata={"unit": ""})
    mean_unique: float = field(metadata={"unit": "Å"})
    sd_unique: float = field(metadata={"unit": "Å"})
    edges: FloatArray = field(metadata={"unit": "Å"})
    counts: IntArray = field(metadata={"unit": ""})

    def __post_init__(self) -> None:
        """Freeze the histogram."""
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bonds:
    """Pairs of atoms with length, s.u., the number of their pair of orbits, and role and elements."""

    first: IntArray
    second: IntArray
    lengths: FloatArray
    su: FloatArray
    orbits: IntArray
    names: list[tuple[str, str]]


def measure_bond_lengths(
    cluster: Cluster,
    anatomy: Anatomy,
    *,
    settings: BondSettings | None = None,
    orbit: IntArray | None = None,
    uncertainty: Uncertainty | None = None,
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
    sites = cluster.molecule.origin.sites if orbit is None else np.asarray(orbit)
    if len(sites) != len(cluster.molecule):
        msg = f"orbit has {len(sites)} numbers, expected one for each of {len(cluster.molecule)} atoms"
        raise InputError(msg)
    metals = _collect_metal_pairs(cluster, anatomy, max((chosen.cutoff, *chosen.cutoffs)), sites, uncertainty)
    donors = _collect_donor_bonds(cluster, anatomy, sites, uncertainty)
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


def _collect_metal_pairs(
    cluster: Cluster, anatomy: Anatomy, reach: float, sites: IntArray, uncertainty: Uncertainty | None
) -> _Bonds:
    metals = np.array(cluster.metals)
    pairs = find_pairs(cluster.molecule.positions[metals], reach)
    first, second = metals[pairs.first], metals[pairs.second]
    elements = cluster.molecule.elements
    names = [
        (_name_metals(anatomy.roles[a], anatomy.roles[b]), "-".join(sorted((elements[a], elements[b]))))
        for a, b in zip(first.tolist(), second.tolist(), strict=True)
    ]
    return _Bonds(
        first=first,
        second=second,
        lengths=pairs.distances,
        su=_find_su(cluster, first, second, uncertainty),
        orbits=_pair_orbits(sites, first, second),
        names=names,
    )


def _name_metals(first: str, second: str) -> str:
    parts = sorted(
        "centre" if r == "centre" else "shell" if r in KERNEL_ROLES else r for r in (first, second)
    )
    if parts == ["staple", "staple"]:
        return "staple-staple"
    return "kernel-staple" if "staple" in parts else "-".join(parts)


def _collect_donor_bonds(
    cluster: Cluster, anatomy: Anatomy, sites: IntArray, uncertainty: Uncertainty | None
) -> _Bonds:
    bonds, elements = cluster.molecule.bonds, cluster.molecule.elements
    is_metal_atom = np.zeros(len(cluster.molecule), dtype=bool)
    is_metal_atom[list(cluster.metals)] = True
    is_donor = np.isin(np.array(anatomy.roles), DONOR_ROLES)
    swapped = is_metal_atom[bonds.pairs[:, 1]]
    metal = np.where(swapped, bonds.pairs[:, 1], bonds.pairs[:, 0])
    donor = np.where(swapped, bonds.pairs[:, 0], bonds.pairs[:, 1])
    keep = np.flatnonzero(is_metal_atom[metal] & is_donor[donor])
    metal, donor = metal[keep], donor[keep]
    left_out = set(anatomy.long_bonds)
    names = [
        (
            "secondary" if (m, d) in left_out else _name_donor(anatomy.roles[m], anatomy.roles[d]),
            f"{elements[m]}-{elements[d]}",
        )
        for m, d in zip(metal.tolist(), donor.tolist(), strict=True)
    ]
    return _Bonds(
        first=metal,
        second=donor,
        lengths=bonds.lengths[keep],
        su=_find_su(cluster, metal, donor, uncertainty),
        orbits=_pair_orbits(sites, metal, donor),
        names=names,
    )


def _name_donor(metal: str, donor: str) -> str:
    return _SPECIAL.get(donor, "staple-donor" if metal == "staple" else "kernel-donor")


def _pair_orbits(sites: IntArray, first: IntArray, second: IntArray) -> IntArray:
    """Return one number for each unordered pair of orbits."""
    pairs = np.sort(np.stack([sites[first], sites[second]], axis=1), axis=1)
    return np.unique(pairs, axis=0, return_inverse=True)[1].reshape(len(pairs))


def _find_su(
    cluster: Cluster, first: IntArray, second: IntArray, uncertainty: Uncertainty | None
) -> FloatArray:
    """Return the s.u. of every bond in Å, NaN where there is none."""
    if uncertainty is None:
        return np.full(len(first), np.nan)
    if callable(uncertainty):
        values = np.asarray(uncertainty(first, second), dtype=np.float64)
        return _check_length(values, len(first), "the s.u. function returned")
    bonds = cluster.molecule.bonds
    given = _check_length(np.asarray(uncertainty, dtype=np.float64), len(bonds), "uncertainty has")
    known = {(a, b): su for (a, b), su in zip(bonds.pairs.tolist(), given.tolist(), strict=True)}
    rows = zip(first.tolist(), second.tolist(), strict=True)
    return np.array([known.get((min(p), max(p)), np.nan) for p in rows], dtype=np.float64)


def _check_length(values: FloatArray, expected: int, what: str) -> FloatArray:
    if values.shape != (expected,):
        msg = f"{what} shape {values.shape}, expected one s.u. in Å for each of {expected} bonds"
        raise InputError(msg)
    return values


def _tabulate(bonds: _Bonds, settings: BondSettings, cutoff: float) -> Iterator[BondRow]:
    groups: dict[tuple[str, str], list[int]] = {}
    for index, (role, pair) in enumerate(bonds.names):
        if bonds.lengths[index] > cutoff:
            continue
        groups.setdefault((role, pair), []).append(index)
        if role in {"kernel-donor", "staple-donor"}:
            groups.setdefault(("metal-donor", pair), []).append(index)
    for (role, pair), members in groups.items():
        yield _summarise(bonds, np.array(members), (role, pair, cutoff), settings.bin_width)


def _summarise(bonds: _Bonds, rows: IntArray, name: tuple[str, str, float], width: float) -> BondRow:
    lengths = bonds.lengths[rows]
    unique, unique_su = _average_copies(lengths, bonds.su[rows], bonds.orbits[rows])
    weighted_mean, su = _weigh(unique, unique_su)
    bins = np.floor(lengths / width).astype(np.int64)
    low = int(bins.min())
    return BondRow(
        role=name[0],
        pair=name[1],
        cutoff=name[2],
        n=len(lengths),
        mean=float(lengths.mean()),
        sd=_deviation(lengths),
        minimum=float(lengths.min()),
        maximum=float(lengths.max()),
        weighted_mean=weighted_mean,
        su=su,
        n_unique=len(unique),
        mean_unique=float(unique.mean()),
        sd_unique=_deviation(unique),
        edges=np.arange(low, int(bins.max()) + 2, dtype=np.float64) * width,
        counts=np.bincount(bins - low),
    )


def _deviation(values: FloatArray) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def _average_copies(lengths: FloatArray, su: FloatArray, orbits: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return one length and one s.u. for each set of symmetry copies, which share their parameters."""
    order = np.lexsort((lengths, orbits))
    lengths, su, orbits = lengths[order], su[order], orbits[order]
    starts = np.ones(len(lengths), dtype=bool)
    starts[1:] = (np.diff(orbits) != 0) | (np.diff(lengths) > _SAME_LENGTH)
    places = np.flatnonzero(starts)
    counts = np.diff(np.append(places, len(lengths)))
    return (
        np.asarray(np.add.reduceat(lengths, places) / counts, dtype=np.float64),
        np.asarray(np.add.reduceat(su, places) / counts, dtype=np.float64),
    )


def _weigh(lengths: FloatArray, su: FloatArray) -> tuple[float, float]:
    """Return the mean with the weights 1/s.u.² and its s.u.; NaN unless every unique bond has one."""
    if not np.all(su > 0):
        return float("nan"), float("nan")
    weights = su**-2.0
    return float((weights * lengths).sum() / weights.sum()), float(weights.sum() ** -0.5)
