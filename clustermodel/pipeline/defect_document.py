"""How is a list of defects written down? Plain values, one entry for each defect, described by a schema."""

from dataclasses import dataclass, field
from typing import Any

from clustermodel._arrays import FloatArray, freeze_float
from clustermodel.analysis.defect_results import DefectCharge, DefectClash, DefectKind, DefectSettings
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.ligands import LigandRow
from clustermodel.io.record import describe_record, write_record
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis
from clustermodel.structure.finding import Finding
from clustermodel.structure.molecule import Molecule

__all__ = [
    "SCHEMA",
    "AtomEdit",
    "DefectEntry",
    "DefectList",
    "DefectParent",
    "build_defects_document",
    "load_defects_schema",
]

Json = dict[str, Any]

SCHEMA = "clustermodel.defects/1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtomEdit:
    """An atom that was removed, added or exchanged.

    Parameters
    ----------
    action : str
        ``"removed"``, ``"added"`` or ``"exchanged"``.
    label : str
        Its label.
    element : str
        Its element; the new one where it was exchanged.
    position : ndarray, shape (3,)
        Its place in Å.
    """

    action: str
    label: str
    element: str
    position: FloatArray = field(metadata={"unit": "Å"})

    def __post_init__(self) -> None:
        """Freeze the array."""
        object.__setattr__(self, "position", freeze_float(self.position, (3,), "position"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DefectParent:
    """The cluster whose defects are listed.

    Parameters
    ----------
    file, block, sha256 : str
        Where it was read from.
    is_model : bool
        Whether the file says of itself that it is a model.
    cluster : str
        Its number in the file.
    formula : str
        Its formula.
    metals : dict of str to int
        Metal atoms.
    ligands : tuple of LigandRow
        Inventory of ligands.
    anatomy : str
        Kernel and motifs.
    charge : int or None
        Its charge.
    charge_source : str
        Where the charge comes from.
    electrons : int or None
        Its superatom electrons.
    symmetries : int
        Number of motions that lay its metal and donor atoms on themselves within the tolerance.
    """

    file: str
    block: str
    sha256: str
    is_model: bool
    cluster: str
    formula: str
    metals: dict[str, int]
    ligands: tuple[LigandRow, ...]
    anatomy: str
    charge: int | None = field(metadata={"unit": "e"})
    charge_source: str
    electrons: int | None = field(metadata={"unit": "electrons"})
    symmetries: int = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DefectEntry:
    """One defect of the list.

    Parameters
    ----------
    id : str
        Kind and rank: ``"vacancy-1"``; substitutions with the element.
    kind : str
        One of `clustermodel.pipeline.list_defects.KIND_NAMES`.
    change : str
        One of `clustermodel.analysis.defect_results.DEFECT_KINDS`.
    title : str
        What is done.
    ligand : str
        Ligands that leave or come; empty if there are none.
    site : tuple of str
        Labels of the atoms that name the site; for a vacancy those around it.
    edits : tuple of AtomEdit
        Everything that differs from the parent.
    multiplicity : int
        Number of sites that the approximate symmetry of the parent makes equivalent.
    formula : str
        Formula of the result.
    metals : dict of str to int
        Metal atoms of the result.
    ligands : tuple of LigandRow
        Its ligands.
    anatomy : str
        Its kernel and motifs.
    electron_change : int or None
        Change of the superatom electrons at constant charge.
    charges : tuple of DefectCharge
        Charges that keep the electrons, or the charge, of the parent.
    exposure : float
        Free fraction of the surface of the site.
    contacts, donor_bonds : int
        Metal-metal contacts and metal-donor bonds between the site and the rest.
    rank : int
        Place among the changes of its kind and element.
    clashes : tuple of DefectClash
        Added atoms that are too near to others.
    core_clashes : int
        Those of an added metal atom or donor.
    evidence : tuple of str
        For a vacancy: why there is a place.
    """

    id: str
    kind: str
    change: DefectKind
    title: str
    ligand: str
    site: tuple[str, ...]
    edits: tuple[AtomEdit, ...]
    multiplicity: int = field(metadata={"unit": ""})
    formula: str
    metals: dict[str, int]
    ligands: tuple[LigandRow, ...]
    anatomy: str
    electron_change: int | None = field(metadata={"unit": "electrons"})
    charges: tuple[DefectCharge, ...]
    exposure: float = field(metadata={"unit": ""})
    contacts: int = field(metadata={"unit": ""})
    donor_bonds: int = field(metadata={"unit": ""})
    rank: int = field(metadata={"unit": ""})
    clashes: tuple[DefectClash, ...]
    core_clashes: int = field(metadata={"unit": ""})
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DefectList:
    """The defects of one cluster.

    Parameters
    ----------
    parent : DefectParent
        The cluster.
    entries : tuple of DefectEntry
        By kind and rank.
    settings : DefectSettings
        The choices.
    findings : tuple of Finding
        What a reader should know.
    clusters : tuple of Cluster
        The changed clusters, in the order of the entries; not part of the document.
    origin : ClusterAnalysis
        The cluster as it was analysed; not part of the document.
    """

    parent: DefectParent
    entries: tuple[DefectEntry, ...]
    settings: DefectSettings
    findings: tuple[Finding, ...]
    clusters: tuple[Cluster, ...]
    origin: ClusterAnalysis

    @property
    def molecules(self) -> tuple[Molecule, ...]:
        """The changed molecules, in the order of the entries."""
        return tuple(one.molecule for one in self.clusters)


def build_defects_document(found: DefectList) -> Json:
    """Write a list of defects as plain values.

    Parameters
    ----------
    found : DefectList
        The list.

    Returns
    -------
    dict
        A document of the schema ``clustermodel.defects/1``.

    Examples
    --------
    >>> from clustermodel.pipeline.list_defects import list_defects
    >>> only = DefectSettings(kinds=("kernel atom removed",))
    >>> document = build_defects_document(list_defects("model:au25_sch3_18_nme4", defects=only))
    >>> document["schema"], document["defects"][0]["id"]
    ('clustermodel.defects/1', 'vacancy-1')
    """
    return {
        "schema": SCHEMA,
        "relaxed": False,
        "parent": write_record(found.parent),
        "settings": write_record(found.settings),
        "findings": write_record(found.findings),
        "defects": write_record(found.entries),
    }


def load_defects_schema() -> Json:
    """Return the JSON Schema of the document.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12; the unit of a number is its description.

    Examples
    --------
    >>> sorted(load_defects_schema()["properties"])
    ['defects', 'findings', 'notes', 'parent', 'relaxed', 'schema', 'settings']
    """
    properties: Json = {
        "schema": {"const": SCHEMA},
        "relaxed": {"const": False},
        "parent": describe_record(DefectParent),
        "settings": describe_record(DefectSettings),
        "findings": describe_record(tuple[Finding, ...]),
        "defects": describe_record(tuple[DefectEntry, ...]),
        "notes": {"type": "array", "items": {"type": "string"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "clustermodel defects",
        "description": "Single-site defects of one cluster: edits of its coordinates, not relaxed.",
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name != "notes"],
        "additionalProperties": False,
    }
