"""Does the search of model crystals know its groups, its slopes and its distances?"""

import importlib.util
import itertools
import sys

import gemmi
import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.spatial.transform import Rotation

from tests.datafiles import ROOT

FOLDER = ROOT / "structures" / "models"


@pytest.fixture(scope="module")
def search():
    """The module of the search, which is a script beside the models and no part of the package."""
    name = "crystal_search"
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[name]


def draw_layout(search, group, seed):
    random = np.random.default_rng(seed)
    beta = 90.0 if group is search.FDDD else random.uniform(80.0, 110.0)
    return search.Layout(
        lengths=random.uniform(9.0, 14.0, 3) * (2.0 if group is search.FDDD else 1.0),
        beta=beta,
        centre=random.random(3),
        turn=Rotation.random(rng=random).as_matrix(),
    )


def draw_body(search, seed):
    random = np.random.default_rng(seed)
    return search.Body(atoms=random.normal(size=(12, 3)) * 2.0, radii=random.uniform(1.0, 2.0, 12))


@pytest.fixture(params=["C2C", "FDDD"])
def group(request, search):
    return getattr(search, request.param)


def test_operations_are_those_of_the_space_group(group):
    known = gemmi.SpaceGroup(group.symbol).operations()
    mine = {
        (tuple(signs), tuple(6 * part for part in quarters))  # quarters in gemmi's twenty-fourths
        for signs, quarters in zip(group.signs.tolist(), group.quarters.tolist(), strict=True)
    }
    assert mine == {
        (tuple(op.rot[axis][axis] // 24 for axis in range(3)), tuple(part % 24 for part in op.tran))
        for op in known
    }


@pytest.mark.parametrize("seed", range(3))
def test_distances_are_those_of_all_copies(search, group, seed):
    layout = draw_layout(search, group, seed)
    cell = search.build_cell(layout)
    copies = group.signs * layout.centre + group.quarters / 4
    shifts = np.array(list(itertools.product(range(-4, 5), repeat=3)))
    steps = ((copies - layout.centre)[:, None] + shifts).reshape(-1, 3) @ cell.T
    apart = np.sort(np.linalg.norm(steps, axis=1))
    apart = apart[(apart > 1e-6) & (apart < 20.0)]
    found = search.measure_distances(group, layout, 20.0)
    # 0.002 Å: distances closer than 0.001 Å are listed once
    assert cdist(apart[:, None], found[:, None]).min(axis=1).max() < 0.002
    assert cdist(found[:, None], apart[:, None]).min(axis=1).max() < 1e-9  # rounding


@pytest.mark.parametrize("seed", range(3))
def test_slopes_are_those_of_the_energy(search, group, seed):
    layout, body = draw_layout(search, group, seed), draw_body(search, seed)
    terms = search.Terms(distances=(7.0, 8.0), scale=0.9, overlap=10.0, distance=20.0, volume=1.0)
    _, slopes = search.measure_energy(group, body, layout, terms)
    free = range(10) if group is search.C2C else [0, 1, 2, *range(4, 10)]  # beta of Fddd stays
    for place in free:
        step = np.zeros(10)
        step[place] = 1e-7
        high, low = (
            search.measure_energy(group, body, search.move_layout(layout, sign * step), terms)[0]
            for sign in (1, -1)
        )
        # central difference: rounding of the energy, about 1e5, over the step
        assert slopes[place] == pytest.approx((high - low) / 2e-7, rel=1e-4, abs=1e-3 * np.abs(slopes).max())


def test_overlap_of_two_spheres_is_their_radii_less_their_distance(search):
    layout = search.Layout(
        lengths=np.array([40.0, 41.0, 42.0]), beta=90.0, centre=np.array([0.03, 0.0, 0.0]), turn=np.eye(3)
    )
    body = search.Body(atoms=np.zeros((1, 3)), radii=np.array([2.0]))
    # the inversion at the origin puts a copy 2 x 0.03 x 40 Å away; everything else is further than 4 Å
    assert search.measure_overlaps(search.C2C, body, layout, 1.0) == pytest.approx([4.0 - 2.4])


@pytest.mark.parametrize("seed", range(5))
def test_overlaps_are_those_with_all_copies(search, group, seed):
    layout, body = draw_layout(search, group, seed), draw_body(search, seed)
    cell = search.build_cell(layout)
    own = body.atoms @ layout.turn.T
    shifts = np.array(list(itertools.product(range(-3, 4), repeat=3)))
    depths = []
    for signs, quarters in zip(group.signs, group.quarters, strict=True):
        for shift in shifts:
            step = cell @ (signs * layout.centre + quarters / 4 - layout.centre + shift)
            if np.linalg.norm(step) > 1e-6:
                gaps = cdist(own, own * signs + step) - 0.9 * (body.radii[:, None] + body.radii)
                depths.append(-gaps[gaps < 0.0])
    wanted = np.concatenate(depths)
    found = search.measure_overlaps(group, body, layout, 0.9)
    assert len(found) > 0
    # of a copy and its inverse only one is listed, with the same depths; 1e-9: rounding
    assert cdist(wanted[:, None], found[:, None]).min(axis=1).max() < 1e-9
    assert cdist(found[:, None], wanted[:, None]).min(axis=1).max() < 1e-9
    assert len(wanted) / 2 <= len(found) <= len(wanted)


def test_refined_layout_has_the_wanted_distances(search, group):
    start = draw_layout(search, group, 7)
    terms = search.Terms(distances=(11.0, 12.5), scale=1.0, overlap=0.0, distance=1.0, volume=0.0)
    cell = (0, 1, 2) if group is search.FDDD else (0, 1, 2, 3)
    freedom = search.Freedom(cell=cell, centre=(0, 1, 2), turn=(0, 1, 2))
    larger = search.Layout(lengths=3.0 * start.lengths, beta=start.beta, centre=start.centre, turn=start.turn)
    misfit, layout = search.refine_layout(group, draw_body(search, 1), larger, freedom, terms)
    assert misfit < 1e-6
    assert search.measure_distances(group, layout)[:1] == pytest.approx(11.0, abs=0.01)  # of the misfit
