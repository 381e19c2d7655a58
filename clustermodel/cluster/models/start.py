"""Where do the atoms of a skeleton start? Units laid on the atoms they share, donors outside the kernel.

The start need only be on the right side of every saddle: least squares does the rest.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from clustermodel._arrays import FloatArray
from clustermodel.cluster.models.skeleton import Skeleton
from clustermodel.cluster.models.topology import Topology, Unit
from clustermodel.cluster.models.unit_shapes import UNIT_SHAPES
from clustermodel.errors import InputError

__all__ = ["place_skeleton"]

_EDGE = 2.9  # Å; the start of every metal-metal bond
_DONOR = 2.35  # Å; the start of every metal-donor bond
_TURNS = 24  # rotations tried about an axis of shared atoms: steps of 15 degrees
_FLAT = 1e-3  # smallest singular value over the largest: shared atoms in a plane or on a line

Places = dict[str, FloatArray]


def place_skeleton(topology: Topology, skeleton: Skeleton) -> FloatArray:
    """Return starting positions.

    Parameters
    ----------
    topology : Topology
        What is joined to what.
    skeleton : Skeleton
        Its atoms.

    Returns
    -------
    ndarray, shape (n, 3)
        Positions in Å.

    Raises
    ------
    InputError
        If a unit neither shares an atom with the others nor is bonded to them, or a cap has no place.
    """
    places: Places = {}
    waiting = list(topology.units)
    while waiting:
        unit = max(waiting, key=lambda unit: _count_ties(unit, places, topology.bonds))
        _place_unit(unit, places, topology)
        waiting.remove(unit)
    _place_caps(topology, places)
    positions = np.zeros((len(skeleton.names), 3))
    positions[: skeleton.kernel] = [places[name] for name in skeleton.names[: skeleton.kernel]]
    _place_shell(skeleton, positions)
    return positions


def _count_ties(unit: Unit, places: Places, bonds: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """Return how many atoms of a unit have a place, and how many bonds lead to others that have one."""
    names = _list_names(unit)
    across = [bond for bond in bonds if any(_leads(bond, names, places))]
    return sum(name in places for name in names), len(across)


def _list_names(unit: Unit) -> list[str]:
    return [name for name in (unit.centre, *unit.vertices) if name]


def _leads(bond: tuple[str, str], names: Sequence[str], places: Places) -> tuple[bool, bool]:
    """Return whether a bond leads from its first or its second atom, one of `names`, to a place outside."""
    one, two = bond
    return (
        one in names and two in places and two not in names,
        two in names and one in places and one not in names,
    )


def _place_caps(topology: Topology, places: Places) -> None:
    waiting = list(topology.caps)
    while waiting:
        ready = [cap for cap in waiting if all(name in places for name in cap.on)]
        if not ready:
            names = ", ".join(cap.atom for cap in waiting)
            msg = f"topology {topology.name!r}: caps {names} stand on each other; expected one on a unit"
            raise InputError(msg)
        for cap in ready:
            near = np.array([places[name] for name in cap.on])
            middle = np.mean(list(places.values()), axis=0)
            places[cap.atom] = near.mean(axis=0) + _rise(near, near.mean(axis=0) - middle)
            waiting.remove(cap)


def _rise(base: FloatArray, outward: FloatArray) -> FloatArray:
    """Return the step from the middle of a face to an atom one bond away from its corners."""
    radius = float(np.linalg.norm(base - base.mean(axis=0), axis=1).mean())
    height = np.sqrt(max(_EDGE**2 - radius**2, 1.0))  # Å: over a wide base the cap starts 1 Å above
    length = float(np.linalg.norm(outward))
    return np.asarray(height * outward / length if length > 0 else np.array([0.0, 0.0, height]))


def _place_unit(unit: Unit, places: Places, topology: Topology) -> None:
    ideal = _EDGE * UNIT_SHAPES[unit.polyhedron]
    points = {vertex: ideal[k] for k, vertex in enumerate(unit.vertices) if vertex}
    if unit.centre:
        points[unit.centre] = np.zeros(3)
    if not places:
        places.update(points)
        return
    fresh = [vertex for vertex in points if vertex not in places]
    if not fresh:
        return
    source, goal = _find_anchors(unit, points, places, topology)
    moved = np.array([points[vertex] for vertex in fresh])
    others = np.array(list(places.values()))
    best = max(_lay(source, goal, moved), key=lambda laid: _spread(laid, others))
    places.update(zip(fresh, best, strict=True))


def _find_anchors(
    unit: Unit, points: Places, places: Places, topology: Topology
) -> tuple[FloatArray, FloatArray]:
    """Return atoms of a unit and where they belong: on shared atoms, else one bond outside bonded ones."""
    shared = [vertex for vertex in points if vertex in places]
    if shared:
        return np.array([points[vertex] for vertex in shared]), np.array([places[v] for v in shared])
    middle = np.mean(list(places.values()), axis=0)
    source, goal = [], []
    for bond in topology.bonds:
        for (near, far), leads in zip((bond, bond[::-1]), _leads(bond, list(points), places), strict=True):
            if leads:
                source.append(points[near])
                goal.append(places[far] + _EDGE * _unit(places[far] - middle))
    if not source:
        msg = (
            f"topology {topology.name!r}: {unit.polyhedron} {', '.join(_list_names(unit))} shares no atom "
            "with the other units; expected a shared name, or a row in bonds that joins them"
        )
        raise InputError(msg)
    return np.array(source), np.array(goal)


def _spread(laid: FloatArray, others: FloatArray) -> float:
    apart = np.linalg.norm(laid[:, None] - others[None], axis=2)
    return float(np.sum(-np.exp(-2 * apart)))


def _lay(source: FloatArray, goal: FloatArray, moved: FloatArray) -> Iterator[FloatArray]:
    """Yield every way to lay a unit on its shared atoms: the best fit, and turns and mirrors that keep it."""
    one, two = source.mean(axis=0), goal.mean(axis=0)
    left, values, right = np.linalg.svd((source - one).T @ (goal - two))
    rank = int(np.sum(values > _FLAT * max(values[0], 1.0)))
    for signs in _list_signs(rank):
        yield (moved - one) @ left @ np.diag(signs) @ right + two
    if rank < 2:
        axis = right[0] if rank else np.array([0.0, 0.0, 1.0])
        for turn in _list_turns(axis, left, right):
            yield (moved - one) @ turn + two


def _list_signs(rank: int) -> list[FloatArray]:
    free = [np.array([1.0, 1.0, 1.0]), np.array([1.0, 1.0, -1.0])]
    if rank >= 3:
        return free[:1]
    return free if rank == 2 else [*free, np.array([1.0, -1.0, 1.0]), np.array([1.0, -1.0, -1.0])]


def _list_turns(axis: FloatArray, left: FloatArray, right: FloatArray) -> Iterator[FloatArray]:
    cross = np.array([[0, axis[2], -axis[1]], [-axis[2], 0, axis[0]], [axis[1], -axis[0], 0]])
    for step in range(_TURNS):
        angle = 2 * np.pi * step / _TURNS
        turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
        yield left @ right @ turn
        yield left @ np.diag([1.0, 1.0, -1.0]) @ right @ turn


def _place_shell(skeleton: Skeleton, positions: FloatArray) -> None:
    """Place staples as arches over their ends, and other donors outside the kernel atoms that hold them."""
    outward = _find_outward(skeleton, positions)
    neighbors = skeleton.neighbors()
    for chain in _list_chains(skeleton, neighbors):
        first, last = (
            next(a for a in neighbors[end] if a < skeleton.kernel) for end in (chain[0], chain[-1])
        )
        up = _unit(outward[first] + outward[last])
        steps = np.linspace(0, 1, len(chain))
        along = (1 - steps)[:, None] * positions[first] + steps[:, None] * positions[last]
        stretch = (steps - 0.5)[:, None] * _unit(positions[last] - positions[first]) * 0.6 * len(chain) / 3
        arch = _DONOR * (0.9 + 0.5 * np.sin(np.pi * steps) * (len(chain) > 3))
        positions[list(chain)] = along + stretch + arch[:, None] * up
    placed = set(range(skeleton.kernel)) | {a for c in _list_chains(skeleton, neighbors) for a in c}
    for atom in sorted(set(range(len(positions))) - placed):
        held = neighbors[atom]
        middle = positions[held].mean(axis=0)
        reach = float(np.linalg.norm(positions[held] - middle, axis=1).mean())
        rise = np.sqrt(max(_DONOR**2 - reach**2, 1.0))
        positions[atom] = middle + rise * _unit(outward[held].sum(axis=0))


def _list_chains(skeleton: Skeleton, neighbors: list[list[int]]) -> list[tuple[int, ...]]:
    """Return the atoms of each staple in order: those between two kernel atoms with a metal among them."""
    shell = [a for a in range(skeleton.kernel, len(skeleton.names)) if skeleton.elements[a] == "Au"]
    chains = []
    seen: set[int] = set()
    for metal in shell:
        if metal in seen:
            continue
        chain = [metal]
        for ahead in (False, True):
            while fresh := [
                a for a in neighbors[chain[-1 if ahead else 0]] if a >= skeleton.kernel and a not in chain
            ]:
                chain = [*chain, fresh[0]] if ahead else [fresh[0], *chain]
        seen.update(chain)
        chains.append(tuple(chain))
    return chains


def _find_outward(skeleton: Skeleton, positions: FloatArray) -> FloatArray:
    """Return for each kernel atom the direction away from the kernel atoms around it."""
    kernel = positions[: skeleton.kernel]
    apart = kernel[:, None] - kernel[None]
    distances = np.linalg.norm(apart, axis=2)
    near = (distances > 0) & (distances < 1.2 * _EDGE)
    local = np.sum(apart * near[:, :, None], axis=1)
    return np.array([_unit(a + 0.3 * b) for a, b in zip(local, kernel - kernel.mean(axis=0), strict=True)])


def _unit(vector: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 1e-6 else np.array([0.0, 0.0, 1.0]))
