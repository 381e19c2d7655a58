"""Crystals built by hand: atoms, cell and operations as plain values, written as a CIF and read back."""

from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel.assembly.molecules import Assembly, assemble_molecules
from clustermodel.io.cif import parse_cif
from clustermodel.structure.cell import Cell
from clustermodel.structure.crystal import Crystal

IDENTITY = ((np.eye(3, dtype=int), np.zeros(3)),)
DENOMINATOR = 24  # every translation of a tabulated setting is a multiple of 1/24


@dataclass(frozen=True, kw_only=True, eq=False)
class Atom:
    label: str
    element: str
    fract: np.ndarray
    occupancy: float = 1.0
    part: int = 0
    assembly: str = ""

    def moved(self, fract):
        return replace(self, fract=np.asarray(fract, dtype=float))

    def renamed(self, label):
        return replace(self, label=label)


@dataclass(frozen=True, kw_only=True, eq=False)
class Built:
    """A crystal: rows of `matrix` are the cell vectors in Å, an operation is (R, t) with x' = R x + t."""

    matrix: np.ndarray
    operations: tuple = IDENTITY
    atoms: tuple = ()
    expected: dict = field(default_factory=dict)

    def with_atoms(self, atoms):
        return replace(self, atoms=tuple(atoms))

    def parameters(self):
        lengths = np.linalg.norm(self.matrix, axis=1)
        unit = self.matrix / lengths[:, None]
        cosines = np.array([unit[1] @ unit[2], unit[0] @ unit[2], unit[0] @ unit[1]])
        return lengths, np.degrees(np.arccos(cosines))


def cubic(edge):
    return np.eye(3) * edge


def place(elements, positions, matrix, *, at=(0.0, 0.0, 0.0), prefix="", **columns):
    """Return atoms at Cartesian positions around a fractional point."""
    inverse = np.linalg.inv(matrix)
    return tuple(
        Atom(
            label=f"{prefix}{symbol}{i + 1}",
            element=symbol,
            fract=np.asarray(at) + np.asarray(xyz) @ inverse,
            **columns,
        )
        for i, (symbol, xyz) in enumerate(zip(elements, positions, strict=True))
    )


def triplet(rotation, translation):
    rows = []
    for row, shift in zip(np.asarray(rotation).tolist(), translation, strict=True):
        terms = [f"{'-' if n < 0 else '+'}{abs(n) if abs(n) > 1 else ''}{'*' if abs(n) > 1 else ''}{axis}"
                 for n, axis in zip(row, "xyz", strict=True) if n]  # fmt: skip
        part = round(float(shift) * DENOMINATOR) % DENOMINATOR
        rows.append("".join(terms) + (f"+{part}/{DENOMINATOR}" if part else ""))
    return ",".join(rows)


def format_built(built):
    """Write the crystal with its list of operations and no name of a space group."""
    lengths, angles = built.parameters()
    lines = ["data_built"]
    lines += [f"_cell_length_{axis} {value:.7f}" for axis, value in zip("abc", lengths, strict=True)]
    names = ("alpha", "beta", "gamma")
    lines += [f"_cell_angle_{name} {value:.7f}" for name, value in zip(names, angles, strict=True)]
    lines += ["loop_", "_space_group_symop_operation_xyz"]
    lines += [f"'{triplet(rotation, translation)}'" for rotation, translation in built.operations]
    lines += ["loop_"]
    columns = ("label", "type_symbol", "fract_x", "fract_y", "fract_z", "occupancy")
    lines += [f"_atom_site_{name}" for name in (*columns, "disorder_assembly", "disorder_group")]
    for atom in built.atoms:
        x, y, z = (f"{value:.8f}" for value in atom.fract)
        part = str(atom.part) if atom.part else "."
        lines.append(
            f"{atom.label} {atom.element} {x} {y} {z} {atom.occupancy:.4g} {atom.assembly or '.'} {part}"
        )
    return ("\n".join(lines) + "\n").encode()


def read_built(built) -> Crystal:
    return parse_cif(format_built(built), "built.cif")[0]


def assemble_built(built, **options) -> Assembly:
    return assemble_molecules(read_built(built), **options)


def standard_cell(built):
    """Return the cell as the reader sees it: a along x, b in the xy plane."""
    lengths, angles = built.parameters()
    return Cell(lengths=lengths, angles=angles)


def distances(positions):
    """Return all distances between atoms, sorted: a molecule without regard to where it stands."""
    xyz = np.asarray(positions)
    upper = np.triu_indices(len(xyz), 1)
    return np.sort(np.linalg.norm(xyz[upper[0]] - xyz[upper[1]], axis=1))


def codes(assembly):
    return [finding.code for finding in assembly.findings]
