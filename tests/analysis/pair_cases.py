"""Pairs of clusters whose true atom map is known: copies with atoms removed, added, pushed and shuffled."""

from dataclasses import replace
from functools import cache

import numpy as np

from clustermodel.analysis.atom_map import map_atoms
from clustermodel.analysis.pair_side import PairSide
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.cluster import Cluster, build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.cluster.ligand_environment import find_core_metals
from clustermodel.cluster.ligands import find_ligands
from clustermodel.structure.molecule import Bonds, Molecule, Origin
from tests.analysis.symmetric_sets import random_rotation
from tests.cluster.shared_clusters import read_atoms


@cache
def shared_molecule(name):
    """Return a molecule of the shared data with its bonds."""
    return bond_molecule(read_atoms(f"xyz/{name}"))


def take(molecule, atoms):
    """Return some atoms of a molecule in a given order, with the bonds among them."""
    atoms = np.asarray(atoms)
    place = np.full(len(molecule), -1)
    place[atoms] = np.arange(len(atoms))
    pairs = place[molecule.bonds.pairs]
    kept = np.flatnonzero((pairs >= 0).all(axis=1))
    pairs = np.sort(pairs[kept], axis=1)
    rows = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return Molecule(
        elements=tuple(molecule.elements[k] for k in atoms),
        positions=molecule.positions[atoms],
        bonds=Bonds(
            pairs=pairs[rows],
            lengths=molecule.bonds.lengths[kept][rows],
            shifts=molecule.bonds.shifts[kept][rows],
            long=molecule.bonds.long[kept][rows],
        ),
        origin=Origin(
            labels=tuple(molecule.labels[k] for k in atoms),
            sites=np.arange(len(atoms)),
            operations=np.zeros(len(atoms)),
            shifts=np.zeros((len(atoms), 3)),
        ),
        occupancy=np.ones(len(atoms)),
        u_eq=np.full(len(atoms), np.nan),
    )


def add_lone_atom(molecule, element, position):
    """Return a molecule with one more atom that is bonded to nothing."""
    longer = replace(
        molecule,
        elements=(*molecule.elements, element),
        positions=np.vstack([molecule.positions, position]),
        origin=Origin(
            labels=(*molecule.labels, "X"),
            sites=np.arange(len(molecule) + 1),
            operations=np.zeros(len(molecule) + 1),
            shifts=np.zeros((len(molecule) + 1, 3)),
        ),
        occupancy=np.ones(len(molecule) + 1),
        u_eq=np.full(len(molecule) + 1, np.nan),
    )
    assert len(longer) == len(molecule) + 1
    return longer


def disturb(molecule, rng, *, drop=(), noise=0.0, axes=False, mirror=False, shuffle=True):
    """Return a changed copy of a molecule, and for each of its atoms the atom of the original.

    `noise` pushes every atom by so many Å in a random direction, or with `axes` by a normal deviate of that
    width along each axis, which is more.
    """
    kept = np.setdiff1d(np.arange(len(molecule)), list(drop))
    truth = rng.permutation(kept) if shuffle else kept
    push = rng.normal(size=(len(truth), 3))
    if not axes:
        push /= np.linalg.norm(push, axis=1, keepdims=True)
    turn = random_rotation(rng) * (-1 if mirror else 1)
    copy = take(molecule, truth)
    positions = (copy.positions + noise * push) @ turn.T + rng.normal(scale=20, size=3)
    return copy.with_positions(positions), truth


def as_cluster(molecule):
    """Return all metal atoms as one cluster, whether bonds join them or not, and its anatomy."""
    cluster = Cluster(molecule=molecule, metals=find_core_metals(molecule), ligands=find_ligands(molecule))
    return cluster, classify_kernel(cluster)


def as_side(molecule, **known):
    """Return one side of a comparison."""
    cluster = build_cluster(molecule)
    return PairSide(name=molecule.formula, cluster=cluster, anatomy=classify_kernel(cluster), **known)


def map_copies(first, second, **choices):
    """Map two molecules."""
    return map_atoms(as_cluster(first), as_cluster(second), **choices)


def framework_atoms(cluster):
    """Return metal and donor atoms."""
    donors = {donor.atom for ligand in cluster.ligands for donor in ligand.donors}
    return sorted({*cluster.metals, *donors})


def judge_pairs(pairs, truth, original, atoms):
    """Return how many of some atoms are mapped right, up to a motion that lays the original on itself.

    `pairs` maps the copy on the original, `truth` is the true map. The motion is fitted to where the map
    sends the atoms (proper and mirrored), and an atom is right if it falls within 1 Å of its image: atoms of
    one kind are 2.3 Å apart at least.
    """
    held = [a for a in atoms if a in pairs]
    source = original.positions[[truth[a] for a in held]]
    target = original.positions[[pairs[a] for a in held]]
    best = 0
    for improper in (False, True):
        image = superpose_sets(source, target, improper)
        best = max(best, int((np.linalg.norm(image - target, axis=1) < 1.0).sum()))
    return best


def superpose_sets(source, target, improper):
    """Return the source laid on the target (Kabsch)."""
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    left, _, right = np.linalg.svd((target - goal).T @ (source - middle))
    sign = (-1.0 if improper else 1.0) * np.linalg.det(left @ right)
    turn = left @ np.diag([1.0, 1.0, sign]) @ right
    return (source - middle) @ turn.T + goal
