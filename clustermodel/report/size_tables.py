"""How large is the cluster by each definition? One row for each definition, one column for each part."""

from collections.abc import Iterator
from typing import Any

from clustermodel.report.side_by_side import Quantity, merge_keys, round_to
from clustermodel.report.table import Column, Formula, Measured, Table

__all__ = ["list_size_quantities", "tabulate_size"]

Json = dict[str, Any]

_PARTS = {"kernel": "kernel", "skeleton": "all metal atoms", "cluster": "all atoms"}
_LENGTH, _VOLUME, _MEAN = 2, 1, 2  # decimals


def tabulate_size(cluster: Json) -> Table:
    """Make the table of the size of a cluster by every definition.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    Table
        No rows where nothing was measured.
    """
    size = (cluster.get("structure") or {}).get("size")
    values: dict[str, dict[str, Measured | None]] = {part: {} for part in _PARTS}
    definitions: dict[str, str] = {}
    for part, name, value, definition in _list_values(size) if size is not None else ():
        values[part][name] = value
        definitions.setdefault(name, definition)
    parts = [part for part in _PARTS if values[part]]
    return Table(
        name="size",
        title="Size by each definition",
        columns=(Column("quantity"), *(Column(_PARTS[part]) for part in parts), Column("definition")),
        rows=tuple(
            (Formula(name), *(values[part].get(name) for part in parts), Formula(definitions[name]))
            for name in merge_keys(values[part] for part in parts)
        ),
        caption=_describe(size) if size is not None else "",
    )


def _describe(size: Json) -> str:
    tolerance = size["settings"]["tolerance"]
    return (
        f"Kernel by the convention {size['convention']}; all atoms: with hydrogen. Between atom centres, "
        "unless radii are named. Principal axes whose moments are equal within 1 % are not defined by "
        "the atoms: extents along them are left out. Symmetry axes: of the metal atoms, point group "
        f"{size['point_group']} within {tolerance:.2f} Å."
    )


def _list_values(size: Json) -> Iterator[tuple[str, str, Measured | None, str]]:
    """Yield part, name with unit, value and definition of every size."""
    for one in size["lengths"]:
        name = one["name"].replace("(bondi)", "(Bondi radii)").replace("(alvarez)", "(Alvarez radii)")
        name = name.replace("(covalent)", "(covalent radii)")
        definition, part = one["definition"], one["part"]
        if one["n"] == 1:
            yield part, f"{name} / Å", round_to(one["value"], _LENGTH), definition
            continue
        yield part, f"{name}, mean of {one['n']} / Å", round_to(one["value"], _LENGTH), definition
        yield part, f"{name}, smallest / Å", round_to(one["minimum"], _LENGTH), "The smallest of them."
        yield part, f"{name}, largest / Å", round_to(one["maximum"], _LENGTH), "The largest of them."
    for one in size["volumes"]:
        yield one["part"], f"{one['name']} / Å³", round_to(one["value"], _VOLUME), one["definition"]
    for one in size["coordination"]:
        name = f"mean coordination up to {one['cutoff']:.2f} Å"
        definition = "Mean number of metal atoms of the part within this distance of one of them."
        yield one["part"], name, round_to(one["value"], _MEAN), definition


def list_size_quantities(cluster: Json) -> Iterator[Quantity]:
    """List the sizes of a cluster for a table of several structures.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Yields
    ------
    Quantity
        The key is part and quantity.
    """
    size = (cluster.get("structure") or {}).get("size")
    if size is None:
        return
    for wanted, words in _PARTS.items():
        for part, name, value, _ in _list_values(size):
            if part == wanted:
                yield Quantity((words, Formula(name)), value)
