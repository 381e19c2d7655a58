"""Small CIFs written by the tests themselves."""

from collections.abc import Iterable, Sequence

HEAD = (
    "label",
    "type_symbol",
    "fract_x",
    "fract_y",
    "fract_z",
    "occupancy",
    "disorder_assembly",
    "disorder_group",
)


def write_toy(
    rows: Iterable[Sequence[object]],
    *,
    operations: Sequence[str] = ("x,y,z",),
    lengths: Sequence[float] = (20.0, 20.0, 20.0),
    extra: str = "",
    name: str = "toy",
) -> bytes:
    """Return a CIF; a row is label, element, x, y, z [, occupancy [, assembly, group]]."""
    lines = [f"data_{name}", extra]
    lines += [f"_cell_length_{axis} {x}" for axis, x in zip("abc", lengths, strict=True)]
    lines += [f"_cell_angle_{angle} 90" for angle in ("alpha", "beta", "gamma")]
    lines += ["loop_", "_space_group_symop_operation_xyz", *(f"'{op}'" for op in operations), "loop_"]
    lines += [f"_atom_site_{tag}" for tag in HEAD]
    for row in rows:
        filled = [*row, *(1.0, ".", ".")[len(row) - 5 :]]
        lines.append(" ".join(str(value) for value in filled))
    return ("\n".join(lines) + "\n").encode()
