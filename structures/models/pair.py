"""How are the models of Au22 and Au21 built from their topologies? Shared by the three scripts build_au2*.py.

Au22 is built whole, on a two-fold axis, near its targets; with these ligand conformations it is then fitted to its
targets, whose scale gives the mean Au-Au of the paper. Au21 starts from it: the far atom fb3 and its ligand are left out, the
skeleton is fitted anew to the targets of Au21, and all ligands relax from where they are. So the two differ by
the missing atom, by the lengths that the paper states, and by what follows from both.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from clustermodel.cluster.models.attachment import Attached
from clustermodel.cluster.models.build import BuiltCluster, build_from_topology, describe_cluster
from clustermodel.cluster.models.relaxation import relax_ligands
from clustermodel.cluster.models.skeleton_fit import fit_skeleton
from clustermodel.cluster.models.symmetrisation import symmetrise_positions
from clustermodel.cluster.models.topology import Topology, read_topology

__all__ = ["build_au21", "build_au22", "build_filled_au21", "read_pair_topology"]

FOLDER = Path(__file__).parent
START = {"radial": 2.75, "surface": 2.85, "hub": 3.00, "donor_hub_donor": 125.0}  # Å, degrees; finds the conformations
AXIS = ("A", "B")  # the two centres lie on the two-fold axis
TWO_FOLD = np.diag([-1.0, -1.0, 1.0])


def read_pair_topology(name: str) -> Topology:
    """Return the topology ``"au21"`` or ``"au22"``."""
    return read_topology(FOLDER / f"{name}.toml")


def build_au22() -> BuiltCluster:
    """Return the model of Au22 with its two-fold axis along z."""
    topology = read_pair_topology("au22")
    rough = build_from_topology(replace(topology, targets=START), twofold=AXIS, starts=2)
    return rebuild(rough, topology, symmetric=True)


def build_au21(filled: BuiltCluster) -> BuiltCluster:
    """Return the model of Au21, laid on that of Au22."""
    return rebuild(filled, read_pair_topology("au21"), symmetric=False)


def build_filled_au21(filled: BuiltCluster) -> BuiltCluster:
    """Return the average of Au21 and its image by the two-fold axis: the sites of Au22, the lengths of Au21."""
    lengths = read_pair_topology("au21").targets
    return rebuild(filled, replace(filled.topology, targets=lengths, charge=1), symmetric=True)


def rebuild(filled: BuiltCluster, topology: Topology, *, symmetric: bool) -> BuiltCluster:
    """Fit another topology and relax the ligands from where they are in the filled cluster."""
    fit = fit_skeleton(topology, starts=2)
    old, new = filled.skeleton.skeleton, fit.skeleton
    rows = [old.names.index(name) for name in match_names(new.names, old.names)]
    start = filled.molecule.positions
    kernel = fit.positions[: new.kernel]
    goal = start[rows[: new.kernel]]
    turn = Rotation.align_vectors(goal - goal.mean(axis=0), kernel - kernel.mean(axis=0))[0]
    shift = goal.mean(axis=0) - turn.as_matrix() @ kernel.mean(axis=0)
    fit = replace(fit, positions=fit.positions @ turn.as_matrix().T + shift)
    members = [
        filled.members[k] for k, site in enumerate(old.sites) if all(donor in rows for donor in site.donors)
    ]
    rest = [atom for member in members for atom in member if atom >= len(old.names)]
    order = {atom: k for k, atom in enumerate([*rows, *rest])}
    attached = Attached(
        elements=tuple(filled.molecule.elements[atom] for atom in order),
        positions=np.vstack([fit.positions[: new.kernel], start[[*rows[new.kernel :], *rest]]]),
        members=tuple(tuple(order[atom] for atom in member) for member in members),
        overlap=0.0,
    )
    positions, _ = relax_ligands(fit, attached)
    if symmetric:
        positions = make_symmetric(attached, positions)
    return describe_cluster(fit, attached, positions, 2 if symmetric else 1)


def make_symmetric(attached: Attached, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return positions with the exact two-fold axis about z."""
    return symmetrise_positions(attached.elements, positions, [TWO_FOLD])


def match_names(names: tuple[str, ...], old: tuple[str, ...]) -> list[str]:
    """Return the name in the filled cluster of each atom: the same, but for the numbers of the terminals."""
    assert set(names) <= set(old)
    return list(names)
