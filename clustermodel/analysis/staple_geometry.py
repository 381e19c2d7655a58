"""What do the staples look like? Angles, bite, planarity, and which way the R groups point.

The plane of a staple is fitted to its metal and donor atoms and the metal atoms that anchor it; a monomeric
staple alone is nearly a line. An R group points up or down if its bond to the donor makes more than a
limiting angle with the plane. In the pattern the donors follow along the chain; since neither the end to
begin with nor the side called up is given, the pattern is the one of the four readings that begins with most
u's.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.analysis.staples import Staple, find_staples
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.errors import InputError

__all__ = [
    "AngleStatistics",
    "LengthStatistics",
    "StapleGeometry",
    "StapleSettings",
    "StapleShape",
    "StapleType",
    "measure_staples",
]

_READINGS = str.maketrans("ud", "du")


@dataclass(frozen=True, slots=True, kw_only=True)
class StapleSettings:
    """The choices behind the geometry of staples.

    Parameters
    ----------
    in_plane : float, optional
        Angle in degree up to which an R group lies in the plane. At a tetrahedral donor it would be at about
        55°; the plane itself is uncertain by some degrees.
    """

    in_plane: float = field(default=10.0, metadata={"unit": "degree"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AngleStatistics:
    """Statistics of angles.

    Parameters
    ----------
    n : int
        Number of angles.
    mean, sd : float
        Mean and sample standard deviation in degree; NaN without, or with less than two, angles.
    minimum, maximum : float
        Smallest and largest in degree.
    """

    n: int = field(metadata={"unit": ""})
    mean: float = field(metadata={"unit": "degree"})
    sd: float = field(metadata={"unit": "degree"})
    minimum: float = field(metadata={"unit": "degree"})
    maximum: float = field(metadata={"unit": "degree"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthStatistics:
    """Statistics of lengths.

    Parameters
    ----------
    n : int
        Number of lengths.
    mean, sd : float
        Mean and sample standard deviation in Å; NaN without, or with less than two, lengths.
    minimum, maximum : float
        Smallest and largest in Å.
    """

    n: int = field(metadata={"unit": ""})
    mean: float = field(metadata={"unit": "Å"})
    sd: float = field(metadata={"unit": "Å"})
    minimum: float = field(metadata={"unit": "Å"})
    maximum: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StapleShape:
    """The geometry of one motif.

    Parameters
    ----------
    label : str
        ``"Au2(SR)3"``, ...
    chain : tuple of int
        Metal and donor atoms from end to end or round the ring; empty for a branched motif.
    donor_metal_donor : tuple of float
        Angles at its metal atoms (S-M-S) in degree, straight ones 180°.
    metal_donor_metal : tuple of float
        Angles at its donors between metal atoms of the motif (M-S-M) in degree.
    kernel_donor_metal : tuple of float
        Angles at its donors between a metal atom that anchors it and one of the motif in degree.
    bite : float
        Distance between the two terminal donors in Å; NaN for rings and branched motifs.
    planarity : float
        Root mean square distance in Å of its metal and donor atoms from their own best plane; NaN for fewer
        than four.
    anchored_planarity : float
        The same in Å with the metal atoms that anchor it.
    elevations : tuple of float
        Angles in degree between the R-donor bonds and the plane with anchors, positive on the upper side;
        in the order of the pattern, NaN for donors without an R group of their own or without a plane.
    pattern : str
        ``u``, ``d``, ``0`` (in the plane) or ``-`` (no R group) for each donor along the chain; empty for
        a branched motif.
    ends : str
        ``"cis"`` if the R groups of the two terminal donors point to one side, ``"trans"`` if to either;
        empty if one lies in the plane or there are no two.
    """

    label: str
    chain: tuple[int, ...]
    donor_metal_donor: tuple[float, ...] = field(metadata={"unit": "degree"})
    metal_donor_metal: tuple[float, ...] = field(metadata={"unit": "degree"})
    kernel_donor_metal: tuple[float, ...] = field(metadata={"unit": "degree"})
    bite: float = field(metadata={"unit": "Å"})
    planarity: float = field(metadata={"unit": "Å"})
    anchored_planarity: float = field(metadata={"unit": "Å"})
    elevations: tuple[float, ...] = field(metadata={"unit": "degree"})
    pattern: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StapleType:
    """The geometry of all motifs with one label.

    Parameters
    ----------
    label : str
        ``"Au2(SR)3"``, ...
    count : int
        Number of motifs.
    donor_metal_donor, metal_donor_metal, kernel_donor_metal : AngleStatistics
        Angles S-M-S and M-S-M within the motif, and at the donors between kernel and motif.
    bite, planarity, anchored_planarity : LengthStatistics
        Terminal donor to terminal donor; distance from the plane without and with anchoring metal atoms.
    elevation : AngleStatistics
        Angles between R-donor bonds and plane, without sign.
    patterns : tuple of (str, int)
        Patterns of the R groups and how often each occurs, the commonest first.
    cis, trans : int
        Motifs whose terminal R groups point to one side, or to either.
    """

    label: str
    count: int = field(metadata={"unit": ""})
    donor_metal_donor: AngleStatistics
    metal_donor_metal: AngleStatistics
    kernel_donor_metal: AngleStatistics
    bite: LengthStatistics
    planarity: LengthStatistics
    anchored_planarity: LengthStatistics
    elevation: AngleStatistics
    patterns: tuple[tuple[str, int], ...]
    cis: int = field(metadata={"unit": ""})
    trans: int = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class StapleGeometry:
    """The geometry of the staples of a cluster.

    Parameters
    ----------
    staples : tuple of StapleShape
        In the order of the motifs of the anatomy.
    types : tuple of StapleType
        The same by label, in the order of their first motif.
    convention : str
        The convention of the anatomy that gave the motifs.
    settings : StapleSettings
        The limit that was used.
    """

    staples: tuple[StapleShape, ...]
    types: tuple[StapleType, ...]
    convention: str
    settings: StapleSettings


def measure_staples(
    cluster: Cluster, anatomy: Anatomy, *, settings: StapleSettings | None = None
) -> StapleGeometry:
    """Measure the staples, rings and other motifs of a cluster.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its motifs.
    settings : StapleSettings, optional
        Limits that differ from the defaults.

    Returns
    -------
    StapleGeometry
        Each motif, and the motifs of each label together.

    Raises
    ------
    InputError
        If the limiting angle is not between 0° and 90°.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> one = analyze("model:au25_sch3_18_nme4")[0].clusters[0]
    >>> (row,) = measure_staples(one.cluster, one.anatomy).types
    >>> row.label, row.count, row.donor_metal_donor.n, row.metal_donor_metal.n
    ('Au2(SR)3', 6, 12, 6)
    """
    chosen = settings if settings is not None else StapleSettings()
    if not 0 <= chosen.in_plane < 90:
        msg = f"staples: the in-plane limit is {chosen.in_plane}°, expected an angle from 0° to below 90°"
        raise InputError(msg)
    positions = cluster.molecule.positions
    shapes = tuple(_measure(staple, positions, chosen) for staple in find_staples(cluster, anatomy))
    labels = dict.fromkeys(shape.label for shape in shapes)
    return StapleGeometry(
        staples=shapes,
        types=tuple(_summarise([shape for shape in shapes if shape.label == label]) for label in labels),
        convention=anatomy.convention,
        settings=chosen,
    )


def _measure(staple: Staple, positions: FloatArray, settings: StapleSettings) -> StapleShape:
    own = [*staple.motif.metals, *staple.motif.donors]
    anchors = sorted({metal for metal, _ in staple.anchors})
    normal, anchored = _fit_plane(positions[[*own, *anchors]])
    pattern, elevations = _read_pattern(staple, positions, normal, settings.in_plane)
    bite = math.dist(*(positions[end] for end in staple.ends)) if staple.ends else math.nan
    return StapleShape(
        label=staple.motif.label,
        chain=staple.chain,
        donor_metal_donor=_measure_angles(positions, [(d, m) for m, d in staple.bonds]),
        metal_donor_metal=_measure_angles(positions, staple.bonds),
        kernel_donor_metal=_measure_angles(positions, staple.bonds, staple.anchors),
        bite=bite,
        planarity=_fit_plane(positions[own])[1],
        anchored_planarity=anchored,
        elevations=elevations,
        pattern=pattern,
        ends=_compare_ends(pattern) if staple.ends else "",
    )


def _measure_angles(
    positions: FloatArray, bonds: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]] | None = None
) -> tuple[float, ...]:
    """Return the angles at the second atoms of bonds, between two bonds or a bond and another one."""
    return tuple(
        _angle(positions[first] - positions[apex], positions[third] - positions[apex])
        for row, (first, apex) in enumerate(bonds)
        for third, shared in (bonds[row + 1 :] if others is None else others)
        if shared == apex
    )


def _angle(first: FloatArray, second: FloatArray) -> float:
    """Return the angle of two vectors in degree, exact near 0° and 180° too."""
    sine, cosine = float(np.linalg.norm(np.cross(first, second))), float(first @ second)
    return math.degrees(math.atan2(sine, cosine))


def _fit_plane(points: FloatArray) -> tuple[FloatArray, float]:
    """Return normal and root mean square distance of the best plane; NaN for fewer than four points."""
    if len(points) < 4:
        return np.full(3, math.nan), math.nan
    centred = points - points.mean(axis=0)
    _, singular, axes = np.linalg.svd(centred)
    return np.asarray(axes[2]), float(singular[2]) / math.sqrt(len(points))


def _read_pattern(
    staple: Staple, positions: FloatArray, normal: FloatArray, limit: float
) -> tuple[str, tuple[float, ...]]:
    """Return where the R groups point along the chain, and their angles with the plane."""
    carried = dict(staple.substituents)
    elevations = []
    for donor in (atom for atom in staple.chain if atom in staple.motif.donors):
        bond = positions[carried[donor]] - positions[donor] if donor in carried else np.full(3, math.nan)
        elevations.append(90 - _angle(bond, normal))
    marks = "".join(
        "-" if math.isnan(angle) else "0" if abs(angle) <= limit else "u" if angle > 0 else "d"
        for angle in elevations
    )
    turns = range(len(marks)) if staple.closed else (0,)
    readings = [
        (sign, [*order[turn:], *order[:turn]])
        for sign in (1, -1)
        for order in (list(range(len(marks))), list(range(len(marks)))[::-1])
        for turn in turns
    ]
    spelled = [_spell(marks, sign, order) for sign, order in readings]
    best = max(range(len(spelled)), key=lambda k: spelled[k]) if marks else 0
    if not marks:
        return "", ()
    sign, order = readings[best]
    return spelled[best], tuple(sign * elevations[k] for k in order)


def _spell(marks: str, sign: int, order: list[int]) -> str:
    read = "".join(marks[k] for k in order)
    return read if sign > 0 else read.translate(_READINGS)


def _compare_ends(pattern: str) -> str:
    ends = {pattern[0], pattern[-1]}
    if not ends <= {"u", "d"}:
        return ""
    return "cis" if len(ends) == 1 else "trans"


def _summarise(shapes: Sequence[StapleShape]) -> StapleType:
    patterns = Counter(shape.pattern for shape in shapes if shape.pattern)
    return StapleType(
        label=shapes[0].label,
        count=len(shapes),
        donor_metal_donor=_describe_angles(x for s in shapes for x in s.donor_metal_donor),
        metal_donor_metal=_describe_angles(x for s in shapes for x in s.metal_donor_metal),
        kernel_donor_metal=_describe_angles(x for s in shapes for x in s.kernel_donor_metal),
        bite=_describe_lengths(s.bite for s in shapes),
        planarity=_describe_lengths(s.planarity for s in shapes),
        anchored_planarity=_describe_lengths(s.anchored_planarity for s in shapes),
        elevation=_describe_angles(abs(x) for s in shapes for x in s.elevations),
        patterns=tuple(sorted(patterns.items(), key=lambda item: (-item[1], item[0]))),
        cis=sum(shape.ends == "cis" for shape in shapes),
        trans=sum(shape.ends == "trans" for shape in shapes),
    )


def _describe_angles(values: Iterable[float]) -> AngleStatistics:
    n, mean, sd, minimum, maximum = _describe(values)
    return AngleStatistics(n=n, mean=mean, sd=sd, minimum=minimum, maximum=maximum)


def _describe_lengths(values: Iterable[float]) -> LengthStatistics:
    n, mean, sd, minimum, maximum = _describe(values)
    return LengthStatistics(n=n, mean=mean, sd=sd, minimum=minimum, maximum=maximum)


def _describe(values: Iterable[float]) -> tuple[int, float, float, float, float]:
    known = np.array([value for value in values if not math.isnan(value)])
    if not len(known):
        return 0, math.nan, math.nan, math.nan, math.nan
    sd = float(known.std(ddof=1)) if len(known) > 1 else math.nan
    return len(known), float(known.mean()), sd, float(known.min()), float(known.max())
