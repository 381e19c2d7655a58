"""Which assembled atoms does the next program need? Molecules with names, roles and notes."""

from dataclasses import dataclass

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.assembly.disorder import Resolution
from clustermodel.assembly.molecules import Assembly
from clustermodel.errors import InputError
from clustermodel.pipeline.analyze import Analysis
from clustermodel.structure.molecule import Molecule

__all__ = ["SELECTIONS", "Extract", "select_molecules"]

SELECTIONS = ("cluster", "species", "cell")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extract:
    """One molecule ready to be written.

    Parameters
    ----------
    molecule : Molecule
        Its atoms.
    name : str
        Formula, with the name of the species or the number of the cluster.
    roles : tuple of str
        Role of each atom.
    notes : tuple of str
        Source, model label and the disorder parts that were chosen.
    """

    molecule: Molecule
    name: str
    roles: tuple[str, ...]
    notes: tuple[str, ...]


def select_molecules(analysis: Analysis, what: str) -> tuple[Extract, ...]:
    """Select the molecules to write.

    Parameters
    ----------
    analysis : Analysis
        The analysis.
    what : {"cluster", "species", "cell"}
        The clusters; one of every kind of molecule; or all molecules of the cell.

    Returns
    -------
    tuple of Extract
        At least one molecule.

    Raises
    ------
    InputError
        If the file has no cluster and clusters were asked for.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> (analysis,) = analyze("model:au25_sch3_18_nme4")
    >>> [extract.name for extract in select_molecules(analysis, "species")]
    ['cluster 1 C18H54Au25S18', 'tetramethylammonium C4H12N']
    """
    notes = _notes(analysis)
    clusters = tuple(
        Extract(
            molecule=one.variant.molecule,
            name=f"cluster {one.id} {one.formula}",
            roles=one.anatomy.roles,
            notes=notes,
        )
        for one in analysis.clusters
    )
    if what == "cluster":
        if not clusters:
            formulas = ", ".join(one.formula for one in analysis.species)
            msg = (
                f"{analysis.crystal.source.file}: no cluster in the file, found {formulas}; "
                "use --what species or --what cell"
            )
            raise InputError(msg)
        return clusters
    others = tuple(
        Extract(
            molecule=one.distinct.molecule,
            name=f"{one.name or one.role} {one.formula}",
            roles=(one.role.replace(" ", "-"),) * len(one.distinct.molecule),
            notes=notes,
        )
        for one in analysis.species
        if one.role != "cluster"
    )
    if what == "species":
        return (*clusters, *others)
    return _fill_cell(analysis.assembly, notes)


def _notes(analysis: Analysis) -> tuple[str, ...]:
    crystal = analysis.crystal
    source = crystal.source.file + (f" block {crystal.source.block}" if crystal.source.block else "")
    model = ("MODEL, not a measured structure",) if crystal.is_model else ()
    return (f"from {source}", *model, _disorder(analysis.assembly.resolution))


def _disorder(resolution: Resolution) -> str:
    if not resolution.regions:
        return "no disorder parts"
    kept = ", ".join(f"{r.name}: part {'+'.join(map(str, r.chosen))}" for r in resolution.regions)
    return f"disorder parts kept: {kept}"


def _fill_cell(assembly: Assembly, notes: tuple[str, ...]) -> tuple[Extract, ...]:
    """Return every molecule of the cell, as moved by the symmetry operations."""
    cell, group = assembly.crystal.cell, assembly.crystal.space_group
    extracts = []
    for distinct in assembly.molecules:
        molecule = distinct.molecule
        fract = molecule.positions @ cell.inverse
        placed: list[FloatArray] = []
        for rotation, translation in zip(group.rotations, group.translations, strict=True):
            moved = fract @ rotation.T + translation
            moved -= np.floor(moved.mean(axis=0) + 1e-6)
            if len(placed) < distinct.copies and _is_new(moved, placed):
                placed.append(moved)
                extracts.append(
                    Extract(
                        molecule=molecule.with_positions(moved @ cell.matrix),
                        name=distinct.formula,
                        roles=("",) * len(molecule),
                        notes=notes,
                    )
                )
    return tuple(extracts)


def _is_new(moved: FloatArray, placed: list[FloatArray]) -> bool:
    """Return whether a molecule lies elsewhere than those placed before, centre by centre."""
    centre = moved.mean(axis=0)
    for other in placed:
        difference = centre - other.mean(axis=0)
        if np.all(np.abs(difference - np.rint(difference)) < 1e-3):  # 0.02 Å in a cell of 20 Å
            return False
    return True
