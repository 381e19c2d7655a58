"""How much of a change of the gap comes from filling the site, and how much from the structure that moves?

Four states are calculated at one level: the defect cluster and the filled one, each at its own geometry and
at that of the other. From the first at its own to the second at its own there are two ways: relax, then fill;
or fill, then relax. A share of the change is a fact only as far as the two ways agree.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from clustermodel.analysis.pair_differences import Difference
from clustermodel.electronic.result import ElectronicResult
from clustermodel.electronic.spectrum import OpticalGaps
from clustermodel.electronic.superatom import Superatom, SuperatomSettings, measure_superatom
from clustermodel.electronic.superatom_sphere import find_sphere
from clustermodel.pipeline.compare import Comparison
from clustermodel.pipeline.gap_geometries import (
    STATES,
    GapGeometries,
    GapGeometry,
    StateKey,
    build_gap_geometries,
)

__all__ = ["Absorb", "Calculate", "GapChange", "GapLink", "GapPath", "GapState", "link_gaps", "split_change"]

Calculate = Callable[[GapGeometry], ElectronicResult]
Absorb = Callable[[ElectronicResult], OpticalGaps | None]

_FRONTIER = SuperatomSettings(l_max=4, below=3, above=5)  # 1P has three levels, 1D five
_NEAR = 0.02  # eV; two gaps that differ by less are not told apart: grids and thresholds move them by as much


@dataclass(frozen=True, slots=True, kw_only=True)
class GapState:
    """The levels of one cluster at one geometry.

    Parameters
    ----------
    key : str
        Which of the four states.
    formula : str
        What was calculated.
    charge, multiplicity : int
        Its charge and multiplicity.
    gap_ev : float
        Kohn-Sham or tight-binding gap in eV; of an open shell the smaller of the gaps of either spin.
    gap_alpha_ev, gap_beta_ev : float
        The gaps of either spin in eV; NaN for a closed shell.
    homo_ev, lumo_ev : float
        Orbital energies in eV.
    occupied_p : float
        Mean weight of P about the centre of the kernel over the three uppermost filled orbitals.
    empty_d : float
        Mean weight of D over the five lowest empty orbitals.
    kernel_charge, staple_charge, ligand_charge : float
        Sums of partial charges in e over the kernel, the other metal atoms, and everything else.
    first_root_ev, first_bright_ev : float
        Lowest excitation, and the lowest that is not dark, in eV; NaN where absorption was not calculated or
        none was found.
    """

    key: StateKey
    formula: str
    charge: int = field(metadata={"unit": "e"})
    multiplicity: int = field(metadata={"unit": ""})
    gap_ev: float = field(metadata={"unit": "eV"})
    gap_alpha_ev: float = field(metadata={"unit": "eV"})
    gap_beta_ev: float = field(metadata={"unit": "eV"})
    homo_ev: float = field(metadata={"unit": "eV"})
    lumo_ev: float = field(metadata={"unit": "eV"})
    occupied_p: float = field(metadata={"unit": ""})
    empty_d: float = field(metadata={"unit": ""})
    kernel_charge: float = field(metadata={"unit": "e"})
    staple_charge: float = field(metadata={"unit": "e"})
    ligand_charge: float = field(metadata={"unit": "e"})
    first_root_ev: float = field(metadata={"unit": "eV"})
    first_bright_ev: float = field(metadata={"unit": "eV"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPath:
    """One way from the defect cluster to the filled one.

    Parameters
    ----------
    name : {"relax, then fill", "fill, then relax"}
        The order.
    relaxation, filling : float
        The two steps in the unit of the quantity.
    """

    name: str
    relaxation: float = field(metadata={"unit": "its own"})
    filling: float = field(metadata={"unit": "its own"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GapChange:
    """How one quantity changes from the defect cluster to the filled one, and why.

    Parameters
    ----------
    quantity, unit : str
        What it is, and its unit.
    defect, filled : float
        Its values, each cluster at its own geometry.
    total : float
        The second less the first.
    paths : tuple of GapPath
        The ways that could be calculated.
    relaxation, filling : float
        Means over the two ways, whose sum is `total`; NaN unless there are both.
    coupling : float
        By how much the two ways differ in either share; NaN unless there are both.
    verdict : str
        What follows, in words.
    """

    quantity: str
    unit: str
    defect: float = field(metadata={"unit": "its own"})
    filled: float = field(metadata={"unit": "its own"})
    total: float = field(metadata={"unit": "its own"})
    paths: tuple[GapPath, ...]
    relaxation: float = field(metadata={"unit": "its own"})
    filling: float = field(metadata={"unit": "its own"})
    coupling: float = field(metadata={"unit": "its own"})
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapLink:
    """What a filled site did to the levels of a cluster.

    Parameters
    ----------
    level : str
        Level of theory in the words of a paper.
    defect, filled : str
        Names of the two clusters.
    is_model : bool
        Whether one of them is a model, so that nothing here tells of a measured structure.
    states : tuple of GapState
        Two to four.
    changes : tuple of GapChange
        The gap and what else changes.
    structure : tuple of Difference
        What changes in the structure: bond means, size, electrons; its a and b as the files were given.
    swapped : bool
        Whether the filled cluster was given first.
    reasons : dict of str to str
        Why a state is missing.
    notes : tuple of str
        What to know.
    """

    level: str
    defect: str
    filled: str
    is_model: bool
    states: tuple[GapState, ...]
    changes: tuple[GapChange, ...]
    structure: tuple[Difference, ...]
    swapped: bool
    reasons: dict[StateKey, str]
    notes: tuple[str, ...]


def link_gaps(
    comparison: Comparison,
    calculate: Calculate,
    *,
    geometries: GapGeometries | None = None,
    absorb: Absorb | None = None,
) -> GapLink:
    """Calculate the states of a pair and split the change of the gap.

    Parameters
    ----------
    comparison : Comparison
        The pair.
    calculate : callable
        Takes a geometry and returns its states, all at one level of theory.
    geometries : GapGeometries, optional
        What is calculated; made from the comparison with ligands cut to SH and PH3 by default.
    absorb : callable, optional
        Takes the states of a geometry and returns their optical gaps, or None where it finds no excitation.

    Returns
    -------
    GapLink
        Levels of all states, and how much of each change is due to filling and to relaxation.

    Raises
    ------
    ChemistryError
        If neither cluster is the defect of the other, or a charge is not known.
    ConvergenceError
        If a calculation does not converge.

    Examples
    --------
    >>> change = split_change(
    ...     "gap", "eV", {"defect": 1.0, "defect in filled": 1.1, "filled in defect": 1.4, "filled": 1.6}
    ... )
    >>> round(change.relaxation, 3), round(change.filling, 3)
    (0.15, 0.45)
    """
    chosen = geometries if geometries is not None else build_gap_geometries(comparison)
    results = {one.key: calculate(one) for one in chosen.states}
    bright = {key: absorb(result) if absorb is not None else None for key, result in results.items()}
    states = tuple(_summarise(one, results[one.key], bright[one.key]) for one in chosen.states)
    return GapLink(
        level=results["filled"].specification.label,
        defect=chosen.defect,
        filled=chosen.filled,
        is_model=comparison.a.is_model or comparison.b.is_model,
        states=states,
        changes=tuple(_list_changes(states)),
        structure=comparison.pair.differences,
        swapped=chosen.defect != comparison.a.name,
        reasons=chosen.reasons,
        notes=(*chosen.notes, *_list_notes(states)),
    )


def split_change(quantity: str, unit: str, values: dict[StateKey, float]) -> GapChange:
    """Split the change of a quantity into what relaxation and what filling does.

    Parameters
    ----------
    quantity, unit : str
        What it is, and its unit.
    values : dict of str to float
        Its value in the states that were calculated; ``defect`` and ``filled`` at least.

    Returns
    -------
    GapChange
        Total, both ways, and their means.

    Examples
    --------
    >>> split_change("gap", "eV", {"defect": 1.0, "filled": 1.5}).total
    0.5
    """
    first, last = values["defect"], values["filled"]
    paths = []
    if (middle := values.get("defect in filled")) is not None:
        paths.append(GapPath(name="relax, then fill", relaxation=middle - first, filling=last - middle))
    if (middle := values.get("filled in defect")) is not None:
        paths.append(GapPath(name="fill, then relax", relaxation=last - middle, filling=middle - first))
    both = len(paths) == 2
    relaxation = _mean([path.relaxation for path in paths]) if both else math.nan
    filling = _mean([path.filling for path in paths]) if both else math.nan
    coupling = paths[0].filling - paths[1].filling if both else math.nan
    return GapChange(
        quantity=quantity,
        unit=unit,
        defect=first,
        filled=last,
        total=last - first,
        paths=tuple(paths),
        relaxation=relaxation,
        filling=filling,
        coupling=coupling,
        verdict=_judge(last - first, paths),
    )


def _judge(total: float, paths: Sequence[GapPath]) -> str:
    """Say which share leads, as far as the ways agree on it."""
    if abs(total) < _NEAR and all(max(abs(path.filling), abs(path.relaxation)) < _NEAR for path in paths):
        return "no change"
    if not paths:
        return "not split: neither cluster fits the geometry of the other"
    leads = {"filling" if abs(path.filling) > abs(path.relaxation) else "relaxation" for path in paths}
    opposed = any(
        path.filling * path.relaxation < 0 and min(abs(path.filling), abs(path.relaxation)) >= _NEAR
        for path in paths
    )
    if len(leads) == 2:
        return "the two ways disagree about which share is larger"
    answer = f"mostly {leads.pop()}"
    if opposed:
        answer += ", against the other share"
    return answer if len(paths) == 2 else f"{answer} (one way only)"


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _summarise(geometry: GapGeometry, result: ElectronicResult, optical: OpticalGaps | None) -> GapState:
    gaps = [channel.gap_ev for channel in result.channels]
    weights = _project(geometry, result)
    charges = np.asarray(result.atomic_charges)
    metals = np.union1d(geometry.kernel, geometry.staples).astype(np.int64)
    alpha, beta = result.gap_alpha_ev, result.gap_beta_ev
    return GapState(
        key=geometry.key,
        formula=geometry.formula,
        charge=result.charge,
        multiplicity=result.multiplicity,
        gap_ev=min(gaps),
        gap_alpha_ev=math.nan if alpha is None else alpha,
        gap_beta_ev=math.nan if beta is None else beta,
        homo_ev=result.homo_ev,
        lumo_ev=result.lumo_ev,
        occupied_p=_weigh(weights, "P", filled=True, most=3),
        empty_d=_weigh(weights, "D", filled=False, most=5),
        kernel_charge=float(charges[geometry.kernel].sum()),
        staple_charge=float(charges[geometry.staples].sum()),
        ligand_charge=float(charges.sum() - charges[metals].sum()),
        first_root_ev=math.nan if optical is None else optical.first_root,
        first_bright_ev=math.nan if optical is None or optical.first_bright is None else optical.first_bright,
    )


def _project(geometry: GapGeometry, result: ElectronicResult) -> Superatom | None:
    """Return the superatom weights, or None where the orbitals of the method cannot be evaluated."""
    if result.basis is None or not result.basis.can_evaluate:
        return None
    sphere = find_sphere(result.elements, result.positions, [int(atom) for atom in geometry.kernel])
    return measure_superatom(result, centre=sphere.centre, radius=sphere.radius, settings=_FRONTIER)


def _weigh(superatom: Superatom | None, letter: str, *, filled: bool, most: int) -> float:
    if superatom is None:
        return math.nan
    chosen = [one for one in superatom.orbitals if one.name.startswith("HOMO" if filled else "LUMO")]
    ordered = sorted(chosen, key=lambda one: one.energy_ev, reverse=filled)
    weights = [one.weight(letter) for one in ordered[: most * len({one.spin for one in chosen})]]
    return _mean(weights) if weights else math.nan


_QUANTITIES = {
    "gap_ev": ("HOMO-LUMO gap", "eV"),
    "homo_ev": ("HOMO", "eV"),
    "lumo_ev": ("LUMO", "eV"),
    "occupied_p": ("P weight of the three uppermost filled orbitals", ""),
    "empty_d": ("D weight of the five lowest empty orbitals", ""),
    "kernel_charge": ("charge of the kernel", "e"),
    "staple_charge": ("charge of the staple metal atoms", "e"),
    "ligand_charge": ("charge of the ligands", "e"),
    "first_root_ev": ("first excitation", "eV"),
    "first_bright_ev": ("first bright excitation", "eV"),
}
_EXCITATIONS = ("first_root_ev", "first_bright_ev")


def _list_changes(states: Sequence[GapState]) -> list[GapChange]:
    changes = []
    for quantity, (name, unit) in _QUANTITIES.items():
        values: dict[StateKey, float] = {state.key: getattr(state, quantity) for state in states}
        if quantity in _EXCITATIONS:
            values = {key: value for key, value in values.items() if math.isfinite(value)}
        if "defect" in values and "filled" in values:
            changes.append(split_change(name, unit, values))
    return changes


def _list_notes(states: Sequence[GapState]) -> list[str]:
    notes = []
    if len({state.charge for state in states}) > 1:
        notes.append(
            "the two clusters have different charges: their orbital energies in vacuo differ by the "
            "electrostatic potential alone, so compare gaps and not HOMO and LUMO themselves"
        )
    if len({state.multiplicity for state in states}) > 1:
        notes.append("one of the clusters has unpaired electrons: its gap is the smaller one of either spin")
    missing = [STATES[key] for key in STATES if key not in {state.key for state in states}]
    if missing:
        notes.append(f"not calculated: {'; '.join(missing)}")
    return notes
