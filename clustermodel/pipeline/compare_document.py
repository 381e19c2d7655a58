"""How is a comparison written down for other programs? One JSON document, described by a schema."""

import json
import math
from collections import Counter
from importlib import resources
from typing import Any

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.analysis.atom_map_results import (
    MapConfidence,
    MappedAtom,
    RivalMap,
    RoleDistance,
    UnmappedAtom,
)
from clustermodel.analysis.pair_bond_results import BondDifferences
from clustermodel.analysis.pair_comparison import MotifChange, MotifCount, PairSummary
from clustermodel.analysis.pair_differences import Difference
from clustermodel.analysis.pair_sites import PairSite
from clustermodel.io.record import describe_record, write_record
from clustermodel.pipeline.compare import CompareSettings, Comparison
from clustermodel.pipeline.compare_quantities import BETWEEN_CLUSTERS, PACKING
from clustermodel.pipeline.compare_side import ComparedStructure
from clustermodel.structure.finding import Finding

__all__ = [
    "COMPARE_SCHEMA",
    "TOPICS",
    "build_comparison_document",
    "classify_difference",
    "load_comparison_schema",
]

COMPARE_SCHEMA = "clustermodel.compare/1"

Json = dict[str, Any]

TOPICS = ("bonds", "paired bonds", "size", "count", "rigidity", "packing", "contacts")
"""What a difference is about."""

_TOPIC_OF_QUANTITY = {
    "mean bond length": "bonds",
    "mean length of bonds in both": "paired bonds",
    "metal atoms": "count",
    "kernel atoms": "count",
    "ligands": "count",
    "superatom electrons": "count",
    "mean Ueq": "rigidity",
    "rigid-bond rms": "rigidity",
}


def classify_difference(difference: Difference) -> str:
    """Tell what a difference is about.

    Parameters
    ----------
    difference : Difference
        The difference.

    Returns
    -------
    str
        One of `TOPICS`.
    """
    if difference.role == PACKING:
        return "packing"
    if difference.role.endswith(BETWEEN_CLUSTERS):
        return "contacts"
    return _TOPIC_OF_QUANTITY.get(difference.quantity, "size")


def load_comparison_schema() -> Json:
    """Return the JSON Schema of the document.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12.

    Examples
    --------
    >>> load_comparison_schema()["properties"]["schema"]["const"]
    'clustermodel.compare/1'
    """
    text = resources.files("clustermodel.pipeline").joinpath("comparison.schema.json").read_text("utf-8")
    schema: Json = json.loads(text)
    fields = schema["properties"]
    for name, kind in {
        "mapped": MappedAtom,
        "missing": UnmappedAtom,
        "extra": UnmappedAtom,
        "moved": MappedAtom,
        "exchanged": MappedAtom,
        "rivals": RivalMap,
        "rmsd": RoleDistance,
        "differences": Difference,
        "motifs": MotifCount,
        "motif_changes": MotifChange,
        "findings": Finding,
    }.items():
        fields[name]["items"] = describe_record(kind)
    row = fields["differences"]["items"]
    row["properties"]["topic"] = {"enum": list(TOPICS)}
    row["required"] = [*row["required"], "topic"]
    fields["map"]["properties"]["confidence"] = describe_record(MapConfidence)
    fields["bonds"] = describe_record(BondDifferences)
    fields["settings"] = describe_record(CompareSettings)
    schema["$defs"]["finding"] = describe_record(Finding)
    schema["$defs"]["summary"] = describe_record(PairSummary)
    site = describe_record(PairSite)
    site["properties"]["place"] = {"$ref": "#/$defs/place"}
    site["required"] = [*site["required"], "place"]
    schema["$defs"]["site"] = site
    return schema


def build_comparison_document(comparison: Comparison) -> Json:
    """Write a comparison as plain values.

    Parameters
    ----------
    comparison : Comparison
        The comparison.

    Returns
    -------
    dict
        A document of the schema ``clustermodel.compare/1``; lengths in Å. Numbers of atoms are their places
        in ``overlay``, where both clusters stand in the frame of the first.

    Examples
    --------
    >>> from clustermodel.pipeline.compare import compare_structures
    >>> name = "model:au25_sch3_18_nme4"
    >>> document = build_comparison_document(compare_structures(name, name))
    >>> document["schema"], len(document["mapped"]), document["missing"], document["site"]
    ('clustermodel.compare/1', 115, [], None)
    """
    pair = comparison.pair
    atom_map = pair.atom_map
    sites = [_write_site(site, comparison) for site in pair.sites]
    here = comparison.a.cluster.cluster.molecule.positions
    there = atom_map.move_back(comparison.b.cluster.cluster.molecule.positions)
    document: Json = write_record(
        {
            "schema": COMPARE_SCHEMA,
            "sources": {"a": _write_source(comparison.a), "b": _write_source(comparison.b)},
            "summaries": {"a": pair.a, "b": pair.b},
            "units": {"a": _list_units(comparison.a), "b": _list_units(comparison.b)},
            "metals": {"a": _count_metals(comparison.a), "b": _count_metals(comparison.b)},
            "ligands": {"a": _list_ligands(comparison.a), "b": _list_ligands(comparison.b)},
            "findings": comparison.findings,
            "site": sites[0] if sites else None,
            "sites": sites,
            "map": {
                "rotation": atom_map.rotation,
                "translation": atom_map.translation,
                "improper": atom_map.improper,
                "confidence": atom_map.confidence,
            },
            "missing": atom_map.missing,
            "extra": atom_map.extra,
            "moved": atom_map.moved,
            "exchanged": atom_map.exchanged,
            "rmsd": atom_map.distances,
            "differences": [
                {**write_record(one), "topic": classify_difference(one)} for one in pair.differences
            ],
            "bonds": pair.bonds,
            "motifs": pair.motifs,
            "motif_changes": pair.motif_changes,
            "mapped": atom_map.mapped,
            "rivals": atom_map.rivals,
            "overlay": {"a": _write_atoms(comparison.a, here), "b": _write_atoms(comparison.b, there)},
            "settings": comparison.settings,
        }
    )
    return document


def _write_source(one: ComparedStructure) -> Json:
    crystal = one.analysis.crystal
    return {
        "given": one.source,
        "name": one.name,
        "file": crystal.source.file,
        "block": crystal.source.block or None,
        "sha256": crystal.source.sha256,
        "is_model": one.is_model,
        "refined": one.analysis.refined,
        "cluster": one.cluster.id,
        "clusters": [other.id for other in one.analysis.clusters],
        "temperature": one.rigidity.temperature if one.rigidity is not None else math.nan,
        "charge": {
            "value": one.cluster.charge.value,
            "source": one.cluster.charge.source,
            "evidence": one.cluster.charge.evidence,
        },
        "audit": [finding for finding in one.analysis.audit if finding.severity != "info"],
    }


def _count_metals(one: ComparedStructure) -> dict[str, int]:
    molecule = one.cluster.cluster.molecule
    counts = Counter(molecule.elements[atom] for atom in one.cluster.cluster.metals)
    return dict(sorted(counts.items()))


def _list_units(one: ComparedStructure) -> list[Json]:
    """List the readings of the kernel as units, the best first."""
    return [
        {
            "identity": reading.identity,
            "units": [unit.label for unit in reading.units],
            "shared": [shared.formula for shared in reading.shared],
            "convincing": reading.convincing,
        }
        for reading in one.units.decompositions
    ]


def _list_ligands(one: ComparedStructure) -> list[Json]:
    return [
        {
            "formula": row.formula,
            "class": row.kind,
            "name": row.name or None,
            "count": row.count,
            "binding": row.binding,
            "electrons": row.electrons,
        }
        for row in one.cluster.ligands
    ]


def _write_site(site: PairSite, comparison: Comparison) -> Json:
    moved = comparison.pair.atom_map.move_back(site.position) if site.vacant_in == "b" else site.position
    record: Json = write_record(site)
    return {**record, "place": moved.tolist()}


def _write_atoms(one: ComparedStructure, positions: FloatArray) -> Json:
    molecule = one.cluster.cluster.molecule
    bonds = zip(molecule.bonds.pairs.tolist(), molecule.bonds.lengths.tolist(), strict=True)
    return {
        "atoms": [
            {"label": label, "element": element, "role": role, "xyz": xyz}
            for label, element, role, xyz in zip(
                molecule.labels,
                molecule.elements,
                one.cluster.anatomy.roles,
                np.round(positions, 5).tolist(),
                strict=True,
            )
        ],
        "bonds": [[i, j, round(length, 4)] for (i, j), length in bonds],
    }
