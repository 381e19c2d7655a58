"""How are the neighbours of each metal atom arranged: as in fcc, hcp, bcc, an icosahedron or a decahedron?

The directions from an atom to the kernel atoms that it touches are matched with part of an ideal shell:
atoms at a surface have some of the neighbours that they would have inside. The shells are those of an atom
in fcc, in hcp, in bcc, in the centre of an icosahedron and on the five-fold axis of a decahedron (such axes
also run from the centre of a large icosahedron to its vertices). Half a shell often fits two equally well:

* a (111) face belongs to fcc as to hcp: such an atom takes the label of the interior around it, and is called
  close-packed where that does not decide;
* an atom at the surface is on a five-fold axis only if the next atom of the axis is;
* an atom at the surface that touches the centre of an icosahedron belongs to the icosahedron, unless it is
  clearly something else;
* few neighbours fit some shell by chance: then the interior around must have the same label.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clustermodel._arrays import BoolArray, FloatArray
from clustermodel.analysis.point_matching import match_directions, sample_rotations
from clustermodel.analysis.polyhedra import build_polyhedron
from clustermodel.analysis.polyhedron_symmetry import find_symmetry
from clustermodel.analysis.rigid_fit import spread_directions
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.conventions import KERNEL_BOND_EXCESS
from clustermodel.elements import covalent_radii

__all__ = ["AtomPacking", "LocalPacking", "LocalPackingSettings", "classify_local_packing"]

_SHELLS = {
    "fcc": "cuboctahedron",
    "hcp": "anticuboctahedron",
    "icosahedral": "icosahedron",
    "decahedral": "Ino decahedron",
    "bcc": "rhombic dodecahedron",
}
_KINDS = {"close-packed": {"fcc", "hcp"}, "icosahedral": {"icosahedral", "decahedral"}}
_ROTATIONS = 1000  # starts of a match, some 20° apart
_DIRECTIONS = 250  # points on half of the sphere in the search for the widest gap: 9° apart


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPackingSettings:
    """The choices behind the labels.

    Parameters
    ----------
    contact_excess : float, optional
        Longest contact of two kernel atoms, in Å over the sum of their covalent radii (3.50 Å for gold),
        as for the building units.
    fewest : int, optional
        Neighbours below which no label is tried: three directions fit every shell.
    most_deviation : float, optional
        Largest root mean square angle between neighbours and ideal directions in degree: a little more
        than half of that between an icosahedral and an fcc shell (13).
    per_neighbour : float, optional
        A second limit per neighbour in degree; beyond it the interior around must have the label, too.
        Of 4 to 8 random directions at least 50° apart, one set in twenty fits some shell to within as
        many degrees as it has directions (120 sets of each number).
    margin : float, optional
        By how much the next shell must fit worse in degree.
    gap : float, optional
        Half angle in degree of the widest cone without a neighbour beyond which an atom is at the
        surface; inside, it is 45° in fcc, and on a (111) face 90°.
    """

    contact_excess: float = field(default=KERNEL_BOND_EXCESS, metadata={"unit": "Å"})
    fewest: int = field(default=4, metadata={"unit": ""})
    most_deviation: float = field(default=8.5, metadata={"unit": "degree"})
    per_neighbour: float = field(default=1.0, metadata={"unit": "degree"})
    margin: float = field(default=1.5, metadata={"unit": "degree"})
    gap: float = field(default=70.0, metadata={"unit": "degree"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtomPacking:
    """The packing around one metal atom.

    Parameters
    ----------
    atom : int
        The atom.
    label : str
        ``fcc``, ``hcp``, ``bcc``, ``icosahedral``, ``decahedral``, ``close-packed`` (fcc or hcp),
        ``unclear``, or ``shell`` for a metal atom outside the kernel.
    surface : bool
        Whether it is at the surface of the kernel.
    inferred : bool
        Whether its neighbours decided between labels that fit equally well.
    neighbours : int
        Kernel atoms that it touches.
    deviation : float
        Root mean square angle to the ideal directions of its label in degree; NaN without one.
    rival : str
        The next best label.
    rival_deviation : float
        Root mean square angle for it in degree.
    confidence : float
        1 less the ratio of the two: 1 for an ideal shell, 0 where both fit equally well.
    """

    atom: int
    label: str
    surface: bool
    inferred: bool
    neighbours: int = field(metadata={"unit": ""})
    deviation: float = field(metadata={"unit": "degree"})
    rival: str
    rival_deviation: float = field(metadata={"unit": "degree"})
    confidence: float = field(metadata={"unit": ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalPacking:
    """The packing around every metal atom of a cluster.

    Parameters
    ----------
    atoms : tuple of AtomPacking
        In the order of the metal atoms of the cluster.
    counts : tuple of (str, int)
        Number of atoms by label, most frequent first.
    convention : str
        The convention of the anatomy that gave the kernel.
    settings : LocalPackingSettings
        Cut-offs and limits.
    """

    atoms: tuple[AtomPacking, ...]
    counts: tuple[tuple[str, int], ...]
    convention: str
    settings: LocalPackingSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shell:
    """An ideal shell: its directions, where to begin, and the two ends of its axis."""

    directions: FloatArray
    starts: FloatArray
    axis: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Match:
    """How well one shell fits, and the neighbours on its five-fold axis."""

    label: str
    deviation: float
    axis: tuple[int, ...]


def classify_local_packing(
    cluster: Cluster, anatomy: Anatomy, *, settings: LocalPackingSettings | None = None
) -> LocalPacking:
    """Label the local packing of every metal atom.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell.
    settings : LocalPackingSettings, optional
        Cut-offs and limits.

    Returns
    -------
    LocalPacking
        A label for every metal atom, with its confidence.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> points = 2.9 * np.vstack([np.zeros((1, 3)), build_polyhedron("icosahedron").vertices])
    >>> cluster = build_cluster(bond_molecule(molecule_from_atoms(["Au"] * 13, points)))
    >>> classify_local_packing(cluster, classify_kernel(cluster)).counts
    (('icosahedral', 13),)
    """
    chosen = settings if settings is not None else LocalPackingSettings()
    kernel = list(anatomy.kernel)
    positions = cluster.molecule.positions[kernel]
    radii = covalent_radii([cluster.molecule.elements[a] for a in kernel])
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    touching = distances <= radii[:, None] + radii[None] + chosen.contact_excess
    np.fill_diagonal(touching, val=False)
    matches = [list(_match(positions, touching, atom, chosen)) for atom in range(len(kernel))]
    surface = [_find_gap(positions[touching[k]] - positions[k]) > chosen.gap for k in range(len(kernel))]
    labels = _settle(matches, touching, surface, chosen)
    found = {
        atom: _describe(atom, matches[k], labels[k], int(touching[k].sum()), surface=surface[k])
        for k, atom in enumerate(kernel)
    }
    outside = AtomPacking(
        atom=-1,
        label="shell",
        surface=True,
        inferred=False,
        neighbours=0,
        deviation=float("nan"),
        rival="",
        rival_deviation=float("nan"),
        confidence=0.0,
    )
    atoms = tuple(found.get(metal, replace(outside, atom=metal)) for metal in cluster.metals)
    names = [atom.label for atom in atoms]
    counts = sorted(((name, names.count(name)) for name in set(names)), key=lambda c: (-c[1], c[0]))
    return LocalPacking(atoms=atoms, counts=tuple(counts), convention=anatomy.convention, settings=chosen)


@functools.cache
def _build_shell(label: str) -> _Shell:
    polyhedron = build_polyhedron(_SHELLS[label])
    directions = polyhedron.vertices / np.linalg.norm(polyhedron.vertices, axis=1)[:, None]
    ends = np.flatnonzero(np.abs(directions[:, 2]) > 1 - 1e-9) if label == "decahedral" else np.zeros(0)
    starts = sample_rotations(find_symmetry(polyhedron.vertices).matrices, _ROTATIONS)
    return _Shell(directions=directions, starts=starts, axis=tuple(ends.astype(int).tolist()))


def _match(
    positions: FloatArray, touching: BoolArray, atom: int, settings: LocalPackingSettings
) -> Iterator[_Match]:
    """Yield the fit of every shell that has room for all neighbours of an atom."""
    neighbours = np.flatnonzero(touching[atom])
    if len(neighbours) < settings.fewest:
        return
    directions = positions[neighbours] - positions[atom]
    directions = directions / np.linalg.norm(directions, axis=1)[:, None]
    for label in _SHELLS:
        shell = _build_shell(label)
        if len(shell.directions) < len(neighbours):
            continue
        match = match_directions(directions, shell.directions, shell.starts)
        fitted = shell.directions[match.pairing] @ match.rotation.T
        angles = np.degrees(np.arccos(np.clip((fitted * directions).sum(axis=1), -1, 1)))
        axis = [int(a) for a, corner in zip(neighbours, match.pairing, strict=True) if corner in shell.axis]
        yield _Match(label=label, deviation=float(np.sqrt(np.mean(angles**2))), axis=tuple(axis))


def _find_gap(vectors: FloatArray) -> float:
    """Return the half angle of the widest cone without a neighbour in degree."""
    if not len(vectors):
        return 180.0
    half = spread_directions(_DIRECTIONS)
    sphere = np.concatenate([half, -half])
    cosines = sphere @ (vectors / np.linalg.norm(vectors, axis=1)[:, None]).T
    return float(np.degrees(np.arccos(np.clip(cosines.max(axis=1).min(), -1, 1))))


def _settle(
    matches: Sequence[Sequence[_Match]],
    touching: BoolArray,
    surface: Sequence[bool],
    settings: LocalPackingSettings,
) -> list[tuple[str, bool]]:
    """Return the label of every kernel atom, and whether its neighbours decided."""
    fitting = [_list_fitting(found, settings.most_deviation, settings.margin) for found in matches]
    inside = [
        found[0] if len(found) == 1 and not at else "" for found, at in zip(fitting, surface, strict=True)
    ]
    labels = []
    for atom, found in enumerate(fitting):
        neighbours = np.flatnonzero(touching[atom])
        near = {inside[k] for k in neighbours}
        axis = {inside[k] for match in matches[atom] for k in match.axis}
        ends = not surface[atom] or bool(axis & {"decahedral", "icosahedral"})
        names = [name for name in found if ends or name != "decahedral"]
        best = min((match.deviation for match in matches[atom]), default=0.0)
        chance = best > settings.per_neighbour * len(neighbours)
        labels.append(_decide(names, near, surface=surface[atom], chance=chance))
    return labels


def _list_fitting(found: Sequence[_Match], most: float, margin: float) -> list[str]:
    """Return the labels that fit about equally well, best first."""
    ranked = sorted(found, key=lambda m: m.deviation)
    if not ranked or ranked[0].deviation > most:
        return []
    return [m.label for m in ranked if m.deviation <= ranked[0].deviation + margin]


def _decide(names: Sequence[str], near: set[str], *, surface: bool, chance: bool) -> tuple[str, bool]:
    """Return one of the labels that fit equally well, and whether the interior around decided."""
    around = near & set(names)
    label = ("close-packed" if names and set(names) <= {"fcc", "hcp"} else "unclear", False)
    if len(names) == 1 and not chance:
        label = (names[0], False)
    elif len(around) == 1:
        label = (around.pop(), True)
    elif chance:
        label = ("unclear", False)
    if surface and "icosahedral" in near and label[0] in {"decahedral", "icosahedral", "unclear"}:
        return "icosahedral", True
    return label


def _describe(
    atom: int, found: Sequence[_Match], label: tuple[str, bool], neighbours: int, *, surface: bool
) -> AtomPacking:
    own = _KINDS.get(label[0], {label[0]})
    fits = [match for match in found if match.label in own]
    best = min((match.deviation for match in fits), default=float("nan"))
    others = sorted((match.deviation, match.label) for match in found if match.label not in own)
    rival_deviation, rival = others[0] if others else (float("nan"), "")
    sure = bool(fits) and bool(others) and rival_deviation > 0
    return AtomPacking(
        atom=atom,
        label=label[0],
        surface=surface,
        inferred=label[1],
        neighbours=neighbours,
        deviation=best,
        rival=rival,
        rival_deviation=rival_deviation,
        confidence=max(0.0, 1 - best / rival_deviation) if sure else 0.0,
    )
