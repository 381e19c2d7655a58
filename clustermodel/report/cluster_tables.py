"""What does a document say about one cluster? Overview, ligands, anatomy, electrons, bonds, atoms."""

from dataclasses import replace
from typing import Any

from clustermodel.report.bond_tables import tabulate_bonds, tabulate_cutoffs
from clustermodel.report.crystal_tables import describe_source
from clustermodel.report.notation import combine_operation
from clustermodel.report.sentences import describe_composition, describe_count, describe_source_of_charge
from clustermodel.report.table import (
    Cell,
    Charge,
    Column,
    Formula,
    Operation,
    SpaceGroupName,
    Table,
)

__all__ = ["SUM_ROLE", "list_cluster_tables"]

Json = dict[str, Any]

SUM_ROLE = "metal-donor"
"""The row of bonds that adds up kernel-donor and staple-donor; figures leave it out."""

_DONOR_SUM = ("motif_donors", "bridges", "sulfides", "terminals")
_BOOKS_NOTE = (
    "Metals: all = kernel + motifs. Donors: all = motifs + bridges + sulfides + terminals. Margin: distance "
    "of the nearest deciding contact from the cut-off."
)
_COUNT_NOTE = (
    "n* = metals + hydrogens − ligands − charge (walter2008). Sources are keys of the manual's list of "
    "references; derived: not stated there, but following from it. A closed shell does not prove a superatom."
)


def list_cluster_tables(cluster: Json, document: Json) -> tuple[Table, ...]:
    """Make the tables about one cluster.

    Parameters
    ----------
    cluster : dict
        One of the clusters of the document.
    document : dict
        A document ``clustermodel.analysis/1``.

    Returns
    -------
    tuple of Table
        Overview, ligands, conventions, limits, electron count, electron count against charge, bonds, bonds by
        cut-off and atoms; those that would be empty are left out. Names begin with ``cluster-ID-``.
    """
    made = (
        _tabulate_overview(cluster),
        _tabulate_ligands(cluster),
        _tabulate_conventions(cluster),
        _tabulate_limits(cluster),
        _tabulate_terms(cluster),
        _tabulate_charges(cluster),
        tabulate_bonds(cluster, document),
        tabulate_cutoffs(cluster, document),
        _tabulate_atoms(cluster),
    )
    source = describe_source(document)
    return tuple(
        replace(
            table,
            name=f"cluster-{cluster['id']}-{table.name}",
            title=f"{table.title}, cluster {cluster['id']}",
            source=source,
        )
        for table in made
        if table.rows
    )


def _tabulate_overview(cluster: Json) -> Table:
    count, kernel = cluster["electron_count"], cluster["kernel"]
    rows: list[tuple[Cell, Cell]] = [
        ("composition", Formula(describe_composition(cluster))),
        ("formula", Formula(cluster["formula"])),
        ("charge", None if cluster["charge"]["value"] is None else Charge(cluster["charge"]["value"])),
        ("source of the charge", describe_source_of_charge(cluster["charge"]["source"])),
        ("electron count n*", count["value"]),
        (
            "electron count",
            describe_count(count) if count["at_zero_charge"] is None else Formula(describe_count(count)),
        ),
        ("kernel and motifs", Formula(kernel["summary"])),
        ("convention", kernel["convention"]),
        (
            "site symmetry",
            SpaceGroupName(cluster["site_symmetry"], is_point_group=True)
            if cluster["site_symmetry"]
            else None,
        ),
        ("metals", Formula(" ".join(f"{element}{n}" for element, n in cluster["metals"].items()))),
    ]
    if cluster["vacancies"]:
        rows += [
            ("share of the places", cluster["fraction"]),
            ("average formula of the place", Formula(cluster["average_formula"])),
            ("missing here", ", ".join(cluster["vacancies"]["missing"]) or "none"),
        ]
        rows += [
            (f"occupancy of {site['label']}", site["occupancy"]) for site in cluster["vacancies"]["sites"]
        ]
    return Table(
        name="overview",
        title="Overview",
        columns=(Column("quantity"), Column("value")),
        rows=tuple(rows),
        caption=f"Kernel and motifs by the convention {kernel['convention']}.",
    )


def _tabulate_ligands(cluster: Json) -> Table:
    return Table(
        name="ligands",
        title="Ligands",
        columns=(
            Column("count"),
            Column("ligand"),
            Column("formula"),
            Column("class"),
            Column("binding"),
            Column("electrons taken"),
        ),
        rows=tuple(
            (
                row["count"],
                Formula(row["name"]) if row["name"] else None,
                Formula(row["formula"]),
                row["class"],
                Formula(row["binding"]),
                row["electrons"],
            )
            for row in cluster["ligands"]
        ),
        caption="Classes by the donor atoms, formulas with the hydrogens of the file; binding: metal atoms "
        "held by the donor (μ), donors on one metal atom (κ), carbon atoms of a π bond (η).",
    )


def _tabulate_conventions(cluster: Json) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in cluster["conventions"]:
        books = one["bookkeeping"]
        rows.append(
            (
                one["convention"],
                Formula(one["kernel"]["formula"] or "none"),
                Formula(_list_motifs(one["motifs"])),
                f"{books['metals']} = {books['kernel_metals']} + {books['motif_metals']}",
                f"{books['donors']} = {' + '.join(str(books[kind]) for kind in _DONOR_SUM)}",
                "yes" if books["balanced"] else "NO",
                one["margin"],
                _judge_stability(one),
            )
        )
    limits = "; ".join(
        f"{one['convention']}: {_list_limits(one['settings'])}" for one in cluster["conventions"]
    )
    return Table(
        name="conventions",
        title="Kernel and motifs by every convention",
        columns=(
            Column("convention"),
            Column("kernel"),
            Column("motifs and attachments"),
            Column("metals"),
            Column("donors"),
            Column("balanced"),
            Column("margin", "Å"),
            Column("stable"),
        ),
        rows=tuple(rows),
        caption=f"{_BOOKS_NOTE} Limits (Å, degrees): {limits}.",
    )


def _list_limits(settings: Json) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items())


def _judge_stability(convention: Json) -> str | None:
    if not convention["variants"]:
        return None
    return "unstable" if convention["unstable"] else "yes"


def _list_motifs(motifs: list[Json]) -> str:
    words = [f"{m['count']} {m['label']}{' (branched)' if m['branched'] else ''}" for m in motifs]
    return ", ".join(words) or "none"


def _tabulate_limits(cluster: Json) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (cluster["kernel"]["convention"], *_limit_cells(variant)) for variant in cluster["metal_donor_limits"]
    ]
    rows += [(one["convention"], *_limit_cells(v)) for one in cluster["conventions"] for v in one["variants"]]
    return Table(
        name="limits",
        title="Kernel and motifs with the limits moved",
        columns=(
            Column("convention"),
            Column("limit"),
            Column("moved by", "Å"),
            Column("kernel"),
            Column("motifs and attachments"),
        ),
        rows=tuple(rows),
        caption="The same analysis with one limit longer or shorter: an inventory that changes hangs on it.",
    )


def _limit_cells(variant: Json) -> tuple[Cell, ...]:
    motifs = ", ".join(f"{m['count']} {m['label']}" for m in variant["motifs"]) or "none"
    kernel = variant["kernel"] or "none"
    return variant["limit"], f"{variant['change']:+.2f}".replace("-", "−"), Formula(kernel), Formula(motifs)


def _tabulate_terms(cluster: Json) -> Table:
    count = cluster["electron_count"]
    rows: list[tuple[Cell, ...]] = [
        (
            Formula(term["label"]),
            term["count"],
            term["each"],
            term["total"],
            term["rule"],
            term["source"] + (" (derived)" if term["derived"] else ""),
        )
        for term in count["terms"]
    ]
    if count["value"] is not None:
        rows.append(("n*", None, None, count["value"], "sum of the terms", ""))
    elif count["at_zero_charge"] is not None:
        rows.append(
            ("n* for charge zero", None, None, count["at_zero_charge"], "the charge is not known", "")
        )
    return Table(
        name="electrons",
        title="Superatom electron count",
        columns=(
            Column("term"),
            Column("count"),
            Column("electrons each"),
            Column("electrons"),
            Column("rule"),
            Column("source"),
        ),
        rows=tuple(rows),
        caption=_COUNT_NOTE,
    )


def _tabulate_charges(cluster: Json) -> Table:
    count = cluster["electron_count"]
    return Table(
        name="electrons-by-charge",
        title="Electron count against charge",
        columns=(Column("charge", "e"), Column("n*"), Column("closes a shell"), Column("this cluster")),
        rows=tuple(
            (
                Charge(row["charge"]),
                row["count"],
                "yes" if row["magic"] else "",
                "yes" if row["charge"] == count["charge"] else "",
            )
            for row in count["by_charge"]
        ),
        caption="n* for every charge, with the shell closings marked"
        + ("." if count["charge"] is not None else "; the charge of this cluster is not known."),
    )


def _tabulate_atoms(cluster: Json) -> Table:
    return Table(
        name="atoms",
        title="Atoms",
        columns=(
            Column("no."),
            Column("label"),
            Column("element"),
            Column("role"),
            Column("symmetry"),
            Column("x", "Å", 4),
            Column("y", "Å", 4),
            Column("z", "Å", 4),
            Column("occupancy", digits=3),
            Column("U(eq)", "Å²", 4),
        ),
        rows=tuple(
            (
                number,
                atom["label"],
                atom["element"],
                atom["role"],
                Operation(combine_operation(atom["symop"], tuple(atom["shift"]))),
                *atom["xyz"],
                atom["occupancy"],
                atom["u_eq"],
            )
            for number, atom in enumerate(cluster["atoms"], 1)
        ),
        caption="Cartesian coordinates; symmetry: operation and lattice shift that make the atom from the "
        "site in the file.",
        atoms=tuple((number,) for number in range(len(cluster["atoms"]))),
    )
