"""The notation of ions: what it means, what it may not mean, and what it does not depend on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.cluster.ligand_names import named_ligands
from clustermodel.errors import InputError
from clustermodel.massspec.electrons import count_ion_electrons
from clustermodel.massspec.formula import build_ion, format_ion, read_ion, sum_atoms
from clustermodel.massspec.shorthand import read_shorthand

AU21 = "[Au21(AdmS)12(PPh2py)3(CH3OH)Cs]2+"


# Sum formulas counted by hand.
@pytest.mark.parametrize(
    ("text", "formula", "charge"),
    [
        ("[Au22(AdmS)12(PPh2py)4]2+", "C188H236Au22N4P4S12", 2),
        ("[Au22(AdmS)12(PPh2py)4]²⁺", "C188H236Au22N4P4S12", 2),
        ("[Au₂₂(AdmS)₁₂(PPh₂py)₄]^{2+}", "C188H236Au22N4P4S12", 2),
        ("[Au22(SAdm)12(PPh2py)4]2+", "C188H236Au22N4P4S12", 2),
        (AU21, "C172H226Au21CsN3OP3S12", 2),
        ("[Au21(AdmS)12(PPh2py)3(CH3OH)Cs+]2+", "C172H226Au21CsN3OP3S12", 2),
        ("[Au21(AdmS)12(PPh2py)3 + CH3OH + Cs]2+", "C172H226Au21CsN3OP3S12", 2),
        ("[Au21(AdmS)12(PPh2py)3 + MeOH + Cs+]2+", "C172H226Au21CsN3OP3S12", 2),
        ("[Au25(PET)18]-", "C144H162Au25S18", -1),
        ("[Au25(SC2H4Ph)18 - SC2H4Ph]+", "C136H153Au25S17", 1),
        ("[Au25(PET)18 + 2Cs]+", "C144H162Au25Cs2S18", 1),
        ("[Au25(p-MBA)18 + 2Na - 3H]2-", "C126H87Au25Na2O36S18", -2),
        ("[Au13(dppe)5Cl2]3+", "C130H120Au13Cl2P10", 3),
        ("[(Ph3P)Au(PPh3)]+", "C36H30AuP2", 1),
        ("[Au20(P(C6H4OMe)3)8]2+", "C168H168Au20O24P8", 2),
        ("[Au8(dppp)4Cl2]2+ (green)", "C108H104Au8Cl2P8", 2),
        ("[PPN]+", "C36H30NP2", 1),
        ("[NaOAc + Na]+", "C2H3Na2O2", 1),
        ("[(CsOAc)2Cs]+", "C4H6Cs3O4", 1),
        ("Cs+", "Cs", 1),
        ("[Au6(PiPr3)6]2+", "C54H126Au6P6", 2),
        ("[D2O + D]+", "D3O", 1),
    ],
)
def test_known_ions(text, formula, charge):
    ion = read_ion(text)
    assert (ion.formula, ion.charge) == (formula, charge)


parts = st.lists(
    st.tuples(
        st.sampled_from(["Au", "Ag", "Cl", "(AdmS)", "(PPh2py)", "(PET)", "(dppm)", "(CH3OH)", "Cs"]),
        st.integers(1, 30),
    ),
    min_size=1,
    max_size=6,
)


@given(parts, st.integers(-5, 5).filter(bool), st.randoms())
def test_order_of_the_parts_does_not_matter(items, charge, random):
    def write(rows):
        body = "".join(f"{text}{count}" for text, count in rows)
        return f"[{body}]{abs(charge)}{'+' if charge > 0 else '-'}"

    shuffled = items.copy()
    random.shuffle(shuffled)
    assert read_ion(write(items)).atoms == read_ion(write(shuffled)).atoms


@given(parts, st.integers(1, 4))
def test_what_is_written_reads_back(items, charge):
    ion = read_ion("[" + "".join(f"{text}{count}" for text, count in items) + f"]{charge}+")
    again = read_ion(format_ion(ion.parts, ion.charge))
    assert (again.atoms, again.charge) == (ion.atoms, ion.charge)


@given(st.sampled_from(["Cs", "Na", "CH3OH", "OAc", "H"]), st.integers(1, 3), st.integers(1, 3))
def test_adducts_read_back_as_adducts(name, count, charge):
    ion = read_ion(f"[Au25(PET)18 + {count}{name}]{charge}+")
    again = read_ion(format_ion(ion.parts, ion.charge))
    assert [part.adduct_charge for part in again.parts] == [part.adduct_charge for part in ion.parts]
    assert sum_atoms(again.parts) == ion.atoms


def test_adduct_takes_its_charge_along():
    """An adduct of known charge leaves the electrons of the cluster alone."""
    for text in (
        "[Au21(AdmS)12(PPh2py)3]+",
        AU21,
        "[Au21(AdmS)12(PPh2py)3 + CH3OH + Cs]2+",
        "[Au21(AdmS)12(PPh2py)3 + H]2+",
        "[Au21(AdmS)12(PPh2py)3 + OAc]0".replace("]0", " + 2Na]2+"),
    ):
        ion = read_ion(text)
        assert count_ion_electrons(ion.parts, ion.charge) == 8, text


def test_proton_on_a_hydride_cluster_is_a_proton():
    hydride, protonated = read_ion("[Cu25H22(PPh3)12]+"), read_ion("[Cu25H22(PPh3)12 + H]2+")
    assert count_ion_electrons(hydride.parts, 1) == count_ion_electrons(protonated.parts, 2) == 2


def test_no_electron_count_without_a_coinage_metal():
    ion = read_ion("[NaOAc + Na]+")
    assert count_ion_electrons(ion.parts, ion.charge) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[Au25(SR)18]-", "'SR' is neither a formula nor a known abbreviation"),
        ("[Au25(PPh2pi)18]-", "did you mean PPh2"),
        ("[Au25(PET)18]", "no charge"),
        ("Au25(PET)18", "no charge"),
        ("[Au25(PET)18]0", "charge 0"),
        ("[Au25(PET]-", "not closed"),
        ("[Au - 2Au]+", "-1 Au"),
        ("[]2+", "no atom"),
        ("", "cannot tell formula and charge apart"),
        ("[13C]+", "begins with the number 13"),
        ("[Au25(PET)18]2", "no sign"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text, words):
    with pytest.raises(InputError, match=words):
        read_ion(text)


def test_charge_of_the_user():
    assert read_ion("[Au25(PET)18]", charge=-1).charge == -1
    assert read_ion("Au25(PET)18", charge=1).charge == 1
    with pytest.raises(InputError, match="states charge -1"):
        read_ion("[Au25(PET)18]-", charge=1)


def test_wrong_number_of_hydrogens_shows_in_the_parity():
    """(SPhBr) spelled out has C6H5: one hydrogen too many for a thiolate."""
    assert "even" in read_ion("[Au25(SPhBr)18]-").notes[0]
    assert read_ion("[Au25(SC6H4Br)18]-").notes == ()
    assert read_ion(AU21).notes == ()


def test_ambiguous_symbol_is_told():
    assert "praseodymium" not in read_ion("[Au25(P(OPr)3)]+").formula
    assert read_ion("[Au25(SnPr)18]-").formula == "C54H126Au25S18"
    assert "Pr is read as the element" in read_ion("[PrAu]+").notes[0]


def test_dictionary_of_the_user_goes_first(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        '[ligands]\nSR = "SC8H9"\nPET = "SCH3"\n[groups]\nDpm = "CHPh2"\n'
        '[adducts]\nRb = { formula = "Rb", charge = 1 }\n'
    )
    mine = read_shorthand(path)
    assert read_ion("[Au25(SR)18]-", shorthand=mine).formula == "C144H162Au25S18"
    assert read_ion("[Au25(PET)18]-", shorthand=mine).formula == "C18H54Au25S18"
    assert read_ion("[Au25(SDpm)18]-", shorthand=mine).formula == "C234H198Au25S18"
    ion = read_ion("[Au25(SR)18 + 2Rb]+", shorthand=mine)
    assert count_ion_electrons(ion.parts, 1) == 8


def test_ligand_may_use_a_group_of_its_own_name():
    mine = read_shorthand(extra={"SR": "SCH2CH2Ph", "R": "C8H9"})
    assert read_ion("[Au25(SR)18]-", shorthand=mine).formula == "C144H162Au25S18"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[ligands\n", "no TOML"),
        ('[ligand]\nSR = "C"\n', "table 'ligand'"),
        ("[ligands]\nSR = 3\n", "another layout"),
        ('[adducts]\nRb = "Rb"\n', "another layout"),
        ('[ligands]\nSR = "SQq"\n', "'SQq' is not a formula"),
        ('[ligands]\nA = "B2C"\nB2C = "A"\n', "is not a formula"),
    ],
)
def test_bad_dictionary_is_refused_in_words(tmp_path, content, words):
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(InputError, match=words):
        read_shorthand(path)


def test_absent_dictionary_is_refused():
    with pytest.raises(InputError, match="cannot be read"):
        read_shorthand("no/such/file.toml")


def test_pieces_and_skeletons_agree():
    """Names that are formulas give the same atoms read piece by piece as from their skeleton.

    Not compared are names that mean something else piece by piece: Sn and Si for S-nPr and S-iPr, Pt for
    P-tBu3, numbers of positions, iodine for imidazolylidene, and free pyridine, which has one hydrogen more.
    """
    other = {
        "SnPr",
        "SiPr",
        "SnBu",
        "S-2-Nap",
        "S-2-py",
        "PtBu3",
        "PP3",
        "IMe",
        "IMes",
        "IPr",
        "py",
        "S-1-Nap",
    }
    shorthand, compared = read_shorthand(), 0
    for row in named_ligands():
        pieces = shorthand._expand_pieces(row.name.replace("-", ""), "group", frozenset())
        if row.name in other or pieces is None:
            continue
        compared += 1
        assert pieces == shorthand.expand(row.name), row.name
    assert compared > 60


def test_built_ion_has_the_atoms_given():
    ion = build_ion({"Au": 25, "S": 18, "C": 144, "H": 162, "P": 0}, -1)
    assert ion.text == "[C144H162Au25S18]-"
    assert ion.atoms == read_ion("[Au25(PET)18]-").atoms
    for wrong in ({"Qq": 1}, {"Au": -1}, {}):
        with pytest.raises(InputError):
            build_ion(wrong, 1)
    with pytest.raises(InputError, match="charge 0"):
        build_ion({"Au": 1}, 0)
