"""Mean-square amplitudes: by construction, under rotation, by another program, and against printed Ueq."""

import json
from pathlib import Path

import gemmi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustermodel.errors import CifError
from clustermodel.io.cif import read_cif_blocks
from clustermodel.structure.cell import Cell
from clustermodel.structure.displacements import (
    build_displacement_covariance,
    find_amplitude_slopes,
    find_displacement_tensors,
)
from tests.assembly.error_cases import SETTINGS, group_of, stabiliser, symmetric_cell
from tests.datafiles import data_files

CCTBX = json.loads(Path(__file__).parents[1].joinpath("data", "geometry_cctbx.json").read_text("utf-8"))
PAIRS = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))  # U11 U22 U33 U23 U13 U12


def parameters_of(cell, tensor):
    """Return the six CIF parameters of a Cartesian tensor, by mean squares of fractional displacements."""
    fractional = cell.inverse.T @ tensor @ cell.inverse
    full = fractional / np.outer(*[np.linalg.norm(cell.inverse, axis=0)] * 2)
    return np.array([full[i, j] for i, j in PAIRS])


def turn_of(cell, rotation):
    """Return the Cartesian rotation of an operation, acting on columns."""
    return cell.matrix.T @ rotation @ np.linalg.inv(cell.matrix.T)


def random_tensor(rng):
    root = rng.normal(size=(3, 3))
    return 0.02 * root @ root.T


@given(st.integers(0, 2**32 - 1))
def test_parameters_and_tensor_are_each_other(seed):
    rng = np.random.default_rng(seed)
    cell = Cell(lengths=rng.uniform(5, 20, 3), angles=rng.uniform(75, 105, 3))
    tensor = random_tensor(rng)
    found = find_displacement_tensors(cell, parameters_of(cell, tensor)[None])[0]
    assert found == pytest.approx(tensor, abs=1e-12)


@settings(max_examples=60)
@given(st.sampled_from(SETTINGS), st.integers(0, 2**32 - 1))
def test_amplitude_of_an_image_is_that_of_the_turned_tensor(name, seed):
    rng = np.random.default_rng(seed)
    group = group_of(name)
    cell = symmetric_cell(group, rng.uniform(5, 20, 3), rng.uniform(80, 100, 3))
    tensor, direction = random_tensor(rng), rng.normal(size=3)
    direction /= np.linalg.norm(direction)
    rotation = group.rotations[rng.integers(len(group))]
    turn = turn_of(cell, rotation)
    assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-9)
    slopes = find_amplitude_slopes(cell, rotation[None], direction[None])[0]
    expected = direction @ turn @ tensor @ turn.T @ direction
    assert slopes @ parameters_of(cell, tensor) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("one", CCTBX["crystals"], ids=lambda one: one["group"])
def test_agrees_with_cctbx(one):
    cell = Cell(lengths=one["cell"][:3], angles=one["cell"][3:])
    fract, u, su = (np.array(one[key]) for key in ("fract", "u", "u_su"))
    assert len(one["rigid_bonds"]) == 10
    for row in one["rigid_bonds"]:
        operation = gemmi.Op(row["image"])
        rotation = np.array(operation.rot) // gemmi.Op.DEN
        first, second = row["atoms"]
        end = rotation @ fract[second] + np.array(operation.tran) / gemmi.Op.DEN
        vector = (end - fract[first]) @ cell.matrix
        rotations = np.array([np.eye(3, dtype=int), rotation])
        directions = np.array([vector / np.linalg.norm(vector)] * 2)
        slopes = find_amplitude_slopes(cell, rotations, directions)
        found = np.einsum("pi,pi->p", slopes, u[[first, second]])
        assert found == pytest.approx(row["amplitudes"], abs=1e-9)
        variance = np.sum((slopes * su[[first, second]]) ** 2)
        assert np.sqrt(variance) == pytest.approx(row["su"], rel=1e-6)


def crystals():
    for folder in ("cif", "cif_disorder"):
        for path in data_files(folder, "*.cif"):
            try:
                yield from read_cif_blocks(path)
            except CifError:
                continue


def test_a_third_of_the_trace_is_the_printed_equivalent():
    """Ueq was computed by the refinement program; it is printed with three or four decimals."""
    compared = off = 0
    for crystal in crystals():
        sites = crystal.sites
        known = np.isfinite(sites.u_aniso).all(axis=1) & np.isfinite(sites.u_iso)
        trace = np.trace(find_displacement_tensors(crystal.cell, sites.u_aniso[known]), axis1=1, axis2=2)
        difference = np.abs(trace / 3 - sites.u_iso[known])
        compared += int(known.sum())
        off += int(np.count_nonzero(difference > 0.01 * sites.u_iso[known] + 5.5e-4))  # half of 0.001 Å2
    if not compared:
        pytest.skip("shared test data absent: cif, cif_disorder (set CLUSTERMODEL_DATA)")
    assert compared > 2000
    assert off / compared < 0.02


# ------------------------------------------------------------------------------------ special positions

SPECIAL = {
    # Group, cell, place, printed s.u., directions and the expected s.u. along them.
    "mirror": (
        "P 1 m 1",
        (7, 8, 9, 90, 105, 90),
        (0.1, 0, 0.2),
        (1, 2, 3, 0, 0.5, 0),
        [((0, 1, 0), 2.0)],
    ),
    "threefold axis": (
        "P 3",
        (7, 7, 9, 90, 90, 120),
        (1 / 3, 2 / 3, 0.1),
        (2, 2, 3, 0, 0, 1),
        [((1, 0, 0), 2.0), ((0.6, 0.8, 0), 2.0), ((0, 0, 1), 3.0)],
    ),
    "cubic site": ("P m -3 m", (9, 9, 9, 90, 90, 90), (0, 0, 0), (2, 2, 2, 0, 0, 0), [((0.6, 0, 0.8), 2.0)]),
    "axis": ("P 2 2 2", (7, 8, 9, 90, 90, 90), (0.2, 0, 0), (1, 2, 3, 4, 0, 0), [((1, 0, 0), 1.0)]),
}


@pytest.mark.parametrize("case", SPECIAL)
def test_errors_keep_the_symmetry_of_the_site(case):
    name, constants, place, su, directions = SPECIAL[case]
    cell, group = Cell(lengths=constants[:3], angles=constants[3:]), group_of(name)
    covariance = build_displacement_covariance(
        cell, group, np.array([place]), np.array([su], dtype=float), tolerance=0.01
    )[0]
    assert np.sqrt(np.diag(covariance)) == pytest.approx(su, abs=1e-9)
    for direction, expected in directions:
        slopes = find_amplitude_slopes(cell, np.eye(3, dtype=int)[None], np.array([direction], dtype=float))[
            0
        ]
        assert np.sqrt(slopes @ covariance @ slopes) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=60)
@given(st.sampled_from(SETTINGS), st.integers(0, 2**32 - 1))
def test_only_changes_with_the_symmetry_of_the_site_are_allowed(name, seed):
    rng = np.random.default_rng(seed)
    group = group_of(name)
    cell = symmetric_cell(group, rng.uniform(7, 20, 3), rng.uniform(80, 100, 3))
    place = rng.choice([0, 0.25, 0.5, 0.137], size=3)
    covariance = build_displacement_covariance(
        cell, group, place[None], rng.uniform(1e-3, 2e-3, (1, 6)), tolerance=1e-4
    )[0]
    change = np.linalg.cholesky(covariance + 1e-18 * np.eye(6)) @ rng.normal(size=6)
    tensor = find_displacement_tensors(cell, change[None])[0]
    for rotation in stabiliser(cell, group, place):
        turn = turn_of(cell, rotation)
        assert turn @ tensor @ turn.T == pytest.approx(tensor, abs=1e-7)  # the 1e-9 added above, and its cell
