"""Which atoms fill the cell? All symmetry images of every site, special positions merged."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.structure.cell import Cell
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.finding import Finding
from clustermodel.structure.neighbors import Pairs
from clustermodel.structure.sites import Sites

__all__ = ["SPECIAL_EXACT", "SPECIAL_FULL", "Expansion", "expand_sites", "is_as_listed"]

SPECIAL_EXACT = 0.1  # Å: rounding of printed coordinates never moves an image of itself further
SPECIAL_FULL = 0.5  # Å: two images of one fully occupied atom cannot be nearer than half a bond


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expansion:
    """The atoms of one cell before disorder is resolved.

    Parameters
    ----------
    site, operation : ndarray of int, shape (m,)
        Which site and which symmetry operation made each atom.
    shift : ndarray of int, shape (m, 3)
        Cell translation after the operation, so that ``fract = R x + t + shift``.
    fract : ndarray, shape (m, 3)
        Fractional coordinates in [0, 1), averaged over the site symmetry on special
        positions.
    order : ndarray of int, shape (n,)
        Order of the site symmetry of each site.
    representative : ndarray of int, shape (g, n)
        Row of the atom that stands for operation g applied to site n.
    findings : tuple of Finding
        Atoms that had to be moved onto a special position.
    """

    site: IntArray
    operation: IntArray
    shift: IntArray
    fract: FloatArray
    order: IntArray
    representative: IntArray
    findings: tuple[Finding, ...] = field(default=())


def expand_sites(crystal: Crystal) -> Expansion:
    """Apply all operations to all sites, keeping one atom per special position.

    Images of one site closer than 0.1 Å are the same atom; for fully occupied sites outside
    negative disorder groups, closer than 0.5 Å (reported). Images of a site in a negative
    group are all kept, even if they coincide: each belongs to its own image of the group.

    Parameters
    ----------
    crystal : Crystal
        The structure as refined.

    Returns
    -------
    Expansion
        All atoms of the cell, in the order of operations, then sites.

    Examples
    --------
    >>> from clustermodel.io.cif import parse_cif
    >>> text = b'''data_t _cell_length_a 4 _cell_length_b 4 _cell_length_c 4 _cell_angle_alpha 90
    ... _cell_angle_beta 90 _cell_angle_gamma 90 _symmetry_space_group_name_H-M 'P -1'
    ... loop_ _atom_site_label _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z
    ... Au1 0 0 0 Ag2 .25 .25 .25 '''
    >>> expansion = expand_sites(parse_cif(text, "toy.cif")[0])
    >>> len(expansion.site), expansion.order.tolist()
    (3, [2, 1])
    """
    sites, group, cell = crystal.sites, crystal.space_group, crystal.cell
    n, g = len(sites), len(group)
    images = np.einsum("gij,nj->gni", group.rotations, sites.fract) + group.translations[:, None]
    tolerance = _tolerances(sites)
    self_distance = _distances(cell, images - images[0])
    near = self_distance < tolerance
    order = near.sum(axis=0)
    first = np.tile(np.arange(g)[:, None], (1, n))
    findings = []
    for index in np.flatnonzero(order > 1).tolist():
        if sites.part[index] < 0:
            order[index] = g // len(set(_first_of_coset(cell, images[:, index]).tolist()))
            continue
        fixed = _average(images[:, index], near[:, index])
        moved = float(_distances(cell, fixed - sites.fract[index]))
        images[:, index] = np.einsum("gij,j->gi", group.rotations, fixed) + group.translations
        coset = _first_of_coset(cell, images[:, index])
        order[index] = g // len(set(coset.tolist()))
        first[:, index] = coset
        if moved > SPECIAL_EXACT / 2:
            findings.append(_moved(sites.labels[index], moved, crystal))
    operation, site = np.nonzero(first == np.arange(g)[:, None])
    rows = np.zeros((g, n), dtype=np.int64)
    rows[operation, site] = np.arange(len(site))
    fract = images[operation, site]
    shift = -np.floor(fract + 1e-9).astype(np.int64)
    return Expansion(
        site=site.astype(np.int64),
        operation=operation.astype(np.int64),
        shift=shift,
        fract=fract + shift,
        order=order.astype(np.int64),
        representative=np.take_along_axis(rows, first, axis=0),
        findings=tuple(findings),
    )


def is_as_listed(expansion: Expansion, pairs: Pairs) -> BoolArray:
    """Return the mask of pairs between atoms at the coordinates of the file.

    Parameters
    ----------
    expansion : Expansion
        All atoms of the cell.
    pairs : Pairs
        Pairs of them.

    Returns
    -------
    ndarray of bool, shape (m,)
        True where both atoms, and the shift between them, are those of the asymmetric unit.
    """
    first, second = pairs.first, pairs.second
    identity = (expansion.operation[first] == 0) & (expansion.operation[second] == 0)
    listed: BoolArray = identity & np.all(
        pairs.shifts == expansion.shift[first] - expansion.shift[second], axis=1
    )
    return listed


def _tolerances(sites: Sites) -> FloatArray:
    """Return the merging distance of each site; hydrogens on or near an axis are never moved."""
    full = (sites.occupancy > 0.999) & (sites.part >= 0)
    heavy = np.array([element not in {"H", "D"} for element in sites.elements])
    return np.where(full & heavy, SPECIAL_FULL, SPECIAL_EXACT)


def _distances(cell: Cell, difference: FloatArray) -> FloatArray:
    reduced = difference - np.rint(difference)
    return np.asarray(np.linalg.norm(reduced @ cell.matrix, axis=-1), dtype=np.float64)


def _average(images: FloatArray, near: BoolArray) -> FloatArray:
    """Return the mean of the images that fall on the atom itself."""
    chosen = images[near]
    chosen = chosen - np.rint(chosen - images[0])
    return np.asarray(chosen.mean(axis=0), dtype=np.float64)


def _first_of_coset(cell: Cell, images: FloatArray) -> IntArray:
    """Return for each image the first one that it coincides with."""
    distances = _distances(cell, images[:, None] - images[None, :])
    return np.asarray((distances < SPECIAL_EXACT).argmax(axis=1), dtype=np.int64)


def _moved(label: str, distance: float, crystal: Crystal) -> Finding:
    where = f"{crystal.source.file}, block {crystal.source.block}"
    return Finding(
        code="assembly-special-position",
        severity="warning",
        message=f"{where}: {label} lies {distance:.3f} Å off a special position and was moved onto it",
        labels=(label,),
    )
