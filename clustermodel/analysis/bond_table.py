"""Which bonds does a cluster have? Each with its length, uncertainty and role, before any mean is taken."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.roles import DONOR_ROLES, KERNEL_ROLES
from clustermodel.errors import InputError
from clustermodel.structure.neighbors import find_pairs

__all__ = [
    "BOND_ROLES",
    "BondTable",
    "Uncertainty",
    "list_donor_bonds",
    "list_metal_pairs",
    "number_copies",
]

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BondTable:
    """Bonds of one cluster.

    Parameters
    ----------
    first, second : ndarray of int, shape (m,)
        The atoms; of a bond to a donor the metal atom first.
    lengths : ndarray, shape (m,)
        Lengths in Å.
    su : ndarray, shape (m,)
        s.u. in Å, NaN where none is known.
    orbits : ndarray of int, shape (m,)
        Bonds between symmetry copies of the same two sites have the same number.
    roles : tuple of str, length m
        Roles, of `BOND_ROLES`; never ``metal-donor``.
    pairs : tuple of str, length m
        Elements, as ``"Au-S"``.
    """

    first: IntArray
    second: IntArray
    lengths: FloatArray = field(metadata={"unit": "Å"})
    su: FloatArray = field(metadata={"unit": "Å"})
    orbits: IntArray
    roles: tuple[str, ...]
    pairs: tuple[str, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        m = len(self.roles)
        for name in ("first", "second", "orbits"):
            object.__setattr__(self, name, freeze_int(getattr(self, name), (m,), name))
        for name in ("lengths", "su"):
            object.__setattr__(self, name, freeze_float(getattr(self, name), (m,), name))

    def __len__(self) -> int:
        """Return the number of bonds."""
        return len(self.roles)


def list_metal_pairs(
    cluster: Cluster,
    anatomy: Anatomy,
    reach: float,
    *,
    orbit: IntArray | None = None,
    uncertainty: Uncertainty | None = None,
) -> BondTable:
    """List all pairs of metal atoms within a distance, whether they are among the bonds or not.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division, which gives the roles.
    reach : float
        Longest pair in Å.
    orbit : ndarray of int, shape (n,), optional
        Atoms with the same number are symmetry copies; the sites of the file by default.
    uncertainty : callable or ndarray, optional
        Standard uncertainties in Å: a function of two arrays of atoms, or an array along the bonds of the
        molecule.

    Returns
    -------
    BondTable
        The pairs.

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
    >>> list_metal_pairs(cluster, classify_kernel(cluster), 3.3).roles
    ('shell-shell', 'shell-shell', 'shell-shell')
    """
    metals = np.array(cluster.metals)
    pairs = find_pairs(cluster.molecule.positions[metals], reach)
    first, second = metals[pairs.first], metals[pairs.second]
    elements = cluster.molecule.elements
    rows = list(zip(first.tolist(), second.tolist(), strict=True))
    return BondTable(
        first=first,
        second=second,
        lengths=pairs.distances,
        su=_find_su(cluster, first, second, uncertainty),
        orbits=_pair_orbits(_check_orbit(cluster, orbit), first, second),
        roles=tuple(_name_metals(anatomy.roles[a], anatomy.roles[b]) for a, b in rows),
        pairs=tuple("-".join(sorted((elements[a], elements[b]))) for a, b in rows),
    )


def _name_metals(first: str, second: str) -> str:
    parts = sorted(
        "centre" if r == "centre" else "shell" if r in KERNEL_ROLES else r for r in (first, second)
    )
    if parts == ["staple", "staple"]:
        return "staple-staple"
    return "kernel-staple" if "staple" in parts else "-".join(parts)


def list_donor_bonds(
    cluster: Cluster,
    anatomy: Anatomy,
    *,
    orbit: IntArray | None = None,
    uncertainty: Uncertainty | None = None,
) -> BondTable:
    """List the bonds of metal atoms to donors, as they are among the bonds of the molecule.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division, which gives the roles.
    orbit : ndarray of int, shape (n,), optional
        Atoms with the same number are symmetry copies; the sites of the file by default.
    uncertainty : callable or ndarray, optional
        Standard uncertainties in Å: a function of two arrays of atoms, or an array along the bonds of the
        molecule.

    Returns
    -------
    BondTable
        The bonds, metal atom first.

    Raises
    ------
    InputError
        If an array has the wrong length.
    """
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
    rows = list(zip(metal.tolist(), donor.tolist(), strict=True))
    return BondTable(
        first=metal,
        second=donor,
        lengths=bonds.lengths[keep],
        su=_find_su(cluster, metal, donor, uncertainty),
        orbits=_pair_orbits(_check_orbit(cluster, orbit), metal, donor),
        roles=tuple(
            "secondary" if (m, d) in left_out else _name_donor(anatomy.roles[m], anatomy.roles[d])
            for m, d in rows
        ),
        pairs=tuple(f"{elements[m]}-{elements[d]}" for m, d in rows),
    )


def _name_donor(metal: str, donor: str) -> str:
    return _SPECIAL.get(donor, "staple-donor" if metal == "staple" else "kernel-donor")


def _check_orbit(cluster: Cluster, orbit: IntArray | None) -> IntArray:
    sites = cluster.molecule.origin.sites if orbit is None else np.asarray(orbit)
    if len(sites) != len(cluster.molecule):
        msg = f"orbit has {len(sites)} numbers, expected one for each of {len(cluster.molecule)} atoms"
        raise InputError(msg)
    return sites


def _pair_orbits(sites: IntArray, first: IntArray, second: IntArray) -> IntArray:
    """Return one number for each unordered pair of orbits."""
    pairs = np.sort(np.stack([sites[first], sites[second]], axis=1), axis=1)
    return np.unique(pairs, axis=0, return_inverse=True)[1].reshape(len(pairs))


def number_copies(orbits: IntArray, lengths: FloatArray) -> IntArray:
    """Give the symmetry copies of a bond the same number.

    Parameters
    ----------
    orbits : ndarray of int, shape (m,)
        Bonds between symmetry copies of the same two sites have the same number.
    lengths : ndarray, shape (m,)
        Lengths in Å; copies agree to 1e-4 Å.

    Returns
    -------
    ndarray of int, shape (m,)
        Numbers of the symmetry-unique bonds, from zero, by orbit and length.

    Examples
    --------
    >>> number_copies(np.array([4, 4, 2, 4]), np.array([2.9, 2.8, 2.8, 2.90001])).tolist()
    [2, 1, 0, 2]
    """
    order = np.lexsort((lengths, orbits))
    starts = np.ones(len(lengths), dtype=bool)
    starts[1:] = (np.diff(orbits[order]) != 0) | (np.diff(lengths[order]) > _SAME_LENGTH)
    numbers = np.empty(len(lengths), dtype=np.int64)
    numbers[order] = np.cumsum(starts) - 1
    return numbers


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
