"""Which atoms are missing, extra or moved? The vacant site, distances by role, and how sure the map is."""

from typing import Any

from clustermodel.report.labels import list_labels
from clustermodel.report.pair_scene import locate_atom
from clustermodel.report.pair_sentences import list_sides
from clustermodel.report.table import Cell, Column, Formula, Table

__all__ = [
    "tabulate_displacements",
    "tabulate_map",
    "tabulate_moved",
    "tabulate_neighbours",
    "tabulate_rivals",
    "tabulate_rmsd",
    "tabulate_sites",
    "tabulate_unmapped",
]

Json = dict[str, Any]

_REST = frozenset({"ligand", "outside"})
_SUMS = {"metal": "all metal atoms", "donor": "all donors", "framework": "metal atoms and donors"}
_CONFIDENCE = {
    "metals_mapped": "metal atoms with a partner, fraction of the smaller cluster",
    "donors_mapped": "donors with a partner, fraction of the smaller cluster",
    "bonds_kept": "metal–donor bonds in both, fraction of the smaller number",
    "equal": "other maps that fit as well",
    "next_excess": "next worse map, in standard errors",
}


def tabulate_sites(document: Json) -> Table:
    """Make the table of sites that only one cluster has filled.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        What fills the site, its ligand, and the vacant position in the frame of the cluster that lacks it.
    """
    names = dict(zip("ab", list_sides(document), strict=True))
    filled = {"a": "b", "b": "a"}
    return Table(
        name="sites",
        title="Sites filled in one cluster and vacant in the other",
        columns=(
            Column("site"),
            Column("vacant in"),
            Column("filled in"),
            Column("by"),
            Column("element"),
            Column("role"),
            Column("ligand that came with it"),
            *(Column(axis, "Å") for axis in "xyz"),
        ),
        rows=tuple(
            (
                number,
                names[site["vacant_in"]].marked,
                names[filled[site["vacant_in"]]].marked,
                site["label"],
                site["element"],
                site["role"],
                Formula(site["ligand"]) if site["ligand"] else None,
                *site["position"],
            )
            for number, site in enumerate(document["sites"], 1)
        ),
        caption="x, y, z: Cartesian, in the frame of the cluster that lacks the site; where the "
        "superposition puts the atom, corrected by the mean displacement of the atoms around it.",
        atoms=tuple(
            tuple(locate_atom(document, filled[site["vacant_in"]], atom) for atom in (site["atom"],))
            for site in document["sites"]
        ),
    )


def tabulate_neighbours(document: Json) -> Table:
    """Make the table of the atoms around the vacant sites.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        Distances in the cluster that lacks the site and in the other.
    """
    rows, atoms = [], []
    for number, site in enumerate(document["sites"], 1):
        for one in site["neighbours"]:
            change = one["distance_filled"] - one["distance"]
            names = (number, one["label"], one["label_filled"], one["element"], one["role"])
            rows.append((*names, one["distance"], one["distance_filled"], change))
            atoms.append((locate_atom(document, site["vacant_in"], one["atom"]),))
    return Table(
        name="site-neighbours",
        title="Atoms around the vacant sites",
        columns=(
            Column("site"),
            Column("atom, vacant"),
            Column("atom, filled"),
            Column("element"),
            Column("role"),
            Column("distance, vacant", "Å"),
            Column("distance, filled", "Å"),
            Column("change when filled", "Å"),
        ),
        rows=tuple(rows),
        caption="Vacant: from the empty position in the cluster that lacks the site; filled: from the atom "
        "that fills it in the other. Metal atoms within the length of a stretched bond (3.50 Å for gold) and "
        "bonded donors that both clusters have.",
        atoms=tuple(atoms),
    )


def tabulate_unmapped(document: Json) -> Table:
    """Make the table of atoms that only one cluster has.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        Count and labels by cluster, role and element.
    """
    a, b = list_sides(document)
    rows, atoms = [], []
    for side, unmapped in ((b, document["missing"]), (a, document["extra"])):
        groups: dict[tuple[str, str], list[Json]] = {}
        for atom in unmapped:
            groups.setdefault((atom["role"], atom["element"]), []).append(atom)
        for (role, element), group in groups.items():
            rows.append(
                (side.marked, role, element, len(group), list_labels(atom["label"] for atom in group))
            )
            atoms.append(tuple(locate_atom(document, side.key, atom["atom"]) for atom in group))
    return Table(
        name="unmapped-atoms",
        title="Atoms that only one cluster has",
        columns=(Column("only in"), Column("role"), Column("element"), Column("n"), Column("atoms")),
        rows=tuple(rows),
        caption=f"Atoms of {b.name} that {a.name} lacks, then atoms of {a.name} that {b.name} lacks.",
        atoms=tuple(atoms),
    )


def tabulate_rmsd(document: Json) -> Table:
    """Make the table of distances between mapped atoms by role.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        Number of pairs, root mean square and largest distance.
    """
    atoms = [
        tuple(
            locate_atom(document, key, one[key])
            for one in document["mapped"]
            if one["role"] == row["role"]
            for key in "ab"
        )
        for row in document["rmsd"]
    ]
    return Table(
        name="rmsd",
        title="Distances between mapped atoms by role",
        columns=(Column("role"), Column("n"), Column("RMSD", "Å"), Column("largest", "Å")),
        rows=tuple(
            (_SUMS.get(row["role"], row["role"]), row["n"], row["rmsd"], row["largest"])
            for row in document["rmsd"]
        ),
        caption="After superposition of metal and donor atoms by least squares"
        + ("; the first cluster is laid on as its mirror image." if document["map"]["improper"] else ".")
        + " Role in the first cluster.",
        atoms=tuple(atoms),
    )


def tabulate_moved(document: Json) -> Table:
    """Make the table of mapped atoms that moved far or are another element.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        No rows where none did.
    """
    chosen = {(one["a"], one["b"]): one for one in (*document["exchanged"], *document["moved"])}
    limit = document["settings"]["pair"]["atoms"]["moved"]
    return _tabulate_pairs(
        document,
        list(chosen.values()),
        name="moved-atoms",
        title="Atoms that moved far or are another element",
        caption=f"Metal and donor atoms farther than {limit:.2f} Å from their partners after superposition, "
        "and those whose partner is another element.",
    )


def tabulate_displacements(document: Json) -> Table:
    """Make the table of all mapped metal and donor atoms with their distances.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        One row for each pair, the farthest first.
    """
    framework = [one for one in document["mapped"] if one["role"] not in _REST]
    return _tabulate_pairs(
        document,
        sorted(framework, key=lambda one: -one["distance"]),
        name="displacements",
        title="Mapped metal and donor atoms",
        caption="Distances after superposition of metal and donor atoms by least squares, the largest first.",
    )


def _tabulate_pairs(document: Json, pairs: list[Json], *, name: str, title: str, caption: str) -> Table:
    a, b = list_sides(document)
    return Table(
        name=name,
        title=title,
        columns=(
            Column(f"atom {a.marked}"),
            Column(f"atom {b.marked}"),
            Column("elements"),
            Column(f"role {a.name}"),
            Column(f"role {b.name}"),
            Column("distance", "Å"),
        ),
        rows=tuple(
            (
                one["label_a"],
                one["label_b"],
                " → ".join(dict.fromkeys((one["element_a"], one["element_b"]))),
                one["role"],
                one["role_b"],
                one["distance"],
            )
            for one in pairs
        ),
        caption=caption,
        atoms=tuple(tuple(locate_atom(document, key, one[key]) for key in "ab") for one in pairs),
    )


def tabulate_map(document: Json) -> Table:
    """Make the table that says how sure the map of the atoms is.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        The level, its numbers and the reason.
    """
    confidence = document["map"]["confidence"]
    rows: list[tuple[Cell, ...]] = [("confidence", confidence["level"]), ("reason", confidence["reason"])]
    for key, words in _CONFIDENCE.items():
        value = confidence[key]
        rows.append((words, value if key == "equal" or value is None else f"{value:.3g}"))
    rows += [
        ("mapped atoms", len(document["mapped"])),
        ("atoms only in the second", len(document["missing"])),
        ("atoms only in the first", len(document["extra"])),
        ("first cluster mirrored", document["map"]["improper"]),
    ]
    return Table(
        name="map",
        title="Which atom is which: confidence of the map",
        columns=(Column("quantity"), Column("value")),
        rows=tuple(rows),
        caption="one map: no other fits as well; equal maps: what is said of single atoms holds up to the "
        "choice among them; no true map: the clusters are not one framework with small differences.",
    )


def tabulate_rivals(document: Json) -> Table:
    """Make the table of maps that fit as well.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.

    Returns
    -------
    Table
        No rows where the map has no rival.
    """
    a, b = list_sides(document)
    settings = document["settings"]["pair"]["atoms"]
    return Table(
        name="rival-maps",
        title="Other maps that fit as well",
        columns=(
            Column("map"),
            Column("atoms with another partner"),
            Column("mirrored"),
            Column("RMSD", "Å"),
            Column("worse by standard errors", digits=2),
            Column(f"only in {b.name}"),
            Column(f"only in {a.name}"),
        ),
        rows=tuple(
            (
                number,
                one["n_different"],
                one["improper"],
                one["rmsd"],
                one["excess"],
                list_labels(one["missing"]) or None,
                list_labels(one["extra"]) or None,
            )
            for number, one in enumerate(document["rivals"], 1)
        ),
        caption=f"Metal and donor atoms. Maps within {settings['sigmas']:g} standard errors of the best, at "
        f"most {settings['most_rivals']}.",
    )
