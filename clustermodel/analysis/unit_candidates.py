"""Which polyhedra does a kernel contain, and how much better than chance do they fit?

The polyhedra of ``unit_patterns.toml`` are laid on the kernel (see `unit_search`). All that fit one set of
atoms, with enough of their edges in contact and a shape measure below a limit, are its fits; the best one
must also fit better than all but a given fraction of random clusters (see `shape_null`).
"""

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from math import ceil

from clustermodel.analysis.polyhedra import build_polyhedron
from clustermodel.analysis.shape_null import NullRate, look_up_null
from clustermodel.analysis.unit_patterns import Contacts, Pattern, build_pattern
from clustermodel.analysis.unit_search import Placement, place_pattern
from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS

__all__ = ["Candidate", "Fit", "UnitSettings", "find_candidates", "list_patterns"]

_SEVERE = 3.0  # measures from 3 on are commonly called severe distortions (Cirera, Ruiz, Alvarez 2005)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSettings:
    """The choices behind the building units.

    Parameters
    ----------
    contact_excess : float, optional
        Longest contact of two kernel atoms, in Å over the sum of their covalent radii: 3.50 Å for gold,
        the length of stretched bonds inside published kernels (C7SC03566G).
    least_contacts : float, optional
        Fraction of the edges of a unit that must be contacts; a twisted unit keeps some three quarters.
    most_measure : float, optional
        Largest shape measure of a unit. At 7 the atoms are off by a quarter of the radius; an
        icosahedron read as a cuboctahedron measures 5.3.
    chance : float, optional
        Largest fraction of random clusters that may fit as well as a unit, in its best reading.
    convincing_measure : float, optional
        Largest shape measure of a convincing unit. Of 126 random clusters of thirteen atoms, as dense as
        an icosahedron, one was read as units that all measure less than 1.5, eleven less than 2, 80 less
        than 3 (where shapes begin to be called strongly distorted).
    convincing_chance : float, optional
        Largest fraction of random clusters that may fit as well as a convincing unit.
    convincing_rest : float, optional
        Largest fraction of the kernel that a convincing reading may leave over.
    most_units : int, optional
        Largest number of units in a reading; a unit holds at least that fraction of the kernel. The
        longest published chain, of Au76, has 16 tetrahedra.
    most_readings : int, optional
        Number of different readings of the kernel to report; readings whose units are all of one kind
        come on top of them.
    certify : bool, optional
        Whether to prove the shape measures below `convincing_measure` in the first reading, if it has no
        more than four units.
    """

    contact_excess: float = field(default=KERNEL_BOND_EXCESS, metadata={"unit": "Å"})
    least_contacts: float = field(default=2 / 3, metadata={"unit": ""})
    most_measure: float = field(default=7.0, metadata={"unit": ""})
    chance: float = field(default=0.1, metadata={"unit": ""})
    convincing_measure: float = field(default=1.5, metadata={"unit": ""})
    convincing_chance: float = field(default=0.01, metadata={"unit": ""})
    convincing_rest: float = field(default=0.1, metadata={"unit": ""})
    most_units: int = field(default=16, metadata={"unit": ""})
    most_readings: int = field(default=4, metadata={"unit": ""})
    certify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """One polyhedron laid on a set of atoms.

    Parameters
    ----------
    pattern : Pattern
        The polyhedron, with or without an atom in its centre.
    placement : Placement
        How it lies on the kernel.
    null : NullRate
        How random clusters fit it.
    """

    pattern: Pattern
    placement: Placement
    null: NullRate

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
    def missing(self) -> int:
        """Number of empty corners."""
        return self.placement.atoms.count(-1)

    @property
    def null_rate(self) -> float:
        """Fraction of random clusters that fit as well."""
        return self.null.find_rate(self.measure)

    @property
    def strain(self) -> float:
        """Shape measure over that of the median random cluster; the fits of a set are ranked by it."""
        return self.measure / self.null.median

    @property
    def misfit(self) -> float:
        """How severe the distortion is: 0 for measures up to 3, 1 for that of the median random cluster."""
        return min(max(self.measure - _SEVERE, 0.0) / (self.null.median - _SEVERE), 1.0)

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
    fits : tuple of Fit
        Best first.
    """

    mask: int
    fits: tuple[Fit, ...]

    @property
    def best(self) -> Fit:
        """The best fit."""
        return self.fits[0]

    @property
    def atoms(self) -> tuple[int, ...]:
        """The atoms, ascending."""
        return tuple(k for k in range(self.mask.bit_length()) if self.mask >> k & 1)

    def is_close(self, settings: UnitSettings) -> bool:
        """Return whether the best fit is close enough to convince.

        Parameters
        ----------
        settings : UnitSettings
            The limits.

        Returns
        -------
        bool
            True within both limits, of the shape measure and of chance.
        """
        near = self.best.measure <= settings.convincing_measure
        return near and self.best.null_rate <= settings.convincing_chance


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
    >>> [candidate.best.polyhedron for candidate in found]
    ['octahedron']
    """
    found: dict[int, list[Fit]] = {}
    for fit in _lay_patterns(contacts, settings):
        mask = sum(1 << atom for atom in fit.placement.atoms if atom >= 0)
        found.setdefault(mask, []).append(fit)
    candidates = [
        Candidate(mask=mask, fits=tuple(sorted(fits, key=lambda fit: (fit.strain, fit.size))))
        for mask, fits in found.items()
        if min(fit.null_rate for fit in fits) <= settings.chance
    ]
    return tuple(sorted(candidates, key=lambda c: (-c.mask.bit_count(), c.best.strain, c.mask)))


def _lay_patterns(contacts: Contacts, settings: UnitSettings) -> Iterator[Fit]:
    """Yield every polyhedron of enough atoms wherever it fits."""
    total = len(contacts.positions)
    fewest = ceil(total / settings.most_units)
    for name, centred, allowed in list_patterns():
        ideal = build_polyhedron(name)
        size = len(ideal) + centred
        most_missing = min(allowed, size - fewest)
        if most_missing < 0 or size - most_missing > total:
            continue
        pattern = build_pattern(ideal, centred=centred, most_missing=most_missing)
        placements = place_pattern(
            pattern, contacts, most=settings.most_measure, least_contacts=settings.least_contacts
        )
        for placement in placements:
            null = look_up_null(name, centred=centred, missing=placement.atoms.count(-1))
            yield Fit(pattern=pattern, placement=placement, null=null)
