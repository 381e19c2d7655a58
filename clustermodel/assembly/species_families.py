"""Which molecules have a sure charge though no table lists them? Rules for families of species."""

from collections import Counter
from itertools import combinations
from statistics import median

from clustermodel.assembly.skeletons import Skeleton
from clustermodel.assembly.species_table import SpeciesName, find_disordered

__all__ = ["name_disordered_ion", "name_hydrocarbon", "name_onium"]

_ONIUM = {"N": "ammonium", "P": "phosphonium", "As": "arsonium", "Sb": "stibonium"}
_SHORTEST_PHOSPHONIUM = 1.74  # Å; P-C is 1.78-1.82 in phosphonium ions, 1.66-1.72 P=C in ylides
_NARROWEST = 1.35  # 1,3 distance over bond length: 1.63 in a tetrahedron, less in overlapping parts
_MOST_OUTER = 3.0  # three orientations of an ion: more outer atoms are no disorder of one ion
_OUTER_SPREAD = 1.3  # farthest over median distance from the centre; no second shell starts below 1.5
_CHAIN = range(5, 31)  # C atoms; shorter fragments can be pieces of anything, longer ones are no solvent


def name_disordered_ion(skeleton: Skeleton) -> SpeciesName | None:
    """Name a polyhedral ion that lists more outer atoms than it has.

    Parameters
    ----------
    skeleton : Skeleton
        Heavy atoms; nothing but one centre and its outer atoms of one element.

    Returns
    -------
    SpeciesName or None
        The ion, with a note that it is disordered; its charge is left open where a protonated
        form has the same atoms.
    """
    counts = Counter(skeleton.graph.elements)
    if len(counts) != 2 or min(counts.values()) != 1 or any(skeleton.hydrogens):
        return None
    for row in find_disordered(frozenset(counts)):
        centre = row.graph.elements[0]
        outer = len(row.graph) - 1
        listed = len(skeleton.graph) - 1
        if counts[centre] == 1 and outer <= listed <= _MOST_OUTER * outer and _is_star(skeleton, centre):
            element = row.graph.elements[1]
            note = f"disordered: {listed} {element} listed around {centre}, the ion has {outer}"
            charge = None if row.trust == "doubtful" else row.charge
            return SpeciesName(
                name=row.name, abbreviation=row.abbreviation, kind=row.kind, charge=charge, notes=(note,)
            )
    return None


def _is_star(skeleton: Skeleton, centre: str) -> bool:
    middle = skeleton.graph.elements.index(centre)
    distances = [skeleton.distance(middle, a) for a in range(len(skeleton.graph)) if a != middle]
    return max(distances) <= _OUTER_SPREAD * median(distances)


def name_onium(skeleton: Skeleton) -> SpeciesName | None:
    """Name a cation NR4+, PR4+, AsR4+ or SbR4+, or an anion BR4-, of carbon groups.

    The charge follows from four bonds to carbon (or, for N, P and As, to hydrogen that is
    listed) in a molecule without other atoms than carbon, oxygen of ethers and of hydroxyl
    groups whose hydrogen is listed, and, around boron, halogen.
    It holds even where chains are cut off by disorder.

    Parameters
    ----------
    skeleton : Skeleton
        Heavy atoms and their hydrogens.

    Returns
    -------
    SpeciesName or None
        Charge +1 or −1.
    """
    elements = skeleton.graph.elements
    centres = [a for a, symbol in enumerate(elements) if symbol in _ONIUM or symbol == "B"]
    if len(centres) != 1 or not _is_inert_shell(skeleton, centres[0]):
        return None
    centre = centres[0]
    symbol, hydrogens = elements[centre], skeleton.hydrogens[centre]
    row = skeleton.graph.neighbors[centre]
    if len(row) + hydrogens != 4 or not row or any(elements[b] != "C" for b in row):
        return None
    if symbol == "B":
        name, charge = "tetraorganoborate", -1
    else:
        name, charge = f"organo{_ONIUM[symbol]}", 1
    if (symbol == "B" and hydrogens) or not _is_saturated(skeleton, centre):
        return None
    protons = {0: "", 1: "H"}.get(hydrogens, f"H{hydrogens}")
    groups = f"R{len(row)}" if len(row) > 1 else "R"
    return SpeciesName(
        name=name,
        abbreviation=f"{symbol}{protons}{groups}{'+' if charge > 0 else '-'}",
        kind="ion",
        charge=charge,
        notes=(f"charge from four bonds of {symbol}; {skeleton.heavy_formula} is not in the table",),
    )


def _is_saturated(skeleton: Skeleton, centre: int) -> bool:
    """Return whether the bonds of a centre are single and point to the corners of a tetrahedron."""
    row = skeleton.graph.neighbors[centre]
    lengths = [skeleton.distance(centre, b) for b in row]
    ylide = skeleton.graph.elements[centre] == "P" and min(lengths) < _SHORTEST_PHOSPHONIUM
    limit = _NARROWEST * sum(lengths) / len(lengths)
    return not ylide and all(skeleton.distance(a, b) >= limit for a, b in combinations(row, 2))


def _is_inert_shell(skeleton: Skeleton, centre: int) -> bool:
    """Return whether all other atoms are C, O of ROR and ROH or, around boron, halogen on carbon."""
    halogens = {"F", "Cl", "Br"} if skeleton.graph.elements[centre] == "B" else set()
    for atom, symbol in enumerate(skeleton.graph.elements):
        row = skeleton.graph.neighbors[atom]
        oxygen = symbol == "O" and centre not in row and len(row) + skeleton.hydrogens[atom] == 2
        halide = symbol in halogens and len(row) == 1 and row[0] != centre
        if not (atom == centre or symbol == "C" or oxygen or halide):
            return False
    return True


def name_hydrocarbon(skeleton: Skeleton) -> SpeciesName | None:
    """Name an open-chain hydrocarbon that is not in the table: petroleum, unresolved alkanes.

    Parameters
    ----------
    skeleton : Skeleton
        Heavy atoms.

    Returns
    -------
    SpeciesName or None
        A neutral solvent of 5 to 30 carbon atoms without rings.
    """
    size = len(skeleton.graph)
    bonds = sum(len(row) for row in skeleton.graph.neighbors) // 2
    crowded = max(len(row) for row in skeleton.graph.neighbors) > 4  # more than four bonds: no molecule
    if set(skeleton.graph.elements) != {"C"} or size not in _CHAIN or bonds != size - 1 or crowded:
        return None
    missing = max(0, 2 * size + 2 - sum(skeleton.hydrogens))
    return SpeciesName(
        name="open-chain hydrocarbon",
        abbreviation=f"C{size}",
        kind="solvent",
        charge=0,
        missing_hydrogens=missing,
        notes=(f"a branched chain of {size} C, taken as a saturated hydrocarbon",),
    )
