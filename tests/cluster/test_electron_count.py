"""How many superatom electrons, by which rules, and when is the count refused?"""

import contextlib
import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.assembly.bonding import bond_molecule
from clustermodel.assembly.molecules import assemble_molecules
from clustermodel.cluster.cluster import build_cluster
from clustermodel.cluster.electron_count import (
    CountedLigand,
    _document,
    count_electrons,
    count_electrons_of_parts,
    magic_numbers,
)
from clustermodel.cluster.formula_count import count_electrons_of_formula, read_cluster_formula
from clustermodel.cluster.ligand_classes import find_counting_rule, ligand_classes
from clustermodel.errors import InputError
from clustermodel.io.cif import read_cif
from clustermodel.structure.molecule import molecule_from_atoms
from tests.cluster.ligand_cases import CASES
from tests.cluster.model_clusters import ICOSAHEDRON, icosahedron, phosphine_icosahedron
from tests.datafiles import data_path, data_root


def _clusters():
    path = data_root() / "facts" / "clusters.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# Rows whose tabulated count differs from ours, with the reason. None: all 95 agree.
DIFFERENT: dict[str, str] = {}


@pytest.mark.parametrize("row", _clusters(), ids=lambda row: row["id"])
def test_published_clusters(row):
    count = count_electrons_of_formula(row["formula"])
    assert count.charge == int(row["z"])
    assert count.value == sum(term.total for term in count.terms)
    if row["nstar_stated"]:  # a number printed in the source
        assert count.value == int(row["nstar_stated"])
    if row["id"] not in DIFFERENT:
        assert count.value == int(row["nstar"])


def test_all_published_clusters_are_there():
    rows = _clusters() or pytest.skip("shared test data absent")
    assert len(rows) == 95
    assert sum(bool(row["nstar_stated"]) for row in rows) == 24


# ---------------------------------------------------------------------------------------------- structures


def _read_xyz(name):
    import ase.io

    atoms = ase.io.read(data_path(name if "/" in name else f"xyz/{name}"))
    return bond_molecule(molecule_from_atoms(atoms.get_chemical_symbols(), atoms.positions))


@pytest.mark.parametrize(
    ("name", "charge", "formula"),
    [
        ("au25_pet18_-1_opt.xyz", -1, "[Au25(PET)18]-"),
        ("Au25_SCH2CH2Ph_18_neutral_from_COD1540567.xyz", 0, "Au25(PET)18"),
        ("sch3_023_16_minus1.xyz", -1, "[Au23(SCH3)16]-"),
        ("au18_schex14_opt.xyz", 0, "Au18(SCy)14"),
        ("au20_tbbt16_opt.xyz", 0, "Au20(TBBT)16"),
        ("au21_sadm15_opt.xyz", 0, "Au21(SAdm)15"),
        ("au22_sadm16_opt.xyz", 0, "Au22(SAdm)16"),
        ("au36_tbbt24_opt.xyz", 0, "Au36(TBBT)24"),
        ("au38_pet24q_opt.xyz", 0, "Au38(PET)24"),
        ("sch3_102_44.xyz", 0, "Au102(SCH3)44"),
        ("models_start/au21_sh_ph3_gfn1.xyz", 1, "[Au21(SH)12(PH3)3]+"),
        ("models_start/au22_sh_ph3_gfn1.xyz", 2, "[Au22(SH)12(PH3)4]2+"),
    ],
)
def test_structures_count_as_their_formulas(name, charge, formula):
    from_structure = count_electrons(build_cluster(_read_xyz(name)), charge)
    from_formula = count_electrons_of_formula(formula)
    assert from_structure.value == from_formula.value
    assert from_structure.terms == from_formula.terms
    assert from_structure.by_charge == from_formula.by_charge


def test_mixed_shell_by_construction():
    """[Au13(PH3)10Cl2]3+, as [Au13(dppe)5Cl2]3+: eight electrons."""
    cluster = phosphine_icosahedron(10, 2).cluster()
    count = count_electrons(cluster, 3)
    assert count.value == 8
    assert [(term.label, term.count, term.each) for term in count.terms] == [
        ("Au", 13, 1),
        ("halide Cl", 2, -1),
        ("phosphine PH3", 10, 0),
        ("charge", 1, -3),
    ]


def test_hydrogen_follows_its_host():
    """One H outside each of two faces of a centred icosahedron: on gold it adds, on silver it takes."""
    middle = 3.6 * ICOSAHEDRON[[0, 4, 8]].mean(axis=0)
    for metal, each in (("Au", 1), ("Ag", -1)):
        atoms = icosahedron()
        atoms.elements = [metal] * 13
        count = count_electrons(atoms.add("H", middle, -middle).cluster(), 0)
        hydride = next(term for term in count.terms if term.label.startswith("hydride"))
        assert (hydride.count, hydride.each) == (2, each)
        assert count.value == 13 + 2 * each
        assert "electrons-hydride-sign" in {finding.code for finding in count.findings}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("COD_1004001_W6S8_PBu3_6_disordered", "0 of 6 metal atoms are Cu, Ag or Au"),
        ("COD_7000165_Ru6Ga3_disordered", "0 of 9 metal atoms are Cu, Ag or Au"),
        ("COD_1101169_W6_POM", "0 of "),
        ("COD_4060312_AuTl", "no rule for Tl"),
    ],
)
def test_what_is_no_superatom_is_refused(name, words):
    crystal = read_cif(data_path(f"cif/{name}.cif"))
    molecule = max((s.molecule for s in assemble_molecules(crystal).molecules), key=len)
    count = count_electrons(build_cluster(molecule), 0)
    assert count.value is None
    assert count.at_zero_charge is None
    assert count.reason.startswith(words)
    assert (count.terms, count.by_charge, count.findings) == ((), (), ())


def test_a_ligand_without_a_rule_refuses_the_count():
    cluster = icosahedron()
    cluster.add("N", 4.75 * ICOSAHEDRON[0]).add("O", 5.91 * ICOSAHEDRON[0])  # linear NO, 1.16 Å
    assert count_electrons(cluster.cluster(), 0).reason == "no rule for nitrosyl"


# ------------------------------------------------------------------------------------------------- charges


def test_without_charge_the_count_is_a_function_of_it():
    count = count_electrons_of_formula("[Au25(SR)18]")
    assert (count.value, count.at_zero_charge, count.charge) == (None, 7, None)
    assert {row.charge: row.count for row in count.by_charge} == {z: 7 - z for z in range(-6, 7)}
    assert [row.charge for row in count.by_charge if row.magic] == [-1, 5]  # 8 and 2
    assert "charge" not in {term.label for term in count.terms}
    assert count.reason


@given(charge=st.integers(-20, 20), thiolates=st.integers(0, 60), metals=st.integers(1, 200))
def test_the_count_is_linear(charge, thiolates, metals):
    ligand = CountedLigand(kind="thiolate", name="", count=thiolates, electrons=1)
    count = count_electrons_of_parts({"Au": metals}, [ligand], charge)
    assert count.value == metals - thiolates - charge
    assert count.at_zero_charge == metals - thiolates
    assert all(row.count == count.at_zero_charge - row.charge >= 0 for row in count.by_charge)
    assert all(row.magic == (row.count in magic_numbers()) for row in count.by_charge)
    if count.value >= 0:
        assert charge in {row.charge for row in count.by_charge}
    else:
        assert "electrons-negative" in {finding.code for finding in count.findings}


# -------------------------------------------------------------------------------------------------- rules


def test_every_rule_has_a_source():
    sources = _document()["sources"]
    metals = _document()["metals"].values()
    rules = [find_counting_rule(row.kind(""), row.electrons) for row in ligand_classes()]
    assert {row["source"] for row in metals} <= set(sources)
    assert {rule.source for rule in rules if rule} <= set(sources)
    for _, kind, electrons, _ in CASES.values():
        assert find_counting_rule(kind, electrons) is not None


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("[Au25(SR)18]-", "electrons-magic"),
        ("Au25(SR)18", "electrons-open-shell"),
        ("Au20(SR)16", "electrons-network"),
        ("Cu32H20(dtp)12", "electrons-none"),
        ("Cu14(SR)12", "electrons-hydrides-unseen"),
        ("Au10(SR)14", "electrons-negative"),
        ("[RuAu12(dppm)6]2+", "electrons-derived"),
        ("[RuAu12(dppm)6]2+", "electrons-guest-metal"),
        ("[(C)(AuL)6Ag2]4+", "electrons-derived"),
        ("[Au9H(PPh3)8]2+", "electrons-hydride-sign"),
    ],
)
def test_warnings(formula, code):
    assert code in {finding.code for finding in count_electrons_of_formula(formula).findings}


def test_a_plain_count_has_no_warning():
    assert count_electrons_of_formula("Au36(SR)24").findings == ()


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        # Eight-electron superatoms with metallic hydrogen, hu2017.
        ("[Au25H(SR)18]0", 8),
        ("[Au25H2(SR)18]+", 8),
        ("PtAu24H2(SR)18", 8),
        ("PdAu24H2(SR)18", 8),
        ("AgAu24H(SR)18", 8),
        ("CuAu24H(SR)18", 8),
    ],
)
def test_metallic_hydrogen_of_the_source(formula, value):
    assert count_electrons_of_formula(formula).value == value


# ------------------------------------------------------------------------------------------------ formulas


@pytest.mark.parametrize(
    ("formula", "metals", "ligands", "charge"),
    [
        ("[Au25(SC2H4Ph)18]-", {"Au": 25}, [("thiolate", "SC2H4Ph", 18)], -1),
        ("Au25(SR)18−", {"Au": 25}, [("thiolate", "SR", 18)], -1),
        ("[Au25(SR)18]^-", {"Au": 25}, [("thiolate", "SR", 18)], -1),
        ("[Au25(SR)18]-1", {"Au": 25}, [("thiolate", "SR", 18)], -1),
        ("[Au25(SR)18]", {"Au": 25}, [("thiolate", "SR", 18)], None),
        ("Au38(SC2H4Ph)24 (Q)", {"Au": 38}, [("thiolate", "SC2H4Ph", 24)], 0),
        ("[Ag29(BDT)12]3-", {"Ag": 29}, [("dithiolate", "BDT", 12)], -3),
        ("Au30S(S-tBu)18", {"Au": 30}, [("sulfide", "S", 1), ("thiolate", "StBu", 18)], 0),
        ("[Ag@Au24(SR)18]-", {"Ag": 1, "Au": 24}, [("thiolate", "SR", 18)], -1),
        (
            "[Au9Ag6(C≡CR)10(dppm)2Cl2]-",
            {"Au": 9, "Ag": 6},
            [("alkynyl", "CCR", 10), ("diphosphine", "dppm", 2), ("halide", "Cl", 2)],
            -1,
        ),
        (
            "[(C)(AuPPh3)6Ag2]4+",
            {"Au": 6, "Ag": 2},
            [("carbide", "C", 1), ("phosphine", "PPh3", 6)],
            4,
        ),
        ("[Au7(P^P)n]3+", {"Au": 7}, [], 3),
        ("Cu32H20(dtp)12", {"Cu": 32}, [("hydride", "H", 20), ("dithiophosphate", "S2P(OiPr)2", 12)], 0),
        ("Ag14(SePh)12(NHC)2", {"Ag": 14}, [("selenolate", "SePh", 12), ("NHC", "NHC", 2)], 0),
    ],
)
def test_formulas_are_taken_apart(formula, metals, ligands, charge):
    parts = read_cluster_formula(formula)
    assert parts.metals == metals
    assert [(x.kind, x.name, x.count) for x in parts.ligands] == ligands
    assert parts.charge == charge


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("", "cannot tell formula and charge apart"),
        ("Au25SR18", "'R18'"),
        ("Au25(SR)n", "the count 'n' of (SR)"),
        ("Au25(Foo)18", "(Foo) is not a ligand"),
        ("Au25(SR)18(", "is not closed"),
        ("Au25)SR(18", "')SR(18'"),
        ("25Au", "'25Au'"),
        ("Cl2", "no metal atom"),
        ("Au20(dppm)6CN6", "'C' without parentheses"),
        ("Cu20OH", "'OH' without parentheses"),
        ("Cu20SH", "'SH' without parentheses"),
        ("[Au25(SR)18]2", "has no sign"),
        ("[Au6(dppp)4](NO3)2", "cannot tell formula and charge apart"),
        ("[Au25(SR)18]2-3", "two sizes"),
        ("Au25(Xx2)3", "(Xx2) is not a ligand"),
        ("[]", "no metal atom"),
    ],
)
def test_unreadable_formulas_say_what_and_how(formula, words):
    with pytest.raises(InputError) as caught:
        count_electrons_of_formula(formula)
    message = str(caught.value)
    assert words in message
    assert repr(formula) in message
    assert "[Au25(SC2H4Ph)18]-" in message or "write" in message


@given(st.text(alphabet="AuAgSPRCH()[]0123456789+-− @nXx", max_size=24))
def test_no_formula_gives_a_bare_error(text):
    with contextlib.suppress(InputError):
        read_cluster_formula(text)


def test_the_charge_may_be_given_beside_the_formula():
    assert count_electrons_of_formula("[Au25(SR)18]", charge=-1).value == 8
    assert count_electrons_of_formula("Au25(SR)18", charge=-1).value == 8
    assert count_electrons_of_formula("[Au25(SR)18]-", charge=-1).value == 8
    with pytest.raises(InputError, match="states charge -1"):
        count_electrons_of_formula("[Au25(SR)18]-", charge=0)


@given(order=st.permutations(["Au21", "(SAdm)12", "(PPh2py)3", "Cl2"]))
def test_the_order_of_parts_does_not_matter(order):
    count = count_electrons_of_formula(f"[{''.join(order)}]3+")
    assert count.value == 21 - 12 - 2 - 3


@given(counts=st.lists(st.integers(1, 99), min_size=3, max_size=3))
def test_counts_are_multiplied(counts):
    gold, thiolates, groups = counts
    count = count_electrons_of_formula(f"[Au{gold}(SR){thiolates}(AuPPh3){groups}]0")
    assert count.value == gold + groups - thiolates
