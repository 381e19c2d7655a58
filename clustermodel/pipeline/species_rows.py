"""Which kinds of molecules does the cell hold, and how many? One row each, co-crystals taken apart."""

from dataclasses import dataclass, field, replace

from clustermodel.cluster.species import Role, Species
from clustermodel.pipeline.analyze import Analysis

__all__ = ["SpeciesRow", "list_species"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeciesRow:
    """One kind of molecule in the cell.

    Parameters
    ----------
    formula : str
        Formula in Hill order.
    role : str
        What it is for.
    name : str
        Common name, empty if not recognised.
    per_cell : float
        Formula units in the cell.
    independent : int
        Symmetry-independent molecules of this kind.
    charge : int or None
        Charge if it is known.
    periodicity : int
        0 for molecules, 1 to 3 for polymers.
    linked_by : tuple of str
        Kinds of bonds that make it a polymer.
    notes : tuple of str
        How sure the name is.
    """

    formula: str
    role: Role
    name: str
    per_cell: float = field(metadata={"unit": "per cell"})
    independent: int = field(metadata={"unit": "1"})
    charge: int | None = field(metadata={"unit": "e"})
    periodicity: int = field(metadata={"unit": "1"})
    linked_by: tuple[str, ...]
    notes: tuple[str, ...]


def list_species(analysis: Analysis) -> tuple[SpeciesRow, ...]:
    """List the kinds of molecules; independent molecules of one kind are added up.

    Filled and defect molecules that share a place get a row each, with their share.

    Parameters
    ----------
    analysis : Analysis
        The analysis.

    Returns
    -------
    tuple of SpeciesRow
        In the order of the molecules.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> [(row.formula, row.per_cell) for row in list_species(analyze("model:au25_sch3_18_nme4")[0])]
    [('C18H54Au25S18', 4.0), ('C4H12N', 4.0)]
    """
    rows: dict[tuple[object, ...], SpeciesRow] = {}
    for one in analysis.species:
        for formula, share in _molecules(one, analysis):
            row = _row(one, formula, one.per_cell * share, analysis)
            key = (row.formula, row.role, row.name, row.charge, row.periodicity, row.linked_by)
            known = rows.get(key)
            rows[key] = (
                row
                if known is None
                else replace(known, per_cell=known.per_cell + row.per_cell, independent=known.independent + 1)
            )
    return tuple(rows.values())


def _molecules(one: Species, analysis: Analysis) -> list[tuple[str, float]]:
    """Return formula and share of the molecules that a species stands for."""
    if one.role == "cluster":
        shared = [c for c in analysis.clusters if c.place is one.distinct]
        if shared:
            return [(c.formula, c.variant.fraction) for c in shared]
    return [(one.formula, 1.0)]


def _row(one: Species, formula: str, per_cell: float, analysis: Analysis) -> SpeciesRow:
    charge = one.charge
    if charge is None and one.formula == analysis.charge.formula:
        charge = analysis.charge.value
    return SpeciesRow(
        formula=formula,
        role=one.role,
        name=one.name,
        per_cell=per_cell,
        independent=1,
        charge=charge,
        periodicity=one.distinct.molecule.periodicity,
        linked_by=one.distinct.linked_by,
        notes=one.notes,
    )
