"""How does a comparison look in a browser? One HTML file with the overlay, the tables and the figures."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from clustermodel.report.figure import Figure
from clustermodel.report.markup import Html, write_html
from clustermodel.report.notation import Piece, format_number, split_formula
from clustermodel.report.page_parts import embed_json, fill_template, view_figures, view_table, write_ion
from clustermodel.report.pair_scene import build_overlay, list_overlay_legends, list_overlay_schemes
from clustermodel.report.pair_sentences import (
    Side,
    describe_change,
    describe_kind,
    describe_models,
    describe_sign_changes,
    describe_sites,
    describe_units,
    list_sides,
    write_verdict,
)
from clustermodel.report.table import Table

__all__ = ["build_pair_page"]

Json = dict[str, Any]

_SCRIPTS = ("paint.js", "viewer.js", "overlay.js", "page.js")
_FOLDS = {
    **dict.fromkeys(("bonds-by-cutoff", "sign-changes", "displacements", "settings", "rival-maps"), True),
    "clusters": False,
}
_MINUS = "\N{MINUS SIGN}"


class _Section(NamedTuple):
    """A part of the page: its tables and the beginnings of the names of its figures."""

    title: str
    tables: tuple[str, ...]
    figures: tuple[str, ...] = ()


_SECTIONS = {
    "bonds-section": _Section(
        "Bonds", ("bonds", "bonds-in-both", "bonds-by-cutoff", "sign-changes"), ("by-cutoff", "bonds-in-both")
    ),
    "atoms-section": _Section(
        "Missing and moved atoms",
        ("sites", "site-neighbours", "unmapped-atoms", "moved-atoms", "rmsd", "displacements"),
        ("displacements", "overlay"),
    ),
    "clusters-section": _Section(
        "Clusters and motifs", ("clusters", "counts", "motifs", "motif-changes", "size")
    ),
    "crystal-section": _Section("Crystals", ("rigidity", "packing", "contacts")),
    "map-section": _Section("Atom map", ("map", "rival-maps")),
    "settings-section": _Section("Settings", ("settings",)),
}


def build_pair_page(document: Json, tables: Sequence[Table], figures: Sequence[Figure]) -> str:
    """Build the page of a comparison.

    Parameters
    ----------
    document : dict
        A document ``clustermodel.compare/1``.
    tables : sequence of Table
        Its tables.
    figures : sequence of Figure
        Its figures.

    Returns
    -------
    str
        HTML with its style, scripts and data inside.
    """
    sides = list_sides(document)
    scene = build_overlay(document)
    roles, elements = list_overlay_legends(document)
    viewed = {table.name: view_table(table, viewer="overlay", folds=_FOLDS, saves=True) for table in tables}
    findings: dict[str, list[Json]] = {"error": [], "warning": [], "info": []}
    for finding in document["findings"]:
        findings[finding["severity"]].append(finding)
    return fill_template(
        "pair.html",
        scripts=_SCRIPTS,
        title=" → ".join(side.composition for side in sides),
        ions={side.key: write_ion(side.composition, side.charge) for side in sides},
        change=write_html(split_formula(describe_change(document))),
        sides=[
            {
                "name": side.name,
                "marked": side.marked,
                "kind": describe_kind(document["sources"][side.key]),
                "file": document["sources"][side.key]["file"],
                "sha256": document["sources"][side.key]["sha256"],
            }
            for side in sides
        ],
        models=describe_models(document),
        sections=_list_sections(document, viewed, figures),
        facts=list(_list_facts(document)),
        findings=findings,
        picture=next((Html(one.inline("still-")) for one in figures if one.name == "overlay"), ""),
        schemes=list_overlay_schemes(document),
        roles=roles,
        elements=elements,
        has_sites=bool(document["sites"]),
        has_unique=bool(scene["unique"]),
        magnified=scene["magnified"],
        scenes=embed_json([scene]),
        analysis=embed_json(document),
        csv=embed_json({one["id"]: one["csv"] for one in viewed.values()}),
        schema=document["schema"],
    )


def _list_sections(document: Json, tables: dict[str, Json], figures: Sequence[Figure]) -> list[Json]:
    told = {
        "bonds-section": " ".join(describe_sign_changes(document)),
        "atoms-section": " ".join(describe_sites(document)),
    }
    made = [
        {
            "id": name,
            "title": section.title,
            "told": told.get(name, ""),
            "tables": [tables[one] for one in section.tables if one in tables],
            "figures": view_figures([one for one in figures if one.name.startswith(section.figures)])
            if section.figures
            else [],
        }
        for name, section in _SECTIONS.items()
    ]
    return [section for section in made if section["tables"]]


def _list_facts(document: Json) -> Iterator[Json]:
    """Yield what stands beside the view: a name, a few large words and some small ones."""
    a, b = list_sides(document)
    first, second = (document["summaries"][key] for key in "ab")
    electrons = [_write_count(one["electrons"]) for one in (first, second)]
    yield _state("Superatom electrons", " → ".join(electrons), f"{a.marked} → {b.marked}")
    yield _state("Kernel and motifs", "", _stack((a, b), (first["anatomy"], second["anatomy"])))
    units = (describe_units(document, "a"), describe_units(document, "b"))
    if all(units):
        yield _state("Kernel units", "", _stack((a, b), units))
    for told in describe_sites(document):
        yield _state("Vacant site", "", told)
    for row in document["bonds"]["rows"][:1]:
        change, paired = row["all"], row["paired"]
        name = f"Mean {row['role']} {row['pair'].replace('-', '–')} / Å"
        means = " → ".join(_write_length(change[key]) for key in "ab")
        said = f"Δ {_write_change(change)}: {write_verdict(document, change['verdict'])}"
        if row["n_paired"]:
            verdict = write_verdict(document, paired["verdict"])
            said += f"; in the {row['n_paired']} bonds that both have {_write_change(paired)}: {verdict}"
        yield _state(name, means, f"{said}.")
    for row in document["rmsd"]:
        if row["role"] == "framework":
            said = f"{row['n']} metal atoms and donors, largest {row['largest']:.3f} Å"
            yield _state("Root mean square distance", f"{row['rmsd']:.3f} Å", said)
    confidence = document["map"]["confidence"]
    yield _state("Atom map", confidence["level"], confidence["reason"])


def _state(name: str, big: str, quiet: str) -> Json:
    return {"name": name, "big": big, "quiet": quiet}


def _stack(sides: tuple[Side, Side], texts: tuple[str, str]) -> Html:
    """Write what the two clusters are, one below the other."""
    lines = (
        write_html((Piece(f"{side.name}: "), *split_formula(text)))
        for side, text in zip(sides, texts, strict=True)
    )
    return Html("<br>".join(lines))


def _write_count(value: int | None) -> str:
    return "not known" if value is None else str(value).replace("-", _MINUS)


def _write_length(value: float | None) -> str:
    return write_html((Piece("not known" if value is None else f"{value:.3f}"),))


def _write_change(change: Json) -> str:
    """Write a difference with the larger of its errors, never as a measured value is written."""
    if change["delta"] is None:
        return "not known"
    known = [
        (change[key], name) for key, name in (("su", "s.u."), ("scatter", "standard error")) if change[key]
    ]
    error, name = max(known, default=(None, ""))
    told = f" ({name} {error:.3f})" if error is not None else ""
    return format_number(change["delta"], 3).replace("-", _MINUS) + told
