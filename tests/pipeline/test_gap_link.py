"""The change of a gap, split into filling and relaxation: by construction, and on the models of the pair."""

import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from clustermodel.electronic.result import ElectronicResult, SpinChannel
from clustermodel.electronic.specification import build_specification
from clustermodel.electronic.spectrum import OpticalGaps, SpectrumSettings
from clustermodel.errors import ChemistryError
from clustermodel.pipeline.compare import compare_structures
from clustermodel.pipeline.gap_geometries import STATES, build_gap_geometries
from clustermodel.pipeline.gap_link import link_gaps, split_change
from clustermodel.report.gap_tables import list_gap_tables

EXACT = 1e-12  # rounding of sums of numbers of order one


@pytest.fixture(scope="module")
def pair():
    return compare_structures("model:au21", "model:au22")


@pytest.fixture(scope="module")
def geometries(pair):
    return build_gap_geometries(pair)


def pretend(gaps):
    """Return an engine that gives each state the gap that is wanted."""

    def calculate(geometry):
        n = len(geometry.elements)
        gap = gaps[geometry.key]
        return ElectronicResult(
            specification=build_specification("xtb", geometry.elements, charge=geometry.charge),
            elements=geometry.elements,
            positions=geometry.positions,
            converged=True,
            energy_ev=-1.0,
            channels=(
                SpinChannel(
                    spin="both",
                    energies_ev=np.array([-5.0, -5.0 + gap]),
                    occupations=np.array([2.0, 0.0]),
                    coefficients=None,
                ),
            ),
            basis=None,
            atomic_charges=np.full(n, geometry.charge / n),
            charge_kind="even",
            spin_populations=None,
            dipole_debye=np.zeros(3),
        )

    return calculate


def sort_distances(points):
    return np.sort(cdist(points, points)[np.triu_indices(len(points), 1)])


# ---------------------------------------------------------------------------------------------- arithmetic


def test_additive_change_is_split_without_coupling():
    fill, relax = 0.4, -0.1
    change = split_change(
        "gap",
        "eV",
        {
            "defect": 1.0,
            "defect in filled": 1.0 + relax,
            "filled in defect": 1.0 + fill,
            "filled": 1.0 + fill + relax,
        },
    )
    assert change.filling == pytest.approx(fill, abs=EXACT)
    assert change.relaxation == pytest.approx(relax, abs=EXACT)
    assert change.coupling == pytest.approx(0.0, abs=EXACT)
    assert change.verdict == "mostly filling, against the other share"


@pytest.mark.parametrize("seed", range(8))
def test_shares_add_up_on_every_way(seed):
    values = dict(zip(STATES, np.random.default_rng(seed).normal(size=4), strict=True))
    change = split_change("gap", "eV", values)
    assert change.relaxation + change.filling == pytest.approx(change.total, abs=EXACT)
    for path in change.paths:
        assert path.relaxation + path.filling == pytest.approx(values["filled"] - values["defect"], abs=EXACT)


def test_exchanging_the_clusters_turns_the_signs():
    values = {"defect": 1.0, "defect in filled": 1.3, "filled in defect": 1.1, "filled": 1.7}
    back = dict(zip(values, reversed(values.values()), strict=True))
    there, again = split_change("gap", "eV", values), split_change("gap", "eV", back)
    # emptying the site at a geometry is filling it, backwards; the ways change places
    assert again.total == pytest.approx(-there.total, abs=EXACT)
    assert again.filling == pytest.approx(-there.filling, abs=EXACT)


def test_ways_that_disagree_are_said_to():
    values = {"defect": 1.0, "defect in filled": 1.5, "filled in defect": 1.5, "filled": 1.6}
    assert split_change("gap", "eV", values).verdict == "the two ways disagree about which share is larger"


def test_one_way_gives_no_mean():
    change = split_change("gap", "eV", {"defect": 1.0, "defect in filled": 1.1, "filled": 2.0})
    assert [path.name for path in change.paths] == ["relax, then fill"]
    assert math.isnan(change.filling)
    assert change.verdict == "mostly filling (one way only)"


def test_without_a_way_nothing_is_split():
    change = split_change("gap", "eV", {"defect": 1.0, "filled": 2.0})
    assert not change.paths
    assert change.verdict.startswith("not split")


# ---------------------------------------------------------------------------------------------- geometries


def test_states_have_the_atoms_of_their_cluster(geometries):
    formulas = {state.key: state.formula for state in geometries.states}
    assert list(formulas) == list(STATES)
    assert formulas["defect"] == formulas["defect in filled"] == "Au21H21P3S12"
    assert formulas["filled"] == formulas["filled in defect"] == "Au22H24P4S12"
    assert [state.charge for state in geometries.states] == [1, 1, 2, 2]
    assert [len(state.kernel) for state in geometries.states] == [17, 17, 18, 18]
    assert [len(state.staples) for state in geometries.states] == [4, 4, 4, 4]


def test_cut_out_cluster_has_the_distances_of_the_filled_one(geometries):
    filled, cut = geometries.find("filled"), geometries.find("defect in filled")
    gaps = cdist(cut.positions, filled.positions)
    assert gaps.min(axis=1).max() < 1e-9  # Å: nothing was moved
    assert len(filled.elements) - len(cut.elements) == 5  # Au and PH3
    # the order is that of the defect cluster, so that atoms correspond
    own = geometries.find("defect")
    metals = [i for i, symbol in enumerate(own.elements) if symbol in {"Au", "S", "P"}]
    assert [own.elements[i] for i in metals] == [cut.elements[i] for i in metals]
    assert np.abs(sort_distances(own.positions[metals]) - sort_distances(cut.positions[metals])).max() < 1.0


def test_filled_site_leaves_the_others_where_they_were(geometries):
    own, filled = geometries.find("defect"), geometries.find("filled in defect")
    assert np.array_equal(filled.positions[: len(own.elements)], own.positions)
    coming = filled.positions[len(own.elements) :]
    assert cdist(coming, own.positions).min() > 1.5  # Å: longer than any bond to hydrogen or a clash


def test_order_of_the_files_does_not_matter(geometries):
    other = build_gap_geometries(compare_structures("model:au22", "model:au21"))
    assert (other.defect, other.filled) == ("au21", "au22")
    assert [state.formula for state in other.states] == [state.formula for state in geometries.states]
    for one, two in zip(geometries.states, other.states, strict=True):
        # the map may choose an equal far place: the distances are the same up to the model's symmetry
        assert np.abs(sort_distances(one.positions) - sort_distances(two.positions)).max() < 0.05


def test_equal_clusters_are_refused():
    name = "model:au25_sch3_18_nme4"
    with pytest.raises(ChemistryError, match="equally many metal atoms"):
        build_gap_geometries(compare_structures(name, name))


# ------------------------------------------------------------------------------------------------ the link


def test_link_splits_what_the_engine_gives(pair, geometries):
    gaps = {"defect": 1.0, "defect in filled": 0.9, "filled in defect": 1.4, "filled": 1.3}
    link = link_gaps(pair, pretend(gaps), geometries=geometries)
    change = next(one for one in link.changes if one.quantity == "HOMO-LUMO gap")
    assert change.filling == pytest.approx(0.4, abs=EXACT)
    assert change.relaxation == pytest.approx(-0.1, abs=EXACT)
    assert link.is_model
    assert not link.swapped
    assert any("different charges" in note for note in link.notes)
    charges = {
        state.key: state.kernel_charge + state.staple_charge + state.ligand_charge for state in link.states
    }
    assert charges == pytest.approx({"defect": 1, "defect in filled": 1, "filled in defect": 2, "filled": 2})


def test_excitations_are_split_where_they_are_known(pair, geometries):
    gaps = {"defect": 1.0, "defect in filled": 0.9, "filled in defect": 1.4, "filled": 1.3}

    def absorb(result):
        gap = result.gap_ev
        if gap == pytest.approx(0.9):  # nothing found in one state: one way is left
            return None
        bright = gap + 1 if gap < 1.35 else None
        return OpticalGaps(first_root=gap + 0.1, first_bright=bright, onset=None, settings=SpectrumSettings())

    link = link_gaps(pair, pretend(gaps), geometries=geometries, absorb=absorb)
    changes = {one.quantity: one for one in link.changes}
    assert changes["first excitation"].total == pytest.approx(0.3, abs=EXACT)
    assert [path.name for path in changes["first excitation"].paths] == ["fill, then relax"]
    assert changes["first bright excitation"].paths == ()
    assert "first bright / eV" in [column.heading for column in list_gap_tables(link)[0].columns]
    assert "first excitation" not in {
        one.quantity for one in link_gaps(pair, pretend(gaps), geometries=geometries).changes
    }


def test_tables_say_that_models_are_models(pair, geometries):
    link = link_gaps(pair, pretend(dict.fromkeys(STATES, 1.0)), geometries=geometries)
    tables = list_gap_tables(link)
    assert [table.name for table in tables] == ["gap-states", "gap-changes", "gap-structure"]
    assert all(table.caption.startswith("MODEL") for table in tables)
    change = next(one for one in link.changes if one.quantity == "HOMO-LUMO gap")
    assert change.verdict == "no change"
