"""What do all atoms of a model aim at together? Skeleton, rigid ligand parts, their angles and contacts."""

import itertools
from collections.abc import Iterator

import numpy as np

from clustermodel._arrays import FloatArray, IntArray
from clustermodel.cluster.models.attachment import Attached, find_near_pairs
from clustermodel.cluster.models.ligand_templates import find_template
from clustermodel.cluster.models.restraints import Contacts, Restraints, fit_positions, measure_residuals
from clustermodel.cluster.models.skeleton_fit import SkeletonFit, restrain_skeleton
from clustermodel.elements import van_der_waals_radii

__all__ = ["relax_ligands", "restrain_ligands"]

_RIGID = 0.01  # Å; width of every distance inside a rigid part: the s.u. of a C-C bond in a cluster crystal
_CLOSEST = 0.92  # of the sum of Bondi radii; H-H 2.21, C-H 2.67, C-C 3.13 Å: short but common contacts
_TOLERANCE = 1e-7  # relative; positions then agree to 1e-3 Å
_HOLD = 0.6  # Å; weak hold on the start for what no target holds, such as a free turn
_KERNEL_HOLD = 0.05  # Å; the kernel is what the topology says: it gives way to ligands by less than a width
_DEGREES = {
    "S": (105.0, 4.0),
    "P": (114.0, 3.0),
}  # M-donor-X, as in the ligand templates; spread in tofanelli2016


def relax_ligands(fit: SkeletonFit, attached: Attached) -> tuple[FloatArray, float]:
    """Relax all atoms of a cluster.

    Parameters
    ----------
    fit : SkeletonFit
        The skeleton with its targets.
    attached : Attached
        All atoms.

    Returns
    -------
    positions : ndarray, shape (n, 3)
        Positions in Å.
    cost : float
        Half the sum of the squared residuals of the targets, without the hold on the start.
    """
    restraints = restrain_ligands(fit, attached)
    kernel = fit.skeleton.kernel
    start = attached.positions.copy()
    start[:kernel] = fit.positions[:kernel]
    holds = np.full(len(start), _HOLD)
    holds[:kernel] = _KERNEL_HOLD
    positions, _ = fit_positions(restraints, start, holds=holds, tolerance=_TOLERANCE)
    residuals = measure_residuals(restraints, positions)
    return positions, sum(float(np.sum(values**2)) for values in residuals.values()) / 2


def restrain_ligands(fit: SkeletonFit, attached: Attached) -> Restraints:
    """Turn a cluster with its ligands into restraints.

    Parameters
    ----------
    fit : SkeletonFit
        The skeleton with its targets.
    attached : Attached
        All atoms.

    Returns
    -------
    Restraints
        What its atoms are fitted to.
    """
    skeleton = restrain_skeleton(fit.skeleton, fit.targets)
    n, inner = len(attached.elements), len(fit.skeleton.names)
    pairs, lengths = _list_rigid(fit, attached)
    angles, degrees, widths = _list_angles(fit, attached)
    shifted = np.where(skeleton.angles >= inner, skeleton.angles - inner + n, skeleton.angles)
    middles = np.zeros((len(skeleton.middles), n))
    middles[:, :inner] = skeleton.middles
    return Restraints(
        pairs=np.vstack([skeleton.pairs, pairs]),
        lengths=np.concatenate([skeleton.lengths, lengths]),
        length_widths=np.concatenate([skeleton.length_widths, np.full(len(pairs), _RIGID)]),
        angles=np.vstack([shifted, angles]),
        degrees=np.concatenate([skeleton.degrees, degrees]),
        degree_widths=np.concatenate([skeleton.degree_widths, widths]),
        middles=middles,
        tethers=np.zeros((0, 2), dtype=np.int64),  # the backbone itself takes their place
        longest=np.zeros(0),
        tether_widths=np.zeros(0),
        contacts=_list_contacts(fit, attached, skeleton),
    )


def _list_rigid(fit: SkeletonFit, attached: Attached) -> tuple[IntArray, FloatArray]:
    pairs: dict[tuple[int, int], float] = {}
    for site, members in zip(fit.skeleton.sites, attached.members, strict=True):
        template = find_template(site.ligand)
        for piece in template.rigid:
            for one, two in itertools.combinations(piece, 2):
                apart = float(np.linalg.norm(template.positions[one] - template.positions[two]))
                first, second = sorted((members[one], members[two]))
                pairs[first, second] = apart
    return np.array(list(pairs), dtype=np.int64).reshape(-1, 2), np.array(list(pairs.values()))


def _list_bonds(fit: SkeletonFit, attached: Attached) -> Iterator[tuple[int, int]]:
    yield from fit.skeleton.bonds
    for site, members in zip(fit.skeleton.sites, attached.members, strict=True):
        yield from ((members[a], members[b]) for a, b in find_template(site.ligand).bonds)


def _list_angles(fit: SkeletonFit, attached: Attached) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the angles metal-donor-substituent."""
    rows: list[tuple[int, int, int]] = []
    goals: list[tuple[float, float]] = []
    neighbors = fit.skeleton.neighbors()
    for site, members in zip(fit.skeleton.sites, attached.members, strict=True):
        template = find_template(site.ligand)
        for donor, at in zip(template.donors, site.donors, strict=True):
            around = [b if a == donor else a for a, b in template.bonds if donor in (a, b)]
            for metal, other in itertools.product(neighbors[at], around):
                rows.append((metal, at, members[other]))
                goals.append(_DEGREES[template.elements[donor]])
    values = np.array(goals).reshape(-1, 2)
    return np.array(rows, dtype=np.int64).reshape(-1, 3), values[:, 0], values[:, 1]


def _list_contacts(fit: SkeletonFit, attached: Attached, skeleton: Restraints) -> Contacts:
    """Return the contacts of the skeleton as they are, and of all other atoms by their radii."""
    inner = len(fit.skeleton.names)
    outer = sorted(set(attached.elements[inner:]))
    types = [*range(3), *outer]
    kinds = np.concatenate(
        [skeleton.contacts.kinds, [types.index(element) for element in attached.elements[inner:]]]
    ).astype(np.int64)
    radii = np.concatenate([np.zeros(3), van_der_waals_radii(outer)])
    closest = _CLOSEST * (radii[:, None] + radii[None])
    closest[:3, :3] = skeleton.contacts.closest
    donor = max((van_der_waals_radii([e])[0] for e in fit.skeleton.elements if e != "Au"), default=0.0)
    metal = float(van_der_waals_radii(["Au"])[0])
    for kind, radius in enumerate((metal, metal, donor)):
        closest[kind, 3:] = closest[3:, kind] = _CLOSEST * (radius + radii[3:])
    near = find_near_pairs(list(_list_bonds(fit, attached)), len(attached.elements), 3)
    rigid = {(int(a), int(b)) for a, b in _list_rigid(fit, attached)[0]}
    exempt = {p for p in near | rigid if p[1] >= inner} | {
        (int(a), int(b)) for a, b in skeleton.contacts.exempt
    }
    return Contacts(
        kinds=kinds,
        closest=closest,
        width=skeleton.contacts.width,
        exempt=np.array(sorted(exempt), dtype=np.int64).reshape(-1, 2),
    )
