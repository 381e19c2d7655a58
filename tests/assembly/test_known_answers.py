"""Are the molecules of real files the right ones? Each answer follows from the coordinates of the file."""

from collections import Counter
from functools import cache

import pytest

from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.io.cif import read_cif, read_cif_blocks
from tests.datafiles import data_files, data_path

# Molecules per cell by Hill formula, hydrogen as in the file. Counts are the declared Z, times the number of
# the species in the formula unit; formulas are those of the coordinates (1540567 declares S36 and holds S18).
MOLECULES = {
    "COD_1000004_CuI_phosphine": {"C58H60Cu2I2P4": 1},  # Z = 2 of half a dimer
    "COD_1004000_W6S8_nonunique_labels": {"C6H30N6S8W6": 1},
    "COD_1004001_W6S8_PBu3_6_disordered": {"C72H162P6S8W6": 4},
    "COD_1100709_AuPt": {"C20H16N4Pt": 1, "C2AuN2": 2},
    "COD_1100711_AgPt": {"C4H16N4Pt": 1, "C2AgN2": 2},
    "COD_1516136_Rh2_C2m_squeeze": {"C78H64Cl2O2P4Rh2": 4},
    "COD_1518592_Au2_isocyanide_powder": {"C18H4Au2F8N4": 2},
    "COD_1540567_Au25_SCH2CH2Ph_18": {"C144H162Au25S18": 1, "C7H9": 2},
    # The oxygen atoms of the perchlorate lie on all six places of a -3 axis, without an occupancy.
    "COD_2000695_AuSbPh3_4_ClO4_R-3": {"C72H60AuSb4": 6, "ClO6": 6},
    "COD_2001520_Pt2_disorder_no_occupancy": {"C54OP4Pt2": 4, "BF4": 4, "CCl2": 8},
    "COD_2006596_Ru_ClO4_disorder": {"C55H43N6O2P2Ru": 2, "C4O2": 1, "ClO4": 2},
    "COD_7000165_Ru6Ga3_disordered": {"C45H45Ga3O14Ru6": 2, "C6H14": 1},
    "dppm_Au2Br2_Olex2": {"C25H22Au2Br2P2": 4},
    "om4005498_si_Pd2Cu2_AgPd2_2blocks": {"C54H48Cl2Cu2P2Pd2": 4},
    "COD_4060312_AuTl": {"C36Au3Cl30Tl2": 2, "C16H36N": 2},
    "COD_4111132_AgFe_Fddd": {"C54H36AgFeN9": 16},
}
PERIODICITY = {
    "COD_4060312_AuTl": ("C36Au3Cl30Tl2", 1, ("Au–Tl",)),
    "COD_4111132_AgFe_Fddd": ("C54H36AgFeN9", 3, None),
}


@cache
def assembled(name):
    return assemble_molecules(read_cif(data_path(f"cif/{name}.cif")))


def findings(name, code):
    return [f for f in assembled(name).findings if f.code == code]


@pytest.mark.parametrize("name", MOLECULES)
def test_molecules_per_cell(name):
    found = Counter()
    for molecule in assembled(name).molecules:
        found[molecule.formula] += molecule.per_cell
    # Occupancies of the parts of a disordered group add up to one, printed with three decimals.
    assert found == pytest.approx(MOLECULES[name], rel=2e-3)


@pytest.mark.parametrize("name", MOLECULES)
def test_polymers_are_recognised(name):
    polymers = [m for m in assembled(name).molecules if m.molecule.periodicity]
    if name not in PERIODICITY:
        assert polymers == []
        return
    formula, periodicity, linked_by = PERIODICITY[name]
    (polymer,) = polymers
    assert (polymer.formula, polymer.molecule.periodicity) == (formula, periodicity)
    assert polymer.linked_by == linked_by or linked_by is None


@pytest.mark.parametrize("path", data_files("cif", "*.cif"), ids=lambda path: path.stem)
def test_molecules_are_whole_and_carry_their_origin(path):
    """Every bond has the length that its own two atoms give: none is left in another cell."""
    for distinct in assemble_molecules(read_cif(path)).molecules:
        molecule, bonds = distinct.molecule, distinct.molecule.bonds
        if molecule.periodicity:
            continue
        assert not bonds.shifts.any()
        steps = molecule.positions[bonds.pairs[:, 0]] - molecule.positions[bonds.pairs[:, 1]]
        # Rounding of double precision alone.
        assert (steps**2).sum(axis=1) ** 0.5 == pytest.approx(bonds.lengths, abs=1e-9)
        assert len(molecule.labels) == len(molecule)


@pytest.mark.parametrize(
    ("name", "pair", "distance"),
    [("COD_1100709_AuPt", {"Au", "Pt"}, 3.17), ("COD_1100711_AgPt", {"Ag", "Pt"}, 3.195)],
)
def test_metallophilic_contacts_join_no_ions(name, pair, distance):
    """Reported as contacts between two separate ions, which stay apart."""
    contact = assembled(name).contacts[0]
    assert set(contact.elements) == pair
    assert contact.distance == pytest.approx(distance, abs=0.005)  # half of the last printed digit
    assert contact.between[0] != contact.between[1]


def test_au25_flags_the_atom_that_stands_on_another():
    """The riding H on C12 of toluene 2010 is 0.623 Å from C13."""
    (bump,) = findings("COD_1540567_Au25_SCH2CH2Ph_18", "assembly-bump")
    assert set(bump.labels) == {"H12_2010", "C13_2010"}
    assert "0.623" in bump.message


def test_au25_keeps_and_reports_its_two_long_bonds():
    """C-C 1.728 Å and S-C 2.074 Å of residue 2007, as printed in the _geom_bond loop of the file."""
    long = findings("COD_1540567_Au25_SCH2CH2Ph_18", "assembly-long-bond")
    assert {(frozenset(f.labels), f.message.split("Å")[0].split()[-1]) for f in long} == {
        (frozenset({"C2_2007", "C3_2007"}), "1.728"),
        (frozenset({"C1_2007", "S25"}), "2.074"),
    }


def test_au25_is_on_its_inversion_centre():
    cluster, toluene = assembled("COD_1540567_Au25_SCH2CH2Ph_18").molecules
    assert (cluster.site_symmetry_order, toluene.site_symmetry_order) == (2, 1)
    labels = Counter(cluster.molecule.labels)
    assert [label for label, n in labels.items() if n == 1] == ["Au1"]
    assert set(labels.values()) == {1, 2}


@pytest.mark.parametrize(
    ("name", "gone", "images"),
    [
        ("COD_7000165_Ru6Ga3_disordered", 1, 2),  # hexane about an inversion centre
        ("COD_4111132_AgFe_Fddd", 16, 32),  # terpyridine about a two-fold axis
    ],
)
def test_half_of_the_images_of_a_negative_part_are_kept(name, gone, images):
    told = findings(name, "assembly-disorder-image")
    assert [f.message.split(": ", 1)[1].split(" symmetry")[0] for f in told] == [f"{gone} of {images}"]


def test_both_blocks_of_a_file_are_read():
    """A third one, imb261, stands inside a text value of the first and is no block by the rules of CIF."""
    crystals = read_cif_blocks(data_path("cif/om4005498_si_Pd2Cu2_AgPd2_2blocks.cif"))
    assert [crystal.source.block for crystal in crystals] == ["imb2582b", "imb293"]
    second = assemble_molecules(crystals[1])
    assert {m.formula for m in second.molecules} == {"C54H48AgClP2Pd2"}  # as declared in that block
