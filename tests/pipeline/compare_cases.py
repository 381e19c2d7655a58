"""Pairs of files with a known answer: a cluster, and the same without some of its atoms."""

from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from clustermodel.pipeline.analyze import analyze
from tests.toy import write_toy

MODEL = "model:au25_sch3_18_nme4"
EDGE = 40.0  # Å: a cell in which clusters do not touch


class Defect(NamedTuple):
    """A file with the whole cluster and one without some atoms."""

    whole: object
    defect: object
    removed: tuple[str, ...]
    places: dict[str, np.ndarray]
    roles: dict[str, str]


def write_defect(folder, role, *, seed=7):
    """Write an Au25(SCH3)18 without its first atom of a role, and the whole one turned and in another order.

    Every atom is pushed at random, the same in both files, so that no symmetry is left and one map is right.
    A donor goes with its whole ligand.
    """
    cluster = analyze(MODEL)[0].clusters[0]
    molecule, roles = cluster.cluster.molecule, cluster.anatomy.roles
    rng = np.random.default_rng(seed)
    positions = molecule.positions + rng.normal(scale=0.06, size=molecule.positions.shape)
    labels = [f"{element}{number}" for number, element in enumerate(molecule.elements, 1)]
    atom = roles.index(role)
    removed = {atom}
    for ligand in cluster.cluster.ligands:
        if atom in ligand.atoms:
            removed = set(ligand.atoms)
    keep = [n for n in range(len(molecule)) if n not in removed]
    turned = (positions - positions.mean(axis=0)) @ Rotation.random(rng=rng).as_matrix().T
    order = rng.permutation(len(molecule))
    files = []
    for name, atoms, points in (("defect", keep, positions), ("whole", order, turned)):
        centred = (points - points.mean(axis=0)) / EDGE + 0.5
        rows = [(labels[n], molecule.elements[n], *(f"{x:.6f}" for x in centred[n])) for n in atoms]
        path = folder / f"{name}.cif"
        path.write_bytes(write_toy(rows, lengths=(EDGE,) * 3, name=name))
        files.append(path)
    return Defect(
        whole=files[1],
        defect=files[0],
        removed=tuple(labels[n] for n in sorted(removed)),
        places=dict(zip(labels, positions, strict=True)),
        roles=dict(zip(labels, roles, strict=True)),
    )


def write_xyz(path, *parts):
    """Write an xyz file of (element, points)."""
    lines = [f"{element} {x:.6f} {y:.6f} {z:.6f}" for element, points in parts for x, y, z in points]
    path.write_text(f"{len(lines)}\n\n" + "\n".join(lines) + "\n")
    return path


TETRAHEDRON = 2.8 * np.array([(0, 0, 0), (1, 0, 0), (0.5, 0.75**0.5, 0), (0.5, 12**-0.5, (2 / 3) ** 0.5)])


def write_lattice(path, edge, points=TETRAHEDRON):
    """Write a cubic crystal with one bare cluster of gold in each cell."""
    rows = [(f"Au{n}", "Au", *(f"{x:.6f}" for x in point / edge)) for n, point in enumerate(points, 1)]
    path.write_bytes(write_toy(rows, lengths=(edge,) * 3, name=path.stem))
    return path
