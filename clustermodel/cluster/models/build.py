"""What does a cluster of a declared topology look like? From names and ligands to coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial.transform import Rotation

from clustermodel._arrays import FloatArray
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.models.attachment import Attached, attach_ligands
from clustermodel.cluster.models.relaxation import relax_ligands, restrain_ligands
from clustermodel.cluster.models.restraints import measure_residuals
from clustermodel.cluster.models.skeleton_fit import SkeletonFit, fit_skeleton
from clustermodel.cluster.models.symmetrisation import symmetrise_positions
from clustermodel.cluster.models.topology import Topology
from clustermodel.errors import InputError
from clustermodel.structure.molecule import Molecule, molecule_from_atoms

__all__ = ["BuiltCluster", "build_from_topology"]

_TWO_FOLD = np.diag([-1.0, -1.0, 1.0])
_ROUNDS = 6
_LOOSE = 10.0  # Å2; ligands that overlap less in sum (0.3 Å at 100 places) find room without another round


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BuiltCluster:
    """A cluster built from its topology: a model, no number of it measured.

    Parameters
    ----------
    topology : Topology
        What was declared.
    molecule : Molecule
        All atoms with the bonds found from their distances; the kernel first.
    skeleton : SkeletonFit
        The fit of metal and donor atoms, before the ligands were added.
    members : tuple of tuple of int
        Atoms of each ligand, in the order of its template.
    worst : dict of str to float
        Largest residual of lengths, angles and contacts of all atoms, in widths.
    overlap : float
        Deepest overlap of two contact spheres that remains, in Å; their sum is 0.92 of the Bondi sum.
    symmetry : int
        Number of rotations that map the cluster onto itself by construction, the identity included.
    """

    topology: Topology
    molecule: Molecule
    skeleton: SkeletonFit
    members: tuple[tuple[int, ...], ...]
    worst: dict[str, float]
    overlap: float = field(metadata={"unit": "Å"})
    symmetry: int = field(metadata={"unit": ""})


def build_from_topology(
    topology: Topology, *, twofold: tuple[str, str] | None = None, starts: int = 8
) -> BuiltCluster:
    """Build a cluster from its declared topology.

    Metal and donor atoms are fitted to target lengths, angles and shortest distances; each ligand is put on
    in the rotamer with the least overlap; then all atoms are relaxed together. Where ligands still touch,
    they are put anew on the donors as these have moved, and relaxed again.

    Parameters
    ----------
    topology : Topology
        What is joined to what, and the ligands.
    twofold : tuple of (str, str), optional
        Two kernel atoms on a two-fold axis that the whole cluster shall have; it becomes the z axis. The
        topology has to allow it, and no ligand may lie on it.
    starts : int, optional
        Number of starts of the fit of the skeleton.

    Returns
    -------
    BuiltCluster
        Coordinates, and how well the targets are met.

    Raises
    ------
    InputError
        If the topology cannot be laid out, names an unknown ligand or target, or misses a symmetry.

    Examples
    --------
    >>> from clustermodel.cluster.models.topology import Terminal, Unit
    >>> corners = ("a", "b", "c", "d")
    >>> core = Unit(polyhedron="tetrahedron", vertices=corners)
    >>> ends = tuple(Terminal(on=(name,)) for name in corners)
    >>> cluster = build_from_topology(Topology(name="Au4", charge=2, units=(core,), terminals=ends))
    >>> cluster.molecule.formula
    'Au4H12P4'
    """
    fit = fit_skeleton(topology, starts=starts)
    rotations = [_TWO_FOLD] if twofold else []
    if twofold:
        upright = fit.positions @ _turn_upright(fit, twofold).T
        fit = replace(fit, positions=symmetrise_positions(fit.skeleton.elements, upright, rotations))
    attached, positions = _put_on_ligands(fit, rotations)
    return describe_cluster(fit, attached, positions, len(rotations) + 1)


def _turn_upright(fit: SkeletonFit, twofold: tuple[str, str]) -> FloatArray:
    """Return the rotation that turns the line between two kernel atoms to z."""
    names = fit.skeleton.names[: fit.skeleton.kernel]
    if unknown := sorted(set(twofold) - set(names)):
        msg = (
            f"topology {fit.topology.name!r}: a two-fold axis through {', '.join(unknown)}, "
            f"which is no kernel atom; expected two of {', '.join(names)}"
        )
        raise InputError(msg)
    one, two = (fit.positions[names.index(name)] for name in twofold)
    return np.asarray(Rotation.align_vectors([[0.0, 0.0, 1.0]], [two - one])[0].as_matrix())


def _put_on_ligands(fit: SkeletonFit, rotations: Sequence[FloatArray]) -> tuple[Attached, FloatArray]:
    """Attach and relax, again from the moved donors while ligands overlap; return the best round."""
    donors = fit.positions
    best_cost = np.inf
    for _ in range(_ROUNDS):
        attached = attach_ligands(fit.skeleton, donors, symmetry=rotations)
        relaxed, cost = relax_ligands(fit, attached)
        moved = relaxed - relaxed[: fit.skeleton.kernel].mean(axis=0)
        if len(rotations):
            moved = symmetrise_positions(attached.elements, moved, rotations)
        if cost < best_cost:
            best, best_cost = (attached, moved), cost
        if attached.overlap < _LOOSE:
            break
        donors = moved[: len(donors)]
    return best


def describe_cluster(
    fit: SkeletonFit, attached: Attached, positions: FloatArray, symmetry: int
) -> BuiltCluster:
    restraints = restrain_ligands(fit, attached)
    residuals = measure_residuals(restraints, positions)
    labels = _number_labels(attached.elements)
    return BuiltCluster(
        topology=fit.topology,
        molecule=bond_molecule(molecule_from_atoms(attached.elements, positions, labels=labels)),
        skeleton=fit,
        members=attached.members,
        worst={kind: float(np.abs(values).max(initial=0.0)) for kind, values in residuals.items()},
        overlap=float(np.abs(residuals["contact"]).max(initial=0.0)) * restraints.contacts.width,
        symmetry=symmetry,
    )


def _number_labels(elements: Sequence[str]) -> list[str]:
    counts: dict[str, int] = {}
    labels = []
    for element in elements:
        counts[element] = counts.get(element, 0) + 1
        labels.append(f"{element}{counts[element]}")
    return labels
