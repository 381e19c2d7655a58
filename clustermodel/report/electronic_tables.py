"""Which tables do the levels of a cluster yield? Energies and gaps, orbitals, charges, what was cut."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from clustermodel.electronic.orbital_choice import count_occupied, name_level
from clustermodel.electronic.result import ElectronicResult, SpinChannel
from clustermodel.electronic.superatom import SuperatomOrbital
from clustermodel.pipeline.electronic import ElectronicStates
from clustermodel.report.table import Cell, Charge, Column, Formula, Table

__all__ = ["list_electronic_tables"]

_SPINS = {"both": "", "alpha": "α", "beta": "β"}
_PARTS = {
    "kernel_sp": "kernel sp",
    "kernel_d": "kernel d",
    "staple_sp": "staple sp",
    "staple_d": "staple d",
    "donor": "donors",
    "ligand": "rest",
}
_LETTERS = "SPDF"
_HEAD = (Column("orbital"), Column("E", "eV", 3), Column("electrons", "", 2))


def list_electronic_tables(states: ElectronicStates, *, orbitals: int = 6) -> tuple[Table, ...]:
    """Make the tables of the levels of a cluster.

    Parameters
    ----------
    states : ElectronicStates
        Levels, shares and weights.
    orbitals : int, optional
        Number of occupied and of empty orbitals of each spin that are listed.

    Returns
    -------
    tuple of Table
        Summary, shares, superatom weights, charges, what became of the ligands.
    """
    rows = _collect_rows(states, orbitals)
    tables = [_summarise(states), _list_shares(rows, states.shares[0].parts)]
    if states.superatom is not None:
        tables.append(_list_weights(rows, states.superatom.radius))
    return (*tables, _sum_charges(states), _list_ligands(states))


def _summarise(states: ElectronicStates) -> Table:
    result = states.result
    rows: list[tuple[Cell, ...]] = [
        ("calculated", Formula(states.truncation.formula), ""),
        ("charge", Charge(result.charge), ""),
        ("multiplicity", result.multiplicity, ""),
        ("total energy", round(result.energy_ev, 4), "eV"),
        *_list_gaps(result),
    ]
    if states.relaxation is not None:
        rows.append(
            ("energy of relaxation", states.relaxation.energy_ev - states.relaxation.start_energy_ev, "eV")
        )
        rows.append(("steps of relaxation", len(states.relaxation.steps) - 1, ""))
    where = "at the relaxed geometry" if states.relaxation is not None else "at the geometry of the file"
    return Table(
        name="levels-summary",
        title=f"Levels of {states.cluster.formula} by {result.specification.label}",
        columns=(Column("quantity"), Column("value", "", 3), Column("unit")),
        rows=tuple(rows),
        caption=(
            f"{result.specification.label} ({result.specification.engine}), {where}; orbital energies, not "
            "excitations: the gap is neither the optical nor the electrochemical one."
        ),
    )


def _list_gaps(result: ElectronicResult) -> list[tuple[Cell, ...]]:
    if result.is_closed_shell:
        return [("HOMO", result.homo_ev, "eV"), ("LUMO", result.lumo_ev, "eV"), ("gap", result.gap_ev, "eV")]
    rows: list[tuple[Cell, ...]] = []
    for channel in result.channels:
        spin = _SPINS[channel.spin]
        rows += [
            (f"HOMO {spin}".strip(), channel.homo_ev, "eV"),
            (f"LUMO {spin}".strip(), channel.lumo_ev, "eV"),
            (f"gap {spin}".strip(), channel.gap_ev, "eV"),
        ]
    first = result.channels[0]
    rows += [("SOMO", float(first.energies_ev[index]), "eV") for index in result.somos]
    return rows


class _Row(NamedTuple):
    """One orbital: its first cells, shares and weights."""

    head: tuple[Cell, ...]
    shares: tuple[float, ...]
    weights: SuperatomOrbital | None


def _collect_rows(states: ElectronicStates, orbitals: int) -> list[_Row]:
    """Return the orbitals about the gap, the highest of each spin first."""
    rows = []
    weights = {(one.spin, one.index): one for one in states.superatom.orbitals} if states.superatom else {}
    for channel, shares in zip(states.result.channels, states.shares, strict=True):
        occupied = count_occupied(channel)
        for index, row in reversed(list(zip(shares.orbitals, shares.shares.tolist(), strict=True))):
            if occupied - orbitals <= index < occupied + orbitals:
                name = _name(states.result, channel, index, occupied)
                head = (name, float(channel.energies_ev[index]), float(channel.occupations[index]))
                rows.append(_Row(head, tuple(row), weights.get((channel.spin, index))))
    return rows


def _list_shares(rows: Sequence[_Row], parts: Sequence[str]) -> Table:
    return Table(
        name="orbital-shares",
        title="Where the orbitals about the gap are",
        columns=(*_HEAD, *(Column(_PARTS[part], "%", 0) for part in parts)),
        rows=tuple((*row.head, *(100 * share for share in row.shares)) for row in rows),
        caption="Shares after Löwdin; d: d and higher; donors: the atoms bonded to metal.",
    )


def _list_weights(rows: Sequence[_Row], radius: float) -> Table:
    found = [(row.head, row.weights) for row in rows if row.weights is not None]
    return Table(
        name="superatom",
        title="How much of a superatom the orbitals are",
        columns=(*_HEAD, *(Column(letter, "%", 0) for letter in _LETTERS), Column("inside", "%", 0)),
        rows=tuple(
            (*head, *(100 * one.weight(letter) for letter in _LETTERS), 100 * one.inside)
            for head, one in found
        ),
        caption=(
            f"Angular momenta of the density within {radius:.2f} Å of the centre of the kernel; inside: the "
            "part of the orbital there."
        ),
    )


def _name(result: ElectronicResult, channel: SpinChannel, index: int, occupied: int) -> str:
    name = f"{name_level(index, occupied)} {_SPINS[channel.spin]}".strip()
    return f"{name} (SOMO)" if channel.spin != "beta" and index in result.somos else name


def _sum_charges(states: ElectronicStates) -> Table:
    """Return the sums of atomic charges over kernel, staples, donors and the rest."""
    result, cut, cluster = states.result, states.truncation, states.cluster
    donors = {donor.atom for one in cluster.cluster.ligands for donor in one.donors}
    groups: dict[str, Sequence[int]] = {
        "kernel": cut.map_atoms(cluster.anatomy.kernel),
        "staple metal": cut.map_atoms(cluster.anatomy.shell),
        "donors": cut.map_atoms(donors),
    }
    taken = {atom for atoms in groups.values() for atom in atoms}
    groups["rest"] = [atom for atom in range(len(result.elements)) if atom not in taken]
    spins = result.spin_populations
    rows: list[tuple[Cell, ...]] = []
    for name, atoms in groups.items():
        if len(atoms):
            charge = float(result.atomic_charges[np.array(atoms)].sum())
            spin = None if spins is None else float(spins[np.array(atoms)].sum())
            rows.append((name, len(atoms), charge, charge / len(atoms), spin))
    return Table(
        name="charges",
        title="Charges",
        columns=(
            Column("atoms"),
            Column("count", "", 0),
            Column("charge", "e", 2),
            Column("mean", "e", 3),
            Column("unpaired electrons", "", 2),
        ),
        rows=tuple(rows),
        caption=f"{result.charge_kind} charges.",
    )


def _list_ligands(states: ElectronicStates) -> Table:
    cut = states.truncation
    return Table(
        name="truncation",
        title="What became of the ligands",
        columns=(Column("ligand"), Column("class"), Column("calculated as"), Column("count", "", 0)),
        rows=tuple((Formula(r.before), r.kind, Formula(r.after), r.count) for r in cut.rows),
        caption=(
            f"{cut.formula_before} with {len(states.cluster.cluster.molecule)} atoms became {cut.formula} "
            f"with {len(cut.molecule)}; metal and donor atoms stand where they were, charge and electron "
            "count stay."
        ),
    )
