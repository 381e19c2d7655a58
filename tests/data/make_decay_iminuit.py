"""Fit three simulated decays with iminuit and write counts and results to decay_iminuit.json.

Run with the Python of an environment that has iminuit and scipy (this was made with iminuit 2.33.0 and
scipy 1.17.1):

    python tests/data/make_decay_iminuit.py

The models come from distributions of scipy (exponnorm, expon, gengamma); the minimiser, the errors (HESSE)
and the 95 % intervals (MINOS) from iminuit's extended binned likelihood; clustermodel has no part in it.
"""

import json
from pathlib import Path

import numpy as np
from iminuit import Minuit
from iminuit.cost import ExtendedBinnedNLL
from scipy.stats import expon, exponnorm, gengamma

TARGET = Path(__file__).with_name("decay_iminuit.json")
FWHM = 0.35
SIGMA = FWHM / (2 * np.sqrt(2 * np.log(2)))


def gaussian_two(x, tau1, tau2, n1, n2, background, shift):
    """Two exponentials behind a Gaussian response; background per ns."""
    parts = (n * exponnorm.cdf(x, tau / SIGMA, loc=shift, scale=SIGMA) for n, tau in ((n1, tau1), (n2, tau2)))
    return sum(parts) + background * x


def tail(x, tau, n, background):
    return n * expon.cdf(x, scale=tau) + background * x


def stretched_tail(x, tau, beta, n, background):
    """The density exp[-(t/tau)^beta] is a generalised gamma distribution with a = 1/beta, c = beta."""
    return n * gengamma.cdf(x, 1 / beta, beta, scale=tau) + background * x


CASES = {
    "gaussian_two": (
        gaussian_two,
        {"tau1": 0.8, "tau2": 3.5, "n1": 3e4, "n2": 6e4, "background": 20.0, "shift": 2.1},
        np.linspace(0, 25, 401),
    ),
    "low_counts": (tail, {"tau": 2.65, "n": 1357.0, "background": 12.8}, np.linspace(0, 20, 513)),
    "stretched": (
        stretched_tail,
        {"tau": 1.5, "beta": 0.65, "n": 2e5, "background": 30.0},
        np.linspace(0, 30, 301),
    ),
}


def fit(model, truth, edges, seed):
    expected = np.diff(model(edges, **truth))
    counts = np.random.default_rng(seed).poisson(expected)
    search = Minuit(ExtendedBinnedNLL(counts, edges, model), **truth)
    search.limits = (0, None)
    search.tol = 1e-4
    search.strategy = 2
    search.migrad()
    search.hesse()
    lifetimes = [name for name in truth if name.startswith("tau")]
    search.minos(*lifetimes, cl=0.95)
    assert search.valid
    return {
        "edges": [float(edges[0]), float(edges[-1])],
        "counts": counts.tolist(),
        "values": {name: search.values[name] for name in truth},
        "errors": {name: search.errors[name] for name in truth},
        "intervals_95": {
            name: [
                search.values[name] + search.merrors[name].lower,
                search.values[name] + search.merrors[name].upper,
            ]
            for name in lifetimes
        },
    }


results = {name: fit(*case, seed) for seed, (name, case) in enumerate(CASES.items(), 1)}
results["fwhm"] = FWHM
lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in results.items()]
TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
