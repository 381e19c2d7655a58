"""Contacts: known by construction, the same for every description of a crystal, and recomputed from CIFs."""

import itertools
import json
import math
from collections import Counter

import gemmi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from clustermodel.analysis.contact_criteria import (
    CONTACT_KINDS,
    CONTACT_PRESETS,
    ContactSettings,
    find_contact_radii,
    find_preset_source,
    find_preset_tolerance,
)
from clustermodel.analysis.contacts import find_contacts
from clustermodel.analysis.crystal_images import Images, build_group_table, compose_images, invert_images
from clustermodel.analysis.neighbour_molecules import find_neighbour_molecules
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.elements import covalent_radii, find_element
from clustermodel.errors import InputError
from clustermodel.io.cif import parse_cif, read_cif
from clustermodel.structure.symmetry import find_space_group
from tests.assembly import strategies as crystals
from tests.assembly.transforms import moved_origin, other_vectors, shears, without_symmetry
from tests.assembly.writer import Atom, Built, assemble_built, place
from tests.datafiles import ROOT, data_path
from tests.toy import write_toy

PRINTED = 1e-6  # Å: coordinates are written with eight decimals
IDENTITY = (np.eye(3, dtype=int), np.zeros(3))
INVERSION = (-np.eye(3, dtype=int), np.zeros(3))
AU25 = "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif"
COPPER = "cif/COD_1000004_CuI_phosphine.cif"
DPPM = "cif/dppm_Au2Br2_Olex2.cif"
ANY = ("unknown", "unknown")


def polygon(radius, count=6, height=0.0, turn=0.0):
    angles = 2 * np.pi * np.arange(count) / count + turn
    return np.stack([radius * np.cos(angles), radius * np.sin(angles), np.full(count, height)], axis=1)


def benzene():
    return ["C"] * 6 + ["H"] * 6, np.concatenate([polygon(1.39), polygon(2.34)])


def put(*molecules, edge=30.0, operations=(IDENTITY,)):
    """Return a cubic crystal, P 1 unless told otherwise, of molecules (elements, Cartesian positions)."""
    matrix = np.eye(3) * edge
    atoms = []
    for number, (elements, positions) in enumerate(molecules):
        atoms += place(elements, positions, matrix, prefix="abcdefgh"[number])
    return assemble_built(Built(matrix=matrix, operations=operations, atoms=tuple(atoms)))


def contacts_of(assembly, **choices):
    """Return the contacts without telling the molecules apart by role."""
    names = ["unknown"] * len(assembly.molecules)
    return find_contacts(assembly, roles=names, settings=ContactSettings(**choices))


def rows_of(assembly, kind, *, scope="intermolecular", **choices):
    return contacts_of(assembly, **choices).table(kind, scope=scope, between=ANY).contacts


def only(rows):
    (row,) = rows
    return row


# ---------------------------------------------------------------------------------- known by construction


class TestRings:
    def test_stacked_rings(self):
        """Two parallel rings, 3.4 Å apart, shifted by 1.6 Å."""
        elements, positions = benzene()
        row = only(
            rows_of(put((elements, positions), (elements, positions + np.array([1.6, 0, 3.4]))), "pi-pi")
        )
        distance = math.hypot(1.6, 3.4)
        assert row.distance == pytest.approx(distance, abs=PRINTED)
        beta = math.degrees(math.atan2(1.6, 3.4))
        assert row.angles == pytest.approx((0, beta, beta), abs=1e-4)  # °: 1e-6 Å over 1 Å
        assert row.lengths == pytest.approx((3.4, 3.4, 1.6, 1.6), abs=PRINTED)
        assert (row.labels, row.symmetry, row.multiplicity) == (("Cg1", "Cg2"), "x, y, z", 1)

    @pytest.mark.parametrize(
        ("shift", "turn", "listed"),
        [
            ((0, 0, 5.9), 0, 1),
            ((0, 0, 6.1), 0, 0),
            ((0, 0, 4.5), 19, 1),
            ((0, 0, 4.5), 21, 0),
            ((4.9, 0, 2.9), 0, 1),  # β 59.4°
            ((5.1, 0, 2.9), 0, 0),  # β 60.4°
        ],
    )
    def test_limits_of_stacking(self, shift, turn, listed):
        elements, positions = benzene()
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        turned = positions @ np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])
        assert len(rows_of(put((elements, positions), (elements, turned + shift)), "pi-pi")) == listed

    def test_t_shape(self):
        """A C-H bond along the normal of a ring, the hydrogen 2.70 Å above its centre."""
        elements, positions = benzene()
        upright = positions[:, [1, 2, 0]] + [0, 0, 2.70 + 2.34]  # a hydrogen points down
        row = only(rows_of(put((elements, positions), (elements, upright)), "CH-pi"))
        assert row.distance == pytest.approx(2.70, abs=PRINTED)
        assert row.angles == pytest.approx((0, 180), abs=1e-3)  # °: an angle of 0 is the root of rounding
        assert row.lengths == pytest.approx((2.70 + 0.95, 2.70), abs=PRINTED)
        assert row.labels == ("bC4", "bH10", "Cg1")
        assert math.isnan(row.excess)

    @pytest.mark.parametrize(
        ("height", "aside", "listed"), [(2.95, 0, 1), (3.05, 0, 0), (2.0, 1.66, 1), (2.0, 1.70, 0)]
    )
    def test_limits_of_ch_pi(self, height, aside, listed):
        """H···Cg below 3.0 Å; γ below 40°: 1.66 Å aside at 2.0 Å is 39.7°, 1.70 Å 40.4°."""
        elements, positions = benzene()
        methane = ["C", "H"], np.array([[aside, 0, height + 1.0], [aside, 0, height]])
        assert len(rows_of(put((elements, positions), methane), "CH-pi")) == listed

    def test_amine_hydrogen_makes_no_ch_pi_contact(self):
        elements, positions = benzene()
        amine = ["N", "H"], np.array([[0, 0, 3.6], [0, 0, 2.6]])
        assert rows_of(put((elements, positions), amine), "CH-pi") == ()

    def test_ring_on_an_inversion_centre(self):
        """Half of the ring is listed; hydrogens above and below are one contact, two in the cell."""
        elements, positions = benzene()
        half = [0, 1, 2, 6, 7, 8]
        ring = [elements[i] for i in half], positions[half]
        group = ["C", "H"], np.array([[0, 0, 3.7], [0, 0, 2.7]])
        assembly = put(ring, group, operations=(IDENTITY, INVERSION))
        found = contacts_of(assembly)
        row = only(found.table("CH-pi", between=ANY).contacts)
        assert (row.distance, row.multiplicity) == (pytest.approx(2.70, abs=PRINTED), 2)
        assert only(found.rings).labels == ("aC1", "aC2", "aC3", "aC1", "aC2", "aC3")
        assert Counter(only(found.rings).symmetry) == {"x, y, z": 3, "-x, -y, -z": 3}

    def test_ring_on_a_sixfold_axis(self):
        """P 6/m m m, one carbon and one hydrogen listed: rings 4 Å apart along c, one contact to a cell."""
        group = find_space_group("P 6/m m m", source="test")
        operations = tuple(zip(group.rotations, group.translations, strict=True))
        matrix = np.array([[12.0, 0, 0], [-6, 6 * 3**0.5, 0], [0, 0, 4]])
        listed = place(["C", "H"], [[1.39, 0, 0], [2.34, 0, 0]], matrix)
        found = contacts_of(assemble_built(Built(matrix=matrix, operations=operations, atoms=listed)))
        row = only(found.table("pi-pi", between=ANY).contacts)
        assert (row.labels, row.symmetry, row.multiplicity) == (("Cg1", "Cg1"), "x, y, z+1", 1)
        assert row.distance == pytest.approx(4, abs=PRINTED)
        assert len(only(found.rings).labels) == 6


class TestHydrogen:
    def test_pair_across_an_inversion_centre(self):
        """H at (0.6, 0.8, 0) Å and its image: 2.0 Å apart, one contact in the cell."""
        direction = np.array([0.6, 0.8, 0])
        group = ["C", "H"], np.array([direction * 2.0, direction])
        row = only(rows_of(put(group, operations=(IDENTITY, INVERSION)), "hydrogen-hydrogen"))
        assert row.distance == pytest.approx(2.0, abs=PRINTED)
        assert (row.labels, row.symmetry, row.multiplicity) == (("aH2", "aH2"), "-x, -y, -z", 1)
        assert row.angles == pytest.approx((180, 180), abs=1e-3)  # °: the root of rounding
        assert row.excess == pytest.approx(-0.4, abs=PRINTED)

    def test_pair_on_general_positions_is_doubled_by_inversion(self):
        groups = [
            (["C", "H"], np.array([[x, 5, 5 + s * 2.2], [x, 5, 5 + s * 1.2]])) for x, s in ((5, 1), (5, -1))
        ]
        row = only(rows_of(put(*groups, operations=(IDENTITY, INVERSION)), "hydrogen-hydrogen"))
        assert (row.distance, row.multiplicity) == (pytest.approx(2.4, abs=PRINTED), 2)

    def test_screw_axis_in_usual_notation(self):
        """P 21: a chain of hydrogens along b, each 2 Å from the one before."""
        screw = (np.diag([-1, 1, -1]), np.array([0, 0.5, 0]))
        built = Built(
            matrix=np.diag([20.0, 3.0, 20.0]),
            operations=(IDENTITY, screw),
            atoms=place(["O", "H"], [[1.6, 0, 0], [0.65, 0, 0]], np.diag([20.0, 3.0, 20.0]), at=(0, 0.25, 0)),
        )
        row = only(r for r in rows_of(assemble_built(built), "hydrogen-hydrogen") if r.distance < 2.1)
        assert row.symmetry in {"-x, y+1/2, -z", "-x, y-1/2, -z"}
        assert (row.distance, row.multiplicity) == (pytest.approx(math.hypot(1.3, 1.5), abs=PRINTED), 2)

    def test_count_and_mean_against_the_cutoff(self):
        """Pairs of 2.35, 2.45 and 2.55 Å: the mean of 2.45 Å needs a cut-off above twice 1.20 Å."""
        groups = []
        for number, gap in enumerate((2.35, 2.45, 2.55)):
            y = 8.0 * number
            groups.append((["C", "H"], np.array([[0, y, -1.0], [0, y, 0]])))
            groups.append((["C", "H"], np.array([[0, y, gap + 1.0], [0, y, gap]])))
        found = contacts_of(put(*groups), compared={"hydrogen-hydrogen": (2.4, 2.5, 2.6)})
        rows = found.table("hydrogen-hydrogen", between=ANY).by_cutoff
        assert [(r.cutoff, r.n_cell) for r in rows] == [(2.4, 1), (2.5, 2), (2.6, 3)]
        assert [r.mean for r in rows] == pytest.approx([2.35, 2.40, 2.45], abs=PRINTED)
        assert rows[2].sd == pytest.approx(0.1, abs=PRINTED)
        assert math.isnan(rows[0].sd)

    @pytest.mark.parametrize(
        ("preset", "expected"), [("platon", 3), ("bondi", 1), ("alvarez", 1), ("csd", 0)]
    )
    def test_presets(self, preset, expected):
        """Limits of 2.60, 2.40, 2.40 and 2.18 Å for pairs of 2.35, 2.45 and 2.55 Å."""
        groups = []
        for number, gap in enumerate((2.35, 2.45, 2.55)):
            y = 8.0 * number
            groups.append((["C", "H"], np.array([[0, y, -1.0], [0, y, 0]])))
            groups.append((["C", "H"], np.array([[0, y, gap + 1.0], [0, y, gap]])))
        assert len(rows_of(put(*groups), "hydrogen-hydrogen", preset=preset)) == expected

    def test_normalised_hydrogen(self):
        """C-H 0.95 Å becomes 1.083 Å at both ends of a straight C-H···H-C: 2 × 0.133 Å nearer."""
        groups = [(["C", "H"], np.array([[0, 0, s * 2.15], [0, 0, s * 1.20]])) for s in (1, -1)]
        refined = only(rows_of(put(*groups), "hydrogen-hydrogen"))
        moved = only(rows_of(put(*groups), "hydrogen-hydrogen", hydrogens="normalised"))
        assert refined.distance == pytest.approx(2.40, abs=PRINTED)
        assert moved.distance == pytest.approx(2.40 - 2 * (1.083 - 0.95), abs=PRINTED)

    def test_atoms_less_than_four_bonds_apart_are_no_contact(self):
        """H-C-C-H, 2.3 Å: three bonds. Listed only if two are enough."""
        ethane = ["C", "C", "H", "H"], np.array([[0, 0, 0], [1.5, 0, 0], [-0.4, 1, 0], [1.9, 1, 0]])
        assembly = put(ethane)
        assert rows_of(assembly, "hydrogen-hydrogen", scope="intramolecular") == ()
        row = only(rows_of(assembly, "hydrogen-hydrogen", scope="intramolecular", min_bonds=3))
        assert row.distance == pytest.approx(2.3, abs=PRINTED)

    def test_four_bonds_apart(self):
        """H-C-C-C-H with the outer hydrogens turned towards each other."""
        propane = (
            ["C", "C", "C", "H", "H"],
            np.array([[0, 0, 0], [1.25, 0.85, 0], [2.5, 0, 0], [0.2, -1, 0], [2.3, -1, 0]]),
        )
        found = contacts_of(put(propane))
        assert (
            only(found.table("hydrogen-hydrogen", scope="intramolecular", between=ANY).contacts).distance
            < 2.2
        )
        assert found.table("hydrogen-hydrogen", between=ANY).contacts == ()


class TestOtherKinds:
    def test_hydrogen_bond(self):
        """O-H 0.95 Å, H···O 1.90 Å, straight."""
        donor = ["O", "H"], np.array([[0, 0, 0], [0.95, 0, 0]])
        acceptor = ["O", "C"], np.array([[2.85, 0, 0], [3.45, 1.04, 0]])
        row = only(rows_of(put(donor, acceptor), "hydrogen-bond"))
        assert row.labels == ("aO1", "aH2", "bO1")
        assert row.lengths == pytest.approx((0.95, 2.85), abs=PRINTED)
        assert (row.distance, row.angles[0]) == (
            pytest.approx(1.90, abs=PRINTED),
            pytest.approx(180, abs=1e-3),
        )

    @pytest.mark.parametrize(
        ("distance", "angle", "listed"), [(2.55, 179, 1), (2.62, 179, 0), (2.30, 102, 1), (2.30, 98, 0)]
    )
    def test_limits_of_hydrogen_bonds(self, distance, angle, listed):
        """H···O below 1.20 + 1.52 - 0.12 = 2.60 Å, D-H···A above 100°."""
        donor = ["O", "H"], np.array([[0, 0, 0], [0.95, 0, 0]])
        turn = math.radians(180 - angle)
        place_of = np.array([0.95 + distance * math.cos(turn), distance * math.sin(turn), 0])
        ether = ["O", "C"], np.array([place_of, place_of + np.array([0.7, 1.25, 0])])
        assert len(rows_of(put(donor, ether), "hydrogen-bond")) == listed

    def test_carbon_donors_have_their_own_table(self):
        donor = ["C", "H"], np.array([[0, 0, 0], [0.95, 0, 0]])
        acceptor = ["O", "C"], np.array([[3.35, 0, 0], [3.95, 1.04, 0]])
        found = contacts_of(put(donor, acceptor))
        assert found.table("hydrogen-bond", between=ANY).contacts == ()
        assert only(found.table("weak-hydrogen-bond", between=ANY).contacts).distance == pytest.approx(
            2.4, abs=PRINTED
        )

    def test_ammonium_is_no_acceptor(self):
        donor = ["O", "H"], np.array([[0, 0, 3.0], [0, 0, 2.0]])
        arms = 1.5 * np.array([[1, 1, -1], [1, -1, -0.5], [-1, 1, -0.5], [-1, -1, -1]]) / 1.6
        ammonium = ["N", "C", "C", "C", "C"], np.concatenate([np.zeros((1, 3)), arms])
        assert rows_of(put(donor, ammonium), "hydrogen-bond") == ()

    def test_halogen_contact(self):
        """C-Cl···O: 3.0 Å, straight at chlorine, 120° at oxygen."""
        halide = ["C", "Cl"], np.array([[0, 0, 0], [1.75, 0, 0]])
        turn = math.radians(60)
        oxygen = ["O", "C"], np.array([[4.75, 0, 0], [4.75 + 1.2 * math.cos(turn), 1.2 * math.sin(turn), 0]])
        row = only(rows_of(put(halide, oxygen), "halogen"))
        assert (row.labels, row.distance) == (("aCl2", "bO1"), pytest.approx(3.0, abs=PRINTED))
        assert row.angles == pytest.approx((180, 120), abs=1e-3)
        assert row.excess == pytest.approx(3.0 - 1.75 - 1.52, abs=PRINTED)

    def test_two_halogens_are_one_contact(self):
        """Type II Br···Cl: 170° at one, 95° at the other; angles stay with their atoms."""
        first = ["C", "Cl"], np.array([[0, 0, 0], [1.75, 0, 0]])
        turn = math.radians(85)
        second = ["Br", "C"], np.array([[5.15, 0, 0], [5.15 + 1.9 * math.cos(turn), 1.9 * math.sin(turn), 0]])
        row = only(rows_of(put(first, second), "halogen"))
        assert (row.labels, row.multiplicity) == (("aCl2", "bBr1"), 1)
        assert row.angles == pytest.approx((180, 95), abs=1e-3)

    def test_aurophilic_contact_and_gold_hydrogen(self):
        first = ["Au", "Cl", "Cl"], np.array([[0, 0, 0], [2.3, 0, 0], [-2.3, 0, 0]])
        second = ["Au", "Cl", "Cl"], np.array([[0, 0, 3.4], [0, 2.3, 3.4], [0, -2.3, 3.4]])
        third = ["C", "H"], np.array([[0, 0, -3.7], [0, 0, -2.75]])
        found = contacts_of(put(first, second, third))
        gold = only(found.table("metal-metal", between=ANY).contacts)
        assert (gold.labels, gold.distance) == (("aAu1", "bAu1"), pytest.approx(3.4, abs=PRINTED))
        hydrogen = only(found.table("metal-hydrogen", between=ANY).contacts)
        assert (hydrogen.labels, hydrogen.distance) == (("aAu1", "cH2"), pytest.approx(2.75, abs=PRINTED))
        assert hydrogen.angles == pytest.approx((180,), abs=1e-3)

    def test_species_are_told_apart(self):
        groups = [(["C", "H"], np.array([[0, 0, s * 2.15], [0, 0, s * 1.20]])) for s in (1, -1)]
        groups.append((["O", "H"], np.array([[0, 2.9, 1.2], [0, 1.95, 1.2]])))
        assembly = put(*groups)
        roles = ["solvent" if "O" in m.molecule.elements else "cluster" for m in assembly.molecules]
        found = find_contacts(assembly, roles=roles)
        assert only(found.table("hydrogen-hydrogen").contacts).labels == ("aH2", "bH2")
        mixed = found.table("hydrogen-hydrogen", between=("solvent", "cluster"))
        assert (mixed.between, only(mixed.contacts).labels) == (("cluster", "solvent"), ("aH2", "cH2"))
        wanted = ContactSettings(between=(("cluster", "cluster"),))
        filtered = find_contacts(assembly, roles=roles, settings=wanted)
        assert {table.between for table in filtered.tables} == {("cluster", "cluster")}


class TestPolymers:
    def test_contacts_between_chains_and_none_within(self):
        """A zigzag of C-H along c, two periods to the cell; along a, the next chain is 2.9 Å away."""
        matrix = np.diag([5.5, 20.0, 4.92])
        carbons = np.array([[0.35 * (-1) ** k, 0, 1.23 * k] for k in range(4)])
        hydrogens = np.array([[1.30 * (-1) ** k, 0, 1.23 * k] for k in range(4)])
        chain = place(["C"] * 4 + ["H"] * 4, [*carbons, *hydrogens], matrix)
        assembly = assemble_built(Built(matrix=matrix, atoms=chain))
        assert [m.molecule.periodicity for m in assembly.molecules] == [1]
        found = contacts_of(assembly, compared={"hydrogen-hydrogen": (3.3,)})
        table = only(t for t in found.tables if t.kind == "hydrogen-hydrogen")
        assert table.scope == "intermolecular"  # H···H of 2.46 Å and four bonds within the chain is not there
        (counted,) = table.by_cutoff
        across = math.hypot(5.5 - 2.6, 1.23)
        assert (counted.n_cell, counted.minimum) == (4, pytest.approx(across, abs=PRINTED))


class TestDisorder:
    def test_parts_never_pair(self):
        """Water in part 1, and a C-H in part 2 of another place with the same assembly, 2.2 Å apart."""
        rows = [("C1", "C", 0.1, 0.1, 0.1), ("H1", "H", 0.15, 0.1, 0.1)]
        first, second = ("A", 1), ("A", 2)
        rows += [("O2", "O", 0.30, 0.1, 0.1, 0.6, *first), ("H2", "H", 0.26, 0.1, 0.1, 0.6, *first)]
        rows += [("O3", "O", 0.31, 0.13, 0.1, 0.4, *second), ("H3", "H", 0.27, 0.13, 0.1, 0.4, *second)]
        assembly = assemble_molecules(parse_cif(write_toy(rows), "toy.cif")[0])
        row = only(rows_of(assembly, "hydrogen-hydrogen"))
        assert (row.labels, row.occupancy) == (("H1", "H2"), pytest.approx(0.6))

    def test_different_parts_of_two_places(self):
        """What is kept of two places of one assembly are parts 1 and 2: they are not there together."""
        rows = [("O2", "O", 0.30, 0.1, 0.1, 0.6, ".", 1), ("H2", "H", 0.26, 0.1, 0.1, 0.6, ".", 1)]
        rows += [("O4", "O", 0.10, 0.1, 0.1, 0.6, ".", 2), ("H4", "H", 0.14, 0.1, 0.1, 0.6, ".", 2)]
        together = [(*row[:5], 1.0) for row in rows]
        assembly = assemble_molecules(parse_cif(write_toy(together), "toy.cif")[0])
        assert len(rows_of(assembly, "hydrogen-hydrogen")) == 1
        apart = assemble_molecules(parse_cif(write_toy(rows), "toy.cif")[0])
        assert rows_of(apart, "hydrogen-hydrogen") == ()

    def test_overlapping_images_are_not_there_together(self):
        """A half-occupied water beside an inversion centre has no contact with its own image."""
        rows = [("O1", "O", 0.49, 0.5, 0.5, 0.5, ".", -1), ("H1", "H", 0.45, 0.52, 0.5, 0.5, ".", -1)]
        rows += [("C2", "C", 0.28, 0.5, 0.5), ("H2", "H", 0.33, 0.5, 0.5)]
        cif = write_toy(rows, operations=("x,y,z", "-x,-y,-z"))
        found = rows_of(assemble_molecules(parse_cif(cif, "toy.cif")[0]), "hydrogen-hydrogen")
        labels = {(row.labels, row.multiplicity, row.occupancy) for row in found}
        assert labels == {(("H1", "H2"), 2, 0.5)}


# ----------------------------------------------------------------------------------------------- s.u.


UNCERTAIN = b"""data_t
_cell_length_a 11.000(4) _cell_length_b 12.000(5) _cell_length_c 13.000(6)
_cell_angle_alpha 90 _cell_angle_beta 102.00(3) _cell_angle_gamma 90
loop_ _space_group_symop_operation_xyz 'x,y,z' '-x,-y,-z'
loop_ _atom_site_label _atom_site_type_symbol _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z
%s"""


def uncertain_ring():
    """Benzene 1.7 Å from an inversion centre, carbon with s.u. of 0.0002 (fractions), hydrogen riding."""
    cell = gemmi.UnitCell(11, 12, 13, 90, 102, 90)
    rows = []
    for number, (symbol, xyz) in enumerate(zip(*benzene(), strict=True), 1):
        fract = cell.fractionalize(gemmi.Position(xyz[0], xyz[1] + 0.7, xyz[2] + 1.7))
        su = "(2)" if symbol == "C" else ""
        rows.append(f"{symbol}{number} {symbol} {fract.x:.4f}{su} {fract.y:.4f}{su} {fract.z:.4f}{su}")
    return assemble_molecules(parse_cif(UNCERTAIN % "\n".join(rows).encode(), "toy.cif")[0])


class TestUncertainty:
    def test_centroids_against_random_errors(self):
        """Draw coordinates and cell with the printed s.u.; the spread of the distance is the s.u."""
        assembly = uncertain_ring()
        row = only(rows_of(assembly, "pi-pi"))
        rng = np.random.default_rng(1)
        sites, cell = assembly.crystal.sites, assembly.crystal.cell
        carbon = np.array([e == "C" for e in sites.elements])
        draws = []
        for _ in range(4000):
            lengths = cell.lengths + cell.lengths_su * rng.normal(size=3)
            beta = 102 + 0.03 * rng.normal()
            matrix = np.array(gemmi.UnitCell(*lengths, 90, beta, 90).orth.mat.tolist())
            noise = draw_isotropic(cell, sites.fract_su[carbon], rng)
            draws.append(2 * np.linalg.norm(matrix @ (sites.fract[carbon] + noise).mean(axis=0)))
        assert row.distance == pytest.approx(np.mean(draws), abs=3e-4)  # five times s.u. / √4000
        assert row.su == pytest.approx(np.std(draws), rel=0.06)  # five times 1 / √8000

    def test_riding_hydrogen_has_none(self):
        for table in contacts_of(uncertain_ring()).tables:
            if table.kind != "pi-pi":
                assert all(math.isnan(row.su) for row in table.contacts)

    def test_refined_hydrogen_has_one(self):
        """Along the unique axis b, which is orthogonal to the others: 1.92 Å, two coordinates with s.u."""
        rows = ["O1 O .2000(1) .2000(1) .2000(1)", "H1 H .2000(9) .1300(9) .2000(9)"]
        rows += ["C2 C .2000(1) -.1000(1) .2000(1)", "H2 H .2000(9) -.0300(9) .2000(9)"]
        assembly = assemble_molecules(parse_cif(UNCERTAIN % "\n".join(rows).encode(), "toy.cif")[0])
        row = only(rows_of(assembly, "hydrogen-hydrogen"))
        assert row.distance == pytest.approx(0.16 * 12, abs=1e-9)
        assert row.su == pytest.approx(math.hypot(12 * 0.0009 * 2**0.5, 0.16 * 0.005), rel=1e-9)
        moved = only(rows_of(assembly, "hydrogen-hydrogen", hydrogens="normalised"))
        assert math.isnan(moved.su)


def draw_isotropic(cell, su, rng):
    """Return errors of fractional coordinates that are isotropic in space, with the given s.u."""
    noise = rng.normal(size=su.shape) @ cell.inverse
    return noise / np.linalg.norm(cell.inverse, axis=0) * su


# ---------------------------------------------------------------------------------- other descriptions


def summarise(assembly, cells=1):
    """Return every contact of a cell by kind, scope, distance and angles, with its number in one old cell."""
    found = contacts_of(assembly)
    counts = Counter()
    for table in found.tables:
        for row in table.contacts:
            angles = tuple(sorted(round(angle, 1) for angle in row.angles))
            counts[table.kind, table.scope, round(row.distance, 3), angles] += row.multiplicity
    return {key: count / cells for key, count in counts.items()}


def assert_alike(first, second):
    """Compare two summaries, rounding apart."""
    assert abs(sum(first.values()) - sum(second.values())) < 1e-9
    expand = [
        sorted((*key[:2], key[2], *key[3]) for key, n in one.items() for _ in range(round(8 * n)))
        for one in (first, second)
    ]
    for one, other in zip(*expand, strict=True):
        assert one[:2] == other[:2]
        assert one[2] == pytest.approx(other[2], abs=2e-3)  # Å: rounded to 1e-3 on either side


class TestInvariance:
    @settings(max_examples=12, deadline=None)
    @given(crystals.packed_crystals(), st.integers(0, 2**32 - 1))
    def test_description_of_the_crystal(self, built, seed):
        rng = np.random.default_rng(seed)
        first = summarise(assemble_built(built))
        shift = np.rint(rng.uniform(0, 1, 3) * 24) / 24  # a multiple of 1/24: operations are written in these
        assert_alike(first, summarise(assemble_built(moved_origin(built, shift))))
        assert_alike(first, summarise(assemble_built(other_vectors(built, shears(rng)))))
        scattered = built.with_atoms(crystals.scatter(built.atoms, built.operations, rng))
        assert_alike(first, summarise(assemble_built(scattered)))
        repeats = (2, 1, 1)
        assert_alike(first, summarise(assemble_built(without_symmetry(built, repeats)), cells=2))

    @pytest.mark.parametrize("name", [COPPER, DPPM])
    def test_unique_contacts_add_up_to_those_without_symmetry(self, name):
        """P 1 lists every contact of the cell: the multiplicities must add up to them."""
        crystal = read_cif(data_path(name))
        group = crystal.space_group
        built = Built(
            matrix=crystal.cell.matrix,
            operations=tuple(zip(group.rotations, group.translations, strict=True)),
            atoms=tuple(
                Atom(label=label, element=element, fract=fract)
                for label, element, fract in zip(
                    crystal.sites.labels, crystal.sites.elements, crystal.sites.fract, strict=True
                )
            ),
        )
        assert_alike(summarise(assemble_built(built)), summarise(assemble_built(without_symmetry(built))))

    @settings(max_examples=25, deadline=None)
    @given(crystals.space_groups(), st.integers(0, 2**32 - 1))
    def test_products_of_operations(self, operations, seed):
        """Operations with cell shifts, multiplied and inverted, against the same with matrices."""
        rng = np.random.default_rng(seed)
        space_group = crystals_group(operations)
        table = build_group_table(space_group)
        p = 20
        one, two = (
            Images(
                objects=np.zeros(p),
                operations=rng.integers(len(table), size=p),
                shifts=rng.integers(-3, 4, (p, 3)),
            )
            for _ in range(2)
        )
        point = rng.uniform(-1, 1, 3)

        def apply(images, points):
            turned = np.einsum("pij,pj->pi", space_group.rotations[images.operations], points)
            return turned + space_group.translations[images.operations] + images.shifts

        points = np.tile(point, (p, 1))
        product = apply(compose_images(table, one, two), points)
        assert product == pytest.approx(apply(one, apply(two, points)), abs=1e-9)  # float rounding
        assert apply(invert_images(table, one), apply(one, points)) == pytest.approx(points, abs=1e-9)


def crystals_group(operations):
    from clustermodel.structure.symmetry import space_group_from_triplets
    from tests.assembly.writer import triplet

    return space_group_from_triplets([triplet(r, t) for r, t in operations], source="test")


# ------------------------------------------------------------------------------------------ shared CIFs


def symmetry_place(structure, label, code):
    """Return where a CIF's atom is under a printed symmetry code, by gemmi."""
    (site,) = [site for site in structure.sites if site.label == label]
    operation = gemmi.Op(code.replace(" ", ""))
    moved = operation.apply_to_xyz(site.fract.tolist())
    return np.array(structure.cell.orthogonalize(gemmi.Fractional(*moved)).tolist())


def compose_codes(outer, inner):
    return gemmi.Op(outer.replace(" ", "")).combine(gemmi.Op(inner.replace(" ", ""))).triplet()


def ring_centre(structure, ring, code):
    atoms = zip(ring.labels, ring.symmetry, strict=True)
    return np.mean(
        [symmetry_place(structure, label, compose_codes(code, own)) for label, own in atoms], axis=0
    )


@pytest.mark.parametrize("name", [AU25, COPPER, DPPM])
def test_printed_labels_and_codes_give_the_distances(name):
    """Every row can be recomputed from the file with its labels and its symmetry code."""
    path = data_path(name)
    structure = gemmi.make_small_structure_from_block(gemmi.cif.read(str(path)).sole_block())
    found = find_contacts(assemble_molecules(read_cif(path)))
    rings = {ring.name: ring for ring in found.rings}

    def where(label, code):
        return (
            ring_centre(structure, rings[label], code)
            if label in rings
            else symmetry_place(structure, label, code)
        )

    checked = 0
    for row in (row for table in found.tables for row in table.contacts):
        first, second = row.labels[-2:]
        distance = np.linalg.norm(where(second, row.symmetry) - where(first, "x,y,z"))
        assert row.distance == pytest.approx(
            distance, abs=2e-3
        )  # Å: rounding of special positions in the file
        checked += 1
    assert checked > 10


class CellByHand:
    """All atoms of a cell and molecules followed bond by bond, without symmetry and without cell lists."""

    def __init__(self, path):
        structure = gemmi.make_small_structure_from_block(gemmi.cif.read(str(path)).sole_block())
        sites = structure.get_all_unit_cell_sites()
        self.elements = np.array([site.element.name for site in sites])
        self.fract = np.array([site.fract.tolist() for site in sites]) % 1.0
        self.matrix = np.array(structure.cell.orth.mat.tolist()).T
        self.steps = np.array(list(itertools.product((-1, 0, 1), repeat=3)))

    def near(self, rows, limit):
        """Yield atoms, cell steps and distances of pairs below a limit."""
        for step in self.steps:
            images = (self.fract[rows] + step) @ self.matrix
            away = np.linalg.norm(images[None] - (self.fract[rows] @ self.matrix)[:, None], axis=-1)
            for i, j in zip(*np.nonzero((away < limit) & (away > 0.01)), strict=True):
                yield int(rows[i]), int(rows[j]), step, float(away[i, j])

    def bond_limits(self):
        radii, hydrogen = covalent_radii(self.elements.tolist()), self.elements == "H"
        loose = radii[:, None] + radii + 0.45
        return np.where(hydrogen[:, None] | hydrogen, 1.25, loose)

    def molecules(self):
        """Return the molecule of every atom, and the cell shift that brings the atom to it."""
        by_atom = {}
        for i, j, step, _ in self.near(np.arange(len(self.elements)), self.bond_limits()):
            by_atom.setdefault(i, []).append((j, step))
        places = {}
        for start in range(len(self.elements)):
            queue = [] if start in places else [start]
            places.setdefault(start, (start, np.zeros(3, dtype=int)))
            while queue:
                i = queue.pop()
                for j, step in by_atom.get(i, []):
                    if j not in places:
                        places[j] = (places[i][0], places[i][1] + step)
                        queue.append(j)
        return places

    def hydrogen_contacts(self, limit):
        """Return the distances between hydrogens of different molecules, from both ends."""
        places, found = self.molecules(), []
        for i, j, step, distance in self.near(np.flatnonzero(self.elements == "H"), limit):
            (one, first), (other, second) = places[i], places[j]
            if one != other or not np.array_equal(step - second, -first):
                found.append(distance)
        return sorted(found)


@pytest.mark.parametrize("name", [AU25, COPPER])
def test_hydrogen_contacts_of_the_cell_by_brute_force(name):
    found = find_contacts(assemble_molecules(read_cif(data_path(name))))
    listed = [
        row.distance
        for table in found.tables
        if table.kind == "hydrogen-hydrogen" and table.scope == "intermolecular"
        for row in table.contacts
        for _ in range(2 * row.multiplicity)  # each pair is met from both ends
    ]
    assert len(listed) > 5
    assert sorted(listed) == pytest.approx(CellByHand(data_path(name)).hydrogen_contacts(2.6), abs=1e-6)


class TestAu25:
    """COD 1540567, by hand: coordinates of the file, G = cell metric, d² = Δᵀ G Δ."""

    @pytest.fixture(scope="class")
    @staticmethod
    def found():
        return find_contacts(assemble_molecules(read_cif(data_path(AU25))))

    def test_shortest_hydrogen_contact(self, found):
        row = found.table("hydrogen-hydrogen").contacts[0]
        assert (set(row.labels), row.symmetry) == ({"H7_2004", "H8_2004"}, "-x, -y+2, -z+2")
        assert row.distance == pytest.approx(2.150, abs=5e-4)  # half of the last digit
        assert math.isnan(row.su)  # riding

    def test_mean_against_the_cutoff(self, found):
        counts = {round(r.cutoff, 2): r for r in found.table("hydrogen-hydrogen").by_cutoff}
        assert [counts[c].n_unique for c in (2.40, 2.50, 2.60)] == [3, 6, 10]
        assert counts[2.40].mean < counts[2.50].mean < counts[2.60].mean < 2.6

    def test_rings(self, found):
        assert len(found.rings) == 10  # nine ligands and one toluene on general positions of P-1
        assert {len(ring.labels) for ring in found.rings} == {6}

    def test_every_table_says_how_it_was_made(self, found):
        assert found.settings == ContactSettings()
        assert {table.kind for table in found.tables} <= set(CONTACT_KINDS)
        for table in found.tables:
            kind = CONTACT_KINDS[table.kind]
            for row in table.contacts:
                assert (len(row.angles), len(row.lengths)) == (len(kind.angles), len(kind.lengths))
                assert len(row.lengths_su) == len(row.lengths)
            assert [r.distance for r in table.contacts] == sorted(r.distance for r in table.contacts)

    def test_metal_contacts_have_their_uncertainty(self, found):
        table = found.table("metal-metal", scope="intramolecular")
        assert all(0 < row.su < 0.01 for row in table.contacts)


# -------------------------------------------------------------------------------- presets and mistakes


def test_alvarez_radii_are_those_of_ase():
    from ase.data.vdw_alvarez import vdw_radii as alvarez_radii

    elements = ["H", "C", "N", "O", "P", "S", "Cl", "Cu", "Ag", "Au", "Pd", "Pt", "I", "U"]
    expected = [alvarez_radii[find_element(e).number] for e in elements]
    assert find_contact_radii("alvarez", elements).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("preset", CONTACT_PRESETS)
def test_presets_name_their_source(preset):
    assert len(find_preset_source(preset)) > 20
    assert 0 <= find_preset_tolerance(preset) < 0.5


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"preset": "pauling"}, "pauling"),
        ({"kinds": ("agostic",)}, "agostic"),
        ({"hydrogens": "x"}, "refined"),
    ],
)
def test_unknown_names_are_told(choices, told):
    with pytest.raises(InputError, match=told):
        ContactSettings(**choices)


def test_one_role_for_each_molecule():
    with pytest.raises(InputError, match="one for each"):
        find_contacts(put(benzene()), roles=[])


def test_neighbours_of_a_molecule():
    """Benzene in a P 1 cell of 7 × 8 × 5 Å: six neighbours along the axes, three unique."""
    matrix = np.diag([7.0, 8.0, 5.0])
    assembly = assemble_built(Built(matrix=matrix, atoms=place(*benzene(), matrix)))
    found = find_neighbour_molecules(assembly, 0, reach=5.1)
    along = {one.symmetry: (one.multiplicity, one.centroid_distance) for one in found}
    assert along["x, y, z+1"] == (2, pytest.approx(5.0, abs=PRINTED))
    assert along["x+1, y, z"] == (2, pytest.approx(7.0, abs=PRINTED))
    assert along["x, y+1, z"] == (2, pytest.approx(8.0, abs=PRINTED))


CHMPY = json.loads((ROOT / "tests" / "data" / "dimers_chmpy.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CHMPY["crystals"])
def test_neighbours_are_those_of_chmpy(name):
    """Another program's neighbours of every molecule; the script that made them stands beside the data."""
    assembly = assemble_molecules(read_cif(data_path(f"cif/{name}")))
    found = sorted(
        sorted(
            (one.centroid_distance, one.atom_distance)
            for one in find_neighbour_molecules(assembly, number, reach=CHMPY["radius"])
            for _ in range(one.multiplicity)
        )
        for number in range(len(assembly.molecules))
    )
    for mine, theirs in zip(found, CHMPY["crystals"][name], strict=True):
        assert np.array(mine) == pytest.approx(np.array(theirs), abs=2e-4)  # Å: printed with four decimals


def test_neighbours_of_a_molecule_on_an_axis_by_brute_force():
    """All images in 7 × 7 × 7 cells, those told apart whose mean positions differ."""
    assembly = assemble_molecules(read_cif(data_path(DPPM)))
    molecule, cell, group = (
        assembly.molecules[0].molecule,
        assembly.crystal.cell,
        assembly.crystal.space_group,
    )
    positions, images = molecule.positions, []
    for rotation, translation in zip(group.rotations, group.translations, strict=True):
        turned = positions @ cell.inverse @ rotation.T + translation
        images += [(turned + step) @ cell.matrix for step in itertools.product(range(-3, 4), repeat=3)]
    places = {}
    for image in images:
        nearest = cKDTree(positions).query(image)[0].min()
        if 1e-3 < nearest < 4.0:
            away = np.linalg.norm(image.mean(axis=0) - positions.mean(axis=0))
            places[tuple(np.round(image.mean(axis=0), 2))] = (away, nearest)
    found = [
        (one.centroid_distance, one.atom_distance)
        for one in find_neighbour_molecules(assembly, 0, reach=4.0)
        for _ in range(one.multiplicity)
    ]
    assert len(found) == 14
    assert np.array(sorted(found)) == pytest.approx(np.array(sorted(places.values())), abs=1e-9)


@pytest.mark.parametrize(
    "name", ["COD_1540567_Au25_SCH2CH2Ph_18.cif", "COD_4111132_AgFe_Fddd.cif", "dppm_Au2Br2_Olex2.cif"]
)
def test_points_are_where_labels_and_codes_say(name):
    assembly = assemble_molecules(read_cif(data_path(f"cif/{name}")))
    found = find_contacts(assembly)
    compared = 0
    for table in found.tables:
        for contact in table.contacts:
            first, last = np.array(contact.points)
            assert np.linalg.norm(last - first) == pytest.approx(contact.distance, abs=3e-4)  # four decimals
            compared += 1
    assert compared >= 3
