"""How are assembled atoms written as a CIF in P 1 for the next program?"""

from collections.abc import Sequence

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.structure.cell import Cell
from clustermodel.structure.molecule import Molecule

__all__ = ["format_cif"]

_MARGIN = 5.0  # Å of empty space on each side of molecules that come without a cell


def format_cif(
    molecules: Sequence[Molecule], *, cell: Cell | None, name: str, notes: Sequence[str] = ()
) -> str:
    """Write molecules as one CIF block in P 1.

    Parameters
    ----------
    molecules : sequence of Molecule
        What to write; atoms are not folded into the cell, so that molecules stay whole.
    cell : Cell or None
        The cell; None puts the molecules into a box with 5 Å of space around them.
    name : str
        Name of the data block.
    notes : sequence of str, optional
        Comment lines for the top, such as the disorder parts that were chosen.

    Returns
    -------
    str
        Content of the file.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> text = format_cif([molecule_from_atoms(["Au"], [[0, 0, 0]])], cell=None, name="gold")
    >>> text.splitlines()[0], "_cell_length_a 10.00000" in text
    ('data_gold', True)
    """
    box, shift = (cell, np.zeros(3)) if cell is not None else _box(molecules)
    rows = [f"data_{''.join(name.split()) or 'clustermodel'}"]
    rows += [f"# {' '.join(note.split())}" for note in notes]
    for axis, length in zip("abc", box.lengths, strict=True):
        rows.append(f"_cell_length_{axis} {length:.5f}")
    for axis, angle in zip(("alpha", "beta", "gamma"), box.angles, strict=True):
        rows.append(f"_cell_angle_{axis} {angle:.5f}")
    rows += ["_space_group_name_H-M_alt 'P 1'", "loop_", "_space_group_symop_operation_xyz", "'x,y,z'"]
    rows += ["loop_", *(f"_atom_site_{tag}" for tag in _TAGS)]
    used: dict[str, int] = {}
    for molecule in molecules:
        fract = (molecule.positions + shift) @ box.inverse
        for i, element in enumerate(molecule.elements):
            label = _unique(molecule.labels[i].replace(" ", ""), used)
            x, y, z = fract[i]
            u = f"{molecule.u_eq[i]:.5f}" if np.isfinite(molecule.u_eq[i]) else "?"
            rows.append(f"{label} {element} {x:.6f} {y:.6f} {z:.6f} {u} {molecule.occupancy[i]:.4g}")
    return "\n".join(rows) + "\n"


_TAGS = ("label", "type_symbol", "fract_x", "fract_y", "fract_z", "U_iso_or_equiv", "occupancy")


def _unique(label: str, used: dict[str, int]) -> str:
    used[label] = used.get(label, 0) + 1
    return label if used[label] == 1 else f"{label}_{used[label]}"


def _box(molecules: Sequence[Molecule]) -> tuple[Cell, FloatArray]:
    positions = np.concatenate([m.positions for m in molecules])
    low = positions.min(axis=0) - _MARGIN
    lengths = positions.max(axis=0) + _MARGIN - low
    return Cell(lengths=lengths, angles=np.full(3, 90.0)), -low
