"""Which atoms does a Tripos mol2 file hold, and how is a molecule written as one?

Format: Tripos Mol2 File Format, SYBYL 7.1 (2005). Only MOLECULE, ATOM and BOND records are
used; bond orders are not known to this package and written as 1.
"""

import re

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.elements import find_element
from clustermodel.errors import InputError
from clustermodel.structure.molecule import Molecule

__all__ = ["format_mol2", "parse_mol2"]

_RECORD = re.compile(r"^@<TRIPOS>(\w+)", re.MULTILINE)
_COLUMNS = 6  # id, name, x, y, z, type


def parse_mol2(text: str, name: str) -> tuple[list[str], FloatArray, list[str]]:
    r"""Read the atoms of the first molecule.

    Parameters
    ----------
    text : str
        Content of the file.
    name : str
        File name for messages.

    Returns
    -------
    list of str
        Elements.
    ndarray, shape (n, 3)
        Positions in Å.
    list of str
        Atom names, numbered where they repeat.

    Raises
    ------
    InputError
        If there is no ATOM record or a line of it cannot be read.

    Examples
    --------
    >>> elements, positions, labels = parse_mol2("@<TRIPOS>ATOM\n1 AU1 0 0 0 Au\n", "a.mol2")
    >>> elements, labels
    (['Au'], ['AU1'])
    """
    pieces = _RECORD.split(text)
    records = dict(zip(reversed(pieces[1::2]), reversed(pieces[2::2]), strict=True))
    lines = [line.split() for line in records.get("ATOM", "").splitlines() if line.strip()]
    if not lines:
        msg = f"{name}: found no @<TRIPOS>ATOM record; expected a Tripos mol2 file with atoms"
        raise InputError(msg)
    elements, positions, labels = [], [], []
    for number, words in enumerate(lines, 1):
        symbol = words[5].partition(".")[0].capitalize() if len(words) >= _COLUMNS else ""
        try:
            position = [float(word) for word in words[2:5]]
        except ValueError:
            position = []
        if find_element(symbol) is None or len(position) != 3:
            msg = f"{name}: atom line {number} is {' '.join(words)!r}; expected id, name, x, y, z, type"
            raise InputError(msg)
        elements.append(symbol)
        positions.append(position)
        labels.append(words[1] if words[1] not in labels else f"{words[1]}#{number}")
    return elements, np.array(positions, dtype=np.float64), labels


def format_mol2(molecule: Molecule, title: str) -> str:
    """Write a molecule as mol2.

    Parameters
    ----------
    molecule : Molecule
        Atoms and bonds.
    title : str
        Name of the molecule, one line.

    Returns
    -------
    str
        Content of the file.
    """
    pairs = molecule.bonds.pairs.tolist()
    rows = ["@<TRIPOS>MOLECULE", " ".join(title.split()), f"{len(molecule)} {len(pairs)} 1 0 0"]
    rows += ["SMALL", "NO_CHARGES", "", "@<TRIPOS>ATOM"]
    atoms = zip(molecule.labels, molecule.elements, molecule.positions.tolist(), strict=True)
    for i, (label, element, (x, y, z)) in enumerate(atoms, 1):
        rows.append(f"{i} {label.replace(' ', '_')} {x:.5f} {y:.5f} {z:.5f} {element} 1 UNL1 0.0")
    rows.append("@<TRIPOS>BOND")
    rows += [f"{i} {first + 1} {second + 1} 1" for i, (first, second) in enumerate(pairs, 1)]
    return "\n".join(rows) + "\n"
