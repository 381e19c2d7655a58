"""What is the shell made of? Kernel, motifs and ligands counted, and the shapes of the staples."""

from collections.abc import Iterator
from typing import Any

from clustermodel.report.notation import write_subscripts
from clustermodel.report.side_by_side import Quantity, round_to
from clustermodel.report.table import Cell, Charge, Column, Formula, Table

__all__ = ["list_motif_quantities", "tabulate_motifs", "tabulate_staples"]

Json = dict[str, Any]

_STATISTICS = (
    ("donor_metal_donor", "{D}–{M}–{D}", "°", 1),
    ("metal_donor_metal", "{M}–{D}–{M} within the motif", "°", 1),
    ("kernel_donor_metal", "{M}–{D}–{M} between kernel and motif", "°", 1),
    ("bite", "bite {D}···{D} of the ends", "Å", 3),
    ("planarity", "r.m.s. distance of {M} and {D} from their plane", "Å", 3),
    ("anchored_planarity", "the same with the anchoring {M}", "Å", 3),
    ("elevation", "R–{D} bond out of that plane", "°", 1),
)
_KEYS = ("mean", "sd", "minimum", "maximum")
_STAPLES = (
    "Every staple and angle with the same weight, s.d. of the sample. The plane of a staple is fitted to its "
    "metal and donor atoms and the metal atoms that anchor it."
)


def tabulate_motifs(cluster: Json) -> Table:
    """Make the table of the parts of a cluster: kernel, motifs, further donors, ligands.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    Table
        One row for each kind.
    """
    kernel = cluster["kernel"]
    staples = (cluster.get("structure") or {}).get("staples")
    rows: list[tuple[Cell, ...]] = [("kernel", Formula(kernel["formula"] or "none"), 1, None)]
    attached = {one["label"]: one["kind"] for one in cluster["attachments"]}
    rows += [
        (
            _name_kind(attached.get(motif["label"])),
            Formula(motif["label"]),
            motif["count"],
            "branched" if motif["branched"] else None,
        )
        for motif in cluster["motifs"]
    ]
    rows += [
        (
            f"ligand ({row['class']})",
            Formula(row["name"] or row["formula"]),
            row["count"],
            Formula(row["binding"]),
        )
        for row in cluster["ligands"]
    ]
    return Table(
        name="motifs",
        title="Kernel, motifs and ligands",
        columns=(Column("part"), Column("what"), Column("number"), Column("binding")),
        rows=tuple(rows),
        caption=f"Kernel and motifs by the convention {kernel['convention']}. Binding: metal atoms held "
        "by the donor (μ), donors on one metal atom (κ), carbon atoms of a π bond (η).",
        atoms=(
            tuple(kernel["atoms"]),
            *(_find_atoms(staples, motif["label"]) for motif in cluster["motifs"]),
            *(() for _ in cluster["ligands"]),
        ),
    )


def _name_kind(kind: str | None) -> str:
    return "motif" if kind is None else kind


def tabulate_staples(cluster: Json) -> Table:
    """Make the table of the shapes of the staples.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Returns
    -------
    Table
        Statistics of angles, bite and planarity of each type; no rows without staples.
    """
    staples = (cluster.get("structure") or {}).get("staples")
    rows: list[tuple[Cell, ...]] = []
    atoms: list[tuple[int, ...]] = []
    notes: list[str] = []
    for kind in staples["types"] if staples else ():
        rows += [
            (
                Formula(kind["label"]),
                f"{name} / {unit}",
                one["n"],
                *(round_to(one[key], digits) for key in _KEYS),
            )
            for name, unit, digits, one in _list_statistics(cluster, kind)
        ]
        atoms += [_find_atoms(staples, kind["label"])] * (len(rows) - len(atoms))
        notes.append(_describe_ends(kind))
    limit = f" 0: within {staples['settings']['in_plane']:.0f}° of the plane." if staples else ""
    return Table(
        name="staples",
        title="Shapes of the staples",
        columns=(
            Column("motif"),
            Column("quantity"),
            Column("n"),
            *(Column(name) for name in ("mean", "s.d.", "min", "max")),
        ),
        rows=tuple(rows),
        caption=f"Motifs by the convention {staples['convention']}. {_STAPLES}" if staples else "",
        notes=(*notes, f"u, d: R group up or down, donors in the order of the chain.{limit}") if rows else (),
        atoms=tuple(atoms),
    )


def _find_atoms(staples: Json | None, label: str) -> tuple[int, ...]:
    """Return the metal and donor atoms of the staples of one type."""
    listed = staples["staples"] if staples else ()
    return tuple(sorted({atom for one in listed if one["label"] == label for atom in one["chain"]}))


def _list_statistics(cluster: Json, kind: Json) -> Iterator[tuple[str, str, int, Json]]:
    """Yield name, unit, decimals and statistics of what is known of a type of staple.

    The names hold the elements where all staples of the type are of one metal and one donor, else M and D.
    """
    chains = [
        one["chain"] for one in cluster["structure"]["staples"]["staples"] if one["label"] == kind["label"]
    ]
    elements = {cluster["atoms"][atom]["element"] for chain in chains for atom in chain}
    metals, donors = elements & set(cluster["metals"]), elements - set(cluster["metals"])
    known = len(metals) == len(donors) == 1
    letters = {"M": metals.pop(), "D": donors.pop()} if known else {"M": "M", "D": "D"}
    for field, name, unit, digits in _STATISTICS:
        if kind[field]["n"]:
            yield name.format(**letters), unit, digits, kind[field]


def _describe_ends(kind: Json) -> str:
    patterns = ", ".join(f"{pattern} in {n}" for pattern, n in kind["patterns"])
    return (
        f"{kind['count']} {write_subscripts(kind['label'])}: R groups {patterns or 'not placed'}; the "
        f"ends on one side (cis) in {kind['cis']}, on either side (trans) in {kind['trans']}."
    )


def list_motif_quantities(cluster: Json) -> Iterator[Quantity]:
    """List the parts of a cluster for a table of several structures.

    Parameters
    ----------
    cluster : dict
        One of the clusters of a document.

    Yields
    ------
    Quantity
        Formulas, counts and mean shapes of staples; the key is part and quantity.
    """
    charge, count = cluster["charge"]["value"], cluster["electron_count"]["value"]
    yield Quantity(("cluster", "charge"), None if charge is None else Charge(charge))
    yield Quantity(("cluster", "n*"), count)
    yield Quantity(("kernel", "formula"), Formula(cluster["kernel"]["formula"] or "none"))
    for motif in cluster["motifs"]:
        yield Quantity(("motifs", Formula(motif["label"])), motif["count"])
    for row in cluster["ligands"]:
        yield Quantity(("ligands", Formula(row["name"] or row["formula"])), row["count"])
    staples = (cluster.get("structure") or {}).get("staples")
    for kind in staples["types"] if staples else ():
        for name, unit, digits, one in _list_statistics(cluster, kind):
            yield Quantity((Formula(kind["label"]), f"{name}, mean / {unit}"), round_to(one["mean"], digits))
