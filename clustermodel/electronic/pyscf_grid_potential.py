"""How is the exchange-correlation matrix renewed in each cycle for half the work?

The density on the grid is linear in the density matrix, the matrix is linear in the potential on the grid.
So only the change of either since the cycle before has to go through the functions on the grid: in
single precision, as its rounding is a share of a change that goes to zero. The first cycle, and every change
of grid, is summed in double precision. Functions that are nothing on a block of the grid are left out of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.electronic.pyscf_types import PyscfObject

__all__ = ["GridPotential"]

_NOTHING = 1e-7  # bohr^(-3/2); a function smaller than this everywhere on a block is left out of it
_BLOCK = 18 * 56  # points of a block: PySCF screens 56 at a time; its functions stay near the processor
_SINGLE = np.float32


class _Block(NamedTuple):
    """Functions with their gradients on some points of the grid."""

    points: slice
    columns: IntArray
    values: NDArray[Any]


@dataclass(slots=True)
class _State:
    """What the last cycle gave, in double precision."""

    key: tuple[object, ...]
    fresh: bool
    density: FloatArray
    on_grid: FloatArray
    potential: FloatArray
    matrix: FloatArray


class GridPotential:
    """Exchange and correlation of one molecule, from cycle to cycle.

    Parameters
    ----------
    molecule : pyscf.gto.Mole
        The molecule.
    integrator : pyscf.dft.numint.NumInt
        PySCF's own, for the functional and for everything that is not done here.
    keep_mb : float
        Memory in MB for functions on the grid that are kept from cycle to cycle.
    """

    def __init__(self, molecule: PyscfObject, integrator: PyscfObject, *, keep_mb: float) -> None:
        """Begin without a last cycle."""
        self.molecule = molecule
        self.integrator = integrator
        self.keep_mb = keep_mb
        self._state: _State | None = None
        self._blocks: list[_Block] = []
        self._kept_for: PyscfObject = None

    def evaluate_restricted(
        self,
        _molecule: PyscfObject,
        grids: PyscfObject,
        functional: str,
        density: FloatArray,
        *_: PyscfObject,
        **__: PyscfObject,
    ) -> tuple[float, float, FloatArray]:
        """Return electrons, energy and matrix, as PySCF's `nr_rks` does.

        Parameters
        ----------
        _molecule, grids : object
            PySCF's molecule, known already, and its grid.
        functional : str
            Its name; a local one or one with gradients.
        density : ndarray, shape (k, k)
            Density matrix.
        *_, **__ : object
            Other arguments of `nr_rks`, which do not matter here.

        Returns
        -------
        electrons, energy : float
            On the grid; energy in Eh.
        matrix : ndarray, shape (k, k)
            In Eh.
        """
        electrons, energy, matrix = self._evaluate(grids, functional, np.asarray(density)[None])
        return float(electrons[0]), energy, matrix[0]

    def evaluate_unrestricted(
        self,
        _molecule: PyscfObject,
        grids: PyscfObject,
        functional: str,
        density: FloatArray,
        *_: PyscfObject,
        **__: PyscfObject,
    ) -> tuple[FloatArray, float, FloatArray]:
        """Return electrons, energy and matrices, as PySCF's `nr_uks` does.

        Parameters
        ----------
        _molecule, grids : object
            PySCF's molecule, known already, and its grid.
        functional : str
            Its name; a local one or one with gradients.
        density : ndarray, shape (2, k, k)
            Density matrices of both spins.
        *_, **__ : object
            Other arguments of `nr_uks`, which do not matter here.

        Returns
        -------
        electrons : ndarray, shape (2,)
            Of each spin.
        energy : float
            In Eh.
        matrix : ndarray, shape (2, k, k)
            In Eh.
        """
        return self._evaluate(grids, functional, np.asarray(density))

    def _evaluate(
        self,
        grids: PyscfObject,
        functional: str,
        density: FloatArray,
    ) -> tuple[FloatArray, float, FloatArray]:
        """Go once through the grid: density, potential and matrix of each block."""
        n_parts = 4 if self.integrator._xc_type(functional) == "GGA" else 1  # noqa: SLF001
        state = self._recall(grids, functional, density, n_parts)
        change = density - state.density
        change = (change + change.transpose(0, 2, 1)) / 2
        half = np.zeros_like(density)
        energy, electrons = 0.0, np.zeros(len(density))
        for block in self._loop(grids, n_parts):
            values = block.values.astype(np.float64) if state.fresh else block.values
            weights = np.asarray(grids.weights[block.points])
            on_grid = state.on_grid[:, :, block.points]  # a view: renewed in place
            on_grid += _project(values, change, block.columns)
            block_energy, potential = self._apply_functional(functional, on_grid, weights)
            before = state.potential[:, :, block.points]
            _collect(values, potential - before, block.columns, half)
            before[:] = potential
            energy += block_energy
            electrons += on_grid[:, 0] @ weights
        state.matrix += half + half.transpose(0, 2, 1)
        state.density[:] = density
        state.fresh = False
        return electrons, energy, state.matrix.copy()

    def _recall(self, grids: PyscfObject, functional: str, density: FloatArray, n_parts: int) -> _State:
        """Return what the last cycle left, or zeros before the first one."""
        state = self._state
        key = (id(grids), len(grids.weights), functional, density.shape)
        if state is None or state.key != key:
            on_grid = np.zeros((len(density), n_parts, len(grids.weights)))
            zero = np.zeros(density.shape)
            state = _State(key, True, zero, on_grid, np.zeros_like(on_grid), zero.copy())  # noqa: FBT003
            self._state = state
        return state

    def _apply_functional(
        self, functional: str, on_grid: FloatArray, weights: FloatArray
    ) -> tuple[float, FloatArray]:
        """Return the energy and the weighted potential on a block, shaped as the density."""
        spins, parts, points = on_grid.shape
        argument = on_grid if spins == 2 else on_grid[0]
        argument = argument if parts > 1 else argument[..., 0, :]
        exc, vxc = self.integrator.eval_xc_eff(
            functional,
            np.ascontiguousarray(argument),
            deriv=1,
            xctype="GGA" if parts > 1 else "LDA",
            spin=spins - 1,
        )[:2]
        energy = float((on_grid[:, 0].sum(axis=0) * weights) @ np.asarray(exc).ravel())
        potential = np.asarray(vxc).reshape(spins, parts, points) * weights
        potential[:, 0] *= 0.5  # the matrix is added to its transpose
        return energy, potential

    def _loop(self, grids: PyscfObject, n_parts: int) -> Iterator[_Block]:
        """Yield all blocks of the grid, from memory as far as they are kept."""
        key = (id(grids), len(grids.weights), n_parts)
        if self._kept_for != key:
            self._blocks, self._kept_for = [], key
        yield from self._blocks
        done = self._blocks[-1].points.stop if self._blocks else 0
        used = sum(block.values.nbytes for block in self._blocks) / 1e6
        for start in range(done, len(grids.weights), _BLOCK):
            block = self._evaluate_block(
                grids, slice(start, min(start + _BLOCK, len(grids.weights))), n_parts
            )
            used += block.values.nbytes / 1e6
            if used < self.keep_mb and len(self._blocks) * _BLOCK == start:
                self._blocks.append(block)
            yield block

    def _evaluate_block(self, grids: PyscfObject, points: slice, n_parts: int) -> _Block:
        places = grids.coords[points]
        near = self.integrator.make_mask(self.molecule, places, cutoff=_NOTHING)
        values = np.asarray(
            self.integrator.eval_ao(self.molecule, places, deriv=1 if n_parts > 1 else 0, non0tab=near)
        ).reshape(n_parts, len(places), -1)
        columns = np.flatnonzero(np.abs(values).max(axis=(0, 1)) > _NOTHING)
        return _Block(points, columns, np.ascontiguousarray(values[:, :, columns], dtype=_SINGLE))


def _project(values: NDArray[Any], change: FloatArray, columns: IntArray) -> FloatArray:
    """Return the change of the density and its gradient on a block, shape (spins, parts, points)."""
    sums = np.empty((len(change), len(values), values.shape[1]))
    for spin, matrix in enumerate(change):
        product = values[0] @ matrix[np.ix_(columns, columns)].astype(values.dtype)
        sums[spin] = np.einsum("dgi,gi->dg", values, product)
    sums[:, 1:] *= 2
    return sums


def _collect(values: NDArray[Any], change: FloatArray, columns: IntArray, half: FloatArray) -> None:
    """Add the matrix of a change of the potential on a block, without its transpose."""
    place = np.ix_(columns, columns)
    for spin, potential in enumerate(change):
        weighted = np.einsum("dgi,dg->gi", values, potential.astype(values.dtype))
        half[spin][place] += values[0].T @ weighted
