"""How are the clusters packed? Neighbours with four distances, shells, filled space and density."""

from collections.abc import Iterator
from typing import Any

from clustermodel.report.file_tables import trim_message
from clustermodel.report.notation import format_number
from clustermodel.report.side_by_side import Quantity, round_to
from clustermodel.report.table import Cell, Column, Measured, Operation, Table

__all__ = ["list_packing_quantities", "list_packing_tables"]

Json = dict[str, Any]

_DISTANCES = (
    ("centroid", "kernel centroids"),
    ("centre", "central atoms"),
    ("metal", "nearest metals"),
    ("atom", "nearest atoms"),
)


def list_packing_tables(document: Json) -> tuple[Table, ...]:
    """Make the tables of the packing of a crystal.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of Table
        Summary, neighbours and shells; none without a crystal, a cluster or a measurement.
    """
    packing = document.get("packing")
    if packing is None:
        return ()
    made = (_tabulate_summary(packing, document), _tabulate_neighbours(packing), _tabulate_shells(packing))
    return tuple(table for table in made if table.rows)


def _tabulate_summary(packing: Json, document: Json) -> Table:
    settings = packing["settings"]
    return Table(
        name="packing",
        title="Packing of the clusters",
        columns=(Column("quantity"), Column("value")),
        rows=tuple(
            (*quantity.key, quantity.value) for quantity in _summarise(packing) if quantity.value is not None
        ),
        caption="Packing coefficient: share of the cell inside the van der Waals spheres of its atoms, "
        f"overlaps counted once (radii of the preset {settings['preset']}); void: the rest, masked "
        "solvent included. An arrangement bears the name of a lattice up to a deviation of "
        f"{settings['lattice_limit']:g} edges of the cube with the volume per cluster.",
        notes=tuple(f"{_capitalise(trim_message(one['message'], document))}." for one in packing["findings"]),
    )


def _summarise(packing: Json) -> Iterator[Quantity]:
    arrangements = packing["arrangements"]
    yield Quantity(("arrangement of the kernel centroids",), packing["lattice"])
    nearest = [
        f"{one['nearest']} ({format_number(one['deviation'], 3)} edges off)"
        for one in arrangements
        if one["nearest"]
    ]
    yield Quantity(("nearest simple lattice",), ", ".join(dict.fromkeys(nearest)) or None)
    yield Quantity(("clusters per cell",), packing["clusters_per_cell"])
    yield Quantity(("volume per cluster / Å³",), round_to(packing["volume_per_cluster"], 1))
    shells = packing["shells"]
    first = [one for one in shells if one["number"] == 1]
    yield Quantity(("neighbours in the first shell",), ", ".join(str(one["count"]) for one in first) or None)
    yield Quantity(("packing coefficient",), round_to(packing["coefficient"], 4))
    yield Quantity(("void fraction",), round_to(packing["void_fraction"], 4))
    yield Quantity(("density of the atoms / g cm⁻³",), round_to(packing["density"], 3))
    yield Quantity(("density declared / g cm⁻³",), round_to(packing["density_declared"], 3))
    yield Quantity(("density of declared weight and Z / g cm⁻³",), round_to(packing["density_formula"], 3))


def _tabulate_neighbours(packing: Json) -> Table:
    neighbours, settings = packing["neighbours"], packing["settings"]
    several = len(packing["arrangements"]) > 1
    heads = [Column(title, "Å") for _, title in _DISTANCES]
    return Table(
        name="packing-neighbours",
        title="Distances between clusters",
        columns=(
            *((Column("cluster"), Column("neighbour")) if several else ()),
            Column("symmetry of the neighbour"),
            Column("number"),
            *heads[:3],
            Column("these metals"),
            heads[3],
            Column("these atoms"),
        ),
        rows=tuple(
            (
                *((one["cluster"] + 1, one["neighbour"] + 1) if several else ()),
                Operation(one["symmetry"].replace(" ", "")),
                one["multiplicity"],
                *(_measured(one, key) for key in ("centroid", "centre", "metal")),
                "···".join(one["metal_labels"]),
                _measured(one, "atom"),
                "···".join(one["atom_labels"]),
            )
            for one in neighbours
        ),
        caption="One of each set of equivalent neighbours; number: how many there are round the cluster. "
        "Kernel centroids: unweighted mean of the kernel atoms (all metal atoms where there is no "
        f"kernel). Listed up to {settings['reach']:g} cube roots of the volume per cluster, and further "
        f"where atoms are nearer than {settings['touching']:.2f} Å. s.u. in parentheses; none with riding "
        "hydrogen.",
    )


def _measured(neighbour: Json, key: str) -> Cell:
    value, su = neighbour[f"{key}_distance"], neighbour[f"{key}_su"]
    return None if value is None else Measured(value, su)


def _tabulate_shells(packing: Json) -> Table:
    several = len(packing["arrangements"]) > 1
    gap = packing["settings"]["shell_gap"]
    return Table(
        name="packing-shells",
        title="Shells of neighbours",
        columns=(
            *((Column("cluster"),) if several else ()),
            Column("shell"),
            Column("clusters"),
            *(Column(name, "Å", 2) for name in ("mean", "from", "to")),
        ),
        rows=tuple(
            (
                *((one["cluster"] + 1,) if several else ()),
                *(one[key] for key in ("number", "count", "mean", "inner", "outer")),
            )
            for one in packing["shells"]
        ),
        caption="Distances of the kernel centroids; a new shell begins where one is "
        f"{gap:g} times the one before.",
    )


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def list_packing_quantities(document: Json) -> Iterator[Quantity]:
    """List the packing of a crystal for a table of several structures.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.analysis/1``.

    Yields
    ------
    Quantity
        The key is the quantity.
    """
    packing = document.get("packing")
    if packing is None:
        return
    yield from _summarise(packing)
    for key, title in _DISTANCES:
        found = [one for one in packing["neighbours"] if one[f"{key}_distance"] is not None]
        nearest = min(found, key=lambda one: one[f"{key}_distance"], default=None)
        shown = None if nearest is None else _measured(nearest, key)
        yield Quantity((f"shortest distance, {title} / Å",), shown)
    for shell in packing["shells"]:
        if shell["cluster"] == 0:
            name = f"shell {shell['number']}"
            yield Quantity((f"{name}, clusters",), shell["count"])
            yield Quantity((f"{name}, mean distance of kernel centroids / Å",), round_to(shell["mean"], 2))
