"""Which geometries tell what a filled site does to the levels? Each cluster at its own and at the other's.

Between the defect cluster and the filled one two things change: an atom comes with its ligand, and all others
move. The defect cluster cut out of the filled geometry has only the first undone, the filled cluster put
together at the geometry of the defect cluster only the second.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.spatial.distance import cdist

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int
from clustermodel.analysis.pair_sites import PairSite
from clustermodel.cluster.truncation import Truncation, TruncationSettings, truncate_cluster
from clustermodel.elements import covalent_radii, format_formula
from clustermodel.errors import ChemistryError
from clustermodel.pipeline.compare import ComparedStructure, Comparison

__all__ = ["STATES", "GapGeometries", "GapGeometry", "StateKey", "build_gap_geometries"]

StateKey = Literal["defect", "defect in filled", "filled in defect", "filled"]

STATES: dict[StateKey, str] = {
    "defect": "the defect cluster as it is",
    "defect in filled": "the defect cluster cut out of the filled geometry",
    "filled in defect": "the site filled, all other atoms as in the defect cluster",
    "filled": "the filled cluster as it is",
}
"""The four states by name."""

_CLASH = 0.75  # of the sum of covalent radii; no pair of bonded atoms of a cluster comes that near


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapGeometry:
    """A cluster to be calculated.

    Parameters
    ----------
    key : str
        Which state, one of `STATES`.
    elements : tuple of str, length n
        Element symbols.
    positions : array_like, shape (n, 3)
        Cartesian coordinates in Å.
    kernel : array_like of int, shape (m,)
        The kernel atoms among them.
    staples : array_like of int, shape (s,)
        The other metal atoms among them.
    charge : int
        Total charge.
    """

    key: StateKey
    elements: tuple[str, ...]
    positions: FloatArray
    kernel: IntArray
    staples: IntArray
    charge: int

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(
            self, "positions", freeze_float(self.positions, (len(self.elements), 3), "positions")
        )
        object.__setattr__(self, "kernel", freeze_int(self.kernel, (None,), "kernel"))
        object.__setattr__(self, "staples", freeze_int(self.staples, (None,), "staples"))

    @property
    def formula(self) -> str:
        """Formula of what is calculated."""
        return format_formula(self.elements)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapGeometries:
    """The geometries of a pair.

    Parameters
    ----------
    defect, filled : str
        Names of the two clusters.
    states : tuple of GapGeometry
        Two to four, in the order of `STATES`.
    reasons : dict of str to str
        Why a state is missing, by its name.
    notes : tuple of str
        What to know about the cut geometries.
    """

    defect: str
    filled: str
    states: tuple[GapGeometry, ...]
    reasons: dict[StateKey, str]
    notes: tuple[str, ...]

    def find(self, key: StateKey) -> GapGeometry | None:
        """Return the geometry of a state.

        Parameters
        ----------
        key : str
            Name of the state.

        Returns
        -------
        GapGeometry or None
            None if the pair does not have it.
        """
        return next((state for state in self.states if state.key == key), None)


def build_gap_geometries(
    comparison: Comparison, *, settings: TruncationSettings | None = None
) -> GapGeometries:
    """Build the geometries whose gaps are compared.

    Parameters
    ----------
    comparison : Comparison
        The pair, mapped on each other.
    settings : TruncationSettings, optional
        How ligands are cut; SH and PH3 by default.

    Returns
    -------
    GapGeometries
        Both clusters at their own geometry, and each at the geometry of the other where the map allows it.

    Raises
    ------
    ChemistryError
        If the charge of a cluster is not known, or both have the same number of atoms of every element, so
        that none is the defect of the other.

    Examples
    --------
    >>> from clustermodel.pipeline.compare import compare_structures
    >>> pair = compare_structures("model:au21", "model:au22")
    >>> geometries = build_gap_geometries(pair)
    >>> [state.formula for state in geometries.states]
    ['Au21H21P3S12', 'Au21H21P3S12', 'Au22H24P4S12', 'Au22H24P4S12']
    """
    pair = _Pair(comparison, settings)
    own = (
        _Draft(pair.cut_defect, pair.defect).build("defect"),
        _Draft(pair.cut_filled, pair.filled).build("filled"),
    )
    states: dict[StateKey, GapGeometry] = {"defect": own[0], "filled": own[1]}
    reasons: dict[StateKey, str] = {}
    notes: list[str] = []
    if reason := pair.find_obstacle():
        reasons = {"defect in filled": reason, "filled in defect": reason}
    else:
        states["defect in filled"] = pair.cut_out()
        filled, reason = pair.fill()
        if filled is None:
            reasons["filled in defect"] = reason
        else:
            states["filled in defect"] = filled
        notes.append(
            f"the site of {pair.site_label} was emptied in {pair.filled.name} and filled in "
            f"{pair.defect.name} without moving any other atom"
        )
    return GapGeometries(
        defect=pair.defect.name,
        filled=pair.filled.name,
        states=tuple(states[key] for key in STATES if key in states),
        reasons=reasons,
        notes=tuple(notes),
    )


class _Draft:
    """Atoms of a cut cluster with what they are."""

    def __init__(self, cut: Truncation, side: ComparedStructure) -> None:
        anatomy, cluster = side.cluster.anatomy, side.cluster.cluster
        self.elements = np.array(cut.molecule.elements)
        self.positions = np.array(cut.molecule.positions)
        self.kernel = set(cut.map_atoms(anatomy.kernel))
        self.staples = set(cut.map_atoms(set(cluster.metals) - set(anatomy.kernel)))
        self.charge = _know_charge(side)

    def build(self, key: StateKey, atoms: list[int] | None = None) -> GapGeometry:
        """Return the geometry made of some of the atoms."""
        chosen = list(range(len(self.elements))) if atoms is None else atoms
        return GapGeometry(
            key=key,
            elements=tuple(str(symbol) for symbol in self.elements[chosen]),
            positions=self.positions[chosen],
            kernel=np.array([new for new, old in enumerate(chosen) if old in self.kernel], dtype=np.int64),
            staples=np.array([new for new, old in enumerate(chosen) if old in self.staples], dtype=np.int64),
            charge=self.charge,
        )


class _Pair:
    """The defect cluster and the filled one, cut in the same way."""

    def __init__(self, comparison: Comparison, settings: TruncationSettings | None) -> None:
        sides = (comparison.a, comparison.b)
        sizes = [len(one.cluster.cluster.metals) for one in sides]
        if sizes[0] == sizes[1]:
            sizes = [len(one.cluster.cluster.ligands) for one in sides]
        if sizes[0] == sizes[1]:
            msg = (
                f"{sides[0].name} and {sides[1].name} have equally many metal atoms and ligands: none is "
                "the defect of the other; give a cluster with a vacant site and the filled one"
            )
            raise ChemistryError(msg)
        self.first_is_defect = sizes[0] < sizes[1]
        self.comparison = comparison
        self.defect, self.filled = sides if self.first_is_defect else sides[::-1]
        self.cut_defect, self.cut_filled = (
            truncate_cluster(one.cluster.cluster, settings=settings) for one in (self.defect, self.filled)
        )
        pairs = comparison.pair.atom_map.pairs
        full = pairs if self.first_is_defect else {b: a for a, b in pairs.items()}
        self.partner = _map_cut_atoms(self.cut_defect, self.cut_filled, full)

    @property
    def sites(self) -> tuple[PairSite, ...]:
        vacant = "a" if self.first_is_defect else "b"
        return tuple(site for site in self.comparison.pair.sites if site.vacant_in == vacant)

    @property
    def site_label(self) -> str:
        return " and ".join(f"{site.label} ({site.ligand or 'no ligand'})" for site in self.sites)

    def find_obstacle(self) -> str:
        """Return why neither cluster can be put at the geometry of the other; empty if both can."""
        confidence = self.comparison.pair.atom_map.confidence
        if confidence.level == "no true map":
            return f"the atoms of the two clusters do not correspond: {confidence.reason}"
        alone = [atom for atom in range(len(self.cut_defect.molecule)) if atom not in self.partner]
        if alone:
            labels = ", ".join(self.cut_defect.molecule.labels[atom] for atom in alone[:4])
            return (
                f"{self.defect.name} has atoms without a partner in {self.filled.name}, such as {labels}: "
                "its cluster cannot be cut out of the other"
            )
        return ""

    def cut_out(self) -> GapGeometry:
        """Return the atoms of the filled cluster that the defect cluster has too, in the order there."""
        draft = _Draft(self.cut_filled, self.filled)
        draft.charge = _know_charge(self.defect)
        return draft.build("defect in filled", [self.partner[atom] for atom in range(len(self.partner))])

    def fill(self) -> tuple[GapGeometry | None, str]:
        """Return the defect cluster with the missing atoms put in, or None and why that cannot be."""
        defect, filled = _Draft(self.cut_defect, self.defect), _Draft(self.cut_filled, self.filled)
        coming = [atom for atom in range(len(filled.elements)) if atom not in set(self.partner.values())]
        places = self._move(filled.positions)[coming] + self._correct(filled)
        gaps = cdist(places, defect.positions)
        radii = covalent_radii([*filled.elements[coming], *defect.elements])
        least = _CLASH * (radii[: len(coming), None] + radii[None, len(coming) :])
        if np.any(gaps < least):
            i, j = np.unravel_index(np.argmin(gaps - least), gaps.shape)
            one, two = filled.elements[coming[i]], self.cut_defect.molecule.labels[j]
            far = f"{gaps[i, j]:.2f} Å from {two} of {self.defect.name}"
            return None, f"the {one} that comes in would be {far}"
        n = len(defect.elements)
        defect.elements = np.concatenate([defect.elements, filled.elements[coming]])
        defect.positions = np.concatenate([defect.positions, places])
        defect.kernel |= {n + new for new, old in enumerate(coming) if old in filled.kernel}
        defect.staples |= {n + new for new, old in enumerate(coming) if old in filled.staples}
        defect.charge = filled.charge
        return defect.build("filled in defect"), ""

    def _move(self, positions: FloatArray) -> FloatArray:
        """Lay coordinates of the filled cluster on the defect cluster."""
        atom_map = self.comparison.pair.atom_map
        return atom_map.move_back(positions) if self.first_is_defect else atom_map.move(positions)

    def _correct(self, filled: _Draft) -> FloatArray:
        """Return how far the site is from where the superposition of all atoms puts it."""
        site = self.sites[0]
        (place,) = self.cut_filled.map_atoms([site.atom])
        return np.asarray(site.position - self._move(filled.positions)[place])


def _know_charge(side: ComparedStructure) -> int:
    charge = side.cluster.charge.value
    if charge is None:
        msg = (
            f"{side.name}: the charge is not known, so nothing can be calculated; "
            "give it with --charge-a or --charge-b"
        )
        raise ChemistryError(msg)
    return charge


def _map_cut_atoms(cut: Truncation, other: Truncation, full: dict[int, int]) -> dict[int, int]:
    """Map atoms of two cut clusters: kept atoms by the map of the full ones, caps by their parents."""
    place = {int(old): new for new, old in enumerate(other.source) if old >= 0}
    partner = {
        new: place[full[int(old)]]
        for new, old in enumerate(cut.source)
        if int(old) in full and full[int(old)] in place
    }
    partner = {
        one: two for one, two in partner.items() if cut.molecule.elements[one] == other.molecule.elements[two]
    }
    caps, others = _group_caps(cut), _group_caps(other)
    for parent, own in caps.items():
        theirs = others.get(partner.get(parent, -1), [])
        if len(own) == len(theirs):
            partner |= dict(zip(own, theirs, strict=True))
    return partner


def _group_caps(cut: Truncation) -> dict[int, list[int]]:
    """Return the new hydrogen atoms of each atom that carries some."""
    neighbours = cut.molecule.neighbors()
    groups: dict[int, list[int]] = {}
    for atom in np.flatnonzero(np.asarray(cut.source) < 0):
        parent = min(neighbours[int(atom)], default=-1)
        groups.setdefault(parent, []).append(int(atom))
    return groups
