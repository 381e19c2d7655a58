"""What touches what in the crystal? Contacts between molecules and within them, each unique one once."""

from collections.abc import Iterator, Sequence

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.analysis.centroid_distances import (
    WeightedAtoms,
    join_weighted_atoms,
    measure_centroid_distances,
)
from clustermodel.analysis.contact_criteria import CONTACT_KINDS, ContactSettings, find_x_h_lengths
from clustermodel.analysis.contact_points import ContactPoints, build_contact_points
from clustermodel.analysis.contact_results import (
    Contact,
    ContactRing,
    Contacts,
    ContactTable,
    count_contacts,
    order_roles,
    rank_role,
)
from clustermodel.analysis.contact_search import Candidates, find_candidates
from clustermodel.analysis.crystal_images import Images, compose_images, format_image
from clustermodel.analysis.crystal_orbits import UniquePairs, find_unique_pairs
from clustermodel.analysis.molecule_table import build_molecule_table
from clustermodel.analysis.neighbour_molecules import find_excluded_pairs
from clustermodel.assembly.molecules import Assembly
from clustermodel.cluster.species import classify_species
from clustermodel.errors import InputError
from clustermodel.structure.uncertainty import ErrorModel, build_error_model

__all__ = ["find_contacts"]

_SPECIAL = 0.1  # Å: the distance below which the assembly takes images of a site for one atom


def find_contacts(
    assembly: Assembly, *, roles: Sequence[str] | None = None, settings: ContactSettings | None = None
) -> Contacts:
    """Find the contacts between the molecules of a crystal, and within them.

    Every molecule is whole, so rings on symmetry elements are complete. Symmetry-equivalent contacts are
    listed once, with their number in the cell. Atoms of different disorder parts never are in contact,
    nor are images of disordered molecules that cannot be there together. Within polymers contacts are not
    looked for. The time is linear in the number of atoms.

    Parameters
    ----------
    assembly : Assembly
        The molecules.
    roles : sequence of str, optional
        Role of each distinct molecule; by default as `classify_species` tells.
    settings : ContactSettings, optional
        Kinds, cut-offs and radii; PLATON's by default (spek2009).

    Returns
    -------
    Contacts
        The tables, the rings and the settings.

    Raises
    ------
    InputError
        If there is not one role for each molecule.

    Examples
    --------
    >>> from clustermodel.assembly.molecules import assemble_molecules
    >>> from clustermodel.io.cif import read_cif
    >>> from clustermodel.io.embedded import find_model
    >>> found = find_contacts(assemble_molecules(read_cif(find_model("au25_sch3_18_nme4"))))
    >>> table = found.table("hydrogen-hydrogen", between=("cluster", "counter-ion"))
    >>> [(row.cutoff, row.n_cell, row.n_unique) for row in table.by_cutoff]
    [(2.3, 0, 0), (2.4, 24, 3), (2.5, 32, 4), (2.6, 32, 4)]
    """
    chosen = settings if settings is not None else ContactSettings()
    if roles is None:
        roles = [species.role for species in classify_species(assembly)]
    if len(roles) != len(assembly.molecules):
        molecules = len(assembly.molecules)
        msg = f"{len(roles)} roles were given for {molecules} distinct molecules; give one for each"
        raise InputError(msg)
    table = build_molecule_table(assembly)
    points = build_contact_points(
        table, x_h_lengths=find_x_h_lengths(chosen.hydrogens), min_bonds=chosen.min_bonds
    )
    excluded = find_excluded_pairs(table)
    model = build_error_model(table.crystal, tolerance=_SPECIAL)
    listed = _list_places(points)
    tables: list[ContactTable] = []
    for kind in chosen.kinds:
        found = find_candidates(points, kind, chosen, excluded)
        tables += _tabulate(_Listing(points, model, found, listed), tuple(roles), chosen)
    return Contacts(tables=tuple(tables), rings=_list_rings(points), roles=tuple(roles), settings=chosen)


class _Listing:
    """The unique contacts of one kind, with everything that is said about them."""

    __slots__ = ("found", "lengths_su", "listed", "points", "su", "unique")

    def __init__(
        self, points: ContactPoints, model: ErrorModel, found: Candidates, listed: FloatArray
    ) -> None:
        self.points, self.found, self.listed = points, found, listed
        away = Images(
            objects=points.images.objects[found.second], operations=found.operations, shifts=found.shifts
        )
        self.unique: UniquePairs = find_unique_pairs(
            points.table.group,
            points.orbits,
            points.images.take(found.first),
            compose_images(points.table.group, away, points.images.take(found.second)),
            found.mutual,
        )
        self.su = self._measure_su(model, found.first)
        self.lengths_su = np.full((len(self.unique.rows), found.lengths.shape[1]), np.nan)
        if found.kind.endswith("hydrogen-bond"):
            self.lengths_su[:, 1] = self._measure_su(model, points.bonded[found.first])

    def _measure_su(self, model: ErrorModel, first: IntArray) -> FloatArray:
        """Return the s.u. of the distances of unique contacts; `first` may stand in for the first points."""
        rows = self.unique.rows
        if not len(rows):
            return np.zeros(0)
        parts = []
        for number, row in enumerate(rows.tolist()):
            parts += [self._weigh(number, int(first[row]), -1.0, None)]
            parts += [self._weigh(number, int(self.found.second[row]), 1.0, row)]
        measured = measure_centroid_distances(model, join_weighted_atoms(parts), len(rows))
        moved = self.points.moved[first[rows]] | self.points.moved[self.found.second[rows]]
        return np.where(moved, np.nan, measured.su)

    def _weigh(self, number: int, point: int, weight: float, row: int | None) -> WeightedAtoms:
        images = self.points.member_images(point)
        k = len(images)
        if row is not None:
            applied = Images(
                objects=images.objects,
                operations=np.full(k, self.found.operations[row]),
                shifts=np.tile(self.found.shifts[row], (k, 1)),
            )
            images = compose_images(self.points.table.group, applied, images)
        return WeightedAtoms(rows=np.full(k, number), images=images, weights=np.full(k, weight / k))

    def describe(self, number: int) -> Contact:
        """Return one unique contact."""
        found, points, unique = self.found, self.points, self.unique
        row, swapped = int(unique.rows[number]), bool(unique.swapped[number])
        kind = CONTACT_KINDS[found.kind]
        pair = (int(found.first[row]), int(found.second[row]))
        first, second = pair[::-1] if swapped else pair
        angles, lengths = found.angles[row], found.lengths[row]
        if swapped:
            angles, lengths = angles[list(kind.turned_angles)], lengths[list(kind.turned_lengths)]
        return Contact(
            labels=self._name(first, with_bonded=not kind.mutual) + self._name(second, with_bonded=False),
            symmetry=format_image(
                points.table.group.space_group,
                int(unique.second.operations[number]),
                unique.second.shifts[number],
            ),
            distance=float(found.distances[row]),
            su=float(self.su[number]),
            excess=float(found.distances[row] - found.sums[row]),
            angles=tuple(angles.tolist()),
            lengths=tuple(lengths.tolist()),
            lengths_su=tuple(self.lengths_su[number].tolist()),
            multiplicity=int(unique.multiplicity[number]),
            occupancy=float(min(points.occupancy[first], points.occupancy[second])),
            molecules=(int(points.owner[first]), int(points.owner[second])),
            points=self._place(number),
        )

    def _place(self, number: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return where the two partners are, the first at its listed place."""
        crystal, second = self.points.table.crystal, self.unique.second
        group, operation = crystal.space_group, int(second.operations[number])
        there = group.rotations[operation] @ self.listed[second.objects[number]]
        there = there + group.translations[operation] + second.shifts[number]
        here = self.listed[self.unique.first[number]]
        first, last = (tuple((place @ crystal.cell.matrix).round(4).tolist()) for place in (here, there))
        return first, last

    def _name(self, point: int, *, with_bonded: bool) -> tuple[str, ...]:
        points = self.points
        if point >= points.atom_count:
            return (f"Cg{points.rings[point - points.atom_count].object + 1}",)
        labels = points.table.crystal.sites.labels
        own = labels[points.table.atoms.objects[point]]
        if with_bonded and points.elements[point] in {"H", "D"}:
            return (labels[points.table.atoms.objects[points.bonded[point]]], own)
        return (own,)


def _tabulate(listing: _Listing, roles: tuple[str, ...], settings: ContactSettings) -> Iterator[ContactTable]:
    """Yield the tables of one kind."""
    found, owner, rows = listing.found, listing.points.owner, listing.unique.rows
    groups: dict[tuple[bool, int, int, str, str], list[int]] = {}
    for number, row in enumerate(rows.tolist()):
        pair = order_roles(roles[owner[found.first[row]]], roles[owner[found.second[row]]])
        if not settings.between or pair in {order_roles(*wanted) for wanted in settings.between}:
            key = (bool(found.inside[row]), rank_role(pair[0]), rank_role(pair[1]), *pair)
            groups.setdefault(key, []).append(number)
    wide = found.sums if CONTACT_KINDS[found.kind].relative else np.zeros(len(found.sums))
    for (inside, *_), numbers in sorted(groups.items()):
        members = np.array(numbers)[np.argsort(found.distances[rows[numbers]], kind="stable")]
        own = rows[members]
        counted = tuple(
            count_contacts(
                cutoff,
                found.distances[own][below],
                listing.unique.multiplicity[members][below],
            )
            for cutoff in settings.compared.get(found.kind, ())
            for below in [found.distances[own] < wide[own] + cutoff]
        )
        yield ContactTable(
            kind=found.kind,
            scope="intramolecular" if inside else "intermolecular",
            between=order_roles(*(roles[owner[side[own[0]]]] for side in (found.first, found.second))),
            contacts=tuple(listing.describe(n) for n in members[found.within[own]].tolist()),
            by_cutoff=counted,
        )


def _list_places(points: ContactPoints) -> FloatArray:
    """Return the fractional coordinates of every object: sites as refined, then centroids of rings."""
    crystal, group = points.table.crystal, points.table.crystal.space_group
    sites = crystal.sites.fract
    rings: dict[int, FloatArray] = {}
    for number, one in enumerate(points.rings):
        if one.object not in rings:
            images = points.member_images(points.atom_count + number)
            turned = np.einsum("nij,nj->ni", group.rotations[images.operations], sites[images.objects])
            rings[one.object] = (turned + group.translations[images.operations] + images.shifts).mean(axis=0)
    return np.concatenate([sites, *([rings[k] for k in sorted(rings)],) * bool(rings)])


def _list_rings(points: ContactPoints) -> tuple[ContactRing, ...]:
    """Return one ring of each kind, where the assembly placed it first."""
    table = points.table
    listed: dict[int, ContactRing] = {}
    for number, one in enumerate(points.rings):
        images = points.member_images(points.atom_count + number)
        codes = zip(images.operations.tolist(), images.shifts, strict=True)
        ring = ContactRing(
            name=f"Cg{one.object + 1}",
            labels=tuple(table.crystal.sites.labels[site] for site in images.objects.tolist()),
            symmetry=tuple(format_image(table.group.space_group, *code) for code in codes),
            deviation=one.ring.deviation,
            molecule=one.molecule,
        )
        listed.setdefault(one.object, ring)
    return tuple(listed[number] for number in sorted(listed))
