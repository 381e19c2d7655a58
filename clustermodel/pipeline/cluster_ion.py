"""Which ions do the clusters of a structure make? Composition, ligands and charge for a mass spectrum."""

from collections import Counter

from clustermodel.elements import format_formula
from clustermodel.errors import InputError
from clustermodel.massspec.formula import IonFormula, build_ion, read_ion
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.cluster_analysis import ClusterAnalysis

__all__ = ["build_cluster_ions"]


def build_cluster_ions(analysis: Analysis, *, charge: int | None = None) -> tuple[IonFormula, ...]:
    """Make an ion of every cluster of an analysis.

    Parameters
    ----------
    analysis : Analysis
        The analysed structure.
    charge : int, optional
        Charge of the clusters; the one that the analysis found if left out.

    Returns
    -------
    tuple of IonFormula
        One ion for each cluster, with its ligands by name where they are known.

    Raises
    ------
    InputError
        If there is no cluster, or its charge is unknown or zero.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> (ion,) = build_cluster_ions(analyze("model:au25_sch3_18_nme4")[0])
    >>> ion.text, ion.formula
    ('[Au25(SCH3)18]-', 'C18H54Au25S18')
    """
    if not analysis.clusters:
        msg = f"{analysis.crystal.source.file}: no cluster in this file; give the ion as a formula instead"
        raise InputError(msg)
    return tuple(_build(one, analysis.crystal.source.file, charge) for one in analysis.clusters)


def _build(one: ClusterAnalysis, source: str, charge: int | None) -> IonFormula:
    used = one.charge.value if charge is None else charge
    if not used:
        found = "is not known" if used is None else "is 0"
        msg = f"{source}: the charge of {one.formula} {found}; give that of the ion with --charge"
        raise InputError(msg)
    atoms = dict(Counter(one.variant.molecule.elements))
    ion = _read_notation(one, atoms, used) or build_ion(atoms, used)
    notes = list(ion.notes)
    if "C" in atoms and not {"H", "D"} & set(atoms):
        notes.append("the structure has no hydrogen atoms: the mass is too low by theirs")
    if one.variant.vacancies:
        notes.append(
            f"one composition of several: the places of this cluster are {one.average_formula} on average"
        )
    return IonFormula(text=ion.text, parts=ion.parts, atoms=ion.atoms, charge=used, notes=tuple(notes))


def _read_notation(one: ClusterAnalysis, atoms: dict[str, int], charge: int) -> IonFormula | None:
    """Return the ion in terms of its ligands, or None where they do not add up to the atoms."""
    elements = one.variant.molecule.elements
    metals = Counter(elements[i] for i in one.cluster.metals)
    ligands = "".join(f"({row.name or row.formula}){row.count}" for row in one.ligands)
    text = f"[{format_formula({s: float(n) for s, n in metals.items()})}{ligands}]"
    try:
        ion = read_ion(f"{text}{abs(charge) if abs(charge) > 1 else ''}{'+' if charge > 0 else '-'}")
    except InputError:
        return None
    return ion if ion.atoms == atoms else None
