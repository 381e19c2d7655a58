"""Does assembly find the molecules that were put into a crystal, however the crystal is described?"""

import itertools
from collections import Counter
from dataclasses import replace

import gemmi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.elements import format_formula
from clustermodel.structure.molecule import molecule_from_atoms
from tests.assembly.strategies import (
    GAP,
    crystals,
    general_crystals,
    generators,
    nearest_image,
    on_general_positions,
    operations_of,
    packed_crystals,
    radius_of,
    random_molecule,
    random_shape,
    scatter,
    settings_known,
    special_crystals,
    stabilizer,
    unit_vector,
)
from tests.assembly.transforms import moved_origin, other_vectors, shears, without_symmetry
from tests.assembly.writer import (
    DENOMINATOR,
    Built,
    assemble_built,
    codes,
    distances,
    place,
    read_built,
)
from tests.datafiles import data_files, data_path

# The promise. Coordinates are written with eight decimals: 1e-6 Å in the largest cells drawn here (100 Å).
TOLERANCE = 1e-3
SCALE = settings.default.max_examples // 100  # 1, or 10 with HYPOTHESIS_PROFILE=explore


# Where inversion centres can lie: the origin of a setting need not be on one.
HALVES = np.array(list(itertools.product((0.0, 0.25, 0.5, 0.75), repeat=3)))


def is_center(operations, point):
    """Return whether inversion is all the symmetry of a point."""
    group = stabilizer(operations, point)
    return len(group) == 2 and np.array_equal(group[1][0], -np.eye(3))


def examples(count):
    return settings(max_examples=count * SCALE)


def assert_as_built(built):
    """The molecules are those that were put there: formula, number, all distances, bonds and whole."""
    assembly = assemble_built(built)
    assert len(assembly.molecules) == len(built.expected)
    for distinct in assembly.molecules:
        molecule = distinct.molecule
        name = molecule.labels[0].partition("_")[0]
        elements, positions, copies = built.expected[name]
        assert distinct.formula == format_formula(elements)
        assert (distinct.copies, distinct.per_cell, molecule.periodicity) == (copies, copies, 0)
        assert distinct.site_symmetry_order * copies == len(built.operations)
        np.testing.assert_allclose(distances(molecule.positions), distances(positions), atol=TOLERANCE)
        assert not molecule.bonds.shifts.any()
    return assembly


def assert_same(built, other, cells=1):
    """Two descriptions give the same molecules; shapes agree to 1e-3 Å."""
    first, second = assemble_built(built), assemble_built(other)
    assert Counter(m.formula for m in first.molecules for _ in range(m.copies * cells)) == Counter(
        m.formula for m in second.molecules for _ in range(m.copies)
    )
    wanted = {}
    for m in first.molecules:
        wanted.setdefault((m.formula, m.molecule.periodicity), []).append(distances(m.molecule.positions))
    for m in second.molecules:
        shapes = wanted[m.formula, m.molecule.periodicity]
        found = distances(m.molecule.positions)
        assert min(float(np.abs(shape - found).max(initial=0.0)) for shape in shapes) < TOLERANCE


# ------------------------------------------------------------------------------ what was put in comes out


@pytest.mark.parametrize("number", range(0, len(settings_known()), 24))
def test_every_setting_gives_back_a_molecule_on_a_general_position(number):
    """All settings that gemmi knows, 24 to a case."""
    for index, setting in enumerate(settings_known()[number : number + 24], start=number):
        rng = np.random.default_rng(index)
        operations = operations_of(setting)
        built = on_general_positions(operations, rng, [random_molecule(rng, 4)[:2]])
        assert_as_built(built.with_atoms(scatter(built.atoms, operations, rng)))


@examples(60)
@given(general_crystals(), generators())
def test_molecules_on_general_positions_come_back(built, rng):
    assert_as_built(built.with_atoms(scatter(built.atoms, built.operations, rng)))


@examples(60)
@given(special_crystals(), generators())
def test_symmetric_molecules_on_special_positions_come_back(built, rng):
    assert_as_built(built.with_atoms(scatter(built.atoms, built.operations, rng)))


@examples(25)
@given(packed_crystals(), generators())
def test_molecules_packed_as_in_a_real_crystal_come_back(built, rng):
    """Long molecules reach through several cells and past their neighbours."""
    assert_as_built(built.with_atoms(scatter(built.atoms, built.operations, rng)))


@examples(25)
@given(general_crystals(largest=48, most_atoms=14, most_molecules=1), generators())
def test_bonds_are_those_of_the_tree(built, rng):
    elements, positions, _ = built.expected["M0"]
    molecule = (
        assemble_built(built.with_atoms(scatter(built.atoms, built.operations, rng))).molecules[0].molecule
    )
    number = [int(label.partition("_")[2]) for label in molecule.labels]
    assert len(molecule.bonds) == len(elements) - 1
    for (a, b), length in zip(molecule.bonds.pairs.tolist(), molecule.bonds.lengths.tolist(), strict=True):
        wanted = np.linalg.norm(positions[number[a]] - positions[number[b]])
        assert length == pytest.approx(wanted, abs=TOLERANCE)
    assert not molecule.bonds.long.any()


@examples(25)
@given(crystals(), generators())
def test_every_atom_remembers_where_it_came_from(built, rng):
    """Operation and shift, applied to the site of the file, give the position of the atom."""
    crystal = read_built(built.with_atoms(scatter(built.atoms, built.operations, rng)))
    group = crystal.space_group
    for distinct in assemble_molecules(crystal).molecules:
        origin = distinct.molecule.origin
        fract = crystal.sites.fract[origin.sites]
        applied = np.einsum("nij,nj->ni", group.rotations[origin.operations], fract)
        applied += group.translations[origin.operations] + origin.shifts
        np.testing.assert_allclose(applied @ crystal.cell.matrix, distinct.molecule.positions, atol=TOLERANCE)
        assert [crystal.sites.labels[i] for i in origin.sites] == list(origin.labels)
        assert [crystal.sites.elements[i] for i in origin.sites] == list(distinct.molecule.elements)


# -------------------------------------------------------------- the same crystal, described in another way


@examples(25)
@given(crystals(), generators())
def test_order_of_the_atoms_does_not_matter(built, rng):
    assert_same(built, built.with_atoms([built.atoms[i] for i in rng.permutation(len(built.atoms))]))


@examples(25)
@given(crystals(), generators())
def test_order_of_the_operations_does_not_matter(built, rng):
    order = rng.permutation(len(built.operations))
    assert_same(built, replace(built, operations=tuple(built.operations[i] for i in order)))


@examples(25)
@given(crystals(), generators())
def test_choice_of_the_asymmetric_unit_does_not_matter(built, rng):
    assert_same(built, built.with_atoms(scatter(built.atoms, built.operations, rng)))


@examples(25)
@given(crystals(), generators())
def test_lattice_translations_of_atoms_do_not_matter(built, rng):
    assert_same(built, built.with_atoms([a.moved(a.fract + rng.integers(-3, 4, 3)) for a in built.atoms]))


@examples(25)
@given(crystals(), generators())
def test_origin_does_not_matter(built, rng):
    """Any shift by multiples of 1/24, in which the translations of the operations can be written."""
    assert_same(built, moved_origin(built, rng.integers(0, DENOMINATOR, 3) / DENOMINATOR))


@examples(25)
@given(crystals(), generators())
def test_choice_of_the_cell_vectors_does_not_matter(built, rng):
    assert_same(built, other_vectors(built, shears(rng)))


@examples(25)
@given(crystals(), st.permutations((2, 1, 1)))
def test_supercell_without_symmetry_holds_the_same_molecules_twice(built, repeats):
    assert_same(built, without_symmetry(built, repeats), cells=2)


@examples(25)
@given(crystals())
def test_atoms_listed_for_the_whole_cell_beside_the_operations_are_counted_once(built):
    """Some files list every atom of the cell and the operations as well."""
    whole = replace(built, atoms=without_symmetry(built).atoms)
    assert_same(built, whole)
    if len(whole.atoms) > len(built.atoms):
        assert "assembly-symmetry-copies" in codes(assemble_built(whole))


@examples(25)
@given(special_crystals(largest=48), st.floats(0.001, 0.05), generators())
def test_an_atom_a_hair_off_its_special_position_is_put_onto_it(built, offset, rng):
    step = offset * unit_vector(rng) @ np.linalg.inv(built.matrix)
    center = built.atoms[0].moved(built.atoms[0].fract + step)
    assembly = assemble_built(built.with_atoms((center, *built.atoms[1:])))
    elements, positions, copies = built.expected["M0"]
    (distinct,) = assembly.molecules
    assert (distinct.formula, distinct.copies) == (format_formula(elements), copies)
    # The centre moves to the mean of its images, no further than it was off, in either direction.
    np.testing.assert_allclose(distances(distinct.molecule.positions), distances(positions), atol=2 * offset)


# ----------------------------------------------------------------------------------------- real molecules


def read_xyz(path):
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()[2:] if line.strip()]
    positions = np.array([[float(value) for value in row[1:4]] for row in rows])
    return [row[0] for row in rows], positions - positions.mean(axis=0)


@pytest.mark.parametrize("path", data_files("xyz", "*.xyz"), ids=lambda path: path.stem)
@pytest.mark.parametrize("symbol", ["P -1", "P 21 21 21", "P 1 21/c 1", "R 3 :R", "P 4 2 2"])
def test_real_clusters_come_back_from_general_positions(path, symbol):
    elements, positions = read_xyz(path)
    rng = np.random.default_rng(sum(path.stem.encode() + symbol.encode()))
    operations = operations_of(gemmi.SpaceGroup(symbol))
    built = on_general_positions(operations, rng, [(elements, positions)])
    built = built.with_atoms(scatter(built.atoms, operations, rng))
    (molecule,) = assert_as_built(built).molecules
    known = bond_molecule(molecule_from_atoms(elements, positions)).bonds
    np.testing.assert_allclose(
        np.sort(molecule.molecule.bonds.lengths), np.sort(known.lengths), atol=TOLERANCE
    )


@pytest.mark.parametrize("symbol", ["P -1", "P 1 21/c 1", "C 1 2/c 1", "P b c a", "R -3 :H", "I 41/a :2"])
def test_a_real_cluster_comes_back_from_an_inversion_centre(symbol):
    """Half of the atoms of Au25(SR)18, its central one on the centre, make the whole cluster."""
    elements, positions = read_xyz(data_path("xyz/Au25_SCH2CH2Ph_18_neutral_from_COD1540567.xyz"))
    step = np.linalg.norm(positions[:, None] + positions[None, :], axis=2)
    partner = step.argmin(axis=1)
    half = [i for i, j in enumerate(partner.tolist()) if i <= j]
    whole = (positions - positions[partner]) / 2
    rng = np.random.default_rng(len(symbol))
    operations = operations_of(gemmi.SpaceGroup(symbol))
    shape = random_shape(operations, rng)
    at = next(p for p in HALVES if is_center(operations, p))
    matrix = shape * (2 * radius_of(whole) + GAP) / nearest_image(operations, shape, [at])
    atoms = place([elements[i] for i in half], whole[half], matrix, at=at, prefix="M0_")
    copies = len(operations) // len(stabilizer(operations, at))
    built = Built(
        matrix=matrix, operations=operations, atoms=atoms, expected={"M0": (elements, whole, copies)}
    )
    assert_as_built(built.with_atoms(scatter(atoms, operations, rng)))
