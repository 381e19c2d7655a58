"""Which points are near enough, and at the right angles? The test of every kind of contact."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.analysis.contact_criteria import (
    CONTACT_KINDS,
    ContactSettings,
    find_contact_radii,
    find_preset_tolerance,
)
from clustermodel.analysis.contact_points import ContactPoints
from clustermodel.analysis.neighbour_molecules import Encounters, find_encounters, is_same_molecule
from clustermodel.elements import is_metal

__all__ = ["Candidates", "find_candidates"]

_FULL = 0.999  # an occupancy below this shares its place with an alternative or with nothing
_MOST_NEIGHBOURS = 3  # an acceptor with more has no lone pair to give: ammonium, sulfone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Pairs of points that pass the test of a kind, up to the largest cut-off compared.

    Parameters
    ----------
    kind : str
        Kind of contact.
    first, second : ndarray of int, shape (p,)
        The two points.
    operations : ndarray of int, shape (p,)
        Operation that makes the image of the second point's molecule.
    shifts : ndarray of int, shape (p, 3)
        Its cell shift.
    distances : ndarray, shape (p,)
        Distances in Å.
    sums : ndarray, shape (p,)
        Sums of the van der Waals radii in Å; NaN with rings.
    angles : ndarray, shape (p, a)
        Angles in degree, in the order of the kind's names.
    lengths : ndarray, shape (p, l)
        Further lengths in Å, in the order of the kind's names.
    inside : ndarray of bool, shape (p,)
        True for contacts within one molecule.
    mutual : ndarray of bool, shape (p,)
        True where the order of the two does not matter.
    within : ndarray of bool, shape (p,)
        True below the limit of the kind; the others are near enough for a cut-off compared only.
    """

    kind: str
    first: IntArray
    second: IntArray
    operations: IntArray
    shifts: IntArray
    distances: FloatArray = field(metadata={"unit": "Å"})
    sums: FloatArray = field(metadata={"unit": "Å"})
    angles: FloatArray = field(metadata={"unit": "°"})
    lengths: FloatArray = field(metadata={"unit": "Å"})
    inside: BoolArray
    mutual: BoolArray
    within: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Geometry:
    """Vectors of encounters in Å, and the radii of the second atom and of the one bonded to the first.

    From the first point to the second, and the direction of each, turned as the second point is.
    """

    step: FloatArray
    distances: FloatArray
    first: FloatArray
    second: FloatArray
    heavy_sum: FloatArray


def find_candidates(
    points: ContactPoints, kind: str, settings: ContactSettings, excluded: frozenset[tuple[int, ...]]
) -> Candidates:
    """Find the contacts of one kind.

    Parameters
    ----------
    points : ContactPoints
        Atoms and rings.
    kind : str
        One of `CONTACT_KINDS`.
    settings : ContactSettings
        Cut-offs.
    excluded : frozenset of tuple of int
        Images of molecules that disorder does not let be there together.

    Returns
    -------
    Candidates
        All of them, equivalent ones included.
    """
    chosen = CONTACT_KINDS[kind]
    first, second = _choose_points(points, kind, settings)
    radii = _find_radii(points, settings.preset)
    limit = _find_limit(kind, settings)
    reach = max([limit, *settings.compared.get(kind, ())])
    widest = reach + (
        radii[first].max(initial=0.0) + radii[second].max(initial=0.0) if chosen.relative else 0.0
    )
    found = find_encounters(
        points.table,
        (points.positions[first], points.owner[first]),
        (points.positions[second], points.owner[second]),
        widest,
    )
    one, two = np.flatnonzero(first)[found.first], np.flatnonzero(second)[found.second]
    base = radii[one] + radii[two] if chosen.relative else np.zeros(len(one))
    keep = found.distances < base + reach
    keep[keep] = _may_touch(points, found.select(keep), (one[keep], two[keep]), excluded)
    geometry = _measure(points, found.select(keep), (one[keep], two[keep]), radii)
    angles, lengths, passed = _TESTS[kind](geometry, settings)
    rows = np.flatnonzero(keep)[passed]
    found, one, two = found.select(rows), one[rows], two[rows]
    mutual = np.isin(points.elements[two], settings.halogens) | (kind != "halogen")
    return Candidates(
        kind=kind,
        first=one,
        second=two,
        operations=found.operations,
        shifts=found.shifts,
        distances=found.distances,
        sums=radii[one] + radii[two],
        angles=angles[passed],
        lengths=lengths[passed],
        inside=is_same_molecule(points.table, found, points.owner[one], points.owner[two]),
        mutual=mutual & chosen.mutual,
        within=found.distances < base[rows] + limit,
    )


def _choose_points(
    points: ContactPoints, kind: str, settings: ContactSettings
) -> tuple[BoolArray, BoolArray]:
    """Return the masks of the points that can be first and second partner."""
    elements = points.elements
    names = np.unique(elements).tolist()
    metal = np.isin(elements, [name for name in names if name != "Cg" and is_metal(name)])
    hydrogen = np.isin(elements, ["H", "D"])
    ring = elements == "Cg"
    bonded = np.where(points.bonded >= 0, elements[points.bonded], "")
    on_carbon = hydrogen & (bonded == "C")
    acceptor = np.isin(elements, settings.acceptors) & (points.coordination <= _MOST_NEIGHBOURS)
    halogen = np.isin(elements, settings.halogens)
    return {
        "hydrogen-hydrogen": (hydrogen, hydrogen),
        "CH-pi": (on_carbon, ring),
        "pi-pi": (ring, ring),
        "hydrogen-bond": (hydrogen & np.isin(bonded, settings.donors), acceptor),
        "weak-hydrogen-bond": (on_carbon, acceptor),
        "halogen": (halogen, halogen | np.isin(elements, settings.halogen_partners)),
        "metal-metal": (metal, metal),
        "metal-hydrogen": (metal, hydrogen),
    }[kind]


def _find_radii(points: ContactPoints, preset: str) -> FloatArray:
    """Return the radius of every point in Å; NaN for rings."""
    n = points.atom_count
    rings = np.full(len(points.elements) - n, np.nan)
    return np.concatenate([find_contact_radii(preset, points.elements[:n].tolist()), rings])


def _find_limit(kind: str, settings: ContactSettings) -> float:
    """Return the cut-off of a kind in Å, of relative kinds counted from the sum of the radii."""
    tolerance = settings.tolerance
    if tolerance is None:
        tolerance = find_preset_tolerance(settings.preset)
    if kind == "hydrogen-hydrogen":
        return 2 * float(find_contact_radii(settings.preset, ["H"])[0]) + tolerance
    if kind.endswith("hydrogen-bond"):
        return settings.hydrogen_bond_excess
    return {"CH-pi": settings.ch_pi_distance, "pi-pi": settings.pi_pi_distance}.get(kind, tolerance)


def _may_touch(
    points: ContactPoints,
    found: Encounters,
    pair: tuple[IntArray, IntArray],
    excluded: frozenset[tuple[int, ...]],
) -> BoolArray:
    """Return which encounters are between points that are there together and far enough apart by bonds."""
    one, two = pair
    first, second = points.owner[one], points.owner[two]
    inside = is_same_molecule(points.table, found, first, second)
    periodic = np.array([molecule.periodicity > 0 for molecule in points.table.molecules])
    too_near = points.are_near(one, two)
    alike = points.assemblies[one] == points.assemblies[two]
    parts = points.parts[one], points.parts[two]
    apart = alike & (parts[0] != parts[1]) & (parts[0] != 0) & (parts[1] != 0)
    allowed = ~apart & ~(inside & (too_near | periodic[first]))
    if excluded:
        partial = (points.occupancy[one] < _FULL) | (points.occupancy[two] < _FULL)
        for row in np.flatnonzero(allowed & partial).tolist():
            place = (
                int(first[row]),
                int(second[row]),
                int(found.operations[row]),
                *found.shifts[row].tolist(),
            )
            allowed[row] = place not in excluded
    return np.asarray(allowed)


def _measure(
    points: ContactPoints, found: Encounters, pair: tuple[IntArray, IntArray], radii: FloatArray
) -> _Geometry:
    """Turn the second point of every encounter into its place."""
    one, two = pair
    cell, group = points.table.crystal.cell, points.table.group.space_group
    turn = cell.inverse @ np.swapaxes(group.rotations, 1, 2) @ cell.matrix
    moved = (group.translations[found.operations] + found.shifts) @ cell.matrix
    place = np.einsum("pi,pij->pj", points.positions[two], turn[found.operations]) + moved
    bonded = points.bonded[one]
    return _Geometry(
        step=place - points.positions[one],
        distances=found.distances,
        first=points.directions[one],
        second=np.einsum("pi,pij->pj", points.directions[two], turn[found.operations]),
        heavy_sum=np.where(bonded >= 0, radii[bonded], np.nan) + radii[two],
    )


_Answer = tuple[FloatArray, FloatArray, BoolArray]


def _find_angle(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the angles between vectors in degree."""
    sine = np.linalg.norm(np.cross(first, second), axis=1)
    return np.asarray(np.degrees(np.arctan2(sine, np.einsum("pi,pi->p", first, second))))


def _find_tilt(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the angles between lines in degree, at most 90."""
    angle = _find_angle(first, second)
    return np.minimum(angle, 180 - angle)


def _columns(*values: FloatArray) -> FloatArray:
    return np.stack(values, axis=1)


def _no_columns(geometry: _Geometry) -> FloatArray:
    return np.zeros((len(geometry.distances), 0))


def _test_two_directions(geometry: _Geometry, _: ContactSettings) -> _Answer:
    angles = _columns(
        _find_angle(geometry.first, geometry.step), _find_angle(geometry.second, -geometry.step)
    )
    return angles, _no_columns(geometry), np.ones(len(angles), dtype=bool)


def _test_ch_pi(geometry: _Geometry, settings: ContactSettings) -> _Answer:
    gamma = _find_tilt(geometry.step, geometry.second)
    to_plane = np.abs(np.einsum("pi,pi->p", geometry.step, geometry.second))
    lengths = _columns(np.linalg.norm(geometry.step - geometry.first, axis=1), to_plane)
    angles = _columns(gamma, _find_angle(geometry.first, geometry.step))
    return angles, lengths, gamma < settings.ch_pi_angle


def _test_pi_pi(geometry: _Geometry, settings: ContactSettings) -> _Answer:
    alpha = _find_tilt(geometry.first, geometry.second)
    beta, gamma = _find_tilt(geometry.step, geometry.first), _find_tilt(geometry.step, geometry.second)
    turns = np.radians(_columns(beta, gamma))
    lengths = geometry.distances[:, None] * np.concatenate([np.cos(turns), np.sin(turns)], axis=1)
    passed = (alpha < settings.pi_pi_alpha) & (np.minimum(beta, gamma) < settings.pi_pi_beta)
    return _columns(alpha, beta, gamma), lengths, passed


def _test_hydrogen_bond(geometry: _Geometry, settings: ContactSettings) -> _Answer:
    heavy = np.linalg.norm(geometry.step - geometry.first, axis=1)
    angle = _find_angle(geometry.first, geometry.step)
    passed = (heavy < geometry.heavy_sum + settings.hydrogen_bond_heavy) & (
        angle > settings.hydrogen_bond_angle
    )
    lengths = _columns(np.linalg.norm(geometry.first, axis=1), heavy)
    return _columns(angle), lengths, passed


def _test_metals(geometry: _Geometry, _: ContactSettings) -> _Answer:
    none = _no_columns(geometry)
    return none, none, np.ones(len(none), dtype=bool)


def _test_metal_hydrogen(geometry: _Geometry, _: ContactSettings) -> _Answer:
    angles = _columns(_find_angle(geometry.second, -geometry.step))
    return angles, _no_columns(geometry), np.ones(len(angles), dtype=bool)


_TESTS: dict[str, Callable[[_Geometry, ContactSettings], _Answer]] = {
    "hydrogen-hydrogen": _test_two_directions,
    "CH-pi": _test_ch_pi,
    "pi-pi": _test_pi_pi,
    "hydrogen-bond": _test_hydrogen_bond,
    "weak-hydrogen-bond": _test_hydrogen_bond,
    "halogen": _test_two_directions,
    "metal-metal": _test_metals,
    "metal-hydrogen": _test_metal_hydrogen,
}
