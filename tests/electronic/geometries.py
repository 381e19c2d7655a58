"""Geometries for calculations, and what the program xtb says about them."""

import functools
import json

import numpy as np

from clustermodel.electronic.specification import build_specification
from clustermodel.electronic.tblite_engine import TbliteEngine
from tests.datafiles import ROOT


@functools.cache
def reference():
    """Return the cases of tests/data/gfn1_xtb.json."""
    return json.loads((ROOT / "tests" / "data" / "gfn1_xtb.json").read_text(encoding="utf-8"))["cases"]


def case(name):
    """Return elements, positions in Å and charge."""
    found = reference()[name]
    return found["elements"], np.array(found["positions"]), found["charge"]


@functools.cache
def calculate(name, charge=None):
    """Return the states of a case by GFN1-xTB."""
    elements, positions, usual = case(name)
    specification = build_specification("xtb", elements, charge=usual if charge is None else charge)
    return TbliteEngine().calculate_states(elements, positions, specification)
