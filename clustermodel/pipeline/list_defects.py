"""Which single-site defects does a cluster of this file have? From a structure file to a ranked list.

Every entry is an edit of the input: atoms removed, added or exchanged, all others left where they are.
Nothing is relaxed, and nothing is measured.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from clustermodel.analysis.defect_results import Defect, DefectKind, Defects, DefectSettings
from clustermodel.analysis.defects import find_defects
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.cluster.ligand_environment import find_core_metals
from clustermodel.cluster.ligands import count_ligands, find_ligands
from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import Analysis, AnalysisSettings, analyze
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis
from clustermodel.pipeline.defect_document import AtomEdit, DefectEntry, DefectList, DefectParent
from clustermodel.structure.finding import Finding
from clustermodel.structure.molecule import Molecule

__all__ = ["KIND_NAMES", "list_defects", "read_kinds"]

_WORDS: Mapping[DefectKind, str] = {
    "vacancy filled": "filling",
    "kernel atom removed": "vacancy",
    "motif removed": "staple",
    "motif shortened": "staple-unit",
    "bridge removed": "bridge",
    "terminal ligand removed": "ligand",
    "metal substituted": "substitution",
}

KIND_NAMES: Mapping[str, tuple[DefectKind, ...]] = {
    "filling": ("vacancy filled",),
    "vacancy": ("kernel atom removed",),
    "staple": ("motif removed", "motif shortened"),
    "bridge": ("bridge removed",),
    "ligand": ("terminal ligand removed",),
    "substitution": ("metal substituted",),
}
"""Short names of kinds of defects, and what they stand for."""


def read_kinds(text: str) -> tuple[DefectKind, ...]:
    """Turn short names of kinds into kinds.

    Parameters
    ----------
    text : str
        Names of `KIND_NAMES` with commas between, or ``all``.

    Returns
    -------
    tuple of str
        Kinds of `clustermodel.analysis.defect_results.DEFECT_KINDS`.

    Raises
    ------
    InputError
        If a name is not known.

    Examples
    --------
    >>> read_kinds("vacancy,staple")
    ('kernel atom removed', 'motif removed', 'motif shortened')
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in KIND_NAMES and name != "all"]
    if wrong or not names:
        found = repr(wrong[0]) if wrong else "no kind"
        msg = f"--kind: found {found}; expected some of {', '.join(KIND_NAMES)} with commas between, or all"
        raise InputError(msg)
    chosen = KIND_NAMES if "all" in names else dict.fromkeys(names)
    return tuple(kind for name in chosen for kind in KIND_NAMES[name])


def list_defects(
    path: str | Path,
    *,
    cluster: str | None = None,
    block: str | None = None,
    settings: AnalysisSettings | None = None,
    defects: DefectSettings | None = None,
) -> DefectList:
    """List the single-site defects of a cluster in a file.

    Parameters
    ----------
    path : str or Path
        A structure file, or the name of an embedded model.
    cluster : str, optional
        Number of the cluster, as `analyze` gives it; by default the first.
    block : str, optional
        Data block of a CIF.
    settings : AnalysisSettings, optional
        Choices of the analysis; its charge is that of the cluster.
    defects : DefectSettings, optional
        Which defects.

    Returns
    -------
    DefectList
        Defects and changed molecules.

    Raises
    ------
    InputError
        If the file cannot be read, or there is no such cluster in it.

    Examples
    --------
    >>> only = DefectSettings(kinds=("kernel atom removed",))
    >>> found = list_defects("model:au25_sch3_18_nme4", defects=only)
    >>> [(one.id, one.title, one.multiplicity) for one in found.entries]
    [('vacancy-1', 'Au2 removed', 12), ('vacancy-2', 'Au1 removed', 1)]
    >>> found.entries[0].anatomy
    'Au12 + 6 Au2(SR)3'
    """
    if block == "all":
        msg = "--block all: defects are listed for one block at a time; name it"
        raise InputError(msg)
    (analysis,) = analyze(path, settings=settings, block=block)
    one, notes = _choose(analysis, cluster)
    found = find_defects(one.cluster, one.anatomy, charge=one.charge.value, settings=defects)
    changed = tuple(_rebuild(defect, one.cluster) for defect in found.defects)
    entries = zip(found.defects, changed, strict=True)
    return DefectList(
        parent=_describe_parent(analysis, one, found),
        entries=tuple(_describe(defect, after, one) for defect, after in entries),
        settings=found.settings,
        findings=(*notes, *found.findings),
        clusters=changed,
        origin=one,
    )


def _choose(analysis: Analysis, wanted: str | None) -> tuple[ClusterAnalysis, tuple[Finding, ...]]:
    """Return the cluster asked for, and a note if there are others and none was named."""
    file = analysis.crystal.source.file
    known = {one.id: one for one in analysis.clusters}
    if not known:
        formulas = ", ".join(one.formula for one in analysis.species) or "no atoms"
        msg = f"{file}: no cluster (three or more joined metal atoms) in this file; found {formulas}"
        raise InputError(msg)
    listed = ", ".join(f"{name} ({one.formula})" for name, one in known.items())
    if wanted is not None and wanted not in known:
        msg = f"{file}: there is no cluster {wanted!r}; expected one of {listed}"
        raise InputError(msg)
    if wanted is not None or len(known) == 1:
        return known[wanted or next(iter(known))], ()
    first = next(iter(known))
    told = f"{file} has {len(known)} clusters, {listed}; this is cluster {first}, choose with --cluster"
    return known[first], (Finding(code="defect-cluster", severity="info", message=told),)


def _describe_parent(analysis: Analysis, one: ClusterAnalysis, found: Defects) -> DefectParent:
    source = analysis.crystal.source
    return DefectParent(
        file=source.file,
        block=source.block,
        sha256=source.sha256,
        is_model=analysis.crystal.is_model,
        cluster=one.id,
        formula=one.formula,
        metals=_count_metals(one.cluster.molecule, one.cluster.metals),
        ligands=one.ligands,
        anatomy=one.anatomy.summary,
        charge=one.charge.value,
        charge_source=one.charge.source,
        electrons=found.electrons,
        symmetries=found.symmetries,
    )


def _count_metals(molecule: Molecule, metals: Sequence[int]) -> dict[str, int]:
    return dict(Counter(molecule.elements[atom] for atom in metals).most_common())


def _describe(defect: Defect, changed: Cluster, one: ClusterAnalysis) -> DefectEntry:
    word = _WORDS[defect.kind]
    edits = tuple(_list_edits(defect, one.cluster.molecule))
    if defect.kind == "metal substituted":
        word = f"{word}-{edits[0].element}"
    return DefectEntry(
        id=f"{word}-{defect.rank}",
        kind=next(name for name, kinds in KIND_NAMES.items() if defect.kind in kinds),
        change=defect.kind,
        title=defect.title,
        ligand=defect.ligand,
        site=defect.site,
        edits=edits,
        multiplicity=defect.multiplicity,
        formula=defect.formula,
        metals=_count_metals(changed.molecule, changed.metals),
        ligands=count_ligands(changed.ligands),
        anatomy=_classify(changed, one.anatomy, one.cluster.molecule).summary,
        electron_change=defect.electron_change,
        charges=defect.charges,
        exposure=defect.exposure,
        contacts=defect.contacts,
        donor_bonds=defect.donor_bonds,
        rank=defect.rank,
        clashes=defect.clashes,
        core_clashes=defect.core_clashes,
        evidence=defect.evidence,
    )


def _rebuild(defect: Defect, parent: Cluster) -> Cluster:
    """Return the changed cluster; all its metal atoms are one cluster, whether bonds join them or not."""
    if defect.kind == "metal substituted":
        return replace(parent, molecule=defect.molecule)
    molecule = defect.molecule
    return Cluster(molecule=molecule, metals=find_core_metals(molecule), ligands=find_ligands(molecule))


def _classify(changed: Cluster, known: Anatomy, parent: Molecule) -> Anatomy:
    """Divide the changed cluster as its parent was divided."""
    if known.convention != "labels":
        return classify_kernel(changed, convention=known.convention)
    named = {parent.labels[atom] for atom in known.kernel}
    left = sorted(named & {changed.molecule.labels[atom] for atom in changed.metals})
    return classify_kernel(changed, convention="labels", labels=left)


def _list_edits(defect: Defect, parent: Molecule) -> list[AtomEdit]:
    if defect.kind == "metal substituted":
        return [_note("exchanged", defect.molecule, atom) for atom in defect.atoms]
    if defect.atoms:
        return [_note("removed", parent, atom) for atom in defect.atoms]
    return [_note("added", defect.molecule, atom) for atom in range(len(parent), len(defect.molecule))]


def _note(action: str, molecule: Molecule, atom: int) -> AtomEdit:
    return AtomEdit(
        action=action,
        label=molecule.labels[atom],
        element=molecule.elements[atom],
        position=molecule.positions[atom],
    )
