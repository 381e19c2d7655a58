"""Are whole molecules and polymers told apart, and polymers in how many directions?"""

import itertools
from dataclasses import replace

import gemmi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.assembly.connectivity import find_components
from clustermodel.elements import format_formula
from clustermodel.structure.neighbors import Pairs
from tests.assembly.strategies import generators, operations_of, pair_sum, scatter
from tests.assembly.transforms import moved_origin, other_vectors, shears, without_symmetry
from tests.assembly.writer import Atom, Built, assemble_built

ROOM = 14.0  # Å between polymers: beyond any bond


# --------------------------------------------------------------------------------- graphs on a lattice


@st.composite
def lattice_graphs(draw):
    """A few atoms in a cell and bonds with the cell shift of their second atom."""
    n = draw(st.integers(1, 6))
    atom, step = st.integers(0, n - 1), st.integers(-1, 1)
    rows = draw(st.lists(st.tuples(atom, atom, step, step, step), max_size=9))
    table = np.array([r for r in rows if r[0] != r[1] or any(r[2:])], dtype=np.int64).reshape(-1, 5)
    swap = table[:, 0] > table[:, 1]
    table[swap] = np.column_stack([table[swap, 1], table[swap, 0], -table[swap, 2:]])
    table = np.unique(table, axis=0)
    pairs = Pairs(first=table[:, 0], second=table[:, 1], shifts=table[:, 2:], distances=np.ones(len(table)))
    return n, pairs


def reached(n, bonds, start):
    """Return all (atom, shift) found by walking along bonds within some cells of the start."""
    steps = {}
    rows = zip(bonds.first.tolist(), bonds.second.tolist(), bonds.shifts.tolist(), strict=True)
    for a, b, shift in rows:
        steps.setdefault(a, []).append((b, tuple(shift)))
        steps.setdefault(b, []).append((a, tuple(-s for s in shift)))
    seen, front = {(start, (0, 0, 0))}, [(start, (0, 0, 0))]
    while front:
        atom, at = front.pop()
        for other, shift in steps.get(atom, []):
            place = (other, tuple(x + s for x, s in zip(at, shift, strict=True)))
            if place not in seen and max(abs(x) for x in place[1]) <= n + 1:
                seen.add(place)
                front.append(place)
    return seen


@settings(max_examples=80)
@given(lattice_graphs())
def test_components_are_those_found_by_walking(graph):
    n, bonds = graph
    found = find_components(n, bonds)
    for number, component in enumerate(found.components):
        places = reached(n, bonds, int(component.atoms[0]))
        assert sorted({atom for atom, _ in places}) == component.atoms.tolist()
        returns = [shift for atom, shift in places if atom == component.atoms[0]]
        assert component.periodicity == np.linalg.matrix_rank(np.array(returns))
        assert set(found.label[component.atoms].tolist()) == {number}
        assert all((atom, tuple(found.shift[atom].tolist())) in places for atom in component.atoms.tolist())


def test_a_bond_of_an_atom_to_its_own_image_makes_a_chain():
    own = Pairs(first=np.array([0]), second=np.array([0]), shifts=np.array([[0, 1, 0]]), distances=np.ones(1))
    assert [c.periodicity for c in find_components(2, own).components] == [1, 0]


def test_two_atoms_joined_inside_a_cell_and_across_its_face_are_a_chain_not_a_molecule():
    twice = Pairs(
        first=np.array([0, 0]),
        second=np.array([1, 1]),
        shifts=np.array([[0, 0, 0], [0, 0, -1]]),
        distances=np.ones(2),
    )
    (chain,) = find_components(2, twice).components
    assert (chain.atoms.tolist(), chain.periodicity) == ([0, 1], 1)


def test_no_atoms_no_components():
    none = Pairs(
        first=np.zeros(0, int), second=np.zeros(0, int), shifts=np.zeros((0, 3), int), distances=np.zeros(0)
    )
    assert find_components(0, none).components == ()


# ------------------------------------------------------------------------------------ polymers in a crystal


def net(metal, bridge, dimensions):
    """Return metals joined by one bridging atom along some axes: chain, layer or framework."""
    period = 2 * pair_sum(metal, bridge)
    edges = np.array([period if axis < dimensions else ROOM for axis in range(3)])
    atoms = [Atom(label="M", element=metal, fract=np.zeros(3))]
    atoms += [
        Atom(label=f"X{axis}", element=bridge, fract=0.5 * np.eye(3)[axis]) for axis in range(dimensions)
    ]
    return Built(matrix=np.diag(edges), atoms=tuple(atoms))


PAIRS = [("Cu", "N"), ("Ag", "S"), ("Au", "Cl"), ("Pt", "Br"), ("W", "O")]


@settings(max_examples=60)
@given(st.sampled_from(PAIRS), st.integers(1, 3), st.permutations((2, 1, 1)), generators())
def test_nets_have_the_dimensions_they_were_built_with(pair, dimensions, repeats, rng):
    """However the cell is chosen: sheared, twice as large, with another origin."""
    built = net(*pair, dimensions)
    built = without_symmetry(built, repeats) if rng.random() < 0.5 else built
    units = sum(atom.element == pair[0] for atom in built.atoms)
    built = moved_origin(other_vectors(built, shears(rng)), rng.uniform(0, 1, 3))
    polymers = assemble_built(built.with_atoms(scatter(built.atoms, built.operations, rng))).molecules
    formula = format_formula({pair[0]: 1, pair[1]: dimensions})
    assert {p.formula for p in polymers} == {formula}
    assert {p.molecule.periodicity for p in polymers} == {dimensions}
    assert {p.linked_by for p in polymers} == {("–".join(sorted(pair)),)}
    assert sum(p.per_cell for p in polymers) == units


@pytest.mark.parametrize(
    ("symbol", "dimensions"),
    [("P m m m", 1), ("P 4/m m m", 2), ("P m -3 m", 3), ("I m m m", 1), ("F m -3 m", 0)],
)
def test_nets_written_as_an_asymmetric_unit(symbol, dimensions):
    """One metal and one bridge; a centred cell holds two chains; far apart they are no net at all."""
    operations = operations_of(gemmi.SpaceGroup(symbol))
    built = net("Re", "O", dimensions) if dimensions else net("Re", "O", 1)
    matrix = built.matrix if dimensions else np.eye(3) * ROOM
    cell = replace(built, matrix=matrix, operations=operations, atoms=built.atoms[:2])
    molecules = assemble_built(cell).molecules
    assert [m.molecule.periodicity for m in molecules] == ([dimensions] if dimensions else [0, 0])
    if dimensions:
        assert molecules[0].per_cell == len(operations) // len({str(r) for r, _ in operations})


@pytest.mark.parametrize(
    ("symbol", "turn"), [("P 1 1 21", 2), ("P 31", 3), ("P 41", 4), ("P 61", 6), ("P 42", 2)]
)
def test_helices_along_a_screw_axis_are_chains(symbol, turn):
    """Metals at 1.2 Å from the axis, one bridging atom between each two of them."""
    operations = operations_of(gemmi.SpaceGroup(symbol))
    rise, bond = 3.4, pair_sum("Cu", "Cl")
    hexagonal = symbol[2] in "36"
    unit = np.array([[ROOM, 0, 0], [-ROOM / 2, ROOM * np.sqrt(0.75), 0], [0, 0, 1]]) if hexagonal else None
    matrix = unit if hexagonal else np.diag([ROOM, ROOM, 1.0])
    first = np.array([1.2, 0.0, 0.0])
    matrix[2, 2] = rise * (turn if symbol != "P 42" else 2)
    step = next((r, t) for r, t in operations if 0 < t[2] * matrix[2, 2] <= rise + 0.01)
    image = (step[0] @ (first @ np.linalg.inv(matrix)) + step[1]) @ matrix
    middle = (first + image) / 2
    out = middle * [1, 1, 0]
    out = out / np.linalg.norm(out) if np.linalg.norm(out) > 1e-6 else np.array([0.0, 1.0, 0.0])
    bridge = middle + out * np.sqrt(max(bond**2 - np.sum((first - middle) ** 2), 0.0))
    inverse = np.linalg.inv(matrix)
    atoms = tuple(
        Atom(label=label, element=symbol_, fract=xyz @ inverse)
        for label, symbol_, xyz in (("Cu1", "Cu", first), ("Cl1", "Cl", bridge))
    )
    molecules = assemble_built(Built(matrix=matrix, operations=operations, atoms=atoms)).molecules
    assert [m.formula for m in molecules] == ["ClCu"]
    assert sum(m.per_cell for m in molecules) == len(operations)
    assert {m.molecule.periodicity for m in molecules} == {1}
    assert molecules[0].linked_by


def test_two_interpenetrating_frameworks_are_two_polymers():
    """Copper atoms joined along all axes by N-C-C-N, and the same net again in its holes."""
    halves = np.array([2.00, 3.20])  # Å from a copper atom to N and C, up to the middle of the edge
    edge = 2 * halves[1] + 1.45
    rods = [
        Atom(label=f"{symbol}{axis}{sign}", element=symbol, fract=np.eye(3)[axis] * sign * length / edge)
        for axis, sign in itertools.product(range(3), (-1, 1))
        for symbol, length in zip("NC", halves, strict=True)
    ]
    net_one = [Atom(label="Cu", element="Cu", fract=np.zeros(3)), *rods]
    net_two = [a.moved(a.fract + 0.5).renamed(f"{a.label}b") for a in net_one]
    found = assemble_built(Built(matrix=np.eye(3) * edge, atoms=(*net_one, *net_two))).molecules
    assert [(m.formula, m.molecule.periodicity) for m in found] == [("C6CuN6", 3)] * 2
