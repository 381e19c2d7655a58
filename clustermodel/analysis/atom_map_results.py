"""What is the map of two clusters? Pairs, atoms without partner, rivals, and how sure it is."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float, freeze_int

__all__ = [
    "AtomMap",
    "AtomMapSettings",
    "Certainty",
    "MapConfidence",
    "MappedAtom",
    "RivalMap",
    "RoleDistance",
    "UnmappedAtom",
]

Certainty = Literal["one map", "equal maps", "no true map"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomMapSettings:
    """The choices behind a map of two clusters.

    Parameters
    ----------
    reach : float, optional
        Farthest partner of a metal or donor atom in Å, after superposition: half of a long metal-metal bond,
        so that two atoms hardly ever compete for a place.
    unlike : (float, float), optional
        What a pair of two elements costs, and one of a kernel with a shell atom or of donors of different
        roles, as fractions of the square of `reach`. With a half, unlike elements within 1.06 Å are taken for
        each other; roles change with what is missing nearby, and count less.
    moved : float, optional
        Distance in Å from which a metal or donor atom counts as moved: X-ray structures of one cluster in
        two crystals agree to 0.2 Å.
    sigmas : float, optional
        Maps whose root mean square distance is within so many standard errors of the best are equal.
    floor : float, optional
        Root mean square distance in Å that does not count: coordinates are no better known.
    kept : float, optional
        Fraction of the metal atoms that must have a partner, and of the metal-donor bonds that both clusters
        must have, for a map to be true.
    most_rivals : int, optional
        How many rivals are listed.
    """

    reach: float = field(default=1.5, metadata={"unit": "Å"})
    unlike: tuple[float, float] = field(default=(0.5, 0.25), metadata={"unit": ""})
    moved: float = field(default=0.5, metadata={"unit": "Å"})
    sigmas: float = field(default=3.0, metadata={"unit": ""})
    floor: float = field(default=0.02, metadata={"unit": "Å"})
    kept: float = field(default=0.9, metadata={"unit": ""})
    most_rivals: int = field(default=24, metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedAtom:
    """An atom of either cluster that are the same atom.

    Parameters
    ----------
    a, b : int
        Atoms in the first and in the second molecule.
    label_a, label_b : str
        Their labels.
    element_a, element_b : str
        Their elements.
    role, role_b : str
        Their roles in the first and in the second cluster (see `clustermodel.cluster.roles`).
    distance : float
        How far they are apart after superposition of metal and donor atoms, in Å.
    """

    a: int
    b: int
    label_a: str
    label_b: str
    element_a: str
    element_b: str
    role: str
    role_b: str
    distance: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedAtom:
    """An atom that the other cluster lacks.

    Parameters
    ----------
    atom : int
        Index in its molecule.
    label, element, role : str
        Its label, element and role.
    """

    atom: int
    label: str
    element: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDistance:
    """How far the atoms of one role are from their partners.

    Parameters
    ----------
    role : str
        Role in the first cluster; ``"metal"``, ``"donor"`` and ``"framework"`` (both) sum up.
    n : int
        Number of pairs.
    rmsd : float
        Root mean square distance in Å.
    largest : float
        Largest distance in Å.
    """

    role: str
    n: int = field(metadata={"unit": ""})
    rmsd: float = field(metadata={"unit": "Å"})
    largest: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RivalMap:
    """Another map of metal and donor atoms that fits as well.

    Parameters
    ----------
    pairs : ndarray of int, shape (k, 2)
        Atoms of the first and of the second molecule.
    n_different : int
        How many metal and donor atoms of the first cluster have another partner, or none, than in the map.
    improper : bool
        Whether the first cluster is mirrored.
    rmsd : float
        Root mean square distance of its pairs in Å.
    excess : float
        By how many standard errors it fits worse than the best, atoms without partner counted.
    missing, extra : tuple of str
        Labels of the metal and donor atoms of the second and of the first cluster without partner.
    """

    pairs: IntArray
    n_different: int = field(metadata={"unit": ""})
    improper: bool
    rmsd: float = field(metadata={"unit": "Å"})
    excess: float = field(metadata={"unit": ""})
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def __post_init__(self) -> None:
        """Freeze the pairs."""
        object.__setattr__(self, "pairs", freeze_int(self.pairs, (None, 2), "pairs"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MapConfidence:
    """How sure a map is.

    Parameters
    ----------
    level : {"one map", "equal maps", "no true map"}
        ``equal maps``: rivals fit as well, as in a symmetric cluster; ``no true map``: the clusters are not
        one framework with small differences, the pairs only tell what overlaps.
    metals_mapped, donors_mapped : float
        Fraction of the metal atoms, and of the donors, of the cluster with fewer of them that have a partner;
        NaN where there are none.
    bonds_kept : float
        Metal-donor bonds that both clusters have, as a fraction of those of the cluster with fewer of them;
        NaN where there are none.
    equal : int
        Number of maps that fit as well as the best, itself not counted.
    next_excess : float
        By how many standard errors the next worse map fits worse; infinite if none was found.
    reason : str
        One sentence.
    """

    level: Certainty
    metals_mapped: float = field(metadata={"unit": ""})
    donors_mapped: float = field(metadata={"unit": ""})
    bonds_kept: float = field(metadata={"unit": ""})
    equal: int = field(metadata={"unit": ""})
    next_excess: float = field(metadata={"unit": ""})
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtomMap:
    """Which atom of a cluster is which atom of another.

    Parameters
    ----------
    rotation : ndarray, shape (3, 3)
        Orthogonal matrix R of the motion ``R x + t`` that lays the first cluster on the second.
    translation : ndarray, shape (3,)
        Its translation t in Å.
    improper : bool
        Whether the first cluster is mirrored.
    mapped : tuple of MappedAtom
        The pairs: metal atoms, donors, rest of the ligands.
    missing : tuple of UnmappedAtom
        Atoms of the second cluster that the first lacks.
    extra : tuple of UnmappedAtom
        Atoms of the first cluster that the second lacks.
    moved : tuple of MappedAtom
        Metal and donor atoms farther from their partners than the limit of the settings.
    exchanged : tuple of MappedAtom
        Metal and donor atoms whose partner is another element.
    distances : tuple of RoleDistance
        Root mean square distance by role.
    rivals : tuple of RivalMap
        Other maps that fit as well, the best first.
    confidence : MapConfidence
        How sure the map is.
    settings : AtomMapSettings
        The choices.
    """

    rotation: FloatArray
    translation: FloatArray = field(metadata={"unit": "Å"})
    improper: bool
    mapped: tuple[MappedAtom, ...]
    missing: tuple[UnmappedAtom, ...]
    extra: tuple[UnmappedAtom, ...]
    moved: tuple[MappedAtom, ...]
    exchanged: tuple[MappedAtom, ...]
    distances: tuple[RoleDistance, ...]
    rivals: tuple[RivalMap, ...]
    confidence: MapConfidence
    settings: AtomMapSettings

    def __post_init__(self) -> None:
        """Freeze the motion."""
        object.__setattr__(self, "rotation", freeze_float(self.rotation, (3, 3), "rotation"))
        object.__setattr__(self, "translation", freeze_float(self.translation, (3,), "translation"))

    @property
    def pairs(self) -> dict[int, int]:
        """Atom of the second molecule for every mapped atom of the first."""
        return {atom.a: atom.b for atom in self.mapped}

    def move(self, positions: FloatArray) -> FloatArray:
        """Move places of the first cluster to where they are in the second.

        Parameters
        ----------
        positions : ndarray, shape (..., 3)
            Places in the frame of the first cluster in Å.

        Returns
        -------
        ndarray, shape (..., 3)
            Places in the frame of the second.
        """
        return np.asarray(positions @ self.rotation.T + self.translation)

    def move_back(self, positions: FloatArray) -> FloatArray:
        """Move places of the second cluster to where they are in the first.

        Parameters
        ----------
        positions : ndarray, shape (..., 3)
            Places in the frame of the second cluster in Å.

        Returns
        -------
        ndarray, shape (..., 3)
            Places in the frame of the first.
        """
        return np.asarray((positions - self.translation) @ self.rotation)
