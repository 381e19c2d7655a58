"""How is an analysis written down for other programs? One JSON document, described by a schema."""

import dataclasses
import json
import math
from importlib import resources
from typing import Any

from clustermodel.analysis.bond_lengths import BondRow
from clustermodel.analysis.contact_results import Contacts
from clustermodel.analysis.packing import Packing
from clustermodel.assembly.vacancies import Variant
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.anatomy import Variant as LimitVariant
from clustermodel.cluster.charge import ChargeAssignment
from clustermodel.cluster.electron_count import ElectronCount
from clustermodel.io.record import describe_record, write_record
from clustermodel.pipeline.analyze import Analysis, AnalysisSettings
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis
from clustermodel.pipeline.species_rows import list_species
from clustermodel.pipeline.structure import ClusterStructure, Structure, StructureSettings
from clustermodel.structure.crystal import Crystal

__all__ = ["SCHEMA", "build_document", "load_schema"]

SCHEMA = "clustermodel.analysis/1"

Json = dict[str, Any]


def load_schema() -> Json:
    """Return the JSON Schema of the document.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12.

    Examples
    --------
    >>> load_schema()["properties"]["schema"]["const"]
    'clustermodel.analysis/1'
    """
    text = resources.files("clustermodel.pipeline").joinpath("analysis.schema.json").read_text("utf-8")
    schema: Json = json.loads(text)
    cluster = schema["properties"]["clusters"]["items"]
    cluster["properties"]["structure"] = describe_record(ClusterStructure | None)
    schema["properties"]["packing"] = describe_record(Packing | None)
    schema["properties"]["contact_tables"] = describe_record(Contacts | None)
    schema["properties"]["settings"]["properties"]["structure"] = describe_record(StructureSettings | None)
    return schema


def build_document(analysis: Analysis, structure: Structure | None = None) -> Json:
    """Write an analysis as plain values.

    Parameters
    ----------
    analysis : Analysis
        The analysis.
    structure : Structure, optional
        What was measured about its structure; else its places hold null.

    Returns
    -------
    dict
        A document of the schema ``clustermodel.analysis/1``; lengths in Å, angles in degrees.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> document = build_document(analyze("model:au25_sch3_18_nme4")[0])
    >>> document["schema"], document["clusters"][0]["kernel"]["formula"]
    ('clustermodel.analysis/1', 'Au13')
    """
    crystal = analysis.crystal
    return {
        "schema": SCHEMA,
        "source": {
            "file": crystal.source.file,
            "block": crystal.source.block or None,
            "sha256": crystal.source.sha256,
            "is_model": crystal.is_model,
        },
        "settings": {
            **_settings(analysis.settings),
            "structure": write_record(structure.settings) if structure else None,
        },
        "crystal": _crystal(crystal) if analysis.refined else None,
        "audit": [
            {"code": f.code, "severity": f.severity, "message": f.message, "labels": list(f.labels)}
            for f in analysis.audit
        ],
        "species": _species(analysis),
        "charge": _charge(analysis.charge),
        "disorder": [
            {
                "assembly": region.name,
                "parts": {str(part): _number(occ) for part, occ in region.occupancies.items()},
                "chosen": list(region.chosen),
            }
            for region in analysis.assembly.resolution.regions
        ],
        "contacts": [
            {
                "labels": list(c.labels),
                "elements": list(c.elements),
                "distance": _number(c.distance),
                "between": list(c.between),
            }
            for c in analysis.assembly.contacts
        ],
        "clusters": [
            {
                **_cluster(one, analysis),
                "structure": write_record(structure.clusters[i]) if structure else None,
            }
            for i, one in enumerate(analysis.clusters)
        ],
        "packing": write_record(structure.packing) if structure else None,
        "contact_tables": write_record(structure.contacts) if structure else None,
    }


def _structures(analysis: Analysis, structure: Structure | None) -> tuple[ClusterStructure | None, ...]:
    return structure.clusters if structure else (None,) * len(analysis.clusters)


def _settings(settings: AnalysisSettings) -> Json:
    rule = dataclasses.asdict(settings.rule)
    return {
        "charge": settings.charge,
        "convention": settings.convention if not settings.kernel_labels else "labels",
        "kernel_labels": list(settings.kernel_labels),
        "disorder": {"prefer": settings.disorder.prefer, "parts": dict(settings.disorder.parts)},
        "bonding": rule,
    }


def _crystal(crystal: Crystal) -> Json:
    cell, declared = crystal.cell, crystal.declared
    names = ("a", "b", "c", "alpha", "beta", "gamma")
    values = [*cell.lengths.tolist(), *cell.angles.tolist()]
    uncertainties = [*cell.lengths_su.tolist(), *cell.angles_su.tolist()]
    return {
        "space_group": crystal.space_group.name or None,
        "symmetry": {
            "number": crystal.space_group.number or None,
            "operations": [crystal.space_group.triplet(i) for i in range(len(crystal.space_group))],
            "source": crystal.space_group.source,
        },
        "cell": {
            **dict(zip(names, values, strict=True)),
            "su": dict(zip(names, uncertainties, strict=True)),
            "volume": _number(cell.volume, 3),
        },
        "z": declared.z,
        "declared": {
            "formula_sum": declared.formula_sum or None,
            "formula_moiety": declared.formula_moiety or None,
            "weight": declared.weight,
            "temperature": declared.temperature or None,
            "radiation": declared.radiation or None,
            "r_factors": declared.r_factors,
            "database_codes": declared.database_codes,
            "doi": declared.doi or None,
            "title": declared.title or None,
            "masked": declared.masked,
            "voids": [dataclasses.asdict(void) for void in declared.voids],
        },
    }


def _species(analysis: Analysis) -> list[Json]:
    return [
        {
            "formula": row.formula,
            "role": row.role,
            "name": row.name or None,
            "per_cell": _number(row.per_cell),
            "independent": row.independent,
            "charge": row.charge,
            "periodicity": row.periodicity,
            "linked_by": list(row.linked_by),
            "notes": list(row.notes),
        }
        for row in list_species(analysis)
    ]


def _charge(charge: ChargeAssignment) -> Json:
    return {
        "value": charge.value,
        "source": charge.source,
        "formula": charge.formula or None,
        "evidence": list(charge.evidence),
        "void_candidates": [dataclasses.asdict(candidate) for candidate in charge.candidates],
    }


def _cluster(one: ClusterAnalysis, analysis: Analysis) -> Json:
    molecule = one.variant.molecule
    metals: dict[str, int] = {}
    for index in one.cluster.metals:
        element = molecule.elements[index]
        metals[element] = metals.get(element, 0) + 1
    return {
        "id": one.id,
        "formula": one.formula,
        "average_formula": one.average_formula,
        "fraction": _number(one.variant.fraction, 4),
        "vacancies": _vacancies(one.variant),
        "site_symmetry": one.site_symmetry or None,
        "atoms": _atoms(one, analysis),
        "bonds_list": _bond_list(one),
        "charge": {"value": one.charge.value, "source": one.charge.source},
        "metals": dict(sorted(metals.items())),
        "ligands": [
            {
                "formula": row.formula,
                "class": row.kind,
                "name": row.name or None,
                "count": row.count,
                "binding": row.binding,
                "electrons": row.electrons,
            }
            for row in one.ligands
        ],
        "kernel": _kernel(one.anatomy),
        "motifs": _motifs(one.anatomy),
        "attachments": _attachments(one.anatomy),
        "conventions": [_convention(anatomy) for anatomy in one.conventions],
        "metal_donor_limits": [_variant(v) for v in one.limits],
        "electron_count": _electron_count(one.electron_count),
        "bonds": [{**_bond_row(row), "atoms": row.atoms.tolist()} for row in one.bonds.rows],
        "metal_bonds_by_cutoff": [_bond_row(row) for row in one.bonds.by_cutoff],
        "bond_settings": dataclasses.asdict(one.bonds.settings),
    }


def _vacancies(variant: Variant) -> Json | None:
    if not variant.vacancies:
        return None
    return {
        "sites": [{"label": label, "occupancy": occ} for label, occ in variant.vacancies],
        "missing": list(variant.missing),
    }


def _atoms(one: ClusterAnalysis, analysis: Analysis) -> list[Json]:
    molecule, group = one.variant.molecule, analysis.crystal.space_group
    origin = molecule.origin
    triplets = [group.triplet(i) for i in range(len(group))]
    return [
        {
            "label": origin.labels[i],
            "element": element,
            "xyz": [round(float(x), 5) for x in molecule.positions[i]],
            "role": one.anatomy.roles[i],
            "symop": triplets[int(origin.operations[i])],
            "shift": origin.shifts[i].tolist(),
            "occupancy": _number(float(molecule.occupancy[i]), 4),
            "u_eq": _number(float(molecule.u_eq[i]), 5),
        }
        for i, element in enumerate(molecule.elements)
    ]


def _bond_list(one: ClusterAnalysis) -> list[list[float]]:
    bonds = one.variant.molecule.bonds
    return [
        [int(i), int(j), round(float(length), 4)]
        for (i, j), length in zip(bonds.pairs.tolist(), bonds.lengths.tolist(), strict=True)
    ]


def _kernel(anatomy: Anatomy) -> Json:
    return {
        "formula": anatomy.kernel_formula or None,
        "metal_atoms": len(anatomy.kernel),
        "atoms": list(anatomy.kernel),
        "convention": anatomy.convention,
        "summary": anatomy.summary,
    }


def _motifs(anatomy: Anatomy) -> list[Json]:
    rows: dict[tuple[str, bool], int] = {}
    for motif in anatomy.motifs:
        rows[motif.label, motif.branched] = rows.get((motif.label, motif.branched), 0) + 1
    placed = [{"label": k[0], "count": n, "branched": k[1]} for k, n in rows.items()]
    labels = {motif.label for motif in anatomy.motifs}
    others = [
        {"label": label, "count": n, "branched": False}
        for label, n in anatomy.inventory
        if label not in labels
    ]
    return placed + others


def _attachments(anatomy: Anatomy) -> list[Json]:
    rows: dict[tuple[str, str], int] = {}
    for one in anatomy.attachments:
        rows[one.label, one.kind] = rows.get((one.label, one.kind), 0) + 1
    return [{"label": label, "kind": kind, "count": n} for (label, kind), n in rows.items()]


def _convention(anatomy: Anatomy) -> Json:
    books = anatomy.bookkeeping
    return {
        "convention": anatomy.convention,
        "kernel": {"formula": anatomy.kernel_formula or None, "metal_atoms": len(anatomy.kernel)},
        "motifs": _motifs(anatomy),
        "summary": anatomy.summary,
        "settings": anatomy.settings,
        "bookkeeping": {**dataclasses.asdict(books), "balanced": books.balanced},
        "margin": _number(anatomy.margin, 4),
        "unstable": anatomy.unstable,
        "variants": [_variant(v) for v in anatomy.variants],
    }


def _variant(variant: LimitVariant) -> Json:
    return {
        "limit": variant.limit,
        "change": variant.change,
        "kernel": variant.kernel_formula or None,
        "motifs": [{"label": label, "count": n} for label, n in variant.inventory],
    }


def _electron_count(count: ElectronCount) -> Json:
    return {
        "value": count.value,
        "at_zero_charge": count.at_zero_charge,
        "charge": count.charge,
        "reason": count.reason or None,
        "terms": [dataclasses.asdict(term) for term in count.terms],
        "by_charge": [dataclasses.asdict(row) for row in count.by_charge],
    }


def _bond_row(row: BondRow) -> Json:
    return {
        "role": row.role,
        "pair": row.pair,
        "cutoff": _number(row.cutoff, 3),
        "n": row.n,
        "mean": _number(row.mean, 5),
        "sd": _number(row.sd, 5),
        "mean_su": _number(row.mean_su, 5),
        "su": _number(row.su, 5),
        "min": _number(row.minimum, 5),
        "max": _number(row.maximum, 5),
        "weighted_mean": _number(row.weighted_mean, 5),
        "n_unique": row.n_unique,
        "mean_unique": _number(row.mean_unique, 5),
        "sd_unique": _number(row.sd_unique, 5),
        "mean_unique_su": _number(row.mean_unique_su, 5),
        "birge_ratio": _number(row.birge_ratio, 3),
        "excess_sd": _number(row.excess_sd, 5),
        "histogram": {
            "edges": [round(float(x), 4) for x in row.edges],
            "counts": [int(n) for n in row.counts],
        },
    }


def _number(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None
