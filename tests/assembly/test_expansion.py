"""Are all atoms of the cell made, each once, also on special positions?"""

import gemmi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.assembly.expansion import SPECIAL_FULL, expand_sites
from tests.assembly.strategies import (
    fixed_point,
    generators,
    nearest_image,
    operations_of,
    random_shape,
    space_groups,
    stabilizer,
    unit_vector,
)
from tests.assembly.writer import Atom, Built, cubic, read_built

# Multiplicities of Wyckoff positions from International Tables A.
WYCKOFF = [
    ("P -1", (0, 0, 0), 1),
    ("P -1", (0.1, 0.2, 0.3), 2),
    ("P 1 21/c 1", (0.5, 0, 0.5), 2),
    ("C 1 2/m 1", (0.25, 0.25, 0), 4),
    ("C 1 2/m 1", (0, 0, 0), 2),
    ("R -3 :H", (0, 0, 0), 3),
    ("R -3 :H", (0, 0, 0.2), 6),
    ("R -3 :R", (0.2, 0.2, 0.2), 2),
    ("P 63/m m c", (1 / 3, 2 / 3, 0.25), 2),
    ("I 41/a m d :2", (0, 0.75, 0.125), 4),
    ("P a -3", (0.1, 0.1, 0.1), 8),
    ("F m -3 m", (0, 0, 0), 4),
    ("F m -3 m", (0.25, 0.25, 0.25), 8),
    ("F m -3 m", (0, 0.25, 0.25), 24),
    ("F m -3 m", (0.2, 0.2, 0.2), 32),
    ("F m -3 m", (0.1, 0.23, 0.31), 192),
    ("F d -3 m :1", (0, 0, 0), 8),
    ("F d -3 m :2", (0.125, 0.125, 0.125), 8),
]


def crystal_of(operations, matrix, *atoms):
    return read_built(Built(matrix=matrix, operations=operations, atoms=atoms))


def metal(fract, label="Au1", **columns):
    return Atom(label=label, element="Au", fract=np.asarray(fract, dtype=float), **columns)


def cell_for(symbol):
    hexagonal = [[20.0, 0, 0], [-10.0, 10 * np.sqrt(3), 0], [0, 0, 20.0]]
    return np.array(hexagonal) if symbol.startswith("P 6") or symbol.endswith(":H") else cubic(20.0)


@pytest.mark.parametrize(("symbol", "point", "multiplicity"), WYCKOFF)
def test_multiplicities_of_wyckoff_positions(symbol, point, multiplicity):
    operations = operations_of(gemmi.SpaceGroup(symbol))
    expansion = expand_sites(crystal_of(operations, cell_for(symbol), metal(point)))
    assert len(expansion.site) == multiplicity
    assert expansion.order.tolist() == [len(operations) // multiplicity]
    assert expansion.findings == ()


@settings(max_examples=60)
@given(space_groups(), generators())
def test_atoms_are_images_of_their_sites(operations, rng):
    """Operation and shift of every row, applied to the site, give its place in the cell."""
    shape = random_shape(operations, rng) * 30
    crystal = crystal_of(operations, shape, *(metal(rng.uniform(-2, 2, 3), f"Au{i}") for i in range(3)))
    expansion, group = expand_sites(crystal), crystal.space_group
    fract = crystal.sites.fract[expansion.site]
    applied = np.einsum("nij,nj->ni", group.rotations[expansion.operation], fract)
    applied += group.translations[expansion.operation] + expansion.shift
    moved = np.linalg.norm((applied - expansion.fract) @ crystal.cell.matrix, axis=1)
    assert moved.max() < SPECIAL_FULL
    assert expansion.fract.min() >= -1e-8  # rounding of the shift into the cell
    assert expansion.fract.max() < 1 + 1e-8
    assert len(expansion.site) == sum(len(operations) // order for order in expansion.order.tolist())


@settings(max_examples=60)
@given(space_groups().filter(lambda ops: len(ops) > 1), generators(), st.floats(0.0, 0.04))
def test_an_atom_near_a_special_position_is_put_onto_it(operations, rng, offset):
    shape = random_shape(operations, rng) * 30
    point = fixed_point(operations[rng.integers(1, len(operations))], rng, shape)
    if point is None or nearest_image(operations, shape, [point]) < 1.0:
        return
    crystal = crystal_of(operations, shape, metal(point + offset * unit_vector(rng) @ np.linalg.inv(shape)))
    expansion = expand_sites(crystal)
    assert expansion.order.tolist() == [len(stabilizer(operations, point))]
    step = expansion.fract[0] - expansion.shift[0] - point
    assert np.linalg.norm((step - np.rint(step)) @ shape) <= offset + 1e-5  # printed digits


def test_every_operation_finds_the_atom_that_stands_for_it():
    operations = operations_of(gemmi.SpaceGroup("F m -3 m"))
    crystal = crystal_of(operations, cubic(20.0), metal((0, 0, 0)), metal((0.1, 0.2, 0.3), "Au2"))
    expansion = expand_sites(crystal)
    assert expansion.representative.shape == (192, 2)
    for column, order in enumerate(expansion.order.tolist()):
        rows, times = np.unique(expansion.representative[:, column], return_counts=True)
        assert set(expansion.site[rows].tolist()) == {column}
        assert set(times.tolist()) == {order}


def test_a_full_atom_far_off_is_moved_and_reported_and_a_partial_one_is_not():
    inversion = operations_of(gemmi.SpaceGroup("P -1"))
    off = np.array([0.2, 0.0, 0.0]) / 10  # 0.2 Å: images 0.4 Å apart
    full = expand_sites(crystal_of(inversion, cubic(10.0), metal(off)))
    half = expand_sites(crystal_of(inversion, cubic(10.0), metal(off, occupancy=0.5)))
    assert len(full.site) == 1
    assert [f.code for f in full.findings] == ["assembly-special-position"]
    assert (len(half.site), half.findings) == (2, ())


def test_images_of_a_negative_part_are_all_kept_even_where_they_coincide():
    inversion = operations_of(gemmi.SpaceGroup("P -1"))
    expansion = expand_sites(crystal_of(inversion, cubic(10.0), metal((0, 0, 0), part=-1, occupancy=0.5)))
    assert len(expansion.site) == 2
