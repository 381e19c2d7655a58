"""Which molecules does the crystal hold? Whole ones, each atom with its symmetry operation."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import IntArray
from clustermodel.assembly.bonding import (
    BONDING_RULES,
    BondedPairs,
    BondingRule,
    classify_pairs,
    search_radius,
)
from clustermodel.assembly.connectivity import find_components
from clustermodel.assembly.disorder import DisorderChoice, Resolution, resolve_disorder
from clustermodel.assembly.distinct import DistinctMolecule, find_distinct
from clustermodel.assembly.expansion import expand_sites
from clustermodel.assembly.ionic import detach_alkali
from clustermodel.assembly.occupancies import order_full_sites, restore_occupancies
from clustermodel.assembly.overlap import AtomKinds, is_overlap
from clustermodel.assembly.selection import AtomSelection, allowed_pairs, select_atoms
from clustermodel.elements import is_metal, van_der_waals_radii
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.finding import Finding
from clustermodel.structure.neighbors import Pairs, find_periodic_pairs

__all__ = ["Assembly", "MetalContact", "assemble_molecules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalContact:
    """A metal-metal distance between the bonding limit and the van der Waals sum.

    Parameters
    ----------
    labels : tuple of str
        Labels of the two atoms.
    elements : tuple of str
        Their elements.
    distance : float
        Distance in Å.
    between : tuple of int
        Indices of the two distinct molecules.
    """

    labels: tuple[str, str]
    elements: tuple[str, str]
    distance: float = field(metadata={"unit": "Å"})
    between: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembly:
    """The molecules of a crystal.

    Parameters
    ----------
    crystal : Crystal
        The crystal, occupancies in the chemical convention.
    molecules : tuple of DistinctMolecule
        The distinct molecules, those with metals and the larger ones first.
    contacts : tuple of MetalContact
        Symmetry-unique metal contacts that were not counted as bonds.
    resolution : Resolution
        What was chosen where the structure is disordered.
    rule : BondingRule
        The bonding rule used.
    findings : tuple of Finding
        The audit of reading and assembly.
    """

    crystal: Crystal
    molecules: tuple[DistinctMolecule, ...]
    contacts: tuple[MetalContact, ...]
    resolution: Resolution
    rule: BondingRule
    findings: tuple[Finding, ...]


def assemble_molecules(
    crystal: Crystal,
    *,
    rule: BondingRule = BONDING_RULES["cordero"],
    choice: DisorderChoice | None = None,
) -> Assembly:
    """Assemble the molecules of a crystal.

    Disorder is resolved first, symmetry expanded, special positions merged; then atoms are
    bonded by pair-specific limits and followed across the faces of the cell.

    Parameters
    ----------
    crystal : Crystal
        The structure as refined.
    rule : BondingRule, optional
        Limits for bonds.
    choice : DisorderChoice, optional
        What to keep where the structure is disordered.

    Returns
    -------
    Assembly
        Molecules, contacts and the audit.

    Raises
    ------
    InputError
        If a disorder part is asked for that the file does not have.

    Examples
    --------
    >>> from clustermodel.io.cif import read_cif
    >>> from clustermodel.io.embedded import find_model
    >>> assembly = assemble_molecules(read_cif(find_model("au25_sch3_18_nme4")))
    >>> [(m.formula, m.copies) for m in assembly.molecules]
    [('C18H54Au25S18', 4), ('C4H12N', 4)]
    """
    crystal, ordered = order_full_sites(crystal)
    expansion = expand_sites(crystal)
    cutoff = search_radius(crystal.sites.elements, rule)
    pairs = find_periodic_pairs(crystal.cell, expansion.fract, cutoff)
    crystal, restored = restore_occupancies(crystal, expansion, pairs)
    resolution = resolve_disorder(crystal, expansion, pairs, choice=choice)
    atoms = select_atoms(crystal, expansion, resolution)
    allowed = allowed_pairs(atoms, pairs)
    where = f"{crystal.source.file}, block {crystal.source.block}"
    found, about_ions = detach_alkali(atoms.elements, classify_pairs(atoms.elements, allowed, rule), where)
    components = find_components(len(atoms.elements), found.bonds)
    molecules, kind = find_distinct(crystal, atoms, found, components, resolution.share)
    return Assembly(
        crystal=crystal,
        molecules=molecules,
        contacts=_find_contacts(crystal, atoms, found, kind[components.label]),
        resolution=resolution,
        rule=rule,
        findings=(
            *crystal.audit,
            *expansion.findings,
            *ordered,
            *restored,
            *resolution.findings,
            *about_ions,
            *_find_bumps(crystal, atoms, allowed, where),
            *_find_long_bonds(molecules, where),
        ),
    )


def _find_contacts(
    crystal: Crystal, atoms: AtomSelection, found: BondedPairs, molecule: IntArray
) -> tuple[MetalContact, ...]:
    """Return the metal contacts, one for each pair of sites and distance."""
    metals = np.flatnonzero(np.array([is_metal(e) for e in atoms.elements], dtype=bool))
    if not len(metals):
        return ()
    radii = van_der_waals_radii([atoms.elements[i] for i in metals.tolist()])
    near = find_periodic_pairs(crystal.cell, atoms.fract[metals], 2 * float(radii.max()))
    near = near.select(np.flatnonzero(near.distances <= radii[near.first] + radii[near.second]))
    bonded = {
        (a, b, *s)
        for a, b, s in zip(
            found.bonds.first.tolist(), found.bonds.second.tolist(), found.bonds.shifts.tolist(), strict=True
        )
    }
    unique: dict[tuple[int, int, float], MetalContact] = {}
    first, second = metals[near.first].tolist(), metals[near.second].tolist()
    for a, b, s, d in zip(first, second, near.shifts.tolist(), near.distances.tolist(), strict=True):
        sites = sorted((int(atoms.site[a]), int(atoms.site[b])))
        if (a, b, *s) in bonded or d < 1.0:  # images of one disordered metal, not a contact
            continue
        contact = MetalContact(
            labels=(crystal.sites.labels[sites[0]], crystal.sites.labels[sites[1]]),
            elements=(crystal.sites.elements[sites[0]], crystal.sites.elements[sites[1]]),
            distance=d,
            between=(int(molecule[a]), int(molecule[b])),
        )
        unique.setdefault((sites[0], sites[1], round(d, 3)), contact)
    return tuple(sorted(unique.values(), key=lambda c: c.distance))


def _find_bumps(crystal: Crystal, atoms: AtomSelection, pairs: Pairs, where: str) -> tuple[Finding, ...]:
    """Report atoms of the chosen structure that stand too close to be real."""
    close = pairs.select(np.flatnonzero(is_overlap(pairs, AtomKinds(atoms.elements))))
    told: dict[tuple[str, str], float] = {}
    for a, b, d in zip(close.first.tolist(), close.second.tolist(), close.distances.tolist(), strict=True):
        first, second = sorted((int(atoms.site[a]), int(atoms.site[b])))
        labels = (crystal.sites.labels[first], crystal.sites.labels[second])
        told[labels] = min(d, told.get(labels, d))
    return tuple(
        Finding(
            code="assembly-bump",
            severity="warning",
            message=f"{where}: {labels[0]} and {labels[1]} are only {distance:.3f} Å apart; both kept, "
            "not bonded if below 0.6 of the covalent sum",
            labels=labels,
        )
        for labels, distance in sorted(told.items())
    )


def _find_long_bonds(molecules: tuple[DistinctMolecule, ...], where: str) -> tuple[Finding, ...]:
    told: dict[tuple[str, str], float] = {}
    for distinct in molecules:
        bonds, labels = distinct.molecule.bonds, distinct.molecule.labels
        for row in np.flatnonzero(bonds.long).tolist():
            first, second = sorted(labels[i] for i in bonds.pairs[row].tolist())
            told[first, second] = float(bonds.lengths[row])
    return tuple(
        Finding(
            code="assembly-long-bond",
            severity="warning",
            message=f"{where}: {labels[0]}–{labels[1]} {length:.3f} Å is long for a bond; kept as one",
            labels=labels,
        )
        for labels, length in sorted(told.items())
    )
