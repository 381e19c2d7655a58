"""The charge of the cluster: cells made by construction, so that the answer is known."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.assembly.species_table import find_by_formula, list_known_species
from clustermodel.cluster import void_content
from clustermodel.cluster.charge import SpeciesCount, assign_charge
from clustermodel.cluster.moiety import parse_formula
from clustermodel.cluster.species import classify_species
from clustermodel.cluster.void_content import count_electrons_of, weigh_voids
from clustermodel.io.cif import read_cif
from clustermodel.structure.crystal import Void
from tests.datafiles import data_path

CLUSTER = "C18H54Au25S18"
ANIONS = [row for row in list_known_species() if row.charge < 0]
CATIONS = [row for row in list_known_species() if row.charge > 0]
NEUTRALS = [row for row in list_known_species() if row.charge == 0]


def cluster(per_cell=1.0, formula=CLUSTER):
    return SpeciesCount(formula=formula, per_cell=per_cell, is_cluster=True)


def ion(formula, per_cell, charge, name=""):
    return SpeciesCount(formula=formula, per_cell=per_cell, charge=charge, name=name)


def codes(answer):
    return [finding.code for finding in answer.findings]


# ---- electroneutrality
@given(
    z=st.integers(-8, 8),
    clusters=st.integers(1, 8),
    data=st.data(),
)
def test_a_neutral_cell_gives_the_charge_it_was_built_with(z, clusters, data):
    """Ions of the opposite sign, and pairs of both signs beside them, until the cell is neutral."""
    singles = [row for row in (CATIONS if z < 0 else ANIONS) if abs(row.charge) == 1]
    balance = data.draw(st.sampled_from(singles))
    species = [cluster(clusters)]
    if z:
        species.append(ion(balance.formula, abs(z) * clusters, balance.charge))
    salts = data.draw(st.lists(st.tuples(st.sampled_from(ANIONS), st.sampled_from(CATIONS)), max_size=2))
    for anion, cation in salts:
        number = data.draw(st.integers(1, 4))
        species.append(ion(anion.formula, number * cation.charge, anion.charge))
        species.append(ion(cation.formula, -number * anion.charge, cation.charge))
    solvents = data.draw(st.lists(st.sampled_from(NEUTRALS), max_size=3))
    species += [ion(row.formula, 0.7, 0) for row in solvents]
    heavy = species[0].heavy_formula
    assume(all(s.heavy_formula != heavy for s in species[1:]))
    shuffled = data.draw(st.permutations(species))
    answer = assign_charge(shuffled)
    assert (answer.value, answer.source, answer.formula) == (z, "electroneutrality", CLUSTER)
    assert answer.findings == ()


@pytest.mark.parametrize(
    ("species", "value"),
    [
        # COD 1540567: cluster and toluene, no ions
        ([cluster(1), ion("C7H9", 2, 0)], 0),
        # [Au25(SR)18]- with tetraoctylammonium, Z = 2
        ([cluster(2), ion("C32H68N", 2, 1)], -1),
        # a cation 2+ with hexafluoroantimonate and dichloromethane, Z = 4
        ([cluster(4), ion("F6Sb", 8, -1), ion("CH2Cl2", 10, 0)], 2),
        # COD 1100709: Pt(bipy)2 2+ and two dicyanoaurates: no cluster, the metal complex of unknown charge
        ([SpeciesCount(formula="C20H16N4Pt", per_cell=1), ion("C2AuN2", 2, -1)], 2),
        # COD 2000695: two thirds of the perchlorates on special positions
        ([SpeciesCount(formula="C72H60AuSb4", per_cell=6), ion("ClO6", 3, -1), ion("ClO6", 3, -1)], 1),
        # a ruthenium complex with perchlorate
        ([SpeciesCount(formula="C55H43N6O2P2Ru", per_cell=2), ion("ClO4", 2, -1)], 1),
        # Z' = 2: two clusters of one formula count together
        ([cluster(2), cluster(2), ion("BF4", 4, -1)], 1),
        # the same cluster, hydrogens missing from one of the two
        ([cluster(2), cluster(2, "C18H51Au25S18"), ion("BF4", 4, -1)], 1),
        # occupancies refined a little off
        ([cluster(4), ion("F6P", 3.93, -1)], 1),
        ([cluster(1), ion("Na", 1, 1), ion("C12H24O6", 1, 0)], -1),
        ([cluster(1), ion("Cl4Zn", 1, -2)], 2),
    ],
)
def test_cells_with_a_known_answer(species, value):
    assert assign_charge(species).value == value


@pytest.mark.parametrize(
    ("species", "reason"),
    [
        ([cluster(2), ion("F6P", 1, -1)], "not a whole number"),
        ([cluster(4), ion("F6P", 3.5, -1)], "not a whole number"),
        ([cluster(1), ion("F6P", 12, -1)], "not believable"),
        ([cluster(1), SpeciesCount(formula="C4O2", per_cell=1)], "C4O2 unknown"),
        ([cluster(1), SpeciesCount(formula="C8H20N", per_cell=1), ion("F6P", 1, -1)], "C8H20N unknown"),
        ([cluster(1), cluster(1, "C18H54Au24S18"), ion("F6P", 3, -1)], "different species"),
        ([cluster(1), SpeciesCount(formula="C2AuCl", per_cell=1)], "C2AuCl unknown"),
        (
            [SpeciesCount(formula="C6H6Ru", per_cell=1), SpeciesCount(formula="C2H6Pt", per_cell=1)],
            "different",
        ),
    ],
)
def test_no_charge_where_the_balance_does_not_settle_it(species, reason):
    answer = assign_charge(species)
    assert (answer.value, answer.source) == (None, "none")
    assert reason in " ".join(answer.evidence)
    assert codes(answer) == ["charge-open"]


def test_a_cell_without_metal_has_nothing_to_assign():
    answer = assign_charge([ion("C7H8", 4, 0), SpeciesCount(formula="C12H22O11", per_cell=2)])
    assert (answer.value, answer.formula, answer.findings) == (None, "", ())


@given(st.integers(1, 12), st.integers(1, 30))
def test_scaling_the_cell_changes_nothing(factor, ions):
    small = assign_charge([cluster(4), ion("F6P", ions, -1)])
    large = assign_charge([cluster(4 * factor), ion("F6P", ions * factor, -1)])
    assert small.value == large.value


# ---- user and moiety
def test_the_user_wins_and_disagreement_is_reported():
    answer = assign_charge([cluster(1), ion("F6P", 1, -1)], user_charge=-1)
    assert (answer.value, answer.source) == (-1, "user")
    assert codes(answer) == ["charge-contradiction"]
    agreed = assign_charge([cluster(1), ion("F6P", 1, -1)], user_charge=1)
    assert (agreed.value, agreed.findings) == (1, ())


@pytest.mark.parametrize(
    ("moiety", "value", "source"),
    [
        ("C18 H54 Au25 S18 1-, C4 H12 N 1+", -1, "electroneutrality"),
        ("C18 H50 Au25 S18 -, C4 H12 N +", -1, "electroneutrality"),  # hydrogens declared otherwise
        ("C18 H54 Au25 S18, C4 H12 N", -1, "electroneutrality"),  # no charges written: no contradiction
        ("?", -1, "electroneutrality"),
        ("C18 H54 Au25 S18 1+, C4 H12 N 1+", None, "none"),
        ("C18 H54 Au25 S18 2-, 2(C4 H12 N 1+)", None, "none"),
        ("C18 H54 Au25 S18 2-", None, "none"),
    ],
)
def test_a_declared_moiety_confirms_or_contradicts(moiety, value, source):
    cell = [cluster(2), ion("C4H12N", 2, 1)]
    answer = assign_charge(cell, declared_moiety=moiety)
    assert (answer.value, answer.source) == (value, source)
    assert len(answer.evidence) >= 2


@pytest.mark.parametrize(
    "moiety", ["C18 H54 Au25 S18 2+, 2(F6 P -)", "2(C18 H54 Au25 S18 2+), 4(F6 P 1-), C H2 Cl2"]
)
def test_declared_ions_without_coordinates_end_electroneutrality(moiety):
    """Only the authors know of the anions: their charge counts, not the 0 of the listed atoms."""
    answer = assign_charge([cluster(1)], declared_moiety=moiety)
    assert (answer.value, answer.source) == (2, "declared moiety")


@pytest.mark.parametrize("moiety", ["C18 H54 Au25 S18, F6 P", "C18 H54 Au25 S18, C24 H20 P, C H2 Cl2"])
def test_declared_ions_without_coordinates_and_charges_leave_it_open(moiety):
    """F6P can only be hexafluorophosphate: z = 0 would be wrong, and nothing else is said."""
    answer = assign_charge([cluster(1)], declared_moiety=moiety)
    assert (answer.value, answer.source) == (None, "none")
    assert "has no coordinates" in " ".join(answer.evidence)


def test_a_declared_solvent_without_coordinates_is_no_obstacle():
    assert assign_charge([cluster(1)], declared_moiety="C18 H54 Au25 S18, 2(C7 H8)").value == 0


@pytest.mark.parametrize(
    ("moiety", "reason"),
    [
        ("C18 H54 Au24 S18 1-, C4 H12 N 1+", "no part has the formula"),
        ("C18 H54 Au25 S18 1-", "add up to -1"),
        ("C18 H54 Au25 S18 1-, n C4 H12 N 1+", "cannot be read"),
        ("C18 H54 Au25 S18 1-, C18 H54 Au25 S18, C4 H12 N 1+", "more than one charge"),
        ("C18 H54 Au25 S18, C4 H12 N", "states no charges"),
        ("C18 H54 Au25 S18 2-, C4 H12 N 2+", ""),
    ],
)
def test_why_a_declared_moiety_is_not_used(moiety, reason):
    answer = assign_charge([cluster(1)], declared_moiety=moiety, masked=True)
    assert reason in " ".join(answer.evidence)
    if reason:
        assert answer.value is None


# ---- masks
def test_a_masked_cell_without_ions_has_candidates_but_no_charge():
    answer = assign_charge(
        [cluster(4)], voids=[Void(volume=1200, electrons=300), Void(volume=1200, electrons=300)]
    )
    assert (answer.value, answer.source) == (None, "none")
    assert "solvent mask" in " ".join(answer.evidence)
    verdicts = {(row.ion, row.charge): row.verdict for row in answer.candidates}
    assert verdicts["PF6-", 1] == "room for"  # 150 electrons for each cluster, PF6- has 70
    assert verdicts["PF6-", 3] == "too few"
    assert verdicts["TOA+", -1] == "too few"
    assert verdicts["Cl-", 4] == "room for"
    assert 0 not in {row.charge for row in answer.candidates}


def test_a_mask_without_a_list_of_voids():
    answer = assign_charge([cluster(4)], masked=True)
    assert (answer.value, answer.candidates) == (None, ())


def test_ions_beside_a_mask_are_no_balance_unless_the_authors_agree():
    cell = [cluster(1), ion("F6P", 1, -1)]
    voids = [Void(volume=500, electrons=120)]
    alone = assign_charge(cell, voids=voids)
    assert alone.value is None
    assert {row.charge for row in alone.candidates if row.ion == "PF6-"} == {2, 3, 4, 5}
    agreed = assign_charge(cell, voids=voids, declared_moiety="C18 H54 Au25 S18 +, F6 P -, 3(C H2 Cl2)")
    assert (agreed.value, agreed.source) == (1, "declared moiety")
    more = assign_charge(cell, voids=voids, declared_moiety="C18 H54 Au25 S18 2+, 2(F6 P -)")
    assert (more.value, more.source) == (2, "declared moiety")
    fewer = assign_charge(cell, voids=voids, declared_moiety="C18 H54 Au25 S18 +, B F4 -")
    assert fewer.value is None
    assert "F6P" in " ".join(fewer.evidence)


def test_declared_ions_must_have_left_electrons_in_the_mask():
    """Two PF6- have 140 electrons; a mask that found 12 did not hide them."""
    moiety = "C18 H54 Au25 S18 2+, 2(F6 P -)"
    assert (
        assign_charge([cluster(1)], voids=[Void(volume=300, electrons=150)], declared_moiety=moiety).value
        == 2
    )
    empty = assign_charge([cluster(1)], voids=[Void(volume=300, electrons=12)], declared_moiety=moiety)
    assert empty.value is None
    assert "140 electrons" in " ".join(empty.evidence)


def test_a_mask_is_no_obstacle_to_the_user():
    answer = assign_charge([cluster(1)], masked=True, user_charge=2)
    assert (answer.value, answer.source) == (2, "user")


@given(
    electrons=st.floats(0, 4000),
    volume=st.floats(0, 12000),
    clusters=st.integers(1, 8),
    factor=st.integers(2, 4),
)
def test_the_verdict_on_voids_depends_on_the_contents_per_cluster(electrons, volume, clusters, factor):
    once = weigh_voids([Void(volume=volume, electrons=electrons)], clusters)
    many = weigh_voids([Void(volume=volume, electrons=electrons)] * factor, clusters * factor)
    assume(all(abs(r.electrons_found - 0.75 * r.electrons_needed) > 1e-6 for r in once))  # not on the edge
    assert [(r.charge, r.ion, r.verdict) for r in once] == [(r.charge, r.ion, r.verdict) for r in many]
    for row in once:
        smaller = [r for r in once if r.ion == row.ion and r.count < row.count]
        if row.verdict == "room for":  # what holds many holds fewer
            assert all(r.verdict == "room for" for r in smaller)


@pytest.mark.parametrize(
    ("formula", "electrons"), [("F6P", 70), ("BF4", 42), ("Cl", 18), ("NO3", 32), ("C32H68N", 266)]
)
def test_electrons_of_ions(formula, electrons):
    (row,) = find_by_formula(formula)
    assert count_electrons_of(row.counts, row.charge) == electrons


@pytest.mark.parametrize(
    ("file", "molecules"),
    [
        ("cif_disorder/finalcif_DK_Zucker2_0m.cif", 2),
        ("cif_disorder/finalcif_ntd106c-P-1-final.cif", 2),
        ("cif_disorder/finalcif_SH2185_Cu.cif", 4),
    ],
)
def test_atomic_volumes_fill_cells_of_one_known_molecule(file, molecules):
    crystal = read_cif(data_path(file))
    (distinct,) = assemble_molecules(crystal).molecules
    filled = molecules * void_content._volume_of(parse_formula(distinct.formula))
    assert filled == pytest.approx(
        crystal.cell.volume, rel=0.15
    )  # packing differs by a tenth between crystals


# ---- reporting
def test_type_symbols_are_reported_and_never_used():
    answer = assign_charge([cluster(1)], type_symbols=["Au1+", "Au1+", "S2-", "C"])
    assert answer.value == 0
    assert "Au1+, S2-" in answer.evidence[-1]


def test_the_answer_does_not_change_with_the_order_of_species():
    cell = [cluster(1), ion("F6P", 2, -1), ion("CH2Cl2", 3, 0)]
    assert assign_charge(cell).value == assign_charge(cell[::-1]).value == 2


def test_no_count_per_cell_is_no_balance():
    answer = assign_charge([cluster(0)])
    assert answer.value is None


def test_charges_of_deposited_structures():
    """The whole way from the file; the declared moieties and the chemistry of these salts agree."""
    known = {
        "cif/COD_1540567_Au25_SCH2CH2Ph_18.cif": 0,
        "cif/COD_1100709_AuPt.cif": 2,
        "cif/COD_1100711_AgPt.cif": 2,
        "cif/COD_2000695_AuSbPh3_4_ClO4_R-3.cif": 1,
        "cif/COD_2001520_Pt2_disorder_no_occupancy.cif": 1,
        "cif/COD_2006596_Ru_ClO4_disorder.cif": None,  # C4O2 beside it has no sure charge
        "cif_disorder/cod_2227982-symops-over-1.cif": 1,
    }
    found = {}
    for file in known:
        species = classify_species(assemble_molecules(read_cif(data_path(file))))
        cell = [
            SpeciesCount(
                formula=s.formula, per_cell=s.per_cell, charge=s.charge, is_cluster=s.role == "cluster"
            )
            for s in species
        ]
        found[file] = assign_charge(cell).value
    assert found == known


def test_disordered_ion_is_the_declared_one():
    """A perchlorate listed with six O is the declared Cl O4, not an ion without coordinates."""
    cell = [
        SpeciesCount(formula="C72H60AuSb4", per_cell=6),
        SpeciesCount(formula="ClO6", per_cell=6, charge=-1, name="perchlorate"),
    ]
    answer = assign_charge(cell, declared_moiety="C72 H60 Au1 Sb4,Cl1 O4")
    assert (answer.value, answer.source) == (1, "electroneutrality")
