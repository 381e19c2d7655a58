"""Which atoms does a file without symmetry hold? The one door to ASE's readers."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.elements import find_element
from clustermodel.errors import InputError
from clustermodel.io.mol2 import parse_mol2
from clustermodel.structure.cell import Cell
from clustermodel.structure.crystal import Crystal, Source
from clustermodel.structure.molecule import Molecule
from clustermodel.structure.sites import Sites
from clustermodel.structure.symmetry import space_group_from_triplets

if TYPE_CHECKING:
    import ase

_MARGIN = 20.0  # Å: more than any bond or contact that is looked for
_MODEL = re.compile(rb"(?:.*[\s\"'=])?MODEL\b")  # the word in capitals, as this project writes it

__all__ = ["from_ase", "read_atoms", "to_ase"]


def read_atoms(path: str | Path) -> Crystal:
    """Read atoms from xyz, extxyz, mol2, POSCAR or any other format of ASE.

    A lattice with periodic boundaries is used to make molecules whole that its faces cut; atoms
    without one are put into a box in P 1 that keeps them apart from their images. An xyz whose second line
    has the word MODEL in capitals is taken as the model that it says it is.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Crystal
        The atoms in P 1.

    Raises
    ------
    InputError
        If the file cannot be opened or read.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}); give the path of a structure file"
        raise InputError(msg) from error
    source = Source(file=file.name, sha256=hashlib.sha256(data).hexdigest())
    if file.suffix.lower() == ".mol2":
        elements, positions, labels = parse_mol2(data.decode("utf-8", "replace"), file.name)
        return _boxed(tuple(elements), positions, tuple(labels), source)
    crystal = from_ase(_read_with_ase(file), source=source)
    return replace(crystal, is_model=_is_model(file, data))


def _is_model(file: Path, data: bytes) -> bool:
    if not file.suffix.lower().endswith("xyz"):
        return False
    lines = data.split(b"\n", 2)
    return len(lines) > 1 and _MODEL.match(lines[1]) is not None


def from_ase(atoms: "ase.Atoms", *, source: Source | None = None) -> Crystal:
    """Turn ASE atoms into a crystal in P 1.

    Parameters
    ----------
    atoms : ase.Atoms
        The atoms.
    source : Source, optional
        Where they came from.

    Returns
    -------
    Crystal
        Elements, positions and the cell, or a box around atoms without one.

    Raises
    ------
    InputError
        If there are no atoms, or atoms without an element or position.

    Examples
    --------
    >>> import ase
    >>> from_ase(ase.Atoms("Au2", positions=[[0, 0, 0], [0, 0, 2.7]])).sites.labels
    ('Au1', 'Au2')
    """
    source = source if source is not None else Source(file="atoms")
    symbols = tuple(atoms.get_chemical_symbols())
    unknown = sorted({s for s in symbols if find_element(s) is None})
    if not symbols or unknown or not np.all(np.isfinite(atoms.positions)):
        found = f"elements {', '.join(unknown)}" if unknown else "no atoms with positions"
        msg = f"{source.file}: found {found}; expected at least one atom of a known element"
        raise InputError(msg)
    labels = tuple(f"{symbol}{i + 1}" for i, symbol in enumerate(symbols))
    if not bool(np.all(atoms.pbc)) or abs(atoms.cell.volume) < 1.0:
        return _boxed(symbols, atoms.positions, labels, source)
    cell = Cell(lengths=atoms.cell.lengths(), angles=atoms.cell.angles())
    return _crystal(symbols, atoms.get_scaled_positions(wrap=False), labels, cell, source)


def to_ase(molecule: Molecule, *, roles: Sequence[str] = ()) -> "ase.Atoms":
    """Turn a molecule into ASE atoms.

    Parameters
    ----------
    molecule : Molecule
        The molecule.
    roles : sequence of str, optional
        Role of each atom, kept as the array ``role``.

    Returns
    -------
    ase.Atoms
        With arrays ``label`` and ``occupancy``.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> to_ase(molecule_from_atoms(["Au"], [[0, 0, 0]])).get_chemical_formula()
    'Au'
    """
    import ase

    atoms = ase.Atoms(list(molecule.elements), positions=molecule.positions)
    atoms.new_array("label", np.array(molecule.labels))
    atoms.new_array("occupancy", np.array(molecule.occupancy))
    if roles:
        atoms.new_array("role", np.array(roles))
    return atoms


def _read_with_ase(file: Path) -> "ase.Atoms":
    import ase.io
    from ase.io.formats import UnknownFileTypeError

    try:
        read = ase.io.read(file, index=0)
    except UnknownFileTypeError as error:
        msg = f"{file.name}: format not recognised; expected CIF, xyz, extxyz, mol2, POSCAR or another of ASE"
        raise InputError(msg) from error
    except Exception as error:
        msg = f"{file.name}: cannot be read as atoms ({type(error).__name__}: {error}); check the file"
        raise InputError(msg) from error
    return read[0] if isinstance(read, list) else read


def _boxed(
    symbols: tuple[str, ...], positions: FloatArray, labels: tuple[str, ...], source: Source
) -> Crystal:
    extent = np.ptp(positions, axis=0) + _MARGIN
    cell = Cell(lengths=extent, angles=np.full(3, 90.0))
    return _crystal(symbols, positions @ cell.inverse, labels, cell, source)


def _crystal(
    symbols: tuple[str, ...], fract: FloatArray, labels: tuple[str, ...], cell: Cell, source: Source
) -> Crystal:
    n = len(symbols)
    sites = Sites(
        labels=labels,
        elements=symbols,
        fract=fract,
        fract_su=np.zeros((n, 3)),
        fract_step=np.zeros((n, 3)),
        u_iso=np.full(n, np.nan),
        u_aniso=np.full((n, 6), np.nan),
        occupancy=np.ones(n),
        assembly=("",) * n,
        part=np.zeros(n, dtype=np.int64),
        calculated=np.zeros(n, dtype=np.int64),
        residue=("",) * n,
    )
    group = space_group_from_triplets(["x,y,z"], source="none, P 1")
    return Crystal(cell=cell, space_group=group, sites=sites, source=source)
