"""Atomically precise metal nanoclusters: from a deposited CIF to molecules, motifs and electron count.

The chapters, in the order of the work:

==========================  ========================================================================
``clustermodel.structure``  what is there: cell, symmetry, sites, crystal, molecule, bonds
``clustermodel.io``         files to values and back
``clustermodel.assembly``   from a refined cell to whole molecules
``clustermodel.cluster``    the chemistry of one cluster: ligands, kernel, motifs, electron count
``clustermodel.analysis``   one file per number in the paper
``clustermodel.pipeline``   whole jobs
``clustermodel.report``     results as tables, figures and pages
``clustermodel.cli``        the command line
==========================  ========================================================================

The names below are loaded on first use, so that ``import clustermodel`` stays quick.
"""

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clustermodel.assembly.bonding import bond_molecule
    from clustermodel.assembly.molecules import assemble_molecules
    from clustermodel.errors import ClusterModelError
    from clustermodel.io.cif import read_cif
    from clustermodel.pipeline.analyze import analyze
    from clustermodel.structure.cell import Cell
    from clustermodel.structure.crystal import Crystal
    from clustermodel.structure.finding import Finding
    from clustermodel.structure.molecule import Molecule, molecule_from_atoms
    from clustermodel.structure.symmetry import SpaceGroup

__all__ = [
    "Cell",
    "ClusterModelError",
    "Crystal",
    "Finding",
    "Molecule",
    "SpaceGroup",
    "analyze",
    "assemble_molecules",
    "bond_molecule",
    "molecule_from_atoms",
    "read_cif",
]

__version__: str

_MODULES = {
    "Cell": "clustermodel.structure.cell",
    "ClusterModelError": "clustermodel.errors",
    "Crystal": "clustermodel.structure.crystal",
    "Finding": "clustermodel.structure.finding",
    "Molecule": "clustermodel.structure.molecule",
    "SpaceGroup": "clustermodel.structure.symmetry",
    "analyze": "clustermodel.pipeline.analyze",
    "assemble_molecules": "clustermodel.assembly.molecules",
    "bond_molecule": "clustermodel.assembly.bonding",
    "molecule_from_atoms": "clustermodel.structure.molecule",
    "read_cif": "clustermodel.io.cif",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type of a name is known to type checkers above
    """Load one of the public names on first use."""
    if name == "__version__":
        return _read_version()
    module = _MODULES.get(name)
    if module is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def _read_version() -> str:
    try:
        return version("clustermodel")
    except PackageNotFoundError:  # a source tree on the path that was never installed
        return "0+unknown"


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted([*globals(), *__all__])
