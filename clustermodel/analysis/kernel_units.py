"""Which building units does a kernel consist of, and what do they share? Ranked readings, not one truth.

Polyhedra, centred or hollow, whole or with missing corners, are sought in the contacts of the kernel atoms
(`unit_candidates`); the kernel is then covered with as few of them, of as good shape, as possible
(`unit_covers`). Units may share atoms: the sum of their atoms less those counted more than once, and the atoms
left over, make up the kernel. A reading is convincing only if it holds nearly all atoms and each of its units
is close to its polyhedron and fits it better than random clusters do; those come first, and where there is none,
a note says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from clustermodel.analysis.unit_candidates import Candidate, Limits, Reading, find_candidates
from clustermodel.analysis.unit_covers import find_covers
from clustermodel.analysis.unit_readings import KernelUnit, UnitReading, describe_unit
from clustermodel.analysis.unit_search import Contacts, build_contacts
from clustermodel.analysis.unit_sharing import SharedAtoms, measure_flatness, name_sharing
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS
from clustermodel.elements import covalent_radii, format_formula
from clustermodel.structure.finding import Finding

__all__ = [
    "Decomposition",
    "KernelUnit",
    "KernelUnits",
    "SharedAtoms",
    "UnitReading",
    "UnitSettings",
    "find_kernel_units",
]

_FEWEST = 4  # atoms of the smallest polyhedron
_MINOR = 1.0  # measures up to 1 are commonly called minor distortions (Cirera, Ruiz, Alvarez 2005)


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
        Largest shape measure of a convincing unit: beyond 3, shapes are commonly called strongly
        distorted (Cirera, Ruiz, Alvarez, Organometallics 2005, 24, 1556).
    convincing_chance : float, optional
        Largest fraction of random clusters that may fit as well as a convincing unit.
    convincing_rest : float, optional
        Largest fraction of the kernel that a convincing reading may leave over.
    most_readings : int, optional
        Number of different readings of the kernel to report.
    certify : bool, optional
        Whether to prove the shape measures below `convincing_measure` in the first reading.
    """

    contact_excess: float = field(default=KERNEL_BOND_EXCESS, metadata={"unit": "Å"})
    least_contacts: float = field(default=2 / 3, metadata={"unit": ""})
    most_measure: float = field(default=7.0, metadata={"unit": ""})
    chance: float = field(default=0.1, metadata={"unit": ""})
    convincing_measure: float = field(default=3.0, metadata={"unit": ""})
    convincing_chance: float = field(default=0.01, metadata={"unit": ""})
    convincing_rest: float = field(default=0.1, metadata={"unit": ""})
    most_readings: int = field(default=5, metadata={"unit": ""})
    certify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decomposition:
    """One reading of a kernel as units.

    Parameters
    ----------
    units : tuple of KernelUnit
        The units, largest first.
    shared : tuple of SharedAtoms
        What each two of them share.
    remainder : tuple of int
        Kernel atoms in no unit.
    repeats : int
        Sum of the atoms of all units less the atoms that they hold together; the number of
        shared atoms where there are two units.
    cost : float
        1 for every atom left over and for every unit, and for its distortion the excess of its
        shape measure over 1, relative to that of random clusters at the limit of chance.
    equivalents : int
        Covers of the same units, sharing and remainder that were found.
    doubts : tuple of str
        Why it is not convincing: the limits of the settings that it exceeds.
    """

    units: tuple[KernelUnit, ...]
    shared: tuple[SharedAtoms, ...]
    remainder: tuple[int, ...]
    repeats: int = field(metadata={"unit": ""})
    cost: float = field(metadata={"unit": ""})
    equivalents: int = field(metadata={"unit": ""})
    doubts: tuple[str, ...]

    @property
    def convincing(self) -> bool:
        """Whether it satisfies all limits of the settings."""
        return not self.doubts

    @property
    def identity(self) -> str:
        """The count of atoms: ``"18 = 11 + 11 − 4"``."""
        sizes = [len(unit.atoms) for unit in self.units]
        total = sum(sizes) - self.repeats + len(self.remainder)
        parts = [" + ".join(map(str, [*sizes, *([len(self.remainder)] if self.remainder else [])]))]
        return f"{total} = " + " − ".join([*parts, *([str(self.repeats)] if self.repeats else [])])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KernelUnits:
    """The building units of a kernel.

    Parameters
    ----------
    kernel : tuple of int
        Kernel atoms in the molecule.
    formula : str
        Their formula.
    convention : str
        The convention of the anatomy that chose them.
    decompositions : tuple of Decomposition
        Readings of the kernel: convincing ones first, then by cost.
    settings : UnitSettings
        Limits and cut-offs.
    notes : tuple of Finding
        What a reader should know, such as that no reading is convincing.
    """

    kernel: tuple[int, ...]
    formula: str
    convention: str
    decompositions: tuple[Decomposition, ...]
    settings: UnitSettings
    notes: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Kernel:
    """The kernel atoms while units are described."""

    atoms: tuple[int, ...]
    elements: tuple[str, ...]
    contacts: Contacts
    candidates: Sequence[Candidate]
    settings: UnitSettings

    def name(self, atoms: Sequence[int]) -> tuple[tuple[int, ...], str]:
        """Return atoms of the kernel as atoms of the molecule, and their formula."""
        return tuple(self.atoms[a] for a in atoms), format_formula(self.elements[a] for a in atoms)


def find_kernel_units(
    cluster: Cluster, anatomy: Anatomy, *, settings: UnitSettings | None = None
) -> KernelUnits:
    """Find the building units of a kernel.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division, which gives the kernel.
    settings : UnitSettings, optional
        Cut-offs and limits.

    Returns
    -------
    KernelUnits
        Ranked readings of the kernel, with what the units share.

    Examples
    --------
    >>> from clustermodel.analysis.polyhedra import build_fused, build_polyhedron
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> points = 2.9 * build_fused(build_polyhedron("tetrahedron"), "vertex", centred=False).vertices
    >>> cluster = build_cluster(bond_molecule(molecule_from_atoms(["Au"] * 7, points)))
    >>> best = find_kernel_units(cluster, classify_kernel(cluster)).decompositions[0]
    >>> best.identity, best.shared[0].kind, best.units[0].label
    ('7 = 4 + 4 − 1', 'vertex', 'Au4 (tetrahedron)')
    """
    chosen = settings if settings is not None else UnitSettings()
    elements = tuple(cluster.molecule.elements[a] for a in anatomy.kernel)
    positions = cluster.molecule.positions[list(anatomy.kernel)]
    decompositions: tuple[Decomposition, ...] = ()
    if len(anatomy.kernel) >= _FEWEST:
        radii = covalent_radii(elements)
        contacts = build_contacts(positions, radii[:, None] + radii[None] + chosen.contact_excess)
        limits = Limits(
            measure=chosen.most_measure, chance=chosen.chance, contacts=chosen.least_contacts
        )
        kernel = _Kernel(
            atoms=anatomy.kernel,
            elements=elements,
            contacts=contacts,
            candidates=find_candidates(contacts, limits),
            settings=chosen,
        )
        decompositions = tuple(_rank(kernel))
    return KernelUnits(
        kernel=anatomy.kernel,
        formula=anatomy.kernel_formula,
        convention=anatomy.convention,
        decompositions=decompositions,
        settings=chosen,
        notes=tuple(_write_notes(anatomy, decompositions)),
    )


def _write_notes(anatomy: Anatomy, found: tuple[Decomposition, ...]) -> Iterator[Finding]:
    where = anatomy.kernel_formula or "no kernel"
    if not found:
        message = f"{where}: no polyhedron is found in the kernel (convention {anatomy.convention})"
        yield Finding(code="units-none", severity="info", message=message)
    elif not any(reading.convincing for reading in found):
        message = f"{where}: none of the readings as polyhedra is convincing; they are listed as the least unlike"
        yield Finding(code="units-not-convincing", severity="info", message=message)


def _rank(kernel: _Kernel) -> Iterator[Decomposition]:
    """Yield the readings of different kind, convincing ones first, then by cost."""
    masks = [candidate.mask for candidate in kernel.candidates]
    costs = [_price(candidate.readings[0]) for candidate in kernel.candidates]
    strains = [candidate.readings[0].strain for candidate in kernel.candidates]
    covers = find_covers(masks, costs, strains, len(kernel.atoms))
    kinds: dict[tuple[object, ...], list[tuple[float, tuple[int, ...]]]] = {}
    for cost, units in covers:
        kinds.setdefault(_find_kind(kernel, units), []).append((cost, units))
    ranked = sorted(kinds.values(), key=lambda same: any(_list_doubts(kernel, same[0][1])))
    described: dict[int, KernelUnit] = {}
    for place, same in enumerate(ranked[: kernel.settings.most_readings]):
        cost, units = same[0]
        for unit in units:
            if unit not in described:
                described[unit] = _describe_unit(kernel, unit, first=place == 0)
        yield _describe(kernel, units, described, cost, len(same))


def _price(reading: Reading) -> float:
    """Return the cost of a unit: 1 while it is hardly distorted, 2 or less at the limit of chance."""
    return 1 + reading.strain * max(1 - _MINOR / max(reading.measure, _MINOR), 0.0)


def _describe_unit(kernel: _Kernel, unit: int, *, first: bool) -> KernelUnit:
    proof = kernel.settings.certify and first
    return describe_unit(
        kernel.candidates[unit],
        kernel.contacts.positions,
        np.array(kernel.atoms),
        kernel.elements,
        certify=kernel.settings.convincing_measure if proof else -1.0,
    )


def _find_kind(kernel: _Kernel, units: tuple[int, ...]) -> tuple[object, ...]:
    """Return what equivalent covers have in common."""
    best = [kernel.candidates[unit].readings[0] for unit in units]
    masks = [kernel.candidates[unit].mask for unit in units]
    names = sorted((r.polyhedron, r.centred, r.size - len(r.atoms)) for r in best)
    shared = sorted((a & b).bit_count() for a, b in combinations(masks, 2))
    return (*names, *shared, _unite(masks).bit_count())


def _list_doubts(kernel: _Kernel, units: Sequence[int]) -> Iterator[str]:
    """Yield why a cover is not convincing."""
    limits = kernel.settings
    rest = len(kernel.atoms) - _unite([kernel.candidates[unit].mask for unit in units]).bit_count()
    if rest > limits.convincing_rest * len(kernel.atoms):
        yield f"{rest} of {len(kernel.atoms)} atoms in no unit"
    for unit in units:
        best = kernel.candidates[unit].readings[0]
        if best.measure > limits.convincing_measure:
            yield f"{best.polyhedron} of {len(best.atoms)}: shape measure {best.measure:.2f}"
        if best.null_rate > limits.convincing_chance:
            share = 100 * best.null_rate
            yield f"{best.polyhedron} of {len(best.atoms)}: {share:.1f} % of random clusters fit as well"


def _unite(masks: Sequence[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _list_atoms(mask: int) -> list[int]:
    return [k for k in range(mask.bit_length()) if mask >> k & 1]


def _describe(
    kernel: _Kernel,
    units: tuple[int, ...],
    described: dict[int, KernelUnit],
    cost: float,
    equivalents: int,
) -> Decomposition:
    order = sorted(units, key=lambda u: (-kernel.candidates[u].mask.bit_count(), kernel.candidates[u].mask))
    masks = [kernel.candidates[unit].mask for unit in order]
    union = _unite(masks)
    rest = [k for k in range(len(kernel.atoms)) if not union >> k & 1]
    chosen = tuple(described[unit] for unit in order)
    return Decomposition(
        units=chosen,
        shared=tuple(_list_shared(kernel, order)),
        remainder=kernel.name(rest)[0],
        repeats=sum(mask.bit_count() for mask in masks) - union.bit_count(),
        cost=cost,
        equivalents=equivalents,
        doubts=tuple(_list_doubts(kernel, order)),
    )


def _list_shared(kernel: _Kernel, units: Sequence[int]) -> Iterator[SharedAtoms]:
    chosen = [kernel.candidates[unit] for unit in units]
    for first, second in combinations(range(len(units)), 2):
        common = _list_atoms(chosen[first].mask & chosen[second].mask)
        if not common:
            continue
        atoms, formula = kernel.name(common)
        yield SharedAtoms(
            first=first,
            second=second,
            atoms=atoms,
            kind=name_sharing(chosen[first].readings[0], chosen[second].readings[0], common),
            formula=formula,
            flatness=measure_flatness(kernel.contacts.positions[common]),
        )
