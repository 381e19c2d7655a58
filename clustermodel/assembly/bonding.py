"""Which pairs of atoms are bonded? One rule per kind of pair, with named, sourced limits."""

from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray, IntArray
from clustermodel.elements import covalent_radii, is_metal, van_der_waals_radii
from clustermodel.structure.molecule import Bonds, Molecule
from clustermodel.structure.neighbors import Pairs, find_pairs

__all__ = ["BONDING_RULES", "BondedPairs", "BondingRule", "bond_molecule", "classify_pairs"]

_BRIDGE_EXCESS = 0.15  # a second B-H or F-H within this of the first is a bridge: B2H6 1.33/1.33 Å
_SHORTEST = 0.6  # fraction of the covalent sum below which a pair is an overlap, not a bond


@dataclass(frozen=True, slots=True, kw_only=True)
class BondingRule:
    """Limits on the distance of bonded atoms, as excess over the sum of covalent radii.

    Parameters
    ----------
    name : str
        Name of the preset.
    organic, organic_long : float
        Two non-metals: tight and loose limit in Å. A pair between the two is kept and
        reported as long unless the atoms already share a neighbour.
    metal, metal_long : float
        A metal and a non-metal: tight and loose limit in Å.
    metal_metal : float
        Two metals: limit in Å. Longer pairs up to the van der Waals sum are contacts, which
        never connect molecules.
    source : str
        Where the limits come from.
    """

    name: str
    organic: float = field(metadata={"unit": "Å"})
    organic_long: float = field(metadata={"unit": "Å"})
    metal: float = field(metadata={"unit": "Å"})
    metal_long: float = field(metadata={"unit": "Å"})
    metal_metal: float = field(metadata={"unit": "Å"})
    source: str

    def widened(self, amount: float) -> "BondingRule":
        """Return the rule with all metal-to-ligand limits moved by `amount` Å.

        Parameters
        ----------
        amount : float
            Change of the metal to non-metal limits in Å.

        Returns
        -------
        BondingRule
            The changed rule, its name saying by how much.
        """
        return BondingRule(
            name=f"{self.name}{amount:+.2f}",
            organic=self.organic,
            organic_long=self.organic_long,
            metal=self.metal + amount,
            metal_long=self.metal_long + amount,
            metal_metal=self.metal_metal,
            source=self.source,
        )


BONDING_RULES = {
    "cordero": BondingRule(
        name="cordero",
        organic=0.20,
        organic_long=0.40,
        metal=0.30,
        metal_long=0.45,
        metal_metal=0.30,
        source=(
            "covalent radii of Cordero 2008; 0.40 Å is the tolerance of the Cambridge Structural "
            "Database and PLATON, tightened where chemistry allows and marked as long beyond"
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BondedPairs:
    """Pairs of atoms sorted into bonds and metal contacts.

    Parameters
    ----------
    bonds : Pairs
        The bonded pairs.
    long : ndarray of int
        1 for bonds outside the tight rule.
    contacts : Pairs
        Metal pairs between the bonding limit and the van der Waals sum.
    """

    bonds: Pairs
    long: IntArray
    contacts: Pairs


def search_radius(elements: tuple[str, ...], rule: BondingRule) -> float:
    """Return the largest distance in Å at which any pair of these elements can bond.

    Parameters
    ----------
    elements : tuple of str
        Element symbols.
    rule : BondingRule
        The limits.

    Returns
    -------
    float
        Distance in Å.
    """
    if not elements:
        return 0.0
    kinds = sorted(set(elements))
    radii = covalent_radii(kinds)
    metals = np.array([is_metal(s) for s in kinds])
    limits = radii[:, None] + radii[None, :] + _excess(metals[:, None], metals[None, :], rule, loose=True)
    return float(limits.max())


def _excess(first: BoolArray, second: BoolArray, rule: BondingRule, *, loose: bool) -> FloatArray:
    organic, metal = (rule.organic_long, rule.metal_long) if loose else (rule.organic, rule.metal)
    mixed = np.where(first | second, metal, organic)
    return np.asarray(np.where(first & second, rule.metal_metal, mixed), dtype=np.float64)


def classify_pairs(elements: tuple[str, ...], pairs: Pairs, rule: BondingRule) -> BondedPairs:
    """Sort near pairs of atoms into bonds, long bonds and metal contacts.

    A hydrogen atom bonds to its nearest non-metal (a second one only for B-H-B and F-H-F),
    and to metals only if it has none. Pairs shorter than 0.6 of the covalent sum are overlaps and never bond.

    Parameters
    ----------
    elements : tuple of str
        Element symbols of all atoms.
    pairs : Pairs
        Near pairs, long enough for bonds and for metal contacts.
    rule : BondingRule
        The limits.

    Returns
    -------
    BondedPairs
        Bonds, their long flags, and contacts.
    """
    radii = covalent_radii(elements)
    kind = _Kinds(elements)
    first, second = pairs.first, pairs.second
    total = radii[first] + radii[second]
    excess = pairs.distances - total
    metal_first, metal_second = kind.metal[first], kind.metal[second]
    proper = pairs.distances >= _SHORTEST * total
    tight = proper & (excess <= _excess(metal_first, metal_second, rule, loose=False))
    loose = proper & (excess <= _excess(metal_first, metal_second, rule, loose=True))
    loose &= _hydrogen_allows(pairs, loose, kind)
    tight &= loose
    loose &= ~_spanned(pairs, tight, loose & ~tight, kind)
    vdw = kind.van_der_waals[first] + kind.van_der_waals[second]
    contact = metal_first & metal_second & proper & ~loose & (pairs.distances <= vdw)
    return BondedPairs(
        bonds=pairs.select(loose),
        long=(~tight[loose]).astype(np.int64),
        contacts=pairs.select(contact),
    )


def bond_molecule(molecule: Molecule, *, rule: BondingRule = BONDING_RULES["cordero"]) -> Molecule:
    """Return a molecule without a lattice with its bonds found anew.

    Parameters
    ----------
    molecule : Molecule
        Atoms; existing bonds are ignored.
    rule : BondingRule, optional
        The limits.

    Returns
    -------
    Molecule
        The same atoms with bonds.

    Examples
    --------
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> gold_hydride = molecule_from_atoms(["Au", "H"], [[0, 0, 0], [0, 0, 1.6]])
    >>> bond_molecule(gold_hydride).bonds.pairs.tolist()
    [[0, 1]]
    """
    pairs = find_pairs(molecule.positions, search_radius(molecule.elements, rule))
    found = classify_pairs(molecule.elements, pairs, rule)
    return molecule.with_bonds(
        Bonds(
            pairs=np.stack([found.bonds.first, found.bonds.second], axis=1),
            lengths=found.bonds.distances,
            shifts=found.bonds.shifts,
            long=found.long,
        )
    )


class _Kinds:
    """Masks over the atoms: metal, hydrogen, bridging partner; and van der Waals radii."""

    __slots__ = ("boron", "carbon", "fluorine", "hydrogen", "metal", "van_der_waals")

    def __init__(self, elements: tuple[str, ...]) -> None:
        symbols = np.array(elements, dtype="U2")
        self.metal = np.isin(symbols, [s for s in set(elements) if is_metal(s)])
        self.hydrogen = np.isin(symbols, ["H", "D"])
        self.boron = symbols == "B"
        self.carbon = symbols == "C"
        self.fluorine = symbols == "F"
        self.van_der_waals = van_der_waals_radii(elements)


def _hydrogen_allows(pairs: Pairs, near: BoolArray, kind: _Kinds) -> BoolArray:
    """Return the mask of pairs that the valence of hydrogen allows."""
    h_first, h_second = kind.hydrogen[pairs.first], kind.hydrogen[pairs.second]
    allowed: BoolArray = ~(h_first & h_second)
    single = h_first ^ h_second
    hydrogen = np.where(h_first, pairs.first, pairs.second)
    partner = np.where(h_first, pairs.second, pairs.first)
    covalent = near & single & ~kind.metal[partner]
    nearest = np.full(len(kind.hydrogen), np.inf)
    np.minimum.at(nearest, hydrogen[covalent], pairs.distances[covalent])
    best = nearest[hydrogen]
    bridge = _both(kind.boron, hydrogen, partner, covalent) | _both(
        kind.fluorine, hydrogen, partner, covalent
    )
    keeps_second = bridge & (pairs.distances <= best + _BRIDGE_EXCESS)
    allowed &= ~covalent | (pairs.distances <= best) | keeps_second
    allowed &= ~(single & kind.metal[partner] & np.isfinite(best))
    return allowed


def _both(kind: BoolArray, hydrogen: IntArray, partner: IntArray, pairs: BoolArray) -> BoolArray:
    """Return the mask of hydrogen pairs whose hydrogen sees only partners of one kind."""
    others = np.zeros(len(kind), dtype=bool)
    others[hydrogen[pairs & ~kind[partner]]] = True
    mask: BoolArray = pairs & ~others[hydrogen]
    return mask


def _spanned(pairs: Pairs, tight: BoolArray, doubtful: BoolArray, kind: _Kinds) -> BoolArray:
    """Return the mask of long pairs whose atoms already share a tightly bonded non-metal.

    Carbon between a metal and another carbon does not span: both atoms of a multiple bond and
    all of a ring may bind.
    """
    mask: BoolArray = np.zeros(len(pairs), dtype=bool)
    if not doubtful.any():
        return mask
    ends = set(pairs.first[doubtful].tolist()) | set(pairs.second[doubtful].tolist())
    table: dict[int, set[tuple[int, ...]]] = {atom: set() for atom in ends}
    rows = zip(
        pairs.first[tight].tolist(),
        pairs.second[tight].tolist(),
        pairs.shifts[tight].tolist(),
        strict=True,
    )
    for first, second, shift in rows:
        if first in table:
            table[first].add((second, *shift))
        if second in table:
            table[second].add((first, *(-s for s in shift)))
    for row in np.flatnonzero(doubtful).tolist():
        shift = pairs.shifts[row].tolist()
        reached = {
            (atom, *(a + b for a, b in zip(rest, shift, strict=True)))
            for atom, *rest in table[int(pairs.second[row])]
        }
        first, second = int(pairs.first[row]), int(pairs.second[row])
        shared = {atom for atom, *_ in table[first] & reached}
        side_on = (kind.metal[first] and kind.carbon[second]) or (kind.metal[second] and kind.carbon[first])
        mask[row] = any(not kind.metal[c] and not (side_on and kind.carbon[c]) for c in shared)
    return mask
