"""Results in files, and calculations found again."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustermodel.electronic.cache import find_cache_folder, find_cached_result, hash_calculation, keep_result
from clustermodel.electronic.specification import Specification
from clustermodel.electronic.storage import ARRAYS, RECORD, read_result, write_result
from clustermodel.errors import InputError
from tests.electronic.geometries import calculate


def assert_same(first, second):
    """Compare every field, arrays bit by bit."""
    if dataclasses.is_dataclass(first):
        for one in dataclasses.fields(first):
            assert_same(getattr(first, one.name), getattr(second, one.name))
    elif isinstance(first, np.ndarray):
        assert np.array_equal(first, second)
    elif isinstance(first, tuple) and first and dataclasses.is_dataclass(first[0]):
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    else:
        assert first == second


@pytest.mark.parametrize("charge", [-1, 0], ids=["singlet", "doublet"])
def test_written_and_read_back_bit_by_bit(tmp_path, charge):
    result = calculate("Au2(SH)3", charge)
    write_result(result, tmp_path / "kept")
    assert_same(result, read_result(tmp_path / "kept"))
    assert json.loads((tmp_path / "kept" / RECORD).read_text())["schema"] == "clustermodel.states/1"


def test_result_without_orbitals_comes_back(tmp_path):
    result = calculate("Au2(SH)3")
    bare = dataclasses.replace(
        result,
        basis=None,
        channels=tuple(dataclasses.replace(one, coefficients=None) for one in result.channels),
    )
    write_result(bare, tmp_path)
    assert_same(bare, read_result(tmp_path))


def test_damaged_files_are_named(tmp_path):
    write_result(calculate("Au2(SH)3"), tmp_path)
    whole = (tmp_path / ARRAYS).read_bytes()
    (tmp_path / ARRAYS).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        InputError, match=r"no result of a calculation .*expected states\.json and states\.npz"
    ):
        read_result(tmp_path)
    assert find_cached_result(tmp_path.name, tmp_path.parent) is None
    with pytest.raises(InputError, match="no result"):
        read_result(tmp_path / "nothing")


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_result(calculate("Au2(SH)3"), tmp_path / "file" / "folder")
    assert not keep_result("key", calculate("Au2(SH)3"), tmp_path / "file" / "folder")


def test_only_converged_results_are_kept(tmp_path):
    result = calculate("Au2(SH)3")
    assert not keep_result("a", dataclasses.replace(result, converged=False), tmp_path)
    assert find_cached_result("a", tmp_path) is None
    assert keep_result("b", result, tmp_path)
    assert find_cached_result("b", tmp_path).gap_ev == result.gap_ev


CHANGES = [
    {"charge": 1},
    {"multiplicity": 3},
    {"method": "GFN2-xTB"},
    {"basis": "def2-SVP"},
    {"grid": 1},
    {"solvent": "ch2cl2"},
    {"density_fit": False},
    {"options": (("a", "b"),)},
]


@pytest.mark.parametrize("change", CHANGES, ids=[next(iter(c)) for c in CHANGES])
def test_every_choice_is_another_calculation(change):
    atoms = (["Au", "Cl"], np.array([[0.0, 0, 0], [0, 0, 2.2]]))
    usual = Specification()
    assert hash_calculation(*atoms, usual) != hash_calculation(*atoms, dataclasses.replace(usual, **change))


@given(st.floats(-3e-7, 3e-7), st.floats(2e-6, 1))
def test_noise_below_a_printed_digit_is_the_same_geometry(noise, move):
    atoms, positions = ["Au", "Cl"], np.array([[0.0, 0, 0], [0, 0, 2.2]])
    key = hash_calculation(atoms, positions, Specification())
    assert key == hash_calculation(atoms, positions + noise, Specification())
    assert key != hash_calculation(atoms, np.add(positions, [[0, 0, 0], [0, 0, move]]), Specification())
    assert key != hash_calculation(atoms[::-1], positions, Specification())


def test_folder_of_the_user():
    assert find_cache_folder({"CLUSTERMODEL_CACHE": "mine"}).as_posix() == "mine"
    assert find_cache_folder({"XDG_CACHE_HOME": "caches"}).as_posix() == "caches/clustermodel"
    assert find_cache_folder({}).name == "clustermodel"
