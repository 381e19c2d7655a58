"""Which atoms does an analysis of shape look at? Kernel, metal skeleton, framework, whole cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster

__all__ = ["ClusterParts", "select_parts"]

_HYDROGEN = frozenset({"H", "D"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterParts:
    """Atoms of a cluster, one set within the next.

    Parameters
    ----------
    kernel : tuple of int
        Metal atoms of the kernel; empty for a cluster that is all shell.
    skeleton : tuple of int
        All metal atoms.
    framework : tuple of int
        Metal atoms and the donor atoms of the ligands, without hydrogen.
    cluster : tuple of int
        Metal atoms and ligands, without hydrogen, which X-rays hardly see.
    with_hydrogen : tuple of int
        Metal atoms and ligands with all their atoms.
    """

    kernel: tuple[int, ...]
    skeleton: tuple[int, ...]
    framework: tuple[int, ...]
    cluster: tuple[int, ...]
    with_hydrogen: tuple[int, ...]


def select_parts(cluster: Cluster, anatomy: Anatomy) -> ClusterParts:
    """Select the parts of a cluster.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell.

    Returns
    -------
    ClusterParts
        Indices of atoms in the molecule, ascending.

    Examples
    --------
    >>> from clustermodel.assembly.bonding import bond_molecule
    >>> from clustermodel.cluster.cluster import build_cluster
    >>> from clustermodel.cluster.kernel import classify_kernel
    >>> from clustermodel.structure.molecule import molecule_from_atoms
    >>> atoms = molecule_from_atoms(
    ...     ["Au", "Au", "Au", "Cl"], [[0, 0, 0], [2.8, 0, 0], [1.4, 2.4, 0], [-2, -1.15, 0]]
    ... )
    >>> cluster = build_cluster(bond_molecule(atoms))
    >>> parts = select_parts(cluster, classify_kernel(cluster))
    >>> parts.skeleton, parts.framework
    ((0, 1, 2), (0, 1, 2, 3))
    """
    elements = cluster.molecule.elements
    donors = [donor.atom for ligand in cluster.ligands for donor in ligand.donors]
    ligands = [atom for ligand in cluster.ligands for atom in ligand.atoms]
    return ClusterParts(
        kernel=anatomy.kernel,
        skeleton=cluster.metals,
        framework=_without_hydrogen(elements, {*cluster.metals, *donors}),
        cluster=_without_hydrogen(elements, {*cluster.metals, *ligands}),
        with_hydrogen=tuple(sorted({*cluster.metals, *ligands})),
    )


def _without_hydrogen(elements: Sequence[str], atoms: set[int]) -> tuple[int, ...]:
    return tuple(sorted(atom for atom in atoms if elements[atom] not in _HYDROGEN))
