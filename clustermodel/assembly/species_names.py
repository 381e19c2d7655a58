"""What is this molecule called, and what charge follows? Ions and solvents recognised by graph."""

from collections import Counter
from typing import NamedTuple

from clustermodel.assembly.skeletons import Skeleton, build_skeleton
from clustermodel.assembly.species_families import name_disordered_ion, name_hydrocarbon, name_onium
from clustermodel.assembly.species_table import KnownSpecies, SpeciesName, find_by_skeleton
from clustermodel.structure.graph import match_graphs
from clustermodel.structure.molecule import Molecule

__all__ = ["SpeciesName", "name_molecule"]

_LARGEST = 120  # heavy atoms; the largest ion of the table has 57
_MOST_EXCESS = 2  # spurious riding hydrogens on carbon that still leave a molecule recognisable
_TELLS = 0.025  # Å; half of what tells RCO2H (1.21, 1.31) from RCO2- (1.25, 1.25)
_WRONG = 0.20  # Å; farther from the expected length than disorder scatters (about 0.1)
_OVERLAP = 1.6  # Å; unbonded atoms of one molecule are 2.0 or more apart (O in nitrate 2.1)
_SALT_METALS = frozenset({"Li", "Na", "K", "Rb", "Cs", "Mg", "Ca", "Sr", "Ba"})


class _Fit(NamedTuple):
    """A species of the right skeleton, with the hydrogens it lacks (negative: has too many)."""

    species: KnownSpecies
    on_carbon: int
    elsewhere: int

    @property
    def distance(self) -> int:
        return abs(self.on_carbon) + self.elsewhere


class _Choice(NamedTuple):
    """The species chosen among those with one skeleton."""

    fit: _Fit
    charge: int | None
    notes: tuple[str, ...]


def name_molecule(molecule: Molecule) -> SpeciesName | None:
    """Recognise a common ion, solvent or small molecule.

    The heavy atoms must be connected exactly as in the table (see ``species.toml``); hydrogens
    may be missing, and one or two may be too many on carbon. Species that share a skeleton are
    told apart by their hydrogens, else by bond lengths, else the commoner is named and a note
    says so; where that leaves the charge open, it is None. Ions with too many outer atoms from
    unresolved disorder, onium ions, open-chain hydrocarbons, and alkali ions with known
    molecules around them are recognised by rule.

    Parameters
    ----------
    molecule : Molecule
        A whole molecule with bonds.

    Returns
    -------
    SpeciesName or None
        None for polymers, clusters and whatever is not known.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> lone = name_molecule(bond_molecule(molecule_from_atoms(["O"], [[0, 0, 0]])))
    >>> lone.name, lone.charge, lone.missing_hydrogens
    ('water', 0, 2)
    """
    skeleton = build_skeleton(molecule, largest=_LARGEST)
    if skeleton is None:
        return None
    return _name_skeleton(skeleton) or _name_solvated_ion(skeleton)


def _name_skeleton(skeleton: Skeleton) -> SpeciesName | None:
    choice = _choose(skeleton)
    if choice is None:
        return name_disordered_ion(skeleton) or name_onium(skeleton) or name_hydrocarbon(skeleton)
    if not skeleton.has_overlap(_OVERLAP):
        return _describe(choice)
    return name_disordered_ion(skeleton) or _describe(_doubt_overlap(choice))


def _doubt_overlap(choice: _Choice) -> _Choice:
    """Leave the charge of an ion open whose graph may be that of two overlapping orientations."""
    charge = None if choice.charge else choice.charge
    note = f"disordered: unbonded atoms closer than {_OVERLAP} Å, the name is not sure"
    return _Choice(choice.fit, charge, (*choice.notes, note))


def _choose(skeleton: Skeleton) -> _Choice | None:
    """Choose the species whose skeleton and hydrogens fit best."""
    fits = _find_fits(skeleton)
    hydrogens = sum(skeleton.hydrogens)
    exact = [fit for fit in fits if hydrogens and fit.distance == 0]
    pool = _pool(fits, exact)
    if not pool:
        return None
    told = _tell_by_lengths(skeleton, pool)
    winner = told or min(pool, key=_distance if hydrogens else _rarity)
    if not exact and _deviation(skeleton, winner.species) > _WRONG:
        return None
    rivals = [] if told else [fit.species for fit in pool if fit is not winner]
    if told:
        others = ", ".join(fit.species.name for fit in pool if fit is not told)
        return _Choice(winner, winner.species.charge, (f"told from {others} by bond lengths",))
    charge = _believe_charge(winner, rivals)
    return _Choice(winner, charge, _doubts(winner.species, rivals, charge))


def _find_fits(skeleton: Skeleton) -> list[_Fit]:
    on_carbon, elsewhere = skeleton.hydrogens_on_carbon, skeleton.hydrogens_elsewhere
    fits = []
    for species in find_by_skeleton(skeleton.heavy_formula):
        fit = _Fit(species, species.carbon_hydrogens - on_carbon, species.other_hydrogens - elsewhere)
        allowed = fit.on_carbon >= -_MOST_EXCESS and fit.elsewhere >= 0
        if allowed and match_graphs(species.graph, skeleton.graph) is not None:
            fits.append(fit)
    return fits


def _distance(fit: _Fit) -> int:
    return fit.distance


def _rarity(fit: _Fit) -> int:
    return 0 if fit.species.trust == "presumed" else 1


def _pool(fits: list[_Fit], exact: list[_Fit]) -> list[_Fit]:
    """Return the species between which hydrogens do not decide.

    A complete set of listed hydrogens decides, unless the species is doubtful: then those that
    have more hydrogens on atoms other than carbon, which files often lack, stay in.
    """
    if not exact:
        return fits
    if any(fit.species.trust != "doubtful" for fit in exact):
        return exact
    return exact + [fit for fit in fits if fit.on_carbon == 0 and fit.elsewhere > 0]


def _tell_by_lengths(skeleton: Skeleton, pool: list[_Fit]) -> _Fit | None:
    """Return the species that its bond lengths single out."""
    if len(pool) < 2 or not all(fit.species.lengths for fit in pool):
        return None
    ranked = sorted(pool, key=lambda fit: _deviation(skeleton, fit.species))
    best, second = (_deviation(skeleton, fit.species) for fit in ranked[:2])
    tells = second >= 2 * best and second - best >= _TELLS
    return ranked[0] if tells else None


def _deviation(skeleton: Skeleton, species: KnownSpecies) -> float:
    """Return the root-mean-square deviation in Å from the lengths typical of a species."""
    squares = []
    for pair, expected in species.lengths.items():
        found = skeleton.lengths(pair)
        if len(expected) == 1:
            squares.append((sum(found) / len(found) - expected[0]) ** 2)
        else:
            squares += [(f - e) ** 2 for f, e in zip(found, expected, strict=True)]
    return float((sum(squares) / len(squares)) ** 0.5) if squares else 0.0


def _believe_charge(fit: _Fit, rivals: list[KnownSpecies]) -> int | None:
    species = fit.species
    if species.trust == "presumed":
        return species.charge
    contested = any(rival.charge != species.charge for rival in rivals)
    unlisted = fit.distance > 0 and species.trust == "doubtful"
    return None if contested or unlisted else species.charge


def _doubts(species: KnownSpecies, rivals: list[KnownSpecies], charge: int | None) -> tuple[str, ...]:
    others = ", ".join(rival.name for rival in rivals)
    if species.trust == "presumed" and rivals:
        return (f"hydrogens incomplete: taken as {species.name}, not {others}",)
    if charge is None:
        could = f" ({others} has the same heavy atoms)" if others else ""
        return (f"charge open: hydrogens that decide it may be missing{could}",)
    return (f"the commoner is named; {others} has the same heavy atoms",) if others else ()


def _describe(choice: _Choice) -> SpeciesName:
    fit, notes = choice.fit, choice.notes
    excess = max(0, -fit.on_carbon)
    if excess:
        notes = (*notes, f"{excess} hydrogen{'s' if excess > 1 else ''} too many on carbon")
    return SpeciesName(
        name=fit.species.name,
        abbreviation=fit.species.abbreviation,
        kind=fit.species.kind,
        charge=choice.charge,
        missing_hydrogens=max(0, fit.on_carbon) + fit.elsewhere,
        excess_hydrogens=excess,
        notes=notes,
    )


def _name_solvated_ion(skeleton: Skeleton) -> SpeciesName | None:
    """Name alkali and alkaline-earth ions with known molecules bound through atoms other than C."""
    elements, neighbors = skeleton.graph.elements, skeleton.graph.neighbors
    metals = [a for a, symbol in enumerate(elements) if symbol in _SALT_METALS]
    if not 0 < len(metals) < len(elements) or any(elements[b] == "C" for a in metals for b in neighbors[a]):
        return None
    rest = skeleton.subset([a for a in range(len(elements)) if elements[a] not in _SALT_METALS])
    parts = [_name_whole(rest.subset(atoms)) for atoms in rest.graph.components()]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    ions = [_describe_ion(skeleton.subset([a])) for a in metals]
    return _join(ions, known)


def _describe_ion(atom: Skeleton) -> SpeciesName:
    species = find_by_skeleton(atom.heavy_formula)[0]
    return _describe(_Choice(_Fit(species, 0, 0), species.charge, ()))


def _name_whole(part: Skeleton) -> SpeciesName | None:
    """Name a molecule on an alkali ion; one that may have lost a proton to it is not named."""
    choice = _choose(part)
    if choice is None or choice.charge is None or part.has_overlap(_OVERLAP):
        return None
    deprotonated = choice.fit.elsewhere and choice.fit.species.trust != "presumed"
    return None if deprotonated else _describe(choice)


def _join(ions: list[SpeciesName], parts: list[SpeciesName]) -> SpeciesName:
    charge = sum(part.charge or 0 for part in (*ions, *parts))
    metals = Counter(ion.abbreviation.rstrip("+0123456789") for ion in ions)
    around = Counter(part.abbreviation for part in parts)
    inner = "".join(f"{symbol}{n if n > 1 else ''}" for symbol, n in metals.items())
    outer = "".join(f"({short}){n if n > 1 else ''}" for short, n in around.items())
    size = "" if abs(charge) == 1 else str(abs(charge))
    sign = f"{size}{'+' if charge > 0 else '-'}" if charge else ""
    names = Counter(part.name for part in parts)
    listed = ", ".join(f"{n} {name}" for name, n in names.items())
    return SpeciesName(
        name=f"{', '.join(dict.fromkeys(ion.name for ion in ions))} with {listed}",
        abbreviation=f"[{inner}{outer}]{sign}",
        kind="ion" if charge else "salt",
        charge=charge,
        missing_hydrogens=sum(part.missing_hydrogens for part in parts),
        excess_hydrogens=sum(part.excess_hydrogens for part in parts),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )
