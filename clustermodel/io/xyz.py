"""How is a molecule written as xyz or extended xyz?

Extended xyz as read by ASE and OVITO: the second line names the columns and holds key=value
pairs.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from clustermodel.structure.molecule import Molecule

__all__ = ["format_extxyz", "format_xyz"]


def format_xyz(molecule: Molecule, comment: str) -> str:
    """Write a molecule as plain xyz.

    Parameters
    ----------
    molecule : Molecule
        The atoms.
    comment : str
        Second line.

    Returns
    -------
    str
        Content of the file.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> print(format_xyz(molecule_from_atoms(["Au"], [[0, 0, 1]]), "one atom"), end="")
    1
    one atom
    Au      0.000000     0.000000     1.000000
    """
    rows = [str(len(molecule)), " ".join(comment.split())]
    for element, (x, y, z) in zip(molecule.elements, molecule.positions.tolist(), strict=True):
        rows.append(f"{element:2s} {x:13.6f}{y:13.6f}{z:13.6f}")
    return "\n".join(rows) + "\n"


def format_extxyz(
    molecule: Molecule, *, roles: Sequence[str] = (), info: Mapping[str, str] | None = None
) -> str:
    """Write a molecule as extended xyz with its labels, origins and roles.

    Parameters
    ----------
    molecule : Molecule
        The atoms.
    roles : sequence of str, optional
        Role of each atom; the column is left out if empty.
    info : mapping of str to str, optional
        Pairs for the second line.

    Returns
    -------
    str
        Content of the file.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> text = format_extxyz(molecule_from_atoms(["Au"], [[0, 0, 1]]), roles=["centre"])
    >>> text.splitlines()[1].split()[0]
    'Properties=species:S:1:pos:R:3:label:S:1:operation:I:1:shift:I:3:occupancy:R:1:u_eq:R:1:role:S:1'
    """
    columns = "species:S:1:pos:R:3:label:S:1:operation:I:1:shift:I:3:occupancy:R:1:u_eq:R:1"
    pairs = [f'{key}="{_quoted(value)}"' for key, value in (info or {}).items()]
    head = " ".join([f"Properties={columns}{':role:S:1' if roles else ''}", *pairs])
    rows = [str(len(molecule)), f'{head} pbc="F F F"']
    origin = molecule.origin
    for i, element in enumerate(molecule.elements):
        x, y, z = molecule.positions[i]
        a, b, c = origin.shifts[i]
        u = molecule.u_eq[i] if np.isfinite(molecule.u_eq[i]) else 0.0
        role = f" {roles[i].replace(' ', '-')}" if roles else ""
        rows.append(
            f"{element:2s} {x:13.6f}{y:13.6f}{z:13.6f} {origin.labels[i].replace(' ', '_'):8s} "
            f"{origin.operations[i]:3d} {a:2d} {b:2d} {c:2d} {molecule.occupancy[i]:6.3f} {u:8.5f}{role}"
        )
    return "\n".join(rows) + "\n"


def _quoted(value: str) -> str:
    return " ".join(value.split()).replace('"', "'")
