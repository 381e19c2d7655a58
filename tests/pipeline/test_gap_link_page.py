"""The page on the gap of the pair prints what its stored result holds, and that follows from the models."""

import json
import math
import re

import pytest

from clustermodel.electronic.specification import build_specification
from clustermodel.pipeline.calculation import calculate_states
from clustermodel.pipeline.compare import compare_structures
from clustermodel.pipeline.gap_link import link_gaps
from tests.datafiles import ROOT

PAGE = ROOT / "docs" / "how-to" / "link-gap-and-structure.md"
STORED = json.loads((ROOT / "docs" / "data" / "gap_link_pair.json").read_text(encoding="utf-8"))
HALF_DIGIT = 0.0005  # eV; half of the last printed digit


def test_page_prints_the_gaps_of_the_states():
    rows = re.findall(r"^\| ([a-z ]+) \| \+(\d) \| (\d\.\d{3}) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    shown = {name: (int(charge), float(gap)) for name, charge, gap in rows}
    assert list(shown) == [state["key"] for state in STORED["states"]]
    for state in STORED["states"]:
        charge, gap = shown[state["key"]]
        assert charge == state["charge"]
        assert gap == pytest.approx(state["gap_ev"], abs=HALF_DIGIT)


def test_page_prints_the_shares():
    text = " ".join(PAGE.read_text("utf-8").split())
    found = re.search(
        r"opens the gap of these models by (\S+) eV and the structure that relaxes by (\S+) eV, "
        r"and the two ways differ by (\S+) eV: mostly filling",
        text,
    )
    change = next(one for one in STORED["changes"] if one["quantity"] == "HOMO-LUMO gap")
    for shown, key in zip(found.groups(), ("filling", "relaxation", "coupling"), strict=True):
        assert float(shown) == pytest.approx(change[key], abs=HALF_DIGIT)
    assert change["verdict"] == "mostly filling"
    assert STORED["is_model"] is True


@pytest.mark.slow
def test_stored_result_follows_from_the_models():
    def calculate(geometry):
        specification = build_specification("xtb", geometry.elements, charge=geometry.charge)
        return calculate_states(geometry.elements, geometry.positions, specification)[0]

    link = link_gaps(compare_structures("model:au21", "model:au22"), calculate)
    for state, stored in zip(link.states, STORED["states"], strict=True):
        assert state.gap_ev == pytest.approx(stored["gap_ev"], abs=1e-4)  # eV; convergence of the charges
        assert math.isclose(state.occupied_p, stored["occupied_p"], abs_tol=1e-3)
