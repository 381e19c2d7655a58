"""Which building units does a kernel consist of, and what do they share? Ranked readings, not one truth.

Polyhedra, centred or hollow, whole or with missing corners, are sought in the contacts of the kernel atoms
(`unit_candidates`); the kernel is then covered with as few of them, of as good shape, as possible
(`unit_covers`). Units may share atoms: the sum of their atoms less those counted more than once, and the
atoms left over, make up the kernel. A reading is convincing only if it holds nearly all atoms and each of its
units is close to its polyhedron and fits it better than random clusters do; where there is none, a note says
so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from clustermodel.analysis.unit_candidates import Candidate, UnitSettings, find_candidates
from clustermodel.analysis.unit_covers import Cover, rank_covers, unite
from clustermodel.analysis.unit_patterns import Contacts, build_contacts
from clustermodel.analysis.unit_readings import (
    KernelUnit,
    SharedAtoms,
    UnitReading,
    describe_unit,
    measure_flatness,
    name_sharing,
)
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
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
_PROVED = 4  # units of a reading up to which their shape measures are proved, as each takes 0.05 s or more


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
        1 for every unit, 1 for every atom left over, and up to 1 for every atom of severely distorted
        units, as their shape measures grow from 3 to that of the median random cluster.
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
    >>> from clustermodel.analysis.fused_polyhedra import build_fused
    >>> from clustermodel.analysis.polyhedra import build_polyhedron
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
        contacts = build_contacts(
            positions - positions.mean(axis=0), radii[:, None] + radii[None] + chosen.contact_excess
        )
        kernel = _Kernel(
            atoms=anatomy.kernel,
            elements=elements,
            contacts=contacts,
            candidates=find_candidates(contacts, chosen),
            settings=chosen,
        )
        decompositions = tuple(_read(kernel))
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
        message = f"{where}: no reading as polyhedra is convincing; those listed are the least unlike"
        yield Finding(code="units-not-convincing", severity="info", message=message)


def _read(kernel: _Kernel) -> Iterator[Decomposition]:
    """Yield the readings chosen, with their units named."""
    described: dict[int, KernelUnit] = {}
    for place, cover in enumerate(rank_covers(kernel.candidates, len(kernel.atoms), kernel.settings)):
        proof = kernel.settings.certify and place == 0 and len(cover.units) <= _PROVED
        for unit in cover.units:
            if unit not in described:
                described[unit] = describe_unit(
                    kernel.candidates[unit],
                    kernel.contacts.positions,
                    np.array(kernel.atoms),
                    kernel.elements,
                    certify=kernel.settings.convincing_measure if proof else -1.0,
                )
        yield _describe(kernel, cover, described)


def _list_atoms(mask: int) -> list[int]:
    return [k for k in range(mask.bit_length()) if mask >> k & 1]


def _describe(kernel: _Kernel, cover: Cover, described: dict[int, KernelUnit]) -> Decomposition:
    candidates = kernel.candidates
    order = sorted(cover.units, key=lambda u: (-candidates[u].mask.bit_count(), candidates[u].mask))
    masks = [candidates[unit].mask for unit in order]
    union = unite(masks)
    return Decomposition(
        units=tuple(described[unit] for unit in order),
        shared=tuple(_list_shared(kernel, order)),
        remainder=kernel.name([k for k in range(len(kernel.atoms)) if not union >> k & 1])[0],
        repeats=sum(mask.bit_count() for mask in masks) - union.bit_count(),
        cost=cover.cost,
        equivalents=cover.equivalents,
        doubts=cover.doubts,
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
            kind=name_sharing(chosen[first].best, chosen[second].best, common),
            formula=formula,
            flatness=measure_flatness(kernel.contacts.positions[common]),
        )
