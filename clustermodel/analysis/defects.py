"""Which single-atom defects can a cluster have, and which can be filled? Every different site, once.

Removed atoms leave all others where they are, an added atom brings the ligand of its like: a start for
relaxation, not a structure. Sites are the same if an approximate symmetry of metal and donor atoms, with all
their bonds, exchanges them (`defect_symmetry`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.analysis.defect_fillings import fill_vacancy
from clustermodel.analysis.defect_molecules import add_atoms, exchange_elements, remove_atoms
from clustermodel.analysis.defect_removals import Removal, list_removals, list_substitutions
from clustermodel.analysis.defect_results import (
    DEFECT_KINDS,
    Defect,
    DefectCharge,
    Defects,
    DefectSettings,
)
from clustermodel.analysis.defect_surface import count_contacts, find_clashes, measure_exposure
from clustermodel.analysis.defect_symmetry import SelfMap, find_self_maps, group_sites
from clustermodel.analysis.defect_vacancies import Vacancy, find_vacancies
from clustermodel.analysis.kernel_units import KernelUnits, UnitSettings, find_kernel_units
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster, build_cluster, is_cluster
from clustermodel.cluster.electron_count import count_electrons, magic_numbers
from clustermodel.cluster.ligand_environment import find_core_metals
from clustermodel.cluster.ligands import find_ligands
from clustermodel.errors import ChemistryError, InputError
from clustermodel.structure.finding import Finding
from clustermodel.structure.molecule import Molecule

__all__ = ["find_defects"]

_SAME_PLACE = 1.5  # Å; an image of a vacancy this near to another one is that one


def find_defects(
    cluster: Cluster,
    anatomy: Anatomy,
    *,
    charge: int | None = None,
    units: KernelUnits | None = None,
    settings: DefectSettings | None = None,
) -> Defects:
    """List the single-site changes of a cluster.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell.
    charge : int, optional
        Its charge; without it no charges are suggested.
    units : KernelUnits, optional
        The polyhedra of its kernel, if they are known already.
    settings : DefectSettings, optional
        Choices that differ from the defaults.

    Returns
    -------
    Defects
        One defect for every different site, by kind and rank.

    Raises
    ------
    InputError
        If a kind of change does not exist.
    ChemistryError
        If the cluster is part of a polymer.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> atoms = molecule_from_atoms(["Au"] * 4, [[0, 0, 0], [2.8, 0, 0], [1.4, 2.4, 0], [1.4, 0.8, 2.3]])
    >>> four = build_cluster(bond_molecule(atoms))
    >>> only = DefectSettings(kinds=("kernel atom removed",))
    >>> (defect,) = find_defects(four, classify_kernel(four), charge=2, settings=only).defects
    >>> defect.formula, defect.multiplicity, [(one.charge, one.electrons) for one in defect.charges]
    ('Au3', 4, [(1, 2), (2, 1)])
    """
    chosen = settings if settings is not None else DefectSettings()
    wrong = sorted(set(chosen.kinds) - set(DEFECT_KINDS))
    if wrong:
        msg = f"no kind of defect is called {wrong[0]!r}; expected some of {', '.join(DEFECT_KINDS)}"
        raise InputError(msg)
    if cluster.molecule.periodicity:
        msg = f"{cluster.molecule.formula} is part of a polymer: defects are listed for molecules only"
        raise ChemistryError(msg)
    parent = _Parent(cluster, anatomy, charge, chosen)
    found = [*parent.list_removals(), *parent.list_fillings(units)]
    ordered = sorted(found, key=lambda one: (DEFECT_KINDS.index(one.kind), one.rank))
    return Defects(
        formula=cluster.molecule.formula,
        charge=charge,
        electrons=parent.electrons,
        symmetries=sum(one.lone < 0 for one in parent.maps),
        defects=tuple(ordered),
        settings=chosen,
        findings=tuple(parent.findings),
    )


class _Parent:
    """The cluster that is changed."""

    def __init__(
        self, cluster: Cluster, anatomy: Anatomy, charge: int | None, settings: DefectSettings
    ) -> None:
        self.cluster, self.anatomy, self.charge, self.settings = cluster, anatomy, charge, settings
        self.molecule = cluster.molecule
        count = count_electrons(cluster, charge)
        self.electrons, self.neutral = count.value, count.at_zero_charge
        self.maps: tuple[SelfMap, ...] = find_self_maps(cluster, anatomy, tolerance=settings.tolerance)
        self.findings: list[Finding] = []

    def list_removals(self) -> Iterator[Defect]:
        """Yield what can be removed or exchanged, each different site once."""
        changes = [
            *list_removals(self.cluster, self.anatomy),
            *list_substitutions(self.cluster, self.settings.substitutes),
        ]
        by_kind: dict[tuple[str, str], list[Removal]] = {}
        for change in changes:
            if change.kind in self.settings.kinds:
                by_kind.setdefault((change.kind, change.element), []).append(change)
        for same in by_kind.values():
            groups = group_sites([change.site for change in same], self.maps)
            yield from _rank([self._change(same[g[0]], [same[k].site for k in g]) for g in groups])

    def _change(self, change: Removal, sites: Sequence[tuple[int, ...]]) -> Defect:
        changed = self._apply(change)
        metals = set(self.cluster.metals)
        own = [atom for atom in change.site if atom in metals]
        shift = self._count_shift(changed)
        return Defect(
            kind=change.kind,
            title=change.title,
            atoms=change.atoms,
            ligand=change.ligand,
            site=tuple(self.molecule.labels[atom] for atom in change.site),
            multiplicity=len(sites),
            equivalents=tuple(sites),
            molecule=changed.molecule,
            formula=changed.molecule.formula,
            electron_change=shift,
            charges=tuple(self._list_charges(shift)),
            exposure=measure_exposure(self.molecule, own or change.site, change.own),
            contacts=count_contacts(self.molecule, own, metals - set(own)),
            donor_bonds=self._count_donor_bonds(set(change.atoms)),
            rank=0,
            clashes=(),
            core_clashes=0,
            evidence=(),
        )

    def _apply(self, change: Removal) -> Cluster:
        if change.element:
            elements = dict.fromkeys(change.atoms, change.element)
            return replace(self.cluster, molecule=exchange_elements(self.molecule, elements))
        return self._rebuild(remove_atoms(self.molecule, change.atoms), change.title)

    def _rebuild(self, molecule: Molecule, title: str) -> Cluster:
        """Find the ligands anew; all metal atoms stay one cluster, and it is said if no bonds join them."""
        metals = find_core_metals(molecule)
        joined = 0
        if is_cluster(molecule):
            changed = build_cluster(molecule)
            joined = len(changed.metals)
            if joined == len(metals):
                return changed
        message = f"{title}: only {joined} of {len(metals)} metal atoms are joined by bonds or ligands"
        self.findings.append(Finding(code="defect-loose", severity="info", message=message))
        return Cluster(molecule=molecule, metals=metals, ligands=find_ligands(molecule))

    def list_fillings(self, units: KernelUnits | None) -> list[Defect]:
        """Return what can be filled, each different vacancy once."""
        if "vacancy filled" not in self.settings.kinds:
            return []
        known = units
        if known is None:
            known = find_kernel_units(self.cluster, self.anatomy, settings=UnitSettings(certify=False))
        vacancies = find_vacancies(
            self.cluster, self.anatomy, self.maps, known, squeeze=self.settings.squeeze
        )
        groups = _group_vacancies(vacancies, self.maps)
        return _rank([self._fill(vacancies[g[0]], self._count_images(vacancies[g[0]])) for g in groups])

    def _count_images(self, vacancy: Vacancy) -> int:
        """Count the places that the symmetries give a vacancy, whether they were found one by one or not."""
        places: list[FloatArray] = []
        for image in (one.move(vacancy.position) for one in self.maps if one.lone < 0):
            if not any(_is_near(image, known) for known in places):
                places.append(image)
        return max(1, len(places))

    def _fill(self, vacancy: Vacancy, multiplicity: int) -> Defect:
        limits = self.settings.overlap, self.settings.squeeze
        filling = fill_vacancy(self.cluster, vacancy, limits)
        around = tuple(self.molecule.labels[atom] for atom in vacancy.neighbours)
        with_ligand = f" and {filling.ligand}" if filling.ligand else ""
        title = f"{vacancy.element}{with_ligand} added beside {', '.join(around)}"
        changed = self._rebuild(add_atoms(self.molecule, filling.added), title)
        size, names = len(self.molecule), filling.added.labels
        own = range(size + 1, len(changed.molecule))
        shift = self._count_shift(changed)
        donors = {int(max(pair)) for pair in filling.added.bonds if min(pair) == size}
        core = {names[atom - size] for atom in (size, *donors)}
        clashes = find_clashes(self.cluster, filling.added.elements, names, filling.added.positions, limits)
        return Defect(
            kind="vacancy filled",
            title=title,
            atoms=(),
            ligand=filling.ligand,
            site=around,
            multiplicity=multiplicity,
            equivalents=(),
            molecule=changed.molecule,
            formula=changed.molecule.formula,
            electron_change=shift,
            charges=tuple(self._list_charges(shift)),
            exposure=measure_exposure(changed.molecule, [size], own),
            contacts=len(vacancy.neighbours),
            donor_bonds=0,
            rank=0,
            clashes=clashes,
            core_clashes=sum(clash.added in core for clash in clashes),
            evidence=vacancy.evidence,
        )

    def _count_shift(self, changed: Cluster) -> int | None:
        """Return by how much the superatom electrons change at constant charge."""
        neutral = count_electrons(changed, None).at_zero_charge
        return None if neutral is None or self.neutral is None else neutral - self.neutral

    def _list_charges(self, shift: int | None) -> Iterator[DefectCharge]:
        """Yield the charge that keeps the electrons of the parent, and its charge."""
        if shift is None or self.charge is None or self.electrons is None:
            return
        if shift == 0:
            yield _describe_charge(self.charge, self.electrons, "electrons and charge")
        else:
            yield _describe_charge(self.charge + shift, self.electrons, "electrons")
            yield _describe_charge(self.charge, self.electrons + shift, "charge")

    def _count_donor_bonds(self, gone: set[int]) -> int:
        """Return the metal-donor bonds between some atoms and the others."""
        return sum(
            (donor.atom in gone) != (metal in gone)
            for ligand in self.cluster.ligands
            for donor in ligand.donors
            for metal in donor.metals
        )


def _describe_charge(
    charge: int, electrons: int, keeps: Literal["electrons", "charge", "electrons and charge"]
) -> DefectCharge:
    return DefectCharge(charge=charge, electrons=electrons, keeps=keeps, magic=electrons in magic_numbers())


def _group_vacancies(vacancies: Sequence[Vacancy], maps: Sequence[SelfMap]) -> list[list[int]]:
    """Group vacancies that a symmetry exchanges; places in the list, groups by their first member."""
    groups: list[list[int]] = []
    for k, vacancy in enumerate(vacancies):
        images = [one.move(vacancy.position) for one in maps if one.lone < 0]
        home = next(
            (g for g in groups if any(_is_near(image, vacancies[g[0]].position) for image in images)), None
        )
        if home is None:
            groups.append([k])
        else:
            home.append(k)
    return groups


def _is_near(first: FloatArray, second: FloatArray) -> bool:
    return float(np.linalg.norm(first - second)) < _SAME_PLACE


def _rank(defects: Sequence[Defect]) -> list[Defect]:
    """Return changes of one kind with their ranks: least clashes, fewest bonds, most exposed first."""

    def measure(one: Defect) -> tuple[int, int, int, float]:
        bonds = one.contacts + one.donor_bonds
        order = -bonds if one.kind == "vacancy filled" else bonds
        return one.core_clashes, order, len(one.clashes), -one.exposure

    return [replace(one, rank=k) for k, one in enumerate(sorted(defects, key=measure), start=1)]
