"""How is a defect handed to the next program? A file with a telling name that says it is a model."""

import re
from collections.abc import Sequence

from clustermodel.elements import is_metal
from clustermodel.errors import InputError
from clustermodel.io.cif_writer import format_cif
from clustermodel.io.xyz import format_xyz
from clustermodel.pipeline.defect_document import DefectEntry, DefectList, DefectParent
from clustermodel.report.defect_tables import describe_entry_composition
from clustermodel.report.notation import format_charge

__all__ = ["DEFECT_FORMATS", "describe_defect", "format_defects", "name_defect"]

DEFECT_FORMATS: tuple[str, ...] = ("xyz", "cif")
"""The formats, by their file suffixes."""

_MOST = 3  # labels in the name of a file
_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")


def format_defects(found: DefectList, formats: Sequence[str]) -> dict[str, str]:
    """Write every defect as a file.

    Parameters
    ----------
    found : DefectList
        The list.
    formats : sequence of str
        Some of `DEFECT_FORMATS`.

    Returns
    -------
    dict of str to str
        Contents by path: a folder for each kind, and a telling name.

    Raises
    ------
    InputError
        If there is no such format.
    """
    wrong = [name for name in formats if name not in DEFECT_FORMATS]
    if wrong:
        msg = f"format {wrong[0]!r} is not known; expected some of {', '.join(DEFECT_FORMATS)}"
        raise InputError(msg)
    files = {}
    for entry, molecule in zip(found.entries, found.molecules, strict=True):
        name, comment = name_defect(entry), describe_defect(found.parent, entry)
        if "xyz" in formats:
            files[f"{entry.kind}/{name}.xyz"] = format_xyz(molecule, comment)
        if "cif" in formats:
            head, _, rest = format_cif([molecule], cell=None, name=name).partition("\n")
            files[f"{entry.kind}/{name}.cif"] = f"{head}\n_chemical_name_common\n;{comment}\n;\n{rest}"
    return files


def name_defect(entry: DefectEntry) -> str:
    """Name the file of a defect.

    Parameters
    ----------
    entry : DefectEntry
        The defect.

    Returns
    -------
    str
        Identity and what is done, without a suffix: ``"vacancy-1_minus-Au2-PPh2py"``.

    Examples
    --------
    >>> from clustermodel.analysis.defect_results import DefectSettings
    >>> from clustermodel.pipeline.list_defects import list_defects
    >>> only = DefectSettings(kinds=("motif removed",))
    >>> found = list_defects("model:au25_sch3_18_nme4", defects=only)
    >>> [name_defect(entry) for entry in found.entries]
    ['staple-1_minus-Au8-Au9-3SCH3']
    """
    metals = [edit.label for edit in entry.edits if is_metal(edit.element)]
    donors = [label for label in entry.site if label not in metals]
    if entry.change == "metal substituted":
        words = [entry.edits[0].label, "to", entry.edits[0].element]
    elif entry.change == "vacancy filled":
        words = ["plus", entry.edits[0].element, entry.ligand, "at", *entry.site[:_MOST]]
    elif entry.change in {"kernel atom removed", "motif removed"}:
        words = ["minus", *metals, entry.ligand]
    else:
        words = ["minus", *metals, entry.ligand, *donors[:_MOST]]
    told = "-".join(word.replace(" + ", "-") for word in words if word)
    return f"{entry.id}_{_UNSAFE.sub('', told)}"


def describe_defect(parent: DefectParent, entry: DefectEntry) -> str:
    """Say in one line what the file of a defect is.

    Parameters
    ----------
    parent : DefectParent
        The cluster that was changed.
    entry : DefectEntry
        The defect.

    Returns
    -------
    str
        Begins with MODEL, and tells from which cluster of which file, by which edit, it was made.
    """
    made = f"MODEL, not measured and not relaxed: {describe_entry_composition(entry)}"
    cluster = f"{describe_entry_composition(parent)} of {parent.file}"
    source = f"made from {cluster}{' (itself a model)' if parent.is_model else ''} by an edit: {entry.title}"
    sites = f"{entry.multiplicity} equivalent sites" if entry.multiplicity > 1 else "one such site"
    told = [f"{made}, {source}", sites]
    told += [f"charge {format_charge(q.charge)} gives n* = {q.electrons}" for q in entry.charges]
    if entry.clashes:
        told.append(f"{len(entry.clashes)} pairs of atoms are too near to each other")
    return "; ".join(told)
