"""Which adduct, loss or charge of this cluster has the mass that was found?"""

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np

from clustermodel.cluster.electron_count import magic_numbers
from clustermodel.constants import ELECTRON_MASS_DA
from clustermodel.errors import InputError
from clustermodel.massspec.electrons import count_ion_electrons
from clustermodel.massspec.formula import IonFormula, IonPart, format_ion, sum_atoms
from clustermodel.massspec.ion import IonMasses, measure_ion
from clustermodel.massspec.isotopes import find_isotopes
from clustermodel.massspec.match import name_isotopologue
from clustermodel.massspec.shorthand import Shorthand, read_shorthand

__all__ = ["ELECTRON_FILTERS", "Candidate", "ElectronFilter", "SearchSettings", "search_ions"]

ElectronFilter = Literal["same", "closed", "any"]
ELECTRON_FILTERS: tuple[ElectronFilter, ...] = get_args(ElectronFilter)

_MOST_TRIED = 2_000_000  # combinations: about ten seconds
_TALL = 0.1  # of the highest isotopologue: one that might be taken for it in noise
_SPREAD = 6.0  # standard deviations of the envelope: no isotopologue beyond them is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """What the search may add, remove and accept.

    Parameters
    ----------
    adducts : tuple of str, optional
        Names of what may be added; all of the dictionary if empty.
    most_adducts : int, optional
        How many of them at once.
    vary : tuple of (str, int, int), optional
        Parts of the cluster whose number may change, with lowest and highest change: ``("PPh2py", -1, 1)``.
    charges : tuple of int, optional
        Charges to try; those of the sign of the ion, up to five, if empty.
    electrons : {"same", "closed", "any"}, optional
        Keep candidates whose cluster has the n* of the one given, a shell closing, or any.
    tolerance_ppm : float, optional
        How far the mass may be off.
    every_isotopologue : bool, optional
        Accept any isotopologue above a tenth of the highest, not the highest alone.
    """

    adducts: tuple[str, ...] = ()
    most_adducts: int = field(default=3, metadata={"unit": ""})
    vary: tuple[tuple[str, int, int], ...] = ()
    charges: tuple[int, ...] = ()
    electrons: ElectronFilter = "same"
    tolerance_ppm: float = field(default=10.0, metadata={"unit": "ppm"})
    every_isotopologue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An ion whose mass agrees.

    Parameters
    ----------
    notation : str
        The ion.
    charge : int
        Its charge.
    electrons : int or None
        Superatom electrons n* of the cluster in it; None where the rules do not apply.
    isotopologue : str
        Which of its isotopologues agrees.
    mz : float
        Its m/z.
    ppm : float
        Found minus calculated in parts per million.
    share : float
        Abundance of the isotopologue, the highest 1.
    changes : int
        Number of things added or removed.
    """

    notation: str
    charge: int = field(metadata={"unit": "e"})
    electrons: int | None = field(metadata={"unit": "electrons"})
    isotopologue: str
    mz: float = field(metadata={"unit": "Th"})
    ppm: float = field(metadata={"unit": "ppm"})
    share: float = field(metadata={"unit": ""})
    changes: int = field(metadata={"unit": ""})


def search_ions(
    ion: IonFormula,
    found: float,
    *,
    settings: SearchSettings | None = None,
    shorthand: Shorthand | None = None,
) -> tuple[Candidate, ...]:
    """Search adducts, losses and charges of a cluster for a measured m/z.

    Parameters
    ----------
    ion : IonFormula
        The cluster with the charge it has in solution; its electron count is the one to keep.
    found : float
        Measured m/z.
    settings : SearchSettings, optional
        What may be added and removed.
    shorthand : Shorthand, optional
        Dictionary with the adducts.

    Returns
    -------
    tuple of Candidate
        Agreeing ions, fewest changes first, then by deviation; empty if there are none.

    Raises
    ------
    InputError
        If an adduct or a part is unknown, the m/z is not positive, or there are too many combinations.

    Examples
    --------
    >>> from clustermodel.massspec.formula import read_ion
    >>> cluster = read_ion("[Au25(PET)18]-")
    >>> settings = SearchSettings(adducts=("Cs", "Na", "CH3OH"), charges=(1, 2))
    >>> [hit.notation for hit in search_ions(cluster, 7658.745, settings=settings)]
    ['[Au25(PET)18 + 2Cs]+']
    """
    chosen = settings or SearchSettings()
    if not (found > 0 and chosen.tolerance_ppm > 0 and math.isfinite(found + chosen.tolerance_ppm)):
        msg = (
            f"found m/z {found:g} with tolerance {chosen.tolerance_ppm:g} ppm; expected two positive numbers"
        )
        raise InputError(msg)
    added = _list_adducts(chosen, shorthand or read_shorthand())
    varied = _list_changes(ion, chosen.vary)
    charges = chosen.charges or tuple((1 if ion.charge > 0 else -1) * n for n in range(1, 6))
    tried = math.comb(len(added) + chosen.most_adducts, chosen.most_adducts) * math.prod(
        len(v) for v in varied
    )
    if tried * len(charges) > _MOST_TRIED:
        msg = f"{tried * len(charges)} combinations, more than {_MOST_TRIED}; name fewer adducts or charges"
        raise InputError(msg)
    search = _Search(ion, found, chosen)
    pairs = itertools.product(_combine(added, varied, chosen.most_adducts), charges)
    hits = (search.compare(changes, charge) for changes, charge in pairs)
    kept = [hit for hit in hits if hit is not None]
    return tuple(sorted(kept, key=lambda hit: (hit.changes, abs(hit.ppm), hit.notation)))


def _find_wanted(ion: IonFormula, rule: ElectronFilter) -> frozenset[int] | None:
    """Return the electron counts that are kept; None for all."""
    if rule == "any":
        return None
    if rule == "closed":
        return magic_numbers()
    own = count_ion_electrons(ion.parts, ion.charge)
    return None if own is None else frozenset({own})


def _list_adducts(settings: SearchSettings, shorthand: Shorthand) -> list[IonPart]:
    names = settings.adducts or tuple(shorthand.adducts)
    unknown = [name for name in names if name not in shorthand.adducts]
    if unknown:
        known = ", ".join(shorthand.adducts)
        msg = f"adduct {unknown[0]!r} is not known; expected one of {known}, or define it in a dictionary"
        raise InputError(msg)
    parts = []
    for name in dict.fromkeys(names):
        adduct = shorthand.adducts[name]
        atoms = dict(shorthand.expand(adduct.formula) or {})
        group = sum(atoms.values()) > 1
        parts.append(IonPart(text=name, count=1, atoms=atoms, is_group=group, adduct_charge=adduct.charge))
    return parts


def _list_changes(ion: IonFormula, vary: Sequence[tuple[str, int, int]]) -> list[list[IonPart | None]]:
    """Return the changes of each part that may vary; None for no change."""
    table = []
    for name, lowest, highest in vary:
        part = next((p for p in ion.parts if p.text == name), None)
        if part is None or lowest > highest:
            parts = ", ".join(p.text for p in ion.parts)
            msg = f"--vary {name}={lowest}:{highest}: expected one of {parts} with the lowest change first"
            raise InputError(msg)
        steps = range(max(lowest, -part.count), highest + 1)
        table.append([_change(part, step) if step else None for step in steps])
    return table


def _change(part: IonPart, count: int) -> IonPart:
    return replace(part, count=count)


def _combine(
    added: Sequence[IonPart], varied: Sequence[Sequence[IonPart | None]], most: int
) -> Iterator[tuple[IonPart, ...]]:
    """Yield every choice of adducts and changes."""
    choices = [tuple(part for part in choice if part is not None) for choice in itertools.product(*varied)]
    for size in range(most + 1):
        for combination in itertools.combinations_with_replacement(added, size):
            for choice in choices:
                yield (*choice, *combination)


class _Search:
    """Compares one combination after another with the mass that was found."""

    def __init__(self, ion: IonFormula, found: float, settings: SearchSettings) -> None:
        self.ion = ion
        self.found = found
        self.settings = settings
        self.wanted = _find_wanted(ion, settings.electrons)

    def compare(self, changes: tuple[IonPart, ...], charge: int) -> Candidate | None:
        """Return the candidate, or None if its mass or its electrons do not agree."""
        parts = (*self.ion.parts, *changes)
        mean, spread = _add_moments(parts)
        target = self.found * abs(charge) + charge * ELECTRON_MASS_DA
        if abs(target - mean) > _SPREAD * spread + 1.0:
            return None
        atoms = sum_atoms(parts)
        if not atoms or min(atoms.values()) < 0:
            return None
        changed = IonFormula(text=format_ion(parts, charge), parts=parts, atoms=atoms, charge=charge)
        masses = measure_ion(changed)
        place = self._find_peak(masses)
        if place is None or (self.wanted is not None and masses.electrons not in self.wanted):
            return None
        mz = float(masses.mz[place])
        return Candidate(
            notation=_write_notation(self.ion, changes, charge),
            charge=charge,
            electrons=masses.electrons,
            isotopologue=name_isotopologue(int(masses.offsets[place])),
            mz=mz,
            ppm=(self.found - mz) / mz * 1e6,
            share=float(masses.shares[place]) / masses.most_abundant_share,
            changes=sum(abs(part.count) for part in changes),
        )

    def _find_peak(self, masses: IonMasses) -> int | None:
        """Return the isotopologue that agrees and may be the one that was read."""
        allowed = masses.shares >= (_TALL if self.settings.every_isotopologue else 1.0) * masses.shares.max()
        deviation = np.where(allowed, np.abs(masses.mz - self.found), np.inf)
        place = int(deviation.argmin())
        return place if deviation[place] / masses.mz[place] * 1e6 <= self.settings.tolerance_ppm else None


def _write_notation(ion: IonFormula, changes: tuple[IonPart, ...], charge: int) -> str:
    """Write the ion with the numbers of its own parts changed and the adducts behind."""
    counts = [part.count + sum(c.count for c in changes if _is_same(c, part)) for part in ion.parts]
    own = [replace(part, count=n) for part, n in zip(ion.parts, counts, strict=True) if n]
    added: dict[str, IonPart] = {}
    for part in changes:
        if not any(_is_same(part, other) for other in ion.parts):
            before = added[part.text].count if part.text in added else 0
            added[part.text] = replace(part, count=before + part.count)
    return format_ion((*own, *added.values()), charge)


def _is_same(part: IonPart, other: IonPart) -> bool:
    return part.text == other.text and part.adduct_charge == other.adduct_charge


def _add_moments(parts: Sequence[IonPart]) -> tuple[float, float]:
    """Return mean and standard deviation of the mass over all isotopologues."""
    mean = variance = 0.0
    for part in parts:
        for symbol, count in part.atoms.items():
            one_mean, one_variance = _find_moments(symbol)
            mean += part.count * count * one_mean
            variance += part.count * count * one_variance
    return mean, math.sqrt(max(variance, 0.0))


@functools.cache
def _find_moments(symbol: str) -> tuple[float, float]:
    isotopes = find_isotopes(symbol)
    mean = float(isotopes.abundances @ isotopes.masses)
    return mean, float(isotopes.abundances @ (isotopes.masses - mean) ** 2)
