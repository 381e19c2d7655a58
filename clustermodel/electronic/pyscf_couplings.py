"""How do excitations of orbital pairs couple? Integrals of PySCF over the functions of any engine.

The functions of a result are given to PySCF as they are, so that orbitals of xTB or of another program serve
as well as its own.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from clustermodel._arrays import FloatArray, IntArray
from clustermodel._optional import import_optional
from clustermodel.constants import BOHR_ANGSTROM
from clustermodel.electronic.basis import Basis
from clustermodel.electronic.excitations import OrbitalPairs
from clustermodel.electronic.pyscf_types import PyscfObject
from clustermodel.electronic.result import ElectronicResult
from clustermodel.errors import InputError

__all__ = ["AuxiliaryShell", "PairCouplings", "calculate_couplings"]

_BLOCK = 2**27  # bytes of integrals at a time
_P_PLACES = np.array([1, 2, 0])  # of y, z, x in the order x, y, z of PySCF
_WHY = "excitations"


class AuxiliaryShell(NamedTuple):
    """One Gaussian that stands for the charge of a pair at an atom.

    Parameters
    ----------
    atom : int
        Where it is.
    momentum : int
        0 for s, 1 for p.
    exponent : float
        In bohr-2.
    """

    atom: int
    momentum: int
    exponent: float


class PairCouplings(NamedTuple):
    """Coulomb couplings and dipoles of orbital pairs.

    Parameters
    ----------
    factor : ndarray, shape (n, r)
        U, with the Coulomb integrals of pairs as U Uᵀ, in Eh.
    dipoles : ndarray, shape (n, 3)
        Dipole integrals in bohr.
    """

    factor: FloatArray
    dipoles: FloatArray


def calculate_couplings(
    result: ElectronicResult, pairs: OrbitalPairs, auxiliary: Sequence[AuxiliaryShell]
) -> PairCouplings:
    """Calculate the Coulomb couplings of pairs through auxiliary functions, and their dipoles.

    Parameters
    ----------
    result : ElectronicResult
        Orbitals in a basis whose functions are known in space.
    pairs : OrbitalPairs
        Which pairs.
    auxiliary : sequence of AuxiliaryShell
        Functions that stand for the charges.

    Returns
    -------
    PairCouplings
        For all pairs.

    Raises
    ------
    InputError
        If the functions of the basis are not known in space.
    """
    if result.basis is None or not result.basis.can_evaluate:
        msg = f"{result.specification.label}: its functions are not known in space; no excitations from it"
        raise InputError(msg)
    molecule, places = _rebuild(result.basis, result.positions)
    raw = np.empty((len(pairs), sum(2 * shell.momentum + 1 for shell in auxiliary)))
    column = 0
    for block in _split(auxiliary, molecule.nao):
        fitting = _build_auxiliary(block, result.positions)
        integrals = _integrate(molecule, fitting)
        for matrix in integrals:
            _fill_column(raw[:, column], matrix, result, pairs, places)
            column += 1
    metric = _build_auxiliary(auxiliary, result.positions).intor("int2c2e", hermi=1)
    lower = cholesky(metric, lower=True)
    factor = solve_triangular(lower, raw.T, lower=True).T
    dipoles = np.empty((len(pairs), 3))
    for axis, matrix in enumerate(molecule.intor_symmetric("int1e_r", comp=3)):
        _fill_column(dipoles[:, axis], matrix, result, pairs, places)
    return PairCouplings(np.ascontiguousarray(factor), dipoles)


def _rebuild(basis: Basis, positions: FloatArray) -> tuple[PyscfObject, IntArray]:
    """Return a molecule with exactly these functions, and the place of each function in it."""
    gto = import_optional("pyscf.gto", extra="", purpose=_WHY)
    n_atoms = len(positions)
    labels = [f"H{number}" for number in range(n_atoms)]  # only the functions matter
    shells: dict[str, list[list[object]]] = {label: [] for label in labels}
    for shell in basis.shells:
        rows = [[float(a), float(c)] for a, c in zip(shell.exponents, shell.coefficients, strict=True)]
        shells[labels[shell.atom]].append([shell.momentum, *rows])
    molecule = gto.Mole(
        atom=list(zip(labels, np.asarray(positions).tolist(), strict=True)),
        unit="Angstrom",
        basis=shells,
        spin=n_atoms % 2,
        verbose=0,
    )
    molecule.build(dump_input=False, parse_arg=False)
    ranks = [(int(shell.atom), shell.momentum, number) for number, shell in enumerate(basis.shells)]
    order = [number for *_, number in sorted(ranks)]  # PySCF orders the shells of an atom by momentum
    starts = np.empty(len(order), dtype=np.int64)
    starts[order] = np.concatenate(
        [[0], np.cumsum([2 * basis.shells[number].momentum + 1 for number in order])[:-1]]
    )
    within = np.where(
        basis.momenta == 1, _P_PLACES[basis.orders.clip(-1, 1) + 1], basis.orders + basis.momenta
    )
    return molecule, starts[basis.shell_of] + within


def _build_auxiliary(shells: Sequence[AuxiliaryShell], positions: FloatArray) -> PyscfObject:
    gto = import_optional("pyscf.gto", extra="", purpose=_WHY)
    functions = {
        f"H{number}": [[shell.momentum, [shell.exponent, 1.0]]] for number, shell in enumerate(shells)
    }
    places = np.asarray(positions)[[shell.atom for shell in shells]] / BOHR_ANGSTROM
    molecule = gto.Mole(
        atom=list(zip(functions, places.tolist(), strict=True)),
        unit="Bohr",
        basis=functions,
        spin=len(shells) % 2,
        verbose=0,
    )
    molecule.build(dump_input=False, parse_arg=False)
    return molecule


def _split(shells: Sequence[AuxiliaryShell], n_functions: int) -> list[Sequence[AuxiliaryShell]]:
    """Return runs of shells whose integrals fit in one block."""
    step = max(1, _BLOCK // (8 * 3 * n_functions * (n_functions + 1) // 2))
    return [shells[start : start + step] for start in range(0, len(shells), step)]


def _integrate(molecule: PyscfObject, fitting: PyscfObject) -> FloatArray:
    """Return the integrals (P|ij), packed to i ≥ j, shape (n_fitting, pairs)."""
    incore = import_optional("pyscf.df.incore", extra="", purpose=_WHY)
    found = incore.aux_e2(molecule, fitting, intor="int3c2e", aosym="s2ij")
    return np.asarray(found).T


def _fill_column(
    column: FloatArray, matrix: FloatArray, result: ElectronicResult, pairs: OrbitalPairs, places: IntArray
) -> None:
    """Transform a symmetric matrix of functions to pairs of orbitals."""
    whole = matrix if matrix.ndim == 2 else _unpack(matrix, len(places))
    for number, channel in enumerate(result.channels):
        mine = np.flatnonzero(pairs.channels == number)
        if not mine.size or channel.coefficients is None:
            continue
        occupied, empty = pairs.occupied[mine], pairs.empty[mine]
        sources, targets = np.unique(occupied), np.unique(empty)
        ordered = whole[np.ix_(places, places)]
        half = ordered @ channel.coefficients[:, sources]
        table = half.T @ channel.coefficients[:, targets]
        column[mine] = table[np.searchsorted(sources, occupied), np.searchsorted(targets, empty)]


def _unpack(packed: FloatArray, n: int) -> FloatArray:
    whole = np.empty((n, n))
    lower = np.tril_indices(n)
    whole[lower] = packed
    whole[lower[1], lower[0]] = packed
    return whole
