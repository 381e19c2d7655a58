"""Clusters of the shared test data, read once."""

from functools import cache

from clustermodel.structure.molecule import Molecule, molecule_from_atoms
from tests.datafiles import data_path

XRAY_AU25 = "xyz/Au25_SCH2CH2Ph_18_neutral_from_COD1540567.xyz"


def read_atoms(relative: str) -> Molecule:
    """Return the atoms of one xyz file without bonds, or skip the test that needs it."""
    return _read(data_path(relative))


@cache
def _read(path) -> Molecule:
    import ase.io

    atoms = ase.io.read(path)
    return molecule_from_atoms(atoms.get_chemical_symbols(), atoms.positions)
