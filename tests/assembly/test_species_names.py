"""Recognition of ions and solvents: drawn by other programs, spoilt as deposited files spoil them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.assembly.species_names import name_molecule
from clustermodel.assembly.species_table import find_by_skeleton, list_known_species
from clustermodel.io.cif import read_cif
from clustermodel.structure.graph import match_graphs, read_skeleton
from clustermodel.structure.molecule import Molecule, molecule_from_atoms
from tests.assembly.drawn_species import draw_skeleton, keep, rdkit_molecule, rdkit_species, with_bonds
from tests.datafiles import data_path

ROWS = {row.name: row for row in list_known_species()}
DRAWN = [name for name, row in rdkit_species().items() if row["positions"]]
# Complete, yet without the proton that the charged form has, where files often lack that one hydrogen.
OPEN_WHEN_COMPLETE = {
    "triethylamine",
    "DBU",
    "imidazole",
    "hydroxide",
    "hydrogenphosphate",
    "benzoate",
    "formate",
}


def bonded(elements: str | list[str], positions: object) -> Molecule:
    return bond_molecule(molecule_from_atoms(list(elements), np.array(positions, dtype=float)))


def heavy_atoms(molecule: Molecule) -> list[int]:
    return [i for i, symbol in enumerate(molecule.elements) if symbol != "H"]


def same_skeleton(name: str) -> set[str]:
    row = ROWS[name]
    rows = find_by_skeleton(row.heavy_formula)
    return {other.name for other in rows if match_graphs(row.graph, other.graph) is not None}


@pytest.mark.parametrize("name", DRAWN)
def test_a_complete_molecule_is_named(name):
    known = name_molecule(rdkit_molecule(name))
    assert known is not None
    assert (known.name, known.kind) == (name, ROWS[name].kind)
    assert (known.missing_hydrogens, known.excess_hydrogens) == (0, 0)
    assert known.charge == (None if name in OPEN_WHEN_COMPLETE else ROWS[name].charge)


@pytest.mark.parametrize("name", DRAWN)
def test_a_molecule_without_any_hydrogen_is_named_or_a_neighbour_noted(name):
    molecule = rdkit_molecule(name)
    known = name_molecule(keep(molecule, heavy_atoms(molecule)))
    row, rivals = ROWS[name], same_skeleton(name)
    assert known.name in rivals
    assert known.charge in (None, row.charge) or known.name == "water"
    assert known.name == name or known.notes
    if len(rivals) == 1 and row.trust != "doubtful":
        assert known.charge == row.charge
        assert known.missing_hydrogens == row.carbon_hydrogens + row.other_hydrogens


# Those that lengths tell apart, and those that RDKit has no geometry of; long chains are grown below.
CHAINS = ("tetraoctylammonium", "tetradecylammonium")
SPRUNG = [row for row in ROWS.values() if (row.lengths or row.name not in DRAWN) and row.name not in CHAINS]


@pytest.mark.parametrize("row", SPRUNG, ids=lambda row: row.name)
def test_heavy_atoms_at_typical_lengths_are_named(row):
    """Without hydrogens, graph and lengths decide; where the table has no lengths, the charge stays open."""
    known = name_molecule(draw_skeleton(row))
    assert known is not None
    rivals = same_skeleton(row.name)
    if known.name != row.name:
        assert known.name in rivals
        assert known.notes
        assert not (row.lengths and ROWS[known.name].lengths)
    alone = len(rivals) == 1 and row.trust != "doubtful"
    told = known.name == row.name and row.lengths
    if alone or told:
        assert known.charge == row.charge
    assert known.charge in (None, row.charge) or known.name == "water"
    assert known.missing_hydrogens == ROWS[known.name].carbon_hydrogens + ROWS[known.name].other_hydrogens


@pytest.mark.parametrize(
    ("formula", "name", "charge"),
    [
        ("H2O", "water", 0),
        ("NH3", "ammonia", 0),
        ("CH3OH", "methanol", 0),
        ("CH3CH2OH", "ethanol", 0),
        ("CH3OCH3", "dimethyl ether", 0),
        ("CH3CHO", "acetaldehyde", 0),
        ("H2CO", "formaldehyde", 0),
        ("CO", "carbon monoxide", 0),
        ("CO2", "carbon dioxide", 0),
        ("CS2", "carbon disulfide", 0),
        ("SO2", "sulfur dioxide", 0),
        ("N2", "dinitrogen", 0),
        ("CN", "cyanide", -1),
        ("C6H6", "benzene", 0),
        ("C5H5N", "pyridine", 0),
        ("C4H4O", "furan", 0),
        ("CH3CN", "acetonitrile", 0),
        ("CH3NO2", "nitromethane", 0),
        ("H2CCl2", "dichloromethane", 0),
        ("HCCl3", "chloroform", 0),
        ("CCl4", "tetrachloromethane", 0),
        ("C2Cl4", "tetrachloroethene", 0),
        ("CH3COCH3", "acetone", 0),
        ("CH3COOH", "acetic acid", 0),
        ("HCOOH", "formic acid", 0),
        ("C2H6SO", "dimethyl sulfoxide", 0),
        ("CH3CONH2", None, None),
        ("C2H4", None, None),
        ("Cl2", None, None),
        ("BF3", None, None),
        ("AlCl3", None, None),
    ],
)
def test_molecules_of_the_g2_set(formula, name, charge):
    """Geometries of the G2/97 set as ASE has them: measured or computed, not fitted to our table."""
    import ase.build

    atoms = ase.build.molecule(formula)
    known = name_molecule(bonded(atoms.get_chemical_symbols(), atoms.positions))
    assert (known and known.name, known and known.charge) == (name, charge)


@given(name=st.sampled_from(DRAWN), data=st.data())
def test_the_order_of_the_atoms_does_not_matter(name, data):
    molecule = rdkit_molecule(name)
    shuffled = keep(molecule, data.draw(st.permutations(range(len(molecule)))))
    first, second = name_molecule(molecule), name_molecule(shuffled)
    assert (first.name, first.charge, first.notes) == (second.name, second.charge, second.notes)


@settings(max_examples=150)
@given(name=st.sampled_from(DRAWN), data=st.data())
def test_missing_hydrogens_never_give_a_wrong_charge(name, data):
    """Files lack the hydrogens of whole atoms: the skeleton is named, the charge right or open."""
    molecule = rdkit_molecule(name)
    near = molecule.neighbors()
    bare = data.draw(st.sets(st.sampled_from(heavy_atoms(molecule))))
    atoms = [i for i, s in enumerate(molecule.elements) if s != "H" or near[i][0] not in bare]
    known = name_molecule(keep(molecule, atoms))
    assert known is not None
    assert known.name in same_skeleton(name)
    assert known.charge in (None, ROWS[name].charge) or known.name == "water"
    if known.name == name:
        assert known.missing_hydrogens == len(molecule) - len(atoms)


SATURABLE = ["toluene", "tetrahydrofuran", "tetraethylammonium", "tetraphenylborate", "pentane"]


@given(name=st.sampled_from(SATURABLE), number=st.integers(1, 2), data=st.data())
def test_spurious_hydrogens_on_carbon_are_reported(name, number, data):
    """One or two riding hydrogens too many, as the toluene C7H9 of COD 1540567 has."""
    molecule = rdkit_molecule(name)
    near = molecule.neighbors()
    sites = [i for i in heavy_atoms(molecule) if molecule.elements[i] == "C" and len(near[i]) <= 3]
    sites = sites or [i for i in heavy_atoms(molecule) if molecule.elements[i] == "C"]
    hosts = data.draw(st.lists(st.sampled_from(sites), min_size=number, max_size=number, unique=True))
    room = sum(len(near[i]) <= 3 for i in hosts)
    edges = [
        *map(tuple, molecule.bonds.pairs.tolist()),
        *((h, len(molecule) + k) for k, h in enumerate(hosts)),
    ]
    positions = np.vstack([molecule.positions, molecule.positions[hosts] + (0.0, 0.0, 1.0)])
    known = name_molecule(with_bonds([*molecule.elements, *"H" * number], positions, edges))
    assert (known.name, known.charge) == (name, ROWS[name].charge)
    assert known.excess_hydrogens == room  # a carbon atom with four bonds counts no fifth
    assert bool(known.excess_hydrogens) == any("too many" in note for note in known.notes)


def test_hydrogens_too_many_on_other_atoms_are_another_species():
    """Protonated tetrahydrofuran is not tetrahydrofuran."""
    molecule = rdkit_molecule("tetrahydrofuran")
    oxygen = molecule.elements.index("O")
    edges = [*map(tuple, molecule.bonds.pairs.tolist()), (oxygen, len(molecule))]
    positions = np.vstack([molecule.positions, molecule.positions[oxygen] + (0, 0, 1)])
    assert name_molecule(with_bonds([*molecule.elements, "H"], positions, edges)) is None


@pytest.mark.parametrize("length", range(1, 13))
@pytest.mark.parametrize("hydrogens", [True, False])
def test_tetraalkylammonium_ions_grown_atom_by_atom(length, hydrogens):
    """Four zigzag chains along the diagonals of a cube, each H on the outer side of its carbon."""
    elements, positions, edges = ["N"], [np.zeros(3)], []
    for corner in np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / 3**0.5:
        side = np.cross(corner, [0.3, 0.5, 0.8])
        side /= np.linalg.norm(side)
        last = 0
        for number in range(length):
            edges.append((last, len(elements)))
            last = len(elements)
            elements.append("C")
            positions.append(corner * (1.5 + 1.26 * number) + side * 0.87 * (number % 2))
            up = np.cross(corner, side)
            sites = [up, -up] + [corner] * (number == length - 1)
            for site in sites * hydrogens:
                edges.append((last, len(elements)))
                elements.append("H")
                positions.append(positions[last] + 1.09 * site)
    known = name_molecule(with_bonds(elements, np.array(positions), edges))
    table = {
        row.graph.elements.count("C"): name
        for name, row in ROWS.items()
        if name.startswith("tetra") and "ammonium" in name
    }
    assert known.name == table.get(4 * length, "organoammonium")
    assert known.charge == 1


# ---- lengths and presumptions
@pytest.mark.parametrize(
    ("elements", "length", "name", "charge"),
    [
        ("CO", 1.43, "methanol", 0),
        ("CO", 1.22, "formaldehyde", 0),
        ("CO", 1.12, "carbon monoxide", 0),
        ("CN", 1.14, "cyanide", -1),
        ("CN", 1.47, None, None),  # methylamine or its cation without hydrogens: not a cyanide
    ],
)
def test_two_atoms_without_hydrogens_are_told_by_their_distance(elements, length, name, charge):
    known = name_molecule(bonded(elements, [[0, 0, 0], [0, 0, length]]))
    assert (known and known.name, known and known.charge) == (name, charge)


@pytest.mark.parametrize(
    ("side", "name", "told"),
    [
        (1.37, "benzene", True),
        (1.40, "benzene", True),
        (1.433, "benzene", False),
        (1.45, "benzene", False),
        (1.51, "cyclohexane", True),
    ],
)
def test_rings_of_six_carbon_atoms(side, name, told):
    """Between aromatic and aliphatic lengths the commoner is named, with a note."""
    angles = np.pi / 3 * np.arange(6)
    ring = side * np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    known = name_molecule(bonded("C" * 6, ring))
    assert (known.name, known.charge, known.missing_hydrogens) == (
        name,
        0,
        {"benzene": 6, "cyclohexane": 12}[name],
    )
    assert any("told from" in note for note in known.notes) == told
    assert any("commoner" in note for note in known.notes) != told


@pytest.mark.parametrize(
    ("lengths", "name", "charge"),
    [
        ((1.25, 1.25), "acetate", -1),
        ((1.20, 1.31), "acetic acid", 0),
        ((1.23, 1.28), "acetic acid", None),  # half way: named by commonness, charge open
    ],
)
def test_a_carboxylate_without_hydrogens_is_told_from_the_acid(lengths, name, charge):
    first, second = lengths
    half = np.radians(62)  # O-C-O 124 degrees
    oxygens = [
        [first * np.sin(half), first * np.cos(half), 0],
        [-second * np.sin(half), second * np.cos(half), 0],
    ]
    known = name_molecule(bonded("CCOO", [[0, -1.51, 0], [0, 0, 0], *oxygens]))
    assert (known.name, known.charge) == (name, charge)


def test_a_lone_oxygen_is_presumed_to_be_water():
    known = name_molecule(bonded("O", [[0, 0, 0]]))
    assert (known.name, known.charge, known.missing_hydrogens) == ("water", 0, 2)
    assert "taken as water" in known.notes[0]


def test_half_occupied_protons_count_half():
    """Water with three proton places, two of them half occupied, is no hydronium."""
    places = [[0, 0, 0], [0.85, 0, 0], [-0.3, 0.8, 0], [-0.3, -0.4, 0.7]]
    molecule = bonded("OHHH", places)
    shares = Molecule(
        elements=molecule.elements,
        positions=molecule.positions,
        bonds=molecule.bonds,
        origin=molecule.origin,
        occupancy=np.array([1, 1, 0.5, 0.5]),
        u_eq=molecule.u_eq,
    )
    assert name_molecule(shares).name == "water"
    assert name_molecule(molecule).name == "hydronium"


@pytest.mark.parametrize(
    ("hydrogens", "name", "charge"), [(4, "ammonium", 1), (3, "ammonia", 0), (0, "ammonia", None)]
)
def test_ammonia_and_ammonium_differ_by_hydrogens_alone(hydrogens, name, charge):
    corners = 0.59 * np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    known = name_molecule(bonded("N" + "H" * hydrogens, [[0, 0, 0], *corners[:hydrogens]]))
    assert (known.name, known.charge) == (name, charge)


@pytest.mark.parametrize(
    "symbol", ["Li", "Na", "K", "Rb", "Cs", "Mg", "Ca", "Sr", "Ba", "F", "Cl", "Br", "I"]
)
def test_bare_atoms(symbol):
    known = name_molecule(bonded([symbol], [[0, 0, 0]]))
    group = {"Mg": 2, "Ca": 2, "Sr": 2, "Ba": 2}.get(symbol, -1 if symbol in ("F", "Cl", "Br", "I") else 1)
    assert known.charge == group


@pytest.mark.parametrize("symbol", ["Au", "Ag", "Cu", "Fe", "S", "C", "P", "Zn", "Tl"])
def test_bare_atoms_of_unsure_charge_have_no_name(symbol):
    assert name_molecule(bonded([symbol], [[0, 0, 0]])) is None


# ---- families
@settings(max_examples=60)
@given(
    ion=st.sampled_from([("Cl", "O", 4, 1.43), ("P", "F", 6, 1.58), ("B", "F", 4, 1.38), ("Sb", "F", 6, 1.86),
                         ("As", "F", 6, 1.71), ("N", "O", 3, 1.24)]),
    extra=st.integers(1, 6),
    seed=st.integers(0, 10_000),
)  # fmt: skip
def test_disordered_polyhedral_ions(ion, extra, seed):
    """Outer atoms of two orientations around one centre, anywhere on the sphere."""
    centre, outer, number, length = ion
    listed = min(number + extra, 2 * number)
    directions = np.random.default_rng(seed).normal(size=(listed, 3))
    sphere = length * directions / np.linalg.norm(directions, axis=1)[:, None]
    known = name_molecule(bonded([centre, *[outer] * listed], [[0, 0, 0], *sphere]))
    assert known.charge == -1
    assert ROWS[known.name].graph.elements == (centre, *[outer] * number)
    assert "disordered" in known.notes[0]


def test_a_disordered_sulfate_keeps_its_charge_open():
    """Hydrogensulfate has the same heavy atoms."""
    directions = np.random.default_rng(1).normal(size=(8, 3))
    sphere = 1.47 * directions / np.linalg.norm(directions, axis=1)[:, None]
    known = name_molecule(bonded("S" + "O" * 8, [[0, 0, 0], *sphere]))
    assert (known.name, known.charge) == ("sulfate", None)


@pytest.mark.parametrize(
    ("skeleton", "hydrogens", "charge"),
    [
        ("N(CCCCCCCC)3CCCCC", 0, 1),  # tetraoctylammonium with a chain cut off
        ("N(CCCC)3", 1, 1),
        ("N(CC)2", 2, 1),
        ("N(CC)2", 1, None),  # an amine, or its cation with a hydrogen not found
        ("N(CCCC)3", 0, None),
        ("CN(C)(C)CCOC", 0, 1),
        ("CN(C)(C)CC(O)O", 0, None),  # a betaine is neutral
        ("P(CCCCCC)3CC", 0, 1),
        ("As(C)3CC", 0, 1),
        ("B(C1CCC(Cl)CC1)4", 0, -1),
        ("B(C1CCC(Cl)CC1)3", 0, None),
        ("N(C)3CCN(C)3", 0, None),  # two centres: left alone
    ],
)
def test_onium_ions_and_borates(skeleton, hydrogens, charge):
    row = ROWS["tetramethylammonium"]
    graph = read_skeleton(skeleton)
    drawn = draw_skeleton(with_graph(row, graph))
    centre = next(i for i, s in enumerate(graph.elements) if s in ("N", "P", "As", "B"))
    edges = [(a, b) for a, near in enumerate(graph.neighbors) for b in near if a < b]
    edges += [(centre, len(graph) + k) for k in range(hydrogens)]
    protons = drawn.positions[centre] + np.eye(3)[:hydrogens]
    molecule = with_bonds([*graph.elements, *"H" * hydrogens], np.vstack([drawn.positions, protons]), edges)
    known = name_molecule(molecule)
    assert (known.charge if known else None) == charge


def with_graph(row, graph):
    """Return a row of the table with another skeleton, for drawing."""
    fields = {name: getattr(row, name) for name in row.__slots__}
    return type(row)(**fields | {"graph": graph})


def test_two_overlapping_orientations_are_no_onium_ion():
    """Triethylamine with one ethyl group listed twice: four C around N, two of them 0.7 Å apart."""
    towards = np.array([[1.4, 0, 0.4], [-0.7, 1.2, 0.4], [-0.7, -1.2, 0.4], [-0.2, -1.4, 0.1]])
    methyls = towards * 2 + (0, 0, 0.3)
    edges = [*((0, k) for k in range(1, 5)), *((k, k + 4) for k in range(1, 5))]
    known = name_molecule(with_bonds(list("N" + "C" * 8), np.vstack([[0, 0, 0], towards, methyls]), edges))
    assert known.charge is None
    assert "disordered" in known.notes[-1]
    longer = [*edges, (5, 9)]  # not in the table: the rule for onium ions alone
    positions = np.vstack([[0, 0, 0], towards, methyls, 3 * towards[0]])
    assert name_molecule(with_bonds(list("N" + "C" * 9), positions, longer)) is None


@pytest.mark.parametrize(("shortest", "charge"), [(1.80, 1), (1.67, None)])
def test_a_phosphorus_ylide_is_neutral(shortest, charge):
    """P=C of Ph3P=CHR is 1.66-1.72 Å, P-C of phosphonium ions 1.79-1.82 Å."""
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / 3**0.5
    inner = corners * np.array([shortest, 1.8, 1.8, 1.8])[:, None]
    outer = corners[:2] * 3.3 + (0, 0, 0.4)
    edges = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (2, 6)]
    known = name_molecule(with_bonds(list("P" + "C" * 6), np.vstack([[0, 0, 0], inner, outer]), edges))
    assert (known.charge if known else None) == charge


def test_an_oxygen_in_a_second_shell_is_no_disorder_of_a_perchlorate():
    corners = 1.43 * np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / 3**0.5
    positions = np.vstack([[0, 0, 0], corners, 2 * corners[0]])
    edges = [*((0, k) for k in range(1, 5)), (1, 5)]
    assert name_molecule(with_bonds(["Cl", *"OOOOO"], positions, edges)) is None


def test_open_chains_of_carbon_are_hydrocarbons_and_rings_are_not():
    row = ROWS["pentane"]
    branched = draw_skeleton(with_graph(row, read_skeleton("CCC(C)C(CC)CCC")))
    known = name_molecule(branched)
    assert (known.charge, known.kind, known.missing_hydrogens) == (0, "solvent", 22)
    assert name_molecule(draw_skeleton(with_graph(row, read_skeleton("CCCCC1CC1")))) is None
    assert name_molecule(draw_skeleton(with_graph(row, read_skeleton("CCC")))) is None


# ---- alkali complexes
def solvate(metal: str, parts: list[str], *, hydroxyl: bool = True) -> Molecule:
    """Return a metal atom bonded to the first O or N of each molecule, all far apart."""
    elements, positions, edges = [metal], [np.zeros(3)], []
    for number, name in enumerate(parts):
        molecule = rdkit_molecule(name)
        near = molecule.neighbors()
        atoms = [
            i for i, s in enumerate(molecule.elements)
            if s != "H" or hydroxyl or molecule.elements[near[i][0]] != "O"
        ]  # fmt: skip
        index = {atom: len(elements) + k for k, atom in enumerate(atoms)}
        donor = next(index[i] for i in atoms if molecule.elements[i] in ("O", "N", "F"))
        edges += [(index[a], index[b]) for a, b in molecule.bonds.pairs.tolist() if a in index and b in index]
        edges.append((0, donor))
        elements += [molecule.elements[i] for i in atoms]
        positions += list(molecule.positions[atoms] + (10.0 * (number + 1), 0, 0))
    return with_bonds(elements, np.array(positions), edges)


@pytest.mark.parametrize(
    ("metal", "parts", "short", "charge"),
    [
        ("Na", ["tetrahydrofuran"] * 4, "[Na(THF)4]+", 1),
        ("K", ["18-crown-6"], "[K(18-crown-6)]+", 1),
        ("K", ["18-crown-6", "acetonitrile", "acetonitrile"], "[K(18-crown-6)(MeCN)2]+", 1),
        ("Na", ["water"] * 6, "[Na(H2O)6]+", 1),
        ("Mg", ["water"] * 6, "[Mg(H2O)6]2+", 2),
        ("K", ["cryptand 2.2.2"], "[K(crypt-222)]+", 1),
        ("Li", ["methanol"] * 4, "[Li(MeOH)4]+", 1),
        ("Na", ["acetate", "water"], "[Na(AcO-)(H2O)]", 0),
    ],
)
def test_alkali_ions_with_known_molecules(metal, parts, short, charge):
    known = name_molecule(solvate(metal, parts))
    assert (known.abbreviation, known.charge) == (short, charge)
    assert known.kind == ("ion" if charge else "salt")


@pytest.mark.parametrize("part", ["methanol", "phenol", "ethanol"])
def test_an_alkoxide_is_not_taken_for_an_alcohol(part):
    assert name_molecule(solvate("Na", [part], hydroxyl=False)) is None


def test_an_organolithium_compound_is_not_a_solvate():
    molecule = rdkit_molecule("pentane")
    edges = [*map(tuple, molecule.bonds.pairs.tolist()), (0, len(molecule))]
    positions = np.vstack([molecule.positions, molecule.positions[0] + (0, 0, 2)])
    assert name_molecule(with_bonds([*molecule.elements, "Li"], positions, edges)) is None


# ---- limits
def test_large_molecules_and_polymers_are_not_looked_at():
    chain = bonded("C" * 121, [[1.5 * i, 0, 0] for i in range(121)])
    assert name_molecule(chain) is None
    chloride = bonded(["Cl"], [[0, 0, 0]])
    polymer = Molecule(
        elements=chloride.elements,
        positions=chloride.positions,
        bonds=chloride.bonds,
        origin=chloride.origin,
        occupancy=chloride.occupancy,
        u_eq=chloride.u_eq,
        periodicity=1,
    )
    assert name_molecule(polymer) is None
    assert name_molecule(bonded("H", [[0, 0, 0]])) is None


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("cif/COD_1540567_Au25_SCH2CH2Ph_18.cif", {"toluene": 0}),
        ("cif/COD_1100709_AuPt.cif", {"dicyanoaurate": -1}),
        ("cif/COD_1100711_AgPt.cif", {"dicyanoargentate": -1}),
        ("cif/COD_2000695_AuSbPh3_4_ClO4_R-3.cif", {"perchlorate": -1}),
        ("cif/COD_2006596_Ru_ClO4_disorder.cif", {"perchlorate": -1}),
        ("cif_disorder/finalcif_1513675.cif", {"tetrachlorogallate": -1, "dichloromethane": 0}),
        ("cif_disorder/cod_1502949.cif", {"hexafluorophosphate": -1, "acetonitrile": 0, "water": 0}),
    ],
)
def test_ions_and_solvents_of_deposited_structures(file, expected):
    """What chemists named there: declared moieties and titles of the entries."""
    assembly = assemble_molecules(read_cif(data_path(file)))
    names = [name_molecule(distinct.molecule) for distinct in assembly.molecules]
    assert {known.name: known.charge for known in names if known} == expected
