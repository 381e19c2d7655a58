"""What comes out of a declared topology? The model, how well it keeps its targets, and how it reads back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clustermodel.analysis.kernel_units import find_kernel_units
from clustermodel.cluster.anatomy import Anatomy
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.electron_count import ElectronCount, count_electrons
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.cluster.ligands import LigandRow, count_ligands
from clustermodel.cluster.models.build import BuiltCluster, build_from_topology
from clustermodel.cluster.models.model_checks import ModelQuality, check_model
from clustermodel.cluster.models.topology import Topology, read_topology
from clustermodel.io.record import write_record
from clustermodel.structure.finding import Finding

__all__ = ["BUILD_SCHEMA", "ModelReading", "build_document", "build_model", "read_model"]

BUILD_SCHEMA = "clustermodel.build/1"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelReading:
    """A model and what the analysis of the package sees in its coordinates.

    Parameters
    ----------
    source : str
        Name of the file with the topology, and the ligands that were asked for instead of its own.
    cluster : BuiltCluster
        The model.
    quality : ModelQuality
        How well it keeps its targets, and what went wrong.
    anatomy : Anatomy
        Kernel and motifs found in the coordinates.
    units : str
        Kernel units found in the coordinates, such as ``"23 = 13 + 13 − 3: 2 Au13 (icosahedron, centred)"``;
        empty where no reading is convincing.
    ligands : tuple of LigandRow
        Ligands found in the coordinates.
    electrons : ElectronCount
        Superatom electron count with the declared charge.
    note : str
        That it is a model.
    """

    source: str
    cluster: BuiltCluster
    quality: ModelQuality
    anatomy: Anatomy
    units: str
    ligands: tuple[LigandRow, ...]
    electrons: ElectronCount
    note: str = field(default="MODEL built from a declared topology; nothing in it is measured")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What went wrong in the model, then what to know about its electron count."""
        return (*self.quality.findings, *self.electrons.findings)


def build_model(
    path: Path, *, thiolate: str = "", phosphine: str = "", twofold: tuple[str, str] | None = None
) -> ModelReading:
    """Build the model that a file declares, and read it back.

    Parameters
    ----------
    path : Path
        TOML file with the topology.
    thiolate, phosphine : str, optional
        Ligands that take the place of those of the file where a row names none.
    twofold : tuple of (str, str), optional
        Two kernel atoms on a two-fold axis that the model shall have.

    Returns
    -------
    ModelReading
        The model and what is seen in it.

    Raises
    ------
    InputError
        If the file cannot be used or the topology cannot be laid out.
    """
    topology = read_topology(path).with_ligands(thiolate=thiolate, phosphine=phosphine)
    changed = " and ".join(name for name in (thiolate, phosphine) if name)
    source = f"{path.name} with {changed}" if changed else path.name
    return read_model(build_from_topology(topology, twofold=twofold), source=source)


def read_model(cluster: BuiltCluster, *, source: str) -> ModelReading:
    """Analyse a model as if it were a measured structure.

    Parameters
    ----------
    cluster : BuiltCluster
        The model.
    source : str
        Name of what it was built from.

    Returns
    -------
    ModelReading
        What is seen in its coordinates.

    Examples
    --------
    >>> from clustermodel.cluster.models.topology import Terminal, Unit
    >>> corners = ("a", "b", "c", "d")
    >>> core = Unit(polyhedron="tetrahedron", vertices=corners)
    >>> ends = tuple(Terminal(on=(name,), ligand="PMe3") for name in corners)
    >>> topology = Topology(name="[Au4(PMe3)4]2+", charge=2, units=(core,), terminals=ends)
    >>> reading = read_model(build_from_topology(topology), source="text")
    >>> reading.anatomy.summary, reading.electrons.value, reading.ligands[0].name
    ('Au4 + 4 PR3', 2, 'PMe3')
    """
    seen = build_cluster(cluster.molecule)
    anatomy = classify_kernel(seen)
    found = find_kernel_units(seen, anatomy).decompositions
    best = found[0] if found and found[0].convincing else None
    labels = [unit.label for unit in best.units] if best else []
    return ModelReading(
        source=source,
        cluster=cluster,
        quality=check_model(cluster),
        anatomy=anatomy,
        units=f"{best.identity}: {_count(labels)}" if best else "",
        ligands=count_ligands(seen.ligands),
        electrons=count_electrons(seen, cluster.topology.charge),
    )


def _count(labels: Sequence[str]) -> str:
    counts = {label: labels.count(label) for label in labels}
    return " + ".join(f"{n} {label}" if n > 1 else label for label, n in counts.items())


def build_document(reading: ModelReading) -> Json:
    """Write a model and its reading as one document.

    Parameters
    ----------
    reading : ModelReading
        The model.

    Returns
    -------
    dict
        Schema ``clustermodel.build/1``.
    """
    cluster = reading.cluster
    topology: Topology = cluster.topology
    molecule = cluster.molecule
    atoms = zip(molecule.labels, molecule.elements, molecule.positions.tolist(), strict=True)
    return {
        "schema": BUILD_SCHEMA,
        "is_model": True,
        "note": reading.note,
        "source": reading.source,
        "name": topology.name,
        "formula": molecule.formula,
        "charge": topology.charge,
        "electrons": write_record(reading.electrons),
        "anatomy": reading.anatomy.summary,
        "kernel_units": reading.units or None,
        "ligands": [write_record(row) for row in reading.ligands],
        "quality": write_record(reading.quality),
        "worst": cluster.worst,
        "symmetry": cluster.symmetry,
        "starts": cluster.skeleton.starts,
        "topology": write_record(topology),
        "atoms": [{"label": a, "element": b, "position": c} for a, b, c in atoms],
        "findings": [write_record(finding) for finding in reading.findings],
    }
