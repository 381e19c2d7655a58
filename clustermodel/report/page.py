"""How does the report look in a browser? One HTML file that needs no network."""

from typing import Any

from clustermodel.report.cluster_tables import list_cluster_tables
from clustermodel.report.contact_lines import list_contact_lines
from clustermodel.report.figure import Figure
from clustermodel.report.file_tables import list_file_tables, trim_message
from clustermodel.report.markup import Html, write_html
from clustermodel.report.notation import Piece, split_cell, split_formula
from clustermodel.report.page_parts import embed_json, fill_template, view_figures, view_table, write_ion
from clustermodel.report.picture import draw_structure
from clustermodel.report.schemes import list_schemes
from clustermodel.report.sentences import (
    describe_agreement,
    describe_composition,
    describe_count,
    describe_share,
    describe_source_of_charge,
    describe_vacancies,
    describe_value,
)
from clustermodel.report.table import Charge, Formula, SpaceGroupName, Table
from clustermodel.report.tables import list_crystal_structure_tables, list_structure_tables
from clustermodel.report.viewer import CONTACT_COLOURS, CONTACT_NAMES, build_scene, list_elements, list_roles

__all__ = ["build_page"]

Json = dict[str, Any]

_FOLDS = {
    **dict.fromkeys(("limits", "electrons-by-charge", "bonds-by-cutoff", "atoms", "settings"), True),
    "crystal": False,
}
_SCRIPTS = ("paint.js", "viewer.js", "page.js")


def build_page(
    documents: list[Json],
    figures: dict[tuple[int, str], tuple[Figure, ...]],
    crystal_figures: list[tuple[Figure, ...]],
) -> str:
    """Build the page of a report.

    Parameters
    ----------
    documents : list of dict
        Documents ``clustermodel.analysis/1`` of one file, one for each block.
    figures : dict
        Figures by number of the document, from 0, and identity of the cluster.
    crystal_figures : list of tuple of Figure
        Figures of the crystal of each document.

    Returns
    -------
    str
        HTML with its style, scripts and data inside.
    """
    views = [
        {
            **_view_document(document, number, figures),
            "figures": view_figures(crystal_figures[number], f"d{number + 1}-"),
        }
        for number, document in enumerate(documents)
    ]
    return fill_template(
        "report.html",
        scripts=_SCRIPTS,
        title=documents[0]["source"]["file"],
        documents=views,
        analysis=embed_json(documents[0] if len(documents) == 1 else documents),
        csv=embed_json({t["id"]: t["csv"] for view in views for t in view["all_tables"]}),
        schema=documents[0]["schema"],
    )


def _view_document(document: Json, number: int, figures: dict[tuple[int, str], tuple[Figure, ...]]) -> Json:
    """Collect what the template shows of one document."""
    prefix = f"d{number + 1}-"
    tables = {table.name: _view_table(table, prefix) for table in list_file_tables(document)}
    first = f"cluster-{document['clusters'][0]['id']}" if document["clusters"] else ""
    crystal = [
        _view_table(table, prefix, first=first)
        for table in list_crystal_structure_tables(document)
        if table.name not in tables and table.name != "crystal-data"  # for print: the page shows all of it
    ]
    clusters = [
        _view_cluster(cluster, document, prefix, figures.get((number, cluster["id"]), ()))
        for cluster in document["clusters"]
    ]
    audit: dict[str, list[Json]] = {"error": [], "warning": [], "info": []}
    for finding in document["audit"]:
        audit[finding["severity"]].append({**finding, "message": trim_message(finding["message"], document)})
    return {
        "prefix": prefix,
        "source": document["source"],
        "headline": _list_headlines(document),
        "audit": audit,
        "tables": tables,
        "crystal_tables": crystal,
        "clusters": clusters,
        "scenes": embed_json([_build_scene(cluster, document) for cluster in document["clusters"]]),
        "all_tables": [
            *tables.values(),
            *crystal,
            *(t for one in clusters for t in (*one["tables"].values(), *one["structure_tables"])),
        ],
    }


def _build_scene(cluster: Json, document: Json) -> Json:
    return build_scene(cluster, schemes=list_schemes(cluster), contacts=list_contact_lines(cluster, document))


def _list_headlines(document: Json) -> list[Html]:
    """Return the clusters of a document, or else its first species."""
    if document["clusters"]:
        return [_write_ion(cluster, describe_share(cluster)) for cluster in document["clusters"]]
    return [write_html(split_formula(species["formula"])) for species in document["species"][:1]]


def _write_ion(cluster: Json, share: str = "") -> Html:
    return write_ion(describe_composition(cluster), cluster["charge"]["value"], share)


def _view_table(table: Table, prefix: str, owner: str = "", *, first: str = "") -> Json:
    return view_table(
        table,
        prefix=prefix,
        owner=owner,
        viewer=prefix + (owner.removesuffix("-") or first),
        folds=_FOLDS,
    )


def _view_cluster(cluster: Json, document: Json, prefix: str, figures: tuple[Figure, ...]) -> Json:
    owner = f"cluster-{cluster['id']}-"
    charge, symmetry = cluster["charge"], cluster["site_symmetry"]
    count = cluster["electron_count"]
    told, vacancies = describe_count(count), describe_vacancies(cluster)
    lines = list_contact_lines(cluster, document)
    value = "not known" if charge["value"] is None else Charge(charge["value"])
    closed = any(row["magic"] and row["charge"] == count["charge"] for row in count["by_charge"])
    return {
        "id": cluster["id"],
        "anchor": f"{prefix}cluster-{cluster['id']}",
        "composition": _write_ion(cluster),
        "formula": write_html(split_formula(cluster["formula"])),
        "charge": write_html(split_cell(value)),
        "charge_source": describe_source_of_charge(charge["source"]),
        "electrons": write_html(split_cell(told if count["at_zero_charge"] is None else Formula(told))),
        "n_star": describe_value(count),
        "is_closed": closed,
        "summary": write_html(split_formula(cluster["kernel"]["summary"])),
        "convention": cluster["kernel"]["convention"],
        "agreement": write_html(split_formula(describe_agreement(cluster))),
        "site_symmetry": write_html(split_cell(SpaceGroupName(symmetry, is_point_group=True)))
        if symmetry
        else "",
        "ligands": [_view_ligand(row) for row in cluster["ligands"]],
        "vacancies": write_html((Piece(vacancies), *split_formula(cluster["average_formula"])))
        if vacancies
        else "",
        "atoms": len(cluster["atoms"]),
        "hydrogens": sum(atom["element"] in {"H", "D"} for atom in cluster["atoms"]),
        "roles": list_roles(cluster),
        "elements": list_elements(cluster),
        "schemes": [
            {
                **scheme._asdict(),
                "groups": [
                    {**group._asdict(), "name": write_html(split_formula(group.name))}
                    for group in scheme.groups
                ],
            }
            for scheme in list_schemes(cluster)
        ],
        "contacts": {
            "outer": sum(not line.inside for line in lines),
            "inner": sum(line.inside for line in lines),
        },
        "contact_kinds": [
            (CONTACT_NAMES[kind], colour)
            for kind, colour in CONTACT_COLOURS.items()
            if any(line.kind == kind for line in lines)
        ],
        "tables": {
            table.name.removeprefix(owner): _view_table(table, prefix, owner)
            for table in list_cluster_tables(cluster, document)
        },
        "structure_tables": [
            _view_table(table, prefix, owner) for table in list_structure_tables(cluster, document)
        ],
        "figures": view_figures(figures, prefix),
        "picture": Html(
            draw_structure(build_scene(cluster), title=describe_composition(cluster), prefix=prefix)
        ),
    }


def _view_ligand(row: Json) -> Html:
    name = write_html(split_formula(row["name"] or row["formula"]))
    kind, binding = write_html(split_cell(row["class"])), write_html(split_formula(row["binding"]))
    return Html(f"{row['count']} × {name}, {kind}, {binding}")
