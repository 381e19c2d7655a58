"""How are the models of Au22 and Au21 built from their topologies?

The ligand conformations of Au22 are those of ``au22_start.xyz``, which a search over rotamers found: many
others are as good, so they are kept and not sought again. From there the cluster is fitted to the targets
of ``au22.toml``, whose scale gives the mean Au-Au of the paper. Au21 starts from Au22: the far atom fb3 and
its ligand are left out, the skeleton is fitted anew to the targets of ``au21.toml``, and all ligands relax
from where they are. So the two differ by the missing atom, by the lengths that the paper states, and by
what follows.

``python structures/models/pair.py`` writes ``au21.xyz`` and ``au22.xyz`` beside this script; with
``--check`` it compares them with those that are there, and with ``--search`` it seeks other ligand
conformations first and writes ``au22_start.xyz`` as well.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from clustermodel.cluster.models.attachment import Attached
from clustermodel.cluster.models.build import BuiltCluster, build_from_topology, describe_cluster
from clustermodel.cluster.models.ligand_templates import find_template
from clustermodel.cluster.models.relaxation import relax_ligands
from clustermodel.cluster.models.skeleton_fit import fit_skeleton
from clustermodel.cluster.models.symmetrisation import symmetrise_positions
from clustermodel.cluster.models.topology import Topology, read_topology
from clustermodel.io.xyz import format_xyz

__all__ = [
    "build_au21",
    "build_au22",
    "build_filled_au21",
    "format_model",
    "main",
    "read_pair_topology",
    "read_start",
    "search_start",
]

FOLDER = Path(__file__).parent
START = {
    "radial": 2.75,
    "surface": 2.85,
    "hub": 3.00,
    "donor_hub_donor": 125.0,
}  # Å, degrees; finds the conformations
AXIS = ("A", "B")  # the two centres lie on the two-fold axis
TWO_FOLD = np.diag([-1.0, -1.0, 1.0])
STARTS = 2  # of the fit of a skeleton; more find nothing better
SAME = (
    2e-3  # Å; a tighter tolerance of the last fit moves atoms by up to 0.0007 Å: flat directions of ligands
)


def read_pair_topology(name: str) -> Topology:
    """Return the topology ``"au21"`` or ``"au22"``."""
    return read_topology(FOLDER / f"{name}.toml")


def search_start() -> BuiltCluster:
    """Seek ligand conformations of Au22 near its targets, with a two-fold axis along z."""
    topology = replace(read_pair_topology("au22"), targets=START)
    return build_from_topology(topology, twofold=AXIS, starts=STARTS)


def read_start() -> BuiltCluster:
    """Return Au22 with the stored ligand conformations."""
    fit = fit_skeleton(read_pair_topology("au22"), starts=STARTS)
    elements, positions = read_xyz((FOLDER / "au22_start.xyz").read_text(encoding="utf-8"))
    members = []
    rest = len(fit.skeleton.names)  # the skeleton comes first, then the rest of each ligand
    for site in fit.skeleton.sites:
        template = find_template(site.ligand)
        place = dict(zip(template.donors, site.donors, strict=True))
        for atom in range(len(template.elements)):
            if atom not in place:
                place[atom] = rest
                rest += 1
        members.append(tuple(place[atom] for atom in range(len(template.elements))))
    attached = Attached(elements=elements, positions=positions, members=tuple(members), overlap=0.0)
    return describe_cluster(fit, attached, positions, 2)


def build_au22(start: BuiltCluster | None = None) -> BuiltCluster:
    """Return the model of Au22 with its two-fold axis along z."""
    return rebuild(start or read_start(), read_pair_topology("au22"), symmetric=True)


def build_au21(filled: BuiltCluster) -> BuiltCluster:
    """Return the model of Au21, laid on that of Au22."""
    return rebuild(filled, read_pair_topology("au21"), symmetric=False)


def build_filled_au21(filled: BuiltCluster) -> BuiltCluster:
    """Return the sites of Au22 with the lengths of Au21: where Au21 lies disordered about a two-fold axis."""
    lengths = read_pair_topology("au21").targets
    return rebuild(filled, replace(filled.topology, targets=lengths, charge=1), symmetric=True)


def rebuild(filled: BuiltCluster, topology: Topology, *, symmetric: bool) -> BuiltCluster:
    """Fit another topology and relax the ligands from where they are in the filled cluster."""
    fit = fit_skeleton(topology, starts=STARTS)
    old, new = filled.skeleton.skeleton, fit.skeleton
    rows = [old.names.index(name) for name in new.names]
    start = filled.molecule.positions
    kernel = fit.positions[: new.kernel]
    goal = start[rows[: new.kernel]]
    turn = Rotation.align_vectors(goal - goal.mean(axis=0), kernel - kernel.mean(axis=0))[0].as_matrix()
    fit = replace(fit, positions=(fit.positions - kernel.mean(axis=0)) @ turn.T + goal.mean(axis=0))
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


def format_model(model: BuiltCluster, what: str = "") -> str:
    """Return a model as xyz with the word MODEL in its comment."""
    topology = model.topology
    comment = f"MODEL, not measured, of {topology.name}; {what + '; ' * bool(what)}charge={topology.charge}"
    return format_xyz(model.molecule, comment)


def find_shift(text: str, stored: str) -> float:
    """Return the largest shift of an atom between two xyz files in Å; infinite if anything else differs."""
    (elements, one), (others, two) = read_xyz(text), read_xyz(stored)
    if text.splitlines()[:2] != stored.splitlines()[:2] or elements != others:
        return float("inf")
    return float(np.linalg.norm(one - two, axis=1).max())


def read_xyz(text: str) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return elements and positions in Å of an xyz file."""
    rows = [row.split() for row in text.splitlines()[2:]]
    return tuple(row[0] for row in rows), np.array([row[1:] for row in rows], dtype=float)


def main() -> None:
    """Write the two files, or compare them with those that are there."""
    parser = argparse.ArgumentParser(description="Build the models of Au21 and Au22.")
    parser.add_argument("--check", action="store_true", help="write nothing, compare with the stored files")
    parser.add_argument("--search", action="store_true", help="seek other ligand conformations first")
    options = parser.parse_args()
    if options.search:
        start = search_start()
        (FOLDER / "au22_start.xyz").write_text(format_model(start, "ligand conformations for the model"))
    filled = build_au22()
    worst = 0.0
    for name, model in (("au22", filled), ("au21", build_au21(filled))):
        path = FOLDER / f"{name}.xyz"
        text = format_model(model)
        if options.check:
            shift = find_shift(text, path.read_text(encoding="utf-8"))
            worst = max(worst, shift)
            sys.stdout.write(f"{path.name}: atoms shifted by {shift:.6f} Å at most\n")
        else:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.name}: {model.molecule.formula}, {model.topology.charge}+\n")
    if worst > SAME:
        msg = f"the stored models differ from those of the topologies by more than {SAME} Å"
        raise SystemExit(msg)


if __name__ == "__main__":
    main()
