"""Is the cluster chiral, how much, of which hand, and does its crystal hold both hands?

Two measures are given for each part, both zero for an achiral set: the continuous chirality measure (see
`clustermodel.analysis.achiral_fit`), a mean over all atoms, and the Hausdorff chirality measure (see
`clustermodel.analysis.hausdorff`), which is decided by the few atoms that fit worst. Like atoms alone are
taken as images of each other; bonds are not looked at. A part is called chiral if even the best superposition
with its mirror image leaves an atom farther from the next like atom than a tolerance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.analysis.achiral_fit import AchiralFit, fit_achiral
from clustermodel.analysis.cluster_parts import select_parts
from clustermodel.analysis.hausdorff import HausdorffFit, fit_mirror_image
from clustermodel.analysis.like_atoms import number_kinds
from clustermodel.analysis.rigid_fit import build_operation
from clustermodel.analysis.staple_helicity import StapleHelicity, measure_helicity
from clustermodel.analysis.staples import find_staples
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.errors import InputError
from clustermodel.structure.symmetry import SpaceGroup

__all__ = [
    "Chirality",
    "ChiralitySettings",
    "CrystalChirality",
    "PartChirality",
    "classify_crystal",
    "measure_chirality",
    "measure_part",
]

_ANGLES = {"i": np.pi, "σ": 0.0, "S4": np.pi / 2}
_FULL = 60  # atoms of the metal-ligand framework of Au36: up to there all starts are made


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiralitySettings:
    """The choices behind the chirality of a cluster.

    Parameters
    ----------
    parts : tuple of str, optional
        Which of ``"kernel"``, ``"skeleton"`` (all metal atoms), ``"framework"`` (metal and donor atoms) and
        ``"cluster"`` (all but hydrogen) to measure.
    tolerance : float, optional
        Hausdorff distance in Å from which a part is chiral; 0.3 Å is how far the metal atoms of known
        clusters are from their idealised symmetry.
    directions, orientations : int, optional
        Directions of an axis, and orientations, that are ranked before the fits of a part of up to 60
        atoms; larger parts get fewer, in proportion: they start from the operation of smaller ones too.
    starts : int, optional
        The best of them from which each fit of such a part starts; at least 3 for a larger one.
    most_atoms : int, optional
        Parts with more atoms are left out: the search for partners grows with the cube of their number.
    least_strength, least_mode : float, optional
        Strength and mode of the helicity from which a hand is named. An achiral arrangement of staples has
        mode 0; distortions of known ones reach 0.1.
    """

    parts: tuple[str, ...] = ("kernel", "framework", "cluster")
    tolerance: float = field(default=0.3, metadata={"unit": "Å"})
    directions: int = field(default=400, metadata={"unit": ""})
    orientations: int = field(default=3000, metadata={"unit": ""})
    starts: int = field(default=24, metadata={"unit": ""})
    most_atoms: int = field(default=320, metadata={"unit": ""})
    least_strength: float = field(default=0.05, metadata={"unit": ""})
    least_mode: float = field(default=0.3, metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartChirality:
    """The chirality of one part.

    Parameters
    ----------
    part : str
        ``"kernel"``, ``"skeleton"``, ``"framework"`` or ``"cluster"``.
    n_atoms : int
        Number of atoms.
    continuous : AchiralFit
        Continuous chirality measure with the achiral operation that fits best.
    hausdorff : HausdorffFit
        Hausdorff chirality measure.
    is_chiral : bool
        Whether the Hausdorff distance is above the tolerance.
    """

    part: str
    n_atoms: int = field(metadata={"unit": ""})
    continuous: AchiralFit
    hausdorff: HausdorffFit
    is_chiral: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CrystalChirality:
    """Whether a crystal holds both hands of its molecules.

    Parameters
    ----------
    space_group : str
        Hermann-Mauguin symbol.
    kind : {"both hands", "one hand"}
        ``both hands`` if the space group has operations that change the hand: a chiral molecule is
        there with its mirror image, half and half (a racemate, unless the molecule itself is achiral).
        ``one hand`` if it has none: all copies of a symmetry-unique molecule are of one hand. Two unique
        molecules may still be of opposite hands, and the crystal may be twinned by inversion.
    improper : int
        Number of such operations in the cell, centring included.
    """

    space_group: str
    kind: Literal["both hands", "one hand"]
    improper: int = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chirality:
    """The chirality of a cluster.

    Parameters
    ----------
    parts : tuple of PartChirality
        The parts asked for; without the kernel for a cluster that is all shell, and without those that
        are larger than the settings allow.
    helicity : StapleHelicity
        How the staples wind.
    handedness : {"P", "M", ""}
        ``P`` if the staples wind like a right-handed, ``M`` like a left-handed screw; empty if they do not
        wind clearly either way, are fewer than two, or the framework is achiral.
    crystal : CrystalChirality or None
        None without a space group.
    convention : str
        The convention of the anatomy that gave kernel and staples.
    settings : ChiralitySettings
        The choices made.
    """

    parts: tuple[PartChirality, ...]
    helicity: StapleHelicity
    handedness: Literal["P", "M", ""]
    crystal: CrystalChirality | None
    convention: str
    settings: ChiralitySettings


def measure_chirality(
    cluster: Cluster,
    anatomy: Anatomy,
    *,
    settings: ChiralitySettings | None = None,
    space_group: SpaceGroup | None = None,
) -> Chirality:
    """Measure the chirality of a cluster and of its parts.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and motifs.
    settings : ChiralitySettings, optional
        Choices that differ from the defaults.
    space_group : SpaceGroup, optional
        Of its crystal.

    Returns
    -------
    Chirality
        Measures, handedness and what the crystal holds.

    Raises
    ------
    InputError
        If a part does not exist or a number of starts is not positive.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> one = analyze("model:au25_sch3_18_nme4")[0].clusters[0]
    >>> found = measure_chirality(one.cluster, one.anatomy, settings=ChiralitySettings(parts=("framework",)))
    >>> found.parts[0].is_chiral, found.handedness
    (False, '')
    """
    chosen = settings if settings is not None else ChiralitySettings()
    selected = select_parts(cluster, anatomy)
    atoms = {
        "kernel": selected.kernel,
        "skeleton": selected.skeleton,
        "framework": selected.framework,
        "cluster": selected.cluster,
    }
    _check(chosen, atoms)
    molecule = cluster.molecule
    parts: dict[str, PartChirality] = {}
    for part in chosen.parts:
        if 0 < len(atoms[part]) <= chosen.most_atoms:
            parts[part] = measure_part(
                [molecule.elements[atom] for atom in atoms[part]],
                molecule.positions[list(atoms[part])],
                part=part,
                settings=chosen,
                hints=tuple(one.continuous.axis for one in parts.values() if one.continuous.operation != "i"),
            )
    helicity = _wind(cluster, anatomy)
    chiral = parts["framework"].is_chiral if "framework" in parts else True
    return Chirality(
        parts=tuple(parts.values()),
        helicity=helicity,
        handedness=_name_hand(helicity, chosen) if chiral else "",
        crystal=classify_crystal(space_group) if space_group is not None else None,
        convention=anatomy.convention,
        settings=chosen,
    )


def _check(settings: ChiralitySettings, atoms: dict[str, tuple[int, ...]]) -> None:
    unknown = [part for part in settings.parts if part not in atoms]
    if unknown:
        msg = f"chirality: there is no part {unknown[0]!r}; expected one of {', '.join(atoms)}"
        raise InputError(msg)
    if min(settings.directions, settings.orientations, settings.starts) < 1:
        msg = (
            f"chirality: directions {settings.directions}, orientations {settings.orientations} and starts "
            f"{settings.starts} were asked for, expected at least one of each"
        )
        raise InputError(msg)


def measure_part(
    elements: Sequence[str],
    positions: FloatArray,
    *,
    part: str = "atoms",
    settings: ChiralitySettings | None = None,
    hints: tuple[FloatArray, ...] = (),
) -> PartChirality:
    """Measure the chirality of any set of atoms.

    Parameters
    ----------
    elements : sequence of str, length n
        Element symbols; only like atoms are images of each other.
    positions : ndarray, shape (n, 3)
        Cartesian coordinates in Å.
    part : str, optional
        Name kept in the result.
    settings : ChiralitySettings, optional
        Choices that differ from the defaults.
    hints : tuple of ndarray, shape (3,), optional
        Axes to start from too.

    Returns
    -------
    PartChirality
        Both measures.

    Raises
    ------
    InputError
        If there is no atom or a coordinate is not finite.

    Examples
    --------
    >>> corner = np.array([[3.0, 0, 0], [0, 3.0, 0], [0, 0, 3.0], [0, 0, 0]])
    >>> measure_part(["Au", "Ag", "Cu", "Pt"], corner).is_chiral
    True
    >>> measure_part(["Au", "Ag", "Ag", "Pt"], corner).is_chiral
    False
    """
    chosen = settings if settings is not None else ChiralitySettings()
    points = np.asarray(positions, dtype=np.float64)
    if len(elements) == 0 or points.shape != (len(elements), 3) or not np.isfinite(points).all():
        msg = (
            f"chirality of {part}: found {len(elements)} elements and positions of shape {points.shape}, "
            "expected at least one atom and three finite coordinates for each; check the selection of atoms"
        )
        raise InputError(msg)
    points = points - points.mean(axis=0)
    kinds = number_kinds(elements)
    directions, orientations, starts = _share_effort(chosen, len(points))
    continuous = fit_achiral(kinds, points, directions=directions, starts=starts, hints=hints)
    axis = continuous.axis if continuous.operation != "i" else np.array([0.0, 0.0, 1.0])
    hausdorff = fit_mirror_image(
        kinds,
        points,
        hints=(build_operation(axis, _ANGLES[continuous.operation], improper=True),),
        orientations=orientations,
        starts=starts,
    )
    return PartChirality(
        part=part,
        n_atoms=len(points),
        continuous=continuous,
        hausdorff=hausdorff,
        is_chiral=hausdorff.distance > chosen.tolerance,
    )


def _share_effort(settings: ChiralitySettings, n_atoms: int) -> tuple[int, int, int]:
    """Return directions, orientations and starts for a part of this size."""
    share = min(1.0, _FULL / n_atoms)
    least = (min(40, settings.directions), min(100, settings.orientations), min(3, settings.starts))
    asked = (settings.directions, settings.orientations, settings.starts)
    first, second, third = (max(low, round(share * n)) for low, n in zip(least, asked, strict=True))
    return first, second, third


def classify_crystal(space_group: SpaceGroup) -> CrystalChirality:
    """Tell whether a crystal holds both hands of its molecules.

    Parameters
    ----------
    space_group : SpaceGroup
        Its operations.

    Returns
    -------
    CrystalChirality
        Both hands if an operation changes the hand.

    Examples
    --------
    >>> from clustermodel.structure.symmetry import find_space_group
    >>> classify_crystal(find_space_group("P -1", source="example")).kind
    'both hands'
    >>> classify_crystal(find_space_group("P 21 21 21", source="example")).kind
    'one hand'
    """
    improper = int(np.sum(np.linalg.det(space_group.rotations) < 0))
    return CrystalChirality(
        space_group=space_group.name, kind="both hands" if improper else "one hand", improper=improper
    )


def _wind(cluster: Cluster, anatomy: Anatomy) -> StapleHelicity:
    positions = cluster.molecule.positions
    ends = [staple.ends for staple in find_staples(cluster, anatomy) if staple.ends]
    segments = [(positions[first], positions[last]) for first, last in ends]
    return measure_helicity(segments, positions[list(cluster.metals)].mean(axis=0))


def _name_hand(helicity: StapleHelicity, settings: ChiralitySettings) -> Literal["P", "M", ""]:
    clear = helicity.strength >= settings.least_strength and abs(helicity.mode) >= settings.least_mode
    if helicity.staples < 2 or not clear:
        return ""
    return "P" if helicity.mode > 0 else "M"
