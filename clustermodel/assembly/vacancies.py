"""Is a metal site only partly there? A co-crystal of filled and defect molecules taken apart."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import IntArray
from clustermodel.assembly.distinct import DistinctMolecule
from clustermodel.assembly.site_conflicts import MixedSite
from clustermodel.elements import format_formula, is_metal
from clustermodel.structure.finding import Finding
from clustermodel.structure.molecule import Bonds, Molecule, Origin

__all__ = ["Variant", "average_formula", "count_average", "find_variants", "tell_vacancies"]

_VACANT = 0.98  # an occupancy below this is a real deficit: refined ones have s.u. near 0.01
_ALIKE = 0.03  # a ligand that comes and goes with its metal has its occupancy within 3 s.u.
_WHOLE = 0.05  # a number of missing atoms this near to a whole one is that whole number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """One of the molecules that share a place in the crystal.

    Parameters
    ----------
    molecule : Molecule
        Its atoms.
    fraction : float
        Share of the places that hold it.
    missing : tuple of str
        Labels of the metal sites that are empty.
    vacancies : tuple of str
        Labels of all partly occupied metal sites of the place, with their occupancy.
    """

    molecule: Molecule
    fraction: float
    missing: tuple[str, ...]
    vacancies: tuple[tuple[str, float], ...] = field(default=())


def find_variants(distinct: DistinctMolecule) -> tuple[Variant, ...]:
    """Split a molecule with partly occupied metal sites into the molecules it averages.

    Metals below 0.98 without an alternative are vacancies; atoms bonded to them with the
    same occupancy leave with them. The simplest mixture that gives the occupancies is
    reported: if m atoms are missing on average, molecules lacking the whole numbers next to
    m, weighted accordingly (0.4 missing: 60 % filled, 40 % lacking one; 1.00 missing over
    four sites: every molecule lacks one).

    Parameters
    ----------
    distinct : DistinctMolecule
        A molecule as assembled, all sites filled.

    Returns
    -------
    tuple of Variant
        One variant if nothing is missing.
    """
    molecule = distinct.molecule
    ordered = float(distinct.share.max()) if len(distinct.share) else 1.0
    groups = _vacancy_groups(molecule, distinct, ordered)
    if not groups or molecule.periodicity:
        return (Variant(molecule=molecule, fraction=1.0, missing=()),)
    vacancies = tuple((molecule.labels[g[0]], float(molecule.occupancy[g[0]])) for g in groups)
    missing = sum(1.0 - float(molecule.occupancy[g[0]]) / ordered for g in groups)
    low = int(np.floor(missing + _WHOLE))
    high_share = missing - low if missing - low > _WHOLE else 0.0
    variants = []
    for count, fraction in ((low, 1.0 - high_share), (low + 1, high_share)):
        if fraction > 0:
            gone = groups[:count]
            atoms = sorted(i for group in gone for i in group)
            variants.append(
                Variant(
                    molecule=_without(molecule, atoms),
                    fraction=fraction,
                    missing=tuple(molecule.labels[g[0]] for g in gone),
                    vacancies=vacancies,
                )
            )
    return tuple(variants)


def average_formula(distinct: DistinctMolecule, mixed: tuple[MixedSite, ...]) -> str:
    """Return the formula of an occupied place with every atom counted by its occupancy.

    Alternatives of disorder count fully; a place shared by elements counts each of them.

    Parameters
    ----------
    distinct : DistinctMolecule
        A molecule as assembled.
    mixed : tuple of MixedSite
        Places shared by several elements.

    Returns
    -------
    str
        Formula in Hill order, of a polymer the smallest unit.
    """
    ordered = float(distinct.share.max())
    counts = count_average(distinct, mixed)
    return format_formula({element: n / ordered for element, n in counts.items()})


def count_average(distinct: DistinctMolecule, mixed: tuple[MixedSite, ...]) -> dict[str, float]:
    """Count the atoms of a molecule by their occupancy.

    Parameters
    ----------
    distinct : DistinctMolecule
        A molecule as assembled.
    mixed : tuple of MixedSite
        Places shared by several elements.

    Returns
    -------
    dict of str to float
        Atoms per formula unit by element.
    """
    composition = {site: one.occupancies for one in mixed for site in one.sites}
    counts: dict[str, float] = {}
    molecule = distinct.molecule
    for index, site in enumerate(molecule.origin.sites.tolist()):
        parts = composition.get(site, {molecule.elements[index]: float(distinct.share[index])})
        for element, amount in parts.items():
            counts[element] = counts.get(element, 0.0) + amount / distinct.repeat
    return counts


def tell_vacancies(variants: tuple[Variant, ...], where: str) -> tuple[Finding, ...]:
    """Say which metal sites are partly empty and what molecules that makes.

    Parameters
    ----------
    variants : tuple of Variant
        The molecules of one place.
    where : str
        File and block for the message.

    Returns
    -------
    tuple of Finding
        One entry, or none if nothing is missing.
    """
    vacancies = variants[0].vacancies
    if not vacancies:
        return ()
    sites = ", ".join(f"{label} {occupancy:.3g}" for label, occupancy in vacancies)
    made = " + ".join(f"{v.fraction:.3f} {v.molecule.formula}" for v in variants)
    how = "a co-crystal" if len(variants) > 1 else "one molecule with disordered vacancies"
    return (
        Finding(
            code="assembly-vacancy",
            severity="warning",
            message=f"{where}: metal sites partly empty without an alternative ({sites}): {how}, simplest "
            f"reading {made}",
            labels=tuple(label for label, _ in vacancies),
        ),
    )


def _vacancy_groups(molecule: Molecule, distinct: DistinctMolecule, ordered: float) -> list[list[int]]:
    """Return the vacant metals, the emptiest first, each with the atoms that leave with it."""
    neighbors = molecule.neighbors()
    share = distinct.share / ordered
    groups = []
    for metal in np.flatnonzero(share < _VACANT).tolist():
        if not is_metal(molecule.elements[metal]):
            continue
        reached, front = {metal}, [metal]
        while front:
            atom = front.pop()
            for other in neighbors[atom]:
                alike = abs(share[other] - share[metal]) < _ALIKE
                if other not in reached and alike and not is_metal(molecule.elements[other]):
                    reached.add(other)
                    front.append(other)
        groups.append([metal, *sorted(reached - {metal})])
    return sorted(groups, key=lambda g: (float(share[g[0]]), g[0]))


def _without(molecule: Molecule, gone: list[int]) -> Molecule:
    if not gone:
        return molecule
    keep: IntArray = np.setdiff1d(np.arange(len(molecule)), gone)
    place = np.full(len(molecule), -1, dtype=np.int64)
    place[keep] = np.arange(len(keep))
    bonds, origin = molecule.bonds, molecule.origin
    rows = np.flatnonzero(np.all(place[bonds.pairs] >= 0, axis=1))
    return Molecule(
        elements=tuple(molecule.elements[i] for i in keep.tolist()),
        positions=molecule.positions[keep],
        bonds=Bonds(
            pairs=place[bonds.pairs[rows]],
            lengths=bonds.lengths[rows],
            shifts=bonds.shifts[rows],
            long=bonds.long[rows],
        ),
        origin=Origin(
            labels=tuple(origin.labels[i] for i in keep.tolist()),
            sites=origin.sites[keep],
            operations=origin.operations[keep],
            shifts=origin.shifts[keep],
        ),
        occupancy=molecule.occupancy[keep],
        u_eq=molecule.u_eq[keep],
        periodicity=molecule.periodicity,
    )
