"""Which ligands are there, through which atoms do they bind, and what are they called?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.cluster.ligand_checks import check_ligands
from clustermodel.cluster.ligand_classes import (
    CONDITIONS,
    GROUPS,
    count_class_electrons,
    find_counting_rule,
    ligand_classes,
    name_multiple,
)
from clustermodel.cluster.ligand_names import named_ligands, read_smiles
from clustermodel.cluster.ligand_shapes import FEATURES
from clustermodel.cluster.ligands import count_ligands, find_ligands
from clustermodel.elements import COINAGE
from clustermodel.io.cif import read_cif_blocks
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster.ligand_cases import CASES
from tests.cluster.ligand_cases_rare import RARE_CASES
from tests.cluster.ligand_models import Sketch, g2, without_hydrogen
from tests.datafiles import data_files, data_path

ALL_CASES = CASES | RARE_CASES

# Without its hydrogen atoms the class of these cannot be told; each must say so, but for those whose reading
# as the common class is no guess: a sulfur on one carbon is a thiolate, a carbon on one metal an alkyl.
HYDROGEN_DECIDES = {
    "hydrosulfide", "hydrogen sulfide", "phosphide", "phosphinito", "ethynyl", "imidazol-2-ylidene",
    "1,2,3-triazol-5-ylidene", "amide", "amidinate",
}  # fmt: skip
HYDROGEN_GONE = {"hydrogen on gold", "hydrogen on copper", "thiol", "alkenyl", "silyl"}


def _summary(molecule):
    return [(ligand.kind, ligand.electrons, ligand.binding) for ligand in find_ligands(molecule)]


@pytest.mark.parametrize("name", ALL_CASES)
def test_class_electrons_and_binding(name):
    build, kind, electrons, binding = ALL_CASES[name]
    assert _summary(build().molecule) == [(kind, electrons, binding)]


def test_every_class_of_the_table_has_a_structure():
    """Heavier elements of a row stand for the row; the L of a formula has no structure."""
    seen = {kind for _, kind, _, _ in ALL_CASES.values()}
    for row in ligand_classes():
        names = {name_multiple(kind, n) for kind in row.kinds.values() for n in range(1, 5)}
        assert names & seen or row.kinds.get("") == "dative ligand", row.kinds


@pytest.mark.parametrize("name", ALL_CASES)
def test_electrons_leave_a_closed_shell(name):
    """Independent of every rule: protons plus electrons taken must be even, as no ligand is a radical."""
    molecule = ALL_CASES[name][0]().molecule
    codes = {finding.code for finding in check_ligands(molecule, find_ligands(molecule))}
    assert "ligand-odd-electrons" not in codes


@pytest.mark.parametrize("name", sorted(set(CASES) - HYDROGEN_DECIDES - HYDROGEN_GONE))
def test_class_does_not_need_hydrogen(name):
    build, *expected = CASES[name]
    assert _summary(without_hydrogen(build().molecule)) == [tuple(expected)]


@pytest.mark.parametrize("name", sorted(HYDROGEN_DECIDES))
def test_a_class_that_needs_hydrogen_says_so(name):
    build, *expected = CASES[name]
    molecule = without_hydrogen(build().molecule)
    assert _summary(molecule) != [tuple(expected)]
    codes = [finding.code for finding in check_ligands(molecule, find_ligands(molecule))]
    assert codes == ["ligand-ambiguous"]


@given(
    name=st.sampled_from(sorted(ALL_CASES)),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=150, deadline=None)
def test_atom_order_and_orientation_do_not_matter(name, seed):
    molecule = ALL_CASES[name][0]().molecule
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(molecule))
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))  # a rotation, with or without a mirror
    moved = bond_molecule(
        molecule_from_atoms(
            [molecule.elements[i] for i in order],
            molecule.positions[order] @ rotation.T + rng.normal(size=3),
        )
    )
    (before,), (after,) = find_ligands(molecule), find_ligands(moved)
    assert (after.kind, after.electrons, after.binding) == (before.kind, before.electrons, before.binding)
    assert (after.formula, after.name) == (before.formula, before.name)
    back = {int(old): new for new, old in enumerate(order)}
    expected = {(back[d.atom], d.kind, tuple(sorted(back[m] for m in d.metals))) for d in before.donors}
    assert {(d.atom, d.kind, d.metals) for d in after.donors} == expected


# ------------------------------------------------------------------------------------------ real clusters


CLUSTERS = {
    "Au25_SCH2CH2Ph_18_neutral_from_COD1540567.xyz": [(18, "C8H9S", "SC2H4Ph", "mu2")],
    "au18_schex14_opt.xyz": [(14, "C6H11S", "SCy", "mu2")],
    "au20_tbbt16_opt.xyz": [(16, "C10H13S", "TBBT", "mu2")],
    "au21_sadm15_opt.xyz": [(14, "C10H15S", "SAdm", "mu2"), (1, "C10H15S", "SAdm", "mu3")],
    "au22_sadm16_opt.xyz": [(15, "C10H15S", "SAdm", "mu2"), (1, "C10H15S", "SAdm", "mu3")],
    "au25_pet18_-1_opt.xyz": [(18, "C8H9S", "SC2H4Ph", "mu2")],
    "au36_tbbt24_opt.xyz": [(24, "C10H13S", "TBBT", "mu2")],
    "au38_pet24q_opt.xyz": [(24, "C8H9S", "SC2H4Ph", "mu2")],
    "sch3_023_16_minus1.xyz": [(16, "CH3S", "SCH3", "mu2")],
    "sch3_024_20.xyz": [(20, "CH3S", "SCH3", "mu2")],
    "sch3_028_20.xyz": [(20, "CH3S", "SCH3", "mu2")],
    "sch3_038_24t.xyz": [(24, "CH3S", "SCH3", "mu2")],
    "sch3_102_44.xyz": [(44, "CH3S", "SCH3", "mu2")],
}


def _read(name):
    import ase.io

    atoms = ase.io.read(data_path(f"xyz/{name}"))
    return bond_molecule(molecule_from_atoms(atoms.get_chemical_symbols(), atoms.positions))


@pytest.mark.parametrize("name", CLUSTERS)
def test_thiolate_clusters(name):
    molecule = _read(name)
    ligands = find_ligands(molecule)
    rows = [(row.count, row.formula, row.name, row.binding) for row in count_ligands(ligands)]
    assert rows == CLUSTERS[name]
    assert {(ligand.kind, ligand.electrons) for ligand in ligands} == {("thiolate", 1)}
    assert {donor.element for ligand in ligands for donor in ligand.donors} == {"S"}
    held = sorted(atom for ligand in ligands for atom in ligand.atoms)
    assert held == [i for i, s in enumerate(molecule.elements) if s not in COINAGE]  # nothing lost


@pytest.mark.parametrize("name", CLUSTERS)
def test_thiolate_clusters_without_hydrogen(name):
    molecule = without_hydrogen(_read(name))
    rows = [(row.count, row.kind, row.name, row.binding) for row in count_ligands(find_ligands(molecule))]
    assert rows == [(count, "thiolate", short, mode) for count, _, short, mode in CLUSTERS[name]]


CRYSTALS = {
    "COD_1000004_CuI_phosphine": {(2, "halide", "I", "mu2"), (2, "diphosphine", "dpppe", "mu2-P,P'")},
    "COD_1004000_W6S8_nonunique_labels": {(8, "sulfide", "S", "mu3"), (6, "amine", "", "terminal")},
    "COD_1004001_W6S8_PBu3_6_disordered": {(8, "sulfide", "S", "mu3"), (6, "phosphine", "PBu3", "terminal")},
    "COD_1100709_AuPt": {(2, "dipyridyl", "bpy", "kappa2-N,N'"), (2, "cyanide", "CN", "terminal")},
    "COD_1516136_Rh2_C2m_squeeze": {
        (2, "halide", "Cl", "mu2"),
        (2, "diphosphine", "xantphos", "kappa2-P,P'"),
    },
    "COD_1518592_Au2_isocyanide_powder": {(2, "aryl", "", "terminal"), (1, "diisocyanide", "", "mu2-C,C'")},
    "COD_1540567_Au25_SCH2CH2Ph_18": {(18, "thiolate", "SC2H4Ph", "mu2")},
    "COD_2000695_AuSbPh3_4_ClO4_R-3": {(4, "stibine", "SbPh3", "terminal")},
    # The propane-bridged diphosphine has lost an ortho hydrogen: C2 is bonded to Pt2 at 2.06 Å.
    "COD_2001520_Pt2_disorder_no_occupancy": {(2, "aryl", "", "mu2-C,P,P'"), (1, "hydroxide", "OH", "mu2")},
    "COD_4060312_AuTl": {(12, "aryl", "", "terminal")},
    "COD_7000165_Ru6Ga3_disordered": {
        (1, "carbide", "C", "mu6"),
        (2, "cyclopentadienyl", "", "eta2"),
        (1, "cyclopentadienyl", "", "eta5"),
        (1, "carbonyl", "CO", "mu2"),
        (13, "carbonyl", "CO", "terminal"),
    },
    "dppm_Au2Br2_Olex2": {(2, "halide", "Br", "terminal"), (1, "diphosphine", "dppm", "mu2-P,P'")},
}


@pytest.mark.parametrize("name", CRYSTALS)
def test_ligands_of_crystals(name):
    found = set()
    for crystal in read_cif_blocks(data_path(f"cif/{name}.cif")):
        for species in assemble_molecules(crystal).molecules:
            rows = count_ligands(find_ligands(species.molecule))
            found |= {(row.count, row.kind, row.name, row.binding) for row in rows}
    assert found == CRYSTALS[name]


def test_an_aluminium_cluster_without_hydrogen_is_read_right_and_flagged():
    """[AlO4Al12(OH)24(H2O)12]7+: without hydrogen atoms, guessed from the number of metal atoms."""
    (crystal, *_) = read_cif_blocks(data_path("cif/COD_1101169_W6_POM.cif"))
    species = assemble_molecules(crystal).molecules
    (molecule,) = [s.molecule for s in species if s.molecule.formula == "Al13O40"]
    ligands = find_ligands(molecule)
    rows = {(row.count, row.kind, row.binding) for row in count_ligands(ligands)}
    assert rows == {(4, "oxide", "mu4"), (24, "hydroxide", "mu2"), (12, "water", "terminal")}
    findings = check_ligands(molecule, ligands)
    assert {finding.code for finding in findings} == {"ligand-ambiguous"}
    assert sum(len(finding.labels) for finding in findings) == 40


# Complexes in which hydrogen atoms are missing from the file or belong to another atom: nothing to find in
# the classes. Each was looked at: an ammonium hydrogen, a disordered NH2, water as H3O.
ODD_IN_FILE = {"C39H46AlNO3", "C32H24N16Ni4O16", "AlCa2H12O8"}


@pytest.mark.slow
def test_classes_of_all_crystals_leave_closed_shells():
    """Over all test crystals: the number of electrons of every ligand with hydrogen atoms is even."""
    odd, complexes = set(), 0
    for folder in ("cif", "cif_disorder", "cod_tools"):
        for path in data_files(folder, "*.cif"):
            for molecule in _molecules(path):
                ligands = find_ligands(molecule)
                complexes += bool(ligands)
                codes = {finding.code for finding in check_ligands(molecule, ligands)}
                odd |= {molecule.formula} if "ligand-odd-electrons" in codes else set()
    if not complexes:
        pytest.skip("shared test data absent")
    assert complexes > 150
    assert odd <= ODD_IN_FILE


def _molecules(path):
    try:
        return [
            s.molecule for crystal in read_cif_blocks(path) for s in assemble_molecules(crystal).molecules
        ]
    except ValueError:  # broken files are another test's subject
        return []


# ------------------------------------------------------------------------------------------------ findings


def _codes(sketch):
    molecule = sketch.molecule
    return [finding.code for finding in check_ligands(molecule, find_ligands(molecule))]


def test_hydrogen_on_metals_is_flagged():
    assert _codes(CASES["hydrogen on gold"][0]()) == ["ligand-hydride-sign"]


def test_a_missing_hydrogen_atom_is_noticed():
    sketch = CASES["thiolate, mu2"][0]()
    sketch.drop(next(i for i, s in enumerate(sketch.elements) if s == "H"))
    assert "ligand-odd-electrons" in _codes(sketch)


def test_a_charged_group_away_from_the_metal_is_flagged():
    """HS-CH2-NH3+ as thiolate: the ammonium group carries its own charge."""
    sketch = Sketch(["C", "S", "N"], [(0, 0, 0), (1.82, 0, 0), (-0.5, 1.4, 0)])
    for corner in ((-0.6, -0.5, 0.9), (-0.6, -0.5, -0.9)):
        sketch.add("H", 0, corner, 1.09)
    for arm in ((-1, 0.3, 0), (0.5, 0.6, 0.8), (0.5, 0.6, -0.8)):
        sketch.add("H", 2, arm, 1.02)
    assert _codes(sketch.bind(1, count=2)) == ["ligand-charged-group"]


def test_an_unknown_donor_is_unclassified_and_flagged():
    """XeF bound to gold through xenon."""
    sketch = Sketch(["Xe", "F"], [(0, 0, 0), (1.95, 0, 0)])
    sketch.add("Au", 0, (-1, 0, 0), 2.7)
    molecule = sketch.molecule
    (ligand,) = find_ligands(molecule)
    assert (ligand.kind, ligand.electrons) == ("unclassified", 0)
    assert _codes(sketch) == ["ligand-unclassified"]


def test_a_ligand_between_two_clusters_is_flagged():
    triangle = np.array([[0, 0, 0], [2.8, 0, 0], [1.4, 2.42, 0]])
    sketch = g2("NCCN")
    ends = [i for i, s in enumerate(sketch.elements) if s == "N"]
    for end in ends:
        axis = sketch.outward(end) / np.linalg.norm(sketch.outward(end))
        base = sketch.positions[end] + 2.1 * axis
        side = np.cross(axis, (0.1, 0.9, 0.3))
        frame = np.array([axis, side / np.linalg.norm(side), (0, 0, 0)])
        sketch.elements += ["Au"] * 3
        sketch.positions += list(base + triangle @ frame)
    assert "ligand-joins-clusters" in _codes(sketch)


def test_the_metal_inside_a_ligand_belongs_to_it():
    molecule = CASES["ferrocenethiolate"][0]().molecule
    (ligand,) = find_ligands(molecule)
    assert ligand.formula == "C10H9FeS"
    assert _codes(CASES["ferrocenethiolate"][0]()) == ["ligand-buried-metal"]


def test_a_long_bond_that_decides_the_binding_mode_is_reported():
    """Au-Cl 2.75 Å: beyond the tight limit of 2.68 Å, within the loose one."""
    sketch = Sketch(["Cl", "Au", "Au"], [(0, 0, 0), (2.35, 0, 0), (0, 2.75, 0)])
    (ligand,) = find_ligands(sketch.molecule)
    assert ligand.binding == "mu2"
    assert "ligand-long-bond" in _codes(sketch)


def test_contacts_do_not_join_the_donors_of_a_better_ligand():
    """A phenyl ring that touches silver does not make a thiolate a chelate."""
    sketch = CASES["arene"][0]()
    sulfur = next(i for i, s in enumerate(sketch.elements) if s == "H")
    sketch.elements[sulfur] = "S"
    sketch.positions[sulfur] *= 3.17 / np.linalg.norm(sketch.positions[sulfur])  # 1.77 Å from carbon
    sketch.bind(sulfur, count=2)
    (ligand,) = find_ligands(sketch.molecule)
    assert (ligand.kind, ligand.binding, ligand.name) == ("thiolate", "mu2", "SPh")


# --------------------------------------------------------------------------------------------------- names


def test_skeletons_of_the_table_of_names():
    rows = {row.name: row.skeleton for row in named_ligands()}
    formulas = {
        "SC2H4Ph": (8, 9), "SAdm": (10, 15), "2-SAdm": (10, 15), "TBBT": (10, 13), "PPh3": (18, 15),
        "PPh2py": (17, 14), "dppm": (25, 22), "dppf": (34, 28), "SG": (10, 16), "IPr": (27, 36),
        "BINAP": (44, 32), "xantphos": (39, 32), "PTA": (6, 12), "BDT": (6, 4), "PP3": (42, 42),
        "SCH3": (1, 3), "acac": (5, 7),
    }  # fmt: skip
    found = {name: (rows[name].elements.count("C"), rows[name].hydrogens) for name in formulas}
    assert found == formulas


def test_names_are_unique_and_their_classes_known():
    names = [row.name for row in named_ligands()]
    assert len(names) == len(set(names))
    assert all(count_class_electrons(row.kind) is not None for row in named_ligands())


@pytest.mark.parametrize("row", named_ligands(), ids=lambda row: row.name)
def test_names_are_told_apart_by_skeleton_hydrogen_and_class(row):
    from clustermodel.cluster.ligand_names import _fingerprint

    def key(other):
        skeleton = other.skeleton
        return _fingerprint(skeleton.elements, skeleton.neighbors), skeleton.hydrogens, other.kind

    assert [other.name for other in named_ligands() if key(other) == key(row)] == [row.name]


@given(row=st.sampled_from(named_ligands()), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_fingerprint_does_not_depend_on_the_order_of_atoms(row, seed):
    from clustermodel.cluster.ligand_names import _fingerprint

    skeleton = row.skeleton
    order = np.random.default_rng(seed).permutation(len(skeleton.elements)).tolist()
    back = {old: new for new, old in enumerate(order)}
    elements = tuple(skeleton.elements[i] for i in order)
    neighbors = tuple(tuple(back[n] for n in skeleton.neighbors[i]) for i in order)
    assert _fingerprint(elements, neighbors) == _fingerprint(skeleton.elements, skeleton.neighbors)


def test_smiles_reader():
    assert read_smiles("O=CN(C)C").hydrogens == 7
    assert read_smiles("[C]#CC(C)(C)C").hydrogens == 9
    assert read_smiles("[SH]").hydrogens == 1


@pytest.mark.parametrize(
    ("case", "name"),
    [
        ("thiolate, mu2", "SCH3"), ("hydrosulfide", "SH"), ("sulfide, mu3", "S"), ("dithiolate", "BDT"),
        ("phosphine", "PH3"), ("chloride", "Cl"), ("pyridyl", "py"), ("nitrile", "MeCN"), ("water", "H2O"),
        ("carboxylate, terminal", "OAc"), ("sulfate", "SO4"), ("nitrate", "NO3"), ("cyanide", "CN"),
        ("ether", ""), ("ketone", "acetone"), ("sulfoxide by O", "DMSO"), ("thiocyanate", "SCN"),
    ],
)  # fmt: skip
def test_names(case, name):
    (ligand,) = find_ligands(CASES[case][0]().molecule)
    assert ligand.name == name


# --------------------------------------------------------------------------------------------------- table


def test_the_table_uses_known_words():
    for row in ligand_classes():
        words = dict(row.conditions)
        assert set(words) <= set(CONDITIONS)
        assert set(words.get("features", ())) <= set(FEATURES)
        assert row.group in GROUPS
        known = find_counting_rule(row.kind(""), row.electrons)
        assert (known is None) == (row.electrons is None)


def test_every_shape_is_used():
    used = {name for row in ligand_classes() for name in dict(row.conditions).get("features", ())}
    assert used == set(FEATURES)


def test_multiple_groups():
    assert name_multiple("azole", 3) == "tris-azole"
    assert count_class_electrons("tetraphosphine") == 0
    assert count_class_electrons("trithiolate") == 3
    assert count_class_electrons("nonsense") is None
