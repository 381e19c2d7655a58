"""Is one possible structure chosen from a disordered one, and the choice told?"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clustermodel.assembly.disorder import DisorderChoice
from clustermodel.elements import covalent_radii, format_formula
from clustermodel.errors import InputError
from tests.assembly.strategies import (
    CLEAR,
    GAP,
    fixed_point,
    generators,
    nearest_image,
    on_general_positions,
    radius_of,
    random_molecule,
    random_shape,
    space_groups,
    stabilizer,
    unit_vector,
)
from tests.assembly.writer import Atom, Built, assemble_built, codes, cubic, distances, place

ORGANIC = ("C", "N", "O", "S")
SCALE = settings.default.max_examples // 100  # 1, or 10 with HYPOTHESIS_PROFILE=explore


def examples(count):
    return settings(max_examples=count * SCALE)


def rotation_about(axis, angle):
    """Return the matrix of a rotation (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def branch(bonds, root):
    """Return the atoms hanging on an atom of a tree, itself included."""
    atoms = [root]
    for parent, child in bonds:
        if parent in atoms:
            atoms.append(child)
    return atoms


def turned_branch(rng, elements, positions, bonds):
    """Return the atoms of a branch, and where they are after a turn about the atom that holds it; or None."""
    parent, root = bonds[rng.integers(len(bonds))]
    moving = branch(bonds, root)
    rest = [i for i in range(len(elements)) if i not in moving and i != parent]
    radii = covalent_radii(elements)
    for _ in range(60):
        turn = rotation_about(unit_vector(rng), rng.uniform(0.6, 2.5))
        new = positions[parent] + (positions[moving] - positions[parent]) @ turn.T
        gaps = np.linalg.norm(new[:, None] - positions[rest][None], axis=2)
        gaps -= radii[moving][:, None] + radii[rest][None]
        own = np.linalg.norm(new - positions[parent], axis=1) - radii[moving] - radii[parent]
        if np.all(gaps > CLEAR) and np.all(own[1:] > CLEAR):
            return moving, new
    return None


@st.composite
def split_molecules(draw):
    """A molecule on a general position with one branch in two orientations, parts 1 and 2."""
    operations, rng = draw(space_groups(16)), draw(generators())
    share = draw(st.integers(15, 85).filter(lambda n: n != 50)) / 100
    code = draw(st.sampled_from(["", "A"]))
    elements, positions, bonds = random_molecule(rng, draw(st.integers(3, 9)), ORGANIC)
    found = turned_branch(rng, elements, positions, bonds) if bonds else None
    assume(found is not None)
    moving, new = found
    both = (elements + [elements[i] for i in moving], np.concatenate([positions, new]))
    built = on_general_positions(operations, rng, [both])
    n = len(elements)
    atoms = []
    for i, atom in enumerate(built.atoms):
        if i in moving:
            atoms.append(replace(atom, part=1, assembly=code, occupancy=share))
        elif i >= n:
            atoms.append(replace(atom, part=2, assembly=code, occupancy=1 - share))
        else:
            atoms.append(atom)
    second = positions.copy()
    second[moving] = new
    return replace(built, atoms=tuple(atoms), expected={1: positions, 2: second, "elements": elements}), share


def assert_one_molecule(assembly, built, part):
    (distinct,) = assembly.molecules
    assert distinct.formula == format_formula(built.expected["elements"])
    assert distinct.copies == distinct.per_cell == len(built.operations)
    # 1e-3 Å: the promise for molecules read back; eight decimals are written.
    np.testing.assert_allclose(
        distances(distinct.molecule.positions), distances(built.expected[part]), atol=1e-3
    )


# ------------------------------------------------------------------------------------------ parts 1 and 2


@examples(60)
@given(split_molecules())
def test_the_major_part_is_kept_and_stands_for_both(case):
    built, share = case
    assembly = assemble_built(built)
    assert_one_molecule(assembly, built, 1 if share > 0.5 else 2)
    assert codes(assembly).count("assembly-disorder-part") == 1
    kept = {a.label for a in built.atoms if a.part in (0, 1 if share > 0.5 else 2)}
    assert set(assembly.molecules[0].molecule.labels) == kept
    told = next(f for f in assembly.findings if f.code == "assembly-disorder-part")
    assert set(told.labels) == {a.label for a in built.atoms} - kept


@examples(30)
@given(split_molecules())
def test_the_minor_part_is_kept_on_request(case):
    built, share = case
    assembly = assemble_built(built, choice=DisorderChoice(prefer="minor"))
    assert_one_molecule(assembly, built, 2 if share > 0.5 else 1)


@examples(30)
@given(split_molecules(), st.sampled_from([1, 2]))
def test_a_part_can_be_chosen_by_the_name_of_its_assembly(case, part):
    built, _ = case
    name = next(a.assembly for a in built.atoms if a.part) or "auto1"
    assert_one_molecule(assemble_built(built, choice=DisorderChoice(parts={name: part})), built, part)


def disordered_water():
    return Built(
        matrix=cubic(9.0),
        atoms=(
            *place("O", [[0, 0, 0]], cubic(9.0), at=(0.3, 0.3, 0.3), prefix="a", part=1, occupancy=0.6),
            *place("O", [[0.6, 0, 0]], cubic(9.0), at=(0.3, 0.3, 0.3), prefix="b", part=2, occupancy=0.4),
        ),
    )


@pytest.mark.parametrize("wanted", [{"auto1": 3}, {"B": 1}])
def test_a_part_that_is_not_there_is_refused_with_what_is(wanted):
    with pytest.raises(InputError, match=r"auto1.*1, 2"):
        assemble_built(disordered_water(), choice=DisorderChoice(parts=wanted))


def test_equal_parts_fall_to_the_first():
    atoms = [replace(a, occupancy=0.5) for a in disordered_water().atoms]
    assembly = assemble_built(disordered_water().with_atoms(atoms))
    assert assembly.molecules[0].molecule.labels == ("aO1",)


def test_two_solvents_that_share_a_hole_are_there_by_their_own_share():
    """Dichloromethane in 60 % of the cells, water in the others: different molecules do not add up."""
    at = (0.5, 0.5, 0.5)
    chloride = [[1.4, 1.05, 0], [0, 0, 0], [-1.4, 1.05, 0]]
    built = Built(
        matrix=cubic(12.0),
        atoms=(
            *place(["Cl", "C", "Cl"], chloride, cubic(12.0), at=at, prefix="a", part=1, occupancy=0.6),
            *place(["O"], [[0.2, 0.4, 0]], cubic(12.0), at=at, prefix="b", part=2, occupancy=0.4),
        ),
    )
    (major,) = assemble_built(built).molecules
    (minor,) = assemble_built(built, choice=DisorderChoice(prefer="minor")).molecules
    assert (major.formula, major.per_cell) == ("CCl2", pytest.approx(0.6))
    assert (minor.formula, minor.per_cell) == ("O", pytest.approx(0.4))


# ------------------------------------------------------------------------- disorder about symmetry elements


@st.composite
def molecules_about_elements(draw, parts):
    """A solvent near a symmetry element that fits once where the symmetry makes k images."""
    operations, rng = draw(space_groups(48).filter(lambda ops: len(ops) > 1)), draw(generators())
    shape = random_shape(operations, rng)
    point, group = None, ()
    for _ in range(40):
        point = fixed_point(operations[rng.integers(1, len(operations))], rng, shape)
        group = stabilizer(operations, point) if point is not None else ()
        if 2 <= len(group) <= 4:
            break
    assume(point is not None and 2 <= len(group) <= 4)
    elements, positions, _ = random_molecule(rng, draw(st.integers(2, 7)), ORGANIC)
    offset = positions + draw(st.floats(0.2, 0.45)) * unit_vector(rng)
    turned = np.array([offset @ np.linalg.inv(shape) @ r.T @ shape for r, _ in group])
    gaps = np.linalg.norm(turned[1:] - turned[0], axis=2)
    assume(gaps.min() > 0.15)  # Å; nearer images are one atom on the element, not two
    matrix = shape * (2 * radius_of(offset) + GAP) / nearest_image(operations, shape, [point])
    part = draw(st.sampled_from(parts))
    atoms = place(
        elements, offset, matrix, at=point, prefix="S", part=part, occupancy=round(1 / len(group), 3)
    )
    expected = {"elements": elements, "positions": positions, "copies": len(operations) // len(group)}
    return Built(matrix=matrix, operations=operations, atoms=atoms, expected=expected)


@examples(80)
@given(molecules_about_elements(parts=[-1, -2]))
def test_one_image_of_a_negative_part_is_kept(built):
    """Inversion centres, two-, three- and four-fold axes, mirrors: the occupancy gives the count per cell."""
    assembly = assemble_built(built)
    (distinct,) = assembly.molecules
    assert distinct.formula == format_formula(built.expected["elements"])
    assert distinct.copies == built.expected["copies"]
    # Occupancies were written with three decimals: 0.333 stands for a third.
    assert distinct.per_cell == pytest.approx(built.expected["copies"], rel=4e-3)
    shape = distances(built.expected["positions"])
    np.testing.assert_allclose(distances(distinct.molecule.positions), shape, atol=1e-3)  # the promise
    assert "assembly-disorder-image" in codes(assembly)


@examples(60)
@given(molecules_about_elements(parts=[0, 1]))
def test_one_image_is_kept_without_the_negative_sign_where_atoms_overlap(built):
    """Many files give the disorder about a special position by occupancies alone, or as part 1."""
    (distinct,) = assemble_built(built).molecules
    assert distinct.formula == format_formula(built.expected["elements"])
    assert distinct.copies == built.expected["copies"]
    assert distinct.per_cell == pytest.approx(built.expected["copies"], rel=4e-3)  # three decimals of 1/3


@pytest.mark.parametrize("offset", [0.0, 0.35, 0.6])
def test_a_negative_part_on_an_ordered_metal_keeps_one_ligand(offset):
    """Ag on an inversion centre with one ligand, refined as half a ligand on either side."""
    matrix = cubic(14.0)
    inversion = ((np.eye(3, dtype=int), np.zeros(3)), (-np.eye(3, dtype=int), np.zeros(3)))
    sulfur = np.array([2.4, offset, 0.0])
    ligand = place(["S", "C"], [sulfur, sulfur + np.array([0.7, 1.7, 0.0])], matrix, part=-1, occupancy=0.5)
    metal = place(["Ag"], [[0, 0, 0]], matrix)
    built = Built(matrix=matrix, operations=inversion, atoms=(*metal, *ligand))
    (distinct,) = assemble_built(built).molecules
    assert (distinct.formula, distinct.copies, distinct.per_cell) == ("CAgS", 1, 1)


# ---------------------------------------------------------------------- partly occupied, without any part


@examples(40)
@given(space_groups(16), generators(), st.floats(0.3, 0.75), st.floats(0.52, 0.9))
def test_clashing_alternatives_without_a_part_leave_the_most_occupied(operations, rng, apart, share):
    """A water oxygen in two places: nothing in the file but the occupancies says so."""
    share = round(share, 2)
    positions = np.array([np.zeros(3), apart * unit_vector(rng)])
    built = on_general_positions(operations, rng, [(["O", "O"], positions)])
    minor, major = built.atoms
    atoms = (replace(minor, occupancy=1 - share), replace(major, occupancy=share))
    (distinct,) = assemble_built(built.with_atoms(atoms)).molecules
    assert (distinct.formula, distinct.copies, distinct.molecule.labels) == ("O", len(operations), ("M0_1",))
    assert distinct.per_cell == pytest.approx(len(operations))


TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
OCTAHEDRON = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
# Centre, outer atom, their distance in Å, directions, and the atom on the first direction that holds it.
TURNED_GROUPS = {
    "BF4": ("B", "F", 1.38, TETRAHEDRON, None),
    "ClO4": ("Cl", "O", 1.43, TETRAHEDRON, None),
    "PF6": ("P", "F", 1.58, OCTAHEDRON, None),
    "NMe4": ("N", "C", 1.50, TETRAHEDRON, None),
    "CF3": ("C", "F", 1.34, TETRAHEDRON[1:], ("C", 1.50)),
    "CH3": ("C", "H", 0.97, TETRAHEDRON[1:], ("C", 1.50)),
    "SO3": ("S", "O", 1.45, TETRAHEDRON[1:], ("C", 1.78)),
    "CMe3": ("C", "C", 1.53, TETRAHEDRON[1:], ("Si", 1.87)),
}


def turned_group(name, rng, share, parts):
    """Return a group on an ordered centre in two orientations, and its formula."""
    center, outer, length, directions, anchor = TURNED_GROUPS[name]
    axis = TETRAHEDRON[0] if anchor else unit_vector(rng)
    turn = rotation_about(axis, rng.uniform(0.6, 1.5))  # 35 to 85 degrees
    matrix = cubic(14.0)
    atoms = [*place([center], [[0, 0, 0]], matrix)]
    if anchor:
        atoms += place([anchor[0]], [TETRAHEDRON[0] * anchor[1]], matrix, prefix="anchor")
    for part, sites, occupancy in zip(
        parts, (directions, directions @ turn.T), (share, 1 - share), strict=True
    ):
        columns = {"prefix": f"p{part}{occupancy:.2f}", "part": part, "occupancy": occupancy}
        atoms += place([outer] * len(sites), sites * length, matrix, **columns)
    formula = format_formula([center, *[outer] * len(directions), *([anchor[0]] if anchor else [])])
    renamed = [atom.renamed(f"{atom.element}{i}") for i, atom in enumerate(atoms)]
    return Built(matrix=matrix, atoms=tuple(renamed)), formula


def formulas_of_turned_groups(name, share, parts):
    wanted, found = set(), set()
    for seed in range(20):
        built, formula = turned_group(name, np.random.default_rng(seed), share, parts)
        wanted.add(formula)
        found |= {m.formula for m in assemble_built(built).molecules}
    return found, wanted


@pytest.mark.parametrize("name", TURNED_GROUPS)
def test_groups_turned_about_an_ordered_atom_keep_one_orientation_by_parts(name):
    found, wanted = formulas_of_turned_groups(name, 0.5, (1, 2))
    assert found == wanted


@pytest.mark.parametrize("name", TURNED_GROUPS)
def test_groups_turned_about_an_ordered_atom_keep_one_orientation_by_occupancy(name):
    found, wanted = formulas_of_turned_groups(name, 0.6, (0, 0))
    assert found == wanted


@pytest.mark.parametrize("name", TURNED_GROUPS)
def test_groups_turned_about_an_ordered_atom_keep_as_many_as_the_occupancies_add_up_to(name):
    """Both orientations half occupied and no parts: common in files of the 1990s."""
    found, wanted = formulas_of_turned_groups(name, 0.5, (0, 0))
    assert found == wanted


@pytest.mark.parametrize("name", TURNED_GROUPS)
def test_a_turned_group_that_is_there_in_four_of_five_cells_keeps_one_orientation(name):
    """All occupancies times 0.8: the outer atoms add up to a whole group for each centre."""
    found = set()
    for seed in range(20):
        built, formula = turned_group(name, np.random.default_rng(seed), 0.5, (0, 0))
        built = built.with_atoms([replace(a, occupancy=0.8 * a.occupancy) for a in built.atoms])
        found |= {(m.formula, round(m.per_cell, 6)) for m in assemble_built(built).molecules}
    assert found == {(formula, 0.8)}


@pytest.mark.xfail(reason="one element of the shared place is left out before its images are shared out")
def test_ends_of_two_elements_that_share_a_place_get_one_each():
    """Acetonitrile with its middle on an inversion centre: half C and half N at either end."""
    matrix = cubic(14.0)
    inversion = ((np.eye(3, dtype=int), np.zeros(3)), (-np.eye(3, dtype=int), np.zeros(3)))
    middle = place(["C"], [[0, 0, 0]], matrix, prefix="middle")
    ends = [place([e], [[1.19, 0, 0]], matrix, prefix="end", occupancy=0.5) for e in ("N", "C")]
    built = Built(matrix=matrix, operations=inversion, atoms=(*middle, *ends[0], *ends[1]))
    assert [(m.formula, m.copies) for m in assemble_built(built).molecules] == [("C2N", 1)]


@pytest.mark.parametrize(("count", "occupancy"), [(6, 1 / 3), (12, 1 / 6)])
def test_water_on_a_rotation_axis_keeps_two_of_its_partial_hydrogens(count, occupancy):
    angles = 2 * np.pi * np.arange(count) / count
    around = np.stack([np.cos(angles), np.sin(angles), np.where(np.arange(count) % 2, 0.6, -0.6)], axis=1)
    hydrogens = 0.85 * around / np.linalg.norm(around, axis=1)[:, None]
    matrix = cubic(12.0)
    atoms = (
        *place(["O"], [[0, 0, 0]], matrix),
        *place(["H"] * count, hydrogens, matrix, occupancy=occupancy),
    )
    assert [m.formula for m in assemble_built(Built(matrix=matrix, atoms=atoms)).molecules] == ["H2O"]


def test_atoms_of_two_elements_that_images_of_a_molecule_share_are_no_mixed_site():
    """Chloroaniline-like: about an inversion centre the Cl of one image stands on the N of the other."""
    matrix = cubic(14.0)
    inversion = ((np.eye(3, dtype=int), np.zeros(3)), (-np.eye(3, dtype=int), np.zeros(3)))
    chain = [[-1.95, 0.0, 0.0], [-0.7, 0.6, 0.0], [0.55, -0.2, 0.1], [1.9, 0.05, 0.1]]
    atoms = place(["Cl", "C", "C", "N"], chain, matrix, at=(0.5, 0.5, 0.5), occupancy=0.5)
    assembly = assemble_built(Built(matrix=matrix, operations=inversion, atoms=atoms))
    assert [(m.formula, m.copies) for m in assembly.molecules] == [("C2ClN", 1)]


def test_a_solvent_that_is_there_half_the_time_counts_half():
    matrix = cubic(10.0)
    atoms = place(["C", "N"], [[0, 0, 0], [1.15, 0, 0]], matrix, at=(0.3, 0.3, 0.3), occupancy=0.5)
    (distinct,) = assemble_built(Built(matrix=matrix, atoms=atoms)).molecules
    assert (distinct.copies, distinct.per_cell) == (1, 0.5)


# --------------------------------------------------------------------------------------------- mixed sites


@examples(30)
@given(
    space_groups(16),
    generators(),
    st.integers(51, 95),
    st.sampled_from([("Au", "Ag"), ("Ag", "Au"), ("Cu", "Ag"), ("Pt", "Au")]),
    st.floats(0.0, 0.05),
)
def test_two_metals_on_one_place_are_one_atom_and_reported(operations, rng, percent, pair, apart):
    """Same coordinates, or refined freely a few hundredths of an ångström apart."""
    share = percent / 100
    around = np.array([[2.3, 0, 0], [-2.3, 0, 0.2]])
    positions = np.array([np.zeros(3), apart * unit_vector(rng), *around])
    built = on_general_positions(operations, rng, [([*pair, "S", "S"], positions)])
    atoms = list(built.atoms)
    atoms[:2] = [replace(atoms[0], occupancy=share), replace(atoms[1], occupancy=round(1 - share, 2))]
    assembly = assemble_built(built.with_atoms(atoms))
    (distinct,) = assembly.molecules
    assert (distinct.formula, distinct.copies) == (format_formula([pair[0], "S", "S"]), len(operations))
    assert distinct.per_cell == pytest.approx(len(operations))
    (mixed,) = assembly.resolution.mixed
    assert mixed.occupancies == pytest.approx({pair[0]: share, pair[1]: 1 - share})
    assert set(mixed.labels) == {"M0_0", "M0_1"}
    assert "assembly-mixed-site" in codes(assembly)


def test_parts_of_an_alloyed_metal_at_one_place_are_a_mixed_site_too():
    matrix = cubic(12.0)
    atoms = (
        *place(["Au"], [[0, 0, 0]], matrix, prefix="a", part=1, occupancy=0.7),
        *place(["Ag"], [[0, 0, 0]], matrix, prefix="b", part=2, occupancy=0.3),
        *place(["S", "S"], [[2.3, 0, 0], [-2.3, 0, 0]], matrix),
    )
    assembly = assemble_built(Built(matrix=matrix, atoms=atoms))
    (distinct,) = assembly.molecules
    assert (distinct.formula, distinct.per_cell) == ("AuS2", 1)
    assert [m.occupancies for m in assembly.resolution.mixed] == [pytest.approx({"Au": 0.7, "Ag": 0.3})]


def test_two_full_atoms_of_different_elements_on_one_place_are_an_error_in_the_file():
    matrix = cubic(12.0)
    atoms = (
        *place(["Au"], [[0, 0, 0]], matrix, prefix="a"),
        *place(["Ag"], [[0, 0, 0.1]], matrix, prefix="b"),
    )
    assembly = assemble_built(Built(matrix=matrix, atoms=atoms))
    assert [m.formula for m in assembly.molecules] == ["Au"]
    (finding,) = [f for f in assembly.findings if f.code == "assembly-site-conflict"]
    assert (finding.severity, finding.labels) == ("error", ("bAg1",))


# ------------------------------------------------------------------------------- occupancies as site factors


def inverted_pairs(*, ordered):
    """Two metals on inversion centres with occupancy 1/2, and a full atom next to one of them."""
    matrix = cubic(12.0)
    inversion = ((np.eye(3, dtype=int), np.zeros(3)), (-np.eye(3, dtype=int), np.zeros(3)))
    atoms = (
        *place(["Au"], [[0, 0, 0]], matrix, prefix="a", occupancy=0.5),
        *place(["Pt"], [[0, 0, 0]], matrix, at=(0.5, 0.5, 0.5), prefix="b", occupancy=0.5),
        *place(["S"], [[2.3, 0.2, 0.1]], matrix, occupancy=ordered),
    )
    return Built(matrix=matrix, operations=inversion, atoms=atoms)


def test_occupancies_divided_by_the_site_symmetry_are_recognised():
    assembly = assemble_built(inverted_pairs(ordered=1.0))
    assert [(m.formula, m.per_cell) for m in assembly.molecules] == [("AuS2", 1), ("Pt", 1)]
    assert "assembly-occupancy-convention" in codes(assembly)


def test_half_occupied_metals_beside_other_partial_atoms_stay_half_occupied():
    assembly = assemble_built(inverted_pairs(ordered=0.8))
    assert "assembly-occupancy-convention" not in codes(assembly)
    assert sorted(assembly.crystal.sites.occupancy.tolist()) == [0.5, 0.5, 0.8]


# -------------------------------------------------------------------------------- what must not be disorder


@examples(30)
@given(space_groups(16), generators(), st.integers(2, 9))
def test_an_ordered_crystal_has_no_findings_of_disorder(operations, rng, size):
    built = on_general_positions(operations, rng, [random_molecule(rng, size)[:2]])
    assembly = assemble_built(built)
    assert not [c for c in codes(assembly) if "disorder" in c or "mixed" in c or "copies" in c]
    assert assembly.resolution.regions == ()


def test_a_single_atom_labelled_as_a_part_without_alternative_stays():
    atom = Atom(label="Au1", element="Au", fract=np.array([0.2, 0.3, 0.4]), part=1)
    (distinct,) = assemble_built(Built(matrix=cubic(9.0), atoms=(atom,))).molecules
    assert (distinct.formula, distinct.per_cell) == ("Au", 1)
