"""Which species turn into which? Parallel, sequential and target schemes as one matrix of rate constants.

The concentrations follow dc/dt = K c. Their solution is a sum of exponentials, so a fit needs nothing of the
scheme but the rates of these exponentials; the scheme then says which mixture of them belongs to which
species.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.errors import InputError

__all__ = [
    "GROUND",
    "KineticScheme",
    "SchemeSolution",
    "Transfer",
    "build_parallel",
    "build_sequential",
    "solve_scheme",
]

GROUND = "ground"
"""Word for where a species goes when it leaves the scheme."""

SchemeKind = Literal["parallel", "sequential", "target"]
_REAL = 1e-9  # imaginary part of a rate, relative to the fastest: rounding


class Transfer(NamedTuple):
    """One arrow of a scheme.

    Parameters
    ----------
    source : int
        Number of the species that decays.
    target : int or None
        Number of the species that it becomes; None for one that is not seen, such as the ground state.
    rate : int
        Number of the rate constant.
    """

    source: int
    target: int | None
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KineticScheme:
    """Species, arrows between them, and which are there at time zero.

    Parameters
    ----------
    kind : {"parallel", "sequential", "target"}
        Form of the scheme.
    species : tuple of str
        Names.
    rates : tuple of str
        Names of the rate constants.
    transfers : tuple of Transfer
        The arrows.
    initial : tuple of float
        Concentrations at time zero.
    start_ps : tuple of float
        Time constants to start a fit from; empty where the data choose them.
    fixed : tuple of bool
        Which rate constants stay as they are.
    """

    kind: SchemeKind
    species: tuple[str, ...]
    rates: tuple[str, ...]
    transfers: tuple[Transfer, ...]
    initial: tuple[float, ...]
    start_ps: tuple[float, ...] = field(default=(), metadata={"unit": "ps"})
    fixed: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SchemeSolution:
    """The exponentials of a scheme.

    Parameters
    ----------
    decay_rates : ndarray, shape (n,)
        Rates of the exponentials; 0 for what stays.
    derivatives : ndarray, shape (n, p)
        Their derivatives by the rate constants.
    mixing : ndarray, shape (n, n)
        The concentration of species s is the sum over j of mixing[j, s] exp(-decay_rates[j] t).
    """

    decay_rates: FloatArray = field(metadata={"unit": "ps-1"})
    derivatives: FloatArray = field(metadata={"unit": ""})
    mixing: FloatArray = field(metadata={"unit": ""})


def build_parallel(count: int, *, offset: bool = False) -> KineticScheme:
    """Build a scheme of species that are all there at time zero and decay on their own.

    Parameters
    ----------
    count : int
        Number of decaying species.
    offset : bool, optional
        Whether one more does not decay.

    Returns
    -------
    KineticScheme
        The scheme; the spectra of its species are decay-associated spectra.

    Raises
    ------
    InputError
        If there is no species.

    Examples
    --------
    >>> build_parallel(2, offset=True).species
    ('1', '2', 'offset')
    """
    return _build_simple("parallel", count, offset=offset)


def build_sequential(count: int, *, offset: bool = False) -> KineticScheme:
    """Build a chain in which each species becomes the next one.

    Parameters
    ----------
    count : int
        Number of decaying species.
    offset : bool, optional
        Whether the last of them becomes one that stays.

    Returns
    -------
    KineticScheme
        The scheme; the spectra of its species are evolution-associated spectra.

    Raises
    ------
    InputError
        If there is no species.

    Examples
    --------
    >>> chain = build_sequential(2)
    >>> chain.transfers[0].target, chain.initial
    (1, (1.0, 0.0))
    """
    return _build_simple("sequential", count, offset=offset)


def _build_simple(kind: Literal["parallel", "sequential"], count: int, *, offset: bool) -> KineticScheme:
    if count + offset < 1:
        msg = f"a scheme of {count} components; at least 1 is needed"
        raise InputError(msg)
    n = count + offset
    chained = kind == "sequential"
    return KineticScheme(
        kind=kind,
        species=tuple(str(i + 1) for i in range(count)) + ("offset",) * offset,
        rates=tuple(f"k{i + 1}" for i in range(count)),
        transfers=tuple(Transfer(i, i + 1 if chained and i + 1 < n else None, i) for i in range(count)),
        initial=(1.0,) + (0.0 if chained else 1.0,) * (n - 1),
        fixed=(False,) * count,
    )


def solve_scheme(scheme: KineticScheme, rates: FloatArray) -> SchemeSolution:
    """Find the exponentials of a scheme.

    Parameters
    ----------
    scheme : KineticScheme
        The scheme.
    rates : ndarray, shape (p,)
        Its rate constants in 1/ps.

    Returns
    -------
    SchemeSolution
        Rates, their derivatives, and the mixtures that the species are.

    Raises
    ------
    InputError
        If the concentrations would oscillate.

    Examples
    --------
    >>> chain = solve_scheme(build_sequential(2), np.array([2.0, 1.0]))
    >>> chain.decay_rates, chain.mixing.round(6).tolist()
    (array([2., 1.]), [[1.0, -2.0], [0.0, 2.0]])
    """
    matrix, slopes = _assemble(scheme, rates)
    if _is_acyclic(scheme):  # the losses of the species are the rates, also where two of them are equal
        decay, derivatives = -np.diag(matrix), -slopes.diagonal(axis1=1, axis2=2).T
        return SchemeSolution(
            decay_rates=decay, derivatives=derivatives, mixing=_mix(matrix, -decay, scheme.initial)
        )
    values, right = np.linalg.eig(matrix)
    if np.abs(values.imag).max() > _REAL * np.abs(values).max():
        msg = "the scheme has rates that are not real: its concentrations oscillate; remove an arrow"
        raise InputError(msg)
    values, right = values.real, right.real
    left = np.linalg.inv(right)
    return SchemeSolution(
        decay_rates=np.maximum(-values, 0.0),
        derivatives=-np.einsum("jk,pkl,lj->jp", left, slopes, right),
        mixing=(right * (left @ np.array(scheme.initial))).T,
    )


def _assemble(scheme: KineticScheme, rates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the matrix of rate constants and its derivative by each of them."""
    n = len(scheme.species)
    slopes = np.zeros((len(scheme.rates), n, n))
    for source, target, rate in scheme.transfers:
        slopes[rate, source, source] -= 1
        if target is not None:
            slopes[rate, target, source] += 1
    return np.einsum("p,pij->ij", rates, slopes), slopes


def _is_acyclic(scheme: KineticScheme) -> bool:
    """Return whether no species can become itself again."""
    left = {(t.source, t.target) for t in scheme.transfers if t.target is not None}
    while left:
        targets = {target for _, target in left}
        keep = {arrow for arrow in left if arrow[0] in targets}
        if keep == left:
            return False
        left = keep
    return True


def _mix(matrix: FloatArray, values: FloatArray, initial: tuple[float, ...]) -> FloatArray:
    """Return the mixing matrix of an acyclic scheme, whose eigenvalues are known; nan where two are equal."""
    n = values.size
    reach = np.linalg.matrix_power((matrix != 0) + np.eye(n), n) > 0
    order = np.argsort(reach.sum(axis=0), kind="stable")[
        ::-1
    ]  # from the first species of the arrows to the last
    k, lower = values[order], matrix[np.ix_(order, order)]
    right = np.eye(n)
    for j in range(n):
        for i in range(j + 1, n):
            gap = k[j] - k[i]
            sum_before = float(lower[i, j:i] @ right[j:i, j])
            right[i, j] = 0.0 if sum_before == 0 else sum_before / gap if gap else np.nan
    weights = np.array(initial)[order]
    amounts = np.empty(n)
    for j in range(n):  # forward substitution: the triangle has ones on its diagonal
        amounts[j] = weights[j] - right[j, :j] @ amounts[:j]
    mixing = np.empty((n, n))
    mixing[np.ix_(order, order)] = (right * amounts).T
    return mixing
