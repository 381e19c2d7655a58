"""How large is the cluster? Every definition of its size that papers use, each under its own name.

A printed "length × width" or "diameter" rarely says between what it was measured, and the definitions differ
by several Å: from atom centre to atom centre or from surface to surface, of the kernel, of all metal atoms or
with the ligands. Here each number carries its part and the sentence that defines it.

Extents along axes are widths of the set of atom centres: largest minus smallest coordinate along the axis.
Principal axes whose moments are nearly equal are not defined by the atoms, so extents along them are left
out; the least width and the largest distance need no axes. The symmetry axes are those of the metal atoms;
primes tell axes of one order apart that are not equivalent, that of the longest extent without a prime.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.distance import pdist, squareform

from clustermodel._arrays import FloatArray
from clustermodel.analysis.cluster_parts import select_parts
from clustermodel.analysis.contact_criteria import find_contact_radii
from clustermodel.analysis.point_group import Group, PointGroupSettings, find_point_group
from clustermodel.analysis.point_hull import PointHull, measure_hull
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.elements import covalent_radii, find_element
from clustermodel.errors import InputError
from clustermodel.structure.neighbors import find_pairs

__all__ = ["CoreSize", "MeanCoordination", "SizeLength", "SizeSettings", "SizeVolume", "measure_core_size"]

_DEFINED = (
    0.01  # relative difference of moments: below, a shift of atoms by 0.01 Å turns the axes by some 10°
)
_RADII = {
    "bondi": "van der Waals radii of Bondi 1964",
    "alvarez": "van der Waals radii of Alvarez 2013",
    "covalent": "covalent radii of Cordero 2008",
}
_NAMES = ("length", "width", "height")
_DEFINITIONS = {
    "largest distance": "Largest distance between two atom centres.",
    "least width": "Smallest distance between two parallel planes that hold all atom centres between them.",
    "length": "Largest of the three extents of the atom centres along the principal axes of inertia.",
    "width": "Middle one of the three extents of the atom centres along the principal axes of inertia.",
    "height": "Smallest of the three extents of the atom centres along the principal axes of inertia.",
    "extent along unique axis": (
        "Extent of the atom centres along the principal axis of inertia whose moment differs from the "
        "other two, which are equal within 1 %."
    ),
    "radius of gyration": "Root mean square distance of the atoms from their centroid, each with weight one.",
    "mass-weighted radius of gyration": (
        "Root mean square distance of the atoms from their centre of mass, weighted by mass."
    ),
    "mean distance from centroid": "Mean distance of the atoms from their centroid.",
    "largest distance from centroid": "Largest distance of an atom from the centroid.",
    "mean diameter": (
        "Twice the mean distance of the outermost atoms (corners of the convex hull) from the centroid."
    ),
    "diameter of equal hull": "Diameter of the sphere with the volume of the hull of the atom centres.",
    "diameter of equal gyration": (
        "Diameter of the full sphere with the same radius of gyration, 2 √(5/3) times that radius."
    ),
    "hull volume": "Volume of the convex hull of the atom centres.",
    "hull volume per atom": "Volume of the convex hull of the atom centres over the number of atoms.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeSettings:
    """The choices behind the sizes.

    Parameters
    ----------
    cutoffs : tuple of float, optional
        Longest metal-metal distances in Å that count as neighbours, for the mean coordination number.
    tolerance : float, optional
        Tolerance in Å of the point group of the metal atoms, whose axes are used.
    """

    cutoffs: tuple[float, ...] = field(default=(3.0, 3.1, 3.2, 3.3, 3.4, 3.5), metadata={"unit": "Å"})
    tolerance: float = field(default=0.3, metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLength:
    """One length.

    Parameters
    ----------
    part : str
        ``"kernel"``, ``"skeleton"`` (all metal atoms) or ``"cluster"`` (all atoms with hydrogen).
    name : str
        Short name.
    definition : str
        What was measured, in one sentence.
    value : float
        The length in Å; the mean over equivalent axes.
    n : int
        Number of equivalent axes; else 1.
    minimum, maximum : float
        Smallest and largest over equivalent axes in Å; else the value.
    """

    part: str
    name: str
    definition: str
    value: float = field(metadata={"unit": "Å"})
    n: int = field(metadata={"unit": ""})
    minimum: float = field(metadata={"unit": "Å"})
    maximum: float = field(metadata={"unit": "Å"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeVolume:
    """One volume.

    Parameters
    ----------
    part, name, definition : str
        As in `SizeLength`.
    value : float
        The volume in Å3.
    """

    part: str
    name: str
    definition: str
    value: float = field(metadata={"unit": "Å3"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanCoordination:
    """Mean number of metal neighbours.

    Parameters
    ----------
    part, definition : str
        As in `SizeLength`; neighbours within the part alone are counted.
    cutoff : float
        Longest distance of neighbours in Å.
    value : float
        Mean over the atoms of the part.
    """

    part: str
    definition: str
    cutoff: float = field(metadata={"unit": "Å"})
    value: float = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreSize:
    """The sizes of a cluster.

    Parameters
    ----------
    lengths : tuple of SizeLength
        By part.
    volumes : tuple of SizeVolume
        By part; none for parts that are flat.
    coordination : tuple of MeanCoordination
        Of kernel and skeleton, by cut-off.
    point_group : str
        Schoenflies symbol of the metal atoms, whose axes were used.
    convention : str
        The convention of the anatomy that gave the kernel.
    settings : SizeSettings
        Cut-offs and tolerance.
    """

    lengths: tuple[SizeLength, ...]
    volumes: tuple[SizeVolume, ...]
    coordination: tuple[MeanCoordination, ...]
    point_group: str
    convention: str
    settings: SizeSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """Atoms of a part; its positions have their centroid at the origin."""

    name: str
    elements: list[str]
    positions: FloatArray
    masses: FloatArray
    distances: FloatArray
    hull: PointHull

    def length(
        self, name: str, values: float | Sequence[float] | FloatArray, definition: str = ""
    ) -> SizeLength:
        several = np.atleast_1d(np.asarray(values, dtype=np.float64))
        return SizeLength(
            part=self.name,
            name=name,
            definition=definition or _DEFINITIONS[name],
            value=float(several.mean()),
            n=len(several),
            minimum=float(several.min()),
            maximum=float(several.max()),
        )

    def extents(self, axes: FloatArray) -> FloatArray:
        return np.asarray(np.ptp(self.positions @ np.atleast_2d(axes).T, axis=0))


def measure_core_size(
    cluster: Cluster, anatomy: Anatomy, *, settings: SizeSettings | None = None
) -> CoreSize:
    """Measure the size of kernel, metal skeleton and whole cluster by every definition.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell.
    settings : SizeSettings, optional
        Cut-offs and tolerance that differ from the defaults.

    Returns
    -------
    CoreSize
        Lengths, volumes and mean coordination numbers.

    Raises
    ------
    InputError
        If a cut-off or the tolerance is not positive.

    Examples
    --------
    >>> from clustermodel.pipeline.analyze import analyze
    >>> one = analyze("model:au25_sch3_18_nme4")[0].clusters[0]
    >>> size = measure_core_size(one.cluster, one.anatomy)
    >>> [round(row.value, 1) for row in size.lengths if row.name == "largest distance"]
    [5.6, 10.0, 16.0]
    """
    chosen = settings if settings is not None else SizeSettings()
    if min((chosen.tolerance, *chosen.cutoffs)) <= 0:
        msg = (
            f"core size: cut-offs {chosen.cutoffs} Å and tolerance {chosen.tolerance} Å were given, "
            "expected lengths above zero"
        )
        raise InputError(msg)
    atoms = select_parts(cluster, anatomy)
    named = (("kernel", atoms.kernel), ("skeleton", atoms.skeleton), ("cluster", atoms.with_hydrogen))
    parts = [_cut_out(cluster, name, chosen_atoms) for name, chosen_atoms in named if chosen_atoms]
    skeleton = next(part for part in parts if part.name == "skeleton")
    group = (
        find_point_group(
            skeleton.elements,
            skeleton.positions,
            settings=PointGroupSettings(tolerances=(chosen.tolerance,)),
        )
        .ladder[0]
        .generated
    )
    return CoreSize(
        lengths=tuple(row for part in parts for row in _measure_lengths(part, group)),
        volumes=tuple(row for part in parts for row in _measure_volumes(part)),
        coordination=tuple(
            row for part in parts if part.name != "cluster" for row in _count_neighbors(part, chosen.cutoffs)
        ),
        point_group=group.symbol,
        convention=anatomy.convention,
        settings=chosen,
    )


def _cut_out(cluster: Cluster, name: str, atoms: tuple[int, ...]) -> _Part:
    elements = [cluster.molecule.elements[atom] for atom in atoms]
    positions = cluster.molecule.positions[list(atoms)]
    positions = positions - positions.mean(axis=0)
    masses = [row.mass if (row := find_element(element)) else 0.0 for element in elements]
    return _Part(
        name=name,
        elements=elements,
        positions=positions,
        masses=np.array(masses, dtype=np.float64),
        distances=pdist(positions) if len(atoms) > 1 else np.zeros(1),
        hull=measure_hull(positions),
    )


def _measure_lengths(part: _Part, group: Group) -> Iterator[SizeLength]:
    radii = np.linalg.norm(part.positions, axis=1)
    gyration = float(np.sqrt(np.mean(radii**2)))
    yield part.length("largest distance", part.distances.max())
    yield part.length("least width", part.hull.least_width)
    yield from _measure_principal(part)
    yield from _measure_symmetric(part, group)
    yield part.length("radius of gyration", gyration)
    yield part.length("mass-weighted radius of gyration", _weigh_gyration(part))
    yield part.length("mean distance from centroid", float(radii.mean()))
    yield part.length("largest distance from centroid", float(radii.max()))
    yield part.length("mean diameter", 2 * float(radii[part.hull.corners].mean()))
    if part.hull.volume > 0:
        yield part.length("diameter of equal hull", float(np.cbrt(6 * part.hull.volume / np.pi)))
    yield part.length("diameter of equal gyration", 2 * float(np.sqrt(5 / 3)) * gyration)
    yield from _measure_surfaces(part)


def _measure_principal(part: _Part) -> Iterator[SizeLength]:
    """Yield the extents along those principal axes that the atoms define: three, one or none."""
    centred = part.positions - part.masses @ part.positions / part.masses.sum()
    spread = (part.masses[:, None] * centred).T @ centred
    moments, vectors = np.linalg.eigh(np.trace(spread) * np.eye(3) - spread)
    clear = np.diff(moments) > _DEFINED * moments[-1]
    if clear.all():
        for name, value in zip(_NAMES, sorted(part.extents(vectors.T), reverse=True), strict=True):
            yield part.length(name, value)
    elif clear.any():
        yield part.length("extent along unique axis", part.extents(vectors[:, 2 if clear[1] else 0]))


def _measure_symmetric(part: _Part, group: Group) -> Iterator[SizeLength]:
    """Yield the extents along the symmetry axes of the metal atoms, and across a unique one."""
    kinds = dict.fromkeys(e.kind for e in group.elements if e.kind[0] == "C" and e.kind != "C∞")
    for kind in kinds:
        classes = _sort_axes(np.array([e.axis for e in group.elements if e.kind == kind]), group)
        classes.sort(key=lambda axes: -float(part.extents(axes).mean()))
        for primes, axes in enumerate(classes):
            which = (
                f"the {kind} axis" if len(axes) == 1 else f"each of the {len(axes)} equivalent {kind} axes"
            )
            yield part.length(
                f"extent along {kind}" + "'" * primes,
                part.extents(axes),
                f"Extent of the atom centres along {which} of the metal atoms (point group {group.symbol}).",
            )
    main = next(iter(kinds), "")
    axes = np.array([element.axis for element in group.elements if element.kind == main])
    if len(axes) == 1:
        across = part.positions - np.outer(part.positions @ axes[0], axes[0])
        yield part.length(
            f"largest width across {main}",
            float(pdist(across).max()) if len(across) > 1 else 0.0,
            f"Largest distance between two atom centres projected along the {main} axis of the metal atoms "
            f"(point group {group.symbol}).",
        )


def _sort_axes(axes: FloatArray, group: Group) -> list[FloatArray]:
    """Divide axes of one kind into classes of those that operations of the group lay on each other."""
    classes = np.arange(len(axes))
    for matrix in (element.matrix for element in group.elements):
        images = np.argmax(np.abs(axes @ matrix.T @ axes.T), axis=1)
        for first, second in enumerate(images.tolist()):
            classes[classes == classes[second]] = classes[first]
    return [axes[classes == label] for label in np.unique(classes)]


def _weigh_gyration(part: _Part) -> float:
    centred = part.positions - part.masses @ part.positions / part.masses.sum()
    return float(np.sqrt(part.masses @ np.sum(centred**2, axis=1) / part.masses.sum()))


def _measure_surfaces(part: _Part) -> Iterator[SizeLength]:
    for preset, source in _RADII.items():
        radii = (
            covalent_radii(part.elements)
            if preset == "covalent"
            else find_contact_radii(preset, part.elements)
        )
        centres = squareform(part.distances) if len(radii) > 1 else np.zeros((1, 1))
        yield part.length(
            f"surface to surface ({preset})",
            float((centres + radii[:, None] + radii[None, :]).max()),
            f"Largest sum of the distance of two atom centres and their radii ({source}).",
        )


def _measure_volumes(part: _Part) -> Iterator[SizeVolume]:
    if part.hull.volume > 0:
        for name, value in (
            ("hull volume", part.hull.volume),
            ("hull volume per atom", part.hull.volume / len(part.positions)),
        ):
            yield SizeVolume(part=part.name, name=name, definition=_DEFINITIONS[name], value=value)


def _count_neighbors(part: _Part, cutoffs: tuple[float, ...]) -> Iterator[MeanCoordination]:
    distances = find_pairs(part.positions, max(cutoffs)).distances
    for cutoff in sorted(cutoffs):
        yield MeanCoordination(
            part=part.name,
            definition=f"Mean number of metal atoms of the {part.name} within {cutoff:.2f} Å of one of them.",
            cutoff=cutoff,
            value=2 * float(np.sum(distances <= cutoff)) / len(part.positions),
        )
