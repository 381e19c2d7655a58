"""Can a kernel be divided into two-electron blocks, as the grand unified model has it? A heuristic.

The model of :cite:t:`xu2016` reads the gold kernel of a
liganded cluster as triangles Au3(2e) and tetrahedra Au4(2e), so that there are n*/2 of them. Its authors call
it a predictive heuristic that need not reflect the electronic structure. Here n*/2 triangles and tetrahedra
of touching kernel atoms are laid, each with an atom of its own; the search prefers to hold many atoms, to
share few, and short edges, in this order. Many divisions are equally good as a rule: one is shown, with the
number of others that the search met. The valence states of the atoms (bottom, middle, top) are not assigned.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS
from clustermodel.elements import covalent_radii, format_formula
from clustermodel.structure.finding import Finding

__all__ = ["Block", "BlockSettings", "UnifiedModel", "find_blocks"]

CAVEAT = "heuristic: one of several equally good divisions, which say nothing of the electronic structure"

_SHARED_PRICE = 10.0  # Å of edge: an atom less shared is worth any edge, the longest contact being 3.5 Å
_REST_PRICE = 1000.0  # Å of edge: an atom more held is worth any number shared


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockSettings:
    """The choices behind the blocks.

    Parameters
    ----------
    contact_excess : float, optional
        Longest edge of a block, in Å over the sum of the covalent radii (3.50 Å for gold), as for the
        building units.
    width : int, optional
        Partial divisions kept at each step of the search.
    """

    contact_excess: float = field(default=KERNEL_BOND_EXCESS, metadata={"unit": "Å"})
    width: int = field(default=100, metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """One triangle or tetrahedron of kernel atoms.

    Parameters
    ----------
    atoms : tuple of int
        Its atoms in the molecule, ascending.
    kind : str
        ``"Au3(2e)"`` or ``"Au4(2e)"``, with the metals that are there.
    edge : float
        Mean length of its edges in Å.
    """

    atoms: tuple[int, ...]
    kind: str
    edge: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnifiedModel:
    """A division of a kernel into two-electron blocks.

    Parameters
    ----------
    blocks : tuple of Block
        The blocks laid; none where n* is not known, odd or not positive.
    electrons : int or None
        The superatom electron count n*.
    expected : float
        Number of blocks that n* asks for, n*/2; NaN where n* is not known.
    repeats : int
        Sum of the atoms of all blocks less the atoms that they hold together.
    remainder : tuple of int
        Kernel atoms in no block.
    alternatives : int
        Other divisions met that hold and share as many atoms; there may be more.
    holds : bool
        Whether there are n*/2 blocks that hold every kernel atom, each one some that no other holds.
    caveat : str
        What this is: a heuristic.
    convention : str
        The convention of the anatomy that gave the kernel.
    settings : BlockSettings
        Cut-off and effort.
    notes : tuple of Finding
        Why there are no blocks, or why the model does not hold.
    """

    blocks: tuple[Block, ...]
    electrons: int | None = field(metadata={"unit": "electrons"})
    expected: float = field(metadata={"unit": ""})
    repeats: int = field(metadata={"unit": ""})
    remainder: tuple[int, ...]
    alternatives: int = field(metadata={"unit": ""})
    holds: bool
    caveat: str
    convention: str
    settings: BlockSettings
    notes: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Division:
    """A division under way: the blocks laid, atoms held, and held twice, times shared, and sum of edges."""

    blocks: tuple[int, ...]
    held: int
    twice: int
    repeats: int
    edges: float


def find_blocks(
    cluster: Cluster, anatomy: Anatomy, electrons: int | None, *, settings: BlockSettings | None = None
) -> UnifiedModel:
    """Divide a kernel into two-electron triangles and tetrahedra.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell.
    electrons : int or None
        The superatom electron count n* (see `clustermodel.cluster.electron_count`).
    settings : BlockSettings, optional
        Cut-off and effort.

    Returns
    -------
    UnifiedModel
        The blocks and the check of their number.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    >>> cluster = build_cluster(bond_molecule(molecule_from_atoms(["Au"] * 4, corners * 1.0)))
    >>> model = find_blocks(cluster, classify_kernel(cluster), 2)
    >>> [block.kind for block in model.blocks], model.holds
    (['Au4(2e)'], True)
    """
    chosen = settings if settings is not None else BlockSettings()
    kernel = list(anatomy.kernel)
    elements = [cluster.molecule.elements[atom] for atom in kernel]
    positions = cluster.molecule.positions[kernel]
    wanted = electrons // 2 if electrons is not None and electrons > 0 and electrons % 2 == 0 else 0
    radii = covalent_radii(elements)
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    touching = distances <= radii[:, None] + radii[None] + chosen.contact_excess
    shapes = list(_list_shapes(touching))
    found = _divide(shapes, distances, len(kernel), wanted, chosen.width) if wanted else []
    best = found[0] if found else _Division(blocks=(), held=0, twice=0, repeats=0, edges=0.0)
    rest = tuple(atom for k, atom in enumerate(kernel) if not best.held >> k & 1)
    equal = [d for d in found if d.held.bit_count() == best.held.bit_count() and d.repeats == best.repeats]
    holds = bool(found) and len(best.blocks) == wanted and not rest
    return UnifiedModel(
        blocks=tuple(
            Block(
                atoms=tuple(kernel[k] for k in shapes[block]),
                kind=f"{format_formula([elements[k] for k in shapes[block]])}(2e)",
                edge=_measure_edge(distances, shapes[block]),
            )
            for block in best.blocks
        ),
        electrons=electrons,
        expected=electrons / 2 if electrons is not None else float("nan"),
        repeats=best.repeats,
        remainder=rest,
        alternatives=max(len(equal) - 1, 0),
        holds=holds,
        caveat=CAVEAT,
        convention=anatomy.convention,
        settings=chosen,
        notes=() if holds else (_write_note(anatomy, electrons, wanted, len(best.blocks), len(rest)),),
    )


def _write_note(anatomy: Anatomy, electrons: int | None, wanted: int, laid: int, rest: int) -> Finding:
    where = anatomy.kernel_formula or "no kernel"
    if not wanted:
        state = "is not known" if electrons is None else f"is {electrons}"
        message = f"{where}: n* {state}, and the model asks for an even positive number of electrons"
        return Finding(code="blocks-no-duets", severity="info", message=message)
    message = (
        f"{where}: the grand unified model does not hold: {laid} of {wanted} blocks could be laid, "
        f"{rest} kernel atoms are in none"
    )
    return Finding(code="blocks-do-not-fit", severity="info", message=message)


def _list_shapes(touching: BoolArray) -> Iterator[tuple[int, ...]]:
    """Yield the tetrahedra, then the triangles of atoms that all touch."""
    near = [set(np.flatnonzero(row).tolist()) - {k} for k, row in enumerate(touching)]
    triangles = [
        (a, b, c) for a in range(len(near)) for b in near[a] if b > a for c in near[a] & near[b] if c > b
    ]
    for a, b, c in triangles:
        yield from ((a, b, c, d) for d in near[a] & near[b] & near[c] if d > c)
    yield from triangles


def _mask(shape: Sequence[int]) -> int:
    return sum(1 << atom for atom in shape)


def _measure_edge(distances: FloatArray, shape: Sequence[int]) -> float:
    return float(np.mean([distances[a, b] for a, b in combinations(shape, 2)]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    """The shapes as bit masks, their edges, and those of each atom, the rarest atom first."""

    masks: list[int]
    edges: list[float]
    holders: list[tuple[int, list[int]]]


def _divide(
    shapes: Sequence[tuple[int, ...]], distances: FloatArray, size: int, wanted: int, width: int
) -> list[_Division]:
    """Return divisions into the number of blocks wanted, best first (beam search)."""
    edges = [_measure_edge(distances, shape) for shape in shapes]
    holders = [(1 << atom, [b for b, shape in enumerate(shapes) if atom in shape]) for atom in range(size)]
    table = _Table(
        masks=[_mask(shape) for shape in shapes],
        edges=edges,
        holders=sorted((holder for holder in holders if holder[1]), key=lambda holder: len(holder[1])),
    )
    # Looking ahead saves shared atoms, but may end with atoms that no block can hold: both are tried.
    found = [_search(table, size, wanted, width, foresight=foresight) for foresight in (True, False)]
    return min(found, key=lambda divisions: (-len(divisions[0].blocks), _price(divisions[0], size, 0)))


def _search(table: _Table, size: int, wanted: int, width: int, *, foresight: bool) -> list[_Division]:
    """Return divisions by a beam search, best first."""
    beam = [_Division(blocks=(), held=0, twice=0, repeats=0, edges=0.0)]
    for left in range(wanted, 0, -1):  # blocks to lay, this one included
        grown: dict[frozenset[int], _Division] = {}
        for division in beam:
            for block in _choose_next(division, table, size, left):
                step = _add(division, block, table)
                grown.setdefault(frozenset(step.blocks), step)
        if not any(_all_needed(step, table) for step in grown.values()):
            break
        after = left - 1 if foresight else 0
        priced = sorted(grown.values(), key=lambda step: (_price(step, size, after), step.blocks))
        beam = list(islice((step for step in priced if _all_needed(step, table)), width))
    return sorted(beam, key=lambda division: _price(division, size, 0))


def _add(division: _Division, block: int, table: _Table) -> _Division:
    common = (table.masks[block] & division.held).bit_count()
    return _Division(
        blocks=(*division.blocks, block),
        held=division.held | table.masks[block],
        twice=division.twice | division.held & table.masks[block],
        repeats=division.repeats + common,
        edges=division.edges + table.edges[block],
    )


def _price(division: _Division, size: int, left: int) -> float:
    """Return the least that a division can come to with so many blocks more."""
    free = size - division.held.bit_count()
    repeats = division.repeats + max(3 * left - free, 0)
    return _REST_PRICE * max(free - 4 * left, 0) + _SHARED_PRICE * repeats + division.edges


def _choose_next(division: _Division, table: _Table, size: int, left: int) -> list[int]:
    """Return the blocks that may come next: each holds free atoms and leaves one for every block to come."""
    free = size - division.held.bit_count()
    rarest = next((blocks for atom, blocks in table.holders if not atom & division.held), [])
    # Where some atoms must stay out, any block may come next; else one of the atom that has the fewest.
    options = list(range(len(table.masks))) if free > 4 * left else rarest
    new = {block: (table.masks[block] & ~division.held).bit_count() for block in options}
    useful = [block for block in options if 0 < new[block] <= free - left + 1]
    fresh = [block for block in useful if new[block] == table.masks[block].bit_count()]
    return fresh or useful


def _all_needed(division: _Division, table: _Table) -> bool:
    """Return whether every block holds an atom that no other one holds."""
    return all(table.masks[block] & ~division.twice for block in division.blocks)
