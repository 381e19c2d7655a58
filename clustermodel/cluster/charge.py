"""What is the charge of the cluster, and who says so? The user, the ions beside it, or the authors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from clustermodel.assembly.species_table import find_by_formula, list_known_species
from clustermodel.cluster.moiety import MoietyPart, parse_formula, read_moiety
from clustermodel.cluster.void_content import VoidCandidate, count_electrons_of, weigh_voids
from clustermodel.elements import format_formula, is_metal
from clustermodel.structure.crystal import Void
from clustermodel.structure.finding import Finding

__all__ = ["ChargeAssignment", "SpeciesCount", "assign_charge"]

_WHOLE = 0.05  # refined occupancies of ions scatter by about this much of an ion per cluster
_LARGEST = 8  # no isolated cluster crystallises with a higher charge; more is a missing ion
_NO_TARGET = "no cluster or metal complex of unknown charge"
_HIDDEN = 0.5  # share of the electrons of declared, unlisted ions that the mask must have found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpeciesCount:
    """How often one kind of molecule occurs in the unit cell.

    Parameters
    ----------
    formula : str
        Hill formula, hydrogens as listed in the file.
    per_cell : float
        Molecules per unit cell, weighted by occupancy.
    charge : int or None
        Charge that follows from its recognised identity; None if that is unknown.
    is_cluster : bool
        Whether it is a metal cluster.
    name : str
        Recognised name, for the evidence text.
    """

    formula: str
    per_cell: float = field(metadata={"unit": "1"})
    charge: int | None = field(default=None, metadata={"unit": "e"})
    is_cluster: bool = False
    name: str = ""

    @property
    def heavy_formula(self) -> str:
        """Hill formula without hydrogen."""
        return _heavy(parse_formula(self.formula) or {})

    @property
    def has_metal(self) -> bool:
        """Whether a metal atom is in it."""
        return any(is_metal(symbol) for symbol in parse_formula(self.formula) or {})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChargeAssignment:
    """The charge of the cluster with its source.

    Parameters
    ----------
    value : int or None
        Charge in elementary charges; None where the evidence does not settle it.
    source : str
        ``"user"``, ``"electroneutrality"``, ``"declared moiety"`` or ``"none"``.
    formula : str
        Formula of the cluster or complex whose charge it is; empty if there is none.
    evidence : tuple of str
        What each source says, or why it was not used.
    candidates : tuple of VoidCandidate
        With a solvent mask: the ions each charge would need against what the voids hold.
    findings : tuple of Finding
        Entries for the audit.
    """

    value: int | None = field(metadata={"unit": "e"})
    source: str
    formula: str
    evidence: tuple[str, ...]
    candidates: tuple[VoidCandidate, ...] = ()
    findings: tuple[Finding, ...] = ()


class _Target(NamedTuple):
    """The one kind of species whose charge is asked for, or why there is none."""

    formula: str
    heavy: str
    per_cell: float
    reason: str


class _Opinion(NamedTuple):
    """What one source says: a charge, or none and why; and what the text writes, used or not."""

    value: int | None
    text: str
    stated: int | None = None


def assign_charge(
    species: Sequence[SpeciesCount],
    *,
    user_charge: int | None = None,
    declared_moiety: str = "",
    voids: Sequence[Void] = (),
    masked: bool = False,
    type_symbols: Sequence[str] = (),
) -> ChargeAssignment:
    """Assign the charge of the cluster, or of the metal complex where there is no cluster.

    In this order: the user; electroneutrality, if every other species is of known charge and
    nothing is hidden (no solvent mask, no declared ion without coordinates); the declared
    moiety, if it states the cluster's charge, is neutral as a whole, holds all listed ions,
    and names an ion for a charged cluster. Two sources that contradict each other, two
    different species of unknown charge, or a balance that is not a whole number give None.

    Parameters
    ----------
    species : sequence of SpeciesCount
        Every species of the cell.
    user_charge : int, optional
        Charge given by the user.
    declared_moiety : str, optional
        Text of ``_chemical_formula_moiety``.
    voids : sequence of Void, optional
        Masked voids of the whole cell.
    masked : bool, optional
        Whether a solvent mask (SQUEEZE) was used; voids imply it.
    type_symbols : sequence of str, optional
        Type symbols of the file, such as ``"Au1+"``; reported, never used.

    Returns
    -------
    ChargeAssignment
        The charge with its source and evidence.

    Examples
    --------
    >>> cell = [
    ...     SpeciesCount(formula="C18H54Au25S18", per_cell=2, is_cluster=True),
    ...     SpeciesCount(formula="C4H12N", per_cell=2, charge=1, name="tetramethylammonium"),
    ... ]
    >>> answer = assign_charge(cell)
    >>> answer.value, answer.source
    (-1, 'electroneutrality')
    """
    hidden = masked or bool(voids)
    target = _find_target(species)
    parts = read_moiety(declared_moiety)
    if target.reason:
        balance = declared = _Opinion(None, target.reason)
        unlisted: tuple[str, ...] = ()
        candidates: tuple[VoidCandidate, ...] = ()
    else:
        unlisted = _find_unlisted(species, parts, target)
        balance = _balance(species, target)
        declared = _read_declared(parts, target, species)
        declared = _check_void(declared, _Hidden(species, parts, target, voids)) if voids else declared
        candidates = weigh_voids(voids, target.per_cell, listed_charge=balance.value or 0)
    value, source, verdict = _decide(user_charge, balance, declared, hidden=hidden, unlisted=unlisted)
    evidence = [balance.text, declared.text, verdict, _report_types(type_symbols)]
    if user_charge is not None:
        evidence.insert(0, f"user: {user_charge:+d}")
    return ChargeAssignment(
        value=value,
        source=source,
        formula=target.formula,
        evidence=tuple(dict.fromkeys(text for text in evidence if text)),
        candidates=candidates,
        findings=() if target.reason == _NO_TARGET else _report(value, source, verdict, (balance, declared)),
    )


def _find_target(species: Sequence[SpeciesCount]) -> _Target:
    """Find the one kind of species whose charge is asked for."""
    chosen = [s for s in species if s.is_cluster] or [s for s in species if s.charge is None and s.has_metal]
    if not chosen:
        return _Target("", "", 0.0, _NO_TARGET)
    kinds = dict.fromkeys(s.heavy_formula for s in chosen)
    if len(kinds) > 1:
        listed = ", ".join(dict.fromkeys(s.formula for s in chosen))
        return _Target("", "", 0.0, f"different species of unknown charge share the crystal: {listed}")
    per_cell = sum(s.per_cell for s in chosen)
    if per_cell <= 0:
        return _Target(chosen[0].formula, chosen[0].heavy_formula, 0.0, "no count per cell is known")
    return _Target(chosen[0].formula, chosen[0].heavy_formula, per_cell, "")


def _others(species: Sequence[SpeciesCount], target: _Target) -> list[SpeciesCount]:
    return [s for s in species if s.heavy_formula != target.heavy]


def _balance(species: Sequence[SpeciesCount], target: _Target) -> _Opinion:
    """Return the charge that makes the listed species neutral."""
    others = _others(species, target)
    unknown = ", ".join(dict.fromkeys(s.formula for s in others if s.charge is None))
    ions = [s for s in others if s.charge]
    exact = -sum((s.charge or 0) * s.per_cell for s in ions) / target.per_cell
    listed = ", ".join(f"{s.per_cell:g} {s.name or s.formula} ({s.charge:+d})" for s in ions) or "no ions"
    text = f"electroneutrality: {listed} beside {target.per_cell:g} {target.formula} per cell"
    if unknown:
        return _Opinion(None, f"{text}: charge of {unknown} unknown ({exact:+.2f} if neutral)")
    if abs(exact - round(exact)) > _WHOLE:
        return _Opinion(None, f"{text}: {exact:+.2f} each is not a whole number")
    if abs(exact) > _LARGEST + _WHOLE:
        return _Opinion(None, f"{text}: {exact:+.0f} each is not believable")
    return _Opinion(round(exact), f"{text}: {round(exact):+d}")


def _read_declared(
    parts: tuple[MoietyPart, ...], target: _Target, species: Sequence[SpeciesCount]
) -> _Opinion:
    """Return the charge the authors declare, if their moiety agrees with itself and the ions."""
    own = [part for part in parts if part.heavy_formula == target.heavy]
    reason = _doubt_declared(parts, own, _others(species, target), target)
    stated = own[0].charge if len({part.charge for part in own}) == 1 else None
    if reason:
        return _Opinion(None, f"declared moiety not used: {reason}", stated)
    charge = stated or 0
    return _Opinion(charge, f"declared moiety: {own[0].text!r} gives {charge:+d}", charge)


def _doubt_declared(
    parts: tuple[MoietyPart, ...], own: list[MoietyPart], others: list[SpeciesCount], target: _Target
) -> str:
    """Return why a declared moiety cannot be used, empty if it can."""
    total = sum((part.charge or 0) * (part.multiplier or 0.0) for part in parts)
    checks = (
        (not parts, "none in the file"),
        (not own, f"no part has the formula {target.formula}"),
        (len({part.charge for part in own}) > 1, "it gives the cluster more than one charge"),
        (all(part.charge is None for part in parts), "it states no charges"),
        (any(part.multiplier is None or part.counts is None for part in parts), "a part cannot be read"),
        (abs(total) > _WHOLE, f"its charges add up to {total:+g}"),
    )
    reason = next((text for wrong, text in checks if wrong), "")
    return reason or _doubt_ions(parts, own, others, target)


def _doubt_ions(
    parts: tuple[MoietyPart, ...], own: list[MoietyPart], others: list[SpeciesCount], target: _Target
) -> str:
    """Return which listed ion a declared moiety lacks or charges differently."""
    units = sum(part.multiplier or 0.0 for part in own)
    for ion in (s for s in others if s.charge):
        same = [part for part in parts if part.heavy_formula == ion.heavy_formula]
        count = sum(part.multiplier or 0.0 for part in same) / units if units else 0.0
        name = ion.name or ion.formula
        if count < ion.per_cell / target.per_cell - _WHOLE:
            return f"the listed {name} is not in it, or less often"
        if any(part.charge != ion.charge for part in same):
            return f"it does not give {name} the charge {ion.charge:+d}"
    return ""


def _find_unlisted(
    species: Sequence[SpeciesCount], parts: tuple[MoietyPart, ...], target: _Target
) -> tuple[str, ...]:
    """Return the ions that the authors declare and the coordinates lack."""
    names = {s.name for s in species if s.name}
    named = {row.heavy_formula for row in list_known_species() if row.name in names}
    present = {s.heavy_formula for s in species} | named | {target.heavy}
    absent = [part for part in parts if part.heavy_formula and part.heavy_formula not in present]
    return tuple(part.text for part in absent if _is_ion(part))


def _is_ion(part: MoietyPart) -> bool:
    """Return whether a part is charged by its text or by all known species of its formula."""
    known = find_by_formula(part.formula)
    return bool(part.charge) or (part.charge is None and bool(known) and all(row.charge for row in known))


class _Hidden(NamedTuple):
    """What is needed to set declared, unlisted ions against the voids."""

    species: Sequence[SpeciesCount]
    parts: tuple[MoietyPart, ...]
    target: _Target
    voids: Sequence[Void]


def _check_void(declared: _Opinion, hidden: _Hidden) -> _Opinion:
    """Withdraw a declared charge whose unlisted ions have far more electrons than the mask found."""
    if declared.value is None:
        return declared
    needed = sum(_missing_electrons(part, hidden) for part in hidden.parts if part.charge)
    found = sum(void.electrons for void in hidden.voids) / hidden.target.per_cell
    if found < _HIDDEN * needed:
        text = f"its unlisted ions have {needed:.0f} electrons for each cluster, the voids {found:.0f}"
        return _Opinion(None, f"declared moiety not used: {text}", declared.stated)
    return declared


def _missing_electrons(part: MoietyPart, hidden: _Hidden) -> float:
    """Return the electrons per cluster of a declared ion that the coordinates lack."""
    if part.heavy_formula == hidden.target.heavy:
        return 0.0
    units = sum(p.multiplier or 0.0 for p in hidden.parts if p.heavy_formula == hidden.target.heavy)
    listed = sum(s.per_cell for s in hidden.species if s.heavy_formula == part.heavy_formula)
    missing = (part.multiplier or 0.0) / units - listed / hidden.target.per_cell
    return max(0.0, missing) * count_electrons_of(part.counts or {}, part.charge or 0)


def _decide(
    user: int | None, balance: _Opinion, declared: _Opinion, *, hidden: bool, unlisted: tuple[str, ...]
) -> tuple[int | None, str, str]:
    """Return charge, source and, where one is needed, the reason for the choice."""
    if user is not None:
        return user, "user", ""
    complete = not hidden and not unlisted
    if complete and balance.value is not None:
        if declared.stated not in (None, balance.value):
            contradiction = f"the declared moiety writes {declared.stated:+d}, the listed ions ask for"
            return None, "none", f"{contradiction} {balance.value:+d}"
        return balance.value, "electroneutrality", ""
    why = "a solvent mask hides part of the cell" if hidden else f"{', '.join(unlisted)} has no coordinates"
    reason = "" if complete else f"electroneutrality does not decide: {why}"
    if declared.value is not None:
        return declared.value, "declared moiety", reason
    return None, "none", reason


def _report_types(type_symbols: Sequence[str]) -> str:
    charged = sorted({symbol for symbol in type_symbols if symbol.endswith(("+", "-"))})
    return f"type symbols with charges (not used): {', '.join(charged)}" if charged else ""


def _report(
    value: int | None, source: str, verdict: str, opinions: tuple[_Opinion, _Opinion]
) -> tuple[Finding, ...]:
    """Return the audit entries of an assignment."""
    findings = []
    if value is None:
        texts = "; ".join(dict.fromkeys(text for text in (verdict, *(o.text for o in opinions)) if text))
        findings.append(Finding(code="charge-open", severity="warning", message=f"charge left open: {texts}"))
    disagreeing = [o for o in opinions if o.value is not None and value is not None and o.value != value]
    findings += [
        Finding(
            code="charge-contradiction",
            severity="warning",
            message=f"the charge {value:+d} ({source}) disagrees with {opinion.text}",
        )
        for opinion in disagreeing
    ]
    return tuple(findings)


def _heavy(counts: dict[str, float]) -> str:
    return format_formula({s: n for s, n in counts.items() if s not in ("H", "D")})
