"""Free ligands of models: composition, lengths and angles of the tables, and the name they are given."""

import itertools
import tomllib

import numpy as np
import pytest

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.cluster.ligands import find_ligands
from clustermodel.cluster.models.attachment import find_near_pairs
from clustermodel.cluster.models.ligand_templates import find_template, list_templates
from clustermodel.cluster.models.rotamers import Stand, list_rotamers, measure_spans
from clustermodel.elements import format_formula
from clustermodel.errors import InputError
from clustermodel.structure.molecule import molecule_from_atoms

FORMULAS = {  # of the bound ligand, and the name that the analysis gives it
    "SH": ("HS", "SH"),
    "SCH3": ("CH3S", "SCH3"),
    "StBu": ("C4H9S", "StBu"),
    "SPh": ("C6H5S", "SPh"),
    "SCy": ("C6H11S", "SCy"),
    "SAdm": ("C10H15S", "SAdm"),
    "PET": ("C8H9S", "SC2H4Ph"),
    "PH3": ("H3P", "PH3"),
    "PMe3": ("C3H9P", "PMe3"),
    "PPh3": ("C18H15P", "PPh3"),
    "PPh2py": ("C17H14NP", "PPh2py"),
    "PPhpy2": ("C16H13N2P", "PPhpy2"),
    "dppe": ("C26H24P2", "dppe"),
    "Cl": ("Cl", "Cl"),
}
# Bond lengths in Å and their spread over environments, from International Tables C, chapter 9.5
# (doi 10.1107/97809553602060000621): C sp3 chain, ring and quaternary, aromatic C, pyridine C-N.
LENGTHS = {
    ("C", "C", "sp3"): (1.50, 1.55),
    ("C", "C", "aromatic"): (1.36, 1.42),
    ("C", "N", "aromatic"): (1.33, 1.40),  # a ring is drawn regular: up to the C-C of the same ring, 1.39
    ("C", "S", "sp3"): (1.80, 1.87),
    ("C", "S", "aromatic"): (1.75, 1.79),
    ("C", "P", "sp3"): (1.80, 1.86),
    ("C", "P", "aromatic"): (1.80, 1.85),
    ("C", "H", "sp3"): (1.05, 1.11),
    ("C", "H", "aromatic"): (1.05, 1.11),
    ("H", "S", "sp3"): (1.32, 1.36),
    ("H", "P", "sp3"): (1.40, 1.44),
}


def list_neighbors(template):
    table = {k: [] for k in range(len(template.elements))}
    for one, two in template.bonds:
        table[one].append(two)
        table[two].append(one)
    return table


def is_aromatic(template, table, atom):
    """Return whether an atom is a planar ring atom: C with three neighbours, N with two."""
    return (template.elements[atom], len(table[atom])) in {("C", 3), ("N", 2)}


def test_every_template_is_tested():
    assert set(FORMULAS) == set(list_templates())


@pytest.mark.parametrize("name", FORMULAS)
def test_formula_is_that_of_the_ligand(name):
    assert format_formula(find_template(name).elements) == FORMULAS[name][0]


@pytest.mark.parametrize("name", FORMULAS)
def test_lengths_are_those_of_the_tables(name):
    template = find_template(name)
    table = list_neighbors(template)
    for one, two in template.bonds:
        elements = sorted([template.elements[one], template.elements[two]])
        carbon = [atom for atom in (one, two) if template.elements[atom] in {"C", "N"}]
        flat = carbon and all(is_aromatic(template, table, atom) for atom in carbon)
        low, high = LENGTHS[*elements, "aromatic" if flat else "sp3"]
        assert low <= np.linalg.norm(template.positions[one] - template.positions[two]) <= high


@pytest.mark.parametrize("name", FORMULAS)
def test_angles_are_tetrahedral_or_trigonal(name):
    template = find_template(name)
    table = list_neighbors(template)
    for apex, around in table.items():
        for one, two in itertools.combinations(around, 2):
            u, v = template.positions[[one, two]] - template.positions[apex]
            angle = np.degrees(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v)))
            if template.elements[apex] == "P":
                assert (
                    99 < angle < 106
                )  # C-P-C 100 to 105 in triphenylphosphine, H-P-H 93.5 free and 100 bound
            elif is_aromatic(template, table, apex):
                assert angle == pytest.approx(120, abs=0.5)  # a regular hexagon, but for three decimals
            else:
                assert angle == pytest.approx(109.5, abs=4)  # C-C-C of chains goes up to 113


@pytest.mark.parametrize("name", FORMULAS)
def test_aromatic_rings_are_flat(name):
    template = find_template(name)
    table = list_neighbors(template)
    for atom in range(len(template.elements)):
        if is_aromatic(template, table, atom) and len(table[atom]) == 3:
            normal = np.linalg.svd(template.positions[[atom, *table[atom]]])[2]
            spread = template.positions[table[atom]] - template.positions[atom]
            assert abs(np.linalg.det(spread)) < 0.01  # Å3: flat to 0.003 Å
            assert normal.shape == (3, 3)


@pytest.mark.parametrize("name", FORMULAS)
def test_analysis_finds_the_bonds_and_the_name(name):
    """The ligand on its metal atom, read from coordinates alone."""
    template = find_template(name)
    metals = [[-2.35, 0.0, 0.0]]
    for donor in template.donors[1:]:
        arms = [template.positions[b if a == donor else a] for a, b in template.bonds if donor in (a, b)]
        back = template.positions[donor] - np.mean(arms, axis=0)
        metals.append(template.positions[donor] + 2.3 * back / np.linalg.norm(back))
    elements = [*template.elements, *("Au" for _ in metals)]
    molecule = bond_molecule(molecule_from_atoms(elements, np.vstack([template.positions, metals])))
    inner = {(int(a), int(b)) for a, b in molecule.bonds.pairs if b < len(template.elements)}
    assert inner == set(template.bonds)
    (ligand,) = find_ligands(molecule)
    assert ligand.name == FORMULAS[name][1]
    assert tuple(donor.atom for donor in ligand.donors) == template.donors


def test_rigid_parts_cover_the_ligand_and_turns_move_what_lies_beyond():
    for name in list_templates():
        template = find_template(name)
        assert set(itertools.chain(*template.rigid)) == set(range(len(template.elements)))
        for turn in template.turns:
            assert turn.bond[1] in turn.moved
            assert turn.bond[0] not in turn.moved


def test_other_spellings_name_the_same_ligand():
    pairs = {"AdmS": "SAdm", "tBuS": "StBu", "SC2H4Ph": "PET", "SMe": "SCH3", "dppy": "PPh2py", "PhS": "SPh"}
    for spelling, name in pairs.items():
        assert find_template(spelling) is find_template(name)


def test_unknown_ligand_is_refused_with_the_list():
    with pytest.raises(InputError, match=r"called 'Sxy'; expected one of SH, SCH3"):
        find_template("Sxy")


def test_templates_are_sound_toml_without_unused_fields():
    from importlib import resources

    text = resources.files("clustermodel.cluster.models").joinpath("ligand_templates.toml").read_text("utf-8")
    for row in tomllib.loads(text).values():
        assert set(row) <= {"atoms", "turns"}


# ------------------------------------------------------------------------------------------- rotamers


BRIDGE = Stand(
    donors=np.zeros((1, 3)),
    metals=(np.array([[-1.6, 1.7, 0.0], [-1.6, -1.7, 0.0]]),),
)
ONE = Stand(donors=np.array([[0.0, 0.0, 5.0]]), metals=(np.array([[0.0, 0.0, 2.7]]),))


@pytest.mark.parametrize("name", [name for name in FORMULAS if name != "dppe"])
@pytest.mark.parametrize("stand", [BRIDGE, ONE], ids=["bridge", "terminal"])
def test_rotamers_keep_the_ligand_and_its_donor(name, stand):
    """Turns and placement are rigid: bonded distances stay, and so does the handedness of the frame."""
    template = find_template(name)
    full = list_rotamers(template, stand, 100)
    assert np.allclose(full[:, template.donors[0]], stand.donors[0], atol=1e-9)  # rounding
    near = sorted(find_near_pairs(template.bonds, len(template.elements), 2))
    if near:
        one, two = np.array(near).T
        expected = np.linalg.norm(template.positions[one] - template.positions[two], axis=1)
        found = np.linalg.norm(full[:, one] - full[:, two], axis=2)
        assert np.allclose(found, expected, atol=1e-9)  # rounding


def test_rotamers_of_a_bridge_stand_on_both_sides():
    full = list_rotamers(find_template("SCH3"), BRIDGE, 100)
    height = full[:, 1, 2]
    assert (height > 1).any()
    assert (height < -1).any()


def test_rotamers_of_a_bridge_have_equal_angles_to_both_metals():
    for shape in list_rotamers(find_template("SCH3"), BRIDGE, 100):
        arms = BRIDGE.metals[0] / np.linalg.norm(BRIDGE.metals[0], axis=1, keepdims=True)
        cosines = arms @ (shape[1] / np.linalg.norm(shape[1]))
        assert cosines[0] == pytest.approx(cosines[1], abs=1e-9)  # rounding
        assert 102 < np.degrees(np.arccos(cosines[0])) < 116  # tofanelli2016


def test_rotamers_of_a_chelate_reach_both_donors():
    """Two donors as far apart as the backbone spans on average: its conformers come within its own steps."""
    template = find_template("dppe")
    span = measure_spans(template)[0, 1]
    donors = np.array([[0.0, 0.0, 0.0], [span, 0.0, 0.0]])
    stand = Stand(donors=donors, metals=(np.array([[0.3, -2.27, 0.0]]), np.array([[span - 0.3, -2.27, 0.0]])))
    full = list_rotamers(template, stand, 1000)
    assert (
        np.linalg.norm(full[:, list(template.donors)] - donors, axis=2).max() < 0.7
    )  # 0.6 Å, and a best fit
    assert len(full) >= 81  # every turn of its four rings


def test_chelate_spans_lie_between_those_of_its_torsions():
    """P-C-C-P: the distance of the ends of four atoms at torsion 0 and 180, by trigonometry."""
    across = 1.53 + 2 * 1.82 * np.cos(np.radians(180 - 109.47))
    side = 1.82 * np.sin(np.radians(109.47))
    assert across < measure_spans(find_template("dppe"))[0, 1] < np.hypot(across, 2 * side)
