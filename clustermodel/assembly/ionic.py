"""Is an alkali metal part of a complex or a counter-ion? Contacts to metal-bearing ions undone."""

from dataclasses import replace

import numpy as np

from clustermodel._arrays import BoolArray
from clustermodel.assembly.bonding import BondedPairs
from clustermodel.assembly.connectivity import find_components
from clustermodel.elements import is_metal
from clustermodel.structure.finding import Finding

__all__ = ["ALKALI", "detach_alkali"]

ALKALI = frozenset({"Na", "K", "Rb", "Cs"})


def detach_alkali(
    elements: tuple[str, ...], found: BondedPairs, where: str
) -> tuple[BondedPairs, tuple[Finding, ...]]:
    """Drop bonds of Na, K, Rb and Cs to molecules that hold another metal.

    Such an ion near a cluster or a complex anion is a counter-ion in contact; bonded to
    crown ethers or solvents it is a complex and keeps its bonds.

    Parameters
    ----------
    elements : tuple of str
        Element symbols of the atoms.
    found : BondedPairs
        Their bonds.
    where : str
        File and block for messages.

    Returns
    -------
    BondedPairs
        The bonds without those contacts.
    tuple of Finding
        One entry per element concerned.
    """
    alkali = np.isin(np.array(elements, dtype="U2"), sorted(ALKALI))
    if not alkali.any():
        return found, ()
    bonds = found.bonds
    ionic = alkali[bonds.first] | alkali[bonds.second]
    rest = find_components(len(elements), bonds.select(np.flatnonzero(~ionic)))
    other = np.array([is_metal(e) for e in elements], dtype=bool) & ~alkali
    metallic: BoolArray = np.zeros(len(rest.components), dtype=bool)
    metallic[rest.label[other]] = True
    partner = np.where(alkali[bonds.first], bonds.second, bonds.first)
    contact = ionic & (metallic[rest.label[partner]] | alkali[partner])
    if not contact.any():
        return found, ()
    keep = np.flatnonzero(~contact)
    ions = np.where(alkali[bonds.first], bonds.first, bonds.second)[contact]
    names = sorted({elements[i] for i in ions.tolist()})
    finding = Finding(
        code="assembly-ionic-contact",
        severity="info",
        message=f"{where}: contacts of {', '.join(names)} to metal-bearing ions are not counted as "
        "bonds: the ions are listed apart",
    )
    return replace(found, bonds=bonds.select(keep), long=found.long[keep]), (finding,)
