"""What functions are orbitals made of, and what are their values in space?

A function is a radial part times a real spherical harmonic about its atom. The radial part is a
contraction of normalised Gaussians. Every function carries its own magnetic number, so that no order of
functions within a shell has to be agreed on: m > 0 stands for cos(m phi), m < 0 for sin(abs(m) phi).
"""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.constants import BOHR_ANGSTROM
from clustermodel.errors import ChemistryError

__all__ = ["Basis", "Shell", "evaluate_basis", "evaluate_harmonics", "evaluate_orbitals"]

_CHUNK = 4_000_000  # values of functions at points held at a time: 32 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shell:
    """The radial part that the functions of a shell share.

    Parameters
    ----------
    atom : int
        Index of the atom it is centred on.
    momentum : int
        Angular momentum: 0 for s, 1 for p.
    exponents : array_like, shape (k,)
        Exponents of the Gaussians in bohr-2.
    coefficients : array_like, shape (k,)
        Coefficients of the normalised Gaussians; the contraction is used as it stands, so they carry
        its normalisation.
    """

    atom: int
    momentum: int
    exponents: FloatArray = field(metadata={"unit": "bohr-2"})
    coefficients: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        k = len(self.exponents)
        object.__setattr__(self, "exponents", freeze_float(self.exponents, (k,), "exponents"))
        object.__setattr__(self, "coefficients", freeze_float(self.coefficients, (k,), "coefficients"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Basis:
    """The functions that the coefficients of orbitals refer to.

    Parameters
    ----------
    name : str
        Name of the basis set.
    shells : tuple of Shell
        Radial parts; empty where only the shares of atoms can be told, not values in space.
    shell_of : array_like of int, shape (k,)
        Shell of each function; -1 without shells.
    atoms : array_like of int, shape (k,)
        Atom of each function.
    momenta : array_like of int, shape (k,)
        Angular momentum l of each function.
    orders : array_like of int, shape (k,)
        Magnetic number m of each function, from -l to l.
    overlap : array_like, shape (k, k)
        Overlap matrix.
    """

    name: str
    shells: tuple[Shell, ...]
    shell_of: IntArray
    atoms: IntArray
    momenta: IntArray
    orders: IntArray
    overlap: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they have one length."""
        k = len(self.atoms)
        for name in ("shell_of", "atoms", "momenta", "orders"):
            object.__setattr__(self, name, freeze_int(getattr(self, name), (k,), name))
        object.__setattr__(self, "overlap", freeze_float(self.overlap, (k, k), "overlap"))

    def __len__(self) -> int:
        """Return the number of functions."""
        return len(self.atoms)

    @property
    def can_evaluate(self) -> bool:
        """Whether values in space can be calculated."""
        return bool(self.shells)


def evaluate_harmonics(momentum: int, order: int, vectors: FloatArray) -> FloatArray:
    """Evaluate a real solid harmonic: r^l times the normalised real spherical harmonic.

    Parameters
    ----------
    momentum : int
        Angular momentum l.
    order : int
        Magnetic number m, from -l to l; m > 0 goes as cos(m phi), m < 0 as sin(-m phi).
    vectors : ndarray, shape (p, 3)
        Vectors from the centre.

    Returns
    -------
    ndarray, shape (p,)
        Values, in the unit of length to the power l; no Condon-Shortley sign.

    Examples
    --------
    >>> import numpy as np
    >>> x, y, z = (float(evaluate_harmonics(1, m, np.array([[3.0, 5.0, 7.0]]))[0]) for m in (1, -1, 0))
    >>> round(y / x * 3, 6), round(z / x * 3, 6)
    (5.0, 7.0)
    """
    m = abs(order)
    r = np.linalg.norm(vectors, axis=1)
    cosine = np.divide(vectors[:, 2], r, out=np.ones_like(r), where=r > 0)
    angle = np.arctan2(vectors[:, 1], vectors[:, 0])
    ratio = math.factorial(momentum - m) / math.factorial(momentum + m)
    norm = math.sqrt((2 * momentum + 1) / (4 * math.pi) * ratio * (2 if m else 1)) * (-1) ** m
    azimuth = np.cos(m * angle) if order >= 0 else np.sin(m * angle)
    values: FloatArray = norm * r**momentum * special.lpmv(m, momentum, cosine) * azimuth
    return values


def evaluate_basis(basis: Basis, positions: FloatArray, points: FloatArray) -> FloatArray:
    """Evaluate all functions of a basis at points.

    Parameters
    ----------
    basis : Basis
        With shells.
    positions : ndarray, shape (n, 3)
        Atoms in Å.
    points : ndarray, shape (p, 3)
        Points in Å.

    Returns
    -------
    ndarray, shape (p, k)
        Values in bohr^(-3/2).

    Raises
    ------
    ChemistryError
        If the basis has no shells: values in space cannot be told.
    """
    if not basis.can_evaluate:
        msg = f"the functions of {basis.name} are not known in space; only shares of atoms can be told"
        raise ChemistryError(msg)
    values = np.empty((len(points), len(basis)))
    for atom in np.unique(basis.atoms):
        vectors = (np.asarray(points) - positions[atom]) / BOHR_ANGSTROM
        square = np.einsum("px,px->p", vectors, vectors)
        columns = np.flatnonzero(basis.atoms == atom)
        radial = {s: _evaluate_radial(basis.shells[s], square) for s in set(basis.shell_of[columns].tolist())}
        angular = {
            lm: evaluate_harmonics(*lm, vectors)
            for lm in set(zip(basis.momenta[columns].tolist(), basis.orders[columns].tolist(), strict=True))
        }
        for column in columns.tolist():
            lm = (int(basis.momenta[column]), int(basis.orders[column]))
            values[:, column] = radial[int(basis.shell_of[column])] * angular[lm]
    return values


def evaluate_orbitals(
    basis: Basis, positions: FloatArray, coefficients: FloatArray, points: FloatArray
) -> FloatArray:
    """Evaluate orbitals at points.

    Parameters
    ----------
    basis : Basis
        With shells.
    positions : ndarray, shape (n, 3)
        Atoms in Å.
    coefficients : ndarray, shape (k, m)
        One orbital per column.
    points : ndarray, shape (p, 3)
        Points in Å.

    Returns
    -------
    ndarray, shape (p, m)
        Values in bohr^(-3/2).

    Raises
    ------
    ChemistryError
        If the basis has no shells.

    Examples
    --------
    >>> import numpy as np
    >>> one = Shell(atom=0, momentum=0, exponents=[0.5], coefficients=[1.0])
    >>> basis = Basis(
    ...     name="one", shells=(one,), shell_of=[0], atoms=[0], momenta=[0], orders=[0], overlap=[[1.0]]
    ... )
    >>> at_nucleus = evaluate_orbitals(basis, np.zeros((1, 3)), np.ones((1, 1)), np.zeros((1, 3)))
    >>> round(float(at_nucleus[0, 0]) * np.pi**0.75, 6)
    1.0
    """
    step = max(1, _CHUNK // max(1, len(basis)))
    parts = [
        evaluate_basis(basis, positions, points[start : start + step]) @ coefficients
        for start in range(0, max(1, len(points)), step)
    ]
    return np.concatenate(parts)


def _evaluate_radial(shell: Shell, square: FloatArray) -> FloatArray:
    """Return the radial part over r^l at squared distances in bohr2."""
    power = shell.momentum + 1.5
    norms = np.sqrt(2 * (2 * shell.exponents) ** power / math.gamma(power))
    values: FloatArray = np.exp(-np.outer(square, shell.exponents)) @ (norms * shell.coefficients)
    return values
