"""Does the file agree with itself? What it declares set against what its coordinates say."""

import re
from collections import Counter

from clustermodel.assembly.molecules import Assembly
from clustermodel.assembly.vacancies import count_average
from clustermodel.cluster.moiety import read_moiety
from clustermodel.cluster.species import Species
from clustermodel.elements import find_element, format_formula
from clustermodel.structure.crystal import Crystal
from clustermodel.structure.finding import Finding

__all__ = ["audit_declared", "count_cell", "parse_sum"]

_PIECE = re.compile(r"([A-Z][a-z]?)\s*(\d*\.?\d*)")
_COUNT = 0.06  # atoms per formula unit: sums are printed with one or two decimals
_WEIGHT = 0.005  # relative: masses of different tables differ by less
_HYDROGEN = frozenset({"H", "D"})


def parse_sum(text: str) -> dict[str, float]:
    """Read a ``_chemical_formula_sum``.

    Parameters
    ----------
    text : str
        For example ``C148 H170 Au25 O2 S36``.

    Returns
    -------
    dict of str to float
        Count of each element; empty if the text is no plain sum.

    Examples
    --------
    >>> parse_sum("C29 H30 Cu I P2")
    {'C': 29.0, 'H': 30.0, 'Cu': 1.0, 'I': 1.0, 'P': 2.0}
    """
    counts: Counter[str] = Counter()
    for word in text.replace(",", " ").split():
        match = _PIECE.fullmatch(word)
        if match is None or find_element(match.group(1)) is None:
            return {}
        counts[match.group(1)] += float(match.group(2) or 1)  # type: ignore[assignment]
    return {element: float(n) for element, n in counts.items()}


def count_cell(assembly: Assembly) -> dict[str, float]:
    """Count the atoms of the cell by their occupancy.

    Parameters
    ----------
    assembly : Assembly
        The molecules.

    Returns
    -------
    dict of str to float
        Atoms per cell by element.
    """
    total: dict[str, float] = {}
    for distinct in assembly.molecules:
        units = distinct.copies * distinct.repeat
        for element, n in count_average(distinct, assembly.resolution.mixed).items():
            total[element] = total.get(element, 0.0) + n * units
    return total


def audit_declared(assembly: Assembly, species: tuple[Species, ...]) -> tuple[Finding, ...]:
    """Compare declared sum, weight, Z and hydrogens with the assembled molecules.

    Parameters
    ----------
    assembly : Assembly
        The molecules.
    species : tuple of Species
        What they are.

    Returns
    -------
    tuple of Finding
        Agreements worth knowing and all contradictions.
    """
    crystal = assembly.crystal
    where = f"{crystal.source.file}, block {crystal.source.block}"
    return (
        *_compare_sum(crystal, count_cell(assembly), where),
        *_compare_moiety(crystal, species, where),
        *_compare_weight(crystal, where),
        *_missing_hydrogens(crystal, species, where),
        *_about_mask(crystal, where),
        *_about_names(species, where),
    )


def _compare_sum(crystal: Crystal, cell: dict[str, float], where: str) -> list[Finding]:
    declared, z = parse_sum(crystal.declared.formula_sum), crystal.declared.z
    if not declared:
        return [_finding("no-sum", "info", f"{where}: no formula sum that can be compared")]
    if z is None:
        return [_finding("no-z", "info", f"{where}: Z not declared; the formula sum is not compared")]
    found = {element: n / z for element, n in cell.items()}
    off = {
        e: found.get(e, 0.0) - declared.get(e, 0.0)
        for e in sorted({*found, *declared})
        if abs(found.get(e, 0.0) - declared.get(e, 0.0)) > _COUNT
    }
    told = f"declared sum {format_formula(declared)} x Z {z}, coordinates {format_formula(found)} x {z}"
    if not off:
        return [_finding("sum-agrees", "info", f"{where}: {told}: they agree")]
    differences = ", ".join(f"{e} {d:+.4g}" for e, d in off.items())
    code = "hydrogens-differ" if set(off) <= _HYDROGEN else "sum-differs"
    return [_finding(code, "warning", f"{where}: {told}: the coordinates differ by {differences}")]


def _compare_moiety(crystal: Crystal, species: tuple[Species, ...], where: str) -> list[Finding]:
    """Report declared parts without coordinates and molecules that are not declared."""
    parts = [part for part in read_moiety(crystal.declared.formula_moiety) if part.counts]
    if not parts:
        return []
    declared = {format_formula(dict(part.counts or {})) for part in parts}
    found = {one.formula for one in species}
    if declared == found:
        return [_finding("moiety-agrees", "info", f"{where}: declared moiety and molecules agree")]
    absent = ", ".join(sorted(declared - found)) or "none"
    extra = ", ".join(sorted(found - declared)) or "none"
    text = (
        f"{where}: declared moiety {crystal.declared.formula_moiety!r}; not among the molecules: {absent}; "
    )
    return [_finding("moiety-differs", "warning", f"{text}molecules not declared: {extra}")]


def _compare_weight(crystal: Crystal, where: str) -> list[Finding]:
    counts, weight = parse_sum(crystal.declared.formula_sum), crystal.declared.weight
    if not counts or weight is None:
        return []
    computed = sum(element.mass * n for s, n in counts.items() if (element := find_element(s)))
    if abs(computed - weight) <= _WEIGHT * computed:
        return []
    text = f"{where}: declared weight {weight:.2f}, the declared sum weighs {computed:.2f}"
    return [_finding("weight-differs", "warning", text)]


def _missing_hydrogens(crystal: Crystal, species: tuple[Species, ...], where: str) -> list[Finding]:
    bare = [
        s.formula
        for s in species
        if s.role in {"cluster", "metal complex"}
        and "C" in s.distinct.molecule.elements
        and not _HYDROGEN & set(s.distinct.molecule.elements)
    ]
    if not bare:
        return []
    declared = parse_sum(crystal.declared.formula_sum)
    wanted = f"; the declared sum has H{declared['H']:g}" if declared.get("H") else ""
    text = f"{where}: {', '.join(bare)} has carbon but no hydrogen in the file{wanted}"
    return [_finding("no-hydrogens", "warning", text)]


def _about_mask(crystal: Crystal, where: str) -> list[Finding]:
    if not crystal.declared.masked:
        return []
    voids = [v for v in crystal.declared.voids if v.volume == v.volume and v.volume > 0]
    electrons = sum(v.electrons for v in voids if v.electrons == v.electrons)
    volume = sum(v.volume for v in voids)
    told = f": {len(voids)} voids, {volume:.0f} Å3 and {electrons:.0f} electrons per cell" if voids else ""
    text = f"{where}: solvent mask or SQUEEZE used{told}; ions and solvent may be missing"
    return [_finding("masked", "warning", text)]


def _about_names(species: tuple[Species, ...], where: str) -> list[Finding]:
    return [
        _finding("species-name", "info", f"{where}: {s.formula} named {s.name}: {note}")
        for s in species
        for note in s.notes
    ]


def _finding(code: str, severity: str, message: str) -> Finding:
    level = {"warning": "warning", "error": "error"}.get(severity, "info")
    return Finding(code=f"audit-{code}", severity=level, message=message)  # type: ignore[arg-type]
