"""The model of transient absorption: decays, schemes, residual and Jacobian, each against its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.linalg import expm

from clustermodel.errors import InputError
from clustermodel.photophysics.transient_basis import convolve_decays, draw_response
from clustermodel.photophysics.transient_problem import Point, TransientProblem
from clustermodel.photophysics.transient_scheme import (
    KineticScheme,
    Transfer,
    build_parallel,
    build_sequential,
    solve_scheme,
)
from clustermodel.photophysics.transient_scheme_file import read_scheme
from clustermodel.photophysics.transient_simulation import simulate_transient

rates = st.floats(0.01, 5.0)

# ------------------------------------------------------------------------------------------ convolved decays


@given(st.floats(-6, 12), st.floats(0, 8))
def test_convolution_is_the_integral(x, a):
    """F(x, a) is the response, a normal density, times exp(-a(x - u)) for u below x."""
    expected = quad(
        lambda u: np.exp(-a * (x - u)) * np.exp(-u * u / 2) / np.sqrt(2 * np.pi),
        min(x, -12) - 12,
        x,
        limit=200,
    )[0]
    (found,) = convolve_decays(np.array([x]), np.array([a]))
    assert found[0] == pytest.approx(expected, abs=1e-9, rel=1e-6)  # of the quadrature


@given(st.floats(-8, 8), st.floats(0.01, 6))
def test_derivatives_of_the_convolution(x, a):
    """∂F/∂x = g - aF and ∂F/∂a = (a - x)F - g."""
    step = 1e-5

    def value(x, a):
        return convolve_decays(np.array([x]), np.array([a]))[0, 0]

    g, f = draw_response(np.array([x]))[0], value(x, a)
    along_x = (value(x + step, a) - value(x - step, a)) / (2 * step)
    along_a = (value(x, a + step) - value(x, a - step)) / (2 * step)
    assert along_x == pytest.approx(g - a * f, abs=1e-8)  # rounding over the step, and its square
    assert along_a == pytest.approx((a - x) * f - g, abs=1e-8)  # the same


def test_extreme_times_and_rates_stay_finite():
    x = np.array([-1e6, -40, -9, 0, 9, 40, 1e6])
    curves = convolve_decays(x, np.array([0, 1e-12, 1.0, 50.0, 1e4]))
    assert np.isfinite(curves).all()
    assert (curves >= 0).all()
    np.testing.assert_array_equal(curves[:, 0], 0)


# --------------------------------------------------------------------------------------------------- schemes


def random_scheme(seed, species, *, cyclic):
    """Return a scheme with a rate constant of its own for each arrow; cyclic: some arrows lead back."""
    rng = np.random.default_rng(seed)
    skip = 0.0 if cyclic else 0.4  # with ways back along a chain alone, all rates are real
    pairs = [(i, j) for i in range(species) for j in range(i + 1, species)]
    arrows = [(i, j) for i, j in pairs if j == i + 1 or rng.random() < skip]
    if cyclic:
        arrows += [(j, i) for i, j in arrows if rng.random() < 0.5]
    arrows.append((species - 1, None))
    return KineticScheme(
        kind="target",
        species=tuple("abcdef"[:species]),
        rates=tuple(f"k{i}" for i in range(len(arrows))),
        transfers=tuple(Transfer(i, j, n) for n, (i, j) in enumerate(arrows)),
        initial=(1.0, *rng.uniform(0, 1, species - 1)),
    )


def matrix_of(scheme, k):
    matrix = np.zeros((len(scheme.species),) * 2)
    for source, target, rate in scheme.transfers:
        matrix[source, source] -= k[rate]
        if target is not None:
            matrix[target, source] += k[rate]
    return matrix


@given(st.integers(0, 10**6), st.integers(1, 4), st.booleans())
def test_exponentials_and_mixing_are_the_matrix_exponential(seed, species, cyclic):
    scheme = random_scheme(seed, species, cyclic=cyclic)
    k = np.random.default_rng(seed + 1).uniform(0.1, 3, len(scheme.rates))
    solution = solve_scheme(scheme, k)
    for time in (0.0, 0.3, 2.0):
        expected = expm(matrix_of(scheme, k) * time) @ scheme.initial
        found = np.exp(-solution.decay_rates * time) @ solution.mixing
        np.testing.assert_allclose(
            found, expected, atol=1e-6
        )  # two rates may be alike: their mixing is large


@given(st.integers(0, 10**6), st.integers(1, 4), st.booleans())
def test_derivatives_of_the_rates(seed, species, cyclic):
    scheme = random_scheme(seed, species, cyclic=cyclic)
    k = np.random.default_rng(seed + 2).uniform(0.1, 3, len(scheme.rates))
    solution, step = solve_scheme(scheme, k), 1e-6
    gaps = np.diff(np.sort(solution.decay_rates))
    if gaps.size and gaps.min() < 1e-2:
        return  # the order of rates that are alike may change within a step
    order = np.argsort(solution.decay_rates)
    for place, unit in enumerate(np.eye(k.size)):
        up, down = (np.sort(solve_scheme(scheme, k + s * unit).decay_rates) for s in (step, -step))
        np.testing.assert_allclose(
            (up - down) / (2 * step), solution.derivatives[order, place], atol=1e-5
        )  # rounding of eigenvalues over the step


def test_two_equal_rates_in_a_chain_are_no_accident():
    solution = solve_scheme(build_sequential(2), np.array([1.0, 1.0]))
    np.testing.assert_array_equal(solution.decay_rates, [1, 1])
    assert np.isnan(solution.mixing).any()  # t·exp(-kt) is no sum of exponentials


def test_a_one_way_cycle_oscillates():
    wheel = KineticScheme(
        kind="target",
        species=("a", "b", "c"),
        rates=("k",),
        transfers=(Transfer(0, 1, 0), Transfer(1, 2, 0), Transfer(2, 0, 0)),
        initial=(1.0, 0.0, 0.0),
    )
    with pytest.raises(InputError, match="oscillate"):
        solve_scheme(wheel, np.array([1.0]))
    with pytest.raises(InputError, match="at least 1"):
        build_parallel(0)


SCHEME = """
species = ["hot", "relaxed", "triplet"]
initial = { hot = 1.0 }
transfers = ["hot -> relaxed: k1", "relaxed -> triplet: k2", "relaxed -> ground: k3"]
fixed = ["k3"]

[time_constants_ps]
k1 = 0.5
k2 = 5
k3 = 50
"""


def test_scheme_file(tmp_path):
    path = tmp_path / "scheme.toml"
    path.write_text(SCHEME)
    scheme = read_scheme(path)
    assert scheme.transfers == (Transfer(0, 1, 0), Transfer(1, 2, 1), Transfer(1, None, 2))
    assert (scheme.initial, scheme.fixed, scheme.start_ps) == ((1, 0, 0), (False, False, True), (0.5, 5, 50))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("species =", "spezies =", "found spezies"),
        ('["hot", "relaxed", "triplet"]', "3", "list of different names"),
        ("hot -> relaxed: k1", "hot => relaxed", "expected 'A -> B: k1'"),
        ("hot -> relaxed", "hot -> tepid", "with A and B of"),
        ("triplet: k2", "triplet: k9", "no start in time_constants_ps"),
        ("{ hot = 1.0 }", "{ cold = 1.0 }", "initial is"),
        ("{ hot = 1.0 }", "{ hot = -1.0 }", "positive number"),
        ("k1 = 0.5", "k1 = true", "positive number"),
        ("k1 = 0.5", "k1 = 0.5\nk4 = 2", "k4 stands at no arrow"),
        ('["k3"]', '["k7"]', "fixed is"),
        ('fixed = ["k3"]', "", "hold 1 of them"),
        ("{ hot = 1.0 }", "{ relaxed = 1.0 }", "hot is never populated"),
        ("relaxed -> triplet: k2", "hot -> triplet: k2", "same time course"),
        ("species", "species = [", "expected TOML"),
    ],
)
def test_wrong_scheme_files_are_refused_in_words(tmp_path, old, new, words):
    path = tmp_path / "scheme.toml"
    text = SCHEME.replace(old, new, 1)
    if "same time course" in words:  # two species that both only gather what the first one loses
        text = text.replace("relaxed -> ground", "hot -> ground")
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_scheme(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_scheme(tmp_path / "absent.toml")


# ------------------------------------------------------------------------------------- residual and Jacobian

DATA = simulate_transient(lifetimes_ps=[0.5, 5.0, 100.0], noise=0.02, seed=3)[0]
SMALL = DATA.take(np.ones(DATA.delay_ps.size, dtype=bool), np.arange(DATA.wavelength.size) % 9 == 0)


def dense_residual(problem, parameters):
    """Return residual and rotation of each wavelength, at all delays and without shortcuts."""
    rotation = np.linalg.qr(problem.build_basis(parameters))[0]
    part = np.einsum("wtm,wt->wm", rotation, problem.rows)
    return problem.rows - np.einsum("wtm,wm->wt", rotation, part), rotation


models = st.tuples(
    st.sampled_from(["parallel", "sequential", "back"]), st.booleans(), st.integers(0, 3), st.integers(0, 4)
)


def build(model, seed):
    kind, offset, artifact, order = model
    rng = np.random.default_rng(seed)
    if kind == "back":
        scheme = KineticScheme(
            kind="target",
            species=("a", "b"),
            rates=("k1", "k2", "k3"),
            transfers=(Transfer(0, 1, 0), Transfer(1, 0, 1), Transfer(1, None, 2)),
            initial=(1.0, 0.0),
        )
    else:
        scheme = (build_parallel if kind == "parallel" else build_sequential)(2, offset=offset)
    problem = TransientProblem(SMALL, scheme, artifact=artifact, order=order)
    k = np.exp(rng.uniform(np.log(0.01), np.log(20), len(scheme.rates)))
    dispersion = rng.normal(0, 0.1, order + 1)
    dispersion[0] += 0.4
    return problem, problem.pack(Point(k, float(rng.uniform(0.03, 0.3)), dispersion))


@settings(max_examples=25, deadline=None)
@given(models, st.integers(0, 10**6))
def test_compressed_residual_is_the_residual(model, seed):
    problem, parameters = build(model, seed)
    residual, _ = dense_residual(problem, parameters)
    found = problem.evaluate(parameters)
    np.testing.assert_allclose(
        (found.residual**2).sum(axis=1), (residual**2).sum(axis=1), rtol=1e-9
    )  # rounding of two decompositions
    some = np.array([1, 4, 5])
    np.testing.assert_allclose(
        (problem.evaluate(parameters, some).residual ** 2).sum(axis=1),
        (residual[some] ** 2).sum(axis=1),
        rtol=1e-9,
    )  # the same


@settings(max_examples=15, deadline=None)
@given(models, st.integers(0, 10**6))
def test_jacobian_against_central_differences(model, seed):
    """The derivatives of the residual outside of the basis: products with themselves and the residual."""
    problem, parameters = build(model, seed)
    residual, rotation = dense_residual(problem, parameters)
    step = 1e-5
    slopes = np.stack(
        [
            (
                dense_residual(problem, parameters + step * unit)[0]
                - dense_residual(problem, parameters - step * unit)[0]
            )
            / (2 * step)
            for unit in np.eye(parameters.size)
        ],
        axis=-1,
    )
    slopes -= np.einsum("wtm,wmp->wtp", rotation, np.einsum("wtm,wtp->wmp", rotation, slopes))
    found = problem.evaluate(parameters)
    for ours, theirs in (
        (np.einsum("wrp,wr->p", found.jacobian, found.residual), np.einsum("wtp,wt->p", slopes, residual)),
        (
            np.einsum("wrp,wrq->pq", found.jacobian, found.jacobian),
            np.einsum("wtp,wtq->pq", slopes, slopes),
        ),
    ):
        np.testing.assert_allclose(ours, theirs, atol=2e-5 * np.abs(theirs).max())  # of the differences


def test_amplitudes_are_those_of_least_squares():
    problem, parameters = build(("parallel", True, 3, 2), 1)
    basis = problem.build_basis(parameters)
    found = problem.evaluate(parameters).amplitudes
    for place in range(len(found)):
        expected = np.linalg.lstsq(basis[place], problem.rows[place], rcond=None)[0]
        np.testing.assert_allclose(found[place], expected, rtol=1e-7, atol=1e-12)  # condition of the basis


def test_two_equal_decays_do_no_harm():
    problem = TransientProblem(SMALL, build_parallel(2), artifact=0, order=0)
    one = TransientProblem(SMALL, build_parallel(1), artifact=0, order=0)
    double = problem.evaluate(problem.pack(Point(np.array([1.0, 1.0]), 0.1, np.array([0.4]))))
    single = one.evaluate(one.pack(Point(np.array([1.0]), 0.1, np.array([0.4]))))
    assert np.isfinite(double.amplitudes).all()
    assert (double.residual**2).sum() == pytest.approx((single.residual**2).sum(), rel=1e-9)  # rounding
