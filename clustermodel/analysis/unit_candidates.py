"""Which polyhedra does a kernel contain, and how much better than chance do they fit?

The polyhedra of ``unit_patterns.toml`` are laid on the kernel (see `unit_search`). All that fit one set of
atoms, with enough of their edges in contact and a shape measure below a limit, are its readings; the best
one must also fit better than all but a given fraction of random clusters (see `shape_null`).
"""

import functools
import tomllib
from dataclasses import dataclass, field
from importlib import resources

from clustermodel.analysis.polyhedra import build_polyhedron
from clustermodel.analysis.shape_null import NullRate, look_up_null
from clustermodel.analysis.unit_patterns import Contacts, Pattern, build_pattern
from clustermodel.analysis.unit_search import Placement, place_pattern
from clustermodel.analysis.unit_settings import UnitSettings

__all__ = ["Candidate", "Reading", "find_candidates", "list_patterns"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """One polyhedron fitted to a set of atoms.

    Parameters
    ----------
    pattern : Pattern
        The polyhedron, with or without an atom in its centre.
    placement : Placement
        How it lies on the kernel.
    null : NullRate
        How random clusters fit it.
    missing : int
        Number of empty corners.
    strain : float
        Shape measure over the one at the limit of chance: 0 for an ideal polyhedron, 1 at the limit.
        Readings are ranked by it.
    """

    pattern: Pattern
    placement: Placement
    null: NullRate
    missing: int = field(metadata={"unit": ""})
    strain: float = field(metadata={"unit": ""})

    @property
    def polyhedron(self) -> str:
        """Name of the polyhedron."""
        return self.pattern.polyhedron.name

    @property
    def measure(self) -> float:
        """Shape measure."""
        return self.placement.measure

    @property
    def size(self) -> int:
        """Atoms of the whole polyhedron."""
        return len(self.pattern.points)

    @property
    def null_rate(self) -> float:
        """Fraction of random clusters that fit as well."""
        return self.null.find_rate(self.measure)

    @property
    def places(self) -> dict[int, int]:
        """Corner of each atom, -1 for the central one, which comes last."""
        corners = enumerate(self.placement.atoms, start=-int(self.pattern.centred))
        held = [(atom, corner) for corner, atom in corners if atom >= 0]
        return dict(sorted(held, key=lambda place: place[1] < 0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A set of atoms and the polyhedra that fit it.

    Parameters
    ----------
    mask : int
        The atoms, one bit each.
    readings : tuple of Reading
        Best first.
    """

    mask: int
    readings: tuple[Reading, ...]


@functools.cache
def list_patterns() -> tuple[tuple[str, bool, int], ...]:
    """List the polyhedra that kernels are searched for.

    Returns
    -------
    tuple of (str, bool, int)
        Name, whether with an atom in the centre, and how many corners may be missing.

    Examples
    --------
    >>> ("icosahedron", True, 3) in list_patterns()
    True
    """
    text = resources.files("clustermodel.analysis").joinpath("unit_patterns.toml").read_text("utf-8")
    return tuple(
        (entry["name"], kind == "centred", entry[kind])
        for entry in tomllib.loads(text)["pattern"]
        for kind in ("centred", "hollow", "solid")
        if kind in entry
    )


@functools.cache
def _list_nulls(name: str, centred: bool, most_missing: int) -> tuple[NullRate, ...]:  # noqa: FBT001
    """Return how random clusters fit, for every number of missing corners."""
    return tuple(look_up_null(name, centred=centred, missing=missing) for missing in range(most_missing + 1))


def find_candidates(contacts: Contacts, settings: UnitSettings) -> tuple[Candidate, ...]:
    """Find all sets of atoms that some polyhedron fits.

    Parameters
    ----------
    contacts : Contacts
        The kernel.
    settings : UnitSettings
        What is kept.

    Returns
    -------
    tuple of Candidate
        The largest first.

    Examples
    --------
    >>> import numpy as np
    >>> octahedron = build_polyhedron("octahedron").vertices
    >>> from clustermodel.analysis.unit_patterns import build_contacts
    >>> found = find_candidates(build_contacts(2.9 * octahedron, np.full((6, 6), 3.5)), UnitSettings())
    >>> [c.readings[0].polyhedron for c in found]
    ['octahedron']
    """
    found: dict[int, list[Reading]] = {}
    for name, centred, most_missing in list_patterns():
        ideal = build_polyhedron(name)
        if len(ideal) + centred - most_missing > len(contacts.positions):
            continue
        pattern = build_pattern(ideal, centred=centred, most_missing=most_missing)
        nulls = _list_nulls(name, centred, most_missing)
        levels = [null.find_measure(settings.chance) for null in nulls]
        for placement in place_pattern(
            pattern, contacts, most=settings.most_measure, least_contacts=settings.least_contacts
        ):
            missing = placement.atoms.count(-1)
            reading = Reading(
                pattern=pattern,
                placement=placement,
                null=nulls[missing],
                missing=missing,
                strain=placement.measure / levels[missing],
            )
            mask = sum(1 << atom for atom in placement.atoms if atom >= 0)
            found.setdefault(mask, []).append(reading)
    candidates = [
        Candidate(mask=mask, readings=tuple(sorted(readings, key=lambda r: (r.strain, r.size))))
        for mask, readings in found.items()
        if min(reading.strain for reading in readings) <= 1
    ]
    return tuple(sorted(candidates, key=lambda c: (-c.mask.bit_count(), c.readings[0].strain, c.mask)))
