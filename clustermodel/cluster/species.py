"""What is each molecule of the crystal for? Cluster, complex, counter-ion or solvent."""

from dataclasses import dataclass, field
from typing import Literal

from clustermodel.assembly.distinct import DistinctMolecule
from clustermodel.assembly.molecules import Assembly
from clustermodel.assembly.species_names import SpeciesName, name_molecule
from clustermodel.cluster.cluster import is_cluster
from clustermodel.elements import find_element, is_metal
from clustermodel.structure.molecule import Molecule

__all__ = ["Role", "Species", "classify_species"]

Role = Literal["cluster", "metal complex", "counter-ion", "solvent", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Species:
    """One kind of molecule in the crystal.

    Parameters
    ----------
    distinct : DistinctMolecule
        The molecule.
    formula : str
        Formula in Hill order; of a polymer the smallest whole one.
    role : {"cluster", "metal complex", "counter-ion", "solvent", "unknown"}
        What it is for.
    name : str
        Common name, empty if not recognised.
    per_cell : float
        Formula units in the cell.
    charge : int or None
        Charge if it follows from the name.
    notes : tuple of str
        How sure the name is, missing hydrogens, disorder.

    Notes
    -----
    A *cluster* has three or more metal atoms joined by metal-metal bonds or bridging ligands; any
    other molecule with a metal that is not a known ion, polymers included, is a *metal complex*.
    """

    distinct: DistinctMolecule
    formula: str
    role: Role
    name: str
    per_cell: float = field(metadata={"unit": "per cell"})
    charge: int | None = field(metadata={"unit": "e"})
    notes: tuple[str, ...] = ()


def classify_species(assembly: Assembly) -> tuple[Species, ...]:
    """Name every distinct molecule of a crystal and say what it is for.

    Parameters
    ----------
    assembly : Assembly
        The molecules.

    Returns
    -------
    tuple of Species
        In the order of the molecules.

    Examples
    --------
    >>> from clustermodel.assembly.molecules import assemble_molecules
    >>> from clustermodel.io.cif import read_cif
    >>> from clustermodel.io.embedded import find_model
    >>> found = classify_species(assemble_molecules(read_cif(find_model("au25_sch3_18_nme4"))))
    >>> [(species.role, species.name, species.charge) for species in found]
    [('cluster', '', None), ('counter-ion', 'tetramethylammonium', 1)]
    """
    return tuple(_classify(distinct) for distinct in assembly.molecules)


def _classify(distinct: DistinctMolecule) -> Species:
    molecule = distinct.molecule
    known = name_molecule(molecule)
    metals = [e for e in set(molecule.elements) if is_metal(e) and find_element(e) is not None]
    role = (
        _role_of_known(known, has_metal=bool(metals))
        if known is not None
        else _role_by_metals(molecule, metals)
    )
    return Species(
        distinct=distinct,
        formula=distinct.formula,
        role=role,
        name=known.name if known else "",
        per_cell=distinct.per_cell,
        charge=known.charge if known else None,
        notes=known.notes if known else (),
    )


def _role_of_known(known: SpeciesName, *, has_metal: bool) -> Role:
    if known.charge is None:
        return "unknown"
    if known.charge:
        return "counter-ion"
    return "metal complex" if has_metal else "solvent"


def _role_by_metals(molecule: Molecule, metals: list[str]) -> Role:
    if not metals:
        return "unknown"
    return "cluster" if not molecule.periodicity and is_cluster(molecule) else "metal complex"
