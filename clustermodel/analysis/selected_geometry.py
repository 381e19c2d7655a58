"""Which bonds and angles does a paper list? The symmetry-unique ones, with s.u. and symmetry codes.

Each bond starts at an atom, and each angle has its apex, where the file lists it; the other atoms carry the
mark of the operation that takes them there from where they are listed.
"""

import itertools
from typing import NamedTuple

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.bond_table import BOND_ROLES, BondTable, list_donor_bonds, list_metal_pairs
from clustermodel.analysis.crystal_images import GroupTable, Images, build_group_table, format_image
from clustermodel.analysis.crystal_orbits import Orbits, find_point_orbits, find_unique_pairs
from clustermodel.analysis.crystal_triples import find_unique_triples
from clustermodel.analysis.selected_results import (
    AngleKind,
    SelectedAngle,
    SelectedAtom,
    SelectedBond,
    SelectedGeometry,
    SelectedSettings,
    SymmetryCode,
)
from clustermodel.assembly.angle_uncertainties import find_angle_gradients, propagate_angle_su
from clustermodel.assembly.atom_images import AtomImages, build_molecule_errors
from clustermodel.assembly.propagation import propagate_su
from clustermodel.assembly.uncertainties import find_distance_gradients
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.sites import Sites
from clustermodel.structure.symmetry import SpaceGroup
from clustermodel.structure.uncertainty import ErrorModel

__all__ = ["measure_selected_geometry"]


def measure_selected_geometry(
    crystal: Crystal, cluster: Cluster, anatomy: Anatomy, *, settings: SelectedSettings | None = None
) -> SelectedGeometry:
    """Measure the symmetry-unique bonds and angles about the metal atoms of a cluster.

    Metal-metal pairs are all within the cut-off; bonds to donors are those of the molecule; angles
    are those between bonds that the anatomy counts. Bonds and angles are the same if an operation of
    the space group takes one to the other, however near their values are otherwise.

    Parameters
    ----------
    crystal : Crystal
        The crystal that the molecule was assembled from.
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell, which gives the roles.
    settings : SelectedSettings, optional
        Choices that differ from the defaults.

    Returns
    -------
    SelectedGeometry
        Bonds and angles with their standard uncertainties, and the symmetry codes.

    Raises
    ------
    InputError
        If the molecule is not from this crystal or was moved since.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> (analysis,) = analyze("model:au25_sch3_18_nme4")
    >>> one = analysis.clusters[0]
    >>> found = measure_selected_geometry(analysis.crystal, one.cluster, one.anatomy)
    >>> bond = found.bonds[0]
    >>> bond.name, bond.role, round(bond.length, 3), bond.multiplicity
    ('Au1–Au2', 'centre-shell', 2.78, 2)
    """
    chosen = settings if settings is not None else SelectedSettings()
    frame = _build_frame(crystal, cluster.molecule)
    metals = list_metal_pairs(cluster, anatomy, chosen.cutoff)
    donors = list_donor_bonds(cluster, anatomy)
    shifts = _find_shifts(cluster.molecule, donors)
    pairs = [*_find_pairs(frame, metals, np.zeros((len(metals), 3), dtype=np.int64), mutual=True)]
    pairs += _find_pairs(frame, donors, shifts, mutual=False)
    pairs.sort(key=lambda row: (BOND_ROLES.index(row.role), row.pair))
    triples = _find_triples(frame, "donor-metal-donor", _list_angles(donors, shifts, at_metals=True))
    triples += _find_triples(frame, "metal-donor-metal", _list_angles(donors, shifts, at_metals=False))
    marks = _Marks(crystal.space_group, crystal.sites)
    return SelectedGeometry(
        bonds=tuple(_name_bond(marks, row) for row in pairs),
        angles=tuple(_name_angle(marks, row, anatomy.roles) for row in triples),
        symmetry=tuple(marks.codes.values()),
        convention=anatomy.convention,
        settings=chosen,
    )


class _Frame(NamedTuple):
    """A molecule in its crystal: images of its atoms, errors, and the symmetry of the sites."""

    images: Images
    model: ErrorModel
    table: GroupTable
    orbits: Orbits


class _Atom(NamedTuple):
    """An image of a site."""

    site: int
    operation: int
    shift: tuple[int, int, int]


class _Pair(NamedTuple):
    """A symmetry-unique bond."""

    atoms: tuple[_Atom, _Atom]
    role: str
    pair: str
    length: float
    su: float
    multiplicity: int


class _Triple(NamedTuple):
    """A symmetry-unique angle with one of the atoms of the molecule at its apex."""

    atoms: tuple[_Atom, _Atom, _Atom]
    apex: int
    kind: AngleKind
    angle: float
    su: float
    fixed: bool
    multiplicity: int


class _Angles(NamedTuple):
    """Angles between atoms of a molecule, the ends with their cell shifts."""

    first: IntArray
    apex: IntArray
    third: IntArray
    shifts: IntArray


class _Marks:
    """The marks given so far."""

    def __init__(self, group: SpaceGroup, sites: Sites) -> None:
        self._group, self._sites = group, sites
        self.codes: dict[tuple[int, tuple[int, int, int]], SymmetryCode] = {}

    def name_atom(self, atom: _Atom) -> SelectedAtom:
        """Return the atom with the mark of its operation, which gets the next number if it is new."""
        key = atom.operation, atom.shift
        mark = ""
        if atom.operation or any(atom.shift):
            if key not in self.codes:
                self.codes[key] = SymmetryCode(
                    mark=f"#{len(self.codes) + 1}",
                    text=format_image(self._group, atom.operation, np.array(atom.shift)),
                    operation=atom.operation,
                    shift=atom.shift,
                )
            mark = self.codes[key].mark
        return SelectedAtom(
            label=self._sites.labels[atom.site], element=self._sites.elements[atom.site], mark=mark
        )


def _build_frame(crystal: Crystal, molecule: Molecule) -> _Frame:
    model = build_molecule_errors(crystal, molecule)
    table = build_group_table(crystal.space_group)
    origin = molecule.origin
    return _Frame(
        images=Images(objects=origin.sites, operations=origin.operations, shifts=origin.shifts),
        model=model,
        table=table,
        orbits=find_point_orbits(table, crystal.cell, model.fract),
    )


def _find_shifts(molecule: Molecule, table: BondTable) -> IntArray:
    """Return the cell shift of the second atom of every bond, not zero only in polymers."""
    shifts = np.zeros((len(table), 3), dtype=np.int64)
    if not molecule.periodicity:
        return shifts
    bonds = molecule.bonds
    rows = zip(bonds.pairs.tolist(), bonds.lengths.tolist(), bonds.shifts, strict=True)
    known = {(*pair, length): shift for pair, length, shift in rows}
    for row in range(len(table)):
        first, second, length = int(table.first[row]), int(table.second[row]), float(table.lengths[row])
        shifts[row] = known.get((first, second, length), -known.get((second, first, length), shifts[row]))
    return shifts


def _move(images: Images, atoms: IntArray, shifts: IntArray) -> Images:
    chosen = images.take(atoms)
    return Images(objects=chosen.objects, operations=chosen.operations, shifts=chosen.shifts + shifts)


def _find_pairs(frame: _Frame, bonds: BondTable, shifts: IntArray, *, mutual: bool) -> list[_Pair]:
    """Return the symmetry-unique ones of some bonds, in the order of the sites."""
    first, second = frame.images.take(bonds.first), _move(frame.images, bonds.second, shifts)
    unique = find_unique_pairs(frame.table, frame.orbits, first, second, np.full(len(bonds), mutual))
    ends = _list_images(unique.first), unique.second
    gradients = find_distance_gradients(frame.model, *[_as_atoms(end) for end in ends])
    su = _find_complete(frame.model, gradients.sites, propagate_su(frame.model, gradients))
    counts = np.bincount(unique.group, minlength=len(unique.rows))
    return [
        _Pair(
            atoms=(_read_atom(ends[0], k), _read_atom(ends[1], k)),
            role=bonds.roles[row],
            pair=bonds.pairs[row],
            length=float(gradients.values[k]),
            su=float(su[k]),
            multiplicity=int(counts[k]),
        )
        for k, row in enumerate(unique.rows.tolist())
    ]


def _list_angles(bonds: BondTable, shifts: IntArray, *, at_metals: bool) -> _Angles:
    """Return the angles at metal atoms or at donors, between bonds that count."""
    apexes, ends, sign = (bonds.first, bonds.second, 1) if at_metals else (bonds.second, bonds.first, -1)
    around: dict[int, list[int]] = {}
    for k, role in enumerate(bonds.roles):
        if role != "secondary":
            around.setdefault(int(apexes[k]), []).append(k)
    pairs = [pair for members in around.values() for pair in itertools.combinations(members, 2)]
    rows = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return _Angles(ends[rows[:, 0]], apexes[rows[:, 0]], ends[rows[:, 1]], sign * shifts[rows])


def _find_triples(frame: _Frame, kind: AngleKind, angles: _Angles) -> list[_Triple]:
    """Return the symmetry-unique ones of some angles, in the order of the sites."""
    model = frame.model
    unique = find_unique_triples(
        frame.table,
        frame.orbits,
        _move(frame.images, angles.first, angles.shifts[:, 0]),
        frame.images.take(angles.apex),
        _move(frame.images, angles.third, angles.shifts[:, 1]),
    )
    ends = unique.first, _list_images(unique.apex), unique.third
    found = propagate_angle_su(model, find_angle_gradients(model, *[_as_atoms(end) for end in ends]))
    su, counts = found.complete_su(), np.bincount(unique.group, minlength=len(unique.rows))
    any_error = bool(model.positional.any() or model.lattice.any())
    return [
        _Triple(
            atoms=(_read_atom(ends[0], k), _read_atom(ends[1], k), _read_atom(ends[2], k)),
            apex=int(angles.apex[row]),
            kind=kind,
            angle=float(found.values[k]),
            su=float(su[k]),
            fixed=any_error and found.held[k] == 0 and found.su[k] == 0,
            multiplicity=int(counts[k]),
        )
        for k, row in enumerate(unique.rows.tolist())
    ]


def _find_complete(model: ErrorModel, sites: IntArray, su: FloatArray) -> FloatArray:
    """Return the s.u., NaN where an atom has none or nothing can vary."""
    return np.where((model.held[sites].sum(axis=1) == 0) & (su > 0), su, np.nan)


def _list_images(objects: IntArray) -> Images:
    """Return objects where they are listed."""
    zeros = np.zeros(len(objects), dtype=np.int64)
    return Images(objects=objects, operations=zeros, shifts=np.zeros((len(objects), 3), dtype=np.int64))


def _as_atoms(images: Images) -> AtomImages:
    return AtomImages(sites=images.objects, operations=images.operations, shifts=images.shifts)


def _read_atom(images: Images, row: int) -> _Atom:
    a, b, c = images.shifts[row].tolist()
    return _Atom(int(images.objects[row]), int(images.operations[row]), (a, b, c))


def _name_bond(marks: _Marks, row: _Pair) -> SelectedBond:
    first, second = row.atoms
    return SelectedBond(
        atoms=(marks.name_atom(first), marks.name_atom(second)),
        role=row.role,
        pair=row.pair,
        length=row.length,
        su=row.su,
        multiplicity=row.multiplicity,
    )


def _name_angle(marks: _Marks, row: _Triple, roles: tuple[str, ...]) -> SelectedAngle:
    first, apex, third = (marks.name_atom(atom) for atom in row.atoms)
    ends = sorted((first.element, third.element))
    return SelectedAngle(
        atoms=(first, apex, third),
        kind=row.kind,
        elements=f"{ends[0]}-{apex.element}-{ends[1]}",
        role=roles[row.apex],
        angle=row.angle,
        su=row.su,
        fixed=row.fixed,
        multiplicity=row.multiplicity,
    )
