"""What can be taken out of a cluster, one site at a time? Kernel atoms, motifs, bridges, terminal ligands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clustermodel.analysis.defect_results import DefectKind
from clustermodel.analysis.defect_vacancies import list_terminal_ligands, name_ligands
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import Cluster
from clustermodel.cluster.ligands import Ligand

__all__ = ["Removal", "list_removals", "list_substitutions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Atoms to remove from, or to exchange in, a cluster.

    Parameters
    ----------
    kind : str
        One of `clustermodel.analysis.defect_results.DEFECT_KINDS`.
    title : str
        What is done.
    site : tuple of int
        The metal or donor atoms that name the site.
    atoms : tuple of int
        All atoms that are removed, or exchanged.
    own : tuple of int
        Ligand atoms that belong to the site alone; they do not cover it.
    ligand : str
        Names of the ligands that leave; empty if none does.
    element : str
        The new element; empty where atoms are removed.
    """

    kind: DefectKind
    title: str
    site: tuple[int, ...]
    atoms: tuple[int, ...]
    own: tuple[int, ...]
    ligand: str = ""
    element: str = ""


def list_removals(cluster: Cluster, anatomy: Anatomy) -> Iterator[Removal]:
    """List everything that can be removed at one site.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anatomy : Anatomy
        Its division into kernel and shell.

    Yields
    ------
    Removal
        Kernel atoms with the ligands that hold only them, whole staples (no rings or branched motifs),
        single units of longer motifs, bridges, and terminal ligands.
    """
    yield from _list_kernel(cluster, anatomy)
    of_donor = {donor.atom: ligand for ligand in cluster.ligands for donor in ligand.donors}
    for motif in anatomy.motifs:
        ligands = _unique([of_donor[donor] for donor in motif.donors])
        whole = {donor.atom for one in ligands for donor in one.donors} <= set(motif.donors)
        if whole and not motif.rings and not motif.branched:
            own = _collect(ligands)
            labels = ", ".join(cluster.molecule.labels[metal] for metal in motif.metals)
            yield Removal(
                kind="motif removed",
                title=f"{motif.label} removed ({labels})",
                site=(*motif.metals, *motif.donors),
                atoms=(*motif.metals, *own),
                own=own,
                ligand=name_ligands(ligands),
            )
        if len(motif.metals) > 1:
            yield from _list_units(cluster, motif.metals, motif.donors)
    for attachment in anatomy.attachments:
        ligands = _unique([of_donor[donor] for donor in attachment.donors])
        own = _collect(ligands)
        labels = ", ".join(cluster.molecule.labels[donor] for donor in attachment.donors)
        yield Removal(
            kind="terminal ligand removed" if attachment.kind == "terminal" else "bridge removed",
            title=f"{name_ligands(ligands)} at {labels} removed ({attachment.label})",
            site=attachment.donors,
            atoms=own,
            own=own,
            ligand=name_ligands(ligands),
        )


def _list_kernel(cluster: Cluster, anatomy: Anatomy) -> Iterator[Removal]:
    terminal = list_terminal_ligands(cluster)
    for metal in anatomy.kernel:
        ligands = terminal.get(metal, ())
        label = cluster.molecule.labels[metal]
        yield Removal(
            kind="kernel atom removed",
            title=f"{label} and its {name_ligands(ligands)} removed" if ligands else f"{label} removed",
            site=(metal, *(donor.atom for one in ligands for donor in one.donors)),
            atoms=(metal, *_collect(ligands)),
            own=_collect(ligands),
            ligand=name_ligands(ligands),
        )


def _list_units(cluster: Cluster, metals: Sequence[int], donors: Sequence[int]) -> Iterator[Removal]:
    """Yield a metal atom with one of the ligands that it shares: the motif becomes one unit shorter."""
    for ligand in cluster.ligands:
        for donor in ligand.donors:
            for metal in donor.metals if donor.atom in donors and len(ligand.donors) == 1 else ():
                if metal in metals:
                    atom, at = (cluster.molecule.labels[k] for k in (metal, donor.atom))
                    yield Removal(
                        kind="motif shortened",
                        title=f"{atom} and {name_ligands((ligand,))} at {at} removed",
                        site=(metal, donor.atom),
                        atoms=(metal, *ligand.atoms),
                        own=ligand.atoms,
                        ligand=name_ligands((ligand,)),
                    )


def list_substitutions(cluster: Cluster, elements: Sequence[str]) -> Iterator[Removal]:
    """List the metal atoms with every element that may take their place.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    elements : sequence of str
        Elements to try.

    Yields
    ------
    Removal
        One metal atom and its new element.
    """
    terminal = list_terminal_ligands(cluster)
    for element in elements:
        for metal in cluster.metals:
            if cluster.molecule.elements[metal] != element:
                yield Removal(
                    kind="metal substituted",
                    title=f"{cluster.molecule.labels[metal]} replaced by {element}",
                    site=(metal,),
                    atoms=(metal,),
                    own=_collect(terminal.get(metal, ())),
                    element=element,
                )


def _unique(ligands: Sequence[Ligand]) -> list[Ligand]:
    return list({one.atoms: one for one in ligands}.values())


def _collect(ligands: Sequence[Ligand]) -> tuple[int, ...]:
    return tuple(sorted(atom for one in ligands for atom in one.atoms))
