"""What does ``clustermodel electronic --json`` write? The levels of a cluster as plain values."""

from typing import Any

from clustermodel.electronic.orbital_choice import count_occupied, name_level
from clustermodel.electronic.shares import OrbitalShares
from clustermodel.electronic.superatom import MOMENTUM_LETTERS, SuperatomOrbital
from clustermodel.io.record import write_record
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.electronic import ElectronicStates

__all__ = ["SCHEMA", "build_electronic_document"]

SCHEMA = "clustermodel.electronic/1"

Json = dict[str, Any]


def build_electronic_document(states: ElectronicStates, *, analysis: Analysis | None = None) -> Json:
    """Turn the levels of a cluster into plain values.

    Parameters
    ----------
    states : ElectronicStates
        Levels, shares and weights.
    analysis : Analysis, optional
        The structure that they are from, which tells the file and whether it is a model.

    Returns
    -------
    dict
        Ready for JSON. A gap that the spin state does not have is None.
    """
    result = states.result
    return {
        "schema": SCHEMA,
        "source": _describe_source(analysis),
        "cluster": states.cluster.id,
        "formula": states.truncation.formula_before,
        "calculated_formula": states.truncation.formula,
        "level": result.specification.label,
        "specification": write_record(result.specification),
        "charge": result.charge,
        "charge_source": states.cluster.charge.source,
        "multiplicity": result.multiplicity,
        "converged": result.converged,
        "energy_ev": result.energy_ev,
        "gap_ev": result.gap_ev,
        "gap_alpha_ev": result.gap_alpha_ev,
        "gap_beta_ev": result.gap_beta_ev,
        "homo_ev": result.homo_ev,
        "lumo_ev": result.lumo_ev,
        "somos": list(result.somos),
        "orbitals": _list_orbitals(states),
        "excitations": _list_excitations(states),
        "optical_gaps": write_record(states.absorption.gaps) if states.absorption else None,
        "atoms": _list_atoms(states),
        "dipole_debye": write_record(result.dipole_debye),
        "charge_kind": result.charge_kind,
        "truncation": _describe_truncation(states),
        "relaxation": _describe_relaxation(states),
        "superatom": _describe_sphere(states),
        "timings": write_record(result.timings),
        "cached": states.cached,
        "versions": write_record(result.versions),
        "history": write_record(result.history),
    }


def _describe_source(analysis: Analysis | None) -> Json | None:
    if analysis is None:
        return None
    source = analysis.crystal.source
    return {
        "file": source.file,
        "block": source.block or None,
        "sha256": source.sha256,
        "is_model": analysis.crystal.is_model,
        "refined": analysis.refined,
    }


def _list_orbitals(states: ElectronicStates) -> list[Json]:
    rows = []
    weights = {(one.spin, one.index): one for one in states.superatom.orbitals} if states.superatom else {}
    for channel, shares in zip(states.result.channels, states.shares, strict=True):
        occupied = count_occupied(channel)
        for place, index in enumerate(shares.orbitals):
            rows.append(
                {
                    "spin": channel.spin,
                    "index": index,
                    "name": name_level(index, occupied),
                    "singly_occupied": channel.spin != "beta" and index in states.result.somos,
                    "energy_ev": float(channel.energies_ev[index]),
                    "occupation": float(channel.occupations[index]),
                    "shares": _name_shares(shares, place),
                    "superatom": _name_weights(weights.get((channel.spin, index))),
                }
            )
    return rows


def _name_shares(shares: OrbitalShares, place: int) -> dict[str, float]:
    return dict(zip(shares.parts, shares.shares[place].tolist(), strict=True))


def _name_weights(orbital: SuperatomOrbital | None) -> dict[str, float] | None:
    if orbital is None:
        return None
    named = {letter: orbital.weight(letter) for letter in MOMENTUM_LETTERS[: len(orbital.weights)]}
    return {**named, "inside": orbital.inside}


def _list_excitations(states: ElectronicStates) -> list[Json]:
    if states.absorption is None:
        return []
    found = states.absorption.excitations
    return [
        {
            "energy_ev": float(found.energies_ev[number]),
            "strength": float(found.strengths[number]),
            "kind": found.kind,
            "method": found.method,
            "pairs": write_record(found.list_shares(number, states.result)),
        }
        for number in range(len(found))
    ]


def _list_atoms(states: ElectronicStates) -> list[Json]:
    result, molecule = states.result, states.truncation.molecule
    spins = result.spin_populations
    return [
        {
            "label": molecule.labels[i],
            "element": result.elements[i],
            "position": result.positions[i].tolist(),
            "charge": float(result.atomic_charges[i]),
            "spin_population": None if spins is None else float(spins[i]),
            "source": int(states.truncation.source[i]),
        }
        for i in range(len(result.elements))
    ]


def _describe_truncation(states: ElectronicStates) -> Json:
    cut = states.truncation
    return {
        "settings": write_record(cut.settings),
        "ligands": write_record(cut.rows),
        "atoms_before": len(states.cluster.cluster.molecule),
        "atoms_after": len(cut.molecule),
    }


def _describe_relaxation(states: ElectronicStates) -> Json | None:
    done = states.relaxation
    if done is None:
        return None
    return {
        "settings": write_record(done.settings),
        "steps": len(done.steps) - 1,
        "start_energy_ev": done.start_energy_ev,
        "energy_ev": done.energy_ev,
        "largest_force": done.largest_force,
        "changes": list(states.changed),
        "wall_s": done.wall_s,
    }


def _describe_sphere(states: ElectronicStates) -> Json | None:
    if states.superatom is None or states.sphere is None:
        return None
    return {
        "centre": states.sphere.centre.tolist(),
        "radius": states.sphere.radius,
        "central_atom": states.sphere.central_atom,
        "kernel_atoms": states.sphere.n_atoms,
    }
