"""Shares of atoms in orbitals: sums, a bond by construction, and other divisions."""

import dataclasses

import numpy as np
import pytest

from clustermodel.electronic.shares import SharePart, measure_shares, split_metal_parts
from clustermodel.errors import ChemistryError, InputError
from tests.electronic.geometries import calculate


def parts_of(result):
    gold = [i for i, s in enumerate(result.elements) if s == "Au"]
    rest = [i for i, s in enumerate(result.elements) if s != "Au"]
    return split_metal_parts({"gold": gold}, {"ligand": rest})


@pytest.mark.parametrize("charge", [-1, 0])
def test_shares_are_positive_and_add_up_to_one(charge):
    result = calculate("Au2(SH)3", charge)
    found = measure_shares(result, parts_of(result), below=99, above=99)
    assert [one.spin for one in found] == [channel.spin for channel in result.channels]
    for one in found:
        assert one.shares.min() >= 0
        assert np.allclose(one.shares.sum(axis=1), 1, atol=1e-8)


def test_shares_of_all_orbitals_count_the_functions():
    """Over all orbitals, each orthogonalised function is used up exactly once."""
    result = calculate("Au4(PH3)4")
    (found,) = measure_shares(result, parts_of(result), below=999, above=999)
    functions = [4 * (1 + 3), 4 * 5, 4 * (1 + 3 + 5) + 12 * 2]  # Au 6s 6p; 5d; P 3s 3p 3d and H 1s 2s
    assert found.parts == ("gold_sp", "gold_d", "ligand")
    assert np.allclose(found.shares.sum(axis=0), functions, atol=1e-6)


def test_equal_atoms_have_equal_shares_in_the_sum_over_occupied():
    result = calculate("Au4(PH3)4")
    parts = [SharePart(name=f"Au{i}", atoms=(i,)) for i in range(4)]
    (found,) = measure_shares(result, parts, below=999, above=0)
    sums = found.shares.sum(axis=0)
    assert np.allclose(sums, sums[0], atol=1e-4)  # tetrahedral, coordinates rounded to 1e-6 Å


def test_frontier_orbitals_are_those_asked_for():
    result = calculate("Au2(SH)3")
    (found,) = measure_shares(result, parts_of(result), below=2, above=3)
    homo = result.channels[0].homo
    assert found.orbitals == (homo - 1, homo, homo + 1, homo + 2, homo + 3)


def test_result_without_orbitals_and_unknown_atoms_are_refused():
    result = calculate("Au2(SH)3")
    with pytest.raises(ChemistryError, match="no orbitals"):
        measure_shares(dataclasses.replace(result, basis=None), parts_of(result))
    with pytest.raises(InputError, match="names atom 99"):
        measure_shares(result, [SharePart(name="x", atoms=(99,))])
