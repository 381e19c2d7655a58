"""Charge, multiplicity and number of electrons fit each other before anything is calculated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.electronic.specification import (
    Specification,
    build_specification,
    check_parity,
    count_all_electrons,
    find_lowest_multiplicity,
)
from clustermodel.errors import ChemistryError, InputError

AU25 = ["Au"] * 25 + ["S", "H"] * 18


@given(charge=st.integers(-5, 5), multiplicity=st.integers(1, 6))
def test_electrons_unpaired_and_total_have_one_parity(charge, multiplicity):
    fits = (count_all_electrons(AU25, charge) - (multiplicity - 1)) % 2 == 0
    specification = Specification(charge=charge, multiplicity=multiplicity)
    if fits:
        check_parity(AU25, specification)
    else:
        with pytest.raises(ChemistryError, match=rf"multiplicity {multiplicity}; choose one of"):
            check_parity(AU25, specification)


def test_au25_is_a_doublet_and_its_anion_a_singlet():
    # 25 x 79 + 18 x (16 + 1) = 2281 electrons: odd.
    assert count_all_electrons(AU25, 0) == 2281
    assert find_lowest_multiplicity(AU25, 0) == 2
    assert build_specification("xtb", AU25, charge=-1).multiplicity == 1


def test_more_unpaired_electrons_than_electrons():
    with pytest.raises(ChemistryError, match="1 electrons"):
        check_parity(["H"], Specification(charge=0, multiplicity=4))


def test_levels_have_their_engines():
    assert build_specification("xtb", ["He"], charge=0).label == "GFN1-xTB"
    dft = build_specification("dft", ["He"], charge=0, basis="def2-TZVP", solvent="ch2cl2")
    assert (dft.engine, dft.label) == ("pyscf", "PBE/def2-TZVP (ch2cl2)")
    with pytest.raises(InputError, match="'ccsd' does not exist; expected one of xtb, dft"):
        build_specification("ccsd", ["He"], charge=0)


def test_unknown_element():
    with pytest.raises(InputError, match="'Qq' is no element"):
        count_all_electrons(["Qq"], 0)
