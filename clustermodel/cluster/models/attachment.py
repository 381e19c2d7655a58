"""How are real ligands put on a skeleton? Rotamers without overlap first, then all atoms relaxed together."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float
from clustermodel.cluster.models.ligand_templates import LigandTemplate, find_template
from clustermodel.cluster.models.rotamer_search import Choices, choose_rotamers, measure_overlap
from clustermodel.cluster.models.rotamers import Stand, list_rotamers
from clustermodel.cluster.models.skeleton import Site, Skeleton
from clustermodel.elements import van_der_waals_radii
from clustermodel.errors import InputError

__all__ = ["Attached", "attach_ligands"]

_MOST = 120  # rotamers of one ligand that enter the table: those that overlap least by themselves
_MOST_CHELATE = 4000  # rotamers of a chelate that are looked at: 49 backbones with the 81 turns of four rings
_SAME = 0.01  # Å; a skeleton has a symmetry if every atom is that close to an image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attached:
    """A skeleton with whole ligands, not yet relaxed.

    Parameters
    ----------
    elements : tuple of str, length n
        Elements: the skeleton, then the rest of each ligand.
    positions : ndarray, shape (n, 3)
        Positions in Å.
    members : tuple of tuple of int
        Atoms of each ligand in the order of its template.
    overlap : float
        Sum of the squared overlaps of van der Waals spheres between ligands, in Å2.
    """

    elements: tuple[str, ...]
    positions: FloatArray = field(metadata={"unit": "Å"})
    members: tuple[tuple[int, ...], ...]
    overlap: float = field(metadata={"unit": "Å2"})

    def __post_init__(self) -> None:
        """Freeze the positions."""
        shape = (len(self.elements), 3)
        object.__setattr__(self, "positions", freeze_float(self.positions, shape, "positions"))


def attach_ligands(
    skeleton: Skeleton, positions: FloatArray, *, symmetry: Sequence[FloatArray] = ()
) -> Attached:
    """Put the ligands of a skeleton on it.

    Parameters
    ----------
    skeleton : Skeleton
        Metal and donor atoms.
    positions : ndarray, shape (n, 3)
        Their positions in Å.
    symmetry : sequence of ndarray, each of shape (3, 3), optional
        Rotations about the origin, without the identity, that the whole cluster shall keep; together with
        the identity a group.

    Returns
    -------
    Attached
        All atoms.

    Raises
    ------
    InputError
        If the skeleton does not have a symmetry asked for, or one maps a ligand onto itself.
    """
    rotations = [np.eye(3), *symmetry]
    orbits = _find_orbits(skeleton, positions, rotations)
    choices = [_list_choices(skeleton, positions, orbit[0], rotations) for orbit in orbits]
    chosen, overlap = choose_rotamers([choice for choice, _ in choices])
    placed: dict[int, FloatArray] = {}
    for orbit, (_, full), pick in zip(orbits, choices, chosen, strict=True):
        for site, rotation in zip(orbit, rotations, strict=True):
            placed[site] = full[pick] @ rotation.T
    return _collect(skeleton, positions, [placed[k] for k in range(len(skeleton.sites))], overlap)


def _collect(skeleton: Skeleton, positions: FloatArray, placed: list[FloatArray], overlap: float) -> Attached:
    elements = list(skeleton.elements)
    rows = [positions]
    members = []
    for site, atoms in zip(skeleton.sites, placed, strict=True):
        template = find_template(site.ligand)
        donors = dict(zip(template.donors, site.donors, strict=True))
        rest = [k for k in range(len(template.elements)) if k not in donors]
        place = donors | {atom: len(elements) + k for k, atom in enumerate(rest)}
        members.append(tuple(place[k] for k in range(len(template.elements))))
        elements += [template.elements[k] for k in rest]
        rows.append(atoms[rest])
    return Attached(
        elements=tuple(elements),
        positions=np.vstack(rows),
        members=tuple(members),
        overlap=overlap,
    )


def _find_orbits(
    skeleton: Skeleton, positions: FloatArray, rotations: Sequence[FloatArray]
) -> list[tuple[int, ...]]:
    """Return the ligands that symmetry maps onto each other: the first, and its image by each rotation."""
    middles = np.array([positions[list(site.donors)].mean(axis=0) for site in skeleton.sites])
    images = []
    for rotation in rotations:
        apart = np.linalg.norm(positions[:, None] - (positions @ rotation.T)[None], axis=2)
        if apart.min(axis=0).max(initial=0.0) > _SAME:
            msg = (
                f"the skeleton misses a symmetry asked for by {apart.min(axis=0).max():.3f} Å, "
                f"expected {_SAME} Å at most; symmetrise it first"
            )
            raise InputError(msg)
        far = np.linalg.norm(middles[:, None] - (middles @ rotation.T)[None], axis=2)
        images.append(np.argmin(far, axis=0))
    orbits = []
    seen: set[int] = set()
    for site in range(len(middles)):
        if site in seen:
            continue
        orbit = tuple(int(image[site]) for image in images)
        if len(set(orbit)) < len(orbit):
            msg = (
                f"a symmetry maps ligand {site + 1} ({skeleton.sites[site].ligand}) onto itself; ask for less"
            )
            raise InputError(msg)
        seen.update(orbit)
        orbits.append(orbit)
    return orbits


def _list_choices(
    skeleton: Skeleton, positions: FloatArray, site: int, rotations: Sequence[FloatArray]
) -> tuple[Choices, FloatArray]:
    """Return the best rotamers of a ligand for the table, and the whole ligand in each."""
    row = skeleton.sites[site]
    template = find_template(row.ligand)
    full = list_rotamers(template, _find_stand(skeleton, positions, row), most=_MOST_CHELATE)
    rest = [k for k in range(len(template.elements)) if k not in template.donors]
    elements = tuple(template.elements[k] for k in rest)
    own = _measure_own(skeleton, positions, row, template, full)
    order = np.argsort(own, kind="stable")[:_MOST]
    moving = full[order][:, rest]
    copies = np.array([moving @ rotation.T for rotation in rotations])
    return Choices(elements=elements, positions=copies, own=own[order]), full[order]


def _find_stand(skeleton: Skeleton, positions: FloatArray, site: Site) -> Stand:
    neighbors = skeleton.neighbors()
    return Stand(
        donors=positions[list(site.donors)],
        metals=tuple(positions[neighbors[donor]] for donor in site.donors),
    )


def _measure_own(
    skeleton: Skeleton, positions: FloatArray, site: Site, template: LigandTemplate, full: FloatArray
) -> FloatArray:
    """Return the overlap of each rotamer with the skeleton and between its rigid parts."""
    rest = [k for k in range(len(template.elements)) if k not in template.donors]
    if not rest:
        return np.zeros(len(full))
    elements = [template.elements[k] for k in rest]
    others = [k for k in range(len(skeleton.names)) if k not in site.donors]
    with_skeleton = measure_overlap(
        (elements, [skeleton.elements[k] for k in others]), full[:, rest], positions[None, others]
    )[:, 0]
    pairs = _list_free_pairs(template)
    if not len(pairs):
        return with_skeleton
    radii = van_der_waals_radii(template.elements)
    apart = np.linalg.norm(full[:, pairs[:, 0]] - full[:, pairs[:, 1]], axis=2)
    depth = np.maximum(radii[pairs[:, 0]] + radii[pairs[:, 1]] - apart, 0.0) ** 2
    return np.asarray(with_skeleton + depth.sum(axis=1))


def _list_free_pairs(template: LigandTemplate) -> IntArray:
    """Return the pairs of atoms of a ligand, four bonds apart or more, whose distance changes as it turns."""
    rigid = {frozenset(pair) for piece in template.rigid for pair in itertools.combinations(piece, 2)}
    near = find_near_pairs(template.bonds, len(template.elements), 3)
    pairs = [p for p in itertools.combinations(range(len(template.elements)), 2) if p not in near]
    return np.array([p for p in pairs if frozenset(p) not in rigid], dtype=np.int64).reshape(-1, 2)


def find_near_pairs(bonds: Sequence[tuple[int, int]], count: int, most: int) -> set[tuple[int, int]]:
    """Return the pairs of atoms joined by at most `most` bonds, the smaller index first."""
    joined = np.eye(count, dtype=bool)
    for one, two in bonds:
        joined[one, two] = joined[two, one] = True
    reached = joined
    for _ in range(most - 1):
        reached = reached @ joined
    return {(int(a), int(b)) for a, b in np.argwhere(np.triu(reached, 1))}
