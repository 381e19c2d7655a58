"""Which arrangements meet every count that is published for [Au22(SR)12(PR3)4]2+?

The counts (Pan et al. 2025, doi 10.1038/s41467-025-65024-3): an Au18 kernel of two Au11 units, each a
distorted cuboctahedron, that share an Au4 face; four Au(SR)2; four mu2-SR; one phosphine on each of four
vertices. They leave open

- whether a unit is centred (13 - 2 = 11) or hollow (12 - 1 = 11),
- which vertices are vacant, and how the two units are turned against each other,
- which kernel atoms, the shared ones included, each staple and each bridge joins,
- whether a kernel atom with two sulfur atoms stays in the kernel (plain) or is pulled out between them (hub),
  as the two hub Au of Au23(SR)16, which its authors count into the kernel.

Here they are all listed, up to the symmetry of the kernel, under limits that are said below. A twist of the
units is no choice of the topology: arrangements without mirrors are free to twist, and the fit says by how
much.

Names: A, B centres; fa, fb far atoms (on the square away from the other unit); a, b middle; s shared.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import networkx as nx
import numpy as np

from clustermodel.cluster.models.skeleton import build_skeleton
from clustermodel.cluster.models.start import place_skeleton
from clustermodel.cluster.models.topology import Bridge, Staple, Terminal, Topology, Unit

__all__ = ["Arrangement", "Kernel", "declare_topology", "describe_joins", "list_arrangements", "list_kernels"]

Pair = tuple[str, str]

# Limits. Distances are those between kernel atoms of ideal cuboctahedra with edges of 2.9 Å.
STAPLE_SPAN = (3.3, 5.9)  # Å; S-Au-S holds its S 4.6 Å apart: no atoms in contact, none across a unit
BRIDGE_SPAN = 4.3  # Å; one S at 2.4 Å from both: an edge (2.9 Å) or a diagonal of a square (4.1 Å)
MOST_DONORS = 2  # S on one kernel atom, at most one of them of a staple
LEAST_ORDER = 4  # of the symmetry of an arrangement: what four like staples and four like bridges suggest


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """Two units that share a square face.

    Parameters
    ----------
    name : str
        Its name.
    units : tuple of Unit
        The two units.
    phosphines : tuple of str
        The far atoms that carry a phosphine.
    """

    name: str
    units: tuple[Unit, Unit]
    phosphines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Where staples and bridges sit on a kernel.

    Parameters
    ----------
    name : str
        Kernel and running number; at the end ``h`` if all kernel atoms with two S are hubs, ``b`` if only
        those with two bridges are.
    kernel : Kernel
        The kernel.
    staples, bridges : tuple of (str, str)
        The kernel atoms that each joins.
    hubs : tuple of str
        Kernel atoms with two S that are held between them; empty in the plain reading.
    order : int
        Number of symmetry operations of kernel, staples and bridges together.
    """

    name: str
    kernel: Kernel
    staples: tuple[Pair, ...]
    bridges: tuple[Pair, ...]
    hubs: tuple[str, ...]
    order: int

    @property
    def donors(self) -> dict[str, int]:
        """Number of S on each kernel atom that carries any."""
        return dict(sorted(Counter(atom for pair in (*self.staples, *self.bridges) for atom in pair).items()))


def list_kernels() -> tuple[Kernel, ...]:
    """Return the kernels: centred with two vacant far corners each, or hollow with one.

    Returns
    -------
    tuple of Kernel
        Five centred kernels and three hollow ones.
    """
    opposite = (1, 0, 1, 0)
    adjacent = (1, 1, 0, 0)
    centred = [
        (f"{name}", opposite, turn, opposite, True) for name, turn in (("crossed", 1), ("eclipsed", 0))
    ] + [(f"adjacent-{90 * turn}", adjacent, turn, adjacent, True) for turn in range(3)]
    three = (1, 1, 1, 0)  # the two atoms beside the vacant corner carry the phosphines
    hollow = [(f"hollow-{90 * turn}", three, turn, opposite, False) for turn in range(3)]
    return tuple(_build_kernel(*row) for row in [*centred, *hollow])


def _build_kernel(
    name: str,
    filled: tuple[int, ...],
    turn: int,
    carrying: tuple[int, ...],
    centred: bool,  # noqa: FBT001
) -> Kernel:
    units, phosphines = [], []
    for letter, centre, shift in (("a", "A", 0), ("b", "B", turn)):
        far = [f"f{letter}{k}" if filled[(k - shift) % 4] else "" for k in range(4)]
        phosphines += [far[k] for k in range(4) if carrying[(k - shift) % 4]]
        ring = [f"{letter}{k}" for k in range(4)]
        shared = [f"s{k}" for k in range(4)]
        units.append(
            Unit(
                polyhedron="cuboctahedron",
                centre=centre if centred else "",
                vertices=(*far, *ring, *shared),
            )
        )
    return Kernel(name=name, units=(units[0], units[1]), phosphines=tuple(phosphines))


def declare_topology(arrangement: Arrangement, targets: dict[str, float] | None = None) -> Topology:
    """Return the arrangement as a topology with SH and PH3.

    Parameters
    ----------
    arrangement : Arrangement
        The arrangement.
    targets : dict of str to float, optional
        Target lengths in Å and angles in degrees that differ from the usual ones.

    Returns
    -------
    Topology
        What `fit_skeleton` and `build_from_topology` take.
    """
    return Topology(
        name=arrangement.name,
        charge=2,
        units=arrangement.kernel.units,
        hubs=arrangement.hubs,
        staples=tuple(Staple(ends=pair) for pair in arrangement.staples),
        bridges=tuple(Bridge(joins=pair) for pair in arrangement.bridges),
        terminals=tuple(Terminal(on=(name,)) for name in arrangement.kernel.phosphines),
        targets=targets or {},
    )


def describe_joins(arrangement: Arrangement, pairs: Sequence[Pair]) -> str:
    """Say in words what staples or bridges join.

    Parameters
    ----------
    arrangement : Arrangement
        The arrangement.
    pairs : sequence of (str, str)
        Its staples, or its bridges.

    Returns
    -------
    str
        Such as ``"4 over a vacant corner"``.
    """
    counts = Counter(_describe_pair(arrangement.kernel, pair) for pair in pairs)
    return ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))


def _describe_pair(kernel: Kernel, pair: Pair) -> str:
    one, two = sorted(pair)
    kinds = {one[0], two[0]}
    if kinds <= {"a", "b"}:
        steps = (int(one[1]) - int(two[1])) % 4
        if len(kinds) == 2:
            return {0: "straight between the units", 2: "across both units"}.get(
                steps, "askew between the units"
            )
        if steps == 2:
            return "across a unit"
        corner = (int(one[1]) + 1 if (int(two[1]) - int(one[1])) % 4 == 1 else int(two[1]) + 1) % 4
        vertex = kernel.units["ab".index(one[0])].vertices[corner]
        return "over a far atom" if vertex else "over a vacant corner"
    if kinds == {"s"}:
        return "within the shared face"
    if "s" in kinds:
        return "middle to shared"
    return "far to another"


def list_arrangements(kernel: Kernel, *, least_order: int = LEAST_ORDER) -> tuple[Arrangement, ...]:
    """List the arrangements of four staples and four bridges on a kernel, up to its symmetry.

    Parameters
    ----------
    kernel : Kernel
        The kernel.
    least_order : int, optional
        Fewest symmetry operations, the identity included.

    Returns
    -------
    tuple of Arrangement
        Each in the plain reading and, if kernel atoms carry two S, in the hub readings.
    """
    names, positions = _place_kernel(kernel)
    operations = _find_operations(kernel, names)
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    open_atoms = [k for k, n in enumerate(names) if n not in kernel.phosphines and n not in {"A", "B"}]
    pairs = list(itertools.combinations(open_atoms, 2))
    staples = [p for p in pairs if STAPLE_SPAN[0] < apart[p] < STAPLE_SPAN[1]]
    bridges = [p for p in pairs if apart[p] < BRIDGE_SPAN]
    found: dict[tuple[tuple[tuple[int, int], ...], ...], int] = {}
    for group in _list_subgroups(operations):
        if len(group) < least_order:
            continue
        for held, bridged in itertools.product(
            _list_fours(staples, group, 1), _list_fours(bridges, group, MOST_DONORS)
        ):
            if held & bridged or max(_count(held, bridged).values()) > MOST_DONORS:
                continue
            key = min((_move(held, g), _move(bridged, g)) for g in operations)
            found[key] = max(found.get(key, 0), len(group))
    return tuple(_number(kernel, names, found))


def _number(
    kernel: Kernel, names: Sequence[str], found: dict[tuple[tuple[tuple[int, int], ...], ...], int]
) -> Iterator[Arrangement]:
    for number, (key, order) in enumerate(sorted(found.items())):
        staples, bridges = (tuple((names[a], names[b]) for a, b in part) for part in key)
        plain = Arrangement(
            name=f"{kernel.name}-{number}",
            kernel=kernel,
            staples=staples,
            bridges=bridges,
            hubs=(),
            order=order,
        )
        yield plain
        bridged = Counter(atom for pair in bridges for atom in pair)
        hubs = tuple(atom for atom, count in plain.donors.items() if count == MOST_DONORS)
        some = tuple(atom for atom in hubs if bridged[atom] == MOST_DONORS)
        if hubs:
            yield replace(plain, name=f"{plain.name}h", hubs=hubs)
        if some and some != hubs:
            yield replace(plain, name=f"{plain.name}b", hubs=some)


def _place_kernel(kernel: Kernel) -> tuple[tuple[str, ...], np.ndarray]:
    bare = Topology(name=kernel.name, charge=0, units=kernel.units)
    skeleton = build_skeleton(bare)
    return skeleton.names, place_skeleton(bare, skeleton)


def _find_operations(kernel: Kernel, names: Sequence[str]) -> list[tuple[int, ...]]:
    """Return the symmetry of the kernel as permutations: those of its bonds that keep the phosphines."""
    bare = Topology(name=kernel.name, charge=0, units=kernel.units)
    graph = nx.Graph()
    graph.add_nodes_from((k, {"kind": name in kernel.phosphines}) for k, name in enumerate(names))
    graph.add_edges_from(build_skeleton(bare).bonds)
    matcher = nx.isomorphism.GraphMatcher(graph, graph, node_match=lambda a, b: a["kind"] == b["kind"])
    return sorted(tuple(match[k] for k in range(len(names))) for match in matcher.isomorphisms_iter())


def _list_subgroups(operations: Sequence[tuple[int, ...]]) -> list[frozenset[tuple[int, ...]]]:
    """Return the subgroups that one, two or all operations generate, the largest first."""
    seeds = [
        *itertools.combinations(operations, 1),
        *itertools.combinations(operations, 2),
        tuple(operations),
    ]
    groups = {_close(seed) for seed in seeds}
    return sorted(groups, key=lambda group: (-len(group), sorted(group)))


def _close(seed: Sequence[tuple[int, ...]]) -> frozenset[tuple[int, ...]]:
    group = {tuple(range(len(seed[0]))), *seed}
    while True:
        grown = group | {tuple(p[i] for i in q) for p in group for q in group}
        if len(grown) == len(group):
            return frozenset(group)
        group = grown


def _move(pairs: frozenset[tuple[int, int]], by: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((min(by[a], by[b]), max(by[a], by[b])) for a, b in pairs))


def _list_fours(
    pairs: Sequence[tuple[int, int]], group: frozenset[tuple[int, ...]], most: int
) -> list[frozenset[tuple[int, int]]]:
    """Return every union of orbits of pairs that holds four of them, no atom in more than `most`."""
    orbits = sorted({tuple(sorted({_move(frozenset([p]), g)[0] for g in group})) for p in pairs})
    orbits = [orbit for orbit in orbits if len(orbit) <= 4]
    fours = {
        frozenset(p for orbit in chosen for p in orbit)
        for size in range(1, 5)
        for chosen in itertools.combinations(orbits, size)
        if sum(map(len, chosen)) == 4
    }
    return sorted((f for f in fours if max(_count(f).values()) <= most), key=sorted)


def _count(*parts: frozenset[tuple[int, int]]) -> Counter[int]:
    return Counter(atom for pairs in parts for pair in pairs for atom in pair)
