"""Selected bonds and angles: by construction, for other listed atoms, against deposited tables."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.analysis.bond_lengths import measure_bond_lengths
from clustermodel.analysis.selected_geometry import measure_selected_geometry
from clustermodel.analysis.selected_results import SelectedSettings
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.assembly.uncertainties import find_pair_uncertainties
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.kernel import classify_kernel
from clustermodel.errors import InputError
from clustermodel.io.cif import read_cif
from clustermodel.io.cif_syntax import read_document
from clustermodel.io.cif_values import parse_number, read_columns
from clustermodel.structure.cell import Cell
from tests.assembly.error_cases import build_crystal, group_of, isotropic_su
from tests.assembly.geom_loops import decode, read_operations
from tests.datafiles import data_path

AU25_CIF = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"


def select(crystal, **choices):
    """Return the geometry of the first cluster of a crystal, with what it is made of."""
    assembly = assemble_molecules(crystal)
    cluster = build_cluster(assembly.molecules[0].molecule)
    return measure_selected_geometry(assembly.crystal, cluster, classify_kernel(cluster), **choices), assembly


def place_atom(crystal, codes, atom):
    """Return the Cartesian place of an atom from its label and mark alone."""
    group, site = crystal.space_group, crystal.sites.labels.index(atom.label)
    fract = np.array(crystal.sites.fract[site])
    if atom.mark:
        code = codes[atom.mark]
        fract = group.rotations[code.operation] @ fract + group.translations[code.operation] + code.shift
    return fract @ crystal.cell.matrix


def bend(x, y, z):
    first, second = (x - y) / np.linalg.norm(x - y), (z - y) / np.linalg.norm(z - y)
    return math.degrees(math.acos(np.clip(first @ second, -1, 1)))


# ------------------------------------------------------------------------------------ by construction


def octahedron(choices=((0, (0, 0, 0)), (0, (0, 0, 0)))):
    """W6S8 on a site m-3m: W on the axes, S above the faces; two sites, listed as the given images."""
    group = group_of("P m -3 m")
    cell = Cell(lengths=[14.0] * 3, angles=[90] * 3, lengths_su=[0.002] * 3)
    fract = np.array([(1.87 / 14, 0, 0), (1.75 / 14,) * 3])
    listed = [
        group.rotations[g] @ x + group.translations[g] + shift
        for x, (g, shift) in zip(fract, choices, strict=True)
    ]
    su = [isotropic_su(cell, group, x) for x in listed]
    crystal = build_crystal(cell, group, listed, su)
    sites = replace(crystal.sites, elements=("W", "S"), labels=("W1", "S1"))
    return replace(crystal, sites=sites)


def test_octahedron_has_one_of_each():
    """12 edges, 24 bonds to sulfur; at each W four angles along the edges and two across, at each S three."""
    found, _ = select(octahedron())
    edge, long = 1.87 * math.sqrt(2), math.sqrt((1.87 - 1.75) ** 2 + 2 * 1.75**2)
    assert [(b.role, b.pair, b.multiplicity) for b in found.bonds] == [
        ("shell-shell", "W-W", 12),
        ("metal-sulfide", "W-S", 24),
    ]
    assert [b.length for b in found.bonds] == pytest.approx([edge, long])
    angles = [(a.kind, a.elements, a.multiplicity) for a in found.angles]
    assert sorted(angles) == [
        ("donor-metal-donor", "S-W-S", 12),
        ("donor-metal-donor", "S-W-S", 24),
        ("metal-donor-metal", "W-S-W", 24),
    ]
    expected = {
        24: 2 * math.degrees(math.asin(1.75 / long)),
        12: 2 * math.degrees(math.asin(1.75 * math.sqrt(2) / long)),
    }
    for angle in found.angles:
        if angle.kind == "donor-metal-donor":
            assert angle.angle == pytest.approx(expected[angle.multiplicity])
        else:
            assert angle.angle == pytest.approx(2 * math.degrees(math.asin(edge / 2 / long)))
        assert angle.su > 0
        assert not angle.fixed


@settings(max_examples=15, deadline=None)
@given(st.tuples(*[st.tuples(st.integers(0, 47), st.tuples(*[st.integers(-1, 1)] * 3))] * 2))
def test_choice_of_the_listed_atoms_does_not_matter(choices):
    """Any image of the two sites may be listed; roles, values, errors and counts stay."""
    plain, _ = select(octahedron())
    found, assembly = select(octahedron(choices))
    for name in ("bonds", "angles"):
        one, other = getattr(plain, name), getattr(found, name)
        assert sorted(map(outline, one)) == sorted(map(outline, other))
    check_places(found, assembly.crystal)


def outline(row):
    value, digits = (row.length, 6) if hasattr(row, "length") else (row.angle, 4)  # rounding of the origin
    kind = row.role if hasattr(row, "length") else row.kind
    return kind, round(value, digits), round(row.su, digits), row.multiplicity


def check_places(found, crystal):
    """Labels and marks alone, with the table of symmetry codes, give the listed values."""
    codes = {code.mark: code for code in found.symmetry}
    for bond in found.bonds:
        first, second = (place_atom(crystal, codes, atom) for atom in bond.atoms)
        assert np.linalg.norm(second - first) == pytest.approx(bond.length, abs=1e-6)
        assert not bond.atoms[0].mark
    for angle in found.angles:
        assert bend(*[place_atom(crystal, codes, atom) for atom in angle.atoms]) == pytest.approx(
            angle.angle,
            abs=1e-4,  # an arc cosine near 180°
        )
        assert not angle.atoms[1].mark


def test_straight_angle_about_an_inversion_centre_is_fixed():
    """Gold on an inversion centre between two sulfur atoms of one site, in a longer chain."""
    cell = Cell(lengths=[14.0] * 3, angles=[90] * 3, lengths_su=[0.001] * 3)
    fract = np.array([(0, 0, 0), (2.3, 0, 0), (2.3, 2.2, 0.6), (2.3, 4.4, 1.0)]) / 14
    crystal = build_crystal(cell, group_of("P -1"), fract, [[0] * 3, *[[1e-4] * 3] * 3])
    labels = ("Au1", "S1", "Au2", "S2")
    elements = ("Au", "S", "Au", "S")
    crystal = replace(crystal, sites=replace(crystal.sites, labels=labels, elements=elements))
    found, _ = select(crystal)
    straight = [a for a in found.angles if a.fixed]
    assert [(a.name, a.multiplicity) for a in straight] == [("S1–Au1–S1#1", 1)]
    assert straight[0].angle == pytest.approx(180.0)
    assert math.isnan(straight[0].su)
    assert found.symmetry[0].text == "-x, -y, -z"
    bond = next(b for b in found.bonds if b.name == "Au1–S1")
    assert bond.multiplicity == 2


def test_chain_is_followed_to_the_next_cell():
    """Gold and chlorine in a chain: a bond and two angles need an atom of the next cell."""
    cell = Cell(lengths=[10.2, 12, 12], angles=[90] * 3, lengths_su=[0.001] * 3)
    points = [
        [0.5 + x / 10.2, 3 / 12, 3 / 12 + z / 12] for x, z in ((0, 0), (2.9, 0.1), (5.8, 0), (7.95, 0.2))
    ]
    crystal = build_crystal(cell, group_of("P 1"), points, 1e-4)
    elements, labels = ("Au", "Au", "Au", "Cl"), ("Au1", "Au2", "Au3", "Cl1")
    crystal = replace(crystal, sites=replace(crystal.sites, elements=elements, labels=labels))
    found, assembly = select(crystal)
    assert assembly.molecules[0].molecule.periodicity == 1
    chlorine = [b for b in found.bonds if b.pair == "Au-Cl"]
    assert sorted(b.length for b in chlorine) == pytest.approx([math.hypot(2.15, 0.2), math.hypot(2.25, 0.2)])
    assert len({b.name for b in chlorine}) == 2
    (angle,) = found.angles
    assert angle.angle == pytest.approx(
        180 - math.degrees(math.atan2(0.2, 2.15)) - math.degrees(math.atan2(0.2, 2.25))
    )
    check_places(found, assembly.crystal)


# ------------------------------------------------------------------------------------- an X-ray cluster


@pytest.fixture(scope="module")
def au25_crystal():
    return read_cif(data_path(AU25_CIF))


@pytest.fixture(scope="module")
def au25(au25_crystal):
    return select(au25_crystal)


def test_numbers_of_unique_rows_are_those_of_the_inversion(au25):
    """The molecule lies on an inversion centre that moves every bond: half of everything is unique."""
    found, assembly = au25
    cluster = build_cluster(assembly.molecules[0].molecule)
    table = measure_bond_lengths(cluster, classify_kernel(cluster))
    counts = Counter()
    for bond in found.bonds:
        counts[bond.role] += bond.multiplicity
        assert bond.multiplicity == 2
    assert counts == {row.role: row.n for row in table.rows if row.role != "metal-donor"}
    for row in table.rows:
        mine = [b.length for b in found.bonds if b.role == row.role]
        if mine:
            assert len(mine) == row.n_unique
            assert np.mean(mine) == pytest.approx(row.mean_unique, abs=1e-9)
    assert Counter(a.kind for a in found.angles) == {"donor-metal-donor": 6, "metal-donor-metal": 9}
    assert all(a.multiplicity == 2 for a in found.angles)


def test_labels_and_marks_give_the_values(au25):
    found, assembly = au25
    check_places(found, assembly.crystal)
    marks = [atom.mark for row in (*found.bonds, *found.angles) for atom in row.atoms if atom.mark]
    assert list(dict.fromkeys(marks)) == [f"#{i + 1}" for i in range(len(found.symmetry))]
    assert [code.text for code in found.symmetry] == ["-x+1, -y+2, -z+1"]


def test_errors_are_those_of_the_bonds(au25):
    found, assembly = au25
    molecule = assembly.molecules[0].molecule
    su = find_pair_uncertainties(assembly.crystal, molecule, *molecule.bonds.pairs.T)
    known = {round(length, 6): value for length, value in zip(molecule.bonds.lengths, su, strict=True)}
    compared = [(b.su, known[round(b.length, 6)]) for b in found.bonds if round(b.length, 6) in known]
    assert len(compared) > 30
    assert [a for a, _ in compared] == pytest.approx([b for _, b in compared], rel=1e-6)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_other_listed_atoms_of_the_x_ray_structure_give_the_same(au25_crystal, au25, seed):
    """Each site listed in its place or inverted, in any cell."""
    rng = np.random.default_rng(seed)
    sites = au25_crystal.sites
    sign = rng.choice([-1, 1], size=len(sites))
    # Disorder that is resolved by order of the file is left as it is.
    sign[(sites.part != 0) | (sites.occupancy < 1)] = 1
    shifts = np.where(sign < 0, 1, 0)[:, None] * rng.integers(-1, 2, size=(len(sites), 3))
    moved = replace(sites, fract=sign[:, None] * sites.fract + shifts)
    found, _ = select(replace(au25_crystal, sites=moved))
    for name in ("bonds", "angles"):
        assert sorted(map(outline, getattr(found, name))) == sorted(map(outline, getattr(au25[0], name)))


def read_loop(crystal, kind, width):
    """Yield the rows of a deposited loop as printed number and (site, operation, shift) of each atom."""
    block = next(
        b
        for b in read_document(data_path(AU25_CIF).read_bytes(), "").document
        if b.name == crystal.source.block
    )
    operations = read_operations(block)
    ends = range(1, width + 1)
    tags = {f"l{i}": f"_geom_{kind}_atom_site_label_{i}" for i in ends}
    tags |= {f"c{i}": f"_geom_{kind}_site_symmetry_{i}" for i in ends}
    columns = read_columns(block, tags | {"v": f"_geom_{kind}" + ("_distance" if width == 2 else "")})
    none = [""] * len(columns["v"])
    for row, text in enumerate(columns["v"]):
        atoms = []
        for i in ends:
            operation, shift = decode(columns.get(f"c{i}", none)[row], operations, crystal.space_group)
            atoms.append((crystal.sites.labels.index(columns[f"l{i}"][row]), operation, tuple(shift)))
        yield parse_number(text), atoms


def find_same(crystal, rows, codes, selected):
    """Return the rows of a loop that are the same bond or angle: an operation puts atom on atom."""
    group, fract = crystal.space_group, crystal.sites.fract
    labels = [crystal.sites.labels.index(atom.label) for atom in selected.atoms]
    x = np.array([place_atom(crystal, codes, atom) for atom in selected.atoms])
    same = []
    for printed, atoms in rows:
        for order in (atoms, atoms[::-1]):
            if [site for site, _, _ in order] != labels:
                continue
            y = np.array([group.rotations[g] @ fract[i] + group.translations[g] + s for i, g, s in order])
            moved = np.einsum("gij,aj->gai", group.rotations, y) + group.translations[:, None]
            moved -= np.rint(moved - x @ crystal.cell.inverse)[:, :1]
            off = np.abs(moved @ crystal.cell.matrix - x).max(axis=(1, 2))
            if off.min() < 0.01:  # Å: rounding of the inversion centre
                same.append(printed)
                break
    return same


@pytest.mark.parametrize(("kind", "width", "name"), [("bond", 2, "bonds"), ("angle", 3, "angles")])
def test_every_row_is_in_the_deposited_table_with_its_value_and_error(au25, kind, width, name):
    found, assembly = au25
    crystal = assembly.crystal
    codes = {code.mark: code for code in found.symmetry}
    listed = list(read_loop(crystal, kind, width))
    seen = 0
    for row in getattr(found, name):
        same = find_same(crystal, listed, codes, row)
        value = row.length if width == 2 else row.angle
        for printed in same:
            # rounding of the coordinates, which are printed with one digit of their s.u.
            assert value == pytest.approx(printed.value, abs=max(printed.su / 2, printed.step))
            if printed.su:
                assert row.su == pytest.approx(printed.su, rel=0.3, abs=printed.step / 2)
        seen += bool(same)
        if width == 3 or "donor" in row.role or row.role == "centre-shell":
            assert same, row.name
    assert seen >= (35 if width == 2 else 15)


def test_cutoff_is_a_choice_and_kept(au25_crystal):
    found, _ = select(au25_crystal, settings=SelectedSettings(cutoff=3.0))
    metals = [b for b in found.bonds if b.pair == "Au-Au"]
    assert max(b.length for b in metals) <= 3.0
    assert found.settings.cutoff == 3.0
    assert found.convention == "staple"


def test_molecule_that_was_moved_is_refused(au25):
    _, assembly = au25
    molecule = assembly.molecules[0].molecule
    cluster = build_cluster(replace(molecule, positions=molecule.positions + 1.0))
    with pytest.raises(InputError, match="not where this crystal has it"):
        measure_selected_geometry(assembly.crystal, cluster, classify_kernel(cluster))
