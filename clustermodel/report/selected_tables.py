"""Which bonds and angles are selected? One of each set of symmetry copies, with symmetry codes below."""

from collections.abc import Sequence
from typing import Any

from clustermodel.report.table import Cell, Column, Formula, Measured, Table

__all__ = ["list_rigidity_tables", "list_selected_tables"]

Json = dict[str, Any]

_MINUS = "\N{MINUS SIGN}"
_COPIES = "One of each set of symmetry copies; the last column counts them all."
_DISPLACEMENTS = (
    "role",
    "element",
    "n",
    "n_unique",
    "mean",
    "sd",
    "minimum",
    "maximum",
    "n_anisotropic",
)
_RIGID = {
    "n": Column("n"),
    "n_unique": Column("n unique"),
    "mean": Column("mean Δ", "Å²", 4),
    "mean_absolute": Column("mean |Δ|", "Å²", 4),
    "rms": Column("r.m.s. Δ", "Å²", 4),
    "su": Column("r.m.s. s.u.", "Å²", 4),
    "mean_ratio": Column("mean |Δ|/s.u.", digits=1),
    "largest": Column("largest Δ", "Å²", 4),
}
_NO_SU = "Without s.u.: an atom of it has none."
_FIXED = "Fixed by symmetry, so without s.u.: {}."


def list_selected_tables(cluster: Json) -> tuple[Table, ...]:
    """Make the tables of selected bonds and angles.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    tuple of Table
        Bonds and angles; empty ones are left out, and there are none where nothing was measured.
    """
    selected = (cluster.get("structure") or {}).get("selected")
    if selected is None:
        return ()
    numbers = {atom["label"]: number for number, atom in reversed(list(enumerate(cluster["atoms"])))}
    bonds = Table(
        name="selected-bonds",
        title="Selected bond lengths",
        columns=(Column("bond"), Column("role"), Column("length", "Å"), Column("number in the cluster")),
        rows=tuple(
            (_name(bond), bond["role"], _measured(bond["length"], bond["su"], 3), bond["multiplicity"])
            for bond in selected["bonds"]
        ),
        caption=f"{_describe(selected)} {_COPIES}",
        notes=_list_notes(selected, selected["bonds"]),
        atoms=_find_atoms(selected["bonds"], numbers),
    )
    angles = Table(
        name="selected-angles",
        title="Selected angles",
        columns=(
            Column("angle"),
            Column("elements"),
            Column("role of the middle atom"),
            Column("value", "°"),
            Column("number in the cluster"),
        ),
        rows=tuple(
            (
                _name(angle),
                angle["elements"].replace("-", "–"),
                angle["role"],
                _measured(angle["angle"], angle["su"], 1),
                angle["multiplicity"],
            )
            for angle in selected["angles"]
        ),
        caption=f"{_describe(selected)} {_COPIES}",
        notes=_list_notes(selected, selected["angles"]),
        atoms=_find_atoms(selected["angles"], numbers),
    )
    return tuple(table for table in (bonds, angles) if table.rows)


def _name(row: Json) -> str:
    return "–".join(atom["label"] + atom["mark"] for atom in row["atoms"])


def _describe(selected: Json) -> str:
    return (
        f"Roles by the convention {selected['convention']}; metal–metal distances up to "
        f"{selected['settings']['cutoff']:.2f} Å. s.u. in parentheses, from coordinates and cell."
    )


def _measured(value: float | None, su: float | None, digits: int) -> Cell:
    return None if value is None else Measured(value, su, digits)


def _list_notes(selected: Json, rows: Sequence[Json]) -> tuple[str, ...]:
    """Return the symmetry codes that the rows use, and why some have no s.u."""
    used = {atom["mark"] for row in rows for atom in row["atoms"] if atom["mark"]}
    codes = [
        f"{code['mark']} {code['text'].replace('-', _MINUS)}"
        for code in selected["symmetry"]
        if code["mark"] in used
    ]
    told = [f"Symmetry codes: {'; '.join(codes)}."] if codes else []
    fixed = [_name(row) for row in rows if row.get("fixed")]
    if fixed:
        told.append(_FIXED.format(", ".join(fixed)))
    if any(row["su"] is None and not row.get("fixed") for row in rows):
        told.append(_NO_SU)
    return tuple(told)


def _find_atoms(rows: Sequence[Json], numbers: dict[str, int]) -> tuple[tuple[int, ...], ...]:
    """Return for each row those of its atoms that the file lists, for the view of the report."""
    return tuple(
        tuple(
            numbers[atom["label"]] for atom in row["atoms"] if not atom["mark"] and atom["label"] in numbers
        )
        for row in rows
    )


def list_rigidity_tables(cluster: Json) -> tuple[Table, ...]:
    """Make the tables of displacement parameters by role.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    tuple of Table
        Mean displacements of atoms and rigid-bond differences; none where nothing was measured.
    """
    rigidity = (cluster.get("structure") or {}).get("rigidity")
    if rigidity is None:
        return ()
    temperature = rigidity["temperature"]
    at = "Temperature not stated" if temperature is None else f"At {temperature:.0f} K"
    warning = (
        f"Roles by the convention {rigidity['convention']}. {at}; displacements are to be compared at equal "
        "temperature only."
    )
    atoms = Table(
        name="displacements",
        title="Mean displacement parameters by role",
        columns=(
            Column("role"),
            Column("element"),
            Column("n"),
            Column("n unique"),
            *(Column(name, "Å²", 4) for name in ("mean U(eq)", "s.d.", "min", "max")),
            Column("of them anisotropic"),
        ),
        rows=tuple(tuple(row[key] for key in _DISPLACEMENTS) for row in rigidity["displacements"]),
        caption=f"U(eq): a third of the trace of U. {warning}",
    )
    columns = [one for one in _RIGID if any(row[one] is not None for row in rigidity["bonds"])]
    bonds = Table(
        name="rigid-bonds",
        title="Rigid-bond differences by role",
        columns=(
            Column("role"),
            Column("pair"),
            *(_RIGID[one] for one in columns),
            Column("largest at"),
        ),
        rows=tuple(
            (
                row["role"],
                Formula(row["pair"]),
                *(row[one] for one in columns),
                "–".join(row["largest_labels"]),
            )
            for row in rigidity["bonds"]
        ),
        caption="Δ: difference of the mean-square displacements of the two atoms along their bond, second "
        f"less first, zero for a rigid bond. {warning}",
    )
    return tuple(table for table in (atoms, bonds) if table.rows)
