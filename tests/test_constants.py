"""Are the conversions those of CODATA, and do they stand in one place?"""

import ast

import pytest

from clustermodel import constants
from tests.datafiles import ROOT

# CODATA 2018 as printed by NIST; the 2022 adjustment moved the measured ones by 1.4e-9 at most (dalton).
PRINTED = {
    "EV_NM": 1239.841984,
    "EV_PER_WAVENUMBER": 1.239841984e-4,
    "BOLTZMANN_EV": 8.617333262e-5,
    "HARTREE_EV": 27.211386245988,
    "BOHR_ANGSTROM": 0.529177210903,
    "DEBYE_E_ANGSTROM": 0.529177210903 / 2.541746473,  # Bohr radius; atomic unit of the dipole moment in D
    "DENSITY_DA_A3": 1.66053906660,
    "ELECTRON_MASS_DA": 5.48579909065e-4,
}


@pytest.mark.parametrize("name", constants.__all__)
def test_value(name):
    assert getattr(constants, name) == pytest.approx(PRINTED[name], rel=2e-9)  # between two adjustments


def test_only_this_module_knows_scipy_constants():
    found = []
    for path in sorted((ROOT / "clustermodel").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            )
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            full = {f"{module}.{name}".lstrip(".") for name in names} | {module}
            if any(name.startswith("scipy.constants") for name in full):
                found.append(path.name)
    assert found == ["constants.py"]
