"""How well does a built cluster keep what was declared? Targets, bonds and contacts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.models.attachment import find_near_pairs
from clustermodel.cluster.models.build import BuiltCluster
from clustermodel.cluster.models.ligand_templates import find_template
from clustermodel.cluster.models.restraints import measure_residuals
from clustermodel.cluster.models.skeleton_fit import restrain_skeleton
from clustermodel.cluster.models.targets import Target
from clustermodel.elements import is_metal, van_der_waals_radii
from clustermodel.structure.finding import Finding
from clustermodel.structure.neighbors import find_pairs

__all__ = ["ModelQuality", "TargetFit", "check_model"]

_STRAINED = 3.0  # widths; beyond them a target is missed, not met
_CLASH = 0.85  # of the Bondi sum; contacts in clusters optimised by density functional theory go down to 0.86
_SHOWN = 3  # atoms or bonds named in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFit:
    """How one target is met.

    Parameters
    ----------
    target : Target
        Value, width and source; lengths in Å and angles in degrees.
    unit : {"Å", "degree"}
        Unit of all numbers.
    count : int
        How many bonds or angles aim at it.
    mean, lowest, highest : float
        What they are in the model.
    worst : float
        Largest deviation in widths.
    labels : tuple of str
        Atoms of the worst one.
    """

    target: Target
    unit: str
    count: int = field(metadata={"unit": ""})
    mean: float = field(metadata={"unit": "Å or degree"})
    lowest: float = field(metadata={"unit": "Å or degree"})
    highest: float = field(metadata={"unit": "Å or degree"})
    worst: float = field(metadata={"unit": "widths"})
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelQuality:
    """How well a built cluster keeps what was declared.

    Parameters
    ----------
    fits : tuple of TargetFit
        Lengths, then angles, in the order of the targets.
    contact : float
        Shortest distance of two atoms without a bond, as part of the sum of their Bondi radii; NaN where none
        is below the sum.
    contact_distance : float
        That distance in Å.
    contact_labels : tuple of str
        Its atoms.
    findings : tuple of Finding
        Bonds that were lost or came in, strained targets, clashes; empty for a sound model.
    clash : float
        Part of the sum of the Bondi radii below which a contact is a clash.
    strained : float
        Widths beyond which a target is missed.
    """

    fits: tuple[TargetFit, ...]
    contact: float = field(metadata={"unit": ""})
    contact_distance: float = field(metadata={"unit": "Å"})
    contact_labels: tuple[str, ...]
    findings: tuple[Finding, ...]
    clash: float = field(metadata={"unit": ""})
    strained: float = field(metadata={"unit": "widths"})


def check_model(cluster: BuiltCluster) -> ModelQuality:
    """Compare a built cluster with its declaration.

    Parameters
    ----------
    cluster : BuiltCluster
        The model.

    Returns
    -------
    ModelQuality
        Targets, shortest contact and findings.

    Examples
    --------
    >>> from clustermodel.cluster.models.build import build_from_topology
    >>> from clustermodel.cluster.models.topology import Terminal, Topology, Unit
    >>> core = Unit(polyhedron="tetrahedron", vertices=("a", "b", "c", "d"))
    >>> ends = tuple(Terminal(on=(name,)) for name in "abcd")
    >>> topology = Topology(name="Au4", charge=2, units=(core,), terminals=ends)
    >>> quality = check_model(build_from_topology(topology))
    >>> [(fit.target.name, fit.count) for fit in quality.fits], quality.findings
    ([('surface', 6), ('kernel_P', 4)], ())
    """
    fits = tuple(_list_fits(cluster))
    pair, distance, part = _find_closest(cluster)
    labels = tuple(cluster.molecule.labels[atom] for atom in pair)
    findings = [*_find_changed_bonds(cluster), *_find_strained(fits)]
    if part < _CLASH:
        message = (
            f"{'-'.join(labels)} are {distance:.2f} Å apart, {part:.2f} of their van der Waals sum, expected "
            f" {_CLASH} or more; the ligands are too bulky for this topology"
        )
        findings.append(Finding(code="model-clash", severity="warning", message=message, labels=labels))
    return ModelQuality(
        fits=fits,
        contact=part,
        contact_distance=distance,
        contact_labels=labels,
        findings=tuple(findings),
        clash=_CLASH,
        strained=_STRAINED,
    )


def _list_fits(cluster: BuiltCluster) -> Iterator[TargetFit]:
    fit = cluster.skeleton
    skeleton = fit.skeleton
    restraints = restrain_skeleton(skeleton, fit.targets)
    residuals = measure_residuals(restraints, cluster.molecule.positions[: len(skeleton.names)])
    rows: tuple[tuple[str, str, Mapping[tuple[int, ...], str]], ...] = (
        ("length", "Å", {tuple(bond): kind for bond, kind in skeleton.bonds.items()}),
        ("angle", "degree", {tuple(angle): kind for angle, kind in skeleton.angles.items()}),
    )
    for what, unit, kinds in rows:
        for target in fit.targets.values():
            own = [k for k, kind in enumerate(kinds.values()) if kind == target.name]
            if own:
                yield _describe(cluster, target, unit, (list(kinds), own, residuals[what]))


def _describe(
    cluster: BuiltCluster,
    target: Target,
    unit: str,
    found: tuple[list[tuple[int, ...]], list[int], FloatArray],
) -> TargetFit:
    atoms, own, residuals = found
    deviations = residuals[own]
    values = target.value + target.width * deviations
    worst = int(np.argmax(np.abs(deviations)))
    return TargetFit(
        target=target,
        unit=unit,
        count=len(own),
        mean=float(values.mean()),
        lowest=float(values.min()),
        highest=float(values.max()),
        worst=float(np.abs(deviations[worst])),
        labels=tuple(cluster.molecule.labels[atom] for atom in atoms[own[worst]]),
    )


def _find_strained(fits: tuple[TargetFit, ...]) -> Iterator[Finding]:
    for fit in fits:
        if fit.worst > _STRAINED:
            target = fit.target
            message = (
                f"{target.name}: {'-'.join(fit.labels)} misses {target.value:g} {fit.unit} by "
                f"{fit.worst:.1f} widths of {target.width:g}, expected {_STRAINED:g} at most; "
                "the topology strains it"
            )
            yield Finding(code="model-strained", severity="warning", message=message, labels=fit.labels)


def _find_changed_bonds(cluster: BuiltCluster) -> Iterator[Finding]:
    declared, found = _list_declared(cluster), _list_found(cluster)
    names = cluster.molecule.labels
    for code, pairs, what in (
        ("model-bond-lost", declared - found, "declared and not found from the distances"),
        ("model-bond-extra", found - declared, "found from the distances and not declared"),
    ):
        if pairs:
            shown = ", ".join(f"{names[a]}-{names[b]}" for a, b in sorted(pairs)[:_SHOWN])
            more = f" and {len(pairs) - _SHOWN} more" if len(pairs) > _SHOWN else ""
            message = f"bonds {what}: {shown}{more}; this topology cannot be built as it is declared"
            labels = tuple(sorted({names[atom] for pair in pairs for atom in pair}))
            yield Finding(code=code, severity="error", message=message, labels=labels)


def _list_declared(cluster: BuiltCluster) -> set[tuple[int, int]]:
    """Return the declared bonds: of the skeleton and inside the ligands."""
    declared = set(cluster.skeleton.skeleton.bonds)
    for site, members in zip(cluster.skeleton.skeleton.sites, cluster.members, strict=True):
        for one, two in find_template(site.ligand).bonds:
            first, second = sorted((members[one], members[two]))
            declared.add((first, second))
    return declared


def _list_found(cluster: BuiltCluster) -> set[tuple[int, int]]:
    """Return the bonds found from the distances; of those between metal atoms, the declared ones.

    Hub metals have contacts, not bonds, to their metal neighbours.
    """
    molecule = bond_molecule(cluster.molecule)
    metal = [is_metal(element) for element in molecule.elements]
    found = {(int(a), int(b)) for a, b in molecule.bonds.pairs if not (metal[a] and metal[b])}
    longest = cluster.skeleton.targets["apart_kernel_kernel"].value
    for (one, two), kind in cluster.skeleton.skeleton.bonds.items():
        if metal[one] and metal[two]:
            apart = float(np.linalg.norm(molecule.positions[one] - molecule.positions[two]))
            if apart < longest or kind == "hub":
                found.add((one, two))
    return found


def _find_closest(cluster: BuiltCluster) -> tuple[tuple[int, ...], float, float]:
    """Return the deepest contact of atoms four bonds apart or more, metal atoms left out."""
    molecule = cluster.molecule
    radii = van_der_waals_radii(molecule.elements)
    pairs = find_pairs(molecule.positions, 2 * float(radii.max()))
    parts = pairs.distances / (radii[pairs.first] + radii[pairs.second])
    left_out = find_near_pairs(sorted(_list_declared(cluster)), len(molecule), 3) | _list_rigid(cluster)
    metal = [is_metal(element) for element in molecule.elements]
    for k in np.argsort(parts, kind="stable"):
        one, two = sorted((int(pairs.first[k]), int(pairs.second[k])))
        if parts[k] < 1 and not (metal[one] or metal[two] or (one, two) in left_out):
            return (one, two), float(pairs.distances[k]), float(parts[k])
    return (), np.nan, np.nan


def _list_rigid(cluster: BuiltCluster) -> set[tuple[int, int]]:
    """Return the pairs of atoms inside one rigid part of a ligand."""
    pairs = set()
    for site, members in zip(cluster.skeleton.skeleton.sites, cluster.members, strict=True):
        for piece in find_template(site.ligand).rigid:
            atoms = sorted(members[atom] for atom in piece)
            pairs |= {(one, two) for k, one in enumerate(atoms) for two in atoms[k + 1 :]}
    return pairs
