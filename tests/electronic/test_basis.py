"""Values of functions in space: against PySCF and against integrals."""

import math
import tomllib

import numpy as np
import pytest

from clustermodel.constants import BOHR_ANGSTROM
from clustermodel.electronic.basis import (
    Basis,
    Shell,
    _evaluate_radial,
    evaluate_basis,
    evaluate_harmonics,
    evaluate_orbitals,
)
from clustermodel.electronic.tblite_basis import SLATER_GAUSSIANS
from clustermodel.errors import ChemistryError
from tests.datafiles import ROOT

LEVELS = [(momentum, order) for momentum in range(5) for order in range(-momentum, momentum + 1)]


def one_function(momentum, order, exponent=0.7):
    shell = Shell(atom=0, momentum=momentum, exponents=[exponent], coefficients=[1.0])
    return Basis(
        name="one",
        shells=(shell,),
        shell_of=[0],
        atoms=[0],
        momenta=[momentum],
        orders=[order],
        overlap=[[1.0]],
    )


def test_harmonics_are_orthonormal_on_the_sphere():
    from scipy.integrate import lebedev_rule

    points, weights = lebedev_rule(17)
    values = np.array([evaluate_harmonics(*level, points.T) for level in LEVELS])
    assert np.allclose((values * weights) @ values.T, np.eye(len(LEVELS)), atol=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_functions_are_normalised(level):
    nodes = np.linspace(-7, 7, 71) * BOHR_ANGSTROM  # trapezoids of a Gaussian converge exponentially
    grid = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 3)
    values = evaluate_basis(one_function(*level), np.zeros((1, 3)), grid)[:, 0]
    volume = (nodes[1] - nodes[0]) ** 3 / BOHR_ANGSTROM**3
    assert np.sum(values**2) * volume == pytest.approx(1, abs=1e-7)


def test_values_agree_with_pyscf():
    from pyscf import gto

    positions = np.array([[0.1, -0.3, 0.2], [1.1, 0.9, -0.4]])
    exponents, coefficients = [2.1, 0.6], [0.4, 0.7]
    content = [[momentum, *zip(exponents, coefficients, strict=True)] for momentum in range(5)]
    mol = gto.M(atom=list(zip(["He", "He"], positions, strict=True)), basis={"He": content}, verbose=0)
    shells = tuple(
        Shell(
            atom=mol.bas_atom(i),
            momentum=mol.bas_angular(i),
            exponents=mol.bas_exp(i),
            coefficients=mol._libcint_ctr_coeff(i)[:, 0] / gto.gto_norm(mol.bas_angular(i), mol.bas_exp(i)),
        )
        for i in range(mol.nbas)
    )
    orders = {0: [0], 1: [1, -1, 0], 2: range(-2, 3), 3: range(-3, 4), 4: range(-4, 5)}
    rows = [(i, shell, order) for i, shell in enumerate(shells) for order in orders[shell.momentum]]
    basis = Basis(
        name="two",
        shells=shells,
        shell_of=[i for i, _, _ in rows],
        atoms=[shell.atom for _, shell, _ in rows],
        momenta=[shell.momentum for _, shell, _ in rows],
        orders=[order for _, _, order in rows],
        overlap=mol.intor("int1e_ovlp"),
    )
    points = np.random.default_rng(5).normal(size=(200, 3))
    expected = mol.eval_gto("GTOval_sph", points / BOHR_ANGSTROM)
    assert np.allclose(evaluate_basis(basis, positions, points), expected, atol=1e-10)


def test_orbitals_in_parts_are_the_same(monkeypatch):
    basis = one_function(1, 0)
    points = np.random.default_rng(2).normal(size=(57, 3))
    whole = evaluate_orbitals(basis, np.zeros((1, 3)), np.array([[2.0]]), points)
    monkeypatch.setattr("clustermodel.electronic.basis._CHUNK", 10)
    assert np.array_equal(whole, evaluate_orbitals(basis, np.zeros((1, 3)), np.array([[2.0]]), points))


def test_basis_without_shells_is_refused():
    basis = Basis(name="x", shells=(), shell_of=[-1], atoms=[0], momenta=[0], orders=[0], overlap=[[1.0]])
    with pytest.raises(ChemistryError, match="not known in space"):
        evaluate_basis(basis, np.zeros((1, 3)), np.zeros((1, 3)))


def slater_table():
    text = (ROOT / "clustermodel" / "electronic" / SLATER_GAUSSIANS).read_text(encoding="utf-8")
    return tomllib.loads(text)


@pytest.mark.parametrize("name", list(slater_table()))
def test_gaussians_of_the_table_stand_for_slater_functions(name):
    row, n, momentum = slater_table()[name], int(name[0]), "spd".index(name[1])
    radii = np.linspace(0, 60, 60001)  # bohr; a step of 0.001
    slater = 2 ** (n + 0.5) / math.sqrt(math.factorial(2 * n)) * radii ** (n - 1) * np.exp(-radii)
    shell = Shell(atom=0, momentum=momentum, exponents=row["exponents"], coefficients=row["coefficients"])
    gaussians = _evaluate_radial(shell, radii**2) * radii**momentum
    norm, shared = (np.trapezoid(gaussians * other * radii**2, radii) for other in (gaussians, slater))
    assert norm == pytest.approx(1, abs=1e-6)  # trapezoids of this step
    assert 1 - shared**2 == pytest.approx(row["lost"], abs=2e-6)
    assert row["lost"] < 1e-3


def test_fit_of_three_gaussians_to_1s_is_the_published_one():
    """Exponents and coefficients of STO-3G: Hehre, Stewart, Pople (1969), Stewart (1970)."""
    row = slater_table()["1s-3G"]
    assert row["exponents"] == pytest.approx([2.22766, 0.405771, 0.109818], rel=1e-4)  # a flat minimum
    assert row["coefficients"] == pytest.approx([0.154329, 0.535328, 0.444635], rel=1e-4)
