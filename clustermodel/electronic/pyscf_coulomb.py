"""How is the Coulomb matrix built once per cycle without the integrals being calculated again?

The three-centre integrals (ij|P) over the fitting functions (:cite:t:`weigend2006`) are calculated once and
kept, in single precision where memory is short, in a file where it is shorter. Sums are always taken in
double precision: rounding the integrals changes energies by less than the convergence of the field.
"""

import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve, lstsq

from clustermodel._arrays import FloatArray
from clustermodel._optional import import_optional
from clustermodel.electronic.pyscf_types import PyscfObject

__all__ = ["CoulombFit", "build_coulomb_fit"]

_PAIR_CUTOFF = 1e-11  # estimated overlap of two shells below which their product is nothing
_CHUNK = 2**25  # bytes of integrals turned into double precision at a time: fits the cache of most machines
_BLOCK = 2**27  # bytes of integrals calculated at a time


class _FileRows:
    """Rows of a table in an open file, read when they are asked for."""

    def __init__(self, file: IO[bytes], block: NDArray[Any]) -> None:
        """Append the table to the file."""
        self.file = file
        self.shape = block.shape
        self.dtype = block.dtype
        self.place = file.seek(0, os.SEEK_END)
        file.write(block.data)

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        """Return some rows."""
        first, last, _ = rows.indices(self.shape[0])
        width = self.shape[1] * self.dtype.itemsize
        self.file.seek(self.place + first * width)
        raw = self.file.read((last - first) * width)
        return np.frombuffer(raw, dtype=self.dtype).reshape(last - first, self.shape[1])


class CoulombFit:
    """The kept integrals of one molecule.

    Parameters
    ----------
    molecule, fitting : pyscf.gto.Mole
        The molecule and its fitting functions.
    integrals : list of ndarray or of rows in a file
        Blocks of (ij|P), rows for the pairs i ≥ j, in the order of `pairs`.
    pairs : list of ndarray of int
        Number i · (i + 1) / 2 + j of every row of each block.
    """

    def __init__(
        self,
        molecule: PyscfObject,
        fitting: PyscfObject,
        integrals: list[NDArray[Any] | _FileRows],
        pairs: list[NDArray[np.int64]],
    ) -> None:
        """Keep the blocks and factorise the metric of the fitting functions."""
        self.integrals = integrals
        self.pairs = pairs
        self.n_functions = int(molecule.nao_nr())
        self._solve = _build_solver(fitting.intor("int2c2e", hermi=1))

    def build_coulomb(self, density: FloatArray) -> FloatArray:
        """Build the Coulomb matrix of one or more symmetric density matrices.

        Parameters
        ----------
        density : ndarray, shape (…, k, k)
            Density matrices.

        Returns
        -------
        ndarray, shape (…, k, k)
            Coulomb matrices in Eh.
        """
        n = self.n_functions
        matrices = np.asarray(density, float).reshape(-1, n, n)
        lower = np.tril_indices(n)
        packed = (matrices + matrices.transpose(0, 2, 1))[:, lower[0], lower[1]]
        packed[:, np.arange(n) * (np.arange(n) + 3) // 2] /= 2  # the diagonal counts once
        fitted = np.zeros((len(matrices), self.integrals[0].shape[1]))
        for rows, block in self._chunks():
            fitted += packed[:, rows] @ block
        charges = self._solve(fitted.T)
        coulomb = np.zeros_like(packed)
        for rows, block in self._chunks():
            coulomb[:, rows] = (block @ charges).T
        full = np.empty_like(matrices)
        full[:, lower[0], lower[1]] = coulomb
        full[:, lower[1], lower[0]] = coulomb
        return full.reshape(np.shape(density))

    def _chunks(self) -> Iterator[tuple[NDArray[np.int64], FloatArray]]:
        """Yield the integrals in double precision, a few rows at a time."""
        for rows, block in zip(self.pairs, self.integrals, strict=True):
            step = max(1, _CHUNK // (8 * block.shape[1]))
            for start in range(0, len(rows), step):
                part = slice(start, start + step)
                yield rows[part], np.asarray(block[part], dtype=np.float64)


def _build_solver(metric: FloatArray) -> PyscfObject:
    try:
        factor = cho_factor(metric, lower=True)
    except LinAlgError:
        return lambda right: lstsq(metric, right)[0]
    return lambda right: cho_solve(factor, right)


def build_coulomb_fit(
    molecule: PyscfObject,
    fitting: PyscfObject,
    *,
    single: bool,
    folder: Path | None = None,
) -> CoulombFit:
    """Calculate and keep the three-centre integrals.

    Parameters
    ----------
    molecule, fitting : pyscf.gto.Mole
        The molecule and its fitting functions.
    single : bool
        Whether they are kept in single precision.
    folder : Path, optional
        Where files are made if the integrals do not fit in memory.

    Returns
    -------
    CoulombFit
        Ready to build Coulomb matrices.
    """
    kind = np.float32 if single else np.float64
    integrals: list[NDArray[Any] | _FileRows] = []
    pairs: list[NDArray[np.int64]] = []
    file = tempfile.TemporaryFile(dir=folder) if folder is not None else None  # noqa: SIM115 - lives as the fit
    for rows, block in _calculate_blocks(molecule, fitting):
        kept = np.ascontiguousarray(block, dtype=kind)
        integrals.append(kept if file is None else _FileRows(file, kept))
        pairs.append(rows)
    fit = CoulombFit(molecule, fitting, integrals, pairs)
    if file is not None:
        weakref.finalize(fit, file.close)  # the system removes a nameless file when it is closed
    return fit


def _calculate_blocks(
    molecule: PyscfObject, fitting: PyscfObject
) -> Iterator[tuple[NDArray[np.int64], FloatArray]]:
    """Yield the integrals of a few shells i with all shells j ≤ i, without the pairs that do not overlap."""
    gto = import_optional("pyscf.gto", extra="", purpose="density functional theory")
    integral = import_optional("pyscf.gto.moleintor", extra="", purpose="density functional theory")
    both = molecule + fitting
    atm, bas, env = both._atm, both._bas, both._env  # noqa: SLF001 - what PySCF's integrals take
    edges = np.asarray(molecule.ao_loc_nr())
    places = np.asarray(gto.moleintor.make_loc(bas, "int3c2e_sph"))
    optimiser = gto.moleintor.make_cintopt(atm, bas, env, "int3c2e_sph")
    kept = _find_pairs(molecule)
    n_fit = int(fitting.nao_nr())
    for first, last in _split_shells(edges, n_fit):
        slices = (first, last, 0, last, molecule.nbas, molecule.nbas + fitting.nbas)
        raw = integral.getints3c("int3c2e_sph", atm, bas, env, slices, 1, "s2ij", places, optimiser)
        rows = np.arange(edges[first] * (edges[first] + 1) // 2, edges[last] * (edges[last] + 1) // 2)
        chosen = kept[rows]
        yield rows[chosen], np.asarray(raw).reshape(len(rows), n_fit)[chosen]


def _split_shells(edges: NDArray[np.int64], n_fit: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of shells whose integrals fit in one block."""
    first = 0
    while first < len(edges) - 1:
        last = first + 1
        while last < len(edges) - 1:
            rows = (edges[last + 1] * (edges[last + 1] + 1) - edges[first] * (edges[first] + 1)) // 2
            if rows * n_fit * 8 > _BLOCK:
                break
            last += 1
        yield first, last
        first = last


def _find_pairs(molecule: PyscfObject) -> NDArray[np.bool_]:
    """Return which pairs of functions i ≥ j overlap, in the order i · (i + 1) / 2 + j."""
    overlapping = np.asarray(molecule.get_overlap_cond()) < -np.log(_PAIR_CUTOFF)
    sizes = np.diff(np.asarray(molecule.ao_loc_nr()))
    full = np.repeat(np.repeat(overlapping, sizes, axis=0), sizes, axis=1)
    return np.asarray(full[np.tril_indices(len(full))])
