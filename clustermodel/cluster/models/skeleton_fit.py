"""Where do the metal and donor atoms of a topology lie? Restrained least squares from several starts."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray, IntArray, freeze_float
from clustermodel.cluster.models.ligand_templates import find_template
from clustermodel.cluster.models.restraints import Contacts, Restraints, fit_positions, measure_residuals
from clustermodel.cluster.models.rotamers import measure_spans
from clustermodel.cluster.models.skeleton import Skeleton, build_skeleton
from clustermodel.cluster.models.start import place_skeleton
from clustermodel.cluster.models.targets import Target, find_targets
from clustermodel.cluster.models.topology import Topology

__all__ = ["SkeletonFit", "fit_skeleton", "restrain_skeleton"]

_TOLERANCE = 1e-10  # relative; positions then agree to 1e-6 Å from start to start
_TETHER = 0.10  # Å; the backbone of a chelate turns easily
_GAIN = 1e-4  # a start wins if its cost is lower by more than this part: rounding must not choose
_SHAKE = 0.3  # Å; first shift of the shell atoms of a further start, growing with the root of its number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SkeletonFit:
    """The fitted skeleton of a cluster.

    Parameters
    ----------
    topology : Topology
        What was declared.
    skeleton : Skeleton
        Its atoms and restraints.
    positions : ndarray, shape (n, 3)
        Fitted positions in Å about the centroid of the kernel.
    cost : float
        Half the sum of the squared residuals.
    worst : dict of str to float
        Largest residual of lengths, angles and contacts, in widths.
    targets : dict of str to Target
        The targets that were used.
    starts : int
        Number of starts that were tried.
    """

    topology: Topology
    skeleton: Skeleton
    positions: FloatArray = field(metadata={"unit": "Å"})
    cost: float = field(metadata={"unit": ""})
    worst: dict[str, float]
    targets: dict[str, Target]
    starts: int

    def __post_init__(self) -> None:
        """Freeze the positions."""
        object.__setattr__(self, "positions", freeze_float(self.positions, (None, 3), "positions"))


def fit_skeleton(topology: Topology, *, starts: int = 8) -> SkeletonFit:
    """Fit the metal and donor atoms of a topology to its targets.

    Parameters
    ----------
    topology : Topology
        What is joined to what.
    starts : int, optional
        Number of starts; the first is the plain one, the others shift its shell atoms at random, the
        same way every time.

    Returns
    -------
    SkeletonFit
        The best fit.

    Raises
    ------
    InputError
        If the topology cannot be laid out or names a ligand or target that does not exist.

    Examples
    --------
    >>> from clustermodel.cluster.models.topology import Unit
    >>> names = tuple(f"v{i}" for i in range(12))
    >>> core = Unit(polyhedron="icosahedron", centre="c", vertices=names)
    >>> fit = fit_skeleton(Topology(name="Au13", charge=5, units=(core,)), starts=1)
    >>> round(float(np.linalg.norm(fit.positions[1] - fit.positions[0])), 2)
    2.79
    """
    skeleton = build_skeleton(topology)
    targets = find_targets(topology.targets)
    restraints = restrain_skeleton(skeleton, targets)
    plain = place_skeleton(topology, skeleton)
    best, best_cost = fit_positions(restraints, plain, tolerance=_TOLERANCE)
    shell = np.arange(len(plain)) >= skeleton.kernel
    for number in range(1, starts):
        random = np.random.default_rng(number).normal(size=plain.shape)
        shifted = plain + _SHAKE * np.sqrt(number) * random * shell[:, None]
        found, cost = fit_positions(restraints, shifted, tolerance=_TOLERANCE)
        if cost < best_cost * (1 - _GAIN):
            best, best_cost = found, cost
    residuals = measure_residuals(restraints, best)
    return SkeletonFit(
        topology=topology,
        skeleton=skeleton,
        positions=best - best[: skeleton.kernel].mean(axis=0),
        cost=best_cost,
        worst={kind: float(np.abs(values).max(initial=0.0)) for kind, values in residuals.items()},
        targets=targets,
        starts=starts,
    )


def restrain_skeleton(skeleton: Skeleton, targets: dict[str, Target]) -> Restraints:
    """Turn the bonds and angles of a skeleton into restraints.

    Parameters
    ----------
    skeleton : Skeleton
        Atoms, bonds and angles.
    targets : dict of str to Target
        Lengths and angles by name.

    Returns
    -------
    Restraints
        What the skeleton is fitted to.
    """
    bonds = [targets[kind] for kind in skeleton.bonds.values()]
    angles = dict(skeleton.angles)
    middles = _aim_terminals(skeleton, angles)
    goals = [targets[kind] for kind in angles.values()]
    tethers = _tie_chelates(skeleton)
    return Restraints(
        pairs=np.array(list(skeleton.bonds), dtype=np.int64),
        lengths=np.array([t.value for t in bonds]),
        length_widths=np.array([t.width for t in bonds]),
        angles=np.array(list(angles), dtype=np.int64),
        degrees=np.array([t.value for t in goals]),
        degree_widths=np.array([t.width for t in goals]),
        middles=middles,
        tethers=np.array(list(tethers), dtype=np.int64).reshape(-1, 2),
        longest=np.array(list(tethers.values())),
        tether_widths=np.full(len(tethers), _TETHER),
        contacts=_list_contacts(skeleton, targets),
    )


def _tie_chelates(skeleton: Skeleton) -> dict[tuple[int, int], float]:
    """Return the pairs of donors of one ligand with the distance that it spans."""
    tethers = {}
    for site in skeleton.sites:
        spans = measure_spans(find_template(site.ligand))
        for one, two in itertools.combinations(range(len(site.donors)), 2):
            tethers[site.donors[one], site.donors[two]] = float(spans[one, two])
    return tethers


def _aim_terminals(skeleton: Skeleton, angles: dict[tuple[int, int, int], str]) -> FloatArray:
    """Add the angle that points a lone terminal donor away from the kernel; return the middles it needs."""
    n = len(skeleton.names)
    neighbors = skeleton.neighbors()
    middles: list[FloatArray] = []
    for donor, count in ((donor, len(site.donors)) for site in skeleton.sites for donor in site.donors):
        held = neighbors[donor]
        around = neighbors[held[0]]
        inner = [atom for atom in around if atom < skeleton.kernel]
        if len(held) == 1 and len(around) == len(inner) + 1 and inner:
            angles[n + len(middles), held[0], donor] = "out_of_kernel" if count == 1 else "out_to_chelate"
            middles.append(np.bincount(inner, minlength=n) / len(inner))
    return np.array(middles).reshape(-1, n)


def _list_contacts(skeleton: Skeleton, targets: dict[str, Target]) -> Contacts:
    """Return the contacts of kernel atoms, shell metals and donors (kinds 0, 1, 2)."""
    kinds = np.array([2 if e != "Au" else int(k >= skeleton.kernel) for k, e in enumerate(skeleton.elements)])
    inner, metal, donor, both = (
        targets[f"apart_{name}"].value
        for name in ("kernel_kernel", "metal_metal", "metal_donor", "donor_donor")
    )
    return Contacts(
        kinds=kinds,
        closest=np.array([[inner, metal, donor], [metal, metal, donor], [donor, donor, both]]),
        width=targets["apart_metal_metal"].width,
        exempt=_list_exempt(skeleton),
    )


def _list_exempt(skeleton: Skeleton) -> IntArray:
    ends = [(angle[0], angle[2]) for angle in skeleton.angles]
    ends += [pair for site in skeleton.sites for pair in itertools.combinations(sorted(site.donors), 2)]
    return np.array(sorted({*skeleton.bonds, *ends}), dtype=np.int64).reshape(-1, 2)
