"""What is said of the levels of a cluster, on its page and below its figures? Level, geometry, limits."""

from typing import Any

import numpy as np

from clustermodel.electronic.result import SpinChannel
from clustermodel.pipeline.analyze import Analysis
from clustermodel.pipeline.electronic import ElectronicStates
from clustermodel.report.notation import write_subscripts

__all__ = [
    "SPIN_NAMES",
    "describe_calculated",
    "describe_geometry",
    "describe_level",
    "find_partial",
    "list_electronic_findings",
    "write_caption",
]

Json = dict[str, Any]

SPIN_NAMES = {"both": "", "alpha": "α", "beta": "β"}
"""Letters of the spins; nothing where both share their orbitals."""

_CAPS = {"HS": "SH", "CH3S": "SCH3", "H3P": "PH3", "C3H9P": "PMe3"}  # as papers write them, not Hill
_PARTIAL = 0.02  # electrons: the share of an orbital from which it counts as partly filled
_MODEL = "MODEL: the structure is a model, not a measured one."


def describe_level(states: ElectronicStates) -> str:
    """Write the level of theory with its engine.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.

    Returns
    -------
    str
        Such as ``GFN1-xTB (tblite)``.
    """
    specification = states.result.specification
    return f"{specification.label} ({specification.engine})"


def describe_geometry(states: ElectronicStates) -> str:
    """Say at which geometry the levels are.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.

    Returns
    -------
    str
        Without a full stop.
    """
    cut = states.settings.truncation != "none"
    if states.relaxation is None:
        return "geometry of the file" + (", ligands cut" if cut else "")
    steps = len(states.relaxation.steps) - 1
    return f"geometry relaxed in {steps} steps" + (" after the ligands were cut" if cut else "")


def write_caption(states: ElectronicStates, analysis: Analysis | None, told: str) -> str:
    """Write what every figure of levels says besides its own words.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.
    analysis : Analysis or None
        The structure that they are from, if it is known.
    told : str
        What this figure shows: sentences with their full stops.

    Returns
    -------
    str
        With formula, charge, level of theory, geometry, and what orbital energies are not.
    """
    result = states.result
    is_model = analysis is not None and analysis.crystal.is_model
    charge = f"{result.charge:+d}".replace("-", "−") if result.charge else "0"
    spin = "" if result.multiplicity == 1 else f", multiplicity {result.multiplicity}"
    where = (
        f"{write_subscripts(describe_calculated(states))}, charge {charge}{spin}; {describe_level(states)}, "
        f"{describe_geometry(states)}."
    )
    parts = (
        _MODEL if is_model else "",
        told,
        where,
        "Orbital energies are not excitations: their gap is neither the optical nor the electrochemical one.",
    )
    return " ".join(part for part in parts if part)


def describe_calculated(states: ElectronicStates) -> str:
    """Write what was calculated as metals and ligands.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.

    Returns
    -------
    str
        Such as ``Au25(SH)18``.
    """
    counts: dict[str, int] = {}
    for row in states.truncation.rows:
        name = _CAPS.get(row.after, row.after)
        counts[name] = counts.get(name, 0) + row.count
    molecule = states.cluster.cluster.molecule
    metals = [molecule.elements[atom] for atom in states.cluster.cluster.metals]
    cores = "".join(_times(symbol, metals.count(symbol)) for symbol in sorted(set(metals)))
    return cores + "".join(_times(name, count) for name, count in counts.items())


def _times(name: str, count: int) -> str:
    is_atom = name.isalpha() and name.istitle() and len(name) <= 2
    shown = name if is_atom else f"({name})"
    return f"{shown}{count}" if count > 1 else shown


def find_partial(channel: SpinChannel) -> tuple[int, ...]:
    """Find the orbitals that are neither full nor empty.

    Parameters
    ----------
    channel : SpinChannel
        Levels of one spin.

    Returns
    -------
    tuple of int
        Their numbers, ascending.
    """
    held = channel.occupations / channel.capacity
    return tuple(int(i) for i in np.flatnonzero((held > _PARTIAL) & (held < 1 - _PARTIAL)))


def list_electronic_findings(states: ElectronicStates) -> dict[str, list[Json]]:
    """List what to know about the levels of a cluster.

    Parameters
    ----------
    states : ElectronicStates
        Levels of a cluster.

    Returns
    -------
    dict of str to list of dict
        By severity: findings with ``code`` and ``message``.
    """
    found: dict[str, list[Json]] = {"error": [], "warning": [], "info": []}
    if not states.result.converged:
        found["error"].append(
            _state("electronic-not-converged", "the self-consistent field did not converge: no number holds")
        )
    found["warning"] += [_state("electronic-anatomy-changed", told) for told in states.changed]
    found["warning"] += [
        _state("electronic-partial-occupation", _describe_partial(channel))
        for channel in states.result.channels
        if find_partial(channel)
    ]
    told_before = set()
    for note in states.notes:
        if note not in told_before:
            told_before.add(note)
            found["info"].append(_state("electronic-note", note))
    for finding in states.cluster.findings:
        found[finding.severity].append(_state(finding.code, finding.message))
    if states.cached:
        found["info"].append(_state("electronic-cached", "taken from the cache of finished calculations"))
    return found


def _state(code: str, message: str) -> Json:
    return {"code": code, "message": message}


def _describe_partial(channel: SpinChannel) -> str:
    held = find_partial(channel)
    shown = ", ".join(f"{channel.occupations[i]:.2f}" for i in held)
    spin = f"{SPIN_NAMES[channel.spin]} " if SPIN_NAMES[channel.spin] else ""
    return (
        f"{spin}orbitals {held[0] + 1} to {held[-1] + 1} hold {shown} electrons: levels so close that the "
        "electronic temperature fills them in part; the HOMO is told by counting electrons from below, and "
        f"the {spin}gap above it is one between such levels"
    )
